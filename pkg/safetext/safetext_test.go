package safetext

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestProblem(t *testing.T) {
	for text, want := range map[string]string{
		"Pay as you go":          "",
		"Straße, 日本語, 100 % ≥ 1": "",
		"a\nb\r\nc\td":           "",
		"\u0646\u200c\u0627":     "", // a joiner that Persian needs
		"a::b":                   "",
		"a ::b":                  "",
		"## [x]":                 "",
		"\x1b[31m":               "holds the character U+001B",
		"\x00":                   "holds the character U+0000",
		"bell\a":                 "holds the character U+0007",
		"a\rb":                   "holds the character U+000D",
		"\u009b31m":              "holds the character U+009B",
		"a\u202eb":               "holds the character U+202E",
		"a\u2066b":               "holds the character U+2066",
		"a\u200fb":               "holds the character U+200F",
		"a\u2028b":               "holds the character U+2028",
		"a\u200bb":               "holds the character U+200B",
		"\xff":                   "is not UTF-8",
		"::error::x":             `begins a line with "::"`,
		"a\n \t::error::x":       `begins a line with "::"`,
		"a ##[add-mask]x":        `holds "##["`,
	} {
		if got := Problem(text); (want == "") != (got == "") || !strings.HasPrefix(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for text, good := range map[string]bool{"a b": true, "a\nb": false, "a\tb": false, "a\u202eb": false} {
		if got := LineProblem(text); (got == "") != good {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestIsID(t *testing.T) {
	for id, want := range map[string]bool{
		"cache.r7g.large": true, "a_b-1": true, "": false, "A1000": true, "a b": false, "a\nb": false, "é": false, "a/b": false,
		strings.Repeat("a", 100): true, strings.Repeat("a", 101): false,
	} {
		if got := IsID(id); got != want {
			t.Errorf("%q: %v", id, got)
		}
	}
}

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"plain":          "plain",
		"a\nb\r\nc\td":   "a b c d",
		"\x1b[31m":       `\x1b[31m`,
		"a\u202eb\u009b": `a\u202eb\u009b`,
		"::error::x":     `\::error::x`,
		"a\n::error::x":  `a \::error::x`,
		"x ##[a]":        `x ##\[a]`,
		"a::b":           "a::b",
		"\xff":           `\xff`,
		"\U000e0041":     `\U000e0041`,
	} {
		if got := Line(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestMessage(t *testing.T) {
	long := strings.Repeat("A", 1000)
	for message, want := range map[string]string{
		"cannot read keynest.toml: no such file":       "cannot read keynest.toml: no such file",
		"2 problems\n  a\n  b":                         "2 problems\n  a\n  b",
		"cannot read é, 中文 and …":                      "cannot read é, 中文 and …",
		"a\x1b[31mb\rc\u009bd\u202ee\u2066f\x00\u200b": `a\x1b[31mb\x0dc\u009bd\u202ee\u2066f\x00\u200b`,
		"x\n::error::y":                                "x\n\\::error::y",
		"x\n  ::error::y":                              "x\n  \\::error::y",
		"x\n \t::error::y":                             "x\n \\x09::error::y",
		"x ##[error]y":                                 `x ##\[error]y`,
		"\xff\xfe":                                     `\xff\xfe`,
		"a " + long + " b":                             "a " + strings.Repeat("A", 201) + "… b",
		"a head of " + strings.Repeat("n, ", 1400):     "a head of " + strings.Repeat("n, ", 1330) + " …", // 10 + 3990 bytes
		"a head o " + strings.Repeat("é", 2000):        "a head o " + strings.Repeat("é", 101) + "…",      // one word
		strings.Repeat("é ", 1400):                     strings.Repeat("é ", 1333) + " …",                 // 3,999 bytes; the next é does not fit
		strings.Repeat("line\n", 1000) + "last":        strings.Repeat("line\n", 200) + "… and 801 more lines",
	} {
		if got := Message(message); got != want {
			t.Errorf("%.80q: %.300q, want %.300q", message, got, want)
		}
	}
}

func TestCell(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a": "a", "5": "5", "-5.25": "-5.25", "+1": "+1", "0.1": "0.1",
		"=1+1": "'=1+1", "@SUM(1)": "'@SUM(1)", "-2+3": "'-2+3", "+x": "'+x", "--5": "'--5", "-": "'-", "-.": "'-.",
		"\t=1": " =1", "::x": `\::x`,
	} {
		if got := Cell(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestWalk(t *testing.T) {
	type inner struct {
		Name string `toml:"name"`
		own  string
	}
	value := struct {
		Map  map[string]*inner `toml:"map"`
		List []any             `toml:"list"`
		N    int               `toml:"n"`
	}{Map: map[string]*inner{"b": {Name: "x", own: "y"}, "a": nil}, List: []any{"l", 1, map[string]any{"k": "v"}}}
	var got []string
	Walk(&value, "toml", func(path []string, text string, _ bool) bool {
		got = append(got, strings.Join(path, ".")+"="+text)
		return true
	})
	if want := "map.a=a map.b=b map.b.name=x map.b=y list=l list.k=k list.k=v"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func FuzzLine(f *testing.F) {
	f.Add("a\x1b::x ##[y \u202e\n::z")
	f.Add("\u2000::x \u00a0::y")
	f.Fuzz(func(t *testing.T, s string) {
		for _, safe := range []string{Line(s), Cell(s), Message(s)} {
			for line := range strings.SplitSeq(safe, "\n") {
				if problem := LineProblem(line); problem != "" {
					t.Errorf("%q: %q %s", s, safe, problem)
				}
			}
		}
		doc, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back, same string
		if err := json.Unmarshal(JSON(doc), &back); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(doc, &same); err != nil || back != same {
			t.Errorf("%q became %q", s, back)
		}
		if utf8.ValidString(s) && Problem(string(JSON(doc))) != "" {
			t.Errorf("%q: %s", s, JSON(doc))
		}
	})
}
