package workload

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/unit"
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

// String is the value as it was written.
func (v *Value) String() string { return string(*v) }

// Set takes the value of a flag.
func (v *Value) Set(s string) error {
	*v = Value(s)
	return nil
}

// Type is the name of the value in the help of a flag.
func (v *Value) Type() string { return "N" }

// Input is a workload as somebody described it. The names of its TOML keys are
// the names of the flags, in snake_case.
type Input struct {
	OpsPerSec          Value `toml:"ops_per_sec"`           // commands/s, mean
	PeakOpsPerSec      Value `toml:"peak_ops_per_sec"`      // commands/s, at the peak
	GiB                Value `toml:"gib"`                   // logical data set, 2^30 bytes
	GB                 Value `toml:"gb"`                    // the same, 10^9 bytes
	StoredBytes        Value `toml:"stored_bytes"`          // the same, bytes
	Keys               Value `toml:"keys"`                  // stored, in place of a size
	KeyBytes           Value `toml:"key_bytes"`             // mean
	ValueBytes         Value `toml:"value_bytes"`           // mean
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
	HoursPerMonth      Value `toml:"hours_per_month"`       // with at most two decimals
	OperatorHours      Value `toml:"operator_hours"`        // a person's, a month
	EngineVersion      Value `toml:"engine_version"`        // as in 5.0.6
	Durability         Value `toml:"durability"`            // none, asynchronous, synchronous
	MinDataGB          Value `toml:"min_data_gb"`           // of a serverless cache, in the vendor's GB
	MinECPUPerSec      Value `toml:"min_ecpu_per_sec"`      // of a serverless cache
	Zones              Value `toml:"zones"`                 // that clients and servers are spread over
	SameZoneReads      Value `toml:"same_zone_reads"`       // yes, no
	Snapshots          Value `toml:"snapshots"`             // kept, of all data
	BackupGB           Value `toml:"backup_gb"`             // kept beyond what is free, 10^9 bytes
	Tax                Value `toml:"tax"`                   // percent, as in 10%
	Client             Value `toml:"client"`                // any, plain, cluster
	Connections        Value `toml:"connections"`           // of clients, at the same time
	MaxValueBytes      Value `toml:"max_value_bytes"`       // of the largest value
	Persistence        Value `toml:"persistence"`           // none, aof
	ReplicationTraffic Value `toml:"replication_traffic"`   // included, charged
}

// Largest values of the inputs. They are far above any real service and keep
// every product except commands × payload inside 64 bits.
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
	maxVersion   = 999_999_999       // see ratecard.ParseVersion
	maxMinData   = int64(8e6 * 1000) // thousandths of a GB
	maxMinECPU   = 1_000_000_000     // a second
	maxZones     = 6                 // us-east-1 has the most of any region
	maxSnapshots = 1000
	maxTax       = unit.Million // all of the bill
	maxKeys      = int64(1e15)
	maxClients   = 1_000_000_000
)

// Field is one input of a workload. The table fields is the only list of
// inputs: the flags and their help, the keys of files and JSON reports, and the
// reader of baselines all use it. A new input is a row of the table and a field
// of Input.
type Field struct {
	Key  string // in files and in JSON; the flag has dashes in place of the underscores
	Help string // of the flag; "" where only a file can say it

	in    func(*Input) *Value
	of    func(*Workload) *int64 // where the checked figure stands
	scale int64                  // smallest units (those of the figure at of) in one unit of the input
	top   int64                  // the largest value, in the smallest unit

	form  form
	guess bool // measured or guessed, so --sensitivity varies it; other inputs are choices
}

// form says how a JSON report prints a field.
type form int

const (
	asInput   form = iota // as an input that Resolve reads again
	rounded               // as a figure rounded from the month's counts; it is read back unchanged
	derived               // as the sum of figures that are in the report too
	elsewhere             // under another key, in another unit
	basis                 // as the figure from which another was computed; it is read back unchanged
)

