package compare

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Axis is one input of a workload, varied in whole steps. No bill falls as the
// step grows. More reads lower bills, so the steps of the share of reads count
// writes (Falls).
type Axis struct {
	Name string // as --axis takes it
	Unit string // of the values: "ops/s", "GiB", …
	One  string // the singular of Unit, if it differs
	Max  int64  // the last step of the search
	// Falls says that values fall as steps grow.
	Falls bool
	// Value prints a step in the axis's unit.
	Value func(step int64) string
	// Step is the first step at or beyond a value, in millionths.
	Step func(micro int64) int64
	// At is the workload with the input at that step.
	At func(w workload.Workload, step int64) (workload.Workload, error)
	// Here is the workload's own step, rounded down.
	Here func(w *workload.Workload) int64
}

// Distance prints a number of steps in the axis's unit.
func (a Axis) Distance(steps int64) string {
	if a.Falls {
		return unit.Decimal(steps, a.Max)
	}
	return a.Value(steps)
}

func whole(step int64) string { return fmt.Sprint(step) }

func wholeStep(micro int64) int64 { return unit.CeilDiv(micro, unit.Million) }

// maxCommands is the highest number of commands a month for which break-evens
// are searched: 3.4 million a second. In millionths it fits in 64 bits.
const maxCommands = 9_000_000_000_000

// readSteps is the resolution of the share of reads: tenths of a percent.
const readSteps = 1000

// Axes lists the axes.
func Axes() []Axis {
	return []Axis{
		{
			Name: "ops-per-sec", Unit: "ops/s", Max: MaxOpsPerSec, Value: whole, Step: wholeStep,
			At:   func(w workload.Workload, n int64) (workload.Workload, error) { return w.AtOps(n) },
			Here: func(w *workload.Workload) int64 { return w.OpsPerSec / unit.Million },
		},
		{
			Name: "commands-per-month", Unit: "commands a month", One: "command a month", Max: maxCommands, Value: whole, Step: wholeStep,
			At:   func(w workload.Workload, n int64) (workload.Workload, error) { return w.AtCommands(n) },
			Here: func(w *workload.Workload) int64 { return w.Commands },
		},
		{
			Name: "gib", Unit: "GiB", Max: 100_000, Value: whole, Step: wholeStep,
			At: func(w workload.Workload, n int64) (workload.Workload, error) {
				w.StoredBytes = n * unit.GiB
				return w, nil
			},
			Here: func(w *workload.Workload) int64 { return w.StoredBytes / unit.GiB },
		},
		{
			Name: "payload-bytes", Unit: "B a command", Max: 1_000_000, Value: whole, Step: wholeStep,
			At:   func(w workload.Workload, n int64) (workload.Workload, error) { return w.AtPayload(n) },
			Here: func(w *workload.Workload) int64 { return w.PayloadBytes },
		},
		{
			// Counted in writes, so that bills do not fall along it.
			Name: "read-share", Unit: "of reads", Max: readSteps, Falls: true,
			Value: func(n int64) string { return unit.Decimal(readSteps-n, readSteps) },
			Step: func(micro int64) int64 {
				return readSteps - min(readSteps, micro*readSteps/unit.Million)
			},
			At: func(w workload.Workload, n int64) (workload.Workload, error) {
				return w.AtReadShare(readSteps-n, readSteps)
			},
			Here: func(w *workload.Workload) int64 { return readSteps - w.ReadShare*readSteps/unit.Million },
		},
		{
			Name: "replicas", Unit: "replicas", One: "replica", Max: 10, Value: whole, Step: wholeStep,
			At: func(w workload.Workload, n int64) (workload.Workload, error) {
				w.Replicas = n
				return w, nil
			},
			Here: func(w *workload.Workload) int64 { return w.Replicas },
		},
		{
			Name: "read-regions", Unit: "read regions", One: "read region", Max: 20, Value: whole, Step: wholeStep,
			At: func(w workload.Workload, n int64) (workload.Workload, error) {
				w.ReadRegions = n
				return w, nil
			},
			Here: func(w *workload.Workload) int64 { return w.ReadRegions },
		},
	}
}

// AxisByName finds an axis, or names the known ones.
func AxisByName(name string) (Axis, error) {
	var known []string
	for _, a := range Axes() {
		if a.Name == name {
			return a, nil
		}
		known = append(known, a.Name)
	}
	return Axis{}, fmt.Errorf("unknown axis %q; known: %s", name, strings.Join(known, ", "))
}

// Curve is the cost of the cheapest of some offers along the axis.
func (a Axis) Curve(w workload.Workload, offers []*bill.Offer) Curve {
	return func(step int64) (Point, error) {
		u, err := a.usage(w, step)
		if err != nil || u == nil {
			return Point{}, err
		}
		best, who := Point{Regime: 14695981039346656037}, 0
		for i, o := range offers {
			total, status, regime, err := o.Piece(u)
			if err != nil {
				return Point{}, err
			}
			best.Regime = (best.Regime ^ regime) * 1099511628211
			cost := Cost{Total: total, Status: status, TooSmall: o.TooSmall(u)}
			if cost.Fits() && (!best.Fits || total < best.Total) {
				best.Fits, best.Total, best.Offer, who = true, total, o.Card, i
			}
		}
		// The minimum of several straight lines is a straight line only while
		// the same offer is the cheapest.
		best.Regime = (best.Regime ^ uint64(who)) * 1099511628211
		return best, nil
	}
}
