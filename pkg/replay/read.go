package replay

import (
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/columns"
	"github.com/keynest/keynest/pkg/unit"
)

// top bounds the figures of one row, so that the sums of a month stay inside
// 64 bits long enough to be checked.
const top = int64(1e17)

// Read reads a table to its end. The error names file, row and column.
func Read(in *columns.Reader, file string, opt Options) (*Series, error) {
	r := &reader{Series: Series{File: file, opt: opt, Every: opt.Every}, in: in, byName: map[string]*Cache{}}
	r.clock.zone = opt.Zone
	var err error
	if r.layout, err = newLayout(in, opt.Columns); err != nil {
		return nil, err
	}
	r.Unused = r.layout.unused
	r.split = r.layout.has(inReads) || r.layout.has(inWrites)
	r.directed = r.layout.has(inBytesIn)
	for i := inCommands; i < inputs; i++ {
		if r.layout.has(i) {
			r.present = append(r.present, i)
		}
	}
	r.plain, r.lim = r.plainFile(), r.limits()
	if !r.layout.has(inStored) && opt.StoredBytes < 0 {
		return nil, in.Fail(0, "", "no column of the data size: stored_bytes, stored_mib or stored_gib. Name one with --column stored_bytes=HEADER, or give --gib or --gb for all hours")
	}
	for {
		b, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = r.batch(b)
		}
		if err != nil {
			return nil, err
		}
	}
	return r.finish()
}

// batch takes in rows.
func (r *reader) batch(b *columns.Batch) error {
	var ints [inputs][]int64
	for i, at := range r.layout.at {
		if at >= 0 && input(i) != inCache {
			ints[i] = b.Ints(at)
		}
	}
	cacheAt := r.layout.at[inCache]
	column := columnsOf{ints[inTime], ints[inCommands], ints[inBytes], ints[inStored], ints[inECPU]}
	lastCell, end := int64(-1), 0
	for row := 0; row < b.Rows; row++ {
		if cacheAt >= 0 {
			if cell := b.Cell(cacheAt, row); row == 0 || cell != lastCell {
				lastCell = cell
				r.cache(b.Bytes(cacheAt, row))
			}
		} else if r.current == nil {
			r.cache(nil)
		}
		stamp := ints[inTime][row]
		if stamp == columns.Absent {
			return r.fail(b, row, inTime, "the row has no time")
		}
		c := r.current
		at, err := r.clock.at(columns.Stamp(stamp), c.Last)
		if err != nil {
			return r.fail(b, row, inTime, "%w", err)
		}
		s, err := r.sample(b, row, &ints)
		if err != nil {
			return err
		}
		if err := r.take(c, at, &s); err != nil {
			return r.fail(b, row, inTime, "%w", err)
		}
		c.rowAt = b.First + int64(row)
		if !r.plain || r.Every != 3600 {
			continue
		}
		if end <= row {
			for end = row + 1; end < b.Rows && (cacheAt < 0 || b.Cell(cacheAt, end) == lastCell); {
				end++
			}
		}
		n, err := r.run(b, row+1, end, &column)
		if err != nil {
			return r.fail(b, row+1, inTime, "%w", err)
		}
		row += n
	}
	r.Rows += int64(b.Rows)
	if r.opt.Progress != nil {
		r.opt.Progress(r.Rows, len(r.Caches))
	}
	return nil
}

func (r *reader) fail(b *columns.Batch, row int, i input, format string, args ...any) error {
	name := ""
	if at := r.layout.at[i]; at >= 0 {
		name = r.layout.columns[at].Name
	}
	return r.in.Fail(b.First+int64(row), name, format, args...)
}

// cache makes a cache the one that rows are of.
func (r *reader) cache(name []byte) {
	if r.current != nil && r.current.Name == string(name) {
		return
	}
	c := r.byName[string(name)]
	if c == nil {
		c = &Cache{Name: string(name)}
		r.byName[c.Name] = c
		r.Caches = append(r.Caches, c)
	}
	r.current = c
}

