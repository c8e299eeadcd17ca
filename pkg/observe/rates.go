package observe

import (
	"fmt"
	"time"

	"github.com/keynest/keynest/pkg/commands"
	"github.com/keynest/keynest/pkg/unit"
)

// moments are the rates that were read again and again within the interval.
type moments struct {
	peak  int64         // the highest, over all nodes together, in millionths of a command/s
	count int           // how many were read
	every time.Duration // the time between two of them
}

// rate sums what each primary counted a second over its own interval, in
// millionths; false where that cannot be counted.
func (d *derivation) rate(count func(span) int64) (millionths int64, ok bool) {
	return rateOf(d.primaries, count)
}

func rateOf(spans []span, count func(span) int64) (millionths int64, ok bool) {
	for _, s := range spans {
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
	served, from := d.served, "the sum of cmdstat_* without administration, ÷ the interval"
	_, known := d.total("total_commands_processed")
	switch {
	case d.contradiction != "":
		*mix, r.Counts, r.Usec = commands.Mix{}, map[string]int64{}, map[string]int64{}
		r.figure("ops_per_sec", "", d.contradiction)
		r.figure("read_share", "", "the same")
		r.note("%s; since they disagree, the rate, the mix and the bytes per command are unknown; add ops_per_sec by hand", d.contradiction)
		return
	case d.stats:
	case known:
		served, from = field("total_commands_processed"), "total_commands_processed ÷ the interval, administration included"
		r.note("no commandstats, so the figures include administration and the read share is unknown; save INFO all, not INFO")
		*mix, r.Counts, r.Usec = commands.Mix{}, map[string]int64{}, map[string]int64{}
	default:
		r.figure("ops_per_sec", "", "no cmdstat_* and no total_commands_processed")
		r.note("the server does not count commands; add ops_per_sec by hand")
		return
	}
	mean, ok := d.rate(served)
	reads, readable := rateOf(d.replicas, d.served)
	if d.stats && reads > 0 {
		from = "the sum of cmdstat_* without administration, and those with the flag readonly on replicas, ÷ the interval"
		mean, ok = saturate(mean, reads), ok && readable
	}
	r.figure("ops_per_sec", rateText(mean, ok), from)
	if ok {
		d.peak(mean, reads)
	}
	if rw := mix.Reads + mix.Writes; rw > 0 {
		share, _ := unit.MulDiv(uint64(mix.Reads), 1e6, uint64(rw))
		r.figure("read_share", unit.Rounded(share, 1e6, 4), "calls of cmdstat_* with the flag readonly ÷ those with readonly or write")
	} else if d.stats {
		r.figure("read_share", "", "no reading or writing command was counted")
	}
	if d.stats && reads > 0 && mean > 0 {
		r.note("replicas served %s of the commands, %s/s of reads", percent(reads, mean), rateText(reads, true))
	}
	r.mixNotes(d.classes)
}

// served is how many of a node's commands are the workload's.
func (d *derivation) served(s span) int64 {
	var mix commands.Mix
	mix.Add(d.classes, d.servedCounts(s))
	return mix.Workload()
}

// peak takes the highest rate within the interval, where it is above the mean;
// both are in millionths. A reading before the interval, as that of the first of
// two samples, is of another time.
func (d *derivation) peak(mean, reads int64) {
	if d.seen != nil {
		if d.seen.peak > mean {
			d.result.figure("peak_ops_per_sec", unit.Rounded(d.seen.peak, 1e6, 0), fmt.Sprintf(
				"the highest of %d rates, each over %s, within the interval", d.seen.count, brief(d.seen.every)))
			d.result.note("the peak is %s, over %s; shorter peaks are hidden", times(d.seen.peak, mean), brief(d.seen.every))
		}
		return
	}
	sum := reads
	for _, s := range d.primaries {
		now, ok := s.last.count("instantaneous_ops_per_sec")
		if !ok || now > 1e12 {
			return
		}
		sum = saturate(sum, now*1e6)
	}
	if sum <= mean {
		return
	}
	d.result.figure("peak_ops_per_sec", unit.Rounded(sum, 1e6, 0),
		"instantaneous_ops_per_sec of the last sample; administration included")
	d.result.note("the peak of %s commands/s is from the last 1.6 s before the last sample, %s; the true peak may be higher",
		unit.Rounded(sum, 1e6, 0), times(sum, mean))
}

// times says how much the peak is above the mean; both are in millionths.
func times(peak, mean int64) string {
	if mean == 0 {
		return "without a mean to compare with"
	}
	factor, err := unit.MulDiv(uint64(peak), 1e3, uint64(mean))
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
	mix := r.Commands
	if mix.Admin > 0 {
		r.note("left out as administration: %s (%s of all commands); vendors bill some of these commands", top(of(commands.Admin)), percent(mix.Admin, mix.All))
	}
	if mix.Scripts > 0 {
		r.note("scripts: %s; the commands that they ran are counted as well, and look like a client's", top(of(commands.Script)))
	}
	if mix.Unknown > 0 {
		r.note("not classified: %s (%s of all commands); the table of commands lacks them, so they count as neither read nor write",
			top(of(commands.Unknown)), percent(mix.Unknown, mix.All))
	}
	if n := r.Counts["discard"]; n > 0 {
		r.note("discard %d: the commands queued in these transactions did not run and are not counted; whether a service bills them is not published", n)
	}
	if probes := r.Counts["dbsize"]; probes > 0 {
		r.note("dbsize %d (%s of all commands) counts as a read, though mostly monitoring programs send it", probes, percent(probes, mix.All))
	}
}
