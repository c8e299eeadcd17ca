package cmd

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// feedCards are cards with a price that was read and one that is assumed.
const feedCards = `schema = 1
[source.page]
url = "https://example.com/azure"
title = "Azure"
retrieved = "2026-01-01"
confidence = "vendor"
[provider.azure]
name = "Azure"
home = "https://azure.microsoft.com/"
[provider.aws]
name = "AWS"
home = "https://aws.amazon.com/"
[offer.elasticache-node-valkey]
provider = "aws"
name = "Nodes"
billed_by = "capacity"
engines = ["valkey"]
status = "offered"
[offer.elasticache-node-valkey.version.2026-01-01]
source = "page"
[offer.elasticache-node-valkey.version.2026-01-01.plan]
"cache.r7g.large" = { memory = "13.07 GiB" }
"cache.m7g.large" = { memory = "6.38 GiB" }
[offer.elasticache-node-valkey.version.2026-01-01.price.read]
usd = "id eu-west-1\ncache.r7g.large 0.1944\ncache.m7g.large 0.1392"
[offer.azure-managed-redis]
provider = "azure"
name = "Azure Managed Redis"
billed_by = "capacity"
engines = ["redis"]
status = "offered"
[offer.azure-managed-redis.version.2026-01-01.plan]
B0 = { memory = "0.5 GB", source = "page" }
B1 = { memory = "1 GB", source = "page" }
B3 = { memory = "3 GB", source = "page" }
B5 = { memory = "6 GB", source = "page" }
[offer.azure-managed-redis.version.2026-01-01.price.read]
usd = "id eastus\nB0 0.016\nB1 0.030\nB3 0.065"
source = "page"
[offer.azure-managed-redis.version.2026-01-01.price.assumed]
usd = "id eastus\nB5 0.156"
assumed = "as in another region"
`

// azurePage is an answer of Azure with a row of every kind.
func azurePage() string {
	item := func(size, price, currency string) string {
		return `{"currencyCode": "` + currency + `", "retailPrice": ` + price + `, "armRegionName": "eastus", "meterName": "` + size +
			`", "productName": "Azure Managed Redis - Balanced", "serviceName": "Redis Cache", "unitOfMeasure": "1 Hour", "type": "Consumption"}`
	}
	return `{"Items": [` +
		item("B0 Cache Instance", "0.016", "USD") + "," + // as on the card
		item("B1 Cache Instance", "0.032", "USD") + "," + // changed
		item("B10 Cache Instance", "0.315", "USD") + "," + // new
		item("B3 Cache Instance", "0.1", "USD") + "," + // a jump
		item("B20 Cache Instance", "0.6", "USD") + "," + item("B20 Cache Instance", "0.7", "USD") + "," + // two prices
		item("B50 Cache", "0.7", "USD") + "," + item("B50 Cache Instance", "0.7", "GBP") + "," + item("Moon", "1", "USD") + "," +
		`{"currencyCode": "USD", "retailPrice": 0.1, "armRegionName": "eastus", "armSkuName": "D2", "skuName": "D2", "meterName": "D2", "productName": "Virtual Machines", "serviceName": "Virtual Machines", "unitOfMeasure": "1 Hour", "type": "Consumption"}` +
		`], "NextPageLink": null}`
}

// TestFeedSchema holds what rates import and rates check --against print against
// their schema.
func TestFeedSchema(t *testing.T) {
	tr := newTrial(t, "rates-feed")
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cards := write("cards.toml", feedCards)
	azure := write("azure.json", azurePage())
	rates := write("rates.xml", `<e xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube><Cube time='2026-03-13'><Cube currency='USD' rate='1.1476'/></Cube></Cube></e>`)
	list := write("list.json", `{"formatVersion": "v1.0", "offerCode": "AmazonElastiCache", "version": "7", "publicationDate": "2026-10-05T00:00:00Z",
"products": {"A": {"sku": "A", "attributes": {"locationType": "AWS Region", "regionCode": "eu-west-1", "instanceType": "cache.r7g.large", "cacheEngine": "Valkey", "usagetype": "EU-NodeUsage:cache.r7g.large"}}},
"terms": {"OnDemand": {"A": {"A.J": {"priceDimensions": {"A.J.6": {"unit": "Hrs", "pricePerUnit": {"USD": "0.2"}}}, "termAttributes": {}}}}}}`)
	machines := write("machines.json", `{"Items": [{"currencyCode": "USD", "retailPrice": 0.1, "armRegionName": "eastus", "meterName": "D2 Spot", "serviceName": "Virtual Machines", "type": "Consumption"}], "NextPageLink": null}`)
	for _, test := range []struct {
		code int
		args []string
	}{
		{exitOK, []string{"import", azure, "--retrieved", "2026-11-20"}},
		{exitOK, []string{"import", azure, "--retrieved", "2025-11-20"}},
		{exitOK, []string{"import", rates}},
		{exitOK, []string{"import", list}},
		{exitData, []string{"import", machines, "--retrieved", "2026-11-20"}},
		{exitOK, []string{"check", "--against", rates}},
		{exitBreach, []string{"check", "--against", list}},
	} {
		text, err := os.ReadFile(cards)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		e := &env{stdin: nil, stdout: &out, stderr: io.Discard, today: "2026-11-22", getenv: func(string) string { return "" }, rates: string(text)}
		if code := run(e, append(append([]string{"rates"}, test.args...), "--output", "json")); code != test.code {
			t.Fatalf("rates %v: exit status %d, want %d", test.args, code, test.code)
		}
		tr.reports = append(tr.reports, validated(t, tr.schema, out.Bytes()))
	}
	tr.showsAll(t)
}
