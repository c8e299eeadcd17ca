package cmd

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/apps"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/report"
	"github.com/keynest/keynest/pkg/workload"
)

var fitFormats = []string{"table", "markdown", "json", "csv", "html"}

type fitOptions struct {
	apps     []string
	files    []string
	commands string
	list     bool
	cluster  string
	require  []string
	filter   compare.Filter
	asOf     string
	rates    []string
	explain  bool
	outputs  []string
}

func newFitCmd(e *env) *cobra.Command {
	o := &fitOptions{}
	c := &cobra.Command{
		Use:   "fit",
		Short: "Show on which offers an application runs, and with which settings",
		Long: `fit compares what an application needs (hash slots, numbered databases, Lua,
blocking commands, pub/sub, keyspace notifications, modules, eviction) with what
each offer has, and says: it runs, it runs with a setting, it does not run, or it
is not known. --commands does the same for the commands that keynest observe
counted on a server.

Every fact has a source and a date; --explain prints them. What was not found is
not known, never yes or no. keynest fit --list names the applications.`,
		Example: `  keynest fit --app sidekiq
  keynest fit --app bullmq,connect-redis --offer 'elasticache-*' --explain
  keynest fit --app celery --require elasticache-node-valkey
  keynest observe info t0.txt t1.txt | keynest fit --commands - --cluster-mode on`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return runFit(e, o) },
	}
	f := c.Flags()
	f.SortFlags = false
	listVar(f, &o.apps, "app", "`NAME` of an application (--list names them); repeatable, or NAME,NAME for several that share a database")
	f.StringVar(&o.commands, "commands", "", "output `FILE` of keynest observe: judges the commands that it counted; - reads standard input")
	f.BoolVar(&o.list, "list", false, "list the applications; with --explain, where each one runs")
	f.StringArrayVar(&o.files, "apps", nil, "TOML `FILE` of applications that adds to or overrides the embedded ones; repeatable")
	f.StringVar(&o.cluster, "cluster-mode", "off", "cluster `MODE` of offers that let you choose: on or off")
	f.StringArrayVar(&o.require, "require", nil, "exit 3 if it does not run on `OFFER`, 4 if that is unknown; repeatable")
	f.StringArrayVar(&o.filter.Offers, "offer", nil, "only offers whose id matches the `GLOB`; repeatable")
	f.StringArrayVar(&o.filter.Providers, "provider", nil, "only offers of the provider `NAME`; repeatable")
	f.StringArrayVar(&o.filter.Engines, "engine", nil, "only offers compatible with `ENGINE`, valkey or redis; repeatable")
	f.StringVar(&o.asOf, "as-of", "", "judge the offers sold on `DATE`, YYYY-MM-DD (default today)")
	f.StringArrayVar(&o.rates, "rates", nil, "rate card `FILE` that is added to the embedded cards; repeatable")
	f.BoolVar(&o.explain, "explain", false, "print every fact with its source and date, and the inputs of the application")
	addOutputFlag(c, &o.outputs, fitFormats...)
	offerValues(c, "cluster-mode", "on", "off")
	return c
}

func runFit(e *env, o *fitOptions) error {
	if err := checkOutputs(o.outputs, fitFormats...); err != nil {
		return err
	}
	switch {
	case o.cluster != "on" && o.cluster != "off":
		return usagef("unknown --cluster-mode %q; known: on, off", o.cluster)
	case o.list && (len(o.apps) > 0 || o.commands != ""):
		return usagef("--list names the applications; leave out --app and --commands")
	case !o.list && len(o.apps) == 0 && o.commands == "":
		return usagef("no application given; add --app NAME or --commands FILE; keynest fit --list names the applications")
	}
	book, err := e.apps(o.files)
	if err != nil {
		return err
	}
	if o.list {
		return listApps(e, o, book)
	}
	r, err := fitReport(e, o, book)
	if err != nil {
		return err
	}
	if err := e.writeFit(o.outputs, report.FitDocument(r), r); err != nil {
		return err
	}
	return fitRequired(e, o, r)
}

// listApps names the applications; with --explain it lays them against the offers.
func listApps(e *env, o *fitOptions, book *apps.Book) error {
	if len(o.require) > 0 {
		return usagef("--require needs an application; leave out --list and add --app NAME")
	}
	if !o.explain {
		return e.writeFit(o.outputs, report.AppsList(book, nil), nil)
	}
	matrix := map[string]*report.FitReport{}
	for _, id := range book.IDs() {
		one := *o
		one.apps = []string{id}
		r, err := fitReport(e, &one, book)
		if err != nil {
			return err
		}
		matrix[id] = r
	}
	return e.writeFit(o.outputs, report.AppsList(book, matrix), nil)
}

// apps reads the embedded applications and lays the user's files over them.
func (e *env) apps(files []string) (*apps.Book, error) {
	book, err := apps.Embedded()
	if err != nil {
		return nil, fmt.Errorf("the embedded applications are broken: %w", err)
	}
	for _, path := range files {
		text, err := e.readFile(path)
		if err != nil {
			return nil, err
		}
		if book, err = book.Overlay(path, text); err != nil {
			return nil, usageErr(err)
		}
	}
	return book, nil
}

