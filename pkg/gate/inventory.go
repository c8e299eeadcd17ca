package gate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/inventory"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/tomlfile"
	"github.com/keynest/keynest/pkg/workload"
)

// fileInventory is the [inventory] table: limits on the caches of a plan, a state
// or a cloud's list.
type fileInventory struct {
	MaxUSD             tomlfile.Decimal       `toml:"max_usd_per_month"`
	WarnUSD            tomlfile.Decimal       `toml:"warn_usd_per_month"`
	MaxIncreaseUSD     tomlfile.Decimal       `toml:"max_increase_usd"`
	MaxIncreasePercent tomlfile.Decimal       `toml:"max_increase_percent"`
	MaxRateAge         tomlfile.Days          `toml:"max_rate_age"`
	Resource           map[string]*fileLimits `toml:"resource"` // by a pattern of addresses
	Tag                map[string]*fileLimits `toml:"tag"`      // by "key=value"
}

type fileLimits struct {
	MaxUSD             tomlfile.Decimal `toml:"max_usd_per_month"`
	WarnUSD            tomlfile.Decimal `toml:"warn_usd_per_month"`
	MaxIncreaseUSD     tomlfile.Decimal `toml:"max_increase_usd"`
	MaxIncreasePercent tomlfile.Decimal `toml:"max_increase_percent"`
}

// InventoryLimits are the limits of the [inventory] table.
type InventoryLimits struct {
	Total      Limits
	Resources  []ScopedLimits // each applies to every resource whose address matches
	Tags       []ScopedLimits // each applies to the sum of the resources that have the tag
	MaxRateAge *int64
}

// ScopedLimits are limits for a pattern of addresses, or for a tag "key=value".
type ScopedLimits struct {
	Scope  string
	Limits Limits
}

func (l *Limits) none() bool {
	return l.MaxUSD == nil && l.WarnUSD == nil && l.MaxIncreaseUSD == nil && l.MaxIncreasePercent == nil
}

// inventory reads the [inventory] table.
func (r *reader) inventory() {
	f := r.file.Inventory
	if f == nil {
		return
	}
	l := &InventoryLimits{Total: r.limits(&fileLimits{f.MaxUSD, f.WarnUSD, f.MaxIncreaseUSD, f.MaxIncreasePercent}, "inventory")}
	for _, scope := range slices.Sorted(maps.Keys(f.Resource)) {
		where := []string{"inventory", "resource", scope}
		if scope == "" {
			r.Add(where, "names no resource; give a pattern such as \"module.cache*\"")
		}
		l.Resources = append(l.Resources, r.scoped(f.Resource[scope], scope, where))
	}
	for _, scope := range slices.Sorted(maps.Keys(f.Tag)) {
		where := []string{"inventory", "tag", scope}
		if key, _, ok := strings.Cut(scope, "="); !ok || key == "" {
			r.Add(where, "%q is not a tag like \"team=payments\"", scope)
		}
		l.Tags = append(l.Tags, r.scoped(f.Tag[scope], scope, where))
	}
	if l.Total.none() && len(l.Resources)+len(l.Tags) == 0 {
		r.Add([]string{"inventory"}, "has no limit; give max_usd_per_month, warn_usd_per_month, max_increase_usd or max_increase_percent")
	}
	if age := cmp.Or(r.flags.MaxRateAge, r.config.Pricing.MaxRateAge); r.flags.MaxRateAge == "" && f.MaxRateAge.Written {
		l.MaxRateAge = &f.MaxRateAge.Value
	} else if n, err := tomlfile.ParseDays(age); age != "" && err == nil {
		l.MaxRateAge = &n
	}
	r.config.Inventory = l
}

func (r *reader) scoped(f *fileLimits, scope string, where []string) ScopedLimits {
	if f == nil {
		f = &fileLimits{}
	}
	s := ScopedLimits{Scope: scope, Limits: r.limits(f, where...)}
	if s.Limits.none() {
		r.Add(where, where[1]+" %q has no limit; give max_usd_per_month, warn_usd_per_month, max_increase_usd or max_increase_percent", scope)
	}
	return s
}

