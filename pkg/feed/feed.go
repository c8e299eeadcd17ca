// Package feed reads the price files that vendors publish and says which figures
// of the rate cards they hold.
//
// A reader takes an io.Reader and returns rows: each row of the file is taken as
// a figure, skipped with a reason that is counted, refused with a reason that
// names the row, or listed as unrecognised. Prices come from the text of the
// file and never pass through a floating-point number. Nothing here opens a
// file, asks for the time or uses the network.
package feed

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sort"
	"strings"
)

// Kind is what a figure prices.
type Kind string

// The kinds of figure.
const (
	Plan       Kind = "plan"       // a node, an instance or a plan, on demand
	Charge     Kind = "charge"     // a charge of the card
	Commitment Kind = "commitment" // a plan for one or three years
	Exchange   Kind = "fx"         // US dollars for one unit of another currency
)

// Key names one figure.
type Key struct {
	Kind    Kind
	Offer   string // offer id; "" where no card sells what the row prices
	ID      string // plan or charge id, or the currency of an exchange rate
	Region  string // the vendor's region, the day of an exchange rate, or "" for one price everywhere
	Term    string // "1y" or "3y" for a commitment
	Upfront string // "none", "partial" or "all" for a commitment
	AtStart bool   // the amount that is due at the start of the term, not the hourly one
}

// String is the key as --accept takes it: its parts with colons between.
func (k Key) String() string {
	parts := []string{k.Offer, k.ID, k.Region}
	if k.Kind == Exchange {
		parts = []string{"fx", k.ID, k.Region}
	}
	if k.Kind == Commitment {
		parts = append(parts, k.Term+"-"+k.Upfront)
		if k.AtStart {
			parts = append(parts, "at-start")
		}
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ":")
}

// Figure is one price as the feed publishes it.
type Figure struct {
	Key
	Price    string // decimal, without needless zeros, for Per
	Currency string // "USD" or "EUR"
	Per      string // what the price is for one of: hour, month, GiB-hour, …
	Row      string // what the feed calls the row: SKU, rate code, meter or plan code
	// OnDemand is the on-demand price that the row itself carries beside a committed
	// one; "" where it has none. It tells whether the row is of the engine it is taken for.
	OnDemand string
	// Memory and VCPU are as the feed states them, "" where it does not.
	Memory, VCPU string
	Previous     bool // the vendor calls the size a previous generation
}

// Refusal is a row or a key that is not taken although a rule would take it.
type Refusal struct {
	Key string // as Key.String, or what the feed calls the row
	Why string
}

// Feed is what one file, or several pages of one feed, hold.
type Feed struct {
	Format    string // id of the format
	Title     string // what the vendor calls the file
	URL       string // where the vendor serves it
	Version   string // the vendor's own version, or ""
	Published string // day of publication, YYYY-MM-DD; "" where the file does not say
	SHA256    string // of the bytes that were read, in hexadecimal
	Rows      int    // rows of the file that were looked at
	Figures   []Figure
	Skipped   map[string]int // reason → rows
	Unknown   []string       // rows that no rule speaks of, first in order of the file; at most maxListed
	Unlisted  int            // further rows that no rule speaks of
	Refused   []Refusal

	page      page
	conflicts map[Key]bool // keys that the feed has several prices for
}

// maxListed bounds the rows that are kept by name for the report.
const maxListed = 200

// maxPiece bounds one row or one region of a feed; the largest of the files that
// vendors publish has 3 MB.
const maxPiece = 16 << 20

// Options are what the caller knows and a file does not say.
type Options struct {
	// AsOf is the day for which a history of exchange rates is asked, YYYY-MM-DD.
	AsOf string
}

// ErrFormat reports a file that is none of the feeds.
var ErrFormat = errors.New("not a price feed in a known format")

// sniffed is how much of a file is looked at to tell what it is.
const sniffed = 64 << 10

