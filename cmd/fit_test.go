package cmd

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFitSchema holds the report of keynest fit against its schema.
func TestFitSchema(t *testing.T) {
	tr := newTrial(t, "fit")
	seen := filepath.Join(t.TempDir(), "seen.toml")
	if err := os.WriteFile(seen, []byte(`[workload.a]
[workload.a.observed.counts]
get = 5
"config|get" = 1
"other.module" = 2
`), 0o666); err != nil {
		t.Fatal(err)
	}
	none := filepath.Join(t.TempDir(), "none.toml")
	if err := os.WriteFile(none, []byte("[workload.a.observed.counts]\nother.x = 0\n\"config|get\" = 1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(t.TempDir(), "plain.toml")
	if err := os.WriteFile(plain, []byte("[workload.a.observed.counts]\nget = 1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"--app", "bullmq"},
		{"--app", "sidekiq,connect-redis", "--cluster-mode", "on"},
		{"--app", "next-auth"},
		{"--app", "dify"},
		{"--commands", seen},
		{"--commands", plain},
	} {
		tr.takes(t, embeddedCards, append([]string{"fit", "--as-of", "2026-11-22"}, args...)...)
	}
	only := filepath.Join(t.TempDir(), "admin.toml")
	if err := os.WriteFile(only, []byte("[workload.a.observed.counts]\n\"config|get\" = 1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	tr.takes(t, embeddedCards, "fit", "--commands", only)
	tr.showsAll(t)
}
