// Package money computes with exact US dollars.
//
// An amount is a whole number of nano-dollars (10^-9 USD) in an int64. The
// range is about −9.2 to +9.2 billion dollars. Nano-dollars are needed because
// vendors quote prices such as 0.0023 USD per million.
//
// A price is kept as the pair that the vendor published: 0.20 USD per 100,000
// commands, not 0.000002 USD per command. A quantity times a price is rounded
// once, half up, to a whole nano-dollar. Sums are exact. Only String and
// Grouped round to cents, and only for printing.
//
// A result outside the range is the error ErrOverflow, never a wrapped number.
package money

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strings"

	"github.com/keynest/keynest/pkg/unit"
)

// ErrOverflow reports an amount beyond about 9.2 billion dollars.
var ErrOverflow = errors.New("amount is beyond 9.2 billion dollars")

// USD is an exact amount of US dollars, counted in nano-dollars (10^-9 USD).
// Amounts may be added and subtracted with + and − where both are known to be
// small; Add reports an overflow.
type USD int64

// Nano is the number of nano-dollars in a dollar.
const Nano = 1_000_000_000

// Cent is one hundredth of a dollar.
const Cent USD = Nano / 100

// MaxUSD is the largest amount: 9,223,372,036.854775807 dollars.
const MaxUSD USD = math.MaxInt64

// ParseUSD reads a decimal amount of dollars, such as "0.20", "1500" or "-3.5".
// It takes a leading minus, digits and one point, and nothing else: no
// exponent, currency sign, thousands separator or space. More than nine
// decimals cannot be held and are refused, not rounded.
func ParseUSD(s string) (USD, error) {
	number, negative := strings.CutPrefix(s, "-")
	_, fraction, ok := unit.CutDecimal(number)
	if !ok {
		return 0, fmt.Errorf("%q is not a decimal amount like \"0.20\"", unit.Clip(s))
	}
	if len(fraction) > 9 {
		return 0, fmt.Errorf("%q has more than nine decimals; give it per a larger quantity", unit.Clip(s))
	}
	v, err := unit.Scaled(number, Nano)
	if err != nil {
		return 0, fmt.Errorf("%q: %w", unit.Clip(s), ErrOverflow)
	}
	if negative {
		v = -v
	}
	return USD(v), nil
}

// Exact prints an amount with every decimal that is not zero, at least two:
// "26670.0975", "1500.00". ParseUSD reads it back to the same amount.
func (u USD) Exact() string {
	sign, v := u.magnitude()
	fraction := fmt.Sprintf("%09d", v%Nano)
	for len(fraction) > 2 && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	return fmt.Sprintf("%s%d.%s", sign, v/Nano, fraction)
}

// String prints dollars and cents, rounded half up, for negative amounts half
// away from zero: 104.025 is "104.03", -1.005 is "-1.01". What rounds to zero
// has no sign.
func (u USD) String() string {
	sign, whole, cents := u.cents()
	return fmt.Sprintf("%s%d.%02d", sign, whole, cents)
}

// Grouped is String with commas between thousands: "26,670.10".
func (u USD) Grouped() string {
	sign, whole, cents := u.cents()
	return fmt.Sprintf("%s%s.%02d", sign, Group(fmt.Sprint(whole)), cents)
}

// Group puts commas between the thousands of a string of digits: "26670" is
// "26,670".
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

// magnitude is the amount without its sign, in nano-dollars. It is unsigned,
// because the magnitude of the smallest int64 does not fit in an int64.
func (u USD) magnitude() (sign string, v uint64) {
	if u < 0 {
		return "-", -uint64(u)
	}
	return "", uint64(u)
}

// cents rounds the amount half up to cents and returns whole dollars and the
// remaining cents.
func (u USD) cents() (sign string, whole, cents uint64) {
	sign, v := u.magnitude()
	all := (v + uint64(Cent)/2) / uint64(Cent)
	if all == 0 {
		sign = ""
	}
	return sign, all / 100, all % 100
}

// Add returns the sum of two amounts, or ErrOverflow.
func (u USD) Add(v USD) (USD, error) {
	sum := u + v
	if (v > 0 && sum < u) || (v < 0 && sum > u) {
		return 0, ErrOverflow
	}
	return sum, nil
}

// Times returns the amount × num ÷ den, rounded half up to a nano-dollar, for
// negative amounts half away from zero. It applies discounts (num of den parts
// remain) and exchange rates. A negative num, a den below 1 and a result that
// USD cannot hold are ErrOverflow.
func (u USD) Times(num, den int64) (USD, error) {
	if num < 0 || den <= 0 {
		return 0, ErrOverflow
	}
	_, v := u.magnitude()
	q, err := unit.MulDiv(v, uint64(num), uint64(den))
	if err != nil {
		return 0, ErrOverflow
	}
	if u < 0 {
		q = -q
	}
	return USD(q), nil
}

// Price is an amount for a number of units, as the vendor published it:
// {0.20 USD, 100000} is 0.20 USD per 100,000.
type Price struct {
	Amount USD   // for Per units; not negative
	Per    int64 // units; at least 1
}

// Of returns quantity × price, rounded half up once to a nano-dollar.
//
// quantity counts smallest units (package unit), and scale says how many of
// those make one unit of the price. 8 GiB held for 730 hours at 0.084 USD per
// GiB-hour is Of(8 × 2^30 × 730, 2^30) = 490.56 USD. The product is computed in
// 128 bits, so nothing is lost before the one rounding.
//
// A negative quantity or amount, and a scale or Per below 1, are errors. A
// result that USD cannot hold, or Per × scale beyond 64 bits, is ErrOverflow.
func (p Price) Of(quantity, scale int64) (USD, error) {
	if quantity < 0 || scale < 1 || p.Per < 1 || p.Amount < 0 {
		return 0, fmt.Errorf("cannot price %d at %s per %d × %d", quantity, p.Amount.Exact(), p.Per, scale)
	}
	hi, den := bits.Mul64(uint64(p.Per), uint64(scale))
	if hi != 0 {
		return 0, ErrOverflow
	}
	v, err := unit.MulDiv(uint64(quantity), uint64(p.Amount), den)
	if err != nil {
		return 0, ErrOverflow
	}
	return USD(v), nil
}
