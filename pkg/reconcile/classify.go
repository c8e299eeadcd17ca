package reconcile

import (
	"encoding/json"
	"slices"
	"strings"
)

// class is what the rules say of all lines that have the same texts.
type class struct {
	charge  *Charge  // nil: plain use
	product *Product // nil: not recognised
	offers  []string
	plan    string
	prefix  string // the billing code of a region
	service string
	row     *NotRecognised // where neither knows the line
}

// classifier finds classes and keeps them.
type classifier struct {
	rules  *Rules
	fields map[string][]field // by provider: what its rules look at
	known  map[string]*class
	key    []byte
}

func newClassifier(r *Rules) *classifier {
	c := &classifier{rules: r, fields: map[string][]field{}, known: map[string]*class{}}
	add := func(provider string, list []match) {
		for _, m := range list {
			if !slices.Contains(c.fields[provider], m.field) {
				c.fields[provider] = append(c.fields[provider], m.field)
			}
		}
	}
	for provider := range r.Provider {
		c.fields[provider] = []field{fService, fKind, fUsageType, fDescription, fOperation}
	}
	for _, one := range r.Charge {
		add(one.Provider, one.match)
	}
	for _, one := range r.Product {
		add(one.Provider, one.match)
	}
	return c
}

// of is the class of a row.
func (c *classifier) of(provider string, r *row) *class {
	c.key = append(c.key[:0], provider...)
	for _, f := range c.fields[provider] {
		c.key = append(append(c.key, 0), r.cells[f]...)
	}
	if found, ok := c.known[string(c.key)]; ok {
		return found
	}
	found := c.find(provider, r)
	if len(c.known) >= maxKnown {
		clear(c.known)
	}
	c.known[string(c.key)] = found
	return found
}

func (c *classifier) find(provider string, r *row) *class {
	found := &class{service: string(r.cells[fService])}
	for _, one := range c.rules.Charge {
		if one.Provider == provider && matches(one.match, r, nil) {
			found.charge = one
			break
		}
	}
	for _, one := range c.rules.Product {
		names := map[string]string{}
		if one.Provider != provider || !matches(one.match, r, names) {
			continue
		}
		found.product = one
		found.prefix = names["prefix"]
		found.plan = one.expand(one.Plan, names)
		found.offers = slices.Clone(one.Offers)
		if one.Offer != "" {
			found.offers = []string{strings.ToLower(one.expand(one.Offer, names))}
		}
		break
	}
	return found
}

// matches says whether a row matches all patterns; what they capture by name is
// put into names.
func matches(list []match, r *row, names map[string]string) bool {
	for _, m := range list {
		found := m.pattern.FindSubmatch(r.cells[m.field])
		if found == nil {
			return false
		}
		for i, name := range m.pattern.SubexpNames() {
			if name != "" && names != nil {
				names[name] = string(found[i])
			}
		}
	}
	return true
}

// expand puts captures into a text.
func (p *Product) expand(text string, names map[string]string) string {
	for name, value := range names {
		text = strings.ReplaceAll(text, "${"+name+"}", value)
	}
	if p.Lower {
		text = strings.ReplaceAll(strings.ToLower(text), " ", "-")
	}
	return text
}

// place finds the region of a row, and says where it was not read from the row.
func (c *classifier) place(provider string, k *class, r *row) (region, note string) {
	if text := r.cells[fRegion]; len(text) > 0 {
		return strings.ReplaceAll(strings.ToLower(string(text)), " ", ""), ""
	}
	if text := r.cells[fDetails]; len(text) > 0 && text[0] == '{' {
		var details struct {
			Region string `json:"region"`
			Code   string `json:"region_code"`
		}
		if json.Unmarshal(text, &details) == nil && details.Region+details.Code != "" {
			if details.Code != "" {
				return details.Code, ""
			}
			return details.Region, ""
		}
	}
	if k.prefix != "" {
		return c.rules.Region[provider][k.prefix], ""
	}
	if p := c.rules.Provider[provider]; k.product != nil && p != nil && p.NoPrefix != "" && len(r.cells[fUsageType]) > 0 {
		return p.NoPrefix, "the line names no region; a usage type without a billing code is taken for " + p.NoPrefix
	}
	return "", ""
}
