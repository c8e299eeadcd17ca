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
	d.Say(inputsLine(a.Field, &a.Workload, axis.Name), fmt.Sprintf("the cheapest of %s along %s; every change is exact to %s",
		count(int64(len(a.Offers)), "offer"), axis.Name, measured(axis, axis.Distance(1))))
	var chart *page.Chart
	if drawn != nil {
		chart = CostChart(drawn, a)
	}
	t := page.NewTable(page.Column{Head: axis.Unit, Right: true}, page.Column{Head: "USD/month", Right: true, Class: "usd"}, page.Column{Key: true},
		page.Column{Head: "Cheapest", Cut: 24, Class: "name"}, page.Column{Head: "Billed by", From: 90})
	for _, s := range a.Stretches {
		row := page.Row{Cells: []string{spanText(axis, s), "", "", "nothing fits", ""}}
		if s.Offer != nil {
			row.Cells = []string{row.Cells[0], costSpan(axis, s), chart.Letter(OfferName(s.Offer)), OfferName(s.Offer), string(s.Offer.BilledBy)}
		}
		if row.Strong = a.Here != nil && s.Holds(*a.Here); row.Strong && len(a.Stretches) > 1 {
			row.Cells[0] = "→ " + row.Cells[0]
		}
		t.Groups[0].Rows = append(t.Groups[0].Rows, row)
	}
	d.Add(page.Block{Table: t})
	var named []*ratecard.Offer
	for _, s := range a.Stretches {
		named = append(named, s.Offer)
	}
	d.Say(opsUnknownNote(a.Field, named)...)
	d.Answers = breakEvenAnswers(a)
	if chart != nil {
		d.Add(page.Block{Chart: chart})
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
	return []string{"No throughput is published for " + strings.Join(unknown, "; ") + ": memory alone decides their size, within the limits on the card."}
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

// costSpan is what the cheapest costs from one end of a stretch to the other.
func costSpan(axis compare.Axis, s compare.Stretch) string {
	low, high := s.Low.Total.Grouped(), s.High.Total.Grouped()
	if axis.Falls {
		low, high = high, low
	}
	if low == high {
		return low
	}
	return low + " to " + high
}

// offerOfStretch is the offer of a stretch.
func offerOfStretch(s compare.Stretch) string {
	if s.Offer == nil {
		return "nothing that fits"
	}
	return OfferName(s.Offer)
}

// breakEvenAnswers are where per-command and capacity offers change places, what
// is cheapest where the workload is now, and how far was looked. Where the kind
// never changes they are the change nearest to the workload, or the first one.
func breakEvenAnswers(a *compare.Along) []page.Answer {
	axis := a.Span.Axis
	value := func(step int64) string { return groupNumber(axis.Value(step)) }
	var list []page.Answer
	change := func(at int64, before, after compare.Stretch) {
		list = append(list, page.Answer{Label: "Break-even", Figure: measured(axis, value(at)),
			Text: fmt.Sprintf("below it %s, from there %s", offerOfStretch(before), offerOfStretch(after))})
	}
	n := a.Nearest()
	switch before, after, ok := a.KindChange(); {
	case ok:
		list = append(list, page.Answer{Label: "Break-even", Figure: measured(axis, value(after.First(axis))),
			Text: fmt.Sprintf("below it %s (%s), from there %s (%s)", kindWords(before), offerOfStretch(before), kindWords(after), offerOfStretch(after))})
	case n != nil:
		change(n.After.First(axis), n.Before, n.After)
	case len(a.Stretches) > 1:
		change(a.Stretches[1].First(axis), a.Stretches[0], a.Stretches[1])
	default:
		list = append(list, page.Answer{Label: "Break-even", Figure: "none", Text: offerOfStretch(a.Stretches[0]) + " over the whole range"})
	}
	if a.Here != nil {
		for i, s := range a.Stretches {
			if s.Holds(*a.Here) {
				list = append(list, hereAnswer(a, i))
			}
		}
	}
	return append(list, page.Answer{Label: "Looked at", Text: fmt.Sprintf("%s to %s %s", value(a.Span.First()), value(a.Span.Last()), axis.Unit), Minor: true})
}

// kindWords is how the offer of a stretch is billed.
func kindWords(s compare.Stretch) string {
	if s.Offer.BilledBy.PerCommand() {
		return "per command"
	}
	return "capacity"
}

// hereAnswer says what is cheapest at the present value, and where that ends.
func hereAnswer(a *compare.Along, i int) page.Answer {
	axis, s := a.Span.Axis, a.Stretches[i]
	answer := page.Answer{Label: "This workload", Figure: measured(axis, groupNumber(axis.Value(*a.Here))), Name: offerOfStretch(s)}
	var parts []string
	if s.Offer != nil {
		parts = append(parts, costSpan(axis, s)+" USD a month")
	}
	var ends []string
	if i > 0 {
		ends = append(ends, groupNumber(axis.Value(s.First(axis))))
	}
	if i+1 < len(a.Stretches) {
		ends = append(ends, groupNumber(axis.Value(a.Stretches[i+1].First(axis))))
	}
	if len(ends) > 0 {
		parts = append(parts, "it changes at "+strings.Join(ends, " and "))
	}
	answer.Text = strings.Join(parts, "; ")
	return answer
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
	FormatVersion string      `json:"format_version"`
	Kind          string      `json:"kind"`
	AsOf          string      `json:"as_of"`
	Currency      string      `json:"currency"`
	HoursPerMonth form.Number `json:"hours_per_month"`
	Region        string      `json:"region"`
	Term          string      `json:"term"`
	Upfront       string      `json:"upfront"`
	RatesSHA256   string      `json:"rates_sha256"`
	// OpsUnknown are the offers that were priced and have plans without a
	// published throughput.
	OpsUnknown []string `json:"ops_unknown"`
}

func newHeadJSON(kind string, f *compare.Field, hours string) headJSON {
	o := &f.Options
	unknown := []string{}
	for _, offer := range f.Offers {
		if offer.OpsUnknown() {
			unknown = append(unknown, offer.Card.ID)
		}
	}
	return headJSON{
		FormatVersion: form.Version, Kind: kind, AsOf: o.AsOf, Currency: "USD", HoursPerMonth: form.Number(hours), Region: o.Where.Name,
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
		headJSON: newHeadJSON("breakeven", a.Field, a.Workload.HoursText()), Workload: newWorkloadJSON(&a.Workload),
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