var fields = []Field{
	{"ops_per_sec", "mean commands a second",
		func(i *Input) *Value { return &i.OpsPerSec }, func(w *Workload) *int64 { return &w.OpsPerSec }, unit.Million, maxOpsPerSec * unit.Million, rounded, true},
	{"peak_ops_per_sec", "commands a second at the peak, which capacity is sized for (default the mean)",
		func(i *Input) *Value { return &i.PeakOpsPerSec }, func(w *Workload) *int64 { return &w.PeakOpsPerSec }, unit.Million, maxOpsPerSec * unit.Million, rounded, true},
	{"gib", "logical data set in GiB (2^30 bytes): one copy, without replicas or overhead",
		func(i *Input) *Value { return &i.GiB }, func(w *Workload) *int64 { return &w.StoredBytes }, unit.GiB, maxStored, elsewhere, true},
	{"gb", "the same in GB (10^9 bytes)",
		func(i *Input) *Value { return &i.GB }, func(w *Workload) *int64 { return &w.StoredBytes }, unit.GB, maxStored, elsewhere, false},
	{"stored_bytes", "",
		func(i *Input) *Value { return &i.StoredBytes }, func(w *Workload) *int64 { return &w.StoredBytes }, 1, maxStored, asInput, false},
	{"keys", "number of keys, with --key-bytes and --value-bytes, instead of --gib; adds the engine's overhead per key",
		func(i *Input) *Value { return &i.Keys }, func(w *Workload) *int64 { return &w.Keys }, 1, maxKeys, basis, false},
	{"key_bytes", "mean bytes of a key's name, with --keys",
		func(i *Input) *Value { return &i.KeyBytes }, func(w *Workload) *int64 { return &w.KeyBytes }, 1, maxPayload, basis, false},
	{"value_bytes", "mean bytes of a value, with --keys",
		func(i *Input) *Value { return &i.ValueBytes }, func(w *Workload) *int64 { return &w.ValueBytes }, 1, maxPayload, basis, false},
	{"payload_bytes", "mean bytes moved per command, request and response together (default 1000)",
		func(i *Input) *Value { return &i.PayloadBytes }, func(w *Workload) *int64 { return &w.PayloadBytes }, 1, maxPayload, asInput, true},
	{"read_share", "fraction of the commands that only read, 0 to 1 (default 0.8)",
		func(i *Input) *Value { return &i.ReadShare }, func(w *Workload) *int64 { return &w.ReadShare }, unit.Million, unit.Million, rounded, true},
	{"replicas", "replicas per shard (default 1); serverless offers always have replicas",
		func(i *Input) *Value { return &i.Replicas }, func(w *Workload) *int64 { return &w.Replicas }, 1, maxReplicas, asInput, false},
	{"read_regions", "further regions to read from (default 0)",
		func(i *Input) *Value { return &i.ReadRegions }, func(w *Workload) *int64 { return &w.ReadRegions }, 1, maxRegions, asInput, false},
	{"databases", "number of equal databases that share load and data (default 1)",
		func(i *Input) *Value { return &i.Databases }, func(w *Workload) *int64 { return &w.Databases }, 1, maxDatabases, asInput, false},
	{"commands_per_month", "commands a month, instead of --ops-per-sec",
		func(i *Input) *Value { return &i.CommandsPerMonth }, func(w *Workload) *int64 { return &w.Commands }, 1, maxCommands, derived, false},
	{"reads_per_month", "reads a month, with --writes-per-month",
		func(i *Input) *Value { return &i.ReadsPerMonth }, func(w *Workload) *int64 { return &w.Reads }, 1, maxCommands, asInput, false},
	{"writes_per_month", "writes a month, with --reads-per-month",
		func(i *Input) *Value { return &i.WritesPerMonth }, func(w *Workload) *int64 { return &w.Writes }, 1, maxCommands, asInput, false},
	{"transfer_gb_per_month", "GB moved a month (default commands × payload)",
		func(i *Input) *Value { return &i.TransferGBPerMonth }, func(w *Workload) *int64 { return &w.TransferBytes }, unit.GB, maxMoved, asInput, false},
	{"written_gb_per_month", "GB written a month (default writes × payload)",
		func(i *Input) *Value { return &i.WrittenGBPerMonth }, func(w *Workload) *int64 { return &w.WrittenBytes }, unit.GB, maxMoved, asInput, false},
	{"hours_per_month", "hours in the month, with at most two decimals (default 730)",
		func(i *Input) *Value { return &i.HoursPerMonth }, func(w *Workload) *int64 { return &w.HoursPerMonth }, 1, maxHours, asInput, false},
	{"operator_hours", "hours a month that a person spends on a self-hosted server (default 0)",
		func(i *Input) *Value { return &i.OperatorHours }, func(w *Workload) *int64 { return &w.OperatorHours }, 1000, maxOperator, asInput, false},
	{"engine_version", "`VERSION` of the engine that runs, such as 5.0.6: some vendors charge more for old ones (default: a version without surcharge)",
		func(i *Input) *Value { return &i.EngineVersion }, func(w *Workload) *int64 { return &w.EngineVersion }, 1, maxVersion, asInput, false},
	{"durability", "`KIND` of durability: none, asynchronous or synchronous; some vendors charge for it (default none)",
		func(i *Input) *Value { return &i.Durability }, func(w *Workload) *int64 { return &w.Durability }, 1, int64(DurabilitySynchronous), asInput, false},
	{"min_data_gb", "minimum of stored data set on a serverless cache, in the vendor's GB: billed if less is stored",
		func(i *Input) *Value { return &i.MinDataGB }, func(w *Workload) *int64 { return &w.MinDataGB }, 1000, maxMinData, asInput, false},
	{"min_ecpu_per_sec", "minimum of ECPU a second set on a serverless cache: billed if less is used",
		func(i *Input) *Value { return &i.MinECPUPerSec }, func(w *Workload) *int64 { return &w.MinECPUPerSec }, 1, maxMinECPU, asInput, false},
	{"zones", "zones that clients and servers are spread over, 1 to 6: counts the traffic between them (default: not counted)",
		func(i *Input) *Value { return &i.Zones }, func(w *Workload) *int64 { return &w.Zones }, 1, maxZones, asInput, false},
	{"same_zone_reads", "with --zones: `YES` or no, reads go to a server in the client's zone (default no)",
		func(i *Input) *Value { return &i.SameZoneReads }, func(w *Workload) *int64 { return &w.SameZoneReads }, 1, 1, asInput, false},
	{"snapshots", "number of snapshots of all data that are kept (default: not counted)",
		func(i *Input) *Value { return &i.Snapshots }, func(w *Workload) *int64 { return &w.Snapshots }, 1, maxSnapshots, asInput, false},
	{"backup_gb", "GB of backups kept beyond the free amount, instead of --snapshots",
		func(i *Input) *Value { return &i.BackupGB }, func(w *Workload) *int64 { return &w.BackupBytes }, unit.GB, maxStored, asInput, false},
	{"tax", "add `PERCENT` of the bill as tax, such as 10% (default none)",
		func(i *Input) *Value { return &i.Tax }, func(w *Workload) *int64 { return &w.Tax }, 1, maxTax, asInput, false},
	{"client", "`KIND` of client: any, plain (without the cluster protocol, which several shards and some offers need) or cluster (default any)",
		func(i *Input) *Value { return &i.Client }, func(w *Workload) *int64 { return &w.Client }, 1, int64(ClientCluster), asInput, false},
	{"connections", "client connections open at the same time: plans with a lower limit do not fit (default: not checked)",
		func(i *Input) *Value { return &i.Connections }, func(w *Workload) *int64 { return &w.Connections }, 1, maxClients, asInput, false},
	{"max_value_bytes", "bytes of the largest value: plans with a lower limit on a record do not fit (default: not checked)",
		func(i *Input) *Value { return &i.MaxValueBytes }, func(w *Workload) *int64 { return &w.MaxValueBytes }, 1, maxStored, asInput, false},
	{"persistence", "`KIND` of persistence: none, or aof for an append-only file; some vendors charge for it or lack it (default none)",
		func(i *Input) *Value { return &i.Persistence }, func(w *Workload) *int64 { return &w.Persistence }, 1, 1, asInput, false},
	{"replication_traffic", "with --zones: `HOW` to count replication across zones where a vendor's pages disagree, included or charged (default included)",
		func(i *Input) *Value { return &i.ReplicationTraffic }, func(w *Workload) *int64 { return &w.ReplicationTraffic }, 1, 1, asInput, false},
}

