package gate

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/keynest/keynest/pkg/apps"
	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/tomlfile"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// DefaultName is the file that keynest check looks for.
const DefaultName = "keynest.toml"

// maxName is the longest name of a workload or a check, in bytes.
const maxName = 100

// Config is a keynest.toml, read and checked.
type Config struct {
	Name    string // of the file
	Text    string
	Pricing Pricing
	Checks  []*Check // in order of name
	// Inventory are the limits on a plan; nil where the file has none.
	Inventory *InventoryLimits

	flags Pricing
	// FirstRun says that the caller asked for a first run without a baseline:
	// limits on increases are skipped and do not fail.
	FirstRun bool

	workloads map[string]workload.Workload
	names     []string
}

// Pricing is the [pricing] table: how prices are taken unless a check or a flag
// says otherwise. A field is empty if the file does not set it.
type Pricing struct {
	AsOf       string
	Region     string
	Term       string
	Upfront    string
	Commitment string // reserved or savings-plan
	MaxRateAge string
	MaxShards  int64    // 0 for any number
	Rates      []string // files, relative to the keynest.toml
	FX         []string // as in --fx
	Offers     []string // globs; the cheapest is taken from these
	Providers  []string
	Engines    []string
	Reserved   []string // reservations in hand; see bill.ParseReservation
	Include    []string // classes that compete for the cheapest besides; see bill.ParseClasses
}

// Filter is the filter of offers that compete for the cheapest. The error names
// an unknown class.
func (p *Pricing) Filter() (compare.Filter, error) {
	include, err := bill.ParseClasses(p.Include)
	if err != nil {
		return compare.Filter{}, fmt.Errorf("include: %w", err)
	}
	return compare.Filter{Offers: p.Offers, Providers: p.Providers, Engines: p.Engines, Include: include}, nil
}

// lists replaces the file's lists with those of the flags, if given.
func (p *Pricing) lists(flags *Pricing) {
	for _, l := range []struct{ to, flag *[]string }{
		{&p.Rates, &flags.Rates}, {&p.FX, &flags.FX}, {&p.Offers, &flags.Offers},
		{&p.Providers, &flags.Providers}, {&p.Engines, &flags.Engines}, {&p.Include, &flags.Include}, {&p.Reserved, &flags.Reserved},
	} {
		if len(*l.flag) > 0 {
			*l.to = *l.flag
		}
	}
}

// file is the TOML of a keynest.toml.
type file struct {
	Pricing  filePricing                `toml:"pricing"`
	Workload map[string]*workload.Entry `toml:"workload"`
	Check    map[string]*fileCheck      `toml:"check"`

	Inventory *fileInventory `toml:"inventory"`
}

type filePricing struct {
	AsOf          tomlfile.Text  `toml:"as_of"`
	Region        tomlfile.Text  `toml:"region"`
	Term          tomlfile.Text  `toml:"term"`
	Upfront       tomlfile.Text  `toml:"upfront"`
	Commitment    tomlfile.Text  `toml:"commitment"`
	Reserved      tomlfile.Texts `toml:"reserved"`
	MaxRateAge    tomlfile.Days  `toml:"max_rate_age"`
	HoursPerMonth workload.Value `toml:"hours_per_month"`
	MaxShards     tomlfile.Whole `toml:"max_shards"`
	Rates         tomlfile.Texts `toml:"rates"`
	FX            tomlfile.Texts `toml:"fx"`
	Offers        tomlfile.Texts `toml:"offers"`
	Providers     tomlfile.Texts `toml:"providers"`
	Engines       tomlfile.Texts `toml:"engines"`
	Include       tomlfile.Texts `toml:"include"`
}

type fileCheck struct {
	Checks             tomlfile.Texts   `toml:"checks"` // the check is the sum of these
	Workload           tomlfile.Texts   `toml:"workload"`
	Offer              tomlfile.Text    `toml:"offer"`
	Plan               tomlfile.Text    `toml:"plan"`
	Shards             tomlfile.Whole   `toml:"shards"`
	MaxShards          tomlfile.Whole   `toml:"max_shards"`
	Size               tomlfile.Text    `toml:"size"`
	Cheapest           tomlfile.Text    `toml:"cheapest"`
	Region             tomlfile.Text    `toml:"region"`
	Term               tomlfile.Text    `toml:"term"`
	Upfront            tomlfile.Text    `toml:"upfront"`
	Commitment         tomlfile.Text    `toml:"commitment"`
	MaxUSD             tomlfile.Decimal `toml:"max_usd_per_month"`
	WarnUSD            tomlfile.Decimal `toml:"warn_usd_per_month"`
	MaxIncreaseUSD     tomlfile.Decimal `toml:"max_increase_usd"`
	MaxIncreasePercent tomlfile.Decimal `toml:"max_increase_percent"`
	MinSaving          tomlfile.Decimal `toml:"min_saving_to_report"`
	MaxRateAge         tomlfile.Days    `toml:"max_rate_age"`
	RequireFit         bool             `toml:"require_fit"`
}

