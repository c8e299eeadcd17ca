package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
)

// CostChart draws the sweep and marks where the cheapest offer changes.
func CostChart(s *compare.Sweep, a *compare.Along) *page.Chart {
	var marks []int64
	for i, stretch := range a.Stretches {
		if i > 0 {
			marks = append(marks, stretch.First(a.Span.Axis))
		}
	}
	c := sweepChart(s, marks)
	var rows []string
	for _, stretch := range a.Stretches {
		if stretch.Offer != nil {
			rows = append(rows, OfferName(stretch.Offer))
		}
	}
	inOrder(c, rows)
	return c
}

// inOrder puts the lines of a chart in the order in which rows first name them,
// the others after them, so that their letters follow the rows.
func inOrder(c *page.Chart, rows []string) {
	at := func(l page.ChartLine) int {
		if i := slices.Index(rows, l.Name); i >= 0 {
			return i
		}
		return len(rows)
	}
	slices.SortStableFunc(c.Lines, func(a, b page.ChartLine) int { return at(a) - at(b) })
}

// sweepChart draws a sweep: of each kind the offers that are somewhere the
// cheapest, those that are so most often first.
func sweepChart(s *compare.Sweep, marks []int64) *page.Chart {
	axis := s.Span.Axis
	c := &page.Chart{XLabel: axis.Unit, Log: s.Log}
	value := func(step int64) float64 {
		if axis.Falls {
			return float64(axis.Max-step) / float64(axis.Max)
		}
		return float64(step)
	}
	wins := make([]int, len(s.Offers))
	for j, step := range s.Steps {
		c.X = append(c.X, value(step))
		for _, perCommand := range []bool{true, false} {
			if i := s.Best(j, perCommand); i >= 0 {
				wins[i]++
			}
		}
	}
	var order []int
	for i := range s.Offers {
		if wins[i] > 0 || len(s.Offers) <= page.MaxLines {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return wins[b] - wins[a] })
	order = order[:min(len(order), page.MaxLines)]
	for _, i := range order {
		l := page.ChartLine{Name: OfferName(s.Offers[i].Card)}
		drawn := false
		for j := range s.Steps {
			y := math.NaN()
			if cost := s.Costs[i][j]; cost.Status == "priced" {
				y, drawn = float64(cost.Total)/float64(money.Nano), true
			}
			l.Y = append(l.Y, y)
		}
		if drawn {
			c.Lines = append(c.Lines, l)
		}
	}
	inside := func(x float64) bool { return x >= c.X[0] && x <= c.X[len(c.X)-1] }
	if s.Here != nil && inside(value(*s.Here)) {
		here := value(*s.Here)
		c.Here = &here
	}
	for _, m := range marks {
		if inside(value(m)) {
			c.Marks = append(c.Marks, value(m))
		}
	}
	c.Title = fmt.Sprintf("Cost a month by %s, %s to %s %s", axis.Name, page.AxisText(c.X[0]), page.AxisText(c.X[len(c.X)-1]), axis.Unit)
	return c
}
