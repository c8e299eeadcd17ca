package inventory

import (
	"fmt"
	glob "path"
	"regexp"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Measured is how a cache was used over a whole window: the highest, never a
// mean.
type Measured struct {
	PeakBytes   int64              // of data, one copy
	PeakOps     *int64             // commands a second; nil where only a mean was measured
	PeakNetwork *int64             // bytes a second of one node; nil where it was not measured
	PeakMoved   *int64             // bytes a second of the whole cache, in place of PeakNetwork
	Idle        bool               // no command in the window
	Workload    *workload.Workload // to look for other services with; nil where it is not known
}

// MeasuredBy takes a workload that was measured for a cache. Its size is taken
// as the highest of the window; a peak of commands counts where the file has
// one, and of the network where it has the bytes of a command too. Means are not
// used.
func MeasuredBy(w *workload.Workload) *Measured {
	seen := &Measured{PeakBytes: w.StoredBytes, Idle: w.Commands == 0, Workload: w}
	if !w.Given["peak_ops_per_sec"] {
		return seen
	}
	ops := unit.CeilDiv(w.PeakOpsPerSec, unit.Million)
	seen.PeakOps = &ops
	if w.Given["payload_bytes"] || w.Given["transfer_gb_per_month"] {
		if moved, err := unit.MulDiv(uint64(w.PeakOpsPerSec), uint64(w.PayloadBytes), unit.Million); err == nil {
			seen.PeakMoved = &moved
		}
	}
	return seen
}

// Choice is one way to buy.
type Choice struct {
	Offer     string
	Plan      string
	SizeBytes int64 // for plans sold by size; else 0
	SizeUnit  string
	USD       money.USD // a month, exact
	Usable    int64     // bytes of data that fit, over all shards
	Term      ratecard.Term
	Upfront   ratecard.Upfront

	network, ops, connections int64 // of a node, a shard, a database; 0 where unknown
}

// Advice is what to do about one cache, or why nothing is said.
type Advice struct {
	Address    string
	Verdict    string // shrink, keep, grow, or none
	Why        string
	PeakBytes  int64
	Limit      string // what keeps it from being smaller: memory, network or ops/s
	Now        *Choice
	Best       *Choice // the cheapest that holds the peak, over all families
	SameFamily *Choice // the cheapest within the family that it is of
	NextUp     *Choice // the next size up, in case Best proves too small
	Saving     money.USD
	Idle       bool
	Others     []Alternative
	Notes      []string
}

// Alternative is another way to pay less for the same load.
type Alternative struct {
	Kind   string // family, engine, term, successor, or service
	Choice Choice
	Saving money.USD // against what it costs now
}

// AdviceRules are the data that advice rests on beside the cards.
type AdviceRules struct {
	Never     []string          `toml:"never"`     // globs of plans that are not advised: previous generations
	Beside    []string          `toml:"beside"`    // globs of plans that are named beside the right size: they suit one kind of load
	Sibling   map[string]string `toml:"sibling"`   // the same service with Valkey
	Successor map[string]string `toml:"successor"` // what a legacy offer is replaced by
}

// Saving is the least saving that is reported.
type Saving struct {
	USD      money.USD
	Millions int64 // share of what it costs now, in millionths
}

// LeastSaving is 5 USD a month or 5 %, whichever is reached first.
func LeastSaving() Saving { return Saving{5 * money.Nano, 50_000} }

// reached says whether a saving is large enough to report.
func (s Saving) reached(saving, now money.USD) bool {
	if saving <= 0 {
		return false
	}
	share, err := now.Times(s.Millions, unit.Million)
	return saving >= s.USD || (err == nil && s.Millions > 0 && saving >= share)
}

// Advise says for every cache that runs, and was measured, which size is right.
// measured is by the name of the cache.
func (inv *Inventory) Advise(set *ratecard.Set, measured map[string]*Measured, least Saving) ([]*Advice, error) {
	p, m := newPricer(set, inv.Options), inv.Mapping
	var all []*Advice
	for _, r := range inv.Resources {
		if r.After == nil || !r.After.Counted {
			continue
		}
		a, err := p.advise(m, r, find(measured, r), least)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.Address, err)
		}
		all = append(all, a)
	}
	return all, nil
}

