package ratecard

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/unit"
)

// Meter names a monthly quantity that a price can be charged on. The set is
// closed: what a meter counts is Go code in pkg/workload and pkg/bill;
// everything else about an offer is data.
type Meter string

// The meters.
const (
	// MeterCommands is every command once.
	MeterCommands Meter = "commands"
	// MeterReads and MeterWrites are the two kinds apart.
	MeterReads  Meter = "reads"
	MeterWrites Meter = "writes"
	// MeterReplicatedCommands is reads + writes × (1 + read regions).
	MeterReplicatedCommands Meter = "replicated-commands"
	// MeterECPU is max(1, KB moved) a command, in thousandths (KB = 1000 bytes).
	MeterECPU Meter = "ecpu"
	// MeterStored is the logical data set over the hours of the month.
	MeterStored Meter = "stored"
	// MeterTransfer is the bytes moved by requests and responses together.
	MeterTransfer Meter = "transfer"
	// MeterTransferOut is the share of them that leaves the server; reads are
	// taken to move their bytes out, writes in.
	MeterTransferOut Meter = "transfer-out"
	// MeterWritten is the bytes moved by writes.
	MeterWritten Meter = "written"
	// MeterProvisioned is the memory set aside, as the offer's sizing says,
	// with every billed copy.
	MeterProvisioned Meter = "provisioned"
	// MeterNodes is every node, primaries and billed replicas.
	MeterNodes Meter = "nodes"
	// MeterNodeMemory is the memory sold with those nodes, replicas included.
	MeterNodeMemory Meter = "node-memory"
	// MeterCPU is virtual processors kept busy by the mean command rate.
	MeterCPU Meter = "cpu"
	// MeterDatabases is the databases; MeterReadRegions each database's
	// further read regions; MeterAccount is one, for what is charged once.
	MeterDatabases   Meter = "databases"
	MeterReadRegions Meter = "read-regions"
	MeterAccount     Meter = "account"
	// MeterOperator is a person's hours a month, 0 unless the caller says.
	MeterOperator Meter = "operator"
	// MeterClientZones is the bytes between clients and servers in different
	// zones; MeterReplicaZones what primaries send to replicas in other zones;
	// MeterSnapshots the snapshots that are kept; MeterAOF the memory of the
	// primaries, where they keep an append-only file. Each is 0 unless the caller
	// asks for it.
	MeterClientZones  Meter = "client-zones"
	MeterReplicaZones Meter = "replica-zones"
	MeterSnapshots    Meter = "snapshots"
	MeterAOF          Meter = "aof"
)

// OnRequest lists the meters that count nothing unless the caller asks for it,
// with what each is called. A card without a charge on one does not say what it
// costs, so a bill that needs it is a lower bound; a charge of 0 USD says that it
// is included.
func OnRequest() []struct {
	Meter Meter
	Name  string
} {
	return []struct {
		Meter Meter
		Name  string
	}{
		{MeterClientZones, "traffic between clients and servers in other zones"},
		{MeterReplicaZones, "replication to other zones"},
		{MeterSnapshots, "snapshots"},
		{MeterAOF, "an append-only file"},
	}
}

// OnRequest says whether the meter counts nothing unless the caller asks for it.
func (m Meter) OnRequest() bool {
	return m == MeterClientZones || m == MeterReplicaZones || m == MeterSnapshots || m == MeterAOF
}

var meterDimensions = []struct {
	meter     Meter
	dimension unit.Dimension
}{
	{MeterCommands, unit.Commands},
	{MeterReads, unit.Commands},
	{MeterWrites, unit.Commands},
	{MeterReplicatedCommands, unit.Commands},
	{MeterECPU, unit.ECPU},
	{MeterStored, unit.ByteHours},
	{MeterTransfer, unit.Bytes},
	{MeterTransferOut, unit.Bytes},
	{MeterWritten, unit.Bytes},
	{MeterProvisioned, unit.ByteHours},
	{MeterNodes, unit.NodeHours},
	{MeterNodeMemory, unit.ByteHours},
	{MeterCPU, unit.CPUHours},
	{MeterDatabases, unit.NodeHours},
	{MeterReadRegions, unit.NodeHours},
	{MeterAccount, unit.NodeHours},
	{MeterOperator, unit.WorkHours},
	{MeterClientZones, unit.Bytes},
	{MeterReplicaZones, unit.Bytes},
	{MeterSnapshots, unit.ByteHours},
	{MeterAOF, unit.ByteHours},
}

// Dimension is what the meter counts, or an error that names the known meters.
func (m Meter) Dimension() (unit.Dimension, error) {
	var known []string
	for _, d := range meterDimensions {
		if d.meter == m {
			return d.dimension, nil
		}
		known = append(known, string(d.meter))
	}
	return "", fmt.Errorf("unknown meter %q; known: %s", string(m), strings.Join(known, ", "))
}
