package ratecard

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/keynest/keynest/pkg/unit"
)

// commitments reads the terms that a version sells. They are long tables that most
// bills do not need, so they are built on first use, or at once when problems are
// reported. Several goroutines may use them then, so this builder has its own copy
// of what was built so far.
func (b *builder) commitments(path []string, v *Version, raw *rawVersion, chain []*rawVersion) {
	later := *b
	if b.report == nil {
		later.others = nil
	}
	v.terms = sync.OnceValue(func() []Commitment {
		b := &later
		var terms []Commitment
		for _, id := range slices.Sorted(maps.Keys(raw.Commitment)) {
			c, ok := b.commitment(b.sub(path, "commitment", id), id, raw.Commitment[id], v, chain)
			for i := range terms {
				if o := &terms[i]; o.Kind == c.Kind && o.Term == c.Term && o.Upfront == c.Upfront {
					b.problem(b.sub(path, "commitment", id), "is for the same term and upfront as commitment %s", o.ID)
				}
			}
			if ok {
				terms = append(terms, c)
			}
		}
		return terms
	})
	if b.report != nil {
		v.Commitments()
	}
}

// commitment builds the prices of one term; ok is false if that is not possible.
// Grids of a version replace those of the versions that it is based on, cell by
// cell, as price grids do.
func (b *builder) commitment(path []string, id string, raw *rawCommitment, v *Version, chain []*rawVersion) (c Commitment, ok bool) {
	c = Commitment{ID: id, Term: Term(raw.Term), Upfront: Upfront(raw.Upfront), Plans: raw.Plans, Note: raw.Note, Source: or(raw.Source, v.Source), assumed: raw.Assumed,
		Kind: CommitmentKind(or(raw.Kind, string(CommitReserved))), From: raw.From}
	if c.Kind != CommitReserved && c.Kind != CommitSavingsPlan {
		b.problem(path, "kind %q is neither reserved nor savings-plan", raw.Kind)
	}
	if _, err := time.Parse(time.DateOnly, c.From); err != nil && c.From != "" {
		b.problem(path, "from %q is not a date like 2026-09-20", c.From)
	}
	b.committedCharges(path, &c, raw, v)
	if c.Term.Months() == 0 {
		b.problem(path, "term %q is neither 1y nor 3y", raw.Term)
	}
	switch c.Upfront {
	case UpfrontNone, UpfrontPartial, UpfrontAll:
	default:
		b.problem(path, "upfront %q is not one of none, partial, all", raw.Upfront)
	}
	b.cite(path, c.Source, raw.Assumed)
	for _, layer := range chain {
		l := layer.Commitment[id]
		if l == nil {
			continue
		}
		own := l.USDPerHour != "" || l.USDUpfront != ""
		switch shared := l.FromOffer != "" || l.Factor != ""; {
		case own && shared, shared && l.FromOffer == "" && (c.hourly != nil || c.upfront != nil):
			b.problem(path, "has its own figures and a factor; remove one")
			return c, true
		case own:
			source := or(l.Source, or(layer.Source, v.Source))
			b.cite(path, source, l.Assumed)
			c.hourly = append(c.hourly, b.termTable(path, id, l.USDPerHour, source)...)
			c.upfront = append(c.upfront, b.termTable(path, id, l.USDUpfront, source)...)
		case l.FromOffer != "":
			like := priceTable{name: id, source: or(l.Source, or(layer.Source, v.Source)), assumed: l.Assumed}
			return c, b.commitmentFrom(path, l, &c, like)
		case l.Factor != "":
			b.shareOfOwn(path, l.Factor, &c)
			return c, true
		}
	}
	if c.hourly == nil && c.upfront == nil && c.Charges == nil {
		b.problem(path, "has no price: give usd_per_hour, usd_upfront, or factor")
	}
	return c, true
}

