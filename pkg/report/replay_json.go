package report

import (
	"fmt"
	"io"
	"time"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/replay"
	"github.com/keynest/keynest/pkg/unit"
)

// ReplayJSON is the report of keynest replay as a program reads it;
// docs/replay.schema.json describes it.
type ReplayJSON struct {
	headJSON
	From     string            `json:"from"`
	To       string            `json:"to"`
	TimeZone string            `json:"time_zone"`
	Hours    int64             `json:"hours"`
	Rows     int64             `json:"rows"`
	Every    int64             `json:"every_seconds"`
	Missing  int64             `json:"missing_rows"`
	Caches   int               `json:"caches"`
	Replicas int64             `json:"replicas"`
	Load     *loadJSON         `json:"load"` // of a single cache
	Months   []spanJSON        `json:"months"`
	Offers   []replayOfferJSON `json:"offers"`
	Cheapest form.Cheapest     `json:"cheapest"`
	Fleet    *fleetJSON        `json:"fleet"` // of several caches
	Each     []cacheJSON       `json:"each"`  // with --each, else null
	Sized    *sizedJSON        `json:"sized"` // with --schedule, --resize or --reserved, else null
}

type loadJSON struct {
	MeanOps  form.Number `json:"mean_ops_per_sec"`
	PeakOps  form.Number `json:"peak_ops_per_sec"`
	PeakAt   string      `json:"peak_at"`
	Stored   int64       `json:"max_stored_bytes"`
	StoredAt string      `json:"max_stored_at"`
	Transfer int64       `json:"peak_bytes_per_sec"`
}

type spanJSON struct {
	Name    string `json:"month"`
	Hours   int64  `json:"hours"`
	Covered int64  `json:"covered_hours"`
}

type replayOfferJSON struct {
	ID       string         `json:"id"`
	Provider string         `json:"provider"`
	Name     string         `json:"name"`
	BilledBy string         `json:"billed_by"`
	Sold     string         `json:"offer_status"`
	Status   string         `json:"status"`
	Reasons  []string       `json:"reasons"`
	Ranked   bool           `json:"ranked"`
	Because  []string       `json:"not_ranked_because"`
	Priced   int            `json:"caches_priced"`
	Total    *string        `json:"usd_total_exact"`
	AtLeast  *string        `json:"usd_at_least_exact"`
	PerMonth *string        `json:"usd_per_month"`
	Floor    *string        `json:"floor_usd"`
	Plan     *form.Plan     `json:"plan"`
	Peak     *peakJSON      `json:"peak"`
	Smallest *string        `json:"usd_smallest_month"`
	Largest  *string        `json:"usd_largest_month"`
	Months   []slotCostJSON `json:"months"`
	Days     []dayCostJSON  `json:"days"` // with --by day, else null
	Warnings []string       `json:"warnings"`
}

// peakJSON is what the highest hour decided of an offer with sizes.
type peakJSON struct {
	Binding  string  `json:"binding"`
	Why      string  `json:"why"`
	Forced   *string `json:"usd_forced"`
	Ops      *int64  `json:"capacity_ops_per_sec"`
	Capacity *int64  `json:"capacity_stored_bytes"`
}

type slotCostJSON struct {
	Month string `json:"month"`
	USD   string `json:"usd_exact"`
}

type dayCostJSON struct {
	Day string `json:"day"`
	USD string `json:"usd_exact"`
}

type fleetJSON struct {
	Best     string  `json:"usd_each_on_its_cheapest"`
	Bests    int     `json:"caches_with_a_cheapest"`
	Today    *string `json:"usd_today"`
	Todays   int     `json:"caches_with_today"`
	Moves    int     `json:"caches_to_move"`
	Saving   *string `json:"usd_saving"`
	PerMonth *string `json:"usd_saving_per_month"`
}

type cacheJSON struct {
	Cache    string             `json:"cache"`
	From     string             `json:"from"`
	To       string             `json:"to"`
	Hours    int64              `json:"hours"`
	Missing  int64              `json:"missing_rows"`
	PeakOps  form.Number        `json:"peak_ops_per_sec"`
	Stored   int64              `json:"max_stored_bytes"`
	Cheapest *string            `json:"cheapest"`
	Size     *string            `json:"size"`
	USD      *string            `json:"usd_total_exact"`
	Today    *string            `json:"usd_today_exact"`
	Saving   *string            `json:"usd_saving"`
	Offers   map[string]*string `json:"offers"`
}

