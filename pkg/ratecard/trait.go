package ratecard

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// TraitName is the name of a fact about an offer that is not a price.
type TraitName string

// The traits. Each has a closed set of values, below.
const (
	TraitService    TraitName = "service"    // who runs the servers
	TraitStatus     TraitName = "status"     // whether it can be bought, and is generally available
	TraitStorage    TraitName = "storage"    // where the data is kept: memory or SSD
	TraitProcessor  TraitName = "processor"  // whether the processor is dedicated, shared or burstable
	TraitZones      TraitName = "zones"      // number of availability zones of the copies
	TraitSLA        TraitName = "sla"        // whether a service level agreement promises an uptime
	TraitCluster    TraitName = "cluster"    // whether clients must speak the cluster protocol
	TraitProduction TraitName = "production" // what the vendor says the plan is for

	// Facts that applications depend on; pkg/apps compares them with the needs
	// of applications.
	TraitProtocol  TraitName = "protocol"  // what clients speak
	TraitEndpoint  TraitName = "endpoint"  // whether one address owns all hash slots
	TraitDatabases TraitName = "databases" // numbered databases, by default
	TraitCommands  TraitName = "commands"  // the list in pkg/commands of refused commands
	TraitTLS       TraitName = "tls"       // whether connections are encrypted
	TraitEviction  TraitName = "eviction"  // the default eviction policy
	TraitEvents    TraitName = "events"    // how keyspace notifications are switched on
	TraitRequests  TraitName = "requests"  // whether a request or record has a largest size
	TraitVersion   TraitName = "version"   // the newest engine on offer

	// Facts for sizes that change with the load; used by pkg/replay.
	TraitResize   TraitName = "resize"    // what a change of the size does to the service
	TraitPartHour TraitName = "part-hour" // how an hour is billed that a node runs for a part of

	// Costs besides the service; shown in the coverage table.
	TraitAOF         TraitName = "aof"         // whether the offer has append-only files, and whether they cost extra
	TraitConnections TraitName = "connections" // whether connections are limited, if the card's limits do not say
	TraitEgress      TraitName = "egress"      // whether traffic out of the cloud costs extra
	TraitSupport     TraitName = "support"     // whether support costs extra
)

// TraitUnknown is the value of a trait that nobody could find. It never counts
// as one of the other values.
const TraitUnknown = "unknown"

// The values that other packages use.
const (
	ServiceManaged      = "managed"
	ServiceSelfHosted   = "self-hosted" // the buyer installs, updates and watches the servers
	StatusGeneral       = "general"
	StorageMemory       = "memory"
	StorageFlash        = "flash" // most of the data is on SSD; DiskShare says how much
	ProcessorShared     = "shared"
	ProcessorBurstable  = "burstable" // a baseline below 100 %, and credits above it
	ClusterAlways       = "always"    // plain clients do not work
	ClusterOptional     = "optional"  // with more than one shard only
	ProductionVendorNot = "no"        // the vendor says: not for production
	ResizeOnline        = "online"    // the service keeps running while nodes are added or removed
	PartHourWhole       = "whole"     // a part of an hour is billed as a whole one
	AOFNone             = "no"        // the offer has no append-only files
	TraitIncluded       = "included"  // other prices cover it
	TraitCharged        = "charged"   // it costs extra
	NoConnectionLimit   = "unlimited" // or as many as the user sets
)

// traitKind is a trait and the values that it can have besides unknown.
type traitKind struct {
	name   TraitName
	values []string
}

// traits lists the traits in the order in which they are shown. A new trait is
// a row here, and its values on the cards.
var traits = []traitKind{
	{TraitService, []string{ServiceManaged, ServiceSelfHosted}},
	{TraitStatus, []string{StatusGeneral, string(StatusPreview), string(StatusLegacy), string(StatusTarget)}},
	{TraitStorage, []string{StorageMemory, "memory-and-disk", StorageFlash}},
	{TraitProcessor, []string{"dedicated", ProcessorShared, ProcessorBurstable}},
	{TraitZones, []string{"one", "several", "choice"}},
	{TraitSLA, []string{"yes", "no"}},
	{TraitCluster, []string{ClusterAlways, ClusterOptional, "never", "proxy"}},
	{TraitProduction, []string{"yes", ProductionVendorNot}},
}

