package bill

import (
	"strings"
	"testing"
)

// TestPartHours: where a vendor bills each part of an hour whole, 561.19 hours of a
// node are 562; where it does not, they are 561.19.
func TestPartHours(t *testing.T) {
	set := surchargeCards(t)
	for _, tt := range []struct {
		offer, region, plan string
		hours, hundredths   int64
		usd, words          string
	}{
		{"elasticache-node-valkey", "us-east-1", "cache.r6g.large", 561, 19, "92.62", "561.19 hours are 562"}, // 562 × 0.1648 = 92.6176
		{"elasticache-node-valkey", "us-east-1", "cache.r6g.large", 561, 0, "92.45", ""},                      // 561 × 0.1648 = 92.4528
		{"memorystore-valkey", "us-central1", "highmem-medium", 561, 19, "107.92", ""},                        // 561.19 × 0.1923 = 107.916837
	} {
		o := compiled(t, set, tt.offer, tt.region, Options{AsOf: "2026-11-22", Plan: tt.plan, Shards: 1, HoursPerMonth: tt.hours, Hundredths: tt.hundredths})
		in := "ops_per_sec=1 gib=1 replicas=0 hours_per_month=561"
		if tt.hundredths > 0 {
			in += ".19"
		}
		u := used(t, in)
		b, err := o.Bill(&u)
		if err != nil || b.Total.String() != tt.usd {
			t.Errorf("%s, %d.%d: %s %v, want %s", tt.offer, tt.hours, tt.hundredths, b.Total, err, tt.usd)
			continue
		}
		if words := strings.Join(b.Lines[0].Notes, "\n"); !strings.Contains(words, tt.words) || tt.words == "" && strings.Contains(words, "hours") {
			t.Errorf("%s: %q", tt.offer, words)
		}
		if total, _, err := o.Total(&u); total != b.Total || err != nil {
			t.Errorf("%s: Total says %s %v", tt.offer, total, err)
		}
	}
}

// TestProration: DigitalOcean bills a droplet by the hour up to 672 hours, so that
// 336 hours of 84 USD a month are 42; its Valkey's price is not known to be
// prorated, and is charged whole.
func TestProration(t *testing.T) {
	set := surchargeCards(t)
	for _, tt := range []struct {
		offer, region, plan, hours, usd, words string
	}{
		{"self-hosted-digitalocean", "us-east", "m-2vcpu-16gb", "730", "84.00", ""},
		{"self-hosted-digitalocean", "us-east", "m-2vcpu-16gb", "672", "84.00", ""},
		{"self-hosted-digitalocean", "us-east", "m-2vcpu-16gb", "336", "42.00", "prorated: 336 of 672 hours"},
		{"self-hosted-digitalocean", "us-east", "m-2vcpu-16gb", "336.5", "42.06", "prorated: 336.5 of 672 hours"}, // 84 × 336.5 ÷ 672 = 42.0625
		{"digitalocean-valkey", "us-east", "db-s-2vcpu-4gb", "336", "60.00", ""},
	} {
		u := used(t, "ops_per_sec=1 gib=1 replicas=0 hours_per_month="+tt.hours)
		opt := Options{AsOf: "2026-11-22", Plan: tt.plan, HoursPerMonth: u.Hours / u.HourParts, Hundredths: u.Hours % u.HourParts}
		o := compiled(t, set, tt.offer, tt.region, opt)
		b, err := o.Bill(&u)
		if err != nil || b.Total.String() != tt.usd {
			t.Errorf("%s, %s h: %s %v %v, want %s", tt.offer, tt.hours, b.Total, err, b.Reasons, tt.usd)
			continue
		}
		if words := strings.Join(b.Lines[0].Notes, "\n"); !strings.Contains(words, tt.words) || tt.words == "" && strings.Contains(words, "prorated") {
			t.Errorf("%s: %q", tt.offer, words)
		}
	}
}
