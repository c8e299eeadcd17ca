// Package replay reads how caches were used hour by hour and keeps, for each
// cache and month, the few sums and maxima that its bill is a function of. It
// reads a file once, in the order of its rows, and holds no row: memory grows
// with the number of caches and months, not with the number of hours.
package replay

import (
	"errors"
	"math/bits"
	"time"

	"github.com/keynest/keynest/pkg/columns"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// GapRule says how hours that are missing in a file count.
type GapRule string

// The rules.
const (
	GapsRefuse GapRule = "refuse" // a gap is an error
	GapsHold   GapRule = "hold"   // they repeat the row before
	GapsZero   GapRule = "zero"   // no commands and no data
)

// Options say how a file is read.
type Options struct {
	Zone    *time.Location    // of months, days and of times without a zone
	Gaps    GapRule           //
	Every   int64             // seconds between rows; 0 to see from the file
	Columns map[string]string // what the file calls an input
	ByDay   bool              // keep a slot for each day in place of each month
	Floors  []workload.Floor  // minimums that cards apply to every hour

	StoredBytes  int64 // held where the file has no column for it; -1 for none
	PayloadBytes int64 // moved a command where the file has no column for it
	ReadShare    int64 // millionths of the commands that read, where no column says
	MinECPU      int64 // ECPU a second that every hour is billed for at least; 0 for none
	PeakMillions int64 // the peak within a row against its mean, in millionths; at least a million
	// Grow is applied Grown times to what every row asks for and holds.
	Grow  workload.Growth
	Grown int
	// Watch sees every hour of every cache; nil for nobody.
	Watch Watcher
	// Progress is told from time to time how far the reading is; nil for nobody.
	Progress func(rows int64, caches int)
}

// Watcher sees hours as they are complete, in the order of each cache's rows.
type Watcher interface {
	Hour(cache *Cache, slot int, h *Hour)
}

// Hour is what one clock hour of a cache asked for at most.
type Hour struct {
	Start    int64 // seconds since 1970
	Ops      int64 // millionths of a command/s
	Transfer int64 // bytes/s
	Stored   int64 // bytes
}

// Slot is what a month or a day of a cache comes to. Volumes are sums over
// the rows, sizes sums over rows to be divided by the rows an hour.
type Slot struct {
	Hours     int64 // clock hours that have a row
	Rows      int64
	Commands  int64
	Reads     int64
	Writes    int64
	MilliECPU int64
	Transfer  int64
	Written   int64
	Stored    int64 // bytes, summed over rows
	StoredMax int64 // the hour's largest size for each of its rows, summed
	TopOps    int64 // millionths of a command/s, the highest row
	TopStored int64 // bytes, the highest row
	ECPUShort int64 // thousandths of ECPU by which hours are short of Options.MinECPU, summed
}

// Below is what lies below one minimum in a slot: the rows of hours that do,
// and their bytes.
type Below struct{ Rows, Stored int64 }

// Peak is the highest row of a kind and when it was.
type Peak struct {
	Value int64
	At    int64 // seconds since 1970
}

// Cache is what was seen of one cache.
type Cache struct {
	Name  string
	First int64 // the first row, seconds since 1970
	Last  int64 // the last row
	From  int   // the slot of the first row
	Slots []Slot
	below []Below // floors of the first slot, of the second, …

	Ops      Peak // millionths of a command/s
	Transfer Peak // bytes/s, rounded up
	ECPU     Peak // ECPU/s, rounded up
	Held     Peak // bytes

	Missing int64 // rows that the file leaves out
	Gaps    []Gap // the first of them

	slotEnd int64 // the end of the last slot
	slot    *Slot
	hour    openHour
	row     sample // the last one, for gaps that are held
	rowAt   int64  // its number in the file
}

// Gap is a run of rows that are not in the file.
type Gap struct {
	Cache    string
	From, To int64 // the first and the last that is missing
	Rows     int64
}

// maxGaps bounds the gaps that are kept by name.
const maxGaps = 10

// openHour is the clock hour that the last rows belong to.
type openHour struct {
	start                      int64
	rows                       int64
	stored, top, ops, transfer int64 // the sum of the sizes, and the highest of each
	ecpu                       int64 // thousandths, summed
}

// sample is what one row says, as its columns have it.
type sample [inputs]int64

// Series is a file that was read.
type Series struct {
	File    string
	Caches  []*Cache // in order of their first rows
	Every   int64    // seconds between rows
	From    int64    // the first row, seconds since 1970
	To      int64    // the end of the last row
	Rows    int64
	Gaps    []Gap
	Missing int64
	Uncut   bool     // the last line has its end
	Unused  []string // columns that nothing reads

	opt      Options
	cal      *calendar
	split    bool // the file tells reads and writes apart
	directed bool // it tells bytes in and out apart
}

var (
	errSpan = errors.New("the file spans more than 50 years; check this time")
)

// atLeast is the stored data with every hour raised to a floor, in parts of a
// byte-hour. It is exact except for sizes beyond those of any service.
func (s *Series) atLeast(sl *Slot, b Below, f workload.Floor) (parts, fine int64, err error) {
	sum := sl.Stored
	if f.Highest {
		sum = sl.StoredMax
	}
	// ((sum − below) × den + rows below × num) ÷ (den × rows an hour)
	hi, lo := bits.Mul64(uint64(sum-b.Stored), uint64(f.Den))
	hi2, lo2 := bits.Mul64(uint64(b.Rows), uint64(f.Num))
	lo, carry := bits.Add64(lo, lo2, 0)
	hi, _ = bits.Add64(hi, hi2, carry)
	perHour := 3600 / s.Every
	if hi == 0 && lo < 1<<62 {
		return int64(lo), f.Den * perHour, nil
	}
	den := uint64(f.Den * perHour)
	if hi >= den {
		return 0, 1, unit.ErrRange
	}
	q, r := bits.Div64(hi, lo, den)
	if r >= den-r {
		q++
	}
	if q > 1<<62 {
		return 0, 1, unit.ErrRange
	}
	return int64(q), 1, nil
}

// SlotName is a month as 2026-03 or a day as 2026-03-29.
func (s *Series) SlotName(slot int) string {
	if s.opt.ByDay {
		return s.day(slot).Format(time.DateOnly)
	}
	return s.cal.name(slot)
}

// day is the day of a slot, from the first month's first day on.
func (s *Series) day(slot int) time.Time { return s.cal.first.AddDate(0, 0, slot) }

// Month is the month of a slot: its name, and its hours by the calendar.
func (s *Series) Month(slot int) (name string, hours int64) {
	month := s.monthOf(slot)
	_, _, hours = s.cal.span(month)
	return s.cal.name(month), hours
}

// slotOf finds the slot of a moment and where it ends.
func (s *Series) slotOf(at int64) (slot int, end int64, err error) {
	month, err := s.cal.month(at)
	if err != nil {
		return 0, 0, err
	}
	if !s.opt.ByDay {
		return month, s.cal.start(month + 1), nil
	}
	t := time.Unix(at, 0).In(s.cal.zone)
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	first := time.Date(s.cal.first.Year(), s.cal.first.Month(), 1, 0, 0, 0, 0, time.UTC)
	slot = int(day.Sub(first) / (24 * time.Hour))
	return slot, s.day(slot + 1).Unix(), nil
}

// Local is a moment as the report prints it.
func (s *Series) Local(at int64) time.Time { return time.Unix(at, 0).In(s.opt.Zone) }

// reader is a Series that is being read.
type reader struct {
	Series
	in      *columns.Reader
	layout  *layout
	present []input // that the file has
	byName  map[string]*Cache
	clock   clock
	current *Cache
	waiting []waiting // rows before the interval is known
	plain   bool      // the fast way counts all columns
	lim     limits
}

// waiting is a row that waits for the interval.
type waiting struct {
	cache *Cache
	at    int64
	row   sample
}
