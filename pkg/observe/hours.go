package observe

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"github.com/keynest/keynest/pkg/commands"
	"github.com/keynest/keynest/pkg/unit"
)

// secondsOfHour is the length of a row.
const secondsOfHour = 3600

// Hour is one row of a series, for keynest replay. -1 is not known.
type Hour struct {
	At        int64 // Unix seconds of its beginning
	Commands  int64 // without administration, as far as it can be told apart
	Reads     int64
	Writes    int64
	BytesIn   int64
	BytesOut  int64
	Stored    int64 // bytes, the mean of the hour
	MilliECPU int64 // thousandths of ElastiCache processing units
	MilliPeak int64 // thousandths of commands/s, the highest point
}

// hourColumns are the columns of a series by the names that keynest replay
// reads, each with its unit in the name.
func hourColumns() []struct {
	name  string
	value func(h *Hour) int64
	scale int64
} {
	return []struct {
		name  string
		value func(h *Hour) int64
		scale int64
	}{
		{"commands", func(h *Hour) int64 { return h.Commands }, 1},
		{"reads", func(h *Hour) int64 { return h.Reads }, 1},
		{"writes", func(h *Hour) int64 { return h.Writes }, 1},
		{"bytes_in", func(h *Hour) int64 { return h.BytesIn }, 1},
		{"bytes_out", func(h *Hour) int64 { return h.BytesOut }, 1},
		{"stored_bytes", func(h *Hour) int64 { return h.Stored }, 1},
		{"ecpu", func(h *Hour) int64 { return h.MilliECPU }, 1000},
		{"peak_ops_per_sec", func(h *Hour) int64 { return h.MilliPeak }, 1000},
	}
}

// WriteSeries writes the hours as CSV. A column that no hour knows is left out,
// and a cell that is not known is empty.
func (r *Result) WriteSeries(w io.Writer) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString("time")
	columns := hourColumns()
	known := make([]bool, len(columns))
	for i, c := range columns {
		for j := range r.Hours {
			known[i] = known[i] || c.value(&r.Hours[j]) >= 0
		}
		if known[i] {
			_, _ = b.WriteString("," + c.name)
		}
	}
	_ = b.WriteByte('\n')
	for j := range r.Hours {
		h := &r.Hours[j]
		_, _ = b.WriteString(time.Unix(h.At, 0).UTC().Format(time.RFC3339))
		for i, c := range columns {
			if !known[i] {
				continue
			}
			_ = b.WriteByte(',')
			if v := c.value(h); v >= 0 {
				_, _ = b.WriteString(unit.Rounded(v, c.scale, 3))
			}
		}
		_ = b.WriteByte('\n')
	}
	return b.Flush()
}

// CheckSeries says why there is no series, or is nil.
func (r *Result) CheckSeries() error {
	switch {
	case r.Step > secondsOfHour:
		return unfit("the points are %s apart; hours need points at most an hour apart: export a shorter step or period",
			brief(time.Duration(r.Step)*time.Second))
	case len(r.Hours) == 0:
		return unfit("no hour has all its points; export at least two hours")
	}
	return nil
}

// hourSum sums one quantity over the points of each hour.
type hourSum map[int64]struct{ sum, n, top int64 }

func (h *history) sumHours(t timeline, step int64) hourSum {
	sums := hourSum{}
	for at, v := range t {
		if h.ends {
			at -= step // the point is the end of what it covers
		}
		at -= ((at % secondsOfHour) + secondsOfHour) % secondsOfHour
		s := sums[at]
		s.sum, s.n, s.top = saturate(s.sum, v), s.n+1, max(s.top, v)
		sums[at] = s
	}
	return sums
}

// perHour is the mean rate × an hour, or -1. An hour that lacks more than one
// point in ten is not known.
func (s hourSum) perHour(at, points int64) int64 { return s.scaled(at, points, secondsOfHour) }

func (s hourSum) scaled(at, points, times int64) int64 {
	v := s[at]
	if v.n == 0 || 10*v.n < 9*points {
		return -1
	}
	n, err := unit.MulDiv(uint64(v.sum), uint64(times), uint64(v.n)*1e6)
	if err != nil {
		return -1
	}
	return n
}

// byHour makes the rows. Commands that neither read nor write are divided in
// the ratio of those that do, as keynest estimate does it with the read share.
func (h *history) byHour(ops timeline, classes commands.Classes, step int64) []Hour {
	if step <= 0 || step > secondsOfHour {
		return nil
	}
	reads, writes := h.readsAndWrites(classes)
	points := secondsOfHour / step
	all, read, written := h.sumHours(ops, step), h.sumHours(reads, step), h.sumHours(writes, step)
	in, out, ecpu, stored := h.sumHours(h.in, step), h.sumHours(h.out, step), h.sumHours(h.ecpu, step), h.sumHours(h.stored, step)
	split := len(reads)+len(writes) > 0
	var hours []Hour
	for _, at := range timeline(keysOf(all)).times() {
		n := all.perHour(at, points)
		if n < 0 {
			continue
		}
		row := Hour{
			At: at, Commands: n, Reads: -1, Writes: -1, BytesIn: in.perHour(at, points), BytesOut: out.perHour(at, points),
			Stored: stored.scaled(at, points, 1), MilliECPU: -1, MilliPeak: -1,
		}
		if split {
			row.Reads, row.Writes = divide(n, read[at].sum, written[at].sum)
		}
		if len(ecpu) > 0 {
			row.MilliECPU = ecpu.scaled(at, points, 1000*secondsOfHour)
		}
		if points > 1 {
			row.MilliPeak = (all[at].top + 500) / 1000
		}
		if row.BytesIn < 0 || row.BytesOut < 0 {
			row.BytesIn, row.BytesOut = -1, -1
		}
		hours = append(hours, row)
	}
	return hours
}

func keysOf(s hourSum) map[int64]int64 {
	keys := map[int64]int64{}
	for at := range s {
		keys[at] = 0
	}
	return keys
}

// divide splits n in the ratio of two rates, rounded half up.
func divide(n, reads, writes int64) (int64, int64) {
	if reads+writes <= 0 {
		return n, 0 // only commands that neither read nor write
	}
	r, err := unit.MulDiv(uint64(n), uint64(reads), uint64(reads)+uint64(writes))
	if err != nil {
		return -1, -1
	}
	return r, n - r
}

// readsAndWrites are the rates of the commands that read and that write.
func (h *history) readsAndWrites(classes commands.Classes) (reads, writes timeline) {
	if len(h.byCommand) == 0 {
		return h.reads, h.writes
	}
	reads, writes = timeline{}, timeline{}
	for name, t := range h.byCommand {
		switch classes.Of(name) {
		case commands.Read:
			reads.add(t)
		case commands.Write:
			writes.add(t)
		}
	}
	return reads, writes
}

// SeriesNote says how many hours are missing between the first and the last, or
// is "".
func (r *Result) SeriesNote() string {
	n := len(r.Hours)
	if n == 0 {
		return ""
	}
	missing := (r.Hours[n-1].At-r.Hours[0].At)/secondsOfHour + 1 - int64(n)
	if missing == 0 {
		return ""
	}
	return fmt.Sprintf("the series lacks %d of %d hours; keynest replay needs --gaps hold or --gaps zero for it", missing, missing+int64(n))
}
