package bill

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// HeadroomMillionths is the share of a published benchmark or claim that sizing
// counts on: 65 %. Vendors measure at saturation, and their own alarms are set
// at 70 to 90 % of the processor. Quotas and assumptions are used in full: a
// quota is a promise, and an assumption is already a planning figure.
const HeadroomMillionths = 650_000

// MaxShards is the largest number of shards that a caller may ask for. It keeps
// the number of nodes inside 64 bits.
const MaxShards = 1_000_000

// Options are what an offer is compiled for.
type Options struct {
	AsOf          string // the day whose rates are in force, YYYY-MM-DD
	Where         ratecard.Where
	HoursPerMonth int64 // whole hours; 0 for unit.HoursPerMonth
	Hundredths    int64 // hundredths of an hour that the month is longer, 0 to 99
	Term          ratecard.Term
	Upfront       ratecard.Upfront
	Commitment    ratecard.CommitmentKind // "" for reserved
	Reserved      []Reservation           // in hand: what they cover is priced by them, the rest on demand
	Plan          string                  // price this plan instead of choosing; "" to choose
	Shards        int64                   // with this many shards, up to MaxShards; 0 to choose
	Size          int64                   // bytes bought of Plan, which is sold by size; 0 to choose
	MaxShards     int64                   // with at most this many shards; 0 for as many as needed
	Include       []Class                 // classes that compete for the cheapest besides; see ParseClasses
	// Suits says for each offer, by its id, whether the application that sends
	// the load runs on it.
	Suits map[string]Suit
	// ListPrices leaves out the discounts that the owner of the cards entered.
	ListPrices bool
	// FX replaces the cards' exchange rates, by currency.
	FX map[string]ratecard.ExchangeRate
	// Stop is called before each bill; an error from it ends the computation.
	// It may be nil. The Err method of a context fits.
	Stop func() error
}

// Suit says whether the application that sends the load runs on an offer.
type Suit struct {
	Refused  string   // why the application does not run, as a sentence; the offer is then Unfit. "" where it runs
	Why      string   // the reason of Refused without the rest of the sentence
	Warnings []string // on every bill of the offer
	Sharded  []string // on bills of more than one shard
}

// Offer is an offer compiled for pricing. It does not change and may be used
// from several goroutines at once.
type Offer struct {
	Card    *ratecard.Offer
	Version *ratecard.Version // in force on the day; nil where there is none
	Region  string            // whose prices are used

	set         *ratecard.Set
	options     Options
	hours       int64  // of the month, counted in 1/parts of an hour
	parts       int64  // 1, or 100 where the month is not a whole number of hours
	status      Status // NotPriced where there is no price at all, Unfit where Suits refuses, else ""
	reasons     []string
	charges     []charge
	plans       []*plan    // of known price, in order of what one node costs
	outside     []*plan    // that do not compete, while others of the offer do
	ranked      bool       // a plan competes; for an offer without plans, the offer competes
	unknown     []*plan    // of unknown price
	absent      []*plan    // that the cards have no price for in the region
	leftOut     []*plan    // that the vendor says are not for production; never chosen
	bounds      constraint // the limits that the card sets for the whole offer
	minimum     perMonth
	cap         perMonth
	byNodePrice bool                 // plans in order of the price of a node are also in order of their bills
	cluster     string               // whether clients must speak the cluster protocol; each plan has its own
	pinned      bool                 // the caller named the plan
	mostShards  int64                // that the caller allows; 0 for any number
	commitment  *ratecard.Commitment // sold on the day for the term that was asked for; nil for none
	prorated    int64                // hours that a price by the month is for, in 1/parts, where fewer cost less; 0 where they do not
	reserved    []reserved           // reservations in hand that are for plans of the offer
	termNotes   []string             // why the term that was asked for does not apply
	discounts   []ratecard.Discount
}

// perMonth is a minimum or a cap of a month.
type perMonth struct {
	amount money.USD
	set    bool
	each   ratecard.Each
}

// charge is a card's charge with its figures in smallest units.
type charge struct {
	card    *ratecard.Charge
	meter   ratecard.Meter
	count   func(*workload.Usage) int64 // what the meter counts; nil where that depends on the size bought
	scale   int64                       // how many smallest units one unit of the price has
	rate    ratecard.Rate               // without tiers
	tiers   []tier
	fx      *ratecard.ExchangeRate // nil for prices in dollars
	free    int64
	minimum int64
	floor   workload.Floor // the minimum of every hour, for charges that bill each hour separately
	unknown string         // why the price is not known, or ""
	atLeast string         // why the price is only the least that it can be, or ""
	plans   []string       // the charge is only made with these; nil for all
	share   int64          // millionths that remain after discounts
	disc    string         // those discounts in words; "" for none

	onRequest          bool           // the meter counts nothing unless the caller asks for it
	byLoad             bool           // the free amount or the minimum depends on the load
	disputed           *ratecard.Rate // see ratecard.Charge.Disputed; nil for none
	otherScale         int64          // scale under the other reading of the unit (GB or GiB); 0 if the unit is clear
	freeCopies         int64          // snapshots of all data that cost nothing
	settable           bool           // the customer may set a minimum; see Charge.MinimumSettable
	wholeAmount        bool           // the price of the tier that is reached applies to the whole quantity
	freePerDatabase    bool
	minimumPerDatabase bool
}

