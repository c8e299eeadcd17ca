package ratecard

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const newOffer = `[offer.acme-mine]
provider = "acme"
name = "Our contract"
billed_by = "capacity"
engines = ["valkey"]
status = "offered"
[offer.acme-mine.version.2026-01-15.plan.all]
usd = "99"
per = "month"
assumed = "what we signed"
[offer.acme-mine.version.2026-01-15.sizing]
assumed = "as signed"
`

func TestOverlayAdds(t *testing.T) {
	s := shop(t, newOffer, `[discount.volume]
percent = "12.5"
provider = "acme"
why = "our volume"
`, `[offer.acme-calls.version.2026-01-25]
based_on = "2026-01-01"
source = "mine"
[offer.acme-calls.version.2026-01-25.charge.commands]
usd = "0.15"
[source.mine]
url = "https://acme.example/contract"
title = "our contract"
retrieved = "2026-01-24"
confidence = "vendor"
[fx.EUR.2026-01-20]
usd_per_unit = "1.17"
source = "mine"
[place.north]
acme = "west-1"
`)
	if o := s.Offer("acme-mine"); o == nil || len(s.Offers()) != 5 {
		t.Error("the new offer is not there")
	}
	if d := s.Discounts(); len(d) != 1 || d[0].ID != "volume" || d[0].Millions != 125_000 {
		t.Errorf("discounts %+v; want 12.5 %% = 125,000 millionths", d)
	}
	for day, want := range map[string]string{"2026-01-25": "0.15", "2026-01-19": "0.30", "2025-12-31": "0.20"} {
		if got := shopVersion(t, s, "acme-calls", day).Charges[0].Rate.Text; got != want {
			t.Errorf("commands on %s cost %s; want %s", day, got, want)
		}
	}
	for day, want := range map[string]string{"2026-01-19": "1.1622", "2026-01-20": "1.17"} {
		if fx, ok := s.ExchangeRate("EUR", day); !ok || fx.USDPerUnit != want {
			t.Errorf("EUR on %s = %+v; want %s", day, fx, want)
		}
	}
	if got := strings.Join(s.Places(), " "); got != "east north west" {
		t.Errorf("places %s", got)
	}
	if base := shop(t); base.SHA256() == s.SHA256() || len(base.Offers()) != 4 || len(base.Discounts()) != 0 {
		t.Error("an overlay must change the sum and leave the base as it is")
	}
}

func TestOverlayRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "schema = 1\n", "mine.toml: changes nothing; it has no offer, version, discount, place or exchange rate"},
		{"a comment", "# nothing here", "mine.toml: changes nothing"},
		{"only a provider", "[provider.new]\nname = \"New\"\n", "mine.toml: changes nothing"},
		{"an offer without a version", "[offer.acme-nodes]\n", "mine.toml: changes nothing"},
		{"empty", "", "mine.toml: the file is empty"},
		{"not TOML", "offer", "mine.toml:1: "},
		{"schema", "schema = 2\n" + newOffer, "mine.toml:1: schema: schema 2; this program reads schema 1"},
		{"an unknown offer", "[offer.acme-node.version.2026-02-01]\nsource = \"page\"\n", "mine.toml:1: offer acme-node: there is no such offer; known: acme-nodes"},
		{"an unknown key", strings.Replace(newOffer, "name =", "title =", 1), "mine.toml: unknown keys: offer.acme-mine.title (line 3)"},
		{"a version that is there", "[offer.acme-calls.version.2026-01-01]\nsource = \"page\"\n", "mine.toml:1: offer acme-calls, version 2026-01-01: is in the cards already, and an overlay cannot change it"},
		{"an offer's name", "[offer.acme-calls]\nname = \"Best\"\n[offer.acme-calls.version.2026-02-01]\nbased_on = \"2026-01-01\"\nsource = \"page\"\n", "mine.toml:1: offer acme-calls: is in the cards already; an overlay can only add versions to it"},
		{"a source", "[source.page]\nurl = \"https://a.example\"\n" + newOffer, "mine.toml:1: source page: is in the cards already"},
		{"has no provider and no offer; add one", "[provider.acme]\nname = \"Acme Inc\"\n" + newOffer, "mine.toml:1: provider acme: is in the cards already"},
		{"a place", "[place.east]\nacme = \"west-1\"\n", "mine.toml:2: place east, acme: is in the cards already"},
		{"an exchange rate", "[fx.EUR.2026-01-05]\nusd_per_unit = \"2\"\nsource = \"page\"\n", "mine.toml:1: fx EUR, 2026-01-05: is in the cards already"},
		{"a bad price", strings.Replace(newOffer, `usd = "99"`, "usd = 99", 1), `mine.toml:7: offer acme-mine, version 2026-01-15, plan all: usd: 99 is not in quotes`},
		{"a discount for nobody", "[discount.d]\npercent = \"1\"\nwhy = \"y\"\noffer = \"acme-call\"\n", `mine.toml:1: discount d: unknown offer "acme-call"; known: acme-calls`},
		{"a price without a source", "[offer.acme-calls.version.2026-01-25]\nbased_on = \"2026-01-01\"\n[offer.acme-calls.version.2026-01-25.charge.commands]\nusd = \"0.15\"\n", `mine.toml:3: offer acme-calls, version 2026-01-25, charge commands: has a figure without a source; add source = "ID" or assumed = "why"`},
		{"a version on itself", "[offer.acme-calls.version.2026-01-25]\nbased_on = \"2026-01-25\"\nsource = \"page\"\n[offer.acme-calls.version.2026-01-25.charge.c]\nmeter = \"commands\"\nunit = \"command\"\nusd = \"1\"\n", "mine.toml:1: offer acme-calls, version 2026-01-25: is based on itself; based_on names an earlier version"},
		{"a version that drops charges", "[offer.acme-calls.version.2026-01-10]\nsource = \"page\"\n[offer.acme-calls.version.2026-01-10.charge.commands]\nmeter = \"commands\"\nunit = \"command\"\nusd = \"1\"\n", `mine.toml:1: offer acme-calls, version 2026-01-10: has no charge storage, charge transfer, which version 2026-01-01 has; add based_on = "2026-01-01" to keep what this version leaves out, or based_on = "none" to drop it`},
		{"a source that nothing cites", "[source.x]\nurl = \"https://a.example\"\ntitle = \"t\"\nretrieved = \"2026-01-01\"\nconfidence = \"vendor\"\n" + newOffer, "mine.toml:1: source x: no figure cites it; remove it"},
	} {
		_, err := loadShop(shopText(t), tt.text)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %v; want %s…", tt.name, err, tt.want)
		}
	}
	// Two overlays may not say the same thing either.
	if _, err := loadShop(shopText(t), newOffer, newOffer); err == nil || !strings.Contains(err.Error(), "version 2026-01-15: is in the cards already") {
		t.Errorf("the same overlay twice: %v", err)
	}
}

