package bill

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// MaxReserved is the most nodes of one reservation.
const MaxReserved = 1_000_000

// Reservation is so many reserved nodes that somebody has.
type Reservation struct {
	Count   int64
	Plan    string // an id
	Term    ratecard.Term
	Upfront ratecard.Upfront
}

// String is the reservation as it is written, as in 4xcache.r6g.large@1y.
func (r Reservation) String() string {
	s := fmt.Sprintf("%dx%s@%s", r.Count, r.Plan, r.Term)
	if r.Upfront != ratecard.UpfrontNone {
		s += ":" + string(r.Upfront)
	}
	return s
}

// ParseReservation reads a reservation such as 4xcache.r6g.large@1y: how many
// nodes, of which type, for which term. A part that was paid at the start of the
// term follows the term, as in 4xcache.r6g.large@3y:all.
func ParseReservation(s string) (Reservation, error) {
	wrong := func(why string) (Reservation, error) {
		return Reservation{}, fmt.Errorf("%q is not a reservation like 4xcache.r6g.large@1y: %s", unit.Clip(s), why)
	}
	count, rest, ok := strings.Cut(strings.TrimSpace(s), "x")
	if !ok {
		return wrong("start with the number of nodes and an x")
	}
	plan, term, ok := strings.Cut(rest, "@")
	if !ok || plan == "" {
		return wrong("add the node type and, after @, its term")
	}
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil || n < 1 || n > MaxReserved || strings.HasPrefix(count, "+") {
		return wrong(fmt.Sprintf("%q is not a number of nodes from 1 to %d", unit.Clip(count), MaxReserved))
	}
	term, upfront, given := strings.Cut(term, ":")
	if !given {
		upfront = string(ratecard.UpfrontNone)
	}
	r := Reservation{Count: n, Plan: plan, Term: ratecard.Term(term), Upfront: ratecard.Upfront(upfront)}
	if r.Term.Months() == 0 {
		return wrong(fmt.Sprintf("the term %q is not 1y or 3y", unit.Clip(term)))
	}
	if err := ratecard.CheckTerm(r.Term, r.Upfront, ""); err != nil {
		return wrong(err.Error())
	}
	return r, nil
}

// ReservedTexts are the reservations as they are written.
func (o *Options) ReservedTexts() []string {
	var list []string
	for _, r := range o.Reserved {
		list = append(list, r.String())
	}
	return list
}

