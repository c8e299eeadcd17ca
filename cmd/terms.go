package cmd

import (
	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

// addTerms adds the flags that say which prices hold: the term, the day, the
// cards and the exchange rates.
func (f *pricingFlags) addTerms(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.term, "term", "on-demand", "commitment `TERM`: on-demand, 1y or 3y")
	flags.StringVar(&f.commit, "commitment", string(ratecard.CommitReserved), "`KIND` of commitment for --term: reserved, or savings-plan for AWS Database Savings Plans")
	flags.StringVar(&f.upfront, "upfront", "none", "`PART` paid at the start of the term: none, partial or all")
	flags.StringVar(&f.asOf, "as-of", "", "use the rates in force on `DATE`, YYYY-MM-DD (default today)")
	flags.StringArrayVar(&f.rates, "rates", nil, "rate card `FILE` that is added to the embedded cards; repeatable")
	flags.StringArrayVar(&f.fx, "fx", nil, "exchange `RATE`, as in EUR=1.16@2026-11-20; repeatable")
	offerValues(c, "term", "on-demand", "1y", "3y")
	offerValues(c, "commitment", "reserved", "savings-plan")
	offerValues(c, "upfront", "none", "partial", "all")
}

// pricing checks the flags that say which prices hold, for months of that
// length. The place is not among them.
func (f *pricingFlags) pricing(e *env, hours int64) (bill.Options, error) {
	opt := bill.Options{
		AsOf: f.asOf, HoursPerMonth: hours, Plan: f.plan, Shards: f.shards, MaxShards: f.most.n,
		Term: ratecard.Term(f.term), Upfront: ratecard.Upfront(f.upfront), Stop: e.stop,
		Commitment: ratecard.CommitmentKind(f.commit),
	}
	if opt.AsOf == "" {
		opt.AsOf = e.today
	}
	if err := checkDay("--as-of", opt.AsOf, e.today); err != nil {
		return opt, err
	}
	if err := ratecard.CheckTerm(opt.Term, opt.Upfront, "--"); err != nil {
		return opt, usageErr(err)
	}
	if err := checkCommitment(opt.Commitment, opt.Term); err != nil {
		return opt, err
	}
	switch {
	case f.shards < 0:
		return opt, usagef("--shards %d is negative", f.shards)
	case f.shards > bill.MaxShards:
		return opt, usagef("--shards %d is too large; at most %d", f.shards, bill.MaxShards)
	case f.most.given && (f.most.n < 1 || f.most.n > bill.MaxShards):
		return opt, usagef("--max-shards %d is not from 1 to %d", f.most.n, bill.MaxShards)
	case f.most.given && f.shards > f.most.n:
		return opt, usagef("--shards %d and --max-shards %d contradict each other; leave one out", f.shards, f.most.n)
	}
	if f.size != "" {
		size, err := unit.ParseBytes(f.size)
		switch {
		case err != nil:
			return opt, usagef("--size: %w", err)
		case size < 1:
			return opt, usagef("--size %s is not a size like 8GiB", f.size)
		case f.plan == "":
			return opt, usagef("--size needs a plan that is sold by size; add --plan, as in --plan m2 --size 8GiB")
		}
		opt.Size = size
	}
	fx, err := parseFXs(f.fx, e.today)
	opt.FX = fx
	return opt, err
}

// checkCommitment refuses an unknown kind of commitment, and one without a term.
func checkCommitment(kind ratecard.CommitmentKind, term ratecard.Term) error {
	switch {
	case kind != "" && kind != ratecard.CommitReserved && kind != ratecard.CommitSavingsPlan:
		return usagef("unknown --commitment %q; known: reserved, savings-plan", string(kind))
	case kind == ratecard.CommitSavingsPlan && term.Months() == 0:
		return usagef("--commitment savings-plan needs a term; add --term 1y")
	}
	return nil
}
