package feed

import (
	"slices"
	"strings"
)

// awsRow is one price of an AWS price list, in JSON or CSV, with what both forms
// say about the product.
type awsRow struct {
	service string // AmazonElastiCache, AmazonMemoryDB, AmazonEC2
	sku     string
	family  string
	usage   string // the usage type, with the region's prefix
	engine  string
	node    string
	region  string
	place   string // AWS Region, AWS Local Zone, AWS Outposts, …
	current string // "No" for a previous generation
	memory  string
	vcpu    string

	system, tenancy, software, capacity string // EC2: operating system and so on

	term awsTerm

	unit, price, currency, begin, description string
}

// awsTerm is what a price commits the buyer to; a lease of "" is on demand.
type awsTerm struct{ lease, option, class string }

// awsRule says what becomes of the rows of one usage type. A usage type is a
// region's prefix, a name and, after a colon, what is used: EU-NodeUsage:cache.r7g.large.
type awsRule struct {
	service string
	name    string                            // of the usage, without the prefix; with * at its end, any that begins so
	inside  bool                              // the name may stand anywhere in the usage type
	skip    string                            // reason, for rows that are none of the card's
	take    func(*collector, *awsRow, Figure) // sets the key and takes the figure
}

// awsRules are tried in order; the first that fits a row decides. Rows of the
// same node type that price something else (extended support, synchronous
// durability, Outposts) come first, so that none of them is taken for the node.
func awsRules() []awsRule {
	const cache, memory, ec2 = "AmazonElastiCache", "AmazonMemoryDB", "AmazonEC2"
	return []awsRule{
		{service: cache, name: "SyncDurability", inside: true, skip: "synchronous durability, a surcharge"},
		{service: cache, name: "ExtendedSupport", inside: true, skip: "extended support, a surcharge"},
		{service: cache, name: "Outposts", inside: true, skip: "AWS Outposts"},
		{service: cache, name: "BackupUsage", inside: true, skip: "backup storage"},
		{service: cache, name: "DataTransfer", inside: true, skip: "data transfer"},
		{service: cache, name: "GlobalDatastore", inside: true, skip: "data transfer"},
		{service: cache, name: "NodeUsage", take: awsNode("elasticache-node-")},
		{service: cache, name: "CachedData", take: awsServerless("storage", "GB-hour", 0)},
		{service: cache, name: "ElastiCacheProcessingUnits", take: awsServerless("ecpu", "million ECPU", 6)},
		{service: memory, name: "Snapshot", inside: true, skip: "backup storage"},
		{service: memory, name: "BackupUsage", inside: true, skip: "backup storage"},
		{service: memory, name: "DataTransfer", inside: true, skip: "data transfer"},
		{service: memory, name: "MultiRegion", inside: true, skip: "MemoryDB Multi-Region"},
		{service: memory, name: "NodeUsage", take: awsNode("memorydb-")},
		{service: memory, name: "DataWritten", take: awsWritten},
		{service: ec2, name: "BoxUsage", take: awsInstance},
		{service: ec2, name: "EBS", take: awsVolume},
		{service: ec2, name: "", inside: true, skip: "neither an instance nor a volume"},
	}
}

// awsServices are the offer codes that the rules speak of.
func awsServices() []string { return []string{"AmazonElastiCache", "AmazonMemoryDB", "AmazonEC2"} }

// awsReader applies the rules to rows.
type awsReader struct {
	*collector
	rules []awsRule
}

func newAWSReader(c *collector) awsReader { return awsReader{c, awsRules()} }

// usageName splits a usage type into the region's prefix, the name and what is used.
func usageName(usage string) (prefix, name, what string) {
	head, what, _ := strings.Cut(usage, ":")
	if i := strings.LastIndex(head, "-"); i >= 0 {
		return head[:i], head[i+1:], what
	}
	return "", head, what
}

