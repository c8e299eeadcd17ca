package bill

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// HeadroomMillionths is how much of a published benchmark or claim is planned
// with: 65 %. Vendors measure at saturation and alarm at 70 to 90 % of CPU; a
// quota is a promise and an assumption already a planning figure, so both are
// taken whole.
const HeadroomMillionths = 650_000

// MaxShards is the most that may be asked for, which keeps nodes inside 64 bits.
const MaxShards = 1_000_000

// Options are what an offer is compiled for.
type Options struct {
	AsOf          string // YYYY-MM-DD
	Where         ratecard.Where
	HoursPerMonth int64
	Term          ratecard.Term
	Upfront       ratecard.Upfront
	Plan          string // price this plan instead of choosing; "" to choose
	Shards        int64  // with this many shards, up to MaxShards; 0 to choose
	// ListPrices leaves out the discounts of the cards' owner.
	ListPrices bool
	// FX overrides the cards' exchange rates, by currency.
	FX map[string]ratecard.ExchangeRate
}

// Offer is an offer compiled for pricing. It does not change and may be used
// from several goroutines at once.
type Offer struct {
	Card    *ratecard.Offer
	Version *ratecard.Version
	Region  string

	set     *ratecard.Set
	options Options
	status  Status // NotPriced where there is nothing to price with
	reasons []string
	charges []charge
	plans   []*plan // the cheapest first
	unknown []*ratecard.Plan
	bounds  constraint // that the card sets for the whole offer
	minimum perMonth
	cap     perMonth
	flat    bool // without plans, and with nothing but simple charges
	plain   bool // plans differ in what their size costs only
	pinned  bool
	notes   []string // on the term
	discs   []ratecard.Discount
}

// perMonth is a minimum or a cap.
type perMonth struct {
	amount money.USD
	set    bool
	each   ratecard.Each
}

// charge is a card's charge with its figures in smallest units.
type charge struct {
	simple  bool // one price in dollars on what a workload counts, with nothing more to it
	freeDB  bool
	minDB   bool
	count   func(*workload.Usage) int64 // what the meter counts; nil where that depends on the size bought
	free    int64
	minimum int64
	price   money.Scaled // of a simple charge
	scale   int64
	rate    ratecard.Rate
	card    *ratecard.Charge
	meter   ratecard.Meter
	fx      *ratecard.ExchangeRate
	tiers   []tier
	whole   bool
	unknown string
	share   int64 // millionths left after discounts
	disc    string
	plans   []string // only with these; nil for all
}

type tier struct {
	upTo int64 // smallest units; -1 for the last
	rate ratecard.Rate
}

// plan is a card's plan with its price in the region.
type plan struct {
	card      *ratecard.Plan
	bounds    constraint // that the card sets for the plan
	recurring *ratecard.Rate
	upfront   *ratecard.Rate
	fx        *ratecard.ExchangeRate
	months    int64
	ops       int64 // commands/s a shard after headroom; 0 where unknown
	opsKind   ratecard.OpsKind
	charges   []charge // the version's with the plan's own in their place
	own       bool     // it has charges of its own, or a minimum or cap
	minimum   perMonth
	cap       perMonth
	share     int64     // millionths left of its price after discounts
	disc      string    // those discounts in words; "" where none applies
	floor     money.USD // the least that one node, or the least memory, costs a month
}

// Compile resolves an offer's card for a day, a place and a term. An offer
// that has no price there comes back with the reason; the error is for figures
// that cannot be computed with.
func Compile(set *ratecard.Set, card *ratecard.Offer, opt Options) (*Offer, error) {
	return compile(set, card, set.Version(card, opt.AsOf), opt)
}

// CompileAll is Compile for many offers, which may take prices from one another.
func CompileAll(set *ratecard.Set, cards []*ratecard.Offer, opt Options) ([]*Offer, error) {
	version := set.Versions(opt.AsOf)
	all := make([]*Offer, 0, len(cards))
	for _, card := range cards {
		o, err := compile(set, card, version(card), opt)
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

func compile(set *ratecard.Set, card *ratecard.Offer, v *ratecard.Version, opt Options) (*Offer, error) {
	if opt.HoursPerMonth == 0 {
		opt.HoursPerMonth = unit.HoursPerMonth
	}
	o := &Offer{Card: card, set: set, options: opt}
	if v == nil {
		o.refuse("no rate on %s; the first card is of %s", opt.AsOf, card.Versions()[0])
		return o, nil
	}
	o.Version = v
	if v.Withdrawn != "" {
		o.refuse("no rate on %s: %s", opt.AsOf, v.Withdrawn)
		return o, nil
	}
	region, ok := opt.Where.Region(v)
	o.Region = region
	if !ok {
		if region == "" {
			region = opt.Where.Name
		}
		o.refuse("no rate in %s; the card has %s", region, someOf(v.Regions()))
		return o, nil
	}
	if !opt.ListPrices {
		o.discs = set.Discounts()
	}
	if err := o.compileCharges(); err != nil {
		return nil, err
	}
	if o.status == "" && len(v.Plans) > 0 {
		if err := o.compilePlans(); err != nil {
			return nil, err
		}
	}
	if o.bounds = bounds(&v.Limit); len(v.Plans) > 0 {
		o.bounds &^= byReadRegions // a plan's take the place of the version's
	}
	o.minimum = monthly(v.Minimum, v.MinimumEach)
	o.cap = monthly(v.Cap, v.CapEach)
	o.flat = o.status == "" && len(v.Plans) == 0 && !o.minimum.set && !o.cap.set && v.Sizing.Replicas != ratecard.ReplicasUnknown
	for i := range o.charges {
		o.flat = o.flat && o.charges[i].simple
	}
	return o, nil
}

func monthly(u *money.USD, each ratecard.Each) perMonth {
	if u == nil {
		return perMonth{}
	}
	return perMonth{amount: *u, set: true, each: each}
}

func (o *Offer) refuse(format string, args ...any) {
	o.status = NotPriced
	o.reasons = append(o.reasons, fmt.Sprintf(format, args...))
}

func someOf(names []string) string {
	if len(names) > 4 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:3], ", "), len(names)-3)
	}
	return strings.Join(names, ", ")
}

