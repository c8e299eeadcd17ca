package replay

import (
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/columns"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
)

// TestNodeHoursSummed: the bill of nodes is the sum of every hour's in math/big:
// the nodes of the size × the card's price of that hour, each month rounded
// once. It holds for every offer whose bill is nothing but nodes by the hour.
func TestNodeHoursSummed(t *testing.T) {
	f := field(t)
	r := rand.New(rand.NewPCG(21, 3))
	seen := map[string]bool{}
	for range 20 {
		at := time.Date(2025, time.Month(1+r.IntN(12)), 1+r.IntN(28), r.IntN(24), 0, 0, 0, time.UTC)
		size, rate := int64(1)<<(24+r.IntN(14)), int64(1)<<r.IntN(34)
		var hours []hour
		for range 1 + r.IntN(2500) {
			n := r.Int64N(rate + 1)
			hours, at = append(hours, hour{at, n, n * 300, r.Int64N(size + 1)}), at.Add(time.Hour)
		}
		opt := options(f)
		opt.Every = 3600
		res := priced(t, table(map[string][]hour{"a": hours}, "a"), f, opt)
		for _, o := range res.Offers {
			per, nodes, ok := nodeRate(o)
			if !ok || o.Status() != bill.Priced {
				continue
			}
			seen[o.Period.Offer.Card.ID] = true
			months := map[string]*big.Rat{}
			for _, h := range hours {
				m := h.at.Format("2006-01")
				if months[m] == nil {
					months[m] = new(big.Rat)
				}
				months[m].Add(months[m], new(big.Rat).Mul(per, big.NewRat(nodes, 1)))
			}
			want := money.USD(0)
			for _, sum := range months {
				want += rounded(sum)
			}
			if o.Total != want {
				t.Errorf("%s, %d h of %s: %s, every hour summed %s", o.Period.Offer.Card.ID, len(hours), o.Size, o.Total.Exact(), want.Exact())
			}
		}
	}
	for _, id := range []string{"elasticache-node-valkey", "elasticache-node-redis", "memorystore-valkey", "memorystore-redis-cluster"} {
		if !seen[id] {
			t.Errorf("%s was not compared; only %v", id, seen)
		}
	}
}

// nodeRate is the card's price of a node and hour of the chosen size, and how
// many nodes it has; ok is false for a bill of anything else.
func nodeRate(o *OfferCost) (per *big.Rat, nodes int64, ok bool) {
	v := o.Period.Offer.Version
	if v == nil || slices.ContainsFunc(v.Charges, func(c ratecard.Charge) bool { return !c.Meter.OnRequest() }) || v.Minimum != nil || v.Cap != nil || o.Size == "" {
		return nil, 0, false
	}
	id, nodes := o.Size, 1
	if n, plan, many := strings.Cut(o.Size, " × "); many {
		if nodes, _ = strconv.ParseInt(n, 10, 64); nodes == 0 {
			return nil, 0, false
		}
		id = plan
	}
	plan := v.Plan(id)
	if plan == nil || plan.Per != ratecard.PerHour || len(plan.Charges) > 0 || plan.Minimum != nil || plan.Cap != nil {
		return nil, 0, false
	}
	rate, state := v.PlanRate(plan, o.Period.Offer.Region)
	if state != ratecard.Priced || rate.Currency != "" && rate.Currency != "USD" {
		return nil, 0, false
	}
	return big.NewRat(int64(rate.Price.Amount), rate.Price.Per*money.Nano), nodes, true
}

// TestClockChanges: local times in Berlin, without a zone. On
// 2026-03-29 the hour from 02 is missing and the day has 23 hours; on 2026-10-25
// it comes twice and the day has 25. March has 743 hours, October 745.
func TestClockChanges(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	f := field(t, "elasticache-serverless-valkey")
	for _, c := range []struct {
		month     time.Month
		day       int
		dayHours  int64
		inTheZone int64
	}{{time.March, 29, 23, 743}, {time.October, 25, 25, 745}} {
		var local, utc strings.Builder
		local.WriteString("time,commands,bytes,stored_bytes\n")
		utc.WriteString("time,commands,bytes,stored_bytes\n")
		from := time.Date(2026, c.month, 1, 0, 0, 0, 0, berlin)
		n := 0
		for at := from; at.Before(from.AddDate(0, 1, 0)); at = at.Add(time.Hour) {
			fmt.Fprintf(&local, "%s,%d,%d,%d\n", at.Format("2006-01-02 15:04:05"), 1000+n, 800*n, 90_000_000+100_000*n)
			fmt.Fprintf(&utc, "%s,%d,%d,%d\n", at.UTC().Format(time.RFC3339), 1000+n, 800*n, 90_000_000+100_000*n)
			n++
		}
		opt := options(f)
		opt.Zone, opt.ByDay = berlin, true
		wall, world := priced(t, local.String(), f, opt), priced(t, utc.String(), f, opt)
		if len(wall.Months) != 1 || wall.Months[0].Hours != c.inTheZone || wall.Months[0].Covered != c.inTheZone {
			t.Errorf("%s: %+v, by hand one month of %d hours", c.month, wall.Months, c.inTheZone)
		}
		if d := wall.Days()[c.day-1]; d.Hours != c.dayHours || d.Covered != c.dayHours {
			t.Errorf("%s: %+v, by hand %d hours", c.month, d, c.dayHours)
		}
		if a, b := wall.Offers[0].Total, world.Offers[0].Total; a != b {
			t.Errorf("%s: %s by the clock of the wall, %s by UTC", c.month, a.Exact(), b.Exact())
		}
	}
}

