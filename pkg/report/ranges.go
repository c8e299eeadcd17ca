package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Ranges are the lowest and the highest bill of every offer, as a document.
func Ranges(r *compare.Ranges, opt EstimateOptions) *page.Document {
	d := &page.Document{Title: "Cost estimate over a range"}
	first := r.Corners[0].Comparison
	var said []string
	for _, g := range r.Ranges {
		said = append(said, fmt.Sprintf("%s %s to %s", rangeName(g), groupNumber(g.Low), groupNumber(g.High)))
	}
	d.Say(strings.Join(said, " · ")+" · priced exactly at "+count(int64(len(r.Corners)), "corner"),
		"at the first corner: "+inputsLine(first.Field, &first.Workload, ""))
	opt.All = opt.All || !slices.ContainsFunc(r.Offers, func(s compare.Spread) bool { return s.Low != nil })
	t, left := rangesTable(r, opt)
	block := page.Block{Table: t}
	if opt.All {
		block.Notes = rangesNotes(r)
	}
	d.Add(block)
	if words := opt.Currency.words(); words != "" {
		d.Say(words)
	}
	if r.Line != nil && r.Sure == nil && len(r.Line.Stretches) > 1 {
		t := page.NewTable(page.Column{Head: r.Line.Span.Axis.Unit, Right: true}, page.Column{Head: "USD/month", Right: true, Class: "usd"}, page.Column{Head: "Cheapest", Cut: 24, Class: "name"})
		for _, s := range r.Line.Stretches {
			costs := ""
			if s.Offer != nil {
				costs = costSpan(r.Line.Span.Axis, s)
			}
			t.Add(spanText(r.Line.Span.Axis, s), costs, stretchName(s))
		}
		d.Add(page.Block{Heading: "Which is the cheapest, and where", Table: t})
	} else if r.Sure == nil {
		d.Add(cornersBlock(r, opt.Currency))
	}
	d.Answers = rangesAnswers(r, opt.Currency, left)
	return d
}

// rangeName is the input of a range as its flag names it.
func rangeName(g compare.Range) string { return strings.TrimPrefix(workload.Flag(g.Key), "--") }

// rangesTable has a row for each offer: the cheapest of each group, or all of
// them. left is how many it leaves out.
func rangesTable(r *compare.Ranges, opt EstimateOptions) (t *page.Table, left int) {
	in := opt.Currency
	t = &page.Table{Titles: 3, Sorts: true, Columns: []page.Column{{Head: in.Code() + "/month, low", Right: true, Class: "usd"}, {Head: "high", Right: true, Class: "usd"},
		{Head: "× low", Right: true, Class: "times"}, {Head: "Offer", Cut: 24, Class: "name"}, {Head: "Marks", Marks: true, Cut: 12, Class: "marks"}}}
	groups := rankGroups()
	for _, s := range r.Offers {
		if s.Low == nil && !opt.All {
			left++
			continue
		}
		row := page.Row{Cells: []string{"–", "–", "", OfferName(s.Offer), ""}, Strong: s.Offer == r.Sure}
		var marks []string
		if s.Low != nil {
			row.Cells[0], row.Cells[1], row.Cells[2] = in.grouped(s.Low.Total), in.grouped(s.High.Total), ratioText(s.High.Total, s.Low.Total)
		}
		switch {
		case s.Low == nil:
			marks = append(marks, "no price")
		case s.NotPriced > 0:
			marks = append(marks, fmt.Sprintf("no price at %d of %d corners", s.NotPriced, len(r.Corners)))
		}
		if s.High != nil && s.High.Plan != nil && s.High.Plan.OpsUnknown {
			marks = append(marks, "ops/s unknown")
		}
		row.Cells[4] = strings.Join(marks, ", ")
		kind := groupOf(s.Offer, s.Unranked)
		groups[kind].Rows = append(groups[kind].Rows, row)
	}
	for kind := range groups {
		left += shortened(&groups[kind], rangeRows(groups, kind, opt))
	}
	t.Groups = withRows(groups)
	return t, left
}

