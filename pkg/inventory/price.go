package inventory

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Options are what an inventory is priced for.
type Options struct {
	AsOf          string // YYYY-MM-DD
	HoursPerMonth int64
	Term          ratecard.Term
	Upfront       ratecard.Upfront
	FX            map[string]ratecard.ExchangeRate
	Region        string // for what a file does not place; "" for none
}

// Inventory is what runs, and what is to run, with its prices. A total is the
// sum of the resources' amounts to the cent, so that it can be added up by hand.
type Inventory struct {
	Files         []FileKind
	Resources     []*Resource
	NotUnderstood []NotUnderstood
	Others        int64
	Options       Options

	Before, After Total
	Commitments   money.USD // a month, of reservations; in neither total
	Sources       []string  // ids that the prices rest on
	Oldest        string    // the day on which the oldest figure was read; "" without one
	Newest        string
}

// Total is a sum of what is known.
type Total struct {
	Known    money.USD
	AtLeast  money.USD // with the floors of what is not known
	Unpriced int       // resources whose price is unknown
}

// Complete says whether nothing is missing in the sum.
func (t *Total) Complete() bool { return t.Unpriced == 0 }

// pricer keeps what is compiled for many resources.
type pricer struct {
	set     *ratecard.Set
	options Options
	offers  map[string]*bill.Offer
	sources map[string]bool
	oldest  string
	newest  string
}

// Price prices the contents of files on the cards of a day.
func (c *Contents) Price(set *ratecard.Set, o Options) (*Inventory, error) {
	if o.HoursPerMonth == 0 {
		o.HoursPerMonth = unit.HoursPerMonth
	}
	inv := &Inventory{Files: c.Files, NotUnderstood: slices.Clone(c.Unread), Others: c.Others, Options: o}
	p := &pricer{set: set, options: o, offers: map[string]*bill.Offer{}, sources: map[string]bool{}}
	inv.Resources = c.describe(o.Region)
	for i, r := range inv.Resources {
		for _, h := range []*Holding{r.Before, r.After} {
			if h == nil {
				continue
			}
			if err := p.price(c.found[i].typ, h); err != nil {
				return nil, fmt.Errorf("%s: %w", r.Address, err)
			}
		}
	}
	for i, r := range inv.Resources {
		if err := p.scale(c, c.found[i], r); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Address, err)
		}
		if err := inv.count(r); err != nil {
			return nil, err
		}
	}
	inv.Sources = sortedKeys(p.sources)
	inv.Oldest, inv.Newest = p.oldest, p.newest
	return inv, nil
}

// count adds a resource to the totals.
func (inv *Inventory) count(r *Resource) error {
	for _, side := range []struct {
		h *Holding
		t *Total
	}{{r.Before, &inv.Before}, {r.After, &inv.After}} {
		h, t := side.h, side.t
		var errs [2]error
		switch {
		case h == nil:
		case h.Commitment != nil && h.USD != nil && h == r.After:
			inv.Commitments, errs[0] = inv.Commitments.Add(*h.USD)
		case !h.Counted:
		case h.USD != nil:
			t.Known, errs[0] = t.Known.Add(*h.USD)
			t.AtLeast, errs[1] = t.AtLeast.Add(*h.USD)
		default:
			t.Unpriced++
			if h.AtLeast != nil {
				t.AtLeast, errs[0] = t.AtLeast.Add(*h.AtLeast)
			}
		}
		if err := errors.Join(errs[:]...); err != nil {
			return fmt.Errorf("the total: %w", err)
		}
	}
	return nil
}

