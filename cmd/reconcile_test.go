package cmd

import (
	"os"
	"path/filepath"
	"testing"
)

// TestReconcileSchema holds reports against their schema: bills that together
// show every key with a value and without one.
func TestReconcileSchema(t *testing.T) {
	tr := newTrial(t, "reconcile")
	bill := func(name string) string { return filepath.Join("..", "pkg", "reconcile", "testdata", name) }
	for _, name := range []string{"cur2.csv", "discount.csv", "cost-explorer.json", "focus.csv", "azure-cost.csv", "google.jsonl"} {
		tr.takes(t, embeddedCards, "reconcile", bill(name))
	}
	tr.takes(t, embeddedCards, "reconcile", bill("cur-legacy.csv"), bill("cur2.csv"))
	none := filepath.Join(t.TempDir(), "none.csv")
	if err := os.WriteFile(none, []byte(reconcileHead+"AmazonEC2,Usage,BoxUsage,2026-10-01T00:00:00Z,2026-10-02T00:00:00Z,24,USD,1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	tr.takes(t, embeddedCards, "reconcile", none)
	more := filepath.Join(t.TempDir(), "more.csv")
	if err := os.WriteFile(more, []byte(reconcileMore()), 0o666); err != nil {
		t.Fatal(err)
	}
	tr.takes(t, embeddedCards, "reconcile", more)
	other := filepath.Join(t.TempDir(), "other.csv")
	if err := os.WriteFile(other, []byte(reconcileOther), 0o666); err != nil {
		t.Fatal(err)
	}
	tr.takes(t, embeddedCards, "reconcile", other)
	tr.showsAll(t)
}

const reconcileHead = "line_item_product_code,line_item_line_item_type,line_item_usage_type,line_item_usage_start_date,line_item_usage_end_date,line_item_usage_amount,line_item_currency_code,line_item_unblended_cost\n"

// reconcileOther has a reservation whose cost is not said, and prices of stored
// data and of a node that the cards do not have.
const reconcileOther = `ProviderName,ServiceName,ChargeCategory,CommitmentDiscountStatus,ChargeDescription,ChargePeriodStart,ChargePeriodEnd,ConsumedQuantity,BillingCurrency,BilledCost,EffectiveCost,ListCost,RegionId
AWS,Amazon ElastiCache,Usage,Used,"Redis, cache.r7g.large reserved instance applied",2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,744,USD,0,,162.936,us-east-1
AWS,Amazon ElastiCache,Usage,,$0.1 per GB-hour for Valkey data storage,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,1000,USD,100,100,100,us-east-1
AWS,Amazon ElastiCache,Usage,,$0.2 per cache.r7g.large Redis node hour,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,10,USD,2,2,2,us-east-1
`

// reconcileMore is a serverless cache with minimums of its own, an idle one, a
// line without a date, and one of a region that is not known.
func reconcileMore() string {
	text := reconcileHead
	for _, day := range []string{"01", "02", "03"} {
		next := map[string]string{"01": "02", "02": "03", "03": "04"}[day]
		when := ",2026-10-" + day + "T00:00:00Z,2026-10-" + next + "T00:00:00Z,"
		text += "AmazonElastiCache,Usage,EUC1-CachedData:Valkey" + when + "48,USD,4.848\n"
		text += "AmazonElastiCache,Usage,EUC1-ElastiCacheProcessingUnits:Valkey" + when + "172800000,USD,0.46656\n"
		text += "AmazonElastiCache,Usage,APS3-CachedData:Redis" + when + "24,USD,1.944\n"
	}
	text += "AmazonElastiCache,Usage,ZZ9-CachedData:Redis,,,24,USD,1.944\n"
	return text
}
