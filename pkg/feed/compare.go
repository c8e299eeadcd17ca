package feed

import (
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
)

// Status is how a figure of a feed compares with the cards.
type Status string

// The statuses.
const (
	Same     Status = "same"     // the card has this price
	Changed  Status = "changed"  // the card has another price
	New      Status = "new"      // the card's offer has no price there
	Uncarded Status = "uncarded" // no card has what the row prices
	Refused  Status = "refused"  // it cannot be the price of the card's product
)

// Finding is a figure with what the cards say about it.
type Finding struct {
	Figure
	Status Status
	Was    string // the card's price, decimal; "" where it has none
	Source string // source id of the card's price, or ""
	Read   string // day on which the card's price was read; "" where nobody says
	Why    string // for Uncarded and Refused
	Jump   bool   // Changed by more than MaxJump
}

// MaxJump is the change, in percent of the price on the card, above which a price
// is only taken if --accept names it.
const MaxJump = 30

// Missing is a figure of a card which the feed does not have, although it has
// others of the same offer and region. The card's figure stays as it is.
type Missing struct {
	Key
	Was  string
	Read string
}

// Comparison is a feed beside the cards that are in force on a day.
type Comparison struct {
	Feed     *Feed
	AsOf     string
	Findings []Finding // in the order of the feed's figures
	Missing  []Missing // in order of key
}

// Count is the number of findings of a status.
func (c *Comparison) Count(s Status) (n int) {
	for i := range c.Findings {
		if c.Findings[i].Status == s {
			n++
		}
	}
	return n
}

// Compare sets a feed beside the cards in force on a day (YYYY-MM-DD).
func Compare(set *ratecard.Set, f *Feed, asOf string) *Comparison {
	c := &Comparison{Feed: f, AsOf: asOf}
	cards := lookup{set: set, day: asOf, version: set.Versions(asOf)}
	for _, g := range f.Figures {
		c.Findings = append(c.Findings, cards.find(g))
	}
	c.Missing = cards.missing(f)
	return c
}

// lookup finds prices on the cards of a day.
type lookup struct {
	set     *ratecard.Set
	day     string
	version func(*ratecard.Offer) *ratecard.Version
}

// card is the version of an offer that is in force, or nil.
func (l lookup) card(offer string) *ratecard.Version {
	o := l.set.Offer(offer)
	if o == nil {
		return nil
	}
	v := l.version(o)
	if v != nil && v.Withdrawn != "" {
		return nil
	}
	return v
}

// find compares one figure.
func (l lookup) find(g Figure) Finding {
	f := Finding{Figure: g, Status: New}
	if g.Kind == Exchange {
		return l.exchange(f)
	}
	v := l.card(g.Offer)
	if v == nil {
		return f.off("no card has this product")
	}
	switch g.Kind {
	case Charge:
		return l.charge(f, v)
	case Plan:
		return l.plan(f, v)
	}
	return l.commitment(f, v)
}

// off marks a figure as of no card.
func (f Finding) off(why string) Finding {
	f.Status, f.Why = Uncarded, why
	return f
}

// refused marks a figure as not comparable.
func (f Finding) refused(format string, args ...any) Finding {
	f.Status, f.Why = Refused, fmt.Sprintf(format, args...)
	return f
}

func (l lookup) exchange(f Finding) Finding {
	r, ok := l.set.ExchangeRate(f.ID, f.Region)
	if !ok || r.Day != f.Region {
		return f
	}
	f.Was, f.Source = r.USDPerUnit, r.Source
	return l.against(f, money.USD(r.Nano))
}

func (l lookup) charge(f Finding, v *ratecard.Version) Finding {
	i := slices.IndexFunc(v.Charges, func(c ratecard.Charge) bool { return c.ID == f.ID })
	if i < 0 {
		return f.off("the card has no such charge")
	}
	c := &v.Charges[i]
	per := int64(1)
	if strings.HasPrefix(f.Per, "million ") {
		per = 1_000_000
	}
	switch {
	case len(c.Tiers) > 0:
		return f.off("the card has tiers for it")
	case c.Per != per:
		return f.refused("the feed's price is per %s, but the card's per %d %s", f.Per, c.Per, c.Unit.Name)
	}
	r, state := v.ChargeRate(c, f.Region)
	return l.rate(f, r, state)
}

func (l lookup) plan(f Finding, v *ratecard.Version) Finding {
	p := v.Plan(f.ID)
	switch {
	case p == nil && f.Previous:
		return f.off("a previous generation that the card leaves out")
	case p == nil && strings.HasPrefix(f.Offer, "self-hosted-"):
		return f.off("a machine that the card leaves out")
	case p == nil:
		return f
	case string(p.Per) != f.Per:
		return f.refused("the feed's price is per %s, but the card's per %s", f.Per, p.Per)
	}
	r, state := v.PlanRate(p, f.Region)
	return l.rate(f, r, state)
}