// regionPrefix says whether the beginning of a usage type is only a region's or a
// local zone's short name, such as EU, USE1 or USW2-LAX1.
func regionPrefix(s string) bool {
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

// rule finds the rule for a usage type, or nil.
func (a awsReader) rule(service, usage string) *awsRule {
	prefix, name, _ := usageName(usage)
	for i := range a.rules {
		r := &a.rules[i]
		if r.service != service {
			continue
		}
		if r.inside && strings.Contains(usage, r.name) || !r.inside && name == r.name && regionPrefix(prefix) {
			return r
		}
	}
	return nil
}

// wanted says whether a product's prices can become figures. A product whose
// prices cannot is counted or listed here.
func (a awsReader) wanted(r *awsRow) bool {
	switch r.place {
	case "", "AWS Region", "AWS Local Zone":
	default:
		a.skip(r.place)
		return false
	}
	rule := a.rule(r.service, r.usage)
	switch {
	case rule == nil:
		a.unknown(r.service + " " + r.usage + " (" + r.sku + ")")
		return false
	case rule.skip != "":
		a.skip(rule.skip)
		return false
	case r.region == "":
		a.unknown("a price without a region: " + r.usage + " (" + r.sku + ")")
		return false
	}
	if why := ec2Other(r); why != "" {
		a.skip(why)
		return false
	}
	if strings.EqualFold(r.engine, "memcached") {
		a.skip("Memcached")
		return false
	}
	return true
}

// ec2Other says why an EC2 row is none of the plain Linux instances on the cards.
func ec2Other(r *awsRow) string {
	if _, name, _ := usageName(r.usage); r.service != "AmazonEC2" || name != "BoxUsage" {
		return ""
	}
	switch {
	case r.system != "Linux":
		return "another operating system than Linux"
	case r.tenancy != "Shared":
		return "a dedicated machine"
	case r.software != "" && r.software != "NA":
		return "an instance with paid software"
	case r.capacity != "" && r.capacity != "Used":
		return "reserved capacity, used or not"
	}
	return ""
}

// price takes one price of a product that is wanted.
func (a awsReader) price(r *awsRow) {
	f := Figure{Key: Key{Region: r.region}, Currency: "USD", Row: r.sku, Memory: r.memory, VCPU: r.vcpu, Previous: r.current == "No"}
	switch {
	case r.currency != "USD":
		a.skip(otherCurrency + "in " + r.currency)
	case r.term.class != "" && r.term.class != "standard":
		a.skip("a convertible reservation")
	case r.begin != "" && r.begin != "0":
		a.skip("a further tier of a price")
	default:
		a.rule(r.service, r.usage).take(a.collector, r, f)
	}
}

// awsEngine is the card's word for the engine of a row, or "".
func awsEngine(r *awsRow) string {
	for _, words := range []string{r.engine, r.description} {
		for _, w := range strings.FieldsFunc(words, func(c rune) bool { return c == ' ' || c == ',' }) {
			switch strings.ToLower(w) {
			case "valkey":
				return "valkey"
			case "redis":
				return "redis"
			}
		}
	}
	return ""
}

// awsNode takes a node's price, on demand or for a term.
func awsNode(offer string) func(*collector, *awsRow, Figure) {
	return func(c *collector, r *awsRow, f Figure) {
		engine := awsEngine(r)
		if engine == "" {
			c.unknown("a node of no named engine: " + r.usage + " (" + r.sku + ")")
			return
		}
		_, _, what := usageName(r.usage)
		if r.node != "" && what != "" && what != r.node {
			c.refuse(f, "its usage type names "+what+", but its node type is "+r.node)
			return
		}
		f.Offer, f.ID, f.Per = offer+engine, r.node, "hour"
		awsTake(c, r, f)
	}
}

// awsTake takes the price of a node or an instance under the row's term.
func awsTake(c *collector, r *awsRow, f Figure) {
	if r.term.lease == "" {
		f.Kind = Plan
		if r.unit != "Hrs" {
			c.refuse(f, "it is priced per "+r.unit+", not per hour")
			return
		}
		c.take(f, r.price, 0)
		return
	}
	terms := map[string]string{"1yr": "1y", "3yr": "3y"}
	options := map[string]string{"No Upfront": "none", "Partial Upfront": "partial", "All Upfront": "all"}
	f.Kind, f.Term, f.Upfront = Commitment, terms[r.term.lease], options[r.term.option]
	if f.Term == "" || f.Upfront == "" {
		c.unknown("a term of " + r.term.lease + ", " + r.term.option + ": " + r.usage + " (" + r.sku + ")")
		return
	}
	switch r.unit {
	case "Quantity":
		f.AtStart, f.Per = true, "term"
	case "Hrs":
		if price, err := decimal(r.price, 0); err == nil && price == "0" && f.Upfront == "all" {
			c.skip("the hourly part of a term that is paid at its start: zero")
			return
		}
	default:
		c.refuse(f, "it is priced per "+r.unit+", not per hour or term")
		return
	}
	c.take(f, r.price, 0)
}

// awsServerless takes a price of ElastiCache Serverless.
func awsServerless(charge, per string, shift int) func(*collector, *awsRow, Figure) {
	return func(c *collector, r *awsRow, f Figure) {
		_, _, what := usageName(r.usage)
		engine := awsEngine(r)
		if engine == "" {
			engine = strings.ToLower(what)
		}
		if engine != "valkey" && engine != "redis" || r.term.lease != "" {
			c.unknown(r.usage + " (" + r.sku + ")")
			return
		}
		f.Kind, f.Offer, f.ID, f.Per = Charge, "elasticache-serverless-"+engine, charge, per
		if !slices.Contains([]string{"GB-Hours", "ElastiCacheProcessingUnit", "ElastiCacheProcessingUnits"}, r.unit) {
			c.refuse(f, "it is priced per "+r.unit)
			return
		}
		c.take(f, r.price, shift)
	}
}

// awsWritten takes the price of data written to MemoryDB.
func awsWritten(c *collector, r *awsRow, f Figure) {
	engine := awsEngine(r)
	if engine == "" {
		c.unknown("data written for no named engine: " + r.usage + " (" + r.sku + ")")
		return
	}
	if engine == "valkey" {
		c.skip("data written to MemoryDB for Valkey, a price with tiers")
		return
	}
	f.Kind, f.Offer, f.ID, f.Per = Charge, "memorydb-"+engine, "written", "GB"
	c.take(f, r.price, 0)
}

// awsInstance takes the price of a plain Linux instance.
func awsInstance(c *collector, r *awsRow, f Figure) {
	f.Offer, f.ID, f.Per = "self-hosted-ec2", r.node, "hour"
	awsTake(c, r, f)
}

// awsVolume takes the price of a volume's storage; the card has gp3 as its disk.
func awsVolume(c *collector, r *awsRow, f Figure) {
	_, _, what := usageName(r.usage)
	kind, ok := strings.CutPrefix(what, "VolumeUsage.")
	if !ok {
		c.skip("operations and throughput of volumes, and snapshots")
		return
	}
	f.Kind, f.Offer, f.ID, f.Per = Charge, "self-hosted-ec2", "disk-"+kind, "GB-month"
	if kind == "gp3" {
		f.ID = "disk"
	}
	if r.unit != "GB-Mo" {
		c.refuse(f, "it is priced per "+r.unit)
		return
	}
	c.take(f, r.price, 0)
}
