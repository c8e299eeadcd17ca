package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
)

// BreakEven is where the cheapest offer changes, as a document. The sweep,
// where given, is drawn under the table.
func BreakEven(a *compare.Along, drawn *compare.Sweep) *page.Document {
	d := &page.Document{Title: "Break-even"}
	axis := a.Span.Axis
	d.Say(inputsLine(a.Field, &a.Workload, axis.Name), fmt.Sprintf("The cheapest of %s along %s, everything else unchanged; every change is exact to %s.",
		count(int64(len(a.Offers)), "offer"), axis.Name, measured(axis, axis.Distance(1))))
	t := page.NewTable(page.Column{Head: axis.Unit}, page.Column{Head: "Cheapest", Wrap: true}, page.Column{Head: "Billed by"},
		page.Column{Head: "USD/month, first", Right: true}, page.Column{Head: "last", Right: true})
	for _, s := range a.Stretches {
		row := page.Row{Cells: []string{spanText(axis, s), "nothing fits", "", "", ""}}
		if s.Offer != nil {
			low, high := s.Low, s.High
			if axis.Falls {
				low, high = high, low
			}
			row.Cells = []string{row.Cells[0], OfferName(s.Offer), string(s.Offer.BilledBy), low.Total.Grouped(), high.Total.Grouped()}
		}
		row.Strong = a.Here != nil && s.Holds(*a.Here)
		t.Groups[0].Rows = append(t.Groups[0].Rows, row)
	}
	d.Add(page.Block{Table: t})
	var named []*ratecard.Offer
	for _, s := range a.Stretches {
		named = append(named, s.Offer)
	}
	d.Say(append([]string{distanceText(a)}, opsUnknownNote(a.Field, named)...)...)
	if drawn != nil {
		d.Add(page.Block{Chart: CostChart(drawn, a)})
	}
	return d
}

// opsUnknownNote names those of some offers of which nothing says how many
// commands a second they take.
func opsUnknownNote(f *compare.Field, named []*ratecard.Offer) []string {
	var unknown []string
	for _, o := range f.Offers {
		if slices.Contains(named, o.Card) && o.OpsUnknown() {
			unknown = append(unknown, OfferName(o.Card))
		}
	}
	if unknown == nil {
		return nil
	}
	return []string{"No throughput is published for " + strings.Join(unknown, "; ") + ": memory alone decides there, at any command rate that the card does not refuse."}
}

// measured is a value with its unit.
func measured(axis compare.Axis, value string) string {
	if value == "1" && axis.One != "" {
		return "1 " + axis.One
	}
	return value + " " + axis.Unit
}

func spanText(axis compare.Axis, s compare.Stretch) string {
	first, last := groupNumber(axis.Value(s.First(axis))), groupNumber(axis.Value(s.Last(axis)))
	if first == last {
		return first
	}
	return first + " to " + last
}

// distanceText is how far the present workload is from the nearest change.
func distanceText(a *compare.Along) string {
	axis := a.Span.Axis
	edge := fmt.Sprintf("Looked at from %s to %s %s.", groupNumber(axis.Value(a.Span.First())), groupNumber(axis.Value(a.Span.Last())), axis.Unit)
	if a.Here == nil {
		return edge
	}
	at := "The workload is at " + measured(axis, groupNumber(axis.Value(*a.Here)))
	n := a.Nearest()
	if n == nil {
		return at + "; nothing changes on the way. " + edge
	}
	before, after := "nothing that fits", "nothing that fits"
	if n.Before.Offer != nil {
		before = OfferName(n.Before.Offer)
	}
	if n.After.Offer != nil {
		after = OfferName(n.After.Offer)
	}
	where := groupNumber(axis.Distance(n.Steps)) + " above"
	switch {
	case n.Steps == 0:
		where = "just past"
	case n.Ahead:
		where = groupNumber(axis.Distance(n.Steps)) + " below"
	}
	return fmt.Sprintf("%s, %s the nearest change: from %s on %s, before it %s. %s", at, where,
		groupNumber(axis.Value(n.After.First(axis))), after, before, edge)
}

// axisJSON says what was followed.
type axisJSON struct {
	Name string       `json:"name"`
	Unit string       `json:"unit"`
	From form.Number  `json:"from"`
	To   form.Number  `json:"to"`
	Here *form.Number `json:"here"`
}

func newAxisJSON(s compare.Span, here *int64) axisJSON {
	j := axisJSON{Name: s.Axis.Name, Unit: s.Axis.Unit, From: form.Number(s.Axis.Value(s.First())), To: form.Number(s.Axis.Value(s.Last()))}
	if here != nil {
		at := form.Number(s.Axis.Value(*here))
		j.Here = &at
	}
	return j
}

