package compare

import (
	"fmt"
	"slices"
	"sort"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/workload"
)

// byTraffic are the constraints that depend on the bytes of a command.
var byTraffic = []string{"network", "bandwidth"}

// assumedPayload is a warning for a bill whose size depends on an assumed
// payload: up to how many bytes a command the next smaller size is enough. It
// returns "" if the caller gave the bytes, or if something else decides the
// size.
func assumedPayload(o *bill.Offer, w *workload.Workload, b *bill.Bill) (string, error) {
	if b.Plan == nil || !slices.Contains(byTraffic, b.Plan.Binding) || b.Status == bill.Unfit || b.Status == bill.NotPriced ||
		w.Given["payload_bytes"] || w.Given["transfer_gb_per_month"] || w.Given["written_gb_per_month"] {
		return "", nil
	}
	var failed error
	at := func(bytes int) *bill.Bill {
		lighter, err := w.AtPayload(int64(bytes))
		if err == nil {
			var u workload.Usage
			if u, err = lighter.Usage(); err == nil {
				var smaller *bill.Bill
				if smaller, err = o.Bill(&u); err == nil {
					return smaller
				}
			}
		}
		failed = err
		return b
	}
	same := func(s *bill.Bill) bool {
		return s.Plan != nil && s.Plan.ID == b.Plan.ID && s.Plan.Shards == b.Plan.Shards
	}
	// More bytes never need a smaller size, so binary search finds the first
	// payload that needs the chosen size.
	from := sort.Search(int(w.PayloadBytes), func(bytes int) bool { return same(at(bytes)) })
	if failed != nil || from == 0 || int64(from) >= w.PayloadBytes {
		return "", failed
	}
	smaller := at(from - 1)
	if smaller.Plan == nil {
		return "", failed
	}
	return fmt.Sprintf("the size depends on the assumed %s B per command: up to %s B it is %s for %s USD; give --payload-bytes",
		money.Group(fmt.Sprint(w.PayloadBytes)), money.Group(fmt.Sprint(from-1)), smaller.Plan.ID, smaller.Total), failed
}
