package workload

import (
	"errors"

	"github.com/keynest/keynest/pkg/unit"
)

// Guesses are the keys of the inputs that are measured or guessed. All other
// inputs are choices.
func Guesses() []string {
	var keys []string
	for _, f := range fields {
		if f.guess {
			keys = append(keys, f.Key)
		}
	}
	return keys
}

// Value is a guess of the workload in the unit of its key. GiB have at most
// three decimals.
func (w *Workload) Value(key string) string {
	f := fieldOf(key)
	if f.scale == unit.GiB {
		return unit.Rounded(*f.of(w), f.scale, 3)
	}
	return f.Text(w)
}

// Scale is the workload with one guess multiplied by num ÷ den, and with the
// figures that follow from it: if the command rate changes, the peak and the
// bytes change in proportion, except bytes that were given as a total. The peak
// stays at or above the mean, and a share at or below 1.
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
		if !w.Given["transfer_gb_per_month"] && !w.Given["written_gb_per_month"] {
			at.TransferBytes, at.WrittenBytes = times(w.TransferBytes), times(w.WrittenBytes)
			break
		}
		moved, err := w.at(at.OpsPerSec, at.Commands)
		at.PayloadBytes, at.TransferBytes, at.WrittenBytes = moved.PayloadBytes, moved.TransferBytes, moved.WrittenBytes
		errs = append(errs, err)
	case "peak_ops_per_sec":
		at.PeakOpsPerSec = max(w.OpsPerSec, times(w.PeakOpsPerSec))
	case "gib":
		at.StoredBytes = times(w.StoredBytes)
	case "payload_bytes":
		if w.Given["transfer_gb_per_month"] || w.Given["written_gb_per_month"] {
			return w.AtPayload(times(w.PayloadBytes))
		}
		at.PayloadBytes, at.TransferBytes, at.WrittenBytes = times(w.PayloadBytes), times(w.TransferBytes), times(w.WrittenBytes)
	case "read_share":
		return w.AtReadShare(min(times(w.ReadShare), unit.Million), unit.Million)
	case "operator_hours":
		at.OperatorHours = times(w.OperatorHours)
	}
	return at, errors.Join(errs...)
}

// AtOps is the workload at another mean command rate (whole commands/s), see
// at.
func (w Workload) AtOps(ops int64) (Workload, error) {
	micro, err := unit.Mul(ops, unit.Million)
	if err != nil {
		return w, err
	}
	commands, err := unit.MulDiv(uint64(micro), w.seconds36()*36, unit.Million)
	if err != nil {
		return w, err
	}
	return w.at(micro, commands)
}

// AtCommands is the workload at another number of commands a month, see at.
func (w Workload) AtCommands(commands int64) (Workload, error) {
	micro, err := unit.MulDiv(uint64(commands), unit.Million, w.seconds36()*36)
	if err != nil {
		return w, err
	}
	return w.at(micro, commands)
}

