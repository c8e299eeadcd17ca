package cmd

//go:generate go test . -run "TestGenerated|TestCLIPage" -update

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGenerated compares the pages that keynest itself writes with what it
// writes today; -update rewrites them. Their day is fixed, so they change with
// the facts and the cards only.
func TestGenerated(t *testing.T) {
	for _, page := range []struct {
		path, from, args string
	}{
		{"docs/apps.md", "pkg/apps/applications.toml", "fit --list --explain --as-of 2026-11-23 --output markdown"},
		{"docs/compare.md", "pkg/engines/engines.toml", "compare valkey redis dragonfly garnet keydb kvrocks redict --explain --as-of 2026-11-23 --output markdown"},
		{"docs/faq.md", "pkg/faq/faq.toml", "faq --all --as-of 2026-11-23 --output markdown"},
		{"docs/providers.md", "rates.toml", "rates list --details --as-of 2026-11-23 --output markdown"},
	} {
		t.Run(page.path, func(t *testing.T) {
			var out, complaints bytes.Buffer
			e := &env{stdin: strings.NewReader(""), stdout: &out, stderr: &complaints, today: "2026-11-23", getenv: func(string) string { return "" }, rates: testRates()}
			if code := run(e, strings.Fields(page.args)); code != exitOK {
				t.Fatalf("keynest %s: exit status %d: %s", page.args, code, complaints.String())
			}
			want := "<!-- Written by: keynest " + page.args + "\n     Edit " + page.from + ", then: go generate ./cmd -->\n\n" + out.String()
			path := filepath.Join("..", filepath.FromSlash(page.path))
			if *update {
				if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; go generate ./cmd writes it", err)
			}
			if strings.ReplaceAll(string(got), "\r\n", "\n") != want {
				t.Errorf("%s is not what keynest writes; go generate ./cmd rewrites it", page.path)
			}
		})
	}
}
