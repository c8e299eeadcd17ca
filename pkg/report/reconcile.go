package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/reconcile"
)

// reconcileRows is how many rows a table of a bill has; the rest is summed.
const reconcileRows = 40

// Reconcile is a bill beside the list prices as a document.
func Reconcile(r *reconcile.Result) *page.Document {
	d := &page.Document{Title: "Bill and list prices: " + billFiles(r)}
	d.Say(billHead(r))
	if r.Count == 0 {
		d.Say(fmt.Sprintf("None of %s is for a cache.", count(r.Others.Lines, "line")))
		return d
	}
	d.Add(page.Block{Heading: "Why it was billed", Table: reasonsTable(r)})
	d.Add(page.Block{Heading: "What was billed", Table: billTable(r), Text: billMore(len(r.Groups))})
	if len(r.Caches) > 0 {
		d.Add(page.Block{Heading: "Caches", Table: billCaches(r), Text: billMore(len(r.Caches)),
			Notes: []string{"Cost: the billed amount, plus the share of the fee where a commitment covers the use. A bill does not tell how busy a node is."}})
	}
	if len(r.Unknowns) > 0 {
		d.Add(page.Block{Heading: "Not recognised", Table: unknownsTable(r), Text: billMore(len(r.Unknowns))})
	}
	if len(r.Disagreed) > 0 {
		d.Add(page.Block{Heading: "List prices of the bill that the cards do not have", Table: disagreedTable(r), Text: billMore(len(r.Disagreed)),
			Notes: []string{"--write-overlay FILE writes them as rate cards for --rates."}})
	}
	if len(r.Months) > 1 {
		d.Add(page.Block{Heading: "By billing period", Table: billMonths(r)})
	}
	d.Add(page.Block{Notes: billNotes(r)})
	d.Answers = []page.Answer{
		{Label: "Billed", Figure: grouped2(r.Billed), Unit: r.Currency, Text: count(r.Count, "line") + " of caches"},
		{Label: "At list", Figure: grouped2(r.AtList), Unit: r.Currency, Text: "of the lines that the cards price"},
		{Label: "Explained", Figure: grouped2(r.Explained()), Unit: r.Currency},
		{Label: "Unexplained", Figure: grouped2(r.Unexplained), Unit: r.Currency, Text: r.Share(2).String() + " % of the amounts of all lines"},
	}
	return d
}

func billFiles(r *reconcile.Result) string {
	var names []string
	for _, f := range r.Files {
		names = append(names, f.Name)
	}
	if len(names) > inventoryNamed {
		return fmt.Sprintf("%s and %d more files", strings.Join(names[:inventoryNamed], ", "), len(names)-inventoryNamed)
	}
	return strings.Join(names, ", ")
}

