package ratecard

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/unit"
)

// nano reads a figure as money or as any decimal with nine places.
func (f figure) nano() (int64, error) {
	if strings.HasPrefix(string(f), unquoted) {
		return 0, fmt.Errorf("%s is %w", f[1:], errNotQuoted)
	}
	v, err := money.ParseUSD(string(f))
	if err == nil && v < 0 {
		return 0, fmt.Errorf("%s is negative", f)
	}
	return int64(v), err
}

// millionths reads a figure as a factor or share with six places.
func (f figure) millionths() (int64, error) {
	if strings.HasPrefix(string(f), unquoted) {
		return 0, fmt.Errorf("%s is %w", f[1:], errNotQuoted)
	}
	return unit.Scaled(string(f), unit.Million)
}

// maxNesting is how far prices can be taken from an offer that takes its own
// from another.
const maxNesting = 4

// builder makes typed versions out of the raw document. Problems are reported
// where somebody listens; without a listener the document was checked before.
type builder struct {
	set     *Set
	day     string // on which other offers' prices are taken
	report  func(path []string, format string, args ...any)
	use     func(path []string, source, assumed string) // a figure's source
	through []string                                    // the offers whose prices led here
	others  map[string]*Version                         // built once; prices and plans are taken from them
}

func (b *builder) problem(path []string, format string, args ...any) {
	if b.report != nil {
		b.report(path, format, args...)
	}
}

func (b *builder) cite(path []string, source, assumed string) {
	if b.use != nil {
		b.use(path, source, assumed)
	}
}

// layers returns the version and those it is based on, newest first.
func (b *builder) layers(o *Offer, from string) []*rawVersion {
	raw := b.set.doc.Offer[o.ID]
	var chain []*rawVersion
	for day := from; day != ""; {
		v := raw.Version[day]
		if v == nil {
			b.problem([]string{"offer", o.ID, "version", from}, "based_on %q is no version of this offer", day)
			break
		}
		chain = append(chain, v)
		if v.BasedOn >= day {
			b.problem([]string{"offer", o.ID, "version", day}, "based_on %q is not an earlier version", v.BasedOn)
			break
		}
		day = v.BasedOn
	}
	return chain
}

