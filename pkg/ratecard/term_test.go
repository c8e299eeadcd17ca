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
		`commitment one-year: plans names "m9", which is no plan`,
		`plan m1: min_replicas needs replicas = "billed" in the version's sizing`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nsays nothing of: %s", err, want)
		}
	}
}
