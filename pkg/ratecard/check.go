package ratecard

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/keynest/keynest/pkg/tomlfile"
)

// checker gathers everything that is wrong with a document.
type checker struct {
	set      *Set
	file     File
	lines    func() tomlfile.Lines // of the file, read when the first problem turns up
	today    string
	problems []problem
	used     map[string]bool // sources that a figure cites
}

// problem is one thing that is wrong, and the line to mend, or 0.
type problem struct {
	line int
	text string
}

func (c *checker) problem(path []string, format string, args ...any) {
	lines := c.lines()
	c.problems = append(c.problems, problem{lines.Of(path...), at(c.file.Name, lines, path) + fmt.Sprintf(format, args...)})
}

// cite checks that a figure has a source, or says why it is assumed.
func (c *checker) cite(path []string, source, assumed string) {
	switch {
	case source == "" && assumed == "":
		c.problem(path, "has no source; add source = \"ID\" or assumed = \"why\"")
	case source == "":
	case c.set.doc.Source[source] == nil:
		c.problem(path, "source %q is not in the file; add [source.ID]", source)
	default:
		c.used[source] = true
	}
}

func (c *checker) document() {
	doc := c.set.doc
	if doc.Schema != Schema {
		c.problem([]string{"schema"}, "schema %d; this program reads schema %d", doc.Schema, Schema)
	}
	for _, id := range slices.Sorted(maps.Keys(doc.Provider)) {
		c.provider(id, doc.Provider[id])
	}
	for _, o := range c.set.offers {
		c.offer(o)
	}
	for _, currency := range slices.Sorted(maps.Keys(doc.FX)) {
		for _, day := range slices.Sorted(maps.Keys(doc.FX[currency])) {
			path, raw := []string{"fx", currency, day}, doc.FX[currency][day]
			c.date(path, "the rate", day)
			if n, err := raw.USDPerUnit.nano(); err != nil || n == 0 {
				c.problem(path, "usd_per_unit %q is not a rate like \"1.1622\"", strings.TrimPrefix(string(raw.USDPerUnit), unquoted))
			}
			if currency != "EUR" {
				c.problem(path, "unknown currency %s; known: EUR", currency)
			}
			c.cite(path, raw.Source, "")
		}
	}
	for _, id := range slices.Sorted(maps.Keys(doc.Discount)) {
		c.discount(id, doc.Discount[id])
	}
	for _, id := range slices.Sorted(maps.Keys(doc.Source)) {
		c.source(id, doc.Source[id])
	}
	c.places()
	slices.SortFunc(c.problems, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.text, b.text))
	})
	c.problems = slices.Compact(c.problems)
}

func (c *checker) source(id string, s *rawSource) {
	path := []string{"source", id}
	if u, err := url.Parse(s.URL); err != nil || u.Scheme != "https" || u.Host == "" {
		c.problem(path, "url %q is not an https address", s.URL)
	}
	if s.Title == "" {
		c.problem(path, "has no title")
	}
	if s.Retrieved != Undated {
		c.date(path, "retrieved", s.Retrieved)
	}
	if !slices.Contains(confidences, Confidence(s.Confidence)) {
		c.problem(path, "confidence %q is not one of vendor, vendor-api, third-party, derived", s.Confidence)
	}
	if !c.used[id] {
		c.problem(path, "no figure cites it; remove it")
	}
}

func (c *checker) provider(id string, p *rawProvider) {
	path := []string{"provider", id}
	if p.Name == "" {
		c.problem(path, "has no name")
	}
	if len(p.Regions) > 0 {
		c.cite(path, p.Source, "")
	} else if p.Source != "" {
		c.problem(path, "source is for regions, but there are no regions")
	}
	for _, cloud := range slices.Sorted(maps.Keys(p.Alias)) {
		own := p.Alias[cloud]
		if !slices.ContainsFunc(c.set.offers, func(o *Offer) bool { return o.Provider.ID == id && slices.Contains(c.set.regions(o), own) }) {
			c.problem(path, "alias %s: no card of %s has a price in %s", cloud, id, own)
		}
	}
}

// date checks a day that has been.
func (c *checker) date(path []string, what, day string) {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		c.problem(path, "%s %q is not a date like 2026-09-20", what, day)
	} else if day > c.today {
		c.problem(path, "%s %s is in the future", what, day)
	}
}

