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

// plain reads a figure that is kept as a decimal text.
func (f figure) plain() (string, error) {
	if f == "" {
		return "", nil
	}
	_, err := f.nano()
	return string(f), err
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
	nesting int
	others  map[string]*Version // built once; prices and plans are taken from them
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
	merged := chain[0]
	if len(chain) > 1 {
		merged = &rawVersion{}
		for i := len(chain) - 1; i >= 0; i-- {
			layer := *chain[i]
			layer.Price, layer.Example, layer.Note, layer.BasedOn = nil, nil, "", ""
			overlay(reflect.ValueOf(merged).Elem(), reflect.ValueOf(layer))
		}
	}
	v.Source = merged.Source
	v.Minimum = b.optionalUSD(path, "minimum_usd_per_month", merged.Minimum)
	v.Cap = b.optionalUSD(path, "cap_usd_per_month", merged.Cap)
	v.MinimumEach = b.each(path, "minimum_each", merged.MinimumEach)
	v.CapEach = b.each(path, "cap_each", merged.CapEach)
	v.Limit = b.limit(path, merged.Limit, v.Source)
	v.Sizing = b.sizing(path, merged.Sizing, v.Source)
	for _, layer := range chain {
		for _, name := range sortedKeys(layer.Price) {
			source := layer.Source
			if source == "" {
				source = v.Source
			}
			v.tables = append(v.tables, b.priceTables(sub(path, "price", name), layer.Price[name], source)...)
		}
	}
	for _, id := range sortedKeys(merged.Charge) {
		v.Charges = append(v.Charges, b.charge(sub(path, "charge", id), id, merged.Charge[id], v))
	}
	if merged.PlansFrom != "" {
		b.plansFrom(path, v, merged.PlansFrom)
	}
	for _, id := range sortedKeys(merged.Plan) {
		v.Plans = append(v.Plans, b.plan(sub(path, "plan", id), id, merged.Plan[id], v))
	}
	slices.SortStableFunc(v.Plans, func(p, q Plan) int { return strings.Compare(p.ID, q.ID) })
	// Terms are long tables that most bills do not need: built when asked for,
	// or at once where every problem is to be found.
	v.terms = sync.OnceValue(func() []Commitment {
		var terms []Commitment
		for _, id := range sortedKeys(merged.Commitment) {
			if c, ok := b.commitment(sub(path, "commitment", id), id, merged.Commitment[id], v); ok {
				terms = append(terms, c)
			}
		}
		return terms
	})
	if b.report != nil {
		v.Commitments()
	}
	for _, id := range sortedKeys(merged.Assumption) {
		v.Assumptions = append(v.Assumptions, b.note(sub(path, "assumption", id), id, merged.Assumption[id]))
	}
	for _, id := range sortedKeys(merged.Unknown) {
		v.Unknowns = append(v.Unknowns, b.note(sub(path, "unknown", id), id, merged.Unknown[id]))
	}
	for _, id := range sortedKeys(own.Example) {
		v.Examples = append(v.Examples, b.example(sub(path, "example", id), id, own.Example[id], v.Source))
	}
	return v
}

// overlay copies what src says over dst: set fields win, tables merge by key.
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
		both := reflect.MakeMap(src.Type())
		for _, m := range []reflect.Value{dst, src} {
			for iter := m.MapRange(); iter.Next(); {
				value := reflect.New(src.Type().Elem()).Elem()
				if old := both.MapIndex(iter.Key()); old.IsValid() {
					value.Set(old)
				}
				overlay(value, iter.Value())
				both.SetMapIndex(iter.Key(), value)
			}
		}
		dst.Set(both)
	case reflect.Pointer:
		if src.IsNil() {
			return
		}
		if src.Type().Elem().Kind() != reflect.Struct {
			dst.Set(src)
			return
		}
		both := reflect.New(src.Type().Elem())
		if !dst.IsNil() {
			both.Elem().Set(dst.Elem())
		}
		overlay(both.Elem(), src.Elem())
		dst.Set(both)
	default:
		if !src.IsZero() {
			dst.Set(src)
		}
	}
}

func sub(path []string, more ...string) []string {
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
	path = sub(path, "limit")
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
	for _, n := range []int64{l.MaxOpsPerSec, l.MaxECPUPerSec, l.MaxCommandsPerMonth, l.MaxReadRegions, l.MinReadRegions, l.MaxConnections} {
		if n < 0 {
			b.problem(path, "a limit is negative")
		}
	}
	b.cite(path, l.Source, "")
	return l
}

func (b *builder) opsKind(path []string, kind string, ops int64) OpsKind {
	switch k := OpsKind(kind); k {
	case OpsQuota, OpsBenchmark, OpsClaim, OpsAssumption:
		return k
	}
	if ops != 0 || kind != "" {
		b.problem(path, "ops_kind %q is none of quota, benchmark, claim, assumption", kind)
	}
	return ""
}