// reader reads a file and collects all problems.
type reader struct {
	*tomlfile.Problems
	config *Config
	flags  Pricing
	file   file
}

// Read parses a keynest.toml. The error names every problem: an unknown key, a
// check without a limit, a workload that cannot be priced. Values in flags
// replace those of the file.
func Read(name, text string, flags Pricing) (*Config, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	r := &reader{flags: flags}
	var err error
	if r.Problems, err = tomlfile.DecodeAll(name, text, &r.file); err != nil {
		return nil, err
	}
	p := &r.file.Pricing
	r.config = &Config{Name: name, Text: text, flags: flags, workloads: map[string]workload.Workload{}, Pricing: p.values()}
	if _, err := bill.ParseClasses(p.Include.Values); err != nil {
		r.Add([]string{"pricing", "include"}, "include %v", err)
	}
	if n := r.maxShards([]string{"pricing", "max_shards"}, &p.MaxShards); n > 0 {
		r.config.Pricing.MaxShards = n
	}
	if flags.MaxShards > 0 {
		r.config.Pricing.MaxShards = flags.MaxShards
	}
	r.config.Pricing.lists(&flags)
	r.workloads()
	for _, n := range slices.Sorted(maps.Keys(r.file.Check)) {
		r.check(n, r.file.Check[n])
	}
	r.sums()
	r.unlimited()
	r.inventory()
	if len(r.file.Check) == 0 && r.file.Inventory == nil {
		r.Add(nil, "it has no check; add [check.NAME], or [inventory] for limits on a plan")
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return r.config, nil
}

// Names lists the workloads in order.
func (c *Config) Names() []string { return c.names }

// Workload is a workload of the file.
func (c *Config) Workload(name string) workload.Workload { return c.workloads[name] }

// Lines gives the line of each key of a check.
type Lines struct{ index tomlfile.Lines }

// IndexLines walks a keynest.toml once.
func IndexLines(text string) Lines { return Lines{tomlfile.IndexLines(text)} }

// Of is the line of a check's key, or of its table if the key is not set; 0 if
// neither is found.
func (l Lines) Of(check, key string) int { return l.index.Of("check", check, key) }

// OfCheck is the line of a check's key, for checks in any table of the file.
func (l Lines) OfCheck(c *Check, key string) int {
	if c.Path == nil {
		return l.Of(c.Name, key)
	}
	return l.index.Of(append(slices.Clone(c.Path), key)...)
}

// checkName refuses names that would be unreadable in a report.
func (r *reader) checkName(table, name string) {
	where := []string{table, name}
	switch {
	case name == "" || len(name) > maxName:
		r.Add(where, "a name has 1 to %d bytes", maxName)
	case strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsPrint(c) }) || name != strings.TrimSpace(name):
		r.Add(where, "a name has visible characters and single blanks only")
	case strings.Contains(name, "::") || strings.Contains(name, "##["):
		r.Add(where, "a name cannot have :: or ##[, which CI systems read as commands")
	case strings.ContainsAny(name, "*?[]\\"):
		r.Add(where, "a name cannot have *, ?, [, ] or \\, which are for patterns")
	}
}

