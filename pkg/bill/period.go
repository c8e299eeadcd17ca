package bill

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// This file prices a period of several months, each with its own load, on an
// offer. For an offer without plans, each month is a bill of its own. For an
// offer with plans, one size is bought for the whole period. It must hold the
// highest month, and it is the plan whose bills have the lowest sum.
//
// A month has the hours of the calendar. A price per GB-month, a plan per
// month, a minimum and a cap are for the whole month. If the load covers only a
// part of a month, the plan, the minimum and the cap are reduced to the hours
// that it covers; free amounts and tiers are not reduced.

// Month is one month's load.
type Month struct {
	Hours int64          // of the calendar month; Usage.Hours are those that the load covers
	Usage workload.Usage // with Hourly if the load differs from hour to hour
}

// Period is an offer compiled for months of several lengths. It does not change
// and may be used from several goroutines at once.
type Period struct {
	Offer *Offer // for a month of Options.HoursPerMonth

	lengths map[int64]*Offer
	plans   map[*Offer][]*plan // in the order of Offer.plans
}

// CompilePeriods compiles offers for months of each of the lengths, in hours.
func CompilePeriods(set *ratecard.Set, offers []*Offer, opt Options, lengths []int64) ([]*Period, error) {
	all := make([]*Period, len(offers))
	cards := make([]*ratecard.Offer, len(offers))
	for i, o := range offers {
		all[i] = &Period{Offer: o, lengths: map[int64]*Offer{}, plans: map[*Offer][]*plan{}}
		cards[i] = o.Card
	}
	for _, hours := range lengths {
		opt.HoursPerMonth = hours
		compiled, err := CompileAll(set, cards, opt)
		if err != nil {
			return nil, err
		}
		for i, o := range compiled {
			all[i].add(hours, o)
		}
	}
	return all, nil
}

// add stores the offer for one length of month, with its plans in the order of
// the usual month.
func (p *Period) add(hours int64, o *Offer) {
	p.lengths[hours] = o
	same := make([]*plan, len(p.Offer.plans))
	for i, want := range p.Offer.plans {
		for _, have := range o.plans {
			if have.card.ID == want.card.ID {
				same[i] = have
			}
		}
	}
	p.plans[o] = same
}

// Floors are the minimums that the offer applies to every hour: its own, and where
// it takes one that a customer sets, minDataGB (thousandths of its GB; 0 for none).
func (o *Offer) Floors(minDataGB int64) []workload.Floor {
	var all []workload.Floor
	add := func(charges []charge) {
		for i := range charges {
			if f := charges[i].floorFor(minDataGB); f.Den > 0 {
				all = append(all, f)
			}
		}
	}
	add(o.charges)
	for _, p := range o.plans {
		add(p.charges)
	}
	return all
}

// floorOf is the minimum that a charge applies to every hour; the zero Floor
// for none.
func floorOf(card *ratecard.Charge) workload.Floor {
	if !card.Metered.Hourly() {
		return workload.Floor{}
	}
	f := workload.Floor{Num: 0, Den: 1, Highest: card.Metered == ratecard.MeteredHourMax}
	if card.Minimum == "" {
		if !f.Highest {
			return workload.Floor{}
		}
		return f
	}
	digits := 0
	if _, fraction, ok := strings.Cut(card.Minimum, "."); ok {
		digits = len(fraction)
	}
	for range min(digits, 9) { // so that 0.1 GiB is GiB ÷ 10
		f.Den *= 10
	}
	f.Num, _ = unit.Scaled(card.Minimum, card.Unit.Held(1)*f.Den)
	return f
}

// floorFor is the charge's minimum of every hour where a customer has set one.
func (c *charge) floorFor(minDataGB int64) workload.Floor {
	if minDataGB == 0 || !c.settable || c.meter != ratecard.MeterStored || c.floor.Den == 0 {
		return c.floor
	}
	return c.floor.Raised(minDataGB, c.card.Unit.Held(1))
}

// PeriodCost is the cost of an offer over a period.
type PeriodCost struct {
	Status Status
	Total  money.USD
	Floor  money.USD   // the part of Total that minimums add to the metered amounts
	Months []money.USD // of Total
	// AtMost says that the total is an upper bound: a smaller plan also holds
	// the peak, and its price is not known.
	AtMost bool
	plan   int // in the order of Offer.plans; -1 for none
	shape  shape
}

// Shards is how many shards of its plan were chosen; 0 without a plan of nodes.
func (c *PeriodCost) Shards() int64 {
	if c.plan < 0 || c.shape.nodes == 0 {
		return 0
	}
	return c.shape.shards
}