// NewReplayJSON builds the report.
func NewReplayJSON(r *replay.Result, opt ReplayOptions) *ReplayJSON {
	s := r.Series
	j := &ReplayJSON{
		headJSON: newHeadJSON("replay", r.Field, fmt.Sprint(r.Field.Options.HoursPerMonth)),
		From:     moment(s, s.From), To: moment(s, s.To), TimeZone: s.Zone(), Hours: s.Hours(), Rows: s.Rows, Every: s.Every, Missing: s.Missing,
		Caches: len(s.Caches), Replicas: r.Shape.Replicas, Months: []spanJSON{}, Offers: []replayOfferJSON{},
		Cheapest: form.Cheapest{Commands: costID(r.Commands), Capacity: costID(r.Capacity), Overall: costID(r.Overall)},
		Sized:    newSizedJSON(r, opt.Sized, opt.Each),
	}
	for _, m := range r.Months {
		j.Months = append(j.Months, spanJSON{m.Name, m.Hours, m.Covered})
	}
	for _, o := range r.Offers {
		if st := o.Status(); opt.All || st == bill.Priced || st == bill.Incomplete {
			j.Offers = append(j.Offers, newReplayOfferJSON(r, o))
		}
	}
	if len(s.Caches) == 1 {
		c := s.Caches[0]
		j.Load = &loadJSON{millionths(s.MeanOps()), millionths(c.Ops.Value), moment(s, c.Ops.At), c.Held.Value, moment(s, c.Held.At), c.Transfer.Value}
	} else {
		j.Fleet = newFleetJSON(r)
	}
	if opt.Each {
		j.Each = []cacheJSON{}
		for i := range r.Caches {
			j.Each = append(j.Each, newCacheJSON(r, &r.Caches[i]))
		}
	}
	return j
}

func newReplayOfferJSON(r *replay.Result, o *replay.OfferCost) replayOfferJSON {
	card := o.Period.Offer.Card
	j := replayOfferJSON{
		ID: card.ID, Provider: card.Provider.Name, Name: card.Name, BilledBy: string(card.BilledBy), Sold: string(card.Status),
		Status: string(o.Status()), Reasons: []string{}, Ranked: r.Ranked(o), Priced: o.Priced, Warnings: []string{}, Months: []slotCostJSON{}, Because: []string{},
	}
	if o.Bill != nil && !j.Ranked {
		for _, class := range o.Bill.Unranked {
			j.Because = append(j.Because, string(class))
		}
	}
	if o.Bill != nil {
		j.Reasons = append(j.Reasons, o.Bill.Reasons...)
		j.Warnings = append(j.Warnings, o.Bill.Warnings...)
	}
	usd := func(s string) *string { return &s }
	switch o.Status() {
	case bill.Priced:
		j.Total, j.PerMonth = usd(o.Total.Exact()), usd(r.PerMonth(o.Total).String())
	case bill.Incomplete:
		j.AtLeast = usd(o.Total.Exact())
	default:
		return j
	}
	j.Floor = usd(o.Floor.Exact())
	small, large := o.Extremes(r.Months)
	j.Smallest, j.Largest = usd(small.String()), usd(large.String())
	for i, m := range r.Months {
		j.Months = append(j.Months, slotCostJSON{m.Name, o.Months[i].Exact()})
	}
	for i, d := range r.Days() {
		j.Days = append(j.Days, dayCostJSON{d.Name, o.Days[i].Exact()})
	}
	if p := planOf(o); p != nil {
		j.Plan = newPlanJSON(p)
		j.Peak = &peakJSON{Binding: p.Binding, Why: p.Why, Forced: usd(o.Forced.Exact()), Ops: known(o.OpsPerSec), Capacity: known(o.StoredBytes)}
	}
	return j
}

