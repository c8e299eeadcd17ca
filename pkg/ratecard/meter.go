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
)

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
