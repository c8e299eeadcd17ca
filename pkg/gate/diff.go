package gate

import (
	"fmt"
	"maps"
	"slices"
	"sort"

	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
)

// Row is one workload on one target, in two reports.
type Row struct {
	Workload string
	A, B     *Item      // nil where the report has none
	Change   *money.USD // nil if one of them is not exact
	Split    *Split     // nil where the causes are not known
	Why      string     // why the causes, or the change, are not known
}

// Group is the rows of one check, or of an estimate's offers.
type Group struct {
	Name               string
	Rows               []Row
	A, B               money.USD // sums of what is known; of a check only
	AtLeastA, AtLeastB bool
	UnknownA, UnknownB []string
	Split              *Split
	Why                string
}

// Change is the difference of the sums; false if one of them is not exact.
func (g *Group) Change() (money.USD, bool) {
	d, err := minus(g.B, g.A)
	return d, err == nil && !g.AtLeastA && !g.AtLeastB
}

// row compares two items. One of them may be missing.
func (p *Pricer) row(t *Target, terms Terms, name string, asOfA string, a *Item, asOfB string, b *Item) (Row, error) {
	r := Row{Workload: name, A: a, B: b}
	whole := func(d money.USD) { r.Change, r.Split = &d, &Split{Workload: d} }
	switch {
	case a != nil && a.Reason != "":
		r.Why = "before: " + a.Reason
	case b != nil && b.Reason != "":
		r.Why = "now: " + b.Reason
	case a == nil:
		whole(b.Total)
	case b == nil:
		whole(-a.Total)
	default:
		d, err := minus(b.Total, a.Total)
		if err != nil {
			return r, err
		}
		r.Change = &d
		s, why, err := p.split(t, terms, side{a.Workload, asOfA, a.Total}, side{b.Workload, asOfB, b.Total})
		if err != nil {
			return r, err
		}
		if r.Why = why; why == "" {
			r.Split = &s
		}
	}
	return r, nil
}

// group compares the items of a check, by workload. The cost of a workload that
// was added or removed counts as a change of workload.
func (p *Pricer) group(t *Target, terms Terms, a *Report, before map[string]*Item, asOf string, now map[string]*Item) (*Group, error) {
	g := &Group{Split: &Split{}}
	names := map[string]bool{}
	for n := range before {
		names[n] = true
	}
	for n := range now {
		names[n] = true
	}
	for _, n := range slices.Sorted(maps.Keys(names)) {
		asOfA := a.AsOf
		if i := before[n]; i != nil && i.AsOf != "" {
			asOfA = i.AsOf
		}
		target, at := t, terms
		for _, i := range []*Item{before[n], now[n]} { // the later report's rule
			if i != nil && i.terms != nil {
				target, at = &i.target, *i.terms
			}
		}
		row, err := p.row(target, at, n, asOfA, before[n], asOf, now[n])
		if err != nil {
			return nil, err
		}
		if err := g.add(row); err != nil {
			return nil, err
		}
	}
	return g, nil
}

func (g *Group) add(row Row) (err error) {
	g.Rows = append(g.Rows, row)
	for _, s := range []struct {
		item    *Item
		total   *money.USD
		least   *bool
		unknown *[]string
	}{{row.A, &g.A, &g.AtLeastA, &g.UnknownA}, {row.B, &g.B, &g.AtLeastB, &g.UnknownB}} {
		if s.item == nil {
			continue
		}
		if *s.total, err = s.total.Add(s.item.Total); err != nil {
			return err
		}
		if s.item.Reason != "" {
			*s.least = true
			if len(*s.unknown) < maxReasons {
				*s.unknown = append(*s.unknown, s.item.Reason)
			}
		}
	}
	switch {
	case row.Split == nil:
		if g.Why == "" {
			g.Why = row.Workload + ": " + row.Why
		}
		g.Split = nil
	case g.Split != nil:
		sum, err := g.Split.Add(*row.Split)
		if err != nil {
			return err
		}
		g.Split = &sum
	}
	return nil
}

// Diff is what changed between two reports.
type Diff struct {
	A, B   *Report
	Groups []*Group
	Result *Result // the limits on it; without checks where none were given
}

