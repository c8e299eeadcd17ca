package apps

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/tomlfile"
	"github.com/keynest/keynest/pkg/unit"
)

//go:embed applications.toml
var embedded string

// schema is the version of the file format that this package reads.
const schema = 1

// Embedded reads the applications that come with the program.
func Embedded() (*Book, error) { return Parse("applications.toml", embedded) }

// Parse reads and checks a file of applications; name is what its errors call
// it. Every problem found is in the error, one a line.
func Parse(name, text string) (*Book, error) {
	b, err := read(name, text)
	if err != nil {
		return nil, err
	}
	return b, b.check(name, text)
}

// Overlay lays a file of the caller's over the book: an application of the same
// id is replaced whole, the others stay. The file may name sources of its own.
func (b *Book) Overlay(name, text string) (*Book, error) {
	over, err := read(name, text)
	if err != nil {
		return nil, err
	}
	if len(over.Apps) == 0 && len(over.Reports) == 0 {
		return nil, fmt.Errorf("%s: it has no application; add [app.NAME]", name)
	}
	sum := &Book{Apps: map[string]*App{}, Sources: map[string]Source{}}
	for id, a := range b.Apps {
		sum.Apps[id] = a
	}
	for id, a := range over.Apps {
		sum.Apps[id] = a
	}
	for id, s := range b.Sources {
		sum.Sources[id] = s
	}
	for id, s := range over.Sources {
		if was, taken := b.Sources[id]; taken && was != s {
			return nil, fmt.Errorf("%s: the embedded applications have another source %s; rename this one", name, id)
		}
		sum.Sources[id] = s
	}
	sum.Reports = append(slices.Clone(b.Reports), over.Reports...)
	c := checker{name: name, lines: tomlfile.IndexLines(text), book: sum, used: map[string]bool{}}
	for _, id := range slices.Sorted(maps.Keys(over.Apps)) {
		c.app(over.Apps[id])
	}
	for _, r := range over.Reports {
		c.report(r)
	}
	for _, id := range slices.Sorted(maps.Keys(over.Sources)) {
		c.source(id, over.Sources[id])
	}
	return sum, errors.Join(c.problems...)
}

func read(name, text string) (*Book, error) {
	var file struct {
		Schema  int               `toml:"schema"`
		App     map[string]*App   `toml:"app"`
		Report  map[string]Report `toml:"report"`
		Sources map[string]Source `toml:"source"`
	}
	if err := tomlfile.Decode(name, text, &file); err != nil {
		return nil, err
	}
	if file.Schema != schema {
		return nil, fmt.Errorf("%s: schema is %d; this program reads %d", name, file.Schema, schema)
	}
	b := &Book{Apps: map[string]*App{}, Sources: file.Sources}
	if b.Sources == nil {
		b.Sources = map[string]Source{}
	}
	for id, a := range file.App {
		if a == nil {
			return nil, fmt.Errorf("%s: app %s is empty", name, id)
		}
		a.ID = id
		b.Apps[id] = a
	}
	for _, id := range slices.Sorted(maps.Keys(file.Report)) {
		r := file.Report[id]
		r.ID = id
		b.Reports = append(b.Reports, r)
	}
	return b, nil
}

// checker gathers problems; nothing stops at the first.
type checker struct {
	name     string
	lines    tomlfile.Lines
	book     *Book
	used     map[string]bool // source ids
	problems []error
}

func (c *checker) problem(path []string, format string, args ...any) {
	c.problems = append(c.problems, fmt.Errorf("%s:%d: %s: %s", c.name, c.lines.Of(path...), strings.Join(path, "."), fmt.Sprintf(format, args...)))
}

func (b *Book) check(name, text string) error {
	c := checker{name: name, lines: tomlfile.IndexLines(text), book: b, used: map[string]bool{}}
	for _, id := range b.IDs() {
		c.app(b.Apps[id])
	}
	for _, r := range b.Reports {
		c.report(r)
	}
	for _, id := range slices.Sorted(maps.Keys(b.Sources)) {
		c.source(id, b.Sources[id])
		if !c.used[id] {
			c.problem([]string{"source", id}, "no fact names it; remove it or use it")
		}
	}
	return errors.Join(c.problems...)
}

