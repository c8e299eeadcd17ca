package gate

import (
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/ratecard"
)

const (
	jsonWorkloadA = `{"name":"a","ops_per_sec":1000,"peak_ops_per_sec":1000.5,"stored_bytes":4294967296,"payload_bytes":1000,"read_share":0.8,
 "replicas":1,"read_regions":0,"databases":1,"commands_per_month":2628000000,"reads_per_month":2102400000,"writes_per_month":525600000,
 "transfer_gb_per_month":2628,"written_gb_per_month":525.6,"hours_per_month":730,"operator_hours":0,"given":["gib"]}`
	checkReport = `{"format_version":"1.7","report":"check","as_of":"2026-11-22","currency":"USD","later":"key","rates":{"sha256":"x"},
 "workloads":[` + jsonWorkloadA + `],
 "checks":[{"name":"c","as_of":"2026-11-22","region":"us-east","term":"on-demand","upfront":"none",
  "target":{"offer":"bolt-node","plan":null,"shards":null,"cheapest":null},
  "bills":[{"workload":"a","id":"bolt-node","status":"priced","reasons":[],"usd_per_month_exact":"292.00"}]}]}`
	estimateReport = `{"format_version":"1.0","as_of":"2026-11-22","currency":"USD","region":"us-east","term":"on-demand","upfront":"none",
 "workload":` + jsonWorkloadA + `,
 "offers":[{"id":"bolt-node","status":"priced","reasons":[],"plan":{"id":"large","shards":1,"binding":"named"},"usd_per_month_exact":"292.00"},
  {"id":"cirrus-edge","status":"incomplete","reasons":["egress unknown"],"usd_per_month_exact":"5.00"}],
 "cheapest":{"commands":null,"capacity":"bolt-node","overall":"bolt-node"}}`
)

