package parquetfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/keynest/keynest/pkg/columns"
)

// table prints a table as it was read, a row a line; times, which are in UTC, as
// seconds since 1970.
func table(t *testing.T, r *columns.Reader, want []columns.Column) (string, error) {
	t.Helper()
	defer r.Close()
	if err := r.Read(want); err != nil {
		return "", err
	}
	var out strings.Builder
	for row := int64(1); ; {
		b, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out.String(), nil
		}
		if err != nil {
			return out.String(), err
		}
		if b.First != row {
			t.Errorf("a batch begins with row %d, not %d", b.First, row)
		}
		row += int64(b.Rows)
		for i := range b.Rows {
			for j, c := range want {
				switch {
				case c.Kind.IsText():
					fmt.Fprintf(&out, "%s|", b.Bytes(j, i))
				case c.Kind == columns.Time:
					s := columns.Stamp(b.Ints(j)[i])
					if offset, ok := s.Zone(); !ok || offset != 0 {
						t.Fatalf("row %d is not in UTC", i)
					}
					fmt.Fprintf(&out, "%d|", s.Wall())
				default:
					fmt.Fprintf(&out, "%d|", b.Ints(j)[i])
				}
			}
			out.WriteString("\n")
		}
	}
}

type pets struct {
	Cache string    `parquet:"cache"`
	Time  time.Time `parquet:"time,timestamp(microsecond)"`
	N     int64     `parquet:"n"`
	F     float64   `parquet:"f"`
	O     *int64    `parquet:"o,optional"`
	D     string    `parquet:"d,dict"`
	P     int32     `parquet:"p,decimal(2:9)"`
}

// TestParquet: texts, times, numbers, decimals, dictionaries and nulls, over
// pages and row groups.
func TestParquet(t *testing.T) {
	var file bytes.Buffer
	w := parquet.NewGenericWriter[pets](&file, parquet.PageBufferSize(2000), parquet.Compression(&parquet.Snappy))
	var want strings.Builder
	for i := range 50_000 {
		p := pets{Cache: fmt.Sprintf("cache-%d", i/9), Time: time.Unix(1769900400+int64(i), 0).UTC(), N: int64(i), F: float64(i) + 0.5, D: fmt.Sprintf("d%d", i%7), P: int32(i)}
		o := "-1"
		if i%3 > 0 {
			n := int64(i * 2)
			p.O, o = &n, fmt.Sprint(n)
		}
		if _, err := w.Write([]pets{p}); err != nil {
			t.Fatal(err)
		}
		if i%20_000 == 19_999 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		fmt.Fprintf(&want, "%s|%d|%d|%d|%s|d%d|%d|\n", p.Cache, p.Time.Unix(), i, i*10+5, o, i%7, i)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	wanted := []columns.Column{
		{Name: "cache"}, {Name: "time", Kind: columns.Time}, {Name: "n", Kind: columns.Number},
		{Name: "f", Kind: columns.Number, Scale: 10}, {Name: "o", Kind: columns.Number}, {Name: "d"},
		{Name: "p", Kind: columns.Number, Scale: 100},
	}
	open := func(data []byte) (string, error) {
		r, err := Open("f.parquet", bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return "", err
		}
		return table(t, r, wanted)
	}
	got, err := open(file.Bytes())
	if err != nil || got != want.String() {
		t.Fatalf("came out otherwise: %v", err)
	}
	if _, err := open(file.Bytes()[:file.Len()/2]); err == nil || !strings.HasPrefix(err.Error(), "f.parquet: this is not a complete Parquet file") {
		t.Errorf("cut: %v", err)
	}
	damaged := bytes.Clone(file.Bytes())
	for i := 1000; i < 9000; i++ {
		damaged[i] ^= 0x55
	}
	if _, err := open(damaged); err == nil || !strings.HasPrefix(err.Error(), "f.parquet: the file is damaged") {
		t.Errorf("damaged: %v", err)
	}
}

// TestParquetAhead: row groups are not decoded further ahead than the processors
// need, so memory does not grow with the file.
func TestParquetAhead(t *testing.T) {
	var file bytes.Buffer
	w := parquet.NewGenericWriter[pets](&file)
	for i := range 60 {
		if _, err := w.Write(make([]pets, 100)); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(i, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	p := newSource("f.parquet", f)
	defer p.Stop()
	rows, most := 0, runtime.GOMAXPROCS(0)+1
	for {
		b, err := p.Next([]columns.Column{{Name: "n", Kind: columns.Number, Scale: 1}})
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		rows += b.Rows
		time.Sleep(2 * time.Millisecond) // so that the workers may run ahead
		ready := 0
		for _, g := range p.groups {
			ready += len(g)
		}
		if ready > most {
			t.Fatalf("%d row groups are decoded ahead; at most %d", ready, most)
		}
	}
	if rows != 6000 {
		t.Errorf("%d rows", rows)
	}
}
