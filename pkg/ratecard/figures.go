package ratecard

import (
	"fmt"
	"sort"
	"strings"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/unit"
)

// Figure is one published figure of a version, with its name in words.
type Figure struct {
	What   string // "charge commands", "plan cache.r7g.large", "limit data"
	Region string // "" if it applies in every region
	Value  string // with its unit, or UnknownFigure
	Source string // a source id, or ""
}

// UnknownFigure is the value of a figure that nobody could find.
const UnknownFigure = "unknown"

// Figures lists every figure of the version, in order of name and region.
func (v *Version) Figures() []Figure {
	var list []Figure
	add := func(what, region, value, source string) {
		if value != "" {
			list = append(list, Figure{what, region, value, source})
		}
	}
	for i := range v.Charges {
		chargeFigures(&v.Charges[i], "charge "+v.Charges[i].ID, add)
	}
	for i := range v.Plans {
		planFigures(&v.Plans[i], add)
	}
	limitFigures(&v.Limit, "limit", add)
	if v.Minimum != nil {
		add("minimum", "", v.Minimum.Exact()+" USD a month", v.Source)
	}
	if v.Cap != nil {
		add("cap", "", v.Cap.Exact()+" USD a month", v.Source)
	}
	v.tableFigures(add)
	v.commitmentFigures(add)
	v.surchargeFigures(add)
	sort.SliceStable(list, func(i, j int) bool {
		if list[i].What != list[j].What {
			return list[i].What < list[j].What
		}
		return list[i].Region < list[j].Region
	})
	return list
}

// FigureCount is the number of figures that a version itself states, without
// those of the version that it is based on.
func (s *Set) FigureCount(o *Offer, from string) int {
	b := builder{set: s, day: from, alone: true}
	return len(b.version(o, from).Figures())
}

type adder func(what, region, value, source string)

func chargeFigures(c *Charge, what string, add adder) {
	per := " per " + c.Unit.Name
	if c.Per != 1 {
		per = fmt.Sprintf(" per %s %s", money.Group(fmt.Sprint(c.Per)), c.Unit.Name)
	}
	if c.Rate != nil {
		add(what, "", c.Rate.Text+" "+c.Rate.Currency+per, c.Source)
	}
	if c.Unknown != "" {
		add(what, "", UnknownFigure, c.Source)
	}
	for i, t := range c.Tiers {
		words := "beyond"
		if t.UpTo != "" {
			words = "up to " + t.UpTo + " " + c.Unit.HeldName()
		}
		add(fmt.Sprintf("%s tier %d", what, i+1), "", fmt.Sprintf("%s %s%s, %s", t.Rate.Text, t.Rate.Currency, per, words), c.Source)
	}
	if c.Free != "" {
		add(what+" free", "", fmt.Sprintf("%s %s per %s", c.Free, c.Unit.HeldName(), c.FreeEach), c.Source)
	}
	if c.Minimum != "" {
		add(what+" minimum", "", fmt.Sprintf("%s %s per %s", c.Minimum, c.Unit.HeldName(), c.MinimumEach), c.Source)
	}
}

func planFigures(p *Plan, add adder) {
	what := "plan " + p.ID
	source := ""
	if p.Rate != nil {
		source = p.Rate.Source
		add(what, "", fmt.Sprintf("%s %s per %s", p.Rate.Text, p.Rate.Currency, p.Per), source)
	}
	if p.Unknown != "" {
		add(what, "", UnknownFigure, source)
	}
	if p.Memory > 0 {
		add(what+" memory", "", unit.FormatBytes(p.Memory), source)
	}
	if p.ReadRegion != nil {
		add(what+" read region", "", p.ReadRegion.Text+" USD per month", source)
	}
	if p.Minimum != nil {
		add(what+" minimum", "", p.Minimum.Exact()+" USD a month", source)
	}
	if p.Cap != nil {
		add(what+" cap", "", p.Cap.Exact()+" USD a month", source)
	}
	limitFigures(&p.Limit, what+" limit", add)
	for i := range p.Charges {
		chargeFigures(&p.Charges[i], what+" charge "+p.Charges[i].ID, add)
	}
}

