package feed

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/pieces"
)

// awsMapRow is a row of the file behind an AWS pricing page.
type awsMapRow struct {
	RateCode string `json:"rateCode"`
	Price    string `json:"price"`
	Node     string `json:"Instance Type"`
	VCPU     string `json:"vCPU"`
	Memory   string `json:"Memory"`
	Lease    string `json:"LeaseContractLength"`
	Option   string `json:"PurchaseOption"`
	OnDemand string `json:"OnDemand:PricePerUnit"`
	Upfront  string `json:"riupfront:PricePerUnit"`
}

// readAWSMap reads the file behind the ElastiCache pricing page, or one of those
// of reserved nodes.
func readAWSMap(in io.Reader, c *collector) error {
	s := pieces.NewJSON(in, maxPiece)
	var manifest struct {
		Service   string `json:"serviceId"`
		Source    string `json:"source"`
		Published string `json:"hawkFilePublicationDate"`
		Currency  string `json:"currencyCode"`
	}
	return s.Document(func(key string) error {
		switch key {
		case "manifest":
			if err := s.Value(&manifest); err != nil {
				return err
			}
			if manifest.Service != "elasticache" {
				return fmt.Errorf("this is the file of %s; only that of elasticache is read", manifest.Service)
			}
			if manifest.Currency != "USD" {
				return fmt.Errorf("its prices are in %s; the cards of AWS are in USD", manifest.Currency)
			}
			c.Published, c.Version = day(manifest.Published), manifest.Published
			c.Title = "the file behind the ElastiCache pricing page"
			if strings.Contains(manifest.Source, "reserved") {
				c.Title = "the file of reserved ElastiCache nodes"
			}
			return nil
		case "regions":
			if manifest.Service == "" {
				return errors.New("regions come before the manifest")
			}
			return s.Object(func(name string) error { return c.mapRegion(s, name, strings.Contains(manifest.Source, "reserved")) })
		}
		return s.Skip()
	})
}

