package inventory

import (
	"slices"
	"sort"
	"strings"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/workload"
)

// Resource is one cache, before and after what a plan does; of a state or a
// list only After, which is what runs now.
type Resource struct {
	Address string
	Type    string
	What    string
	Name    string // in its own cloud; "" where the file does not say
	Action  string // create, update, delete, replace, no-op, forget; none for what is only listed
	File    string
	Before  *Holding
	After   *Holding
	Unknown []string // what is known only after terraform apply
	Tags    map[string]string
}

// Holding is what a resource is, and what that costs a month.
type Holding struct {
	Offer          string   // "" for none
	OffersPossible []string // where the file does not say which
	OfferStatus    string   // "legacy" and the like; "" for one that is offered
	Plan           string   // "" for none or an unknown one
	Shards         *int64
	Replicas       *int64 // of every shard; nil where they differ too
	Nodes          *int64
	SizeBytes      int64  // bought, for offers sold by size; else 0
	SizeUnit       string // "GiB" or "GB"
	Region         string // "" for unknown
	RegionFrom     string // the attribute, "provider", "--region" or "assumed"
	EngineVersion  string

	Counted bool   // in the totals
	Why     string // it is not, or its price is unknown
	// Commitment is a reservation: money for nodes that are counted already.
	Commitment *Commitment

	USD     *money.USD // a month, to the cent; nil where unknown
	AtLeast *money.USD
	Cap     *money.USD
	Between []money.USD // the lowest and the highest of the offers possible
	Sum     string      // the price as a sum that can be done by hand
	// Surcharge is what the version of the engine adds, to the cent; it is in USD.
	Surcharge money.USD
	BilledBy  string // "use; a workload is needed", or ""
	Usage     *Bounds
	Range     *Scaling

	NotIncluded []string
	Assumed     []string

	layout layout
	load   *workload.Workload // how it is used, where that is known
	parts  map[string]int64   // by name: how much of what is billed apart
}

// Bounds are the limits of an offer that is billed by use, as the file has them.
type Bounds struct {
	MinimumGB, MaximumGB         *int64
	MinimumPerSec, MaximumPerSec *int64
	ReadRegions                  *int64
}

// Commitment is what a reservation is of.
type Commitment struct {
	Term    string // 1y, 3y
	Upfront string // none, partial, all
	Count   int64
	Ends    string // YYYY-MM-DD, or ""

	hourly, fixed *money.USD
}

// Scaling is what autoscaling makes of a cache.
type Scaling struct {
	Shards, Replicas []int64 // least and most; nil where it does not move them
	AtLeastNodes     int64
	AtMostNodes      int64
	AtLeastUSD       *money.USD
	Words            string
}

// describe says what every cache is, without prices.
func (c *Contents) describe(region string) []*Resource {
	var all []*Resource
	for _, f := range c.found {
		r := &Resource{Address: f.address, Type: f.typ.name, What: f.typ.What, Action: f.action, File: c.Files[f.file].Name}
		r.Name = f.name()
		if f.before != nil {
			r.Before, _ = c.hold(f, f.before, nil, region)
			r.Tags = f.before.tags
		}
		if f.after != nil {
			other := f.before
			if f.before == f.after || f.action == "replace" {
				other = nil
			}
			r.After, r.Unknown = c.hold(f, f.after, other, region)
			if f.after.tags != nil {
				r.Tags = f.after.tags
			}
		}
		all = append(all, r)
	}
	return all
}

// name is what the cache is called in its own cloud, or "".
func (f *found) name() string {
	if f.typ.Listing != nil {
		return f.address
	}
	for _, s := range []*side{f.after, f.before} {
		for _, attr := range f.typ.Names {
			if s != nil && s.attrs[attr].state == given {
				return s.attrs[attr].text
			}
		}
	}
	return ""
}

