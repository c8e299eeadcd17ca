package bill

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/ratecard"
)

// Class is a reason why an offer does not compete for the cheapest.
type Class string

// The classes. The caller can let those of Includable compete.
const (
	SelfHosted        Class = "self-hosted"        // the buyer runs the servers
	Flash             Class = "flash"              // most of the data is on SSD
	Preview           Class = "preview"            // not generally available
	UnknownThroughput Class = "unknown-throughput" // the vendor publishes neither a throughput nor the processor
	Target            Class = "target"             // nobody sells it
	Legacy            Class = "legacy"             // not sold to new customers
	TooSmall          Class = "too-small"          // the plan that the caller named is smaller than the load needs
	PriceNotComplete  Class = "price-not-complete" // a figure of the bill is not known
	DoesNotRun        Class = "does-not-run"       // what sends the load does not run on it
)

// Includable lists the classes that the caller can let compete.
func Includable() []Class { return []Class{SelfHosted, Flash, Preview, UnknownThroughput} }

// ParseClasses reads the values of --include: one or several classes in each
// text, separated by commas. The result has each class once, in the order of
// Includable.
func ParseClasses(list []string) ([]Class, error) {
	asked := map[Class]bool{}
	for _, text := range list {
		for one := range strings.SplitSeq(text, ",") {
			c := Class(strings.TrimSpace(one))
			if !slices.Contains(Includable(), c) {
				return nil, fmt.Errorf("unknown class %q; known: %s", c, classNames(Includable()))
			}
			asked[c] = true
		}
	}
	var classes []Class
	for _, c := range Includable() {
		if asked[c] {
			classes = append(classes, c)
		}
	}
	return classes, nil
}

func classNames(list []Class) string {
	var names []string
	for _, c := range list {
		names = append(names, string(c))
	}
	return strings.Join(names, ", ")
}

// UnknownOpsCeiling is the highest load, in commands a second for one database,
// for which a plan of unknown throughput is priced; a higher load does not fit.
// It is what AWS's in-memory assessment tool plans for one vCPU with simple
// commands on one thread (source aws-elasticache-assessment-2026-06-19 of the
// cards).
const UnknownOpsCeiling = 100_000

// classesOf lists the reasons why a plan of the offer does not compete, without
// those that the options let in. p is nil for an offer without plans.
func (o *Offer) classesOf(p *plan) []Class {
	id := ""
	if p != nil {
		id = p.card.ID
	}
	var classes []Class
	add := func(c Class, is bool) {
		if is && !slices.Contains(o.options.Include, c) {
			classes = append(classes, c)
		}
	}
	is := func(name ratecard.TraitName, value string) bool { return o.Card.Trait(name, id).Value == value }
	add(SelfHosted, is(ratecard.TraitService, ratecard.ServiceSelfHosted))
	add(Flash, is(ratecard.TraitStorage, ratecard.StorageFlash))
	add(Preview, is(ratecard.TraitStatus, string(ratecard.StatusPreview)))
	add(UnknownThroughput, p != nil && o.opsUnknown(p))
	add(Target, is(ratecard.TraitStatus, string(ratecard.StatusTarget)))
	add(Legacy, is(ratecard.TraitStatus, string(ratecard.StatusLegacy)))
	add(DoesNotRun, o.options.Suits[o.Card.ID].Refused != "")
	return classes
}

// rankPlans finds which plans compete. If some do, the others are left out, so
// that a plan that does not compete cannot hide one that does. If none does,
// all stay and the offer is not ranked. A plan that the caller named always
// stays.
func (o *Offer) rankPlans() {
	if len(o.Version.Plans) == 0 {
		o.ranked = len(o.classesOf(nil)) == 0
		return
	}
	for _, p := range o.plans {
		p.classes = o.classesOf(p)
		o.ranked = o.ranked || len(p.classes) == 0
	}
	if !o.ranked {
		return
	}
	o.unknown = slices.DeleteFunc(o.unknown, func(p *plan) bool { return len(o.classesOf(p)) > 0 })
	o.plans = slices.DeleteFunc(o.plans, func(p *plan) bool {
		if len(p.classes) > 0 {
			o.outside = append(o.outside, p)
		}
		return len(p.classes) > 0
	})
}

// Ranked says whether the offer competes for the cheapest, for any load that
// fits and whose price is fully known.
func (o *Offer) Ranked() bool { return o.ranked }

// unranked lists the reasons why a bill does not compete, including a missing
// price.
func (o *Offer) unranked(b *Bill, p *plan) []Class {
	classes := o.classesOf(nil)
	if p != nil {
		classes = slices.Clone(p.classes)
	}
	if len(b.TooSmall) > 0 {
		classes = append(classes, TooSmall)
	}
	if b.Status == Incomplete || b.Status == AtMost {
		classes = append(classes, PriceNotComplete)
	}
	return classes
}

// outsideHint names a plan that does not compete and would hold the load; ""
// without one.
func (o *Offer) outsideHint(fits func(*plan) bool) string {
	var classes []Class
	for _, p := range o.outside {
		if !fits(p) {
			continue
		}
		for _, c := range p.classes {
			if !slices.Contains(classes, c) {
				classes = append(classes, c)
			}
		}
	}
	for _, c := range classes {
		if !slices.Contains(Includable(), c) {
			return ""
		}
	}
	if classes == nil {
		return ""
	}
	return fmt.Sprintf("; larger plans fit with --include %s", strings.ReplaceAll(classNames(classes), ", ", ","))
}
