package report

import (
	"fmt"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/replay"
	"github.com/keynest/keynest/pkg/unit"
)

// sizedFleetBlocks are many caches on nodes in numbers that change: what each offer
// comes to for all of them, and with each, every cache on its cheapest one.
func sizedFleetBlocks(r *replay.Result, z *replay.SizedResult, opt ReplayOptions) []page.Block {
	t := page.NewTable(page.Column{Head: "Offer", Wrap: true}, page.Column{Head: "USD in all", Right: true},
		page.Column{Head: "One size", Right: true}, page.Column{Head: "Caches", Right: true})
	if opt.All {
		t.Columns = append(t.Columns, page.Column{Head: "Not held, because", Wrap: true})
	}
	for _, o := range z.Fleet.Offers {
		if o.Refused > 0 && !opt.All {
			continue
		}
		at := ""
		if o.Open > 0 {
			at = "≥ "
		}
		row := []string{OfferName(o.Offer.Card), at + o.Total.Grouped(), o.Fixed.Grouped(), fmt.Sprintf("%d of %d", o.Priced+o.Open, len(r.Caches))}
		if opt.All {
			row = append(row, o.Why)
		}
		t.Add(row...)
	}
	blocks := []page.Block{{Heading: sizedHeading(r, z), Table: t}}
	if !opt.Each {
		return blocks
	}
	each := page.NewTable(page.Column{Head: "Cache"}, page.Column{Head: "Cheapest", Wrap: true}, page.Column{Head: "Plan"}, page.Column{Head: "Nodes", Right: true},
		page.Column{Head: "Mean", Right: true}, page.Column{Head: "Changes", Right: true}, page.Column{Head: "USD in all", Right: true}, page.Column{Head: "One size", Right: true})
	for i := range z.Fleet.Each {
		c := &z.Fleet.Each[i]
		name, o := orWords(c.Cache.Name, "(unnamed)"), c.Cheapest
		if o == nil {
			each.Add(name, "nothing fits", "", "", "", "", "", "")
			continue
		}
		each.Add(name, OfferName(o.Offer.Card), o.Plan, nodesText(o), hundredths(o.Used, c.Hours), fmt.Sprint(o.Changes), o.Total.Grouped(), fixedText(o))
	}
	return append(blocks, page.Block{Heading: "Each cache on nodes in numbers that change", Table: each})
}

// nodesText is how many nodes there are: 2, or 2 to 6.
func nodesText(o *replay.Sized) string {
	if o.Most != o.Least {
		return fmt.Sprintf("%d to %d", o.Least, o.Most)
	}
	return fmt.Sprint(o.Least)
}

func fixedText(o *replay.Sized) string {
	if o.Fixed == nil {
		return ""
	}
	return o.Fixed.Grouped()
}

// sizedFleetSaving says what all caches cost on their cheapest offers.
func sizedFleetSaving(r *replay.Result, f *replay.SizedFleet) string {
	verb, diff := "saves", f.Fixed-f.Best
	if diff < 0 {
		verb, diff = "costs more by", -diff
	}
	return fmt.Sprintf("Each cache on its own cheapest offer: %s USD in all for %d of %d caches; against one size for the whole period of those offers that %s %s USD.",
		f.Best.Grouped(), f.Bests, len(r.Caches), verb, diff.Grouped())
}

type sizedFleetJSON struct {
	Best   string           `json:"usd_best_exact"`
	Fixed  string           `json:"usd_best_one_size_exact"`
	Bests  int              `json:"caches_with_a_cheapest"`
	Offers []sizedSumJSON   `json:"offers"`
	Each   []sizedCacheJSON `json:"each"` // with --each, else null
}

type sizedSumJSON struct {
	ID      string   `json:"id"`
	Status  string   `json:"status"`
	Reasons []string `json:"reasons"`
	Held    int      `json:"caches_held"`
	Refused int      `json:"caches_not_held"`
	Total   *string  `json:"usd_total_exact"`
	AtLeast *string  `json:"usd_at_least_exact"`
	Fixed   string   `json:"usd_one_size_exact"`
}

type sizedCacheJSON struct {
	Cache    string  `json:"cache"`
	Cheapest *string `json:"cheapest"`
	Plan     *string `json:"plan"`
	Least    *int64  `json:"fewest_nodes"`
	Most     *int64  `json:"most_nodes"`
	Used     *int64  `json:"node_hours_used"`
	Billed   *int64  `json:"node_hours_billed"`
	Reserved *int64  `json:"reserved_nodes"`
	Changes  *int    `json:"changes"`
	Total    *string `json:"usd_total_exact"`
	Fixed    *string `json:"usd_one_size_exact"`
}

