package gate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/inventory"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
)

// costs is a holding with that price in cents.
func costs(cents int64) *inventory.Holding {
	u := money.USD(cents) * money.Cent
	return &inventory.Holding{Counted: true, USD: &u}
}

// nodes is a holding with that price in cents, of so many nodes.
func nodes(cents, n int64) *inventory.Holding {
	h := costs(cents)
	h.Nodes = &n
	return h
}

// unpriced is a holding without a price. Its floor is in cents; below 0 it has none.
func unpriced(why string, floor int64) *inventory.Holding {
	h := &inventory.Holding{Counted: true, Why: why}
	if u := money.USD(floor) * money.Cent; u >= 0 {
		h.AtLeast = &u
	}
	return h
}

// change is a resource of a plan. Its action follows from the two sides.
func change(address string, before, after *inventory.Holding, tags ...string) *inventory.Resource {
	r := &inventory.Resource{Address: address, Before: before, After: after, Action: "update", Tags: map[string]string{}}
	switch {
	case before == nil:
		r.Action = "create"
	case after == nil:
		r.Action = "delete"
	case before == after:
		r.Action = "no-op"
	}
	for _, tag := range tags {
		key, value, _ := strings.Cut(tag, "=")
		r.Tags[key] = value
	}
	return r
}

// plan has those resources, 3 others, and prices that were read 51 days before.
func plan(resources ...*inventory.Resource) *inventory.Inventory {
	return &inventory.Inventory{
		Files: []inventory.FileKind{{Name: "tfplan.json", Kind: "terraform-plan"}}, Others: 3, Oldest: "2026-10-02",
		Options: inventory.Options{AsOf: today}, Resources: resources,
	}
}

// planned is a plan that costs 100.00 + 20.00 + 50.00 = 170.00 USD a month before
// and 250.00 + 30.00 + 50.00 = 330.00 after. The rise of 160.00 is 94.1176… %.
func planned() *inventory.Inventory {
	same := costs(50_00)
	return plan(
		change("web", nodes(100_00, 2), nodes(250_00, 4), "team=web"),
		change("api", nil, costs(30_00), "team=api"),
		change("old", costs(20_00), nil),
		change("jobs", same, same, "team=web"),
		change("elsewhere", nil, &inventory.Holding{Why: "a copy of another"}, "team=web"),
	)
}

// judgePlan judges an inventory by the limits of a keynest.toml.
func judgePlan(t *testing.T, text string, inv *inventory.Inventory) *Result {
	t.Helper()
	r := &Result{Verdict: Skipped}
	if err := r.JudgeInventory(read(t, text), inv); err != nil {
		t.Fatal(err)
	}
	if r.Inventory != inv || r.AsOf != inv.Options.AsOf {
		t.Errorf("the run is of %s; want %s", r.AsOf, inv.Options.AsOf)
	}
	return r
}

