package money

import (
	"errors"
	"math/big"
	"testing"
)

func TestParseUSD(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want USD
	}{
		{"0", 0},
		{"0.20", 200_000_000},
		{"0.0023", 2_300_000},
		{"1500", 1500 * Nano},
		{"-3.5", -3_500_000_000},
		{"0.000000001", 1},
		{"007.10", 7_100_000_000},
		{"9223372036.854775807", MaxUSD},
	} {
		got, err := ParseUSD(tt.in)
		if err != nil || got != tt.want {
			t.Errorf("ParseUSD(%q) = %d, %v; want %d", tt.in, got, err, tt.want)
		}
	}
	for _, in := range []string{
		"", "-", ".", "1.", ".5", "+1", "1e3", "$1", "1,000", " 1", "1 ", "1.0000000001",
		"NaN", "Inf", "0x1", "--1", "1.2.3", "٣", "9223372036.854775808", "99999999999999999999999999",
	} {
		if got, err := ParseUSD(in); err == nil {
			t.Errorf("ParseUSD(%q) = %d; want an error", in, got)
		}
	}
}

func TestPrint(t *testing.T) {
	for _, tt := range []struct{ in, cents, exact, grouped string }{
		{"104.025", "104.03", "104.025", "104.03"}, // 0.1425 × 730, half up
		{"104.024999999", "104.02", "104.024999999", "104.02"},
		{"26670.0975", "26670.10", "26670.0975", "26,670.10"},
		{"0", "0.00", "0.00", "0.00"},
		{"-0.001", "0.00", "-0.001", "0.00"},
		{"-1.005", "-1.01", "-1.005", "-1.01"},
		{"1234567.8", "1234567.80", "1234567.80", "1,234,567.80"},
	} {
		u, err := ParseUSD(tt.in)
		if err != nil {
			t.Fatal(err)
		}
		if u.String() != tt.cents || u.Exact() != tt.exact || u.Grouped() != tt.grouped {
			t.Errorf("%s prints %q, %q, %q; want %q, %q, %q", tt.in,
				u.String(), u.Exact(), u.Grouped(), tt.cents, tt.exact, tt.grouped)
		}
	}
}

func TestPriceOf(t *testing.T) {
	for _, tt := range []struct {
		name            string
		amount          string
		per             int64
		quantity, scale int64
		want            string
	}{
		// 13,140,000,000 commands ÷ 100,000 = 131,400 blocks × 0.20
		{"upstash commands", "0.20", 100_000, 13_140_000_000, 1, "26280.00"},
		// (8 × 2^30 − 10^9) bytes = 7.589934592 GB × 0.25 = 1.897483648
		{"upstash storage", "0.25", 1, 7_589_934_592, 1_000_000_000, "1.897483648"},
		// 2 nodes × 730 h × 0.1648
		{"two nodes", "0.1648", 1, 1460, 1, "240.608"},
		// half a nano-dollar goes up, a little less does not
		{"half up", "0.000000001", 2, 1, 1, "0.000000001"},
		{"below half", "0.000000001", 3, 1, 1, "0.00"},
		{"nothing used", "0.20", 100_000, 0, 1, "0.00"},
		{"free of charge", "0", 1, 1_000_000, 1, "0.00"},
	} {
		amount, err := ParseUSD(tt.amount)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Price{amount, tt.per}.Of(tt.quantity, tt.scale)
		if err != nil || got.Exact() != tt.want {
			t.Errorf("%s: %s, %v; want %s", tt.name, got.Exact(), err, tt.want)
		}
	}
}

// TestAdd: a credit lowers a bill, and the largest amount is still a sum.
func TestAdd(t *testing.T) {
	for _, tt := range []struct{ a, b, want string }{
		{"1.50", "0.25", "1.75"},
		{"1.50", "-0.25", "1.25"},
		{"-1.50", "-0.25", "-1.75"},
		{"1.50", "0", "1.50"},
		{"-1.50", "0", "-1.50"},
		{"9223372036.854775806", "0.000000001", "9223372036.854775807"},
	} {
		a, err := ParseUSD(tt.a)
		if err != nil {
			t.Fatal(err)
		}
		b, err := ParseUSD(tt.b)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := a.Add(b); err != nil || got.Exact() != tt.want {
			t.Errorf("%s + %s = %s, %v; want %s", tt.a, tt.b, got.Exact(), err, tt.want)
		}
	}
}

// TestTimes: what remains of an amount after a discount.
func TestTimes(t *testing.T) {
	for _, tt := range []struct {
		amount   string
		num, den int64
		want     string
	}{
		{"0.206", 8, 10, "0.1648"}, // 20 % off
		{"0.206", 0, 10, "0.00"},   // 100 % off
		{"0", 8, 10, "0.00"},
		{"-3", 1, 2, "-1.50"},
		{"0.000000001", 1, 2, "0.000000001"},   // half a nano-dollar, rounded up
		{"-0.000000001", 1, 2, "-0.000000001"}, // and away from zero
	} {
		amount, err := ParseUSD(tt.amount)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := amount.Times(tt.num, tt.den); err != nil || got.Exact() != tt.want {
			t.Errorf("%s × %d ÷ %d = %s, %v; want %s", tt.amount, tt.num, tt.den, got.Exact(), err, tt.want)
		}
	}
}