func newSizedFleetJSON(f *replay.SizedFleet, each bool) *sizedFleetJSON {
	if f == nil {
		return nil
	}
	j := &sizedFleetJSON{Best: f.Best.Exact(), Fixed: f.Fixed.Exact(), Bests: f.Bests, Offers: []sizedSumJSON{}}
	for _, o := range f.Offers {
		one := sizedSumJSON{ID: o.Offer.Card.ID, Status: string(o.Status()), Reasons: []string{}, Held: o.Priced + o.Open, Refused: o.Refused, Fixed: o.Fixed.Exact()}
		if o.Why != "" {
			one.Reasons = append(one.Reasons, o.Why)
		}
		switch o.Status() {
		case bill.Priced:
			one.Total = text(o.Total.Exact())
		case bill.Incomplete:
			one.AtLeast = text(o.Total.Exact())
		}
		j.Offers = append(j.Offers, one)
	}
	if !each {
		return j
	}
	j.Each = []sizedCacheJSON{}
	for i := range f.Each {
		j.Each = append(j.Each, newSizedCacheJSON(&f.Each[i]))
	}
	return j
}

func newSizedCacheJSON(c *replay.SizedCache) sizedCacheJSON {
	j := sizedCacheJSON{Cache: c.Cache.Name}
	if o := c.Cheapest; o != nil {
		j.Cheapest, j.Plan, j.Total = text(o.Offer.Card.ID), text(o.Plan), text(o.Total.Exact())
		j.Least, j.Most, j.Used, j.Billed, j.Reserved, j.Changes = &o.Least, &o.Most, &o.Used, &o.Billed, &o.Reserved, &o.Changes
		if o.Fixed != nil {
			j.Fixed = text(o.Fixed.Exact())
		}
	}
	return j
}

// sizedEachRows are the rows of CSV, one for each cache.
func sizedEachRows(f *replay.SizedFleet) [][]string {
	rows := [][]string{{"cache", "cheapest", "plan", "fewest_nodes", "most_nodes", "reserved_nodes", "node_hours_used", "node_hours_billed", "changes", "usd", "usd_one_size"}}
	for i := range f.Each {
		c := &f.Each[i]
		row := []string{c.Cache.Name, "", "", "", "", "", "", "", "", "", ""}
		if o := c.Cheapest; o != nil {
			fixed := ""
			if o.Fixed != nil {
				fixed = o.Fixed.Exact()
			}
			row = []string{c.Cache.Name, o.Offer.Card.ID, o.Plan, fmt.Sprint(o.Least), fmt.Sprint(o.Most), fmt.Sprint(o.Reserved), fmt.Sprint(o.Used), fmt.Sprint(o.Billed), fmt.Sprint(o.Changes), o.Total.Exact(), fixed}
		}
		rows = append(rows, row)
	}
	return rows
}

// grownCaches says for every cache of a growing fleet when its cheapest offer or
// its size changes.
func grownCaches(g *Growing) *page.Table {
	t := page.NewTable(page.Column{Head: "Cache"}, page.Column{Head: "Cheapest, from month", Wrap: true}, page.Column{Head: "USD/month now", Right: true}, page.Column{Head: "At the end", Right: true})
	for _, c := range g.caches {
		first, last := &c.months[0], &c.months[len(c.months)-1]
		t.Add(orWords(c.name, "(unnamed)"), c.words(), grownUSD(first), grownUSD(last))
	}
	return t
}

func grownUSD(o *grownOffer) string {
	if o.id == "" {
		return ""
	}
	return o.usd.Grouped()
}

// grownCache is a cache of a growing fleet on its cheapest offer, month by month.
type grownCache struct {
	name   string
	months []grownOffer // id is "" where nothing may be named
}

// words are the cheapest offers of a cache, each with the first month in which it
// or its size is another.
func (c *grownCache) words() string {
	words, before := "", ""
	for i := range c.months {
		m := &c.months[i]
		now := orWords(m.name, "nothing fits")
		if m.size != "" {
			now += ", " + m.size
		}
		switch {
		case i == 0:
			words = now
		case now != before:
			words += fmt.Sprintf("; from %d: %s", i, now)
		}
		before = now
	}
	return words
}

// growthOfCache is the cost of a month of 730 hours of one cache at its mean.
func growthOfCache(c *replay.CacheCost, r *replay.Result) grownOffer {
	if c.Best < 0 {
		return grownOffer{}
	}
	card := r.Field.Offers[c.Best].Card
	return grownOffer{id: card.ID, name: OfferName(card), status: bill.Priced, usd: perMonth(c.Costs[c.Best].Total, c.Hours), size: c.Plan}
}

func perMonth(total money.USD, hours int64) money.USD {
	usd, err := total.Times(unit.HoursPerMonth, max(hours, 1))
	if err != nil {
		return money.MaxUSD
	}
	return usd
}
