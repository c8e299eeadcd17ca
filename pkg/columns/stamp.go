package columns

import "errors"

// Stamp is a date and time as a file has it: the clock of the wall, and how
// far that clock is from UTC where the file says so. It is one integer, so that
// a column of times is a column of integers.
type Stamp int64

const (
	zoneBits = 18
	zoneMask = 1<<zoneBits - 1
	zoneZero = 1 << (zoneBits - 1) // an offset of 0; a mask of 0 is no zone
)

// NewStamp is a clock of the wall (seconds since 1970-01-01 00:00:00 on that
// clock) that is offset seconds east of UTC.
func NewStamp(wall, offset int64) Stamp { return Stamp(wall<<zoneBits | (offset + zoneZero)) }

// LocalStamp is one without a zone.
func LocalStamp(wall int64) Stamp { return Stamp(wall << zoneBits) }

// Wall is the clock of the wall, in seconds since 1970.
func (s Stamp) Wall() int64 { return int64(s) >> zoneBits }

// Later is the stamp of the same clock so many seconds later.
func (s Stamp) Later(seconds int64) Stamp { return s + Stamp(seconds<<zoneBits) }

// Zone is how many seconds east of UTC that clock is; false where the file
// does not say.
func (s Stamp) Zone() (offset int64, ok bool) {
	z := int64(s) & zoneMask
	return z - zoneZero, z != 0
}

// SameZone says whether two stamps are of one clock.
func (s Stamp) SameZone(t Stamp) bool { return (s^t)&zoneMask == 0 }

// ErrTime is what is wrong with a time; the words follow it in a message.
var ErrTime = errors.New("is not a time like 2026-01-31T23:00:00Z or 2026-01-31 23:00")

// TimeParser reads times. It remembers the day that was read last, since
// neighbouring rows are mostly of one day; it is not for use by several
// goroutines.
type TimeParser struct {
	text [10]byte
	wall int64
}

// Parse reads a time: a date, then a T or a space, hours and minutes, and
// seconds and a zone where there are any; or seconds, milliseconds,
// microseconds or nanoseconds since 1970 in UTC. Parts of a second are dropped.
func (d *TimeParser) Parse(s []byte) (Stamp, error) {
	if len(s) < 10 {
		return 0, ErrTime
	}
	if s[4] >= '0' && s[4] <= '9' {
		return ParseUnix(s)
	}
	if [10]byte(s[:10]) != d.text {
		wall, ok := parseDay(s)
		if !ok {
			return 0, ErrTime
		}
		d.text, d.wall = [10]byte(s[:10]), wall
	}
	wall := d.wall
	s = s[10:]
	if len(s) == 0 {
		return LocalStamp(wall), nil
	}
	if len(s) < 6 || (s[0] != 'T' && s[0] != ' ') || s[3] != ':' {
		return 0, ErrTime
	}
	h, m := two(s[1:]), two(s[4:])
	if h > 23 || m > 59 {
		return 0, ErrTime
	}
	wall += int64(h)*3600 + int64(m)*60
	s = s[6:]
	if len(s) >= 3 && s[0] == ':' {
		sec := two(s[1:])
		if sec > 59 {
			return 0, ErrTime
		}
		wall += int64(sec)
		s = s[3:]
		if len(s) > 1 && s[0] == '.' {
			for s = s[1:]; len(s) > 0 && s[0] >= '0' && s[0] <= '9'; s = s[1:] {
			}
		}
	}
	if len(s) == 1 && s[0] == 'Z' {
		return NewStamp(wall, 0), nil
	}
	return parseZone(wall, s)
}

func parseZone(wall int64, s []byte) (Stamp, error) {
	if len(s) > 0 && s[0] == ' ' {
		s = s[1:]
	}
	switch string(s) {
	case "":
		return LocalStamp(wall), nil
	case "Z", "UTC", "GMT":
		return NewStamp(wall, 0), nil
	}
	if s[0] != '+' && s[0] != '-' {
		return 0, ErrTime
	}
	h, m := uint(99), uint(0)
	switch {
	case len(s) == 6 && s[3] == ':':
		h, m = two(s[1:]), two(s[4:])
	case len(s) == 5:
		h, m = two(s[1:]), two(s[3:])
	case len(s) == 3:
		h = two(s[1:])
	}
	if h > 18 || m > 59 {
		return 0, ErrTime
	}
	offset := int64(h)*3600 + int64(m)*60
	if s[0] == '-' {
		offset = -offset
	}
	return NewStamp(wall, offset), nil
}

// two reads two digits; what is none comes out above 99.
func two(s []byte) uint {
	a, b := uint(s[0]-'0'), uint(s[1]-'0')
	if a > 9 || b > 9 {
		return 1000
	}
	return a*10 + b
}

// ParseUnix reads a count since 1970; its digits say what it counts.
func ParseUnix(s []byte) (Stamp, error) {
	n := int64(0)
	for i, c := range s {
		if c == '.' && i == 10 { // seconds with parts of one
			s = s[:10]
			break
		}
		if c < '0' || c > '9' || i > 18 {
			return 0, ErrTime
		}
		n = n*10 + int64(c-'0')
	}
	switch len(s) {
	case 10:
	case 13:
		n /= 1e3
	case 16:
		n /= 1e6
	case 19:
		n /= 1e9
	default:
		return 0, ErrTime
	}
	return NewStamp(n, 0), nil
}

// parseDay reads 2026-01-31 or 2026/01/31 as seconds since 1970.
func parseDay(s []byte) (int64, bool) {
	if s[4] != s[7] || (s[4] != '-' && s[4] != '/') {
		return 0, false
	}
	y, m, d := two(s)*100+two(s[2:]), two(s[5:]), two(s[8:])
	if y < 1970 || y > 9999 || m < 1 || m > 12 || d < 1 || d > monthDays(y, m) {
		return 0, false
	}
	return days(int64(y), int64(m), int64(d)) * 86400, true
}

func monthDays(y, m uint) uint {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// days counts the days from 1970-01-01 to a day of the Gregorian calendar: a
// year is taken to begin in March, so that its leap day is its last.
func days(y, m, d int64) int64 {
	if m <= 2 {
		y, m = y-1, m+12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d - 1 - 719468
}