// TestJudgeInventory judges the total, the resources of a pattern and the sum of
// a tag. A limit that is exceeded names the largest changes.
func TestJudgeInventory(t *testing.T) {
	causes := ": web +150.00, 4 nodes instead of 2; api +30.00, new; old -20.00, removed"
	for _, tt := range []struct{ limits, want string }{
		{"max_usd_per_month = \"330\"", "inventory pass: costs 330.00 USD a month, within 330.00"},
		{"max_usd_per_month = \"329.99\"", "inventory breach: costs 330.00 USD a month, above the limit of 329.99" + causes},
		{"warn_usd_per_month = \"329.99\"", "inventory warn: costs 330.00 USD a month, above the limit of 329.99" + causes},
		{"max_increase_usd = \"160\"", "inventory pass: rises by 160.00 to 330.00 USD a month, within 160.00"},
		{"max_increase_usd = \"159.99\"", "inventory breach: rises by 160.00 to 330.00 USD a month, above the limit of 159.99" + causes},
		{"max_increase_percent = \"94.12\"", "inventory pass: rises by 94.12 % to 330.00 USD a month, within 94.12 %"},
		{"max_increase_percent = \"94.11\"", "inventory breach: rises by 94.12 % to 330.00 USD a month, above the limit of 94.11 %" + causes},
		{"max_usd_per_month = \"1000\"\nmax_increase_usd = \"1000\"", "inventory pass: costs 330.00 USD a month, within 1,000.00 / rises by 160.00 to 330.00 USD a month, within 1,000.00"},
		{"[inventory.resource.\"web\"]\nmax_increase_usd = \"149.99\"", "web breach: rises by 150.00 to 250.00 USD a month, above the limit of 149.99: web +150.00, 4 nodes instead of 2"},
		{"[inventory.resource.\"*\"]\nmax_usd_per_month = \"50\"", "web breach: costs 250.00 USD a month, above the limit of 50.00: web +150.00, 4 nodes instead of 2\n" +
			"api pass: costs 30.00 USD a month, within 50.00\nold pass: costs 0.00 USD a month, within 50.00\njobs pass: costs 50.00 USD a month, within 50.00"},
		{"[inventory.resource.\"nothing*\"]\nmax_usd_per_month = \"1\"", ""},
		{"[inventory.tag.\"team=web\"]\nmax_usd_per_month = \"299\"", "tag team=web breach: costs 300.00 USD a month, above the limit of 299.00: web +150.00, 4 nodes instead of 2"}, // 250 + 50
		{"[inventory.tag.\"team=api\"]\nmax_increase_usd = \"0\"", "tag team=api breach: rises by 30.00 to 30.00 USD a month, above the limit of 0.00: api +30.00, new"},
		{"[inventory.tag.\"team=none\"]\nmax_usd_per_month = \"1\"", ""},
		{"[inventory.tag.\"team=api\"]\nmax_usd_per_month = \"30\"\n[inventory.tag.\"team=web\"]\nmax_usd_per_month = \"300\"\n[inventory.resource.jobs]\nmax_usd_per_month = \"50\"",
			"jobs pass: costs 50.00 USD a month, within 50.00\ntag team=api pass: costs 30.00 USD a month, within 30.00\ntag team=web pass: costs 300.00 USD a month, within 300.00"},
		{"[inventory.tag.\"team=api\"]\nmax_usd_per_month = \"30\"\n[inventory.resource.jobs]\nmax_usd_per_month = \"50\"",
			"jobs pass: costs 50.00 USD a month, within 50.00\ntag team=api pass: costs 30.00 USD a month, within 30.00"},
		// An age is no limit of its own beside a limit on the rise.
		{"max_increase_usd = \"1000\"\nmax_rate_age = \"51d\"", "inventory pass: rises by 160.00 to 330.00 USD a month, within 1,000.00"},
		{"max_increase_usd = \"1000\"\nmax_rate_age = \"50d\"", "inventory stale: not judged: a rate was read on 2026-10-02, 51 days ago, and max_rate_age is 50 days"},
		{"max_usd_per_month = \"1\"\nmax_rate_age = \"50d\"", "inventory stale: not judged: a rate was read on 2026-10-02, 51 days ago, and max_rate_age is 50 days"},
	} {
		r := judgePlan(t, "[inventory]\n"+tt.limits+"\n", planned())
		if got := judged(r); got != tt.want {
			t.Errorf("%s:\n%s\nwant:\n%s", tt.limits, got, tt.want)
		}
	}
}

// judged is a line for each check: name, verdict and what its limits say.
func judged(r *Result) string {
	var lines []string
	for _, c := range r.Checks {
		var words []string
		for _, l := range c.Limits {
			words = append(words, l.Words)
		}
		lines = append(lines, fmt.Sprintf("%s %s: %s", c.Check.Name, c.Verdict, strings.Join(words, " / ")))
	}
	return strings.Join(lines, "\n")
}

