package bill

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/ratecard"
)

// TestReserved: what reservations in hand cover is billed by them, the rest on
// demand. cache.r6g.large of Valkey, us-east-1: 0.1648 an hour, reserved for a year
// with nothing upfront 0.141 × 0.8 = 0.1128; cache.r6g.xlarge: 0.3288. A large counts
// for 4 normalized units, an xlarge for 8.
func TestReserved(t *testing.T) {
	set := surchargeCards(t)
	for _, tt := range []struct {
		name, plan, reserved, usd, words string
		hours                            int64
	}{
		{"none", "cache.r6g.xlarge", "", "480.05", "", 730},                                                                                                            // 2 × 0.3288 × 730
		{"all of it", "cache.r6g.xlarge", "4xcache.r6g.large@1y", "329.38", "", 730},                                                                                   // 4 × 0.1128 × 730
		{"a half", "cache.r6g.xlarge", "2xcache.r6g.large@1y", "404.71", "8 normalized", 730},                                                                          // 164.688 + 240.024
		{"a quarter, so half a node on demand", "cache.r6g.xlarge", "1xcache.r6g.large@1y", "442.38", "12 normalized units of cache.r6g.xlarge are not reserved", 730}, // 82.344 + 1.5 × 240.024
		{"in two parts", "cache.r6g.xlarge", "1xcache.r6g.large@1y 3xcache.r6g.large@1y", "329.38", "", 730},
		// The smaller nodes have 2 × 4 units; 8 of 16 are left, at 2 × 0.1128 × 730 a month.
		{"more than it takes", "cache.r6g.large", "4xcache.r6g.large@1y", "164.69", "8 of its 16 normalized units are not used here; they cost 164.69 USD a month more", 730},
		{"another family", "cache.m6g.xlarge", "4xcache.r6g.large@1y", "346.90", "16 of its 16 normalized units are not used here", 730}, // 2 × 0.2376 × 730
		// Paid upfront for three years: 4,867 × 0.8 = 3,893.60 ÷ 36 = 108.155556 a month for
		// one of two nodes, and 0.3288 × 730 = 240.024.
		{"paid upfront", "cache.r6g.xlarge", "1xcache.r6g.xlarge@3y:all", "348.18", "", 730},
		{"a shorter month", "cache.r6g.xlarge", "4xcache.r6g.large@1y", "324.86", "", 720}, // 4 × 0.1128 × 720
	} {
		opt := Options{AsOf: "2026-11-22", Plan: tt.plan, Shards: 1, HoursPerMonth: tt.hours}
		var err error
		if opt.Reserved, err = ParseReservations(strings.Fields(tt.reserved)); err != nil {
			t.Fatal(err)
		}
		o := compiled(t, set, "elasticache-node-valkey", "us-east-1", opt)
		u := used(t, "ops_per_sec=100 gib=4")
		u.Hours = tt.hours
		b, err := o.Bill(&u)
		if err != nil || b.Status != Priced || b.Total.String() != tt.usd {
			t.Errorf("%s: %s %s %v, want %s", tt.name, b.Total, b.Status, err, tt.usd)
			continue
		}
		if total, status, err := o.Total(&u); total != b.Total || status != Priced || err != nil {
			t.Errorf("%s: Total says %s %s %v", tt.name, total, status, err)
		}
		if words := strings.Join(b.Warnings, "\n"); !strings.Contains(words, tt.words) || tt.words == "" && strings.Contains(words, "0 normalized") {
			t.Errorf("%s: %q does not say %q", tt.name, words, tt.words)
		}
		if b.Reserved != (tt.reserved != "" && tt.plan != "cache.m6g.xlarge") {
			t.Errorf("%s: Reserved is %v", tt.name, b.Reserved)
		}
	}
	// Reservations decide which plan is the cheapest: 8 GiB fit in 2 × r6g.large.
	opt := Options{AsOf: "2026-11-22"}
	opt.Reserved, _ = ParseReservations([]string{"2xcache.m6g.xlarge@1y"})
	o := compiled(t, set, "elasticache-node-valkey", "us-east-1", opt)
	u := used(t, "ops_per_sec=100 gib=8")
	if b, err := o.Bill(&u); err != nil || b.Plan.ID != "cache.m6g.xlarge" || !b.Reserved {
		t.Errorf("%+v, %v", b.Plan, err)
	}
	if o := compiled(t, set, "upstash-payg", "us-east-1", opt); o.Reserves(opt.Reserved[0]) {
		t.Error("Upstash takes a reservation of AWS")
	}
}

