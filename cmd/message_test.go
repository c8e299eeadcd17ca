package cmd

import (
	"strings"
	"testing"
)

func TestSayable(t *testing.T) {
	long := strings.Repeat("A", 1000)
	for message, want := range map[string]string{
		"cannot read keynest.toml: no such file":       "cannot read keynest.toml: no such file",
		"2 problems\n  a\n  b":                         "2 problems\n  a\n  b",
		"cannot read é, 中文 and …":                      "cannot read é, 中文 and …",
		"a\x1b[31mb\rc\u009bd\u202ee\u2066f\x00\u200b": `a\x1b[31mb\x0dc\u009bd\u202ee\u2066f\x00\u200b`,
		"x\n::error::y":                                "x\n\\::error::y",
		"x\n \t::error::y":                             "x\n \\x09::error::y",
		"x ##[error]y":                                 `x ##\[error]y`,
		"\xff\xfe":                                     `\xff\xfe`,
		"a " + long + " b":                             "a " + strings.Repeat("A", 201) + "… b",
	} {
		if got := sayable(message); got != want {
			t.Errorf("%.80q: %.300q, want %.300q", message, got, want)
		}
	}
}
