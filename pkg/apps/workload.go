package apps

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Counting says which commands of applications are counted.
type Counting struct {
	Scripts bool // those inside scripts besides those from clients; they count as writes
	Low     bool // the lower end of the range, instead of the upper one
}

// Amount is the count of a range.
func (c Counting) Amount(r Range) Amount {
	if c.Low {
		return r.Low
	}
	return r.High
}

// Input is a workload that sends what the applications send. What in says of the
// commands is replaced; with plus, both add up. Commands that do not only read
// count as writes.
func (l *Load) Input(in workload.Input, c Counting, plus bool) (workload.Input, error) {
	return l.input(in, c.Amount(l.Total), c, plus)
}

// WithoutIdle is Input without what is sent when there is no work.
func (l *Load) WithoutIdle(in workload.Input, c Counting, plus bool) (workload.Input, error) {
	total, idle := c.Amount(l.Total), c.Amount(l.Idle)
	left := Amount{Client: max(0, total.Client-idle.Client), Scripts: max(0, total.Scripts-idle.Scripts), Reads: max(0, total.Reads-idle.Reads)}
	return l.input(in, left, c, plus)
}

func (l *Load) input(in workload.Input, a Amount, c Counting, plus bool) (workload.Input, error) {
	reads, writes := a.Reads, a.Client-a.Reads
	if c.Scripts {
		writes += a.Scripts
	}
	given := commandFlags(in)
	switch {
	case len(given) > 0 && !plus:
		return in, fmt.Errorf("%s and --app both give commands; add --plus to add them up, or leave one out", strings.Join(given, ", "))
	case len(given) == 0 && plus:
		return in, fmt.Errorf("--plus needs --ops-per-sec or --commands-per-month to add to; give one, or leave out --plus")
	case plus:
		w, err := in.Resolve("")
		if err != nil {
			return in, err
		}
		var errs [2]error
		reads, errs[0] = unit.Add(reads, w.Reads)
		writes, errs[1] = unit.Add(writes, w.Writes)
		if errs[0] != nil || errs[1] != nil {
			return in, fmt.Errorf("the applications and the workload together send too many commands to count")
		}
	}
	in.OpsPerSec, in.CommandsPerMonth, in.ReadShare = "", "", ""
	in.ReadsPerMonth, in.WritesPerMonth = workload.Value(strconv.FormatInt(reads, 10)), workload.Value(strconv.FormatInt(writes, 10))
	return in, nil
}

// commandFlags are the inputs that say how many commands there are.
func commandFlags(in workload.Input) []string {
	var flags []string
	for _, f := range []struct {
		key   string
		value workload.Value
	}{
		{"ops_per_sec", in.OpsPerSec}, {"commands_per_month", in.CommandsPerMonth},
		{"reads_per_month", in.ReadsPerMonth}, {"writes_per_month", in.WritesPerMonth},
	} {
		if f.value != "" {
			flags = append(flags, workload.Flag(f.key))
		}
	}
	return flags
}
