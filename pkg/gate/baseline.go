package gate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/safetext"
	"github.com/keynest/keynest/pkg/workload"
)

// The kinds of report that can be read.
const (
	KindEstimate = "estimate"
	KindCheck    = "check"
)

// Bounds of a report that is read. A workload of a check is 1.7 kB, 3 objects and
// 53 values of it, so these are some 18,000 workloads. The decoder keeps about
// 1.7 kB for an object, whatever little it says: in 64 MB there is room for more
// than two million of them, which would be 4 GB.
const (
	MaxReportBytes   = 32 << 20
	maxReportObjects = 60_000
	maxReportValues  = 1_500_000
)

// Report holds what a comparison needs of a JSON report of keynest estimate or
// keynest check.
type Report struct {
	Name        string // of the file
	Kind        string
	AsOf        string
	RatesSHA256 string
	Terms       Terms   // of an estimate
	Pricing     Pricing // of a check: which offers competed for the cheapest

	Offers   map[string]*Item        // of an estimate, by id
	Cheapest map[compare.Kind]string // of an estimate: offer ids
	Checks   map[string]*ReportCheck

	workload workload.Workload // of an estimate
}

// Newest is the newest day whose rates the report used.
func (r *Report) Newest() string {
	day := r.AsOf
	for _, c := range r.Checks {
		for _, item := range c.Items {
			day = max(day, item.AsOf)
		}
	}
	return day
}

// ReportCheck is one check of a report.
type ReportCheck struct {
	Name   string
	Target Target
	Terms  Terms
	Sum    []string         // the checks whose sum it is; nil for a check of one target
	Items  map[string]*Item // by workload
}

func (c *ReportCheck) items() map[string]*Item {
	if c == nil {
		return nil
	}
	return c.Items
}

// Item is the cost of a workload on an offer, as a report states it.
type Item struct {
	Workload *workload.Workload
	Offer    string // "" where no offer of the kind was priced
	AsOf     string // the day of its rates, if it differs from the report's
	Total    money.USD
	Reason   string // why the cost is not exact; "" if it is

	target Target
	terms  *Terms // the terms for pricing it again, with target; nil for those of its check
}

// ReadReport reads a JSON report of keynest estimate or keynest check. It
// returns an error for a report of another major format version or currency,
// for one that is cut off, and for figures that cannot be right.
func ReadReport(name string, r io.Reader) (*Report, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxReportBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(data) > MaxReportBytes {
		return nil, fmt.Errorf("%s: larger than %d MiB, more than any report", name, MaxReportBytes>>20)
	}
	report, err := parseReport(name, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return report, nil
}

// reportHead is what tells a report of keynest estimate or check from another file.
type reportHead struct {
	FormatVersion *string         `json:"format_version"`
	Kind          *string         `json:"kind"` // since 1.1
	Currency      *string         `json:"currency"`
	AsOf          string          `json:"as_of"`
	Workload      json.RawMessage `json:"workload"`
	Offers        json.RawMessage `json:"offers"`
	Checks        json.RawMessage `json:"checks"`
}

// check looks at the version first: the meaning of another major version is not
// known.
func (head *reportHead) check() error {
	switch v := head.FormatVersion; {
	case v == nil:
		return errors.New("no format_version: this is not a report of keynest estimate or keynest check")
	case *v != "1" && !strings.HasPrefix(*v, "1."):
		return fmt.Errorf("format_version %q: this keynest reads major version 1; make both reports with one version of keynest", clip(*v))
	}
	if k := head.Kind; k != nil && *k != KindEstimate && *k != KindCheck {
		return fmt.Errorf("its kind is %q: not a report of keynest estimate or keynest check", clip(*k))
	}
	switch c := head.Currency; {
	case c == nil:
		return errors.New("it has no currency; limits and changes are in USD: make the report without --currency")
	case *c != "USD":
		return fmt.Errorf("its currency is %s; limits and changes are in USD: make the report without --currency", clip(*c))
	case !isDay(head.AsOf):
		return fmt.Errorf("as_of %q is not a date", clip(head.AsOf))
	}
	return nil
}

func parseReport(name string, data []byte) (*Report, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if bytes.Count(data, []byte{'{'}) > maxReportObjects || bytes.Count(data, []byte{','}) > maxReportValues {
		return nil, fmt.Errorf("more than %d objects or %d values, more than any report", maxReportObjects, maxReportValues)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("the file is empty; make one with --output json")
	}
	var head reportHead
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, jsonError(err, len(data))
	}
	if err := head.check(); err != nil {
		return nil, err
	}
	report := &Report{Name: name, AsOf: head.AsOf}
	switch {
	case there(head.Checks):
		var raw form.Check
		if err := json.Unmarshal(data, &raw); err != nil {
			return nil, jsonError(err, len(data))
		}
		if err := checkTexts(&raw); err != nil {
			return nil, err
		}
		return report, report.check(&raw)
	case there(head.Workload) && there(head.Offers):
		var raw form.Estimate
		if err := json.Unmarshal(data, &raw); err != nil {
			return nil, jsonError(err, len(data))
		}
		if err := checkTexts(&raw); err != nil {
			return nil, err
		}
		return report, report.estimate(&raw)
	}
	return nil, errors.New("this is not a report of keynest estimate or keynest check")
}

