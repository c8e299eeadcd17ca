package bill

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// TestAllWords: every assumption and warning of a bill, so that none is missing
// and none is there without a reason.
func TestAllWords(t *testing.T) {
	const small = "sizing = {max_shards = 1, MORE}\n[offer.o.version.2026-01-01.plan.a]\nmemory = \"10 GiB\"\nusd = \"7\"\nper = \"month\"\n"
	card := func(more string) string { return strings.Replace(small, ", MORE", comma(more), 1) }
	light := "ops_per_sec=1 gib=1 replicas=0"
	for _, tt := range []struct {
		name, card, inputs string
		opt                Options
		want               []string
	}{
		{"a quota", card(`ops_per_sec = 1000, ops_kind = "quota"`), light, Options{}, []string{"throughput: 1,000 ops/s a shard (quota)"}},
		{"a claim", card(`ops_per_sec = 1000, ops_kind = "claim", ops_words = "on their page"`), light, Options{}, []string{"throughput: 650 ops/s a shard (claim), the published figure × 0.65 headroom: on their page"}},
		{"no throughput", card(""), light, Options{}, []string{"no throughput is published for this offer: memory decided the size, and loads above 100,000 ops/s are assumed not to fit"}},
		{"no throughput, named, above the ceiling", card(""), "ops_per_sec=100001 gib=1 replicas=0 payload_bytes=1", Options{Plan: "a"}, []string{
			"its throughput is unknown: ops/s: 100,001 at the peak; the vendor publishes no throughput, and loads above 100,000 are assumed not to fit",
			"no throughput is published for this offer: memory decided the size, and loads above 100,000 ops/s are assumed not to fit",
		}},
		{"no throughput, named, at the ceiling", card(""), "ops_per_sec=100000 gib=1 replicas=0 payload_bytes=1", Options{Plan: "a"}, []string{
			"no throughput is published for this offer: memory decided the size, and loads above 100,000 ops/s are assumed not to fit",
		}},
		{"a note of the plan", card(`ops_per_sec = 1000, ops_kind = "quota"`) + "note = \"not for production\"\n", light, Options{}, []string{"throughput: 1,000 ops/s a shard (quota)", "not for production"}},
		{"an unknown of the card", card(`ops_per_sec = 1000, ops_kind = "quota"`) + "[offer.o.version.2026-01-01.unknown.sla]\nwords = \"what a failure costs\"\n", light, Options{},
			[]string{"throughput: 1,000 ops/s a shard (quota)", "unknown: what a failure costs"}},
		{"a processor", `charge.c = {meter = "cpu", unit = "vCPU-hour", usd = "0.01"}` + "\nsizing = {cpu_ops_per_sec = 1000, cpu_words = \"simple commands\"}\n", light, Options{}, []string{"simple commands"}},
		{"nothing to say", `charge.a = {meter = "account", unit = "node-month", usd = "1"}` + "\n", light, Options{}, nil},
		{"a derived price", `charge = {a = {name = "Account", meter = "account", unit = "node-month", usd = "1", source = "sum"}, b = {meter = "account", unit = "node-month", usd = "0"}}` + "\n[source.sum]\nurl = \"https://example.com/sum\"\ntitle = \"Sum\"\nretrieved = \"2026-01-01\"\nconfidence = \"derived\"\n", light, Options{},
			[]string{"price of Account: computed from published figures, not published itself"}},
		{"somebody's word", `charge = {a = {name = "Account", meter = "account", unit = "node-month", usd = "1", source = "blog"}, b = {meter = "account", unit = "node-month", usd = "0"}}` + "\n[source.blog]\nurl = \"https://example.com/blog\"\ntitle = \"Blog\"\nretrieved = \"2026-01-01\"\nconfidence = \"third-party\"\n", light, Options{},
			[]string{"price of Account: from a third party, not from the vendor"}},
		// One shard of the plan is enough, so the words on shards are left out.
		{"an application", card(`ops_per_sec = 1000, ops_kind = "quota"`), light, Options{Suits: map[string]Suit{"o": {Warnings: []string{"set noeviction"}, Sharded: []string{"use a prefix"}}}},
			[]string{"throughput: 1,000 ops/s a shard (quota)", "set noeviction"}},
		{"an application in shards", strings.Replace(card(`ops_per_sec = 1000, ops_kind = "quota"`), "max_shards = 1", "max_shards = 3", 1), "ops_per_sec=1 gib=11 replicas=0", Options{Suits: map[string]Suit{"o": {Warnings: []string{"set noeviction"}, Sharded: []string{"use a prefix"}}}},
			[]string{"throughput: 1,000 ops/s a shard (quota)", "set noeviction", "use a prefix"}},
	} {
		b := billOf(t, tt.card, inputOf(t, tt.inputs), tt.opt)
		var got []string
		for _, a := range b.Assumptions {
			got = append(got, a.Words)
		}
		if got = append(got, b.Warnings...); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %s %v\n%q\nwant:\n%q", tt.name, b.Status, b.Reasons, got, tt.want)
		}
	}
}