// hold says what one side of a resource is.
func (c *Contents) hold(f *found, s, other *side, region string) (*Holding, []string) {
	x := &scope{c: c, f: f, side: s, other: other, conf: c.config[f.file].resources[f.where], report: true}
	h := &Holding{Counted: true}
	t := f.typ
	if words := x.firstOf(t.Skip); words != "" {
		h.Counted, h.Why = false, words
		return h, nil
	}
	if t.NoCard != "" {
		h.Why = t.NoCard
		return h, nil
	}
	x.lookup()
	if group := x.member(); group != "" {
		zero := money.USD(0)
		h.Counted, h.USD, h.Why = false, &zero, "a replica of "+group+", counted there"
		return h, nil
	}
	x.follow()
	offer := x.field(&t.Offer)
	if offer.other != "" {
		h.Counted, h.Why = false, offer.other
		return h, nil
	}
	if h.Offer = offer.text; !offer.known {
		h.OffersPossible = possible(t.Offer.Map)
		x.note(offer.attr, "")
	} else if words := x.firstOf(t.Possible); words != "" {
		h.OffersPossible = []string{h.Offer, words}
	}
	x.sized(h)
	x.arranged(h)
	if p := x.field(t.Plan); p.known {
		h.Plan = p.text
	}
	x.placed(h, region)
	if v := x.field(t.EngineVersion); v.known {
		h.EngineVersion = v.text
	}
	for _, attr := range t.Also {
		if x.value(attr).state == computed {
			x.note(attr, "")
		}
	}
	x.bounded(h)
	x.apart(h)
	x.committed(h)
	if words := x.firstOf(t.Unpriced); words != "" {
		h.Why = words
	}
	for i := range t.NotIncluded {
		if x.matches(&t.NotIncluded[i]) {
			h.NotIncluded = append(h.NotIncluded, x.words(&t.NotIncluded[i]))
		}
	}
	h.Assumed = x.assumed
	return h, x.unknown
}

