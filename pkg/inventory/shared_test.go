package inventory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
)

// expected is the right answer for one file.
type expected struct {
	Kind      string         `json:"kind"`
	Command   string         `json:"command"`
	AsOf      string         `json:"rates_as_of"`
	Resources []expectedItem `json:"resources"`
	Now       []expectedSide `json:"now"`
	Totals    *struct {
		Before         string `json:"before_usd_known"`
		After          string `json:"after_usd_known"`
		Change         string `json:"change_usd_known"`
		UnpricedBefore int    `json:"before_unpriced"`
		UnpricedAfter  int    `json:"after_unpriced"`
	} `json:"totals"`
	TotalKnown   string   `json:"total_known_usd"`
	MustNotPrint []string `json:"must_not_print"`
	ExitCode     int      `json:"exit_code"`
	MustName     []string `json:"message_must_name"`
}

type expectedItem struct {
	Address string        `json:"address"`
	Type    string        `json:"type"`
	Action  string        `json:"action"`
	Before  *expectedSide `json:"before"`
	After   *expectedSide `json:"after"`
}

type expectedSide struct {
	ID             string          `json:"id"`
	Offer          *string         `json:"offer"`
	OffersPossible []string        `json:"offers_possible"`
	Plan           *string         `json:"plan"`
	Shards         *int64          `json:"shards"`
	Replicas       *int64          `json:"replicas"`
	Nodes          *int64          `json:"nodes"`
	Region         *string         `json:"region"`
	USD            *string         `json:"usd_per_month"`
	AtLeast        *string         `json:"at_least_usd_per_month"`
	Cap            *string         `json:"cap_usd_per_month"`
	Between        []string        `json:"between_usd"`
	Counted        json.RawMessage `json:"counted"`
	SizeGiB        *int64          `json:"size_gib"`
	SizeGB         *int64          `json:"size_gb"`
	MinimumGB      *int64          `json:"minimum_data_gb"`
	MinimumPerSec  *int64          `json:"minimum_ecpu_per_second"`
	MaximumGB      *int64          `json:"maximum_data_gb"`
	MaximumPerSec  *int64          `json:"maximum_ecpu_per_second"`
	ReadRegions    *int64          `json:"read_regions"`
	Term           string          `json:"term"`
	Upfront        string          `json:"upfront"`
	Ends           string          `json:"ends"`
	RegionFrom     string          `json:"region_from"`
	has            map[string]bool // its keys
	// ExtendedSupport is the surcharge for an old engine. The answers have it
	// beside usd_per_month and the totals, KeyNest in them.
	ExtendedSupport *struct {
		About string `json:"about_usd_per_month"`
	} `json:"extended_support"`
	Autoscaling *struct {
		Shards, Replicas []int64
		AtLeastNodes     int64  `json:"at_least_nodes"`
		AtLeastUSD       string `json:"at_least_usd_per_month"`
	} `json:"autoscaling"`
}

// UnmarshalJSON keeps which keys are there: what an answer leaves out is not
// checked, what it has as null is.
func (s *expectedSide) UnmarshalJSON(raw []byte) error {
	type plain expectedSide
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(raw, &keys); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, (*plain)(s)); err != nil {
		return err
	}
	s.has = map[string]bool{}
	for k := range keys {
		s.has[k] = true
	}
	return nil
}

