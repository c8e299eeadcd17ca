package bill

import (
	"fmt"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// This file prices an offer whose number of nodes changes from hour to hour
// while the plan stays the same. Only plans with a price per node and hour can
// be priced so: a plan that is sold by the month costs the whole month.

// SizedMonth is a month whose number of nodes changes by the hour.
type SizedMonth struct {
	Month
	NodeHours int64 // on demand: nodes × hours, summed over the hours
	Reserved  int64 // nodes of a commitment, in every hour that the month covers
}

// Sizer prices the plans of an offer by the node-hour. The price of reserved
// nodes comes from a second compilation of the same offer, for the term.
type Sizer struct {
	Period   *Period
	reserved *Period
	hard     Offer // of Period, for fit: a plan that the caller names must hold the load too
}

// NewSizer makes a Sizer. reserved is the offer compiled for a commitment; nil
// for none.
func NewSizer(p, reserved *Period) *Sizer {
	s := &Sizer{Period: p, reserved: reserved, hard: *p.Offer}
	s.hard.pinned = false
	return s
}

// Plans are the indexes of the plans that can be priced by the node-hour. If
// there is none, why gives the reason.
func (s *Sizer) Plans() (plans []int, why string) {
	o := s.Period.Offer
	if o.status != "" {
		return nil, "the offer has no price here"
	}
	if len(o.Version.Plans) == 0 {
		return nil, "it has no sizes"
	}
	why = "no plan has a price per node and hour"
	for i, p := range o.plans {
		switch {
		case p.card.Per != ratecard.PerHour || p.card.ReadRegion != nil:
			continue
		case s.reserved != nil && s.committed(i) == nil:
			why = fmt.Sprintf("no plan is sold here for the term %s, upfront %s", s.reserved.Offer.options.Term, s.reserved.Offer.options.Upfront)
			continue
		}
		plans = append(plans, i)
	}
	return plans, why
}

// committed is a plan with its price for the term, or nil.
func (s *Sizer) committed(i int) *plan {
	id := s.Period.Offer.plans[i].card.ID
	for _, p := range s.reserved.Offer.plans {
		if p.card.ID == id && p.months > 0 {
			return p
		}
	}
	return nil
}

// PlanID is a plan's id.
func (s *Sizer) PlanID(i int) string { return s.Period.Offer.plans[i].card.ID }

// Ranked says whether the offer with the plan may be called the cheapest.
func (s *Sizer) Ranked(i int) bool { return len(s.Period.Offer.plans[i].classes) == 0 }

// Nodes is how many nodes of a plan hold a load, and in how many shards of each
// database. ok is false if no number of nodes that can be bought holds it.
func (s *Sizer) Nodes(i int, u *workload.Usage) (nodes, shards int64, ok bool) {
	o := &s.hard
	if o.refused(u) != 0 {
		return 0, 0, false
	}
	at, fault := o.fit(o.plans[i], u, all)
	return at.nodes, at.shards, fault == 0
}

// Holds is how many nodes a plan has in so many shards, and whether they hold a
// load. ok is false if so many shards cannot be bought.
func (s *Sizer) Holds(i int, shards int64, u *workload.Usage) (nodes int64, holds, ok bool) {
	o := s.hard // with the shards that the caller asks for
	o.options.Shards, o.options.MaxShards = shards, 0
	p := *o.plans[i]
	p.oneShard = false
	none := *u
	none.StoredBytes, none.PeakOps, none.PeakBytesPerSec = 0, 0, 0
	at, fault := o.fit(&p, &none, all)
	if fault != 0 || at.shards != shards {
		return 0, false, false
	}
	_, fault = o.fit(&p, u, all)
	return at.nodes, fault == 0 && o.refused(u) == 0, true
}

// Cost is the total of the months on a plan, and each month's cost. complete is
// false if it is only a lower bound.
func (s *Sizer) Cost(i int, months []SizedMonth) (total money.USD, each []money.USD, complete bool, err error) {
	complete = true
	for m := range months {
		usd, known, err := s.month(i, &months[m])
		if err == nil {
			total, err = total.Add(usd)
		}
		if err != nil {
			return 0, nil, false, err
		}
		each, complete = append(each, usd), complete && known
	}
	return total, each, complete, nil
}

// month prices one month: the nodes on demand, the reserved nodes, then the
// rest of the bill (walkCharges) for all node-hours.
func (s *Sizer) month(i int, m *SizedMonth) (total money.USD, complete bool, err error) {
	o := s.Period.lengths[m.Hours]
	p := s.Period.plans[o][i]
	priced := true
	if m.NodeHours > 0 {
		u := m.Usage
		u.Hours = m.NodeHours
		if total, priced, err = o.walkPlan(p, shape{shards: 1, copies: 1, nodes: 1}, &u, nil); err != nil {
			return 0, false, err
		}
	}
	if m.Reserved > 0 {
		more, known, err := s.reservedCost(i, m)
		priced = priced && known
		if err == nil {
			total, err = total.Add(more)
		}
		if err != nil {
			return 0, false, err
		}
	}
	nodeHours, err := unit.Add(product(m.Reserved, m.Usage.Hours), m.NodeHours)
	if err != nil {
		return 0, false, err
	}
	total, complete, err = o.walkCharges(total, p, shape{shards: 1, copies: 1, nodes: 1}, nodeHours, &m.Usage, nil)
	return total, complete && priced, err
}

func (s *Sizer) reservedCost(i int, m *SizedMonth) (total money.USD, complete bool, err error) {
	p := s.committed(i)
	o := s.reserved.lengths[m.Hours]
	for at, same := range s.reserved.Offer.plans {
		if same == p {
			return o.walkPlan(s.reserved.plans[o][at], shape{shards: 1, copies: 1, nodes: m.Reserved}, &m.Usage, nil)
		}
	}
	return 0, false, unit.ErrRange
}
