package page

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/guptarohit/asciigraph"
)

const (
	chartHeight = 15 // rows, about
	labelWidth  = 11 // columns left of the plot, for 1,000,000,000
	plotOffset  = labelWidth + 3
)

// lineColors tell lines apart on a terminal: colours of the 256 that stand out
// on a light and on a dark ground.
var lineColors = []asciigraph.AnsiColor{33, 208, 35, 170, 37, 136}

// plain turns the frame that asciigraph draws into ASCII.
var plain = strings.NewReplacer("┤", "|", "┼", "+", "└", "+", "─", "-", "┬", "+", "■", "#")

// textChart draws with box characters and colours on a terminal that takes
// them; elsewhere in ASCII, each line of its own letter.
func textChart(c *Chart, style Style) string {
	width := max(20, style.Width-plotOffset-4)
	low, high := c.decades()
	rows := max(1, math.Round(chartHeight/(high-low))) // a decade
	options := []asciigraph.Option{
		asciigraph.Height(int(rows * (high - low))), asciigraph.LowerBound(low), asciigraph.UpperBound(high),
		asciigraph.YAxisValueFormatter(func(h float64) string {
			if math.Abs(h-math.Round(h)) > 1e-6 {
				return padLeft("", labelWidth)
			}
			return padLeft(dollars(math.Round(h)), labelWidth)
		}),
		asciigraph.XAxisRange(c.place(c.X[0]), c.place(c.X[len(c.X)-1])),
		asciigraph.XAxisTickCount(len(c.ticks())),
		asciigraph.XAxisValueFormatter(func(p float64) string { return AxisText(c.value(p)) }),
	}
	colored := style.Color && style.Unicode
	var lines [][]float64
	var sets []asciigraph.CharSet
	for i, l := range c.Lines {
		lines = append(lines, c.columns(l, width))
		if !colored {
			sets = append(sets, asciigraph.CreateCharSet(letter(i)))
		}
	}
	// Each line again where it is the lowest: what is drawn last hides the others.
	colors := slices.Clone(lineColors[:len(lines)])
	for i, low := range lowest(lines) {
		lines = append(lines, low)
		colors = append(colors, lineColors[i])
		if !colored {
			sets = append(sets, asciigraph.CreateCharSet(letter(i)))
		}
	}
	options = append(options, asciigraph.SeriesChars(sets...))
	if colored {
		options = append(options, asciigraph.SeriesColors(colors...))
	}
	picture := asciigraph.PlotMany(lines, options...)
	if !style.Unicode {
		picture = plain.Replace(picture)
	}
	return c.framed(picture, width, colored)
}

// framed puts the name of the axes, the workload's place and the key around a
// picture.
func (c *Chart) framed(picture string, width int, colored bool) string {
	var b strings.Builder
	b.WriteString(c.yLabel() + "\n")
	for line := range strings.Lines(picture) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	if c.Here != nil {
		b.WriteString(strings.Repeat(" ", plotOffset+c.column(*c.Here, width)) + "^\n")
	}
	b.WriteString(padLeft("", plotOffset) + c.XLabel)
	if c.Here != nil {
		b.WriteString("; ^ is the workload, " + AxisText(*c.Here))
	}
	b.WriteString("\n")
	for i, l := range c.Lines {
		key := letter(i)
		if colored {
			key += " " + lineColors[i].String() + "──" + asciigraph.Default.String()
		}
		b.WriteString(padLeft("", plotOffset) + key + " " + l.Name + "\n")
	}
	return b.String()
}

// lowest is the part of each line where no other line is lower; of equal lines the
// first counts.
func lowest(lines [][]float64) [][]float64 {
	parts := make([][]float64, len(lines))
	for i := range lines {
		parts[i] = make([]float64, len(lines[i]))
	}
	if len(lines) == 0 {
		return nil
	}
	for x := range lines[0] {
		best := -1
		for i := range lines {
			parts[i][x] = math.NaN()
			if y := lines[i][x]; !math.IsNaN(y) && (best < 0 || y < lines[best][x]) {
				best = i
			}
		}
		if best >= 0 {
			parts[best][x] = lines[best][x]
		}
	}
	return parts
}

func letter(i int) string { return string(rune('a' + i)) }

func padLeft(s string, width int) string {
	return strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s))) + s
}

// column is where a value falls on a plot of that many columns.
func (c *Chart) column(x float64, width int) int {
	from, to := c.place(c.X[0]), c.place(c.X[len(c.X)-1])
	return min(width-1, int(math.Round((c.place(x)-from)/(to-from)*float64(width-1))))
}

// columns is a line's heights, one a column: that of the nearest point.
func (c *Chart) columns(l ChartLine, width int) []float64 {
	from, to := c.place(c.X[0]), c.place(c.X[len(c.X)-1])
	out := make([]float64, width)
	j := 0
	for i := range out {
		at := from + (to-from)*float64(i)/float64(width-1)
		for j+1 < len(c.X) && math.Abs(c.place(c.X[j+1])-at) <= math.Abs(c.place(c.X[j])-at) {
			j++
		}
		out[i] = height(l.Y[j]) // NaN stays NaN
	}
	return out
}
