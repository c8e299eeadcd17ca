package ratecard

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/unit"
)

// Confidence says who states a figure.
type Confidence string

// The confidences, best first.
const (
	ConfidenceVendor     Confidence = "vendor"      // the vendor's own page, document or price file
	ConfidenceVendorAPI  Confidence = "vendor-api"  // read from the vendor's price interface by a third party, dated
	ConfidenceThirdParty Confidence = "third-party" // stated by a third party
	ConfidenceDerived    Confidence = "derived"     // computed from published figures
)

var confidences = []Confidence{ConfidenceVendor, ConfidenceVendorAPI, ConfidenceThirdParty, ConfidenceDerived}

// Source is where a figure was read.
type Source struct {
	ID         string
	URL        string
	Title      string
	Retrieved  string // the day it was read or published, YYYY-MM-DD, or Undated
	Quote      string
	Confidence Confidence
}

// Provider sells offers.
type Provider struct {
	ID   string
	Name string
	Home string
}

// BilledBy is the main basis of an offer's bill.
type BilledBy string

// The kinds of offer.
const (
	BilledByCommands BilledBy = "commands" // each command or request is charged
	BilledByCapacity BilledBy = "capacity" // memory or nodes are reserved for the customer and charged
	BilledByHybrid   BilledBy = "hybrid"   // both capacity and commands are charged
	BilledByUsage    BilledBy = "usage"    // memory and processors are charged as used
)

// PerCommand says whether reports list the offer with the per-command ones.
func (b BilledBy) PerCommand() bool { return b == BilledByCommands }

// OfferStatus says whether the offer can be bought.
type OfferStatus string

// The statuses. Only an offer that is generally available can be the cheapest.
const (
	StatusOffered OfferStatus = "offered"
	StatusPreview OfferStatus = "preview"
	StatusLegacy  OfferStatus = "legacy" // no longer sold to new customers
	StatusTarget  OfferStatus = "target" // figures for comparison; not for sale
)

// Offer is one way to buy a Redis- or Valkey-compatible service.
type Offer struct {
	ID       string
	Provider Provider
	Name     string
	Short    string // its full name in fewer columns; "" where that is short enough
	BilledBy BilledBy
	Engines  []string // engines that it is compatible with: "valkey", "redis"
	Status   OfferStatus
	About    string
	dates    []string // of its versions, oldest first
	traits   map[string]*rawTrait
}

// FullName is the provider and the offer, without saying either twice.
func (o *Offer) FullName() string {
	if strings.HasPrefix(o.Name, o.Provider.Name) {
		return o.Name
	}
	return o.Provider.Name + " " + o.Name
}

// RowName is what a row of a table calls the offer: its short name, or its full
// name where the card has no shorter one.
func (o *Offer) RowName() string {
	if o.Short != "" {
		return o.Short
	}
	return o.FullName()
}

// Versions lists the days from which a version of the card is in force,
// oldest first.
func (o *Offer) Versions() []string { return o.dates }

// VersionAt is the newest version on or before the day, or "".
func (o *Offer) VersionAt(day string) string {
	i := sort.SearchStrings(o.dates, day+"\x00")
	if i == 0 {
		return ""
	}
	return o.dates[i-1]
}

// Version is an offer's card that is in force from one day on.
type Version struct {
	Offer       *Offer
	From        string // YYYY-MM-DD
	Withdrawn   string // why there is no price from this day on; else ""
	Note        string
	Source      string
	Minimum     *money.USD // per month, before the cap
	MinimumEach Each
	Cap         *money.USD // per month
	CapEach     Each
	Charges     []Charge // in order of id
	Plans       []Plan   // in order of id
	PlansFrom   string   // the offer whose plans are taken over; else ""
	Limit       Limit
	Sizing      Sizing
	Surcharges  []Surcharge // in order of id
	Assumptions []Note
	Unknowns    []Note

	ReservedUnits ReservedUnits
	Proration     Proration
	Examples      []Example

	OldestEngine int64  // see Engine; 0 where the card does not say
	EngineSource string // of OldestEngine

	tables []priceTable
	terms  func() []Commitment
}

