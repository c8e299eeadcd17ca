package bill

import (
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

const testToday = "2026-11-23"

// testHead describes a source and a provider for the cards of these tests.
const testHead = `
schema = 1
[source.page]
url = "https://example.com/pricing"
title = "Pricing"
retrieved = "2026-01-01"
confidence = "vendor"
[provider.p]
name = "P"
[offer.o]
provider = "p"
name = "O"
billed_by = "capacity"
engines = ["redis"]
status = "offered"
[offer.o.version.2026-01-01]
source = "page"
`

// billOf prices one workload on the offer o of a card.
func billOf(t *testing.T, card string, in workload.Input, opt Options) *Bill {
	t.Helper()
	set, err := ratecard.Load(testToday, ratecard.File{Name: "test.toml", Text: testHead + card})
	if err != nil {
		t.Fatal(err)
	}
	w, err := in.Resolve("test")
	if err != nil {
		t.Fatal(err)
	}
	u, err := w.Usage()
	if err != nil {
		t.Fatal(err)
	}
	opt.AsOf = testToday
	o, err := Compile(set, set.Offer("o"), opt)
	if err != nil {
		t.Fatal(err)
	}
	b, err := o.Bill(&u)
	if err != nil {
		t.Fatal(err)
	}
	total, status, err := o.Total(&u)
	if err != nil || total != b.Total || status != b.Status {
		t.Fatalf("Total says %s %s %v, the bill %s %s", total, status, err, b.Total, b.Status)
	}
	return b
}

// TestCommitmentForSomePlans: a commitment that names plans leaves the others
// to be had on demand, and the cheaper of the two wins.
func TestCommitmentForSomePlans(t *testing.T) {
	const card = `
sizing = {replicas = "included", usable_share = "0.80", usable_words = "20 % kept free", max_shards = 1}
[offer.o.version.2026-01-01.plan]
m1 = {usd = "0.05", per = "GiB-hour", provision_min = 1, provision_max = 4}
m2 = {usd = "0.03", per = "GiB-hour", provision_min = 5, provision_max = 10}
[offer.o.version.2026-01-01.commitment]
one-year = {term = "1y", upfront = "none", factor = "0.8", plans = ["m2"]}
`
	year := Options{Term: ratecard.Term1Y, Upfront: ratecard.UpfrontNone}
	tests := []struct {
		name, gib string
		opt       Options
		plan      string
		usd       string
		term      ratecard.Term
		warning   string
	}{
		// 5 GiB: 4 / 0.8. 0.03 × 5 × 730 = 109.50, times 0.8 = 87.60.
		{"on demand", "4", Options{}, "m2", "109.50", ratecard.TermOnDemand, ""},
		{"committed", "4", year, "m2", "87.60", ratecard.Term1Y, ""},
		// 2 GiB of m1 on demand: 0.05 × 2 × 730 = 73.00 < 87.60.
		{"left out and cheaper", "1", year, "m1", "73.00", ratecard.TermOnDemand, "m1 is not sold for a 1y term; priced on demand"},
		// 3 GiB of m1: 109.50 > 87.60.
		{"left out and dearer", "2", year, "m2", "87.60", ratecard.Term1Y, ""},
		{"left out and named", "2", Options{Term: ratecard.Term1Y, Upfront: ratecard.UpfrontNone, Plan: "m1"}, "m1", "109.50", ratecard.TermOnDemand, "m1 is not sold for a 1y term; priced on demand"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := billOf(t, card, workload.Input{OpsPerSec: "0", GiB: workload.Value(tt.gib)}, tt.opt)
			if b.Plan == nil || b.Plan.ID != tt.plan || b.Total.String() != tt.usd || b.Term != tt.term {
				t.Errorf("plan %+v, %s USD, term %s; want %s, %s, %s", b.Plan, b.Total, b.Term, tt.plan, tt.usd, tt.term)
			}
			warned := strings.Contains(strings.Join(b.Warnings, "\n"), "not sold for a")
			if warned != (tt.warning != "") || !strings.Contains(strings.Join(b.Warnings, "\n"), tt.warning) {
				t.Errorf("warnings %q; want %q", b.Warnings, tt.warning)
			}
		})
	}
}

// TestCompulsoryReplicas: a plan's min_replicas are billed although fewer, or
// none, are asked for; more are billed as asked.
func TestCompulsoryReplicas(t *testing.T) {
	const card = `
sizing = {replicas = "billed"}
[offer.o.version.2026-01-01.plan]
pair = {memory = "8 GiB", usd = "0.10", per = "hour", min_replicas = 1}
`
	for replicas, want := range map[string]struct {
		nodes int64
		usd   string
	}{
		"0": {2, "146.00"}, // 0.10 × 2 × 730
		"1": {2, "146.00"},
		"2": {3, "219.00"}, // 0.10 × 3 × 730
	} {
		b := billOf(t, card, workload.Input{OpsPerSec: "0", GiB: "8", Replicas: workload.Value(replicas)}, Options{})
		if b.Plan.Nodes != want.nodes || b.Plan.Replicas != want.nodes-1 || b.Total.String() != want.usd {
			t.Errorf("replicas %s: %d nodes, %d replicas, %s USD; want %d nodes, %s", replicas, b.Plan.Nodes, b.Plan.Replicas, b.Total, want.nodes, want.usd)
		}
	}
}

// TestExampleInWholeDollars: a vendor's "$77" is met by 76.73, "$77.00" is not.
func TestExampleInWholeDollars(t *testing.T) {
	const card = `
[offer.o.version.2026-01-01.plan]
small = {usd = "76.73", per = "month"}
[offer.o.version.2026-01-01.example]
smallest = {words = "the smallest", workload = {ops_per_sec = 0, gib = 1}, usd = "%s"}
[place.here]
`
	for usd, problems := range map[string]int{"77": 0, "76.73": 0, "77.00": 1, "76": 1, "78": 1} {
		set, err := ratecard.Load(testToday, ratecard.File{Name: "test.toml", Text: testHead + strings.Replace(card, "%s", usd, 1)})
		if err != nil {
			t.Fatal(err)
		}
		if count, got := CheckExamples(set); count != 1 || len(got) != problems {
			t.Errorf("%s: %d examples, problems %q; want %d problems", usd, count, got, problems)
		}
	}
}

// TestUnknownPlanNamed: where only plans of unknown price fit, the bill is
// incomplete and names the one that does with the least memory.
func TestUnknownPlanNamed(t *testing.T) {
	const card = `
sizing = {replicas = "none"}
[offer.o.version.2026-01-01.plan]
a-large = {memory = "25 GiB", unknown = "its price was not found"}
b-small = {memory = "12 GiB", unknown = "its price was not found"}
c-tiny = {memory = "1 GiB", usd = "1", per = "hour", max_shards = 1}
`
	b := billOf(t, card, workload.Input{OpsPerSec: "0", GiB: "8", Replicas: "0"}, Options{})
	if want := "plan b-small would fit, but its price was not found"; b.Status != Incomplete || len(b.Reasons) != 1 || b.Reasons[0] != want {
		t.Errorf("%s %q; want %s %q", b.Status, b.Reasons, Incomplete, want)
	}
}
