package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/inventory"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

// inventoryNamed is how many addresses a note names before it counts the rest.
const inventoryNamed = 4

// Inventory is what runs, and what is to run, as a document.
func Inventory(inv *inventory.Inventory, in Currency) *page.Document {
	d := &page.Document{Title: "Caches in " + inventoryFiles(inv)}
	caches := inventoryRows(inv)
	if len(caches) == 0 && len(inv.NotUnderstood) == 0 {
		d.Say(inventoryNone(inv))
		return d
	}
	d.Say(inventoryHead(inv, in))
	if len(caches) > 0 {
		d.Add(page.Block{Table: inventoryTable(inv, caches, in)})
	}
	d.Say(inventoryTotals(inv, in)...)
	d.Add(reservations(inv, in))
	d.Add(inventoryUnknown(inv, in))
	d.Add(notUnderstood(inv))
	d.Add(grouped("Not included in the prices", inv, func(r *inventory.Resource) []string {
		return eachSide(r, func(h *inventory.Holding) []string { return h.NotIncluded })
	}))
	d.Add(grouped("Assumed", inv, func(r *inventory.Resource) []string {
		return eachSide(r, func(h *inventory.Holding) []string { return h.Assumed })
	}))
	return d
}

// inventoryFiles names what was read.
func inventoryFiles(inv *inventory.Inventory) string {
	var names []string
	for _, f := range inv.Files {
		names = append(names, f.Name)
	}
	if len(names) > inventoryNamed {
		return fmt.Sprintf("%s and %d more files", strings.Join(names[:inventoryNamed], ", "), len(names)-inventoryNamed)
	}
	return strings.Join(names, ", ")
}

// inventoryNone says that the files have no cache; a total of 0.00 would be wrong.
func inventoryNone(inv *inventory.Inventory) string {
	return fmt.Sprintf("%s: %s, no cache among them", inventoryFiles(inv), count(inv.Others+int64(len(inv.Resources)), "resource"))
}

func inventoryHead(inv *inventory.Inventory, in Currency) string {
	var kinds []string
	for _, f := range inv.Files {
		kinds = append(kinds, f.Name+" ("+f.Kind+")")
	}
	o := &inv.Options
	words := fmt.Sprintf("%s. Prices a month of %d hours, rates as of %s", strings.Join(kinds, ", "), o.HoursPerMonth, o.AsOf)
	if o.Term != "" && o.Term != ratecard.TermOnDemand {
		words += fmt.Sprintf(", for a term of %s with upfront %s", o.Term, o.Upfront)
	}
	words += "."
	if fx := in.words(); fx != "" {
		words += " " + fx
	}
	return words
}

// inventoryRows are the resources that are caches: what turned out to be none
// is counted with the others.
func inventoryRows(inv *inventory.Inventory) []*inventory.Resource {
	var rows []*inventory.Resource
	for _, r := range inv.Resources {
		if isCache(r.Before) || isCache(r.After) {
			rows = append(rows, r)
		}
	}
	return rows
}

// isCache says whether a side is listed in the table.
func isCache(h *inventory.Holding) bool {
	return h != nil && h.Commitment == nil && (h.Counted || h.USD != nil)
}

func inventoryTable(inv *inventory.Inventory, rows []*inventory.Resource, in Currency) *page.Table {
	if !inv.Changes() {
		t := page.NewTable(page.Column{Head: "Resource", Wrap: true}, page.Column{Head: "What it is", Wrap: true}, page.Column{Head: in.Code() + "/month", Right: true})
		for _, r := range rows {
			t.Add(r.Address, orWhat(holdingText(r.After, nil), r), holdingPrice(r.After, in))
		}
		return t
	}
	t := page.NewTable(page.Column{Head: "Resource", Wrap: true}, page.Column{Head: "Change"}, page.Column{Head: "What it is", Wrap: true},
		page.Column{Head: "Before", Right: true}, page.Column{Head: "After", Right: true}, page.Column{Head: "Difference", Right: true})
	for _, r := range rows {
		what := holdingText(r.After, nil)
		switch {
		case r.After == nil:
			what = holdingText(r.Before, nil)
		case r.Before != nil && holdingText(r.Before, nil) != what:
			what = holdingText(r.Before, nil) + " → " + holdingText(r.After, r.Before)
		}
		t.Add(r.Address, r.Action, orWhat(what, r), holdingPrice(r.Before, in), holdingPrice(r.After, in), differenceText(r, in))
	}
	return t
}

// orWhat is the text, or for an empty one what the resource is called.
func orWhat(text string, r *inventory.Resource) string {
	if text == "" {
		return r.What
	}
	return text
}

// holdingText describes one side of a change; given the other side (before), only
// what differs from it.
func holdingText(h, before *inventory.Holding) string {
	if h == nil {
		return ""
	}
	if !h.Counted {
		return h.Why
	}
	parts := holdingParts(h)
	if before == nil || !before.Counted {
		return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
	}
	var changed []string
	for i, old := range holdingParts(before) {
		if parts[i] != "" && parts[i] != old {
			changed = append(changed, parts[i])
		}
	}
	return strings.Join(changed, ", ")
}

