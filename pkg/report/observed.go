package report

import (
	"fmt"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/unit"
)

// countedBlock says how far each vendor's way of counting moves its bill.
func countedBlock(c *compare.Comparison, in Currency) page.Block {
	t := page.NewTable(
		page.Column{Head: "As the vendor counts", Wrap: true},
		page.Column{Head: in.Code() + "/month", Right: true},
		page.Column{Head: "Every command as one", Right: true},
		page.Column{Head: "Moved", Right: true},
		page.Column{Head: "Counted", Wrap: true},
	)
	for i := range c.Counted {
		x := &c.Counted[i]
		t.Add(OfferName(x.Bill.Offer), priceOrStatus(x.Bill, in), priceOrStatus(x.Plain, in), movedText(x), countedText(x, in))
	}
	return page.Block{Table: t, Notes: []string{
		"Counted from the observed mix of commands, at the workload's volume. Vendors that are not listed publish no counting rule: each command counts as one, without administration. The break-even counts that way as well.",
	}}
}

func priceOrStatus(b *bill.Bill, in Currency) string {
	if b.Status == bill.Priced || b.Status == bill.Incomplete {
		return in.grouped(b.Total)
	}
	return statusWords(b.Status)
}

// movedText is the change in percent, with a sign.
func movedText(x *compare.Counted) string {
	share, ok := moved(x)
	if !ok {
		return ""
	}
	if share == 0 && x.Plain.Total != x.Bill.Total {
		return "under 0.1 %"
	}
	if share < 0 {
		return "−" + unit.Rounded(-share, 10, 1) + " %"
	}
	return "+" + unit.Rounded(share, 10, 1) + " %"
}

// moved is the change in thousandths, rounded half up.
func moved(x *compare.Counted) (int64, bool) {
	if x.Plain.Total <= 0 || x.Plain.Status != x.Bill.Status {
		return 0, false
	}
	more := x.Bill.Total - x.Plain.Total
	share, err := unit.MulDiv(uint64(max(more, -more)), 1000, uint64(x.Plain.Total))
	if err != nil {
		return 0, false
	}
	if more < 0 {
		share = -share
	}
	return share, true
}

func countedText(x *compare.Counted, in Currency) string {
	if x.ECPU == nil {
		return fmt.Sprintf("%s commands, %s more not billed", money.Group(fmt.Sprint(x.Billed)), money.Group(fmt.Sprint(x.Unbilled)))
	}
	base := "assumed: the processor time of one ECPU is not published"
	if x.ECPU.Measured {
		base = "measured: the mean of GET and SET; what AWS takes is not published"
	}
	return fmt.Sprintf("%s ECPU, of complex commands at %s µs each (%s); %s", groupNumber(unit.Rounded(x.Billed, 1000, 0)),
		unit.Rounded(x.ECPU.BaseNanos, 1000, 2), base, endsText(x, in))
}

// endsText is the bill under the lightest and the heaviest reading.
func endsText(x *compare.Counted, in Currency) string {
	switch {
	case x.Low == nil:
		return "not priced under any reading"
	case x.High == nil:
		return fmt.Sprintf("%s %s by the lightest reading; the heaviest has no price", in.grouped(*x.Low), in.Code())
	}
	return fmt.Sprintf("%s to %s %s", in.grouped(*x.Low), in.grouped(*x.High), in.Code())
}

func newCountedJSON(c *compare.Comparison) []form.Counted {
	list := []form.Counted{}
	for i := range c.Counted {
		x := &c.Counted[i]
		j := form.Counted{Offer: x.Bill.Offer.ID, Unit: "command", Billed: fmt.Sprint(x.Billed), UnbilledCommands: x.Unbilled}
		if x.ECPU != nil {
			j.Unit, j.Billed, j.Measured = "ECPU", unit.Decimal(x.Billed, 1000), x.ECPU.Measured
			j.ECPUMicroseconds = text(unit.Decimal(x.ECPU.BaseNanos, 1000))
		}
		if x.Plain.Status == bill.Priced || x.Plain.Status == bill.Incomplete {
			j.USDPerMonthPlain = text(x.Plain.Total.String())
		}
		if x.Bill.Status == bill.Priced || x.Bill.Status == bill.Incomplete {
			j.USDPerMonth = text(x.Bill.Total.String())
		}
		if x.Low != nil {
			j.USDPerMonthLow = text(x.Low.String())
		}
		if x.High != nil {
			j.USDPerMonthHigh = text(x.High.String())
		}
		list = append(list, j)
	}
	return list
}
