package workload

import "testing"

// TestGrow: 8 % a month. 100 → 108 → 116.64, each month rounded half up: 117.
func TestGrow(t *testing.T) {
	g := Growth{108, 100}
	w := Workload{OpsPerSec: 100, PeakOpsPerSec: 300, Commands: 1000, Reads: 777, Writes: 223, StoredBytes: 100, PayloadBytes: 50, TransferBytes: 50_000, WrittenBytes: 13}
	var err error
	for range 2 {
		if w, err = w.Grow(g); err != nil {
			t.Fatal(err)
		}
	}
	// 777 × 1.08 = 839.16 → 839 × 1.08 = 906.12; 1000 → 1080 → 1166.4; 13 → 14.04 → 15.12
	if w.OpsPerSec != 117 || w.PeakOpsPerSec != 350 || w.Commands != 1166 || w.Reads != 906 || w.Writes != 260 || w.StoredBytes != 117 || w.PayloadBytes != 50 || w.TransferBytes != 58_320 || w.WrittenBytes != 15 {
		t.Errorf("%+v", w)
	}
	if n, err := g.Times(100, 2); n != 117 || err != nil {
		t.Errorf("100 grows to %d, %v", n, err)
	}
	if _, err := (Workload{StoredBytes: 1 << 62}).Grow(Growth{3, 1}); err == nil {
		t.Error("3 × 2^62 was counted")
	}
}
