package bill

import (
	"fmt"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// asked says whether the load has a quantity of a meter that is counted on
// request.
func asked(m ratecard.Meter, u *workload.Usage) bool {
	if m == ratecard.MeterAOF {
		return u.AOF
	}
	return workload.Counter(m)(u) > 0
}

// says is false if the load includes something, such as snapshots, that the
// card has no price for.
func (o *Offer) says(p *plan, u *workload.Usage) bool {
	if u.ClientZoneBytes|u.ReplicaZoneBytes|u.SnapshotByteHours == 0 && !u.AOF {
		return true
	}
	return (u.ClientZoneBytes == 0 || o.charged(ratecard.MeterClientZones)) &&
		(u.ReplicaZoneBytes == 0 || o.charged(ratecard.MeterReplicaZones)) &&
		(u.SnapshotByteHours == 0 || o.charged(ratecard.MeterSnapshots)) &&
		(!u.AOF || o.saysAOF(p))
}

// charged says whether the card has a charge on a meter, even one of 0 USD.
func (o *Offer) charged(m ratecard.Meter) bool {
	for i := range o.charges {
		if o.charges[i].meter == m {
			return true
		}
	}
	return false
}

// aof is the card's statement on append-only files for a plan, or for the whole
// offer where p is nil.
func (o *Offer) aof(p *plan) string {
	id := ""
	if p != nil {
		id = p.card.ID
	}
	return o.Card.Trait(ratecard.TraitAOF, id).Value
}

// saysAOF says whether the card says what an append-only file costs.
func (o *Offer) saysAOF(p *plan) bool {
	switch o.aof(p) {
	case ratecard.TraitIncluded:
		return true
	case ratecard.TraitCharged:
		return o.charged(ratecard.MeterAOF)
	}
	return false
}

// aofQuantity is the memory of all primaries over the hours of the month, in
// byte-hours; 0 where no append-only file is kept.
func aofQuantity(p *plan, s shape, u *workload.Usage) int64 {
	if !u.AOF || p == nil {
		return 0
	}
	memory := product(s.shards, p.card.Memory)
	if per := p.card.Per.Bytes(); per > 0 {
		memory = product(s.units, per)
	}
	return product(product(memory, u.Databases), u.Hours)
}

// rateOf is the price of a charge without tiers.
func (c *charge) rateOf(u *workload.Usage) *ratecard.Rate {
	if u.ReplicationCharged && c.disputed != nil {
		return c.disputed
	}
	return &c.rate
}

// requestNotes are the notes of a line that is counted on request: the amount
// under the other reading of an unclear unit, and that the price is disputed.
func (c *charge) requestNotes(pt part, u *workload.Usage) (notes []string) {
	if !c.meter.OnRequest() {
		return nil
	}
	if c.disputed != nil && pt.rate == c.disputed {
		notes = append(notes, "counted on request: the vendor's pages disagree on whether it is charged")
	}
	if c.otherScale == 0 {
		return notes
	}
	other := *c
	other.readAs(c.otherScale)
	if amount, _, err := other.walk(pt.quantity, u, nil); err == nil {
		notes = append(notes, fmt.Sprintf("%s USD if read as %s", amount.Grouped(), c.card.OtherUnit.HeldName()))
	}
	return notes
}

// requestRemarks warns of costs that were asked for and have no price on the
// card, and of connections that the card has no limit for.
func (o *Offer) requestRemarks(b *Bill, p *plan, u *workload.Usage) {
	for _, m := range ratecard.OnRequest() {
		switch {
		case !asked(m.Meter, u):
		case m.Meter == ratecard.MeterAOF && !o.saysAOF(p):
			b.Reasons = append(b.Reasons, "append-only file: the card does not say whether it costs extra")
		case m.Meter != ratecard.MeterAOF && !o.charged(m.Meter):
			b.Reasons = append(b.Reasons, m.Name+": no price on the card")
		}
	}
	if u.Connections == 0 || o.Version.Limit.MaxConnections > 0 || p != nil && p.card.Limit.MaxConnections > 0 {
		return
	}
	id := ""
	if p != nil {
		id = p.card.ID
	}
	if o.Card.Trait(ratecard.TraitConnections, id).Value != ratecard.NoConnectionLimit {
		b.ConnectionsUnknown = true
		b.Warnings = append(b.Warnings, fmt.Sprintf("no limit on connections was found for this offer; %s may be too many", group(u.Connections)))
	}
}
