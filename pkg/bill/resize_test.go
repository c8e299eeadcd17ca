package bill

import (
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
)

// indexOf is the index of a plan of a sizer.
func indexOf(t testing.TB, s *Sizer, id string) int {
	t.Helper()
	for i := range s.Period.Offer.plans {
		if s.PlanID(i) == id {
			return i
		}
	}
	t.Fatalf("no plan %s", id)
	return 0
}

// TestSizerPlans: plans with a price per node and hour can be priced by the
// node-hour. Where some nodes are reserved, the term must be sold for the plan.
func TestSizerPlans(t *testing.T) {
	set := market(t)
	year := Options{Term: ratecard.Term1Y, Upfront: ratecard.UpfrontNone}
	for _, tt := range []struct {
		name, offer, region string
		term                *Options
		plans, why          string
	}{
		{"nodes", "nodes", "east", nil, "t4g-micro t4g-medium r6g-large r7g-large r7g-xlarge", ""},
		{"of a year", "nodes", "east", &year, "r7g-large r7g-xlarge", ""},
		{"a term that is not sold", "nodes", "east", &Options{Term: ratecard.Term3Y, Upfront: ratecard.UpfrontAll}, "", "no plan is sold here for the term 3y, upfront all"},
		{"by the month", "fixed", "east", nil, "", "no plan has a price per node and hour"},
		{"by the GiB", "memory", "east", nil, "", "no plan has a price per node and hour"},
		{"without plans", "calls", "east", nil, "", "it has no sizes"},
		{"no price here", "memory", "e2", nil, "", "the offer has no price here"},
	} {
		var reserved *Period
		if tt.term != nil {
			reserved = periodOf(t, set, tt.offer, tt.region, *tt.term)
		}
		s := NewSizer(periodOf(t, set, tt.offer, tt.region, Options{}), reserved)
		plans, why := s.Plans()
		var ids []string
		for _, i := range plans {
			ids = append(ids, s.PlanID(i))
		}
		if got := strings.Join(ids, " "); got != tt.plans || tt.plans == "" && why != tt.why {
			t.Errorf("%s: %s, %q; want %s, %q", tt.name, got, why, tt.plans, tt.why)
		}
	}
	// A plan that also sells read regions is not priced by the node-hour. One on
	// SSD does not compete where it is named.
	set = ownCard(t, "plan = {a = {usd = \"1\", per = \"hour\", read_region_usd_per_month = \"5\"}, b = {usd = \"2\", per = \"hour\"}}\n[offer.o.trait.storage.plan]\nb = {value = \"flash\", source = \"page\"}\n")
	for plan, want := range map[string]struct {
		plans  int
		ranked bool
	}{"a": {0, true}, "b": {1, false}} {
		s := NewSizer(periodOf(t, set, "o", "", Options{Plan: plan, Include: []Class{UnknownThroughput}}), nil)
		if plans, _ := s.Plans(); len(plans) != want.plans || s.Ranked(indexOf(t, s, plan)) != want.ranked {
			t.Errorf("%s: plans %v, ranked %t; want %d, %t", plan, plans, s.Ranked(indexOf(t, s, plan)), want.plans, want.ranked)
		}
	}
}

// TestSizerNodes: how many nodes of a plan hold a load, and whether those of so
// many shards do.
func TestSizerNodes(t *testing.T) {
	s := NewSizer(periodOf(t, market(t), "nodes", "east", Options{}), nil)
	for _, tt := range []struct {
		plan, inputs  string
		nodes, shards int64
		ok            bool
	}{
		{"r6g-large", everyday, 2, 1, true},
		{"t4g-micro", everyday, 44, 22, true}, // 8 GiB ÷ 0.375 GiB are 21.3 shards, doubled
		{"r6g-large", everyday + " databases=2", 4, 1, true},
		{"r6g-large", everyday + " replicas=6", 0, 0, false},           // at most 5
		{"t4g-micro", "ops_per_sec=1 gib=300 replicas=1", 0, 0, false}, // 800 × 2 nodes are more than 500
	} {
		u := used(t, tt.inputs)
		nodes, shards, ok := s.Nodes(indexOf(t, s, tt.plan), &u)
		if ok != tt.ok || ok && (nodes != tt.nodes || shards != tt.shards) {
			t.Errorf("%s, %s: %d nodes, %d shards, %t; want %d, %d, %t", tt.plan, tt.inputs, nodes, shards, ok, tt.nodes, tt.shards, tt.ok)
		}
	}
	for _, tt := range []struct {
		plan, inputs  string
		shards, nodes int64
		holds, ok     bool
	}{
		{"r6g-large", "ops_per_sec=1 gib=9.8", 1, 2, true, true}, // 13.07 × 0.75 = 9.8025
		{"r6g-large", "ops_per_sec=1 gib=9.9", 1, 2, false, true},
		{"r6g-large", "ops_per_sec=1 gib=9.9", 2, 4, true, true},
		{"t4g-micro", "ops_per_sec=1 gib=0.3", 3, 6, true, true}, // more than it takes
		{"t4g-micro", "ops_per_sec=300001 gib=0 payload_bytes=1", 3, 6, false, true},
		{"t4g-micro", "ops_per_sec=1 gib=1 replicas=0", 2, 2, false, true},
		{"t4g-micro", everyday, 251, 0, false, false},              // 502 nodes of at most 500
		{"r6g-large", everyday + " replicas=6", 1, 7, false, true}, // the offer has at most 5
	} {
		u := used(t, tt.inputs)
		nodes, holds, ok := s.Holds(indexOf(t, s, tt.plan), tt.shards, &u)
		if nodes != tt.nodes || holds != tt.holds || ok != tt.ok {
			t.Errorf("%d × %s, %s: %d nodes, holds %t, %t; want %d, %t, %t", tt.shards, tt.plan, tt.inputs, nodes, holds, ok, tt.nodes, tt.holds, tt.ok)
		}
	}
	// A plan that the caller names must hold the load too.
	s = NewSizer(periodOf(t, market(t), "nodes", "east", Options{Plan: "r7g-large", Shards: 1}), nil)
	u := used(t, "ops_per_sec=1 gib=12")
	if _, holds, ok := s.Holds(indexOf(t, s, "r7g-large"), 1, &u); holds || !ok {
		t.Errorf("12 GiB in a named node of 9.8: holds %t, %t", holds, ok)
	}
}

