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

// TestPlainClients: a client that does not speak the cluster protocol gets one
// shard where shards need that protocol, and nothing where the offer speaks
// nothing else. Whoever says nothing, or speaks it, gets the cheapest size.
func TestPlainClients(t *testing.T) {
	const (
		only  = "client: this offer speaks only the cluster protocol, and --client is plain"
		three = "client: 3 shards need one that speaks the cluster protocol, and --client is plain"
		one   = "memory: 33 GiB of data, 32 GiB usable a shard, in one shard, because more need a client that speaks the cluster protocol and --client is plain (largest: huge)"
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
	if want := "client: this offer speaks only the cluster protocol, and --client is plain"; b.Status != Unfit || strings.Join(b.Reasons, "; ") != want {
		t.Errorf("%s %q; want unfit, %q", b.Status, b.Reasons, want)
	}
}