// BreakEvenJSON is the report of keynest breakeven as a program reads it;
// docs/breakeven.schema.json describes it.
type BreakEvenJSON struct {
	headJSON
	Workload form.Workload `json:"workload"`
	Axis     axisJSON      `json:"axis"`
	Offers   []string      `json:"offers"`
	Pieces   []stretchJSON `json:"pieces"`
	Nearest  *nearestJSON  `json:"nearest"`
}

// headJSON is what every report of a priced workload begins with.
type headJSON struct {
	FormatVersion string `json:"format_version"`
	Kind          string `json:"kind"`
	AsOf          string `json:"as_of"`
	Currency      string `json:"currency"`
	HoursPerMonth int64  `json:"hours_per_month"`
	Region        string `json:"region"`
	Term          string `json:"term"`
	Upfront       string `json:"upfront"`
	RatesSHA256   string `json:"rates_sha256"`
	// OpsUnknown are the offers that were priced and have plans without a
	// published throughput.
	OpsUnknown []string `json:"ops_unknown"`
}

func newHeadJSON(kind string, f *compare.Field, hours int64) headJSON {
	o := &f.Options
	unknown := []string{}
	for _, offer := range f.Offers {
		if offer.OpsUnknown() {
			unknown = append(unknown, offer.Card.ID)
		}
	}
	return headJSON{
		FormatVersion: form.Version, Kind: kind, AsOf: o.AsOf, Currency: "USD", HoursPerMonth: hours, Region: o.Where.Name,
		Term: string(o.Term), Upfront: string(o.Upfront), RatesSHA256: f.Set.SHA256(), OpsUnknown: unknown,
	}
}

type stretchJSON struct {
	From     form.Number `json:"from"`
	To       form.Number `json:"to"`
	Cheapest *string     `json:"cheapest"`
	BilledBy *string     `json:"billed_by"`
	AtFrom   *string     `json:"usd_per_month_at_from"`
	AtTo     *string     `json:"usd_per_month_at_to"`
}

type nearestJSON struct {
	At       form.Number `json:"at"`
	Distance form.Number `json:"distance"`
	Ahead    bool        `json:"ahead"`
	Before   *string     `json:"before"`
	From     *string     `json:"from_there"`
}

// NewBreakEvenJSON builds the report.
func NewBreakEvenJSON(a *compare.Along) *BreakEvenJSON {
	axis := a.Span.Axis
	j := &BreakEvenJSON{
		headJSON: newHeadJSON("breakeven", a.Field, a.Workload.HoursPerMonth), Workload: newWorkloadJSON(&a.Workload),
		Axis: newAxisJSON(a.Span, a.Here), Offers: []string{}, Pieces: []stretchJSON{},
	}
	for _, o := range a.Offers {
		j.Offers = append(j.Offers, o.Card.ID)
	}
	for _, s := range a.Stretches {
		p := stretchJSON{From: form.Number(axis.Value(s.First(axis))), To: form.Number(axis.Value(s.Last(axis)))}
		if s.Offer != nil {
			low, high := s.Low.Total.String(), s.High.Total.String()
			if axis.Falls {
				low, high = high, low
			}
			p.Cheapest, p.BilledBy, p.AtFrom, p.AtTo = text(s.Offer.ID), text(string(s.Offer.BilledBy)), &low, &high
		}
		j.Pieces = append(j.Pieces, p)
	}
	if n := a.Nearest(); n != nil {
		j.Nearest = &nearestJSON{
			At: form.Number(axis.Value(n.After.First(axis))), Distance: form.Number(axis.Distance(n.Steps)), Ahead: n.Ahead,
			Before: offerID(n.Before), From: offerID(n.After),
		}
	}
	return j
}

func offerID(s compare.Stretch) *string {
	if s.Offer == nil {
		return nil
	}
	return text(s.Offer.ID)
}

// WriteBreakEvenCSV writes a row per stretch; figures are plain decimals.
func WriteBreakEvenCSV(w io.Writer, a *compare.Along) error {
	j := NewBreakEvenJSON(a)
	rows := [][]string{{"axis", "unit", "from", "to", "cheapest", "billed_by", "usd_per_month_at_from", "usd_per_month_at_to", "as_of"}}
	for _, p := range j.Pieces {
		rows = append(rows, []string{j.Axis.Name, j.Axis.Unit, p.From.String(), p.To.String(),
			orNothing(p.Cheapest), orNothing(p.BilledBy), orNothing(p.AtFrom), orNothing(p.AtTo), j.AsOf})
	}
	return writeCSV(w, rows)
}

func orNothing(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
