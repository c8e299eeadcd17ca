package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed page.gohtml
var pageTemplate string

// CSS is the style sheet of every page.
//
//go:embed page.css
var CSS string

// WriteHTML writes the document as one file that needs no other: no script, no
// font, nothing from a network.
func WriteHTML(w io.Writer, d *Document) error {
	t, err := template.New("").Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("html: %w", err)
	}
	body, err := HTML(d)
	if err != nil {
		return err
	}
	err = t.ExecuteTemplate(w, "page", map[string]any{
		"Title": d.Title, "CSS": template.CSS(CSS), "Body": body, //nolint:gosec // our own style sheet
	})
	if err != nil {
		return fmt.Errorf("html: %w", err)
	}
	return nil
}

// HTML is the document's blocks, for a page that has its own head.
func HTML(d *Document) (template.HTML, error) {
	t, err := template.New("").Parse(pageTemplate)
	if err != nil {
		return "", fmt.Errorf("html: %w", err)
	}
	var blocks []htmlBlock
	for _, b := range d.Blocks {
		h, err := d.htmlBlock(b)
		if err != nil {
			return "", err
		}
		blocks = append(blocks, h)
	}
	var b strings.Builder
	if err := t.ExecuteTemplate(&b, "blocks", blocks); err != nil {
		return "", fmt.Errorf("html: %w", err)
	}
	return template.HTML(b.String()), nil
}

type htmlBlock struct {
	ID, Heading string
	Fold        bool
	Text, Notes []template.HTML
	Table       *htmlTable
	Figure      *htmlFigure
}

type htmlTable struct {
	Label   string
	Columns []Column
	Groups  []htmlGroup
}

type htmlGroup struct {
	Title string
	Rows  []htmlRow
}

type htmlRow struct {
	Class string
	Cells []htmlCell
}

type htmlCell struct {
	First bool
	Rows  int    // how many rows a first cell heads
	Class string // "num" for numbers, "keep" for what must not break
	Text  template.HTML
}

type htmlFigure struct {
	SVG     template.HTML
	Caption string
	Keys    []htmlKey
}

type htmlKey struct{ Class, Dash, Name string }

func (d *Document) htmlBlock(b Block) (htmlBlock, error) {
	h := htmlBlock{ID: b.ID, Heading: b.Heading, Fold: b.Fold}
	for _, p := range b.Text {
		h.Text = append(h.Text, d.htmlText(p))
	}
	for _, n := range b.Notes {
		h.Notes = append(h.Notes, d.htmlText(n))
	}
	if b.Table != nil {
		t, err := d.htmlTable(b.Table, b.Heading)
		if err != nil {
			return h, err
		}
		h.Table = t
	}
	if b.Chart != nil {
		svg, err := svgChart(b.Chart)
		if err != nil {
			return h, err
		}
		h.Figure = &htmlFigure{SVG: template.HTML(svg), Caption: b.Chart.Title + "; USD, log axis."}
		for i, l := range b.Chart.Lines {
			h.Figure.Keys = append(h.Figure.Keys, htmlKey{fmt.Sprintf("line%d", i), dashText(dashes[i]), l.Name})
		}
		if b.Chart.Here != nil {
			h.Figure.Keys = append(h.Figure.Keys, htmlKey{"here", "", "the workload, " + axisText(*b.Chart.Here) + " " + b.Chart.XLabel})
		}
		if len(b.Chart.Marks) > 0 {
			h.Figure.Keys = append(h.Figure.Keys, htmlKey{"mark", dashText(markDash), "the cheapest changes"})
		}
	}
	return h, nil
}

func dashText(dash []float64) string {
	return strings.Trim(fmt.Sprint(dash), "[]")
}

func (d *Document) htmlTable(t *Table, heading string) (*htmlTable, error) {
	h := &htmlTable{Label: heading, Columns: t.Columns}
	if heading == "" {
		h.Label = d.Title
	}
	for _, g := range t.Groups {
		if len(g.Rows) == 0 {
			continue
		}
		group := htmlGroup{Title: g.Title}
		var head *htmlCell
		for _, r := range g.Rows {
			if len(r.Cells) != len(t.Columns) {
				return nil, fmt.Errorf("a row of %d cells in a table of %d columns: %q", len(r.Cells), len(t.Columns), r.Cells)
			}
			row := htmlRow{}
			if r.Strong {
				row.Class = "strong"
			}
			if r.Broken {
				row.Class += " broken"
			}
			for i, c := range r.Cells {
				if i == 0 && c == "" && head != nil {
					head.Rows++ // more of what stands above
					continue
				}
				cell := htmlCell{First: i == 0 && c != "", Rows: 1, Text: d.htmlText(c)}
				switch {
				case t.Columns[i].Right:
					cell.Class = "num"
				case !t.Columns[i].Wrap:
					cell.Class = "keep"
				}
				if link, ok := d.Links[c]; ok {
					cell.Text = link.html(c)
				}
				if i == 0 && r.Link != "" {
					cell.Text = Link{URL: r.Link}.html(c)
				}
				row.Cells = append(row.Cells, cell)
			}
			if row.Cells[0].First {
				head = &row.Cells[0]
			}
			group.Rows = append(group.Rows, row)
		}
		h.Groups = append(h.Groups, group)
	}
	return h, nil
}

// html is the link around a text, and the day on which its page was read.
func (l Link) html(text string) template.HTML {
	out := `<a href="` + template.HTMLEscapeString(l.URL) + `"`
	if l.Title != "" {
		out += ` title="` + template.HTMLEscapeString(l.Title) + `"`
	}
	if strings.HasPrefix(l.URL, "https://") {
		out += ` rel="noreferrer"`
	}
	out += ">" + template.HTMLEscapeString(text) + "</a>"
	if l.Read != "" {
		out += ` <span class="read">read ` + template.HTMLEscapeString(l.Read) + "</span>"
	}
	return template.HTML(out)
}

// htmlText escapes a text; web addresses and cited sources in it become links.
func (d *Document) htmlText(s string) template.HTML {
	words := strings.Split(s, " ")
	for i, word := range words {
		bare := strings.TrimRight(word, ".,;:)")
		tail := template.HTMLEscapeString(word[len(bare):])
		id := strings.TrimSuffix(strings.TrimPrefix(bare, "["), "]")
		link, cited := d.Links[id]
		switch {
		case strings.HasPrefix(bare, "https://"):
			words[i] = string(Link{URL: bare}.html(bare)) + tail
		case cited && bare == "["+id+"]":
			words[i] = "[" + string(link.html(id)) + "]" + tail
		default:
			words[i] = template.HTMLEscapeString(word)
		}
	}
	return template.HTML(strings.Join(words, " "))
}
