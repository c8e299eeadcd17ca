package engines

import (
	"fmt"
	"time"
)

// Day is a date as its source gives it: 2026-08-31, or only 2025-11, or only
// 2009. Where one day is needed, a month or a year counts as its last day, when
// the event has certainly happened.
type Day struct {
	text string
	last time.Time
}

// ParseDay reads YYYY-MM-DD, YYYY-MM or YYYY.
func ParseDay(s string) (Day, error) {
	switch len(s) {
	case len("2006-01-02"):
		if t, err := time.Parse(time.DateOnly, s); err == nil {
			return Day{s, t}, nil
		}
	case len("2006-01"):
		if t, err := time.Parse("2006-01", s); err == nil {
			return Day{s, t.AddDate(0, 1, -1)}, nil
		}
	case len("2006"):
		if t, err := time.Parse("2006", s); err == nil {
			return Day{s, t.AddDate(1, 0, -1)}, nil
		}
	}
	return Day{}, fmt.Errorf("%q is not a date; write it as 2026-08-31, 2026-08 or 2026", s)
}

// UnmarshalText reads a quoted TOML string.
func (d *Day) UnmarshalText(text []byte) error {
	parsed, err := ParseDay(string(text))
	*d = parsed
	return err
}

// MarshalText writes the date as its source gives it.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.text), nil }

// String is the date as its source gives it.
func (d Day) String() string { return d.text }

// IsZero says whether no date is given.
func (d Day) IsZero() bool { return d.text == "" }

// After says whether d is surely later than other.
func (d Day) After(other Day) bool { return d.last.After(other.last) }

// DaysUntil counts the days from d to other; negative where other is past.
func (d Day) DaysUntil(other Day) int {
	return int(other.last.Sub(d.last).Hours() / 24)
}