// TestRefusals: the limits of a card that a load can exceed, each in words with
// the figures.
func TestRefusals(t *testing.T) {
	const charge = "\ncharge.c = {meter = \"commands\", unit = \"command\", usd = \"1\", per = 1000000}\n"
	const two = "\nplan = {a = {memory = \"1 GiB\", usd = \"1\", per = \"month\"}, b = {memory = \"1 GiB\", usd = \"2\", per = \"month\"}}\nsizing = {max_shards = 1, ops_per_sec = 100, ops_kind = \"quota\"}\n"
	for _, tt := range []struct{ name, card, inputs, want string }{
		{"databases", "limit = {max_databases = 2}" + charge, "ops_per_sec=1 gib=1 databases=3", "databases: 3 asked for, at most 2"},
		{"commands", "limit = {max_commands_per_month = 1000}" + charge, "commands_per_month=2002 gib=1 databases=2", "commands: 1,001 a month a database, at most 1,000"},
		{"transfer", "limit = {max_transfer_per_month = \"1 GB\"}" + charge, "commands_per_month=1 gib=1 transfer_gb_per_month=1.5", "bandwidth: 2 GB a month, at most 1 GB"},
		{"network", "limit = {max_transfer_per_second = \"1 MB\"}" + charge, "ops_per_sec=1 gib=1 payload_bytes=2000000", "network: 2 MB/s at the peak, 1 MB/s sustained a node"},
		{"connections", "limit = {max_connections = 1000}" + charge, "ops_per_sec=1 gib=1 connections=2001 databases=2", "connections: 1,001 a database, at most 1,000"},
		{"a large value", "limit = {max_record = \"1 MB\"}" + charge, "ops_per_sec=1 gib=1 max_value_bytes=1000001", "record: the largest value has 1.000001 MB, a record at most 1 MB"},
		{"few read regions", "limit = {min_read_regions = 2, max_read_regions = 5}" + charge, "ops_per_sec=1 gib=1 read_regions=1", "read regions: 1 asked for, at least 2"},
		{"replicas", "limit = {max_replicas = 1}" + charge, "ops_per_sec=1 gib=1 replicas=2", "replicas: 2 asked for, at most 1"},
		// Of two plans of one size the cheaper one is named, and memory before commands.
		{"memory and commands", two, "ops_per_sec=200 gib=2 payload_bytes=1 replicas=0", "memory: 2 GiB of data, 1 GiB usable a shard (largest: a)"},
		{"more commands than memory", two, "ops_per_sec=201 gib=2 payload_bytes=1 replicas=0", "ops/s: 201 at the peak, 100 a shard (quota) (largest: a)"},
		// Memory by the GiB holds what is sold at most, or any amount.
		{"the most that is sold", "sizing = {max_shards = 1, ops_per_sec = 100, ops_kind = \"quota\"}\nplan = {a = {memory = \"4 GiB\", usd = \"1\", per = \"month\"}, g = {usd = \"1\", per = \"GiB-month\", provision_max = 5}}\n", "ops_per_sec=1 gib=50 replicas=0", "memory: 50 GiB of data (largest: g)"},
		{"any amount of memory", "sizing = {max_shards = 1, ops_per_sec = 100, ops_kind = \"quota\"}\nplan = {a = {memory = \"4 GiB\", usd = \"1\", per = \"month\"}, g = {usd = \"1\", per = \"GiB-month\"}}\n", "ops_per_sec=101 gib=1 replicas=0 payload_bytes=1", "ops/s: 101 at the peak, 100 a shard (quota) (largest: g)"},
		{"fewer shards than are sold", "sizing = {min_shards = 3, max_shards = 5, ops_per_sec = 100, ops_kind = \"quota\"}\nplan.a = {memory = \"1 GiB\", usd = \"1\", per = \"month\", max_shards = 2}\n", "ops_per_sec=1 gib=1 replicas=0", "shards: at least 3 needed, at most 2 allowed (largest: a)"},
		// 10 MB/s are the network of the memory that is sold.
		{"the network of memory", "sizing = {ops_per_sec = 1000000, ops_kind = \"quota\"}\nplan.g = {usd = \"1\", per = \"GiB-month\", network = \"0.08 Gbit/s\", provision_max = 10}\n", "ops_per_sec=10 gib=1 payload_bytes=1100000 replicas=0", "network: 11 MB/s at the peak, 10 MB/s sustained a node (largest: g)"},
	} {
		b := billOf(t, tt.card, inputOf(t, tt.inputs), Options{})
		if got := strings.Join(b.Reasons, "; "); b.Status != Unfit || got != tt.want || len(b.Unranked) > 0 && !slices.Equal(b.Unranked, []Class{UnknownThroughput}) {
			t.Errorf("%s: %s %s, not ranked because of %q; want %s", tt.name, b.Status, got, b.Unranked, tt.want)
		}
	}
	// Without a figure for the network, the limit of the month is the limit.
	b := billOf(t, "sizing = {ops_per_sec = 1000000, ops_kind = \"quota\"}\nplan.g = {usd = \"1\", per = \"GiB-month\", provision_max = 10, limit = {max_transfer_per_month = \"900 TB\"}}\n", inputOf(t, "ops_per_sec=10 gib=1 payload_bytes=1100000 replicas=0"), Options{})
	if b.Status != Priced {
		t.Errorf("no figure for the network: %s %q", b.Status, b.Reasons)
	}
	// Exactly the network is not above it.
	b = billOf(t, "sizing = {ops_per_sec = 1000000, ops_kind = \"quota\"}\nplan.g = {usd = \"1\", per = \"GiB-month\", network = \"0.08 Gbit/s\", provision_max = 10}\n", inputOf(t, "ops_per_sec=10 gib=1 payload_bytes=1000000 replicas=0"), Options{})
	if b.Status != Priced || b.Total.String() != "1.00" {
		t.Errorf("10 MB/s of 10: %s %s %q", b.Status, b.Total, b.Reasons)
	}
}