// workloads resolves every workload of the file.
func (r *reader) workloads() {
	presets := map[string]workload.Input{}
	list, err := workload.Presets()
	if err != nil {
		r.Add(nil, "%v", err)
	}
	for _, p := range list {
		presets[p.Name] = p.Input
	}
	c := r.config
	c.names = slices.Sorted(maps.Keys(r.file.Workload))
	for _, name := range c.names {
		where := []string{"workload", name}
		r.checkName("workload", name)
		e := r.file.Workload[name]
		if e == nil {
			r.Add(where, "is empty; give its load and data, such as ops_per_sec and gib")
			continue
		}
		in := e.Input
		if e.Preset != "" {
			p, known := presets[e.Preset]
			if !known {
				r.Add(where, "unknown preset %q; known: %s", e.Preset, strings.Join(slices.Sorted(maps.Keys(presets)), ", "))
				continue
			}
			in = in.Over(p)
		}
		if in.HoursPerMonth == "" {
			in.HoursPerMonth = r.file.Pricing.HoursPerMonth
		}
		var ids []string
		if in, ids, err = r.sent(e, in); err != nil {
			r.Add(append(where, "app"), "%s", strings.ReplaceAll(err.Error(), "\n", "; "))
			continue
		}
		w, err := in.Resolve(name)
		if err != nil {
			r.Add(where, "%s", strings.ReplaceAll(err.Error(), "\n", "; "))
			continue
		}
		w.Apps = ids
		c.workloads[name] = w
	}
	if len(c.names) == 0 && r.file.Inventory == nil {
		r.Add(nil, "it has no workload; add [workload.NAME]")
	}
}

// sent adds the commands and data of a workload's applications to its input,
// and lists the applications.
func (r *reader) sent(e *workload.Entry, in workload.Input) (workload.Input, []string, error) {
	if len(e.App.Values) == 0 {
		if len(e.AppInputs)+len(e.AppSettings) > 0 || e.CountScripts || e.Plus {
			return in, nil, errors.New("app_inputs, app_settings, count_scripts and plus need an application; add app = \"NAME\"")
		}
		return in, nil, nil
	}
	book, err := apps.Embedded()
	if err != nil {
		return in, nil, err
	}
	in, load, err := apps.Sent(book, e, in)
	if err != nil {
		return in, nil, err
	}
	var ids []string
	for _, a := range load.Apps {
		ids = append(ids, a.ID)
	}
	return in, ids, nil
}

// ParsePercent reads a percentage such as 12.5.
func ParsePercent(s string) (Percent, error) {
	n, err := unit.Scaled(s, unit.Million)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is not a percentage like \"12.5\"", clip(s))
	}
	return Percent(n), nil
}

// usd reads an amount of a check; nil if it is not set.
func (r *reader) usd(check, key string, d *tomlfile.Decimal) *money.USD {
	if !d.OK() {
		return nil
	}
	u, err := money.ParseUSD(d.Value)
	switch {
	case err != nil:
		r.Add([]string{"check", check, key}, "%s %v", key, err)
		return nil
	case u < 0:
		r.Add([]string{"check", check, key}, "%s %s is negative", key, d.Value)
		return nil
	}
	return &u
}

func (r *reader) percent(check, key string, d *tomlfile.Decimal) *Percent {
	if !d.OK() {
		return nil
	}
	p, err := ParsePercent(d.Value)
	if err != nil {
		r.Add([]string{"check", check, key}, "%s %v", key, err)
		return nil
	}
	return &p
}

// check reads one [check.NAME] table.
func (r *reader) check(name string, f *fileCheck) {
	r.checkName("check", name)
	ch := &Check{
		Name:   name,
		Target: Target{Offer: f.Offer.Value, Plan: f.Plan.Value, Cheapest: compare.Kind(f.Cheapest.Value)},
		Limits: Limits{
			MaxUSD: r.usd(name, KeyMax, &f.MaxUSD), WarnUSD: r.usd(name, KeyWarn, &f.WarnUSD),
			MaxIncreaseUSD: r.usd(name, KeyIncrease, &f.MaxIncreaseUSD), MaxIncreasePercent: r.percent(name, KeyIncreasePercent, &f.MaxIncreasePercent),
		},
		MinSaving:  r.usd(name, "min_saving_to_report", &f.MinSaving),
		RequireFit: f.RequireFit,
	}
	r.terms(ch, f)
	if f.Checks.Written {
		r.sum(ch, f)
	} else {
		r.named(ch, &f.Workload)
		r.target(ch, f)
		r.requireFit(ch)
	}
	l, where := &ch.Limits, []string{"check", name}
	if l.MaxUSD != nil && l.WarnUSD != nil && *l.WarnUSD > *l.MaxUSD {
		r.Add(where, "warn_usd_per_month %s is above max_usd_per_month %s, so it would never warn", l.WarnUSD.Exact(), l.MaxUSD.Exact())
	}
	r.config.Checks = append(r.config.Checks, ch)
}
