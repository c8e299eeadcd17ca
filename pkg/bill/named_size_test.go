package bill_test

import (
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/workload"
)

// TestNamedSize prices the size that somebody bought of a plan that is sold by
// size: 8 GiB × 0.027 × 730 = 157.68, with a replica twice that.
func TestNamedSize(t *testing.T) {
	set := oneOffer(t, `
sizing = {replicas = "billed", usable_share = "0.80", usable_words = "20 % kept free"}
plan.band = {name = "Band", usd = "0.027", per = "GiB-hour", provision_min = 5, provision_max = 10}
plan.open = {name = "Open", usd = "0.027", per = "GiB-hour", provision_min = 5}
plan.node = {name = "Node", memory = "4 GiB", usd = "0.10", per = "hour"}
`)
	where, err := set.Where("us-east")
	if err != nil {
		t.Fatal(err)
	}
	const gib = 1 << 30
	for _, c := range []struct {
		plan, gib, replicas string
		size                int64
		status              bill.Status
		total, why, warning string
	}{
		{"band", "2", "0", 8 * gib, bill.Priced, "157.68", "", ""},
		{"band", "2", "1", 8 * gib, bill.Priced, "315.36", "", ""},
		{"band", "2", "0", 0, bill.Priced, "98.55", "", ""}, // the least, 5 GiB
		{"band", "6.4", "0", 8 * gib, bill.Priced, "157.68", "", ""},
		{"band", "7", "0", 8 * gib, bill.Priced, "157.68", "", "7 GiB needs 8.8 GiB with 20 % kept free"},
		{"band", "8.1", "0", 8 * gib, bill.Unfit, "0.00", "memory", ""},
		{"band", "2", "0", 4 * gib, bill.NotPriced, "0.00", "plan band is sold from 5 GiB to 10 GiB; --size is 4 GiB", ""},
		{"band", "2", "0", 11 * gib, bill.NotPriced, "0.00", "sold from 5 GiB to 10 GiB; --size is 11 GiB", ""},
		{"band", "2", "0", 8*gib + gib/2, bill.NotPriced, "0.00", "sold in steps of 1 GiB; --size is 8.5 GiB", ""},
		{"band", "2", "0", 5 * gib, bill.Priced, "98.55", "", ""},   // the least that is sold
		{"band", "2", "0", 10 * gib, bill.Priced, "197.10", "", ""}, // the most, 10 × 0.027 × 730
		{"open", "2", "0", 4 * gib, bill.NotPriced, "0.00", "plan open is sold from 5 GiB upwards; --size is 4 GiB", ""},
		{"open", "2", "0", 99 * gib, bill.Priced, "1951.29", "", ""}, // 99 × 0.027 × 730
		{"node", "2", "0", 8 * gib, bill.NotPriced, "0.00", "plan node is not sold by size", ""},
	} {
		w, err := workload.Input{OpsPerSec: "10", GiB: workload.Value(c.gib), Replicas: workload.Value(c.replicas)}.Resolve("")
		if err != nil {
			t.Fatal(err)
		}
		u, err := w.Usage()
		if err != nil {
			t.Fatal(err)
		}
		o, err := bill.Compile(set, set.Offer("acme"), bill.Options{AsOf: "2026-11-22", Where: where, Plan: c.plan, Size: c.size})
		if err != nil {
			t.Fatal(err)
		}
		b, err := o.Bill(&u)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Total.String(); b.Status != c.status || got != c.total {
			t.Errorf("%+v: %s %s %v", c, b.Status, got, b.Reasons)
		}
		if !strings.Contains(strings.Join(b.Reasons, "; "), c.why) || !strings.Contains(strings.Join(b.Warnings, "; "), c.warning) {
			t.Errorf("%+v: reasons %v, warnings %v", c, b.Reasons, b.Warnings)
		}
	}
}
