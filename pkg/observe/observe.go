package observe

import (
	"maps"
	"slices"
	"time"

	"github.com/keynest/keynest/pkg/commands"
)

// shortest is the shortest interval taken from clocks of whole seconds: two of
// them are up to a second wrong together, which is 1 % of it.
const shortest = 100 * time.Second

// Node is one server: one sample gives averages since its start, two give the
// rates between them.
type Node struct {
	Samples []*Info
	Elapsed time.Duration // between the samples by the caller's clock; 0 takes the server's
	Own     Own
}

// Own is what looking at the server did to its counters between the samples.
type Own struct {
	Commands map[string]int64
	BytesIn  int64
	BytesOut int64
}

// Figure is one input of a workload and where it comes from.
type Figure struct {
	Key   string // of the workload file: ops_per_sec
	Value string // decimal, or "" where it is not known
	From  string // the fields, in words
}

// Result is what was seen.
type Result struct {
	About    []string // what it was seen on
	Figures  []Figure
	Notes    []string // what the reader must know to trust the figures
	Seconds  string   // decimal; what Counts were counted in
	Counts   map[string]int64
	Usec     map[string]int64
	FanOut   int64  // bytes that went to subscribers, of those in payload_bytes
	Sizes    *Sizes // of keys and values; nil where they were not measured
	Commands commands.Mix
	Step     int64  // seconds between two points of a series; 0 for samples
	Hours    []Hour // the series by the hour, see WriteSeries
}

// span is one node's counters over its interval.
type span struct {
	node   Node
	last   *Info
	name   string
	micros int64 // the interval
	counts map[string]int64
	usec   map[string]int64
	totals map[string]int64 // counters by field
	stats  bool             // every sample has commandstats
}

// counters are the fields that only rise while a server runs.
var counters = [...]string{
	"total_commands_processed", "total_connections_received", "total_net_input_bytes", "total_net_output_bytes",
	"total_net_repl_input_bytes", "total_net_repl_output_bytes", "keyspace_hits", "keyspace_misses",
	"evicted_keys", "expired_keys", "rejected_connections", "sync_full",
}

// Observe derives a workload from one or more nodes of one database.
func Observe(nodes []Node) (*Result, error) { return observed(nodes, nil) }

// observed is Observe with the rates that were read within the interval.
func observed(nodes []Node, rates *moments) (*Result, error) {
	if len(nodes) == 0 {
		return nil, badInput("no sample given")
	}
	var primaries, replicas []span
	seen := map[string]string{}
	for _, n := range nodes {
		s, err := measure(n)
		if err != nil {
			return nil, err
		}
		if len(n.Samples) != len(nodes[0].Samples) {
			return nil, badInput("some nodes have one sample and some two; give the same number for each")
		}
		if id := s.last.runID(); id != "" {
			if other := seen[id]; other != "" {
				return nil, badInput("%s and %s are of the same server (run_id %s); "+
					"two samples of one node go together: --node FIRST,SECOND", other, s.name, printable(id))
			}
			seen[id] = s.name
		}
		if s.last.isReplica() {
			replicas = append(replicas, s)
		} else {
			primaries = append(primaries, s)
		}
	}
	if len(primaries) == 0 {
		return nil, badInput("%s is a replica (role), which repeats the writes of its primary; add the primary's samples", names(replicas))
	}
	return derive(primaries, replicas, rates)
}

// measure checks one node's samples and takes their difference.
func measure(n Node) (span, error) {
	first, last := n.Samples[0], n.Samples[len(n.Samples)-1]
	s := span{node: n, last: last, name: last.Name, counts: map[string]int64{}, usec: map[string]int64{}, totals: map[string]int64{}}
	var err error
	if len(n.Samples) == 1 {
		s.micros, err = sinceStart(n)
	} else {
		if err = sameRun(first, last); err == nil {
			s.micros, err = between(n)
		}
	}
	if err != nil {
		return span{}, err
	}
	base := &Info{}
	if len(n.Samples) == 2 {
		base = first
	}
	s.stats = len(first.Commands) > 0 && len(last.Commands) > 0
	for name, stat := range last.Commands {
		if !s.stats {
			break
		}
		calls := stat.Calls - base.Commands[name].Calls - n.Own.Commands[name]
		s.counts[name] = max(calls, 0)
		s.usec[name] = max(stat.Usec-base.Commands[name].Usec, 0)
	}
	for _, field := range counters {
		now, ok := last.count(field)
		before, known := base.count(field)
		if ok && (known || base.fields == nil) {
			s.totals[field] = now - before
		}
	}
	for _, own := range n.Own.Commands {
		s.take("total_commands_processed", own)
	}
	s.take("total_net_input_bytes", n.Own.BytesIn)
	s.take("total_net_output_bytes", n.Own.BytesOut)
	return s, nil
}

// take removes the tool's own part from a counter.
func (s *span) take(field string, own int64) {
	if v, ok := s.totals[field]; ok {
		s.totals[field] = max(v-own, 0)
	}
}

