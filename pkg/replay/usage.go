package replay

import (
	"fmt"
	"slices"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Load is what one cache asks for over the period, as bills take it.
type Load struct {
	Months []bill.Month
	Names  []string       // of the months, as 2026-03
	Hours  int64          // clock hours that the rows cover
	Peak   workload.Usage // the highest load of any month, which capacity is sized for
	Mean   workload.Usage // the mean load, for what the peak costs
}

// Shape is what the caller wants besides the load.
type Shape struct {
	Replicas      int64
	ReadRegions   int64
	OperatorHours int64 // thousandths of an hour a month
	EngineVersion int64 // see ratecard.ParseVersion; 0 for none
	Durability    workload.Durability
	Client        workload.Client

	// As in workload.Workload.
	MinDataGB, MinECPUPerSec    int64
	Zones, SameZoneReads        int64
	Snapshots, BackupBytes, Tax int64
	Connections, MaxValueBytes  int64
	Persistence                 int64
	ReplicationTraffic          int64
}

// Workload is what the shape says of every hour, without their load.
func (s *Shape) Workload() workload.Workload {
	return workload.Workload{
		Replicas: s.Replicas, ReadRegions: s.ReadRegions, Databases: 1, OperatorHours: s.OperatorHours,
		EngineVersion: s.EngineVersion, Durability: int64(s.Durability), Client: int64(s.Client), MinDataGB: s.MinDataGB, MinECPUPerSec: s.MinECPUPerSec,
		Zones: s.Zones, SameZoneReads: s.SameZoneReads, Snapshots: s.Snapshots, BackupBytes: s.BackupBytes, Tax: s.Tax,
		Connections: s.Connections, MaxValueBytes: s.MaxValueBytes, Persistence: s.Persistence, ReplicationTraffic: s.ReplicationTraffic,
	}
}

// Load computes what a cache asks for, up to a slot (or all, for upTo = -1)
// of its slots.
func (s *Series) Load(c *Cache, shape Shape, upTo int) (*Load, error) {
	l := &Load{}
	if upTo < 0 {
		upTo = len(c.Slots) - 1
	}
	for i := 0; i <= upTo; {
		name, hours := s.Month(c.From + i)
		sums := s.slotSums(c, i)
		for i++; i <= upTo; i++ {
			if next, _ := s.Month(c.From + i); next != name {
				break
			}
			if err := sums.add(s.slotSums(c, i)); err != nil {
				return nil, cacheErr(c, err)
			}
		}
		m, err := s.usage(sums, shape, hours)
		if err != nil {
			return nil, cacheErr(c, err)
		}
		l.Months, l.Names = append(l.Months, bill.Month{Hours: hours, Usage: m}), append(l.Names, name)
	}
	return l, cacheErr(c, s.extremes(c, l))
}

func cacheErr(c *Cache, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("cache %q: %w", c.Name, err)
}

// sums are the figures of several slots of a month.
type sums struct {
	slot  Slot
	below []Below
}

func (s *Series) slotSums(c *Cache, i int) sums {
	n := len(s.opt.Floors)
	return sums{c.Slots[i], append([]Below(nil), c.below[i*n:(i+1)*n]...)}
}

func (a *sums) add(b sums) error {
	x, y := &a.slot, &b.slot
	x.Hours += y.Hours
	x.Rows += y.Rows
	x.Commands += y.Commands
	x.Reads += y.Reads
	x.Writes += y.Writes
	x.MilliECPU += y.MilliECPU
	x.Transfer += y.Transfer
	x.Written += y.Written
	x.Stored += y.Stored
	x.StoredMax += y.StoredMax
	x.ECPUShort += y.ECPUShort
	if x.Commands|x.MilliECPU|x.Transfer|x.Stored|x.StoredMax|x.ECPUShort < 0 {
		return unit.ErrRange
	}
	for i := range a.below {
		a.below[i].Rows += b.below[i].Rows
		a.below[i].Stored += b.below[i].Stored
	}
	return nil
}

// usage is a month's quantities.
func (s *Series) usage(of sums, shape Shape, hours int64) (workload.Usage, error) {
	sl := &of.slot
	u := workload.Usage{
		Commands: sl.Commands, Reads: sl.Reads, Writes: sl.Writes, MilliECPU: sl.MilliECPU,
		TransferBytes: sl.Transfer, Replicas: shape.Replicas, ReadRegions: shape.ReadRegions, Databases: 1, Hours: sl.Hours,
		EngineVersion: shape.EngineVersion, Durability: shape.Durability, Client: shape.Client,
		MinDataGB: shape.MinDataGB, MinECPUPerSec: shape.MinECPUPerSec, Snapshots: shape.Snapshots, Tax: shape.Tax,
		Connections: shape.Connections, MaxValueBytes: shape.MaxValueBytes, AOF: shape.Persistence == 1, ReplicationCharged: shape.ReplicationTraffic == 1,
	}
	var err error
	fail := func(e error) {
		if err == nil {
			err = e
		}
	}
	mulDiv := func(a, b, den int64) int64 {
		v, e := unit.MulDiv(uint64(a), uint64(b), uint64(den))
		fail(e)
		return v
	}
	if !s.split {
		u.Reads = mulDiv(u.Commands, s.opt.ReadShare, unit.Million)
		u.Writes = u.Commands - u.Reads
	}
	more, e := unit.Mul(u.Writes, 1+u.ReadRegions)
	fail(e)
	u.ReplicatedCommands, e = unit.Add(u.Reads, more)
	fail(e)
	switch {
	case s.directed:
		u.WrittenBytes = sl.Written
	case u.Commands > 0:
		u.WrittenBytes = min(mulDiv(sl.Transfer, u.Writes, u.Commands), sl.Transfer)
	}
	u.TransferOutBytes = u.TransferBytes - u.WrittenBytes
	u.StoredByteHours = mulDiv(sl.Stored, s.Every, 3600)
	if shape.Zones > 0 {
		w := shape.Workload()
		w.TransferBytes, w.WrittenBytes = u.TransferBytes, u.WrittenBytes
		u.ClientZoneBytes, u.ReplicaZoneBytes, e = w.ZoneBytes()
		fail(e)
	}
	u.SnapshotByteHours, e = shape.backups(u.StoredByteHours, sl.Hours)
	fail(e)
	u.OpsPerSec = mulDiv(u.Commands, unit.Million, sl.Hours*3600)
	u.OperatorHours = mulDiv(shape.OperatorHours, sl.Hours, hours)
	u.Hourly = &workload.Hourly{ECPUShort: sl.ECPUShort}
	for i, f := range s.opt.Floors {
		parts, fine, e := s.atLeast(sl, of.below[i], f)
		fail(e)
		u.Hourly.Floors = append(u.Hourly.Floors, workload.HourlyFloor{Floor: f, Parts: parts, Fine: fine})
	}
	return u, err
}

// backups are the byte-hours of the snapshots, so many copies of what every hour
// holds, and of the backups, the same in all hours.
func (s *Shape) backups(storedByteHours, hours int64) (int64, error) {
	copies, err := unit.Mul(storedByteHours, s.Snapshots)
	if err != nil {
		return 0, err
	}
	backups, err := unit.Mul(s.BackupBytes, hours)
	if err != nil {
		return 0, err
	}
	return unit.Add(copies, backups)
}

// extremes fills in the highest and the mean load.
func (s *Series) extremes(c *Cache, l *Load) error {
	p := &l.Peak
	var commands, transfer, stored int64
	for i := range l.Months {
		u := &l.Months[i].Usage
		l.Hours += u.Hours
		commands, transfer, stored = commands+u.Commands, transfer+u.TransferBytes, stored+u.StoredByteHours
		if commands|transfer|stored < 0 {
			return unit.ErrRange
		}
		p.Commands, p.Reads, p.Writes = max(p.Commands, u.Commands), max(p.Reads, u.Reads), max(p.Writes, u.Writes)
		p.TransferBytes = max(p.TransferBytes, u.TransferBytes)
		p.Replicas, p.ReadRegions, p.Databases, p.Hours = u.Replicas, u.ReadRegions, 1, unit.HoursPerMonth
		p.EngineVersion, p.Durability, p.Client = u.EngineVersion, u.Durability, u.Client
		p.MinDataGB, p.MinECPUPerSec, p.Snapshots, p.Tax = u.MinDataGB, u.MinECPUPerSec, u.Snapshots, u.Tax
		p.ClientZoneBytes, p.ReplicaZoneBytes = max(p.ClientZoneBytes, u.ClientZoneBytes), max(p.ReplicaZoneBytes, u.ReplicaZoneBytes)
		p.Connections, p.MaxValueBytes, p.AOF, p.ReplicationCharged = u.Connections, u.MaxValueBytes, u.AOF, u.ReplicationCharged
		p.SnapshotByteHours = max(p.SnapshotByteHours, u.SnapshotByteHours)
	}
	l.Mean = *p
	p.StoredBytes = c.Held.Value
	p.PeakOps = unit.CeilDiv(c.Ops.Value, unit.Million)
	p.PeakBytesPerSec, p.PeakECPU = c.Transfer.Value, c.ECPU.Value
	if l.Hours > 0 {
		m := &l.Mean
		m.StoredBytes = unit.CeilDiv(stored, l.Hours)
		m.PeakOps = unit.CeilDiv(commands, l.Hours*3600)
		m.PeakBytesPerSec = unit.CeilDiv(transfer, l.Hours*3600)
	}
	return nil
}

// slots are the first and the last slot that any cache has.
func (s *Series) slots() (first, last int) {
	first, last = s.Caches[0].From, s.Caches[0].From
	for _, c := range s.Caches {
		first, last = min(first, c.From), max(last, c.From+len(c.Slots)-1)
	}
	return first, last
}

// Lengths lists the hours that months of the period have.
func (s *Series) Lengths() []int64 {
	var all []int64
	first, last := s.slots()
	for slot := first; slot <= last; slot++ {
		if _, hours := s.Month(slot); !slices.Contains(all, hours) {
			all = append(all, hours)
		}
	}
	return all
}