func (c *checker) source(id string, s Source) {
	at := []string{"source", id}
	u, err := url.Parse(s.URL)
	switch {
	case s.URL == "" && (s.Confidence == Measured || s.Confidence == NotFound):
	case err != nil || u.Scheme != "https" || u.Host == "":
		c.problem(at, "url %q is not an https address", s.URL)
	}
	if s.Title == "" {
		c.problem(at, "no title")
	}
	if _, err := time.Parse(time.DateOnly, s.Date); err != nil {
		c.problem(at, "date %q is not like 2026-08-21", s.Date)
	}
	if s.Dated != "" && s.Dated != "read" {
		c.problem(at, "dated %q; known: read", s.Dated)
	}
	if !slices.Contains(confidences(), s.Confidence) {
		c.problem(at, "confidence %q; known: %s", s.Confidence, joined(confidences()))
	}
}

func (c *checker) report(r Report) {
	at := []string{"report", r.ID}
	if c.book.Apps[r.App] == nil {
		c.problem(at, "there is no app %q", r.App)
	}
	if !slices.Contains(reportVerdicts(), r.Verdict) {
		c.problem(at, "verdict %q; known: %s", r.Verdict, strings.Join(reportVerdicts(), ", "))
	}
	if r.Offer == "" || r.Words == "" || r.Service == "" {
		c.problem(at, "it needs offer, service and words")
	}
	if u, err := url.Parse(r.URL); err != nil || u.Scheme != "https" || u.Host == "" {
		c.problem(at, "url %q is not an https address", r.URL)
	}
	if _, err := time.Parse(time.DateOnly, r.Date); r.Date != "" && err != nil {
		c.problem(at, "date %q is not like 2026-08-21", r.Date)
	}
}

func (c *checker) app(a *App) {
	at := []string{"app", a.ID}
	if a.Name == "" || a.About == "" || a.Version == "" {
		c.problem(at, "it needs name, about and version")
	}
	if len(a.Facts) == 0 {
		c.problem(at, "no fact; a profile needs facts with sources")
	}
	for _, key := range slices.Sorted(maps.Keys(a.Facts)) {
		f := a.Facts[key]
		at := append(at, "fact", key)
		if f.Words == "" {
			c.problem(at, "no words")
		}
		if _, ok := c.book.Sources[f.Source]; !ok {
			c.problem(at, "there is no source %q", f.Source)
		}
		c.used[f.Source] = true
	}
	if a.Like != "" {
		switch like := c.book.Apps[a.Like]; {
		case like == nil:
			c.problem(at, "like: there is no app %q", a.Like)
		case like.Like != "":
			c.problem(at, "like: %s is itself like another", a.Like)
		}
	}
	c.need(a)
	for _, id := range slices.Sorted(maps.Keys(a.Beside)) {
		if c.book.Apps[id] == nil {
			c.problem(append(at, "beside", id), "there is no such app")
		}
		if b := a.Beside[id]; b.Cluster != ClusterNo || b.Reason == "" {
			c.problem(append(at, "beside", id), `it needs cluster = "no" and a reason`)
		}
	}
	c.numbers(a)
}

