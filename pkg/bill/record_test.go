package bill

import (
	"strings"
	"testing"
)

// TestRecord: a plan whose limit on a record is lower than the largest value does
// not fit. Upstash's cards have 100 MB for pay as you go and for Fixed 250MB, 300 MB
// for Fixed 5GB.
func TestRecord(t *testing.T) {
	set := surchargeCards(t)
	for _, tt := range []struct{ offer, load, plan, words string }{
		{"upstash-fixed", "ops_per_sec=1 replicas=0 gb=0.2 max_value_bytes=100000000", "250MB", ""},
		{"upstash-fixed", "ops_per_sec=1 replicas=0 gb=0.2 max_value_bytes=100000001", "1GB", ""},
		{"upstash-fixed", "ops_per_sec=1 replicas=0 gb=0.2 max_value_bytes=300000000", "5GB", ""},
		{"upstash-fixed", "ops_per_sec=1 replicas=0 gb=0.2", "250MB", ""},
		{"upstash-payg", "ops_per_sec=1 replicas=0 gb=0.2 max_value_bytes=100000001", "", "record: the largest value has 100.000001 MB, a record at most 100 MB"},
	} {
		o := compiled(t, set, tt.offer, "us-east-1", Options{AsOf: "2026-11-22"})
		u := used(t, tt.load)
		b, err := o.Bill(&u)
		if err != nil {
			t.Fatal(err)
		}
		plan := ""
		if b.Plan != nil {
			plan = b.Plan.ID
		}
		if plan != tt.plan || tt.words != "" && !strings.Contains(strings.Join(b.Reasons, "; "), tt.words) {
			t.Errorf("%s: plan %q, %q", tt.load, plan, b.Reasons)
		}
	}
}
