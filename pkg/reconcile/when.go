package reconcile

import (
	"bytes"
	"errors"
	"time"
)

var errTime = errors.New("is not a date such as 2026-10-01 or 2026-10-01T00:00:00Z")

// instant is a time of a bill, which are in UTC.
type instant struct {
	day  string // YYYY-MM-DD
	unix int64
	ok   bool
	date bool // a day without a time
}

// month is YYYY-MM.
func (t instant) month() string {
	if !t.ok {
		return ""
	}
	return t.day[:7]
}

// clock reads times and keeps what it read: a bill has few of them.
type clock struct{ known map[string]instant }

const maxKnown = 1 << 16 // texts that are kept of one kind

func (c *clock) read(text []byte) (instant, error) {
	if len(text) == 0 {
		return instant{}, nil
	}
	if t, ok := c.known[string(text)]; ok {
		return t, nil
	}
	t, err := parseInstant(text)
	if err != nil {
		return t, err
	}
	if c.known == nil || len(c.known) >= maxKnown {
		c.known = map[string]instant{}
	}
	c.known[string(text)] = t
	return t, nil
}

// parseInstant reads a date, or a date and time in UTC or with a difference from
// it. Azure writes the month first: 10/31/2026.
func parseInstant(text []byte) (instant, error) {
	s := string(bytes.TrimSuffix(text, []byte(" UTC")))
	for _, layout := range []string{time.RFC3339, time.DateOnly, "01/02/2006", time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04Z", "01/02/2006 15:04:05", "200601", "2006-01"} {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		t = t.UTC()
		if t.Year() < 2000 || t.Year() > 2200 {
			break
		}
		return instant{day: t.Format(time.DateOnly), unix: t.Unix(), ok: true, date: len(layout) <= len("2006-01-02")}, nil
	}
	return instant{}, errTime
}
