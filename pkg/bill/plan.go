package bill

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// plan is a card's plan with its price in the region.
type plan struct {
	card       *ratecard.Plan
	per        int64                  // bytes of one unit of memory; 0 where whole nodes are sold
	monthly    bool                   // recurring is per month, not per hour
	bounds     constraint             // the limits that the card sets for the plan
	recurring  *ratecard.Rate         // per hour or month; nil where all is paid upfront
	upfront    *ratecard.Rate         // paid at the start of the term; nil for none
	fx         *ratecard.ExchangeRate // of recurring; nil for dollars
	months     int64                  // of the term; 0 for on demand
	cluster    string                 // whether clients must speak the cluster protocol, as ratecard.TraitCluster has it
	oneShard   bool                   // sizing uses one shard of it only, see Offer.oneShard
	classes    []Class                // why it does not compete; nil where it does
	ops        int64                  // commands/s planned for one shard, after headroom; 0 where unknown
	opsKind    ratecard.OpsKind
	network    int64       // bytes/s planned for a node; 0 where another limit holds
	netAssumed bool        // network is planned, since the card has no figure, see plannedNetwork
	charges    []charge    // those of the version; a charge of the plan with the same id replaces the version's
	surcharges []surcharge // in force on the day
	extras     bool        // it has more than a recurring price: upfront, surcharges or read regions
	ownTerms   bool        // the plan has charges, a minimum or a cap that other plans do not have
	minimum    perMonth    // in place of the version's
	cap        perMonth    // in place of the version's
	wholeHours bool        // a part of an hour is billed as a whole one
	family     string      // within which reservations count for any size
	units      int64       // thousandths of a normalized unit that a node has of it
	share      int64       // millionths of the plan's price that remain after discounts
	disc       string      // those discounts in words; "" for none
	floor      money.USD   // the price of its smallest size a month: one node, or the least memory
}

// compilePlans resolves the plans of the version. Plans that are sold for the
// term have the price of the term. If none is sold for it here, all are priced
// on demand and a note says so.
func (o *Offer) compilePlans() error {
	v := o.Version
	commitment := o.commitment
	o.pinned = o.options.Plan != "" && v.Plan(o.options.Plan) != nil
	if why := o.sizeRefused(); why != "" {
		o.refuse("%s", why)
		return nil
	}
	if err := o.pricePlans(commitment); err != nil {
		return err
	}
	committed := commitment != nil && len(o.plans) > 0
	if commitment != nil && !committed {
		if err := o.pricePlans(nil); err != nil {
			return err
		}
	}
	if o.options.Term.Months() != 0 && !committed && len(o.plans) > 0 {
		o.termNotes = append(o.termNotes, fmt.Sprintf("the card sells no %s%s term with upfront %s here; priced on demand", o.options.Term, savingsWords(&o.options), o.options.Upfront))
	}
	if len(o.plans) == 0 && len(o.unknown) == 0 && len(o.leftOut) == 0 {
		if o.pinned {
			o.refuse("%s", o.notSold("plan "+o.options.Plan))
		} else {
			o.refuse("%s", o.notSold("any plan"))
		}
	}
	slices.SortStableFunc(o.plans, func(p, q *plan) int { return cmp.Compare(p.floor, q.floor) })
	return nil
}

// sizeRefused says why the size that the caller named cannot be bought; "" where
// it can, or where none is named.
func (o *Offer) sizeRefused() string {
	if o.options.Size == 0 || !o.pinned {
		return ""
	}
	card := o.Version.Plan(o.options.Plan)
	per := card.Per.Bytes()
	if per == 0 {
		return fmt.Sprintf("plan %s is not sold by size; leave out --size", card.ID)
	}
	name := "GB"
	if per == unit.GiB {
		name = "GiB"
	}
	units, step := unit.CeilDiv(o.options.Size, per), o.Version.Sizing.ProvisionStep
	switch {
	case units < card.ProvisionMin || (card.ProvisionMax > 0 && units > card.ProvisionMax):
		most := "upwards"
		if card.ProvisionMax > 0 {
			most = fmt.Sprintf("to %d %s", card.ProvisionMax, name)
		}
		return fmt.Sprintf("plan %s is sold from %d %s %s; --size is %s %s", card.ID, card.ProvisionMin, name, most, unit.Decimal(o.options.Size, per), name)
	case units*per != o.options.Size || units%step != 0:
		return fmt.Sprintf("plan %s is sold in steps of %d %s; --size is %s %s", card.ID, step, name, unit.Decimal(o.options.Size, per), name)
	}
	return ""
}

