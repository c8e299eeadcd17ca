package inventory

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// sizes prices nodes and memory.
func (p *pricer) sizes(t *Type, h *Holding, card *ratecard.Offer, v *ratecard.Version) error {
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
	size := int64(0)
	if plan.Per.Bytes() > 0 {
		size = h.SizeBytes
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
	o, why, err := p.compiled(card, v, h.Region, h.Plan, shards, size, p.options.Term, p.options.Upfront)
	if err != nil {
		return err
	}
	if why != "" {
		h.Why = why
		return nil
	}
	w := workload.Workload{HoursPerMonth: p.options.HoursPerMonth, Databases: 1, Replicas: replicas, EngineVersion: version(h.EngineVersion)}
	return p.billed(h, o, &w)
}

// version reads the version of an engine as clouds write it, such as "5.0.6" or
// "6.x"; 0 for one that is not known.
func version(s string) int64 {
	v, err := ratecard.ParseVersion(strings.TrimSuffix(s, ".x"))
	if err != nil {
		return 0
	}
	return v
}

// surcharged keeps what the version of the engine adds to a bill.
func surcharged(h *Holding, o *bill.Offer, b *bill.Bill) (err error) {
	h.Surcharge = 0
	for i := range b.Lines {
		if o.Version.Surcharge(b.Lines[i].ID) != nil && err == nil {
			h.Surcharge, err = h.Surcharge.Add(b.Lines[i].Amount)
		}
	}
	if err == nil {
		h.Surcharge, err = cents(h.Surcharge)
	}
	return err
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
	if err := surcharged(h, o, b); err != nil {
		return err
	}
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
			h.Why = "the card has no price for this plan in this region"
			if b.Plan != nil {
				h.Why = "a figure of the price is unknown"
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
	p.ages.Add(s.Retrieved)
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
		case l.Unit == "node-hour" && l.Meter == string(ratecard.MeterNodes) && l.Scale == 1 && l.Quantity%hours == 0:
			text = fmt.Sprintf("%d × %s × %d (%s)", l.Quantity/hours, rate, hours, l.Name)
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
