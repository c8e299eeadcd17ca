package cmd

import (
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/workload"
)

// calculator is the page of keynest serve.
type calculator struct {
	nav          g.Node // links to the workloads of a file
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
	body := g.Group{
		page.Top("Calculator", g.Text("Nothing you type leaves this machine")),
		h.Main(h.H1(g.Text(title)), c.nav, h.Div(h.Class("calculator"), c.form(), h.Div(h.ID("result"), c.results()))),
		footer(),
	}
	return page.Page(title, pageHead(), body)
}

// pageHead is what a page that is served loads, all from this program.
func pageHead() g.Node {
	return g.Group{
		h.Link(h.Rel("stylesheet"), h.Href("/page.css")),
		h.Script(h.Src("/page.js"), h.Defer()),
		h.Link(h.Rel("icon"), h.Href("/icon.svg"), h.Type("image/svg+xml")),
	}
}

func (c *calculator) form() g.Node {
	groups := []struct {
		legend string
		names  []string
	}{
		{"Load", []string{"ops-per-sec", "peak-ops-per-sec", "read-share", "payload-bytes"}},
		{"Data", []string{"gib", "replicas"}},
		{"Place and term", []string{"region", "term"}},
	}
	var sets g.Group
	for _, group := range groups {
		var inside g.Group
		for _, f := range c.fields {
			if slices.Contains(group.names, f.name) {
				inside = append(inside, f.node())
			}
		}
		sets = append(sets, h.FieldSet(h.Legend(g.Text(group.legend)), inside))
	}
	// The action leads to the result, so that it is in view on a phone too.
	return h.Form(h.Action("/#result"), h.Method("get"), h.Aria("label", "the workload"),
		g.If(c.problem != "", h.P(h.Class("problem"), h.Role("alert"), g.Text(c.problem))),
		sets,
		h.Details(g.If(c.moreOpen, g.Attr("open")),
			h.Summary(g.Text("More inputs")),
			h.FieldSet(h.Legend(g.Text("Other units, and what to compare")), g.Map(c.more, field.node))),
		h.Button(h.Type("submit"), g.Text("Price it")), g.Text(" "), h.A(h.Href("/"), g.Text("Start again")))
}

