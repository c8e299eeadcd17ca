package workload

import (
	"errors"

	"github.com/keynest/keynest/pkg/unit"
)

// Guesses are the inputs that are measured or guessed, by key; the others are
// choices.
func Guesses() []string {
	var keys []string
	for _, f := range fields {
		if f.guess {
			keys = append(keys, f.Key)
		}
	}
	return keys
}

// Value is a guess as the workload has it, in the unit of its key; GiB have at
// most three decimals.
func (w *Workload) Value(key string) string {
	f := fieldOf(key)
	if f.scale == unit.GiB {
		return unit.Rounded(*f.of(w), f.scale, 3)
	}
	return f.Text(w)
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

// AtOps is the workload at another mean command rate (whole commands/s): the
// peak, the transfer and the written bytes change in proportion, the data does
// not. Where there are no commands to be in proportion to, the bytes of the new
// ones come on top of what is moved anyway.
func (w Workload) AtOps(ops int64) (Workload, error) {
	at := w
	var errs [6]error
	at.OpsPerSec, errs[0] = unit.Mul(ops, unit.Million)
	at.Commands, errs[1] = unit.MulDiv(uint64(at.OpsPerSec), uint64(w.HoursPerMonth)*3600, unit.Million)
	if w.Commands == 0 {
		at.Reads, errs[2] = unit.MulDiv(uint64(at.Commands), uint64(w.ReadShare), unit.Million)
		at.Writes = at.Commands - at.Reads
		at.PeakOpsPerSec = max(w.PeakOpsPerSec, at.OpsPerSec)
		onTop := func(moved, commands int64) int64 {
			more, err := unit.Mul(commands, w.PayloadBytes)
			sum, err2 := unit.Add(moved, more)
			errs[3] = errors.Join(errs[3], err, err2)
			return sum
		}
		at.TransferBytes = onTop(w.TransferBytes, at.Commands)
		at.WrittenBytes = onTop(w.WrittenBytes, at.Writes)
		return at, errors.Join(errs[:]...)
	}
	scaled := func(n int64, err *error) int64 {
		n, *err = unit.MulDiv(uint64(n), uint64(at.Commands), uint64(w.Commands))
		return n
	}
	at.Reads = scaled(w.Reads, &errs[2])
	at.Writes = at.Commands - at.Reads
	at.PeakOpsPerSec = max(scaled(w.PeakOpsPerSec, &errs[3]), at.OpsPerSec)
	at.TransferBytes = scaled(w.TransferBytes, &errs[4])
	at.WrittenBytes = scaled(w.WrittenBytes, &errs[5])
	return at, errors.Join(errs[:]...)
}

// AtPayload is the workload with other bytes a command: the transfer and the
// written bytes change in proportion.
func (w Workload) AtPayload(bytes int64) (Workload, error) {
	at := w
	at.PayloadBytes = bytes
	var errs [2]error
	if w.PayloadBytes == 0 {
		at.TransferBytes, errs[0] = unit.Mul(w.Commands, bytes)
		at.WrittenBytes, errs[1] = unit.Mul(w.Writes, bytes)
		return at, errors.Join(errs[:]...)
	}
	at.TransferBytes, errs[0] = unit.MulDiv(uint64(w.TransferBytes), uint64(bytes), uint64(w.PayloadBytes))
	at.WrittenBytes, errs[1] = unit.MulDiv(uint64(w.WrittenBytes), uint64(bytes), uint64(w.PayloadBytes))
	return at, errors.Join(errs[:]...)
}

// AtReadShare is the workload with reads ÷ of of its commands reading; the
// written bytes follow the writes.
func (w Workload) AtReadShare(reads, of int64) (Workload, error) {
	at := w
	var errs [3]error
	at.ReadShare, errs[0] = unit.MulDiv(uint64(reads), unit.Million, uint64(of))
	at.Reads, errs[1] = unit.MulDiv(uint64(w.Commands), uint64(reads), uint64(of))
	at.Writes = w.Commands - at.Reads
	if w.Writes > 0 {
		at.WrittenBytes, errs[2] = unit.MulDiv(uint64(w.WrittenBytes), uint64(at.Writes), uint64(w.Writes))
	} else {
		at.WrittenBytes, errs[2] = unit.Mul(at.Writes, w.PayloadBytes)
	}
	at.WrittenBytes = min(at.WrittenBytes, w.TransferBytes)
	return at, errors.Join(errs[:]...)
}
