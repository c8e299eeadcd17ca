package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/replay"
)

// Growing is a growing load, month by month: a series (GrowingSeries) or a
// workload (GrowingWorkload).
type Growing struct {
	Rate     string // as it was given: 8%/month
	kind     string
	title    string
	says     []string // what grows
	field    *compare.Field
	workload *form.Workload // that grows; nil for a series
	hours    string         // of a month
	months   []grownMonth
	caches   []*grownCache // of a fleet
}

// grownMonth is one month of a growing load.
type grownMonth struct {
	month                       int // from now; 0 is the load as it is
	commands, capacity, overall *grownOffer
	offers                      []*grownOffer
}

// grownOffer is what an offer comes to in a month.
type grownOffer struct {
	id, name string
	status   bill.Status
	usd      money.USD // a month, where it is priced
	size     string    // "" without one
}

// GrowingSeries is a growing series of hours.
func GrowingSeries(months []replay.Grown, rate string) *Growing {
	r := months[0].Result
	g := &Growing{Rate: rate, kind: "replay-growth", title: "Growth of " + r.Series.File, field: r.Field, hours: fmt.Sprint(r.Field.Options.HoursPerMonth),
		says: []string{replayHead(r), loadLine(r)}}
	for i := range months {
		r := months[i].Result
		m := grownMonth{month: months[i].Month}
		for _, o := range r.Offers {
			one := &grownOffer{id: o.Period.Offer.Card.ID, name: OfferName(o.Period.Offer.Card), status: o.Status(), usd: r.PerMonth(o.Total), size: o.Size}
			m.add(one, o == r.Commands, o == r.Capacity, o == r.Overall)
		}
		g.months = append(g.months, m)
		if len(r.Caches) < 2 {
			continue
		}
		for at := range r.Caches {
			if i == 0 {
				g.caches = append(g.caches, &grownCache{name: r.Caches[at].Cache.Name})
			}
			c := g.caches[at]
			c.months = append(c.months, growthOfCache(&r.Caches[at], r))
		}
	}
	return g
}

// GrowingWorkload is a growing workload: its comparison in each month, from now
// on.
func GrowingWorkload(months []*compare.Comparison, rate string) *Growing {
	c := months[0]
	w := newWorkloadJSON(&c.Workload)
	g := &Growing{Rate: rate, kind: "estimate-growth", title: "Growth of a workload", field: c.Field, hours: c.Workload.HoursText(), workload: &w,
		says: []string{workloadLine(c), defaultsLine(&c.Workload)}}
	for i, c := range months {
		m := grownMonth{month: i}
		for _, b := range c.Bills {
			one := &grownOffer{id: b.Offer.ID, name: OfferName(b.Offer), status: b.Status, usd: b.Total}
			if b.Plan != nil {
				one.size = sizeWords(b)
			}
			m.add(one, b == c.Commands, b == c.Capacity, b == c.Overall)
		}
		g.months = append(g.months, m)
	}
	return g
}

func (m *grownMonth) add(o *grownOffer, commands, capacity, overall bool) {
	m.offers = append(m.offers, o)
	if commands {
		m.commands = o
	}
	if capacity {
		m.capacity = o
	}
	if overall {
		m.overall = o
	}
}

func (m *grownMonth) offer(id string) *grownOffer {
	for _, o := range m.offers {
		if o.id == id {
			return o
		}
	}
	return nil
}

// Growth is a growing load as a document: the cheapest offer of each month, and
// the months in which an offer needs another size.
func Growth(g *Growing) *page.Document {
	d := &page.Document{Title: g.title}
	var says []string
	for _, line := range g.says {
		if line != "" {
			says = append(says, line)
		}
	}
	d.Say(append(says, fmt.Sprintf("Grows by %s: each month has that much more load and data than the month before. USD for a month of %s hours.", g.Rate, g.hours))...)
	t := page.NewTable(page.Column{Head: "Month", Right: true}, page.Column{Head: "Cheapest per command", Wrap: true}, page.Column{Head: "USD/month", Right: true},
		page.Column{Head: "Cheapest capacity", Wrap: true}, page.Column{Head: "Size", Wrap: true}, page.Column{Head: "USD/month", Right: true})
	for i := range g.months {
		m := &g.months[i]
		row := []string{fmt.Sprint(m.month)}
		row = append(row, cheapestCells(m.commands)...)
		size := ""
		if m.capacity != nil {
			size = m.capacity.size
		}
		c := cheapestCells(m.capacity)
		t.Add(append(row, c[0], size, c[1])...)
	}
	d.Add(page.Block{Table: t})
	d.Say(g.changes())
	sizes := page.NewTable(page.Column{Head: "Offer", Wrap: true}, page.Column{Head: "Sizes, from month", Wrap: true})
	for _, o := range g.months[0].offers {
		if o.status != bill.Priced {
			continue
		}
		if words, changes := g.sizes(o.id); o.size != "" || changes {
			sizes.Add(o.name, words)
		}
	}
	if len(sizes.Groups[0].Rows) > 0 {
		d.Add(page.Block{Heading: "When each size overflows", Table: sizes})
	}
	if len(g.caches) > 0 {
		d.Add(page.Block{Heading: "Each cache on its own cheapest offer", Table: grownCaches(g)})
	}
	return d
}