// endless makes rows of one cache, a second apart, without holding them.
type endless struct {
	left int64
	at   int64
	line []byte
}

func (e *endless) Read(to []byte) (n int, err error) {
	for n < len(to) {
		if len(e.line) == 0 {
			if e.left == 0 {
				break
			}
			e.left--
			e.at++
			e.line = fmt.Appendf(nil, "%d,%d,%d,90000000\n", 1_735_689_600+e.at, e.at%1000, e.at%1000*700)
		}
		c := copy(to[n:], e.line)
		e.line, n = e.line[c:], n+c
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// readEndless reads so many rows, and returns the most memory that was in use.
func readEndless(tb testing.TB, rows int64) (most uint64) {
	tb.Helper()
	in, err := columns.Open("endless.csv", &endless{left: rows, line: []byte("time,commands,bytes,stored_bytes\n")})
	if err != nil {
		tb.Fatal(err)
	}
	defer in.Close()
	opt := options(nil)
	batches := 0
	opt.Progress = func(int64, int) {
		if batches++; batches%8 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
		}
	}
	s, err := Read(in, "endless.csv", opt)
	if err != nil || s.Rows != rows || s.Every != 1 {
		tb.Fatalf("%v: %+v", err, s)
	}
	return most
}

// TestFlatMemory: ten times the rows need no more memory. The bound leaves room
// for garbage that is not collected yet.
func TestFlatMemory(t *testing.T) {
	few, many := readEndless(t, 150_000), readEndless(t, 1_500_000)
	if many > few+few/2+32<<20 {
		t.Errorf("150,000 rows held %d MB, 1,500,000 rows %d MB", few>>20, many>>20)
	}
}

// BenchmarkHundredMillionRows reads as many rows as a year of three seconds
// each for ten caches has. -benchtime 1x; it takes a minute or so.
func BenchmarkHundredMillionRows(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(float64(readEndless(b, 100_000_000)>>20), "MB-in-use")
	}
}

// asked is what the caller asks for besides the load, in the test of its bills.
type asked struct {
	minGB, minECPU, zones, sameZone, snapshots, backup, tax int64
}

