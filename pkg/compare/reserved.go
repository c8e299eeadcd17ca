package compare

import (
	"fmt"
	"slices"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/suggest"
	"github.com/keynest/keynest/pkg/workload"
)

// CheckReserved refuses reservations that no offer of the field has a price for:
// of a type of node that there is not, or that is not reserved.
func (f *Field) CheckReserved() error {
	for _, r := range f.Options.Reserved {
		if slices.ContainsFunc(f.Offers, func(o *bill.Offer) bool { return o.Reserves(r) }) {
			continue
		}
		var sold []string
		for _, o := range f.Offers {
			if o.Version != nil && o.Version.Plan(r.Plan) != nil {
				sold = append(sold, o.Card.ID)
			}
		}
		if len(sold) == 0 {
			return fmt.Errorf("--reserved %s: no offer here has the node type %q%s", r, r.Plan, suggest.Question(r.Plan, f.planIDs()))
		}
		return fmt.Errorf("--reserved %s: no card has a price for this reservation in %s on %s (%s)", r, f.Options.Where.Name, f.Options.AsOf, sold[0])
	}
	return nil
}

// MinimumTooHigh says that a minimum of a workload is above what an offer of the
// field holds; "" where none is.
func (f *Field) MinimumTooHigh(w *workload.Workload) string {
	for _, o := range f.Offers {
		if why := o.MinimumTooHigh(w); why != "" {
			return why
		}
	}
	return ""
}
