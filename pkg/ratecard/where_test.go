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
