package observe

import (
	"maps"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/commands"
)

// serverSeries is what the series of one server say, or of several whose series
// were summed before: rates a second and sizes in bytes, in millionths.
type serverSeries struct {
	name                          string
	replica                       bool
	byCommand                     map[string]timeline // commands/s
	usec                          map[string]timeline // processor time by command, microseconds/s
	commands                      timeline            // commands/s, all of them
	reads                         timeline            // commands/s
	writes                        timeline
	others                        timeline // commands/s that neither read nor write
	in, out                       timeline // bytes/s, with replication
	replicationIn, replicationOut timeline
	dataset                       timeline // bytes of the data
	used                          timeline // bytes, with the server's own
	replicas                      timeline
	ecpu                          timeline // ElastiCache processing units/s
}

func newServerSeries(name string, replica bool) *serverSeries {
	return &serverSeries{
		name: name, replica: replica, byCommand: map[string]timeline{}, usec: map[string]timeline{},
		commands: timeline{}, reads: timeline{}, writes: timeline{}, others: timeline{}, in: timeline{}, out: timeline{},
		replicationIn: timeline{}, replicationOut: timeline{}, dataset: timeline{}, used: timeline{}, replicas: timeline{}, ecpu: timeline{},
	}
}

// at is the timeline of a quantity, to be written to; nil for one that is no
// timeline.
func (s *serverSeries) at(is, cmd string) timeline {
	switch is {
	case "by_command":
		return entry(s.byCommand, cmd)
	case "seconds_by_command", "usec_by_command":
		return entry(s.usec, cmd)
	case "commands":
		return s.commands
	case "reads":
		return s.reads
	case "writes":
		return s.writes
	case "others":
		return s.others
	case "bytes_in":
		return s.in
	case "bytes_out":
		return s.out
	case "replication_in":
		return s.replicationIn
	case "replication_out":
		return s.replicationOut
	case "dataset":
		return s.dataset
	case "used":
		return s.used
	case "replicas":
		return s.replicas
	case "ecpu":
		return s.ecpu
	}
	return nil
}

func entry(m map[string]timeline, key string) timeline {
	if m[key] == nil {
		m[key] = timeline{}
	}
	return m[key]
}

// rates are the timelines that say how many commands there were.
func (s *serverSeries) rates() []timeline {
	list := []timeline{s.commands, s.reads, s.writes, s.others}
	for _, name := range slices.Sorted(maps.Keys(s.byCommand)) {
		list = append(list, s.byCommand[name])
	}
	return list
}

// points are the times for which the server says how many commands there were.
func (s *serverSeries) points() map[int64]bool {
	points := map[int64]bool{}
	for _, t := range s.rates() {
		for at := range t {
			points[at] = true
		}
	}
	return points
}

// keep drops the points of a server that are not in the set.
func (s *serverSeries) keep(points map[int64]bool) {
	list := append(s.rates(), s.in, s.out, s.replicationIn, s.replicationOut, s.ecpu)
	for _, t := range s.usec {
		list = append(list, t)
	}
	for _, t := range list {
		maps.DeleteFunc(t, func(at, _ int64) bool { return !points[at] })
	}
}

// merge makes one history of the servers: primaries are summed, and of replicas
// the commands with the flag readonly are added, with the bytes that are not
// replication. A point that one server does not have is left out of all: a sum
// without it would be too low.
func (h *history) merge(servers []*serverSeries) {
	slices.SortStableFunc(servers, func(a, b *serverSeries) int {
		switch {
		case a.replica == b.replica:
			return strings.Compare(a.name, b.name)
		case a.replica:
			return 1 // after the primaries
		}
		return -1
	})
	servers = slices.DeleteFunc(servers, func(s *serverSeries) bool { return s.replica && len(s.points()) == 0 })
	h.align(servers)
	classes := commands.NewClasses()
	for _, s := range servers {
		in, out := s.in, s.out
		if s.replica {
			s.asReader(classes)
			h.replicaReads = h.replicaReads || len(s.reads)+len(s.byCommand) > 0
			if len(s.in) > 0 && len(s.replicationIn) == 0 && !h.wholeNetwork {
				h.note("%s: replication is not counted separately, so the requests to it are not in payload_bytes", printable(orNone(s.name)))
				in = timeline{}
			}
		}
		for name, t := range s.byCommand {
			entry(h.byCommand, name).add(t)
		}
		for name, t := range s.usec {
			entry(h.usec, name).add(t)
		}
		if !s.replica || len(h.commands) > 0 { // else no primary has the sum of all commands
			h.commands.add(s.commands)
		}
		h.reads.add(s.reads)
		h.writes.add(s.writes)
		h.others.add(s.others)
		h.in.add(less(in, s.replicationIn))
		h.out.add(less(out, s.replicationOut))
		h.ecpu.add(s.ecpu)
		if s.replica {
			continue
		}
		if len(s.dataset) > 0 {
			h.stored.add(s.dataset)
		} else if len(s.used) > 0 {
			h.stored.add(s.used)
			h.from["stored"] = h.from["used"]
		}
		for at, v := range s.replicas {
			h.replicas[at] = max(h.replicas[at], v)
		}
	}
}