// TestJudgeUnpriced: a limit on the total needs every price, a limit on the rise
// those of what changes.
func TestJudgeUnpriced(t *testing.T) {
	same, odd := costs(50_00), unpriced("no such plan", -1)
	floor := unpriced("use is not known", 40_00)
	for name, tt := range map[string]struct {
		inv         *inventory.Inventory
		total, rise string // of at most 100.00, and by at most 30.00
	}{
		"unchanged": {plan(change("x", odd, odd), change("y", nil, costs(10_00))),
			"unknown: cannot be judged: x: no such plan", "pass: rises by 10.00 to at least 10.00 USD a month, within 30.00"},
		"new": {plan(change("x", nil, odd), change("y", same, same)),
			"unknown: cannot be judged: x: no such plan", "unknown: cannot be judged: x: no such plan"},
		"floor above": {plan(change("x", floor, floor), change("y", nil, costs(61_00))), // at least 40 + 61
			"breach: costs at least 101.00 USD a month, above the limit of 100.00; x: use is not known: y +61.00, new", "breach: rises by 61.00 to at least 101.00 USD a month, above the limit of 30.00: y +61.00, new"},
		"changed": {plan(change("x", odd, costs(5_00)), change("y", same, same)),
			"pass: costs 55.00 USD a month, within 100.00", "unknown: cannot be judged: in the baseline x: no such plan"},
		"changed, floor before": {plan(change("x", floor, costs(45_00))),
			"pass: costs 45.00 USD a month, within 100.00", "unknown: cannot be judged: in the baseline x: use is not known"},
		"removed": {plan(change("x", costs(5_00), &inventory.Holding{Why: "another pays"})),
			"pass: costs 0.00 USD a month, within 100.00", "pass: does not rise: 0.00 USD a month, was 5.00"},
		"no cache": {plan(change("x", nil, &inventory.Holding{Why: "a copy"})), // and 3 others
			"pass: no cache among 4 resources", "pass: no cache among 4 resources"},
		"six": {plan(change("a", nil, odd), change("b", nil, odd), change("c", nil, odd), change("d", nil, odd), change("e", nil, odd), change("f", nil, odd)),
			"unknown: cannot be judged: a: no such plan; b: no such plan; c: no such plan; d: no such plan; e: no such plan",
			"unknown: cannot be judged: a: no such plan; b: no such plan; c: no such plan; d: no such plan; e: no such plan"},
	} {
		if got := judged(judgePlan(t, "[inventory]\nmax_usd_per_month = \"100\"\n", tt.inv)); got != "inventory "+tt.total {
			t.Errorf("%s, total: %s\nwant: %s", name, got, tt.total)
		}
		if got := judged(judgePlan(t, "[inventory]\nmax_increase_usd = \"30\"\n", tt.inv)); got != "inventory "+tt.rise {
			t.Errorf("%s, rise: %s\nwant: %s", name, got, tt.rise)
		}
	}
	// What is new costs at least 40.00, so the total rises by at least that.
	c := judgePlan(t, "[inventory]\nmax_increase_usd = \"30\"\n", plan(change("x", nil, floor), change("y", same, same))).Checks[0]
	if got, want := judged(judgePlan(t, "[inventory]\nmax_increase_usd = \"30\"\n", plan(change("x", nil, floor)))), "inventory breach: rises by at least 40.00 to at least 40.00 USD a month, above the limit of 30.00; x: use is not known: x at least 40.00"; got != want {
		t.Errorf("%s\nwant: %s", got, want)
	}
	if c.Verdict != Breach || c.Limits[0].Actual != "40.00" {
		t.Errorf("new, with a floor: %s, %s; want breach, 40.00", c.Verdict, c.Limits[0].Actual)
	}
	// Where only the unchanged has no known price, both totals are lower bounds.
	still := plan(change("x", odd, odd), change("y", same, same))
	if got, want := judged(judgePlan(t, "[inventory]\nmax_increase_usd = \"30\"\n", still)), "inventory pass: does not rise: at least 50.00 USD a month, was at least 50.00"; got != want {
		t.Errorf("%s\nwant: %s", got, want)
	}
	// A price that nobody knows is not 0.00 among the causes.
	two := plan(change("x", floor, floor), change("y", odd, odd))
	if got, want := judged(judgePlan(t, "[inventory]\nmax_usd_per_month = \"1\"\n", two)), "inventory breach: costs at least 40.00 USD a month, above the limit of 1.00; x: use is not known; y: no such plan: x at least 40.00; y of unknown price"; got != want {
		t.Errorf("%s\nwant: %s", got, want)
	}
	// Where no cache is priced, the age of no rate matters.
	if got, want := judged(judgePlan(t, "[inventory]\nmax_usd_per_month = \"1\"\nmax_rate_age = \"1d\"\n", plan())), "inventory pass: no cache among 3 resources"; got != want {
		t.Errorf("%s\nwant: %s", got, want)
	}
}

