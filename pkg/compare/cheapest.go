package compare

import (
	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// Kind is a group of offers that has a cheapest one of its own.
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

// Rule says in one sentence which offers may be called the cheapest. It holds
// for every report, verdict and break-even. Ranked is the same rule in code.
const Rule = "Only a managed, generally available offer that keeps the data in memory, whose price is wholly known and " +
	"whose known or assumed capacity holds the peak, can be named cheapest; the others are shown with their price and " +
	"the reason, and --include self-hosted,flash,preview,unknown-throughput lets those four compete."

// Ranked says whether a bill may be called the cheapest: its price is fully
// known, and it has no class that keeps it from competing.
func Ranked(b *bill.Bill) bool {
	return b.Status == bill.Priced && len(b.Unranked) == 0
}

// Ranked lists the field's offers that may be called the cheapest, for loads
// that fit and have a fully known price.
func (f *Field) Ranked() []*bill.Offer {
	var list []*bill.Offer
	for _, o := range f.Offers {
		if o.Ranked() {
			list = append(list, o)
		}
	}
	return list
}

// first returns the cheapest ranked bill of a kind from bills in order of cost;
// nil without one.
func first(bills []*bill.Bill, kind Kind) *bill.Bill {
	for _, b := range bills {
		if kind.takes(b.Offer) && Ranked(b) {
			return b
		}
	}
	return nil
}

// CheapestBill is the bill that Run names the cheapest of a kind, without
// computing the bills of the other offers; nil without one.
func (f *Field) CheapestBill(u *workload.Usage, kind Kind) (*bill.Bill, error) {
	refused := map[*bill.Offer]bool{}
	for {
		var best *bill.Offer
		var least money.USD
		for _, o := range f.Offers {
			if !kind.takes(o.Card) || !o.Ranked() || refused[o] {
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
