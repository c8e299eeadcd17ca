package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/compare"
)

// TestRankingRule: the rule for what may be named cheapest is printed by
// keynest estimate --help and stands in the docs, word for word.
func TestRankingRule(t *testing.T) {
	words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	e, _, _ := testEnv()
	var help bytes.Buffer
	c := newEstimateCmd(e)
	c.SetOut(&help)
	if err := c.Help(); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("..", "docs", "estimate.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"keynest estimate --help": help.String(), "docs/estimate.md": string(page)} {
		if !strings.Contains(words(text), words(compare.Rule)) {
			t.Errorf("%s does not say: %s", name, compare.Rule)
		}
	}
}
