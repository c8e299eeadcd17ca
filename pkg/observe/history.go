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

// history is what a monitoring system kept of a server: rates a second, sizes
// in bytes.
type history struct {
	about     string
	byCommand map[string]timeline // commands/s
	usec      map[string]timeline // processor time by command, microseconds/s
	commands  timeline            // commands/s, all of them
	reads     timeline            // commands/s
	writes    timeline
	others    timeline // commands/s that neither read nor write
	in, out   timeline // bytes/s, without replication
	stored    timeline // bytes
	replicas  timeline
	from      map[string]string // where each figure comes from
	notes     []string
}

// put adds a value to a point: several nodes make one sum.
func (t timeline) put(at, millionths int64) { t[at] = saturate(t[at], millionths) }

// parse reads a sample's value in millionths. What is no number (NaN, Inf),
// negative or too large to be a rate or a size is not known.
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
		return nil, unfit("%s has fewer than two points of the command rate; a mean and a peak need a range of time", h.about)
	}
	step := spacing(at)
	span := int64(len(at)) * step
	r := &Result{Notes: h.notes, Seconds: fmt.Sprint(span), Counts: map[string]int64{}, Usec: map[string]int64{}}
	r.About = []string{fmt.Sprintf("%s: %s to %s, %d points, one every %s", h.about,
		stamp(at[0]), stamp(at[len(at)-1]), len(at), brief(time.Duration(step)*time.Second))}
	for name, t := range h.byCommand {
		// Millionths a second over the span are whole calls.
		n, err := unit.MulDiv(uint64(t.mean(len(at))), uint64(span), 1e6)
		if err != nil || n > maxCalls {
			return nil, unfit("%s: %s was called more often than can be", h.about, printable(name))
		}
		r.Counts[name] = n
		r.Usec[name], _ = unit.MulDiv(uint64(h.usec[name].mean(len(at))), uint64(span), 1e6)
	}
	r.Commands.Add(classes, r.Counts)
	r.figure("ops_per_sec", unit.Rounded(ops.mean(len(at)), 1e6, 3), h.from["ops"])
	r.figure("peak_ops_per_sec", unit.Rounded(ops.peak(), 1e6, 3), "the highest point of the same")
	h.shares(r, len(at))
	h.sizes(r, ops, len(at))
	r.mixNotes(classes)
	if missing := (at[len(at)-1]-at[0])/step + 1 - int64(len(at)); missing > 0 {
		r.note("%d points are missing in between; the figures are of those that are there", missing)
	}
	if span < 24*3600 {
		r.note("the range is shorter than a day: it may not hold the busiest hour")
	}
	if step > 300 {
		r.note("each point is the mean of %s: a peak shorter than that is flattened", brief(time.Duration(step)*time.Second))
	}
	return r, nil
}

// operations is the command rate without administration, as far as it can be
// told apart.
func (h *history) operations(classes commands.Classes) timeline {
	sum := timeline{}
	add := func(t timeline) {
		for at, v := range t {
			sum.put(at, v)
		}
	}
	for name, t := range h.byCommand {
		if classes.Of(name) != commands.Admin {
			add(t)
		}
	}
	if len(h.byCommand) == 0 {
		add(h.reads)
		add(h.writes)
		add(h.others)
	}
	if len(sum) == 0 {
		h.from["ops"] = h.from["commands"] + ", administration included"
		h.notes = append(h.notes, "there are no rates by command, so administration is in the figures and the read share is not known")
		return h.commands
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

// sizes derives the stored bytes, the bytes a command moves, and the replicas.
func (h *history) sizes(r *Result, ops timeline, n int) {
	if len(h.stored) > 0 {
		r.figure("stored_bytes", fmt.Sprint(h.stored.peak()/1e6), h.from["stored"])
	} else {
		r.figure("stored_bytes", "", "no series has the memory")
	}
	all := h.commands
	if len(all) == 0 {
		all = ops
	}
	if commands := all.mean(n); commands > 0 && len(h.in) > 0 && len(h.out) > 0 {
		bytes, err := unit.MulDiv(uint64(h.in.mean(n))+uint64(h.out.mean(n)), 1, uint64(commands))
		if err == nil {
			r.figure("payload_bytes", fmt.Sprint(bytes), h.from["payload"])
		}
	} else {
		r.figure("payload_bytes", "", "needs the bytes in and out and the commands")
	}
	if len(h.replicas) > 0 {
		r.figure("replicas", fmt.Sprint(h.replicas.peak()/1e6), h.from["replicas"])
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

// brief is a duration without the noughts behind it: "1h", "5m".
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

// lower is a command in the spelling of commandstats.
func lower(command string) string { return strings.ToLower(strings.TrimSpace(command)) }