// fitTraits are the traits that keynest fit compares with what applications
// need; reports of prices leave them out.
var fitTraits = []traitKind{
	{TraitProtocol, []string{"redis", "own"}},
	{TraitEndpoint, []string{"one", "many"}},
	{TraitDatabases, []string{"1", "2", "16", "several"}},
	{TraitCommands, []string{
		"all", "aiven-valkey", "azure-managed-redis", "digitalocean-valkey", "dragonfly", "elasticache-node", "elasticache-serverless",
		"memorydb", "memorystore-valkey", "momento", "oci-cache", "redis-cloud", "upstash", //nolint:misspell // a vendor
	}},
	{TraitTLS, []string{"only", "optional", "no"}},
	{TraitEviction, []string{"noeviction", "volatile-lru", "volatile-lru-fixed", "settable"}},
	{TraitEvents, []string{"no", "service", "config-set"}},
	{TraitRequests, []string{"limited", "unlimited"}},
	{TraitVersion, []string{
		"redis 6.0", "redis 6.2", "redis 7.0", "redis 7.1", "redis 7.2", "redis 7.4", "redis 8.0", "redis 8.2", "redis 8.4", "redis 8.6",
		"redis 8.8", "redis 8.10", "valkey 7.2", "valkey 8.0", "valkey 8.1", "valkey 9.0", "valkey 9.1",
	}},
}

// sizeTraits are the traits of sizes that change (keynest replay --resize);
// other reports leave them out.
var sizeTraits = []traitKind{
	{TraitResize, []string{ResizeOnline, "interrupted", "no"}},
	{TraitPartHour, []string{PartHourWhole, "exact"}},
}

// billTraits are the traits of what a bill holds; the coverage table shows them.
var billTraits = []traitKind{
	{TraitAOF, []string{TraitIncluded, TraitCharged, AOFNone}},
	{TraitConnections, []string{NoConnectionLimit}},
	{TraitEgress, []string{TraitIncluded, TraitCharged}},
	{TraitSupport, []string{TraitIncluded, TraitCharged}},
}

func traitKinds() []traitKind { return slices.Concat(traits, fitTraits, sizeTraits, billTraits) }

// TraitNames lists all traits in the order in which they are shown.
func TraitNames() []TraitName {
	var names []TraitName
	for _, t := range traitKinds() {
		names = append(names, t.name)
	}
	return names
}

// Trait is a fact about an offer or one of its plans.
type Trait struct {
	Name      TraitName
	Value     string // one of the trait's values, or TraitUnknown
	DiskShare int64  // of storage flash: millionths of the data that are on SSD; 0 where unknown
	Words     string // what the value leaves out: "99.99 % in several zones, 99.5 % in one"
	Source    string // a source id, or ""
	Assumed   string // why a value without a source stands here
}

// Trait is the card's value of a trait for a plan of the offer, or for the
// whole offer if plan is "".
func (o *Offer) Trait(name TraitName, plan string) Trait {
	t := Trait{Name: name, Value: TraitUnknown}
	raw := o.traits[string(name)]
	if raw != nil && raw.Value != "" {
		t = raw.trait(name)
	} else if name == TraitStatus {
		t.Value = o.Status.trait()
	}
	if raw == nil || plan == "" {
		return t
	}
	if own := raw.Plan[raw.pattern(plan)]; own != nil {
		return own.trait(name)
	}
	return t
}

// Traits lists the traits of a plan that reports of prices show, or of the
// offer where plan is "", in that order.
func (o *Offer) Traits(plan string) []Trait {
	list := make([]Trait, 0, len(traits))
	for _, t := range traits {
		list = append(list, o.Trait(t.name, plan))
	}
	return list
}

