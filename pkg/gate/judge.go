package gate

import (
	"fmt"
	"math/bits"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/apps"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

// The keys of the limits, in the order in which they are judged and printed.
const (
	KeyMax             = "max_usd_per_month"
	KeyWarn            = "warn_usd_per_month"
	KeyIncrease        = "max_increase_usd"
	KeyIncreasePercent = "max_increase_percent"
	KeyRateAge         = "max_rate_age" // if it is the only limit
	KeyPlan            = "plan"         // a named plan that is too small: always a warning
	KeyFit             = "require_fit"
)

// The units of the limits.
const (
	UnitUSD     = "USD a month"
	UnitPercent = "%"
	UnitDays    = "days"
	UnitPlan    = "plan"
	UnitRuns    = "workloads that run" // of require_fit: all workloads of the check must
)

// Base is the baseline's result for a check.
type Base struct {
	Total   money.USD // a month: the sum of what is known
	AtLeast bool
	Unknown []string // why the sum is not exact
	Split   *Split   // causes of the change from the baseline; nil if not known
	Why     string   // why the causes are not known
}

// Text is the percentage as a decimal.
func (p Percent) Text() string { return unit.Decimal(int64(p), unit.Million) }

// judge computes the limits and the verdict of a check from its bills.
func (c *CheckResult) judge() {
	stale := c.stale()
	l := &c.Check.Limits
	if l.MaxUSD != nil {
		c.add(c.total(KeyMax, *l.MaxUSD, Breach))
	}
	if l.WarnUSD != nil {
		c.add(c.total(KeyWarn, *l.WarnUSD, Warn))
	}
	if l.MaxIncreaseUSD != nil {
		c.add(c.increase(*l.MaxIncreaseUSD))
	}
	if l.MaxIncreasePercent != nil {
		c.add(c.percent(*l.MaxIncreasePercent))
	}
	if c.Check.RequireFit {
		c.add(c.fit())
	}
	if len(c.Limits) == 0 && c.Check.MaxRateAge != nil && !c.Check.summed {
		c.add(c.rateAge(*c.Check.MaxRateAge))
	}
	c.named()
	c.Verdict = Skipped
	for i := range c.Limits {
		if stale != "" && c.Limits[i].Key != KeyPlan {
			c.Limits[i].Verdict, c.Limits[i].Words = Stale, stale
		}
		c.Verdict = worst(c.Verdict, c.Limits[i].Verdict)
	}
}

// named warns if a plan that the check names is smaller than a workload needs,
// with the figure that is exceeded.
func (c *CheckResult) named() {
	if c.Check.IsSum() {
		return // said of the check that names the plan
	}
	for _, q := range c.Quotes {
		if q.Bill == nil {
			continue
		}
		for _, e := range q.Bill.TooSmall {
			words := "smaller than the load needs: " + e.Words
			if len(c.Quotes) > 1 {
				words = q.Workload.Name + ": " + words
			}
			c.add(LimitResult{Key: KeyPlan, Limit: q.Bill.Plan.ID, Unit: UnitPlan, Verdict: Warn, Words: words})
		}
	}
}

// fit judges whether the applications of every workload run on its offer. Old
// rates do not affect it. If it is not known whether one runs, the verdict is
// unknown.
func (c *CheckResult) fit() LimitResult {
	r := LimitResult{Key: KeyFit, Limit: fmt.Sprint(len(c.Quotes)), Unit: UnitRuns, Verdict: Pass}
	runs := 0
	var words []string
	for _, q := range c.Quotes {
		if q.Fit == nil {
			r.Verdict = worst(r.Verdict, Unknown)
			words = append(words, fmt.Sprintf("%s: no offer to run on", q.Workload.Name))
			continue
		}
		why := append(q.Fit.Settings(), q.Fit.Reasons()...)
		switch q.Fit.Verdict {
		case apps.Runs, apps.RunsWith:
			runs++
			why = q.Fit.Settings()
		case apps.DoesNotRun:
			r.Verdict, why = worst(r.Verdict, Breach), q.Fit.Reasons()
		case apps.Unknown:
			r.Verdict, why = worst(r.Verdict, Unknown), q.Fit.Reasons()
		}
		line := fmt.Sprintf("%s on %s: %s", strings.Join(q.Workload.Apps, ", "), q.Offer(), q.Fit.Verdict.Words())
		if len(why) > 0 {
			line += ": " + strings.Join(why, "; ")
		}
		words = append(words, line)
	}
	r.Actual, r.Words = fmt.Sprint(runs), strings.Join(words, " · ")
	return r
}

func (c *CheckResult) add(l LimitResult) { c.Limits = append(c.Limits, l) }

// rateAge judges the age of the rates as a limit of its own; stale overrules
// it.
func (c *CheckResult) rateAge(days int64) LimitResult {
	r := LimitResult{Key: KeyRateAge, Limit: fmt.Sprint(days), Unit: UnitDays, Verdict: Pass}
	if c.Oldest == "" {
		r.Verdict, r.Words = Unknown, "cannot be judged: "+c.why()
		return r
	}
	if c.Oldest == ratecard.Undated {
		r.Verdict, r.Words = Unknown, "cannot be judged: a rate is undated"
		return r
	}
	r.Actual = fmt.Sprint(c.AgeDays)
	r.Words = fmt.Sprintf("the oldest rate was read on %s, %d days ago", c.Oldest, c.AgeDays)
	return r
}

// stale says that the rates are too old to judge by; "" if they are not.
func (c *CheckResult) stale() string {
	age := c.Check.MaxRateAge
	if age == nil {
		return ""
	}
	if c.Oldest == "" {
		if c.AtLeast {
			return "" // there is no bill at all, which is unknown and not stale
		}
		return fmt.Sprintf("not judged: its rates have no reading date, and max_rate_age is %d days", *age)
	}
	if c.Oldest == ratecard.Undated {
		return fmt.Sprintf("not judged: a rate is undated, and max_rate_age is %d days", *age)
	}
	if c.AgeDays > *age {
		return fmt.Sprintf("not judged: a rate was read on %s, %d days ago, and max_rate_age is %d days", c.Oldest, c.AgeDays, *age)
	}
	return ""
}

// DaysBetween counts the days from one to another; negative where to is before.
func DaysBetween(from, to string) int64 {
	a, err1 := time.Parse(time.DateOnly, from)
	b, err2 := time.Parse(time.DateOnly, to)
	if err1 != nil || err2 != nil {
		return 0
	}
	return int64(b.Sub(a) / (24 * time.Hour))
}

func (c *CheckResult) why() string { return strings.Join(c.Unknown, "; ") }

// pair prints two amounts for a sentence: in cents, or exactly if both would
// look the same in cents.
func pair(a, b money.USD) (string, string) {
	if a != b && a.Grouped() == b.Grouped() {
		return a.Exact(), b.Exact()
	}
	return a.Grouped(), b.Grouped()
}

// least is a lower bound of a check's cost; the total if it is exact.
func (c *CheckResult) least() money.USD { return c.Total - c.Slack }

// total judges the cost of a check. broken is the verdict for a cost strictly
// above the limit.
func (c *CheckResult) total(key string, limit money.USD, broken Verdict) LimitResult {
	r := LimitResult{Key: key, Limit: limit.Exact(), Unit: UnitUSD, Actual: c.Total.Exact(), Verdict: Pass}
	least := ""
	switch {
	case c.AtLeast, c.AtMost && c.least() > limit:
		least = "at least "
	case c.AtMost:
		least = "at most "
	}
	costs, most := pair(c.Total, limit)
	switch {
	case c.least() > limit:
		costs, most = pair(c.least(), limit)
		r.Verdict = broken
		r.Words = fmt.Sprintf("costs %s%s USD a month, above the limit of %s", least, costs, most)
		if c.Base != nil && broken == Breach && c.Base.Total > limit && !c.AtLeast && c.Total <= c.Base.Total {
			r.Verdict = Warn
			r.Words += fmt.Sprintf("; the baseline was above it already (%s), and the cost did not rise", c.Base.Total.Grouped())
		}
		if c.AtLeast || c.AtMost {
			r.Words += "; " + c.why()
		}
	case c.AtMost && c.Total > limit:
		r.Verdict = Unknown
		r.Words = fmt.Sprintf("cannot be judged: costs at most %s USD a month, above the limit of %s; %s", costs, most, c.why())
	case c.AtLeast:
		r.Verdict = Unknown
		r.Words = "cannot be judged: " + c.why()
		if c.Total == 0 {
			r.Actual = ""
		}
	default:
		r.Words = fmt.Sprintf("costs %s%s USD a month, within %s", least, costs, most)
	}
	return r
}

// increased is the change from the baseline. ok is false if a limit on it
// cannot be judged; r then has the reason.
func (c *CheckResult) increased(r *LimitResult) (rise money.USD, ok bool) {
	switch {
	case c.Base == nil:
		r.Verdict, r.Words = Skipped, "not judged: "+c.NoBase
		return 0, false
	case c.Base.AtLeast:
		r.Verdict, r.Words = Unknown, "cannot be judged: in the baseline "+strings.Join(c.Base.Unknown, "; ")
		return 0, false
	}
	rise, err := minus(c.Total, c.Base.Total)
	if err != nil {
		r.Verdict, r.Words = Unknown, "cannot be judged: the change is out of range"
		return 0, false
	}
	r.Actual = rise.Exact()
	return rise, true
}

// settle sets the verdict of a limit on an increase. above says whether the
// increase to the total is above the limit, least whether the increase to the
// lower bound is. A lower bound can exceed a limit but cannot show that it is
// kept; an upper bound can show that it is kept but cannot exceed it.
func (c *CheckResult) settle(r *LimitResult, above, least bool, words string) {
	switch {
	case least:
		r.Verdict, r.Words = Breach, words
	case c.AtLeast, above:
		r.Verdict, r.Words = Unknown, "cannot be judged: "+c.why()
	default:
		r.Verdict, r.Words = Pass, words
	}
}

func (c *CheckResult) increase(limit money.USD) LimitResult {
	r := LimitResult{Key: KeyIncrease, Limit: limit.Exact(), Unit: UnitUSD}
	rise, ok := c.increased(&r)
	if !ok {
		return r
	}
	switch least := rise - c.Slack; {
	case rise > limit:
		by, most := pair(least, limit)
		c.settle(&r, true, least > limit, c.rises(by, true, "above the limit of "+most))
	case rise > 0:
		by, most := pair(rise, limit)
		c.settle(&r, false, false, c.rises(by, false, "within "+most))
	default:
		c.settle(&r, false, false, c.steady())
	}
	return r
}

func (c *CheckResult) percent(limit Percent) LimitResult {
	r := LimitResult{Key: KeyIncreasePercent, Limit: limit.Text(), Unit: UnitPercent}
	rise, ok := c.increased(&r)
	if !ok {
		return r
	}
	r.Actual = PercentText(rise, c.Base.Total)
	by := func(rise money.USD) string {
		if r.Actual == "" {
			return ""
		}
		return PercentText(rise, c.Base.Total) + " %"
	}
	switch least := rise - c.Slack; {
	case exceeds(rise, c.Base.Total, limit):
		c.settle(&r, true, exceeds(least, c.Base.Total, limit), c.rises(by(least), true, "above the limit of "+limit.Text()+" %"))
	case rise > 0:
		c.settle(&r, false, false, c.rises(by(rise), false, "within "+limit.Text()+" %"))
	default:
		c.settle(&r, false, false, c.steady())
	}
	return r
}

// bounds are the words before a rise and a total that are not exact. If a limit
// is exceeded, both are lower bounds; why has the reason.
func (c *CheckResult) bounds(exceeded bool) (rise, total, why string) {
	switch {
	case exceeded && (c.AtLeast || c.AtMost):
		return "at least ", "at least ", "; " + c.why()
	case c.AtMost:
		return "at most ", "at most ", ""
	case c.restUnknown:
		return "", "at least ", ""
	}
	return "", "", ""
}

// rises says by how much a cost rises, and to what. by is "" for a baseline of
// 0.00, of which nothing is a percentage.
func (c *CheckResult) rises(by string, exceeded bool, limit string) string {
	bound, to, why := c.bounds(exceeded)
	total := c.Total
	if exceeded {
		total = c.least()
	}
	if by == "" {
		by = "from 0.00"
	} else {
		by = "by " + bound + by
	}
	return fmt.Sprintf("rises %s to %s%s USD a month, %s%s", by, to, total.Grouped(), limit, why)
}

// steady says that the cost does not rise.
func (c *CheckResult) steady() string {
	_, is, _ := c.bounds(false)
	was := ""
	if c.restUnknown {
		was = is // the unknown price is in both
	}
	return fmt.Sprintf("does not rise: %s%s USD a month, was %s%s", is, c.Total.Grouped(), was, c.Base.Total.Grouped())
}

// exceeds says whether rise is strictly more than limit percent of base,
// computed in 128 bits. Any increase from 0 exceeds.
func exceeds(rise, base money.USD, limit Percent) bool {
	if rise <= 0 {
		return false
	}
	if base <= 0 {
		return true
	}
	aHi, aLo := bits.Mul64(uint64(rise), 100*unit.Million)
	bHi, bLo := bits.Mul64(uint64(base), uint64(limit))
	return aHi > bHi || aHi == bHi && aLo > bLo
}

// PercentText is rise ÷ base in percent with two decimals, rounded half away
// from zero; "" if base is 0.
func PercentText(rise, base money.USD) string {
	if base <= 0 {
		return ""
	}
	sign, size := "", uint64(rise)
	if rise < 0 {
		sign, size = "-", uint64(-rise)
	}
	n, err := unit.MulDiv(size, 10_000, uint64(base))
	if err != nil {
		return ""
	}
	if n == 0 {
		sign = ""
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}
