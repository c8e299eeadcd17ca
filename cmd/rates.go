package cmd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/report"
	"github.com/keynest/keynest/pkg/safetext"
)

func newRatesCmd(e *env) *cobra.Command {
	c := &cobra.Command{
		Use:   "rates",
		Short: "Show the rate cards: contents, age and changes",
		Long: `rates shows and checks the rate cards: each figure with its page and the date on
which it was read. The cards are part of the program; --rates adds files of your own:
they add to the cards, and cannot change a price that is there.`,
		Example: "  keynest rates list\n  keynest rates show elasticache-serverless-valkey --region eu-west",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newRatesListCmd(e), newRatesShowCmd(e), newRatesCheckCmd(e), newRatesDiffCmd(e), newRatesImportCmd(e), newRatesSQLCmd(e))
	return c
}

// ratesFlags are what every rates command takes.
type ratesFlags struct {
	asOf    string
	rates   []string
	outputs []string
}

func (f *ratesFlags) add(c *cobra.Command, formats ...string) {
	c.Flags().StringVar(&f.asOf, "as-of", "", "use the rates in force on `DATE`, YYYY-MM-DD (default today)")
	c.Flags().StringArrayVar(&f.rates, "rates", nil, "rate card `FILE` that is added to the embedded cards; repeatable")
	addOutputFlag(c, &f.outputs, formats...)
}

// load checks the flags and reads the cards.
func (f *ratesFlags) load(e *env, formats ...string) (set *ratecard.Set, day string, err error) {
	if err := checkOutputs(f.outputs, formats...); err != nil {
		return nil, "", err
	}
	if day = f.asOf; day == "" {
		day = e.today
	}
	if err := checkDay("--as-of", day, e.today); err != nil {
		return nil, "", err
	}
	set, err = e.cards(f.rates)
	return set, day, err
}

func newRatesListCmd(e *env) *cobra.Command {
	var f ratesFlags
	var older string
	var details bool
	formats := []string{"table", "markdown", "json", "csv"}
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the cards with their age and confidence",
		Example: "  keynest rates list\n  keynest rates list --older-than 180d",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			set, day, err := f.load(e, formats...)
			if err != nil {
				return err
			}
			before := ""
			if older != "" {
				if before, err = daysBefore("--older-than", older, day); err != nil {
					return err
				}
			}
			rows := []report.CardSummary{}
			for _, o := range set.Offers() {
				s := report.Summarize(set, o, day)
				if before == "" || (s.NewestRead != nil && ratecard.Older(*s.NewestRead, before)) {
					rows = append(rows, s)
				}
			}
			doc := report.RatesList(rows, day)
			if details {
				doc = report.RatesDetails(rows, day)
			}
			return e.writeOutputs(f.outputs,
				format{"table", func(w io.Writer) error { return page.WriteText(w, doc, e.style) }},
				format{"markdown", func(w io.Writer) error { return page.WriteMarkdown(w, doc) }},
				format{"json", func(w io.Writer) error { return report.WriteJSON(w, report.NewRatesListJSON(rows, day)) }},
				format{"csv", func(w io.Writer) error { return report.WriteRatesListCSV(w, rows) }},
			)
		},
	}
	f.add(c, formats...)
	c.Flags().BoolVar(&details, "details", false, "add what each offer charges for, its price page, and what is unknown")
	c.Flags().StringVar(&older, "older-than", "", "only cards whose newest figure was read more than `DAYS` ago, such as 180d")
	return c
}

// daysBefore reads an age such as 180d and returns the day that long before.
func daysBefore(flag, age, day string) (string, error) {
	n, err := wholeNumber(strings.TrimSuffix(age, "d"))
	if err != nil || !strings.HasSuffix(age, "d") || n < 0 || n > 36500 {
		return "", usagef("%s %q is not a number of days like 180d", flag, age)
	}
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return "", err
	}
	return t.AddDate(0, 0, -int(n)).Format(time.DateOnly), nil
}