// find joins what is known of a cache with a resource: by its address, its own name, or
// the last part of its address.
func find[T any](by map[string]*T, r *Resource) *T {
	last := r.Address[strings.LastIndex(r.Address, ".")+1:]
	for _, name := range []string{r.Address, r.Name, last} {
		if one := by[name]; one != nil && name != "" {
			return one
		}
	}
	return nil
}

func (p *pricer) advise(m *Mapping, r *Resource, seen *Measured, least Saving) (*Advice, error) {
	h := r.After
	a := &Advice{Address: r.Address, Verdict: "none"}
	switch {
	case h.Usage != nil:
		a.Why = "it is billed by use, so there is no size to choose"
	case seen == nil:
		a.Why = "it is not in the --workload file"
	case seen.Idle:
		a.Idle, a.PeakBytes = true, seen.PeakBytes
		a.Why = "idle: no command in the window; check whether it is needed"
	case h.USD == nil:
		a.Why = "its cost is unknown: " + h.Why
	case h.Shards == nil || h.Nodes == nil || h.Plan == "":
		a.Why = "its shards and replicas are unknown"
	}
	if a.Why != "" && !a.Idle {
		return a, nil
	}
	if a.Idle && (h.USD == nil || h.Plan == "" || h.Shards == nil) {
		return a, nil
	}
	a.PeakBytes = seen.PeakBytes
	if seen.PeakMoved != nil && seen.PeakNetwork == nil {
		// The primaries move all of it: what replicas answer is not known.
		one, each := *seen, unit.CeilDiv(*seen.PeakMoved, *h.Shards)
		one.PeakNetwork, seen = &each, &one
	}
	replicas := int64(0)
	if h.Replicas != nil {
		replicas = *h.Replicas
	}
	at := place{offer: h.Offer, region: h.Region, shards: *h.Shards, replicas: replicas, version: version(h.EngineVersion), term: p.options.Term, upfront: p.options.Upfront}
	choices, err := p.choices(m, at, h, seen)
	if err != nil {
		return nil, err
	}
	if seen.PeakNetwork != nil && !slices.ContainsFunc(choices, func(c Choice) bool { return c.network > 0 }) {
		one := *seen
		one.PeakNetwork, seen = nil, &one
		a.Notes = append(a.Notes, noBaseline)
	}
	a.weigh(m, choices, h, seen, at, least)
	if a.Idle {
		a.Verdict, a.Why = "none", "idle: no command in the window; check whether it is needed"
		a.Saving = a.Now.USD
		return a, nil
	}
	return a, p.alternatives(m, a, at, h, seen, least)
}

// place is where and how a load runs, apart from its plan.
type place struct {
	offer, region    string
	shards, replicas int64
	version          int64 // of the engine that runs; 0 for unknown
	term             ratecard.Term
	upfront          ratecard.Upfront
}

