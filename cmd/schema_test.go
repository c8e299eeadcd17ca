package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/keynest/keynest/pkg/money"
)

// fixtureCards are the cards of made-up vendors, which say everything that a
// card can say.
var fixtureCards = filepath.Join("testdata", "cards.toml")

// embeddedCards are those that the program is built with.
var embeddedCards = filepath.Join("..", "rates.toml")

// schemaBase is where the schemas of docs/ say that they are.
const schemaBase = "https://raw.githubusercontent.com/keynest/keynest/main/docs/"

// schemaDocs reads the schemas that docs/ ships, by the name that they have
// there before .schema.json.
func schemaDocs(t *testing.T) map[string]map[string]any {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "docs", "*.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	docs := map[string]map[string]any{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		docs[strings.TrimSuffix(filepath.Base(path), ".schema.json")] = doc.(map[string]any)
	}
	return docs
}

// docsSchema compiles one of those schemas, formats asserted.
func docsSchema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for other, doc := range schemaDocs(t) {
		if err := c.AddResource(schemaBase+other+".schema.json", doc); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile(schemaBase + name + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validated holds a report against a schema and returns what it says. No text
// of any report is empty but a line's note: what has no value is null.
func validated(t *testing.T, schema *jsonschema.Schema, data []byte) any {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(doc); err != nil {
		t.Error(err)
	}
	var walk func(place string, v any)
	walk = func(place string, v any) {
		switch v := v.(type) {
		case string:
			if v == "" && !strings.HasSuffix(place, ".offers[].lines[].note") {
				t.Errorf("%s is empty", place)
			}
		case []any:
			for _, v := range v {
				walk(place+"[]", v)
			}
		case map[string]any:
			for key, v := range v {
				walk(place+"."+key, v)
			}
		}
	}
	walk("", doc)
	return doc
}

// keynestOnCards runs keynest on some cards and returns what it prints.
func keynestOnCards(t *testing.T, cards string, args ...string) []byte {
	t.Helper()
	rates, err := os.ReadFile(cards)
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	e := &env{
		stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr,
		today: "2026-11-25", getenv: func(string) string { return "" }, rates: string(rates),
	}
	if code := run(e, args); code != exitOK {
		t.Fatalf("keynest %s: exit status %d: %s", strings.Join(args, " "), code, stderr.String())
	}
	if stderr.Len() > 0 && args[0] != "diff" { // which sums up there
		t.Errorf("keynest %s: standard error: %s", strings.Join(args, " "), stderr.String())
	}
	return stdout.Bytes()
}

// estimateJSON runs keynest estimate on some cards and returns its report.
func estimateJSON(t *testing.T, cards string, args ...string) []byte {
	t.Helper()
	return keynestOnCards(t, cards, append([]string{"estimate", "--output", "json", "--as-of", "2026-11-22"}, args...)...)
}

// reports are calls that together show every status, every kind of line and
// every key of the report.
var reports = []struct {
	name string
	args []string
}{
	{"plain", []string{"--ops-per-sec", "5000", "--gib", "8"}},
	{"all", []string{"--ops-per-sec", "50", "--gib", "0.05", "--all"}},
	{"nothing at all", []string{"--ops-per-sec", "0", "--gib", "0", "--all"}},
	{"unfit", []string{"--ops-per-sec", "90000", "--gib", "500", "--all"}},
	{"only the not priced", []string{"--ops-per-sec", "1", "--gib", "1", "--offer", "cirrus-classic", "--all"}},
	{"hidden", []string{"--ops-per-sec", "1", "--gib", "1", "--offer", "cirrus-classic"}},
	{"incomplete", []string{"--ops-per-sec", "9.5", "--gb", "1.5", "--offer", "cirrus-edge"}},
	{"euro with a rate given", []string{"--ops-per-sec", "100", "--gib", "3", "--offer", "cirrus-*", "--fx", "EUR=1.2@2026-11-20"}},
	{"in euros", []string{"--ops-per-sec", "5000", "--gib", "8", "--currency", "EUR", "--offer", "bolt-node"}},
	{"in euros by a rate given", []string{"--ops-per-sec", "5000", "--gib", "8", "--currency", "EUR", "--fx", "EUR=1.2@2026-11-20"}},
	{"another region", []string{"--ops-per-sec", "5000", "--gib", "8", "--region", "ap-1", "--all"}},
	{"a term", []string{"--ops-per-sec", "5000", "--gib", "8", "--term", "1y", "--upfront", "partial", "--all"}},
	{"a plan", []string{"--ops-per-sec", "5000", "--gib", "80", "--plan", "medium", "--shards", "2", "--offer", "bolt-*"}},
	{"an old card", []string{"--commands-per-month", "100000000", "--gib", "0", "--as-of", "2024-07-01", "--all"}},
	{"read regions", []string{"--ops-per-sec", "100", "--gib", "0.1", "--read-regions", "2", "--databases", "3", "--all"}},
	{"counts", []string{"--reads-per-month", "900000", "--writes-per-month", "100000", "--gib", "0.2", "--transfer-gb-per-month", "10.5", "--written-gb-per-month", "0.25", "--operator-hours", "1.5", "--hours-per-month", "720"}},
	{"a preset", []string{"--preset", "cache", "--ops-per-sec", "900", "--gib", "2"}},
}

// TestEstimateSchema holds what the program prints against the schema, and the
// parts of a report against one another.
func TestEstimateSchema(t *testing.T) {
	schema := docsSchema(t, "estimate")
	for _, r := range reports {
		t.Run(r.name, func(t *testing.T) {
			checkReport(t, schema, estimateJSON(t, fixtureCards, r.args...))
		})
	}
	for _, region := range []string{"us-east", "eu-west", "ap-northeast"} {
		for _, load := range [][]string{
			{"--ops-per-sec", "0", "--gib", "0"},
			{"--ops-per-sec", "5000", "--gib", "8", "--term", "1y", "--upfront", "partial"},
			{"--ops-per-sec", "2000000", "--gib", "9000"},
		} {
			args := append([]string{"--all", "--region", region}, load...)
			t.Run("rates.toml "+strings.Join(args, " "), func(t *testing.T) {
				checkReport(t, schema, estimateJSON(t, embeddedCards, args...))
			})
		}
	}
}

func checkReport(t *testing.T, schema *jsonschema.Schema, data []byte) {
	t.Helper()
	validated(t, schema, data)
	var report struct {
		FX     *struct{ Source string }
		Offers []struct {
			ID     string
			Exact  *string `json:"usd_per_month_exact"`
			Ranked bool
			Lines  []struct {
				USD    string
				Source *string
				Base   *struct{ Source *string }
				FX     *struct{ Source string }
			}
			Assumptions []struct{ Source *string }
		}
		Cheapest map[string]*string
		Sources  map[string]any
	}
	if err := json.Unmarshal(data, &report); err != nil {
		t.Fatal(err)
	}
	cites := func(offer string, source *string) {
		if source != nil && report.Sources[*source] == nil {
			t.Errorf("%s cites %q, which sources does not have", offer, *source)
		}
	}
	if report.FX != nil && report.FX.Source != "given" {
		cites("the report", &report.FX.Source)
	}
	ranked := map[string]bool{}
	for _, o := range report.Offers {
		ranked[o.ID] = o.Ranked
		var sum money.USD
		for _, l := range o.Lines {
			usd, err := money.ParseUSD(l.USD)
			if err != nil {
				t.Errorf("%s: %v", o.ID, err)
			}
			sum += usd
			cites(o.ID, l.Source)
			if l.Base != nil {
				cites(o.ID, l.Base.Source)
			}
			if l.FX != nil && l.FX.Source != "given" {
				cites(o.ID, &l.FX.Source)
			}
		}
		for _, a := range o.Assumptions {
			cites(o.ID, a.Source)
		}
		if o.Exact != nil && *o.Exact != sum.Exact() {
			t.Errorf("%s: the lines come to %s, usd_per_month_exact is %s", o.ID, sum.Exact(), *o.Exact)
		}
	}
	for kind, id := range report.Cheapest {
		if id != nil && !ranked[*id] {
			t.Errorf("cheapest %s is %s, which is not ranked", kind, *id)
		}
	}
}

// TestEstimateSchemaRefuses breaks a good report in one place at a time: a
// schema that takes everything would hold nothing.
func TestEstimateSchemaRefuses(t *testing.T) {
	schema := docsSchema(t, "estimate")
	good := string(estimateJSON(t, fixtureCards, "--ops-per-sec", "50", "--gib", "0.05", "--all"))
	for _, tt := range []struct{ name, old, new string }{
		{"a key that is gone", `"as_of": "2026-11-22",`, ``},
		{"a key that is new", `"as_of":`, `"asof": "2026-11-22", "as_of":`},
		{"money as a number", `"usd_per_month": "262.80"`, `"usd_per_month": 262.80`},
		{"money with one decimal", `"usd_per_month": "262.80"`, `"usd_per_month": "262.8"`},
		{"money with a comma", `"usd_per_month": "262.80"`, `"usd_per_month": "1,262.80"`},
		{"a price without its amount", `"usd_per_month": "262.80"`, `"usd_per_month": null`},
		{"an exact amount with an idle zero", `"usd_per_month_exact": "262.80"`, `"usd_per_month_exact": "262.800"`},
		{"a date in words", `"retrieved": "2026-09-20"`, `"retrieved": "20 September"`},
		{"a day that never was", `"retrieved": "2026-09-20"`, `"retrieved": "2026-09-31"`},
		{"an unknown status", `"status": "incomplete"`, `"status": "partial"`},
		{"a lower bound that does not say so", `"at_least": true`, `"at_least": false`},
		{"an incomplete offer that is ranked", `"ranked": false`, `"ranked": true`},
		{"an empty id", `"id": "bolt-serverless"`, `"id": ""`},
		{"a quantity as a number", `"quantity": "131400000"`, `"quantity": 131400000`},
		{"a quantity with an exponent", `"quantity": "131400000"`, `"quantity": "1.314e8"`},
		{"euros without a rate", `"currency": "USD"`, `"currency": "EUR"`},
		{"a negative count", `"shards": 1`, `"shards": -1`},
		{"another major version", `"format_version": "1.1"`, `"format_version": "2.0"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bad := strings.Replace(good, tt.old, tt.new, 1)
			if tt.name == "euros without a rate" { // the first "currency" is the report's own
				bad = strings.ReplaceAll(good, tt.old, tt.new)
				bad = strings.Replace(bad, tt.new, tt.old, 1)
			}
			if bad == good {
				t.Fatalf("the report has no %s", tt.old)
			}
			doc, err := jsonschema.UnmarshalJSON(strings.NewReader(bad))
			if err != nil {
				t.Fatal(err)
			}
			if schema.Validate(doc) == nil {
				t.Errorf("taken with %s in place of %s", tt.new, tt.old)
			}
		})
	}
}
