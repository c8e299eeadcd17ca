// Package inventory reads what runs and what is to run: plans and states of
// terraform show -json, and the lists that the clouds' command lines print. It
// finds the caches in them, says which offer, plan, shards and region each is,
// and prices them before and after a change.
//
// Files are walked, not loaded: of a resource that is no cache nothing is kept,
// of a cache the attributes that the mapping names. Errors say where a file is
// broken and never what stands there.
package inventory

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/tomlfile"
)

//go:embed mapping.toml
var embedded string

// schema is the version of the mapping format that this package reads.
const schema = 1

// Mapping says which resource types are caches, and which of their attributes
// name the offer, the plan, the shards and the rest. It does not change after
// loading.
type Mapping struct {
	Schema int               `toml:"schema"`
	Source map[string]Source `toml:"source"`
	Type   map[string]*Type  `toml:"type"`
	Range  map[string]*Range `toml:"range"`
	Kind   Kind              `toml:"kind"`
	Advice AdviceRules       `toml:"advice"`

	data     map[string][]string // by data source type: the attributes that types look up in it
	listings []*Type             // that are elements of a cloud's list, by id
}

// Source is where a rule of the mapping was read.
type Source struct {
	URL       string `toml:"url"`
	Title     string `toml:"title"`
	Retrieved string `toml:"retrieved"` // YYYY-MM-DD
}

// Kind tells resource types that are no cache of their own from caches that
// the mapping does not know.
type Kind struct {
	LooksLike []string `toml:"looks_like"` // parts of the names of types that are about caches
	Free      []string `toml:"free"`       // of those, the types that cost nothing by themselves
}

// Type says how one resource type, or one kind of element of a cloud's listing,
// is read.
type Type struct {
	What     string   `toml:"what"`
	Provider string   `toml:"provider"` // of the Terraform provider, without its registry
	Source   string   `toml:"source"`
	NoCard   string   `toml:"no_card"` // why it has no offer here, for a service that is known
	Listing  *Listing `toml:"listing"`

	Offer         Field      `toml:"offer"`
	Plan          *Field     `toml:"plan"`
	NoPlan        string     `toml:"no_plan"` // why a plan that the card does not have has no price
	Shape         []Shape    `toml:"shape"`
	Size          *Size      `toml:"size"`
	Region        []Field    `toml:"region"`
	FlatRegion    bool       `toml:"flat_region"` // the provider's own region does not matter
	AssumedRegion string     `toml:"assumed_region"`
	EngineVersion *Field     `toml:"engine_version"`
	Names         []string   `toml:"names"` // attributes that name the cache in its own cloud
	Tags          []string   `toml:"tags"`
	Also          []string   `toml:"also"` // attributes that are named where they are unknown
	Usage         *Usage     `toml:"usage"`
	Part          []Part     `toml:"part"`
	Possible      []Rule     `toml:"possible"` // words name another offer that it may be
	Skip          []Rule     `toml:"skip"`
	Unpriced      []Rule     `toml:"unpriced"`
	NotIncluded   []Rule     `toml:"not_included"`
	Member        *Member    `toml:"member"`
	Follow        *Follow    `toml:"follow"`
	Lookup        *Lookup    `toml:"lookup"`
	Reservation   *Committed `toml:"reservation"`

	name  string
	paths []string // every attribute that is read
}

// Listing says how an element of a cloud's listing is recognised.
type Listing struct {
	Command string            `toml:"command"` // what prints it
	List    string            `toml:"list"`    // the key of the list; "" where the list is the whole file
	Match   map[string]string `toml:"match"`   // attributes that an element has, with a text that they contain
	ID      []string          `toml:"id"`      // what names the element
	Group   string            `toml:"group"`   // attribute that elements of one cache share: each is one node of it
}

