package bill

import (
	"testing"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// TestLimitsAtTheEdge: a load of exactly a limit fits, one more does not. The
// load is that of two databases, so a database has half of it, rounded up: 19
// and 20 of two are 10 of one, 21 are 11.
func TestLimitsAtTheEdge(t *testing.T) {
	ten, two := int64(10), int64(2)
	l := &ratecard.Limit{
		MaxData: 10, MaxOpsPerSec: 10, MaxTransferPerMonth: 10, MaxTransferPerSecond: 10, MaxCommandsPerMonth: 10,
		MaxConnections: 10, MaxECPUPerSec: 10, MaxDatabases: &two, MaxReplicas: &ten, MaxReadRegions: 10, MinReadRegions: 1,
	}
	for _, tt := range []struct {
		want constraint
		set  func(u *workload.Usage, n int64)
	}{
		{byMemory, func(u *workload.Usage, n int64) { u.StoredBytes = n }},
		{byOps, func(u *workload.Usage, n int64) { u.PeakOps = n }},
		{byTransfer, func(u *workload.Usage, n int64) { u.TransferBytes = n }},
		{byNetwork, func(u *workload.Usage, n int64) { u.PeakBytesPerSec = n }},
		{byCommands, func(u *workload.Usage, n int64) { u.Commands = n }},
		{byConnections, func(u *workload.Usage, n int64) { u.Connections = n }},
		{byECPU, func(u *workload.Usage, n int64) { u.PeakECPU = n }},
		{byReplicas, func(u *workload.Usage, n int64) { u.Replicas = (n + 1) / 2 }},
		{byReadRegions, func(u *workload.Usage, n int64) { u.ReadRegions = (n + 1) / 2 }},
		{byDatabases, func(u *workload.Usage, n int64) { u.Databases = n / 10 }}, // 1, 2, 2, and 3 below
	} {
		for _, n := range []int64{19, 20, 21} {
			u := workload.Usage{Databases: 2, ReadRegions: 1}
			tt.set(&u, n)
			want := constraint(0)
			if n == 21 && tt.want != byDatabases {
				want = tt.want
			}
			if got := limits(l, &u, bounds(l)); got != want {
				t.Errorf("%s at %d of 2 × 10: the limit %q; want %q", constraintNames[tt.want], n, constraintNames[got], constraintNames[want])
			}
		}
	}
	if got := limits(l, &workload.Usage{Databases: 3, ReadRegions: 1}, bounds(l)); got != byDatabases {
		t.Errorf("3 databases of at most 2: the limit %q", constraintNames[got])
	}
	if got := limits(l, &workload.Usage{Databases: 1}, bounds(l)); got != byReadRegions {
		t.Errorf("no read region of at least 1: the limit %q", constraintNames[got])
	}
}

// TestProvisionToTheByte: 10 bytes at a usable share of 75 % need 13.3 bytes. 13
// hold 9.75, so 14 are bought. 9 bytes need exactly 12.
func TestProvisionToTheByte(t *testing.T) {
	o := &Offer{Version: &ratecard.Version{}}
	o.Version.Sizing.UsableShare, o.Version.Sizing.ProvisionStep = 750_000, 1
	p := &plan{card: &ratecard.Plan{ProvisionMax: 14}, per: 1, ops: 100}
	for _, tt := range []struct {
		need, ops, units int64
		fault            constraint
	}{
		{9, 0, 12, 0},
		{10, 0, 14, 0},        // 13.3, of which 13 are too few
		{11, 0, 15, byMemory}, // 14.7: above the most that is sold
		{9, 100, 12, 0},       // exactly the throughput
		{9, 101, 12, byOps},   // one command a second more
	} {
		s, fault := o.provision(p, shape{shards: 1, copies: 1}, tt.need, tt.ops, all)
		if s.units != tt.units || fault != tt.fault {
			t.Errorf("%d bytes, %d ops/s: %d units, fault %q; want %d, %q", tt.need, tt.ops, s.units, constraintNames[fault], tt.units, constraintNames[tt.fault])
		}
	}
	if _, fault := o.provision(p, shape{}, 9, 101, byMemory); fault != 0 {
		t.Errorf("the throughput counted although only memory was asked for: %q", constraintNames[fault])
	}
	// A size that the caller names is kept while the data fits without the reserve.
	o.pinned, o.options.Size = true, 10
	if s, fault := o.provision(p, shape{}, 10, 0, all); s.units != 10 || fault != 0 {
		t.Errorf("10 bytes in a named size of 10: %d units, fault %q", s.units, constraintNames[fault])
	}
	if _, fault := o.provision(p, shape{}, 11, 0, all); fault != byMemory {
		t.Errorf("11 bytes in a named size of 10: fault %q", constraintNames[fault])
	}
}

// TestSharesOfABill: 2 + 1 dollars and a discount of 1. The parts are of the 3
// dollars before the discount: 67 and 33 %, rounded half up.
func TestSharesOfABill(t *testing.T) {
	b := &Bill{Lines: []Line{{ID: "a", Amount: money.Nano}, {ID: "b", Amount: 2 * money.Nano}, {ID: "cap", Amount: -money.Nano}}}
	for i, want := range []int64{33, 67, 0} {
		if got := b.Share(&b.Lines[i]); got != want {
			t.Errorf("line %s is %d %%; want %d", b.Lines[i].ID, got, want)
		}
	}
	if got := b.Driver(); got == nil || got.ID != "b" {
		t.Errorf("the line that costs most is %v; want b", got)
	}
	if !b.Capped() {
		t.Error("a bill that ends in a cap is not capped")
	}
	if none := (&Bill{}); none.Capped() || none.Driver() != nil || none.Share(&Line{Amount: 1}) != 0 {
		t.Error("a bill without lines has a cap, a driver or a share")
	}
	if equal := (&Bill{Lines: []Line{{ID: "a", Amount: 1}, {ID: "b", Amount: 1}}}); equal.Driver().ID != "a" {
		t.Error("of two equal lines the first is the driver")
	}
}

// TestTaxOnTheTotal: 10 % of the whole bill are added, rounded half up to a
// nano-dollar, and 0 adds nothing.
func TestTaxOnTheTotal(t *testing.T) {
	o := compiled(t, embeddedCards(t), "upstash-payg", "us-east", Options{AsOf: benchDay})
	u := used(t, everyday)
	before, _, err := o.Total(&u)
	if err != nil {
		t.Fatal(err)
	}
	u.Tax = 100_000
	after, _, err := o.Total(&u)
	if want := before + (before+5)/10; err != nil || after != want {
		t.Errorf("%s with a tax of 10 %% is %s, %v; want %s", before.Exact(), after.Exact(), err, want.Exact())
	}
	// The line says the share and what it is of.
	b := billOf(t, "charge.a = {meter = \"account\", unit = \"node-month\", usd = \"1200\"}\n", inputOf(t, "ops_per_sec=1 gib=1 tax=8.5"), Options{})
	if l := b.Lines[len(b.Lines)-1]; lineText(b) != "a 1 1200.00; tax 1 102.00" || l.Name != "tax, 8.5 % of 1,200.00 USD" { // 1,200 × 0.085
		t.Errorf("%s, %s", lineText(b), l.Name)
	}
}
