package compare

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/workload"
)

// bend is a straight piece of a made-up curve, from an x on.
type bend struct {
	from  int64
	start money.USD // at from
	slope money.USD
}

// madeUpCurve is straight between its bends, never falls, and ends where
// nothing fits any more.
func madeUpCurve(bends []bend, fits int64) Curve {
	return func(x int64) (Point, error) {
		if x > fits {
			return Point{}, nil
		}
		i := 0
		for i+1 < len(bends) && bends[i+1].from <= x {
			i++
		}
		return Point{Fits: true, Total: bends[i].start + bends[i].slope*money.USD(x-bends[i].from), Regime: uint64(i + 1)}, nil
	}
}

// anyCurve is a random one over 0..n.
func anyCurve(r *rand.Rand, n int64) Curve {
	bends := []bend{{0, money.USD(r.IntN(50)), money.USD(r.IntN(4))}}
	for x := int64(r.IntN(40)); x < n && r.IntN(5) > 0; x += 1 + int64(r.IntN(60)) {
		last := bends[len(bends)-1]
		if x <= last.from {
			continue
		}
		reached := last.start + last.slope*money.USD(x-last.from)
		bends = append(bends, bend{x, reached + money.USD(r.IntN(3)*r.IntN(40)), money.USD(r.IntN(4))})
	}
	fits := n
	if r.IntN(3) == 0 {
		fits = r.Int64N(n+2) - 1
	}
	return madeUpCurve(bends, fits)
}

// leastOf is the cheaper of two curves, as the offers of one side are.
func leastOf(a, b Curve) Curve {
	return func(x int64) (Point, error) {
		p, _ := a(x)
		q, _ := b(x)
		regime := p.Regime*1000 + q.Regime
		if p.cheaper(q) {
			p.Regime = regime * 2
			return p, nil
		}
		q.Regime = regime*2 + 1
		return q, nil
	}
}

// walked is what Pieces must find: every step looked at.
func walked(lo, hi int64, first, second Curve) []Piece {
	var s splitter
	for x := lo; x <= hi; x++ {
		p, _ := first(x)
		q, _ := second(x)
		s.add(x, x, both{p, q}.side())
	}
	return s.pieces
}

// TestPiecesOracle: on random curves, pieces are what walking finds.
func TestPiecesOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	crossings := 0
	for i := range 20_000 {
		n := 1 + r.Int64N(300)
		lo := r.Int64N(n)
		curve := func() Curve {
			c := anyCurve(r, n)
			for r.IntN(2) == 0 {
				c = leastOf(c, anyCurve(r, n))
			}
			return c
		}
		first, second := curve(), curve()
		got, err := Pieces(lo, n, first, second)
		if err != nil {
			t.Fatal(err)
		}
		want := walked(lo, n, first, second)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("curves %d, %d to %d (-walked +pieces):\n%s", i, lo, n, diff)
		}
		crossings += len(want) - 1
	}
	if crossings < 5000 {
		t.Errorf("only %d crossings in all", crossings)
	}
}

