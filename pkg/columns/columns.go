// Package columns reads named columns of a table from CSV, plain or in gzip, in
// batches, in the order of the file. Blocks of the file are parsed on several
// processors at once; the batches come back in order, so a caller sees one
// table from top to bottom. Another format is a Source for NewReader, as
// package parquetfile is.
//
// Numbers are whole numbers of a smallest unit (a Scale for each column) and
// never floats. What is wrong is an *Error that names file, row and column.
package columns

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Kind says what a column holds.
type Kind int

// The kinds.
const (
	Text   Kind = iota // as it stands in the file
	Number             // not negative; held × Scale, rounded half up
	Time               // a date and time; see Stamp
	// Printed is Text, also of what Parquet holds as a number or a time: decimals in
	// full, floats as the shortest text that means them, times as in RFC 3339.
	Printed
)

// IsText says whether cells of the kind are text.
func (k Kind) IsText() bool { return k == Text || k == Printed }

// Absent is a Number or a Time that the row does not have: an empty cell. It
// is not zero.
const Absent int64 = -1

// Column is one column to read.
type Column struct {
	Name  string // in the head of the file
	Kind  Kind
	Scale int64 // of a Number: smallest units in one; 0 is 1
}

// Batch is some rows, column by column in the order that was asked for. It is
// good until the next call of Next.
type Batch struct {
	First int64 // the number of its first row in the file, from 1; the head is no row
	Rows  int

	// Cells are the values by column and row. Of a Number or a Time it is the
	// value, of a Text the place in its text, as TextCell makes it.
	Cells [][]int64
	// Texts are the texts by column that cells of Text point into; nil where all
	// columns share one text, as in CSV.
	Texts [][]byte

	text []byte // the block of a CSV, which its text columns share
}

// TextCell is the cell of a text that stands at bytes start to end of its
// column's text.
func TextCell(start, end uint32) int64 { return int64(uint64(start)<<32 | uint64(end)) }

// Ints are the values of a Number or a Time column, one a row.
func (b *Batch) Ints(column int) []int64 { return b.Cells[column][:b.Rows] }

// Bytes is a cell of a Text column. Two rows with one Cell have the same text.
func (b *Batch) Bytes(column, row int) []byte {
	at, text := uint64(b.Cells[column][row]), b.text
	if b.Texts != nil {
		text = b.Texts[column]
	}
	return text[at>>32 : uint32(at)]
}

// Cell is where a text stands. Neighbouring rows with the same text have the same.
func (b *Batch) Cell(column, row int) int64 { return b.Cells[column][row] }

// Error is something wrong in a file.
type Error struct {
	File   string
	Row    int64  // from 1, the head not counted; 0 for the file as a whole
	Line   int64  // of a text file, from 1; 0 where it has none
	Column string // its name in the head, or ""
	Words  string
	cause  error
}

// Unwrap is the error that the words are of, or nil.
func (e *Error) Unwrap() error { return e.cause }

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Row > 0 {
		fmt.Fprintf(&b, ", row %d", e.Row)
		if e.Line > 0 {
			fmt.Fprintf(&b, " (line %d)", e.Line)
		}
	}
	if e.Column != "" {
		fmt.Fprintf(&b, ", column %s", e.Column)
	}
	return b.String() + ": " + e.Words
}

// Source decodes the rows of one format for a Reader.
type Source interface {
	// Next returns the next rows of the wanted columns, or io.EOF after the last.
	// Every call names the same columns. An error about a cell is a *CellError.
	Next(want []Column) (*Batch, error)
	// Recycle takes a batch back that nobody reads any more.
	Recycle(*Batch)
	// Stop ends the decoding; it may be called twice.
	Stop()
	// Flat says whether a column holds one value a row and can be read.
	Flat(column string) bool
}

// CellError is something wrong in a cell of a batch.
type CellError struct {
	Row    int64 // of the file, from 1
	Column string
	Words  string
}

func (e *CellError) Error() string { return e.Words }

// Reader gives the batches of a table. Close ends it early.
type Reader struct {
	file    string
	head    []string
	columns []Column
	source  Source
	last    *Batch
	csv     *csvReader // the source, where the file is text: its rows are lines
}

// NewReader begins a table of another format than CSV; head names its columns.
func NewReader(file string, head []string, source Source) *Reader {
	return &Reader{file: file, head: head, source: source}
}

// Head lists the names of all columns of the file.
func (r *Reader) Head() []string { return r.head }

// Flat says whether a column can be read: groups and lists of Parquet cannot.
func (r *Reader) Flat(column string) bool { return r.source.Flat(column) }

// Read sets the columns to read; it is called once, before Next. A column that
// the head does not have, or has twice, is an error.
func (r *Reader) Read(want []Column) error {
	for _, c := range want {
		n := 0
		for _, h := range r.head {
			if h == c.Name {
				n++
			}
		}
		switch n {
		case 0:
			return &Error{File: r.file, Words: fmt.Sprintf("no column %q; the head has %s", c.Name, strings.Join(r.head, ", "))}
		case 1:
		default:
			return &Error{File: r.file, Column: c.Name, Words: fmt.Sprintf("the head has %d columns of that name", n)}
		}
	}
	r.columns = slices.Clone(want)
	for i := range r.columns {
		r.columns[i].Scale = max(r.columns[i].Scale, 1)
	}
	return nil
}

// Next returns the next rows, or io.EOF after the last.
func (r *Reader) Next() (*Batch, error) {
	if r.last != nil {
		r.source.Recycle(r.last)
		r.last = nil
	}
	b, err := r.source.Next(r.columns)
	var cell *CellError
	if errors.As(err, &cell) {
		return nil, r.Fail(cell.Row, cell.Column, "%s", cell.Words)
	}
	if err != nil {
		return nil, err
	}
	r.last = b
	return b, nil
}

// Close ends the reading.
func (r *Reader) Close() { r.source.Stop() }

// Uncut says, after the last batch, whether the last row of a text file ends
// with a line break. Where it does not, the file may have been cut in its last
// cell, which nobody can tell from a shorter number.
func (r *Reader) Uncut() bool { return r.csv == nil || r.csv.ended }

// Fail makes an Error at a row of the file.
func (r *Reader) Fail(row int64, column, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	e := &Error{File: r.file, Row: row, Column: column, Words: err.Error(), cause: errors.Unwrap(err)}
	if r.csv != nil && row > 0 {
		e.Line = row + 1
	}
	return e
}

// errCut is a compressed file that ends too early.
func errCut(file string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &Error{File: file, Words: "the file ends too early: it was cut"}
	}
	return fmt.Errorf("reading %s: %w", file, err)
}

// Clip keeps an error message short, whatever the cell holds.
func Clip(s []byte) string {
	if len(s) > 40 {
		return string(s[:40]) + "…"
	}
	return string(s)
}
