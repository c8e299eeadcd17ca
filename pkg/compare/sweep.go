package compare

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/workload"
)

// MaxSweep is the largest number of points of a sweep.
const MaxSweep = 10_000

// Sweep is every offer's cost at points of a span, in order of the values.
type Sweep struct {
	Field    *Field
	Workload workload.Workload
	Span     Span
	Log      bool
	Here     *int64 // the workload's own step; nil where none was given
	Offers   []*bill.Offer
	Steps    []int64
	Costs    [][]Cost // by offer, then by step
}

// Points spreads n points over the span, both ends included, at equal distances
// or by equal factors, on whole steps. Equal points are returned once.
func (s Span) Points(n int, log bool) ([]int64, error) {
	switch {
	case n < 2:
		return nil, fmt.Errorf("%d steps are too few for a sweep; give at least 2", n)
	case n > MaxSweep:
		return nil, fmt.Errorf("%d steps are too many for a sweep; give at most %d", n, MaxSweep)
	case log && s.Axis.Falls:
		return nil, errors.New("a share cannot have a log axis; leave out --log")
	case log && s.Lo == 0:
		return nil, errors.New("a log axis cannot begin at 0; give --from 1 or more")
	}
	var points []int64
	for i := range n {
		at := s.Lo + int64(math.Round(float64(s.Hi-s.Lo)*float64(i)/float64(n-1)))
		if log {
			at = int64(math.Round(math.Exp(math.Log(float64(s.Lo)) + math.Log(float64(s.Hi)/float64(s.Lo))*float64(i)/float64(n-1))))
		}
		points = append(points, min(max(at, s.Lo), s.Hi))
	}
	points = slices.Compact(points)
	if s.Axis.Falls {
		slices.Reverse(points)
	}
	return points, nil
}

// Sweep prices the offers at each of the steps. It is an error if no offer fits
// at any of them.
func (f *Field) Sweep(w workload.Workload, span Span, steps []int64, log bool, offers []*bill.Offer) (*Sweep, error) {
	s := &Sweep{Field: f, Workload: w, Span: span, Log: log, Offers: offers, Steps: steps, Costs: make([][]Cost, len(offers))}
	costs := make([]Cost, len(offers)*len(steps))
	for i := range offers {
		s.Costs[i] = costs[i*len(steps) : (i+1)*len(steps)]
	}
	fits := false
	for j, step := range steps {
		u, err := span.Axis.usage(w, step)
		if err != nil {
			return nil, err
		}
		for i, o := range offers {
			c := Cost{Status: bill.Unfit}
			if u != nil {
				if c, err = costOf(o, u); err != nil {
					return nil, err
				}
			}
			s.Costs[i][j] = c
			fits = fits || c.Fits()
		}
	}
	if !fits {
		return nil, nothingToSee("no offer fits anywhere from %s to %s %s; give a lower range, or allow more offers",
			span.Axis.Value(steps[0]), span.Axis.Value(steps[len(steps)-1]), span.Axis.Unit)
	}
	return s, nil
}

// Best is the index of the cheapest ranked offer of a kind at a point; -1
// without one. Of offers with the same cost, the first in order of id is
// returned.
func (s *Sweep) Best(point int, perCommand bool) int {
	best := -1
	for i, o := range s.Offers {
		c := s.Costs[i][point]
		if c.Fits() && o.Ranked() && o.Card.BilledBy.PerCommand() == perCommand &&
			(best < 0 || c.Total < s.Costs[best][point].Total) {
			best = i
		}
	}
	return best
}
