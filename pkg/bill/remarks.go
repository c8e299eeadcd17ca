package bill

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// remarks adds the bill's assumptions, its warnings and the age of its prices.
func (o *Offer) remarks(b *Bill, p *plan, u *workload.Usage) {
	v := o.Version
	suit := o.options.Suits[o.Card.ID]
	b.Warnings = append(b.Warnings, suit.Warnings...)
	if b.Plan != nil && b.Plan.Shards > 1 {
		b.Warnings = append(b.Warnings, suit.Sharded...)
	}
	o.assumptionRemarks(b, p, u)
	if b.Plan != nil && b.Plan.OpsUnknown {
		b.Warnings = append(b.Warnings, fmt.Sprintf("no throughput is published for this offer: memory decided the size, and loads above %s ops/s are assumed not to fit", group(UnknownOpsCeiling)))
	}
	if p != nil && p.card.Note != "" {
		b.Warnings = append(b.Warnings, p.card.Note)
	}
	switch {
	case !o.replicasUnknown(u):
	case v.Sizing.NoFailover != "":
		b.Reasons = append(b.Reasons, "failover: "+v.Sizing.NoFailover)
	default:
		b.Reasons = append(b.Reasons, "replica support unknown")
	}
	if free := v.Sizing.FreeNodes; free > 0 && b.Plan != nil && b.Plan.Nodes/u.Databases > free {
		b.OnAsking = true
		b.Warnings = append(b.Warnings, fmt.Sprintf("%s nodes in a cluster: more than %s are sold on request only", group(b.Plan.Nodes/u.Databases), group(free)))
	}
	if b.PlaceUnchecked = o.options.Where.Unchecked(v); b.PlaceUnchecked {
		b.Warnings = append(b.Warnings, fmt.Sprintf("one price everywhere: the card does not say whether it runs in or near %s", o.options.Where.Name))
	}
	if b.NoReplica = v.Sizing.Replicas == ratecard.ReplicasAbsent && u.Replicas > 0; b.NoReplica {
		b.Warnings = append(b.Warnings, fmt.Sprintf("no replica: %d asked for, but the price is for a database without one", u.Replicas))
	}
	if v.Sizing.CPUWords != "" {
		b.Assumptions = append(b.Assumptions, Assumption{Words: v.Sizing.CPUWords, Source: v.Sizing.Source})
	}
	for _, n := range v.Unknowns {
		b.Warnings = append(b.Warnings, "unknown: "+n.Words)
	}
	o.surchargeRemarks(b, u)
	o.minimumRemarks(b, u)
	o.requestRemarks(b, p, u)
	o.reservedRemarks(b, p, u)
	b.Warnings = append(b.Warnings, o.termNotes...)
	b.Warnings = append(b.Warnings, o.doubtful(b)...)
	o.statusRemarks(b)
	b.Retrieved = o.retrieved(b)
}

// assumptionRemarks adds what the bill assumes: units that the vendor leaves open,
// what the card says, the throughput and the network that nodes are planned with.
func (o *Offer) assumptionRemarks(b *Bill, p *plan, u *workload.Usage) {
	v := o.Version
	for i := range v.Charges {
		if c := &v.Charges[i]; c.OtherUnit != nil && !(c.Meter.OnRequest() && !asked(c.Meter, u)) {
			b.Assumptions = append(b.Assumptions, o.openUnit(c, u))
		}
	}
	for _, n := range v.Assumptions {
		a := Assumption{Words: n.Words, Source: n.Source}
		if other, ok := o.otherSizes(n.OtherSize, u); ok {
			a.Otherwise, a.OtherUnit = &other, n.OtherSize
		}
		b.Assumptions = append(b.Assumptions, a)
	}
	if p != nil && p.ops > 0 {
		b.Assumptions = append(b.Assumptions, Assumption{Words: p.throughputWords(&v.Sizing), Source: v.Sizing.OpsSource})
	}
	if p != nil && p.netAssumed && u.PayloadBytes > workload.DefaultPayloadBytes {
		b.Assumptions = append(b.Assumptions, Assumption{Words: fmt.Sprintf(
			"network: the card has no figure; a node is planned with %s MB/s, what its planned commands move at %s B each",
			unit.Rounded(p.network, unit.MB, 1), group(workload.DefaultPayloadBytes))})
	}
}

// statusRemarks warns of an offer that is not, or not yet, sold like others.
func (o *Offer) statusRemarks(b *Bill) {
	switch o.Card.Status {
	case ratecard.StatusTarget:
		b.Warnings = append(b.Warnings, "a target, not an offer: no vendor sells at this price")
	case ratecard.StatusLegacy:
		b.Warnings = append(b.Warnings, "legacy: not sold to new customers; shown but not ranked")
	case ratecard.StatusPreview:
		b.Warnings = append(b.Warnings, "a preview: terms may change before it is generally available")
	}
}

// throughputWords gives the throughput that sizing plans for a shard of the
// plan.
func (p *plan) throughputWords(sizing *ratecard.Sizing) string {
	words := fmt.Sprintf("throughput: %s ops/s a shard (%s)", group(p.ops), p.opsKind)
	if p.opsKind == ratecard.OpsBenchmark || p.opsKind == ratecard.OpsClaim {
		words += fmt.Sprintf(", the published figure × %s headroom", unit.Decimal(HeadroomMillionths, unit.Million))
	}
	if sizing.OpsWords != "" {
		words += ": " + sizing.OpsWords
	}
	return words
}

