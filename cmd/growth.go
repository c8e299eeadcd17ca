package cmd

import (
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/report"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// growthFlags let a load grow: a workload (keynest estimate) or a series of
// hours (keynest replay).
type growthFlags struct {
	growth string
	months int
}

func (f *growthFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.growth, "growth", "", "let load and data grow by `RATE`, such as 8%/month; with --months")
	countVar(c.Flags(), &f.months, "months", 24, "grow for `N` months")
}

// parse reads 8%/month.
func (f *growthFlags) parse() (workload.Growth, error) {
	number, ok := strings.CutSuffix(f.growth, "%/month")
	millionths, err := unit.Scaled(number, unit.Million/100)
	switch {
	case !ok || err != nil || millionths == 0 || millionths > 10*unit.Million:
		return workload.Growth{}, usagef("--growth %q is not a rate like 8%%/month, above 0%% and at most 1000%%", unit.Clip(f.growth))
	case f.months < 1 || f.months > 120:
		return workload.Growth{}, usagef("--months %d is not from 1 to 120", f.months)
	}
	return workload.Growth{Num: unit.Million + millionths, Den: unit.Million}, nil
}

// writeGrowth writes the report of a growing load.
func (e *env) writeGrowth(outputs []string, g *report.Growing) error {
	doc := func() *page.Document { return report.Growth(g) }
	return e.writeOutputs(outputs,
		format{"table", func(w io.Writer) error { return page.WriteText(w, doc(), e.style) }},
		format{"markdown", func(w io.Writer) error { return page.WriteMarkdown(w, doc()) }},
		format{"json", func(w io.Writer) error { return report.WriteJSON(w, report.NewGrowthJSON(g)) }},
		format{"csv", func(w io.Writer) error { return report.WriteGrowthCSV(w, g) }},
		format{"html", func(w io.Writer) error { return page.WriteHTML(w, doc()) }},
	)
}

// runGrowingEstimate prices one workload as it is and grown month by month.
func runGrowingEstimate(e *env, opts *estimateOptions) error {
	if opts.growth == "" {
		return usagef("--months needs a rate; add --growth, as in --growth 8%%/month")
	}
	grow, err := opts.parse()
	if err != nil {
		return err
	}
	switch {
	case opts.observed != "" || opts.billed != "" || opts.moves || opts.show.Explain || opts.show.All || opts.show.Top > 0 || len(opts.show.Columns) > 0:
		return usagef("--growth does not work with --observed, --from-bill, --sensitivity, --explain, --all, --top or --columns; leave them out")
	case opts.currency != "USD":
		return usagef("--growth prints USD only; leave out --currency %s", unit.Clip(opts.currency))
	}
	all, err := opts.workloads(e)
	if err != nil {
		return err
	}
	if len(all) != 1 {
		return usagef("%s has %d workloads and --growth needs one; add --name NAME", opts.file, len(all))
	}
	set, err := e.cards(opts.rates)
	if err != nil {
		return err
	}
	w := all[0]
	field, err := opts.fieldFor(e, set, &w)
	if err == nil {
		err = minimumsFit(field, &w)
	}
	if err != nil {
		return err
	}
	var months []*compare.Comparison
	for k := range opts.months + 1 {
		var c *compare.Comparison
		if k > 0 {
			w, err = w.Grow(grow)
		}
		if err == nil {
			c, err = field.Run(w)
		}
		switch {
		case errors.Is(err, unit.ErrRange):
			return usagef("the workload of month %d is too large to count; lower --months", k)
		case err != nil:
			return usageErr(err)
		}
		months = append(months, c)
	}
	return e.writeGrowth(opts.outputs, report.GrowingWorkload(months, opts.growth))
}
