package gate

import (
	"fmt"
	"strings"
	"testing"
)

// TestReadWorkloads: the workloads and the prices of a file without checks. A
// workload has the month of [pricing] unless it has its own.
func TestReadWorkloads(t *testing.T) {
	f, p, err := ReadWorkloads("k", "\ufeff"+twoWorkloads+`hours_per_month = 744
[pricing]
hours_per_month = 720
as_of = "2026-11-01"
region = "eu-west"
term = "1y"
upfront = "partial"
commitment = "savings-plan"
max_rate_age = "30d"
max_shards = 4
rates = ["mine.toml"]
fx = ["EUR=1.2"]
offers = ["bolt-*"]
providers = ["bolt"]
engines = ["valkey"]
include = ["preview"]
reserved = ["2xlarge@1y"]
`)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := f.Workload["a"], f.Workload["b"]; a.HoursPerMonth != "720" || b.HoursPerMonth != "744" {
		t.Errorf("months of %s and %s hours; want 720 and 744", a.HoursPerMonth, b.HoursPerMonth)
	}
	want := "{2026-11-01 eu-west 1y partial savings-plan 30d 4 [mine.toml] [EUR=1.2] [bolt-*] [bolt] [valkey] [2xlarge@1y] [preview]}"
	if got := fmt.Sprint(*p); got != want {
		t.Errorf("%s; want %s", got, want)
	}
	if _, p, err = ReadWorkloads("k", twoWorkloads); err != nil || p.MaxRateAge != "" || p.MaxShards != 0 {
		t.Errorf("without [pricing]: %+v, %v", p, err)
	}
	for text, want := range map[string]string{
		"":                            "the file is empty",
		"a = 1\n" + twoWorkloads:      "k:1: unknown key \"a\"",
		twoWorkloads + "ops = 1\n":    "k:7: workload \"b\": unknown key \"ops\"",
		"[pricing]\nmax_shards = 0\n": "k:2: [pricing]: max_shards 0 is not a whole number from 1 to 1000000",
		"[pricing]\ninclude = \"x\"":  "include unknown class \"x\"",
		"[pricing]\nregion = \"x\"":   "it has no workload",
	} {
		if _, _, err := ReadWorkloads("k", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want it to say: %s", text, err, want)
		}
	}
}