func TestOverflowIsAnError(t *testing.T) {
	if _, err := (Price{MaxUSD, 1}).Of(2, 1); !errors.Is(err, ErrOverflow) {
		t.Errorf("2 × the largest amount: %v", err)
	}
	if _, err := (Price{1, 1 << 62}).Of(1, 4); !errors.Is(err, ErrOverflow) {
		t.Errorf("a divisor beyond 64 bits: %v", err)
	}
	if _, err := MaxUSD.Add(1); !errors.Is(err, ErrOverflow) {
		t.Errorf("largest + 1: %v", err)
	}
	if _, err := (-MaxUSD).Add(-2); !errors.Is(err, ErrOverflow) {
		t.Errorf("smallest − 2: %v", err)
	}
	if _, err := (Price{1, 1}).Of(-1, 1); err == nil {
		t.Error("a negative quantity was priced")
	}
	if _, err := USD(5).Times(1, 0); err == nil {
		t.Error("a ratio over zero was taken")
	}
}

// FuzzPriceOf compares Of with math/big.
func FuzzPriceOf(f *testing.F) {
	f.Add(int64(200_000_000), int64(100_000), int64(13_140_000_000), int64(1))
	f.Add(int64(84_000_000), int64(1), int64(8<<30*730), int64(1<<30))
	f.Add(int64(MaxUSD), int64(1), int64(1<<62), int64(1<<62))
	f.Fuzz(func(t *testing.T, amount, per, quantity, scale int64) {
		p := Price{USD(amount), per}
		got, err := p.Of(quantity, scale)
		if amount < 0 || quantity < 0 || per < 1 || scale < 1 {
			if err == nil {
				t.Fatalf("priced %d × %d / (%d × %d)", quantity, amount, per, scale)
			}
			return
		}
		den := new(big.Int).Mul(big.NewInt(per), big.NewInt(scale))
		num := new(big.Int).Mul(big.NewInt(quantity), big.NewInt(amount))
		// half up: floor((2·num + den) / (2·den))
		num.Lsh(num, 1).Add(num, den)
		want := num.Div(num, new(big.Int).Lsh(den, 1))
		if err != nil {
			if den.IsUint64() && want.IsInt64() {
				t.Fatalf("%d × %d / %s: %v; want %s", quantity, amount, den, err, want)
			}
			return
		}
		if want.Cmp(big.NewInt(int64(got))) != 0 {
			t.Fatalf("%d × %d / %s = %d; want %s", quantity, amount, den, got, want)
		}
	})
}

// FuzzTimes holds ratios, signs included, against math/big.
func FuzzTimes(f *testing.F) {
	f.Add(int64(206_000_000), int64(8), int64(10))
	f.Add(int64(-3), int64(1), int64(2))
	f.Fuzz(func(t *testing.T, amount, num, den int64) {
		got, err := USD(amount).Times(num, den)
		if num < 0 || den <= 0 {
			if err == nil {
				t.Fatal("took a negative or empty ratio")
			}
			return
		}
		p := new(big.Int).Mul(new(big.Int).Abs(big.NewInt(amount)), big.NewInt(num))
		d := big.NewInt(den)
		p.Lsh(p, 1).Add(p, d)
		want := p.Div(p, new(big.Int).Lsh(d, 1))
		if amount < 0 {
			want.Neg(want)
		}
		if err != nil {
			if want.IsInt64() && want.Int64() >= -int64(MaxUSD) {
				t.Fatalf("%d × %d / %d: %v; want %s", amount, num, den, err, want)
			}
			return
		}
		if want.Cmp(big.NewInt(int64(got))) != 0 {
			t.Fatalf("%d × %d / %d = %d; want %s", amount, num, den, got, want)
		}
	})
}

// FuzzParseUSD: what parses prints, and what was printed parses to the same.
func FuzzParseUSD(f *testing.F) {
	for _, s := range []string{"0.20", "-3.5", "9223372036.854775807", "1e9", "", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseUSD(s)
		if err != nil {
			return
		}
		again, err := ParseUSD(u.Exact())
		if err != nil || again != u {
			t.Fatalf("%q → %q → %d, %v; want %d", s, u.Exact(), again, err, u)
		}
		r, ok := new(big.Rat).SetString(s)
		if !ok || r.Cmp(big.NewRat(int64(u), Nano)) != 0 {
			t.Fatalf("%q parsed as %s", s, u.Exact())
		}
	})
}

func BenchmarkPriceOf(b *testing.B) {
	p := Price{200_000_000, 100_000}
	for b.Loop() {
		if _, err := p.Of(13_140_000_000, 1); err != nil {
			b.Fatal(err)
		}
	}
}
