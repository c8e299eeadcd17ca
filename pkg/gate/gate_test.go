package gate

import (
	"fmt"
	"math/big"
	"math/rand"
	"os"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

const today = "2026-11-22"

// cards are those of made-up vendors, shared with the scripts of cmd.
func cards(t testing.TB) *ratecard.Set {
	t.Helper()
	text, err := os.ReadFile("../../cmd/testdata/cards.toml")
	if err != nil {
		t.Fatal(err)
	}
	set, err := ratecard.Load(today, ratecard.File{Name: "cards.toml", Text: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func read(t testing.TB, text string) *Config {
	t.Helper()
	c, err := Read("keynest.toml", text, Pricing{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func name(b *bill.Bill) string {
	if b == nil {
		return ""
	}
	return b.Offer.ID
}

func judgeFile(t testing.TB, text string, baseline *Report) *Result {
	t.Helper()
	set := cards(t)
	r, err := Run(read(t, text), set, NewPricer(set, compare.Filter{}, nil), today, baseline)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const twoWorkloads = "[workload.a]\nops_per_sec = 1000\ngib = 4\n[workload.b]\nops_per_sec = 10\ngib = 1\n"

func TestRead(t *testing.T) {
	text := "\ufeff" + strings.ReplaceAll(`# a comment
[pricing]
region = "eu-west"
term = "1y"
max_rate_age = "30d"
hours_per_month = 720

[workload.a]
ops_per_sec = 1000
gib = 4

[workload.queue-1]
preset = "queue"
ops_per_sec = 5
gb = 1
hours_per_month = 744

[check.sum]
workload = ["a", "queue-*"]
cheapest = "commands"
max_usd_per_month = "100.50"
region = "us-east"

[check.today]
workload = "a"
offer = "bolt-node"
plan = "large"
shards = 2
term = "on-demand"
max_increase_percent = "0"
max_rate_age = "7d"
`, "\n", "\r\n")
	c := read(t, text)
	if got := len(c.Checks); got != 2 {
		t.Fatalf("%d checks", got)
	}
	sum, now := c.Checks[0], c.Checks[1]
	if sum.Name != "sum" || strings.Join(sum.Workloads, " ") != "a queue-1" || sum.Target != (Target{Cheapest: compare.Commands}) ||
		*sum.Limits.MaxUSD != 100_500_000_000 || sum.Limits.WarnUSD != nil || sum.Terms.Region != "us-east" || sum.Terms.Term != ratecard.Term1Y || *sum.MaxRateAge != 30 {
		t.Errorf("sum is %+v", sum)
	}
	if now.Target != (Target{Offer: "bolt-node", Plan: "large", Shards: 2}) || *now.Limits.MaxIncreasePercent != 0 ||
		now.Terms.Region != "eu-west" || now.Terms.Term != ratecard.TermOnDemand || *now.MaxRateAge != 7 {
		t.Errorf("today is %+v", now)
	}
	if a, q := c.Workload("a"), c.Workload("queue-1"); a.HoursPerMonth != 720 || q.HoursPerMonth != 744 {
		t.Errorf("months of %d and %d hours", a.HoursPerMonth, q.HoursPerMonth)
	}
	if n := IndexLines(c.Text).Of("today", "max_increase_percent"); n != 30 {
		t.Errorf("max_increase_percent is on line %d", n)
	}
	flags, err := Read("keynest.toml", text, Pricing{Region: "ap-1", Term: "3y", MaxRateAge: "1d"})
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range flags.Checks {
		if check.Terms.Region != "ap-1" || check.Terms.Term != ratecard.Term3Y || *check.MaxRateAge != 1 {
			t.Errorf("%s does not follow the flags: %+v, %d days", check.Name, check.Terms, *check.MaxRateAge)
		}
	}
}

// TestFlagsBeforeFile: a flag comes before the key of a check, and that before the
// key of [pricing]. A list of flags replaces the file's list.
func TestFlagsBeforeFile(t *testing.T) {
	text := twoWorkloads + `
[check.both]
workload = "*"
offer = "bolt-node"
max_usd_per_month = "1"
max_shards = 3
commitment = "reserved"
[check.pricing]
workload = "a"
cheapest = "overall"
max_usd_per_month = "1"
[pricing]
max_shards = 5
term = "1y"
commitment = "savings-plan"
max_rate_age = "30d"
rates = ["mine.toml"]
offers = ["acme-*"]
providers = ["acme"]
engines = ["redis"]
include = ["preview"]
`
	lists := func(p *Pricing) string {
		return fmt.Sprint(p.Rates, p.FX, p.Offers, p.Providers, p.Engines, p.Include, p.Reserved)
	}
	for _, tt := range []struct {
		name          string
		flags         Pricing
		both, pricing int64 // max_shards of the two checks
		savings       [2]bool
		age           int64
		lists         string
	}{
		{"file", Pricing{}, 3, 5, [2]bool{false, true}, 30, "[mine.toml] [] [acme-*] [acme] [redis] [preview] []"},
		{"shards", Pricing{MaxShards: 1}, 1, 1, [2]bool{false, true}, 30, "[mine.toml] [] [acme-*] [acme] [redis] [preview] []"},
		{"commitment", Pricing{Commitment: "savings-plan", MaxRateAge: "1d"}, 3, 5, [2]bool{true, true}, 1, "[mine.toml] [] [acme-*] [acme] [redis] [preview] []"},
		{"lists", Pricing{Offers: []string{"bolt-*", "acme-*"}, FX: []string{"EUR=1.2"}}, 3, 5, [2]bool{false, true}, 30, "[mine.toml] [EUR=1.2] [bolt-* acme-*] [acme] [redis] [preview] []"},
	} {
		c, err := Read("keynest.toml", text, tt.flags)
		if err != nil {
			t.Fatal(err)
		}
		both, pricing := c.Checks[0], c.Checks[1]
		if both.Terms.MaxShards != tt.both || pricing.Terms.MaxShards != tt.pricing {
			t.Errorf("%s: at most %d and %d shards; want %d and %d", tt.name, both.Terms.MaxShards, pricing.Terms.MaxShards, tt.both, tt.pricing)
		}
		for i, check := range c.Checks {
			if got := check.Terms.Commitment == ratecard.CommitSavingsPlan; got != tt.savings[i] || *check.MaxRateAge != tt.age {
				t.Errorf("%s, %s: savings plan %t, %d days; want %t, %d", tt.name, check.Name, got, *check.MaxRateAge, tt.savings[i], tt.age)
			}
		}
		if got := lists(&c.Pricing); got != tt.lists {
			t.Errorf("%s: %s; want %s", tt.name, got, tt.lists)
		}
		if got := strings.Join(c.Names(), " "); got != "a b" {
			t.Errorf("%s: workloads %s", tt.name, got)
		}
	}
}

// TestReadAtTheEdge: the smallest and the largest values that a key takes.
func TestReadAtTheEdge(t *testing.T) {
	node := "workload = \"a\"\noffer = \"bolt-node\"\n"
	for name, body := range map[string]string{
		"one shard":             node + "max_usd_per_month = \"1\"\nshards = 1",
		"a million shards":      node + "max_usd_per_month = \"1\"\nshards = 1_000_000",
		"at most one":           node + "max_usd_per_month = \"1\"\nmax_shards = 1",
		"at most a million":     node + "max_usd_per_month = \"1\"\nmax_shards = 1_000_000",
		"as many as may be":     node + "max_usd_per_month = \"1\"\nshards = 2\nmax_shards = 2",
		"a warning at the max":  node + "max_usd_per_month = \"2\"\nwarn_usd_per_month = \"2\"",
		"a byte":                node + "max_usd_per_month = \"1\"\nplan = \"large\"\nsize = \"1 B\"",
		"no rise at all":        node + "max_increase_usd = \"0\"",
		"a name of 100 bytes":   node + "max_usd_per_month = \"1\"\n[check." + strings.Repeat("n", 100) + "]\n" + node + "max_usd_per_month = \"1\"",
		"only a warning":        node + "warn_usd_per_month = \"1\"",
		"only a rise":           node + "max_increase_percent = \"1\"",
		"require_fit, with app": "workload = \"j\"\noffer = \"bolt-node\"\nrequire_fit = true\n[workload.j]\ngb = 1\napp = \"bullmq\"",
	} {
		if _, err := Read("k", twoWorkloads+"[check.c]\n"+body, Pricing{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFilter: the [pricing] table says which offers compete for the cheapest.
func TestFilter(t *testing.T) {
	p := Pricing{Offers: []string{"bolt-*"}, Providers: []string{"bolt"}, Engines: []string{"valkey"}, Include: []string{"preview"}}
	f, err := p.Filter()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(f.Offers, f.Providers, f.Engines, f.Include), "[bolt-*] [bolt] [valkey] [preview]"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
	p.Include = []string{"toys"}
	if _, err := p.Filter(); err == nil || !strings.Contains(err.Error(), "include: unknown class \"toys\"") {
		t.Errorf("an unknown class: %v", err)
	}
}

// TestManyNames: an error lists eight workloads, or seven and how many more there are.
func TestManyNames(t *testing.T) {
	for n, want := range map[int]string{
		8: "there are w0, w1, w2, w3, w4, w5, w6, w7",
		9: "there are w0, w1, w2, w3, w4, w5, w6 and 2 more",
	} {
		text := ""
		for i := range n {
			text += fmt.Sprintf("[workload.w%d]\nops_per_sec = 1\ngib = 1\n", i)
		}
		_, err := Read("k", text+"[check.c]\nworkload = \"z\"\noffer = \"bolt-node\"\nmax_usd_per_month = \"1\"\n", Pricing{})
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%d workloads: %v; want %s", n, err, want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	check := func(body string) string { return twoWorkloads + "[check.c]\n" + body }
	good := "workload = \"a\"\noffer = \"bolt-node\"\nmax_usd_per_month = \"1\"\n"
	if _, err := Read("k", check(good), Pricing{}); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ text, want string }{
		"empty":             {"", "the file is empty"},
		"no check":          {twoWorkloads, "it has no check; add [check.NAME], or [inventory] for limits on a plan"},
		"no workload":       {"[check.c]\n" + good, "it has no workload; add [workload.NAME]"},
		"same workload":     {twoWorkloads + "[workload.a]\nops_per_sec = 1\n", "k:7: Key 'workload.a' has already been defined"},
		"no limit":          {check("workload = \"a\"\noffer = \"bolt-node\"\n"), "k:7: check \"c\": has no limit; give max_usd_per_month"},
		"only an age":       {check("workload = \"a\"\noffer = \"bolt-node\"\nmax_rate_age = \"1d\"\n"), "has no limit"},
		"unknown key":       {check(good + "max_usd = \"2\"\n"), "k:11: check \"c\": unknown key \"max_usd\"; known: cheapest"},
		"unknown table":     {check(good) + "[checks.d]\n", "k:11: unknown key \"checks\"; known: check, inventory, pricing, workload"},
		"workload key":      {check(good) + "[workload.d]\nops = 1\n", "k:12: workload \"d\": unknown key \"ops\"; known: app, app_inputs, app_settings, backup_gb, client, commands_per_month, connections, count_scripts, "},
		"pricing key":       {check(good) + "[pricing]\nregions = \"x\"\n", "k:12: [pricing]: unknown key \"regions\""},
		"bare money":        {check("workload = \"a\"\noffer = \"bolt-node\"\nmax_usd_per_month = 500\n"), "k:10: check \"c\": max_usd_per_month is not in quotes; write max_usd_per_month = \"500\""},
		"bad money":         {check("workload = \"a\"\noffer = \"bolt-node\"\nmax_usd_per_month = \"5,00\"\n"), "max_usd_per_month \"5,00\" is not a decimal amount"},
		"euro":              {check("workload = \"a\"\noffer = \"bolt-node\"\nmax_usd_per_month = \"€500\"\n"), "is not a decimal amount"},
		"negative money":    {check("workload = \"a\"\noffer = \"bolt-node\"\nmax_increase_usd = \"-1\"\n"), "max_increase_usd -1 is negative"},
		"empty money":       {check("workload = \"a\"\noffer = \"bolt-node\"\nmax_usd_per_month = \"\"\n"), "\"\" is not a decimal amount"},
		"bad percent":       {check("workload = \"a\"\noffer = \"bolt-node\"\nmax_increase_percent = \"10%\"\n"), "max_increase_percent \"10%\" is not a percentage"},
		"bad age":           {check(good + "max_rate_age = \"6 months\"\n"), "max_rate_age \"6 months\" is not a number of days"},
		"bad pricing age":   {check(good) + "[pricing]\nmax_rate_age = \"x\"\n", "[pricing]: max_rate_age \"x\" is not"},
		"empty text":        {check(good + "region = \"\"\n"), "region is empty; leave it out"},
		"no workload named": {check("offer = \"bolt-node\"\nmax_usd_per_month = \"1\"\n"), "has no workload; add workload = \"NAME\", a list of names, or \"*\" for the sum of all; or checks = \"*\" for the sum of all checks"},
		"unknown workload":  {check("workload = \"z\"\noffer = \"bolt-node\"\nmax_usd_per_month = \"1\"\n"), "k:8: check \"c\": workload \"z\" is not in the file; there are a, b"},
		"no match":          {check("workload = \"z*\"\noffer = \"bolt-node\"\nmax_usd_per_month = \"1\"\n"), "workload \"z*\" matches no workload"},
		"empty list":        {check("workload = []\noffer = \"bolt-node\"\nmax_usd_per_month = \"1\"\n"), "workload is an empty list"},
		"no target":         {check("workload = \"a\"\nmax_usd_per_month = \"1\"\n"), "k:7: check \"c\": has no target: set offer"},
		"two targets":       {check(good + "cheapest = \"overall\"\n"), "offer and cheapest do not go together; leave one out"},
		"unknown kind":      {check("workload = \"a\"\ncheapest = \"all\"\nmax_usd_per_month = \"1\"\n"), "cheapest \"all\" is unknown; known: commands, capacity, overall"},
		"plan alone":        {check("workload = \"a\"\ncheapest = \"overall\"\nplan = \"large\"\nmax_usd_per_month = \"1\"\n"), "plan and shards need an offer; add offer = \"ID\""},
		"shards":            {check(good + "shards = 0\n"), "shards 0 is not a whole number from 1 to 1000000"},
		"warn above max":    {check(good + "warn_usd_per_month = \"2\"\n"), "would never warn"},
		"term":              {check(good + "term = \"2y\"\n"), "unknown term \"2y\""},
		"upfront":           {check(good + "upfront = \"all\"\n"), "upfront all needs a term; add term 1y or 3y"},
		"date":              {check(good) + "[pricing]\nas_of = \"yesterday\"\n", "as_of \"yesterday\" is not a date"},
		"preset":            {check(good) + "[workload.d]\npreset = \"db\"\n", "workload \"d\": unknown preset \"db\""},
		"bad workload":      {check(good) + "[workload.d]\nops_per_sec = -1\n", "data size is missing: set --gib or --gb (0 is allowed); --ops-per-sec -1 is negative"},
		"command in a name": {check(good) + "[check.\"::error::x\"]\n" + good, "begins a line with \"::\""},
		"line in a name":    {check(good) + "[check.\"a\\nb\"]\n" + good, "a name has visible characters and single blanks only"},
		"text as number":    {check(good + "region = 5\n"), "k:11: check \"c\": region is not text; put it in quotes"},
		"mixed list":        {check(good) + "[pricing]\nrates = [\"a\", 1]\n", "k:12: [pricing]: rates holds 1, which is not text"},
		"age as number":     {check(good) + "[pricing]\nmax_rate_age = 30\n", "k:12: [pricing]: max_rate_age is not text"},
		"table as a value":  {"pricing = 5\n" + check(good), "k:1: pricing is a whole number; it must be a table"},
		"check as a value":  {"check = 5\n[workload.a]\ngib = 1\n", "check is a plain value; it must be a table"},
		"several":           {check("workload = \"a\"\noffer = \"bolt-node\"\nmax_usd_per_month = 5\nmax_usd = 1\nregion = \"\"\n"), "max_usd_per_month is not in quotes; write max_usd_per_month = \"5\"\nk:11: check \"c\": unknown key \"max_usd\""},
		"no name":           {check(good) + "[check.\"\"]\n" + good, "a name has 1 to 100 bytes"},
		"long name":         {check(good) + "[check." + strings.Repeat("n", 101) + "]\n" + good, "a name has 1 to 100 bytes"},
		"blank in front":    {check(good) + "[check.\" a\"]\n" + good, "a name has visible characters and single blanks only"},
		"command inside":    {check(good) + "[check.\"a::b\"]\n" + good, "a name cannot have :: or ##["},
		"unknown, between":  {check("workload = \"aa\"\noffer = \"bolt-node\"\nmax_usd_per_month = \"1\"\n"), "workload \"aa\" is not in the file; there are a, b"},
		"bad pattern":       {check("workload = \"[a\"\noffer = \"bolt-node\"\nmax_usd_per_month = \"1\"\n"), "workload \"[a\" is not a pattern"},
		"too many shards":   {check(good + "shards = 1_000_001\n"), "shards 1000001 is not a whole number from 1 to 1000000"},
		"max_shards":        {check(good + "max_shards = 0\n"), "k:11: check \"c\": max_shards 0 is not a whole number from 1 to 1000000"},
		"too many to pick":  {check(good) + "[pricing]\nmax_shards = 1_000_001\n", "k:12: [pricing]: max_shards 1000001 is not"},
		"shards above max":  {check(good + "shards = 3\nmax_shards = 2\n"), "shards 3 is above max_shards 2; leave one out"},
		"shards, no offer":  {check("workload = \"a\"\ncheapest = \"overall\"\nshards = 2\nmax_usd_per_month = \"1\"\n"), "plan and shards need an offer"},
		"size without plan": {check(good + "size = \"5 GB\"\n"), "size needs a plan that is sold by size"},
		"size without unit": {check(good + "plan = \"m2\"\nsize = \"5\"\n"), "size \"5\" needs a unit"},
		"size, no unit":     {check(good + "plan = \"m2\"\nsize = \"5\"\n"), "check \"c\": size \"5\" needs a unit: B"},
		"size of nothing":   {check(good + "plan = \"m2\"\nsize = \"0 GB\"\n"), "size 0 GB is not a size like \"8GiB\""},
		"commitment":        {check(good + "commitment = \"handshake\"\n"), "unknown commitment \"handshake\"; known: reserved, savings-plan"},
		"savings, no term":  {check(good + "commitment = \"savings-plan\"\n"), "commitment savings-plan needs a term; add term = \"1y\""},
		"reserved":          {check(good) + "[pricing]\nreserved = [\"4xlarge\"]\n", "reserved \"4xlarge\" is not a reservation like"},
		"reserved and term": {check(good) + "[pricing]\nreserved = [\"4xlarge@1y\"]\nterm = \"1y\"\n", "reserved and term do not go together: nodes beyond the reserved ones are on demand; leave out term"},
		"include":           {check(good) + "[pricing]\ninclude = [\"toys\"]\n", "k:12: [pricing]: include unknown class \"toys\""},
		"app key, no app":   {check(good) + "[workload.d]\ngb = 1\nops_per_sec = 1\nplus = true\n", "workload \"d\": app_inputs, app_settings, count_scripts and plus need an application"},
		"app inputs alone":  {check(good) + "[workload.d]\ngb = 1\nops_per_sec = 1\napp_inputs = { workers = 5 }\n", "workload \"d\": app_inputs, app_settings, count_scripts and plus need an application"},
		"app set alone":     {check(good) + "[workload.d]\ngb = 1\nops_per_sec = 1\napp_settings = { drain_delay = 5 }\n", "workload \"d\": app_inputs, app_settings, count_scripts and plus need an application"},
		"scripts alone":     {check(good) + "[workload.d]\ngb = 1\nops_per_sec = 1\ncount_scripts = true\n", "workload \"d\": app_inputs, app_settings, count_scripts and plus need an application"},
		"unknown app":       {check(good) + "[workload.d]\ngb = 1\napp = \"bulmq\"\n", "k:13: workload \"d\": unknown application \"bulmq\""},
		"fit without app":   {check("workload = \"*\"\noffer = \"bolt-node\"\nrequire_fit = true\n[workload.j]\ngb = 1\napp = \"bullmq\"\n"), "k:10: check \"c\": require_fit needs applications, and workload \"a\" names none; add app = \"NAME\" to it"},
		"pattern as a name": {check(good) + "[check.\"a*\"]\n" + good, "a name cannot have *, ?, [, ] or \\, which are for patterns"},
	} {
		_, err := Read("k", tt.text, Pricing{})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v\nwant it to say: %s", name, err, tt.want)
		}
	}
	many := ""
	for i := range 30 {
		many += fmt.Sprintf("[check.c%d]\n", i)
	}
	if _, err := Read("k", twoWorkloads+many, Pricing{}); err == nil || !strings.Contains(err.Error(), "more problems") {
		t.Errorf("30 empty checks: %v", err)
	}
}

// TestUnknownTargets: an id that the cards do not have is an error of the caller; an
// offer without a price is not.
func TestUnknownTargets(t *testing.T) {
	set := cards(t)
	for target, want := range map[string]string{
		"offer = \"bolt\"":                          "no offer \"bolt\"; close to it: bolt-node",
		"offer = \"bolt-node\"\nplan = \"huge\"":    "bolt-node has no plan \"huge\"",
		"offer = \"acme-payg\"\nplan = \"huge\"":    "acme-payg has no plan \"huge\"",
		"offer = \"bolt-node\"\nregion = \"mars\"":  "mars",
		"cheapest = \"overall\"\nregion = \"mars\"": "mars",
	} {
		c := read(t, twoWorkloads+"[check.c]\nworkload = \"a\"\nmax_usd_per_month = \"1\"\n"+target)
		_, err := Run(c, set, NewPricer(set, compare.Filter{}, nil), today, nil)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "check \"c\"") {
			t.Errorf("%s: %v, want %s", target, err, want)
		}
	}
}

// TestFirstRun: without a baseline a limit on the rise is not judged, in words
// that say why.
func TestFirstRun(t *testing.T) {
	for first, want := range map[bool]string{false: "not judged: no baseline; give --baseline FILE", true: "not judged: first run, no baseline yet"} {
		c := read(t, twoWorkloads+"[check.c]\nworkload = \"a\"\noffer = \"bolt-node\"\nmax_increase_usd = \"5\"\n")
		c.FirstRun = first
		set := cards(t)
		r, err := Run(c, set, NewPricer(set, compare.Filter{}, nil), today, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Checks[0].Limits[0]; r.Verdict != Skipped || got.Words != want || r.FirstRun != first {
			t.Errorf("first run %t: %s, %q; want %q", first, r.Verdict, got.Words, want)
		}
	}
}

// TestVerdicts works the limits on the cards of made-up vendors: two bolt-node
// large nodes are 2 × 730 × 0.20 = 292.00 USD.
func TestVerdicts(t *testing.T) {
	node := "workload = \"a\"\noffer = \"bolt-node\"\nplan = \"large\"\n"
	for _, tt := range []struct {
		name, check string
		want        Verdict
		words       string
	}{
		{"equal is within", node + "max_usd_per_month = \"292.00\"", Pass, "costs 292.00 USD a month, within 292.00"},
		{"a nano-dollar above", node + "max_usd_per_month = \"291.999999999\"", Breach, "costs 292.00 USD a month, above the limit of 291.999999999"},
		{"warn", node + "max_usd_per_month = \"300\"\nwarn_usd_per_month = \"291\"", Warn, "above the limit of 291.00"},
		{"zero is a limit", node + "max_usd_per_month = \"0\"", Breach, "above the limit of 0.00"},
		{"stale", node + "max_usd_per_month = \"1\"\nmax_rate_age = \"50d\"", Stale, "a rate was read on 2026-10-02, 51 days ago, and max_rate_age is 50 days"},
		{"just fresh", node + "max_usd_per_month = \"292\"\nmax_rate_age = \"51d\"", Pass, ""},
		{"unfit", "workload = \"a\"\noffer = \"acme-fixed\"\nplan = \"small\"\nmax_usd_per_month = \"1000\"", Unknown, "cannot be judged: acme-fixed does not fit: memory"},
		{"unfit, warned", "workload = \"a\"\noffer = \"acme-fixed\"\nplan = \"small\"\nwarn_usd_per_month = \"1000\"", Unknown, "does not fit"},
		{"not priced", "workload = \"a\"\noffer = \"bolt-node\"\nregion = \"eu-1\"\nplan = \"medium\"\nmax_usd_per_month = \"1000\"", Unknown, "cannot be judged: bolt-node is incomplete"},
		{"withdrawn", "workload = \"a\"\noffer = \"cirrus-classic\"\nmax_usd_per_month = \"1000\"", Unknown, "cirrus-classic is not priced: no rate on 2026-11-22"},
		{"known part within", "workload = \"b\"\noffer = \"cirrus-edge\"\nmax_usd_per_month = \"100\"", Unknown, "cannot be judged: cirrus-edge is incomplete: Egress: price unknown"},
		{"known part above", "workload = \"b\"\noffer = \"cirrus-edge\"\nmax_usd_per_month = \"1\"", Breach, "costs at least "},
		{"no date", "workload = \"a\"\noffer = \"idea-target\"\nmax_usd_per_month = \"100\"\nmax_rate_age = \"1d\"", Stale, "not judged: its rates have no reading date, and max_rate_age is"},
		{"sum", "workload = \"*\"\noffer = \"bolt-node\"\nplan = \"large\"\nmax_usd_per_month = \"583.99\"", Breach, "costs 584.00 USD a month, above the limit of 583.99"},
		{"sum with unfit", "workload = \"*\"\noffer = \"acme-fixed\"\nplan = \"small\"\nmax_usd_per_month = \"5\"", Unknown, "a: acme-fixed does not fit"},
		{"no baseline", node + "max_increase_usd = \"5\"", Skipped, "not judged: no baseline; give --baseline FILE"},
		{"cheapest", "workload = \"a\"\ncheapest = \"overall\"\nmax_usd_per_month = \"1000\"", Pass, ""},
	} {
		c := judgeFile(t, twoWorkloads+"[check.c]\n"+tt.check, nil).Checks[0]
		words := ""
		for _, l := range c.Limits {
			words += l.Words + "\n"
		}
		if c.Verdict != tt.want || !strings.Contains(words, tt.words) {
			t.Errorf("%s: %s: %s want %s: %s", tt.name, c.Verdict, words, tt.want, tt.words)
		}
	}
}

// TestCheapest picks what keynest estimate calls the cheapest, whatever the kind.
func TestCheapest(t *testing.T) {
	set := cards(t)
	for _, ops := range []int{0, 1, 10, 100, 1000, 50_000} {
		for _, gib := range []string{"0", "0.1", "8", "300"} {
			text := fmt.Sprintf("[workload.w]\nops_per_sec = %d\ngib = %s\n", ops, gib)
			for _, kind := range []string{"commands", "capacity", "overall"} {
				text += fmt.Sprintf("[check.%s]\nworkload = \"w\"\ncheapest = %q\nmax_usd_per_month = \"1\"\nmin_saving_to_report = \"0\"\n", kind, kind)
			}
			c := read(t, text)
			r, err := Run(c, set, NewPricer(set, compare.Filter{}, nil), today, nil)
			if err != nil {
				t.Fatal(err)
			}
			where, err := set.Where("us-east")
			if err != nil {
				t.Fatal(err)
			}
			field, err := compare.NewField(set, compare.Filter{}, bill.Options{AsOf: today, Where: where, HoursPerMonth: 730, Term: ratecard.TermOnDemand, Upfront: ratecard.UpfrontNone})
			if err != nil {
				t.Fatal(err)
			}
			all, err := field.Run(c.Workload("w"))
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range []string{name(all.Capacity), name(all.Commands), name(all.Overall)} {
				q := r.Checks[i].Quotes[0]
				if q.Offer() != want {
					t.Errorf("%d ops/s, %s GiB, cheapest %s: %q, estimate says %q", ops, gib, r.Checks[i].Check.Name, q.Offer(), want)
				}
				if q.Bill != nil && name(q.Cheapest) != name(all.Overall) {
					t.Errorf("%d ops/s, %s GiB: the saving is from %q, estimate says %q", ops, gib, name(q.Cheapest), name(all.Overall))
				}
			}
		}
	}
}

// TestOldest: the age of a check is that of its oldest rate, whichever workload
// it belongs to. Of these two offers, the one that bills commands is cheaper for
// 1 op/s and was read on 2026-09-20, 63 days before today; nodes are cheaper for
// 5,000 ops/s and were read on 2026-10-02, 51 days before.
func TestOldest(t *testing.T) {
	set := cards(t)
	filter := compare.Filter{Offers: []string{"acme-payg", "bolt-node"}}
	for _, names := range [][2]string{{"a", "b"}, {"b", "a"}} {
		text := fmt.Sprintf("[workload.%s]\nops_per_sec = 1\ngib = 0.1\n[workload.%s]\nops_per_sec = 5000\ngib = 8\n", names[0], names[1]) +
			"[check.c]\nworkload = \"*\"\ncheapest = \"overall\"\nmax_usd_per_month = \"5000\"\nmax_rate_age = "
		for age, want := range map[string]Verdict{"\"62d\"": Stale, "\"63d\"": Pass} {
			r, err := Run(read(t, text+age), set, NewPricer(set, filter, nil), today, nil)
			if err != nil {
				t.Fatal(err)
			}
			c := r.Checks[0]
			if c.Oldest != "2026-09-20" || c.AgeDays != 63 || c.Verdict != want {
				t.Errorf("small workload %s, max_rate_age %s: oldest %s, %d days, %s; want 2026-09-20, 63 days, %s", names[0], age, c.Oldest, c.AgeDays, c.Verdict, want)
			}
		}
	}
}

// TestSaving: two nodes are 2 × 730 × 0.20 = 292.00 USD; 104,210,000 commands at
// 0.20 per 100,000 are 208.42. The saving of 83.58 is told from 83 on.
func TestSaving(t *testing.T) {
	set := cards(t)
	filter := compare.Filter{Offers: []string{"acme-payg"}}
	for least, want := range map[string]string{"0": "83.58", "83": "83.58", "83.58": "83.58", "83.580000001": "", "84": ""} {
		text := "[workload.a]\ncommands_per_month = 104210000\ngb = 1\ntransfer_gb_per_month = 0\n" +
			"[check.c]\nworkload = \"a\"\noffer = \"bolt-node\"\nplan = \"large\"\nmax_usd_per_month = \"5000\"\nmin_saving_to_report = \"" + least + "\"\n"
		r, err := Run(read(t, text), set, NewPricer(set, filter, nil), today, nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := r.Checks[0].Saving()
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if s != nil {
			got = s.USD.String()
		}
		if got != want {
			t.Errorf("min_saving_to_report = %s: saving %q of %s, want %q", least, got, r.Checks[0].Total, want)
		}
	}
}

// TestExceeds holds the 128-bit comparison against big integers.
func TestExceeds(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for range 200_000 {
		rise, base := money.USD(rng.Int63()>>rng.Intn(63)), money.USD(rng.Int63()>>rng.Intn(63))
		limit := Percent(rng.Int63() >> rng.Intn(63))
		if rng.Intn(2) == 0 && base > 0 { // close to the edge
			if edge, err := unit.MulDiv(uint64(base), uint64(limit), 100_000_000); err == nil && edge < 1<<62 {
				rise = money.USD(edge) + money.USD(rng.Intn(3)-1)
			}
		}
		a := new(big.Int).Mul(big.NewInt(int64(rise)), big.NewInt(100_000_000))
		b := new(big.Int).Mul(big.NewInt(int64(base)), big.NewInt(int64(limit)))
		want := rise > 0 && a.Cmp(b) > 0
		if got := exceeds(rise, base, limit); got != want {
			t.Fatalf("%d of %d against %d: %v, want %v", rise, base, limit, got, want)
		}
	}
}

func TestPercentText(t *testing.T) {
	for _, tt := range []struct {
		rise, base money.USD
		want       string
	}{
		{10, 100, "10.00"}, {-10, 100, "-10.00"}, {1, 3, "33.33"}, {2, 3, "66.67"}, {-1, 100_000_000, "0.00"}, {1, 0, ""}, {0, 5, "0.00"},
	} {
		if got := PercentText(tt.rise, tt.base); got != tt.want {
			t.Errorf("%d of %d: %q, want %q", tt.rise, tt.base, got, tt.want)
		}
	}
}

// TestIncreases judges a rise against a baseline of 292.00 USD.
func TestIncreases(t *testing.T) {
	base := func(total string, atLeast bool) *Base {
		u, err := money.ParseUSD(total)
		if err != nil {
			t.Fatal(err)
		}
		b := &Base{Total: u, AtLeast: atLeast}
		if atLeast {
			b.Unknown = []string{"x is incomplete"}
		}
		return b
	}
	for _, tt := range []struct {
		name   string
		is     string
		base   *Base
		limits string
		want   Verdict
	}{
		{"rise at the limit", "302", base("292", false), "max_increase_usd = \"10\"", Pass},
		{"rise above", "302.000000001", base("292", false), "max_increase_usd = \"10\"", Breach},
		{"no rise allowed", "292", base("292", false), "max_increase_usd = \"0\"", Pass},
		{"percent at the limit", "110", base("100", false), "max_increase_percent = \"10\"", Pass},
		{"percent above", "110.000000001", base("100", false), "max_increase_percent = \"10\"", Breach},
		{"fall", "1", base("292", false), "max_increase_percent = \"0\"", Pass},
		{"from nothing", "0.01", base("0", false), "max_increase_percent = \"1000\"", Breach},
		{"nothing from nothing", "0", base("0", false), "max_increase_percent = \"0\"", Pass},
		{"baseline unknown", "500", base("292", true), "max_increase_usd = \"10\"", Unknown},
		{"broken before, not raised", "292", base("292", false), "max_usd_per_month = \"200\"", Warn},
		{"broken before, lowered", "291", base("292", false), "max_usd_per_month = \"200\"", Warn},
		{"broken before, raised", "292.000000001", base("292", false), "max_usd_per_month = \"200\"", Breach},
		{"not broken before", "292", base("200", false), "max_usd_per_month = \"200\"", Breach},
		{"broken before, an increase judges", "293", base("292", false), "max_usd_per_month = \"300\"\nmax_increase_usd = \"0.50\"", Breach},
	} {
		c := read(t, twoWorkloads+"[check.c]\nworkload = \"a\"\noffer = \"bolt-node\"\n"+tt.limits)
		is, err := money.ParseUSD(tt.is)
		if err != nil {
			t.Fatal(err)
		}
		r := &CheckResult{Check: c.Checks[0], Total: is, Base: tt.base}
		r.judge()
		if r.Verdict != tt.want {
			t.Errorf("%s: %s, want %s: %+v", tt.name, r.Verdict, tt.want, r.Limits)
		}
	}
	// A rise from nothing has no percentage, and is said in words that are a sentence.
	free := read(t, twoWorkloads+"[check.c]\nworkload = \"a\"\noffer = \"bolt-node\"\nmax_increase_percent = \"10\"")
	was := &CheckResult{Check: free.Checks[0], Total: 10 * money.Nano, Base: base("0", false)}
	was.judge()
	if got, want := was.Limits[0].Words, "rises from 0.00 to 10.00 USD a month, above the limit of 10 %"; got != want {
		t.Errorf("from nothing: %q; want %q", got, want)
	}
	// A rise of what is not fully known is at least that.
	c := read(t, twoWorkloads+"[check.c]\nworkload = \"a\"\noffer = \"bolt-node\"\nmax_increase_usd = \"1\"")
	for is, want := range map[money.USD]Verdict{300 * money.Nano: Breach, 292 * money.Nano: Unknown} {
		r := &CheckResult{Check: c.Checks[0], Total: is, AtLeast: true, Unknown: []string{"x is incomplete"}, Base: base("292", false)}
		r.judge()
		if r.Verdict != want {
			t.Errorf("at least %s: %s, want %s", is, r.Verdict, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(twoWorkloads + "[check.c]\nworkload = \"*\"\ncheapest = \"overall\"\nmax_usd_per_month = \"1\"\nmax_increase_percent = \"5.5\"\n")
	f.Add("\ufeff[pricing]\r\nregion = \"eu-west\"\r\nmax_rate_age = \"30d\"\r\n[workload.\"a b\"]\r\npreset = \"cache\"\r\nops_per_sec = \"5\"\r\ngib = 1\r\n[check.c]\r\nworkload = [\"a b\"]\r\noffer = \"bolt-node\"\r\nplan = \"large\"\r\nshards = 2\r\nmax_usd_per_month = \"1\"\r\n")
	f.Add("[check]\nc = {workload = 1, max_usd_per_month = [1]}\n[pricing]\nrates = [1]\n")
	set := cards(f)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Read("k", text, Pricing{})
		if err != nil {
			return
		}
		r, err := Run(c, set, NewPricer(set, compare.Filter{}, nil), today, nil)
		if err != nil {
			return
		}
		for _, check := range r.Checks {
			if len(check.Limits) == 0 || len(check.Quotes) != len(check.Check.Workloads) || len(check.Quotes) == 0 {
				t.Fatalf("%d limits, %d quotes", len(check.Limits), len(check.Quotes))
			}
			for _, q := range check.Quotes {
				if (q.Reason == "") != (q.Bill != nil && q.Bill.Status == "priced") {
					t.Fatalf("%s: %q", q.Bill.Status, q.Reason)
				}
			}
		}
	})
}

// BenchmarkRun10000 is a file of 10,000 workloads: reading it, and judging their
// sum on the cheapest offer.
func BenchmarkRun10000(b *testing.B) {
	var text strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&text, "[workload.w%d]\nops_per_sec = %d\ngib = %d\n", i, 1+i*7%9000, 1+i%64)
	}
	text.WriteString("[check.c]\nworkload = \"*\"\ncheapest = \"overall\"\nmax_usd_per_month = \"1\"\n")
	set := cards(b)
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			read(b, text.String())
		}
	})
	c := read(b, text.String())
	b.Run("judge", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Run(c, set, NewPricer(set, compare.Filter{}, nil), today, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}