// limits reads the limits of one table.
func (r *reader) limits(f *fileLimits, where ...string) Limits {
	usd := func(key string, d *tomlfile.Decimal) *money.USD {
		if !d.OK() {
			return nil
		}
		u, err := money.ParseUSD(d.Value)
		if err == nil && u < 0 {
			err = fmt.Errorf("%s is negative", d.Value)
		}
		if err != nil {
			r.Add(append(slices.Clone(where), key), "%s %v", key, err)
			return nil
		}
		return &u
	}
	l := Limits{MaxUSD: usd(KeyMax, &f.MaxUSD), WarnUSD: usd(KeyWarn, &f.WarnUSD), MaxIncreaseUSD: usd(KeyIncrease, &f.MaxIncreaseUSD)}
	if f.MaxIncreasePercent.OK() {
		p, err := ParsePercent(f.MaxIncreasePercent.Value)
		if err != nil {
			r.Add(append(slices.Clone(where), KeyIncreasePercent), "%s %v", KeyIncreasePercent, err)
		} else {
			l.MaxIncreasePercent = &p
		}
	}
	if l.MaxUSD != nil && l.WarnUSD != nil && *l.WarnUSD > *l.MaxUSD {
		r.Add(where, "warn_usd_per_month %s is above max_usd_per_month %s, so it would never warn", l.WarnUSD.Exact(), l.MaxUSD.Exact())
	}
	return l
}

// InventoryOptions are the options for pricing an inventory under this file:
// its [pricing] table, and its workloads for services that are billed by use.
func (c *Config) InventoryOptions(today string) inventory.Options {
	p := &c.Pricing
	o := inventory.Options{
		AsOf: cmp.Or(c.flags.AsOf, p.AsOf, today), Region: cmp.Or(c.flags.Region, p.Region), Workloads: map[string]*workload.Workload{},
		Term:    ratecard.Term(cmp.Or(c.flags.Term, p.Term, string(ratecard.TermOnDemand))),
		Upfront: ratecard.Upfront(cmp.Or(c.flags.Upfront, p.Upfront, string(ratecard.UpfrontNone))),
	}
	for name, w := range c.workloads {
		o.Workloads[name] = &w
	}
	return o
}

// JudgeInventory judges an inventory by the limits of the file and adds the
// results to the run: one for the total, one for each resource that a pattern
// matches, one for each tag that is present.
func (r *Result) JudgeInventory(c *Config, inv *inventory.Inventory) error {
	r.Inventory = inv
	r.AsOf = inv.Options.AsOf
	l := c.Inventory
	add := func(name string, limits Limits, resources []*inventory.Resource, path ...string) error {
		if limits.none() {
			return nil
		}
		one, err := judgeResources(name, limits, resources, inv, l.MaxRateAge, path)
		if err != nil {
			return err
		}
		r.Add(one)
		return nil
	}
	var counted []*inventory.Resource
	for _, one := range inv.Resources {
		if one.Counted() {
			counted = append(counted, one)
		}
	}
	if err := add("inventory", l.Total, counted, "inventory"); err != nil {
		return err
	}
	for _, s := range l.Resources {
		for _, one := range counted {
			if !matches(s.Scope, one.Address) {
				continue
			}
			if err := add(one.Address, s.Limits, []*inventory.Resource{one}, "inventory", "resource", s.Scope); err != nil {
				return err
			}
		}
	}
	for _, s := range l.Tags {
		key, value, _ := strings.Cut(s.Scope, "=")
		tagged := slices.DeleteFunc(slices.Clone(counted), func(one *inventory.Resource) bool { return one.Tags[key] != value })
		if len(tagged) == 0 {
			continue
		}
		if err := add("tag "+s.Scope, s.Limits, tagged, "inventory", "tag", s.Scope); err != nil {
			return err
		}
	}
	return nil
}

// judgeResources judges the sum of several resources. A limit on the total
// needs every price after the change. A limit on the increase needs the prices
// before and after of the resources that the change touches. Without resources
// nothing is priced, so the age of the rates does not matter.
func judgeResources(name string, limits Limits, resources []*inventory.Resource, inv *inventory.Inventory, age *int64, path []string) (*CheckResult, error) {
	check := &Check{Name: name, Limits: limits, MaxRateAge: age, Path: path,
		Terms: Terms{AsOf: inv.Options.AsOf, Region: "as the resources have it", Term: inv.Options.Term, Upfront: inv.Options.Upfront}}
	all := &CheckResult{Check: check, Oldest: inv.Oldest, NoBase: "the file has no change; a Terraform plan has"}
	rise := &CheckResult{Check: check, Oldest: inv.Oldest, NoBase: all.NoBase}
	if all.Oldest != "" && all.Oldest != ratecard.Undated {
		all.AgeDays = max(0, DaysBetween(all.Oldest, inv.Options.AsOf))
		rise.AgeDays = all.AgeDays
	}
	base := &Base{Why: "the file itself changes them"}
	for _, one := range resources {
		err := all.take(one.After, one.Address)
		if err == nil {
			err = base.take(one)
		}
		if err != nil {
			return nil, err
		}
		if one.Action != "no-op" && one.After != nil && one.After.Counted && one.After.USD == nil {
			rise.AtLeast, rise.Unknown = true, addReason(rise.Unknown, one.Address+": "+one.After.Why)
		}
	}
	rise.Total, rise.restUnknown = all.Total, all.AtLeast && !rise.AtLeast
	if inv.Changes() {
		all.Base, rise.Base = base, base
	}
	causes := causesOf(resources)
	total, increase := limits, limits
	total.MaxIncreaseUSD, total.MaxIncreasePercent = nil, nil
	increase.MaxUSD, increase.WarnUSD = nil, nil
	check.Limits = total
	all.judge()
	if !increase.none() {
		check.Limits = increase
		rise.judge()
		all.Limits = append(slices.DeleteFunc(all.Limits, func(l LimitResult) bool { return l.Key == KeyRateAge }), rise.Limits...)
	}
	check.Limits = limits
	all.Verdict = Skipped
	for i := range all.Limits {
		l := &all.Limits[i]
		if len(resources) == 0 {
			l.Verdict, l.Words = Pass, fmt.Sprintf("no cache among %d resources", inv.Others+int64(len(inv.Resources)))
		}
		if (l.Verdict == Breach || l.Verdict == Warn) && causes != "" {
			l.Words += ": " + causes
		}
		all.Verdict = worst(all.Verdict, l.Verdict)
	}
	return all, nil
}

