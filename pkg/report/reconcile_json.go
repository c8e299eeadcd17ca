package report

import (
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/reconcile"
)

// ReconcileJSON is the report of keynest reconcile as a program reads it;
// docs/reconcile.schema.json describes it.
type ReconcileJSON struct {
	FormatVersion string             `json:"format_version"`
	Kind          string             `json:"kind"`
	Currency      string             `json:"currency"`
	RatesSHA256   string             `json:"rates_sha256"`
	Files         []billFileJSON     `json:"files"`
	Lines         []billLineJSON     `json:"lines"`
	NotRecognised []unrecognisedJSON `json:"not_recognised"`
	Billed        string             `json:"billed"`
	AtList        string             `json:"at_list"`
	Explained     string             `json:"explained"`
	Unexplained   string             `json:"unexplained"`
	Percent       string             `json:"unexplained_percent"`
	Reasons       []billReasonJSON   `json:"reasons"`
	Caches        []billCacheJSON    `json:"caches"`
	Periods       []billPeriodJSON   `json:"periods"`
	Others        billOthersJSON     `json:"other_services"`
	Contradicted  []contradictedJSON `json:"contradicted"`
	Notes         []string           `json:"notes"`
}

type billFileJSON struct {
	Name   string `json:"name"`
	Format string `json:"format"`
	Rows   int64  `json:"rows"`
	Lines  int64  `json:"lines"`
}

type billLineJSON struct {
	File       string  `json:"file"`
	Line       int64   `json:"line"`
	Cache      *string `json:"cache"`
	Offer      *string `json:"offer"`
	Plan       *string `json:"plan"`
	Meter      *string `json:"meter"`
	Region     *string `json:"region"`
	Quantity   *string `json:"quantity"`
	Unit       *string `json:"unit"`
	ListRate   *string `json:"list_rate"`
	AtList     *string `json:"at_list"`
	Billed     string  `json:"billed"`
	Cost       *string `json:"cost"`
	Difference *string `json:"difference"`
	Reason     string  `json:"reason"`
	Words      *string `json:"words"`
}

type unrecognisedJSON struct {
	File        string  `json:"file"`
	Line        int64   `json:"line"`
	Service     *string `json:"service"`
	Kind        *string `json:"line_type"`
	UsageType   *string `json:"usage_type"`
	Operation   *string `json:"operation"`
	Description *string `json:"description"`
	Lines       int64   `json:"lines"`
	Billed      string  `json:"billed"`
}

type billReasonJSON struct {
	Reason     string  `json:"reason"`
	Words      string  `json:"words"`
	Lines      int64   `json:"lines"`
	Billed     string  `json:"billed"`
	AtList     *string `json:"at_list"`
	Difference *string `json:"difference"`
}

type billCacheJSON struct {
	Cache      *string  `json:"cache"`
	Offer      string   `json:"offer"`
	Plans      []string `json:"plans"`
	Region     *string  `json:"region"`
	From       *string  `json:"from"`
	To         *string  `json:"to"`
	Hours      int64    `json:"hours"`
	NodeHours  string   `json:"node_hours"`
	GBHours    string   `json:"gb_hours"`
	GiBHours   string   `json:"gib_hours"`
	ECPU       string   `json:"ecpu"`
	Billed     string   `json:"billed"`
	Cost       *string  `json:"cost"`
	AtList     *string  `json:"at_list"`
	Use        *string  `json:"use"`
	MinimumGB  *string  `json:"minimum_gb"`
	MinimumECU *string  `json:"minimum_ecpu_per_sec"`
}

type billPeriodJSON struct {
	Period *string `json:"period"`
	Lines  int64   `json:"lines"`
	Billed string  `json:"billed"`
	AtList string  `json:"at_list"`
}

type billOthersJSON struct {
	Lines  int64  `json:"lines"`
	Billed string `json:"billed"`
}

type contradictedJSON struct {
	Offer  string  `json:"offer"`
	Plan   *string `json:"plan"`
	Meter  string  `json:"meter"`
	Region string  `json:"region"`
	From   string  `json:"from"`
	Bill   string  `json:"bill"`
	Card   *string `json:"card"`
	Lines  int64   `json:"lines"`
}

