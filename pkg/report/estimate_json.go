package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/safetext"
	"github.com/keynest/keynest/pkg/workload"
)

// text is a string, or null for an empty one.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// known is a count, or null for 0, which stands for a count that is unknown or
// that the plan does not have.
func known(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}

// orEmpty is never null.
func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// NewEstimateJSON builds the report of a comparison.
func NewEstimateJSON(c *compare.Comparison, opt EstimateOptions) *form.Estimate {
	o := &c.Field.Options
	oldest, newest := c.Ages()
	j := &form.Estimate{
		FormatVersion: form.Version, Kind: "estimate", AsOf: o.AsOf, Currency: opt.Currency.Code(), HoursPerMonth: form.Number(c.Workload.HoursText()),
		Region: o.Where.Name, Term: string(o.Term), Upfront: string(o.Upfront), Commitment: commitmentText(o), Reserved: orEmpty(o.ReservedTexts()),
		Rates:     form.Rates{SHA256: c.Field.Set.SHA256(), NewestRetrieved: text(newest), OldestRetrieved: text(oldest)},
		Workload:  newWorkloadJSON(&c.Workload),
		Offers:    []form.Offer{},
		NotShown:  map[string]int{string(bill.Unfit): 0, string(bill.NotPriced): 0},
		BreakEven: newBreakEvenJSON(c.BreakEven),
		Observed:  newCountedJSON(c),
		Sources:   map[string]form.Source{},
	}
	if fx := opt.Currency.FX; fx != nil {
		j.FX = &form.ExchangeRate{USDPerUnit: fx.USDPerUnit, Date: fx.Day, Source: fx.Source}
	}
	if opt.Sensitivity != nil {
		j.Sensitivity = newSensitivityJSON(opt.Sensitivity)
	}
	if opt.Applications != nil {
		j.Applications = newApplicationsJSON(opt.Applications, c)
	}
	for _, b := range c.Bills {
		if !shown(b, opt) {
			j.NotShown[string(b.Status)]++
			continue
		}
		j.Offers = append(j.Offers, newOfferJSON(b, o, opt.Currency))
	}
	for _, pick := range []struct {
		b  *bill.Bill
		to **string
	}{{c.Commands, &j.Cheapest.Commands}, {c.Capacity, &j.Cheapest.Capacity}, {c.Overall, &j.Cheapest.Overall}} {
		if pick.b != nil {
			*pick.to = text(pick.b.Offer.ID)
		}
	}
	for _, s := range used(c, opt.Currency) {
		j.Sources[s.ID] = form.Source{URL: s.URL, Title: s.Title, Retrieved: s.Retrieved, Confidence: string(s.Confidence)}
	}
	return j
}

// commitmentText is the kind of commitment that was asked for; nil on demand.
func commitmentText(o *bill.Options) *string {
	if o.Term.Months() == 0 {
		return nil
	}
	return text(cmp.Or(string(o.Commitment), string(ratecard.CommitReserved)))
}

func newWorkloadJSON(w *workload.Workload) form.Workload {
	j := form.Workload{Name: text(w.Name), Given: append([]string{}, w.GivenKeys()...)}
	for _, f := range workload.Fields() {
		if f.Reported() {
			j.Figures = append(j.Figures, form.Figure{Key: f.Key, Value: form.Number(f.Text(w)), Word: f.Words()})
		}
	}
	return j
}

func newOfferJSON(b *bill.Bill, o *bill.Options, in Currency) form.Offer {
	j := form.Offer{
		ID: b.Offer.ID, Provider: b.Offer.Provider.Name, Name: b.Offer.Name, BilledBy: string(b.Offer.BilledBy),
		Engines: b.Offer.Engines, Region: text(b.Region), OfferStatus: string(b.Offer.Status),
		Status: string(b.Status), Reasons: orEmpty(b.Reasons), Ranked: compare.Ranked(b),
		NotRankedBecause: classesJSON(b.Unranked), Traits: traitsJSON(b), TermApplied: b.Term == o.Term,
		Term: string(b.Term), Upfront: string(b.UpfrontKind),
		EffectiveFrom: text(b.From), Retrieved: text(b.Retrieved), Note: text(b.Note),
		Lines: []form.Line{}, Assumptions: []form.Assumption{}, Warnings: orEmpty(b.Warnings),
	}
	if b.Status == bill.Priced || (b.Status == bill.Incomplete && b.Total > 0) {
		j.USDPerMonth, j.USDPerMonthExact = text(b.Total.String()), text(b.Total.Exact())
		j.PerMonth = text(in.of(b.Total).String())
		if b.UpfrontCash > 0 {
			j.UpfrontUSD = text(b.UpfrontCash.String())
		}
	}
	if j.AtLeast = b.Status == bill.Incomplete; j.AtLeast {
		j.USDAtLeast = text(b.Total.String())
	}
	if b.Status == bill.AtMost {
		j.USDAtLeast, j.USDAtMost = text(b.AtLeast.String()), text(b.Total.String())
	}
	if j.Plan = newPlanJSON(b.Plan); b.Plan != nil {
		j.Shards = &b.Plan.Shards
	}
	for i := range b.Lines {
		j.Lines = append(j.Lines, newLineJSON(&b.Lines[i]))
	}
	for _, a := range b.Assumptions {
		aj := form.Assumption{Words: a.Words, Source: text(a.Source)}
		if a.Otherwise != nil {
			aj.OtherwiseUSD = text(a.Otherwise.String())
		}
		j.Assumptions = append(j.Assumptions, aj)
	}
	return j
}

