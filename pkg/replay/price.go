package replay

import (
	"runtime"
	"slices"
	"sort"
	"sync"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/unit"
)

// Result is a series priced on every offer of a field.
type Result struct {
	Series *Series
	Field  *compare.Field
	Shape  Shape
	Hours  int64 // clock hours of all caches together
	Months []MonthSpan
	Offers []*OfferCost // in order of cost; the unpriced last
	Caches []CacheCost  // in the order of the file
	// Cheapest are the cheapest offer of each kind for all caches together, and
	// nil where none may be named.
	Commands, Capacity, Overall *OfferCost
	// Best is what all caches cost where each is on its own cheapest offer, and
	// how many caches have one.
	Best  money.USD
	Bests int

	// Today is the cost of the caches on today's offers, as far as those are given
	// and priced, and Todays counts these caches. Moves are those of them that cost
	// less on their cheapest offer, the largest saving first.
	Today  money.USD
	Todays int
	Moves  []Move
	days   []MonthSpan
}

// MonthSpan is a month of the period.
type MonthSpan struct {
	Name    string
	Hours   int64 // by the calendar
	Covered int64 // the most that any cache has
}

// Whole says whether a cache has every hour of the month.
func (m MonthSpan) Whole() bool { return m.Covered == m.Hours }

// OfferCost is what all caches come to on one offer.
type OfferCost struct {
	Period *bill.Period
	// Bill has the status, the plan and the reasons. Of several caches it has
	// the status and, for one that does not fit, its reasons.
	Bill   *bill.Bill
	Total  money.USD
	Floor  money.USD // of Total, what minimums add to what was metered
	Forced money.USD // of Total, what the plan that holds the peak costs above one that holds the mean
	Months []money.USD
	Days   []money.USD // by slot, where the series has one for each day
	Priced int         // caches
	// Refused are caches that the offer cannot hold or has no price for, and
	// Open caches of which the price is only a lower bound.
	Refused, Open int
	// Unranked are priced caches for which the offer may not be called the cheapest.
	Unranked int
	// AtMost are caches for which the price is an upper bound: a smaller plan of
	// unknown price holds them too.
	AtMost int

	Size                   string // that was chosen, of one cache: "2 × cache.r7g.large"
	StoredBytes, OpsPerSec int64  // what the chosen size holds, of one cache; 0 for no limit or none known
}

// PerMonth is the cost of a month of 730 hours at the mean of the period.
func (r *Result) PerMonth(total money.USD) money.USD {
	hours := r.Hours
	if len(r.Caches) > 1 {
		hours = r.Series.Hours()
	}
	v, err := unit.MulDiv(uint64(total), uint64(unit.HoursPerMonth), uint64(max(hours, 1)))
	if err != nil {
		return money.MaxUSD
	}
	return money.USD(v)
}

// Hours are the clock hours from the first row to the end of the last.
func (s *Series) Hours() int64 { return unit.CeilDiv(s.To-s.From, 3600) }

// CacheCost is one cache on the offers of the field.
type CacheCost struct {
	Cache *Cache
	Hours int64
	Costs []bill.PeriodCost // by the place of the offer in Field.Offers; without months
	Best  int               // the place of the cheapest; -1 for none
	Plan  string            // that it is on there
	Today *bill.PeriodCost  // nil where today's offer is not given
}

// Move is a cache that would be cheaper elsewhere.
type Move struct {
	Cache  *CacheCost
	Saving money.USD
}

// Price prices every cache on every offer, and on what it is on today.
func (s *Series) Price(f *compare.Field, shape Shape, today Today) (*Result, error) {
	periods, err := bill.CompilePeriods(f.Set, f.Offers, f.Options, s.Lengths())
	if err != nil {
		return nil, err
	}
	r := &Result{Series: s, Field: f, Shape: shape, Caches: make([]CacheCost, len(s.Caches))}
	todayAt, err := todayPeriods(f, today, s.Lengths())
	if err != nil {
		return nil, err
	}
	first, last := s.slots()
	plain := part{series: s, shape: shape, today: today, todayAt: todayAt, first: first, months: s.months(first, last)}
	if s.opt.ByDay {
		plain.days = s.daySpans(first, last)
	}
	workers := max(min(runtime.GOMAXPROCS(0), len(s.Caches)), 1)
	parts := make([]*part, workers)
	var wait sync.WaitGroup
	for w := range workers {
		parts[w] = newPart(plain, periods)
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := w; i < len(s.Caches); i += workers {
				if parts[w].err = parts[w].cache(s.Caches[i], &r.Caches[i]); parts[w].err != nil {
					return
				}
			}
		}()
	}
	wait.Wait()
	for _, p := range parts {
		if p.err != nil {
			return nil, p.err
		}
		if err := r.merge(p); err != nil {
			return nil, err
		}
	}
	r.rank()
	return r, r.compareToday()
}

