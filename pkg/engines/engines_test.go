package engines

import (
	"slices"
	"strings"
	"testing"
)

const today = "2026-11-23"

func book(t testing.TB) *Book {
	t.Helper()
	b, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func compare(t *testing.T, asOf string, picks ...Pick) *Comparison {
	t.Helper()
	c, err := book(t).Compare(asOf, picks)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c Column) cellOf(t *testing.T, area Area) Cell {
	t.Helper()
	for _, cell := range c.Cells {
		if cell.Area == area {
			return cell
		}
	}
	t.Fatalf("%s has no cell %s", c.Title(), area)
	return Cell{}
}

func TestLicenceByDayAndVersion(t *testing.T) {
	bsd, dual := []string{"bsd-3-clause"}, []string{"rsalv2", "sspl-1"}
	triple := append(slices.Clone(dual), "agpl-3")
	for _, test := range []struct {
		day, engine, version string
		line                 string
		want                 []string
		osi                  string
	}{
		{"2020-01-01", "redis", "", "", bsd, "OSI-approved"},
		{"2024-03-01", "redis", "", "7.2", bsd, "OSI-approved"},
		{"2024-07-28", "redis", "", "7.2", bsd, "OSI-approved"},
		{"2024-07-29", "redis", "", "7.4", dual, "none of them OSI-approved"},
		{"2025-05-01", "redis", "", "7.4", dual, "none of them OSI-approved"},
		{"2025-05-02", "redis", "", "8.0", triple, "AGPLv3 is OSI-approved"},
		{today, "redis", "", "8.10", triple, "AGPLv3 is OSI-approved"},
		{today, "redis", "8.8", "8.8", triple, "AGPLv3 is OSI-approved"},
		{today, "redis", "8.0", "8.0", triple, "AGPLv3 is OSI-approved"},
		{today, "redis", "8.0-m01", "8.0", dual, "none of them OSI-approved"},
		{today, "redis", "7.4", "7.4", dual, "none of them OSI-approved"},
		{today, "redis", "7.2", "7.2", bsd, "OSI-approved"},
		{today, "redis", "7.2.5", "7.2", bsd, "OSI-approved"},
		{today, "redis", "7.2.6", "7.2", bsd, "OSI-approved"},
		{today, "redis", "6.2", "6.2", bsd, "OSI-approved"},
		{today, "valkey", "", "9.1", bsd, "OSI-approved"},
		{"2024-04-01", "valkey", "", "", bsd, "OSI-approved"},
		{today, "dragonfly", "", "1.40", []string{"busl-1-1-dragonfly"}, "not OSI-approved"},
		{today, "redict", "", "7.3", []string{"lgpl-3"}, "OSI-approved"},
	} {
		c := compare(t, test.day, Pick{test.engine, test.version})
		cell := c.Columns[0].cellOf(t, AreaLicence)
		if c.Columns[0].Line != test.line || !slices.Equal(cell.Licences, test.want) || c.OSI(cell.Licences) != test.osi {
			t.Errorf("%s %s on %s: line %q, licences %v (%s), want line %q, %v (%s)", test.engine, test.version, test.day,
				c.Columns[0].Line, cell.Licences, c.OSI(cell.Licences), test.line, test.want, test.osi)
		}
	}
}

func TestBeforeAnEngineExisted(t *testing.T) {
	c := compare(t, "2024-03-01", Pick{Engine: "valkey"})
	if got := c.Columns[0].Cells[0]; got.Known || !strings.Contains(got.Text, "2024-03-28") || len(got.Sources) == 0 {
		t.Errorf("Valkey before its first day: %+v", got)
	}
}

// Every engine, line and day must show cells that somebody can check.
func TestEveryCellIsSourced(t *testing.T) {
	b := book(t)
	for _, day := range []string{today, "2025-01-01", "2024-03-01", "2010-01-01"} {
		for _, id := range b.EngineIDs() {
			picks := []Pick{{Engine: id}}
			for _, line := range compare(t, day, picks[0]).Columns[0].Lines {
				picks = append(picks, Pick{id, line.Line})
			}
			for _, pick := range picks {
				c := compare(t, day, pick)
				if len(c.Columns[0].Cells) != len(Areas()) {
					t.Fatalf("%v on %s: %d cells, want %d", pick, day, len(c.Columns[0].Cells), len(Areas()))
				}
				for _, cell := range c.Columns[0].Cells {
					if len(cell.Sources) == 0 {
						t.Errorf("%v on %s, %s: no source", pick, day, cell.Area)
					}
					if cell.Text == "" && len(cell.Licences) == 0 {
						t.Errorf("%v on %s, %s: empty", pick, day, cell.Area)
					}
					if day == today && cell.Since == "" {
						t.Errorf("%v, %s: no fact in force: %s", pick, cell.Area, cell.Text)
					}
					for _, source := range cell.Sources {
						if s, ok := c.Sources[source]; !ok || s.URL == "" || s.Date.String() < "2024" {
							t.Errorf("%v on %s, %s: source %q is %+v", pick, day, cell.Area, source, s)
						}
					}
				}
			}
		}
	}
}

func TestNewestLineIsCountedNotSpelled(t *testing.T) {
	c := compare(t, today, Pick{Engine: "redis"}, Pick{Engine: "valkey"})
	var lines []string
	for _, line := range c.Columns[0].Lines {
		lines = append(lines, line.Line)
	}
	if want := []string{"8.10", "8.8", "8.6", "8.4", "8.2", "8.0", "7.4", "7.2", "7.0", "6.2"}; !slices.Equal(lines, want) {
		t.Errorf("Redis lines %v, want %v", lines, want)
	}
	if got := c.Columns[0].Release.Latest.Version; got != "8.10.1" {
		t.Errorf("newest Redis %s, want 8.10.1", got)
	}
	// 9.2 has a release candidate only, so 9.1 is the newest line that is out.
	if got := c.Columns[1].Line; got != "9.1" {
		t.Errorf("newest Valkey line %s, want 9.1", got)
	}
	if got := compare(t, today, Pick{"valkey", "8.0"}).Columns[0].Release.Latest.Version; got != "8.0.10" {
		t.Errorf("newest Valkey 8.0 %s, want 8.0.10", got)
	}
}

func TestVersions(t *testing.T) {
	ordered := []string{"6.2", "7.2.4-rc1", "7.2.4", "7.2.5", "7.4-rc1", "7.4", "8.0-m01", "8.0-rc1", "8.0", "8.0.9", "8.0.10", "8.8", "8.10", "8.10.1", "10.0"}
	for i, a := range ordered {
		for j, b := range ordered {
			v, err := ParseVersion(a)
			if err != nil {
				t.Fatal(err)
			}
			w, _ := ParseVersion(b)
			if got := v.Compare(w); (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%s against %s: %d", a, b, got)
			}
		}
	}
	for _, bad := range []string{"", "8.", "8.x", "v8", "8.0-", "-8", "8.-1", "99999999999999999999"} {
		if v, err := ParseVersion(bad); err == nil {
			t.Errorf("ParseVersion(%q) = %v, want an error", bad, v)
		}
	}
}

func TestDays(t *testing.T) {
	parse := func(s string) Day {
		d, err := ParseDay(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if !parse("2025-11").After(parse("2025-11-29")) || parse("2025-11").After(parse("2025-11-30")) {
		t.Error("2025-11 must count as its last day, the 30th")
	}
	if got := parse("2026-11-23").DaysUntil(parse("2026-12-01")); got != 8 {
		t.Errorf("%d days to 2026-12-01, want 8", got)
	}
	for _, bad := range []string{"", "26-11-23", "2026-13", "2026-02-30", "2026-1-1", "20xx"} {
		if d, err := ParseDay(bad); err == nil {
			t.Errorf("ParseDay(%q) = %v, want an error", bad, d)
		}
	}
}

func TestEndings(t *testing.T) {
	ends := func(day, version string) string {
		var all []string
		for _, e := range compare(t, day, Pick{"redis", version}).Endings {
			all = append(all, e.Line+" "+e.On.String())
		}
		return strings.Join(all, ", ")
	}
	for _, test := range []struct{ day, version, want string }{
		{today, "", "8.0 2026-12-01, 6.2 2027-04-01"},
		{"2026-12-01", "", "8.0 2026-12-01, 6.2 2027-04-01"},
		{"2026-12-02", "", "6.2 2027-04-01"},                    // 8.0 is over and not asked for
		{"2026-12-02", "8.0", "8.0 2026-12-01, 6.2 2027-04-01"}, // asked for
		{"2026-10-03", "", "8.0 2026-12-01, 6.2 2027-04-01"},    // 6.2 in 180 days
		{"2026-10-02", "", "8.0 2026-12-01"},                    // 6.2 in 181
		{"2026-08-11", "", ""},                                  // the table was not out
		{"2030-01-01", "7.2", "7.2 2029-12-01"},
	} {
		if got := ends(test.day, test.version); got != test.want {
			t.Errorf("on %s with redis=%s: %q, want %q", test.day, test.version, got, test.want)
		}
	}
}

func TestServices(t *testing.T) {
	aws := func(day string) (versions []string) {
		for _, s := range compare(t, day, Pick{Engine: "valkey"}).Services {
			if s.ID == "elasticache" {
				versions = s.Versions
			}
		}
		return versions
	}
	if got := aws(today); !slices.Contains(got, "9.1") {
		t.Errorf("ElastiCache runs Valkey %v, want 9.1 among them", got)
	}
	if got := aws("2026-05-18"); got != nil {
		t.Errorf("before its page was read ElastiCache runs %v, want nothing said", got)
	}
}

func TestCompareRefuses(t *testing.T) {
	for _, test := range []struct {
		day   string
		picks []Pick
		want  string
	}{
		{today, []Pick{{Engine: "rediss"}}, `unknown engine "rediss"; known: dragonfly, garnet, keydb, kvrocks, redict, redis, valkey`},
		{today, []Pick{{"redis", "9.9"}}, `unknown version "9.9" of redis as of 2026-11-23; known: 8.10, 8.8,`},
		{today, []Pick{{"redis", "x"}}, `unknown version "x" of redis`},
		{today, []Pick{{"redis", "7.2.99"}}, "take the line 7.2, or one of 7.2.0, 7.2.4, 7.2.5, 7.2.6"},
		{today, []Pick{{"valkey", "9.2"}}, `unknown version "9.2" of valkey`},
		{"2024-03-01", []Pick{{"redis", "7.4"}}, `unknown version "7.4" of redis as of 2024-03-01; known: 7.2, 7.0, 6.2`},
		{"2024-03-01", []Pick{{"valkey", "7.2"}}, "Valkey exists from 2024-03-28"},
		{today, []Pick{{Engine: "redis"}, {Engine: "redis"}}, "redis is named twice"},
		{"2026-11", []Pick{{Engine: "redis"}}, `"2026-11" is not a date`},
		{"yesterday", []Pick{{Engine: "redis"}}, `"yesterday" is not a date`},
	} {
		_, err := book(t).Compare(test.day, test.picks)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v on %s: %v, want %q", test.picks, test.day, err, test.want)
		}
	}
	if c := compare(t, today, Pick{"valkey", "9.2.0-rc1"}); c.Columns[0].Title() != "Valkey 9.2.0-rc1" {
		t.Errorf("a release candidate by its name: %q", c.Columns[0].Title())
	}
}

// A minimal book, and each way to spoil it.
const minimal = `schema = 1
[source.page]
url = "https://example.com/page"
title = "A page"
date = "2026-01-02"
dated = "published"
confidence = "vendor"
[licence.free]
name = "Free"
osi_approved = true
run = "r"
ship = "s"
sell = "t"
sources = ["page"]
[engine.one]
name = "One"
since = "2024"
sources = ["page"]
[engine.one.fact.licence.2024]
licences = ["free"]
sources = ["page"]
[engine.one.fact.governance.2024]
text = "g"
sources = ["page"]
[engine.one.fact.backers.2024]
text = "b"
sources = ["page"]
[engine.one.fact.origin.2024]
text = "o"
sources = ["page"]
[engine.one.fact.protocol.2024]
text = "p"
sources = ["page"]
[engine.one.fact.clients.2024]
text = "c"
sources = ["page"]
[engine.one.fact.data_files.2024]
text = "d"
sources = ["page"]
[engine.one.fact.support.2024]
security_until = "2030-01-01"
sources = ["page"]
[engine.one.line."1.0".release."1.0.0"]
date = "2024-05"
sources = ["page"]
[service.cloud]
name = "Cloud"
[service.cloud.runs.one.2026-01-02]
versions = ["1.0"]
sources = ["page"]
`

func TestValidation(t *testing.T) {
	if _, err := Parse("x.toml", minimal); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ old, new, want string }{
		{"schema = 1", "schema = 2", "schema is 2"},
		{`date = "2026-01-02"`, "", "source page: no date"},
		{`date = "2026-01-02"`, `date = "2023-12-31"`, ", the oldest allowed; name a newer source"},
		{`date = "2026-01-02"`, `date = "2026-02-30"`, "not a date"},
		{`url = "https://example.com/page"`, "", "source page: url"},
		{`url = "https://example.com/page"`, `url = "http://example.com"`, "not an https address"},
		{`title = "A page"`, "", "source page: no title"},
		{`dated = "published"`, `dated = "guessed"`, `dated "guessed"`},
		{`confidence = "vendor"`, "", "confidence"},
		{"osi_approved = true", "", "osi_approved is missing"},
		{`sell = "t"`, "", "licence free: no sell"},
		{`licences = ["free"]`, `licences = ["fre"]`, `there is no licence "fre"`},
		{`licences = ["free"]`, `text = "free"`, "no licences"},
		{"text = \"o\"\nsources = [\"page\"]", `text = "o"`, "engine one, fact origin of 2024: no source"},
		{"text = \"o\"\nsources = [\"page\"]", "text = \"o\"\nsources = [\"pge\"]", `there is no source "pge"`},
		{`text = "o"`, "", "it is empty"},
		{`text = "o"`, "text = \"o\"\nsecurity_until = \"2030\"", "belong to the area support"},
		{`text = "o"`, "text = \"o\"\nlicences = [\"free\"]", "licences belong to the area licence"},
		{`text = "o"`, "text = \"o\"\nsorce = \"page\"", "unknown keys: engine.one.fact.origin.2024.sorce"},
		{"fact.origin.2024", "fact.orign.2024", `unknown area "orign"`},
		{"fact.origin.2024", "fact.orign.2024", "no fact about origin"},
		{"fact.origin.2024", "fact.origin.soon", `"soon" is not a date`},
		{`line."1.0"`, `line."1"`, "a line is two numbers"},
		{`release."1.0.0"`, `release."one"`, `"one" is not a version`},
		{`date = "2024-05"`, "", "release 1.0.0: no date"},
		{`name = "One"`, "", "engine one: no name"},
		{`since = "2024"`, "", "engine one: no since"},
		{"runs.one.", "runs.two.", `there is no engine "two"`},
		{`versions = ["1.0"]`, "", "neither versions nor a note"},
		{`[licence.free]`, "[source.idle]\nurl = \"https://example.com\"\ntitle = \"t\"\ndate = \"2026\"\ndated = \"read\"\nconfidence = \"copy\"\n[licence.free]", "source idle: no fact names it"},
		{"[engine.one]", "[engine.one]\n[engine.one]", "x.toml:16:"},
	} {
		text := strings.Replace(minimal, test.old, test.new, 1)
		if text == minimal {
			t.Fatalf("%q is not in the minimal book", test.old)
		}
		if _, err := Parse("x.toml", text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q for %q: %v, want %q", test.new, test.old, err, test.want)
		}
	}
	spoiled := strings.NewReplacer(`text = "g"`, "", `name = "One"`, "", `title = "A page"`, "").Replace(minimal)
	if _, err := Parse("x.toml", spoiled); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("three problems must be told at once, got: %v", err)
	}
}

// BenchmarkEmbedded is what a command pays that needs the facts.
func BenchmarkEmbedded(b *testing.B) {
	for b.Loop() {
		book(b)
	}
}

// A newer line takes over what an older one says, its support window excepted.
func TestFactsAreHandedOn(t *testing.T) {
	b, err := Parse("x.toml", minimal+`
[engine.one.line."1.0".fact.data_files.2024]
text = "old files"
sources = ["page"]
[engine.one.line."1.0".fact.support.2024]
security_until = "2026-01-01"
sources = ["page"]
[engine.one.line."1.10".release."1.10.0"]
date = "2025"
sources = ["page"]
`)
	if err != nil {
		t.Fatal(err)
	}
	c, err := b.Compare(today, []Pick{{Engine: "one"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Columns[0].cellOf(t, AreaDataFiles).Text; got != "old files" {
		t.Errorf("1.10 data files %q, want those of 1.0", got)
	}
	if got := c.Columns[0].cellOf(t, AreaSupport).Text; got != "Security fixes to 2030-01-01." {
		t.Errorf("1.10 support %q, want the engine's, not that of 1.0", got)
	}
}
