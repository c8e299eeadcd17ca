package ratecard

import (
	"maps"
	"slices"
	"strings"
)

// Region is a region of a vendor.
type Region struct {
	Provider *Provider
	Name     string   // the vendor's name, such as eu-west-1
	Places   []string // the place aliases for it, such as eu-west
	Priced   []string // ids of the provider's offers with a price there, in order
}

// Regions lists the regions of every provider on the cards, with and without a
// price on that day, in order of provider and name.
func (s *Set) Regions(day string) []Region {
	providers := map[string]*Provider{}
	for _, o := range s.offers {
		providers[o.Provider.ID] = &o.Provider
	}
	at := map[[2]string]*Region{}
	region := func(provider, name string) *Region {
		key := [2]string{provider, name}
		if at[key] == nil {
			at[key] = &Region{Provider: providers[provider], Name: name}
		}
		return at[key]
	}
	for _, id := range slices.Sorted(maps.Keys(s.doc.Provider)) {
		if providers[id] == nil {
			continue
		}
		for _, name := range s.doc.Provider[id].Regions {
			region(id, name)
		}
	}
	for _, o := range s.offers {
		v := s.Version(o, day)
		for _, name := range s.regions(o) {
			r := region(o.Provider.ID, name)
			if v != nil && v.Withdrawn == "" && v.regional() && v.inRegion(name) {
				r.Priced = append(r.Priced, o.ID)
			}
		}
	}
	for _, place := range s.Places() {
		for id, name := range s.doc.Place[place] {
			if r := at[[2]string{id, name}]; r != nil {
				r.Places = append(r.Places, place)
			}
		}
	}
	var list []Region
	for _, r := range at {
		slices.Sort(r.Places)
		list = append(list, *r)
	}
	slices.SortFunc(list, func(a, b Region) int {
		if c := strings.Compare(a.Provider.ID, b.Provider.ID); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return list
}
