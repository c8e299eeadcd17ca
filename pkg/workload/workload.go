// Package workload describes what is to be priced: how many commands, how much
// data, how many copies, for a month. An Input is what somebody wrote, in text;
// a Workload is that input checked, with every default filled in and named; a
// Usage is the month's quantities, in whole smallest units, that prices meet.
package workload

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

// Ranges of the inputs. They lie far beyond any real service and keep every
// product inside 64 bits, but for commands × payload.
const (
	maxOpsPerSec = 1_000_000_000     // a billion commands a second
	maxStored    = int64(8 << 50)    // 8 PiB
	maxPayload   = int64(512 << 20)  // 512 MiB, the longest string of Redis and Valkey
	maxReplicas  = 100               //
	maxRegions   = 100               //
	maxDatabases = 1_000_000         //
	maxHours     = 744               // a month of 31 days
	maxCommands  = int64(1e15) * 3   // a billion a second for a month
	maxMoved     = int64(9e18)       // bytes a month
	maxOperator  = int64(744 * 1000) // thousandths of an hour
)

// Value is one input as it was written: a decimal number, or "" for absent.
type Value string

// UnmarshalTOML takes a number or a quoted number.
func (v *Value) UnmarshalTOML(x any) error {
	switch x := x.(type) {
	case string:
		*v = Value(x)
	case int64:
		*v = Value(strconv.FormatInt(x, 10))
	case float64:
		*v = Value(strconv.FormatFloat(x, 'f', -1, 64))
	default:
		return fmt.Errorf("%v is not a number", x)
	}
	if *v == "" {
		*v = " " // written, but empty: not the same as absent
	}
	return nil
}

// Input is a workload as somebody described it. The names of its TOML keys are
// the names of the flags, in snake_case.
type Input struct {
	OpsPerSec          Value `toml:"ops_per_sec"`           // commands/s, mean
	PeakOpsPerSec      Value `toml:"peak_ops_per_sec"`      // commands/s, at the peak
	GiB                Value `toml:"gib"`                   // logical data set, 2^30 bytes
	GB                 Value `toml:"gb"`                    // the same, 10^9 bytes
	StoredBytes        Value `toml:"stored_bytes"`          // the same, bytes
	PayloadBytes       Value `toml:"payload_bytes"`         // moved a command, request and response
	ReadShare          Value `toml:"read_share"`            // 0 to 1
	Replicas           Value `toml:"replicas"`              // a shard
	ReadRegions        Value `toml:"read_regions"`          // further ones
	Databases          Value `toml:"databases"`             // equal ones, sharing the load
	CommandsPerMonth   Value `toml:"commands_per_month"`    //
	ReadsPerMonth      Value `toml:"reads_per_month"`       //
	WritesPerMonth     Value `toml:"writes_per_month"`      //
	TransferGBPerMonth Value `toml:"transfer_gb_per_month"` // 10^9 bytes
	WrittenGBPerMonth  Value `toml:"written_gb_per_month"`  // 10^9 bytes
	HoursPerMonth      Value `toml:"hours_per_month"`       // whole hours
	OperatorHours      Value `toml:"operator_hours"`        // a person's, a month
}

// Defaults for what the caller leaves out. The payload's is a round figure
// between the median value (224 B) and the traffic-weighted mean (762 B, plus
// keys and protocol) of 53 production caches: Yang et al., OSDI '20.
const (
	DefaultPayloadBytes = 1000
	DefaultReadShare    = "0.8"
	DefaultReplicas     = 1
)

// Workload is a checked description.
type Workload struct {
	Name          string
	OpsPerSec     int64 // millionths of a command/s, mean over the month
	PeakOpsPerSec int64 // millionths of a command/s
	StoredBytes   int64
	PayloadBytes  int64
	ReadShare     int64 // millionths
	Replicas      int64 // a shard
	ReadRegions   int64
	Databases     int64
	Commands      int64 // a month
	Reads         int64 // a month
	Writes        int64 // a month
	TransferBytes int64 // a month
	WrittenBytes  int64 // a month
	HoursPerMonth int64
	OperatorHours int64 // thousandths of an hour a month

	Given map[string]bool // inputs that were written, by TOML key; the others are defaults or derived
}

// field is one input by name, for errors, merging and flags.
type field struct {
	Name string
	Get  func(*Input) *Value
}