// openUnit is the assumption for a charge whose vendor does not say whether its
// unit is GB or GiB, with the total under the other reading.
func (o *Offer) openUnit(c *ratecard.Charge, u *workload.Usage) Assumption {
	a := Assumption{Words: fmt.Sprintf("%s read as %s: %s", c.Name, c.Unit.Name, c.Reading), Source: c.Source}
	if other, ok := o.otherReading(c, u); ok {
		a.Otherwise, a.OtherUnit = &other, c.OtherUnit.Name
	}
	return a
}

// otherReading is the total of the bill with one charge priced per the other
// unit. ok is false for offers with plans, where the other unit could also
// change the plan, unless the charge does not depend on the plan.
func (o *Offer) otherReading(card *ratecard.Charge, u *workload.Usage) (total money.USD, ok bool) {
	if len(o.Version.Plans) > 0 && !card.Meter.OnRequest() {
		return 0, false
	}
	reread := func(charges []charge) []charge {
		own := slices.Clone(charges)
		for i := range own {
			c := &own[i]
			// All amounts that are counted on request depend on the same
			// question: what the vendor means by GB.
			if c.card == card || card.Meter.OnRequest() && c.meter.OnRequest() && c.otherScale > 0 {
				c.readAs(c.otherScale)
			}
		}
		return own
	}
	other := *o
	other.charges = reread(o.charges)
	other.plans = slices.Clone(o.plans)
	for i, p := range other.plans {
		own := *p
		own.charges, other.plans[i] = reread(p.charges), &own
	}
	total, status, err := other.Total(u)
	return total, err == nil && status != Unfit
}

// otherSizes is the total of the bill if the sizes of the plans were in the
// other unit; another plan may then hold the data. ok is false if there is no
// other unit, if the caller named the plan, or if no plan would hold the data.
func (o *Offer) otherSizes(name string, u *workload.Usage) (total money.USD, ok bool) {
	if name == "" || o.pinned {
		return 0, false
	}
	to, from := uint64(unit.GiB), uint64(unit.GB)
	if name == "GB" {
		to, from = from, to
	}
	resize := func(plans []*plan) []*plan {
		resized := make([]*plan, len(plans))
		for i, p := range plans {
			own, card := *p, *p.card
			for _, size := range []*int64{&card.Memory, &card.Usable, &card.Limit.MaxData} {
				*size, _ = unit.MulDiv(uint64(*size), to, from)
			}
			own.card, resized[i] = &card, &own
		}
		return resized
	}
	other := *o
	other.plans, other.unknown = resize(o.plans), resize(o.unknown)
	total, status, err := other.Total(u)
	return total, err == nil && (status == Priced || status == AtMost)
}

// carries says whether a line is more than ageShare of the sum of all lines.
func (l *Line) carries(sum money.USD) bool {
	part, err := unit.MulDiv(uint64(max(l.Amount, 0)), unit.Million, uint64(sum))
	return err == nil && part > ageShare
}

// readAs changes the unit of a charge to one of scale smallest units. Its free
// amount, minimum and tiers are stated in the unit, so they change in
// proportion.
func (c *charge) readAs(scale int64) {
	was := c.scale
	c.scale = scale
	rescale := func(n int64) int64 {
		n, _ = unit.MulDiv(uint64(n), uint64(scale), uint64(was))
		return n
	}
	c.free, c.minimum = rescale(c.free), rescale(c.minimum)
	c.tiers = slices.Clone(c.tiers)
	for j := range c.tiers {
		if t := &c.tiers[j]; t.upTo >= 0 {
			t.upTo = rescale(t.upTo)
		}
	}
}

// doubtful warns of lines whose prices the vendor did not publish itself.
func (o *Offer) doubtful(b *Bill) []string {
	var words []string
	for _, c := range []struct {
		confidence ratecard.Confidence
		why        string
	}{
		{ratecard.ConfidenceDerived, "computed from published figures, not published itself"},
		{ratecard.ConfidenceThirdParty, "from a third party, not from the vendor"},
	} {
		var lines []string
		for i := range b.Lines {
			if s, ok := o.set.Source(b.Lines[i].Rate.Source); ok && s.Confidence == c.confidence {
				lines = append(lines, b.Lines[i].Name)
			}
		}
		if len(lines) > 0 {
			words = append(words, fmt.Sprintf("price of %s: %s", strings.Join(lines, ", "), c.why))
		}
	}
	return words
}

// ageShare is the part of a bill, in millionths, that a line must exceed for
// its age to count: 1 %.
const ageShare = unit.Million / 100

// retrieved is the oldest day on which a price of the bill was read, of lines
// above ageShare. If nothing is charged, every line counts.
func (o *Offer) retrieved(b *Bill) string {
	var ages ratecard.Ages
	var sum money.USD
	for i := range b.Lines {
		sum += max(b.Lines[i].Amount, 0)
	}
	for i := range b.Lines {
		l := &b.Lines[i]
		if sum > 0 && !l.carries(sum) {
			continue
		}
		for _, id := range l.Rate.Sources() {
			if s, ok := o.set.Source(id); ok {
				ages.Add(s.Retrieved)
			}
		}
		if l.FX != nil {
			ages.Add(l.FX.Day)
		}
	}
	return ages.Oldest
}
