package cmd

import (
	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/replay"
)

// sizeFlags ask for nodes in numbers that change.
type sizeFlags struct {
	schedule string
	resize   string
	reserved string
}

func (f *sizeFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.schedule, "schedule", "", "price nodes whose shards follow `RULES`, such as \"weekdays 08-20: shards=4; else shards=1\"")
	flags.StringVar(&f.resize, "resize", "", "price nodes whose number follows the load by `RULE`: hourly or daily")
	flags.StringVar(&f.reserved, "reserved", "", "price `N` nodes as reserved for --term and the rest on demand; best finds the cheapest number")
	offerValues(c, "resize", "hourly", "daily")
}

// sizing checks the flags and says what they ask for.
func (opts *replayOptions) sizing() (replay.Sizing, error) {
	f := &opts.sizes
	s := replay.Sizing{Resize: replay.Resize(f.resize)}
	switch {
	case s.Resize != replay.ResizeNever && s.Resize != replay.ResizeHourly && s.Resize != replay.ResizeDaily:
		return s, usagef("unknown --resize %q; known: hourly, daily", f.resize)
	case f.resize != "" && f.schedule != "":
		return s, usagef("--schedule and --resize both set the number of nodes; leave one out")
	}
	if f.schedule != "" {
		schedule, err := replay.ParseSchedule(f.schedule)
		if err != nil {
			return s, usagef("--schedule: %w", err)
		}
		s.Schedule = schedule
	}
	committed := opts.term != "on-demand"
	switch n, err := wholeNumber(f.reserved); {
	case f.reserved == "":
		if s.Any() && committed {
			return s, usagef("with --schedule or --resize nodes are on demand; add --reserved N for the number reserved for --term %s, or leave out --term", opts.term)
		}
	case f.reserved == "best":
		s.Reserved = replay.ReservedBest
	case err != nil || n < 1 || n > 10_000:
		return s, usagef("--reserved %q is neither a number of nodes from 1 to 10000 nor best", f.reserved)
	default:
		s.Reserved = n
	}
	switch {
	case s.Reserved != 0 && !committed:
		return s, usagef("--reserved needs the term of the reservation; add --term 1y or --term 3y")
	case s.Reserved != 0 && opts.commit != "reserved":
		return s, usagef("--reserved is for reserved nodes; leave out --commitment %s", opts.commit)
	case s.Any() && opts.inputs.Persistence != "" && opts.inputs.Persistence != "none":
		return s, usagef("--persistence does not work with --schedule, --resize or --reserved; leave it out")
	case s.Any() && (opts.growth != "" || opts.shards > 0):
		return s, usagef("--schedule, --resize and --reserved set the number of nodes; leave out --growth and --shards")
	}
	return s, nil
}