// TestLineFigures: what a line of a bill says besides its amount.
func TestLineFigures(t *testing.T) {
	line := func(b *Bill, at int) string {
		l := &b.Lines[at]
		return fmt.Sprintf("%s: %s of %s, %s free, per %s on %s %q", l.ID, l.BilledText(), l.QuantityText(), l.FreeText(), l.Unit, l.Meter, l.Notes)
	}
	tiers := billOf(t, `charge.t = {meter = "transfer", unit = "GB", free = "50", tier = [{up_to = "100", usd = "1"}, {usd = "0.5"}]}`, inputOf(t, "commands_per_month=1 transfer_gb_per_month=170 gib=0"), Options{})
	u := used(t, everyday)
	memory := mustBill(t, compiled(t, market(t), "memory", "east", Options{}), &u)
	nodes := mustBill(t, compiled(t, market(t), "nodes", "east", Options{}), &u)
	assumed := billOf(t, `charge = {a = {meter = "account", unit = "node-month", usd = "1", assumed = "as last year"}, b = {meter = "account", unit = "node-month", usd = "0"}}`, inputOf(t, "ops_per_sec=1 gib=1"), Options{})
	for _, tt := range []struct {
		bill *Bill
		line int
		want string
	}{
		{tiers, 0, `t-tier-1: 100 of 150, 50 free, per GB on transfer []`}, // the free amount is on the first tier
		{tiers, 1, `t-tier-2: 20 of 20, 0 free, per GB on transfer []`},
		{memory, 0, `plan: 14600 of 14600, 0 free, per GiB-hour on provisioned []`},
		{nodes, 0, `plan: 1460 of 1460, 0 free, per node-hour on nodes []`},
		{assumed, 0, `a: 1 of 1, 0 free, per node-month on account ["assumed: as last year"]`},
	} {
		if got := line(tt.bill, tt.line); got != tt.want {
			t.Errorf("%s\nwant: %s", got, tt.want)
		}
	}
	// Of a bill of 0 every line counts for its age.
	free := used(t, "ops_per_sec=0 gib=0.5")
	if b := mustBill(t, compiled(t, market(t), "calls", "east", Options{}), &free); b.Retrieved != "2026-01-10" {
		t.Errorf("a free bill is of %q", b.Retrieved)
	}
	if got := someOf([]string{"a", "b", "c", "d"}) + "; " + someOf([]string{"a", "b", "c", "d", "e"}); got != "a, b, c, d; a, b, c and 2 more" {
		t.Errorf("some of four and of five: %s", got)
	}
}

