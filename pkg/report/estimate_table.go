package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// screenRows is how many rows an estimate shows unless it is asked for more: with
// heads and answers they fill 24 lines, the least that a terminal has.
const screenRows = 11

// rank is the group of the table in which a bill stands.
type rank int

// The groups, in the order of a page: the ranked offers, then the others.
const (
	rankCommands rank = iota
	rankCapacity
	rankSelfHosted
	rankNot
	rankPartly
	ranks
)

// rankOf is the group of a bill with a price.
func rankOf(b *bill.Bill) rank {
	switch {
	case b.Status == bill.Incomplete || b.Status == bill.AtMost:
		return rankPartly
	case groupOf(b.Offer, b.Unranked) == groupNotRanked || !compare.Ranked(b) && groupOf(b.Offer, b.Unranked) != groupSelfHosted:
		return rankNot
	case groupOf(b.Offer, b.Unranked) == groupSelfHosted:
		return rankSelfHosted
	case b.Offer.BilledBy.PerCommand():
		return rankCommands
	}
	return rankCapacity
}

// hasPrice says whether a bill has a figure, whole or a bound.
func hasPrice(b *bill.Bill) bool {
	return b.Status == bill.Priced || b.Status == bill.Incomplete || b.Status == bill.AtMost
}

// title is the head of a group.
func (r rank) title(w *workload.Workload) string {
	if r == rankSelfHosted && w.OperatorHours > 0 {
		return "SELF-HOSTED, with " + unit.Decimal(w.OperatorHours, 1000) + " h of your time"
	}
	return [ranks]string{"PER COMMAND", "CAPACITY", "SELF-HOSTED, without your time", "SHOWN, NOT RANKED", "NOT FULLY PRICED"}[r]
}

// Columns lists the columns that a table of offers can have, in their order.
func Columns() []string {
	var names []string
	for _, c := range offerColumns {
		names = append(names, c.id)
	}
	return names
}

// offerColumn is one column of a table of offers.
type offerColumn struct {
	id   string
	col  page.Column
	cell func(*compare.Comparison, *bill.Bill, EstimateOptions) string
	more bool // shown only where it is asked for by name
}

const nameColumn = "offer"

var offerColumns = []offerColumn{
	{id: "usd", col: page.Column{Head: "USD/month", Right: true, Class: "usd"}, cell: priceCell},
	{id: "times", col: page.Column{Head: "×", Right: true, Class: "times"}, cell: timesCell},
	{id: nameColumn, col: page.Column{Head: "Offer", Cut: 27, Class: "name"}, cell: func(_ *compare.Comparison, b *bill.Bill, _ EstimateOptions) string { return plainName(b.Offer) }},
	{id: "id", col: page.Column{Head: "Id"}, more: true, cell: func(_ *compare.Comparison, b *bill.Bill, _ EstimateOptions) string { return b.Offer.ID }},
	{id: "size", col: page.Column{Head: "Size", Cut: 12, From: 100, Class: "size"}, cell: func(_ *compare.Comparison, b *bill.Bill, _ EstimateOptions) string { return sizeWords(b) }},
	{id: "region", col: page.Column{Head: "Region"}, more: true, cell: func(_ *compare.Comparison, b *bill.Bill, _ EstimateOptions) string { return b.Region }},
	{id: "parts", col: page.Column{Head: "Made of", Cut: 14, From: 140, Class: "parts"}, cell: func(_ *compare.Comparison, b *bill.Bill, _ EstimateOptions) string { return partsWords(b) }},
	{id: "bars", col: page.Column{Bars: true, From: page.MaxWidth + 1, Class: "bar"}, cell: func(*compare.Comparison, *bill.Bill, EstimateOptions) string { return "" }},
	{id: "marks", col: page.Column{Head: "Marks", Marks: true, Wrap: true, Class: "marks"}, cell: func(c *compare.Comparison, b *bill.Bill, opt EstimateOptions) string {
		return strings.Join(marksOf(c, b, opt), ", ")
	}},
	{id: "read", col: page.Column{Head: "Rate read", From: 140, Class: "date"}, cell: func(_ *compare.Comparison, b *bill.Bill, _ EstimateOptions) string { return monthOf(b.Retrieved) }},
}

// chosenColumns are the columns that the options ask for.
func chosenColumns(opt EstimateOptions) []offerColumn {
	var list []offerColumn
	for _, c := range offerColumns {
		asked := slices.Contains(opt.Columns, c.id)
		if len(opt.Columns) == 0 && !c.more || asked || c.id == nameColumn {
			if asked {
				c.col.From = 0
			}
			if c.id == "usd" {
				c.col.Head = opt.Currency.Code() + "/month"
			}
			list = append(list, c)
		}
	}
	return list
}

