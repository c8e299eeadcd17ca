package workload

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/unit"
)

// Defaults for what the caller leaves out. The payload's is a round figure
// between the median value (224 B) and the traffic-weighted mean (762 B, plus
// keys and protocol) of 53 production caches: Yang et al., OSDI '20.
const (
	DefaultPayloadBytes = 1000
	DefaultReadShare    = "0.8"
	DefaultReplicas     = 1
)

// resolver reads inputs and collects all problems.
type resolver struct {
	in       Input
	given    map[string]bool
	problems []error
}

func (r *resolver) fail(format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf(format, args...))
}

// number reads an input in the smallest unit of its field.
func (r *resolver) number(key string) (n int64, given bool) {
	f := fieldOf(key)
	v := *f.in(&r.in)
	if v == "" {
		return 0, false
	}
	r.given[key] = true
	if words := f.words(); words != nil {
		n, err := words.parse(string(v))
		if err != nil {
			r.fail("%s %v", Flag(key), err)
		}
		return n, true
	}
	s := string(v)
	n, fraction, err := f.read(s)
	switch {
	case strings.HasPrefix(s, "-"):
		r.fail("%s %s is negative", Flag(key), clip(s))
	case errors.Is(err, unit.ErrRange) || (err == nil && n > f.top):
		r.fail("%s %s is too large; at most %s", Flag(key), clip(s), unit.Decimal(f.top, f.scale))
	case err != nil:
		r.fail("%s: %v", Flag(key), err)
	case fraction && key == "payload_bytes" && strings.Trim(s, "0123456789.") == "":
		// Means may have decimals; the method bytes rounds them.
		return n, true
	case fraction:
		r.fail("%s %s is not a whole number", Flag(key), clip(s))
	default:
		return n, true
	}
	return 0, true
}

// read reads a number as people write it and returns it in the smallest unit of
// the field. A size may have its own unit. fraction is true if a field of whole
// numbers was given a part of one.
func (f *Field) read(s string) (n int64, fraction bool, err error) {
	if f.size() && strings.ContainsAny(s, "BbTGMiKk") {
		n, err = unit.ParseSize(s, f.scale)
		return n, false, err
	}
	plain, err := unit.Plain(s)
	if err != nil {
		return 0, false, err
	}
	n, err = unit.Scaled(plain, f.scale)
	return n, err == nil && f.scale == 1 && strings.Contains(plain, "."), err
}

// size says whether the field counts bytes.
func (f *Field) size() bool {
	return f.scale == unit.GiB || f.scale == unit.GB || strings.HasSuffix(f.Key, "_bytes")
}

// count reads a whole number.
func (r *resolver) count(key string, otherwise int64) int64 {
	if n, given := r.number(key); given {
		return n
	}
	return otherwise
}

// Resolve checks the input and fills in what it leaves out. The error names
// every problem.
func (i Input) Resolve(name string) (Workload, error) {
	r := &resolver{in: i, given: map[string]bool{}}
	w := Workload{Name: name, Given: r.given}
	r.hours(&w)
	w.Replicas = r.count("replicas", DefaultReplicas)
	w.ReadRegions = r.count("read_regions", 0)
	before := len(r.problems)
	w.Databases = r.count("databases", 1)
	if w.Databases < 1 {
		if len(r.problems) == before {
			r.fail("--databases must be at least 1")
		}
		w.Databases = 1
	}
	w.OperatorHours, _ = r.number("operator_hours")
	w.EngineVersion, _ = r.number("engine_version")
	w.Durability, _ = r.number("durability")
	w.Client, _ = r.number("client")
	w.MinDataGB, _ = r.number("min_data_gb")
	w.MinECPUPerSec, _ = r.number("min_ecpu_per_sec")
	r.invoice(&w)
	r.stored(&w)
	r.commands(&w)
	r.bytes(&w)
	if len(r.problems) > 0 {
		return Workload{}, errors.Join(r.problems...)
	}
	return w, nil
}

