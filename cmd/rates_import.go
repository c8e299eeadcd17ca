package cmd

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/feed"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/report"
	"github.com/keynest/keynest/pkg/unit"
)

// ratesImportOptions are the flags of keynest rates import.
type ratesImportOptions struct {
	feed    feedOptions
	fetch   fetchOptions
	rates   []string
	accept  []string
	older   string
	write   string
	all     bool
	outputs []string
}

var importFormats = []string{"toml", "table", "markdown", "json", "csv"}

func newRatesImportCmd(e *env) *cobra.Command {
	var o ratesImportOptions
	c := &cobra.Command{
		Use:   "import FILE...",
		Short: "Make a card overlay from a vendor's price file",
		Long: `import reads price files as vendors publish them, and writes the prices that are
newer than those on the cards as a card overlay, which --rates takes. It tells the
kind of file by its content:
` + wrapWords(feed.FormatTitles(), 80) + `.
Give all files of one feed at once: the pages of an answer, or several regions.

A price is left out, and said so, where the feed has two for one thing, where it
is zero, or where it changes by more than 30 % unless --accept names it.

With --fetch it gets the files itself, from the vendor's own host and nowhere
else; nothing else in keynest rates uses the network.`,
		Example: `  keynest rates import index.json > overlay.toml
  keynest rates import index.json --output table
  keynest rates import --fetch aws-elasticache --region eu-west-1 > overlay.toml
  keynest rates import index.json --write rates.toml`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			return runRatesImport(c, e, o, args)
		},
	}
	f := c.Flags()
	o.feed.add(c)
	o.fetch.add(c)
	f.StringArrayVar(&o.rates, "rates", nil, "rate card `FILE` that is added to the embedded cards; repeatable")
	f.StringArrayVar(&o.accept, "accept", nil, "accept a change of more than 30 % for the price `KEY`, as the report names it; * matches any text; repeatable")
	f.StringVar(&o.older, "older-than", "", "renew the date of an unchanged price only if the card's is older than `180d`")
	f.StringVar(&o.write, "write", "", "add the new versions to the cards in `FILE` instead of printing them")
	f.BoolVar(&o.all, "all", false, "list the prices that did not change as well")
	addOutputFlag(c, &o.outputs, importFormats...)
	return c
}

// feedOptions are the flags for reading a feed.
type feedOptions struct {
	asOf      string
	retrieved string
	partial   bool
}

func (o *feedOptions) add(c *cobra.Command) {
	c.Flags().StringVar(&o.asOf, "as-of", "", "compare with the cards of `DATE`, YYYY-MM-DD; also selects the rate of that day from a history of exchange rates (default today)")
	c.Flags().StringVar(&o.retrieved, "retrieved", "", "`DATE` on which the file was fetched, YYYY-MM-DD, for feeds without a date of their own")
	c.Flags().BoolVar(&o.partial, "partial", false, "accept an answer of several pages although some are missing")
}

func runRatesImport(c *cobra.Command, e *env, o ratesImportOptions, args []string) error {
	if err := checkOutputs(o.outputs, importFormats...); err != nil {
		return err
	}
	before := ""
	if o.older != "" {
		var err error
		if before, err = daysBefore("--older-than", o.older, e.today); err != nil {
			return err
		}
	}
	for _, pattern := range o.accept {
		if pattern == "*" || pattern == "" {
			return usagef("--accept %q would accept every change; name the prices", pattern)
		}
	}
	set, old, err := o.base(e)
	if err != nil {
		return err
	}
	all, published, err := o.read(c, e, args)
	if err != nil {
		return err
	}
	comparison := feed.Compare(set, all, o.feed.asOf)
	for _, pattern := range o.accept {
		if !slices.ContainsFunc(comparison.Findings, func(f feed.Finding) bool { return feed.Accepts([]string{pattern}, f.Key) }) {
			return usagef("--accept %q names no price of the feed; keynest rates import FILE --output table --all lists them", unit.Clip(pattern))
		}
	}
	taken, err := feed.Overlay(set, comparison, feed.Choice{Published: published, Today: e.today, Accept: o.accept, Before: before})
	if err != nil {
		return usageErr(err)
	}
	if taken.Text != "" {
		taken.Text = importHeader(all, published) + taken.Text
		if _, err := set.Overlay(e.today, ratecard.File{Name: "the overlay", Text: taken.Text}); err != nil {
			return fmt.Errorf("the new prices do not fit the cards: %w", err)
		}
	}
	e.importNotes(comparison, taken, published)
	if err := o.output(c, e, comparison, taken, published, old); err != nil {
		return err
	}
	if len(taken.New)+len(taken.Changed)+len(taken.Confirmed)+len(taken.Older) == 0 {
		return codedError{fmt.Errorf("no price of %s was taken; --output table says why", all.Title), exitData}
	}
	return nil
}