// choices prices every plan of an offer in the same place, with the same shards
// and replicas; the one that runs now is among them, marked by its position -1.
func (p *pricer) choices(m *Mapping, at place, h *Holding, seen *Measured) ([]Choice, error) {
	card := p.set.Offer(at.offer)
	if card == nil {
		return nil, nil
	}
	v := p.version(card)
	if v == nil {
		return nil, nil
	}
	var all []Choice
	for i := range v.Plans {
		plan := &v.Plans[i]
		running := h != nil && h.Offer == at.offer && plan.ID == h.Plan
		if !running && (plan.NotChosen != "" || never(m, plan.ID) || tooFewReplicas(plan, v, at.replicas)) {
			continue
		}
		for _, size := range sizesOf(plan, v, seen.PeakBytes, h, running) {
			c, err := p.choice(card, v, plan, size, at)
			if err != nil {
				return nil, err
			}
			if c != nil {
				all = append(all, *c)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Choice) int {
		if a.USD != b.USD {
			return int(min(1, max(-1, a.USD-b.USD)))
		}
		return strings.Compare(a.Plan, b.Plan)
	})
	return all, nil
}

func never(m *Mapping, plan string) bool { return matched(m.Advice.Never, plan) }

func matched(globs []string, plan string) bool {
	return slices.ContainsFunc(globs, func(g string) bool { ok, _ := glob.Match(g, plan); return ok })
}

func tooFewReplicas(plan *ratecard.Plan, v *ratecard.Version, replicas int64) bool {
	for _, l := range []*ratecard.Limit{&plan.Limit, &v.Limit} {
		if l.MaxReplicas != nil && *l.MaxReplicas < replicas {
			return true
		}
	}
	return v.Sizing.Replicas == ratecard.ReplicasByPlan && plan.IncludesReplicas < replicas
}

// sizesOf are the sizes of a plan that matter: 0 for whole nodes; the smallest
// that holds the data and the next, and the one that runs, for plans by size.
func sizesOf(plan *ratecard.Plan, v *ratecard.Version, need int64, h *Holding, running bool) []int64 {
	per := plan.Per.Bytes()
	if per == 0 {
		return []int64{0}
	}
	step := max(1, v.Sizing.ProvisionStep)
	units := max(plan.ProvisionMin, unit.CeilDiv(ceilShare(need, v.Sizing.UsableShare), per))
	units = unit.CeilDiv(units, step) * step
	var sizes []int64
	for _, n := range []int64{units, units + step} {
		if plan.ProvisionMax == 0 || n <= plan.ProvisionMax {
			sizes = append(sizes, n*per)
		}
	}
	if running && h.SizeBytes > 0 && !slices.Contains(sizes, h.SizeBytes) {
		sizes = append(sizes, h.SizeBytes)
	}
	return sizes
}

// ceilShare is the least size of which a share in millionths holds n bytes.
func ceilShare(n, share int64) int64 {
	size, err := unit.MulDiv(uint64(n), unit.Million, uint64(max(1, share)))
	if err != nil {
		return n
	}
	for usable(size, share) < n {
		size++
	}
	return size
}

// usable is the part of a size that holds data, rounded down.
func usable(size, share int64) int64 {
	n, err := unit.MulDiv(uint64(size), uint64(share), unit.Million)
	if err != nil {
		return 0
	}
	if back, err := unit.MulDiv(uint64(n), unit.Million, uint64(max(1, share))); err == nil && back > size {
		n--
	}
	return n
}

// choice prices one plan; nil where it has no known price.
func (p *pricer) choice(card *ratecard.Offer, v *ratecard.Version, plan *ratecard.Plan, size int64, at place) (*Choice, error) {
	o, why, err := p.compiled(card, v, at.region, plan.ID, at.shards, size, at.term, at.upfront)
	if err != nil || why != "" {
		return nil, err
	}
	w := workload.Workload{HoursPerMonth: p.options.HoursPerMonth, Databases: 1, Replicas: at.replicas, EngineVersion: at.version}
	u, err := w.Usage()
	if err != nil {
		return nil, err
	}
	b, err := o.Bill(&u)
	if err != nil || b.Status != bill.Priced || b.Plan == nil || (b.Plan.Shards != 0 && b.Plan.Shards != at.shards && v.Sizing.MaxShards != 1) {
		return nil, err
	}
	if at.term.Months() > 0 && b.Term != at.term {
		return nil, nil //nolint:nilnil // not sold for the term is no choice
	}
	c := &Choice{Offer: card.ID, Plan: plan.ID, USD: b.Total, Usable: plan.Usable * at.shards, Term: b.Term, Upfront: b.UpfrontKind, network: plan.Network}
	c.ops, _ = bill.Throughput(plan, &v.Sizing)
	if c.connections = plan.Limit.MaxConnections; c.connections == 0 {
		c.connections = v.Limit.MaxConnections
	}
	if plan.Usable == 0 {
		c.Usable = plan.Limit.MaxData
	}
	if size > 0 {
		c.SizeBytes, c.Usable, c.SizeUnit = size, usable(size, v.Sizing.UsableShare), "GB"
		if plan.Per.Bytes() == unit.GiB {
			c.SizeUnit = "GiB"
		}
	}
	return c, nil
}

// lacks names the first thing of a peak that a choice does not hold; "" for none.
// Network counts where it was measured, and a node without a published baseline
// does not qualify then.
func (c *Choice) lacks(seen *Measured, shards int64) string {
	switch {
	case unit.CeilDiv(seen.PeakBytes, shards)*shards > c.Usable:
		return "memory"
	case seen.PeakNetwork != nil && *seen.PeakNetwork > c.network:
		return "network"
	case seen.PeakOps != nil && c.ops > 0 && unit.CeilDiv(*seen.PeakOps, shards) > c.ops:
		return "ops/s"
	}
	return ""
}

// noBaseline is said where what was measured cannot be compared with anything.
const noBaseline = "its plans have no published network baseline, so the measured network peak did not count"

// weigh picks the right size among the choices, which come cheapest first.
func (a *Advice) weigh(m *Mapping, choices []Choice, h *Holding, seen *Measured, at place, least Saving) {
	a.Limit = "memory"
	for i := range choices {
		c := &choices[i]
		if c.Plan == h.Plan && c.SizeBytes == h.SizeBytes {
			a.Now = c
		}
	}
	var beside *Choice
	for i := range choices {
		c := &choices[i]
		lack := c.lacks(seen, at.shards)
		if c != a.Now && matched(m.Advice.Beside, c.Plan) {
			if lack == "" && beside == nil {
				beside = c
			}
			continue
		}
		switch {
		case lack == "" && a.Best == nil:
			a.Best = c
		case lack != "" && lack != "memory" && a.Best == nil:
			a.Limit = lack
		case lack == "" && a.NextUp == nil && c.Usable > a.Best.Usable:
			a.NextUp = c
		}
		if f := familyOf(c.Plan); lack == "" && a.SameFamily == nil && f != "" && f == familyOf(h.Plan) && !never(m, c.Plan) {
			a.SameFamily = c
		}
	}
	if a.Now == nil { // a size of a card that has changed since
		a.Now = &Choice{Offer: h.Offer, Plan: h.Plan, SizeBytes: h.SizeBytes, SizeUnit: h.SizeUnit, USD: *h.USD, Term: at.term, Upfront: at.upfront}
	}
	if a.Best == nil {
		a.Verdict, a.Why = "none", fmt.Sprintf("no plan of %s is large enough for the peak with %d shards", h.Offer, at.shards)
		return
	}
	a.judge(seen, at, least)
	if beside != nil && beside.USD < a.Best.USD && least.reached(a.Now.USD-beside.USD, a.Now.USD) {
		a.Others = append(a.Others, Alternative{"family", *beside, a.Now.USD - beside.USD})
	}
}

// judge turns the right size into a verdict.
func (a *Advice) judge(seen *Measured, at place, least Saving) {
	a.Saving = a.Now.USD - a.Best.USD
	lack := a.Now.lacks(seen, at.shards)
	if lack == "network" && a.Now.network == 0 {
		lack = "" // it runs, and how much it can move is not published
	}
	switch {
	case lack != "":
		a.Verdict, a.Limit = "grow", lack
		a.Why = "too small for the measured peak: " + lack
	case a.Saving > 0 && least.reached(a.Saving, a.Now.USD):
		a.Verdict, a.Why = "shrink", "a cheaper plan is large enough for the measured peak"
	case a.Saving > 0:
		a.Verdict, a.Why = "keep", fmt.Sprintf("%s would save only %s USD a month, less than --min-saving", a.Best.Plan, a.Saving)
	default:
		a.Verdict, a.Why, a.Saving, a.Best = "keep", "no cheaper plan is large enough for the measured peak", 0, a.Now
	}
	if a.Verdict == "shrink" && a.Now.connections > 0 && a.Best.connections > 0 && a.Best.connections < a.Now.connections {
		a.Notes = append(a.Notes, fmt.Sprintf("it takes %d connections instead of %d; check how many are in use", a.Best.connections, a.Now.connections))
	}
	if seen.PeakOps == nil {
		a.Notes = append(a.Notes, "no peak of commands per second was measured, so it did not count")
	}
	if seen.PeakNetwork == nil && !slices.Contains(a.Notes, noBaseline) {
		a.Notes = append(a.Notes, "no network peak was measured, so it did not count")
	}
}

var letters = regexp.MustCompile(`^([A-Z]+)[0-9]+$`)

// familyOf is the part of a plan's name that its family shares: "cache.r7g" of
// cache.r7g.large, "B" of B50; "" where names tell no family.
func familyOf(plan string) string {
	if m := letters.FindStringSubmatch(plan); m != nil {
		return m[1]
	}
	if strings.HasPrefix(plan, "cache.") || strings.HasPrefix(plan, "db.") {
		return plan[:strings.LastIndex(plan, ".")]
	}
	return ""
}