// Field reads one figure or name from attributes. The steps apply in the order
// of these keys.
type Field struct {
	Is      string            `toml:"is"`      // the same for every resource
	From    []string          `toml:"from"`    // the first of these attributes that is given
	Join    string            `toml:"join"`    // several attributes, "{sku_name}-{capacity}"
	Default string            `toml:"default"` // where none is given: the provider's documented default
	Why     string            `toml:"why"`     // who documents the default
	After   string            `toml:"after"`   // what follows this text
	Before  string            `toml:"before"`  // what comes before this text
	Drop    string            `toml:"drop"`    // without this at its beginning
	Part    string            `toml:"part"`    // "zone" or "arn": the region in it
	Lower   bool              `toml:"lower"`
	Replace [][]string        `toml:"replace"`
	Map     map[string]string `toml:"map"`   // the words of the provider and those of the card
	Other   string            `toml:"other"` // what a word outside the map means, "engine {value}: not a cache"
	Add     int64             `toml:"add"`   // to a number
	Matters string            `toml:"matters"`
}

// Shape is one way in which a resource says how many shards and nodes it has.
// The first shape that is fully known counts; but one that an update changes goes
// before others, and one with more shards before one with fewer, since a state
// also has default values for the mode that is not in use.
type Shape struct {
	When     *Rule  `toml:"when"`
	Shards   *Field `toml:"shards"`
	Replicas *Field `toml:"replicas"` // of each shard
	Nodes    *Field `toml:"nodes"`    // in all
	// EachReplicas and EachNodes list a number for every shard.
	EachReplicas string `toml:"each_replicas"`
	EachNodes    string `toml:"each_nodes"`
	AtLeast      bool   `toml:"at_least"` // fewer nodes than this it cannot have; how many is unknown
}

// Size is the memory that is bought, for offers sold by size.
type Size struct {
	Field
	Unit   string `toml:"unit"`   // "GiB", "GB" or "B": what the number counts
	Divide int64  `toml:"divide"` // of the attribute's unit in one of those
}

// Usage is what bounds the bill of an offer that is billed by use.
type Usage struct {
	MinimumGB     *Field      `toml:"minimum_gb"`
	MaximumGB     *Field      `toml:"maximum_gb"`
	MinimumPerSec *Field      `toml:"minimum_per_second"`
	MaximumPerSec *Field      `toml:"maximum_per_second"`
	ReadRegions   *Field      `toml:"read_regions"`
	CapUSD        *Field      `toml:"cap_usd"`
	Floor         []FloorRule `toml:"floor"`
}

// FloorRule is an amount a month that an option costs at least.
type FloorRule struct {
	Rule
	USD money.USD `toml:"-"`
	Raw string    `toml:"usd"`
}

// Part is one of the things that a resource is billed for apart from the
// others: its price is a plan's or a charge's of the card.
type Part struct {
	Name   string `toml:"name"`
	Plan   string `toml:"plan"`
	Charge string `toml:"charge"`
	Field
	Divide int64 `toml:"divide"` // of the attribute's unit in one priced unit
	Times  int64 `toml:"times"`  // priced units in one of the attribute's
}

// Rule is a condition on one attribute, and what follows from it in words;
// {value} is the attribute's.
type Rule struct {
	Attr   string   `toml:"attr"`
	In     []string `toml:"in"`
	Prefix []string `toml:"prefix"`
	Above  *int64   `toml:"above"`
	Words  string   `toml:"words"`
}

// Member says that a resource may be a part of another, which counts it once it
// is there.
type Member struct {
	Attr string   `toml:"attr"` // names the other
	Type string   `toml:"type"`
	Key  string   `toml:"key"`  // the other's attribute of that name
	Take []string `toml:"take"` // attributes that are the other's where they are unknown
}

// Follow says where a resource has attributes from that it does not name itself.
type Follow struct {
	Unless  string   `toml:"unless"`  // not where this attribute is given
	Attr    string   `toml:"attr"`    // refers to the type between
	Through string   `toml:"through"` // the type between
	To      string   `toml:"to"`      // attribute of that one which refers to the other resource
	Take    []string `toml:"take"`
	Words   string   `toml:"words"`
}

// Lookup says which data source of the file knows attributes that the resource
// does not have.
type Lookup struct {
	Type   string `toml:"type"`
	Mine   string `toml:"mine"`
	Theirs string `toml:"theirs"`
}

// Committed says what a reservation is of.
type Committed struct {
	Count   Field  `toml:"count"`
	Term    Field  `toml:"term"`
	Upfront Field  `toml:"upfront"`
	Hourly  *Field `toml:"hourly"` // USD a node and hour
	Fixed   *Field `toml:"fixed"`  // USD a node, paid once
	Start   *Field `toml:"start"`
}

