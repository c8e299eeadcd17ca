package feed

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stored reads a feed that is stored beside the repository, where it is there.
// The repository's own files stand in feed_test.go.
func stored(t *testing.T, name string) (*Feed, bool) {
	t.Helper()
	r, err := os.Open(filepath.Join("..", "..", "..", "shared", "feeds", name))
	if err != nil {
		return nil, false
	}
	defer r.Close()
	f, err := Read(name, r, Options{AsOf: "2026-11-25"})
	if err != nil {
		t.Fatal(err)
	}
	return f, true
}

// prices lists figures as "key price currency per", to be looked up in.
func prices(f *Feed) map[string]string {
	m := map[string]string{}
	for i := range f.Figures {
		m[f.Figures[i].Key.String()] = f.Figures[i].price()
	}
	return m
}

// TestStored holds each stored feed against the values that were worked out by
// hand from it. An empty value says that the key must not be there.
func TestStored(t *testing.T) {
	ran := 0
	for name, want := range map[string]map[string]string{
		"aws-elasticache-meteredunitmap-2025-03-14.json": {
			"elasticache-node-valkey:cache.r7g.large:us-east-1":      "0.1752 USD per hour",
			"elasticache-node-redis:cache.r7g.large:us-east-1":       "0.219 USD per hour",
			"elasticache-node-valkey:cache.r6gd.xlarge:eu-west-1":    "0.696 USD per hour",
			"elasticache-node-redis:cache.t4g.micro:us-west-1":       "0.021 USD per hour",
			"elasticache-node-valkey:cache.t3.micro:us-west-2-lax-1": "0.016 USD per hour",
			"elasticache-serverless-valkey:storage:us-west-2-lax-1":  "",
			"elasticache-serverless-valkey:storage:eu-west-1":        "0.094 USD per GB-hour",
			"elasticache-serverless-valkey:ecpu:eu-west-1":           "0.0025 USD per million ECPU",
		},
		"aws-elasticache-reservedmap-1y-partial-us-east-1-memory-2024-10-07.json": {
			// 623.493 / 8760 + 0.071 = 0.142175 an hour
			"elasticache-node-redis:cache.r7g.large:us-east-1:1y-partial":          "0.071 USD per hour",
			"elasticache-node-redis:cache.r7g.large:us-east-1:1y-partial:at-start": "623.493 USD per term",
			"elasticache-node-valkey:cache.r7g.large:us-east-1:1y-partial":         "",
		},
		"aws-elasticache-reservedmap-3y-all-us-east-1-memory-2024-10-07.json": {
			// 2589.894 / 26280 = 0.09855 an hour, and nothing by the hour
			"elasticache-node-redis:cache.r7g.large:us-east-1:3y-all:at-start": "2589.894 USD per term",
			"elasticache-node-redis:cache.r7g.large:us-east-1:3y-all":          "",
		},
		"aws-pricelist-elasticache-us-east-1-c7gn-2025-06-24.json": {
			"elasticache-node-valkey:cache.c7gn.large:us-east-1":                     "",
			"elasticache-node-valkey:cache.c7gn.large:us-east-1:1y-none":             "0.1384 USD per hour",
			"elasticache-node-valkey:cache.c7gn.large:us-east-1:1y-partial:at-start": "580.788 USD per term",
			"elasticache-node-valkey:cache.c7gn.large:us-east-1:1y-partial":          "0.0664 USD per hour",
			"elasticache-node-valkey:cache.c7gn.large:us-east-1:1y-all:at-start":     "1143.7056 USD per term",
			"elasticache-node-valkey:cache.c7gn.large:us-east-1:3y-none":             "0.1064 USD per hour",
			"elasticache-node-valkey:cache.c7gn.large:us-east-1:3y-partial:at-start": "1286.6688 USD per term",
			"elasticache-node-valkey:cache.c7gn.large:us-east-1:3y-partial":          "0.0488 USD per hour",
			"elasticache-node-valkey:cache.c7gn.large:us-east-1:3y-all:at-start":     "2412.504 USD per term",
		},
		"aws-pricelist-ec2-eu-west-3-2020-10-19.csv": {
			"self-hosted-ec2:disk-gp2:eu-west-3": "0.116 USD per GB-month",
		},
		"azure-retail-vm-francecentral-2021-12-14.json": {
			"Standard_D2as_v5:francecentral":                 "0.101 USD per hour",
			"Standard_D2as_v5:francecentral:3y-all:at-start": "1009 USD per term", // 1009 / 26280 = 0.038394 an hour
			"Standard_D2as_v5:francecentral:1y-all:at-start": "522 USD per term",
			"Standard_B2s:francecentral":                     "0.0472 USD per hour",
		},
		"scaleway-product-catalog-instances-2026-07-30.json": {
			"DEV1-XL:fr-par-1":  "0.065075999 EUR per hour", // × 730 = 47.51
			"RENDER-S:fr-par-1": "1.221 EUR per hour",
		},
		"upcloud-price-2020-08-20.json": {
			"server_plan_1xCPU-1GB:de-fra1": "0.00744 of the account per hour", // × 672 = 5.00
			"server_plan_1xCPU-1GB:fi-hel1": "0.01116 of the account per hour", // × 672 = 7.50
			"server_memory:de-fra1":         "",                                // a price for 256 MB
		},
		"linode-database-types-2025-01-29.json": {},
		"linode-types-2024-07-19.json": {
			"g6-standard-2":        "24 USD per month",
			"g6-standard-2:br-gru": "33.6 USD per month",
			"g6-standard-2:id-cgk": "28.8 USD per month",
		},
		"rediscloud-fixed-plans.json": {
			"Single-Zone_1GB:us-west-1": "23 USD per month, in whole dollars",
		},
		"digitalocean-sizes-example-2024-10-01.json": {
			"self-hosted-digitalocean:s-1vcpu-1gb": "5 USD per month",
		},
		"hetzner-server-type-cx11-2018.json": {
			"self-hosted-hetzner:cx11:fsn1": "2.49 EUR per month", // gross is 2.9631
		},
		"ecb-eurofxref-hist-2020-01.xml": {
			"fx:EUR:2020-01-28": "1.1005 USD per EUR",
		},
		"composed/aws-pricelist-elasticache-eu-west-1.json": {
			"elasticache-node-valkey:cache.r7g.large:eu-west-1":   "0.1944 USD per hour",
			"elasticache-node-redis:cache.r7g.large:eu-west-1":    "0.243 USD per hour",
			"elasticache-node-valkey:cache.r6gd.xlarge:eu-west-1": "0.696 USD per hour",
			"elasticache-serverless-redis:storage:eu-west-1":      "0.14 USD per GB-hour",
			"elasticache-serverless-redis:ecpu:eu-west-1":         "0.0038 USD per million ECPU",
		},
		"composed/aws-pricelist-elasticache-us-east-1.json": {
			"elasticache-node-valkey:cache.r7g.large:us-east-1":                    "0.1752 USD per hour",
			"elasticache-node-redis:cache.r7g.large:us-east-1:1y-partial":          "0.071 USD per hour",
			"elasticache-node-redis:cache.r7g.large:us-east-1:1y-partial:at-start": "623.493 USD per term",
			"elasticache-node-valkey:cache.c7gn.large:us-east-1":                   "0.204 USD per hour",
			"elasticache-node-valkey:cache.c7gn.large:us-east-1:3y-all:at-start":   "2412.504 USD per term", // / 26280 = 0.0918
			"elasticache-node-redis:cache.t4g.micro:us-east-1":                     "0.016 USD per hour",
		},
		"composed/azure-retail-redis.json": {
			"azure-managed-redis:B5:eastus2":                      "0.156 USD per hour",
			"azure-managed-redis:B0:eastus2":                      "0.016 USD per hour",
			"azure-managed-redis:B0:eastus2:1y-all:at-start":      "91 USD per term", // / 8760 = 0.010388
			"azure-managed-redis:B0:eastus2:3y-all:at-start":      "189 USD per term",
			"azure-cache-redis:standard-c3:eastus":                "0.225 USD per hour",
			"azure-cache-redis:basic-c0:eastus":                   "0.022 USD per hour",
			"azure-cache-redis:premium-p1:eastus":                 "0.277 USD per hour",
			"azure-cache-redis:premium-p1:eastus:1y-all:at-start": "1553 USD per term",
			"azure-managed-redis:B0:uksouth":                      "",
			"azure-managed-redis:A700:eastus":                     "4.68 USD per hour",
		},
		"composed/gcp-catalog-memorystore-asia-south1.json": {
			"memorystore-valkey:standard-small:asia-south1":        "0.1482 USD per hour",
			"memorystore-valkey:highmem-medium:asia-south1":        "0.2 USD per hour",
			"memorystore-redis-cluster:highmem-medium:asia-south1": "0.2 USD per hour",
			"memorystore-redis-basic:m1:asia-south1":               "0.063 USD per GiB-hour",
			"memorystore-redis-standard:m2:asia-south1":            "0.07 USD per GiB-hour",
		},
	} {
		f, there := stored(t, name)
		if !there {
			continue
		}
		ran++
		got := prices(f)
		for key, price := range want {
			if got[key] != price {
				t.Errorf("%s: %s is %q, want %q", name, key, got[key], price)
			}
		}
		if len(want) == 0 && len(got) > 0 {
			t.Errorf("%s: has %v, want nothing", name, got)
		}
		if len(f.Unknown) > 0 {
			t.Errorf("%s: unrecognised: %s", name, strings.Join(f.Unknown, "; "))
		}
		t.Logf("%s: %d rows, %d figures, skipped %v, refused %v", name, f.Rows, len(f.Figures), f.Skipped, f.Refused)
	}
	t.Logf("%d stored feeds read", ran)
}
