package ratecard

import "github.com/keynest/keynest/pkg/unit"

func (b *builder) limit(path []string, raw *rawLimit, source string) Limit {
	if raw == nil {
		return Limit{}
	}
	path = b.sub(path, "limit")
	l := Limit{
		MaxData:              b.bytes(path, "max_data", raw.MaxData),
		MaxOpsPerSec:         raw.MaxOpsPerSec,
		MaxECPUPerSec:        raw.MaxECPUPerSec,
		MaxCommandsPerMonth:  raw.MaxCommandsPerMonth,
		MaxTransferPerMonth:  b.bytes(path, "max_transfer_per_month", raw.MaxTransferPerMonth),
		MaxTransferPerSecond: b.bytes(path, "max_transfer_per_second", raw.MaxTransferPerSecond),
		MaxDatabases:         raw.MaxDatabases,
		MinReadRegions:       raw.MinReadRegions,
		MaxReplicas:          raw.MaxReplicas,
		MaxConnections:       raw.MaxConnections,
		MaxRecord:            b.bytes(path, "max_record", raw.MaxRecord),
		Source:               or(raw.Source, source),
	}
	if raw.MaxReadRegions != nil {
		l.MaxReadRegions = *raw.MaxReadRegions
	}
	least := min(l.MaxOpsPerSec, l.MaxECPUPerSec, l.MaxCommandsPerMonth, l.MaxReadRegions, l.MinReadRegions, l.MaxConnections)
	for _, n := range []*int64{l.MaxDatabases, l.MaxReplicas} {
		if n != nil {
			least = min(least, *n)
		}
	}
	if least < 0 {
		b.problem(path, "a limit is negative")
	}
	b.cite(path, l.Source, "")
	return l
}

func (b *builder) opsKind(path []string, kind string, ops int64) OpsKind {
	switch k := OpsKind(kind); k {
	case OpsQuota, OpsBenchmark, OpsClaim, OpsAssumption:
		return k
	}
	if ops != 0 || kind != "" {
		b.problem(path, "ops_kind %q is not one of quota, benchmark, claim, assumption", kind)
	}
	return ""
}

// Sizing is how a workload becomes nodes or memory on an offer.
type Sizing struct {
	Replicas    ReplicaRule
	UsableShare int64 // millionths of the sold memory that hold data
	UsableWords string
	OpsPerSec   int64 // a shard, where the plan says nothing
	OpsKind     OpsKind
	OpsWords    string
	OpsSource   string // of OpsPerSec and OpsWords
	MinShards   int64
	MinCluster  int64 // shards, where one is not enough; 0 for no such rule
	MaxShards   int64 // 0: any number
	MaxNodes    int64 // a cluster; 0: any number
	FreeNodes   int64 // a cluster, before the vendor has to be asked for more; 0: MaxNodes
	// NoFailover is why a replica does not take over by itself at a price that
	// is known; "" where it does, and where the offer has no replicas.
	NoFailover    string
	ProvisionStep int64 // units that provisioned memory grows by
	CPUOpsPerSec  int64 // commands/s that keep one virtual processor busy
	CPUWords      string
	Source        string
	Assumed       string
}

func (b *builder) sizing(path []string, raw *rawSizing, source string) Sizing {
	if raw == nil {
		return Sizing{Replicas: ReplicasIncluded, UsableShare: unit.Million, MinShards: 1, MaxShards: 1, ProvisionStep: 1}
	}
	path = b.sub(path, "sizing")
	s := Sizing{
		Replicas:      ReplicaRule(or(raw.Replicas, string(ReplicasIncluded))),
		UsableShare:   b.share(path, "usable_share", raw.UsableShare),
		UsableWords:   raw.UsableWords,
		OpsPerSec:     raw.OpsPerSec,
		OpsKind:       b.opsKind(path, raw.OpsKind, raw.OpsPerSec),
		OpsWords:      raw.OpsWords,
		OpsSource:     or(raw.OpsSource, or(raw.Source, source)),
		MinShards:     max(raw.MinShards, 1),
		MinCluster:    raw.MinCluster,
		MaxShards:     raw.MaxShards,
		MaxNodes:      raw.MaxNodes,
		FreeNodes:     raw.FreeNodes,
		ProvisionStep: max(raw.ProvisionStep, 1),
		CPUOpsPerSec:  raw.CPUOpsPerSec,
		CPUWords:      raw.CPUWords,
		Source:        or(raw.Source, source),
		Assumed:       raw.Assumed,

		NoFailover: raw.Failover,
	}
	if raw.UsableShare == "" {
		s.UsableShare = unit.Million
	}
	switch s.Replicas {
	case ReplicasBilled, ReplicasIncluded, ReplicasByPlan, ReplicasNone, ReplicasAbsent, ReplicasUnknown:
	default:
		b.problem(path, "replicas %q is not one of billed, included, plan, none, absent, unknown", raw.Replicas)
	}
	if min(raw.MaxShards, raw.MaxNodes, raw.FreeNodes, raw.MinShards, raw.MinCluster, raw.OpsPerSec, raw.CPUOpsPerSec, raw.ProvisionStep) < 0 {
		b.problem(path, "a count is negative")
	}
	if s.MaxNodes > 0 && s.FreeNodes > s.MaxNodes {
		b.problem(path, "nodes_without_asking %d is above max_nodes %d", s.FreeNodes, s.MaxNodes)
	}
	if s.NoFailover != "" && s.Replicas != ReplicasBilled {
		b.problem(path, "no_failover needs replicas = \"billed\"")
	}
	if s.MaxShards > 0 && s.MinShards > s.MaxShards {
		b.problem(path, "min_shards %d is above max_shards %d", s.MinShards, s.MaxShards)
	}
	if s.MaxShards > 0 && s.MinCluster > s.MaxShards {
		b.problem(path, "min_cluster_shards %d is above max_shards %d", s.MinCluster, s.MaxShards)
	}
	b.cite(path, s.Source, s.Assumed)
	b.cite(path, s.OpsSource, s.Assumed)
	return s
}
