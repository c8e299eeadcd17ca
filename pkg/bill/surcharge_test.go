package bill

import (
	"os"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/ratecard"
)

// surchargeCards loads the cards of the program, so that the days and shares of
// the real surcharges are tested.
func surchargeCards(t testing.TB) *ratecard.Set {
	t.Helper()
	text, err := os.ReadFile("../../rates.toml")
	if err != nil {
		t.Fatal(err)
	}
	set, err := ratecard.Load("2026-11-25", ratecard.File{Name: "rates.toml", Text: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestExtendedSupport: cache.m5.large of Redis OSS, us-east-1, costs 0.156 × 730 =
// 113.88 a month; × 1.8 = 204.984 in years 1 and 2, × 2.6 = 296.088 in year 3.
func TestExtendedSupport(t *testing.T) {
	set := surchargeCards(t)
	for _, tt := range []struct {
		name, offer, plan, version, day, term, usd, words string
	}{
		{"none given", "elasticache-node-redis", "cache.m5.large", "", "2026-11-22", "", "113.88", ""},
		{"5.0.6 today", "elasticache-node-redis", "cache.m5.large", "5.0.6", "2026-11-22", "", "204.98", "160 % from 2028-02-01, when this line is 182.21 USD"},
		{"4 today", "elasticache-node-redis", "cache.m5.large", "4", "2026-11-22", "", "204.98", ""},
		{"the first day", "elasticache-node-redis", "cache.m5.large", "5", "2026-02-01", "", "204.98", ""},
		{"the day before", "elasticache-node-redis", "cache.m5.large", "5", "2026-01-31", "", "113.88", "Extended Support adds 80 % to the plan's price on demand from 2026-02-01"},
		{"the last day of year 2", "elasticache-node-redis", "cache.m5.large", "5", "2028-01-31", "", "204.98", ""},
		{"year 3", "elasticache-node-redis", "cache.m5.large", "5.0.6", "2028-02-01", "", "296.09", ""},
		{"after year 3", "elasticache-node-redis", "cache.m5.large", "5.0.6", "2029-02-01", "", "113.88", ""},
		{"6.2 today", "elasticache-node-redis", "cache.m5.large", "6.2", "2026-11-22", "", "113.88", "Extended Support adds 80 % to the plan's price on demand from 2027-02-01"},
		{"6.2 later", "elasticache-node-redis", "cache.m5.large", "6.2", "2027-02-01", "", "204.98", ""},
		{"7", "elasticache-node-redis", "cache.m5.large", "7.1", "2026-11-22", "", "113.88", ""},
		// Version 50 does not begin with version 5.
		{"50", "elasticache-node-redis", "cache.m5.large", "50", "2026-11-22", "", "113.88", "engine version 50.0: the offer runs redis 4.0 to 7.1"},
		// Valkey: 0.1248 × 730 = 91.104.
		{"Valkey", "elasticache-node-valkey", "cache.m5.large", "8.0", "2026-11-22", "", "91.10", ""},
		{"Valkey 5", "elasticache-node-valkey", "cache.m5.large", "5.0", "2026-11-22", "", "91.10", "engine version 5.0: the offer runs valkey 7.2 to 9.1"},
		// The surcharge is on the price on demand, also of a reserved node:
		// 0.102 × 730 + 0.8 × 0.149 × 730 = 74.46 + 87.016.
		{"reserved", "elasticache-node-redis", "cache.m6g.large", "5.0.6", "2026-11-22", "1y", "161.48", ""},
	} {
		opt := Options{AsOf: tt.day, Plan: tt.plan, Shards: 1, Term: ratecard.TermOnDemand, Upfront: ratecard.UpfrontNone}
		if tt.term != "" {
			opt.Term = ratecard.Term(tt.term)
		}
		o := compiled(t, set, tt.offer, "us-east-1", opt)
		in := "ops_per_sec=100 gib=4 replicas=0"
		if tt.version != "" {
			in += " engine_version=" + tt.version
		}
		u := used(t, in)
		b, err := o.Bill(&u)
		if err != nil || b.Status != Priced || b.Total.String() != tt.usd {
			t.Errorf("%s: %s %s %v, want %s", tt.name, b.Total, b.Status, err, tt.usd)
			continue
		}
		if total, status, err := o.Total(&u); total != b.Total || status != Priced || err != nil {
			t.Errorf("%s: Total says %s %s %v", tt.name, total, status, err)
		}
		words := strings.Join(b.Warnings, "\n")
		for i := range b.Lines {
			words += "\n" + strings.Join(b.Lines[i].Notes, "\n")
		}
		if !strings.Contains(words, tt.words) {
			t.Errorf("%s: %q does not say %q", tt.name, words, tt.words)
		}
	}
}

// TestDurabilitySurcharge: cache.r7g.large of Valkey, us-east-1, costs 0.1752 an
// hour; 18 % of it is 0.031536: 127.896 + 23.02128 = 150.91728.
func TestDurabilitySurcharge(t *testing.T) {
	set := surchargeCards(t)
	for _, tt := range []struct{ name, offer, inputs, usd, words string }{
		{"default", "elasticache-node-valkey", "", "127.90", ""},
		{"none", "elasticache-node-valkey", "durability=none", "127.90", ""},
		{"synchronous", "elasticache-node-valkey", "durability=synchronous", "150.92", ""},
		{"synchronous, 9", "elasticache-node-valkey", "durability=synchronous engine_version=9.0", "150.92", ""},
		{"synchronous, 8", "elasticache-node-valkey", "durability=synchronous engine_version=8.0", "127.90", "synchronous durability is not offered for engine version 8.0"},
		{"asynchronous", "elasticache-node-valkey", "durability=asynchronous", "127.90", ""},
		{"Redis OSS", "elasticache-node-redis", "durability=synchronous", "159.87", "synchronous durability: the offer has no such option; not in this bill"}, // 0.219 × 730
	} {
		o := compiled(t, set, tt.offer, "us-east-1", Options{AsOf: "2026-11-22", Plan: "cache.r7g.large", Shards: 1})
		u := used(t, "ops_per_sec=100 gib=4 replicas=0 "+tt.inputs)
		b, err := o.Bill(&u)
		if err != nil || b.Total.String() != tt.usd {
			t.Errorf("%s: %s %v, want %s", tt.name, b.Total, err, tt.usd)
		}
		if words := strings.Join(b.Warnings, "\n"); !strings.Contains(words, tt.words) {
			t.Errorf("%s: %q does not say %q", tt.name, words, tt.words)
		}
	}
}

// TestSurchargeNotes: a surcharge is a share of the price on demand, which itself is
// 1.25 times that of another offer. 1,460 × 0.1648 × 1.25 = 300.76, and 50 % of it.
func TestSurchargeNotes(t *testing.T) {
	const premium = `
[offer.premium]
provider = "acme"
name = "Premium"
billed_by = "capacity"
engines = ["redis"]
status = "offered"
[offer.premium.version.2025-01-01]
source = "page"
plans_from = "nodes"
[offer.premium.version.2025-01-01.sizing]
replicas = "billed"
usable_share = "0.75"
usable_words = "25 % reserved"
ops_per_sec = 100000
ops_kind = "assumption"
[offer.premium.version.2025-01-01.price.all]
from_offer = "nodes"
factor = "1.25"
[offer.premium.version.2025-01-01.surcharge.old]
name = "old versions"
NOTE
step = [{versions = ["5"], until = "2026-06-30", percent = "50"}, {versions = ["5"], from = "2027-07-01", percent = "200"}, {versions = ["5"], from = "2026-07-01", percent = "100"}, {versions = ["6"], from = "2026-03-01", percent = "75"}]
`
	for note, more := range map[string]string{"": "", `note = "their word"`: "; their word"} {
		u := used(t, everyday+" engine_version=5.0")
		b := mustBill(t, compiled(t, market(t, strings.Replace(premium, "NOTE", note, 1)), "premium", "east", Options{}), &u)
		if got := lineText(b); got != "plan 1460 300.76; old 1460 150.38" {
			t.Fatalf("%s: %s", b.Status, got)
		}
		// The next step is the first of the later ones for the version: 100 % are 300.76.
		want := "price of premium 0.206 × 0.5 [page]; 50 % of the plan's price on demand to 2026-06-30, engine 5; 100 % from 2026-07-01, when this line is 300.76 USD" + more
		if got := strings.Join(b.Lines[1].Notes, "; "); got != want {
			t.Errorf("%s\nwant: %s", got, want)
		}
		if got := strings.Join(b.Lines[0].Notes, "; "); got != "price of nodes 0.1648 × 1.25 [page]" {
			t.Errorf("the plan: %s", got)
		}
	}
}

// TestSurchargeOfUnknownPrice: a plan that is only sold for a term has no price
// on demand to take a share of, so the bill is a lower bound.
func TestSurchargeOfUnknownPrice(t *testing.T) {
	const card = `
sizing = {replicas = "billed", usable_share = "1", usable_words = "all"}
plan = {small = {memory = "8 GiB", per = "hour"}}
[offer.o.version.2026-01-01.price.all]
usd = """
id     r1
small  ?
"""
[offer.o.version.2026-01-01.commitment.one-year]
term = "1y"
upfront = "none"
usd_per_hour = """
id     r1
small  0.10
"""
[offer.o.version.2026-01-01.surcharge.old]
name = "old versions"
step = [{versions = ["5"], percent = "50"}]
`
	set, err := ratecard.Load(testToday, ratecard.File{Name: "test.toml", Text: testHead + card})
	if err != nil {
		t.Fatal(err)
	}
	o := compiled(t, set, "o", "r1", Options{AsOf: testToday, Term: ratecard.Term1Y, Upfront: ratecard.UpfrontNone})
	u := used(t, "ops_per_sec=1 gib=1 replicas=0 engine_version=5.0.6")
	b, err := o.Bill(&u)
	if err != nil || b.Status != Incomplete || b.Total.String() != "73.00" || !strings.Contains(strings.Join(b.Reasons, ";"), "old versions: price unknown") {
		t.Errorf("%s %s %s %v", b.Status, b.Total, b.Reasons, err)
	}
	u.EngineVersion = 6_000_000
	if b, err := o.Bill(&u); err != nil || b.Status != Priced || b.Total.String() != "73.00" {
		t.Errorf("without it: %s %s %v", b.Status, b.Total, err)
	}
}

// TestSavingsPlan: AWS Database Savings Plans, us-east-1. A node of generation 7
// costs 0.8 of its price on demand: 0.1264 × 0.8 × 730 = 73.8176. An older one is
// not covered. ECPU cost 0.7: 2,628 M × 0.0023 × 0.7 ÷ 1 M = 4.23108; the rate for
// stored data is unknown and at least 0.65: 8 × 730 × 0.084 × 0.65 = 318.864.
func TestSavingsPlan(t *testing.T) {
	set := surchargeCards(t)
	for _, tt := range []struct {
		name, offer, plan, day string
		status                 Status
		usd, words             string
		onDemand               bool
	}{
		{"node", "elasticache-node-valkey", "cache.m7g.large", "2026-11-22", Priced, "73.82", "from a third party, not from the vendor", false},
		{"older node", "elasticache-node-valkey", "cache.m6g.large", "2026-11-22", Priced, "87.02", "cache.m6g.large is not sold for a 1y savings plan term; priced on demand", true}, // 0.1192 × 730
		{"Redis OSS", "elasticache-node-redis", "cache.m7g.large", "2026-11-22", Priced, "115.34", "priced on demand", true},                                                          // 0.158 × 730
		{"serverless", "elasticache-serverless-valkey", "", "2026-11-22", Incomplete, "323.10", "storage: the discount of a savings plan on stored data was not found", false},
		{"serverless, before", "elasticache-serverless-valkey", "", "2025-12-01", Priced, "496.60", "the card sells no 1y savings plan term; priced on demand", true}, // 490.56 + 6.0444
	} {
		o := compiled(t, set, tt.offer, "us-east-1", Options{
			AsOf: tt.day, Plan: tt.plan, Shards: 1, Term: ratecard.Term1Y, Upfront: ratecard.UpfrontNone, Commitment: ratecard.CommitSavingsPlan,
		})
		inputs := "ops_per_sec=1000 gib=8 replicas=0"
		if tt.plan != "" {
			inputs = "ops_per_sec=1000 gib=4 replicas=0"
		}
		u := used(t, inputs)
		b, err := o.Bill(&u)
		if err != nil || b.Status != tt.status || b.Total.String() != tt.usd || b.OnDemand != tt.onDemand {
			t.Errorf("%s: %s %s, on demand %t, %v; want %s %s", tt.name, b.Status, b.Total, b.OnDemand, err, tt.status, tt.usd)
			continue
		}
		if total, status, err := o.Total(&u); total != b.Total || status != b.Status || err != nil {
			t.Errorf("%s: Total says %s %s %v", tt.name, total, status, err)
		}
		if words := strings.Join(append(b.Warnings, b.Reasons...), "\n"); !strings.Contains(words, tt.words) {
			t.Errorf("%s: %q does not say %q", tt.name, words, tt.words)
		}
	}
	// Reserved nodes are another commitment, and stay the default of a term.
	o := compiled(t, set, "elasticache-node-valkey", "us-east-1", Options{AsOf: "2026-11-22", Plan: "cache.m6g.large", Shards: 1, Term: ratecard.Term1Y, Upfront: ratecard.UpfrontNone})
	u := used(t, "ops_per_sec=1000 gib=4 replicas=0")
	if b, err := o.Bill(&u); err != nil || b.Total.String() != "59.57" { // 0.102 × 0.8 × 730
		t.Errorf("reserved: %s %v", b.Total, err)
	}
}
