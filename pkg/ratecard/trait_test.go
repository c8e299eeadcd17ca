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
		{"no trait", "service =", "servce =", `offer acme-nodes, trait servce: is no trait; known: service, status, storage`},
		{"no value", `"managed"`, `"yes"`, `offer acme-nodes, trait service: value "yes" is none of managed, self-hosted, unknown`},
		{"no source", `, source = "page"}` + "\n\n", "}\n\n", `offer acme-nodes, trait service: has no source; name one, or say assumed = "why"`},
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
