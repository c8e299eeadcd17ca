package report

import (
	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/gate"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
)

// CheckJSON is the report of keynest check as a program reads it.
type CheckJSON struct {
	FormatVersion string          `json:"format_version"`
	Report        string          `json:"report"`
	AsOf          string          `json:"as_of"`
	Currency      string          `json:"currency"`
	Config        string          `json:"config"`
	Verdict       string          `json:"verdict"`
	Rates         ratesJSON       `json:"rates"`
	Baseline      *baselineJSON   `json:"baseline"`
	Pricing       pricingJSON     `json:"pricing"`
	Checks        []checkJSON     `json:"checks"`
	Workloads     []*workloadJSON `json:"workloads"`
}

// pricingJSON is what the cheapest was taken from, and the exchange rates given.
type pricingJSON struct {
	Offers    []string `json:"offers"`
	Providers []string `json:"providers"`
	Engines   []string `json:"engines"`
	FX        []string `json:"fx"`
}

type baselineJSON struct {
	Name        string `json:"name"`
	AsOf        string `json:"as_of"`
	RatesSHA256 string `json:"rates_sha256"`
}

type checkJSON struct {
	Name             string      `json:"name"`
	Verdict          string      `json:"verdict"`
	Target           targetJSON  `json:"target"`
	AsOf             string      `json:"as_of"`
	Region           string      `json:"region"`
	Term             string      `json:"term"`
	Upfront          string      `json:"upfront"`
	USDPerMonth      *string     `json:"usd_per_month"`
	USDPerMonthExact *string     `json:"usd_per_month_exact"`
	AtLeast          bool        `json:"at_least"`
	Unknown          []string    `json:"unknown"`
	OldestRetrieved  *string     `json:"oldest_retrieved"`
	RateAgeDays      *int64      `json:"rate_age_days"`
	Limits           []limitJSON `json:"limits"`
	Baseline         *changeJSON `json:"baseline"`
	Saving           *savingJSON `json:"saving"`
	Bills            []billJSON  `json:"bills"`
}

type targetJSON struct {
	Offer    *string `json:"offer"`
	Plan     *string `json:"plan"`
	Shards   *int64  `json:"shards"`
	Cheapest *string `json:"cheapest"`
}

type limitJSON struct {
	Key     string  `json:"key"`
	Limit   string  `json:"limit"`
	Unit    string  `json:"unit"`
	Actual  *string `json:"actual"`
	Verdict string  `json:"verdict"`
	Words   string  `json:"words"`
}

// changeJSON is a change from one figure to another; the three causes sum
// exactly to it, or are null where they are not known.
type changeJSON struct {
	WasUSDExact       *string `json:"was_usd_per_month_exact"`
	ChangeUSDExact    *string `json:"change_usd_exact"`
	ByWorkloadUSD     *string `json:"by_workload_usd_exact"`
	ByRatesUSD        *string `json:"by_rates_usd_exact"`
	ByTheRestUSD      *string `json:"by_the_rest_usd_exact"`
	CausesUnknownWhy  *string `json:"causes_unknown_why"`
	ChangePercentText *string `json:"change_percent"`
}

type savingJSON struct {
	USD       string           `json:"usd_per_month_exact"`
	Workloads []savingItemJSON `json:"workloads"`
}

type savingItemJSON struct {
	Workload string `json:"workload"`
	Offer    string `json:"offer"`
	USD      string `json:"usd_per_month_exact"`
}

type billJSON struct {
	Workload         string    `json:"workload"`
	ID               *string   `json:"id"`
	Status           string    `json:"status"`
	Reasons          []string  `json:"reasons"`
	Plan             *planJSON `json:"plan"`
	USDPerMonth      *string   `json:"usd_per_month"`
	USDPerMonthExact *string   `json:"usd_per_month_exact"`
	Retrieved        *string   `json:"retrieved"`
}

