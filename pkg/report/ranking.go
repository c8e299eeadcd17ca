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

// traitWords are what the traits of a bill's offer and plan say against it, in
// short words. What is as good as it gets, and what is not known, is left out.
func traitWords(b *bill.Bill) []string {
	plan := ""
	if b.Plan != nil {
		plan = b.Plan.ID
	}
	var words []string
	for _, t := range b.Offer.Traits(plan) {
		switch {
		case t.Value == ratecard.ServiceSelfHosted && !strings.Contains(b.Offer.Name, t.Value):
			words = append(words, t.Value)
		case t.Value == ratecard.StorageFlash && t.DiskShare > 0:
			words = append(words, fmt.Sprintf("%s %% on SSD", unit.Rounded(t.DiskShare, unit.Million/100, 0)))
		case t.Value == ratecard.StorageFlash:
			words = append(words, "mostly on SSD")
		case t.Name == ratecard.TraitProcessor && (t.Value == ratecard.ProcessorBurstable || t.Value == ratecard.ProcessorShared):
			words = append(words, t.Value)
		case t.Name == ratecard.TraitZones && t.Value == "one":
			words = append(words, "one zone")
		case t.Name == ratecard.TraitSLA && t.Value == "no":
			words = append(words, "no SLA")
		case t.Name == ratecard.TraitCluster && t.Value == ratecard.ClusterAlways:
			words = append(words, "cluster clients only")
		case t.Name == ratecard.TraitProduction && t.Value == ratecard.ProductionVendorNot:
			words = append(words, "not for production")
		case t.Name == ratecard.TraitStatus && plan != "" && t.Value == string(ratecard.StatusPreview) && b.Offer.Status != ratecard.StatusPreview:
			words = append(words, "preview")
		case t.Name == ratecard.TraitStatus && plan != "" && t.Value == string(ratecard.StatusLegacy) && b.Offer.Status != ratecard.StatusLegacy:
			words = append(words, "legacy")
		}
	}
	return words
}

// rowWords are drivenBy with the traits, and for self-hosting how many hours of
// work it pays below.
func rowWords(c *compare.Comparison, b *bill.Bill, in Currency) string {
	words := []string{drivenBy(b, in)}
	if b.Status == bill.Priced || b.Status == bill.Incomplete || b.Status == bill.AtMost {
		words = append(words, strings.Join(traitWords(b), ", "))
	}
	if b.NoReplica {
		words = append(words, "no replica")
	}
	if slices.Contains(b.Unranked, bill.SelfHosted) {
		pays, at := selfHostedText(c, b)
		words = append(words, pays+at)
	}
	return strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), "; ")
}

// selfHostedText says below how many hours of an operator's work a month a
// self-hosted bill is lower than that of the cheapest ranked offer, and at what
// wage; "" where the card has no rate for such an hour.
func selfHostedText(c *compare.Comparison, b *bill.Bill) (pays, at string) {
	i := slices.IndexFunc(b.Lines, func(l bill.Line) bool { return l.Meter == string(ratecard.MeterOperator) })
	if i < 0 || c.Overall == nil || b.Status != bill.Priced {
		return "your time is not counted", ""
	}
	operator := &b.Lines[i]
	rate, saved := operator.Rate.Price.Amount, c.Overall.Total-(b.Total-operator.Amount)
	switch {
	case rate <= 0:
		return "your time is not counted", ""
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

// unrankedText says that bills are shown which do not compete, and why, or "".
func unrankedText(c *compare.Comparison, opt EstimateOptions) string {
	n := map[bill.Class]int{}
	total := 0
	for _, b := range c.Bills {
		if b.Status != bill.Priced || len(b.Unranked) == 0 || !shown(b, opt) {
			continue
		}
		total++
		for _, class := range b.Unranked {
			n[class]++
		}
	}
	if total == 0 {
		return ""
	}
	var parts []string
	includable := false
	for _, class := range []bill.Class{bill.SelfHosted, bill.Flash, bill.Preview, bill.UnknownThroughput, bill.Target, bill.Legacy, bill.TooSmall} {
		if n[class] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", class, n[class]))
			includable = includable || slices.Contains(bill.Includable(), class)
		}
	}
	words := fmt.Sprintf("Not ranked: %s (%s)", count(int64(total), "offer"), strings.Join(parts, ", "))
	if includable {
		words += "; --include lets a class compete"
	}
	return words + "."
}
