package cmd

import (
	"io"
	"strings"

	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/report"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// maxRanges bounds the corners: every further range doubles them.
const maxRanges = 6

// ranges are the flags that give two ends, as in 3000..8000.
func (f *pricingFlags) ranges() []compare.Range {
	var list []compare.Range
	for _, in := range workload.Fields() {
		if low, high, two := strings.Cut(string(f.inputs.Get(in.Key)), ".."); two {
			list = append(list, compare.Range{Key: in.Key, Low: low, High: high})
		}
	}
	return list
}

func checkRange(g compare.Range) error {
	flag := workload.Flag(g.Key)
	var ends [2]int64
	for i, s := range []string{g.Low, g.High} {
		v, err := unit.Scaled(s, unit.Million)
		if err != nil {
			return usagef("%s %s..%s: %w; write a range as 3000..8000", flag, g.Low, g.High, err)
		}
		ends[i] = v
	}
	switch {
	case ends[0] == ends[1]:
		return usagef("%s %s..%s has two equal ends; give one value, or different ends", flag, g.Low, g.High)
	case ends[0] > ends[1]:
		return usagef("%s %s..%s is reversed; swap its ends", flag, g.Low, g.High)
	}
	return nil
}

// over prices the ranges, and settles what to show them in.
func (opts *estimateOptions) over(e *env, ranges []compare.Range) (*compare.Ranges, error) {
	if len(ranges) > maxRanges {
		return nil, usagef("%d ranges are too many; give at most %d", len(ranges), maxRanges)
	}
	if opts.moves || opts.show.Explain {
		return nil, usagef("--sensitivity and --explain do not work with ranges; give one value for each input")
	}
	for _, g := range ranges {
		if err := checkRange(g); err != nil {
			return nil, err
		}
	}
	r, err := opts.corners(e, ranges)
	if err != nil {
		return nil, err
	}
	opts.show.Currency, err = shownIn(opts.currency, r.Corners[0].Comparison.Field)
	return r, err
}

func runRanges(e *env, opts *estimateOptions, ranges []compare.Range) error {
	r, err := opts.over(e, ranges)
	if err != nil {
		return err
	}
	doc := func() *page.Document { return report.Ranges(r, opts.show) }
	return e.writeOutputs(opts.outputs,
		format{"table", func(w io.Writer) error { return page.WriteText(w, doc(), e.style) }},
		format{"markdown", func(w io.Writer) error { return page.WriteMarkdown(w, doc()) }},
		format{"json", func(w io.Writer) error { return report.WriteJSON(w, report.NewRangesJSON(r)) }},
		format{"csv", func(w io.Writer) error { return report.WriteRangesCSV(w, r) }},
		format{"html", func(w io.Writer) error { return page.WriteHTML(w, doc()) }},
	)
}

// corners prices the workload with every range at each of its ends.
func (opts *estimateOptions) corners(e *env, ranges []compare.Range) (*compare.Ranges, error) {
	inputs, err := opts.written(e)
	if err != nil {
		return nil, err
	}
	if len(inputs) != 1 {
		return nil, usagef("%s has %d workloads and a range needs one; add --name NAME", opts.file, len(inputs))
	}
	set, err := e.cards(opts.rates)
	if err != nil {
		return nil, err
	}
	var corners []compare.Corner
	for bits := range 1 << len(ranges) {
		c, err := opts.corner(e, set, inputs[0], ranges, bits)
		if err != nil {
			return nil, err
		}
		corners = append(corners, c)
	}
	return compare.NewRanges(ranges, corners)
}

func (opts *estimateOptions) corner(e *env, set *ratecard.Set, in namedInput, ranges []compare.Range, bits int) (compare.Corner, error) {
	var corner compare.Corner
	for i, g := range ranges {
		high := bits>>i&1 == 1
		value := g.Low
		if high {
			value = g.High
		}
		in.input.Set(g.Key, workload.Value(value))
		corner.High = append(corner.High, high)
	}
	w, err := in.resolve()
	if err != nil {
		return corner, err
	}
	list, err := opts.price(e, set, []workload.Workload{w})
	if err != nil {
		return corner, err
	}
	corner.Comparison = list[0]
	return corner, nil
}
