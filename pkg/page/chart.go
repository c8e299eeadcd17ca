package page

import (
	"fmt"
	"math"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/unit"
)

// Chart is cost against an axis of the workload, as a picture: its numbers are
// floats and rounded to the picture; the tables beside it are exact. Cost is
// always on a log axis that begins at one dollar.
type Chart struct {
	Title  string // what it shows, for those who cannot see it
	XLabel string
	YLabel string // "USD a month" where it is empty
	Log    bool   // the x axis
	X      []float64
	Lines  []ChartLine
	Here   *float64 // the present workload
	Marks  []float64
}

// ChartLine is one offer's cost at every X; NaN where it cannot be bought.
type ChartLine struct {
	Name string
	Y    []float64 // USD a month
}

// Letter is the letter by which a chart that is drawn as text names a line; "" for
// a line that it does not draw.
func (c *Chart) Letter(name string) string {
	if c == nil {
		return ""
	}
	for i, l := range c.Lines {
		if l.Name == name {
			return letter(i)
		}
	}
	return ""
}

// MaxLines is how many lines a chart has room for: more cannot be told apart.
const MaxLines = 6

// yLabel says what the y axis counts.
func (c *Chart) yLabel() string {
	if c.YLabel == "" {
		return "USD a month"
	}
	return c.YLabel
}

// place is where a value lies along the x axis.
func (c *Chart) place(x float64) float64 {
	if c.Log {
		return math.Log10(max(x, 1))
	}
	return x
}

// value is what lies at a place of the x axis.
func (c *Chart) value(place float64) float64 {
	if c.Log {
		return math.Pow(10, place)
	}
	return place
}

func height(usd float64) float64 { return math.Log10(max(usd, 1)) }

// decades are the whole powers of ten around every cost.
func (c *Chart) decades() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range c.Lines {
		for _, y := range l.Y {
			if !math.IsNaN(y) {
				low, high = min(low, math.Floor(height(y))), max(high, math.Ceil(height(y)))
			}
		}
	}
	if low >= high {
		high = low + 1
	}
	return low, high
}

// dollars is a cost on the y axis.
func dollars(height float64) string {
	if height <= 0 {
		return "≤ 1"
	}
	return AxisText(math.Pow(10, height))
}

// AxisText prints a value of an axis with three significant digits.
func AxisText(v float64) string {
	if v <= 0 {
		return "0"
	}
	if v < 10 {
		return unit.Rounded(int64(math.Round(v*100)), 100, 2)
	}
	step := math.Pow(10, math.Floor(math.Log10(v))-2)
	if step < 1 {
		return unit.Rounded(int64(math.Round(v*10)), 10, 1)
	}
	return money.Group(fmt.Sprint(int64(math.Round(v/step) * step)))
}

// ticks are labelled places of the x axis: whole powers of ten, or five even
// steps where there are fewer than three of those.
func (c *Chart) ticks() []float64 {
	from, to := c.place(c.X[0]), c.place(c.X[len(c.X)-1])
	var at []float64
	if c.Log {
		for p := math.Ceil(from - 1e-9); p <= to+1e-9; p++ {
			at = append(at, p)
		}
	}
	if len(at) < 3 {
		at = nil
		for i := range 5 {
			at = append(at, from+(to-from)*float64(i)/4)
		}
	}
	return at
}
