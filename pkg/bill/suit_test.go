package bill

import (
	"slices"
	"testing"

	"github.com/keynest/keynest/pkg/workload"
)

// TestSuits: if an application does not run on an offer, the offer is unfit
// whatever its price and never competes. If it needs a setting, always or in
// several shards only, the bill has a warning.
func TestSuits(t *testing.T) {
	bill := func(gib string, s Suit) *Bill {
		return billOf(t, sharedCard, workload.Input{OpsPerSec: "1", GiB: workload.Value(gib), Replicas: "0"}, Options{Suits: map[string]Suit{"o": s}})
	}
	b := bill("2", Suit{Refused: "it needs one slot"})
	if b.Status != Unfit || !slices.Equal(b.Reasons, []string{"it needs one slot"}) || !slices.Contains(b.Unranked, DoesNotRun) || b.Total != 0 || len(b.Lines) != 0 {
		t.Errorf("a refused offer is %s, %q, not ranked because %q, %s USD; want unfit for the reason, does-not-run", b.Status, b.Reasons, b.Unranked, b.Total)
	}
	b = bill("2", Suit{Warnings: []string{"with a setting"}, Sharded: []string{"with braces"}})
	if b.Status != Priced || !slices.Contains(b.Warnings, "with a setting") || slices.Contains(b.Warnings, "with braces") || len(b.Unranked) > 0 {
		t.Errorf("in one shard: %s, %q, %q; want it priced, with the first warning only", b.Status, b.Warnings, b.Unranked)
	}
	// 24 GiB take three shards of large, as TestSharedProcessorsHoldOneShard says.
	if b = bill("24", Suit{Sharded: []string{"with braces"}}); !slices.Contains(b.Warnings, "with braces") {
		t.Errorf("in three shards: %q; want the warning", b.Warnings)
	}
}
