package parquetfile

import (
	"encoding/binary"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding"

	"github.com/keynest/keynest/pkg/columns"
)

// printed are the values of a page or a dictionary as text.
func (l *leaf) printed(data encoding.Values) ([]int64, []byte, error) {
	switch l.kind {
	case parquet.Int32:
		list := data.Int32()
		return l.print(len(list), func(to []byte, i int) []byte { return l.appendWhole(to, int64(list[i])) })
	case parquet.Int64:
		list := data.Int64()
		return l.print(len(list), func(to []byte, i int) []byte { return l.appendWhole(to, list[i]) })
	case parquet.Int96:
		list := data.Int96()
		return l.print(len(list), func(to []byte, i int) []byte { return appendJulian(to, list[i]) })
	case parquet.Float:
		list := data.Float()
		return l.print(len(list), func(to []byte, i int) []byte { return appendFloat(to, float64(list[i]), 32) })
	case parquet.Double:
		list := data.Double()
		return l.print(len(list), func(to []byte, i int) []byte { return appendFloat(to, list[i], 64) })
	case parquet.FixedLenByteArray:
		bytes, size := data.FixedLenByteArray()
		n := 0
		if size > 0 {
			n = len(bytes) / size
		}
		return l.print(n, func(to []byte, i int) []byte { return l.appendBytes(to, bytes[i*size:(i+1)*size]) })
	}
	bytes, offsets := data.ByteArray()
	if !l.decimal {
		return l.texts(bytes, offsets)
	}
	return l.print(max(len(offsets)-1, 0), func(to []byte, i int) []byte { return l.appendBytes(to, bytes[offsets[i]:offsets[i+1]]) })
}

// print makes the text of n values, one after another.
func (l *leaf) print(n int, value func(to []byte, i int) []byte) ([]int64, []byte, error) {
	list := make([]int64, n)
	text := make([]byte, 0, 12*n)
	for i := range n {
		start := len(text)
		text = value(text, i)
		list[i] = columns.TextCell(uint32(start), uint32(len(text)))
	}
	return list, text, nil
}

// appendWhole prints a whole number for what it stands for.
func (l *leaf) appendWhole(to []byte, v int64) []byte {
	switch {
	case l.date:
		return time.Unix(v*86400, 0).UTC().AppendFormat(to, time.DateOnly)
	case l.perSec > 0:
		return time.Unix(v/l.perSec, v%l.perSec*(1e9/l.perSec)).UTC().AppendFormat(to, time.RFC3339)
	case l.tenths > 0:
		return appendPoint(to, strconv.FormatInt(v, 10), l.tenths)
	}
	return strconv.AppendInt(to, v, 10)
}

// appendBytes prints a decimal that is kept as bytes, most significant first and
// in two's complement, as the format has it; other bytes stand for themselves.
func (l *leaf) appendBytes(to, value []byte) []byte {
	if !l.decimal {
		return append(to, value...)
	}
	n := new(big.Int).SetBytes(value)
	if len(value) > 0 && value[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(value))))
	}
	return appendPoint(to, n.String(), l.tenths)
}

// appendPoint puts the point of a decimal before its last digits.
func appendPoint(to []byte, digits string, after int) []byte {
	if digits[0] == '-' {
		to, digits = append(to, '-'), digits[1:]
	}
	if missing := after + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	to = append(to, digits[:len(digits)-after]...)
	if after > 0 {
		to = append(append(to, '.'), digits[len(digits)-after:]...)
	}
	return to
}

// appendFloat prints a float; one that is no number is an empty cell.
func appendFloat(to []byte, v float64, bits int) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return to
	}
	return strconv.AppendFloat(to, v, 'g', -1, bits)
}

// appendJulian prints a time as old Parquet has it.
func appendJulian(to []byte, v deprecated.Int96) []byte {
	var b [12]byte
	binary.LittleEndian.PutUint32(b[:], v[0])
	binary.LittleEndian.PutUint32(b[4:], v[1])
	nanos := int64(binary.LittleEndian.Uint64(b[:]))
	return time.Unix((int64(v[2])-2440588)*86400, nanos).UTC().AppendFormat(to, time.RFC3339)
}