// Range is a resource that moves the number of shards or replicas of another.
type Range struct {
	Of        string            `toml:"of"`
	Source    string            `toml:"source"`
	ID        Field             `toml:"id"`
	Key       string            `toml:"key"` // attribute of the other that has this id
	Dimension Field             `toml:"dimension"`
	Min       Field             `toml:"min"`
	Max       Field             `toml:"max"`
	MaxOf     map[string]int64  `toml:"max_of"` // the service's own limit, by dimension
	MaxWords  map[string]string `toml:"max_words"`

	paths []string
}

// File is the text of a mapping and the name to call it by.
type File struct {
	Name string
	Text string
}

// Load reads the mapping that comes with the program and lays overlays on it in
// order. A type of an overlay takes the place of one of the same name.
func Load(overlays ...File) (*Mapping, error) {
	m := &Mapping{Source: map[string]Source{}, Type: map[string]*Type{}, Range: map[string]*Range{},
		Advice: AdviceRules{Sibling: map[string]string{}, Successor: map[string]string{}}}
	for _, f := range append([]File{{"mapping.toml", embedded}}, overlays...) {
		var one Mapping
		if err := tomlfile.Decode(f.Name, f.Text, &one); err != nil {
			return nil, err
		}
		if err := m.lay(f.Name, &one); err != nil {
			return nil, err
		}
	}
	m.index()
	return m, nil
}

// lay checks one file and adds what it says.
func (m *Mapping) lay(name string, one *Mapping) error {
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
		m.Source[id] = s
	}
	for _, id := range slices.Sorted(maps.Keys(one.Type)) {
		t := one.Type[id]
		t.name = id
		for _, err := range t.check(m.Source) {
			problem("type %s: %v", id, err)
		}
		m.Type[id] = t
	}
	for _, id := range slices.Sorted(maps.Keys(one.Range)) {
		r := one.Range[id]
		if _, ok := m.Source[r.Source]; !ok {
			problem("range %s: source %q is not in the file", id, r.Source)
		}
		m.Range[id] = r
	}
	for _, id := range slices.Sorted(maps.Keys(m.Range)) {
		if of := m.Range[id].Of; m.Type[of] == nil {
			problem("range %s: of = %q is no type of the mapping", id, of)
		}
	}
	m.Kind.LooksLike = append(m.Kind.LooksLike, one.Kind.LooksLike...)
	m.Kind.Free = append(m.Kind.Free, one.Kind.Free...)
	m.Advice.Never = append(m.Advice.Never, one.Advice.Never...)
	m.Advice.Beside = append(m.Advice.Beside, one.Advice.Beside...)
	for _, maps := range []struct{ to, from map[string]string }{{m.Advice.Sibling, one.Advice.Sibling}, {m.Advice.Successor, one.Advice.Successor}} {
		for k, v := range maps.from {
			maps.to[k] = v
		}
	}
	return errors.Join(problems...)
}

// check says what is wrong with a type.
func (t *Type) check(sources map[string]Source) (problems []error) {
	problem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if t.What == "" {
		problem("what is missing: a few words for the resource")
	}
	if _, ok := sources[t.Source]; !ok {
		problem("source %q is not in the file", t.Source)
	}
	if t.NoCard == "" && t.Offer.Is == "" && len(t.Offer.Map) == 0 {
		problem("offer needs is or map, or say no_card")
	}
	if t.Size != nil && unitBytes(t.Size.Unit) == 0 {
		problem("size: unit %q; known: B, GB, GiB", t.Size.Unit)
	}
	for i := range t.Region {
		if p := t.Region[i].Part; p != "" && p != "zone" && p != "arn" {
			problem("region: part %q; known: zone, arn", p)
		}
	}
	if t.Usage != nil {
		for i := range t.Usage.Floor {
			f := &t.Usage.Floor[i]
			usd, err := money.ParseUSD(f.Raw)
			if err != nil {
				problem("usage.floor: usd: %v", err)
			}
			f.USD = usd
		}
	}
	for _, p := range t.Part {
		if (p.Plan == "") == (p.Charge == "") {
			problem("part %q: name one plan or one charge", p.Name)
		}
	}
	for _, s := range t.Shape {
		if s.Shards == nil && s.Nodes == nil && s.EachReplicas == "" && s.EachNodes == "" {
			problem("a shape needs shards, nodes, each_replicas or each_nodes")
		}
	}
	return problems
}

