package report

import (
	"fmt"
	"sort"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/gate"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/unit"
)

// checkRows is how many workloads of all checks together a page lists; the JSON
// report has all of them.
const checkRows = 20

// Check is a run of checks as a document; the verdict is its title and its
// answer. A quiet one leaves out what is within its limits, and what was judged.
func Check(r *gate.Result, quiet bool) (*page.Document, error) {
	d := &page.Document{Title: "Cost check: " + strings.ToLower(verdictLabel(r.Verdict)), Aside: "rates as of " + r.AsOf}
	head := []string{fmt.Sprintf("%s · rates as of %s · %s", r.Config, r.AsOf, count(int64(len(r.Checks)), "check"))}
	if r.Baseline != nil {
		head[0] += fmt.Sprintf(" · baseline %s of %s", r.Baseline.Name, r.Baseline.AsOf)
	}
	d.Say(head...)
	d.Answers = checkAnswers(r)
	if t := limitsTable(r, quiet); len(t.Groups[0].Rows) > 0 {
		d.Add(page.Block{Table: t, Notes: limitNotes(r, quiet)})
	}
	if quiet {
		return d, nil
	}
	if r.Inventory != nil {
		d.Blocks = append(d.Blocks, Inventory(r.Inventory, Currency{}).Blocks...)
	}
	d.Add(changeBlock(r))
	d.Add(costsBlock(r))
	savings, err := savingsBlock(r)
	if err != nil {
		return nil, err
	}
	if len(savings.Notes) > 0 {
		d.Add(savings)
	}
	d.Blocks = nonEmpty(d.Blocks)
	return d, nil
}

func nonEmpty(blocks []page.Block) []page.Block {
	var kept []page.Block
	for _, b := range blocks {
		if len(b.Text) > 0 || b.Table != nil || len(b.Notes) > 0 {
			kept = append(kept, b)
		}
	}
	return kept
}

// Summary is the verdict of a run in a few words.
func Summary(r *gate.Result) string {
	total := 0
	for _, c := range r.Checks {
		total += len(c.Limits)
	}
	limits := count(int64(total), "limit")
	if n := r.Count(gate.Pass); n == total {
		return limits + " respected"
	}
	var parts []string
	for _, p := range []struct {
		verdict gate.Verdict
		words   string
	}{
		{gate.Breach, "exceeded"}, {gate.Stale, "not checked (rates older than max_rate_age)"},
		{gate.Unknown, "not checked (a figure is unknown)"}, {gate.Warn, "above the warning limit"},
		{gate.Skipped, "not checked (no baseline)"}, {gate.Pass, "respected"},
	} {
		if n := r.Count(p.verdict); n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", money.Group(fmt.Sprint(n)), p.words))
		}
	}
	return limits + ": " + strings.Join(parts, ", ")
}

// maxVerdicts is how many limits the verdict names; the report has all of them.
const maxVerdicts = 20

// Verdicts are the sentences that say what is wrong, the worst first; the last
// one sums up.
func Verdicts(r *gate.Result) []string {
	var say []string
	for i, f := range findings(r) {
		if i == maxVerdicts {
			say = append(say, "…")
			break
		}
		say = append(say, fmt.Sprintf("%s: %s", f.verdict, f.message()))
	}
	return append(say, Summary(r))
}

// limitText is a limit as a reader sees it: "500.00 USD a month", "10 %".
func limitText(l *gate.LimitResult) string {
	limit := groupNumber(l.Limit)
	switch l.Unit {
	case gate.UnitPlan:
		return l.Limit
	case gate.UnitPercent:
		return limit + " %"
	case gate.UnitDays:
		return limit + " days"
	case gate.UnitRuns:
		return "true"
	}
	return limit
}