func TestReadReport(t *testing.T) {
	r, err := ReadReport("a", strings.NewReader("\ufeff"+checkReport))
	if err != nil {
		t.Fatal(err)
	}
	i := r.Checks["c"].Items["a"]
	if r.Kind != KindCheck || i.Total != 292_000_000_000 || i.Reason != "" || i.Workload.PeakOpsPerSec != 1_000_500_000 || i.Workload.Commands != 2_628_000_000 {
		t.Errorf("%+v, %+v", r, i)
	}
	r, err = ReadReport("a", strings.NewReader(estimateReport))
	if err != nil {
		t.Fatal(err)
	}
	node, edge := r.Offers["bolt-node"], r.Offers["cirrus-edge"]
	if r.Kind != KindEstimate || node.target != (Target{Offer: "bolt-node", Plan: "large", Shards: 1}) || edge.Reason != "cirrus-edge is incomplete: egress unknown" {
		t.Errorf("%+v, %+v", node, edge)
	}
	// A cost of 0 is a cost; a bill without one has the reasons that the report has.
	for from, want := range map[string]Item{
		`"status":"priced","reasons":[],"usd_per_month_exact":"0"`:                    {},
		`"status":"not_priced","reasons":[],"usd_per_month_exact":null`:               {Reason: "bolt-node is not priced"},
		`"status":"priced","reasons":[],"usd_per_month_exact":null`:                   {Reason: "bolt-node is priced"},
		`"status":"incomplete","reasons":["x","y","z"],"usd_per_month_exact":"12.50"`: {Reason: "bolt-node is incomplete: x; y", Total: 12_500_000_000},
	} {
		text := strings.Replace(checkReport, `"status":"priced","reasons":[],"usd_per_month_exact":"292.00"`, from, 1)
		r, err := ReadReport("a", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if i := r.Checks["c"].Items["a"]; i.Total != want.Total || i.Reason != want.Reason {
			t.Errorf("%s: %s, %q; want %s, %q", from, i.Total, i.Reason, want.Total, want.Reason)
		}
	}
}

// TestReportTerms: the terms and the target of a check are those that its report
// states, since its bills are priced again with them.
func TestReportTerms(t *testing.T) {
	text := strings.Replace(checkReport, `"term":"on-demand","upfront":"none",
  "target":{"offer":"bolt-node","plan":null,"shards":null,"cheapest":null}`,
		`"term":"1y","upfront":"partial","commitment":"savings-plan","max_shards":4,
  "target":{"offer":"bolt-node","plan":"large","shards":3,"size_bytes":2000000000,"cheapest":null}`, 1)
	r, err := ReadReport("a", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	want := ReportCheck{
		Target: Target{Offer: "bolt-node", Plan: "large", Shards: 3, Size: 2_000_000_000},
		Terms:  Terms{AsOf: "2026-11-22", Region: "us-east", Term: ratecard.Term1Y, Upfront: ratecard.UpfrontPartial, MaxShards: 4, Commitment: ratecard.CommitSavingsPlan},
	}
	if got := r.Checks["c"]; got.Target != want.Target || got.Terms != want.Terms {
		t.Errorf("%+v, %+v; want %+v, %+v", got.Target, got.Terms, want.Target, want.Terms)
	}
	text = strings.Replace(checkReport, `"upfront":"none"`, `"upfront":"none","reserved":["2xlarge@1y","1xmedium@3y"]`, 1)
	if r, err = ReadReport("a", strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	terms := r.Checks["c"].Terms
	if got := strings.Join(terms.Reservations(), " and "); got != "2xlarge@1y and 1xmedium@3y" {
		t.Errorf("in hand are %q", got)
	}
	if got := (&Terms{}).Reservations(); got != nil {
		t.Errorf("without reservations %q are in hand", got)
	}
}

// TestLargestReport: a report of exactly the size, the objects and the values that
// are allowed is read; TestReadReportRefuses has one with more.
func TestLargestReport(t *testing.T) {
	fill := func(one, in string, most int) string {
		return strings.Replace(checkReport, `"key"`, "["+strings.Repeat(one, most-strings.Count(checkReport, in))+"0]", 1)
	}
	for name, text := range map[string]string{
		"bytes":   checkReport + strings.Repeat(" ", 32<<20-len(checkReport)),
		"objects": fill("{},", "{", 60_000),
		"values":  fill("1,", ",", 1_500_000),
	} {
		if _, err := ReadReport("a", strings.NewReader(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadReport("a", strings.NewReader(checkReport+strings.Repeat(" ", 32<<20+1-len(checkReport)))); err == nil || !strings.Contains(err.Error(), "larger than 32 MiB, more than any report") {
		t.Errorf("one byte more than 32 MiB: %v", err)
	}
}

// TestNewest: the latest day of a report is its own, or that of one of its bills.
func TestNewest(t *testing.T) {
	for text, want := range map[string]string{
		checkReport: "2026-11-22",
		strings.Replace(checkReport, `"as_of":"2026-11-22","currency"`, `"as_of":"2999-01-01","currency"`, 1): "2999-01-01",
		strings.Replace(checkReport, `"name":"c","as_of":"2026-11-22"`, `"name":"c","as_of":"2999-01-02"`, 1): "2999-01-02",
		estimateReport: "2026-11-22",
	} {
		r, err := ReadReport("a", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Newest(); got != want {
			t.Errorf("newest %s; want %s", got, want)
		}
	}
}

func TestReadReportRefuses(t *testing.T) {
	change := func(text, from, to string) string {
		if !strings.Contains(text, from) {
			t.Fatalf("no %s", from)
		}
		return strings.Replace(text, from, to, 1)
	}
	for name, tt := range map[string]struct{ text, want string }{
		"empty":            {"", "the file is empty"},
		"not JSON":         {"[workload.a]", "not JSON at byte"},
		"another tool":     {"{}", "no format_version"},
		"not an object":    {"[]", "the file has JSON of type array"},
		"next major":       {change(checkReport, `"1.7"`, `"2.0"`), "format_version \"2.0\": this keynest reads major version 1"},
		"too many objects": {change(checkReport, `"later":"key"`, `"later":[`+strings.Repeat("{},", 60_001)+`{}]`), "more than 60000 objects or 1500000 values, more than any report"},
		"too many values":  {change(checkReport, `"later":"key"`, `"later":[`+strings.Repeat("1,", 1_500_001)+`1]`), "more than 60000 objects or 1500000 values, more than any report"},
		"a sweep":          {change(estimateReport, `"as_of"`, `"kind":"sweep","as_of"`), "its kind is \"sweep\": not a report of keynest estimate"},
		"an old sweep":     {change(estimateReport, `"status":"priced",`, ``), "offer \"bolt-node\": it has no status"},
		"major 10":         {change(checkReport, `"1.7"`, `"10.0"`), "format_version \"10.0\""},
		"another type":     {change(checkReport, `"1.7"`, `1`), "format_version has JSON of type number"},
		"euros":            {change(checkReport, `"USD"`, `"EUR"`), "its currency is EUR; limits and changes are in USD"},
		"no currency":      {change(checkReport, `"currency":"USD",`, ``), "it has no currency; limits and changes are in USD: make the report without --currency"},
		"no date":          {change(checkReport, `"as_of":"2026-11-22"`, `"as_of":"today"`), "as_of \"today\" is not a date"},
		"neither":          {`{"format_version":"1.0","as_of":"2026-11-22","currency":"USD","report":"diff"}`, "this is not a report of keynest estimate"},
		"trailing":         {checkReport + "x x", "not JSON at byte"},
		"two checks":       {change(checkReport, `"checks":[{"name":"c"`, `"checks":[{"name":"c","as_of":"2026-11-22","term":"1y","upfront":"none"},{"name":"c"`), "check \"c\" appears twice"},
		"two workloads":    {change(checkReport, `"workloads":[`, `"workloads":[`+jsonWorkloadA+`,`), "workload \"a\" appears twice"},
		"missing":          {change(checkReport, `{"workload":"a"`, `{"workload":"z"`), "a bill for a workload that is not in the report"},
		"money":            {change(checkReport, `"292.00"`, `"1e3"`), "\"1e3\" is not a decimal amount"},
		"negative":         {change(checkReport, `"292.00"`, `"-1"`), "costs -1, which is negative"},
		"money as number":  {change(checkReport, `"292.00"`, `292.00`), "has JSON of type number"},
		"no databases":     {change(checkReport, `"databases":1`, `"databases":0`), "--databases must be at least 1"},
		"too much":         {change(checkReport, `"stored_bytes":4294967296`, `"stored_bytes":99999999999999999999`), "too large"},
		"rate":             {change(checkReport, `"ops_per_sec":1000`, `"ops_per_sec":-5`), "ops_per_sec \"-5\" is not a figure that a report can have"},
		"no rate":          {change(checkReport, `"ops_per_sec":1000,`, ``), "ops_per_sec \"\" is not a figure"},
		"rate in quotes":   {change(checkReport, `"replicas":1`, `"replicas":"1"`), "--replicas: "},
		"a list":           {change(checkReport, `"replicas":1`, `"replicas":[1]`), "--replicas: "},
		"sum of commands":  {change(checkReport, `"commands_per_month":2628000000`, `"commands_per_month":1`), "commands_per_month 1 is not the sum of reads_per_month and writes_per_month"},
		"term":             {change(checkReport, `"term":"on-demand"`, `"term":"9y"`), "unknown term \"9y\""},
		"a sum of none":    {change(checkReport, `"checks":[`, `"checks":[{"name":"s","checks":["z"],"as_of":"2026-11-22"},`), "check \"s\" sums \"z\", which is not in the report"},
		"a sum of itself":  {change(checkReport, `"checks":[`, `"checks":[{"name":"s","checks":["s"],"as_of":"2026-11-22"},`), "check \"s\" sums \"s\", which is a sum"},
		"a sum, twice":     {change(checkReport, `"checks":[`, `"checks":[{"name":"s","checks":["c","c"],"as_of":"2026-11-22"},`), "check \"s\" counts workload \"a\" twice"},
		"two offers":       {change(estimateReport, `"cirrus-edge"`, `"bolt-node"`), "offer \"bolt-node\" appears twice"},
		"41 bytes":         {change(checkReport, `"1.7"`, `"`+strings.Repeat("9", 41)+`"`), "format_version \"" + strings.Repeat("9", 40) + "…\""},
		"40 bytes":         {change(checkReport, `"1.7"`, `"`+strings.Repeat("9", 40)+`"`), "format_version \"" + strings.Repeat("9", 40) + "\""},
		"right to left":    {change(checkReport, `"x"`, `"\u202e"`), "rates.sha256 holds the character U+202E, which does not print"},
		"and an estimate":  {change(estimateReport, `"egress unknown"`, `"\u202e"`), "holds the character U+202E, which does not print"},
		"no name":          {change(checkReport, `"name":"c"`, `"name":""`), "a check without a name"},
		"no workload":      {change(checkReport, `"workloads":[`, `"workloads":[null,`), "an empty workload"},
		"two bills":        {change(checkReport, `"bills":[`, `"bills":[{"workload":"a","id":"x","status":"priced","usd_per_month_exact":"1"},`), "check \"c\": workload \"a\" has two bills"},
		"no day":           {change(checkReport, `"name":"c","as_of":"2026-11-22"`, `"name":"c","as_of":"2026-02-30"`), "check \"c\": as_of \"2026-02-30\" is not a date"},
		"reserved":         {change(checkReport, `"upfront":"none"`, `"upfront":"none","reserved":["x"]`), "check \"c\": reserved \"x\" is not a reservation"},
		"savings, no term": {change(estimateReport, `"term":"on-demand"`, `"term":"on-demand","commitment":"savings-plan"`), "commitment savings-plan needs a term"},
		"odd workload":     {change(estimateReport, `"databases":1`, `"databases":0`), "workload: --databases must be at least 1"},
		"nothing":          {change(estimateReport, `"offers":[`, `"offers":[null,`), "an offer without an id"},
	} {
		_, err := ReadReport("old.json", strings.NewReader(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "old.json: ") {
			t.Errorf("%s: %v\nwant it to say: %s", name, err, tt.want)
		}
	}
	// Wherever a report is cut, that is what the message says.
	for n := 1; n < len(checkReport); n += 7 {
		if _, err := ReadReport("a", strings.NewReader(checkReport[:n])); err == nil || !strings.Contains(err.Error(), "the report was cut off; write it again") {
			t.Fatalf("cut after %d of %d bytes: %v", n, len(checkReport), err)
		}
	}
}

// TestBaselines: which figure of a report a check is compared with.
func TestBaselines(t *testing.T) {
	report := func(text string) *Report {
		r, err := ReadReport("old.json", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, tt := range []struct{ name, check, baseline, base, why string }{
		{"same check", "[check.c]\nworkload = \"a\"\noffer = \"bolt-node\"", checkReport, "292.00", ""},
		{"other check", "[check.d]\nworkload = \"a\"\noffer = \"bolt-node\"", checkReport, "", "the baseline has no check of this name"},
		{"estimate, offer", "[check.c]\nworkload = \"a\"\noffer = \"bolt-node\"", estimateReport, "292.00", ""},
		{"estimate, cheapest", "[check.c]\nworkload = \"a\"\ncheapest = \"capacity\"", estimateReport, "292.00", ""},
		{"estimate, none", "[check.c]\nworkload = \"a\"\ncheapest = \"commands\"", estimateReport, "", "the baseline has no cheapest offer (commands)"},
		{"estimate, not priced", "[check.c]\nworkload = \"a\"\noffer = \"acme-payg\"", estimateReport, "", "the baseline does not price acme-payg"},
		{"estimate, sum", "[check.c]\nworkload = \"*\"\noffer = \"bolt-node\"", estimateReport, "", "the baseline is an estimate of one workload, \"a\""},
		{"estimate, other", "[check.c]\nworkload = \"b\"\noffer = \"bolt-node\"", estimateReport, "", "the baseline is an estimate of one workload, \"a\""},
		{"estimate, nameless", "[check.c]\nworkload = \"b\"\noffer = \"bolt-node\"", strings.Replace(estimateReport, `"name":"a"`, `"name":""`, 1), "292.00", ""},
	} {
		c := judgeFile(t, twoWorkloads+tt.check+"\nmax_usd_per_month = \"9999\"\nmax_increase_usd = \"9999\"\n", report(tt.baseline)).Checks[0]
		base := ""
		if c.Base != nil {
			base = c.Base.Total.Exact()
		}
		if base != tt.base || c.NoBase != tt.why {
			t.Errorf("%s: %q, %q", tt.name, base, c.NoBase)
		}
		if c.Base != nil && c.Base.Split != nil {
			if sum, err := c.Base.Split.Sum(); err != nil || sum != c.Total-c.Base.Total {
				t.Errorf("%s: %+v, %s to %s", tt.name, c.Base.Split, c.Base.Total.Exact(), c.Total.Exact())
			}
		}
	}
}

// TestSumOfReport: the bills of a sum are those of its parts, each with its part's
// target, by which it is priced again.
func TestSumOfReport(t *testing.T) {
	text := strings.Replace(checkReport, `"checks":[`, `"checks":[{"name":"s","checks":["c"],"as_of":"2026-11-22","region":null,"term":null,"upfront":null,"bills":[]},`, 1)
	r, err := ReadReport("a", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	i := r.Checks["s"].Items["a"]
	if i == nil || i.Total != 292_000_000_000 || i.target.Offer != "bolt-node" || i.terms == nil || i.terms.Region != "us-east" {
		t.Errorf("%+v", i)
	}
	if part := r.Checks["c"].Items["a"]; part.terms != nil {
		t.Errorf("the part's own item was changed: %+v", part)
	}
}

func FuzzReadReport(f *testing.F) {
	f.Add(checkReport)
	f.Add(strings.Replace(checkReport, `"checks":[`, `"checks":[{"name":"s","checks":["c"],"as_of":"2026-11-22"},`, 1))
	f.Add(estimateReport)
	f.Add(strings.ReplaceAll(checkReport, "bolt-node", "acme-payg"))
	set := cards(f)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ReadReport("a", strings.NewReader(text))
		if err != nil {
			return
		}
		d, err := NewPricer(set, compare.Filter{}, nil).Compare(r, r, Limits{})
		if err != nil {
			return
		}
		for _, g := range d.Groups {
			for _, row := range g.Rows {
				if row.Change != nil && *row.Change != 0 {
					t.Fatalf("a report differs from itself by %s", row.Change.Exact())
				}
				if row.Split != nil {
					if sum, err := row.Split.Sum(); err != nil || sum != 0 {
						t.Fatalf("%+v does not sum to nothing", *row.Split)
					}
				}
			}
		}
	})
}
