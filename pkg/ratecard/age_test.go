package ratecard

import "testing"

// TestAges: an undated figure is older than any, also where it comes second.
func TestAges(t *testing.T) {
	for _, tt := range []struct {
		days           []string
		oldest, newest string
	}{
		{nil, "", ""},
		{[]string{"", ""}, "", ""},
		{[]string{"2026-01-02", "", "2025-12-31", "2026-01-01"}, "2025-12-31", "2026-01-02"},
		{[]string{"2026-01-02", Undated}, Undated, "2026-01-02"},
		{[]string{Undated, "2026-01-02"}, Undated, "2026-01-02"},
		{[]string{Undated, Undated}, Undated, Undated},
	} {
		var a Ages
		for _, d := range tt.days {
			a.Add(d)
		}
		if a.Oldest != tt.oldest || a.Newest != tt.newest {
			t.Errorf("%q: oldest %q, newest %q; want %q, %q", tt.days, a.Oldest, a.Newest, tt.oldest, tt.newest)
		}
	}
}
