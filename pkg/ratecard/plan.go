package ratecard

import (
	"maps"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/unit"
)

// plans builds the plans of a version, in order of id: those taken from another
// offer and its own.
func (b *builder) plans(path []string, v *Version, raw *rawVersion) {
	if raw.PlansFrom != "" {
		b.plansFrom(path, v, raw)
	}
	taken := len(v.Plans)
	v.Plans = slices.Grow(v.Plans, len(raw.Plan))
	for _, id := range slices.Sorted(maps.Keys(raw.Plan)) {
		v.Plans = append(v.Plans, b.plan(b.sub(path, "plan", id), id, raw.Plan[id], v))
	}
	if taken > 0 {
		slices.SortStableFunc(v.Plans, func(p, q Plan) int { return strings.Compare(p.ID, q.ID) })
	}
}

// plan builds one plan.
func (b *builder) plan(path []string, id string, raw *rawPlan, v *Version) Plan {
	source := or(raw.Source, v.Source)
	if raw.Assumed != "" {
		source = raw.Source
	}
	p := Plan{
		ID: id, Name: or(raw.Name, id),
		Memory:           b.bytes(path, "memory", raw.Memory),
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
		Limit:            b.planLimit(path, raw.Limit, source, v),
		Note:             raw.Note, NotChosen: raw.NotChosen, Unknown: raw.Unknown,
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
	p.Usable = b.usable(path, raw, &p, v.Sizing.UsableShare)
	b.planSize(path, raw, &p)
	b.planPrice(path, raw, &p, v)
	if raw.MinReplicas > 0 && v.Sizing.Replicas != ReplicasBilled {
		b.problem(path, "min_replicas needs replicas = \"billed\" in the version's sizing")
	}
	if raw.OpsPerSec < 0 || raw.IncludesReplicas < 0 || raw.MinReplicas < 0 || raw.MaxShards < 0 || raw.ProvisionMin < 0 || raw.ProvisionMax < 0 {
		b.problem(path, "a count is negative")
	}
	for _, cid := range slices.Sorted(maps.Keys(raw.Charge)) {
		p.Charges = append(p.Charges, b.charge(b.sub(path, "charge", cid), cid, raw.Charge[cid], v))
	}
	b.cite(path, source, raw.Assumed)
	return p
}

// planLimit reads the limits of a plan. Limits on read regions that it does not
// state are those of the version.
func (b *builder) planLimit(path []string, raw *rawLimit, source string, v *Version) Limit {
	l := b.limit(path, raw, source)
	if raw == nil || raw.MaxReadRegions == nil {
		l.MaxReadRegions = v.Limit.MaxReadRegions
	}
	if raw == nil || raw.MinReadRegions == 0 {
		l.MinReadRegions = v.Limit.MinReadRegions
	}
	return l
}

// usable is the bytes of data that a node of the plan holds: the card's figure,
// or the usable share (millionths) of its memory, rounded down.
func (b *builder) usable(path []string, raw *rawPlan, p *Plan, share int64) int64 {
	usable := b.bytes(path, "usable", raw.Usable)
	if raw.UsableShare != "" {
		share = b.share(path, "usable_share", raw.UsableShare)
	}
	if raw.Usable == "" && p.Memory > 0 {
		usable, _ = unit.MulDivDown(uint64(p.Memory), uint64(share), unit.Million)
	}
	return usable
}

// planSize checks that a plan is either of one size or sold by the unit.
func (b *builder) planSize(path []string, raw *rawPlan, p *Plan) {
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
		b.problem(path, "per %q is not one of hour, month, GiB-hour, GiB-month, GB-hour, GB-month", string(p.Per))
	}
}

// planPrice checks that a plan has exactly one price, or a reason for having
// none.
func (b *builder) planPrice(path []string, raw *rawPlan, p *Plan, v *Version) {
	if b.report != nil {
		b.samePer(path, v, p)
	}
	switch inTable := v.inTables(p.ID); {
	case p.Rate != nil && inTable:
		b.problem(path, "has two prices: one of its own and one in a price table")
	case p.Rate == nil && !inTable && p.Unknown == "":
		b.problem(path, "has no price: give usd and per, a row in a price table, or unknown = \"why\"")
	case p.Rate != nil && raw.Per == "":
		b.problem(path, "has a price without per; add per = \"hour\", \"month\", \"GiB-month\" or the like")
	}
}

// samePer checks that the prices of a plan are per the unit that the plan
// states. A table of an earlier version may have another unit if a later table
// replaces it in every region.
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