// notSold says why plans have no price in the region: the vendor does not sell
// them there, or the cards have no price.
func (o *Offer) notSold(what string) string {
	switch {
	case len(o.absent) > 0:
		return fmt.Sprintf("no price on the cards for %s in %s", what, o.Region)
	case !o.pinned:
		return fmt.Sprintf("no plan is sold in %s", o.Region)
	}
	return fmt.Sprintf("%s is not sold in %s", what, o.Region)
}

// pricePlans prices every plan that may be chosen, for a commitment or on
// demand (nil).
func (o *Offer) pricePlans(commitment *ratecard.Commitment) error {
	v := o.Version
	o.unknown, o.absent, o.leftOut, o.byNodePrice = nil, nil, nil, true
	o.plans = slices.Grow(o.plans, len(v.Plans))
	for i := range v.Plans {
		card := &v.Plans[i]
		if card.ID != o.options.Plan {
			if o.pinned || card.NotChosen != "" {
				continue
			}
			if o.Card.Trait(ratecard.TraitProduction, card.ID).Value == ratecard.ProductionVendorNot {
				o.leftOut = append(o.leftOut, o.unpriced(card))
				continue
			}
		}
		if err := o.compilePlan(card, commitment); err != nil {
			return err
		}
	}
	return nil
}

// compilePlan resolves one plan and adds it to the plans of known or unknown
// price, or to those that the cards have no price for in the region. A plan that is
// not sold there is left out.
func (o *Offer) compilePlan(card *ratecard.Plan, commitment *ratecard.Commitment) error {
	v := o.Version
	p := o.unpriced(card)
	var state ratecard.State
	if commitment != nil && commitment.Covers(card.ID) {
		p.recurring, p.upfront, state = v.CommittedRate(commitment, card, o.Region)
		p.months = o.options.Term.Months()
	} else {
		p.recurring, state = v.PlanRate(card, o.Region)
	}
	switch state {
	case ratecard.NotSold:
		return nil
	case ratecard.NoPrice:
		o.absent = append(o.absent, p)
		return nil
	case ratecard.Unknown:
		o.unknown = append(o.unknown, p)
		return nil
	}
	if p.recurring != nil {
		p.fx = o.exchange(p.recurring.Currency)
	}
	if err := o.planCharges(p); err != nil {
		return err
	}
	p.minimum = monthly(card.Minimum, v.MinimumEach)
	p.cap = monthly(card.Cap, v.CapEach)
	o.planSurcharges(p)
	p.extras = p.upfront != nil || len(p.surcharges) > 0 || card.ReadRegion != nil
	p.family, p.units = o.normalized(card)
	p.wholeHours = o.wholeHours(card)
	o.compare(p)
	p.share, p.disc = o.discount(card.ID)
	var err error
	if p.floor, _, err = o.walkPlan(p, smallestShape(p), &workload.Usage{Databases: 1}, nil); err != nil {
		return fmt.Errorf("%s, plan %s: %w", v, card.ID, err)
	}
	o.plans = append(o.plans, p)
	return nil
}

// unpriced makes a plan without its price, which is enough for sizing.
func (o *Offer) unpriced(card *ratecard.Plan) *plan {
	p := &plan{
		card: card, per: card.Per.Bytes(), monthly: card.Per.Monthly(), bounds: bounds(&card.Limit), oneShard: o.oneShard(card),
		cluster: o.Card.Trait(ratecard.TraitCluster, card.ID).Value,
	}
	p.ops, p.opsKind = Throughput(card, &o.Version.Sizing)
	if p.network = card.Network; p.network == 0 {
		p.network = o.plannedNetwork(p)
		p.netAssumed = p.network > 0
	}
	return p
}