// importHeader is the comment that an overlay begins with.
func importHeader(f *feed.Feed, published string) string {
	return fmt.Sprintf("# Written by keynest rates import from %s of %s.\n", f.Title, published)
}

// base is the set of cards that a feed is set beside, and the text of the file
// that --write adds to.
func (o *ratesImportOptions) base(e *env) (set *ratecard.Set, old string, err error) {
	if o.write == "" {
		set, err = e.cards(o.rates)
		return set, "", err
	}
	if len(o.rates) > 0 {
		return nil, "", usagef("--rates and --write do not go together: --write uses the cards of its own file; leave out --rates")
	}
	if o.write == "-" {
		return nil, "", usagef("--write - is not possible; leave out --write to print the overlay")
	}
	if old, err = e.readFile(o.write); err != nil {
		return nil, "", err
	}
	set, _, err = e.checkCards(ratecard.File{Name: o.write, Text: old})
	return set, old, usageErr(err)
}

// read reads the files that were named, or fetches them.
func (o *ratesImportOptions) read(c *cobra.Command, e *env, args []string) (*feed.Feed, string, error) {
	if o.fetch.name != "" {
		if len(args) > 0 {
			return nil, "", usagef("give either files or --fetch %s", o.fetch.name)
		}
		if o.feed.retrieved != "" {
			return nil, "", usagef("--retrieved is for files; prices of --fetch are of today")
		}
		files, tidy, err := o.fetch.run(c.Context(), e)
		defer tidy()
		if err != nil {
			return nil, "", err
		}
		whole := o.feed
		whole.partial = true // every page was followed to the last
		all, published, err := whole.files(e, files, e.today)
		o.feed = whole
		return all, published, err
	}
	if len(o.fetch.regions) > 0 {
		return nil, "", usagef("--region works only with --fetch; leave it out")
	}
	if o.fetch.dir != "" {
		return nil, "", usagef("--download-dir works only with --fetch; leave it out")
	}
	if len(args) == 0 {
		return nil, "", usagef("no input given; name a price file, or add --fetch FEED")
	}
	return o.feed.files(e, args, o.feed.retrieved)
}

// files reads the files of one feed. The day of the feed is what the files say,
// else retrieved.
func (o *feedOptions) files(e *env, paths []string, retrieved string) (*feed.Feed, string, error) {
	if o.asOf == "" {
		o.asOf = e.today
	}
	if err := checkDay("--as-of", o.asOf, e.today); err != nil {
		return nil, "", err
	}
	if retrieved != "" {
		if err := checkDay("--retrieved", retrieved, e.today); err != nil {
			return nil, "", err
		}
	}
	var feeds []*feed.Feed
	for _, path := range paths {
		f, err := e.readFeed(path, o.asOf)
		if err != nil {
			return nil, "", usageErr(err)
		}
		feeds = append(feeds, f)
	}
	all, err := feed.Join(feeds, o.partial)
	if err != nil {
		return nil, "", usageErr(err)
	}
	switch {
	case all.Published > e.today:
		return nil, "", usagef("%s: published on %s, which is in the future; check the file and this machine's clock", paths[0], all.Published)
	case all.Published != "":
		return all, all.Published, nil
	case retrieved == "":
		return nil, "", usagef("%s: %s has no date; add --retrieved DATE, the day on which it was fetched", paths[0], all.Title)
	}
	return all, retrieved, nil
}

