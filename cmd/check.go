package cmd

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/gate"
	"github.com/keynest/keynest/pkg/inventory"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/report"
	"github.com/keynest/keynest/pkg/tomlfile"
	"github.com/keynest/keynest/pkg/unit"
)

// ciFlags are what keynest check and keynest diff share.
type ciFlags struct {
	outputs  []string
	marker   string
	exitCode int
}

var ciFormats = []string{"table", "markdown", "json", "github", "junit", "sarif", "openmetrics", "gitlab", "html"}

func (f *ciFlags) add(c *cobra.Command) {
	addExitCodeFlag(c, &f.exitCode)
	c.Flags().StringVar(&f.marker, "marker", "", "write `NAME` into a hidden first line of the Markdown, so that a later run finds its comment")
	addOutputFlag(c, &f.outputs, ciFormats...)
}

func addExitCodeFlag(c *cobra.Command, to *int) {
	countVar(c.Flags(), to, "exit-code", exitBreach, "exit with status `N` if a limit is exceeded; 0 only warns")
}

var markerName = regexp.MustCompile(`^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$`)

func (f *ciFlags) check() error {
	if f.marker != "" && (len(f.marker) > 64 || !markerName.MatchString(f.marker)) {
		return usagef("--marker %q is not a name of letters and digits with single . _ - between", f.marker)
	}
	if err := checkExitCode(f.exitCode); err != nil {
		return err
	}
	return checkOutputs(f.outputs, ciFormats...)
}

func checkExitCode(n int) error {
	if n < 0 || n > 125 {
		return usagef("--exit-code %d is not between 0 and 125", n)
	}
	return nil
}

// ciReport is a command's report in the formats that pipelines read.
type ciReport struct {
	result  *gate.Result
	doc     *page.Document
	json    any
	metrics func(io.Writer) error
	say     []string // the verdict
}

// finish writes the reports, then the verdict, and returns the error that
// carries the exit code.
func (f *ciFlags) finish(e *env, r *ciReport) error {
	opt := report.CIOptions{Version: versionString(), WarnOnly: f.exitCode == exitOK}
	err := e.writeOutputs(f.outputs,
		format{"table", func(w io.Writer) error { return page.WriteText(w, r.doc, e.style) }},
		format{"markdown", func(w io.Writer) error { return report.WriteComment(w, r.doc, f.marker) }},
		format{"json", func(w io.Writer) error { return report.WriteJSON(w, r.json) }},
		format{"github", func(w io.Writer) error { return report.WriteGitHub(w, r.result, opt) }},
		format{"junit", func(w io.Writer) error { return report.WriteJUnit(w, r.result, opt) }},
		format{"sarif", func(w io.Writer) error { return report.WriteSARIF(w, r.result, opt) }},
		format{"openmetrics", r.metrics},
		format{"gitlab", func(w io.Writer) error { return report.WriteGitLab(w, r.result, opt) }},
		format{"html", func(w io.Writer) error { return page.WriteHTML(w, r.doc) }},
	)
	if err != nil {
		return err
	}
	for _, o := range f.outputs {
		if name, _, _ := strings.Cut(o, "="); name == "github" {
			if err := e.appendGitHub(r); err != nil {
				return err
			}
			break
		}
	}
	for _, line := range r.say {
		e.say("keynest: ", line)
	}
	if len(r.result.Checks) == 0 {
		return nil
	}
	return verdictErr(r.result, f.exitCode)
}

// appendGitHub adds the report to the summary of a GitHub step, and the headline
// to its outputs, where the step has such files.
func (e *env) appendGitHub(r *ciReport) error {
	if path := e.getenv("GITHUB_STEP_SUMMARY"); path != "" {
		var b strings.Builder
		if err := report.WriteComment(&b, r.doc, ""); err != nil {
			return err
		}
		if err := appendFile(path, b.String()+"\n"); err != nil {
			return err
		}
	}
	path := e.getenv("GITHUB_OUTPUT")
	if path == "" || len(r.result.Checks) == 0 {
		return nil
	}
	h := report.NewHeadline(r.result)
	var b strings.Builder
	for _, output := range [][2]string{
		{"monthly-cost", h.MonthlyCost}, {"cheapest", h.Cheapest}, {"breached", strconv.FormatBool(h.Breached)}, {"rate-age-days", fmt.Sprint(h.RateAgeDays)},
	} {
		// A random delimiter ends each value, so that no value can set
		// another output.
		end := "keynest_" + rand.Text()
		fmt.Fprintf(&b, "%s<<%s\n%s\n%s\n", output[0], end, output[1], end)
	}
	return appendFile(path, b.String())
}

func appendFile(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, cause(err))
	}
	_, err = f.WriteString(text)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, cause(err))
	}
	return nil
}