func cheapestCells(o *grownOffer) []string {
	if o == nil {
		return []string{"nothing fits", ""}
	}
	return []string{o.name, o.usd.Grouped()}
}

// changes says in which months the cheapest of all changes.
func (g *Growing) changes() string {
	var says []string
	before := ""
	for i := range g.months {
		name := "nothing"
		if o := g.months[i].overall; o != nil {
			name = o.name
		}
		switch {
		case i == 0:
			says = append(says, "Now the cheapest is "+name+".")
		case name != before:
			says = append(says, fmt.Sprintf("From month %d on it is %s.", g.months[i].month, name))
		}
		before = name
	}
	return strings.Join(says, " ")
}

// sizes are the sizes of an offer in words, each with the first month in which
// it is needed, and whether there is more than one.
func (g *Growing) sizes(id string) (words string, changes bool) {
	var list []string
	before := ""
	for i := range g.months {
		size := "does not hold it"
		if o := g.months[i].offer(id); o != nil && o.status != bill.Unfit && o.status != bill.NotPriced {
			size = orWords(o.size, "as used")
		}
		switch {
		case i == 0:
			list = append(list, size)
		case size != before:
			list = append(list, fmt.Sprintf("from %d: %s", g.months[i].month, size))
		}
		before = size
	}
	return strings.Join(list, "; "), len(list) > 1
}

// GrowthJSON is a growing load as a program reads it;
// docs/replay-growth.schema.json and docs/estimate-growth.schema.json describe it.
type GrowthJSON struct {
	headJSON
	Rate     string             `json:"growth"`
	Workload *form.Workload     `json:"workload,omitempty"` // of estimate
	Months   []growthMonthJSON  `json:"months"`
	Caches   *[]growthCacheJSON `json:"caches,omitempty"` // of replay: empty for one cache
}

type growthCacheJSON struct {
	Cache  string                 `json:"cache"`
	Months []growthCacheMonthJSON `json:"months"`
}

type growthCacheMonthJSON struct {
	Month    int     `json:"month"`
	Cheapest *string `json:"cheapest"`
	Size     *string `json:"size"`
	PerMonth *string `json:"usd_per_month"`
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
func NewGrowthJSON(g *Growing) *GrowthJSON {
	j := &GrowthJSON{headJSON: newHeadJSON(g.kind, g.field, g.hours), Rate: g.Rate, Workload: g.workload}
	id := func(o *grownOffer) *string {
		if o == nil {
			return nil
		}
		return text(o.id)
	}
	for i := range g.months {
		m := &g.months[i]
		one := growthMonthJSON{Month: m.month, Offers: []growthOfferJSON{},
			Cheapest: form.Cheapest{Commands: id(m.commands), Capacity: id(m.capacity), Overall: id(m.overall)}}
		for _, o := range m.offers {
			offer := growthOfferJSON{ID: o.id, Status: string(o.status)}
			if o.status == bill.Priced {
				offer.PerMonth, offer.Size = text(o.usd.String()), text(o.size)
			}
			one.Offers = append(one.Offers, offer)
		}
		j.Months = append(j.Months, one)
	}
	if g.workload != nil {
		return j
	}
	j.Caches = &[]growthCacheJSON{}
	for _, c := range g.caches {
		one := growthCacheJSON{Cache: c.name}
		for i := range c.months {
			m := growthCacheMonthJSON{Month: i}
			if o := &c.months[i]; o.id != "" {
				m.Cheapest, m.Size, m.PerMonth = text(o.id), text(o.size), text(o.usd.String())
			}
			one.Months = append(one.Months, m)
		}
		*j.Caches = append(*j.Caches, one)
	}
	return j
}

// WriteGrowthCSV writes a row for each month and offer.
func WriteGrowthCSV(w io.Writer, g *Growing) error {
	if len(g.caches) > 0 {
		return writeCSV(w, grownCacheRows(g))
	}
	rows := [][]string{{"month", "offer", "status", "usd_per_month", "size"}}
	for i := range g.months {
		for _, o := range g.months[i].offers {
			usd := ""
			if o.status == bill.Priced {
				usd = o.usd.String()
			}
			rows = append(rows, []string{fmt.Sprint(g.months[i].month), o.id, string(o.status), usd, o.size})
		}
	}
	return writeCSV(w, rows)
}

// grownCacheRows are the rows of CSV of a fleet, one for each cache and month.
func grownCacheRows(g *Growing) [][]string {
	rows := [][]string{{"cache", "month", "cheapest", "size", "usd_per_month"}}
	for _, c := range g.caches {
		for i := range c.months {
			o := &c.months[i]
			usd := ""
			if o.id != "" {
				usd = o.usd.String()
			}
			rows = append(rows, []string{c.name, fmt.Sprint(i), o.id, o.size, usd})
		}
	}
	return rows
}
