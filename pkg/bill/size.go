package bill

import (
	"slices"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// constraint is something that a plan must satisfy. Several are combined with |.
type constraint uint

// The constraints. The first three decide how many shards are needed; the
// others can only make a plan or an offer unfit.
const (
	byMemory constraint = 1 << iota
	byOps
	byNetwork
	byTransfer
	byCommands
	byConnections
	byECPU
	byDatabases
	byReadRegions
	byReplicas
	byNodes
	byShards
	byPersistence
	byRecord
	byClient
	all = 1<<iota - 1
)

var constraintNames = map[constraint]string{
	byMemory: "memory", byOps: "ops/s", byNetwork: "network", byTransfer: "bandwidth",
	byCommands: "commands", byECPU: "ECPU/s", byDatabases: "databases",
	byReadRegions: "read regions", byReplicas: "replicas", byNodes: "nodes",
	byShards: "shards", byConnections: "connections", byPersistence: "persistence", byRecord: "record", byClient: "client",
}

// shape is the size that is bought of a plan.
type shape struct {
	shards int64 // of one database
	copies int64 // of each shard: 1 + the replicas that are billed
	nodes  int64 // shards × copies × databases; 0 where memory is bought by the unit
	units  int64 // of memory, for one copy of one database; 0 for nodes
}

// bounds returns which limits a card sets. It is computed once, since most
// cards set few and limits is called for every plan.
func bounds(l *ratecard.Limit) constraint {
	set := byReadRegions
	for _, c := range []struct {
		constraint
		set bool
	}{
		{byMemory, l.MaxData > 0}, {byOps, l.MaxOpsPerSec > 0}, {byTransfer, l.MaxTransferPerMonth > 0},
		{byNetwork, l.MaxTransferPerSecond > 0}, {byCommands, l.MaxCommandsPerMonth > 0},
		{byConnections, l.MaxConnections > 0}, {byRecord, l.MaxRecord > 0}, {byECPU, l.MaxECPUPerSec > 0}, {byDatabases, l.MaxDatabases != nil}, {byReplicas, l.MaxReplicas != nil},
	} {
		if c.set {
			set |= c.constraint
		}
	}
	return set
}

// limits returns the first limit that the load exceeds, or 0. It looks only at
// the limits in which, all of which the card must set, see bounds. Limits hold
// for one database; the load is spread evenly over all databases.
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
	case which&byConnections != 0 && unit.CeilDiv(u.Connections, db) > l.MaxConnections:
		return byConnections
	case which&byRecord != 0 && u.MaxValueBytes > l.MaxRecord:
		return byRecord
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

// refused returns the limit of the whole offer that the load exceeds, or 0.
func (o *Offer) refused(u *workload.Usage) constraint {
	if c := limits(&o.Version.Limit, u, o.bounds); c != 0 {
		return c
	}
	if o.Version.Sizing.Replicas == ratecard.ReplicasNone && u.Replicas > 0 {
		return byReplicas
	}
	if u.AOF && o.aof(nil) == ratecard.AOFNone {
		return byPersistence
	}
	if u.Client == workload.ClientPlain && len(o.Version.Plans) == 0 && o.cluster == ratecard.ClusterAlways {
		return byClient
	}
	return 0
}

// planLimits returns the first of the limits in which that the load exceeds with
// a plan, or 0.
func (o *Offer) planLimits(p *plan, u *workload.Usage, which constraint) constraint {
	if u.AOF && which&byPersistence != 0 && o.aof(p) == ratecard.AOFNone {
		return byPersistence
	}
	return limits(&p.card.Limit, u, which&p.bounds)
}

// fit computes the size of one plan that the load needs, looking only at the
// constraints in which. If the plan cannot hold the load, fault is the
// constraint that fails, else 0.
//
// The number of shards is the largest that any constraint asks for: the data ÷
// usable memory, the peak commands/s ÷ the planned throughput of a shard, the
// peak bytes/s ÷ the sustained network of a node, each rounded up.
func (o *Offer) fit(p *plan, u *workload.Usage, which constraint) (s shape, fault constraint) {
	sizing := &o.Version.Sizing
	s = shape{shards: sizing.MinShards, copies: 1}
	if fault = o.planLimits(p, u, which); fault != 0 {
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
	plain := u.Client == workload.ClientPlain && which&byClient != 0
	if plain && (p.cluster == ratecard.ClusterAlways || p.cluster == ratecard.ClusterOptional && max(o.options.Shards, s.shards) > 1) {
		return s, byClient
	}
	if ops > UnknownOpsCeiling && o.opsUnknown(p) && !o.pinned {
		return s, byOps
	}
	network := int64(0)
	if which&byNetwork != 0 {
		network = unit.CeilDiv(u.PeakBytesPerSec, u.Databases)
	}
	if p.per > 0 {
		if p.network > 0 && network > p.network && !o.pinned {
			return s, byNetwork
		}
		return o.provision(p, s, need, ops, which)
	}
	s.shards = p.shardsFor(sizing, need, ops, network)
	most := o.shardLimit(p)
	if plain && p.cluster == ratecard.ClusterOptional {
		most = 1
	}
	if s.shards, fault = o.allowedShards(p, u, s.shards, most); fault != 0 {
		return s, fault
	}
	if sizing.MaxNodes > 0 && s.shards*s.copies > sizing.MaxNodes && which&byNodes != 0 {
		return s, byNodes
	}
	s.nodes = s.shards * s.copies * u.Databases
	return s, 0
}

// allowedShards is how many shards the offer runs where it needs that many: those
// that were asked for, at most most (0: any number). A plan that was asked for by
// name keeps its limit where only its throughput is exceeded.
func (o *Offer) allowedShards(p *plan, u *workload.Usage, shards, most int64) (int64, constraint) {
	sizing := &o.Version.Sizing
	if n := o.options.Shards; n > 0 && sizing.MaxShards != 1 {
		if n < sizing.MinShards || n > MaxShards || (most > 0 && n > most) {
			return shards, byShards
		}
		shards, most = max(shards, n), n
	}
	if most == 0 || shards <= most {
		return shards, 0
	}
	if most < sizing.MinShards {
		return shards, byShards
	}
	if !o.pinned || !softOnly(p, u, most) {
		return shards, o.tightest(p, u)
	}
	return most, 0
}

// shardsFor is the smallest number of shards of a plan that hold so many bytes,
// commands/s and bytes/s of one database. If more than one is needed, it is at
// least the vendor's minimum for a cluster. A figure of the plan that is not
// known is not checked.
func (p *plan) shardsFor(sizing *ratecard.Sizing, need, ops, network int64) int64 {
	shards := sizing.MinShards
	if p.card.Usable > 0 {
		shards = max(shards, unit.CeilDiv(need, p.card.Usable))
	}
	if p.ops > 0 {
		shards = max(shards, unit.CeilDiv(ops, p.ops))
	}
	if p.network > 0 {
		shards = max(shards, unit.CeilDiv(network, p.network))
	}
	if shards > 1 {
		shards = max(shards, sizing.MinCluster)
	}
	return shards
}

// shardLimit is the most shards of a plan that sizing may take: the least of
// what the card, the kind of processor and the caller allow; 0 for any number.
func (o *Offer) shardLimit(p *plan) int64 {
	most := o.Version.Sizing.MaxShards
	if p.card.MaxShards > 0 {
		most = p.card.MaxShards
	}
	if p.oneShard { // or the fewest that the vendor sells
		most = max(1, o.Version.Sizing.MinShards)
	}
	if o.mostShards > 0 && (most == 0 || o.mostShards < most) {
		most = o.mostShards
	}
	return most
}

// OpsUnknown says whether the offer has plans without a known throughput. Memory
// alone decides the size of these, up to UnknownOpsCeiling.
func (o *Offer) OpsUnknown() bool { return slices.ContainsFunc(o.plans, o.opsUnknown) }

// opsUnknown says whether the throughput of a plan is unknown. Targets are never
// sold, so for them it does not matter.
func (o *Offer) opsUnknown(p *plan) bool {
	known := p.ops > 0 || p.card.Limit.MaxOpsPerSec > 0 || o.Version.Limit.MaxOpsPerSec > 0
	return !known && o.Card.Status != ratecard.StatusTarget
}

// softOnly says whether so many shards of a plan hold the data in all of their
// memory, without the vendor's reserve. A plan that the caller named then fits
// with a warning, since it is probably what runs today.
func softOnly(p *plan, u *workload.Usage, shards int64) bool {
	return p.card.Memory == 0 || unit.CeilDiv(unit.CeilDiv(u.StoredBytes, u.Databases), shards) <= p.card.Memory
}

// provision computes how much memory to buy of a plan that sells it by the unit
// (GiB or GB): the data ÷ the usable share, rounded up to the vendor's step,
// and at least its minimum. A size that the caller named is kept, with a
// warning, if it holds the data without the reserve.
func (o *Offer) provision(p *plan, s shape, need, ops int64, which constraint) (shape, constraint) {
	sizing := &o.Version.Sizing
	per := p.per
	sold, err := unit.MulDiv(uint64(need), unit.Million, uint64(sizing.UsableShare))
	if err != nil {
		return s, byMemory
	}
	// MulDiv rounds half up. Buy one byte more where that was rounded down.
	if fits, err := unit.MulDivDown(uint64(sold), uint64(sizing.UsableShare), unit.Million); err == nil && fits < need {
		sold++
	}
	s.units = max(p.card.ProvisionMin, unit.CeilDiv(sold, per))
	s.units = unit.CeilDiv(s.units, sizing.ProvisionStep) * sizing.ProvisionStep
	if o.options.Size > 0 && o.pinned {
		s.units = o.options.Size / per
		if need > o.options.Size {
			return s, byMemory
		}
	}
	if p.card.ProvisionMax > 0 && s.units > p.card.ProvisionMax {
		return s, byMemory
	}
	if p.ops > 0 && ops > p.ops && which&byOps != 0 {
		return s, byOps
	}
	return s, 0
}

// tightest returns the constraint that asks for the most shards of a plan.
func (o *Offer) tightest(p *plan, u *workload.Usage) constraint {
	worst, most := byMemory, int64(0)
	for _, c := range []struct {
		constraint
		need, have int64
	}{
		{byMemory, unit.CeilDiv(u.StoredBytes, u.Databases), p.card.Usable},
		{byOps, unit.CeilDiv(u.PeakOps, u.Databases), p.ops},
		{byNetwork, unit.CeilDiv(u.PeakBytesPerSec, u.Databases), p.network},
	} {
		if c.have > 0 {
			if n := unit.CeilDiv(c.need, c.have); n > most {
				worst, most = c.constraint, n
			}
		}
	}
	return worst
}

// choose finds the plan with the lowest bill among those that fit. At the same
// price it takes the one with fewer nodes. A plan whose bill is only a lower
// bound is taken only if no other fits. A plan whose bill does not fit in 64
// bits is never taken.
//
// Plans are in order of the price of one node. If nothing else differs between
// plans (byNodePrice), the search ends at the first plan whose single node
// costs more than the best bill so far.
func (o *Offer) choose(u *workload.Usage, which constraint) (best *plan, at shape, total money.USD, complete bool, err error) {
	for _, p := range o.plans {
		if best != nil && o.byNodePrice && p.floor > total {
			break
		}
		s, fault := o.fit(p, u, which)
		if fault != 0 {
			continue
		}
		sum, known, err := o.walk(p, s, u, nil)
		if tooLarge(err) {
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

// binding returns the constraint that decided the size: the one that leads to
// the highest bill when it is applied alone.
func (o *Offer) binding(u *workload.Usage) constraint {
	binding, most := byMemory, money.USD(-1)
	for c := byMemory; c <= byConnections; c <<= 1 {
		_, _, total, _, err := o.choose(u, c|byReplicas|byReadRegions|byDatabases|byPersistence|byClient)
		if err == nil && total > most {
			binding, most = c, total
		}
	}
	return binding
}

// smallestThatFits finds the plan among plans that holds the load with the least
// memory, or nil. It is for plans that cannot be chosen by price: those of
// unknown price, and those that are left out.
func (o *Offer) smallestThatFits(plans []*plan, u *workload.Usage) *plan {
	var best *plan
	least := int64(0)
	for _, p := range plans {
		s, fault := o.fit(p, u, all)
		if fault != 0 {
			continue
		}
		if memory := p.memory(s); best == nil || memory < least {
			best, least = p, memory
		}
	}
	return best
}

// smallerUnknown finds a plan of unknown price that holds the load with less
// memory than every plan of known price, or nil. Such a plan may be cheaper. A
// plan of unknown price that is not the smallest is ignored.
func (o *Offer) smallerUnknown(u *workload.Usage) *plan {
	if len(o.unknown) == 0 {
		return nil
	}
	unknown, known := o.smallestThatFits(o.unknown, u), o.smallestThatFits(o.plans, u)
	if unknown == nil || known == nil {
		return nil
	}
	small, _ := o.fit(unknown, u, all)
	if least, _ := o.fit(known, u, all); unknown.memory(small) >= known.memory(least) {
		return nil
	}
	return unknown
}

// memory is how many bytes of memory a shape of a plan has in one copy.
func (p *plan) memory(s shape) int64 { return s.shards*p.card.Memory + s.units*p.per }

// holds is how many bytes of data one shard of a plan holds, as far as the card
// says, or 2^62 where memory is sold without an upper limit.
func (p *plan) holds() int64 {
	if per := p.per; per > 0 {
		if p.card.ProvisionMax == 0 {
			return 1 << 62
		}
		return p.card.ProvisionMax * per
	}
	if p.card.Limit.MaxData > 0 {
		return p.card.Limit.MaxData
	}
	return p.card.Usable
}
