package bill

import (
	"strings"
	"testing"
)

// TestConnections: a plan whose limit is lower does not fit, a larger one is
// chosen; where the card has no limit the bill says so.
func TestConnections(t *testing.T) {
	set := surchargeCards(t)
	for _, tt := range []struct{ name, offer, inputs, plan, binding, words string }{
		{"not asked", "elasticache-node-valkey", "gib=0.3", "cache.t4g.micro", "memory", ""},
		{"as many as it takes", "elasticache-node-valkey", "gib=0.3 connections=20000", "cache.t4g.micro", "memory", ""},
		{"one more", "elasticache-node-valkey", "gib=0.3 connections=20001", "cache.t4g.small", "connections", ""},
		{"in two databases", "elasticache-node-valkey", "gib=0.3 connections=40000 databases=2", "cache.t4g.micro", "memory", ""},
		{"more than any", "elasticache-node-valkey", "gib=0.3 connections=65001", "", "", "connections: 65,001, at most 65,000"},
		{"no limit found", "memorydb-valkey", "gib=0.3 connections=10", "db.t4g.medium", "memory", "no limit on connections was found for this offer; 10 may be too many"},
		{"a setting", "self-hosted-ec2", "gib=0.3 connections=200000", "t4g.small", "memory", ""},
	} {
		o := compiled(t, set, tt.offer, "us-east-1", Options{AsOf: "2026-11-22"})
		u := used(t, "ops_per_sec=100 "+tt.inputs)
		b, err := o.Bill(&u)
		if err != nil {
			t.Fatal(err)
		}
		plan, binding := "", ""
		if b.Plan != nil {
			plan, binding = b.Plan.ID, b.Plan.Binding
		}
		words := strings.Join(append(b.Reasons, b.Warnings...), "\n")
		if plan != tt.plan || binding != tt.binding || !strings.Contains(words, tt.words) || b.ConnectionsUnknown != strings.Contains(tt.words, "no limit") {
			t.Errorf("%s: %s by %s: %s", tt.name, plan, binding, words)
		}
		if total, status, err := o.Total(&u); total != b.Total || status != b.Status || err != nil {
			t.Errorf("%s: Total says %s %s %v, Bill %s %s", tt.name, total, status, err, b.Total, b.Status)
		}
	}
}

// TestNotOnTheCard: what is asked for and has no price on the card makes the bill a
// lower bound, and so does a limit that nobody found, which is a warning.
func TestNotOnTheCard(t *testing.T) {
	set := market(t)
	const clients, replicas = "traffic between clients and servers in other zones: no price on the card", "replication to other zones: no price on the card"
	for _, tt := range []struct {
		offer, inputs, reasons string
		connections            bool
	}{
		{"calls", "", "", false},
		{"calls", "zones=2 replicas=0", clients, false},
		{"calls", "zones=2", clients + "; " + replicas, false},
		{"calls", "snapshots=1", "snapshots: no price on the card", false},
		{"calls", "persistence=aof", "append-only file: the card does not say whether it costs extra", false},
		{"calls", "connections=5", "", true},
		{"nodes", "zones=2 replicas=0", clients, false},
		{"nodes", "connections=5", "", true},
	} {
		u := used(t, "ops_per_sec=1 gib=1 "+tt.inputs)
		b := mustBill(t, compiled(t, set, tt.offer, "east", Options{}), &u)
		if got := strings.Join(b.Reasons, "; "); got != tt.reasons || (b.Status == Priced) != (tt.reasons == "") || b.ConnectionsUnknown != tt.connections {
			t.Errorf("%s, %s: %s %q, connections unknown %t; want %q, %t", tt.offer, tt.inputs, b.Status, got, b.ConnectionsUnknown, tt.reasons, tt.connections)
		}
		if warned := strings.Contains(strings.Join(b.Warnings, "\n"), "no limit on connections was found for this offer; 5 may be too many"); warned != tt.connections {
			t.Errorf("%s, %s: %q", tt.offer, tt.inputs, b.Warnings)
		}
	}
	// A limit of the plan is a limit.
	b := billOf(t, "sizing = {max_shards = 1}\nplan.a = {memory = \"10 GiB\", usd = \"1\", per = \"month\", limit = {max_connections = 5}}\n", inputOf(t, "ops_per_sec=1 gib=1 replicas=0 connections=5"), Options{})
	if b.Status != Priced || b.ConnectionsUnknown {
		t.Errorf("as many as the plan takes: %s, unknown %t", b.Status, b.ConnectionsUnknown)
	}
	// Of one plan no append-only file is to be had.
	const aof = "sizing = {max_shards = 1}\nplan = {a = {memory = \"10 GiB\", usd = \"1\", per = \"month\"}, b = {memory = \"10 GiB\", usd = \"2\", per = \"month\"}}\n" +
		"[offer.o.trait.aof]\nvalue = \"included\"\nsource = \"page\"\n[offer.o.trait.aof.plan]\na = {value = \"no\", source = \"page\"}\n"
	for inputs, want := range map[string]string{"": "a", " persistence=aof": "b"} {
		if b := billOf(t, aof, inputOf(t, "ops_per_sec=1 gib=1 replicas=0"+inputs), Options{}); b.Status != Priced || b.Plan.ID != want {
			t.Errorf("%q: %s %+v %q; want %s", inputs, b.Status, b.Plan, b.Reasons, want)
		}
	}
}

