package apps

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/ratecard"
)

// Offer is what a card says of an offer that bears on whether an application
// runs there.
type Offer struct {
	ID       string
	Name     string // with its provider: "Upstash pay as you go"
	Provider string
	Status   ratecard.OfferStatus
	Engines  []string
	traits   map[ratecard.TraitName]ratecard.Trait
	sources  func(id string) (Ref, bool)
}

// Ref is a source as a report cites it.
type Ref struct {
	Title, URL, Date string
	Confidence       string // in words: "measured", "vendor", …
}

// OfferOf reads the traits of an offer's card.
func OfferOf(set *ratecard.Set, o *ratecard.Offer, name string) *Offer {
	offer := &Offer{ID: o.ID, Name: name, Provider: o.Provider.Name, Status: o.Status, Engines: o.Engines, traits: map[ratecard.TraitName]ratecard.Trait{}}
	for _, name := range ratecard.TraitNames() {
		offer.traits[name] = o.Trait(name, "")
	}
	offer.sources = func(id string) (Ref, bool) {
		s, ok := set.Source(id)
		if !ok {
			return Ref{}, false
		}
		return Ref{s.Title, s.URL, dated(s.Retrieved), string(s.Confidence)}, true
	}
	return offer
}

// is says whether a trait has one of some values.
func (o *Offer) is(name ratecard.TraitName, values ...string) bool {
	for _, v := range values {
		if o.value(name) == v {
			return true
		}
	}
	return false
}

// value is a trait's value; ratecard.TraitUnknown where nothing was found.
func (o *Offer) value(name ratecard.TraitName) string {
	if t, ok := o.traits[name]; ok && t.Value != "" {
		return t.Value
	}
	return ratecard.TraitUnknown
}

// refs are the sources of a trait.
func (o *Offer) refs(name ratecard.TraitName) []Ref {
	t := o.traits[name]
	if t.Source != "" && o.sources != nil {
		if ref, ok := o.sources(t.Source); ok {
			return []Ref{ref}
		}
	}
	if t.Assumed != "" {
		return []Ref{{Title: t.Assumed, Confidence: "assumed"}}
	}
	return nil
}

// words add to a clause what the trait's value leaves out.
func (o *Offer) words(name ratecard.TraitName, clause string) string {
	if w := o.traits[name].Words; w != "" {
		return fmt.Sprintf("%s (%s)", clause, w)
	}
	return clause
}

// Choice says whether the buyer chooses between cluster mode and none.
func (o *Offer) Choice() bool { return o.is(ratecard.TraitCluster, ratecard.ClusterOptional) }

// matches says whether one of some patterns, whose only wildcard is a * at the
// end, names the offer.
func (o *Offer) matches(patterns []string) bool {
	for _, p := range patterns {
		if prefix, wild := strings.CutSuffix(p, "*"); p == o.ID || wild && strings.HasPrefix(o.ID, prefix) {
			return true
		}
	}
	return false
}

// dated is a day, or "" where a source bears none.
func dated(day string) string {
	if day == ratecard.Undated {
		return ""
	}
	return day
}
