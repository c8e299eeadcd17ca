package replay

import (
	"fmt"
	"sort"
	"time"

	"github.com/keynest/keynest/pkg/columns"
)

// calendar cuts time into the months of one zone. Seconds count from
// 1970-01-01 00:00 UTC.
type calendar struct {
	zone   *time.Location
	starts []int64 // of the months from the first on; grows as needed
	first  time.Time
}

// maxMonths bounds a file: 50 years.
const maxMonths = 600

func newCalendar(zone *time.Location, from int64) *calendar {
	t := time.Unix(from, 0).In(zone)
	c := &calendar{zone: zone, first: time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, zone)}
	c.starts = []int64{c.start(0), c.start(1)}
	return c
}

// start is the first second of a month, counted from the first one.
func (c *calendar) start(month int) int64 {
	return time.Date(c.first.Year(), c.first.Month()+time.Month(month), 1, 0, 0, 0, 0, c.zone).Unix()
}

// month finds the month of a moment; it may lie before the first one.
func (c *calendar) month(at int64) (int, error) {
	if at < c.starts[0] {
		t, f := time.Unix(at, 0).In(c.zone), c.first
		month := (t.Year()-f.Year())*12 + int(t.Month()) - int(f.Month())
		if month < -maxMonths {
			return 0, errSpan
		}
		return month, nil
	}
	for at >= c.starts[len(c.starts)-1] {
		if len(c.starts) > maxMonths {
			return 0, errSpan
		}
		c.starts = append(c.starts, c.start(len(c.starts)))
	}
	return sort.Search(len(c.starts), func(i int) bool { return c.starts[i] > at }) - 1, nil
}

// span is where a month begins and ends, and its hours.
func (c *calendar) span(month int) (from, to, hours int64) {
	from, to = c.start(month), c.start(month+1)
	return from, to, (to - from + 3599) / 3600
}

// name is a month as 2026-03.
func (c *calendar) name(month int) string {
	return time.Unix(c.start(month), 0).In(c.zone).Format("2006-01")
}

// clock turns the times of a file into seconds since 1970 in UTC.
type clock struct {
	zone     *time.Location
	seen     bool
	last     columns.Stamp
	offset   int64 // of last, where it holds
	from, to int64 // wall clock between which offset holds for a time without a zone
}

// at is the moment of a stamp. after is the moment of the cache's row before,
// 0 for none: where a clock is set back, an hour has two meanings, and the
// later one is taken if the first is over.
func (c *clock) at(s columns.Stamp, after int64) (int64, error) {
	if !c.seen || !s.SameZone(c.last) {
		if err := c.change(s); err != nil {
			return 0, err
		}
	}
	if offset, zoned := s.Zone(); zoned {
		return s.Wall() - offset, nil
	}
	return c.local(s.Wall(), after)
}

// change is a row whose clock differs from the one before.
func (c *clock) change(s columns.Stamp) error {
	offset, zoned := s.Zone()
	if c.seen {
		_, before := c.last.Zone()
		switch {
		case zoned != before:
			return fmt.Errorf("some times have a time zone and others do not; write all of them the same way")
		case zoned:
			// Summer and winter time of one zone count as one clock.
			_, now := time.Unix(s.Wall()-offset, 0).In(c.zone).Zone()
			if int64(now) != offset {
				return fmt.Errorf("this time is %s from UTC, unlike the rows before it; if the clock was changed there, add --time-zone with its zone, as in --time-zone Europe/Berlin", offsetText(offset))
			}
		}
	}
	c.seen, c.last = true, s
	return nil
}

// steady says whether every stamp of the same clock, from this one on and for so
// many seconds, has the same offset from UTC.
func (c *clock) steady(s columns.Stamp, seconds int64) bool {
	if _, zoned := s.Zone(); zoned {
		return true
	}
	return c.from <= s.Wall() && s.Wall()+seconds < c.to
}

// local is the moment of a clock of the wall in the zone.
func (c *clock) local(wall, after int64) (int64, error) {
	if wall < c.from || wall >= c.to {
		t := time.Unix(wall, 0).UTC()
		in := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, c.zone)
		_, offset := in.Zone()
		start, end := in.ZoneBounds()
		c.offset, c.from, c.to = int64(offset), wall, wall+1
		// The offset is kept while no change of the clock is near.
		const near = 6 * 3600
		if from, to := bound(start, -1<<62)+near+int64(offset), bound(end, 1<<62)-near+int64(offset); from <= wall && wall < to {
			c.from, c.to = from, to
		} else {
			return c.nearChange(in, wall, after)
		}
	}
	return wall - c.offset, nil
}

// nearChange is the moment of a clock of the wall within hours of a change.
func (c *clock) nearChange(in time.Time, wall, after int64) (int64, error) {
	c.from, c.to = 0, 0
	best, found := int64(0), false
	for _, probe := range []time.Time{in.Add(-6 * time.Hour), in.Add(6 * time.Hour)} {
		_, offset := probe.Zone()
		at := wall - int64(offset)
		if _, have := time.Unix(at, 0).In(c.zone).Zone(); have != offset {
			continue
		}
		if !found || (best <= after && at > best) {
			best, found = at, true
		}
	}
	if !found {
		return 0, fmt.Errorf("this time does not exist in %s, where the clock was set forward", c.zone)
	}
	return best, nil
}

func bound(t time.Time, otherwise int64) int64 {
	if t.IsZero() {
		return otherwise
	}
	return t.Unix()
}

func offsetText(seconds int64) string {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	return fmt.Sprintf("%s%02d:%02d", sign, seconds/3600, seconds/60%60)
}
