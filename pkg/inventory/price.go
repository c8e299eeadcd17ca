package inventory

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Options are what an inventory is priced for.
type Options struct {
	AsOf          string // YYYY-MM-DD
	HoursPerMonth int64
	Term          ratecard.Term
	Upfront       ratecard.Upfront
	FX            map[string]ratecard.ExchangeRate
	Region        string // for what a file does not place; "" for none
	// Workloads price what is billed by use, by the name of the cache.
	Workloads map[string]*workload.Workload
}

// Inventory is what runs, and what is to run, with its prices. A total is the
// sum of the resources' amounts to the cent, so that it can be added up by hand.
type Inventory struct {
	Files         []FileKind
	Resources     []*Resource
	NotUnderstood []NotUnderstood
	Others        int64
	Options       Options
	Mapping       *Mapping // that the files were read with

	Before, After Total
	Commitments   money.USD // a month, of reservations; in neither total
	Sources       []string  // ids that the prices rest on
	Oldest        string    // the day on which the oldest figure was read; "" without one
	Newest        string
}

// Total is a sum of what is known.
type Total struct {
	Known    money.USD
	AtLeast  money.USD // with the floors of what is not known
	Unpriced int       // resources whose price is unknown
}

// Complete says whether nothing is missing in the sum.
func (t *Total) Complete() bool { return t.Unpriced == 0 }

// pricer keeps what is compiled for many resources.
type pricer struct {
	set     *ratecard.Set
	options Options
	offers  map[string]*bill.Offer
	version func(*ratecard.Offer) *ratecard.Version // in force on the day, read once
	places  map[string]*ratecard.Where              // nil for a region that no card has
	sources map[string]bool
	ages    ratecard.Ages
}

func newPricer(set *ratecard.Set, o Options) *pricer {
	found := map[string]*ratecard.Version{}
	versions := set.Versions(o.AsOf)
	version := func(card *ratecard.Offer) *ratecard.Version {
		v, known := found[card.ID]
		if !known {
			v = versions(card)
			found[card.ID] = v
		}
		return v
	}
	return &pricer{set: set, options: o, offers: map[string]*bill.Offer{}, version: version, places: map[string]*ratecard.Where{}, sources: map[string]bool{}}
}

// Price prices the contents of files on the cards of a day.
func (c *Contents) Price(set *ratecard.Set, o Options) (*Inventory, error) {
	if o.HoursPerMonth == 0 {
		o.HoursPerMonth = unit.HoursPerMonth
	}
	inv := &Inventory{Files: c.Files, NotUnderstood: slices.Clone(c.Unread), Others: c.Others, Options: o, Mapping: c.mapping}
	p := newPricer(set, o)
	inv.Resources = c.describe(o.Region)
	for i, r := range inv.Resources {
		for _, h := range []*Holding{r.Before, r.After} {
			if h == nil {
				continue
			}
			h.load = find(o.Workloads, r)
			if err := p.price(c.found[i].typ, h); err != nil {
				return nil, fmt.Errorf("%s: %w", r.Address, err)
			}
		}
	}
	for i, r := range inv.Resources {
		if err := p.scale(c, c.found[i], r); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Address, err)
		}
		if err := inv.count(r); err != nil {
			return nil, err
		}
	}
	inv.Sources = slices.Sorted(maps.Keys(p.sources))
	inv.Oldest, inv.Newest = p.ages.Oldest, p.ages.Newest
	return inv, nil
}

// count adds a resource to the totals.
func (inv *Inventory) count(r *Resource) error {
	for _, side := range []struct {
		h *Holding
		t *Total
	}{{r.Before, &inv.Before}, {r.After, &inv.After}} {
		h, t := side.h, side.t
		var errs [2]error
		switch {
		case h == nil:
		case h.Commitment != nil && h.USD != nil && h == r.After:
			inv.Commitments, errs[0] = inv.Commitments.Add(*h.USD)
		case !h.Counted:
		case h.USD != nil:
			t.Known, errs[0] = t.Known.Add(*h.USD)
			t.AtLeast, errs[1] = t.AtLeast.Add(*h.USD)
		default:
			t.Unpriced++
			if h.AtLeast != nil {
				t.AtLeast, errs[0] = t.AtLeast.Add(*h.AtLeast)
			}
		}
		if err := errors.Join(errs[:]...); err != nil {
			return fmt.Errorf("the total: %w", err)
		}
	}
	return nil
}