// version builds one version of an offer.
func (b *builder) version(o *Offer, from string) *Version {
	chain := b.layers(o, from)
	path := []string{"offer", o.ID, "version", from}
	own := chain[0]
	v := &Version{Offer: o, From: from, Withdrawn: own.Withdrawn, Note: own.Note}
	if v.Withdrawn != "" {
		v.Source = own.Source
		b.cite(path, own.Source, "")
		return v
	}
	merged := &rawVersion{}
	for i := len(chain) - 1; i >= 0; i-- {
		layer := *chain[i]
		layer.Price, layer.Example, layer.Note, layer.BasedOn = nil, nil, "", ""
		overlay(reflect.ValueOf(merged).Elem(), reflect.ValueOf(&layer).Elem())
	}
	v.Source = merged.Source
	v.Minimum = b.optionalUSD(path, "minimum_usd_per_month", merged.Minimum)
	v.Cap = b.optionalUSD(path, "cap_usd_per_month", merged.Cap)
	if v.Minimum != nil || v.Cap != nil {
		b.cite(path, v.Source, "")
	}
	if v.Minimum != nil && v.Cap != nil && *v.Minimum > *v.Cap {
		b.problem(path, "minimum_usd_per_month is above cap_usd_per_month")
	}
	v.MinimumEach = b.each(path, "minimum_each", merged.MinimumEach)
	v.CapEach = b.each(path, "cap_each", merged.CapEach)
	v.Limit = b.limit(path, merged.Limit, v.Source)
	v.Sizing = b.sizing(path, merged.Sizing, v.Source)
	for depth, layer := range chain {
		for _, name := range sortedKeys(layer.Price) {
			for _, t := range b.priceTables(b.sub(path, "price", name), layer.Price[name], or(layer.Source, v.Source)) {
				t.own = depth == 0
				v.tables = append(v.tables, t)
			}
		}
	}
	v.Charges = slices.Grow(v.Charges, len(merged.Charge))
	for _, id := range sortedKeys(merged.Charge) {
		v.Charges = append(v.Charges, b.charge(b.sub(path, "charge", id), id, merged.Charge[id], v))
	}
	if merged.PlansFrom != "" {
		b.plansFrom(path, v, merged)
	}
	taken := len(v.Plans)
	v.Plans = slices.Grow(v.Plans, len(merged.Plan))
	for _, id := range sortedKeys(merged.Plan) {
		v.Plans = append(v.Plans, b.plan(b.sub(path, "plan", id), id, merged.Plan[id], v))
	}
	if taken > 0 {
		slices.SortStableFunc(v.Plans, func(p, q Plan) int { return strings.Compare(p.ID, q.ID) })
	}
	// Terms are long tables that most bills do not need: built when asked for,
	// or at once where every problem is to be found. Who asks later may not be
	// alone, so what was built so far is left to those who build now.
	later := *b
	if b.report == nil {
		later.others = nil
	}
	v.terms = sync.OnceValue(func() []Commitment {
		b := &later
		var terms []Commitment
		for _, id := range sortedKeys(merged.Commitment) {
			c, ok := b.commitment(b.sub(path, "commitment", id), id, merged.Commitment[id], v)
			for i := range terms {
				if o := &terms[i]; o.Term == c.Term && o.Upfront == c.Upfront {
					b.problem(b.sub(path, "commitment", id), "is for the same term and upfront as commitment %s", o.ID)
				}
			}
			if ok {
				terms = append(terms, c)
			}
		}
		return terms
	})
	if b.report != nil {
		v.Commitments()
	}
	for _, id := range sortedKeys(merged.Assumption) {
		v.Assumptions = append(v.Assumptions, b.note(b.sub(path, "assumption", id), id, merged.Assumption[id]))
	}
	for _, id := range sortedKeys(merged.Unknown) {
		v.Unknowns = append(v.Unknowns, b.note(b.sub(path, "unknown", id), id, merged.Unknown[id]))
	}
	for _, id := range sortedKeys(own.Example) {
		v.Examples = append(v.Examples, b.example(b.sub(path, "example", id), id, own.Example[id], v.Source))
	}
	return v
}

// overlay copies what src says over dst: set fields win, tables merge by key.
// What only one of them speaks of is shared, and nothing shared is written to.
func overlay(dst, src reflect.Value) {
	switch src.Kind() {
	case reflect.Struct:
		for i := range src.NumField() {
			overlay(dst.Field(i), src.Field(i))
		}
	case reflect.Map:
		if src.Len() == 0 {
			return
		}
		if dst.Len() == 0 {
			dst.Set(src)
			return
		}
		both := reflect.MakeMapWithSize(src.Type(), dst.Len()+src.Len())
		for iter := dst.MapRange(); iter.Next(); {
			both.SetMapIndex(iter.Key(), iter.Value())
		}
		for iter := src.MapRange(); iter.Next(); {
			value := reflect.New(src.Type().Elem()).Elem()
			if old := dst.MapIndex(iter.Key()); old.IsValid() {
				value.Set(old)
			}
			overlay(value, iter.Value())
			both.SetMapIndex(iter.Key(), value)
		}
		dst.Set(both)
	case reflect.Pointer:
		if src.IsNil() {
			return
		}
		if dst.IsNil() || src.Type().Elem().Kind() != reflect.Struct {
			dst.Set(src)
			return
		}
		both := reflect.New(src.Type().Elem())
		both.Elem().Set(dst.Elem())
		overlay(both.Elem(), src.Elem())
		dst.Set(both)
	default:
		if !src.IsZero() {
			dst.Set(src)
		}
	}
}

