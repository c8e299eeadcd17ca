package observe

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/keynest/keynest/pkg/commands"
	"github.com/keynest/keynest/pkg/unit"
)

// derive sums the primaries and works out the figures.
func derive(primaries, replicas []span) (*Result, error) {
	d := &derivation{primaries: primaries, replicas: replicas, classes: commands.NewClasses()}
	if err := d.sum(); err != nil {
		return nil, err
	}
	r := &d.result
	r.About = d.about()
	r.Seconds = unit.Rounded(d.micros, 1e6, 6)
	d.operations()
	d.size()
	d.payload()
	d.copies()
	d.remarks()
	return r, nil
}

type derivation struct {
	primaries, replicas []span
	classes             commands.Classes
	micros              int64 // the longest interval
	uneven              bool  // the intervals differ, so that counts are brought to the longest
	totals              map[string]int64
	stats               bool // every primary has commandstats
	result              Result
}

// sum adds up the primaries' counters. A counter that one of them lacks has no
// sum.
//
// Nodes that are looked at together answer at moments a little apart. Their
// counts are added as they are, and each node's rate is over its own interval.
// Only where one was counted for over a quarter longer than another, as averages
// since each node's start are, would it weigh that much more in the mix; the
// counts are then brought to the longest interval, and are no longer exact.
func (d *derivation) sum() error {
	shortest := int64(math.MaxInt64)
	for _, s := range d.primaries {
		d.micros, shortest = max(d.micros, s.micros), min(shortest, s.micros)
	}
	d.uneven = d.micros-shortest > shortest/4
	d.totals = map[string]int64{}
	for _, field := range counters {
		d.totals[field] = 0
	}
	d.result.Counts, d.result.Usec = map[string]int64{}, map[string]int64{}
	d.stats = true
	for _, s := range d.primaries {
		d.stats = d.stats && s.stats
		for _, field := range counters {
			if _, ok := s.totals[field]; !ok {
				delete(d.totals, field)
			}
		}
		for _, sum := range []struct {
			into, from map[string]int64
			most       int64
		}{
			{d.result.Counts, s.counts, maxCalls}, {d.result.Usec, s.usec, maxCalls}, {d.totals, s.totals, maxCounter},
		} {
			if err := d.add(s, sum.into, sum.from, sum.most); err != nil {
				return err
			}
		}
	}
	return nil
}

// add adds one node's counts.
func (d *derivation) add(s span, into, from map[string]int64, most int64) error {
	for k, v := range from {
		if _, ok := into[k]; !ok && most == maxCounter {
			continue
		}
		n, err := d.weigh(s, v)
		if err != nil || n > most || into[k] > most-n {
			return unfit("%s: %s counts more than a server can", printable(s.name), printable(k))
		}
		into[k] += n
	}
	return nil
}

// weigh is one node's count as it goes into the sums.
func (d *derivation) weigh(s span, count int64) (int64, error) {
	if !d.uneven {
		return count, nil
	}
	return unit.MulDiv(uint64(count), uint64(d.micros), uint64(s.micros))
}

// total is a sum over the primaries, or false where one of them does not say.
func (d *derivation) total(field string) (int64, bool) {
	v, ok := d.totals[field]
	return v, ok
}

func (r *Result) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

func (r *Result) figure(key, value, from string) {
	r.Figures = append(r.Figures, Figure{key, value, from})
}

func (d *derivation) about() []string {
	var lines []string
	for _, s := range slices.Concat(d.primaries, d.replicas) {
		role := "primary"
		if s.last.isReplica() {
			role = "replica, not added"
		} else if !s.last.has("role") {
			role = "no role given, taken for a primary"
		}
		over := "since its start"
		if len(s.node.Samples) == 2 {
			over = "between two samples"
		}
		lines = append(lines, fmt.Sprintf("%s: %s, %s; %s s %s", printable(s.name), s.last.Server(), role, unit.Rounded(s.micros, 1e6, 3), over))
	}
	return lines
}

