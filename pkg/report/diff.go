package report

import (
	"fmt"
	"io"

	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/gate"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
)

// diffRows is how many rows of a group a page lists.
const diffRows = 40

// Diff is what changed between two reports as a document; its title says how
// much, or the verdict where there are limits.
func Diff(d *gate.Diff) *page.Document {
	doc := &page.Document{Title: "Cost change: " + diffSummary(d)}
	line := fmt.Sprintf("%s (rates as of %s) → %s (rates as of %s), in USD a month", d.A.Name, d.A.AsOf, d.B.Name, d.B.AsOf)
	doc.Say(line, "By workload: what is asked to be priced changed. By rates: the rates in force changed. By the rest: another offer, plan, region or term, a corrected card, or another version of keynest. The three sum exactly to the change.")
	if len(d.Result.Checks) > 0 {
		doc.Add(page.Block{Table: limitsTable(d.Result)})
	}
	for _, g := range d.Groups {
		doc.Add(diffBlock(d, g))
	}
	return doc
}

func diffSummary(d *gate.Diff) string {
	if len(d.Result.Checks) > 0 {
		return Summary(d.Result)
	}
	changed, unknown := 0, 0
	for _, g := range d.Groups {
		for i := range g.Rows {
			switch r := &g.Rows[i]; {
			case r.Change == nil:
				unknown++
			case *r.Change != 0:
				changed++
			}
		}
	}
	words := "nothing costs more or less"
	if changed > 0 {
		words = count(int64(changed), "figure") + " changed"
	}
	if unknown > 0 {
		words += fmt.Sprintf(", %d cannot be compared", unknown)
	}
	return words
}

// DiffVerdicts are the sentences on what changed, or on the limits.
func DiffVerdicts(d *gate.Diff) []string {
	if len(d.Result.Checks) > 0 {
		return Verdicts(d.Result)
	}
	return []string{diffSummary(d)}
}

func diffBlock(d *gate.Diff, g *gate.Group) page.Block {
	b := page.Block{Heading: g.Name}
	first := "Workload"
	if d.A.Kind == gate.KindEstimate {
		first = "Offer"
	}
	t := changeTable(first)
	for i := range g.Rows {
		if i == diffRows {
			b.Notes = append(b.Notes, fmt.Sprintf("%d more rows; --output json has all of them.", len(g.Rows)-i))
			break
		}
		r := &g.Rows[i]
		name := r.Workload
		if d.A.Kind == gate.KindEstimate {
			name = rowOffer(r)
		} else if a, b := offerOf(r.A), offerOf(r.B); a != b && a != "" && b != "" {
			name += fmt.Sprintf(" (%s → %s)", a, b)
		}
		cells := []string{name, itemText(r.A), itemText(r.B), "unknown"}
		if r.Change != nil {
			cells[3] = signed(*r.Change)
		}
		t.Add(append(cells, splitCells(r.Split)...)...)
		if r.Why != "" {
			b.Notes = append(b.Notes, name+": "+r.Why)
		}
	}
	if d.A.Kind == gate.KindCheck && len(g.Rows) > 1 {
		cells := []string{"sum", knownText(g.A, g.AtLeastA), knownText(g.B, g.AtLeastB), "unknown"}
		if change, ok := g.Change(); ok {
			cells[3] = signed(change)
		}
		t.Groups[0].Rows = append(t.Groups[0].Rows, page.Row{Cells: append(cells, splitCells(g.Split)...), Strong: true})
	}
	b.Table = t
	return b
}

func offerOf(i *gate.Item) string {
	if i == nil {
		return ""
	}
	return i.Offer
}

func rowOffer(r *gate.Row) string { return orText(offerOf(r.B), offerOf(r.A)) }

func itemText(i *gate.Item) string {
	if i == nil {
		return "–"
	}
	return knownText(i.Total, i.Reason != "")
}

// DiffJSON is the report of keynest diff as a program reads it.
type DiffJSON struct {
	FormatVersion string          `json:"format_version"`
	Kind          string          `json:"kind"`
	Report        string          `json:"report"`
	Currency      string          `json:"currency"`
	Before        form.Baseline   `json:"before"`
	After         form.Baseline   `json:"after"`
	Verdict       *string         `json:"verdict"`
	Groups        []diffGroupJSON `json:"groups"`
}

