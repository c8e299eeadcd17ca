package cmd

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/engines"
	"github.com/keynest/keynest/pkg/faq"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/report"
)

var faqFormats = []string{"table", "markdown", "json"}

// faqHours is the month of every sum in an answer.
const faqHours = 730

type faqOptions struct {
	words   []string
	all     bool
	asOf    string
	outputs []string
}

func newFAQCmd(e *env) *cobra.Command {
	o := &faqOptions{}
	c := &cobra.Command{
		Use:   "faq [WORDS...]",
		Short: "Answer questions about Valkey, licences and prices, with sources",
		Long: `faq answers common questions about Valkey and Redis, their licences, and the cost
of per-command and capacity-based pricing. Without words it lists the questions;
with words it answers the questions that match best.

Amounts in an answer are computed from the rate cards when you ask. Facts about the
engines come from the same table as keynest compare.`,
		Example: `  keynest faq
  keynest faq floor
  keynest faq open source
  keynest faq when per-command stops --as-of 2026-11-01`,
		ValidArgsFunction: completeQuestions,
		RunE: func(_ *cobra.Command, args []string) error {
			o.words = args
			return faqRun(e, o)
		},
	}
	c.Flags().BoolVar(&o.all, "all", false, "answer every question")
	c.Flags().StringVar(&o.asOf, "as-of", "", "use the rates and facts of `DATE`, YYYY-MM-DD (default today)")
	addOutputFlag(c, &o.outputs, faqFormats...)
	return c
}

func faqRun(e *env, o *faqOptions) error {
	if err := checkOutputs(o.outputs, faqFormats...); err != nil {
		return err
	}
	asOf := o.asOf
	if asOf == "" {
		asOf = e.today
	}
	if err := checkDay("--as-of", asOf, e.today); err != nil {
		return err
	}
	book, err := faq.Embedded()
	if err != nil {
		return err
	}
	var questions []faq.Question
	switch {
	case o.all && len(o.words) > 0:
		return usagef("--all answers every question; leave out --all or the words")
	case o.all:
		questions = book.Questions
	case len(o.words) == 0:
		return e.writeReport(o.outputs, report.FAQList(book.Questions), report.NewFAQListJSON(book.Questions, asOf))
	default:
		if questions = book.Find(o.words...); len(questions) == 0 {
			hint := ""
			if word := book.Suggest(o.words...); word != "" {
				hint = "try keynest faq " + word + "; "
			}
			return usagef("no question is about %q; %skeynest faq lists them all", strings.Join(o.words, " "), hint)
		}
	}
	answers, err := e.answers(book, questions, asOf)
	if err != nil {
		return err
	}
	return e.writeReport(o.outputs, report.FAQAnswers(answers, asOf), report.NewFAQJSON(answers, asOf))
}

// answers fills questions in; the cards are read only where one needs them.
func (e *env) answers(book *faq.Book, questions []faq.Question, asOf string) ([]faq.Answer, error) {
	known, err := engines.Embedded()
	if err != nil {
		return nil, err
	}
	a := &faq.Answerer{Book: book, Engines: known, AsOf: asOf}
	if slices.ContainsFunc(questions, faq.Question.UsesCards) {
		set, err := e.cards(nil)
		if err != nil {
			return nil, err
		}
		flags := pricingFlags{region: "us-east", term: "on-demand", upfront: "none", asOf: asOf}
		if a.Cards, err = flags.field(e, set, faqHours); err != nil {
			return nil, err
		}
	}
	var answers []faq.Answer
	for _, q := range questions {
		answer, err := a.Answer(q)
		if err != nil {
			return nil, err
		}
		answers = append(answers, answer)
	}
	return answers, nil
}

// writeReport writes a document for people or a value as JSON.
func (e *env) writeReport(outputs []string, d *page.Document, value any) error {
	return e.writeOutputs(outputs,
		format{"table", func(w io.Writer) error { return page.WriteText(w, d, e.style) }},
		format{"markdown", func(w io.Writer) error { return page.WriteMarkdown(w, d) }},
		format{"json", func(w io.Writer) error { return report.WriteJSON(w, value) }},
	)
}

func completeQuestions(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	book, err := faq.Embedded()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var ids []string
	for _, q := range book.Questions {
		ids = append(ids, q.ID+"\t"+q.Ask)
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
