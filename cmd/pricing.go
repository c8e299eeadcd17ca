package cmd

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/report"
	"github.com/keynest/keynest/pkg/workload"
)

// pricingFlags are what every command that prices a workload takes.
type pricingFlags struct {
	inputs   workload.Input // as the flags give it
	preset   string
	file     string
	name     string
	region   string
	offers   []string
	provider []string
	engines  []string
	include  []string
	plan     string
	shards   int64
	size     string
	reserved []string
	most     optionalCount // --max-shards
	term     string
	commit   string
	upfront  string
	asOf     string
	rates    []string
	fx       []string
	observed string                        // the file, where vendors' rules apply to what it counted
	seen     map[string]*workload.Observed // by workload
	apps     *appFlags                     // nil where the command takes no applications
	flags    *pflag.FlagSet                // of the command; nil without one
}

func (f *pricingFlags) add(c *cobra.Command) {
	flags := c.Flags()
	f.flags = flags
	flags.SortFlags = false
	for _, in := range workload.Fields() {
		if in.Help != "" {
			flags.Var(in.In(&f.inputs), strings.TrimPrefix(workload.Flag(in.Key), "--"), in.Help)
		}
	}
	flags.StringVar(&f.preset, "preset", "", "start from the preset `NAME`: cache, session, rate-limit or queue; other flags override it")
	flags.StringVar(&f.file, "workload", "", "TOML `FILE` with named workloads (default the repository's keynest.toml); - reads standard input")
	flags.StringVar(&f.name, "name", "", "price only the workload `NAME` of the file")
	flags.StringVar(&f.region, "region", "us-east", "a `PLACE` such as us-east, or a vendor's own region such as eu-west-1")
	flags.StringArrayVar(&f.offers, "offer", nil, "only offers whose id matches the `GLOB`; repeatable")
	flags.StringArrayVar(&f.provider, "provider", nil, "only offers of the provider `NAME`; repeatable")
	flags.StringArrayVar(&f.engines, "engine", nil, "only offers compatible with `ENGINE`, valkey or redis; repeatable")
	flags.StringArrayVar(&f.include, "include", nil, includeHelp)
	flags.StringVar(&f.plan, "plan", "", "price this `PLAN` or node type instead of choosing one")
	countVar(flags, &f.shards, "shards", 0, "use `N` shards instead of choosing the number")
	flags.StringVar(&f.size, "size", "", "buy `SIZE` of a --plan that is sold by size, such as 8GiB")
	flags.Var(&f.most, "max-shards", "choose at most `N` shards; 1 excludes clusters")
	f.addTerms(c)
	offerValues(c, "include", "self-hosted", "flash", "preview", "unknown-throughput")
	offerValues(c, "preset", "cache", "session", "rate-limit", "queue")
	offerValues(c, "engine", "valkey", "redis")
}

// includeHelp is the help of --include.
const includeHelp = "rank a `CLASS` of offers with the others: self-hosted, flash, preview, unknown-throughput; separate several with commas"

// addReserved adds the flag of reserved nodes in hand, to commands that price a
// month.
func (f *pricingFlags) addReserved(c *cobra.Command) {
	c.Flags().StringArrayVar(&f.reserved, "reserved", nil, reservedHelp)
}

// reservedHelp is the help of --reserved.
const reservedHelp = "reserved `NODES` that you own, such as 4xcache.r6g.large@1y: nodes that they cover are priced as reserved, the rest on demand; repeatable"

// namedInput is a workload as written, every source laid over the other.
type namedInput struct {
	name   string
	source string // what an error begins with; "" for flags alone
	input  workload.Input
	entry  *workload.Entry // of a file; else nil
	apps   []string        // ids of the applications that send it
}

func (n namedInput) resolve() (workload.Workload, error) {
	w, err := n.input.Resolve(n.name)
	w.Apps = n.apps
	if err != nil && n.source != "" {
		return w, usagef("%s: %w", n.source, err)
	}
	return w, usageErr(err)
}

