package ratecard

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shopDay is the day on which the tests read testdata/shop.toml.
const shopDay = "2026-02-01"

func shopText(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/shop.toml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// shop loads testdata/shop.toml with overlays.
func shop(t testing.TB, overlays ...string) *Set {
	t.Helper()
	s, err := loadShop(shopText(t), overlays...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func loadShop(text string, overlays ...string) (*Set, error) {
	var files []File
	for _, o := range overlays {
		files = append(files, File{Name: "mine.toml", Text: o})
	}
	return Load(shopDay, File{Name: "shop.toml", Text: text}, files...)
}

// shopVersion is the version of an offer of the shop in force on the day.
func shopVersion(t testing.TB, s *Set, id, day string) *Version {
	t.Helper()
	o := s.Offer(id)
	if o == nil {
		t.Fatalf("no offer %s", id)
	}
	v := s.Version(o, day)
	if v == nil {
		t.Fatalf("no version of %s on %s", id, day)
	}
	return v
}

// edited replaces the first occurrence of each odd string by the next.
func edited(t testing.TB, text string, edits ...string) string {
	t.Helper()
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(text, edits[i]) {
			t.Fatalf("the fixture has no %q to edit", edits[i])
		}
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	return text
}

// problemsOf is what loading a text says is wrong.
func problemsOf(t testing.TB, text string) []string {
	t.Helper()
	_, err := loadShop(text)
	var p *Problems
	if !errors.As(err, &p) {
		t.Fatalf("got %v; want problems", err)
	}
	return p.List
}

const (
	calls25  = "offer acme-calls, version 2025-01-01"
	calls26  = "offer acme-calls, version 2026-01-01"
	nodes    = "offer acme-nodes, version 2026-01-01"
	boltCard = "offer bolt-nodes, version 2026-01-01"
	memory   = "offer bolt-memory, version 2026-01-01"
)

// TestProblems edits one thing in good cards at a time. Each gives the message
// wanted; a problem of a version that others are based on is theirs too.
func TestProblems(t *testing.T) {
	for _, tt := range []struct {
		name  string
		edits []string
		want  string
	}{
		{"schema", []string{"schema = 1\n", "schema = 2\n"}, "shop.toml:2: schema: schema 2; this program reads schema 1"},
		{"no schema", []string{"schema = 1\n", ""}, "shop.toml: schema: schema 0; this program reads schema 1"},

		{"source not https", []string{"https://acme.example/pricing\"", "http://acme.example/pricing\""}, `source page: url "http://acme.example/pricing" is not an https address`},
		{"source without host", []string{"https://acme.example/pricing\"", "https:///pricing\""}, `source page: url "https:///pricing" is not an https address`},
		{"source without title", []string{"title = \"Acme pricing\"\n", ""}, "source page: has no title"},
		{"source of tomorrow", []string{"2026-01-10", "2026-02-02"}, "source page: retrieved 2026-02-02 is in the future"},
		{"source of no day", []string{"2026-01-10", "2026-02-30"}, `source page: retrieved "2026-02-30" is not a date like 2026-09-20`},
		{"source's confidence", []string{"confidence = \"vendor\"", "confidence = \"rumour\""}, `source page: confidence "rumour" is not one of vendor, vendor-api, third-party, derived`},
		{"unused source", []string{"[provider.acme]", "[source.spare]\nurl = \"https://a.example\"\ntitle = \"t\"\nretrieved = \"2026-01-01\"\nconfidence = \"vendor\"\n[provider.acme]"}, "source spare: no figure cites it; remove it"},
		{"dangling source", []string{"source = \"page\"\n\n[offer.acme-calls.version.2026-01-01.charge", "source = \"pagge\"\n\n[offer.acme-calls.version.2026-01-01.charge"}, calls26 + `, charge commands: source "pagge" is not in the file`},
		{"no source", []string{"2025-01-01]\nsource = \"old-page\"\n", "2025-01-01]\n"}, calls25 + `, charge commands: has no source; add source = "ID" or assumed = "why"`},
		{"a minimum without source", []string{"2025-01-01]\nsource = \"old-page\"\n", "2025-01-01]\n"}, calls25 + `: has no source; add source = "ID" or assumed = "why"`},

		{"provider without name", []string{"name = \"Bolt\"\n", ""}, "provider bolt: has no name"},
		{"unknown provider", []string{"provider = \"acme\"\nname = \"Calls\"", "provider = \"acne\"\nname = \"Calls\""}, `offer acme-calls: provider "acne" is not in the file`},
		{"offer without name", []string{"name = \"Calls\"\n", ""}, "offer acme-calls: has no name"},
		{"billed by", []string{"billed_by = \"commands\"", "billed_by = \"moonlight\""}, `offer acme-calls: billed_by "moonlight" is not one of commands, capacity, hybrid, usage`},
		{"status", []string{"status = \"offered\"", "status = \"gone\""}, `offer acme-calls: status "gone" is not one of offered, preview, legacy, target`},
		{"no engines", []string{"engines = [\"redis\", \"valkey\"]\n", ""}, "offer acme-calls: names no engines"},
		{"engine", []string{"\"redis\", \"valkey\"", "\"redis\", \"memcached\""}, `offer acme-calls: engine "memcached" is neither valkey nor redis`},
		{"is not a version of this offer", []string{"[offer.bolt-memory]", "[offer.bolt-x]\nprovider = \"bolt\"\nname = \"x\"\nbilled_by = \"usage\"\nengines = [\"redis\"]\nstatus = \"offered\"\n[offer.bolt-memory]"}, "offer bolt-x: has no version"},
		{"version without date", []string{"version.2026-01-20]", "version.soon]"}, "offer acme-calls, version soon: is not dated like 2026-09-20"},
		{"nothing charged", []string{"withdrawn = \"Acme stopped selling it\"\n", ""}, "offer acme-calls, version 2026-01-20: has no charge and no plan"},

		{"based on a later version", []string{"based_on = \"2025-01-01\"", "based_on = \"2026-01-20\""}, calls26 + `: based_on "2026-01-20" is not an earlier version`},
		{"based on itself", []string{"based_on = \"2025-01-01\"", "based_on = \"2026-01-01\""}, calls26 + `: is based on itself; based_on names an earlier version`},
		{"based on nothing", []string{"based_on = \"2025-01-01\"", "based_on = \"2024-01-01\""}, calls26 + `: based_on "2024-01-01" is not a version of this offer`},

		{"bare float money", []string{"usd = \"0.20\"", "usd = 0.20"}, calls25 + `, charge commands: usd: 0.2 is not in quotes; write it as published, such as "0.20"`},
		{"bare integer money", []string{"usd = \"15.00\"", "usd = 15"}, memory + `, plan gib: usd: 15 is not in quotes; write it as published, such as "0.20"`},
		{"money with a sign", []string{"usd = \"0.20\"", "usd = \"$0.20\""}, calls25 + `, charge commands: usd: "$0.20" is not a decimal amount like "0.20"`},
		{"negative money", []string{"usd = \"0.20\"", "usd = \"-0.20\""}, calls25 + `, charge commands: usd: -0.20 is negative`},
		{"empty money", []string{"usd = \"0.20\"", "usd = \"\""}, calls25 + `, charge commands: usd: " " is not a decimal amount like "0.20"`},
		{"too fine money", []string{"usd = \"0.20\"", "usd = \"0.0000000001\""}, calls25 + `, charge commands: usd: "0.0000000001" has more than nine decimals; give it per a larger quantity`},
		{"two currencies", []string{"usd = \"0.20\"", "usd = \"0.20\"\neur = \"0.20\""}, calls25 + ", charge commands: has a price in usd and one in eur; give the published one"},
		{"unquoted cap", []string{"cap_usd_per_month = \"160\"", "cap_usd_per_month = 160"}, calls25 + `: cap_usd_per_month: 160 is not in quotes; write it as published, such as "0.20"`},
		{"minimum above cap", []string{"cap_usd_per_month = \"160\"", "cap_usd_per_month = \"0.5\""}, calls25 + ": minimum_usd_per_month is above cap_usd_per_month"},

		{"unknown meter", []string{"meter = \"stored\"", "meter = \"storage\""}, calls25 + `, charge storage: unknown meter "storage"; known: commands, reads, writes, replicated-commands, ecpu, stored, `},
		{"unknown unit", []string{"unit = \"GB-month\"", "unit = \"gb-month\""}, calls25 + `, charge storage: unknown unit "gb-month"; known: ECPU, GB, `},
		{"unit of another kind", []string{"unit = \"GB-month\"", "unit = \"GB\""}, calls25 + ", charge storage: meter stored counts byte-hours, but GB counts bytes"},
		{"unknown other unit", []string{"other_unit = \"GiB-month\"", "other_unit = \"GIB\""}, calls25 + `, charge storage: other_unit: unknown unit "GIB"`},
		{"other unit of another kind", []string{"other_unit = \"GiB-month\"", "other_unit = \"GiB\""}, calls25 + ", charge storage: other_unit GiB does not count what GB-month counts"},
		{"other unit without reading", []string{"reading = \"the page says GB\"\n", ""}, calls25 + ", charge storage: other_unit needs reading = \"why this unit is used\""},
		{"metered how", []string{"other_unit = \"GiB-month\"", "metered = \"hour\"\nother_unit = \"GiB-month\""}, calls25 + `, charge storage: metered "hour" is not one of second, minute, hour-mean, hour-max, day-mean, month-mean`},
		{"metered of what is not held", []string{"per = 100000", "per = 100000\nmetered = \"hour-mean\""}, calls25 + ", charge commands: metered is for stored data, but meter replicated-commands counts something else"},
		{"a minimum of a day", []string{"minimum = \"0.1\"", "minimum = \"0.1\"\nmetered = \"day-mean\""}, calls25 + ", charge storage: a minimum needs metered = hour-mean, hour-max or month-mean, the time that it is for"},
		{"metered without saying", []string{"minimum = \"0.1\"", "minimum = \"0.1\"\nmetered_source = \"page\""}, calls25 + ", charge storage: metered_source without metered"},
		{"metered by nobody", []string{"minimum = \"0.1\"", "minimum = \"0.1\"\nmetered = \"hour-max\"\nmetered_source = \"pagge\""}, calls25 + `, charge storage: source "pagge" is not in the file`},
		{"per", []string{"per = 100000", "per = -1"}, calls25 + ", charge commands: per is -1; give at least 1"},
		{"per nothing", []string{"per = 100000", "per = 0"}, calls25 + ", charge commands: per is 0; give at least 1"},
		{"free each", []string{"free_each = \"database\"", "free_each = \"person\""}, calls25 + `, charge commands: free_each "person" is neither account nor database`},
		{"free", []string{"free = \"10000\"", "free = \"some\""}, calls25 + `, charge commands: free: "some" is not a decimal amount like "0.20"`},
		{"free unquoted", []string{"free = \"10000\"", "free = 10000"}, calls25 + `, charge commands: free: 10000 is not in quotes`},
		{"free beyond counting", []string{"minimum = \"0.1\"", "minimum = \"9000000000\""}, calls25 + `, charge storage: minimum: "9000000000" is too large to count`},
		{"no price", []string{"usd = \"0.25\"\n", ""}, calls25 + `, charge storage: has no price: give usd, tier, a column in a price table, or unknown = "why"`},
		{"price and unknown", []string{"usd = \"0.25\"\n", "usd = \"0.25\"\nunknown = \"lost\"\n"}, calls25 + ", charge storage: has two prices; give only one of usd, tier, a price table and unknown"},
		{"price and table", []string{"meter = \"stored\"\nunit = \"GiB-month\"\n", "meter = \"stored\"\nunit = \"GiB-month\"\nusd = \"0.1\"\n"}, nodes + ", charge backup: has two prices; give only one of usd, tier, a price table and unknown"},
		{"charge for no plan", []string{"meter = \"stored\"\nunit = \"GiB-month\"\n", "meter = \"stored\"\nunit = \"GiB-month\"\nplans = [\"medium\"]\n"}, nodes + `, charge backup: plans: there is no plan "medium"`},

		{"tiers not increasing", []string{"up_to = \"1000\"", "up_to = \"200\""}, calls25 + ", charge transfer: tier 2: up_to is not above that of the tier before"},
		{"a tier without end", []string{"up_to = \"1000\"\n", ""}, calls25 + ", charge transfer: tier 2: all tiers except the last need up_to, and the last has none"},
		{"a last tier with an end", []string{"usd = \"0.02\"", "usd = \"0.02\"\nup_to = \"5000\""}, calls25 + ", charge transfer: tier 3: all tiers except the last need up_to, and the last has none"},
		{"a tier without price", []string{"usd = \"0.02\"\n", ""}, calls25 + ", charge transfer: tier 3 has no price"},
		{"tiers in two currencies", []string{"usd = \"0.02\"", "eur = \"0.02\""}, calls25 + ", charge transfer: tier 3 is in another currency than the first"},
		{"a tier's money", []string{"usd = \"0.02\"", "usd = 0.02"}, calls25 + ", charge transfer: usd: 0.02 is not in quotes"},

		{"negative limit", []string{"max_ops_per_sec = 10000", "max_ops_per_sec = -1"}, calls25 + ", limit: a limit is negative"},
		{"negative limit of databases", []string{"max_ops_per_sec = 10000", "max_databases = -1"}, calls25 + ", limit: a limit is negative"},
		{"negative limit of replicas", []string{"max_ops_per_sec = 10000", "max_replicas = -1"}, calls25 + ", limit: a limit is negative"},
		{"limit without unit", []string{"max_data = \"100 GB\"", "max_data = \"100\""}, calls25 + `, limit: max_data: size "100" needs a unit: B, kB, MB`},

		{"replica rule", []string{"replicas = \"billed\"", "replicas = \"free\""}, nodes + `, sizing: replicas "free" is not one of billed, included, plan, none, absent, unknown`},
		{"usable share", []string{"usable_share = \"0.75\"", "usable_share = \"1.5\""}, nodes + ", sizing: usable_share: 1.5 is not a share between 0 and 1"},
		{"usable share unquoted", []string{"usable_share = \"0.75\"", "usable_share = 0.75"}, nodes + `, sizing: usable_share: 0.75 is not in quotes`},
		{"ops kind", []string{"ops_kind = \"assumption\"", "ops_kind = \"hope\""}, nodes + `, sizing: ops_kind "hope" is not one of quota, benchmark, claim, assumption`},
		{"no ops kind", []string{"ops_kind = \"assumption\"\n", ""}, nodes + `, sizing: ops_kind "" is not one of quota, benchmark, claim, assumption`},
		{"negative sizing", []string{"ops_per_sec = 100000", "ops_per_sec = -1"}, nodes + ", sizing: a count is negative"},
		{"shards", []string{"replicas = \"billed\"", "replicas = \"billed\"\nmin_shards = 3\nmax_shards = 2"}, nodes + ", sizing: min_shards 3 is above max_shards 2"},
		{"unused sizing key", []string{"replicas = \"billed\"", "replicas = \"billed\"\nprovision_min = 3"}, "shop.toml: unknown keys: offer.acme-nodes.version.2026-01-01.sizing.provision_min (line 125)"},

		{"plan memory", []string{"memory = \"8 GiB\"", "memory = \"8\""}, nodes + `, plan large: memory: size "8" needs a unit`},
		{"plan network", []string{"network = \"0.75 Gbit/s\"", "network = \"0.75 GB/s\""}, nodes + `, plan large: network "0.75 GB/s" is not a rate like "0.75 Gbit/s" or "64 Mbit/s"`},
		{"plan network number", []string{"network = \"0.75 Gbit/s\"", "network = \"up to 5 Gbit/s\""}, nodes + `, plan large: network: "up to 5" is not a plain decimal number like 0.25`},
		{"plan vcpu", []string{"vcpu = \"2\"", "vcpu = 2"}, nodes + `, plan large: vcpu: 2 is not in quotes`},
		{"plan without price", []string{"unknown = \"the page names no price\"\n", ""}, nodes + `, plan huge: has no price: give usd and per, a row in a price table, or unknown = "why"`},
		{"plan with two prices", []string{"vcpu = \"2\"", "usd = \"1\"\nper = \"hour\""}, nodes + ", plan large: has two prices: one of its own and one in a price table"},
		{"plan price without per", []string{"per = \"GiB-month\"\n", ""}, memory + ", plan gib: has a price without per; add per = \"hour\", \"month\", \"GiB-month\" or the like"},
		{"plan per", []string{"per = \"GiB-month\"\n", "per = \"fortnight\"\n"}, memory + `, plan gib: per "fortnight" is not one of hour, month, GiB-hour, GiB-month, GB-hour, GB-month`},
		{"table per", []string{"price.on-demand]\n", "price.on-demand]\nper = \"year\"\n"}, nodes + `, plan large: per "year" is not one of hour, month, GiB-hour, GiB-month, GB-hour, GB-month`},
		{"plan per against table", []string{"vcpu = \"2\"", "per = \"month\""}, nodes + ", plan large: is priced per month, but per hour in the price table on-demand"},
		{"provision of nodes", []string{"vcpu = \"2\"", "provision_min = 2"}, nodes + ", plan large: provision_min and provision_max need a price per GiB or GB"},
		{"provision range", []string{"provision_max = 100", "provision_max = 100\nprovision_min = 101"}, memory + ", plan gib: provision_max 100 is below provision_min 101"},
		{"usable of provisioned", []string{"provision_max = 100", "usable_share = \"0.5\""}, memory + ", plan gib: usable and usable_share do not apply to memory that is sold by the unit; give usable_share in sizing"},
		{"negative plan count", []string{"provision_max = 100", "max_shards = -1"}, memory + ", plan gib: a count is negative"},
		{"plan and charge of one name", []string{"charge.backup]", "charge.small]", "region  backup", "region  small"}, nodes + ": small is both a charge and a plan; rename one"},

		{"empty table", []string{"id     east-1  west-1\n# a comment and a blank line do not count\n\nsmall  0.10    0.12\nlarge  0.20    -\n", "# nothing\n"}, nodes + ", price on-demand: the table is empty"},
		{"table's first word", []string{"id     east-1  west-1", "node   east-1  west-1"}, nodes + `, price on-demand: the table's first word is "node"; it must be region or id`},
		{"table without columns", []string{"region  backup\neast-1  0.085\nwest-1  ?\n", "region\neast-1\n"}, nodes + `, price backup: the table has no columns after "region"`},
		{"two columns", []string{"id     east-1  west-1", "id     east-1  east-1"}, nodes + ", price on-demand: two columns for east-1"},
		{"two rows", []string{"large  0.20    -\n", "large  0.20    -\nlarge  0.21    -\n"}, nodes + ", price on-demand: two rows for large"},
		{"ragged row", []string{"large  0.20    -\n", "large  0.20\n"}, nodes + ", price on-demand: row large has 1 figures for 2 columns"},
		{"bad figure", []string{"large  0.20    -\n", "large  0,20    -\n"}, nodes + `, price on-demand: east-1 of large: "0,20" is not a decimal amount like "0.20"`},
		{"negative figure", []string{"large  0.20    -\n", "large  -0.20    -\n"}, nodes + ", price on-demand: east-1 of large is negative"},
		{"stranger in a table", []string{"large  0.20    -\n", "large  0.20    -\nlargo  0.20  -\n"}, nodes + ", price on-demand: prices largo, but there is no such plan or charge"},
		{"two tables, one figure", []string{"price.on-demand]", "price.second]\nusd = \"\"\"\nregion large\neast-1 0.3\n\"\"\"\n[offer.acme-nodes.version.2026-01-01.price.on-demand]"}, nodes + ", price second: has a second price for large in east-1; the first is in on-demand"},
		{"table in two currencies", []string{"price.backup]\nusd", "price.backup]\neur = \"id x\"\nusd"}, nodes + ", price backup: has figures in usd and in eur; give one currency per table"},
		{"factor without offer", []string{"price.backup]\nusd", "price.backup]\nfactor = \"0.5\"\nusd"}, nodes + ", price backup: factor needs from_offer"},

		{"from no offer", []string{"from_offer = \"acme-nodes\"\nfactor = \"0.8\"\nassumed", "from_offer = \"acme-node\"\nfactor = \"0.8\"\nassumed"}, boltCard + `, price list: from_offer "acme-node" is not an offer`},
		{"from an offer of later", []string{"[offer.bolt-nodes.version.2026-01-01]", "[offer.bolt-nodes.version.2025-06-01]\nsource = \"page\"\nplans_from = \"acme-nodes\"\n[offer.bolt-nodes.version.2026-01-01]"}, `offer bolt-nodes, version 2025-06-01: from_offer "acme-nodes" has no version on 2025-06-01`},
		{"factor missing", []string{"factor = \"0.8\"\nassumed", "assumed"}, boltCard + `, price list: factor: a price taken from acme-nodes needs a factor like "0.8"`},
		{"factor of nothing", []string{"factor = \"0.8\"\nassumed", "factor = \"0\"\nassumed"}, boltCard + `, price list: factor: a price taken from acme-nodes needs a factor like "0.8"`},
		{"factor unquoted", []string{"factor = \"0.8\"\nassumed", "factor = 0.8\nassumed"}, boltCard + `, price list: factor: a price taken from acme-nodes needs a factor like "0.8"`},
		{"from offer and own figures", []string{"from_offer = \"acme-nodes\"\nfactor = \"0.8\"\nassumed", "from_offer = \"acme-nodes\"\nusd = \"id east-1\\nsmall 1\"\nfactor = \"0.8\"\nassumed"}, boltCard + ", price list: has its own figures and from_offer; remove one"},
		{"own figure for one that is taken", []string{"[offer.bolt-nodes.version.2026-01-01.price.list]", "[offer.bolt-nodes.version.2026-01-01.price.own]\nusd = \"id east-1\\nsmall 1\"\n[offer.bolt-nodes.version.2026-01-01.price.list]"}, boltCard + ", price own: has a second price for small in east-1; the first is in list"},
		{"from itself", []string{"from_offer = \"acme-nodes\"\nfactor = \"0.8\"\nassumed", "from_offer = \"bolt-nodes\"\nfactor = \"0.8\"\nassumed"}, boltCard + `, price list: from_offer "bolt-nodes" leads back to itself`},
		{"a circle", []string{"[offer.acme-nodes.version.2026-01-01.price.backup]", "[offer.acme-nodes.version.2026-01-01.price.circle]\nfrom_offer = \"bolt-nodes\"\nfactor = \"2\"\n[offer.acme-nodes.version.2026-01-01.price.backup]"}, `leads back to itself`},
		{"a factor of a factor", []string{"[offer.bolt-memory]", chained}, `offer bolt-twice, version 2026-01-01, price list: takes prices from bolt-nodes, which takes them from acme-nodes; name that one`},
		{"a plan here and there", []string{"[offer.bolt-nodes.version.2026-01-01.price.list]", "[offer.bolt-nodes.version.2026-01-01.plan.small]\nmemory = \"4 GiB\"\n[offer.bolt-nodes.version.2026-01-01.price.list]"}, boltCard + ": plan small is described here and taken from acme-nodes; remove one"},

		{"term", []string{"term = \"1y\"", "term = \"2y\""}, nodes + `, commitment y1: term "2y" is neither 1y nor 3y`},
		{"upfront", []string{"upfront = \"none\"", "upfront = \"some\""}, nodes + `, commitment y1: upfront "some" is not one of none, partial, all`},
		{"two commitments", []string{"upfront = \"partial\"", "upfront = \"none\""}, nodes + ", commitment y1-partial: is for the same term and upfront as commitment y1"},
		{"commitment above on demand", []string{"small  0.07", "small  0.11"}, nodes + ", commitment y1: small in east-1 costs more than on demand"},
		// 0.03 × 8,760 + 613.3 = 876.1; on demand 0.10 × 8,760 = 876.
		{"upfront above on demand", []string{"small  300\n", "small  613.3\n"}, nodes + ", commitment y1-partial: small in east-1 costs more than on demand"},
		{"commitment far above on demand", []string{"small  0.07", "small  9000000000"}, nodes + ", commitment y1: small in east-1 costs more than on demand"},
		{"commitment for no plan", []string{"small  0.07", "smell  0.07"}, nodes + ", commitment y1: prices smell, but there is no such plan"},
		{"commitment without price", []string{"factor = \"0.5\"\n", ""}, nodes + ", commitment y3: has no price: give usd_per_hour, usd_upfront, or factor"},
		{"commitment factor above 1", []string{"factor = \"0.5\"\n", "factor = \"1.01\"\n"}, nodes + ", commitment y3: factor 1.01 makes the price higher than on demand"},
		{"commitment factor 0", []string{"factor = \"0.5\"\n", "factor = \"0\"\n"}, nodes + ", commitment y3: factor 0 makes the price zero"},
		{"commitment factor unquoted", []string{"factor = \"0.5\"\n", "factor = 0.5\n"}, nodes + ", commitment y3: factor: 0.5 is not in quotes"},
		{"commitment factor and figures", []string{"upfront = \"partial\"", "upfront = \"partial\"\nfactor = \"0.5\""}, nodes + ", commitment y1-partial: has its own figures and a factor; remove one"},
		{"commitment by the hour for a month's plan", []string{"price.on-demand]\n", "price.on-demand]\nper = \"month\"\n"}, nodes + ", commitment y1: prices large by the hour, but it is sold per month; only a factor can be given"},
		{"commitment from an offer without", []string{"term = \"1y\"\nupfront = \"none\"\nfrom_offer", "term = \"3y\"\nupfront = \"all\"\nfrom_offer"}, boltCard + ", commitment y1: acme-nodes sells no 3y term with all upfront"},
		{"commitment from a factor", []string{"term = \"1y\"\nupfront = \"none\"\nfrom_offer", "term = \"3y\"\nupfront = \"none\"\nfrom_offer"}, boltCard + ", commitment y1: acme-nodes prices it as a share of its on-demand price; give that factor here"},

		{"note with a wrong unit", []string{"words = \"bursts are free\"", "words = \"bursts are free\"\nother_size = \"gb\""}, calls25 + `, assumption burst: other_size "gb" is neither GB nor GiB`},
		{"note without words", []string{"words = \"bursts are free\"", ""}, calls25 + ", assumption burst: has no words"},
		{"unknown's source", []string{"costs\"\nsource = \"old-page\"", "costs\"\nsource = \"nowhere\""}, calls25 + `, unknown backups: source "nowhere" is not in the file`},
		{"example without workload", []string{"workload = { gib = 0, commands_per_month = 1010000, payload_bytes = 100 }\n", ""}, calls25 + ", example page: has no workload"},
		{"example's figure", []string{"usd = \"2.00\"", "usd = 2.0"}, calls25 + ", example page: usd: 2 is not in quotes"},
		{"example's term", []string{"usd = \"2.00\"", "usd = \"2.00\"\nterm = \"5y\""}, calls25 + `, example page: term "5y" is not one of on-demand, 1y, 3y`},

		{"exchange rate", []string{"usd_per_unit = \"1.1622\"", "usd_per_unit = \"one\""}, `fx EUR, 2026-01-05: usd_per_unit "one" is not a rate like "1.1622"`},
		{"exchange rate 0", []string{"usd_per_unit = \"1.1622\"", "usd_per_unit = \"0\""}, `fx EUR, 2026-01-05: usd_per_unit "0" is not a rate like "1.1622"`},
		{"exchange rate unquoted", []string{"usd_per_unit = \"1.1622\"", "usd_per_unit = 1.1622"}, `fx EUR, 2026-01-05: usd_per_unit "1.1622" is not a rate like "1.1622"`},
		{"exchange rate of tomorrow", []string{"fx.EUR.2026-01-05", "fx.EUR.2026-02-02"}, "fx EUR, 2026-02-02: the rate 2026-02-02 is in the future"},
		{"currency", []string{"fx.EUR", "fx.XAU"}, "fx XAU, 2026-01-05: unknown currency XAU; known: EUR"},
		{"exchange rate without source", []string{"usd_per_unit = \"1.1622\"\nsource = \"page\"", "usd_per_unit = \"1.1622\""}, "fx EUR, 2026-01-05: has no source"},

		{"place of nobody", []string{"bolt = \"east-1\"", "bold = \"east-1\""}, `place east: provider "bold" is not in the file`},
		{"place to no region", []string{"acme = \"west-1\"", "acme = \"north-1\""}, "place west: no card of acme has a price in north-1"},

		{"discount without reason", []string{"[provider.acme]", "[discount.d]\npercent = \"10\"\nprovider = \"acme\"\n[provider.acme]"}, "discount d: missing key \"why\""},
		{"discount for nobody", []string{"[provider.acme]", "[discount.d]\npercent = \"10\"\nwhy = \"y\"\n[provider.acme]"}, "discount d: has no provider and no offer; add one"},
		{"discount of no provider", []string{"[provider.acme]", "[discount.d]\npercent = \"10\"\nwhy = \"y\"\nprovider = \"acne\"\n[provider.acme]"}, `discount d: unknown provider "acne"`},
		{"discount of no offer", []string{"[provider.acme]", "[discount.d]\npercent = \"10\"\nwhy = \"y\"\noffer = \"acme-node\"\n[provider.acme]"}, `discount d: unknown offer "acme-node"; known: acme-nodes`},
		{"discount of another's offer", []string{"[provider.acme]", "[discount.d]\npercent = \"10\"\nwhy = \"y\"\nprovider = \"bolt\"\noffer = \"acme-nodes\"\n[provider.acme]"}, "discount d: bolt does not sell acme-nodes"},
		{"discount of no charge", []string{"[provider.acme]", "[discount.d]\npercent = \"10\"\nwhy = \"y\"\noffer = \"acme-nodes\"\ncharge = \"storage\"\n[provider.acme]"}, `discount d: charge "storage" matches no charge or plan of the selected offers`},
		{"discount of all and more", []string{"[provider.acme]", "[discount.d]\npercent = \"100.1\"\nwhy = \"y\"\noffer = \"acme-nodes\"\n[provider.acme]"}, "discount d: percent 100.1 is not above 0 and at most 100"},
		{"discount of nothing", []string{"[provider.acme]", "[discount.d]\npercent = \"0\"\nwhy = \"y\"\noffer = \"acme-nodes\"\n[provider.acme]"}, "discount d: percent 0 is not above 0 and at most 100"},
		{"discount too fine", []string{"[provider.acme]", "[discount.d]\npercent = \"0.00001\"\nwhy = \"y\"\noffer = \"acme-nodes\"\n[provider.acme]"}, "discount d: percent 0.00001 has more than four decimals"},
		{"discount unquoted", []string{"[provider.acme]", "[discount.d]\npercent = 10\nwhy = \"y\"\noffer = \"acme-nodes\"\n[provider.acme]"}, "discount d: percent: 10 is not in quotes"},

		{"unknown key", []string{"status = \"target\"", "status = \"target\"\nstate = \"x\""}, "unknown keys: offer.bolt-memory.state (line 219)"},
		{"key twice", []string{"name = \"Bolt\"", "name = \"Bolt\"\nname = \"Bolt\""}, "shop.toml:23: "},
	} {
		_, err := loadShop(edited(t, shopText(t), tt.edits...))
		if err == nil {
			t.Errorf("%s: loaded", tt.name)
		} else if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got  %v\nwant …%s…", tt.name, err, tt.want)
		}
	}
}

const chained = `[offer.bolt-twice]
provider = "bolt"
name = "Twice"
billed_by = "capacity"
engines = ["valkey"]
status = "offered"
[offer.bolt-twice.version.2026-01-01]
source = "page"
plans_from = "acme-nodes"
[offer.bolt-twice.version.2026-01-01.price.list]
from_offer = "bolt-nodes"
factor = "0.5"
[offer.bolt-memory]`

// TestProblemsAreGathered: all at once, in order, each with its line.
func TestProblemsAreGathered(t *testing.T) {
	text := edited(t, shopText(t),
		"usd = \"0.20\"", "usd = 0.20",
		"meter = \"stored\"", "meter = \"storage\"",
		"max_data = \"100 GB\"", "max_data = \"lots\"",
		"small  0.07", "small  0.70",
		"acme = \"west-1\"", "acme = \"mars-1\"",
	)
	got := problemsOf(t, text)
	for i := range got {
		got[i], _, _ = strings.Cut(got[i], "; known:")
	}
	if diff := cmp.Diff([]string{
		`shop.toml:28: place west: no card of acme has a price in mars-1`,
		`shop.toml:49: offer acme-calls, version 2025-01-01, charge commands: usd: 0.2 is not in quotes; write it as published, such as "0.20"`,
		`shop.toml:58: offer acme-calls, version 2025-01-01, charge storage: unknown meter "storage"`,
		`shop.toml:81: offer acme-calls, version 2025-01-01, limit: max_data: size "lots" needs a unit: B, kB, MB, GB, TB, KiB, MiB, GiB or TiB`,
		`shop.toml:99: offer acme-calls, version 2026-01-01, charge storage: unknown meter "storage"`,
		`shop.toml:106: offer acme-calls, version 2026-01-01, limit: max_data: size "lots" needs a unit: B, kB, MB, GB, TB, KiB, MiB, GiB or TiB`,
		`shop.toml:165: offer acme-nodes, version 2026-01-01, commitment y1: small in east-1 costs more than on demand`,
		`shop.toml:207: offer bolt-nodes, version 2026-01-01, commitment y1: small in east-1 costs more than on demand`,
	}, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
