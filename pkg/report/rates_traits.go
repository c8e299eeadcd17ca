package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

// traitsBlock lists the traits of an offer, each with its source.
func traitsBlock(o *ratecard.Offer) page.Block {
	t := page.NewTable(page.Column{Head: "Trait"}, page.Column{Head: "Plans", Wrap: true}, page.Column{Head: "Value"}, page.Column{Head: "Words", Wrap: true}, page.Column{Head: "Source", Wrap: true})
	for _, r := range o.TraitRows() {
		words := r.Words
		if r.DiskShare > 0 {
			words = strings.TrimSuffix(fmt.Sprintf("%s %% on SSD; %s", unit.Rounded(r.DiskShare, unit.Million/100, 0), words), "; ")
		}
		source := r.Source
		if source == "" && r.Assumed != "" {
			source = "assumed: " + r.Assumed
		}
		t.Add(string(r.Name), r.Plans, r.Value, words, source)
	}
	return page.Block{Heading: "Traits", Table: t}
}

// traitJSON is a trait in the report of keynest rates show.
type traitJSON struct {
	Trait     string  `json:"trait"`
	Plans     *string `json:"plans"` // an id or a pattern; null for all others
	Value     string  `json:"value"`
	DiskShare *string `json:"disk_share"`
	Words     *string `json:"words"`
	Source    *string `json:"source"`
}

func newTraitsJSON(o *ratecard.Offer) []traitJSON {
	list := []traitJSON{}
	for _, r := range o.TraitRows() {
		j := traitJSON{Trait: string(r.Name), Plans: text(r.Plans), Value: r.Value, Words: text(r.Words), Source: text(r.Source)}
		if r.DiskShare > 0 {
			j.DiskShare = text(unit.Decimal(r.DiskShare, unit.Million))
		}
		list = append(list, j)
	}
	return list
}

// cardSources are the sources of a version and of its offer's traits.
func cardSources(set *ratecard.Set, v *ratecard.Version) []ratecard.Source {
	ids := v.Sources()
	for _, r := range v.Offer.TraitRows() {
		if r.Source != "" {
			ids = append(ids, r.Source)
		}
	}
	slices.Sort(ids)
	var used []ratecard.Source
	for _, id := range slices.Compact(ids) {
		if s, ok := set.Source(id); ok {
			used = append(used, s)
		}
	}
	return used
}
