package reconcile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// maxCells bounds the hours that are kept, of all caches together: a year of
// 1,000 caches.
const maxCells = 9_000_000

// longest is the longest line that a series takes, in seconds: a day, with the
// hour that it has more where clocks are set back.
const longest = 25 * 3600

// hours are the quantities of a serverless cache, hour by hour.
type hours struct {
	first int64 // Unix hours of cells[0]
	cells []cell
	daily bool  // lines that are longer than an hour were spread over their hours
	long  int64 // lines that are longer than a day
	other int64 // lines of what is no use of data or of processing units
}

// cell is one hour: thousandths of ECPU, and millionths of GB-hours.
type cell struct {
	ecpu, stored int64
	held         bool // the bill has a line of stored data for it
}

// errHours is a bill with more hours than can be kept.
var errHours = fmt.Errorf("a series has at most %d hours over all caches; give fewer files at a time", maxCells)

// hour takes a line into the hours of its cache.
func (e *engine) hour(c *Cache, l *parsed, v *verdict) error {
	if c.series == nil {
		c.series = &hours{}
	}
	h := c.series
	if v.meter != "stored" && v.meter != "ecpu" || v.quantity == nil || v.price == nil {
		h.other++
		return nil
	}
	if !l.start.ok || l.seconds <= 0 || l.seconds > longest {
		h.long++
		return nil
	}
	from, to := l.start.unix/3600, (l.start.unix+l.seconds+3599)/3600
	h.daily = h.daily || to-from > 1
	grown := h.reach(from, to)
	if e.cells += grown; e.cells > maxCells {
		return errHours
	}
	scale := int64(1000)
	if v.meter == "stored" {
		scale = unit.Million
	}
	all := v.quantity.Mul(whole(scale)).Round(0)
	if !all.Abs().fits() {
		return fmt.Errorf("%s %s are too many for a series", v.quantity, v.unit)
	}
	// So much of the line is over at the end of each hour, so that its hours add
	// up to it exactly.
	n, done := all.small, int64(0)
	for at := from; at < to; at++ {
		over := whole(n).Mul(whole(at-from+1)).Quo(whole(to-from), 0).small
		one := &h.cells[at-h.first]
		if v.meter == "stored" {
			one.stored, one.held = one.stored+over-done, true
		} else {
			one.ecpu += over - done
		}
		done = over
	}
	return nil
}

// fits says whether a whole number is one of at most 17 digits.
func (d Decimal) fits() bool {
	return d.Cmp(whole(100_000_000_000_000_000)) < 0 && d.large == nil && d.scale == 0
}

// reach makes room for hours, and returns how many are new.
func (h *hours) reach(from, to int64) int64 {
	before := int64(len(h.cells))
	switch {
	case before == 0:
		h.first = from
	case from < h.first:
		lead := max(h.first-from, before/2) // more than is needed: the file may run backwards
		if lead > maxCells {
			return lead
		}
		more := make([]cell, lead, lead+before)
		h.cells, h.first = append(more, h.cells...), h.first-lead
	}
	if missing := to - h.first - int64(len(h.cells)); missing > maxCells {
		return missing
	} else if missing > 0 {
		h.cells = append(h.cells, make([]cell, missing)...)
	}
	return int64(len(h.cells)) - before
}

// WriteSeries writes the hours of the bill's serverless caches as the CSV that
// keynest replay reads, and returns what a reader of it must know: of which
// caches there are none and why. It is an error if there are none at all.
func (r *Result) WriteSeries(w io.Writer, set *ratecard.Set) (notes []string, err error) {
	b := bufio.NewWriter(w)
	var names workload.Names
	some, daily := false, false
	_, _ = b.WriteString("cache,time,commands,ecpu,stored_bytes\n")
	for _, c := range r.Caches {
		name := names.Name(c.text())
		if why := c.noSeries(); why != "" {
			notes = append(notes, name+": not in the series: "+why)
			continue
		}
		size := c.storedUnit(set)
		if size <= 0 {
			notes = append(notes, name+": not in the series: the card does not say how many bytes its GB of stored data has")
			continue
		}
		some, daily = true, daily || c.series.daily
		if err := c.series.write(b, name, size); err != nil {
			return nil, err
		}
		if c.ECPUMinimum != nil || c.StoredMinimum != nil {
			notes = append(notes, name+": the series has the billed minimum; the real use is lower and not on the bill")
		}
	}
	if !some {
		return nil, errors.New("no hours for a series: " + strings.Join(notes, "; "))
	}
	if daily {
		notes = append(notes, "lines of a day are spread evenly over its hours, since the bill does not show peaks within a day")
	}
	notes = append(notes, "an ECPU counts as a command of at most 1,000 bytes")
	return notes, b.Flush()
}

// noSeries says why a cache has no hours; "" where it has.
func (c *Cache) noSeries() string {
	h := c.series
	switch {
	case c.Stored.Sign() == 0 && c.ECPU.Sign() == 0:
		return "the bill only has its node hours, which do not show its load"
	case h == nil || len(h.cells) == 0:
		return "its lines cover more than a day; export the bill by the hour or by the day"
	case h.long > 0:
		return fmt.Sprintf("%s longer than a day; export the bill by the hour or by the day", lines(h.long))
	}
	for i := range h.cells {
		one := &h.cells[i]
		at := time.Unix((h.first+int64(i))*3600, 0).UTC().Format(time.RFC3339)
		switch {
		case one.ecpu < 0 || one.stored < 0:
			return "refunds exceed the use in the hour " + at
		case one.ecpu > 0 && !one.held:
			return "the bill has no stored data for the hour " + at
		}
	}
	return ""
}

func lines(n int64) string {
	if n == 1 {
		return "1 of its lines is"
	}
	return fmt.Sprintf("%d of its lines are", n)
}

// storedUnit is what the card of a cache means by a GB of stored data, in bytes.
func (c *Cache) storedUnit(set *ratecard.Set) int64 {
	o := set.Offer(c.Offer)
	if o == nil {
		return 0
	}
	v := set.Version(o, c.From)
	if v == nil {
		return 0
	}
	for i := range v.Charges {
		if v.Charges[i].Meter == ratecard.MeterStored {
			return v.Charges[i].Unit.Held(1)
		}
	}
	return 0
}

// write writes the hours; those that the bill does not have are left out, so that
// replay names them.
func (h *hours) write(b *bufio.Writer, name string, size int64) error {
	if strings.ContainsAny(name, `,"`) {
		name = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	for i := range h.cells {
		one := &h.cells[i]
		if !one.held {
			continue
		}
		stored, err := unit.MulDiv(uint64(one.stored), uint64(size), unit.Million)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		commands := unit.CeilDiv(one.ecpu, 1000)
		at := time.Unix((h.first+int64(i))*3600, 0).UTC().Format(time.RFC3339)
		if _, err := fmt.Fprintf(b, "%s,%s,%d,%s,%d\n", name, at, commands, unit.Decimal(one.ecpu, 1000), stored); err != nil {
			return err
		}
	}
	return nil
}
