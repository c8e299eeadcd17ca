package reconcile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/columns"
)

// Input is a billing export. At and Size are of a file that can be read from its
// end, as Parquet is; At is nil for a stream.
type Input struct {
	Name string
	// Table opens a file of another format, such as Parquet; nil for what R holds:
	// CSV or JSON lines, plain or in gzip.
	Table func() (*columns.Reader, error)
	R     io.Reader
}

// Error is a fault in an export that its owner can fix.
type Error struct {
	File  string
	Place string // ", row 5 (line 6), column Cost"; "" for the file as a whole
	Words string
}

func (e *Error) Error() string { return e.File + e.Place + ": " + e.Words }

// row is a line of an export.
type row struct {
	number int64 // in its file, from 1
	cells  [nFields][]byte
}

// source gives the rows of an export.
type source struct {
	name   string
	format *Format
	// each calls see with every row; the cells of a row are good until it returns.
	// Of a row whose service does not count only the billed amount is there.
	each func(counts func(service, provider []byte) bool, see func(r *row, counts bool) error) error
	// fail places an error at a field of a row.
	fail func(number int64, f field, format string, args ...any) error
}

// open recognises an export by its content.
func (r *Rules) open(in Input) (*source, func(), error) {
	done := func() {}
	if in.Table != nil {
		table, err := in.Table()
		if err != nil {
			return nil, done, err
		}
		s, err := r.openTable(in.Name, table)
		return s, table.Close, err
	}
	text := bufio.NewReaderSize(in.R, 256<<10)
	magic, _ := text.Peek(2)
	if bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(text)
		if err != nil {
			return nil, done, &Error{File: in.Name, Words: "this gzip file is incomplete; it was cut off"}
		}
		text = bufio.NewReaderSize(z, 256<<10)
	}
	if first := firstByte(text); first == '{' || first == '[' {
		s, err := r.openJSON(in.Name, text)
		return s, done, err
	}
	table, err := columns.Open(in.Name, text)
	if err != nil {
		return nil, done, err
	}
	s, err := r.openTable(in.Name, table)
	return s, table.Close, err
}

// firstByte is the first byte of a text that is no blank, nor of a byte order
// mark; it stays to be read.
func firstByte(text *bufio.Reader) byte {
	if mark, _ := text.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = text.Discard(3)
	}
	for {
		b, err := text.Peek(1)
		if err != nil {
			return 0
		}
		if b[0] != ' ' && b[0] != '\t' && b[0] != '\r' && b[0] != '\n' {
			return b[0]
		}
		_, _ = text.Discard(1)
	}
}

// recognise finds the format of an export by the names that it has.
func (r *Rules) recognise(name, shape string, has func(string) bool) (*Format, error) {
	var best, near *Format
	most := 0
	for _, id := range slices.Sorted(maps.Keys(r.Format)) {
		f := r.Format[id]
		if f.Shape != shape {
			continue
		}
		if !slices.ContainsFunc(f.KnownBy, func(c string) bool { return !has(c) }) && (best == nil || len(f.KnownBy) > len(best.KnownBy)) {
			best = f
		}
		n := 0
		for _, list := range f.Columns {
			if slices.ContainsFunc(list, has) {
				n++
			}
		}
		if n > most {
			near, most = f, n
		}
	}
	const enough = 4 // columns that are no accident
	if best == nil && most >= enough {
		best = near
	}
	if best == nil {
		var all []string
		for _, id := range slices.Sorted(maps.Keys(r.Format)) {
			all = append(all, r.Format[id].Name)
		}
		return nil, &Error{File: name, Words: "this is not a known billing export; known: " + strings.Join(all, ", ")}
	}
	var missing []string
	for _, c := range best.KnownBy {
		if !has(c) {
			missing = append(missing, c)
		}
	}
	for _, need := range best.Needs {
		if list := best.Columns[need]; !slices.ContainsFunc(list, has) && !slices.ContainsFunc(list, func(c string) bool { return slices.Contains(missing, c) }) {
			missing = append(missing, strings.Join(list, " or "))
		}
	}
	if missing != nil {
		return nil, &Error{File: name, Words: fmt.Sprintf("this looks like %s, but lacks columns that reconcile needs: %s", best.Name, strings.Join(missing, "; "))}
	}
	return best, nil
}

// table reads rows from named columns.
type table struct {
	in     *columns.Reader
	format *Format
	slots  [nFields][]int // by field: the columns that it can stand in
	names  []columns.Column
}

func (r *Rules) openTable(name string, in *columns.Reader) (*source, error) {
	head := map[string]bool{}
	for _, h := range in.Head() {
		head[h] = head[h] || in.Flat(h)
	}
	f, err := r.recognise(name, "table", func(c string) bool { return head[c] })
	if err != nil {
		in.Close()
		return nil, err
	}
	t := &table{in: in, format: f}
	for i, field := range fieldNames() {
		for _, c := range f.Columns[field] {
			if head[c] {
				t.slots[i] = append(t.slots[i], len(t.names))
				t.names = append(t.names, columns.Column{Name: c, Kind: columns.Printed})
			}
		}
	}
	if err := in.Read(t.names); err != nil {
		in.Close()
		return nil, err
	}
	return &source{name: name, format: f, each: t.each, fail: t.fail}, nil
}

func (t *table) fail(number int64, f field, format string, args ...any) error {
	column := ""
	if f >= 0 && len(t.slots[f]) > 0 {
		column = t.names[t.slots[f][0]].Name
	}
	return t.in.Fail(number, column, format, args...)
}

func (t *table) each(counts func(service, provider []byte) bool, see func(*row, bool) error) error {
	one := &row{}
	for {
		b, err := t.in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		last, counted := [2]int64{-1, -1}, false
		for i := range b.Rows {
			one.number = b.First + int64(i)
			if at := [2]int64{t.at(b, fService, i), t.at(b, fProvider, i)}; at != last || at[0] < 0 {
				last, counted = at, counts(t.cell(b, fService, i), t.cell(b, fProvider, i))
			}
			if !counted {
				one.cells[fBilled] = t.cell(b, fBilled, i)
			} else {
				for f := range nFields {
					one.cells[f] = t.cell(b, f, i)
				}
			}
			if err := see(one, counted); err != nil {
				return err
			}
		}
	}
}

// at is where the only column of a field has its text; -1 for a field without
// one, -2 for one of several.
func (t *table) at(b *columns.Batch, f field, i int) int64 {
	switch len(t.slots[f]) {
	case 0:
		return -1
	case 1:
		return b.Cell(t.slots[f][0], i)
	}
	return -2
}

// cell is what a row says of a field: the first of its columns that is filled.
func (t *table) cell(b *columns.Batch, f field, i int) []byte {
	for _, slot := range t.slots[f] {
		if c := bytes.TrimSpace(b.Bytes(slot, i)); len(c) > 0 {
			return c
		}
	}
	return nil
}
