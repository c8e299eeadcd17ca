package observe

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/keynest/keynest/pkg/commands"
	"github.com/keynest/keynest/pkg/unit"
)

// derive sums the primaries and what the replicas served, and works out the figures.
func derive(primaries, replicas []span, seen *moments) (*Result, error) {
	d := &derivation{primaries: primaries, replicas: replicas, seen: seen, classes: commands.NewClasses()}
	if err := d.sum(); err != nil {
		return nil, err
	}
	r := &d.result
	r.About = d.about()
	r.Seconds = unit.Rounded(d.micros, 1e6, 6)
	d.operations()
	d.size()
	d.payload()
	d.fanOut()
	d.copies()
	d.version()
	d.remarks()
	if sizes := d.keysizes(); sizes != nil {
		r.Measured(sizes)
	}
	return r, nil
}

type derivation struct {
	primaries, replicas []span
	seen                *moments // rates within the interval; nil where there are none
	classes             commands.Classes
	contradiction       string // why the counted commands cannot be trusted, or ""
	micros              int64  // the longest interval
	uneven              bool   // the intervals differ, so that counts are brought to the longest
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
		d.contradict(s)
	}
	for _, s := range d.replicas {
		d.contradict(s)
		served := d.servedCounts(s)
		usec := map[string]int64{}
		for name := range served {
			usec[name] = s.usec[name]
		}
		if err := errors.Join(d.add(s, d.result.Counts, served, maxCalls), d.add(s, d.result.Usec, usec, maxCalls)); err != nil {
			return err
		}
	}
	return nil
}

// contradict compares a node's two counts of its commands. They should be equal,
// but for commands that run while the reply is written.
func (d *derivation) contradict(s span) {
	processed, ok := s.totals["total_commands_processed"]
	if !ok || !s.stats || d.contradiction != "" {
		return
	}
	all := int64(0)
	for _, calls := range s.counts {
		all = saturate(all, calls)
	}
	if off := max(all-processed, processed-all); off > processed/20 && off > 20 {
		d.contradiction = fmt.Sprintf("commandstats of %s count %d commands and total_commands_processed %d", printable(s.name), all, processed)
	}
}

// servedCounts are the commands of a node that its clients sent. On a replica
// these are the ones that only read: the writes are its primary's.
func (d *derivation) servedCounts(s span) map[string]int64 {
	if !s.last.isReplica() {
		return s.counts
	}
	return d.classes.OnReplica(s.counts, s.last.replicatesEffects())
}

// add adds one node's counts.
func (d *derivation) add(s span, into, from map[string]int64, most int64) error {
	for k, v := range from {
		if _, ok := into[k]; !ok && most == maxCounter {
			continue
		}
		n, err := d.weigh(s, v)
		if err != nil || n > most || into[k] > most-n {
			return unfit("%s: the count of %s is impossibly large", printable(s.name), printable(k))
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
			role = "replica, its reads added"
			if !s.stats {
				role = "replica, not added: no commandstats"
			}
		} else if !s.last.has("role") {
			role = "role unknown, assumed to be a primary"
		}
		over := "since its start"
		if len(s.node.Samples) == 2 {
			over = "between two samples"
		}
		lines = append(lines, fmt.Sprintf("%s: %s, %s; %s s %s", printable(s.name), s.last.Server(), role, unit.Rounded(s.micros, 1e6, 3), over))
	}
	return lines
}

// size derives the stored bytes.
func (d *derivation) size() {
	var stored, used, limit, peak int64
	from, sound := "used_memory_dataset", true
	full := 0
	for _, s := range d.primaries {
		if field := s.last.onDisk(); field != "" {
			d.result.figure("stored_bytes", "", s.last.Server()+" keeps its data on disk, compressed")
			d.result.note("%s keeps its data on disk (%s %s bytes), and its size in memory differs; add stored_bytes, gib or gb by hand",
				s.last.Server(), field, orNone(s.last.text(field)))
			return
		}
		bytes, ok := dataset(s)
		if !ok {
			from = "used_memory, which includes the server's overhead; no used_memory_dataset"
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
		d.result.figure("stored_bytes", "", "no used_memory_dataset and no used_memory")
		d.result.note("the server does not report how much it stores; add stored_bytes, gib or gb by hand")
		return
	}
	d.result.figure("stored_bytes", fmt.Sprint(stored), from)
	if full > 0 {
		policy := d.primaries[0].last.text("maxmemory_policy")
		evicted, _ := d.total("evicted_keys")
		d.result.note("memory is full: %d of %d primaries use 95 %% or more of maxmemory (%s of %s, policy %s, %d keys evicted in the interval); "+
			"data that did not fit is not in these figures", full, len(d.primaries),
			unit.FormatBytes(used), unit.FormatBytes(limit), orNone(policy), evicted)
	} else if evicted, ok := d.total("evicted_keys"); ok && evicted > 0 {
		d.result.note("%d keys were evicted in the interval (evicted_keys); with more memory there would be more data", evicted)
	}
	if used > 0 && peak-used > max(used/20, 16*unit.MiB) {
		d.result.note("memory was higher before: %s at the peak, %s now (used_memory_peak, used_memory); size for the peak", unit.FormatBytes(peak), unit.FormatBytes(used))
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
			d.result.figure("replicas", "", "no connected_slaves")
			return
		}
		fewest, most = min(fewest, n), max(most, n)
	}
	d.result.figure("replicas", fmt.Sprint(most), "connected_slaves of each primary")
	if fewest != most {
		d.result.note("the primaries have %d to %d replicas (connected_slaves); the highest number is used", fewest, most)
	}
	if most == 0 && len(d.replicas) == 0 {
		d.result.note("no replica is attached (connected_slaves 0); per-command offers keep copies anyway")
	}
	d.unseen(most)
}

// unseen says which replicas were not looked at: what they serve is missing.
func (d *derivation) unseen(most int64) {
	if most == 0 {
		return
	}
	attached, listed := int64(0), []string{}
	for _, s := range d.primaries {
		n, _ := s.last.count("connected_slaves")
		attached += n
		listed = append(listed, s.last.attachedReplicas()...)
	}
	missing := attached - int64(len(d.replicas))
	if missing <= 0 {
		return
	}
	which := ""
	if len(d.replicas) == 0 && len(listed) > 0 {
		which = ": " + printable(strings.Join(listed[:min(len(listed), 3)], ", "))
	}
	d.result.note("%d of %d replicas were not observed%s; reads that they serve are not in these figures", missing, attached, which)
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
		d.result.note("the nodes have intervals of different lengths; each rate is over its own interval, and counts by command are scaled to %s s", d.result.Seconds)
	}
	if len(d.primaries[0].node.Samples) == 1 {
		d.result.note("one sample gives averages since the server started, without any peak; take a second sample for rates")
	}
	for _, s := range d.primaries {
		if s.last.text("loading") == "1" {
			d.result.note("%s was still loading its data, so the data size is too low", printable(s.name))
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
