// Package money computes with exact US dollars.
//
// An amount is a whole number of nano-dollars (10^-9 USD) in an int64, so it
// reaches from one billionth of a dollar to about 9.2 billion dollars either
// side of zero. A price keeps the pair a vendor publishes, such as 0.20 USD per
// 100,000 commands. Multiplying a quantity by a price rounds once, half up, to
// a nano-dollar; sums never round. Anything that does not fit is an error,
// never a wrapped or a clipped number.
package money

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
)

// ErrOverflow reports an amount beyond about 9.2 billion dollars.
var ErrOverflow = errors.New("amount is beyond 9.2 billion dollars")

// USD is an exact amount of US dollars, counted in nano-dollars (10^-9 USD).
type USD int64

// Nano is the number of nano-dollars in a dollar.
const Nano = 1_000_000_000

// Cent is one hundredth of a dollar.
const Cent USD = Nano / 100

// MaxUSD is the largest amount that USD holds.
const MaxUSD USD = 1<<63 - 1

// ParseUSD reads a decimal amount of dollars such as "0.20", "1500" or
// "-3.5". It takes digits, one point and a leading minus, nothing else: no
// exponent, currency sign, thousands separator or space. More than nine
// decimals are refused rather than rounded.
func ParseUSD(s string) (USD, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if whole == "" || (point && fraction == "") || !allDigits(whole) || !allDigits(fraction) {
		return 0, fmt.Errorf("%q is not a decimal amount like \"0.20\"", clip(s))
	}
	if len(fraction) > 9 {
		return 0, fmt.Errorf("%q has more than nine decimals; give it per a larger quantity", clip(s))
	}
	var v uint64
	for _, c := range []byte(whole + fraction + "000000000"[len(fraction):]) {
		if v > (1<<64-10)/10 {
			return 0, fmt.Errorf("%q: %w", clip(s), ErrOverflow)
		}
		v = v*10 + uint64(c-'0')
	}
	if v > 1<<63-1 {
		return 0, fmt.Errorf("%q: %w", clip(s), ErrOverflow)
	}
	if negative {
		return -USD(v), nil
	}
	return USD(v), nil
}

// Exact prints every nano-dollar that matters and at least two decimals:
// "26670.0975", "1500.00".
func (u USD) Exact() string {
	sign, whole, nano := u.split()
	fraction := fmt.Sprintf("%09d", nano)
	for len(fraction) > 2 && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	return sign + whole + "." + fraction
}

// String prints dollars and cents, rounded half up (half away from zero):
// 104.025 prints as "104.03".
func (u USD) String() string {
	sign, whole, cents := u.cents()
	return fmt.Sprintf("%s%d.%02d", sign, whole, cents)
}

// Grouped is String with a comma between thousands: "26,670.10".
func (u USD) Grouped() string {
	sign, whole, cents := u.cents()
	return fmt.Sprintf("%s%s.%02d", sign, Group(fmt.Sprint(whole)), cents)
}

// Group puts commas between the thousands of a run of decimal digits.
func Group(digits string) string {
	var b strings.Builder
	for i, c := range []byte(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(c)
	}
	return b.String()
}

func (u USD) magnitude() (sign string, v uint64) {
	if u < 0 {
		return "-", -uint64(u)
	}
	return "", uint64(u)
}

func (u USD) split() (sign, whole string, nano uint64) {
	sign, v := u.magnitude()
	return sign, fmt.Sprint(v / Nano), v % Nano
}

func (u USD) cents() (sign string, whole, cents uint64) {
	sign, v := u.magnitude()
	all := (v + uint64(Cent)/2) / uint64(Cent)
	if all == 0 {
		sign = ""
	}
	return sign, all / 100, all % 100
}

// Add returns the sum, or ErrOverflow.
func (u USD) Add(v USD) (USD, error) {
	sum := u + v
	if (v > 0 && sum < u) || (v < 0 && sum > u) {
		return 0, ErrOverflow
	}
	return sum, nil
}