type diffGroupJSON struct {
	Name   string        `json:"name"`
	Limits []form.Limit  `json:"limits"`
	Sum    *form.Change  `json:"sum"`
	Rows   []diffRowJSON `json:"rows"`
}

type diffRowJSON struct {
	Workload *string       `json:"workload"`
	Before   *diffItemJSON `json:"before"`
	After    *diffItemJSON `json:"after"`
	form.Change
}

type diffItemJSON struct {
	Offer    *string `json:"offer"`
	USDExact *string `json:"usd_per_month_exact"`
	Reason   *string `json:"reason"`
}

// NewDiffJSON builds the report of a comparison of two reports.
func NewDiffJSON(d *gate.Diff) *DiffJSON {
	j := &DiffJSON{
		FormatVersion: form.Version, Kind: "diff", Report: "diff", Currency: "USD", Groups: []diffGroupJSON{},
		Before: *newBaselineJSON(d.A), After: *newBaselineJSON(d.B),
	}
	limits := map[string][]form.Limit{}
	for _, c := range d.Result.Checks {
		j.Verdict = text(string(d.Result.Verdict))
		for i := range c.Limits {
			l := &c.Limits[i]
			limits[c.Check.Name] = append(limits[c.Check.Name], newLimitJSON(l))
		}
	}
	for _, g := range d.Groups {
		gj := diffGroupJSON{Name: g.Name, Rows: []diffRowJSON{}, Limits: limits[g.Name]}
		if gj.Limits == nil {
			gj.Limits = []form.Limit{}
		}
		if d.A.Kind == gate.KindCheck {
			gj.Sum = newChangeJSON(&g.A, !g.AtLeastA, g.B, !g.AtLeastB, g.Split, g.Why)
		}
		for i := range g.Rows {
			gj.Rows = append(gj.Rows, newDiffRowJSON(&g.Rows[i]))
		}
		j.Groups = append(j.Groups, gj)
	}
	return j
}

func newDiffRowJSON(r *gate.Row) diffRowJSON {
	j := diffRowJSON{Workload: text(r.Workload), Before: newDiffItemJSON(r.A), After: newDiffItemJSON(r.B)}
	var was money.USD
	known := r.A != nil && r.A.Reason == ""
	if known {
		was = r.A.Total
	}
	j.Change = *newChangeJSON(&was, known, 0, false, r.Split, r.Why)
	if r.Change != nil {
		j.ChangeUSDExact = text(r.Change.Exact())
		j.ChangePercentText = text(gate.PercentText(*r.Change, was))
	}
	return j
}

func newDiffItemJSON(i *gate.Item) *diffItemJSON {
	if i == nil {
		return nil
	}
	j := &diffItemJSON{Offer: text(i.Offer), Reason: text(i.Reason)}
	if i.Reason == "" || i.Total > 0 {
		j.USDExact = text(i.Total.Exact())
	}
	return j
}

// WriteDiffOpenMetrics writes the changes as gauges.
func WriteDiffOpenMetrics(w io.Writer, d *gate.Diff) error {
	was := family{name: "keynest_was_usd_per_month", help: "Cost in the earlier report, in US dollars a month."}
	is := family{name: "keynest_is_usd_per_month", help: "Cost in the later report, in US dollars a month."}
	change := family{name: "keynest_change_usd_per_month", help: "Change, by cause; the causes sum to the whole but for rounding to cents."}
	for _, g := range d.Groups {
		for i := range g.Rows {
			r := &g.Rows[i]
			labels := []string{"group", g.Name, "workload", r.Workload, "offer", rowOffer(r)}
			for _, s := range []struct {
				f    *family
				item *gate.Item
			}{{&was, r.A}, {&is, r.B}} {
				if s.item != nil && s.item.Reason == "" {
					s.f.add(s.item.Total.String(), labels...)
				}
			}
			if r.Split == nil {
				continue
			}
			for _, part := range []struct {
				cause string
				usd   money.USD
			}{{"workload", r.Split.Workload}, {"rates", r.Split.Rates}, {"rest", r.Split.Other}} {
				change.add(part.usd.String(), append(append([]string{}, labels...), "cause", part.cause)...)
			}
		}
	}
	return writeMetrics(w, was, is, change)
}