// TestReservedOfNoFamily: where the card has no normalized units, a reservation counts
// for its own plan alone. A large costs 730 × 2, a small 730 × 1, reserved 730 × 0.5.
func TestReservedOfNoFamily(t *testing.T) {
	const card = `
sizing = {max_shards = 1, ops_per_sec = 1000, ops_kind = "quota"}
[offer.o.version.2026-01-01.plan]
"x.large" = {memory = "10 GiB", usd = "2", per = "hour"}
"x.small" = {memory = "5 GiB", usd = "1", per = "hour"}
[offer.o.version.2026-01-01.commitment.y]
term = "1y"
upfront = "none"
factor = "0.5"
`
	r, err := ParseReservation("2xx.small@1y")
	if err != nil {
		t.Fatal(err)
	}
	for plan, want := range map[string]string{"x.large": "1460.00 false", "x.small": "365.00 true"} {
		b := billOf(t, card, inputOf(t, "ops_per_sec=1 gib=1 replicas=0"), Options{Plan: plan, Reserved: []Reservation{r}})
		if got := fmt.Sprintf("%s %t", b.Total, b.Reserved); got != want {
			t.Errorf("%s: %s; want %s", plan, got, want)
		}
	}
}

// TestReservedLines: what a reservation covers is a line of its own, before the rest
// on demand.
func TestReservedLines(t *testing.T) {
	set := surchargeCards(t)
	for _, tt := range []struct{ reserved, name, line, notes string }{
		{"2xcache.r6g.large@1y", "reserved cache.r6g.large", "1460 per node-hour = 164.688", // 2 × 730 × 0.1128
			"price of elasticache-node-redis 0.141 × 0.8 [aws-elasticache-reserved-2024-10-07]; of the reservation 2xcache.r6g.large@1y"},
		{"1xcache.r6g.xlarge@3y:all", "reserved cache.r6g.xlarge, upfront spread over 36 months", "1 per node-month = 108.155555556", // 4,867 × 0.8 ÷ 36
			"price of elasticache-node-redis 4867 × 0.8 [aws-elasticache-reserved-2024-10-07]; of the reservation 1xcache.r6g.xlarge@3y:all"},
	} {
		opt := Options{AsOf: "2026-11-22", Plan: "cache.r6g.xlarge", Shards: 1}
		r, err := ParseReservation(tt.reserved)
		if err != nil {
			t.Fatal(err)
		}
		opt.Reserved = []Reservation{r}
		o := compiled(t, set, "elasticache-node-valkey", "us-east-1", opt)
		if !o.Reserves(r) || strings.Join(opt.ReservedTexts(), " ") != tt.reserved {
			t.Errorf("%s: in hand are %q", tt.reserved, opt.ReservedTexts())
		}
		u := used(t, "ops_per_sec=100 gib=4")
		b := mustBill(t, o, &u)
		l := &b.Lines[0]
		if got := l.BilledText() + " per " + l.Unit + " = " + l.Amount.Exact(); len(b.Lines) != 2 || l.Name != tt.name || got != tt.line || strings.Join(l.Notes, "; ") != tt.notes {
			t.Errorf("%s: %d lines, %q: %s %q; want %q: %s %s", tt.reserved, len(b.Lines), l.Name, got, l.Notes, tt.name, tt.line, tt.notes)
		}
	}
}

// TestParseReservation: what is no reservation is refused with the part that is
// wrong.
func TestParseReservation(t *testing.T) {
	r, err := ParseReservation(" 4xcache.r6g.large@3y:all ")
	if err != nil || r != (Reservation{4, "cache.r6g.large", ratecard.Term3Y, ratecard.UpfrontAll}) || r.String() != "4xcache.r6g.large@3y:all" {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := ParseReservation("1000000xcache.r6g.large@1y"); err != nil || r.Count != 1_000_000 {
		t.Errorf("%s, %v", r, err)
	}
	if r, err := ParseReservation("1xcache.r6g.large@1y:none"); err != nil || r.String() != "1xcache.r6g.large@1y" {
		t.Errorf("%s, %v", r, err)
	}
	for s, want := range map[string]string{
		"":                           "start with the number of nodes and an x",
		"cache.r6g.large@1y":         "start with the number of nodes and an x",
		"4xcache.r6g.large":          "add the node type and, after @, its term",
		"4x@1y":                      "add the node type and, after @, its term",
		"0xcache.r6g.large@1y":       `"0" is not a number of nodes from 1 to 1000000`,
		"-1xcache.r6g.large@1y":      `"-1" is not a number of nodes`,
		"1000001xcache.r6g.large@1y": "is not a number of nodes",
		"1.5xcache.r6g.large@1y":     "is not a number of nodes",
		"4xcache.r6g.large@2y":       `the term "2y" is not 1y or 3y`,
		"4xcache.r6g.large@":         `the term "" is not 1y or 3y`,
		"4xcache.r6g.large@1y:some":  `unknown upfront "some"`,
	} {
		if _, err := ParseReservation(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", s, err, want)
		}
	}
}