// rate sums what each primary counted a second over its own interval, in
// millionths; false where that cannot be counted.
func (d *derivation) rate(count func(span) int64) (millionths int64, ok bool) {
	for _, s := range d.primaries {
		one, err := unit.MulDiv(uint64(count(s)), 1e12, uint64(s.micros))
		if err == nil {
			millionths, err = unit.Add(millionths, one)
		}
		if err != nil {
			return 0, false
		}
	}
	return millionths, true
}

// rateText prints a rate with three decimals; "" where it cannot be counted.
func rateText(millionths int64, ok bool) string {
	if !ok {
		return ""
	}
	return unit.Rounded(millionths, 1e6, 3)
}

// field reads one of a node's counters.
func field(name string) func(span) int64 {
	return func(s span) int64 { return s.totals[name] }
}

// operations derives the rates and the read share.
func (d *derivation) operations() {
	r := &d.result
	mix := &r.Commands
	mix.Add(d.classes, r.Counts)
	processed, known := d.total("total_commands_processed")
	served, from := d.served, "the sum of cmdstat_* without administration, ÷ the interval"
	switch {
	case d.stats:
		if known && mix.All < processed-processed/20 {
			d.result.note("commandstats count %d of the %d commands of total_commands_processed: the server hides some; the rate is of those it shows", mix.All, processed)
		} else if known && mix.All > processed+processed/20 {
			d.result.note("commandstats count %d commands, total_commands_processed %d: the two do not agree; the rate is by commandstats", mix.All, processed)
		}
	case known:
		served, from = field("total_commands_processed"), "total_commands_processed ÷ the interval, administration included"
		d.result.note("no commandstats: administration cannot be told apart, and the read share is not known; save INFO all, not INFO")
		*mix, r.Counts, r.Usec = commands.Mix{}, map[string]int64{}, map[string]int64{}
	default:
		d.result.figure("ops_per_sec", "", "there is neither cmdstat_* nor total_commands_processed")
		d.result.note("the server counts no commands, so there is no rate; add ops_per_sec by hand")
		return
	}
	mean, ok := d.rate(served)
	d.result.figure("ops_per_sec", rateText(mean, ok), from)
	if ok {
		d.peak(mean)
	}
	if rw := mix.Reads + mix.Writes; rw > 0 {
		share, _ := unit.MulDiv(uint64(mix.Reads), 1e6, uint64(rw))
		d.result.figure("read_share", unit.Rounded(share, 1e6, 4), "calls of cmdstat_* with the flag readonly ÷ those with readonly or write")
	} else if d.stats {
		d.result.figure("read_share", "", "no command that reads or writes was counted")
	}
	r.mixNotes(d.classes)
}

// served is how many of a node's commands are the workload's.
func (d *derivation) served(s span) int64 {
	var mix commands.Mix
	mix.Add(d.classes, s.counts)
	return mix.Workload()
}

// peak takes the momentary rate where it is above the mean, in millionths.
func (d *derivation) peak(mean int64) {
	most := int64(-1)
	for i := range d.primaries[0].node.Samples {
		sum := int64(0)
		for _, s := range d.primaries {
			now, ok := s.node.Samples[i].count("instantaneous_ops_per_sec")
			if !ok || now > 1e12 {
				return
			}
			sum += now
		}
		most = max(most, sum)
	}
	if whole, err := unit.MulDiv(uint64(mean), 1, 1e6); err != nil || most <= whole {
		return
	}
	d.result.figure("peak_ops_per_sec", fmt.Sprint(most),
		"instantaneous_ops_per_sec, the highest seen; administration included")
	d.result.note("the peak of %d commands/s is of a moment (the last 1.6 s before a sample), %s; the true peak may be higher", most, times(most, mean))
}

// times says how much the peak is above the mean, which is in millionths.
func times(peak, mean int64) string {
	if mean == 0 || peak > 1e12 {
		return "with no mean to compare"
	}
	factor, err := unit.MulDiv(uint64(peak), 1e9, uint64(mean))
	if err != nil {
		return "far above the mean"
	}
	return unit.Rounded(factor, 1e3, 1) + " × the mean"
}

