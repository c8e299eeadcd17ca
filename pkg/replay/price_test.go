package replay

import (
	"encoding/csv"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/columns"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

// field compiles offers of the embedded cards.
func field(tb testing.TB, offers ...string) *compare.Field {
	tb.Helper()
	text, err := os.ReadFile("../../rates.toml")
	if err != nil {
		tb.Fatal(err)
	}
	set, err := ratecard.Embedded("2099-12-31", ratecard.File{Name: "rates.toml", Text: string(text)})
	if err != nil {
		tb.Fatal(err)
	}
	opt := bill.Options{AsOf: "2026-11-22", HoursPerMonth: unit.HoursPerMonth}
	if opt.Where, err = set.Where("us-east"); err != nil {
		tb.Fatal(err)
	}
	f, err := compare.NewField(set, compare.Filter{Offers: offers}, opt)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func options(f *compare.Field) Options {
	opt := Options{Zone: time.UTC, Gaps: GapsRefuse, StoredBytes: -1, PayloadBytes: 1000, ReadShare: 800_000, PeakMillions: unit.Million, Columns: map[string]string{}}
	if f != nil {
		for _, o := range f.Offers {
			for _, floor := range o.Floors(0) {
				if len(opt.Floors) == 0 || opt.Floors[len(opt.Floors)-1] != floor {
					opt.Floors = append(opt.Floors, floor)
				}
			}
		}
	}
	return opt
}

func read(tb testing.TB, text string, opt Options) (*Series, error) {
	tb.Helper()
	in, err := columns.Open("hours.csv", strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return Read(in, "hours.csv", opt)
}

func priced(tb testing.TB, text string, f *compare.Field, opt Options) *Result {
	tb.Helper()
	s, err := read(tb, text, opt)
	if err != nil {
		tb.Fatal(err)
	}
	r, err := s.Price(f, Shape{Replicas: 1}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// cost is what an offer comes to.
func (r *Result) cost(tb testing.TB, id string) *OfferCost {
	tb.Helper()
	for _, o := range r.Offers {
		if o.Period.Offer.Card.ID == id {
			return o
		}
	}
	tb.Fatalf("no offer %s", id)
	return nil
}

// hour is one row of a test.
type hour struct {
	at                      time.Time
	commands, bytes, stored int64
}

// table writes rows as a file.
func table(caches map[string][]hour, order ...string) string {
	var b strings.Builder
	b.WriteString("cache,time,commands,bytes,stored_bytes\n")
	for _, name := range order {
		for _, h := range caches[name] {
			fmt.Fprintf(&b, "%s,%s,%d,%d,%d\n", name, h.at.UTC().Format(time.RFC3339), h.commands, h.bytes, h.stored)
		}
	}
	return b.String()
}

// rounded is an exact amount of dollars in nano-dollars, rounded half up.
func rounded(usd *big.Rat) money.USD {
	nano := new(big.Rat).Mul(usd, big.NewRat(money.Nano, 1))
	nano.Add(nano, big.NewRat(1, 2))
	return money.USD(new(big.Int).Quo(nano.Num(), nano.Denom()).Int64())
}

func rat(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic(s)
	}
	return r
}

// serverless sums the hours of ElastiCache Serverless by hand: GiB-hours of at
// least so many GiB in every hour, and an ECPU a command or a kB, whichever is
// more. Each line of each month is rounded once.
func serverless(hours []hour, least, perGiB, perMillion string) money.USD {
	months := map[string][2]*big.Rat{}
	for _, h := range hours {
		m := h.at.UTC().Format("2006-01")
		sum, ok := months[m]
		if !ok {
			sum = [2]*big.Rat{new(big.Rat), new(big.Rat)}
			months[m] = sum
		}
		gib := big.NewRat(h.stored, 1<<30)
		if floor := rat(least); gib.Cmp(floor) < 0 {
			gib = floor
		}
		sum[0].Add(sum[0], gib.Mul(gib, rat(perGiB)))
		ecpu := big.NewRat(h.commands, 1)
		if kb := big.NewRat(h.bytes, 1000); kb.Cmp(ecpu) > 0 {
			ecpu = kb
		}
		sum[1].Add(sum[1], ecpu.Mul(ecpu, new(big.Rat).Quo(rat(perMillion), big.NewRat(1e6, 1))))
	}
	total := money.USD(0)
	for _, sum := range months {
		total += rounded(sum[0]) + rounded(sum[1])
	}
	return total
}

// traces are real series, a name and its hourly sums, where they are present,
// and one of the test's own: three days, quiet at night and with one spike.
func traces(t *testing.T) map[string][]hour {
	t.Helper()
	own := []hour{}
	for i := range int64(72) {
		own = append(own, hour{at: time.Date(2026, 2, 27, int(i), 0, 0, 0, time.UTC), commands: 100 + 37*(i%24)*(i%24)})
	}
	own[40].commands *= 31
	all := map[string][]hour{"own": own}
	files, err := filepath.Glob("../../../shared/traces/nab-*-hourly.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
		var hours []hour
		for _, row := range rows[1:] {
			at, err := time.Parse(time.DateTime, row[0])
			if err != nil {
				t.Fatal(err)
			}
			v, err := strconv.ParseFloat(row[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			hours = append(hours, hour{at: at, commands: int64(v)})
		}
		all[filepath.Base(file)] = hours
	}
	t.Logf("%d traces besides the test's own", len(all)-1)
	return all
}

// TestTraces: uneven series whose mean is at, 1.5 times and 3 times the 0.1 GiB
// that ElastiCache Serverless for Valkey bills at least. us-east-1: 0.084 USD a
// GiB-hour, 0.0023 USD a million ECPU.
func TestTraces(t *testing.T) {
	f := field(t, "elasticache-serverless-*")
	for name, trace := range traces(t) {
		sum := int64(0)
		for _, h := range trace {
			sum += h.commands
		}
		for _, tenths := range []int64{10, 15, 30} {
			var hours []hour
			for _, h := range trace {
				// stored = value ÷ mean × tenths ÷ 10 × 0.1 GiB
				stored := new(big.Int).Mul(big.NewInt(h.commands), big.NewInt(int64(len(trace))*tenths*unit.GiB/100))
				h.stored = stored.Quo(stored, big.NewInt(sum)).Int64()
				h.bytes = h.commands * (500 + h.commands%7*300)
				hours = append(hours, h)
			}
			opt := options(f)
			opt.Gaps = GapsHold
			s, err := read(t, table(map[string][]hour{"a": hours}, "a"), opt)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if s.Missing > 0 {
				hours = held(hours)
			}
			r, err := s.Price(f, Shape{Replicas: 1}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct{ id, least, gib, ecpu string }{
				{"elasticache-serverless-valkey", "0.1", "0.084", "0.0023"},
				{"elasticache-serverless-redis", "1", "0.125", "0.0034"},
			} {
				got, want := r.cost(t, c.id), serverless(hours, c.least, c.gib, c.ecpu)
				if got.Total != want || got.Status() != bill.Priced {
					t.Errorf("%s, %d tenths of the floor, %s: %s (%s), by hand %s", name, tenths, c.id, got.Total.Exact(), got.Status(), want.Exact())
				}
				none := serverless(hours, "0", c.gib, c.ecpu)
				if diff := got.Floor - (want - none); diff > 10 || diff < -10 { // each month rounds twice
					t.Errorf("%s, %d tenths: the minimum cost %s, by hand %s", name, tenths, got.Floor.Exact(), (want - none).Exact())
				}
			}
		}
	}
}

// held fills missing hours with the hour before.
func held(hours []hour) []hour {
	all := hours[:1:1]
	for _, h := range hours[1:] {
		for last := all[len(all)-1]; h.at.Sub(last.at) > time.Hour; last = all[len(all)-1] {
			last.at = last.at.Add(time.Hour)
			all = append(all, last)
		}
		all = append(all, h)
	}
	return all
}

// TestByHand: nodes, a price per GB-month with a free GB, prices per month of
// months of 31 and 28 days, and a month in part.
//
//	January: 744 hours, 1,000,000 commands, 3 GB; February: 672 hours, the same
//	each hour; March: its first 10 hours.
func TestByHand(t *testing.T) {
	var hours []hour
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 744 + 672 + 10 {
		hours = append(hours, hour{at.Add(time.Duration(i) * time.Hour), 1_000_000, 100_000_000, 3e9})
	}
	f := field(t, "upstash-payg", "elasticache-node-valkey", "render-key-value", "digitalocean-valkey", "redis-cloud-pro")
	r := priced(t, table(map[string][]hour{"a": hours}, "a"), f, options(f))
	if len(r.Months) != 3 || r.Months[0] != (MonthSpan{"2026-01", 744, 744}) || r.Months[1] != (MonthSpan{"2026-02", 672, 672}) || r.Months[2] != (MonthSpan{"2026-03", 744, 10}) {
		t.Fatalf("months: %v", r.Months)
	}
	// Upstash, January: 744 million commands × 0.20 ÷ 100,000 = 1,488.00; (3 − 1) GB × 0.25 = 0.50;
	// 74.4 GB moved are free. March: 10 million = 20.00; 30 GB-hours of 744 are less than the free GB.
	check := func(id string, want ...string) {
		t.Helper()
		o := r.cost(t, id)
		for i, usd := range want {
			if o.Months[i].Exact() != usd {
				t.Errorf("%s, %s: %s, by hand %s", id, r.Months[i].Name, o.Months[i].Exact(), usd)
			}
		}
	}
	check("upstash-payg", "1488.50", "1344.50", "20.00")
	// 3 GB need 4 GB with 25 % reserved: cache.t4g.medium has 3.09 GiB × 0.75 = 2.3175 GiB, so two shards of two
	// nodes: 4 × 0.052 × 744 = 154.752; the other way, 2 × cache.m7g.large at 0.1264 is 188.0832 and
	// 2 × 0.1024 × 744 = 152.3712 for cache.t4g... whichever is least: held against estimate.
	o := r.cost(t, "elasticache-node-valkey")
	if p := o.Bill.Plan; p == nil || p.Nodes == 0 {
		t.Fatalf("no nodes: %+v", o.Bill)
	}
	per := rat(o.Months[1].Exact())
	per.Quo(per, big.NewRat(672, 1))
	for i, n := range []int64{744, 672, 10} {
		if got := o.Months[i]; got != rounded(new(big.Rat).Mul(per, big.NewRat(n, 1))) {
			t.Errorf("nodes, %s: %s is not %d hours of %s", r.Months[i].Name, got.Exact(), n, per.FloatString(6))
		}
	}
	// DigitalOcean sells by the month; of March 10 of 744 hours.
	do := r.cost(t, "digitalocean-valkey")
	if do.Months[0] != do.Months[1] || do.Months[2] != rounded(new(big.Rat).Mul(rat(do.Months[0].Exact()), big.NewRat(10, 744))) {
		t.Errorf("DigitalOcean: %v", do.Months)
	}
	// Redis Cloud Pro costs at least 200.02 a month, so 200.02 × 10 ÷ 744 for the part of March.
	pro := r.cost(t, "redis-cloud-pro")
	if least := rounded(new(big.Rat).Mul(rat("200.02"), big.NewRat(10, 744))); pro.Months[2] < least || pro.Months[0] < 200_020_000_000 {
		t.Errorf("Redis Cloud Pro: %v", pro.Months)
	}
}

// TestEveryHourSummed: for random caches and hours the few sums that are kept
// give what summing every hour in math/big gives, on every shape of price.
func TestEveryHourSummed(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 1))
	f := field(t, "elasticache-serverless-*", "upstash-payg", "memorydb-valkey", "elasticache-node-valkey")
	for range 30 {
		caches := map[string][]hour{}
		var names []string
		for c := range 1 + r.IntN(5) {
			at := time.Date(2025, time.Month(1+r.IntN(12)), 1+r.IntN(28), r.IntN(24), 0, 0, 0, time.UTC)
			var hours []hour
			size, rate := int64(1)<<(20+r.IntN(14)), int64(1)<<r.IntN(28)
			for range 1 + r.IntN(2000) {
				h := hour{at: at, commands: r.Int64N(rate + 1), stored: r.Int64N(size + 1)}
				h.bytes = h.commands * r.Int64N(3000)
				hours, at = append(hours, h), at.Add(time.Hour)
			}
			name := fmt.Sprint("c", c)
			names = append(names, name)
			caches[name] = hours
		}
		opt := options(f)
		opt.Every = 3600
		res := priced(t, table(caches, names...), f, opt)
		for i, name := range names {
			got := res.Caches[i].Costs
			for at, o := range f.Offers {
				want := money.USD(0)
				switch o.Card.ID {
				case "elasticache-serverless-valkey":
					want = serverless(caches[name], "0.1", "0.084", "0.0023")
				case "elasticache-serverless-redis":
					want = serverless(caches[name], "1", "0.125", "0.0034")
				case "upstash-payg":
					want = upstash(caches[name])
				default:
					continue
				}
				if got[at].Status == bill.Priced && got[at].Total != want {
					t.Fatalf("%s on %s: %s, by hand %s", name, o.Card.ID, got[at].Total.Exact(), want.Exact())
				}
			}
		}
	}
}

// upstash sums the hours of pay as you go by hand: commands, GB-months above
// one, GB moved above 200.
func upstash(hours []hour) money.USD {
	type sum struct{ commands, stored, moved *big.Rat }
	months := map[string]*sum{}
	length := map[string]int64{}
	for _, h := range hours {
		m := h.at.UTC().Format("2006-01")
		if months[m] == nil {
			months[m] = &sum{new(big.Rat), new(big.Rat), new(big.Rat)}
			first := time.Date(h.at.Year(), h.at.Month(), 1, 0, 0, 0, 0, time.UTC)
			length[m] = int64(first.AddDate(0, 1, 0).Sub(first) / time.Hour)
		}
		s := months[m]
		s.commands.Add(s.commands, big.NewRat(h.commands, 100_000))
		s.stored.Add(s.stored, big.NewRat(h.stored, 1e9))
		s.moved.Add(s.moved, big.NewRat(h.bytes, 1e9))
	}
	above := func(q *big.Rat, free int64) *big.Rat {
		q.Sub(q, big.NewRat(free, 1))
		if q.Sign() < 0 {
			return new(big.Rat)
		}
		return q
	}
	total := money.USD(0)
	for m, s := range months {
		s.stored.Quo(s.stored, big.NewRat(length[m], 1))
		total += rounded(s.commands.Mul(s.commands, rat("0.20"))) +
			rounded(new(big.Rat).Mul(above(s.stored, 1), rat("0.25"))) + rounded(new(big.Rat).Mul(above(s.moved, 200), rat("0.03")))
	}
	return total
}

// TestFiner: rows of five minutes are billed by the mean of their hour, so a
// minimum is that of the hour, not of the row.
func TestFiner(t *testing.T) {
	f := field(t, "elasticache-serverless-valkey")
	var fine strings.Builder
	fine.WriteString("time,commands,bytes,stored_bytes\n")
	r := rand.New(rand.NewPCG(3, 4))
	var hours []hour
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	sum := new(big.Rat)
	ecpu := int64(0)
	for range 100 {
		held := int64(0)
		for range 12 {
			h := hour{at: at, commands: r.Int64N(1000), stored: r.Int64N(250_000_000)}
			h.bytes = h.commands * 1500
			fmt.Fprintf(&fine, "%s,%d,%d,%d\n", at.Format(time.RFC3339), h.commands, h.bytes, h.stored)
			held += h.stored
			ecpu += h.bytes // thousandths
			at = at.Add(5 * time.Minute)
		}
		mean := big.NewRat(held, 12<<30)
		if floor := rat("0.1"); mean.Cmp(floor) < 0 {
			mean = floor
		}
		sum.Add(sum, mean)
	}
	_ = hours
	res := priced(t, fine.String(), f, options(f))
	want := rounded(sum.Mul(sum, rat("0.084"))) + rounded(new(big.Rat).Mul(big.NewRat(ecpu, 1e9), rat("0.0023")))
	got := res.cost(t, "elasticache-serverless-valkey")
	if got.Total != want || res.Series.Every != 300 || res.Hours != 100 {
		t.Errorf("%s, by hand %s; %d s, %d h", got.Total.Exact(), want.Exact(), res.Series.Every, res.Hours)
	}
}

// TestInOnePart: the same rows in any order of caches, in one block or many,
// by month or by day, come to the same.
func TestInOnePart(t *testing.T) {
	f := field(t, "elasticache-*", "upstash-*")
	r := rand.New(rand.NewPCG(7, 7))
	caches := map[string][]hour{}
	for c := range 20 {
		at := time.Date(2025, 11, 20, c, 0, 0, 0, time.UTC)
		for range 1000 {
			caches[fmt.Sprint("c", c)] = append(caches[fmt.Sprint("c", c)], hour{at, r.Int64N(1e6), r.Int64N(1e9), r.Int64N(1e10)})
			at = at.Add(time.Hour)
		}
	}
	var names []string
	for name := range caches {
		names = append(names, name)
	}
	whole := priced(t, table(caches, names...), f, options(f))
	lines := strings.Split(strings.TrimSpace(table(caches, names...)), "\n")
	rows := lines[1:]
	var mixed []string // by hour, all caches
	for i := range 1000 {
		for c := range names {
			mixed = append(mixed, rows[c*1000+i])
		}
	}
	byHour := priced(t, lines[0]+"\n"+strings.Join(mixed, "\n")+"\n", f, options(f))
	opt := options(f)
	opt.ByDay = true
	byDay := priced(t, table(caches, names...), f, opt)
	for _, o := range byDay.Offers {
		sum := money.USD(0)
		for _, usd := range o.Days {
			sum += usd
		}
		if sum != o.Total {
			t.Errorf("%s: the days come to %s, the period to %s", o.Period.Offer.Card.ID, sum.Exact(), o.Total.Exact())
		}
	}
	for i, o := range whole.Offers {
		for _, other := range []*Result{byHour, byDay} {
			if got := other.Offers[i]; got.Total != o.Total || got.Status() != o.Status() || got.Floor != o.Floor {
				t.Errorf("%s: %s and %s", o.Period.Offer.Card.ID, o.Total.Exact(), got.Total.Exact())
			}
		}
	}
}
