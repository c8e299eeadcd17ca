package compare

import (
	"errors"
	"fmt"
	"slices"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Span is a range of steps on an axis, both ends included.
type Span struct {
	Axis   Axis
	Lo, Hi int64
}

// Span reads a range in the axis's unit. An empty text is the axis's own end.
func (a Axis) Span(from, to string) (Span, error) {
	ends := [2]int64{a.micro(0), a.micro(a.Max)}
	if a.Falls {
		ends[0], ends[1] = ends[1], ends[0]
	}
	for i, s := range []string{from, to} {
		if s == "" {
			continue
		}
		v, err := unit.ParseMicro(s)
		if err != nil {
			return Span{}, err
		}
		if top := max(a.micro(0), a.micro(a.Max)); v > top {
			return Span{}, fmt.Errorf("%s is above the end of this axis, %s %s", s, unit.Decimal(top, unit.Million), a.Unit)
		}
		ends[i] = v
	}
	if ends[0] > ends[1] {
		return Span{}, fmt.Errorf("the range %s to %s is reversed; swap its ends", from, to)
	}
	s := Span{Axis: a, Lo: a.Step(ends[0]), Hi: a.Step(ends[1])}
	if a.Falls {
		s.Lo, s.Hi = s.Hi, s.Lo
	}
	if s.Lo >= s.Hi {
		return Span{}, fmt.Errorf("the range %s to %s has only one value; give different ends", from, to)
	}
	return s, nil
}

// micro is a step's value in millionths.
func (a Axis) micro(step int64) int64 {
	v, err := unit.Scaled(a.Value(step), unit.Million)
	if err != nil {
		panic("an axis prints plain decimals: " + err.Error())
	}
	return v
}

// NothingToSeeError reports that no result changes on a span, and why.
type NothingToSeeError struct{ why string }

func (e *NothingToSeeError) Error() string { return e.why }

func nothingToSee(format string, args ...any) error {
	return &NothingToSeeError{fmt.Sprintf(format, args...)}
}

// Along has the places on a span where the cheapest offer changes, with the
// rest of the workload unchanged.
type Along struct {
	Field     *Field
	Workload  workload.Workload
	Span      Span
	Here      *int64 // the workload's own step; nil where none was given
	Offers    []*bill.Offer
	Stretches []Stretch // in order of the axis's values
}

// Along prices the offers along a span. It returns NothingToSeeError if no bill
// depends on the axis, or if no offer fits anywhere on the span.
func (f *Field) Along(w workload.Workload, span Span, offers []*bill.Offer) (*Along, error) {
	a := &Along{Field: f, Workload: w, Span: span, Offers: offers}
	axis := span.Axis
	depends, fits, err := a.survey()
	switch {
	case err != nil:
		return nil, err
	case len(offers) == 0:
		return nil, nothingToSee("no offer here is ranked; add a class with --include, or name two offers with --between")
	case !fits:
		return nil, nothingToSee("no offer fits anywhere from %s to %s %s; give a lower range, or allow more offers", axis.Value(span.First()), axis.Value(span.Last()), axis.Unit)
	case !depends:
		return nil, nothingToSee("no bill here depends on %s between %s and %s; choose another axis", axis.Name, axis.Value(span.First()), axis.Value(span.Last()))
	}
	a.Stretches, err = cheapest(w, axis, span.Lo, span.Hi, offers)
	if axis.Falls {
		slices.Reverse(a.Stretches)
	}
	return a, err
}

// Pair finds two offers of the field by id, whether ranked or not.
func (f *Field) Pair(a, b string) ([]*bill.Offer, error) {
	if a == b {
		return nil, fmt.Errorf("%s is named twice; name two different offers", a)
	}
	var pair []*bill.Offer
	for _, id := range []string{a, b} {
		i := slices.IndexFunc(f.Offers, func(o *bill.Offer) bool { return o.Card.ID == id })
		if i < 0 {
			if f.Set.Offer(id) == nil {
				return nil, f.Set.NoOffer(id)
			}
			return nil, fmt.Errorf("offer %q is not among the compared offers", id)
		}
		pair = append(pair, f.Offers[i])
	}
	return pair, nil
}

// First is the step of the span's lowest value.
func (s Span) First() int64 {
	if s.Axis.Falls {
		return s.Hi
	}
	return s.Lo
}

// Last is the step of the span's highest value.
func (s Span) Last() int64 { return s.Lo + s.Hi - s.First() }

// First is the step of the stretch's lowest value.
func (s Stretch) First(a Axis) int64 { return Span{a, s.From, s.To}.First() }

// Last is the step of the stretch's highest value.
func (s Stretch) Last(a Axis) int64 { return Span{a, s.From, s.To}.Last() }

// Holds says whether a step lies on the stretch.
func (s Stretch) Holds(step int64) bool { return s.From <= step && step <= s.To }

// Change is the place where one stretch ends and the next begins.
type Change struct {
	Before, After Stretch // in order of values
	Steps         int64   // from the workload to the first value of After
	Ahead         bool    // it lies above the workload's value
}

// Nearest is the change that is nearest to the workload, or nil.
func (a *Along) Nearest() *Change {
	if a.Here == nil {
		return nil
	}
	axis, here := a.Span.Axis, *a.Here
	var best *Change
	for i := 1; i < len(a.Stretches); i++ {
		c := &Change{Before: a.Stretches[i-1], After: a.Stretches[i]}
		at := c.After.First(axis)
		c.Steps, c.Ahead = distance(at, here), at != here && at > here != axis.Falls
		if best == nil || c.Steps < best.Steps {
			best = c
		}
	}
	return best
}

// KindChange is where the cheapest offer changes from one that charges commands to
// one that does not, or back: of several changes the one nearest to the workload,
// or the first. ok is false where there is none.
func (a *Along) KindChange() (before, after Stretch, ok bool) {
	var best int64
	for i := 1; i < len(a.Stretches); i++ {
		b, s := a.Stretches[i-1], a.Stretches[i]
		if b.Offer == nil || s.Offer == nil || b.Offer.BilledBy.PerCommand() == s.Offer.BilledBy.PerCommand() {
			continue
		}
		var away int64
		if a.Here != nil {
			away = distance(s.First(a.Span.Axis), *a.Here)
		}
		if !ok || away < best {
			before, after, best, ok = b, s, away, true
		}
	}
	return before, after, ok
}

// survey says whether any offer's bill changes on the span (depends), and
// whether any offer fits somewhere on it (fits).
func (a *Along) survey() (depends, fits bool, err error) {
	steps := []int64{a.Span.Lo, a.Span.Hi}
	if a.Span.Hi-a.Span.Lo <= everyStep {
		for s := a.Span.Lo + 1; s < a.Span.Hi; s++ {
			steps = append(steps, s)
		}
	}
	for _, o := range a.Offers {
		var was Cost
		for i, s := range steps {
			p, err := a.Span.Axis.Cost(a.Workload, o, s)
			if err != nil {
				return false, false, err
			}
			fits = fits || p.Fits()
			depends = depends || i > 0 && p != was
			was = p
		}
	}
	return depends, fits, nil
}

// Cost is one offer's bill at a step.
type Cost struct {
	Total    money.USD
	Status   bill.Status
	TooSmall bool // the plan that the caller named is smaller than the load needs
}

// Fits says whether the offer fits at the step with a known price or an upper
// bound. An upper bound takes part with its total: the real price can only be
// lower, so an offer that is the cheapest at its bound is the cheapest.
func (c Cost) Fits() bool {
	return (c.Status == bill.Priced || c.Status == bill.AtMost) && !c.TooSmall
}

// Cost prices one offer at a step of the axis.
func (a Axis) Cost(w workload.Workload, o *bill.Offer, step int64) (Cost, error) {
	u, err := a.usage(w, step)
	if err != nil || u == nil {
		return Cost{Status: bill.Unfit}, err
	}
	return costOf(o, u)
}

func costOf(o *bill.Offer, u *workload.Usage) (Cost, error) {
	total, status, err := o.Total(u)
	return Cost{Total: total, Status: status, TooSmall: o.TooSmall(u)}, err
}

// usage is the month's quantities at a step, or nil if they do not fit in 64
// bits.
func (a Axis) usage(w workload.Workload, step int64) (*workload.Usage, error) {
	var u workload.Usage
	at, err := a.At(w, step)
	if err == nil {
		u, err = at.Usage()
	}
	if errors.Is(err, unit.ErrRange) {
		return nil, nil //nolint:nilnil // beyond what can be counted there is no month
	}
	return &u, err
}

// Window is the part of the span to draw, and whether the axis is logarithmic.
// It extends beyond every change and the workload by a factor, to whole powers
// of ten where the span has them.
func (a *Along) Window() (Span, bool) {
	axis := a.Span.Axis
	if axis.Falls || a.Span.Hi <= everyStep {
		return a.Span, false
	}
	const factor = 5
	lo, hi := int64(0), int64(0)
	see := func(at int64) {
		if lo == 0 || at < lo {
			lo = at
		}
		hi = max(hi, at)
	}
	for i, s := range a.Stretches {
		if i > 0 && s.Offer != nil && a.Stretches[i-1].Offer != nil {
			see(max(s.From, 1))
		}
	}
	if a.Here != nil && *a.Here > 0 {
		see(*a.Here)
	}
	if lo == 0 {
		lo, hi = max(a.Span.Lo, 1), a.Span.Hi
	}
	from, to := int64(1), int64(1)
	for from*10 <= lo/factor {
		from *= 10
	}
	for to < hi*factor {
		to *= 10
	}
	w := Span{Axis: axis, Lo: max(from, a.Span.Lo), Hi: min(to, a.Span.Hi)}
	if w.Lo >= w.Hi {
		w = Span{Axis: axis, Lo: max(a.Span.Lo, 1), Hi: a.Span.Hi}
	}
	return w, true
}
