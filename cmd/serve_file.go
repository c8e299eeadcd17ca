package cmd

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/keynest/keynest/pkg/gate"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/workload"
)

// servedFile is a file of workloads that the page offers by name. It is named
// on the command line or found in the repository, never by a request.
type servedFile struct {
	path string // "" for none
}

// named is a workload of the file, as the query of the page that prices it.
type named struct{ name, query string }

// workloads reads the file and makes a query of each of its workloads, with what
// [pricing] says. What a query cannot say, such as counts by command, is left
// out, as it is from the form.
func (f servedFile) workloads(e *env) ([]named, error) {
	if f.path == "" {
		return nil, nil
	}
	text, err := e.readFile(f.path)
	if err != nil {
		return nil, err
	}
	file, p, err := gate.ReadWorkloads(f.path, text)
	if err != nil {
		return nil, usageErr(err)
	}
	var list []named
	for _, name := range file.Names() {
		query := entryQuery(file.Workload[name])
		for key, values := range pricingQuery(p) {
			query[key] = values
		}
		list = append(list, named{name, query.Encode()})
	}
	return list, nil
}

// entryQuery is a workload as the flags of keynest estimate.
func entryQuery(w *workload.Entry) url.Values {
	query := url.Values{}
	set := func(key, value string) {
		if value != "" {
			query.Add(key, value)
		}
	}
	for _, key := range workload.Keys() {
		set(strings.TrimPrefix(workload.Flag(key), "--"), string(w.Get(key)))
	}
	set("preset", w.Preset)
	for _, app := range w.App.Values {
		set("app", app)
	}
	for key, value := range w.AppInputs {
		set(strings.ReplaceAll(key, "_", "-"), string(value))
	}
	for key, value := range w.AppSettings {
		set("app-set", key+"="+string(value))
	}
	for key, on := range map[string]bool{"count-scripts": w.CountScripts, "plus": w.Plus} {
		if on {
			set(key, "true")
		}
	}
	return query
}

// pricingQuery is [pricing] as the flags of keynest estimate, but for its card
// files, which the server has read.
func pricingQuery(p *gate.Pricing) url.Values {
	query := url.Values{}
	for key, value := range map[string]string{"region": p.Region, "term": p.Term, "upfront": p.Upfront, "as-of": p.AsOf} {
		if value != "" {
			query.Set(key, value)
		}
	}
	for key, values := range map[string][]string{"offer": p.Offers, "provider": p.Providers, "engine": p.Engines, "fx": p.FX, "include": p.Include} {
		if len(values) > 0 {
			query[key] = values
		}
	}
	if p.MaxShards > 0 {
		query.Set("max-shards", strconv.FormatInt(p.MaxShards, 10))
	}
	return query
}

// rates are the card files that the file of workloads names, beside it.
func (f servedFile) rates(e *env) ([]string, error) {
	if f.path == "" {
		return nil, nil
	}
	text, err := e.readFile(f.path)
	if err != nil {
		return nil, err
	}
	_, p, err := gate.ReadWorkloads(f.path, text)
	if err != nil {
		return nil, usageErr(err)
	}
	return beside(f.path, p.Rates), nil
}

// nav are links to the workloads of the file, and to all of them together; nil
// without a file. A file that cannot be read any more is said, and no failure.
func (s *server) nav() g.Node {
	list, err := s.file.workloads(s.env)
	if err != nil {
		return h.P(h.Class("problem"), h.Role("alert"), g.Text(err.Error()))
	}
	if len(list) == 0 {
		return nil
	}
	links := g.Group{h.Li(g.Text("From " + filepath.Base(s.file.path) + ":"))}
	for _, w := range list {
		links = append(links, h.Li(h.A(h.Href("/?"+w.query), g.Text(w.name))))
	}
	if len(list) > 1 {
		links = append(links, h.Li(h.A(h.Href("/workloads"), g.Text("all together"))))
	}
	return h.Nav(h.Aria("label", "workloads of "+filepath.Base(s.file.path)), h.Ul(links))
}

// all prices every workload of the file on one page, with the total of each offer.
func (s *server) all(w http.ResponseWriter, r *http.Request) {
	if s.file.path == "" {
		http.NotFound(w, r)
		return
	}
	end, ok := s.begin(w)
	if !ok {
		return
	}
	defer end()
	title := "What the workloads of " + filepath.Base(s.file.path) + " cost"
	ask, err := s.ask(r.Context(), url.Values{})
	var result g.Node
	if err == nil {
		ask.opts.file = s.file.path
		result, err = ask.report()
	}
	status := http.StatusOK
	if err != nil {
		status, result = statusOf(err), h.P(h.Class("problem"), h.Role("alert"), g.Text(err.Error()))
	} else {
		result = g.Group{h.P(g.Text("As a command: "), h.Code(g.Text("keynest estimate --workload "+quoted(s.file.path)))), result}
	}
	s.page(w, status, page.Page(title, pageHead(), g.Group{
		page.Top("Calculator", g.Text("Nothing you type leaves this machine")),
		h.Main(h.H1(g.Text(title)), s.nav(), h.P(h.A(h.Href("/"), g.Text("Back to the form"))), result), footer(),
	}))
}
