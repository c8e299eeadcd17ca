package cmd

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/reconcile"
	"github.com/keynest/keynest/pkg/report"
	"github.com/keynest/keynest/pkg/unit"
)

var reconcileFormats = []string{"table", "markdown", "json", "csv", "html"}

type reconcileOptions struct {
	rates   []string
	rules   []string
	most    string
	toml    bool
	series  string
	overlay string
	outputs []string
}

func newReconcileCmd(e *env) *cobra.Command {
	opts := &reconcileOptions{}
	c := &cobra.Command{
		Use:   "reconcile FILE...",
		Short: "Lay a cloud's billing export beside the list prices",
		Long: `reconcile reads billing exports and says for every line of a cache what it costs
at the list price of that day, what was billed, and why the two differ:
reservation, savings plan, discount, surcharge, credit, tax, minimum. What it
cannot explain it lists with its sum.

It reads AWS Cost and Usage Reports (CUR 2.0 and legacy), Cost Explorer's JSON,
FOCUS 1.0 to 1.2, Azure's cost details and Google's billing export, as CSV, gzip,
Parquet or JSON lines. Each file is recognised by its columns. FILE is - for
standard input.`,
		Example: `  keynest reconcile cur-2026-10.csv
  keynest reconcile focus.csv --output json
  keynest reconcile cur-2026-10.csv focus.csv --max-unexplained 2%`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runReconcile(e, c, opts, args) },
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&opts.most, "max-unexplained", "", "exit 3 if more than `SHARE` of the bill is unexplained, such as 2%")
	flags.BoolVar(&opts.toml, "as-workloads", false, "write a keynest.toml of the billed caches instead of a report")
	flags.StringVar(&opts.series, "series", "", "with --as-workloads: also write the hours of serverless caches as CSV to `FILE`, for keynest replay")
	flags.StringVar(&opts.overlay, "write-overlay", "", "write list prices of the bill that the cards lack to `FILE`, as rate cards for --rates")
	flags.StringArrayVar(&opts.rules, "rules", nil, "TOML `FILE` with further formats, charges and products; repeatable")
	flags.StringArrayVar(&opts.rates, "rates", nil, "rate card `FILE` that is added to the embedded cards; repeatable")
	addOutputFlag(c, &opts.outputs, reconcileFormats...)
	return c
}

// check says which flags do not go together.
func (opts *reconcileOptions) check(c *cobra.Command) error {
	if err := checkOutputs(opts.outputs, reconcileFormats...); err != nil {
		return err
	}
	if opts.toml && (c.Flags().Changed("output") || opts.most != "") {
		return usagef("--as-workloads writes TOML; leave out --output and --max-unexplained")
	}
	if opts.series != "" && !opts.toml {
		return usagef("--series needs --as-workloads; add it")
	}
	return checkSeries(opts.series)
}

func runReconcile(e *env, c *cobra.Command, opts *reconcileOptions, files []string) error {
	if err := opts.check(c); err != nil {
		return err
	}
	most, err := parseShare(opts.most)
	if err != nil {
		return err
	}
	set, err := e.cards(opts.rates)
	if err != nil {
		return err
	}
	rules, err := e.billRules(opts.rules)
	if err != nil {
		return err
	}
	inputs, done, err := e.bills(files)
	defer done()
	if err != nil {
		return err
	}
	progress, wipe := e.linesRead()
	r, err := reconcile.Read(rules, set, reconcile.Options{Lines: opts.everyLine(), Hours: opts.series != "", Progress: progress}, inputs...)
	wipe()
	if err != nil && reconcile.Mend(err) {
		return usageErr(err)
	}
	if err != nil {
		return err
	}
	if err := opts.writeOverlay(e, r, set); err != nil {
		return err
	}
	if opts.toml {
		if err := opts.writeSeries(e, r, set); err != nil {
			return err
		}
		return e.writeOutputs([]string{"toml"}, format{"toml", func(w io.Writer) error { return r.WriteWorkloads(w, set) }})
	}
	doc := func() *page.Document { return report.Reconcile(r) }
	err = e.writeOutputs(opts.outputs,
		format{"table", func(w io.Writer) error { return page.WriteText(w, doc(), e.style) }},
		format{"markdown", func(w io.Writer) error { return page.WriteMarkdown(w, doc()) }},
		format{"json", func(w io.Writer) error { return report.WriteJSON(w, report.NewReconcileJSON(r, set)) }},
		format{"csv", func(w io.Writer) error { return report.WriteReconcileCSV(w, r) }},
		format{"html", func(w io.Writer) error { return page.WriteHTML(w, doc()) }},
	)
	if err == nil && most >= 0 && r.Above(most) {
		return codedError{fmt.Errorf("%s %% of the bill is unexplained, more than --max-unexplained %s", r.Share(2), opts.most), exitBreach}
	}
	return err
}

