package ratecard

import (
	"maps"
	"slices"
)

// sourced is a part of a card that has figures and names their source.
type sourced[T any] interface {
	*T
	figures() bool // whether it has a figure, such as usd or free
	named() bool   // whether it has a source or assumed
	unsourced() *T // a copy without both
}

func (c *rawCharge) figures() bool {
	return c.USD != "" || c.EUR != "" || len(c.Tier) > 0 || c.Free != "" || c.Minimum != ""
}
func (c *rawCharge) named() bool { return c.Source != "" || c.Assumed != "" }
func (c *rawCharge) unsourced() *rawCharge {
	own := *c
	own.Source, own.Assumed = "", ""
	return &own
}

func (p *rawPlan) figures() bool {
	return p.USD != "" || p.EUR != "" || p.ReadRegionUSD != "" || p.Minimum != "" || p.Cap != ""
}
func (p *rawPlan) named() bool { return p.Source != "" || p.Assumed != "" }
func (p *rawPlan) unsourced() *rawPlan {
	own := *p
	own.Source, own.Assumed = "", ""
	return &own
}

func (c *rawCommitment) figures() bool {
	return c.USDPerHour != "" || c.USDUpfront != "" || c.Factor != "" || len(c.Charge) > 0
}
func (c *rawCommitment) named() bool { return c.Source != "" || c.Assumed != "" }
func (c *rawCommitment) unsourced() *rawCommitment {
	own := *c
	own.Source, own.Assumed = "", ""
	return &own
}

// unsourced removes the sources from the parts of an earlier version for which
// a later version has figures or sources. An earlier page does not support a
// later figure; its source is the one that the later version names.
func unsourced[T any, P sourced[T]](earlier, later map[string]P) map[string]P {
	shared := true
	for id, l := range later {
		e := earlier[id]
		if e == nil || !(l.figures() || l.named()) || !e.named() {
			continue
		}
		if shared { // the map belongs to a version of the document
			earlier, shared = clone(earlier), false
		}
		earlier[id] = e.unsourced()
	}
	return earlier
}

// restated reports the figures of a version based on another one for which it
// names no source, since nobody could say where they were read.
func (b *builder) restated(path []string, own *rawVersion) {
	if own.BasedOn == "" || own.Source != "" {
		return
	}
	const words = "has a figure without a source; add source = \"ID\" or assumed = \"why\""
	if own.Minimum != "" || own.Cap != "" {
		b.problem(path, words)
	}
	for _, id := range slices.Sorted(maps.Keys(own.Charge)) {
		if c := own.Charge[id]; c.figures() && !c.named() {
			b.problem(b.sub(path, "charge", id), words)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(own.Plan)) {
		p := own.Plan[id]
		if p.figures() && !p.named() {
			b.problem(b.sub(path, "plan", id), words)
		}
		for _, cid := range slices.Sorted(maps.Keys(p.Charge)) {
			if c := p.Charge[cid]; c.figures() && !c.named() {
				b.problem(b.sub(path, "plan", id, "charge", cid), words)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(own.Price)) {
		if p := own.Price[id]; p.Source == "" && p.Assumed == "" {
			b.problem(b.sub(path, "price", id), words)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(own.Surcharge)) {
		if s := own.Surcharge[id]; len(s.Step) > 0 && s.Source == "" && s.Assumed == "" {
			b.problem(b.sub(path, "surcharge", id), words)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(own.Commitment)) {
		if c := own.Commitment[id]; c.figures() && !c.named() {
			b.problem(b.sub(path, "commitment", id), words)
		}
	}
}
