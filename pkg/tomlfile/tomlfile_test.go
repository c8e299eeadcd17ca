package tomlfile

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// shop is what the tests decode into.
type shop struct {
	Name  string           `toml:"name"`
	Count int              `toml:"count"`
	Shelf map[string]shelf `toml:"shelf"`
}

type shelf struct {
	Width int     `toml:"width"`
	Grid  string  `toml:"grid"`
	Tags  []int64 `toml:"tags"`
}

func TestDecodeGoodText(t *testing.T) {
	for name, text := range map[string]string{
		"plain":                "name = \"x\"\ncount = 2\n",
		"byte order mark":      "\ufeffname = \"x\"\ncount = 2\n",
		"Windows line ends":    "name = \"x\"\r\ncount = 2\r\n",
		"no final newline":     "name = \"x\"\ncount = 2",
		"comments":             "# one [[[[\nname = \"x\" # two '\ncount = 2 # three",
		"brackets in a string": "name = \"x\"\ncount = 2\n[shelf.a]\ngrid = '''" + strings.Repeat("[", 100) + "'''",
		"dots in a string":     "name = \"x\"\ncount = 2\n[shelf.\"" + strings.Repeat(".", 100) + "\"]\nwidth = 1",
		"as deep as allowed":   "name = \"x\"\ncount = 2\n[shelf.a]\ntags = [" + strings.Repeat("1,\n", 100) + "]",
	} {
		var s shop
		if err := Decode("f.toml", text, &s); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if s.Name != "x" || s.Count != 2 {
			t.Errorf("%s: read %+v", name, s)
		}
	}
}

