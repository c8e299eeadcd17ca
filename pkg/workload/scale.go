package workload

import (
	"errors"

	"github.com/keynest/keynest/pkg/unit"
)

// Guesses are the inputs that are measured or guessed, by TOML key; the others
// are choices.
func Guesses() []string {
	return []string{"ops_per_sec", "peak_ops_per_sec", "gib", "payload_bytes", "read_share", "operator_hours"}
}

// Value is a guess as the workload has it, in the unit of its key.
func (w *Workload) Value(key string) string {
	switch key {
	case "ops_per_sec":
		return unit.Decimal(w.OpsPerSec, unit.Million)
	case "peak_ops_per_sec":
		return unit.Decimal(w.PeakOpsPerSec, unit.Million)
	case "gib":
		return unit.Rounded(w.StoredBytes, unit.GiB, 3)
	case "payload_bytes":
		return unit.Decimal(w.PayloadBytes, 1)
	case "read_share":
		return unit.Decimal(w.ReadShare, unit.Million)
	case "operator_hours":
		return unit.Decimal(w.OperatorHours, 1000)
	}
	return ""
}

// Scale is the workload with one guess times num ÷ den, and with what follows
// from it: a command rate takes the peak and the bytes along. The peak stays at
// or above the mean, a share at or below 1.
func (w Workload) Scale(key string, num, den int64) (Workload, error) {
	at := w
	var errs []error
	times := func(v int64) int64 {
		n, err := unit.MulDiv(uint64(v), uint64(num), uint64(den))
		errs = append(errs, err)
		return n
	}
	switch key {
	case "ops_per_sec":
		at.OpsPerSec, at.PeakOpsPerSec = times(w.OpsPerSec), times(w.PeakOpsPerSec)
		at.Commands, at.Reads = times(w.Commands), times(w.Reads)
		at.Writes = at.Commands - at.Reads
		at.TransferBytes, at.WrittenBytes = times(w.TransferBytes), times(w.WrittenBytes)
	case "peak_ops_per_sec":
		at.PeakOpsPerSec = max(w.OpsPerSec, times(w.PeakOpsPerSec))
	case "gib":
		at.StoredBytes = times(w.StoredBytes)
	case "payload_bytes":
		at.PayloadBytes, at.TransferBytes, at.WrittenBytes = times(w.PayloadBytes), times(w.TransferBytes), times(w.WrittenBytes)
	case "read_share":
		return w.AtReadShare(min(times(w.ReadShare), unit.Million), unit.Million)
	case "operator_hours":
		at.OperatorHours = times(w.OperatorHours)
	}
	return at, errors.Join(errs...)
}
