package replay

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/columns"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
)

// sized prices hours on nodes in numbers that change.
func sized(tb testing.TB, hours []hour, f *compare.Field, zone *time.Location, sizing Sizing) *SizedResult {
	tb.Helper()
	opt, log := options(f), &HourLog{}
	opt.Zone, opt.Watch = zone, log
	in, err := columns.Open("hours.csv", strings.NewReader(table(map[string][]hour{"a": hours}, "a")))
	if err != nil {
		tb.Fatal(err)
	}
	defer in.Close()
	s, err := Read(in, "hours.csv", opt)
	if err != nil {
		tb.Fatal(err)
	}
	r, err := s.Price(f, Shape{Replicas: 1}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	z, err := r.Size(log, sizing)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

// withTerm compiles the offers of a field again for a term and a plan; "" is all plans.
func withTerm(tb testing.TB, f *compare.Field, plan string) *compare.Field {
	tb.Helper()
	var ids []string
	for _, o := range f.Offers {
		ids = append(ids, o.Card.ID)
	}
	opt := f.Options
	opt.Term, opt.Upfront, opt.Plan = "1y", "none", plan
	g, err := compare.NewField(f.Set, compare.Filter{Offers: ids}, opt)
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

func (z *SizedResult) sized(tb testing.TB, id string) *Sized {
	tb.Helper()
	for _, o := range z.Offers {
		if o.Offer.Card.ID == id {
			return o
		}
	}
	tb.Fatalf("no offer %s", id)
	return nil
}

// ops makes hours from rates in commands a second, of 1 GB and 100 bytes a command.
func ops(from time.Time, rates ...int64) []hour {
	var hours []hour
	for i, n := range rates {
		hours = append(hours, hour{from.Add(time.Duration(i) * time.Hour), n * 3600, n * 360_000, 1e9})
	}
	return hours
}

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// TestResizeByHand: six hours on cache.m6g.large (Valkey, us-east-1: 0.1192 USD
// an hour; 100,000 commands/s a shard, one replica).
//
//	hour      0        1        2        3        4        5
//	ops/s     50,000   50,000   250,000  50,000   50,000   150,000
//	nodes     2        2        6        2        2        4        18 in use
//	billed    2        6        6        6        4        4        28: part hours are whole
//
// 28 × 0.1192 = 3.3376. One size: 6 nodes × 6 hours × 0.1192 = 4.2912.
func TestResizeByHand(t *testing.T) {
	f := field(t, "elasticache-node-valkey")
	f.Options.Plan = "cache.m6g.large"
	f, err := compare.NewField(f.Set, compare.Filter{Offers: []string{"elasticache-node-valkey"}}, f.Options)
	if err != nil {
		t.Fatal(err)
	}
	z := sized(t, ops(monday, 50_000, 50_000, 250_000, 50_000, 50_000, 150_000), f, time.UTC, Sizing{Resize: ResizeHourly})
	o := z.sized(t, "elasticache-node-valkey")
	if o.Total.Exact() != "3.3376" || o.Fixed.Exact() != "4.2912" || o.Used != 18 || o.Billed != 28 || o.Changes != 3 || o.Least != 2 || o.Most != 6 || z.Cheapest != o {
		t.Errorf("%s (one size %s), used %d, billed %d, %d changes, %d to %d nodes; by hand 3.3376 (4.2912), 18, 28, 3, 2 to 6",
			o.Total.Exact(), o.Fixed.Exact(), o.Used, o.Billed, o.Changes, o.Least, o.Most)
	}
	// By the day all six hours have 6 nodes; the same as one size.
	z = sized(t, ops(monday, 50_000, 50_000, 250_000, 50_000, 50_000, 150_000), f, time.UTC, Sizing{Resize: ResizeDaily})
	if o := z.sized(t, "elasticache-node-valkey"); o.Total != *o.Fixed || o.Changes != 0 {
		t.Errorf("daily: %s, one size %s, %d changes", o.Total.Exact(), o.Fixed.Exact(), o.Changes)
	}
	// Three shards from 02 to 03 and else two: hour 3 has the two nodes that leave
	// at 03. 4 + 4 + 6 + 6 + 4 + 4 = 28.
	schedule, err := ParseSchedule("daily 02-03: shards=3; else shards=2")
	if err != nil {
		t.Fatal(err)
	}
	z = sized(t, ops(monday, 50_000, 50_000, 250_000, 50_000, 50_000, 150_000), f, time.UTC, Sizing{Schedule: schedule})
	if o := z.sized(t, "elasticache-node-valkey"); o.Total.Exact() != "3.3376" || o.Used != 26 || o.Billed != 28 {
		t.Errorf("schedule: %s, used %d, billed %d; by hand 3.3376, 26, 28", o.Total.Exact(), o.Used, o.Billed)
	}
	// One shard in place of two is too small at 05.
	if schedule, err = ParseSchedule("daily 02-03: shards=3; else shards=1"); err != nil {
		t.Fatal(err)
	}
	z = sized(t, ops(monday, 50_000, 50_000, 250_000, 50_000, 50_000, 150_000), f, time.UTC, Sizing{Schedule: schedule})
	if o := z.sized(t, "elasticache-node-valkey"); o.Short != 1 || o.ShortAt != monday.Add(5*time.Hour).Unix() || !strings.Contains(o.Why, "too small in 1 hours, first at 2026-03-02 05:00") || z.Cheapest != nil {
		t.Errorf("a schedule that is too small: %+v", o)
	}
}

// TestDailyZone: a day begins at midnight of the zone, on the days of a change
// of the clock too. Berlin's 2026-03-29 has 23 hours, its 2026-10-25 has 25.
func TestDailyZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	f := field(t, "memorystore-valkey") // part hours are exact
	for _, c := range []struct {
		day   time.Time
		hours int64
	}{{time.Date(2026, 3, 29, 0, 0, 0, 0, berlin), 23}, {time.Date(2026, 10, 25, 0, 0, 0, 0, berlin), 25}} {
		rates := make([]int64, 0, 73)
		for at := c.day.AddDate(0, 0, -1); at.Before(c.day.AddDate(0, 0, 2)); at = at.Add(time.Hour) {
			rate := int64(1000)
			if at.Equal(c.day.Add(4 * time.Hour)) {
				rate = 1_000_000
			}
			rates = append(rates, rate)
		}
		z := sized(t, ops(c.day.AddDate(0, 0, -1), rates...), f, berlin, Sizing{Resize: ResizeDaily})
		o := z.sized(t, "memorystore-valkey")
		if want := o.Least*48 + o.Most*c.hours; o.Used != want || o.Changes != 2 || o.Least == o.Most {
			t.Errorf("%s: %d node-hours of %d to %d nodes, %d changes; by hand %d, 2", c.day, o.Used, o.Least, o.Most, o.Changes, want)
		}
	}
}

// TestConstantIsOneSize: if the load is the same in every hour, nodes that follow
// it cost what one size costs, on every offer, to the nano-dollar.
func TestConstantIsOneSize(t *testing.T) {
	f := field(t)
	rates := make([]int64, 24*45)
	for i := range rates {
		rates[i] = 30_000
	}
	for _, sizing := range []Sizing{{Resize: ResizeHourly}, {Resize: ResizeDaily}} {
		z := sized(t, ops(monday, rates...), f, time.UTC, sizing)
		n := 0
		for _, o := range z.Offers {
			if o.Why != "" || o.Fixed == nil {
				continue
			}
			n++
			if o.Total != *o.Fixed {
				t.Errorf("%s: %s, one size %s", o.Offer.Card.ID, o.Total.Exact(), o.Fixed.Exact())
			}
		}
		if n < 8 {
			t.Errorf("%d offers were compared", n)
		}
	}
}

// TestReservedMix: the cheapest mix equals the least of all mixes, each priced
// apart: every plan × every number of reserved nodes. The prices of
// cache.m6g.large are done by hand: 0.1192 USD an hour, reserved 0.0816.
func TestReservedMix(t *testing.T) {
	f := field(t, "elasticache-node-valkey")
	r := rand.New(rand.NewPCG(21, 2))
	for range 4 {
		rates := make([]int64, 24+r.IntN(1000))
		for i := range rates {
			rates[i] = 1 + r.Int64N(450_000)*r.Int64N(2) + r.Int64N(90_000)
		}
		hours := ops(monday.AddDate(0, 0, r.IntN(20)), rates...)
		z := sized(t, hours, withTerm(t, f, ""), time.UTC, Sizing{Resize: ResizeHourly, Reserved: ReservedBest})
		got := z.sized(t, "elasticache-node-valkey")
		least, at := money.MaxUSD, ""
		for i := range f.Offers[0].Version.Plans {
			plan := f.Offers[0].Version.Plans[i].ID
			if !slices.Contains([]string{"cache.m6g.large", "cache.r6g.large", "cache.m6g.xlarge", "cache.r7g.large", "cache.t4g.medium", "cache.m7g.large", got.Plan}, plan) {
				continue
			}
			for n := range int64(12) {
				sizing := Sizing{Resize: ResizeHourly, Reserved: n}
				if n == 0 {
					continue
				}
				one := sized(t, hours, withTerm(t, f, plan), time.UTC, sizing)
				o := one.sized(t, "elasticache-node-valkey")
				if plan == "cache.m6g.large" {
					if want := m6gLarge(hours, n); o.Total != want {
						t.Fatalf("%d reserved: %s, by hand %s", n, o.Total.Exact(), want.Exact())
					}
				}
				if o.Why == "" && o.Total < least {
					least, at = o.Total, fmt.Sprint(n, " × ", plan)
				}
			}
		}
		if got.Total > least || got.Reserved > 0 && got.Total != least {
			t.Errorf("best is %d × %s at %s, the search found %s at %s", got.Reserved, got.Plan, got.Total.Exact(), at, least.Exact())
		}
		if got.Status != bill.Priced {
			t.Errorf("it is %s", got.Status)
		}
	}
}

// m6gLarge is the bill by hand: part hours whole, two nodes a shard of 100,000
// commands/s, n reserved; each month's reserved and other node-hours are one
// line each.
func m6gLarge(hours []hour, n int64) money.USD {
	used := make([]int64, len(hours))
	for i, h := range hours {
		used[i] = 2 * ((h.commands/3600 + 99_999) / 100_000)
	}
	months := map[string][2]int64{}
	for i := range used {
		nodes := used[i]
		if i > 0 {
			nodes = max(nodes, used[i-1])
		}
		if i+1 < len(used) {
			nodes = max(nodes, used[i+1])
		}
		m := hours[i].at.Format("2006-01")
		sum := months[m]
		months[m] = [2]int64{sum[0] + n, sum[1] + max(nodes-n, 0)}
	}
	total := money.USD(0)
	for _, sum := range months {
		total += rounded(new(big.Rat).Mul(rat("0.0816"), big.NewRat(sum[0], 1))) + rounded(new(big.Rat).Mul(rat("0.1192"), big.NewRat(sum[1], 1)))
	}
	return total
}

func TestParseSchedule(t *testing.T) {
	s, err := ParseSchedule(" Weekdays 08-20: shards=4; sat,mon-tue 20-24 : shards=2; weekends: shards=3 ; else: shards=1;")
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]int64{
		"2026-03-02 07:59": 1, "2026-03-02 08:00": 4, "2026-03-02 19:59": 4, "2026-03-02 20:00": 2, // a Monday
		"2026-03-04 20:00": 1, "2026-03-06 23:00": 1, "2026-03-07 20:00": 2, "2026-03-07 08:00": 3, "2026-03-08 23:00": 3,
	} {
		when, err := time.Parse("2006-01-02 15:04", at)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.At(when); got != want {
			t.Errorf("%s: %d shards, want %d", at, got, want)
		}
	}
	for bad, words := range map[string]string{
		"":                                  "the last rule must be for all other hours",
		"weekdays 08-20: shards=4":          "the last rule must be for all other hours",
		"else shards=1; weekdays: shards=2": "comes after else",
		"weekdays 20-08: shards=4; else shards=1": "hours across midnight as two rules",
		"weekdays 08-25: shards=4; else shards=1": "from 00 to 24",
		"someday 08-20: shards=4; else shards=1":  `"someday" is not a day`,
		"weekdays 08-20: shards=0; else shards=1": "not a whole number from 1 to 500",
		"weekdays 08-20: nodes=4; else shards=1":  `is not like "weekdays 08-20: shards=4"`,
		"weekdays 08 20: shards=4; else shards=1": "is not days and hours",
	} {
		if _, err := ParseSchedule(bad); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v, want %q", bad, err, words)
		}
	}
}
