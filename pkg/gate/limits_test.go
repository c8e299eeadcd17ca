package gate

import (
	"fmt"
	"testing"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// TestTotalAtTheEdge: a cost of exactly the limit is within it, a nano-dollar
// more is above it. Of a sum between two bounds the lower one can exceed the
// limit and the upper one can keep it; between them nothing is known.
func TestTotalAtTheEdge(t *testing.T) {
	const limit = 10 * money.Nano
	for _, tt := range []struct {
		name            string
		total, slack    money.USD
		atLeast, atMost bool
		want            Verdict
	}{
		{"the limit", limit, 0, false, false, Pass},
		{"a nano-dollar above", limit + 1, 0, false, false, Breach},
		{"at most the limit", limit, 2, false, true, Pass},
		{"from the limit to 2 above", limit + 2, 2, false, true, Unknown},
		{"from 1 above to 3 above", limit + 3, 2, false, true, Breach},
		{"at least the limit", limit, 0, true, false, Unknown},
		{"at least 1 above", limit + 1, 0, true, false, Breach},
	} {
		c := &CheckResult{Check: &Check{}, Total: tt.total, Slack: tt.slack, AtLeast: tt.atLeast, AtMost: tt.atMost, Unknown: []string{"a price"}}
		if got := c.total(KeyMax, limit, Breach); got.Verdict != tt.want {
			t.Errorf("%s: %s (%s); want %s", tt.name, got.Verdict, got.Words, tt.want)
		}
	}
	// Above the limit as before, and no higher: a warning. One nano-dollar more
	// than the baseline is a breach.
	for _, tt := range []struct {
		base money.USD
		want Verdict
	}{{limit + 5, Warn}, {limit + 4, Breach}, {limit, Breach}} {
		c := &CheckResult{Check: &Check{}, Total: limit + 5, Base: &Base{Total: tt.base}}
		if got := c.total(KeyMax, limit, Breach); got.Verdict != tt.want {
			t.Errorf("10.000000005 after %s of at most 10: %s; want %s", tt.base.Exact(), got.Verdict, tt.want)
		}
		if got := c.total(KeyMax, limit, Warn); got.Verdict != Warn {
			t.Errorf("a warning limit gives %s", got.Verdict)
		}
	}
}

// TestAloneOrUnknown: an age that is the only limit has a result of its own, and a
// cost of which nothing is known is unknown, not 0.
func TestAloneOrUnknown(t *testing.T) {
	const days = 10
	age := int64(days)
	for _, tt := range []struct {
		name string
		c    CheckResult
		want string
	}{
		{"age", CheckResult{Oldest: "2026-11-12", AgeDays: days}, "pass, max_rate_age 10: 10; the oldest rate was read on 2026-11-12, 10 days ago"},
		{"older", CheckResult{Oldest: "2026-11-11", AgeDays: days + 1}, "stale, max_rate_age 10: 11; not judged: a rate was read on 2026-11-11, 11 days ago, and max_rate_age is 10 days"},
		{"undated", CheckResult{Oldest: ratecard.Undated}, "stale, max_rate_age 10: ; not judged: a rate is undated, and max_rate_age is 10 days"},
		{"no bill", CheckResult{AtLeast: true, Unknown: []string{"no offer"}}, "unknown, max_rate_age 10: ; cannot be judged: no offer"},
		{"no figure is dated", CheckResult{}, "stale, max_rate_age 10: ; not judged: its rates have no reading date, and max_rate_age is 10 days"},
	} {
		c := tt.c
		c.Check = &Check{MaxRateAge: &age}
		c.judge()
		if len(c.Limits) != 1 {
			t.Fatalf("%s: %+v", tt.name, c.Limits)
		}
		l := c.Limits[0]
		if got := fmt.Sprintf("%s, %s %s: %s; %s", c.Verdict, l.Key, l.Limit, l.Actual, l.Words); got != tt.want {
			t.Errorf("%s: %s\nwant: %s", tt.name, got, tt.want)
		}
	}
	none := &CheckResult{Check: &Check{}}
	if none.judge(); len(none.Limits) != 0 || none.Verdict != Skipped {
		t.Errorf("without a limit: %s, %+v", none.Verdict, none.Limits)
	}
	for total, want := range map[money.USD]string{0: "", 1: "0.000000001"} {
		c := &CheckResult{Check: &Check{}, Total: total, AtLeast: true, Unknown: []string{"a price"}}
		if got := c.total(KeyMax, 10*money.Nano, Breach); got.Actual != want || got.Verdict != Unknown {
			t.Errorf("at least %s: %s, %q; want unknown, %q", total.Exact(), got.Verdict, got.Actual, want)
		}
	}
}

// TestDaysBetween counts whole days, in both directions.
func TestDaysBetween(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		want     int64
	}{
		{"2026-10-02", "2026-11-22", 51}, // 29 in October and 22
		{"2024-02-28", "2024-03-01", 2},  // a leap year
		{"2026-11-22", "2026-11-22", 0},
		{"2026-11-23", "2026-11-22", -1},
		{"?", "2026-11-22", 0},
		{"2026-11-22", "?", 0},
	} {
		if got := DaysBetween(tt.from, tt.to); got != tt.want {
			t.Errorf("from %s to %s: %d; want %d", tt.from, tt.to, got, tt.want)
		}
	}
}