// Cost prices a period. peak is the highest load of any month; plans are sized
// for it. The months' costs are stored in each if it is not nil.
func (p *Period) Cost(peak *workload.Usage, months []Month, each []money.USD) (PeriodCost, error) {
	c := PeriodCost{plan: -1, Months: each[:0]}
	o := p.Offer
	if o.status != "" {
		c.Status = o.status
		return c, nil
	}
	if o.refused(peak) != 0 {
		c.Status = Unfit
		return c, nil
	}
	if len(o.Version.Plans) > 0 {
		found, err := p.choose(&c, peak, months)
		if err != nil {
			return c, err
		}
		if !found {
			c.Status = Unfit
			if o.smallestThatFits(o.unknown, peak) == nil {
				return c, nil
			}
		}
	}
	c.AtMost = c.plan >= 0 && o.smallerUnknown(peak) != nil
	complete, err := p.months(&c, months)
	if tooLarge(err) {
		return PeriodCost{Status: Unfit, plan: -1}, nil
	}
	c.Status = statusOf(complete && (c.plan >= 0 || len(o.Version.Plans) == 0))
	return c, err
}

// MonthCost is one month's bill in the size that was chosen for a period.
func (p *Period) MonthCost(c *PeriodCost, m *Month) (money.USD, error) {
	o := p.lengths[m.Hours]
	total, _, err := o.walk(p.plan(o, c.plan), c.shape, &m.Usage, nil)
	return total, err
}

// months adds up the months in the size that was chosen.
func (p *Period) months(c *PeriodCost, months []Month) (complete bool, err error) {
	complete = true
	minimums := minimumCost{}
	visit := minimums.see
	for i := range months {
		m := &months[i]
		o := p.lengths[m.Hours]
		total, known, err := o.walk(p.plan(o, c.plan), c.shape, &m.Usage, visit)
		if err == nil {
			err = minimums.err
		}
		if err == nil {
			c.Total, err = c.Total.Add(total)
		}
		if err != nil {
			return false, err
		}
		c.Months = append(c.Months, total)
		complete = complete && known
	}
	c.Floor = minimums.sum
	return complete, nil
}

func (p *Period) plan(o *Offer, i int) *plan {
	if i < 0 {
		return nil
	}
	return p.plans[o][i]
}

// minimumCost is the visitor that adds up what minimums cost.
type minimumCost struct {
	sum money.USD
	err error
}

func (m *minimumCost) see(pt part) {
	switch {
	case pt.kind == partMinimum:
		m.add(pt.amount)
	case pt.kind == partCharge && pt.minimum > 0 && pt.tier <= 1:
		free := min(product(pt.charge.free, pt.fine), pt.quantity)
		_, without, err := price(pt.rate, pt.quantity-free, product(pt.charge.scale, pt.fine), pt.charge.fx)
		if err != nil {
			m.err = err
			return
		}
		m.add(pt.amount - without)
	}
}

func (m *minimumCost) add(u money.USD) {
	sum, err := m.sum.Add(u)
	if err != nil {
		m.err = err
	}
	m.sum = sum
}

// choose finds the plan whose bills sum to the least over the period, as
// Offer.choose does for one month.
func (p *Period) choose(c *PeriodCost, peak *workload.Usage, months []Month) (found bool, err error) {
	o := p.Offer
	nodesOnly := o.byNodePrice && !o.minimum.set && !o.cap.set
	hours := int64(0)
	for i := range months {
		hours += months[i].Usage.Hours
	}
	best, complete := money.USD(0), false
	for i, pl := range o.plans {
		if found && nodesOnly && lowest(pl.floor, hours, len(months)) > best {
			break
		}
		s, fault := o.fit(pl, peak, all)
		if fault != 0 {
			continue
		}
		var sum money.USD
		known := true
		if nodesOnly {
			sum, err = p.nodeCost(i, s, months)
		} else {
			sum, known, err = p.sum(i, s, months)
		}
		if tooLarge(err) {
			continue
		} else if err != nil {
			return false, err
		}
		better := sum < best || (sum == best && s.nodes < c.shape.nodes)
		if !found || (known && !complete) || (known == complete && better) {
			found, best, complete = true, sum, known
			c.plan, c.shape = i, s
		}
	}
	return found, nil
}

// lowest is a lower bound of what one node of a plan costs over a period: the
// price of a month times the hours of the period ÷ 745, since no month is
// longer than 745 hours.
func lowest(floor money.USD, hours int64, months int) money.USD {
	v, err := unit.MulDiv(uint64(floor), uint64(hours), 745)
	if err != nil {
		return money.MaxUSD
	}
	return money.USD(v) - money.USD(months)
}

// sum adds up the bills of the period.
func (p *Period) sum(plan int, s shape, months []Month) (total money.USD, complete bool, err error) {
	complete = true
	for i := range months {
		m := &months[i]
		o := p.lengths[m.Hours]
		part, known, err := o.walk(p.plans[o][plan], s, &m.Usage, nil)
		if err == nil {
			total, err = total.Add(part)
		}
		if err != nil {
			return 0, false, err
		}
		complete = complete && known
	}
	return total, complete, nil
}

