package cmd

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/spf13/cobra"
)

// A trial holds reports of one kind against their schema and keeps them.
type trial struct {
	name    string
	schema  *jsonschema.Schema
	reports []any
}

func newTrial(t *testing.T, name string) *trial {
	t.Helper()
	return &trial{name: name, schema: docsSchema(t, name)}
}

// takes runs keynest on some cards, as its own subtest, and holds the report
// against the schema and the ids that it cites against its own lists.
func (tr *trial) takes(t *testing.T, cards string, args ...string) (report any) {
	t.Helper()
	t.Run(filepath.Base(cards)+" "+strings.Join(args, " "), func(t *testing.T) {
		report = validated(t, tr.schema, keynestOnCards(t, cards, append(args, "--output", "json")...))
		tr.reports = append(tr.reports, report)
		citesWhatIsThere(t, report.(map[string]any))
	})
	return report
}

// showsAll checks that the reports tried have shown every key of the schema
// with a value and, where it may be null or an empty list, without one: what no
// report shows is not tried.
func (tr *trial) showsAll(t *testing.T) {
	t.Helper()
	docs := schemaDocs(t)
	var walk func(place, file string, schema map[string]any, values []any)
	walk = func(place, file string, schema map[string]any, values []any) {
		null := false
		for {
			if options, ok := schema["oneOf"].([]any); ok {
				for _, o := range options {
					if o := o.(map[string]any); o["type"] == "null" {
						null = true
					} else {
						schema = o
					}
				}
			}
			ref, ok := schema["$ref"].(string)
			if !ok {
				break
			}
			name, at, _ := strings.Cut(ref, "#/$defs/")
			if name != "" {
				file = strings.TrimSuffix(name, ".schema.json")
			}
			schema = docs[file]["$defs"].(map[string]any)[at].(map[string]any)
		}
		if types, ok := schema["type"].([]any); ok {
			null = null || slices.Contains(types, any("null"))
		}
		_, atLeast := schema["minItems"]
		var inside []any // the values one step down: of a list, or of a map by id
		nulls, empties, full := 0, 0, 0
		for _, v := range values {
			switch v := v.(type) {
			case nil:
				nulls++
				continue
			case []any:
				inside = append(inside, v...)
				if len(v) == 0 {
					empties++
					continue
				}
			}
			full++
		}
		if null && nulls == 0 || schema["type"] == "array" && !atLeast && empties == 0 {
			t.Errorf("%s: no report has %s without a value", tr.name, place)
		}
		if full == 0 {
			t.Errorf("%s: no report has %s with a value", tr.name, place)
		}
		if items, ok := schema["items"].(map[string]any); ok && len(inside) > 0 {
			walk(place+"[]", file, items, inside)
		}
		properties, _ := schema["properties"].(map[string]any)
		for key, property := range properties {
			var of []any
			for _, v := range values {
				if v != nil {
					of = append(of, v.(map[string]any)[key])
				}
			}
			walk(place+"."+key, file, property.(map[string]any), of)
		}
		if more, ok := schema["additionalProperties"].(map[string]any); ok {
			var of []any
			for _, v := range values {
				of = slices.AppendSeq(of, maps.Values(v.(map[string]any)))
			}
			walk(place+".*", file, more, of)
		}
	}
	walk("", tr.name, docs[tr.name], tr.reports)
}

// citesWhatIsThere checks every id under "source", "sources" and "licences"
// against the report's lists of those names, where it has them.
func citesWhatIsThere(t *testing.T, report map[string]any) {
	t.Helper()
	sources, _ := report["sources"].(map[string]any)
	licences := map[any]bool{}
	list, _ := report["licences"].([]any)
	for _, l := range list {
		licences[l.(map[string]any)["id"]] = true
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, v := range v {
				walk(v)
			}
		case map[string]any:
			for key, v := range v {
				walk(v)
				ids, _ := v.([]any)
				if key == "source" && v != nil {
					ids = []any{v}
				}
				for _, id := range ids {
					id, ok := id.(string)
					if !ok {
						continue
					}
					if sources != nil && (key == "source" || key == "sources") && sources[id] == nil {
						t.Errorf("cites %q, which sources does not have", id)
					}
					if list != nil && key == "licences" && !licences[id] {
						t.Errorf("names %q, which licences does not have", id)
					}
				}
			}
		}
	}
	walk(report)
}

// planCard is an overlay with what no other card has: a plan whose limit was
// read on a page of its own.
const planCard = `
[source.acme-limits]
url = "https://acme.example/limits"
title = "Acme limits"
retrieved = "2026-10-01"
confidence = "third-party"

[offer.acme-small]
provider = "acme"
name = "Small"
billed_by = "hybrid"
engines = ["redis"]
status = "offered"

[offer.acme-small.version.2026-01-01]
source = "acme-2025"

[offer.acme-small.version.2026-01-01.plan.one]
usd = "3"
per = "month"

[offer.acme-small.version.2026-01-01.plan.one.limit]
max_ops_per_sec = 100
source = "acme-limits"
`

