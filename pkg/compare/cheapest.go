package compare

import (
	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// Kind says among which offers the cheapest is looked for.
type Kind string

// The kinds.
const (
	Commands Kind = "commands" // offers that bill each command
	Capacity Kind = "capacity" // offers that do not
	Overall  Kind = "overall"  // all offers
)

// Kinds lists the kinds in the order in which messages name them.
func Kinds() []Kind { return []Kind{Commands, Capacity, Overall} }

// takes says whether an offer is one of the kind.
func (k Kind) takes(o *ratecard.Offer) bool {
	return k == Overall || (k == Commands) == o.BilledBy.PerCommand()
}

// Ranked says whether a bill may be called the cheapest: it is priced, and on
// something that one can buy.
func Ranked(b *bill.Bill) bool {
	return b.Status == bill.Priced && rankable(b.Offer)
}

// rankable is the part of Ranked that needs no bill.
func rankable(o *ratecard.Offer) bool { return o.Status.Ranked() }

// first is the cheapest of a kind among bills in order of cost; nil without one.
func first(bills []*bill.Bill, kind Kind) *bill.Bill {
	for _, b := range bills {
		if kind.takes(b.Offer) && Ranked(b) {
			return b
		}
	}
	return nil
}

// CheapestBill is the bill that Run would name the cheapest of a kind, without
// making the bills of the other offers; nil without one.
func (f *Field) CheapestBill(u *workload.Usage, kind Kind) (*bill.Bill, error) {
	refused := map[*bill.Offer]bool{}
	for {
		var best *bill.Offer
		var least money.USD
		for _, o := range f.Offers {
			if !kind.takes(o.Card) || !rankable(o.Card) || refused[o] {
				continue
			}
			total, status, err := o.Total(u)
			if err != nil {
				return nil, err
			}
			// Offers come in order of id, so the first of several equals is the
			// one that a sorted list of bills begins with.
			if status == bill.Priced && (best == nil || total < least) {
				best, least = o, total
			}
		}
		if best == nil {
			return nil, nil //nolint:nilnil // no offer is an answer
		}
		b, err := best.Bill(u)
		if err != nil || Ranked(b) {
			return b, err
		}
		refused[best] = true
	}
}
