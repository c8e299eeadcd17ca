package cmd

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/report"
	"github.com/keynest/keynest/pkg/suggest"
	"github.com/keynest/keynest/pkg/unit"
)

type regionsOptions struct {
	ratesFlags
	providers []string
}

var regionsFormats = []string{"table", "markdown", "json", "csv", "html"}

func newRegionsCmd(e *env) *cobra.Command {
	opts := &regionsOptions{}
	c := &cobra.Command{
		Use:   "regions",
		Short: "List the vendors' regions that the cards know",
		Long: `regions lists the regions of each vendor as the cards have them, the places that
stand for them in --region, and how many offers have a price there. A region without
a price is listed too: its offers are shown as not priced.`,
		Example: "  keynest regions\n  keynest regions --provider aws --output csv",
		Args:    noArgs,
		RunE:    func(*cobra.Command, []string) error { return runRegions(e, opts) },
	}
	c.Flags().StringArrayVar(&opts.providers, "provider", nil, "only regions of the provider `NAME`; repeatable")
	opts.ratesFlags.add(c, regionsFormats...)
	return c
}

func runRegions(e *env, opts *regionsOptions) error {
	set, day, err := opts.load(e, regionsFormats...)
	if err != nil {
		return err
	}
	list := set.Regions(day)
	for _, name := range opts.providers {
		is := func(r ratecard.Region) bool { return isProvider(r, name) }
		if !slices.ContainsFunc(list, is) {
			return usagef("no region of a provider %q%s", unit.Clip(name), suggest.Question(name, providerIDs(set)))
		}
	}
	if len(opts.providers) > 0 {
		list = slices.DeleteFunc(list, func(r ratecard.Region) bool {
			return !slices.ContainsFunc(opts.providers, func(name string) bool { return isProvider(r, name) })
		})
	}
	doc := func() *page.Document { return report.Regions(list, day) }
	return e.writeOutputs(opts.outputs,
		format{"table", func(w io.Writer) error { return page.WriteText(w, doc(), e.style) }},
		format{"markdown", func(w io.Writer) error { return page.WriteMarkdown(w, doc()) }},
		format{"json", func(w io.Writer) error { return report.WriteJSON(w, report.NewRegionsJSON(list, day)) }},
		format{"csv", func(w io.Writer) error { return report.WriteRegionsCSV(w, list, day) }},
		format{"html", func(w io.Writer) error { return page.WriteHTML(w, doc()) }},
	)
}

// isProvider says whether a region is of a provider, by id or by name.
func isProvider(r ratecard.Region, name string) bool {
	return strings.EqualFold(r.Provider.ID, name) || strings.EqualFold(r.Provider.Name, name)
}