// Commitments lists the terms that the version sells, in order of id.
func (v *Version) Commitments() []Commitment {
	if v.terms == nil {
		return nil
	}
	return v.terms()
}

// Rate is a published price and its source.
type Rate struct {
	Price    money.Price // in Currency
	Currency string      // "USD" or "EUR"
	Text     string      // the figure as published
	Source   string      // a source id, or "" for an assumed figure
	Assumed  string      // the reason for a figure without a source; else ""
	Factor   string      // "0.8" for a price that is 0.8 × another offer's; else ""
	From     string      // the offer it was taken from, or ""
	Base     string      // the source id of the other offer's figure; Source is then that of the factor
}

// Sources are the source ids of the price: its own, and that of the figure that
// it is a multiple of.
func (r *Rate) Sources() []string {
	var ids []string
	for _, id := range []string{r.Source, r.Base} {
		if id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// Charge is a price on a meter.
type Charge struct {
	ID              string
	Name            string
	Meter           Meter
	Unit            unit.Unit
	Rate            *Rate  // nil where the price depends on the region, or is tiered
	Per             int64  // units per price
	Free            string // units a month, decimal; "" for none
	FreeEach        Each
	Minimum         string // units, decimal; "" for none
	MinimumEach     Each
	MinimumSettable bool   // the customer may set a minimum for each database; it is billed if less is used
	MinimumSource   string // a source id, where MinimumSettable
	FreeSnapshots   int64  // that cost nothing, each as large as all data
	Tiers           []Tier
	WholeAmount     bool // the price of the tier that is reached applies to the whole quantity
	OtherUnit       *unit.Unit
	Reading         string // the reason for the unit, if the vendor does not state it clearly
	Metered         Metered
	MeteredSource   string // a source id, or ""
	Plans           []string
	Uncounted       []string // commands that the vendor does not count; nil where it names none
	Source, Assumed string
	Unknown         string // why the price is not known; the bill is then a lower bound

	// Disputed is the price under the other reading, if a vendor's texts
	// disagree on whether it is charged; nil for none.
	Disputed *Rate
}

// Metered says how a vendor turns what it measures over a month into one
// quantity. It matters if the load differs from hour to hour: a minimum in
// every hour comes to more than the same minimum on the month's mean.
type Metered string

// The ways. "" is a card that does not say; the month's mean is then used.
const (
	MeteredSecond    Metered = "second"     // measured every second
	MeteredMinute    Metered = "minute"     // the mean of each minute
	MeteredHourMean  Metered = "hour-mean"  // the mean of each clock hour; a minimum holds in every hour
	MeteredHourMax   Metered = "hour-max"   // the largest of each clock hour; a minimum holds in every hour
	MeteredDayMean   Metered = "day-mean"   // the mean of each day
	MeteredMonthMean Metered = "month-mean" // the mean of the month; a minimum holds for the month
)

// Hourly says whether every clock hour is billed separately.
func (m Metered) Hourly() bool { return m == MeteredHourMean || m == MeteredHourMax }

// Each says whether a free amount or a minimum is per account or per database.
type Each string

// The values of Each.
const (
	EachAccount  Each = "account"
	EachDatabase Each = "database"
)

// Tier is one step of a tiered price.
type Tier struct {
	UpTo string // units a month, decimal; "" for the last tier
	Rate Rate
}

// Limit has the limits that the vendor sets for an offer or a plan. Zero or nil
// means that the card sets no such limit, except for read regions.
type Limit struct {
	MaxData              int64 // bytes a database
	MaxOpsPerSec         int64 // commands/s a database
	MaxECPUPerSec        int64 // ECPU/s a database
	MaxCommandsPerMonth  int64 // a database
	MaxTransferPerMonth  int64 // bytes a database
	MaxTransferPerSecond int64 // bytes/s a database
	MaxDatabases         *int64
	MaxReadRegions       int64 // 0 unless the card says more: none are priced
	MinReadRegions       int64
	MaxReplicas          *int64
	MaxConnections       int64
	MaxRecord            int64 // bytes of one key with its value
	Source               string
}

// OpsKind is the kind of a throughput figure.
type OpsKind string

// The kinds. Sizing uses a quota and an assumption as they are, and a benchmark
// or a claim reduced by the headroom factor (bill.HeadroomMillionths).
const (
	OpsQuota      OpsKind = "quota"
	OpsBenchmark  OpsKind = "benchmark"
	OpsClaim      OpsKind = "claim"
	OpsAssumption OpsKind = "assumption"
)

// Plan is one size that is sold: a node type, an instance size, a fixed plan.
type Plan struct {
	ID               string
	Name             string
	Memory           int64 // bytes as sold; 0 where the plan names none
	Usable           int64 // bytes of data it holds, after the vendor's reserve; 0 where unknown
	MilliCPU         int64 // thousandths of a virtual processor; 0 where unknown
	OpsPerSec        int64 // commands/s of one shard; 0 where nothing is published
	OpsKind          OpsKind
	Network          int64 // bytes/s, the sustained baseline of one node; 0 where unknown
	IncludesReplicas int64 // replicas that the price covers
	MinReplicas      int64 // replicas of a shard that are always billed, even if fewer are asked for
	MaxShards        int64
	Rate             *Rate // nil where the price depends on the region
	Per              PlanPer
	ProvisionMin     int64 // units of Per's bytes; 0 for a plan of one size
	ProvisionMax     int64 // units; 0: no maximum
	ReadRegion       *Rate // per further read region and month
	Minimum, Cap     *money.USD
	Limit            Limit
	Charges          []Charge // each replaces the version's charge of the same id
	Note             string
	NotChosen        string // why sizing does not choose it unless the caller names it
	Unknown          string
}

// PlanPer is the unit of a plan's price: a node, or memory that the buyer
// sizes, per hour or month.
type PlanPer string

// The choices.
const (
	PerHour     PlanPer = "hour"
	PerMonth    PlanPer = "month"
	PerGiBHour  PlanPer = "GiB-hour"
	PerGiBMonth PlanPer = "GiB-month"
	PerGBHour   PlanPer = "GB-hour"
	PerGBMonth  PlanPer = "GB-month"
)

// Bytes is the size of the unit of memory that is sold, or 0 for whole nodes.
func (p PlanPer) Bytes() int64 {
	switch p {
	case PerGiBHour, PerGiBMonth:
		return unit.GiB
	case PerGBHour, PerGBMonth:
		return unit.GB
	}
	return 0
}

// Monthly says whether the price is for a month rather than an hour.
func (p PlanPer) Monthly() bool {
	return p == PerMonth || p == PerGiBMonth || p == PerGBMonth
}

// ReplicaRule says how an offer charges for replicas.
type ReplicaRule string

// The rules.
const (
	ReplicasBilled   ReplicaRule = "billed"   // each is a node of its own
	ReplicasIncluded ReplicaRule = "included" // the price covers them
	ReplicasByPlan   ReplicaRule = "plan"     // each plan says how many its price covers
	ReplicasNone     ReplicaRule = "none"     // the offer has no replicas
	ReplicasAbsent   ReplicaRule = "absent"   // the offer has no replicas; the bill is without them, with a warning
	ReplicasUnknown  ReplicaRule = "unknown"  // the vendor does not say
)

// Term is a length of commitment.
type Term string

// The terms.
const (
	TermOnDemand Term = "on-demand"
	Term1Y       Term = "1y"
	Term3Y       Term = "3y"
)

// Months is the length of the term; 0 for on demand.
func (t Term) Months() int64 {
	switch t {
	case Term1Y:
		return 12
	case Term3Y:
		return 36
	}
	return 0
}

// Upfront is how much of a commitment is paid at its start.
type Upfront string

// The choices.
const (
	UpfrontNone    Upfront = "none"
	UpfrontPartial Upfront = "partial"
	UpfrontAll     Upfront = "all"
)

// CommitmentKind is what is committed to.
type CommitmentKind string

// The kinds.
const (
	// CommitReserved commits to an amount of a plan: a reserved node, a
	// reservation, a committed-use discount.
	CommitReserved CommitmentKind = "reserved"
	// CommitSavingsPlan commits to an amount of money an hour, for any use.
	CommitSavingsPlan CommitmentKind = "savings-plan"
)

// CheckTerm returns an error for an unknown term or upfront, or for two that do
// not go together. dashes is put before the two names in the error: "--" for
// flags, "" for keys of a file.
func CheckTerm(t Term, u Upfront, dashes string) error {
	switch {
	case t != TermOnDemand && t.Months() == 0:
		return fmt.Errorf("unknown %sterm %q; known: on-demand, 1y, 3y", dashes, t)
	case u != UpfrontNone && u != UpfrontPartial && u != UpfrontAll:
		return fmt.Errorf("unknown %supfront %q; known: none, partial, all", dashes, u)
	case u != UpfrontNone && t == TermOnDemand:
		return fmt.Errorf("%supfront %s needs a term; add %sterm 1y or 3y", dashes, u, dashes)
	}
	return nil
}

// Commitment prices plans for a term.
type Commitment struct {
	ID      string
	Kind    CommitmentKind
	Term    Term
	Upfront Upfront
	From    string            // the first day that it is sold on; "" for as long as the version holds
	Plans   []string          // plans that it is sold for; nil for all plans, or for none if it names charges only
	Charges []CommittedCharge // in order of id
	Note    string
	Source  string

	hourly, upfront []priceTable
	factor          int64 // millionths of the own on-demand price; 0 where tables say it
	factorAs        string
	assumed         string
}

// Covers says whether the commitment is sold for a plan. Other plans stay
// available on demand.
func (c *Commitment) Covers(plan string) bool {
	if c.factor == 0 && c.hourly == nil && c.upfront == nil {
		return false // it only names charges
	}
	return c.Plans == nil || slices.Contains(c.Plans, plan)
}

// CommittedCharge is the price of a charge under a commitment, as a share of
// its normal price.
type CommittedCharge struct {
	ID       string
	Factor   int64  // millionths
	FactorAs string // as written
	AtLeast  string // why the share is only a lower bound; "" if it is known
	Source   string
	Assumed  string
}

// Charge finds the price of a charge under the commitment; nil if the
// commitment does not change it.
func (c *Commitment) Charge(id string) *CommittedCharge {
	for i := range c.Charges {
		if c.Charges[i].ID == id {
			return &c.Charges[i]
		}
	}
	return nil
}

// Note is a fact that a reader of the bill must know, in words.
type Note struct {
	ID     string
	Words  string
	Source string
	// OtherSize is the other unit, GB or GiB, that the sizes of the plans could
	// be in, if the vendor is not clear; else "".
	OtherSize string
}

// Example is an example bill that the vendor published.
type Example struct {
	ID       string
	Words    string
	Workload map[string]any // the keys of a workload file
	Region   string
	Plan     string
	Shards   int64
	Term     Term
	Upfront  Upfront
	AsOf     string // "" for the version's first day
	Charge   string // the example is about this charge only; "" for the total
	USD      money.USD
	Source   string
	// WholeDollars says that the vendor printed no cents: "77".
	WholeDollars bool
}

// Discount takes a percentage off matching charges.
type Discount struct {
	ID       string
	Percent  string
	Millions int64 // the same in millionths: 0.1 % is 1000
	Provider string
	Offer    string
	Charge   string
	Why      string
}

// ExchangeRate is the value of one unit of a currency in dollars on a day.
type ExchangeRate struct {
	Currency   string
	Day        string // YYYY-MM-DD
	USDPerUnit string // as published
	Nano       int64  // the same × 10^9
	Source     string // a source id, or "given" for a rate from the command line
}
