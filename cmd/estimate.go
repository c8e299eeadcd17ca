package cmd

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/report"
	"github.com/keynest/keynest/pkg/suggest"
	"github.com/keynest/keynest/pkg/unit"
)

type estimateOptions struct {
	pricingFlags
	limitFlags
	growthFlags
	outputs  []string
	currency string
	moves    bool
	moved    map[*compare.Comparison]*compare.Sensitivity
	sent     map[*compare.Comparison]*report.Applications
	billed   string // --from-bill
	show     report.EstimateOptions
}

var estimateFormats = []string{"table", "markdown", "json", "csv", "html"}

func newEstimateCmd(e *env) *cobra.Command { return (&estimateOptions{}).command(e) }

// command is keynest estimate, which fills the options from its flags.
func (opts *estimateOptions) command(e *env) *cobra.Command {
	c := &cobra.Command{
		Use:   "estimate",
		Short: "Price a workload on every offer, per-command and capacity-based",
		Long: `estimate prices one month of a workload on per-command (serverless) offers and on
capacity-based offers, ranks them, and gives the break-even between the two kinds.
Two inputs are enough: the command rate and the data size. Every other input has a
default, which is printed with the result.

` + wrapped(compare.Rule),
		Example: `  keynest estimate --ops-per-sec 5000 --gib 8
  keynest estimate --ops-per-sec 5000 --gib 8 --region eu-west --term 1y
  keynest estimate --ops-per-sec 200 --gib 1 --offer 'upstash-*' --explain
  keynest estimate --preset cache --ops-per-sec 900 --gib 2 --output json
  keynest observe info t0.txt t1.txt | keynest estimate --observed -`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runEstimate(e, c, opts) },
	}
	opts.pricingFlags.add(c)
	opts.addReserved(c)
	opts.apps = &appFlags{}
	opts.apps.add(c)
	c.Flags().StringVar(&opts.billed, "from-bill", "", "find how many commands a month make a bill of `USD` on the offer of --offer")
	c.Flags().StringVar(&opts.observed, "observed", "", "output `FILE` of keynest observe: prices its workload and counts each command by the vendor's rules; - reads standard input")
	c.Flags().BoolVar(&opts.show.Explain, "explain", false, "print each line as quantity × rate = amount, with its source and date")
	c.Flags().BoolVar(&opts.show.All, "all", false, "also list offers that do not fit or have no price, with the reason")
	countVar(c.Flags(), &opts.show.Top, "top", 0, "list the `N` cheapest of each group (default: as many as fill 24 lines)")
	listVar(c.Flags(), &opts.show.Columns, "columns", "`LIST` of the columns to show: "+strings.Join(report.Columns(), ", "))
	c.Flags().StringVar(&opts.show.Sort, "sort", "price", "sort each group by `KEY`: "+strings.Join(report.SortKeys(), ", "))
	c.Flags().BoolVar(&opts.moves, "sensitivity", false, "show how each bill changes if an input is 10 % higher or lower")
	c.Flags().StringVar(&opts.currency, "currency", "USD", "print amounts in `CURRENCY`, USD or EUR, at the exchange rate of the cards or of --fx")
	opts.growthFlags.add(c)
	opts.limitFlags.add(c)
	addOutputFlag(c, &opts.outputs, estimateFormats...)
	return c
}

func runEstimate(e *env, c *cobra.Command, opts *estimateOptions) error {
	if err := checkOutputs(opts.outputs, estimateFormats...); err != nil {
		return err
	}
	limits, err := opts.limits(c)
	if err != nil {
		return err
	}
	if err := opts.checkShow(c); err != nil {
		return err
	}
	if opts.growth != "" || c.Flags().Changed("months") {
		if limits != nil || len(opts.ranges()) > 0 {
			return usagef("--growth does not work with limits or ranges; leave them out")
		}
		return runGrowingEstimate(e, opts)
	}
	if ranges := opts.ranges(); len(ranges) > 0 {
		if limits != nil || opts.observed != "" {
			return usagef("limits and --observed do not work with ranges; give one value for each input")
		}
		return runRanges(e, opts, ranges)
	}
	list, err := opts.bills(e)
	if err != nil {
		return err
	}
	doc := func() *page.Document { return report.Estimates(list, opts.showOf) }
	err = e.writeOutputs(opts.outputs,
		format{"table", func(w io.Writer) error { return page.WriteText(w, doc(), e.style) }},
		format{"markdown", func(w io.Writer) error { return page.WriteMarkdown(w, doc()) }},
		format{"json", func(w io.Writer) error {
			if len(list) > 1 {
				return report.WriteJSON(w, report.NewEstimatesJSON(list, opts.showOf))
			}
			return report.WriteJSON(w, report.NewEstimateJSON(list[0], opts.showOf(list[0])))
		}},
		format{"csv", func(w io.Writer) error { return report.WriteEstimateCSV(w, list, opts.show) }},
		format{"html", func(w io.Writer) error {
			d, err := opts.page(list)
			if err != nil {
				return err
			}
			return page.WriteHTML(w, d)
		}},
	)
	if err != nil || limits == nil {
		return err
	}
	return opts.judge(e, limits, list)
}

