package gate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// acme-payg bills commands alone for a workload of 1 GB without transfer: 0.40
// USD per 100,000 in 2024, 0.20 in 2026. Ten million commands are 100 × 0.40 =
// 40.00 USD a month in 2024, and 20.00 in 2026.
const (
	day2024 = "2024-12-01"
	day2026 = today
)

// millions is a workload of so many million commands a month.
func millions(t testing.TB, name string, n int) *workload.Workload {
	t.Helper()
	c := read(t, fmt.Sprintf("[workload.%s]\ncommands_per_month = \"%de6\"\ngb = 1\ntransfer_gb_per_month = 0\n[check.c]\nworkload = \"*\"\noffer = \"acme-payg\"\nmax_usd_per_month = \"1\"\n", name, n))
	w := c.Workload(name)
	return &w
}

// known is an item that costs that many dollars.
func known(w *workload.Workload, usd int64) *Item {
	return &Item{Workload: w, Offer: "acme-payg", Total: money.USD(usd) * money.Nano}
}

// notExact is an item of which that many dollars are known.
func notExact(w *workload.Workload, usd int64, reason string) *Item {
	i := known(w, usd)
	i.Reason = reason
	return i
}

// checked is a report of checks of acme-payg on a day.
func checked(name, day string, checks map[string]map[string]*Item) *Report {
	r := &Report{Name: name, Kind: KindCheck, AsOf: day, Checks: map[string]*ReportCheck{}}
	for check, items := range checks {
		for _, i := range items {
			i.AsOf = day
		}
		r.Checks[check] = &ReportCheck{
			Name: check, Items: items, Target: Target{Offer: "acme-payg"},
			Terms: Terms{AsOf: day, Region: "us-east", Term: ratecard.TermOnDemand, Upfront: ratecard.UpfrontNone},
		}
	}
	return r
}

// told prints a change and its causes.
func told(change *money.USD, s *Split, why string) string {
	text := "unknown"
	if change != nil {
		text = change.String()
	}
	if s != nil {
		text += fmt.Sprintf(" = workload %s, rates %s, rest %s", s.Workload, s.Rates, s.Other)
	}
	if why != "" {
		text += "; " + why
	}
	return text
}

// toldGroup prints the sums of a group, its change and its causes.
func toldGroup(g *Group) string {
	var change *money.USD
	if c, ok := g.Change(); ok {
		change = &c
	}
	return fmt.Sprintf("%s to %s: %s", g.A, g.B, told(change, g.Split, g.Why))
}

