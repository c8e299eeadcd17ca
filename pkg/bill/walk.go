package bill

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// This file states once what a bill consists of, and in which order it is added
// up:
//
//  1. the plan, where the offer has plans: what reservations in hand cover of it,
//     its recurring price for the rest, the month's share of the money paid upfront, surcharges for the engine's version or an
//     option, its read regions, less its discount;
//  2. each charge in order of its id: the metered quantity, raised to the
//     charge's minimum, less the free amount, priced by tier, less its discount;
//     A charge that counts nothing unless the caller asks for it (zones,
//     snapshots) is left out where it counts nothing;
//  3. the minimum per month, if the sum is below it;
//  4. the cap per month, if the sum is above it;
//  5. the tax, a share of all of the above.
//
// Three callers go through a bill. Total needs only the sum and passes no
// visitor. Bill writes a line for each part (bill.go). Regime notes which
// minimum, tier and cap applied (regime.go). They cannot disagree, because none
// of them decides what belongs to a bill.
//
// Rounding: each part is rounded once, half up, to a nano-dollar (package
// money), in the currency of its price. A price in another currency is rounded
// again when it is converted. A discount is rounded once, on the sum of what it
// applies to. Sums are exact.

// partKind says what a part of a bill is.
type partKind uint8

const (
	partPlan        partKind = iota // the plan's recurring price
	partUpfront                     // one month's share of what is paid at the start of the term
	partSurcharge                   // what the engine's version or an option adds to the plan's price
	partReadRegions                 // the plan's price for further read regions
	partCharge                      // a charge, or one tier of it
	partUnknown                     // a charge whose price is not known; its amount is 0
	partDiscount                    // what a discount takes off the plan or the charge before it; negative
	partMinimum                     // what raises the bill to the minimum per month
	partCap                         // what lowers the bill to the cap per month; negative
	partTax                         // the tax on all that is before it
	partReserved                    // what a reservation in hand costs for the nodes that it covers
)

// part is one amount that is added to a bill. Quantities are in the smallest
// unit of the meter (package unit). The quantity of a plan is its nodes or
// units of memory, times the hours for a price per hour.
type part struct {
	kind     partKind
	charge   *charge        // of a charge
	tier     int            // of a charge with tiers: 1 for the first
	rate     *ratecard.Rate // nil for a discount, a minimum and a cap
	amounts                 // billed is of this tier, the other amounts are of all tiers together
	original money.USD      // in the currency of the rate
	amount   money.USD      // in dollars
	cash     money.USD      // of partUpfront: what is paid at the start of the term
	limit    money.USD      // of a minimum or a cap: the sum that the bill is brought to
	words    string         // of a discount

	surcharge *surcharge // of partSurcharge, whose rate is nil where it is not known
	reserved  *reserved  // of partReserved
}

// visitor sees the parts of a bill in order. It may be nil. It gets parts by
// value, so that pricing without a visitor allocates nothing.
type visitor func(part)

// walk goes through the month's bill for one plan (nil for an offer without
// plans) in one shape. It returns the total, and complete = false if the total
// is only a lower bound: a charge of unknown price applies, or the card does
// not say what a replica costs. An amount or quantity that does not fit in 64
// bits is an error, see tooLarge.
func (o *Offer) walk(p *plan, s shape, u *workload.Usage, visit visitor) (total money.USD, complete bool, err error) {
	complete = true
	if p != nil {
		if total, complete, err = o.walkPlan(p, s, u, visit); err != nil {
			return 0, false, err
		}
	}
	total, known, err := o.walkCharges(total, p, s, product(s.nodes, o.billedHours(p, u)), u, visit)
	return total, complete && known, err
}

