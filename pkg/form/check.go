package form

// Check is the report of keynest check as a program reads it.
type Check struct {
	FormatVersion string        `json:"format_version"`
	Kind          string        `json:"kind"`
	Report        string        `json:"report"`
	AsOf          string        `json:"as_of"`
	Currency      string        `json:"currency"`
	Config        string        `json:"config"`
	Verdict       string        `json:"verdict"`
	Rates         Rates         `json:"rates"`
	Baseline      *Baseline     `json:"baseline"`
	Pricing       Pricing       `json:"pricing"`
	Checks        []CheckResult `json:"checks"`
	Workloads     []*Workload   `json:"workloads"`

	Inventory *InventoryCheck `json:"inventory"`
}

// InventoryCheck is what came of the limits on a plan, and the plan itself as
// keynest inventory reports it.
type InventoryCheck struct {
	Checks []CheckResult `json:"checks"`
	Report any           `json:"report"`
}

// Pricing is what the cheapest was taken from, and the exchange rates given.
type Pricing struct {
	Offers    []string `json:"offers"`
	Providers []string `json:"providers"`
	Engines   []string `json:"engines"`
	Include   []string `json:"include"`
	FX        []string `json:"fx"`
}

// Baseline names another report that a report was compared with.
type Baseline struct {
	Name        string `json:"name"`
	AsOf        string `json:"as_of"`
	RatesSHA256 string `json:"rates_sha256"`
}

// CheckResult is one check: what it judged, its limits and its bills. One that
// sums other checks names them, and has no bills: theirs are its bills.
type CheckResult struct {
	Name             string   `json:"name"`
	Checks           []string `json:"checks"`
	Verdict          string   `json:"verdict"`
	Target           Target   `json:"target"`
	AsOf             string   `json:"as_of"`
	Region           *string  `json:"region"`
	Term             *string  `json:"term"`
	Upfront          *string  `json:"upfront"`
	MaxShards        *int64   `json:"max_shards"`
	Commitment       *string  `json:"commitment"` // null for reserved, or without a term
	Reserved         []string `json:"reserved"`   // reservations in hand
	USDPerMonth      *string  `json:"usd_per_month"`
	USDPerMonthExact *string  `json:"usd_per_month_exact"`
	AtLeast          bool     `json:"at_least"`
	AtMost           bool     `json:"at_most"`
	Unknown          []string `json:"unknown"`
	OldestRetrieved  *string  `json:"oldest_retrieved"`
	RateAgeDays      *int64   `json:"rate_age_days"`
	Limits           []Limit  `json:"limits"`
	Baseline         *Change  `json:"baseline"`
	Saving           *Saving  `json:"saving"`
	Bills            []Bill   `json:"bills"`
}

// Target is what a check judges: an offer, as it runs today, or the cheapest of a
// kind ("commands", "capacity", "overall").
type Target struct {
	Offer    *string `json:"offer"`
	Plan     *string `json:"plan"`
	Shards   *int64  `json:"shards"`
	Size     *int64  `json:"size_bytes"` // bought of the plan, where it is sold by size
	Cheapest *string `json:"cheapest"`
}

// Limit is one limit of a check, in the unit it names, and its verdict.
type Limit struct {
	Key     string  `json:"key"`
	Limit   string  `json:"limit"`
	Unit    string  `json:"unit"`
	Actual  *string `json:"actual"`
	Verdict string  `json:"verdict"`
	Words   string  `json:"words"`
}

// Change is a change from one figure to another; the three causes sum
// exactly to it, or are null where they are not known.
type Change struct {
	WasUSDExact       *string `json:"was_usd_per_month_exact"`
	ChangeUSDExact    *string `json:"change_usd_exact"`
	ByWorkloadUSD     *string `json:"by_workload_usd_exact"`
	ByRatesUSD        *string `json:"by_rates_usd_exact"`
	ByTheRestUSD      *string `json:"by_the_rest_usd_exact"`
	CausesUnknownWhy  *string `json:"causes_unknown_why"`
	ChangePercentText *string `json:"change_percent"`
}

// Saving is what the cheapest offers would save a month.
type Saving struct {
	USD       string       `json:"usd_per_month_exact"`
	Workloads []SavingItem `json:"workloads"`
}

// SavingItem is the cheaper offer of one workload.
type SavingItem struct {
	Workload string `json:"workload"`
	Offer    string `json:"offer"`
	USD      string `json:"usd_per_month_exact"`
}

// Bill is the bill of one workload of a check; status "none" where no offer of the
// kind is priced.
type Bill struct {
	Workload         string   `json:"workload"`
	ID               *string  `json:"id"`
	Status           string   `json:"status"`
	Reasons          []string `json:"reasons"`
	Plan             *Plan    `json:"plan"`
	USDPerMonth      *string  `json:"usd_per_month"`
	USDPerMonthExact *string  `json:"usd_per_month_exact"`
	USDAtMost        *string  `json:"usd_at_most"`
	Retrieved        *string  `json:"retrieved"`
}