// Fields lists the inputs in the order of --help and of reports.
func Fields() []Field { return slices.Clone(fields) }

// fieldOf finds a field by key; nil without one.
func fieldOf(key string) *Field {
	for i := range fields {
		if fields[i].Key == key {
			return &fields[i]
		}
	}
	return nil
}

// In is where an input holds the field.
func (f *Field) In(i *Input) *Value { return f.in(i) }

// Reported says whether a JSON report has a key of the field.
func (f *Field) Reported() bool { return f.form != elsewhere }

// absentAt0 says whether 0 means that nobody gave the input, so that a 0 in a
// report is not an input.
func (f *Field) absentAt0() bool {
	switch f.Key {
	case "zones", "snapshots", "backup_gb", "connections", "max_value_bytes":
		return true
	}
	return false
}

// Text is the checked figure in the field's unit, as an exact decimal. For an
// input that is a word it is the word, or "" for none.
func (f *Field) Text(w *Workload) string {
	if words := f.words(); words != nil {
		return words.text(*f.of(w))
	}
	if f.Key == "hours_per_month" {
		return w.HoursText()
	}
	return unit.Decimal(*f.of(w), f.scale)
}

// Flag is how an input is called on the command line.
func Flag(key string) string { return "--" + strings.ReplaceAll(key, "_", "-") }

