package report

import (
	"fmt"
	"io"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
)

// sweepColumns is the most offers that get a column each; more are summed up
// as the cheapest of each kind.
const sweepColumns = 4

// Sweep is a sweep as a document; drawn is the same span at more points, for
// the picture.
func Sweep(s, drawn *compare.Sweep) *page.Document {
	axis := s.Span.Axis
	d := &page.Document{Title: "Sweep of " + axis.Name}
	d.Say(inputsLine(s.Field, &s.Workload, axis.Name), fmt.Sprintf("USD a month at %s, each a multiple of %s", count(int64(len(s.Steps)), "value"), measured(axis, axis.Distance(1))))
	t := page.NewTable(page.Column{Head: axis.Unit, Right: true})
	note := ""
	var named []*ratecard.Offer
	chart := sweepChart(drawn, nil)
	if len(s.Offers) <= sweepColumns {
		for _, o := range s.Offers {
			t.Columns = append(t.Columns, page.Column{Head: OfferName(o.Card), Right: true, Wrap: true})
			named = append(named, o.Card)
		}
		for j, step := range s.Steps {
			row := []string{groupNumber(axis.Value(step))}
			for i := range s.Offers {
				row = append(row, costText(s.Costs[i][j]))
			}
			t.Add(row...)
		}
	} else {
		t.Columns = append(t.Columns, page.Column{Head: "USD/month", Right: true}, page.Column{Key: true}, page.Column{Head: "Cheapest per command", Cut: 16},
			page.Column{Head: "USD/month", Right: true}, page.Column{Key: true}, page.Column{Head: "Cheapest capacity", Cut: 16})
		inOrder(chart, winners(s))
		for j, step := range s.Steps {
			row := []string{groupNumber(axis.Value(step))}
			for _, perCommand := range []bool{true, false} {
				usd, name := "", "nothing fits"
				if i := s.Best(j, perCommand); i >= 0 {
					usd, name = costText(s.Costs[i][j]), OfferName(s.Offers[i].Card)
					named = append(named, s.Offers[i].Card)
				}
				row = append(row, usd, chart.Letter(name), name)
			}
			t.Add(row...)
		}
		note = fmt.Sprintf("%s; --output csv and json have the price of each at every value", count(int64(len(s.Offers)), "offer"))
	}
	d.Add(page.Block{Table: t})
	d.Say(opsUnknownNote(s.Field, named)...)
	d.Add(page.Block{Chart: chart})
	d.Answers = sweepAnswers(s, note)
	return d
}

// winners are the cheapest offers of both kinds in the order of the values.
func winners(s *compare.Sweep) []string {
	var names []string
	for j := range s.Steps {
		for _, perCommand := range []bool{true, false} {
			if i := s.Best(j, perCommand); i >= 0 {
				names = append(names, OfferName(s.Offers[i].Card))
			}
		}
	}
	return names
}

// sweepAnswers are the cheapest offer at both ends of the sweep.
func sweepAnswers(s *compare.Sweep, note string) []page.Answer {
	axis := s.Span.Axis
	var list []page.Answer
	for _, j := range []int{0, len(s.Steps) - 1} {
		best := -1
		for _, perCommand := range []bool{true, false} {
			if i := s.Best(j, perCommand); i >= 0 && (best < 0 || s.Costs[i][j].Total < s.Costs[best][j].Total) {
				best = i
			}
		}
		a := page.Answer{Label: "At " + measured(axis, groupNumber(axis.Value(s.Steps[j]))), Unit: "USD a month", Text: "nothing fits"}
		if best >= 0 {
			a.Figure, a.Name, a.Text = costText(s.Costs[best][j]), OfferName(s.Offers[best].Card), "the cheapest"
		}
		if list = append(list, a); len(s.Steps) == 1 {
			break
		}
	}
	if note != "" {
		list = append(list, page.Answer{Label: "Compared", Text: note, Minor: true})
	}
	return list
}

func costText(c compare.Cost) string {
	switch c.Status {
	case bill.Priced:
		return c.Total.Grouped()
	case bill.AtMost:
		return "≤ " + c.Total.Grouped()
	case bill.Incomplete:
		return "≥ " + c.Total.Grouped()
	}
	return statusWords(c.Status)
}

// SweepJSON is the report of keynest sweep as a program reads it;
// docs/sweep.schema.json describes it.
type SweepJSON struct {
	headJSON
	Workload form.Workload    `json:"workload"`
	Axis     axisJSON         `json:"axis"`
	Log      bool             `json:"log"`
	Offers   []sweepOfferJSON `json:"offers"`
	Points   []sweepPointJSON `json:"points"`
}

type sweepOfferJSON struct {
	ID       string `json:"id"`
	Provider string `json:"provider"`
	Name     string `json:"name"`
	BilledBy string `json:"billed_by"`
	Status   string `json:"offer_status"`
}

type sweepPointJSON struct {
	Value    form.Number        `json:"value"`
	Commands *string            `json:"cheapest_commands"`
	Capacity *string            `json:"cheapest_capacity"`
	USD      map[string]*string `json:"usd_per_month"`
	AtLeast  map[string]*string `json:"usd_per_month_at_least"`
	AtMost   map[string]*string `json:"usd_per_month_at_most"`
}

// NewSweepJSON builds the report.
func NewSweepJSON(s *compare.Sweep) *SweepJSON {
	axis := s.Span.Axis
	j := &SweepJSON{
		headJSON: newHeadJSON("sweep", s.Field, s.Workload.HoursText()), Workload: newWorkloadJSON(&s.Workload),
		Axis: newAxisJSON(s.Span, s.Here), Log: s.Log, Offers: []sweepOfferJSON{}, Points: []sweepPointJSON{},
	}
	for _, o := range s.Offers {
		j.Offers = append(j.Offers, sweepOfferJSON{ID: o.Card.ID, Provider: o.Card.Provider.Name, Name: o.Card.Name,
			BilledBy: string(o.Card.BilledBy), Status: string(o.Card.Status)})
	}
	best := func(point int, perCommand bool) *string {
		if i := s.Best(point, perCommand); i >= 0 {
			return text(s.Offers[i].Card.ID)
		}
		return nil
	}
	for k, step := range s.Steps {
		p := sweepPointJSON{Value: form.Number(axis.Value(step)), Commands: best(k, true), Capacity: best(k, false),
			USD: map[string]*string{}, AtLeast: map[string]*string{}, AtMost: map[string]*string{}}
		for i, o := range s.Offers {
			usd := s.Costs[i][k].Total.String()
			p.USD[o.Card.ID] = nil
			switch s.Costs[i][k].Status {
			case bill.Priced:
				p.USD[o.Card.ID] = &usd
			case bill.AtMost:
				p.AtMost[o.Card.ID] = &usd
			case bill.Incomplete:
				p.AtLeast[o.Card.ID] = &usd
			}
		}
		j.Points = append(j.Points, p)
	}
	return j
}

// WriteSweepCSV writes a row per point and a column per offer; what cannot be
// priced is empty.
func WriteSweepCSV(w io.Writer, s *compare.Sweep) error {
	head := []string{s.Span.Axis.Name}
	for _, o := range s.Offers {
		head = append(head, o.Card.ID)
	}
	rows := [][]string{head}
	for j, step := range s.Steps {
		row := []string{s.Span.Axis.Value(step)}
		for i := range s.Offers {
			usd := ""
			if s.Costs[i][j].Status == bill.Priced {
				usd = s.Costs[i][j].Total.String()
			}
			row = append(row, usd)
		}
		rows = append(rows, row)
	}
	return writeCSV(w, rows)
}
