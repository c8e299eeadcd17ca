package unit

import (
	"errors"
	"math"
	"testing"
)

// TestMulAdd: the largest int64 is a result, one more is ErrRange, and so is a
// negative count.
func TestMulAdd(t *testing.T) {
	if got, err := Mul(math.MaxInt64, 1); err != nil || got != math.MaxInt64 {
		t.Errorf("the largest × 1 = %d, %v", got, err)
	}
	for _, tt := range []struct{ a, b, want int64 }{{0, 5, 0}, {5, 0, 0}, {6, 7, 42}} {
		if got, err := Mul(tt.a, tt.b); err != nil || got != tt.want {
			t.Errorf("%d × %d = %d, %v; want %d", tt.a, tt.b, got, err, tt.want)
		}
	}
	if got, err := Add(math.MaxInt64-1, 1); err != nil || got != math.MaxInt64 {
		t.Errorf("the largest − 1 + 1 = %d, %v", got, err)
	}
	if got, err := Add(0, 0); err != nil || got != 0 {
		t.Errorf("0 + 0 = %d, %v", got, err)
	}
	for _, of := range []func(a, b int64) (int64, error){Mul, Add} {
		for _, tt := range [][2]int64{{-1, 2}, {2, -1}, {math.MaxInt64, 2}, {2, math.MaxInt64}} {
			if got, err := of(tt[0], tt[1]); !errors.Is(err, ErrRange) {
				t.Errorf("%d and %d = %d, %v; want ErrRange", tt[0], tt[1], got, err)
			}
		}
	}
}

// TestCeilDiv: a whole number of nodes that hold the data, never one too few.
func TestCeilDiv(t *testing.T) {
	for _, tt := range []struct{ a, b, want int64 }{
		{0, 3, 0}, {1, 3, 1}, {3, 3, 1}, {4, 3, 2}, {6, 3, 2}, {7, 1, 7}, {math.MaxInt64, 2, 1 << 62},
	} {
		if got := CeilDiv(tt.a, tt.b); got != tt.want {
			t.Errorf("%d ÷ %d rounded up = %d; want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

// TestHeld: 1 GiB held for 730 hours is 730 × 2^30 byte-hours, whether its price
// is per hour or per month; a GB that is moved has no time.
func TestHeld(t *testing.T) {
	for _, tt := range []struct {
		name  string
		held  int64
		of    string
		timed bool
	}{
		{"GiB-hour", 730 << 30, "GiB", true},
		{"GiB-month", 730 << 30, "GiB", true},
		{"GB", GB, "GB", false},
		{"work-hour", 1000, "work-hour", false},
	} {
		u, err := ByName(tt.name)
		if err != nil {
			t.Fatal(err)
		}
		if u.Timed() != tt.timed {
			t.Errorf("%s is timed: %t", tt.name, u.Timed())
		}
		if got := u.Held(730); tt.name != "work-hour" && (got != tt.held || u.HeldName() != tt.of) {
			t.Errorf("%s held for a month is %d %s; want %d %s", tt.name, got, u.HeldName(), tt.held, tt.of)
		}
	}
}

// TestClip: 40 bytes stay, one more is cut.
func TestClip(t *testing.T) {
	exact := "1234567890123456789012345678901234567890"
	if got := Clip(exact); got != exact {
		t.Errorf("40 bytes were cut: %s", got)
	}
	if got := Clip(exact + "1"); got == exact+"1" {
		t.Errorf("41 bytes were not cut: %s", got)
	}
}
