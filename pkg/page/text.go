package page

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// DefaultWidth is the page width in columns where no terminal says otherwise,
// MaxWidth the most that is used of a wider one.
const (
	DefaultWidth = 100
	MaxWidth     = 140
)

// narrowest is the least that a wrapping column shrinks to, in columns.
const narrowest = 12

// Style describes the page that a text report is printed on.
type Style struct {
	Width int  // columns; 0 means DefaultWidth
	Color bool // bold and dim by ANSI escapes
	// Unicode lets charts use box characters; without it they are plain ASCII.
	Unicode bool
}

// WriteText writes the document as plain text, wrapped to the style's width.
func WriteText(w io.Writer, d *Document, style Style) error {
	d = d.safe()
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
		writeAnswers(&b, block.Answers, style)
	}
	if len(d.Answers) > 0 && b.Len() > 0 {
		b.WriteByte('\n')
	}
	writeAnswers(&b, d.Answers, style)
	_, err := w.Write(b.Bytes())
	return err
}

// writeAnswers writes a line for each answer: label, figure, words, the words
// aligned below each other.
func writeAnswers(b *bytes.Buffer, answers []Answer, style Style) {
	label, figure := 0, 0
	for _, a := range answers {
		label, figure = max(label, twwidth.Width(a.Label)), max(figure, twwidth.Width(a.Figure))
	}
	indent := label + 2
	if figure > 0 {
		indent += figure + 2
	}
	for _, a := range answers {
		words := named(a.Name, a.Text)
		if short := named(a.Name, a.Short); a.Short != "" && indent+twwidth.Width(words) > style.Width {
			words = short
		}
		line := a.Label + strings.Repeat(" ", label-twwidth.Width(a.Label)+2)
		if figure > 0 {
			line += strings.Repeat(" ", figure-twwidth.Width(a.Figure)) + style.bold(a.Figure) + "  "
		}
		for i, part := range wrap(words, max(style.Width-indent, narrowest)) {
			if i > 0 {
				line += "\n" + strings.Repeat(" ", indent)
			}
			line += part
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// named puts a name before what is said of it.
func named(name, text string) string {
	if name == "" || text == "" {
		return name + text
	}
	return name + ": " + text
}

// fitted is the table for a page of that width: without the columns that need a
// wider page, and with the first group's title instead of a column's head.
func fitted(t *Table, width int) *Table {
	keep := make([]int, 0, len(t.Columns))
	for i, c := range t.Columns {
		if c.From <= width {
			keep = append(keep, i)
		}
	}
	f := &Table{Spaced: t.Spaced}
	for n, i := range keep {
		if i == t.Titles {
			f.Titles = n
		}
		f.Columns = append(f.Columns, t.Columns[i])
	}
	for _, g := range t.Groups {
		if len(g.Rows) == 0 {
			continue
		}
		group := Group{Title: g.Title}
		if len(f.Groups) == 0 && f.Titles > 0 && g.Title != "" {
			f.Columns[f.Titles].Head, group.Title = g.Title, ""
		}
		for _, r := range g.Rows {
			if len(keep) < len(t.Columns) && len(r.Cells) == len(t.Columns) {
				cells := make([]string, len(keep))
				for n, i := range keep {
					cells[n] = r.Cells[i]
				}
				r.Cells = cells
			}
			group.Rows = append(group.Rows, r)
		}
		f.Groups = append(f.Groups, group)
	}
	return f
}

// cut shortens a text to a width; what is cut ends in "…".
func cut(s string, width int) string {
	if twwidth.Width(s) <= width {
		return s
	}
	end := 0
	for i := range s {
		if twwidth.Width(s[:i])+1 > width {
			break
		}
		end = i
	}
	return strings.TrimRight(s[:end], " ,") + "…"
}

// writeTable is the one place that configures tablewriter. Its own wrapping
// stays off: it counts columns differently from us when a cell holds a break.
func writeTable(w io.Writer, t *Table, style Style) error {
	t = fitted(t, style.Width)
	widths := columnWidths(t, style.Width)
	rows, strong, err := tableRows(t, widths)
	if err != nil {
		return err
	}
	aligns := make([]tw.Align, len(t.Columns))
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		aligns[i] = tw.AlignLeft
		if c.Right {
			aligns[i] = tw.AlignRight
		}
		head[i] = strings.Join(wrap(c.Head, widths[i]), "\n")
		if c.Cut > 0 {
			head[i] = cut(c.Head, widths[i])
		}
	}
	var b bytes.Buffer
	table := tablewriter.NewTable(&b,
		tablewriter.WithEastAsian(tw.Off),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithAlignment(aligns),
		tablewriter.WithPadding(tw.Padding{Right: "  ", Overwrite: true}),
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders: tw.BorderNone,
			Symbols: tw.NewSymbols(tw.StyleNone),
			Settings: tw.Settings{
				Lines:      tw.LinesNone,
				Separators: tw.SeparatorsNone,
			},
		})),
	)
	table.Header(head)
	if err := table.Bulk(rows); err != nil {
		return fmt.Errorf("table: %w", err)
	}
	if err := table.Render(); err != nil {
		return fmt.Errorf("table: %w", err)
	}
	headLines := 1
	for _, h := range head {
		headLines = max(headLines, strings.Count(h, "\n")+1)
	}
	return writeLines(w, strings.Split(strings.TrimRight(b.String(), "\n"), "\n"), headLines, rowsOfLines(rows), strong, style)
}