// sample is what a row says.
func (r *reader) sample(b *columns.Batch, row int, ints *[inputs][]int64) (sample, error) {
	s := r.current.row
	for _, i := range r.present {
		v := ints[i][row]
		if v == columns.Absent {
			if r.opt.Gaps == GapsRefuse || r.opt.Gaps == GapsHold && r.current.rowAt == 0 {
				return s, r.fail(b, row, i, "the cell is empty, which is not zero; --gaps hold repeats the row before, --gaps zero uses 0")
			}
			if r.opt.Gaps == GapsHold {
				continue
			}
			v = 0
		} else if v > top {
			return s, r.fail(b, row, i, "%d is too large to count", v)
		}
		if r.opt.Grown > 0 {
			grown, err := r.opt.Grow.Times(v, r.opt.Grown)
			if err != nil || grown > top {
				return s, r.fail(b, row, i, "%d grows too large to count", v)
			}
			v = grown
		}
		s[i] = v
	}
	return s, nil
}

// take adds a row to its cache: it must be the next one, or leave a gap.
func (r *reader) take(c *Cache, at int64, s *sample) error {
	if c.rowAt == 0 {
		c.First = at
	} else {
		apart := at - c.Last
		if apart != r.Every || r.Every == 0 {
			if err := r.apart(c, at, apart); err != nil {
				return err
			}
		}
	}
	c.Last, c.row = at, *s
	if r.Every == 0 {
		r.waiting = append(r.waiting, waiting{c, at, *s})
		return nil
	}
	return r.add(c, at, s)
}

// apart takes a row that does not follow the row before by one interval.
func (r *reader) apart(c *Cache, at, apart int64) error {
	name := ""
	if c.Name != "" {
		name = " of " + c.Name
	}
	before := r.Local(c.Last).Format(time.DateTime)
	switch {
	case apart == 0:
		return fmt.Errorf("a second row%s for %s; row %d has the first", name, before, c.rowAt)
	case apart < 0:
		return fmt.Errorf("the clock goes backwards: row %d%s is of %s; sort the rows by time", c.rowAt, name, before)
	}
	if r.Every == 0 {
		switch {
		case 3600%apart == 0:
			r.Every = apart
		case apart%3600 == 0:
			r.Every = 3600
		default:
			return fmt.Errorf("rows%s are %s apart, which does not divide an hour; rows must be hourly or finer", name, time.Duration(apart)*time.Second)
		}
		for i := range r.waiting {
			w := &r.waiting[i]
			if err := r.add(w.cache, w.at, &w.row); err != nil {
				return err
			}
		}
		r.waiting = nil
	}
	if apart%r.Every != 0 {
		return fmt.Errorf("the row%s comes %s after row %d, but rows are %s apart, so they overlap", name,
			time.Duration(apart)*time.Second, c.rowAt, time.Duration(r.Every)*time.Second)
	}
	return r.gap(c, at)
}

// gap fills the rows between a cache's last one and now by the rule.
func (r *reader) gap(c *Cache, at int64) error {
	missing := (at-c.Last)/r.Every - 1
	if missing == 0 {
		return nil
	}
	if len(r.Gaps) < maxGaps {
		r.Gaps = append(r.Gaps, Gap{c.Name, c.Last + r.Every, at - r.Every, missing})
	}
	c.Missing += missing
	if r.Missing += missing; r.Missing > maxMissing {
		return fmt.Errorf("more than %d rows are missing; check the times", int64(maxMissing))
	}
	fill := c.row
	if r.opt.Gaps != GapsHold {
		fill = sample{}
	}
	for t := c.Last + r.Every; t < at; t += r.Every {
		if err := r.add(c, t, &fill); err != nil {
			return err
		}
	}
	return nil
}

// maxMissing bounds the rows that are filled in.
const maxMissing = 100_000_000

