package ratecard

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/unit"
)

// charge builds a price on a meter.
func (b *builder) charge(path []string, id string, raw *rawCharge, v *Version) Charge {
	c := Charge{
		ID: id, Name: or(raw.Name, id), Meter: Meter(raw.Meter), Per: 1,
		WholeAmount: raw.WholeAmount, Reading: raw.Reading, Plans: raw.Plans, Uncounted: raw.Uncounted,
		Source: or(raw.Source, v.Source), Assumed: raw.Assumed, Unknown: raw.Unknown,
		FreeEach: b.each(path, "free_each", raw.FreeEach), MinimumEach: b.each(path, "minimum_each", raw.MinimumEach),
	}
	if c.Assumed != "" {
		c.Source = raw.Source
	}
	if raw.Per != nil {
		c.Per = *raw.Per
	}
	if c.Per < 1 {
		b.problem(path, "per is %d; give at least 1", c.Per)
		c.Per = 1
	}
	b.chargeUnit(path, raw, &c)
	b.metered(path, raw, &c)
	b.uncounted(path, &c)
	c.Free = b.amount(path, "free", raw.Free, c.Unit)
	c.Minimum = b.amount(path, "minimum", raw.Minimum, c.Unit)
	b.settable(path, raw, &c)
	if c.FreeSnapshots = raw.FreeCopies; c.FreeSnapshots < 0 || c.FreeSnapshots > 0 && c.Meter != MeterSnapshots {
		b.problem(path, "free_snapshots must be 0 or more, and is for meter %s only", MeterSnapshots)
	}
	c.Rate = b.rate(path, raw.USD, raw.EUR, c.Per, c.Source, c.Assumed)
	b.tiers(path, raw, &c)
	b.disputed(path, raw, &c)
	b.chargePrice(path, &c, v)
	b.cite(path, c.Source, c.Assumed)
	return c
}

// chargeUnit reads the unit of a charge, and the other possible unit if the
// vendor is not clear about it.
func (b *builder) chargeUnit(path []string, raw *rawCharge, c *Charge) {
	dimension, err := c.Meter.Dimension()
	if err != nil {
		b.problem(path, "%v", err)
	}
	if c.Unit, err = unit.ByName(raw.Unit); err != nil {
		b.problem(path, "%v", err)
	} else if dimension != "" && c.Unit.Dimension != dimension {
		b.problem(path, "meter %s counts %s, but %s counts %s", c.Meter, dimension, c.Unit.Name, c.Unit.Dimension)
	}
	if raw.OtherUnit == "" {
		return
	}
	other, err := unit.ByName(raw.OtherUnit)
	if err != nil {
		b.problem(path, "other_unit: %v", err)
	} else if other.Dimension != c.Unit.Dimension {
		b.problem(path, "other_unit %s does not count what %s counts", other.Name, c.Unit.Name)
	}
	if raw.Reading == "" {
		b.problem(path, "other_unit needs reading = \"why this unit is used\"")
	}
	c.OtherUnit = &other
}

// metered reads how the vendor measures a quantity that is held over time.
func (b *builder) metered(path []string, raw *rawCharge, c *Charge) {
	c.Metered, c.MeteredSource = Metered(raw.Metered), raw.MeteredFrom
	switch c.Metered {
	case "":
		if c.MeteredSource != "" {
			b.problem(path, "metered_source without metered")
		}
		return
	case MeteredSecond, MeteredMinute, MeteredHourMean, MeteredHourMax, MeteredDayMean, MeteredMonthMean:
	default:
		b.problem(path, "metered %q is not one of second, minute, hour-mean, hour-max, day-mean, month-mean", raw.Metered)
	}
	if c.Meter != MeterStored {
		b.problem(path, "metered is for stored data, but meter %s counts something else", c.Meter)
	}
	if raw.Minimum != "" && !c.Metered.Hourly() && c.Metered != MeteredMonthMean {
		b.problem(path, "a minimum needs metered = hour-mean, hour-max or month-mean, the time that it is for")
	}
	c.MeteredSource = or(c.MeteredSource, c.Source)
	b.cite(path, c.MeteredSource, c.Assumed)
}

// settable reads the source for a minimum that the customer may set.
func (b *builder) settable(path []string, raw *rawCharge, c *Charge) {
	if raw.MinimumSet == "" {
		return
	}
	if c.Meter != MeterStored && c.Meter != MeterECPU {
		b.problem(path, "minimum_set is for meters stored and ecpu, but the meter is %s", c.Meter)
	}
	c.MinimumSettable, c.MinimumSource = true, raw.MinimumSet
	b.cite(path, raw.MinimumSet, "")
}

// disputed reads the price under the other of the vendor's texts.
func (b *builder) disputed(path []string, raw *rawCharge, c *Charge) {
	if raw.DisputedUSD == "" {
		return
	}
	if c.Meter != MeterReplicaZones {
		b.problem(path, "disputed_usd is for meter %s, but the meter is %s", MeterReplicaZones, c.Meter)
	}
	c.Disputed = b.rate(path, raw.DisputedUSD, "", c.Per, raw.DisputedSource, "")
	b.cite(path, raw.DisputedSource, "")
}

// tiers reads the steps of a tiered price. Their ends must increase.
func (b *builder) tiers(path []string, raw *rawCharge, c *Charge) {
	for i, t := range raw.Tier {
		upTo := b.amount(path, fmt.Sprintf("tier %d: up_to", i+1), t.UpTo, c.Unit)
		r := b.rate(path, t.USD, t.EUR, c.Per, c.Source, c.Assumed)
		if r == nil {
			b.problem(path, "tier %d has no price", i+1)
			r = &Rate{}
		}
		if last := i == len(raw.Tier)-1; last != (upTo == "") {
			b.problem(path, "tier %d: all tiers except the last need up_to, and the last has none", i+1)
		} else if i > 0 && !last && !(decimalLess(c.Tiers[i-1].UpTo, upTo)) {
			b.problem(path, "tier %d: up_to is not above that of the tier before", i+1)
		}
		if i > 0 && r.Currency != c.Tiers[0].Rate.Currency {
			b.problem(path, "tier %d is in another currency than the first", i+1)
		}
		c.Tiers = append(c.Tiers, Tier{UpTo: upTo, Rate: *r})
	}
}

// chargePrice checks that a charge has exactly one price, or a reason for
// having none.
func (b *builder) chargePrice(path []string, c *Charge, v *Version) {
	priced := 0
	for _, has := range []bool{c.Rate != nil, len(c.Tiers) > 0, c.Unknown != "", v.inTables(c.ID)} {
		if has {
			priced++
		}
	}
	if priced == 0 {
		b.problem(path, "has no price: give usd, tier, a column in a price table, or unknown = \"why\"")
	} else if priced > 1 {
		b.problem(path, "has two prices; give only one of usd, tier, a price table and unknown")
	}
}

// uncounted checks the list of commands that a charge does not count.
func (b *builder) uncounted(path []string, c *Charge) {
	switch c.Meter {
	case MeterCommands, MeterReads, MeterWrites, MeterReplicatedCommands, MeterECPU:
	default:
		if len(c.Uncounted) > 0 {
			b.problem(path, "uncounted lists commands, but meter %s does not count them", c.Meter)
		}
	}
	seen := map[string]bool{}
	for _, command := range c.Uncounted {
		if command == "" || strings.Trim(command, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-|") != "" {
			b.problem(path, "uncounted: %q is not a command in capitals, like PING or CONFIG|GET", command)
		}
		if seen[command] {
			b.problem(path, "uncounted: %s appears twice", command)
		}
		seen[command] = true
	}
}
