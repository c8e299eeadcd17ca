package report

import (
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

// RatesListJSON is the report of keynest rates list;
// docs/rates-list.schema.json describes it.
type RatesListJSON struct {
	FormatVersion string        `json:"format_version"`
	Kind          string        `json:"kind"`
	AsOf          string        `json:"as_of"`
	Offers        []CardSummary `json:"offers"`
}

// NewRatesListJSON is the list of cards as a program reads it.
func NewRatesListJSON(rows []CardSummary, day string) *RatesListJSON {
	return &RatesListJSON{FormatVersion: form.Version, Kind: "rates-list", AsOf: day, Offers: rows}
}

// CardSummary is one row of keynest rates list.
type CardSummary struct {
	ID             string   `json:"id"`
	Provider       string   `json:"provider"`
	Name           string   `json:"name"`
	BilledBy       string   `json:"billed_by"`
	OfferStatus    string   `json:"offer_status"`
	Versions       []string `json:"versions"`
	EffectiveFrom  *string  `json:"effective_from"`
	Regions        *int64   `json:"regions"`
	Plans          *int64   `json:"plans"`
	OldestRead     *string  `json:"oldest_retrieved"`
	NewestRead     *string  `json:"newest_retrieved"`
	Confidence     []string `json:"confidence"`
	UnknownFigures []string `json:"unknown"`
	ChargesFor     []string `json:"charges_for"`
	Sources        []string `json:"sources"` // addresses of the prices
}

// Summarize describes an offer's card as in force on a day.
func Summarize(set *ratecard.Set, o *ratecard.Offer, day string) CardSummary {
	s := CardSummary{
		ID: o.ID, Provider: o.Provider.Name, Name: o.Name, BilledBy: string(o.BilledBy), OfferStatus: string(o.Status),
		Versions: o.Versions(), Confidence: []string{}, UnknownFigures: []string{}, ChargesFor: []string{}, Sources: []string{},
	}
	v := set.Version(o, day)
	if v == nil {
		return s
	}
	s.EffectiveFrom, s.Regions, s.Plans = text(v.From), known(int64(len(v.Regions()))), known(int64(len(v.Plans)))
	seen := map[string]bool{}
	var ages ratecard.Ages
	for _, id := range v.PriceSources() {
		src, ok := set.Source(id)
		if !ok {
			continue
		}
		s.Sources = append(s.Sources, src.URL)
		seen[string(src.Confidence)] = true
		ages.Add(src.Retrieved)
	}
	s.OldestRead, s.NewestRead = text(ages.Oldest), text(ages.Newest)
	for c := range seen {
		s.Confidence = append(s.Confidence, c)
	}
	sort.Strings(s.Confidence)
	for _, n := range v.Unknowns {
		s.UnknownFigures = append(s.UnknownFigures, n.Words)
	}
	s.ChargesFor = chargesFor(v)
	return s
}

// chargesFor names what an offer takes money for: its sizes, then its charges.
func chargesFor(v *ratecard.Version) []string {
	what := []string{}
	pers := map[ratecard.PlanPer]bool{}
	for i := range v.Plans {
		if per := v.Plans[i].Per; per != "" && !pers[per] {
			pers[per] = true
			words := "nodes or plans by the " + string(per)
			if per.Bytes() > 0 {
				words = "memory set aside by the " + string(per)
			}
			what = append(what, words)
		}
	}
	for i := range v.Charges {
		what = append(what, strings.ToLower(v.Charges[i].Name))
	}
	return what
}

// RatesDetails is the list with what each offer charges for, who vouches for
// its prices, where they stand, and what is not known.
func RatesDetails(rows []CardSummary, day string) *page.Document {
	d := &page.Document{Title: "Providers"}
	d.Say(fmt.Sprintf("What is on the cards as of %s.", day))
	t := page.NewTable(page.Column{Head: "Offer", Wrap: true}, page.Column{Head: "Charges for", Wrap: true}, page.Column{Head: "Confidence", Wrap: true},
		page.Column{Head: "Last read"}, page.Column{Head: "Sources of the prices", Wrap: true}, page.Column{Head: "Unknown", Wrap: true})
	t.Spaced = true
	for _, r := range rows {
		read := ""
		if r.NewestRead != nil {
			read = *r.NewestRead
		}
		name := fmt.Sprintf("%s %s [%s]", r.Provider, r.Name, r.ID)
		if strings.HasPrefix(r.Name, r.Provider) {
			name = fmt.Sprintf("%s [%s]", r.Name, r.ID)
		}
		if r.OfferStatus != string(ratecard.StatusOffered) {
			name += " (" + r.OfferStatus + ")"
		}
		confidence := strings.Join(r.Confidence, ", ")
		if r.OfferStatus == string(ratecard.StatusTarget) {
			confidence = "assumed"
		}
		t.Add(name, strings.Join(r.ChargesFor, "; "), confidence, read, strings.Join(r.Sources, " "), strings.Join(r.UnknownFigures, "; "))
	}
	d.Add(page.Block{Table: t})
	return d
}

// RatesList is the list of cards as a document.
func RatesList(rows []CardSummary, day string) *page.Document {
	d := &page.Document{Title: "Rate cards"}
	t := page.NewTable(page.Column{Head: "Offer"}, page.Column{Head: "Billed by"}, page.Column{Head: "Status"}, page.Column{Head: "Versions", Right: true, From: 90},
		page.Column{Head: "In force since"}, page.Column{Head: "Last read"}, page.Column{Head: "Confidence", Cut: 10, From: 100})
	t.Sorts = true
	for _, r := range rows {
		since, read := "not yet", ""
		if r.EffectiveFrom != nil {
			since = *r.EffectiveFrom
		}
		if r.NewestRead != nil {
			read = *r.NewestRead
		}
		t.Add(r.ID, r.BilledBy, r.OfferStatus, strconv.Itoa(len(r.Versions)), since, read, strings.Join(r.Confidence, ", "))
	}
	d.Add(page.Block{Table: t})
	d.Answers = []page.Answer{{Label: "As of " + day, Text: count(int64(len(rows)), "offer") + "; keynest rates show OFFER prints one"}}
	return d
}

// WriteRatesListCSV writes the list with a row per offer.
func WriteRatesListCSV(w io.Writer, rows []CardSummary) error {
	all := [][]string{{"offer", "provider", "name", "billed_by", "offer_status", "versions", "effective_from", "oldest_retrieved", "newest_retrieved", "confidence"}}
	opt := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	for _, r := range rows {
		all = append(all, []string{r.ID, r.Provider, r.Name, r.BilledBy, r.OfferStatus, strings.Join(r.Versions, " "),
			opt(r.EffectiveFrom), opt(r.OldestRead), opt(r.NewestRead), strings.Join(r.Confidence, " ")})
	}
	return writeCSV(w, all)
}

// RateCard is one offer's card as a person would want to read it. region is
// where prices that depend on it are taken.
func RateCard(set *ratecard.Set, v *ratecard.Version, region string) *page.Document {
	o := v.Offer
	d := &page.Document{Title: OfferName(o)}
	head := page.Block{Heading: fmt.Sprintf("%s [%s]", o.FullName(), o.ID)}
	if o.About != "" {
		head.Text = append(head.Text, o.About)
	}
	facts := fmt.Sprintf("Billed by %s; engine: %s; %s. Card in force since %s", o.BilledBy, strings.Join(o.Engines, " and "), o.Status, v.From)
	if others := o.Versions(); len(others) > 1 {
		facts += "; versions: " + strings.Join(others, ", ")
	}
	head.Text = append(head.Text, facts+".")
	if o.Provider.Home != "" {
		head.Text = append(head.Text, o.Provider.Home)
	}
	if v.Note != "" {
		head.Text = append(head.Text, v.Note)
	}
	if v.Withdrawn != "" {
		head.Text = append(head.Text, "No price since "+v.From+": "+v.Withdrawn)
		d.Add(head)
		return d
	}
	if n := len(v.Regions()); n > 0 {
		head.Text = append(head.Text, fmt.Sprintf("Prices below are for %s; the card has %s.", region, count(int64(n), "region")))
	}
	d.Add(head)
	if b, ok := chargesBlock(v, region); ok {
		d.Add(b)
	}
	if b, ok := plansBlock(v, region); ok {
		d.Add(b)
	}
	d.Add(rulesBlock(v))
	d.Add(traitsBlock(v.Offer))
	for _, b := range noteBlocks(v) {
		if len(b.Notes) > 0 {
			d.Add(b)
		}
	}
	d.Add(sourcesBlock(cardSources(set, v)))
	return d
}

// noteBlocks are the card's readings of unclear points, its unknowns, and the
// vendor's worked examples; a block is empty where the card has none.
func noteBlocks(v *ratecard.Version) []page.Block {
	readings := page.Block{Heading: "How unclear points are read"}
	for i := range v.Charges {
		if c := &v.Charges[i]; c.Reading != "" {
			readings.Notes = append(readings.Notes, c.Name+": "+c.Reading+cite(c.Source))
		}
	}
	for _, n := range v.Assumptions {
		readings.Notes = append(readings.Notes, n.Words+cite(n.Source))
	}
	unknown := page.Block{Heading: "Unknown"}
	for _, n := range v.Unknowns {
		unknown.Notes = append(unknown.Notes, n.Words+cite(n.Source))
	}
	examples := page.Block{Heading: "The vendor's own examples"}
	for _, x := range v.Examples {
		examples.Notes = append(examples.Notes, fmt.Sprintf("%s: %s USD%s", x.Words, x.USD.Grouped(), cite(x.Source)))
	}
	return []page.Block{readings, unknown, examples}
}

func chargesBlock(v *ratecard.Version, region string) (page.Block, bool) {
	t := page.NewTable(page.Column{Head: "Charge", Wrap: true}, page.Column{Head: "Price", Wrap: true}, page.Column{Head: "Counts"}, page.Column{Head: "Free, minimum", Wrap: true}, page.Column{Head: "Source", Wrap: true})
	for i := range v.Charges {
		c := &v.Charges[i]
		price, source := "", c.Source
		per := c.Unit.Name
		if c.Per != 1 {
			per = money.Group(fmt.Sprint(c.Per)) + " " + per
		}
		switch rate, state := v.ChargeRate(c, region); {
		case len(c.Tiers) > 0:
			var steps []string
			for _, tier := range c.Tiers {
				step := tier.Rate.Text + " " + tier.Rate.Currency + " per " + per
				if tier.UpTo != "" {
					step += " up to " + groupNumber(tier.UpTo) + " " + c.Unit.HeldName()
				}
				steps = append(steps, step)
			}
			price = strings.Join(steps, ", then ")
		case state == ratecard.Unknown || state == ratecard.NoPrice:
			price = "unknown"
		case state == ratecard.NotSold:
			price = "not charged here"
		default:
			price, source = priceText(rate, per), rate.Source
		}
		if source == "" {
			source = "assumed"
		}
		var floor []string
		if c.Free != "" {
			floor = append(floor, fmt.Sprintf("%s %s free per %s", groupNumber(c.Free), c.Unit.HeldName(), c.FreeEach))
		}
		if c.Minimum != "" {
			floor = append(floor, fmt.Sprintf("at least %s %s per %s", groupNumber(c.Minimum), c.Unit.HeldName(), c.MinimumEach))
		}
		t.Add(c.Name, price, string(c.Meter), strings.Join(floor, "; "), source)
	}
	return page.Block{Heading: "Charges", Table: t}, len(v.Charges) > 0
}

func priceText(r *ratecard.Rate, per string) string {
	s := r.Price.Amount.Exact() + " " + r.Currency + " per " + per
	if r.Factor != "" {
		s += fmt.Sprintf(" (%s × %s)", r.Text, r.Factor)
	}
	return s
}

func plansBlock(v *ratecard.Version, region string) (page.Block, bool) {
	t := page.NewTable(page.Column{Head: "Plan", Wrap: true}, page.Column{Head: "Price", Wrap: true}, page.Column{Head: "Memory", Right: true}, page.Column{Head: "Usable", Right: true}, page.Column{Head: "Limits", Wrap: true})
	absent, unread := 0, 0
	for i := range v.Plans {
		p := &v.Plans[i]
		price := ""
		switch rate, state := v.PlanRate(p, region); state {
		case ratecard.Unknown:
			price = "unknown"
		case ratecard.NotSold:
			absent++
			continue
		case ratecard.NoPrice:
			unread++
			continue
		default:
			price = priceText(rate, string(p.Per))
		}
		if p.Minimum != nil {
			price += fmt.Sprintf(", at least %s USD a month per %s", p.Minimum.Grouped(), v.MinimumEach)
		}
		if p.Cap != nil {
			price += fmt.Sprintf(", at most %s USD a month per %s", p.Cap.Grouped(), v.CapEach)
		}
		size := func(n int64) string {
			if n == 0 {
				return ""
			}
			return unit.FormatBytes(n)
		}
		var limits []string
		if l := &p.Limit; l.MaxData > 0 {
			limits = append(limits, unit.FormatBytes(l.MaxData))
		}
		if n := max(p.Limit.MaxOpsPerSec, p.OpsPerSec); n > 0 {
			limits = append(limits, money.Group(fmt.Sprint(n))+" ops/s")
		}
		if n := p.Limit.MaxTransferPerMonth; n > 0 {
			limits = append(limits, unit.FormatBytes(n)+" a month")
		}
		if p.Network > 0 {
			limits = append(limits, unit.Rounded(p.Network, unit.MB, 1)+" MB/s")
		}
		t.Add(p.Name, price, size(p.Memory), size(p.Usable), strings.Join(limits, ", "))
	}
	b := page.Block{Heading: "Plans", Table: t}
	if absent > 0 {
		b.Notes = []string{fmt.Sprintf("%s not sold here", count(int64(absent), "more plan"))}
	}
	if unread > 0 {
		b.Notes = append(b.Notes, fmt.Sprintf("%s without a price on the cards here", count(int64(unread), "more plan")))
	}
	return b, len(v.Plans) > 0
}

func rulesBlock(v *ratecard.Version) page.Block {
	b := page.Block{Heading: "Rules"}
	say := func(format string, args ...any) { b.Notes = append(b.Notes, fmt.Sprintf(format, args...)) }
	if v.Minimum != nil {
		say("at least %s USD a month per %s", v.Minimum.Grouped(), v.MinimumEach)
	}
	if v.Cap != nil {
		say("at most %s USD a month per %s", v.Cap.Grouped(), v.CapEach)
	}
	limitRules(&v.Limit, say)
	s := &v.Sizing
	if len(v.Plans) > 0 {
		say("replicas: %s", s.Replicas)
		if s.UsableWords != "" {
			say("memory: %s", s.UsableWords)
		}
		if s.OpsPerSec > 0 {
			words := fmt.Sprintf("throughput: %s ops/s a shard (%s)", money.Group(fmt.Sprint(s.OpsPerSec)), s.OpsKind)
			if s.OpsWords != "" {
				words += ": " + s.OpsWords
			}
			say("%s%s", words, cite(s.OpsSource))
		}
	}
	for _, c := range v.Commitments() {
		words := fmt.Sprintf("sold for %s with upfront %s", c.Term, c.Upfront)
		if c.Kind == ratecard.CommitSavingsPlan {
			words = fmt.Sprintf("savings plan for %s with upfront %s", c.Term, c.Upfront)
		}
		if c.From != "" {
			words += ", since " + c.From
		}
		if c.Plans != nil {
			words += ", plans " + strings.Join(c.Plans, ", ")
		}
		if c.Note != "" {
			words += ": " + c.Note
		}
		say("%s%s", words, cite(c.Source))
	}
	for i := range v.Surcharges {
		s := &v.Surcharges[i]
		for j := range s.Steps {
			say("surcharge %s: %s%s", s.Name, s.Steps[j].Words(), cite(s.Source))
		}
	}
	if len(b.Notes) == 0 {
		say("no limit, minimum or term on the card")
	}
	return b
}

func limitRules(l *ratecard.Limit, say func(string, ...any)) {
	if l.MaxData > 0 {
		say("at most %s of data a database", unit.FormatBytes(l.MaxData))
	}
	if l.MaxOpsPerSec > 0 {
		say("at most %s ops/s a database", money.Group(fmt.Sprint(l.MaxOpsPerSec)))
	}
	if l.MaxECPUPerSec > 0 {
		say("at most %s ECPU/s a database", money.Group(fmt.Sprint(l.MaxECPUPerSec)))
	}
	if l.MaxCommandsPerMonth > 0 {
		say("at most %s commands a month", money.Group(fmt.Sprint(l.MaxCommandsPerMonth)))
	}
	if l.MaxTransferPerMonth > 0 {
		say("at most %s moved a month", unit.FormatBytes(l.MaxTransferPerMonth))
	}
	if l.MaxReplicas != nil {
		say("at most %s a shard", count(*l.MaxReplicas, "replica"))
	}
	if l.MaxReadRegions > 0 {
		say("at most %s", count(l.MaxReadRegions, "read region"))
	}
}
