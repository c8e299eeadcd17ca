package observe

import (
	"fmt"

	"github.com/keynest/keynest/pkg/unit"
)

// traffic is what clients moved through one node, in bytes.
type traffic struct {
	in, out int64
	repl    int64  // taken out: replication
	others  others // to be taken out: what is not the workload's
	atMost  string // why the bytes may be too many, or ""
}

// payload derives the bytes that a command of the workload moves: replication and
// what administration moved are taken out.
func (d *derivation) payload() {
	sum, why := d.traffic()
	if why != "" {
		d.result.figure("payload_bytes", "", why)
		if d.contradiction != "" {
			return // said already
		}
		d.result.note("the bytes per command are unknown: %s; add payload_bytes by hand", why)
		return
	}
	commands, administration := d.result.Commands.Workload(), "administration"
	if !d.stats {
		commands, _ = d.total("total_commands_processed")
	}
	if commands == 0 {
		d.result.figure("payload_bytes", "", "no command of the workload was counted")
		return
	}
	r := &d.result
	each := func(bytes int64) string {
		v, err := unit.MulDiv(uint64(max(bytes, 0)), 10, uint64(commands))
		if err != nil {
			return "too many"
		}
		return unit.Rounded(v, 10, 1)
	}
	in, out := sum.in-sum.others.in, sum.out-sum.others.out
	if all := saturate(sum.in, sum.out); sum.repl > 0 && sum.repl > all/10 {
		r.note("replication was %s of the traffic and is not in payload_bytes", percent(sum.repl, saturate(all, sum.repl)))
	}
	from := "(total_net_input_bytes + total_net_output_bytes"
	if sum.repl > 0 {
		from += " − replication"
	}
	if sum.others.in+sum.others.out > 0 {
		from += " − " + administration
	}
	from += fmt.Sprintf(") ÷ commands: %s B in, %s B out", each(in), each(out))
	all := sum.in + sum.out
	rest := in + out
	// What is left of a difference of two large figures is known only as well as
	// what was taken off: a guess of a quarter, and an INFO of a hundredth.
	doubt := sum.others.guess/4 + (sum.others.in+sum.others.out-sum.others.guess)/100
	if in < 0 || out < 0 || doubt > rest/2 {
		r.figure("payload_bytes", "", fmt.Sprintf("administration moved nearly all bytes: %s", sum.others.names()))
		r.note("the bytes per command are unknown, at most %s: administration (%s) moved nearly all of the %s",
			each(all-sum.others.least), sum.others.names(), unit.FormatBytes(all))
		return
	}
	r.figure("payload_bytes", each(rest), from)
	r.payloadNotes(&sum, rest, each)
}

// payloadNotes say how sure the bytes of a command are; rest is what is left of
// all bytes, and each divides by the commands.
func (r *Result) payloadNotes(sum *traffic, rest int64, each func(int64) string) {
	all := sum.in + sum.out
	if sum.atMost != "" {
		r.note("payload_bytes is an upper bound: %s", sum.atMost)
	}
	if moved := sum.others.in + sum.others.out; moved > all/10 {
		r.note("administration moved an estimated %s of the bytes (%s), which payload_bytes leaves out; with the lowest estimate it is %s, with the highest %s",
			percent(moved, all), sum.others.names(), each(all-sum.others.least), each(max(all-sum.others.most, 0)))
	}
	if sum.others.monitor > 0 {
		r.note("MONITOR was started; while it runs, the server sends each command to it as well. payload_bytes is %s with that and %s without",
			each(rest+sum.others.monitorTaken), each(max(rest+sum.others.monitorTaken-sum.others.monitor, 0)))
	}
}

// traffic sums the bytes of all nodes, each node's weighed as its counts are. It
// says why they are not known where they are not.
func (d *derivation) traffic() (sum traffic, why string) {
	if d.contradiction != "" {
		return sum, d.contradiction
	}
	for _, s := range d.primaries {
		t, why := d.primaryTraffic(s)
		if why == "" {
			t.others = d.others(s, t)
			sum, why = d.join(sum, t, s)
		}
		if why != "" {
			return sum, why
		}
	}
	for _, s := range d.replicas {
		if !s.stats {
			continue
		}
		t, why := d.replicaTraffic(s)
		if why == "" {
			t.others = d.others(s, t)
			sum, why = d.join(sum, t, s)
		}
		if why != "" {
			return sum, why
		}
	}
	return sum, ""
}

// join adds one node's traffic.
func (d *derivation) join(sum, t traffic, s span) (traffic, string) {
	var failed error
	add := func(into *int64, v int64) {
		n, err := d.weigh(s, max(v, 0))
		if err == nil {
			n, err = unit.Add(*into, n)
		}
		if err != nil {
			failed = err
			return
		}
		*into = n
	}
	add(&sum.in, t.in)
	add(&sum.out, t.out)
	add(&sum.repl, t.repl)
	o, p := &sum.others, &t.others
	for _, f := range []struct{ into, from *int64 }{
		{&o.in, &p.in}, {&o.out, &p.out}, {&o.least, &p.least}, {&o.most, &p.most}, {&o.guess, &p.guess},
		{&o.monitor, &p.monitor}, {&o.monitorTaken, &p.monitorTaken},
	} {
		add(f.into, *f.from)
	}
	o.add(p.by)
	if sum.atMost == "" {
		sum.atMost = t.atMost
	}
	if failed != nil {
		return sum, "the network counters are too large"
	}
	return sum, ""
}

