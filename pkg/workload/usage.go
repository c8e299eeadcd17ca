package workload

import (
	"errors"
	"fmt"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

// Usage has a month's quantities in the smallest unit of each meter, and the
// figures that sizing needs.
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
	Hours                   int64 // of the month, counted in 1/HourParts of an hour
	HourParts               int64 // 100 where the month is not a whole number of hours; 0 counts as 1
	OperatorHours           int64 // thousandths
	EngineVersion           int64 // see ratecard.ParseVersion; 0 for none
	Durability              Durability
	Client                  Client
	MinDataGB               int64 // thousandths; see Workload
	MinECPUPerSec           int64
	ClientZoneBytes         int64
	ReplicaZoneBytes        int64
	Snapshots               int64 // kept, of all data
	SnapshotByteHours       int64
	Tax                     int64 // millionths of the bill
	Connections             int64 // 0 where they are not looked at
	MaxValueBytes           int64 // 0 where it is not looked at
	AOF                     bool  // an append-only file is kept
	ReplicationCharged      bool  // see Workload.ReplicationTraffic
	Hourly                  *Hourly
}

// Usage computes the month's quantities. The ranges of Resolve keep almost all
// of them inside 64 bits; one that does not fit is an error.
func (w *Workload) Usage() (Usage, error) {
	hours, parts := w.Month()
	u := Usage{
		Commands: w.Commands, Reads: w.Reads, Writes: w.Writes,
		StoredBytes: w.StoredBytes, TransferBytes: w.TransferBytes, WrittenBytes: w.WrittenBytes,
		OpsPerSec: w.OpsPerSec, PayloadBytes: w.PayloadBytes,
		Replicas: w.Replicas, ReadRegions: w.ReadRegions, Databases: w.Databases,
		Hours: hours, HourParts: parts, OperatorHours: w.OperatorHours,
		EngineVersion: w.EngineVersion, Durability: Durability(w.Durability), Client: Client(w.Client),
		MinDataGB: w.MinDataGB, MinECPUPerSec: w.MinECPUPerSec,
		ClientZoneBytes: w.clientZoneBytes(), Snapshots: w.Snapshots, Tax: w.Tax,
		Connections: w.Connections, MaxValueBytes: w.MaxValueBytes, AOF: w.Persistence == 1, ReplicationCharged: w.ReplicationTraffic == 1,
	}
	var errs [8]error
	u.StoredByteHours, errs[0] = unit.Mul(w.StoredBytes, hours)
	more, err := unit.Mul(w.Writes, 1+w.ReadRegions)
	errs[1] = err
	u.ReplicatedCommands, errs[2] = unit.Add(w.Reads, more)
	// An ECPU is a command of up to 1 KB, or each KB of a longer one.
	u.MilliECPU, errs[3] = unit.Mul(w.Commands, max(1000, w.PayloadBytes))
	if w.payloadFollows() && errs[3] == nil {
		u.MilliECPU = max(1000*w.Commands, w.TransferBytes)
	}
	u.ReplicaZoneBytes, errs[6] = w.replicaZoneBytes()
	u.SnapshotByteHours, errs[7] = w.snapshotByteHours(hours)
	u.TransferOutBytes = max(0, w.TransferBytes-w.WrittenBytes)
	u.PeakOps = unit.CeilDiv(w.PeakOpsPerSec, unit.Million)
	u.PeakBytesPerSec, errs[4] = w.peakBytes()
	u.PeakECPU, errs[5] = unit.MulDiv(uint64(w.PeakOpsPerSec), uint64(max(1000, w.PayloadBytes)), 1000*unit.Million)
	if w.payloadFollows() {
		u.PeakECPU = max(w.PeakOpsPerSec/unit.Million, u.PeakBytesPerSec/1000)
	}
	if err := errors.Join(errs[:]...); err != nil {
		return Usage{}, fmt.Errorf("workload %q: %w", w.Name, unit.ErrRange)
	}
	return u, nil
}

// payloadFollows says whether the payload was computed from the transfer ÷ the
// commands and rounded up to a byte. Quantities are then computed from the
// transfer, which is exact, so that they do not jump where the rounded payload
// does.
func (w *Workload) payloadFollows() bool {
	if w.Commands == 0 || w.PayloadBytes != unit.CeilDiv(w.TransferBytes, w.Commands) {
		return false
	}
	return w.TransferBytes%w.Commands != 0
}

// peakBytes is what is moved a second at the peak.
func (w *Workload) peakBytes() (int64, error) {
	if !w.payloadFollows() {
		return unit.MulDiv(uint64(w.PeakOpsPerSec), uint64(w.PayloadBytes), unit.Million)
	}
	micro, err := unit.MulDiv(uint64(w.PeakOpsPerSec), uint64(w.TransferBytes), uint64(w.Commands))
	if err != nil { // so many that the part of a command does not matter
		return unit.MulDiv(uint64(unit.CeilDiv(w.PeakOpsPerSec, unit.Million)), uint64(w.TransferBytes), uint64(w.Commands))
	}
	return unit.MulDiv(uint64(micro), 1, unit.Million)
}

// Counter returns the function that reads a meter's quantity in the month, in
// its smallest unit. It returns nil for meters that depend on the size that is
// bought; package bill counts those.
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
	case ratecard.MeterClientZones:
		return func(u *Usage) int64 { return u.ClientZoneBytes }
	case ratecard.MeterReplicaZones:
		return func(u *Usage) int64 { return u.ReplicaZoneBytes }
	case ratecard.MeterSnapshots:
		return func(u *Usage) int64 { return u.SnapshotByteHours }
	case ratecard.MeterOperator:
		return func(u *Usage) int64 { return u.OperatorHours }
	}
	return nil
}
