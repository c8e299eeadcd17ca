package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
)

// estimateAnswers are the last lines of an estimate: the cheapest offer, the
// cheapest of the other kind, self-hosting, the break-even, what is left out.
func estimateAnswers(c *compare.Comparison, opt EstimateOptions) []page.Answer {
	var list []page.Answer
	in := opt.Currency
	month := in.Code() + " a month"
	if best := c.Overall; best == nil {
		list = append(list, page.Answer{Label: "Cheapest service", Figure: "none", Text: noneWords(c)})
	} else {
		list = append(list, page.Answer{Label: "Cheapest service", Figure: in.grouped(best.Total), Unit: month,
			Name: plainName(best.Offer), Text: joined(sizeWords(best), remarkWords(c, best, opt))})
		label, other := "Per command", c.Commands
		if best == c.Commands {
			label, other = "Capacity", c.Capacity
		}
		if other != nil && other != best {
			text := "the same"
			if ratio := ratioText(other.Total, best.Total); ratio != "" && other.Total > best.Total {
				text = ratio + " × as much"
			} else if other.Total > best.Total {
				text = in.grouped(other.Total-best.Total) + " more"
			}
			list = append(list, page.Answer{Label: label, Figure: in.grouped(other.Total), Unit: month,
				Name: plainName(other.Offer), Text: joined(text, readingWords(other, opt)), Short: text})
		}
	}
	if a := selfHostedAnswer(c, opt); a != nil {
		list = append(list, *a)
	}
	if a := breakEvenAnswer(c); a != nil {
		list = append(list, *a)
	}
	if a := notCountedAnswer(c, opt); a != nil {
		list = append(list, *a)
	}
	return append(list, leftOutAnswer(c, opt))
}

// notCountedAnswer names the costs that no row includes because their inputs were
// not given: traffic between zones (with what it would add to the cheapest
// offer), backups and tax. Nil where all were given.
func notCountedAnswer(c *compare.Comparison, opt EstimateOptions) *page.Answer {
	w := &c.Workload
	var long, short []string
	if w.Zones == 0 {
		words := "zone traffic (--zones)"
		if c.TwoZones != nil {
			words = fmt.Sprintf("zone traffic (%s with --zones 2)", opt.Currency.grouped(*c.TwoZones))
		}
		long, short = append(long, words), append(short, "zone traffic")
	}
	if w.Snapshots == 0 && w.BackupBytes == 0 {
		long, short = append(long, "backups (--snapshots)"), append(short, "backups")
	}
	if w.Tax == 0 {
		long, short = append(long, "tax (--tax)"), append(short, "tax")
	}
	if len(long) == 0 {
		return nil
	}
	return &page.Answer{Label: "Not counted", Text: strings.Join(long, ", "),
		Short: strings.Join(short, ", ") + ": --zones, --tax …", Minor: true}
}

// joined puts clauses together.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "; ")
}

// noneWords say why no offer can be named.
func noneWords(c *compare.Comparison) string {
	n := 0
	for _, b := range c.Bills {
		if b.Status == bill.Priced {
			n++
		}
	}
	if n == 0 {
		return "no offer has a whole price for this workload; --all says why"
	}
	return "no offer with a price is ranked; see the marks, and --include"
}

// remarkWords are what the reader of the winner must know.
func remarkWords(c *compare.Comparison, b *bill.Bill, opt EstimateOptions) string {
	var words []string
	if p := b.Plan; p != nil && p.Shards > 1 {
		words = append(words, count(p.Shards, "shard"))
	}
	if b.NoReplica {
		words = append(words, "no replica")
	}
	if b.PlaceUnchecked {
		words = append(words, "place unchecked")
	}
	if r := readingWords(b, opt); r != "" {
		words = append(words, r)
	}
	if old := oldRate(b, c.Field.Options.AsOf); old != "" {
		words = append(words, old)
	}
	return strings.Join(words, "; ")
}

// readingWords are the sum under another reading of an open unit.
func readingWords(b *bill.Bill, opt EstimateOptions) string {
	for _, a := range b.Assumptions {
		if a.Otherwise != nil && differs(b.Total, *a.Otherwise) {
			return fmt.Sprintf("%s if by %s", opt.Currency.grouped(*a.Otherwise), strings.TrimSuffix(strings.TrimSuffix(a.OtherUnit, "-hour"), "-month"))
		}
	}
	return ""
}

// selfHostedAnswer is the cheapest self-hosted bill, and the hours of work below
// which it pays; nil where there is none, or where it competes.
func selfHostedAnswer(c *compare.Comparison, opt EstimateOptions) *page.Answer {
	for _, b := range c.Bills {
		if b.Status != bill.Priced || rankOf(b) != rankSelfHosted {
			continue
		}
		pays, at := selfHostedText(c, b)
		a := &page.Answer{Label: "Self-hosted", Figure: opt.Currency.grouped(b.Total), Name: strings.TrimSuffix(plainName(b.Offer), ", self-hosted"),
			Text: pays + at, Short: pays, Minor: true}
		if c.Overall != nil && b.Total < c.Overall.Total {
			a.Text = opt.Currency.grouped(c.Overall.Total-b.Total) + " less, " + a.Text
		}
		return a
	}
	return nil
}

