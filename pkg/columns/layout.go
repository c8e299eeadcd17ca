package columns

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// layout is what to do with each cell of a line.
type layout struct {
	comma byte
	head  []string
	cells []cellPlan // by position in the line
	need  int        // cells that a line must have to hold all columns asked for
}

type cellPlan struct {
	slots []int // columns that take it; none skips it
	kind  Kind
	scale int64
}

func newLayout(r *Reader, comma byte) *layout {
	l := &layout{comma: comma, head: r.head, cells: make([]cellPlan, len(r.head))}
	for i, name := range r.head {
		for slot, c := range r.columns {
			if c.Name == name {
				l.cells[i] = cellPlan{append(l.cells[i].slots, slot), c.Kind, c.Scale}
				l.need = i + 1
			}
		}
	}
	return l
}

// parse reads whole lines into a batch.
func (l *layout) parse(b *Batch, text []byte) parsed {
	b.text, b.Rows = text, 0
	most := bytes.Count(text, []byte{'\n'}) + 1
	for i := range b.Cells {
		b.Cells[i] = slices.Grow(b.Cells[i][:0], most)[:most]
	}
	var day TimeParser
	for at := 0; at < len(text); {
		end, fail := l.line(b, text, at, &day)
		if fail != nil {
			return parsed{err: fail}
		}
		at = end
	}
	return parsed{batch: b}
}

// line reads one line into the batch and returns where the next begins.
func (l *layout) line(b *Batch, text []byte, at int, day *TimeParser) (int, *cellError) {
	if text[at] == '\n' || text[at] == '\r' && (at+1 == len(text) || text[at+1] == '\n') {
		return skipBreak(text, at), nil // an empty line
	}
	row := b.Rows
	for i := range l.cells {
		plan := &l.cells[i]
		start := at
		var err error
		if plan.slots == nil {
			at = l.skip(text, at)
		} else {
			at, err = l.cell(b, plan, row, text, at, day)
		}
		if at < 0 {
			return 0, &cellError{row, l.head[i], "a quotation mark is not closed"}
		}
		if err != nil {
			return 0, &cellError{row, l.head[i], fmt.Sprintf("%q %v", Clip(bytes.Trim(text[start:at], "\"")), err)}
		}
		if at < len(text) && text[at] == l.comma {
			at++
			if i+1 == len(l.cells) {
				return 0, &cellError{row, "", fmt.Sprintf("the row has more cells than the %d columns of the head", len(l.head))}
			}
			continue
		}
		if i+1 < len(l.cells) {
			words := fmt.Sprintf("the row ends here; the head has %d columns", len(l.head))
			if at == len(text) {
				words = "the file ends in the middle of this row: it was cut"
			}
			return 0, &cellError{row, l.head[i], words}
		}
	}
	b.Rows++
	return skipBreak(text, at), nil
}

func skipBreak(text []byte, at int) int {
	if at < len(text) && text[at] == '\r' {
		at++
	}
	if at < len(text) && text[at] == '\n' {
		at++
	}
	return at
}

// skip is the end of a cell that nobody asked for, or -1.
func (l *layout) skip(text []byte, at int) int {
	if at < len(text) && text[at] == '"' {
		return quotedEnd(text, at)
	}
	return l.end(text, at)
}

// end is where a cell without quotation marks ends.
func (l *layout) end(text []byte, at int) int {
	for at < len(text) && text[at] != l.comma && text[at] != '\n' && (text[at] != '\r' || !atBreak(text, at)) {
		at++
	}
	return at
}

func atBreak(text []byte, at int) bool { return at+1 >= len(text) || text[at+1] == '\n' }

// quotedEnd is the end of a cell in quotation marks, or -1.
func quotedEnd(text []byte, at int) int {
	for at++; at < len(text); at++ {
		if text[at] == '"' {
			if at+1 < len(text) && text[at+1] == '"' {
				at++
				continue
			}
			return at + 1
		}
	}
	return -1
}

// cell reads a cell into its columns.
func (l *layout) cell(b *Batch, plan *cellPlan, row int, text []byte, at int, day *TimeParser) (int, error) {
	if plan.kind == Number && plan.scale == 1 && len(plan.slots) == 1 {
		// Whole numbers, which most are.
		n, i := uint64(0), at
		for i < len(text) && text[i]-'0' <= 9 {
			n = n*10 + uint64(text[i]-'0')
			i++
		}
		if i > at && i-at <= 18 && (i == len(text) || text[i] == l.comma || text[i] == '\n') {
			b.Cells[plan.slots[0]][row] = int64(n)
			return i, nil
		}
	}
	start, end := at, 0
	next := 0
	if at < len(text) && text[at] == '"' {
		if next = quotedEnd(text, at); next < 0 {
			return -1, nil
		}
		start, end = at+1, next-1
		if next < len(text) && text[next] != l.comma && text[next] != '\n' && text[next] != '\r' {
			return next, fmt.Errorf("goes on after its quotation mark")
		}
	} else {
		next = l.end(text, at)
		end = next
	}
	v, err := plan.value(b, row, text, start, end, day)
	if err != nil {
		return next, err
	}
	for _, slot := range plan.slots {
		b.Cells[slot][row] = v
	}
	return next, nil
}

func (plan *cellPlan) value(b *Batch, row int, text []byte, start, end int, day *TimeParser) (int64, error) {
	cell := text[start:end]
	switch plan.kind {
	case Number:
		return ParseNumber(bytes.TrimSpace(cell), plan.scale)
	case Time:
		cell = bytes.TrimSpace(cell)
		if len(cell) == 0 {
			return Absent, nil
		}
		s, err := day.Parse(cell)
		return int64(s), err
	}
	if bytes.IndexByte(cell, '"') >= 0 { // doubled within quotation marks
		single := strings.ReplaceAll(string(cell), `""`, `"`)
		end = start + copy(text[start:], single)
		for i := end; i < start+len(cell); i++ {
			text[i] = ' ' // nobody reads it again
		}
		cell = text[start:end]
	}
	if row > 0 {
		before := uint64(b.Cells[plan.slots[0]][row-1])
		if bytes.Equal(text[before>>32:uint32(before)], cell) {
			return int64(before), nil
		}
	}
	return int64(uint64(start)<<32 | uint64(end)), nil
}

// field reads the first cell of a head and how many bytes it takes.
func field(line []byte, comma byte) (cell []byte, n int, ok bool) {
	if len(line) > 0 && line[0] == '"' {
		end := quotedEnd(line, 0)
		if end < 0 {
			return nil, 0, false
		}
		return bytes.ReplaceAll(line[1:end-1], []byte(`""`), []byte(`"`)), end, true
	}
	if i := bytes.IndexByte(line, comma); i >= 0 {
		return line[:i], i, true
	}
	return line, len(line), true
}
