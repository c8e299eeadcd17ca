package bill

import (
	"fmt"
	"slices"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// lineWriter is the visitor of walk that writes the lines of a bill.
type lineWriter struct {
	bill *Bill
	plan *plan // nil for an offer without plans
	u    *workload.Usage

	prorated int64 // the hours that a price by the month is for, where the month is shorter; else 0
}

// lines writes every line of the bill and its total. complete is false if the
// total is only a lower bound.
func (o *Offer) lines(b *Bill, p *plan, s shape, u *workload.Usage) (complete bool, err error) {
	w := &lineWriter{bill: b, plan: p, u: u}
	if o.prorated > o.hours {
		w.prorated = o.prorated / o.parts
	}
	b.Total, complete, err = o.walk(p, s, u, w.write)
	return complete, err
}

// write adds the line of one part.
func (w *lineWriter) write(pt part) {
	switch pt.kind {
	case partPlan:
		// A plan without a price that has charges of its own only names a size;
		// the charges are the lines.
		if pt.rate.Price.Amount != 0 || !w.plan.ownTerms {
			w.plan.line(w, pt)
		}
	case partUpfront:
		w.upfront(pt)
	case partReserved:
		w.reservedLine(pt)
	case partSurcharge:
		w.surcharge(pt)
	case partReadRegions:
		w.add(Line{
			ID: "read-regions", Name: "read regions", Meter: string(ratecard.MeterReadRegions), Unit: "region-month",
			Scale: 1, Quantity: pt.billed, Billed: pt.billed, Rate: *pt.rate, Original: pt.amount, Amount: pt.amount, Notes: rateNotes(pt.rate),
		})
	case partCharge:
		w.charge(pt)
	case partDiscount:
		w.adjust("discount", "discount "+pt.words, pt.amount)
	case partMinimum:
		w.adjust("minimum", fmt.Sprintf("minimum of %s USD a month applied", pt.limit.Grouped()), pt.amount)
	case partTax:
		w.adjust("tax", fmt.Sprintf("tax, %s %% of %s USD", unit.Decimal(w.u.Tax, unit.Million/100), pt.limit.Grouped()), pt.amount)
	case partCap:
		w.adjust("cap", fmt.Sprintf("cap of %s USD a month applied", pt.limit.Grouped()), pt.amount)
	}
	w.bill.because(pt)
}

// because adds the reason why a part has no price, or only a lower bound.
func (b *Bill) because(pt part) {
	var why string
	switch c, s := pt.charge, pt.surcharge; {
	case pt.kind == partUnknown && pt.billed > 0:
		why = fmt.Sprintf("%s: price unknown: %s", c.card.Name, c.unknown)
	case pt.kind == partCharge && c.atLeast != "" && pt.billed > 0:
		why = c.card.Name + ": " + c.atLeast
	case pt.kind == partSurcharge && pt.rate == nil:
		why = fmt.Sprintf("%s: price unknown: it is %s %% of the plan's price on demand, which was not found", s.card.Name, s.step.Percent)
	default:
		return
	}
	if !slices.Contains(b.Reasons, why) {
		b.Reasons = append(b.Reasons, why)
	}
}

func (w *lineWriter) add(l Line) { w.bill.Lines = append(w.bill.Lines, l) }

// adjust adds a line that no meter counts: a discount, a minimum or a cap.
func (w *lineWriter) adjust(id, words string, amount money.USD) {
	w.add(Line{
		ID: id, Name: words, Unit: "month", Scale: 1, Quantity: 1, Billed: 1,
		Rate: ratecard.Rate{Price: money.Price{Amount: amount, Per: 1}, Currency: "USD", Text: amount.Exact()}, Original: amount, Amount: amount,
	})
}

// line adds the line of a plan's recurring price.
func (p *plan) line(w *lineWriter, pt part) {
	time := "-hour"
	if p.monthly {
		time = "-month"
	}
	w.add(Line{
		ID: "plan", Name: p.card.Name, Meter: p.meter(), Unit: p.counted() + time, Scale: max(1, pt.fine), Quantity: pt.billed, Billed: pt.billed,
		Rate: *pt.rate, Original: pt.original, FX: p.fx, Amount: pt.amount, Notes: append(rateNotes(pt.rate), w.hourNotes()...),
	})
}

// upfront adds the line of one month's share of the money paid upfront.
func (w *lineWriter) upfront(pt part) {
	w.bill.UpfrontCash = pt.cash
	p, rate := w.plan, *pt.rate
	rate.Price.Per = p.months
	w.add(Line{
		ID: "upfront", Name: fmt.Sprintf("%s, upfront spread over %d months", p.card.Name, p.months),
		Meter: p.meter(), Unit: p.counted() + "-month", Scale: 1, Quantity: pt.billed, Billed: pt.billed,
		Rate: rate, Original: pt.amount, Amount: pt.amount, Notes: rateNotes(pt.rate),
	})
}

// counted names what is bought of the plan: "node", "GiB" or "GB".
func (p *plan) counted() string {
	switch p.per {
	case unit.GiB:
		return "GiB"
	case unit.GB:
		return "GB"
	}
	return "node"
}

// meter names what the plan's price is charged on.
func (p *plan) meter() string {
	if p.per > 0 {
		return string(ratecard.MeterProvisioned)
	}
	return string(ratecard.MeterNodes)
}

// charge adds the line of a charge, or of one tier of it.
func (w *lineWriter) charge(pt part) {
	c := pt.charge
	l := Line{
		ID: c.card.ID, Name: c.card.Name, Meter: string(c.meter), Unit: c.card.Unit.Name, Scale: c.scale,
		Quantity: pt.quantity, Free: pt.free, Billed: pt.billed, Rate: *pt.rate, FX: c.fx,
		Original: pt.original, Amount: pt.amount, Notes: []string{},
	}
	if pt.minimum > 0 {
		l.Notes = append(l.Notes, c.minimumWords(pt, w.u))
	}
	if pt.tier > 0 && !c.wholeAmount {
		// Each tier is a line; the free amount is shown on the first one.
		l.ID = fmt.Sprintf("%s-tier-%d", c.card.ID, pt.tier)
		if pt.tier > 1 {
			l.Free = 0
		}
		l.Quantity = min(pt.quantity, l.Free+pt.billed)
	}
	l.Notes = append(l.Notes, rateNotes(pt.rate)...)
	l.Notes = append(l.Notes, c.requestNotes(pt, w.u)...)
	if c.atLeast != "" && pt.billed > 0 {
		l.Notes = append(l.Notes, "at least this: "+c.atLeast)
	}
	w.add(l)
}

// minimumWords says which minimum a charge bills.
func (c *charge) minimumWords(pt part, u *workload.Usage) string {
	if set := c.setMinimum(u); c.settable && set == pt.minimum && set > 0 {
		if c.meter == ratecard.MeterECPU {
			return fmt.Sprintf("minimum of %s ECPU a second applied, as set", group(u.MinECPUPerSec))
		}
		return fmt.Sprintf("minimum of %s %s applied, as set", unit.Decimal(u.MinDataGB, 1000), c.card.Unit.HeldName())
	}
	return fmt.Sprintf("minimum %s %s applied", unit.Decimal(pt.minimum, c.card.Unit.Held(u.Hours)), c.card.Unit.HeldName())
}

// rateNotes says how a price differs from the figure that was published.
func rateNotes(r *ratecard.Rate) []string {
	var notes []string
	if r.Factor != "" {
		note := fmt.Sprintf("price of %s %s × %s", r.From, r.Text, r.Factor)
		if r.Base != "" {
			note += " [" + r.Base + "]"
		}
		notes = append(notes, note)
	}
	if r.Assumed != "" {
		notes = append(notes, "assumed: "+r.Assumed)
	}
	return notes
}