func (e *env) readFeed(path, asOf string) (*feed.Feed, error) {
	if path == "-" {
		return feed.Read("standard input", e.stdin, feed.Options{AsOf: asOf})
	}
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return feed.Read(path, f, feed.Options{AsOf: asOf})
}

// importNotes tells on standard error what was taken and what was not.
func (e *env) importNotes(c *feed.Comparison, t *feed.Taken, published string) {
	say := func(format string, args ...any) { fmt.Fprintf(e.stderr, "keynest: "+format+"\n", args...) }
	skipped := 0
	for _, n := range c.Feed.Skipped {
		skipped += n
	}
	say("%d %s of %s, %s; prices: %d changed, %d new, %d unchanged, %d without a card, %d skipped, %d not recognised",
		c.Feed.Rows, plural(c.Feed.Rows, "row"), c.Feed.Title, published, len(t.Changed), len(t.New), len(t.Confirmed), c.Count(feed.Uncarded), skipped, len(c.Feed.Unknown)+c.Feed.Unlisted)
	if t.Text == "" && len(t.Older) > 0 {
		say("nothing to change: the cards are as new as this feed")
	}
	for _, f := range t.Jumps {
		say("not taken: %s from %s to %s %s, a change of more than %d %%; --accept '%s' takes it", f.Key, f.Was, f.Price, f.Currency, feed.MaxJump, f.Key)
	}
	for _, r := range c.Feed.Refused {
		say("refused: %s: %s", r.Key, r.Why)
	}
	for i := range c.Findings {
		if f := &c.Findings[i]; f.Status == feed.Refused {
			say("refused: %s: %s", f.Key, f.Why)
		}
	}
	for _, f := range t.Unwritten {
		say("not taken: %s: %s", f.Key, f.Why)
	}
	if len(c.Missing) > 0 && t.Text != "" {
		say("%d prices of these offers and regions are not in the feed; they keep their figures and dates", len(c.Missing))
	}
}

// output writes the overlay and the reports that were asked for.
func (o *ratesImportOptions) output(c *cobra.Command, e *env, comparison *feed.Comparison, taken *feed.Taken, published, old string) error {
	result := report.NewFeedJSON(comparison, taken, published)
	doc := report.FeedReport(result, o.all)
	outputs := o.outputs
	if o.write != "" {
		if taken.Text != "" {
			joined := strings.TrimRight(old, "\n") + "\n\n" + taken.Text
			if _, _, err := e.checkCards(ratecard.File{Name: o.write, Text: joined}); err != nil {
				return fmt.Errorf("%s was not written, because it would become invalid: %w", o.write, err)
			}
			if err := e.writeFile(o.write, []byte(joined)); err != nil {
				return err
			}
		}
		if !c.Flags().Changed("output") {
			return nil
		}
	}
	return e.writeOutputs(outputs,
		format{"toml", func(w io.Writer) error { _, err := io.WriteString(w, taken.Text); return err }},
		format{"table", func(w io.Writer) error { return page.WriteText(w, doc, e.style) }},
		format{"markdown", func(w io.Writer) error { return page.WriteMarkdown(w, doc) }},
		format{"json", func(w io.Writer) error { return report.WriteJSON(w, result) }},
		format{"csv", func(w io.Writer) error { return report.WriteFeedCSV(w, result) }},
	)
}

// wrapWords joins words with commas, a line break before one that would pass the
// width.
func wrapWords(words []string, width int) string {
	var b strings.Builder
	column := 0
	for i, w := range words {
		if i > 0 {
			b.WriteString(",")
			if column++; column+1+len(w) < width {
				b.WriteString(" ")
				column++
			}
		}
		if column+len(w) >= width {
			b.WriteString("\n")
			column = 0
		}
		b.WriteString(w)
		column += len(w)
	}
	return b.String()
}