// price fills in what one side of a resource costs.
func (p *pricer) price(t *Type, h *Holding) error {
	switch {
	case h.Commitment != nil:
		return p.reserved(h)
	case !h.Counted || t.NoCard != "":
		return nil
	case h.Offer == "":
		return p.either(t, h)
	}
	card := p.set.Offer(h.Offer)
	if card == nil {
		h.Why = "the cards have no offer " + h.Offer
		return nil
	}
	if !card.Status.Ranked() {
		h.OfferStatus = string(card.Status)
	}
	v := p.set.Version(card, p.options.AsOf)
	if v == nil {
		h.Why = fmt.Sprintf("no rate on %s; the first card is of %s", p.options.AsOf, card.Versions()[0])
		return nil
	}
	if h.Region == "" && len(v.Regions()) > 0 {
		if h.Why == "" {
			h.Why = "region unknown"
		}
		return nil
	}
	switch {
	case len(t.Part) > 0:
		return p.parts(t, h, v)
	case t.Usage != nil:
		return p.use(t, h, card, v)
	}
	return p.sizes(t, h, card, v)
}

// either prices every offer that a resource may be.
func (p *pricer) either(t *Type, h *Holding) error {
	if h.Why == "" {
		h.Why = "which offer it is, is not in the file: " + strings.Join(h.OffersPossible, " or ")
	}
	var sums []string
	for _, id := range h.OffersPossible {
		one := *h
		one.Offer, one.Why, one.OffersPossible = id, "", nil
		if err := p.price(t, &one); err != nil {
			return err
		}
		if one.USD == nil {
			h.Between = nil
			return nil
		}
		h.Between = append(h.Between, *one.USD)
		sums = append(sums, one.Sum+" ("+id+")")
	}
	slices.Sort(h.Between)
	if n := len(h.Between); n > 0 {
		h.AtLeast, h.Sum = &h.Between[0], strings.Join(sums, " or ")
		h.Between = []money.USD{h.Between[0], h.Between[n-1]}
	}
	return nil
}

// where is the place to take prices in.
func (p *pricer) where(v *ratecard.Version, region string) (ratecard.Where, string) {
	if len(v.Regions()) == 0 {
		return ratecard.Where{}, ""
	}
	w, err := p.set.Where(region)
	if err != nil {
		return w, "no card has a region " + region
	}
	return w, ""
}

// compiled compiles an offer once for each plan, shape and place.
func (p *pricer) compiled(card *ratecard.Offer, v *ratecard.Version, region, plan string, shards int64, term ratecard.Term, upfront ratecard.Upfront) (*bill.Offer, string, error) {
	key := fmt.Sprint(card.ID, "\x00", region, "\x00", plan, "\x00", shards, "\x00", term, "\x00", upfront)
	if o := p.offers[key]; o != nil {
		return o, "", nil
	}
	where, why := p.where(v, region)
	if why != "" {
		return nil, why, nil
	}
	o, err := bill.Compile(p.set, card, bill.Options{
		AsOf: p.options.AsOf, Where: where, HoursPerMonth: p.options.HoursPerMonth,
		Term: term, Upfront: upfront, Plan: plan, Shards: shards, FX: p.options.FX,
	})
	if err != nil {
		return nil, "", err
	}
	p.offers[key] = o
	return o, "", nil
}