// add counts a row.
func (r *reader) add(c *Cache, at int64, s *sample) error {
	if at >= c.slotEnd {
		if err := r.enter(c, at); err != nil {
			return err
		}
	}
	commands, reads, writes, err := r.commands(s)
	if err != nil {
		return err
	}
	transfer, ecpu, stored, err := r.amounts(s, commands)
	if err != nil {
		return err
	}
	sl := c.slot
	sl.Rows++
	sl.Commands += commands
	sl.Reads += reads
	sl.Writes += writes
	sl.MilliECPU += ecpu
	sl.Transfer += transfer
	sl.Written += s[inBytesIn]
	sl.Stored += stored
	if sl.Commands|sl.MilliECPU|sl.Transfer|sl.Stored|sl.Reads|sl.Writes < 0 {
		return unit.ErrRange
	}
	ops, moved := commands, transfer
	if r.layout.has(inPeakOps) {
		ops = s[inPeakOps]
		if moved, err = peakBytes(ops, transfer, commands); err != nil {
			return err
		}
	}
	sl.TopOps, sl.TopStored = max(sl.TopOps, ops), max(sl.TopStored, stored)
	if ops > c.Ops.Value || c.Ops.At == 0 {
		c.Ops = Peak{ops, at}
	}
	if moved > c.Transfer.Value {
		c.Transfer = Peak{moved, at}
	}
	if ecpu > c.ECPU.Value {
		c.ECPU = Peak{ecpu, at}
	}
	if stored > c.Held.Value || c.Held.At == 0 {
		c.Held = Peak{stored, at}
	}
	r.hour(c, at, stored, ops, moved, ecpu)
	return nil
}

// commands are those of a row, and of them the reads and the writes where the
// file tells them apart.
func (r *reader) commands(s *sample) (all, reads, writes int64, err error) {
	all = s[inCommands]
	if r.layout.has(inOps) {
		if all, err = unit.MulDiv(uint64(s[inOps]), uint64(r.Every), unit.Million); err != nil {
			return 0, 0, 0, err
		}
	}
	hasReads, hasWrites := r.layout.has(inReads), r.layout.has(inWrites)
	counted := r.layout.has(inCommands) || r.layout.has(inOps)
	reads, writes = s[inReads], s[inWrites]
	switch {
	case hasReads && hasWrites:
		if counted && all != reads+writes {
			return 0, 0, 0, fmt.Errorf("%d reads and %d writes do not add up to the %d commands of the row", reads, writes, all)
		}
		all = reads + writes
	case hasReads:
		writes = all - reads
	case hasWrites:
		reads = all - writes
	}
	if reads < 0 || writes < 0 {
		return 0, 0, 0, fmt.Errorf("more reads or writes than the %d commands of the row", all)
	}
	return all, reads, writes, nil
}

// peakBytes are the bytes a second at a peak of commands, each moving what the
// row's do.
func peakBytes(peakOps, transfer, commands int64) (int64, error) {
	if commands == 0 {
		return 0, nil
	}
	return unit.MulDiv(uint64(peakOps), uint64(transfer), uint64(commands))
}

// enter begins the slot of a moment.
func (r *reader) enter(c *Cache, at int64) error {
	if r.cal == nil {
		r.cal = newCalendar(r.opt.Zone, at)
	}
	r.closeHour(c)
	slot, end, err := r.slotOf(at)
	if err != nil {
		return err
	}
	if len(c.Slots) == 0 {
		c.From = slot
	}
	c.Slots = append(c.Slots, Slot{})
	for range r.opt.Floors {
		c.below = append(c.below, Below{})
	}
	c.slot, c.slotEnd = &c.Slots[len(c.Slots)-1], end
	return nil
}

// hour adds a row to its clock hour, and counts an hour that is over.
func (r *reader) hour(c *Cache, at, stored, ops, transfer, ecpu int64) {
	h := &c.hour
	start := at - at%3600
	if h.rows > 0 && h.start != start {
		r.closeHour(c)
	}
	if h.rows == 0 {
		*h = openHour{start, 1, stored, stored, ops, transfer, ecpu}
	} else {
		h.rows++
		h.stored += stored
		h.ecpu += ecpu
		h.top, h.ops, h.transfer = max(h.top, stored), max(h.ops, ops), max(h.transfer, transfer)
	}
	if h.rows*r.Every == 3600 {
		r.closeHour(c)
	}
}

