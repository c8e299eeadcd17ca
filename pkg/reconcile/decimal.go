package reconcile

import (
	"errors"
	"math"
	"math/big"
	"math/bits"
	"strings"
)

// maxDigits bounds the digits of a number of a bill, and the powers of ten that
// it may be written with. AWS prints up to 10 decimals, Azure up to 26.
const maxDigits = 60

var (
	errNoNumber = errors.New("is not a number")
	errTooLong  = errors.New("has too many digits")
)

// Decimal is an exact decimal number: a bill has amounts of more than the nine
// decimals that package money keeps. The zero value is 0.
type Decimal struct {
	small int64    // the digits, where they fit
	large *big.Int // else
	scale int32    // digits after the point; not negative
}

// ParseDecimal reads a number as bills have it: a sign, digits, a point, and an
// exponent as in 2.4E-9.
func ParseDecimal(text []byte) (Decimal, error) {
	var d Decimal
	i, digits := 0, 0
	negative := false
	if i < len(text) && (text[i] == '-' || text[i] == '+') {
		negative = text[i] == '-'
		i++
	}
	start, point := i, -1
	var n uint64
	for ; i < len(text); i++ {
		c := text[i]
		if c == '.' && point < 0 {
			point = digits
			continue
		}
		if c-'0' > 9 {
			break
		}
		digits++
		if digits <= 18 {
			n = n*10 + uint64(c-'0')
		}
	}
	if digits == 0 {
		return d, errNoNumber
	}
	mantissa := text[start:i]
	if point >= 0 {
		d.scale = int32(digits - point)
	}
	exponent, err := parseExponent(text[i:])
	if err != nil {
		return d, err
	}
	if digits > maxDigits {
		return d, errTooLong
	}
	if digits <= 18 {
		d.small = int64(n)
		if negative {
			d.small = -d.small
		}
	} else {
		d.large, _ = new(big.Int).SetString(strings.Replace(string(mantissa), ".", "", 1), 10)
		if negative {
			d.large.Neg(d.large)
		}
	}
	return d.shift(exponent), nil
}

// parseExponent reads E-9, or nothing.
func parseExponent(text []byte) (int32, error) {
	if len(text) == 0 {
		return 0, nil
	}
	if text[0] != 'e' && text[0] != 'E' || len(text) < 2 {
		return 0, errNoNumber
	}
	negative, digits := false, text[1:]
	if digits[0] == '-' || digits[0] == '+' {
		negative, digits = digits[0] == '-', digits[1:]
	}
	if len(digits) == 0 {
		return 0, errNoNumber
	}
	n := int32(0)
	for _, c := range digits {
		if c-'0' > 9 {
			return 0, errNoNumber
		}
		if n = n*10 + int32(c-'0'); n > maxDigits {
			return 0, errTooLong
		}
	}
	if negative {
		n = -n
	}
	return n, nil
}

// shift is d × 10^n.
func (d Decimal) shift(n int32) Decimal {
	d.scale -= n
	if d.scale >= 0 {
		return d
	}
	up := pow10(-d.scale)
	d.large, d.small, d.scale = new(big.Int).Mul(d.int(), up), 0, 0
	return d.tidy()
}

// whole is a whole number.
func whole(n int64) Decimal { return Decimal{small: n} }

// int are the digits without the point.
func (d Decimal) int() *big.Int {
	if d.large != nil {
		return d.large
	}
	return big.NewInt(d.small)
}

// tidy keeps the digits small where they fit.
func (d Decimal) tidy() Decimal {
	if d.large != nil && d.large.IsInt64() {
		d.small, d.large = d.large.Int64(), nil
	}
	return d
}

func pow10(n int32) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// align gives two numbers one scale.
func align(a, b Decimal) (*big.Int, *big.Int, int32) {
	x, y := a.int(), b.int()
	switch {
	case a.scale < b.scale:
		x = new(big.Int).Mul(x, pow10(b.scale-a.scale))
	case b.scale < a.scale:
		y = new(big.Int).Mul(y, pow10(a.scale-b.scale))
	}
	return x, y, max(a.scale, b.scale)
}

// Add is d + o.
func (d Decimal) Add(o Decimal) Decimal {
	if d.large == nil && o.large == nil && d.scale == o.scale {
		if s := d.small + o.small; (s > d.small) == (o.small > 0) {
			return Decimal{small: s, scale: d.scale}
		}
	}
	x, y, scale := align(d, o)
	return Decimal{large: new(big.Int).Add(x, y), scale: scale}.tidy()
}

// Neg is -d.
func (d Decimal) Neg() Decimal {
	if d.large != nil || d.small == math.MinInt64 {
		return Decimal{large: new(big.Int).Neg(d.int()), scale: d.scale}.tidy()
	}
	d.small = -d.small
	return d
}

