package workload

import (
	"strings"
	"testing"
)

// TestNames: names of a new file, in the order in which they are made.
func TestNames(t *testing.T) {
	var n Names
	long := strings.Repeat("ä", 60) + "x" // 121 bytes: byte 31, where the cut is, is inside a character
	for _, tt := range []struct{ text, want string }{
		{"web-1", "web-1"},
		{"web-1", "web-1-2"},
		{"web-1-2", "web-1-2-2"},
		{"web-1", "web-1-3"},
		{`module.cache["eu"].x`, "module.cache-eu-.x"},
		{"a::b", "a-b"},
		{" a \t b\n", "a b"},
		{"a\x00b\u202ec\u00a0d", "a-b-c d"},
		{"größe", "größe"},
		{"cut \xff", "cut"},
		{"*?", "cache"},
		{"", "cache-2"},
		{long, strings.Repeat("ä", 44) + "x"},
	} {
		if got := n.Name(tt.text); got != tt.want {
			t.Errorf("%q is called %q; want %q", tt.text, got, tt.want)
		}
	}
}