// estimateTable are the bills in groups: the cheapest of each, as many as fill a
// screen, or all of them.
func estimateTable(c *compare.Comparison, opt EstimateOptions) *page.Table {
	columns := chosenColumns(opt)
	t := &page.Table{Sorts: true}
	for i, col := range columns {
		t.Columns = append(t.Columns, col.col)
		if col.id == nameColumn {
			t.Titles = i
		}
	}
	scale := barScale(c)
	if slices.ContainsFunc(columns, func(c offerColumn) bool { return c.col.Bars }) {
		t.Scale = money.Group(fmt.Sprint(int64(scale / money.Nano)))
	}
	var groups [ranks][]*bill.Bill
	for _, b := range c.Bills {
		if hasPrice(b) {
			groups[rankOf(b)] = append(groups[rankOf(b)], b)
		}
	}
	limits := rowLimits(c, groups, opt)
	for _, r := range rankOrder(c) {
		sortBills(groups[r], opt.Sort)
		shown := leading(c, groups[r], limits[r])
		if len(shown) == 0 {
			continue
		}
		g := page.Group{Title: r.title(&c.Workload)}
		if len(shown) < len(groups[r]) {
			title, rest, comma := strings.Cut(g.Title, ", ")
			if g.Title = fmt.Sprintf("%s, %d of %d", title, len(shown), len(groups[r])); comma {
				g.Title += ", " + rest
			}
		}
		for _, b := range shown {
			row := page.Row{Strong: b == c.Overall, Bar: barOf(b, scale)}
			for _, col := range columns {
				row.Cells = append(row.Cells, col.cell(c, b, opt))
			}
			if opt.Details {
				block := explain(c, b, opt.Currency)
				block.ID = billID(b, opt)
				row.Detail = &block
			}
			g.Rows = append(g.Rows, row)
		}
		t.Groups = append(t.Groups, g)
	}
	return t
}

// rankOrder puts the kind with the cheapest offer first.
func rankOrder(c *compare.Comparison) []rank {
	first, second := rankCapacity, rankCommands
	if c.Overall != nil && c.Overall == c.Commands {
		first, second = second, first
	}
	return []rank{first, second, rankSelfHosted, rankNot, rankPartly}
}

// rowLimits are how many rows each group has: of those that compete and of the
// self-hosted ones the cheapest, and the others only where all are asked for. A
// group gives the rows that it does not need to the others.
func rowLimits(c *compare.Comparison, groups [ranks][]*bill.Bill, opt EstimateOptions) (limits [ranks]int) {
	switch {
	case opt.All || opt.Details:
		for r := range limits {
			limits[r] = len(groups[r])
		}
		return limits
	case opt.Top > 0:
		for _, r := range []rank{rankCommands, rankCapacity, rankSelfHosted} {
			limits[r] = opt.Top
		}
	default:
		left := screenRows
		limits[rankSelfHosted] = min(len(groups[rankSelfHosted]), 2)
		left -= limits[rankSelfHosted]
		order := rankOrder(c)
		first, second := order[0], order[1]
		limits[second] = min(len(groups[second]), 3)
		limits[first] = min(len(groups[first]), left-limits[second])
		limits[second] = min(len(groups[second]), left-limits[first])
	}
	if len(groups[rankCommands])+len(groups[rankCapacity])+len(groups[rankSelfHosted]) == 0 {
		// Nothing competes: what there is is the answer.
		for _, r := range []rank{rankNot, rankPartly} {
			limits[r] = screenRows
		}
	}
	return limits
}

// leading are the first bills of a group; one that the answer names is always
// among them.
func leading(c *compare.Comparison, bills []*bill.Bill, limit int) []*bill.Bill {
	if limit >= len(bills) {
		return bills
	}
	list := slices.Clone(bills[:limit])
	for _, b := range bills[limit:] {
		named := b == c.Overall || b == c.Commands || b == c.Capacity || c.BreakEven != nil && b.Offer == c.BreakEven.Below
		if named && limit > 0 {
			list = append(list[:len(list)-1], b)
			break
		}
	}
	return list
}

// SortKeys lists what rows can be sorted by within their group.
func SortKeys() []string { return []string{"price", "name", "read"} }

func sortBills(bills []*bill.Bill, key string) {
	switch key {
	case "name":
		slices.SortStableFunc(bills, func(a, b *bill.Bill) int { return strings.Compare(plainName(a.Offer), plainName(b.Offer)) })
	case "read":
		slices.SortStableFunc(bills, func(a, b *bill.Bill) int {
			switch {
			case ratecard.Older(b.Retrieved, a.Retrieved):
				return -1
			case ratecard.Older(a.Retrieved, b.Retrieved):
				return 1
			}
			return 0
		})
	}
}

func priceCell(_ *compare.Comparison, b *bill.Bill, opt EstimateOptions) string {
	return totalText(b, opt.Currency)
}