type checkOptions struct {
	ciFlags
	config   string
	baseline string
	plans    []string
	mappings []string
	optional bool // a missing baseline is not an error
	most     optionalCount
	quiet    bool
	pricing  gate.Pricing
}

func newCheckCmd(e *env) *cobra.Command {
	opts := &checkOptions{}
	c := &cobra.Command{
		Use:   "check",
		Short: "Check the cost of workloads against the limits in keynest.toml",
		Long: `check reads the keynest.toml of the working directory or, in a git repository, of
the nearest directory above, prices its workloads, and checks the costs against its
limits. The report goes to standard output, the
verdict to standard error. The exit status is 0 if every limit is respected, 3 if
one is exceeded, and 4 if the rates are too old or a figure is unknown.`,
		Example: `  keynest check
  keynest check --baseline main.json --output github --output junit=keynest.xml
  keynest check --exit-code 0 --max-rate-age 180d
  keynest check --config limits.toml --inventory tfplan.json --output markdown`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runCheck(e, opts) },
	}
	flags, p := c.Flags(), &opts.pricing
	flags.SortFlags = false
	flags.StringVar(&opts.config, "config", "", "`FILE` of workloads and limits (default the repository's keynest.toml); - reads standard input")
	flags.StringVar(&opts.baseline, "baseline", "", "JSON report `FILE` of an earlier keynest check or estimate, to measure increases from")
	flags.StringArrayVar(&opts.plans, "inventory", nil, "check the caches in `FILE` (a Terraform plan or state, or a cloud's list) against [inventory]; repeatable")
	flags.StringArrayVar(&opts.mappings, "mapping", nil, "TOML `FILE` with further resource types, for --inventory; repeatable")
	flags.BoolVar(&opts.optional, "baseline-optional", false, "skip limits on increases if there is no baseline yet, as on a first run")
	flags.BoolVar(&opts.quiet, "quiet", false, "list only limits that are exceeded, that warn or that are not checked")
	flags.StringVar(&p.MaxRateAge, "max-rate-age", "", "exit 4 if a rate was read more than `DAYS` ago, such as 180d; overrides the file, as every flag does")
	flags.StringVar(&p.AsOf, "as-of", "", "use the rates in force on `DATE`, YYYY-MM-DD (default today)")
	flags.StringVar(&p.Region, "region", "", "a `PLACE` such as us-east, or a vendor's own region such as eu-west-1 (default us-east)")
	flags.StringVar(&p.Term, "term", "", "commitment `TERM`: on-demand, 1y or 3y (default on-demand)")
	flags.StringVar(&p.Upfront, "upfront", "", "`PART` paid at the start of the term: none, partial or all (default none)")
	flags.StringVar(&p.Commitment, "commitment", "", "`KIND` of commitment for --term: reserved, or savings-plan for AWS Database Savings Plans (default reserved)")
	flags.StringArrayVar(&p.Reserved, "reserved", nil, reservedHelp)
	flags.StringArrayVar(&p.Offers, "offer", nil, "consider only offers whose id matches `GLOB`; repeatable")
	flags.StringArrayVar(&p.Providers, "provider", nil, "consider only offers of the provider `NAME`; repeatable")
	flags.StringArrayVar(&p.Engines, "engine", nil, "consider only offers compatible with `ENGINE`, valkey or redis; repeatable")
	flags.StringArrayVar(&p.Include, "include", nil, includeHelp)
	flags.Var(&opts.most, "max-shards", "choose at most `N` shards; 1 excludes clusters")
	flags.StringArrayVar(&p.Rates, "rates", nil, "rate card `FILE` that is added to the embedded cards; repeatable")
	flags.StringArrayVar(&p.FX, "fx", nil, "exchange `RATE`, as in EUR=1.16@2026-11-20; repeatable")
	opts.add(c)
	return c
}

func runCheck(e *env, opts *checkOptions) error {
	if err := opts.check(); err != nil {
		return err
	}
	r, err := opts.run(e)
	if err != nil {
		return err
	}
	doc, err := report.Check(r, opts.quiet)
	if err != nil {
		return err
	}
	j, err := report.NewCheckJSON(r)
	if err != nil {
		return err
	}
	return opts.finish(e, &ciReport{
		result: r, doc: doc, json: j, say: report.Verdicts(r),
		metrics: func(w io.Writer) error { return report.WriteOpenMetrics(w, r) },
	})
}