// plannedNetwork is what a node is planned with where its vendor publishes no
// network figure: what its planned commands move at the default payload, 100
// MB/s for 100,000 a second. Without it a vendor that publishes nothing
// would be the cheapest for large payloads. It is 0, for no bound, where the card limits
// what is moved in a second or a month, and for a target, which nobody sells.
func (o *Offer) plannedNetwork(p *plan) int64 {
	for _, l := range []*ratecard.Limit{&p.card.Limit, &o.Version.Limit} {
		if l.MaxTransferPerSecond > 0 || l.MaxTransferPerMonth > 0 {
			return 0
		}
	}
	if o.Card.Status == ratecard.StatusTarget {
		return 0
	}
	ops := max(p.ops, p.card.Limit.MaxOpsPerSec, o.Version.Limit.MaxOpsPerSec)
	if ops == 0 {
		ops = UnknownOpsCeiling
	}
	return product(ops, workload.DefaultPayloadBytes)
}

// planCharges gives a plan the version's charges, in order of id. A charge of
// the plan's own replaces the version's charge of the same id.
func (o *Offer) planCharges(p *plan) (err error) {
	p.charges = o.charges
	if len(p.card.Charges) == 0 {
		return nil
	}
	p.charges = nil
	for _, c := range o.charges {
		own := func(mine ratecard.Charge) bool { return mine.ID == c.card.ID }
		if !slices.ContainsFunc(p.card.Charges, own) {
			p.charges = append(p.charges, c)
		}
	}
	if p.charges, err = o.appendCharges(p.charges, p.card.Charges); err != nil {
		return err
	}
	slices.SortStableFunc(p.charges, func(a, b charge) int { return cmp.Compare(a.card.ID, b.card.ID) })
	return nil
}

// compare sets ownTerms if a plan differs from others in more than its price,
// and clears byNodePrice if plans in order of the price of a node are no longer
// in order of their bills.
func (o *Offer) compare(p *plan) {
	p.ownTerms = len(p.card.Charges) > 0 || p.minimum.set || p.cap.set || p.card.ReadRegion != nil
	o.byNodePrice = o.byNodePrice && !p.ownTerms && len(o.reserved) == 0
	for i := range p.charges {
		c := &p.charges[i]
		p.ownTerms = p.ownTerms || c.plans != nil || perSize(c.meter)
		// A charge on the size rises with the size, so it keeps the order. It
		// does not where its price is unknown for some sizes, or where a larger
		// quantity may cost less in all (wholeAmount).
		o.byNodePrice = o.byNodePrice && c.plans == nil && (!perSize(c.meter) || (c.unknown == "" && !c.wholeAmount))
	}
}

// oneShard says whether sizing uses only one shard of a plan: its processor is
// shared or burstable. Such nodes are for small loads that one node holds, and
// engineers do not build clusters of them. The rule does not depend on the
// price, because a bill must never fall as the load grows.
func (o *Offer) oneShard(card *ratecard.Plan) bool {
	if o.options.Shards > 0 {
		return false // the caller asks for shards
	}
	processor := o.Card.Trait(ratecard.TraitProcessor, card.ID).Value
	return processor == ratecard.ProcessorShared || processor == ratecard.ProcessorBurstable
}

// Throughput is the number of commands a second that sizing plans for one shard
// of a plan: the plan's own figure, else the offer's. Benchmarks and claims are
// reduced by the headroom. ops is 0 if neither has a figure.
func Throughput(card *ratecard.Plan, sizing *ratecard.Sizing) (ops int64, kind ratecard.OpsKind) {
	ops, kind = card.OpsPerSec, card.OpsKind
	if ops == 0 {
		ops, kind = sizing.OpsPerSec, sizing.OpsKind
	}
	if kind == ratecard.OpsBenchmark || kind == ratecard.OpsClaim {
		ops, _ = unit.MulDiv(uint64(ops), HeadroomMillionths, unit.Million)
	}
	return ops, kind
}

// perSize says whether a meter counts the size that was chosen.
func perSize(m ratecard.Meter) bool {
	return m == ratecard.MeterNodes || m == ratecard.MeterNodeMemory || m == ratecard.MeterProvisioned
}

// smallestShape is the smallest size of a plan that can be bought.
func smallestShape(p *plan) shape {
	s := shape{shards: 1, nodes: 1, copies: 1}
	if p.per > 0 {
		s.units, s.nodes = p.card.ProvisionMin, 0
	}
	return s
}