// sizes prices nodes and memory.
func (p *pricer) sizes(t *Type, h *Holding, card *ratecard.Offer, v *ratecard.Version) error {
	stored := int64(0)
	if h.Plan == "" && h.SizeBytes > 0 {
		h.Plan = bySize(v, h.SizeBytes)
		if h.Plan == "" {
			h.Why = fmt.Sprintf("no size of the card has %s %s", decimal(h.SizeBytes, unitBytes(h.SizeUnit)), h.SizeUnit)
			return nil
		}
	}
	plan := v.Plan(h.Plan)
	switch {
	case h.Plan == "" && h.Why == "":
		h.Why = "plan unknown"
	case plan == nil && h.Plan != "" && t.NoPlan != "":
		h.Why, h.Plan = h.Plan+": "+t.NoPlan, ""
	case plan == nil && h.Plan != "":
		h.Why = "the card has no plan " + h.Plan
	}
	if plan == nil {
		return nil
	}
	if plan.Per.Bytes() > 0 {
		// The sum of data that fills exactly the size that is bought.
		n, err := unit.MulDiv(uint64(h.SizeBytes), uint64(v.Sizing.UsableShare), unit.Million)
		if err != nil {
			return err
		}
		stored = max(0, n-1)
	}
	l := h.layout
	shards, replicas := l.shards, l.replicas
	if !l.nodesKnown {
		if h.Why == "" {
			h.Why = "the number of nodes is unknown"
		}
		return nil
	}
	if !l.replicasKnown || !l.shardsKnown {
		// Only the number of nodes is a price; how they are arranged is not.
		shards, replicas = l.nodes, 0
		if l.shardsKnown && l.nodes == l.shards {
			shards = l.shards
		}
	}
	o, why, err := p.compiled(card, v, h.Region, h.Plan, shards, p.options.Term, p.options.Upfront)
	if err != nil {
		return err
	}
	if why != "" {
		h.Why = why
		return nil
	}
	w := workload.Workload{HoursPerMonth: p.options.HoursPerMonth, Databases: 1, Replicas: replicas, StoredBytes: stored}
	return p.billed(h, o, &w)
}

// bySize is the plan that is sold in a size, or "".
func bySize(v *ratecard.Version, size int64) string {
	for i := range v.Plans {
		plan := &v.Plans[i]
		per := plan.Per.Bytes()
		if per == 0 || plan.NotChosen != "" {
			continue
		}
		units := unit.CeilDiv(size, per)
		if units >= plan.ProvisionMin && (plan.ProvisionMax == 0 || units <= plan.ProvisionMax) {
			return plan.ID
		}
	}
	return ""
}

// billed takes a bill over.
func (p *pricer) billed(h *Holding, o *bill.Offer, w *workload.Workload) error {
	u, err := w.Usage()
	if err != nil {
		return err
	}
	b, err := o.Bill(&u)
	if err != nil {
		return err
	}
	p.cite(b)
	switch b.Status {
	case bill.Priced:
		usd, err := cents(b.Total)
		if err != nil {
			return err
		}
		h.Sum = sumOf(b, h, p.options.HoursPerMonth)
		if h.Why == "" && !h.layout.atLeast {
			h.USD = &usd
			return nil
		}
		if h.Why == "" {
			h.AtLeast, h.Why = &usd, "the number of replicas is unknown"
		}
	case bill.Incomplete:
		if b.Total > 0 {
			usd, err := cents(b.Total)
			if err != nil {
				return err
			}
			h.AtLeast, h.Sum = &usd, sumOf(b, h, p.options.HoursPerMonth)
		}
		if h.Why == "" {
			h.Why = "the card knows the plan but no price for it in this region"
			if b.Plan != nil {
				h.Why = "a figure that the price needs is unknown"
			}
		}
	default:
		if h.Why == "" {
			h.Why = strings.Join(b.Reasons, "; ")
		}
	}
	return nil
}

// cite keeps what a bill rests on.
func (p *pricer) cite(b *bill.Bill) {
	for i := range b.Lines {
		for _, id := range b.Lines[i].Rate.Sources() {
			p.citeSource(id)
		}
	}
}

func (p *pricer) citeSource(id string) {
	s, ok := p.set.Source(id)
	if !ok {
		return
	}
	p.sources[id] = true
	if p.oldest == "" || s.Retrieved < p.oldest {
		p.oldest = s.Retrieved
	}
	p.newest = max(p.newest, s.Retrieved)
}

// cents rounds an amount half up to the cent, as it is printed.
func cents(u money.USD) (money.USD, error) { return money.ParseUSD(u.String()) }