// tier is one step of a tiered price.
type tier struct {
	upTo int64 // smallest units, inclusive; -1 for the last tier
	rate ratecard.Rate
}

// Compile resolves an offer's card for a day, a place and a term. If the offer
// has no price there, the result is an Offer that is NotPriced and has the
// reason. It returns an error if the card's figures cannot be computed with.
func Compile(set *ratecard.Set, card *ratecard.Offer, opt Options) (*Offer, error) {
	return compile(set, card, set.Version(card, opt.AsOf), opt)
}

// CompileVersion is Compile for a version that the caller has already looked up
// for the day of the options. It is faster for an offer that is compiled many
// times.
func CompileVersion(set *ratecard.Set, card *ratecard.Offer, v *ratecard.Version, opt Options) (*Offer, error) {
	return compile(set, card, v, opt)
}

// CompileAll is Compile for many offers. It is faster, because offers that take
// their prices from one another are read once.
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
	o := &Offer{Card: card, set: set, options: opt, mostShards: opt.MaxShards, cluster: card.Trait(ratecard.TraitCluster, "").Value}
	o.hours, o.parts = (&workload.Workload{HoursPerMonth: opt.HoursPerMonth, Hundredths: opt.Hundredths}).Month()
	if v == nil {
		o.refuse("no rate on %s; the first card is in force from %s", opt.AsOf, card.Versions()[0])
		return o, nil
	}
	o.Version, o.prorated = v, v.Proration.Hours*o.parts
	if v.Withdrawn != "" {
		o.refuse("no rate on %s: %s", opt.AsOf, v.Withdrawn)
		return o, nil
	}
	region, ok := opt.Where.Region(v)
	o.Region = region
	if why := opt.Suits[card.ID].Refused; why != "" && ok {
		o.status, o.reasons = Unfit, []string{why}
		return o, nil
	}
	if !ok {
		if region == "" {
			region = opt.Where.Name
		}
		o.refuse("no rate in %s; the card has %s", region, someOf(v.Regions()))
		return o, nil
	}
	if !opt.ListPrices {
		o.discounts = set.Discounts()
	}
	if opt.Term.Months() > 0 {
		o.commitment = v.CommitmentOf(cmp.Or(opt.Commitment, ratecard.CommitReserved), opt.Term, opt.Upfront, opt.AsOf)
	}
	if err := o.compileCharges(); err != nil {
		return nil, err
	}
	if o.status == "" && len(v.Plans) > 0 {
		o.compileReserved()
		if err := o.compilePlans(); err != nil {
			return nil, err
		}
	}
	o.rankPlans()
	if o.bounds = bounds(&v.Limit); len(v.Plans) > 0 {
		o.bounds &^= byReadRegions // each plan says how many it has
	}
	if opt.Term.Months() > 0 && len(v.Plans) == 0 && o.commitment == nil {
		o.termNotes = append(o.termNotes, fmt.Sprintf("the card sells no %s%s term; priced on demand", opt.Term, savingsWords(&opt)))
	}
	o.minimum = monthly(v.Minimum, v.MinimumEach)
	o.cap = monthly(v.Cap, v.CapEach)
	return o, nil
}

// savingsWords names a savings plan where one was asked for.
func savingsWords(opt *Options) string {
	if opt.Commitment == ratecard.CommitSavingsPlan {
		return " savings plan"
	}
	return ""
}

// monthly is a card's minimum or cap; amount is nil where it sets none.
func monthly(amount *money.USD, each ratecard.Each) perMonth {
	if amount == nil {
		return perMonth{}
	}
	return perMonth{amount: *amount, set: true, each: each}
}

// refuse makes the offer NotPriced, with a reason.
func (o *Offer) refuse(format string, args ...any) {
	o.status = NotPriced
	o.reasons = append(o.reasons, fmt.Sprintf(format, args...))
}

// someOf lists at most four names, or three and how many more there are.
func someOf(names []string) string {
	if len(names) > 4 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:3], ", "), len(names)-3)
	}
	return strings.Join(names, ", ")
}

// exchange finds the exchange rate of a currency; nil for dollars. If there is
// none, the offer becomes NotPriced and the rate that is returned is not used.
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

// compileCharges resolves the charges of the version.
func (o *Offer) compileCharges() (err error) {
	o.charges, err = o.appendCharges(nil, o.Version.Charges)
	return err
}