// NewReconcileJSON builds the report.
func NewReconcileJSON(r *reconcile.Result, set *ratecard.Set) *ReconcileJSON {
	j := &ReconcileJSON{
		FormatVersion: form.Version, Kind: "reconcile", Currency: r.Currency, RatesSHA256: set.SHA256(),
		Files: []billFileJSON{}, Lines: make([]billLineJSON, 0, len(r.Lines)), NotRecognised: []unrecognisedJSON{},
		Billed: r.Billed.Exact(), AtList: r.AtList.Exact(), Explained: r.Explained().Exact(), Unexplained: r.Unexplained.Exact(), Percent: r.Share(4).String(),
		Reasons: []billReasonJSON{}, Caches: []billCacheJSON{}, Periods: []billPeriodJSON{},
		Others: billOthersJSON{r.Others.Lines, r.Others.Billed.Exact()}, Contradicted: []contradictedJSON{}, Notes: append([]string{}, r.Notes...),
	}
	for _, f := range r.Files {
		j.Files = append(j.Files, billFileJSON(f))
	}
	for i := range r.Lines {
		j.Lines = append(j.Lines, newBillLineJSON(r, &r.Lines[i]))
	}
	for _, n := range r.Unknowns {
		j.NotRecognised = append(j.NotRecognised, unrecognisedJSON{r.Files[n.File].Name, n.Number, textOr(n.Service), textOr(n.Kind), textOr(n.UsageType), textOr(n.Operation), textOr(n.Description), n.Lines, n.Billed.Exact()})
	}
	for _, s := range r.ByReason() {
		one := billReasonJSON{Reason: string(s.Reason), Words: s.Reason.Words(), Lines: s.Lines, Billed: s.Billed.Exact()}
		if s.Priced {
			one.AtList, one.Difference = exactOr(&s.AtList), exactOr(&s.Difference)
		}
		j.Reasons = append(j.Reasons, one)
	}
	for _, c := range r.Caches {
		one := billCacheJSON{
			Cache: textOr(c.Name), Offer: c.Offer, Plans: append([]string{}, c.Plans...), Region: textOr(c.Region), From: textOr(c.From), To: textOr(c.To), Hours: c.Hours,
			NodeHours: c.NodeHours.String(), GBHours: c.Stored.String(), GiBHours: c.Memory.String(), ECPU: c.ECPU.String(),
			Billed: c.Billed.Exact(), Use: textOr(string(c.Use)), MinimumGB: plainOr(c.StoredMinimum), MinimumECU: plainOr(c.ECPUMinimum),
		}
		if c.CostKnown {
			one.Cost = exactOr(&c.Cost)
		}
		if c.Priced {
			one.AtList = exactOr(&c.AtList)
		}
		j.Caches = append(j.Caches, one)
	}
	for _, m := range r.Months {
		j.Periods = append(j.Periods, billPeriodJSON{textOr(m.Name), m.Lines, m.Billed.Exact(), m.AtList.Exact()})
	}
	for _, d := range r.Disagreed {
		j.Contradicted = append(j.Contradicted, contradictedJSON{d.Offer, textOr(d.Plan), d.Meter, d.Region, d.Day, d.Bill.String(), plainOr(d.Card), d.Lines})
	}
	return j
}

func newBillLineJSON(r *reconcile.Result, l *reconcile.Line) billLineJSON {
	g := l.Group
	return billLineJSON{
		File: r.Files[l.File].Name, Line: l.Number, Cache: textOr(g.Cache), Offer: textOr(g.Offer), Plan: textOr(g.Plan), Meter: textOr(g.Meter),
		Region: textOr(g.Region), Quantity: plainOr(l.Quantity), Unit: textOr(g.Unit), ListRate: plainOr(g.ListRate), AtList: exactOr(l.AtList),
		Billed: l.Billed.Exact(), Cost: exactOr(l.Cost), Difference: exactOr(l.Difference()), Reason: string(g.Reason), Words: textOr(g.Words),
	}
}

// textOr is null for an empty text.
func textOr(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func exactOr(d *reconcile.Decimal) *string {
	if d == nil {
		return nil
	}
	s := d.Exact()
	return &s
}

func plainOr(d *reconcile.Decimal) *string {
	if d == nil {
		return nil
	}
	s := d.String()
	return &s
}
