package ratecard

import (
	"strings"
	"testing"
)

// TestTermProblems: what is wrong with commitments and compulsory replicas is
// named with its place.
func TestTermProblems(t *testing.T) {
	const card = `schema = 1
[source.page]
url = "https://example.com/pricing"
title = "Pricing"
retrieved = "2026-01-01"
confidence = "vendor"
[provider.p]
name = "P"
[offer.o]
provider = "p"
name = "O"
billed_by = "capacity"
engines = ["redis"]
status = "offered"
[offer.o.version.2026-01-01]
source = "page"
[offer.o.version.2026-01-01.plan]
m1 = {usd = "1", per = "hour", min_replicas = 1}
[offer.o.version.2026-01-01.commitment]
one-year = {term = "1y", upfront = "none", factor = "0.8", plans = ["m1", "m9"]}
`
	_, err := Load("2026-11-23", File{Name: "test.toml", Text: card})
	if err == nil {
		t.Fatal("no problem found")
	}
	for _, want := range []string{
		`commitment one-year: plans: there is no plan "m9"`,
		`plan m1: min_replicas needs replicas = "billed" in the version's sizing`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nsays nothing of: %s", err, want)
		}
	}
}

// TestLaterGridOfATerm: the grid of a later version is laid over the earlier one,
// also where that one takes its prices from another offer, and keeps its source.
func TestLaterGridOfATerm(t *testing.T) {
	const card = `schema = 1
[source.old]
url = "https://example.com/old"
title = "Old"
retrieved = "2026-01-01"
confidence = "vendor"
[source.new]
url = "https://example.com/new"
title = "New"
retrieved = "2026-02-01"
confidence = "vendor"
[provider.p]
name = "P"
[offer.a]
provider = "p"
name = "A"
billed_by = "capacity"
engines = ["redis"]
status = "offered"
[offer.a.version.2026-01-01]
source = "old"
[offer.a.version.2026-01-01.plan]
m1 = {}
m2 = {}
[offer.a.version.2026-01-01.price.hourly]
usd = "id east west\nm1 1 2\nm2 3 4"
[offer.a.version.2026-01-01.commitment.year]
term = "1y"
upfront = "none"
usd_per_hour = "id east west\nm1 0.8 1.6\nm2 2.4 3.2"
[offer.a.version.2026-02-01]
based_on = "2026-01-01"
[offer.a.version.2026-02-01.commitment.year]
usd_per_hour = "id east west\nm1 0.7 .\nm2 . ."
source = "new"
[offer.b]
provider = "p"
name = "B"
billed_by = "capacity"
engines = ["valkey"]
status = "offered"
[offer.b.version.2026-01-01]
source = "old"
plans_from = "a"
[offer.b.version.2026-01-01.price.hourly]
usd = "id east west\nm1 1 2\nm2 3 4"
[offer.b.version.2026-01-01.commitment.year]
term = "1y"
upfront = "none"
from_offer = "a"
factor = "0.5"
[offer.b.version.2026-02-01]
based_on = "2026-01-01"
[offer.b.version.2026-02-01.commitment.year]
usd_per_hour = "id west\nm2 1.5"
source = "new"
`
	s, err := Load("2026-11-23", File{Name: "test.toml", Text: card})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ offer, day, plan, region, want, source string }{
		{"a", "2026-01-31", "m1", "east", "0.80", "old"},
		{"a", "2026-02-01", "m1", "east", "0.70", "new"},
		{"a", "2026-02-01", "m1", "west", "1.60", "old"},
		{"a", "2026-02-01", "m2", "east", "2.40", "old"},
		{"b", "2026-01-31", "m2", "west", "1.60", "old"}, // 0.5 × 3.2
		{"b", "2026-02-01", "m2", "west", "1.50", "new"}, // its own figure
		{"b", "2026-02-01", "m1", "east", "0.35", "old"}, // 0.5 × 0.7
	} {
		v := s.Version(s.Offer(test.offer), test.day)
		r, _, state := v.CommittedRate(v.Commitment(Term1Y, UpfrontNone), v.Plan(test.plan), test.region)
		if state != Priced || r.Price.Amount.Exact() != test.want || r.Source != test.source {
			t.Errorf("%+v: %+v, state %d", test, r, state)
		}
	}
	seen := map[string]bool{}
	for _, f := range s.Version(s.Offer("a"), "2026-02-01").Figures() {
		if seen[f.What+f.Region] {
			t.Errorf("%s in %s is listed twice", f.What, f.Region)
		}
		seen[f.What+f.Region] = true
	}
}