// invoice reads the costs of a bill besides the service itself: zones,
// snapshots, tax.
func (r *resolver) invoice(w *Workload) {
	before := len(r.problems)
	zones, given := r.number("zones")
	if given && zones < 1 && len(r.problems) == before {
		r.fail("--zones must be 1 to %d", maxZones)
	}
	w.Zones = zones
	w.SameZoneReads, _ = r.number("same_zone_reads")
	if w.SameZoneReads == 1 && !given {
		r.fail("--same-zone-reads needs --zones; add it")
	}
	w.Snapshots, given = r.number("snapshots")
	var backup bool
	if w.BackupBytes, backup = r.number("backup_gb"); given && backup {
		r.fail("--snapshots and --backup-gb do not go together; leave one out")
	}
	w.Tax, _ = r.number("tax")
	w.Connections, _ = r.number("connections")
	w.MaxValueBytes, _ = r.number("max_value_bytes")
	w.Persistence, _ = r.number("persistence")
	if w.ReplicationTraffic, _ = r.number("replication_traffic"); w.ReplicationTraffic == 1 && zones == 0 {
		r.fail("--replication-traffic needs --zones; add it")
	}
}

// hours reads the length of the month, which may have two decimals.
func (r *resolver) hours(w *Workload) {
	w.HoursPerMonth = unit.HoursPerMonth
	v := string(r.in.HoursPerMonth)
	plain, err := unit.Plain(v)
	n, scaled := unit.Scaled(plain, 100)
	_, decimals, _ := unit.CutDecimal(plain)
	if err != nil || scaled != nil { // absent, or wrong in a way that all numbers can be
		w.HoursPerMonth = r.count("hours_per_month", unit.HoursPerMonth)
		return
	}
	r.given["hours_per_month"] = true
	switch {
	case len(strings.TrimRight(decimals, "0")) > 2:
		r.fail("--hours-per-month %s has more than two decimals", clip(v))
	case n > maxHours*100:
		r.fail("--hours-per-month %s is too large; at most %d", clip(v), maxHours)
	case n < 100:
		r.fail("--hours-per-month must be 1 to %d", maxHours)
	default:
		w.HoursPerMonth, w.Hundredths = n/100, n%100
	}
}

// stored reads the size of the data, given in exactly one way.
func (r *resolver) stored(w *Workload) {
	var ways []string
	for _, key := range []string{"gib", "gb", "stored_bytes"} {
		if n, given := r.number(key); given {
			ways = append(ways, Flag(key))
			w.StoredBytes = n
		}
	}
	if by := r.byKeys(w); by != "" {
		ways = append(ways, by)
	}
	switch {
	case len(ways) == 0:
		r.fail("data size is missing: set --gib or --gb (0 is allowed)")
	case len(ways) > 1:
		r.fail("%s do not go together; give one", strings.Join(ways, " and "))
	}
}

// commands reads the command rate: a mean rate, or a month's count, or reads
// and writes apart.
func (r *resolver) commands(w *Workload) {
	share, _ := unit.Scaled(DefaultReadShare, unit.Million)
	if n, given := r.number("read_share"); given {
		share = n
	}
	ops, byRate := r.number("ops_per_sec")
	total, byTotal := r.number("commands_per_month")
	reads, byReads := r.number("reads_per_month")
	writes, byWrites := r.number("writes_per_month")
	switch {
	case byReads || byWrites:
		if byTotal || byRate {
			r.fail("--reads-per-month and --writes-per-month count all commands; leave out --commands-per-month and --ops-per-sec")
		}
		if r.given["read_share"] {
			r.fail("--read-share follows from --reads-per-month and --writes-per-month; leave it out")
		}
		w.Reads, w.Writes = reads, writes
		w.Commands = reads + writes
		if w.Commands > 0 {
			share, _ = unit.MulDiv(uint64(reads), unit.Million, uint64(w.Commands))
		}
	case byTotal && byRate:
		r.fail("--ops-per-sec and --commands-per-month do not go together; leave one out")
	case byTotal:
		w.Commands = total
	case byRate:
		w.Commands, _ = unit.MulDiv(uint64(ops), w.seconds36()*36, unit.Million)
	default:
		r.fail("command rate is missing: set --ops-per-sec or --commands-per-month (0 is allowed)")
	}
	w.ReadShare = share
	if !byReads && !byWrites {
		w.Reads, _ = unit.MulDiv(uint64(w.Commands), uint64(share), unit.Million)
		w.Writes = w.Commands - w.Reads
	}
	if byRate {
		w.OpsPerSec = ops
	} else {
		w.OpsPerSec, _ = unit.MulDiv(uint64(w.Commands), unit.Million, w.seconds36()*36)
	}
	w.PeakOpsPerSec = w.OpsPerSec
	if peak, given := r.number("peak_ops_per_sec"); given {
		if peak < w.OpsPerSec {
			r.fail("--peak-ops-per-sec %s is below the mean of %s", unit.Decimal(peak, unit.Million), unit.Decimal(w.OpsPerSec, unit.Million))
		}
		w.PeakOpsPerSec = peak
	}
}

