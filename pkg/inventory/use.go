package inventory

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// use gives the floor of an offer that is billed by use, and its cap where the
// file bounds all of it.
func (p *pricer) use(t *Type, h *Holding, card *ratecard.Offer, v *ratecard.Version) error {
	if h.Why == "" {
		h.Why = "billed by use; a workload is needed"
	}
	o, why, err := p.compiled(card, v, h.Region, "", 0, 0, ratecard.TermOnDemand, ratecard.UpfrontNone)
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
	if h.load != nil {
		return p.used(h, o)
	}
	return nil
}

// used prices the use that is known: at least the floor, at most the cap.
func (p *pricer) used(h *Holding, o *bill.Offer) error {
	w := *h.load
	if r := h.Usage.ReadRegions; r != nil {
		w.ReadRegions = *r
	}
	w.HoursPerMonth = p.options.HoursPerMonth
	before := h.AtLeast
	sum := h.Sum
	h.AtLeast, h.Why, h.Sum = nil, "", ""
	if err := p.billed(h, o, &w); err != nil {
		return err
	}
	if h.USD == nil {
		if h.AtLeast == nil {
			h.AtLeast, h.Sum = before, sum
		}
		return nil
	}
	if before != nil && *before > *h.USD {
		h.USD, h.Sum = before, sum+", the billed minimum"
	}
	if h.Cap != nil && *h.Cap < *h.USD {
		h.USD, h.Sum = h.Cap, "the cap of the file"
	}
	h.AtLeast, h.BilledBy = nil, "use, by the workload "+w.Name
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
	h.AtLeast, h.Why = &usd, strings.Join(missing, " and ")+": the amount is not in the file"
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
		h.Why = "the reservation is known only after apply"
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
	v := p.version(card)
	if v == nil || v.Plan(h.Plan) == nil {
		h.Why = "the card has no plan " + h.Plan
		return nil
	}
	o, why, err := p.compiled(card, v, h.Region, h.Plan, c.Count, 0, ratecard.Term(c.Term), ratecard.Upfront(c.Upfront))
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

// ends is the day on which a term that began then is over; "" where that is not
// a time.
func ends(start, term string) string {
	t, err := time.Parse(time.RFC3339, start)
	if err != nil {
		return ""
	}
	return t.UTC().AddDate(0, int(ratecard.Term(term).Months()), 0).Format(time.DateOnly)
}
