package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// CSS is the style sheet of every page.
//
//go:embed page.css
var CSS string

// JS sorts the columns of tables; a page is whole without it.
//
//go:embed page.js
var JS string

// policy is the Content-Security-Policy of a page that is a single file: it may use
// its own style sheet and script, named by their hashes, and nothing else.
func policy(script bool) string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	scripts := ""
	if script {
		scripts = "script-src " + hash(JS) + "; "
	}
	return "default-src 'none'; style-src " + hash(CSS) + "; " + scripts + "base-uri 'none'; form-action 'none'"
}

// Pages are built from elements in Go, not from templates: constructors escape
// texts and attributes, and a misspelt part does not compile. With html/template
// the linker would keep every method of the program, 13 MB more.

// newline keeps the source of a page readable.
var newline = g.Text("\n") //nolint:gochecknoglobals // written down once, never changed

// WriteHTML writes the document as one file that needs no other: no font, nothing
// from a network. A script is in it only where it has a table that sorts.
func WriteHTML(w io.Writer, d *Document) error {
	d = d.safe()
	body, err := HTML(d)
	if err != nil {
		return err
	}
	sorts := slices.ContainsFunc(d.Blocks, func(b Block) bool { return b.Table != nil && b.Table.Sorts })
	page := Page(d.Title,
		g.Group{h.Meta(g.Attr("http-equiv", "Content-Security-Policy"), h.Content(policy(sorts))), newline,
			h.Meta(h.Name("referrer"), h.Content("no-referrer")), newline, h.StyleEl(g.Raw(CSS)), newline},
		g.Group{Top(d.Title, g.Text(d.Aside)), newline, h.Main(newline, h.H1(g.Text(d.Title)), newline, body), newline,
			g.If(sorts, g.Group{h.Script(g.Raw(JS)), newline})})
	if err := page.Render(w); err != nil {
		return fmt.Errorf("html: %w", err)
	}
	return nil
}

// Page is a whole page: what every one has in its head, and what this one adds.
func Page(title string, head, body g.Node) g.Node {
	return h.Doctype(h.HTML(h.Lang("en"), newline,
		h.Head(newline,
			h.Meta(h.Charset("utf-8")), newline,
			h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")), newline,
			h.TitleEl(g.Text(title+" · KeyNest")), newline,
			head), newline,
		h.Body(newline, body), newline))
}

// Top is the line above a page: the product's name, and a remark beside it.
func Top(title string, aside ...g.Node) g.Node {
	return h.Header(h.Class("top"), h.P(h.B(g.Text("KeyNest")), g.Text(" "), g.Text(title)), h.P(aside...))
}

// HTML is the document's answers and blocks, for a page that has its own head.
func HTML(d *Document) (g.Node, error) {
	d = d.safe()
	blocks := g.Group{d.answers(d.Answers)}
	for _, b := range d.Blocks {
		block, err := d.htmlBlock(b)
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, block, newline)
	}
	return blocks, nil
}

func (d *Document) htmlBlock(b Block) (g.Node, error) {
	var inside g.Group
	add := func(n g.Node) { inside = append(inside, n, newline) }
	if len(b.Answers) > 0 {
		add(d.answers(b.Answers))
	}
	for _, p := range b.Text {
		add(h.P(d.htmlText(p)))
	}
	if b.Table != nil {
		label := b.Heading
		if label == "" {
			label = d.Title
		}
		table, err := d.htmlTable(b.Table)
		if err != nil {
			return nil, err
		}
		if b.Table.Scale != "" {
			add(legend())
		}
		add(scroll(label, newline, table, newline))
	}
	if b.Chart != nil {
		figure, err := htmlFigure(b.Chart)
		if err != nil {
			return nil, err
		}
		add(figure)
	}
	if len(b.Notes) > 0 {
		add(h.Ul(g.Map(b.Notes, func(n string) g.Node { return g.Group{h.Li(d.htmlText(n)), newline} })))
	}
	var id g.Node
	if b.ID != "" {
		id = h.ID(b.ID)
	}
	if b.Fold {
		return h.Details(newline,
			h.Summary(h.H2(g.Text(b.Heading))), newline,
			h.Div(id, newline, inside), newline), nil
	}
	return h.Section(id, newline,
		g.If(b.Heading != "", g.Group{h.H2(g.Text(b.Heading)), newline}),
		inside), nil
}

// scroll is a box that scrolls sideways where its content is wider than the page.
func scroll(label string, inside ...g.Node) g.Node {
	return h.Div(h.Class("scroll"), h.Role("region"), h.Aria("label", label), h.TabIndex("0"), g.Group(inside))
}

func htmlFigure(c *Chart) (g.Node, error) {
	svg, err := svgChart(c)
	if err != nil {
		return nil, err
	}
	var keys g.Group
	key := func(class string, dash []float64, name string) {
		var dashes g.Node
		if len(dash) > 0 {
			dashes = g.Attr("stroke-dasharray", strings.Trim(fmt.Sprint(dash), "[]"))
		}
		keys = append(keys, h.Li(
			h.SVG(g.Attr("viewBox", "0 0 80 20"), h.Aria("hidden", "true"),
				g.El("path", g.Attr("d", "M0 10H80"), h.Class(class), dashes)),
			g.Text(name)))
	}
	for i, l := range c.Lines {
		key(fmt.Sprintf("line%d", i), dashes[i], l.Name)
	}
	if c.Here != nil {
		key("here", nil, "the workload, "+AxisText(*c.Here)+" "+c.XLabel)
	}
	if len(c.Marks) > 0 {
		key("mark-line", markDash, "the cheapest changes")
	}
	return h.Figure(newline,
		h.P(h.Class("ylabel"), g.Text(c.yLabel())), newline,
		scroll("chart", g.Raw(svg)), newline,
		h.FigCaption(g.Text(c.Title+"; USD, log axis.")), newline,
		h.Ul(h.Class("keys"), keys), newline), nil
}

// html is the link around a text, and the day on which its page was read. An
// address that is neither https nor within this page stays text, since escaping
// would not make it safe.
func (l Link) html(text string) g.Node {
	web := strings.HasPrefix(l.URL, "https://")
	label := g.Text(text)
	if web || strings.HasPrefix(l.URL, "#") {
		label = h.A(h.Href(l.URL), g.If(l.Title != "", h.Title(l.Title)), g.If(web, h.Rel("noreferrer")), label)
	}
	if l.Read == "" {
		return label
	}
	return g.Group{label, g.Text(" "), h.Span(h.Class("read"), g.Text("read "+l.Read))}
}

// htmlText is a text in which web addresses and cited sources are links.
func (d *Document) htmlText(s string) g.Node {
	var parts g.Group
	for i, word := range strings.Split(s, " ") {
		if i > 0 {
			parts = append(parts, g.Text(" "))
		}
		bare := strings.TrimRight(word, ".,;:)")
		id := strings.TrimSuffix(strings.TrimPrefix(bare, "["), "]")
		link, cited := d.Links[id]
		switch {
		case strings.HasPrefix(bare, "https://"):
			parts = append(parts, Link{URL: bare}.html(bare), g.Text(word[len(bare):]))
		case cited && bare == "["+id+"]":
			parts = append(parts, g.Text("["), link.html(id), g.Text("]"+word[len(bare):]))
		default:
			parts = append(parts, g.Text(word))
		}
	}
	return parts
}