// written lays the flags over the file over the preset. Every workload of the
// file is there, unless one is named.
func (f *pricingFlags) written(e *env) ([]namedInput, error) {
	flags := f.inputs
	var base workload.Input
	if f.preset != "" {
		p, err := workload.PresetByName(f.preset)
		if err != nil {
			return nil, usageErr(err)
		}
		base = p.Input
	}
	if err := f.find(e); err != nil {
		return nil, err
	}
	if f.file == "" {
		if f.name != "" {
			return nil, usagef("--name selects a workload of a file; add --workload FILE")
		}
		return f.counted(e, []namedInput{{input: flags.Over(base)}})
	}
	file, err := f.readWorkloads(e)
	if err != nil {
		return nil, err
	}
	f.seen = map[string]*workload.Observed{}
	names := file.Names()
	if f.name != "" {
		names = []string{f.name}
	}
	var all []namedInput
	for _, name := range names {
		in, err := file.Input(name)
		if err != nil {
			return nil, usagef("%s: %w", f.file, err)
		}
		f.seen[name] = file.Workload[name].Observed
		all = append(all, namedInput{
			name: name, source: fmt.Sprintf("%s: workload %q", f.file, name), input: flags.Over(in.Over(base)), entry: file.Workload[name],
		})
	}
	return f.counted(e, all)
}

// counted puts what applications send into the workloads, where some are named.
func (f *pricingFlags) counted(e *env, all []namedInput) ([]namedInput, error) {
	if f.apps == nil {
		f.apps = &appFlags{} // what a file names
	}
	return all, f.apps.over(e, f.inputs, all)
}

// workloads resolves what is to be priced.
func (f *pricingFlags) workloads(e *env) ([]workload.Workload, error) {
	inputs, err := f.written(e)
	if err != nil {
		return nil, err
	}
	var all []workload.Workload
	for _, in := range inputs {
		w, err := in.resolve()
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, nil
}

// field compiles the offers that the flags ask for, for months of that length.
func (f *pricingFlags) field(e *env, set *ratecard.Set, hours int64) (*compare.Field, error) {
	return f.fieldFor(e, set, &workload.Workload{HoursPerMonth: hours})
}

// fieldFor is field for the month, the applications and the minimums of a
// workload.
func (f *pricingFlags) fieldFor(e *env, set *ratecard.Set, w *workload.Workload) (*compare.Field, error) {
	opt, err := f.pricing(e, w.HoursPerMonth)
	if err != nil {
		return nil, err
	}
	opt.Hundredths = w.Hundredths
	where, err := set.Where(f.region)
	if err != nil {
		return nil, usageErr(err)
	}
	opt.Where = where
	if opt.Include, err = bill.ParseClasses(f.include); err != nil {
		return nil, usagef("--include: %w", err)
	}
	if err := f.apps.suits(set, w.Apps, &opt); err != nil {
		return nil, err
	}
	if err := f.reservations(&opt); err != nil {
		return nil, err
	}
	field, err := compare.NewField(set, compare.Filter{Offers: f.offers, Providers: f.provider, Engines: f.engines}, opt)
	if err != nil {
		return nil, usageErr(err)
	}
	if err := f.runsVersion(field); err != nil {
		return nil, err
	}
	return field, usageErr(field.CheckReserved())
}

// reservations reads the reserved nodes in hand.
func (f *pricingFlags) reservations(opt *bill.Options) (err error) {
	if opt.Reserved, err = bill.ParseReservations(f.reserved); err != nil {
		return usagef("--reserved %w", err)
	}
	if len(opt.Reserved) > 0 && opt.Term.Months() > 0 {
		return usagef("--reserved and --term do not go together: nodes beyond the reserved ones are on demand; leave out --term")
	}
	return nil
}

// runsVersion refuses a --engine-version that none of the offers runs. Where one
// of them does, the others say in their rows what they run.
func (f *pricingFlags) runsVersion(field *compare.Field) error {
	if f.inputs.EngineVersion == "" || len(field.Offers) == 0 {
		return nil
	}
	version, err := ratecard.ParseVersion(string(f.inputs.EngineVersion))
	if err != nil {
		return usagef("--engine-version %w", err)
	}
	var why []string
	for _, o := range field.Offers {
		words := o.VersionRefused(version)
		if words == "" {
			return nil
		}
		why = append(why, o.Card.ID+": "+words)
	}
	return usagef("--engine-version %s: none of the offers runs it (%s)", f.inputs.EngineVersion, strings.Join(why, "; "))
}

// wrapped breaks a text into lines for help.
func wrapped(text string) string {
	const width = 80
	line, lines := "", []string(nil)
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return strings.Join(append(lines, line), "\n")
}

// checkDay refuses a text that is not a date, and a date in the future.
func checkDay(flag, day, today string) error {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return usagef("%s %q is not a date like 2026-09-20", flag, day)
	}
	if day > today {
		return usagef("%s %s is in the future; today is %s", flag, day, today)
	}
	return nil
}

