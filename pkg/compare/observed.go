package compare

import (
	"fmt"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/commands"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Counted is an offer's bill with the commands counted by its vendor's rule,
// beside the bill for the plain number of commands.
type Counted struct {
	Plain *bill.Bill
	Bill  *bill.Bill
	// Low is the bill under the interpretation of unpublished rules with the
	// fewest billed commands, High under that with the most; nil if it cannot
	// be priced. Both equal Bill.Total if all rules are published.
	Low, High *money.USD
	Billed    int64 // commands a month, or thousandths of an ECPU
	ECPU      *commands.ECPU
	Unbilled  int64 // commands a month that the vendor leaves out
}

// maxObserved is above what a server can count of one command: a million calls
// a second for 31 years.
const maxObserved = 1e15

// countedBill is the bill of an offer by its vendor's rule for counting, or
// nil.
func (c *Comparison) countedBill(o *bill.Offer) *bill.Bill {
	for i := range c.Counted {
		if c.Counted[i].Bill.Offer == o.Card {
			return c.Counted[i].Bill
		}
	}
	return nil
}

// count prices the offers whose cards say which commands are not counted. The
// mix of commands is the observed one, their number is the workload's.
func (f *Field) count(w workload.Workload, seen *workload.Observed) ([]Counted, error) {
	tally, classes, commandsSeen, err := tallied(&w, seen)
	if err != nil {
		return nil, err
	}
	plain, err := w.Usage()
	if err != nil {
		return nil, err
	}
	var list []Counted
	for _, o := range f.Offers {
		charge := counting(o)
		if charge == nil {
			continue
		}
		c := Counted{}
		usages, err := c.usages(plain, w, tally, classes, charge, commandsSeen)
		if err != nil {
			return nil, fmt.Errorf("workload %q on %s: %w", w.Name, o.Card.ID, err)
		}
		if c.Plain, err = o.Bill(&plain); err != nil {
			return nil, err
		}
		if c.Bill, err = o.Bill(&usages[1]); err != nil {
			return nil, err
		}
		if c.Low, err = counts(o, &usages[0]); err != nil {
			return nil, err
		}
		if c.High, err = counts(o, &usages[2]); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// tallied is what a server counted, after checks, with the bytes that its
// commands moved. n is the number of commands that served the application.
func tallied(w *workload.Workload, seen *workload.Observed) (tally commands.Tally, classes commands.Classes, n int64, err error) {
	for _, counts := range []map[string]int64{seen.Counts, seen.Usec} {
		for command, n := range counts {
			if n < 0 || n > maxObserved {
				return tally, classes, 0, fmt.Errorf("workload %q: observed.counts has %d for %q; counts are from 0 to %d", w.Name, n, command, int64(maxObserved))
			}
		}
	}
	if seen.FanOutBytes < 0 {
		return tally, classes, 0, fmt.Errorf("workload %q: observed.fan_out_bytes is %d; it must be 0 or more", w.Name, seen.FanOutBytes)
	}
	tally = commands.Tally{Counts: seen.Counts, Usec: seen.Usec, FanOut: seen.FanOutBytes}
	classes = commands.NewClasses()
	var mix commands.Mix
	mix.Add(classes, seen.Counts)
	if mix.Workload() <= 0 {
		return tally, classes, 0, fmt.Errorf("workload %q: observed.counts has no command of an application", w.Name)
	}
	if w.Commands > 0 {
		moved, err := unit.MulDiv(uint64(w.TransferBytes), uint64(mix.Workload()), uint64(w.Commands))
		if err != nil {
			return tally, classes, 0, fmt.Errorf("workload %q: its commands move too many bytes to count", w.Name)
		}
		tally.Moved = moved
	}
	if seen.Sizes != nil && seen.Sizes.MeanKB != "" {
		kB, err := unit.Scaled(string(seen.Sizes.MeanKB), 1000)
		if err != nil {
			return tally, classes, 0, fmt.Errorf("workload %q: mean_kb of its observed sizes: %w", w.Name, err)
		}
		tally.Milli1kB = kB
	}
	return tally, classes, mix.Workload(), nil
}

// counts is an offer's total, or nil where it has none.
func counts(o *bill.Offer, u *workload.Usage) (*money.USD, error) {
	total, status, err := o.Total(u)
	if err != nil || status != bill.Priced && status != bill.Incomplete {
		return nil, err
	}
	return &total, nil
}

// counting is the charge whose card lists commands that are not counted, or
// nil.
func counting(o *bill.Offer) *ratecard.Charge {
	if o.Version == nil {
		return nil
	}
	for i := range o.Version.Charges {
		if c := &o.Version.Charges[i]; c.Uncounted != nil {
			return c
		}
	}
	return nil
}

// usages are the month's quantities under the lightest, the middle and the
// heaviest interpretation.
func (c *Counted) usages(plain workload.Usage, w workload.Workload, tally commands.Tally, classes commands.Classes,
	charge *ratecard.Charge, observed int64) (readings [3]workload.Usage, err error) {
	month := func(n int64) int64 {
		if err != nil {
			return 0
		}
		var v int64
		v, err = unit.MulDiv(uint64(n), uint64(w.Commands), uint64(observed))
		return v
	}
	for i := range readings {
		readings[i] = plain
	}
	if charge.Meter != ratecard.MeterECPU {
		b := tally.Bill(classes, charge.Uncounted)
		c.Billed, c.Unbilled = month(b.Commands), month(b.Unbilled)
		for i := range readings {
			u := &readings[i]
			u.Commands, u.Writes, u.Reads = c.Billed, month(b.Writes), month(b.Reads())
			copies, e := unit.Mul(u.Writes, w.ReadRegions)
			if e == nil {
				u.ReplicatedCommands, e = unit.Add(c.Billed, copies)
			}
			if e != nil {
				return readings, e
			}
		}
		return readings, err
	}
	e, err := tally.ECPU(classes, charge.Uncounted)
	if err != nil {
		return readings, err
	}
	c.ECPU, c.Billed, c.Unbilled = &e, month(e.Milli), month(e.Unbilled)
	for i, milli := range []int64{e.Low, e.Milli, e.High} {
		u := &readings[i]
		u.MilliECPU = month(milli)
		if err == nil && plain.MilliECPU > 0 {
			u.PeakECPU, err = unit.MulDiv(uint64(plain.PeakECPU), uint64(u.MilliECPU), uint64(plain.MilliECPU))
		}
	}
	return readings, err
}
