package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// FormatVersion is the version of every JSON report. Keys are only added
// within a major version.
const FormatVersion = "1.0"

// number is a JSON number with exactly these digits.
type number = json.Number

// EstimateJSON is the report of keynest estimate as a program reads it;
// docs/estimate.schema.json describes it.
type EstimateJSON struct {
	FormatVersion string            `json:"format_version"`
	AsOf          string            `json:"as_of"`
	Currency      string            `json:"currency"`
	FX            *fxRateJSON       `json:"fx"`
	HoursPerMonth int64             `json:"hours_per_month"`
	Region        string            `json:"region"`
	Term          string            `json:"term"`
	Upfront       string            `json:"upfront"`
	Rates         ratesJSON         `json:"rates"`
	Workload      workloadJSON      `json:"workload"`
	Offers        []offerJSON       `json:"offers"`
	NotShown      map[string]int    `json:"not_shown"`
	Cheapest      cheapestJSON      `json:"cheapest"`
	BreakEven     *breakEvenJSON    `json:"break_even"`
	Observed      []countedJSON     `json:"observed"`
	Sources       map[string]source `json:"sources"`
	Sensitivity   *sensitivityJSON  `json:"sensitivity"`
}

// fxRateJSON is the exchange rate by which per_month differs from usd_per_month.
type fxRateJSON struct {
	USDPerUnit string `json:"usd_per_unit"`
	Date       string `json:"date"`
	Source     string `json:"source"`
}

type ratesJSON struct {
	SHA256          string  `json:"sha256"`
	NewestRetrieved *string `json:"newest_retrieved"`
	OldestRetrieved *string `json:"oldest_retrieved"`
}

type workloadJSON struct {
	Name               *string  `json:"name"`
	OpsPerSec          number   `json:"ops_per_sec"`
	PeakOpsPerSec      number   `json:"peak_ops_per_sec"`
	StoredBytes        int64    `json:"stored_bytes"`
	PayloadBytes       int64    `json:"payload_bytes"`
	ReadShare          number   `json:"read_share"`
	Replicas           int64    `json:"replicas"`
	ReadRegions        int64    `json:"read_regions"`
	Databases          int64    `json:"databases"`
	CommandsPerMonth   int64    `json:"commands_per_month"`
	ReadsPerMonth      int64    `json:"reads_per_month"`
	WritesPerMonth     int64    `json:"writes_per_month"`
	TransferGBPerMonth number   `json:"transfer_gb_per_month"`
	WrittenGBPerMonth  number   `json:"written_gb_per_month"`
	HoursPerMonth      int64    `json:"hours_per_month"`
	OperatorHours      number   `json:"operator_hours"`
	Given              []string `json:"given"`
}

type offerJSON struct {
	ID               string           `json:"id"`
	Provider         string           `json:"provider"`
	Name             string           `json:"name"`
	BilledBy         string           `json:"billed_by"`
	Engines          []string         `json:"engines"`
	Region           *string          `json:"region"`
	OfferStatus      string           `json:"offer_status"`
	Status           string           `json:"status"`
	Reasons          []string         `json:"reasons"`
	Ranked           bool             `json:"ranked"`
	Plan             *planJSON        `json:"plan"`
	Term             string           `json:"term"`
	Upfront          string           `json:"upfront"`
	UpfrontUSD       *string          `json:"upfront_usd"`
	USDPerMonth      *string          `json:"usd_per_month"`
	USDPerMonthExact *string          `json:"usd_per_month_exact"`
	PerMonth         *string          `json:"per_month"` // in the report's currency
	AtLeast          bool             `json:"at_least"`
	EffectiveFrom    *string          `json:"effective_from"`
	Retrieved        *string          `json:"retrieved"`
	Note             *string          `json:"note"`
	Lines            []lineJSON       `json:"lines"`
	Assumptions      []assumptionJSON `json:"assumptions"`
	Warnings         []string         `json:"warnings"`
}

type planJSON struct {
	ID               string `json:"id"`
	Shards           int64  `json:"shards"`
	Replicas         int64  `json:"replicas"`
	Nodes            *int64 `json:"nodes"`
	UsableBytes      *int64 `json:"usable_bytes"`
	ProvisionedBytes *int64 `json:"provisioned_bytes"`
	Binding          string `json:"binding"`
	Why              string `json:"why"`
	OpsUnknown       bool   `json:"ops_unknown"`
}

type lineJSON struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Meter    *string   `json:"meter"`
	Unit     string    `json:"unit"`
	Quantity string    `json:"quantity"`
	Free     string    `json:"free"`
	Billed   string    `json:"billed"`
	PriceUSD *string   `json:"price_usd"`
	Price    string    `json:"price"`
	Currency string    `json:"currency"`
	Per      string    `json:"per"`
	USD      string    `json:"usd"`
	Source   *string   `json:"source"`
	Base     *baseJSON `json:"base"`
	Note     string    `json:"note"` // may be empty
	FX       *fxJSON   `json:"fx"`
}

