package columns

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

var three = []Column{{Name: "cache"}, {Name: "time", Kind: Time}, {Name: "n", Kind: Number}}

// table prints a table as it was read, a row a line.
func table(t *testing.T, r *Reader, want []Column) (string, error) {
	t.Helper()
	defer r.Close()
	if err := r.Read(want); err != nil {
		return "", err
	}
	var out strings.Builder
	row := int64(1)
	for {
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
				switch c.Kind {
				case Text:
					fmt.Fprintf(&out, "%s|", b.Bytes(j, i))
				case Number:
					fmt.Fprintf(&out, "%d|", b.Ints(j)[i])
				case Time:
					s := Stamp(b.Ints(j)[i])
					if int64(s) == Absent {
						out.WriteString("-|")
						continue
					}
					zone := "local"
					if offset, ok := s.Zone(); ok {
						zone = fmt.Sprint(offset)
					}
					fmt.Fprintf(&out, "%s %s|", time.Unix(s.Wall(), 0).UTC().Format("2006-01-02 15:04:05"), zone)
				}
			}
			out.WriteString("\n")
		}
	}
}

func csv(t *testing.T, text string, want []Column) (string, error) {
	t.Helper()
	r, err := Open("f.csv", strings.NewReader(text))
	if err != nil {
		return "", err
	}
	return table(t, r, want)
}

// TestCSV: every way of writing a cell that is understood.
func TestCSV(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"plain", "cache,time,n\na,2026-01-31T23:00:00Z,12\n", "a|2026-01-31 23:00:00 0|12|\n"},
		{"order and others", "x,n,cache,y,time\n1,2,a,\"q,\"\"\",2026-01-31 23:00\n", "a|2026-01-31 23:00:00 local|2|\n"},
		{"semicolons", "cache;time;n\na;2026/01/31 23:00:00;1.5e3\n", "a|2026-01-31 23:00:00 local|1500|\n"},
		{"tabs, a mark, breaks of Windows", "\xef\xbb\xbfcache\ttime\tn\r\na\t2026-01-31T23:00:00+05:30\t3\r\n", "a|2026-01-31 23:00:00 19800|3|\n"},
		{"no last break", "cache,time,n\na,1769900400,3", "a|2026-01-31 23:00:00 0|3|\n"},
		{"milliseconds", "cache,time,n\na,1769900400123,3\n", "a|2026-01-31 23:00:00 0|3|\n"},
		{"parts of a second", "cache,time,n\na,2026-01-31T23:00:00.123Z,3\n", "a|2026-01-31 23:00:00 0|3|\n"},
		{"UTC in words", "cache,time,n\na,2026-01-31 23:00:00 UTC,3\n", "a|2026-01-31 23:00:00 0|3|\n"},
		{"-0730", "cache,time,n\na,2026-01-31 23:00:00-0730,3\n", "a|2026-01-31 23:00:00 -27000|3|\n"},
		{"a leap day", "cache,time,n\na,2024-02-29,3\n", "a|2024-02-29 00:00:00 local|3|\n"},
		{"quoted", "\"cache\",\"time\",\"n\"\n\"say \"\"a\"\"\n,b\",\"2026-01-31T23:00:00Z\",\"12\"\n", "say \"a\"\n,b|2026-01-31 23:00:00 0|12|\n"},
		{"absent", "cache,time,n\n,,\n", "|-|-1|\n"},
		{"halves", "cache,time,n\na,2026-01-31T23:00:00Z,2.5\na,2026-01-31T23:00:00Z,2.4999\n", "a|2026-01-31 23:00:00 0|3|\na|2026-01-31 23:00:00 0|2|\n"},
		{"floats of pandas", "cache,time,n\na,2026-01-31T23:00:00Z,219.0\na,2026-01-31T23:00:00Z,-0.0\n", "a|2026-01-31 23:00:00 0|219|\na|2026-01-31 23:00:00 0|0|\n"},
		{"empty lines", "cache,time,n\n\na,2026-01-31T23:00:00Z,1\n\r\n\n", "a|2026-01-31 23:00:00 0|1|\n"},
	} {
		got, err := csv(t, c.text, three)
		if err != nil || got != c.want {
			t.Errorf("%s: %v\n got %q\nwant %q", c.name, err, got, c.want)
		}
	}
}

