// Package workload describes what is to be priced: how many commands, how much
// data, how many copies, for a month. An Input is what somebody wrote, in text;
// a Workload is that input checked, with every default filled in and named; a
// Usage is the month's quantities, in whole smallest units, that prices meet.
package workload

// Workload is a checked description.
type Workload struct {
	Name          string
	Apps          []string // ids of the applications that send it
	OpsPerSec     int64    // millionths of a command/s, mean over the month
	PeakOpsPerSec int64    // millionths of a command/s
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
	EngineVersion int64 // as ratecard.ParseVersion has it; 0 for none
	Durability    int64 // a Durability

	Given map[string]bool // inputs that were written, by TOML key; the others are defaults or derived
}

// GivenKeys lists the inputs that were written, in the order of Fields.
func (w *Workload) GivenKeys() []string {
	var keys []string
	for _, f := range fields {
		if w.Given[f.Key] {
			keys = append(keys, f.Key)
		}
	}
	return keys
}