// baseJSON is the figure that a price is a multiple of.
type baseJSON struct {
	Offer  string  `json:"offer"`
	Price  string  `json:"price"`
	Factor string  `json:"factor"`
	Source *string `json:"source"`
}

type fxJSON struct {
	USDPerUnit string `json:"usd_per_unit"`
	Date       string `json:"date"`
	Source     string `json:"source"`
	Amount     string `json:"amount"`
}

type assumptionJSON struct {
	Words        string  `json:"words"`
	Source       *string `json:"source"`
	OtherwiseUSD *string `json:"otherwise_usd_per_month"`
}

type cheapestJSON struct {
	Commands *string `json:"commands"`
	Capacity *string `json:"capacity"`
	Overall  *string `json:"overall"`
}

type breakEvenJSON struct {
	OpsPerSec    *int64           `json:"ops_per_sec"`
	CheaperBelow *string          `json:"cheaper_below"`
	CheaperFrom  *string          `json:"cheaper_from"`
	Pieces       []breakPieceJSON `json:"pieces"`
}

type breakPieceJSON struct {
	From    int64   `json:"from_ops_per_sec"`
	To      int64   `json:"to_ops_per_sec"`
	Cheaper *string `json:"cheaper"`
}

type source struct {
	URL        string `json:"url"`
	Title      string `json:"title"`
	Retrieved  string `json:"retrieved"`
	Confidence string `json:"confidence"`
}

// text is a string, or null for an empty one.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// known is a count, or null where 0 stands for one that is unknown or is none
// of the plan's.
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
func NewEstimateJSON(c *compare.Comparison, opt EstimateOptions) *EstimateJSON {
	o := &c.Field.Options
	oldest, newest := c.Ages()
	j := &EstimateJSON{
		FormatVersion: FormatVersion, AsOf: o.AsOf, Currency: opt.Currency.Code(), HoursPerMonth: c.Workload.HoursPerMonth,
		Region: o.Where.Name, Term: string(o.Term), Upfront: string(o.Upfront),
		Rates:     ratesJSON{SHA256: c.Field.Set.SHA256(), NewestRetrieved: text(newest), OldestRetrieved: text(oldest)},
		Workload:  newWorkloadJSON(&c.Workload),
		Offers:    []offerJSON{},
		NotShown:  map[string]int{string(bill.Unfit): 0, string(bill.NotPriced): 0},
		BreakEven: newBreakEvenJSON(c.BreakEven),
		Observed:  newCountedJSON(c),
		Sources:   map[string]source{},
	}
	if fx := opt.Currency.FX; fx != nil {
		j.FX = &fxRateJSON{USDPerUnit: fx.USDPerUnit, Date: fx.Day, Source: fx.Source}
	}
	if opt.Sensitivity != nil {
		j.Sensitivity = newSensitivityJSON(opt.Sensitivity)
	}
	for _, b := range c.Bills {
		if !shown(b, opt) {
			j.NotShown[string(b.Status)]++
			continue
		}
		j.Offers = append(j.Offers, newOfferJSON(b, opt.Currency))
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
		j.Sources[s.ID] = source{URL: s.URL, Title: s.Title, Retrieved: s.Retrieved, Confidence: string(s.Confidence)}
	}
	return j
}

func newWorkloadJSON(w *workload.Workload) workloadJSON {
	micro := func(n int64) number { return number(unit.Decimal(n, unit.Million)) }
	j := workloadJSON{
		Name: text(w.Name), OpsPerSec: micro(w.OpsPerSec), PeakOpsPerSec: micro(w.PeakOpsPerSec),
		StoredBytes: w.StoredBytes, PayloadBytes: w.PayloadBytes, ReadShare: micro(w.ReadShare),
		Replicas: w.Replicas, ReadRegions: w.ReadRegions, Databases: w.Databases,
		CommandsPerMonth: w.Commands, ReadsPerMonth: w.Reads, WritesPerMonth: w.Writes,
		TransferGBPerMonth: number(unit.Decimal(w.TransferBytes, unit.GB)),
		WrittenGBPerMonth:  number(unit.Decimal(w.WrittenBytes, unit.GB)),
		HoursPerMonth:      w.HoursPerMonth, OperatorHours: number(unit.Decimal(w.OperatorHours, 1000)),
		Given: []string{},
	}
	j.Given = append(j.Given, w.GivenKeys()...)
	return j
}