// TestCommittedCharges: a savings plan takes a part off the price of a charge, in
// the line's notes. A price that is only the least makes the bill a lower bound.
func TestCommittedCharges(t *testing.T) {
	card := func(more string) string {
		return `charge.s = {name = "data", meter = "stored", unit = "GiB-month", usd = "2"}` + "\n" + `charge.t = {name = "moved", meter = "transfer", unit = "GB", usd = "1"}` + "\n" +
			`commitment.y = {kind = "savings-plan", term = "1y", upfront = "none", charge = {s = {factor = "0.65"` + more + `}}}` + "\n"
	}
	bound := `, at_least = "what it takes off was not found"`
	for _, tt := range []struct{ name, card, inputs, lines, notes, reasons string }{
		{"a part off", card(""), "commands_per_month=1 gib=10 transfer_gb_per_month=3", "s 10 13.00; t 3 3.00", "price of o 2 × 0.65 [page]", ""}, // 10 × 2 × 0.65
		{"at least", card(bound), "commands_per_month=1 gib=10 transfer_gb_per_month=3", "s 10 13.00; t 3 3.00", "price of o 2 × 0.65 [page]; at least this: what it takes off was not found", "data: what it takes off was not found"},
		{"at least, of nothing", card(bound), "commands_per_month=1 gib=0 transfer_gb_per_month=3", "s 0 0.00; t 3 3.00", "price of o 2 × 0.65 [page]", ""},
	} {
		b := billOf(t, tt.card, inputOf(t, tt.inputs), Options{Term: ratecard.Term1Y, Upfront: ratecard.UpfrontNone, Commitment: ratecard.CommitSavingsPlan})
		if got := lineText(b); got != tt.lines || strings.Join(b.Lines[0].Notes, "; ") != tt.notes || strings.Join(b.Reasons, "; ") != tt.reasons || (b.Status == Priced) != (tt.reasons == "") {
			t.Errorf("%s: %s %s, %q, %q; want %s, %s, %s", tt.name, b.Status, got, b.Lines[0].Notes, b.Reasons, tt.lines, tt.notes, tt.reasons)
		}
		if b.Term != ratecard.Term1Y || b.OnDemand {
			t.Errorf("%s: %s, on demand %t", tt.name, b.Term, b.OnDemand)
		}
	}
}

// TestHourlyMinimum: a minimum of every hour is more than that of the mean. Half of
// 10 hours hold 3 GiB and half nothing, which are 15 GiB-hours; raised to 1 GiB an
// hour they are 20.
func TestHourlyMinimum(t *testing.T) {
	set := ownCard(t, `charge.s = {name = "data", meter = "stored", unit = "GiB-hour", usd = "1", minimum = "1", free = "0.5", metered = "hour-mean"}`)
	o, err := Compile(set, set.Offer("o"), Options{AsOf: testToday, HoursPerMonth: 10})
	if err != nil {
		t.Fatal(err)
	}
	u := used(t, "commands_per_month=0 gib=1.5 hours_per_month=10")
	// 0.5 × 10 hours are free.
	if b := mustBill(t, o, &u); lineText(b) != "s 10 10.00" {
		t.Errorf("equal hours: %s; want 15 − 5", lineText(b))
	}
	floor := workload.Floor{Num: 1 << 30, Den: 1}
	u.Hourly = &workload.Hourly{Floors: []workload.HourlyFloor{{Floor: floor, Parts: 2 * 20 << 30, Fine: 2}}}
	b := mustBill(t, o, &u)
	if b.Total.Exact() != "15.00" || b.Lines[0].Amount.Exact() != "15.00" { // 20 − 5
		t.Errorf("hours that differ: %s %s; want 15.00", b.Total.Exact(), lineText(b))
	}
}