func newRatesShowCmd(e *env) *cobra.Command {
	var f ratesFlags
	var region string
	formats := []string{"table", "markdown", "json"}
	c := &cobra.Command{
		Use:     "show OFFER",
		Short:   "Show the card of one offer: prices, rules, assumptions, sources",
		Example: "  keynest rates show upstash-payg\n  keynest rates show elasticache-node-valkey --region ap-south --as-of 2025-06-01",
		Args:    takesArgs(1, 1, "an offer id, such as upstash-payg; keynest rates list names them"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			set, err := e.cards(nil)
			if err != nil || len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var ids []string
			for _, o := range set.Offers() {
				ids = append(ids, o.ID+"\t"+o.Name)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			set, day, err := f.load(e, formats...)
			if err != nil {
				return err
			}
			o := set.Offer(args[0])
			if o == nil {
				return usageErr(set.NoOffer(args[0]))
			}
			v := set.Version(o, day)
			if v == nil {
				return usagef("%s has no card on %s; its first is in force from %s", o.ID, day, o.Versions()[0])
			}
			where, err := set.Where(region)
			if err != nil {
				return usageErr(err)
			}
			in, ok := where.Region(v)
			if regions := v.Regions(); !ok && !c.Flags().Changed("region") && len(regions) > 0 {
				in, ok = regions[0], true // the card says which
			}
			if !ok {
				return usagef("%s has no price in %s; its card has %s", o.ID, region, strings.Join(v.Regions(), ", "))
			}
			doc := report.RateCard(set, v, in)
			return e.writeOutputs(f.outputs,
				format{"table", func(w io.Writer) error { return page.WriteText(w, doc, e.style) }},
				format{"markdown", func(w io.Writer) error { return page.WriteMarkdown(w, doc) }},
				format{"json", func(w io.Writer) error { return report.WriteJSON(w, report.NewCardJSON(set, v, day)) }},
			)
		},
	}
	f.add(c, formats...)
	c.Flags().StringVar(&region, "region", "us-east", "show the prices of `PLACE`; if the card has none there, those of its first region")
	return c
}

func newRatesCheckCmd(e *env) *cobra.Command {
	var against againstOptions
	c := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Check the embedded cards or a card file",
		Long: `check reads the embedded cards, or FILE, lists every problem, and computes each
worked example in the cards again. A FILE that begins with schema = 1 is a complete
set of cards; any other FILE is added to the embedded cards, as with --rates.

With --against it compares the cards with a vendor's price file and lists the prices
that differ. If there are any, the exit status is 3.`,
		Example: "  keynest rates check\n  keynest rates check --against index.json",
		Args:    takesArgs(0, 1, ""),
		RunE: func(c *cobra.Command, args []string) error {
			name, text := ratesName, e.rates
			if len(args) > 0 {
				var err error
				name = args[0]
				if text, err = e.readFile(name); err != nil {
					return err
				}
			}
			set, base, err := e.checkCards(ratecard.File{Name: name, Text: text})
			if err != nil {
				return usageErr(err)
			}
			if len(against.files) > 0 {
				return runRatesAgainst(e, &against, set)
			}
			if err := against.needless(c); err != nil {
				return err
			}
			if _, wrong := bill.CheckExamples(set); len(wrong) > 0 {
				return usageErr(errors.New(name + ": worked examples disagree\n  " + strings.Join(wrong, "\n  ")))
			}
			if _, err = fmt.Fprintf(e.stdout, "%s: good: %s\n", safetext.Message(name), contents(set, base)); err != nil {
				return err
			}
			if pack := stalePack(args, text); pack != "" {
				fmt.Fprintf(e.stderr, "keynest: %s is stale: it was made from other cards; run: go generate ./pkg/ratecard\n", pack)
			}
			return nil
		},
	}
	against.add(c)
	return c
}