// checkShow refuses what --top, --columns and --sort do not know.
func (opts *estimateOptions) checkShow(c *cobra.Command) error {
	if c.Flags().Changed("top") && opts.show.Top < 1 {
		return usagef("--top %d is below 1; give 1 or more", opts.show.Top)
	}
	if c.Flags().Changed("columns") && len(opts.show.Columns) == 0 {
		return usagef("--columns is empty; known: %s", strings.Join(report.Columns(), ", "))
	}
	for _, name := range opts.show.Columns {
		if !slices.Contains(report.Columns(), name) {
			return usagef("--columns: unknown column %q%s; known: %s", unit.Clip(name), suggest.Question(name, report.Columns()), strings.Join(report.Columns(), ", "))
		}
	}
	if !slices.Contains(report.SortKeys(), opts.show.Sort) {
		return usagef("--sort: unknown key %q%s; known: %s", unit.Clip(opts.show.Sort), suggest.Question(opts.show.Sort, report.SortKeys()), strings.Join(report.SortKeys(), ", "))
	}
	return nil
}

// document is the page of what the flags ask for.
func (opts *estimateOptions) document(e *env) (*page.Document, error) {
	if ranges := opts.ranges(); len(ranges) > 0 {
		r, err := opts.over(e, ranges)
		if err != nil {
			return nil, err
		}
		return report.Ranges(r, opts.show), nil
	}
	list, err := opts.bills(e)
	if err != nil {
		return nil, err
	}
	return opts.page(list)
}

// bills prices every workload, and settles what to show them in.
func (opts *estimateOptions) bills(e *env) ([]*compare.Comparison, error) {
	if opts.billed != "" {
		if err := opts.fromBill(e); err != nil {
			return nil, err
		}
	}
	list, err := opts.compare(e)
	if err != nil {
		return nil, err
	}
	if opts.show.Currency, err = shownIn(opts.currency, list[0].Field); err != nil {
		return nil, err
	}
	opts.sent = map[*compare.Comparison]*report.Applications{}
	for _, c := range list {
		if opts.sent[c], err = opts.apps.report(c); err != nil {
			return nil, err
		}
	}
	if !opts.moves {
		return list, nil
	}
	opts.moved = map[*compare.Comparison]*compare.Sensitivity{}
	for _, c := range list {
		if opts.moved[c], err = c.Sensitivity(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// showOf is what to show of one workload.
func (opts *estimateOptions) showOf(c *compare.Comparison) report.EstimateOptions {
	show := opts.show
	show.Sensitivity = opts.moved[c]
	show.Applications = opts.sent[c]
	return show
}

// page is the document with every bill in it, and a chart of each workload.
func (opts *estimateOptions) page(list []*compare.Comparison) (*page.Document, error) {
	shows := map[*compare.Comparison]report.EstimateOptions{}
	for i, c := range list {
		show := opts.showOf(c)
		show.Details = true
		if len(list) > 1 {
			show.Page = fmt.Sprintf("w%d-", i+1)
		}
		var err error
		if show.Chart, err = opsChart(c); err != nil {
			return nil, err
		}
		shows[c] = show
	}
	return report.Estimates(list, func(c *compare.Comparison) report.EstimateOptions { return shows[c] }), nil
}

// opsChart draws cost against the command rate; nil where no bill depends on it.
func opsChart(c *compare.Comparison) (*page.Chart, error) {
	axis, err := compare.AxisByName("ops-per-sec")
	if err != nil {
		return nil, err
	}
	here := axis.Here(&c.Workload)
	at := &followed{field: c.Field, workload: c.Workload, span: compare.Span{Axis: axis, Lo: 0, Hi: axis.Max}, here: &here}
	a, err := at.along(c.Field.Ranked())
	if nothing := (*compare.NothingToSeeError)(nil); errors.As(err, &nothing) {
		return nil, nil //nolint:nilnil // no chart is an answer
	} else if err != nil {
		return nil, err
	}
	s, err := at.picture(a)
	if err != nil || s == nil {
		return nil, err
	}
	return report.CostChart(s, a), nil
}
