package cmd

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/feed"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/report"
)

// againstOptions are the flags of keynest rates check that set cards beside a feed.
type againstOptions struct {
	files   []string
	feed    feedOptions
	all     bool
	outputs []string
}

var againstFormats = []string{"table", "markdown", "json", "csv"}

func (o *againstOptions) add(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&o.files, "against", nil, "price `FILE` of a vendor to compare the cards with, in a format of rates import; repeatable")
	f.BoolVar(&o.all, "all", false, "list the prices that agree as well")
	o.feed.add(c)
	addOutputFlag(c, &o.outputs, againstFormats...)
}

// needless says which flag has no meaning without --against.
func (o *againstOptions) needless(c *cobra.Command) error {
	for _, name := range []string{"as-of", "all", "retrieved", "partial", "output"} {
		if c.Flags().Changed(name) {
			return usagef("--%s goes with --against FILE", name)
		}
	}
	return nil
}

// runRatesAgainst prints where a feed and the cards differ. A price that differs
// makes it exit 3; prices that one of them does not have are listed.
func runRatesAgainst(e *env, o *againstOptions, set *ratecard.Set) error {
	if err := checkOutputs(o.outputs, againstFormats...); err != nil {
		return err
	}
	retrieved := o.feed.retrieved
	if retrieved == "" {
		retrieved = e.today // nothing is written, so the day only stands in the report
	}
	all, published, err := o.feed.files(e, o.files, retrieved)
	if err != nil {
		return err
	}
	comparison := feed.Compare(set, all, o.feed.asOf)
	result := report.NewFeedJSON(comparison, nil, published)
	doc := report.FeedReport(result, o.all)
	err = e.writeOutputs(o.outputs,
		format{"table", func(w io.Writer) error { return page.WriteText(w, doc, e.style) }},
		format{"markdown", func(w io.Writer) error { return page.WriteMarkdown(w, doc) }},
		format{"json", func(w io.Writer) error { return report.WriteJSON(w, result) }},
		format{"csv", func(w io.Writer) error { return report.WriteFeedCSV(w, result) }},
	)
	switch {
	case err != nil:
		return err
	case comparison.Count(feed.Changed) > 0:
		return codedError{errors.New(""), exitBreach}
	case comparison.Count(feed.Same)+comparison.Count(feed.New) == 0:
		return codedError{errors.New("the feed and the cards have no price in common"), exitData}
	}
	return nil
}
