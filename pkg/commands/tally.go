package commands

import (
	"strings"

	"github.com/keynest/keynest/pkg/unit"
)

// Tally is what a server counted by command, over some time.
type Tally struct {
	Counts map[string]int64 // calls
	Usec   map[string]int64 // microseconds of processor time
}

// Free is a vendor's list of commands that are not billed, in any case. A
// container frees its subcommands: CONFIG is CONFIG GET as well.
type Free []string

func (f Free) has(command string) bool {
	container, _, _ := strings.Cut(command, "|")
	for _, name := range f {
		if strings.EqualFold(name, command) || strings.EqualFold(name, container) {
			return true
		}
	}
	return false
}

// ownTraffic are the commands of a server's own replicas: no service bills
// them, as nobody sends them to one.
func ownTraffic() Free { return Free{"replconf", "psync", "sync", "rreplay"} }

// Billed is a tally as a vendor counts it.
type Billed struct {
	Commands int64 // all that are billed
	Writes   int64 // those of them that a read region repeats
	Unbilled int64 // those on the vendor's list, and replication
}

// Reads are the billed commands that no read region repeats.
func (b Billed) Reads() int64 { return b.Commands - b.Writes }

// Bill counts a tally by a vendor's list of free commands. Every other command
// is one, administration too; a script is one and each command that it ran
// another; a write is what has the flag write.
func (t Tally) Bill(classes Classes, free Free) Billed {
	var b Billed
	own := ownTraffic()
	for command, calls := range t.Counts {
		if free.has(command) || own.has(command) {
			b.Unbilled += calls
			continue
		}
		b.Commands += calls
		if classes.Of(command) == Write {
			b.Writes += calls
		}
	}
	return b
}

// DefaultBaseNanos is the processor time that is taken for one ECPU where the
// tally has too few GET and SET to measure it: 3 µs, as the newer of AWS's own
// tools takes; another takes 2. AWS publishes no figure.
const DefaultBaseNanos = 3000

// measurable is how many GET and SET give a mean worth using.
const measurable = 1000

// ECPU is a tally in thousandths of ElastiCache processing units, with the
// range that comes from what is not published.
type ECPU struct {
	Milli     int64
	Low       int64 // every command is as light as a GET: its bytes alone count
	High      int64 // an ECPU is two thirds of the base, and a script pays for its commands twice
	BaseNanos int64 // processor time of one ECPU
	Measured  bool  // BaseNanos is the mean of this tally's GET and SET
	Unbilled  int64 // commands on the list
}

// ECPU counts by ElastiCache's rule: a command costs the higher of the kB (1000
// bytes) that it moves, at least 1, and its processor time relative to a simple
// GET or SET. payload is the mean bytes a command moves: INFO has no bytes by
// command, so a few large replies among many small ones are undercounted.
func (t Tally) ECPU(classes Classes, free Free, payload int64) (ECPU, error) {
	var e ECPU
	e.BaseNanos, e.Measured = t.base()
	own := ownTraffic()
	for command, calls := range t.Counts {
		if free.has(command) || own.has(command) {
			e.Unbilled += calls
			continue
		}
		bytes, err := unit.Mul(calls, max(1000, payload))
		if err != nil {
			return ECPU{}, err
		}
		// Microseconds ÷ (nanoseconds ÷ 1000), in thousandths.
		time, err := unit.MulDiv(uint64(t.Usec[command]), 1_000_000, uint64(e.BaseNanos))
		if err != nil {
			return ECPU{}, err
		}
		higher, err := unit.MulDiv(uint64(t.Usec[command]), 1_500_000, uint64(e.BaseNanos))
		if err != nil {
			return ECPU{}, err
		}
		if classes.Of(command) == Script {
			time = 0 // the commands inside are counted, and pay for it
		}
		for _, sum := range []struct {
			of   *int64
			more int64
		}{{&e.Low, bytes}, {&e.Milli, max(bytes, time)}, {&e.High, max(bytes, higher)}} {
			if *sum.of, err = unit.Add(*sum.of, sum.more); err != nil {
				return ECPU{}, err
			}
		}
	}
	return e, nil
}

// base is the mean processor time of a GET or SET, in nanoseconds.
func (t Tally) base() (nanos int64, measured bool) {
	calls := t.Counts["get"] + t.Counts["set"]
	if calls < measurable {
		return DefaultBaseNanos, false
	}
	nanos, err := unit.MulDiv(uint64(t.Usec["get"]+t.Usec["set"]), 1000, uint64(calls))
	if err != nil || nanos == 0 {
		return DefaultBaseNanos, false
	}
	return nanos, true
}
