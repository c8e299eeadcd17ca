package gate

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/tomlfile"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// DefaultName is the file that keynest check looks for.
const DefaultName = "keynest.toml"

// maxName is the longest name of a workload or a check, in bytes.
const maxName = 100

// maxAgeDays is the largest max_rate_age: a century.
const maxAgeDays = 36500

// Config is a keynest.toml, read and checked.
type Config struct {
	Name    string // of the file
	Text    string
	Pricing Pricing
	Checks  []*Check // in order of name

	flags     Pricing
	workloads map[string]workload.Workload
	names     []string
}

// Pricing is the [pricing] table: how prices are taken unless a check or a
// flag says otherwise. An empty field was not written.
type Pricing struct {
	AsOf       string
	Region     string
	Term       string
	Upfront    string
	MaxRateAge string
	Rates      []string // files, relative to the keynest.toml
	FX         []string // as in --fx
	Offers     []string // globs; the cheapest is taken from these
	Providers  []string
	Engines    []string
	Include    []string // classes that compete for the cheapest besides; see bill.ParseClasses
}

// Filter is what the cheapest is taken from. The error names a class that there
// is not.
func (p *Pricing) Filter() (compare.Filter, error) {
	include, err := bill.ParseClasses(p.Include)
	if err != nil {
		return compare.Filter{}, fmt.Errorf("include: %w", err)
	}
	return compare.Filter{Offers: p.Offers, Providers: p.Providers, Engines: p.Engines, Include: include}, nil
}

// lists puts the flags' lists in the place of the file's.
func (p *Pricing) lists(flags *Pricing) {
	for _, l := range []struct{ to, flag *[]string }{
		{&p.Rates, &flags.Rates}, {&p.FX, &flags.FX}, {&p.Offers, &flags.Offers},
		{&p.Providers, &flags.Providers}, {&p.Engines, &flags.Engines}, {&p.Include, &flags.Include},
	} {
		if len(*l.flag) > 0 {
			*l.to = *l.flag
		}
	}
}

// rawConfig is the file as TOML has it.
type rawConfig struct {
	Pricing  map[string]any             `toml:"pricing"`
	Workload map[string]*workload.Entry `toml:"workload"`
	Check    map[string]map[string]any  `toml:"check"`
}

// reader gathers problems while it reads a file.
type reader struct {
	name, text string
	lines      *tomlfile.Lines // once one is asked for
	problems   []string
}

func (r *reader) fail(where []string, format string, args ...any) {
	place := r.name
	if r.lines == nil {
		lines := tomlfile.IndexLines(r.text)
		r.lines = &lines
	}
	if n := r.lines.Of(where...); n > 0 {
		place += ":" + strconv.Itoa(n)
	}
	if len(where) > 0 && where[0] == "pricing" {
		place += ": [pricing]"
	} else if len(where) > 1 {
		place += fmt.Sprintf(": %s %q", where[0], where[1])
	}
	r.problems = append(r.problems, place+": "+fmt.Sprintf(format, args...))
}

func (r *reader) err() error {
	switch n := len(r.problems); {
	case n == 0:
		return nil
	case n > 10:
		return fmt.Errorf("%s\nand %d more problems", strings.Join(r.problems[:10], "\n"), n-10)
	}
	return errors.New(strings.Join(r.problems, "\n"))
}

// Read parses a keynest.toml. The error names every problem; an unknown key, a
// check without a limit and a workload that cannot be priced are problems.
// What flags says wins over the file.
func Read(name, text string, flags Pricing) (*Config, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	var raw rawConfig
	if err := tomlfile.Decode(name, text, &raw); err != nil {
		return nil, err
	}
	r := &reader{name: name, text: text}
	c := &Config{Name: name, Text: text, workloads: map[string]workload.Workload{}}
	hours := r.pricing(c, raw.Pricing)
	c.flags = flags
	c.Pricing.lists(&flags)
	r.workloads(c, raw.Workload, hours)
	for _, n := range sorted(raw.Check) {
		c.Checks = append(c.Checks, r.check(c, n, raw.Check[n]))
	}
	if len(c.Checks) == 0 {
		r.fail(nil, "no check in it; begin one with [check.NAME]")
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return c, nil
}

func sorted[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Names lists the workloads in order.
func (c *Config) Names() []string { return c.names }

// Workload is a workload of the file.
func (c *Config) Workload(name string) workload.Workload { return c.workloads[name] }

// Lines knows on which line each key of a check stands.
type Lines struct{ index tomlfile.Lines }

// IndexLines walks a keynest.toml once.
func IndexLines(text string) Lines { return Lines{tomlfile.IndexLines(text)} }

// Of is the line of a check's key, or of its table where the key is not written;
// 0 where neither is found.
func (l Lines) Of(check, key string) int { return l.index.Of("check", check, key) }

// checkName refuses what would be unreadable in a report.
func (r *reader) checkName(table, name string) {
	switch {
	case name == "" || len(name) > maxName:
		r.fail([]string{table, name}, "a name has 1 to %d bytes", maxName)
	case strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsPrint(c) }) || name != strings.TrimSpace(name):
		r.fail([]string{table, name}, "a name is made of visible characters and single blanks")
	case strings.Contains(name, "::") || strings.Contains(name, "##["):
		r.fail([]string{table, name}, "a name cannot hold :: or ##[, which are commands to a pipeline's log")
	case strings.ContainsAny(name, "*?[]\\"):
		r.fail([]string{table, name}, "a name cannot hold *, ?, [, ] or \\, which are for patterns")
	}
}

