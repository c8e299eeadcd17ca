package bill

import (
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// This file is part 1 of the walk: what a plan costs by itself, without the
// charges beside it (walk.go).

// walkPlan goes through what the plan itself costs in a month, for all nodes or
// all memory of all databases. complete is false if a surcharge applies whose
// price is not known.
func (o *Offer) walkPlan(p *plan, s shape, u *workload.Usage, visit visitor) (total money.USD, complete bool, err error) {
	count := s.nodes
	if p.per > 0 {
		count = product(product(s.units, s.copies), u.Databases)
	}
	switch {
	case len(o.reserved) > 0 && p.per == 0:
		total, err = o.walkInHand(p, count, u, visit)
	case p.recurring != nil:
		total, err = o.walkRecurring(p, count, u, visit)
	}
	if err != nil {
		return 0, false, err
	}
	complete = true
	if p.extras {
		var more money.USD
		if more, complete, err = o.walkExtras(p, count, u, visit); err == nil {
			total, err = total.Add(more)
		}
		if err != nil {
			return 0, false, err
		}
	}
	if p.disc != "" {
		total, err = discounted(total, p.share, p.disc, visit)
	}
	return total, complete, err
}

// walkRecurring prices a plan's price per hour or month, for so many nodes or
// units of memory.
func (o *Offer) walkRecurring(p *plan, count int64, u *workload.Usage, visit visitor) (money.USD, error) {
	quantity, scale := o.planQuantity(p, count, u)
	return o.walkQuantity(p, quantity, scale, visit)
}

// walkQuantity prices a plan's price per hour or month, for a quantity that is to
// be divided by scale.
func (o *Offer) walkQuantity(p *plan, quantity, scale int64, visit visitor) (money.USD, error) {
	if quantity == tooMany {
		return 0, unit.ErrRange
	}
	original, amount, err := price(p.recurring, quantity, scale, p.fx)
	if err == nil && visit != nil {
		visit(part{kind: partPlan, rate: p.recurring, amounts: amounts{billed: quantity, fine: scale}, original: original, amount: amount})
	}
	return amount, err
}

// walkExtras goes through what a plan costs besides its recurring price: the
// money paid upfront, surcharges and read regions.
func (o *Offer) walkExtras(p *plan, count int64, u *workload.Usage, visit visitor) (total money.USD, complete bool, err error) {
	if p.upfront != nil {
		if total, err = o.walkUpfront(p, count, u, visit); err != nil {
			return 0, false, err
		}
	}
	more, complete, err := o.walkSurcharges(p, count, u, visit)
	if err == nil {
		total, err = total.Add(more)
	}
	if err != nil {
		return 0, false, err
	}
	if r := p.card.ReadRegion; r != nil && u.ReadRegions > 0 {
		regions := u.ReadRegions * u.Databases
		quantity, scale := o.monthly(regions, u)
		amount, err := r.Price.Of(quantity, scale)
		if err == nil {
			total, err = total.Add(amount)
		}
		if err != nil {
			return 0, false, err
		}
		if visit != nil {
			visit(part{kind: partReadRegions, rate: r, amounts: amounts{billed: regions}, amount: amount})
		}
	}
	return total, complete, nil
}

// walkUpfront prices one month's share of what is paid at the start of the term,
// which is spread evenly over its months.
func (o *Offer) walkUpfront(p *plan, count int64, u *workload.Usage, visit visitor) (money.USD, error) {
	month := money.Price{Amount: p.upfront.Price.Amount, Per: p.months}
	quantity, scale := o.monthly(count, u)
	amount, err := month.Of(quantity, scale)
	if err != nil {
		return 0, err
	}
	cash, err := money.Price{Amount: p.upfront.Price.Amount, Per: 1}.Of(count, 1)
	if err == nil && visit != nil {
		visit(part{kind: partUpfront, rate: p.upfront, amounts: amounts{billed: count}, amount: amount, cash: cash})
	}
	return amount, err
}

// planQuantity is what a plan's recurring price applies to: nodes or units of
// memory, for a price per hour times the hours of the month. scale is what the
// quantity is to be divided by.
func (o *Offer) planQuantity(p *plan, count int64, u *workload.Usage) (quantity, scale int64) {
	if p.monthly {
		return o.monthly(count, u)
	}
	return product(count, o.billedHours(p, u)), o.parts
}

// monthly is a count that a price per month applies to. Of a month that the
// load covers in part (see period.go) it is the count × the hours that it
// covers, to be divided by the hours of the month. A month that is shorter than
// what the vendor prorates by is such a part.
func (o *Offer) monthly(count int64, u *workload.Usage) (quantity, scale int64) {
	hours, whole := o.hoursOf(u), max(o.hours, o.prorated)
	if hours == whole {
		return count, 1
	}
	return product(count, hours), whole
}
