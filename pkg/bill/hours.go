package bill

import (
	"fmt"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// hoursOf is the hours of a load, or of the month for the smallest size, which has
// no load.
func (o *Offer) hoursOf(u *workload.Usage) int64 {
	if u.Hours == 0 {
		return o.hours
	}
	return u.Hours
}

// billedHours is the hours that a node of a plan is billed for, in 1/parts of an
// hour. Where the vendor bills a part of an hour as a whole one, they are rounded
// up to one.
func (o *Offer) billedHours(p *plan, u *workload.Usage) int64 {
	hours := o.hoursOf(u)
	if o.parts > 1 && p != nil && p.wholeHours {
		return product(unit.CeilDiv(hours, o.parts), o.parts)
	}
	return hours
}

// wholeHours says whether the vendor bills a part of an hour of a plan as a whole
// one. It matters only where the month has a part of an hour.
func (o *Offer) wholeHours(card *ratecard.Plan) bool {
	return o.parts > 1 && o.Card.Trait(ratecard.TraitPartHour, card.ID).Value == ratecard.PartHourWhole
}

// hourNotes say how the hours of a line were counted, where that is not the hours
// of the month.
func (w *lineWriter) hourNotes() (notes []string) {
	p, parts := w.plan, max(1, w.u.HourParts)
	if p == nil {
		return nil
	}
	if p.wholeHours && !p.card.Per.Monthly() && w.u.Hours%parts != 0 {
		notes = append(notes, fmt.Sprintf("each part of an hour is billed whole: %s hours are %d", unit.Decimal(w.u.Hours, parts), unit.CeilDiv(w.u.Hours, parts)))
	}
	if n := w.prorated; n > 0 && p.card.Per.Monthly() {
		notes = append(notes, fmt.Sprintf("prorated: %s of %d hours", unit.Decimal(w.u.Hours, parts), n))
	}
	return notes
}