// TestRatesSchemas holds what the rates commands print against their schemas:
// every version of every card, and what changed between any two neighbours.
func TestRatesSchemas(t *testing.T) {
	lists, shows, diffs := newTrial(t, "rates-list"), newTrial(t, "rates-show"), newTrial(t, "rates-diff")
	overlay := filepath.Join(t.TempDir(), "plan.toml")
	if err := os.WriteFile(overlay, []byte(planCard), 0o666); err != nil {
		t.Fatal(err)
	}
	for cards, more := range map[string][]string{embeddedCards: nil, fixtureCards: {"--rates", overlay}} {
		rates := func(tr *trial, args ...string) any {
			return tr.takes(t, cards, slices.Concat([]string{"rates"}, args, more)...)
		}
		rates(lists, "list", "--as-of", "2010-01-01")
		rates(lists, "list", "--as-of", "2025-01-01")
		rates(lists, "list", "--older-than", "60d")
		rates(lists, "list", "--older-than", "9999d")
		list := rates(lists, "list").(map[string]any)
		days := []string{"2010-01-01", "2026-11-22"}
		for _, o := range list["offers"].([]any) {
			o := o.(map[string]any)
			id := o["id"].(string)
			for _, day := range o["versions"].([]any) {
				day := day.(string)
				days = append(days, day)
				rates(shows, "show", id, "--as-of", day)
			}
		}
		slices.Sort(days)
		days = slices.Compact(days)
		for i, to := range days {
			rates(diffs, "diff", "--from", days[max(0, i-1)], "--to", to)
		}
	}
	lists.showsAll(t)
	shows.showsAll(t)
	diffs.showsAll(t)
}

// TestCompareSchema holds comparisons against their schema: each engine, lines
// and releases of theirs, and days before any of them.
func TestCompareSchema(t *testing.T) {
	tr := newTrial(t, "compare")
	for _, args := range []string{
		"",
		"redis",
		"valkey redis dragonfly garnet keydb kvrocks redict",
		"redis --version-of redis=7.2",
		"redis --version-of redis=8.0.0",
		"redis valkey --version-of redis=7.4.0 --version-of valkey=8.0.0",
		"valkey --explain",
	} {
		for _, day := range []string{"2026-11-22", "2025-12-01", "2025-05-31"} {
			tr.takes(t, embeddedCards, append(strings.Fields("compare "+args), "--as-of", day)...)
		}
	}
	for _, day := range []string{"2024-09-20", "2024-04-10", "2024-03-20", "2023-09-01", "2018-01-01", "2005-01-01"} {
		tr.takes(t, embeddedCards, "compare", "valkey", "redis", "dragonfly", "garnet", "keydb", "kvrocks", "redict", "--as-of", day)
	}
	tr.showsAll(t)
}

// TestFAQSchema holds questions and answers against their schema.
func TestFAQSchema(t *testing.T) {
	tr := newTrial(t, "faq")
	for _, cards := range []string{embeddedCards, fixtureCards} {
		list := tr.takes(t, cards, "faq").(map[string]any)
		if cards == embeddedCards {
			for _, q := range list["questions"].([]any) {
				tr.takes(t, cards, "faq", q.(map[string]any)["id"].(string))
			}
		}
	}
	// Made-up vendors have no answer to what Upstash costs, but to what is no price.
	tr.takes(t, fixtureCards, "faq", "fork")
	for _, day := range []string{"2026-11-22", "2025-06-01", "2024-04-10", "2023-01-01", "2005-01-01"} {
		tr.takes(t, embeddedCards, "faq", "--all", "--as-of", day)
	}
	tr.showsAll(t)
}

