package form

// Estimates is the report of keynest estimate on several workloads: each one's
// estimate, and the sum of each offer over all of them;
// docs/estimates.schema.json describes it.
type Estimates struct {
	FormatVersion string      `json:"format_version"`
	Kind          string      `json:"kind"`
	AsOf          string      `json:"as_of"`
	Currency      string      `json:"currency"`
	Estimates     []*Estimate `json:"estimates"` // in order of the workloads' names
	Totals        []Total     `json:"totals"`
	// Cheapest is the id of the offer with the lowest total among those that
	// compete with every workload; null where there is none.
	Cheapest *string `json:"cheapest"`
}

// Total is what one offer costs for all workloads together, in a month.
type Total struct {
	ID               string  `json:"id"`
	Provider         string  `json:"provider"`
	Name             string  `json:"name"`
	Status           string  `json:"status"` // "priced", "incomplete" or "not_priced"
	Ranked           bool    `json:"ranked"` // it competes for the cheapest with every workload
	USDPerMonth      *string `json:"usd_per_month"`
	USDPerMonthExact *string `json:"usd_per_month_exact"`
	PerMonth         *string `json:"per_month"`    // in the report's currency
	USDAtLeast       *string `json:"usd_at_least"` // where a figure is not known
	// Missing are the workloads that the offer has no price for.
	Missing []string `json:"missing"`
}
