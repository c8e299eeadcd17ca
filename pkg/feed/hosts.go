package feed

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/keynest/keynest/pkg/pieces"
)

// readHetzner reads the server types of Hetzner Cloud, alone or in the answer
// about all prices. Prices are strings, net and gross; a card has the net ones.
// Source: Hetzner Cloud API, "Server Types" and "Pricing".
func readHetzner(in io.Reader, c *collector) error {
	s := pieces.NewJSON(in, maxPiece)
	var visit func(key string) error
	visit = func(key string) error {
		switch key {
		case "pricing":
			return s.Object(visit)
		case "currency":
			var code string
			if err := s.Value(&code); err != nil {
				return err
			}
			if code != "EUR" {
				return fmt.Errorf("its prices are in %s; the cards of Hetzner are in EUR", code)
			}
			return nil
		case "server_types":
			return pieces.Elements(s, c.hetzner)
		case "meta":
			var m struct {
				Pagination struct {
					Next *int64 `json:"next_page"`
				} `json:"pagination"`
			}
			if err := s.Value(&m); err != nil {
				return err
			}
			if n := m.Pagination.Next; n != nil {
				c.page.next = fmt.Sprint(*n)
			}
			return nil
		}
		return s.Skip()
	}
	return s.Document(visit)
}

// hetznerType is a server type with its prices.
type hetznerType struct {
	Name   string `json:"name"`
	Prices []struct {
		Location string `json:"location"`
		Monthly  struct {
			Net string `json:"net"`
		} `json:"price_monthly"`
	} `json:"prices"`
}

func (c *collector) hetzner(t *hetznerType) error {
	c.page.count++
	for _, p := range t.Prices {
		c.Rows++
		c.take(Figure{
			Key: Key{Kind: Plan, Offer: "self-hosted-hetzner", ID: t.Name, Region: p.Location}, Currency: "EUR", Per: "month", Row: t.Name + " in " + p.Location,
		}, p.Monthly.Net, 0)
	}
	return nil
}

// ovhPlan is a plan or addon of the OVHcloud catalogue. Prices are whole numbers
// of hundred-millionths of the currency.
// Source: OVHcloud API, order.catalog.public.Catalog.
type ovhPlan struct {
	Code     string `json:"planCode"`
	Pricings []struct {
		Price      json.Number `json:"price"`
		Capacities []string    `json:"capacities"`
		Unit       string      `json:"intervalUnit"`
		Commitment json.Number `json:"commitment"`
	} `json:"pricings"`
}

// readOVH reads the public catalogue of OVHcloud's public cloud.
func readOVH(in io.Reader, c *collector) error {
	s, currency := pieces.NewJSON(in, maxPiece), ""
	return s.Document(func(key string) error {
		switch key {
		case "catalogId":
			var id json.Number
			err := s.Value(&id)
			c.Version = "catalogue " + string(id)
			return err
		case "locale":
			var l struct {
				Currency string `json:"currencyCode"`
			}
			if err := s.Value(&l); err != nil {
				return err
			}
			if currency = l.Currency; currency != "EUR" {
				return fmt.Errorf("its prices are in %s; the cards of OVHcloud are in EUR: ask with ovhSubsidiary=FR", currency)
			}
			return nil
		case "plans", "addons":
			if currency == "" {
				return fmt.Errorf("%s come before the locale, which names the currency", key)
			}
			return pieces.Elements(s, c.ovh)
		}
		return s.Skip()
	})
}

