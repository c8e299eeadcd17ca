package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/replay"
	"github.com/keynest/keynest/pkg/unit"
)

// ReplayOptions say how much of a replay is shown.
type ReplayOptions struct {
	All   bool                // the offers that do not fit or have no price too
	Each  bool                // every cache
	ByDay bool                // a row for each day
	Sized *replay.SizedResult // nodes in numbers that change; nil for none
}

// Replay is a priced series as a document.
func Replay(r *replay.Result, opt ReplayOptions) *page.Document {
	d := &page.Document{Title: "Replay of " + r.Series.File}
	d.Say(replayHead(r), loadLine(r))
	if r.Todays > 0 {
		d.Add(movesBlock(r, opt))
	}
	d.Add(page.Block{Table: replayTable(r, opt)})
	d.Say(replayRemarks(r, opt)...)
	if opt.Sized != nil {
		if opt.Sized.Fleet != nil {
			for _, b := range sizedFleetBlocks(r, opt.Sized, opt) {
				d.Add(b)
			}
		} else {
			d.Add(sizedBlock(r, opt.Sized, opt.All))
		}
		d.Say(sizedRemarks(r, opt.Sized, opt.All)...)
	}
	if opt.Each {
		d.Add(page.Block{Heading: "Each cache", Table: cachesTable(r)})
	}
	d.Add(page.Block{Heading: "By " + slotWord(r), Table: slotsTable(r)})
	d.Add(page.Block{Chart: costOverTime(r)})
	d.Add(page.Block{Chart: loadOverTime(r)})
	return d
}

// replayHead says what was read, and for when rates are.
func replayHead(r *replay.Result) string {
	s, o := r.Series, &r.Field.Options
	every := "hourly"
	if s.Every != 3600 {
		every = "every " + (time.Duration(s.Every) * time.Second).String()
	}
	const day = "2006-01-02 15:04"
	w := r.Shape.Workload()
	asked := strings.Join(append(invoiceWords(&w), o.Where.Name), " · ")
	return fmt.Sprintf("%s · %s to %s (%s) · %s, %s · %s · %s · rates as of %s",
		count(int64(len(s.Caches)), "cache"), s.Local(s.From).Format(day), s.Local(s.To).Format(day), s.Zone(),
		count(s.Rows, "row"), every, count(r.Shape.Replicas, "replica"), asked, o.AsOf)
}

// loadLine says how uneven the load of a single cache is.
func loadLine(r *replay.Result) string {
	s := r.Series
	if len(s.Caches) != 1 {
		return fmt.Sprintf("%s of cache time. Each cache is priced as an account of its own.", count(r.Hours, "hour"))
	}
	c, mean := s.Caches[0], s.MeanOps()
	line := fmt.Sprintf("mean %s ops/s, peak %s ops/s at %s", groupMicro(mean), groupMicro(c.Ops.Value), s.Local(c.Ops.At).Format("2006-01-02 15:04"))
	if ratio, ok := compare.Ratio(money.USD(c.Ops.Value), money.USD(mean)); ok {
		line += fmt.Sprintf(" (%d.%02d × the mean)", ratio/100, ratio%100)
	}
	return line + fmt.Sprintf("; at most %s at %s", unit.FormatBytes(c.Held.Value), s.Local(c.Held.At).Format("2006-01-02 15:04"))
}

func slotWord(r *replay.Result) string {
	if r.Days() != nil {
		return "day"
	}
	return "month"
}