func (c *calculator) results() g.Node {
	if c.report == nil {
		return h.P(
			g.Text("Two inputs are enough: commands and data. All others have defaults, which the result shows. "),
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
	return h.Footer(h.P(g.Text("Each bill shows the dates of its rates. Nothing leaves this machine: the keynest program serves this page, which loads nothing from elsewhere.")))
}

// field is one input of the form.
type field struct {
	name, label, help, value, placeholder string
	number, check, half                   bool
	options                               []string // a closed set: a list to choose from
	known                                 []string // what is suggested; anything may be typed
	problem                               string   // what is wrong with the value
	first                                 bool     // of the fields with a problem
}

func (f field) node() g.Node {
	var help, wrong g.Node
	if f.help != "" {
		help = g.Group{g.Text(" "), h.Span(g.Text(f.help))}
	}
	var state g.Group
	if f.problem != "" {
		state = g.Group{h.Aria("invalid", "true"), h.Aria("describedby", f.name+"-problem"), g.If(f.first, h.AutoFocus())}
		wrong = h.P(h.Class("wrong"), h.ID(f.name+"-problem"), g.Text(f.problem))
	}
	class := g.If(f.half, h.Class("half"))
	switch {
	case f.check:
		box := h.Input(h.ID(f.name), h.Name(f.name), h.Type("checkbox"), h.Value("true"), g.If(f.value == "true", h.Checked()), state)
		return h.Div(class, h.Label(h.For(f.name), box, g.Text(f.label), help), wrong)
	case len(f.options) > 0:
		return h.Div(class, h.Label(h.For(f.name), g.Text(f.label), help),
			h.Select(h.ID(f.name), h.Name(f.name), g.Map(f.options, f.option), state), wrong)
	}
	var list g.Node
	if len(f.known) > 0 {
		list = h.DataList(h.ID(f.name+"-known"), g.Map(f.known, func(v string) g.Node { return h.Option(h.Value(v)) }))
	}
	return h.Div(class, h.Label(h.For(f.name), g.Text(f.label), help),
		h.Input(h.ID(f.name), h.Name(f.name), h.Value(f.value), h.AutoComplete("off"), state,
			g.If(f.number, g.Attr("inputmode", "decimal")),
			g.If(len(f.known) > 0, g.Attr("list", f.name+"-known")),
			g.If(f.placeholder != "", h.Placeholder(f.placeholder))), list, wrong)
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

// mainFields come first in the form; the others fold away. Their words are a
// person's, not the command line's.
var mainFields = []struct {
	name, label, help, placeholder string
	half                           bool
}{
	{"ops-per-sec", "Commands a second", "the mean", "for example 5000", false},
	{"app", "or an application", "counts its commands; give its workers, jobs or page views below", "none", false},
	{"peak-ops-per-sec", "At the peak", "", "the mean", true},
	{"read-share", "Share of reads", "0 to 1", "0.8", true},
	{"payload-bytes", "Bytes a command", "both ways", "1000", false},
	{"gib", "Data, GiB", "one copy", "for example 8", true},
	{"replicas", "Replicas", "a shard", "1", true},
	{"region", "Region", "a place, or a vendor's own", "us-east", false},
	{"term", "Commitment", "", "on-demand", false},
}

// moreLabels are the words of the other inputs; an input without a row here has
// its flag's.
var moreLabels = map[string]struct{ label, help string }{
	"gb":                    {"Data, GB", "in place of GiB"},
	"read-regions":          {"Further read regions", ""},
	"databases":             {"Databases", "equal ones that share the load"},
	"commands-per-month":    {"Commands a month", "in place of a second"},
	"reads-per-month":       {"Reads a month", "with writes a month"},
	"writes-per-month":      {"Writes a month", "with reads a month"},
	"transfer-gb-per-month": {"GB moved a month", "commands × bytes unless given"},
	"written-gb-per-month":  {"GB written a month", "writes × bytes unless given"},
	"hours-per-month":       {"Hours a month", "730 unless given"},
	"operator-hours":        {"Your hours a month", "for servers that you run yourself"},
	"engine-version":        {"Engine version", "such as 5.0.6: old ones cost more with some vendors"},
	"durability":            {"Durability", "of writes, which some vendors charge for"},
	"min-data-gb":           {"Minimum GB set", "of a serverless cache, in the vendor's GB"},
	"min-ecpu-per-sec":      {"Minimum ECPU a second set", "of a serverless cache"},
	"zones":                 {"Zones", "that clients and servers are spread over; counts the traffic between them"},
	"same-zone-reads":       {"Reads in the client's zone", "yes or no"},
	"snapshots":             {"Snapshots kept", "of all data"},
	"backup-gb":             {"GB of backups", "in place of snapshots, beyond what is free"},
	"tax":                   {"Tax", "such as 10%"},
	"client":                {"Clients", "plain ones do not speak the cluster protocol"},
	"keys":                  {"Keys stored", "in place of a data size"},
	"key-bytes":             {"Bytes of a key", "mean, with the number of keys"},
	"value-bytes":           {"Bytes of a value", "mean, with the number of keys"},
	"max-value-bytes":       {"Largest value, bytes", "plans with a lower limit on a record do not fit"},
	"connections":           {"Connections", "of clients at the same time; plans with a lower limit do not fit"},
	"persistence":           {"Persistence", "an append-only file, which some vendors charge for"},
	"replication-traffic":   {"Replication across zones", "where a vendor's texts disagree on whether it is charged"},
	"preset":                {"Start from a typical use", ""},
	"offer":                 {"Only these offers", "ids or patterns, commas between several"},
	"provider":              {"Only these vendors", "commas between several"},
	"engine":                {"Only this engine", "valkey or redis"},
	"include":               {"Rank these too", "self-hosted, flash, preview, unknown-throughput"},
	"plan":                  {"Plan in use", "priced instead of choosing one"},
	"shards":                {"Shards", "instead of choosing"},
	"max-shards":            {"Shards, at most", ""},
	"size":                  {"Memory bought", "of a plan sold by size, such as 8GiB"},
	"reserved":              {"Reserved nodes you own", "such as 4xcache.r6g.large@1y, commas between several"},
	"commitment":            {"Kind of commitment", "reserved, or AWS Database Savings Plans"},
	"upfront":               {"Paid at the start of the term", ""},
	"as-of":                 {"Rates of the day", "YYYY-MM-DD, today unless given"},
	"fx":                    {"Exchange rate", "such as EUR=1.16@2026-11-20"},
	"currency":              {"Currency", ""},
	"all":                   {"Also list offers that do not fit", ""},
	"sensitivity":           {"Show what each input changes", ""},
	"count-scripts":         {"Count commands inside scripts", "of an application"},
	"plus":                  {"Add the application to the commands", ""},
}

// fieldOptions are the options of a field that is a list; nil for any other. ""
// leaves the input out.
func fieldOptions(flag string) []string {
	switch flag {
	case "preset":
		return []string{"", "cache", "session", "rate-limit", "queue"}
	case "term":
		return choices(flag)
	case "include", "engine":
		return nil // several may be given
	}
	if values := choices(flag); values != nil {
		return append([]string{""}, values...)
	}
	return nil
}

// fields are the flags of keynest estimate as inputs of a form.
func (s *server) fields(query url.Values) (first, more []field, open bool) {
	flags := (&estimateOptions{}).command(nil).Flags()
	known := map[string][]string{"offer": offerIDs(s.set), "provider": providerIDs(s.set), "region": append(s.set.Places(), s.set.VendorRegions()...)}
	build := func(f *pflag.Flag) field {
		_, help := pflag.UnquoteUsage(f)
		v := field{
			name: f.Name, label: strings.ReplaceAll(f.Name, "-", " "), help: help,
			value: strings.Join(query[f.Name], ", "), options: fieldOptions(f.Name), number: workload.IsInput(f.Name) || isAppInput(f.Name),
			check: f.Value.Type() == "bool", known: known[f.Name],
		}
		if words, ok := moreLabels[f.Name]; ok {
			v.label, v.help = words.label, words.help
		}
		return v
	}
	seen := map[string]bool{}
	for _, m := range mainFields {
		v := build(flags.Lookup(m.name))
		v.label, v.help, v.placeholder, v.half = m.label, m.help, m.placeholder, m.half
		if m.name == "app" {
			v.options = append([]string{""}, s.apps...)
			if !slices.Contains(v.options, v.value) {
				v.options = append(v.options, v.value) // several, by a link
			}
		}
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

// blame marks the fields that an error names by their flags, in the fields' own
// words, and returns the error in those words. The first one gets the focus.
func (c *calculator) blame(message string) string {
	var lines []string
	first := true
	for _, line := range strings.Split(message, "\n") {
		words := line
		var named []*field
		for _, list := range [][]field{c.fields, c.more} {
			for i := range list {
				f := &list[i]
				if at := strings.Index(line, "--"+f.name); at >= 0 && !continues(line[at+2+len(f.name):]) {
					named = append(named, f)
				}
			}
		}
		for _, f := range named {
			words = strings.ReplaceAll(words, "--"+f.name, f.label)
		}
		for _, f := range named {
			if f.problem == "" {
				f.problem, f.first = words, first
				first = false
			}
		}
		lines = append(lines, words)
	}
	return strings.Join(lines, "\n")
}

// continues says whether a flag's name goes on: --gib is not in --gib-hours.
func continues(rest string) bool {
	return rest != "" && (rest[0] == '-' || rest[0] >= 'a' && rest[0] <= 'z')
}