func (l lookup) commitment(f Finding, v *ratecard.Version) Finding {
	p := v.Plan(f.ID)
	if p == nil {
		return f.off("the card has no such plan")
	}
	if f.OnDemand != "" {
		r, state := v.PlanRate(p, f.Region)
		if state == ratecard.Priced && r.Text != f.OnDemand && !equal(r, f.OnDemand) {
			return f.refused("its on-demand price is %s, but on the card %s; the row may be of another engine", f.OnDemand, r.Price.Amount.Exact())
		}
	}
	com := v.Commitment(ratecard.Term(f.Term), ratecard.Upfront(f.Upfront))
	if com == nil || !com.Covers(f.ID) {
		return f
	}
	recurring, upfront, state := v.CommittedRate(com, p, f.Region)
	if f.AtStart {
		recurring = upfront
	}
	if recurring != nil && recurring.From == f.Offer {
		return f.off("the card prices this term as a share of its on-demand price")
	}
	if recurring == nil && state == ratecard.Priced {
		return f.refused("the card's price of this term has no such part")
	}
	return l.rate(f, recurring, state)
}

// rate compares a figure with what the card has.
func (l lookup) rate(f Finding, r *ratecard.Rate, state ratecard.State) Finding {
	if state != ratecard.Priced || r == nil {
		return f
	}
	if r.Currency != f.Currency {
		return f.refused("it is in %s, but the card's price in %s", f.Currency, r.Currency)
	}
	f.Was = plain(r.Price.Amount)
	for _, id := range r.Sources() {
		if s, ok := l.set.Source(id); ok && (f.Read == "" || ratecard.Older(s.Retrieved, f.Read)) {
			f.Source, f.Read = id, s.Retrieved
		}
	}
	return l.against(f, r.Price.Amount)
}

// against says whether a figure is the card's.
func (l lookup) against(f Finding, was money.USD) Finding {
	is, err := money.ParseUSD(f.Price)
	if err != nil {
		return f.refused("%v", err)
	}
	if s, ok := l.set.Source(f.Source); ok && f.Read == "" {
		f.Read = s.Retrieved
	}
	if is == was {
		f.Status = Same
		return f
	}
	f.Status = Changed
	difference := is - was
	if difference < 0 {
		difference = -difference
	}
	limit, err := was.Times(MaxJump, 100)
	f.Jump = err != nil || difference > limit
	return f
}

func equal(r *ratecard.Rate, price string) bool {
	is, err := money.ParseUSD(price)
	return err == nil && is == r.Price.Amount
}

// plain is an amount without the zeros that Exact keeps for cents.
func plain(u money.USD) string {
	text, err := decimal(u.Exact(), 0)
	if err != nil {
		return u.Exact()
	}
	return text
}

// missing lists the on-demand prices that the cards have for an offer and region
// of the feed and the feed does not.
func (l lookup) missing(f *Feed) []Missing {
	type place struct{ offer, region string }
	places, has := map[place]bool{}, map[Key]bool{}
	for i := range f.Figures {
		k := f.Figures[i].Key
		has[k] = true
		if k.Kind == Plan || k.Kind == Charge {
			places[place{k.Offer, k.Region}] = true
		}
	}
	for key := range f.conflicts {
		has[key] = true
	}
	var list []Missing
	for at := range places {
		v := l.card(at.offer)
		if v == nil {
			continue
		}
		add := func(kind Kind, id string, r *ratecard.Rate, state ratecard.State) {
			key := Key{Kind: kind, Offer: at.offer, ID: id, Region: at.region}
			if state == ratecard.Priced && !has[key] {
				m := Missing{Key: key, Was: plain(r.Price.Amount)}
				if s, ok := l.set.Source(r.Source); ok {
					m.Read = s.Retrieved
				}
				list = append(list, m)
			}
		}
		for i := range v.Plans {
			r, state := v.PlanRate(&v.Plans[i], at.region)
			add(Plan, v.Plans[i].ID, r, state)
		}
		if strings.HasPrefix(at.offer, "self-hosted-") {
			continue // their other charges come from other feeds
		}
		for i := range v.Charges {
			if len(v.Charges[i].Tiers) == 0 {
				r, state := v.ChargeRate(&v.Charges[i], at.region)
				add(Charge, v.Charges[i].ID, r, state)
			}
		}
	}
	sort.Slice(list, func(i, j int) bool { return less(list[i].Key, list[j].Key) })
	return list
}

// Accepts says whether one of the patterns that were given to --accept names the
// key; * stands for any text.
func Accepts(patterns []string, k Key) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(p, k.String())
		return err == nil && ok
	})
}