// sumOf writes a bill as a sum for one line.
func sumOf(b *bill.Bill, h *Holding, hours int64) string {
	var parts []string
	for i := range b.Lines {
		l := &b.Lines[i]
		if l.Amount == 0 {
			continue
		}
		rate := trimmed(l.Rate.Price.Amount)
		text := ""
		switch {
		case l.ID == "plan" && l.Unit == "node-hour":
			text = fmt.Sprintf("%d × %s × %d", l.Quantity/max(1, l.Scale)/hours, rate, hours)
		case l.ID == "plan" && h.SizeBytes > 0:
			text = fmt.Sprintf("%s %s × %s × %d", decimal(h.SizeBytes, unitBytes(h.SizeUnit)), h.SizeUnit, rate, hours)
			if b.Plan != nil && b.Plan.Provisioned > h.SizeBytes {
				text = fmt.Sprintf("%d × ", b.Plan.Provisioned/h.SizeBytes) + text
			}
		default:
			text = l.BilledText() + " " + l.Unit + " × " + rate
			if l.Rate.Price.Per > 1 {
				text += fmt.Sprintf(" ÷ %d", l.Rate.Price.Per)
			}
		}
		if l.FX != nil {
			text += fmt.Sprintf(" %s × %s", l.Rate.Currency, l.FX.USDPerUnit)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " + ")
}

// trimmed prints a price without the zeros that Exact adds.
func trimmed(u money.USD) string {
	s := u.Exact()
	if strings.Contains(s, ".") {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// use gives the floor of an offer that is billed by use, and its cap where the
// file bounds all of it.
func (p *pricer) use(t *Type, h *Holding, card *ratecard.Offer, v *ratecard.Version) error {
	if h.Why == "" {
		h.Why = "billed by use; a workload is needed"
	}
	o, why, err := p.compiled(card, v, h.Region, "", 0, ratecard.TermOnDemand, ratecard.UpfrontNone)
	if err != nil || why != "" {
		if why != "" {
			h.Why = why
		}
		return err
	}
	b := h.Usage
	each := p.storedUnit(v)
	floor, sum, err := p.atUse(o, each, b.MinimumGB, b.MinimumPerSec)
	if err != nil {
		return err
	}
	if floor != nil && *floor > 0 && (h.AtLeast == nil || *floor > *h.AtLeast) {
		h.AtLeast, h.Sum = floor, sum
	}
	if t.Usage.MaximumGB != nil && b.MaximumGB != nil && b.MaximumPerSec != nil {
		if h.Cap, _, err = p.atUse(o, each, b.MaximumGB, b.MaximumPerSec); err != nil {
			return err
		}
	}
	return nil
}

// storedUnit is how many bytes the vendor means by a GB of its limits: those
// that it bills by.
func (p *pricer) storedUnit(v *ratecard.Version) int64 {
	for i := range v.Charges {
		if c := &v.Charges[i]; c.Meter == ratecard.MeterStored {
			return c.Unit.Held(p.options.HoursPerMonth) / p.options.HoursPerMonth
		}
	}
	return unit.GB
}

// atUse is the bill of so much data all month, counted in units of each bytes,
// and so many units of work in every second of it. A unit of work is a command
// of up to 1 kB.
func (p *pricer) atUse(o *bill.Offer, each int64, gb, perSec *int64) (*money.USD, string, error) {
	w := workload.Workload{HoursPerMonth: p.options.HoursPerMonth, Databases: 1, Replicas: 1, PayloadBytes: 1}
	var errs [4]error
	if gb != nil {
		w.StoredBytes, errs[0] = unit.Mul(*gb, each)
	}
	if perSec != nil {
		w.OpsPerSec, errs[1] = unit.Mul(*perSec, unit.Million)
		w.PeakOpsPerSec = w.OpsPerSec
		w.Commands, errs[2] = unit.Mul(*perSec, p.options.HoursPerMonth*3600)
		w.Reads, w.ReadShare = w.Commands, unit.Million
	}
	u, err := w.Usage()
	errs[3] = err
	if err := errors.Join(errs[:]...); err != nil {
		return nil, "", nil //nolint:nilerr // beyond counting: there is no such bound
	}
	u.PeakOps, u.PeakECPU, u.PeakBytesPerSec = 0, 0, 0 // the limits of the service do not matter to what it bills
	u.Replicas = 0
	b, err := o.Bill(&u)
	if err != nil || b.Status != bill.Priced {
		return nil, "", err
	}
	p.cite(b)
	var parts []string
	for i := range b.Lines {
		if l := &b.Lines[i]; l.Amount != 0 {
			text := fmt.Sprintf("%s %s × %s", l.BilledText(), l.Unit, trimmed(l.Rate.Price.Amount))
			if l.Rate.Price.Per > 1 {
				text += fmt.Sprintf(" ÷ %s", money.Group(fmt.Sprint(l.Rate.Price.Per)))
			}
			parts = append(parts, text)
		}
	}
	usd, err := cents(b.Total)
	return &usd, strings.Join(parts, " + "), err
}

// parts prices a resource by what it is billed for, each apart.
func (p *pricer) parts(t *Type, h *Holding, v *ratecard.Version) error {
	if h.Why != "" || !h.layout.nodesKnown {
		if h.Why == "" {
			h.Why = "the number of members is unknown"
		}
		return nil
	}
	where, why := p.where(v, h.Region)
	if why != "" {
		h.Why = why
		return nil
	}
	region, _ := where.Region(v)
	total, sums, missing := money.USD(0), []string{}, []string{}
	for i := range t.Part {
		part := &t.Part[i]
		quantity, ok := h.parts[part.Name]
		rate := partRate(v, part, region)
		if !ok || rate == nil {
			missing = append(missing, part.Name)
			continue
		}
		q, err := unit.Mul(quantity, max(1, part.Times)*h.layout.nodes)
		if err != nil {
			return err
		}
		usd, err := rate.Price.Of(q, max(1, part.Divide))
		if err != nil {
			return err
		}
		if total, err = total.Add(usd); err != nil {
			return err
		}
		for _, id := range rate.Sources() {
			p.citeSource(id)
		}
		sums = append(sums, fmt.Sprintf("%s × %s", decimal(quantity*max(1, part.Times), max(1, part.Divide)), trimmed(rate.Price.Amount)))
	}
	usd, err := cents(total)
	if err != nil {
		return err
	}
	h.Sum = fmt.Sprintf("%d × (%s)", h.layout.nodes, strings.Join(sums, " + "))
	if len(missing) == 0 {
		h.USD = &usd
		return nil
	}
	h.Sum += ", " + strings.Join(missing, " and ") + " not counted"
	h.AtLeast, h.Why = &usd, strings.Join(missing, " and ")+": the file does not say how much"
	return nil
}

func partRate(v *ratecard.Version, part *Part, region string) *ratecard.Rate {
	if part.Plan != "" {
		if plan := v.Plan(part.Plan); plan != nil {
			if r, state := v.PlanRate(plan, region); state == ratecard.Priced {
				return r
			}
		}
		return nil
	}
	for i := range v.Charges {
		if c := &v.Charges[i]; c.ID == part.Charge {
			if r, state := v.ChargeRate(c, region); state == ratecard.Priced {
				return r
			}
		}
	}
	return nil
}

// reserved prices a reservation: by what the file says it costs, else by the
// card's price for the term.
func (p *pricer) reserved(h *Holding) error {
	c := h.Commitment
	months := ratecard.Term(c.Term).Months()
	if h.Offer == "" || h.Plan == "" || c.Count == 0 || months == 0 || c.Upfront == "" {
		h.Why = "what is reserved is known only after apply"
		return nil
	}
	if c.hourly != nil && c.fixed != nil {
		running, err := money.Price{Amount: *c.hourly, Per: 1}.Of(c.Count*p.options.HoursPerMonth, 1)
		if err != nil {
			return err
		}
		upfront, err := money.Price{Amount: *c.fixed, Per: months}.Of(c.Count, 1)
		if err != nil {
			return err
		}
		sum, err := running.Add(upfront)
		if err != nil {
			return err
		}
		usd, err := cents(sum)
		if err != nil {
			return err
		}
		h.USD = &usd
		h.Sum = fmt.Sprintf("%d × %s × %d", c.Count, trimmed(*c.hourly), p.options.HoursPerMonth)
		if *c.fixed > 0 {
			h.Sum += fmt.Sprintf(" + %d × %s ÷ %d", c.Count, trimmed(*c.fixed), months)
		}
		return nil
	}
	card := p.set.Offer(h.Offer)
	if card == nil || h.Region == "" {
		h.Why = "region unknown"
		return nil
	}
	v := p.set.Version(card, p.options.AsOf)
	if v == nil || v.Plan(h.Plan) == nil {
		h.Why = "the card has no plan " + h.Plan
		return nil
	}
	o, why, err := p.compiled(card, v, h.Region, h.Plan, c.Count, ratecard.Term(c.Term), ratecard.Upfront(c.Upfront))
	if err != nil {
		return err
	}
	if why != "" {
		h.Why = why
		return nil
	}
	keep := h.Why
	h.Why, h.layout = "", layout{}
	w := workload.Workload{HoursPerMonth: p.options.HoursPerMonth, Databases: 1}
	if err := p.billed(h, o, &w); err != nil {
		return err
	}
	if h.USD != nil {
		h.Why = keep
	}
	return nil
}

// scale says what autoscaling makes of a cache.
func (p *pricer) scale(c *Contents, f *found, r *Resource) error {
	h := r.After
	if h == nil || h.USD == nil || h.Shards == nil || h.Replicas == nil {
		return nil
	}
	s := &Scaling{}
	shards, replicas := [2]int64{*h.Shards, *h.Shards}, [2]int64{*h.Replicas, *h.Replicas}
	for _, m := range c.moves {
		if m.file != f.file || m.rng.Of != f.typ.name {
			continue
		}
		x := &scope{side: &side{attrs: m.attrs}, f: f}
		id := x.field(&m.rng.ID)
		low, ok1 := x.number(&m.rng.Min)
		high, ok2 := x.number(&m.rng.Max)
		if !id.known || id.text != f.after.attrs[m.rng.Key].text || !ok1 || !ok2 {
			continue
		}
		dimension := x.field(&m.rng.Dimension).text
		switch dimension {
		case "shards":
			s.Shards, shards = []int64{low, high}, [2]int64{low, high}
		case "replicas":
			s.Replicas, replicas = []int64{low, high}, [2]int64{low, high}
		default:
			continue
		}
		if most := m.rng.MaxOf[dimension]; most > 0 && high > most {
			s.Words = m.rng.MaxWords[dimension]
			if dimension == "replicas" {
				replicas[1] = most
			}
		}
	}
	if s.Shards == nil && s.Replicas == nil {
		return nil
	}
	s.AtLeastNodes, s.AtMostNodes = shards[0]*(1+replicas[0]), shards[1]*(1+replicas[1])
	least := *h
	least.layout = layout{shards: shards[0], replicas: replicas[0], nodes: s.AtLeastNodes, shardsKnown: true, replicasKnown: true, nodesKnown: true}
	least.USD, least.AtLeast, least.Why = nil, nil, ""
	if err := p.price(f.typ, &least); err != nil {
		return err
	}
	s.AtLeastUSD = least.USD
	h.Range = s
	return nil
}

// scaled is a decimal times each ÷ divide, in whole units.
func scaled(text string, each, divide int64) (int64, bool) {
	r, ok := new(big.Rat).SetString(text)
	if !ok || r.Sign() < 0 {
		return 0, false
	}
	r.Mul(r, big.NewRat(each, divide))
	n := new(big.Int).Quo(r.Num(), r.Denom())
	return n.Int64(), n.IsInt64()
}

// ends is the day on which a term that began then is over; "" where that is not
// a time.
func ends(start, term string) string {
	t, err := time.Parse(time.RFC3339, start)
	if err != nil {
		return ""
	}
	return t.UTC().AddDate(0, int(ratecard.Term(term).Months()), 0).Format(time.DateOnly)
}
