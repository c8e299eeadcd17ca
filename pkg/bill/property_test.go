package bill

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// everyOffer compiles the market's offers, with and without a discount, a term
// and a named plan. A plan that the caller names keeps its size, so it is here
// for the sums only.
func everyOffer(t testing.TB) (chosen, named []*Offer) {
	t.Helper()
	discounted := market(t, "[discount.d]\npercent = \"33.3333\"\nprovider = \"acme\"\nwhy = \"odd\"\n[discount.e]\npercent = \"40\"\noffer = \"nodes\"\ncharge = \"t4g-medium\"\nwhy = \"even\"\n")
	for _, set := range []*ratecard.Set{market(t), discounted} {
		for _, card := range set.Offers() {
			chosen = append(chosen, compiled(t, set, card.ID, "east", Options{}))
		}
		chosen = append(chosen, compiled(t, set, "nodes", "e2", Options{}), compiled(t, set, "calls", "east", Options{AsOf: "2024-01-01"}),
			compiled(t, set, "nodes", "east", Options{Term: ratecard.Term3Y, Upfront: ratecard.UpfrontPartial}))
		named = append(named, compiled(t, set, "nodes", "east", Options{Plan: "r7g-large", Shards: 3}), compiled(t, set, "fixed", "east", Options{Plan: "p50"}))
	}
	return chosen, named
}

