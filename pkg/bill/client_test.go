package bill

import (
	"slices"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/workload"
)

// clientCard sells nodes of 8 and 32 GiB, in cluster mode or not, as its trait
// says.
const clientCard = `
sizing = {replicas = "billed", ops_per_sec = 100000, ops_kind = "assumption", ops_source = "page"}
[offer.o.version.2026-01-01.plan]
large = {memory = "8 GiB", usd = "100", per = "month"}
huge = {memory = "32 GiB", usd = "500", per = "month"}
[offer.o.trait]
cluster = {value = "KIND", source = "page"}
`

// TestPlainClients: plain clients get one shard on an offer whose shards need the
// cluster protocol, and an offer that needs it always does not fit. With other
// clients, or without --client, the cheapest size is chosen.
func TestPlainClients(t *testing.T) {
	const (
		only  = "client: this offer needs cluster clients, and the clients are plain; --client any allows it"
		three = "client: 3 shards need cluster clients, and the clients are plain; --client any allows them"
		one   = "memory: 33 GiB of data, 32 GiB usable a shard, in one shard, since more shards need cluster clients and the clients are plain (largest: huge)"
	)
	for _, tt := range []struct {
		cluster, client, gib string
		shards               int64
		status, usd, says    string
	}{
		// Three large are 300, one huge 500; 33 GiB are five large.
		{"optional", "", "24", 0, "priced", "300.00", ""},
		{"optional", "any", "24", 0, "priced", "300.00", ""},
		{"optional", "cluster", "24", 0, "priced", "300.00", ""},
		{"optional", "plain", "24", 0, "priced", "500.00", ""},
		{"optional", "plain", "8", 0, "priced", "100.00", ""},
		{"optional", "plain", "33", 0, "unfit", "0.00", one},
		{"optional", "plain", "8", 1, "priced", "100.00", ""},
		{"optional", "plain", "8", 3, "unfit", "0.00", three},
		{"always", "", "8", 0, "priced", "100.00", ""},
		{"always", "plain", "8", 0, "unfit", "0.00", only},
		// Behind a proxy, or with shards that clients do not see, any client does.
		{"proxy", "plain", "24", 0, "priced", "300.00", ""},
		{"never", "plain", "24", 0, "priced", "300.00", ""},
		// What nobody found out does not rule an offer out.
		{"unknown", "plain", "24", 0, "priced", "300.00", ""},
	} {
		card := strings.Replace(clientCard, "KIND", tt.cluster, 1)
		in := workload.Input{OpsPerSec: "1", GiB: workload.Value(tt.gib), Replicas: "0", Client: workload.Value(tt.client)}
		b := billOf(t, card, in, Options{Shards: tt.shards})
		if string(b.Status) != tt.status || b.Total.String() != tt.usd || strings.Join(b.Reasons, "; ") != tt.says {
			t.Errorf("cluster %s, client %q, %s GiB, %d shards: %s, %s USD, %q; want %s, %s, %q",
				tt.cluster, tt.client, tt.gib, tt.shards, b.Status, b.Total, b.Reasons, tt.status, tt.usd, tt.says)
		}
		if refused := tt.says == only || tt.says == three; refused != slices.Contains(b.Unranked, DoesNotRun) {
			t.Errorf("cluster %s, client %q, %d shards: not ranked because of %q", tt.cluster, tt.client, tt.shards, b.Unranked)
		}
	}
}

// TestPlainClientWithoutPlans: an offer without sizes is refused the same way.
func TestPlainClientWithoutPlans(t *testing.T) {
	const card = `
[offer.o.version.2026-01-01.charge.c]
meter = "commands"
unit = "command"
usd = "1"
per = 1000000
[offer.o.trait]
cluster = {value = "always", source = "page"}
`
	in := workload.Input{OpsPerSec: "1", GiB: "1", Client: "plain"}
	b := billOf(t, card, in, Options{})
	if want := "client: this offer needs cluster clients, and the clients are plain; --client any allows it"; b.Status != Unfit || strings.Join(b.Reasons, "; ") != want || !slices.Equal(b.Unranked, []Class{DoesNotRun}) {
		t.Errorf("%s %q, not ranked because of %q; want unfit, %q", b.Status, b.Reasons, b.Unranked, want)
	}
}

// TestNoFailover: replicas that do not take over by themselves are not what
// others sell as a replica. The price with failover is not known, so the bill is
// a lower bound and does not compete; without replicas it does.
func TestFailoverUnknown(t *testing.T) {
	const card = `
sizing = {replicas = "billed", no_failover = "a watcher costs as well", ops_per_sec = 100000, ops_kind = "assumption", ops_source = "page"}
[offer.o.version.2026-01-01.plan]
small = {memory = "8 GiB", usd = "10", per = "month"}
`
	b := billOf(t, card, workload.Input{OpsPerSec: "1", GiB: "1", Replicas: "1"}, Options{})
	if b.Status != Incomplete || b.Total.String() != "20.00" || !slices.Contains(b.Reasons, "failover: a watcher costs as well") || !slices.Contains(b.Unranked, PriceNotComplete) {
		t.Errorf("with a replica: %s, %s USD, %q, not ranked because of %q; want at least 20, for the failover", b.Status, b.Total, b.Reasons, b.Unranked)
	}
	b = billOf(t, card, workload.Input{OpsPerSec: "1", GiB: "1", Replicas: "0"}, Options{})
	if b.Status != Priced || b.Total.String() != "10.00" || len(b.Reasons)+len(b.Unranked) > 0 {
		t.Errorf("without: %s, %s USD, %q, %q; want 10", b.Status, b.Total, b.Reasons, b.Unranked)
	}
}

// TestNodesOnRequest: more nodes than a vendor gives without being asked are
// priced, up to its limit, and the bill says so. The count is of one cluster.
func TestNodesOnRequest(t *testing.T) {
	const card = `
sizing = {replicas = "billed", max_nodes = 6, nodes_without_asking = 4, ops_per_sec = 100000, ops_kind = "assumption", ops_source = "page"}
[offer.o.version.2026-01-01.plan]
small = {memory = "1 GiB", usd = "10", per = "month"}
`
	for _, tt := range []struct {
		gib, databases, usd string
		asking              bool
	}{
		{"2", "1", "40.00", false}, // 2 shards × 2
		{"3", "1", "60.00", true},  // 3 × 2
		{"4", "2", "80.00", false}, // 2 clusters of 2 × 2
		{"6", "2", "120.00", true}, // 2 clusters of 3 × 2
	} {
		b := billOf(t, card, workload.Input{OpsPerSec: "1", GiB: workload.Value(tt.gib), Databases: workload.Value(tt.databases)}, Options{})
		if b.Total.String() != tt.usd || b.OnAsking != tt.asking || b.Status != Priced {
			t.Errorf("%s GiB in %s: %s, %s USD, on request %t; want %s, %t", tt.gib, tt.databases, b.Status, b.Total, b.OnAsking, tt.usd, tt.asking)
		}
		if words := "6 nodes in a cluster: more than 4 are sold on request only"; slices.Contains(b.Warnings, words) != tt.asking {
			t.Errorf("%s GiB: warnings %q", tt.gib, b.Warnings)
		}
	}
}
