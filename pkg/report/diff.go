package report

import (
	"fmt"
	"io"
	"strings"

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
	doc.Say(fmt.Sprintf("%s, rates as of %s → %s, rates as of %s · USD a month", d.A.Name, d.A.AsOf, d.B.Name, d.B.AsOf))
	if len(d.Result.Checks) > 0 {
		doc.Add(page.Block{Table: limitsTable(d.Result, false)})
		doc.Answers = checkAnswers(d.Result)
	}
	for _, g := range d.Groups {
		doc.Add(diffBlock(d, g))
	}
	doc.Say("by workload: the workload changed; by rates: the rates in force changed; by the rest: another offer, plan, region or term, a corrected card, or another version of keynest. The three sum exactly to the change.")
	doc.Answers = append(doc.Answers, diffAnswers(d)...)
	return doc
}

// costMove is one figure that two reports have.
type costMove struct {
	name   string
	change money.USD
	was    money.USD
	split  *gate.Split
}

// costMoves are the figures that can be compared: of checks their sums, of estimates
// each offer. unknown counts those that cannot be.
func costMoves(d *gate.Diff) (list []costMove, unknown int) {
	for _, g := range d.Groups {
		if d.A.Kind == gate.KindCheck {
			if change, ok := g.Change(); ok {
				list = append(list, costMove{g.Name, change, g.A, g.Split})
			} else {
				unknown++
			}
			continue
		}
		for i := range g.Rows {
			r := &g.Rows[i]
			if r.Change == nil {
				unknown++
				continue
			}
			m := costMove{name: rowOffer(r), change: *r.Change, split: r.Split}
			if r.A != nil {
				m.was = r.A.Total
			}
			list = append(list, m)
		}
	}
	return list, unknown
}

// diffAnswers are how many figures rise and fall, and the largest of each.
func diffAnswers(d *gate.Diff) []page.Answer {
	list, _ := costMoves(d)
	answers := []page.Answer{{Label: "Cost", Text: risesText(d)}}
	for _, side := range []struct {
		label string
		sign  money.USD
		tone  page.Tone
	}{{"Largest rise", 1, page.Bad}, {"Largest fall", -1, page.Good}} {
		var most *costMove
		for i := range list {
			if m := &list[i]; m.change*side.sign > 0 && (most == nil || m.change*side.sign > most.change*side.sign) {
				most = m
			}
		}
		if most == nil {
			continue
		}
		a := page.Answer{Label: side.label, Figure: signed(most.change), Unit: "USD a month", Name: most.name, Tone: side.tone}
		if p := gate.PercentText(most.change, most.was); p != "" {
			a.Text = p + " %"
			if most.change > 0 {
				a.Text = "+" + a.Text
			}
		}
		if s := most.split; s != nil {
			cause := "by the rest"
			switch most.change {
			case s.Workload:
				cause = "by workload"
			case s.Rates:
				cause = "by rates"
			case s.Other:
			default:
				cause = fmt.Sprintf("%s by workload, %s by rates, %s by the rest", signed(s.Workload), signed(s.Rates), signed(s.Other))
			}
			a.Text = strings.TrimPrefix(a.Text+", all "+cause, ", all ")
			a.Text = strings.Replace(a.Text, "all +", "+", 1)
			a.Text = strings.Replace(a.Text, "all -", "-", 1)
		}
		answers = append(answers, a)
	}
	return answers
}

// risesText counts the figures that rise, fall and stay.
func risesText(d *gate.Diff) string {
	list, unknown := costMoves(d)
	what := "check"
	if d.A.Kind == gate.KindEstimate {
		what = "offer"
	}
	up, down := 0, 0
	for _, m := range list {
		switch {
		case m.change > 0:
			up++
		case m.change < 0:
			down++
		}
	}
	words := fmt.Sprintf("of %s, %s more, %s less", count(int64(len(list)), what), costs(up), costs(down))
	if up+down == 0 {
		words = "nothing costs more or less"
	}
	if unknown > 0 {
		words += fmt.Sprintf("; %d cannot be compared", unknown)
	}
	return words
}

// costs is "2 cost", "1 costs", "none costs".
func costs(n int) string {
	switch n {
	case 0:
		return "none costs"
	case 1:
		return "1 costs"
	}
	return money.Group(fmt.Sprint(n)) + " cost"
}

func diffSummary(d *gate.Diff) string {
	if len(d.Result.Checks) > 0 {
		return strings.ToLower(verdictLabel(d.Result.Verdict))
	}
	return risesText(d)
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
