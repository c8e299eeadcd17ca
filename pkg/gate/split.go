package gate

import (
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/workload"
)

// Split is a change in cost by its causes. The three parts sum exactly to the
// change.
type Split struct {
	Workload money.USD // the workload changed
	Rates    money.USD // the rates in force changed
	Other    money.USD // another offer, plan, region or term, a corrected card, or another version of the program
}

// Sum is the whole change.
func (s Split) Sum() (money.USD, error) {
	return sum(s.Workload, s.Rates, s.Other)
}

func sum(parts ...money.USD) (total money.USD, err error) {
	for _, p := range parts {
		if total, err = total.Add(p); err != nil {
			return 0, err
		}
	}
	return total, nil
}

// minus is a − b. b is never the smallest int64, which has no negative.
func minus(a, b money.USD) (money.USD, error) { return a.Add(-b) }

// Add is the split of two changes together.
func (s Split) Add(t Split) (Split, error) {
	var err [3]error
	s.Workload, err[0] = s.Workload.Add(t.Workload)
	s.Rates, err[1] = s.Rates.Add(t.Rates)
	s.Other, err[2] = s.Other.Add(t.Other)
	for _, e := range err {
		if e != nil {
			return Split{}, e
		}
	}
	return s, nil
}

// A side is a figure of a report: a workload, the day of its rates, the sum.
type side struct {
	workload *workload.Workload
	asOf     string
	total    money.USD
}

// split finds the causes of the change from a to b by pricing again, with the
// target and the terms of b: a's workload on a's day (a1), a's workload on b's
// day (a2) and b's workload on b's day (b1). The part of the rates is a2−a1,
// that of the workload b1−a2. The rest, (a1−a)+(b−b1), is what this program
// computes differently. why says what could not be priced again; the split is
// then unknown.
func (p *Pricer) split(t *Target, terms Terms, a, b side) (s Split, why string, err error) {
	var sums [3]money.USD
	for i, step := range []struct {
		workload *workload.Workload
		asOf     string
	}{{a.workload, a.asOf}, {a.workload, b.asOf}, {b.workload, b.asOf}} {
		at := terms
		at.AsOf = step.asOf
		if sums[i], why, err = p.total(t, at, step.workload); err != nil || why != "" {
			return Split{}, why, err
		}
	}
	a1, a2, b1 := sums[0], sums[1], sums[2]
	var errs [5]error
	s.Rates, errs[0] = minus(a2, a1)
	s.Workload, errs[1] = minus(b1, a2)
	before, err := minus(a1, a.total)
	errs[2] = err
	after, err := minus(b.total, b1)
	errs[3] = err
	s.Other, errs[4] = before.Add(after)
	for _, e := range errs {
		if e != nil {
			return Split{}, "", e
		}
	}
	return s, "", nil
}