// workloads resolves every workload of the file.
func (r *reader) workloads(c *Config, all map[string]*workload.Entry, hours workload.Value) {
	presets := map[string]workload.Input{}
	list, err := workload.Presets()
	if err != nil {
		r.fail(nil, "%v", err)
	}
	for _, p := range list {
		presets[p.Name] = p.Input
	}
	c.names = sorted(all)
	for _, name := range c.names {
		where := []string{"workload", name}
		r.checkName("workload", name)
		e := all[name]
		if e == nil {
			r.fail(where, "says nothing")
			continue
		}
		in := e.Input
		if e.Preset != "" {
			p, known := presets[e.Preset]
			if !known {
				r.fail(where, "unknown preset %q; known: %s", e.Preset, strings.Join(sorted(presets), ", "))
				continue
			}
			in = in.Over(p)
		}
		if in.HoursPerMonth == "" {
			in.HoursPerMonth = hours
		}
		w, err := in.Resolve(name)
		if err != nil {
			r.fail(where, "%s", strings.ReplaceAll(err.Error(), "\n", "; "))
			continue
		}
		c.workloads[name] = w
	}
	if len(all) == 0 {
		r.fail(nil, "no workload in it; begin one with [workload.NAME]")
	}
}

// keys reads one table of the file, key by key.
type keys struct {
	r     *reader
	where []string
	table map[string]any
	used  map[string]bool
}

func (r *reader) keys(table map[string]any, where ...string) *keys {
	return &keys{r: r, where: where, table: table, used: map[string]bool{}}
}

func (k *keys) fail(key, format string, args ...any) {
	k.r.fail(append(append([]string{}, k.where...), key), "%s "+format, append([]any{key}, args...)...)
}

func (k *keys) text(key string) string {
	k.used[key] = true
	v, written := k.table[key]
	s, ok := v.(string)
	switch {
	case !written:
	case !ok:
		k.fail(key, "is not text; put it in quotes")
	case strings.TrimSpace(s) == "":
		k.fail(key, "is empty; leave it out or say something")
	}
	return s
}

// list reads one text or several.
func (k *keys) list(key string) []string {
	k.used[key] = true
	v, written := k.table[key]
	if !written {
		return nil
	}
	var list []string
	switch v := v.(type) {
	case string:
		list = []string{v}
	case []any:
		for _, x := range v {
			s, ok := x.(string)
			if !ok {
				k.fail(key, "holds %v, which is not text", x)
				return nil
			}
			list = append(list, s)
		}
	default:
		k.fail(key, "is neither text nor a list of texts")
		return nil
	}
	for _, s := range list {
		if strings.TrimSpace(s) == "" {
			k.fail(key, "is empty; leave it out or say something")
			return nil
		}
	}
	if len(list) == 0 {
		k.fail(key, "is an empty list; leave it out or say something")
	}
	return list
}

func (k *keys) usd(key string) *money.USD {
	s, ok := k.decimal(key)
	if !ok {
		return nil
	}
	u, err := money.ParseUSD(s)
	switch {
	case err != nil:
		k.fail(key, "%v", err)
		return nil
	case u < 0:
		k.fail(key, "%s is negative", s)
		return nil
	}
	return &u
}

func (k *keys) percent(key string) *Percent {
	s, ok := k.decimal(key)
	if !ok {
		return nil
	}
	p, err := ParsePercent(s)
	if err != nil {
		k.fail(key, "%v", err)
		return nil
	}
	return &p
}