// committedCharges reads what charges cost under the commitment.
func (b *builder) committedCharges(path []string, c *Commitment, raw *rawCommitment, v *Version) {
	for _, id := range slices.Sorted(maps.Keys(raw.Charge)) {
		at, r := b.sub(path, "charge", id), raw.Charge[id]
		n, err := r.Factor.millionths()
		switch i := slices.IndexFunc(v.Charges, func(ch Charge) bool { return ch.ID == id }); {
		case err != nil:
			b.problem(at, "factor: %v", err)
		case n == 0 || n > unit.Million:
			b.problem(at, "factor %s is not above 0 and at most 1", r.Factor)
		case i < 0:
			b.problem(at, "is not a charge of the version")
		case len(v.Charges[i].Tiers) > 0:
			b.problem(at, "is a charge with tiers, which a commitment cannot price")
		}
		one := CommittedCharge{ID: id, Factor: n, FactorAs: string(r.Factor), AtLeast: r.AtLeast, Source: or(r.Source, c.Source), Assumed: r.Assumed}
		b.cite(at, one.Source, one.Assumed)
		c.Charges = append(c.Charges, one)
	}
}

// shareOfOwn prices a term as a share of the offer's own price on demand.
func (b *builder) shareOfOwn(path []string, factor figure, c *Commitment) {
	n, err := factor.millionths()
	if err != nil {
		b.problem(path, "factor: %v", err)
	} else if n > unit.Million {
		b.problem(path, "factor %s makes the price higher than on demand", factor)
	} else if n == 0 {
		b.problem(path, "factor %s makes the price zero", factor)
	}
	c.factor, c.factorAs = n, string(factor)
}

// termTable reads a grid of committed prices in dollars, or none.
func (b *builder) termTable(path []string, id, grid, source string) []priceTable {
	if grid == "" {
		return nil
	}
	t := priceTable{name: id, grid: grid, currency: "USD", per: string(PerHour), source: source}
	b.checkGrid(path, &t)
	return []priceTable{t}
}

// commitmentFrom adds the prices of the same term of another offer, times a
// factor.
func (b *builder) commitmentFrom(path []string, raw *rawCommitment, c *Commitment, like priceTable) bool {
	other := b.otherOffer(path, raw.FromOffer)
	if other == nil {
		return false
	}
	for _, o := range other.Commitments() {
		if o.Term != c.Term || o.Upfront != c.Upfront {
			continue
		}
		if o.factor != 0 {
			b.problem(path, "%s prices it as a share of its on-demand price; give that factor here", raw.FromOffer)
		}
		c.hourly = append(c.hourly, b.times(path, o.hourly, like, raw.FromOffer, raw.Factor)...)
		c.upfront = append(c.upfront, b.times(path, o.upfront, like, raw.FromOffer, raw.Factor)...)
		return true
	}
	b.problem(path, "%s sells no %s term with %s upfront", raw.FromOffer, raw.Term, raw.Upfront)
	return false
}

// ReservedUnits say how reserved nodes count for other sizes of their family.
type ReservedUnits struct {
	Sizes  map[string]int64 // thousandths of a unit by the end of a plan's id, such as "large"; nil where they do not
	Source string
}

// reservedUnits reads the units of each size.
func (b *builder) reservedUnits(path []string, v *Version, raw *rawUnits) {
	if raw == nil {
		return
	}
	at := b.sub(path, "reserved_units")
	v.ReservedUnits = ReservedUnits{Sizes: map[string]int64{}, Source: or(raw.Source, v.Source)}
	b.cite(at, v.ReservedUnits.Source, "")
	for _, size := range slices.Sorted(maps.Keys(raw.Size)) {
		n, err := raw.Size[size].millionths()
		switch {
		case err != nil:
			b.problem(at, "size %s: %v", size, err)
		case n <= 0 || n > 1000*unit.Million || n%1000 != 0:
			b.problem(at, "size %s: %s is not a number of units from 0.001 to 1000", size, raw.Size[size])
		}
		v.ReservedUnits.Sizes[size] = n / 1000
	}
}