// fitReport judges what was asked about on every offer that is kept.
func fitReport(e *env, o *fitOptions, book *apps.Book) (*report.FitReport, error) {
	picked, err := book.Pick(o.apps...)
	if err != nil {
		return nil, usageErr(err)
	}
	judge, err := apps.NewJudge(book)
	if err != nil {
		return nil, err
	}
	r := &report.FitReport{AsOf: o.asOf, Apps: picked, Takes: map[string][]apps.Used{}, Cluster: o.cluster == "on", Explain: o.explain, Book: book}
	if r.AsOf == "" {
		r.AsOf = e.today
	}
	if err := checkDay("--as-of", r.AsOf, e.today); err != nil {
		return nil, err
	}
	for _, a := range picked {
		r.Takes[a.ID] = book.Takes(a)
	}
	if o.commands != "" {
		if r.Commands, err = e.observedCommands(o.commands, judge); err != nil {
			return nil, err
		}
		r.CommandsFile = o.commands
	}
	set, err := e.cards(o.rates)
	if err != nil {
		return nil, err
	}
	cards, err := o.filter.Cards(set)
	if err != nil {
		return nil, usageErr(err)
	}
	for _, id := range o.require {
		if set.Offer(id) == nil {
			return nil, usageErr(set.NoOffer(id))
		}
	}
	for _, card := range cards {
		if v := set.Version(card, r.AsOf); v == nil || v.Withdrawn != "" || card.Status == ratecard.StatusTarget {
			continue
		}
		r.Offers = append(r.Offers, judgeOn(judge, r, apps.OfferOf(set, card, report.OfferName(card))))
	}
	if len(r.Offers) == 0 {
		return nil, usagef("no offer that the filters select was sold on %s", r.AsOf)
	}
	return r, nil
}

func judgeOn(judge *apps.Judge, r *report.FitReport, o *apps.Offer) *apps.Fit {
	if r.Commands != nil {
		return judge.FitCommands(r.Apps, r.Commands, o)
	}
	return judge.Fit(r.Apps, o)
}

// observedCommands reads the counted commands of every workload of a file.
func (e *env) observedCommands(path string, judge *apps.Judge) (*apps.Observed, error) {
	text, err := e.readFile(path)
	if err != nil {
		return nil, err
	}
	file, err := workload.ReadFile(path, text)
	if err != nil {
		return nil, usageErr(err)
	}
	counts := map[string]int64{}
	for _, entry := range file.Workload {
		if entry.Observed == nil {
			continue
		}
		for command, n := range entry.Observed.Counts {
			if n < 0 {
				return nil, usagef("%s: %s was counted %d times", path, command, n)
			}
			counts[command] = max(n, counts[command])
		}
	}
	if len(counts) == 0 {
		return nil, usagef("%s: no counts by command ([workload.NAME.observed.counts]); keynest observe writes them", path)
	}
	return judge.Observe(counts), nil
}

// writeFit writes the report, or the list of applications where there is none.
func (e *env) writeFit(outputs []string, d *page.Document, r *report.FitReport) error {
	if r == nil && slices.ContainsFunc(outputs, func(o string) bool {
		return strings.HasPrefix(o, "json") || strings.HasPrefix(o, "csv")
	}) {
		return usagef("--list has no such format; use table, markdown or html")
	}
	return e.writeOutputs(outputs,
		format{"table", func(w io.Writer) error { return page.WriteText(w, d, e.style) }},
		format{"markdown", func(w io.Writer) error { return page.WriteMarkdown(w, d) }},
		format{"json", func(w io.Writer) error { return report.WriteJSON(w, report.NewFitJSON(r)) }},
		format{"csv", func(w io.Writer) error { return report.WriteFitCSV(w, r) }},
		format{"html", func(w io.Writer) error { return page.WriteHTML(w, d) }},
	)
}

// fitRequired turns --require into the exit status, with a line for each.
func fitRequired(e *env, o *fitOptions, r *report.FitReport) error {
	code := exitOK
	for _, id := range o.require {
		i := slices.IndexFunc(r.Offers, func(f *apps.Fit) bool { return f.Offer.ID == id })
		if i < 0 {
			return usagef("--require %s is not among the selected offers; leave out the filters", id)
		}
		m := r.Offers[i].In(r.Cluster)
		why := append(m.Settings(), m.Reasons()...)
		switch m.Verdict {
		case apps.DoesNotRun:
			code = exitBreach
			why = m.Reasons()
		case apps.Unknown:
			if code == exitOK {
				code = exitData
			}
			why = m.Reasons()
		case apps.RunsWith:
			why = m.Settings()
		case apps.Runs:
		}
		line := "keynest: " + id + ": " + m.Verdict.Words()
		if len(why) > 0 {
			line += ": " + strings.Join(why, "; ")
		}
		fmt.Fprintln(e.stderr, line)
	}
	if code == exitOK {
		return nil
	}
	return codedError{errors.New(""), code}
}

func completeApps(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	book, err := apps.Embedded()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return book.IDs(), cobra.ShellCompDirectiveNoFileComp
}