// Read reads one file. The error says what is wrong with the file as a whole;
// what is wrong with single rows stands in the Feed.
func Read(name string, r io.Reader, o Options) (*Feed, error) {
	sum := sha256.New()
	in := bufio.NewReaderSize(io.TeeReader(r, sum), sniffed)
	head, err := in.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	f, err := recognise(string(head))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	c := &collector{Feed: &Feed{Format: f.id, Title: f.title, URL: f.url, Skipped: map[string]int{}}, options: o}
	if err := f.read(in, c); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			err = errors.New("the file was cut off; fetch it again")
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if _, err := io.Copy(io.Discard, in); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	c.SHA256 = hex.EncodeToString(sum.Sum(nil))
	if err := c.finish(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c.Feed, nil
}

// format is a kind of file: how to tell it and how to read it.
type format struct {
	id    string
	title string
	url   string
	marks []string // all of them stand near the beginning of the file
	read  func(io.Reader, *collector) error
}

// recognise finds the format whose marks the beginning of a file has.
func recognise(head string) (*format, error) {
	text := strings.TrimSpace(strings.TrimPrefix(head, "\ufeff"))
	lower := strings.ToLower(text[:min(len(text), 512)])
	switch {
	case text == "":
		return nil, errors.New("the file is empty")
	case strings.HasPrefix(lower, "<!doctype html"), strings.HasPrefix(lower, "<html"):
		return nil, errors.New("this is a web page, not a price feed; it may be an error page, or the log-in page of a network")
	}
	all := formats()
	for i := range all {
		f := &all[i]
		if !slices.ContainsFunc(f.marks, func(m string) bool { return !strings.Contains(text, m) }) {
			return f, nil
		}
	}
	return nil, fmt.Errorf("%w (known: %s)", ErrFormat, strings.Join(FormatTitles(), ", "))
}

// formats lists every format that is read. One that another could be taken for
// stands before it.
func formats() []format {
	const awsList = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/"
	const awsMap = "https://b0.p.awsstatic.com/pricing/2.0/meteredUnitMaps/elasticache/USD/current/elasticache.json"
	return []format{
		{"aws-price-list", "AWS price list", awsList, []string{`"formatVersion"`, `"offerCode"`}, readAWSList},
		{"aws-price-list-csv", "AWS price list as CSV", awsList, []string{`"FormatVersion"`, `"OfferCode"`}, readAWSCSV},
		{"aws-pricing-page-map", "the file behind an AWS pricing page", awsMap, []string{`"manifest"`, `"hawkFilePublicationDate"`}, readAWSMap},
		{"azure-retail-prices", "Azure Retail Prices", "https://prices.azure.com/api/retail/prices", []string{`"retailPrice"`, `"armRegionName"`}, readAzure},
		{"google-billing-catalog", "Google Cloud Billing Catalog", "https://cloudbilling.googleapis.com/v1/services", []string{`"skus"`, `"pricingInfo"`}, readGoogle},
		{"ecb-reference-rates", "euro reference rates of the ECB", "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml", []string{"eurofxref", "<Cube"}, readECB},
		{"hetzner-prices", "Hetzner Cloud prices", "https://api.hetzner.cloud/v1/pricing", []string{`"server_types"`, `"price_monthly"`}, readHetzner},
		{"ovhcloud-catalogue", "OVHcloud catalogue", "https://eu.api.ovh.com/v1/order/catalog/public/cloud?ovhSubsidiary=FR", []string{`"locale"`, `"currencyCode"`, `"planCode"`}, readOVH},
		{"oracle-products", "Oracle Cloud products", "https://apexapps.oracle.com/pls/apex/cetools/api/v1/products/", []string{`"partNumber"`, `"currencyCodeLocalizations"`}, readOracle},
		{"digitalocean-sizes", "DigitalOcean sizes", "https://api.digitalocean.com/v2/sizes", []string{`"sizes"`, `"price_monthly"`, `"slug"`}, readDigitalOcean},
		{"linode-database-types", "Linode database types", "https://api.linode.com/v4/databases/types", []string{`"engines"`, `"quantity"`, `"hourly"`}, readLinodeDatabases},
		{"linode-types", "Linode types", "https://api.linode.com/v4/linode/types", []string{`"region_prices"`, `"hourly"`}, readLinode},
		{"scaleway-catalogue", "Scaleway product catalogue", "https://api.scaleway.com/product-catalog/v2alpha1/public-catalog/products", []string{`"retail_price"`, `"unit_of_measure"`}, readScaleway},
		{"upcloud-prices", "UpCloud prices", "https://api.upcloud.com/1.3/price", []string{`"zone"`, `"server_core"`}, readUpCloud},
		{"redis-cloud-plans", "Redis Cloud fixed plans", "https://api.redislabs.com/v1/fixed/plans", []string{`"plans"`, `"pricePeriod"`}, readRedisPlans},
		{"redis-cloud-subscription", "prices of a Redis Cloud subscription", "", []string{`"pricing"`, `"quantityMeasurement"`}, readRedisSubscription},
	}
}

// FormatTitles names the formats, for messages and help.
func FormatTitles() []string {
	var titles []string
	for _, f := range formats() {
		titles = append(titles, f.title)
	}
	return titles
}

// collector gathers what a reader finds.
type collector struct {
	*Feed
	options Options
}

// take adds a figure. The price is the feed's own text, to be multiplied by
// 10^shift to be for one Per. A price that is no exact decimal, or zero, is
// refused.
func (c *collector) take(f Figure, text string, shift int) {
	price, err := decimal(text, shift)
	switch {
	case err != nil:
		c.refuse(f, err.Error())
		return
	case price == "0":
		c.refuse(f, "the price is zero")
		return
	}
	f.Price = price
	c.Figures = append(c.Figures, f)
}

func (c *collector) refuse(f Figure, why string) {
	name := f.Key.String()
	if f.Row != "" {
		name += " (" + f.Row + ")"
	}
	c.Refused = append(c.Refused, Refusal{name, why})
}

func (c *collector) skip(reason string) { c.Skipped[reason]++ }

func (c *collector) unknown(row string) {
	if len(c.Unknown) == maxListed {
		c.Unlisted++
		return
	}
	c.Unknown = append(c.Unknown, row)
}

// finish refuses keys with two prices, keeps one of those that stand twice, and
// puts what is left in order.
func (c *collector) finish() error {
	if c.Rows == 0 {
		return errors.New("it has no prices")
	}
	f := c.Feed
	f.settle()
	if len(f.Figures) == 0 && len(f.Refused) == 0 {
		if reason, n := f.most(); strings.HasPrefix(reason, otherCurrency) && n > 0 {
			return fmt.Errorf("every price for a card is %s; fetch the feed in the currency of the cards", strings.TrimPrefix(reason, otherCurrency))
		}
	}
	return nil
}

// otherCurrency begins the reason for a row in a currency that no card of the
// offer is in.
const otherCurrency = "a price "

// most is the reason for which most rows were skipped.
func (f *Feed) most() (reason string, rows int) {
	for _, r := range slices.Sorted(maps.Keys(f.Skipped)) {
		if f.Skipped[r] > rows {
			reason, rows = r, f.Skipped[r]
		}
	}
	return reason, rows
}

// settle sorts the figures and leaves one for each key.
func (f *Feed) settle() {
	sort.SliceStable(f.Figures, func(i, j int) bool { return less(f.Figures[i].Key, f.Figures[j].Key) })
	if f.conflicts == nil {
		f.conflicts = map[Key]bool{}
	}
	var kept []Figure
	for i := 0; i < len(f.Figures); {
		n := i + 1
		prices := []string{f.Figures[i].price()}
		for ; n < len(f.Figures) && f.Figures[n].Key == f.Figures[i].Key; n++ {
			if p := f.Figures[n].price(); !slices.Contains(prices, p) {
				prices = append(prices, p)
			}
		}
		switch key := f.Figures[i].Key; {
		case f.conflicts[key]:
		case len(prices) == 1:
			kept = append(kept, f.Figures[i])
		default:
			f.conflicts[key] = true
			f.Refused = append(f.Refused, Refusal{f.Figures[i].Key.String(), "the feed has several prices for it: " + strings.Join(prices, ", ")})
		}
		i = n
	}
	f.Figures = kept
}

// price is the figure with its currency and what it is for.
func (f *Figure) price() string { return f.Price + " " + f.Currency + " per " + f.Per }

func less(a, b Key) bool {
	for _, pair := range [][2]string{
		{a.Offer, b.Offer},
		{string(a.Kind), string(b.Kind)},
		{a.Term, b.Term},
		{a.Upfront, b.Upfront},
		{a.Region, b.Region},
		{a.ID, b.ID},
	} {
		if pair[0] != pair[1] {
			return pair[0] < pair[1]
		}
	}
	return !a.AtStart && b.AtStart
}