func (b *builder) sizing(path []string, raw *rawSizing, source string) Sizing {
	if raw == nil {
		return Sizing{Replicas: ReplicasIncluded, UsableShare: unit.Million, MinShards: 1, MaxShards: 1, ProvisionStep: 1}
	}
	path = sub(path, "sizing")
	s := Sizing{
		Replicas:      ReplicaRule(or(raw.Replicas, string(ReplicasIncluded))),
		UsableShare:   b.share(path, "usable_share", raw.UsableShare),
		UsableWords:   raw.UsableWords,
		OpsPerSec:     raw.OpsPerSec,
		OpsKind:       b.opsKind(path, raw.OpsKind, raw.OpsPerSec),
		OpsWords:      raw.OpsWords,
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
	if raw.MaxShards < 0 || raw.MaxNodes < 0 || raw.MinShards < 0 || raw.MinCluster < 0 || raw.OpsPerSec < 0 || raw.CPUOpsPerSec < 0 {
		b.problem(path, "a count is negative")
	}
	if s.MaxShards > 0 && s.MinShards > s.MaxShards {
		b.problem(path, "min_shards %d is above max_shards %d", s.MinShards, s.MaxShards)
	}
	if s.MaxShards > 0 && s.MinCluster > s.MaxShards {
		b.problem(path, "min_cluster_shards %d is above max_shards %d", s.MinCluster, s.MaxShards)
	}
	b.cite(path, s.Source, s.Assumed)
	return s
}

func (b *builder) charge(path []string, id string, raw *rawCharge, v *Version) Charge {
	c := Charge{
		ID: id, Name: or(raw.Name, id), Meter: Meter(raw.Meter), Per: raw.Per,
		WholeAmount: raw.WholeAmount, Reading: raw.Reading, Plans: raw.Plans,
		Source: or(raw.Source, v.Source), Assumed: raw.Assumed, Unknown: raw.Unknown,
		FreeEach: b.each(path, "free_each", raw.FreeEach), MinimumEach: b.each(path, "minimum_each", raw.MinimumEach),
	}
	if c.Assumed != "" {
		c.Source = raw.Source
	}
	if raw.Per == 0 {
		c.Per = 1
	} else if raw.Per < 0 {
		b.problem(path, "per is %d; it must be at least 1", raw.Per)
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
	if c.Free, err = raw.Free.plain(); err != nil {
		b.problem(path, "free: %v", err)
	}
	if c.Minimum, err = raw.Minimum.plain(); err != nil {
		b.problem(path, "minimum: %v", err)
	}
	c.Rate = b.rate(path, raw.USD, raw.EUR, c.Per, c.Source, c.Assumed)
	for i, t := range raw.Tier {
		upTo, err := t.UpTo.plain()
		if err != nil {
			b.problem(path, "tier %d: up_to: %v", i+1, err)
		}
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
	if raw.Limit == nil {
		p.Limit.MaxReadRegions = v.Limit.MaxReadRegions
	} else if raw.Limit.MaxReadRegions == nil {
		p.Limit.MaxReadRegions = v.Limit.MaxReadRegions
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
		if p.ProvisionMax > 0 && p.ProvisionMax < p.ProvisionMin {
			b.problem(path, "provision_max %d is below provision_min %d", p.ProvisionMax, p.ProvisionMin)
		}
	case "":
		if p.Unknown == "" {
			b.problem(path, "has no price: give usd and per, a row in a price table, or unknown = \"why\"")
		}
	default:
		b.problem(path, "per %q is none of hour, month, GiB-hour, GiB-month, GB-hour, GB-month", raw.Per)
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
		p.Charges = append(p.Charges, b.charge(sub(path, "charge", cid), cid, raw.Charge[cid], v))
	}
	b.cite(path, source, raw.Assumed)
	return p
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
	return b.times(path, other.tables, t.source, raw.Assumed, raw.FromOffer, raw.Factor)
}

// checkGrid reports what is wrong with a grid, where somebody listens, and
// indexes it.
func (b *builder) checkGrid(path []string, t *priceTable) {
	if b.report != nil {
		t.check(func(format string, args ...any) { b.report(path, format, args...) })
	}
	t.index()
}

// times copies tables with a factor on every figure.
func (b *builder) times(path []string, tables []priceTable, source, assumed, from string, factor figure) []priceTable {
	n, err := factor.millionths()
	if err != nil || n <= 0 {
		b.problem(path, "factor: a price taken from %s needs a factor like \"0.8\"", from)
		n = unit.Million
	}
	var copies []priceTable
	for _, t := range tables {
		if t.from != "" {
			b.problem(path, "takes prices from %s, which takes them from %s; take them from there", from, t.from)
		}
		t.base = t.source
		t.source, t.assumed, t.from = source, assumed, from
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
	if b.nesting > maxNesting || id == path[1] {
		b.problem(path, "from_offer %q leads back to itself", id)
		return nil
	}
	if b.others[id] == nil {
		if b.others == nil {
			b.others = map[string]*Version{}
		}
		other := builder{set: b.set, day: b.day, nesting: b.nesting + 1}
		b.others[id] = other.version(o, from)
	}
	return b.others[id]
}

// plansFrom takes the sizes and the sizing rule of another offer.
func (b *builder) plansFrom(path []string, v *Version, id string) {
	other := b.otherOffer(path, id)
	if other == nil {
		return
	}
	for _, p := range other.Plans {
		if v.inTables(p.ID) {
			p.Rate = nil
			v.Plans = append(v.Plans, p)
		}
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
		for _, o := range other.Commitments() {
			if o.Term == c.Term && o.Upfront == c.Upfront {
				c.hourly = b.times(path, o.hourly, c.Source, raw.Assumed, raw.FromOffer, raw.Factor)
				c.upfront = b.times(path, o.upfront, c.Source, raw.Assumed, raw.FromOffer, raw.Factor)
				return c, true
			}
		}
		b.problem(path, "%s sells no %s term with %s upfront", raw.FromOffer, raw.Term, raw.Upfront)
		return c, false
	case raw.Factor != "":
		n, err := raw.Factor.millionths()
		if err != nil {
			b.problem(path, "factor: %v", err)
		} else if n > unit.Million {
			b.problem(path, "factor %s: a committed price above on demand", raw.Factor)
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
	n, err := raw.USD.nano()
	if err != nil {
		b.problem(path, "usd: %v", err)
	}
	e.USD, e.WholeDollars = money.USD(n), !strings.Contains(string(raw.USD), ".")
	b.cite(path, e.Source, "")
	return e
}