// TestAppendOnlyFile: included, charged on the primaries' memory, not to be had,
// or not on the card.
func TestAppendOnlyFile(t *testing.T) {
	set := surchargeCards(t)
	for _, tt := range []struct{ name, offer, region, usd, words string }{
		{"a log, always", "memorydb-valkey", "us-east-1", "315.80", ""}, // 2 × 0.2163 × 730
		// 2 × 0.1923 × 730 = 280.758 and 13 GB × 730 × 0.000547945 = 5.1999981.
		{"charged", "memorystore-valkey", "us-central1", "285.96", ""},
		{"price not found", "memorystore-valkey", "us-east4", "≥ 280.76", "append-only file: price unknown"},
		{"none", "elasticache-node-valkey", "us-east-1", "unfit", "persistence: the offer has no append-only file"},
		{"one price everywhere: the card does not say whether it runs in or near", "azure-managed-redis", "eastus", "≥ 315.36", "append-only file: the card does not say whether it costs extra"},
	} {
		o := compiled(t, set, tt.offer, tt.region, Options{AsOf: "2026-11-22"})
		u := used(t, "ops_per_sec=5000 gib=8 persistence=aof")
		b, err := o.Bill(&u)
		if err != nil {
			t.Fatal(err)
		}
		got := b.Total.String()
		switch b.Status {
		case Incomplete:
			got = "≥ " + got
		case Unfit:
			got = "unfit"
		}
		if words := strings.Join(b.Reasons, "\n"); got != tt.usd || !strings.Contains(words, tt.words) {
			t.Errorf("%s: %s, %s; want %s", tt.name, got, words, tt.usd)
		}
		if total, status, err := o.Total(&u); total != b.Total || status != b.Status || err != nil {
			t.Errorf("%s: Total says %s %s %v", tt.name, total, status, err)
		}
	}
}

// TestDisputedReplication: 2,628 GB are written; to one replica in the other zone
// they are 2,447.515726 GiB × 0.02 = 48.95, only where the caller asks for it. The
// clients' line says what it is by GB: 13,140 × 1/2 × 0.01 = 65.70.
func TestDisputedReplication(t *testing.T) {
	set := surchargeCards(t)
	for inputs, want := range map[string]string{
		"zones=2":                              "301.80",
		"zones=2 replication_traffic=included": "301.80",
		"zones=2 replication_traffic=charged":  "350.75",
		"zones=1 replication_traffic=charged":  "240.61",
	} {
		o := compiled(t, set, "elasticache-node-valkey", "us-east-1", Options{AsOf: "2026-11-22"})
		u := used(t, "ops_per_sec=5000 gib=8 "+inputs)
		b, err := o.Bill(&u)
		if err != nil || b.Status != Priced || b.Total.String() != want {
			t.Errorf("%s: %s %s %v, want %s", inputs, b.Total, b.Status, err, want)
		}
		if !strings.Contains(inputs, "zones=2") {
			continue
		}
		words := ""
		for i := range b.Lines {
			words += strings.Join(b.Lines[i].Notes, "\n")
		}
		if asked := strings.Contains(inputs, "charged"); strings.Contains(words, "counted on request: the vendor's pages disagree on whether it is charged") != asked {
			t.Errorf("%s: %q; want it to say that the price is disputed: %t", inputs, words, asked)
		}
		if !strings.Contains(words, "65.70 USD if read as GB") {
			t.Errorf("%s: %q", inputs, words)
		}
		if a := b.Assumptions[0]; a.Otherwise == nil || (*a.Otherwise-b.Total).String() != "4.51" { // 65.70 − 61.187893
			t.Errorf("%s: %+v", inputs, a)
		}
	}
}