// checkTexts refuses a report with a text that keynest would not have written.
func checkTexts(raw any) (err error) {
	safetext.Walk(raw, "json", func(path []string, text string, _ bool) bool {
		if problem := safetext.Problem(text); problem != "" {
			err = fmt.Errorf("%s %s", strings.Join(path, "."), problem)
		}
		return err == nil
	})
	return err
}

func there(value json.RawMessage) bool { return value != nil && string(value) != "null" }

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

func jsonError(err error, size int) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax) && syntax.Offset >= int64(size):
		return errors.New("the report was cut off; write it again")
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON at byte %d: %s", syntax.Offset, syntax.Error())
	case errors.As(err, &kind):
		return fmt.Errorf("%s has JSON of type %s, which a report never has there", cmp.Or(kind.Field, "the file"), kind.Value)
	}
	return fmt.Errorf("not a report: %w", err)
}

func (r *Report) estimate(raw *form.Estimate) error {
	r.Kind, r.RatesSHA256 = KindEstimate, raw.Rates.SHA256
	r.Terms = Terms{AsOf: raw.AsOf, Region: raw.Region, Term: ratecard.Term(raw.Term), Upfront: ratecard.Upfront(raw.Upfront)}
	r.Terms.committed(raw.Commitment, raw.Reserved)
	w, err := restore(&raw.Workload)
	if err != nil {
		return fmt.Errorf("workload: %w", err)
	}
	if err := r.Terms.check(); err != nil {
		return err
	}
	r.workload, r.Offers = w, map[string]*Item{}
	for i := range raw.Offers {
		o := &raw.Offers[i]
		if o.ID == "" {
			return errors.New("an offer without an id")
		}
		if r.Offers[o.ID] != nil {
			return fmt.Errorf("offer %q appears twice", clip(o.ID))
		}
		item, err := newItem(&r.workload, o.ID, o.Status, o.Reasons, o.USDPerMonthExact)
		if err != nil {
			return fmt.Errorf("offer %q: %w", clip(o.ID), err)
		}
		item.target = Target{Offer: o.ID}
		if p := o.Plan; p != nil && p.Binding == "named" {
			item.target.Plan, item.target.Shards = p.ID, max(0, p.Shards)
		}
		r.Offers[o.ID] = item
	}
	c := &raw.Cheapest
	r.Cheapest = map[compare.Kind]string{compare.Commands: value(c.Commands), compare.Capacity: value(c.Capacity), compare.Overall: value(c.Overall)}
	return nil
}

func (r *Report) check(raw *form.Check) error {
	p := &raw.Pricing
	r.Kind, r.RatesSHA256, r.Checks = KindCheck, raw.Rates.SHA256, map[string]*ReportCheck{}
	r.Pricing = Pricing{Offers: p.Offers, Providers: p.Providers, Engines: p.Engines, Include: p.Include, FX: p.FX}
	workloads := map[string]*workload.Workload{}
	for _, j := range raw.Workloads {
		if j == nil {
			return errors.New("an empty workload")
		}
		name := value(j.Name)
		if workloads[name] != nil {
			return fmt.Errorf("workload %q appears twice", clip(name))
		}
		w, err := restore(j)
		if err != nil {
			return fmt.Errorf("workload %q: %w", clip(name), err)
		}
		workloads[name] = &w
	}
	for i := range raw.Checks {
		j := &raw.Checks[i]
		if j.Name == "" {
			return errors.New("a check without a name")
		}
		if r.Checks[j.Name] != nil {
			return fmt.Errorf("check %q appears twice", clip(j.Name))
		}
		c, err := newReportCheck(j, workloads)
		if err != nil {
			return fmt.Errorf("check %q: %w", clip(j.Name), err)
		}
		r.Checks[j.Name] = c
	}
	return r.gather()
}