// breakEvenAnswer is where the cheaper kind changes; nil where it never does.
func breakEvenAnswer(c *compare.Comparison) *page.Answer {
	be := c.BreakEven
	if be == nil || be.Below == nil {
		return nil
	}
	below := "below it " + plainName(be.Below) + " is cheaper"
	a := &page.Answer{Label: "Break-even", Figure: money.Group(fmt.Sprint(be.At)) + " ops/s", Text: below, Short: below}
	if mean := c.Workload.OpsPerSec / 1_000_000; be.At > 0 && mean >= 2*be.At {
		a.Text += fmt.Sprintf("; you are at %s times that", money.Group(fmt.Sprint((mean+be.At/2)/be.At)))
	}
	return a
}

// leftOutAnswer counts what the table does not show, and says how to see it.
func leftOutAnswer(c *compare.Comparison, opt EstimateOptions) page.Answer {
	var n [ranks]int
	unfit, unpriced := 0, 0
	for _, b := range c.Bills {
		switch b.Status {
		case bill.Unfit:
			unfit++
		case bill.NotPriced:
			unpriced++
		default:
			n[rankOf(b)]++
		}
	}
	shown := 0
	for _, g := range estimateTable(c, opt).Groups {
		shown += len(g.Rows)
	}
	a := page.Answer{Label: "Left out", Minor: true}
	if opt.All || opt.Details {
		var parts []string
		if unfit > 0 {
			parts = append(parts, offersDo(unfit)+" not fit")
		}
		if unpriced > 0 {
			who := fmt.Sprint(unpriced)
			if unfit == 0 {
				who = count(int64(unpriced), "offer")
			}
			parts = append(parts, who+" without a price here")
		}
		a.Label, a.Text = "Not listed", strings.Join(parts, ", ")+": the reasons are below the table"
		if len(parts) == 0 {
			a.Label, a.Text = "Listed", count(int64(len(c.Bills)), "offer")+", all that were asked for"
		}
		return a
	}
	hidden := len(c.Bills) - shown
	dearer := n[rankCommands] + n[rankCapacity] + n[rankSelfHosted] - shown
	if c.Overall == nil && shown > 0 {
		dearer = 0
	}
	parts := counted([]counting{{max(dearer, 0), "dearer"}, {n[rankNot], "not ranked"}, {n[rankPartly], "not fully priced"}, {unfit, "no fit"}, {unpriced, "no price"}})
	a.Figure = fmt.Sprint(hidden)
	a.Short = strings.Join(counted([]counting{{max(dearer, 0), "dearer"}, {n[rankNot], "not ranked"}, {n[rankPartly] + unfit + unpriced, "others"}}), ", ") + ": --all"
	if a.Text = strings.Join(parts, ", ") + ": --all"; hidden == 0 {
		a.Short = ""
		a.Figure, a.Text = "0", "--explain shows every line with its source"
	}
	return a
}

// counting is a number of things.
type counting struct {
	n     int
	words string
}

// counted are the numbers that are not 0, in words.
func counted(list []counting) []string {
	var parts []string
	for _, c := range list {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.words))
		}
	}
	return parts
}

// notes are sentences about the whole table: the currency, money paid upfront,
// and classes that the caller let compete.
func notes(c *compare.Comparison, opt EstimateOptions) []string {
	var say []string
	for _, b := range c.Bills {
		if b.UpfrontCash > 0 && shown(b, opt) {
			say = append(say, fmt.Sprintf("%s %s", plainName(b.Offer), opt.Currency.grouped(b.UpfrontCash)))
		}
	}
	if len(say) > 0 {
		say = []string{fmt.Sprintf("Paid upfront, spread over the term here (%s): %s.", opt.Currency.Code(), strings.Join(say, "; "))}
	}
	if words := opt.Currency.words(); words != "" {
		say = append(say, words)
	}
	return say
}

// reasonsBlock lists what is not in the table, with the reason.
func reasonsBlock(c *compare.Comparison, opt EstimateOptions) page.Block {
	t := page.NewTable(page.Column{Head: "Offer", Cut: 34}, page.Column{Head: "Why", Wrap: true})
	t.Groups = nil
	for _, g := range []struct {
		title string
		takes func(*bill.Bill) bool
	}{
		{"NOT FULLY PRICED", func(b *bill.Bill) bool { return b.Status == bill.Incomplete || b.Status == bill.AtMost }},
		{"DO NOT FIT", func(b *bill.Bill) bool { return b.Status == bill.Unfit }},
		{"NO PRICE HERE", func(b *bill.Bill) bool { return b.Status == bill.NotPriced }},
	} {
		group := page.Group{Title: g.title}
		for _, b := range c.Bills {
			if g.takes(b) {
				group.Rows = append(group.Rows, page.Row{Cells: []string{plainName(b.Offer), strings.Join(b.Reasons, "; ")}})
			}
		}
		if len(group.Rows) > 0 {
			t.Groups = append(t.Groups, group)
		}
	}
	if len(t.Groups) == 0 {
		return page.Block{}
	}
	return page.Block{Heading: "Not priced, and why", Table: t, Fold: opt.Details}
}