// appendCharges resolves charges and appends those that are made in the region.
func (o *Offer) appendCharges(to []charge, cards []ratecard.Charge) ([]charge, error) {
	for i := range cards {
		c, sold, err := o.compileCharge(&cards[i])
		if err != nil {
			return nil, fmt.Errorf("%s, charge %s: %w", o.Version, cards[i].ID, err)
		}
		if sold {
			to = append(to, c)
		}
	}
	return to, nil
}

// compileCharge resolves one charge. sold is false where it is not made in the
// region.
func (o *Offer) compileCharge(card *ratecard.Charge) (c charge, sold bool, err error) {
	c = charge{
		card: card, meter: card.Meter, count: workload.Counter(card.Meter), scale: o.size(&card.Unit), onRequest: card.Meter.OnRequest(), settable: card.MinimumSettable, freeCopies: card.FreeSnapshots,
		wholeAmount: card.WholeAmount, unknown: card.Unknown, plans: card.Plans,
		freePerDatabase:    card.FreeEach == ratecard.EachDatabase,
		minimumPerDatabase: card.MinimumEach == ratecard.EachDatabase,
		floor:              floorOf(card),
		disputed:           card.Disputed,
	}
	if card.OtherUnit != nil {
		c.otherScale = o.size(card.OtherUnit)
	}
	if err := c.compileAmounts(card.Unit.Held(o.hours)); err != nil {
		return charge{}, false, err
	}
	for i := range c.tiers {
		c.fx = o.exchange(c.tiers[i].rate.Currency)
	}
	if len(card.Tiers) == 0 && card.Unknown == "" {
		rate, state := o.Version.ChargeRate(card, o.Region)
		switch state {
		case ratecard.NotSold:
			return charge{}, false, nil
		case ratecard.Unknown, ratecard.NoPrice:
			c.unknown = "the price in " + o.Region + " was not found"
		default:
			c.rate, c.fx = *rate, o.exchange(rate.Currency)
			if err := o.commitCharge(&c); err != nil {
				return charge{}, false, err
			}
		}
	}
	c.share, c.disc = o.discount(card.ID)
	c.byLoad = c.freePerDatabase || c.freeCopies > 0 || c.minimumPerDatabase || c.settable || c.floor.Den > 0
	return c, true, nil
}

// commitCharge applies the commitment's factor to the price of a charge, if the
// commitment covers the charge.
func (o *Offer) commitCharge(c *charge) (err error) {
	if o.commitment == nil {
		return nil
	}
	share := o.commitment.Charge(c.card.ID)
	if share == nil {
		return nil
	}
	r := &c.rate
	if r.Factor != "" { // the price is already a multiple of another; apply the factor to that
		r.Text = r.Price.Amount.Exact()
	} else {
		r.Base = r.Source
	}
	if r.Price.Amount, err = r.Price.Amount.Times(share.Factor, unit.Million); err != nil {
		return err
	}
	r.From, r.Factor, r.Source, r.Assumed = o.Card.ID, share.FactorAs, share.Source, share.Assumed
	c.atLeast = share.AtLeast
	return nil
}

// size is how many smallest units one unit of a price has, in the offer's month.
func (o *Offer) size(u *unit.Unit) int64 {
	n := u.Size(o.hours)
	if u.Timed() && n == u.Size(2*o.hours) { // per hour, and hours are counted in parts
		n *= o.parts
	}
	return n
}

// compileAmounts reads the charge's free amount, minimum and tiers. Cards state
// them as an amount held all month, so one of them is held smallest units.
func (c *charge) compileAmounts(held int64) (err error) {
	if c.card.Free != "" {
		if c.free, err = unit.Scaled(c.card.Free, held); err != nil {
			return err
		}
	}
	if c.card.Minimum != "" {
		if c.minimum, err = unit.Scaled(c.card.Minimum, held); err != nil {
			return err
		}
	}
	for _, t := range c.card.Tiers {
		upTo := int64(-1)
		if t.UpTo != "" {
			if upTo, err = unit.Scaled(t.UpTo, held); err != nil {
				return err
			}
		}
		c.tiers = append(c.tiers, tier{upTo, t.Rate})
	}
	return nil
}

// discount is what remains of a charge or plan after every discount that
// matches it, in millionths, and those discounts in words. Two discounts
// compound: 10 % and 50 % leave 0.9 × 0.5. The words are "" where none matches.
func (o *Offer) discount(id string) (share int64, words string) {
	share = unit.Million
	var all []string
	for _, d := range o.discounts {
		if (d.Provider != "" && d.Provider != o.Card.Provider.ID) || (d.Offer != "" && d.Offer != o.Card.ID) ||
			(d.Charge != "" && d.Charge != id) {
			continue
		}
		share, _ = unit.MulDiv(uint64(share), uint64(unit.Million-d.Millions), unit.Million)
		all = append(all, fmt.Sprintf("%s: %s %% off, %s", d.ID, d.Percent, d.Why))
	}
	return share, strings.Join(all, "; ")
}
