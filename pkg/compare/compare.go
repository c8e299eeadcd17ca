// Package compare ranks the bills of many offers for one workload, and finds
// the loads at which the cheapest offer changes.
package compare

import (
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/suggest"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Filter says which offers take part. An empty list keeps all.
type Filter struct {
	Offers    []string // globs on the id
	Providers []string // ids or names
	Engines   []string // "valkey", "redis"
	// Include lists classes of offers that compete for the cheapest in
	// addition. It does not remove any offer.
	Include []bill.Class
}

// Field is a set of offers compiled for one day, place and term.
type Field struct {
	Set     *ratecard.Set
	Options bill.Options
	Offers  []*bill.Offer // in order of id
}

// Cards lists the offers that pass the filter, in order of id. An unknown name
// in the filter is an error.
func (f Filter) Cards(set *ratecard.Set) ([]*ratecard.Offer, error) {
	if err := f.check(set); err != nil {
		return nil, err
	}
	var cards []*ratecard.Offer
	for _, card := range set.Offers() {
		if f.Keeps(card) {
			cards = append(cards, card)
		}
	}
	return cards, nil
}

// NewField compiles the offers that pass the filter. If none passes, the error
// lists the known names.
func NewField(set *ratecard.Set, f Filter, opt bill.Options) (*Field, error) {
	if err := f.check(set); err != nil {
		return nil, err
	}
	opt.Include = append(slices.Clone(opt.Include), f.Include...)
	field := &Field{Set: set, Options: opt}
	planKnown := opt.Plan == ""
	var cards []*ratecard.Offer
	for _, card := range set.Offers() {
		if f.Keeps(card) {
			cards = append(cards, card)
		}
	}
	if id, err := planID(set, cards, opt); err != nil {
		return nil, err
	} else if id != "" {
		opt.Plan, field.Options.Plan = id, id
	}
	offers, err := bill.CompileAll(set, cards, opt)
	if err != nil {
		return nil, err
	}
	for _, o := range offers {
		if o.Version != nil && o.Version.Withdrawn == "" {
			if !opt.Where.Keeps(o.Version) {
				continue
			}
			planKnown = planKnown || o.Version.Plan(opt.Plan) != nil
		}
		field.Offers = append(field.Offers, o)
	}
	if len(field.Offers) == 0 {
		return nil, fmt.Errorf("no offer is left: none that the filters select is sold in --region %s", opt.Where.Name)
	}
	if !planKnown {
		if q := suggest.Question(opt.Plan, field.planIDs()); q != "" {
			return nil, fmt.Errorf("no offer here has a plan %q%s", opt.Plan, q)
		}
		return nil, fmt.Errorf("no offer here has a plan %q; keynest rates show OFFER lists an offer's plans", opt.Plan)
	}
	return field, nil
}

// planID is the id of a plan that the caller gave by the vendor's name for it.
// It returns "" if a card has the text as an id, or if no card knows it.
func planID(set *ratecard.Set, cards []*ratecard.Offer, opt bill.Options) (string, error) {
	if opt.Plan == "" {
		return "", nil
	}
	var ids []string
	for _, card := range cards {
		v := set.Version(card, opt.AsOf)
		if v == nil {
			continue
		}
		switch p := v.PlanNamed(opt.Plan); {
		case p == nil:
		case p.ID == opt.Plan:
			return "", nil
		case !slices.Contains(ids, p.ID):
			ids = append(ids, p.ID)
		}
	}
	switch len(ids) {
	case 0:
		return "", nil
	case 1:
		return ids[0], nil
	}
	return "", fmt.Errorf("several offers have a plan named %q: %s; give one of these ids, or add --offer", opt.Plan, strings.Join(ids, ", "))
}

// planIDs lists the plans that the field's cards name, by id and by printed
// name.
func (f *Field) planIDs() []string {
	var ids []string
	for _, o := range f.Offers {
		if o.Version == nil {
			continue
		}
		for _, p := range o.Version.Plans {
			if ids = append(ids, p.ID); p.Name != "" {
				ids = append(ids, p.Name)
			}
		}
	}
	return ids
}

func (f Filter) check(set *ratecard.Set) error {
	var ids, providers []string
	known := map[string]bool{}
	for _, o := range set.Offers() {
		ids = append(ids, o.ID)
		if !known[o.Provider.ID] {
			known[o.Provider.ID] = true
			providers = append(providers, o.Provider.ID)
		}
	}
	sort.Strings(providers)
	for _, glob := range f.Offers {
		hit := false
		for _, id := range ids {
			ok, err := path.Match(glob, id)
			if err != nil {
				return fmt.Errorf("offer pattern %q: %w", glob, err)
			}
			hit = hit || ok
		}
		if !hit {
			if q := suggest.Question(glob, ids); q != "" {
				return fmt.Errorf("no offer matches %q%s", glob, q)
			}
			return fmt.Errorf("no offer matches %q; known: %s", glob, strings.Join(ids, ", "))
		}
	}
	for _, p := range f.Providers {
		hit := false
		for _, o := range set.Offers() {
			hit = hit || isProvider(o, p)
		}
		if !hit {
			if q := suggest.Question(p, providers); q != "" {
				return fmt.Errorf("unknown provider %q%s", p, q)
			}
			return fmt.Errorf("unknown provider %q; known: %s", p, strings.Join(providers, ", "))
		}
	}
	for _, e := range f.Engines {
		if e != "valkey" && e != "redis" {
			return fmt.Errorf("unknown engine %q; known: redis, valkey", e)
		}
	}
	return nil
}

func isProvider(o *ratecard.Offer, name string) bool {
	return strings.EqualFold(o.Provider.ID, name) || strings.EqualFold(o.Provider.Name, name)
}

// Keeps says whether the filter lets an offer through.
func (f Filter) Keeps(o *ratecard.Offer) bool {
	return anyOf(f.Offers, func(g string) bool { ok, _ := path.Match(g, o.ID); return ok }) &&
		anyOf(f.Providers, func(p string) bool { return isProvider(o, p) }) &&
		anyOf(f.Engines, func(e string) bool {
			for _, have := range o.Engines {
				if have == e {
					return true
				}
			}
			return false
		})
}

// anyOf says whether a test holds for one of the list, or the list is empty.
func anyOf(list []string, test func(string) bool) bool {
	for _, s := range list {
		if test(s) {
			return true
		}
	}
	return len(list) == 0
}

// Comparison is every bill of a field for one workload.
type Comparison struct {
	Field     *Field
	Workload  workload.Workload
	Bills     []*bill.Bill // in order of cost; the unpriced last, by id
	Commands  *bill.Bill   // the cheapest per-command offer, or nil
	Capacity  *bill.Bill   // the cheapest capacity offer, or nil
	Overall   *bill.Bill   // the cheaper of the two, or nil
	BreakEven *BreakEven   // between the two kinds; nil where one is missing
	Counted   []Counted    // offers priced by an observed mix of commands
	// TwoZones is the cost of traffic between two zones, beyond Overall; nil if
	// the bill has it already, or if its price is not known.
	TwoZones *money.USD
}

// Run prices a workload on every offer of the field.
func (f *Field) Run(w workload.Workload) (*Comparison, error) {
	return f.run(&Comparison{Field: f, Workload: w})
}

// RunObserved prices a workload whose commands a server has counted: each
// vendor's rule is applied to that mix. The break-even still counts every
// command once.
func (f *Field) RunObserved(w workload.Workload, seen *workload.Observed) (*Comparison, error) {
	counted, err := f.count(w, seen)
	if err != nil {
		return nil, err
	}
	return f.run(&Comparison{Field: f, Workload: w, Counted: counted})
}

func (f *Field) run(c *Comparison) (*Comparison, error) {
	w := c.Workload
	u, err := w.Usage()
	if err != nil {
		return nil, err
	}
	for _, o := range f.Offers {
		b := c.countedBill(o)
		if b == nil {
			if b, err = o.Bill(&u); err != nil {
				return nil, err
			}
		}
		words, err := assumedPayload(o, &w, b)
		if err != nil {
			return nil, err
		}
		if words != "" {
			b.Assumed = append(b.Assumed, "payload_bytes")
			b.Warnings = append(b.Warnings, words)
		}
		c.Bills = append(c.Bills, b)
	}
	sort.SliceStable(c.Bills, func(i, j int) bool { return less(c.Bills[i], c.Bills[j]) })
	c.Overall, c.Commands, c.Capacity = first(c.Bills, Overall), first(c.Bills, Commands), first(c.Bills, Capacity)
	if c.BreakEven, err = f.breakEven(w); err != nil {
		return nil, err
	}
	c.TwoZones, err = c.twoZones()
	return c, err
}

// twoZones prices the cheapest offer again with clients and servers in two zones.
func (c *Comparison) twoZones() (*money.USD, error) {
	if c.Overall == nil || c.Workload.Zones > 0 || len(c.Counted) > 0 {
		return nil, nil //nolint:nilnil // there is nothing to add
	}
	i := slices.IndexFunc(c.Field.Offers, func(o *bill.Offer) bool { return o.Card == c.Overall.Offer })
	w := c.Workload
	w.Zones = 2
	u, err := w.Usage()
	if err != nil {
		return nil, err
	}
	total, status, err := c.Field.Offers[i].Total(&u)
	if err != nil || status != bill.Priced {
		return nil, err
	}
	more := total - c.Overall.Total
	return &more, nil
}

var order = map[bill.Status]int{bill.Priced: 0, bill.AtMost: 1, bill.Incomplete: 1, bill.Unfit: 2, bill.NotPriced: 3}

func less(a, b *bill.Bill) bool {
	if a.Status != b.Status {
		return order[a.Status] < order[b.Status]
	}
	if a.Status == bill.Priced && a.Total != b.Total {
		return a.Total < b.Total
	}
	return a.Offer.ID < b.Offer.ID
}

// Ratio is a ÷ b in hundredths, rounded half up; false where b is not positive.
func Ratio(a, b money.USD) (int64, bool) {
	if b <= 0 || a < 0 {
		return 0, false
	}
	r, err := unit.MulDiv(uint64(a), 100, uint64(b))
	return r, err == nil
}

// Used lists the sources that the bills cite, in order of id.
func (c *Comparison) Used() []ratecard.Source {
	ids := map[string]bool{}
	for _, b := range c.Bills {
		for _, l := range b.Lines {
			for _, id := range l.Rate.Sources() {
				ids[id] = true
			}
			if l.FX != nil {
				ids[l.FX.Source] = true
			}
		}
		for _, a := range b.Assumptions {
			ids[a.Source] = true
		}
	}
	var used []ratecard.Source
	for id := range ids {
		if s, ok := c.Field.Set.Source(id); ok {
			used = append(used, s)
		}
	}
	sort.Slice(used, func(i, j int) bool { return used[i].ID < used[j].ID })
	return used
}

// Ages are the oldest and the newest day on which a price of the bills' lines
// was read, YYYY-MM-DD; "" without lines.
func (c *Comparison) Ages() (oldest, newest string) {
	var ages ratecard.Ages
	for _, b := range c.Bills {
		for _, l := range b.Lines {
			for _, id := range l.Rate.Sources() {
				if s, ok := c.Field.Set.Source(id); ok {
					ages.Add(s.Retrieved)
				}
			}
		}
	}
	return ages.Oldest, ages.Newest
}
