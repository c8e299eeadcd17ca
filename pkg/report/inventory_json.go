package report

import (
	"slices"

	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/inventory"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

// The JSON report of an inventory; its keys are a contract and are only added
// to. docs/inventory.schema.json describes it.
type (
	inventoryJSON struct {
		FormatVersion string                  `json:"format_version"`
		Kind          string                  `json:"kind"`
		AsOf          string                  `json:"as_of"`
		Currency      string                  `json:"currency"`
		FX            *form.ExchangeRate      `json:"fx"`
		HoursPerMonth int64                   `json:"hours_per_month"`
		Region        *string                 `json:"region"`
		Term          string                  `json:"term"`
		Upfront       string                  `json:"upfront"`
		Rates         form.Rates              `json:"rates"`
		Files         []inventoryFileJSON     `json:"files"`
		Resources     []inventoryResourceJSON `json:"resources"`
		NotUnderstood []notUnderstoodJSON     `json:"not_understood"`
		Others        int64                   `json:"other_resources"`

		USDBefore      *string `json:"usd_before"`
		USDAfter       *string `json:"usd_after"`
		USDChange      *string `json:"usd_change"`
		AtLeastBefore  *string `json:"at_least_usd_before"`
		AtLeastAfter   *string `json:"at_least_usd_after"`
		UnpricedBefore int     `json:"unpriced_before"`
		UnpricedAfter  int     `json:"unpriced_after"`
		Committed      string  `json:"committed_usd"`
		Before         *string `json:"before"`
		After          *string `json:"after"`

		Advice  []adviceJSON           `json:"advice"`
		Sources map[string]form.Source `json:"sources"`
	}
	inventoryFileJSON struct {
		Name string `json:"name"`
		Kind string `json:"kind"`
	}
	inventoryResourceJSON struct {
		Address string       `json:"address"`
		Type    string       `json:"type"`
		What    string       `json:"what"`
		Action  string       `json:"action"`
		File    string       `json:"file"`
		Before  *holdingJSON `json:"before"`
		After   *holdingJSON `json:"after"`
		Unknown []string     `json:"unknown"`
	}
	notUnderstoodJSON struct {
		Address string `json:"address"`
		Type    string `json:"type"`
		Why     string `json:"why"`
	}
	holdingJSON struct {
		Offer          *string          `json:"offer"`
		OffersPossible []string         `json:"offers_possible"`
		OfferStatus    *string          `json:"offer_status"`
		Plan           *string          `json:"plan"`
		Shards         *int64           `json:"shards"`
		Replicas       *int64           `json:"replicas"`
		Nodes          *int64           `json:"nodes"`
		SizeGiB        *form.Number     `json:"size_gib"`
		SizeGB         *form.Number     `json:"size_gb"`
		Region         *string          `json:"region"`
		RegionFrom     *string          `json:"region_from"`
		EngineVersion  *string          `json:"engine_version"`
		Counted        bool             `json:"counted"`
		Why            *string          `json:"why"`
		WhyUnknown     *string          `json:"why_unknown"`
		USD            *string          `json:"usd_per_month"`
		PerMonth       *string          `json:"per_month"`
		AtLeast        *string          `json:"at_least_usd_per_month"`
		Cap            *string          `json:"cap_usd_per_month"`
		Between        []string         `json:"between_usd"`
		Sum            *string          `json:"sum"`
		Surcharge      *string          `json:"surcharge_usd_per_month"`
		BilledBy       *string          `json:"billed_by"`
		MinimumGB      *int64           `json:"minimum_data_gb"`
		MaximumGB      *int64           `json:"maximum_data_gb"`
		MinimumPerSec  *int64           `json:"minimum_ecpu_per_second"`
		MaximumPerSec  *int64           `json:"maximum_ecpu_per_second"`
		ReadRegions    *int64           `json:"read_regions"`
		Commitment     *commitmentJSON  `json:"commitment"`
		Autoscaling    *autoscalingJSON `json:"autoscaling"`
		NotIncluded    []string         `json:"not_included"`
		Assumed        []string         `json:"assumed"`
	}
	commitmentJSON struct {
		Term    *string `json:"term"`
		Upfront *string `json:"upfront"`
		Count   int64   `json:"count"`
		Ends    *string `json:"ends"`
	}
	autoscalingJSON struct {
		Shards       []int64 `json:"shards"`
		Replicas     []int64 `json:"replicas"`
		AtLeastNodes int64   `json:"at_least_nodes"`
		AtMostNodes  int64   `json:"at_most_nodes"`
		AtLeastUSD   *string `json:"at_least_usd_per_month"`
		Note         *string `json:"note"`
	}
)

// NewInventoryJSON builds the report of an inventory, with advice where it was
// asked for; nil where it was not.
func NewInventoryJSON(inv *inventory.Inventory, advice []*inventory.Advice, set *ratecard.Set, in Currency) any {
	o := &inv.Options
	j := &inventoryJSON{
		FormatVersion: form.Version, Kind: "inventory", AsOf: o.AsOf, Currency: in.Code(), HoursPerMonth: o.HoursPerMonth,
		Region: text(o.Region), Term: string(o.Term), Upfront: string(o.Upfront),
		Rates: form.Rates{SHA256: set.SHA256(), NewestRetrieved: text(inv.Newest), OldestRetrieved: text(inv.Oldest)},
		Files: []inventoryFileJSON{}, Resources: []inventoryResourceJSON{}, NotUnderstood: []notUnderstoodJSON{}, Others: inv.Others,
		UnpricedBefore: inv.Before.Unpriced, UnpricedAfter: inv.After.Unpriced, Committed: inv.Commitments.String(), Sources: map[string]form.Source{},
	}
	if fx := in.FX; fx != nil {
		j.FX = &form.ExchangeRate{USDPerUnit: fx.USDPerUnit, Date: fx.Day, Source: fx.Source}
	}
	for _, f := range inv.Files {
		j.Files = append(j.Files, inventoryFileJSON{f.Name, f.Kind})
	}
	for _, n := range inv.NotUnderstood {
		j.NotUnderstood = append(j.NotUnderstood, notUnderstoodJSON{n.Address, n.Type, n.Why})
	}
	for _, r := range inv.Resources {
		j.Resources = append(j.Resources, inventoryResourceJSON{
			Address: r.Address, Type: r.Type, What: r.What, Action: r.Action, File: r.File,
			Before: newHoldingJSON(r.Before, in), After: newHoldingJSON(r.After, in), Unknown: orEmpty(r.Unknown),
		})
	}
	j.Advice = newAdviceJSON(advice)
	j.USDAfter, j.AtLeastAfter, j.After = usdText(&inv.After.Known), usdText(&inv.After.AtLeast), shownText(&inv.After.Known, in)
	if inv.Changes() {
		change := inv.After.Known - inv.Before.Known
		j.USDBefore, j.AtLeastBefore, j.Before = usdText(&inv.Before.Known), usdText(&inv.Before.AtLeast), shownText(&inv.Before.Known, in)
		j.USDChange = usdText(&change)
	}
	ids := inv.Sources
	if in.FX != nil {
		ids = append(slices.Clone(ids), in.FX.Source)
	}
	for _, id := range ids {
		if s, ok := set.Source(id); ok {
			j.Sources[id] = form.Source{URL: s.URL, Title: s.Title, Retrieved: s.Retrieved, Confidence: string(s.Confidence)}
		}
	}
	return j
}

func usdText(u *money.USD) *string {
	if u == nil {
		return nil
	}
	return text(u.String())
}

func shownText(u *money.USD, in Currency) *string {
	if u == nil {
		return nil
	}
	return text(in.of(*u).String())
}

func newHoldingJSON(h *inventory.Holding, in Currency) *holdingJSON {
	if h == nil {
		return nil
	}
	j := &holdingJSON{
		Offer: text(h.Offer), OffersPossible: orEmpty(h.OffersPossible), OfferStatus: text(h.OfferStatus), Plan: text(h.Plan),
		Shards: h.Shards, Replicas: h.Replicas, Nodes: h.Nodes, Region: text(h.Region), RegionFrom: text(h.RegionFrom),
		EngineVersion: text(h.EngineVersion), Counted: h.Counted,
		USD: usdText(h.USD), PerMonth: shownText(h.USD, in), AtLeast: usdText(h.AtLeast), Cap: usdText(h.Cap), Between: []string{},
		Sum: text(h.Sum), BilledBy: text(h.BilledBy), NotIncluded: orEmpty(h.NotIncluded), Assumed: orEmpty(h.Assumed),
	}
	if h.Counted && h.USD == nil {
		j.WhyUnknown = text(h.Why)
	} else {
		j.Why = text(h.Why)
	}
	size := form.Number(unit.Decimal(h.SizeBytes, unit.GiB))
	switch {
	case h.SizeBytes == 0:
	case h.SizeUnit == "GiB":
		j.SizeGiB = &size
	default:
		size = form.Number(unit.Decimal(h.SizeBytes, unit.GB))
		j.SizeGB = &size
	}
	if h.Surcharge > 0 {
		j.Surcharge = text(h.Surcharge.String())
	}
	for i := range h.Between {
		j.Between = append(j.Between, h.Between[i].String())
	}
	if u := h.Usage; u != nil {
		j.MinimumGB, j.MaximumGB, j.MinimumPerSec, j.MaximumPerSec, j.ReadRegions = u.MinimumGB, u.MaximumGB, u.MinimumPerSec, u.MaximumPerSec, u.ReadRegions
	}
	if c := h.Commitment; c != nil {
		j.Commitment = &commitmentJSON{Term: text(c.Term), Upfront: text(c.Upfront), Count: c.Count, Ends: text(c.Ends)}
	}
	if s := h.Range; s != nil {
		j.Autoscaling = &autoscalingJSON{Shards: s.Shards, Replicas: s.Replicas, AtLeastNodes: s.AtLeastNodes, AtMostNodes: s.AtMostNodes,
			AtLeastUSD: usdText(s.AtLeastUSD), Note: text(s.Words)}
	}
	return j
}
