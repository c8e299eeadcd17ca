package ratecard

import (
	"strings"
	"testing"
)

const traitText = `
[offer.acme-nodes.trait]
service = {value = "managed", source = "page"}

[offer.acme-nodes.trait.storage]
value = "memory"
source = "page"

[offer.acme-nodes.trait.storage.plan]
"PLAN" = {value = "flash", disk_share = "0.79", words = "on the local disk", source = "page"}
`

// TestTraits: a plan has its own value where a pattern names it, else the
// offer's; what the card is silent on is unknown, never one of the values.
func TestTraits(t *testing.T) {
	s := shop(t)
	plan := shopVersion(t, s, "acme-nodes", shopDay).Plans[0].ID
	s, err := loadShop(shopText(t) + strings.ReplaceAll(traitText, "PLAN", plan[:len(plan)-1]+"*"))
	if err != nil {
		t.Fatal(err)
	}
	o := s.Offer("acme-nodes")
	for _, tt := range []struct {
		name TraitName
		plan string
		want string
	}{
		{TraitService, "", "managed"}, {TraitService, plan, "managed"},
		{TraitStorage, "", "memory"}, {TraitStorage, plan, "flash"}, {TraitStorage, "other", "memory"},
		{TraitStatus, "", "general"}, {TraitProcessor, plan, "unknown"}, {TraitSLA, "", "unknown"},
	} {
		if got := o.Trait(tt.name, tt.plan); got.Value != tt.want {
			t.Errorf("%s of plan %q is %s; want %s", tt.name, tt.plan, got.Value, tt.want)
		}
	}
	if got := o.Trait(TraitStorage, plan); got.DiskShare != 790_000 || got.Source != "page" || got.Words != "on the local disk" {
		t.Errorf("%+v; want 790,000 millionths on disk, by page", got)
	}
	if got := s.Offer("acme-calls").Traits(""); len(got) != len(traits) || got[0].Value != "unknown" {
		t.Errorf("an offer without traits has %+v", got)
	}
}

func TestTraitsRefused(t *testing.T) {
	for _, tt := range []struct{ name, old, by, want string }{
		{"no trait", "service =", "servce =", `offer acme-nodes, trait servce: is not a trait; known: service, status, storage`},
		{"no value", `"managed"`, `"yes"`, `offer acme-nodes, trait service: value "yes" is not one of managed, self-hosted, unknown`},
		{"no source", `, source = "page"}` + "\n\n", "}\n\n", `offer acme-nodes, trait service: has no source; add source = "ID" or assumed = "why"`},
		{"no such plan", "PLAN", "nothing.*", `offer acme-nodes, trait storage, plan nothing.*: matches no plan of the offer`},
		{"a share above one", "0.79", "79", `offer acme-nodes, trait storage, plan *: disk_share "79" is not a share between 0 and 1`},
		{"a share of memory", `"flash"`, `"memory"`, `offer acme-nodes, trait storage, plan *: disk_share needs value = "flash"`},
	} {
		text := strings.ReplaceAll(strings.Replace(traitText, tt.old, tt.by, 1), "PLAN", "*")
		if _, err := loadShop(shopText(t) + text); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v; want %s", tt.name, err, tt.want)
		}
	}
}

// TestCardsTraits: facts of the embedded cards, each read by hand from the page
// that the card cites.
func TestCardsTraits(t *testing.T) {
	s := cards(t)
	for _, tt := range []struct {
		offer, plan string
		name        TraitName
		want        string
		share       int64
	}{
		{"self-hosted-ec2", "r6g.large", TraitService, "self-hosted", 0},
		{"railway-redis", "pro", TraitService, "self-hosted", 0},
		{"railway-redis", "pro", TraitStatus, "general", 0},
		{"railway-redis", "pro-ha", TraitStatus, "preview", 0},
		{"momento-flex", "pool", TraitStatus, "preview", 0}, //nolint:misspell // a vendor
		{"azure-managed-redis", "B250", TraitStatus, "general", 0},
		{"azure-managed-redis", "B350", TraitStatus, "preview", 0},
		{"azure-managed-redis", "M350", TraitStatus, "preview", 0},
		{"azure-managed-redis", "A500", TraitStorage, "flash", 800_000},
		{"elasticache-node-valkey", "cache.r6gd.xlarge", TraitStorage, "flash", 790_000},
		{"elasticache-node-valkey", "cache.r6g.xlarge", TraitStorage, "memory", 0},
		{"redis-cloud-flex", "25gb-ha", TraitStorage, "flash", 900_000},
		{"redis-cloud-pro", "flex-30", TraitStorage, "flash", 700_000},
		{"upstash-payg", "", TraitStorage, "memory-and-disk", 0},
		{"elasticache-node-redis", "cache.t4g.small", TraitProcessor, "burstable", 0},
		{"elasticache-node-redis", "cache.r6g.large", TraitProcessor, "dedicated", 0},
		{"memorystore-valkey", "shared-core-nano", TraitProcessor, "shared", 0},
		{"memorystore-valkey", "custom-pico", TraitProcessor, "unknown", 0},
		{"memorystore-valkey", "shared-core-nano", TraitProduction, "no", 0},
		{"memorystore-valkey", "shared-core-nano", TraitSLA, "no", 0},
		{"memorystore-redis-basic", "m1", TraitSLA, "no", 0},
		{"elasticache-serverless-valkey", "", TraitCluster, "always", 0},
		{"memorydb-valkey", "db.r6g.large", TraitCluster, "always", 0},
		{"momento-cluster", "t4g.small", TraitProcessor, "burstable", 0}, //nolint:misspell // a vendor
		{"momento-flex", "", TraitCluster, "proxy", 0},                   //nolint:misspell // a vendor
		{"oci-cache", "", TraitSLA, "unknown", 0},
		{"azure-cache-redis", "", TraitStatus, "legacy", 0},
		{"keynest-target", "", TraitStatus, "target", 0},
	} {
		if got := s.Offer(tt.offer).Trait(tt.name, tt.plan); got.Value != tt.want || got.DiskShare != tt.share {
			t.Errorf("%s %s: %s is %s, %d millionths on disk; want %s, %d", tt.offer, tt.plan, tt.name, got.Value, got.DiskShare, tt.want, tt.share)
		}
	}
	// Who runs the servers decides what may be named the cheapest: every offer says it.
	for _, o := range s.Offers() {
		if o.Status != StatusTarget && o.Trait(TraitService, "").Value == TraitUnknown {
			t.Errorf("%s does not say who runs the servers", o.ID)
		}
	}
}