// mixNotes says what was left out and what cannot be told apart.
func (r *Result) mixNotes(classes commands.Classes) {
	of := func(class commands.Class) map[string]int64 {
		some := map[string]int64{}
		for name, calls := range r.Counts {
			if calls > 0 && classes.Of(name) == class {
				some[name] = calls
			}
		}
		return some
	}
	if mix := r.Commands; mix.Admin > 0 {
		r.note("left out as administration: %s (%s of all commands); some vendors bill some of it", top(of(commands.Admin)), percent(mix.Admin, mix.All))
	}
	if r.Commands.Scripts > 0 {
		r.note("scripts: %s; the commands they ran are counted besides them, and cannot be told from a client's", top(of(commands.Script)))
	}
	if r.Commands.Unknown > 0 {
		r.note("not in the table of commands: %s; counted as operations, neither read nor write", top(of(commands.Unknown)))
	}
}

// size derives the stored bytes.
func (d *derivation) size() {
	var stored, used, limit, peak int64
	from, sound := "used_memory_dataset", true
	full := 0
	for _, s := range d.primaries {
		if field := s.last.onDisk(); field != "" {
			d.result.figure("stored_bytes", "", s.last.Server()+" keeps its data on disk, compressed")
			d.result.note("%s keeps its data on disk (%s %s bytes there); in memory it has another size: add stored_bytes, gib or gb by hand",
				s.last.Server(), field, orNone(s.last.text(field)))
			return
		}
		bytes, ok := dataset(s)
		if !ok {
			from = "used_memory, which includes the server's own; no used_memory_dataset"
			if bytes, ok = s.last.count("used_memory"); !ok {
				sound = false
			}
		}
		stored = saturate(stored, bytes)
		u, _ := s.last.count("used_memory")
		m, _ := s.last.count("maxmemory")
		p, _ := s.last.count("used_memory_peak")
		used, limit, peak = saturate(used, u), saturate(limit, m), saturate(peak, p)
		if m > 0 && u >= m-m/20 {
			full++
		}
	}
	if len(d.primaries) > 1 {
		from += ", summed over " + fmt.Sprint(len(d.primaries)) + " primaries"
	}
	if !sound {
		d.result.figure("stored_bytes", "", "there is neither used_memory_dataset nor used_memory")
		d.result.note("the server does not say how much it stores; add stored_bytes, gib or gb by hand")
		return
	}
	d.result.figure("stored_bytes", fmt.Sprint(stored), from)
	if full > 0 {
		policy := d.primaries[0].last.text("maxmemory_policy")
		evicted, _ := d.total("evicted_keys")
		d.result.note("at its ceiling: %d of %d primaries use 95 %% or more of maxmemory (%s of %s, policy %s, %d keys evicted in the interval); "+
			"what does not fit is not in these figures", full, len(d.primaries),
			unit.FormatBytes(used), unit.FormatBytes(limit), orNone(policy), evicted)
	} else if evicted, ok := d.total("evicted_keys"); ok && evicted > 0 {
		d.result.note("%d keys were evicted in the interval (evicted_keys): the data would be larger with more memory", evicted)
	}
	if used > 0 && peak-used > max(used/20, 16*unit.MiB) {
		d.result.note("memory has been higher: %s at its peak, %s now (used_memory_peak, used_memory); size for the peak", unit.FormatBytes(peak), unit.FormatBytes(used))
	}
}

// dataset is the larger used_memory_dataset of a node's samples. Near an empty
// server the field wraps below zero; it can never be above used_memory.
func dataset(s span) (int64, bool) {
	most, found := int64(0), false
	for _, in := range s.node.Samples {
		v, ok := in.count("used_memory_dataset")
		used, known := in.count("used_memory")
		if ok && (!known || v <= used) {
			most, found = max(most, v), true
		}
	}
	return most, found
}

// copies derives the replicas of a shard.
func (d *derivation) copies() {
	fewest, most := int64(math.MaxInt64), int64(-1)
	for _, s := range d.primaries {
		n, ok := s.last.count("connected_slaves")
		if !ok || n > maxReplicas {
			d.result.figure("replicas", "", "connected_slaves is not there")
			return
		}
		fewest, most = min(fewest, n), max(most, n)
	}
	d.result.figure("replicas", fmt.Sprint(most), "connected_slaves of each primary")
	if fewest != most {
		d.result.note("the primaries have from %d to %d replicas (connected_slaves); the most is taken", fewest, most)
	}
	if most == 0 && len(d.replicas) == 0 {
		d.result.note("no replica is attached (connected_slaves 0): per-command offers keep copies all the same")
	}
	d.replicaReads()
}