// price fills in what one side of a resource costs.
func (p *pricer) price(t *Type, h *Holding) error {
	switch {
	case h.Commitment != nil:
		return p.reserved(h)
	case !h.Counted || t.NoCard != "":
		return nil
	case h.Offer == "":
		return p.either(t, h)
	}
	card := p.set.Offer(h.Offer)
	if card == nil {
		h.Why = "the cards have no offer " + h.Offer
		return nil
	}
	if card.Status == ratecard.StatusLegacy || card.Status == ratecard.StatusTarget {
		h.OfferStatus = string(card.Status)
	}
	v := p.version(card)
	if v == nil {
		h.Why = fmt.Sprintf("no rate on %s; the first card is in force from %s", p.options.AsOf, card.Versions()[0])
		return nil
	}
	if h.Region == "" && len(v.Regions()) > 0 {
		if h.Why == "" {
			h.Why = "region unknown"
		}
		return nil
	}
	switch {
	case len(t.Part) > 0:
		return p.parts(t, h, v)
	case t.Usage != nil:
		return p.use(t, h, card, v)
	}
	return p.sizes(t, h, card, v)
}

// either prices every offer that a resource may be.
func (p *pricer) either(t *Type, h *Holding) error {
	if h.Why == "" {
		h.Why = "the file does not say which offer it is: " + strings.Join(h.OffersPossible, " or ")
	}
	var sums []string
	for _, id := range h.OffersPossible {
		one := *h
		one.Offer, one.Why, one.OffersPossible = id, "", nil
		if err := p.price(t, &one); err != nil {
			return err
		}
		if one.USD == nil {
			h.Between = nil
			return nil
		}
		h.Between = append(h.Between, *one.USD)
		sums = append(sums, one.Sum+" ("+id+")")
	}
	slices.Sort(h.Between)
	if n := len(h.Between); n > 0 {
		h.AtLeast, h.Sum = &h.Between[0], strings.Join(sums, " or ")
		h.Between = []money.USD{h.Between[0], h.Between[n-1]}
	}
	return nil
}

// where is the place to take prices in.
func (p *pricer) where(v *ratecard.Version, region string) (ratecard.Where, string) {
	if len(v.Regions()) == 0 {
		return ratecard.Where{}, ""
	}
	w, known := p.places[region]
	if !known {
		if found, err := p.set.Where(region); err == nil {
			w = &found
		}
		p.places[region] = w
	}
	if w == nil {
		return ratecard.Where{}, "no card has a region " + region
	}
	return *w, ""
}

// compiled compiles an offer once for each plan, shape and place.
func (p *pricer) compiled(card *ratecard.Offer, v *ratecard.Version, region, plan string, shards, size int64, term ratecard.Term, upfront ratecard.Upfront) (*bill.Offer, string, error) {
	key := fmt.Sprint(card.ID, "\x00", region, "\x00", plan, "\x00", shards, "\x00", size, "\x00", term, "\x00", upfront)
	if o := p.offers[key]; o != nil {
		return o, "", nil
	}
	where, why := p.where(v, region)
	if why != "" {
		return nil, why, nil
	}
	o, err := bill.CompileVersion(p.set, card, v, bill.Options{
		AsOf: p.options.AsOf, Where: where, HoursPerMonth: p.options.HoursPerMonth,
		Term: term, Upfront: upfront, Plan: plan, Shards: shards, Size: size, FX: p.options.FX,
	})
	if err != nil {
		return nil, "", err
	}
	p.offers[key] = o
	return o, "", nil
}