// Sub is d − o.
func (d Decimal) Sub(o Decimal) Decimal { return d.Add(o.Neg()) }

// Mul is d × o.
func (d Decimal) Mul(o Decimal) Decimal {
	if d.large == nil && o.large == nil && d.small != math.MinInt64 && o.small != math.MinInt64 {
		hi, lo := bits.Mul64(uint64(max(d.small, -d.small)), uint64(max(o.small, -o.small)))
		if hi == 0 && lo <= math.MaxInt64 {
			n := int64(lo)
			if (d.small < 0) != (o.small < 0) {
				n = -n
			}
			return Decimal{small: n, scale: d.scale + o.scale}
		}
	}
	return Decimal{large: new(big.Int).Mul(d.int(), o.int()), scale: d.scale + o.scale}.tidy()
}

// Abs is d without its sign.
func (d Decimal) Abs() Decimal {
	if d.Sign() < 0 {
		return d.Neg()
	}
	return d
}

// Sign is -1, 0 or 1.
func (d Decimal) Sign() int {
	switch {
	case d.large != nil:
		return d.large.Sign()
	case d.small < 0:
		return -1
	case d.small > 0:
		return 1
	}
	return 0
}

// Cmp compares d with o.
func (d Decimal) Cmp(o Decimal) int {
	if d.large == nil && o.large == nil && d.scale == o.scale {
		switch {
		case d.small < o.small:
			return -1
		case d.small > o.small:
			return 1
		}
		return 0
	}
	x, y, _ := align(d, o)
	return x.Cmp(y)
}

// Round is d with at most so many digits after the point, rounded half away
// from zero.
func (d Decimal) Round(digits int32) Decimal {
	if d.scale <= digits {
		return d
	}
	return Decimal{large: divide(d.int(), pow10(d.scale-digits)), scale: digits}.tidy()
}

// Quo is d ÷ o with so many digits after the point, rounded half away from
// zero. o is not 0.
func (d Decimal) Quo(o Decimal, digits int32) Decimal {
	// d.int / 10^d.scale ÷ (o.int / 10^o.scale) × 10^digits
	num, den := d.int(), o.int()
	if up := digits + o.scale - d.scale; up >= 0 {
		num = new(big.Int).Mul(num, pow10(up))
	} else {
		den = new(big.Int).Mul(den, pow10(-up))
	}
	return Decimal{large: divide(num, den), scale: digits}.tidy()
}

// divide is num ÷ den, rounded half away from zero.
func divide(num, den *big.Int) *big.Int {
	negative := (num.Sign() < 0) != (den.Sign() < 0)
	n, m := new(big.Int).Abs(num), new(big.Int).Abs(den)
	q, rest := new(big.Int).QuoRem(n, m, new(big.Int))
	if rest.Lsh(rest, 1).Cmp(m) >= 0 {
		q.Add(q, big.NewInt(1))
	}
	if negative {
		q.Neg(q)
	}
	return q
}

// String prints all digits that are not zero at the end.
func (d Decimal) String() string { return d.print(0) }

// Exact prints an amount: all its digits, and at least two after the point.
func (d Decimal) Exact() string { return d.print(2) }

// Cents prints an amount rounded half away from zero to two digits.
func (d Decimal) Cents() string { return d.Round(2).print(2) }

func (d Decimal) print(least int) string {
	text := d.int().String()
	sign := ""
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	if missing := int(d.scale) + 1 - len(text); missing > 0 {
		text = strings.Repeat("0", missing) + text
	}
	before, after := text[:len(text)-int(d.scale)], text[len(text)-int(d.scale):]
	after = strings.TrimRight(after, "0")
	if missing := least - len(after); missing > 0 {
		after += strings.Repeat("0", missing)
	}
	if strings.Trim(before+after, "0") == "" {
		sign = ""
	}
	if after == "" {
		return sign + before
	}
	return sign + before + "." + after
}

// Sum adds many decimals up. It allocates nothing while the sums of each number
// of digits fit in 64 bits.
type Sum struct {
	small [20]int64 // by digits after the point
	rest  Decimal
}

// Add adds d to the sum.
func (s *Sum) Add(d Decimal) {
	if d.large == nil && d.scale < 20 {
		before := s.small[d.scale]
		if after := before + d.small; (after > before) == (d.small > 0) {
			s.small[d.scale] = after
			return
		}
	}
	s.rest = s.rest.Add(d)
}

// Total is the sum.
func (s *Sum) Total() Decimal {
	total := s.rest
	for scale, n := range s.small {
		if n != 0 {
			total = total.Add(Decimal{small: n, scale: int32(scale)})
		}
	}
	return total
}
