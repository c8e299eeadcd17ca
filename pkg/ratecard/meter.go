package ratecard

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/unit"
)

// Meter is a monthly quantity that a price can be charged on. The set is
// closed: what a meter counts is Go code in pkg/workload and pkg/bill.
// Everything else about an offer is data.
type Meter string

// The meters.
const (
	// MeterCommands is every command once.
	MeterCommands Meter = "commands"
	// MeterReads and MeterWrites count the two kinds separately.
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
	// MeterTransferOut is the bytes that leave the server: those of reads. The
	// bytes of writes go in.
	MeterTransferOut Meter = "transfer-out"
	// MeterWritten is the bytes moved by writes.
	MeterWritten Meter = "written"
	// MeterProvisioned is the memory that is bought by the unit, with every
	// billed copy.
	MeterProvisioned Meter = "provisioned"
	// MeterNodes is every node, primaries and billed replicas.
	MeterNodes Meter = "nodes"
	// MeterNodeMemory is the memory sold with those nodes, replicas included.
	MeterNodeMemory Meter = "node-memory"
	// MeterCPU is the virtual processors that the mean command rate keeps busy.
	MeterCPU Meter = "cpu"
	// MeterDatabases counts databases, MeterReadRegions the further read
	// regions of every database, MeterAccount 1 for what is charged once an
	// account.
	MeterDatabases   Meter = "databases"
	MeterReadRegions Meter = "read-regions"
	MeterAccount     Meter = "account"
	// MeterOperator is a person's hours a month; 0 unless the caller gives
	// them.
	MeterOperator Meter = "operator"
	// MeterClientZones is the bytes between clients and servers in different
	// zones, MeterReplicaZones the bytes from primaries to replicas in other
	// zones, MeterSnapshots the snapshots that are kept, MeterAOF the memory of
	// the primaries if they keep an append-only file. Each is 0 unless the
	// caller asks for it.
	MeterClientZones  Meter = "client-zones"
	MeterReplicaZones Meter = "replica-zones"
	MeterSnapshots    Meter = "snapshots"
	MeterAOF          Meter = "aof"
)

// OnRequest lists the meters that count nothing unless the caller asks for it,
// with a name for each. If a card has no charge on such a meter, its cost is
// not known, and a bill that needs it is a lower bound. A charge of 0 USD says
// that it is included.
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

// Dimension is the dimension of the meter's quantity, or an error that lists
// the known meters.
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
