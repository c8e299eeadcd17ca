package workload

import "math/bits"

// Floor is a minimum that a card applies to the data held in every hour: Num ÷
// Den bytes. It is a fraction because a card's 0.1 GiB is not a whole number of
// bytes.
type Floor struct {
	Num, Den int64
	Highest  bool // the largest size of an hour is billed, not the mean
}

// Above says whether the minimum, times the number of rows, is above the sum of
// their sizes.
func (f Floor) Above(stored, rows int64) bool {
	hi, lo := bits.Mul64(uint64(stored), uint64(f.Den))
	fhi, flo := bits.Mul64(uint64(rows), uint64(f.Num))
	return hi < fhi || hi == fhi && lo < flo
}

// Raised is the minimum or a customer's own, given in thousandths of a unit of so
// many bytes, whichever is higher.
func (f Floor) Raised(milli, unitBytes int64) Floor {
	own := Floor{Den: 1000, Highest: f.Highest}
	for own.Den > 1 && milli%10 == 0 { // so that numbers stay small
		milli, own.Den = milli/10, own.Den/10
	}
	hi, num := bits.Mul64(uint64(milli), uint64(unitBytes))
	if hi > 0 || num > 1<<62 {
		return f
	}
	own.Num = int64(num)
	hi, lo := bits.Mul64(uint64(own.Num), uint64(f.Den))
	if fhi, flo := bits.Mul64(uint64(f.Num), uint64(own.Den)); hi < fhi || hi == fhi && lo <= flo {
		return f
	}
	return own
}

// Hourly describes how the hours of a month differ, as far as a bill depends on
// it. If it is nil, all hours are equal.
type Hourly struct {
	Floors []HourlyFloor
	// ECPUShort is what lifts every hour to MinECPUPerSec, in thousandths of an
	// ECPU: the sum of what each hour is short of it.
	ECPUShort int64
}

// HourlyFloor is the data of a month with every hour raised to a minimum:
// exactly Parts ÷ Fine byte-hours.
type HourlyFloor struct {
	Floor Floor
	Parts int64
	Fine  int64
}

// AtLeast is the data of the month with every hour raised to a minimum, as
// parts ÷ fine byte-hours. ok is false if it was not counted for that minimum.
func (h *Hourly) AtLeast(f Floor) (parts, fine int64, ok bool) {
	if h == nil || f.Den == 0 {
		return 0, 1, false
	}
	for i := range h.Floors {
		if h.Floors[i].Floor == f {
			return h.Floors[i].Parts, h.Floors[i].Fine, true
		}
	}
	return 0, 1, false
}