func (opts *checkOptions) run(e *env) (*gate.Result, error) {
	if err := opts.checkFlags(e); err != nil {
		return nil, err
	}
	opts.pricing.MaxShards = opts.most.n
	config, err := opts.readConfig(e)
	if err != nil {
		return nil, err
	}
	var baseline *gate.Report
	if _, missing := os.Stat(opts.baseline); !opts.optional || !errors.Is(missing, os.ErrNotExist) {
		if baseline, err = e.readReport(opts.baseline); err != nil {
			return nil, err
		}
	}
	config.FirstRun = opts.optional && baseline == nil
	p := &config.Pricing
	if p.AsOf != "" {
		if err := checkDay(config.Name+": as_of", p.AsOf, e.today); err != nil {
			return nil, err
		}
	}
	set, err := e.cards(p.Rates)
	if err != nil {
		return nil, err
	}
	fx, err := parseFXs(p.FX, e.today)
	if err != nil {
		return nil, err
	}
	filter, err := p.Filter()
	if err != nil {
		return nil, usagef("--%w", err)
	}
	// A check that names its offer takes no filter, but a misspelt filter is an error there too.
	if _, err := filter.Cards(set); err != nil {
		return nil, usageErr(err)
	}
	contents, err := opts.contents(e, config)
	if err != nil {
		return nil, err
	}
	r, err := gate.Run(config, set, gate.NewPricer(set, filter, fx), e.today, baseline)
	if err != nil || contents == nil {
		return r, pricingErr(err)
	}
	o := config.InventoryOptions(e.today)
	o.FX = fx
	inv, err := contents.Price(set, o)
	if err != nil {
		return nil, pricingErr(err)
	}
	return r, r.JudgeInventory(config, inv)
}

// checkFlags refuses flags that are wrong with any file.
func (opts *checkOptions) checkFlags(e *env) error {
	if age := opts.pricing.MaxRateAge; age != "" {
		if _, err := tomlfile.ParseDays(age); err != nil {
			return usagef("--max-rate-age %w", err)
		}
	}
	if day := opts.pricing.AsOf; day != "" {
		if err := checkDay("--as-of", day, e.today); err != nil {
			return err
		}
	}
	if opts.most.given && (opts.most.n < 1 || opts.most.n > bill.MaxShards) {
		return usagef("--max-shards %d is not from 1 to %d", opts.most.n, bill.MaxShards)
	}
	return nil
}

// contents reads the files of --inventory; nil without any.
func (opts *checkOptions) contents(e *env, config *gate.Config) (*inventory.Contents, error) {
	switch {
	case len(opts.plans) == 0 && len(opts.mappings) > 0:
		return nil, usagef("--mapping needs --inventory FILE; add it")
	case len(opts.plans) == 0 && config.Inventory != nil && len(config.Checks) == 0:
		return nil, usagef("%s has only limits on an inventory; add --inventory tfplan.json", config.Name)
	case len(opts.plans) == 0:
		return nil, nil
	case config.Inventory == nil:
		return nil, usagef("%s has no limit for --inventory; add a table [inventory] with max_usd_per_month or max_increase_usd", config.Name)
	}
	return e.readInventory(opts.mappings, opts.plans)
}

// pricingErr turns an error of pricing into a usage error (the file asks for
// something that does not exist), except an overflow, which is a failure.
func pricingErr(err error) error {
	if errors.Is(err, money.ErrOverflow) || errors.Is(err, unit.ErrRange) {
		return err
	}
	return usageErr(err)
}

func (opts *checkOptions) readConfig(e *env) (*gate.Config, error) {
	name := opts.config
	if name == "" {
		var err error
		if name, err = findConfig(); err != nil {
			return nil, err
		}
		if name == "" {
			return nil, usagef("no %s here or above in the repository; give --config FILE, or write one with [workload.NAME] and [check.NAME]", gate.DefaultName)
		}
	}
	text, err := e.readFile(name)
	if err != nil {
		return nil, err
	}
	if name == "-" {
		name = "standard input"
	}
	config, err := gate.Read(name, text, opts.pricing)
	if err != nil {
		return nil, usageErr(err)
	}
	if len(opts.pricing.Rates) == 0 {
		// Paths of cards in the file are relative to it.
		config.Pricing.Rates = beside(name, config.Pricing.Rates)
	}
	return config, nil
}

// readReport reads a JSON report that keynest wrote; nil for no name.
func (e *env) readReport(path string) (*gate.Report, error) {
	if path == "" {
		return nil, nil
	}
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gate.ReadReport(path, f)
	if err != nil {
		return nil, usageErr(err)
	}
	if day := r.Newest(); day > e.today {
		return nil, usagef("%s: its as_of %s is in the future; today is %s", path, day, e.today)
	}
	return r, nil
}

// parseFXs reads exchange rates, one for each currency.
func parseFXs(list []string, today string) (map[string]ratecard.ExchangeRate, error) {
	rates := map[string]ratecard.ExchangeRate{}
	for _, s := range list {
		fx, err := parseFX(s, today)
		if err != nil {
			return nil, err
		}
		if _, twice := rates[fx.Currency]; twice {
			return nil, usagef("--fx is given twice for %s; give it once", fx.Currency)
		}
		rates[fx.Currency] = fx
	}
	return rates, nil
}
