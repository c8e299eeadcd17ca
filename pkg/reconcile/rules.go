// Package reconcile lays the lines of a billing export beside the list prices of
// the rate cards: what was billed, what it costs at list on that day, and why the
// two differ.
//
// Which columns a format has and which lines are caches is data (bills.toml,
// overlays); what a reason means is Go. Amounts are exact decimals. A line is
// recognised or listed as not recognised; none is counted twice, and what the
// cards do not price has no list price rather than one of zero.
package reconcile

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/tomlfile"
)

//go:embed bills.toml
var embedded string

// schema is the version of the rules' format that this package reads.
const schema = 1

// field is something that a line of a bill says.
type field int

const (
	fService field = iota
	fBilled
	fKind
	fStatus
	fCommitment
	fProvider
	fUsageType
	fOperation
	fGroup
	fDescription
	fResource
	fResourceType
	fAccount
	fPeriod
	fStart
	fEnd
	fQuantity
	fUnit
	fCurrency
	fListRate
	fListCost
	fEffective
	fUnused
	fRegion
	fDetails
	fCredits
	fEstimated
	nFields
)

// fieldNames are the fields as bills.toml calls them.
func fieldNames() [nFields]string {
	return [nFields]string{
		"service", "billed", "kind", "status", "commitment", "provider", "usage_type", "operation", "group", "description",
		"resource", "resource_type", "account", "period", "start", "end", "quantity", "unit", "currency", "list_rate",
		"list_cost", "effective", "unused", "region", "details", "credits", "estimated",
	}
}

// fieldNamed finds a field; false for a name that is none.
func fieldNamed(name string) (field, bool) {
	names := fieldNames()
	i := slices.Index(names[:], name)
	return field(i), i >= 0
}

// Rules say how exports are read. They do not change after loading.
type Rules struct {
	Schema   int                          `toml:"schema"`
	Source   map[string]Source            `toml:"source"`
	Format   map[string]*Format           `toml:"format"`
	Provider map[string]*Provider         `toml:"provider"`
	Unit     map[string]*Unit             `toml:"unit"`
	Charge   []*Charge                    `toml:"charge"`
	Credit   []*Credit                    `toml:"credit"`
	Product  []*Product                   `toml:"product"`
	Region   map[string]map[string]string `toml:"region"` // by provider: the region of a billing code

	units map[string]*Unit // by what a bill calls them
}

// Source is where a rule was read.
type Source struct {
	URL       string `toml:"url"`
	Title     string `toml:"title"`
	Retrieved string `toml:"retrieved"` // YYYY-MM-DD
}

// Format is one kind of export.
type Format struct {
	Name     string              `toml:"name"`
	Source   string              `toml:"source"`
	Shape    string              `toml:"shape"`    // "table" (CSV, gzip, Parquet, JSON lines) or "cost-explorer"
	Provider string              `toml:"provider"` // "" where each row names its own
	KnownBy  []string            `toml:"known_by"` // the columns that no other format has
	Needs    []string            `toml:"needs"`    // fields without which it cannot be read
	Blocks   bool                `toml:"blocks"`   // quantities may count blocks of 100 hours; the price decides
	Columns  map[string][]string `toml:"columns"`  // by field: names in the head, the first that a row fills counts

	id string
}

// Provider says which services of a provider are caches.
type Provider struct {
	Names    []string `toml:"names"`     // in exports of several providers
	Services []string `toml:"services"`  // patterns
	NoPrefix string   `toml:"no_prefix"` // the region of a usage type without a billing code, where the row names none

	services []*regexp.Regexp
}

// Unit is a unit of quantities.
type Unit struct {
	Names  []string `toml:"names"` // as bills have it
	To     string   `toml:"to"`    // the unit that it is turned into; "" for itself
	Divide int64    `toml:"divide"`

	name string
}

// Charge tells what kind of line a line is.
type Charge struct {
	Provider string            `toml:"provider"`
	Match    map[string]string `toml:"match"`
	Reason   Reason            `toml:"reason"`
	Priced   bool              `toml:"priced"` // the list price of the use is known all the same
	Cost     string            `toml:"cost"`   // the field with what the use costs; "nothing"; "" is what is billed

	match []match
	cost  field // nFields: nothing; -1: what is billed
}

