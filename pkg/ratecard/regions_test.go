package ratecard

import (
	"slices"
	"testing"
)

// TestRegions: every region that --region takes is listed once, with the names
// of the places and the offers that have a price there.
func TestRegions(t *testing.T) {
	set, err := Load("2027-01-01", embeddedFile(t))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	seen := map[[2]string]Region{}
	for _, r := range set.Regions("2026-11-22") {
		key := [2]string{r.Provider.ID, r.Name}
		if _, twice := seen[key]; twice {
			t.Errorf("%v is listed twice", key)
		}
		seen[key] = r
		names = append(names, r.Name)
	}
	slices.Sort(names)
	if got, want := slices.Compact(names), set.VendorRegions(); !slices.Equal(got, want) {
		t.Errorf("regions %v; --region takes %v", got, want)
	}
	virginia := seen[[2]string{"aws", "us-east-1"}]
	if !slices.Contains(virginia.Places, "us-east") || !slices.Contains(virginia.Priced, "elasticache-serverless-valkey") {
		t.Errorf("us-east-1 of AWS is %v with %v", virginia.Places, virginia.Priced)
	}
}
