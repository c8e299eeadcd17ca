package page

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"math"
	"strings"

	"github.com/go-analyze/charts/chartdraw"
)

// svgChart draws the chart as an inline SVG element. Colours come from the
// page's style sheet by class, so that it follows light, dark and print; the
// lines differ by dashes as well, for those who do not see the colours.
func svgChart(c *Chart) (string, error) {
	low, high := c.decades()
	from, to := c.place(c.X[0]), c.place(c.X[len(c.X)-1])
	var x, y []chartdraw.Tick
	for _, p := range c.ticks() {
		x = append(x, chartdraw.Tick{Value: p, Label: AxisText(c.value(p))})
	}
	for p := low; p <= high; p++ {
		y = append(y, chartdraw.Tick{Value: p, Label: dollars(p)})
	}
	hidden, back := chartdraw.Hidden(), svgClass("back")
	back.Padding = chartdraw.NewBox(40, 20, 70, 20) // room for labels in a wider font than the library measures
	chart := chartdraw.Chart{
		Width: 1440, Height: 760, // twice the size shown: the library draws on whole units
		Background: back, Canvas: svgClass("back"),
		XAxis: chartdraw.XAxis{
			Name: c.XLabel, NameStyle: svgClass("axis"), Style: svgClass("axis"), TickStyle: svgClass("axis"), Ticks: x,
			GridMajorStyle: hidden, GridMinorStyle: hidden, Range: &chartdraw.ContinuousRange{Min: from, Max: to},
		},
		YAxis: chartdraw.YAxis{
			Style: hidden, GridMajorStyle: hidden, GridMinorStyle: hidden, Range: &chartdraw.ContinuousRange{Min: low, Max: high},
		},
		// The library draws its secondary axis on the left.
		YAxisSecondary: chartdraw.YAxis{
			Style: svgClass("axis"), TickStyle: svgClass("axis"), Ticks: y, NameStyle: hidden, Zero: chartdraw.GridLine{Style: hidden},
			GridMajorStyle: hidden, GridMinorStyle: hidden, Range: &chartdraw.ContinuousRange{Min: low, Max: high},
		},
	}
	line := func(class string, dash []float64, xs, ys []float64) {
		style := svgClass(class)
		style.StrokeDashArray = dash
		chart.Series = append(chart.Series, chartdraw.ContinuousSeries{Style: style, YAxis: chartdraw.YAxisSecondary, XValues: xs, YValues: ys})
	}
	// The library's own grid takes no class.
	for _, t := range x {
		line("grid", nil, []float64{t.Value, t.Value}, []float64{low, high})
	}
	for _, t := range y {
		line("grid", nil, []float64{from, to}, []float64{t.Value, t.Value})
	}
	for _, m := range c.Marks {
		line("mark-line", markDash, []float64{c.place(m), c.place(m)}, []float64{low, high})
	}
	if c.Here != nil {
		line("here", nil, []float64{c.place(*c.Here), c.place(*c.Here)}, []float64{low, high})
	}
	for i, l := range c.Lines {
		c.runs(l.Y, func(xs, ys []float64) { line(fmt.Sprintf("line%d", i), dashes[i], xs, ys) })
	}
	return c.render(&chart)
}

// runs hands each stretch of a line that has values to draw, in the chart's own
// coordinates. A value alone is drawn as a point.
func (c *Chart) runs(values []float64, draw func(xs, ys []float64)) {
	var xs, ys []float64
	flush := func() {
		if len(xs) == 1 {
			xs, ys = append(xs, xs[0]), append(ys, ys[0])
		}
		if len(xs) > 0 {
			draw(xs, ys)
		}
		xs, ys = nil, nil
	}
	for i, v := range values {
		if math.IsNaN(v) {
			flush()
			continue
		}
		xs, ys = append(xs, c.place(c.X[i])), append(ys, height(v))
	}
	flush()
}

// render is the picture as an SVG element with a title for screen readers.
func (c *Chart) render(chart *chartdraw.Chart) (string, error) {
	var b bytes.Buffer
	if err := chart.Render(chartdraw.SVG, &b); err != nil {
		return "", fmt.Errorf("chart: %w", err)
	}
	// An element without a class has a style attribute, which a strict
	// Content-Security-Policy refuses.
	svg := b.String()
	if strings.Contains(svg, "style=") {
		return "", errors.New("chart: an element without a class")
	}
	head := `<svg role="img" aria-label="` + html.EscapeString(c.Title) + `"`
	return strings.Replace(svg, "<svg", head, 1), nil
}

// dashes are the lines' patterns; nil is a whole line.
var dashes = [MaxLines][]float64{nil, {16, 8}, {4, 6}, {24, 6, 4, 6}, {10, 4}, {2, 10}}

var markDash = []float64{4, 8}

// svgClass is a style by class name. The library wants colours and a size all
// the same, to see that something is to be drawn and how much room a text takes.
func svgClass(name string) chartdraw.Style {
	return chartdraw.Style{
		ClassName: name, StrokeWidth: 1, StrokeColor: chartdraw.ColorBlack,
		FontStyle: chartdraw.FontStyle{FontSize: 18, FontColor: chartdraw.ColorBlack},
	}
}