// rangeRows is how many rows a group of a range has: as many as an estimate shows
// of it.
func rangeRows(groups []page.Group, kind int, opt EstimateOptions) int {
	competing := len(groups[groupCommands].Rows)+len(groups[groupCapacity].Rows)+len(groups[groupSelfHosted].Rows) > 0
	switch {
	case opt.All:
		return len(groups[kind].Rows)
	case kind == groupNotRanked && competing:
		return 0
	case opt.Top > 0:
		return opt.Top
	case kind == groupCommands:
		return 3
	case kind == groupSelfHosted:
		return 2
	}
	return screenRows - min(3, len(groups[groupCommands].Rows)) - min(2, len(groups[groupSelfHosted].Rows))
}

// shortened cuts a group to its first rows and says so in its title; it returns
// how many rows it cut.
func shortened(g *page.Group, rows int) int {
	all := len(g.Rows)
	if all <= rows {
		return 0
	}
	g.Rows = g.Rows[:rows]
	g.Title = fmt.Sprintf("%s, %d of %d", g.Title, rows, all)
	return all - rows
}

// rangesNotes say why offers have no price at some corners.
func rangesNotes(r *compare.Ranges) []string {
	var notes []string
	for _, s := range r.Offers {
		if s.NotPriced > 0 && s.WhyNot != "" {
			where := ""
			if s.Low != nil {
				where = fmt.Sprintf(" at %d of %s", s.NotPriced, count(int64(len(r.Corners)), "corner"))
			}
			notes = append(notes, fmt.Sprintf("%s, no price%s: %s", OfferName(s.Offer), where, s.WhyNot))
		}
	}
	return notes
}

func stretchName(s compare.Stretch) string {
	if s.Offer == nil {
		return "nothing fits"
	}
	return OfferName(s.Offer)
}

// rangesAnswers say what the cheapest costs from one end of the range to the
// other, whether it matters where in the range one is, and what is left out.
func rangesAnswers(r *compare.Ranges, in Currency, left int) []page.Answer {
	var names []string
	for _, o := range r.Edges {
		if o == nil {
			names = append(names, "nothing that fits")
			continue
		}
		names = append(names, OfferName(o))
	}
	a := page.Answer{Label: "Cheapest service", Figure: cheapestSpan(r, in), Unit: in.Code() + " a month"}
	switch {
	case r.Sure != nil:
		a.Name, a.Text = OfferName(r.Sure), "its highest bill is below every other's lowest"
	case len(r.Edges) > 1:
		a.Text = "depends on where in the range: " + strings.Join(names, "; ")
	case len(r.Edges) == 0 || r.Edges[0] == nil:
		a.Text = "no ranked offer has a price; --all says why"
	case r.Walked && len(r.Ranges) == 1:
		a.Name, a.Text = names[0], "over the whole range"
	case r.Walked:
		a.Name, a.Text = names[0], "at every corner and along every edge; inside the range another may be cheaper"
	default:
		a.Name, a.Text = names[0], "at every corner; between the corners another may be cheaper"
	}
	list := []page.Answer{a}
	if left > 0 {
		list = append(list, page.Answer{Label: "Left out", Figure: fmt.Sprint(left), Text: "dearer, not ranked, or without a price: --all", Minor: true})
	}
	return list
}

// cheapestSpan is the lowest and the highest bill of what is cheapest at each
// corner; "none" where nothing fits at any.
func cheapestSpan(r *compare.Ranges, in Currency) string {
	var low, high *bill.Bill
	for _, c := range r.Corners {
		b := c.Comparison.Overall
		if b == nil {
			continue
		}
		if low == nil || b.Total < low.Total {
			low = b
		}
		if high == nil || b.Total > high.Total {
			high = b
		}
	}
	switch {
	case low == nil:
		return "none"
	case low.Total == high.Total:
		return in.grouped(low.Total)
	}
	return in.grouped(low.Total) + " to " + in.grouped(high.Total)
}

func cornersBlock(r *compare.Ranges, in Currency) page.Block {
	t := page.NewTable()
	for _, g := range r.Ranges {
		t.Columns = append(t.Columns, page.Column{Head: rangeName(g), Right: true})
	}
	t.Columns = append(t.Columns, page.Column{Head: in.Code() + "/month", Right: true, Class: "usd"}, page.Column{Head: "Cheapest", Cut: 24, Class: "name"})
	for _, c := range r.Corners {
		var row []string
		for i, g := range r.Ranges {
			row = append(row, groupNumber(endOf(g, c.High[i])))
		}
		if b := c.Comparison.Overall; b != nil {
			row = append(row, in.grouped(b.Total), OfferName(b.Offer))
		} else {
			row = append(row, "", "nothing fits")
		}
		t.Add(row...)
	}
	return page.Block{Heading: "The corners", Table: t}
}

