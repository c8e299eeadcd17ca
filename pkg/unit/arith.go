package unit

import (
	"errors"
	"math/bits"
)

// ErrRange reports a figure that does not fit in an int64.
var ErrRange = errors.New("too large to count")

// MulDiv returns a × b ÷ den, rounded half up to a whole number. The product
// is held in 128 bits, so only the result has to fit: ErrRange is returned for
// a result beyond an int64 and for a den of zero.
//
// This is the one rounding of the program: quantities (Scaled), amounts of
// money (money.Price.Of) and shares all go through it. Half up is how invoices
// round: 0.5 of a smallest unit is a whole one.
func MulDiv(a, b, den uint64) (int64, error) {
	hi, lo := bits.Mul64(a, b)
	if hi >= den { // also where den is 0: the quotient is beyond 64 bits
		return 0, ErrRange
	}
	var q, r uint64
	if hi == 0 { // plain division is several times as fast
		q, r = lo/den, lo%den
	} else {
		q, r = bits.Div64(hi, lo, den)
	}
	if r >= den-r && q < 1<<63 { // r ≥ den ÷ 2, without the overflow of 2 × r
		q++
	}
	if q > 1<<63-1 {
		return 0, ErrRange
	}
	return int64(q), nil
}

// MulDivDown returns a × b ÷ den, rounded down. It is for capacity: a node with
// room for half a byte more holds no more data. Its errors are those of MulDiv.
func MulDivDown(a, b, den uint64) (int64, error) {
	hi, lo := bits.Mul64(a, b)
	if hi >= den {
		return 0, ErrRange
	}
	q, _ := bits.Div64(hi, lo, den)
	if q > 1<<63-1 {
		return 0, ErrRange
	}
	return int64(q), nil
}

// Mul multiplies two counts. A negative count and a product beyond an int64
// are ErrRange.
func Mul(a, b int64) (int64, error) {
	if a < 0 || b < 0 {
		return 0, ErrRange
	}
	return MulDiv(uint64(a), uint64(b), 1)
}

// Add adds two counts. A negative count and a sum beyond an int64 are ErrRange.
func Add(a, b int64) (int64, error) {
	if a < 0 || b < 0 || a+b < 0 {
		return 0, ErrRange
	}
	return a + b, nil
}

// CeilDiv returns a ÷ b rounded up, for a ≥ 0 and b > 0. It counts nodes:
// CeilDiv(data, bytes of one node).
func CeilDiv(a, b int64) int64 {
	if b == 1 {
		return a // the common case of one database, without a division
	}
	q := a / b
	if a%b != 0 {
		q++
	}
	return q
}