// Credit tells what a credit within a line is for.
type Credit struct {
	Match  string `toml:"match"`
	Reason Reason `toml:"reason"`

	match *regexp.Regexp
}

// Product tells which offer, plan and meter a line is of.
type Product struct {
	Provider string            `toml:"provider"`
	Match    map[string]string `toml:"match"`
	What     string            `toml:"what"`
	Offer    string            `toml:"offer"`
	Offers   []string          `toml:"offers"` // the price tells which
	Plan     string            `toml:"plan"`
	Lower    bool              `toml:"lower"` // small letters, and hyphens for blanks
	Meter    string            `toml:"meter"`
	Unit     string            `toml:"unit"`
	Per      int64             `toml:"per"`      // units of the card in one unit of the bill
	Reason   Reason            `toml:"reason"`   // of a line that the cards do not price
	Unpriced string            `toml:"unpriced"` // why a line has no list price, though the offer has

	match []match
}

// match is a pattern that a field must match.
type match struct {
	field   field
	pattern *regexp.Regexp
}

// File is the text of rules and the name to call it by.
type File struct {
	Name string
	Text string
}

// meters are the meters of lines.
func meters() []string {
	return []string{"nodes", "stored", "ecpu", "memory", "commitment-fee", "surcharge", "backups", "traffic", "aof", "commands", "database", ""}
}

// Load reads the rules that come with the program and lays overlays on them in
// order. A format, provider or unit of an overlay takes the place of one of the
// same name; its charges, credits and products are tried before those below.
func Load(overlays ...File) (*Rules, error) {
	r := &Rules{
		Source: map[string]Source{}, Format: map[string]*Format{}, Provider: map[string]*Provider{},
		Unit: map[string]*Unit{}, Region: map[string]map[string]string{}, units: map[string]*Unit{},
	}
	for _, f := range append([]File{{"bills.toml", embedded}}, overlays...) {
		var one Rules
		if err := tomlfile.Decode(f.Name, f.Text, &one); err != nil {
			return nil, err
		}
		if err := r.lay(f.Name, &one); err != nil {
			return nil, err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.Unit)) {
		u := r.Unit[id]
		for _, name := range u.Names {
			r.units[name] = u
		}
	}
	return r, nil
}

// lay checks one file and adds what it says.
func (r *Rules) lay(name string, one *Rules) error {
	var problems []error
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
	}
	if one.Schema != schema {
		problem("schema is %d; this program reads %d", one.Schema, schema)
	}
	for _, id := range slices.Sorted(maps.Keys(one.Source)) {
		s := one.Source[id]
		if s.URL == "" || s.Title == "" || len(s.Retrieved) != len("2006-01-02") {
			problem("source %s: it needs url, title and retrieved", id)
		}
		r.Source[id] = s
	}
	for _, id := range slices.Sorted(maps.Keys(one.Provider)) {
		p := one.Provider[id]
		for _, text := range p.Services {
			pattern, err := regexp.Compile(text)
			if err != nil {
				problem("provider %s: services: %v", id, err)
				continue
			}
			p.services = append(p.services, pattern)
		}
		r.Provider[id] = p
	}
	for _, id := range slices.Sorted(maps.Keys(one.Format)) {
		f := one.Format[id]
		f.id = id
		for _, err := range f.check(r) {
			problem("format %s: %v", id, err)
		}
		r.Format[id] = f
	}
	for _, id := range slices.Sorted(maps.Keys(one.Unit)) {
		u := one.Unit[id]
		if u.name = id; u.To != "" {
			u.name = u.To
		}
		if len(u.Names) == 0 || u.Divide < 0 || (u.To == "") != (u.Divide == 0) {
			problem("unit %s: it needs names, and to together with divide", id)
		}
		r.Unit[id] = u
	}
	for provider, codes := range one.Region {
		if r.Region[provider] == nil {
			r.Region[provider] = map[string]string{}
		}
		maps.Copy(r.Region[provider], codes)
	}
	checkLines(one, r, problem)
	r.Charge, r.Credit, r.Product = append(one.Charge, r.Charge...), append(one.Credit, r.Credit...), append(one.Product, r.Product...)
	return errors.Join(problems...)
}