// exchange finds the rate for a currency, or refuses the offer.
func (o *Offer) exchange(currency string) *ratecard.ExchangeRate {
	if currency == "USD" || currency == "" {
		return nil
	}
	if fx, ok := o.options.FX[currency]; ok {
		return &fx
	}
	if fx, ok := o.set.ExchangeRate(currency, o.options.AsOf); ok {
		return &fx
	}
	if o.status == "" {
		o.refuse("priced in %s, and there is no exchange rate on %s; give one, as in --fx %s=1.16@%s", currency, o.options.AsOf, currency, o.options.AsOf)
	}
	return &ratecard.ExchangeRate{Currency: currency, Nano: 1}
}

func (o *Offer) compileCharges() error {
	for i := range o.Version.Charges {
		c, err := o.compileCharge(&o.Version.Charges[i])
		if err != nil {
			return err
		}
		if c != nil {
			o.charges = append(o.charges, *c)
		}
	}
	return nil
}

// compileCharge resolves one charge; nil where it is not made in the region.
func (o *Offer) compileCharge(card *ratecard.Charge) (*charge, error) {
	c := &charge{
		card: card, meter: card.Meter, count: workload.Counter(card.Meter), scale: card.Unit.Size(o.options.HoursPerMonth),
		whole: card.WholeAmount, unknown: card.Unknown, plans: card.Plans,
		freeDB: card.FreeEach == ratecard.EachDatabase, minDB: card.MinimumEach == ratecard.EachDatabase,
	}
	fail := func(err error) error { return fmt.Errorf("%s, charge %s: %w", o.Version, card.ID, err) }
	held := card.Unit.Held(o.options.HoursPerMonth)
	var err error
	if card.Free != "" {
		if c.free, err = unit.Scaled(card.Free, held); err != nil {
			return nil, fail(err)
		}
	}
	if card.Minimum != "" {
		if c.minimum, err = unit.Scaled(card.Minimum, held); err != nil {
			return nil, fail(err)
		}
	}
	for _, t := range card.Tiers {
		upTo := int64(-1)
		if t.UpTo != "" {
			if upTo, err = unit.Scaled(t.UpTo, held); err != nil {
				return nil, fail(err)
			}
		}
		c.tiers = append(c.tiers, tier{upTo, t.Rate})
		c.fx = o.exchange(t.Rate.Currency)
	}
	if len(card.Tiers) == 0 && card.Unknown == "" {
		rate, state := o.Version.ChargeRate(card, o.Region)
		switch state {
		case ratecard.NotSold:
			return nil, nil
		case ratecard.Unknown:
			c.unknown = "the price in " + o.Region + " was not found"
		default:
			c.rate, c.fx = *rate, o.exchange(rate.Currency)
		}
	}
	c.share, c.disc = o.discount(card.ID)
	if c.count != nil && c.fx == nil && c.disc == "" && c.plans == nil && len(c.tiers) == 0 && !c.minDB && c.unknown == "" {
		// Where there is no such price the whole way says why.
		c.price, err = c.rate.Price.Scaled(c.scale)
		c.simple = err == nil
	}
	return c, nil
}

// discount is what remains of a charge after the discounts that match it, in
// millionths, and their words; 0 where none does.
func (o *Offer) discount(id string) (int64, string) {
	share, words := int64(unit.Million), []string{}
	for _, d := range o.discs {
		if (d.Provider != "" && d.Provider != o.Card.Provider.ID) || (d.Offer != "" && d.Offer != o.Card.ID) ||
			(d.Charge != "" && d.Charge != id) {
			continue
		}
		left, _ := unit.MulDiv(uint64(share), uint64(unit.Million-d.Millions), unit.Million)
		share = left
		words = append(words, fmt.Sprintf("%s: %s %% off, %s", d.ID, d.Percent, d.Why))
	}
	if len(words) == 0 {
		return 0, ""
	}
	return share, strings.Join(words, "; ")
}

