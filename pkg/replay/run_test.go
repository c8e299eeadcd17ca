package replay

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/keynest/keynest/pkg/workload"
)

// nobody is a Watcher that does nothing, but keeps the reader off its fast way.
type nobody struct{}

func (nobody) Hour(*Cache, int, *Hour) {}

// TestFastWay: what the fast way counts is what the slow one does, or the same
// error: over months and clock changes, with gaps, caches one after another and
// mixed, columns that are there or not, figures that are not usual, and errors.
func TestFastWay(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 9))
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	fast, failed := 0, 0
	for range 200 {
		text := hostileHours(r, berlin)
		opt := options(nil)
		opt.Zone, opt.Every, opt.StoredBytes, opt.MinECPU = berlin, 3600*r.Int64N(2), 77<<20, r.Int64N(3)*50
		opt.Gaps = []GapRule{GapsRefuse, GapsHold, GapsZero}[r.IntN(3)]
		opt.ByDay = r.IntN(4) == 0
		opt.Floors = []workload.Floor{{Num: 1 << 30, Den: 10}, {Num: 0, Den: 1, Highest: true}, {Num: 90 << 20, Den: 1}}
		quick, err := read(t, text, opt)
		opt.Watch = nobody{}
		slow, slowErr := read(t, text, opt)
		if fmt.Sprint(err) != fmt.Sprint(slowErr) {
			t.Fatalf("fast: %v\nslow: %v\n%.2000s", err, slowErr, text)
		}
		if err != nil {
			failed++
			continue
		}
		fast++
		if quick.Rows != slow.Rows || quick.From != slow.From || quick.To != slow.To || len(quick.Caches) != len(slow.Caches) {
			t.Fatalf("fast: %+v\nslow: %+v", quick, slow)
		}
		for i, a := range quick.Caches {
			b := slow.Caches[i]
			a.slot, b.slot, a.hour, b.hour = nil, nil, openHour{}, openHour{}
			if !reflect.DeepEqual(a, b) {
				t.Fatalf("fast: %+v\nslow: %+v\n%.2000s", a, b, text)
			}
		}
	}
	if fast < 60 || failed < 10 {
		t.Errorf("%d files were read and %d refused; the test needs both", fast, failed)
	}
}

// hostileHours is a file of hours of a few caches, of which some are not usual.
func hostileHours(r *rand.Rand, zone *time.Location) string {
	zoned, withBytes, withStored, withECPU := r.IntN(2) == 0, r.IntN(2) == 0, r.IntN(2) == 0, r.IntN(3) == 0
	odd := []int{0, 0, 200, 2000}[r.IntN(4)] // one row in so many
	figure := func(top int64) string {
		if odd > 0 && r.IntN(odd) == 0 {
			return []string{"", "100000000000000000", "9007199254740993", "90071992547409920", "0", "1e17", "-1"}[r.IntN(7)]
		}
		return fmt.Sprint(r.Int64N(top))
	}
	caches := make([][]string, 1+r.IntN(4))
	for c := range caches {
		at := time.Date(2026, time.Month(1+r.IntN(12)), 1+r.IntN(28), r.IntN(24), 0, 0, 0, zone)
		for range 1 + r.IntN(1500) {
			stamp := at.UTC().Format(time.RFC3339)
			if !zoned {
				stamp = at.Format(time.DateTime)
			}
			row := fmt.Sprintf("c%d,%s,%s", c, stamp, figure(1<<30))
			if withBytes {
				row += "," + figure(1<<40)
			}
			if withStored {
				row += "," + figure(1<<28)
			}
			if withECPU {
				row += "," + figure(1<<30)
			}
			caches[c] = append(caches[c], row)
			if at = at.Add(time.Hour); odd > 0 && r.IntN(odd*2) == 0 {
				at = at.Add(time.Duration(r.IntN(3)) * time.Hour)
			}
		}
	}
	var b strings.Builder
	b.WriteString("cache,time,commands")
	for _, column := range []struct {
		there bool
		name  string
	}{{withBytes, "bytes"}, {withStored, "stored_bytes"}, {withECPU, "ecpu"}} {
		if column.there {
			b.WriteString("," + column.name)
		}
	}
	b.WriteByte('\n')
	for mixed := r.IntN(3) == 0; len(caches) > 0; {
		c, n := 0, len(caches[0])
		if mixed {
			c = r.IntN(len(caches))
			n = min(1+r.IntN(100), len(caches[c]))
		}
		b.WriteString(strings.Join(caches[c][:n], "\n") + "\n")
		if caches[c] = caches[c][n:]; len(caches[c]) == 0 {
			caches = append(caches[:c], caches[c+1:]...)
		}
	}
	return b.String()
}