func replayTable(r *replay.Result, opt ReplayOptions) *page.Table {
	t := &page.Table{Columns: []page.Column{
		{Head: "Offer", Wrap: true},
		{Head: "USD in all", Right: true},
		{Head: "USD/month", Right: true},
		{Head: "Smallest", Right: true},
		{Head: "Largest", Right: true},
		{Head: "Minimums", Right: true},
		{Head: "Peak", Right: true},
		{Head: "Size", Wrap: true},
	}}
	groups := []page.Group{{Title: "PER COMMAND"}, {Title: "CAPACITY"}, {Title: "NOT RANKED"}}
	for _, o := range r.Offers {
		status, card := o.Status(), o.Period.Offer.Card
		if !opt.All && status != bill.Priced && status != bill.Incomplete {
			continue
		}
		kind := 1
		switch {
		case status == bill.Priced && !r.Ranked(o):
			kind = 2
		case card.BilledBy.PerCommand():
			kind = 0
		}
		best := o == r.Commands || o == r.Capacity
		groups[kind].Rows = append(groups[kind].Rows, page.Row{Cells: replayRow(r, o, best), Strong: best})
	}
	for _, g := range groups {
		if len(g.Rows) > 0 {
			t.Groups = append(t.Groups, g)
		}
	}
	return t
}

func replayRow(r *replay.Result, o *replay.OfferCost, best bool) []string {
	name := OfferName(o.Period.Offer.Card)
	if best {
		name += " *"
	}
	status := o.Status()
	if status != bill.Priced && status != bill.Incomplete {
		return []string{name, statusWords(status), "", "", "", "", "", refusedWords(o)}
	}
	at := ""
	switch {
	case status == bill.Incomplete:
		at = "≥ "
	case o.AtMost > 0:
		at = "≤ "
	}
	small, large := o.Extremes(r.Months)
	size := refusedWords(o)
	if p := planOf(o); p != nil {
		size = drivenBy(o.Bill, Currency{})
	}
	return []string{name, at + o.Total.Grouped(), at + r.PerMonth(o.Total).Grouped(), at + small.Grouped(), at + large.Grouped(),
		usdOrEmpty(o.Floor), usdOrEmpty(o.Forced), size}
}

func planOf(o *replay.OfferCost) *bill.Plan {
	if o.Bill == nil || o.Priced+o.Open+o.Refused > 1 {
		return nil
	}
	return o.Bill.Plan
}

// refusedWords says why an offer does not hold all caches, or is priced in part.
func refusedWords(o *replay.OfferCost) string {
	all := o.Priced + o.Open + o.Refused
	why := ""
	if o.Bill != nil {
		why = strings.Join(o.Bill.Reasons, "; ")
	}
	switch {
	case all == 1:
		return why
	case o.Refused > 0 && o.Refused == all:
		return why
	case o.Refused > 0:
		return fmt.Sprintf("not for %d of %d caches: %s", o.Refused, all, why)
	case o.Open > 0:
		return fmt.Sprintf("a lower bound for %d of %d caches: %s", o.Open, all, why)
	}
	return ""
}

func usdOrEmpty(u money.USD) string {
	if u == 0 {
		return ""
	}
	return u.Grouped()
}

// replayRemarks says what the columns mean, and what is left out.
func replayRemarks(r *replay.Result, opt ReplayOptions) []string {
	says := []string{"USD/month is the total for 730 hours. Minimums: what the vendor's minimums add to what was used, counted hour by hour where they are billed by the hour. Peak: what the size for the highest hour costs above one for the mean."}
	hidden := 0
	for _, o := range r.Offers {
		if s := o.Status(); s != bill.Priced && s != bill.Incomplete {
			hidden++
		}
	}
	if hidden > 0 && !opt.All {
		says = append(says, fmt.Sprintf("%s; --all says why.", doOf(hidden)))
	}
	if len(r.Caches) > 1 {
		says = append(says, fmt.Sprintf("Each cache on its own cheapest offer: %s USD in all for %d of %d caches (%s USD/month).", r.Best.Grouped(), r.Bests, len(r.Caches), r.PerMonth(r.Best).Grouped()))
	}
	for _, m := range r.Months {
		if !m.Whole() {
			says = append(says, fmt.Sprintf("%s has %d of its %d hours: monthly prices, minimums and caps are charged for that part, free amounts and tiers in full.", m.Name, m.Covered, m.Hours))
		}
	}
	return says
}