func (c *collector) ovh(p *ovhPlan) error {
	c.Rows++
	rest, ok := strings.CutPrefix(p.Code, "databases.valkey-")
	if !ok {
		c.skip("another product than Managed Valkey")
		return nil
	}
	region := "standard"
	if r, three := strings.CutSuffix(rest, ".3az"); three {
		rest, region = r, "3-az"
	}
	size, ok := strings.CutSuffix(rest, ".hour.consumption")
	if !ok {
		c.skip("Managed Valkey by the month, or an add-on to the node")
		return nil
	}
	for _, price := range p.Pricings {
		f := Figure{Key: Key{Kind: Plan, Offer: "ovhcloud-valkey", ID: "valkey-" + size, Region: region}, Currency: "EUR", Per: "hour", Row: p.Code}
		if price.Commitment != "" && price.Commitment != "0" {
			c.skip("a price with a commitment")
			continue
		}
		c.take(f, string(price.Price), -8)
	}
	return nil
}

// oracleProduct is a part of Oracle's price list.
// Source: Oracle, price list interface "cetools".
type oracleProduct struct {
	Part   string `json:"partNumber"`
	Name   string `json:"displayName"`
	Metric string `json:"metricName"`
	Prices []struct {
		Currency string `json:"currencyCode"`
		Prices   []struct {
			Model string      `json:"model"`
			Value json.Number `json:"value"`
			Min   json.Number `json:"rangeMin"`
		} `json:"prices"`
	} `json:"currencyCodeLocalizations"`
}

// readOracle reads Oracle's price list.
func readOracle(in io.Reader, c *collector) error {
	s := pieces.NewJSON(in, maxPiece)
	return s.Document(func(key string) error {
		switch key {
		case "lastUpdated":
			var t string
			err := s.Value(&t)
			c.Published, c.Version = day(t), t
			return err
		case "items":
			return pieces.Elements(s, c.oracle)
		case "hasMore":
			var more bool
			err := s.Value(&more)
			if more {
				c.page.next = "the next page"
			}
			return err
		}
		return s.Skip()
	})
}

func (c *collector) oracle(p *oracleProduct) error {
	c.Rows++
	c.page.count++
	plan := map[string]string{"B98217": "low-memory", "B99591": "high-memory"}[p.Part]
	if plan == "" {
		if strings.Contains(p.Name, "Cache") && strings.Contains(p.Name, "Redis") {
			c.unknown(p.Part + " " + p.Name)
			return nil
		}
		c.skip("another product than OCI Cache")
		return nil
	}
	f := Figure{Key: Key{Kind: Plan, Offer: "oci-cache", ID: plan}, Currency: "USD", Per: "GB-hour", Row: p.Part + " " + p.Name}
	if !strings.Contains(p.Metric, "Gigabyte") {
		c.refuse(f, "it is priced per "+p.Metric)
		return nil
	}
	for _, l := range p.Prices {
		if l.Currency != "USD" {
			c.skip(otherCurrency + "in " + l.Currency)
			continue
		}
		for _, price := range l.Prices {
			switch {
			case price.Model != "PAY_AS_YOU_GO":
				c.skip("price model " + price.Model)
			case price.Min != "" && strings.Trim(string(price.Min), "0.") != "":
				c.refuse(f, "it has tiers")
			default:
				c.take(f, string(price.Value), 0)
			}
		}
	}
	return nil
}

// readDigitalOcean reads DigitalOcean's sizes of Droplets.
// Source: DigitalOcean API, "List All Droplet Sizes".
func readDigitalOcean(in io.Reader, c *collector) error {
	s := pieces.NewJSON(in, maxPiece)
	return s.Document(func(key string) error {
		switch key {
		case "sizes":
			return pieces.Elements(s, func(size *struct {
				Slug    string      `json:"slug"`
				Monthly json.Number `json:"price_monthly"`
			}) error {
				c.Rows++
				c.page.count++
				c.take(Figure{Key: Key{Kind: Plan, Offer: "self-hosted-digitalocean", ID: size.Slug}, Currency: "USD", Per: "month", Row: size.Slug}, string(size.Monthly), 0)
				return nil
			})
		case "links":
			var l struct {
				Pages struct {
					Next string `json:"next"`
				} `json:"pages"`
			}
			err := s.Value(&l)
			c.page.next = l.Pages.Next
			return err
		}
		return s.Skip()
	})
}