// NewCheckJSON builds the report of a run of checks.
func NewCheckJSON(r *gate.Result) (*CheckJSON, error) {
	j := &CheckJSON{
		FormatVersion: FormatVersion, Report: gate.KindCheck, AsOf: r.AsOf, Currency: "USD", Config: r.Config, Verdict: string(r.Verdict),
		Rates: ratesJSON{SHA256: r.Set.SHA256()}, Checks: []checkJSON{}, Workloads: []*workloadJSON{},
	}
	p := &r.Pricing
	j.Pricing = pricingJSON{orEmpty(p.Offers), orEmpty(p.Providers), orEmpty(p.Engines), orEmpty(p.FX)}
	if b := r.Baseline; b != nil {
		j.Baseline = &baselineJSON{b.Name, b.AsOf, b.RatesSHA256}
	}
	oldest, newest := "", ""
	seen := map[string]bool{}
	for _, c := range r.Checks {
		one, err := newCheckJSON(c)
		if err != nil {
			return nil, err
		}
		j.Checks = append(j.Checks, one)
		for _, q := range c.Quotes {
			if q.Bill != nil {
				o, n := ages(r.Set, q.Bill)
				if o != "" && (oldest == "" || o < oldest) {
					oldest = o
				}
				newest = max(newest, n)
			}
			if !seen[q.Workload.Name] {
				seen[q.Workload.Name] = true
				w := newWorkloadJSON(&q.Workload)
				j.Workloads = append(j.Workloads, &w)
			}
		}
	}
	j.Rates.OldestRetrieved, j.Rates.NewestRetrieved = text(oldest), text(newest)
	return j, nil
}

// ages are the oldest and the newest day on which a figure of a bill was read.
func ages(set *ratecard.Set, b *bill.Bill) (oldest, newest string) {
	oldest = b.Retrieved
	for i := range b.Lines {
		if s, ok := set.Source(b.Lines[i].Rate.Source); ok {
			newest = max(newest, s.Retrieved)
		}
	}
	return oldest, newest
}

func newCheckJSON(c *gate.CheckResult) (checkJSON, error) {
	t := &c.Check.Target
	j := checkJSON{
		Name: c.Check.Name, Verdict: string(c.Verdict), AsOf: c.Check.Terms.AsOf, Region: c.Check.Terms.Region,
		Term: string(c.Check.Terms.Term), Upfront: string(c.Check.Terms.Upfront),
		Target:  targetJSON{Offer: text(t.Offer), Plan: text(t.Plan), Cheapest: text(string(t.Cheapest))},
		AtLeast: c.AtLeast, Unknown: orEmpty(c.Unknown), OldestRetrieved: text(c.Oldest), Limits: []limitJSON{}, Bills: []billJSON{},
	}
	if t.Shards > 0 {
		j.Target.Shards = &t.Shards
	}
	if c.Oldest != "" {
		j.RateAgeDays = &c.AgeDays
	}
	if !c.AtLeast || c.Total > 0 {
		j.USDPerMonth, j.USDPerMonthExact = text(c.Total.String()), text(c.Total.Exact())
	}
	for i := range c.Limits {
		l := &c.Limits[i]
		j.Limits = append(j.Limits, limitJSON{l.Key, l.Limit, l.Unit, text(l.Actual), string(l.Verdict), l.Words})
	}
	if c.Base != nil {
		j.Baseline = newChangeJSON(&c.Base.Total, !c.Base.AtLeast, c.Total, !c.AtLeast, c.Base.Split, c.Base.Why)
	}
	s, err := c.Saving()
	if err != nil {
		return j, err
	}
	if s != nil {
		j.Saving = &savingJSON{USD: s.USD.Exact(), Workloads: []savingItemJSON{}}
		for _, q := range s.Quotes {
			j.Saving.Workloads = append(j.Saving.Workloads, savingItemJSON{q.Workload.Name, q.Cheapest.Offer.ID, (q.Bill.Total - q.Cheapest.Total).Exact()})
		}
	}
	for _, q := range c.Quotes {
		j.Bills = append(j.Bills, newBillJSON(q))
	}
	return j, nil
}

func newChangeJSON(was *money.USD, wasExact bool, is money.USD, isExact bool, s *gate.Split, why string) *changeJSON {
	j := &changeJSON{CausesUnknownWhy: text(why)}
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

func newBillJSON(q *gate.Quote) billJSON {
	j := billJSON{Workload: q.Workload.Name, Status: "none", Reasons: []string{}}
	b := q.Bill
	if b == nil {
		j.Reasons = append(j.Reasons, q.Reason)
		return j
	}
	j.ID, j.Status, j.Reasons, j.Retrieved = text(b.Offer.ID), string(b.Status), orEmpty(b.Reasons), text(b.Retrieved)
	if b.Status == bill.Priced || b.Status == bill.Incomplete {
		j.USDPerMonth, j.USDPerMonthExact = text(b.Total.String()), text(b.Total.Exact())
	}
	j.Plan = newPlanJSON(b.Plan)
	return j
}
