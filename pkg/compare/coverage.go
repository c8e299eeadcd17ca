package compare

import (
	"slices"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// Coverage says whether one bill includes the costs that are counted on
// request, in the order of ratecard.OnRequest.
type Coverage struct {
	Bill    *bill.Bill
	Items   []Covered
	Egress  ratecard.Trait // traffic out of the cloud, which no bill counts
	Support ratecard.Trait // which no bill counts
}

// Covered is one such cost on one bill.
type Covered struct {
	Counted bool // it is in the bill, because the caller asked for it
	None    bool // the workload has nothing of it, such as traffic within one zone
	Known   bool // the card has its price; an Amount of 0 is included in other prices
	Absent  bool // the offer does not have it, such as an append-only file
	// Amount is the cost in the bill. If it is not counted, Amount is what it
	// would cost: traffic with clients and servers in two zones, or one
	// snapshot kept.
	Amount money.USD
}

// Coverage is the coverage of every bill that has a price.
func (c *Comparison) Coverage() ([]Coverage, error) {
	w, asked := c.Workload, map[ratecard.Meter]bool{}
	zones, kept := w.Zones > 0, w.Snapshots > 0 || w.BackupBytes > 0
	asked[ratecard.MeterClientZones], asked[ratecard.MeterReplicaZones], asked[ratecard.MeterSnapshots] = zones, zones, kept
	asked[ratecard.MeterAOF] = w.Persistence == 1
	if !zones {
		w.Zones = 2
	}
	if !kept {
		w.Snapshots = 1
	}
	u, err := w.Usage()
	if err != nil {
		return nil, err
	}
	var list []Coverage
	for _, b := range c.Bills {
		if b.Status == bill.Unfit || b.Status == bill.NotPriced {
			continue
		}
		row, err := c.coverage(b, u, asked)
		if err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, nil
}

// coverage says how one bill treats the costs; u is a month with all of them.
func (c *Comparison) coverage(b *bill.Bill, u workload.Usage, asked map[ratecard.Meter]bool) (Coverage, error) {
	plan := ""
	if b.Plan != nil {
		plan = b.Plan.ID
	}
	row := Coverage{Bill: b, Egress: b.Offer.Trait(ratecard.TraitEgress, plan), Support: b.Offer.Trait(ratecard.TraitSupport, plan)}
	// Leave out an append-only file that the offer does not have, since the
	// load would not fit with it.
	file := b.Offer.Trait(ratecard.TraitAOF, plan).Value
	u.AOF = file == ratecard.TraitCharged
	with, err := c.billOf(b, &u)
	if err != nil {
		return row, err
	}
	for _, item := range ratecard.OnRequest() {
		it := covered(b, with, item.Meter, asked[item.Meter])
		if item.Meter == ratecard.MeterAOF {
			it.Absent = file == ratecard.AOFNone
			it.Known = it.Known || file == ratecard.TraitIncluded
		} else {
			it.None = workload.Counter(item.Meter)(&u) == 0
		}
		row.Items = append(row.Items, it)
	}
	return row, nil
}

// billOf is the bill of the same offer for another month.
func (c *Comparison) billOf(b *bill.Bill, u *workload.Usage) (*bill.Bill, error) {
	i := slices.IndexFunc(c.Field.Offers, func(o *bill.Offer) bool { return o.Card == b.Offer })
	return c.Field.Offers[i].Bill(u)
}

// covered is one cost, taken from the bill where it is counted, else from the
// bill with all of them.
func covered(b, with *bill.Bill, m ratecard.Meter, counted bool) Covered {
	from, it := with, Covered{Counted: counted}
	if counted {
		from = b
	}
	for i := range from.Lines {
		if l := &from.Lines[i]; l.Meter == string(m) {
			it.Known, it.Amount = true, it.Amount+l.Amount
		}
	}
	return it
}
