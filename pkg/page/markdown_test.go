package page

import "testing"

func TestEscapeMarkdown(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"a|b", `a\|b`},
		{"cache.r7g_large *", `cache.r7g\_large \*`},
		{"two\nlines", "two<br>lines"},
		{"<b>", "&lt;b>"},
		{"see https://example.com/a_b*c.", "see <https://example.com/a_b*c>."},
		{"https://example.com/a|b_c", `https://example.com/a\|b\_c`},
		{"a_b https://example.com/x_y, c_d", `a\_b <https://example.com/x_y>, c\_d`},
	} {
		if got := EscapeMarkdown(test.in); got != test.want {
			t.Errorf("EscapeMarkdown(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}
