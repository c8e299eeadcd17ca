package gate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// The kinds of report that can be read.
const (
	KindEstimate = "estimate"
	KindCheck    = "check"
)

// MaxReportBytes is the largest report that is read: that of some 50,000 workloads.
const MaxReportBytes = 64 << 20

// Report is a JSON report of keynest estimate or keynest check, as much of it
// as a comparison needs.
type Report struct {
	Name        string // of the file
	Kind        string
	AsOf        string
	RatesSHA256 string
	Terms       Terms   // of an estimate
	Pricing     Pricing // of a check: what the cheapest was taken from

	Offers   map[string]*Item        // of an estimate, by id
	Cheapest map[compare.Kind]string // of an estimate: offer ids
	Checks   map[string]*ReportCheck

	workload workload.Workload // of an estimate
}

// ReportCheck is one check of a report.
type ReportCheck struct {
	Name   string
	Target Target
	Terms  Terms
	Items  map[string]*Item // by workload
}

func (c *ReportCheck) items() map[string]*Item {
	if c == nil {
		return nil
	}
	return c.Items
}

// Item is what a report says a workload costs on an offer.
type Item struct {
	Workload *workload.Workload
	Offer    string // "" where no offer of the kind was priced
	AsOf     string // the day of its rates, where the report's is another
	Total    money.USD
	Reason   string // why that is no exact figure; "" where it is

	target Target
}

// The reports as JSON has them; what else is in them is not needed here.
type jsonReport struct {
	FormatVersion *string                  `json:"format_version"`
	AsOf          string                   `json:"as_of"`
	Currency      *string                  `json:"currency"`
	Region        string                   `json:"region"`
	Term          ratecard.Term            `json:"term"`
	Upfront       ratecard.Upfront         `json:"upfront"`
	Rates         jsonRates                `json:"rates"`
	Workload      *jsonWorkload            `json:"workload"`
	Workloads     []*jsonWorkload          `json:"workloads"`
	Offers        []*jsonOffer             `json:"offers"`
	Cheapest      map[compare.Kind]*string `json:"cheapest"`
	Checks        []*jsonCheck             `json:"checks"`
	Pricing       struct {
		Offers    []string `json:"offers"`
		Providers []string `json:"providers"`
		Engines   []string `json:"engines"`
		FX        []string `json:"fx"`
	} `json:"pricing"`
}

type jsonRates struct {
	SHA256 string `json:"sha256"`
}

type jsonWorkload struct {
	Name               string      `json:"name"`
	OpsPerSec          json.Number `json:"ops_per_sec"`
	PeakOpsPerSec      json.Number `json:"peak_ops_per_sec"`
	StoredBytes        json.Number `json:"stored_bytes"`
	PayloadBytes       json.Number `json:"payload_bytes"`
	ReadShare          json.Number `json:"read_share"`
	Replicas           json.Number `json:"replicas"`
	ReadRegions        json.Number `json:"read_regions"`
	Databases          json.Number `json:"databases"`
	ReadsPerMonth      json.Number `json:"reads_per_month"`
	WritesPerMonth     json.Number `json:"writes_per_month"`
	TransferGBPerMonth json.Number `json:"transfer_gb_per_month"`
	WrittenGBPerMonth  json.Number `json:"written_gb_per_month"`
	HoursPerMonth      json.Number `json:"hours_per_month"`
	OperatorHours      json.Number `json:"operator_hours"`
}

type jsonOffer struct {
	Workload string    `json:"workload"` // of a check's bill
	ID       string    `json:"id"`
	Status   string    `json:"status"`
	Reasons  []string  `json:"reasons"`
	Plan     *jsonPlan `json:"plan"`
	USD      *string   `json:"usd_per_month_exact"`
}

type jsonPlan struct {
	ID      string `json:"id"`
	Shards  int64  `json:"shards"`
	Binding string `json:"binding"`
}

type jsonCheck struct {
	Name    string           `json:"name"`
	AsOf    string           `json:"as_of"`
	Region  string           `json:"region"`
	Term    ratecard.Term    `json:"term"`
	Upfront ratecard.Upfront `json:"upfront"`
	Target  struct {
		Offer    *string       `json:"offer"`
		Plan     *string       `json:"plan"`
		Shards   *int64        `json:"shards"`
		Cheapest *compare.Kind `json:"cheapest"`
	} `json:"target"`
	Bills []*jsonOffer `json:"bills"`
}

