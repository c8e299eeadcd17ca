package replay

import (
	"slices"

	"github.com/keynest/keynest/pkg/columns"
	"github.com/keynest/keynest/pkg/unit"
)

// This file is the fast path for the common rows of a file: one cache, hour after
// hour, with figures of a usual size. All other rows, such as one after a gap, in
// another month or with an empty cell, go through take, which also reports errors.
// Both paths count the same.

// usual bounds the figures of the fast path, so that the sum over the 745 hours of
// a month can overflow 64 bits once at most, which shows as a negative sum.
const usual = int64(1) << 53

// plainFile says whether the file has only columns that the fast path counts, and
// no Watcher.
func (r *reader) plainFile() bool {
	counted := []input{inCache, inTime, inCommands, inBytes, inStored, inECPU}
	for i := range inputs {
		if r.layout.has(i) && !slices.Contains(counted, i) {
			return false
		}
	}
	return r.layout.has(inCommands) && r.opt.Grown == 0 && r.opt.Watch == nil
}

// limits are the largest figures of the fast path, and what follows from them.
type limits struct {
	commands int64
	below    []int64 // by floor: data below it is below the floor
	least    int64   // thousandths of ECPU that an hour is billed for
}

func (r *reader) limits() limits {
	l := limits{commands: usual, least: r.opt.MinECPU * 1000 * 3600}
	if !r.layout.has(inECPU) {
		l.commands = usual / 1000
	}
	if !r.layout.has(inBytes) && r.opt.PayloadBytes > 0 {
		l.commands = min(l.commands, usual/r.opt.PayloadBytes)
	}
	for _, f := range r.opt.Floors {
		l.below = append(l.below, unit.CeilDiv(f.Num, f.Den))
	}
	return l
}

// columnsOf are the figures of a batch that the fast path reads; nil for a column
// that the file does not have.
type columnsOf struct {
	stamps, commands, bytes, stored, ecpu []int64
}

// run takes the rows from a place on that are hours of the current cache, each
// one after the hour before, and returns how many they are. The row before must
// have been taken.
func (r *reader) run(b *columns.Batch, row, end int, in *columnsOf) (int, error) {
	c := r.current
	if row >= end || c.slot == nil || c.hour.rows > 0 || c.Ops.At == 0 || c.Held.At == 0 {
		return 0, nil
	}
	// The hours of this month: those whose stamps are an hour apart.
	end = min(end, row+int((c.slotEnd-c.Last-1)/3600))
	if !r.clock.steady(columns.Stamp(in.stamps[row-1]), int64(end-row+1)*3600) {
		return 0, nil
	}
	from := row
	last := columns.Stamp(in.stamps[row-1])
	for row < end {
		next := last.Later(3600)
		if columns.Stamp(in.stamps[row]) != next {
			break
		}
		last = next
		row++
	}
	n := r.sums(c, in, from, row)
	if n == 0 {
		return 0, nil
	}
	sl := c.slot
	if sl.Commands|sl.MilliECPU|sl.Transfer|sl.Stored|sl.StoredMax|sl.ECPUShort < 0 {
		return 0, unit.ErrRange
	}
	sl.Rows += int64(n)
	sl.Hours += int64(n)
	c.Last += int64(n) * 3600
	c.rowAt = b.First + int64(from+n-1)
	for _, s := range []struct {
		to    input
		cells []int64
	}{{inCommands, in.commands}, {inBytes, in.bytes}, {inStored, in.stored}, {inECPU, in.ecpu}} {
		if s.cells != nil {
			c.row[s.to] = s.cells[from+n-1]
		}
	}
	return n, nil
}

// sums adds up rows until one has a figure that is not usual, and returns how
// many it has added.
func (r *reader) sums(c *Cache, in *columnsOf, from, end int) int {
	sl, lim := c.slot, &r.lim
	ops, moved, units, held := c.Ops.Value, c.Transfer.Value, c.ECPU.Value, c.Held.Value
	opsAt, movedAt, unitsAt, heldAt := -1, -1, -1, -1
	var sumOps, sumMoved, sumUnits, sumHeld, short int64
	row := from
	stored := r.opt.StoredBytes
	for ; row < end; row++ {
		commands := in.commands[row]
		if uint64(commands) > uint64(lim.commands) {
			break
		}
		transfer := commands * r.opt.PayloadBytes
		if in.bytes != nil {
			if transfer = in.bytes[row]; uint64(transfer) > uint64(usual) {
				break
			}
		}
		ecpu := max(1000*commands, transfer)
		if in.ecpu != nil {
			if ecpu = in.ecpu[row]; uint64(ecpu) > uint64(usual) {
				break
			}
		}
		if in.stored != nil {
			if stored = in.stored[row]; uint64(stored) > uint64(usual) {
				break
			}
		}
		sumOps, sumMoved, sumUnits, sumHeld = sumOps+commands, sumMoved+transfer, sumUnits+ecpu, sumHeld+stored
		if commands > ops {
			ops, opsAt = commands, row
		}
		if transfer > moved {
			moved, movedAt = transfer, row
		}
		if ecpu > units {
			units, unitsAt = ecpu, row
		}
		if stored > held {
			held, heldAt = stored, row
		}
		if ecpu < lim.least {
			short += lim.least - ecpu
		}
		sl.TopOps, sl.TopStored = max(sl.TopOps, commands), max(sl.TopStored, stored)
	}
	n := row - from
	if n == 0 {
		return 0
	}
	sl.addHours(sumOps, sumMoved, sumUnits, sumHeld, short)
	after := func(row int) int64 { return c.Last + int64(row-from+1)*3600 }
	c.Ops.raise(ops, opsAt, after)
	c.Transfer.raise(moved, movedAt, after)
	c.ECPU.raise(units, unitsAt, after)
	c.Held.raise(held, heldAt, after)
	r.below(c, in, from, row, stored, sumHeld)
	return n
}

// addHours adds what hours have in all: commands, bytes moved, thousandths of an
// ECPU, bytes stored in each hour, and the thousandths that they are below the floor.
func (sl *Slot) addHours(commands, moved, units, held, short int64) {
	sl.Commands += commands
	sl.Transfer += moved
	sl.MilliECPU += units
	sl.Stored += held
	sl.StoredMax += held
	sl.ECPUShort += short
}

// raise makes value the peak, at the time of its row; a row below 0 means that no
// value was higher.
func (p *Peak) raise(value int64, row int, at func(row int) int64) {
	if row >= 0 {
		*p = Peak{value, at(row)}
	}
}

// below adds the hours of the rows from from to end that hold less than each least
// size. Where the file has no sizes, every row holds stored bytes, sum in all.
func (r *reader) below(c *Cache, in *columnsOf, from, end int, stored, sum int64) {
	below := c.below[len(c.below)-len(r.lim.below):]
	for i, least := range r.lim.below {
		hours, bytes := int64(0), int64(0)
		if in.stored == nil {
			if stored < least {
				hours, bytes = int64(end-from), sum
			}
		} else {
			for _, v := range in.stored[from:end] {
				if v < least {
					hours++
					bytes += v
				}
			}
		}
		below[i].Rows += hours
		below[i].Stored += bytes
	}
}