func possible(offers map[string]string) []string {
	var all []string
	for _, id := range offers {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	sort.Strings(all)
	return all
}

// lookup finds the data source that knows the resource.
func (x *scope) lookup() {
	l := x.f.typ.Lookup
	if l == nil {
		return
	}
	mine := x.value(l.Mine)
	for _, attrs := range x.c.data[l.Type] {
		if mine.state == given && attrs[l.Theirs].text == mine.text {
			x.data = attrs
		}
	}
}

// member looks for the resource that this one is a part of. Where that one
// counts it already its address is returned; else what is unknown here is that
// one's.
func (x *scope) member() string {
	m := x.f.typ.Member
	if m == nil {
		return ""
	}
	v := x.side.attrs[m.Attr]
	for _, f := range x.c.found {
		if f.typ.name != m.Type || f.file != x.f.file {
			continue
		}
		whole := f.after
		if whole == nil || (x.side == x.f.before && f.before != nil) {
			whole = f.before
		}
		switch {
		case whole == nil:
		case v.state == given && whole.attrs[m.Key].text == v.text:
			if x.side.standing {
				return f.address
			}
			x.lend(whole, m.Take)
			return ""
		case v.state == computed && x.conf != nil:
			for _, address := range x.c.config[x.f.file].references(x.conf.at(m.Attr), x.f.where, m.Type) {
				if address == f.where {
					x.lend(whole, m.Take)
					return ""
				}
			}
		}
	}
	if v.state == given {
		x.assume("its replication group is not in the file, so it counts as one node")
	}
	return ""
}

func (x *scope) lend(from *side, take []string) {
	x.lent = map[string]value{}
	for _, attr := range take {
		x.lent[attr] = from.attrs[attr]
	}
}

// follow finds the resource whose attributes this one takes over.
func (x *scope) follow() {
	fl := x.f.typ.Follow
	if fl == nil || x.conf == nil || x.side.attrs[fl.Unless].state != computed || x.conf.at(fl.Unless).written {
		return
	}
	conf := x.c.config[x.f.file]
	between := conf.references(x.conf.at(fl.Attr), x.f.where, fl.Through)
	if len(between) == 0 {
		between = conf.ofType(fl.Through)
	}
	if len(between) != 1 {
		return
	}
	to := conf.references(conf.resources[between[0]].at(fl.To), between[0], x.f.typ.name)
	for _, f := range x.c.found {
		if len(to) == 1 && f.where == to[0] && f != x.f && f.file == x.f.file && f.after != nil {
			x.lend(f.after, fl.Take)
			x.assume(strings.ReplaceAll(fl.Words, "{address}", f.address))
			return
		}
	}
}

// sized reads the memory that is bought.
func (x *scope) sized(h *Holding) {
	s := x.f.typ.Size
	if s == nil {
		return
	}
	a := x.field(&s.Field)
	if !a.known {
		return
	}
	each := unitBytes(s.Unit)
	n, ok := scaled(a.text, each, max(1, s.Divide))
	if !ok {
		return
	}
	h.SizeBytes, h.SizeUnit, x.size = n, s.Unit, n
	if s.Unit == "B" {
		h.SizeUnit = "GB"
	}
}

// arranged reads shards, replicas and nodes.
func (x *scope) arranged(h *Holding) {
	l, ok := x.layout()
	if len(x.f.typ.Shape) == 0 { // the plan is all that is bought
		h.layout = layout{shards: 1, nodes: 1, shardsKnown: true, replicasKnown: true, nodesKnown: true}
	}
	if !ok {
		return
	}
	if x.f.nodes > 0 { // elements of a list, each of them a node
		l = layout{nodes: x.f.nodes, nodesKnown: true}
		x.note("shards: the list does not say how the nodes are arranged", "")
	}
	h.layout = l
	if l.shardsKnown {
		h.Shards = &l.shards
	}
	if l.atLeast {
		x.note("replicas: the list does not say how many", "")
		return
	}
	if l.replicasKnown {
		h.Replicas = &l.replicas
	}
	if l.nodesKnown {
		h.Nodes = &l.nodes
	}
}

// placed finds the region: the resource's own, its zone's, its provider's, the
// one in its ARN, and then what the caller gives.
func (x *scope) placed(h *Holding, otherwise string) {
	t := x.f.typ
	try := func(arn bool) bool {
		for i := range t.Region {
			f := &t.Region[i]
			if (f.Part == "arn") != arn {
				continue
			}
			quiet := *x
			quiet.report = false
			if a := quiet.field(f); a.known {
				h.Region, h.RegionFrom = a.text, a.attr
				return true
			}
		}
		return false
	}
	switch {
	case try(false):
		return
	case !t.FlatRegion:
		if region := x.c.config[x.f.file].region(x.f.where); region != "" {
			h.Region, h.RegionFrom = region, "provider"
			return
		}
	}
	switch {
	case try(true):
	case otherwise != "" && (!t.FlatRegion || t.AssumedRegion != ""):
		h.Region, h.RegionFrom = otherwise, "--region"
	case t.AssumedRegion != "":
		h.Region, h.RegionFrom = t.AssumedRegion, "assumed"
		x.note("region", "")
		x.assume("region: not in the resource, assumed " + t.AssumedRegion + "; --region sets another")
	case !t.FlatRegion || len(t.Region) > 0:
		x.note("region", "")
	}
}

// bounded reads the limits of an offer that is billed by use.
func (x *scope) bounded(h *Holding) {
	u := x.f.typ.Usage
	if u == nil {
		return
	}
	h.BilledBy = "use; a workload is needed"
	h.Usage = &Bounds{}
	for _, b := range []struct {
		field *Field
		to    **int64
	}{
		{u.MinimumGB, &h.Usage.MinimumGB}, {u.MaximumGB, &h.Usage.MaximumGB},
		{u.MinimumPerSec, &h.Usage.MinimumPerSec}, {u.MaximumPerSec, &h.Usage.MaximumPerSec}, {u.ReadRegions, &h.Usage.ReadRegions},
	} {
		if a := x.field(b.field); a.known {
			if n, ok := scaled(a.text, 1, 1); ok {
				*b.to = &n
			}
		}
	}
	if a := x.field(u.CapUSD); a.known {
		if usd, err := money.ParseUSD(a.text); err == nil {
			h.Cap = &usd
		}
	}
	for i := range u.Floor {
		if f := &u.Floor[i]; x.matches(&f.Rule) {
			usd := f.USD
			h.AtLeast, h.Sum = &usd, f.Words
		}
	}
	x.note("its data and load: a workload is needed", "")
}

// apart reads how much there is of what is billed apart.
func (x *scope) apart(h *Holding) {
	h.parts = map[string]int64{}
	for i := range x.f.typ.Part {
		part := &x.f.typ.Part[i]
		a := x.field(&part.Field)
		if n, ok := scaled(a.text, 1, 1); a.known && ok {
			h.parts[part.Name] = n
			continue
		}
		x.note(part.Name, "")
	}
}

// committed reads what a reservation is of.
func (x *scope) committed(h *Holding) {
	r := x.f.typ.Reservation
	if r == nil {
		return
	}
	c := &Commitment{}
	h.Counted, h.Why = false, "a reservation pays for nodes that are already counted; its own amount is shown separately"
	h.Commitment = c
	term, upfront := x.field(&r.Term), x.field(&r.Upfront)
	c.Term, c.Upfront = term.text, upfront.text
	if n, ok := x.number(&r.Count); ok {
		c.Count = n
		h.Nodes = &c.Count
	}
	for _, m := range []struct {
		field *Field
		to    **money.USD
	}{{r.Hourly, &c.hourly}, {r.Fixed, &c.fixed}} {
		if a := x.field(m.field); a.known {
			if usd, err := money.ParseUSD(a.text); err == nil {
				*m.to = &usd
			}
		}
	}
	if a := x.field(r.Start); a.known {
		c.Ends = ends(a.text, c.Term)
	}
}
