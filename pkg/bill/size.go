package bill

import (
	"fmt"
	"slices"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// constraint is something that a plan must satisfy.
type constraint uint

// The constraints; sizing weighs the first three, the others refuse.
const (
	byMemory constraint = 1 << iota
	byOps
	byNetwork
	byTransfer
	byCommands
	byECPU
	byDatabases
	byReadRegions
	byReplicas
	byNodes
	byShards
	all = 1<<iota - 1
)

var constraintNames = map[constraint]string{
	byMemory: "memory", byOps: "ops/s", byNetwork: "network", byTransfer: "bandwidth",
	byCommands: "commands", byECPU: "ECPU/s", byDatabases: "databases",
	byReadRegions: "read regions", byReplicas: "replicas", byNodes: "nodes",
	byShards: "shards",
}

// shape is how much of a plan is bought, for all databases together.
type shape struct {
	shards int64 // of one database
	copies int64 // 1 + billed replicas
	nodes  int64 // shards × copies × databases; 0 for memory by the unit
	units  int64 // of memory, one copy of one database; 0 for nodes
}

// bounds are the limits that a card sets at all. Most set few, so most of what
// limits would look at is settled once.
func bounds(l *ratecard.Limit) constraint {
	set := byReadRegions
	for _, c := range []struct {
		constraint
		set bool
	}{
		{byMemory, l.MaxData > 0}, {byOps, l.MaxOpsPerSec > 0}, {byTransfer, l.MaxTransferPerMonth > 0},
		{byNetwork, l.MaxTransferPerSecond > 0}, {byCommands, l.MaxCommandsPerMonth > 0},
		{byECPU, l.MaxECPUPerSec > 0}, {byDatabases, l.MaxDatabases != nil}, {byReplicas, l.MaxReplicas != nil},
	} {
		if c.set {
			set |= c.constraint
		}
	}
	return set
}

// limits checks what the vendor refuses to exceed, of what is in which and set
// at all; 0 when nothing is exceeded.
func limits(l *ratecard.Limit, u *workload.Usage, which constraint) constraint {
	db := u.Databases
	regions := which&byReadRegions != 0 && (u.ReadRegions > l.MaxReadRegions || u.ReadRegions < l.MinReadRegions)
	switch {
	case which&^byReadRegions == 0 && !regions:
		return 0
	case which&byMemory != 0 && unit.CeilDiv(u.StoredBytes, db) > l.MaxData:
		return byMemory
	case which&byOps != 0 && unit.CeilDiv(u.PeakOps, db) > l.MaxOpsPerSec:
		return byOps
	case which&byTransfer != 0 && unit.CeilDiv(u.TransferBytes, db) > l.MaxTransferPerMonth:
		return byTransfer
	case which&byNetwork != 0 && unit.CeilDiv(u.PeakBytesPerSec, db) > l.MaxTransferPerSecond:
		return byNetwork
	case which&byCommands != 0 && unit.CeilDiv(u.Commands, db) > l.MaxCommandsPerMonth:
		return byCommands
	case which&byECPU != 0 && unit.CeilDiv(u.PeakECPU, db) > l.MaxECPUPerSec:
		return byECPU
	case which&byDatabases != 0 && db > *l.MaxDatabases:
		return byDatabases
	case regions:
		return byReadRegions
	case which&byReplicas != 0 && u.Replicas > *l.MaxReplicas:
		return byReplicas
	}
	return 0
}

// refused checks the limits that hold for the whole offer.
func (o *Offer) refused(u *workload.Usage) constraint {
	if c := limits(&o.Version.Limit, u, o.bounds); c != 0 {
		return c
	}
	if o.Version.Sizing.Replicas == ratecard.ReplicasNone && u.Replicas > 0 {
		return byReplicas
	}
	return 0
}

// fit sizes one plan for the load, looking only at the constraints in which.
// When it does not fit, fault is the constraint that fails.
func (o *Offer) fit(p *plan, u *workload.Usage, which constraint) (s shape, fault constraint) {
	sizing := &o.Version.Sizing
	s = shape{shards: sizing.MinShards, copies: 1}
	if fault = limits(&p.card.Limit, u, which&p.bounds); fault != 0 {
		return s, fault
	}
	switch sizing.Replicas {
	case ratecard.ReplicasBilled:
		s.copies = 1 + max(u.Replicas, p.card.MinReplicas)
	case ratecard.ReplicasByPlan:
		if which&byReplicas != 0 && p.card.IncludesReplicas < u.Replicas {
			return s, byReplicas
		}
	}
	need := unit.CeilDiv(u.StoredBytes, u.Databases)
	if which&byMemory == 0 {
		need = 0
	}
	ops := unit.CeilDiv(u.PeakOps, u.Databases)
	if which&byOps == 0 {
		ops = 0
	}
	if per := p.card.Per.Bytes(); per > 0 {
		return o.provision(p, s, need, ops, which)
	}
	if p.card.Usable > 0 {
		s.shards = max(s.shards, unit.CeilDiv(need, p.card.Usable))
	}
	if p.ops > 0 {
		s.shards = max(s.shards, unit.CeilDiv(ops, p.ops))
	}
	if p.card.Network > 0 && which&byNetwork != 0 {
		s.shards = max(s.shards, unit.CeilDiv(unit.CeilDiv(u.PeakBytesPerSec, u.Databases), p.card.Network))
	}
	if s.shards > 1 {
		s.shards = max(s.shards, sizing.MinCluster)
	}
	most := sizing.MaxShards
	if p.card.MaxShards > 0 {
		most = p.card.MaxShards
	}
	if n := o.options.Shards; n > 0 && sizing.MaxShards != 1 {
		if n < sizing.MinShards || n > MaxShards || (most > 0 && n > most) {
			return s, byShards
		}
		s.shards, most = max(s.shards, n), n
	}
	if most > 0 && s.shards > most {
		if !o.pinned || !softOnly(p, u, most) {
			return s, o.tightest(p, u)
		}
		s.shards = most
	}
	if sizing.MaxNodes > 0 && s.shards*s.copies > sizing.MaxNodes && which&byNodes != 0 {
		return s, byNodes
	}
	s.nodes = s.shards * s.copies * u.Databases
	return s, 0
}

// OpsUnknown says whether there are plans of which nothing says how many commands
// a second they take: memory alone decides on them, up to a ceiling if there is one.
func (o *Offer) OpsUnknown() bool { return slices.ContainsFunc(o.plans, o.opsUnknown) }

// opsUnknown is that of one plan. A target is no offer that could fail to hold.
func (o *Offer) opsUnknown(p *plan) bool {
	known := p.ops > 0 && p.opsKind != ratecard.OpsCeiling || p.card.Limit.MaxOpsPerSec > 0 || o.Version.Limit.MaxOpsPerSec > 0
	return !known && o.Card.Status != ratecard.StatusTarget
}

// softOnly says whether so many shards of a plan that the caller runs today are
// merely smaller than our own sizing rule asks for: they hold the bytes without
// the reserve. That is a warning, not a refusal.
func softOnly(p *plan, u *workload.Usage, shards int64) bool {
	return p.card.Memory == 0 || unit.CeilDiv(unit.CeilDiv(u.StoredBytes, u.Databases), shards) <= p.card.Memory
}

// provision sizes memory that is bought by the unit.
func (o *Offer) provision(p *plan, s shape, need, ops int64, which constraint) (shape, constraint) {
	sizing := &o.Version.Sizing
	per := p.card.Per.Bytes()
	sold, err := unit.MulDiv(uint64(need), unit.Million, uint64(sizing.UsableShare))
	if err != nil {
		return s, byMemory
	}
	// The share rounds down what fits, so round up what is bought.
	if fits, err := unit.MulDiv(uint64(sold), uint64(sizing.UsableShare), unit.Million); err == nil && fits < need {
		sold++
	}
	s.units = max(p.card.ProvisionMin, unit.CeilDiv(sold, per))
	s.units = unit.CeilDiv(s.units, sizing.ProvisionStep) * sizing.ProvisionStep
	if p.card.ProvisionMax > 0 && s.units > p.card.ProvisionMax {
		return s, byMemory
	}
	if p.ops > 0 && ops > p.ops && which&byOps != 0 {
		return s, byOps
	}
	return s, 0
}

// tightest names the constraint that asks for most shards of a plan.
func (o *Offer) tightest(p *plan, u *workload.Usage) constraint {
	worst, most := byMemory, int64(0)
	for _, c := range []struct {
		constraint
		need, have int64
	}{
		{byMemory, unit.CeilDiv(u.StoredBytes, u.Databases), p.card.Usable},
		{byOps, unit.CeilDiv(u.PeakOps, u.Databases), p.ops},
		{byNetwork, unit.CeilDiv(u.PeakBytesPerSec, u.Databases), p.card.Network},
	} {
		if c.have > 0 {
			if n := unit.CeilDiv(c.need, c.have); n > most {
				worst, most = c.constraint, n
			}
		}
	}
	return worst
}

// choose finds the plan with the lowest bill among those that fit; at one price,
// the one with fewer nodes. One whose bill would only be a lower bound is taken
// where no other fits, and one whose bill is beyond counting never. Plans come
// cheapest first, so where only their own prices differ the search ends at the
// first that a single node makes dearer than the best.
func (o *Offer) choose(u *workload.Usage, which constraint) (best *plan, at shape, total money.USD, complete bool, err error) {
	for _, p := range o.plans {
		if best != nil && o.plain && p.floor > total {
			break
		}
		s, fault := o.fit(p, u, which)
		if fault != 0 {
			continue
		}
		sum, known, err := o.sum(p, s, u)
		if beyondCounting(err) {
			continue
		} else if err != nil {
			return nil, shape{}, 0, false, err
		}
		better := sum < total || (sum == total && s.nodes < at.nodes)
		if best == nil || (known && !complete) || (known == complete && better) {
			best, at, total, complete = p, s, sum, known
		}
	}
	return best, at, total, complete, nil
}

// binding names the constraint that costs most on its own: what the plan was
// chosen for.
func (o *Offer) binding(u *workload.Usage) constraint {
	binding, most := byMemory, money.USD(-1)
	for c := byMemory; c <= byCommands; c <<= 1 {
		_, _, total, _, err := o.choose(u, c|byReplicas|byReadRegions|byDatabases)
		if err == nil && total > most {
			binding, most = c, total
		}
	}
	return binding
}

// explain says in words what a plan lacks, or what it was chosen for.
func (o *Offer) explain(p *plan, u *workload.Usage, c constraint) string {
	l, sizing := &o.Version.Limit, &o.Version.Sizing
	if p != nil {
		l = &p.card.Limit
	}
	db := ""
	if u.Databases > 1 {
		db = " a database"
	}
	need := unit.CeilDiv(u.StoredBytes, u.Databases)
	ops := unit.CeilDiv(u.PeakOps, u.Databases)
	switch c {
	case byMemory:
		if l.MaxData > 0 && need > l.MaxData {
			return fmt.Sprintf("memory: %s%s is more than the limit of %s", unit.FormatBytes(need), db, unit.FormatBytes(l.MaxData))
		}
		if sizing.UsableShare < unit.Million && sizing.UsableShare > 0 {
			sold, _ := unit.MulDiv(uint64(need), unit.Million, uint64(sizing.UsableShare))
			return fmt.Sprintf("memory: %s%s needs %s GiB with %s", unit.FormatBytes(need), db, unit.Rounded(sold, unit.GiB, 1), sizing.UsableWords)
		}
		if p != nil && p.card.Usable > 0 {
			return fmt.Sprintf("memory: %s%s of data, %s usable a shard", unit.FormatBytes(need), db, unit.FormatBytes(p.card.Usable))
		}
		return fmt.Sprintf("memory: %s%s of data", unit.FormatBytes(need), db)
	case byOps:
		most, kind := l.MaxOpsPerSec, "quota"
		if most == 0 && p != nil {
			most, kind = p.ops, string(p.opsKind)
		}
		return fmt.Sprintf("ops/s: %s%s at the peak, %s a shard (%s)", group(ops), db, group(most), kind)
	case byNetwork:
		most := l.MaxTransferPerSecond
		if most == 0 && p != nil {
			most = p.card.Network
		}
		return fmt.Sprintf("network: %s MB/s%s at the peak, %s MB/s sustained a node", unit.Rounded(unit.CeilDiv(u.PeakBytesPerSec, u.Databases), unit.MB, 1), db, unit.Rounded(most, unit.MB, 1))
	case byTransfer:
		return fmt.Sprintf("bandwidth: %s GB a month%s, at most %s GB", groupDecimal(unit.CeilDiv(u.TransferBytes, u.Databases)), db, groupDecimal(l.MaxTransferPerMonth))
	case byCommands:
		return fmt.Sprintf("commands: %s a month%s, at most %s", group(unit.CeilDiv(u.Commands, u.Databases)), db, group(l.MaxCommandsPerMonth))
	case byECPU:
		return fmt.Sprintf("ECPU/s: %s%s at the peak, at most %s", group(unit.CeilDiv(u.PeakECPU, u.Databases)), db, group(l.MaxECPUPerSec))
	case byDatabases:
		return fmt.Sprintf("databases: %d asked for, at most %d", u.Databases, *l.MaxDatabases)
	case byReadRegions:
		if u.ReadRegions < l.MinReadRegions {
			return fmt.Sprintf("read regions: %d asked for, at least %d", u.ReadRegions, l.MinReadRegions)
		}
		if l.MaxReadRegions == 0 {
			return fmt.Sprintf("read regions: %d asked for, the card prices none", u.ReadRegions)
		}
		return fmt.Sprintf("read regions: %d asked for, at most %d", u.ReadRegions, l.MaxReadRegions)
	case byShards:
		return fmt.Sprintf("shards: %d asked for, which this offer does not have", o.options.Shards)
	case byReplicas:
		switch {
		case sizing.Replicas == ratecard.ReplicasNone:
			return fmt.Sprintf("replicas: %d asked for, none to be had; --replicas 0 prices it without", u.Replicas)
		case l.MaxReplicas != nil:
			return fmt.Sprintf("replicas: %d asked for, at most %d", u.Replicas, *l.MaxReplicas)
		}
		return fmt.Sprintf("replicas: %d asked for, more than any plan covers", u.Replicas)
	}
	return fmt.Sprintf("nodes: more than the %d that a cluster can have", sizing.MaxNodes)
}

func group(n int64) string { return money.Group(fmt.Sprint(n)) }

// groupDecimal prints bytes as GB with thousands apart.
func groupDecimal(n int64) string { return money.Group(fmt.Sprint(unit.CeilDiv(n, unit.GB))) }