// Keys lists the names of all inputs in alphabetical order.
func Keys() []string {
	var keys []string
	for _, f := range fields {
		keys = append(keys, f.Key)
	}
	sort.Strings(keys)
	return keys
}

// Set sets an input by its key. It returns false for an unknown key.
func (i *Input) Set(key string, v Value) bool {
	f := fieldOf(key)
	if f == nil {
		return false
	}
	*f.in(i) = v
	return true
}

// Get is the text of an input, by its key; "" if it was not given.
func (i *Input) Get(key string) Value {
	if f := fieldOf(key); f != nil {
		return *f.in(i)
	}
	return ""
}

// IsInput says whether a flag, without its dashes, is an input of a workload.
func IsInput(flag string) bool {
	return slices.ContainsFunc(fields, func(f Field) bool { return Flag(f.Key) == "--"+flag })
}

// Over returns base with every input that i gives replaced by i's value. Where
// several inputs give the same thing, such as gib, gb and stored_bytes, one of
// them in i replaces all of them in base.
func (i Input) Over(base Input) Input {
	if i.GivesAxis("gib") {
		for _, key := range axisInputs["gib"] {
			base.Set(key, "")
		}
	}
	if i.OpsPerSec != "" || i.CommandsPerMonth != "" || i.ReadsPerMonth != "" || i.WritesPerMonth != "" {
		base.OpsPerSec, base.CommandsPerMonth, base.ReadsPerMonth, base.WritesPerMonth = "", "", "", ""
	}
	for _, f := range fields {
		if v := *f.in(&i); v != "" {
			*f.in(&base) = v
		}
	}
	return base
}