func endOf(g compare.Range, high bool) string {
	if high {
		return g.High
	}
	return g.Low
}

// RangesJSON is the report of keynest estimate over ranges as a program reads
// it; docs/ranges.schema.json describes it.
type RangesJSON struct {
	headJSON
	Ranges  []rangeJSON  `json:"ranges"`
	Corners []cornerJSON `json:"corners"`
	Offers  []spreadJSON `json:"offers"`
	Sure    *string      `json:"cheapest_everywhere"`
	Edges   []string     `json:"cheapest_somewhere"`
	Walked  bool         `json:"edges_followed"`
}

type rangeJSON struct {
	Input string      `json:"input"`
	Low   form.Number `json:"low"`
	High  form.Number `json:"high"`
}

type cornerJSON struct {
	Inputs   map[string]form.Number `json:"inputs"`
	Cheapest *string                `json:"cheapest"`
	Workload form.Workload          `json:"workload"`
}

type spreadJSON struct {
	ID        string  `json:"id"`
	BilledBy  string  `json:"billed_by"`
	Ranked    bool    `json:"ranked"`
	Low       *string `json:"usd_per_month_low"`
	High      *string `json:"usd_per_month_high"`
	LowAt     *int    `json:"low_at_corner"`
	HighAt    *int    `json:"high_at_corner"`
	NotPriced int     `json:"corners_without_price"`
}

// NewRangesJSON builds the report.
func NewRangesJSON(r *compare.Ranges) *RangesJSON {
	first := r.Corners[0].Comparison
	j := &RangesJSON{headJSON: newHeadJSON("ranges", first.Field, first.Workload.HoursText()), Walked: r.Walked, Edges: []string{}}
	end := func(s string) form.Number {
		v, err := unit.ParseMicro(s)
		if err != nil {
			return form.Number(s)
		}
		return form.Number(unit.Decimal(v, unit.Million))
	}
	for _, g := range r.Ranges {
		j.Ranges = append(j.Ranges, rangeJSON{g.Key, end(g.Low), end(g.High)})
	}
	for _, c := range r.Corners {
		cj := cornerJSON{Inputs: map[string]form.Number{}, Workload: newWorkloadJSON(&c.Comparison.Workload)}
		for i, g := range r.Ranges {
			cj.Inputs[g.Key] = end(endOf(g, c.High[i]))
		}
		if b := c.Comparison.Overall; b != nil {
			cj.Cheapest = text(b.Offer.ID)
		}
		j.Corners = append(j.Corners, cj)
	}
	for _, s := range r.Offers {
		o := spreadJSON{ID: s.Offer.ID, BilledBy: string(s.Offer.BilledBy), Ranked: s.Ranked, NotPriced: s.NotPriced}
		if s.Low != nil {
			low, high := s.LowAt, s.HighAt
			o.Low, o.High, o.LowAt, o.HighAt = text(s.Low.Total.String()), text(s.High.Total.String()), &low, &high
		}
		j.Offers = append(j.Offers, o)
	}
	if r.Sure != nil {
		j.Sure = text(r.Sure.ID)
	}
	for _, o := range r.Edges {
		if o != nil {
			j.Edges = append(j.Edges, o.ID)
		}
	}
	return j
}

// WriteRangesCSV writes a row per offer; figures are plain decimals.
func WriteRangesCSV(w io.Writer, r *compare.Ranges) error {
	rows := [][]string{{"offer", "billed_by", "usd_per_month_low", "usd_per_month_high", "corners", "corners_without_price", "as_of"}}
	for _, s := range r.Offers {
		low, high := "", ""
		if s.Low != nil {
			low, high = s.Low.Total.String(), s.High.Total.String()
		}
		rows = append(rows, []string{s.Offer.ID, string(s.Offer.BilledBy), low, high, fmt.Sprint(len(r.Corners)), fmt.Sprint(s.NotPriced),
			r.Corners[0].Comparison.Field.Options.AsOf})
	}
	return writeCSV(w, rows)
}
