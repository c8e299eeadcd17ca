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

// Hourly describes how the hours of a month differ, as far as a bill depends on
// it. If it is nil, all hours are equal.
type Hourly struct {
	Floors []HourlyFloor
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
