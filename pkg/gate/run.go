package gate

import (
	"errors"
	"fmt"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
)

// Run judges every check of a file. today is the day of the rates if the file
// names none. It returns an error if the file asks for something that does not
// exist, such as an unknown offer.
func Run(c *Config, set *ratecard.Set, p *Pricer, today string, baseline *Report) (*Result, error) {
	r := &Result{Config: c.Name, Text: c.Text, AsOf: today, Set: set, Pricing: c.Pricing, Baseline: baseline, FirstRun: c.FirstRun, Verdict: Skipped}
	done := map[string]*CheckResult{}
	for _, sums := range []bool{false, true} { // sums come second, since they use the bills of their parts
		for _, check := range c.Checks {
			if check.IsSum() != sums {
				continue
			}
			check.FirstRun = c.FirstRun
			if check.Terms.AsOf == "" {
				check.Terms.AsOf = today
			}
			r.AsOf = check.Terms.AsOf
			one, err := p.run(c, check, done, baseline)
			if err != nil {
				return nil, fmt.Errorf("%s: check %q: %w", place(c, check), check.Name, err)
			}
			done[check.Name] = one
		}
	}
	for _, check := range c.Checks {
		r.Add(done[check.Name])
	}
	return r, nil
}

func place(c *Config, check *Check) string {
	if n := IndexLines(c.Text).Of(check.Name, "offer"); n > 0 {
		return fmt.Sprintf("%s:%d", c.Name, n)
	}
	return c.Name
}

// Add adds a check's result to the run.
func (r *Result) Add(c *CheckResult) {
	r.Checks = append(r.Checks, c)
	r.Verdict = worst(r.Verdict, c.Verdict)
}

func (p *Pricer) run(c *Config, check *Check, done map[string]*CheckResult, baseline *Report) (*CheckResult, error) {
	if check.IsSum() {
		return p.Judge(check, check.quotes(done), baseline)
	}
	var quotes []*Quote
	for _, name := range check.Workloads {
		q, err := p.Quote(&check.Target, &check.Terms, c.workloads[name], check.MinSaving != nil)
		if err != nil {
			return nil, err
		}
		q.of = check
		quotes = append(quotes, q)
	}
	return p.Judge(check, quotes, baseline)
}

// Judge judges the bills of a check by its limits.
func (p *Pricer) Judge(check *Check, quotes []*Quote, baseline *Report) (*CheckResult, error) {
	r := &CheckResult{Check: check, Quotes: quotes}
	var sum money.USD // of the lower bounds
	var read ratecard.Ages
	for _, q := range quotes {
		least, most, bounded := q.bounds()
		var err, err2 error
		sum, err = sum.Add(least)
		r.Total, err2 = r.Total.Add(most)
		if err = errors.Join(err, err2); err != nil {
			return nil, err
		}
		r.AtLeast = r.AtLeast || !bounded
		r.AtMost = r.AtMost || least < most
		if q.Reason != "" {
			why := q.Reason
			if len(quotes) > 1 {
				why = q.Workload.Name + ": " + why
			}
			if r.Unknown = append(r.Unknown, why); len(r.Unknown) > maxReasons {
				r.Unknown = r.Unknown[:maxReasons]
			}
		}
		if q.Bill != nil {
			read.Add(q.Bill.Retrieved)
		}
	}
	if r.AtLeast { // an upper bound needs one of every workload
		r.Total, r.AtMost = sum, false
	}
	r.Slack = r.Total - sum
	if r.Oldest = read.Oldest; r.Oldest != "" && r.Oldest != ratecard.Undated {
		r.AgeDays = max(0, DaysBetween(r.Oldest, check.Terms.AsOf))
	}
	if err := p.base(r, baseline); err != nil {
		return nil, err
	}
	r.judge()
	return r, nil
}

// maxReasons is the number of reasons that a sum prints.
const maxReasons = 5

// base finds the same check in the baseline and the causes of the change.
func (p *Pricer) base(r *CheckResult, baseline *Report) error {
	if baseline == nil {
		r.NoBase = "no baseline; give --baseline FILE"
		if r.Check.FirstRun {
			r.NoBase = "first run, no baseline yet"
		}
		return nil
	}
	items, why := baseline.find(r.Check, r.Quotes)
	if why != "" {
		r.NoBase = why
		return nil
	}
	now := map[string]*Item{}
	for _, q := range r.Quotes {
		now[q.Workload.Name] = q.item()
	}
	g, err := p.group(&r.Check.Target, r.Check.Terms, baseline, items, r.Check.Terms.AsOf, now)
	if err != nil {
		return err
	}
	r.Base = &Base{Total: g.A, AtLeast: g.AtLeastA, Unknown: g.UnknownA, Split: g.Split, Why: g.Why}
	return nil
}

// item is a quote in the form of a report's item.
func (q *Quote) item() *Item {
	i := &Item{Workload: &q.Workload, Offer: q.Offer(), Total: q.Known(), Reason: q.Reason}
	if q.of != nil {
		i.target, i.terms = q.of.Target, &q.of.Terms
	}
	return i
}

// Saving is the saving of moving to the cheapest offers, if it is at least the
// check's min_saving_to_report; else nil. Only workloads with an exact bill
// count.
func (c *CheckResult) Saving() (*Saving, error) {
	if c.Check.MinSaving == nil {
		return nil, nil
	}
	s := &Saving{}
	for _, q := range c.Quotes {
		if q.Cheapest == nil || q.Reason != "" || q.Cheapest.Total >= q.Bill.Total {
			continue
		}
		var err error
		if s.USD, err = s.USD.Add(q.Bill.Total - q.Cheapest.Total); err != nil {
			return nil, err
		}
		s.Quotes = append(s.Quotes, q)
	}
	if s.USD == 0 || s.USD < *c.Check.MinSaving {
		return nil, nil
	}
	return s, nil
}

// Saving is the amount that changing offers would save.
type Saving struct {
	USD    money.USD // a month
	Quotes []*Quote  // with a cheaper offer each
}
