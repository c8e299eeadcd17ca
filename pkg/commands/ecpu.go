package commands

import (
	"errors"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/unit"
)

// DefaultBaseNanos is the processor time that is taken for one ECPU where the
// tally has too few GET and SET to measure it: 3 µs, as the newer of AWS's own
// tools takes; another takes 2 µs. AWS publishes no figure.
const DefaultBaseNanos = 3000

// lightBaseNanos is the shortest processor time that one of AWS's tools takes for
// one ECPU.
const lightBaseNanos = 2000

// measurable is how many GET and SET give a mean worth using.
const measurable = 1000

// Processor time of one command inside a script, the call from Lua included:
// measured at about a microsecond, and never below a tenth of it.
const (
	innerNanos      = 1000
	leastInnerNanos = 100
)

// ECPU is a tally in thousandths of ElastiCache processing units, with the range
// that comes from what is not published and from what was not counted.
type ECPU struct {
	Milli int64
	// Low: every command is as light as a GET, a script is one command whatever it
	// ran, and what only one of AWS's tools counts is free.
	Low int64
	// High: the bytes are as unevenly spread as they can be, a shorter processor time
	// makes an ECPU, the commands in a script are counted besides it, and so is what
	// only one of AWS's tools counts.
	High      int64
	BaseNanos int64 // processor time of one ECPU, for complex commands
	Measured  bool  // BaseNanos is the mean of this tally's GET and SET
	Unbilled  int64 // commands on the list, and those of operators and replicas
}

// disputed says whether AWS's tools count a command differently: the agent toolkit
// (aws/agent-toolkit-for-aws, 2026-08-20) leaves out AUTH, HELLO, MULTI, EXEC,
// DISCARD and PUBLISH and counts SELECT, ECHO and TIME; the assessment sample
// (aws-samples/amazon-elasticache-samples, 2026-06-19) does the opposite.
func disputed(command string) bool {
	return slices.Contains([]string{"auth", "hello", "multi", "exec", "discard", "publish", "select", "echo", "time"}, strings.ToLower(command))
}

// ECPU counts by ElastiCache's rule: a simple read or write costs the kB (1000
// bytes) that it moves, at least 1; another command the higher of that and its
// processor time relative to a simple GET or SET. INFO has bytes only for all
// commands together. n commands of a mean of m kB cost between max(1, m) × n and
// (1 + m) × n, however the bytes are spread: these are the ends of the range.
func (t Tally) ECPU(classes Classes, free Free) (ECPU, error) {
	var e ECPU
	p := t.parts(classes, free)
	e.Unbilled = p.unbilled
	e.BaseNanos, e.Measured = t.base(p)
	sums := sums{}
	moved := max(t.Moved-t.FanOut, 0)

	e.Low = sums.of(max(sums.thousand(p.low-p.inner(leastInnerNanos)), p.least(moved)), sums.thousand(p.lowAdmin))

	inner := p.inner(innerNanos)
	calls := p.mid - inner
	bytes := max(sums.thousand(calls), moved)
	if t.Milli1kB > 1000 {
		bytes = max(bytes, min(sums.product(calls, t.Milli1kB), sums.of(sums.thousand(calls), moved)))
	}
	mean := int64(1000)
	if calls > 0 {
		mean = max(mean, moved/calls)
	}
	more := int64(0)
	for _, c := range p.complex {
		over := sums.over(c, e.BaseNanos, mean)
		if !c.script && p.data > 0 { // the part of it that ran in scripts is paid by these
			over = sums.part(over, p.data-inner, p.data)
		}
		more = sums.of(more, over)
	}
	e.Milli = sums.of(bytes, more, sums.thousand(p.midAdmin))

	e.High = sums.of(sums.thousand(p.high), moved, sums.thousand(p.highAdmin))
	shorter := min(e.BaseNanos-e.BaseNanos/3, lightBaseNanos)
	for _, c := range p.complex {
		e.High = sums.of(e.High, sums.over(c, shorter, 1000))
	}
	e.High = max(e.High, e.Milli)
	return e, sums.err
}

