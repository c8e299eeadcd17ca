package cmd

import (
	"os"
	"path/filepath"
	"testing"
)

// inventoryFixtures are the files with answers of pkg/inventory.
var inventoryFixtures = filepath.Join("..", "pkg", "inventory", "testdata")

// TestInventorySchema holds inventories against their schema: files that
// together show every key with a value and without one.
func TestInventorySchema(t *testing.T) {
	tr := newTrial(t, "inventory")
	more := filepath.Join(t.TempDir(), "more.json")
	if err := os.WriteFile(more, []byte(inventoryMore), 0o666); err != nil {
		t.Fatal(err)
	}
	fixture := func(name string) string { return filepath.Join(inventoryFixtures, name+".json") }
	for _, args := range [][]string{
		{fixture("plan")},
		{fixture("state"), fixture("az-redis")},
		{fixture("az-redisenterprise"), "--currency", "EUR"},
		{fixture("gcloud-redis-clusters"), "--region", "us-central1", "--term", "1y"},
		{more},
	} {
		tr.takes(t, embeddedCards, append([]string{"inventory", "--as-of", "2026-11-22"}, args...)...)
	}
	none := filepath.Join(t.TempDir(), "none.json")
	if err := os.WriteFile(none, []byte(`{"format_version":"1.0"}`), 0o666); err != nil {
		t.Fatal(err)
	}
	tr.takes(t, embeddedCards, "inventory", none)
	reserved := filepath.Join(t.TempDir(), "reserved.json")
	if err := os.WriteFile(reserved, []byte(`{"ReservedCacheNodes": [{"ReservedCacheNodeId": "r", "CacheNodeType": "cache.r7g.large", "StartTime": "2026-01-15T00:00:00Z", "Duration": 31536000,
		"FixedPrice": 0, "CacheNodeCount": 3, "ProductDescription": "redis", "OfferingType": "No Upfront", "State": "active", "RecurringCharges": [{"RecurringChargeAmount": 0.149}]}]}`), 0o666); err != nil {
		t.Fatal(err)
	}
	tr.takes(t, embeddedCards, "inventory", reserved)
	peaks := filepath.Join(t.TempDir(), "peaks.toml")
	if err := os.WriteFile(peaks, []byte(inventoryPeaks), 0o666); err != nil {
		t.Fatal(err)
	}
	caches := filepath.Join(t.TempDir(), "caches.json")
	if err := os.WriteFile(caches, []byte(inventoryCaches), 0o666); err != nil {
		t.Fatal(err)
	}
	tr.takes(t, embeddedCards, "inventory", caches, "--advise", "--workload", peaks, "--as-of", "2026-11-22")
	tr.takes(t, embeddedCards, "inventory", none, "--advise", "--workload", peaks, "--as-of", "2026-11-22")
	// Both sides of a change have one schema; few plans show all of it before.
	for _, r := range tr.reports {
		for _, r := range r.(map[string]any)["resources"].([]any) {
			if r := r.(map[string]any); r["action"] == "create" || r["action"] == "none" {
				r["before"] = r["after"]
			}
		}
	}
	everyChoice(tr.reports)
	tr.reports = append(tr.reports, tr.takes(t, embeddedCards, "inventory", "--as-of", "2026-11-22", fixture("plan")))
	tr.showsAll(t)
}

