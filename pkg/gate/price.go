package gate

import (
	"errors"
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/apps"
	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Pricer prices targets. It compiles an offer once for each distinct set of
// options, for all workloads.
type Pricer struct {
	set    *ratecard.Set
	filter compare.Filter
	fx     map[string]ratecard.ExchangeRate
	offers map[compileKey]*bill.Offer
	fields map[compileKey]*compare.Field
	judge  *apps.Judge // nil until the first application
}

type compileKey struct {
	terms Terms
	hours string
	offer string // "" for the whole field
	plan  string
	shard int64
	size  int64
	apps  string // ids, with commas
}

// NewPricer returns a pricer on those cards. The offers that pass the filter
// compete for the cheapest.
func NewPricer(set *ratecard.Set, filter compare.Filter, fx map[string]ratecard.ExchangeRate) *Pricer {
	return &Pricer{set: set, filter: filter, fx: fx, offers: map[compileKey]*bill.Offer{}, fields: map[compileKey]*compare.Field{}}
}

func (p *Pricer) options(at *Terms, w *workload.Workload, t Target) (bill.Options, error) {
	where, err := p.set.Where(at.Region)
	opt := bill.Options{
		AsOf: at.AsOf, Where: where, HoursPerMonth: w.HoursPerMonth, Hundredths: w.Hundredths, Term: at.Term, Upfront: at.Upfront, Commitment: at.Commitment, FX: p.fx,
		Plan: t.Plan, Shards: t.Shards, Size: t.Size, MaxShards: at.MaxShards,
	}
	if err == nil {
		opt.Reserved, err = at.reservations()
	}
	if err != nil || len(w.Apps) == 0 {
		return opt, err
	}
	picked, err := p.picked(w)
	if err == nil {
		compare.Suits(p.judge, picked, p.set, &opt)
	}
	return opt, err
}

// picked are the applications of a workload.
func (p *Pricer) picked(w *workload.Workload) ([]*apps.App, error) {
	if p.judge == nil {
		book, err := apps.Embedded()
		if err != nil {
			return nil, err
		}
		if p.judge, err = apps.NewJudge(book); err != nil {
			return nil, err
		}
	}
	return p.judge.Book.Pick(w.Apps...)
}

// fit says whether the applications of a workload run on an offer, in cluster
// mode if that is what is bought; nil for a workload without applications.
func (p *Pricer) fit(t *Target, w *workload.Workload, b *bill.Bill) (*apps.Mode, error) {
	if len(w.Apps) == 0 || b == nil {
		return nil, nil //nolint:nilnil // no application is an answer
	}
	picked, err := p.picked(w)
	if err != nil {
		return nil, err
	}
	sharded := t.Shards > 1 || b.Plan != nil && b.Plan.Shards > 1
	return p.judge.Fit(picked, apps.OfferOf(p.set, b.Offer, b.Offer.Name)).In(sharded), nil
}

// offer compiles the offer of a target. It returns an error for an unknown
// offer or plan, but not for one without a price.
func (p *Pricer) offer(t *Target, at *Terms, w *workload.Workload) (*bill.Offer, error) {
	key := compileKey{*at, w.HoursText(), t.Offer, t.Plan, t.Shards, t.Size, strings.Join(w.Apps, ",")}
	if o := p.offers[key]; o != nil {
		return o, nil
	}
	card := p.set.Offer(t.Offer)
	if card == nil {
		return nil, p.set.NoOffer(t.Offer)
	}
	named := *t
	if v := p.set.Version(card, at.AsOf); v != nil && t.Plan != "" {
		if plan := v.PlanNamed(t.Plan); plan != nil {
			named.Plan = plan.ID
		}
	}
	opt, err := p.options(at, w, named)
	if err != nil {
		return nil, err
	}
	o, err := bill.Compile(p.set, card, opt)
	if err != nil {
		return nil, err
	}
	if t.Plan != "" && o.Version != nil && o.Version.Withdrawn == "" && o.Version.Plan(named.Plan) == nil {
		return nil, fmt.Errorf("%s has no plan %q on %s; keynest rates show %s lists its plans", t.Offer, t.Plan, at.AsOf, t.Offer)
	}
	p.offers[key] = o
	return o, nil
}

// field compiles the offers that compete for the cheapest.
func (p *Pricer) field(at *Terms, w *workload.Workload) (*compare.Field, error) {
	key := compileKey{terms: *at, hours: w.HoursText(), apps: strings.Join(w.Apps, ",")}
	if f := p.fields[key]; f != nil {
		return f, nil
	}
	opt, err := p.options(at, w, Target{})
	if err != nil {
		return nil, err
	}
	f, err := compare.NewField(p.set, p.filter, opt)
	if err != nil {
		return nil, err
	}
	p.fields[key] = f
	return f, nil
}

// bill prices a workload on a target; nil if no offer of the kind has a price.
func (p *Pricer) bill(t *Target, at *Terms, w *workload.Workload, u *workload.Usage) (*bill.Bill, error) {
	if t.Offer != "" {
		o, err := p.offer(t, at, w)
		if err != nil {
			return nil, err
		}
		return o.Bill(u)
	}
	f, err := p.field(at, w)
	if err != nil {
		return nil, err
	}
	return f.CheapestBill(u, t.Cheapest)
}

// Quote prices a workload on a target. With withCheapest it also finds the
// cheapest offer overall.
func (p *Pricer) Quote(t *Target, at *Terms, w workload.Workload, withCheapest bool) (*Quote, error) {
	u, err := w.Usage()
	if err != nil {
		return nil, err
	}
	if err := p.refused(t, at, &w); err != nil {
		return nil, err
	}
	b, err := p.bill(t, at, &w, &u)
	if err != nil {
		return nil, err
	}
	q := NewQuote(w, *t, b)
	if q.Fit, err = p.fit(t, &w, b); err != nil {
		return nil, err
	}
	if withCheapest && b != nil {
		if q.Cheapest = b; t.Cheapest != compare.Overall {
			if q.Cheapest, err = p.bill(&Target{Cheapest: compare.Overall}, at, &w, &u); err != nil {
				return nil, err
			}
		}
	}
	return q, nil
}

// refused is an error for inputs that an offer of the target cannot have: a minimum
// above what it holds, an engine's version that it does not run, or reservations
// that no card has a price for.
func (p *Pricer) refused(t *Target, at *Terms, w *workload.Workload) error {
	if at.Reserved != "" {
		opt, err := p.options(at, w, Target{})
		if err != nil {
			return err
		}
		all, err := compare.NewField(p.set, compare.Filter{}, opt)
		if err != nil {
			return err
		}
		if err := all.CheckReserved(); err != nil {
			return err
		}
	}
	if w.MinDataGB == 0 && w.MinECPUPerSec == 0 && w.EngineVersion == 0 {
		return nil
	}
	f := &compare.Field{}
	if t.Offer != "" {
		o, err := p.offer(t, at, w)
		if err != nil {
			return err
		}
		if why := o.VersionRefused(w.EngineVersion); why != "" {
			return fmt.Errorf("workload %q on %s: %s", w.Name, t.Offer, why)
		}
		f.Offers = []*bill.Offer{o}
	} else {
		var err error
		if f, err = p.field(at, w); err != nil {
			return err
		}
	}
	if why := f.MinimumTooHigh(w); why != "" {
		return fmt.Errorf("workload %q: %s", w.Name, why)
	}
	return nil
}

// NewQuote makes a quote of a target's bill for a workload. The bill is nil if
// no offer of the kind has a price.
func NewQuote(w workload.Workload, t Target, b *bill.Bill) *Quote {
	if b == nil {
		return &Quote{Workload: w, Reason: fmt.Sprintf("no offer of kind %q has a price", t.Cheapest)}
	}
	return &Quote{Workload: w, Bill: b, Reason: reason(b)}
}

// reason says why a bill is not exact; "" if it is.
func reason(b *bill.Bill) string {
	words := map[bill.Status]string{
		bill.Incomplete: "is incomplete", bill.AtMost: "has an upper bound only", bill.Unfit: "does not fit", bill.NotPriced: "is not priced",
	}[b.Status]
	if words == "" {
		return ""
	}
	s := b.Offer.ID + " " + words
	for i, r := range b.Reasons {
		s += map[bool]string{true: ": ", false: "; "}[i == 0] + r
	}
	return s
}

// total is the total of a target's bill; why says why there is none.
func (p *Pricer) total(t *Target, at Terms, w *workload.Workload) (sum money.USD, why string, err error) {
	u, err := w.Usage()
	if err != nil {
		return 0, "", err
	}
	b, err := p.bill(t, &at, w, &u)
	switch {
	case errors.Is(err, money.ErrOverflow) || errors.Is(err, unit.ErrRange):
		return 0, "", err
	case err != nil:
		// An offer or region can be missing from the cards of another day.
		return 0, err.Error(), nil //nolint:nilerr // the reason is what is asked for
	case b == nil:
		return 0, fmt.Sprintf("on %s no offer has a price", at.AsOf), nil
	}
	if why := reason(b); why != "" {
		return 0, fmt.Sprintf("on %s %s", at.AsOf, why), nil
	}
	return b.Total, "", nil
}
