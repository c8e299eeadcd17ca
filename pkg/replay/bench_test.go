package replay

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keynest/keynest/pkg/columns"
)

// fleet is a year of hours of some caches, in the shape of which 1,000 caches
// are 515 MB.
func fleet(caches int) string {
	var b strings.Builder
	b.WriteString("cache,time,commands,bytes,stored_bytes\n")
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for c := range caches {
		for h := range 8760 {
			n := 1000*(c*7919%1000) + 37*(h%24)
			fmt.Fprintf(&b, "cache-%04d,%s,%d,%d,%d\n", c, start.Add(time.Duration(h)*time.Hour).Format("2006-01-02T15:04:05Z"), n, n*700, 1_000_000*(c+1)+h)
		}
	}
	return b.String()
}

func benchmarkFleet(b *testing.B, caches int) {
	f := field(b)
	text := fleet(caches)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		in, err := columns.Open("fleet.csv", strings.NewReader(text))
		if err != nil {
			b.Fatal(err)
		}
		s, err := Read(in, "fleet.csv", options(f))
		if err != nil {
			b.Fatal(err)
		}
		in.Close()
		if _, err := s.Price(f, Shape{Replicas: 1}, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFleet10 and 20 read a year of hours and price it on every offer:
// twice the caches, twice the time.
func BenchmarkFleet10(b *testing.B) { benchmarkFleet(b, 10) }
func BenchmarkFleet20(b *testing.B) { benchmarkFleet(b, 20) }
