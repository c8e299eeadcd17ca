package bill

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// ownCard is the set of one offer "o" of test cards.
func ownCard(t testing.TB, card string) *ratecard.Set {
	t.Helper()
	set, err := ratecard.Load(testToday, ratecard.File{Name: "test.toml", Text: testHead + card})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// periodOf is an offer compiled for months of 744 and 720 hours.
func periodOf(t testing.TB, set *ratecard.Set, id, region string, opt Options) *Period {
	t.Helper()
	opt.AsOf = marketDay
	if region != "" {
		where, err := set.Where(region)
		if err != nil {
			t.Fatal(err)
		}
		opt.Where = where
	}
	o, err := Compile(set, set.Offer(id), opt)
	if err != nil {
		t.Fatal(err)
	}
	all, err := CompilePeriods(set, []*Offer{o}, opt, []int64{744, 720})
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

// monthOf is a month of so many hours, of which the load covers the hours that the
// inputs say.
func monthOf(t testing.TB, hours int64, inputs string) Month {
	t.Helper()
	if !strings.Contains(inputs, "hours_per_month") {
		inputs += fmt.Sprintf(" hours_per_month=%d", hours)
	}
	return Month{Hours: hours, Usage: used(t, inputs)}
}

// toldPeriod prints the cost of a period: status, total and months, what minimums
// add, and the size.
func toldPeriod(p *Period, c *PeriodCost) string {
	text := fmt.Sprintf("%s %s =", c.Status, c.Total.Exact())
	for i, m := range c.Months {
		text += map[bool]string{true: " ", false: " + "}[i == 0] + m.Exact()
	}
	if c.Floor != 0 {
		text += ", minimums " + c.Floor.Exact()
	}
	if size := p.Size(c); size != "" {
		text += fmt.Sprintf(", %s in %d shards", size, c.Shards())
	}
	if c.AtMost {
		text += ", at most"
	}
	if !p.Ranked(c) {
		text += ", not ranked"
	}
	return text
}

// TestPeriods: two months of 744 and 720 hours, in the one size that holds the
// peak. The sums can be done again by hand.
func TestPeriods(t *testing.T) {
	set := market(t)
	light := "ops_per_sec=1 gib=0.3 payload_bytes=1"
	month := "commands_per_month=10000000 gb=2 transfer_gb_per_month=0"
	for _, tt := range []struct {
		name, offer, region string
		opt                 Options
		peak, first, second string
		want                string
	}{
		// 100 × 0.20 and 1 GB × 0.25; twice the commands in the second month.
		{"without plans", "calls", "east", Options{}, month, month, "commands_per_month=20000000 gb=2 transfer_gb_per_month=0",
			"priced 60.50 = 20.25 + 40.25"},
		// 2 × 744 × 0.1648 and 2 × 720 × 0.1648: the size of the peak in every month.
		{"nodes", "nodes", "east", Options{}, everyday, light, everyday, "priced 482.5344 = 245.2224 + 237.312, 2 × r6g-large in 1 shards"},
		{"nodes of a small peak", "nodes", "east", Options{}, light, light, light, "priced 37.4784 = 19.0464 + 18.432, 2 × t4g-micro in 1 shards"}, // × 2 × 0.0128
		// 20 MB/s at the peak: 3 shards of 8 MB/s, doubled; 6 × 744 × 0.0128.
		{"shards", "nodes", "east", Options{}, "ops_per_sec=5000 gib=0.3 payload_bytes=4000", light, light, "priced 112.4352 = 57.1392 + 55.296, 6 × t4g-micro in 3 shards"},
		{"a named plan", "nodes", "east", Options{Plan: "r7g-large"}, light, light, light, "priced 512.9856 = 260.6976 + 252.288, 2 × r7g-large in 1 shards"}, // × 2 × 0.1752
		{"one node", "nodes", "east", Options{}, light + " replicas=0", light + " replicas=0", light + " replicas=0", "priced 18.7392 = 9.5232 + 9.216, t4g-micro in 1 shards"},
		{"by the month", "fixed", "east", Options{}, "ops_per_sec=1 gb=8", "ops_per_sec=1 gb=8", "ops_per_sec=1 gb=8", "priced 360.00 = 180.00 + 180.00, p10 in 1 shards"},
		// Half of the first month: 180 × 372 ÷ 744.
		{"half a month", "fixed", "east", Options{}, "ops_per_sec=1 gb=8", "ops_per_sec=1 gb=8 hours_per_month=372", "ops_per_sec=1 gb=8", "priced 270.00 = 90.00 + 180.00, p10 in 1 shards"},
		// 8 ÷ 0.8 = 10 GiB, twice: 20 × 744 × 0.035 and 20 × 720 × 0.035.
		{"memory", "memory", "east", Options{}, everyday, light, light, "priced 1024.80 = 520.80 + 504.00, 20 GiB of gib in 0 shards, not ranked"},
		// 10 EUR × 1.1622 and 0.50 for the database are 12.122: the minimum adds 0.878 a month.
		{"minimum of the month", "mixed", "east", Options{}, "ops_per_sec=0 gib=8 replicas=0", "ops_per_sec=0 gib=8 replicas=0", "ops_per_sec=0 gib=8 replicas=0",
			"priced 26.00 = 13.00 + 13.00, minimums 1.756, single in 1 shards"},
		// Of half a month: 6.50, of which 12.122 ÷ 2 = 6.061 without the minimum.
		{"minimum of half a month", "mixed", "east", Options{}, "ops_per_sec=0 gib=8 replicas=0", "ops_per_sec=0 gib=8 replicas=0 hours_per_month=372", "ops_per_sec=0 gib=8 replicas=0",
			"priced 19.50 = 6.50 + 13.00, minimums 1.317, single in 1 shards"}, // 0.439 + 0.878
		// The cap of big: 3 shards × 60 × 1.1622 = 209.196, capped at 150.
		{"cap of the month", "mixed", "east", Options{}, "ops_per_sec=97500 gib=8 replicas=2 payload_bytes=0", "ops_per_sec=1 gib=8 replicas=2 payload_bytes=0 hours_per_month=372", "ops_per_sec=1 gib=8 replicas=2 payload_bytes=0",
			"priced 225.00 = 75.00 + 150.00, 3 × big in 3 shards"},
		// At least 0.1 GiB: 74.4 × 0.084 and 72 × 0.084.
		{"minimum of a charge", "ecpu-valkey", "east", Options{}, "ops_per_sec=0 gib=0", "ops_per_sec=0 gib=0", "ops_per_sec=0 gib=0", "priced 12.2976 = 6.2496 + 6.048, minimums 12.2976"},
		{"above the minimum", "ecpu-valkey", "east", Options{}, "ops_per_sec=0 gib=0", "ops_per_sec=0 gib=1", "ops_per_sec=0 gib=0", "priced 68.544 = 62.496 + 6.048, minimums 6.048"}, // 744 × 0.084
		{"unknown", "partly", "east", Options{}, month, month, "commands_per_month=10000000 gb=1", "incomplete 0.20 = 0.10 + 0.10, not ranked"},
		{"refused", "calls", "east", Options{}, month + " read_regions=6", month, month, "unfit 0.00 =, not ranked"},
		{"no price here", "memory", "e2", Options{}, light, light, light, "not_priced 0.00 =, not ranked"},
		{"no plan holds it", "fixed", "east", Options{}, "ops_per_sec=1 gb=501", light, light, "unfit 0.00 =, not ranked"},
		{"only a plan of unknown price", "nodes", "east", Options{}, "ops_per_sec=1 gib=5000", light, light, "incomplete 0.00 = 0.00 + 0.00, not ranked"},
		{"a target", "idea", "east", Options{}, light, light, light, "priced 0.02 = 0.01 + 0.01, not ranked"},
	} {
		p := periodOf(t, set, tt.offer, tt.region, tt.opt)
		months := []Month{monthOf(t, 744, tt.first), monthOf(t, 720, tt.second)}
		peak := used(t, tt.peak)
		c, err := p.Cost(&peak, months, nil)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := toldPeriod(p, &c); got != tt.want {
			t.Errorf("%s: %s\nwant: %s", tt.name, got, tt.want)
		}
		for i := range c.Months {
			if one, err := p.MonthCost(&c, &months[i]); err != nil || one != c.Months[i] {
				t.Errorf("%s, month %d: %s, %v; want %s", tt.name, i, one.Exact(), err, c.Months[i].Exact())
			}
		}
	}
}

// TestPeriodPlans: the plan is the one whose bills of all months have the lowest
// sum. One whose bills are not all known is taken only where no other holds the
// load.
func TestPeriodPlans(t *testing.T) {
	const byCommands = "plan = {dear = {usd = \"5\", per = \"month\"}, cheap = {usd = \"1\", per = \"month\"}}\ncharge.c = {meter = \"commands\", unit = \"command\", usd = \"1\", plans = [\"cheap\"]}"
	const byNode = "sizing = {replicas = \"billed\"}\nplan = {a = {memory = \"10 GiB\", usd = \"0.01\", per = \"hour\"}, b = {memory = \"40 GiB\", usd = \"0.05\", per = \"hour\"}}\n"
	few, many := "commands_per_month=1 gib=25 replicas=0", "commands_per_month=10 gib=25 replicas=0"
	for _, tt := range []struct{ name, card, first, second, want string }{
		{"few commands", byCommands, few, few, "priced 4.00 = 2.00 + 2.00, cheap in 1 shards"}, // 1 + 1 a month
		// 1 + 1 and 1 + 10 would be 13: dear is cheaper, if only because of the second month.
		{"many in one month", byCommands, few, many, "priced 10.00 = 5.00 + 5.00, dear in 1 shards"},
		{"at the same sum, the first", byCommands, "commands_per_month=4 gib=0 replicas=0", "commands_per_month=4 gib=0 replicas=0", "priced 10.00 = 5.00 + 5.00, cheap in 1 shards"},
		// A charge of unknown price must not make a plan the cheaper one.
		{"not all known", "plan = {a = {usd = \"1\", per = \"month\"}, b = {usd = \"5\", per = \"month\"}}\ncharge.c = {meter = \"commands\", unit = \"command\", unknown = \"not found\", plans = [\"a\"]}", few, many,
			"priced 10.00 = 5.00 + 5.00, b in 1 shards"},
		{"nothing known", "plan = {a = {usd = \"1\", per = \"month\"}, b = {usd = \"5\", per = \"month\"}}\ncharge.c = {meter = \"commands\", unit = \"command\", unknown = \"not found\"}", few, many,
			"incomplete 2.00 = 1.00 + 1.00, a in 1 shards, not ranked"},
		// Three of a for 0.03 an hour, or one of b for 0.05.
		{"nodes", byNode, few, few, "priced 43.92 = 22.32 + 21.60, 3 × a in 3 shards"},
		// With 0.02 for each node and hour a costs 0.09, b 0.07.
		{"nodes with a charge on nodes", byNode + "charge.n = {meter = \"nodes\", unit = \"node-hour\", usd = \"0.02\"}", few, few, "priced 102.48 = 52.08 + 50.40, b in 1 shards"},
		// With 0.01 for each GiB and hour a costs 0.03 + 0.30, b 0.05 + 0.40.
		{"nodes with a charge on memory", byNode + "charge.m = {meter = \"node-memory\", unit = \"GiB-hour\", usd = \"0.01\"}", few, few, "priced 483.12 = 245.52 + 237.60, 3 × a in 3 shards"},
		// Three of a at 0.03 are as dear as one of b: fewer nodes are taken.
		{"as dear as more nodes", strings.Replace(byNode, "0.05", "0.03", 1), few, few, "priced 43.92 = 22.32 + 21.60, b in 1 shards"},
		// At least 15 GB of which 10 are free: 5 × 0.5 a month, of which the minimum adds 3 × 0.5.
		{"a minimum and a free amount", "charge.s = {meter = \"stored\", unit = \"GB-month\", usd = \"0.5\", free = \"10\", minimum = \"15\"}", "commands_per_month=0 gb=12", "commands_per_month=0 gb=12", "priced 5.00 = 2.50 + 2.50, minimums 3.00"},
		// Tiers without a minimum: 100 × 1 + 50 × 0.5.
		{"tiers", "charge.t = {meter = \"transfer\", unit = \"GB\", tier = [{up_to = \"100\", usd = \"1\"}, {usd = \"0.5\"}]}", "commands_per_month=1 gib=0 transfer_gb_per_month=150", "commands_per_month=1 gib=0 transfer_gb_per_month=150", "priced 250.00 = 125.00 + 125.00"},
		// A smaller plan of unknown price may be cheaper.
		{"at most", strings.Replace(byNode, "a = {memory = \"10 GiB\", usd = \"0.01\"", "a = {memory = \"30 GiB\", unknown = \"its price was not found\"", 1), few, few, "priced 73.20 = 37.20 + 36.00, b in 1 shards, at most, not ranked"},
		// 9 million an hour for three nodes is beyond 9.2 billion a month.
		{"beyond counting", strings.Replace(byNode, "0.01", "9000000", 1), few, few, "priced 73.20 = 37.20 + 36.00, b in 1 shards"},
		{"all beyond counting", strings.NewReplacer("0.01", "9000000", "0.05", "9000001").Replace(byNode), few, few, "unfit 0.00 =, not ranked"},
		{"a charge beyond counting", byNode + "charge.s = {meter = \"stored\", unit = \"GiB-hour\", usd = \"9000000\"}", few, few, "unfit 0.00 =, not ranked"},
	} {
		p := periodOf(t, ownCard(t, tt.card), "o", "", Options{Include: []Class{UnknownThroughput}})
		months := []Month{monthOf(t, 744, tt.first), monthOf(t, 720, tt.second)}
		peak := used(t, tt.second)
		c, err := p.Cost(&peak, months, nil)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := toldPeriod(p, &c); got != tt.want {
			t.Errorf("%s: %s\nwant: %s", tt.name, got, tt.want)
		}
	}
}

// TestForced: the size of the peak costs more than that of the mean load, by the
// difference of the two.
func TestForced(t *testing.T) {
	set := market(t)
	light := "ops_per_sec=1 gib=0.3 payload_bytes=1"
	for _, tt := range []struct {
		name, offer, peak, mean string
		opt                     Options
		want                    string
	}{
		{"nodes", "nodes", everyday, light, Options{}, "445.056"},                                                // 482.5344 − 37.4784
		{"two shards more", "nodes", "ops_per_sec=5000 gib=0.3 payload_bytes=4000", light, Options{}, "74.9568"}, // 112.4352 − 37.4784
		{"the same size", "nodes", everyday, everyday, Options{}, "0.00"},
		{"a mean above the peak", "nodes", light, everyday, Options{}, "0.00"},
		{"a named plan", "nodes", everyday, light, Options{Plan: "r7g-large"}, "0.00"},
		{"no plans", "calls", everyday, light, Options{}, "0.00"},
		{"a mean that no plan holds", "fixed", "ops_per_sec=1 gb=8", "ops_per_sec=1 gb=501", Options{}, "0.00"},
	} {
		p := periodOf(t, set, tt.offer, "east", tt.opt)
		months := []Month{monthOf(t, 744, light), monthOf(t, 720, light)}
		peak, mean := used(t, tt.peak), used(t, tt.mean)
		c, err := p.Cost(&peak, months, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.Forced(&c, &mean, months); err != nil || got.Exact() != tt.want {
			t.Errorf("%s: %s, %v; want %s", tt.name, got.Exact(), err, tt.want)
		}
	}
}

// TestPeriodCapacity: the data in bytes and the commands a second that the size
// holds; 0 for what has no limit or is not known.
func TestPeriodCapacity(t *testing.T) {
	set := market(t)
	for _, tt := range []struct {
		offer, peak string
		stored, ops int64
	}{
		{"calls", "ops_per_sec=1 gib=1", 100_000_000_000, 10_000},
		{"ecpu-valkey", "ops_per_sec=1 gib=1", 5000 << 30, 0},
		{"nodes", "ops_per_sec=1 gib=0.3", 402_653_184, 100_000},                           // 0.5 GiB × 0.75
		{"nodes", "ops_per_sec=5000 gib=0.3 payload_bytes=4000", 3 * 402_653_184, 300_000}, // in 3 shards
		{"fixed", "ops_per_sec=1 gb=8", 10_000_000_000, 10_000},
		{"memory", everyday, 8 << 30, 0}, // 10 GiB × 0.8
		{"mixed", "ops_per_sec=1 gib=8", 10 << 30, 32_500},
	} {
		p := periodOf(t, set, tt.offer, "east", Options{})
		peak := used(t, tt.peak)
		c, err := p.Cost(&peak, []Month{monthOf(t, 744, "ops_per_sec=1 gib=0.3")}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if stored, ops := p.Capacity(&c); stored != tt.stored || ops != tt.ops {
			t.Errorf("%s, %s: %d bytes, %d ops/s; want %d, %d", tt.offer, tt.peak, stored, ops, tt.stored, tt.ops)
		}
	}
}

// TestPeriodBill: the bill of a period has the plan, the reasons and the total of
// all months, and no line and no figure of a single month.
func TestPeriodBill(t *testing.T) {
	set := market(t)
	light := "ops_per_sec=1 gib=0.3"
	for _, tt := range []struct {
		name, offer, region, peak, month string
		want, unranked                   string
	}{
		{"nodes", "nodes", "east", everyday, "", "priced 482.5344 r6g-large: memory: 8 GiB needs 10.7 GiB with 25 % reserved; ", ""},
		{"the first plan", "nodes", "east", light, "", "priced 37.4784 t4g-micro: memory: 307.2 MiB needs 0.4 GiB with 25 % reserved; ", ""},
		{"no known throughput", "memory", "east", light, "", "priced 614.88 gib: memory: 307.2 MiB needs 0.4 GiB with a fifth reserved; ", "unknown-throughput"}, // 6 GiB, twice, × 1464 × 0.035
		{"unknown price", "partly", "east", "ops_per_sec=1 gb=2 replicas=0", "commands_per_month=0 gb=2", "incomplete 0.00 : ; storage: price unknown: the page does not say", "price-not-complete"},
		{"calls", "calls", "east", light, "", "priced 0.00 : ; ", ""},
		{"refused", "calls", "east", light + " read_regions=6", "", "unfit 0.00 : ; read regions: 6 asked for, at most 5", ""},
		{"no price here", "memory", "e2", light, "", "not_priced 0.00 : ; no rate in e2; the card has b1", ""},
		{"no plan holds it", "fixed", "east", "ops_per_sec=1 gb=501", "", "unfit 0.00 : ; memory: 501 GB is more than the limit of 500 GB (largest: p500)", ""},
		{"a plan of unknown price", "nodes", "east", "ops_per_sec=1 gib=5000", "", "incomplete 0.00 : ; plan r8g-huge would fit, but its price in e1 was not found", "price-not-complete"},
		{"a target", "idea", "east", light, "", "priced 0.02 : ; ", "target"},
	} {
		p := periodOf(t, set, tt.offer, tt.region, Options{})
		peak := used(t, tt.peak)
		idle := cmp.Or(tt.month, "commands_per_month=0 gib=0")
		c, err := p.Cost(&peak, []Month{monthOf(t, 744, idle), monthOf(t, 720, idle)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := p.Bill(&c, &peak)
		if err != nil {
			t.Fatal(err)
		}
		id, why := "", ""
		if b.Plan != nil {
			id, why = b.Plan.ID, b.Plan.Why
		}
		if got := fmt.Sprintf("%s %s %s: %s; %s", b.Status, b.Total.Exact(), id, why, strings.Join(b.Reasons, "; ")); got != tt.want {
			t.Errorf("%s: %s\nwant: %s", tt.name, got, tt.want)
		}
		if len(b.Lines) != 0 || b.Plan != nil && b.Plan.OneShard != nil {
			t.Errorf("%s: %d lines, %+v", tt.name, len(b.Lines), b.Plan)
		}
		for _, a := range b.Assumptions {
			if a.Otherwise != nil {
				t.Errorf("%s: %+v", tt.name, a)
			}
		}
		if got := classNames(b.Unranked); got != tt.unranked {
			t.Errorf("%s: not ranked because of %q; want %q", tt.name, got, tt.unranked)
		}
	}
}

// TestFloors: the minimum that a charge applies to every hour, as a fraction of
// bytes: 0.1 GiB is 2^30 ÷ 10. What a customer sets counts if it is higher.
func TestFloors(t *testing.T) {
	charge := func(keys string) string {
		return "charge.s = {meter = \"stored\", unit = \"GiB-hour\", usd = \"1\", " + keys + "}\n"
	}
	for _, tt := range []struct {
		card string
		set  int64 // thousandths of a GiB
		want []workload.Floor
	}{
		{charge(`minimum = "0.1", metered = "hour-mean"`), 0, []workload.Floor{{Num: 1 << 30, Den: 10}}},
		{charge(`minimum = "1.25", metered = "hour-max"`), 0, []workload.Floor{{Num: 125 << 30, Den: 100, Highest: true}}},
		{charge(`minimum = "2", metered = "hour-mean"`), 0, []workload.Floor{{Num: 2 << 30, Den: 1}}},
		{charge(`metered = "hour-max"`), 0, []workload.Floor{{Num: 0, Den: 1, Highest: true}}},
		{charge(`metered = "hour-mean"`), 0, nil},
		{charge(`minimum = "0.1"`), 0, nil},
		{charge(`minimum = "0.1", metered = "hour-mean"`), 5000, []workload.Floor{{Num: 1 << 30, Den: 10}}}, // cannot be set
		{charge(`minimum = "0.1", metered = "hour-mean", minimum_set = "page"`), 5000, []workload.Floor{{Num: 5 << 30, Den: 1}}},
		{charge(`minimum = "0.1", metered = "hour-mean", minimum_set = "page"`), 50, []workload.Floor{{Num: 1 << 30, Den: 10}}},
		{charge(`minimum = "0.1", minimum_set = "page"`), 5000, nil},
		{"plan.a = {usd = \"1\", per = \"month\"}\n" + charge(`minimum = "2", metered = "hour-mean"`), 0, []workload.Floor{{Num: 2 << 30, Den: 1}, {Num: 2 << 30, Den: 1}}},
	} {
		set := ownCard(t, tt.card)
		o, err := Compile(set, set.Offer("o"), Options{AsOf: testToday})
		if err != nil {
			t.Fatal(err)
		}
		if got := o.Floors(tt.set); fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%s, set to %d: %v; want %v", tt.card, tt.set, got, tt.want)
		}
	}
}

// TestNodeCost: months of one length are priced once and count each time. Two nodes
// at 0.0128 over 744 + 720 + 744 + 372 hours.
func TestNodeCost(t *testing.T) {
	p := periodOf(t, market(t), "nodes", "east", Options{})
	light := "ops_per_sec=1 gib=0.3"
	months := []Month{monthOf(t, 744, light), monthOf(t, 720, light), monthOf(t, 744, light), monthOf(t, 744, light+" hours_per_month=372")}
	if got, err := p.nodeCost(0, shape{shards: 1, copies: 2, nodes: 2}, months); err != nil || got.Exact() != "66.048" {
		t.Errorf("%s, %v; want 66.048", got.Exact(), err)
	}
}

// TestLowest: a bound of what one node costs over 1,490 hours, which are two of the
// longest months, less a nano-dollar a month for rounding.
func TestLowest(t *testing.T) {
	if got := lowest(500, 1490, 2); got != 998 { // 500 × 1490 ÷ 745 − 2
		t.Errorf("%d; want 998", got)
	}
	if got := lowest(money.MaxUSD, 1490, 2); got != money.MaxUSD {
		t.Errorf("beyond counting: %d", got)
	}
}
