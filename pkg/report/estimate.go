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

// EstimateOptions say how much an estimate shows.
type EstimateOptions struct {
	All      bool // offers that cannot be priced too, with their reasons
	Explain  bool // every line of every bill
	Currency Currency
	Chart    *page.Chart // drawn under the verdicts
	// Sensitivity, where asked for, says what moves each bill.
	Sensitivity *compare.Sensitivity
	Page        string // begins the ids of the bills where several share a page
}

// Estimate is the comparison as a document.
func Estimate(c *compare.Comparison, opt EstimateOptions) *page.Document {
	d := &page.Document{Title: "Cost estimate", Links: map[string]page.Link{}}
	// Where nothing can be bought, the reasons are the answer.
	opt.All = opt.All || !slices.ContainsFunc(c.Bills, func(b *bill.Bill) bool { return shown(b, opt) })
	d.Say(workloadLine(c), defaultsLine(&c.Workload))
	d.Add(page.Block{Table: estimateTable(c, opt)})
	d.Add(page.Block{Text: verdicts(c, opt)})
	if len(c.Counted) > 0 {
		d.Add(countedBlock(c, opt.Currency))
	}
	if opt.Sensitivity != nil {
		d.Blocks = append(d.Blocks, sensitivityBlocks(opt.Sensitivity, opt.Currency)...)
	}
	if opt.Chart != nil {
		d.Add(page.Block{Chart: opt.Chart})
	}
	if opt.Explain {
		for _, b := range c.Bills {
			if shown(b, opt) {
				block := explain(c, b, opt.Currency)
				block.ID, block.Fold = billID(b, opt), true
				d.Add(block)
			}
		}
		d.Add(sourcesBlock(used(c, opt.Currency)))
	}
	for _, s := range used(c, opt.Currency) {
		d.Links[s.ID] = page.Link{URL: s.URL, Title: s.Title, Read: s.Retrieved}
	}
	return d
}

// billID names a bill on a page.
func billID(b *bill.Bill, opt EstimateOptions) string { return opt.Page + "bill-" + b.Offer.ID }

func workloadLine(c *compare.Comparison) string { return inputsLine(c.Field, &c.Workload, "") }

// inputsLine is the workload in one line, without the input that an axis moves.
func inputsLine(f *compare.Field, w *workload.Workload, axis string) string {
	parts := []string{
		fmt.Sprintf("%s ops/s (peak %s)", groupMicro(w.OpsPerSec), groupMicro(w.PeakOpsPerSec)),
		unit.FormatBytes(w.StoredBytes),
		money.Group(fmt.Sprint(w.PayloadBytes)) + " B a command",
		unit.Rounded(w.ReadShare, unit.Million/100, 1) + " % reads",
		count(w.Replicas, "replica"),
	}
	if axis == "commands-per-month" {
		axis = "ops-per-sec"
	}
	if axis != "" && w.Given["transfer_gb_per_month"] { // which stays along the axis
		parts[2] = unit.Decimal(w.TransferBytes, unit.GB) + " GB moved a month"
	}
	if axis != "" && w.Given["written_gb_per_month"] {
		parts[2] += ", " + unit.Decimal(w.WrittenBytes, unit.GB) + " GB written"
	}
	for i, moved := range []string{"ops-per-sec", "gib", "payload-bytes", "read-share", "replicas"} {
		if axis == moved {
			parts = append(parts[:i], parts[i+1:]...)
		}
	}
	if w.ReadRegions > 0 && axis != "read-regions" {
		parts = append(parts, count(w.ReadRegions, "read region"))
	}
	if w.Databases > 1 {
		parts = append(parts, count(w.Databases, "database"))
	}
	o := &f.Options
	if o.Term.Months() > 0 {
		parts = append(parts, fmt.Sprintf("%s term, upfront %s", o.Term, o.Upfront))
	}
	parts = append(parts, o.Where.Name, fmt.Sprintf("%d h a month", w.HoursPerMonth), "rates as of "+o.AsOf)
	if words := includeText(f); words != "" {
		parts = append(parts, words)
	}
	line := strings.Join(parts, " · ")
	if w.Name != "" {
		line = w.Name + ": " + line
	}
	return line
}

// defaultsLine names the inputs that nobody gave.
func defaultsLine(w *workload.Workload) string {
	var defaulted []string
	for _, d := range []struct{ key, words string }{
		{"peak_ops_per_sec", "peak = mean"},
		{"payload_bytes", money.Group(fmt.Sprint(w.PayloadBytes)) + " B a command"},
		{"read_share", unit.Rounded(w.ReadShare, unit.Million/100, 1) + " % reads"},
		{"replicas", count(w.Replicas, "replica")},
	} {
		if w.Given[d.key] || d.key == "payload_bytes" && w.Given["transfer_gb_per_month"] ||
			d.key == "read_share" && (w.Given["reads_per_month"] || w.Given["writes_per_month"]) {
			continue
		}
		defaulted = append(defaulted, d.words)
	}
	if len(defaulted) == 0 {
		return "Every input was given."
	}
	return "Not given, so assumed: " + strings.Join(defaulted, ", ") + "."
}