// TestPiecesOfAConcaveSide: one side's two straight lines are at both ends
// below the other's, and between them above it.
func TestPiecesOfAConcaveSide(t *testing.T) {
	steep, flat := madeUpCurve([]bend{{0, 0, 100}}, 100), madeUpCurve([]bend{{0, 1000, 1}}, 100)
	second := madeUpCurve([]bend{{0, 1, 12}}, 100)
	got, err := Pieces(0, 100, leastOf(steep, flat), second)
	if err != nil {
		t.Fatal(err)
	}
	// 100x ≤ 1 + 12x only at 0; 1000 + x ≤ 1 + 12x from 90.8 on.
	want := []Piece{{From: 0, To: 0, First: true}, {From: 1, To: 90}, {From: 91, To: 100, First: true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestPiecesLookAtLittle: a crossing on an axis of a hundred million is found
// by looking at a few hundred places.
func TestPiecesLookAtLittle(t *testing.T) {
	looked := 0
	counted := func(c Curve) Curve {
		return func(x int64) (Point, error) {
			looked++
			return c(x)
		}
	}
	first := counted(madeUpCurve([]bend{{0, 1_897_483_648, 5_256_000_000}}, MaxOpsPerSec))
	second := counted(madeUpCurve([]bend{{0, 240_608_000_000, 0}, {93_751, 481_216_000_000, 0}}, MaxOpsPerSec))
	got, err := Pieces(0, MaxOpsPerSec, first, second)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Piece{{From: 0, To: 45, First: true}, {From: 46, To: MaxOpsPerSec}}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if looked > 400 {
		t.Errorf("looked at %d places", looked)
	}
}

// TestBreakEven: 5.256 × x + 1.897483648 = 240.608 at x = 45.417, as
// TestBreakEvenByHand has it on the real cards.
func TestBreakEven(t *testing.T) {
	c := compared(t, "5000", "8", "calls", "nodes")
	be := c.BreakEven
	if be == nil || be.At != 46 || be.Below.ID != "calls" || be.Above.ID != "nodes" || !be.CommandsFirst {
		t.Fatalf("break-even %+v", be)
	}
	axis := Axes()[0]
	for x, commandsFirst := range map[int64]bool{be.At - 1: true, be.At: false} {
		commands, err1 := axis.Curve(c.Workload, c.Field.Offers[:1])(x)
		capacity, err2 := axis.Curve(c.Workload, c.Field.Offers[1:])(x)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if commands.cheaper(capacity) != commandsFirst || capacity.cheaper(commands) == commandsFirst {
			t.Errorf("at %d ops/s: %s per command, %s capacity", x, commands.Total.Exact(), capacity.Total.Exact())
		}
	}
	// 500 nodes are 250 shards with a replica each, of 100,000 ops/s; the quota
	// of the calls ends long before.
	if diff := cmp.Diff([]Piece{{From: 0, To: 45, First: true}, {From: 46, To: 25_000_000}, {From: 25_000_001, To: MaxOpsPerSec, None: true}}, be.Pieces); diff != "" {
		t.Errorf("pieces (-want +got):\n%s", diff)
	}
}

// TestBreakEvenNextToTheWorkload: of several crossings the nearest. At 1 GiB
// pay-as-you-go costs 5.256 × x + 0.018, so 20 ops/s are dearer than the fixed
// plan for 100; that plan's like end at 20,000 GB a month, 7,610 ops/s.
func TestBreakEvenNextToTheWorkload(t *testing.T) {
	for ops, want := range map[string]struct {
		at            int64
		commandsFirst bool
	}{"0": {20, true}, "100": {20, true}, "7000": {7611, false}, "9000": {7611, false}} {
		be := compared(t, ops, "1", "calls", "fixed").BreakEven
		if be == nil || be.At != want.at || be.CommandsFirst != want.commandsFirst {
			t.Errorf("at %s ops/s: %+v; want %+v", ops, be, want)
		}
	}
}

// TestNoBreakEven: where one kind is always the cheaper, or is not there.
func TestNoBreakEven(t *testing.T) {
	// 8 × 730 × 0.125 = 730 a month for the data alone.
	if be := compared(t, "5000", "8", "ecpu-redis", "nodes").BreakEven; be == nil || be.Below != nil || be.Pieces[0].First {
		t.Errorf("a break-even of what is always dearer: %+v", be)
	}
	if be := compared(t, "5000", "8", "calls", "ecpu-redis").BreakEven; be != nil {
		t.Errorf("a break-even of one kind: %+v", be)
	}
}

// TestExtremesStillCompare: few commands and much traffic, or a huge peak, go
// beyond counting along the axis, which is no reason to fail.
func TestExtremesStillCompare(t *testing.T) {
	f, err := marketField(t, "east", Filter{}, bill.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range []workload.Input{
		{CommandsPerMonth: "3", TransferGBPerMonth: "1000000", GiB: "8"},
		{CommandsPerMonth: "1", PeakOpsPerSec: "1000000000", GiB: "8"},
		{CommandsPerMonth: "0", TransferGBPerMonth: "1000000000", PeakOpsPerSec: "1000000000", GiB: "8388608"},
		{CommandsPerMonth: "3000000000000000", TransferGBPerMonth: "1", GiB: "8388608"},
	} {
		if _, err := f.Run(testWorkload(t, in)); err != nil {
			t.Errorf("%+v: %v", in, err)
		}
	}
}