// Compare finds the changes from a to b, two reports of the same kind. If
// limits are set, they apply to the rise of each check, or of an estimate's
// cheapest offer or only offer.
func (p *Pricer) Compare(a, b *Report, limits Limits) (*Diff, error) {
	if a.Kind != b.Kind {
		return nil, fmt.Errorf("%s is a report of keynest %s and %s one of keynest %s; compare two of the same command", a.Name, a.Kind, b.Name, b.Kind)
	}
	d := &Diff{A: a, B: b, Result: &Result{Config: b.Name, AsOf: b.AsOf, Set: p.set, Baseline: a, Verdict: Skipped}}
	judge := func(name string, g *Group) {
		if limits.MaxIncreaseUSD == nil && limits.MaxIncreasePercent == nil {
			return
		}
		c := &CheckResult{
			Check: &Check{Name: name, Limits: limits}, Total: g.B, AtLeast: g.AtLeastB, Unknown: g.UnknownB,
			Base: &Base{Total: g.A, AtLeast: g.AtLeastA, Unknown: g.UnknownA, Split: g.Split, Why: g.Why},
		}
		c.judge()
		d.Result.Add(c)
	}
	if a.Kind == KindEstimate {
		g, err := p.compareEstimates(a, b)
		if err != nil {
			return nil, err
		}
		d.Groups = append(d.Groups, g)
		one, err := p.headline(a, b)
		if err != nil {
			return nil, err
		}
		judge(g.Name, one)
		return d, nil
	}
	names := map[string]bool{}
	for n := range a.Checks {
		names[n] = true
	}
	for n := range b.Checks {
		names[n] = true
	}
	for _, n := range slices.Sorted(maps.Keys(names)) {
		before, now := a.Checks[n], b.Checks[n]
		ruling := now
		if ruling == nil {
			ruling = before
		}
		g, err := p.group(&ruling.Target, ruling.Terms, a, before.items(), b.asOf(now), now.items())
		if err != nil {
			return nil, err
		}
		g.Name = n
		d.Groups = append(d.Groups, g)
		if before != nil && now != nil {
			judge(n, g)
		}
	}
	return d, nil
}

func (r *Report) asOf(c *ReportCheck) string {
	if c != nil && c.Terms.AsOf != "" {
		return c.Terms.AsOf
	}
	return r.AsOf
}

// compareEstimates compares two estimates, offer by offer.
func (p *Pricer) compareEstimates(a, b *Report) (*Group, error) {
	g := &Group{Name: b.workload.Name, Split: nil}
	if g.Name == "" {
		g.Name = "estimate"
	}
	ids := map[string]bool{}
	for id := range a.Offers {
		ids[id] = true
	}
	for id := range b.Offers {
		ids[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		before, now := a.Offers[id], b.Offers[id]
		row, err := p.offerRow(a, b, before, now)
		if err != nil {
			return nil, err
		}
		g.Rows = append(g.Rows, row)
	}
	sort.SliceStable(g.Rows, func(i, j int) bool { return g.Rows[i].weight() > g.Rows[j].weight() })
	return g, nil
}

// offerRow compares one offer in two estimates. An offer that is in one of them
// only has no change, since it was not priced in the other.
func (p *Pricer) offerRow(a, b *Report, before, now *Item) (Row, error) {
	switch {
	case before == nil:
		return Row{Workload: b.workload.Name, B: now, Why: "not in " + a.Name}, nil
	case now == nil:
		return Row{Workload: b.workload.Name, A: before, Why: "not in " + b.Name}, nil
	}
	return p.row(&now.target, b.Terms, b.workload.Name, a.AsOf, before, b.AsOf, now)
}

// weight sorts rows: the largest changes first, rows without a change last.
func (r *Row) weight() money.USD {
	switch {
	case r.Change == nil:
		return -1
	case *r.Change < 0:
		return -*r.Change
	}
	return *r.Change
}

// headline is the figure of an estimate to which limits apply.
func (p *Pricer) headline(a, b *Report) (*Group, error) {
	g := &Group{Split: &Split{}}
	before, now := a.headline(), b.headline()
	missing := func(r *Report) *Item {
		return &Item{Workload: &r.workload, Reason: r.Name + " has no offer that is priced"}
	}
	if before == nil {
		before = missing(a)
	}
	if now == nil {
		now = missing(b)
	}
	t := now.target
	row, err := p.row(&t, b.Terms, b.workload.Name, a.AsOf, before, b.AsOf, now)
	if err != nil {
		return nil, err
	}
	return g, g.add(row)
}

func (r *Report) headline() *Item {
	if len(r.Offers) == 1 {
		for _, i := range r.Offers {
			return i
		}
	}
	return r.Offers[r.Cheapest[compare.Overall]]
}