// totalText is the bill's figure with what it is: a sum, at least so much, or
// unknown.
func totalText(b *bill.Bill, in Currency) string {
	switch {
	case b.Status == bill.Priced:
		return in.grouped(b.Total)
	case b.Status == bill.AtMost:
		return "≤ " + in.grouped(b.Total)
	case b.Status == bill.Incomplete && b.Total > 0:
		return "≥ " + in.grouped(b.Total)
	case b.Status == bill.Incomplete:
		return "unknown"
	}
	return "–"
}

func timesCell(c *compare.Comparison, b *bill.Bill, _ EstimateOptions) string {
	if c.Overall == nil || !compare.Ranked(b) {
		return ""
	}
	return ratioText(b.Total, c.Overall.Total)
}

// sizeWords is the size that was chosen, in a few words.
func sizeWords(b *bill.Bill) string {
	p := b.Plan
	switch {
	case p == nil && b.Offer.BilledBy.PerCommand():
		return "per command"
	case p == nil:
		return "as used"
	case p.Provisioned > 0:
		return unit.FormatBytes(p.Provisioned)
	case p.Nodes > 1:
		return money.Group(fmt.Sprint(p.Nodes)) + " × " + p.ID
	}
	return p.ID
}

// plainName is the provider and the offer; what status it has is a mark.
func plainName(o *ratecard.Offer) string { return o.RowName() }

// kindOf is the part of a bar that a line belongs to.
func kindOf(l *bill.Line) page.Kind {
	switch ratecard.Meter(l.Meter) {
	case ratecard.MeterNodes, ratecard.MeterNodeMemory, ratecard.MeterProvisioned, ratecard.MeterDatabases, ratecard.MeterReadRegions, ratecard.MeterAccount:
		return page.Nodes
	case ratecard.MeterStored:
		return page.Stored
	case ratecard.MeterCommands, ratecard.MeterReads, ratecard.MeterWrites, ratecard.MeterReplicatedCommands, ratecard.MeterECPU:
		return page.Commands
	case ratecard.MeterTransfer, ratecard.MeterTransferOut, ratecard.MeterWritten:
		return page.Traffic
	case ratecard.MeterCPU, ratecard.MeterOperator:
		return page.Other
	}
	if l.ID == "plan" {
		return page.Nodes
	}
	return page.Other
}

// partsOf sums a bill by kind; what takes money off has no part.
func partsOf(b *bill.Bill) map[page.Kind]money.USD {
	parts := map[page.Kind]money.USD{}
	for i := range b.Lines {
		if l := &b.Lines[i]; l.Amount > 0 {
			parts[kindOf(l)] += l.Amount
		}
	}
	return parts
}

// partsWords are the kinds of a bill with their shares in whole percent.
func partsWords(b *bill.Bill) string {
	short := map[page.Kind]string{page.Nodes: "nodes", page.Stored: "storage", page.Commands: "commands", page.Traffic: "traffic", page.Other: "other"}
	parts := partsOf(b)
	var sum money.USD
	for _, v := range parts {
		sum += v
	}
	type part struct {
		kind  page.Kind
		share int64
	}
	var list []part
	for _, k := range page.Kinds() {
		if parts[k.Kind] <= 0 {
			continue
		}
		share, err := unit.MulDiv(uint64(parts[k.Kind]), 100, uint64(sum))
		if err == nil && share > 0 {
			list = append(list, part{k.Kind, share})
		}
	}
	slices.SortStableFunc(list, func(a, b part) int { return int(b.share - a.share) })
	var words []string
	for _, p := range list {
		words = append(words, fmt.Sprintf("%s %d %%", short[p.kind], p.share))
	}
	return strings.Join(words, ", ")
}

// barScale is the end of every bar: a round sum that three quarters of the bills
// stay below.
func barScale(c *compare.Comparison) money.USD {
	var totals []money.USD
	for _, b := range c.Bills {
		if b.Status == bill.Priced {
			totals = append(totals, b.Total)
		}
	}
	if len(totals) == 0 {
		return 1 * money.Nano
	}
	slices.Sort(totals)
	most := totals[(len(totals)-1)*3/4]
	for step := money.USD(money.Nano); ; step *= 10 {
		for _, m := range []money.USD{1, 2, 5} {
			if step*m >= most || step > 1e17 {
				return step * m
			}
		}
	}
}

// barOf is a bill as a bar on that scale.
func barOf(b *bill.Bill, scale money.USD) *page.Bar {
	bar := &page.Bar{AtLeast: b.Status == bill.Incomplete}
	parts := partsOf(b)
	var sum money.USD
	for _, v := range parts {
		sum += v
	}
	for _, k := range page.Kinds() {
		over := scale
		if sum > scale { // cut: the parts keep their shares
			over = sum
		}
		share, err := unit.MulDiv(uint64(max(parts[k.Kind], 0)), 1000, uint64(over))
		if err == nil && share > 0 {
			bar.Parts = append(bar.Parts, page.BarPart{Kind: k.Kind, Share: share})
		}
	}
	if sum > scale {
		bar.Over = ratioText(sum, scale) + " ×"
	}
	return bar
}
