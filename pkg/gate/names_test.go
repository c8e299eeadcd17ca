package gate

import (
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/tomlfile"
	"github.com/keynest/keynest/pkg/workload"
)

// FuzzNames: a name that workload.Names makes is one that a keynest.toml may have.
func FuzzNames(f *testing.F) {
	for _, text := range []string{"web", "a::b", "x##[y", `m["eu"].*`, "\u202e\u00a0\u200d", "\xff\xfe", "", ":::", "- -", "a\tb", "é\u0301", strings.Repeat("ä", 60) + "x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var n workload.Names
		name := n.Name(text)
		file := "[workload." + tomlfile.Key(name) + "]\nops_per_sec = 1\ngib = 1\n[check." + tomlfile.Key(name) + "]\nworkload = " + tomlfile.Quote(name) + "\noffer = \"bolt-node\"\nmax_usd_per_month = \"1\"\n"
		if _, err := Read("keynest.toml", file, Pricing{}); err != nil {
			t.Errorf("%q becomes %q, which is refused: %v", text, name, err)
		}
	})
}
