package ratecard

// Undated is the Retrieved of a source without a date, if nobody knows when it
// was true. Its figures count as older than every dated one.
const Undated = "undated"

// Older says whether a day, YYYY-MM-DD or Undated, is before another.
func Older(a, b string) bool { return b != Undated && (a == Undated || a < b) }

// Ages are the oldest and the newest day on which figures were read or
// published: YYYY-MM-DD, Undated, or "" without a figure.
type Ages struct{ Oldest, Newest string }

// Add takes the day of one more figure; "" is none.
func (a *Ages) Add(day string) {
	if day == "" {
		return
	}
	if a.Oldest == "" || Older(day, a.Oldest) {
		a.Oldest = day
	}
	if a.Newest == "" || Older(a.Newest, day) {
		a.Newest = day
	}
}