// tableRows are the rows as they are printed, titles of groups among them, each
// cell cut or wrapped to its column's width; and which rows are bold.
func tableRows(t *Table, widths []int) (rows [][]string, strong map[int]bool, err error) {
	strong = map[int]bool{}
	for n, g := range t.Groups {
		if g.Title != "" {
			title := make([]string, len(t.Columns))
			title[t.Titles] = g.Title
			if t.Columns[t.Titles].Cut > 0 {
				title[t.Titles] = cut(g.Title, widths[t.Titles])
			}
			strong[len(rows)] = true
			rows = append(rows, title)
		}
		for m, r := range g.Rows {
			if t.Spaced && n+m > 0 {
				rows = append(rows, make([]string, len(t.Columns)))
			}
			if len(r.Cells) != len(t.Columns) {
				return nil, nil, fmt.Errorf("a row of %d cells in a table of %d columns: %q", len(r.Cells), len(t.Columns), r.Cells)
			}
			cells := make([]string, len(r.Cells))
			for i, c := range r.Cells {
				cells[i] = c
				if t.Columns[i].Cut > 0 {
					cells[i] = cut(c, widths[i])
				}
				if t.Columns[i].Wrap {
					cells[i] = strings.Join(wrap(breakWords(c, widths[i]), widths[i]), "\n")
				}
			}
			strong[len(rows)] = r.Strong
			rows = append(rows, cells)
		}
	}
	return rows, strong, nil
}

// writeLines writes a rendered table: its head dim, the strong rows bold.
func writeLines(w io.Writer, lines []string, headLines int, owners []int, strong map[int]bool, style Style) error {
	for i, line := range lines {
		line = strings.TrimRight(line, " ")
		if i < headLines {
			line = style.dim(line)
		} else if row := owners[min(i-headLines, len(owners)-1)]; strong[row] {
			line = style.bold(line)
		}
		if _, err := io.WriteString(w, line+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// rowsOfLines says which row each rendered line belongs to; the last entry, one
// too many, belongs to none.
func rowsOfLines(rows [][]string) []int {
	var owners []int
	for i, r := range rows {
		height := 1
		for _, c := range r {
			height = max(height, strings.Count(c, "\n")+1)
		}
		for range height {
			owners = append(owners, i)
		}
	}
	return append(owners, len(rows))
}

// columnWidths divides the width of the page: fixed columns get what they need,
// wrapping columns the rest. The widest is narrowed first; a column gets narrower
// than its longest word only if nothing else fits.
func columnWidths(t *Table, page int) []int {
	widths, words := naturalWidths(t)
	total := 2 * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	for total > page {
		// The column that is furthest above its least width is cut, so that a
		// long name is cut before a short size.
		cut, most := -1, 0
		for i := range widths {
			if least := t.Columns[i].Cut; least > 0 && widths[i]-least > most {
				cut, most = i, widths[i]-least
			}
		}
		if cut < 0 {
			break
		}
		widths[cut]--
		total--
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

// naturalWidths are the widths of the columns on a page without an end, and
// those of the longest word in each.
func naturalWidths(t *Table) (widths, words []int) {
	widths, words = make([]int, len(t.Columns)), make([]int, len(t.Columns))
	for i, c := range t.Columns {
		if c.Wrap {
			for _, word := range strings.Fields(c.Head) {
				widths[i] = max(widths[i], twwidth.Width(word))
			}
		} else {
			widths[i] = twwidth.Width(c.Head)
		}
		for _, g := range t.Groups {
			if i == t.Titles {
				widths[i] = max(widths[i], twwidth.Width(g.Title))
			}
			for _, r := range g.Rows {
				if i < len(r.Cells) {
					for _, line := range strings.Split(r.Cells[i], "\n") {
						widths[i] = max(widths[i], twwidth.Width(line))
						for _, word := range strings.Fields(line) {
							words[i] = max(words[i], twwidth.Width(word))
						}
					}
				}
			}
		}
	}
	return widths, words
}

// wrap breaks a text at spaces into lines of at most width columns; a longer
// word keeps a line of its own. Breaks that are there stay.
func wrap(s string, width int) []string {
	var lines []string
	for _, paragraph := range strings.Split(s, "\n") {
		line, used := "", 0
		for _, word := range strings.Split(paragraph, " ") {
			n := twwidth.Width(word)
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
	if twwidth.Width(s) <= width {
		return s
	}
	words := strings.Split(s, " ")
	for i, word := range words {
		var parts []string
		for twwidth.Width(word) > width {
			fits := 0
			for j := range word {
				if j > 0 && twwidth.Width(word[:j]) > width {
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
