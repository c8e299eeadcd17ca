package cmd

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// TestWholeNumberFlags: no flag reads a number as Go does, with 0x10 and 1_0.
func TestWholeNumberFlags(t *testing.T) {
	e, _, _ := testEnv()
	for _, c := range commands(newRoot(e)) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if kind := f.Value.Type(); strings.HasPrefix(kind, "int") || strings.HasPrefix(kind, "uint") || strings.HasPrefix(kind, "float") {
				t.Errorf("%s --%s is a pflag %s; use countVar, optionalCount or a workload.Value", c.CommandPath(), f.Name, kind)
			}
		})
	}
	for s, want := range map[string]int64{"0": 0, "12": 12, "-5": -5, "007": 7} {
		if n, err := wholeNumber(s); n != want || err != nil {
			t.Errorf("%q is %d, %v; want %d", s, n, err, want)
		}
	}
	for _, s := range []string{"", "-", "+1", "0x10", "1_0", "1e3", "1.0", " 1", "1 ", "１", "٣", "--1", "9223372036854775808"} {
		if n, err := wholeNumber(s); err == nil {
			t.Errorf("%q is %d; it must be refused", s, n)
		}
	}
}
