package feed

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

func read(t *testing.T, text string) *Feed {
	t.Helper()
	f, err := Read("feed", strings.NewReader(text), Options{AsOf: "2026-11-25"})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// list is a price list of a service with products and terms.
func list(service, products, terms string) string {
	return `{"formatVersion": "v1.0", "offerCode": "` + service + `", "version": "20261101000000", "publicationDate": "2026-11-01T00:00:00Z",
"products": {` + products + `}, "terms": {"OnDemand": {` + terms + `}}}`
}

// node is a product of a price list, and term its price on demand.
func node(sku, usage, node, engine, more string) string {
	return fmt.Sprintf(`"%s": {"sku": "%s", "productFamily": "Cache Instance", "attributes": {"locationType": "AWS Region", "regionCode": "eu-west-1",
"usagetype": "%s", "instanceType": "%s", "cacheEngine": "%s"%s}}`, sku, sku, usage, node, engine, more)
}

func term(sku, price string) string {
	return fmt.Sprintf(`"%s": {"%s.J": {"priceDimensions": {"%s.J.6": {"unit": "Hrs", "beginRange": "0", "pricePerUnit": {"USD": "%s"}}}, "termAttributes": {}}}`, sku, sku, sku, price)
}

func TestAWSListSelection(t *testing.T) {
	for _, test := range []struct {
		name, products, terms string
		figures, refused      []string
		skipped               string
		unknown               int
	}{
		{
			name:     "extended support, synchronous durability and Outposts share the node type",
			products: strings.Join([]string{node("A", "EU-NodeUsage:cache.r7g.large", "cache.r7g.large", "Redis", ""), node("B", "EU-ExtendedSupportYr3-NodeUsage:cache.r7g.large", "cache.r7g.large", "Redis", ""), node("C", "EU-SyncDurability-NodeUsage:cache.r7g.large", "cache.r7g.large", "Redis", ""), node("D", "EU-OutpostsNodeUsage:cache.r7g.large", "cache.r7g.large", "Redis", "")}, ","),
			terms:    strings.Join([]string{term("A", "0.2430000000"), term("B", "0.3890000000"), term("C", "0.0350000000"), term("D", "0.1000000000")}, ","),
			figures:  []string{"elasticache-node-redis:cache.r7g.large:eu-west-1 0.243 USD per hour"},
			skipped:  "extended support, a surcharge",
		},
		{
			name:     "a location on Outposts",
			products: strings.Replace(node("A", "EU-NodeUsage:cache.r7g.large", "cache.r7g.large", "Redis", ""), "AWS Region", "AWS Outposts", 1),
			terms:    term("A", "0.2430000000"),
			skipped:  "AWS Outposts",
		},
		{
			name:     "zero on demand",
			products: node("A", "EU-NodeUsage:cache.r7g.large", "cache.r7g.large", "Valkey", ""),
			terms:    term("A", "0.0000000000"),
			refused:  []string{"elasticache-node-valkey:cache.r7g.large:eu-west-1 (A.J.6): the price is zero"},
		},
		{
			name:     "two prices for one key refuse it, whichever comes first",
			products: node("A", "EU-NodeUsage:cache.r7g.large", "cache.r7g.large", "Valkey", "") + "," + node("B", "EU-NodeUsage:cache.r7g.large", "cache.r7g.large", "Valkey", ""),
			terms:    term("A", "0.1944") + "," + term("B", "0.1900"),
			refused:  []string{"elasticache-node-valkey:cache.r7g.large:eu-west-1: the feed has several prices for it: 0.1944 USD per hour, 0.19 USD per hour"},
		},
		{
			name:     "the same price twice is one figure",
			products: node("A", "EU-NodeUsage:cache.r7g.large", "cache.r7g.large", "Valkey", "") + "," + node("B", "EU-NodeUsage:cache.r7g.large", "cache.r7g.large", "Valkey", ""),
			terms:    term("A", "0.1944") + "," + term("B", "0.1944000"),
			figures:  []string{"elasticache-node-valkey:cache.r7g.large:eu-west-1 0.1944 USD per hour"},
		},
		{
			name:     "a usage type that no rule speaks of",
			products: node("A", "EU-LunarUsage:cache.r7g.large", "cache.r7g.large", "Valkey", ""),
			terms:    term("A", "0.1944"),
			unknown:  1,
		},
		{
			name:     "an engine that is not named is not guessed",
			products: node("A", "EU-NodeUsage:cache.r7g.large", "cache.r7g.large", "", ""),
			terms:    term("A", "0.1944"),
			unknown:  1,
		},
		{
			name:     "a price in yuan",
			products: node("A", "EU-NodeUsage:cache.r7g.large", "cache.r7g.large", "Valkey", "") + "," + node("B", "EU-NodeUsage:cache.t4g.micro", "cache.t4g.micro", "Valkey", ""),
			terms:    strings.Replace(term("A", "1.944"), "USD", "CNY", 1) + "," + term("B", "0.0136"),
			figures:  []string{"elasticache-node-valkey:cache.t4g.micro:eu-west-1 0.0136 USD per hour"},
			skipped:  "a price in CNY",
		},
		{
			name:     "binary noise is no price",
			products: node("A", "EU-NodeUsage:cache.r7g.large", "cache.r7g.large", "Valkey", ""),
			terms:    term("A", "0.19439999761581421"),
			refused:  []string{`elasticache-node-valkey:cache.r7g.large:eu-west-1 (A.J.6): "0.19439999761581421" has more than nine decimals; it is a rounded binary number, not the published price`},
		},
	} {
		f := read(t, list("AmazonElastiCache", test.products, test.terms))
		var figures, refused []string
		for _, g := range f.Figures {
			figures = append(figures, g.Key.String()+" "+g.price())
		}
		for _, r := range f.Refused {
			refused = append(refused, r.Key+": "+r.Why)
		}
		if fmt.Sprint(figures) != fmt.Sprint(test.figures) || fmt.Sprint(refused) != fmt.Sprint(test.refused) {
			t.Errorf("%s: figures %q, refused %q", test.name, figures, refused)
		}
		if test.skipped != "" && f.Skipped[test.skipped] == 0 || len(f.Unknown) != test.unknown {
			t.Errorf("%s: skipped %v, unrecognised %q", test.name, f.Skipped, f.Unknown)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	good := list("AmazonElastiCache", node("A", "EU-NodeUsage:cache.r7g.large", "cache.r7g.large", "Valkey", ""), term("A", "0.1944"))
	for name, test := range map[string]struct{ text, want string }{
		"empty":                {"  \n", "the file is empty"},
		"a page":               {"<!DOCTYPE html><html><title>404</title>", "this is a web page, not a price feed"},
		"a captive portal":     {"\n<HTML><head><script>location='/login'</script>", "this is a web page"},
		"something else":       {`{"hello": "world"}`, "not a price feed in a known format (known: AWS price list,"},
		"truncated":            {good[:len(good)-40], "the file was cut off; fetch it again"},
		"truncated in a value": {good[:strings.Index(good, "0.1944")+3], "the file was cut off; fetch it again"},
		"two documents":        {good + good, "something follows the end of the document"},
		"another service":      {list("AmazonRDS", "", ""), "this is the price list of AmazonRDS; the cards have prices of AmazonElastiCache"},
		"no prices":            {list("AmazonElastiCache", "", ""), "it has no prices"},
		"all in pounds":        {`{"Items": [{"currencyCode": "GBP", "retailPrice": 0.0136, "armRegionName": "uksouth", "meterName": "B0 Cache Instance", "productName": "Azure Managed Redis - Balanced", "serviceName": "Redis Cache", "unitOfMeasure": "1 Hour", "type": "Consumption"}], "NextPageLink": null}`, "every price for a card is in GBP"},
		"decimal commas":       {`<e xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube><Cube time='2026-03-13'><Cube currency='USD' rate='1,1476'/></Cube></Cube></e>`, `USD on 2026-03-13: "1,1476" has a decimal comma`},
		"rates in dollars":     {`{"catalogId": 1, "locale": {"currencyCode": "USD"}, "addons": [{"planCode": "x", "pricings": []}]}`, "its prices are in USD; the cards of OVHcloud are in EUR"},
		"one account":          {`{"pricing": [{"quantityMeasurement": "shards", "pricePerUnit": 0.027}]}`, "the prices of one account's subscription"},
	} {
		if _, err := Read("feed", strings.NewReader(test.text), Options{AsOf: "2026-11-25"}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

func TestOtherFormats(t *testing.T) {
	for name, test := range map[string]struct{ text, key, price string }{
		"MemoryDB": {
			strings.NewReplacer("cacheEngine", "engine", "Cache Instance", "Amazon MemoryDB").Replace(list("AmazonMemoryDB", node("A", "EU-NodeUsage:db.r7g.large", "db.r7g.large", "Redis", ""), term("A", "0.339"))),
			"memorydb-redis:db.r7g.large:eu-west-1", "0.339 USD per hour",
		},
		"EC2": {
			list("AmazonEC2", node("A", "EU-BoxUsage:r7g.large", "r7g.large", "", `, "operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA", "capacitystatus": "Used"`)+","+
				node("B", "EU-BoxUsage:r7g.large", "r7g.large", "", `, "operatingSystem": "Windows", "tenancy": "Shared"`)+","+
				node("C", "EU-DedicatedUsage:r7g.large", "r7g.large", "", ""), term("A", "0.1134")+","+term("B", "0.2")+","+term("C", "0.3")),
			"self-hosted-ec2:r7g.large:eu-west-1", "0.1134 USD per hour",
		},
		"OVHcloud": { // 14,000,000 hundred-millionths of a euro
			`{"catalogId": 7, "locale": {"currencyCode": "EUR", "subsidiary": "FR"}, "plans": [], "addons": [
{"planCode": "databases.valkey-production-b3-8.hour.consumption.3az", "pricings": [{"price": 15000000, "capacities": ["consumption"]}]},
{"planCode": "databases.valkey-production-b3-8.month.consumption", "pricings": [{"price": 9900000000}]},
{"planCode": "databases.valkey-production-b3-8.hour.consumption", "pricings": [{"price": 14000000, "capacities": ["consumption"]}]}]}`,
			"ovhcloud-valkey:valkey-production-b3-8:standard", "0.14 EUR per hour",
		},
		"Oracle": {
			`{"lastUpdated": "2026-11-20T00:00:00Z", "items": [{"partNumber": "B99591", "displayName": "OCI Cache with Redis - High Memory", "metricName": "Redis Memory Gigabyte Per Hour",
"currencyCodeLocalizations": [{"currencyCode": "USD", "prices": [{"model": "PAY_AS_YOU_GO", "value": 0.0136}]}]},
{"partNumber": "B93113", "displayName": "Compute - E4", "metricName": "OCPU Per Hour", "currencyCodeLocalizations": []}]}`,
			"oci-cache:high-memory", "0.0136 USD per GB-hour",
		},
		"Hetzner": {
			`{"pricing": {"currency": "EUR", "vat_rate": "19.000000", "server_types": [{"id": 1, "name": "cx23", "prices": [{"location": "fsn1", "price_hourly": {"net": "0.0088"}, "price_monthly": {"net": "5.4900000000", "gross": "6.5331"}}]}]}}`,
			"self-hosted-hetzner:cx23:fsn1", "5.49 EUR per month",
		},
		"Azure's exponent": {
			`{"Items": [{"currencyCode": "USD", "retailPrice": 1.6e-02, "armRegionName": "eastus2", "meterName": "B0 Cache Instance", "productName": "Azure Managed Redis - Balanced", "serviceName": "Redis Cache", "unitOfMeasure": "1 Hour", "type": "Consumption"}], "NextPageLink": null}`,
			"azure-managed-redis:B0:eastus2", "0.016 USD per hour",
		},
		"CSV": {
			"\"FormatVersion\",\"v1.0\"\n\"Publication Date\",\"2026-11-01T00:00:00Z\"\n\"Version\",\"20261101000000\"\n\"OfferCode\",\"AmazonElastiCache\"\n" +
				"\"SKU\",\"RateCode\",\"TermType\",\"StartingRange\",\"Unit\",\"PricePerUnit\",\"Currency\",\"Location\",\"Location Type\",\"Instance Type\",\"Cache Engine\",\"usageType\"\n" +
				"\"A\",\"A.J.6\",\"OnDemand\",\"0\",\"Hrs\",\"0.1944000000\",\"USD\",\"EU (Ireland)\",\"AWS Region\",\"cache.r7g.large\",\"Valkey\",\"EU-NodeUsage:cache.r7g.large\"\n",
			"elasticache-node-valkey:cache.r7g.large:eu-west-1", "0.1944 USD per hour",
		},
	} {
		f := read(t, test.text)
		if got := prices(f)[test.key]; got != test.price || len(f.Unknown) > 0 {
			t.Errorf("%s: %s is %q, want %q; refused %v, unrecognised %q", name, test.key, got, test.price, f.Refused, f.Unknown)
		}
	}
}

func TestHistoryOfRates(t *testing.T) {
	const history = `<e xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube>
<Cube time="2020-01-27"><Cube currency="USD" rate="1.1025"/><Cube currency="RUB" rate="68.9"/></Cube>
<Cube time="2020-01-24"><Cube currency="USD" rate="1.1035"/></Cube></Cube></e>`
	for asked, want := range map[string]string{"2020-01-27": "2020-01-27 1.1025", "2020-01-26": "2020-01-24 1.1035", "2026-11-25": "2020-01-27 1.1025"} {
		f, err := Read("feed", strings.NewReader(history), Options{AsOf: asked})
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Published + " " + f.Figures[0].Price; got != want {
			t.Errorf("asked for %s: %s, want %s", asked, got, want)
		}
	}
	if _, err := Read("feed", strings.NewReader(history), Options{AsOf: "2020-01-23"}); err == nil || !strings.Contains(err.Error(), "no dollar rate on or before 2020-01-23") {
		t.Errorf("before the first day: %v", err)
	}
}

func TestPages(t *testing.T) {
	item := func(meter, price string) string {
		return `{"currencyCode": "USD", "retailPrice": ` + price + `, "armRegionName": "eastus", "meterName": "` + meter + ` Cache Instance", "productName": "Azure Managed Redis - Balanced", "serviceName": "Redis Cache", "unitOfMeasure": "1 Hour", "type": "Consumption"}`
	}
	pageOf := func(next string, items ...string) *Feed {
		return read(t, `{"Items": [`+strings.Join(items, ",")+`], "NextPageLink": `+next+`}`)
	}
	link := func(skip string) string { return `"https://prices.azure.com:443/api/retail/prices?$skip=` + skip + `"` }
	first, second, third := pageOf(link("1"), item("B0", "0.016")), pageOf(link("2"), item("B1", "0.032")), pageOf("null", item("B3", "0.065"))
	for _, test := range []struct {
		feeds   []*Feed
		partial bool
		want    string // number of figures, or the message
	}{
		{[]*Feed{first, second, third}, false, "3"},
		{[]*Feed{third, first, second, first}, false, "3"},
		{[]*Feed{first, second}, false, "a page is missing after the last one; fetch it too, or add --partial to use the pages that are there"},
		{[]*Feed{first, third}, true, "2"},
		{[]*Feed{second, third}, false, "the page before row 2 is missing"},
		{[]*Feed{first, second}, true, "2"},
		{[]*Feed{first, third, read(t, list("AmazonElastiCache", node("A", "EU-NodeUsage:cache.r7g.large", "cache.r7g.large", "Valkey", ""), term("A", "0.1944")))}, false, "import one feed at a time"},
	} {
		joined, err := Join(test.feeds, test.partial)
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(len(joined.Figures))
		}
		if !strings.Contains(got, test.want) {
			t.Errorf("%d pages: %s, want %s", len(test.feeds), got, test.want)
		}
	}
	// A key that is refused on one page does not come back from another.
	both := pageOf(link("2"), item("B0", "0.016"), item("B0", "0.017"))
	joined, err := Join([]*Feed{both, pageOf("null", item("B0", "0.016"))}, true)
	if err != nil || len(joined.Figures) != 0 || len(joined.Refused) != 1 {
		t.Errorf("a refused key came back: %v %v, %v", joined.Figures, joined.Refused, err)
	}
}

func TestDecimal(t *testing.T) {
	for _, test := range []struct {
		text  string
		shift int
		want  string
	}{
		{"0.1752000000", 0, "0.1752"},
		{"0.0000000025", 6, "0.0025"},
		{"2.5E-9", 6, "0.0025"},
		{"14000000", -8, "0.14"},
		{"1009.0", 0, "1009"},
		{"00.50", 0, "0.5"},
		{"0", 0, "0"},
		{"0.000", 0, "0"},
		{"5e3", 0, "5000"},
	} {
		if got, err := decimal(test.text, test.shift); err != nil || got != test.want {
			t.Errorf("decimal(%q, %d) = %q, %v; want %q", test.text, test.shift, got, err, test.want)
		}
	}
	for _, bad := range []string{"", "-1", "1,5", "0.00743999984115362", "1.", ".5", "1e99", "NaN", "0x1", "1234567890"} {
		if got, err := decimal(bad, 0); err == nil {
			t.Errorf("decimal(%q) = %q, want an error", bad, got)
		}
	}
}

// synthetic is a price list of about n bytes that is written while it is read:
// one instance that is wanted among others that are not.
func synthetic(n int) io.ReadCloser {
	r, w := io.Pipe()
	go func() {
		written, count := 0, 0
		write := func(s string) {
			m, _ := io.WriteString(w, s)
			written += m
		}
		write(`{"formatVersion": "v1.0", "offerCode": "AmazonEC2", "version": "1", "publicationDate": "2026-11-01T00:00:00Z", "products": {` +
			node("A", "EU-BoxUsage:r7g.large", "r7g.large", "", `, "operatingSystem": "Linux", "tenancy": "Shared"`))
		for ; written < n/2; count++ {
			write("," + node(fmt.Sprint("S", count), fmt.Sprintf("EU-BoxUsage:x%d.large", count), fmt.Sprintf("x%d.large", count), "", `, "operatingSystem": "Windows", "tenancy": "Shared"`))
		}
		write(`}, "terms": {"OnDemand": {` + term("A", "0.1134"))
		for i := range count {
			write("," + term(fmt.Sprint("S", i), "9.99") + strings.Repeat(" ", 120))
		}
		write(`}}}`)
		_ = w.Close()
	}()
	return r
}

// TestFlatMemory reads a price list of 30 MB and looks at what is alive then: the
// memory must not grow with the file. BenchmarkPriceList does it with 300 MB.
func TestFlatMemory(t *testing.T) {
	if n := alive(t, 30<<20); n > 8<<20 {
		t.Errorf("%d MiB are alive while 30 MB are read", n>>20)
	}
}

// alive is the most that was found on the heap, after a collection, while a
// synthetic price list of so many bytes was read.
func alive(t testing.TB, size int) (most uint64) {
	t.Helper()
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	in := synthetic(size)
	defer in.Close()
	w := &watched{r: in, step: size / 8}
	f, err := Read("synthetic", w, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := prices(f)["self-hosted-ec2:r7g.large:eu-west-1"]; got != "0.1134 USD per hour" {
		t.Fatalf("read %q", got)
	}
	if w.total < size/2 {
		t.Fatalf("only %d bytes were read", w.total)
	}
	return max(w.most, before.HeapAlloc) - before.HeapAlloc
}

// watched measures the heap each time that another step of bytes has been read.
type watched struct {
	r                 io.Reader
	step, next, total int
	most              uint64
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.total += n
	if w.total >= w.next {
		w.next += w.step
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		w.most = max(w.most, m.HeapAlloc)
	}
	return n, err
}

func BenchmarkPriceList(b *testing.B) {
	for b.Loop() {
		most := alive(b, 300<<20)
		b.ReportMetric(float64(most)/(1<<20), "MiB-alive")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(list("AmazonElastiCache", node("A", "EU-NodeUsage:cache.r7g.large", "cache.r7g.large", "Valkey", ""), term("A", "0.1944")))
	f.Add(`{"skus": [{"description": "Redis Capacity Basic M1 Mumbai", "pricingInfo": []}], "nextPageToken": ""}`)
	f.Add(`{"prices": {"zone": [{"name": "a", "server_core": {"amount": 1, "price": 1.12}}]}}`)
	f.Add(`<Cube xmlns="eurofxref"><Cube time="2020-01-24"><Cube currency="USD" rate="1.1"/></Cube></Cube>`)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Read("feed", strings.NewReader(text), Options{AsOf: "2026-11-25"})
		if err != nil {
			return
		}
		for _, g := range got.Figures {
			if g.Price == "" || g.Price == "0" || strings.HasPrefix(g.Price, "-") {
				t.Errorf("a price of %q", g.Price)
			}
		}
	})
}