func newReportCheck(j *form.CheckResult, workloads map[string]*workload.Workload) (*ReportCheck, error) {
	c := &ReportCheck{
		Name: j.Name, Items: map[string]*Item{}, Sum: j.Checks,
		Terms:  Terms{AsOf: j.AsOf, Region: value(j.Region), Term: ratecard.Term(value(j.Term)), Upfront: ratecard.Upfront(value(j.Upfront))},
		Target: Target{Offer: value(j.Target.Offer), Plan: value(j.Target.Plan), Cheapest: compare.Kind(value(j.Target.Cheapest))},
	}
	c.Terms.committed(j.Commitment, j.Reserved)
	if !isDay(j.AsOf) {
		return nil, fmt.Errorf("as_of %q is not a date", clip(j.AsOf))
	}
	if len(c.Sum) > 0 {
		return c, nil // the other fields are those of its parts
	}
	if err := c.Terms.check(); err != nil {
		return nil, err
	}
	for _, n := range []struct{ from, to *int64 }{{j.Target.Shards, &c.Target.Shards}, {j.Target.Size, &c.Target.Size}, {j.MaxShards, &c.Terms.MaxShards}} {
		if n.from != nil {
			*n.to = max(0, *n.from)
		}
	}
	for i := range j.Bills {
		b := &j.Bills[i]
		w := workloads[b.Workload]
		if w == nil {
			return nil, errors.New("a bill for a workload that is not in the report")
		}
		if c.Items[b.Workload] != nil {
			return nil, fmt.Errorf("workload %q has two bills", clip(b.Workload))
		}
		item, err := newItem(w, value(b.ID), b.Status, b.Reasons, b.USDPerMonthExact)
		if err != nil {
			return nil, fmt.Errorf("workload %q: %w", clip(b.Workload), err)
		}
		item.AsOf = j.AsOf
		c.Items[b.Workload] = item
	}
	return c, nil
}

// value is a report's value of a key; "" for null.
func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// newItem makes an item of a bill in a report.
func newItem(w *workload.Workload, offer, status string, reasons []string, usd *string) (*Item, error) {
	i := &Item{Workload: w, Offer: offer}
	if usd != nil {
		var err error
		if i.Total, err = money.ParseUSD(*usd); err != nil {
			return nil, err
		}
		if i.Total < 0 {
			return nil, fmt.Errorf("costs %s, which is negative", *usd)
		}
	}
	switch {
	case status == "":
		return nil, errors.New("it has no status; only reports of another kind lack one")
	case bill.Status(status) == bill.Priced && usd != nil:
		return i, nil
	}
	i.Reason = strings.TrimSpace(offer + " is " + strings.ReplaceAll(clip(status), "_", " "))
	if len(reasons) > 0 {
		i.Reason += ": " + strings.Join(reasons[:min(2, len(reasons))], "; ")
	}
	return i, nil
}

// restore rebuilds a workload, within the ranges that every workload keeps.
func restore(j *form.Workload) (workload.Workload, error) {
	w, err := workload.Restore(value(j.Name), j.Figure)
	if err != nil {
		return w, errors.New(strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return w, nil
}

// find returns the report's items of a check, by workload, or the reason why it
// has none.
func (r *Report) find(check *Check, quotes []*Quote) (map[string]*Item, string) {
	if r.Kind == KindCheck {
		if c := r.Checks[check.Name]; c != nil {
			return c.Items, ""
		}
		return nil, "the baseline has no check of this name"
	}
	if check.IsSum() {
		return nil, "the baseline is an estimate, which has no checks to sum"
	}
	if len(quotes) != 1 || r.workload.Name != "" && r.workload.Name != quotes[0].Workload.Name {
		return nil, fmt.Sprintf("the baseline is an estimate of one workload, %q", r.workload.Name)
	}
	id := check.Target.Offer
	if id == "" {
		id = r.Cheapest[check.Target.Cheapest]
	}
	if i := r.Offers[id]; i != nil {
		return map[string]*Item{quotes[0].Workload.Name: i}, ""
	}
	if check.Target.Offer == "" {
		return nil, fmt.Sprintf("the baseline has no cheapest offer (%s)", check.Target.Cheapest)
	}
	return nil, fmt.Sprintf("the baseline does not price %s", id)
}