// mapRegion reads the rows of one region, which the file calls by its display
// name. Every node stands twice: under words and under a hash; the words say the
// engine.
func (c *collector) mapRegion(s *pieces.JSON, name string, reserved bool) error {
	var rows map[string]awsMapRow
	if err := s.Value(&rows); err != nil {
		return err
	}
	region := awsRegion(name)
	if region == "" {
		c.Rows += len(rows)
		c.unknown(fmt.Sprintf("the region %q with %d rows", name, len(rows)))
		return nil
	}
	worded := map[string]bool{}
	for key, r := range rows {
		if strings.Contains(key, "Cache") {
			worded[r.RateCode] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		r := rows[key]
		c.Rows++
		switch {
		case !strings.Contains(key, "Cache") && worded[r.RateCode]:
			c.skip("the same row under its hash")
		case reserved:
			c.mapReserved(key, region, &r)
		default:
			c.mapOnDemand(key, region, &r)
		}
	}
	return nil
}

// mapOnDemand takes a node or a serverless price by the words of its key.
func (c *collector) mapOnDemand(key, region string, r *awsMapRow) {
	engine := ""
	words := strings.Fields(key)
	for _, w := range words {
		switch w {
		case "Valkey", "Redis", "Memcached":
			engine = strings.ToLower(w)
		}
	}
	f := Figure{Key: Key{Region: region}, Currency: "USD", Row: r.RateCode, Memory: r.Memory, VCPU: r.VCPU, Previous: strings.Contains(key, "Previous Generation")}
	switch {
	case engine == "memcached":
		c.skip("Memcached")
	case engine == "" || words[0] != "OnDemand":
		c.unknown(region + ": " + key)
	case r.Node != "":
		f.Kind, f.Offer, f.ID, f.Per = Plan, "elasticache-node-"+engine, r.Node, "hour"
		if !strings.Contains(key, strings.Replace(r.Node, "cache.", "cache ", 1)) {
			c.refuse(f, "its description names another node type: "+key)
			return
		}
		c.take(f, r.Price, 0)
	case strings.HasSuffix(key, "per GB-Hours"):
		f.Kind, f.Offer, f.ID, f.Per = Charge, "elasticache-serverless-"+engine, "storage", "GB-hour"
		c.take(f, r.Price, 0)
	case strings.HasSuffix(key, "per ElastiCacheProcessingUnit"):
		f.Kind, f.Offer, f.ID, f.Per = Charge, "elasticache-serverless-"+engine, "ecpu", "million ECPU"
		c.take(f, r.Price, 6)
	default:
		c.unknown(region + ": " + key)
	}
}

// mapReserved takes a reserved node's prices. The file names no engine; its rows
// are of Redis OSS, which the on-demand price beside them shows.
func (c *collector) mapReserved(key, region string, r *awsMapRow) {
	row := awsRow{sku: r.RateCode, usage: key, node: r.Node, term: awsTerm{r.Lease, r.Option, ""}}
	f := Figure{
		Key: Key{Offer: "elasticache-node-redis", ID: r.Node, Region: region}, Currency: "USD", Per: "hour", Row: r.RateCode,
	}
	if r.OnDemand != "" {
		if price, err := decimal(r.OnDemand, 0); err == nil {
			f.OnDemand = price
		}
	}
	row.unit, row.price = "Hrs", r.Price
	awsTake(c, &row, f)
	if r.Upfront != "" && r.Option != "No Upfront" {
		row.unit, row.price = "Quantity", r.Upfront
		awsTake(c, &row, f)
	}
}

// awsRegion is the code of a region or local zone that a file calls by its
// display name; "" for one that is not known.
// Source: AWS General Reference, Regions and endpoints, and the local zones page.
func awsRegion(name string) string {
	name = strings.Replace(name, "Europe (", "EU (", 1)
	return map[string]string{
		"Africa (Cape Town)":         "af-south-1",
		"Asia Pacific (Hong Kong)":   "ap-east-1",
		"Asia Pacific (Taipei)":      "ap-east-2",
		"Asia Pacific (Tokyo)":       "ap-northeast-1",
		"Asia Pacific (Seoul)":       "ap-northeast-2",
		"Asia Pacific (Osaka)":       "ap-northeast-3",
		"Asia Pacific (Mumbai)":      "ap-south-1",
		"Asia Pacific (Hyderabad)":   "ap-south-2",
		"Asia Pacific (Singapore)":   "ap-southeast-1",
		"Asia Pacific (Sydney)":      "ap-southeast-2",
		"Asia Pacific (Jakarta)":     "ap-southeast-3",
		"Asia Pacific (Melbourne)":   "ap-southeast-4",
		"Asia Pacific (Malaysia)":    "ap-southeast-5",
		"Asia Pacific (New Zealand)": "ap-southeast-6",
		"Asia Pacific (Thailand)":    "ap-southeast-7",
		"Canada (Central)":           "ca-central-1",
		"Canada West (Calgary)":      "ca-west-1",
		"EU (Frankfurt)":             "eu-central-1",
		"EU (Zurich)":                "eu-central-2",
		"EU (Stockholm)":             "eu-north-1",
		"EU (Milan)":                 "eu-south-1",
		"EU (Spain)":                 "eu-south-2",
		"EU (Ireland)":               "eu-west-1",
		"EU (London)":                "eu-west-2",
		"EU (Paris)":                 "eu-west-3",
		"Israel (Tel Aviv)":          "il-central-1",
		"Middle East (UAE)":          "me-central-1",
		"Middle East (Bahrain)":      "me-south-1",
		"Mexico (Central)":           "mx-central-1",
		"South America (Sao Paulo)":  "sa-east-1",
		"US East (N. Virginia)":      "us-east-1",
		"US East (Ohio)":             "us-east-2",
		"AWS GovCloud (US-East)":     "us-gov-east-1",
		"AWS GovCloud (US-West)":     "us-gov-west-1",
		"AWS GovCloud (US)":          "us-gov-west-1",
		"US West (N. California)":    "us-west-1",
		"US West (Oregon)":           "us-west-2",
		"US West (Los Angeles)":      "us-west-2-lax-1",
	}[name]
}
