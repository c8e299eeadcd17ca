package ratecard

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/tomlfile"
)

// layer adds one file of cards to another document.
type layer struct {
	file     File
	lines    tomlfile.Lines
	merged   *document
	added    int // entries of the file that can change a bill
	problems []string
}

// lay returns base with the entries of over added. An overlay can add entries
// but not change any.
func lay(base, over *document, file File) (*document, error) {
	l := &layer{file: file, lines: tomlfile.IndexLines(file.Text), merged: &document{
		Schema:   Schema,
		Source:   clone(base.Source),
		Provider: clone(base.Provider),
		Place:    clone(base.Place),
		FX:       map[string]map[string]*rawRate{},
		Offer:    clone(base.Offer),
		Discount: clone(base.Discount),
	}}
	if over.Schema != 0 && over.Schema != Schema {
		l.problem([]string{"schema"}, "schema %d; this program reads schema %d", over.Schema, Schema)
	}
	for currency, rates := range base.FX {
		l.merged.FX[currency] = clone(rates)
	}
	l.names(over)
	l.figures(over)
	for _, id := range slices.Sorted(maps.Keys(over.Offer)) {
		l.offer(base, id, over.Offer[id])
	}
	if l.added == 0 && len(l.problems) == 0 {
		return nil, fmt.Errorf("%s: changes nothing; it has no offer, version, discount, place or exchange rate", file.Name)
	}
	if len(l.problems) > 0 {
		return nil, &Problems{File: file.Name, List: l.problems}
	}
	return l.merged, nil
}

func (l *layer) problem(path []string, format string, args ...any) {
	l.problems = append(l.problems, at(l.file.Name, l.lines, path)+fmt.Sprintf(format, args...))
}

// free says whether a name is free, and reports a name that is taken.
func (l *layer) free(path []string, taken bool) bool {
	if taken {
		l.problem(path, "is in the cards already, and an overlay cannot change it; choose another name or a later date")
	}
	return !taken
}

// add is free for an entry that can change a bill; it counts the entry.
func (l *layer) add(path []string, taken bool) bool {
	if !l.free(path, taken) {
		return false
	}
	l.added++
	return true
}

// names adds sources, providers and places. Sources and providers do not change
// a bill by themselves.
func (l *layer) names(over *document) {
	for _, id := range slices.Sorted(maps.Keys(over.Source)) {
		if _, taken := l.merged.Source[id]; l.free([]string{"source", id}, taken) {
			l.merged.Source[id] = over.Source[id]
		}
	}
	for _, id := range slices.Sorted(maps.Keys(over.Provider)) {
		if _, taken := l.merged.Provider[id]; l.free([]string{"provider", id}, taken) {
			l.merged.Provider[id] = over.Provider[id]
		}
	}
	for _, id := range slices.Sorted(maps.Keys(over.Place)) {
		// A place may get another provider's region, but the region of a
		// provider may not change.
		regions := clone(l.merged.Place[id])
		for _, provider := range slices.Sorted(maps.Keys(over.Place[id])) {
			if _, taken := regions[provider]; l.add([]string{"place", id, provider}, taken) {
				regions[provider] = over.Place[id][provider]
			}
		}
		l.merged.Place[id] = regions
	}
}

// figures adds discounts and exchange rates.
func (l *layer) figures(over *document) {
	for _, id := range slices.Sorted(maps.Keys(over.Discount)) {
		if _, taken := l.merged.Discount[id]; l.add([]string{"discount", id}, taken) {
			l.merged.Discount[id] = over.Discount[id]
		}
	}
	for _, currency := range slices.Sorted(maps.Keys(over.FX)) {
		if l.merged.FX[currency] == nil {
			l.merged.FX[currency] = map[string]*rawRate{}
		}
		for _, day := range slices.Sorted(maps.Keys(over.FX[currency])) {
			if _, taken := l.merged.FX[currency][day]; l.add([]string{"fx", currency, day}, taken) {
				l.merged.FX[currency][day] = over.FX[currency][day]
			}
		}
	}
}

// offer adds a new offer, or new versions to one that is there.
func (l *layer) offer(base *document, id string, raw *rawOffer) {
	known := l.merged.Offer[id]
	if known == nil {
		if raw.Provider == "" && raw.Name == "" {
			l.problem([]string{"offer", id}, "there is no such offer; known: %s", strings.Join(near(id, slices.Sorted(maps.Keys(base.Offer))), ", "))
			return
		}
		l.merged.Offer[id] = raw
		l.added++
		return
	}
	if raw.Provider != "" || raw.Name != "" || raw.Short != "" || raw.BilledBy != "" || raw.Status != "" || raw.About != "" || raw.Engines != nil || raw.Trait != nil {
		l.problem([]string{"offer", id}, "is in the cards already; an overlay can only add versions to it")
	}
	both := *known
	both.Version = clone(known.Version)
	for _, day := range slices.Sorted(maps.Keys(raw.Version)) {
		path, v := []string{"offer", id, "version", day}, raw.Version[day]
		if _, taken := both.Version[day]; !l.add(path, taken) {
			continue
		}
		if v.BasedOn == onNothing {
			alone := *v
			alone.BasedOn, v = "", &alone
		} else if v.BasedOn == "" && v.Withdrawn == "" {
			l.drops(path, base, id, v)
		}
		both.Version[day] = v
	}
	l.merged.Offer[id] = &both
}

// onNothing is the value of based_on for a version in an overlay that is not
// based on the offer's earlier version.
const onNothing = "none"

// drops reports a version that leaves out a charge that the offer has until
// then. A bill without its line would look complete.
func (l *layer) drops(path []string, base *document, id string, v *rawVersion) {
	o, day := &Offer{ID: id, dates: slices.Sorted(maps.Keys(base.Offer[id].Version))}, path[3]
	from := o.VersionAt(day)
	if from == "" {
		return
	}
	b := builder{set: &Set{doc: base}}
	before := mergeLayers(b.layers(o, from))
	var lost []string
	for _, c := range slices.Sorted(maps.Keys(before.Charge)) {
		if v.Charge[c] == nil {
			lost = append(lost, "charge "+c)
		}
	}
	if len(v.Plan) == 0 && v.PlansFrom == "" && (len(before.Plan) > 0 || before.PlansFrom != "") {
		lost = append(lost, "all plans")
	}
	if len(lost) > 0 {
		l.problem(path, "has no %s, which version %s has; add based_on = %q to keep what this version leaves out, or based_on = %q to drop it",
			strings.Join(lost, ", "), from, from, onNothing)
	}
}

func clone[V any](m map[string]V) map[string]V {
	c := make(map[string]V, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}
