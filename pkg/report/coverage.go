package report

import (
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/unit"
)

const coverageHead = "What the bills hold"

// coverageBlock is a table of offers against costs that not every bill holds, so
// that bills of unlike content are not compared unawares.
// Without a row it is empty.
func coverageBlock(c *compare.Comparison, opt EstimateOptions) page.Block {
	rows, err := c.Coverage()
	if err != nil { // an amount or a quantity that does not fit in 64 bits
		// A bill that can be computed without these costs may be too large with them.
		return page.Block{Heading: coverageHead, Text: []string{"This table could not be computed: with the costs that are counted on request, a sum of this workload is too large to count."}}
	}
	if len(rows) == 0 {
		return page.Block{}
	}
	t := page.NewTable(page.Column{Head: "Offer", Wrap: true}, page.Column{Head: "Client zones", Wrap: true, Right: true},
		page.Column{Head: "Replica zones", Wrap: true, Right: true}, page.Column{Head: "Snapshots", Wrap: true, Right: true},
		page.Column{Head: "AOF", Wrap: true, Right: true}, page.Column{Head: "Egress", Wrap: true, From: 80},
		page.Column{Head: "Support", Wrap: true, From: 80}, page.Column{Head: "Tax", Right: true})
	for _, r := range rows {
		cells := []string{plainName(r.Bill.Offer)}
		for _, it := range r.Items {
			cells = append(cells, coveredText(it, opt.Currency))
		}
		cells = append(cells, r.Egress.Value, r.Support.Value)
		tax := "–"
		if c.Workload.Tax > 0 {
			tax = unit.Decimal(c.Workload.Tax, unit.Million/100) + " %"
		}
		t.Add(append(cells, tax)...)
	}
	t.Sorts = true
	return page.Block{Heading: coverageHead, Table: t, Fold: true, Text: []string{
		"An amount is in the bill. An amount in brackets is not: it is what --zones 2, --snapshots 1 or --persistence aof would add. None: the workload does not use it. Included: the other prices cover it. Charged: it costs extra, which the bills here leave out. Unknown: the card does not say. Not sold: the offer does not have it. keynest rates show OFFER prints the details with their sources."}}
}

func coveredText(it compare.Covered, in Currency) string {
	switch {
	case it.None:
		return "none"
	case it.Absent:
		return "not sold"
	case !it.Known:
		return "unknown"
	case it.Amount == 0:
		return "included"
	case it.Counted:
		return in.grouped(it.Amount)
	}
	return "(" + in.grouped(it.Amount) + ")"
}