// numbers checks inputs, settings and counts.
func (c *checker) numbers(a *App) {
	at := []string{"app", a.ID}
	for _, name := range slices.Sorted(maps.Keys(a.Inputs)) {
		at := append(at, "input", string(name))
		info, known := Info(name)
		if !known {
			var names []InputName
			for _, in := range Inputs() {
				names = append(names, in.Name)
			}
			c.problem(at, "unknown input; known: %s", joined(names))
			continue
		}
		if a.Inputs[name].Words == "" {
			c.problem(at, "no words; say what it counts on this application")
		}
		if d := a.Inputs[name].Default; d != "" {
			if _, err := info.parse(d); err != nil {
				c.problem(at, "default: %v", err)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Settings)) {
		at := append(at, "setting", name)
		if _, err := unit.Scaled(a.Settings[name].Default, milli); err != nil {
			c.problem(at, "default: %v", err)
		}
		if a.Settings[name].Words == "" {
			c.problem(at, "no words")
		}
	}
	for _, kind := range []struct {
		name  string
		terms map[string]Term
	}{{"idle", a.Idle}, {"work", a.Work}, {"connection", a.Conns}} {
		for _, key := range slices.Sorted(maps.Keys(kind.terms)) {
			c.term(a, kind.name, key, kind.terms[key])
		}
	}
}

func (c *checker) term(a *App, kind, key string, t Term) {
	at := []string{"app", a.ID, kind, key}
	if t.Words == "" || t.Client == "" {
		c.problem(at, "it needs words and client")
	}
	for _, n := range []struct{ name, value string }{
		{"client", t.Client}, {"client_high", t.ClientHigh}, {"client_sparse", t.ClientSparse},
		{"scripts", t.Scripts}, {"scripts_high", t.ScriptsHigh}, {"scripts_sparse", t.ScriptsSparse}, {"reads", t.Reads}, {"poll", t.Poll},
	} {
		if _, err := unit.Scaled(n.value, milli); n.value != "" && err != nil {
			c.problem(at, "%s: %v", n.name, err)
		}
	}
	volumes := 0
	for _, u := range t.Units {
		_, isInput := a.Inputs[InputName(u)]
		_, isSetting := a.Settings[u]
		if !isInput && !isSetting {
			c.problem(at, "units: %q is neither an input nor a setting of %s", u, a.ID)
		}
		if info, ok := Info(InputName(u)); ok && info.Period != PerNothing {
			volumes++
		}
	}
	switch {
	case kind == "work" && volumes != 1:
		c.problem(at, "units: work needs an input per unit of time, such as jobs_per_day")
	case kind != "work" && volumes != 0:
		c.problem(at, "units: an input per unit of time is for work only")
	case kind == "idle" && t.Every == "":
		c.problem(at, "every is missing; give the seconds between two times")
	case kind != "idle" && (t.Every != "" || t.Poll != ""):
		c.problem(at, "every and poll are for idle only")
	}
	if _, isSetting := a.Settings[t.Every]; t.Every != "" && !isSetting {
		if n, err := unit.Scaled(t.Every, milli); err != nil || n == 0 {
			c.problem(at, "every: %q is neither a setting nor a number of seconds", t.Every)
		}
	}
	if _, ok := a.Facts[t.Fact]; !ok {
		c.problem(at, "there is no fact %q", t.Fact)
	}
}

func (c *checker) need(a *App) {
	n := a.Need
	if n == nil {
		return
	}
	at := []string{"app", a.ID, "need"}
	clusters := []Cluster{ClusterUnknown, ClusterNo, ClusterHashTag, ClusterYes, ClusterPartly, ClusterSingleKeys, ClusterAny}
	if !slices.Contains(clusters, n.Cluster) {
		c.problem(append(at, "cluster"), "%q; known: %s", n.Cluster, joined(clusters[1:]))
	}
	if (n.Cluster == ClusterHashTag || n.Cluster == ClusterPartly) && n.ClusterSetting == "" {
		c.problem(at, "cluster %s needs cluster_setting, the setting that makes it run", n.Cluster)
	}
	evictions := []Eviction{EvictionUnknown, EvictionNone, EvictionNoAllKeys, EvictionAny}
	if !slices.Contains(evictions, n.Eviction) {
		c.problem(append(at, "eviction"), "%q; known: %s", n.Eviction, joined(evictions[1:]))
	}
	if n.Select < 0 {
		c.problem(append(at, "select"), "%d is negative", n.Select)
	}
	for _, command := range append(slices.Clone(n.Commands), n.OptionalCommands...) {
		if command == "" || strings.ToUpper(command) != command {
			c.problem(append(at, "commands"), "%q; write commands as CLIENT|LIST", command)
		}
	}
	if len(n.Only) > 0 && n.OnlyReason == "" {
		c.problem(at, "only needs only_reason")
	}
	for _, rests := range []struct {
		has   bool
		facts []string
	}{
		{n.Cluster != ClusterUnknown, []string{"needs.cluster"}},
		{n.Select > 1, []string{"needs.select"}},
		{n.Eviction != EvictionUnknown, []string{"needs.eviction"}},
		{n.KeyspaceEvents, []string{"needs.keyspace"}},
		{len(n.Modules) > 0, []string{"needs.modules"}},
		{n.MinVersion != "", []string{"needs.min_version", "needs.modules"}},
	} {
		if rests.has && !slices.ContainsFunc(rests.facts, func(f string) bool { return a.Facts[f].Words != "" }) {
			c.problem(at, "it needs the fact %q, which is missing", rests.facts[0])
		}
	}
}

func joined[S ~string](list []S) string {
	var out []string
	for _, s := range list {
		out = append(out, string(s))
	}
	return strings.Join(out, ", ")
}
