package bill

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// marketDay is the day on which the tests price testdata/market.toml.
const marketDay = "2026-02-01"

// market loads testdata/market.toml with overlays.
func market(t testing.TB, overlays ...string) *ratecard.Set {
	t.Helper()
	text, err := os.ReadFile("testdata/market.toml")
	if err != nil {
		t.Fatal(err)
	}
	var files []ratecard.File
	for _, o := range overlays {
		files = append(files, ratecard.File{Name: "mine.toml", Text: o})
	}
	set, err := ratecard.Load(marketDay, ratecard.File{Name: "market.toml", Text: string(text)}, files...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// compiled is an offer of the market, in the east on marketDay unless opt says.
func compiled(t testing.TB, set *ratecard.Set, id, region string, opt Options) *Offer {
	t.Helper()
	where, err := set.Where(region)
	if err != nil {
		t.Fatal(err)
	}
	opt.Where = where
	if opt.AsOf == "" {
		opt.AsOf = marketDay
	}
	o, err := Compile(set, set.Offer(id), opt)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// used is the usage of a workload written as "key=value key=value".
func used(t testing.TB, inputs string) workload.Usage {
	t.Helper()
	w, err := inputOf(t, inputs).Resolve("test")
	if err != nil {
		t.Fatal(err)
	}
	u, err := w.Usage()
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func inputOf(t testing.TB, inputs string) workload.Input {
	t.Helper()
	var in workload.Input
	for _, pair := range strings.Fields(inputs) {
		key, value, _ := strings.Cut(pair, "=")
		if !in.Set(key, workload.Value(value)) {
			t.Fatalf("no input %s", key)
		}
	}
	return in
}

// mustBill is the offer's bill, which agrees with the fast path and with itself.
func mustBill(t testing.TB, o *Offer, u *workload.Usage) *Bill {
	t.Helper()
	b, err := o.Bill(u)
	if err != nil {
		t.Fatal(err)
	}
	total, status, err := o.Total(u)
	if err != nil || total != b.Total || status != b.Status {
		t.Fatalf("%s: Total says %s %s (%v), the bill %s %s", o.Card.ID, status, total.Exact(), err, b.Status, b.Total.Exact())
	}
	var sum money.USD
	for _, l := range b.Lines {
		sum += l.Amount
	}
	if sum != b.Total {
		t.Fatalf("%s: the lines come to %s, the total to %s", o.Card.ID, sum.Exact(), b.Total.Exact())
	}
	return b
}

// lineText prints the lines of a bill: id, billed quantity, amount.
func lineText(b *Bill) string {
	var lines []string
	for i := range b.Lines {
		l := &b.Lines[i]
		lines = append(lines, l.ID+" "+l.BilledText()+" "+l.Amount.Exact())
	}
	return strings.Join(lines, "; ")
}

const everyday = "ops_per_sec=5000 gib=8"

// TestBillsByHand: sums that a person can redo.
func TestBillsByHand(t *testing.T) {
	set := market(t)
	for _, tt := range []struct {
		name, offer, region, inputs string
		opt                         Options
		lines, total                string
	}{
		// 5,000 × 3,600 × 730 = 13,140,000,000 commands; ÷ 100,000 × 0.20.
		// 8 GiB = 8.589934592 GB, the first free: 7.589934592 × 0.25.
		// 13,140 GB moved, 200 free: 12,940 × 0.03.
		{"per command", "calls", "east", everyday, Options{},
			"bandwidth 12940 388.20; commands 13140000000 26280.00; storage 7.589934592 1.897483648", "26670.097483648"},
		// 2,628,000,000 writes count twice: 15,768,000,000.
		{"with a read region", "calls", "east", everyday + " read_regions=1", Options{},
			"bandwidth 12940 388.20; commands 15768000000 31536.00; storage 7.589934592 1.897483648", "31926.097483648"},
		{"all free", "calls", "east", "ops_per_sec=0 gib=0.5", Options{}, "bandwidth 0 0.00; commands 0 0.00; storage 0 0.00", "0.00"},
		// 100,000,000 ÷ 100,000 × 0.20 = 200, with a cap of 160 then.
		{"capped in 2023", "calls", "east", "commands_per_month=100000000 gib=0", Options{AsOf: "2023-07-01"},
			"commands 100000000 200.00; storage 0 0.00; cap 1 -40.00", "160.00"},
		{"not capped today", "calls", "east", "commands_per_month=100000000 gib=0 payload_bytes=1", Options{},
			"bandwidth 0 0.00; commands 100000000 200.00; storage 0 0.00", "200.00"},

		// 8 × 730 × 0.084; 13,140,000,000 ÷ 1,000,000 × 0.0023.
		{"ECPU", "ecpu-valkey", "east", everyday, Options{}, "ecpu 13140000000 30.222; storage 5840 490.56", "520.782"},
		// 3,200 B a command are 3.2 ECPU: 42,048,000,000.
		{"ECPU of long commands", "ecpu-valkey", "east", everyday + " payload_bytes=3200", Options{}, "ecpu 42048000000 96.7104; storage 5840 490.56", "587.2704"},
		// At least 0.1 GiB: 73 GiB-hours × 0.084.
		{"floor of 0.1 GiB", "ecpu-valkey", "east", "ops_per_sec=0 gib=0.01", Options{}, "ecpu 0 0.00; storage 73 6.132", "6.132"},
		// At least 1 GiB: 730 × 0.125.
		{"floor of 1 GiB", "ecpu-redis", "east", "ops_per_sec=0 gib=0.01", Options{}, "ecpu 0 0.00; storage 730 91.25", "91.25"},
		{"floor for each of three", "ecpu-valkey", "east", "ops_per_sec=0 gib=0.01 databases=3", Options{}, "ecpu 0 0.00; storage 219 18.396", "18.396"},
		{"a short month", "ecpu-redis", "east", "ops_per_sec=0 gib=2 hours_per_month=100", Options{HoursPerMonth: 100}, "ecpu 0 0.00; storage 200 25.00", "25.00"},

		// Two nodes of 13.07 GiB, of which 9.8 hold data: 1,460 × 0.1648.
		{"nodes", "nodes", "east", everyday, Options{}, "plan 1460 240.608", "240.608"},
		{"nodes without replica", "nodes", "east", everyday + " replicas=0", Options{}, "plan 730 120.304", "120.304"},
		{"nodes elsewhere", "nodes", "e2", everyday, Options{}, "plan 1460 269.808", "269.808"}, // × 0.1848
		// Two databases of 4 GiB each: 2 × 2 shards of 2.3 GiB, doubled: 8 × 730 × 0.052
		// = 303.68; or one large each, doubled: 4 × 730 × 0.1648 = 481.216.
		{"nodes for two databases", "nodes", "east", everyday + " databases=2", Options{}, "plan 5840 303.68", "303.68"},
		// 1,460 × 0.1195; what the term does not cover cannot be had for it.
		{"nodes for a year", "nodes", "east", everyday, Options{Term: ratecard.Term1Y, Upfront: ratecard.UpfrontNone}, "plan 1460 174.47", "174.47"},
		// 1,460 × 0.0411 = 60.006; 2 × 1,081 ÷ 36 = 60.055555556 a month.
		{"nodes for three years, partly upfront", "nodes", "east", everyday, Options{Term: ratecard.Term3Y, Upfront: ratecard.UpfrontPartial},
			"plan 1460 60.006; upfront 2 60.055555556", "120.061555556"},
		{"a named plan", "nodes", "east", everyday, Options{Plan: "r7g-large"}, "plan 1460 255.792", "255.792"},
		{"a named plan and shards", "nodes", "east", everyday, Options{Plan: "r7g-large", Shards: 2}, "plan 2920 511.584", "511.584"},
		{"named shards", "nodes", "east", everyday, Options{Shards: 3}, "plan 4380 721.824", "721.824"}, // the smallest of which 3 hold 8 GiB
		{"a plan of another offer", "nodes", "east", everyday, Options{Plan: "p50"}, "plan 1460 240.608", "240.608"},

		{"fixed", "fixed", "east", everyday, Options{}, "plan 1 1500.00", "1500.00"},
		{"fixed with read regions", "fixed", "east", everyday + " read_regions=2", Options{}, "plan 1 1500.00; read-regions 2 10.00", "1510.00"},
		{"fixed with read regions of two databases", "fixed", "east", "ops_per_sec=1 gb=8 databases=2 read_regions=2", Options{}, "plan 2 200.00; read-regions 4 20.00", "220.00"}, // 4 × 5
		{"fixed for two databases", "fixed", "east", "ops_per_sec=1 gb=8 databases=2", Options{}, "plan 2 200.00", "200.00"},                                                       // 4 GB each

		// 8 ÷ 0.8 = 10 GiB, twice: 20 × 730 × 0.035.
		{"memory", "memory", "east", everyday, Options{}, "plan 14600 511.00", "511.00"},
		{"memory, odd", "memory", "east", "ops_per_sec=1 gib=8.1", Options{}, "plan 17520 613.20", "613.20"},             // 10.125: 12 GiB, in steps of 2
		{"memory, least", "memory", "east", "ops_per_sec=1 gib=0.1", Options{}, "plan 8760 306.60", "306.60"},            // 5, so 6
		{"memory, two databases", "memory", "east", everyday + " databases=2", Options{}, "plan 17520 613.20", "613.20"}, // 2 × 6, twice

		// 18.50 EUR × 1.1622. 2,628 GB moved, 80 % of it out: 2,102.4 GB; the first
		// 100 free, 900 × 0.01 = 9 EUR, 1,102.4 × 0.005 = 5.512 EUR.
		{"euros and tiers", "mixed", "east", "ops_per_sec=1000 gib=8", Options{},
			"plan 1 21.5007; transfer-tier-1 100 0.00; transfer-tier-2 900 10.4598; transfer-tier-3 1102.4 6.4060464", "38.3665464"},
		// Without a replica the single will do: 10 EUR, and 0.50 for the database.
		{"a plan with a charge of its own", "mixed", "east", "ops_per_sec=1000 gib=8 replicas=0", Options{},
			"plan 1 11.622; databases 1 0.50; transfer-tier-1 100 0.00; transfer-tier-2 900 10.4598; transfer-tier-3 1102.4 6.4060464", "28.9878464"},
		{"minimum a month", "mixed", "east", "ops_per_sec=0 gib=8 replicas=0", Options{},
			"plan 1 11.622; databases 1 0.50; transfer-tier-1 0 0.00; minimum 1 0.878", "13.00"},
		// Three shards of big for the load: 3 × 60 × 1.1622 = 209.196, capped.
		{"cap of a plan", "mixed", "east", "ops_per_sec=97500 gib=8 replicas=2 payload_bytes=0", Options{},
			"plan 3 209.196; transfer-tier-1 0 0.00; cap 1 -59.196", "150.00"},
		{"a tier's very end", "mixed", "east", "commands_per_month=1000 transfer_gb_per_month=100 gib=8 read_share=1", Options{}, "plan 1 21.5007; transfer-tier-1 100 0.00", "21.5007"},
		{"just beyond it", "mixed", "east", "commands_per_month=1000 transfer_gb_per_month=100.1 gib=8 read_share=1", Options{},
			"plan 1 21.5007; transfer-tier-1 100 0.00; transfer-tier-2 0.1 0.0011622", "21.5018622"},
		{"a given exchange rate", "mixed", "east", "ops_per_sec=0 gib=8", Options{FX: map[string]ratecard.ExchangeRate{"EUR": {Currency: "EUR", Day: "2026-01-20", USDPerUnit: "2", Nano: 2 * money.Nano}}},
			"plan 1 37.00; transfer-tier-1 0 0.00", "37.00"},

		{"unknown but not needed", "partly", "east", "commands_per_month=1000000 gb=1", Options{}, "commands 1000000 0.01", "0.01"},
	} {
		u := used(t, tt.inputs)
		b := mustBill(t, compiled(t, set, tt.offer, tt.region, tt.opt), &u)
		if b.Status != Priced || len(b.Reasons) > 0 || b.Total.Exact() != tt.total || lineText(b) != tt.lines {
			t.Errorf("%s: %s %s %v\ngot  %s\nwant %s = %s", tt.name, b.Status, b.Total.Exact(), b.Reasons, lineText(b), tt.lines, tt.total)
		}
	}
}

// TestUnpriced: what cannot be priced says why, and what is partly known says
// what is missing.
func TestUnpriced(t *testing.T) {
	set := market(t)
	for _, tt := range []struct {
		name, offer, region, inputs string
		opt                         Options
		status                      Status
		total, reason               string
	}{
		{"before the first card", "calls", "east", everyday, Options{AsOf: "2022-01-01"}, NotPriced, "0.00", "no rate on 2022-01-01; the first card is in force from 2023-06-01"},
		{"another vendor's region", "memory", "e2", everyday, Options{}, NotPriced, "0.00", "no rate in e2; the card has b1"},
		{"no exchange rate", "mixed", "east", everyday, Options{AsOf: "2026-01-04"}, NotPriced, "0.00", "priced in EUR, and there is no exchange rate on 2026-01-04; give one, as in --fx EUR=1.16@2026-01-04"},
		{"a plan not sold there", "nodes", "e2", everyday, Options{Plan: "r7g-large"}, NotPriced, "0.00", "plan r7g-large is not sold in e2"},

		{"too much data", "calls", "east", "ops_per_sec=1 gb=100.1", Options{}, Unfit, "0.00", "memory: 100.1 GB is more than the limit of 100 GB"},
		{"too many commands", "calls", "east", "ops_per_sec=1 peak_ops_per_sec=10000.1 gb=1", Options{}, Unfit, "0.00", "ops/s: 10,001 at the peak, 10,000 a shard (quota)"},
		{"too many read regions", "calls", "east", everyday + " read_regions=6", Options{}, Unfit, "0.00", "read regions: 6 asked for, at most 5"},
		{"no read regions at all", "ecpu-valkey", "east", everyday + " read_regions=1", Options{}, Unfit, "0.00", "read regions: 1 asked for, the card prices none"},
		{"too many ECPU", "ecpu-valkey", "east", "ops_per_sec=1 peak_ops_per_sec=5000001 gib=8 payload_bytes=3000", Options{}, Unfit, "0.00", "ECPU/s: 15,000,003 at the peak, at most 15,000,000"},
		{"too many replicas", "nodes", "east", everyday + " replicas=6", Options{}, Unfit, "0.00", "replicas: 6 asked for, at most 5"},
		{"too many nodes", "nodes", "east", "ops_per_sec=1 gib=300000", Options{}, Unfit, "0.00", "nodes: more than the 500 that a cluster can have (largest: r7g-xlarge)"},
		{"a fixed plan's bandwidth", "fixed", "east", "ops_per_sec=10000 gib=8", Options{}, Unfit, "0.00", "bandwidth: 26,280 GB a month, at most 20,000 GB (largest: p500)"},
		{"a fixed plan's read regions", "fixed", "east", "ops_per_sec=1 gib=8 read_regions=4", Options{}, Unfit, "0.00", "read regions: 4 asked for, at most 3 (largest: p500)"},
		{"a named fixed plan", "fixed", "east", "ops_per_sec=1 gb=2", Options{Plan: "p1"}, Unfit, "0.00", "memory: 2 GB is more than the limit of 1 GB (largest: p1)"},
		{"more memory than is sold", "memory", "east", "ops_per_sec=1 gib=241", Options{}, Unfit, "0.00", "memory: 241 GiB needs 301.3 GiB with a fifth reserved (largest: gib)"},
		{"replicas that no plan covers", "mixed", "east", "ops_per_sec=1 gib=8 replicas=3", Options{}, Unfit, "0.00", "replicas: 3 asked for, more than any plan covers (largest: big)"},
		{"shards that a plan cannot have", "mixed", "east", "ops_per_sec=1 gib=8", Options{Plan: "pair", Shards: 5}, Unfit, "0.00", "shards: 5 asked for, which this offer does not have (largest: pair)"},
		// 14 GiB are more than the 13.07 of the one node that is named.
		{"shards beyond counting", "nodes", "east", "ops_per_sec=1 gib=8", Options{Plan: "r7g-large", Shards: 1 << 62}, Unfit, "0.00", "shards: 4611686018427387904 asked for, which this offer does not have (largest: r7g-large)"},
		{"data that the named nodes cannot hold", "nodes", "east", "ops_per_sec=1 gib=14", Options{Plan: "r7g-large", Shards: 1}, Unfit, "0.00", "memory: 14 GiB needs 18.7 GiB with 25 % reserved (largest: r7g-large)"},

		{"a charge of unknown price", "partly", "east", "commands_per_month=1000000 gb=2", Options{}, Incomplete, "0.01", "storage: price unknown: the page does not say"},
		{"a price not found there", "ecpu-valkey", "e2", everyday, Options{}, Incomplete, "490.56", "ECPU: price unknown: the price in e2 was not found"},
		// 254 of the largest with a price, and as many replicas, are 508 nodes.
		{"a plan of unknown price", "nodes", "east", "ops_per_sec=1 gib=5000", Options{}, Incomplete, "0.00", "plan r8g-huge would fit, but its price in e1 was not found"},
	} {
		u := used(t, tt.inputs)
		b := mustBill(t, compiled(t, set, tt.offer, tt.region, tt.opt), &u)
		if b.Status != tt.status || b.Total.Exact() != tt.total || strings.Join(b.Reasons, "; ") != tt.reason {
			t.Errorf("%s: got  %s %s: %s\nwant %s %s: %s", tt.name, b.Status, b.Total.Exact(), strings.Join(b.Reasons, "; "), tt.status, tt.total, tt.reason)
		}
	}
}

// TestPlans: what was chosen, how much of it, and what for.
func TestPlans(t *testing.T) {
	set := market(t)
	for _, tt := range []struct {
		name, offer, inputs string
		opt                 Options
		id                  string
		shards, nodes       int64
		binding, why        string
	}{
		{"memory", "nodes", everyday, Options{}, "r6g-large", 1, 2, "memory", "memory: 8 GiB needs 10.7 GiB with 25 % reserved"},
		// 20 MB/s: 3 × 8 MB/s of micro at 0.0128 are cheaper than one medium at 0.052.
		{"the network of small nodes", "nodes", "ops_per_sec=5000 gib=0.3 payload_bytes=4000", Options{}, "t4g-micro", 3, 6, "network", "network: 20 MB/s at the peak, 8 MB/s sustained a node"},
		{"commands", "nodes", "ops_per_sec=100001 gib=0.3 payload_bytes=1", Options{}, "t4g-micro", 2, 4, "ops/s", "ops/s: 100,001 at the peak, 100,000 a shard (assumption)"},
		{"the peak, not the mean", "nodes", "ops_per_sec=1 peak_ops_per_sec=100001 gib=0.3 payload_bytes=1", Options{}, "t4g-micro", 2, 4, "ops/s", "ops/s: 100,001 at the peak, 100,000 a shard (assumption)"},
		{"nothing", "nodes", "ops_per_sec=0 gib=0", Options{}, "t4g-micro", 1, 2, "memory", "memory: 0 B needs 0 GiB with 25 % reserved"},
		{"bandwidth", "fixed", everyday, Options{}, "p500", 1, 1, "bandwidth", "bandwidth: 13,140 GB a month, at most 20,000 GB"},
		{"an assumption is taken whole", "nodes", "ops_per_sec=100000 gib=0.3 payload_bytes=1", Options{}, "t4g-micro", 1, 2, "memory", "memory: 307.2 MiB needs 0.4 GiB with 25 % reserved"},
		// Of a benchmark of 50,000 ops/s 65 % are planned with: 32,500.
		{"a benchmark with headroom", "mixed", "ops_per_sec=32500 gib=8 payload_bytes=0", Options{}, "pair", 1, 1, "memory", "memory: 8 GiB of data, 10 GiB usable a shard"},
		{"a benchmark with headroom, one more", "mixed", "ops_per_sec=32501 gib=8 payload_bytes=0", Options{}, "pair", 2, 2, "ops/s", "ops/s: 32,501 at the peak, 32,500 a shard (benchmark)"},
		{"a quota is taken whole", "fixed", "ops_per_sec=10000 gb=1 payload_bytes=1", Options{}, "p1", 1, 1, "memory", "memory: 1 GB of data"},
		{"a named plan", "nodes", everyday, Options{Plan: "r7g-large"}, "r7g-large", 1, 2, "named", "named by --plan"},
	} {
		u := used(t, tt.inputs)
		b := mustBill(t, compiled(t, set, tt.offer, "east", tt.opt), &u)
		p := b.Plan
		if p == nil {
			t.Errorf("%s: no plan: %v", tt.name, b.Reasons)
			continue
		}
		got := Plan{ID: p.ID, Shards: p.Shards, Nodes: p.Nodes, Binding: p.Binding, Why: p.Why}
		if diff := cmp.Diff(Plan{ID: tt.id, Shards: tt.shards, Nodes: tt.nodes, Binding: tt.binding, Why: tt.why}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestPlanFigures: the memory of one copy of a database as it is sold, what of it
// holds data, and what is bought in all.
func TestPlanFigures(t *testing.T) {
	set := market(t)
	for _, tt := range []struct {
		name, offer, inputs                           string
		memory, usable, provisioned, replicas, shards int64
		opsUnknown                                    bool
	}{
		{"three shards of 0.5 GiB", "nodes", "ops_per_sec=5000 gib=0.3 payload_bytes=4000", 3 << 29, 3 * 402_653_184, 0, 1, 3, false}, // 75 % of 2^29
		{"10 GiB, twice", "memory", everyday, 10 << 30, 8 << 30, 20 << 30, 1, 1, true},
		{"6 GiB, of two databases, twice", "memory", everyday + " databases=2", 6 << 30, 5_153_960_755, 24 << 30, 1, 1, true}, // 80 % of 6 GiB are 5,153,960,755.2
		{"no commands", "memory", "ops_per_sec=0 gib=8", 10 << 30, 8 << 30, 20 << 30, 1, 1, false},
		{"a limit in place of memory", "fixed", "ops_per_sec=1 gb=8", 0, 10_000_000_000, 0, 1, 1, false},
		{"replicas of the plan", "mixed", "ops_per_sec=1 gib=8 replicas=0", 10 << 30, 10 << 30, 0, 0, 1, false},
		{"more replicas than asked for", "mixed", "ops_per_sec=32501 gib=8 payload_bytes=0 replicas=0", 20 << 30, 20 << 30, 0, 1, 2, false},
	} {
		u := used(t, tt.inputs)
		p := mustBill(t, compiled(t, set, tt.offer, "east", Options{}), &u).Plan
		if p.Memory != tt.memory || p.UsableBytes != tt.usable || p.Provisioned != tt.provisioned || p.Replicas != tt.replicas || p.Shards != tt.shards || p.OpsUnknown != tt.opsUnknown {
			t.Errorf("%s: %+v; want %+v", tt.name, p, tt)
		}
	}
}

// TestNamedPlanTooSmall: what somebody runs today is priced with a warning as
// long as it can hold the data at all.
func TestNamedPlanTooSmall(t *testing.T) {
	set := market(t)
	for inputs, want := range map[string]string{
		"ops_per_sec=1 gib=9.8":                       "",
		"ops_per_sec=1 gib=13.07":                     "smaller than the load needs: memory: 13.07 GiB needs 17.4 GiB with 25 % reserved", // all of its memory
		"ops_per_sec=1 gib=12":                        "smaller than the load needs: memory: 12 GiB needs 16 GiB with 25 % reserved",
		"ops_per_sec=150000 gib=1 payload_bytes=1":    "smaller than the load needs: ops/s: 150,000 at the peak, 100,000 a shard (assumption)",
		"ops_per_sec=50000 gib=1 payload_bytes=10000": "smaller than the load needs: network: 500 MB/s at the peak, 117.1 MB/s sustained a node",
	} {
		u := used(t, inputs)
		b := mustBill(t, compiled(t, set, "nodes", "east", Options{Plan: "r7g-large", Shards: 1}), &u)
		if b.Status != Priced || b.Total.Exact() != "255.792" {
			t.Errorf("%s: %s %s %v", inputs, b.Status, b.Total.Exact(), b.Reasons)
		}
		var got []string
		for _, w := range b.Warnings {
			if strings.HasPrefix(w, "smaller") {
				got = append(got, w)
			}
		}
		if strings.Join(got, "\n") != want {
			t.Errorf("%s: warned %q; want %q", inputs, got, want)
		}
	}
	for inputs, small := range map[string]bool{"ops_per_sec=1 gib=9.8": false, "ops_per_sec=1 gib=12": true, "ops_per_sec=150000 gib=1 payload_bytes=1": true, "ops_per_sec=50000 gib=1 payload_bytes=10000": true, "ops_per_sec=1 gib=14": false} {
		u := used(t, inputs)
		if got := compiled(t, set, "nodes", "east", Options{Plan: "r7g-large", Shards: 1}).TooSmall(&u); got != small { // 14 GiB do not fit at all
			t.Errorf("%s: too small %t; want %t", inputs, got, small)
		}
		if compiled(t, set, "nodes", "east", Options{}).TooSmall(&u) {
			t.Errorf("%s: a plan that nobody named is too small", inputs)
		}
	}
	// Two shards of 13.07 GiB hold 20 GiB, if barely.
	u := used(t, "ops_per_sec=1 gib=20")
	if b := mustBill(t, compiled(t, set, "nodes", "east", Options{Plan: "r7g-large", Shards: 2}), &u); b.Status != Priced || b.Plan.Nodes != 4 {
		t.Errorf("two named shards: %s %v", b.Status, b.Reasons)
	}
}

func TestCommittedBill(t *testing.T) {
	set := market(t)
	u := used(t, everyday)
	b := mustBill(t, compiled(t, set, "nodes", "east", Options{Term: ratecard.Term3Y, Upfront: ratecard.UpfrontPartial}), &u)
	if b.UpfrontCash.Exact() != "2162.00" || b.Term != ratecard.Term3Y || b.UpfrontKind != ratecard.UpfrontPartial { // 2 × 1,081
		t.Errorf("%s upfront, %s %s", b.UpfrontCash.Exact(), b.Term, b.UpfrontKind)
	}
	b = mustBill(t, compiled(t, set, "nodes", "east", Options{Term: ratecard.Term3Y, Upfront: ratecard.UpfrontAll}), &u)
	if b.Term != ratecard.TermOnDemand || b.Total.Exact() != "240.608" || !strings.Contains(strings.Join(b.Warnings, "\n"), "the card sells no 3y term with upfront all here; priced on demand") {
		t.Errorf("a term that is not sold: %s %s %q", b.Term, b.Total.Exact(), b.Warnings)
	}
	year := Options{Term: ratecard.Term1Y, Upfront: ratecard.UpfrontNone}
	for _, tt := range []struct {
		name, offer, inputs string
		opt                 Options
		onDemand            bool
		warning             string
	}{
		{"no term", "calls", everyday, Options{}, false, ""},
		{"no term, nodes", "nodes", everyday, Options{}, false, ""},
		{"a term", "nodes", everyday, year, false, ""},
		{"no plans", "calls", everyday, year, true, "the card sells no 1y term; priced on demand"},
		{"a savings plan", "calls", everyday, Options{Term: ratecard.Term1Y, Upfront: ratecard.UpfrontNone, Commitment: ratecard.CommitSavingsPlan}, true, "the card sells no 1y savings plan term; priced on demand"},
	} {
		u := used(t, tt.inputs)
		b := mustBill(t, compiled(t, set, tt.offer, "east", tt.opt), &u)
		if got := strings.Join(b.Warnings, "\n"); b.OnDemand != tt.onDemand || got != tt.warning {
			t.Errorf("%s: on demand %t, warnings %q; want %t, %q", tt.name, b.OnDemand, got, tt.onDemand, tt.warning)
		}
	}
}

// TestTermOfAPlan: a plan that the term does not cover is priced on demand: 730 ×
// 0.10.
func TestTermOfAPlan(t *testing.T) {
	b := billOf(t, `
sizing = {max_shards = 1, ops_per_sec = 1000, ops_kind = "quota"}
plan = {a = {memory = "10 GiB", usd = "0.10", per = "hour"}, b = {memory = "10 GiB", usd = "1", per = "hour"}}
commitment.y = {term = "1y", upfront = "none", plans = ["b"], factor = "0.7"}
`, inputOf(t, "ops_per_sec=1 gib=1 replicas=0"), Options{Term: ratecard.Term1Y, Upfront: ratecard.UpfrontNone})
	if b.Total.String() != "73.00" || !b.OnDemand || b.Term != ratecard.TermOnDemand || !slices.Equal(b.Warnings, []string{"a is not sold for a 1y term; priced on demand"}) {
		t.Errorf("%s, %s, on demand %t, %q", b.Total, b.Term, b.OnDemand, b.Warnings)
	}
	// Of plans without any known price, none is said to be priced on demand.
	b = billOf(t, "sizing = {max_shards = 1}\nplan.a = {memory = \"10 GiB\", unknown = \"not found\"}\n", inputOf(t, "ops_per_sec=1 gib=1 replicas=0"), Options{Term: ratecard.Term1Y, Upfront: ratecard.UpfrontNone})
	if b.Status != Incomplete || len(b.Warnings) > 0 {
		t.Errorf("no known price: %s %q", b.Status, b.Warnings)
	}
}

// TestTermOfARegion: where a term covers every plan and none is sold for it in the
// region, the plans are priced on demand. 730 × 0.50, and 730 × 2.
func TestTermOfARegion(t *testing.T) {
	set := ownCard(t, `
sizing = {max_shards = 1, ops_per_sec = 1000, ops_kind = "quota"}
[offer.o.version.2026-01-01.plan.a]
memory = "10 GiB"
[offer.o.version.2026-01-01.price.list]
usd = """
id  e1  e2
a   1   2
"""
[offer.o.version.2026-01-01.commitment.y]
term = "1y"
upfront = "none"
plans = ["a"]
usd_per_hour = """
id  e1
a   0.5
"""
`)
	for region, want := range map[string]string{"e1": "365.00 1y ", "e2": "1460.00 on-demand the card sells no 1y term with upfront none here; priced on demand"} {
		u := used(t, "ops_per_sec=1 gib=1 replicas=0")
		b := mustBill(t, compiled(t, set, "o", region, Options{Term: ratecard.Term1Y, Upfront: ratecard.UpfrontNone}), &u)
		if got := b.Total.String() + " " + string(b.Term) + " " + strings.Join(b.Warnings, "; "); got != want {
			t.Errorf("%s: %s; want %s", region, got, want)
		}
	}
}

// TestDiscounts: each its own line, compounded, and taken into account when
// the plan is chosen.
func TestDiscounts(t *testing.T) {
	discount := func(id, percent, rest string) string {
		return "[discount." + id + "]\npercent = \"" + percent + "\"\nwhy = \"we asked\"\n" + rest + "\n"
	}
	for _, tt := range []struct {
		name, offer, inputs, overlay, lines, total string
	}{
		{"a tenth off everything", "calls", everyday, discount("d", "10", `provider = "acme"`),
			// 10 % of 388.20, 26,280 and 1.897483648, each rounded: 1.7077352832.
			"bandwidth 12940 388.20; discount 1 -38.82; commands 13140000000 26280.00; discount 1 -2628.00; storage 7.589934592 1.897483648; discount 1 -0.189748365", "24003.087735283"},
		{"one charge only", "calls", everyday, discount("d", "12.5", "offer = \"calls\"\ncharge = \"commands\""),
			"bandwidth 12940 388.20; commands 13140000000 26280.00; discount 1 -3285.00; storage 7.589934592 1.897483648", "23385.097483648"},
		// 0.9 × 0.5 = 0.45 of 240.608.
		{"two at once", "nodes", everyday, discount("a", "10", `provider = "acme"`) + discount("b", "50", `offer = "nodes"`),
			"plan 1460 240.608; discount 1 -132.3344", "108.2736"},
		{"another vendor's", "nodes", everyday, discount("d", "10", `provider = "bolt"`), "plan 1460 240.608", "240.608"},
		// One r7g-large is 127.896 and 102.3168 with a fifth off: less than the
		// 120.304 of the r6g-large, although a node of it costs more.
		{"a plan only", "nodes", everyday + " replicas=0", discount("d", "20", "offer = \"nodes\"\ncharge = \"r7g-large\""),
			"plan 730 127.896; discount 1 -25.5792", "102.3168"},
		{"all of it", "nodes", everyday, discount("d", "100", `offer = "nodes"`), "plan 1460 240.608; discount 1 -240.608", "0.00"},
		{"before the minimum", "mixed", "ops_per_sec=0 gib=8", discount("d", "50", `offer = "mixed"`),
			"plan 1 21.5007; discount 1 -10.75035; transfer-tier-1 0 0.00; discount 1 0.00; minimum 1 2.24965", "13.00"},
	} {
		u := used(t, tt.inputs)
		b := mustBill(t, compiled(t, market(t, tt.overlay), tt.offer, "east", Options{}), &u)
		if b.Status != Priced || b.Total.Exact() != tt.total || lineText(b) != tt.lines {
			t.Errorf("%s: %s %s\ngot  %s\nwant %s = %s", tt.name, b.Status, b.Total.Exact(), lineText(b), tt.lines, tt.total)
		}
	}
}

// TestRules: rules that no offer of the market has, each on a card of its own.
func TestRules(t *testing.T) {
	for _, tt := range []struct{ name, card, inputs, lines, total string }{
		// 150 GB reach the second band, whose price holds for all of them.
		{"whole-amount bands", `charge.t = {meter = "transfer", unit = "GB", whole_amount = true, tier = [{up_to = "100", usd = "1"}, {up_to = "1000", usd = "0.9"}, {usd = "0.8"}]}`,
			"commands_per_month=1 transfer_gb_per_month=150 gib=0", "t 150 135.00", "135.00"},
		{"whole-amount bands, at the end of one", `charge.t = {meter = "transfer", unit = "GB", whole_amount = true, tier = [{up_to = "100", usd = "1"}, {up_to = "1000", usd = "0.9"}, {usd = "0.8"}]}`,
			"commands_per_month=1 transfer_gb_per_month=1000 gib=0", "t 1000 900.00", "900.00"},
		{"whole-amount bands, the last", `charge.t = {meter = "transfer", unit = "GB", whole_amount = true, tier = [{up_to = "100", usd = "1"}, {up_to = "1000", usd = "0.9"}, {usd = "0.8"}]}`,
			"commands_per_month=1 transfer_gb_per_month=1001 gib=0", "t 1001 800.80", "800.80"},
		// 50 GB less 3 × 10.
		{"free for each database", `charge.s = {meter = "stored", unit = "GB-month", usd = "0.5", free = "10", free_each = "database"}`,
			"ops_per_sec=0 gb=50 databases=3", "s 20 10.00", "10.00"},
		{"free and a minimum", `charge.s = {meter = "stored", unit = "GB-month", usd = "0.5", free = "10", minimum = "15"}`,
			"ops_per_sec=0 gb=1", "s 5 2.50", "2.50"},
		{"free tiers after the free amount", `charge.t = {meter = "transfer", unit = "GB", free = "50", tier = [{up_to = "100", usd = "1"}, {usd = "0.5"}]}`,
			"commands_per_month=1 transfer_gb_per_month=170 gib=0", "t-tier-1 100 100.00; t-tier-2 20 10.00", "110.00"},
		// 150 are billed at least: 100 × 1 and 50 × 0.5.
		{"tiers and a minimum", `charge.t = {meter = "transfer", unit = "GB", minimum = "150", tier = [{up_to = "100", usd = "1"}, {usd = "0.5"}]}`,
			"commands_per_month=1 transfer_gb_per_month=10 gib=0", "t-tier-1 100 100.00; t-tier-2 50 25.00", "125.00"},
		{"charges of a plan in order of their id", "plan = {a = {usd = \"1\", per = \"month\", charge = {b = {meter = \"commands\", unit = \"command\", usd = \"0.01\"}}}}\n" +
			`charge.c = {meter = "commands", unit = "command", usd = "5"}`,
			"commands_per_month=100 gib=0", "plan 1 1.00; b 100 1.00; c 100 500.00", "502.00"},
		// A plan of 0 USD names a size; what a node costs is the charge.
		{"a plan that names a size", "plan.a = {memory = \"10 GiB\", usd = \"0\", per = \"month\"}\n" + `charge.n = {meter = "nodes", unit = "node-hour", usd = "0.01"}`,
			"ops_per_sec=0 gib=5", "n 730 7.30", "7.30"},
		{"a plan that is free", "plan.a = {memory = \"10 GiB\", usd = \"0\", per = \"month\"}\n" + `charge.c = {meter = "commands", unit = "command", usd = "1"}`,
			"commands_per_month=3 gib=5", "plan 1 0.00; c 3 3.00", "3.00"},
		// 10 GiB are kept over 730 hours in two snapshots, of which one is free.
		{"free snapshots", `charge.s = {meter = "snapshots", unit = "GiB-month", usd = "0.05", free_snapshots = 1}`,
			"ops_per_sec=0 gib=10 snapshots=2", "s 10 0.50", "0.50"},
		{"all snapshots free", `charge.s = {meter = "snapshots", unit = "GiB-month", usd = "0.05", free_snapshots = 3}`,
			"ops_per_sec=0 gib=10 snapshots=2", "s 0 0.00", "0.00"},
		{"minimum for each database", "minimum_usd_per_month = \"5\"\nminimum_each = \"database\"\n" + `charge.a = {meter = "account", unit = "node-month", usd = "1"}`,
			"ops_per_sec=0 gib=0 databases=4", "a 1 1.00; minimum 1 19.00", "20.00"},
		{"exactly the minimum and the cap", "minimum_usd_per_month = \"5\"\ncap_usd_per_month = \"5\"\n" + `charge.a = {meter = "account", unit = "node-month", usd = "5"}`,
			"ops_per_sec=0 gib=0", "a 1 5.00", "5.00"},
		{"cap for each database", "cap_usd_per_month = \"5\"\ncap_each = \"database\"\n" + `charge.d = {meter = "databases", unit = "database-hour", usd = "0.1"}`,
			"ops_per_sec=0 gib=0 databases=4", "d 2920 292.00; cap 1 -272.00", "20.00"},
		{"reads and writes", `charge = {r = {meter = "reads", unit = "command", usd = "0.1", per = 1000}, w = {meter = "writes", unit = "command", usd = "0.5", per = 1000}}`,
			"reads_per_month=3000 writes_per_month=1000 gib=0", "r 3000 0.30; w 1000 0.50", "0.80"},
		{"operator and read regions", "limit = {max_read_regions = 2}\n" + `charge = {o = {meter = "operator", unit = "work-hour", usd = "60"}, x = {meter = "read-regions", unit = "database-month", usd = "7"}}`,
			"ops_per_sec=0 gib=0 operator_hours=1.5 read_regions=2 databases=3", "o 1.5 90.00; x 6 42.00", "132.00"},
		// 2,000 commands a second keep two of three processors busy.
		{"processors", "sizing = {cpu_ops_per_sec = 1000}\n" + `charge.c = {meter = "cpu", unit = "vCPU-hour", usd = "0.01"}`,
			"ops_per_sec=2000 gib=0", "c 1460 14.60", "14.60"},
		// Three shards of 10 GiB and a replica each.
		{"nodes and their memory", "sizing = {replicas = \"billed\"}\nplan.a = {memory = \"10 GiB\", usd = \"1\", per = \"month\"}\n" +
			`charge = {n = {meter = "nodes", unit = "node-hour", usd = "0.01"}, m = {meter = "node-memory", unit = "GiB-month", usd = "0.1"}}`,
			"ops_per_sec=0 gib=25", "plan 6 6.00; m 60 6.00; n 4380 43.80", "55.80"},
		{"memory provisioned", "sizing = {replicas = \"billed\"}\nplan.g = {usd = \"1\", per = \"GiB-month\"}\n" +
			`charge.p = {meter = "provisioned", unit = "GiB-hour", usd = "0.001"}`,
			"ops_per_sec=0 gib=3", "plan 6 6.00; p 4380 4.38", "10.38"},
		{"an append-only file of memory by the GiB", "plan.g = {usd = \"1\", per = \"GiB-month\"}\ncharge.c = {meter = \"aof\", unit = \"GiB-hour\", usd = \"0.01\"}\n[offer.o.trait]\naof = {value = \"charged\", source = \"page\"}\n",
			"ops_per_sec=1 gib=3 replicas=0 persistence=aof", "plan 3 3.00; c 2190 21.90", "24.90"}, // 3 × 730 × 0.01
		{"a plan's own charge in place of the offer's", "plan = {a = {usd = \"1\", per = \"month\", charge = {c = {meter = \"commands\", unit = \"command\", usd = \"0.01\"}}}}\n" +
			`charge.c = {meter = "commands", unit = "command", usd = "5"}`,
			"commands_per_month=100 gib=0", "plan 1 1.00; c 100 1.00", "2.00"},
		{"the cheapest with its charges", "plan = {dear = {usd = \"5\", per = \"month\"}, cheap = {usd = \"1\", per = \"month\"}}\n" +
			`charge.c = {meter = "commands", unit = "command", usd = "1", plans = ["cheap"]}`,
			"commands_per_month=10 gib=0", "plan 1 5.00", "5.00"},
		// A price that is not known must not make a plan the cheaper one.
		{"a plan whose charges are all known", "plan = {a = {usd = \"1\", per = \"month\"}, b = {usd = \"5\", per = \"month\"}}\n" +
			`charge.c = {meter = "commands", unit = "command", unknown = "not found", plans = ["a"]}`,
			"commands_per_month=10 gib=0", "plan 1 5.00", "5.00"},
	} {
		b := billOf(t, tt.card, inputOf(t, tt.inputs), Options{})
		if b.Status != Priced || b.Total.Exact() != tt.total || lineText(b) != tt.lines {
			t.Errorf("%s: %s %s %v\ngot  %s\nwant %s = %s", tt.name, b.Status, b.Total.Exact(), b.Reasons, lineText(b), tt.lines, tt.total)
		}
	}
}

// TestReplicaRules: what a replica costs, or whether one can be had.
func TestReplicaRules(t *testing.T) {
	const plans = "\nplan = {a = {memory = \"10 GiB\", usd = \"10\", per = \"month\", includes_replicas = 1}}\n"
	for _, tt := range []struct {
		rule, replicas string
		status         Status
		total, reason  string
	}{
		{"billed", "2", Priced, "30.00", ""},
		{"included", "2", Priced, "10.00", ""},
		{"plan", "1", Priced, "10.00", ""},
		{"plan", "2", Unfit, "0.00", "replicas: 2 asked for, more than any plan covers (largest: a)"},
		{"none", "0", Priced, "10.00", ""},
		{"absent", "0", Priced, "10.00", ""},
		{"absent", "1", Priced, "10.00", ""},
		{"none", "1", Unfit, "0.00", "replicas: 1 asked for, the offer has none; --replicas 0 prices it without"},
		{"unknown", "0", Priced, "10.00", ""},
		{"unknown", "1", Incomplete, "10.00", "replica support unknown"},
	} {
		b := billOf(t, "sizing = {replicas = \""+tt.rule+"\"}"+plans, inputOf(t, "ops_per_sec=1 gib=1 replicas="+tt.replicas), Options{})
		if b.Status != tt.status || b.Total.Exact() != tt.total || strings.Join(b.Reasons, "; ") != tt.reason {
			t.Errorf("%s, %s replicas: %s %s %q; want %s %s %q", tt.rule, tt.replicas, b.Status, b.Total.Exact(), b.Reasons, tt.status, tt.total, tt.reason)
		}
		warned := slices.Contains(b.Warnings, "no replica: 1 asked for, but the price is for a database without one")
		if absent := tt.rule == "absent" && tt.replicas == "1"; b.NoReplica != absent || warned != absent {
			t.Errorf("%s, %s replicas: without a replica %t, %q", tt.rule, tt.replicas, b.NoReplica, b.Warnings)
		}
	}
}

// TestOtherReading: what the whole bill would be, if a unit that the vendor
// leaves open meant the other one.
func TestOtherReading(t *testing.T) {
	u := used(t, everyday)
	b := mustBill(t, compiled(t, market(t), "calls", "east", Options{}), &u)
	// (8 − 1) GiB × 0.25 = 1.75 in place of 1.897483648.
	if len(b.Assumptions) != 1 || b.Assumptions[0].Otherwise == nil || b.Assumptions[0].Otherwise.Exact() != "26669.95" || b.Assumptions[0].OtherUnit != "GiB-month" {
		t.Errorf("assumptions %+v", b.Assumptions)
	}
	// 250 GB are 232.83 GiB; the tiers end at so many of the other unit too:
	// 100 × 1 + 132.830643654 × 0.5.
	b = billOf(t, `charge.t = {meter = "transfer", unit = "GB", other_unit = "GiB", reading = "open", tier = [{up_to = "100", usd = "1"}, {usd = "0.5"}]}`,
		inputOf(t, "commands_per_month=1 transfer_gb_per_month=250 gib=0"), Options{})
	if b.Total.Exact() != "175.00" || b.Assumptions[0].Otherwise.Exact() != "166.415321827" {
		t.Errorf("%s, otherwise %s", b.Total.Exact(), b.Assumptions[0].Otherwise.Exact())
	}
}

// TestOtherSizes: what the bill would be, if the sizes of plans were meant in the
// other unit. A plan of 8 GB holds 7.45 GiB, one of 8 GiB holds 8.
func TestOtherSizes(t *testing.T) {
	card := `
assumption.gb = {words = "GB or GiB is open", other_size = "GiB"}
[offer.o.version.2026-01-01.plan]
small = {memory = "8 GB", usd = "100", per = "month"}
large = {memory = "32 GB", usd = "500", per = "month"}
`
	for _, tt := range []struct{ gib, plan, total, otherwise string }{
		{"7.45", "", "100.00", "100.00"},
		{"7.5", "", "500.00", "100.00"},
		{"8", "", "500.00", "100.00"},
		{"8.01", "", "500.00", "500.00"},
		{"8", "large", "500.00", ""}, // the caller chose
	} {
		b := billOf(t, card, workload.Input{OpsPerSec: "1", GiB: workload.Value(tt.gib), Replicas: "0"}, Options{MaxShards: 1, Plan: tt.plan})
		otherwise := ""
		for _, a := range b.Assumptions {
			if a.Otherwise != nil {
				otherwise = a.Otherwise.Exact()
			}
		}
		if b.Total.Exact() != tt.total || otherwise != tt.otherwise {
			t.Errorf("%s GiB, plan %q: %s, otherwise %q; want %s, %q", tt.gib, tt.plan, b.Total.Exact(), otherwise, tt.total, tt.otherwise)
		}
	}
	// 7.9 GiB fit in 8 GiB, and not in 8 GB: nothing says what it would be.
	b := billOf(t, "assumption.gb = {words = \"GB or GiB is open\", other_size = \"GB\"}\nplan.a = {memory = \"8 GiB\", usd = \"100\", per = \"month\"}\n", inputOf(t, "ops_per_sec=1 gib=7.9 replicas=0"), Options{MaxShards: 1})
	if b.Status != Priced || b.Assumptions[0].Otherwise != nil {
		t.Errorf("it would not fit: %s %+v", b.Status, b.Assumptions)
	}
}

// TestWords: the assumptions and warnings of a bill.
func TestWords(t *testing.T) {
	set := market(t)
	u := used(t, "ops_per_sec=1 gib=0.01")
	words := func(id string, opt Options) string {
		b := mustBill(t, compiled(t, set, id, "east", opt), &u)
		var all []string
		for _, l := range b.Lines {
			all = append(all, l.Notes...)
		}
		for _, a := range b.Assumptions {
			all = append(all, a.Words)
		}
		return strings.Join(append(all, b.Warnings...), "\n")
	}
	for id, want := range map[string]string{
		"ecpu-valkey": "minimum 0.1 GiB applied",
		"calls":       "storage read as GB-month: the page says GB",
		"idea":        "a target, not an offer: no vendor sells at this price",
		"old":         "legacy: not sold to new customers; shown but not ranked",
		"nodes":       "throughput: 100,000 ops/s a shard (assumption)",
		"mixed":       "throughput: 32,500 ops/s a shard (benchmark), the published figure × 0.65 headroom",
		"memory":      "no throughput is published for this offer: memory decided the size",
	} {
		if got := words(id, Options{}); !strings.Contains(got, want) {
			t.Errorf("%s: %q; want %q among it", id, got, want)
		}
	}
	for id, want := range map[string]bool{"memory": true, "nodes": false, "mixed": false, "idea": false} {
		if p := mustBill(t, compiled(t, set, id, "east", Options{}), &u).Plan; p != nil && p.OpsUnknown != want {
			t.Errorf("%s: throughput unknown: %t", id, p.OpsUnknown)
		}
	}
	b := mustBill(t, compiled(t, set, "calls", "east", Options{AsOf: "2023-07-01"}), &u)
	if b.Retrieved != "2023-06-10" || b.From != "2023-06-01" || b.Region != "global" {
		t.Errorf("read %s, in force since %s, in %s", b.Retrieved, b.From, b.Region)
	}
}

// TestBeyondCounting: a load whose quantities exceed 64 bits does not fit, with the
// reason; no number is wrapped or clipped.
func TestBeyondCounting(t *testing.T) {
	for name, card := range map[string]string{
		"node memory": "sizing = {replicas = \"billed\"}\nplan.a = {memory = \"10 GiB\", usd = \"0\", per = \"month\"}\ncharge.m = {meter = \"node-memory\", unit = \"GiB-hour\", usd = \"0.000001\"}",
		"provisioned": "sizing = {replicas = \"billed\"}\nplan.a = {usd = \"0\", per = \"GiB-month\"}\ncharge.m = {meter = \"provisioned\", unit = \"GiB-hour\", usd = \"0.000001\"}",
		"minimum":     "charge.m = {meter = \"stored\", unit = \"GiB-hour\", usd = \"0.000001\", minimum = \"1000\", minimum_each = \"database\"}",
		"money":       "charge.m = {meter = \"stored\", unit = \"GiB-hour\", usd = \"9000000\"}",
	} {
		set, err := ratecard.Load(testToday, ratecard.File{Name: "test.toml", Text: testHead + card})
		if err != nil {
			t.Fatal(err)
		}
		o, err := Compile(set, set.Offer("o"), Options{AsOf: testToday})
		if err != nil {
			t.Fatal(err)
		}
		u := used(t, "ops_per_sec=0 gib=8388608 replicas=100 databases=1000000") // 8 PiB
		b := mustBill(t, o, &u)
		if b.Status != Unfit || b.Total != 0 || len(b.Lines) != 0 || b.Plan != nil {
			t.Errorf("%s: %s %s", name, b.Status, b.Total.Exact())
		}
		want := "too large to count"
		if name == "money" {
			want = "amount is beyond 9.2 billion dollars"
		}
		if len(b.Reasons) != 1 || !strings.HasPrefix(b.Reasons[0], "too large to count:") || !strings.HasSuffix(b.Reasons[0], want) {
			t.Errorf("%s: reasons %q", name, b.Reasons)
		}
		if o.Regime(&u) != 0 {
			t.Errorf("%s: a piece of a curve", name)
		}
	}
}

// TestOnePlanBeyondCounting: a plan whose bill exceeds 64 bits is skipped, and
// another plan is chosen.
func TestOnePlanBeyondCounting(t *testing.T) {
	const card = "[offer.o.version.2026-01-01.plan]\na = {memory = \"10 GiB\", usable = \"10 GiB\", usd = \"1\", per = \"hour\"}\n" +
		"b = {memory = \"1 GiB\", usable = \"1 GiB\", usd = \"9000000\", per = \"hour\", charge = {c = {meter = \"commands\", unit = \"command\", usd = \"1\"}}}\n"
	set, err := ratecard.Load(testToday, ratecard.File{Name: "test.toml", Text: testHead + card})
	if err != nil {
		t.Fatal(err)
	}
	o, err := Compile(set, set.Offer("o"), Options{AsOf: testToday})
	if err != nil {
		t.Fatal(err)
	}
	u := used(t, "commands_per_month=1000 gib=8 replicas=0 databases=100")
	if b := mustBill(t, o, &u); b.Status != Priced || b.Plan.ID != "a" || b.Total.Exact() != "73000.00" { // 100 × 730 × 1
		t.Fatalf("%s %s %q", b.Status, b.Total.Exact(), b.Reasons)
	}
	total, status, regime, err := o.Piece(&u)
	if err != nil || status != Priced || total.Exact() != "73000.00" || regime == 0 {
		t.Errorf("its piece: %s %s %d %v", status, total.Exact(), regime, err)
	}
}

// TestExamplesAtListPrices: a discount of the caller does not apply to a vendor's
// worked example.
func TestExamplesAtListPrices(t *testing.T) {
	const example = `
[offer.calls.version.2026-01-15]
based_on = "2025-01-01"
source = "page"
[offer.calls.version.2026-01-15.example.page]
words = "as the page has it"
workload = { commands_per_month = 100000, gib = 0 }
usd = "%s"
`
	const discount = "[discount.d]\npercent = \"10\"\nprovider = \"acme\"\nwhy = \"we asked\"\n"
	for usd, wrong := range map[string]int{"0.20": 0, "0.18": 1} {
		if n, problems := CheckExamples(market(t, strings.Replace(example, "%s", usd, 1)+discount)); n != 1 || len(problems) != wrong {
			t.Errorf("%s: %d examples, %q", usd, n, problems)
		}
	}
}

// TestUnknownThroughput: an offer of which neither a throughput nor the
// processor is published is priced up to one ceiling, the same for all, does not
// compete for the cheapest unless it is let in, and does not fit above.
func TestUnknownThroughput(t *testing.T) {
	const card = "sizing = {max_shards = 1}\n" +
		"plan.a = {memory = \"10 GiB\", usd = \"7\", per = \"month\"}"
	set, err := ratecard.Load(testToday, ratecard.File{Name: "test.toml", Text: testHead + card})
	if err != nil {
		t.Fatal(err)
	}
	o, err := Compile(set, set.Offer("o"), Options{AsOf: testToday})
	if err != nil {
		t.Fatal(err)
	}
	u := used(t, "ops_per_sec=100000 gib=8")
	b := mustBill(t, o, &u)
	if b.Status != Priced || b.Total.Exact() != "7.00" || !b.Plan.OpsUnknown || b.Plan.Binding != "memory" {
		t.Errorf("at the ceiling: %s %s %+v", b.Status, b.Total.Exact(), b.Plan)
	}
	if !slices.Equal(b.Unranked, []Class{UnknownThroughput}) || o.Ranked() {
		t.Errorf("it does not compete for %q", b.Unranked)
	}
	u = used(t, "ops_per_sec=100001 gib=8")
	b = mustBill(t, o, &u)
	if want := "ops/s: 100,001 at the peak; the vendor publishes no throughput, and loads above 100,000 are assumed not to fit (largest: a)"; b.Status != Unfit || len(b.Reasons) != 1 || b.Reasons[0] != want {
		t.Errorf("above the ceiling: %s %q", b.Status, b.Reasons)
	}
	in, err := Compile(set, set.Offer("o"), Options{AsOf: testToday, Include: []Class{UnknownThroughput}})
	if err != nil {
		t.Fatal(err)
	}
	u = used(t, "ops_per_sec=100000 gib=8")
	if b := mustBill(t, in, &u); len(b.Unranked) != 0 || !in.Ranked() {
		t.Errorf("let in, it does not compete for %q", b.Unranked)
	}
}

// TestPlanClasses: a plan that does not compete does not hide one that does,
// though it costs less; where it is named, or let in, or the only one, it is
// taken. 10 GiB on SSD cost 5, in memory 9.
func TestPlanClasses(t *testing.T) {
	const card = "sizing = {max_shards = 1, ops_per_sec = 1000, ops_kind = \"quota\"}\n" +
		"plan.disk = {memory = \"10 GiB\", usd = \"5\", per = \"month\"}\nplan.ram = {memory = \"10 GiB\", usd = \"9\", per = \"month\"}\n" +
		"plan.big = {memory = \"99 GiB\", usd = \"20\", per = \"month\"}\n" +
		"[offer.o.trait.storage.plan]\ndisk = {value = \"flash\", source = \"page\"}\nbig = {value = \"flash\", source = \"page\"}\n" +
		"[offer.o.trait.status.plan]\nbig = {value = \"preview\", source = \"page\"}\n"
	set, err := ratecard.Load(testToday, ratecard.File{Name: "test.toml", Text: testHead + card})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		plan, load string
		include    []Class
		want       string
		unranked   []Class
		ranked     bool
	}{
		{"", "ops_per_sec=1 gib=8", nil, "ram 9.00", nil, true},
		{"", "ops_per_sec=1 gib=8", []Class{Flash}, "disk 5.00", nil, true},
		{"disk", "ops_per_sec=1 gib=8", nil, "disk 5.00", []Class{Flash}, false},
		{"big", "ops_per_sec=1 gib=8", nil, "big 20.00", []Class{Flash, Preview}, false},
		{"", "ops_per_sec=1 gib=50", nil, "memory: 50 GiB of data, 10 GiB usable a shard (largest: ram; larger plans fit with --include flash,preview)", nil, true},
		{"", "ops_per_sec=1 gib=50", []Class{Flash, Preview}, "big 20.00", nil, true},
	} {
		o, err := Compile(set, set.Offer("o"), Options{AsOf: testToday, Plan: tt.plan, Include: tt.include})
		if err != nil {
			t.Fatal(err)
		}
		u := used(t, tt.load)
		b := mustBill(t, o, &u)
		got := strings.Join(b.Reasons, "; ")
		if b.Plan != nil {
			got = b.Plan.ID + " " + b.Total.Exact()
		}
		if got != tt.want || !slices.Equal(b.Unranked, tt.unranked) || o.Ranked() != tt.ranked {
			t.Errorf("plan %q, %s, include %q: %s, unranked %q, %v; want %s, %q, %v", tt.plan, tt.load, tt.include, got, b.Unranked, o.Ranked(), tt.want, tt.unranked, tt.ranked)
		}
	}
}

func TestParseClasses(t *testing.T) {
	for _, tt := range []struct {
		list []string
		want string
		err  string
	}{
		{nil, "", ""},
		{[]string{"preview,self-hosted", "preview"}, "self-hosted, preview", ""},
		{[]string{"flash, unknown-throughput"}, "flash, unknown-throughput", ""},
		{[]string{"legacy"}, "", `unknown class "legacy"; known: self-hosted, flash, preview, unknown-throughput`},
		{[]string{""}, "", `unknown class ""; known: self-hosted, flash, preview, unknown-throughput`},
	} {
		got, err := ParseClasses(tt.list)
		if classNames(got) != tt.want || (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
			t.Errorf("%q: %q, %v; want %q, %q", tt.list, got, err, tt.want, tt.err)
		}
	}
}

// TestAge: a bill is as old as the oldest figure that carries more than 1 % of
// it. Beside 99 USD, 1 is exactly 1 %, and 2 is more.
func TestAge(t *testing.T) {
	for _, tt := range []struct{ small, want string }{{"1", "2026-01-01"}, {"2", "2025-06-01"}} {
		card := `charge.a = {meter = "databases", unit = "database-month", usd = "99"}
charge.b = {meter = "databases", unit = "database-month", usd = "` + tt.small + `", source = "old"}
[source.old]
url = "https://example.com/old"
title = "Old"
retrieved = "2025-06-01"
confidence = "vendor"
`
		set, err := ratecard.Load(testToday, ratecard.File{Name: "test.toml", Text: testHead + card})
		if err != nil {
			t.Fatal(err)
		}
		o, err := Compile(set, set.Offer("o"), Options{AsOf: testToday})
		if err != nil {
			t.Fatal(err)
		}
		u := used(t, "ops_per_sec=1 gib=1")
		if b := mustBill(t, o, &u); b.Retrieved != tt.want {
			t.Errorf("with %s of an old page the bill is of %s; want %s", tt.small, b.Retrieved, tt.want)
		}
	}
}