// parseFX reads an exchange rate such as EUR=1.16@2026-11-20.
func parseFX(s, today string) (ratecard.ExchangeRate, error) {
	currency, rest, ok1 := strings.Cut(s, "=")
	rate, day, ok2 := strings.Cut(rest, "@")
	if !ok1 || !ok2 {
		return ratecard.ExchangeRate{}, usagef("--fx %q is not like EUR=1.16@2026-11-20: currency, dollars for one, day", s)
	}
	fx, err := ratecard.GivenRate(currency, rate, day)
	if err != nil {
		return ratecard.ExchangeRate{}, usagef("--fx %q: %w", s, err)
	}
	return fx, checkDay("--fx", day, today)
}

// run prices one workload, by its observed mix of commands where that is asked for.
func (f *pricingFlags) run(field *compare.Field, w workload.Workload) (*compare.Comparison, error) {
	if f.observed == "" {
		return field.Run(w)
	}
	seen := f.seen[w.Name]
	if seen == nil || len(seen.Counts) == 0 {
		return nil, usagef("%s: workload %q has no counts by command ([workload.%s.observed.counts]); keynest observe writes them", f.observed, w.Name, w.Name)
	}
	c, err := field.RunObserved(w, seen)
	return c, usageErr(err)
}

// compare prices every workload.
func (f *pricingFlags) compare(e *env) ([]*compare.Comparison, error) {
	if f.observed != "" {
		if f.file != "" {
			return nil, usagef("--observed %s has the workload too; leave out --workload", f.observed)
		}
		f.file = f.observed
	}
	all, err := f.workloads(e)
	if err != nil {
		return nil, err
	}
	set, err := e.cards(f.rates)
	if err != nil {
		return nil, err
	}
	return f.price(e, set, all)
}

// price prices workloads on a set of cards.
func (f *pricingFlags) price(e *env, set *ratecard.Set, all []workload.Workload) ([]*compare.Comparison, error) {
	type month struct {
		hours string
		apps  string
	}
	fields := map[month]*compare.Field{}
	var list []*compare.Comparison
	for _, w := range all {
		key := month{w.HoursText(), strings.Join(w.Apps, ",")}
		field := fields[key]
		if field == nil {
			var err error
			if field, err = f.fieldFor(e, set, &w); err != nil {
				return nil, err
			}
			fields[key] = field
		}
		if err := minimumsFit(field, &w); err != nil {
			return nil, err
		}
		c, err := f.run(field, w)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// minimumsFit refuses minimums that are above what an offer of the field holds.
func minimumsFit(field *compare.Field, w *workload.Workload) error {
	if why := field.MinimumTooHigh(w); why != "" {
		return usagef("%s", why)
	}
	return nil
}

// shownIn is the currency that a report prints, by the rate given or the
// cards' newest on or before the day of the rates.
func shownIn(code string, f *compare.Field) (report.Currency, error) {
	if code == "USD" {
		return report.Currency{}, nil
	}
	if fx, given := f.Options.FX[code]; given {
		return report.Currency{FX: &fx}, nil
	}
	if code != "EUR" {
		return report.Currency{}, usagef("unknown --currency %q; known: USD, EUR", code)
	}
	fx, ok := f.Set.ExchangeRate(code, f.Options.AsOf)
	if !ok {
		return report.Currency{}, usagef("no exchange rate for %s on %s in the cards; give one, as in --fx %s=1.16@%s", code, f.Options.AsOf, code, f.Options.AsOf)
	}
	return report.Currency{FX: &fx}, nil
}