func count(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return money.Group(fmt.Sprint(n)) + " " + thing + "s"
}

// groupMicro prints millionths with thousands apart: 5000000000 is "5,000".
func groupMicro(micro int64) string { return groupNumber(unit.Rounded(micro, unit.Million, 3)) }

// groupNumber puts commas into the whole part of a decimal number.
func groupNumber(s string) string {
	whole, fraction, point := strings.Cut(s, ".")
	whole = money.Group(whole)
	if point {
		whole += "." + fraction
	}
	return whole
}

// shown says whether a bill has a row without --all.
func shown(b *bill.Bill, opt EstimateOptions) bool {
	return opt.All || b.Status == bill.Priced || b.Status == bill.Incomplete || b.Status == bill.AtMost
}

func estimateTable(c *compare.Comparison, opt EstimateOptions) *page.Table {
	t := &page.Table{Columns: []page.Column{
		{Head: "Offer", Wrap: true},
		{Head: opt.Currency.Code() + "/month", Right: true},
		{Head: "× best", Right: true},
		{Head: "Driven by", Wrap: true},
		{Head: "Rates seen"},
	}}
	groups := rankGroups()
	for _, b := range c.Bills {
		if !shown(b, opt) {
			continue
		}
		kind := groupOf(b.Offer, b.Unranked)
		best := b == c.Commands || b == c.Capacity
		row := page.Row{Cells: estimateRow(c, b, best, opt.Currency), Strong: best}
		if opt.Explain {
			row.Link = "#" + billID(b, opt)
		}
		groups[kind].Rows = append(groups[kind].Rows, row)
	}
	t.Groups = withRows(groups)
	return t
}

func estimateRow(c *compare.Comparison, b *bill.Bill, best bool, in Currency) []string {
	name := OfferName(b.Offer)
	if best {
		name += " *"
	}
	usd, times := "", ""
	switch b.Status {
	case bill.Priced:
		usd = in.grouped(b.Total)
		if c.Overall != nil {
			times = ratioText(b.Total, c.Overall.Total)
		}
	case bill.AtMost:
		usd = "≤ " + in.grouped(b.Total)
	case bill.Incomplete:
		usd = "≥ " + in.grouped(b.Total)
		if b.Total == 0 {
			usd = "unknown"
		}
	case bill.Unfit:
		usd = "unfit"
	case bill.NotPriced:
		usd = "not priced"
	}
	return []string{name, usd, times, rowWords(c, b, in), b.Retrieved}
}

// OfferName is the provider and the offer, without saying either twice.
func OfferName(o *ratecard.Offer) string {
	name := o.Name
	if !strings.HasPrefix(name, o.Provider.Name) {
		name = o.Provider.Name + " " + name
	}
	switch o.Status {
	case ratecard.StatusTarget:
		name += " (target, not an offer)"
	case ratecard.StatusLegacy:
		name += " (legacy)"
	case ratecard.StatusPreview:
		name += " (preview)"
	}
	return name
}

func ratioText(a, b money.USD) string {
	r, ok := compare.Ratio(a, b)
	if !ok {
		return ""
	}
	return groupNumber(fmt.Sprintf("%d.%d", (r+5)/10/10, (r+5)/10%10))
}

// drivenBy is what the bill is mostly for.
func drivenBy(b *bill.Bill, in Currency) string {
	if len(b.Reasons) > 0 && b.Status != bill.AtMost {
		return strings.Join(b.Reasons, "; ")
	}
	driver := b.Driver()
	// A plan that costs nothing only sets limits: what is used drives the bill.
	if p := b.Plan; p != nil && (driver == nil || driver.Amount <= 0 || !b.Offer.BilledBy.PerCommand()) {
		what := p.ID
		switch {
		case p.Provisioned > 0:
			what = unit.FormatBytes(p.Provisioned)
		case p.Nodes > 1:
			what = fmt.Sprintf("%d × %s", p.Nodes, p.ID)
		}
		what += shardWords(b)
		if p.OpsUnknown {
			what += fmt.Sprintf(" (%s; ops/s unknown)", p.Binding)
		} else {
			what += fmt.Sprintf(" (%s)", p.Binding)
		}
		for _, e := range b.TooSmall {
			what += "; too small: " + e.Words
		}
		if b.Status == bill.AtMost {
			what += "; " + strings.Join(b.Reasons, "; ")
		}
		if p.OneShard != nil {
			what += "; in one shard " + in.grouped(p.OneShard.Total)
		}
		return what
	}
	if driver != nil && b.Total > 0 {
		if b.Capped() {
			return strings.ToLower(driver.Name) + ", capped"
		}
		return fmt.Sprintf("%s %d %%", strings.ToLower(driver.Name), b.Share(driver))
	}
	return "nothing is charged"
}

