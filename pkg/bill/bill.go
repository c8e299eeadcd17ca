// Package bill prices one workload on one offer, line by line, so that a person
// can redo the bill by hand.
//
// Compile reads an offer's rate card for a day, a place and a term. Pricing a
// workload on the compiled offer is then integer arithmetic:
//
//	compile.go, plan.go, surcharge.go  the card's figures in smallest units
//	size.go                 which plan holds the load, and how many nodes of it
//	walk.go, walk_plan.go   what the bill consists of, and how it is added up
//	total.go                the sum alone
//	bill.go, lines.go       the bill with its lines
//	describe.go             why a plan was chosen or refused, in words
//	remarks.go, minimum.go, request.go  assumptions and warnings
//	class.go                which bills compete for the cheapest
//	regime.go               on which straight piece of the cost curve a workload lies
//	period.go, resize.go    several months in one size, or in sizes that change
//	table.go                an offer as figures, for a program that prices elsewhere
//	examples.go             bills that vendors worked out, done again
//
// Quantities are whole smallest units (package unit), amounts whole
// nano-dollars (package money). Each line is rounded once, half up. What is
// unknown never counts as zero: it makes the total a lower bound.
package bill

import (
	"fmt"
	"slices"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Status says whether all, a part or nothing of an offer could be priced.
type Status string

// The statuses. Only a Priced offer can be the cheapest.
const (
	// Priced means that every figure of the bill is known.
	Priced Status = "priced"
	// Incomplete means that a figure is missing: the total is a lower bound.
	Incomplete Status = "incomplete"
	// AtMost means that a smaller plan also holds the load, and its price is
	// not known. The total is that of the chosen plan, so it is an upper bound.
	AtMost Status = "at_most"
	// Unfit means that the offer cannot hold the load. There is no total.
	Unfit Status = "unfit"
	// NotPriced means that the card has no rate in that region or on that date.
	NotPriced Status = "not_priced"
)

// Bill is one offer's bill for one workload and month.
type Bill struct {
	Offer       *ratecard.Offer
	Status      Status
	Reasons     []string // why it is not Priced, in words
	Unranked    []Class  // why it does not compete for the cheapest; nil where it does
	Region      string   // whose prices are used; "global" for one price everywhere
	From        string   // the first day of the card's version, YYYY-MM-DD; "" without one
	Retrieved   string   // the oldest day on which a price was read, of lines above 1 % of the bill; "" without one
	Plan        *Plan    // the size that was chosen; nil for an offer without sizes
	Term        ratecard.Term
	UpfrontKind ratecard.Upfront
	UpfrontCash money.USD // paid once at the start of the term; Lines have a month's share of it
	Lines       []Line
	Total       money.USD // of a month: the sum of Lines; a bound where Incomplete or AtMost
	AtLeast     money.USD // of AtMost: a lower bound, the charges without any plan
	// Assumed are the inputs that decide the size and that the caller did not
	// give, by their keys in a workload file. A warning says what they change.
	Assumed      []string
	Assumptions  []Assumption
	TooSmall     []Exceeded // of a plan that the caller named: the figures that the load exceeds
	Warnings     []string
	Note         string
	OnDemand     bool // a term was asked for, and this is priced on demand
	OtherVersion bool // the offer does not run the engine's version that was asked for
	OnAsking     bool // the vendor sells so many nodes in a cluster on request only
	// PlaceUnchecked says that a vendor's region was asked for, and this offer is
	// another vendor's, with one price everywhere.
	PlaceUnchecked bool
	NoReplica      bool // replicas were asked for, and the offer has none
	Reserved       bool // a reservation in hand covers nodes of it
	// ConnectionsUnknown says that connections were asked for, and the card has no
	// limit on them.
	ConnectionsUnknown bool
}

// Plan is the size that was chosen, or that the caller named.
type Plan struct {
	ID          string
	Name        string
	Shards      int64  // of one database
	Replicas    int64  // of each shard
	Nodes       int64  // of all databases together; 0 where memory is bought by the unit
	Memory      int64  // bytes as sold: one copy of one database, all shards
	UsableBytes int64  // bytes of data that fit in that, after the vendor's reserve
	Provisioned int64  // bytes bought, all copies of all databases; 0 for whole nodes
	Binding     string // the constraint that decided the size: "memory", "ops/s", "named", …
	Why         string // the same in words, with figures
	OneShard    *OneShard
	OpsUnknown  bool // no throughput is known, so the commands per second did not count
}

// Exceeded is a figure of a plan that the load exceeds by the sizing rule.
type Exceeded struct {
	Constraint string // "memory", "ops/s" or "network"
	Words      string // with the figures
}

// OneShard is the price of the same load on the offer in one shard, where
// sizing chose several. With one shard, clients need not speak the cluster
// protocol.
type OneShard struct {
	ID    string // of the plan
	Name  string
	Nodes int64     // of all databases together
	Total money.USD // of a month, for the whole bill
}

// Line is one line of a bill.
type Line struct {
	ID       string
	Name     string
	Meter    string
	Unit     string // the unit that the price is per, such as "GB"
	Scale    int64  // how many smallest units one Unit has
	Quantity int64  // metered, in smallest units
	Free     int64  // of Quantity, what costs nothing, in smallest units
	Billed   int64  // what the price applies to, in smallest units
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

// Assumption is an interpretation of the vendor's page on which the bill
// depends.
type Assumption struct {
	Words  string
	Source string // a source id, or ""
	// Otherwise is the total of the whole bill under the other interpretation;
	// nil where it is not known.
	Otherwise *money.USD
	OtherUnit string // the unit of the other interpretation
}

// Share is a line's part of the bill in whole percent, rounded half up. The
// bill here is the sum of its positive lines, before a cap or a discount.
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

// Bill prices a workload, with every line. It returns an error only if the
// card's figures cannot be computed with. If the offer cannot hold the load,
// the bill is Unfit.
func (o *Offer) Bill(u *workload.Usage) (*Bill, error) {
	b, err := o.bill(u)
	if tooLarge(err) {
		b = o.blank()
		b.Status, b.Reasons = Unfit, []string{"too large to count: " + err.Error()}
		return b, nil
	}
	return b, err
}

// blank is a bill of the offer without lines.
func (o *Offer) blank() *Bill {
	b := &Bill{Offer: o.Card, Region: o.Region, Term: ratecard.TermOnDemand, UpfrontKind: ratecard.UpfrontNone, Reasons: o.reasons, Unranked: o.classesOf(nil)}
	if o.Version != nil {
		b.From, b.Note = o.Version.From, o.Version.Note
	}
	return b
}

// bill is Bill, or an error for an amount that does not fit in 64 bits.
func (o *Offer) bill(u *workload.Usage) (*Bill, error) {
	b := o.blank()
	if o.status != "" {
		b.Status = o.status
		return b, nil
	}
	if c := o.refused(u); c != 0 {
		b.Status, b.Reasons = Unfit, []string{o.explain(nil, u, c)}
		if c == byClient {
			b.Unranked = append(b.Unranked, DoesNotRun)
		}
		return b, nil
	}
	var p *plan
	var s shape
	if len(o.Version.Plans) > 0 {
		var err error
		complete := false
		if p, s, _, complete, err = o.choose(u, all); err != nil {
			return nil, err
		}
		if p == nil || !complete && o.smallerUnknown(u) != nil {
			return b, o.noPlan(b, u)
		}
		o.describePlan(b, p, s, u)
	}
	complete, err := o.lines(b, p, s, u)
	if err != nil {
		return nil, err
	}
	b.Status = statusOf(complete)
	if err := o.boundAbove(b, p, u); err != nil {
		return nil, err
	}
	b.Unranked = o.unranked(b, p)
	if len(o.Version.Plans) == 0 && o.commitment != nil {
		b.Term, b.UpfrontKind = o.options.Term, o.options.Upfront
	}
	b.OnDemand = o.options.Term.Months() > 0 && b.Term == ratecard.TermOnDemand
	o.remarks(b, p, u)
	return b, nil
}

// Bounds are the least and the most that the bill can be. bounded is false if
// there is no upper bound: the bill is Incomplete, or there is no total.
func (b *Bill) Bounds() (least, most money.USD, bounded bool) {
	switch b.Status {
	case Priced:
		return b.Total, b.Total, true
	case AtMost:
		return b.AtLeast, b.Total, true
	}
	return b.Total, 0, false
}

// boundAbove turns a complete bill into an upper bound (AtMost) if a smaller
// plan of unknown price also holds the load, since that plan may be cheaper.
func (o *Offer) boundAbove(b *Bill, p *plan, u *workload.Usage) (err error) {
	if p == nil || b.Status != Priced {
		return nil
	}
	if o.smallerUnknown(u) == nil {
		return nil
	}
	smaller := o.withoutPrice(u)
	b.Status = AtMost
	b.Reasons = append(slices.Clone(b.Reasons), fmt.Sprintf("plan %s would fit, but %s", smaller.card.ID, o.whyNoPrice(smaller)))
	b.AtLeast, _, err = o.walk(nil, shape{}, u, nil)
	return err
}

// withoutPrice finds the smallest plan that fits and has no price; nil where none
// fits.
func (o *Offer) withoutPrice(u *workload.Usage) *plan {
	if p := o.smallestThatFits(o.unknown, u); p != nil {
		return p
	}
	return o.smallestThatFits(o.absent, u)
}

// whyNoPrice says why a plan that withoutPrice found has no price.
func (o *Offer) whyNoPrice(p *plan) string {
	switch {
	case slices.Contains(o.absent, p):
		return "there is no price on the cards for it in " + o.Region
	case p.card.Unknown != "":
		return p.card.Unknown
	}
	return "its price in " + o.Region + " was not found"
}

// noPlan completes a bill for which no plan of known price fits. If a plan of
// unknown price would fit, the bill is Incomplete: the charges beside the plan
// and the minimum per month are a lower bound. Else it is Unfit.
func (o *Offer) noPlan(b *Bill, u *workload.Usage) error {
	if p := o.withoutPrice(u); p != nil {
		b.Status = Incomplete
		b.Unranked = o.unranked(b, nil)
		b.Reasons = append(b.Reasons, fmt.Sprintf("plan %s would fit, but %s", p.card.ID, o.whyNoPrice(p)))
		if _, err := o.lines(b, nil, shape{}, u); err != nil {
			return err
		}
		o.remarks(b, nil, u)
		return nil
	}
	b.Status = Unfit
	if p := o.smallestThatFits(o.leftOut, u); p != nil {
		b.Reasons = append(b.Reasons, fmt.Sprintf("only plan %s fits, and the vendor says that it is not for production; --plan %s prices it", p.card.ID, p.card.ID))
		return nil
	}
	plans := o.plans
	if len(plans) == 0 {
		plans = o.leftOut
	}
	if len(plans) == 0 {
		b.Reasons = append(b.Reasons, "no plan with a known price fits")
		return nil
	}
	// Name the limit of the plan that holds the most data.
	closest := plans[0]
	for _, p := range plans {
		if p.holds() > closest.holds() {
			closest = p
		}
	}
	s, fault := o.fit(closest, u, all)
	if fault == byClient {
		b.Reasons = append(b.Reasons, o.explain(closest, u, fault))
		b.Unranked = append(b.Unranked, DoesNotRun)
		return nil
	}
	if fault == 0 { // it fits, but its bill does not fit in 64 bits: return that error
		_, _, err := o.walk(closest, s, u, nil)
		return err
	}
	holds := func(p *plan) bool { _, fault := o.fit(p, u, all); return fault == 0 }
	b.Reasons = append(b.Reasons, fmt.Sprintf("%s%s (largest: %s%s)", o.explain(closest, u, fault), o.shardWords(closest, u, fault), closest.card.ID, o.outsideHint(holds)))
	return nil
}