var fields = []field{
	{"ops_per_sec", func(i *Input) *Value { return &i.OpsPerSec }},
	{"peak_ops_per_sec", func(i *Input) *Value { return &i.PeakOpsPerSec }},
	{"gib", func(i *Input) *Value { return &i.GiB }},
	{"gb", func(i *Input) *Value { return &i.GB }},
	{"stored_bytes", func(i *Input) *Value { return &i.StoredBytes }},
	{"payload_bytes", func(i *Input) *Value { return &i.PayloadBytes }},
	{"read_share", func(i *Input) *Value { return &i.ReadShare }},
	{"replicas", func(i *Input) *Value { return &i.Replicas }},
	{"read_regions", func(i *Input) *Value { return &i.ReadRegions }},
	{"databases", func(i *Input) *Value { return &i.Databases }},
	{"commands_per_month", func(i *Input) *Value { return &i.CommandsPerMonth }},
	{"reads_per_month", func(i *Input) *Value { return &i.ReadsPerMonth }},
	{"writes_per_month", func(i *Input) *Value { return &i.WritesPerMonth }},
	{"transfer_gb_per_month", func(i *Input) *Value { return &i.TransferGBPerMonth }},
	{"written_gb_per_month", func(i *Input) *Value { return &i.WrittenGBPerMonth }},
	{"hours_per_month", func(i *Input) *Value { return &i.HoursPerMonth }},
	{"operator_hours", func(i *Input) *Value { return &i.OperatorHours }},
}

// Over returns base with everything that i says put in place of what it says.
// What one source gives as a size or a volume replaces every way of giving it:
// a flag --gb wins over a file's gib.
func (i Input) Over(base Input) Input {
	if i.GiB != "" || i.GB != "" || i.StoredBytes != "" {
		base.GiB, base.GB, base.StoredBytes = "", "", ""
	}
	if i.OpsPerSec != "" || i.CommandsPerMonth != "" || i.ReadsPerMonth != "" || i.WritesPerMonth != "" {
		base.OpsPerSec, base.CommandsPerMonth, base.ReadsPerMonth, base.WritesPerMonth = "", "", "", ""
	}
	for _, f := range fields {
		if v := *f.Get(&i); v != "" {
			*f.Get(&base) = v
		}
	}
	return base
}

// resolver gathers problems while it reads inputs.
type resolver struct {
	in       Input
	given    map[string]bool
	problems []error
}

func (r *resolver) fail(format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf(format, args...))
}

// Flag is how an input is called on the command line.
func Flag(key string) string { return "--" + strings.ReplaceAll(key, "_", "-") }

// number reads an input times scale, within 0 and top (in scaled units).
func (r *resolver) number(key string, scale, top int64) (n int64, given bool) {
	for _, f := range fields {
		if f.Name != key {
			continue
		}
		v := *f.Get(&r.in)
		if v == "" {
			return 0, false
		}
		r.given[key] = true
		s := string(v)
		n, err := unit.Scaled(s, scale)
		switch {
		case strings.HasPrefix(s, "-"):
			r.fail("%s %s is negative", Flag(key), clip(s))
		case errors.Is(err, unit.ErrRange) || (err == nil && n > top):
			r.fail("%s %s is too large; the most is %s", Flag(key), clip(s), unit.Decimal(top, scale))
		case err != nil:
			r.fail("%s: %v", Flag(key), err)
		case scale == 1 && strings.Contains(s, "."):
			r.fail("%s %s is not a whole number", Flag(key), clip(s))
		default:
			return n, true
		}
		return 0, true
	}
	panic("no input named " + key)
}

// count reads a whole number.
func (r *resolver) count(key string, top, otherwise int64) int64 {
	if n, given := r.number(key, 1, top); given {
		return n
	}
	return otherwise
}

// Resolve checks the input and fills in what it leaves out. The error names
// every problem.
func (i Input) Resolve(name string) (Workload, error) {
	r := &resolver{in: i, given: map[string]bool{}}
	w := Workload{Name: name, Given: r.given}
	w.HoursPerMonth = r.count("hours_per_month", maxHours, unit.HoursPerMonth)
	if w.HoursPerMonth < 1 {
		if len(r.problems) == 0 {
			r.fail("--hours-per-month must be 1 to %d", maxHours)
		}
		w.HoursPerMonth = unit.HoursPerMonth
	}
	w.Replicas = r.count("replicas", maxReplicas, DefaultReplicas)
	w.ReadRegions = r.count("read_regions", maxRegions, 0)
	before := len(r.problems)
	w.Databases = r.count("databases", maxDatabases, 1)
	if w.Databases < 1 {
		if len(r.problems) == before {
			r.fail("--databases must be at least 1")
		}
		w.Databases = 1
	}
	w.OperatorHours, _ = r.number("operator_hours", 1000, maxOperator)
	r.stored(&w)
	r.commands(&w)
	r.bytes(&w)
	if len(r.problems) > 0 {
		return Workload{}, errors.Join(r.problems...)
	}
	return w, nil
}