// shardWords says of a bill for several shards how many there are, and whether
// clients must speak the cluster protocol.
func shardWords(b *bill.Bill) string {
	p := b.Plan
	if p.Shards < 2 || p.Provisioned > 0 {
		return ""
	}
	words := " in " + count(p.Shards, "shard")
	switch b.Offer.Trait(ratecard.TraitCluster, p.ID).Value {
	case ratecard.ClusterAlways, ratecard.ClusterOptional:
		words += ", cluster"
	}
	return words
}

// verdicts are the sentences under the table.
func verdicts(c *compare.Comparison, opt EstimateOptions) []string {
	var say []string
	if c.Commands != nil && c.Capacity != nil {
		a, b, dearer := c.Commands, c.Capacity, "per command costs %s × the cheapest capacity"
		if a.Total < b.Total {
			a, b, dearer = b, a, "capacity costs %s × the cheapest per command"
		}
		line := "* The cheapest of its kind."
		if b.Total > 0 {
			line += " The cheapest " + fmt.Sprintf(dearer, ratioText(a.Total, b.Total)) + "."
		}
		say = append(say, line+breakEvenText(c.BreakEven))
	} else if c.Overall != nil {
		say = append(say, "* The cheapest of its kind."+breakEvenText(c.BreakEven))
	}
	for _, b := range c.Bills {
		if b.UpfrontCash > 0 && shown(b, opt) {
			say = append(say, fmt.Sprintf("%s: %s of it is paid upfront for %s, spread over the term here.", OfferName(b.Offer), opt.Currency.amount(b.UpfrontCash), b.Term))
		}
	}
	if words := opt.Currency.words(); words != "" {
		say = append(say, words)
	}
	if countsNoOperator(c, opt) {
		say = append(say, "Self-hosting excludes operator time; add it with --operator-hours.")
	}
	var left []string
	unfit, unpriced := 0, 0
	for _, b := range c.Bills {
		switch {
		case b.Status == bill.Unfit:
			unfit++
		case b.Status == bill.NotPriced:
			unpriced++
		}
	}
	why := "--all says why"
	if opt.All {
		why = "listed above"
	}
	if unfit+unpriced > 0 {
		left = append(left, fmt.Sprintf("%s not fit, %d without a price here (%s).", offersDo(unfit), unpriced, why))
	}
	if words := unrankedText(c, opt); words != "" {
		left = append(left, words)
	}
	oldest, newest := c.Ages()
	if oldest == newest && oldest != "" {
		left = append(left, fmt.Sprintf("Rates read %s.", oldest))
	} else if oldest != "" {
		left = append(left, fmt.Sprintf("Rates read %s to %s.", oldest, newest))
	}
	if !opt.Explain {
		left = append(left, "--explain shows every line with its source.")
	}
	if len(left) > 0 {
		say = append(say, strings.Join(left, " "))
	}
	return say
}

// countsNoOperator says whether a bill leaves out the work of running servers.
func countsNoOperator(c *compare.Comparison, opt EstimateOptions) bool {
	for _, b := range c.Bills {
		for i := range b.Lines {
			if l := &b.Lines[i]; shown(b, opt) && l.Meter == string(ratecard.MeterOperator) && l.Quantity == 0 {
				return true
			}
		}
	}
	return false
}

func offersDo(n int) string {
	if n == 1 {
		return "1 offer does"
	}
	return fmt.Sprintf("%d offers do", n)
}

func breakEvenText(be *compare.BreakEven) string {
	switch {
	case be == nil:
		return ""
	case be.Below == nil:
		if len(be.Pieces) > 0 && be.Pieces[0].First {
			return " Per command stays the cheaper at any rate."
		}
		return " Capacity is the cheaper at any rate."
	case be.CommandsFirst:
		return fmt.Sprintf(" Break-even: below %s ops/s per command is cheaper (%s), from there on capacity (%s).",
			money.Group(fmt.Sprint(be.At)), OfferName(be.Below), OfferName(be.Above))
	}
	return fmt.Sprintf(" Break-even: below %s ops/s capacity is cheaper (%s), from there on per command (%s).",
		money.Group(fmt.Sprint(be.At)), OfferName(be.Below), OfferName(be.Above))
}

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
