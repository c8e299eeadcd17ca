package cmd

import (
	"net/url"
	"strings"

	"github.com/spf13/pflag"
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/workload"
)

// calculator is the page of keynest serve.
type calculator struct {
	fields, more []field
	moreOpen     bool
	problem      string // what is wrong with the inputs
	// Of inputs that could be priced; empty and nil otherwise.
	query   string // the inputs, encoded
	command string
	report  g.Node
}

func (c *calculator) node() g.Node {
	const title = "What a Redis or Valkey workload costs"
	body := g.Group{h.Header(h.H1(g.Text(title))), h.Main(c.form(), c.results()), footer()}
	return page.Page(title, g.Group{
		h.Link(h.Rel("stylesheet"), h.Href("/page.css")),
		h.Link(h.Rel("icon"), h.Href("/icon.svg"), h.Type("image/svg+xml")),
	}, body)
}

func (c *calculator) form() g.Node {
	return g.Group{
		g.If(c.problem != "", h.P(h.Class("problem"), h.Role("alert"), g.Text(c.problem))),
		h.Form(h.Action("/"), h.Method("get"), h.Aria("label", "the workload"),
			g.Map(c.fields, field.node),
			h.Details(g.If(c.moreOpen, g.Attr("open")),
				h.Summary(g.Text("More inputs")),
				h.Div(g.Map(c.more, field.node))),
			h.Div(h.Class("wide"), h.Button(h.Type("submit"), g.Text("Price it")))),
	}
}

func (c *calculator) results() g.Node {
	if c.report == nil {
		return h.P(
			g.Text("Two inputs are enough: how many commands, and how much data. Every other one has a default that is shown with the result. "),
			h.A(h.Href("/?gib=8&ops-per-sec=5000"), g.Text("An example: 5,000 commands a second on 8 GiB.")))
	}
	link := func(path, text string) g.Node {
		return h.Li(h.A(h.Href(path+"?"+c.query), g.Text(text)))
	}
	return g.Group{
		h.Nav(h.Aria("label", "this estimate"), h.Ul(
			link("/", "Permanent link"),
			link("/estimate.json", "JSON"),
			link("/estimate.csv", "CSV"),
			link("/estimate.md", "Markdown"),
			link("/estimate.html", "HTML, one file"))),
		h.P(g.Text("As a command: "), h.Code(g.Text(c.command))),
		c.report,
	}
}

func footer() g.Node {
	return h.Footer(h.P(g.Text("Rates as dated in each bill. Nothing leaves this machine: the page is served by the keynest program and loads nothing from elsewhere.")))
}

// field is one input of the form.
type field struct {
	name, label, help, value, placeholder string
	number                                bool
	options                               []string
}

func (f field) node() g.Node {
	var help, input g.Node
	if f.help != "" {
		help = g.Group{g.Text(" "), h.Span(g.Text(f.help))}
	}
	if len(f.options) > 0 {
		input = h.Select(h.ID(f.name), h.Name(f.name), g.Map(f.options, f.option))
	} else {
		input = h.Input(h.ID(f.name), h.Name(f.name), h.Value(f.value), h.AutoComplete("off"),
			g.If(f.number, g.Attr("inputmode", "decimal")),
			g.If(f.placeholder != "", h.Placeholder(f.placeholder)))
	}
	return h.Div(h.Label(h.For(f.name), g.Text(f.label), help), input)
}

func (f field) option(value string) g.Node {
	text := value
	if text == "" {
		text = f.placeholder
	}
	if text == "" {
		text = "–"
	}
	return h.Option(g.If(value == f.value, h.Selected()), h.Value(value), g.Text(text))
}

// mainFields come first in the form, in other words than the flag's; the
// others fold away.
var mainFields = []struct{ name, label, help, placeholder string }{
	{"ops-per-sec", "Commands a second", "mean of the month", "for example 5000"},
	{"gib", "Data, GiB", "one copy, without overhead", "for example 8"},
	{"peak-ops-per-sec", "Commands a second at the peak", "capacity is sized for it", "the mean"},
	{"payload-bytes", "Bytes a command", "request and response", "1000"},
	{"read-share", "Share of reads", "0 to 1", "0.8"},
	{"replicas", "Replicas", "a shard", "1"},
	{"region", "Region", "a place, or a vendor's own", "us-east"},
	{"term", "Commitment", "", "on-demand"},
}

var fieldOptions = map[string][]string{
	"preset": {"", "cache", "session", "rate-limit", "queue"},
	"term":   {"on-demand", "1y", "3y"}, "upfront": {"", "partial", "all"}, "currency": {"", "EUR"}, "all": {"", "true"}, "sensitivity": {"", "true"},
}

// fields are the flags of keynest estimate as inputs of a form.
func (s *server) fields(query url.Values) (first, more []field, open bool) {
	flags := (&estimateOptions{}).command(nil).Flags()
	build := func(f *pflag.Flag) field {
		_, help := pflag.UnquoteUsage(f)
		return field{
			name: f.Name, label: strings.ReplaceAll(f.Name, "-", " "), help: strings.ReplaceAll(help, "; repeatable", "; commas between several"),
			value: strings.Join(query[f.Name], ", "), options: fieldOptions[f.Name], number: workload.IsInput(f.Name),
		}
	}
	seen := map[string]bool{}
	for _, m := range mainFields {
		v := build(flags.Lookup(m.name))
		v.label, v.help, v.placeholder = m.label, m.help, m.placeholder
		first = append(first, v)
		seen[m.name] = true
	}
	flags.VisitAll(func(f *pflag.Flag) {
		if seen[f.Name] || !onPage(f.Name) {
			return
		}
		v := build(f)
		open = open || v.value != "" && f.Name != "as-of"
		more = append(more, v)
	})
	return first, more, open
}
