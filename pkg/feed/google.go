package feed

import (
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/pieces"
)

// googleSKU is a row of the Cloud Billing Catalog.
// Source: Google, Cloud Billing API, REST resource services.skus.
type googleSKU struct {
	ID          string `json:"skuId"`
	Description string `json:"description"`
	Category    struct {
		Group string `json:"resourceGroup"`
		Usage string `json:"usageType"`
	} `json:"category"`
	Regions []string `json:"serviceRegions"`
	Pricing []struct {
		Expression struct {
			Unit  string `json:"usageUnit"`
			Tiers []struct {
				Start json.Number `json:"startUsageAmount"`
				Price struct {
					Currency string `json:"currencyCode"`
					Units    string `json:"units"`
					Nanos    int64  `json:"nanos"`
				} `json:"unitPrice"`
			} `json:"tieredRates"`
		} `json:"pricingExpression"`
	} `json:"pricingInfo"`
}

// readGoogle reads one page of the Cloud Billing Catalog.
func readGoogle(in io.Reader, c *collector) error {
	s := pieces.NewJSON(in, maxPiece)
	return s.Document(func(key string) error {
		switch key {
		case "skus":
			return pieces.Elements(s, func(sku *googleSKU) error {
				c.Rows++
				c.page.count++
				c.google(sku)
				return nil
			})
		case "nextPageToken":
			return s.Value(&c.page.next)
		}
		return s.Skip()
	})
}

// googleRule says what the SKUs of a description price. The description ends
// with the place, which the regions say better.
type googleRule struct {
	group  string   // resource group
	begin  string   // of the description
	middle []string // words of which one follows; the plan id is made of them
	end    string   // follows the words
	offer  string
	unit   string // usage unit
	plan   func(words string) string
	skip   string
}

// googleRules are tried in order.
func googleRules() []googleRule {
	nodes := func(words string) string {
		if words == "Default" { // what the catalogue calls the size of Redis Cluster that came first
			return "highmem-medium"
		}
		return strings.ToLower(strings.ReplaceAll(words, " ", "-"))
	}
	bands := []string{"M1", "M2", "M3", "M4", "M5"}
	return []googleRule{
		{begin: "Redis Standard Node Capacity ", skip: "Standard with read replicas, which is priced by the node"},
		{group: "Redis", begin: "Redis Capacity Basic ", middle: bands, offer: "memorystore-redis-basic", unit: "GiBy.h", plan: strings.ToLower},
		{group: "Redis", begin: "Redis Capacity Standard ", middle: bands, offer: "memorystore-redis-standard", unit: "GiBy.h", plan: strings.ToLower},
		{group: "Redis", begin: "Redis Cluster Node ", middle: googleSizes(), offer: "memorystore-redis-cluster", unit: "h", plan: nodes},
		{group: "Valkey", begin: "", middle: googleSizes(), end: " Node", offer: "memorystore-valkey", unit: "h", plan: nodes},
	}
}

// googleSizes are the sizes of nodes as descriptions call them.
func googleSizes() []string {
	return []string{
		"Default", "Shared Core Nano", "Custom Pico", "Custom Micro", "Custom Mini", "Standard Small", "Standard Large",
		"Highmem Medium", "Highmem Xlarge", "Highmem 2xlarge", "Highcpu Medium",
	}
}

// match is the words of a description that name the size.
func (r *googleRule) match(sku *googleSKU) (words string, ok bool) {
	rest, ok := strings.CutPrefix(sku.Description, r.begin)
	if !ok || r.group != "" && r.group != sku.Category.Group {
		return "", false
	}
	if r.skip != "" {
		return "", true
	}
	i := slices.IndexFunc(r.middle, func(m string) bool { return strings.HasPrefix(strings.ToLower(rest)+" ", strings.ToLower(m+r.end)+" ") })
	if i < 0 {
		return "", false
	}
	return r.middle[i], true
}

// google decides about one row.
func (c *collector) google(sku *googleSKU) {
	name := sku.Description + " (" + sku.ID + ")"
	for _, other := range []struct{ word, reason string }{
		{"Egress", "network traffic"},
		{"Network", "network traffic"},
		{"Backup", "backup storage"},
		{"AOF", "append-only files"},
		{"Memcached", "Memcached"},
	} {
		if strings.Contains(sku.Description, other.word) {
			c.skip(other.reason)
			return
		}
	}
	if sku.Category.Usage != "OnDemand" {
		c.skip("usage type " + sku.Category.Usage)
		return
	}
	for _, r := range googleRules() {
		words, ok := r.match(sku)
		switch {
		case !ok:
			continue
		case r.skip != "":
			c.skip(r.skip)
			return
		}
		per := map[string]string{"h": "hour", "GiBy.h": "GiB-hour"}[r.unit]
		c.googleTake(sku, Figure{Key: Key{Kind: Plan, Offer: r.offer, ID: r.plan(words)}, Currency: "USD", Per: per, Row: name}, r.unit)
		return
	}
	c.unknown(name)
}

// googleTake takes a row's price for every region that it names.
func (c *collector) googleTake(sku *googleSKU, f Figure, unit string) {
	if len(sku.Pricing) != 1 || len(sku.Pricing[0].Expression.Tiers) != 1 {
		c.refuse(f, "it has tiers or several prices")
		return
	}
	e := sku.Pricing[0].Expression
	if e.Unit != unit {
		c.refuse(f, "it is priced per "+e.Unit+", not per "+unit)
		return
	}
	p := e.Tiers[0].Price
	if p.Currency != "USD" {
		c.skip(otherCurrency + "in " + p.Currency)
		return
	}
	price, err := nanos(p.Units, p.Nanos)
	if err != nil {
		c.refuse(f, err.Error())
		return
	}
	for _, region := range sku.Regions {
		f.Region = region
		c.take(f, price, 0)
	}
}