// TestSizerCost: node-hours on demand, reserved nodes in every hour, and what
// depends on all of them.
func TestSizerCost(t *testing.T) {
	set := market(t)
	idle := "commands_per_month=0 gib=1"
	sized := func(hours, nodeHours, reserved int64) SizedMonth {
		return SizedMonth{Month: monthOf(t, hours, idle), NodeHours: nodeHours, Reserved: reserved}
	}
	year := Options{Term: ratecard.Term1Y, Upfront: ratecard.UpfrontNone}
	three := Options{Term: ratecard.Term3Y, Upfront: ratecard.UpfrontPartial}
	for _, tt := range []struct {
		name   string
		term   Options
		months []SizedMonth
		want   string
	}{
		{"on demand", Options{}, []SizedMonth{sized(744, 1000, 0), sized(720, 100, 0)}, "175.20 17.52"},        // × 0.1752
		{"reserved", year, []SizedMonth{sized(744, 0, 2), sized(720, 0, 2)}, "177.816 172.08"},                 // 2 × 744 and 2 × 720 × 0.1195
		{"both", year, []SizedMonth{sized(744, 1000, 2), sized(720, 0, 0)}, "353.016 0.00"},                    // 175.20 + 177.816
		{"partly upfront", three, []SizedMonth{sized(744, 1000, 2), sized(720, 1, 0)}, "296.412355556 0.1752"}, // 175.20 + 2 × 744 × 0.0411 + 2 × 1,081 ÷ 36
	} {
		s := NewSizer(periodOf(t, set, "nodes", "east", Options{}), periodOf(t, set, "nodes", "east", tt.term))
		total, each, complete, err := s.Cost(indexOf(t, s, "r7g-large"), tt.months)
		if err != nil || !complete {
			t.Fatalf("%s: %v, complete %t", tt.name, err, complete)
		}
		var sum money.USD
		var texts []string
		for _, m := range each {
			sum += m
			texts = append(texts, m.Exact())
		}
		if got := strings.Join(texts, " "); got != tt.want || sum != total {
			t.Errorf("%s: %s = %s; want %s", tt.name, got, total.Exact(), tt.want)
		}
	}
	// 1,000 node-hours × 0.10, and 0.02 on them for monitoring: 100 + 20. What is not
	// known of a month makes the sum a lower bound.
	for extra, complete := range map[string]bool{"": true, "charge.c = {meter = \"account\", unit = \"node-month\", unknown = \"not found\"}\n": false} {
		own := ownCard(t, "plan.a = {usd = \"0.10\", per = \"hour\"}\ncharge.n = {meter = \"nodes\", unit = \"node-hour\", usd = \"0.02\"}\n"+extra)
		s := NewSizer(periodOf(t, own, "o", "", Options{}), nil)
		total, _, known, err := s.Cost(0, []SizedMonth{sized(744, 1000, 0)})
		if err != nil || known != complete || total.Exact() != "120.00" {
			t.Errorf("%q: %s, complete %t, %v; want 120.00, %t", extra, total.Exact(), known, err, complete)
		}
		if _, _, _, err := s.Cost(0, []SizedMonth{sized(744, tooMany, 0)}); err == nil {
			t.Error("node-hours beyond counting were priced")
		}
	}
}