// stored reads the size of the data, given in exactly one way.
func (r *resolver) stored(w *Workload) {
	var ways []string
	for _, size := range []struct {
		key   string
		scale int64
	}{{"gib", unit.GiB}, {"gb", unit.GB}, {"stored_bytes", 1}} {
		if n, given := r.number(size.key, size.scale, maxStored); given {
			ways = append(ways, Flag(size.key))
			w.StoredBytes = n
		}
	}
	switch {
	case len(ways) == 0:
		r.fail("how much data? give --gib or --gb (0 is an answer)")
	case len(ways) > 1:
		r.fail("%s contradict each other; give one", strings.Join(ways, " and "))
	}
}

// commands reads the command rate: a mean rate, or a month's count, or reads
// and writes apart.
func (r *resolver) commands(w *Workload) {
	share, _ := unit.Scaled(DefaultReadShare, unit.Million)
	if n, given := r.number("read_share", unit.Million, unit.Million); given {
		share = n
	}
	seconds := uint64(w.HoursPerMonth) * 3600
	ops, byRate := r.number("ops_per_sec", unit.Million, maxOpsPerSec*unit.Million)
	total, byTotal := r.number("commands_per_month", 1, maxCommands)
	reads, byReads := r.number("reads_per_month", 1, maxCommands)
	writes, byWrites := r.number("writes_per_month", 1, maxCommands)
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
		r.fail("--ops-per-sec and --commands-per-month contradict each other; give one")
	case byTotal:
		w.Commands = total
	case byRate:
		w.Commands, _ = unit.MulDiv(uint64(ops), seconds, unit.Million)
	default:
		r.fail("how many commands? give --ops-per-sec or --commands-per-month (0 is an answer)")
	}
	w.ReadShare = share
	if !byReads && !byWrites {
		w.Reads, _ = unit.MulDiv(uint64(w.Commands), uint64(share), unit.Million)
		w.Writes = w.Commands - w.Reads
	}
	if byRate {
		w.OpsPerSec = ops
	} else {
		w.OpsPerSec, _ = unit.MulDiv(uint64(w.Commands), unit.Million, seconds)
	}
	w.PeakOpsPerSec = w.OpsPerSec
	if peak, given := r.number("peak_ops_per_sec", unit.Million, maxOpsPerSec*unit.Million); given {
		if peak < w.OpsPerSec {
			r.fail("--peak-ops-per-sec %s is below the mean of %s", unit.Decimal(peak, unit.Million), unit.Decimal(w.OpsPerSec, unit.Million))
		}
		w.PeakOpsPerSec = peak
	}
}

