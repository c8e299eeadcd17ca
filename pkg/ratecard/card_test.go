package ratecard

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/unit"
)

// TestBasedOn: a later version keeps what it does not say, figure by figure.
func TestBasedOn(t *testing.T) {
	s := shop(t)
	old, now := shopVersion(t, s, "acme-calls", "2025-12-31"), shopVersion(t, s, "acme-calls", "2026-01-01")
	if old.From != "2025-01-01" || now.From != "2026-01-01" {
		t.Fatalf("versions from %s and %s", old.From, now.From)
	}
	charge := func(v *Version, id string) Charge {
		for _, c := range v.Charges {
			if c.ID == id {
				return c
			}
		}
		t.Fatalf("%s has no charge %s", v, id)
		return Charge{}
	}
	was, is := charge(old, "commands"), charge(now, "commands")
	if was.Rate.Text != "0.20" || is.Rate.Text != "0.30" || is.Rate.Price.Per != 100_000 {
		t.Errorf("commands: %+v, then %+v", was.Rate, is.Rate)
	}
	if is.Free != "10000" || is.FreeEach != EachDatabase || is.Meter != MeterReplicatedCommands || is.Name != "Commands" {
		t.Errorf("the later version lost something: %+v", is)
	}
	if old.Limit.MaxOpsPerSec != 10_000 || now.Limit.MaxOpsPerSec != 20_000 || now.Limit.MaxData != 100*unit.GB || now.Limit.MaxReadRegions != 5 {
		t.Errorf("limits %+v, then %+v", old.Limit, now.Limit)
	}
	if tiers := charge(now, "transfer").Tiers; len(tiers) != 3 || tiers[1].UpTo != "1000" {
		t.Errorf("tiers %+v", tiers)
	}
	if now.Cap == nil || now.Cap.Exact() != "160.00" || now.Minimum == nil || len(now.Assumptions) != 1 || len(now.Unknowns) != 1 {
		t.Errorf("cap, minimum or notes got lost: %+v", now)
	}
	if old.Note == "" || now.Note != "" || len(old.Examples) != 1 || len(now.Examples) != 0 {
		t.Error("a version's note and examples are its own")
	}
}

func TestVersionInForce(t *testing.T) {
	s := shop(t)
	o := s.Offer("acme-calls")
	for day, want := range map[string]string{
		"2024-12-31": "", "2025-01-01": "2025-01-01", "2025-12-31": "2025-01-01", "2026-01-01": "2026-01-01",
		"2026-01-19": "2026-01-01", "2026-01-20": "2026-01-20", "2099-01-01": "2026-01-20",
	} {
		if got := o.VersionAt(day); got != want {
			t.Errorf("on %s version %q is in force; want %q", day, got, want)
		}
	}
	if v := s.Version(o, "2024-12-31"); v != nil {
		t.Errorf("a version before the first: %v", v)
	}
	if v := shopVersion(t, s, "acme-calls", "2026-01-20"); v.Withdrawn != "Acme stopped selling it" || len(v.Charges) != 0 {
		t.Errorf("a withdrawn version has prices: %+v", v)
	}
}

// rateText prints a rate for comparison: price, state and where it is from.
func rateText(r *Rate, state State) string {
	switch state {
	case NotSold:
		return "not sold"
	case NoPrice:
		return "no price"
	case Unknown:
		return "unknown"
	}
	if r == nil {
		return "none"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Price.Amount.Exact(), r.From, r.Factor))
}

func TestPrices(t *testing.T) {
	s := shop(t)
	v := shopVersion(t, s, "acme-nodes", shopDay)
	for _, tt := range []struct{ plan, region, want string }{
		{"small", "east-1", "0.10"},
		{"small", "west-1", "0.12"},
		{"large", "east-1", "0.20"},
		{"large", "west-1", "not sold"}, // "-"
		{"large", "south-1", "no price"},
		{"huge", "east-1", "unknown"},
	} {
		if got := rateText(v.PlanRate(v.Plan(tt.plan), tt.region)); got != tt.want {
			t.Errorf("%s in %s: %s; want %s", tt.plan, tt.region, got, tt.want)
		}
	}
	for region, want := range map[string]string{"east-1": "0.085", "west-1": "unknown", "south-1": "no price"} { // "?" in west-1
		if got := rateText(v.ChargeRate(&v.Charges[0], region)); got != want {
			t.Errorf("backup in %s: %s; want %s", region, got, want)
		}
	}
	if v.Plan("medium") != nil || v.Plan("") != nil || v.Plan("zzz") != nil {
		t.Error("a plan that is not there was found")
	}
	if got := strings.Join(v.Regions(), " "); got != "east-1 west-1" {
		t.Errorf("regions %s", got)
	}
}