func doOf(n int) string {
	if n == 1 {
		return "1 offer does not fit or has no price"
	}
	return fmt.Sprintf("%d offers do not fit or have no price", n)
}

// mostMoves is how many moves are listed without --each.
const mostMoves = 10

// movesBlock says which caches to move and what that saves.
func movesBlock(r *replay.Result, opt ReplayOptions) page.Block {
	today := fmt.Sprintf("Today %s USD in all for %s.", r.Today.Grouped(), count(int64(r.Todays), "cache"))
	if len(r.Moves) == 0 {
		return page.Block{Heading: "No cache costs less elsewhere", Text: []string{today}}
	}
	saving, n := r.Saving(), len(r.Moves)
	words := fmt.Sprintf("Move these %s caches", money.Group(fmt.Sprint(n)))
	if n == 1 {
		words = "Move this cache"
	}
	b := page.Block{Heading: fmt.Sprintf("%s, save %s USD (%s USD/month)", words, saving.Grouped(), r.PerMonth(saving).Grouped()), Text: []string{today}}
	if opt.Each {
		return b // the table of all caches follows
	}
	t := page.NewTable(page.Column{Head: "Cache"}, page.Column{Head: "Today", Right: true}, page.Column{Head: "Move to", Wrap: true},
		page.Column{Head: "Size", Wrap: true}, page.Column{Head: "USD in all", Right: true}, page.Column{Head: "Saving", Right: true})
	for i := range r.Moves[:min(n, mostMoves)] {
		m := &r.Moves[i]
		c := m.Cache
		t.Add(orWords(c.Cache.Name, "(unnamed)"), c.Today.Total.Grouped(), OfferName(r.Field.Offers[c.Best].Card), c.Plan, c.Costs[c.Best].Total.Grouped(), m.Saving.Grouped())
	}
	b.Table = t
	if n > mostMoves {
		b.Text = append(b.Text, fmt.Sprintf("These are the %d largest savings; --each lists every cache.", mostMoves))
	}
	return b
}

// shownOffers are the offers that a column or a line is for: the cheapest that
// are priced, ranked ones first.
func shownOffers(r *replay.Result, most int) []*replay.OfferCost {
	var list []*replay.OfferCost
	for _, ranked := range []bool{true, false} {
		for _, o := range r.Offers {
			if o.Status() == bill.Priced && r.Ranked(o) == ranked && len(list) < most {
				list = append(list, o)
			}
		}
	}
	return list
}

// slotColumns is the most offers with a column in the table by month or day.
const slotColumns = 4

func slotsTable(r *replay.Result) *page.Table {
	t := page.NewTable(page.Column{Head: slotWord(r)}, page.Column{Head: "hours", Right: true})
	offers := shownOffers(r, slotColumns)
	for _, o := range offers {
		t.Columns = append(t.Columns, page.Column{Head: OfferName(o.Period.Offer.Card), Right: true, Wrap: true})
	}
	if days := r.Days(); days != nil {
		for i, d := range days {
			row := []string{d.Name, fmt.Sprint(d.Covered)}
			for _, o := range offers {
				row = append(row, o.Days[i].Grouped())
			}
			t.Add(row...)
		}
		return t
	}
	for i, m := range r.Months {
		hours := fmt.Sprint(m.Hours)
		if !m.Whole() {
			hours = fmt.Sprintf("%d of %d", m.Covered, m.Hours)
		}
		row := []string{m.Name, hours}
		for _, o := range offers {
			row = append(row, o.Months[i].Grouped())
		}
		t.Add(row...)
	}
	return t
}

