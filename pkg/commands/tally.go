package commands

import "strings"

// Tally is what a server counted by command, over some time.
type Tally struct {
	Counts map[string]int64 // calls
	Usec   map[string]int64 // microseconds of processor time
	Moved  int64            // bytes that the commands of applications moved, both ways
	FanOut int64            // those of them that went to subscribers, not to whoever sent a command
	// Milli1kB is the mean over the keys of max(1, kB of key and value), in
	// thousandths; 0 where sizes are not known.
	Milli1kB int64
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

// Billed is a tally as a vendor counts it.
type Billed struct {
	Commands int64 // all that are billed
	Writes   int64 // those of them that a read region repeats
	Unbilled int64 // those on the vendor's list, and those of operators and replicas
}

// Reads are the billed commands that no read region repeats.
func (b Billed) Reads() int64 { return b.Commands - b.Writes }

// Bill counts a tally by a vendor's list of free commands. Commands of operators
// and of replicas are never billed: nobody sends them to a service. Every other
// command is one, administration too; a script is one and each command that it
// ran another; a write is what has the flag write.
func (t Tally) Bill(classes Classes, free Free) Billed {
	var b Billed
	for command, calls := range t.Counts {
		if free.has(command) || classes.Operator(command) {
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