func (o *Offer) compilePlans() error {
	v := o.Version
	var commitment *ratecard.Commitment
	if o.options.Term.Months() > 0 {
		commitment = v.Commitment(o.options.Term, o.options.Upfront)
	}
	o.plain = true
	committed := false
	for pass := 0; pass < 2 && len(o.plans) == 0; pass++ {
		if pass == 1 && commitment == nil {
			break
		}
		use := commitment
		if pass == 1 {
			use = nil // nothing is sold for the term here: on demand, said below
		}
		o.unknown = nil
		o.plans = slices.Grow(o.plans, len(v.Plans))
		for i := range v.Plans {
			card := &v.Plans[i]
			if o.options.Plan != "" && card.ID != o.options.Plan && v.Plan(o.options.Plan) != nil {
				continue
			}
			if card.NotChosen != "" && card.ID != o.options.Plan {
				continue
			}
			if err := o.compilePlan(card, use); err != nil {
				return err
			}
		}
		committed = use != nil && len(o.plans) > 0
	}
	if o.options.Term.Months() != 0 && !committed && len(o.plans) > 0 {
		o.notes = append(o.notes, fmt.Sprintf("the card sells no %s term with upfront %s here; priced on demand", o.options.Term, o.options.Upfront))
	}
	o.pinned = o.options.Plan != "" && v.Plan(o.options.Plan) != nil
	if len(o.plans) == 0 && len(o.unknown) == 0 {
		if o.pinned {
			o.refuse("plan %s is not sold in %s", o.options.Plan, o.Region)
		} else {
			o.refuse("no plan is sold in %s", o.Region)
		}
	}
	slices.SortStableFunc(o.plans, func(p, q *plan) int { return cmp.Compare(p.floor, q.floor) })
	return nil
}

func (o *Offer) compilePlan(card *ratecard.Plan, commitment *ratecard.Commitment) error {
	v := o.Version
	p := &plan{card: card, bounds: bounds(&card.Limit)}
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
	case ratecard.Unknown:
		o.unknown = append(o.unknown, card)
		return nil
	}
	if p.recurring != nil {
		p.fx = o.exchange(p.recurring.Currency)
	}
	p.ops, p.opsKind = throughput(card, &v.Sizing)
	p.charges = o.charges
	if len(card.Charges) > 0 {
		p.charges = nil
		for _, c := range o.charges {
			if !hasCharge(card.Charges, c.card.ID) {
				p.charges = append(p.charges, c)
			}
		}
		for i := range card.Charges {
			c, err := o.compileCharge(&card.Charges[i])
			if err != nil {
				return err
			}
			if c != nil {
				p.charges = append(p.charges, *c)
			}
		}
		sort.Slice(p.charges, func(i, j int) bool { return p.charges[i].card.ID < p.charges[j].card.ID })
	}
	p.minimum = monthly(card.Minimum, v.MinimumEach)
	p.cap = monthly(card.Cap, v.CapEach)
	p.own = len(card.Charges) > 0 || p.minimum.set || p.cap.set || card.ReadRegion != nil
	o.plain = o.plain && !p.own
	for i := range p.charges {
		c := &p.charges[i]
		p.own = p.own || c.plans != nil || perSize(c.meter)
		// What is charged on the size adds to the plan's own price, unless it is
		// unknown for some sizes or cheaper for larger ones.
		o.plain = o.plain && c.plans == nil && (!perSize(c.meter) || (c.unknown == "" && !c.whole))
	}
	p.share, p.disc = o.discount(card.ID)
	floor, _, err := o.planCost(p, o.least(p))
	if err == nil && p.disc != "" {
		floor, err = floor.Times(p.share, unit.Million)
	}
	if err != nil {
		return fmt.Errorf("%s, plan %s: %w", v, card.ID, err)
	}
	p.floor = floor
	o.plans = append(o.plans, p)
	return nil
}

// throughput is how many commands a second are planned for a shard of a plan:
// its own figure or the offer's, with headroom where that is no promise.
func throughput(card *ratecard.Plan, sizing *ratecard.Sizing) (ops int64, kind ratecard.OpsKind) {
	ops, kind = card.OpsPerSec, card.OpsKind
	if ops == 0 {
		ops, kind = sizing.OpsPerSec, sizing.OpsKind
	}
	if kind == ratecard.OpsBenchmark || kind == ratecard.OpsClaim {
		ops, _ = unit.MulDiv(uint64(ops), HeadroomMillionths, unit.Million)
	}
	return ops, kind
}

// perSize says whether a meter depends on the size that was chosen.
func perSize(m ratecard.Meter) bool {
	return m == ratecard.MeterNodes || m == ratecard.MeterNodeMemory || m == ratecard.MeterProvisioned
}

func hasCharge(charges []ratecard.Charge, id string) bool {
	for i := range charges {
		if charges[i].ID == id {
			return true
		}
	}
	return false
}

// least is the smallest shape that a plan can have.
func (o *Offer) least(p *plan) shape {
	s := shape{shards: 1, nodes: 1, copies: 1}
	if p.card.Per.Bytes() > 0 {
		s.units, s.nodes = p.card.ProvisionMin, 0
	}
	return s
}
