package form

// Estimate is the report of keynest estimate as a program reads it;
// docs/estimate.schema.json describes it.
type Estimate struct {
	FormatVersion string            `json:"format_version"`
	Kind          string            `json:"kind"`
	AsOf          string            `json:"as_of"`
	Currency      string            `json:"currency"`
	FX            *ExchangeRate     `json:"fx"`
	HoursPerMonth Number            `json:"hours_per_month"`
	Region        string            `json:"region"`
	Term          string            `json:"term"`
	Upfront       string            `json:"upfront"`
	Commitment    *string           `json:"commitment"`
	Reserved      []string          `json:"reserved"` // reservations in hand
	Rates         Rates             `json:"rates"`
	Workload      Workload          `json:"workload"`
	Offers        []Offer           `json:"offers"`
	NotShown      map[string]int    `json:"not_shown"`
	Cheapest      Cheapest          `json:"cheapest"`
	BreakEven     *BreakEven        `json:"break_even"`
	Observed      []Counted         `json:"observed"`
	Sources       map[string]Source `json:"sources"`
	Sensitivity   *Sensitivity      `json:"sensitivity"`
	Applications  *Applications     `json:"applications"`
}

// Applications is what applications send in the month, and how it was counted.
// Low and high are the ends of the range; the bills are of the high one.
type Applications struct {
	Apps           []string   `json:"apps"`
	ScriptsCounted bool       `json:"scripts_counted"`
	Inputs         []AppInput `json:"inputs"`
	Low            AppCount   `json:"low"`
	High           AppCount   `json:"high"`
	Connections    *int64     `json:"connections"`
	NotCounted     []string   `json:"not_counted"`
	Offers         []AppBill  `json:"offers"`
}

// AppInput is an input or setting that an application was counted by.
type AppInput struct {
	App     string `json:"app"`
	Name    string `json:"name"`
	Value   string `json:"value"`
	Given   bool   `json:"given"`
	Setting bool   `json:"setting"`
}

// AppCount is one end of a count, in commands a month.
type AppCount struct {
	FromClients     int64 `json:"commands_from_clients"`
	InScripts       int64 `json:"commands_in_scripts"`
	IdleFromClients int64 `json:"idle_commands_from_clients"`
	IdleInScripts   int64 `json:"idle_commands_in_scripts"`
}

// AppBill is the month's bill of an offer that bills commands, in dollars to the
// cent, by each way of counting.
type AppBill struct {
	ID              string `json:"id"`
	ClientsLow      string `json:"usd_from_clients_low"`
	ClientsHigh     string `json:"usd_from_clients_high"`
	WithScriptsLow  string `json:"usd_with_scripts_low"`
	WithScriptsHigh string `json:"usd_with_scripts_high"`
	Waiting         string `json:"usd_for_waiting"`
}

// ExchangeRate is the exchange rate by which per_month differs from usd_per_month.
type ExchangeRate struct {
	USDPerUnit string `json:"usd_per_unit"`
	Date       string `json:"date"`
	Source     string `json:"source"`
}

// Rates says which cards a report was made from, and how old their figures are.
type Rates struct {
	SHA256          string  `json:"sha256"`
	NewestRetrieved *string `json:"newest_retrieved"`
	OldestRetrieved *string `json:"oldest_retrieved"`
}

// Offer is the bill of one offer.
type Offer struct {
	ID               string            `json:"id"`
	Provider         string            `json:"provider"`
	Name             string            `json:"name"`
	BilledBy         string            `json:"billed_by"`
	Engines          []string          `json:"engines"`
	Region           *string           `json:"region"`
	OfferStatus      string            `json:"offer_status"`
	Status           string            `json:"status"`
	Reasons          []string          `json:"reasons"`
	Ranked           bool              `json:"ranked"`
	NotRankedBecause []string          `json:"not_ranked_because"`
	Traits           map[string]string `json:"traits"`
	Shards           *int64            `json:"shards"`
	Plan             *Plan             `json:"plan"`
	Term             string            `json:"term"`
	TermApplied      bool              `json:"term_applied"`
	Upfront          string            `json:"upfront"`
	UpfrontUSD       *string           `json:"upfront_usd"`
	USDPerMonth      *string           `json:"usd_per_month"`
	USDPerMonthExact *string           `json:"usd_per_month_exact"`
	PerMonth         *string           `json:"per_month"` // in the report's currency
	AtLeast          bool              `json:"at_least"`
	USDAtLeast       *string           `json:"usd_at_least"`
	USDAtMost        *string           `json:"usd_at_most"`
	EffectiveFrom    *string           `json:"effective_from"`
	Retrieved        *string           `json:"retrieved"`
	Note             *string           `json:"note"`
	Lines            []Line            `json:"lines"`
	Assumptions      []Assumption      `json:"assumptions"`
	Warnings         []string          `json:"warnings"`
}

