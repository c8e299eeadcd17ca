package report

import (
	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/gate"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
)

// NewCheckJSON builds the report of a run of checks.
func NewCheckJSON(r *gate.Result) (*form.Check, error) {
	j := &form.Check{
		FormatVersion: form.Version, Kind: gate.KindCheck, Report: gate.KindCheck, AsOf: r.AsOf, Currency: "USD", Config: r.Config, Verdict: string(r.Verdict),
		Rates: form.Rates{SHA256: r.Set.SHA256()}, Checks: []form.CheckResult{}, Workloads: []*form.Workload{},
	}
	p := &r.Pricing
	j.Pricing = form.Pricing{Offers: orEmpty(p.Offers), Providers: orEmpty(p.Providers), Engines: orEmpty(p.Engines), Include: orEmpty(p.Include), FX: orEmpty(p.FX)}
	if b := r.Baseline; b != nil {
		j.Baseline = newBaselineJSON(b)
	}
	judged := []form.CheckResult{}
	var oldest, newest ratecard.Ages
	seen := map[string]bool{}
	for _, c := range r.Checks {
		one, err := newCheckJSON(c)
		if err != nil {
			return nil, err
		}
		if c.Check.Path != nil {
			judged = append(judged, one)
			continue
		}
		j.Checks = append(j.Checks, one)
		for _, q := range c.Quotes {
			if q.Bill != nil {
				o, n := ages(r.Set, q.Bill)
				oldest.Add(o)
				newest.Add(n)
			}
			if !seen[q.Workload.Name] {
				seen[q.Workload.Name] = true
				w := newWorkloadJSON(&q.Workload)
				j.Workloads = append(j.Workloads, &w)
			}
		}
	}
	if inv := r.Inventory; inv != nil {
		oldest.Add(inv.Oldest)
		newest.Add(inv.Newest)
		j.Inventory = &form.InventoryCheck{Checks: judged, Report: NewInventoryJSON(inv, nil, r.Set, Currency{})}
	}
	j.Rates.OldestRetrieved, j.Rates.NewestRetrieved = text(oldest.Oldest), text(newest.Newest)
	return j, nil
}

func newBaselineJSON(r *gate.Report) *form.Baseline {
	return &form.Baseline{Name: r.Name, AsOf: r.AsOf, RatesSHA256: r.RatesSHA256}
}

func newLimitJSON(l *gate.LimitResult) form.Limit {
	return form.Limit{Key: l.Key, Limit: l.Limit, Unit: l.Unit, Actual: text(l.Actual), Verdict: string(l.Verdict), Words: l.Words}
}

// ages are the oldest and the newest day on which a figure of a bill was read.
func ages(set *ratecard.Set, b *bill.Bill) (oldest, newest string) {
	var all ratecard.Ages
	for i := range b.Lines {
		if s, ok := set.Source(b.Lines[i].Rate.Source); ok {
			all.Add(s.Retrieved)
		}
	}
	return b.Retrieved, all.Newest
}

func newCheckJSON(c *gate.CheckResult) (form.CheckResult, error) {
	t := &c.Check.Target
	j := form.CheckResult{
		Name: c.Check.Name, Checks: c.Check.Sum, Verdict: string(c.Verdict), AsOf: c.Check.Terms.AsOf,
		Target:  form.Target{Offer: text(t.Offer), Plan: text(t.Plan), Cheapest: text(string(t.Cheapest))},
		AtLeast: c.AtLeast, Unknown: orEmpty(c.Unknown), OldestRetrieved: text(c.Oldest), Limits: []form.Limit{}, Bills: []form.Bill{}, Reserved: []string{},
	}
	if !c.Check.IsSum() { // the parts of a sum need not agree
		at := &c.Check.Terms
		j.Region, j.Term, j.Upfront = text(at.Region), text(string(at.Term)), text(string(at.Upfront))
		j.Commitment, j.Reserved = text(string(at.Commitment)), orEmpty(at.Reservations())
	}
	j.Target.Size, j.MaxShards = known(t.Size), known(c.Check.Terms.MaxShards)
	if t.Shards > 0 {
		j.Target.Shards = &t.Shards
	}
	if c.Oldest != "" && c.Oldest != ratecard.Undated {
		j.RateAgeDays = &c.AgeDays
	}
	j.AtMost = c.AtMost
	if !c.AtLeast || c.Total > 0 {
		j.USDPerMonth, j.USDPerMonthExact = text(c.Total.String()), text(c.Total.Exact())
	}
	for i := range c.Limits {
		l := &c.Limits[i]
		j.Limits = append(j.Limits, newLimitJSON(l))
	}
	if c.Base != nil {
		j.Baseline = newChangeJSON(&c.Base.Total, !c.Base.AtLeast, c.Total, !c.AtLeast && !c.AtMost, c.Base.Split, c.Base.Why)
	}
	s, err := c.Saving()
	if err != nil {
		return j, err
	}
	if s != nil {
		j.Saving = &form.Saving{USD: s.USD.Exact(), Workloads: []form.SavingItem{}}
		for _, q := range s.Quotes {
			j.Saving.Workloads = append(j.Saving.Workloads, form.SavingItem{Workload: q.Workload.Name, Offer: q.Cheapest.Offer.ID, USD: (q.Bill.Total - q.Cheapest.Total).Exact()})
		}
	}
	if c.Check.IsSum() {
		return j, nil // its bills are those of the checks that it sums
	}
	for _, q := range c.Quotes {
		j.Bills = append(j.Bills, newBillJSON(q))
	}
	return j, nil
}

func newChangeJSON(was *money.USD, wasExact bool, is money.USD, isExact bool, s *gate.Split, why string) *form.Change {
	j := &form.Change{CausesUnknownWhy: text(why)}
	if was != nil && wasExact {
		j.WasUSDExact = text(was.Exact())
		if isExact {
			j.ChangeUSDExact = text((is - *was).Exact())
			j.ChangePercentText = text(gate.PercentText(is-*was, *was))
		}
	}
	if s != nil {
		j.ByWorkloadUSD, j.ByRatesUSD, j.ByTheRestUSD = text(s.Workload.Exact()), text(s.Rates.Exact()), text(s.Other.Exact())
	}
	return j
}

func newBillJSON(q *gate.Quote) form.Bill {
	j := form.Bill{Workload: q.Workload.Name, Status: "none", Reasons: []string{}}
	b := q.Bill
	if b == nil {
		j.Reasons = append(j.Reasons, q.Reason)
		return j
	}
	j.ID, j.Status, j.Reasons, j.Retrieved = text(b.Offer.ID), string(b.Status), orEmpty(b.Reasons), text(b.Retrieved)
	if b.Status == bill.Priced || b.Status == bill.Incomplete {
		j.USDPerMonth, j.USDPerMonthExact = text(b.Total.String()), text(b.Total.Exact())
	}
	if b.Status == bill.AtMost {
		j.USDAtMost = text(b.Total.String())
	}
	j.Plan = newPlanJSON(b.Plan)
	return j
}
