package cmd

import (
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
	} {
		t.Run(strings.TrimPrefix(args, filepath.Dir(args)), func(t *testing.T) {
			validated(t, docsSchema(t, "replay"), keynestOn(t, append(append([]string{"replay"}, strings.Fields(args)...), "--output", "json")...))
		})
	}
}

// TestGrowthSchema holds reports of keynest replay --growth against their schema.
func TestGrowthSchema(t *testing.T) {
	one := hoursFile(t, 1, 30)
	for _, args := range []string{" --growth 8%/month --months 3", " --growth 500%/month --months 6"} {
		validated(t, docsSchema(t, "replay-growth"), keynestOn(t, append([]string{"replay", one}, strings.Fields(args+" --output json")...)...))
	}
}
