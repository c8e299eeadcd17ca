package report

import (
	"fmt"
	"sort"

	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
)

// OfferChange is what changed on one offer's card between two days.
type OfferChange struct {
	Offer  string       `json:"offer"`
	From   *string      `json:"version_before"`
	To     *string      `json:"version_after"`
	Figure []figureJSON `json:"figures"`
}

type figureJSON struct {
	What   string  `json:"what"`
	Region *string `json:"region"`
	Before *string `json:"before"`
	After  *string `json:"after"`
}

// RatesDiffJSON is the report of keynest rates diff;
// docs/rates-diff.schema.json describes it.
type RatesDiffJSON struct {
	FormatVersion string        `json:"format_version"`
	Kind          string        `json:"kind"`
	From          string        `json:"from"`
	To            string        `json:"to"`
	Offers        []OfferChange `json:"offers"`
}

// NewRatesDiff compares the cards in force on two days.
func NewRatesDiff(before, after *ratecard.Set, from, to string) *RatesDiffJSON {
	j := &RatesDiffJSON{FormatVersion: form.Version, Kind: "rates-diff", From: from, To: to, Offers: []OfferChange{}}
	ids := map[string]bool{}
	for _, set := range []*ratecard.Set{before, after} {
		for _, o := range set.Offers() {
			ids[o.ID] = true
		}
	}
	var sorted []string
	for id := range ids {
		sorted = append(sorted, id)
	}
	sort.Strings(sorted)
	version := func(set *ratecard.Set, id, day string) *ratecard.Version {
		if o := set.Offer(id); o != nil {
			return set.Version(o, day)
		}
		return nil
	}
	for _, id := range sorted {
		a, b := version(before, id, from), version(after, id, to)
		changes := ratecard.Diff(a, b)
		if len(changes) == 0 {
			continue
		}
		oc := OfferChange{Offer: id, Figure: []figureJSON{}}
		if a != nil {
			oc.From = text(a.From)
		}
		if b != nil {
			oc.To = text(b.From)
		}
		for _, c := range changes {
			oc.Figure = append(oc.Figure, figureJSON{c.What, text(c.Region), text(c.Before), text(c.After)})
		}
		j.Offers = append(j.Offers, oc)
	}
	return j
}

// RatesDiff is the comparison as a document. Many figures that appear or go at
// once are counted, not listed, unless all are asked for.
func RatesDiff(j *RatesDiffJSON, all bool) *page.Document {
	d := &page.Document{Title: "Rate changes"}
	if len(j.Offers) == 0 {
		d.Say(fmt.Sprintf("No figure changed from %s to %s.", j.From, j.To))
		return d
	}
	const most = 12
	for _, o := range j.Offers {
		b := page.Block{Heading: o.Offer}
		switch {
		case o.From == nil:
			b.Text = []string{fmt.Sprintf("new: in force since %s, %s", *o.To, count(int64(len(o.Figure)), "figure"))}
		case o.To == nil:
			b.Text = []string{"gone"}
		case *o.From != *o.To:
			b.Text = []string{fmt.Sprintf("version %s → %s", *o.From, *o.To)}
		}
		t := page.NewTable(page.Column{Head: "Figure", Wrap: true}, page.Column{Head: "Region"}, page.Column{Head: "Before", Wrap: true}, page.Column{Head: "After", Wrap: true})
		for i, f := range o.Figure {
			if i == most && !all {
				b.Notes = []string{fmt.Sprintf("and %d more (--all lists them)", len(o.Figure)-most)}
				break
			}
			cell := func(s *string) string {
				if s == nil {
					return "–"
				}
				return *s
			}
			region := ""
			if f.Region != nil {
				region = *f.Region
			}
			t.Add(f.What, region, cell(f.Before), cell(f.After))
		}
		b.Table = t
		d.Add(b)
	}
	return d
}

// CardJSON is the report of keynest rates show, one offer's card;
// docs/rates-show.schema.json describes it.
type CardJSON struct {
	FormatVersion string                 `json:"format_version"`
	Kind          string                 `json:"kind"`
	AsOf          string                 `json:"as_of"`
	CardSummary                          // id, provider, versions, …
	About         *string                `json:"about"`
	Note          *string                `json:"note"`
	Withdrawn     *string                `json:"withdrawn"`
	Traits        []traitJSON            `json:"traits"`
	Figures       []cardFigureJSON       `json:"figures"`
	Assumptions   []cardNoteJSON         `json:"assumptions"`
	Sources       map[string]form.Source `json:"sources"`
}

type cardFigureJSON struct {
	What   string  `json:"what"`
	Region *string `json:"region"`
	Value  *string `json:"value"`
	Source *string `json:"source"`
}

type cardNoteJSON struct {
	Words  string  `json:"words"`
	Source *string `json:"source"`
}

// NewCardJSON lists every figure of a version, in every region.
func NewCardJSON(set *ratecard.Set, v *ratecard.Version, day string) *CardJSON {
	j := &CardJSON{
		FormatVersion: form.Version, Kind: "rates-show", AsOf: day, CardSummary: Summarize(set, v.Offer, day),
		About: text(v.Offer.About), Note: text(v.Note), Withdrawn: text(v.Withdrawn),
		Traits: newTraitsJSON(v.Offer), Figures: []cardFigureJSON{}, Assumptions: []cardNoteJSON{}, Sources: map[string]form.Source{},
	}
	for _, f := range v.Figures() {
		value := text(f.Value)
		if f.Value == ratecard.UnknownFigure {
			value = nil
		}
		j.Figures = append(j.Figures, cardFigureJSON{f.What, text(f.Region), value, text(f.Source)})
	}
	for _, n := range v.Assumptions {
		j.Assumptions = append(j.Assumptions, cardNoteJSON{n.Words, text(n.Source)})
	}
	for _, s := range cardSources(set, v) {
		j.Sources[s.ID] = form.Source{URL: s.URL, Title: s.Title, Retrieved: s.Retrieved, Confidence: string(s.Confidence)}
	}
	return j
}