// TestCauses: what a workload's change costs at the new rates, what the new rates
// cost the old workload, and the rest: what a report states differently.
func TestCauses(t *testing.T) {
	ten, twenty := millions(t, "a", 10), millions(t, "a", 20)
	added := millions(t, "b", 5)
	for _, tt := range []struct {
		name       string
		dayA       string
		before     map[string]*Item
		now        map[string]*Item
		row, group string // of a workload, and of the check
	}{
		{"nothing", day2026, map[string]*Item{"a": known(ten, 20)}, map[string]*Item{"a": known(ten, 20)},
			"0.00 = workload 0.00, rates 0.00, rest 0.00", "20.00 to 20.00: 0.00 = workload 0.00, rates 0.00, rest 0.00"},
		// 20 million commands at 0.20 per 100,000 are 40.00.
		{"workload", day2026, map[string]*Item{"a": known(ten, 20)}, map[string]*Item{"a": known(twenty, 40)},
			"20.00 = workload 20.00, rates 0.00, rest 0.00", "20.00 to 40.00: 20.00 = workload 20.00, rates 0.00, rest 0.00"},
		// 40.00 in 2024; at the rates of 2026 20.00; with twice the commands 40.00.
		{"both", day2024, map[string]*Item{"a": known(ten, 40)}, map[string]*Item{"a": known(twenty, 40)},
			"0.00 = workload 20.00, rates -20.00, rest 0.00", "40.00 to 40.00: 0.00 = workload 20.00, rates -20.00, rest 0.00"},
		// The first report states 3.00 less than it is, the second 1.00 more.
		{"rest", day2026, map[string]*Item{"a": known(ten, 17)}, map[string]*Item{"a": known(ten, 21)},
			"4.00 = workload 0.00, rates 0.00, rest 4.00", "17.00 to 21.00: 4.00 = workload 0.00, rates 0.00, rest 4.00"},
		{"added", day2026, map[string]*Item{"a": known(ten, 20)}, map[string]*Item{"a": known(ten, 20), "b": known(added, 10)},
			"10.00 = workload 10.00, rates 0.00, rest 0.00", "20.00 to 30.00: 10.00 = workload 10.00, rates 0.00, rest 0.00"},
		{"removed", day2026, map[string]*Item{"a": known(ten, 20), "b": known(added, 10)}, map[string]*Item{"a": known(twenty, 40)},
			"-10.00 = workload -10.00, rates 0.00, rest 0.00", "30.00 to 40.00: 10.00 = workload 10.00, rates 0.00, rest 0.00"},
		{"unknown before", day2026, map[string]*Item{"a": notExact(ten, 5, "no egress"), "b": known(added, 10)}, map[string]*Item{"a": known(ten, 20), "b": known(added, 10)},
			"0.00 = workload 0.00, rates 0.00, rest 0.00", "15.00 to 30.00: unknown; a: before: no egress"},
		{"unknown now", day2026, map[string]*Item{"a": known(ten, 20)}, map[string]*Item{"a": notExact(ten, 5, "no egress")},
			"unknown; now: no egress", "20.00 to 5.00: unknown; a: now: no egress"},
		{"unknown twice", day2026, map[string]*Item{"a": notExact(ten, 5, "one"), "b": notExact(added, 5, "two")}, nil,
			"unknown; before: two", "10.00 to 0.00: unknown; a: before: one"},
		// There is no rate before 2024-02-01, so the causes are not known, and the change is.
		{"no rates", "2023-06-01", map[string]*Item{"a": known(ten, 20)}, map[string]*Item{"a": known(ten, 21)},
			"1.00; on 2023-06-01 acme-payg is not priced: no rate on 2023-06-01; the first card is in force from 2024-02-01", "20.00 to 21.00: 1.00; a: on 2023-06-01 acme-payg is not priced: no rate on 2023-06-01; the first card is in force from 2024-02-01"},
	} {
		a := checked("a.json", tt.dayA, map[string]map[string]*Item{"c": tt.before})
		b := checked("b.json", day2026, map[string]map[string]*Item{"c": tt.now})
		d, err := NewPricer(cards(t), compare.Filter{}, nil).Compare(a, b, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		g := d.Groups[0]
		last := g.Rows[len(g.Rows)-1]
		if got := told(last.Change, last.Split, last.Why); got != tt.row {
			t.Errorf("%s, workload %s: %s\nwant: %s", tt.name, last.Workload, got, tt.row)
		}
		if got := toldGroup(g); got != tt.group || g.Name != "c" {
			t.Errorf("%s, check %s: %s\nwant: %s", tt.name, g.Name, got, tt.group)
		}
		if len(d.Result.Checks) != 0 || d.Result.Verdict != Skipped {
			t.Errorf("%s: judged without a limit: %+v", tt.name, d.Result)
		}
	}
}

// TestDays: a bill is priced again on the day that it or its check states, else on
// that of the report. Ten million commands are 40.00 in 2024 and 20.00 in 2026.
func TestDays(t *testing.T) {
	ten := millions(t, "a", 10)
	for _, tt := range []struct{ billA, reportA, checkB, reportB string }{
		{day2024, day2026, day2026, day2024},
		{"", day2024, "", day2026},
	} {
		a := checked("a.json", day2024, map[string]map[string]*Item{"c": {"a": known(ten, 40)}})
		a.AsOf, a.Checks["c"].Items["a"].AsOf = tt.reportA, tt.billA
		b := checked("b.json", day2026, map[string]map[string]*Item{"c": {"a": known(ten, 20)}})
		b.AsOf, b.Checks["c"].Terms.AsOf = tt.reportB, tt.checkB
		d, err := NewPricer(cards(t), compare.Filter{}, nil).Compare(a, b, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := toldGroup(d.Groups[0]), "40.00 to 20.00: -20.00 = workload 0.00, rates -20.00, rest 0.00"; got != want {
			t.Errorf("%+v: %s; want %s", tt, got, want)
		}
	}
}

// TestCompareChecks: every check of either report has a group, and limits judge
// those that are in both.
func TestCompareChecks(t *testing.T) {
	ten, twenty := millions(t, "a", 10), millions(t, "a", 20)
	one := func(i *Item) map[string]*Item { return map[string]*Item{"a": i} }
	a := checked("a.json", day2026, map[string]map[string]*Item{"both": one(known(ten, 20)), "gone": one(known(ten, 20)), "part": one(notExact(ten, 20, "no egress"))})
	b := checked("b.json", day2026, map[string]map[string]*Item{"both": one(known(twenty, 40)), "new": one(known(ten, 20)), "part": one(known(ten, 20))})
	twentyUSD, fifty := money.USD(20*money.Nano), Percent(50_000_000)
	for _, tt := range []struct {
		name   string
		limits Limits
		want   string
	}{
		{"no limit", Limits{}, "skipped"},
		{"a maximum alone", Limits{MaxUSD: &twentyUSD}, "skipped"},
		{"rise", Limits{MaxIncreaseUSD: &twentyUSD}, "unknown, both pass, part unknown"},
		{"percent", Limits{MaxIncreasePercent: &fifty}, "breach, both breach, part unknown"}, // from 20 to 40 is 100 %
	} {
		d, err := NewPricer(cards(t), compare.Filter{}, nil).Compare(a, b, tt.limits)
		if err != nil {
			t.Fatal(err)
		}
		var groups []string
		for _, g := range d.Groups {
			groups = append(groups, g.Name+" "+toldGroup(g))
		}
		want := "both 20.00 to 40.00: 20.00 = workload 20.00, rates 0.00, rest 0.00\n" +
			"gone 20.00 to 0.00: -20.00 = workload -20.00, rates 0.00, rest 0.00\n" +
			"new 0.00 to 20.00: 20.00 = workload 20.00, rates 0.00, rest 0.00\n" +
			"part 20.00 to 20.00: unknown; a: before: no egress"
		if got := strings.Join(groups, "\n"); got != want {
			t.Errorf("%s\nwant:\n%s", got, want)
		}
		verdicts := string(d.Result.Verdict)
		for _, c := range d.Result.Checks {
			verdicts += ", " + c.Check.Name + " " + string(c.Verdict)
		}
		if verdicts != tt.want {
			t.Errorf("%s: %s; want %s", tt.name, verdicts, tt.want)
		}
	}
}

// TestRowsOfASum: the items of a sum are priced again with the target and the
// terms of their part, those of the later report first.
func TestRowsOfASum(t *testing.T) {
	ten := millions(t, "a", 10)
	sum := func(name string, part Target) *Report {
		r := checked(name, day2026, map[string]map[string]*Item{"s": {"a": known(ten, 20)}})
		c := r.Checks["s"]
		c.Target, c.Sum = Target{}, []string{"c"}
		c.Items["a"].target, c.Items["a"].terms = part, &c.Terms
		return r
	}
	for _, tt := range []struct {
		before, now string
		want        string
	}{
		{"acme-payg", "acme-payg", "0.00 = workload 0.00, rates 0.00, rest 0.00"},
		{"nothing", "acme-payg", "0.00 = workload 0.00, rates 0.00, rest 0.00"},
		{"acme-payg", "cirrus-classic", "0.00; on 2026-11-22 cirrus-classic is not priced: no rate on 2026-11-22"},
	} {
		d, err := NewPricer(cards(t), compare.Filter{}, nil).Compare(sum("a.json", Target{Offer: tt.before}), sum("b.json", Target{Offer: tt.now}), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		row := d.Groups[0].Rows[0]
		if got := told(row.Change, row.Split, row.Why); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s, then %s: %s\nwant: %s", tt.before, tt.now, got, tt.want)
		}
	}
}

// estimated is a report of an estimate of ten million commands on a day.
func estimated(t testing.TB, name, day string, overall string, offers map[string]*Item) *Report {
	t.Helper()
	w := *millions(t, "a", 10)
	r := &Report{
		Name: name, Kind: KindEstimate, AsOf: day, Offers: offers, workload: w, Cheapest: map[compare.Kind]string{compare.Overall: overall},
		Terms: Terms{AsOf: day, Region: "us-east", Term: ratecard.TermOnDemand, Upfront: ratecard.UpfrontNone},
	}
	for id, i := range offers {
		i.Workload, i.Offer, i.target = &w, id, Target{Offer: id}
	}
	return r
}

// TestCompareEstimates: the offers are in order of their change, whatever its
// sign; an offer of one report alone has no change and is last.
func TestCompareEstimates(t *testing.T) {
	ten := millions(t, "a", 10)
	a := estimated(t, "a.json", day2024, "acme-payg", map[string]*Item{
		"acme-payg": known(ten, 40), "idea-target": known(ten, 1), "bolt-node": known(ten, 100), "gone": known(ten, 9), "x": notExact(ten, 1, "x is incomplete"),
	})
	b := estimated(t, "b.json", day2026, "acme-payg", map[string]*Item{
		"acme-payg": known(ten, 20), "idea-target": known(ten, 6), "bolt-node": known(ten, 170), "new": known(ten, 9), "x": known(ten, 2),
	})
	d, err := NewPricer(cards(t), compare.Filter{}, nil).Compare(a, b, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, r := range d.Groups[0].Rows {
		side := func(i *Item) string {
			if i == nil {
				return "none"
			}
			return i.Offer + " " + i.Total.String()
		}
		change := "unknown"
		if r.Change != nil {
			change = r.Change.String()
		}
		rows = append(rows, fmt.Sprintf("%s → %s: %s", side(r.A), side(r.B), change))
	}
	want := "bolt-node 100.00 → bolt-node 170.00: 70.00\n" +
		"acme-payg 40.00 → acme-payg 20.00: -20.00\n" +
		"idea-target 1.00 → idea-target 6.00: 5.00\n" +
		"gone 9.00 → none: unknown\n" +
		"none → new 9.00: unknown\n" +
		"x 1.00 → x 2.00: unknown"
	if got := strings.Join(rows, "\n"); got != want {
		t.Errorf("%s\nwant:\n%s", got, want)
	}
	g := d.Groups[0]
	if r := g.Rows[1]; told(r.Change, r.Split, r.Why) != "-20.00 = workload 0.00, rates -20.00, rest 0.00" {
		t.Errorf("acme-payg: %s", told(r.Change, r.Split, r.Why))
	}
	if g.Name != "a" || g.Rows[3].Why != "not in b.json" || g.Rows[4].Why != "not in a.json" || g.Rows[5].Why != "before: x is incomplete" {
		t.Errorf("%s: %q, %q, %q", g.Name, g.Rows[3].Why, g.Rows[4].Why, g.Rows[5].Why)
	}
	b.workload.Name = ""
	if d, err = NewPricer(cards(t), compare.Filter{}, nil).Compare(a, b, Limits{}); err != nil || d.Groups[0].Name != "estimate" {
		t.Errorf("without a name: %v, %v", d, err)
	}
	a = checked("a.json", day2026, nil)
	if _, err = NewPricer(cards(t), compare.Filter{}, nil).Compare(a, b, Limits{}); err == nil || err.Error() != "a.json is a report of keynest check and b.json one of keynest estimate; compare two of the same command" {
		t.Errorf("two kinds: %v", err)
	}
}

// TestHeadline: the limits on two estimates judge the cheapest offer, or the only
// offer, of each.
func TestHeadline(t *testing.T) {
	ten := millions(t, "a", 10)
	limit := money.USD(5 * money.Nano)
	for _, tt := range []struct {
		name   string
		cheapA string
		a      map[string]*Item
		cheapB string
		b      map[string]*Item
		want   string
	}{
		{"same offer", "acme-payg", map[string]*Item{"acme-payg": known(ten, 20), "x": known(ten, 90)}, "acme-payg", map[string]*Item{"acme-payg": known(ten, 25), "x": known(ten, 900)},
			"pass, 20.00 to 25.00: rises by 5.00 to 25.00 USD a month, within 5.00"},
		{"another offer", "x", map[string]*Item{"acme-payg": known(ten, 20), "x": known(ten, 10)}, "acme-payg", map[string]*Item{"acme-payg": known(ten, 20), "x": known(ten, 90)},
			"breach, 10.00 to 20.00: rises by 10.00 to 20.00 USD a month, above the limit of 5.00"},
		{"only offer", "", map[string]*Item{"acme-payg": known(ten, 20)}, "", map[string]*Item{"acme-payg": known(ten, 26)},
			"breach, 20.00 to 26.00: rises by 6.00 to 26.00 USD a month, above the limit of 5.00"},
		{"none before", "", map[string]*Item{"acme-payg": known(ten, 20), "x": known(ten, 90)}, "acme-payg", map[string]*Item{"acme-payg": known(ten, 20), "x": known(ten, 90)},
			"unknown, 0.00 to 20.00: cannot be judged: in the baseline a.json has no offer that is priced"},
		{"none now", "acme-payg", map[string]*Item{"acme-payg": known(ten, 20), "x": known(ten, 90)}, "", map[string]*Item{"acme-payg": known(ten, 20), "x": known(ten, 90)},
			"unknown, 20.00 to 0.00: cannot be judged: b.json has no offer that is priced"},
	} {
		d, err := NewPricer(cards(t), compare.Filter{}, nil).Compare(estimated(t, "a.json", day2026, tt.cheapA, tt.a), estimated(t, "b.json", day2026, tt.cheapB, tt.b), Limits{MaxIncreaseUSD: &limit})
		if err != nil {
			t.Fatal(err)
		}
		c := d.Result.Checks[0]
		if got := fmt.Sprintf("%s, %s to %s: %s", c.Verdict, c.Base.Total, c.Total, c.Limits[0].Words); got != tt.want || c.Check.Name != "a" {
			t.Errorf("%s, %s: %s\nwant: %s", tt.name, c.Check.Name, got, tt.want)
		}
	}
}

// TestGroupAdd: a group names five reasons at most, and a sum beyond the range of
// money is an error.
func TestGroupAdd(t *testing.T) {
	ten := millions(t, "a", 10)
	g := &Group{Split: &Split{}}
	for i := range 6 {
		if err := g.add(Row{Workload: "w", A: notExact(ten, 1, fmt.Sprint(i)), Why: "before"}); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(g.UnknownA, " "); got != "0 1 2 3 4" || !g.AtLeastA || g.AtLeastB || g.A != 6*money.Nano || len(g.UnknownB) != 0 {
		t.Errorf("%s, %t, %t, %s", got, g.AtLeastA, g.AtLeastB, g.A)
	}
	for _, row := range []Row{
		{A: &Item{Total: money.MaxUSD}},
		{B: &Item{Total: money.MaxUSD}},
		{Split: &Split{Workload: money.MaxUSD}},
		{Split: &Split{Rates: money.MaxUSD}},
		{Split: &Split{Other: money.MaxUSD}},
	} {
		g := &Group{A: 1, B: 1, Split: &Split{1, 1, 1}}
		if err := g.add(row); err == nil {
			t.Errorf("%+v was added to one nano-dollar", row)
		}
	}
}