// bytes reads what commands move.
func (r *resolver) bytes(w *Workload) {
	payload, byPayload := r.number("payload_bytes", 1, maxPayload)
	transfer, byTransfer := r.number("transfer_gb_per_month", unit.GB, maxMoved)
	written, byWritten := r.number("written_gb_per_month", unit.GB, maxMoved)
	w.PayloadBytes = DefaultPayloadBytes
	switch {
	case byPayload:
		w.PayloadBytes = payload
	case byTransfer && w.Commands > 0:
		w.PayloadBytes = min(unit.CeilDiv(transfer, w.Commands), maxPayload)
	}
	// Also where the transfer is given: an ECPU is a KB of a command.
	all, err := unit.Mul(w.Commands, max(1000, w.PayloadBytes))
	if err != nil || !byTransfer && all > maxMoved {
		r.fail("%s and --payload-bytes: %d commands a month of %d bytes are more than can be counted; lower one of them",
			r.volume(), w.Commands, w.PayloadBytes)
		return
	}
	if w.TransferBytes = transfer; !byTransfer {
		w.TransferBytes = w.Commands * w.PayloadBytes
	}
	if w.WrittenBytes = written; !byWritten {
		// A payload that follows from the transfer is rounded up to a byte.
		w.WrittenBytes = min(w.Writes*w.PayloadBytes, w.TransferBytes)
	} else if written > w.TransferBytes {
		r.fail("--written-gb-per-month is more than the %s GB moved in all; --transfer-gb-per-month says how much that is", unit.Decimal(w.TransferBytes, unit.GB))
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

// Usage is a month's quantities in the smallest unit of each meter, and what
// sizing needs to know.
type Usage struct {
	Commands, Reads, Writes int64
	ReplicatedCommands      int64 // reads + writes × (1 + read regions)
	MilliECPU               int64
	StoredBytes             int64
	StoredByteHours         int64
	TransferBytes           int64
	TransferOutBytes        int64
	WrittenBytes            int64
	PeakOps                 int64 // whole commands/s, rounded up
	PeakBytesPerSec         int64
	PeakECPU                int64 // whole ECPU/s, rounded up
	OpsPerSec               int64 // millionths
	PayloadBytes            int64
	Replicas                int64
	ReadRegions             int64
	Databases               int64
	Hours                   int64
	OperatorHours           int64 // thousandths
}

// Usage computes the month's quantities. The ranges of Resolve keep all of
// them inside 64 bits; what still does not fit is an error.
func (w *Workload) Usage() (Usage, error) {
	u := Usage{
		Commands: w.Commands, Reads: w.Reads, Writes: w.Writes,
		StoredBytes: w.StoredBytes, TransferBytes: w.TransferBytes, WrittenBytes: w.WrittenBytes,
		OpsPerSec: w.OpsPerSec, PayloadBytes: w.PayloadBytes,
		Replicas: w.Replicas, ReadRegions: w.ReadRegions, Databases: w.Databases,
		Hours: w.HoursPerMonth, OperatorHours: w.OperatorHours,
	}
	var errs [6]error
	u.StoredByteHours, errs[0] = unit.Mul(w.StoredBytes, w.HoursPerMonth)
	more, err := unit.Mul(w.Writes, 1+w.ReadRegions)
	errs[1] = err
	u.ReplicatedCommands, errs[2] = unit.Add(w.Reads, more)
	// An ECPU is a command of up to 1 KB, or each KB of a longer one.
	u.MilliECPU, errs[3] = unit.Mul(w.Commands, max(1000, w.PayloadBytes))
	u.TransferOutBytes = max(0, w.TransferBytes-w.WrittenBytes)
	u.PeakOps = unit.CeilDiv(w.PeakOpsPerSec, unit.Million)
	peak, err := unit.MulDiv(uint64(w.PeakOpsPerSec), uint64(w.PayloadBytes), unit.Million)
	errs[4], u.PeakBytesPerSec = err, peak
	peak, err = unit.MulDiv(uint64(w.PeakOpsPerSec), uint64(max(1000, w.PayloadBytes)), 1000*unit.Million)
	errs[5], u.PeakECPU = err, peak
	if err := errors.Join(errs[:]...); err != nil {
		return Usage{}, fmt.Errorf("workload %q: %w", w.Name, unit.ErrRange)
	}
	return u, nil
}

// Counter reads what a meter counts in the month, in its smallest unit. Meters
// that depend on the size bought are not the workload's to know; bill has them,
// and they have no counter.
func Counter(m ratecard.Meter) func(*Usage) int64 {
	switch m {
	case ratecard.MeterCommands:
		return func(u *Usage) int64 { return u.Commands }
	case ratecard.MeterReads:
		return func(u *Usage) int64 { return u.Reads }
	case ratecard.MeterWrites:
		return func(u *Usage) int64 { return u.Writes }
	case ratecard.MeterReplicatedCommands:
		return func(u *Usage) int64 { return u.ReplicatedCommands }
	case ratecard.MeterECPU:
		return func(u *Usage) int64 { return u.MilliECPU }
	case ratecard.MeterStored:
		return func(u *Usage) int64 { return u.StoredByteHours }
	case ratecard.MeterTransfer:
		return func(u *Usage) int64 { return u.TransferBytes }
	case ratecard.MeterTransferOut:
		return func(u *Usage) int64 { return u.TransferOutBytes }
	case ratecard.MeterWritten:
		return func(u *Usage) int64 { return u.WrittenBytes }
	case ratecard.MeterDatabases:
		return func(u *Usage) int64 { return u.Databases * u.Hours }
	case ratecard.MeterReadRegions:
		return func(u *Usage) int64 { return u.Databases * u.ReadRegions * u.Hours }
	case ratecard.MeterAccount:
		return func(u *Usage) int64 { return u.Hours }
	case ratecard.MeterOperator:
		return func(u *Usage) int64 { return u.OperatorHours }
	}
	return nil
}

// Keys lists the names of all inputs in order.
func Keys() []string {
	var keys []string
	for _, f := range fields {
		keys = append(keys, f.Name)
	}
	sort.Strings(keys)
	return keys
}

// Set puts a value in the place of an input, by its TOML key.
func (i *Input) Set(key string, v Value) bool {
	for _, f := range fields {
		if f.Name == key {
			*f.Get(i) = v
			return true
		}
	}
	return false
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

// GivenKeys lists the inputs that were written, in order.
func (w *Workload) GivenKeys() []string {
	var keys []string
	for _, f := range fields {
		if w.Given[f.Name] {
			keys = append(keys, f.Name)
		}
	}
	return keys
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