// ParseReservations reads several.
func ParseReservations(list []string) ([]Reservation, error) {
	var all []Reservation
	for _, s := range list {
		r, err := ParseReservation(s)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// reserved is a reservation in hand, priced for an offer.
type reserved struct {
	Reservation
	card      *ratecard.Plan
	family    string         // within which it counts for other sizes
	units     int64          // thousandths of a normalized unit that one node counts for
	recurring *ratecard.Rate // per node and hour; nil where all was paid upfront
	upfront   *ratecard.Rate // paid at the start of the term; nil for none
}

// compileReserved prices the reservations that are for plans of the offer.
func (o *Offer) compileReserved() {
	for _, r := range o.options.Reserved {
		card := o.Version.Plan(r.Plan)
		if card == nil {
			continue
		}
		one := reserved{Reservation: r, card: card}
		one.family, one.units = o.normalized(card)
		c := o.Version.CommitmentOf(ratecard.CommitReserved, r.Term, r.Upfront, o.options.AsOf)
		state := ratecard.NoPrice
		if c != nil && c.Covers(card.ID) {
			one.recurring, one.upfront, state = o.Version.CommittedRate(c, card, o.Region)
		}
		if state != ratecard.Priced {
			o.termNotes = append(o.termNotes, fmt.Sprintf("reservation %s: the card has no price for it in %s; not counted", r, o.Region))
			continue
		}
		o.reserved = append(o.reserved, one)
	}
}

// Reserves says whether the offer has a price for a reservation.
func (o *Offer) Reserves(r Reservation) bool {
	for i := range o.reserved {
		if o.reserved[i].Reservation == r {
			return true
		}
	}
	return false
}

// normalized is the family of a plan within which reservations count for any
// size, and how many thousandths of a unit one node counts for. A plan whose size
// the card does not know is a family of its own.
func (o *Offer) normalized(card *ratecard.Plan) (family string, units int64) {
	at := strings.LastIndex(card.ID, ".")
	if at >= 0 {
		if n := o.Version.ReservedUnits.Sizes[card.ID[at+1:]]; n > 0 {
			return card.ID[:at], n
		}
	}
	return card.ID, 1000
}

// covers says whether a reservation counts for a plan.
func (r *reserved) covers(p *plan) bool { return r.family == p.family }

// walkInHand goes through a plan's recurring price for so many nodes: what
// reservations in hand cover of them, and the rest.
func (o *Offer) walkInHand(p *plan, count int64, u *workload.Usage, visit visitor) (money.USD, error) {
	total, left, err := o.walkReserved(p, count, u, visit)
	switch {
	case err != nil || left == 0 || p.recurring == nil:
		return total, err
	case left == product(count, p.units):
		more, err := o.walkRecurring(p, count, u, visit)
		if err != nil {
			return 0, err
		}
		return total.Add(more)
	}
	quantity, scale := product(left, o.billedHours(p, u)), product(p.units, o.parts)
	more, err := o.walkQuantity(p, quantity, scale, visit)
	if err != nil {
		return 0, err
	}
	return total.Add(more)
}

// walkReserved goes through what the reservations cover of so many nodes of a
// plan. left is what they do not cover, in thousandths of a unit.
func (o *Offer) walkReserved(p *plan, count int64, u *workload.Usage, visit visitor) (total money.USD, left int64, err error) {
	left = product(count, p.units)
	for i := range o.reserved {
		r := &o.reserved[i]
		if !r.covers(p) || left == 0 {
			continue
		}
		taken := min(left, product(r.Count, r.units))
		left -= taken
		amount, err := o.walkReservation(p, r, taken, u, visit)
		if err == nil {
			total, err = total.Add(amount)
		}
		if err != nil {
			return 0, 0, err
		}
	}
	return total, left, nil
}

// walkReservation goes through what thousandths of units of a reservation cost: its
// price by the hour, and the month's share of what was paid upfront.
func (o *Offer) walkReservation(p *plan, r *reserved, taken int64, u *workload.Usage, visit visitor) (total money.USD, err error) {
	add := func(pt part, amount money.USD) error {
		pt.kind, pt.reserved, pt.amount, pt.original = partReserved, r, amount, amount
		if total, err = total.Add(amount); err == nil && visit != nil {
			visit(pt)
		}
		return err
	}
	if r.recurring != nil {
		quantity, scale := product(taken, o.billedHours(p, u)), o.parts*r.units
		if quantity == tooMany {
			return 0, unit.ErrRange
		}
		amount, err := r.recurring.Price.Of(quantity, scale)
		if err == nil {
			err = add(part{rate: r.recurring, amounts: amounts{billed: quantity, fine: scale}}, amount)
		}
		if err != nil {
			return 0, err
		}
	}
	if r.upfront != nil {
		month := *r.upfront
		month.Price = money.Price{Amount: r.upfront.Price.Amount, Per: r.Term.Months()}
		quantity, scale := o.monthly(taken, u)
		if quantity == tooMany {
			return 0, unit.ErrRange
		}
		amount, err := month.Price.Of(quantity, product(scale, r.units))
		if err == nil {
			err = add(part{rate: &month, tier: 1, amounts: amounts{billed: quantity, fine: product(scale, r.units)}}, amount)
		}
		if err != nil {
			return 0, err
		}
	}
	return total, nil
}

// reservedLine adds the line of what a reservation covers.
func (w *lineWriter) reservedLine(pt part) {
	name, per := "reserved "+pt.reserved.card.Name, "node-hour"
	if pt.tier == 1 {
		name, per = name+fmt.Sprintf(", upfront spread over %d months", pt.reserved.Term.Months()), "node-month"
	}
	w.add(Line{
		ID: "reserved", Name: name, Meter: string(ratecard.MeterNodes), Unit: per, Scale: pt.fine, Quantity: pt.billed, Billed: pt.billed,
		Rate: *pt.rate, Original: pt.original, Amount: pt.amount, Notes: append(rateNotes(pt.rate), "of the reservation "+pt.reserved.String()),
	})
}

// reservedRemarks says what of the reservations in hand a bill does not use.
func (o *Offer) reservedRemarks(b *Bill, p *plan, u *workload.Usage) {
	if p == nil || len(o.reserved) == 0 || b.Plan == nil {
		return
	}
	left := product(b.Plan.Nodes, p.units)
	for i := range o.reserved {
		r := &o.reserved[i]
		have, taken := product(r.Count, r.units), int64(0)
		if r.covers(p) {
			taken = min(left, have)
			left -= taken
			b.Reserved = true
		}
		if taken == have {
			continue
		}
		words := fmt.Sprintf("reservation %s: %s of its %s normalized units are not used here", r, unit.Decimal(have-taken, 1000), unit.Decimal(have, 1000))
		if cost, err := o.walkReservation(p, r, have-taken, u, nil); err == nil {
			words += fmt.Sprintf("; they cost %s USD a month more, used or not", cost.Grouped())
		}
		b.Warnings = append(b.Warnings, words)
	}
	if left > 0 && b.Reserved {
		b.Warnings = append(b.Warnings, fmt.Sprintf("%s normalized units of %s are not reserved and are priced on demand", unit.Decimal(left, 1000), p.card.ID))
	}
}
