package observe

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/commands"
	"github.com/keynest/keynest/pkg/unit"
)

// timeline is a series: millionths at Unix seconds.
type timeline map[int64]int64

// history is what a monitoring system kept of a database: rates a second, sizes
// in bytes, in millionths.
type history struct {
	about        string
	ends         bool                // a point stands at the end of the time that it covers, not at its beginning
	byCommand    map[string]timeline // commands/s
	usec         map[string]timeline // processor time by command, microseconds/s
	commands     timeline            // commands/s, all of them
	reads        timeline            // commands/s
	writes       timeline
	others       timeline // commands/s that neither read nor write
	in, out      timeline // bytes/s, without replication
	stored       timeline // bytes
	replicas     timeline
	ecpu         timeline          // ElastiCache processing units/s
	wholeNetwork bool              // the bytes of replicas hold replication that is told apart later
	replicaReads bool              // reads that replicas served are in the figures
	from         map[string]string // where each figure comes from
	notes        []string
}

func newHistory(about string, from map[string]string) *history {
	return &history{
		about: about, from: from, byCommand: map[string]timeline{}, usec: map[string]timeline{}, commands: timeline{}, reads: timeline{}, writes: timeline{},
		others: timeline{}, in: timeline{}, out: timeline{}, stored: timeline{}, replicas: timeline{}, ecpu: timeline{},
	}
}

func (h *history) note(format string, args ...any) {
	h.notes = append(h.notes, fmt.Sprintf(format, args...))
}

// put adds a value to the sum at a time.
func (t timeline) put(at, millionths int64) { t[at] = saturate(t[at], millionths) }

// perSecond is a difference of a counter, in parts of which scale make one, as
// millionths a second.
func perSecond(risen, scale, seconds int64) (int64, bool) {
	n, err := unit.MulDiv(uint64(risen), 1e6, uint64(scale)*uint64(seconds))
	return n, err == nil
}

// reading is a counter's value in parts of which scale make one.
func reading(s string, scale int64) (int64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || v < 0 || v > 9e18/float64(scale) {
		return 0, false
	}
	return int64(math.Round(v * float64(scale))), true
}

// parse reads the value of a sample in millionths. NaN, Inf, a negative value and
// one above 9e12 are not known.
func parse(s string) (int64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || v < 0 || v > 9e12 {
		return 0, false
	}
	return int64(math.Round(v * 1e6)), true
}

// times are the points of a timeline in order.
func (t timeline) times() []int64 { return slices.Sorted(maps.Keys(t)) }

// mean over n points; a point that is not there counts nothing.
func (t timeline) mean(n int) int64 {
	sum := int64(0)
	for _, v := range t {
		sum = saturate(sum, v)
	}
	return sum / int64(max(n, 1))
}

func (t timeline) peak() int64 {
	most := int64(0)
	for _, v := range t {
		most = max(most, v)
	}
	return most
}

// derive makes the workload of a history.
func (h *history) derive() (*Result, error) {
	classes := commands.NewClasses()
	ops := h.operations(classes)
	at := ops.times()
	if len(at) < 2 {
		return nil, unfit("%s has fewer than two points of the command rate; export a longer range", h.about)
	}
	step := spacing(at)
	span := int64(len(at)) * step
	r := &Result{Notes: h.notes, Seconds: fmt.Sprint(span), Counts: map[string]int64{}, Usec: map[string]int64{}, Step: step}
	r.About = []string{fmt.Sprintf("%s: %s to %s, %d points, one every %s", h.about,
		stamp(at[0]), stamp(at[len(at)-1]), len(at), brief(time.Duration(step)*time.Second))}
	if against := h.contradiction(); against != "" {
		for _, key := range []string{"ops_per_sec", "peak_ops_per_sec", "read_share", "payload_bytes"} {
			r.figure(key, "", against)
		}
		h.memory(r)
		return r, nil
	}
	if err := h.counts(r, span, len(at)); err != nil {
		return nil, err
	}
	r.Commands.Add(classes, r.Counts)
	r.figure("ops_per_sec", unit.Rounded(ops.mean(len(at)), 1e6, 3), h.from["ops"])
	r.figure("peak_ops_per_sec", unit.Rounded(ops.peak(), 1e6, 3), "the highest point of the same")
	h.shares(r, len(at))
	h.memory(r)
	h.payload(r, ops)
	r.Hours = h.byHour(ops, classes, step)
	r.mixNotes(classes)
	if missing := (at[len(at)-1]-at[0])/step + 1 - int64(len(at)); missing > 0 {
		r.note("%d points are missing; the figures use the points that the export has", missing)
	}
	if span < 24*3600 {
		r.note("the range is shorter than a day, so it may lack the busiest hour")
	}
	if step > 300 {
		r.note("each point is the mean of %s, which hides shorter peaks", brief(time.Duration(step)*time.Second))
	}
	return r, nil
}

// counts derives the calls by command.
func (h *history) counts(r *Result, span int64, points int) error {
	for name, t := range h.byCommand {
		// Millionths a second over the span are whole calls.
		n, err := unit.MulDiv(uint64(t.mean(points)), uint64(span), 1e6)
		if err != nil || n > maxCalls {
			return unfit("%s: the count of %s is impossibly large", h.about, printable(name))
		}
		r.Counts[name] = n
		r.Usec[name], _ = unit.MulDiv(uint64(h.usec[name].mean(points)), uint64(span), 1e6)
	}
	return nil
}

