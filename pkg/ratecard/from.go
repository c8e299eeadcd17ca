package ratecard

import (
	"slices"

	"github.com/keynest/keynest/pkg/unit"
)

// priceTables reads one price table, or takes another offer's table times a
// factor.
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
			b.problem(path, "has figures in usd and in eur; give one currency per table")
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
		b.problem(path, "has its own figures and from_offer; remove one")
	}
	other := b.otherOffer(path, raw.FromOffer)
	if other == nil {
		return nil
	}
	return b.times(path, other.tables, t, raw.FromOffer, raw.Factor)
}

// checkGrid indexes a grid and reports what is wrong with it, if problems are
// reported.
func (b *builder) checkGrid(path []string, t *priceTable) {
	if b.report != nil {
		t.check(func(format string, args ...any) { b.report(path, format, args...) })
	}
	t.index()
}

// times copies tables with a factor on every figure, with the name and the
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
			b.problem(path, "takes prices from %s, which takes them from %s; name that one", from, t.from)
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
		b.problem(path, "from_offer %q is not an offer", id)
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
		b.problem(path, "from_offer %q is the fifth offer in a chain; name the last one", id)
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

// plansFrom copies the plans of another offer that the version has prices for.
// It also copies that offer's sizing rule if the version has none.
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
			b.problem(path, "plan %s is described here and taken from %s; remove one", p.ID, raw.PlansFrom)
			continue
		}
		p.Rate, p.Unknown, p.Per = nil, "", v.tablePer(p.ID)
		if raw.PlansAll {
			p.NotChosen = ""
		}
		v.Plans = append(v.Plans, p)
	}
}
