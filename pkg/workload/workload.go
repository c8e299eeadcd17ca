// Package workload describes what is to be priced: how many commands, how much
// data, how many copies, for a month. An Input is what somebody wrote, in text;
// a Workload is that input checked, with every default filled in and named; a
// Usage is the month's quantities, in whole smallest units, that prices meet.
package workload

import "github.com/keynest/keynest/pkg/unit"

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
	HoursPerMonth int64 // whole hours of the month
	Hundredths    int64 // hundredths of an hour that the month is longer, 0 to 99
	OperatorHours int64 // thousandths of an hour a month
	EngineVersion int64 // as ratecard.ParseVersion has it; 0 for none
	Durability    int64 // a Durability
	MinDataGB     int64 // thousandths of a vendor's GB; what a serverless cache is set to hold at least
	MinECPUPerSec int64 // ECPU/s that a serverless cache is set to at least

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

// Month is the length of the month in whole parts of an hour: hours and 1, or
// hundredths of an hour and 100 where the month is no whole number of hours.
func (w *Workload) Month() (length, parts int64) {
	if w.Hundredths == 0 {
		return w.HoursPerMonth, 1
	}
	return w.HoursPerMonth*100 + w.Hundredths, 100
}

// HoursText is the length of the month in hours, as in 730 or 561.19.
func (w *Workload) HoursText() string { return unit.Decimal(w.Month()) }

// seconds36 is the length of the month in units of 36 seconds, a hundredth of an
// hour.
func (w *Workload) seconds36() uint64 { return uint64(w.HoursPerMonth*100 + w.Hundredths) }