// TestCSVProblems: each names the file, the row, its line and the column.
func TestCSVProblems(t *testing.T) {
	head := "cache,time,n\na,2026-01-31T22:00:00Z,1\n"
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "f.csv: the file has no head: the first line must name the columns"},
		{"no text", "\x00\x01", "f.csv: this is no text; CSV, gzip and Parquet are read"},
		{"zstd", "\x28\xb5\x2f\xfd\x00", "f.csv: the file is packed with zstd"},
		{"Parquet from a stream", "PAR1....", "f.csv: a Parquet file is read from its end, which a stream does not have; give the name of the file"},
		{"no column", "cache,time\n", `f.csv: no column "n"; the head has cache, time`},
		{"two of a name", "cache,time,n,n\n", "f.csv, column n: the head has 2 columns of that name"},
		{"an open head", "\"cache,time,n\n", "f.csv: a quotation mark in the head is not closed"},
		{"NaN", head + "a,2026-01-31T23:00:00Z,NaN\n", `f.csv, row 2 (line 3), column n: "NaN" is not a number like 1200 or 0.5`},
		{"negative", head + "a,2026-01-31T23:00:00Z,-5\n", `f.csv, row 2 (line 3), column n: "-5" is negative`},
		{"1e30", head + "a,2026-01-31T23:00:00Z,1e30\n", `f.csv, row 2 (line 3), column n: "1e30" is too large to count`},
		{"31 digits", head + "a,2026-01-31T23:00:00Z,1000000000000000000000000000000\n", `column n: "1000000000000000000000000000000" is too large to count`},
		{"1e999", head + "a,2026-01-31T23:00:00Z,1e999\n", `column n: "1e999" is too large to count`},
		{"words", head + "a,2026-01-31T23:00:00Z,many\n", `column n: "many" is not a number`},
		{"thousands", head + "a,2026-01-31T23:00:00Z,\"1,000\"\n", `column n: "1,000" is not a number`},
		{"no time", head + "a,yesterday at noon,1\n", `f.csv, row 2 (line 3), column time: "yesterday at noon" is not a time like 2026-01-31T23:00:00Z`},
		{"day 30 of February", head + "a,2026-02-30T00:00:00Z,1\n", `column time: "2026-02-30T00:00:00Z" is not a time`},
		{"hour 24", head + "a,2026-02-20T24:00:00Z,1\n", `column time: "2026-02-20T24:00:00Z" is not a time`},
		{"American", head + "a,01/31/2026 23:00,1\n", `column time: "01/31/2026 23:00" is not a time`},
		{"cut", head + "a,2026-01-31T23", `f.csv, row 2 (line 3), column time: "2026-01-31T23" is not a time`},
		{"cut after a cell", head + "a,2026-01-31T23:00:00Z", "f.csv, row 2 (line 3), column time: the file ends in the middle of this row: it was cut"},
		{"a short row", head + "a\nb,2026-01-31T23:00:00Z,1\n", "f.csv, row 2 (line 3), column cache: the row ends here; the head has 3 columns"},
		{"a long row", head + "a,2026-01-31T23:00:00Z,1,7\n", "f.csv, row 2 (line 3): the row has more cells than the 3 columns of the head"},
		{"an open quotation", head + "\"a,2026-01-31T23:00:00Z,1\n", "f.csv, row 2 (line 3), column cache: a quotation mark is not closed"},
		{"after a quotation", head + "\"a\"b,2026-01-31T23:00:00Z,1\n", "f.csv, row 2 (line 3), column cache:"},
		{"a line without end", head + strings.Repeat("a", 10<<20), "f.csv: a line is longer than 4 MiB"},
	} {
		_, err := csv(t, c.text, three)
		var e *Error
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.As(err, &e) {
			t.Errorf("%s: got %v\nwant …%s…", c.name, err, c.want)
		}
	}
}

