package reconcile

import (
	"math/big"
	"testing"
)

func dec(t *testing.T, text string) Decimal {
	t.Helper()
	d, err := ParseDecimal([]byte(text))
	if err != nil {
		t.Fatalf("ParseDecimal(%q): %v", text, err)
	}
	return d
}

func TestParseDecimal(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "12": "12", "-3.50": "-3.5", "+1": "1", ".5": "0.5", "5.": "5", "-0": "0",
		"2.4E-9": "0.0000000024", "1e3": "1000", "1.5e1": "15", "2.30072808112128e+16": "23007280811212800",
		"7.72876712328767123287671233": "7.72876712328767123287671233",
		"123456789012345678901234567":  "123456789012345678901234567",
	} {
		if got := dec(t, text).String(); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"", "-", ".", "1.2.3", "1,5", "NaN", "1e", "1e+", "0x1", "1 ", "1e61", "1e-61", "$1"} {
		if d, err := ParseDecimal([]byte(text)); err == nil {
			t.Errorf("%q is taken as %s", text, d)
		}
	}
}

func TestDecimalArithmetic(t *testing.T) {
	for _, c := range []struct{ name, got, want string }{
		{"0.1 + 0.2", dec(t, "0.1").Add(dec(t, "0.2")).String(), "0.3"},
		{"beyond 64 bits", dec(t, "9000000000000000000").Add(dec(t, "9000000000000000000")).String(), "18000000000000000000"},
		{"325.872 of which 221.712 is paid", dec(t, "221.712").Sub(dec(t, "325.872")).String(), "-104.16"},
		{"123456789 ECPU at 2.4E-9", dec(t, "123456789").Mul(dec(t, "2.4E-9")).String(), "0.2962962936"},
		{"a large product", dec(t, "40000000000000").Mul(dec(t, "40000000000000.5")).String(), "1600000000000020000000000000"},
		{"negative product", dec(t, "-24").Mul(dec(t, "0.1752")).String(), "-4.2048"},
		{"two thirds", dec(t, "2").Quo(dec(t, "3"), 4).String(), "0.6667"},
		{"half a cent up", dec(t, "104.025").Cents(), "104.03"},
		{"half a cent below zero", dec(t, "-1.005").Cents(), "-1.01"},
		{"rounds to zero", dec(t, "-0.001").Cents(), "0.00"},
		{"exact", dec(t, "25").Exact(), "25.00"},
		{"exact of ten decimals", dec(t, "0.2962962936").Exact(), "0.2962962936"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.name, c.got, c.want)
		}
	}
	if dec(t, "0.50").Cmp(dec(t, "0.5")) != 0 || dec(t, "-1").Cmp(dec(t, "0.5")) >= 0 {
		t.Error("Cmp")
	}
}

func TestSum(t *testing.T) {
	var s Sum
	want := new(big.Rat)
	for _, text := range []string{"0.1", "0.2", "9000000000000000000", "9000000000000000000", "-0.3", "7.72876712328767123287671233"} {
		s.Add(dec(t, text))
		r, _ := new(big.Rat).SetString(text)
		want.Add(want, r)
	}
	if got, _ := new(big.Rat).SetString(s.Total().String()); got.Cmp(want) != 0 {
		t.Errorf("the sum is %s, want %s", s.Total(), want.FloatString(26))
	}
}

// FuzzDecimal holds the arithmetic against math/big.
func FuzzDecimal(f *testing.F) {
	f.Add("1.5", "-2.4E-9")
	f.Add("99999999999999999999.5", "0.000000001")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, err1 := ParseDecimal([]byte(a))
		y, err2 := ParseDecimal([]byte(b))
		if err1 != nil || err2 != nil {
			return
		}
		r, _ := new(big.Rat).SetString(x.String())
		s, _ := new(big.Rat).SetString(y.String())
		if got, _ := new(big.Rat).SetString(x.Add(y).String()); got.Cmp(new(big.Rat).Add(r, s)) != 0 {
			t.Errorf("%s + %s = %s", x, y, x.Add(y))
		}
		if got, _ := new(big.Rat).SetString(x.Mul(y).String()); got.Cmp(new(big.Rat).Mul(r, s)) != 0 {
			t.Errorf("%s × %s = %s", x, y, x.Mul(y))
		}
		if x.Cmp(y) != r.Cmp(s) {
			t.Errorf("%s and %s compare as %d", x, y, x.Cmp(y))
		}
	})
}