// TestDiffSchema holds what changed between two estimates against its schema;
// pkg/report does so for checks.
func TestDiffSchema(t *testing.T) {
	tr := newTrial(t, "diff")
	var files []string
	for i, args := range []string{"--ops-per-sec 100 --gib 2 --all", "--ops-per-sec 90000 --gib 50 --all"} {
		files = append(files, filepath.Join(t.TempDir(), fmt.Sprintf("%d.json", i)))
		if err := os.WriteFile(files[i], estimateJSON(t, fixtureCards, strings.Fields(args)...), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	tr.takes(t, fixtureCards, "diff", files[0], files[0])
	tr.takes(t, fixtureCards, "diff", files[0], files[1])
}

// TestSchemasAreStrict: every object of every report names all of its keys,
// needs each of them, and takes no other.
func TestSchemasAreStrict(t *testing.T) {
	for name, doc := range schemaDocs(t) {
		if id := doc["$id"]; id != schemaBase+name+".schema.json" {
			t.Errorf("%s: $id is %v", name, id)
		}
		if name == "keynest" { // a file that people write, where keys may be left out
			continue
		}
		var walk func(place string, v any)
		walk = func(place string, v any) {
			switch v := v.(type) {
			case []any:
				for i, v := range v {
					walk(fmt.Sprintf("%s[%d]", place, i), v)
				}
			case map[string]any:
				for key, v := range v {
					walk(place+"."+key, v)
				}
				properties, ok := v["properties"].(map[string]any)
				if !ok || v["type"] != "object" {
					return
				}
				var needed []string
				required, _ := v["required"].([]any)
				for _, key := range required {
					needed = append(needed, key.(string))
				}
				slices.Sort(needed)
				if keys := slices.Sorted(maps.Keys(properties)); !slices.Equal(needed, keys) {
					t.Errorf("%s%s needs %v and has %v", name, place, needed, keys)
				}
				if v["additionalProperties"] != false {
					t.Errorf("%s%s takes keys that it does not name", name, place)
				}
			}
		}
		walk("", doc)
	}
}

// TestJSONPage: docs/json.md names every command that prints JSON with a schema
// that is there, and every schema of a report.
func TestJSONPage(t *testing.T) {
	commands, schemas := map[string]bool{}, map[string]bool{}
	for _, line := range readLines(t, filepath.Join("..", "docs", "json.md")) {
		m := regexp.MustCompile("^\\| `keynest ([a-z ]+)[^`]*`.*\\(([a-z-]+)\\.schema\\.json\\)").FindStringSubmatch(line)
		if m != nil {
			commands[strings.TrimSpace(m[1])], schemas[m[2]] = true, true
		}
	}
	for name := range schemaDocs(t) {
		if name != "keynest" && !schemas[name] {
			t.Errorf("%s.schema.json has no row in docs/json.md", name)
		}
	}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			walk(sub)
		}
		output, name := c.Flags().Lookup("output"), strings.TrimPrefix(c.CommandPath(), "keynest ")
		if output != nil && strings.Contains(output.Usage, "json") && !commands[name] {
			t.Errorf("keynest %s has no row in docs/json.md", name)
		}
	}
	walk(newRoot(&env{getenv: func(string) string { return "" }}))
}

func TestVersionSchema(t *testing.T) {
	tr := newTrial(t, "version")
	tr.takes(t, fixtureCards, "version")
	tr.showsAll(t)
}

// TestEstimatesSchema: several workloads are one document, whose estimates are
// those of keynest estimate.
func TestEstimatesSchema(t *testing.T) {
	tr := newTrial(t, "estimates")
	file := filepath.Join(t.TempDir(), "w.toml")
	if err := os.WriteFile(file, []byte("[workload.a]\nops_per_sec = 50\ngib = 1\n[workload.b]\nops_per_sec = 1000\ngib = 40\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{nil, {"--all"}} {
		r := tr.takes(t, embeddedCards, append([]string{"estimate", "--as-of", "2026-11-22", "--workload", file}, args...)...).(map[string]any)
		if n := len(r["estimates"].([]any)); n != 2 {
			t.Errorf("%d estimates of 2 workloads", n)
		}
		status := map[any]int{}
		for _, total := range r["totals"].([]any) {
			status[total.(map[string]any)["status"]]++
		}
		if status["priced"] == 0 || status["not_priced"] == 0 {
			t.Errorf("the totals are %v; want some with and some without a price", status)
		}
	}
}

// TestRegionsSchema: the list of regions against its schema.
func TestRegionsSchema(t *testing.T) {
	tr := newTrial(t, "regions")
	tr.takes(t, embeddedCards, "regions", "--as-of", "2026-11-22")
	tr.takes(t, embeddedCards, "regions", "--as-of", "2020-01-01", "--provider", "aws")
	tr.showsAll(t)
}

// TestCheckSchemaAlone: check.schema.json refers to no other file, so that it
// works without a network. What it shares with the other schemas is a copy of
// their definitions, which this test holds equal.
func TestCheckSchemaAlone(t *testing.T) {
	docs := schemaDocs(t)
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{})
	if err := c.AddResource(schemaBase+"check.schema.json", docs["check"]); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Compile(schemaBase + "check.schema.json"); err != nil {
		t.Fatal(err)
	}
	var local func(v any) any // the value as check.schema.json has it
	local = func(v any) any {
		switch v := v.(type) {
		case []any:
			list := []any{}
			for _, x := range v {
				list = append(list, local(x))
			}
			return list
		case map[string]any:
			m := map[string]any{}
			for key, x := range v {
				m[key] = local(x)
				if ref, ok := x.(string); ok && key == "$ref" {
					_, at, _ := strings.Cut(ref, "#/$defs/")
					m[key] = "#/$defs/" + at
				}
			}
			return m
		}
		return v
	}
	copies := 0
	have := docs["check"]["$defs"].(map[string]any)
	for _, file := range []string{"estimate", "inventory"} {
		for name, def := range docs[file]["$defs"].(map[string]any) {
			if have[name] == nil {
				continue
			}
			if copies++; !reflect.DeepEqual(local(def), have[name]) {
				t.Errorf("$defs/%s of check.schema.json is not that of %s.schema.json; copy it", name, file)
			}
		}
	}
	whole := maps.Clone(docs["inventory"])
	for _, key := range []string{"$schema", "$id", "$defs", "title"} {
		delete(whole, key)
	}
	if !reflect.DeepEqual(local(whole), have["inventory"]) {
		t.Error("$defs/inventory of check.schema.json is not inventory.schema.json; copy it")
	}
	if copies < 10 {
		t.Errorf("%d definitions are shared", copies)
	}
}