// Plan is the size that was chosen, or named, on an offer.
type Plan struct {
	ID               string `json:"id"`
	Shards           int64  `json:"shards"`
	Replicas         int64  `json:"replicas"`
	Nodes            *int64 `json:"nodes"`
	UsableBytes      *int64 `json:"usable_bytes"`
	ProvisionedBytes *int64 `json:"provisioned_bytes"`
	Binding          string `json:"binding"`
	Why              string `json:"why"`
	OpsUnknown       bool   `json:"ops_unknown"`

	OneShard *OneShard `json:"one_shard"`
}

// OneShard is what the load costs without sharding, where several shards were
// chosen.
type OneShard struct {
	ID          string `json:"id"`
	Nodes       int64  `json:"nodes"`
	USDPerMonth string `json:"usd_per_month"`
}

// Line is one line of a bill: quantity less what is free is billed, times price
// per per units is USD.
type Line struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Meter    *string `json:"meter"`
	Unit     string  `json:"unit"`
	Quantity string  `json:"quantity"`
	Free     string  `json:"free"`
	Billed   string  `json:"billed"`
	PriceUSD *string `json:"price_usd"`
	Price    string  `json:"price"`
	Currency string  `json:"currency"`
	Per      string  `json:"per"`
	USD      string  `json:"usd"`
	Source   *string `json:"source"`
	Base     *Base   `json:"base"`
	Note     string  `json:"note"` // may be empty
	FX       *LineFX `json:"fx"`
}

// Base is the figure that a price is a multiple of.
type Base struct {
	Offer  string  `json:"offer"`
	Price  string  `json:"price"`
	Factor string  `json:"factor"`
	Source *string `json:"source"`
}

// LineFX is the exchange rate of a line that is priced in another currency, and
// the amount in that currency.
type LineFX struct {
	USDPerUnit string `json:"usd_per_unit"`
	Date       string `json:"date"`
	Source     string `json:"source"`
	Amount     string `json:"amount"`
}

// Assumption is a reading that a bill rests on, and what the bill would be
// otherwise.
type Assumption struct {
	Words        string  `json:"words"`
	Source       *string `json:"source"`
	OtherwiseUSD *string `json:"otherwise_usd_per_month"`
}

// Cheapest has the id of the cheapest offer of each kind.
type Cheapest struct {
	Commands *string `json:"commands"`
	Capacity *string `json:"capacity"`
	Overall  *string `json:"overall"`
}

// BreakEven says at which command rates the cheaper kind changes.
type BreakEven struct {
	OpsPerSec    *int64       `json:"ops_per_sec"`
	CheaperBelow *string      `json:"cheaper_below"`
	CheaperFrom  *string      `json:"cheaper_from"`
	Pieces       []BreakPiece `json:"pieces"`
}

// BreakPiece is a stretch of command rates, both ends included, on which one kind
// is cheaper.
type BreakPiece struct {
	From    int64   `json:"from_ops_per_sec"`
	To      int64   `json:"to_ops_per_sec"`
	Cheaper *string `json:"cheaper"`
}

// Source is a page that a figure was read on.
type Source struct {
	URL        string `json:"url"`
	Title      string `json:"title"`
	Retrieved  string `json:"retrieved"`
	Confidence string `json:"confidence"`
}

// Counted is one offer as its vendor counts.
type Counted struct {
	Offer            string  `json:"offer"`
	USDPerMonth      *string `json:"usd_per_month"`
	USDPerMonthPlain *string `json:"usd_per_month_plain"`
	USDPerMonthLow   *string `json:"usd_per_month_low"`
	USDPerMonthHigh  *string `json:"usd_per_month_high"`
	Unit             string  `json:"unit"`
	Billed           string  `json:"billed"`
	UnbilledCommands int64   `json:"unbilled_commands"`
	ECPUMicroseconds *string `json:"ecpu_microseconds"`
	Measured         bool    `json:"measured"`
}

// Sensitivity is what a change of each input by percent does to each bill.
type Sensitivity struct {
	Percent int           `json:"percent"`
	Inputs  []SensedInput `json:"inputs"`
	Offers  []SensedOffer `json:"offers"`
	First   *string       `json:"measure_first"`
}

// SensedInput is an input as it is, and changed to both sides.
type SensedInput struct {
	Input string  `json:"input"`
	Less  *Number `json:"less"`
	Is    Number  `json:"is"`
	More  *Number `json:"more"`
}

// SensedOffer is the effects on the bill of one offer.
type SensedOffer struct {
	ID      string   `json:"id"`
	Effects []Effect `json:"effects"`
}

// Effect is the bill with one input changed to each side.
type Effect struct {
	Input string  `json:"input"`
	Less  *string `json:"usd_per_month_less"`
	More  *string `json:"usd_per_month_more"`
}