func newFleetJSON(r *replay.Result) *fleetJSON {
	j := &fleetJSON{Best: r.Best.Exact(), Bests: r.Bests, Todays: r.Todays, Moves: len(r.Moves)}
	if r.Todays > 0 {
		saving := r.Saving()
		j.Today, j.Saving, j.PerMonth = text(r.Today.Exact()), text(saving.Exact()), text(r.PerMonth(saving).String())
	}
	return j
}

func newCacheJSON(r *replay.Result, c *replay.CacheCost) cacheJSON {
	s := r.Series
	j := cacheJSON{
		Cache: c.Cache.Name, From: moment(s, c.Cache.First), To: moment(s, c.Cache.Last+s.Every), Hours: c.Hours, Missing: c.Cache.Missing,
		PeakOps: millionths(c.Cache.Ops.Value), Stored: c.Cache.Held.Value, Offers: map[string]*string{},
	}
	for i, o := range r.Field.Offers {
		j.Offers[o.Card.ID] = nil
		if c.Costs[i].Status == bill.Priced {
			j.Offers[o.Card.ID] = text(c.Costs[i].Total.Exact())
		}
	}
	if c.Best >= 0 {
		best := c.Costs[c.Best].Total
		j.Cheapest, j.Size, j.USD = text(r.Field.Offers[c.Best].Card.ID), text(c.Plan), text(best.Exact())
	}
	if c.Today != nil && c.Today.Status == bill.Priced {
		j.Today = text(c.Today.Total.Exact())
		if c.Best >= 0 {
			j.Saving = text(max(c.Today.Total-c.Costs[c.Best].Total, 0).Exact())
		}
	}
	return j
}

func costID(o *replay.OfferCost) *string {
	if o == nil {
		return nil
	}
	return text(o.Period.Offer.Card.ID)
}

func moment(s *replay.Series, at int64) string { return s.Local(at).Format(time.RFC3339) }

// WriteReplayCSV writes a row for each offer and month (or day), or with
// --each for each cache and offer.
func WriteReplayCSV(w io.Writer, r *replay.Result, opt ReplayOptions) error {
	if opt.Sized != nil && opt.Sized.Fleet != nil {
		return writeCSV(w, sizedEachRows(opt.Sized.Fleet))
	}
	if opt.Each {
		return writeCSV(w, eachRows(r))
	}
	if opt.Sized != nil {
		return writeCSV(w, sizedRows(r, opt.Sized))
	}
	rows := [][]string{{"offer", "status", "ranked", slotWord(r), "hours", "usd"}}
	spans := r.Months
	if r.Days() != nil {
		spans = r.Days()
	}
	for _, o := range r.Offers {
		status := o.Status()
		if status != bill.Priced && status != bill.Incomplete {
			if opt.All {
				rows = append(rows, []string{o.Period.Offer.Card.ID, string(status), "false", "", "", ""})
			}
			continue
		}
		costs := o.Months
		if o.Days != nil {
			costs = o.Days
		}
		for i, span := range spans {
			rows = append(rows, []string{o.Period.Offer.Card.ID, string(status), fmt.Sprint(r.Ranked(o)), span.Name, fmt.Sprint(span.Covered), costs[i].Exact()})
		}
	}
	return writeCSV(w, rows)
}

func eachRows(r *replay.Result) [][]string {
	head := []string{"cache", "hours", "cheapest", "size", "usd", "today_usd", "saving_usd"}
	for _, o := range r.Field.Offers {
		head = append(head, o.Card.ID)
	}
	rows := [][]string{head}
	for i := range r.Caches {
		j := newCacheJSON(r, &r.Caches[i])
		row := []string{j.Cache, fmt.Sprint(j.Hours)}
		for _, cell := range []*string{j.Cheapest, j.Size, j.USD, j.Today, j.Saving} {
			row = append(row, csvText(cell))
		}
		for _, o := range r.Field.Offers {
			row = append(row, csvText(j.Offers[o.Card.ID]))
		}
		rows = append(rows, row)
	}
	return rows
}

// csvText is a text, or an empty cell for null.
func csvText(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// millionths prints millionths of a unit as a number.
func millionths(n int64) form.Number { return form.Number(unit.Decimal(n, unit.Million)) }
