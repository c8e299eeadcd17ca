package unit

import (
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"5000": "5000", "5k": "5000", "5K": "5000", "5 k": "5000", "5,000": "5000", "5_000": "5000", "5e3": "5000", "5E+3": "5000", " 5000 ": "5000",
		"37M": "37000000", "1.5k": "1500", "1.2345k": "1234.5", "0.25": "0.25", "1,234,567.5": "1234567.5", "123,456": "123456", "2G": "2000000000",
		"1e0": "1", "0.001k": "1", "0.0001k": "0.1", "0k": "0", "1e18": "1000000000000000000", "012": "012",
		"1,234k": "1234000",
	} {
		if got, err := Plain(in); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	for in, want := range map[string]string{
		"1,5":       "two ways",
		"1,00":      "two ways",
		"1,0000":    "two ways",
		"1,000_000": "two ways",
		",5":        "two ways",
		"1234,567":  "two ways",
		"1.5.3":     "is not a number",
		"":          "is not a number",
		"k":         "is not a number",
		"-5":        "is not a number",
		"5m":        "does not say whether m is a million or a thousandth; write 5M",
		"1e-3":      "is not a number",
		"1e19":      "too large to count",
		"1,000e3":   "is not a number",
		"8 apples":  "is not a number",
		"0x10":      "is not a number",
		"NaN":       "is not a number",
		"5kk":       "is not a number",
		"1.":        "is not a number",
		".5":        "is not a number",
	} {
		if got, err := Plain(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v; want an error with %q", in, got, err, want)
		}
	}
}

func TestParseSize(t *testing.T) {
	for in, want := range map[string]int64{
		"8": 8 << 30, "8GiB": 8 << 30, "8 GiB": 8 << 30, "8GB": 8e9, "8gb": 8e9, "50MB": 50e6, "1,000 MB": 1e9,
		"0.5": 1 << 29, "1KB": 1000, "1kB": 1000, "1KiB": 1024, "2TiB": 2 << 40, "0": 0, "512B": 512, "1.5GB": 15e8,
	} {
		if got, err := ParseSize(in, GiB); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", in, got, err, want)
		}
	}
	for in, want := range map[string]string{
		"8G":       "GB (powers of 1,000) or GiB (powers of 1,024)",
		"8M":       "MB (powers of 1,000) or MiB",
		"8k":       "kB (1,000 bytes) or KiB (1,024 bytes)",
		"8 apples": "is not a number",
		"8Gb i":    "unit",
		"GB":       "is not a number",
		"-1GB":     "is not a number",
		"1,5GB":    "two ways",
	} {
		if got, err := ParseSize(in, GiB); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %d, %v; want an error with %q", in, got, err, want)
		}
	}
}

// FuzzPlain: no panic, and what is read has digits and at most one point.
func FuzzPlain(f *testing.F) {
	for _, s := range []string{"5k", "5,000", "1e6", "1.5M", "", "1e99", ",,,", "8 apples"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Plain(s)
		if err == nil && (strings.Trim(got, "0123456789.") != "" || strings.Count(got, ".") > 1 || got == "") {
			t.Errorf("%q: %q", s, got)
		}
		_, _ = ParseSize(s, GiB)
	})
}
