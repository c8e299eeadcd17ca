package bill

import (
	"testing"
)

// TestRegimes: two loads are on one straight piece of the cost curve if nothing
// starts or stops to apply between them.
func TestRegimes(t *testing.T) {
	set := market(t)
	own := func(card string) *Offer {
		set := ownCard(t, card)
		o, err := Compile(set, set.Offer("o"), Options{AsOf: testToday})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	offer := func(id string) *Offer { return compiled(t, set, id, "east", Options{}) }
	two := own("plan = {dear = {usd = \"5\", per = \"month\"}, cheap = {usd = \"1\", per = \"month\"}}\ncharge.c = {meter = \"commands\", unit = \"command\", usd = \"1\", plans = [\"cheap\"]}")
	tiered := own("plan = {dear = {usd = \"5\", per = \"month\"}, cheap = {usd = \"1\", per = \"month\"}}\ncharge.c = {meter = \"commands\", unit = \"command\", plans = [\"cheap\"], tier = [{up_to = \"10\", usd = \"1\"}, {usd = \"2\"}]}")
	bounds := own("minimum_usd_per_month = \"5\"\ncap_usd_per_month = \"10\"\ncharge.c = {meter = \"commands\", unit = \"command\", usd = \"1\"}")
	for _, tt := range []struct {
		name  string
		offer *Offer
		a, b  string
		same  bool
	}{
		{"more commands", offer("calls"), "commands_per_month=10 gb=2 payload_bytes=1", "commands_per_month=20 gb=2 payload_bytes=1", true},
		{"the free storage ends", offer("calls"), "commands_per_month=10 gb=1 payload_bytes=1", "commands_per_month=10 gb=1.1 payload_bytes=1", false},
		{"the minimum ends", offer("ecpu-valkey"), "commands_per_month=10 gib=0.09", "commands_per_month=10 gib=0.11", false},
		{"below the minimum", offer("ecpu-valkey"), "commands_per_month=10 gib=0.05", "commands_per_month=10 gib=0.09", true},
		{"an ECPU counts kilobytes", offer("ecpu-valkey"), "commands_per_month=10 gib=1 payload_bytes=1000", "commands_per_month=10 gib=1 payload_bytes=1001", false},
		{"long commands", offer("ecpu-valkey"), "commands_per_month=10 gib=1 payload_bytes=1001", "commands_per_month=10 gib=1 payload_bytes=3000", true},
		{"reads begin", offer("ecpu-valkey"), "reads_per_month=0 writes_per_month=10 gib=1", "reads_per_month=1 writes_per_month=10 gib=1", false},
		{"the next tier", offer("mixed"), "commands_per_month=1000 transfer_gb_per_month=100 gib=8 read_share=1", "commands_per_month=1000 transfer_gb_per_month=101 gib=8 read_share=1", false},
		{"another plan", offer("nodes"), "ops_per_sec=1 gib=0.3", "ops_per_sec=1 gib=3", false},
		{"the same plan", offer("nodes"), "ops_per_sec=1 gib=0.2", "ops_per_sec=1 gib=0.3", true},
		{"another shard", offer("nodes"), "ops_per_sec=1 gib=0.37", "ops_per_sec=1 gib=0.38", false}, // 0.375 GiB a shard
		{"another replica", offer("nodes"), "ops_per_sec=1 gib=0.3", "ops_per_sec=1 gib=0.3 replicas=2", false},
		{"another unit of memory", offer("memory"), "ops_per_sec=1 gib=8", "ops_per_sec=1 gib=8.1", false},
		// Up to 4 commands cheap costs less: 1 + n of 5.
		{"the other plan is cheaper", two, "commands_per_month=3 gib=0", "commands_per_month=5 gib=0", false},
		{"the same plan is cheaper", two, "commands_per_month=2 gib=0", "commands_per_month=3 gib=0", true},
		// At both loads dear is taken, and the bill of cheap bends between them.
		{"the other plan bends", tiered, "commands_per_month=8 gib=0", "commands_per_month=12 gib=0", false},
		{"the other plan does not bend", tiered, "commands_per_month=8 gib=0", "commands_per_month=10 gib=0", true},
		{"the minimum of the month ends", bounds, "commands_per_month=4 gib=0", "commands_per_month=6 gib=0", false},
		{"the cap of the month begins", bounds, "commands_per_month=6 gib=0", "commands_per_month=11 gib=0", false},
		{"from the minimum to the cap", bounds, "commands_per_month=4 gib=0", "commands_per_month=11 gib=0", false},
		{"between both", bounds, "commands_per_month=6 gib=0", "commands_per_month=7 gib=0", true},
	} {
		a, b := used(t, tt.a), used(t, tt.b)
		ra, rb := tt.offer.Regime(&a), tt.offer.Regime(&b)
		if ra == 0 || rb == 0 || (ra == rb) != tt.same {
			t.Errorf("%s: pieces %d and %d; want the same: %t", tt.name, ra, rb, tt.same)
		}
	}
	u := used(t, "ops_per_sec=1 gb=501")
	if got := offer("fixed").Regime(&u); got != 0 {
		t.Errorf("a load that no plan holds is on piece %d", got)
	}
}
