package unit

import (
	"fmt"
	"math/bits"
	"strings"
)

// Scaled reads a plain decimal number and returns it times scale, rounded half
// up to a whole number: Scaled("0.1", GiB) is 107374182 bytes (107374182.4),
// Scaled("0.8", Million) is 800000.
//
// It takes digits and one point, with digits on both sides of the point, and
// nothing else: no sign, exponent, space or thousands separator. More than 18
// decimals are refused, since 10^18 is the largest power of ten in 64 bits. A
// result beyond an int64 is ErrRange.
func Scaled(s string, scale int64) (int64, error) {
	whole, fraction, ok := CutDecimal(s)
	if !ok {
		return 0, fmt.Errorf("%q is not a plain decimal number like 0.25", Clip(s))
	}
	if len(fraction) > 18 {
		return 0, fmt.Errorf("%q has more than 18 decimals", Clip(s))
	}
	// The number is mantissa ÷ den: "0.25" is 025 ÷ 100.
	mantissa, den := uint64(0), uint64(1)
	for _, c := range []byte(whole + fraction) {
		if mantissa > (1<<64-10)/10 { // the next digit could exceed 64 bits
			return 0, fmt.Errorf("%q is %w", Clip(s), ErrRange)
		}
		mantissa = mantissa*10 + uint64(c-'0')
	}
	for range fraction {
		den *= 10
	}
	v, err := MulDiv(mantissa, uint64(scale), den)
	if err != nil {
		return 0, fmt.Errorf("%q is %w", Clip(s), ErrRange)
	}
	return v, nil
}

// CutDecimal splits a plain decimal number at its point: "12.50" is "12" and
// "50", "12" is "12" and "". ok is false for anything but ASCII digits with at
// most one point that has digits on both sides.
func CutDecimal(s string) (whole, fraction string, ok bool) {
	whole, fraction, point := strings.Cut(s, ".")
	ok = whole != "" && (!point || fraction != "") && digits(whole) && digits(fraction)
	return whole, fraction, ok
}

// digits says whether s is nothing but the digits 0 to 9.
func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// ParseMicro reads a number as people write it (Plain) and returns it in
// millionths, rounded half up: "45", "0.25", "1e6", "5k".
func ParseMicro(s string) (int64, error) { return scaled(s, Million) }

// Decimal prints n ÷ scale without trailing zeros: exactly if twelve decimals
// are enough, else rounded half up to twelve. Decimal(8589934592, GB) is
// "8.589934592". n must not be negative, scale must be positive.
func Decimal(n, scale int64) string { return Rounded(n, scale, 12) }

// Rounded prints n ÷ scale rounded half up to that many decimals (0 to 18),
// without trailing zeros: Rounded(1999, 1000, 2) is "2". n must not be
// negative, scale must be positive.
func Rounded(n, scale int64, places int) string {
	whole, rest := uint64(n)/uint64(scale), uint64(n)%uint64(scale)
	pow := uint64(1)
	for range places {
		pow *= 10
	}
	// The fraction is rest ÷ scale. Times 10^places it can take 128 bits; the
	// quotient is below 10^places, since rest is below scale.
	hi, lo := bits.Mul64(rest, pow)
	q, r := bits.Div64(hi, lo, uint64(scale))
	if r >= uint64(scale)-r { // the remainder is at least half of the divisor
		q++
	}
	if q == pow { // 0.999 rounded up to 1
		whole, q = whole+1, 0
	}
	if q == 0 {
		return fmt.Sprint(whole)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%0*d", whole, places, q), "0")
}

// decimals counts the digits after the point of a printed number.
func decimals(s string) int {
	if i := strings.IndexByte(s, '.'); i >= 0 {
		return len(s) - i - 1
	}
	return 0
}

// Clip shortens text from outside to at most 40 bytes and "…", so that a file
// or a flag cannot fill an error message.
func Clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