// ParsePercent reads a percentage such as 12.5.
func ParsePercent(s string) (Percent, error) {
	n, err := unit.Scaled(s, unit.Million)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is not a percentage like \"12.5\"", clip(s))
	}
	return Percent(n), nil
}

// decimal is a figure in quotes: TOML's own numbers lose digits.
func (k *keys) decimal(key string) (string, bool) {
	k.used[key] = true
	v, written := k.table[key]
	if !written {
		return "", false
	}
	s, ok := v.(string)
	if !ok {
		k.fail(key, "is not in quotes; write %s = \"%v\"", key, v)
	}
	return s, ok
}

func (k *keys) days(key string) *int64 {
	s := k.text(key)
	if s == "" {
		return nil
	}
	n, err := ParseDays(s)
	if err != nil {
		k.fail(key, "%v", err)
		return nil
	}
	return &n
}

// ParseDays reads an age such as 180d.
func ParseDays(s string) (int64, error) {
	digits, ok := strings.CutSuffix(s, "d")
	n, err := strconv.ParseUint(digits, 10, 31)
	if !ok || err != nil || n > maxAgeDays {
		return 0, fmt.Errorf("%q is not a number of days like \"180d\"", s)
	}
	return int64(n), nil
}

// unknown refuses the keys that nothing asked for.
func (k *keys) unknown() {
	var known []string
	for key := range k.used {
		known = append(known, key)
	}
	sort.Strings(known)
	for _, key := range sorted(k.table) {
		if !k.used[key] {
			k.r.fail(append(append([]string{}, k.where...), key), "unknown key %q; known: %s", key, strings.Join(known, ", "))
		}
	}
}

// pricing reads the [pricing] table and returns the length of the month that it
// sets, which the workloads take.
func (r *reader) pricing(c *Config, table map[string]any) (hours workload.Value) {
	k := r.keys(table, "pricing")
	c.Pricing = Pricing{
		AsOf: k.text("as_of"), Region: k.text("region"), Term: k.text("term"), Upfront: k.text("upfront"), MaxRateAge: k.text("max_rate_age"),
		Rates: k.list("rates"), FX: k.list("fx"), Offers: k.list("offers"), Providers: k.list("providers"), Engines: k.list("engines"),
		Include: k.list("include"),
	}
	if _, err := bill.ParseClasses(c.Pricing.Include); err != nil {
		k.fail("include", "%v", err)
	}
	if _, written := table["max_rate_age"]; written {
		k.days("max_rate_age")
	}
	k.used["hours_per_month"] = true
	if v, written := table["hours_per_month"]; written {
		if err := hours.UnmarshalTOML(v); err != nil {
			k.fail("hours_per_month", "%v", err)
		}
	}
	k.unknown()
	return hours
}

// check reads one [check.NAME] table.
func (r *reader) check(c *Config, name string, table map[string]any) *Check {
	r.checkName("check", name)
	k := r.keys(table, "check", name)
	ch := &Check{
		Name: name,
		Target: Target{
			Offer: k.text("offer"), Plan: k.text("plan"), Cheapest: compare.Kind(k.text("cheapest")),
		},
		Limits: Limits{
			MaxUSD: k.usd("max_usd_per_month"), WarnUSD: k.usd("warn_usd_per_month"),
			MaxIncreaseUSD: k.usd("max_increase_usd"), MaxIncreasePercent: k.percent("max_increase_percent"),
		},
		MinSaving: k.usd("min_saving_to_report"), MaxRateAge: k.days("max_rate_age"),
	}
	r.shards(k, ch)
	r.terms(c, k, ch)
	r.named(c, k, ch)
	k.unknown()
	t, l := &ch.Target, &ch.Limits
	where := []string{"check", name}
	switch {
	case t.Offer == "" && t.Cheapest == "":
		r.fail(where, "judges what? give offer = \"ID\", or cheapest = \"commands\", \"capacity\" or \"overall\"")
	case t.Offer != "" && t.Cheapest != "":
		r.fail(where, "offer and cheapest exclude each other; give one")
	case t.Cheapest != "" && !slices.Contains(compare.Kinds(), t.Cheapest):
		r.fail(where, "cheapest %q is unknown; known: commands, capacity, overall", t.Cheapest)
	case t.Offer == "" && (t.Plan != "" || t.Shards != 0):
		r.fail(where, "plan and shards say what runs today; give its offer too")
	}
	switch {
	case l.MaxUSD == nil && l.WarnUSD == nil && l.MaxIncreaseUSD == nil && l.MaxIncreasePercent == nil:
		if !k.has("max_usd_per_month", "warn_usd_per_month", "max_increase_usd", "max_increase_percent") {
			r.fail(where, "has no limit; give max_usd_per_month, warn_usd_per_month, max_increase_usd or max_increase_percent")
		}
	case l.MaxUSD != nil && l.WarnUSD != nil && *l.WarnUSD > *l.MaxUSD:
		r.fail(where, "warn_usd_per_month %s is above max_usd_per_month %s, so it would never warn", l.WarnUSD.Exact(), l.MaxUSD.Exact())
	}
	return ch
}