// TestWorse: the order of the verdicts is strict, so none is worse than itself.
func TestWorse(t *testing.T) {
	order := []Verdict{Stale, Breach, Unknown, Warn, Pass, Skipped}
	for i, v := range order {
		for j, w := range order {
			if got := v.Worse(w); got != (i < j) {
				t.Errorf("%s is worse than %s: %t", v, w, got)
			}
		}
	}
}

// TestSavingOfSeveral: a saving names the workloads that a cheaper offer takes, and
// counts those with an exact bill.
func TestSavingOfSeveral(t *testing.T) {
	least := money.USD(0)
	quote := func(name string, cost, cheapest int64, reason string) *Quote {
		q := &Quote{Workload: workload.Workload{Name: name}, Bill: &bill.Bill{Total: money.USD(cost)}, Reason: reason}
		if cheapest > 0 {
			q.Cheapest = &bill.Bill{Total: money.USD(cheapest)}
		}
		return q
	}
	c := &CheckResult{Check: &Check{MinSaving: &least}, Quotes: []*Quote{
		quote("cheaper", 10, 7, ""), quote("same", 10, 10, ""), quote("dearer", 10, 11, ""), quote("unknown", 10, 1, "no egress"), quote("none", 10, 0, ""), quote("half", 4, 2, ""),
	}}
	s, err := c.Saving()
	if err != nil {
		t.Fatal(err)
	}
	if s == nil || s.USD != 5 || len(s.Quotes) != 2 || s.Quotes[0].Workload.Name != "cheaper" || s.Quotes[1].Workload.Name != "half" { // (10 − 7) + (4 − 2)
		t.Errorf("%+v", s)
	}
	c.Quotes = c.Quotes[1:2]
	if s, err := c.Saving(); err != nil || s != nil {
		t.Errorf("no saving at all: %+v, %v", s, err)
	}
	c.Check.MinSaving = nil
	if s, err := c.Saving(); err != nil || s != nil {
		t.Errorf("a saving that nobody asked for: %+v, %v", s, err)
	}
}

// TestChangesFirst: rows are in order of their change, whatever its sign; one
// without a change is last.
func TestChangesFirst(t *testing.T) {
	up, down := money.USD(2), money.USD(-3)
	for _, tt := range []struct {
		change *money.USD
		want   money.USD
	}{{&up, 2}, {&down, 3}} {
		if got := (&Row{Change: tt.change}).weight(); got != tt.want {
			t.Errorf("a change of %d weighs %d; want %d", *tt.change, got, tt.want)
		}
	}
	if got := (&Row{}).weight(); got >= 0 {
		t.Errorf("a row without a change weighs %d; want less than any change", got)
	}
}

// TestMatches: a star matches any text, every other character itself.
func TestMatches(t *testing.T) {
	for _, tt := range []struct {
		pattern, address string
		want             bool
	}{
		{"module.a.cache", "module.a.cache", true},
		{"module.a.cache", "module.a.cache2", false},
		{"module.*.cache", "module.a.b.cache", true},
		{"module.*.cache", "module.cache", false},
		{"*", "", true},
		{"a*a", "a", false}, // each end has an a of its own
		{"a*a", "aa", true},
		{`x["k.*"]`, `x["k.1"]`, true},
		{"*b*b*", "ab", false},
		{"*b*b*", "abb", true},
	} {
		if got := matches(tt.pattern, tt.address); got != tt.want {
			t.Errorf("%s of pattern %s: %t; want %t", tt.address, tt.pattern, got, tt.want)
		}
	}
}
