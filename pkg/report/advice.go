package report

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/inventory"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

// Advice is what to do about each cache of an inventory, as blocks to put after
// it.
func Advice(all []*inventory.Advice, in Currency) []page.Block {
	b := page.Block{Heading: "Advice", Text: []string{
		"The size in the file is taken as the highest of the window. The right size is the cheapest of the same service, region, shards and replicas that holds it; \"Next size up\" is the price of the next larger one, in case it proves too small.",
	}}
	t := page.NewTable(page.Column{Head: "Resource", Wrap: true}, page.Column{Head: "Advice"}, page.Column{Head: "Right size", Wrap: true},
		page.Column{Head: in.Code() + "/month", Right: true}, page.Column{Head: "Saving", Right: true}, page.Column{Head: "Next size up", Right: true}, page.Column{Head: "Bound by"})
	notes := page.Block{}
	for _, a := range all {
		if a.Best == nil || a.Verdict == "none" {
			notes.Notes = append(notes.Notes, fmt.Sprintf("%s: no advice: %s", a.Address, a.Why))
			continue
		}
		next := "–"
		if a.NextUp != nil {
			next = in.grouped(a.NextUp.USD)
		}
		t.Add(a.Address, a.Verdict, choiceText(a.Best), in.grouped(a.Best.USD), in.grouped(a.Saving), next, a.Limit)
		notes.Notes = append(notes.Notes, adviceNotes(a, in)...)
	}
	if len(t.Groups[0].Rows) > 0 {
		b.Table = t
	}
	b.Notes = notes.Notes
	return []page.Block{b}
}

// choiceText names a plan, with its size where that is bought.
func choiceText(c *inventory.Choice) string {
	words := c.Plan
	if words == "" {
		words = c.Offer
	}
	if c.SizeBytes > 0 {
		scale := unit.GiB
		if c.SizeUnit == "GB" {
			scale = unit.GB
		}
		words += " " + unit.Decimal(c.SizeBytes, scale) + " " + c.SizeUnit
	}
	return words
}

func adviceNotes(a *inventory.Advice, in Currency) []string {
	words := fmt.Sprintf("%s: %s; peak %s, %s now", a.Address, a.Why, unit.FormatBytes(a.PeakBytes), choiceText(a.Now))
	if f := a.SameFamily; f != nil && f.Plan != a.Best.Plan && f.Plan != a.Now.Plan {
		words += fmt.Sprintf("; within its family %s for %s", choiceText(f), in.amount(f.USD))
	}
	notes := []string{words}
	for _, o := range a.Others {
		c := &o.Choice
		text := ""
		switch o.Kind {
		case "engine":
			text = fmt.Sprintf("with Valkey: %s of %s for %s", choiceText(c), c.Offer, in.amount(c.USD))
		case "family":
			text = fmt.Sprintf("in a network-optimised family: %s for %s, as long as the data fits", choiceText(c), in.amount(c.USD))
		case "successor":
			text = fmt.Sprintf("no longer sold; the cheapest of %s that holds the peak is %s for %s", c.Offer, choiceText(c), in.amount(c.USD))
		case "term":
			text = fmt.Sprintf("with a commitment: %s for a term of %s, upfront %s, at %s", choiceText(c), termWords(c.Term), c.Upfront, in.amount(c.USD))
		default:
			text = fmt.Sprintf("on another service: %s %s for %s, by the rules of keynest estimate", c.Offer, c.Plan, in.amount(c.USD))
		}
		notes = append(notes, fmt.Sprintf("%s: %s, %s less than now", a.Address, strings.ReplaceAll(text, "  ", " "), in.amount(o.Saving)))
	}
	for _, n := range a.Notes {
		notes = append(notes, a.Address+": "+n)
	}
	return notes
}

func termWords(t ratecard.Term) string {
	if t == ratecard.Term1Y {
		return "one year"
	}
	return "three years"
}

type (
	adviceJSON struct {
		Address    string            `json:"address"`
		Verdict    string            `json:"verdict"`
		Why        string            `json:"why"`
		Idle       bool              `json:"idle"`
		PeakBytes  *int64            `json:"peak_bytes"`
		Limit      *string           `json:"limit"`
		Now        *choiceJSON       `json:"now"`
		Right      *choiceJSON       `json:"right"`
		SameFamily *choiceJSON       `json:"same_family"`
		NextUp     *choiceJSON       `json:"next_size_up"`
		Saving     *string           `json:"saving_usd"`
		Others     []otherAdviceJSON `json:"others"`
		Notes      []string          `json:"notes"`
	}
	choiceJSON struct {
		Offer       string  `json:"offer"`
		Plan        *string `json:"plan"`
		SizeBytes   *int64  `json:"size_bytes"`
		UsableBytes *int64  `json:"usable_bytes"`
		Term        string  `json:"term"`
		Upfront     string  `json:"upfront"`
		USD         string  `json:"usd_per_month"`
	}
	otherAdviceJSON struct {
		Kind   string      `json:"kind"`
		Choice *choiceJSON `json:"choice"`
		Saving string      `json:"saving_usd"`
	}
)

func newAdviceJSON(all []*inventory.Advice) []adviceJSON {
	if all == nil {
		return nil
	}
	list := []adviceJSON{}
	for _, a := range all {
		j := adviceJSON{Address: a.Address, Verdict: a.Verdict, Why: a.Why, Idle: a.Idle, PeakBytes: known(a.PeakBytes), Limit: text(a.Limit),
			Now: newChoiceJSON(a.Now), Right: newChoiceJSON(a.Best), SameFamily: newChoiceJSON(a.SameFamily), NextUp: newChoiceJSON(a.NextUp),
			Others: []otherAdviceJSON{}, Notes: orEmpty(a.Notes)}
		if a.Best != nil {
			j.Saving = text(a.Saving.String())
		}
		for i := range a.Others {
			o := &a.Others[i]
			j.Others = append(j.Others, otherAdviceJSON{o.Kind, newChoiceJSON(&o.Choice), o.Saving.String()})
		}
		list = append(list, j)
	}
	return list
}

func newChoiceJSON(c *inventory.Choice) *choiceJSON {
	if c == nil {
		return nil
	}
	return &choiceJSON{Offer: c.Offer, Plan: text(c.Plan), SizeBytes: known(c.SizeBytes), UsableBytes: known(c.Usable),
		Term: string(c.Term), Upfront: string(c.Upfront), USD: c.USD.String()}
}