// bytes reads how many bytes commands move.
func (r *resolver) bytes(w *Workload) {
	payload, byPayload := r.number("payload_bytes")
	transfer, byTransfer := r.number("transfer_gb_per_month")
	if milli, err := unit.Scaled(string(r.in.PayloadBytes), 1000); err == nil && byPayload && milli%1000 != 0 {
		// The exact figure is then the transfer, see payloadFollows.
		payload = min(unit.CeilDiv(milli, 1000), maxPayload)
		if moved, err := unit.MulDiv(uint64(w.Commands), uint64(milli), 1000); !byTransfer && w.Commands > 0 && err == nil && moved <= maxMoved {
			transfer, byTransfer, payload = moved, true, unit.CeilDiv(moved, w.Commands)
		}
	}
	written, byWritten := r.number("written_gb_per_month")
	w.PayloadBytes = DefaultPayloadBytes
	switch {
	case byPayload:
		w.PayloadBytes = payload
	case byTransfer && w.Commands > 0:
		w.PayloadBytes = min(unit.CeilDiv(transfer, w.Commands), maxPayload)
	}
	// Check this also if the transfer is given, since an ECPU is a KB of a
	// command.
	all, err := unit.Mul(w.Commands, max(1000, w.PayloadBytes))
	if err != nil || !byTransfer && all > maxMoved {
		r.fail("%s and --payload-bytes: %d commands a month of %d bytes are too many to count; lower one of them",
			r.volume(), w.Commands, w.PayloadBytes)
		return
	}
	if w.TransferBytes = transfer; !byTransfer {
		w.TransferBytes = w.Commands * w.PayloadBytes
	}
	switch {
	case !byWritten && byTransfer && w.Commands > 0:
		w.WrittenBytes = writtenOf(transfer, w.Writes, w.Commands)
	case !byWritten && byTransfer:
		w.WrittenBytes = writtenOf(transfer, unit.Million-w.ReadShare, unit.Million)
	case !byWritten:
		w.WrittenBytes = w.Writes * w.PayloadBytes
	default:
		w.WrittenBytes = written
	}
	if written > w.TransferBytes {
		r.fail("--written-gb-per-month is more than the %s GB moved in all; lower it, or raise --transfer-gb-per-month", unit.Decimal(w.TransferBytes, unit.GB))
	}
}

// volume names the inputs that say how many commands there are.
func (r *resolver) volume() string {
	var flags []string
	for _, key := range axisInputs["ops-per-sec"] {
		if r.given[key] {
			flags = append(flags, Flag(key))
		}
	}
	return strings.Join(flags, ", ")
}

func clip(s string) string {
	if len(s) > 30 {
		return s[:30] + "…"
	}
	return strings.TrimSpace(s)
}

// Restore rebuilds a workload from the figures of a JSON report, by key, and
// checks their ranges. figure returns "" for a key that the report does not
// have.
func Restore(name string, figure func(key string) string) (Workload, error) {
	var in Input
	for i := range fields {
		f := &fields[i]
		if f.form != asInput {
			continue
		}
		text := figure(f.Key)
		if word, err := strconv.Unquote(text); err == nil && f.Words() {
			text = word
		}
		if text == "0" && f.absentAt0() {
			text = ""
		}
		*f.in(&in) = Value(text)
	}
	w, err := in.Resolve(name)
	if err != nil {
		return w, err
	}
	for i := range fields {
		f := &fields[i]
		text := figure(f.Key)
		if f.form != rounded && f.form != basis && (f.form != derived || text == "") {
			continue
		}
		n, err := unit.Scaled(text, f.scale)
		switch {
		case f.form == basis && text == "":
			continue
		case err != nil || n < 0 || n > f.top:
			return w, fmt.Errorf("%s %q is not a figure that a report can have", f.Key, clip(text))
		case f.form == derived && n != *f.of(&w):
			return w, fmt.Errorf("%s %s is not the sum of reads_per_month and writes_per_month", f.Key, clip(text))
		}
		*f.of(&w) = n
	}
	return w, nil
}
