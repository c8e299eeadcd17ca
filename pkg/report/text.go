package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// DefaultWidth is the page width in columns where no terminal says otherwise.
const DefaultWidth = 100

// narrowest is the least that a wrapping column shrinks to, in columns.
const narrowest = 12

// Style is how a text report meets its page.
type Style struct {
	Width int  // columns; 0 means DefaultWidth
	Color bool // bold and dim by ANSI escapes
	// Unicode lets charts use box characters; without it they are plain ASCII.
	Unicode bool
}

// WriteText writes the document as plain text, wrapped to the style's width.
func WriteText(w io.Writer, d *Document, style Style) error {
	if style.Width <= 0 {
		style.Width = DefaultWidth
	}
	var b bytes.Buffer
	for _, block := range d.Blocks {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		if block.Heading != "" {
			for _, line := range wrap(block.Heading, style.Width) {
				b.WriteString(style.bold(line) + "\n")
			}
		}
		for _, p := range block.Text {
			b.WriteString(strings.Join(wrap(p, style.Width), "\n") + "\n")
		}
		if block.Table != nil {
			if err := writeTable(&b, block.Table, style); err != nil {
				return err
			}
		}
		if block.Chart != nil {
			if block.Heading != "" || len(block.Text) > 0 || block.Table != nil {
				b.WriteByte('\n')
			}
			b.WriteString(textChart(block.Chart, style))
		}
		for _, n := range block.Notes {
			lines := wrap(n, style.Width-2)
			b.WriteString("- " + strings.Join(lines, "\n  ") + "\n")
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// wide is how many columns of a page a line takes.
func wide(line string) int {
	n := 0
	for _, r := range line {
		n += displaywidth.Rune(r)
	}
	return n
}

// writeTable sets a table: its cells wrapped, padded and two blanks apart.
func writeTable(w io.Writer, t *Table, style Style) error {
	widths := columnWidths(t, style.Width)
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = strings.Join(wrap(c.Head, widths[i]), "\n")
	}
	rows := [][]string{head}
	strong := map[int]bool{}
	for n, g := range t.Groups {
		if g.Title != "" {
			title := make([]string, len(t.Columns))
			title[0] = g.Title
			rows = append(rows, title)
		}
		for m, r := range g.Rows {
			if t.Spaced && n+m > 0 {
				rows = append(rows, make([]string, len(t.Columns)))
			}
			if len(r.Cells) != len(t.Columns) {
				return fmt.Errorf("a row of %d cells in a table of %d columns: %q", len(r.Cells), len(t.Columns), r.Cells)
			}
			cells := make([]string, len(r.Cells))
			for i, c := range r.Cells {
				cells[i] = c
				if t.Columns[i].Wrap {
					cells[i] = strings.Join(wrap(breakWords(c, widths[i]), widths[i]), "\n")
				}
			}
			strong[len(rows)] = r.Strong
			rows = append(rows, cells)
		}
	}
	clear(widths) // what the cells take may be less than they were given
	for _, row := range rows {
		for i, cell := range row {
			for line := range strings.SplitSeq(cell, "\n") {
				widths[i] = max(widths[i], wide(line))
			}
		}
	}
	for n, row := range rows {
		paint := func(line string) string { return line }
		if n == 0 {
			paint = style.dim
		} else if strong[n] || groupTitle(row) {
			paint = style.bold
		}
		for _, line := range setRow(row, widths, t.Columns) {
			if _, err := io.WriteString(w, paint(line)+"\n"); err != nil {
				return err
			}
		}
	}
	return nil
}

// setRow pads the cells of a row to the widths of their columns: as many lines
// as the tallest cell has.
func setRow(row []string, widths []int, columns []Column) []string {
	cells, height := make([][]string, len(row)), 0
	for i, cell := range row {
		cells[i] = strings.Split(cell, "\n")
		height = max(height, len(cells[i]))
	}
	lines := make([]string, height)
	for n := range lines {
		var b strings.Builder
		for i, cell := range cells {
			line := ""
			if n < len(cell) {
				line = cell[n]
			}
			pad := strings.Repeat(" ", widths[i]-wide(line))
			if columns[i].Right {
				line, pad = pad, line
			}
			b.WriteString(line + pad + "  ")
		}
		lines[n] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

// groupTitle says whether a row holds a group's title alone.
func groupTitle(row []string) bool {
	return len(row) > 1 && strings.Join(row[1:], "") == ""
}

// columnWidths shares the page: fixed columns take what they need, wrapping
// ones the rest, widest shrunk first, and below its longest word only where the
// page asks for it.
func columnWidths(t *Table, page int) []int {
	widths, words := make([]int, len(t.Columns)), make([]int, len(t.Columns))
	for i, c := range t.Columns {
		if c.Wrap {
			for _, word := range strings.Fields(c.Head) {
				widths[i] = max(widths[i], wide(word))
			}
		} else {
			widths[i] = wide(c.Head)
		}
		for _, g := range t.Groups {
			if i == 0 {
				widths[i] = max(widths[i], wide(g.Title))
			}
			for _, r := range g.Rows {
				if i < len(r.Cells) {
					for _, line := range strings.Split(r.Cells[i], "\n") {
						widths[i] = max(widths[i], wide(line))
						for _, word := range strings.Fields(line) {
							words[i] = max(words[i], wide(word))
						}
					}
				}
			}
		}
	}
	for whole := true; ; {
		total, widest := 2*(len(widths)-1), -1
		for i, w := range widths {
			total += w
			if t.Columns[i].Wrap && w > narrowest && (!whole || w > words[i]) && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		switch {
		case total <= page || (widest < 0 && !whole):
			return widths
		case widest < 0:
			whole = false
		default:
			widths[widest]--
		}
	}
}

// wrap breaks a text at spaces into lines of at most width columns; a longer
// word keeps a line of its own. Breaks that are there stay.
func wrap(s string, width int) []string {
	var lines []string
	for _, paragraph := range strings.Split(s, "\n") {
		line, used := "", 0
		for _, word := range strings.Split(paragraph, " ") {
			n := wide(word)
			switch {
			case line == "" && used == 0:
				line, used = word, n
			case used+1+n > width:
				lines = append(lines, strings.TrimRight(line, " "))
				line, used = word, n
			default:
				line, used = line+" "+word, used+1+n
			}
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// breakWords puts a space into every word that is wider than the width, after a
// hyphen, a dot or a slash where there is one, else where the width ends.
func breakWords(s string, width int) string {
	if wide(s) <= width {
		return s
	}
	words := strings.Split(s, " ")
	for i, word := range words {
		var parts []string
		for wide(word) > width {
			fits := 0
			for j := range word {
				if j > 0 && wide(word[:j]) > width {
					break
				}
				fits = j
			}
			if at := strings.LastIndexAny(word[:fits], "-./") + 1; at > 1 {
				fits = at
			}
			parts, word = append(parts, word[:fits]), word[fits:]
		}
		words[i] = strings.Join(append(parts, word), " ")
	}
	return strings.Join(words, " ")
}

func (s Style) bold(text string) string { return s.escape("1", text) }
func (s Style) dim(text string) string  { return s.escape("2", text) }

func (s Style) escape(code, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
