package reconcile

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
)

// ask is what a list price is looked up by.
type ask struct{ offer, plan, meter, region, day, currency string }

// listPrice is what the cards say.
type listPrice struct {
	rate    Decimal // for one unit of the bill, before Product.Per
	known   bool
	why     string  // where it is not known
	version string  // the day from which that version is in force
	floor   Decimal // units held at least, of stored data; 0 for none
}

// prices looks list prices up and keeps them.
type prices struct {
	set      *ratecard.Set
	versions map[[2]string]*ratecard.Version // by offer and first day
	known    map[ask]*listPrice
}

func newPrices(set *ratecard.Set) *prices {
	return &prices{set, map[[2]string]*ratecard.Version{}, map[ask]*listPrice{}}
}

func (p *prices) of(a ask) *listPrice {
	if found, ok := p.known[a]; ok {
		return found
	}
	if len(p.known) >= maxKnown {
		clear(p.known)
	}
	found := p.find(a)
	p.known[a] = found
	return found
}

// version is a version of a card by its first day.
func (p *prices) version(o *ratecard.Offer, from string) *ratecard.Version {
	v := p.versions[[2]string{o.ID, from}]
	if v == nil {
		v = p.set.Version(o, from)
		p.versions[[2]string{o.ID, from}] = v
	}
	return v
}

// surcharge is what the card of a day says of a surcharge, in percent of a plan's
// price; "" where it says nothing.
func (p *prices) surcharge(offer, day string, reason Reason) string {
	o := p.set.Offer(offer)
	if o == nil || o.VersionAt(day) == "" {
		return ""
	}
	s := p.version(o, o.VersionAt(day)).Surcharge(string(reason))
	if s == nil {
		return ""
	}
	var all []string
	for i := range s.Steps {
		if s.Steps[i].In(day) && !slices.Contains(all, s.Steps[i].Percent) {
			all = append(all, s.Steps[i].Percent)
		}
	}
	return strings.Join(all, " or ")
}

func unknownPrice(format string, args ...any) *listPrice {
	return &listPrice{why: fmt.Sprintf(format, args...)}
}

func (p *prices) find(a ask) *listPrice {
	o := p.set.Offer(a.offer)
	if o == nil {
		return unknownPrice("the cards have no offer %s", a.offer)
	}
	if a.day == "" {
		return unknownPrice("the line has no date")
	}
	from := o.VersionAt(a.day)
	if from == "" {
		return unknownPrice("the first card of %s is in force from %s", a.offer, o.Versions()[0])
	}
	v := p.version(o, from)
	if v.Withdrawn != "" {
		return unknownPrice("%s was withdrawn on %s: %s", a.offer, from, v.Withdrawn)
	}
	if a.region == "" {
		return unknownPrice("the line names no region")
	}
	rate, state, floor, why := rateOf(v, a)
	switch {
	case why != "":
		return unknownPrice("%s", why)
	case state == ratecard.Unknown:
		return unknownPrice("the price of %[2]s in %[3]s is unknown on the card of %[1]s", a.offer, thing(a), a.region)
	case state != ratecard.Priced:
		return unknownPrice("the card of %s has no price of %s in %s", a.offer, thing(a), a.region)
	case rate.Currency != a.currency:
		return unknownPrice("the bill is in %s, the card of %s in %s", a.currency, a.offer, rate.Currency)
	}
	return &listPrice{rate: perUnit(rate.Price), known: true, version: from, floor: floor}
}

func thing(a ask) string {
	if a.plan != "" {
		return a.plan
	}
	return a.meter
}

// rateOf finds the price of what a line counts.
func rateOf(v *ratecard.Version, a ask) (rate *ratecard.Rate, state ratecard.State, floor Decimal, why string) {
	if a.plan != "" {
		plan := v.Plan(a.plan)
		per := ratecard.PerHour
		if a.meter == "memory" {
			per = ratecard.PerGiBHour
		}
		switch {
		case plan == nil:
			return nil, 0, floor, fmt.Sprintf("the card of %s has no plan %s", a.offer, a.plan)
		case plan.Per != per:
			return nil, 0, floor, fmt.Sprintf("the card of %s prices %s per %s, the bill per %s", a.offer, a.plan, plan.Per, per)
		}
		rate, state = v.PlanRate(plan, a.region)
		return rate, state, floor, ""
	}
	for i := range v.Charges {
		c := &v.Charges[i]
		if string(c.Meter) != a.meter {
			continue
		}
		if len(c.Tiers) > 0 {
			return nil, 0, floor, fmt.Sprintf("the card of %s has tiers for %s, and a line does not show its tier", a.offer, a.meter)
		}
		if c.Minimum != "" && c.MinimumEach == ratecard.EachDatabase {
			if d, err := ParseDecimal([]byte(c.Minimum)); err == nil {
				floor = d
			}
		}
		rate, state = v.ChargeRate(c, a.region)
		return rate, state, floor, ""
	}
	return nil, 0, floor, fmt.Sprintf("the card of %s has no charge on %s", a.offer, a.meter)
}

// perUnit is the price of one unit: exact where the price is for a power of
// ten, else to twenty decimals.
func perUnit(p money.Price) Decimal {
	d := Decimal{small: int64(p.Amount), scale: 9}
	per, zeros := p.Per, int32(0)
	for per%10 == 0 && bits.Len64(uint64(per)) > 1 {
		per /= 10
		zeros++
	}
	d.scale += zeros
	if per == 1 {
		return d
	}
	return d.Quo(whole(per), 20)
}