// nodeCost is the part of the period's bills that depends on the plan, for
// offers whose plans differ only in the price of their nodes. Equal months are
// priced once.
func (p *Period) nodeCost(plan int, s shape, months []Month) (total money.USD, err error) {
	for i := range months {
		m := &months[i]
		part, seen := money.USD(0), false
		for j := range i {
			seen = seen || months[j].Hours == m.Hours && months[j].Usage.Hours == m.Usage.Hours
		}
		if seen {
			continue
		}
		o := p.lengths[m.Hours]
		pl := p.plans[o][plan]
		if part, _, err = o.walkPlan(pl, s, &m.Usage, nil); err != nil {
			return 0, err
		}
		for j := range pl.charges {
			if c := &pl.charges[j]; perSize(c.meter) && c.applies(pl) {
				more, _, err := c.walk(o.quantity(c, pl, s, product(s.nodes, m.Usage.Hours), &m.Usage), &m.Usage, nil)
				if err == nil {
					part, err = part.Add(more)
				}
				if err != nil {
					return 0, err
				}
			}
		}
		for j := i; j < len(months); j++ {
			if months[j].Hours == m.Hours && months[j].Usage.Hours == m.Usage.Hours {
				if total, err = total.Add(part); err != nil {
					return 0, err
				}
			}
		}
	}
	return total, nil
}

// Ranked says whether the cost may be called the cheapest.
func (p *Period) Ranked(c *PeriodCost) bool {
	switch {
	case c.AtMost:
		return false
	case c.plan < 0:
		return c.Status == Priced && p.Offer.ranked
	}
	return c.Status == Priced && len(p.Offer.plans[c.plan].classes) == 0
}

// Size names the plan that was chosen and how much of it, as in
// "2 × cache.r7g.large"; "" without a plan.
func (p *Period) Size(c *PeriodCost) string {
	if c.plan < 0 {
		return ""
	}
	card := p.Offer.plans[c.plan].card
	switch per := card.Per.Bytes(); {
	case per > 0:
		return fmt.Sprintf("%d %s of %s", c.shape.units*c.shape.copies, p.Offer.plans[c.plan].counted(), card.ID)
	case c.shape.nodes > 1:
		return fmt.Sprintf("%d × %s", c.shape.nodes, card.ID)
	}
	return card.ID
}

// Forced is the extra cost of the size that holds the peak over the size that
// would hold the mean load; 0 without a plan.
func (p *Period) Forced(c *PeriodCost, mean *workload.Usage, months []Month) (money.USD, error) {
	if c.plan < 0 || p.Offer.pinned {
		return 0, nil
	}
	flat, err := p.Cost(mean, months, nil)
	if err != nil || flat.plan < 0 || flat.Status != c.Status {
		return 0, err
	}
	return max(c.Total-flat.Total, 0), nil
}

// Bill is the cost of a period as a bill without lines: status and reasons, the
// plan and why it was chosen, assumptions and warnings, and the total of the
// whole period.
func (p *Period) Bill(c *PeriodCost, peak *workload.Usage) (*Bill, error) {
	o := p.Offer
	b := o.blank()
	switch {
	case o.status != "":
	case o.refused(peak) != 0:
		b.Reasons = []string{o.explain(nil, peak, o.refused(peak))}
	case c.plan >= 0:
		pl := o.plans[c.plan]
		o.describePlan(b, pl, c.shape, peak)
		o.remarks(b, pl, peak)
	case len(o.Version.Plans) > 0:
		if err := o.noPlan(b, peak); err != nil && !tooLarge(err) {
			return nil, err
		}
	default:
		o.remarks(b, nil, peak)
	}
	b.Status, b.Total, b.Lines = c.Status, c.Total, nil
	var chosen *plan
	if c.plan >= 0 {
		chosen = o.plans[c.plan]
	}
	if c.Status == Incomplete && (chosen != nil || len(o.Version.Plans) == 0) {
		if _, _, err := o.walk(chosen, c.shape, peak, b.because); err != nil && !tooLarge(err) {
			return nil, err
		}
	}
	if o.status == "" {
		b.Unranked = o.unranked(b, chosen)
	}
	if b.Plan != nil {
		b.Plan.OneShard = nil // it is that of one month
	}
	for i := range b.Assumptions {
		b.Assumptions[i].Otherwise = nil // it is that of one month
	}
	return b, nil
}

// Capacity is the data in bytes and the commands a second that the chosen size
// holds; 0 for a figure that has no limit or is not known.
func (p *Period) Capacity(c *PeriodCost) (storedBytes, opsPerSec int64) {
	if c.plan < 0 {
		l := &p.Offer.Version.Limit
		return l.MaxData, l.MaxOpsPerSec
	}
	pl := p.Offer.plans[c.plan]
	if per := pl.per; per > 0 {
		sold := c.shape.units * per
		storedBytes, _ = unit.MulDiv(uint64(sold), uint64(p.Offer.Version.Sizing.UsableShare), unit.Million)
		return storedBytes, pl.ops
	}
	storedBytes, opsPerSec = pl.card.Usable*c.shape.shards, pl.ops*c.shape.shards
	if storedBytes == 0 {
		storedBytes = pl.card.Limit.MaxData
	}
	if opsPerSec == 0 {
		opsPerSec = pl.card.Limit.MaxOpsPerSec
	}
	return storedBytes, opsPerSec
}
