package feed

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/pieces"
)

// awsProduct is a product of the JSON form of a price list.
type awsProduct struct {
	SKU        string `json:"sku"`
	Family     string `json:"productFamily"`
	Attributes struct {
		Region    string `json:"regionCode"`
		Location  string `json:"location"`
		Place     string `json:"locationType"`
		Node      string `json:"instanceType"`
		Engine    string `json:"cacheEngine"`
		Engine2   string `json:"engine"`
		Usage     string `json:"usagetype"`
		Operation string `json:"operation"`
		Current   string `json:"currentGeneration"`
		Memory    string `json:"memory"`
		VCPU      string `json:"vcpu"`
		System    string `json:"operatingSystem"`
		Tenancy   string `json:"tenancy"`
		Software  string `json:"preInstalledSw"`
		Capacity  string `json:"capacitystatus"`
	} `json:"attributes"`
}

// row is the product without a price.
func (p *awsProduct) row(service string) awsRow {
	a := &p.Attributes
	r := awsRow{
		service: service, sku: p.SKU, family: p.Family, usage: a.Usage, engine: a.Engine, node: a.Node, region: a.Region, place: a.Place,
		current: a.Current, memory: a.Memory, vcpu: a.VCPU, system: a.System, tenancy: a.Tenancy, software: a.Software, capacity: a.Capacity,
	}
	if r.region == "" {
		r.region = awsRegion(a.Location)
	}
	if r.engine == "" {
		r.engine = a.Engine2
	}
	return r
}

// awsOffer is one term of a product with its prices.
type awsOffer struct {
	Attributes struct {
		Lease  string `json:"LeaseContractLength"`
		Option string `json:"PurchaseOption"`
		Class  string `json:"OfferingClass"`
	} `json:"termAttributes"`
	Dimensions map[string]struct {
		Description string            `json:"description"`
		Unit        string            `json:"unit"`
		Begin       string            `json:"beginRange"`
		Price       map[string]string `json:"pricePerUnit"`
	} `json:"priceDimensions"`
}

// readAWSList reads the JSON form of a price list (an offer file). Products come
// first and terms after them, so only the products of the cards are kept.
func readAWSList(in io.Reader, c *collector) error {
	s, a := pieces.NewJSON(in, maxPiece), newAWSReader(c)
	service, wanted, products := "", map[string]*awsRow{}, false
	return s.Document(func(key string) error {
		switch key {
		case "offerCode":
			if err := s.Value(&service); err != nil {
				return err
			}
			return c.awsService(service)
		case "version":
			return s.Value(&c.Version)
		case "publicationDate":
			var t string
			err := s.Value(&t)
			c.Published = day(t)
			return err
		case "products":
			products = true
			return s.Object(func(string) error { return a.product(s, service, wanted) })
		case "terms":
			if !products {
				return errors.New("terms come before products; this is not a price list of AWS")
			}
			return s.Object(func(string) error {
				return s.Object(func(sku string) error { return a.terms(s, wanted[sku]) })
			})
		}
		return s.Skip()
	})
}

// awsService notes which service a price list is of, and refuses one that no card
// has.
func (c *collector) awsService(code string) error {
	if !slices.Contains(awsServices(), code) {
		return fmt.Errorf("this is the price list of %s; the cards have prices of %s", code, strings.Join(awsServices(), ", "))
	}
	c.Title = "AWS price list of " + code
	c.URL += code + "/"
	return nil
}

// product reads a product and keeps it if its prices are wanted.
func (a awsReader) product(s *pieces.JSON, service string, wanted map[string]*awsRow) error {
	var p awsProduct
	if err := s.Value(&p); err != nil {
		return err
	}
	a.Rows++
	if r := p.row(service); a.wanted(&r) {
		r.sku = strings.Clone(r.sku)
		wanted[r.sku] = &r
	}
	return nil
}

