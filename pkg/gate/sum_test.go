package gate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
)

// sumFile has three checks and sums of them. On bolt-node, two large nodes are
// 2 × 730 × 0.20 = 292.00 USD a month; two premium nodes are 1.25 × 292 = 365.00.
const sumFile = twoWorkloads + `
[workload.c]
ops_per_sec = 10
gib = 1
[check.web-1]
workload = "b"
offer = "bolt-node"
plan = "large"
[check.web-2]
workload = "a"
offer = "bolt-premium"
plan = "large"
[check.gone]
workload = "c"
offer = "cirrus-classic"
`

// TestSum: a sum has the bills of its parts, in order of workload, and is judged
// by its own limits. An unknown part makes it a lower bound.
func TestSum(t *testing.T) {
	for _, tt := range []struct {
		name, check string
		want        Verdict
		total       string
		parts       string
		bills       string
		words       string
	}{
		{"two", `checks = ["web-2", "web-1"]` + "\nmax_usd_per_month = \"657\"", Pass, "657.00", "web-1 web-2", "a on bolt-premium, b on bolt-node", "costs 657.00 USD a month, within 657.00"}, // 292 + 365
		{"pattern", `checks = "web-*"` + "\nmax_usd_per_month = \"656.99\"", Breach, "657.00", "web-1 web-2", "a on bolt-premium, b on bolt-node", "costs 657.00 USD a month, above the limit of 656.99"},
		{"warning", `checks = "web-?"` + "\nwarn_usd_per_month = \"291\"", Warn, "657.00", "web-1 web-2", "a on bolt-premium, b on bolt-node", "above the limit of 291.00"},
		{"all", `checks = "*"` + "\nmax_usd_per_month = \"1000\"", Unknown, "657.00", "gone web-1 web-2", "a on bolt-premium, b on bolt-node, c on cirrus-classic", "cannot be judged: c: cirrus-classic is not priced"},
		{"all, above", `checks = "*"` + "\nmax_usd_per_month = \"656\"", Breach, "657.00", "gone web-1 web-2", "a on bolt-premium, b on bolt-node, c on cirrus-classic", "costs at least 657.00 USD a month, above the limit of 656.00; c: cirrus-classic is not priced"},
	} {
		text := sumFile + "[check.budget]\n" + tt.check + "\n"
		for _, one := range []string{"web-1", "web-2", "gone"} {
			if !strings.Contains(tt.parts, one) { // a check needs a limit or a sum that it is part of
				text = strings.Replace(text, "[check."+one+"]", "[check."+one+"]\nmax_usd_per_month = \"1\"", 1)
			}
		}
		r := judgeFile(t, text, nil)
		c := r.Checks[0] // budget is the first name
		var bills []string
		for _, q := range c.Quotes {
			bills = append(bills, q.Workload.Name+" on "+q.Offer())
		}
		if c.Verdict != tt.want || c.Total.String() != tt.total || strings.Join(c.Check.Sum, " ") != tt.parts || strings.Join(bills, ", ") != tt.bills {
			t.Errorf("%s: %s, %s, sum of %q, %q; want %s, %s, %s, %s", tt.name, c.Verdict, c.Total, c.Check.Sum, bills, tt.want, tt.total, tt.parts, tt.bills)
		}
		if len(c.Limits) != 1 || !strings.Contains(c.Limits[0].Words, tt.words) {
			t.Errorf("%s: %+v; want %s", tt.name, c.Limits, tt.words)
		}
		if r.Count(tt.want) != 1 || r.Verdict != worst(tt.want, r.Checks[1].Verdict) {
			t.Errorf("%s: %d limits are %s, the run is %s", tt.name, r.Count(tt.want), tt.want, r.Verdict)
		}
	}
}

