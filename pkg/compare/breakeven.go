package compare

import (
	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// Point is the cost of one side at one value of an axis.
type Point struct {
	Fits   bool      // false if no offer of this side fits
	Total  money.USD // a month
	Offer  *ratecard.Offer
	Regime uint64 // equal at two values: a straight line between them
}

// cheaper says whether a fits and costs no more than b.
func (a Point) cheaper(b Point) bool {
	return a.Fits && (!b.Fits || a.Total <= b.Total)
}

// Curve is the cost of one side along an axis of whole numbers. It must not
// fall as the axis grows, and after the first value at which nothing fits
// nothing may fit again. Both hold for bills, since more load never costs less.
type Curve func(x int64) (Point, error)

// Piece is a part of the axis on which one side is the cheaper.
type Piece struct {
	From, To int64 // both included
	First    bool  // the first side is cheaper, or costs the same
	None     bool  // neither side can be bought
}

// Pieces splits lo..hi into parts on which one of two curves is the cheaper.
// The result is exact, on whole numbers; nothing is sampled. A part is decided
// in two cases: one side's cost at its end is below the other's at its start,
// since costs never fall; or both sides are straight lines, which cross at most
// once. Any other part is halved.
func Pieces(lo, hi int64, first, second Curve) ([]Piece, error) {
	s := splitter{first: first, second: second}
	a, err := s.at(lo)
	if err != nil {
		return nil, err
	}
	b, err := s.at(hi)
	if err != nil {
		return nil, err
	}
	if err := s.split(lo, hi, a, b); err != nil {
		return nil, err
	}
	return s.pieces, nil
}

// both is the two sides at one value.
type both struct{ first, second Point }

// side is 1 if the first side is the cheaper, 2 if the second is, and 0 if
// neither fits.
func (b both) side() int {
	switch {
	case b.first.cheaper(b.second):
		return 1
	case b.second.Fits:
		return 2
	}
	return 0
}

type splitter struct {
	first, second Curve
	pieces        []Piece
}

func (s *splitter) at(x int64) (both, error) {
	a, err := s.first(x)
	if err != nil {
		return both{}, err
	}
	b, err := s.second(x)
	return both{a, b}, err
}

// add appends a part with a known result, and joins it to the last one if that
// has the same result.
func (s *splitter) add(from, to int64, side int) {
	p := Piece{From: from, To: to, First: side == 1, None: side == 0}
	if n := len(s.pieces); n > 0 && s.pieces[n-1].First == p.First && s.pieces[n-1].None == p.None {
		s.pieces[n-1].To = to
		return
	}
	s.pieces = append(s.pieces, p)
}

// split finds the parts of lo..hi, whose ends have the costs a and b.
func (s *splitter) split(lo, hi int64, a, b both) error {
	if a.side() == b.side() && settled(a, b) {
		s.add(lo, hi, a.side())
		return nil
	}
	if hi-lo <= 1 {
		s.add(lo, lo, a.side())
		if hi > lo {
			s.add(hi, hi, b.side())
		}
		return nil
	}
	mid := lo + (hi-lo)/2
	m, err := s.at(mid)
	if err != nil {
		return err
	}
	if err := s.split(lo, mid, a, m); err != nil {
		return err
	}
	next, err := s.at(mid + 1)
	if err != nil {
		return err
	}
	return s.split(mid+1, hi, next, b)
}

// settled says whether the same side is the cheaper from a to b.
func settled(a, b both) bool {
	switch a.side() {
	case 0:
		return true // what does not fit at the start never fits later
	case 1:
		if !a.second.Fits || a.second.Fits && b.first.Total <= a.second.Total {
			return true
		}
	case 2:
		if !a.first.Fits || b.second.Total < a.first.Total {
			return true
		}
	}
	return a.first.Fits && b.first.Fits && a.second.Fits && b.second.Fits &&
		a.first.Regime == b.first.Regime && a.second.Regime == b.second.Regime
}

// BreakEven is the rate, in whole commands a second, at which per-command
// offers stop being cheaper than capacity offers, with the rest of the workload
// unchanged.
type BreakEven struct {
	Pieces []Piece // First: the cheapest per-command offer is the cheaper
	// At is the first whole rate beyond the crossing nearest to the workload.
	// Below is the cheapest per-command offer just before it, Above the
	// cheapest capacity offer from it on. Without a crossing they are nil.
	At    int64
	Below *ratecard.Offer
	Above *ratecard.Offer
	// CommandsFirst says that the per-command side is the cheaper below At.
	CommandsFirst bool
}

// MaxOpsPerSec is the highest rate at which break-evens are searched.
const MaxOpsPerSec = 100_000_000

// breakEven compares the cheapest of the two kinds along the command rate.
func (f *Field) breakEven(w workload.Workload) (*BreakEven, error) {
	var commands, capacity []*bill.Offer
	for _, o := range f.Ranked() {
		if o.Card.BilledBy.PerCommand() {
			commands = append(commands, o)
		} else {
			capacity = append(capacity, o)
		}
	}
	if len(commands) == 0 || len(capacity) == 0 {
		return nil, nil
	}
	ops := Axes()[0]
	first, second := ops.Curve(w, commands), ops.Curve(w, capacity)
	pieces, err := Pieces(0, MaxOpsPerSec, first, second)
	if err != nil {
		return nil, err
	}
	be := &BreakEven{Pieces: pieces}
	here := w.OpsPerSec / 1_000_000
	for i := 1; i < len(pieces); i++ {
		before, after := pieces[i-1], pieces[i]
		if before.None || after.None {
			continue
		}
		if be.Below != nil && distance(here, after.From) >= distance(here, be.At) {
			continue
		}
		low, high := first, second
		if !before.First {
			low, high = second, first
		}
		a, err := low(after.From - 1)
		if err != nil {
			return nil, err
		}
		b, err := high(after.From)
		if err != nil {
			return nil, err
		}
		be.At, be.Below, be.Above, be.CommandsFirst = after.From, a.Offer, b.Offer, before.First
	}
	return be, nil
}

func distance(a, b int64) int64 {
	if a < b {
		return b - a
	}
	return a - b
}