// walkCharges continues a bill after its plan: it adds the charges, the minimum
// and the cap of the month and the tax to a total. nodeHours are the hours of all
// nodes in the month, which is their number × the hours of the month except
// where the number changes by the hour (resize.go).
func (o *Offer) walkCharges(total money.USD, p *plan, s shape, nodeHours int64, u *workload.Usage, visit visitor) (_ money.USD, complete bool, err error) {
	charges, minimum, maximum := o.charges, &o.minimum, &o.cap
	if p != nil {
		charges = p.charges
		if p.minimum.set {
			minimum = &p.minimum
		}
		if p.cap.set {
			maximum = &p.cap
		}
	}
	complete = !o.replicasUnknown(u) && o.says(p, u)
	for i := range charges {
		c := &charges[i]
		if c.plans != nil && !c.applies(p) {
			continue
		}
		quantity := o.quantity(c, p, s, nodeHours, u)
		if quantity == 0 && c.onRequest {
			continue
		}
		amount, known, err := c.walk(quantity, u, visit)
		if err == nil {
			total, err = total.Add(amount)
		}
		if err != nil {
			return 0, false, fmt.Errorf("%s, charge %s: %w", o.Version, c.card.ID, err)
		}
		complete = complete && known
	}
	if minimum.set || maximum.set {
		total = o.bound(total, minimum, maximum, u, visit)
	}
	if u.Tax > 0 {
		total, err = taxed(total, u.Tax, visit)
	}
	return total, complete, err
}

// taxed adds the tax, rounded once, on the whole bill.
func taxed(total money.USD, share int64, visit visitor) (money.USD, error) {
	tax, err := total.Times(share, unit.Million)
	if err != nil {
		return 0, err
	}
	if visit != nil {
		visit(part{kind: partTax, amount: tax, limit: total})
	}
	return total.Add(tax)
}

// bound applies the minimum per month, then the cap.
func (o *Offer) bound(total money.USD, minimum, maximum *perMonth, u *workload.Usage, visit visitor) money.USD {
	if minimum.set {
		if least := o.boundOf(minimum, u); total < least {
			if visit != nil {
				visit(part{kind: partMinimum, amount: least - total, limit: least})
			}
			total = least
		}
	}
	if maximum.set {
		if most := o.boundOf(maximum, u); total > most {
			if visit != nil {
				visit(part{kind: partCap, amount: most - total, limit: most})
			}
			total = most
		}
	}
	return total
}

// boundOf is a minimum or a cap for the part of the month that the load covers.
func (o *Offer) boundOf(m *perMonth, u *workload.Usage) money.USD {
	whole := m.of(u)
	if u.Hours == 0 || u.Hours == o.hours {
		return whole
	}
	part, err := whole.Times(u.Hours, o.hours)
	if err != nil {
		return whole
	}
	return part
}

// discounted takes a discount off an amount, of which share millionths remain.
func discounted(amount money.USD, share int64, words string, visit visitor) (money.USD, error) {
	left, err := amount.Times(share, unit.Million)
	if err != nil {
		return 0, err
	}
	if visit != nil {
		visit(part{kind: partDiscount, amount: left - amount, words: words})
	}
	return left, nil
}

// amounts are the quantities of a charge, in parts of the smallest unit of its
// meter (see fine).
type amounts struct {
	quantity int64 // metered
	minimum  int64 // the charge's minimum if it is above quantity, else 0
	free     int64 // what costs nothing
	billed   int64 // what is priced
	fine     int64 // into how many parts the smallest unit is divided; 1 except for hourly minimums (period.go)
}

// walk goes through one charge for a metered quantity. known is false if it
// bills something at a price that is not known.
func (c *charge) walk(quantity int64, u *workload.Usage, visit visitor) (total money.USD, known bool, err error) {
	var a amounts
	c.metered(&a, quantity, u)
	if a.billed == 0 && visit == nil {
		return 0, true, nil
	}
	switch {
	case c.unknown != "":
		if visit != nil {
			visit(part{kind: partUnknown, charge: c, amounts: a})
		}
		return 0, a.billed == 0, nil
	case a.billed == tooMany:
		return 0, false, unit.ErrRange
	case len(c.tiers) == 0:
		total, err = c.price(c.rateOf(u), 0, &a, visit)
	default:
		total, err = c.walkTiers(&a, visit)
	}
	if err == nil && c.disc != "" {
		total, err = discounted(total, c.share, c.disc, visit)
	}
	return total, c.atLeast == "" || a.billed == 0, err
}

