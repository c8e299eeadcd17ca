package bill

import (
	"slices"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// sharedCard sells a burstable, a development and two dedicated nodes.
const sharedCard = `
sizing = {replicas = "billed", ops_per_sec = 100000, ops_kind = "assumption", ops_source = "page"}
[offer.o.version.2026-01-01.plan]
burst = {memory = "2 GiB", usd = "10", per = "month"}
dev = {memory = "4 GiB", usd = "1", per = "month"}
large = {memory = "8 GiB", usd = "100", per = "month"}
huge = {memory = "32 GiB", usd = "500", per = "month"}
[offer.o.trait.processor.plan]
burst = {value = "burstable", source = "page"}
[offer.o.trait.production.plan]
dev = {value = "no", source = "page"}
`

// TestSharedProcessorsHoldOneShard: burstable nodes are for loads that one of
// them holds, unless the caller asks for shards; a plan that the vendor does not
// sell for production is only priced if it is named; --max-shards is kept.
func TestSharedProcessorsHoldOneShard(t *testing.T) {
	for _, tt := range []struct {
		name, gib    string
		opt          Options
		plan         string
		shards       int64
		usd, inOne   string // inOne: plan and price in one shard; "" for none
		status, says string
	}{
		{"one holds it", "2", Options{}, "burst", 1, "10.00", "", "priced", ""},
		// Two shards of burst would be 20.
		{"one does not", "2.5", Options{}, "large", 1, "100.00", "", "priced", ""},
		{"shards are asked for", "2.5", Options{Shards: 2}, "burst", 2, "20.00", "", "priced", ""},
		// Three large are 300, one huge 500.
		{"a cluster is cheaper", "24", Options{}, "large", 3, "300.00", "huge 500.00", "priced", ""},
		{"no cluster", "24", Options{MaxShards: 1}, "huge", 1, "500.00", "", "priced", ""},
		{"no plan in one shard", "33", Options{}, "large", 5, "500.00", "", "priced", ""},
		{"too much for one shard", "33", Options{MaxShards: 1}, "", 0, "0.00", "", "unfit", "memory: 33 GiB of data, 32 GiB usable a shard, in at most 1 shard (largest: huge)"},
		{"the burstable named", "3", Options{Plan: "burst"}, "", 0, "0.00", "", "unfit", "memory: 3 GiB of data, 2 GiB usable a shard, in one shard, because its processor is shared or burstable; --shards sets another number (largest: burst)"},
		{"the development plan named", "4", Options{Plan: "dev"}, "dev", 1, "1.00", "", "priced", ""},
	} {
		b := billOf(t, sharedCard, workload.Input{OpsPerSec: "1", GiB: workload.Value(tt.gib), Replicas: "0"}, tt.opt)
		plan, shards, inOne := "", int64(0), ""
		if p := b.Plan; p != nil {
			plan, shards = p.ID, p.Shards
			if p.OneShard != nil {
				inOne = p.OneShard.ID + " " + p.OneShard.Total.String()
			}
		}
		if string(b.Status) != tt.status || plan != tt.plan || shards != tt.shards || b.Total.String() != tt.usd || inOne != tt.inOne || strings.Join(b.Reasons, "; ") != tt.says {
			t.Errorf("%s: %s, %d × %s, %s USD, in one %q, %q; want %s, %d × %s, %s, %q, %q", tt.name,
				b.Status, shards, plan, b.Total, inOne, b.Reasons, tt.status, tt.shards, tt.plan, tt.usd, tt.inOne, tt.says)
		}
	}
}

// TestOnlyDevelopmentPlanFits: the reason names the plan and how to price it.
func TestOnlyDevelopmentPlanFits(t *testing.T) {
	const card = `
[offer.o.version.2026-01-01.plan]
dev = {memory = "4 GiB", usd = "1", per = "month"}
small = {memory = "1 GiB", max_shards = 1, usd = "9", per = "month"}
[offer.o.trait.production.plan]
dev = {value = "no", source = "page"}
`
	b := billOf(t, card, workload.Input{OpsPerSec: "1", GiB: "4"}, Options{})
	if want := "only plan dev fits, and the vendor says that it is not for production; --plan dev prices it"; b.Status != Unfit || len(b.Reasons) != 1 || b.Reasons[0] != want {
		t.Errorf("%s %q; want unfit, %q", b.Status, b.Reasons, want)
	}
}

// TestFewestShardsOfAVendor: one shard means the fewest that the vendor sells.
func TestFewestShardsOfAVendor(t *testing.T) {
	card := strings.Replace(sharedCard, `replicas = "billed"`, `replicas = "billed", min_shards = 3`, 1)
	b := billOf(t, card, workload.Input{OpsPerSec: "1", GiB: "6", Replicas: "0"}, Options{})
	if b.Plan == nil || b.Plan.ID != "burst" || b.Plan.Shards != 3 || b.Total.String() != "30.00" || b.Plan.OneShard != nil {
		t.Errorf("%+v %s; want 3 × burst, 30.00", b.Plan, b.Total)
	}
	b = billOf(t, card, workload.Input{OpsPerSec: "1", GiB: "6", Replicas: "0"}, Options{MaxShards: 2})
	if want := "shards: at least 3 needed, at most 2 allowed (largest: huge)"; b.Status != Unfit || strings.Join(b.Reasons, "; ") != want {
		t.Errorf("%s %q; want unfit, %q", b.Status, b.Reasons, want)
	}
}

// TestRealSizes: the layouts that an engineer would deploy, from the real cards.
// 12 GiB on ElastiCache: 2 × cache.r6g.xlarge at 0.3288 × 730 = 480.048; on
// Memorystore 4 × highmem-medium at 0.1923 × 730 = 561.516.
func TestRealSizes(t *testing.T) {
	set := embeddedCards(t)
	u := used(t, "ops_per_sec=5000 gib=12")
	for offer, want := range map[string]string{
		"elasticache-node-valkey": "2 cache.r6g.xlarge 480.05",
		"memorystore-valkey":      "4 highmem-medium 561.52",
	} {
		b := mustBill(t, compiled(t, set, offer, "us-east", Options{AsOf: benchDay}), &u)
		if got := group(b.Plan.Nodes) + " " + b.Plan.ID + " " + b.Total.String(); got != want {
			t.Errorf("%s: %s; want %s", offer, got, want)
		}
	}
	for _, load := range []string{"ops_per_sec=1000000 gib=8", "ops_per_sec=2000000 gib=8", "ops_per_sec=5000 gib=6", "ops_per_sec=1 gib=64"} {
		u := used(t, load)
		for _, card := range set.Offers() {
			o := compiled(t, set, card.ID, "us-east", Options{AsOf: benchDay})
			b := mustBill(t, o, &u)
			if b.Plan == nil || b.Plan.Shards <= max(1, o.Version.Sizing.MinShards) {
				continue
			}
			if p := card.Trait(ratecard.TraitProcessor, b.Plan.ID).Value; p == ratecard.ProcessorBurstable || p == ratecard.ProcessorShared {
				t.Errorf("%s, %s: %d shards of %s, a %s processor", load, card.ID, b.Plan.Shards, b.Plan.ID, p)
			}
		}
	}
}

// TestUpperBound: a smaller plan of unknown price may be the cheaper one, so the
// bill of the next is an upper bound; what is charged beside it is a lower one.
func TestUpperBound(t *testing.T) {
	const card = `
sizing = {replicas = "none", max_shards = 1, ops_per_sec = 1000, ops_kind = "quota", ops_source = "page"}
charge.a = {meter = "account", unit = "node-month", usd = "3"}
[offer.o.version.2026-01-01.plan]
c0 = {memory = "1 GiB", unknown = "its price was not found"}
c1 = {memory = "4 GiB", usd = "40", per = "month"}
c2 = {memory = "8 GiB", usd = "60", per = "month"}
c3 = {memory = "16 GiB", unknown = "its price was not found"}
`
	for _, tt := range []struct {
		gib                string
		status             Status
		total, least, most string
		bounded            bool
		reason             string
	}{
		{"1", AtMost, "43.00", "3.00", "43.00", true, "plan c0 would fit, but its price was not found"},
		{"2", Priced, "43.00", "43.00", "43.00", true, ""},
		{"8", Priced, "63.00", "63.00", "63.00", true, ""},
		{"9", Incomplete, "3.00", "3.00", "0.00", false, "plan c3 would fit, but its price was not found"},
	} {
		b := billOf(t, card, workload.Input{OpsPerSec: "0", GiB: workload.Value(tt.gib), Replicas: "0"}, Options{})
		least, most, bounded := b.Bounds()
		if b.Status != tt.status || b.Total.String() != tt.total || least.String() != tt.least || most.String() != tt.most || bounded != tt.bounded || strings.Join(b.Reasons, "; ") != tt.reason {
			t.Errorf("%s GiB: %s %s, %s to %s (%v), %q; want %+v", tt.gib, b.Status, b.Total, least, most, bounded, b.Reasons, tt)
		}
		if complete := b.Status == Priced; complete != (len(b.Unranked) == 0) {
			t.Errorf("%s GiB: %s, not ranked because %v", tt.gib, b.Status, b.Unranked)
		}
	}
	// A plan of known price that is as small as the unknown one and dearer says
	// that size is not price here.
	b := billOf(t, strings.Replace(card, "c1 = ", "c9 = {memory = \"1 GiB\", usd = \"90\", per = \"month\"}\nc1 = ", 1), workload.Input{OpsPerSec: "0", GiB: "1", Replicas: "0"}, Options{})
	if b.Status != Priced || b.Total.String() != "43.00" {
		t.Errorf("%s %s; want priced, 43.00", b.Status, b.Total)
	}
}

// TestUnknownPlans: of two plans of unknown price the one with less memory is named,
// of two of one size the first. What is bought by the GiB counts by what is bought.
func TestUnknownPlans(t *testing.T) {
	const unknown = `memory = "4 GiB", unknown = "not found"`
	for name, tt := range map[string]struct{ plans, want string }{
		"one size":        {"a = {" + unknown + "}\nb = {" + unknown + "}", "plan a would fit, but not found"},
		"a smaller one":   {"a = {memory = \"8 GiB\", unknown = \"not found\"}\nb = {" + unknown + "}", "plan b would fit, but not found"},
		"by the GiB":      {"a = {" + unknown + "}\ng = {per = \"GiB-hour\", provision_min = 2, unknown = \"not found\"}", "plan g would fit, but not found"},
		"much by the GiB": {"a = {" + unknown + "}\ng = {per = \"GiB-hour\", provision_min = 5, unknown = \"not found\"}", "plan a would fit, but not found"},
	} {
		b := billOf(t, "sizing = {max_shards = 1}\nunknown.x = {words = \"said of the offer\"}\n[offer.o.version.2026-01-01.plan]\n"+tt.plans+"\n", inputOf(t, "ops_per_sec=1 gib=1 replicas=0"), Options{})
		if b.Status != Incomplete || !slices.Equal(b.Reasons, []string{tt.want}) || !slices.Contains(b.Warnings, "unknown: said of the offer") {
			t.Errorf("%s: %s %q, %q; want %s", name, b.Status, b.Reasons, b.Warnings, tt.want)
		}
	}
}

// TestAbsentPlans: a plan that the cards have no price for in a region is not a plan
// that the vendor does not sell there.
func TestAbsentPlans(t *testing.T) {
	set := ownCard(t, `
sizing = {max_shards = 1, ops_per_sec = 1000, ops_kind = "quota"}
[offer.o.version.2026-01-01.plan]
a = {memory = "1 GiB"}
b = {memory = "10 GiB"}
c = {memory = "10 GiB"}
[offer.o.version.2026-01-01.price.small]
usd = """
id  e1  e2
a   1   2
c   5   -
"""
[offer.o.version.2026-01-01.price.large]
usd = """
id  e1
b   5
"""
`)
	for _, tt := range []struct{ inputs, plan, want string }{
		{"gib=1", "", "priced 1460.00 "}, // 730 × 2
		{"gib=5", "", "incomplete 0.00 plan b would fit, but there is no price on the cards for it in e2"},
		{"gib=5", "b", "not_priced 0.00 no price on the cards for plan b in e2"},
		{"gib=5", "c", "not_priced 0.00 plan c is not sold in e2"},
	} {
		u := used(t, "ops_per_sec=1 replicas=0 "+tt.inputs)
		b := mustBill(t, compiled(t, set, "o", "e2", Options{Plan: tt.plan}), &u)
		if got := string(b.Status) + " " + b.Total.String() + " " + strings.Join(b.Reasons, "; "); got != tt.want {
			t.Errorf("%s, plan %q: %s; want %s", tt.inputs, tt.plan, got, tt.want)
		}
	}
}

// TestMostShards: a million shards are the most that a caller may ask for.
func TestMostShards(t *testing.T) {
	const card = "sizing = {ops_per_sec = 1000, ops_kind = \"quota\"}\nplan.a = {memory = \"1 GiB\", usd = \"1\", per = \"month\"}\n"
	for shards, want := range map[int64]string{1_000_000: "1000000.00 ", 1_000_001: "0.00 shards: 1000001 asked for, which this offer does not have (largest: a)"} {
		b := billOf(t, card, inputOf(t, "ops_per_sec=1 gib=1 replicas=0"), Options{Shards: shards})
		if got := b.Total.String() + " " + strings.Join(b.Reasons, "; "); got != want {
			t.Errorf("%d: %s; want %s", shards, got, want)
		}
	}
}

// TestTooSmallIsNotCheapest: a named plan that is too small says what is
// exceeded, and competes with nobody.
func TestTooSmallIsNotCheapest(t *testing.T) {
	const card = `
sizing = {ops_per_sec = 10000, ops_kind = "quota", ops_source = "page"}
[offer.o.version.2026-01-01.plan]
small = {memory = "4 GiB", network = "0.128 Gbit/s", usd = "10", per = "month"}
`
	opt := Options{Plan: "small", Shards: 1}
	b := billOf(t, card, workload.Input{OpsPerSec: "5000", PayloadBytes: "12500", GiB: "1", Replicas: "0"}, opt)
	want := []Exceeded{{"network", "network: 62.5 MB/s at the peak, 16 MB/s sustained a node"}} // 5,000 × 12,500; 0.128 ÷ 8
	if b.Status != Priced || !slices.Equal(b.TooSmall, want) || !slices.Equal(b.Unranked, []Class{TooSmall}) {
		t.Errorf("%s %+v, not ranked because %v; want priced, %+v", b.Status, b.TooSmall, b.Unranked, want)
	}
	b = billOf(t, card, workload.Input{OpsPerSec: "5000", GiB: "1", Replicas: "0"}, opt)
	if b.TooSmall != nil || len(b.Unranked) != 0 {
		t.Errorf("large enough, but %+v, %v", b.TooSmall, b.Unranked)
	}
}
