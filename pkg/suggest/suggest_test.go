package suggest

import (
	"strings"
	"testing"
)

func TestNear(t *testing.T) {
	known := []string{"estimate", "rates", "breakeven", "upstash-payg", "upstash-fixed", "eu-west", "eu-west-1", "us-east", "ops-per-sec", "peak-ops-per-sec"}
	for word, want := range map[string]string{
		"estimat":      "estimate",
		"estmiate":     "estimate", // a swap is one edit
		"ESTIMATE":     "estimate",
		"ops":          "ops-per-sec",
		"eu-wst":       "eu-west eu-west-1",
		"upstsh-payg":  "upstash-payg",
		"upstash":      "upstash-fixed upstash-payg",
		"breakevenn":   "breakeven",
		"zzz":          "",
		"upstsh":       "upstash-fixed upstash-payg",
		"":             "",
		"ops-per-secs": "ops-per-sec",
	} {
		if got := strings.Join(Near(word, known), " "); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

func TestQuestion(t *testing.T) {
	for word, want := range map[string]string{
		"rate":  `; did you mean "rates"?`,
		"upst":  `; did you mean "upstash-fixed" or "upstash-payg"?`,
		"kafka": "",
	} {
		if got := Question(word, []string{"rates", "upstash-payg", "upstash-fixed"}); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

// Distances by hand.
func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "abc", 3}, {"abc", "", 3}, {"abc", "acb", 1}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"same", "same", 0}} {
		if got, _ := distance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