// TestDecodeBadText: each a clear error that begins with the file's name, and
// with the line where there is one to name.
func TestDecodeBadText(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "f.toml: the file is empty"},
		{"white space", " \r\n\t\n", "f.toml: the file is empty"},
		{"a byte order mark alone", "\ufeff", "f.toml: the file is empty"},
		{"binary", "\x7fELF\x02\x01\xff\xfe", "f.toml: not a text file in UTF-8"},
		{"NUL", "name = \"x\x00\"", "f.toml: not a text file in UTF-8"},
		{"UTF-16", "\xff\xfen\x00a\x00", "f.toml: not a text file in UTF-8"},
		{"unclosed string", "count = 1\nname = \"x\n", "f.toml:2: "},
		{"unclosed literal", "count = 1\nname = 'x\n", "f.toml:2: "},
		{"unclosed long string", "name = \"\"\"x\n", "f.toml:"},
		{"unclosed long literal", "name = '''x\n", "f.toml:"},
		{"ends in an escape", `name = "\`, "f.toml:"},
		{"ends in a long escape", `name = """\`, "f.toml:"},
		{"two values for one key", "count = 1\ncount = 2\n", "f.toml:2: "},
		{"a table twice", "[shelf.a]\n[shelf.a]\n", "f.toml:2: "},
		{"no value", "count =\n", "f.toml:1: "},
		{"wrong type", "name = \"x\"\ncount = \"two\"\n", "f.toml:2: count is a text; it must be a whole number"},
		{"a number for a text", "name = 5\n", "f.toml:1: name is a whole number; it must be a text"},
		{"a value for a table", "shelf = { a = 5 }\n", "f.toml:1: shelf.a is a whole number; it must be a table"},
		{"100,000 brackets", strings.Repeat("[", 100_000), "f.toml: line 1: nested more than 32 deep"},
		{"100,000 brackets in a value", "x = 1\ny = " + strings.Repeat("[", 100_000), "f.toml: line 2: nested more than 32 deep"},
		{"100,001 keys", strings.Repeat("a.b = 1\n", 100_001), "f.toml: line 100001: more than 100000 keys, tables and elements; split the file"},
		{"100,001 elements", "x = [" + strings.Repeat("1,", 100_001), "f.toml: line 1: more than 100000 keys, tables and elements"},
		{"100,001 tables and keys", strings.Repeat("[[t]]\na = 1\n", 34_000), "f.toml: line 66667: more than 100000 keys, tables and elements"},
		{"deep over lines", "x = " + strings.Repeat("[\n", 100), "f.toml: line 33: nested more than 32 deep"},
		{"inline tables", "x = " + strings.Repeat("{a=", 100_000), "f.toml: line 1: nested more than 32 deep"},
		{"brackets after a string", "a = \"\"\"\n\n\"\"\"\nb = " + strings.Repeat("[", 40), "f.toml: line 4: nested more than 32 deep"},
		{"a dotted key of 100,000 parts", "a" + strings.Repeat(".a", 100_000) + " = 1", "f.toml: line 1: a key of more than 32 parts"},
		{"a dotted header", "\n[a" + strings.Repeat(".a", 100_000) + "]", "f.toml: line 2: a key of more than 32 parts"},
		{"a dotted key with strings", "\"a\"" + strings.Repeat(" . 'b'", 100) + " = 1", "f.toml: line 1: a key of more than 32 parts"},
	} {
		var s shop
		err := Decode("f.toml", tt.text, &s)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %v; want %s…", tt.name, err, tt.want)
		}
	}
}

func TestDecodeUnknownKeys(t *testing.T) {
	text := `name = "x"
colour = "red"

[shelf.a]
width = 1
depth = 2 # comment

# depth = 3
[shelf."b c"] # a comment after a header
grid = """
lamp = 1
"""
tags = [
  1,
]
lamp.bulb = 5
'quoted key' = 6

[basement]
stairs = 1
`
	var s shop
	err := Decode("f.toml", text, &s)
	want := `f.toml: unknown keys: basement (line 19), basement.stairs (line 20), colour (line 2), ` +
		`shelf."b c"."quoted key" (line 17), shelf."b c".lamp.bulb (line 16), shelf.a.depth (line 6)`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestDecodeManyUnknownKeys: finding the line of every one of 100,000 unknown
// tables by searching the text for each took minutes for a file of 1 MB.
func TestDecodeManyUnknownKeys(t *testing.T) {
	var b strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&b, "[t%05d]\n", i)
	}
	var s shop
	err := Decode("f.toml", b.String(), &s)
	if err == nil || !strings.HasPrefix(err.Error(), "f.toml: unknown keys: t00000 (line 1), t00001 (line 2), ") ||
		!strings.HasSuffix(err.Error(), "t00009 (line 10) and 99990 more") {
		t.Errorf("got %.300v", err)
	}
}

func TestLines(t *testing.T) {
	lines := IndexLines("top = 1\n[a.b]\nx.y = { z = 1 }\nlist = [\n  [1],\n  \"x.y\",\n]\nlast = '''\nno = 1\n'''\n[[a.c]]\nx = 1\n[[a.c]]\nx = 2\n[d.e.f]\n")
	for _, tt := range []struct {
		path string
		want int
	}{
		{"top", 1},
		{"a", 2}, // the first table below it
		{"a b", 2},
		{"a b x", 2}, // the table, though only a key below x is named
		{"a b x y", 3},
		{"a b x y z", 3}, // inside an inline table: the key that holds it
		{"a b list", 4},
		{"a b last", 8},
		{"a b no", 2}, // in a string, so no key: the table
		{"d", 15},     // as nothing around it has a line of its own
		{"d e g", 15},
		{"a c", 11},
		{"a c x", 12}, // of the first element
		{"nowhere", 0},
		{"", 0},
	} {
		if got := lines.Of(strings.Fields(tt.path)...); got != tt.want {
			t.Errorf("line of %q = %d; want %d", tt.path, got, tt.want)
		}
	}
}

// TestLinesOfQuotedKeys: a key is found by what the parser reads it as, however
// it is quoted.
func TestLinesOfQuotedKeys(t *testing.T) {
	text := strings.Join([]string{
		`[check."q\"q"]`, // 1
		`max = 1`,
		`[check."a\\b"]`, // 3
		`max = 1`,
		`["check" . 'a.b']`, // 5
		`"m\u0061x" = 1`,
		`[check.'"quoted"']`, // 7
		`max = 1`,
		`[check."caf\u00e9"]`, // 9
		`max = 1`,
		`[check.'a\b']`, // 11, the same name as 3 when unescaped: refused by the parser
		`[check.""]`,    // 12
		`[check."\q"]`,  // 13, no escape of TOML
	}, "\n")
	lines := IndexLines(text)
	for _, tt := range []struct {
		path []string
		want int
	}{
		{[]string{"check", `q"q`, "max"}, 2},
		{[]string{"check", `a\b`, "max"}, 4},
		{[]string{"check", "a.b", "max"}, 6},
		{[]string{"check", `"quoted"`, "max"}, 8},
		{[]string{"check", "café", "max"}, 10},
		{[]string{"check", ""}, 12},
	} {
		if got := lines.Of(tt.path...); got != tt.want {
			t.Errorf("line of %q = %d; want %d", tt.path, got, tt.want)
		}
	}
}

func TestRead(t *testing.T) {
	text, err := Read("f.toml", strings.NewReader("a = 1"))
	if err != nil || text != "a = 1" {
		t.Errorf("read %q, %v", text, err)
	}
	for size, good := range map[int64]bool{MaxBytes: true, MaxBytes + 1: false, 9 << 20: false, 100 << 20: false} {
		text, err := Read("f.toml", io.LimitReader(zeros{}, size))
		switch {
		case good && (err != nil || int64(len(text)) != size):
			t.Errorf("%d bytes: read %d, %v", size, len(text), err)
		case !good && (err == nil || err.Error() != "f.toml: larger than 8 MiB, which no file of this kind needs"):
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	broken := errors.New("the disk is on fire")
	if _, err := Read("f.toml", iotest.ErrReader(broken)); !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "f.toml: ") {
		t.Errorf("a failing reader gave %v", err)
	}
}

// zeros reads as '0' for ever.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

// FuzzDecode: whatever the bytes, no panic; what is refused is refused with the
// file's name.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"", "\ufeff", "name = \"x\"\n[shelf.a]\nwidth = 1\n", "[[[", "a.b.c = {d = [1, {e = '''x'''}]}", "name = \"\"\"\"\"\"\"",
		"x = '", "\"\" = 1", "[\"a\n", "#", "a = 1 # '''\n[b", "shelf = { a = {}, b = { width = 1 } }", "[shelf.a]\r\ntags = [1,\r\n2]\r\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<16 {
			return
		}
		var s shop
		if err := Decode("f.toml", text, &s); err != nil && !strings.HasPrefix(err.Error(), "f.toml:") {
			t.Errorf("%q: %v", text, err)
		}
		lines := strings.Count(text, "\n") + 1
		for path, line := range IndexLines(text).first {
			if line < 1 || line > lines {
				t.Errorf("%q: %q on line %d of %d", text, path, line, lines)
			}
		}
	})
}