// targetWords says what a check judges.
func targetWords(t *gate.Target) string {
	switch {
	case t.Cheapest == compare.Overall:
		return "cheapest overall"
	case t.Cheapest == compare.Commands:
		return "cheapest per command"
	case t.Cheapest == compare.Capacity:
		return "cheapest capacity"
	}
	words := t.Offer
	if t.Plan != "" {
		words += " " + t.Plan
	}
	if t.Size > 0 {
		words += " of " + unit.FormatBytes(t.Size)
	}
	if t.Shards > 0 {
		words += ", " + count(t.Shards, "shard")
	}
	return words
}

// checkTotal is what a check costs, or its bound.
func checkTotal(c *gate.CheckResult) string {
	if c.AtMost {
		return "≤ " + c.Total.Grouped()
	}
	return knownText(c.Total, c.AtLeast)
}

// knownText is a sum that may be a lower bound, or nothing known at all.
func knownText(total money.USD, atLeast bool) string {
	switch {
	case !atLeast:
		return total.Grouped()
	case total == 0:
		return "unknown"
	}
	return "≥ " + total.Grouped()
}

// signed prints a change with its sign.
func signed(u money.USD) string {
	if u > 0 {
		return "+" + u.Grouped()
	}
	return u.Grouped()
}

// changeBlock is what changed from the baseline, by cause.
func changeBlock(r *gate.Result) page.Block {
	if r.Baseline == nil {
		return page.Block{}
	}
	b := page.Block{Heading: "Change from the baseline"}
	t := changeTable("Check")
	for _, c := range r.Checks {
		if c.Check.Path != nil {
			continue
		}
		if c.Base == nil {
			b.Notes = append(b.Notes, c.Check.Name+": "+c.NoBase)
			continue
		}
		cells := []string{c.Check.Name, knownText(c.Base.Total, c.Base.AtLeast), checkTotal(c), "unknown"}
		if !c.AtLeast && !c.AtMost && !c.Base.AtLeast {
			cells[3] = signed(c.Total - c.Base.Total)
		}
		t.Add(append(cells, splitCells(c.Base.Split)...)...)
		if c.Base.Split == nil {
			b.Notes = append(b.Notes, fmt.Sprintf("%s: the causes are not known: %s", c.Check.Name, c.Base.Why))
		}
	}
	if len(t.Groups[0].Rows) > 0 {
		b.Table = t
	}
	return b
}

func changeTable(first ...string) *page.Table {
	t := page.NewTable()
	for _, head := range first {
		t.Columns = append(t.Columns, page.Column{Head: head, Wrap: true})
	}
	for _, head := range []string{"Was", "Is", "Change", "by workload", "by rates", "by the rest"} {
		c := page.Column{Head: head, Right: true}
		if head == "Change" {
			c.Class = page.ChangeClass
		}
		t.Columns = append(t.Columns, c)
	}
	return t
}

func splitCells(s *gate.Split) []string {
	if s == nil {
		return []string{"?", "?", "?"}
	}
	return []string{signed(s.Workload), signed(s.Rates), signed(s.Other)}
}

// costsBlock lists what was judged, workload by workload, in the order of the checks.
func costsBlock(r *gate.Result) page.Block {
	type row struct {
		check string
		q     *gate.Quote
	}
	var rows []row
	for _, c := range r.Checks {
		if c.Check.IsSum() {
			continue // each of its bills is a row of the check that it sums
		}
		for _, q := range c.Quotes {
			rows = append(rows, row{c.Check.Name, q})
		}
	}
	if len(rows) == 0 {
		return page.Block{}
	}
	b := page.Block{Heading: "What was judged"}
	if len(rows) > checkRows {
		sort.SliceStable(rows, func(i, j int) bool { return rows[i].q.Known() > rows[j].q.Known() })
		b.Notes = append(b.Notes, fmt.Sprintf("The dearest %d of %s; --output json has all of them.", checkRows, money.Group(fmt.Sprint(len(rows)))))
		rows = rows[:checkRows]
	}
	t := page.NewTable(page.Column{Head: "USD/month", Right: true, Class: "usd"}, page.Column{Head: "Check", Cut: 16}, page.Column{Head: "Workload", Cut: 16},
		page.Column{Head: "Offer", Cut: 24}, page.Column{Head: "Size or driver", Cut: 14}, page.Column{Head: "Rates read", From: 100})
	t.Titles, t.Sorts = 1, true
	for _, r := range rows {
		cells := []string{"unknown", r.check, r.q.Workload.Name, "none", r.q.Reason, ""}
		if bl := r.q.Bill; bl != nil {
			cells[3], cells[4], cells[5] = OfferName(bl.Offer), drivenBy(bl, Currency{}), bl.Retrieved
			switch bl.Status {
			case bill.Priced, bill.Incomplete:
				cells[0] = knownText(bl.Total, bl.Status == bill.Incomplete)
			case bill.AtMost:
				cells[0] = "≤ " + bl.Total.Grouped()
			case bill.Unfit:
				cells[0] = "unfit"
			case bill.NotPriced:
				cells[0] = "not priced"
			}
		}
		t.Add(cells...)
	}
	b.Table = t
	return b
}