// ReadReport reads a JSON report of keynest estimate or keynest check. One of
// another major format version or currency, a cut one, and one whose figures
// make no sense are errors.
func ReadReport(name string, r io.Reader) (*Report, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxReportBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(data) > MaxReportBytes {
		return nil, fmt.Errorf("%s: larger than %d MiB, which no report is", name, MaxReportBytes>>20)
	}
	report, err := parseReport(name, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return report, nil
}

func parseReport(name string, data []byte) (*Report, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("the file is empty; make one with --output json")
	}
	var raw jsonReport
	// The version comes first: what another major version means is not ours to read.
	var head struct {
		FormatVersion *string `json:"format_version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, jsonError(err, len(data))
	}
	switch v := head.FormatVersion; {
	case v == nil:
		return nil, errors.New("no format_version in it: not a report of keynest estimate or keynest check")
	case *v != "1" && !strings.HasPrefix(*v, "1."):
		return nil, fmt.Errorf("format_version %q: this keynest reads major version 1; make both reports with one version of keynest", clip(*v))
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, jsonError(err, len(data))
	}
	switch {
	case raw.Currency == nil || *raw.Currency != "USD":
		given := "none"
		if raw.Currency != nil {
			given = clip(*raw.Currency)
		}
		return nil, fmt.Errorf("its currency is %s; limits and changes are in USD: make the report without --currency", given)
	case !isDay(raw.AsOf):
		return nil, fmt.Errorf("as_of %q is not a date", clip(raw.AsOf))
	}
	report := &Report{
		Name: name, AsOf: raw.AsOf, RatesSHA256: raw.Rates.SHA256,
		Terms: Terms{AsOf: raw.AsOf, Region: raw.Region, Term: raw.Term, Upfront: raw.Upfront},
	}
	switch {
	case raw.Checks != nil:
		report.Kind = KindCheck
		p := &raw.Pricing
		report.Pricing = Pricing{Offers: p.Offers, Providers: p.Providers, Engines: p.Engines, FX: p.FX}
		return report, report.checks(&raw)
	case raw.Workload != nil && raw.Offers != nil:
		report.Kind = KindEstimate
		return report, report.estimate(&raw)
	}
	return nil, errors.New("neither a report of keynest estimate nor one of keynest check")
}

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
		return errors.New("the report ends in the middle: it was cut off; write it again")
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON at byte %d: %s", syntax.Offset, syntax.Error())
	case errors.As(err, &kind):
		return fmt.Errorf("%s is a %s where a report has something else", kind.Field, kind.Value)
	}
	return fmt.Errorf("not a report: %w", err)
}

func (r *Report) estimate(raw *jsonReport) error {
	w, err := raw.Workload.resolve()
	if err != nil {
		return fmt.Errorf("workload: %w", err)
	}
	if err := r.Terms.check(); err != nil {
		return err
	}
	r.workload, r.Offers, r.Cheapest = w, map[string]*Item{}, map[compare.Kind]string{}
	for _, o := range raw.Offers {
		if o == nil || o.ID == "" {
			return errors.New("an offer without an id")
		}
		if r.Offers[o.ID] != nil {
			return fmt.Errorf("offer %q is in it twice", clip(o.ID))
		}
		item, err := o.item(&r.workload)
		if err != nil {
			return fmt.Errorf("offer %q: %w", clip(o.ID), err)
		}
		item.target = Target{Offer: o.ID}
		if p := o.Plan; p != nil && p.Binding == "named" {
			item.target.Plan, item.target.Shards = p.ID, max(0, p.Shards)
		}
		r.Offers[o.ID] = item
	}
	for kind, id := range raw.Cheapest {
		if id != nil {
			r.Cheapest[kind] = *id
		}
	}
	return nil
}

func (r *Report) checks(raw *jsonReport) error {
	r.Checks = map[string]*ReportCheck{}
	workloads := map[string]*workload.Workload{}
	for _, j := range raw.Workloads {
		if j == nil {
			return errors.New("a workload that says nothing")
		}
		if workloads[j.Name] != nil {
			return fmt.Errorf("workload %q is in it twice", clip(j.Name))
		}
		w, err := j.resolve()
		if err != nil {
			return fmt.Errorf("workload %q: %w", clip(j.Name), err)
		}
		workloads[j.Name] = &w
	}
	for _, j := range raw.Checks {
		if j == nil || j.Name == "" {
			return errors.New("a check without a name")
		}
		if r.Checks[j.Name] != nil {
			return fmt.Errorf("check %q is in it twice", clip(j.Name))
		}
		c, err := j.check(workloads)
		if err != nil {
			return fmt.Errorf("check %q: %w", clip(j.Name), err)
		}
		r.Checks[j.Name] = c
	}
	return nil
}

func (j *jsonCheck) check(workloads map[string]*workload.Workload) (*ReportCheck, error) {
	c := &ReportCheck{Name: j.Name, Items: map[string]*Item{}, Terms: Terms{AsOf: j.AsOf, Region: j.Region, Term: j.Term, Upfront: j.Upfront}}
	if !isDay(j.AsOf) {
		return nil, fmt.Errorf("as_of %q is not a date", clip(j.AsOf))
	}
	if err := c.Terms.check(); err != nil {
		return nil, err
	}
	for to, from := range map[*string]*string{&c.Target.Offer: j.Target.Offer, &c.Target.Plan: j.Target.Plan} {
		if from != nil {
			*to = *from
		}
	}
	if j.Target.Shards != nil {
		c.Target.Shards = max(0, *j.Target.Shards)
	}
	if j.Target.Cheapest != nil {
		c.Target.Cheapest = *j.Target.Cheapest
	}
	for _, b := range j.Bills {
		if b == nil || workloads[b.Workload] == nil {
			return nil, errors.New("a bill for a workload that is not in the report")
		}
		if c.Items[b.Workload] != nil {
			return nil, fmt.Errorf("workload %q has two bills", clip(b.Workload))
		}
		item, err := b.item(workloads[b.Workload])
		if err != nil {
			return nil, fmt.Errorf("workload %q: %w", clip(b.Workload), err)
		}
		item.AsOf = j.AsOf
		c.Items[b.Workload] = item
	}
	return c, nil
}

func (o *jsonOffer) item(w *workload.Workload) (*Item, error) {
	i := &Item{Workload: w, Offer: o.ID}
	if o.USD != nil {
		var err error
		if i.Total, err = money.ParseUSD(*o.USD); err != nil {
			return nil, err
		}
		if i.Total < 0 {
			return nil, fmt.Errorf("costs %s, which is negative", *o.USD)
		}
	}
	if o.Status == "priced" && o.USD != nil {
		return i, nil
	}
	i.Reason = strings.TrimSpace(o.ID + " is " + strings.ReplaceAll(clip(o.Status), "_", " "))
	if len(o.Reasons) > 0 {
		i.Reason += ": " + strings.Join(o.Reasons[:min(2, len(o.Reasons))], "; ")
	}
	return i, nil
}

// resolve rebuilds a workload, within the ranges that every workload keeps.
func (j *jsonWorkload) resolve() (workload.Workload, error) {
	in := workload.Input{
		StoredBytes: workload.Value(j.StoredBytes), PayloadBytes: workload.Value(j.PayloadBytes),
		Replicas: workload.Value(j.Replicas), ReadRegions: workload.Value(j.ReadRegions), Databases: workload.Value(j.Databases),
		ReadsPerMonth: workload.Value(j.ReadsPerMonth), WritesPerMonth: workload.Value(j.WritesPerMonth),
		TransferGBPerMonth: workload.Value(j.TransferGBPerMonth), WrittenGBPerMonth: workload.Value(j.WrittenGBPerMonth),
		HoursPerMonth: workload.Value(j.HoursPerMonth), OperatorHours: workload.Value(j.OperatorHours),
	}
	w, err := in.Resolve(j.Name)
	if err != nil {
		return w, errors.New(strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	// The rates are printed to a millionth; the month's counts were rounded from
	// them, so the way back is not exact.
	for _, f := range []struct {
		to   *int64
		text json.Number
		top  int64
	}{
		{&w.OpsPerSec, j.OpsPerSec, 1_000_000_000 * unit.Million},
		{&w.PeakOpsPerSec, j.PeakOpsPerSec, 1_000_000_000 * unit.Million},
		{&w.ReadShare, j.ReadShare, unit.Million},
	} {
		n, err := unit.Scaled(string(f.text), unit.Million)
		if err != nil || n < 0 || n > f.top {
			return w, fmt.Errorf("%q is not a rate", clip(string(f.text)))
		}
		*f.to = n
	}
	return w, nil
}

// find is what the report says on a check: its items by workload, or why it
// has none.
func (r *Report) find(check *Check, quotes []*Quote) (map[string]*Item, string) {
	if r.Kind == KindCheck {
		if c := r.Checks[check.Name]; c != nil {
			return c.Items, ""
		}
		return nil, "the baseline has no check of this name"
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
		return nil, fmt.Sprintf("the baseline names no cheapest (%s)", check.Target.Cheapest)
	}
	return nil, fmt.Sprintf("the baseline does not price %s", id)
}
