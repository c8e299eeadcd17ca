package feed

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/keynest/keynest/pkg/pieces"
)

// azureItem is a row of the Retail Prices interface.
// Source: Microsoft, Azure Retail Prices REST API overview.
type azureItem struct {
	Currency string      `json:"currencyCode"`
	Tier     json.Number `json:"tierMinimumUnits"`
	Retail   json.Number `json:"retailPrice"`
	Region   string      `json:"armRegionName"`
	Meter    string      `json:"meterName"`
	Product  string      `json:"productName"`
	SKU      string      `json:"skuName"`
	ARM      string      `json:"armSkuName"`
	Service  string      `json:"serviceName"`
	Unit     string      `json:"unitOfMeasure"`
	Type     string      `json:"type"`
	Term     string      `json:"reservationTerm"`
}

// readAzure reads one page of Azure Retail Prices.
func readAzure(in io.Reader, c *collector) error {
	s := pieces.NewJSON(in, maxPiece)
	return s.Document(func(key string) error {
		switch key {
		case "Items", "items":
			return pieces.Elements(s, func(i *azureItem) error {
				c.Rows++
				c.page.count++
				c.azure(i)
				return nil
			})
		case "NextPageLink", "nextPageLink":
			var next *string
			if err := s.Value(&next); err != nil {
				return err
			}
			if next != nil {
				c.page.next = *next
			}
			return nil
		}
		return s.Skip()
	})
}

// azure decides about one row.
func (c *collector) azure(i *azureItem) {
	f := Figure{Key: Key{Kind: Plan, Region: i.Region}, Currency: "USD", Per: "hour", Row: i.Product + ", " + i.Meter}
	switch i.Type {
	case "Consumption":
	case "Reservation":
		terms := map[string]string{"1 Year": "1y", "3 Years": "3y", "5 Years": "5y"}
		f.Kind, f.Term, f.Upfront, f.AtStart, f.Per = Commitment, terms[i.Term], "all", true, "term"
		f.Row += ", " + i.Term
	default:
		c.skip("type " + i.Type)
		return
	}
	if i.Service == "Virtual Machines" {
		c.azureMachine(i, f)
		return
	}
	if i.Service != "Redis Cache" {
		c.skip("another service: " + i.Service)
		return
	}
	rule := azureRule(i.Product)
	size, one := strings.CutSuffix(i.Meter, " Cache Instance")
	pair, whole := strings.CutSuffix(i.Meter, " Cache")
	switch {
	case rule == nil:
		c.unknown(i.Region + ": " + i.Product + ", " + i.Meter)
	case rule.skip != "":
		c.skip(rule.skip)
	case !one && !whole:
		c.unknown(i.Region + ": " + i.Product + ", " + i.Meter)
	case !one && rule.nodes == 2:
		c.skip("the price of both nodes; a card has the price of one")
	default:
		if !one {
			size = pair
		}
		f.Offer, f.ID = rule.offer, rule.plan(size)
		c.azureTake(i, f)
	}
}

// azureTake takes a row's price once it is known what it prices.
func (c *collector) azureTake(i *azureItem, f Figure) {
	switch {
	case i.Currency != "USD":
		c.skip(otherCurrency + "in " + i.Currency)
	case i.Tier != "" && strings.Trim(string(i.Tier), "0.") != "":
		c.refuse(f, "it is a tier that starts at "+string(i.Tier))
	case i.Unit != "1 Hour":
		c.refuse(f, "it is priced per "+i.Unit+", not per hour")
	case f.Kind == Commitment && f.Term != "1y" && f.Term != "3y":
		c.skip("a reservation for " + i.Term)
	default:
		c.take(f, string(i.Retail), 0)
	}
}

// azureProduct says which offer the meters of a product belong to.
type azureProduct struct {
	product string // begins the product's name
	offer   string
	prefix  string // of the plan ids
	nodes   int    // that a meter without the word Instance is for
	skip    string
}

// azureRule finds the rule for a product, or nil.
func azureRule(product string) *azureProduct {
	const managed, legacy = "azure-managed-redis", "azure-cache-redis"
	rules := []azureProduct{
		{product: "Azure Managed Redis - ", offer: managed, nodes: 2},
		{product: "Azure Redis Cache Basic", offer: legacy, prefix: "basic-", nodes: 1},
		{product: "Azure Redis Cache Standard", offer: legacy, prefix: "standard-", nodes: 2},
		{product: "Azure Redis Cache Premium", offer: legacy, prefix: "premium-", nodes: 2},
		{product: "Azure Redis Cache Enterprise", skip: "the Enterprise tiers, which no card has"},
	}
	for i := range rules {
		if strings.HasPrefix(product, rules[i].product) {
			return &rules[i]
		}
	}
	return nil
}

// plan is the card's id of a size.
func (r *azureProduct) plan(size string) string {
	if r.prefix == "" {
		return size
	}
	return r.prefix + strings.ToLower(size)
}

// azureMachine takes the price of a Linux machine. No card has one; it is read
// because the rows show most of the interface's traps.
func (c *collector) azureMachine(i *azureItem, f Figure) {
	name := i.SKU + " " + i.Meter
	switch {
	case strings.Contains(name, "Spot"), strings.Contains(name, "Low Priority"):
		c.skip("a spot or low-priority machine")
	case strings.Contains(i.Product, "Windows"):
		c.skip("a Windows machine")
	default:
		f.ID = i.ARM
		c.azureTake(i, f)
	}
}