// writeOverlay writes the prices that the bill contradicts, where it was asked for.
func (opts *reconcileOptions) writeOverlay(e *env, r *reconcile.Result, set *ratecard.Set) error {
	if opts.overlay == "" {
		return nil
	}
	text, err := r.Overlay(set)
	if err != nil {
		return usageErr(err)
	}
	return e.writeFile(opts.overlay, []byte(text))
}

// writeSeries writes the hours of the bill, where they were asked for.
func (opts *reconcileOptions) writeSeries(e *env, r *reconcile.Result, set *ratecard.Set) error {
	if opts.series == "" {
		return nil
	}
	var b bytes.Buffer
	notes, err := r.WriteSeries(&b, set)
	if err != nil {
		return codedError{err, exitData}
	}
	for _, note := range notes {
		e.say("note: ", note)
	}
	return e.writeFile(opts.series, b.Bytes())
}

// everyLine says whether a report lists every line, which are kept for it.
func (opts *reconcileOptions) everyLine() bool {
	for _, o := range opts.outputs {
		if name, _, _ := strings.Cut(o, "="); name == "json" || name == "csv" {
			return true
		}
	}
	return false
}

// parseShare reads 2% in millionths; -1 for none.
func parseShare(text string) (int64, error) {
	if text == "" {
		return -1, nil
	}
	number, ok := strings.CutSuffix(text, "%")
	n, err := unit.Scaled(number, unit.Million/100)
	if !ok || err != nil || n < 0 || n > unit.Million {
		return 0, usagef("--max-unexplained %q is not a share from 0%% to 100%%", text)
	}
	return n, nil
}

// billRules reads the rules of bills, and those of the user.
func (e *env) billRules(paths []string) (*reconcile.Rules, error) {
	var overlays []reconcile.File
	for _, path := range paths {
		text, err := e.readFile(path)
		if err != nil {
			return nil, err
		}
		overlays = append(overlays, reconcile.File{Name: path, Text: text})
	}
	rules, err := reconcile.Load(overlays...)
	return rules, usageErr(err)
}

// bills opens billing exports; "-" is standard input.
func (e *env) bills(files []string) (inputs []reconcile.Input, done func(), err error) {
	var open []io.Closer
	done = func() {
		for _, f := range open {
			_ = f.Close()
		}
	}
	for _, path := range files {
		if path == "-" {
			inputs = append(inputs, reconcile.Input{Name: "standard input", R: e.stdin})
			continue
		}
		f, err := openFile(path)
		if err != nil {
			return nil, done, err
		}
		open = append(open, f)
		table, err := parquetTable(path, f)
		if err != nil {
			return nil, done, err
		}
		inputs = append(inputs, reconcile.Input{Name: path, Table: table, R: f})
	}
	return inputs, done, nil
}

// linesRead tells a terminal how many lines were read, from the first second on.
func (e *env) linesRead() (tell func(rows int64), wipe func()) {
	to, ok := e.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(to.Fd())) {
		return nil, func() {}
	}
	begin := time.Now()
	last, shown := begin, false
	tell = func(rows int64) {
		now := time.Now()
		if now.Sub(begin) < time.Second || now.Sub(last) < 200*time.Millisecond {
			return
		}
		last, shown = now, true
		_, _ = fmt.Fprintf(to, "\r%.1f million lines read, %d s ", float64(rows)/1e6, int64(now.Sub(begin)/time.Second))
	}
	return tell, func() {
		if shown {
			_, _ = fmt.Fprint(to, "\r\x1b[K")
		}
	}
}