// inventoryMore is a plan of what the fixtures do not have: offers billed by
// use, a reservation, autoscaling, an offer that may be two.
const inventoryMore = `{"format_version": "1.2", "planned_values": {}, "resource_changes": [
 {"address": "aws_elasticache_serverless_cache.s", "mode": "managed", "type": "aws_elasticache_serverless_cache", "change": {"actions": ["create"], "before": null,
  "after": {"region": "us-east-1", "engine": "valkey", "full_engine_version": "8.1", "cache_usage_limits": [{"data_storage": [{"minimum": 1, "maximum": 10}], "ecpu_per_second": [{"minimum": 1000, "maximum": 5000}]}]}}},
 {"address": "upstash_redis_database.u", "mode": "managed", "type": "upstash_redis_database", "change": {"actions": ["create"], "before": null,
  "after": {"primary_region": "us-east-1", "read_regions": ["eu-west-1"], "budget": 50, "prod_pack": true, "auto_scale": true}}},
 {"address": "aws_elasticache_reserved_cache_node.r", "mode": "managed", "type": "aws_elasticache_reserved_cache_node", "change": {"actions": ["create"], "before": null,
  "after": {"region": "us-east-1", "product_description": "redis", "cache_node_type": "cache.r7g.large", "cache_node_count": 3, "duration": "P1Y", "offering_type": "No Upfront"}}},
 {"address": "aws_elasticache_reserved_cache_node.later", "mode": "managed", "type": "aws_elasticache_reserved_cache_node", "change": {"actions": ["create"], "before": null,
  "after": {"region": "us-east-1", "cache_node_count": 1}, "after_unknown": {"duration": true}}},
 {"address": "aws_elasticache_replication_group.a", "mode": "managed", "type": "aws_elasticache_replication_group", "change": {"actions": ["create"], "before": null,
  "after": {"region": "us-east-1", "engine": "redis", "engine_version": "5.0.6", "node_type": "cache.m4.large", "replication_group_id": "g", "num_node_groups": 4, "replicas_per_node_group": 3}}},
 {"address": "aws_elasticache_replication_group.b", "mode": "managed", "type": "aws_elasticache_replication_group", "change": {"actions": ["create"], "before": null,
  "after": {"region": "us-east-1", "engine": "redis", "engine_version": "7.1", "node_type": "cache.z9.large", "replication_group_id": "h", "num_node_groups": 2, "replicas_per_node_group": 1}}},
 {"address": "aws_elasticache_replication_group.c", "mode": "managed", "type": "aws_elasticache_replication_group", "change": {"actions": ["create"], "before": null,
  "after": {"region": "us-east-1", "node_type": "cache.m7g.large", "engine_version": "7.1", "num_cache_clusters": 2}, "after_unknown": {"engine": true}}},
 {"address": "aws_appautoscaling_target.n", "mode": "managed", "type": "aws_appautoscaling_target", "change": {"actions": ["create"], "before": null,
  "after": {"resource_id": "replication-group/g", "scalable_dimension": "elasticache:replication-group:NodeGroups", "min_capacity": 8, "max_capacity": 13}}},
 {"address": "aws_appautoscaling_target.r", "mode": "managed", "type": "aws_appautoscaling_target", "change": {"actions": ["create"], "before": null,
  "after": {"resource_id": "replication-group/k", "scalable_dimension": "elasticache:replication-group:Replicas", "min_capacity": 6, "max_capacity": 17}}},
 {"address": "aws_elasticache_replication_group.k", "mode": "managed", "type": "aws_elasticache_replication_group", "change": {"actions": ["create"], "before": null,
  "after": {"region": "us-east-1", "engine": "redis", "engine_version": "7.1", "node_type": "cache.r5.large", "replication_group_id": "k", "num_node_groups": 1, "replicas_per_node_group": 1}}},
 {"address": "aws_elasticache_replication_group.l", "mode": "managed", "type": "aws_elasticache_replication_group", "change": {"actions": ["update"],
  "before": {"region": "us-east-1", "engine": "redis", "engine_version": "5.0.6", "node_type": "cache.r5.large", "replication_group_id": "l", "num_node_groups": 1, "replicas_per_node_group": 1, "snapshot_retention_limit": 1},
  "after": {"region": "us-east-1", "engine": "redis", "engine_version": "7.1", "node_type": "cache.r5.large", "replication_group_id": "l", "num_node_groups": 1, "replicas_per_node_group": 1, "snapshot_retention_limit": 5}}},
 {"address": "google_redis_cluster.n", "mode": "managed", "type": "google_redis_cluster", "change": {"actions": ["create"], "before": null,
  "after": {"region": "us-central1", "shard_count": 1}, "after_unknown": {"node_type": true}}},
 {"address": "oci_redis_redis_cluster.o", "mode": "managed", "type": "oci_redis_redis_cluster", "change": {"actions": ["create"], "before": null,
  "after": {"node_count": 3, "node_memory_in_gbs": 8, "cluster_mode": "NONSHARDED"}}}],
 "configuration": {"provider_config": {"google": {"name": "google"}}, "root_module": {"resources": [
  {"address": "google_redis_cluster.n", "mode": "managed", "type": "google_redis_cluster", "provider_config_key": "google", "expressions": {}},
  {"address": "aws_elasticache_replication_group.c", "mode": "managed", "type": "aws_elasticache_replication_group", "provider_config_key": "aws", "expressions": {"engine": {"references": ["data.x.y.z", "data.x.y"]}}}]}}}`

