package page

import (
	"fmt"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// htmlTable is a table whose rows become cards on a narrow page: each cell
// carries the head of its column. The roles are written out, since browsers
// drop them from what is not displayed as a table.
func (d *Document) htmlTable(t *Table) (g.Node, error) {
	var heads, bodies g.Group
	columns := 0
	for i, c := range t.Columns {
		if c.Key {
			continue
		}
		columns++
		head := g.Group{h.Scope("col"), h.Role("columnheader"), columnClass(c), g.Text(c.Head)}
		if c.Bars {
			head = g.Group{h.Scope("col"), h.Role("columnheader"), columnClass(c), scaleNode(t.Scale)}
		}
		if i == t.Titles {
			head = append(head, g.Attr("data-name", "true"))
		}
		heads = append(heads, h.Th(head...))
	}
	for _, group := range t.Groups {
		if len(group.Rows) == 0 {
			continue
		}
		var rows g.Group
		if group.Title != "" {
			rows = append(rows, h.Tr(h.Class("group"), h.Role("row"),
				h.Th(h.Scope("rowgroup"), h.Role("rowheader"), h.ColSpan(fmt.Sprint(columns)), g.Text(group.Title))), newline)
		}
		heads := headed(group.Rows, t.Titles)
		for i, r := range group.Rows {
			if len(r.Cells) != len(t.Columns) {
				return nil, fmt.Errorf("a row of %d cells in a table of %d columns: %q", len(r.Cells), len(t.Columns), r.Cells)
			}
			rows = append(rows, d.htmlRow(t, r, heads[i]), newline)
			if r.Detail != nil {
				detail, err := d.htmlBlock(*r.Detail)
				if err != nil {
					return nil, err
				}
				rows = append(rows, h.Tr(h.Class("detail"), h.Role("row"),
					h.Td(h.Role("cell"), h.ColSpan(fmt.Sprint(columns)), h.Div(h.Class("paper"), newline, detail))), newline)
			}
		}
		bodies = append(bodies, h.TBody(h.Role("rowgroup"), newline, rows), newline)
	}
	return h.Table(h.Role("table"), g.If(t.Sorts, g.Attr("data-sort")), newline, h.THead(h.Role("rowgroup"), h.Tr(h.Role("row"), heads)), newline, bodies), nil
}

func columnClass(c Column) g.Node {
	var classes []string
	switch {
	case c.Right:
		classes = append(classes, "num")
	case !c.Wrap:
		classes = append(classes, "keep")
	}
	if c.Class != "" {
		classes = append(classes, c.Class)
	}
	if len(classes) == 0 {
		return nil
	}
	return h.Class(strings.Join(classes, " "))
}

// headed counts for each row how many rows its name covers: rows with an empty
// name belong to the row above. A row that unfolds covers only itself.
func headed(rows []Row, name int) []int {
	heads := make([]int, len(rows))
	head := -1
	for i, r := range rows {
		if len(r.Cells) <= name || r.Cells[name] != "" || r.Detail != nil {
			head = i
		}
		if head < 0 { // nothing to go on with
			heads[i] = 1
			continue
		}
		heads[head]++
	}
	return heads
}

// htmlRow is a row whose name covers heads rows; 0 where a row above covers it. It
// marks numbers, and texts that must not break over lines, for the style sheet.
func (d *Document) htmlRow(t *Table, r Row, heads int) g.Node {
	var cells g.Group
	for i, c := range r.Cells {
		if i == t.Titles && heads == 0 || t.Columns[i].Key {
			continue
		}
		col := t.Columns[i]
		class := columnClass(col)
		text := d.htmlText(c)
		if link, ok := d.Links[c]; ok {
			text = link.html(c)
		}
		if way := direction(c); col.Class == ChangeClass && way != "" {
			class = h.Class("num " + ChangeClass + " " + way)
		}
		switch {
		case col.Marks:
			text = marks(c)
		case col.Bars:
			text = barNode(r.Bar)
		}
		if i != t.Titles || c == "" {
			cells = append(cells, h.Td(h.Role("cell"), class, g.If(col.Head != "" && c != "", g.Attr("data-head", col.Head)), text))
			continue
		}
		if r.Link != "" {
			text = Link{URL: r.Link}.html(c)
		}
		if r.Detail != nil {
			text = h.Details(g.If(r.Detail.ID != "", h.ID("row-"+r.Detail.ID)), h.Summary(text))
		}
		cells = append(cells, h.Th(h.Scope("row"), h.Role("rowheader"), g.If(heads > 1, h.RowSpan(fmt.Sprint(heads))), class, text))
	}
	classes := []string{"row"}
	if r.Strong {
		classes = append(classes, "strong")
	}
	if r.Broken {
		classes = append(classes, "broken")
	}
	if r.Tone != "" {
		classes = append(classes, "tone-"+string(r.Tone))
	}
	return h.Tr(h.Class(strings.Join(classes, " ")), h.Role("row"), cells)
}

// ChangeClass is the class of a column of changes: signed amounts, which a page
// colours by their sign.
const ChangeClass = "change"

// direction is the class of a change that is not nothing.
func direction(change string) string {
	switch {
	case !strings.ContainsAny(change, "123456789"):
		return ""
	case strings.HasPrefix(change, "+"):
		return "rise"
	case strings.HasPrefix(change, "-"), strings.HasPrefix(change, "−"):
		return "fall"
	}
	return ""
}

// marks puts each word into a frame; an old rate is the one that warns.
func marks(s string) g.Node {
	var all g.Group
	for _, m := range strings.Split(s, ", ") {
		if m == "" {
			continue
		}
		class := "mark"
		if strings.HasPrefix(m, "rate ") {
			class = "mark old"
		}
		all = append(all, h.Span(h.Class(class), g.Text(m)), g.Text(" "))
	}
	return all
}

// Bars are drawn on 200 × 14 units; the numbers are attributes, since a style
// attribute is against the page's policy.
const (
	barLength = 200
	barHeight = 14
)

func barNode(b *Bar) g.Node {
	if b == nil {
		return nil
	}
	var parts g.Group
	at := int64(0)
	for _, p := range b.Parts {
		width := min(p.Share, 1000-at) * barLength / 1000
		if p.Share > 0 && at < 1000 {
			parts = append(parts, g.El("rect", g.Attr("x", fmt.Sprint(at*barLength/1000)), g.Attr("y", "2"),
				g.Attr("width", fmt.Sprint(max(width, 1))), g.Attr("height", "10"), h.Class("fill-"+string(p.Kind))))
		}
		at += min(p.Share, 1000-at)
	}
	if b.AtLeast {
		x := at * barLength / 1000
		parts = append(parts, g.El("path", g.Attr("d", fmt.Sprintf("M%d 7H%d", x+2, min(x+40, barLength))), h.Class("dots")))
	}
	var over g.Node
	if b.Over != "" {
		parts = append(parts, g.El("path", g.Attr("d", fmt.Sprintf("M%d 14L%d 0M%d 14L%d 0", barLength-18, barLength-12, barLength-13, barLength-7)), h.Class("gap")))
		over = h.Span(h.Class("over"), g.Text(b.Over))
	}
	return g.Group{h.SVG(g.Attr("viewBox", fmt.Sprintf("0 0 %d %d", barLength, barHeight)), h.Aria("hidden", "true"), parts), over}
}

func scaleNode(scale string) g.Node {
	return h.Span(h.Class("scale"), h.Span(g.Text("0")), h.Span(g.Text(scale)))
}

// legend explains the colours of a table's bars.
func legend() g.Node {
	var keys g.Group
	for _, k := range Kinds() {
		keys = append(keys, h.Li(
			h.SVG(g.Attr("viewBox", "0 0 10 10"), h.Aria("hidden", "true"),
				g.El("rect", g.Attr("width", "10"), g.Attr("height", "10"), h.Class("fill-"+string(k.Kind)))),
			g.Text(k.Words)))
	}
	return h.Ul(h.Class("keys"), keys)
}

// answers are the figures that a page or a block begins with, and the sentences
// below them.
func (d *Document) answers(list []Answer) g.Node {
	var verdicts, figures, asides g.Group
	for _, a := range list {
		if a.Tone != "" && a.Figure == "" {
			verdicts = append(verdicts, h.P(h.Class("verdict-line tone-"+string(a.Tone)), h.B(h.Class("verdict"), g.Text(a.Label)), g.Text(" "), d.htmlText(named(a.Name, a.Text))), newline)
			continue
		}
		if a.Minor || a.Figure == "" {
			text := named(a.Name, a.Text)
			asides = append(asides, h.P(h.B(g.Text(a.Label)), g.Text(" "), g.If(a.Figure != "", h.B(g.Text(a.Figure+" "))), d.htmlText(text)), newline)
			continue
		}
		class := "figure"
		if a.Tone != "" {
			class += " tone-" + string(a.Tone)
		}
		figures = append(figures, h.Div(h.Class(class),
			h.Dt(g.Text(a.Label)),
			h.Dd(h.Class("fig"), g.Text(a.Figure), g.If(a.Unit != "", g.Group{g.Text(" "), h.Small(g.Text(a.Unit))})),
			g.If(a.Name != "", h.Dd(h.Class("who"), g.Text(a.Name))),
			g.If(a.Text != "", h.Dd(h.Class("soft"), d.htmlText(a.Text)))), newline)
	}
	return g.Group{
		verdicts,
		g.If(len(figures) > 0, g.Group{h.Dl(h.Class("answer"), newline, figures), newline}),
		g.If(len(asides) > 0, g.Group{h.Div(h.Class("aside"), newline, asides), newline}),
	}
}