func (k *keys) has(anyOf ...string) bool {
	for _, key := range anyOf {
		if _, written := k.table[key]; written {
			return true
		}
	}
	return false
}

func (r *reader) shards(k *keys, ch *Check) {
	k.used["shards"] = true
	v, written := k.table["shards"]
	if !written {
		return
	}
	n, ok := v.(int64)
	if !ok || n < 1 || n > bill.MaxShards {
		k.fail("shards", "%v is not a whole number from 1 to %d", v, bill.MaxShards)
		return
	}
	ch.Target.Shards = n
}

// terms are the check's own, or those of [pricing], or the defaults.
func (r *reader) terms(c *Config, k *keys, ch *Check) {
	first := func(texts ...string) string {
		for _, s := range texts {
			if s != "" {
				return s
			}
		}
		return ""
	}
	p, f := &c.Pricing, &c.flags
	ch.Terms = Terms{
		AsOf:    first(f.AsOf, p.AsOf),
		Region:  first(f.Region, k.text("region"), p.Region, "us-east"),
		Term:    ratecard.Term(first(f.Term, k.text("term"), p.Term, string(ratecard.TermOnDemand))),
		Upfront: ratecard.Upfront(first(f.Upfront, k.text("upfront"), p.Upfront, string(ratecard.UpfrontNone))),
	}
	if err := ch.Terms.check(); err != nil {
		r.fail([]string{"check", ch.Name}, "%v", err)
	}
	if f.MaxRateAge != "" {
		n, err := ParseDays(f.MaxRateAge)
		if err != nil {
			r.fail([]string{"check", ch.Name}, "%v", err)
		}
		ch.MaxRateAge = &n
		return
	}
	if ch.MaxRateAge == nil && p.MaxRateAge != "" && !k.has("max_rate_age") {
		if n, err := ParseDays(p.MaxRateAge); err == nil {
			ch.MaxRateAge = &n
		}
	}
}

func (t *Terms) check() error {
	if err := ratecard.CheckTerm(t.Term, t.Upfront, ""); err != nil {
		return err
	}
	if t.AsOf == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, t.AsOf); err != nil {
		return fmt.Errorf("as_of %q is not a date like 2026-09-20", t.AsOf)
	}
	return nil
}

// named finds the workloads of a check: names and patterns.
func (r *reader) named(c *Config, k *keys, ch *Check) {
	list := k.list("workload")
	if len(list) == 0 {
		if !k.has("workload") {
			r.fail([]string{"check", ch.Name}, "which workload? give workload = \"NAME\", a list, or \"*\" for the sum of all")
		}
		return
	}
	picked := map[string]bool{}
	for _, pattern := range list {
		if !strings.ContainsAny(pattern, "*?[\\") {
			if _, known := c.workloads[pattern]; !known && !contains(c.names, pattern) {
				k.fail("workload", "%q is not in the file; there are %s", pattern, someOf(c.names))
			}
			picked[pattern] = true
			continue
		}
		hit := false
		for _, name := range c.names {
			ok, err := path.Match(pattern, name)
			if err != nil {
				k.fail("workload", "%q is not a pattern", pattern)
				return
			}
			// A star stands for the whole of any name, slashes included.
			if ok || pattern == "*" {
				picked[name], hit = true, true
			}
		}
		if !hit {
			k.fail("workload", "%q matches no workload; there are %s", pattern, someOf(c.names))
		}
	}
	ch.Workloads = sorted(picked)
}

func contains(ordered []string, s string) bool {
	i := sort.SearchStrings(ordered, s)
	return i < len(ordered) && ordered[i] == s
}

func someOf(names []string) string {
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > 8:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:7], ", "), len(names)-7)
	}
	return strings.Join(names, ", ")
}