// walkTiers prices a billed quantity tier by tier. Normally each tier's price
// applies to the units that fall into it. With wholeAmount the price of the
// tier that is reached applies to the whole quantity.
func (c *charge) walkTiers(all *amounts, visit visitor) (total money.USD, err error) {
	from := int64(0)
	for i := range c.tiers {
		t := &c.tiers[i]
		upTo := product(max(t.upTo, 0), all.fine)
		reached := t.upTo < 0 || all.billed <= upTo // the quantity ends in this tier
		if c.wholeAmount && !reached {
			continue
		}
		in := amounts{quantity: all.quantity, minimum: all.minimum, free: all.free, billed: all.billed - from, fine: all.fine}
		if !reached {
			in.billed = upTo - from
		}
		amount, err := c.price(&t.rate, i+1, &in, visit)
		if err == nil {
			total, err = total.Add(amount)
		}
		if err != nil || reached {
			return total, err
		}
		from = upTo
	}
	return total, nil
}

// price prices what is billed at one rate.
func (c *charge) price(rate *ratecard.Rate, tier int, a *amounts, visit visitor) (money.USD, error) {
	original, amount, err := price(rate, a.billed, product(c.scale, a.fine), c.fx)
	if err == nil && visit != nil {
		visit(part{kind: partCharge, charge: c, tier: tier, rate: rate, amounts: *a, original: original, amount: amount})
	}
	return amount, err
}

// price is a quantity at a rate, in the rate's currency and in dollars. scale
// is how many smallest units one unit of the price has.
func price(rate *ratecard.Rate, quantity, scale int64, fx *ratecard.ExchangeRate) (original, amount money.USD, err error) {
	if quantity == 0 {
		return 0, 0, nil
	}
	if original, err = rate.Price.Of(quantity, scale); err != nil || fx == nil {
		return original, original, err
	}
	amount, err = original.Times(fx.Nano, money.Nano)
	return original, amount, err
}

// metered applies a charge's minimum and free amount to a metered quantity. The
// minimum comes first, so a free amount also covers a part of it. The result is
// written to a: Go passes a struct of five fields through memory, and copies of
// it took a third of the time of a bill.
func (c *charge) metered(a *amounts, quantity int64, u *workload.Usage) {
	a.quantity, a.minimum, a.free, a.fine = quantity, c.minimum, c.free, 1
	if c.byLoad {
		c.allowances(a, u)
	}
	a.billed = a.quantity
	if a.minimum > a.quantity {
		a.billed = a.minimum
	} else {
		a.minimum = 0
	}
	if a.billed == tooMany {
		a.free = 0
		return
	}
	a.free = min(a.free, a.billed)
	a.billed -= a.free
}

// allowances sets the minimum and the free amount of a charge for which these
// depend on the load (charge.byLoad).
func (c *charge) allowances(a *amounts, u *workload.Usage) {
	if c.freePerDatabase {
		a.free = product(a.free, u.Databases)
	}
	if c.freeCopies > 0 {
		a.free += product(u.StoredByteHours, min(c.freeCopies, u.Snapshots))
	}
	if c.minimumPerDatabase {
		a.minimum = product(a.minimum, u.Databases)
	}
	if c.settable {
		a.minimum = max(a.minimum, c.setMinimum(u))
	}
	if parts, fine, ok := u.Hourly.AtLeast(c.floorFor(u.MinDataGB)); ok { // every hour raised to the minimum
		a.minimum, a.fine, a.free = parts, fine, product(a.free, fine)
		a.quantity = min(product(a.quantity, fine), parts)
	}
}