// align leaves the points that every server has.
func (h *history) align(servers []*serverSeries) {
	count := map[int64]int{}
	var counted []*serverSeries // the others say nothing of commands
	var fewest *serverSeries
	least := 0
	for _, s := range servers {
		points := s.points()
		if len(points) == 0 {
			continue
		}
		counted = append(counted, s)
		if fewest == nil || len(points) < least {
			fewest, least = s, len(points)
		}
		for at := range points {
			count[at]++
		}
	}
	all := len(count)
	kept := map[int64]bool{}
	for at, n := range count {
		if n == len(counted) {
			kept[at] = true
		}
	}
	if len(kept) == all {
		return
	}
	h.note("%d of %d points are left out, because some servers lack them (%s has the fewest, %d)", all-len(kept), all, printable(orNone(fewest.name)), least)
	for _, s := range counted {
		s.keep(kept)
	}
}

// asReader leaves of a replica what its clients asked: the commands that only
// read.
func (s *serverSeries) asReader(classes commands.Classes) {
	reads := timeline{}
	for name := range s.byCommand {
		if classes.Of(name) != commands.Read {
			delete(s.byCommand, name)
			delete(s.usec, name)
			continue
		}
		reads.add(s.byCommand[name])
	}
	for name := range s.usec {
		if s.byCommand[name] == nil {
			delete(s.usec, name)
		}
	}
	s.commands, s.writes, s.others = reads, timeline{}, timeline{}
	if len(s.byCommand) == 0 {
		s.commands = timeline{}
	}
}

// add sums another timeline into this one.
func (t timeline) add(other timeline) {
	for at, v := range other {
		t.put(at, v)
	}
}

// counterRates turns the readings of a counter into rates a second: each over
// the time since the reading before. A fall is a restart, and a distance of more
// than one and a half steps a gap: what happened in them is not known.
func counterRates(readings timeline, scale, step int64, ends bool) (rates timeline, falls int) {
	rates = timeline{}
	at := readings.times()
	for i := 1; i < len(at); i++ {
		from, to := at[i-1], at[i]
		risen, over := readings[to]-readings[from], to-from
		switch {
		case risen < 0:
			falls++
			continue
		case 2*over > 3*step:
			continue
		}
		stamp := from
		if ends {
			stamp = to
		}
		if n, ok := perSecond(risen, scale, over); ok {
			rates[stamp] = n
		}
	}
	return rates, falls
}

// usualStep is the distance that most points of a timeline have, in seconds.
func usualStep(at []int64) int64 {
	apart := make([]int64, 0, len(at))
	for i := 1; i < len(at); i++ {
		apart = append(apart, at[i]-at[i-1])
	}
	if len(apart) == 0 {
		return 0
	}
	slices.Sort(apart)
	return apart[(len(apart)-1)/2]
}

// onGrid moves points to the nearest time that is whole steps after the phase:
// servers are not asked at the same second.
func onGrid(t timeline, phase, step int64) timeline {
	moved := timeline{}
	for _, at := range t.times() {
		off := at - phase
		if off < 0 {
			off -= step - 1
		}
		moved[phase+(off+step/2)/step*step] = t[at]
	}
	return moved
}