// TestPriceFromAnotherOffer: 0.8 of what Acme asks, with Acme's sizes.
func TestPriceFromAnotherOffer(t *testing.T) {
	s := shop(t)
	v := shopVersion(t, s, "bolt-nodes", shopDay)
	if len(v.Plans) != 2 || v.Plan("small") == nil || v.Plan("large") == nil {
		t.Fatalf("plans %+v; want Acme's that have a price", v.Plans)
	}
	if v.Plan("small").Usable != 2*unit.GiB || v.Sizing.Replicas != ReplicasBilled || v.Sizing.OpsPerSec != 100_000 {
		t.Errorf("the sizes or the sizing rule are not Acme's: %+v, %+v", v.Plan("small"), v.Sizing)
	}
	for _, tt := range []struct{ plan, region, want string }{
		{"small", "east-1", "0.08 acme-nodes 0.8"},
		{"small", "west-1", "0.096 acme-nodes 0.8"},
		{"large", "west-1", "not sold"},
	} {
		if got := rateText(v.PlanRate(v.Plan(tt.plan), tt.region)); got != tt.want {
			t.Errorf("%s in %s: %s; want %s", tt.plan, tt.region, got, tt.want)
		}
	}
	rate, _ := v.PlanRate(v.Plan("small"), "east-1")
	if rate.Text != "0.10" || rate.Source != "" || rate.Assumed != "Bolt says 20 % below Acme" {
		t.Errorf("the figure as published, and why: %+v", rate)
	}
	// Regions that are only another offer's still resolve, for both vendors.
	w, err := s.Where("east-1")
	if err != nil {
		t.Fatal(err)
	}
	if region, ok := w.Region(v); region != "east-1" || !ok || !w.Keeps(v) {
		t.Errorf("--region east-1 is %q, %v for Bolt", region, ok)
	}
}

// TestOwnPlansBesideTakenOnes: plans are looked up by halving, so they must be
// in order wherever they come from.
func TestOwnPlansBesideTakenOnes(t *testing.T) {
	text := edited(t, shopText(t), "[offer.bolt-nodes.version.2026-01-01.price.list]", `[offer.bolt-nodes.version.2026-01-01.plan.a-tiny]
memory = "1 GiB"
usd = "0.01"
per = "hour"
[offer.bolt-nodes.version.2026-01-01.plan.x-big]
memory = "100 GiB"
usd = "4"
per = "hour"
[offer.bolt-nodes.version.2026-01-01.price.list]`)
	s, err := loadShop(text)
	if err != nil {
		t.Fatal(err)
	}
	v := shopVersion(t, s, "bolt-nodes", shopDay)
	for _, id := range []string{"a-tiny", "large", "small", "x-big"} {
		if v.Plan(id) == nil {
			t.Errorf("plan %s is not found among %d", id, len(v.Plans))
		}
	}
}

// TestPerChanges: a later version may price a plan per month that was priced
// per hour, as long as no region keeps the old price, which would then be read
// as one of a month.
func TestPerChanges(t *testing.T) {
	const later = `
[offer.acme-nodes.version.2026-01-15]
based_on = "2026-01-01"
[offer.acme-nodes.version.2026-01-15.plan.small]
per = "month"
[offer.acme-nodes.version.2026-01-15.price.monthly]
per = "month"
usd = """
region  small
east-1  70
west-1  80
"""
`
	_, err := loadShop(shopText(t) + later)
	want := "offer acme-nodes, version 2026-01-15, commitment y1: prices small by the hour, but it is sold per month; only a factor can be given"
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "is priced per month, but per hour") {
		t.Errorf("%v; want %s", err, want)
	}
	_, err = loadShop(shopText(t) + strings.Replace(later, "west-1  80\n", "", 1))
	want = "offer acme-nodes, version 2026-01-15, plan small: is priced per month, but per hour in the price table on-demand"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v; want %s", err, want)
	}
}

