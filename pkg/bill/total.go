package bill

import (
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/workload"
)

// Total is the month's bill without its lines, in dollars: the same sum as
// Bill's, without allocating. The total of an Incomplete offer is a lower
// bound, that of an AtMost offer an upper bound. An Unfit or NotPriced offer
// has the total 0, which is not a price. If an amount does not fit in 64 bits,
// the offer is Unfit.
func (o *Offer) Total(u *workload.Usage) (money.USD, Status, error) {
	var c choice
	err := o.decide(u, &c)
	return c.total, c.status, err
}

// choice is the result of pricing one workload on an offer: the plan, its size
// and the total.
type choice struct {
	status Status
	plan   *plan // nil where the offer has no plans, or none of known price fits
	shape  shape
	total  money.USD // 0 where status is Unfit or NotPriced
}

// decide fills in the choice for a workload, which must be empty.
func (o *Offer) decide(u *workload.Usage, c *choice) error {
	if o.options.Stop != nil {
		if err := o.options.Stop(); err != nil {
			return err
		}
	}
	if o.status != "" {
		c.status = o.status
		return nil
	}
	if o.refused(u) != 0 {
		c.status = Unfit
		return nil
	}
	err := o.decideSize(u, c)
	if err != nil {
		*c = choice{}
	}
	if tooLarge(err) {
		c.status = Unfit
		return nil
	}
	return err
}

// decideSize is decide for an offer that no limit of the card refuses. An amount
// that does not fit in 64 bits is an error.
func (o *Offer) decideSize(u *workload.Usage, c *choice) (err error) {
	complete := false
	if len(o.Version.Plans) == 0 {
		c.total, complete, err = o.walk(nil, c.shape, u, nil)
		c.status = statusOf(complete)
		return err
	}
	c.plan, c.shape, c.total, complete, err = o.choose(u, all)
	c.status = statusOf(complete)
	if err != nil {
		return err
	}
	if c.plan != nil {
		switch {
		case o.smallerUnknown(u) == nil:
			return nil
		case complete:
			c.status = AtMost
			return nil
		}
		// The chosen plan is only a lower bound of its own price, and a smaller
		// plan may be cheaper.
		c.plan, c.shape = nil, shape{}
	}
	if o.withoutPrice(u) == nil {
		c.status = Unfit
		return nil
	}
	// Only a plan of unknown price fits. The charges without it are a lower
	// bound.
	c.status = Incomplete
	c.total, _, err = o.walk(nil, shape{}, u, nil)
	return err
}

// statusOf is the status of a bill whose total is complete or a lower bound.
func statusOf(complete bool) Status {
	if complete {
		return Priced
	}
	return Incomplete
}