// sub is a place below another one; without a listener nobody asks where.
func (b *builder) sub(path []string, more ...string) []string {
	if b.report == nil {
		return path
	}
	return append(append([]string{}, path...), more...)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (b *builder) optionalUSD(path []string, key string, f figure) *money.USD {
	if f == "" {
		return nil
	}
	n, err := f.nano()
	if err != nil {
		b.problem(path, "%s: %v", key, err)
	}
	u := money.USD(n)
	return &u
}

func (b *builder) bytes(path []string, key, s string) int64 {
	if s == "" {
		return 0
	}
	n, err := unit.ParseBytes(s)
	if err != nil {
		b.problem(path, "%s: %v", key, err)
	}
	return n
}

func (b *builder) share(path []string, key string, f figure) int64 {
	if f == "" {
		return 0
	}
	n, err := f.millionths()
	if err != nil {
		b.problem(path, "%s: %v", key, err)
	} else if n <= 0 || n > unit.Million {
		b.problem(path, "%s: %s is not a share between 0 and 1", key, f)
	}
	return n
}

// rate reads a price in dollars or euros.
func (b *builder) rate(path []string, usd, eur figure, per int64, source, assumed string) *Rate {
	text, currency := usd, "USD"
	if usd == "" {
		text, currency = eur, "EUR"
	}
	if text == "" {
		return nil
	}
	if usd != "" && eur != "" {
		b.problem(path, "has a price in usd and one in eur; a figure is published in one currency")
	}
	n, err := text.nano()
	if err != nil {
		b.problem(path, "%s: %v", strings.ToLower(currency), err)
	}
	return &Rate{
		Price:    money.Price{Amount: money.USD(n), Per: per},
		Currency: currency, Text: string(text), Source: source, Assumed: assumed,
	}
}

func (b *builder) limit(path []string, raw *rawLimit, source string) Limit {
	if raw == nil {
		return Limit{}
	}
	path = b.sub(path, "limit")
	l := Limit{
		MaxData:              b.bytes(path, "max_data", raw.MaxData),
		MaxOpsPerSec:         raw.MaxOpsPerSec,
		MaxECPUPerSec:        raw.MaxECPUPerSec,
		MaxCommandsPerMonth:  raw.MaxCommandsPerMonth,
		MaxTransferPerMonth:  b.bytes(path, "max_transfer_per_month", raw.MaxTransferPerMonth),
		MaxTransferPerSecond: b.bytes(path, "max_transfer_per_second", raw.MaxTransferPerSecond),
		MaxDatabases:         raw.MaxDatabases,
		MinReadRegions:       raw.MinReadRegions,
		MaxReplicas:          raw.MaxReplicas,
		MaxConnections:       raw.MaxConnections,
		Source:               or(raw.Source, source),
	}
	if raw.MaxReadRegions != nil {
		l.MaxReadRegions = *raw.MaxReadRegions
	}
	least := min(l.MaxOpsPerSec, l.MaxECPUPerSec, l.MaxCommandsPerMonth, l.MaxReadRegions, l.MinReadRegions, l.MaxConnections)
	for _, n := range []*int64{l.MaxDatabases, l.MaxReplicas} {
		if n != nil {
			least = min(least, *n)
		}
	}
	if least < 0 {
		b.problem(path, "a limit is negative")
	}
	b.cite(path, l.Source, "")
	return l
}

func (b *builder) opsKind(path []string, kind string, ops int64) OpsKind {
	switch k := OpsKind(kind); k {
	case OpsQuota, OpsBenchmark, OpsClaim, OpsAssumption, OpsCeiling:
		return k
	}
	if ops != 0 || kind != "" {
		b.problem(path, "ops_kind %q is none of quota, benchmark, claim, assumption, ceiling", kind)
	}
	return ""
}

func (b *builder) sizing(path []string, raw *rawSizing, source string) Sizing {
	if raw == nil {
		return Sizing{Replicas: ReplicasIncluded, UsableShare: unit.Million, MinShards: 1, MaxShards: 1, ProvisionStep: 1}
	}
	path = b.sub(path, "sizing")
	s := Sizing{
		Replicas:      ReplicaRule(or(raw.Replicas, string(ReplicasIncluded))),
		UsableShare:   b.share(path, "usable_share", raw.UsableShare),
		UsableWords:   raw.UsableWords,
		OpsPerSec:     raw.OpsPerSec,
		OpsKind:       b.opsKind(path, raw.OpsKind, raw.OpsPerSec),
		OpsWords:      raw.OpsWords,
		OpsSource:     or(raw.OpsSource, or(raw.Source, source)),
		MinShards:     max(raw.MinShards, 1),
		MinCluster:    raw.MinCluster,
		MaxShards:     raw.MaxShards,
		MaxNodes:      raw.MaxNodes,
		ProvisionStep: max(raw.ProvisionStep, 1),
		CPUOpsPerSec:  raw.CPUOpsPerSec,
		CPUWords:      raw.CPUWords,
		Source:        or(raw.Source, source),
		Assumed:       raw.Assumed,
	}
	if raw.UsableShare == "" {
		s.UsableShare = unit.Million
	}
	switch s.Replicas {
	case ReplicasBilled, ReplicasIncluded, ReplicasByPlan, ReplicasNone, ReplicasUnknown:
	default:
		b.problem(path, "replicas %q is none of billed, included, plan, none, unknown", raw.Replicas)
	}
	if min(raw.MaxShards, raw.MaxNodes, raw.MinShards, raw.MinCluster, raw.OpsPerSec, raw.CPUOpsPerSec, raw.ProvisionStep) < 0 {
		b.problem(path, "a count is negative")
	}
	if s.MaxShards > 0 && s.MinShards > s.MaxShards {
		b.problem(path, "min_shards %d is above max_shards %d", s.MinShards, s.MaxShards)
	}
	if s.MaxShards > 0 && s.MinCluster > s.MaxShards {
		b.problem(path, "min_cluster_shards %d is above max_shards %d", s.MinCluster, s.MaxShards)
	}
	b.cite(path, s.Source, s.Assumed)
	b.cite(path, s.OpsSource, s.Assumed)
	return s
}

// uncounted checks the list of commands that a charge leaves out.
func (b *builder) uncounted(path []string, c *Charge) {
	switch c.Meter {
	case MeterCommands, MeterReads, MeterWrites, MeterReplicatedCommands, MeterECPU:
	default:
		if len(c.Uncounted) > 0 {
			b.problem(path, "uncounted lists commands, but meter %s does not count them", c.Meter)
		}
	}
	seen := map[string]bool{}
	for _, command := range c.Uncounted {
		if command == "" || strings.Trim(command, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-|") != "" {
			b.problem(path, "uncounted: %q is not a command in capitals, like PING or CONFIG|GET", command)
		}
		if seen[command] {
			b.problem(path, "uncounted: %s stands twice", command)
		}
		seen[command] = true
	}
}

func (b *builder) charge(path []string, id string, raw *rawCharge, v *Version) Charge {
	c := Charge{
		ID: id, Name: or(raw.Name, id), Meter: Meter(raw.Meter), Per: 1,
		WholeAmount: raw.WholeAmount, Reading: raw.Reading, Plans: raw.Plans, Uncounted: raw.Uncounted,
		Source: or(raw.Source, v.Source), Assumed: raw.Assumed, Unknown: raw.Unknown,
		FreeEach: b.each(path, "free_each", raw.FreeEach), MinimumEach: b.each(path, "minimum_each", raw.MinimumEach),
	}
	if c.Assumed != "" {
		c.Source = raw.Source
	}
	if raw.Per != nil {
		c.Per = *raw.Per
	}
	if c.Per < 1 {
		b.problem(path, "per is %d; it must be at least 1", c.Per)
		c.Per = 1
	}
	dimension, err := c.Meter.Dimension()
	if err != nil {
		b.problem(path, "%v", err)
	}
	if c.Unit, err = unit.ByName(raw.Unit); err != nil {
		b.problem(path, "%v", err)
	} else if dimension != "" && c.Unit.Dimension != dimension {
		b.problem(path, "meter %s counts %s, but %s counts %s", c.Meter, dimension, c.Unit.Name, c.Unit.Dimension)
	}
	b.uncounted(path, &c)
	if raw.OtherUnit != "" {
		other, err := unit.ByName(raw.OtherUnit)
		if err != nil {
			b.problem(path, "other_unit: %v", err)
		} else if other.Dimension != c.Unit.Dimension {
			b.problem(path, "other_unit %s does not count what %s counts", other.Name, c.Unit.Name)
		}
		if raw.Reading == "" {
			b.problem(path, "other_unit needs reading: why this unit is taken")
		}
		c.OtherUnit = &other
	}
	c.Free = b.amount(path, "free", raw.Free, c.Unit)
	c.Minimum = b.amount(path, "minimum", raw.Minimum, c.Unit)
	c.Rate = b.rate(path, raw.USD, raw.EUR, c.Per, c.Source, c.Assumed)
	for i, t := range raw.Tier {
		upTo := b.amount(path, fmt.Sprintf("tier %d: up_to", i+1), t.UpTo, c.Unit)
		r := b.rate(path, t.USD, t.EUR, c.Per, c.Source, c.Assumed)
		if r == nil {
			b.problem(path, "tier %d has no price", i+1)
			r = &Rate{}
		}
		if last := i == len(raw.Tier)-1; last != (upTo == "") {
			b.problem(path, "tier %d: every tier but the last needs up_to, and the last none", i+1)
		} else if i > 0 && !last && !(decimalLess(c.Tiers[i-1].UpTo, upTo)) {
			b.problem(path, "tier %d does not reach further than the one before", i+1)
		}
		if i > 0 && r.Currency != c.Tiers[0].Rate.Currency {
			b.problem(path, "tier %d is in another currency than the first", i+1)
		}
		c.Tiers = append(c.Tiers, Tier{UpTo: upTo, Rate: *r})
	}
	priced := 0
	if c.Rate != nil {
		priced++
	}
	if len(c.Tiers) > 0 {
		priced++
	}
	if c.Unknown != "" {
		priced++
	}
	if v.inTables(id) {
		priced++
	}
	if priced == 0 {
		b.problem(path, "has no price: give usd, tier, a column in a price table, or unknown = \"why\"")
	} else if priced > 1 {
		b.problem(path, "has two prices: only one of usd, tier, a price table and unknown can stand")
	}
	b.cite(path, c.Source, c.Assumed)
	return c
}

// amount reads a quantity that is free, a minimum, or where a tier ends. It
// must be countable in the longest month.
func (b *builder) amount(path []string, key string, f figure, u unit.Unit) string {
	if f == "" {
		return ""
	}
	_, err := f.nano()
	if err == nil {
		_, err = unit.Scaled(string(f), u.Held(744))
	}
	if err != nil {
		b.problem(path, "%s: %v", key, err)
	}
	return string(f)
}

func decimalLess(a, b string) bool {
	x, err1 := money.ParseUSD(a)
	y, err2 := money.ParseUSD(b)
	return err1 == nil && err2 == nil && x < y
}

func (b *builder) each(path []string, key, s string) Each {
	switch e := Each(or(s, string(EachAccount))); e {
	case EachAccount, EachDatabase:
		return e
	}
	b.problem(path, "%s %q is neither account nor database", key, s)
	return EachAccount
}

func (b *builder) plan(path []string, id string, raw *rawPlan, v *Version) Plan {
	source := or(raw.Source, v.Source)
	if raw.Assumed != "" {
		source = raw.Source
	}
	p := Plan{
		ID: id, Name: or(raw.Name, id),
		Memory:           b.bytes(path, "memory", raw.Memory),
		Usable:           b.bytes(path, "usable", raw.Usable),
		OpsPerSec:        raw.OpsPerSec,
		Network:          b.network(path, raw.Network),
		IncludesReplicas: raw.IncludesReplicas,
		MinReplicas:      raw.MinReplicas,
		MaxShards:        raw.MaxShards,
		ProvisionMin:     raw.ProvisionMin,
		ProvisionMax:     raw.ProvisionMax,
		Per:              PlanPer(or(raw.Per, string(v.tablePer(id)))),
		Rate:             b.rate(path, raw.USD, raw.EUR, 1, source, raw.Assumed),
		ReadRegion:       b.rate(path, raw.ReadRegionUSD, "", 1, source, raw.Assumed),
		Minimum:          b.optionalUSD(path, "minimum_usd_per_month", raw.Minimum),
		Cap:              b.optionalUSD(path, "cap_usd_per_month", raw.Cap),
		Limit:            b.limit(path, raw.Limit, source),
		Note:             raw.Note, NotChosen: raw.NotChosen, Unknown: raw.Unknown,
	}
	if raw.Limit == nil || raw.Limit.MaxReadRegions == nil {
		p.Limit.MaxReadRegions = v.Limit.MaxReadRegions
	}
	if raw.Limit == nil || raw.Limit.MinReadRegions == 0 {
		p.Limit.MinReadRegions = v.Limit.MinReadRegions
	}
	if raw.OpsPerSec != 0 {
		p.OpsKind = b.opsKind(path, raw.OpsKind, raw.OpsPerSec)
	}
	if raw.VCPU != "" {
		n, err := raw.VCPU.millionths()
		if err != nil {
			b.problem(path, "vcpu: %v", err)
		}
		p.MilliCPU = n / 1000
	}
	share := v.Sizing.UsableShare
	if raw.UsableShare != "" {
		share = b.share(path, "usable_share", raw.UsableShare)
	}
	if raw.Usable == "" && p.Memory > 0 {
		p.Usable, _ = unit.MulDiv(uint64(p.Memory), uint64(share), unit.Million)
	}
	switch p.Per {
	case PerHour, PerMonth:
		if raw.ProvisionMin != 0 || raw.ProvisionMax != 0 {
			b.problem(path, "provision_min and provision_max need a price per GiB or GB")
		}
	case PerGiBHour, PerGiBMonth, PerGBHour, PerGBMonth:
		p.ProvisionMin = max(p.ProvisionMin, 1)
		p.Usable = 0
		if raw.UsableShare != "" || raw.Usable != "" {
			b.problem(path, "usable and usable_share do not apply to memory that is sold by the unit; give usable_share in sizing")
		}
		if p.ProvisionMax > 0 && p.ProvisionMax < p.ProvisionMin {
			b.problem(path, "provision_max %d is below provision_min %d", p.ProvisionMax, p.ProvisionMin)
		}
	case "":
		if p.Unknown == "" {
			b.problem(path, "has no price: give usd and per, a row in a price table, or unknown = \"why\"")
		}
	default:
		b.problem(path, "per %q is none of hour, month, GiB-hour, GiB-month, GB-hour, GB-month", string(p.Per))
	}
	if b.report != nil {
		b.samePer(path, v, &p)
	}
	switch inTable := v.inTables(id); {
	case p.Rate != nil && inTable:
		b.problem(path, "has two prices: one of its own and one in a price table")
	case p.Rate == nil && !inTable && p.Unknown == "":
		b.problem(path, "has no price: give usd and per, a row in a price table, or unknown = \"why\"")
	case p.Rate != nil && raw.Per == "":
		b.problem(path, "has a price without per (hour, month, GiB-month, …)")
	}
	if raw.MinReplicas > 0 && v.Sizing.Replicas != ReplicasBilled {
		b.problem(path, "min_replicas needs replicas = \"billed\" in the version's sizing")
	}
	if raw.OpsPerSec < 0 || raw.IncludesReplicas < 0 || raw.MinReplicas < 0 || raw.MaxShards < 0 || raw.ProvisionMin < 0 || raw.ProvisionMax < 0 {
		b.problem(path, "a count is negative")
	}
	for _, cid := range sortedKeys(raw.Charge) {
		p.Charges = append(p.Charges, b.charge(b.sub(path, "charge", cid), cid, raw.Charge[cid], v))
	}
	b.cite(path, source, raw.Assumed)
	return p
}

// samePer checks that the prices of a plan are per what the plan says. An
// earlier version's table may be per something else where a later one has taken
// its place in every region.
func (b *builder) samePer(path []string, v *Version, p *Plan) {
	taken := map[string]bool{}
	for i := range v.tables {
		t := &v.tables[i]
		if !t.speaksOf(p.ID) {
			continue
		}
		for _, r := range t.regions {
			if PlanPer(t.per) != p.Per && !taken[r] {
				b.problem(path, "is priced per %s, but per %s in the price table %s", p.Per, t.per, t.name)
				break
			}
		}
		for _, r := range t.regions {
			taken[r] = true
		}
	}
}

// network reads a bit rate such as "0.75 Gbit/s" as bytes per second.
func (b *builder) network(path []string, s string) int64 {
	if s == "" {
		return 0
	}
	for _, u := range []struct {
		suffix string
		bytes  int64
	}{{" Gbit/s", 1e9 / 8}, {" Mbit/s", 1e6 / 8}} {
		if number, ok := strings.CutSuffix(s, u.suffix); ok {
			n, err := unit.Scaled(number, u.bytes)
			if err != nil {
				b.problem(path, "network: %v", err)
			}
			return n
		}
	}
	b.problem(path, "network %q is not a rate like \"0.75 Gbit/s\" or \"64 Mbit/s\"", s)
	return 0
}

// priceTables reads one price table, or takes another offer's times a factor.
func (b *builder) priceTables(path []string, raw *rawPrice, source string) []priceTable {
	t := priceTable{
		name: path[len(path)-1], grid: raw.USD, currency: "USD", per: or(raw.Per, string(PerHour)),
		source: or(raw.Source, source), assumed: raw.Assumed,
	}
	if raw.Assumed != "" {
		t.source = raw.Source
	}
	b.cite(path, t.source, t.assumed)
	if raw.EUR != "" {
		t.grid, t.currency = raw.EUR, "EUR"
		if raw.USD != "" {
			b.problem(path, "has figures in usd and in eur; a table has one currency")
		}
	}
	if raw.FromOffer == "" {
		if raw.Factor != "" {
			b.problem(path, "factor needs from_offer")
		}
		b.checkGrid(path, &t)
		return []priceTable{t}
	}
	if t.grid != "" {
		b.problem(path, "has figures of its own and from_offer; one of them")
	}
	other := b.otherOffer(path, raw.FromOffer)
	if other == nil {
		return nil
	}
	return b.times(path, other.tables, t, raw.FromOffer, raw.Factor)
}

// checkGrid reports what is wrong with a grid, where somebody listens, and
// indexes it.
func (b *builder) checkGrid(path []string, t *priceTable) {
	if b.report != nil {
		t.check(func(format string, args ...any) { b.report(path, format, args...) })
	}
	t.index()
}

// times copies tables with a factor on every figure, under the name and the
// source of like.
func (b *builder) times(path []string, tables []priceTable, like priceTable, from string, factor figure) []priceTable {
	n, err := factor.millionths()
	if err != nil || n <= 0 {
		b.problem(path, "factor: a price taken from %s needs a factor like \"0.8\"", from)
		n = unit.Million
	}
	var copies []priceTable
	for _, t := range tables {
		if t.from != "" {
			b.problem(path, "takes prices from %s, which takes them from %s; take them from there", from, t.from)
			return nil
		}
		t.base = t.source
		t.name, t.source, t.assumed, t.from = like.name, like.source, like.assumed, from
		t.factor, t.factorAs = n, string(factor)
		copies = append(copies, t)
	}
	return copies
}

// otherOffer builds the version of another offer that prices are taken from.
func (b *builder) otherOffer(path []string, id string) *Version {
	o := b.set.Offer(id)
	if o == nil {
		b.problem(path, "from_offer %q is no offer", id)
		return nil
	}
	from := o.VersionAt(b.day)
	if from == "" {
		b.problem(path, "from_offer %q has no version on %s", id, b.day)
		return nil
	}
	through := append(b.through[:len(b.through):len(b.through)], path[1])
	if slices.Contains(through, id) {
		b.problem(path, "from_offer %q leads back to itself", id)
		return nil
	}
	if len(through) > maxNesting {
		b.problem(path, "from_offer %q is the fifth offer in a row; take the price from the last", id)
		return nil
	}
	if b.others == nil {
		b.others = map[string]*Version{}
	}
	if b.others[id] == nil {
		other := builder{set: b.set, day: b.day, report: b.report, use: b.use, through: through, others: b.others}
		b.others[id] = other.version(o, from)
	}
	return b.others[id]
}

// plansFrom takes the sizes of another offer, as far as the version prices
// them, and its sizing rule where the version has none of its own.
func (b *builder) plansFrom(path []string, v *Version, raw *rawVersion) {
	other := b.otherOffer(path, raw.PlansFrom)
	if other == nil {
		return
	}
	if raw.Sizing == nil {
		v.Sizing = other.Sizing
	}
	v.Plans = make([]Plan, 0, len(other.Plans)+len(raw.Plan))
	for _, p := range other.Plans {
		if !v.inTables(p.ID) {
			continue
		}
		if raw.Plan[p.ID] != nil {
			b.problem(path, "plan %s is described here and taken from %s; one of them", p.ID, raw.PlansFrom)
			continue
		}
		p.Rate, p.Unknown, p.Per = nil, "", v.tablePer(p.ID)
		v.Plans = append(v.Plans, p)
	}
}

func (b *builder) commitment(path []string, id string, raw *rawCommitment, v *Version) (Commitment, bool) {
	c := Commitment{ID: id, Term: Term(raw.Term), Upfront: Upfront(raw.Upfront), Plans: raw.Plans, Note: raw.Note, Source: or(raw.Source, v.Source), assumed: raw.Assumed}
	if c.Term.Months() == 0 {
		b.problem(path, "term %q is neither 1y nor 3y", raw.Term)
	}
	switch c.Upfront {
	case UpfrontNone, UpfrontPartial, UpfrontAll:
	default:
		b.problem(path, "upfront %q is none of none, partial, all", raw.Upfront)
	}
	b.cite(path, c.Source, raw.Assumed)
	own := raw.USDPerHour != "" || raw.USDUpfront != ""
	switch {
	case own && (raw.FromOffer != "" || raw.Factor != ""):
		b.problem(path, "has figures of its own and a factor; one of them")
	case own:
		for _, part := range []struct {
			grid string
			to   *[]priceTable
		}{{raw.USDPerHour, &c.hourly}, {raw.USDUpfront, &c.upfront}} {
			if part.grid == "" {
				continue
			}
			t := priceTable{name: id, grid: part.grid, currency: "USD", per: string(PerHour), source: c.Source}
			b.checkGrid(path, &t)
			*part.to = []priceTable{t}
		}
	case raw.FromOffer != "":
		other := b.otherOffer(path, raw.FromOffer)
		if other == nil {
			return c, false
		}
		like := priceTable{name: id, source: c.Source, assumed: raw.Assumed}
		for _, o := range other.Commitments() {
			if o.Term != c.Term || o.Upfront != c.Upfront {
				continue
			}
			if o.factor != 0 {
				b.problem(path, "%s prices it as a share of its on-demand price; give that factor here", raw.FromOffer)
			}
			c.hourly = b.times(path, o.hourly, like, raw.FromOffer, raw.Factor)
			c.upfront = b.times(path, o.upfront, like, raw.FromOffer, raw.Factor)
			return c, true
		}
		b.problem(path, "%s sells no %s term with %s upfront", raw.FromOffer, raw.Term, raw.Upfront)
		return c, false
	case raw.Factor != "":
		n, err := raw.Factor.millionths()
		if err != nil {
			b.problem(path, "factor: %v", err)
		} else if n > unit.Million {
			b.problem(path, "factor %s: a committed price above on demand", raw.Factor)
		} else if n == 0 {
			b.problem(path, "factor %s makes the price nothing", raw.Factor)
		}
		c.factor, c.factorAs = n, string(raw.Factor)
	default:
		b.problem(path, "has no price: give usd_per_hour, usd_upfront, or factor")
	}
	return c, true
}

func (b *builder) note(path []string, id string, raw *rawNote) Note {
	if raw.Words == "" {
		b.problem(path, "says nothing; give words")
	}
	if raw.Source != "" {
		b.cite(path, raw.Source, "")
	}
	return Note{ID: id, Words: raw.Words, Source: raw.Source}
}

func (b *builder) example(path []string, id string, raw *rawExample, source string) Example {
	e := Example{
		ID: id, Words: raw.Words, Workload: raw.Workload, Region: raw.Region, Plan: raw.Plan, Shards: raw.Shards,
		Term: Term(or(raw.Term, string(TermOnDemand))), Upfront: Upfront(or(raw.Upfront, string(UpfrontNone))),
		AsOf: raw.AsOf, Charge: raw.Charge, Source: or(raw.Source, source),
	}
	if len(raw.Workload) == 0 {
		b.problem(path, "has no workload")
	}
	if e.Term != TermOnDemand && e.Term.Months() == 0 {
		b.problem(path, "term %q is none of on-demand, 1y, 3y", raw.Term)
	}
	n, err := raw.USD.nano()
	if err != nil {
		b.problem(path, "usd: %v", err)
	}
	e.USD, e.WholeDollars = money.USD(n), !strings.Contains(string(raw.USD), ".")
	b.cite(path, e.Source, "")
	return e
}
