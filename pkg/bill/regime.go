package bill

import "github.com/keynest/keynest/pkg/workload"

// Regime identifies the straight piece of the offer's cost curve that a
// workload lies on: the plan and its shape, and on every charge whether the
// minimum holds, whether the free amount covers all, and the tier; then the
// monthly minimum and cap. Between two workloads with equal regimes, on an axis
// along which all quantities grow in proportion, the bill is a straight line.
// What does not fit or has no price is regime 0.
func (o *Offer) Regime(u *workload.Usage) uint64 {
	if o.status != "" || o.refused(u) != 0 {
		return 0
	}
	h := uint64(14695981039346656037)
	mix := func(v int64) {
		h = (h ^ uint64(v)) * 1099511628211
	}
	var p *plan
	var s shape
	charges, minimum, ceiling := o.charges, o.minimum, o.cap
	if len(o.Version.Plans) > 0 {
		var err error
		if p, s, _, _, err = o.choose(u, all); err != nil || p == nil {
			return 0
		}
		for i := range o.plans {
			if &o.plans[i] == p {
				mix(int64(i))
			}
		}
		mix(s.shards)
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
		q := o.quantity(c.meter, p, s, u)
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
	total, _, err := o.sum(p, s, u)
	if err != nil {
		return 0
	}
	if minimum.set && total == minimum.of(u) {
		mix(5)
	}
	if ceiling.set && total == ceiling.of(u) {
		mix(6)
	}
	return h
}