// parts are a tally's commands by how ElastiCache counts them. The mean bytes are
// those of applications' commands; administration that is billed moves less than
// a kB and is kept apart.
type parts struct {
	low, mid, high                int64 // calls of applications' commands, by three readings
	lowAdmin, midAdmin, highAdmin int64
	unbilled                      int64
	data                          int64 // calls that may have been a script's
	scripts, scriptUsec           int64
	complex                       []costs
	published                     bool
}

// costs are the calls and the processor time of one complex command.
type costs struct {
	calls, usec int64
	script      bool
}

func (t Tally) parts(classes Classes, free Free) parts {
	var p parts
	for command, calls := range t.Counts {
		isFree, contested := free.has(command), disputed(command)
		if classes.Operator(command) || isFree && !contested {
			p.unbilled += calls
			continue
		}
		low, mid, high := &p.low, &p.mid, &p.high
		class := classes.Of(command)
		if class == Admin {
			low, mid, high = &p.lowAdmin, &p.midAdmin, &p.highAdmin
		}
		*high += calls
		if isFree {
			p.unbilled += calls
		} else {
			*mid += calls
		}
		if !contested {
			*low += calls
		}
		name := strings.ToLower(command)
		p.published = p.published || calls > 0 && (name == "publish" || name == "spublish")
		switch {
		case class == Script:
			p.scripts += calls
			p.scriptUsec += t.Usec[command]
			p.complex = append(p.complex, costs{calls, t.Usec[command], true})
		case contested || class == Admin:
		default:
			p.data += calls
			if !classes.Simple(command) {
				p.complex = append(p.complex, costs{calls, t.Usec[command], false})
			}
		}
	}
	return p
}

// inner is how many commands ran inside scripts, by the processor time of one: the
// server counts them like a client's and does not tell them apart.
func (p parts) inner(nanos int64) int64 {
	switch {
	case p.scripts == 0:
		return 0
	case p.scriptUsec == 0: // no times: all of them, or none
		if nanos == leastInnerNanos {
			return p.data
		}
		return 0
	}
	return min(p.data, p.scriptUsec*1000/nanos)
}

// least is what the bytes alone cost at least, in thousandths: all of them belong
// to commands that are counted, unless some went to subscribers.
func (p parts) least(moved int64) int64 {
	if p.published {
		return 0
	}
	return moved
}

// base is the mean processor time of a GET or SET, in nanoseconds. A command in a
// script takes less than one of a client, so where these may be many there is no
// measure.
func (t Tally) base(p parts) (nanos int64, measured bool) {
	calls := t.Counts["get"] + t.Counts["set"]
	if calls < measurable || p.inner(leastInnerNanos) > calls/100 {
		return DefaultBaseNanos, false
	}
	nanos, err := unit.MulDiv(uint64(t.Usec["get"]+t.Usec["set"]), 1000, uint64(calls))
	if err != nil || nanos == 0 {
		return DefaultBaseNanos, false
	}
	return nanos, true
}

// sums adds without wrapping and keeps the first error.
type sums struct{ err error }

func (s *sums) of(terms ...int64) (sum int64) {
	for _, term := range terms {
		next, err := unit.Add(sum, term)
		s.err = errors.Join(s.err, err)
		sum = next
	}
	return sum
}

func (s *sums) product(a, b int64) int64 {
	v, err := unit.Mul(max(a, 0), b)
	s.err = errors.Join(s.err, err)
	return v
}

func (s *sums) thousand(calls int64) int64 { return s.product(calls, 1000) }

func (s *sums) part(n, of, all int64) int64 {
	v, err := unit.MulDiv(uint64(n), uint64(max(of, 0)), uint64(all))
	s.err = errors.Join(s.err, err)
	return v
}

// over is what a command costs by its processor time above what it costs already,
// in thousandths: microseconds ÷ (nanoseconds ÷ 1000).
func (s *sums) over(c costs, baseNanos, paid int64) int64 {
	v, err := unit.MulDiv(uint64(c.usec), 1_000_000, uint64(baseNanos))
	s.err = errors.Join(s.err, err)
	return max(v-s.product(c.calls, paid), 0)
}
