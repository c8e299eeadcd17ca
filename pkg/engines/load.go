package engines

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"github.com/keynest/keynest/pkg/tomlfile"
)

//go:embed engines.toml
var embedded string

// schema is the version of the file format that this package reads.
const schema = 1

// oldestSource is the day before which a source is too old to carry a cell.
const oldestSource = "2024-01-01"

// Embedded reads the facts that come with the program.
func Embedded() (*Book, error) { return Parse("engines.toml", embedded) }

// Parse reads and checks an engines file; name is what its errors call it.
// Every problem found is in the error, one a line.
func Parse(name, text string) (*Book, error) {
	var file struct {
		Schema  int                `toml:"schema"`
		Source  map[string]Source  `toml:"source"`
		Licence map[string]Licence `toml:"licence"`
		Engine  map[string]Engine  `toml:"engine"`
		Service map[string]Service `toml:"service"`
	}
	if err := tomlfile.Decode(name, text, &file); err != nil {
		return nil, err
	}
	b := &Book{Sources: file.Source, Licences: file.Licence, Engines: file.Engine, Services: file.Service}
	c := checker{name: name, book: b, used: map[string]bool{}}
	if file.Schema != schema {
		c.problem("schema is %d; this program reads %d", file.Schema, schema)
	}
	c.check()
	return b, errors.Join(c.problems...)
}

// checker gathers problems; nothing stops at the first.
type checker struct {
	name     string
	book     *Book
	used     map[string]bool // source ids
	problems []error
}

func (c *checker) problem(format string, args ...any) {
	c.problems = append(c.problems, fmt.Errorf("%s: %s", c.name, fmt.Sprintf(format, args...)))
}

func (c *checker) check() {
	for _, id := range slices.Sorted(maps.Keys(c.book.Licences)) {
		c.licence("licence "+id, c.book.Licences[id])
	}
	if len(c.book.Engines) == 0 {
		c.problem("no engine")
	}
	for _, id := range slices.Sorted(maps.Keys(c.book.Engines)) {
		c.engine("engine "+id, c.book.Engines[id])
	}
	for _, id := range slices.Sorted(maps.Keys(c.book.Services)) {
		c.service("service "+id, c.book.Services[id])
	}
	for _, id := range slices.Sorted(maps.Keys(c.book.Sources)) {
		c.source("source "+id, c.book.Sources[id])
		if !c.used[id] {
			c.problem("source %s: no fact names it; remove it or use it", id)
		}
	}
}

func (c *checker) source(at string, s Source) {
	if u, err := url.Parse(s.URL); err != nil || u.Scheme != "https" || u.Host == "" {
		c.problem("%s: url %q is not an https address", at, s.URL)
	}
	if s.Title == "" {
		c.problem("%s: no title", at)
	}
	if s.Date.IsZero() {
		c.problem("%s: no date", at)
	} else if s.Date.String() < oldestSource {
		c.problem("%s: its date %s is before %s, the oldest allowed; name a newer source", at, s.Date, oldestSource)
	}
	if !slices.Contains([]Dating{Published, Copied, NotBefore, Read}, s.Dated) {
		c.problem("%s: dated %q; known: published, copied, not-before, read", at, s.Dated)
	}
	if !slices.Contains([]Confidence{Code, Vendor, Copy, Secondary}, s.Confidence) {
		c.problem("%s: confidence %q; known: code, vendor, copy, secondary", at, s.Confidence)
	}
}

func (c *checker) sources(at string, ids []string) {
	if len(ids) == 0 {
		c.problem("%s: no source", at)
	}
	for _, id := range ids {
		if _, ok := c.book.Sources[id]; !ok {
			c.problem("%s: there is no source %q", at, id)
		}
		c.used[id] = true
	}
}

func (c *checker) licences(at string, ids []string) {
	for _, id := range ids {
		if _, ok := c.book.Licences[id]; !ok {
			c.problem("%s: there is no licence %q", at, id)
		}
	}
}

