package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/gate"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
)

// madeUp are the cards of made-up vendors, shared with the scripts of cmd.
func madeUp(t testing.TB) *ratecard.Set {
	t.Helper()
	text, err := os.ReadFile("../../cmd/testdata/cards.toml")
	if err != nil {
		t.Fatal(err)
	}
	set, err := ratecard.Load("2026-11-22", ratecard.File{Name: "cards.toml", Text: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func runGate(t testing.TB, set *ratecard.Set, text, asOf string, baseline *gate.Report) *gate.Result {
	t.Helper()
	c, err := gate.Read("conf/key nest.toml", text, gate.Pricing{AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	r, err := gate.Run(c, set, gate.NewPricer(set, compare.Filter{}, nil), asOf, baseline)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// everyVerdict has a limit for each of them but skipped and stale, and names
// that each format has to escape.
const everyVerdict = `[workload.a]
ops_per_sec = 1000
gib = 4
[workload.b]
ops_per_sec = 10
gib = 1
[check."100 % <\"50\" & 'x', y: z>"]
workload = "a"
offer = "bolt-node"
max_usd_per_month = "10"
warn_usd_per_month = "5"
[check.fine]
workload = "*"
cheapest = "overall"
max_usd_per_month = "5000"
min_saving_to_report = "1"
[check.new]
workload = "a"
offer = "bolt-node"
max_increase_percent = "5"
[check.unfit]
workload = "a"
offer = "acme-fixed"
plan = "small"
max_usd_per_month = "10"
[check.part]
workload = "b"
offer = "cirrus-edge"
max_usd_per_month = "1"
`

func results(t *testing.T) map[string]*gate.Result {
	set := madeUp(t)
	all := map[string]*gate.Result{
		"every verdict": runGate(t, set, everyVerdict, "2026-11-22", nil),
		"stale":         runGate(t, set, strings.ReplaceAll(everyVerdict, "[workload.a]", "[pricing]\nmax_rate_age = \"1d\"\n[workload.a]"), "2026-11-22", nil),
		"good":          runGate(t, set, "[workload.a]\nops_per_sec = 1\ngib = 1\n[check.c]\nworkload = \"a\"\ncheapest = \"overall\"\nmax_usd_per_month = \"5000\"\n", "2026-11-22", nil),
	}
	base := readBack(t, all["every verdict"])
	all["with a baseline"] = runGate(t, set, strings.Replace(everyVerdict, "ops_per_sec = 1000\ngib = 4", "ops_per_sec = 9000\ngib = 40", 1), "2026-11-22", base)
	return all
}

// readBack writes a check's JSON report and reads it.
func readBack(t testing.TB, r *gate.Result) *gate.Report {
	t.Helper()
	j, err := NewCheckJSON(r)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := WriteJSON(&b, j); err != nil {
		t.Fatal(err)
	}
	report, err := gate.ReadReport("a.json", &b)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func written(t testing.TB, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestSARIF holds logs against the schema that OASIS publishes.
func TestSARIF(t *testing.T) {
	file, err := os.ReadFile("testdata/schemas/sarif-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range results(t) {
		text := written(t, func(w io.Writer) error { return WriteSARIF(w, r, CIOptions{Version: "1.2.3"}) })
		log, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(log); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
		var got sarifLog
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, res := range got.Runs[0].Results {
			at := res.Locations[0].PhysicalLocation
			if at.ArtifactLocation.URI != "conf/key%20nest.toml" || at.Region.StartLine < 7 {
				t.Errorf("%s: %s is at %s:%d", name, res.RuleID, at.ArtifactLocation.URI, at.Region.StartLine)
			}
			if got.Runs[0].Tool.Driver.Rules[res.RuleIndex].ID != res.RuleID {
				t.Errorf("%s: rule %d is not %s", name, res.RuleIndex, res.RuleID)
			}
			id := res.PartialFingerprints["keynestLimit/v1"]
			if seen[id] || len(id) != 64 {
				t.Errorf("%s: fingerprint %q", name, id)
			}
			seen[id] = true
		}
	}
}

// TestSARIFLevels: what fails the run is an error, on the line of its limit; a
// warning is none, and neither is a broken limit where limits only warn.
func TestSARIFLevels(t *testing.T) {
	const (
		breach = "keynest/max-usd-per-month"
		warn   = "keynest/warn-usd-per-month"
	)
	set := madeUp(t)
	for _, tt := range []struct {
		name     string
		text     string
		warnOnly bool
		want     string // rule, level and line of everyVerdict, the worst first
	}{
		{"limits", everyVerdict, false, breach + " error 10, " + breach + " error 29, keynest/not-judged error 25, " + warn + " warning 11"},
		{"warn only", everyVerdict, true, breach + " warning 10, " + breach + " warning 29, keynest/not-judged error 25, " + warn + " warning 11"},
		{"stale", "[pricing]\nmax_rate_age = \"1d\"\n[workload.a]\nops_per_sec = 1\ngib = 1\n[check.c]\nworkload = \"a\"\noffer = \"bolt-node\"\nmax_usd_per_month = \"1\"\n", true, "keynest/stale-rates error 9"},
	} {
		r := runGate(t, set, tt.text, "2026-11-22", nil)
		text := written(t, func(w io.Writer) error { return WriteSARIF(w, r, CIOptions{WarnOnly: tt.warnOnly}) })
		var log sarifLog
		if err := json.Unmarshal([]byte(text), &log); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, res := range log.Runs[0].Results {
			got = append(got, fmt.Sprintf("%s %s %d", res.RuleID, res.Level, res.Locations[0].PhysicalLocation.Region.StartLine))
		}
		if s := strings.Join(got, ", "); s != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.name, s, tt.want)
		}
	}
}

// TestReportSchemas holds the JSON reports of check and diff against the schemas
// that docs/ ships.
func TestReportSchemas(t *testing.T) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	const at = "https://raw.githubusercontent.com/keynest/keynest/main/docs/"
	for _, name := range []string{"estimate", "check", "diff", "inventory"} {
		data, err := os.ReadFile("../../docs/" + name + ".schema.json")
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(at+name+".schema.json", doc); err != nil {
			t.Fatal(err)
		}
	}
	validate := func(schema string, report any) {
		t.Helper()
		s, err := c.Compile(at + schema + ".schema.json")
		if err != nil {
			t.Fatal(err)
		}
		text := written(t, func(w io.Writer) error { return WriteJSON(w, report) })
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
		if strings.Contains(text, `: ""`) {
			t.Errorf("a text that is empty, not null:\n%s", text)
		}
		if err := s.Validate(map[string]any{"format_version": "1.0"}); err == nil {
			t.Errorf("the schema of %s takes anything", schema)
		}
	}
	all := results(t)
	limit := money.USD(1)
	for _, r := range all {
		j, err := NewCheckJSON(r)
		if err != nil {
			t.Fatal(err)
		}
		validate("check", j)
		for _, limits := range []gate.Limits{{}, {MaxIncreaseUSD: &limit}} {
			d, err := gate.NewPricer(r.Set, compare.Filter{}, nil).Compare(readBack(t, all["good"]), readBack(t, r), limits)
			if err != nil {
				t.Fatal(err)
			}
			validate("diff", NewDiffJSON(d))
		}
	}
}

// TestFingerprints: a cost that changes leaves them as they are.
func TestFingerprints(t *testing.T) {
	set := madeUp(t)
	ids := func(gib string) string {
		r := runGate(t, set, strings.Replace(everyVerdict, "gib = 4", "gib = "+gib, 1), "2026-11-22", nil)
		var all []string
		for _, f := range findings(r) {
			all = append(all, f.id())
		}
		return strings.Join(all, " ")
	}
	if a, b := ids("4"), ids("5"); a != b || !strings.Contains(a, " ") {
		t.Errorf("%s\n%s", a, b)
	}
}

// TestJUnit holds reports against the schema of Apache Ant where xmllint is
// there, and against what the schema asks for in any case.
func TestJUnit(t *testing.T) {
	lint, _ := exec.LookPath("xmllint")
	for name, r := range results(t) {
		text := written(t, func(w io.Writer) error { return WriteJUnit(w, r, CIOptions{}) })
		var got junitSuites
		if err := xml.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
		limits := 0
		for _, c := range r.Checks {
			limits += len(c.Limits)
		}
		s := got.Suites[0]
		count := map[string]int{}
		for _, c := range s.Cases {
			if c.Time != "0" || !strings.HasPrefix(c.Classname, "keynest.") {
				t.Errorf("%s: %+v", name, c)
			}
			for kind, there := range map[string]bool{"failure": c.Failure != nil, "error": c.Error != nil, "skipped": c.Skipped != nil} {
				if there {
					count[kind]++
				}
			}
			if c.Failure != nil && (!strings.Contains(c.Failure.Text, "limit: ") || !strings.Contains(c.Failure.Text, "cost: ") || !strings.Contains(c.Failure.Text, " on ")) {
				t.Errorf("%s: the failure says only %s", name, c.Failure.Text)
			}
		}
		if s.Tests != limits || len(s.Cases) != limits || s.Failures != count["failure"] || s.Errors != count["error"] || s.Skipped != count["skipped"] || s.Time != "0" {
			t.Errorf("%s: %d limits; suite %+v", name, limits, s)
		}
		if s.Failures != r.Count(gate.Breach) || s.Errors != r.Count(gate.Stale)+r.Count(gate.Unknown) {
			t.Errorf("%s: %d failures, %d errors", name, s.Failures, s.Errors)
		}
		if lint != "" {
			path := filepath.Join(t.TempDir(), "junit.xml")
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(lint, "--noout", "--nonet", "--schema", "testdata/schemas/JUnit.xsd", path).CombinedOutput(); err != nil {
				t.Errorf("%s: xmllint: %v\n%s\n%s", name, err, out, text)
			}
		}
	}
}

// TestOpenMetrics lets the parser of Prometheus read the metrics.
func TestOpenMetrics(t *testing.T) {
	for name, r := range results(t) {
		text := written(t, func(w io.Writer) error { return WriteOpenMetrics(w, r) })
		if !strings.HasSuffix(text, "\n# EOF\n") || strings.Count(text, "# EOF") != 1 {
			t.Errorf("%s: does not end with # EOF:\n%s", name, text)
		}
		parser := expfmt.NewTextParser(model.UTF8Validation)
		families, err := parser.TextToMetricFamilies(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
		exact := 0
		for _, c := range r.Checks {
			if !c.AtLeast {
				exact++
			}
		}
		costs := families["keynest_cost_usd_per_month"].GetMetric()
		if len(costs) != exact {
			t.Errorf("%s: %d costs, %d checks with one", name, len(costs), exact)
		}
		i := 0
		for _, c := range r.Checks {
			if c.AtLeast {
				continue
			}
			got := costs[i]
			i++
			if got.GetLabel()[0].GetValue() != c.Check.Name || fmt.Sprintf("%.2f", got.GetGauge().GetValue()) != c.Total.String() {
				t.Errorf("%s: %v is not %s of %s", name, got, c.Total, c.Check.Name)
			}
		}
		for _, line := range strings.Split(text, "\n") {
			if strings.Contains(line, "_usd_per_month{") && !regexp.MustCompile(` -?\d+\.\d\d$`).MatchString(line) {
				t.Errorf("%s: not two decimals: %s", name, line)
			}
		}
	}
}

// TestGitLab: what GitLab requires of a code quality report.
func TestGitLab(t *testing.T) {
	severities := map[string]bool{"info": true, "minor": true, "major": true, "critical": true, "blocker": true}
	for name, r := range results(t) {
		text := written(t, func(w io.Writer) error { return WriteGitLab(w, r, CIOptions{}) })
		var list []map[string]any
		if err := json.Unmarshal([]byte(text), &list); err != nil || list == nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
		seen := map[any]bool{}
		for _, issue := range list {
			at, _ := issue["location"].(map[string]any)
			lines, _ := at["lines"].(map[string]any)
			if begin, ok := lines["begin"].(float64); !ok || begin < 7 || at["path"] != "conf/key nest.toml" {
				t.Errorf("%s: location %v", name, at)
			}
			if issue["description"] == "" || issue["check_name"] == "" || !severities[fmt.Sprint(issue["severity"])] || seen[issue["fingerprint"]] {
				t.Errorf("%s: %v", name, issue)
			}
			seen[issue["fingerprint"]] = true
		}
	}
}

// TestGitHub reads the annotations back as the runner does.
func TestGitHub(t *testing.T) {
	command := regexp.MustCompile(`^::(error|warning|notice) (?:file=([^,:]+),line=(\d+),)?title=([^,:]+)::(.+)$`)
	unescape := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")
	for name, r := range results(t) {
		text := written(t, func(w io.Writer) error { return WriteGitHub(w, r, CIOptions{}) })
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		broken := 0
		for _, line := range lines {
			m := command.FindStringSubmatch(line)
			if m == nil {
				t.Errorf("%s: %s", name, line)
				continue
			}
			if strings.Contains(m[5], "above the limit") && m[1] == "error" {
				broken++
			}
			if strings.Contains(m[4], "100") && unescape.Replace(m[4]) != `keynest 100 % <"50" & 'x', y: z>` {
				t.Errorf("%s: title %q", name, unescape.Replace(m[4]))
			}
		}
		if broken != r.Count(gate.Breach) {
			t.Errorf("%s: %d errors for %d broken limits:\n%s", name, broken, r.Count(gate.Breach), text)
		}
		warned := written(t, func(w io.Writer) error { return WriteGitHub(w, r, CIOptions{WarnOnly: true}) })
		if strings.Count(warned, "::error ") != r.Count(gate.Stale)+r.Count(gate.Unknown) {
			t.Errorf("%s: with --exit-code 0:\n%s", name, warned)
		}
	}
}

// TestComment: the marker first, then the verdict; never longer than a comment
// may be, and cut at the end of a line.
func TestComment(t *testing.T) {
	for name, r := range results(t) {
		doc, err := Check(r, false)
		if err != nil {
			t.Fatal(err)
		}
		text := written(t, func(w io.Writer) error { return WriteComment(w, doc, "cost") })
		if !strings.HasPrefix(text, "<!-- keynest:cost -->\n# Cost check: "+strings.ToLower(verdictLabel(r.Verdict))+"\n") || !strings.Contains(text, strings.ReplaceAll(Summary(r), "_", `\_`)) {
			t.Errorf("%s begins with %.200s", name, text)
		}
	}
	var b strings.Builder
	b.WriteString("[workload.a]\nops_per_sec = 1\ngib = 1\n")
	for i := range 2000 {
		fmt.Fprintf(&b, "[check.\"Zähler %04d\"]\nworkload = \"a\"\noffer = \"bolt-node\"\nmax_usd_per_month = \"1\"\n", i)
	}
	doc, err := Check(runGate(t, madeUp(t), b.String(), "2026-11-22", nil), false)
	if err != nil {
		t.Fatal(err)
	}
	text := written(t, func(w io.Writer) error { return WriteComment(w, doc, "cost") })
	last := strings.Split(text, "\n")
	if len(text) > 65_000 || len(text) < 60_000 || !strings.HasPrefix(last[len(last)-2], "Cut here: ") || !strings.HasSuffix(last[len(last)-4], " |") {
		t.Errorf("%d bytes, ends with %q", len(text), last[len(last)-4:])
	}
}

// TestSplit: for any two files on any two days, the causes of a change sum
// exactly to it, row by row and check by check, and the rest is 0 if nothing else
// changed.
func TestSplit(t *testing.T) {
	rng := rand.New(rand.NewSource(3))
	set := madeUp(t)
	days := []string{"2025-03-01", "2025-06-01", "2026-01-15", "2026-05-01", "2026-11-22"}
	config := func() string {
		var b strings.Builder
		for _, w := range []string{"a", "b", "c"}[:1+rng.Intn(3)] {
			fmt.Fprintf(&b, "[workload.%s]\nops_per_sec = %d\ngib = %d\nreplicas = %d\n", w, rng.Intn(3000), rng.Intn(30), rng.Intn(3))
		}
		for i, target := range []string{"cheapest = \"overall\"", "cheapest = \"commands\"", "cheapest = \"capacity\"", "offer = \"acme-payg\"", "offer = \"bolt-node\"", "offer = \"cirrus-edge\""} {
			fmt.Fprintf(&b, "[check.c%d]\nworkload = \"*\"\n%s\nmax_increase_usd = \"1\"\n", i, target)
		}
		return b.String()
	}
	rows, rated, worked := 0, 0, 0
	for range 150 {
		dayA, dayB := days[rng.Intn(len(days))], days[rng.Intn(len(days))]
		a := readBack(t, runGate(t, set, config(), dayA, nil))
		result := runGate(t, set, config(), dayB, a)
		b := readBack(t, result)
		d, err := gate.NewPricer(set, compare.Filter{}, nil).Compare(a, b, gate.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for i, g := range d.Groups {
			if change, ok := g.Change(); ok && g.Split != nil {
				if sum, err := g.Split.Sum(); err != nil || sum != change {
					t.Fatalf("%s: %+v sums to %s, the change is %s", g.Name, *g.Split, sum.Exact(), change.Exact())
				}
				if c := result.Checks[i]; c.Check.Name != g.Name || *c.Base.Split != *g.Split {
					t.Fatalf("check says %+v, diff says %+v", c.Base.Split, g.Split)
				}
			}
			for _, r := range g.Rows {
				if r.Split == nil {
					continue
				}
				var was, is money.USD
				if r.A != nil {
					was = r.A.Total
				}
				if r.B != nil {
					is = r.B.Total
				}
				sum, err := r.Split.Sum()
				if err != nil || sum != is-was || *r.Change != is-was {
					t.Fatalf("%s: %s to %s: %+v", r.Workload, was.Exact(), is.Exact(), *r.Split)
				}
				if r.Split.Other != 0 || dayA == dayB && r.Split.Rates != 0 {
					t.Fatalf("%s on %s and %s: %+v", r.Workload, dayA, dayB, *r.Split)
				}
				rows++
				if r.Split.Rates != 0 {
					rated++
				}
				if r.Split.Workload != 0 {
					worked++
				}
			}
		}
	}
	if rows < 500 || rated < 20 || worked < 300 {
		t.Errorf("only %d rows, %d with other rates, %d with other workloads", rows, rated, worked)
	}
}

// TestSplitEstimates does the same for two estimates, offer by offer.
func TestSplitEstimates(t *testing.T) {
	set := madeUp(t)
	where, err := set.Where("us-east")
	if err != nil {
		t.Fatal(err)
	}
	estimate := func(text, day string) *gate.Report {
		c, err := gate.Read("k", text+"[check.c]\nworkload = \"*\"\ncheapest = \"overall\"\nmax_usd_per_month = \"1\"\n", gate.Pricing{})
		if err != nil {
			t.Fatal(err)
		}
		field, err := compare.NewField(set, compare.Filter{}, bill.Options{AsOf: day, Where: where, HoursPerMonth: 730, Term: ratecard.TermOnDemand, Upfront: ratecard.UpfrontNone})
		if err != nil {
			t.Fatal(err)
		}
		all, err := field.Run(c.Workload("w"))
		if err != nil {
			t.Fatal(err)
		}
		r, err := gate.ReadReport(day, strings.NewReader(written(t, func(w io.Writer) error { return WriteJSON(w, NewEstimateJSON(all, EstimateOptions{All: true})) })))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	a := estimate("[workload.w]\nops_per_sec = 100\ngib = 1\n", "2025-03-01")
	b := estimate("[workload.w]\nops_per_sec = 300.5\ngib = 2\n", "2026-11-22")
	limit := money.USD(0)
	d, err := gate.NewPricer(set, compare.Filter{}, nil).Compare(a, b, gate.Limits{MaxIncreaseUSD: &limit})
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, r := range d.Groups[0].Rows {
		if r.Split == nil {
			if r.Why == "" {
				t.Errorf("%+v has no causes and does not say why", r)
			}
			continue
		}
		compared++
		sum, err := r.Split.Sum()
		if err != nil || sum != r.B.Total-r.A.Total || r.Split.Other != 0 {
			t.Errorf("%s: %s to %s: %+v", r.B.Offer, r.A.Total.Exact(), r.B.Total.Exact(), *r.Split)
		}
	}
	if compared < 1 || len(d.Groups[0].Rows) < 8 {
		t.Errorf("%d of %d rows compared", compared, len(d.Groups[0].Rows))
	}
	if d.Result.Checks[0].Limits[0].Verdict == gate.Skipped {
		t.Errorf("the limit was not judged: %+v", d.Result.Checks[0])
	}
}
