package cmd

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/gate"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/report"
)

type diffOptions struct {
	ciFlags
	rates      []string
	fx         []string
	maxUSD     string
	maxPercent string
}

func newDiffCmd(e *env) *cobra.Command {
	opts := &diffOptions{}
	c := &cobra.Command{
		Use:   "diff A.json B.json",
		Short: "Explain the cost change between two reports: workload, rates, other",
		Long: `diff compares two JSON reports of keynest estimate, or two of keynest check. It
splits each cost change into three parts that add up exactly: the change of the
workload, the change of the rates, and other causes. To do so it prices both
workloads again on the dates of both reports; set --rates to the same files that
the reports were made with.

A limit applies to the cheapest offer of an estimate, or to its only offer, and to
the sum of each check.`,
		Example: `  keynest diff main.json branch.json
  keynest diff main.json branch.json --max-increase-percent 10 --output markdown --marker cost`,
		Args: takesArgs(2, 2, "two JSON reports, such as before.json after.json"),
		RunE: func(_ *cobra.Command, args []string) error { return runDiff(e, opts, args[0], args[1]) },
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&opts.maxUSD, "max-increase-usd", "", "exit 3 if the monthly cost rises by more than `USD`")
	flags.StringVar(&opts.maxPercent, "max-increase-percent", "", "exit 3 if the monthly cost rises by more than `PERCENT`")
	flags.StringArrayVar(&opts.rates, "rates", nil, "rate card `FILE` that is added to the embedded cards; repeatable")
	flags.StringArrayVar(&opts.fx, "fx", nil, "exchange `RATE`, as in EUR=1.16@2026-11-20; repeatable")
	opts.add(c)
	return c
}

func runDiff(e *env, opts *diffOptions, before, after string) error {
	if err := opts.check(); err != nil {
		return err
	}
	var limits gate.Limits
	var err error
	if limits.MaxIncreaseUSD, err = parseLimit("--max-increase-usd", opts.maxUSD); err != nil {
		return err
	}
	if opts.maxPercent != "" {
		p, err := gate.ParsePercent(opts.maxPercent)
		if err != nil {
			return usagef("--max-increase-percent %w", err)
		}
		limits.MaxIncreasePercent = &p
	}
	if before == "" || after == "" {
		return usagef("the name of a report is empty; diff needs two files")
	}
	a, err := e.readReport(before)
	if err != nil {
		return err
	}
	b, err := e.readReport(after)
	if err != nil {
		return err
	}
	set, err := e.cards(opts.rates)
	if err != nil {
		return err
	}
	if len(opts.fx) == 0 {
		opts.fx = b.Pricing.FX
	}
	fx, err := parseFXs(opts.fx, e.today)
	if err != nil {
		return err
	}
	filter, err := b.Pricing.Filter()
	if err != nil {
		return usagef("%s: %w", b.Name, err)
	}
	d, err := gate.NewPricer(set, filter, fx).Compare(a, b, limits)
	if err != nil {
		return pricingErr(err)
	}
	return opts.finish(e, &ciReport{
		result: d.Result, doc: report.Diff(d), json: report.NewDiffJSON(d), say: report.DiffVerdicts(d),
		metrics: func(w io.Writer) error { return report.WriteDiffOpenMetrics(w, d) },
	})
}

// parseLimit reads a limit in dollars; nil where the flag was not given.
func parseLimit(flag, text string) (*money.USD, error) {
	if text == "" {
		return nil, nil
	}
	u, err := money.ParseUSD(text)
	switch {
	case err != nil:
		return nil, usagef("%s %w", flag, err)
	case u < 0:
		return nil, usagef("%s %s is negative", flag, text)
	}
	return &u, nil
}
