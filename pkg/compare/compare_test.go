package compare

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// marketField compiles the small market that pkg/bill's tests price.
func marketField(tb testing.TB, region string, filter Filter, opt bill.Options) (*Field, error) {
	tb.Helper()
	text, err := os.ReadFile("../bill/testdata/market.toml")
	if err != nil {
		tb.Fatal(err)
	}
	set, err := ratecard.Load("2026-02-01", ratecard.File{Name: "market.toml", Text: string(text)})
	if err != nil {
		tb.Fatal(err)
	}
	if opt.Where, err = set.Where(region); err != nil {
		tb.Fatal(err)
	}
	opt.AsOf, opt.HoursPerMonth = "2026-02-01", unit.HoursPerMonth
	return NewField(set, filter, opt)
}

// compared prices a workload on the offers of the market with those ids.
func compared(tb testing.TB, ops, gib string, ids ...string) *Comparison {
	tb.Helper()
	f, err := marketField(tb, "east", Filter{Offers: ids}, bill.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	c, err := f.Run(testWorkload(tb, workload.Input{OpsPerSec: workload.Value(ops), GiB: workload.Value(gib)}))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func ids(bills []*bill.Bill) string {
	var list []string
	for _, b := range bills {
		list = append(list, b.Offer.ID+" "+string(b.Status)+" "+b.Total.String())
	}
	return strings.Join(list, "\n")
}

func idOf(b *bill.Bill) string {
	if b == nil {
		return ""
	}
	return b.Offer.ID
}

// TestRanking: in order of cost, the unpriced last. An offer that is not sold, or
// whose price is only partly known, is never the cheapest.
func TestRanking(t *testing.T) {
	c := compared(t, "5000", "8")
	want := `idea priced 0.01
old priced 0.01
mixed priced 87.23
nodes priced 240.61
memory priced 511.00
ecpu-valkey priced 520.78
ecpu-redis priced 774.68
fixed priced 1500.00
calls priced 26670.10
partly incomplete 131.40`
	if diff := cmp.Diff(want, ids(c.Bills)); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if idOf(c.Commands) != "ecpu-valkey" || idOf(c.Capacity) != "mixed" || idOf(c.Overall) != "mixed" {
		t.Errorf("cheapest: %s per command, %s capacity, %s overall", idOf(c.Commands), idOf(c.Capacity), idOf(c.Overall))
	}
	// Where only those are left, nothing is the cheapest.
	c = compared(t, "5000", "8", "idea", "old", "partly")
	if c.Commands != nil || c.Capacity != nil || c.Overall != nil || c.BreakEven != nil {
		t.Errorf("cheapest: %s, %s, %s", idOf(c.Commands), idOf(c.Capacity), idOf(c.Overall))
	}
	// 10,001 a second are beyond the per-command offer's quota.
	c = compared(t, "10001", "8", "calls", "nodes")
	if want := "nodes priced 240.61\ncalls unfit 0.00"; ids(c.Bills) != want || c.Commands != nil || idOf(c.Overall) != "nodes" {
		t.Errorf("got %s", ids(c.Bills))
	}
}

func TestFilters(t *testing.T) {
	for _, tt := range []struct {
		name, region string
		filter       Filter
		opt          bill.Options
		want         string // the ids, or the beginning of the error
	}{
		{"all", "east", Filter{}, bill.Options{}, "calls ecpu-redis ecpu-valkey fixed idea memory mixed nodes old partly"},
		{"a glob", "east", Filter{Offers: []string{"ecpu-*"}}, bill.Options{}, "ecpu-redis ecpu-valkey"},
		{"two globs", "east", Filter{Offers: []string{"*-redis", "n*"}}, bill.Options{}, "ecpu-redis nodes"},
		{"a provider", "east", Filter{Providers: []string{"acme"}}, bill.Options{}, "calls ecpu-redis ecpu-valkey nodes"},
		{"a provider's name", "east", Filter{Providers: []string{"BOLT"}}, bill.Options{}, "fixed idea memory mixed old partly"},
		{"an engine", "east", Filter{Providers: []string{"acme"}, Engines: []string{"redis"}}, bill.Options{}, "calls ecpu-redis nodes"},
		{"a vendor's own region", "e2", Filter{}, bill.Options{}, "calls ecpu-redis ecpu-valkey fixed idea mixed nodes old partly"}, // not memory, Bolt's in b1
		{"a plan", "east", Filter{}, bill.Options{Plan: "p50"}, "calls ecpu-redis ecpu-valkey fixed idea memory mixed nodes old partly"},

		{"no such offer", "east", Filter{Offers: []string{"zebra"}}, bill.Options{}, `no offer matches "zebra"; known: calls, ecpu-redis, `},
		{"one of two", "east", Filter{Offers: []string{"calls", "calm"}}, bill.Options{}, `no offer matches "calm"; did you mean "calls"?`},
		{"a broken glob", "east", Filter{Offers: []string{"[a"}}, bill.Options{}, `offer pattern "[a": syntax error in pattern`},
		{"no such provider", "east", Filter{Providers: []string{"acne"}}, bill.Options{}, `unknown provider "acne"; did you mean "acme"?`},
		{"no such engine", "east", Filter{Engines: []string{"memcached"}}, bill.Options{}, `unknown engine "memcached"; known: redis, valkey`},
		{"no such plan", "east", Filter{}, bill.Options{Plan: "zebra"}, `no offer here has a plan "zebra"; keynest rates show OFFER lists an offer's plans`},
		{"a plan of another offer", "east", Filter{Offers: []string{"nodes"}}, bill.Options{Plan: "p50"}, `no offer here has a plan "p50"`},
		{"nothing left", "e2", Filter{Offers: []string{"memory"}}, bill.Options{}, `no offer is left: none that the filters select is sold in --region e2`},
		{"nothing in common", "east", Filter{Offers: []string{"calls"}, Providers: []string{"bolt"}}, bill.Options{}, `no offer is left`},
	} {
		f, err := marketField(t, tt.region, tt.filter, tt.opt)
		var got []string
		if err != nil {
			got = []string{err.Error()}
		} else {
			for _, o := range f.Offers {
				got = append(got, o.Card.ID)
			}
		}
		if s := strings.Join(got, " "); s != tt.want && (err == nil || !strings.HasPrefix(s, tt.want)) {
			t.Errorf("%s: %s; want %s", tt.name, s, tt.want)
		}
	}
}

func TestRatio(t *testing.T) {
	for _, tt := range []struct {
		a, b money.USD
		want int64
		ok   bool
	}{
		{520_782_000_000, 240_608_000_000, 216, true}, // 2.1645
		{1, 3, 33, true},
		{1, 2, 50, true},
		{1, 8, 13, true}, // 12.5
		{5, 5, 100, true},
		{0, 5, 0, true},
		{5, 0, 0, false},
		{5, -1, 0, false},
		{-1, 5, 0, false},
		{money.MaxUSD, 1, 0, false},  // beyond 64 bits
		{money.MaxUSD, 60, 0, false}, // beyond 63
		{money.MaxUSD, 100, 9_223_372_036_854_775_807, true},
	} {
		if got, ok := Ratio(tt.a, tt.b); ok != tt.ok || ok && got != tt.want {
			t.Errorf("%d of %d: %d, %v; want %d, %v", tt.a, tt.b, got, ok, tt.want, tt.ok)
		}
	}
}

// TestSourcesOfAComparison: what the bills cite, exchange rates included, and
// how old it is.
func TestSourcesOfAComparison(t *testing.T) {
	c := compared(t, "5000", "8")
	var used []string
	for _, s := range c.Used() {
		used = append(used, s.ID)
	}
	if strings.Join(used, " ") != "page" {
		t.Errorf("used %q", used)
	}
	if oldest, newest := c.Ages(); oldest != "2026-01-10" || newest != "2026-01-10" {
		t.Errorf("read %s to %s", oldest, newest)
	}
	if oldest, newest := (&Comparison{Field: c.Field}).Ages(); oldest != "" || newest != "" {
		t.Errorf("nothing was read %s to %s", oldest, newest)
	}
}
