package compare

import (
	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// Stretch is a range of steps on which one offer is the cheapest; Offer is nil
// where no offer fits.
type Stretch struct {
	From, To int64 // both included
	Offer    *ratecard.Offer
	Low      Point // the offer's cost at From
	High     Point // and at To
}

// everyStep is the number of steps up to which every step is priced. Spans of
// shares, replicas and regions are that short, and bills can fall along them:
// written bytes do not leave the server, and some plans begin at two regions.
const everyStep = 1000

// Cheapest splits lo..hi of an axis into stretches with one cheapest offer. The
// result is exact, as in Pieces. Of offers with the same cost, the first in
// order of id is named.
func (f *Field) Cheapest(w workload.Workload, axis Axis, lo, hi int64) ([]Stretch, error) {
	return cheapest(w, axis, lo, hi, f.Ranked())
}

func cheapest(w workload.Workload, axis Axis, lo, hi int64, offers []*bill.Offer) ([]Stretch, error) {
	var curves []Curve
	for _, o := range offers {
		curves = append(curves, axis.Curve(w, []*bill.Offer{o}))
	}
	e := envelope{curves: curves}
	if hi-lo <= everyStep {
		for x := lo; x <= hi; x++ {
			p, err := e.at(x)
			if err != nil {
				return nil, err
			}
			e.add(x, x, p, p)
		}
		return e.stretches, nil
	}
	a, err := e.at(lo)
	if err != nil {
		return nil, err
	}
	b, err := e.at(hi)
	if err != nil {
		return nil, err
	}
	err = e.split(lo, hi, a, b)
	return e.stretches, err
}

type envelope struct {
	curves    []Curve
	stretches []Stretch
}

func (e *envelope) at(x int64) ([]Point, error) {
	points := make([]Point, len(e.curves))
	for i, c := range e.curves {
		p, err := c(x)
		if err != nil {
			return nil, err
		}
		points[i] = p
	}
	return points, nil
}

// winner is the index of the cheapest point, or -1.
func winner(points []Point) int {
	best := -1
	for i, p := range points {
		if p.Fits && (best < 0 || p.Total < points[best].Total) {
			best = i
		}
	}
	return best
}

func (e *envelope) add(from, to int64, a, b []Point) {
	s := Stretch{From: from, To: to}
	if i := winner(a); i >= 0 {
		s.Offer, s.Low, s.High = a[i].Offer, a[i], b[i]
	}
	if n := len(e.stretches); n > 0 && e.stretches[n-1].Offer == s.Offer {
		e.stretches[n-1].To, e.stretches[n-1].High = s.To, s.High
		return
	}
	e.stretches = append(e.stretches, s)
}

func (e *envelope) split(lo, hi int64, a, b []Point) error {
	if winner(a) == winner(b) && oneWinner(a, b) {
		e.add(lo, hi, a, b)
		return nil
	}
	if hi-lo <= 1 {
		e.add(lo, lo, a, a)
		if hi > lo {
			e.add(hi, hi, b, b)
		}
		return nil
	}
	mid := lo + (hi-lo)/2
	m, err := e.at(mid)
	if err != nil {
		return err
	}
	if err := e.split(lo, mid, a, m); err != nil {
		return err
	}
	n, err := e.at(mid + 1)
	if err != nil {
		return err
	}
	return e.split(mid+1, hi, n, b)
}

// oneWinner says whether the cheapest offer at both ends is the cheapest
// everywhere between them: its cost at the end is below all others' at the
// start, or every curve that could cross it is a straight line.
func oneWinner(a, b []Point) bool {
	w := winner(a)
	if w < 0 {
		return true
	}
	for i := range a {
		if i == w || !a[i].Fits {
			continue
		}
		below := b[w].Total < a[i].Total || (b[w].Total == a[i].Total && w < i)
		straight := b[i].Fits && a[i].Regime == b[i].Regime && a[w].Regime == b[w].Regime
		if !below && !straight {
			return false
		}
	}
	return true
}
