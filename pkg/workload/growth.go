package workload

import (
	"errors"

	"github.com/keynest/keynest/pkg/unit"
)

// Growth is a load against that of the month before: Num ÷ Den. Each month's
// figures are those of the month before × Num ÷ Den, rounded half up.
type Growth struct{ Num, Den int64 }

// Times is a figure after so many months.
func (g Growth) Times(v int64, months int) (int64, error) {
	for range months {
		var err error
		if v, err = unit.MulDiv(uint64(v), uint64(g.Num), uint64(g.Den)); err != nil {
			return 0, err
		}
	}
	return v, nil
}

// Grow is the workload one month later: its commands, peak, bytes moved and
// data grow. The bytes of a command, the share of reads and all choices stay.
func (w Workload) Grow(g Growth) (Workload, error) {
	var errs []error
	for _, v := range []*int64{&w.OpsPerSec, &w.PeakOpsPerSec, &w.Commands, &w.Reads, &w.TransferBytes, &w.WrittenBytes, &w.StoredBytes} {
		grown, err := g.Times(*v, 1)
		*v, errs = grown, append(errs, err)
	}
	w.Writes = w.Commands - w.Reads
	return w, errors.Join(errs...)
}
