package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/keynest/keynest/pkg/engines"
	"github.com/keynest/keynest/pkg/page"
)

func comparison(t *testing.T, ids ...string) *engines.Comparison {
	t.Helper()
	book, err := engines.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	if len(ids) == 0 {
		ids = book.EngineIDs()
	}
	var picks []engines.Pick
	for _, id := range ids {
		picks = append(picks, engines.Pick{Engine: id})
	}
	c, err := book.Compare("2026-11-23", picks)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEnginesTextFitsThePage(t *testing.T) {
	var b bytes.Buffer
	if err := page.WriteText(&b, EnginesDocument(comparison(t), true), page.Style{}); err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(b.String(), "\n") {
		if n := utf8.RuneCountInString(line); n > page.DefaultWidth {
			t.Errorf("line %d has %d columns: %s", i+1, n, line)
		}
	}
	if n := strings.Count(b.String(), "legal advice"); n != 1 {
		t.Errorf("legal advice is spoken of %d times, want once", n)
	}
}

// A table renders only if each of its rows has as many bars as its head.
func TestEnginesMarkdownRenders(t *testing.T) {
	c := comparison(t)
	c.Columns[0].Cells[0].Text = "a|b\nc"
	var b bytes.Buffer
	if err := page.WriteMarkdown(&b, EnginesDocument(c, true)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `a\|b<br>c`) {
		t.Error("a bar and a line break in a cell must be escaped")
	}
	bar := regexp.MustCompile(`(^|[^\\])\|`)
	want, tables := 0, 0
	for line := range strings.SplitSeq(b.String(), "\n") {
		switch bars := len(bar.FindAllString(line, -1)); {
		case !strings.HasPrefix(line, "|"):
			want = 0
		case want == 0:
			want, tables = bars, tables+1
		case bars != want:
			t.Errorf("%d bars, want %d: %s", bars, want, line)
		}
	}
	if tables != 6 { // three of engines, licences, releases, services
		t.Errorf("%d tables, want 6", tables)
	}
}

// The JSON keys are a contract: adding one is a change to this list, taking
// one away needs a new major format_version.
func TestEnginesJSONKeys(t *testing.T) {
	var b bytes.Buffer
	if err := WriteEnginesJSON(&b, comparison(t, "valkey", "redis")); err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	engine := first(t, doc["engines"])
	line := first(t, engine["lines"])
	sources := doc["sources"].(map[string]any)
	for _, test := range []struct {
		name string
		got  map[string]any
		want string
	}{
		{"report", doc, "as_of engines format_version kind licences notice services sources support_ending"},
		{"engine", engine, "cells id latest_release line lines name version"},
		{"cell", first(t, engine["cells"]), "area derived holds_from known licences sources text"},
		{"line", line, "licences line maintenance_until releases security_until"},
		{"release", first(t, line["releases"]), "date licences note pre_release sources version"},
		{"ending", first(t, doc["support_ending"]), "days engine line note on sources what"},
		{"licence", first(t, doc["licences"]), "id name osi_approved run sell_as_a_service ship sources"},
		{"service", first(t, doc["services"]), "engine id name note seen sources versions"},
		{"source", sources["spdx-3-28"].(map[string]any), "confidence date dated title url"},
	} {
		var keys []string
		for k := range test.got {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		if got := strings.Join(keys, " "); got != test.want {
			t.Errorf("%s has keys %q, want %q", test.name, got, test.want)
		}
	}
	if doc["format_version"] != "1.1" {
		t.Errorf("format_version %v", doc["format_version"])
	}
	if strings.Contains(b.String(), `s": null`) {
		t.Error("an empty list must be [], not null")
	}
	var cited []string
	for _, e := range doc["engines"].([]any) {
		for _, c := range e.(map[string]any)["cells"].([]any) {
			for _, id := range c.(map[string]any)["sources"].([]any) {
				cited = append(cited, id.(string))
			}
		}
	}
	for _, id := range cited {
		if sources[id] == nil {
			t.Errorf("source %s is cited and not listed", id)
		}
	}
}

func first(t *testing.T, list any) map[string]any {
	t.Helper()
	all, ok := list.([]any)
	if !ok || len(all) == 0 {
		t.Fatalf("%v is no list with something in it", list)
	}
	return all[0].(map[string]any)
}

func TestEnginesCSV(t *testing.T) {
	var b bytes.Buffer
	if err := WriteEnginesCSV(&b, comparison(t)); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := 1 + 7*len(engines.Areas()); len(rows) != want {
		t.Errorf("%d rows, want %d", len(rows), want)
	}
	head := strings.Split("as_of,engine,line,area,text,known,holds_from,derived,licences,source_dates,source_urls", ",")
	if !slices.Equal(rows[0], head) {
		t.Errorf("columns %v, want %v", rows[0], head)
	}
	for _, row := range rows[1:] {
		if row[9] < "2024" || !strings.HasPrefix(row[10], "https://") {
			t.Errorf("%s, %s: no source of 2024 or later: %q %q", row[1], row[3], row[9], row[10])
		}
	}
}

func TestSpacedTable(t *testing.T) {
	table := page.NewTable(page.Column{Head: "A"}, page.Column{Head: "B"})
	table.Spaced = true
	table.Add("1", "2")
	table.Add("3", "4")
	var b bytes.Buffer
	if err := page.WriteText(&b, &page.Document{Blocks: []page.Block{{Table: table}}}, page.Style{}); err != nil {
		t.Fatal(err)
	}
	if want := "A  B\n1  2\n\n3  4\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}