func billHead(r *reconcile.Result) string {
	var parts []string
	for i, f := range r.Files {
		if i == inventoryNamed {
			parts = append(parts, fmt.Sprintf("%d more files", len(r.Files)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("%s: %s, %s, %s of caches", f.Name, f.Format, count(f.Rows, "line"), money.Group(strconv.FormatInt(f.Lines, 10))))
	}
	if n := len(r.Months); n == 1 {
		parts = append(parts, "period "+orWords(r.Months[0].Name, "without a date"))
	} else if n > 1 {
		parts = append(parts, fmt.Sprintf("periods %s to %s", orWords(r.Months[0].Name, "without a date"), r.Months[n-1].Name))
	}
	return strings.Join(parts, " · ")
}

// billMore says how many rows a table leaves out.
func billMore(n int) []string {
	if n <= reconcileRows {
		return nil
	}
	return []string{fmt.Sprintf("The %d largest of %s; --output csv and json have every line.", reconcileRows, money.Group(strconv.Itoa(n)))}
}

// grouped2 prints an amount in cents with commas.
func grouped2(d reconcile.Decimal) string {
	text := d.Cents()
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	whole, cents, _ := strings.Cut(text, ".")
	return sign + money.Group(whole) + "." + cents
}

// groupedNumber prints a quantity with commas and at most four decimals.
func groupedNumber(d reconcile.Decimal) string {
	text := d.Round(4).String()
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	whole, rest, ok := strings.Cut(text, ".")
	if ok {
		rest = "." + rest
	}
	return sign + money.Group(whole) + rest
}

func reasonsTable(r *reconcile.Result) *page.Table {
	t := page.NewTable(page.Column{Head: "Reason"}, page.Column{Head: "Lines", Right: true}, page.Column{Head: "Billed", Right: true},
		page.Column{Head: "At list", Right: true}, page.Column{Head: "Difference", Right: true}, page.Column{Head: "", Wrap: true})
	for _, s := range r.ByReason() {
		row := []string{string(s.Reason), money.Group(strconv.FormatInt(s.Lines, 10)), grouped2(s.Billed), "", "", s.Reason.Words()}
		if s.Priced {
			row[3], row[4] = grouped2(s.AtList), grouped2(s.Difference)
		}
		t.Add(row...)
	}
	return t
}

func billTable(r *reconcile.Result) *page.Table {
	t := page.NewTable(page.Column{Head: "What", Wrap: true}, page.Column{Head: "Region"}, page.Column{Head: "Quantity", Right: true},
		page.Column{Head: "List price", Right: true}, page.Column{Head: "At list", Right: true}, page.Column{Head: "Billed", Right: true}, page.Column{Head: "Reason", Wrap: true})
	for i, g := range r.Groups {
		if i == reconcileRows {
			break
		}
		row := []string{billWhat(g), g.Region, "", "", "", grouped2(g.Billed), string(g.Reason)}
		if g.Unit != "" {
			row[2] = groupedNumber(g.Quantity) + " " + g.Unit
		}
		if g.ListRate != nil {
			row[3] = g.ListRate.String()
		}
		if g.Priced {
			row[4] = grouped2(g.AtList)
		}
		if g.Words != "" {
			row[6] += ": " + g.Words
		}
		t.Add(row...)
	}
	return t
}

// billWhat names what a group of lines is.
func billWhat(g *reconcile.Group) string {
	var parts []string
	for _, p := range []string{g.Cache, g.Offer, g.Plan} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if g.Offer == "" && g.What != "" {
		parts = append(parts, g.What)
	}
	if g.Meter != "" && g.Meter != "nodes" && g.Offer != "" {
		parts = append(parts, g.Meter)
	}
	return strings.Join(parts, ", ")
}

func billCaches(r *reconcile.Result) *page.Table {
	t := page.NewTable(page.Column{Head: "Cache", Wrap: true}, page.Column{Head: "Offer", Wrap: true}, page.Column{Head: "Region"},
		page.Column{Head: "Days"}, page.Column{Head: "Billed", Right: true}, page.Column{Head: "Cost", Right: true}, page.Column{Head: "Use", Wrap: true})
	for i, c := range r.Caches {
		if i == reconcileRows {
			break
		}
		cost := grouped2(c.Cost)
		if !c.CostKnown {
			cost = "unknown"
		}
		t.Add(orWords(c.Name, "(not named)"), strings.Join(append([]string{c.Offer}, c.Plans...), ", "), c.Region, daysText(c.From, c.To), grouped2(c.Billed), cost, useWords(c))
	}
	return t
}

func daysText(from, to string) string {
	if from == to || to == "" {
		return from
	}
	return from + " to " + to
}

// useWords says what a bill tells of the use of a cache.
func useWords(c *reconcile.Cache) string {
	var at []string
	if c.StoredMinimum != nil {
		at = append(at, c.StoredMinimum.String()+" GB")
	}
	if c.ECPUMinimum != nil {
		at = append(at, c.ECPUMinimum.String()+" ECPU/s")
	}
	switch c.Use {
	case reconcile.UseIdle:
		return "idle: its minimum of data, and less than 1 ECPU a second"
	case reconcile.UseMinimum:
		return "at its minimum of " + strings.Join(at, " and ")
	case reconcile.UseMore:
		if at != nil {
			return "used; at its minimum of " + strings.Join(at, " and ")
		}
		return "used"
	}
	return ""
}

func unknownsTable(r *reconcile.Result) *page.Table {
	t := page.NewTable(page.Column{Head: "Service"}, page.Column{Head: "Line", Wrap: true}, page.Column{Head: "Lines", Right: true}, page.Column{Head: "Billed", Right: true}, page.Column{Head: "First at", Wrap: true})
	for i, n := range r.Unknowns {
		if i == reconcileRows {
			break
		}
		var words []string
		for _, w := range []string{n.Kind, n.UsageType, n.Operation, n.Description} {
			if w != "" {
				words = append(words, w)
			}
		}
		t.Add(n.Service, strings.Join(words, " · "), money.Group(strconv.FormatInt(n.Lines, 10)), grouped2(n.Billed), fmt.Sprintf("%s, line %d", r.Files[n.File].Name, n.Number))
	}
	return t
}

func disagreedTable(r *reconcile.Result) *page.Table {
	t := page.NewTable(page.Column{Head: "Offer"}, page.Column{Head: "Plan or meter"}, page.Column{Head: "Region"}, page.Column{Head: "From"},
		page.Column{Head: "Bill", Right: true}, page.Column{Head: "Card", Right: true}, page.Column{Head: "Lines", Right: true})
	for i, d := range r.Disagreed {
		if i == reconcileRows {
			break
		}
		card := "none"
		if d.Card != nil {
			card = d.Card.String()
		}
		t.Add(d.Offer, orWords(d.Plan, d.Meter), d.Region, d.Day, d.Bill.String(), card, money.Group(strconv.FormatInt(d.Lines, 10)))
	}
	return t
}

func billMonths(r *reconcile.Result) *page.Table {
	t := page.NewTable(page.Column{Head: "Period"}, page.Column{Head: "Lines", Right: true}, page.Column{Head: "Billed", Right: true}, page.Column{Head: "At list", Right: true})
	for _, m := range r.Months {
		t.Add(orWords(m.Name, "(no date)"), money.Group(strconv.FormatInt(m.Lines, 10)), grouped2(m.Billed), grouped2(m.AtList))
	}
	return t
}

func billNotes(r *reconcile.Result) []string {
	var notes []string
	if r.Others.Lines > 0 {
		notes = append(notes, fmt.Sprintf("%s of other services with %s %s are not counted.", count(r.Others.Lines, "line"), grouped2(r.Others.Billed), r.Currency))
	}
	return append(notes, r.Notes...)
}

// WriteReconcileCSV writes a row for each line that was recognised, and one for
// each kind of line that was not. What is unknown is empty.
func WriteReconcileCSV(w io.Writer, r *reconcile.Result) error {
	rows := [][]string{{"file", "line", "cache", "offer", "plan", "meter", "region", "quantity", "unit", "list_rate", "at_list", "billed", "cost", "difference", "reason", "words"}}
	exact := func(d *reconcile.Decimal) string {
		if d == nil {
			return ""
		}
		return d.Exact()
	}
	for i := range r.Lines {
		l := &r.Lines[i]
		g := l.Group
		quantity, rate := "", ""
		if l.Quantity != nil {
			quantity = l.Quantity.String()
		}
		if g.ListRate != nil {
			rate = g.ListRate.String()
		}
		rows = append(rows, []string{r.Files[l.File].Name, strconv.FormatInt(l.Number, 10), g.Cache, g.Offer, g.Plan, g.Meter, g.Region, quantity, g.Unit,
			rate, exact(l.AtList), l.Billed.Exact(), exact(l.Cost), exact(l.Difference()), string(g.Reason), g.Words})
	}
	for _, n := range r.Unknowns {
		rows = append(rows, []string{r.Files[n.File].Name, strconv.FormatInt(n.Number, 10), "", "", "", "", "", "", "", "", "", n.Billed.Exact(), "", "", string(reconcile.Unknown),
			fmt.Sprintf("not recognised, %s: %s", count(n.Lines, "line"), strings.TrimSpace(n.UsageType+" "+n.Description))})
	}
	return writeCSV(w, rows)
}
