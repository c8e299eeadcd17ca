package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/replay"
)

// Growth is a growing series as a document: the cheapest offer of each month,
// and the months in which an offer needs another size.
func Growth(months []replay.Grown, rate string) *page.Document {
	r := months[0].Result
	d := &page.Document{Title: "Growth of " + r.Series.File}
	d.Say(replayHead(r), loadLine(r), fmt.Sprintf("Grows by %s: each month asks for and holds so much more than the one before. USD for a month of 730 hours.", rate))
	t := page.NewTable(page.Column{Head: "Month", Right: true}, page.Column{Head: "Cheapest per command", Wrap: true}, page.Column{Head: "USD/month", Right: true},
		page.Column{Head: "Cheapest capacity", Wrap: true}, page.Column{Head: "Size", Wrap: true}, page.Column{Head: "USD/month", Right: true})
	for i := range months {
		g := months[i].Result
		row := []string{fmt.Sprint(months[i].Month)}
		row = append(row, cheapestCells(g, g.Commands)[:2]...)
		c := cheapestCells(g, g.Capacity)
		size := ""
		if g.Capacity != nil {
			size = g.Capacity.Size
		}
		t.Add(append(row, c[0], size, c[1])...)
	}
	d.Add(page.Block{Table: t})
	d.Say(changesOf(months)...)
	sizes := page.NewTable(page.Column{Head: "Offer", Wrap: true}, page.Column{Head: "Sizes, from month", Wrap: true})
	for _, o := range r.Offers {
		if o.Status() == bill.Priced && o.Size != "" {
			sizes.Add(OfferName(o.Period.Offer.Card), sizesText(replay.Sizes(months, o.Period.Offer.Card.ID)))
		}
	}
	d.Add(page.Block{Heading: "When each size overflows", Table: sizes})
	return d
}

func cheapestCells(r *replay.Result, o *replay.OfferCost) []string {
	if o == nil {
		return []string{"nothing fits", ""}
	}
	return []string{OfferName(o.Period.Offer.Card), r.PerMonth(o.Total).Grouped()}
}

// changesOf says in which months the cheapest of all changes.
func changesOf(months []replay.Grown) []string {
	var says []string
	before := ""
	for i := range months {
		name := "nothing"
		if o := months[i].Cheapest(); o != nil {
			name = OfferName(o.Period.Offer.Card)
		}
		switch {
		case i == 0:
			says = append(says, "Now the cheapest is "+name+".")
		case name != before:
			says = append(says, fmt.Sprintf("From month %d on it is %s.", months[i].Month, name))
		}
		before = name
	}
	return []string{strings.Join(says, " ")}
}

func sizesText(list []replay.Change) string {
	var words []string
	for i, c := range list {
		size := c.Words
		if size == "" {
			size = "does not hold it"
		}
		if i > 0 {
			size = fmt.Sprintf("from %d: %s", c.Month, size)
		}
		words = append(words, size)
	}
	return strings.Join(words, "; ")
}

// GrowthJSON is a growing series as a program reads it;
// docs/replay-growth.schema.json describes it.
type GrowthJSON struct {
	headJSON
	Rate   string            `json:"growth"`
	Months []growthMonthJSON `json:"months"`
}

type growthMonthJSON struct {
	Month    int               `json:"month"`
	Cheapest form.Cheapest     `json:"cheapest"`
	Offers   []growthOfferJSON `json:"offers"`
}

type growthOfferJSON struct {
	ID       string  `json:"id"`
	Status   string  `json:"status"`
	PerMonth *string `json:"usd_per_month"`
	Size     *string `json:"size"`
}

// NewGrowthJSON builds the report.
func NewGrowthJSON(months []replay.Grown, rate string) *GrowthJSON {
	f := months[0].Result.Field
	j := &GrowthJSON{headJSON: newHeadJSON("replay-growth", f, f.Options.HoursPerMonth), Rate: rate}
	for i := range months {
		r := months[i].Result
		m := growthMonthJSON{Month: months[i].Month, Offers: []growthOfferJSON{},
			Cheapest: form.Cheapest{Commands: costID(r.Commands), Capacity: costID(r.Capacity), Overall: costID(r.Overall)}}
		for _, o := range r.Offers {
			one := growthOfferJSON{ID: o.Period.Offer.Card.ID, Status: string(o.Status())}
			if o.Status() == bill.Priced {
				one.PerMonth, one.Size = text(r.PerMonth(o.Total).String()), text(o.Size)
			}
			m.Offers = append(m.Offers, one)
		}
		j.Months = append(j.Months, m)
	}
	return j
}

// WriteGrowthCSV writes a row for each month and offer.
func WriteGrowthCSV(w io.Writer, months []replay.Grown) error {
	rows := [][]string{{"month", "offer", "status", "usd_per_month", "size"}}
	for i := range months {
		r := months[i].Result
		for _, o := range r.Offers {
			usd := ""
			if o.Status() == bill.Priced {
				usd = r.PerMonth(o.Total).String()
			}
			rows = append(rows, []string{fmt.Sprint(months[i].Month), o.Period.Offer.Card.ID, string(o.Status()), usd, o.Size})
		}
	}
	return writeCSV(w, rows)
}
