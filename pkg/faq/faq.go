// Package faq holds questions and their answers. Sums of money and facts about
// engines in an answer are computed when it is asked for, from the rate cards and
// the engines book, so that they are as current as those.
package faq

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/engines"
	"github.com/keynest/keynest/pkg/tomlfile"
	"github.com/keynest/keynest/pkg/workload"
)

//go:embed faq.toml
var embedded string

// schema is the version of the file format that this package reads.
const schema = 1

// Book is the checked content of a file of questions.
type Book struct {
	Questions []Question // in order
	Workloads map[string]workload.Input
	Sources   map[string]engines.Source
}

// Question is one question with its answer, before figures are filled in.
type Question struct {
	ID      string
	Order   int      `toml:"order"`
	Ask     string   `toml:"ask"`
	Words   []string `toml:"words"` // further words that people ask with
	Answer  string   `toml:"answer"`
	Sources []string `toml:"sources"`
}

// Embedded reads the questions that come with the program.
func Embedded() (*Book, error) { return Parse("faq.toml", embedded) }

// Parse reads and checks a file of questions; name is what its errors call it.
// Whether the sources exist is checked when an answer is given, as most of them
// are in the engines book.
func Parse(name, text string) (*Book, error) {
	var file struct {
		Schema   int                       `toml:"schema"`
		Question map[string]Question       `toml:"question"`
		Workload map[string]workload.Input `toml:"workload"`
		Source   map[string]engines.Source `toml:"source"`
	}
	if err := tomlfile.Decode(name, text, &file); err != nil {
		return nil, err
	}
	b := &Book{Workloads: file.Workload, Sources: file.Source}
	var problems []error
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
	}
	if file.Schema != schema {
		problem("schema is %d; this program reads %d", file.Schema, schema)
	}
	for id, q := range file.Question {
		q.ID = id
		b.Questions = append(b.Questions, q)
	}
	slices.SortFunc(b.Questions, func(p, q Question) int {
		if p.Order != q.Order {
			return p.Order - q.Order
		}
		return strings.Compare(p.ID, q.ID)
	})
	for i, q := range b.Questions {
		if q.Ask == "" || strings.TrimSpace(q.Answer) == "" {
			problem("question %s: it needs ask and answer", q.ID)
		}
		if i > 0 && b.Questions[i-1].Order == q.Order {
			problem("question %s: order %d is taken by %s", q.ID, q.Order, b.Questions[i-1].ID)
		}
		if len(q.Sources) == 0 && len(q.figures()) == 0 {
			problem("question %s: neither a source nor a figure", q.ID)
		}
		for _, f := range q.figures() {
			if err := b.checkFigure(f); err != nil {
				problem("question %s: {%s}: %v", q.ID, strings.Join(f, " "), err)
			}
		}
		if rest := figure.ReplaceAllString(q.Answer, ""); strings.ContainsAny(rest, "{}") {
			problem("question %s: a brace without a figure", q.ID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(b.Workloads)) {
		if _, err := b.Workloads[id].Resolve(""); err != nil {
			problem("workload %s: %v", id, err)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(b.Sources)) {
		if s := b.Sources[id]; s.URL == "" || s.Title == "" || s.Date.IsZero() || s.Confidence == "" {
			problem("source %s: it needs url, title, date and confidence", id)
		}
	}
	return b, errors.Join(problems...)
}

// figure is a placeholder: {name argument…}.
var figure = regexp.MustCompile(`\{([a-z][^{}]*)\}`)

// figures lists the placeholders of the answer, each split at spaces.
func (q Question) figures() [][]string {
	var all [][]string
	for _, m := range figure.FindAllStringSubmatch(q.Answer, -1) {
		all = append(all, strings.Fields(m[1]))
	}
	return all
}

// UsesCards says whether the answer needs the rate cards.
func (q Question) UsesCards() bool {
	return slices.ContainsFunc(q.figures(), func(f []string) bool { return figureKinds(f[0]).cards })
}
