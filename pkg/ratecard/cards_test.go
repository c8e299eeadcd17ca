package ratecard

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keynest/keynest/pkg/money"
)

// cardsDay is the day that the expectations below were written for. A card
// dated later is a mistake in rates.toml or the time to write new ones.
const cardsDay = "2026-11-23"

func cards(t *testing.T) *Set {
	t.Helper()
	s, err := Load(farDay, embeddedFile(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func version(t *testing.T, s *Set, offer, day string) *Version {
	t.Helper()
	o := s.Offer(offer)
	if o == nil {
		t.Fatalf("no offer %s", offer)
	}
	v := s.Version(o, day)
	if v == nil {
		t.Fatalf("%s has no card on %s", offer, day)
	}
	return v
}

// TestCardsOffers: other files and other people's scripts name these ids.
func TestCardsOffers(t *testing.T) {
	s := cards(t)
	for _, id := range []string{
		"upstash-free", "upstash-payg", "upstash-fixed",
		"elasticache-serverless-valkey", "elasticache-serverless-redis",
		"elasticache-node-valkey", "elasticache-node-redis",
		"keynest-target",
	} {
		if s.Offer(id) == nil {
			t.Errorf("no offer %s", id)
		}
	}
}

// TestCardsFirstDays: on the day before, an offer is not priced.
func TestCardsFirstDays(t *testing.T) {
	s := cards(t)
	for offer, want := range map[string]string{
		"upstash-free":                  "2023-06-06",
		"upstash-payg":                  "2023-06-06",
		"upstash-fixed":                 "2023-06-06",
		"elasticache-serverless-valkey": "2025-03-14",
		"elasticache-node-redis":        "2025-03-14",
	} {
		if got := s.Offer(offer).Versions()[0]; got != want {
			t.Errorf("%s begins on %s, want %s", offer, got, want)
		}
	}
}

// notSold stands for a price that must not be there.
const notSold = "not sold"

// text prints a rate as the card's figure.
func text(r *Rate, state State) string {
	switch {
	case state == Unknown:
		return "unknown"
	case state == NotSold || state == NoPrice:
		return notSold
	case r == nil:
		return "none"
	}
	return r.Price.Amount.Exact()
}

// TestCardsNodePrices compares dollars an hour with figures read off the
// vendor's pages by hand.
func TestCardsNodePrices(t *testing.T) {
	s := cards(t)
	for _, tt := range []struct{ offer, day, region, node, want string }{
		{"elasticache-node-valkey", "2026-11-23", "us-east-1", "cache.r6g.large", "0.1648"},
		{"elasticache-node-valkey", "2026-11-23", "us-east-1", "cache.r7g.large", "0.1752"},
		{"elasticache-node-redis", "2026-11-23", "us-east-1", "cache.r7g.16xlarge", "6.981"},
		{"elasticache-node-valkey", "2026-11-23", "us-east-1", "cache.r6gd.xlarge", "0.6248"},
		{"elasticache-node-redis", "2026-11-23", "us-west-2", "cache.m7g.large", "0.158"},
		{"elasticache-node-redis", "2026-11-23", "eu-west-1", "cache.r7g.large", "0.243"},
		{"elasticache-node-valkey", "2026-11-23", "eu-west-2", "cache.m7g.large", "0.1456"},
		{"elasticache-node-valkey", "2026-11-23", "eu-central-1", "cache.r7g.large", "0.2104"},
		{"elasticache-node-redis", "2026-11-23", "ca-central-1", "cache.t4g.micro", "0.018"},
		{"elasticache-node-valkey", "2026-11-23", "ap-south-1", "cache.m7g.large", "0.1312"},
		{"elasticache-node-redis", "2026-11-23", "ap-northeast-1", "cache.t4g.micro", "0.025"},
		{"elasticache-node-redis", "2026-11-23", "us-west-2-lax-1", "cache.t3.micro", "0.02"},
		{"elasticache-node-redis", "2026-11-23", "af-south-1", "cache.m5.large", "0.205"},
		{"elasticache-node-redis", "2026-11-23", "af-south-1", "cache.r7g.large", notSold},

		// Read for the first time on 2026-10-02, and in ca-west-1 on 2026-09-20.
		{"elasticache-node-valkey", "2026-10-02", "us-east-1", "cache.r8g.large", "0.1756"},
		{"elasticache-node-valkey", "2026-10-01", "us-east-1", "cache.r8g.large", notSold},
		{"elasticache-node-redis", "2026-11-23", "us-east-1", "cache.r8g.large", notSold},
		{"elasticache-node-valkey", "2026-11-23", "eu-west-1", "cache.r8g.large", notSold},
		{"elasticache-node-valkey", "2026-11-23", "us-east-1", "cache.m8g.large", "0.1266"},
		{"elasticache-node-valkey", "2026-11-23", "us-east-1", "cache.c8gn.large", "0.1837"},
		{"elasticache-node-valkey", "2026-11-23", "ca-west-1", "cache.r7g.large", "0.1905"},
		{"elasticache-node-valkey", "2025-06-01", "ca-west-1", "cache.r7g.large", notSold},
		{"elasticache-node-redis", "2026-11-23", "us-east-1", "cache.t2.micro", "0.017"},
	} {
		v := version(t, s, tt.offer, tt.day)
		got := notSold
		if p := v.Plan(tt.node); p != nil {
			got = text(v.PlanRate(p, tt.region))
		}
		if got != tt.want {
			t.Errorf("%s on %s, %s in %s: %s, want %s", tt.offer, tt.day, tt.node, tt.region, got, tt.want)
		}
	}
}

// TestCardsReserved compares commitments with the vendor's. For Valkey the
// cards compute them from Redis OSS; the figures here are the vendor's own
// (its offer file of 2025-06-24), so they test that rule.
func TestCardsReserved(t *testing.T) {
	s := cards(t)
	for _, tt := range []struct {
		offer, region, node string
		term                Term
		upfront             Upfront
		hourly, once        string
	}{
		{"elasticache-node-redis", "us-east-1", "cache.r7g.large", Term1Y, UpfrontNone, "0.149", "none"},
		{"elasticache-node-redis", "us-east-1", "cache.r7g.large", Term1Y, UpfrontPartial, "0.071", "623.493"},
		{"elasticache-node-redis", "us-east-1", "cache.r7g.large", Term1Y, UpfrontAll, "none", "1227.802"},
		{"elasticache-node-redis", "us-east-1", "cache.r7g.large", Term3Y, UpfrontNone, "0.114", "none"},
		{"elasticache-node-redis", "us-east-1", "cache.r7g.large", Term3Y, UpfrontPartial, "0.053", "1381.277"},
		{"elasticache-node-redis", "us-east-1", "cache.r7g.large", Term3Y, UpfrontAll, "none", "2589.894"},
		{"elasticache-node-redis", "eu-west-2", "cache.r7g.large", Term3Y, UpfrontAll, notSold, notSold},

		{"elasticache-node-valkey", "us-east-1", "cache.c7gn.large", Term1Y, UpfrontNone, "0.1384", "none"},
		{"elasticache-node-valkey", "us-east-1", "cache.c7gn.large", Term1Y, UpfrontPartial, "0.0664", "580.788"},
		{"elasticache-node-valkey", "us-east-1", "cache.c7gn.large", Term1Y, UpfrontAll, "none", "1143.7056"},
		{"elasticache-node-valkey", "us-east-1", "cache.c7gn.large", Term3Y, UpfrontNone, "0.1064", "none"},
		{"elasticache-node-valkey", "us-east-1", "cache.c7gn.large", Term3Y, UpfrontPartial, "0.0488", "1286.6688"},
		{"elasticache-node-valkey", "us-east-1", "cache.c7gn.large", Term3Y, UpfrontAll, "none", "2412.504"},
	} {
		v := version(t, s, tt.offer, cardsDay)
		c := v.Commitment(tt.term, tt.upfront)
		if c == nil {
			t.Errorf("%s does not sell %s, %s upfront", tt.offer, tt.term, tt.upfront)
			continue
		}
		recurring, upfront, state := v.CommittedRate(c, v.Plan(tt.node), tt.region)
		hourly, once := text(recurring, state), text(upfront, state)
		if hourly != tt.hourly || once != tt.once {
			t.Errorf("%s, %s in %s, %s, %s upfront: %s an hour and %s at once, want %s and %s",
				tt.offer, tt.node, tt.region, tt.term, tt.upfront, hourly, once, tt.hourly, tt.once)
		}
	}
}

// TestCardsCharges compares what is charged by the use.
func TestCardsCharges(t *testing.T) {
	s := cards(t)
	for _, tt := range []struct{ offer, day, region, charge, want string }{
		{"elasticache-serverless-valkey", "2026-11-23", "us-east-1", "storage", "0.084"},
		{"elasticache-serverless-valkey", "2026-11-23", "us-east-1", "ecpu", "0.0023"},
		{"elasticache-serverless-redis", "2026-11-23", "us-east-1", "storage", "0.125"},
		{"elasticache-serverless-redis", "2026-11-23", "us-east-1", "ecpu", "0.0034"},
		{"elasticache-serverless-valkey", "2026-11-23", "ca-west-1", "ecpu", "0.0034"},
		{"elasticache-serverless-valkey", "2026-11-23", "ap-south-1", "storage", "0.054"},
		{"elasticache-serverless-valkey", "2026-11-23", "ap-south-2", "ecpu", "0.0014"},
		{"elasticache-serverless-redis", "2026-11-23", "mx-central-1", "storage", "0.13125"},
		{"elasticache-serverless-redis", "2026-11-23", "eu-west-3", "storage", "0.146"},
		{"elasticache-serverless-redis", "2026-11-23", "us-gov-west-1", "storage", "0.15"},
		{"elasticache-serverless-valkey", "2026-11-23", "me-central-1", "ecpu", "0.0028"},
		{"upstash-payg", "2026-11-23", Global, "commands", "0.20"},
		{"upstash-payg", "2026-11-23", Global, "storage", "0.25"},
		{"upstash-payg", "2026-11-23", Global, "bandwidth", "0.03"},
		{"upstash-payg", "2026-11-23", Global, "extra-databases", "0.50"},
		{"upstash-payg", "2023-07-01", Global, "bandwidth", "0.10"},
		{"upstash-payg", "2023-10-01", Global, "bandwidth", "0.03"},
		{"keynest-target", "2026-11-23", Global, "commands", "0.001"},
	} {
		v := version(t, s, tt.offer, tt.day)
		got := "no such charge"
		for i := range v.Charges {
			if v.Charges[i].ID == tt.charge {
				got = text(v.ChargeRate(&v.Charges[i], tt.region))
			}
		}
		if got != tt.want {
			t.Errorf("%s on %s, %s in %s: %s, want %s", tt.offer, tt.day, tt.charge, tt.region, got, tt.want)
		}
	}
}

// TestCardsUpstashPlans compares the plans, which changed most.
func TestCardsUpstashPlans(t *testing.T) {
	s := cards(t)
	for _, tt := range []struct {
		offer, day, plan string
		month, region    string // dollars a month, and for each read region
		ops              int64  // commands/s
	}{
		{"upstash-fixed", "2023-10-01", "pro-2k", "280.00", "100.00", 2000},
		{"upstash-fixed", "2023-10-01", "pro-10k", "680.00", "200.00", 10000},
		{"upstash-fixed", "2025-03-01", "250MB", "10.00", "5.00", 1000},
		{"upstash-fixed", "2025-03-01", "100GB", "800.00", "400.00", 10000},
		{"upstash-fixed", "2026-11-23", "250MB", "10.00", "5.00", 10000},
		{"upstash-fixed", "2026-11-23", "100GB", "800.00", "400.00", 16000},
		{"upstash-fixed", "2026-11-23", "500GB", "1500.00", "750.00", 16000},
	} {
		v := version(t, s, tt.offer, tt.day)
		p := v.Plan(tt.plan)
		if p == nil {
			t.Errorf("%s on %s has no plan %s", tt.offer, tt.day, tt.plan)
			continue
		}
		month, region := text(p.Rate, Priced), text(p.ReadRegion, Priced)
		if month != tt.month || region != tt.region || p.Limit.MaxOpsPerSec != tt.ops {
			t.Errorf("%s on %s, %s: %s a month, %s a read region, %d commands/s, want %s, %s, %d",
				tt.offer, tt.day, tt.plan, month, region, p.Limit.MaxOpsPerSec, tt.month, tt.region, tt.ops)
		}
	}
}

// TestCardsUpstashCap: pay as you go could not cost more than a maximum that
// has been raised once and is gone since 2025-02-17.
func TestCardsUpstashCap(t *testing.T) {
	s := cards(t)
	for _, tt := range []struct{ day, plan, want string }{
		{"2023-07-01", "regional", "160.00"},
		{"2023-07-01", "global", "360.00"},
		{"2024-12-14", "regional", "160.00"},
		{"2024-12-15", "regional", "360.00"},
	} {
		p := version(t, s, "upstash-payg", tt.day).Plan(tt.plan)
		if p == nil || p.Cap == nil || p.Cap.Exact() != tt.want {
			t.Errorf("on %s, %s: not capped at %s: %+v", tt.day, tt.plan, tt.want, p)
		}
	}
	v := version(t, s, "upstash-payg", "2025-02-17")
	if v.Cap != nil || len(v.Plans) > 0 {
		t.Errorf("on 2025-02-17 there is a cap or a plan: %v, %v", v.Cap, v.Plans)
	}
}

// TestCardsValkeyIsFourFifths: in the vendor's list of 2025-03-14 a node costs
// for Valkey 0.8 times what it costs for Redis OSS, to the last digit, wherever
// it is sold. The list has 1,299 such pairs.
func TestCardsValkeyIsFourFifths(t *testing.T) {
	s := cards(t)
	valkey := version(t, s, "elasticache-node-valkey", "2025-03-14")
	redis := version(t, s, "elasticache-node-redis", "2025-03-14")
	pairs := 0
	for i := range redis.Plans {
		p := &redis.Plans[i]
		for _, region := range redis.Regions() {
			r, state := redis.PlanRate(p, region)
			q := valkey.Plan(p.ID)
			if q == nil {
				t.Fatalf("no Valkey plan %s", p.ID)
			}
			v, valkeyState := valkey.PlanRate(q, region)
			if state != valkeyState {
				t.Errorf("%s in %s is sold for one engine only", p.ID, region)
				continue
			}
			if state != Priced {
				continue
			}
			pairs++
			if 10*v.Price.Amount != 8*r.Price.Amount {
				t.Errorf("%s in %s: %s for Valkey, %s for Redis OSS", p.ID, region, v.Text, r.Text)
			}
		}
	}
	if pairs != 1299 {
		t.Errorf("%d pairs, want 1299", pairs)
	}
}

// TestCardsPlansFound: an offer that takes another's plans and adds its own
// must still find each of them, which takes the list to be in order.
func TestCardsPlansFound(t *testing.T) {
	s := cards(t)
	for _, o := range s.Offers() {
		for _, day := range o.Versions() {
			v := s.Version(o, day)
			for i := range v.Plans {
				if v.Plan(v.Plans[i].ID) != &v.Plans[i] {
					t.Errorf("%s: plan %s is not found", v, v.Plans[i].ID)
				}
			}
		}
	}
}

// TestCardsNodeSizes: memory is the engine's maxmemory, to the byte, and three
// quarters of it hold data.
func TestCardsNodeSizes(t *testing.T) {
	v := version(t, cards(t), "elasticache-node-valkey", cardsDay)
	for _, tt := range []struct {
		node                    string
		memory, usable, network int64 // bytes, bytes, bytes/s
		ops                     int64 // commands/s; 0 for the card's own figure
	}{
		{"cache.r7g.large", 14037181030, 10527885772, 117125000, 0}, // 0.937 Gbit/s
		{"cache.t4g.micro", 536870912, 402653184, 8000000, 20000},   // 0.064 Gbit/s; 2 vCPU × 10 %
		{"cache.r8g.large", 15222495510, 11416871632, 117125000, 0}, // 0.937 Gbit/s
	} {
		p := v.Plan(tt.node)
		if p == nil {
			t.Errorf("no plan %s", tt.node)
			continue
		}
		if p.Memory != tt.memory || p.Usable != tt.usable || p.Network != tt.network || p.OpsPerSec != tt.ops {
			t.Errorf("%s: %d bytes, %d usable, %d bytes/s, %d commands/s, want %d, %d, %d, %d",
				tt.node, p.Memory, p.Usable, p.Network, p.OpsPerSec, tt.memory, tt.usable, tt.network, tt.ops)
		}
	}
}

// TestCardsThroughput: of what is sold by size, only these offers have a plan
// without any figure for commands a second. Memory alone decides on them, and
// reports say so; the name of another one here wants a reason.
func TestCardsThroughput(t *testing.T) {
	s := cards(t)
	without := map[string]int{}
	for _, o := range s.Offers() {
		v := s.Version(o, cardsDay)
		if v == nil || o.BilledBy.PerCommand() || v.Limit.MaxOpsPerSec > 0 || v.Sizing.OpsPerSec > 0 {
			continue
		}
		for i := range v.Plans {
			if p := &v.Plans[i]; p.OpsPerSec == 0 && p.Limit.MaxOpsPerSec == 0 {
				without[o.ID]++
			}
		}
	}
	want := map[string]int{
		"azure-managed-redis":        7,  // Flash Optimized, which is never chosen
		"dragonfly-cloud":            8,  // many threads, held to the published network
		"heroku-key-value-store":     11, // several tenants on a machine, or one on a machine of its own
		"ibm-databases-redis":        2,  // half a virtual processor with 4 GB
		"memorystore-redis-basic":    5,
		"memorystore-redis-standard": 6,
		"momento-flex":               1, //nolint:misspell // a vendor; memory by the GiB
		"oci-cache":                  2,
		"render-key-value":           5,
		"keynest-target":             1, // nobody runs it
	}
	if diff := cmp.Diff(want, without); diff != "" {
		t.Errorf("plans without a throughput (-want +got):\n%s", diff)
	}
}

// TestCardsTarget: no figure of a target pretends to a source.
func TestCardsTarget(t *testing.T) {
	s := cards(t)
	o := s.Offer("keynest-target")
	if o.Status != StatusTarget {
		t.Errorf("status %s", o.Status)
	}
	v := version(t, s, "keynest-target", cardsDay)
	if sources := v.Sources(); len(sources) > 0 {
		t.Errorf("sources %v", sources)
	}
	if r := v.Plan("capacity").Rate; r.Assumed == "" || r.Price.Amount != 15*money.Nano {
		t.Errorf("capacity is %+v", r)
	}
}