func (c *checker) licence(at string, l Licence) {
	if l.OSIApproved == nil {
		c.problem("%s: osi_approved is missing; it is true or false, never guessed", at)
	}
	for _, text := range []struct{ key, value string }{{"name", l.Name}, {"run", l.Run}, {"ship", l.Ship}, {"sell", l.Sell}} {
		if text.value == "" {
			c.problem("%s: no %s", at, text.key)
		}
	}
	c.sources(at, l.Sources)
}

func (c *checker) engine(at string, e Engine) {
	if e.Name == "" {
		c.problem("%s: no name", at)
	}
	if e.Since.IsZero() {
		c.problem("%s: no since", at)
	}
	c.sources(at, e.Sources)
	c.facts(at, e.Facts)
	for _, id := range slices.Sorted(maps.Keys(e.Lines)) {
		line := e.Lines[id]
		at := at + ", line " + id
		if v, err := ParseVersion(id); err != nil || v.Line() != id {
			c.problem("%s: a line is two numbers, as in 8.10", at)
		}
		c.facts(at, line.Facts)
		if len(line.Releases) == 0 {
			c.problem("%s: no release", at)
		}
		for _, id := range slices.Sorted(maps.Keys(line.Releases)) {
			c.release(at+", release "+id, id, line.Releases[id])
		}
	}
	for _, area := range Areas() {
		found := len(e.Facts[area]) > 0
		for _, line := range e.Lines {
			found = found || len(line.Facts[area]) > 0
		}
		if !found {
			c.problem("%s: no fact about %s; if it was not found, write unknown = true and where you looked", at, area)
		}
	}
}

func (c *checker) release(at, id string, r Release) {
	if _, err := ParseVersion(id); err != nil {
		c.problem("%s: %v", at, err)
	}
	if r.Date.IsZero() {
		c.problem("%s: no date", at)
	}
	c.licences(at, r.Licences)
	c.sources(at, r.Sources)
}

func (c *checker) facts(at string, facts map[Area]map[string]Fact) {
	for _, area := range slices.Sorted(maps.Keys(facts)) {
		if !slices.Contains(Areas(), area) {
			c.problem("%s: unknown area %q", at, area)
		}
		for _, day := range slices.Sorted(maps.Keys(facts[area])) {
			at := fmt.Sprintf("%s, fact %s of %s", at, area, day)
			if _, err := ParseDay(day); err != nil {
				c.problem("%s: %v", at, err)
			}
			c.fact(at, area, facts[area][day])
		}
	}
}

func (c *checker) fact(at string, area Area, f Fact) {
	c.sources(at, f.Sources)
	c.licences(at, f.Licences)
	dates := !f.MaintenanceUntil.IsZero() || !f.SecurityUntil.IsZero()
	switch {
	case area == AreaLicence && len(f.Licences) == 0 && !f.Unknown:
		c.problem("%s: no licences", at)
	case area != AreaLicence && len(f.Licences) > 0:
		c.problem("%s: licences belong to the area licence", at)
	case area != AreaSupport && dates:
		c.problem("%s: maintenance_until and security_until belong to the area support", at)
	case f.Text == "" && len(f.Licences) == 0 && !dates:
		c.problem("%s: it is empty", at)
	}
}

func (c *checker) service(at string, s Service) {
	if s.Name == "" {
		c.problem("%s: no name", at)
	}
	if len(s.Runs) == 0 {
		c.problem("%s: it names no engine", at)
	}
	for _, engine := range slices.Sorted(maps.Keys(s.Runs)) {
		if _, ok := c.book.Engines[engine]; !ok {
			c.problem("%s: there is no engine %q", at, engine)
		}
		for _, day := range slices.Sorted(maps.Keys(s.Runs[engine])) {
			runs := s.Runs[engine][day]
			at := fmt.Sprintf("%s, %s of %s", at, engine, day)
			if _, err := ParseDay(day); err != nil {
				c.problem("%s: %v", at, err)
			}
			if len(runs.Versions) == 0 && runs.Note == "" {
				c.problem("%s: neither versions nor a note", at)
			}
			c.sources(at, runs.Sources)
		}
	}
}