// onRequest sums every hour of ElastiCache Serverless for Valkey or of its nodes
// in us-east-1 by hand: 0.084 USD a GiB-hour of at least 0.1 GiB and what is set,
// 0.0023 USD a million ECPU of at least what is set, 0.085 USD a GiB-month of
// snapshots, of nodes beyond the first one, and 0.01 USD a GiB between zones. Each
// line of each month is rounded once, and the tax on their sum once.
func onRequest(hours []hour, a asked, nodes *big.Rat) money.USD {
	type sums struct{ stored, ecpu, moved, kept *big.Rat }
	months := map[string]*sums{}
	for _, h := range hours {
		m := h.at.Format("2006-01")
		if months[m] == nil {
			months[m] = &sums{new(big.Rat), new(big.Rat), new(big.Rat), new(big.Rat)}
		}
		s := months[m]
		held := big.NewRat(h.stored, 1<<30)
		for _, least := range []*big.Rat{rat("0.1"), big.NewRat(a.minGB, 1000)} {
			if nodes == nil && held.Cmp(least) < 0 {
				held = least
			}
		}
		s.stored.Add(s.stored, held)
		ecpu := big.NewRat(h.commands, 1)
		for _, least := range []*big.Rat{big.NewRat(h.bytes, 1000), big.NewRat(a.minECPU*3600, 1)} {
			if ecpu.Cmp(least) < 0 {
				ecpu = least
			}
		}
		s.ecpu.Add(s.ecpu, ecpu)
		s.moved.Add(s.moved, big.NewRat(h.bytes, 1))
		copies := a.snapshots
		if nodes != nil && copies > 0 {
			copies-- // the first is free
		}
		s.kept.Add(s.kept, big.NewRat(h.stored*copies+a.backup, 1<<30))
	}
	total := money.USD(0)
	for name, s := range months {
		at, err := time.Parse("2006-01", name)
		if err != nil {
			panic(err)
		}
		length := int64(at.AddDate(0, 1, 0).Sub(at) / time.Hour)
		month := rounded(s.kept.Mul(s.kept, new(big.Rat).Quo(rat("0.085"), big.NewRat(length, 1))))
		if nodes == nil {
			month += rounded(s.stored.Mul(s.stored, rat("0.084"))) + rounded(s.ecpu.Mul(s.ecpu, rat("0.0000000023")))
		} else {
			n := int64(0)
			for _, h := range hours {
				if h.at.Format("2006-01") == name {
					n++
				}
			}
			month += rounded(new(big.Rat).Mul(nodes, big.NewRat(n, 1)))
			if a.zones > 1 {
				// Writes are a fifth of the commands, and so of the bytes; both to the byte.
				moved := s.moved.Num().Int64()
				if a.sameZone == 1 {
					moved = nearest(big.NewRat(moved, 5))
				}
				moved = nearest(big.NewRat(moved*(a.zones-1), a.zones))
				month += rounded(new(big.Rat).Mul(big.NewRat(moved, 1<<30), rat("0.01")))
			}
		}
		total += month + rounded(new(big.Rat).Mul(big.NewRat(int64(month), money.Nano), big.NewRat(a.tax, 1_000_000)))
	}
	return total
}

// nearest is a number rounded half up.
func nearest(r *big.Rat) int64 {
	return int64(rounded(new(big.Rat).Quo(r, big.NewRat(money.Nano, 1))))
}

// TestOnRequestSummed: minimums that a customer set, traffic between zones,
// snapshots, backups and tax are those of every hour summed in math/big.
func TestOnRequestSummed(t *testing.T) {
	f := field(t, "elasticache-serverless-valkey", "elasticache-node-valkey")
	r := rand.New(rand.NewPCG(21, 7))
	for range 15 {
		a := asked{
			minGB: r.Int64N(3) * 250, minECPU: r.Int64N(3) * 40, sameZone: r.Int64N(2), snapshots: r.Int64N(4),
			backup: r.Int64N(2) * 5_000_000_001, tax: r.Int64N(3) * 77_777,
		}
		at := time.Date(2025, time.Month(1+r.IntN(12)), 1+r.IntN(28), r.IntN(24), 0, 0, 0, time.UTC)
		var hours []hour
		for range 1 + r.IntN(2000) {
			n := r.Int64N(1 << 18)
			hours, at = append(hours, hour{at, n * 5, n * 5 * r.Int64N(3000), r.Int64N(1 << 30)}), at.Add(time.Hour)
		}
		for _, zones := range []int64{0, 3} {
			a.zones = zones
			opt := options(nil)
			for _, o := range f.Offers {
				opt.Floors = append(opt.Floors, o.Floors(a.minGB)...)
			}
			opt.Every, opt.MinECPU = 3600, a.minECPU
			s, err := read(t, table(map[string][]hour{"a": hours}, "a"), opt)
			if err != nil {
				t.Fatal(err)
			}
			res, err := s.Price(f, Shape{
				Replicas: 1, MinDataGB: a.minGB, MinECPUPerSec: a.minECPU, Zones: zones, SameZoneReads: a.sameZone,
				Snapshots: a.snapshots, BackupBytes: a.backup, Tax: a.tax,
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			serverless, nodes := res.cost(t, "elasticache-serverless-valkey"), res.cost(t, "elasticache-node-valkey")
			if want := onRequest(hours, a, nil); serverless.Total != want {
				t.Errorf("%+v, %d h, serverless: %s, every hour summed %s", a, len(hours), serverless.Total.Exact(), want.Exact())
			}
			// What a serverless cache pays for traffic between zones is not known.
			if known := serverless.Status() == bill.Priced; known != (zones == 0) {
				t.Errorf("%+v: serverless is %s", a, serverless.Status())
			}
			per, n, ok := nodeRate(nodes)
			if !ok {
				t.Fatalf("no nodes: %s", nodes.Size)
			}
			if want := onRequest(hours, a, per.Mul(per, big.NewRat(n, 1))); nodes.Total != want || nodes.Status() != bill.Priced {
				t.Errorf("%+v, %d h of %s: %s (%s), every hour summed %s", a, len(hours), nodes.Size, nodes.Total.Exact(), nodes.Status(), want.Exact())
			}
		}
	}
}
