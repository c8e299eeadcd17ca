package ratecard_test

import (
	"testing"

	"github.com/keynest/keynest/pkg/ratecard"
)

// twoVendors have a region of one name; the second takes the first's prices.
const twoVendors = `
schema = 1
[source.page]
url = "https://example.com/pricing"
title = "Pricing"
retrieved = "2026-09-01"
confidence = "vendor"
[provider.cloud]
name = "Cloud"
[provider.guest]
name = "Guest"
[provider.other]
name = "Other"
[place.us-east]
cloud = "us-east-1"
guest = "us-east-1"
[offer.cloud-node]
provider = "cloud"
name = "Nodes"
billed_by = "capacity"
engines = ["valkey"]
status = "offered"
[offer.cloud-node.version.2026-09-01]
source = "page"
[offer.cloud-node.version.2026-09-01.plan.m]
memory = "8 GiB"
[offer.cloud-node.version.2026-09-01.price.list]
usd = """
id us-east-1
m  1.00
"""
[offer.a-guest]
provider = "guest"
name = "Guest"
billed_by = "capacity"
engines = ["valkey"]
status = "offered"
[offer.a-guest.version.2026-09-01]
source = "page"
plans_from = "cloud-node"
[offer.a-guest.version.2026-09-01.price.list]
from_offer = "cloud-node"
factor = "3.6"
[offer.other]
provider = "other"
name = "Other"
billed_by = "capacity"
engines = ["valkey"]
status = "offered"
[offer.other.version.2026-09-01]
source = "page"
[offer.other.version.2026-09-01.plan.m]
memory = "8 GiB"
[offer.other.version.2026-09-01.price.list]
usd = """
id east
m  1.00
"""
`

// TestSharedRegion: a region name that two vendors have keeps both, and an
// offer whose prices are another's has that other's regions.
func TestSharedRegion(t *testing.T) {
	set, err := ratecard.Load("2026-11-22", ratecard.File{Name: "cards.toml", Text: twoVendors})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"us-east", "us-east-1"} {
		where, err := set.Where(name)
		if err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string]bool{"cloud-node": true, "a-guest": true, "other": false} {
			v := set.Version(set.Offer(id), "2026-11-22")
			if region, ok := where.Region(v); ok != want || ok && region != "us-east-1" {
				t.Errorf("%s in %s: region %q, %t; want %t", id, name, region, ok, want)
			}
			if keeps := where.Keeps(v); keeps != (want || name == "us-east") {
				t.Errorf("--region %s keeps %s: %t", name, id, keeps)
			}
		}
	}
}

// TestUnchecked: an offer of one price everywhere is not known to be run in a
// region that is another vendor's; in a place, or where its own vendor has the
// region, nothing is said.
func TestUnchecked(t *testing.T) {
	set, err := ratecard.Load("2026-11-01", ratecard.File{Name: "cards", Text: twoVendors + `
[offer.other-flat]
provider = "other"
name = "Flat"
billed_by = "capacity"
engines = ["valkey"]
status = "offered"
[offer.other-flat.version.2026-09-01]
source = "page"
[offer.other-flat.version.2026-09-01.plan.m]
memory = "8 GiB"
usd = "1"
per = "month"
`})
	if err != nil {
		t.Fatal(err)
	}
	version := func(id string) *ratecard.Version {
		for _, o := range set.Offers() {
			if o.ID == id {
				return set.Version(o, "2026-10-01")
			}
		}
		t.Fatalf("no offer %s", id)
		return nil
	}
	for _, tt := range []struct {
		place, offer string
		want         bool
	}{
		{"us-east-1", "other-flat", true},
		{"us-east-1", "cloud-node", false},
		{"us-east", "other-flat", false},
	} {
		where, err := set.Where(tt.place)
		if err != nil {
			t.Fatal(err)
		}
		if got := where.Unchecked(version(tt.offer)); got != tt.want {
			t.Errorf("%s in %s: unchecked %t; want %t", tt.offer, tt.place, got, tt.want)
		}
	}
}
