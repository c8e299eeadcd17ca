package replay

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/columns"
	"github.com/keynest/keynest/pkg/compare"
)

// On is the offer, plan and shards that a cache uses today.
type On struct {
	Offer  string // an id
	Plan   string // "" to size it
	Shards int64  // 0 to size it
}

// Today has what each cache uses today, by name; under "" what all others use.
type Today map[string]On

// on is what a cache uses today; false where it is not given.
func (t Today) on(cache string) (On, bool) {
	if on, ok := t[cache]; ok {
		return on, true
	}
	on, ok := t[""]
	return on, ok
}

// todayPeriods compiles what caches are on, each plan and size once.
func todayPeriods(f *compare.Field, today Today, lengths []int64) (map[On]*bill.Period, error) {
	all := map[On]*bill.Period{}
	names := make([]string, 0, len(today))
	for name := range today {
		names = append(names, name)
	}
	slices.Sort(names) // so that the first error is always the same
	for _, name := range names {
		on := today[name]
		if all[on] != nil {
			continue
		}
		opt := f.Options
		opt.Plan, opt.Shards = on.Plan, on.Shards
		one, err := compare.NewField(f.Set, compare.Filter{Offers: []string{on.Offer}}, opt)
		if err != nil {
			return nil, fmt.Errorf("today: %w", err)
		}
		if len(one.Offers) != 1 {
			return nil, fmt.Errorf("today: %q is not one offer's id", on.Offer)
		}
		periods, err := bill.CompilePeriods(f.Set, one.Offers, opt, lengths)
		if err != nil {
			return nil, err
		}
		all[on] = periods[0]
	}
	return all, nil
}

// now prices a cache on today's offer.
func (p *part) now(to *CacheCost, load *Load) error {
	on, ok := p.today.on(to.Cache.Name)
	if !ok {
		return nil
	}
	cost, err := p.todayAt[on].Cost(&load.Peak, load.Months, nil)
	if err != nil {
		return cacheErr(to.Cache, err)
	}
	cost.Months = nil
	to.Today = &cost
	return nil
}

// compareToday adds up what caches cost today, and lists those to move.
func (r *Result) compareToday() (err error) {
	for i := range r.Caches {
		c := &r.Caches[i]
		if c.Today == nil || c.Today.Status != bill.Priced {
			continue
		}
		r.Todays++
		if r.Today, err = r.Today.Add(c.Today.Total); err != nil {
			return err
		}
		if c.Best >= 0 && c.Costs[c.Best].Total < c.Today.Total {
			r.Moves = append(r.Moves, Move{c, c.Today.Total - c.Costs[c.Best].Total})
		}
	}
	sort.SliceStable(r.Moves, func(i, j int) bool { return r.Moves[i].Saving > r.Moves[j].Saving })
	return nil
}

// byDay adds what each day adds to its month's bill on every offer.
func (p *part) byDay(c *Cache, to *CacheCost, first int) error {
	for i := range c.Slots {
		load, err := p.series.monthToDate(c, p.shape, i)
		if err != nil {
			return err
		}
		day := c.From + i - first
		newMonth := i == 0 || p.series.monthOf(c.From+i) != p.series.monthOf(c.From+i-1)
		for at, o := range p.offers {
			cost := &to.Costs[at]
			if cost.Status != bill.Priced && cost.Status != bill.Incomplete {
				continue
			}
			usd, err := o.Period.MonthCost(cost, load)
			if err != nil {
				return cacheErr(c, err)
			}
			if newMonth {
				p.before[at] = 0
			}
			if o.Days[day], err = o.Days[day].Add(usd - p.before[at]); err != nil {
				return cacheErr(c, err)
			}
			p.before[at] = usd
		}
	}
	return nil
}

// monthToDate is what a cache asked for in the month of a day, up to its end.
func (s *Series) monthToDate(c *Cache, shape Shape, day int) (*bill.Month, error) {
	_, hours := s.Month(c.From + day)
	month := s.monthOf(c.From + day)
	sums := s.slotSums(c, day)
	for i := day - 1; i >= 0 && s.monthOf(c.From+i) == month; i-- {
		if err := sums.add(s.slotSums(c, i)); err != nil {
			return nil, cacheErr(c, err)
		}
	}
	u, err := s.usage(sums, shape, hours)
	return &bill.Month{Hours: hours, Usage: u}, cacheErr(c, err)
}

// monthOf is the month of a slot, counted from the first one.
func (s *Series) monthOf(slot int) int {
	if !s.opt.ByDay {
		return slot
	}
	d := s.day(slot)
	return (d.Year()-s.cal.first.Year())*12 + int(d.Month()) - int(s.cal.first.Month())
}

// daySpans are the days of the period.
func (s *Series) daySpans(first, last int) []MonthSpan {
	var all []MonthSpan
	for slot := first; slot <= last; slot++ {
		from, to := s.day(slot), s.day(slot+1)
		all = append(all, MonthSpan{Name: s.SlotName(slot), Hours: int64(to.Sub(from).Hours())})
	}
	return all
}

// ReadToday reads what caches are on: a table with the columns cache and offer,
// and plan and shards where they are known.
func ReadToday(in *columns.Reader) (Today, error) {
	want := []columns.Column{{Name: "cache"}, {Name: "offer"}}
	plan, shards := -1, -1
	if slices.Contains(in.Head(), "plan") {
		plan, want = len(want), append(want, columns.Column{Name: "plan"})
	}
	if slices.Contains(in.Head(), "shards") {
		shards, want = len(want), append(want, columns.Column{Name: "shards", Kind: columns.Number})
	}
	if err := in.Read(want); err != nil {
		return nil, err
	}
	today := Today{}
	for {
		b, err := in.Next()
		if errors.Is(err, io.EOF) {
			return today, nil
		}
		if err != nil {
			return nil, err
		}
		for row := range b.Rows {
			name, on := string(b.Bytes(0, row)), On{Offer: string(b.Bytes(1, row))}
			if plan >= 0 {
				on.Plan = string(b.Bytes(plan, row))
			}
			if shards >= 0 {
				on.Shards = max(b.Ints(shards)[row], 0)
			}
			at := b.First + int64(row)
			switch _, twice := today[name]; {
			case name == "":
				return nil, in.Fail(at, "cache", "the cell is empty")
			case on.Offer == "":
				return nil, in.Fail(at, "offer", "the cell is empty")
			case twice:
				return nil, in.Fail(at, "cache", "%q appears twice", name)
			}
			today[name] = on
		}
	}
}
