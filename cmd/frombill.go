package cmd

import (
	"errors"
	"math"
	"strconv"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/report"
	"github.com/keynest/keynest/pkg/workload"
)

// mostCommands is the largest month that a bill is turned back into: a billion
// commands a second, which workloads may have at most.
const mostCommands = 2_628_000_000_000_000

// fromBill finds how many commands make a bill on the selected offer, and puts
// them into the workload. A bill never falls as commands grow, so a binary search
// finds them.
func (opts *estimateOptions) fromBill(e *env) error {
	switch in := opts.inputs; {
	case len(opts.apps.names) > 0:
		return usagef("--from-bill and --app both say how many commands there are; leave one out")
	case in.OpsPerSec != "" || in.CommandsPerMonth != "" || in.ReadsPerMonth != "" || in.WritesPerMonth != "":
		return usagef("--from-bill computes the commands; leave out --ops-per-sec and --commands-per-month")
	case opts.file != "" || opts.observed != "":
		return usagef("--from-bill works with flags only; leave out --workload and --observed")
	}
	target, err := money.ParseUSD(opts.billed)
	if err != nil || target <= 0 {
		return usagef("--from-bill %q is not a sum of dollars like 74.00", opts.billed)
	}
	total, name, err := opts.billOf(e)
	if err != nil {
		return err
	}
	least, err := total(0)
	if err != nil {
		return err
	}
	if inCents(target) < inCents(least) {
		return usagef("--from-bill %s: %s already costs %s without any command", opts.billed, name, least.Grouped())
	}
	// Bills that print alike are those of first to after-1 commands.
	first, err1 := firstWhere(func(n int64) (bool, error) { usd, err := total(n); return inCents(usd) >= inCents(target), err })
	after, err2 := firstWhere(func(n int64) (bool, error) { usd, err := total(n); return inCents(usd) > inCents(target), err })
	exact, err3 := firstWhere(func(n int64) (bool, error) { usd, err := total(n); return usd >= target, err })
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	if first == after {
		return usagef("--from-bill %s: no number of commands makes that bill on %s; %s commands still cost less",
			opts.billed, name, money.Group(strconv.FormatInt(max(0, first-1), 10)))
	}
	n := min(max(exact, first), after-1)
	opts.inputs.CommandsPerMonth = workload.Value(strconv.FormatInt(n, 10))
	opts.show.FromBill = &report.FromBill{USD: target, Offer: name, Commands: n, Least: first, Most: after - 1, Hours: opts.month().HoursPerMonth}
	return nil
}

// billOf is the bill of the one offer that the flags leave, by its commands.
func (opts *estimateOptions) billOf(e *env) (total func(int64) (money.USD, error), name string, err error) {
	set, err := e.cards(opts.rates)
	if err != nil {
		return nil, "", err
	}
	month := opts.month()
	if month.Hundredths > 0 {
		return nil, "", usagef("--from-bill needs a month of whole hours; --hours-per-month is %s", month.HoursText())
	}
	field, err := opts.fieldFor(e, set, month)
	if err != nil {
		return nil, "", err
	}
	if len(field.Offers) != 1 {
		return nil, "", usagef("--from-bill needs one offer, and the filters select %d; add --offer, as in --offer upstash-payg", len(field.Offers))
	}
	o := field.Offers[0]
	name = report.OfferName(o.Card)
	return func(n int64) (money.USD, error) {
		in := opts.inputs
		in.CommandsPerMonth = workload.Value(strconv.FormatInt(n, 10))
		w, err := in.Resolve("")
		if err != nil && n == 0 {
			return 0, usageErr(err)
		}
		if err != nil {
			return math.MaxInt64, nil //nolint:nilerr // more than can be counted costs more than any bill
		}
		u, err := w.Usage()
		if err != nil {
			return math.MaxInt64, nil //nolint:nilerr // as above
		}
		usd, status, err := o.Total(&u)
		switch {
		case err != nil:
			return 0, err
		case status == bill.Unfit:
			return math.MaxInt64, nil // beyond what the offer holds
		case status != bill.Priced:
			return 0, usagef("--from-bill: the price of %s is not fully known in this region", name)
		}
		return usd, nil
	}, name, nil
}

// month is a workload of the month's length; what is wrong with the length is
// said when the inputs are resolved.
func (opts *estimateOptions) month() *workload.Workload {
	w, err := workload.Input{GiB: "0", OpsPerSec: "0", HoursPerMonth: opts.inputs.HoursPerMonth}.Resolve("")
	if err != nil {
		w.HoursPerMonth = faqHours
	}
	return &w
}

// firstWhere is the smallest number of commands for which something holds that
// goes on holding for all larger ones.
func firstWhere(holds func(int64) (bool, error)) (int64, error) {
	lo, hi := int64(0), int64(mostCommands)
	for lo < hi {
		mid := lo + (hi-lo)/2
		yes, err := holds(mid)
		switch {
		case err != nil:
			return 0, err
		case yes:
			hi = mid
		default:
			lo = mid + 1
		}
	}
	return lo, nil
}

// inCents is a sum in cents, rounded half up.
func inCents(usd money.USD) int64 {
	const cent = 10_000_000 // nano-dollars
	return int64(usd)/cent + (int64(usd)%cent+cent/2)/cent
}
