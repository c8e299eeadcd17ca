package report

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/apps"
	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/unit"
)

// Applications are what applications send in an estimate, and what that costs
// by each way of counting on the offers that bill commands.
type Applications struct {
	Load    *apps.Load
	Scripts bool // commands inside scripts are in the bills
	Plus    bool // they come on top of other commands
	Clients CostRange
	All     CostRange            // commands inside scripts counted too
	Busy    map[string]money.USD // by offer: without what is sent with no work
	// Connections says, by offer, where a plan takes too few.
	Connections map[string][]string
}

// CostRange are bills by offer, for both ends of a count.
type CostRange struct{ Low, High map[string]money.USD }

// text is the bill of an offer, or its range.
func (r CostRange) text(offer string) string {
	low, ok1 := r.Low[offer]
	high, ok2 := r.High[offer]
	switch {
	case !ok1 || !ok2:
		return "–"
	case low.Grouped() == high.Grouped():
		return high.Grouped()
	}
	return low.Grouped() + " to " + high.Grouped()
}

// applicationBlocks say how what applications send was counted, and what it
// costs where commands are billed.
func applicationBlocks(a *Applications, c *compare.Comparison) []page.Block {
	blocks := append([]page.Block{sentBlock(a)}, countedCosts(a, c)...)
	if notes := whereNotes(a, c); len(notes) > 0 {
		blocks = append(blocks, page.Block{Heading: "Where they run", Notes: notes})
	}
	return blocks
}

// whereNotes name the offers on which the applications do not run, or only with
// a setting, those of one reason together.
func whereNotes(a *Applications, c *compare.Comparison) []string {
	var reasons []string
	offers := map[string][]string{}
	note := func(reason, offer string) {
		if offers[reason] == nil {
			reasons = append(reasons, reason)
		}
		offers[reason] = append(offers[reason], offer)
	}
	for _, b := range c.Bills {
		suit := c.Field.Options.Suits[b.Offer.ID]
		if suit.Refused != "" && b.Status == bill.Unfit {
			note("does not run: "+suit.Why, b.Offer.ID)
		}
	}
	for _, b := range c.Bills {
		suit := c.Field.Options.Suits[b.Offer.ID]
		if b.Status != bill.Priced && b.Status != bill.Incomplete {
			continue
		}
		for _, w := range suit.Warnings {
			note(w, b.Offer.ID)
		}
		if b.Plan != nil && b.Plan.Shards > 1 {
			for _, w := range suit.Sharded {
				note(w, b.Offer.ID)
			}
		}
		for _, w := range a.Connections[b.Offer.ID] {
			note(w, b.Offer.ID)
		}
	}
	var notes []string
	for _, reason := range reasons {
		notes = append(notes, strings.Join(offers[reason], ", ")+": "+reason)
	}
	return notes
}

// sentBlock shows the count, line by line.
func sentBlock(a *Applications) page.Block {
	l := a.Load
	t := page.NewTable(page.Column{Head: "Application"}, page.Column{Head: "Sends", Wrap: true}, page.Column{Head: "How often in the month", Wrap: true},
		page.Column{Head: "Commands each", Right: true}, page.Column{Head: "From clients", Right: true}, page.Column{Head: "Inside scripts", Right: true})
	for _, line := range l.Lines {
		if line.High == (apps.Amount{}) {
			continue
		}
		t.Add(line.App, line.Words, line.How, line.Each, countSpan(line.Low.Client, line.High.Client), countSpan(line.Low.Scripts, line.High.Scripts))
	}
	t.Add("all", "", "", "", countSpan(l.Total.Low.Client, l.Total.High.Client), countSpan(l.Total.Low.Scripts, l.Total.High.Scripts))
	b := page.Block{Heading: "What the applications send", Table: t}
	b.Notes = append(b.Notes, "counted by "+usedText(l.Used))
	b.Notes = append(b.Notes, fmt.Sprintf("without any work: %s commands from clients, %s inside scripts", countSpan(l.Idle.Low.Client, l.Idle.High.Client), countSpan(l.Idle.Low.Scripts, l.Idle.High.Scripts)))
	if l.Total.Low != l.Total.High {
		b.Notes = append(b.Notes, "lower end: jobs arrive back to back and each replaces a poll; upper end: jobs arrive one at a time and every poll is sent as well. The bills use the upper end")
	}
	if l.Total.High.Scripts > 0 {
		what := "the bills count what clients send; --count-scripts counts the commands inside scripts too"
		if a.Scripts {
			what = "the bills count commands inside scripts too"
		}
		b.Notes = append(b.Notes, what+". Vendors differ: Upstash's billing page counts requests, its rate-limit page counts a script's commands as well")
	}
	if a.Plus {
		b.Notes = append(b.Notes, "added to the commands that were given (--plus)")
	}
	if l.Connections > 0 {
		b.Notes = append(b.Notes, fmt.Sprintf("connections held open: %s", money.Group(fmt.Sprint(l.Connections))))
	}
	for _, more := range l.AtLeast {
		b.Notes = append(b.Notes, "at least: "+more)
	}
	return b
}