// TestManyProblemsEndSoon: a file with 20,000 problems searched its text for
// the line of each, which took minutes for a file of 1 MB.
func TestManyProblemsEndSoon(t *testing.T) {
	var b strings.Builder
	b.WriteString("schema = 1\n")
	for i := range 20_000 {
		fmt.Fprintf(&b, "[source.s%05d]\n", i)
	}
	_, err := Load(shopDay, File{Name: "big.toml", Text: b.String()})
	var p *Problems
	if !errors.As(err, &p) || len(p.List) != 100_000 || p.List[99_999] != `big.toml:20001: source s19999: url "" is not an https address` {
		t.Fatalf("%.300v", err)
	}
}

// TestOverlayExtendsAPlace: an overlay may say where its own provider is in a
// place that is known, not that somebody else's region changed.
func TestOverlayExtendsAPlace(t *testing.T) {
	set, err := loadShop(shopText(t))
	if err != nil {
		t.Fatal(err)
	}
	place := set.Places()[0]
	var known string
	for provider := range set.doc.Place[place] {
		known = provider
	}
	_, err = set.Overlay(farDay, File{Name: "own.toml", Text: "[place." + place + "]\n" + known + " = \"elsewhere\"\n"})
	if err == nil || !strings.Contains(err.Error(), "is in the cards already") {
		t.Errorf("another region for %s in %s: %v", known, place, err)
	}
	own := `
[source.own]
url = "https://example.com/own"
title = "own prices"
retrieved = "2026-01-01"
confidence = "vendor"
[provider.own]
name = "Own"
[place.` + place + `]
own = "cellar"
[offer.own-node]
provider = "own"
name = "node"
billed_by = "capacity"
engines = ["valkey"]
status = "offered"
[offer.own-node.version.2026-01-01]
source = "own"
[offer.own-node.version.2026-01-01.plan.big]
memory = "16 GiB"
[offer.own-node.version.2026-01-01.price.demand]
usd = '''
id   cellar
big  0.10
'''
`
	over, err := set.Overlay(farDay, File{Name: "own.toml", Text: own})
	if err != nil {
		t.Fatal(err)
	}
	where, err := over.Where(place)
	if err != nil {
		t.Fatal(err)
	}
	v := over.Version(over.Offer("own-node"), farDay)
	if region, ok := where.Region(v); !ok || region != "cellar" {
		t.Errorf("own-node in %s is at %q, %v; want cellar", place, region, ok)
	}
	if len(set.doc.Place[place]) == len(over.doc.Place[place]) {
		t.Error("the set below was changed, or nothing was added")
	}
}

// TestRestatedFigure: a figure that a version restates is cited to the source
// that the version names, never to the page of the version it is based on.
func TestRestatedFigure(t *testing.T) {
	base := strings.Replace(shopText(t), "[offer.acme-calls.version.2026-01-01.charge.commands]", "[offer.acme-calls.version.2026-01-01.charge.commands]\nsource = \"page\"", 1)
	mine := `[source.mine]
url = "https://acme.example/contract"
title = "our contract"
retrieved = "2026-01-24"
confidence = "vendor"
[offer.acme-calls.version.2026-01-25]
based_on = "2026-01-01"
source = "mine"
[offer.acme-calls.version.2026-01-25.charge.commands]
usd = "0.15"
`
	s, err := loadShop(base, mine)
	if err != nil {
		t.Fatal(err)
	}
	if got := shopVersion(t, s, "acme-calls", "2026-01-25").Charges[0].Rate; got.Text != "0.15" || got.Source != "mine" {
		t.Errorf("commands cost %s, read in %s; want 0.15, read in mine", got.Text, got.Source)
	}
	if got := s.FigureCount(s.Offer("acme-calls"), "2026-01-25"); got != 1 {
		t.Errorf("the version says %d figures itself; want 1", got)
	}
}
