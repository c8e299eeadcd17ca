package report

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/replay"
)

// sizedBlock is the table of nodes in numbers that change.
func sizedBlock(r *replay.Result, z *replay.SizedResult, all bool) page.Block {
	t := &page.Table{Columns: []page.Column{
		{Head: "Offer", Wrap: true},
		{Head: "USD in all", Right: true},
		{Head: "One size", Right: true},
		{Head: "Nodes", Right: true},
		{Head: "Mean", Right: true},
		{Head: "Changes", Right: true},
		{Head: "Plan"},
		{Head: "Resizing", Wrap: true},
	}}
	if z.Sizing.Reserved != 0 {
		t.Columns = append(t.Columns[:5], append([]page.Column{{Head: "Reserved", Right: true}}, t.Columns[5:]...)...)
	}
	var rows []page.Row
	for _, o := range z.Offers {
		if o.Why == "" {
			rows = append(rows, page.Row{Cells: sizedRow(z, o), Strong: o == z.Cheapest})
		} else if all {
			row := make([]string, len(t.Columns))
			row[0], row[len(row)-1] = OfferName(o.Offer.Card), o.Why
			rows = append(rows, page.Row{Cells: row})
		}
	}
	t.Groups = []page.Group{{Rows: rows}}
	return page.Block{Heading: sizedHeading(r, z), Table: t}
}

func sizedHeading(r *replay.Result, z *replay.SizedResult) string {
	var words []string
	switch {
	case z.Sizing.Schedule != nil:
		words = append(words, "Nodes by the schedule "+z.Sizing.Schedule.Text)
	case z.Sizing.Resize != replay.ResizeNever:
		words = append(words, "Nodes resized "+string(z.Sizing.Resize))
	default:
		words = append(words, "Nodes for the highest hour")
	}
	o := &r.Field.Options
	switch z.Sizing.Reserved {
	case 0:
	case replay.ReservedBest:
		words = append(words, fmt.Sprintf("the cheapest number of them reserved for %s, upfront %s", o.Term, o.Upfront))
	default:
		words = append(words, fmt.Sprintf("%d of them reserved for %s, upfront %s", z.Sizing.Reserved, o.Term, o.Upfront))
	}
	return strings.Join(words, ", ")
}

func sizedRow(z *replay.SizedResult, o *replay.Sized) []string {
	name := OfferName(o.Offer.Card)
	if o == z.Cheapest {
		name += " *"
	}
	at := ""
	if o.Status == bill.Incomplete {
		at = "≥ "
	}
	row := []string{name, at + o.Total.Grouped(), fixedText(o), nodesText(o), hundredths(o.Used, z.Hours)}
	if z.Sizing.Reserved != 0 {
		row = append(row, fmt.Sprint(o.Reserved))
	}
	return append(row, fmt.Sprint(o.Changes), o.Plan, resizeWords(o))
}

// resizeWords is what the card says of a change of the size.
func resizeWords(o *replay.Sized) string {
	if o.Changes == 0 {
		return ""
	}
	words := map[string]string{ratecard.ResizeOnline: "goes on", "interrupted": "is interrupted", "no": "cannot be resized"}[o.Resizing.Value]
	if words == "" {
		words = "unknown"
	}
	if o.PartHour.Value == ratecard.PartHourWhole {
		words += "; part hours whole"
	}
	return words
}

// hundredths prints a quotient with two digits, rounded half up.
func hundredths(a, b int64) string {
	if b <= 0 {
		return ""
	}
	n := (200*a + b) / (2 * b)
	return fmt.Sprintf("%d.%02d", n/100, n%100)
}

// sizedRemarks says how the table was worked out and what it leaves out.
func sizedRemarks(r *replay.Result, z *replay.SizedResult, all bool) []string {
	var says []string
	if z.Fleet != nil {
		says = append(says, sizedFleetSaving(r, z.Fleet))
		for _, o := range z.Fleet.Offers {
			if o.Refused > 0 && !all {
				says = append(says, "Offers that do not hold every cache are left out; --all lists them.")
				break
			}
		}
	}
	if c := z.Cheapest; c != nil && c.Fixed != nil {
		verb := "saves"
		diff := *c.Fixed - c.Total
		if diff < 0 {
			verb, diff = "costs more by", -diff
		}
		says = append(says, fmt.Sprintf("Cheapest: %s, %s USD in all; against one size for the whole period that %s %s USD.", OfferName(c.Offer.Card), c.Total.Grouped(), verb, diff.Grouped()))
	}
	hidden := 0
	for _, o := range z.Offers {
		if o.Why != "" {
			hidden++
		}
	}
	if hidden > 0 && !all {
		says = append(says, fmt.Sprintf("%s cannot be priced this way; --all says why.", count(int64(hidden), "offer")))
	}
	if z.Sizing.Resize == replay.ResizeNever && z.Sizing.Schedule == nil {
		return says
	}
	text := "One plan throughout; the number of its nodes changes at full hours. "
	if z.Sizing.Resize != replay.ResizeNever {
		text += "The load of each hour is taken as known before it begins. "
	}
	text += "Where a vendor bills part hours as whole ones, a node that is removed is billed for the hour in which its data moves away"
	if z.Sizing.Resize != replay.ResizeNever {
		text += ", and a node that is added for the hour before"
	}
	return append(says, text+". Elsewhere the minutes that a change takes are not counted. How often a size may be changed is unknown: no card says it.")
}