// anyWorkload is a random workload, its size spread over many magnitudes.
func anyWorkload(t testing.TB, r *rand.Rand) workload.Workload {
	t.Helper()
	wide := func(digits int) int64 {
		n := int64(1)
		for range r.IntN(digits + 1) {
			n *= 10
		}
		return r.Int64N(n*10) + r.Int64N(2)
	}
	inputs := fmt.Sprintf("ops_per_sec=%d.%d stored_bytes=%d payload_bytes=%d read_share=0.%d replicas=%d", wide(5), r.IntN(1000), wide(12), wide(4), r.IntN(100), r.IntN(4))
	if r.IntN(3) == 0 {
		inputs += fmt.Sprintf(" databases=%d read_regions=%d operator_hours=%d", 1+r.IntN(5), r.IntN(4), r.IntN(20))
	}
	w, err := inputOf(t, inputs).Resolve("random")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func usageOf(t testing.TB, w workload.Workload) *workload.Usage {
	t.Helper()
	u, err := w.Usage()
	if err != nil {
		t.Fatal(err)
	}
	return &u
}

// TestEverySum: for random workloads the fast path agrees with the bill, the
// lines with the total, each line with its rate, and the tiers with the whole.
func TestEverySum(t *testing.T) {
	chosen, named := everyOffer(t)
	r := rand.New(rand.NewPCG(1, 1))
	priced := 0
	for range 400 {
		w := anyWorkload(t, r)
		u := usageOf(t, w)
		for _, o := range append(chosen, named...) {
			b := mustBill(t, o, u)
			if b.Status == Priced {
				priced++
			}
			checkLines(t, b)
		}
	}
	if priced < 3000 {
		t.Errorf("only %d of the bills were priced", priced)
	}
}

// checkLines redoes every line from what it says of itself.
func checkLines(t *testing.T, b *Bill) {
	t.Helper()
	for i := range b.Lines {
		l := &b.Lines[i]
		if l.Meter == "" {
			if l.Amount != l.Rate.Price.Amount {
				t.Fatalf("%s: line %s is not what it says: %+v", b.Offer.ID, l.ID, l)
			}
			continue
		}
		want, err := l.Rate.Price.Of(l.Billed, l.Scale)
		if err != nil {
			t.Fatal(err)
		}
		if l.FX != nil {
			if want != l.Original {
				t.Fatalf("%s: %s in its own currency is %s, not %s", b.Offer.ID, l.ID, want.Exact(), l.Original.Exact())
			}
			if want, err = want.Times(l.FX.Nano, money.Nano); err != nil {
				t.Fatal(err)
			}
		}
		if l.Amount != want {
			t.Fatalf("%s: %s × %s is %s, not %s", b.Offer.ID, l.BilledText(), l.Rate.Price.Amount.Exact(), want.Exact(), l.Amount.Exact())
		}
		if l.Billed < 0 || l.Free < 0 || l.Quantity < 0 || l.Billed+l.Free < l.Quantity {
			t.Fatalf("%s: line %s loses some: %+v", b.Offer.ID, l.ID, l)
		}
	}
}

// TestTiersAreTheWhole: however a quantity falls over the tiers, every unit is
// billed once, at its tier's price.
func TestTiersAreTheWhole(t *testing.T) {
	c := charge{scale: 1, tiers: []tier{
		{10, ratecard.Rate{Price: money.Price{Amount: 7, Per: 1}}},
		{100, ratecard.Rate{Price: money.Price{Amount: 5, Per: 1}}},
		{-1, ratecard.Rate{Price: money.Price{Amount: 2, Per: 1}}},
	}}
	want := money.USD(0)
	for n := int64(0); n < 1000; n++ {
		whole := int64(0)
		got, _, err := c.walk(n, &workload.Usage{Databases: 1}, func(pt part) { whole += pt.billed })
		if err != nil || got != want || whole != n {
			t.Fatalf("%d units cost %d in parts of %d together (%v); want %d", n, got, whole, err, want)
		}
		switch { // the next unit, counted one by one
		case n < 10:
			want += 7
		case n < 100:
			want += 5
		default:
			want += 2
		}
	}
}

// grown is the workload with more of one thing.
func grown(t testing.TB, r *rand.Rand, w workload.Workload) (workload.Workload, string) {
	t.Helper()
	var err error
	what := []string{"ops/s", "data", "payload", "replicas", "peak", "read regions"}[r.IntN(6)]
	switch what {
	case "ops/s":
		w, err = w.AtOps(w.OpsPerSec/unit.Million + 1 + r.Int64N(1+w.OpsPerSec/unit.Million))
	case "data":
		w.StoredBytes += 1 + r.Int64N(1+w.StoredBytes)
	case "payload":
		w, err = w.AtPayload(w.PayloadBytes + 1 + r.Int64N(1+w.PayloadBytes))
	case "replicas":
		w.Replicas++
	case "peak":
		w.PeakOpsPerSec += 1 + r.Int64N(1+w.PeakOpsPerSec)
	case "read regions":
		w.ReadRegions++
	}
	if err != nil {
		t.Fatal(err)
	}
	return w, what
}

// TestBillsNeverFall: more of anything never costs less, over the whole offer
// with the cheapest plan that fits, as long as it stays priced; and what no
// longer fits does not fit again.
func TestBillsNeverFall(t *testing.T) {
	offers, _ := everyOffer(t)
	r := rand.New(rand.NewPCG(2, 2))
	compared := 0
	for range 3000 {
		w := anyWorkload(t, r)
		more, what := grown(t, r, w)
		a, b := usageOf(t, w), usageOf(t, more)
		for _, o := range offers {
			before, s1, err1 := o.Total(a)
			after, s2, err2 := o.Total(b)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			if s1 == Unfit && s2 == Priced {
				t.Fatalf("%s: with more %s it fits\n%+v\n%+v", o.Card.ID, what, w, more)
			}
			if s1 != Priced || s2 != Priced {
				continue
			}
			compared++
			if after < before {
				t.Fatalf("%s: with more %s the bill falls from %s to %s\n%+v\n%+v", o.Card.ID, what, before.Exact(), after.Exact(), w, more)
			}
		}
	}
	if compared < 10_000 {
		t.Errorf("only %d pairs of bills were compared", compared)
	}
}

// TestRegimesAreStraight: between two command rates of one regime every bill
// lies on the line through the ends, but for the rounding of its lines.
func TestRegimesAreStraight(t *testing.T) {
	offers, _ := everyOffer(t)
	r := rand.New(rand.NewPCG(3, 3))
	checked := map[string]int{}
	for range 4000 {
		w := anyWorkload(t, r)
		// Shares of reads that leave whole commands, of the payload's bytes.
		in := inputOf(t, fmt.Sprintf("ops_per_sec=1 stored_bytes=%d payload_bytes=%d read_share=0.%d0 replicas=%d databases=%d",
			w.StoredBytes, w.PayloadBytes, r.IntN(10), w.Replicas, w.Databases))
		w, err := in.Resolve("straight")
		if err != nil {
			t.Fatal(err)
		}
		lo := r.Int64N(1 + int64(1)<<r.IntN(17))
		step := 1 + r.Int64N(1+int64(1)<<r.IntN(14))
		mid := lo + r.Int64N(step+1)
		var at [3]*workload.Usage
		for i, x := range []int64{lo, mid, lo + step} {
			moved, err := w.AtOps(x)
			if err != nil {
				t.Fatal(err)
			}
			at[i] = usageOf(t, moved)
		}
		for _, o := range offers {
			first := o.Regime(at[0])
			if first == 0 || first != o.Regime(at[2]) {
				continue
			}
			var total [3]money.USD
			for i := range at {
				var status Status
				if total[i], status, err = o.Total(at[i]); err != nil || status == Unfit {
					t.Fatalf("%s at %d of %d to %d: %s, %v", o.Card.ID, mid, lo, lo+step, status, err)
				}
			}
			line := float64(total[0]) + float64(total[2]-total[0])*float64(mid-lo)/float64(step)
			if off := float64(total[1]) - line; off > 8 || off < -8 {
				t.Fatalf("%s: from %d to %d ops/s one regime, but at %d the bill is %s, %g nano-dollars off the line from %s to %s",
					o.Card.ID, lo, lo+step, mid, total[1].Exact(), off, total[0].Exact(), total[2].Exact())
			}
			checked[o.Card.ID]++
		}
	}
	for _, o := range offers {
		if checked[o.Card.ID] < 50 {
			t.Errorf("%s: only %d stretches of one regime were looked at", o.Card.ID, checked[o.Card.ID])
		}
	}
}

// TestSearchEndsEarly: of the real offers, those whose plans are looked at only
// up to where a node is dearer than the best bill find what looking at all does.
func TestSearchEndsEarly(t *testing.T) {
	set := embeddedCards(t)
	r := rand.New(rand.NewPCG(4, 4))
	var offers []*Offer
	for _, card := range set.Offers() {
		if o := compiled(t, set, card.ID, "us-east", Options{AsOf: benchDay}); o.byNodePrice && len(o.plans) > 1 {
			offers = append(offers, o)
		}
	}
	if len(offers) < 10 {
		t.Errorf("only %d offers are searched so", len(offers))
	}
	for range 300 {
		u := usageOf(t, anyWorkload(t, r))
		for _, o := range offers {
			whole := *o
			whole.byNodePrice = false
			var got, want choice
			err, wantErr := o.decide(u, &got), whole.decide(u, &want)
			if got != want || !errors.Is(err, wantErr) {
				t.Fatalf("%s: %s, %s; looking at all plans %s, %s\n%+v", o.Card.ID, got.total.Exact(), got.status, want.total.Exact(), want.status, u)
			}
		}
	}
}

// TestPlansTakeTurns: one plan can be the cheapest at both ends and another one
// between, here a flat one that covers up to twenty million commands.
func TestPlansTakeTurns(t *testing.T) {
	const card = `
[offer.o.version.2026-01-01.plan.metered]
usd = "1"
per = "month"
charge.c = {meter = "commands", unit = "command", per = 1000000, usd = "1"}
[offer.o.version.2026-01-01.plan.flat]
usd = "3"
per = "month"
limit = {max_commands_per_month = 20000000}
`
	set, err := ratecard.Load(testToday, ratecard.File{Name: "test.toml", Text: testHead + card})
	if err != nil {
		t.Fatal(err)
	}
	o, err := Compile(set, set.Offer("o"), Options{AsOf: testToday})
	if err != nil {
		t.Fatal(err)
	}
	regime := map[int64]uint64{}
	for million, want := range map[int64]string{1: "2.00", 10: "3.00", 30: "31.00"} {
		u := used(t, fmt.Sprintf("commands_per_month=%d000000 gib=0", million))
		if b := mustBill(t, o, &u); b.Total.Exact() != want {
			t.Errorf("%d million commands cost %s; want %s", million, b.Total.Exact(), want)
		}
		regime[million] = o.Regime(&u)
	}
	if regime[1] == regime[30] {
		t.Error("1 and 30 million commands are on one straight line, but 10 million are not")
	}
}
