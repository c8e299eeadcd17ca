package ratecard

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/suggest"
)

// Where is the place whose prices are used.
type Where struct {
	Name    string            // as asked: a place alias or a vendor's own region
	own     bool              // it is a vendor's own region
	regions map[string]string // provider id → region
}

// Global names the region of an offer that has one price everywhere.
const Global = "global"

// Where resolves a place alias such as us-east, or a vendor's region name. A
// vendor's region keeps that vendor's offers and those without regions. If
// several vendors have a region of that name, it keeps all of them, and also
// offers that are hosted there under another name. A region that a vendor has
// and no card prices is valid; its offers are NotPriced.
func (s *Set) Where(name string) (Where, error) {
	if regions, ok := s.doc.Place[name]; ok {
		return Where{Name: name, regions: regions}, nil
	}
	all, vendors := map[string]bool{}, map[string]string{}
	for _, o := range s.offers {
		for _, r := range s.regions(o) {
			if r == name {
				vendors[o.Provider.ID] = r
			}
			all[r] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.doc.Provider)) {
		p := s.doc.Provider[id]
		if slices.Contains(p.Regions, name) {
			vendors[id] = name
		}
		if own := p.Alias[name]; own != "" && vendors[id] == "" {
			vendors[id] = own
		}
	}
	if len(vendors) > 0 {
		return Where{Name: name, own: true, regions: vendors}, nil
	}
	if q := suggest.Question(name, append(s.Places(), s.VendorRegions()...)); q != "" {
		return Where{}, fmt.Errorf("unknown region %q%s", name, q)
	}
	return Where{}, fmt.Errorf("unknown region %q; places: %s; or a vendor's own region such as %s",
		name, strings.Join(slices.Sorted(maps.Keys(s.doc.Place)), ", "), strings.Join(near(name, slices.Sorted(maps.Keys(all))), ", "))
}

// Places lists the place aliases.
func (s *Set) Places() []string { return slices.Sorted(maps.Keys(s.doc.Place)) }

// VendorRegions lists every region that the cards name, with or without a price,
// in order.
func (s *Set) VendorRegions() []string {
	all := map[string]bool{}
	for _, o := range s.offers {
		for _, r := range s.regions(o) {
			all[r] = true
		}
	}
	for _, p := range s.doc.Provider {
		for _, r := range p.Regions {
			all[r] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// regions lists every region that any version of an offer names.
func (s *Set) regions(o *Offer) []string {
	seen := map[string]bool{}
	s.addRegions(seen, map[string]bool{}, o.ID)
	return slices.Sorted(maps.Keys(seen))
}

// addRegions adds the regions of an offer and of the offers that it takes
// prices from, each once.
func (s *Set) addRegions(seen, done map[string]bool, id string) {
	raw := s.doc.Offer[id]
	if raw == nil || done[id] {
		return
	}
	done[id] = true
	for _, v := range raw.Version {
		for _, p := range v.Price {
			if p.FromOffer != "" {
				s.addRegions(seen, done, p.FromOffer)
			}
			t := priceTable{grid: or(p.USD, p.EUR)}
			t.index()
			_, regions := t.axes()
			for _, r := range regions {
				seen[r] = true
			}
		}
	}
}

// Region is the region in which the offer's prices are looked up; Global for an
// offer without regions. ok is false if the card has no price for the place;
// name is then the region that was looked up, or "".
func (w Where) Region(v *Version) (name string, ok bool) {
	if !v.regional() {
		return Global, true
	}
	name = w.regions[v.Offer.Provider.ID]
	return name, name != "" && v.inRegion(name)
}

// Unchecked says whether an offer with one price everywhere stands in a report
// for another vendor's own region, such as us-gov-west-1: no card says where such
// offers are run.
func (w Where) Unchecked(v *Version) bool {
	return w.own && !v.regional() && w.regions[v.Offer.Provider.ID] == ""
}

// Keeps says whether the offer belongs in a report for this place. A vendor's
// region leaves out the regional offers of other vendors.
func (w Where) Keeps(v *Version) bool {
	return !w.own || w.regions[v.Offer.Provider.ID] != "" || !v.regional()
}

// near returns up to six names that start like the one asked for, else a few
// examples.
func near(name string, all []string) []string {
	for n := len(name); n > 1; n-- {
		var hits []string
		for _, a := range all {
			if strings.HasPrefix(a, name[:n]) {
				hits = append(hits, a)
			}
		}
		if len(hits) > 0 {
			return hits[:min(6, len(hits))]
		}
	}
	return all[:min(3, len(all))]
}