// replicaReads says so when replicas serve reads of their own.
func (d *derivation) replicaReads() {
	for _, s := range d.replicas {
		reads := int64(0)
		for name, calls := range s.counts {
			if d.classes.Of(name) == commands.Read {
				reads += calls
			}
		}
		rate, err := unit.MulDiv(uint64(reads), 1e9, uint64(s.micros))
		if err != nil || rate < 1000 {
			continue
		}
		d.result.note("the replica %s served %s reads/s; they are not in these figures, and a per-command offer would bill them",
			printable(s.name), unit.Rounded(rate, 1000, 1))
	}
}

// remarks are the figures that a workload has no key for.
func (d *derivation) remarks() {
	hits, ok := d.total("keyspace_hits")
	misses, ok2 := d.total("keyspace_misses")
	if ok && ok2 && hits+misses > 0 {
		d.result.note("hit rate %s (keyspace_hits, keyspace_misses)", percent(hits, hits+misses))
	}
	clients, known := int64(0), true
	keys, keyed := int64(0), true
	for _, s := range d.primaries {
		n, ok := s.last.count("connected_clients")
		clients, known = saturate(clients, n), known && ok
		keys, keyed = saturate(keys, s.last.Keys), keyed && s.last.HasKeys
	}
	if _, ok := d.total("total_connections_received"); ok && known {
		opened := rateText(d.rate(field("total_connections_received")))
		d.result.note("connections: %d now, %s opened a second (connected_clients, total_connections_received)", clients, orNone(opened))
	}
	stored, _ := unit.Scaled(d.value("stored_bytes"), 1)
	if keyed && keys > 0 && stored > 0 {
		d.result.note("keys: %d, of %d B each (keyspace, stored_bytes)", keys, stored/keys)
	}
	if d.uneven {
		d.result.note("the nodes were counted for different times; each rate is over its own, the counts by command are brought to %s s", d.result.Seconds)
	}
	if len(d.primaries[0].node.Samples) == 1 {
		d.result.note("one sample: averages since the server started, which hide every peak; a second sample gives rates")
	}
	for _, s := range d.primaries {
		if s.last.text("loading") == "1" {
			d.result.note("%s was still loading its data", printable(s.name))
		}
		if strings.Contains(s.last.text("redis_mode", "server_mode"), "cluster") && len(d.primaries) == 1 {
			d.result.note("%s is one node of a cluster; give the other primaries with --node, or use keynest observe live", printable(s.name))
		}
	}
}

// value is a figure derived before.
func (d *derivation) value(key string) string {
	for _, f := range d.result.Figures {
		if f.Key == key {
			return f.Value
		}
	}
	return ""
}

// top lists the six largest of some counts.
func top(counts map[string]int64) string {
	names := slices.Sorted(maps.Keys(counts))
	sort.SliceStable(names, func(i, j int) bool { return counts[names[i]] > counts[names[j]] })
	var parts []string
	for i, n := range names {
		if i == 6 {
			parts = append(parts, fmt.Sprintf("%d more", len(names)-6))
			break
		}
		parts = append(parts, fmt.Sprintf("%s %d", printable(n), counts[n]))
	}
	return strings.Join(parts, ", ")
}

func percent(part, all int64) string {
	p, err := unit.MulDiv(uint64(part), 1e5, uint64(all))
	if err != nil {
		return "an unknown share"
	}
	if p < 50 && part > 0 {
		return "under 0.1 %"
	}
	return unit.Rounded(p, 1e3, 1) + " %"
}

func names(spans []span) string {
	var list []string
	for _, s := range spans {
		list = append(list, printable(s.name))
	}
	return strings.Join(list, ", ")
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return printable(s)
}

// saturate adds without wrapping.
func saturate(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
