package compare

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

var (
	embeddedCards = filepath.Join("..", "..", "rates.toml")
	madeUpCards   = filepath.Join("..", "..", "cmd", "testdata", "cards.toml")
)

// testField compiles the offers of a card file.
func testField(tb testing.TB, path string) *Field {
	tb.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	set, err := ratecard.Load("2099-12-31", ratecard.File{Name: path, Text: string(text)})
	if err != nil {
		tb.Fatal(err)
	}
	where, err := set.Where("us-east")
	if err != nil {
		tb.Fatal(err)
	}
	f, err := NewField(set, Filter{}, bill.Options{
		AsOf: "2026-11-22", HoursPerMonth: unit.HoursPerMonth, Where: where,
		Term: ratecard.TermOnDemand, Upfront: ratecard.UpfrontNone,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func testWorkload(tb testing.TB, in workload.Input) workload.Workload {
	tb.Helper()
	w, err := in.Resolve("")
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

func testSpan(tb testing.TB, axis, from, to string) Span {
	tb.Helper()
	a, err := AxisByName(axis)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := a.Span(from, to)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// The break-even by hand, at 8 GiB = 8.589934592 GB and 1 replica, on cards in
// force on 2026-11-22. Upstash pay as you go asks 0.20 USD per 100,000 commands
// and 0.25 USD per GB beyond the first; at x ops/s and 730 hours that is
//
//	2,628,000 × x ÷ 100,000 × 0.20 = 5.256 × x
//	(8.589934592 − 1) × 0.25       = 1.897483648
//
// and bandwidth, 2.628 × x GB, is free up to 200 GB, so up to 76 ops/s.
// ElastiCache nodes take 2 × cache.r6g.large at 0.1648 USD an hour:
// 2 × 730 × 0.1648 = 240.608. They meet at (240.608 − 1.897483648) ÷ 5.256 =
// 45.417 ops/s: 45 still costs less per command, 46 no longer does.
func TestBreakEvenByHand(t *testing.T) {
	f := testField(t, embeddedCards)
	pair, err := f.Pair("upstash-payg", "elasticache-node-valkey")
	if err != nil {
		t.Fatal(err)
	}
	w := testWorkload(t, workload.Input{OpsPerSec: "0", GiB: "8"})
	a, err := f.Along(w, testSpan(t, "ops-per-sec", "0", "20000"), pair)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range a.Stretches {
		got = append(got, fmt.Sprintf("%d-%d %s %s", s.From, s.To, s.Offer.ID, s.High.Total.Exact()))
	}
	want := []string{"0-45 upstash-payg 238.417483648", "46-20000 elasticache-node-valkey 240.608"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestAlongOracle prices every step of a span one by one and compares.
func TestAlongOracle(t *testing.T) {
	for _, cards := range []string{embeddedCards, madeUpCards} {
		f := testField(t, cards)
		for _, tt := range []struct{ axis, from, to, ops, gib string }{
			{"ops-per-sec", "0", "1500", "5000", "8"},
			{"ops-per-sec", "0", "1500", "0", "0.05"},
			{"ops-per-sec", "39500", "41000", "900", "90"},
			{"gib", "0", "1500", "50", "8"},
			{"gib", "100", "1300", "5000.5", "8"},
			{"payload-bytes", "7000", "8500", "50", "8"},
			{"payload-bytes", "93000", "94100", "300", "2"},
			{"read-share", "0", "1", "200", "0.1"},
			{"replicas", "0", "10", "50", "8"},
			{"read-regions", "0", "20", "50", "1"},
		} {
			name := fmt.Sprint(filepath.Base(cards), " ", tt)
			w := testWorkload(t, workload.Input{OpsPerSec: workload.Value(tt.ops), GiB: workload.Value(tt.gib)})
			a, err := f.Along(w, testSpan(t, tt.axis, tt.from, tt.to), f.Ranked())
			if err != nil {
				if !strings.Contains(err.Error(), "no bill here depends") {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			var want []Stretch
			for x := a.Span.Lo; x <= a.Span.Hi; x++ {
				var offer *ratecard.Offer
				var least Cost
				for _, o := range a.Offers {
					c, err := a.Span.Axis.Cost(w, o, x)
					if err != nil {
						t.Fatal(err)
					}
					if c.Status == bill.Priced && (offer == nil || c.Total < least.Total) {
						offer, least = o.Card, c
					}
				}
				if n := len(want); n > 0 && want[n-1].Offer == offer {
					want[n-1].To, want[n-1].High.Total = x, least.Total
				} else {
					want = append(want, Stretch{From: x, To: x, Offer: offer, Low: Point{Total: least.Total}, High: Point{Total: least.Total}})
				}
			}
			if a.Span.Axis.Falls {
				slices.Reverse(want)
			}
			if len(want) != len(a.Stretches) {
				t.Errorf("%s: %d stretches, want %d", name, len(a.Stretches), len(want))
				continue
			}
			for i, s := range a.Stretches {
				x := want[i]
				if s.From != x.From || s.To != x.To || s.Offer != x.Offer || s.Low.Total != x.Low.Total || s.High.Total != x.High.Total {
					t.Errorf("%s: stretch %d is %+v, want %+v", name, i, s, x)
				}
			}
		}
	}
}

// extremes are workloads that each flag may give, and whose bills or quantities
// go beyond what can be counted somewhere along an axis, or from the start.
func extremes() map[string]workload.Input {
	return map[string]workload.Input{
		"ops":             {OpsPerSec: "1000000000", GiB: "8"},
		"commands":        {CommandsPerMonth: "3000000000000000", GiB: "8", HoursPerMonth: "1"},
		"gib":             {OpsPerSec: "5000", GiB: "8388608"},
		"payload":         {OpsPerSec: "5000", GiB: "8", PayloadBytes: "536870912"},
		"idle, payload":   {OpsPerSec: "0", GiB: "8", PayloadBytes: "536870912"},
		"idle, transfer":  {OpsPerSec: "0", GiB: "8", TransferGBPerMonth: "9000000000"},
		"nearly idle":     {OpsPerSec: "0.000001", GiB: "8", TransferGBPerMonth: "9000000000", WrittenGBPerMonth: "9000000000", PayloadBytes: "1"},
		"peak":            {OpsPerSec: "0.000001", GiB: "8", PeakOpsPerSec: "1000000000"},
		"peak, payload":   {OpsPerSec: "1", GiB: "8", PeakOpsPerSec: "1000000000", PayloadBytes: "536870912"},
		"replicas":        {OpsPerSec: "5000", GiB: "8", Databases: "1000000", Replicas: "100"},
		"regions":         {ReadsPerMonth: "0", WritesPerMonth: "3000000000000000", GiB: "8", PayloadBytes: "1", ReadRegions: "100"},
		"databases":       {OpsPerSec: "5000", GiB: "8", Databases: "1000000", ReadRegions: "100"},
		"ops, gib, share": {OpsPerSec: "1000000000", GiB: "8388608", PayloadBytes: "100", ReadShare: "0", HoursPerMonth: "744"},
		"everything": {OpsPerSec: "1000000000", GiB: "8388608", Databases: "1000000", Replicas: "100", ReadRegions: "100",
			OperatorHours: "744", HoursPerMonth: "744"},
	}
}

// TestBeyondCounting: what cannot be counted does not fit. It is no error at
// any step of any axis, nor of a bill that is compared; and what is followed
// along an axis says the same of a step as what is priced at it.
func TestBeyondCounting(t *testing.T) {
	nothing := func(err error) bool {
		var e *NothingToSeeError
		return err == nil || errors.As(err, &e)
	}
	for _, cards := range []string{embeddedCards, madeUpCards} {
		f := testField(t, cards)
		for name, in := range extremes() {
			w := testWorkload(t, in)
			c, err := f.Run(w)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if _, err := c.Sensitivity(); err != nil {
				t.Errorf("%s, a tenth more or less: %v", name, err)
			}
			for _, axis := range Axes() {
				span := Span{Axis: axis, Lo: 0, Hi: axis.Max}
				if _, err := f.Along(w, span, f.Ranked()); !nothing(err) {
					t.Errorf("%s along %s: %v", name, axis.Name, err)
				}
				points, err := span.Points(12, false)
				if err != nil {
					t.Fatal(err)
				}
				s, err := f.Sweep(w, span, points, false, f.Offers)
				if !nothing(err) {
					t.Errorf("%s, sweep of %s: %v", name, axis.Name, err)
				}
				if err != nil {
					continue
				}
				for i, o := range s.Offers {
					curve := axis.Curve(w, []*bill.Offer{o})
					for j, x := range points {
						p, err := curve(x)
						if cost := s.Costs[i][j]; err != nil || p.Fits != cost.Fits() || p.Fits && p.Total != cost.Total {
							t.Errorf("%s, %s at %s %d: %+v (%v), but the sweep has %+v", name, o.Card.ID, axis.Name, x, p, err, cost)
						}
					}
				}
			}
		}
	}
}

func TestSpan(t *testing.T) {
	for _, tt := range []struct{ axis, from, to, want string }{
		{"ops-per-sec", "", "", "0..100000000"},
		{"ops-per-sec", "10", "1e6", "10..1000000"},
		{"ops-per-sec", "1E3", "2.5e+3", "1000..2500"},
		{"read-share", "", "", "0..1000"},
		{"read-share", "0.2", "0.9", "100..800"},
		{"gib", "0.5", "3", "1..3"},
		{"ops-per-sec", "7", "7", "the range 7 to 7 has only one value; give different ends"},
		{"ops-per-sec", "9", "7", "the range 9 to 7 is reversed; swap its ends"},
		{"read-share", "0.9", "0.2", "the range 0.9 to 0.2 is reversed; swap its ends"},
		{"ops-per-sec", "1", "1e12", "1e12 is above the end of this axis, 100000000 ops/s"},
		{"read-share", "0", "2", "2 is above the end of this axis, 1 of reads"},
		{"ops-per-sec", "-1", "5", `"-1" is not a number like 5000, 0.25, 5k or 1e6`},
		{"ops-per-sec", "1", "1e99", `"1e99" is too large to count`},
		{"ops-per-sec", "1", "1e", `"1e" is not a number like 5000, 0.25, 5k or 1e6`},
	} {
		a, err := AxisByName(tt.axis)
		if err != nil {
			t.Fatal(err)
		}
		s, err := a.Span(tt.from, tt.to)
		got := fmt.Sprintf("%d..%d", s.Lo, s.Hi)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s from %q to %q: %s, want %s", tt.axis, tt.from, tt.to, got, tt.want)
		}
	}
}

func TestPoints(t *testing.T) {
	for _, tt := range []struct {
		axis, from, to string
		n              int
		log            bool
		want           string
	}{
		{"ops-per-sec", "10", "1e6", 6, true, "[10 100 1000 10000 100000 1000000]"},
		{"ops-per-sec", "1", "4", 9, true, "[1 2 3 4]"},
		{"ops-per-sec", "0", "10", 3, false, "[0 5 10]"},
		{"read-share", "0", "1", 3, false, "[1000 500 0]"},
		{"ops-per-sec", "0", "10", 3, true, "a log axis cannot begin at 0; give --from 1 or more"},
		{"read-share", "0", "1", 3, true, "a share cannot have a log axis; leave out --log"},
		{"ops-per-sec", "0", "10", 0, false, "0 steps are too few for a sweep; give at least 2"},
		{"ops-per-sec", "0", "10", -3, false, "-3 steps are too few for a sweep; give at least 2"},
		{"ops-per-sec", "0", "10", 10_001, false, "10001 steps are too many for a sweep; give at most 10000"},
	} {
		points, err := testSpan(t, tt.axis, tt.from, tt.to).Points(tt.n, tt.log)
		got := fmt.Sprint(points)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s %s..%s in %d: %s, want %s", tt.axis, tt.from, tt.to, tt.n, got, tt.want)
		}
	}
}

func BenchmarkSweep1000Points(b *testing.B) {
	f := testField(b, embeddedCards)
	w := testWorkload(b, workload.Input{OpsPerSec: "5000", GiB: "8"})
	span := testSpan(b, "ops-per-sec", "10", "1e6")
	points, err := span.Points(1000, true)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Sweep(w, span, points, true, f.Offers); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(f.Offers)), "offers")
}

func BenchmarkBreakEvenAllPairs(b *testing.B) {
	f := testField(b, embeddedCards)
	w := testWorkload(b, workload.Input{OpsPerSec: "5000", GiB: "8"})
	ops, err := AxisByName("ops-per-sec")
	if err != nil {
		b.Fatal(err)
	}
	var curves []Curve
	for _, o := range f.Ranked() {
		curves = append(curves, ops.Curve(w, []*bill.Offer{o}))
	}
	b.ReportAllocs()
	pairs := 0
	for b.Loop() {
		pairs = 0
		for i := range curves {
			for j := range i {
				if _, err := Pieces(0, ops.Max, curves[i], curves[j]); err != nil {
					b.Fatal(err)
				}
				pairs++
			}
		}
	}
	b.ReportMetric(float64(pairs), "pairs")
}

func BenchmarkCheapestOfAll(b *testing.B) {
	f := testField(b, embeddedCards)
	w := testWorkload(b, workload.Input{OpsPerSec: "5000", GiB: "8"})
	for _, axis := range Axes() {
		b.Run(axis.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Cheapest(w, axis, 0, axis.Max); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
