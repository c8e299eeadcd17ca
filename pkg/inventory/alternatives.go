package inventory

import (
	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/ratecard"
)

// alternatives looks for further ways to pay less: the same service with Valkey,
// the successor of a legacy offer, a reserved term, and another service.
func (p *pricer) alternatives(m *Mapping, a *Advice, at place, h *Holding, seen *Measured, least Saving) error {
	if a.Best == nil {
		return nil
	}
	add := func(kind string, c *Choice, always bool) {
		if c == nil || (!always && !least.reached(a.Now.USD-c.USD, a.Now.USD)) {
			return
		}
		a.Others = append(a.Others, Alternative{kind, *c, a.Now.USD - c.USD})
	}
	for _, other := range []struct{ kind, offer string }{{"engine", m.Advice.Sibling[h.Offer]}, {"successor", m.Advice.Successor[h.Offer]}} {
		if other.offer == "" {
			continue
		}
		there := at
		there.offer = other.offer
		if other.kind == "successor" {
			there.shards = 1 // its sizes are sold whole; it shards inside
		}
		c, err := p.smallest(m, there, seen)
		if err != nil {
			return err
		}
		if other.kind == "engine" && c != nil && c.USD >= a.Best.USD {
			continue
		}
		add(other.kind, c, other.kind == "successor")
	}
	for _, term := range []ratecard.Term{ratecard.Term1Y, ratecard.Term3Y} {
		c, err := p.committedChoice(a.Best, at, term)
		if err != nil {
			return err
		}
		add("term", c, false)
	}
	c, err := p.elsewhere(m, a, at, seen)
	add("service", c, false)
	return err
}

// smallest is the cheapest plan of an offer that holds a peak; nil for none.
func (p *pricer) smallest(m *Mapping, at place, seen *Measured) (*Choice, error) {
	choices, err := p.choices(m, at, nil, seen)
	if err != nil {
		return nil, err
	}
	for i := range choices {
		if choices[i].lacks(seen, at.shards) == "" {
			return &choices[i], nil
		}
	}
	return nil, nil //nolint:nilnil // no plan is an answer
}

// committedChoice is the cheapest way to commit to a choice for a term.
func (p *pricer) committedChoice(best *Choice, at place, term ratecard.Term) (*Choice, error) {
	card := p.set.Offer(best.Offer)
	if card == nil || at.term.Months() > 0 {
		return nil, nil //nolint:nilnil // no card, no term
	}
	v := p.version(card)
	var least *Choice
	for _, c := range v.Commitments() {
		if c.Term != term || c.Kind != ratecard.CommitReserved {
			continue
		}
		at.term, at.upfront = term, c.Upfront
		one, err := p.choice(card, v, v.Plan(best.Plan), best.SizeBytes, at)
		if err != nil {
			return nil, err
		}
		if one != nil && (least == nil || one.USD < least.USD) {
			least = one
		}
	}
	return least, nil
}

// elsewhere is the cheapest other service that keynest estimate would name for
// the load; nil where the load is not wholly known.
func (p *pricer) elsewhere(m *Mapping, a *Advice, at place, seen *Measured) (*Choice, error) {
	if seen.Workload == nil || at.region == "" {
		return nil, nil //nolint:nilnil // not known is no error
	}
	where, err := p.set.Where(at.region)
	if err != nil {
		return nil, nil //nolint:nilnil,nilerr // a place of no card has no offers
	}
	field, err := compare.NewField(p.set, compare.Filter{}, bill.Options{AsOf: p.options.AsOf, Where: where, HoursPerMonth: p.options.HoursPerMonth, FX: p.options.FX})
	if err != nil {
		return nil, err
	}
	w := *seen.Workload
	w.Replicas = at.replicas
	c, err := field.Run(w)
	if err != nil || c.Overall == nil {
		return nil, err
	}
	b := c.Overall
	if b.Offer.ID == at.offer || b.Offer.ID == m.Advice.Sibling[at.offer] {
		return nil, nil //nolint:nilnil // the same service
	}
	if b.Total >= a.Best.USD {
		return nil, nil //nolint:nilnil // nothing cheaper
	}
	other := &Choice{Offer: b.Offer.ID, USD: b.Total, Term: b.Term, Upfront: b.UpfrontKind}
	if b.Plan != nil {
		other.Plan = b.Plan.ID
	}
	return other, nil
}
