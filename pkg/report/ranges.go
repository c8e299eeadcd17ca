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
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Ranges are the lowest and the highest bill of every offer, as a document.
func Ranges(r *compare.Ranges, opt EstimateOptions) *page.Document {
	d := &page.Document{Title: "Cost estimate over a range"}
	first := r.Corners[0].Comparison
	var said []string
	for _, g := range r.Ranges {
		said = append(said, fmt.Sprintf("%s %s to %s", strings.TrimPrefix(workload.Flag(g.Key), "--"), groupNumber(g.Low), groupNumber(g.High)))
	}
	d.Say(strings.Join(said, ", ")+"; the rest as in: "+inputsLine(first.Field, &first.Workload, ""),
		fmt.Sprintf("Priced exactly at %s; the lowest and the highest bill of each offer lie there.", count(int64(len(r.Corners)), "corner")))
	in := opt.Currency
	t := &page.Table{Columns: []page.Column{{Head: "Offer", Wrap: true}, {Head: "low, " + in.Code() + "/month", Right: true}, {Head: "high", Right: true},
		{Head: "× low", Right: true}, {Head: "Remark", Wrap: true}}}
	groups := rankGroups()
	left := 0
	opt.All = opt.All || !slices.ContainsFunc(r.Offers, func(s compare.Spread) bool { return s.Low != nil })
	for _, s := range r.Offers {
		if s.Low == nil && !opt.All {
			left++
			continue
		}
		kind := groupOf(s.Offer, s.Unranked)
		row := page.Row{Cells: []string{OfferName(s.Offer), "", "", "", ""}, Strong: s.Offer == r.Sure}
		if s.Low != nil {
			row.Cells[1], row.Cells[2], row.Cells[3] = in.grouped(s.Low.Total), in.grouped(s.High.Total), ratioText(s.High.Total, s.Low.Total)
		}
		if s.NotPriced > 0 {
			row.Cells[4] = fmt.Sprintf("no price at %d of %s: %s", s.NotPriced, count(int64(len(r.Corners)), "corner"), s.WhyNot)
		}
		if s.High != nil && s.High.Plan != nil && s.High.Plan.OpsUnknown {
			row.Cells[4] = strings.TrimPrefix(row.Cells[4]+"; ops/s unknown", "; ")
		}
		groups[kind].Rows = append(groups[kind].Rows, row)
	}
	t.Groups = withRows(groups)
	d.Add(page.Block{Table: t})
	say := rankingText(r)
	if left > 0 {
		say = append(say, fmt.Sprintf("%s no price anywhere in the range (--all lists them).", offersHave(left)))
	}
	if words := in.words(); words != "" {
		say = append(say, words)
	}
	d.Say(say...)
	if r.Line != nil && r.Sure == nil && len(r.Line.Stretches) > 1 {
		t := page.NewTable(page.Column{Head: r.Line.Span.Axis.Unit}, page.Column{Head: "Cheapest", Wrap: true})
		for _, s := range r.Line.Stretches {
			t.Add(spanText(r.Line.Span.Axis, s), stretchName(s))
		}
		d.Add(page.Block{Heading: "Which is the cheapest, and where", Table: t})
	} else if r.Sure == nil {
		d.Add(cornersBlock(r, in))
	}
	return d
}

func offersHave(n int) string {
	if n == 1 {
		return "1 offer has"
	}
	return fmt.Sprintf("%d offers have", n)
}

func stretchName(s compare.Stretch) string {
	if s.Offer == nil {
		return "nothing fits"
	}
	return OfferName(s.Offer)
}

// rankingText says whether it matters where in the range one is.
func rankingText(r *compare.Ranges) []string {
	names := func(list []*ratecard.Offer) string {
		var all []string
		for _, o := range list {
			if o == nil {
				all = append(all, "nothing that fits")
				continue
			}
			all = append(all, OfferName(o))
		}
		return strings.Join(all, "; ")
	}
	switch {
	case r.Sure != nil:
		return []string{OfferName(r.Sure) + " is the cheapest anywhere in the range: its highest bill is below every other's lowest."}
	case len(r.Edges) > 1:
		return []string{"Which is the cheapest depends on where in the range the workload is. It is one of: " + names(r.Edges) + "."}
	case len(r.Edges) == 0 || r.Edges[0] == nil:
		return nil
	case r.Walked && len(r.Ranges) == 1:
		return []string{names(r.Edges) + " is the cheapest all along the range."}
	case r.Walked:
		return []string{names(r.Edges) + " is the cheapest at every corner and along every edge of the range; inside, another may still be."}
	}
	return []string{names(r.Edges) + " is the cheapest at every corner of the range; between them another may still be."}
}

func cornersBlock(r *compare.Ranges, in Currency) page.Block {
	t := page.NewTable()
	for _, g := range r.Ranges {
		t.Columns = append(t.Columns, page.Column{Head: strings.TrimPrefix(workload.Flag(g.Key), "--"), Right: true})
	}
	t.Columns = append(t.Columns, page.Column{Head: "Cheapest", Wrap: true}, page.Column{Head: in.Code() + "/month", Right: true})
	for _, c := range r.Corners {
		var row []string
		for i, g := range r.Ranges {
			row = append(row, groupNumber(endOf(g, c.High[i])))
		}
		if b := c.Comparison.Overall; b != nil {
			row = append(row, OfferName(b.Offer), in.grouped(b.Total))
		} else {
			row = append(row, "nothing fits", "")
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
