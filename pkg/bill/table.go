package bill

import (
	"fmt"
	"math"
	"strings"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Unlimited stands for a limit that a table does not set.
const Unlimited = math.MaxInt64

// Table is an offer as figures alone, for a program that prices elsewhere: the
// figures that walk and fit use, for a fixed number of replicas and read
// regions.
type Table struct {
	Offer *Offer
	Plans []TablePlan // one without a name where the offer has no plans
}

// TablePlan is a plan that can hold some load.
type TablePlan struct {
	ID string
	// Limits of one database; Unlimited where there is none.
	MaxStored, MaxOps, MaxTransfer, MaxBytesPerSec, MaxCommands, MaxECPU int64
	// The number of shards is the largest of MinShards, data ÷ Usable,
	// commands/s ÷ Ops and bytes/s ÷ Network, each rounded up; a divisor of 0
	// is left out. If it is above 1, it is at least MinCluster.
	Usable, Ops, Network, MinShards, MinCluster, MaxShards int64
	MaxNodes, Copies                                       int64
	Memory                                                 int64 // bytes of one node
	// Memory sold by the unit: Unit bytes each, of which UsableShare millionths
	// are usable. Unit is 0 if whole nodes are sold.
	Unit, UsableShare, ProvisionMin, ProvisionMax, ProvisionStep int64

	Price    money.USD // in its own currency, per Per nodes or units and hour, or month
	Per      int64
	Monthly  bool
	FX       int64     // nano-dollars for one of the currency
	Upfront  money.USD // spread over Months
	Months   int64
	Share    int64 // millionths left after discounts
	Minimum  money.USD
	Cap      money.USD // Unlimited for none
	Charges  []TableCharge
	Ranked   bool
	Position int // in order of what one node costs
}

// TableCharge is one tier of a charge, or a charge without tiers.
type TableCharge struct {
	ID    string
	Meter ratecard.Meter
	Floor workload.Floor // of every hour; Den 0 for none
	// FreeCopies are snapshots of all data that cost nothing.
	FreeCopies int64
	Price      money.USD
	Per        int64
	FX         int64
	Each       int64 // smallest units in one unit of the price
	Monthly    bool  // × the hours of the month
	// Free, Minimum, From and UpTo are decimals that count HeldEach smallest
	// units, times the hours of the month if Held. An UpTo of "" has no end.
	Free, Minimum, From, UpTo string
	HeldEach                  int64
	Held                      bool
	Whole                     bool // the tier that is reached prices all
	Share                     int64
}

// Table is the offer as figures for what w says of every load: replicas, read
// regions, the minimum of data, and whether traffic between zones and snapshots are
// counted. The error says why the offer cannot be written as a table.
func (o *Offer) Table(w *workload.Workload) (*Table, error) {
	replicas, readRegions := w.Replicas, w.ReadRegions
	if o.status != "" {
		return nil, fmt.Errorf("%s", strings.Join(o.reasons, "; "))
	}
	u := &workload.Usage{Replicas: replicas, ReadRegions: readRegions, Databases: 1, Hours: unit.HoursPerMonth}
	if w.Zones > 1 {
		one := workload.Workload{Zones: w.Zones, Replicas: replicas, WrittenBytes: 1}
		_, u.ReplicaZoneBytes, _ = one.ZoneBytes()
		u.ClientZoneBytes = 1
	}
	if u.MinDataGB = w.MinDataGB; w.Snapshots > 0 || w.BackupBytes > 0 {
		u.SnapshotByteHours, u.Snapshots = 1, w.Snapshots
	}
	if c := o.refused(u); c != 0 {
		return nil, fmt.Errorf("%s", o.explain(nil, u, c))
	}
	if !o.says(nil, u) {
		return nil, fmt.Errorf("the card has no price for traffic between zones or for snapshots")
	}
	if o.replicasUnknown(u) {
		if why := o.Version.Sizing.NoFailover; why != "" {
			return nil, fmt.Errorf("the price of failover is unknown: %s", why)
		}
		return nil, fmt.Errorf("replica support unknown")
	}
	t := &Table{Offer: o}
	if len(o.Version.Plans) == 0 {
		p := TablePlan{UsableShare: unit.Million, ProvisionStep: 1, MinShards: 1, MaxShards: Unlimited, MaxNodes: Unlimited, Per: 1, FX: money.Nano, Share: unit.Million, Months: 1, ProvisionMax: Unlimited, Ranked: o.ranked}
		p.limits(&o.Version.Limit)
		p.perMonth(&o.minimum, &o.cap)
		var err error
		if p.Charges, err = tableCharges(o.charges, nil, u); err != nil {
			return nil, err
		}
		t.Plans = []TablePlan{p}
		return t, nil
	}
	for i, p := range o.plans {
		if limits(&p.card.Limit, u, p.bounds&(byDatabases|byReadRegions|byReplicas)) != 0 ||
			o.Version.Sizing.Replicas == ratecard.ReplicasByPlan && p.card.IncludesReplicas < replicas {
			continue
		}
		tp, err := o.tablePlan(p, u)
		if err != nil {
			return nil, err
		}
		tp.Position = i
		t.Plans = append(t.Plans, tp)
	}
	if len(t.Plans) == 0 {
		return nil, fmt.Errorf("no plan of known price has %d replicas and %d read regions", replicas, readRegions)
	}
	return t, nil
}

func (o *Offer) tablePlan(p *plan, u *workload.Usage) (TablePlan, error) {
	sizing := &o.Version.Sizing
	t := TablePlan{
		ID: p.card.ID, Usable: p.card.Usable, Ops: p.ops, Network: p.network, MinShards: sizing.MinShards, MinCluster: max(sizing.MinCluster, 1),
		MaxShards: orUnlimited(o.shardLimit(p)), MaxNodes: orUnlimited(sizing.MaxNodes), Copies: 1, Memory: p.card.Memory,
		Unit: p.per, UsableShare: sizing.UsableShare, ProvisionMin: p.card.ProvisionMin, ProvisionMax: orUnlimited(p.card.ProvisionMax),
		ProvisionStep: max(sizing.ProvisionStep, 1), Monthly: p.monthly, Per: 1, FX: money.Nano, Share: unit.Million, Months: 1,
		Ranked: len(p.classes) == 0,
	}
	if sizing.Replicas == ratecard.ReplicasBilled {
		t.Copies = 1 + max(u.Replicas, p.card.MinReplicas)
	}
	if p.recurring != nil {
		t.Price, t.Per = p.recurring.Price.Amount, p.recurring.Price.Per
		if p.fx != nil {
			t.FX = p.fx.Nano
		}
	}
	if p.upfront != nil {
		t.Upfront, t.Months = p.upfront.Price.Amount, p.months
	}
	if p.card.ReadRegion != nil && u.ReadRegions > 0 {
		return t, fmt.Errorf("plans with a price for read regions")
	}
	if p.disc != "" {
		t.Share = p.share
	}
	t.limits(&p.card.Limit)
	t.limits(&o.Version.Limit)
	if o.opsUnknown(p) && !o.pinned {
		t.MaxOps = min(t.MaxOps, UnknownOpsCeiling)
	}
	minimum, maximum := &o.minimum, &o.cap
	if p.minimum.set {
		minimum = &p.minimum
	}
	if p.cap.set {
		maximum = &p.cap
	}
	t.perMonth(minimum, maximum)
	var err error
	t.Charges, err = tableCharges(p.charges, p, u)
	return t, err
}

func orUnlimited(n int64) int64 {
	if n == 0 {
		return Unlimited
	}
	return n
}

// limits keeps the lower of two limits.
func (t *TablePlan) limits(l *ratecard.Limit) {
	for _, one := range []struct {
		to  *int64
		and int64
	}{
		{&t.MaxStored, l.MaxData}, {&t.MaxOps, l.MaxOpsPerSec}, {&t.MaxTransfer, l.MaxTransferPerMonth},
		{&t.MaxBytesPerSec, l.MaxTransferPerSecond}, {&t.MaxCommands, l.MaxCommandsPerMonth}, {&t.MaxECPU, l.MaxECPUPerSec},
	} {
		if *one.to == 0 {
			*one.to = Unlimited
		}
		*one.to = min(*one.to, orUnlimited(one.and))
	}
}

func (t *TablePlan) perMonth(minimum, maximum *perMonth) {
	t.Cap = Unlimited
	if minimum.set {
		t.Minimum = minimum.amount
	}
	if maximum.set {
		t.Cap = maximum.amount
	}
}

// tableCharges are the charges that are made with a plan, tier by tier.
func tableCharges(charges []charge, p *plan, load *workload.Usage) ([]TableCharge, error) {
	var all []TableCharge
	for i := range charges {
		c := &charges[i]
		if !c.applies(p) || c.meter.OnRequest() && !asked(c.meter, load) { // what nobody asked for is 0
			continue
		}
		if load.MinDataGB > 0 && c.settable && c.meter == ratecard.MeterStored && c.floor.Den == 0 {
			return nil, fmt.Errorf("%s: its minimum is not one of every hour", c.card.Name)
		}
		if c.unknown != "" {
			return nil, fmt.Errorf("%s: price unknown: %s", c.card.Name, c.unknown)
		}
		if c.atLeast != "" {
			return nil, fmt.Errorf("%s: only a lower bound is known: %s", c.card.Name, c.atLeast)
		}
		u := c.card.Unit
		t := TableCharge{
			ID: c.card.ID, Meter: c.meter, Floor: c.floorFor(load.MinDataGB), FreeCopies: min(c.freeCopies, load.Snapshots), Price: c.rate.Price.Amount, Per: c.rate.Price.Per, FX: money.Nano,
			Each: u.Size(1), Monthly: u.Size(2) != u.Size(1), HeldEach: u.Held(1), Held: u.Held(2) != u.Held(1),
			Free: c.card.Free, Minimum: c.card.Minimum, Share: unit.Million, Whole: c.wholeAmount,
		}
		if c.fx != nil {
			t.FX = c.fx.Nano
		}
		if c.disc != "" {
			t.Share = c.share
		}
		if len(c.tiers) == 0 {
			all = append(all, t)
			continue
		}
		from := ""
		for j := range c.tiers {
			one := t
			one.Price, one.Per = c.tiers[j].rate.Price.Amount, c.tiers[j].rate.Price.Per
			one.From, one.UpTo = from, c.card.Tiers[j].UpTo
			from = one.UpTo
			all = append(all, one)
		}
	}
	return all, nil
}

// CPUOpsPerSec is the number of commands a second that keep one processor of
// the offer busy, for offers that charge for processors.
func (o *Offer) CPUOpsPerSec() int64 { return o.Version.Sizing.CPUOpsPerSec }
