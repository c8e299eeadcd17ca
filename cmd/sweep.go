package cmd

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/report"
)

type sweepOptions struct {
	pricingFlags
	axisFlags
	steps   int
	log     bool
	outputs []string
}

var sweepFormats = []string{"table", "markdown", "json", "csv", "html"}

func newSweepCmd(e *env) *cobra.Command {
	opts := &sweepOptions{}
	c := &cobra.Command{
		Use:   "sweep",
		Short: "Price a workload at many values of one input, with a chart",
		Long: `sweep prices a workload at many values of one input and keeps the others. It prints
a table and a chart of the cheapest offer of each kind; csv and json have every offer
at every value. You may leave out the input that is varied. For the exact values at
which the cheapest offer changes, see keynest breakeven.`,
		Example: `  keynest sweep --gib 8 --axis ops-per-sec --from 10 --to 1e6 --steps 11 --log
  keynest sweep --gib 8 --from 1 --to 200 --steps 5 --offer upstash-payg --offer elasticache-node-valkey
  keynest sweep --ops-per-sec 5000 --axis gib --from 1 --to 256 --steps 256 --output csv`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runSweep(e, opts) },
	}
	opts.pricingFlags.add(c)
	opts.addReserved(c)
	opts.axisFlags.add(c, "")
	countVar(c.Flags(), &opts.steps, "steps", 20, "price at `N` values, both ends included")
	c.Flags().BoolVar(&opts.log, "log", false, "space the values by equal factors instead of equal differences")
	addOutputFlag(c, &opts.outputs, sweepFormats...)
	return c
}

func runSweep(e *env, opts *sweepOptions) error {
	if err := checkOutputs(opts.outputs, sweepFormats...); err != nil {
		return err
	}
	if opts.from == "" || opts.to == "" {
		return usagef("no range given; add --from and --to, as in --from 10 --to 1e6")
	}
	at, err := opts.follow(e, &opts.pricingFlags)
	if err != nil {
		return err
	}
	points, err := at.span.Points(opts.steps, opts.log)
	if err != nil {
		return usageErr(err)
	}
	s, err := at.field.Sweep(at.workload, at.span, points, opts.log, at.field.Offers)
	if err != nil {
		return usageErr(err)
	}
	drawn, err := at.draw(at.span, opts.log, at.field.Offers)
	if err != nil {
		return err
	}
	s.Here = at.here
	doc := func() *page.Document { return report.Sweep(s, drawn) }
	return e.writeOutputs(opts.outputs,
		format{"table", func(w io.Writer) error { return page.WriteText(w, doc(), e.style) }},
		format{"markdown", func(w io.Writer) error { return page.WriteMarkdown(w, doc()) }},
		format{"json", func(w io.Writer) error { return report.WriteJSON(w, report.NewSweepJSON(s)) }},
		format{"csv", func(w io.Writer) error { return report.WriteSweepCSV(w, s) }},
		format{"html", func(w io.Writer) error { return page.WriteHTML(w, doc()) }},
	)
}