func TestCommitments(t *testing.T) {
	s := shop(t)
	acme, bolt := shopVersion(t, s, "acme-nodes", shopDay), shopVersion(t, s, "bolt-nodes", shopDay)
	for _, tt := range []struct {
		v            *Version
		term         Term
		upfront      Upfront
		plan, region string
		hourly, cash string
	}{
		{acme, Term1Y, UpfrontNone, "small", "east-1", "0.07", "none"},
		{acme, Term1Y, UpfrontNone, "small", "west-1", "not sold", "not sold"},
		{acme, Term1Y, UpfrontPartial, "small", "east-1", "0.03", "300.00"},
		{acme, Term1Y, UpfrontPartial, "large", "east-1", "not sold", "not sold"},
		{acme, Term3Y, UpfrontNone, "large", "east-1", "0.10 acme-nodes 0.5", "none"}, // half of 0.20
		{acme, Term3Y, UpfrontNone, "huge", "east-1", "unknown", "unknown"},
		{bolt, Term1Y, UpfrontNone, "large", "east-1", "0.112 acme-nodes 0.8", "none"}, // 0.14 × 0.8
	} {
		c := tt.v.Commitment(tt.term, tt.upfront)
		if c == nil {
			t.Errorf("%s: no %s with upfront %s", tt.v, tt.term, tt.upfront)
			continue
		}
		hourly, cash, state := tt.v.CommittedRate(c, tt.v.Plan(tt.plan), tt.region)
		if got := rateText(hourly, state); got != tt.hourly {
			t.Errorf("%s %s %s %s: %s an hour; want %s", tt.v, c.ID, tt.plan, tt.region, got, tt.hourly)
		}
		if got := rateText(cash, state); got != tt.cash {
			t.Errorf("%s %s %s %s: %s upfront; want %s", tt.v, c.ID, tt.plan, tt.region, got, tt.cash)
		}
	}
	if acme.Commitment(Term3Y, UpfrontAll) != nil || acme.Commitment(TermOnDemand, UpfrontNone) != nil {
		t.Error("a commitment that the card does not sell")
	}
}

// TestPartOfACommitmentIsUnknown: an hourly figure without the upfront one is
// no price.
func TestPartOfACommitmentIsUnknown(t *testing.T) {
	for edit, want := range map[string]string{"small  300": "small  ?", "small  0.03": "small  ?"} {
		s, err := loadShop(edited(t, shopText(t), edit, want))
		if err != nil {
			t.Fatal(err)
		}
		v := shopVersion(t, s, "acme-nodes", shopDay)
		if _, _, state := v.CommittedRate(v.Commitment(Term1Y, UpfrontPartial), v.Plan("small"), "east-1"); state != Unknown {
			t.Errorf("%s for %s: state %d; want unknown", want, edit, state)
		}
	}
}

func TestWhere(t *testing.T) {
	s := shop(t)
	nodes, bolt, calls := shopVersion(t, s, "acme-nodes", shopDay), shopVersion(t, s, "bolt-nodes", shopDay), shopVersion(t, s, "acme-calls", "2026-01-01")
	for _, tt := range []struct {
		asked  string
		v      *Version
		region string
		ok     bool
		keeps  bool
	}{
		{"east", nodes, "east-1", true, true},
		{"east", bolt, "east-1", true, true},
		{"east", calls, Global, true, true},
		{"west", nodes, "west-1", true, true},
		{"west", bolt, "", false, true}, // the alias says nothing of Bolt
		{"west-1", nodes, "west-1", true, true},
		{"west-1", calls, Global, true, true},
		{"east-1", bolt, "east-1", true, true},
	} {
		w, err := s.Where(tt.asked)
		if err != nil {
			t.Fatal(err)
		}
		if region, ok := w.Region(tt.v); region != tt.region || ok != tt.ok || w.Keeps(tt.v) != tt.keeps {
			t.Errorf("%s for %s: %q, %v, kept %v; want %q, %v, %v", tt.asked, tt.v, region, ok, w.Keeps(tt.v), tt.region, tt.ok, tt.keeps)
		}
	}
	// Only one vendor has this region: the other's regional offers are left out.
	s, err := loadShop(edited(t, shopText(t), "region  backup\neast-1", "region  backup\nnorth-9 0.1\neast-1", "from_offer = \"acme-nodes\"\nfactor = \"0.8\"\nassumed", "usd = \"id east-1\\nsmall 1\"\nassumed",
		"term = \"1y\"\nupfront = \"none\"\nfrom_offer = \"acme-nodes\"\nfactor = \"0.8\"", "term = \"1y\"\nupfront = \"none\"\nfactor = \"0.8\""))
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.Where("north-9")
	if err != nil {
		t.Fatal(err)
	}
	bolt = shopVersion(t, s, "bolt-nodes", shopDay)
	if _, ok := w.Region(bolt); ok || w.Keeps(bolt) || !w.Keeps(calls) {
		t.Error("north-9 is Acme's alone; Bolt's offers in regions do not belong")
	}
	for _, name := range []string{"", "mars-1", "zebra"} {
		if _, err := s.Where(name); err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("unknown region %q; places: east, west; or a vendor's own region such as east-1", name)) {
			t.Errorf("region %q: %v", name, err)
		}
	}
}

// TestWhereNear: a name that is nearly one names the ones it may be.
func TestWhereNear(t *testing.T) {
	s, err := loadShop(shopText(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"eas", "EAST", "esat"} {
		if _, err := s.Where(name); err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("unknown region %q; did you mean \"east\"", name)) {
			t.Errorf("region %q: %v", name, err)
		}
	}
}