// classesJSON are classes by name; never null.
func classesJSON(list []bill.Class) []string {
	names := []string{}
	for _, c := range list {
		names = append(names, string(c))
	}
	return names
}

// traitsJSON are the traits of a bill's plan, or of its offer where it has none.
func traitsJSON(b *bill.Bill) map[string]string {
	plan := ""
	if b.Plan != nil {
		plan = b.Plan.ID
	}
	traits := map[string]string{}
	for _, t := range b.Offer.Traits(plan) {
		traits[string(t.Name)] = t.Value
	}
	return traits
}

func newPlanJSON(p *bill.Plan) *form.Plan {
	if p == nil {
		return nil
	}
	return &form.Plan{ID: p.ID, Shards: p.Shards, Replicas: p.Replicas, Nodes: known(p.Nodes),
		UsableBytes: known(p.UsableBytes), ProvisionedBytes: known(p.Provisioned), Binding: p.Binding, Why: p.Why, OpsUnknown: p.OpsUnknown, OneShard: newOneShard(p.OneShard)}
}

func newOneShard(p *bill.OneShard) *form.OneShard {
	if p == nil {
		return nil
	}
	return &form.OneShard{ID: p.ID, Nodes: p.Nodes, USDPerMonth: p.Total.String()}
}

func newLineJSON(l *bill.Line) form.Line {
	price := l.Rate.Text
	if l.Rate.Factor != "" || price == "" {
		price = l.Rate.Price.Amount.Exact()
	}
	j := form.Line{
		ID: l.ID, Name: l.Name, Meter: text(l.Meter), Unit: l.Unit,
		Quantity: l.QuantityText(), Free: l.FreeText(), Billed: l.BilledText(),
		Price: price, Currency: l.Rate.Currency, Per: strconv.FormatInt(l.Rate.Price.Per, 10),
		USD: l.Amount.Exact(), Source: text(l.Rate.Source), Note: strings.Join(l.Notes, "; "),
	}
	if l.Rate.Currency == "USD" {
		j.PriceUSD = &j.Price
	}
	if l.Rate.Factor != "" {
		j.Base = &form.Base{Offer: l.Rate.From, Price: l.Rate.Text, Factor: l.Rate.Factor, Source: text(l.Rate.Base)}
	}
	if l.FX != nil {
		j.FX = &form.LineFX{USDPerUnit: l.FX.USDPerUnit, Date: l.FX.Day, Source: l.FX.Source, Amount: l.Original.Exact()}
	}
	return j
}

func newBreakEvenJSON(be *compare.BreakEven) *form.BreakEven {
	if be == nil {
		return nil
	}
	j := &form.BreakEven{Pieces: []form.BreakPiece{}}
	if be.Below != nil {
		j.OpsPerSec, j.CheaperBelow, j.CheaperFrom = &be.At, text(be.Below.ID), text(be.Above.ID)
	}
	for _, p := range be.Pieces {
		side := "capacity"
		if p.First {
			side = "commands"
		}
		if p.None {
			side = ""
		}
		j.Pieces = append(j.Pieces, form.BreakPiece{From: p.From, To: p.To, Cheaper: text(side)})
	}
	return j
}

// WriteJSON writes a value as indented JSON with a final newline.
func WriteJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("json: %w", err)
	}
	_, err := w.Write(safetext.JSON(b.Bytes()))
	return err
}

// WriteEstimateCSV writes a row for each offer, and for several workloads at the
// end the sum of each offer; figures are plain decimals.
func WriteEstimateCSV(w io.Writer, list []*compare.Comparison, opt EstimateOptions) error {
	rows := [][]string{{"workload", "offer", "provider", "name", "billed_by", "offer_status", "status", "region",
		"usd_per_month", "usd_per_month_exact", "plan", "shards", "nodes", "binding", "effective_from", "retrieved", "as_of", "reasons", "currency", "per_month", "term", "ranked", "not_ranked_because", "usd_at_least", "usd_at_most"}}
	for _, c := range list {
		for _, b := range c.Bills {
			if !shown(b, opt) {
				continue
			}
			// Unknown figures are empty; bounds have their own columns.
			usd, exact, shownAs, plan, shards, nodes, binding, least, most := "", "", "", "", "", "", "", "", ""
			switch {
			case b.Status == bill.Priced:
				usd, exact, shownAs = b.Total.String(), b.Total.Exact(), opt.Currency.of(b.Total).String()
			case b.Status == bill.Incomplete && b.Total > 0:
				least = b.Total.String()
			case b.Status == bill.AtMost:
				least, most = b.AtLeast.String(), b.Total.String()
			}
			if p := b.Plan; p != nil {
				plan, shards, binding = p.ID, fmt.Sprint(p.Shards), p.Binding
				if p.Nodes > 0 {
					nodes = fmt.Sprint(p.Nodes)
				}
			}
			rows = append(rows, []string{c.Workload.Name, b.Offer.ID, b.Offer.Provider.Name, b.Offer.Name, string(b.Offer.BilledBy),
				string(b.Offer.Status), string(b.Status), b.Region, usd, exact, plan, shards, nodes, binding,
				b.From, b.Retrieved, c.Field.Options.AsOf, strings.Join(b.Reasons, "; "), opt.Currency.Code(), shownAs,
				string(b.Term), strconv.FormatBool(compare.Ranked(b)), strings.Join(classesJSON(b.Unranked), "; "), least, most})
		}
	}
	if len(list) > 1 {
		rows = append(rows, totalRows(list, opt)...)
	}
	return writeCSV(w, rows)
}
