package gate

import (
	"testing"

	"github.com/keynest/keynest/pkg/money"
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

// TestMatches: a star is any text, all else is itself.
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
