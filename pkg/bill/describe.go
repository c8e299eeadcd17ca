package bill

import (
	"fmt"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// describePlan writes on the bill which size was chosen, and why.
func (o *Offer) describePlan(b *Bill, p *plan, s shape, u *workload.Usage) {
	binding := o.binding(u)
	replicas := max(u.Replicas, p.card.MinReplicas)
	if o.Version.Sizing.Replicas == ratecard.ReplicasByPlan {
		replicas = p.card.IncludesReplicas
	}
	b.Plan = &Plan{
		ID: p.card.ID, Name: p.card.Name, Shards: s.shards, Replicas: replicas, Nodes: s.nodes,
		Memory: p.card.Memory * s.shards, UsableBytes: p.card.Usable * s.shards,
		Binding: constraintNames[binding], Why: o.explain(p, u, binding),
		OpsUnknown: o.opsUnknown(p) && u.PeakOps > 0,
	}
	if per := p.per; per > 0 {
		b.Plan.Memory = s.units * per
		b.Plan.UsableBytes, _ = unit.MulDivDown(uint64(b.Plan.Memory), uint64(o.Version.Sizing.UsableShare), unit.Million)
		b.Plan.Provisioned = s.units * per * s.copies * u.Databases
	} else if p.card.Usable == 0 {
		b.Plan.UsableBytes = p.card.Limit.MaxData
	}
	switch {
	case p.months > 0:
		b.Term, b.UpfrontKind = o.options.Term, o.options.Upfront
	case o.options.Term.Months() > 0 && len(o.termNotes) == 0:
		b.Warnings = append(b.Warnings, fmt.Sprintf("%s is not sold for a %s%s term; priced on demand", p.card.ID, o.options.Term, savingsWords(&o.options)))
	}
	b.Plan.OneShard = o.inOneShard(s, u)
	if o.pinned {
		b.Plan.Why = "named by --plan"
		b.Plan.Binding = "named"
		o.warnPinned(b, p, s, u)
	}
}

// inOneShard prices the load in one shard, if sizing chose more on its own. It
// returns nil if no plan holds the load in one shard.
func (o *Offer) inOneShard(s shape, u *workload.Usage) *OneShard {
	if s.shards <= max(1, o.Version.Sizing.MinShards) || o.options.Shards > 0 || o.pinned {
		return nil
	}
	single := *o
	single.mostShards = 1
	p, one, total, complete, err := single.choose(u, all)
	if err != nil || p == nil || !complete {
		return nil
	}
	return &OneShard{ID: p.card.ID, Name: p.card.Name, Nodes: one.nodes, Total: total}
}

// shardWords names the limit on the number of shards, if that is why a plan is
// too small; else "".
func (o *Offer) shardWords(p *plan, u *workload.Usage, fault constraint) string {
	if fault != byMemory && fault != byOps && fault != byNetwork || p.per > 0 || limits(&p.card.Limit, u, p.bounds) != 0 {
		return ""
	}
	switch {
	case u.Client == workload.ClientPlain && p.cluster == ratecard.ClusterOptional && o.shardLimit(p) != 1:
		return ", in one shard, since more shards need cluster clients and the clients are plain"
	case o.mostShards > 0 && o.shardLimit(p) == o.mostShards:
		return fmt.Sprintf(", in at most %s", shardCount(o.mostShards))
	case p.oneShard && o.Version.Sizing.MinShards <= 1 && o.Version.Sizing.MaxShards != 1 && p.card.MaxShards != 1:
		return ", in one shard, because its processor is shared or burstable; --shards sets another number"
	}
	return ""
}

// warnPinned adds a warning for each figure by which a plan that the caller
// named is too small under the sizing rule.
func (o *Offer) warnPinned(b *Bill, p *plan, s shape, u *workload.Usage) {
	for _, c := range []constraint{byMemory, byOps, byNetwork} {
		if o.exceeds(p, s, u, c) {
			words := o.explain(p, u, c)
			b.TooSmall = append(b.TooSmall, Exceeded{Constraint: constraintNames[c], Words: words})
			b.Warnings = append(b.Warnings, "smaller than the load needs: "+words)
		}
	}
	if o.opsUnknown(p) && unit.CeilDiv(u.PeakOps, u.Databases) > UnknownOpsCeiling {
		b.Warnings = append(b.Warnings, "its throughput is unknown: "+o.explain(p, u, byOps))
	}
}

// exceeds says whether the load is above the planned capacity of so many shards
// of a plan, for one constraint of the sizing rule.
func (o *Offer) exceeds(p *plan, s shape, u *workload.Usage, c constraint) bool {
	need, have := int64(0), int64(0)
	switch c {
	case byMemory:
		need, have = u.StoredBytes, p.card.Usable
		if p.per > 0 && o.options.Size > 0 {
			have, _ = unit.MulDiv(uint64(o.options.Size), uint64(o.Version.Sizing.UsableShare), unit.Million)
		}
	case byOps:
		need, have = u.PeakOps, p.ops
	case byNetwork:
		need, have = u.PeakBytesPerSec, p.network
	}
	return have > 0 && unit.CeilDiv(unit.CeilDiv(need, u.Databases), have) > max(1, s.shards)
}

// TooSmall says whether the plan that the caller named is smaller than the load
// needs by the sizing rule. It is priced, since it may be what runs today, but
// it is never the cheapest.
func (o *Offer) TooSmall(u *workload.Usage) bool {
	if !o.pinned {
		return false
	}
	var c choice
	if err := o.decide(u, &c); err != nil || c.plan == nil {
		return false
	}
	return o.exceeds(c.plan, c.shape, u, byMemory) || o.exceeds(c.plan, c.shape, u, byOps) || o.exceeds(c.plan, c.shape, u, byNetwork)
}

// explain says in words, with figures, how a constraint decided the size of a
// plan, or made it unfit. p is nil for a limit of the whole offer.
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
		return o.explainMemory(p, l, need, db)
	case byOps:
		most, kind := l.MaxOpsPerSec, "quota"
		if most == 0 && p != nil {
			most, kind = p.ops, string(p.opsKind)
		}
		if p != nil && o.opsUnknown(p) {
			return fmt.Sprintf("ops/s: %s%s at the peak; the vendor publishes no throughput, and loads above %s are assumed not to fit", group(ops), db, group(UnknownOpsCeiling))
		}
		return fmt.Sprintf("ops/s: %s%s at the peak, %s a shard (%s)", group(ops), db, group(most), kind)
	case byNetwork:
		return explainNetwork(p, l, unit.CeilDiv(u.PeakBytesPerSec, u.Databases), db)
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
		if o.options.Shards == 0 {
			return fmt.Sprintf("shards: at least %d needed, at most %d allowed", sizing.MinShards, o.shardLimit(p))
		}
		return fmt.Sprintf("shards: %d asked for, which this offer does not have", o.options.Shards)
	case byClient:
		return explainClient(max(o.options.Shards, sizing.MinShards))
	case byReplicas:
		return explainReplicas(l, sizing.Replicas, u.Replicas)
	}
	return explainOther(l, sizing, u, c, db)
}