func newOfferJSON(b *bill.Bill, in Currency) offerJSON {
	j := offerJSON{
		ID: b.Offer.ID, Provider: b.Offer.Provider.Name, Name: b.Offer.Name, BilledBy: string(b.Offer.BilledBy),
		Engines: b.Offer.Engines, Region: text(b.Region), OfferStatus: string(b.Offer.Status),
		Status: string(b.Status), Reasons: orEmpty(b.Reasons), Ranked: compare.Ranked(b),
		Term: string(b.Term), Upfront: string(b.UpfrontKind),
		EffectiveFrom: text(b.From), Retrieved: text(b.Retrieved), Note: text(b.Note),
		Lines: []lineJSON{}, Assumptions: []assumptionJSON{}, Warnings: orEmpty(b.Warnings),
	}
	if b.Status == bill.Priced || (b.Status == bill.Incomplete && b.Total > 0) {
		j.USDPerMonth, j.USDPerMonthExact = text(b.Total.String()), text(b.Total.Exact())
		j.PerMonth = text(in.of(b.Total).String())
		if b.UpfrontCash > 0 {
			j.UpfrontUSD = text(b.UpfrontCash.String())
		}
	}
	j.AtLeast = b.Status == bill.Incomplete
	j.Plan = newPlanJSON(b.Plan)
	for i := range b.Lines {
		j.Lines = append(j.Lines, newLineJSON(&b.Lines[i]))
	}
	for _, a := range b.Assumptions {
		aj := assumptionJSON{Words: a.Words, Source: text(a.Source)}
		if a.Otherwise != nil {
			aj.OtherwiseUSD = text(a.Otherwise.String())
		}
		j.Assumptions = append(j.Assumptions, aj)
	}
	return j
}

func newPlanJSON(p *bill.Plan) *planJSON {
	if p == nil {
		return nil
	}
	return &planJSON{ID: p.ID, Shards: p.Shards, Replicas: p.Replicas, Nodes: known(p.Nodes),
		UsableBytes: known(p.UsableBytes), ProvisionedBytes: known(p.Provisioned), Binding: p.Binding, Why: p.Why, OpsUnknown: p.OpsUnknown}
}

func newLineJSON(l *bill.Line) lineJSON {
	price := l.Rate.Text
	if l.Rate.Factor != "" || price == "" {
		price = l.Rate.Price.Amount.Exact()
	}
	j := lineJSON{
		ID: l.ID, Name: l.Name, Meter: text(l.Meter), Unit: l.Unit,
		Quantity: l.QuantityText(), Free: l.FreeText(), Billed: l.BilledText(),
		Price: price, Currency: l.Rate.Currency, Per: strconv.FormatInt(l.Rate.Price.Per, 10),
		USD: l.Amount.Exact(), Source: text(l.Rate.Source), Note: strings.Join(l.Notes, "; "),
	}
	if l.Rate.Currency == "USD" {
		j.PriceUSD = &j.Price
	}
	if l.Rate.Factor != "" {
		j.Base = &baseJSON{Offer: l.Rate.From, Price: l.Rate.Text, Factor: l.Rate.Factor, Source: text(l.Rate.Base)}
	}
	if l.FX != nil {
		j.FX = &fxJSON{USDPerUnit: l.FX.USDPerUnit, Date: l.FX.Day, Source: l.FX.Source, Amount: l.Original.Exact()}
	}
	return j
}

func newBreakEvenJSON(be *compare.BreakEven) *breakEvenJSON {
	if be == nil {
		return nil
	}
	j := &breakEvenJSON{Pieces: []breakPieceJSON{}}
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
		j.Pieces = append(j.Pieces, breakPieceJSON{From: p.From, To: p.To, Cheaper: text(side)})
	}
	return j
}

// WriteJSON writes a value as indented JSON with a final newline.
func WriteJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("json: %w", err)
	}
	return nil
}

// WriteEstimateCSV writes a row per offer; figures are plain decimals.
func WriteEstimateCSV(w io.Writer, list []*compare.Comparison, opt EstimateOptions) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"workload", "offer", "provider", "name", "billed_by", "offer_status", "status", "region",
		"usd_per_month", "usd_per_month_exact", "plan", "shards", "nodes", "binding", "effective_from", "retrieved", "as_of", "reasons", "currency", "per_month"}}
	for _, c := range list {
		for _, b := range c.Bills {
			if !shown(b, opt) {
				continue
			}
			usd, exact, shownAs, plan, shards, nodes, binding := "", "", "", "", "", "", ""
			if b.Status == bill.Priced || b.Status == bill.Incomplete {
				usd, exact, shownAs = b.Total.String(), b.Total.Exact(), opt.Currency.of(b.Total).String()
			}
			if p := b.Plan; p != nil {
				plan, shards, binding = p.ID, fmt.Sprint(p.Shards), p.Binding
				if p.Nodes > 0 {
					nodes = fmt.Sprint(p.Nodes)
				}
			}
			rows = append(rows, []string{c.Workload.Name, b.Offer.ID, b.Offer.Provider.Name, b.Offer.Name, string(b.Offer.BilledBy),
				string(b.Offer.Status), string(b.Status), b.Region, usd, exact, plan, shards, nodes, binding,
				b.From, b.Retrieved, c.Field.Options.AsOf, strings.Join(b.Reasons, "; "), opt.Currency.Code(), shownAs})
		}
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("csv: %w", err)
	}
	return nil
}