func cachesTable(r *replay.Result) *page.Table {
	t := page.NewTable(page.Column{Head: "Cache"}, page.Column{Head: "Today", Right: true}, page.Column{Head: "Cheapest", Wrap: true},
		page.Column{Head: "Size", Wrap: true}, page.Column{Head: "USD in all", Right: true}, page.Column{Head: "Saving", Right: true})
	for i := range r.Caches {
		c := &r.Caches[i]
		row := []string{orWords(c.Cache.Name, "(unnamed)"), "", "nothing fits", "", "", ""}
		if c.Today != nil {
			row[1] = costText(compare.Cost{Total: c.Today.Total, Status: c.Today.Status})
		}
		if c.Best >= 0 {
			row[2], row[3], row[4] = OfferName(r.Field.Offers[c.Best].Card), c.Plan, c.Costs[c.Best].Total.Grouped()
			if c.Today != nil && c.Today.Status == bill.Priced {
				row[5] = max(c.Today.Total-c.Costs[c.Best].Total, 0).Grouped()
			}
		}
		t.Add(row...)
	}
	return t
}

func orWords(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// costOverTime draws what months or days cost on the cheapest offers.
func costOverTime(r *replay.Result) *page.Chart {
	offers := shownOffers(r, page.MaxLines)
	c := &page.Chart{Title: "Cost by " + slotWord(r) + ", USD", XLabel: slotWord(r) + " of the period", YLabel: "USD a " + slotWord(r)}
	slots := len(r.Months)
	if days := r.Days(); days != nil {
		slots = len(days)
	}
	if slots < 2 || len(offers) == 0 {
		return nil
	}
	for i := range slots {
		c.X = append(c.X, float64(i+1))
	}
	for _, o := range offers {
		l := page.ChartLine{Name: OfferName(o.Period.Offer.Card)}
		costs := o.Months
		if o.Days != nil {
			costs = o.Days
		}
		for _, usd := range costs {
			l.Y = append(l.Y, float64(usd)/float64(money.Nano))
		}
		c.Lines = append(c.Lines, l)
	}
	return c
}

// loadOverTime draws the load of a single cache against what its cheapest
// capacity holds, in what decided the size.
func loadOverTime(r *replay.Result) *page.Chart {
	s := r.Series
	if len(s.Caches) != 1 || len(s.Caches[0].Slots) < 2 {
		return nil
	}
	o := r.Capacity
	bytes := o != nil && o.Bill != nil && o.Bill.Plan != nil && o.Bill.Plan.Binding == "memory" && o.StoredBytes > 0
	c := &page.Chart{XLabel: slotWord(r) + " of the period"}
	var peak, mean, capacity page.ChartLine
	holds := 0.0
	if bytes {
		c.Title, peak.Name, mean.Name = "Data held by "+slotWord(r)+", MiB", "most", "mean"
		c.YLabel = "MiB"
		holds = float64(o.StoredBytes) / float64(unit.MiB)
	} else {
		c.Title, peak.Name, mean.Name = "Load by "+slotWord(r)+", ops/s", "highest row", "mean"
		c.YLabel = "ops/s"
		if o != nil {
			holds = float64(o.OpsPerSec)
		}
	}
	for i := range s.Caches[0].Slots {
		sl := &s.Caches[0].Slots[i]
		c.X = append(c.X, float64(i+1))
		hours := float64(max(sl.Rows*s.Every, 1)) / 3600
		if bytes {
			peak.Y = append(peak.Y, float64(sl.TopStored)/float64(unit.MiB))
			mean.Y = append(mean.Y, float64(sl.Stored)/float64(max(sl.Rows, 1))/float64(unit.MiB))
		} else {
			peak.Y = append(peak.Y, float64(sl.TopOps)/unit.Million)
			mean.Y = append(mean.Y, float64(sl.Commands)/hours/3600)
		}
		capacity.Y = append(capacity.Y, holds)
	}
	c.Lines = []page.ChartLine{peak, mean}
	if holds > 0 && !math.IsInf(holds, 0) {
		capacity.Name = "capacity of " + OfferName(o.Period.Offer.Card)
		c.Lines = append(c.Lines, capacity)
	}
	return c
}
