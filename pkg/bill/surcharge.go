package bill

import (
	"fmt"
	"slices"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// surcharge is one step of a card's surcharge, priced for a plan on the day of
// the options. The walk adds it if the load's engine version or durability
// calls for it.
type surcharge struct {
	card       *ratecard.Surcharge
	step       *ratecard.SurchargeStep
	durability string
	rate       *ratecard.Rate // per node and hour or month; nil where the plan has no price on demand
	fx         *ratecard.ExchangeRate
}

// planSurcharges prices the version's surcharges for a plan on the day of the
// options. Steps that are not in force on that day are left out.
func (o *Offer) planSurcharges(p *plan) {
	v := o.Version
	for i := range v.Surcharges {
		card := &v.Surcharges[i]
		for j := range card.Steps {
			step := &card.Steps[j]
			if !step.In(o.options.AsOf) || step.Millionths == 0 {
				continue
			}
			s := surcharge{card: card, step: step, durability: card.Durability}
			if demand, state := v.PlanRate(p.card, o.Region); state == ratecard.Priced {
				s.rate = shareOf(demand, step, card, v.Offer.ID)
				s.fx = o.exchange(demand.Currency)
			}
			p.surcharges = append(p.surcharges, s)
		}
	}
	if len(p.surcharges) > 0 && p.months > 0 {
		// Plans are in order of their price for the term. The surcharge is a
		// share of the price on demand, which may have another order.
		o.byNodePrice = false
	}
}

// shareOf is a step's share of a plan's price on demand, per the same unit; nil
// if it does not fit in 64 bits.
func shareOf(demand *ratecard.Rate, step *ratecard.SurchargeStep, card *ratecard.Surcharge, offer string) *ratecard.Rate {
	amount, err := demand.Price.Amount.Times(step.Millionths, unit.Million)
	if err != nil {
		return nil
	}
	r := *demand
	if r.Factor != "" { // the price is already a multiple of another; apply the factor to that
		r.Text = r.Price.Amount.Exact()
	} else {
		r.Base = r.Source
	}
	r.Price.Amount, r.From = amount, offer
	r.Factor, r.Source, r.Assumed = unit.Decimal(step.Millionths, unit.Million), card.Source, card.Assumed
	return &r
}

// applies says whether the load calls for the surcharge: for its durability, or
// for its version of the engine.
func (s *surcharge) applies(u *workload.Usage) bool {
	switch {
	case s.durability != "":
		return u.Durability.String() == s.durability && (u.EngineVersion == 0 || s.step.Covers(u.EngineVersion))
	case u.EngineVersion == 0:
		return false
	}
	return s.step.Covers(u.EngineVersion)
}

// walkSurcharges adds up the surcharges for so many nodes or units of memory.
// complete is false if a surcharge applies whose price is not known.
func (o *Offer) walkSurcharges(p *plan, count int64, u *workload.Usage, visit visitor) (total money.USD, complete bool, err error) {
	complete = true
	if u.EngineVersion == 0 && u.Durability == 0 {
		return 0, true, nil // the load names neither, so no surcharge applies
	}
	for i := range p.surcharges {
		s := &p.surcharges[i]
		if !s.applies(u) {
			continue
		}
		if s.rate == nil {
			complete = false
			if visit != nil {
				visit(part{kind: partSurcharge, surcharge: s})
			}
			continue
		}
		quantity, scale := o.planQuantity(p, count, u)
		pt := part{kind: partSurcharge, rate: s.rate, surcharge: s, amounts: amounts{billed: quantity, fine: scale}}
		if pt.billed == tooMany {
			return 0, false, unit.ErrRange
		}
		if pt.original, pt.amount, err = price(s.rate, pt.billed, scale, s.fx); err == nil {
			total, err = total.Add(pt.amount)
		}
		if err != nil {
			return 0, false, err
		}
		if visit != nil {
			visit(pt)
		}
	}
	return total, complete, nil
}

// surcharge adds the line of a surcharge, with a note on what it will be once
// the next step is in force.
func (w *lineWriter) surcharge(pt part) {
	s := pt.surcharge
	if pt.rate == nil {
		return // because says why
	}
	time := "-hour"
	if w.plan.monthly {
		time = "-month"
	}
	notes := append(rateNotes(pt.rate), s.step.Words())
	if next := nextStep(s.card, w.u.EngineVersion, s.step.From); next != nil {
		if later, err := pt.amount.Times(next.Millionths, s.step.Millionths); err == nil {
			notes = append(notes, fmt.Sprintf("%s %% from %s, when this line is %s USD", next.Percent, next.From, later.Grouped()))
		}
	}
	if s.card.Note != "" {
		notes = append(notes, s.card.Note)
	}
	w.add(Line{
		ID: s.card.ID, Name: s.card.Name, Meter: w.plan.meter(), Unit: w.plan.counted() + time, Scale: max(1, pt.fine), Quantity: pt.billed, Billed: pt.billed,
		Rate: *pt.rate, Original: pt.original, FX: s.fx, Amount: pt.amount, Notes: notes,
	})
}

// nextStep finds the first step for a version that begins after a day; nil for
// none.
func nextStep(card *ratecard.Surcharge, version int64, after string) *ratecard.SurchargeStep {
	var next *ratecard.SurchargeStep
	for i := range card.Steps {
		s := &card.Steps[i]
		if s.From > after && s.Covers(version) && (next == nil || s.From < next.From) {
			next = s
		}
	}
	return next
}

// surchargeRemarks adds warnings on the engine version and the durability that
// were asked for, where no line of the bill shows them.
func (o *Offer) surchargeRemarks(b *Bill, u *workload.Usage) {
	if why := o.VersionRefused(u.EngineVersion); why != "" {
		b.OtherVersion = true
		b.Warnings = append(b.Warnings, why+"; priced for a version that it runs")
	} else if u.EngineVersion != 0 {
		o.laterSurcharges(b, u)
	}
	d := u.Durability.String()
	if d == "" {
		return
	}
	for i := range o.Version.Surcharges {
		s := &o.Version.Surcharges[i]
		if s.Durability != d {
			continue
		}
		in := func(step ratecard.SurchargeStep) bool {
			return step.In(o.options.AsOf) && (u.EngineVersion == 0 || step.Covers(u.EngineVersion))
		}
		if !slices.ContainsFunc(s.Steps, in) {
			b.Warnings = append(b.Warnings, fmt.Sprintf("%s is not offered for engine version %s on %s; not in this bill", s.Name, ratecard.VersionText(u.EngineVersion), o.options.AsOf))
		}
		return
	}
	b.Warnings = append(b.Warnings, fmt.Sprintf("%s durability: the offer has no such option; not in this bill", d))
}

// laterSurcharges warns of surcharges on the version that are not in force yet.
func (o *Offer) laterSurcharges(b *Bill, u *workload.Usage) {
	for i := range o.Version.Surcharges {
		s := &o.Version.Surcharges[i]
		now := slices.ContainsFunc(s.Steps, func(step ratecard.SurchargeStep) bool {
			return step.In(o.options.AsOf) && step.Covers(u.EngineVersion)
		})
		if next := nextStep(s, u.EngineVersion, o.options.AsOf); s.Durability == "" && !now && next != nil {
			b.Warnings = append(b.Warnings, fmt.Sprintf("%s adds %s %% to the plan's price on demand from %s", s.Name, next.Percent, next.From))
		}
	}
}

// VersionRefused says that the offer does not run a version of its engine, and
// which versions it runs. It returns "" if the offer runs it, if the cards do
// not say, and for no version (0).
func (o *Offer) VersionRefused(version int64) string {
	if version == 0 || o.Version == nil {
		return ""
	}
	r := o.Version.Engine()
	if (r.Oldest == 0 && r.Newest == 0) || r.Runs(version) {
		return ""
	}
	return fmt.Sprintf("engine version %s: the offer runs %s", ratecard.VersionText(version), r)
}