// index lists the attributes that each type reads, and the types of listings.
func (m *Mapping) index() {
	m.data, m.listings = map[string][]string{}, nil
	for _, id := range slices.Sorted(maps.Keys(m.Type)) {
		t := m.Type[id]
		if t.Listing != nil {
			m.listings = append(m.listings, t)
		}
		t.paths = unique(append(t.paths, t.attributes()...))
		if k := t.Member; k != nil && m.Type[k.Type] != nil {
			m.Type[k.Type].paths = unique(append(m.Type[k.Type].paths, k.Key))
		}
		if t.Lookup != nil {
			m.data[t.Lookup.Type] = unique(append(append(m.data[t.Lookup.Type], t.Lookup.Theirs), t.paths...))
		}
	}
	for _, r := range m.Range {
		m.Type[r.Of].paths = unique(append(m.Type[r.Of].paths, r.Key))
		for _, f := range []*Field{&r.ID, &r.Dimension, &r.Min, &r.Max} {
			r.paths = append(r.paths, f.attributes()...)
		}
	}
}

// attributes lists what a type reads.
func (t *Type) attributes() []string {
	fields := []*Field{&t.Offer, t.Plan, t.EngineVersion}
	for i := range t.Region {
		fields = append(fields, &t.Region[i])
	}
	paths := append(slices.Clone(t.Also), t.Names...)
	for _, s := range t.Shape {
		fields = append(fields, s.Shards, s.Replicas, s.Nodes)
		paths = append(paths, s.EachReplicas, s.EachNodes)
		if s.When != nil {
			paths = append(paths, s.When.Attr)
		}
	}
	if t.Size != nil {
		fields = append(fields, &t.Size.Field)
	}
	if u := t.Usage; u != nil {
		fields = append(fields, u.MinimumGB, u.MaximumGB, u.MinimumPerSec, u.MaximumPerSec, u.ReadRegions, u.CapUSD)
		for _, f := range u.Floor {
			paths = append(paths, f.Attr)
		}
	}
	for i := range t.Part {
		fields = append(fields, &t.Part[i].Field)
	}
	for _, rules := range [][]Rule{t.Possible, t.Skip, t.Unpriced, t.NotIncluded} {
		for _, r := range rules {
			paths = append(paths, r.Attr)
		}
	}
	if t.Member != nil {
		paths = append(paths, t.Member.Attr)
	}
	if t.Follow != nil {
		paths = append(paths, t.Follow.Unless, t.Follow.Attr)
	}
	if t.Lookup != nil {
		paths = append(paths, t.Lookup.Mine)
	}
	if r := t.Reservation; r != nil {
		fields = append(fields, &r.Count, &r.Term, &r.Upfront, r.Hourly, r.Fixed, r.Start)
	}
	if t.Listing != nil {
		paths = append(append(paths, t.Listing.ID...), t.Listing.Group)
	}
	for _, f := range fields {
		if f != nil {
			paths = append(paths, f.attributes()...)
		}
	}
	return paths
}

// attributes lists what a field reads.
func (f *Field) attributes() []string {
	all := slices.Clone(f.From)
	for rest := f.Join; ; {
		_, after, ok := strings.Cut(rest, "{")
		if !ok {
			return all
		}
		name, tail, _ := strings.Cut(after, "}")
		all, rest = append(all, name), tail
	}
}

// about says whether a resource type that the mapping does not have is about
// caches all the same.
func (m *Mapping) about(name string) bool {
	if slices.Contains(m.Kind.Free, name) {
		return false
	}
	return slices.ContainsFunc(m.Kind.LooksLike, func(part string) bool { return strings.Contains(name, part) })
}

// unitBytes is the size of a unit of memory; 0 for one that is not known.
func unitBytes(unit string) int64 {
	switch unit {
	case "B":
		return 1
	case "GB":
		return 1_000_000_000
	case "GiB":
		return 1 << 30
	}
	return 0
}

// unique sorts paths and drops doubles and the empty one.
func unique(paths []string) []string {
	slices.Sort(paths)
	paths = slices.Compact(paths)
	return slices.DeleteFunc(paths, func(p string) bool { return p == "" })
}
