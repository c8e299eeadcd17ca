package ratecard

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
)

// State says whether a plan or charge has a price in a region.
type State int

// The states of a price.
const (
	NotSold State = iota // the vendor does not sell this there
	NoPrice              // the card has no entry for it there
	Unknown              // it is sold, at a price that was not found
	Priced
)

// Regions lists the regions that the version's prices name, in order. It is
// empty for an offer with one price everywhere.
func (v *Version) Regions() []string {
	seen := map[string]bool{}
	for i := range v.tables {
		_, regions := v.tables[i].axes()
		for _, r := range regions {
			seen[r] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// regional says whether the version's prices name any region.
func (v *Version) regional() bool {
	return slices.ContainsFunc(v.tables, func(t priceTable) bool { return len(t.regions) > 0 })
}

// inRegion says whether any price table has the region.
func (v *Version) inRegion(name string) bool {
	return slices.ContainsFunc(v.tables, func(t priceTable) bool { return slices.Contains(t.regions, name) })
}

// inTables says whether any price table has the plan or charge.
func (v *Version) inTables(id string) bool {
	for i := range v.tables {
		if v.tables[i].speaksOf(id) {
			return true
		}
	}
	return false
}

// tablePer is the unit of the price in the first table that has the plan.
func (v *Version) tablePer(id string) PlanPer {
	for i := range v.tables {
		if v.tables[i].speaksOf(id) {
			return PlanPer(v.tables[i].per)
		}
	}
	return ""
}

// tableRate looks an id up in the price tables, in the version's own tables
// first.
func (v *Version) tableRate(id, region string, per int64) (*Rate, State) {
	for i := range v.tables {
		c := v.tables[i].lookup(id, region)
		if !c.found {
			continue
		}
		return rateOf(&v.tables[i], c, per)
	}
	return nil, NoPrice
}

func rateOf(t *priceTable, c cell, per int64) (*Rate, State) {
	switch c.text {
	case cellNotSold:
		return nil, NotSold
	case cellUnknown:
		return nil, Unknown
	}
	r, err := t.rate(c, per)
	if err != nil {
		return nil, Unknown
	}
	return r, Priced
}

// ChargeRate is the price of an untiered charge in a region.
func (v *Version) ChargeRate(c *Charge, region string) (*Rate, State) {
	switch {
	case c.Unknown != "":
		return nil, Unknown
	case c.Rate != nil:
		return c.Rate, Priced
	}
	return v.tableRate(c.ID, region, c.Per)
}

// PlanRate is the on-demand price of a plan in a region, per Plan.Per.
func (v *Version) PlanRate(p *Plan, region string) (*Rate, State) {
	switch {
	case p.Unknown != "":
		return nil, Unknown
	case p.Rate != nil:
		return p.Rate, Priced
	}
	return v.tableRate(p.ID, region, 1)
}

// Commitment finds the version's reservation for a term, or nil.
func (v *Version) Commitment(term Term, upfront Upfront) *Commitment {
	return v.CommitmentOf(CommitReserved, term, upfront, "")
}

// CommitmentOf finds the version's commitment of a kind for a term on a day, or
// nil. The day "" finds it whenever its sale begins.
func (v *Version) CommitmentOf(kind CommitmentKind, term Term, upfront Upfront, day string) *Commitment {
	terms := v.Commitments()
	for i := range terms {
		c := &terms[i]
		if c.Kind == kind && c.Term == term && c.Upfront == upfront && (day == "" || c.From <= day) {
			return c
		}
	}
	return nil
}

// CommittedRate is the price of a plan under a commitment: the recurring price,
// per Plan.Per, and the price paid at the start of the term, per node. One of
// them may be nil.
func (v *Version) CommittedRate(c *Commitment, p *Plan, region string) (recurring, upfront *Rate, state State) {
	if !c.Covers(p.ID) {
		return nil, nil, NotSold
	}
	if c.factor != 0 {
		r, state := v.PlanRate(p, region)
		if state != Priced {
			return nil, nil, state
		}
		scaled := *r
		amount, err := r.Price.Amount.Times(c.factor, 1_000_000)
		if err != nil {
			return nil, nil, Unknown
		}
		if r.Factor != "" { // the price is already a multiple of another; apply the factor to that
			scaled.Text = r.Price.Amount.Exact()
		} else {
			scaled.Base = r.Source
		}
		scaled.Price.Amount = amount
		scaled.Factor, scaled.Source, scaled.Assumed = c.factorAs, c.Source, c.assumed
		scaled.From = v.Offer.ID
		return &scaled, nil, Priced
	}
	state = NotSold
	for _, part := range []struct {
		tables []priceTable
		rate   **Rate
	}{{c.hourly, &recurring}, {c.upfront, &upfront}} {
		for i := range part.tables {
			cell := part.tables[i].lookup(p.ID, region)
			if !cell.found {
				continue
			}
			r, s := rateOf(&part.tables[i], cell, 1)
			if s != Priced {
				return nil, nil, s
			}
			*part.rate, state = r, Priced
			break
		}
	}
	if state == Priced && ((len(c.hourly) > 0 && recurring == nil) || (len(c.upfront) > 0 && upfront == nil)) {
		return nil, nil, Unknown
	}
	return recurring, upfront, state
}

// PriceSources lists the sources of the version's prices, in order.
func (v *Version) PriceSources() []string {
	seen := map[string]bool{}
	for i := range v.tables {
		seen[v.tables[i].source] = true
	}
	for i := range v.Charges {
		seen[v.Charges[i].Source] = true
	}
	for i := range v.Plans {
		p := &v.Plans[i]
		if p.Rate != nil {
			seen[p.Rate.Source] = true
		}
		for j := range p.Charges {
			seen[p.Charges[j].Source] = true
		}
	}
	for _, c := range v.Commitments() {
		seen[c.Source] = true
		for i := range c.Charges {
			seen[c.Charges[i].Source] = true
		}
	}
	for i := range v.Surcharges {
		seen[v.Surcharges[i].Source] = true
	}
	delete(seen, "")
	return slices.Sorted(maps.Keys(seen))
}

// Sources lists every source that the version's figures and words cite, in
// order.
func (v *Version) Sources() []string {
	seen := map[string]bool{v.Source: true, v.Limit.Source: true, v.EngineSource: true}
	for _, id := range v.PriceSources() {
		seen[id] = true
	}
	for i := range v.Plans {
		seen[v.Plans[i].Limit.Source] = true
	}
	if v.Sizing.Assumed == "" {
		seen[v.Sizing.Source] = true
	}
	if v.Sizing.OpsPerSec > 0 {
		seen[v.Sizing.OpsSource] = true
	}
	for _, n := range append(append([]Note{}, v.Assumptions...), v.Unknowns...) {
		seen[n.Source] = true
	}
	delete(seen, "")
	return slices.Sorted(maps.Keys(seen))
}

// Plan finds a plan by id, or returns nil.
func (v *Version) Plan(id string) *Plan {
	i := sort.Search(len(v.Plans), func(i int) bool { return v.Plans[i].ID >= id })
	if i < len(v.Plans) && v.Plans[i].ID == id {
		return &v.Plans[i]
	}
	return nil
}

// PlanNamed finds a plan by its id, or by the name that the vendor prints, such
// as "Fixed 250MB", in any case. It returns nil if no plan or more than one has
// the name.
func (v *Version) PlanNamed(name string) *Plan {
	if p := v.Plan(name); p != nil {
		return p
	}
	var found *Plan
	for i := range v.Plans {
		if p := &v.Plans[i]; p.Name != "" && strings.EqualFold(p.Name, name) {
			if found != nil {
				return nil
			}
			found = p
		}
	}
	return found
}

// String is the name of the version in messages.
func (v *Version) String() string { return fmt.Sprintf("%s of %s", v.Offer.ID, v.From) }