// setMinimum is the minimum that the customer set for each database: an amount
// of data in the unit of the charge, or ECPU a second.
func (c *charge) setMinimum(u *workload.Usage) int64 {
	var least int64
	switch c.meter {
	case ratecard.MeterStored:
		gb, err := unit.MulDiv(uint64(u.MinDataGB), uint64(c.card.Unit.Held(1)), 1000)
		if err != nil {
			return tooMany
		}
		least = product(gb, u.Hours)
	case ratecard.MeterECPU: // thousandths of an ECPU, in seconds of the month
		if u.Hourly != nil && u.MinECPUPerSec > 0 { // every hour raised to the minimum
			if least, err := unit.Add(u.MilliECPU, u.Hourly.ECPUShort); err == nil {
				return least
			}
			return tooMany
		}
		least = product(u.MinECPUPerSec*1000, u.Hours*3600/max(1, u.HourParts))
	}
	return product(least, u.Databases)
}

// applies says whether a charge is part of the bill with a plan. A charge that
// lists plans applies to those only, any other to all.
func (c *charge) applies(p *plan) bool {
	if c.plans == nil {
		return true
	}
	for _, id := range c.plans {
		if p != nil && p.card.ID == id {
			return true
		}
	}
	return false
}

// quantity is what a charge's meter counts in the month, in its smallest unit,
// or tooMany. Most meters count the workload (workload.Counter); the others
// count the size that was chosen.
func (o *Offer) quantity(c *charge, p *plan, s shape, nodeHours int64, u *workload.Usage) int64 {
	if c.count != nil {
		return c.count(u)
	}
	return o.sizeQuantity(c, p, s, nodeHours, u)
}

// sizeQuantity is quantity for a meter that counts the size that was chosen.
func (o *Offer) sizeQuantity(c *charge, p *plan, s shape, nodeHours int64, u *workload.Usage) int64 {
	if p == nil && perSize(c.meter) {
		return 0 // no size was chosen
	}
	switch c.meter {
	case ratecard.MeterAOF:
		return aofQuantity(p, s, u)
	case ratecard.MeterNodes:
		if p.per > 0 { // memory by the unit: a node holds each copy
			return product(product(s.copies, u.Databases), o.billedHours(p, u))
		}
		return nodeHours
	case ratecard.MeterNodeMemory:
		return product(nodeHours, p.card.Memory)
	case ratecard.MeterProvisioned:
		return product(product(product(s.units, p.per), product(s.copies, u.Databases)), u.Hours)
	case ratecard.MeterCPU:
		// Millionths of a command/s ÷ commands/s of one processor are millionths
		// of a processor; the meter counts thousandths.
		q, err := unit.MulDiv(uint64(u.OpsPerSec), uint64(u.Hours), uint64(o.Version.Sizing.CPUOpsPerSec)*1000)
		if err != nil {
			return tooMany
		}
		return q
	}
	return 0
}

// of is the minimum or cap of a month, for all databases.
func (m *perMonth) of(u *workload.Usage) money.USD {
	if m.each == ratecard.EachDatabase {
		return money.USD(product(int64(m.amount), u.Databases))
	}
	return m.amount
}

// replicasUnknown says whether replicas are asked for and the card does not say
// what they cost, whether the offer has any, or what automatic failover costs.
// The bill is then a lower bound.
func (o *Offer) replicasUnknown(u *workload.Usage) bool {
	s := &o.Version.Sizing
	return u.Replicas > 0 && (s.Replicas == ratecard.ReplicasUnknown || s.NoFailover != "")
}

// tooMany stands for a quantity that does not fit in 64 bits. It is never
// priced.
const tooMany = math.MaxInt64

// tooLarge says whether an error means that an amount or a quantity does not
// fit in 64 bits. Nobody sells that much, so the offer or plan does not fit.
func tooLarge(err error) bool {
	return err != nil && (errors.Is(err, money.ErrOverflow) || errors.Is(err, unit.ErrRange))
}

// product multiplies two counts, neither negative. It returns tooMany where the
// product does not fit.
func product(a, b int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi != 0 || lo > tooMany {
		return tooMany
	}
	return int64(lo)
}
