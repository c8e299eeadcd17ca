package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
)

// Total is what one offer costs for several workloads together.
type Total struct {
	Offer  *ratecard.Offer
	USD    money.USD // a month; a lower bound where AtLeast
	Ranked bool      // it competes for the cheapest with every workload
	// AtLeast says that a figure of one of the bills is not known.
	AtLeast bool
	// Missing are the workloads that the offer has no price for, by name.
	Missing []string
}

// Totals sums the bills of each offer over the workloads. The offers that have a
// price for all of them come first, the cheapest first; a sum that does not fit
// in 64 bits leaves its offer out.
func Totals(list []*compare.Comparison) []Total {
	var totals []*Total
	byID := map[string]*Total{}
	for _, c := range list {
		for _, b := range c.Bills {
			t := byID[b.Offer.ID]
			if t == nil {
				t = &Total{Offer: b.Offer, Ranked: true}
				byID[b.Offer.ID] = t
				totals = append(totals, t)
			}
			t.Ranked = t.Ranked && compare.Ranked(b)
			switch b.Status {
			case bill.Priced, bill.Incomplete: // a sum of upper bounds is none: at most stays out
				sum, err := t.USD.Add(b.Total)
				if err != nil {
					t.Missing = append(t.Missing, c.Workload.Name)
					continue
				}
				t.USD = sum
				t.AtLeast = t.AtLeast || b.Status == bill.Incomplete
			default:
				t.Missing = append(t.Missing, c.Workload.Name)
			}
		}
	}
	sorted := make([]Total, len(totals))
	for i, t := range totals {
		sorted[i] = *t
	}
	slices.SortStableFunc(sorted, func(a, b Total) int {
		whole := func(t Total) int {
			switch {
			case len(t.Missing) > 0:
				return 2
			case t.AtLeast:
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(whole(a), whole(b)), cmp.Compare(a.USD, b.USD), strings.Compare(a.Offer.ID, b.Offer.ID))
	})
	return sorted
}

// shownTotals leaves out, without --all, the offers that have a price for no
// workload.
func shownTotals(list []*compare.Comparison, opt EstimateOptions) []Total {
	return slices.DeleteFunc(Totals(list), func(t Total) bool { return !opt.All && len(t.Missing) == len(list) })
}

// CheapestTotal is the cheapest offer that competes with every workload; nil
// where none does.
func CheapestTotal(totals []Total) *Total {
	for i, t := range totals {
		if t.Ranked && len(t.Missing) == 0 && !t.AtLeast {
			return &totals[i]
		}
	}
	return nil
}

// Estimates is several workloads in one document, each with its answers, and
// the sum of each offer over all of them at the end.
func Estimates(list []*compare.Comparison, show func(*compare.Comparison) EstimateOptions) *page.Document {
	if len(list) == 1 {
		return Estimate(list[0], show(list[0]))
	}
	d := &page.Document{Links: map[string]page.Link{}}
	for _, c := range list {
		opt := show(c)
		one := Estimate(c, opt)
		d.Title, d.Aside = one.Title, one.Aside
		if opt.Details {
			d.Add(page.Block{Heading: c.Workload.Name, Answers: one.Answers})
			d.Blocks = append(d.Blocks, one.Blocks...)
		} else {
			d.Blocks = append(d.Blocks, one.Blocks...)
			d.Add(page.Block{Answers: one.Answers})
		}
		for id, link := range one.Links {
			d.Links[id] = link
		}
	}
	opt := show(list[0])
	totals := Totals(list)
	best := CheapestTotal(totals)
	t := page.NewTable(
		page.Column{Head: opt.Currency.Code() + "/month", Right: true, Class: "usd"},
		page.Column{Head: "×", Right: true, Class: "times"},
		page.Column{Head: "All " + count(int64(len(list)), "workload"), Cut: 28, Class: "name"})
	t.Titles = 2
	left := 0
	for _, sum := range totals {
		if len(sum.Missing) > 0 || !sum.Ranked && !opt.All && !opt.Details {
			left++
			continue
		}
		usd, times := opt.Currency.grouped(sum.USD), ""
		if sum.AtLeast {
			usd = "≥ " + usd
		}
		if sum.Ranked && best != nil {
			times = ratioText(sum.USD, best.USD)
		}
		t.Groups[0].Rows = append(t.Groups[0].Rows, page.Row{Cells: []string{usd, times, plainName(sum.Offer)}, Strong: best != nil && sum.Offer == best.Offer})
	}
	if len(t.Groups[0].Rows) > 0 {
		d.Add(page.Block{Heading: "All workloads together", Table: t})
	}
	if best != nil {
		d.Answers = append(d.Answers, page.Answer{Label: "Cheapest for all", Figure: opt.Currency.grouped(best.USD), Unit: opt.Currency.Code() + " a month", Name: plainName(best.Offer)})
	}
	if left > 0 {
		d.Answers = append(d.Answers, page.Answer{Label: "Left out", Text: offersDo(left) + " not compete with every workload, or have no price for one", Minor: true})
	}
	return d
}

// NewEstimatesJSON builds the report of several workloads.
func NewEstimatesJSON(list []*compare.Comparison, show func(*compare.Comparison) EstimateOptions) *form.Estimates {
	opt := show(list[0])
	j := &form.Estimates{
		FormatVersion: form.Version, Kind: "estimates", AsOf: list[0].Field.Options.AsOf, Currency: opt.Currency.Code(),
		Totals: []form.Total{},
	}
	for _, c := range list {
		j.Estimates = append(j.Estimates, NewEstimateJSON(c, show(c)))
	}
	totals := shownTotals(list, opt)
	for i := range totals {
		j.Totals = append(j.Totals, totals[i].json(opt.Currency))
	}
	if best := CheapestTotal(totals); best != nil {
		j.Cheapest = text(best.Offer.ID)
	}
	return j
}

// status is that of the sum: not priced where a workload has no price.
func (t *Total) status() bill.Status {
	switch {
	case len(t.Missing) > 0:
		return bill.NotPriced
	case t.AtLeast:
		return bill.Incomplete
	}
	return bill.Priced
}

func (t *Total) json(in Currency) form.Total {
	j := form.Total{
		ID: t.Offer.ID, Provider: t.Offer.Provider.Name, Name: t.Offer.Name, Status: string(t.status()),
		Ranked: t.Ranked && len(t.Missing) == 0, Missing: orEmpty(t.Missing),
	}
	switch t.status() {
	case bill.Priced:
		j.USDPerMonth, j.USDPerMonthExact, j.PerMonth = text(t.USD.String()), text(t.USD.Exact()), text(in.of(t.USD).String())
	case bill.Incomplete:
		j.USDAtLeast = text(t.USD.String())
	}
	return j
}

// totalRows are the sums of several workloads as rows of CSV, in the columns of
// WriteEstimateCSV; their workload is "*", which is no workload's name.
func totalRows(list []*compare.Comparison, opt EstimateOptions) [][]string {
	var rows [][]string
	in := opt.Currency
	for _, t := range shownTotals(list, opt) {
		usd, exact, shownAs, least, reason := "", "", "", "", ""
		switch t.status() {
		case bill.Priced:
			usd, exact, shownAs = t.USD.String(), t.USD.Exact(), in.of(t.USD).String()
		case bill.Incomplete:
			least = t.USD.String()
		default:
			reason = "no price for " + strings.Join(t.Missing, ", ")
		}
		rows = append(rows, []string{AllWorkloads, t.Offer.ID, t.Offer.Provider.Name, t.Offer.Name, string(t.Offer.BilledBy),
			string(t.Offer.Status), string(t.status()), "", usd, exact, "", "", "", "", "", "", list[0].Field.Options.AsOf, reason,
			in.Code(), shownAs, "", strconv.FormatBool(t.Ranked && len(t.Missing) == 0), "", least, ""})
	}
	return rows
}

// AllWorkloads names the sum of all workloads in CSV.
const AllWorkloads = "*"
