package bill

import (
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/workload"
)

// Regime identifies the straight piece of the offer's cost curve that a
// workload lies on: the plan and its shape; on every charge whether the minimum
// holds, whether the free amount covers all, and the tier; then the monthly
// minimum and cap, and where a meter itself has a bend. Between two workloads
// with equal regimes, on an axis along which all quantities grow in proportion,
// the bill is a straight line. What is not priced is regime 0.
func (o *Offer) Regime(u *workload.Usage) uint64 {
	_, _, regime, err := o.Piece(u)
	if err != nil {
		return 0
	}
	return regime
}

// Piece is Total and Regime at once.
func (o *Offer) Piece(u *workload.Usage) (total money.USD, status Status, regime uint64, err error) {
	total, status, p, s, err := o.total(u)
	if err != nil || (status != Priced && status != Incomplete) || (p == nil && len(o.Version.Plans) > 0) {
		return total, status, 0, err
	}
	h := uint64(14695981039346656037)
	mix := func(v int64) {
		h = (h ^ uint64(v)) * 1099511628211
	}
	if u.PayloadBytes > 1000 {
		mix(1) // an ECPU is a command, from here on a KB
	}
	if u.WrittenBytes == u.TransferBytes {
		mix(2) // nothing more can be written, or less go out
	}
	for i, other := range o.plans {
		if other == p {
			mix(int64(i))
		}
		if o.plain {
			continue
		}
		// Plans with charges of their own can take turns: the chosen one stays
		// so all the way only if every other is on one straight piece too.
		at, fault := o.fit(other, u, all)
		mix(int64(fault))
		if fault == 0 {
			if err := o.mixPiece(other, at, u, mix); beyondCounting(err) {
				mix(7) // not in the running
			} else if err != nil {
				return total, status, 0, err
			}
		}
	}
	err = o.mixPiece(p, s, u, mix)
	return total, status, h, err
}

// mixPiece mixes in on which straight piece of its cost curve a plan (nil for an
// offer without) lies.
func (o *Offer) mixPiece(p *plan, s shape, u *workload.Usage, mix func(int64)) error {
	charges, minimum, ceiling := o.charges, o.minimum, o.cap
	if p != nil {
		mix(s.shards)
		mix(s.copies)
		mix(s.units)
		charges = p.charges
		if p.minimum.set {
			minimum = p.minimum
		}
		if p.cap.set {
			ceiling = p.cap
		}
	}
	for i := range charges {
		c := &charges[i]
		if !c.applies(p) {
			continue
		}
		q := o.quantity(c, p, s, u)
		free, billed := c.metered(q, u.Databases)
		switch {
		case billed+free > q:
			mix(1)
		case billed == 0:
			mix(2)
		default:
			mix(3)
		}
		for _, t := range c.tiers {
			if t.upTo >= 0 && billed > t.upTo {
				mix(4)
			}
		}
	}
	if !minimum.set && !ceiling.set {
		return nil
	}
	total, _, err := o.sum(p, s, u)
	if err != nil {
		return err
	}
	if minimum.set && total == minimum.of(u) {
		mix(5)
	}
	if ceiling.set && total == ceiling.of(u) {
		mix(6)
	}
	return nil
}