// TestSumRefuses: what a sum cannot be, with the line of the key.
func TestSumRefuses(t *testing.T) {
	limit := "max_usd_per_month = \"1\"\n"
	for name, tt := range map[string]struct{ sum, want string }{
		"unknown part":    {"checks = [\"web-1\", \"web-2\", \"gone\", \"z\"]\n" + limit, "check \"z\" is not in the file; there are gone, web-1, web-2"},
		"sum of a sum":    {"checks = \"*\"\n" + limit + "[check.more]\nchecks = \"budget\"\n" + limit, "check \"budget\" is a sum itself; list the checks that it sums"},
		"no match":        {"checks = [\"*\", \"y*\"]\n" + limit, "checks \"y*\" matches no check; there are gone, web-1, web-2"},
		"bad pattern":     {"checks = [\"*\", \"[a\"]\n" + limit, "checks \"[a\" is not a pattern"},
		"no limit":        {"checks = \"*\"\n", "check \"budget\": has no limit; give max_usd_per_month, warn_usd_per_month, max_increase_usd or max_increase_percent"},
		"twice":           {"checks = \"*\"\n" + limit + "[check.again]\nworkload = [\"a\", \"c\"]\noffer = \"acme-payg\"\n", "workload \"a\" is in the checks \"again\" and \"web-2\", so the sum would count it twice"},
		"no part limited": {"checks = \"web-*\"\n" + limit, "check \"gone\": has no limit; give max_usd_per_month, warn_usd_per_month, max_increase_usd, max_increase_percent or require_fit"},
	} {
		_, err := Read("k", sumFile+"[check.budget]\n"+tt.sum, Pricing{})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v\nwant it to say: %s", name, err, tt.want)
		}
	}
	for _, key := range []string{
		`workload = "a"`, `offer = "bolt-node"`, `plan = "large"`, `shards = 2`, `size = "5 GB"`, `cheapest = "overall"`, `max_shards = 2`,
		`region = "us-east"`, `term = "1y"`, `upfront = "none"`, `commitment = "reserved"`, `require_fit = true`, `min_saving_to_report = "5"`,
	} {
		word, _, _ := strings.Cut(key, " ")
		_, err := Read("k", sumFile+"[check.budget]\nchecks = \"*\"\n"+limit+key+"\n", Pricing{})
		want := fmt.Sprintf("k:25: check \"budget\": %s does not work in a sum of checks; move it to one of the checks", word)
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant: %s", key, err, want)
		}
	}
}

// TestSumOfAge: a sum follows max_rate_age of [pricing], and its parts do without
// a limit. bolt-node was read 51 days before.
func TestSumOfAge(t *testing.T) {
	for age, want := range map[string]Verdict{"50d": Stale, "51d": Pass} {
		text := twoWorkloads + "[check.part]\nworkload = \"a\"\noffer = \"bolt-node\"\n[check.sum]\nchecks = \"part\"\nmax_usd_per_month = \"1000\"\n[pricing]\nmax_shards = 5\nmax_rate_age = \"" + age + "\"\n"
		r := judgeFile(t, text, nil)
		part, sum := r.Checks[0], r.Checks[1]
		if len(part.Limits) != 0 || part.Verdict != Skipped || sum.Verdict != want {
			t.Errorf("%s: part %s %+v, sum %s; want no limit of the part, and %s", age, part.Verdict, part.Limits, sum.Verdict, want)
		}
		if sum.Check.Terms.MaxShards != 0 || part.Check.Terms.MaxShards != 5 {
			t.Errorf("at most %d shards of the sum and %d of the part; want 0 and 5", sum.Check.Terms.MaxShards, part.Check.Terms.MaxShards)
		}
	}
}

// TestSumAgainstBaseline: the rise of a sum has the causes of its parts, each priced
// again on the offer of its part. In the baseline b had no replica: one node for
// 146.00 USD in place of two for 292.00. What a costs is 365.00, as before.
func TestSumAgainstBaseline(t *testing.T) {
	text := strings.Replace(sumFile, "[check.gone]", "max_usd_per_month = \"9999\"\n[check.gone]\nmax_usd_per_month = \"9999\"", 1) +
		"[check.budget]\nchecks = \"web-*\"\nmax_increase_usd = \"145.99\"\n"
	c := read(t, text)
	a, b := c.Workload("a"), c.Workload("b")
	b.Replicas = 0
	base := &Report{Name: "old.json", Kind: KindCheck, AsOf: today, Checks: map[string]*ReportCheck{
		"budget": {Name: "budget", Items: map[string]*Item{
			"a": {Workload: &a, AsOf: today, Total: 365 * money.Nano},
			"b": {Workload: &b, AsOf: today, Total: 146 * money.Nano},
		}},
	}}
	got := judgeFile(t, text, base).Checks[0]
	want := "breach: rises by 146.00 to 657.00 USD a month, above the limit of 145.99" // 657 − 511
	if len(got.Limits) != 1 || string(got.Verdict)+": "+got.Limits[0].Words != want {
		t.Errorf("%s: %+v; want %s", got.Verdict, got.Limits, want)
	}
	if s := got.Base.Split; s == nil || *s != (Split{Workload: 146 * money.Nano}) {
		t.Errorf("causes %+v, %s; want the workload 146.00", s, got.Base.Why)
	}
}

// TestSumSaysSmallOnce: the check that names the plan warns that it is too small;
// the sum does not repeat it.
func TestSumSaysSmallOnce(t *testing.T) {
	limit := money.USD(30 * money.Nano)
	p := NewPricer(nil, compare.Filter{}, nil)
	for _, tt := range []struct {
		sum  []string
		want Verdict
	}{{nil, Warn}, {[]string{"c"}, Pass}} {
		r, err := p.Judge(&Check{Name: "c", Sum: tt.sum, Limits: Limits{MaxUSD: &limit}}, []*Quote{tooSmall("w")}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict != tt.want {
			t.Errorf("sum of %q: %s; want %s: %+v", tt.sum, r.Verdict, tt.want, r.Limits)
		}
	}
}
