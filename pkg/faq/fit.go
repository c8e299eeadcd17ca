package faq

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/apps"
	"github.com/keynest/keynest/pkg/ratecard"
)

// fit lists the offers, sold on the day, with one verdict for an application,
// where cluster mode is a choice with it off.
func (a *Answerer) fit(args []string) (string, []Source, error) {
	book, err := apps.Embedded()
	if err != nil {
		return "", nil, err
	}
	picked, err := book.Pick(args[1])
	if err != nil {
		return "", nil, err
	}
	judge, err := apps.NewJudge(book)
	if err != nil {
		return "", nil, err
	}
	var ids []string
	for _, card := range a.Cards.Set.Offers() {
		v := a.Cards.Set.Version(card, a.AsOf)
		if v == nil || v.Withdrawn != "" || card.Status == ratecard.StatusTarget {
			continue
		}
		if string(judge.Fit(picked, apps.OfferOf(a.Cards.Set, card, card.Name)).Plain.Verdict) == args[0] {
			ids = append(ids, card.ID)
		}
	}
	text := strings.Join(ids, ", ")
	if text == "" {
		text = "no offer"
	}
	s := book.Sources[picked[0].Facts["needs.cluster"].Source]
	if s.URL == "" {
		return text, nil, nil
	}
	return text, []Source{{ID: picked[0].Facts["needs.cluster"].Source, URL: s.URL, Title: s.Title, Date: s.Date, Dated: dated(s), Confidence: confidence(s)}}, nil
}

func dated(s apps.Source) string {
	if s.Dated == "" {
		return "published"
	}
	return s.Dated
}

// confidence is the word of the engines book for how near a source is.
func confidence(s apps.Source) string {
	switch s.Confidence {
	case apps.Code:
		return "code"
	case apps.ProjectDoc:
		return "vendor"
	case apps.Measured, apps.Derived:
		return "derived"
	case apps.Thread, apps.Low, apps.NotFound:
	}
	return "secondary"
}

// checkFit says what is wrong with the arguments of fit.
func checkFit(args []string) error {
	verdicts := []string{string(apps.Runs), string(apps.RunsWith), string(apps.Unknown), string(apps.DoesNotRun)}
	if len(args) == 2 && !slices.Contains(verdicts, args[0]) {
		return fmt.Errorf("there is no verdict %q; known: %s", args[0], strings.Join(verdicts, ", "))
	}
	return nil
}
