package report

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/workload"
)

// movesShown is how many inputs a row of the sensitivity table names.
const movesShown = 3

func sensitivityBlocks(s *compare.Sensitivity, in Currency) []page.Block {
	values := map[string]string{}
	var changes []string
	for _, c := range s.Changes {
		name := workload.Flag(c.Key)
		values[c.Key] = strings.TrimPrefix(name, "--")
		changes = append(changes, fmt.Sprintf("%s %s (%s to %s)", values[c.Key], groupNumber(c.Is), groupNumber(c.Less), groupNumber(c.More)))
	}
	t := page.NewTable(page.Column{Head: "Offer", Wrap: true}, page.Column{Head: in.Code() + "/month", Right: true},
		page.Column{Head: "Moved most by", Wrap: true}, page.Column{Head: "then by", Wrap: true}, page.Column{Head: "then by", Wrap: true})
	for _, m := range s.Offers {
		row := []string{OfferName(m.Bill.Offer), in.grouped(m.Bill.Total)}
		for i := range movesShown {
			cell := ""
			if i < len(m.Effects) {
				e := m.Effects[i]
				cell = fmt.Sprintf("%s %s to %s", values[e.Key], moveText(e.Less, m.Bill, in), moveText(e.More, m.Bill, in))
			} else if i == 0 {
				cell = "nothing here"
			}
			row = append(row, cell)
		}
		t.Add(row...)
	}
	block := page.Block{
		Heading: "What moves the bills",
		Text:    []string{"Each measured or guessed input, from 10 % less to 10 % more: " + strings.Join(changes, ", ") + "."},
		Table:   t,
	}
	if len(changes) == 0 {
		return []page.Block{{Heading: block.Heading, Text: []string{"Every measured or guessed input is 0, so there is nothing to vary."}}}
	}
	key, leads, move := s.First()
	if key == "" {
		return []page.Block{block, {Text: []string{"None of them changes any bill."}}}
	}
	return []page.Block{block, {Text: []string{fmt.Sprintf("Measure %s first: of the %s that move at all, it moves %d most.", values[key], count(int64(move), "bill"), leads)}}}
}

// moveText is how far a bill moves, with its sign.
func moveText(c compare.Cost, b *bill.Bill, in Currency) string {
	switch {
	case c.Status != bill.Priced:
		return "no fit"
	case c.Total == b.Total:
		return "0"
	case c.Total < b.Total:
		return "−" + in.grouped(b.Total-c.Total)
	}
	return "+" + in.grouped(c.Total-b.Total)
}

func newSensitivityJSON(s *compare.Sensitivity) *form.Sensitivity {
	j := &form.Sensitivity{Percent: 10, Inputs: []form.SensedInput{}, Offers: []form.SensedOffer{}}
	value := func(v string) *form.Number {
		if v == "" {
			return nil
		}
		n := form.Number(v)
		return &n
	}
	for _, c := range s.Changes {
		j.Inputs = append(j.Inputs, form.SensedInput{Input: c.Key, Less: value(c.Less), Is: form.Number(c.Is), More: value(c.More)})
	}
	cost := func(c compare.Cost) *string {
		if c.Status != bill.Priced {
			return nil
		}
		return text(c.Total.String())
	}
	for _, m := range s.Offers {
		o := form.SensedOffer{ID: m.Bill.Offer.ID, Effects: []form.Effect{}}
		for _, e := range m.Effects {
			o.Effects = append(o.Effects, form.Effect{Input: e.Key, Less: cost(e.Less), More: cost(e.More)})
		}
		j.Offers = append(j.Offers, o)
	}
	key, _, _ := s.First()
	j.First = text(key)
	return j
}