// closeHour counts the open clock hour in its slot.
func (r *reader) closeHour(c *Cache) {
	h := &c.hour
	if h.rows == 0 {
		return
	}
	sl := c.slot
	sl.Hours++
	sl.StoredMax += h.top * h.rows
	if least := r.opt.MinECPU * 1000 * r.Every * h.rows; least > h.ecpu {
		sl.ECPUShort += least - h.ecpu
	}
	floors := r.opt.Floors
	below := c.below[len(c.below)-len(floors):]
	for i := range floors {
		stored := h.stored
		if floors[i].Highest {
			stored = h.top * h.rows
		}
		if floors[i].Above(stored, h.rows) {
			below[i].Rows += h.rows
			below[i].Stored += stored
		}
	}
	if r.opt.Watch != nil {
		r.opt.Watch.Hour(c, len(c.Slots)-1, &Hour{h.start, r.opsPerSec(h.ops), r.bytesPerSec(h.transfer), h.top})
	}
	h.rows = 0
}

// opsPerSec turns the highest row into millionths of a command a second.
func (r *reader) opsPerSec(row int64) int64 {
	if r.layout.has(inPeakOps) {
		return row
	}
	v, err := unit.MulDiv(uint64(row), uint64(r.opt.PeakMillions), uint64(r.Every))
	if err != nil {
		return 1<<63 - 1
	}
	return v
}

// bytesPerSec turns the highest row into bytes a second, rounded up.
func (r *reader) bytesPerSec(row int64) int64 {
	every := uint64(r.Every) * unit.Million
	by := uint64(r.opt.PeakMillions)
	if r.layout.has(inPeakOps) {
		every, by = unit.Million, 1
	}
	hi, lo := bits.Mul64(uint64(row), by)
	if hi >= every {
		return 1<<63 - 1
	}
	q, rest := bits.Div64(hi, lo, every)
	if rest > 0 {
		q++
	}
	return int64(min(q, 1<<63-1))
}

// GapError is a file with missing hours, where GapsRefuse does not allow them.
type GapError struct {
	File    string
	Gaps    []Gap
	Missing int64
	Zone    *time.Location
}

func (e *GapError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d rows are missing; --gaps hold repeats the row before each, --gaps zero counts them as 0:", e.File, e.Missing)
	left := e.Missing
	for _, g := range e.Gaps {
		name := ""
		if g.Cache != "" {
			name = g.Cache + " "
		}
		fmt.Fprintf(&b, "\n  %s%s to %s (%d)", name, time.Unix(g.From, 0).In(e.Zone).Format(time.DateTime), time.Unix(g.To, 0).In(e.Zone).Format(time.DateTime), g.Rows)
		left -= g.Rows
	}
	if left > 0 {
		fmt.Fprintf(&b, "\n  and %d more", left)
	}
	return b.String()
}

// finish closes what is open and turns rows into rates.
func (r *reader) finish() (*Series, error) {
	if r.Rows == 0 {
		return nil, r.in.Fail(0, "", "the file has a head but no rows")
	}
	if r.Every == 0 {
		return nil, r.in.Fail(0, "", "every cache has one row, so the time between rows is unknown; add --every 1h")
	}
	for _, w := range r.waiting {
		if err := r.add(w.cache, w.at, &w.row); err != nil {
			return nil, r.in.Fail(w.cache.rowAt, "", "%w", err)
		}
	}
	r.From = r.Caches[0].First
	for _, c := range r.Caches {
		r.closeHour(c)
		c.Ops.Value = r.opsPerSec(c.Ops.Value)
		c.Transfer.Value = r.bytesPerSec(c.Transfer.Value)
		c.ECPU.Value = unit.CeilDiv(r.bytesPerSec(c.ECPU.Value), 1000)
		for i := range c.Slots {
			c.Slots[i].TopOps = r.opsPerSec(c.Slots[i].TopOps)
		}
		r.From, r.To = min(r.From, c.First), max(r.To, c.Last+r.Every)
	}
	r.Uncut = r.in.Uncut()
	if r.Missing > 0 && r.opt.Gaps == GapsRefuse {
		return nil, &GapError{r.File, r.Gaps, r.Missing, r.opt.Zone}
	}
	return &r.Series, nil
}
