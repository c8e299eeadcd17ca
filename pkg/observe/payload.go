package observe

import (
	"fmt"
	"math"

	"github.com/keynest/keynest/pkg/unit"
)

// payload derives the bytes a command moves, replication taken out.
func (d *derivation) payload() {
	in, ok := d.total("total_net_input_bytes")
	out, ok2 := d.total("total_net_output_bytes")
	commands, ok3 := d.total("total_commands_processed")
	if !ok3 {
		commands, ok3 = d.result.Commands.All, d.stats
	}
	if !ok || !ok2 || !ok3 || commands == 0 {
		d.result.figure("payload_bytes", "", "needs total_net_input_bytes, total_net_output_bytes and counted commands")
		return
	}
	from := "(total_net_input_bytes + total_net_output_bytes"
	replIn, known := d.total("total_net_repl_input_bytes")
	replOut, known2 := d.total("total_net_repl_output_bytes")
	switch {
	case known && known2:
		from += " − total_net_repl_input_bytes − total_net_repl_output_bytes"
	case d.attached() > 0:
		replIn, replOut = 0, d.offsets()
		from += " − master_repl_offset × connected_slaves"
		d.result.note("this version does not count replication apart; %s of it was taken out by master_repl_offset × connected_slaves, full copies are still in payload_bytes", unit.FormatBytes(replOut))
	default:
		replIn, replOut = 0, 0
	}
	if replIn > in || replOut > out {
		d.result.figure("payload_bytes", "", "the replication counters are above the network counters")
		d.result.note("replication is above all traffic (total_net_repl_*): the bytes a command moves are not known")
		return
	}
	in, out = in-replIn, out-replOut
	if raw := replIn + replOut; raw > 0 && raw > (in+out)/10 {
		d.result.note("replication was %s of the traffic and is not in payload_bytes", percent(raw, in+out+raw))
	}
	bytes, err := unit.MulDiv(uint64(in)+uint64(out), 1, uint64(commands))
	if err != nil {
		d.result.figure("payload_bytes", "", "the network counters are too large")
		return
	}
	perIn, _ := unit.MulDiv(uint64(in), 1, uint64(commands))
	perOut, _ := unit.MulDiv(uint64(out), 1, uint64(commands))
	d.result.figure("payload_bytes", fmt.Sprint(bytes), fmt.Sprintf("%s) ÷ commands: %d B in, %d B out", from, perIn, perOut))
	if mix := d.result.Commands; mix.Admin > mix.All/10 {
		d.result.note("%s of the commands are administration, and their bytes are in payload_bytes: INFO has bytes only for all commands together", percent(mix.Admin, mix.All))
	}
}

// attached is the highest number of replicas of a primary.
func (d *derivation) attached() int64 {
	most := int64(0)
	for _, s := range d.primaries {
		if n, _ := s.last.count("connected_slaves"); n <= maxReplicas {
			most = max(most, n)
		}
	}
	return most
}

// offsets is what was sent to replicas by master_repl_offset, in bytes.
func (d *derivation) offsets() int64 {
	sum := int64(0)
	for _, s := range d.primaries {
		now, _ := s.last.count("master_repl_offset")
		before := int64(0)
		if len(s.node.Samples) == 2 {
			before, _ = s.node.Samples[0].count("master_repl_offset")
		}
		n, _ := s.last.count("connected_slaves")
		sent, err := unit.Mul(max(now-before, 0), n)
		if err == nil {
			sent, err = d.weigh(s, sent)
		}
		if err != nil {
			return math.MaxInt64
		}
		sum = saturate(sum, sent)
	}
	return sum
}