// savingsBlock names cheaper offers where a check asks for them.
func savingsBlock(r *gate.Result) (page.Block, error) {
	b := page.Block{Heading: "Cheaper offers"}
	for _, c := range r.Checks {
		s, err := c.Saving()
		if err != nil {
			return b, err
		}
		if s == nil {
			continue
		}
		sort.SliceStable(s.Quotes, func(i, j int) bool {
			a, b := s.Quotes[i], s.Quotes[j]
			return a.Bill.Total-a.Cheapest.Total > b.Bill.Total-b.Cheapest.Total
		})
		for i, q := range s.Quotes {
			if i == 5 {
				b.Notes = append(b.Notes, fmt.Sprintf("%s: %s more; all together would save %s USD a month", c.Check.Name, count(int64(len(s.Quotes)-i), "workload"), s.USD.Grouped()))
				break
			}
			b.Notes = append(b.Notes, fmt.Sprintf("%s: %s on %s would cost %s USD a month, %s less than on %s",
				c.Check.Name, orText(q.Workload.Name, "the workload"), withPlan(q.Cheapest), q.Cheapest.Total.Grouped(), (q.Bill.Total-q.Cheapest.Total).Grouped(), withPlan(q.Bill)))
		}
	}
	return b, nil
}

// withPlan names an offer and what of it is bought.
func withPlan(b *bill.Bill) string {
	if b.Plan == nil {
		return OfferName(b.Offer)
	}
	return fmt.Sprintf("%s (%s)", OfferName(b.Offer), drivenBy(b, Currency{}))
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// Headline is what a pipeline passes on from a run: the cost of the dearest
// check, what would be cheapest for its workloads, and the age of the rates.
type Headline struct {
	MonthlyCost string // USD, two decimals; "" where it is not known
	Cheapest    string // offer ids, with commas between
	Breached    bool
	RateAgeDays int64
}

// NewHeadline finds the headline. The cheapest offers are known where the
// dearest check asks for savings or for the cheapest.
func NewHeadline(r *gate.Result) Headline {
	h := Headline{Breached: r.Count(gate.Breach) > 0}
	var top *gate.CheckResult
	for _, c := range r.Checks {
		h.RateAgeDays = max(h.RateAgeDays, c.AgeDays)
		if top == nil || c.Total > top.Total {
			top = c
		}
	}
	if top == nil {
		return h
	}
	if !top.AtLeast {
		h.MonthlyCost = top.Total.String()
	}
	seen := map[string]bool{}
	var ids []string
	for _, q := range top.Quotes {
		best := q.Cheapest
		if best == nil && top.Check.Target.Cheapest == compare.Overall {
			best = q.Bill
		}
		if best != nil && !seen[best.Offer.ID] {
			seen[best.Offer.ID] = true
			ids = append(ids, best.Offer.ID)
		}
	}
	sort.Strings(ids)
	h.Cheapest = strings.Join(ids, ",")
	return h
}
