package unit

import (
	"errors"
	"math/big"
	"testing"
)

func TestParseBytes(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want int64
		out  string
	}{
		{"8 GiB", 8 << 30, "8 GiB"},
		{"8GiB", 8 << 30, "8 GiB"},
		{"250 MB", 250_000_000, "250 MB"},
		{"0.1 GiB", 107_374_182, "102.4 MiB"}, // 107374182.4 bytes, rounded
		{"13.07 GiB", 14_033_805_640, "13.07 GiB"},
		{"1 TB", 1e12, "1 TB"},
		{"10.125 GiB", 10_871_635_968, "10.125 GiB"}, // three decimals are printed: 10.125 × 2^30
		{"10.0625 GiB", 10_804_527_104, "10.06 GiB"}, // four are rounded to two
		{"1250250 kB", 1_250_250_000, "1.16 GiB"},    // 1.25025 GB has five decimals, and 1.16438… GiB is rounded
		{"500 B", 500, "500 B"},
		{"0 B", 0, "0 B"},
		{"1 kB", 1000, "1000 B"},
	} {
		got, err := ParseBytes(tt.in)
		if err != nil || got != tt.want {
			t.Errorf("ParseBytes(%q) = %d, %v; want %d", tt.in, got, err, tt.want)
			continue
		}
		if out := FormatBytes(got); out != tt.out {
			t.Errorf("FormatBytes(%d) = %q; want %q", got, out, tt.out)
		}
	}
	for _, in := range []string{"", "8", "8 gib", "8 Gi", "-1 GB", "1e3 GB", "GB", " GB", "1  GB", "NaN GB", "99999999999 TB", "8 GBGB"} {
		if got, err := ParseBytes(in); err == nil {
			t.Errorf("ParseBytes(%q) = %d; want an error", in, got)
		}
	}
}

func TestScaled(t *testing.T) {
	for _, tt := range []struct {
		in    string
		scale int64
		want  int64
	}{
		{"0.8", Million, 800_000},
		{"5000", Million, 5_000_000_000},
		{"0.1", GiB * 730, 78_383_153_152}, // 73 GiB-hours to the byte
		{"0.0000005", Million, 1},          // half up
		{"0.000000000000000001", 1e18, 1},  // 18 decimals
		{"18.446744073709551609", 1, 18},   // without the point it is 2^64 − 7, which fits in 64 bits
	} {
		if got, err := Scaled(tt.in, tt.scale); err != nil || got != tt.want {
			t.Errorf("Scaled(%q, %d) = %d, %v; want %d", tt.in, tt.scale, got, err, tt.want)
		}
	}
	// 18446744073709551619 is 2^64 + 3: if its digits were read into 64 bits, it
	// would be 3.
	for _, in := range []string{"18446744073709551619", "9223372036854775808"} {
		if got, err := Scaled(in, 1); !errors.Is(err, ErrRange) {
			t.Errorf("Scaled(%q, 1) = %d, %v; want ErrRange", in, got, err)
		}
	}
	if got, err := Scaled("0.0000000000000000001", 1e18); err == nil {
		t.Errorf("19 decimals were read as %d", got)
	}
}

// TestMulDiv: half a unit rounds up, a little less rounds down, and what does
// not fit in an int64 is an error.
func TestMulDiv(t *testing.T) {
	for _, tt := range []struct {
		a, b, den uint64
		want      int64
	}{
		{1, 1, 2, 1},                 // 0.5
		{1, 1, 3, 0},                 // 0.33
		{2, 1, 3, 1},                 // 0.67
		{1 << 62, 4, 1 << 60, 16},    // through a product of 2^64
		{1<<63 - 1, 1, 1, 1<<63 - 1}, // the largest
		{13_140_000_000, 200_000_000, 100_000, 26_280_000_000_000}, // 13.14 billion commands at 0.20 per 100,000
	} {
		if got, err := MulDiv(tt.a, tt.b, tt.den); err != nil || got != tt.want {
			t.Errorf("%d × %d ÷ %d = %d, %v; want %d", tt.a, tt.b, tt.den, got, err, tt.want)
		}
	}
	for _, tt := range [][3]uint64{
		{1, 1, 0},
		{1 << 63, 1, 1},
		{1<<64 - 1, 1, 2},                 // 2^63 − 0.5 rounds up to 2^63
		{253_921, 145_295_143_558_111, 2}, // 2^65 − 1: half up would wrap 2^64 − 1 to 0
		{1 << 63, 1 << 63, 1},
	} {
		if got, err := MulDiv(tt[0], tt[1], tt[2]); !errors.Is(err, ErrRange) {
			t.Errorf("%d × %d ÷ %d = %d, %v; want ErrRange", tt[0], tt[1], tt[2], got, err)
		}
	}
}