// explainNetwork says why need bytes/s at the peak are more than the limit, or than
// what a node of the plan moves. db is " a database" where there are several.
func explainNetwork(p *plan, l *ratecard.Limit, need int64, db string) string {
	most := l.MaxTransferPerSecond
	if most == 0 && p != nil {
		most = p.network
	}
	words := fmt.Sprintf("network: %s MB/s%s at the peak, %s MB/s", unit.Rounded(need, unit.MB, 1), db, unit.Rounded(most, unit.MB, 1))
	if p != nil && p.netAssumed && l.MaxTransferPerSecond == 0 {
		return words + " planned for a node, since the vendor publishes none"
	}
	return words + " sustained a node"
}

// explainOther is explain for a constraint that only makes a plan unfit.
func explainOther(l *ratecard.Limit, sizing *ratecard.Sizing, u *workload.Usage, c constraint, db string) string {
	switch c {
	case byConnections:
		return fmt.Sprintf("connections: %s%s, at most %s", group(unit.CeilDiv(u.Connections, u.Databases)), db, group(l.MaxConnections))
	case byRecord:
		return fmt.Sprintf("record: the largest value has %s MB, a record at most %s MB", unit.Decimal(u.MaxValueBytes, unit.MB), unit.Decimal(l.MaxRecord, unit.MB))
	case byPersistence:
		return "persistence: the offer has no append-only file"
	}
	return fmt.Sprintf("nodes: more than the %d that a cluster can have", sizing.MaxNodes)
}

// explainMemory gives the data of one database and the memory that is available
// for it.
func (o *Offer) explainMemory(p *plan, l *ratecard.Limit, need int64, db string) string {
	sizing := &o.Version.Sizing
	switch {
	case l.MaxData > 0 && need > l.MaxData:
		return fmt.Sprintf("memory: %s%s is more than the limit of %s", unit.FormatBytes(need), db, unit.FormatBytes(l.MaxData))
	case sizing.UsableShare < unit.Million && sizing.UsableShare > 0:
		sold, _ := unit.MulDiv(uint64(need), unit.Million, uint64(sizing.UsableShare))
		return fmt.Sprintf("memory: %s%s needs %s GiB with %s", unit.FormatBytes(need), db, unit.Rounded(sold, unit.GiB, 1), sizing.UsableWords)
	case p != nil && p.card.Usable > 0:
		return fmt.Sprintf("memory: %s%s of data, %s usable a shard", unit.FormatBytes(need), db, unit.FormatBytes(p.card.Usable))
	}
	return fmt.Sprintf("memory: %s%s of data", unit.FormatBytes(need), db)
}

// explainReplicas says why the offer does not have so many replicas.
func explainReplicas(l *ratecard.Limit, rule ratecard.ReplicaRule, asked int64) string {
	switch {
	case rule == ratecard.ReplicasNone:
		return fmt.Sprintf("replicas: %d asked for, the offer has none; --replicas 0 prices it without", asked)
	case l.MaxReplicas != nil:
		return fmt.Sprintf("replicas: %d asked for, at most %d", asked, *l.MaxReplicas)
	}
	return fmt.Sprintf("replicas: %d asked for, more than any plan covers", asked)
}

// explainClient says why a plain client cannot use an offer, or so many shards
// of one.
func explainClient(shards int64) string {
	if shards > 1 {
		return fmt.Sprintf("client: %s need cluster clients, and the clients are plain; --client any allows them", shardCount(shards))
	}
	return "client: this offer needs cluster clients, and the clients are plain; --client any allows it"
}

// group prints a count with commas.
func group(n int64) string { return money.Group(fmt.Sprint(n)) }

// groupDecimal prints bytes as whole GB, rounded up, with commas.
func groupDecimal(n int64) string { return money.Group(fmt.Sprint(unit.CeilDiv(n, unit.GB))) }

// shardCount prints a number of shards.
func shardCount(n int64) string {
	if n == 1 {
		return "1 shard"
	}
	return group(n) + " shards"
}