type sizedJSON struct {
	Schedule *string          `json:"schedule"`
	Resize   *string          `json:"resize"`
	Reserved *string          `json:"reserved"` // as it was asked for: a number, or best
	Hours    int64            `json:"hours"`
	Cheapest *string          `json:"cheapest"`
	Offers   []sizedOfferJSON `json:"offers"`
	Fleet    *sizedFleetJSON  `json:"fleet"` // of several caches, else null
}

type sizedOfferJSON struct {
	ID       string         `json:"id"`
	Status   string         `json:"status"`
	Reasons  []string       `json:"reasons"`
	Ranked   bool           `json:"ranked"`
	Plan     *string        `json:"plan"`
	Total    *string        `json:"usd_total_exact"`
	AtLeast  *string        `json:"usd_at_least_exact"`
	PerMonth *string        `json:"usd_per_month"`
	Fixed    *string        `json:"usd_one_size_exact"`
	Least    *int64         `json:"fewest_nodes"`
	Most     *int64         `json:"most_nodes"`
	Used     *int64         `json:"node_hours_used"`
	Billed   *int64         `json:"node_hours_billed"`
	Changes  *int           `json:"changes"`
	Reserved *int64         `json:"reserved_nodes"`
	Short    *int64         `json:"hours_too_small"`
	ShortAt  *string        `json:"first_too_small_at"`
	Resizing string         `json:"resize"`
	PartHour string         `json:"part_hour"`
	Months   []slotCostJSON `json:"months"`
}

func newSizedJSON(r *replay.Result, z *replay.SizedResult, each bool) *sizedJSON {
	if z == nil {
		return nil
	}
	j := &sizedJSON{Hours: z.Hours, Offers: []sizedOfferJSON{}, Fleet: newSizedFleetJSON(z.Fleet, each)}
	if z.Sizing.Schedule != nil {
		j.Schedule = text(z.Sizing.Schedule.Text)
	}
	if z.Sizing.Resize != replay.ResizeNever {
		j.Resize = text(string(z.Sizing.Resize))
	}
	if z.Sizing.Reserved == replay.ReservedBest {
		j.Reserved = text("best")
	} else if z.Sizing.Reserved > 0 {
		j.Reserved = text(fmt.Sprint(z.Sizing.Reserved))
	}
	if z.Cheapest != nil {
		j.Cheapest = text(z.Cheapest.Offer.Card.ID)
	}
	for _, o := range z.Offers {
		j.Offers = append(j.Offers, newSizedOfferJSON(r, o))
	}
	return j
}

func newSizedOfferJSON(r *replay.Result, o *replay.Sized) sizedOfferJSON {
	j := sizedOfferJSON{ID: o.Offer.Card.ID, Status: string(o.Status), Reasons: []string{}, Ranked: o.Why == "" && o.Ranked && o.Status == bill.Priced,
		Resizing: o.Resizing.Value, PartHour: o.PartHour.Value, Months: []slotCostJSON{}}
	if o.Fixed != nil {
		j.Fixed = text(o.Fixed.Exact())
	}
	if o.Why != "" {
		j.Status, j.Reasons = string(bill.NotPriced), []string{o.Why}
		if o.Short > 0 {
			j.Status, j.Short, j.ShortAt = string(bill.Unfit), &o.Short, text(moment(r.Series, o.ShortAt))
		}
		return j
	}
	j.Plan, j.Least, j.Most, j.Used, j.Billed, j.Changes, j.Reserved = text(o.Plan), &o.Least, &o.Most, &o.Used, &o.Billed, &o.Changes, &o.Reserved
	if o.Status == bill.Priced {
		j.Total, j.PerMonth = text(o.Total.Exact()), text(r.PerMonth(o.Total).String())
	} else {
		j.AtLeast = text(o.Total.Exact())
	}
	for i, m := range r.Months {
		j.Months = append(j.Months, slotCostJSON{m.Name, o.Months[i].Exact()})
	}
	return j
}

// sizedRows are the rows of CSV, one for each offer.
func sizedRows(r *replay.Result, z *replay.SizedResult) [][]string {
	rows := [][]string{{"offer", "status", "ranked", "plan", "fewest_nodes", "most_nodes", "reserved_nodes", "node_hours_used", "node_hours_billed", "changes", "usd", "usd_one_size", "why"}}
	number := func(n *int64) string {
		if n == nil {
			return ""
		}
		return fmt.Sprint(*n)
	}
	for _, o := range z.Offers {
		j := newSizedOfferJSON(r, o)
		changes := ""
		if j.Changes != nil {
			changes = fmt.Sprint(*j.Changes)
		}
		usd := csvText(j.Total)
		if usd == "" {
			usd = csvText(j.AtLeast)
		}
		rows = append(rows, []string{j.ID, j.Status, fmt.Sprint(j.Ranked), csvText(j.Plan), number(j.Least), number(j.Most), number(j.Reserved),
			number(j.Used), number(j.Billed), changes, usd, csvText(j.Fixed), strings.Join(j.Reasons, "; ")})
	}
	return rows
}
