package workload

import "math/bits"

// Floor is a minimum that a card applies to the data held in every hour: Num ÷
// Den bytes, since a card's 0.1 GiB is no whole number of bytes.
type Floor struct {
	Num, Den int64
	Highest  bool // the hour's largest size is what is billed, not its mean
}

// Above says whether the minimum is above a sum of sizes of that many rows.
func (f Floor) Above(stored, rows int64) bool {
	hi, lo := bits.Mul64(uint64(stored), uint64(f.Den))
	fhi, flo := bits.Mul64(uint64(rows), uint64(f.Num))
	return hi < fhi || hi == fhi && lo < flo
}

// Hourly is how the hours of a month differ, as far as a bill depends on it.
// A month without it has equal hours.
type Hourly struct {
	Floors []HourlyFloor
}

// HourlyFloor is what a month holds once every hour is raised to a minimum:
// Parts ÷ Fine byte-hours, exactly.
type HourlyFloor struct {
	Floor Floor
	Parts int64
	Fine  int64
}

// AtLeast is the data of the month, parts ÷ fine byte-hours, with every hour
// raised to a minimum; false where that was not counted.
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