// months lists the months of the period.
func (s *Series) months(first, last int) []MonthSpan {
	var all []MonthSpan
	for slot := first; slot <= last; slot++ {
		name, hours := s.Month(slot)
		if n := len(all); n == 0 || all[n-1].Name != name {
			all = append(all, MonthSpan{Name: name, Hours: hours})
		}
	}
	return all
}

// part is what one worker has priced.
type part struct {
	series  *Series
	shape   Shape
	today   Today
	todayAt map[On]*bill.Period
	first   int // slot of the period
	months  []MonthSpan
	days    []MonthSpan // nil without --by day
	hours   int64
	offers  []*OfferCost
	before  []money.USD // by offer: the month's bill up to the day before
	best    money.USD
	bests   int
	room    []money.USD
	err     error
}

func newPart(plain part, periods []*bill.Period) *part {
	p := &plain
	p.months, p.days = slices.Clone(p.months), slices.Clone(p.days)
	p.before = make([]money.USD, len(periods))
	for _, period := range periods {
		o := &OfferCost{Period: period, Months: make([]money.USD, len(p.months))}
		if p.days != nil {
			o.Days = make([]money.USD, len(p.days))
		}
		p.offers = append(p.offers, o)
	}
	return p
}

// cache prices one cache on every offer.
func (p *part) cache(c *Cache, to *CacheCost) error {
	load, err := p.series.Load(c, p.shape, -1)
	if err != nil {
		return err
	}
	*to = CacheCost{Cache: c, Hours: load.Hours, Best: -1, Costs: make([]bill.PeriodCost, len(p.offers))}
	p.hours += load.Hours
	at := slices.IndexFunc(p.months, func(m MonthSpan) bool { return m.Name == load.Names[0] })
	for i := range load.Months {
		m := &p.months[at+i]
		m.Covered = max(m.Covered, load.Months[i].Usage.Hours)
	}
	for i, o := range p.offers {
		cost, err := o.Period.Cost(&load.Peak, load.Months, p.room)
		if err != nil {
			return cacheErr(c, err)
		}
		p.room = cost.Months
		if err := p.add(o, &cost, load, at); err != nil {
			return cacheErr(c, err)
		}
		cost.Months = nil
		to.Costs[i] = cost
	}
	if p.days != nil {
		for i := range c.Slots {
			d := &p.days[c.From+i-p.first]
			d.Covered = max(d.Covered, c.Slots[i].Hours)
		}
		if err := p.byDay(c, to, p.first); err != nil {
			return err
		}
	}
	if err := p.now(to, load); err != nil {
		return err
	}
	return p.cheapest(to)
}

// add adds a cache's cost to its offer's.
func (p *part) add(o *OfferCost, cost *bill.PeriodCost, load *Load, at int) (err error) {
	switch {
	case cost.Status == bill.Priced:
		o.Priced++
	case cost.Status == bill.Incomplete:
		o.Open++
	default:
		o.Refused++
	}
	single := len(p.series.Caches) == 1
	if o.Bill == nil && (single || cost.Status != bill.Priced) {
		if o.Bill, err = o.Period.Bill(cost, &load.Peak); err != nil {
			return err
		}
	}
	if cost.Status != bill.Priced && cost.Status != bill.Incomplete {
		return nil
	}
	if single {
		o.StoredBytes, o.OpsPerSec = o.Period.Capacity(cost)
		o.Size = o.Period.Size(cost)
	}
	forced := money.USD(0)
	if single {
		if forced, err = o.Period.Forced(cost, &load.Mean, load.Months); err != nil {
			return err
		}
	}
	if cost.AtMost {
		o.AtMost++
	}
	if cost.Status == bill.Priced && !o.Period.Ranked(cost) {
		o.Unranked++
	}
	for _, sum := range []struct {
		to   *money.USD
		more money.USD
	}{{&o.Total, cost.Total}, {&o.Floor, cost.Floor}, {&o.Forced, forced}} {
		if *sum.to, err = sum.to.Add(sum.more); err != nil {
			return err
		}
	}
	for i, usd := range cost.Months {
		if o.Months[at+i], err = o.Months[at+i].Add(usd); err != nil {
			return err
		}
	}
	return nil
}

// cheapest finds the cache's own cheapest offer.
func (p *part) cheapest(to *CacheCost) error {
	order := make([]int, len(p.offers))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return to.Costs[order[a]].Total < to.Costs[order[b]].Total })
	for _, i := range order {
		cost := &to.Costs[i]
		if !p.offers[i].Period.Ranked(cost) {
			continue
		}
		to.Best, to.Plan = i, p.offers[i].Period.Size(cost)
		p.bests++
		var err error
		p.best, err = p.best.Add(cost.Total)
		return err
	}
	return nil
}