func (c *checker) discount(id string, raw *rawDiscount) {
	path := []string{"discount", id}
	if n, err := raw.Percent.millionths(); err != nil {
		c.problem(path, "percent: %v", err)
	} else if n <= 0 || n > 100_000_000 {
		c.problem(path, "percent %s is not above 0 and at most 100", raw.Percent)
	} else if n%100 != 0 {
		c.problem(path, "percent %s has more than four decimals", raw.Percent)
	}
	if raw.Why == "" {
		c.problem(path, "missing key %q", "why")
	}
	if raw.Provider == "" && raw.Offer == "" {
		c.problem(path, "has no provider and no offer; add one")
	}
	if raw.Provider != "" && c.set.doc.Provider[raw.Provider] == nil {
		c.problem(path, "unknown provider %q", raw.Provider)
	}
	if raw.Offer != "" && c.set.doc.Offer[raw.Offer] == nil {
		c.problem(path, "unknown offer %q; known: %s", raw.Offer, strings.Join(near(raw.Offer, slices.Sorted(maps.Keys(c.set.doc.Offer))), ", "))
	}
	if matched, charged := c.discounted(raw); !matched {
		c.problem(path, "%s does not sell %s", raw.Provider, raw.Offer)
	} else if !charged {
		c.problem(path, "charge %q matches no charge or plan of the selected offers", raw.Charge)
	}
}

// discounted says whether a discount is for any offer, and for any charge or
// plan of one. What is not described has its own message.
func (c *checker) discounted(raw *rawDiscount) (matched, charged bool) {
	doc := c.set.doc
	if (raw.Provider != "" && doc.Provider[raw.Provider] == nil) || (raw.Offer != "" && doc.Offer[raw.Offer] == nil) {
		return true, true
	}
	for _, o := range c.set.offers {
		if (raw.Offer != "" && raw.Offer != o.ID) || (raw.Provider != "" && raw.Provider != o.Provider.ID) {
			continue
		}
		matched = true
		for _, from := range o.dates {
			v := c.set.Version(o, from)
			charged = charged || v.Plan(raw.Charge) != nil ||
				slices.ContainsFunc(v.Charges, func(ch Charge) bool { return ch.ID == raw.Charge })
		}
	}
	return matched, charged || raw.Charge == ""
}

// maxShort is how long a short name may be, in characters: with its price, its
// size and its marks a row of an estimate then fills 100 columns.
const maxShort = 34

func (c *checker) offer(o *Offer) {
	path, raw := []string{"offer", o.ID}, c.set.doc.Offer[o.ID]
	if raw.Name == "" {
		c.problem(path, "has no name")
	}
	if n := utf8.RuneCountInString(o.Short); n > maxShort || n > 0 && n >= utf8.RuneCountInString(o.FullName()) {
		c.problem(append(path, "short"), "short %q must be shorter than %q and have at most %d characters", o.Short, o.FullName(), maxShort)
	}
	if c.set.doc.Provider[raw.Provider] == nil {
		c.problem(path, "provider %q is not in the file; add [provider.ID]", raw.Provider)
	}
	switch o.BilledBy {
	case BilledByCommands, BilledByCapacity, BilledByHybrid, BilledByUsage:
	default:
		c.problem(path, "billed_by %q is not one of commands, capacity, hybrid, usage", raw.BilledBy)
	}
	switch o.Status {
	case StatusOffered, StatusPreview, StatusLegacy, StatusTarget:
	default:
		c.problem(path, "status %q is not one of offered, preview, legacy, target", raw.Status)
	}
	if len(o.Engines) == 0 {
		c.problem(path, "names no engines")
	}
	for _, e := range o.Engines {
		if e != "valkey" && e != "redis" {
			c.problem(path, "engine %q is neither valkey nor redis", e)
		}
	}
	if len(o.dates) == 0 {
		c.problem(path, "has no version")
	}
	for _, day := range o.dates {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			c.problem([]string{"offer", o.ID, "version", day}, "is not dated like 2026-09-20")
			continue
		}
		c.version(o, day)
	}
	c.traits(o)
}

func (c *checker) version(o *Offer, day string) {
	b := builder{set: c.set, day: day, report: c.problem, use: c.cite}
	v := b.version(o, day)
	if v.Withdrawn != "" {
		return
	}
	path := []string{"offer", o.ID, "version", day}
	if len(v.Charges) == 0 && len(v.Plans) == 0 {
		c.problem(path, "has no charge and no plan")
	}
	known := map[string]bool{}
	for _, ch := range v.Charges {
		known[ch.ID] = true
	}
	for _, p := range v.Plans {
		if known[p.ID] {
			c.problem(path, "%s is both a charge and a plan; rename one", p.ID)
		}
		known[p.ID] = true
	}
	for _, ch := range v.Charges {
		for _, p := range ch.Plans {
			if v.Plan(p) == nil {
				c.problem(append(path, "charge", ch.ID), "plans: there is no plan %q", p)
			}
		}
	}
	for i := range v.Charges {
		c.countable(path, v, &v.Charges[i])
	}
	for i := range v.Plans {
		for j := range v.Plans[i].Charges {
			c.countable(append(path, "plan", v.Plans[i].ID), v, &v.Plans[i].Charges[j])
		}
	}
	c.tables(path, v, known)
	c.commitments(path, v)
}