// take adds the cost of one side (before or after) of a resource to the total.
func (c *CheckResult) take(h *inventory.Holding, address string) (err error) {
	switch {
	case h == nil || !h.Counted:
		return nil
	case h.USD != nil:
		c.Total, err = c.Total.Add(*h.USD)
		return err
	case h.AtLeast != nil:
		if c.Total, err = c.Total.Add(*h.AtLeast); err != nil {
			return err
		}
	}
	c.AtLeast = true
	c.Unknown = addReason(c.Unknown, address+": "+h.Why)
	return nil
}

// take adds the cost of a resource before the change. A resource that does not
// change has the same cost on both sides, even if it is unknown.
func (b *Base) take(r *inventory.Resource) (err error) {
	h := r.Before
	switch {
	case h == nil || !h.Counted:
		return nil
	case h.USD != nil:
		b.Total, err = b.Total.Add(*h.USD)
		return err
	case h.AtLeast != nil:
		if b.Total, err = b.Total.Add(*h.AtLeast); err != nil {
			return err
		}
	}
	if r.Action != "no-op" {
		b.AtLeast, b.Unknown = true, addReason(b.Unknown, r.Address+": "+h.Why)
	}
	return nil
}

func addReason(list []string, why string) []string {
	if len(list) >= maxReasons {
		return list
	}
	return append(list, why)
}

// maxCauses is the number of resources that a limit names as causes.
const maxCauses = 3

// causesOf names the resources that caused the cost: those with the largest
// change, or if nothing changes, those with the highest cost.
func causesOf(resources []*inventory.Resource) string {
	size := func(r *inventory.Resource) money.USD {
		if d := r.Difference(); d != nil {
			return max(*d, -*d)
		}
		return 0
	}
	list := slices.Clone(resources)
	slices.SortStableFunc(list, func(a, b *inventory.Resource) int { return cmp.Compare(size(b), size(a)) })
	changed := slices.DeleteFunc(slices.Clone(list), func(r *inventory.Resource) bool { return size(r) == 0 })
	var words []string
	if len(changed) == 0 {
		slices.SortStableFunc(list, func(a, b *inventory.Resource) int { return cmp.Compare(costOf(b), costOf(a)) })
		for _, r := range list[:min(maxCauses, len(list))] {
			words = append(words, r.Address+" "+costWords(r))
		}
		return strings.Join(words, "; ")
	}
	for _, r := range changed[:min(maxCauses, len(changed))] {
		d := *r.Difference()
		sign := "+"
		if d < 0 {
			sign = ""
		}
		words = append(words, fmt.Sprintf("%s %s%s, %s", r.Address, sign, d.Grouped(), r.Cause()))
	}
	if n := len(changed) - maxCauses; n > 0 {
		words = append(words, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(words, "; ")
}

// costOf is what a resource costs after the change in USD a month, or its lower
// bound if the price is not known; 0 without either.
func costOf(r *inventory.Resource) money.USD {
	switch h := r.After; {
	case h == nil:
		return 0
	case h.USD != nil:
		return *h.USD
	case h.AtLeast != nil:
		return *h.AtLeast
	}
	return 0
}

// costWords is that cost in words. A price that is not known is never 0.00.
func costWords(r *inventory.Resource) string {
	switch h := r.After; {
	case h == nil || h.USD != nil:
		return costOf(r).Grouped()
	case h.AtLeast != nil:
		return "at least " + costOf(r).Grouped()
	}
	return "of unknown price"
}

// matches says whether an address matches a pattern. * matches any text; all
// other characters, such as dots, quotes and brackets, match themselves.
func matches(pattern, address string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == address
	}
	if !strings.HasPrefix(address, parts[0]) {
		return false
	}
	rest := address[len(parts[0]):]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}
