package replay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/columns"
	"github.com/keynest/keynest/pkg/unit"
)

// input is what a column can say of an hour.
type input int

// The inputs. Volumes are of the row's interval, sizes and rates its mean.
const (
	inCache input = iota
	inTime
	inCommands
	inReads
	inWrites
	inBytes
	inBytesIn
	inBytesOut
	inStored
	inECPU
	inOps
	inPeakOps
	inputs
)

// names are the names that a head may have for an input. A size must say its unit.
var names = []struct {
	name  string
	input input
	scale int64
}{
	{"cache", inCache, 0}, {"cache_name", inCache, 0}, {"cache_id", inCache, 0},
	{"time", inTime, 0}, {"timestamp", inTime, 0}, {"hour", inTime, 0},
	{"commands", inCommands, 1}, {"reads", inReads, 1}, {"writes", inWrites, 1},
	{"bytes", inBytes, 1}, {"bytes_in", inBytesIn, 1}, {"bytes_out", inBytesOut, 1},
	{"stored_bytes", inStored, 1}, {"stored_mb", inStored, unit.MB}, {"stored_mib", inStored, unit.MiB},
	{"stored_gb", inStored, unit.GB}, {"stored_gib", inStored, unit.GiB},
	{"ecpu", inECPU, 1000},
	{"ops_per_sec", inOps, unit.Million}, {"peak_ops_per_sec", inPeakOps, unit.Million},
}

// unitless are names that leave their unit open, and what to write instead.
var unitless = map[string]string{
	"stored": "stored_bytes, stored_mb, stored_mib, stored_gb or stored_gib", "memory": "stored_bytes, stored_mib or stored_gib",
	"size": "stored_bytes, stored_mib or stored_gib", "ops": "ops_per_sec or commands", "rate": "ops_per_sec",
	"transfer": "bytes", "in": "bytes_in", "out": "bytes_out",
}

// Names lists the names that a column may have.
func Names() []string {
	var list []string
	for _, n := range names {
		list = append(list, n.name)
	}
	return list
}

// layout is which column of the batches has which input; -1 for none.
type layout struct {
	at      [inputs]int
	columns []columns.Column
	unused  []string // columns of the head that nothing reads
}

// newLayout finds the inputs in the head. renamed says what the file calls
// some of them.
func newLayout(r *columns.Reader, renamed map[string]string) (*layout, error) {
	l := &layout{}
	for i := range l.at {
		l.at[i] = -1
	}
	head := r.Head()
	used := map[string]bool{}
	var vague []string
	own := map[input]bool{} // the caller says what the file calls it
	for _, n := range names {
		own[n.input] = own[n.input] || renamed[n.name] != ""
	}
	for _, n := range names {
		header := n.name
		switch name := renamed[n.name]; {
		case name != "":
			header = name
		case own[n.input]:
			continue
		}
		at := slices.IndexFunc(head, func(h string) bool { return strings.EqualFold(h, header) })
		if at < 0 {
			if header != n.name {
				return nil, r.Fail(0, "", "no column %q for --column %s; the head has %s", header, n.name, strings.Join(head, ", "))
			}
			continue
		}
		if l.at[n.input] >= 0 {
			return nil, r.Fail(0, head[at], "column %s has the same quantity; leave one out, or rename it", l.columns[l.at[n.input]].Name)
		}
		used[head[at]] = true
		l.at[n.input] = len(l.columns)
		c := columns.Column{Name: head[at], Kind: columns.Number, Scale: n.scale}
		switch n.input {
		case inCache:
			c.Kind = columns.Text
		case inTime:
			c.Kind = columns.Time
		}
		l.columns = append(l.columns, c)
	}
	for _, h := range head {
		if used[h] {
			continue
		}
		l.unused = append(l.unused, h)
		if better := unitless[strings.ToLower(h)]; better != "" {
			vague = append(vague, fmt.Sprintf("column %q has no unit: name it %s", h, better))
		}
	}
	if len(vague) > 0 {
		return nil, r.Fail(0, "", "%s", strings.Join(vague, "; "))
	}
	return l, l.check(r)
}

func (l *layout) has(i input) bool { return l.at[i] >= 0 }

// check refuses columns that leave something out or say it twice.
func (l *layout) check(r *columns.Reader) error {
	two := func(a, b input) error {
		if l.has(a) && l.has(b) {
			return r.Fail(0, l.columns[l.at[b]].Name, "column %s has the same quantity; leave one out", l.columns[l.at[a]].Name)
		}
		return nil
	}
	if !l.has(inTime) {
		return r.Fail(0, "", "no column time; the head has %s. Name it with --column time=HEADER", strings.Join(r.Head(), ", "))
	}
	if !l.has(inCommands) && !l.has(inOps) && !l.has(inReads) && !l.has(inWrites) {
		return r.Fail(0, "", "no column of commands: commands, ops_per_sec, or reads and writes. The head has %s; name one with --column commands=HEADER", strings.Join(r.Head(), ", "))
	}
	for _, pair := range [][2]input{{inCommands, inOps}, {inBytes, inBytesIn}, {inBytes, inBytesOut}} {
		if err := two(pair[0], pair[1]); err != nil {
			return err
		}
	}
	if l.has(inReads) != l.has(inWrites) && !l.has(inCommands) && !l.has(inOps) {
		return r.Fail(0, "", "only one of the columns reads and writes; add the other, or a column commands")
	}
	if l.has(inBytesIn) != l.has(inBytesOut) {
		return r.Fail(0, "", "only one of the columns bytes_in and bytes_out; add the other")
	}
	return r.Read(l.columns)
}