// holdingParts are offer, plan, layout, region and version; one that is unknown
// is empty.
func holdingParts(h *inventory.Holding) []string {
	parts := make([]string, 5)
	parts[0] = h.Offer
	if h.Offer == "" && len(h.OffersPossible) > 0 {
		parts[0] = strings.Join(h.OffersPossible, " or ")
	}
	parts[1] = h.Plan
	if h.SizeBytes > 0 {
		scale := unit.GiB
		if h.SizeUnit == "GB" {
			scale = unit.GB
		}
		parts[1] = strings.TrimSpace(parts[1] + " " + unit.Decimal(h.SizeBytes, scale) + " " + h.SizeUnit)
	}
	switch {
	case h.Nodes != nil && h.Shards != nil && *h.Shards > 0 && *h.Nodes%*h.Shards == 0 && *h.Shards > 1:
		parts[2] = fmt.Sprintf("%s × %s", count(*h.Shards, "shard"), count(*h.Nodes / *h.Shards, "node"))
	case h.Nodes != nil:
		parts[2] = count(*h.Nodes, "node")
	}
	parts[3] = h.Region
	if h.EngineVersion != "" {
		parts[4] = "version " + h.EngineVersion
	}
	if h.Surcharge > 0 {
		parts[4] += fmt.Sprintf(" (%s USD of the price is the surcharge for it)", h.Surcharge.Grouped())
	}
	return parts
}

// holdingPrice is the amount, a lower bound, or that it is unknown.
func holdingPrice(h *inventory.Holding, in Currency) string {
	switch {
	case h == nil:
		return "–"
	case h.USD != nil:
		return in.grouped(*h.USD)
	case !h.Counted:
		return "–"
	case h.AtLeast != nil && *h.AtLeast > 0:
		return "≥ " + in.grouped(*h.AtLeast)
	}
	return "unknown"
}

func differenceText(r *inventory.Resource, in Currency) string {
	d := r.Difference()
	switch {
	case d == nil:
		return "unknown"
	case *d == 0:
		return "0.00"
	}
	return changeIn(*d, in)
}

func changeIn(u money.USD, in Currency) string {
	if u < 0 {
		return "−" + in.grouped(-u)
	}
	return "+" + in.grouped(u)
}

// inventoryTotals are the sums in sentences.
func inventoryTotals(inv *inventory.Inventory, in Currency) []string {
	side := func(t *inventory.Total) string {
		if t.Complete() {
			return in.amount(t.Known) + " a month"
		}
		return fmt.Sprintf("at least %s a month, with %s of unknown price", in.amount(t.AtLeast), count(int64(t.Unpriced), "cache"))
	}
	var words string
	if inv.Changes() {
		words = fmt.Sprintf("Before: %s. After: %s.", side(&inv.Before), side(&inv.After))
		if inv.Before.Complete() && inv.After.Complete() {
			words += fmt.Sprintf(" Difference: %s.", changeIn(inv.After.Known-inv.Before.Known, in))
		} else {
			words += fmt.Sprintf(" Difference of what is known: %s.", changeIn(inv.After.Known-inv.Before.Known, in))
		}
	} else {
		words = fmt.Sprintf("In all: %s.", side(&inv.After))
	}
	others := inv.Others
	for _, r := range inv.Resources {
		if !isCache(r.Before) && !isCache(r.After) && !committed(r) {
			others++
		}
	}
	if others > 0 {
		words += fmt.Sprintf(" Also %s.", count(others, "other resource"))
	}
	return []string{words}
}

func committed(r *inventory.Resource) bool {
	return (r.After != nil && r.After.Commitment != nil) || (r.Before != nil && r.Before.Commitment != nil)
}

// reservations lists money that is committed for nodes, which no total has.
func reservations(inv *inventory.Inventory, in Currency) page.Block {
	b := page.Block{}
	for _, r := range inv.Resources {
		h := r.After
		if h == nil || h.Commitment == nil {
			continue
		}
		c := h.Commitment
		words := fmt.Sprintf("%s: %s of %s in %s, %s with upfront %s", r.Address, count(c.Count, "node"), dash(h.Plan), dash(h.Region), dash(c.Term), dash(c.Upfront))
		if c.Ends != "" {
			words += ", ends " + c.Ends
		}
		if h.USD != nil {
			words += fmt.Sprintf(": %s a month (%s)", in.amount(*h.USD), h.Sum)
		} else {
			words += ": price unknown, " + h.Why
		}
		b.Notes = append(b.Notes, words)
	}
	if len(b.Notes) > 0 {
		b.Heading = "Reservations: " + in.amount(inv.Commitments) + " a month"
		b.Text = []string{"They pay for nodes that are listed above at their on-demand price, whether those run or not; no total includes them."}
	}
	return b
}