// countable checks that the card says what a charge's meter counts.
func (c *checker) countable(path []string, v *Version, ch *Charge) {
	path = append(path, "charge", ch.ID)
	needs := func(what string, plan func(p *Plan) bool) {
		if len(v.Plans) == 0 {
			c.problem(path, "meter %s counts what is bought, but the version has no plans", ch.Meter)
		}
		for i := range v.Plans {
			p := &v.Plans[i]
			if (ch.Plans == nil || slices.Contains(ch.Plans, p.ID)) && !plan(p) {
				c.problem(path, "meter %s needs %s, but plan %s has none", ch.Meter, what, p.ID)
			}
		}
	}
	switch ch.Meter {
	case MeterNodes:
		needs("a plan", func(*Plan) bool { return true })
	case MeterNodeMemory:
		needs("nodes with a memory", func(p *Plan) bool { return p.Per.Bytes() == 0 && p.Memory > 0 })
	case MeterProvisioned:
		needs("memory sold by the unit", func(p *Plan) bool { return p.Per.Bytes() > 0 })
	case MeterCPU:
		if v.Sizing.CPUOpsPerSec == 0 {
			c.problem(path, "meter cpu needs cpu_ops_per_sec in sizing")
		}
	}
}

// tables checks that one version gives each figure once, and only for things
// that it sells.
func (c *checker) tables(path []string, v *Version, known map[string]bool) {
	first := map[[2]string]string{}
	for i := range v.tables {
		t := &v.tables[i]
		ids, regions := t.axes()
		for _, id := range ids {
			if !known[id] && t.from == "" {
				c.problem(append(path, "price", t.name), "prices %s, but there is no such plan or charge", id)
			}
		}
		if !t.own {
			continue // an earlier version's, which this one may replace
		}
		for _, id := range ids {
			if !known[id] {
				continue
			}
			for _, r := range regions {
				if !t.lookup(id, r).found {
					continue
				}
				if other, twice := first[[2]string{id, r}]; twice && other != t.name {
					c.problem(append(path, "price", t.name), "has a second price for %s in %s; the first is in %s", id, r, other)
				}
				first[[2]string{id, r}] = t.name
			}
		}
	}
}

// commitments checks that no committed price is above the on-demand one.
func (c *checker) commitments(path []string, v *Version) {
	terms := v.Commitments()
	for i := range terms {
		com := &terms[i]
		for _, p := range com.Plans {
			if v.Plan(p) == nil {
				c.problem(append(path, "commitment", com.ID), "plans: there is no plan %q", p)
			}
		}
		regions := map[string]bool{}
		for _, tables := range [][]priceTable{com.hourly, com.upfront} {
			for j := range tables {
				ids, rs := tables[j].axes()
				for _, id := range ids {
					if v.Plan(id) == nil && tables[j].from == "" {
						c.problem(append(path, "commitment", com.ID), "prices %s, but there is no such plan", id)
					}
				}
				for _, r := range rs {
					regions[r] = true
				}
			}
		}
		for _, r := range slices.Sorted(maps.Keys(regions)) {
			for j := range v.Plans {
				c.committed(path, v, com, &v.Plans[j], r)
			}
		}
	}
}

func (c *checker) committed(path []string, v *Version, com *Commitment, p *Plan, region string) {
	path = append(path, "commitment", com.ID)
	recurring, upfront, state := v.CommittedRate(com, p, region)
	if state != Priced {
		return
	}
	if p.Per != PerHour {
		c.problem(path, "prices %s by the hour, but it is sold per %s; only a factor can be given", p.ID, p.Per)
		return
	}
	demand, state := v.PlanRate(p, region)
	if state != Priced {
		return
	}
	// Over a whole term of 8,760-hour years, a node.
	hours := com.Term.Months() * 730
	total, most := new(big.Int), new(big.Int).Mul(big.NewInt(int64(demand.Price.Amount)), big.NewInt(hours))
	if recurring != nil {
		total.Mul(big.NewInt(int64(recurring.Price.Amount)), big.NewInt(hours))
	}
	if upfront != nil {
		total.Add(total, big.NewInt(int64(upfront.Price.Amount)))
	}
	if total.Cmp(most) > 0 {
		c.problem(path, "%s in %s costs more than on demand", p.ID, region)
	}
}

// places checks that every alias leads to a region that some card has.
func (c *checker) places() {
	regions := map[string]map[string]bool{}
	for _, o := range c.set.offers {
		if regions[o.Provider.ID] == nil {
			regions[o.Provider.ID] = map[string]bool{}
		}
		for _, r := range c.set.regions(o) {
			regions[o.Provider.ID][r] = true
		}
	}
	for _, alias := range slices.Sorted(maps.Keys(c.set.doc.Place)) {
		for _, provider := range slices.Sorted(maps.Keys(c.set.doc.Place[alias])) {
			region := c.set.doc.Place[alias][provider]
			switch {
			case c.set.doc.Provider[provider] == nil:
				c.problem([]string{"place", alias}, "provider %q is not in the file; add [provider.ID]", provider)
			case !regions[provider][region]:
				c.problem([]string{"place", alias}, "no card of %s has a price in %s", provider, region)
			}
		}
	}
}
