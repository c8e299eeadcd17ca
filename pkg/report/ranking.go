package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

// The groups of a table of offers.
const (
	groupCommands = iota
	groupCapacity
	groupSelfHosted
	groupNotRanked
)

// rankGroups are the groups of a table of offers, empty.
func rankGroups() []page.Group {
	return []page.Group{{Title: "PER COMMAND"}, {Title: "CAPACITY"}, {Title: "SELF-HOSTED"}, {Title: "NOT RANKED"}}
}

// groupOf is the group of an offer that does not compete for some reasons.
func groupOf(o *ratecard.Offer, unranked []bill.Class) int {
	others := slices.ContainsFunc(unranked, func(c bill.Class) bool { return c != bill.SelfHosted && c != bill.PriceNotComplete })
	switch {
	case others:
		return groupNotRanked
	case slices.Contains(unranked, bill.SelfHosted):
		return groupSelfHosted
	case o.BilledBy.PerCommand():
		return groupCommands
	}
	return groupCapacity
}

// withRows leaves out the empty groups.
func withRows(groups []page.Group) []page.Group {
	return slices.DeleteFunc(groups, func(g page.Group) bool { return len(g.Rows) == 0 })
}

// selfHostedText says below how many hours of an operator's work a month a
// self-hosted bill is lower than that of the cheapest ranked offer, and at what
// wage; where hours are counted, how many, since they do not grow with machines.
func selfHostedText(c *compare.Comparison, b *bill.Bill) (pays, at string) {
	i := slices.IndexFunc(b.Lines, func(l bill.Line) bool { return l.Meter == string(ratecard.MeterOperator) })
	counted := "your time is not counted"
	if c.Workload.OperatorHours > 0 {
		counted = unit.Decimal(c.Workload.OperatorHours, 1000) + " h of your time counted, however many machines"
	}
	if i < 0 || c.Overall == nil || b.Status != bill.Priced {
		return counted, ""
	}
	operator := &b.Lines[i]
	rate, saved := operator.Rate.Price.Amount, c.Overall.Total-(b.Total-operator.Amount)
	switch {
	case c.Workload.OperatorHours > 0 || rate <= 0:
		return counted, ""
	case saved <= 0:
		return "dearer even without your time", ""
	}
	// Rounded down: at the time shown it still pays.
	time := fmt.Sprintf("%d minutes", 60*saved/rate)
	if tenths := 10 * saved / rate; tenths >= 10 {
		time = fmt.Sprintf("%d.%d hours", tenths/10, tenths%10)
	}
	return fmt.Sprintf("pays below %s of your time a month", time), fmt.Sprintf(" at %s USD", strings.TrimSuffix(rate.String(), ".00"))
}

// includeText names the classes that the caller let compete, or "".
func includeText(f *compare.Field) string {
	if len(f.Options.Include) == 0 {
		return ""
	}
	var names []string
	for _, c := range f.Options.Include {
		names = append(names, string(c))
	}
	return strings.Join(names, ", ") + " let in"
}