// TestBlocks: a table of many blocks is one table; so it is in gzip, and one
// that was cut while packed is said to be.
func TestBlocks(t *testing.T) {
	var text, want strings.Builder
	text.WriteString("cache,time,n\n")
	for i := range 60_000 {
		at := time.Unix(1769900400+int64(i)*3600, 0).UTC()
		name := fmt.Sprintf("cache-%d", i/7)
		if i%1000 == 0 {
			name = "a\nb" // a line break in quotation marks, near every edge in turn
			fmt.Fprintf(&text, "\"%s\",%s,%d\n", name, at.Format(time.RFC3339), i)
		} else {
			fmt.Fprintf(&text, "%s,%s,%d\n", name, at.Format(time.RFC3339), i)
		}
		fmt.Fprintf(&want, "%s|%s 0|%d|\n", name, at.Format("2006-01-02 15:04:05"), i)
	}
	got, err := csv(t, text.String(), three)
	if err != nil || got != want.String() {
		t.Fatalf("a table of %d bytes came out otherwise: %v", text.Len(), err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(text.String()))
	_ = z.Close()
	if got, err = csv(t, packed.String(), three); err != nil || got != want.String() {
		t.Errorf("in gzip it came out otherwise: %v", err)
	}
	_, err = csv(t, packed.String()[:packed.Len()/2], three)
	if err == nil || err.Error() != "f.csv: the file ends too early: it was cut" {
		t.Errorf("cut in gzip: %v", err)
	}
	bad := strings.Replace(text.String(), ",54321\n", ",x\n", 1)
	if _, err = csv(t, bad, three); err == nil || !strings.Contains(err.Error(), `f.csv, row 54322 (line 54323), column n: "x" is not a number`) {
		t.Errorf("a bad cell far down: %v", err)
	}
}

// TestClose: a caller that stops early leaves no goroutine that waits.
func TestClose(t *testing.T) {
	text := "cache,time,n\n" + strings.Repeat("a,2026-01-31T23:00:00Z,1\n", 200_000)
	for range 20 {
		r, err := Open("f.csv", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Read(three); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		r.Close()
		r.Close()
	}
}

// FuzzCSV: a text is read or refused with an error; it never panics.
func FuzzCSV(f *testing.F) {
	for _, text := range []string{"cache,time,n\na,2026-01-31T23:00:00Z,1\n", "cache,time,n\n\"a\"\"\",1769900400,1e3\n", "n;time;cache\r\n;;\r\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = csv(t, text, three)
	})
}

// BenchmarkCSV reads rows as ../shared/fleet has them: 59 bytes each.
func BenchmarkCSV(b *testing.B) {
	var text strings.Builder
	text.WriteString("cache,time,commands,bytes,stored_bytes\n")
	for i := range 200_000 {
		fmt.Fprintf(&text, "cache-%04d,%s,%d,%d,%d\n", i/8760, time.Unix(1735689600+int64(i%8760)*3600, 0).UTC().Format(time.RFC3339), i*7, i*700, 900000+i)
	}
	want := []Column{{Name: "cache"}, {Name: "time", Kind: Time}, {Name: "commands", Kind: Number}, {Name: "bytes", Kind: Number}, {Name: "stored_bytes", Kind: Number}}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		r, err := Open("f.csv", strings.NewReader(text.String()))
		if err != nil {
			b.Fatal(err)
		}
		if err := r.Read(want); err != nil {
			b.Fatal(err)
		}
		for {
			if _, err := r.Next(); err != nil {
				break
			}
		}
		r.Close()
	}
}
