package report

import (
	"fmt"

	"github.com/keynest/keynest/pkg/engines"
	"github.com/keynest/keynest/pkg/faq"
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/page"
)

// FAQList is the questions without their answers.
func FAQList(questions []faq.Question) *page.Document {
	d := &page.Document{Title: "Questions"}
	t := page.NewTable(page.Column{Head: "Question", Wrap: true}, page.Column{Head: "Ask with"})
	for _, q := range questions {
		t.Add(q.Ask, "keynest faq "+q.ID)
	}
	d.Add(page.Block{Table: t})
	d.Say("Any words will do: keynest faq floor. --all answers every question.")
	return d
}

// FAQAnswers is questions with their answers and sources.
func FAQAnswers(answers []faq.Answer, asOf string) *page.Document {
	d := &page.Document{Title: "Questions and answers"}
	priced := false
	for _, a := range answers {
		for i, p := range a.Paragraphs {
			block := page.Block{Text: []string{p}}
			if i == 0 {
				block.Heading = a.Ask
			}
			d.Add(block)
		}
		priced = priced || a.Priced
		var notes []string
		for _, s := range a.Sources {
			notes = append(notes, fmt.Sprintf("%s (%s): %s", s.Title, faqDated(s), s.URL))
		}
		if len(notes) > 0 {
			d.Add(page.Block{Notes: notes})
		}
	}
	closing := "Facts as of " + asOf + "."
	if priced {
		closing = "Facts and rates as of " + asOf + "; sums are US dollars for a month of 730 hours in us-east, every other input at the default that keynest estimate names."
	}
	d.Say(closing)
	return d
}

func faqDated(s faq.Source) string {
	switch engines.Dating(s.Dated) {
	case engines.NotBefore:
		return "undated, not before " + s.Date
	case engines.Read:
		return "undated, read " + s.Date
	}
	return s.Date
}

// The JSON report of questions; its keys are a contract and are only added to.
// docs/faq.schema.json describes it.
type (
	faqJSON struct {
		FormatVersion string            `json:"format_version"`
		Kind          string            `json:"kind"`
		AsOf          string            `json:"as_of"`
		Questions     []faqQuestionJSON `json:"questions"`
	}
	faqQuestionJSON struct {
		ID       string          `json:"id"`
		Question string          `json:"question"`
		Answer   []string        `json:"answer"` // null in a list of questions
		Figures  []faqFigureJSON `json:"figures"`
		Sources  []faqSourceJSON `json:"sources"`
	}
	faqFigureJSON struct {
		Name string `json:"name"`
		Text string `json:"text"`
	}
	faqSourceJSON struct {
		ID         string `json:"id"`
		URL        string `json:"url"`
		Title      string `json:"title"`
		Date       string `json:"date"`
		Dated      string `json:"dated"`
		Confidence string `json:"confidence"`
	}
)

// NewFAQListJSON is the questions without their answers.
func NewFAQListJSON(questions []faq.Question, asOf string) any {
	out := faqJSON{FormatVersion: form.Version, Kind: "faq", AsOf: asOf, Questions: []faqQuestionJSON{}}
	for _, q := range questions {
		out.Questions = append(out.Questions, faqQuestionJSON{ID: q.ID, Question: q.Ask, Figures: []faqFigureJSON{}, Sources: []faqSourceJSON{}})
	}
	return out
}

// NewFAQJSON is questions with their answers.
func NewFAQJSON(answers []faq.Answer, asOf string) any {
	out := faqJSON{FormatVersion: form.Version, Kind: "faq", AsOf: asOf, Questions: []faqQuestionJSON{}}
	for _, a := range answers {
		q := faqQuestionJSON{ID: a.ID, Question: a.Ask, Answer: a.Paragraphs, Figures: []faqFigureJSON{}, Sources: []faqSourceJSON{}}
		for _, f := range a.Figures {
			q.Figures = append(q.Figures, faqFigureJSON{f.Name, f.Text})
		}
		for _, s := range a.Sources {
			q.Sources = append(q.Sources, faqSourceJSON(s))
		}
		out.Questions = append(out.Questions, q)
	}
	return out
}