// TestMulDivDown: three quarters of a cache.r5.large are 10,527,885,772.5 bytes,
// and half a byte holds nothing.
func TestMulDivDown(t *testing.T) {
	for _, tt := range []struct {
		a, b, den uint64
		want      int64
	}{{14_037_181_030, 750_000, 1_000_000, 10_527_885_772}, {2, 1, 3, 0}, {1 << 62, 4, 1 << 60, 16}, {1<<63 - 1, 1, 1, 1<<63 - 1}} {
		if got, err := MulDivDown(tt.a, tt.b, tt.den); err != nil || got != tt.want {
			t.Errorf("%d × %d ÷ %d = %d, %v; want %d", tt.a, tt.b, tt.den, got, err, tt.want)
		}
	}
	for _, tt := range [][3]uint64{{1, 1, 0}, {1 << 63, 1, 1}, {1 << 63, 1 << 63, 1}} {
		if got, err := MulDivDown(tt[0], tt[1], tt[2]); !errors.Is(err, ErrRange) {
			t.Errorf("%d × %d ÷ %d = %d, %v; want ErrRange", tt[0], tt[1], tt[2], got, err)
		}
	}
}

func TestDecimal(t *testing.T) {
	for _, tt := range []struct {
		n, scale int64
		want     string
	}{
		{8 << 30, GB, "8.589934592"},
		{8e9, GiB, "7.450580596924"}, // 7.450580596923828125
		{1, 3, "0.333333333333"},
		{0, 5, "0"},
		{3200, 1000, "3.2"},
	} {
		if got := Decimal(tt.n, tt.scale); got != tt.want {
			t.Errorf("Decimal(%d, %d) = %q; want %q", tt.n, tt.scale, got, tt.want)
		}
	}
	for _, tt := range []struct {
		n, scale int64
		places   int
		want     string
	}{
		{1999, 1000, 2, "2"}, // 1.999: the carry goes into the whole part
		{5, 1000, 2, "0.01"}, // 0.005: half up
		{4999, 1_000_000, 2, "0"},
		{1, 2, 0, "1"}, // 0.5
		{7, 3, 0, "2"}, // 2.33
	} {
		if got := Rounded(tt.n, tt.scale, tt.places); got != tt.want {
			t.Errorf("Rounded(%d, %d, %d) = %q; want %q", tt.n, tt.scale, tt.places, got, tt.want)
		}
	}
}

func TestUnits(t *testing.T) {
	for _, tt := range []struct {
		name string
		want int64
	}{
		{"GB-month", 730 * 1e9},
		{"GiB-hour", 1 << 30},
		{"node-month", 730},
		{"ECPU", 1000},
	} {
		u, err := ByName(tt.name)
		if err != nil || u.Size(730) != tt.want {
			t.Errorf("%s has size %d, %v; want %d", tt.name, u.Size(730), err, tt.want)
		}
	}
	if _, err := ByName("gb-month"); err == nil {
		t.Error("gb-month was taken for GB-month")
	}
}

// FuzzScaled holds decimal scaling against math/big.
func FuzzScaled(f *testing.F) {
	f.Add("0.1", GiB*730)
	f.Add("9223372036854775807", int64(1))
	f.Add("-1", int64(3))
	f.Fuzz(func(t *testing.T, s string, scale int64) {
		if scale < 1 {
			return
		}
		got, err := Scaled(s, scale)
		if err != nil {
			return
		}
		r, ok := new(big.Rat).SetString(s)
		if !ok {
			t.Fatalf("took %q for a number", s)
		}
		r.Mul(r, new(big.Rat).SetInt64(scale))
		r.Add(r, big.NewRat(1, 2))
		want := new(big.Int).Div(r.Num(), r.Denom())
		if want.Cmp(big.NewInt(got)) != 0 {
			t.Fatalf("%s × %d = %d; want %s", s, scale, got, want)
		}
	})
}

// FuzzBytes: a size that prints exactly parses back to itself.
func FuzzBytes(f *testing.F) {
	f.Add(int64(8 << 30))
	f.Add(int64(14_033_805_968))
	f.Fuzz(func(t *testing.T, n int64) {
		if n < 0 {
			return
		}
		s := FormatBytes(n)
		back, err := ParseBytes(s)
		if err != nil {
			t.Fatalf("%d printed as %q: %v", n, s, err)
		}
		// Two decimals of a GiB are 10.7 million bytes; exact prints are exact.
		if d := back - n; (d > 6_000_000 || d < -6_000_000) && n < TiB {
			t.Fatalf("%d → %q → %d", n, s, back)
		}
	})
}