func limitFigures(l *Limit, what string, add adder) {
	count := func(name string, n int64) {
		if n > 0 {
			add(what+" "+name, "", money.Group(fmt.Sprint(n)), l.Source)
		}
	}
	size := func(name string, n int64) {
		if n > 0 {
			add(what+" "+name, "", unit.FormatBytes(n), l.Source)
		}
	}
	size("data", l.MaxData)
	count("ops/s", l.MaxOpsPerSec)
	count("ECPU/s", l.MaxECPUPerSec)
	count("commands a month", l.MaxCommandsPerMonth)
	size("transfer a month", l.MaxTransferPerMonth)
	size("transfer a second", l.MaxTransferPerSecond)
	count("connections", l.MaxConnections)
	size("a record", l.MaxRecord)
	if l.MaxReplicas != nil {
		add(what+" replicas", "", fmt.Sprint(*l.MaxReplicas), l.Source)
	}
	if l.MaxDatabases != nil {
		add(what+" databases", "", fmt.Sprint(*l.MaxDatabases), l.Source)
	}
	count("read regions", l.MaxReadRegions)
}

// tableFigures lists the figures of the grids. Each figure comes from the first
// grid that has it.
func (v *Version) tableFigures(add adder) {
	charges := map[string]*Charge{}
	for i := range v.Charges {
		charges[v.Charges[i].ID] = &v.Charges[i]
	}
	seen := map[[2]string]bool{}
	for i := range v.tables {
		t := &v.tables[i]
		ids, regions := t.axes()
		for _, id := range ids {
			for _, r := range regions {
				c := t.lookup(id, r)
				if !c.found || seen[[2]string{id, r}] {
					continue
				}
				seen[[2]string{id, r}] = true
				what, per := "plan "+id, " per "+t.per
				if ch := charges[id]; ch != nil {
					what, per = "charge "+id, " per "+ch.Unit.Name
					if ch.Per != 1 {
						per = fmt.Sprintf(" per %s %s", money.Group(fmt.Sprint(ch.Per)), ch.Unit.Name)
					}
				}
				cellFigure(t, c, what, r, per, add)
			}
		}
	}
}

func cellFigure(t *priceTable, c cell, what, region, per string, add adder) {
	switch {
	case !c.found || c.text == cellNotSold:
	case c.text == cellUnknown:
		add(what, region, UnknownFigure, t.source)
	case t.factor != 0:
		if v, err := t.scaled(c.text); err == nil {
			add(what, region, fmt.Sprintf("%s %s%s (%s × %s)", v.Exact(), t.currency, per, c.text, t.factorAs), t.source)
		}
	default:
		add(what, region, c.text+" "+t.currency+per, t.source)
	}
}

func (v *Version) commitmentFigures(add adder) {
	terms := v.Commitments()
	for i := range terms {
		com := &terms[i]
		what := fmt.Sprintf("commitment %s upfront %s", com.Term, com.Upfront)
		if com.Kind != CommitReserved {
			what = fmt.Sprintf("commitment %s, %s upfront %s", com.Kind, com.Term, com.Upfront)
		}
		for j := range com.Charges {
			c := &com.Charges[j]
			words := "without × " + c.FactorAs
			if c.AtLeast != "" {
				words = "at least " + words
			}
			add(what+", charge "+c.ID, "", words, c.Source)
		}
		if com.factor != 0 {
			words := "on demand × " + com.factorAs
			if com.Plans != nil {
				words += ", plans " + strings.Join(com.Plans, ", ")
			}
			add(what, "", words, com.Source)
		}
		for _, part := range []struct {
			tables []priceTable
			per    string
		}{{com.hourly, " per hour"}, {com.upfront, " at the start"}} {
			seen := map[[2]string]bool{}
			for j := range part.tables {
				ids, regions := part.tables[j].axes()
				for _, id := range ids {
					for _, r := range regions {
						c := part.tables[j].lookup(id, r)
						if !c.found || seen[[2]string{id, r}] {
							continue
						}
						seen[[2]string{id, r}] = true
						cellFigure(&part.tables[j], c, what+", plan "+id+part.per, r, part.per, add)
					}
				}
			}
		}
	}
}

// Change is a figure that differs between two versions. Before or After is ""
// if the version does not have it.
type Change struct {
	What   string
	Region string
	Before string
	After  string
}

// Diff lists the changes from one version to another; either may be nil.
func Diff(before, after *Version) []Change {
	was, is := figureMap(before), figureMap(after)
	var changes []Change
	for key, v := range was {
		if is[key] != v {
			changes = append(changes, Change{key[0], key[1], v, is[key]})
		}
	}
	for key, v := range is {
		if _, there := was[key]; !there {
			changes = append(changes, Change{key[0], key[1], "", v})
		}
	}
	sort.Slice(changes, func(i, j int) bool {
		if changes[i].What != changes[j].What {
			return changes[i].What < changes[j].What
		}
		return changes[i].Region < changes[j].Region
	})
	return changes
}

func figureMap(v *Version) map[[2]string]string {
	m := map[[2]string]string{}
	if v != nil {
		for _, f := range v.Figures() {
			m[[2]string{f.What, f.Region}] = f.Value
		}
	}
	return m
}