// Times returns the amount multiplied by a ratio, rounded half up (half away
// from zero) to a nano-dollar. num must not be negative and den must be positive.
func (u USD) Times(num, den int64) (USD, error) {
	_, v := u.magnitude()
	q, ok := MulDiv(v, uint64(num), uint64(den))
	if num < 0 || den <= 0 || !ok || q > uint64(MaxUSD) {
		return 0, ErrOverflow
	}
	if u < 0 {
		return -USD(q), nil
	}
	return USD(q), nil
}

// Price is an amount for a number of units, as published: {0.20, 100000} is
// 0.20 USD per 100,000.
type Price struct {
	Amount USD
	Per    int64 // units; at least 1
}

// Of returns quantity × price ÷ scale, rounded half up once to a nano-dollar.
// quantity counts the smallest unit and scale says how many of those make one
// priced unit: bytes with a scale of 2^30 against a price per GiB. A negative
// quantity or price is refused, as is a total that USD cannot hold.
func (p Price) Of(quantity, scale int64) (USD, error) {
	if quantity < 0 || scale < 1 || p.Per < 1 || p.Amount < 0 {
		return 0, fmt.Errorf("cannot price %d at %s per %d × %d", quantity, p.Amount.Exact(), p.Per, scale)
	}
	hi, den := bits.Mul64(uint64(p.Per), uint64(scale))
	if hi != 0 {
		return 0, ErrOverflow
	}
	v, ok := MulDiv(uint64(quantity), uint64(p.Amount), den)
	if !ok || v > uint64(MaxUSD) {
		return 0, ErrOverflow
	}
	return USD(v), nil
}

// Scaled is a price against one scale, made ready for many quantities.
type Scaled struct {
	amount, den uint64 // the fraction in lowest terms
	short       uint64 // the largest quantity that 64 bits are enough for
}

// Scaled multiplies and divides once what Of would each time: 0.20 USD per
// 100,000 becomes 2000 nano-dollars for one.
func (p Price) Scaled(scale int64) (Scaled, error) {
	if _, err := p.Of(0, scale); err != nil {
		return Scaled{}, err
	}
	s := Scaled{amount: uint64(p.Amount), den: uint64(p.Per) * uint64(scale)}
	a, b := s.amount, s.den
	for b != 0 {
		a, b = b, a%b
	}
	s.amount, s.den = s.amount/a, s.den/a
	s.short = (uint64(MaxUSD) - s.den/2) / max(s.amount, 1)
	return s, nil
}

// Of is Price.Of with the scale.
func (s Scaled) Of(quantity int64) (USD, error) {
	if uint64(quantity) <= s.short {
		return USD((uint64(quantity)*s.amount + s.den/2) / s.den), nil
	}
	return s.long(quantity)
}

func (s Scaled) long(quantity int64) (USD, error) {
	v, ok := MulDiv(uint64(quantity), s.amount, s.den)
	if !ok || quantity < 0 || v > uint64(MaxUSD) {
		return 0, ErrOverflow
	}
	return USD(v), nil
}

// MulDiv returns a × b ÷ den rounded half up, through a 128-bit product. It
// reports false when den is zero or the quotient does not fit 64 bits.
func MulDiv(a, b, den uint64) (uint64, bool) {
	hi, lo := bits.Mul64(a, b)
	if den == 1 {
		return lo, hi == 0
	}
	if hi == 0 && den != 0 {
		q, r := lo/den, lo%den
		if r >= den-r {
			return q + 1, q+1 != 0
		}
		return q, true
	}
	if hi >= den {
		return 0, false
	}
	q, r := bits.Div64(hi, lo, den)
	if r >= den-r {
		q++
		return q, q != 0
	}
	return q, true
}

func allDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// clip keeps hostile input out of error messages.
func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
