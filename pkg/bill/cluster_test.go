package bill_test

import (
	"testing"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// oneOffer is a set of cards with one offer, its version as given.
func oneOffer(t *testing.T, version string) *ratecard.Set {
	t.Helper()
	set, err := ratecard.Load("2026-11-22", ratecard.File{Name: "cards.toml", Text: `
schema = 1
[source.page]
url = "https://example.com/pricing"
title = "Pricing"
retrieved = "2026-09-01"
confidence = "vendor"
[provider.acme]
name = "Acme"
[place.us-east]
[offer.acme]
provider = "acme"
name = "Acme"
billed_by = "capacity"
engines = ["valkey"]
status = "offered"
[offer.acme.version.2026-09-01]
source = "page"
` + version})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// priced is the offer's bill for a workload.
func priced(t *testing.T, set *ratecard.Set, in workload.Input) *bill.Bill {
	t.Helper()
	w, err := in.Resolve("")
	if err != nil {
		t.Fatal(err)
	}
	u, err := w.Usage()
	if err != nil {
		t.Fatal(err)
	}
	where, err := set.Where("us-east")
	if err != nil {
		t.Fatal(err)
	}
	o, err := bill.Compile(set, set.Offer("acme"), bill.Options{AsOf: "2026-11-22", Where: where})
	if err != nil {
		t.Fatal(err)
	}
	b, err := o.Bill(&u)
	if err != nil {
		t.Fatal(err)
	}
	total, status, err := o.Total(&u)
	if err != nil || total != b.Total && b.Status == bill.Priced || status != b.Status {
		t.Errorf("the fast path says %s %s, the bill %s %s (%v)", status, total, b.Status, b.Total, err)
	}
	return b
}

// TestSmallestCluster: where one node is not enough, a cluster has at least as
// many shards as the card says.
func TestSmallestCluster(t *testing.T) {
	set := oneOffer(t, `
[offer.acme.version.2026-09-01.sizing]
replicas = "billed"
min_cluster_shards = 3
[offer.acme.version.2026-09-01.plan.small]
memory = "4 GiB"
usd = "10"
per = "month"
`)
	for gib, want := range map[workload.Value]struct{ shards, nodes int64 }{
		"4":  {1, 2},
		"5":  {3, 6},
		"12": {3, 6},
		"13": {4, 8},
	} {
		b := priced(t, set, workload.Input{OpsPerSec: "1", GiB: gib})
		if b.Plan == nil || b.Plan.Shards != want.shards || b.Plan.Nodes != want.nodes {
			t.Errorf("%s GiB: %+v, want %+v", gib, b.Plan, want)
		}
	}
}

// TestPlanWithoutAPrice: a plan that only says which sizes there are leaves the
// lines to the charges; one that is free says so.
func TestPlanWithoutAPrice(t *testing.T) {
	set := oneOffer(t, `
[offer.acme.version.2026-09-01.sizing]
replicas = "billed"
[offer.acme.version.2026-09-01.charge.memory]
meter = "node-memory"
unit = "GB-hour"
usd = "11.0"
per = 730
[offer.acme.version.2026-09-01.plan.m]
memory = "12.5 GB"
usd = "0"
per = "month"
`)
	b := priced(t, set, workload.Input{OpsPerSec: "1", GB: "9"})
	if len(b.Lines) != 1 || b.Lines[0].ID != "memory" || b.Total.String() != "275.00" {
		t.Errorf("lines %+v, total %s, want one of 25 GB × 11.00", b.Lines, b.Total)
	}
	free := oneOffer(t, `
[offer.acme.version.2026-09-01.plan.free]
memory = "1 GB"
usd = "0"
per = "month"
`)
	if b := priced(t, free, workload.Input{OpsPerSec: "1", GB: "1"}); len(b.Lines) != 1 || b.Total != 0 {
		t.Errorf("lines %+v, want the free plan's", b.Lines)
	}
}

// TestUnknownReplicas: what a replica costs is unknown, not nothing.
func TestUnknownReplicas(t *testing.T) {
	set := oneOffer(t, `
[offer.acme.version.2026-09-01.sizing]
replicas = "unknown"
[offer.acme.version.2026-09-01.plan.m]
memory = "8 GiB"
usd = "10"
per = "month"
`)
	one := priced(t, set, workload.Input{OpsPerSec: "1", GiB: "1"})
	if one.Status != bill.Incomplete || one.Total.String() != "10.00" || len(one.Reasons) != 1 {
		t.Errorf("with a replica: %s %s %q, want at least 10.00 and why", one.Status, one.Total, one.Reasons)
	}
	none := priced(t, set, workload.Input{OpsPerSec: "1", GiB: "1", Replicas: "0"})
	if none.Status != bill.Priced || none.Total.String() != "10.00" || len(none.Reasons) != 0 {
		t.Errorf("without: %s %s %q, want 10.00", none.Status, none.Total, none.Reasons)
	}
}

// TestFewerNodes: of two sizes at one price, the one with fewer nodes is chosen.
func TestFewerNodes(t *testing.T) {
	set := oneOffer(t, `
[offer.acme.version.2026-09-01.sizing]
replicas = "billed"
[offer.acme.version.2026-09-01.plan.a-small]
memory = "8 GiB"
usd = "10"
per = "month"
[offer.acme.version.2026-09-01.plan.b-large]
memory = "16 GiB"
usd = "20"
per = "month"
`)
	b := priced(t, set, workload.Input{OpsPerSec: "1", GiB: "12", Replicas: "0"})
	if b.Plan == nil || b.Plan.ID != "b-large" || b.Total.String() != "20.00" {
		t.Errorf("%+v %s, want b-large at 20.00", b.Plan, b.Total)
	}
}
