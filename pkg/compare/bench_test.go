package compare

import (
	"testing"

	"github.com/keynest/keynest/pkg/workload"
)

// BenchmarkRun prices one workload on every offer of the real cards, break-even
// and all, as one keynest estimate does.
func BenchmarkRun(b *testing.B) {
	f := testField(b, embeddedCards)
	w := testWorkload(b, workload.Input{OpsPerSec: "5000", GiB: "8"})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Run(w); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBreakEven finds where per-command offers stop being the cheaper.
func BenchmarkBreakEven(b *testing.B) {
	f := testField(b, embeddedCards)
	w := testWorkload(b, workload.Input{OpsPerSec: "5000", GiB: "8"})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.breakEven(w); err != nil {
			b.Fatal(err)
		}
	}
}
