// Package bill makes a bill: one offer's rates met with one workload, line by
// line, so that a person can redo it by hand.
//
// An offer is compiled once for a day, a place and a term; pricing a workload
// on it is then integer arithmetic. The order on every line is meter, minimum,
// free amount, tiers, price; the lines are summed exactly; then the minimum per
// month applies, then the cap.
package bill

import (
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

// Status is how far an offer could be priced.
type Status string

// The statuses. Only a priced offer can be the cheapest.
const (
	Priced     Status = "priced"
	Incomplete Status = "incomplete" // a needed figure is unknown: the total is "at least"
	Unfit      Status = "unfit"      // it cannot hold the load
	NotPriced  Status = "not_priced" // no rate in that region or on that date
)

// Bill is one offer's bill for one workload and month.
type Bill struct {
	Offer       *ratecard.Offer
	Status      Status
	Reasons     []string // why it is not priced, in words
	Region      string   // where the prices are taken; "global" for one price everywhere
	From        string   // the card's version, YYYY-MM-DD; "" without one
	Retrieved   string   // the oldest day on which a figure of the bill was read; "" without one
	Plan        *Plan    // what was chosen, or nil
	Term        ratecard.Term
	UpfrontKind ratecard.Upfront
	UpfrontCash money.USD // paid at the start of the term
	Lines       []Line
	Total       money.USD // a month; a lower bound where Incomplete
	Assumptions []Assumption
	Warnings    []string
	Note        string
}

// Plan is the size that was chosen, or that the caller named.
type Plan struct {
	ID          string
	Name        string
	Shards      int64
	Replicas    int64 // a shard
	Nodes       int64 // all databases together; 0 for memory by the GiB
	Memory      int64 // bytes sold, one copy of the data
	UsableBytes int64 // bytes of data that fit
	Provisioned int64 // bytes set aside, all copies; 0 for whole nodes
	Binding     string
	Why         string // the binding constraint in words
	OpsUnknown  bool   // nothing says how many commands a second it takes, so they did not count
}

// Line is one line of a bill.
type Line struct {
	ID       string
	Name     string
	Meter    string
	Unit     string // what Quantity ÷ Scale counts
	Scale    int64  // smallest units in one Unit
	Quantity int64  // smallest units
	Free     int64  // smallest units that cost nothing
	Billed   int64  // smallest units that the price applies to
	Rate     ratecard.Rate
	Original money.USD // the amount in the rate's own currency
	FX       *ratecard.ExchangeRate
	Amount   money.USD // rounded once, half up, to a nano-dollar
	Notes    []string
}

// QuantityText prints the quantity in the line's unit.
func (l *Line) QuantityText() string { return unit.Decimal(l.Quantity, l.Scale) }

// FreeText prints the free amount in the line's unit.
func (l *Line) FreeText() string { return unit.Decimal(l.Free, l.Scale) }

// BilledText prints the billed quantity in the line's unit.
func (l *Line) BilledText() string { return unit.Decimal(l.Billed, l.Scale) }

// Assumption is a reading that the bill rests on.
type Assumption struct {
	Words  string
	Source string // a source id, or ""
	// Otherwise is what the whole bill would come to under the other reading;
	// nil where that cannot be said.
	Otherwise *money.USD
	OtherUnit string // the unit of the other reading
}

// Share is the line's part of what the bill adds up, before anything that a
// cap or a discount takes off, in whole percent, rounded half up.
func (b *Bill) Share(l *Line) int64 {
	var sum money.USD
	for i := range b.Lines {
		sum += max(b.Lines[i].Amount, 0)
	}
	if sum <= 0 || l.Amount <= 0 {
		return 0
	}
	p, err := unit.MulDiv(uint64(l.Amount), 100, uint64(sum))
	if err != nil {
		return 0
	}
	return p
}

// Driver is the line that costs most, or nil.
func (b *Bill) Driver() *Line {
	var most *Line
	for i := range b.Lines {
		if most == nil || b.Lines[i].Amount > most.Amount {
			most = &b.Lines[i]
		}
	}
	return most
}

// Capped says whether the month's cap made the bill smaller than its lines.
func (b *Bill) Capped() bool {
	return len(b.Lines) > 0 && b.Lines[len(b.Lines)-1].ID == "cap"
}