func TestNear(t *testing.T) {
	all := []string{"eu-west-1", "eu-west-2", "us-east-1", "us-west-1"}
	for name, want := range map[string]string{
		"us-eest-1": "us-east-1", "eu-west-9": "eu-west-1 eu-west-2", "us-": "us-east-1 us-west-1",
		"": "eu-west-1 eu-west-2 us-east-1", "zz": "eu-west-1 eu-west-2 us-east-1",
	} {
		if got := strings.Join(near(name, all), " "); got != want {
			t.Errorf("near %q: %s; want %s", name, got, want)
		}
	}
	if near("x", nil) != nil {
		t.Error("near nothing")
	}
}

func TestSources(t *testing.T) {
	s := shop(t)
	for id, want := range map[string]string{"acme-calls": "old-page page", "acme-nodes": "page", "bolt-memory": ""} {
		if got := strings.Join(shopVersion(t, s, id, "2026-01-19").Sources(), " "); got != want {
			t.Errorf("%s cites %q; want %q", id, got, want)
		}
	}
	if src, ok := s.Source("page"); !ok || src.Confidence != ConfidenceVendor || src.Retrieved != "2026-01-10" {
		t.Errorf("source %+v", src)
	}
	if _, ok := s.Source("none"); ok {
		t.Error("a source that is not there")
	}
}

func TestGivenRate(t *testing.T) {
	fx, err := GivenRate("EUR", "1.16", "2026-01-01")
	if err != nil || fx.Nano != 1_160_000_000 || fx.Day != "2026-01-01" || fx.Source != "given" {
		t.Errorf("%+v, %v", fx, err)
	}
	for _, bad := range [][2]string{{"USD", "1"}, {"GBP", "1.2"}, {"EUR", ""}, {"EUR", "0"}, {"EUR", "-1"}, {"EUR", "1e3"}, {"EUR", "NaN"}, {"EUR", "1,16"}, {"EUR", "99999999999999999999"}, {"EUR", "\x001"}} {
		if fx, err := GivenRate(bad[0], bad[1], "2026-01-01"); err == nil {
			t.Errorf("%q of %s was taken: %+v", bad[1], bad[0], fx)
		}
	}
}

// TestDiff: what changed between the shop's two versions, and nothing else.
func TestDiff(t *testing.T) {
	s := shop(t)
	var got []string
	for _, c := range Diff(shopVersion(t, s, "acme-calls", "2025-06-01"), shopVersion(t, s, "acme-calls", "2026-01-01")) {
		got = append(got, c.What+": "+c.Before+" → "+c.After)
	}
	want := "charge commands: 0.20 USD per 100,000 command → 0.30 USD per 100,000 command\nlimit ops/s: 10,000 → 20,000"
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if gone := Diff(shopVersion(t, s, "acme-nodes", shopDay), nil); len(gone) == 0 || gone[0].After != "" {
		t.Errorf("against nothing: %+v", gone)
	}
}

// FuzzLoad: no cards make loading or reading them panic, and what loads can be
// read on any day and in any of its regions. One line of good cards is replaced,
// as changes to the whole text are rarely TOML.
func FuzzLoad(f *testing.F) {
	good := strings.Split(shopText(f), "\n")
	for i, line := range good {
		f.Add(uint16(i), line)
	}
	f.Add(uint16(0), "[place.x]\nacme = \"east-1\"")
	f.Add(uint16(len(good)-1), "[discount.d]\npercent = \"1\"\nprovider = \"acme\"\nwhy = \"y\"")
	f.Add(uint16(151), "[offer.acme-nodes.version.2026-01-01.price.circle]\nfrom_offer = \"bolt-nodes\"\nfactor = \"2\"\n[offer.acme-nodes.version.2026-01-01.price.more]")
	f.Fuzz(func(t *testing.T, line uint16, with string) {
		lines := slices.Clone(good)
		lines[int(line)%len(lines)] = with
		s, err := loadShop(strings.Join(lines, "\n"))
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		for _, o := range s.Offers() {
			for _, day := range append(o.Versions(), "2026-06-01") {
				v := s.Version(o, day)
				if v == nil {
					continue
				}
				v.Figures()
				for _, region := range append(v.Regions(), Global) {
					for i := range v.Charges {
						v.ChargeRate(&v.Charges[i], region)
					}
					for i := range v.Plans {
						v.PlanRate(&v.Plans[i], region)
						for _, c := range v.Commitments() {
							v.CommittedRate(&c, &v.Plans[i], region)
						}
					}
				}
			}
		}
	})
}