// sinceStart is the interval of a single sample.
func sinceStart(n Node) (int64, error) {
	in := n.Samples[0]
	if in.Commands["config|resetstat"].Calls > 0 {
		return 0, unfit("%s: the statistics were reset after the server started (cmdstat_config|resetstat), "+
			"so the time that they cover is unknown; take a second sample", in.Name)
	}
	if n.Elapsed > 0 {
		return 0, badInput("--interval needs two samples of a node; %s is the only one", in.Name)
	}
	up, ok := in.count("uptime_in_seconds")
	if !ok || up > maxSeconds {
		return 0, unfit("%s lacks the server's uptime (uptime_in_seconds); give two samples and --interval", in.Name)
	}
	if d := time.Duration(up) * time.Second; d < shortest {
		return 0, unfit("%s: the server has only run for %v, too short for an average; give two samples, at least %v apart",
			in.Name, d, shortest)
	}
	return up * 1e6, nil
}

// maxReplicas is far above what any server feeds.
const maxReplicas = 1000

// maxSeconds is 300 years: beyond it a duration overflows.
const maxSeconds = 300 * 366 * 24 * 3600

// sameRun refuses two samples between which the counters began anew.
func sameRun(first, last *Info) error {
	a, b := first.runID(), last.runID()
	if a != b {
		return unfit("%s and %s are of different servers, or the server restarted in between (run_id %s and %s)",
			first.Name, last.Name, orNone(a), orNone(b))
	}
	if x, y := first.Server(), last.Server(); x != y {
		return unfit("%s and %s are of different servers: %s and %s", first.Name, last.Name, x, y)
	}
	if x, y := first.text("tcp_port"), last.text("tcp_port"); x != y {
		return unfit("%s and %s are of different servers (tcp_port %s and %s)", first.Name, last.Name, orNone(x), orNone(y))
	}
	if x, y := first.isReplica(), last.isReplica(); x != y {
		return unfit("the server changed its role between %s and %s (a failover); take new samples", first.Name, last.Name)
	}
	up0, ok0 := first.count("uptime_in_seconds")
	up1, ok1 := last.count("uptime_in_seconds")
	if ok0 && ok1 && up1 < up0 {
		if a != "" {
			return badInput("%s is older than %s (uptime_in_seconds); give the earlier sample first", last.Name, first.Name)
		}
		return unfit("the server restarted between %s and %s, or the samples are in the wrong order (uptime_in_seconds %d, then %d)",
			first.Name, last.Name, up0, up1)
	}
	fell := func(what string) error {
		return unfit("%s fell between %s and %s: the statistics were reset (CONFIG RESETSTAT) or the server restarted; take new samples",
			what, first.Name, last.Name)
	}
	for _, field := range counters {
		x, ok0 := first.count(field)
		y, ok1 := last.count(field)
		if ok0 && ok1 && y < x {
			return fell(field)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(first.Commands)) {
		if last.Commands[name].Calls < first.Commands[name].Calls && len(last.Commands) > 0 {
			return fell("cmdstat_" + printable(name))
		}
	}
	if last.Commands["config|resetstat"].Calls > first.Commands["config|resetstat"].Calls {
		return fell("the server's statistics (cmdstat_config|resetstat)")
	}
	return nil
}

// between is the time from the first sample to the second, in microseconds:
// the caller's, else the server's clock of microseconds, else its uptime.
func between(n Node) (int64, error) {
	first, last := n.Samples[0], n.Samples[1]
	up0, ok0 := first.count("uptime_in_seconds")
	up1, ok1 := last.count("uptime_in_seconds")
	up := time.Duration(-1)
	if ok0 && ok1 && up1-up0 <= maxSeconds {
		up = time.Duration(up1-up0) * time.Second
	}
	// Two truncated clocks differ from the truth by less than a second; a second
	// more is for a reply that was long on its way.
	agrees := func(d time.Duration) bool { return up < 0 || d > up-2*time.Second && d < up+2*time.Second }
	if n.Elapsed > 0 {
		if !agrees(n.Elapsed) {
			return 0, unfit("--interval is %v, but by uptime_in_seconds %s and %s are %v apart", n.Elapsed, first.Name, last.Name, up)
		}
		return n.Elapsed.Microseconds(), nil
	}
	t0, ok0 := first.count("server_time_usec")
	t1, ok1 := last.count("server_time_usec")
	if ok0 && ok1 && t1 > t0 && t1-t0 <= maxSeconds*1e6 && agrees(time.Duration(t1-t0)*time.Microsecond) {
		if d := time.Duration(t1-t0) * time.Microsecond; d < time.Second {
			return 0, unfit("%s and %s are %v apart; a rate needs at least a second", first.Name, last.Name, d)
		}
		return t1 - t0, nil
	}
	switch {
	case up < 0:
		return 0, unfit("%s and %s lack the time at which they were taken (uptime_in_seconds, server_time_usec); give --interval", first.Name, last.Name)
	case up < shortest:
		return 0, unfit("%s and %s are %v apart by a clock of whole seconds; take them at least %v apart, or give --interval",
			first.Name, last.Name, up, shortest)
	}
	return up.Microseconds(), nil
}