// contradiction compares the commands by name with all commands. Both count the
// same calls, so with a difference of more than one in twenty one of the series
// must be something else.
func (h *history) contradiction() string {
	parts, what := timeline{}, "the rates by command"
	for _, t := range h.byCommand {
		parts.add(t)
	}
	if len(h.byCommand) == 0 {
		parts.add(h.reads)
		parts.add(h.writes)
		what = "reads and writes"
	}
	if len(parts) == 0 || len(h.commands) == 0 {
		return ""
	}
	sums := sumCommon(parts, h.commands)
	low, high := sums[0], sums[1]
	if len(h.byCommand) == 0 {
		low = max(low, high) // there are commands of other kinds
		high = sums[1]
	}
	if 20*float64(max(low, high)-min(low, high)) <= float64(max(low, high)) {
		return ""
	}
	return fmt.Sprintf("%s add up to %s, but all commands to %s, so one of them counts something else", what, h.mean(sums[0]), h.mean(sums[1]))
}

// mean prints a sum over the points of all commands as a rate.
func (h *history) mean(sum int64) string {
	return unit.Rounded(sum/int64(max(len(h.commands), 1)), 1e6, 1) + "/s"
}

// sumCommon sums timelines over the points that all of them have.
func sumCommon(list ...timeline) []int64 {
	sums := make([]int64, len(list))
points:
	for at := range list[0] {
		for _, t := range list[1:] {
			if _, ok := t[at]; !ok {
				continue points
			}
		}
		for i, t := range list {
			sums[i] = saturate(sums[i], t[at])
		}
	}
	return sums
}

// operations is the command rate without administration, as far as it can be
// told apart.
func (h *history) operations(classes commands.Classes) timeline {
	sum := timeline{}
	switch {
	case len(h.byCommand) > 0:
		for name, t := range h.byCommand {
			if classes.Of(name) != commands.Admin {
				sum.add(t)
			}
		}
		if len(sum) > 0 {
			return sum
		}
		return h.commands
	case len(h.commands) > 0:
		h.from["ops"] = h.from["commands"] + ", administration included"
		if len(h.reads)+len(h.writes) == 0 {
			h.note("there are no rates by command, so the figures include administration and the read share is unknown")
		}
		return h.commands
	}
	for at, v := range h.reads {
		if _, ok := h.writes[at]; ok || len(h.writes) == 0 {
			sum[at] = v
		}
	}
	for at, v := range h.writes {
		if _, ok := h.reads[at]; ok || len(h.reads) == 0 {
			sum.put(at, v)
		}
	}
	for at, v := range h.others {
		if _, ok := sum[at]; ok || len(h.reads)+len(h.writes) == 0 {
			sum.put(at, v)
		}
	}
	return sum
}

// shares derives the read share.
func (h *history) shares(r *Result, n int) {
	reads, writes := r.Commands.Reads, r.Commands.Writes
	if len(h.byCommand) == 0 {
		reads, writes = h.reads.mean(n), h.writes.mean(n)
	}
	if reads+writes > 0 {
		share, _ := unit.MulDiv(uint64(reads), 1e6, uint64(reads)+uint64(writes))
		r.figure("read_share", unit.Rounded(share, 1e6, 4), h.from["share"])
	}
}

// memory derives the stored bytes and the replicas.
func (h *history) memory(r *Result) {
	if len(h.stored) > 0 {
		r.figure("stored_bytes", fmt.Sprint(h.stored.peak()/1e6), h.from["stored"])
	} else {
		r.figure("stored_bytes", "", "no series of memory")
	}
	if len(h.replicas) > 0 {
		r.figure("replicas", fmt.Sprint(h.replicas.peak()/1e6), h.from["replicas"])
	}
}

// payload derives the bytes that a command moves, of the points that have the
// bytes both ways and the commands.
func (h *history) payload(r *Result, ops timeline) {
	all := h.commands
	if len(all) == 0 {
		all = ops
	}
	sums := sumCommon(all, h.in, h.out)
	if sums[0] == 0 || len(h.in) == 0 || len(h.out) == 0 {
		r.figure("payload_bytes", "", "needs series of bytes in, bytes out and commands")
		return
	}
	if tenths, err := unit.MulDiv(uint64(sums[1])+uint64(sums[2]), 10, uint64(sums[0])); err == nil {
		r.figure("payload_bytes", unit.Rounded(tenths, 10, 1), h.from["payload"])
	}
}

// spacing is the shortest distance of two points, in seconds.
func spacing(at []int64) int64 {
	least := int64(math.MaxInt64)
	for i := 1; i < len(at); i++ {
		least = min(least, at[i]-at[i-1])
	}
	return least
}

// brief writes a duration without trailing zero units: "1h", "5m".
func brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func stamp(at int64) string { return time.Unix(at, 0).UTC().Format("2006-01-02 15:04 MST") }

// commandName is the name of a command as it is counted and written: in lower
// case, with "?" for each character that a workload file may not hold in a key
// (see safetext).
func commandName(command string) string {
	command = printable(strings.ToLower(strings.TrimSpace(command)))
	command = strings.ReplaceAll(command, "##[", "##?")
	if strings.HasPrefix(command, "::") {
		command = "??" + command[2:]
	}
	return command
}