// checkCards loads a full set of cards, or lays an overlay on the embedded
// ones, which are then the base.
func (e *env) checkCards(file ratecard.File) (set, base *ratecard.Set, err error) {
	if ratecard.IsFull(file.Text) {
		set, err = ratecard.Load(e.today, file)
		return set, nil, err
	}
	if base, err = e.cards(nil); err != nil {
		return nil, nil, err
	}
	set, err = base.Overlay(e.today, file)
	return set, base, err
}

// stalePack names the packed cards that were made from another text than the
// one checked: the program's own, or those of the clone that the file is in.
func stalePack(args []string, text string) string {
	if len(args) == 0 {
		if ratecard.EmbeddedIsCurrent(text) {
			return ""
		}
		return "rates.pack"
	}
	name := filepath.Join(filepath.Dir(args[0]), "pkg", "ratecard", "rates.pack")
	pack, err := os.ReadFile(name)
	if err != nil || !ratecard.IsFull(text) || ratecard.PackIsCurrent(string(pack), text) {
		return ""
	}
	return name
}

// contents says how much a set holds, or what it adds to a base.
func contents(set, base *ratecard.Set) string {
	words := []string{"offer", "version", "figure", "discount", "place", "worked example that comes out"}
	plural := []string{"offers", "versions", "figures", "discounts", "places", "worked examples that come out"}
	have, had := tally(set), tally(base)
	var parts []string
	for i, n := range have {
		switch n -= had[i]; {
		case n == 1:
			parts = append(parts, "1 "+words[i])
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", n, plural[i]))
		}
	}
	switch {
	case len(parts) == 0:
		return "adds exchange rates"
	case base != nil:
		return "adds " + strings.Join(parts, ", ")
	}
	return strings.Join(parts, ", ")
}

// tally counts offers, versions, figures, discounts, places and worked
// examples; nil has none.
func tally(set *ratecard.Set) (n [6]int) {
	if set == nil {
		return n
	}
	for _, o := range set.Offers() {
		n[0]++
		n[1] += len(o.Versions())
		for _, day := range o.Versions() {
			n[2] += set.FigureCount(o, day)
		}
	}
	n[3], n[4] = len(set.Discounts()), len(set.Places())
	n[5], _ = bill.CheckExamples(set)
	return n
}

func newRatesDiffCmd(e *env) *cobra.Command {
	var f ratesFlags
	var from, to string
	var all bool
	formats := []string{"table", "markdown", "json"}
	c := &cobra.Command{
		Use:     "diff --from DATE [--to DATE]",
		Short:   "List the changes of the cards between two dates",
		Example: "  keynest rates diff --from 2025-01-01 --to 2025-06-01",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			set, today, err := f.load(e, formats...)
			if err != nil {
				return err
			}
			if to == "" {
				to = today
			}
			if from == "" {
				return usagef("no start given; add --from DATE")
			}
			if err := errors.Join(checkDay("--from", from, e.today), checkDay("--to", to, e.today)); err != nil {
				return err
			}
			if from > to {
				return usagef("--from %s is after --to %s", from, to)
			}
			diff := report.NewRatesDiff(set, set, from, to)
			return e.writeOutputs(f.outputs,
				format{"table", func(w io.Writer) error { return page.WriteText(w, report.RatesDiff(diff, all), e.style) }},
				format{"markdown", func(w io.Writer) error { return page.WriteMarkdown(w, report.RatesDiff(diff, all)) }},
				format{"json", func(w io.Writer) error { return report.WriteJSON(w, diff) }},
			)
		},
	}
	f.add(c, formats...)
	_ = c.Flags().MarkHidden("as-of")
	c.Flags().StringVar(&from, "from", "", "the earlier `DATE`")
	c.Flags().StringVar(&to, "to", "", "the later `DATE` (default today)")
	c.Flags().BoolVar(&all, "all", false, "list every figure")
	return c
}
