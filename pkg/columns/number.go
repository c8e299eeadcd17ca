package columns

import (
	"errors"
	"math/bits"

	"github.com/keynest/keynest/pkg/unit"
)

// What can be wrong with a number; the words follow the number in a message.
var (
	ErrNumber   = errors.New("is not a number like 1200 or 0.5")
	ErrNegative = errors.New("is negative")
	errRange    = errors.New("is too large to count")
)

// maxExponent bounds the power of ten that a number may be written with.
const maxExponent = 40

// ParseNumber reads a decimal number such as "1200", "0.5" or "1.2e6" times
// scale, rounded half up.
func ParseNumber(s []byte, scale int64) (int64, error) {
	if len(s) == 0 {
		return Absent, nil
	}
	if s[0] == '-' {
		if v, err := ParseNumber(s[1:], scale); err == nil && v == 0 && len(s) > 1 {
			return 0, nil // -0.0
		} else if err == nil && len(s) > 1 {
			return 0, ErrNegative
		}
		return 0, ErrNumber
	}
	mantissa, exponent, digits, point, i := uint64(0), 0, 0, false, 0
	for ; i < len(s); i++ {
		c := s[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		digits++
		switch {
		case mantissa <= (1<<64-10)/10:
			mantissa = mantissa*10 + uint64(c-'0')
			if point {
				exponent--
			}
		case !point:
			return 0, errRange
		}
	}
	if digits == 0 {
		return 0, ErrNumber
	}
	if i < len(s) {
		power, ok := parseExponent(s[i:])
		if !ok {
			return 0, ErrNumber
		}
		exponent += power
	}
	return Scaled(mantissa, exponent, scale)
}

// parseExponent reads "e+6".
func parseExponent(s []byte) (power int, ok bool) {
	if (s[0] != 'e' && s[0] != 'E') || len(s) < 2 {
		return 0, false
	}
	s = s[1:]
	negative := s[0] == '-'
	if negative || s[0] == '+' {
		s = s[1:]
	}
	if len(s) == 0 || len(s) > 3 {
		return 0, false
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		power = power*10 + int(c-'0')
	}
	if negative {
		power = -power
	}
	return power, true
}

// Scaled is mantissa × 10^exponent × scale, rounded half up.
func Scaled(mantissa uint64, exponent int, scale int64) (int64, error) {
	if mantissa == 0 {
		return 0, nil
	}
	if exponent > maxExponent {
		return 0, errRange
	}
	up := uint64(scale)
	for ; exponent > 0; exponent-- {
		hi, lo := bits.Mul64(up, 10)
		if hi != 0 {
			return 0, errRange
		}
		up = lo
	}
	den := uint64(1)
	for ; exponent < 0; exponent++ {
		if den > (1<<64-1)/10 {
			// What is left is below 10^-19 of the mantissa's last digits.
			mantissa /= 10
			continue
		}
		den *= 10
	}
	v, err := unit.MulDiv(mantissa, up, den)
	if err != nil {
		return 0, errRange
	}
	return v, nil
}
