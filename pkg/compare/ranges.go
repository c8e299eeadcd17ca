package compare

import (
	"slices"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Range is one input that lies between two values.
type Range struct {
	Key       string // of the input
	Low, High string // as written
}

// Corner is the workload with every range at one of its ends.
type Corner struct {
	High       []bool // for each range, whether it is at its high end
	Comparison *Comparison
}

// Ranges are the bills at every corner of several ranges. A bill only rises, or
// only falls, with each input, so its lowest and highest values are at corners.
type Ranges struct {
	Ranges  []Range
	Corners []Corner
	Offers  []Spread // in order of the low, the unpriced last
	// Sure is the offer that is the cheapest everywhere in the ranges: its
	// highest bill is at most every other offer's lowest. It is nil if there is
	// none.
	Sure *ratecard.Offer
	// Edges are the cheapest offers at the corners and along the edges, in
	// order of id. A nil entry means that nothing fits.
	Edges []*ratecard.Offer
	// Walked says that every edge was followed, not only its two corners.
	Walked bool
	// Line is the result along the range if there is only one, and it is on an
	// axis.
	Line *Along
}

// Spread is an offer's lowest and highest bill.
type Spread struct {
	Offer      *ratecard.Offer
	Ranked     bool         // it competes for the cheapest
	Unranked   []bill.Class // why it does not compete, from the corners
	Low, High  *bill.Bill   // nil where no corner is priced
	LowAt      int          // corners
	HighAt     int
	NotPriced  int    // number of corners without a price
	WhyNot     string // at the first of those
	Incomplete bool
}

// NewRanges compares the bills at the corners. The first corner has every range
// at its low end.
func NewRanges(ranges []Range, corners []Corner) (*Ranges, error) {
	r := &Ranges{Ranges: ranges, Corners: corners}
	for _, o := range corners[0].Comparison.Field.Offers {
		s := Spread{Offer: o.Card, Ranked: o.Ranked()}
		for i, c := range corners {
			j := slices.IndexFunc(c.Comparison.Bills, func(b *bill.Bill) bool { return b.Offer.ID == o.Card.ID })
			if j < 0 {
				continue
			}
			b := c.Comparison.Bills[j]
			if len(s.Unranked) == 0 {
				s.Unranked = b.Unranked
			}
			if b.Status != bill.Priced {
				if s.NotPriced == 0 && len(b.Reasons) > 0 {
					s.WhyNot = b.Reasons[0]
				}
				s.NotPriced++
				s.Incomplete = s.Incomplete || b.Status == bill.Incomplete
				continue
			}
			if s.Low == nil || b.Total < s.Low.Total {
				s.Low, s.LowAt = b, i
			}
			if s.High == nil || b.Total > s.High.Total {
				s.High, s.HighAt = b, i
			}
		}
		r.Offers = append(r.Offers, s)
	}
	slices.SortStableFunc(r.Offers, func(a, b Spread) int {
		switch {
		case a.Low == nil && b.Low == nil:
			return 0
		case a.Low == nil:
			return 1
		case b.Low == nil:
			return -1
		case a.Low.Total < b.Low.Total:
			return -1
		case a.Low.Total > b.Low.Total:
			return 1
		}
		return 0
	})
	r.Sure = r.sure()
	return r, r.edges()
}

func (r *Ranges) sure() *ratecard.Offer {
	for _, s := range r.Offers {
		if s.Low == nil || s.NotPriced > 0 || !s.Ranked {
			continue
		}
		beaten := slices.ContainsFunc(r.Offers, func(o Spread) bool {
			return o.Offer != s.Offer && o.Ranked && o.Low != nil && o.Low.Total < s.High.Total
		})
		if !beaten {
			return s.Offer
		}
	}
	return nil
}

// edges follows every range that lies on an axis from each corner at its low end.
func (r *Ranges) edges() error {
	seen := map[string]*ratecard.Offer{}
	for _, c := range r.Corners {
		if c.Comparison.Overall == nil {
			seen[""] = nil
		} else {
			seen[c.Comparison.Overall.Offer.ID] = c.Comparison.Overall.Offer
		}
	}
	r.Walked = true
	for i, g := range r.Ranges {
		axis, err := AxisByName(workload.Flag(g.Key)[2:])
		if err != nil || g.Key == "ops_per_sec" && r.Corners[0].Comparison.Workload.Pins() {
			r.Walked = false // there is no such axis, or other inputs would change along it
			continue
		}
		span, err := axis.Span(g.Low, g.High)
		if err != nil {
			continue // within one step
		}
		if axis.micro(span.Hi) > micro(g.High) && !axis.Falls {
			span.Hi--
		}
		for _, c := range r.Corners {
			if c.High[i] {
				continue
			}
			f := c.Comparison.Field
			a := &Along{Field: f, Workload: c.Comparison.Workload, Span: span, Offers: f.Ranked()}
			if a.Stretches, err = cheapest(a.Workload, axis, span.Lo, span.Hi, a.Offers); err != nil {
				return err
			}
			if axis.Falls {
				slices.Reverse(a.Stretches)
			}
			for _, s := range a.Stretches {
				if s.Offer == nil {
					seen[""] = nil
				} else {
					seen[s.Offer.ID] = s.Offer
				}
			}
			if len(r.Ranges) == 1 {
				r.Line = a
			}
		}
	}
	var ids []string
	for id := range seen {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		r.Edges = append(r.Edges, seen[id])
	}
	return nil
}

// micro reads a value that was read before.
func micro(s string) int64 {
	v, err := unit.ParseMicro(s)
	if err != nil {
		panic("a range that was priced has numbers for ends: " + err.Error())
	}
	return v
}
