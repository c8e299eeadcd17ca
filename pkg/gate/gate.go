// Package gate judges the cost of workloads against the limits of a
// keynest.toml.
//
// A check names workloads, a target (the offer that runs today, or the cheapest
// of a kind), and limits. A limit is exceeded if the cost is strictly above it,
// compared exactly, before any rounding. A limit that cannot be judged never
// passes: an offer that does not fit, an unknown price and a rate that is too
// old each have a verdict of their own.
package gate

import (
	"slices"

	"github.com/keynest/keynest/pkg/apps"
	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/inventory"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// Verdict is the result of a limit, a check or a whole run.
type Verdict string

// The verdicts.
const (
	Pass    Verdict = "pass"    // not above the limit
	Warn    Verdict = "warn"    // above a warning limit, or above a limit that the baseline already exceeded
	Breach  Verdict = "breach"  // strictly above a limit
	Stale   Verdict = "stale"   // not judged: a rate is too old
	Unknown Verdict = "unknown" // not judged: a needed figure is unknown, or the offer does not fit
	Skipped Verdict = "skipped" // not judged: an increase needs a baseline, and there is none
)

// WorstFirst lists the verdicts in order of precedence. Stale is first: old
// rates must neither pass a build nor blame a team. A breach comes before
// unknown, since an unknown cost can only add to it.
func WorstFirst() []Verdict { return []Verdict{Stale, Breach, Unknown, Warn, Pass, Skipped} }

// Worse says whether v takes precedence over w.
func (v Verdict) Worse(w Verdict) bool {
	order := WorstFirst()
	return slices.Index(order, v) < slices.Index(order, w)
}

// worst is the one of two verdicts that takes precedence.
func worst(v, w Verdict) Verdict {
	if w.Worse(v) {
		return w
	}
	return v
}

// Target is what a check prices: an offer, or the cheapest of a kind.
type Target struct {
	Offer    string       // an offer's id; "" for the cheapest
	Plan     string       // what runs today; "" to choose
	Shards   int64        // number of shards; 0 to choose
	Size     int64        // bytes bought of Plan, where it is sold by size; 0 to choose
	Cheapest compare.Kind // "" for an offer
}

// Terms are the options of pricing: everything except the workload and the
// offer.
type Terms struct {
	AsOf    string // YYYY-MM-DD
	Region  string
	Term    ratecard.Term
	Upfront ratecard.Upfront
	// MaxShards is the largest number of shards that may be chosen; 0 for any.
	MaxShards int64
	// Commitment is the kind of commitment of a baseline; "" for reserved.
	Commitment ratecard.CommitmentKind
	// Reserved are reservations in hand, as bill.ParseReservation reads them, with
	// commas between them.
	Reserved string
}

// Limits are the limits of a check. nil is a limit that is not set, which
// differs from a limit of 0.
type Limits struct {
	MaxUSD             *money.USD // a month
	WarnUSD            *money.USD // a month
	MaxIncreaseUSD     *money.USD // a month, over the baseline
	MaxIncreasePercent *Percent   // over the baseline
}

// Percent is a percentage in millionths of a percent, so "12.5" is 12,500,000.
type Percent int64

// Check is one check of a keynest.toml.
type Check struct {
	Name       string
	Sum        []string // the checks whose sum it is, in order of name; nil for a check of one target
	Workloads  []string // in order of name
	Target     Target
	Terms      Terms
	Limits     Limits
	MinSaving  *money.USD // report a saving of at least this much a month; nil for never
	MaxRateAge *int64     // days; nil for any age
	Path       []string   // its place in the file; nil for [check.NAME]
	FirstRun   bool       // there is no baseline yet, which is no failure
	RequireFit bool       // the applications of the workloads must run on the offer

	summed bool // part of a sum, so it needs no limit of its own
}

// Quote is the price of one workload of a check.
type Quote struct {
	Workload workload.Workload
	Bill     *bill.Bill // nil if no offer of the kind has a price
	Cheapest *bill.Bill // the cheapest overall, where the check asks for savings; may be nil
	Reason   string     // why the cost is not exact; "" if it is
	Fit      *apps.Mode // whether the applications of the workload run there; nil without any

	of *Check // the check that it was priced for; in a sum the part; nil for an estimate
}

// Known is the known part of the bill: a lower bound if the cost is not exact.
func (q *Quote) Known() money.USD {
	least, _, _ := q.bounds()
	return least
}

// bounds are the least and the most that the bill can be; bounded is false
// without an upper bound.
func (q *Quote) bounds() (least, most money.USD, bounded bool) {
	if q.Bill == nil {
		return 0, 0, false
	}
	return q.Bill.Bounds()
}

// Offer is the id of the offer that was judged; "" for none.
func (q *Quote) Offer() string {
	if q.Bill == nil {
		return ""
	}
	return q.Bill.Offer.ID
}

// LimitResult is one limit, judged.
type LimitResult struct {
	Key     string // as in keynest.toml
	Limit   string // as a decimal, exact
	Unit    string // UnitUSD, …
	Actual  string // the cost that was compared, exact; "" without one
	Verdict Verdict
	Words   string
}

// CheckResult is one check, judged.
type CheckResult struct {
	Check   *Check
	Quotes  []*Quote
	Total   money.USD // a month: the sum of what is known
	Slack   money.USD // if AtMost: by how much it may be lower
	AtLeast bool      // a part of the sum is unknown: Total is a lower bound
	AtMost  bool      // a cheaper plan may fit: Total is an upper bound
	Unknown []string  // why, in words
	Oldest  string    // the oldest day on which a price of the bills was read; "" without one
	AgeDays int64     // from that day to the day of the rates
	Base    *Base     // the same check in the baseline; nil without
	NoBase  string    // why there is none
	Limits  []LimitResult
	Verdict Verdict

	// restUnknown is set for the rise of an inventory if the price of a resource
	// that does not change is unknown: the rise is exact, and Total a lower bound.
	restUnknown bool
}

// Result is a run over every check.
type Result struct {
	Config   string // the name of the file
	Text     string // its text, to find lines in
	AsOf     string
	Set      *ratecard.Set
	Pricing  Pricing // which offers competed for the cheapest
	Baseline *Report // nil without
	FirstRun bool    // there is no baseline yet, which is no failure
	Checks   []*CheckResult
	Verdict  Verdict
	// Inventory is the inventory to which the checks with a Path apply; nil
	// without --inventory.
	Inventory *inventory.Inventory
}

// Count is the number of limits with a verdict.
func (r *Result) Count(v Verdict) int {
	n := 0
	for _, c := range r.Checks {
		for _, l := range c.Limits {
			if l.Verdict == v {
				n++
			}
		}
	}
	return n
}
