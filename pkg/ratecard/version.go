package ratecard

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/money"
)

// layers returns the version and those that it is based on, newest first. A
// version can only be based on an earlier one. The number of versions is an
// additional bound, so that the loop ends in any case.
func (b *builder) layers(o *Offer, from string) []*rawVersion {
	raw := b.set.doc.Offer[o.ID]
	chain := []*rawVersion{raw.Version[from]}
	if b.alone {
		return chain
	}
	for day := from; chain[len(chain)-1].BasedOn != "" && len(chain) <= len(raw.Version); {
		path, on := []string{"offer", o.ID, "version", day}, raw.Version[day].BasedOn
		switch {
		case on == day:
			b.problem(path, "is based on itself; based_on names an earlier version")
			return chain
		case raw.Version[on] == nil:
			b.problem(path, "based_on %q is not a version of this offer", on)
			return chain
		case on > day:
			b.problem(path, "based_on %q is not an earlier version", on)
			return chain
		}
		chain = append(chain, raw.Version[on])
		day = on
	}
	return chain
}

// overlay copies the fields that src sets to dst and merges maps by key. Values
// that only one of them has are shared, and shared values are never written to.
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
	merged := mergeLayers(chain)
	b.restated(path, own)
	v.Source, v.PlansFrom = merged.Source, merged.PlansFrom
	b.totals(path, v, merged)
	v.Limit = b.limit(path, merged.Limit, v.Source)
	v.Sizing = b.sizing(path, merged.Sizing, v.Source)
	for depth, layer := range chain {
		for _, name := range slices.Sorted(maps.Keys(layer.Price)) {
			for _, t := range b.priceTables(b.sub(path, "price", name), layer.Price[name], or(layer.Source, v.Source)) {
				t.own = depth == 0
				v.tables = append(v.tables, t)
			}
		}
	}
	v.Charges = slices.Grow(v.Charges, len(merged.Charge))
	for _, id := range slices.Sorted(maps.Keys(merged.Charge)) {
		v.Charges = append(v.Charges, b.charge(b.sub(path, "charge", id), id, merged.Charge[id], v))
	}
	b.plans(path, v, merged)
	b.commitments(path, v, merged, chain)
	b.surcharges(path, v, merged)
	b.reservedUnits(path, v, merged.Units)
	b.proration(path, v, merged.Proration)
	for _, id := range slices.Sorted(maps.Keys(merged.Assumption)) {
		v.Assumptions = append(v.Assumptions, b.note(b.sub(path, "assumption", id), id, merged.Assumption[id]))
	}
	for _, id := range slices.Sorted(maps.Keys(merged.Unknown)) {
		v.Unknowns = append(v.Unknowns, b.note(b.sub(path, "unknown", id), id, merged.Unknown[id]))
	}
	for _, id := range slices.Sorted(maps.Keys(own.Example)) {
		v.Examples = append(v.Examples, b.example(b.sub(path, "example", id), id, own.Example[id], v.Source))
	}
	return v
}

// mergeLayers merges the versions of a chain (newest first). Price tables are
// not merged, since they are looked up one after the other. Examples and the
// note belong to their own version only.
func mergeLayers(chain []*rawVersion) *rawVersion {
	merged := &rawVersion{}
	for i := len(chain) - 1; i >= 0; i-- {
		layer := *chain[i]
		layer.Price, layer.Example, layer.Note, layer.BasedOn = nil, nil, "", ""
		merged.Charge = unsourced(merged.Charge, layer.Charge)
		merged.Plan = unsourced(merged.Plan, layer.Plan)
		merged.Commitment = unsourced(merged.Commitment, layer.Commitment)
		overlay(reflect.ValueOf(merged).Elem(), reflect.ValueOf(&layer).Elem())
	}
	return merged
}

// totals reads the minimum and the cap of the whole bill, in dollars a month.
func (b *builder) totals(path []string, v *Version, raw *rawVersion) {
	v.Minimum = b.optionalUSD(path, "minimum_usd_per_month", raw.Minimum)
	v.Cap = b.optionalUSD(path, "cap_usd_per_month", raw.Cap)
	if v.Minimum != nil || v.Cap != nil {
		b.cite(path, v.Source, "")
	}
	if v.Minimum != nil && v.Cap != nil && *v.Minimum > *v.Cap {
		b.problem(path, "minimum_usd_per_month is above cap_usd_per_month")
	}
	v.MinimumEach = b.each(path, "minimum_each", raw.MinimumEach)
	v.CapEach = b.each(path, "cap_each", raw.CapEach)
}

// Proration says how prices by the month are charged for less than a month.
type Proration struct {
	Hours  int64 // that a month's price is for, and fewer cost in proportion; 0 where the price is charged whole, or the card does not say
	Source string
}

func (b *builder) proration(path []string, v *Version, raw *rawProration) {
	if raw == nil {
		return
	}
	at := b.sub(path, "proration")
	v.Proration = Proration{Hours: raw.Hours, Source: or(raw.Source, v.Source)}
	b.cite(at, v.Proration.Source, "")
	if raw.Hours < 1 || raw.Hours > 744 {
		b.problem(at, "hours %d is not 1 to 744", raw.Hours)
	}
}

func (b *builder) note(path []string, id string, raw *rawNote) Note {
	if raw.Words == "" {
		b.problem(path, "has no words")
	}
	if raw.Source != "" {
		b.cite(path, raw.Source, "")
	}
	if raw.OtherSize != "" && raw.OtherSize != "GB" && raw.OtherSize != "GiB" {
		b.problem(path, "other_size %q is neither GB nor GiB", raw.OtherSize)
	}
	return Note{ID: id, Words: raw.Words, Source: raw.Source, OtherSize: raw.OtherSize}
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
		b.problem(path, "term %q is not one of on-demand, 1y, 3y", raw.Term)
	}
	n, err := raw.USD.nano()
	if err != nil {
		b.problem(path, "usd: %v", err)
	}
	e.USD, e.WholeDollars = money.USD(n), !strings.Contains(string(raw.USD), ".")
	b.cite(path, e.Source, "")
	return e
}