// TestJudgeState: a state has no change, so its rise is not judged, and what costs
// most is named as the cause.
func TestJudgeState(t *testing.T) {
	state := plan(change("a", nil, costs(1_00)), change("b", nil, costs(3_00)), change("c", nil, costs(2_00)), change("d", nil, costs(4_00)))
	state.Files[0].Kind = "terraform-state"
	for _, r := range state.Resources {
		r.Before = r.After
	}
	for limits, want := range map[string]string{
		"max_usd_per_month = \"9.99\"": "inventory breach: costs 10.00 USD a month, above the limit of 9.99: d 4.00; b 3.00; c 2.00",
		"max_increase_usd = \"9\"":     "inventory skipped: not judged: the file has no change; a Terraform plan has",
	} {
		if got := judged(judgePlan(t, "[inventory]\n"+limits+"\n", state)); got != want {
			t.Errorf("%s\nwant: %s", got, want)
		}
	}
	// Of four changes three are named.
	four := plan(change("a", nil, costs(1_00)), change("b", costs(3_00), nil), change("c", nil, costs(2_00)), change("d", nil, costs(4_00)))
	if got, want := judged(judgePlan(t, "[inventory]\nmax_usd_per_month = \"1\"\n", four)), "inventory breach: costs 7.00 USD a month, above the limit of 1.00: d +4.00, new; b -3.00, removed; c +2.00, new; and 1 more"; got != want {
		t.Errorf("%s\nwant: %s", got, want)
	}
}

// TestInventoryAge: the age of the rates is counted from the oldest figure to the
// day of the prices.
func TestInventoryAge(t *testing.T) {
	for oldest, want := range map[string]string{
		"2026-11-12":     "pass, 10 days",
		"2026-11-11":     "stale, 11 days",
		"2026-11-23":     "pass, 0 days", // after the day of the prices
		ratecard.Undated: "stale, 0 days",
		"":               "stale, 0 days",
	} {
		inv := planned()
		inv.Oldest = oldest
		c := judgePlan(t, "[inventory]\nmax_usd_per_month = \"1000\"\nmax_rate_age = \"10d\"\n", inv).Checks[0]
		if got := fmt.Sprintf("%s, %d days", c.Verdict, c.AgeDays); got != want {
			t.Errorf("read on %q: %s; want %s", oldest, got, want)
		}
	}
}

// TestReadInventory: the limits of each table, and the age, for which a flag comes
// first, then [inventory], then [pricing].
func TestReadInventory(t *testing.T) {
	text := `[inventory]
max_usd_per_month = "1000"
warn_usd_per_month = "1000"
max_increase_usd = "0"
max_increase_percent = "12.5"
[inventory.resource."module.cache*"]
max_increase_percent = "0"
[inventory.resource.b]
warn_usd_per_month = "0.5"
[inventory.tag."team=web"]
max_usd_per_month = "0"
[inventory.tag."team="]
max_increase_usd = "600"
`
	l := read(t, text).Inventory
	if *l.Total.MaxUSD != 1000*money.Nano || *l.Total.WarnUSD != 1000*money.Nano || *l.Total.MaxIncreaseUSD != 0 || *l.Total.MaxIncreasePercent != 12_500_000 || l.MaxRateAge != nil {
		t.Errorf("total: %+v", l)
	}
	if r := l.Resources; len(r) != 2 || r[0].Scope != "b" || *r[0].Limits.WarnUSD != 500_000_000 || r[1].Scope != "module.cache*" || *r[1].Limits.MaxIncreasePercent != 0 {
		t.Errorf("resources: %+v", r)
	}
	if tags := l.Tags; len(tags) != 2 || tags[0].Scope != "team=" || *tags[0].Limits.MaxIncreaseUSD != 600*money.Nano || tags[1].Scope != "team=web" || *tags[1].Limits.MaxUSD != 0 {
		t.Errorf("tags: %+v", tags)
	}
	for _, tt := range []struct {
		own, pricing, flag string
		want               int64
	}{{"7d", "30d", "1d", 1}, {"7d", "30d", "", 7}, {"", "30d", "", 30}, {"", "", "1d", 1}, {"7d", "", "", 7}} {
		text := "[inventory]\nmax_usd_per_month = \"1\"\n"
		if tt.own != "" {
			text += "max_rate_age = \"" + tt.own + "\"\n"
		}
		if tt.pricing != "" {
			text += "[pricing]\nmax_rate_age = \"" + tt.pricing + "\"\n"
		}
		c, err := Read("k", text, Pricing{MaxRateAge: tt.flag})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Inventory.MaxRateAge; got == nil || *got != tt.want {
			t.Errorf("%+v: %v; want %d days", tt, got, tt.want)
		}
	}
	// The line of a limit is found in its table.
	c := read(t, text)
	lines := IndexLines(c.Text)
	for line, path := range map[int][]string{5: {"inventory"}, 7: {"inventory", "resource", "module.cache*"}} {
		if got := lines.OfCheck(&Check{Path: path}, KeyIncreasePercent); got != line {
			t.Errorf("%q is on line %d; want %d", path, got, line)
		}
	}
	c = read(t, twoWorkloads+"[check.c]\nworkload = \"a\"\noffer = \"bolt-node\"\nmax_usd_per_month = \"1\"\n")
	lines = IndexLines(c.Text)
	if got := lines.OfCheck(c.Checks[0], KeyMax); got != 10 {
		t.Errorf("max_usd_per_month is on line %d; want 10", got)
	}
}

