package report

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

// explain is one bill, line by line.
func explain(c *compare.Comparison, b *bill.Bill, in Currency) page.Block {
	block := page.Block{Heading: fmt.Sprintf("%s [%s]", OfferName(b.Offer), b.Offer.ID)}
	switch b.Status {
	case bill.Unfit, bill.NotPriced:
		block.Text = append(block.Text, fmt.Sprintf("%s: %s", statusWords(b.Status), strings.Join(b.Reasons, "; ")))
		return block
	case bill.AtMost:
		block.Text = append(block.Text, fmt.Sprintf("at most %s a month in %s; card in force since %s: %s", in.amount(b.Total), b.Region, b.From, strings.Join(b.Reasons, "; ")))
	case bill.Incomplete:
		if b.Total == 0 {
			block.Text = append(block.Text, "price unknown: "+strings.Join(b.Reasons, "; "))
			break
		}
		block.Text = append(block.Text, fmt.Sprintf("at least %s a month: %s", in.amount(b.Total), strings.Join(b.Reasons, "; ")))
	default:
		block.Text = append(block.Text, fmt.Sprintf("%s a month in %s; card in force since %s", in.amount(b.Total), b.Region, b.From))
	}
	if b.Note != "" {
		block.Text = append(block.Text, b.Note)
	}
	if p := b.Plan; p != nil {
		block.Text = append(block.Text, planWords(p, in))
	}
	t := page.NewTable(page.Column{Head: "Line", Wrap: true}, page.Column{Head: "Quantity × rate", Wrap: true}, page.Column{Head: in.Code(), Right: true}, page.Column{Head: "Source", Wrap: true})
	for i := range b.Lines {
		l := &b.Lines[i]
		t.Add(l.Name, Formula(l), in.exact(l.Amount), sourceWords(c.Field.Set, l))
	}
	t.Add("total", "", in.exact(b.Total), "")
	if len(b.Lines) > 0 {
		block.Table = t
	}
	for _, a := range b.Assumptions {
		words := a.Words
		if a.Otherwise != nil {
			words += fmt.Sprintf("; read as %s the bill would be %s", a.OtherUnit, in.amount(*a.Otherwise))
		}
		block.Notes = append(block.Notes, words+cite(a.Source))
	}
	block.Notes = append(block.Notes, b.Warnings...)
	return block
}

func cite(source string) string {
	if source == "" {
		return ""
	}
	return " [" + source + "]"
}

func statusWords(s bill.Status) string {
	if s == bill.NotPriced {
		return "not priced"
	}
	return string(s)
}

func planWords(p *bill.Plan, in Currency) string {
	words := "plan " + p.ID
	switch {
	case p.Provisioned > 0:
		words = fmt.Sprintf("%s of memory, %s set aside with every billed copy", unit.FormatBytes(p.Memory), unit.FormatBytes(p.Provisioned))
	case p.Nodes > 1:
		words = fmt.Sprintf("%d nodes of %s: %s with %s each", p.Nodes, p.ID, count(p.Shards, "shard"), count(p.Nodes/p.Shards-1, "replica"))
		if p.Replicas+1 != p.Nodes/p.Shards {
			words = fmt.Sprintf("%d nodes of %s", p.Nodes, p.ID)
		}
	}
	words += "; " + p.Why
	if one := p.OneShard; one != nil {
		words += fmt.Sprintf("; in one shard, %d × %s would be %s", one.Nodes, one.ID, in.amount(one.Total))
	}
	return words
}

// Formula is a line as quantity × rate, so that a person can redo it.
func Formula(l *bill.Line) string {
	if l.Unit == "month" {
		return ""
	}
	quantity := groupNumber(l.BilledText()) + " " + l.Unit
	switch {
	case l.Free > 0 && l.Billed == 0:
		quantity = fmt.Sprintf("%s %s, all free", groupNumber(l.FreeText()), l.Unit)
	case l.Free > 0: // a minimum may have raised the quantity before the free amount went off
		quantity = fmt.Sprintf("(%s − %s free) %s", groupNumber(unit.Decimal(l.Billed+l.Free, l.Scale)), groupNumber(l.FreeText()), l.Unit)
	}
	price := l.Rate.Price.Amount.Exact() + " " + l.Rate.Currency
	if l.Rate.Price.Per != 1 {
		price += " per " + money.Group(fmt.Sprint(l.Rate.Price.Per))
	}
	formula := quantity + " × " + price
	if l.FX != nil {
		formula += fmt.Sprintf(" = %s %s × %s USD (%s)", l.Original.Exact(), l.Rate.Currency, l.FX.USDPerUnit, l.FX.Day)
	}
	for _, n := range l.Notes {
		formula += "; " + n
	}
	return formula
}

func sourceWords(set *ratecard.Set, l *bill.Line) string {
	if s, ok := set.Source(l.Rate.Source); ok {
		return s.ID
	}
	if l.Rate.Assumed != "" {
		return "assumed"
	}
	return ""
}

func sourcesBlock(sources []ratecard.Source) page.Block {
	block := page.Block{Heading: "Sources"}
	for _, s := range sources {
		block.Notes = append(block.Notes, fmt.Sprintf("%s: %s, %s, read %s (%s)", s.ID, s.Title, s.URL, s.Retrieved, s.Confidence))
	}
	return block
}