// checkLines checks the rules of lines of a file against all rules.
func checkLines(one, r *Rules, problem func(format string, args ...any)) {
	for i, c := range one.Charge {
		for _, err := range c.check(r) {
			problem("charge %d: %v", i+1, err)
		}
	}
	for i, c := range one.Credit {
		if err := c.check(); err != nil {
			problem("credit %d: %v", i+1, err)
		}
	}
	for i, p := range one.Product {
		for _, err := range p.check(r) {
			problem("product %d: %v", i+1, err)
		}
	}
}

func (f *Format) check(r *Rules) (problems []error) {
	problem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if f.Name == "" || len(f.KnownBy) == 0 {
		problem("it needs name and known_by")
	}
	if f.Shape != "table" && f.Shape != "cost-explorer" {
		problem("shape %q; known: table, cost-explorer", f.Shape)
	}
	if _, ok := r.Source[f.Source]; !ok {
		problem("source %q is not in the file", f.Source)
	}
	if f.Provider != "" && r.Provider[f.Provider] == nil {
		problem("provider %q is not in the file", f.Provider)
	}
	names := fieldNames()
	for _, name := range append(slices.Sorted(maps.Keys(f.Columns)), f.Needs...) {
		if _, ok := fieldNamed(name); !ok {
			problem("field %q; known: %s", name, strings.Join(names[:], ", "))
		} else if len(f.Columns[name]) == 0 {
			problem("field %q has no column", name)
		}
	}
	for _, name := range []string{"billed", "start", "quantity", "currency"} {
		if !slices.Contains(f.Needs, name) {
			problem("needs must have %q", name)
		}
	}
	return problems
}

// compile reads the patterns of a rule.
func compile(r *Rules, provider string, patterns map[string]string) (list []match, problems []error) {
	if r.Provider[provider] == nil {
		problems = append(problems, fmt.Errorf("provider %q is not in the file", provider))
	}
	if len(patterns) == 0 {
		problems = append(problems, errors.New("match is missing"))
	}
	for _, name := range slices.Sorted(maps.Keys(patterns)) {
		f, ok := fieldNamed(name)
		if !ok {
			problems = append(problems, fmt.Errorf("match: field %q is not known", name))
			continue
		}
		pattern, err := regexp.Compile(patterns[name])
		if err != nil {
			problems = append(problems, fmt.Errorf("match: %s: %w", name, err))
			continue
		}
		list = append(list, match{f, pattern})
	}
	return list, problems
}

func (c *Charge) check(r *Rules) []error {
	var problems []error
	c.match, problems = compile(r, c.Provider, c.Match)
	if !c.Reason.known() {
		problems = append(problems, c.Reason.problem())
	}
	switch f, ok := fieldNamed(c.Cost); {
	case c.Cost == "":
		c.cost = -1
	case c.Cost == "nothing":
		c.cost = nFields
	case ok:
		c.cost = f
	default:
		problems = append(problems, fmt.Errorf("cost %q is no field", c.Cost))
	}
	return problems
}

func (c *Credit) check() error {
	if !c.Reason.known() {
		return c.Reason.problem()
	}
	pattern, err := regexp.Compile(c.Match)
	c.match = pattern
	return err
}

func (p *Product) check(r *Rules) []error {
	var problems []error
	p.match, problems = compile(r, p.Provider, p.Match)
	if p.Reason != "" && !p.Reason.known() {
		problems = append(problems, p.Reason.problem())
	}
	if p.What == "" {
		problems = append(problems, errors.New("what is missing: a few words for the line"))
	}
	if !slices.Contains(meters(), p.Meter) {
		problems = append(problems, fmt.Errorf("meter %q; known: %s", p.Meter, strings.Join(meters(), " ")))
	}
	if p.Per < 0 {
		problems = append(problems, errors.New("per is below 0"))
	}
	p.Per = max(p.Per, 1)
	if p.Reason == "" && p.Offer == "" && len(p.Offers) == 0 {
		problems = append(problems, errors.New("it needs offer, offers or reason"))
	}
	return problems
}