// TestReadInventoryRefuses: each problem of the table, with its line.
func TestReadInventoryRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "k:1: [inventory]: has no limit; give max_usd_per_month, warn_usd_per_month, max_increase_usd or max_increase_percent",
		"max_rate_age = \"7d\"":        "k:1: [inventory]: has no limit",
		"max_usd_per_month = \"-1\"":   "k:2: [inventory]: max_usd_per_month -1 is negative",
		"max_usd_per_month = \"x\"":    "max_usd_per_month \"x\" is not a decimal amount",
		"max_increase_percent = \"x\"": "k:2: [inventory]: max_increase_percent \"x\" is not a percentage",
		"max_usd_per_month = \"1\"\nwarn_usd_per_month = \"1.01\"":     "warn_usd_per_month 1.01 is above max_usd_per_month 1.00, so it would never warn",
		"[inventory.resource.x]":                                       "resource \"x\" has no limit; give max_usd_per_month",
		"[inventory.resource.\"\"]\nmax_usd_per_month = \"1\"":         "names no resource; give a pattern such as \"module.cache*\"",
		"[inventory.tag.\"team=web\"]":                                 "tag \"team=web\" has no limit; give max_usd_per_month",
		"[inventory.tag.team]\nmax_usd_per_month = \"1\"":              "\"team\" is not a tag like \"team=payments\"",
		"[inventory.tag.\"=web\"]\nmax_usd_per_month = \"1\"":          "\"=web\" is not a tag like \"team=payments\"",
		"[inventory.tag.\"team=web\"]\nmax_increase_usd = \"1,000\"":   "k:3: [inventory]: max_increase_usd \"1,000\" is not a decimal amount",
		"[inventory.resource.x]\nwarn_usd_per_month = \"-0.01\"":       "warn_usd_per_month -0.01 is negative",
		"max_usd_per_month = \"1\"\n[pricing]\ninclude = [\"toys\"]":   "unknown class \"toys\"",
		"max_usd_per_month = \"1\"\n[check.c]\nworkload = \"a\"":       "workload \"a\" is not in the file; there are none",
		"max_usd_per_month = \"1\"\n[workload.w]\nops_per_sec = \"x\"": "ops-per-sec",
	} {
		if _, err := Read("k", "[inventory]\n"+text+"\n", Pricing{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n%v\nwant it to say: %s", text, err, want)
		}
	}
}

// TestInventoryOptions: a flag comes before the file, the file before the defaults.
// Every workload of the file is there under its own name.
func TestInventoryOptions(t *testing.T) {
	text := twoWorkloads + "[inventory]\nmax_usd_per_month = \"1\"\n"
	pricing := "[pricing]\nas_of = \"2026-10-01\"\nregion = \"eu-west\"\nterm = \"1y\"\nupfront = \"partial\"\n"
	for _, tt := range []struct {
		text  string
		flags Pricing
		want  string
	}{
		{text, Pricing{}, today + "  on-demand none"},
		{text + pricing, Pricing{}, "2026-10-01 eu-west 1y partial"},
		{text + pricing, Pricing{AsOf: "2026-10-02", Region: "ap-1", Term: "3y", Upfront: "all"}, "2026-10-02 ap-1 3y all"},
	} {
		c, err := Read("k", tt.text, tt.flags)
		if err != nil {
			t.Fatal(err)
		}
		o := c.InventoryOptions(today)
		if got := fmt.Sprintf("%s %s %s %s", o.AsOf, o.Region, o.Term, o.Upfront); got != tt.want {
			t.Errorf("%+v: %s; want %s", tt.flags, got, tt.want)
		}
		names := slices.Sorted(maps.Keys(o.Workloads))
		if strings.Join(names, " ") != "a b" || o.Workloads["a"].OpsPerSec != 1000_000_000 || o.Workloads["b"].OpsPerSec != 10_000_000 {
			t.Errorf("workloads %s: %+v", names, o.Workloads)
		}
	}
}
