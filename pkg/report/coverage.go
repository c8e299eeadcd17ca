package report

import (
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/unit"
)

// coverageBlock is a table of offers against costs that not every bill holds, so
// that bills of unlike content are not compared unawares.
func coverageBlock(c *compare.Comparison, opt EstimateOptions) (page.Block, error) {
	rows, err := c.Coverage()
	if err != nil {
		return page.Block{}, err
	}
	t := page.NewTable(page.Column{Head: "Offer", Wrap: true}, page.Column{Head: "Clients across zones", Wrap: true, Right: true},
		page.Column{Head: "Replicas across zones", Wrap: true, Right: true}, page.Column{Head: "Snapshots", Wrap: true, Right: true},
		page.Column{Head: "Tax", Right: true})
	for _, r := range rows {
		cells := []string{plainName(r.Bill.Offer)}
		for _, it := range r.Items {
			cells = append(cells, coveredText(it, opt.Currency))
		}
		tax := "not counted"
		if c.Workload.Tax > 0 {
			tax = unit.Decimal(c.Workload.Tax, unit.Million/100) + " %"
		}
		t.Add(append(cells, tax)...)
	}
	return page.Block{Heading: "What the bills hold", Table: t, Text: []string{
		"An amount is in the bill. One in brackets is not: it is what --zones 2 or --snapshots 1 would add. None: the workload has nothing of it. Included: other prices cover it. Unknown: the card has no price."}}, nil
}

func coveredText(it compare.Covered, in Currency) string {
	switch {
	case it.None:
		return "none"
	case !it.Known:
		return "unknown"
	case it.Amount == 0:
		return "included"
	case it.Counted:
		return in.grouped(it.Amount)
	}
	return "(" + in.grouped(it.Amount) + ")"
}
