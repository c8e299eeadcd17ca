package replay

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Schedule is how many shards there are at which hours of the week, in the time
// zone of the series. The first rule that matches an hour counts.
type Schedule struct {
	Text  string // as it was written
	rules []scheduleRule
	other int64 // shards in all other hours
}

type scheduleRule struct {
	days     [7]bool // by time.Weekday
	from, to int     // hours of the day: from ≤ hour < to
	shards   int64
}

// maxScheduled bounds the shards of a schedule: the most that any vendor sells
// of one cluster is 500.
const maxScheduled = 500

var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ParseSchedule reads rules such as "weekdays 08-20: shards=4; else shards=1".
// Days are daily, weekdays, weekends, a name (mon), a range (mon-thu) or several
// with commas; hours are HH-HH, from the first up to the second, and may be left
// out for the whole day.
func ParseSchedule(text string) (*Schedule, error) {
	s := &Schedule{Text: text}
	for _, part := range strings.Split(text, ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		when, shards, err := splitRule(part)
		if err != nil {
			return nil, err
		}
		switch {
		case s.other > 0:
			return nil, fmt.Errorf("%q comes after else, which must be the last rule", part)
		case when == "else":
			s.other = shards
			continue
		}
		rule, err := parseWhen(when)
		if err != nil {
			return nil, err
		}
		rule.shards = shards
		s.rules = append(s.rules, rule)
	}
	if s.other == 0 {
		return nil, fmt.Errorf("the last rule must be for all other hours, as in \"else shards=1\"")
	}
	return s, nil
}

// splitRule splits "weekdays 08-20: shards=4" into when and how many.
func splitRule(part string) (when string, shards int64, err error) {
	at := strings.LastIndex(part, "shards=")
	if at < 0 {
		return "", 0, fmt.Errorf("%q is not like \"weekdays 08-20: shards=4\"", part)
	}
	number := strings.TrimSpace(part[at+len("shards="):])
	shards, err = strconv.ParseInt(number, 10, 32)
	if err != nil || shards < 1 || shards > maxScheduled {
		return "", 0, fmt.Errorf("shards=%s is not a whole number from 1 to %d", number, maxScheduled)
	}
	when = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(part[:at]), ":"))
	return strings.ToLower(when), shards, nil
}

// parseWhen reads "weekdays 08-20".
func parseWhen(when string) (scheduleRule, error) {
	r := scheduleRule{to: 24}
	words := strings.Fields(when)
	if len(words) == 0 || len(words) > 2 {
		return r, fmt.Errorf("%q is not days and hours, as in \"weekdays 08-20\"", when)
	}
	for _, days := range strings.Split(words[0], ",") {
		if err := r.add(days); err != nil {
			return r, err
		}
	}
	if len(words) == 1 {
		return r, nil
	}
	from, to, two := strings.Cut(words[1], "-")
	var err, err2 error
	r.from, err = strconv.Atoi(from)
	r.to, err2 = strconv.Atoi(to)
	if !two || err != nil || err2 != nil || r.from < 0 || r.to > 24 || r.from >= r.to {
		return r, fmt.Errorf("hours %q are not like 08-20, from 00 to 24; write hours across midnight as two rules", words[1])
	}
	return r, nil
}

// add adds days to a rule.
func (r *scheduleRule) add(days string) error {
	first, last := 0, 6
	switch days {
	case "daily":
	case "weekdays":
		first, last = 1, 5
	case "weekends":
		r.days[0], r.days[6] = true, true
		return nil
	default:
		from, to, isRange := strings.Cut(days, "-")
		first = slices.Index(dayNames, from)
		if last = first; isRange {
			last = slices.Index(dayNames, to)
		}
		if first < 0 || last < 0 {
			return fmt.Errorf("%q is not a day; write daily, weekdays, weekends, or mon, tue, wed, thu, fri, sat, sun", days)
		}
	}
	for d := first; ; d = (d + 1) % 7 {
		r.days[d] = true
		if d == last {
			return nil
		}
	}
}

// At is how many shards there are at a moment of the zone.
func (s *Schedule) At(t time.Time) int64 {
	for i := range s.rules {
		if r := &s.rules[i]; r.days[t.Weekday()] && r.from <= t.Hour() && t.Hour() < r.to {
			return r.shards
		}
	}
	return s.other
}
