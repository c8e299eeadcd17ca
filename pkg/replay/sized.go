package replay

import (
	"fmt"
	"sort"
	"time"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Resize is how often the number of nodes follows the load.
type Resize string

// The rules.
const (
	ResizeNever  Resize = ""
	ResizeHourly Resize = "hourly" // what the hour needs
	ResizeDaily  Resize = "daily"  // what the highest hour of the day needs
)

// ReservedBest asks for the number of reserved nodes that costs the least.
const ReservedBest int64 = -1

// Sizing says how the number of nodes is set: it follows the load, follows a
// schedule, or is large enough for the highest hour. It also says how many nodes
// are reserved for the term of the field's options; the rest is on demand.
type Sizing struct {
	Resize   Resize
	Schedule *Schedule
	Reserved int64 // nodes; 0 for none, or ReservedBest
}

// Any says whether anything is asked for.
func (s Sizing) Any() bool { return s.Resize != ResizeNever || s.Schedule != nil || s.Reserved != 0 }

// HourLog is a Watcher that keeps every hour of every cache: 28 bytes each.
type HourLog struct {
	caches map[*Cache]*cacheLog
	kept   int64
}

// cacheLog is the hours of one cache, one after another without a gap.
type cacheLog struct {
	first int64 // seconds since 1970
	hours []loggedHour
	slots []int32
}

type loggedHour struct {
	ops, transfer, stored int64
}

// MaxLogged is how many hours are kept, of all caches together: a year of more than
// 1,100 caches, in 280 MB.
const MaxLogged = 10_000_000

// Hour keeps an hour.
func (l *HourLog) Hour(cache *Cache, slot int, h *Hour) {
	if l.kept++; l.kept > MaxLogged {
		l.caches = nil
		return
	}
	if l.caches == nil {
		l.caches = map[*Cache]*cacheLog{}
	}
	one := l.caches[cache]
	if one == nil {
		one = &cacheLog{first: h.Start}
		l.caches[cache] = one
	}
	one.hours = append(one.hours, loggedHour{h.Ops, h.Transfer, h.Stored})
	one.slots = append(one.slots, int32(cache.From+slot))
}

// start is when an hour begins.
func (l *cacheLog) start(i int) int64 { return l.first + int64(i)*3600 }

// Sized is an offer's nodes in numbers that change.
type Sized struct {
	Offer  *bill.Offer
	Why    string // it could not be priced so; "" where it could
	Plan   string
	Status bill.Status
	Ranked bool // it may be called the cheapest

	Total  money.USD
	Months []money.USD
	Fixed  *money.USD // what one size for the whole period costs; nil where none is known

	Least, Most int64 // nodes in use in any hour
	Used        int64 // nodes in use, summed over the hours
	Billed      int64 // node-hours of the bill, reserved ones too
	Changes     int   // hours that begin with another number of nodes
	Reserved    int64 // nodes

	Short   int64 // hours that the schedule does not hold
	ShortAt int64 // the first of them

	Resizing, PartHour ratecard.Trait // what the card says of a change of the size
}

// SizedResult is a series on nodes in numbers that change.
type SizedResult struct {
	Sizing Sizing
	Hours  int64 // of all caches together

	// Of one cache.
	Offers   []*Sized // in order of cost; those without a price last
	Cheapest *Sized   // nil where none may be named

	Fleet *SizedFleet // of several; else nil
}

// Size prices every cache of the series on the plans of every offer with nodes in
// numbers that change. log has seen every hour of the series.
func (r *Result) Size(log *HourLog, sizing Sizing) (*SizedResult, error) {
	if log.kept > MaxLogged {
		return nil, fmt.Errorf("%d hours over all caches are more than the %d that --schedule, --resize and --reserved take; give fewer caches or a shorter time", log.kept, MaxLogged)
	}
	onDemand := r.Field.Options
	onDemand.Term, onDemand.Upfront = ratecard.TermOnDemand, ratecard.UpfrontNone
	periods, err := r.compile(onDemand)
	if err != nil {
		return nil, err
	}
	reserved := make([]*bill.Period, len(periods))
	if sizing.Reserved != 0 {
		if reserved, err = r.compile(r.Field.Options); err != nil {
			return nil, err
		}
	}
	out := &SizedResult{Sizing: sizing}
	for _, c := range log.caches {
		out.Hours += int64(len(c.hours))
	}
	one := sizings{result: r, log: log, sizing: sizing, periods: periods, reserved: reserved}
	if len(r.Caches) == 1 {
		if out.Offers, err = one.cache(0); err != nil {
			return nil, err
		}
		out.Cheapest = rankSized(out.Offers)
		return out, nil
	}
	out.Fleet, err = one.fleet()
	return out, err
}

// sizings prices caches one by one.
type sizings struct {
	result   *Result
	log      *HourLog
	sizing   Sizing
	periods  []*bill.Period
	reserved []*bill.Period // nil each without reserved nodes
}

// cache prices a cache on every offer that sells nodes.
func (s *sizings) cache(at int) ([]*Sized, error) {
	r := s.result
	c := &r.Caches[at]
	load, err := r.Series.Load(c.Cache, r.Shape, -1)
	if err != nil {
		return nil, err
	}
	var all []*Sized
	for i, p := range s.periods {
		if p.Offer.Version == nil || len(p.Offer.Version.Plans) == 0 {
			continue
		}
		z := &sizer{series: r.Series, log: s.log.caches[c.Cache], sizing: s.sizing, load: load, Sizer: bill.NewSizer(p, s.reserved[i])}
		one, err := z.offer()
		if err != nil {
			return nil, err
		}
		if o := &c.Costs[i]; o.Status == bill.Priced {
			one.Fixed = &o.Total
		}
		all = append(all, one)
	}
	return all, nil
}

// compile compiles the offers of the field with other options.
func (r *Result) compile(opt bill.Options) ([]*bill.Period, error) {
	cards := make([]*ratecard.Offer, len(r.Field.Offers))
	for i, o := range r.Field.Offers {
		cards[i] = o.Card
	}
	offers, err := bill.CompileAll(r.Field.Set, cards, opt)
	if err != nil {
		return nil, err
	}
	return bill.CompilePeriods(r.Field.Set, offers, opt, r.Series.Lengths())
}

// rankSized orders offers by cost, those without a price last, and returns the
// cheapest that may be named; nil for none.
func rankSized(offers []*Sized) *Sized {
	sort.SliceStable(offers, func(i, j int) bool {
		a, b := offers[i], offers[j]
		if (a.Why == "") != (b.Why == "") {
			return a.Why == ""
		}
		return a.Why == "" && a.Total < b.Total
	})
	for _, o := range offers {
		if o.Why == "" && o.Status == bill.Priced && o.Ranked {
			return o
		}
	}
	return nil
}

// sizer finds the plan and the mix of one offer.
type sizer struct {
	*bill.Sizer
	series *Series
	log    *cacheLog
	sizing Sizing
	load   *Load
}

// offer prices the offer on the plan that costs the least.
func (z *sizer) offer() (*Sized, error) {
	card := z.Period.Offer.Card
	best := &Sized{Offer: z.Period.Offer}
	best.Resizing, best.PartHour = card.Trait(ratecard.TraitResize, ""), card.Trait(ratecard.TraitPartHour, "")
	plans, why := z.Plans()
	if len(plans) == 0 {
		best.Why = why
		return best, nil
	}
	best.Why = "no size is large enough for every hour"
	for _, i := range plans {
		one := &Sized{Offer: best.Offer, Plan: z.PlanID(i), Ranked: z.Ranked(i)}
		one.Resizing, one.PartHour = card.Trait(ratecard.TraitResize, one.Plan), card.Trait(ratecard.TraitPartHour, one.Plan)
		nodes := z.nodes(one, i)
		switch {
		case nodes == nil && one.Short > 0 && best.Why != "" && (best.Short == 0 || one.Short < best.Short):
			best.Short, best.ShortAt = one.Short, one.ShortAt
			best.Why = fmt.Sprintf("no plan is large enough with these shards; %s comes nearest, and is too small in %d hours, first at %s",
				one.Plan, one.Short, z.series.Local(one.ShortAt).Format("2006-01-02 15:04"))
			continue
		case nodes == nil:
			continue
		}
		if err := z.cheapestMix(one, i, nodes); err != nil {
			return nil, err
		}
		if best.Why != "" || better(one, best) {
			best = one
		}
	}
	return best, nil
}

func better(a, b *Sized) bool {
	if (a.Status == bill.Priced) != (b.Status == bill.Priced) {
		return a.Status == bill.Priced
	}
	return a.Total < b.Total
}

// usage is what an hour asks of the nodes.
func (z *sizer) usage(h *loggedHour) workload.Usage {
	u := z.load.Peak
	u.StoredBytes, u.PeakBytesPerSec = h.stored, h.transfer
	u.PeakOps = unit.CeilDiv(h.ops, unit.Million)
	return u
}

// nodes are the nodes of a plan in use in every hour; nil where they do not
// hold the load of every hour.
func (z *sizer) nodes(to *Sized, plan int) []int64 {
	list := make([]int64, len(z.log.hours))
	if z.sizing.Resize == ResizeNever && z.sizing.Schedule == nil {
		n, _, ok := z.Nodes(plan, &z.load.Peak)
		if !ok {
			return nil
		}
		for i := range list {
			list[i] = n
		}
		return list
	}
	for i := range z.log.hours {
		h := &z.log.hours[i]
		u := z.usage(h)
		if z.sizing.Schedule == nil {
			n, _, ok := z.Nodes(plan, &u)
			if !ok {
				return nil
			}
			list[i] = n
			continue
		}
		n, holds, ok := z.Holds(plan, z.sizing.Schedule.At(z.series.Local(z.log.start(i))), &u)
		if !ok {
			return nil
		}
		if list[i] = n; !holds {
			if to.Short == 0 {
				to.ShortAt = z.log.start(i)
			}
			to.Short++
		}
	}
	if to.Short > 0 {
		return nil
	}
	if z.sizing.Resize == ResizeDaily {
		z.daily(list)
	}
	return list
}

// daily raises every hour to the highest of its day.
func (z *sizer) daily(list []int64) {
	day := func(i int) time.Time {
		y, m, d := z.series.Local(z.log.start(i)).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	for from := 0; from < len(list); {
		to, most := from, int64(0)
		for today := day(from); to < len(list) && day(to).Equal(today); to++ {
			most = max(most, list[to])
		}
		for ; from < to; from++ {
			list[from] = most
		}
	}
}

// billed are the nodes on the bill of every hour. Where the vendor bills a part of
// an hour as a whole one, a removed node is billed for the hour in which its data
// moves away, and a node that must be ready before the load comes (Resize) for the
// hour in which data moves to it.
func (z *sizer) billed(used []int64, part string) []int64 {
	if part != ratecard.PartHourWhole {
		return used
	}
	list := make([]int64, len(used))
	for i := range used {
		list[i] = used[i]
		if i > 0 {
			list[i] = max(list[i], used[i-1])
		}
		if z.sizing.Resize != ResizeNever && i+1 < len(used) {
			list[i] = max(list[i], used[i+1])
		}
	}
	return list
}

// cheapestMix prices a plan with so many reserved nodes, or with each number of
// them, and keeps the cheapest.
func (z *sizer) cheapestMix(to *Sized, plan int, used []int64) error {
	to.Least, to.Most = used[0], used[0]
	for i, n := range used {
		to.Least, to.Most, to.Used = min(to.Least, n), max(to.Most, n), to.Used+n
		if i > 0 && n != used[i-1] {
			to.Changes++
		}
	}
	billed := z.billed(used, to.PartHour.Value)
	first, last := z.sizing.Reserved, z.sizing.Reserved
	if first == ReservedBest {
		first, last = 0, to.Most
	}
	for n := first; n <= last; n++ {
		months, nodeHours := z.months(billed, n)
		total, each, complete, err := z.Cost(plan, months)
		if err != nil {
			return err
		}
		if n == first || total < to.Total {
			to.Total, to.Months, to.Reserved, to.Billed, to.Status = total, each, n, nodeHours, bill.Priced
			if !complete {
				to.Status = bill.Incomplete
			}
		}
	}
	return nil
}

// months are the months of the period with so many reserved nodes and the rest
// of the node-hours on demand.
func (z *sizer) months(billed []int64, reserved int64) (months []bill.SizedMonth, nodeHours int64) {
	at, name := -1, ""
	for i, n := range billed {
		if i == 0 || z.log.slots[i] != z.log.slots[i-1] {
			if month, _ := z.series.Month(int(z.log.slots[i])); month != name {
				at, name = at+1, month
				months = append(months, bill.SizedMonth{Month: z.load.Months[at], Reserved: reserved})
			}
		}
		months[at].NodeHours += max(n-reserved, 0)
		nodeHours += max(n, reserved)
	}
	return months, nodeHours
}