// inventoryCaches and inventoryPeaks show all that advice can be.
const inventoryCaches = `{"format_version": "1.0", "values": {"root_module": {"resources": [
 {"address": "aws_elasticache_cluster.small", "mode": "managed", "type": "aws_elasticache_cluster", "values": {"cluster_id": "small", "engine": "redis", "engine_version": "7.1", "node_type": "cache.r7g.xlarge", "num_cache_nodes": 1, "region": "us-east-1"}},
 {"address": "aws_elasticache_cluster.grows", "mode": "managed", "type": "aws_elasticache_cluster", "values": {"cluster_id": "grows", "engine": "redis", "engine_version": "7.1", "node_type": "cache.t4g.small", "num_cache_nodes": 1, "region": "us-east-1"}},
 {"address": "aws_elasticache_cluster.idle", "mode": "managed", "type": "aws_elasticache_cluster", "values": {"cluster_id": "idle", "engine": "redis", "engine_version": "7.1", "node_type": "cache.t4g.small", "num_cache_nodes": 1, "region": "us-east-1"}},
 {"address": "aws_elasticache_cluster.unseen", "mode": "managed", "type": "aws_elasticache_cluster", "values": {"cluster_id": "unseen", "engine": "redis", "engine_version": "7.1", "node_type": "cache.t4g.small", "num_cache_nodes": 1, "region": "us-east-1"}},
 {"address": "aws_elasticache_cluster.huge", "mode": "managed", "type": "aws_elasticache_cluster", "values": {"cluster_id": "huge", "engine": "redis", "engine_version": "7.1", "node_type": "cache.t4g.small", "num_cache_nodes": 1, "region": "us-east-1"}},
 {"address": "azurerm_redis_cache.old", "mode": "managed", "type": "azurerm_redis_cache", "values": {"name": "old", "sku_name": "Premium", "family": "P", "capacity": 2, "location": "eastus"}},
 {"address": "google_redis_instance.sized", "mode": "managed", "type": "google_redis_instance", "values": {"name": "sized", "tier": "BASIC", "memory_size_gb": 8, "region": "us-central1"}},
 {"address": "google_redis_instance.tiny", "mode": "managed", "type": "google_redis_instance", "values": {"name": "tiny", "tier": "BASIC", "memory_size_gb": 5, "region": "us-central1"}}]}}}`

const inventoryPeaks = `
[workload.small]
gib = 3
ops_per_sec = 100
peak_ops_per_sec = 400
payload_bytes = 1000
[workload.grows]
gib = 9
ops_per_sec = 100
peak_ops_per_sec = 400
payload_bytes = 1000
[workload.idle]
gib = 0.1
ops_per_sec = 0
[workload.huge]
gib = 5000
ops_per_sec = 100
[workload.old]
gib = 4
ops_per_sec = 100
[workload.tiny]
gib = 0.5
ops_per_sec = 0.1
[workload.sized]
gib = 3
ops_per_sec = 100
`

// everyChoice puts each choice of some reports in each place that one can have:
// they have one schema, and few caches show all of it everywhere.
func everyChoice(reports []any) {
	for _, r := range reports {
		r := r.(map[string]any)
		list, _ := r["advice"].([]any)
		for _, a := range list {
			for _, o := range a.(map[string]any)["others"].([]any) {
				one := map[string]any{}
				for key, v := range a.(map[string]any) {
					one[key] = v
				}
				for _, place := range []string{"now", "right", "same_family", "next_size_up"} {
					one[place] = o.(map[string]any)["choice"]
				}
				list = append(list, one)
			}
		}
		if len(list) > 0 {
			r["advice"] = list
		}
	}
}

// TestCheckInventorySchema holds what keynest check says on a plan against the
// schema of its report.
func TestCheckInventorySchema(t *testing.T) {
	config := filepath.Join(t.TempDir(), "keynest.toml")
	if err := os.WriteFile(config, []byte("[inventory]\nmax_usd_per_month = \"90000\"\nwarn_usd_per_month = \"1\"\n[inventory.resource.\"azurerm*\"]\nmax_increase_usd = \"5\"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	e, out, complaints := testEnv()
	code := run(e, []string{"check", "--config", config, "--inventory", filepath.Join(inventoryFixtures, "plan.json"), "--as-of", "2026-11-22", "--output", "json"})
	if code != exitData { // two caches have no price
		t.Fatalf("status %d: %s", code, complaints.String())
	}
	validated(t, docsSchema(t, "check"), out.Bytes())
}
