package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
)

// maxMarks is how many marks a row has room for, and maxMarksWidth how many
// letters in all; the bill has all marks.
const (
	maxMarks      = 3
	maxMarksWidth = 36
)

// marksOf are the warnings of a row in short words, the most important first.
func marksOf(c *compare.Comparison, b *bill.Bill, opt EstimateOptions) []string {
	all := allMarks(c, b, opt)
	n, width := 0, 0
	for n < len(all) && n < maxMarks {
		width += len(", ") + utf8.RuneCountInString(all[n])
		if n > 0 && width > maxMarksWidth {
			break
		}
		n++
	}
	return all[:n]
}

// shardsMark is the number of shards, and what one shard would cost.
func shardsMark(p *bill.Plan, in Currency) string {
	words := money.Group(fmt.Sprint(p.Shards)) + " shards"
	if p.OneShard != nil {
		words += fmt.Sprintf(" (one: %s)", in.grouped(p.OneShard.Total))
	}
	return words
}

func allMarks(c *compare.Comparison, b *bill.Bill, opt EstimateOptions) []string {
	var words []string
	plan, sharded := "", false
	if p := b.Plan; p != nil {
		plan, sharded = p.ID, p.Shards > 1
		if sharded {
			words = append(words, shardsMark(p, opt.Currency))
		}
	}
	words = append(words, caseMarks(b)...)
	cluster := b.Offer.Trait(ratecard.TraitCluster, plan).Value
	clustered := cluster == ratecard.ClusterAlways || cluster == ratecard.ClusterOptional && sharded
	if clustered && !sharded {
		words = append(words, "cluster")
	}
	if b.Offer.Trait(ratecard.TraitStorage, plan).Value == ratecard.StorageFlash {
		words = append(words, "flash")
	}
	for _, class := range b.Unranked {
		switch class {
		case bill.Preview, bill.Target, bill.Legacy:
			words = append(words, string(class))
		case bill.UnknownThroughput:
			words = append(words, "ops/s unknown")
		}
	}
	words = append(words, readingMarks(b, opt)...)
	if clustered && sharded { // the number of shards all but says so
		words = append(words, "cluster")
	}
	if len(b.Assumed) > 0 {
		words = append(words, "bytes assumed")
	}
	if o := &c.Field.Options; o.Term.Months() > 0 && b.Term != o.Term && b.Status == bill.Priced && !slices.Contains(b.Unranked, bill.Target) {
		words = append(words, "on demand")
	}
	if b.Reserved {
		words = append(words, "reserved")
	}
	if b.OtherVersion {
		words = append(words, "other engine version")
	}
	if old := oldRate(b, c.Field.Options.AsOf); old != "" {
		words = append(words, old)
	}
	if b.Offer.Trait(ratecard.TraitProduction, plan).Value == ratecard.ProductionVendorNot {
		words = append(words, "not for production")
	}
	return append(words, processorMarks(b, plan)...)
}

// caseMarks are the marks for what the workload asks for and the offer lacks, or
// the card does not state.
func caseMarks(b *bill.Bill) (words []string) {
	for _, m := range []struct {
		is   bool
		word string
	}{
		{len(b.TooSmall) > 0, "too small"},
		{b.NoReplica, "no replica"},
		{b.ConnectionsUnknown, "connections unknown"},
		{b.PlaceUnchecked, "place unchecked"},
		{b.OnAsking, "on request"},
	} {
		if m.is {
			words = append(words, m.word)
		}
	}
	return words
}

// readingMarks are the bill if a unit that a vendor leaves open is read in the other
// way, where that moves it.
func readingMarks(b *bill.Bill, opt EstimateOptions) (words []string) {
	for _, a := range b.Assumptions {
		if a.Otherwise != nil && differs(b.Total, *a.Otherwise) {
			mark := strings.TrimSuffix(strings.TrimSuffix(a.OtherUnit, "-hour"), "-month") + ": " + opt.Currency.grouped(*a.Otherwise)
			if !slices.Contains(words, mark) {
				words = append(words, mark)
			}
		}
	}
	return words
}

// processorMarks say that the plan's processor is shared with other customers.
func processorMarks(b *bill.Bill, plan string) []string {
	switch cpu := b.Offer.Trait(ratecard.TraitProcessor, plan).Value; {
	case cpu == ratecard.ProcessorBurstable:
		return []string{cpu}
	case cpu == ratecard.ProcessorShared && b.Plan != nil:
		return []string{"shared CPU"}
	}
	return nil
}

// differs says whether another reading moves a bill by more than a hundredth.
func differs(total, otherwise money.USD) bool {
	d := otherwise - total
	if d < 0 {
		d = -d
	}
	return d > total/100
}

// oldRate is the mark of a bill that uses a figure last read more than a year
// before the day, or one without a reading date.
func oldRate(b *bill.Bill, day string) string {
	switch {
	case b.Retrieved == "" || b.Status == bill.NotPriced:
		return ""
	case b.Retrieved == ratecard.Undated:
		return "rate undated"
	case len(day) == len("2006-01-02") && b.Retrieved < yearBefore(day):
		return "rate of " + monthOf(b.Retrieved)
	}
	return ""
}

// yearBefore is the same day a year earlier, as text to compare dates with; of
// 29 February it is a day that does not exist, which compares rightly too.
func yearBefore(day string) string {
	var year int
	if _, err := fmt.Sscanf(day[:4], "%d", &year); err != nil {
		return ""
	}
	return fmt.Sprintf("%04d%s", year-1, day[4:])
}

// monthOf is the month of a day: "2026-10".
func monthOf(day string) string {
	if len(day) == len("2006-01-02") {
		return day[:7]
	}
	return day
}