// usedText lists inputs and settings with their values.
func usedText(used []apps.Used) string {
	var parts []string
	for _, u := range used {
		name := apps.InputName(u.Name).Flag()
		if u.Setting {
			name = u.Name
		}
		part := u.App + " " + name + " " + u.Value
		if !u.Given {
			part += " (default)"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

func countSpan(low, high int64) string {
	if low == high {
		return money.Group(fmt.Sprint(high))
	}
	return money.Group(fmt.Sprint(low)) + " to " + money.Group(fmt.Sprint(high))
}

// countedCosts are the bills by each way of counting; nothing where no offer
// bills commands.
func countedCosts(a *Applications, c *compare.Comparison) []page.Block {
	t := page.NewTable(page.Column{Head: "Billed by the command", Wrap: true}, page.Column{Head: "USD/month from clients", Right: true},
		page.Column{Head: "With commands in scripts", Right: true}, page.Column{Head: "Of the bill, for waiting", Right: true})
	for _, b := range c.Bills {
		busy, ok := a.Busy[b.Offer.ID]
		if b.Status != bill.Priced || !b.Offer.BilledBy.PerCommand() || !ok {
			continue
		}
		t.Add(OfferName(b.Offer), a.Clients.text(b.Offer.ID), a.All.text(b.Offer.ID), (b.Total - busy).Grouped())
	}
	if len(t.Groups[0].Rows) == 0 {
		return nil
	}
	return []page.Block{{Heading: "By way of counting", Table: t}}
}

// FromBill is a bill that was turned back into commands.
type FromBill struct {
	USD         money.USD
	Offer       string
	Commands    int64 // a month
	Least, Most int64 // that print the same bill
	Hours       int64
}

// text says what the bill is in commands.
func (f *FromBill) text() string {
	rate, _ := unit.MulDiv(uint64(f.Commands), unit.Million, uint64(f.Hours)*3600)
	return fmt.Sprintf("%s on %s is %s commands a month, %s a second; %s to %s print the same bill. Without --offer, keynest estimate --commands-per-month %d compares every offer.",
		f.USD.Grouped(), f.Offer, money.Group(fmt.Sprint(f.Commands)), groupMicro(rate), money.Group(fmt.Sprint(f.Least)), money.Group(fmt.Sprint(f.Most)), f.Commands)
}

func newApplicationsJSON(a *Applications, c *compare.Comparison) *form.Applications {
	l := a.Load
	count := func(total, idle apps.Amount) form.AppCount {
		return form.AppCount{FromClients: total.Client, InScripts: total.Scripts, IdleFromClients: idle.Client, IdleInScripts: idle.Scripts}
	}
	out := &form.Applications{
		Apps: []string{}, ScriptsCounted: a.Scripts, Inputs: []form.AppInput{}, Low: count(l.Total.Low, l.Idle.Low), High: count(l.Total.High, l.Idle.High),
		Connections: known(l.Connections), NotCounted: orEmpty(l.AtLeast), Offers: []form.AppBill{},
	}
	for _, app := range l.Apps {
		out.Apps = append(out.Apps, app.ID)
	}
	for _, u := range l.Used {
		out.Inputs = append(out.Inputs, form.AppInput{App: u.App, Name: u.Name, Value: u.Value, Given: u.Given, Setting: u.Setting})
	}
	for _, b := range c.Bills {
		busy, ok := a.Busy[b.Offer.ID]
		if b.Status != bill.Priced || !b.Offer.BilledBy.PerCommand() || !ok {
			continue
		}
		id := b.Offer.ID
		out.Offers = append(out.Offers, form.AppBill{
			ID: id, ClientsLow: a.Clients.Low[id].String(), ClientsHigh: a.Clients.High[id].String(),
			WithScriptsLow: a.All.Low[id].String(), WithScriptsHigh: a.All.High[id].String(), Waiting: (b.Total - busy).String(),
		})
	}
	return out
}