// inventoryUnknown says what has no price and why, and what only apply will
// tell.
func inventoryUnknown(inv *inventory.Inventory, in Currency) page.Block {
	b := grouped("Unknown", inv, func(r *inventory.Resource) []string {
		var notes []string
		for _, h := range []*inventory.Holding{r.Before, r.After} {
			if h == nil || !h.Counted || h.USD != nil {
				continue
			}
			words := "price: " + h.Why
			if h.AtLeast != nil && h.Sum != "" {
				words += fmt.Sprintf("; at least %s (%s)", in.amount(*h.AtLeast), h.Sum)
			}
			if h.Cap != nil {
				words += "; at most " + in.amount(*h.Cap)
			}
			notes = append(notes, words)
		}
		for _, u := range r.Unknown {
			if !strings.HasSuffix(u, "a workload is needed") && (r.After == nil || !strings.HasPrefix(r.After.Why, u)) {
				notes = append(notes, "not known: "+u)
			}
		}
		return notes
	})
	for _, r := range inventoryRows(inv) {
		if s := scalingOf(r); s != nil {
			words := fmt.Sprintf("%s: autoscaling keeps at least %s", r.Address, count(s.AtLeastNodes, "node"))
			if s.AtLeastUSD != nil {
				words += ", " + in.amount(*s.AtLeastUSD) + " a month"
			}
			words += fmt.Sprintf(", and goes up to %s; the price above is that of the file", count(s.AtMostNodes, "node"))
			b.Heading = "Unknown"
			b.Notes = append(b.Notes, words)
		}
	}
	return b
}

func scalingOf(r *inventory.Resource) *inventory.Scaling {
	if r.After == nil {
		return nil
	}
	return r.After.Range
}

func notUnderstood(inv *inventory.Inventory) page.Block {
	b := page.Block{}
	byWhy := map[string][]string{}
	var order []string
	for _, n := range inv.NotUnderstood {
		key := n.Type + ": " + n.Why
		if byWhy[key] == nil {
			order = append(order, key)
		}
		byWhy[key] = append(byWhy[key], n.Address)
	}
	for _, key := range order {
		b.Heading = "Not understood"
		b.Notes = append(b.Notes, key+": "+addresses(byWhy[key]))
	}
	return b
}

// grouped lists notes once, each with the resources that it is about.
func grouped(heading string, inv *inventory.Inventory, notes func(*inventory.Resource) []string) page.Block {
	b := page.Block{}
	of := map[string][]string{}
	var order []string
	for _, r := range inv.Resources {
		if committed(r) {
			continue
		}
		for _, n := range notes(r) {
			if of[n] == nil {
				order = append(order, n)
			}
			if !slices.Contains(of[n], r.Address) {
				of[n] = append(of[n], r.Address)
			}
		}
	}
	for _, n := range order {
		b.Heading = heading
		b.Notes = append(b.Notes, addresses(of[n])+": "+n)
	}
	return b
}

func addresses(all []string) string {
	if len(all) > inventoryNamed+1 {
		return fmt.Sprintf("%s and %d more", strings.Join(all[:inventoryNamed], ", "), len(all)-inventoryNamed)
	}
	return strings.Join(all, ", ")
}

func eachSide(r *inventory.Resource, of func(*inventory.Holding) []string) []string {
	var all []string
	for _, h := range []*inventory.Holding{r.Before, r.After} {
		if h != nil {
			all = append(all, of(h)...)
		}
	}
	return all
}

// WriteInventoryCSV writes a row per resource; figures are plain decimals, and
// empty where they are unknown.
func WriteInventoryCSV(w io.Writer, inv *inventory.Inventory, in Currency) error {
	rows := [][]string{{"address", "type", "action", "counted", "offer", "plan", "shards", "replicas", "nodes", "region", "engine_version",
		"usd_before", "usd_after", "usd_difference", "at_least_usd_after", "currency", "before", "after", "why", "file"}}
	number := func(n *int64) string {
		if n == nil {
			return ""
		}
		return fmt.Sprint(*n)
	}
	amount := func(u *money.USD) (usd, shown string) {
		if u == nil {
			return "", ""
		}
		return u.String(), in.of(*u).String()
	}
	for _, r := range inv.Resources {
		h := r.After
		if h == nil {
			h = r.Before
		}
		var before, after *money.USD
		var least string
		if r.Before != nil {
			before = r.Before.USD
		}
		if r.After != nil {
			after = r.After.USD
			least, _ = amount(r.After.AtLeast)
		}
		usdBefore, shownBefore := amount(before)
		usdAfter, shownAfter := amount(after)
		difference, _ := amount(r.Difference())
		rows = append(rows, []string{r.Address, r.Type, r.Action, fmt.Sprint(h.Counted), h.Offer, h.Plan, number(h.Shards), number(h.Replicas), number(h.Nodes),
			h.Region, h.EngineVersion, usdBefore, usdAfter, difference, least, in.Code(), shownBefore, shownAfter, h.Why, r.File})
	}
	return writeCSV(w, rows)
}