// terms reads the terms of one product; r is nil for one that is not wanted.
func (a awsReader) terms(s *pieces.JSON, r *awsRow) error {
	if r == nil {
		a.skip("terms of a product that is not taken or not in the file")
		return s.Skip()
	}
	var offers map[string]awsOffer
	if err := s.Value(&offers); err != nil {
		return err
	}
	for _, code := range slices.Sorted(maps.Keys(offers)) {
		o := offers[code]
		for _, rate := range slices.Sorted(maps.Keys(o.Dimensions)) {
			d := o.Dimensions[rate]
			p := *r
			p.term = awsTerm{o.Attributes.Lease, o.Attributes.Option, o.Attributes.Class}
			p.sku, p.unit, p.begin, p.description = rate, d.Unit, d.Begin, d.Description
			for _, currency := range slices.Sorted(maps.Keys(d.Price)) {
				p.currency, p.price = currency, d.Price[currency]
				a.price(&p)
			}
		}
	}
	return nil
}

// readAWSCSV reads the CSV form: lines of metadata, a header that names the
// columns, and a line for each price.
func readAWSCSV(in io.Reader, c *collector) error {
	done := int64(0)
	r := csv.NewReader(&pieces.Bound{R: in, Max: maxPiece, Done: func() int64 { return done }})
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	a, service := newAWSReader(c), ""
	var at map[string]int
	for {
		line, err := r.Read()
		if errors.Is(err, io.EOF) {
			if at == nil {
				return errors.New("there is no line of column names that begins with SKU")
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("not CSV: %w", err)
		}
		done = r.InputOffset()
		switch {
		case at != nil:
			if err := a.csvLine(line, at, service); err != nil {
				return err
			}
		case line[0] == "SKU":
			at = columns(line)
			for _, need := range []string{"termtype", "unit", "priceperunit", "currency", "usagetype"} {
				if _, ok := at[need]; !ok {
					return fmt.Errorf("no column is called %s", need)
				}
			}
		case len(line) > 1:
			switch line[0] {
			case "Publication Date":
				c.Published = day(line[1])
			case "Version":
				c.Version = strings.Clone(line[1])
			case "OfferCode":
				service = strings.Clone(line[1])
				if err := c.awsService(service); err != nil {
					return err
				}
			}
		}
	}
}

// columns finds the columns by name, whatever their order, case and blanks.
func columns(header []string) map[string]int {
	at := make(map[string]int, len(header))
	for i, name := range header {
		at[strings.ToLower(strings.ReplaceAll(name, " ", ""))] = i
	}
	return at
}

// csvLine takes one price.
func (a awsReader) csvLine(line []string, at map[string]int, service string) error {
	cell := func(name string) string {
		if i, ok := at[name]; ok && i < len(line) {
			return strings.Clone(line[i])
		}
		return ""
	}
	if len(line) < len(at)/2 {
		return io.ErrUnexpectedEOF
	}
	a.Rows++
	r := awsRow{
		service: service, sku: cell("ratecode"), family: cell("productfamily"), usage: cell("usagetype"), engine: cell("cacheengine"),
		node: cell("instancetype"), region: cell("regioncode"), place: cell("locationtype"), current: cell("currentgeneration"),
		memory: cell("memory"), vcpu: cell("vcpu"), system: cell("operatingsystem"), tenancy: cell("tenancy"),
		software: cell("preinstalledsw"), capacity: cell("capacitystatus"),
		term: awsTerm{cell("leasecontractlength"), cell("purchaseoption"), cell("offeringclass")},
		unit: cell("unit"), price: cell("priceperunit"), currency: cell("currency"), begin: cell("startingrange"), description: cell("pricedescription"),
	}
	if r.region == "" {
		r.region = awsRegion(cell("location"))
	}
	if r.engine == "" {
		r.engine = cell("engine")
	}
	if a.wanted(&r) {
		a.price(&r)
	}
	return nil
}
