package bill

import (
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/workload"
)

// TestPlannedNetwork: an unpublished network rate is not unlimited. A node without
// a network figure is planned with what its planned commands move at 1,000 bytes
// each: 100,000 × 1,000 B = 100 MB/s. 5,000 ops/s × 100,000 B are 500 MB/s.
func TestPlannedNetwork(t *testing.T) {
	const card = `
sizing = {replicas = "billed", ops_per_sec = 100000, ops_kind = "assumption", ops_source = "page", MORE}
[offer.o.version.2026-01-01.plan]
large = {memory = "8 GiB", usd = "100", per = "month", PLAN}
`
	for _, tt := range []struct {
		name, more, plan, payload string
		shards                    int64
		status, says              string
	}{
		{"at the default payload the commands decide", "", "", "1000", 1, "priced", ""},
		{"500 MB/s take five", "", "", "100000", 5, "priced", ""},
		{"one shard is too little", "max_shards = 1", "", "100000", 0, "unfit",
			"network: 500 MB/s at the peak, 100 MB/s planned for a node, since the vendor publishes none (largest: large)"},
		{"a published figure is taken", "", `network = "8 Gbit/s"`, "100000", 1, "priced", ""},
		{"and so is a limit of what is moved", "", `limit = {max_transfer_per_month = "9000 TB"}`, "100000", 1, "priced", ""},
		// 10,000 ops/s are 10 MB/s.
		{"a slow node is planned with less", "", `ops_per_sec = 10000, ops_kind = "assumption"`, "4000", 2, "priced", ""},
	} {
		text := strings.Replace(strings.Replace(card, ", MORE", comma(tt.more), 1), ", PLAN", comma(tt.plan), 1)
		b := billOf(t, text, workload.Input{OpsPerSec: "5000", GiB: "1", Replicas: "0", PayloadBytes: workload.Value(tt.payload)}, Options{})
		shards := int64(0)
		if b.Plan != nil {
			shards = b.Plan.Shards
		}
		if shards != tt.shards || string(b.Status) != tt.status || strings.Join(b.Reasons, "; ") != tt.says {
			t.Errorf("%s: %s, %d shards, %q; want %s, %d, %q", tt.name, b.Status, shards, b.Reasons, tt.status, tt.shards, tt.says)
		}
		planned := false
		for _, a := range b.Assumptions {
			planned = planned || strings.HasPrefix(a.Words, "network: the card has no figure")
		}
		if want := tt.status == "priced" && tt.payload != "1000" && !strings.Contains(tt.plan, "network") && !strings.Contains(tt.plan, "limit"); planned != want {
			t.Errorf("%s: the bill says that the network is planned: %t; want %t", tt.name, planned, want)
		}
	}
}

func comma(s string) string {
	if s == "" {
		return ""
	}
	return ", " + s
}