// TraitRow is a value of a trait on a card, for all plans or for those that a
// pattern matches.
type TraitRow struct {
	Trait
	Plans string // a plan id or a pattern; "" for all others
}

// TraitRows lists the card's values of the offer's traits, in the order in
// which they are shown: first the offer's own value, then those of its plans.
func (o *Offer) TraitRows() []TraitRow {
	var rows []TraitRow
	for _, t := range slices.Concat(traits, billTraits) {
		raw := o.traits[string(t.name)]
		rows = append(rows, TraitRow{Trait: o.Trait(t.name, "")})
		if raw == nil {
			continue
		}
		for _, pattern := range slices.Sorted(maps.Keys(raw.Plan)) {
			rows = append(rows, TraitRow{raw.Plan[pattern].trait(t.name), pattern})
		}
	}
	return rows
}

// trait is the value of the status trait for a card that does not state it.
func (s OfferStatus) trait() string {
	if s == StatusOffered {
		return StatusGeneral
	}
	return string(s)
}

func (raw *rawTraitValue) trait(name TraitName) Trait {
	share, _ := raw.DiskShare.millionths()
	return Trait{Name: name, Value: raw.Value, DiskShare: share, Words: raw.Words, Source: raw.Source, Assumed: raw.Assumed}
}

// pattern is the key of raw.Plan that applies to a plan: its id, else the
// longest pattern that matches it, else "".
func (raw *rawTrait) pattern(plan string) string {
	if raw.Plan[plan] != nil {
		return plan
	}
	best := ""
	for pattern := range raw.Plan {
		if ok, _ := path.Match(pattern, plan); ok && (len(pattern) > len(best) || len(pattern) == len(best) && pattern < best) {
			best = pattern
		}
	}
	return best
}

// traits checks the traits of an offer, and that values for plans are for
// existing plans.
func (c *checker) traits(o *Offer) {
	plans := map[string]bool{}
	for _, day := range o.dates {
		if c.set.doc.Offer[o.ID].Version[day].Withdrawn != "" {
			continue
		}
		for _, p := range c.set.Version(o, day).Plans {
			plans[p.ID] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o.traits)) {
		where, raw := []string{"offer", o.ID, "trait", name}, o.traits[name]
		kinds := traitKinds()
		i := slices.IndexFunc(kinds, func(t traitKind) bool { return string(t.name) == name })
		if i < 0 {
			var known []string
			for _, n := range TraitNames() {
				known = append(known, string(n))
			}
			c.problem(where, "is not a trait; known: %s", strings.Join(known, ", "))
			continue
		}
		if raw.Value != "" || len(raw.Plan) == 0 {
			c.trait(where, &raw.rawTraitValue, kinds[i].values)
		}
		for _, pattern := range slices.Sorted(maps.Keys(raw.Plan)) {
			at, own := append(slices.Clone(where), "plan", pattern), raw.Plan[pattern]
			if !slices.ContainsFunc(slices.Sorted(maps.Keys(plans)), func(p string) bool { ok, _ := path.Match(pattern, p); return ok }) {
				c.problem(at, "matches no plan of the offer")
			}
			c.trait(at, own, kinds[i].values)
		}
	}
}

func (c *checker) trait(where []string, raw *rawTraitValue, values []string) {
	if raw.Value != TraitUnknown && !slices.Contains(values, raw.Value) {
		c.problem(where, "value %q is not one of %s, %s", raw.Value, strings.Join(values, ", "), TraitUnknown)
	}
	if raw.DiskShare != "" {
		if n, err := raw.DiskShare.millionths(); err != nil || n <= 0 || n > 1_000_000 {
			c.problem(where, "disk_share %q is not a share between 0 and 1, such as \"0.9\"", strings.TrimPrefix(string(raw.DiskShare), unquoted))
		} else if raw.Value != StorageFlash {
			c.problem(where, "disk_share needs value = %q", StorageFlash)
		}
	}
	if raw.Value == TraitUnknown && raw.Source == "" && raw.Assumed == "" {
		return // that nothing was found has no source
	}
	c.cite(where, raw.Source, raw.Assumed)
}