// merge adds what a worker has priced.
func (r *Result) merge(p *part) (err error) {
	r.Hours += p.hours
	r.Bests += p.bests
	if r.Best, err = r.Best.Add(p.best); err != nil {
		return err
	}
	if r.Offers == nil {
		r.Offers, r.Months, r.days = p.offers, p.months, p.days
		return nil
	}
	for i := range r.days {
		r.days[i].Covered = max(r.days[i].Covered, p.days[i].Covered)
	}
	for i := range r.Months {
		r.Months[i].Covered = max(r.Months[i].Covered, p.months[i].Covered)
	}
	for i, o := range p.offers {
		to := r.Offers[i]
		to.Priced, to.Refused, to.Open, to.Unranked = to.Priced+o.Priced, to.Refused+o.Refused, to.Open+o.Open, to.Unranked+o.Unranked
		to.AtMost += o.AtMost
		if to.Bill == nil {
			to.Bill = o.Bill
		}
		sums := []struct {
			to   *money.USD
			more money.USD
		}{{&to.Total, o.Total}, {&to.Floor, o.Floor}, {&to.Forced, o.Forced}}
		for d := range o.Days {
			sums = append(sums, struct {
				to   *money.USD
				more money.USD
			}{&to.Days[d], o.Days[d]})
		}
		for m := range o.Months {
			sums = append(sums, struct {
				to   *money.USD
				more money.USD
			}{&to.Months[m], o.Months[m]})
		}
		for _, sum := range sums {
			if *sum.to, err = sum.to.Add(sum.more); err != nil {
				return err
			}
		}
	}
	return nil
}

// Status is how far all caches could be priced on the offer.
func (o *OfferCost) Status() bill.Status {
	switch {
	case o.Refused > 0:
		return o.refusedAs()
	case o.Open > 0:
		return bill.Incomplete
	}
	return bill.Priced
}

func (o *OfferCost) refusedAs() bill.Status {
	if o.Bill != nil && o.Bill.Status == bill.NotPriced {
		return bill.NotPriced
	}
	return bill.Unfit
}

// rank orders the offers and names the cheapest.
func (r *Result) rank() {
	rank := map[bill.Status]int{bill.Priced: 0, bill.Incomplete: 1, bill.Unfit: 2, bill.NotPriced: 3}
	sort.SliceStable(r.Offers, func(i, j int) bool {
		a, b := r.Offers[i], r.Offers[j]
		if x, y := rank[a.Status()], rank[b.Status()]; x != y {
			return x < y
		}
		if a.Status() == bill.Priced && a.Total != b.Total {
			return a.Total < b.Total
		}
		return a.Period.Offer.Card.ID < b.Period.Offer.Card.ID
	})
	for _, o := range r.Offers {
		if !r.Ranked(o) {
			continue
		}
		kind := &r.Capacity
		if o.Period.Offer.Card.BilledBy.PerCommand() {
			kind = &r.Commands
		}
		if *kind == nil {
			*kind = o
		}
		if r.Overall == nil {
			r.Overall = o
		}
	}
}

// Ranked says whether an offer may be called the cheapest for all caches.
func (r *Result) Ranked(o *OfferCost) bool { return o.Status() == bill.Priced && o.Unranked == 0 }

// Days are the days of the period where costs are kept by day, else nil.
func (r *Result) Days() []MonthSpan { return r.days }

// Extremes are the smallest and the largest month: of those that are whole, or
// of all where none is.
func (o *OfferCost) Extremes(months []MonthSpan) (small, large money.USD) {
	for _, whole := range []bool{true, false} {
		found := false
		for i, m := range months {
			if whole && !m.Whole() {
				continue
			}
			usd := o.Months[i]
			if !found {
				small, large, found = usd, usd, true
			}
			small, large = min(small, usd), max(large, usd)
		}
		if found {
			break
		}
	}
	return small, large
}

// MeanOps are the commands a second of all caches together, in millionths.
func (s *Series) MeanOps() int64 {
	var sum, rows uint64
	for _, c := range s.Caches {
		for i := range c.Slots {
			sum += uint64(c.Slots[i].Commands)
		}
	}
	rows = uint64(max(s.To-s.From, 1))
	v, err := unit.MulDiv(sum, unit.Million, rows)
	if err != nil {
		return 1<<63 - 1
	}
	return v
}

// Zone is the zone of the period.
func (s *Series) Zone() string { return s.opt.Zone.String() }

// Saving is what all moves together save.
func (r *Result) Saving() money.USD {
	sum := money.USD(0)
	for _, m := range r.Moves {
		sum += m.Saving
	}
	return sum
}