const noBytes = "no total_net_input_bytes and total_net_output_bytes"

// primaryTraffic takes replication out of a primary's bytes.
func (d *derivation) primaryTraffic(s span) (t traffic, why string) {
	in, ok := s.totals["total_net_input_bytes"]
	out, ok2 := s.totals["total_net_output_bytes"]
	if !ok || !ok2 {
		return t, noBytes
	}
	t.in, t.out = in, out
	replIn, known := s.totals["total_net_repl_input_bytes"]
	replOut, known2 := s.totals["total_net_repl_output_bytes"]
	if !known || !known2 { // before Redis 7 replication is not counted apart
		n, _ := s.last.count("connected_slaves")
		if n == 0 || n > maxReplicas {
			return t, ""
		}
		if s.totals["sync_full"] > 0 {
			return t, "this version does not count replication separately, and full copies of unknown size went to replicas (sync_full)"
		}
		replIn, replOut = 0, s.offset(n)
		t.atMost = "this version does not count replication separately; " + unit.FormatBytes(replOut) + " were left out as replication, by master_repl_offset × connected_slaves"
		if before, promoted := s.last.count("second_repl_offset"); promoted && len(s.node.Samples) == 1 {
			t.atMost += fmt.Sprintf(" since this server became a primary (second_repl_offset %d)", before)
		}
	}
	if replIn > in || replOut > out {
		return t, "the replication counters are above the network counters (total_net_repl_*, master_repl_offset)"
	}
	t.in, t.out, t.repl = in-replIn, out-replOut, replIn+replOut
	// A replica acknowledges once a second: REPLCONF ACK and the offset.
	offset, _ := s.last.count("master_repl_offset")
	t.in = max(t.in-s.counts["replconf"]*ackBytes(offset), 0)
	return t, ""
}

// replicaTraffic takes out of a replica's bytes what its primary sent, and its own
// acknowledgements.
func (d *derivation) replicaTraffic(s span) (t traffic, why string) {
	in, ok := s.totals["total_net_input_bytes"]
	out, ok2 := s.totals["total_net_output_bytes"]
	if !ok || !ok2 {
		return t, "a replica served reads, and " + noBytes
	}
	replIn, known := s.totals["total_net_repl_input_bytes"]
	replOut, known2 := s.totals["total_net_repl_output_bytes"]
	offset, _ := s.last.count("slave_repl_offset")
	if !known || !known2 {
		if len(s.node.Samples) == 1 {
			return t, "a replica served reads, and this version does not count replication separately; take two samples"
		}
		before, _ := s.node.Samples[0].count("slave_repl_offset")
		replIn, replOut = max(offset-before, 0), 0
	}
	if replIn > in || replOut > out {
		return t, "the replication counters of a replica are above its network counters (total_net_repl_*, slave_repl_offset)"
	}
	t.in, t.out, t.repl = in-replIn, out-replOut, replIn+replOut
	t.out = max(t.out-s.micros/1e6*ackBytes(offset), 0)
	return t, ""
}

// ackBytes is the length of REPLCONF ACK OFFSET on the wire.
func ackBytes(offset int64) int64 {
	digits := len(fmt.Sprint(offset))
	return int64(len("*3\r\n$8\r\nREPLCONF\r\n$3\r\nACK\r\n$\r\n\r\n") + len(fmt.Sprint(digits)) + digits)
}

// offset is what a primary sent to n replicas by master_repl_offset, in bytes. In
// one sample, what it counted as a replica before a failover was sent by another.
func (s span) offset(n int64) int64 {
	now, _ := s.last.count("master_repl_offset")
	before := int64(0)
	if len(s.node.Samples) == 2 {
		before, _ = s.node.Samples[0].count("master_repl_offset")
	} else if second, ok := s.last.count("second_repl_offset"); ok { // -1 where there is none
		before = second
	}
	sent, err := unit.Mul(max(now-before, 0), n)
	if err != nil {
		return maxCounter
	}
	return sent
}

// fanOut estimates the bytes that went to subscribers: what went out beyond the
// values that were found, at the mean size of a key, and a short reply a command.
func (d *derivation) fanOut() {
	published := d.result.Counts["publish"] + d.result.Counts["spublish"]
	sum, why := d.traffic()
	if published == 0 || why != "" {
		return
	}
	hits, ok := int64(0), true
	keys, stored := int64(0), int64(0)
	for _, s := range append(d.primaries[:len(d.primaries):len(d.primaries)], d.replicas...) {
		n, known := s.totals["keyspace_hits"]
		weighed, err := d.weigh(s, n)
		hits, ok = saturate(hits, weighed), ok && known && err == nil
		if bytes, known := dataset(s); known && s.last.HasKeys {
			// An empty server has up to a megabyte of it as well.
			keys, stored = saturate(keys, s.last.Keys), saturate(stored, max(bytes-unit.MiB, 0))
		}
	}
	if !ok {
		return
	}
	values, err := int64(0), error(nil)
	if keys > 0 {
		values, err = unit.MulDiv(uint64(hits), uint64(stored), uint64(keys))
	}
	const reply = 7 // +OK, or a short number
	short, err2 := unit.Mul(d.result.Commands.Workload(), reply)
	out := sum.out - sum.others.out
	if more := out - saturate(values, short); err == nil && err2 == nil && more > out/10 {
		d.result.FanOut = more
		d.result.note("an estimated %s of the bytes went to subscribers (PUBLISH); payload_bytes includes them, the kB of single commands do not", percent(more, sum.in+sum.out))
	}
}
