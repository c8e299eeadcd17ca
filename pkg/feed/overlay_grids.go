package feed

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/safetext"
	"github.com/keynest/keynest/pkg/tomlfile"
)

// newPlans describes the sizes that the card does not have. Facts that the feed
// lacks stay unknown: a size without a known usable memory is not chosen, and only
// --plan prices it.
func (w *writer) newPlans(at string, v *ratecard.Version, findings []Finding) {
	for _, f := range findings {
		if f.Kind != Plan || v.Plan(f.ID) != nil || w.plans[f.Offer][f.ID] {
			continue
		}
		if w.plans[f.Offer] == nil {
			w.plans[f.Offer] = map[string]bool{}
		}
		w.plans[f.Offer][f.ID] = true
		if from := w.cards.card(v.PlansFrom); from != nil && (from.Plan(f.ID) != nil || w.plans[v.PlansFrom][f.ID]) {
			continue // taken over with the other offer's plans
		}
		why := "new in the vendor's price list; its usable memory is not on the card, so sizing does not choose it"
		if f.Memory != "" && f.Memory != "NA" {
			why += "; the list says " + f.Memory
		}
		w.line("\n[%s.plan.%s]", at, tomlfile.Key(f.ID))
		if _, err := decimal(f.VCPU, 0); err == nil {
			w.line("vcpu = %s", tomlfile.Quote(f.VCPU))
		}
		w.line("not_chosen = %s", tomlfile.Quote(safetext.Line(why)))
		w.line("source = %s", tomlfile.Quote(w.taken.Source))
	}
}

// grids writes the prices by region. Regions with the same ids share a grid, so
// that no cell is empty: an empty one would take a price away.
func (w *writer) grids(at string, findings []Finding) {
	type sort3 struct{ kind, currency, per string }
	kinds := map[sort3][]Finding{}
	for _, f := range findings {
		k := sort3{string(f.Kind), f.Currency, f.Per}
		if f.Kind == Charge {
			k.per = ""
		}
		kinds[k] = append(kinds[k], f)
		w.note(f)
	}
	order := make([]sort3, 0, len(kinds))
	for k := range kinds {
		order = append(order, k)
	}
	sort.Slice(order, func(i, j int) bool { return fmt.Sprint(order[i]) < fmt.Sprint(order[j]) })
	n := 0
	for _, k := range order {
		for _, grid := range tables(kinds[k]) {
			n++
			w.line("\n[%s.price.feed-%d]", at, n)
			w.line("source = %s", tomlfile.Quote(w.taken.Source))
			if k.per != "" && k.per != "hour" {
				w.line("per = %s", tomlfile.Quote(k.per))
			}
			w.line("%s = \"\"\"\n%s\"\"\"", strings.ToLower(k.currency), grid)
		}
	}
}

// tables lays prices out as grids, one for each set of regions that have the same
// ids.
func tables(findings []Finding) []string {
	price := map[[2]string]string{}
	ids := map[string]map[string]bool{}
	for _, f := range findings {
		price[[2]string{f.ID, f.Region}] = f.Price
		if ids[f.Region] == nil {
			ids[f.Region] = map[string]bool{}
		}
		ids[f.Region][f.ID] = true
	}
	regions := map[string][]string{}
	for _, region := range slices.Sorted(maps.Keys(ids)) {
		set := strings.Join(slices.Sorted(maps.Keys(ids[region])), " ")
		regions[set] = append(regions[set], region)
	}
	var all []string
	for _, set := range slices.Sorted(maps.Keys(regions)) {
		all = append(all, table(strings.Fields(set), regions[set], price))
	}
	return all
}

// or is s, or what stands in for an empty one.
func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// table is a grid with the longer of its sides going down; a point is where it
// says nothing.
func table(ids, regions []string, price map[[2]string]string) string {
	down, across, head := ids, regions, "id"
	cell := func(d, a string) string { return or(price[[2]string{d, a}], ".") }
	if len(regions) > len(ids) {
		down, across, head = regions, ids, "region"
		cell = func(d, a string) string { return or(price[[2]string{a, d}], ".") }
	}
	rows := [][]string{append([]string{head}, across...)}
	for _, d := range down {
		row := []string{d}
		for _, a := range across {
			row = append(row, cell(d, a))
		}
		rows = append(rows, row)
	}
	width := make([]int, len(across)+1)
	for _, row := range rows {
		for i, text := range row {
			width[i] = max(width[i], len(text))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		line := ""
		for i, text := range row {
			line += fmt.Sprintf("%-*s  ", width[i], text)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// terms writes the prices of commitments.
func (w *writer) terms(at string, v *ratecard.Version, findings []Finding) {
	byTerm := map[[2]string][]Finding{}
	for _, f := range findings {
		k := [2]string{f.Term, f.Upfront}
		byTerm[k] = append(byTerm[k], f)
	}
	for _, term := range []string{"1y", "3y"} {
		for _, upfront := range []string{"none", "partial", "all"} {
			list := byTerm[[2]string{term, upfront}]
			if len(list) == 0 {
				continue
			}
			com := v.Commitment(ratecard.Term(term), ratecard.Upfront(upfront))
			id := term + "-" + upfront
			if com != nil {
				id = com.ID
			}
			w.line("\n[%s.commitment.%s]", at, tomlfile.Key(id))
			if com == nil {
				w.line("term = %s\nupfront = %s", tomlfile.Quote(term), tomlfile.Quote(upfront))
			}
			w.line("source = %s", tomlfile.Quote(w.taken.Source))
			w.termGrids(list)
		}
	}
}

// termGrids writes what recurs and what is due at the start, a grid each.
func (w *writer) termGrids(findings []Finding) {
	for _, part := range []struct {
		start bool
		name  string
	}{{false, "usd_per_hour"}, {true, "usd_upfront"}} {
		price := map[[2]string]string{}
		ids, regions := map[string]bool{}, map[string]bool{}
		for _, f := range findings {
			if f.AtStart == part.start {
				w.note(f)
				price[[2]string{f.ID, f.Region}] = f.Price
				ids[f.ID], regions[f.Region] = true, true
			}
		}
		if len(price) > 0 {
			w.line("%s = \"\"\"\n%s\"\"\"", part.name, table(slices.Sorted(maps.Keys(ids)), slices.Sorted(maps.Keys(regions)), price))
		}
	}
}
