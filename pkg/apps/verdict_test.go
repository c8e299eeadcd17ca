package apps

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/ratecard"
)

// offers reads the offers of the embedded cards.
func offers(t *testing.T) map[string]*Offer {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "rates.toml"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := ratecard.Embedded("2026-11-25", ratecard.File{Name: "rates.toml", Text: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*Offer{}
	for _, o := range set.Offers() {
		all[o.ID] = OfferOf(set, o, o.Name)
	}
	return all
}

func judgeOf(t *testing.T) *Judge {
	t.Helper()
	j, err := NewJudge(embeddedBook(t))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// TestCommandLists: a card that names a list of refused commands names one that
// there is.
func TestCommandLists(t *testing.T) {
	j := judgeOf(t)
	for id, o := range offers(t) {
		if list := o.value(ratecard.TraitCommands); list != ratecard.TraitUnknown && list != "all" && !j.Services.Has(list) {
			t.Errorf("%s: there is no list of commands %q", id, list)
		}
	}
}

// TestFit holds verdicts against what the facts say, by hand.
func TestFit(t *testing.T) {
	j, all := judgeOf(t), offers(t)
	for _, test := range []struct {
		apps, offer    string
		plain, cluster Verdict // cluster "" where the mode is no choice
		words          string  // in the reasons or settings of plain
	}{
		// Sidekiq cannot have hash slots: every offer that always has them is out.
		{"sidekiq", "elasticache-serverless-valkey", DoesNotRun, "", "hash slots"},
		{"sidekiq", "elasticache-serverless-redis", DoesNotRun, "", "hash slots"},
		{"sidekiq", "memorydb-valkey", DoesNotRun, "", "hash slots"},
		{"sidekiq", "memorydb-redis", DoesNotRun, "", "hash slots"},
		{"sidekiq", "memorystore-redis-cluster", DoesNotRun, "", "hash slots"},
		{"sidekiq", "elasticache-node-valkey", RunsWith, DoesNotRun, "maxmemory-policy noeviction"},
		{"sidekiq", "upstash-payg", Runs, "", ""},
		{"sidekiq", "heroku-key-value-store", Runs, "", ""},
		{"sidekiq", "northflank-redis", Unknown, "", "was not found"},
		{"sidekiq", "momento-flex", DoesNotRun, "", "BRPOP"}, //nolint:misspell // a vendor
		{"celery", "memorydb-valkey", DoesNotRun, "", "hash slots"},
		{"bullmq", "elasticache-serverless-valkey", RunsWith, "", "in braces"},
		{"bullmq", "elasticache-serverless-redis", RunsWith, "", "one shard"},
		{"bullmq", "digitalocean-valkey", RunsWith, "", "support"},
		{"bullmq", "oci-cache", RunsWith, Unknown, "noeviction"},
		// One database: Laravel's cache moves to number 0. Redis Cloud has one, self-hosted 16.
		{"laravel-cache", "redis-cloud-essentials", RunsWith, "", "REDIS_CACHE_DB=0"},
		{"laravel-cache", "self-hosted-ec2", Runs, RunsWith, ""},
		{"laravel-queue,laravel-cache", "elasticache-serverless-valkey", DoesNotRun, "", "paused queues"},
		{"laravel-queue", "elasticache-serverless-valkey", RunsWith, "", "cluster connection"},
		// Pattern subscriptions are refused on ElastiCache Serverless.
		{"socket.io-redis-adapter", "elasticache-serverless-redis", DoesNotRun, "", "PSUBSCRIBE is refused"},
		{"socket.io-redis-adapter", "elasticache-node-redis", Runs, RunsWith, ""},
		{"spring-session-indexed", "elasticache-serverless-valkey", DoesNotRun, "", "keyspace notifications"},
		{"spring-session-indexed", "elasticache-node-valkey", RunsWith, RunsWith, "no-op configure action"},
		{"spring-session-indexed", "upstash-payg", Runs, "", ""},
		{"huey", "elasticache-serverless-valkey", RunsWith, "", "one key at a time"},
		{"huey", "memorydb-valkey", DoesNotRun, "", "no cluster client"},
		{"redis-cell", "self-hosted-ec2", RunsWith, RunsWith, "module cell"},
		{"redis-cell", "upstash-payg", Unknown, "", "module cell"},
		{"next-auth", "self-hosted-ec2", Unknown, Unknown, "were not found"},
		{"upstash-ratelimit", "upstash-payg", Runs, "", ""},
		{"upstash-ratelimit", "render-key-value", Unknown, "", "REST"},
		{"rq", "render-key-value", Unknown, "", "CLIENT LIST"},
		{"rq", "elasticache-node-redis", Runs, DoesNotRun, ""},
		{"connect-redis", "momento-serverless", DoesNotRun, "", "protocol"}, //nolint:misspell // a vendor
		{"actioncable", "memorydb-valkey", Runs, "", ""},
		{"sidekiq,connect-redis", "memorydb-valkey", DoesNotRun, "", "hash slots"},
	} {
		list, err := j.Book.Pick(strings.Split(test.apps, ",")...)
		if err != nil {
			t.Fatal(err)
		}
		f := j.Fit(list, all[test.offer])
		if f.Plain.Verdict != test.plain {
			t.Errorf("%s on %s: %s %v, want %s", test.apps, test.offer, f.Plain.Verdict, f.Plain.Points, test.plain)
		}
		var cluster Verdict
		if f.Slots != nil {
			cluster = f.Slots.Verdict
		}
		if cluster != test.cluster {
			t.Errorf("%s on %s in cluster mode: %q, want %q", test.apps, test.offer, cluster, test.cluster)
		}
		said := strings.Join(append(f.Plain.Reasons(), f.Plain.Settings()...), "; ")
		if !strings.Contains(said, test.words) {
			t.Errorf("%s on %s says %q, want %q in it", test.apps, test.offer, said, test.words)
		}
	}
}

// threadRow is a public thread: what it spoke of, and how it ended.
type threadRow struct{ application, service, offer, verdict string }

// asked says how a thread's words become a question: the profiles, and whether
// it spoke of cluster mode.
func (r threadRow) asked() (ids []string, cluster bool) {
	profiles := []struct{ prefix, ids string }{
		{"asynq", "asynq"}, {"BullMQ", "bullmq"}, {"Celery", "celery"}, {"Dify", "dify"}, {"Dramatiq", "dramatiq"},
		{"Envoy ratelimit", "envoy-ratelimit"}, {"Frappe", "frappe"}, {"LangChain", "redisvl-langchain"}, {"LangGraph", "redisvl-langchain"},
		{"Langfuse", "langfuse"}, {"Laravel 13 worker", "laravel-queue,laravel-cache"}, {"Laravel Horizon", "laravel-horizon"},
		{"Magento", "magento-cache"}, {"Mastodon", "mastodon"}, {"n8n", "n8n"}, {"Paragon", "bull"}, {"RQ", "rq"}, {"Sentry", "sentry"},
		{"Sidekiq", "sidekiq"}, {"Socket.IO", "socket.io-redis-adapter"},
	}
	for _, p := range profiles {
		if strings.HasPrefix(r.application, p.prefix) {
			ids = strings.Split(p.ids, ",")
		}
	}
	said := strings.ToLower(r.service)
	for _, word := range []string{"cluster mode", "redis cluster", "clustered database", "redis cluster as", "sharded"} {
		cluster = cluster || strings.Contains(said, word)
	}
	return ids, cluster && !strings.Contains(said, "not sharded") && !strings.Contains(said, "single shard")
}

// whyNot lists the rows that are answered otherwise than their thread ended, or
// not at all, and why.
var whyNot = map[string]string{
	"apalis (Rust)":                       "no profile",
	"Bottleneck":                          "no profile",
	"go-redis redis_rate":                 "no profile",
	"LiteLLM":                             "no profile",
	"Rails Kredis":                        "no profile",
	"Redisson local cached map":           "no profile of that map; redisson-mapcache is another one",
	"Spring Data Redis keyspace listener": "no profile; spring-session-indexed has the same need and is answered runs-with",
	"Svix (open source)":                  "no profile",
	"Unreal Horde":                        "no profile",
	"asynq on memorydb-redis":             "the thread says only that it timed out, of a release before the one of the profile, whose keys of a queue share a slot",
	"n8n queue mode on elasticache-serverless-redis":     "the thread is of 2024-02; the profile's release has QUEUE_BULL_REDIS_DNS_LOOKUP_STRATEGY for that fault",
	"Laravel Horizon 5 on elasticache-serverless-valkey": "the thread speaks of the release that began it; older ones do not run, so the answer is runs-with that release",
	"asynq 0.26 on self-hosted-ec2":                      "it runs with RedisClusterClientOpt, which the answer names as a setting",
	"Sidekiq on heroku-key-value-store":                  "how many connections it holds depends on its threads; keynest estimate compares them with the plan",
	"Sidekiq 7 on redis-cloud-essentials":                "the thread is about RESP3; the project asks for noeviction, which is not how the service comes",
}

// answered says whether a verdict is how a thread ended.
func answered(got Verdict, thread string) bool {
	switch thread {
	case "runs":
		return got == Runs
	case "does-not-run":
		return got == DoesNotRun
	}
	return got == RunsWith
}

func readRows(t *testing.T, path string) []threadRow {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []threadRow
	for _, r := range records[1:] {
		rows = append(rows, threadRow{r[0], r[1], r[2], r[3]})
	}
	return rows
}

// TestThreads answers public threads: how an application fared on a service.
func TestThreads(t *testing.T) {
	files := []string{filepath.Join("testdata", "threads.csv")}
	if shared := filepath.Join("..", "..", "..", "shared", "research", "fit-rows.csv"); fileThere(shared) {
		files = append(files, shared)
	}
	j, all := judgeOf(t), offers(t)
	byRule := &Judge{Book: &Book{Apps: j.Book.Apps, Sources: j.Book.Sources}, Services: j.Services, Classes: j.Classes}
	for _, file := range files {
		var right, rule, listed int
		rows := readRows(t, file)
		for _, r := range rows {
			ids, cluster := r.asked()
			_, known := whyNot[r.application]
			key := r.application + " on " + r.offer
			if ids == nil {
				if !known {
					t.Errorf("%s: %s has no profile, and whyNot does not say so", file, r.application)
				}
				listed++
				continue
			}
			list, err := j.Book.Pick(ids...)
			if err != nil || all[r.offer] == nil {
				t.Errorf("%s: %s: %v", file, key, err)
				continue
			}
			got := j.Fit(list, all[r.offer]).In(cluster).Verdict
			switch {
			case answered(got, r.verdict):
				right++
				if answered(byRule.Fit(list, all[r.offer]).In(cluster).Verdict, r.verdict) {
					rule++
				}
			case whyNot[key] != "":
				listed++
			default:
				t.Errorf("%s: %s (cluster %t) is %s, and the thread ended %s: %v", file, key, cluster, got, r.verdict, j.Fit(list, all[r.offer]).In(cluster).Points)
			}
		}
		t.Logf("%s: %d rows; %d as the thread ended, %d of them by the facts alone; %d listed with the reason why not", filepath.Base(file), len(rows), right, rule, listed)
	}
}

func fileThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// TestWorse: what is known not to run outweighs what is not known.
func TestWorse(t *testing.T) {
	order := []Verdict{Runs, RunsWith, Unknown, DoesNotRun}
	for i, a := range order {
		for k, b := range order {
			if got := Worse(a, b); got != order[max(i, k)] {
				t.Errorf("the worse of %s and %s is %s", a, b, got)
			}
		}
	}
	if !slices.IsSortedFunc(order, func(a, b Verdict) int { return a.rank() - b.rank() }) {
		t.Error("the order of verdicts is not the order of their ranks")
	}
}
