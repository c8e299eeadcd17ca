package cmd

import (
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/report"
	"github.com/keynest/keynest/pkg/workload"
)

// axisFlags say which input moves, and how far.
type axisFlags struct {
	axis, from, to string
}

func (f *axisFlags) add(c *cobra.Command, ends string) {
	var names []string
	for _, a := range compare.Axes() {
		names = append(names, a.Name)
	}
	c.Flags().StringVar(&f.axis, "axis", "ops-per-sec", "`INPUT` to vary: "+strings.Join(names, ", "))
	c.Flags().StringVar(&f.from, "from", "", "lowest `VALUE` of the input, such as 10 or 1e3"+ends)
	c.Flags().StringVar(&f.to, "to", "", "highest `VALUE` of the input"+ends)
	offerValues(c, "axis", names...)
}

// followed is a workload on an axis.
type followed struct {
	field    *compare.Field
	workload workload.Workload
	span     compare.Span
	here     *int64 // nil where the workload leaves the axis's input out
}

// follow resolves one workload, whose input on the axis may be left out.
func (f *axisFlags) follow(e *env, p *pricingFlags) (*followed, error) {
	axis, err := compare.AxisByName(f.axis)
	if err != nil {
		return nil, usageErr(err)
	}
	span, err := axis.Span(f.from, f.to)
	if err != nil {
		return nil, usagef("--axis %s: %w", f.axis, err)
	}
	inputs, err := p.written(e)
	if err != nil {
		return nil, err
	}
	if len(inputs) != 1 {
		return nil, usagef("%s has %d workloads and this needs one; add --name NAME", p.file, len(inputs))
	}
	in := &inputs[0]
	given := in.input.GivesAxis(f.axis)
	aside := ""
	if !given {
		if aside, err = in.input.SetAside(f.axis); err != nil {
			return nil, usageErr(err)
		}
	}
	w, err := in.resolve()
	if err != nil {
		return nil, err
	}
	delete(w.Given, aside)
	set, err := e.cards(p.rates)
	if err != nil {
		return nil, err
	}
	return p.followOn(e, set, w, span, given)
}

func (f *pricingFlags) followOn(e *env, set *ratecard.Set, w workload.Workload, span compare.Span, given bool) (*followed, error) {
	field, err := f.fieldFor(e, set, &w)
	if err == nil {
		err = minimumsFit(field, &w)
	}
	if err != nil {
		return nil, err
	}
	at := &followed{field: field, workload: w, span: span}
	if given {
		here := span.Axis.Here(&w)
		at.here = &here
	}
	return at, nil
}

// along finds the break-evens.
func (f *followed) along(offers []*bill.Offer) (*compare.Along, error) {
	a, err := f.field.Along(f.workload, f.span, offers)
	if err != nil {
		return nil, usageErr(err)
	}
	a.Here = f.here
	return a, nil
}

// chartPoints is how finely a chart is drawn.
const chartPoints = 240

// picture sweeps the part of the axis where something happens; nil where no
// offer fits there, as on a log axis when only 0 does.
func (f *followed) picture(a *compare.Along) (*compare.Sweep, error) {
	span, log := a.Window()
	s, err := f.draw(span, log, a.Offers)
	if nothing := (*compare.NothingToSeeError)(nil); errors.As(err, &nothing) {
		return nil, nil //nolint:nilnil // no picture is an answer
	}
	return s, err
}

// draw sweeps a span finely enough for a picture.
func (f *followed) draw(span compare.Span, log bool, offers []*bill.Offer) (*compare.Sweep, error) {
	points, err := span.Points(chartPoints, log)
	if err != nil {
		return nil, err
	}
	s, err := f.field.Sweep(f.workload, span, points, log, offers)
	if err != nil {
		return nil, err
	}
	s.Here = f.here
	return s, nil
}

type breakEvenOptions struct {
	pricingFlags
	axisFlags
	between []string
	outputs []string
}

var breakEvenFormats = []string{"table", "markdown", "json", "csv", "html"}

func newBreakEvenCmd(e *env) *cobra.Command {
	opts := &breakEvenOptions{}
	c := &cobra.Command{
		Use:   "breakeven",
		Short: "Find where the cheapest offer changes along one input",
		Long: `breakeven varies one input of a workload, keeps the others, and lists the ranges
of that input with the cheapest offer in each. The limits of the ranges are exact
to one command a second, GiB, byte or replica; they are not sampled. You may leave
out the input that is varied. If you give it, the report adds the distance from
your value to the nearest change.`,
		Example: `  keynest breakeven --gib 8 --axis ops-per-sec
  keynest breakeven --gib 8 --axis ops-per-sec --between upstash-payg,elasticache-node-valkey
  keynest breakeven --ops-per-sec 5000 --gib 8 --axis gib --from 1 --to 500`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runBreakEven(e, opts) },
	}
	opts.pricingFlags.add(c)
	opts.addReserved(c)
	opts.axisFlags.add(c, " (default: the end of that input's range)")
	listVar(c.Flags(), &opts.between, "between", "only these two offers, as `A,B`")
	addOutputFlag(c, &opts.outputs, breakEvenFormats...)
	return c
}

func runBreakEven(e *env, opts *breakEvenOptions) error {
	if err := checkOutputs(opts.outputs, breakEvenFormats...); err != nil {
		return err
	}
	if n := len(opts.between); n != 0 && n != 2 {
		return usagef("--between names %d offers; name two, as in --between upstash-payg,elasticache-node-valkey", n)
	}
	at, err := opts.follow(e, &opts.pricingFlags)
	if err != nil {
		return err
	}
	offers := at.field.Ranked()
	if len(opts.between) == 2 {
		if offers, err = at.field.Pair(opts.between[0], opts.between[1]); err != nil {
			return usagef("--between: %w", err)
		}
	}
	a, err := at.along(offers)
	if err != nil {
		return err
	}
	s, err := at.picture(a)
	if err != nil {
		return err
	}
	doc := func() *page.Document { return report.BreakEven(a, s) }
	return e.writeOutputs(opts.outputs,
		format{"table", func(w io.Writer) error { return page.WriteText(w, doc(), e.style) }},
		format{"markdown", func(w io.Writer) error { return page.WriteMarkdown(w, doc()) }},
		format{"json", func(w io.Writer) error { return report.WriteJSON(w, report.NewBreakEvenJSON(a)) }},
		format{"csv", func(w io.Writer) error { return report.WriteBreakEvenCSV(w, a) }},
		format{"html", func(w io.Writer) error { return page.WriteHTML(w, doc()) }},
	)
}
