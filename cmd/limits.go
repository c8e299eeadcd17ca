package cmd

import (
	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/gate"
	"github.com/keynest/keynest/pkg/report"
	"github.com/keynest/keynest/pkg/tomlfile"
)

// limitFlags are the limits of a one-line check: keynest estimate takes them.
type limitFlags struct {
	maxUSD     string
	warnUSD    string
	maxRateAge string
	exitCode   int
}

func (f *limitFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.maxUSD, "max-usd-per-month", "", "exit 3 if the monthly cost exceeds `USD` (cheapest offer, or the one selected; summed over workloads)")
	c.Flags().StringVar(&f.warnUSD, "warn-usd-per-month", "", "warn if the monthly cost exceeds `USD`")
	c.Flags().StringVar(&f.maxRateAge, "max-rate-age", "", "exit 4 if a rate in the bill was read more than `DAYS` ago, such as 180d")
	addExitCodeFlag(c, &f.exitCode)
}

// limits reads the flags; nil where none sets a limit.
func (f *limitFlags) limits(c *cobra.Command) (*gate.Check, error) {
	if err := checkExitCode(f.exitCode); err != nil {
		return nil, err
	}
	check := &gate.Check{Name: "estimate", Target: gate.Target{Cheapest: compare.Overall}}
	var err error
	if check.Limits.MaxUSD, err = parseLimit("--max-usd-per-month", f.maxUSD); err != nil {
		return nil, err
	}
	if check.Limits.WarnUSD, err = parseLimit("--warn-usd-per-month", f.warnUSD); err != nil {
		return nil, err
	}
	for _, flag := range []string{"max-usd-per-month", "warn-usd-per-month", "max-rate-age"} {
		if c.Flags().Changed(flag) && c.Flags().Lookup(flag).Value.String() == "" {
			return nil, usagef("--%s is empty; leave it out or give a value", flag)
		}
	}
	if l := &check.Limits; l.MaxUSD != nil && l.WarnUSD != nil && *l.WarnUSD > *l.MaxUSD {
		return nil, usagef("--warn-usd-per-month %s is above --max-usd-per-month %s, so it would never warn", f.warnUSD, f.maxUSD)
	}
	if f.maxRateAge != "" {
		days, err := tomlfile.ParseDays(f.maxRateAge)
		if err != nil {
			return nil, usagef("--max-rate-age %w", err)
		}
		check.MaxRateAge = &days
	}
	if f.maxUSD == "" && f.warnUSD == "" && f.maxRateAge == "" {
		if c.Flags().Changed("exit-code") {
			return nil, usagef("--exit-code needs a limit; add --max-usd-per-month")
		}
		return nil, nil
	}
	return check, nil
}

// judge holds the estimates against the limits: each by its cheapest offer, or
// by its only one. The verdict goes to standard error.
func (f *limitFlags) judge(e *env, check *gate.Check, list []*compare.Comparison) error {
	var quotes []*gate.Quote
	for _, c := range list {
		b := c.Overall
		if len(c.Bills) == 1 {
			b = c.Bills[0]
			check.Target = gate.Target{Offer: b.Offer.ID}
		}
		check.Terms.AsOf = c.Field.Options.AsOf
		quotes = append(quotes, gate.NewQuote(c.Workload, check.Target, b))
	}
	field := list[0].Field
	one, err := gate.NewPricer(field.Set, compare.Filter{}, nil).Judge(check, quotes, nil)
	if err != nil {
		return err
	}
	r := &gate.Result{AsOf: field.Options.AsOf, Set: field.Set, Verdict: gate.Skipped}
	r.Add(one)
	for _, line := range report.Verdicts(r) {
		e.say("keynest: ", line)
	}
	return verdictErr(r, f.exitCode)
}
