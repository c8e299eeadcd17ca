package cmd

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// hoursFile writes a file of hours: so many caches, each with a day and a night.
func hoursFile(t *testing.T, caches, hours int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("cache,time,commands,bytes,stored_bytes\n")
	start := time.Date(2026, 2, 27, 0, 0, 0, 0, time.UTC)
	for c := range caches {
		for h := range hours {
			n := int(float64(1000*(c+1)) * (1.5 + math.Sin(float64(h)/4)))
			fmt.Fprintf(&b, "cache-%d,%s,%d,%d,%d\n", c, start.Add(time.Duration(h)*time.Hour).Format(time.RFC3339), n, n*700, 50_000_000*(c+1)+h*1000)
		}
	}
	path := filepath.Join(t.TempDir(), "hours.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestReplaySchema holds reports of keynest replay against their schema.
func TestReplaySchema(t *testing.T) {
	one, many := hoursFile(t, 1, 60), hoursFile(t, 3, 30)
	for _, args := range []string{
		one, one + " --by day", one + " --all --term 1y", many + " --each --today acme-payg", many + " --each --by day --all",
		one + " --resize hourly", one + " --resize daily --reserved best --term 1y", one + " --reserved 2 --term 1y --all",
		many + " --resize daily --each", many + " --reserved best --term 1y", one + " --snapshots 2 --tax 10%",
	} {
		t.Run(strings.TrimPrefix(args, filepath.Dir(args)), func(t *testing.T) {
			validated(t, docsSchema(t, "replay"), keynestOn(t, append(append([]string{"replay"}, strings.Fields(args)...), "--output", "json")...))
		})
	}
}

// TestGrowthSchema holds reports of keynest replay --growth against their schema.
func TestGrowthSchema(t *testing.T) {
	for _, file := range []string{hoursFile(t, 1, 30), hoursFile(t, 3, 30)} {
		for _, args := range []string{" --growth 8%/month --months 3", " --growth 500%/month --months 6"} {
			validated(t, docsSchema(t, "replay-growth"), keynestOn(t, append([]string{"replay", file}, strings.Fields(args+" --output json")...)...))
		}
	}
}

// TestEstimateGrowth: a month of a growing workload costs what estimate says of
// the workload of that month. 2,000 ops/s and 4 GiB grow by half to 3,000 and 6,
// and again to 4,500 and 9.
func TestEstimateGrowth(t *testing.T) {
	rows := func(args string) map[string]string {
		all := map[string]string{}
		for _, line := range strings.Split(string(keynestOnCards(t, "../rates.toml", strings.Fields(args)...)), "\n")[1:] {
			cells := strings.Split(line, ",")
			if strings.Contains(args, "--growth") && len(cells) == 5 {
				all[cells[0]+" "+cells[1]] = cells[2] + " " + cells[3]
			}
		}
		return all
	}
	grown := rows("estimate --ops-per-sec 2000 --gib 4 --growth 50%/month --months 2 --output csv")
	n := 0
	for month, args := range []string{"--ops-per-sec 2000 --gib 4", "--ops-per-sec 3000 --gib 6", "--ops-per-sec 4500 --gib 9"} {
		var report struct {
			Offers []struct {
				ID, Status string
				PerMonth   *string `json:"usd_per_month"`
			}
		}
		if err := json.Unmarshal(keynestOnCards(t, "../rates.toml", strings.Fields("estimate --all --output json "+args)...), &report); err != nil {
			t.Fatal(err)
		}
		for _, o := range report.Offers {
			want := o.Status + " "
			if o.Status == "priced" {
				want += *o.PerMonth
				n++
			}
			if got := grown[fmt.Sprint(month, " ", o.ID)]; got != want {
				t.Errorf("month %d, %s: %q, estimate says %q", month, o.ID, got, want)
			}
		}
	}
	if n < 50 {
		t.Errorf("%d prices were compared", n)
	}
}

// TestEstimateGrowthSchema holds reports of keynest estimate --growth against
// their schema.
func TestEstimateGrowthSchema(t *testing.T) {
	for _, args := range []string{"--gib 0.5 --ops-per-sec 80 --growth 8%/month --months 3", "--gib 8 --ops-per-sec 80 --growth 900%/month --months 6"} {
		validated(t, docsSchema(t, "estimate-growth"), keynestOn(t, strings.Fields("estimate --output json "+args)...))
	}
}
