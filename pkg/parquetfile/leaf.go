package parquetfile

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"github.com/keynest/keynest/pkg/columns"
	"github.com/keynest/keynest/pkg/unit"
)

// leaf is a column of a Parquet file and how it is read as the kind that was
// asked for.
type leaf struct {
	column  columns.Column
	index   int
	defined byte // the definition level of a value that is there
	kind    parquet.Kind
	perSec  int64 // of a timestamp: its units a second; 0 for none
	local   bool  // of a timestamp: it is a clock of the wall
	date    bool
	decimal bool
	tenths  int // of a decimal: its digits after the point
}

// isFlat says whether a column holds one value a row.
func isFlat(c *parquet.Column) bool {
	return c != nil && c.Leaf() && !c.Repeated() && c.MaxRepetitionLevel() == 0
}

func newLeaf(file string, c *parquet.Column, want columns.Column) (leaf, error) {
	fail := func(words string) (leaf, error) {
		return leaf{}, &columns.Error{File: file, Column: want.Name, Words: words}
	}
	if !isFlat(c) {
		return fail("this is a group or a list; a flat column is needed")
	}
	l := leaf{column: want, index: c.Index(), defined: byte(c.MaxDefinitionLevel()), kind: c.Type().Kind()}
	l.logical(c.Type())
	ok := true
	switch want.Kind {
	case columns.Printed:
		ok = l.kind != parquet.Boolean
	case columns.Text:
		ok = l.kind == parquet.ByteArray
	case columns.Time:
		ok = l.kind == parquet.ByteArray || l.kind == parquet.Int64 || l.kind == parquet.Int96 || l.kind == parquet.Int32 && l.date
	case columns.Number:
		ok = (l.kind == parquet.Int32 || l.kind == parquet.Int64 || l.kind == parquet.Float || l.kind == parquet.Double || l.kind == parquet.ByteArray) && l.perSec == 0 && !l.date
	}
	if !ok {
		return fail(fmt.Sprintf("the column is %s, which is read as no %s", c.Type(), []string{"text", "number", "time", "text"}[want.Kind]))
	}
	return l, nil
}

// logical reads what the numbers of a column stand for.
func (l *leaf) logical(t parquet.Type) {
	if logical := t.LogicalType(); logical != nil {
		switch {
		case logical.Timestamp != nil:
			l.local = !logical.Timestamp.IsAdjustedToUTC
			switch unit := logical.Timestamp.Unit; {
			case unit.Millis != nil:
				l.perSec = 1e3
			case unit.Micros != nil:
				l.perSec = 1e6
			default:
				l.perSec = 1e9
			}
		case logical.Date != nil:
			l.date = true
		case logical.Decimal != nil:
			l.decimal, l.tenths = true, int(logical.Decimal.Scale)
		}
		return
	}
	if converted := t.ConvertedType(); converted != nil {
		switch *converted {
		case deprecated.TimestampMillis:
			l.perSec = 1e3
		case deprecated.TimestampMicros:
			l.perSec = 1e6
		case deprecated.Date:
			l.date = true
		}
	}
}

// values are the values of a page or a dictionary, and the text they are in.
func (l *leaf) values(page parquet.Page) ([]int64, []byte, error) {
	data := page.Data()
	if l.column.Kind == columns.Printed {
		return l.printed(data)
	}
	switch l.kind {
	case parquet.Int64:
		list, err := each(l, data.Int64(), l.integer)
		return list, nil, err
	case parquet.Int32:
		list, err := each(l, data.Int32(), func(v int32) (int64, error) { return l.integer(int64(v)) })
		return list, nil, err
	case parquet.Int96:
		list, err := each(l, data.Int96(), l.julian)
		return list, nil, err
	case parquet.Double:
		list, err := each(l, data.Double(), l.double)
		return list, nil, err
	case parquet.Float:
		list, err := each(l, data.Float(), func(v float32) (int64, error) { return l.double(float64(v)) })
		return list, nil, err
	}
	bytes, offsets := data.ByteArray()
	return l.texts(bytes, offsets)
}

func each[T any](l *leaf, from []T, convert func(T) (int64, error)) ([]int64, error) {
	list := make([]int64, len(from))
	for i, v := range from {
		n, err := convert(v)
		if err != nil {
			return nil, &cellError{i, l.column.Name, fmt.Sprintf("%v %v", v, err)}
		}
		list[i] = n
	}
	return list, nil
}

// texts are cells of text, or what their text says.
func (l *leaf) texts(bytes []byte, offsets []uint32) ([]int64, []byte, error) {
	n := max(len(offsets)-1, 0)
	list := make([]int64, n)
	var day columns.TimeParser
	for i := range n {
		cell := bytes[offsets[i]:offsets[i+1]]
		var err error
		switch l.column.Kind {
		case columns.Text, columns.Printed:
			list[i] = columns.TextCell(offsets[i], offsets[i+1])
			continue
		case columns.Time:
			var s columns.Stamp
			s, err = day.Parse(cell)
			list[i] = int64(s)
		default:
			list[i], err = columns.ParseNumber(cell, l.column.Scale)
		}
		if err != nil {
			return nil, nil, &cellError{i, l.column.Name, fmt.Sprintf("%q %v", columns.Clip(cell), err)}
		}
	}
	if !l.column.Kind.IsText() {
		return list, nil, nil
	}
	return list, append([]byte(nil), bytes...), nil // the page is used again
}

func (l *leaf) integer(v int64) (int64, error) {
	if l.column.Kind == columns.Time {
		return l.moment(v)
	}
	switch {
	case v < 0:
		return 0, columns.ErrNegative
	case l.tenths != 0:
		return columns.Scaled(uint64(v), -l.tenths, l.column.Scale)
	case l.column.Scale == 1:
		return v, nil
	}
	return unit.MulDiv(uint64(v), uint64(l.column.Scale), 1)
}

// moment is a timestamp, a date or a count since 1970.
func (l *leaf) moment(v int64) (int64, error) {
	switch {
	case v < 0:
		return 0, errors.New("is before 1970")
	case l.date && v < 1<<24:
		return int64(columns.LocalStamp(v * 86400)), nil
	case l.perSec == 0:
		s, err := columns.ParseUnix(strconv.AppendInt(nil, v, 10))
		return int64(s), err
	case v/l.perSec > 253402300799: // the end of the year 9999
		return 0, columns.ErrTime
	case l.local:
		return int64(columns.LocalStamp(v / l.perSec)), nil
	}
	return int64(columns.NewStamp(v/l.perSec, 0)), nil
}

// julian is a time as old Parquet has it: nanoseconds of a day of Julius Scaliger.
func (l *leaf) julian(v deprecated.Int96) (int64, error) {
	nanos := int64(v[1])<<32 | int64(v[0])
	day := int64(v[2]) - 2440588 // of 1970-01-01
	if day < 0 || nanos < 0 || nanos >= 86400*1e9 {
		return 0, columns.ErrTime
	}
	return int64(columns.NewStamp(day*86400+nanos/1e9, 0)), nil
}

// double is a float of a file, whose shortest text is what it means.
func (l *leaf) double(v float64) (int64, error) {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return 0, columns.ErrNumber
	case v >= 0 && v < 1<<53 && v == math.Trunc(v):
		return unit.MulDiv(uint64(v), uint64(l.column.Scale), 1)
	}
	return columns.ParseNumber(strconv.AppendFloat(nil, v, 'g', -1, 64), l.column.Scale)
}
