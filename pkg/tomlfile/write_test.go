package tomlfile

import (
	"testing"

	"github.com/BurntSushi/toml"
)

// TestQuote: what is written is one line, and reads back as it was.
func TestQuote(t *testing.T) {
	for _, tt := range []struct{ text, key, value string }{
		{"web-1", `web-1`, `"web-1"`},
		{"", `""`, `""`},
		{"a b", `"a b"`, `"a b"`},
		{`say "hi" \o/`, `"say \"hi\" \\o/"`, `"say \"hi\" \\o/"`},
		{"two\nlines\tand\x7f", `"two\U0000000Alines\U00000009and\U0000007F"`, `"two\U0000000Alines\U00000009and\U0000007F"`},
		{"right\u202eleft", `"right\U0000202Eleft"`, `"right\U0000202Eleft"`},
		{"größe", `"größe"`, `"größe"`},
		{"cut \xff", `"cut ?"`, `"cut ?"`},
	} {
		if got := Key(tt.text); got != tt.key {
			t.Errorf("Key(%q) is %s; want %s", tt.text, got, tt.key)
		}
		if got := Quote(tt.text); got != tt.value {
			t.Errorf("Quote(%q) is %s; want %s", tt.text, got, tt.value)
		}
		var back map[string]string
		if _, err := toml.Decode(Key(tt.text)+" = "+Quote(tt.text), &back); err != nil {
			t.Errorf("%q: %v", tt.text, err)
		}
		if tt.text != "cut \xff" && back[tt.text] != tt.text {
			t.Errorf("%q reads back as %q", tt.text, back)
		}
	}
}
