// Package workload describes what is to be priced: how many commands, how much
// data, how many copies, for a month. An Input is the text that somebody wrote.
// A Workload is that input checked, with every default filled in and named. A
// Usage has the month's quantities, in whole smallest units, to which prices
// apply.
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
	Client        int64 // a Client
	MinDataGB     int64 // thousandths of a vendor's GB; what a serverless cache is set to hold at least
	Zones         int64 // that clients and servers are spread over; 0 where traffic between them is not counted
	SameZoneReads int64 // 1 where reads stay in the client's zone
	Snapshots     int64 // of all data, kept
	BackupBytes   int64 // of backups, kept beyond what is free
	Tax           int64 // millionths of the bill
	Connections   int64 // of clients at the same time; 0 where they are not looked at
	MaxValueBytes int64 // of the largest value; 0 where it is not looked at
	Persistence   int64 // 1 for an append-only file
	Keys          int64 // that StoredBytes was computed from; 0 where a size was given
	KeyBytes      int64 // of each, mean
	ValueBytes    int64 // of each, mean
	MinECPUPerSec int64 // ECPU/s that a serverless cache is set to at least

	// ReplicationTraffic is 1 if replication across zones is charged. It is 0
	// by default, since the vendor's texts disagree on whether it is.
	ReplicationTraffic int64

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

// Month is the length of the month: length ÷ parts hours. parts is 1, or 100 if
// the month is not a whole number of hours.
func (w *Workload) Month() (length, parts int64) {
	if w.Hundredths == 0 {
		return w.HoursPerMonth, 1
	}
	return w.HoursPerMonth*100 + w.Hundredths, 100
}

// HoursText is the length of the month in hours, as in 730 or 561.19.
func (w *Workload) HoursText() string { return unit.Decimal(w.Month()) }

// ZoneBytes is what moves between zones in the month: between clients and
// servers, and from primaries to replicas.
func (w *Workload) ZoneBytes() (clients, replicas int64, err error) {
	replicas, err = w.replicaZoneBytes()
	return w.clientZoneBytes(), replicas, err
}

// clientZoneBytes are the bytes a month that move between a client and a server
// in another zone. Clients and servers are spread evenly over N zones, so the
// share is (N−1) ÷ N of all traffic, or of the writes if reads stay in the
// client's zone.
func (w *Workload) clientZoneBytes() int64 {
	if w.Zones < 2 {
		return 0
	}
	moved := w.TransferBytes
	if w.SameZoneReads == 1 {
		moved = w.WrittenBytes
	}
	n, _ := unit.MulDiv(uint64(moved), uint64(w.Zones-1), uint64(w.Zones)) // at most moved
	return n
}

// replicaZoneBytes are the bytes a month that primaries send to replicas in
// other zones: every write, to each of them. A shard's nodes are spread evenly
// over the zones.
func (w *Workload) replicaZoneBytes() (int64, error) {
	if w.Zones < 2 {
		return 0, nil
	}
	besides := unit.CeilDiv(w.Replicas+1, w.Zones) - 1 // replicas in the zone of their primary
	return unit.Mul(w.WrittenBytes, w.Replicas-besides)
}

// snapshotByteHours are the byte-hours that snapshots or backups hold over the
// month.
func (w *Workload) snapshotByteHours(hours int64) (int64, error) {
	held, err := unit.Mul(w.StoredBytes, w.Snapshots)
	if err == nil {
		held, err = unit.Add(held, w.BackupBytes)
	}
	if err != nil {
		return 0, err
	}
	return unit.Mul(held, hours)
}

// seconds36 is the length of the month in units of 36 seconds, a hundredth of an
// hour.
func (w *Workload) seconds36() uint64 { return uint64(w.HoursPerMonth*100 + w.Hundredths) }
