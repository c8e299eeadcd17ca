package parquetfile

import (
	"bytes"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/keynest/keynest/pkg/columns"
)

// TestPrinted: what Parquet holds as numbers and times, as text. A decimal of 16
// bytes is in two's complement, most significant byte first.
func TestPrinted(t *testing.T) {
	type row struct {
		Whole  int64     `parquet:"whole"`
		Small  int32     `parquet:"small"`
		Double float64   `parquet:"double"`
		Cents  int64     `parquet:"cents,decimal(2:18)"`
		Wide   [16]byte  `parquet:"wide,decimal(10:38)"`
		Time   time.Time `parquet:"time,timestamp(millisecond)"`
		Day    int32     `parquet:"day,date"`
		Text   string    `parquet:"text"`
		Maybe  *float64  `parquet:"maybe,optional"`
	}
	minus := [16]byte{}
	for i := range minus {
		minus[i] = 0xff // -1
	}
	half := 0.5
	var file bytes.Buffer
	w := parquet.NewGenericWriter[row](&file)
	_, err := w.Write([]row{
		{-5, 7, 2.4e-9, -5, [16]byte{15: 25}, time.Date(2026, 10, 1, 1, 2, 3, 0, time.UTC), 20727, "a", nil},
		{12, -1, 103.5648, 12345, minus, time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC), 0, "", &half},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := Open("a", bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var want []columns.Column
	for _, name := range r.Head() {
		want = append(want, columns.Column{Name: name, Kind: columns.Printed})
	}
	// 20,727 days after 1970-01-01 are 2026-10-01; 25 with ten decimals are 0.0000000025.
	text := "-5|7|2.4e-09|-0.05|0.0000000025|2026-10-01T01:02:03Z|2026-10-01|a||\n" +
		"12|-1|103.5648|123.45|-0.0000000001|1969-12-31T00:00:00Z|1970-01-01||0.5|\n"
	if got, err := table(t, r, want); err != nil || got != text {
		t.Errorf("%v:\n%s\nwant\n%s", err, got, text)
	}
}
