package replay

import "github.com/keynest/keynest/pkg/bill"

// Grown is a series in some month from now, as the growth has it.
type Grown struct {
	Month  int // from now; 0 is the series as it is
	Result *Result
}

// Change is a month in which something about the growing load changes.
type Change struct {
	Month int
	Words string
}

// Cheapest is the offer that is the cheapest of all in the month, or nil.
func (g *Grown) Cheapest() *OfferCost { return g.Result.Overall }

// Offer finds an offer's cost in the month.
func (g *Grown) Offer(id string) *OfferCost {
	for _, o := range g.Result.Offers {
		if o.Period.Offer.Card.ID == id {
			return o
		}
	}
	return nil
}

// Sizes are the stretches of months in which an offer has one size: the first
// month of each, and the size; "" where it holds the load no more.
func Sizes(months []Grown, id string) []Change {
	var all []Change
	for i := range months {
		size := ""
		if o := months[i].Offer(id); o != nil && (o.Status() == bill.Priced || o.Status() == bill.Incomplete) {
			size = o.Size
		}
		if len(all) == 0 || all[len(all)-1].Words != size {
			all = append(all, Change{months[i].Month, size})
		}
	}
	return all
}