func cards(t testing.TB) *ratecard.Set {
	t.Helper()
	text, err := os.ReadFile("../../rates.toml")
	if err != nil {
		t.Fatal(err)
	}
	set, err := ratecard.Load("2026-11-25", ratecard.File{Name: "rates.toml", Text: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func mapping(t testing.TB) *Mapping {
	t.Helper()
	m, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestExpected holds every file that has an expected.json beside it against
// that: the repository's own, and the shared ones where they are.
func TestExpected(t *testing.T) {
	set, m, ran := cards(t), mapping(t), 0
	for _, dir := range []string{"testdata", "../../../shared/terraform", "../../../shared/terraform/cli"} {
		answers, err := filepath.Glob(filepath.Join(dir, "*.expected.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, answer := range answers {
			ran++
			t.Run(filepath.Base(answer), func(t *testing.T) { holdAgainst(t, set, m, answer) })
		}
	}
	t.Logf("%d files with answers", ran)
}

func holdAgainst(t *testing.T, set *ratecard.Set, m *Mapping, answer string) {
	var want expected
	text, err := os.ReadFile(answer)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	file := strings.TrimSuffix(answer, ".expected.json") + ".json"
	input, err := os.ReadFile(file)
	if err != nil {
		file = strings.TrimSuffix(file, ".json") + ".ndjson"
		if input, err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Read(m, Input{filepath.Base(file), bytes.NewReader(input)})
	if want.ExitCode != 0 {
		refused(t, &want, err)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	inv, err := c.Price(set, Options{AsOf: want.AsOf, Term: ratecard.TermOnDemand, Upfront: ratecard.UpfrontNone})
	if err != nil {
		t.Fatal(err)
	}
	kind, _, _ := strings.Cut(want.Kind, " (")
	if got := inv.Files[0].Kind; (want.Kind != "" && got != kind) || !strings.HasPrefix(want.Command, strings.TrimPrefix(got, kind)) {
		t.Errorf("kind %q, want %q%s", got, want.Kind, want.Command)
	}
	items := want.Resources
	for i := range want.Now {
		items = append(items, expectedItem{Address: want.Now[i].ID, Action: "none", After: &want.Now[i]})
	}
	seen := map[string]*Resource{}
	for _, r := range inv.Resources {
		seen[r.Address] = r
	}
	for _, item := range items {
		r := seen[item.Address]
		if r == nil {
			t.Errorf("%s is missing", item.Address)
			continue
		}
		delete(seen, item.Address)
		if r.Action != item.Action || (item.Type != "" && r.Type != item.Type) {
			t.Errorf("%s: %s of %s, want %s of %s", r.Address, r.Action, r.Type, item.Action, item.Type)
		}
		sameSide(t, r.Address+" before", r.Before, item.Before)
		sameSide(t, r.Address+" after", r.After, item.After)
	}
	for address, r := range seen {
		if r.After == nil || r.After.Counted {
			t.Errorf("%s is not expected", address)
		}
	}
	before, after := inv.Before.Known, inv.After.Known
	for _, r := range inv.Resources {
		if r.Before != nil {
			before -= r.Before.Surcharge
		}
		if r.After != nil {
			after -= r.After.Surcharge
		}
	}
	if w := want.Totals; w != nil {
		got := fmt.Sprint(before, " ", after, " ", after-before, " ", inv.Before.Unpriced, " ", inv.After.Unpriced)
		if s := fmt.Sprint(w.Before, " ", w.After, " ", w.Change, " ", w.UnpricedBefore, " ", w.UnpricedAfter); got != s {
			t.Errorf("totals %s, want %s", got, s)
		}
	}
	if want.TotalKnown != "" && (after+inv.Commitments).String() != want.TotalKnown {
		t.Errorf("total %s and committed %s, want %s", after, inv.Commitments, want.TotalKnown)
	}
	out := fmt.Sprintf("%+v", inv)
	for _, r := range inv.Resources {
		out += fmt.Sprintf("%+v %+v %+v", *r, r.Before, r.After)
	}
	for _, secret := range want.MustNotPrint {
		if strings.Contains(out, secret) {
			t.Errorf("the result holds %q", secret)
		}
	}
}

// refused checks the error of a file that must not be read.
func refused(t *testing.T, want *expected, err error) {
	if err == nil {
		t.Fatal("it was read")
	}
	words := map[string]string{
		"that the JSON ends too early":                                  "ends too early",
		"that major version 1 (and 0.x) is read":                        "major version 1 (and 0.x)",
		"terraform plan -out=plan.bin && terraform show -json plan.bin": "terraform plan -out=plan.bin && terraform show -json plan.bin",
	}
	for _, name := range want.MustName {
		if w, ok := words[name]; ok {
			name = w
		}
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%q does not say %q", err, name)
		}
	}
}

func sameSide(t *testing.T, at string, got *Holding, want *expectedSide) {
	t.Helper()
	if (got == nil) != (want == nil) {
		t.Errorf("%s: there is %v, want %v", at, got, want)
	}
	if got == nil || want == nil {
		return
	}
	problem := func(what string, g, w any) { t.Errorf("%s: %s %v, want %v (%s)", at, what, g, w, got.Why) }
	if w := string(want.Counted); w == "false" || (w != "" && w != "true") {
		if got.Counted {
			problem("counted", true, w)
		}
		if w == "false" {
			return
		}
	} else if !got.Counted && got.Commitment == nil {
		problem("counted", false, true)
	}
	text := func(what, g string, w *string) {
		if !want.has[what] {
			return
		}
		if (w == nil && g != "") || (w != nil && *w != g) {
			s := "null"
			if w != nil {
				s = *w
			}
			problem(what, g, s)
		}
	}
	count := func(what string, g, w *int64) {
		if !want.has[what] {
			return
		}
		if (g == nil) != (w == nil) || (g != nil && *g != *w) {
			t.Errorf("%s: %s %s, want %s", at, what, show(g), show(w))
		}
	}
	amount := func(what string, g *money.USD, w *string) {
		s := ""
		if g != nil {
			s = g.String()
		}
		if w != nil && !strings.Contains(*w, ".") {
			*w += ".00"
		}
		text(what, s, w)
	}
	text("offer", got.Offer, want.Offer)
	text("plan", got.Plan, want.Plan)
	text("region", got.Region, want.Region)
	without := got.USD
	if without != nil {
		usd := *without - got.Surcharge
		without = &usd
	}
	amount("usd_per_month", without, want.USD)
	if e := want.ExtendedSupport; e != nil && got.Surcharge.String() != e.About {
		problem("surcharge", got.Surcharge, e.About)
	}
	if got.Commitment == nil {
		count("shards", got.Shards, want.Shards)
		count("replicas", got.Replicas, want.Replicas)
	}
	count("nodes", got.Nodes, want.Nodes)
	amount("at_least_usd_per_month", got.AtLeast, want.AtLeast)
	amount("cap_usd_per_month", got.Cap, want.Cap)
	if len(want.Between) > 0 && fmt.Sprint(got.Between) != fmt.Sprint(want.Between) {
		problem("between", got.Between, want.Between)
	}
	if len(want.OffersPossible) > 0 && !slices.Equal(got.OffersPossible, want.OffersPossible) {
		problem("possible", got.OffersPossible, want.OffersPossible)
	}
	for _, size := range []struct {
		unit string
		want *int64
	}{{"GiB", want.SizeGiB}, {"GB", want.SizeGB}} {
		if size.want != nil && (got.SizeUnit != size.unit || got.SizeBytes != *size.want*unitBytes(size.unit)) {
			problem("size", fmt.Sprint(got.SizeBytes, got.SizeUnit), *size.want)
		}
	}
	if u := got.Usage; u != nil {
		count("minimum_data_gb", u.MinimumGB, want.MinimumGB)
		count("minimum_ecpu_per_second", u.MinimumPerSec, want.MinimumPerSec)
		count("maximum_data_gb", u.MaximumGB, want.MaximumGB)
		count("maximum_ecpu_per_second", u.MaximumPerSec, want.MaximumPerSec)
		count("read_regions", u.ReadRegions, want.ReadRegions)
	}
	if c := got.Commitment; c != nil && want.Term != "" && (c.Term != want.Term || c.Upfront != want.Upfront || c.Ends != want.Ends) {
		problem("commitment", *c, fmt.Sprint(want.Term, want.Upfront, want.Ends))
	}
	if want.RegionFrom != "" && got.RegionFrom != want.RegionFrom {
		problem("region_from", got.RegionFrom, want.RegionFrom)
	}
	if a := want.Autoscaling; a != nil {
		g := got.Range
		if g == nil || !slices.Equal(g.Shards, a.Shards) || !slices.Equal(g.Replicas, a.Replicas) || g.AtLeastNodes != a.AtLeastNodes ||
			g.AtLeastUSD == nil || g.AtLeastUSD.String() != a.AtLeastUSD {
			problem("autoscaling", g, *a)
		}
	}
}

func show(n *int64) string {
	if n == nil {
		return "null"
	}
	return fmt.Sprint(*n)
}
