package gate

import (
	"os"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/ratecard"
)

// detailed are the cards of cards, with what they leave out: whether clients must
// speak the cluster protocol, the engine's version, a minimum that can be set.
func detailed(t testing.TB) *ratecard.Set {
	t.Helper()
	text, err := os.ReadFile("../../cmd/testdata/cards.toml")
	if err != nil {
		t.Fatal(err)
	}
	minimum := `minimum_each = "database"`
	full := strings.Replace(string(text), minimum, minimum+"\nminimum_set = \"bolt-2026\"", 1)
	full = strings.Replace(full, "unit = \"ECPU\"\n", "unit = \"ECPU\"\nminimum_set = \"bolt-2026\"\n", 1)
	full = strings.Replace(full, ".plan.big]\n", ".plan.big]\nname = \"Fixed big\"\n", 1) + `
[offer.bolt-serverless.version.2026-01-15.limit]
max_data = "100 GiB"
max_ecpu_per_sec = 1000
[offer.bolt-serverless.trait]
cluster = {value = "always", source = "bolt-2026"}
databases = {value = "1", source = "bolt-2026"}
version = {value = "valkey 8.0", source = "bolt-2026"}
eviction = {value = "settable", source = "bolt-2026"}
[offer.bolt-premium.trait]
cluster = {value = "never", source = "bolt-2026"}
databases = {value = "16", source = "bolt-2026"}
version = {value = "redis 7.2", source = "bolt-2026"}
eviction = {value = "noeviction", source = "bolt-2026"}
commands = {value = "all", source = "bolt-2026"}
[offer.bolt-node.version.2026-01-15.engine]
oldest = "7.2"
source = "bolt-2026"
[offer.bolt-node.trait]
cluster = {value = "optional", source = "bolt-2026"}
databases = {value = "16", source = "bolt-2026"}
version = {value = "valkey 8.0", source = "bolt-2026"}
eviction = {value = "settable", source = "bolt-2026"}
`
	set, err := ratecard.Load(today, ratecard.File{Name: "cards.toml", Text: full})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// priced judges a file on the detailed cards.
func priced(t testing.TB, text string) (*Result, error) {
	t.Helper()
	set := detailed(t)
	return Run(read(t, text), set, NewPricer(set, compare.Filter{}, nil), today, nil)
}

// TestRefusedInputs: an input that no offer of the target supports is an error; if
// one offer supports it, that one is priced.
func TestRefusedInputs(t *testing.T) {
	small := "[workload.a]\ngib = 8\nops_per_sec = 1000\n"
	check := "[check.c]\nworkload = \"a\"\nmax_usd_per_month = \"1\"\n"
	for _, tt := range []struct{ name, text, want string }{
		{"version", small + "engine_version = \"5.0\"\n" + check + "offer = \"bolt-node\"\n", "keynest.toml:8: check \"c\": workload \"a\" on bolt-node: engine version 5.0: the offer runs valkey 7.2 to 8.0"},
		{"oldest version", small + "engine_version = \"7.2\"\n" + check + "offer = \"bolt-node\"\n", "292.00"}, // 2 × 0.20 × 730
		{"minimum", small + "min_data_gb = 101\n" + check + "offer = \"bolt-serverless\"\n", "keynest.toml:8: check \"c\": workload \"a\": --min-data-gb 101 is above the 100 GiB that bolt-serverless holds"},
		{"minimum of the cheapest", small + "min_data_gb = 101\n" + check + "cheapest = \"commands\"\n", "keynest.toml:5: check \"c\": workload \"a\": --min-data-gb 101 is above"},
		{"no such node", "[pricing]\nreserved = [\"2xhuge@1y\"]\n" + small + check + "offer = \"bolt-node\"\n", "check \"c\": --reserved 2xhuge@1y: no offer here has the node type \"huge\""},
		{"reserved", "[pricing]\nreserved = [\"2xlarge@1y\"]\n" + small + check + "offer = \"bolt-node\"\n", "204.40"},     // 2 × 0.20 × 0.7 × 730
		{"one reserved", "[pricing]\nreserved = [\"1xlarge@1y\"]\n" + small + check + "offer = \"bolt-node\"\n", "248.20"}, // (0.20 × 0.7 + 0.20) × 730
		{"plan by its name", small + check + "offer = \"acme-fixed\"\nplan = \"fixed BIG\"\n", "400.00"},
		{"ECPU a second", "[workload.a]\ngib = 8\nops_per_sec = 10\nmin_ecpu_per_sec = 1001\n" + check + "offer = \"bolt-serverless\"\n", "check \"c\": workload \"a\": --min-ecpu-per-sec 1001 is above the 1000 ECPU a second that bolt-serverless gives"},
		// 8 × 730 × 0.08 = 467.20, and 1,000 × 3,600 × 730 × 0.002 ÷ 1,000,000 = 5.256.
		{"ECPU a second, at most", "[workload.a]\ngib = 8\nops_per_sec = 10\nmin_ecpu_per_sec = 1000\n" + check + "offer = \"bolt-serverless\"\n", "472.46"},
		{"unknown offer", small + "min_ecpu_per_sec = 1\n" + check + "offer = \"bolt\"\n", "no offer \"bolt\"; close to it: bolt-node"},
	} {
		got := ""
		if r, err := priced(t, tt.text); err != nil {
			got = err.Error()
		} else {
			got = r.Checks[0].Total.String()
		}
		if !strings.HasPrefix(got, tt.want) && !strings.Contains(got, ": "+tt.want) {
			t.Errorf("%s: %s\nwant: %s", tt.name, got, tt.want)
		}
	}
	// Without a line for the check the file is named alone.
	_, err := priced(t, small+"[check]\nc = {workload = \"a\", offer = \"bolt\", max_usd_per_month = \"1\"}\n")
	if err == nil || !strings.Contains(err.Error(), "check \"c\": no offer \"bolt\"") || strings.Contains(err.Error(), ":0") {
		t.Errorf("an inline table: %v", err)
	}
}

// TestFit: require_fit asks that the applications run on the offer, in cluster
// mode if shards are bought. What is not known does not pass.
func TestFit(t *testing.T) {
	app := func(name string) string { return "[workload." + name + "]\ngb = 1\napp = \"" + name + "\"\n" }
	fit := "[check.c]\nworkload = \"*\"\nrequire_fit = true\n"
	for _, tt := range []struct {
		name, text string
		want       Verdict
		runs       string
		words      string
	}{
		{"runs", app("sidekiq") + fit + "offer = \"bolt-node\"\n", Pass, "1 of 1", "sidekiq on bolt-node: runs with: maxmemory-policy noeviction"},
		{"runs as it is", app("sidekiq") + fit + "offer = \"bolt-premium\"\n", Pass, "1 of 1", "sidekiq on bolt-premium: runs"},
		{"does not run", app("sidekiq") + fit + "offer = \"bolt-serverless\"\n", Breach, "0 of 1", "sidekiq on bolt-serverless: does not run: keys have hash slots, and Sidekiq uses keys of several slots at once"},
		{"does not run on shards", app("sidekiq") + fit + "offer = \"bolt-node\"\nshards = 2\n", Breach, "0 of 1", "sidekiq on bolt-node: does not run: keys have hash slots"},
		{"one shard", app("bullmq") + fit + "offer = \"bolt-node\"\nshards = 1\n", Pass, "1 of 1", "bullmq on bolt-node: runs with: maxmemory-policy noeviction"},
		{"two shards", app("bullmq") + fit + "offer = \"bolt-node\"\nshards = 2\n", Pass, "1 of 1", "bullmq on bolt-node: runs with: a prefix or queue name in braces"},
		{"not known", app("bullmq") + fit + "offer = \"acme-fixed\"\n", Unknown, "0 of 1", "bullmq on acme-fixed: not known: whether the service has hash slots was not found"},
		{"one of two", app("bullmq") + app("sidekiq") + fit + "offer = \"bolt-serverless\"\n", Breach, "1 of 2", "bullmq on bolt-serverless: runs with: a prefix"},
		{"two of two", app("bullmq") + app("sidekiq") + fit + "offer = \"bolt-node\"\n", Pass, "2 of 2", "runs with: maxmemory-policy noeviction · sidekiq on bolt-node: runs with: maxmemory-policy noeviction"},
		// Prices that are too old do not tell whether it runs, and are no reason to pass.
		{"old prices", app("bullmq") + fit + "offer = \"bolt-node\"\nmax_rate_age = \"1d\"\n", Stale, "1 of 1", "a rate was read on 2026-10-02, 51 days ago"},
	} {
		r, err := priced(t, tt.text)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		l := r.Checks[0].Limits[0]
		if r.Verdict != tt.want || l.Actual+" of "+l.Limit != tt.runs || !strings.Contains(l.Words, tt.words) || strings.HasSuffix(l.Words, ": ") {
			t.Errorf("%s: %s, %s of %s: %s\nwant %s, %s: %s", tt.name, r.Verdict, l.Actual, l.Limit, l.Words, tt.want, tt.runs, tt.words)
		}
	}
	// No offer of the kind is left to run on: none at all, or none that runs it.
	set := detailed(t)
	for offer, name := range map[string]string{"acme-fixed": "bullmq", "bolt-serverless": "sidekiq"} {
		r, err := Run(read(t, app(name)+fit+"cheapest = \"commands\"\n"), set, NewPricer(set, compare.Filter{Offers: []string{offer}}, nil), today, nil)
		if err != nil {
			t.Fatal(err)
		}
		if l := r.Checks[0].Limits[0]; r.Verdict != Unknown || l.Actual != "0" || l.Words != name+": no offer to run on" {
			t.Errorf("%s: %s, %+v", offer, r.Verdict, l)
		}
	}
}
