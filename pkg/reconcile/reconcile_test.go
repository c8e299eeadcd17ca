package reconcile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/keynest/keynest/pkg/columns"
	"github.com/keynest/keynest/pkg/parquetfile"
	"github.com/keynest/keynest/pkg/ratecard"
)

const curHead = "line_item_product_code,line_item_line_item_type,line_item_usage_type,line_item_operation,line_item_resource_id,line_item_usage_start_date,line_item_usage_end_date,line_item_usage_amount,line_item_currency_code,line_item_unblended_cost\n"

// read reads texts as files a, b, and so on.
func read(t testing.TB, set *ratecard.Set, texts ...string) (*Result, error) {
	t.Helper()
	rules, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	var inputs []Input
	for i, text := range texts {
		inputs = append(inputs, Input{Name: string(rune('a' + i)), R: strings.NewReader(text)})
	}
	return Read(rules, set, Options{Lines: true}, inputs...)
}

func good(t testing.TB, set *ratecard.Set, texts ...string) *Result {
	t.Helper()
	r, err := read(t, set, texts...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestMinimumOfABill is a bill that a public thread asks about: a serverless cache
// of a few MB costs 56.68 + 5.45 USD in April in ap-northeast-2. It was made with a
// minimum of 1 GB and 1,000 ECPU/s and ran for 561.19 hours: 9.19 on the first day,
// then 23 whole days. 561.19 × 0.101 = 56.68019; 561.19 × 3,600 × 1,000 = 2,020,284,000
// ECPU × 0.0027 ÷ 10^6 = 5.4547668.
func TestMinimumOfABill(t *testing.T) {
	bill := curHead
	for day := 7; day <= 30; day++ {
		hours, from := "24", "00"
		ecpu, stored, units := "86400000", "2.424", "0.23328"
		if day == 7 {
			hours, from, ecpu, stored, units = "9.19", "14", "33084000", "0.92819", "0.0893268"
		}
		next := fmt.Sprintf("2026-04-%02d", day+1)
		if day == 30 {
			next = "2026-05-01"
		}
		when := fmt.Sprintf("2026-04-%02dT%s:00:00Z,%sT00:00:00Z", day, from, next)
		bill += "AmazonElastiCache,Usage,APN2-CachedData:Valkey,CreateServerlessCache,arn:x:serverlesscache:shop," + when + "," + hours + ",USD," + stored + "\n"
		bill += "AmazonElastiCache,Usage,APN2-ElastiCacheProcessingUnits:Valkey,CreateServerlessCache,arn:x:serverlesscache:shop," + when + "," + ecpu + ",USD," + units + "\n"
	}
	r := good(t, cards(t), bill)
	by := r.ByReason()
	if len(by) != 1 || by[0].Reason != Minimum || by[0].Lines != 48 || by[0].Billed.String() != "62.1349568" {
		t.Errorf("by reason: %+v", by)
	}
	for _, g := range r.Groups {
		want := map[string]string{"stored": "56.68 1 GB in every hour", "ecpu": "5.45 1000 ECPU in every second"}[g.Meter]
		if got := g.Billed.Cents() + " " + g.Words; got != want {
			t.Errorf("%s: %s, want %s", g.Meter, got, want)
		}
	}
	if c := r.Caches[0]; c.Use != UseMinimum || c.Name != "shop" || c.StoredMinimum.String() != "1" || c.ECPUMinimum.String() != "1000" {
		t.Errorf("the cache: %+v", c)
	}
	if r.Unexplained.Sign() != 0 {
		t.Errorf("unexplained %s", r.Unexplained)
	}
}

// TestSplitMonth: two files of one month are one bill; a file of two months has
// two periods.
func TestSplitMonth(t *testing.T) {
	line := func(day, next string) string {
		return "AmazonElastiCache,Usage,EU-NodeUsage:cache.m7g.large,CreateCacheCluster:Valkey,," + day + "T00:00:00Z," + next + "T00:00:00Z,24,USD,3.3408\n"
	}
	r := good(t, cards(t), curHead+line("2026-10-30", "2026-10-31"), curHead+line("2026-10-31", "2026-11-01")+line("2026-11-01", "2026-11-02"))
	if len(r.Months) != 2 || r.Months[0].Name != "2026-10" || r.Months[0].Billed.String() != "6.6816" || r.Months[1].Billed.String() != "3.3408" {
		t.Errorf("periods: %+v", r.Months)
	}
	if len(r.Groups) != 1 || r.Groups[0].Quantity.String() != "72" || r.AtList.String() != "10.0224" {
		t.Errorf("groups: %+v, at list %s", r.Groups, r.AtList)
	}
}

// TestOtherServices: lines of forty other services are skipped and counted.
func TestOtherServices(t *testing.T) {
	bill := curHead
	for i := range 40 {
		bill += fmt.Sprintf("AmazonService%d,Usage,Thing,Run,,2026-10-01T00:00:00Z,2026-10-02T00:00:00Z,24,USD,1.25\n", i)
	}
	bill += "AmazonEC2,Tax,,,,2026-10-01T00:00:00Z,2026-10-02T00:00:00Z,,USD,\n"
	r := good(t, cards(t), bill)
	if r.Count != 0 || r.Others.Lines != 41 || r.Others.Billed.String() != "50" || len(r.Lines) != 0 {
		t.Errorf("%d lines, others %+v", r.Count, r.Others)
	}
}

// TestBeforeTheCards: a day before the first card has no list price.
func TestBeforeTheCards(t *testing.T) {
	r := good(t, cards(t), curHead+"AmazonElastiCache,Usage,EU-NodeUsage:cache.m7g.large,CreateCacheCluster:Valkey,,2015-01-01T00:00:00Z,2015-01-02T00:00:00Z,24,USD,3.3408\n")
	l := r.Lines[0]
	if l.AtList != nil || l.Group.Reason != Unknown || !strings.Contains(l.Group.Words, "the first card of elasticache-node-valkey is in force from 20") || r.Unexplained.String() != "3.3408" {
		t.Errorf("at list %v: %s %s", l.AtList, l.Group.Reason, l.Group.Words)
	}
}

func TestRefused(t *testing.T) {
	set := cards(t)
	node := func(quantity, currency, cost string) string {
		return "AmazonElastiCache,Usage,EU-NodeUsage:cache.m7g.large,CreateCacheCluster:Valkey,,2026-10-01T00:00:00Z,2026-10-02T00:00:00Z," + quantity + "," + currency + "," + cost + "\n"
	}
	for _, c := range []struct {
		name, want string
		texts      []string
	}{
		{"two currencies", `a, row 2 (line 3), column line_item_currency_code: this line is in "EUR", the lines before it in USD`, []string{curHead + node("24", "USD", "1") + node("24", "EUR", "1")}},
		{"two currencies in two files", `b, row 1`, []string{curHead + node("24", "USD", "1"), curHead + node("24", "EUR", "1")}},
		{"one file twice", "b: it has the same lines as a; give each file once", []string{curHead + node("24", "USD", "1"), curHead + node("24", "USD", "1")}},
		{"a missing column", "a: this looks like AWS CUR 2.0, but lacks columns that reconcile needs: line_item_unblended_cost", []string{strings.Replace(curHead, ",line_item_unblended_cost", "", 1)}},
		{"no head", "a: this is not a known billing export", []string{"x,y\n1,2\n"}},
		{"nothing", "a: the file has no head", []string{""}},
		{"no line", "a: the file has no lines", []string{curHead}},
		{"a quantity", `column line_item_usage_amount: "many" is not a number`, []string{curHead + node("many", "USD", "1")}},
		{"an endless number", `has too many digits`, []string{curHead + node("1", "USD", "1e999999999")}},
		{"a cut row", "the file ends in the middle of this row: it was cut", []string{curHead + "AmazonElastiCache,Usage"}},
		{"no JSON", "a, object 1: this is not JSON", []string{"{]"}},
		{"JSON of no objects", "a, object 1: an object is needed here", []string{"[1]"}},
		{"a line of 5 MiB", "a, object 1: a value is longer than 4 MiB", []string{`{"a": "` + strings.Repeat("x", 5<<20) + `"}`}},
		{"an answer of 17 MiB", "a, object 1: a value is longer than 16 MiB", []string{`{"ResultsByTime": ["` + strings.Repeat("x", 17<<20) + `"]}`}},
		{"an empty list", "a: the file has no lines", []string{"[]"}},
		{"other JSON", "a: this is not a known billing export", []string{`{"a": 1}`}},
	} {
		_, err := read(t, set, c.texts...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		} else if !Mend(err) {
			t.Errorf("%s: %v is not for the owner of the file", c.name, err)
		}
	}
}

// TestGzip: a packed file is read as it is; a cut one is refused.
func TestGzip(t *testing.T) {
	plain, err := os.ReadFile("testdata/cur2.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cur2.csv", "google.jsonl"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(text)
		_ = z.Close()
		same(t, good(t, cards(t), string(text)), good(t, cards(t), packed.String()))
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(plain)
	_ = z.Close()
	if _, err := read(t, cards(t), packed.String()[:packed.Len()/2]); err == nil || !Mend(err) || !strings.Contains(err.Error(), "cut") {
		t.Errorf("a cut file: %v", err)
	}
}

// same compares what two readings found.
func same(t *testing.T, a, b *Result) {
	t.Helper()
	show := func(r *Result) string {
		var s strings.Builder
		fmt.Fprintln(&s, r.Billed.Exact(), r.AtList.Exact(), r.Unexplained.Exact(), r.Others)
		for i := range r.Lines {
			l := &r.Lines[i]
			fmt.Fprintln(&s, l.Number, l.Group.Offer, l.Group.Plan, l.Group.Region, l.Group.Reason, l.Billed, l.Quantity, l.AtList)
		}
		return s.String()
	}
	if x, y := show(a), show(b); x != y {
		t.Errorf("not the same:\n%s\n%s", x, y)
	}
}

// curRow is a row of a CUR in Parquet, with the types that AWS exports.
type curRow struct {
	Product   map[string]string `parquet:"product"`
	Service   string            `parquet:"line_item_product_code,dict"`
	Kind      string            `parquet:"line_item_line_item_type"`
	Usage     string            `parquet:"line_item_usage_type"`
	Operation string            `parquet:"line_item_operation"`
	Start     time.Time         `parquet:"line_item_usage_start_date,timestamp(millisecond)"`
	End       time.Time         `parquet:"line_item_usage_end_date,timestamp(millisecond)"`
	Quantity  float64           `parquet:"line_item_usage_amount"`
	Currency  string            `parquet:"line_item_currency_code"`
	Cost      float64           `parquet:"line_item_unblended_cost"`
	Region    *string           `parquet:"product_region_code,optional"`
	Effective *float64          `parquet:"reservation_effective_cost,optional"`
}

// parquetInput is a file of Parquet.
func parquetInput(name string, data []byte) Input {
	return Input{Name: name, Table: func() (*columns.Reader, error) {
		return parquetfile.Open(name, bytes.NewReader(data), int64(len(data)))
	}}
}

// TestParquet: the types of AWS's Parquet, doubles among them, give the same
// sums; a column of groups is no hindrance.
func TestParquet(t *testing.T) {
	region, effective := "us-east-1", 110.856
	begin, end := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	rows := []curRow{
		{nil, "AmazonElastiCache", "Usage", "EU-NodeUsage:cache.m7g.large", "CreateCacheCluster:Valkey", begin, end, 744, "USD", 103.5648, nil, nil},
		{nil, "AmazonElastiCache", "DiscountedUsage", "NodeUsage:cache.r7g.large", "CreateCacheCluster:0002", begin, end, 744, "USD", 0, &region, &effective},
		{map[string]string{"region": "x"}, "AmazonElastiCache", "Usage", "EUC1-ElastiCacheProcessingUnits:Valkey", "CreateServerlessCache", begin, end, 123456789, "USD", 123456789 * 2.7e-9, nil, nil},
		{nil, "AmazonEC2", "Usage", "BoxUsage", "RunInstances", begin, end, 744, "USD", 0.1 + 0.2, nil, nil},
	}
	var file bytes.Buffer
	w := parquet.NewGenericWriter[curRow](&file)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rules, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	in := parquetInput("a", file.Bytes())
	r, err := Read(rules, cards(t), Options{Lines: true}, in)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range r.Lines {
		l := &r.Lines[i]
		got = append(got, fmt.Sprint(l.Group.Plan, " ", l.Group.Region, " ", l.Group.Reason, " ", l.AtList, " ", l.Difference().Cents()))
	}
	// 744 × 0.1392 = 103.5648; 744 × 0.219 = 162.936, of which 110.856 is paid.
	want := "cache.m7g.large eu-west-1 list-price 103.5648 0.00; cache.r7g.large us-east-1 reservation 162.936 -52.08;  eu-central-1 list-price 0.3333333303 0.00"
	if strings.Join(got, "; ") != want {
		t.Errorf("%s\nwant %s", strings.Join(got, "; "), want)
	}
	if r.Others.Lines != 1 || math.Abs(0.3-float64(r.Others.Billed.Round(9).small)/math.Pow10(int(r.Others.Billed.Round(9).scale))) > 1e-9 {
		t.Errorf("others: %+v", r.Others)
	}
	cut := file.Bytes()[:file.Len()-20]
	if _, err := Read(rules, cards(t), Options{}, parquetInput("a", cut)); err == nil || !Mend(err) {
		t.Errorf("a cut file: %v", err)
	}
}

// TestGoogleTable: Google's export flattened into columns.
func TestGoogleTable(t *testing.T) {
	r := good(t, cards(t), `service_id,sku_description,usage_start_time,usage_end_time,usage_amount,usage_unit,cost,currency,credits,location_region
5AF5-2C11-D467,Redis Capacity Standard M3 Virginia,2026-10-01 00:00:00 UTC,2026-11-01 00:00:00 UTC,2875910101401600,byte-seconds,34.224,USD,"[{""amount"": -6.8448, ""type"": ""COMMITTED_USAGE_DISCOUNT""}]",us-east4
`)
	// 2,875,910,101,401,600 ÷ (2^30 × 3,600) = 744 GiB-hours × 0.046 = 34.224; less 6.8448.
	if l := r.Lines[0]; l.Quantity.String() != "744" || l.AtList.String() != "34.224" || l.Billed.String() != "27.3792" || l.Group.Reason != CommittedUse {
		t.Errorf("%+v %+v", l, l.Group)
	}
}

// TestOverlayOfRules: a format and a kind of line that nobody has written Go for.
func TestOverlayOfRules(t *testing.T) {
	rules, err := Load(File{"more.toml", `schema = 1
[source.ours]
url = "https://example.net"
title = "our own ledger"
retrieved = "2026-11-25"
[provider.ours]
names = ["ours"]
services = ['^caches$']
[format.ours]
name = "our ledger"
source = "ours"
shape = "table"
provider = "ours"
known_by = ["ledger"]
needs = ["billed", "start", "quantity", "currency"]
[format.ours.columns]
service = ["ledger"]
usage_type = ["what"]
billed = ["usd"]
start = ["day"]
quantity = ["hours"]
currency = ["money"]
region = ["where"]
[[product]]
provider = "ours"
match = {usage_type = '^node (?P<plan>.+)$'}
what = "node hours"
offer = "elasticache-node-valkey"
plan = "${plan}"
meter = "nodes"
unit = "node-hours"
`})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Read(rules, cards(t), Options{Lines: true}, Input{Name: "a", R: strings.NewReader("ledger,what,usd,day,hours,money,where\ncaches,node cache.m7g.large,3.3408,2026-10-01,24,USD,eu-west-1\n")})
	if err != nil {
		t.Fatal(err)
	}
	if l := r.Lines[0]; l.Group.Reason != ListPrice || l.AtList.String() != "3.3408" {
		t.Errorf("%+v", l.Group)
	}
	for text, want := range map[string]string{
		"schema = 2\n": "schema is 2; this program reads 1",
		"schema = 1\n[[product]]\nprovider = \"aws\"\nmatch = {usage_type = '('}\nwhat = \"x\"\noffer = \"y\"\n": "product 1: match: usage_type: error parsing regexp",
		"schema = 1\n[[product]]\nprovider = \"aws\"\nmatch = {color = 'x'}\nwhat = \"x\"\noffer = \"y\"\n":      `product 1: match: field "color" is not known`,
		"schema = 1\n[[charge]]\nprovider = \"me\"\nmatch = {kind = 'x'}\nreason = \"tax\"\n":                    `charge 1: provider "me" is not in the file`,
		"schema = 1\n[format.x]\nname = \"x\"\nshape = \"scroll\"\nknown_by = [\"y\"]\n":                         `format x: shape "scroll"; known: table, cost-explorer`,
		"schema = 1\ncolour = 1\n": "unknown key",
	} {
		if _, err := Load(File{"bad.toml", text}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestHostileNames: what a bill calls its regions and caches does not leave its
// place in a file that is written.
func TestHostileNames(t *testing.T) {
	set := cards(t)
	r := good(t, set, `ProviderName,ServiceName,ChargeCategory,ChargeDescription,ChargePeriodStart,ChargePeriodEnd,ConsumedQuantity,BillingCurrency,BilledCost,ListCost,RegionId,ResourceId
AWS,Amazon ElastiCache,Usage,$0.15 per cache.m7g.large Valkey node hour,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,744,USD,111.6,111.6,"x
""""""
[offer.evil]","arn:x:a""]
[check.evil]"
AWS,Amazon ElastiCache,Usage,$0.15 per cache.m7g.large Valkey node hour,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,744,USD,111.6,111.6,eu-west-1,
`)
	text, err := r.Overlay(set)
	if err != nil || strings.Contains(text, "\n[offer.evil]") || !strings.Contains(text, "cache.m7g.large 0.15") {
		t.Errorf("%v\n%s", err, text)
	}
	if _, err := set.Overlay("2026-11-26", ratecard.File{Name: "o.toml", Text: text}); err != nil {
		t.Error(err)
	}
	var w strings.Builder
	if err := r.WriteWorkloads(&w, set); err != nil || strings.Contains(w.String(), "\n[check.evil]") {
		t.Errorf("%v\n%s", err, w.String())
	}
}

// TestRedisCloud is FOCUS with the fields that Redis documents: no provider but a
// publisher, hours of a database (6 micro units at 0.043, 6 × 0.043 × 744 =
// 191.952), network, a plan by the month whose consumed quantity is null, and a
// tax. The billing units stand in no documented key, so there is no list price.
func TestRedisCloud(t *testing.T) {
	const head = "BillingAccountType,PublisherName,ServiceName,ChargeCategory,ChargeDescription,ChargePeriodStart,ChargePeriodEnd,ConsumedQuantity,ConsumedUnit,PricingQuantity,PricingUnit,BillingCurrency,BilledCost,ListUnitPrice,ListCost,EffectiveCost,RegionId,ResourceId,ResourceType\n"
	line := func(service, kind, consumed, pricing, cost, price, resource string) string {
		return "Redis Cloud,redis.io," + service + "," + kind + ",words,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z," + consumed + "," + pricing + ",USD," + cost + "," + price + "," + cost + "," + cost + ",us-east-1," + resource + ",Database\n"
	}
	r := good(t, cards(t), head+
		line("Redis Cloud Pro", "Usage", "744,Hours", "744,Hours", "191.952", "0.258", "51000001")+
		line("Redis Cloud Pro", "Usage", "1,Network", "1,Network", "3.2", "3.2", "200001")+
		line("Redis Cloud Essentials", "Usage", ",", "1,Months", "5", "5", "51000002")+
		line("Redis Cloud Pro", "Tax", ",", ",", "20", "", ""))
	var got []string
	for i := range r.Lines {
		l := &r.Lines[i]
		got = append(got, fmt.Sprint(l.Group.Offer, " ", l.Group.Meter, " ", l.Group.Reason, " ", l.Billed, " ", l.AtList == nil))
	}
	want := "redis-cloud-pro database unknown 191.952 true; traffic traffic 3.2 true; redis-cloud-essentials database unknown 5 true;   tax 20 true"
	if strings.TrimSpace(strings.ReplaceAll(strings.Join(got, ";"), ";", "; ")) != strings.ReplaceAll(want, "; traffic", ";  traffic") {
		t.Errorf("lines:\n%s\nwant\n%s", strings.Join(got, "; "), want)
	}
	if w := r.Groups[0].Words; w != "Redis does not document how its report names a database's billing units; the bill itself says 0.258" {
		t.Errorf("words: %s", w)
	}
	if r.Unexplained.String() != "196.952" || len(r.Unknowns) != 0 {
		t.Errorf("unexplained %s, %d not recognised", r.Unexplained, len(r.Unknowns))
	}
}

// TestSeriesOfABill: what a day has is spread over its hours without a loss, and
// what is no series is named. 10 ECPU in 24 hours are 10,000 thousandths, of which
// the first hours have 417, 416, 417 (10,000 × 1 ÷ 24 = 416.67, × 2 = 833.33,
// × 3 = 1,250).
func TestSeriesOfABill(t *testing.T) {
	line := func(usage, resource, from, to, quantity string) string {
		return "AmazonElastiCache,Usage,USE1-" + usage + ",CreateServerlessCache," + resource + "," + from + "Z," + to + "Z," + quantity + ",USD,1\n"
	}
	const day, next, after = "2026-10-01T00:00:00", "2026-10-02T00:00:00", "2026-10-02T01:00:00"
	text := curHead +
		line("CachedData:Valkey", "one", next, after, "2") + // backwards in time
		line("CachedData:Valkey", "one", day, next, "36") +
		line("ElastiCacheProcessingUnits:Valkey", "one", day, next, "10") +
		line("CachedData:Valkey", "month", day, "2026-11-01T00:00:00", "744") +
		line("ElastiCacheProcessingUnits:Valkey", "no-data", day, next, "10") +
		line("CachedData:Valkey", "refund", day, next, "24") +
		line("CachedData:Valkey", "refund", day, next, "-25")
	rules, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	set := cards(t)
	r, err := Read(rules, set, Options{Hours: true}, Input{Name: "a", R: strings.NewReader(text)})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	notes, err := r.WriteSeries(&b, set)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(rows) != 26 || rows[1] != "one,2026-10-01T00:00:00Z,1,0.417,1610612736" || rows[2] != "one,2026-10-01T01:00:00Z,1,0.416,1610612736" ||
		rows[25] != "one,2026-10-02T00:00:00Z,0,0,2147483648" {
		t.Errorf("%d rows:\n%s", len(rows), b.String())
	}
	sum := int64(0)
	for _, row := range rows[1:] {
		n, err := strconv.ParseFloat(strings.Split(row, ",")[3], 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += int64(math.Round(n * 1000))
	}
	if sum != 10_000 {
		t.Errorf("the hours add up to %d thousandths", sum)
	}
	for _, want := range []string{
		"month: not in the series: its lines cover more than a day; export the bill by the hour or by the day",
		"no-data: not in the series: the bill has no stored data for the hour 2026-10-01T00:00:00Z",
		"refund: not in the series: refunds exceed the use in the hour 2026-10-01T00:00:00Z",
	} {
		if !slices.Contains(notes, want) {
			t.Errorf("no note %q in %q", want, notes)
		}
	}
	if _, err := (&Result{}).WriteSeries(io.Discard, set); err == nil {
		t.Error("a series of nothing was written")
	}
}

// TestSurcharges: 24 h of Extended Support at 0.054 on a node of 0.068 are 79.4 %
// of it, and the price list's 80 % rounded to 0.001.
func TestSurcharges(t *testing.T) {
	r := good(t, cards(t), curHead+"AmazonElastiCache,Usage,USW2-ExtendedSupportYr1_Yr2-NodeUsage:cache.t3.medium,CreateCacheCluster:0002,,2026-10-01T00:00:00Z,2026-10-02T00:00:00Z,24,USD,1.296\n")
	if g := r.Groups[0]; g.Reason != ExtendedSupport || g.Words != "+79.4 % of the node hour; the card says 80 %" || r.Unexplained.Sign() != 0 {
		t.Errorf("%s: %s", g.Reason, g.Words)
	}
}

// FuzzRead: no text makes the reader fail in a way that is not its owner's to mend.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"cur2.csv", "focus.csv", "azure-cost.csv", "google.jsonl", "cost-explorer.json", "cur-legacy.csv"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	rules, err := Load()
	if err != nil {
		f.Fatal(err)
	}
	set := cards(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := Read(rules, set, Options{Lines: true, Hours: true}, Input{Name: "a", R: bytes.NewReader(text)})
		if err != nil {
			var table *columns.Error
			if !Mend(err) && !errors.As(err, &table) && !errors.Is(err, io.ErrUnexpectedEOF) && !strings.Contains(err.Error(), "reading a") {
				t.Fatalf("%v", err)
			}
			return
		}
		if r.Explained().Add(r.Unexplained).Cmp(r.Billed) != 0 {
			t.Errorf("explained %s and unexplained %s are not billed %s", r.Explained(), r.Unexplained, r.Billed)
		}
		if err := r.WriteWorkloads(io.Discard, set); err != nil {
			t.Fatal(err)
		}
		_, _ = r.WriteSeries(io.Discard, set)
		_, _ = r.Overlay(set)
	})
}
