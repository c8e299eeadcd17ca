package feed

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/keynest/keynest/pkg/pieces"
)

// The feeds of this file are from vendors, or for products, that no card has. They
// are read so that such a file is recognised: its figures count as without a card,
// and none is mistaken for another product's.

// hourly is the price pair of Linode.
type hourly struct {
	Hourly  json.Number `json:"hourly"`
	Monthly json.Number `json:"monthly"`
}

// readLinodeDatabases reads the sizes of Linode's managed databases. A price is
// by engine and by number of nodes, and three nodes are not three times one.
// Source: Linode API v4, "List managed database types".
func readLinodeDatabases(in io.Reader, c *collector) error {
	return pieces.ElementsOf(pieces.NewJSON(in, maxPiece), "data", func(t *struct {
		ID      string `json:"id"`
		Engines map[string][]struct {
			Price    hourly      `json:"price"`
			Quantity json.Number `json:"quantity"`
		} `json:"engines"`
	}) error {
		for _, engine := range slices.Sorted(maps.Keys(t.Engines)) {
			for _, p := range t.Engines[engine] {
				c.Rows++
				if engine != "valkey" && engine != "redis" {
					c.skip("the engine " + engine)
					continue
				}
				c.take(Figure{Key: Key{Kind: Plan, ID: fmt.Sprintf("%s %s, %s nodes", engine, t.ID, p.Quantity)}, Currency: "USD", Per: "month", Row: t.ID}, string(p.Price.Monthly), 0)
			}
		}
		return nil
	})
}

// readLinode reads Linode's types, of which some regions have prices of their own.
// Source: Linode API v4, "List types".
func readLinode(in io.Reader, c *collector) error {
	return pieces.ElementsOf(pieces.NewJSON(in, maxPiece), "data", func(t *struct {
		ID      string `json:"id"`
		Price   hourly `json:"price"`
		Regions []struct {
			ID      string      `json:"id"`
			Monthly json.Number `json:"monthly"`
		} `json:"region_prices"`
	}) error {
		c.Rows++
		f := Figure{Key: Key{Kind: Plan, ID: t.ID}, Currency: "USD", Per: "month", Row: t.ID}
		c.take(f, string(t.Price.Monthly), 0)
		for _, r := range t.Regions {
			f.Region = r.ID
			c.take(f, string(r.Monthly), 0)
		}
		return nil
	})
}

// readScaleway reads Scaleway's catalogue of instances.
// Source: Scaleway API, product catalogue.
func readScaleway(in io.Reader, c *collector) error {
	return pieces.ElementsOf(pieces.NewJSON(in, maxPiece), "products", func(p *struct {
		SKU      string            `json:"sku"`
		Product  string            `json:"product"`
		Locality map[string]string `json:"locality"`
		Price    struct {
			Retail struct {
				Currency string      `json:"currency_code"`
				Units    json.Number `json:"units"`
				Nanos    int64       `json:"nanos"`
			} `json:"retail_price"`
		} `json:"price"`
		Unit struct {
			Unit string      `json:"unit"`
			Size json.Number `json:"size"`
		} `json:"unit_of_measure"`
	}) error {
		c.Rows++
		r := p.Price.Retail
		f := Figure{Key: Key{Kind: Plan, ID: p.Product, Region: p.Locality["zone"]}, Currency: r.Currency, Per: p.Unit.Unit, Row: p.SKU}
		if p.Unit.Size != "1" {
			c.refuse(f, fmt.Sprintf("it is priced per %s %s", p.Unit.Size, p.Unit.Unit))
			return nil
		}
		price, err := nanos(string(r.Units), r.Nanos)
		if err != nil {
			c.refuse(f, err.Error())
			return nil
		}
		c.take(f, price, 0)
		return nil
	})
}

// readUpCloud reads UpCloud's prices: cents of the account's currency an hour,
// each for an amount, in an object for each zone. The answer names no currency;
// the figures are marked so.
// Source: UpCloud API, "List prices".
func readUpCloud(in io.Reader, c *collector) error {
	s := pieces.NewJSON(in, maxPiece)
	return s.Document(func(key string) error {
		if key != "prices" {
			return s.Skip()
		}
		return s.Object(func(key string) error {
			if key != "zone" {
				return s.Skip()
			}
			return pieces.Elements(s, func(zone *map[string]json.RawMessage) error { return c.upCloud(*zone) })
		})
	})
}

func (c *collector) upCloud(zone map[string]json.RawMessage) error {
	var name string
	if err := json.Unmarshal(zone["name"], &name); err != nil {
		return errors.New("a zone has no name")
	}
	for _, key := range slices.Sorted(maps.Keys(zone)) {
		if key == "name" {
			continue
		}
		var p struct {
			Amount json.Number `json:"amount"`
			Price  json.Number `json:"price"`
		}
		if err := json.Unmarshal(zone[key], &p); err != nil {
			return pieces.Words(err)
		}
		c.Rows++
		f := Figure{Key: Key{Kind: Plan, ID: key, Region: name}, Currency: "of the account", Per: "hour", Row: key + " in " + name}
		switch price, err := decimal(string(p.Price), -2); {
		case err == nil && price == "0":
			c.skip("a price of zero")
		case p.Amount != "1":
			c.skip("a price for an amount, not for a plan")
		default:
			c.take(f, string(p.Price), -2)
		}
	}
	return nil
}

// readRedisPlans reads the fixed plans of Redis Cloud. Their prices are whole
// dollars a month, rounded from the hourly price of the console, so they never
// replace the one on a card.
// Source: Redis Cloud API, "Get all fixed plans".
func readRedisPlans(in io.Reader, c *collector) error {
	return pieces.ElementsOf(pieces.NewJSON(in, maxPiece), "plans", func(p *struct {
		Name     string      `json:"name"`
		Provider string      `json:"provider"`
		Region   string      `json:"region"`
		Price    json.Number `json:"price"`
		Currency string      `json:"priceCurrency"`
		Period   string      `json:"pricePeriod"`
	}) error {
		c.Rows++
		if p.Period != "Month" {
			c.unknown(p.Name + " per " + p.Period)
			return nil
		}
		c.take(Figure{Key: Key{Kind: Plan, ID: p.Name, Region: p.Region}, Currency: p.Currency, Per: "month, in whole dollars", Row: p.Name}, string(p.Price), 0)
		return nil
	})
}

// readRedisSubscription refuses the prices of an account's own subscription.
func readRedisSubscription(io.Reader, *collector) error {
	return errors.New("these are the prices of one account's subscription, with no region, not a list of prices")
}