// at is the workload at another command rate (millionths of a command/s) and
// another number of commands a month. The data stays. The peak and the bytes
// moved and written change in proportion, except bytes that were given as
// totals of the month.
func (w Workload) at(ops, commands int64) (Workload, error) {
	at := w
	at.OpsPerSec, at.Commands = ops, commands
	var errs []error
	// inProportion is n × commands ÷ the workload's own commands, or share
	// millionths of each where it has none.
	inProportion := func(n, each, share int64) int64 {
		var err error
		if w.Commands > 0 {
			n, err = unit.MulDiv(uint64(n), uint64(commands), uint64(w.Commands))
		} else if n, err = unit.Mul(commands, each); err == nil {
			n, err = unit.MulDiv(uint64(n), uint64(share), unit.Million)
		}
		errs = append(errs, err)
		return n
	}
	at.Reads = inProportion(w.Reads, 1, w.ReadShare)
	at.Writes = commands - at.Reads
	at.PeakOpsPerSec = max(w.PeakOpsPerSec, ops)
	if w.Commands > 0 {
		at.PeakOpsPerSec = max(inProportion(w.PeakOpsPerSec, 0, 0), ops)
	}
	switch {
	case w.Given["transfer_gb_per_month"]:
		if !w.Given["payload_bytes"] && commands > 0 {
			at.PayloadBytes = min(unit.CeilDiv(w.TransferBytes, commands), maxPayload)
		}
		if !w.Given["written_gb_per_month"] && w.Commands == 0 {
			at.WrittenBytes = writtenOf(w.TransferBytes, unit.Million-w.ReadShare, unit.Million)
		}
		return at, errors.Join(errs...)
	case w.Given["written_gb_per_month"]:
	case w.Commands > 0:
		at.WrittenBytes = inProportion(w.WrittenBytes, 0, 0)
	default:
		var err error
		at.WrittenBytes, err = unit.Mul(at.Writes, w.PayloadBytes)
		errs = append(errs, err)
	}
	at.TransferBytes = max(inProportion(w.TransferBytes, w.PayloadBytes, unit.Million), at.WrittenBytes)
	return at, errors.Join(errs...)
}

// writtenOf is what writes move of a given transfer, if every command moves as
// much: transfer × writes ÷ commands. commands must be positive.
func writtenOf(transfer, writes, commands int64) int64 {
	written, _ := unit.MulDiv(uint64(transfer), uint64(writes), uint64(commands)) // at most transfer
	return written
}

// AtPayload is the workload with another number of bytes a command. The
// transfer and the written bytes change in proportion, unless they were given
// as totals.
func (w Workload) AtPayload(bytes int64) (Workload, error) {
	at := w
	at.PayloadBytes = bytes
	if w.Given["transfer_gb_per_month"] {
		return at, nil
	}
	var errs [2]error
	if w.Given["written_gb_per_month"] {
		at.TransferBytes, errs[0] = unit.Mul(w.Commands, bytes)
		at.TransferBytes = max(at.TransferBytes, w.WrittenBytes)
		return at, errs[0]
	}
	if w.PayloadBytes == 0 {
		at.TransferBytes, errs[0] = unit.Mul(w.Commands, bytes)
		at.WrittenBytes, errs[1] = unit.Mul(w.Writes, bytes)
		return at, errors.Join(errs[:]...)
	}
	at.TransferBytes, errs[0] = unit.MulDiv(uint64(w.TransferBytes), uint64(bytes), uint64(w.PayloadBytes))
	at.WrittenBytes, errs[1] = unit.MulDiv(uint64(w.WrittenBytes), uint64(bytes), uint64(w.PayloadBytes))
	return at, errors.Join(errs[:]...)
}

// AtReadShare is the workload with a read share of reads ÷ of. The written
// bytes follow the writes, unless they were given as a total.
func (w Workload) AtReadShare(reads, of int64) (Workload, error) {
	at := w
	var errs [3]error
	at.ReadShare, errs[0] = unit.MulDiv(uint64(reads), unit.Million, uint64(of))
	at.Reads, errs[1] = unit.MulDiv(uint64(w.Commands), uint64(reads), uint64(of))
	at.Writes = w.Commands - at.Reads
	switch {
	case w.Given["written_gb_per_month"]:
		return at, errors.Join(errs[:]...)
	case w.Given["transfer_gb_per_month"]:
		at.WrittenBytes = writtenOf(w.TransferBytes, of-reads, of)
	case w.Writes > 0:
		at.WrittenBytes, errs[2] = unit.MulDiv(uint64(w.WrittenBytes), uint64(at.Writes), uint64(w.Writes))
	default:
		at.WrittenBytes, errs[2] = unit.Mul(at.Writes, w.PayloadBytes)
	}
	at.WrittenBytes = min(at.WrittenBytes, w.TransferBytes)
	return at, errors.Join(errs[:]...)
}
