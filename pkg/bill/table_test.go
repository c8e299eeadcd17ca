package bill

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// boundless is a plan of a table without any limit, price and charge.
func boundless() TablePlan {
	return TablePlan{
		MaxStored: Unlimited, MaxOps: Unlimited, MaxTransfer: Unlimited, MaxBytesPerSec: Unlimited, MaxCommands: Unlimited, MaxECPU: Unlimited,
		MinShards: 1, MinCluster: 1, MaxShards: Unlimited, MaxNodes: Unlimited, Copies: 1, UsableShare: 1_000_000, ProvisionMax: Unlimited, ProvisionStep: 1,
		Per: 1, FX: money.Nano, Months: 1, Share: 1_000_000, Cap: Unlimited, Ranked: true,
	}
}

// TestTable: the figures of the cards, as a program that prices elsewhere needs
// them.
func TestTable(t *testing.T) {
	charge := func(c TableCharge) TableCharge {
		c.FX, c.Share, c.Per = max(c.FX, money.Nano), 1_000_000, max(c.Per, 1)
		return c
	}
	for _, tt := range []struct {
		name, offer string
		plan        int
		opt         Options
		replicas    int64
		want        func(p *TablePlan)
	}{
		{"calls", "calls", 0, Options{}, 1, func(p *TablePlan) {
			p.MaxStored, p.MaxOps, p.MinCluster, p.Copies = 100_000_000_000, 10_000, 0, 0
			p.Charges = []TableCharge{
				charge(TableCharge{ID: "bandwidth", Meter: ratecard.MeterTransfer, Price: 30_000_000, Each: 1e9, HeldEach: 1e9, Free: "200"}),
				charge(TableCharge{ID: "commands", Meter: ratecard.MeterReplicatedCommands, Price: 200_000_000, Per: 100_000, Each: 1, HeldEach: 1}),
				charge(TableCharge{ID: "storage", Meter: ratecard.MeterStored, Price: 250_000_000, Each: 1e9, Monthly: true, HeldEach: 1e9, Held: true, Free: "1"}),
			}
		}},
		{"the cap of 2023", "calls", 0, Options{AsOf: "2023-07-01"}, 1, func(p *TablePlan) {
			p.MaxStored, p.MinCluster, p.Copies, p.Cap = 100_000_000_000, 0, 0, 160*money.Nano
			p.Charges = []TableCharge{
				charge(TableCharge{ID: "commands", Meter: ratecard.MeterReplicatedCommands, Price: 200_000_000, Per: 100_000, Each: 1, HeldEach: 1}),
				charge(TableCharge{ID: "storage", Meter: ratecard.MeterStored, Price: 250_000_000, Each: 1e9, Monthly: true, HeldEach: 1e9, Held: true, Free: "1"}),
			}
		}},
		{"ECPU", "ecpu-valkey", 0, Options{}, 1, func(p *TablePlan) {
			p.MaxStored, p.MaxECPU, p.MinCluster, p.Copies = 5000<<30, 15_000_000, 0, 0
			p.Charges = []TableCharge{
				charge(TableCharge{ID: "ecpu", Meter: ratecard.MeterECPU, Price: 2_300_000, Per: 1_000_000, Each: 1000, HeldEach: 1000}),
				charge(TableCharge{ID: "storage", Meter: ratecard.MeterStored, Price: 84_000_000, Each: 1 << 30, HeldEach: 1 << 30, Held: true, Minimum: "0.1"}), // an hour; the minimum is held all month
			}
		}},
		// 0.5 GiB × 0.75; 0.064 Gbit/s are 8 MB/s.
		{"nodes", "nodes", 0, Options{}, 1, func(p *TablePlan) {
			p.ID, p.Usable, p.Ops, p.Network, p.MaxNodes, p.Copies = "t4g-micro", 402_653_184, 100_000, 8_000_000, 500, 2
			p.Memory, p.UsableShare, p.Price = 1<<29, 750_000, 12_800_000
		}},
		{"without a replica, in two shards at most", "nodes", 1, Options{MaxShards: 2}, 0, func(p *TablePlan) {
			p.ID, p.Usable, p.Ops, p.Network, p.MaxNodes, p.MaxShards = "t4g-medium", 2_488_396_677, 100_000, 32_000_000, 500, 2 // 3.09 GiB × 0.75
			p.Memory, p.UsableShare, p.Price, p.Position = 3_317_862_236, 750_000, 52_000_000, 1
		}},
		{"partly upfront", "nodes", 0, Options{Term: ratecard.Term3Y, Upfront: ratecard.UpfrontPartial}, 1, func(p *TablePlan) {
			p.ID, p.Usable, p.Ops, p.Network, p.MaxNodes, p.Copies = "r7g-large", 10_525_354_230, 100_000, 117_125_000, 500, 2
			p.Memory, p.UsableShare, p.Price, p.Upfront, p.Months = 14_033_805_640, 750_000, 41_100_000, 1081*money.Nano, 36
		}},
		{"fixed", "fixed", 1, Options{}, 1, func(p *TablePlan) {
			p.ID, p.MaxStored, p.MaxOps, p.MaxTransfer, p.MaxShards = "p5", 5_000_000_000, 10_000, 500_000_000_000, 1
			p.Price, p.Monthly, p.Position = 100*money.Nano, true, 1
		}},
		{"memory", "memory", 0, Options{}, 2, func(p *TablePlan) {
			p.ID, p.MaxOps, p.Network, p.Copies, p.Unit, p.UsableShare = "gib", 100_000, 100_000_000, 3, 1<<30, 800_000 // no throughput is published
			p.ProvisionMin, p.ProvisionMax, p.ProvisionStep, p.Price, p.Ranked = 5, 300, 2, 35_000_000, false
		}},
		{"memory, named", "memory", 0, Options{Plan: "gib", Include: []Class{UnknownThroughput}}, 0, func(p *TablePlan) {
			p.ID, p.Network, p.Unit, p.UsableShare = "gib", 100_000_000, 1<<30, 800_000
			p.ProvisionMin, p.ProvisionMax, p.ProvisionStep, p.Price = 5, 300, 2, 35_000_000
		}},
		// The single plan does not cover a replica. The cap is that of the plan.
		{"euros, tiers and a cap", "mixed", 1, Options{}, 1, func(p *TablePlan) {
			p.ID, p.Usable, p.Ops, p.Network, p.Memory = "big", 100<<30, 32_500, 32_500_000, 100<<30
			p.Price, p.Monthly, p.FX, p.Minimum, p.Cap, p.Position = 60*money.Nano, true, 1_162_200_000, 13*money.Nano, 150*money.Nano, 2
			tier := TableCharge{ID: "transfer", Meter: ratecard.MeterTransferOut, Each: 1e9, HeldEach: 1e9, FX: 1_162_200_000}
			for _, s := range []TableCharge{{UpTo: "100"}, {From: "100", UpTo: "1000", Price: 10_000_000}, {From: "1000", Price: 5_000_000}} {
				one := tier
				one.From, one.UpTo, one.Price = s.From, s.UpTo, s.Price
				p.Charges = append(p.Charges, charge(one))
			}
		}},
		{"not ranked", "old", 0, Options{}, 0, func(p *TablePlan) {
			p.MinCluster, p.Copies, p.Ranked = 0, 0, false
			p.Charges = []TableCharge{charge(TableCharge{ID: "account", Meter: ratecard.MeterAccount, Price: 10_000_000, Each: 1, Monthly: true, HeldEach: 1, Held: true})}
		}},
	} {
		table, err := compiled(t, market(t), tt.offer, "east", tt.opt).Table(&workload.Workload{Replicas: tt.replicas})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		want := boundless()
		tt.want(&want)
		if diff := cmp.Diff(want, table.Plans[tt.plan]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	discount := "[discount.d]\npercent = \"10\"\noffer = \"%s\"\nwhy = \"we asked\"\n"
	for _, id := range []string{"nodes", "calls"} {
		table, err := compiled(t, market(t, strings.Replace(discount, "%s", id, 1)), id, "east", Options{}).Table(&workload.Workload{})
		if err != nil {
			t.Fatal(err)
		}
		p := &table.Plans[0]
		if plan, charges := id == "nodes", p.Charges; plan && p.Share != 900_000 || !plan && (p.Share != 1_000_000 || charges[0].Share != 900_000) {
			t.Errorf("%s less a tenth: %+v", id, p)
		}
	}
}

// TestTableOnRequest: what nobody asked for is not in the table.
func TestTableOnRequest(t *testing.T) {
	const card = `
[offer.o.version.2026-01-01.charge]
c = {meter = "client-zones", unit = "GB", usd = "0.01"}
r = {meter = "replica-zones", unit = "GB", usd = "0.02"}
s = {meter = "snapshots", unit = "GB-month", usd = "0.05", free_snapshots = 2}
`
	set := ownCard(t, card)
	o, err := Compile(set, set.Offer("o"), Options{AsOf: testToday})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		load   workload.Workload
		want   string
		copies int64
	}{
		{workload.Workload{}, "", 0},
		{workload.Workload{Zones: 1}, "", 0},
		{workload.Workload{Zones: 2}, "c", 0},
		{workload.Workload{Zones: 2, Replicas: 1}, "c r", 0},
		{workload.Workload{Snapshots: 1}, "s", 1},
		{workload.Workload{Snapshots: 3}, "s", 2},
		{workload.Workload{BackupBytes: 1}, "s", 0},
	} {
		table, err := o.Table(&tt.load)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		copies := int64(0)
		for _, c := range table.Plans[0].Charges {
			ids = append(ids, c.ID)
			copies += c.FreeCopies
		}
		if got := strings.Join(ids, " "); got != tt.want || copies != tt.copies {
			t.Errorf("%d zones, %d replicas, %d snapshots: %s, %d free; want %s, %d", tt.load.Zones, tt.load.Replicas, tt.load.Snapshots, got, copies, tt.want, tt.copies)
		}
	}
}

// TestTableRefuses: why an offer cannot be written as a table of figures.
func TestTableRefuses(t *testing.T) {
	stored := func(keys string) string {
		return "charge.s = {meter = \"stored\", unit = \"GiB-hour\", usd = \"1\"" + keys + "}\n"
	}
	year := Options{Term: ratecard.Term1Y, Upfront: ratecard.UpfrontNone, Commitment: ratecard.CommitSavingsPlan}
	for _, tt := range []struct {
		name, offer, card, region string
		opt                       Options
		load                      workload.Workload
		want                      string
	}{
		{"no price here", "memory", "", "e2", Options{}, workload.Workload{}, "no rate in e2; the card has b1"},
		{"read regions", "calls", "", "east", Options{}, workload.Workload{ReadRegions: 6}, "read regions: 6 asked for, at most 5"},
		{"read regions of a plan", "fixed", "", "east", Options{}, workload.Workload{ReadRegions: 1}, "plans with a price for read regions"},
		{"read regions of no plan", "fixed", "", "east", Options{}, workload.Workload{ReadRegions: 4}, "no plan of known price has 0 replicas and 4 read regions"},
		{"replicas", "mixed", "", "east", Options{}, workload.Workload{Replicas: 3}, "no plan of known price has 3 replicas and 0 read regions"},
		{"zones", "calls", "", "east", Options{}, workload.Workload{Zones: 2}, "the card has no price for traffic between zones or for snapshots"},
		{"snapshots", "calls", "", "east", Options{}, workload.Workload{Snapshots: 1}, "the card has no price for traffic between zones or for snapshots"},
		{"unknown price", "partly", "", "east", Options{}, workload.Workload{}, "storage: price unknown: the page does not say"},
		{"replicas unknown", "o", "sizing = {replicas = \"unknown\"}\n" + stored(""), "", Options{}, workload.Workload{Replicas: 1}, "replica support unknown"},
		{"no failover", "o", "sizing = {replicas = \"billed\", no_failover = \"a watcher costs as well\"}\n" + stored(""), "", Options{}, workload.Workload{Replicas: 1}, "the price of failover is unknown: a watcher costs as well"},
		{"a minimum of the mean", "o", stored(`, minimum = "0.1", minimum_set = "page"`), "", Options{}, workload.Workload{MinDataGB: 1000}, "s: its minimum is not one of every hour"},
		{"a lower bound", "o", stored("") + "commitment.y = {kind = \"savings-plan\", term = \"1y\", upfront = \"none\", charge = {s = {factor = \"0.65\", at_least = \"not found\"}}}\n", "", year, workload.Workload{}, "s: only a lower bound is known: not found"},
	} {
		set := market(t)
		if tt.card != "" {
			set = ownCard(t, tt.card)
		}
		opt := tt.opt
		opt.AsOf = marketDay
		if tt.region != "" {
			var err error
			if opt.Where, err = set.Where(tt.region); err != nil {
				t.Fatal(err)
			}
		}
		o, err := Compile(set, set.Offer(tt.offer), opt)
		if err != nil {
			t.Fatal(err)
		}
		if table, err := o.Table(&tt.load); err == nil || err.Error() != tt.want {
			t.Errorf("%s: %+v, %v; want %s", tt.name, table, err, tt.want)
		}
	}
	// A minimum of the mean is no obstacle where the customer sets none.
	set := ownCard(t, stored(`, minimum = "0.1", minimum_set = "page"`))
	o, err := Compile(set, set.Offer("o"), Options{AsOf: testToday})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Table(&workload.Workload{}); err != nil {
		t.Errorf("no minimum set: %v", err)
	}
	// A minimum of every hour is in the table, as what the customer set.
	set = ownCard(t, stored(`, minimum = "0.1", metered = "hour-mean", minimum_set = "page"`))
	if o, err = Compile(set, set.Offer("o"), Options{AsOf: testToday}); err != nil {
		t.Fatal(err)
	}
	table, err := o.Table(&workload.Workload{MinDataGB: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if got := table.Plans[0].Charges[0].Floor; got != (workload.Floor{Num: 1 << 30, Den: 1}) {
		t.Errorf("1 GiB an hour: %+v", got)
	}
}
