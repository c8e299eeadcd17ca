package commands

import "testing"

// One hour of 1,000 GET, 500 SET, a script that ran the SETs, and what an
// exporter asks: Upstash's rule bills all but its list, and a write again in
// each read region.
func TestBill(t *testing.T) {
	tally := Tally{Counts: map[string]int64{
		"get": 1000, "set": 500, "eval": 100, "ping": 60, "info": 60, "config|get": 60, "slowlog|get": 60, "replconf": 3600, "publish": 7,
	}}
	b := tally.Bill(NewClasses(), Free{"AUTH", "HELLO", "SELECT", "COMMAND", "CONFIG", "INFO", "PING", "RESET", "QUIT"})
	if b.Commands != 1607 || b.Writes != 500 || b.Reads() != 1107 || b.Unbilled != 3840 {
		t.Errorf("%+v", b)
	}
	if all := tally.Bill(NewClasses(), nil); all.Commands != 1787 {
		t.Errorf("without a list: %+v", all)
	}
}

// ElastiCache's rule: simple commands by their kB, others by the higher of kB and
// processor time. n commands of a mean of m kB cost from max(1, m) × n to (1 + m) × n.
func TestECPU(t *testing.T) {
	for name, c := range map[string]struct {
		tally          Tally
		low, mid, high int64
		base           int64
		measured       bool
	}{
		// Too few to measure: 3 µs. A GET of up to 1 kB costs 1; if one of ten moved
		// all 2,000 B, they would cost 9 + 2.
		"small": {Tally{Counts: map[string]int64{"get": 10}, Usec: map[string]int64{"get": 20}, Moved: 2000}, 10_000, 10_000, 12_000, 3000, false},
		// GET and SET are 1 each whatever processor time either of them takes.
		"get and set": {
			Tally{Counts: map[string]int64{"get": 2000, "set": 2000}, Usec: map[string]int64{"get": 2000, "set": 8000}, Moved: 800_000},
			4_000_000, 4_000_000, 4_800_000, 2500, true,
		},
		// The vendor's own example: 3.2 kB cost 3.2 ECPU.
		"kilobytes": {Tally{Counts: map[string]int64{"get": 10}, Usec: map[string]int64{"get": 20}, Moved: 32_000}, 32_000, 32_000, 42_000, 3000, false},
		// And: a HMGET of three times the processor time with 2 kB costs 3. At 6 µs
		// the ten of them are 15 times 2 µs: 30 ECPU, 10 above the 20 of their bytes.
		// High: an ECPU of 1.334 µs makes 44.978 of them, 34.978 above one each.
		"processor": {
			Tally{Counts: map[string]int64{"get": 2000, "hmget": 10}, Usec: map[string]int64{"get": 4000, "hmget": 60}, Moved: 4_020_000},
			4_020_000, 4_030_000, 2_010_000 + 4_020_000 + 34_978, 2000, true,
		},
		"free": {Tally{Counts: map[string]int64{"info": 9, "config|get": 1, "psync": 1, "cluster|setslot": 5}}, 0, 0, 0, 3000, false},
		// AWS's tools do not agree about MULTI, EXEC and PUBLISH: free, or 1 each.
		"contested": {Tally{Counts: map[string]int64{"get": 10, "multi": 5, "exec": 5, "publish": 2}}, 10_000, 10_000, 22_000, 3000, false},
		// And SELECT and TIME, which the card's list does not have.
		"contested the other way": {Tally{Counts: map[string]int64{"get": 10, "select": 5, "time": 1}}, 10_000, 16_000, 16_000, 3000, false},
		// Low: a script is one, whatever it ran. 3,000 µs are 1,000 ECPU of 3 µs, and
		// 1,500 of 2 µs; high counts the 50 SET besides.
		"script": {
			Tally{Counts: map[string]int64{"eval": 10, "set": 50}, Usec: map[string]int64{"eval": 3000, "set": 150}, Moved: 6000},
			10_000, 1_000_000, 60_000 + 6000 + 1_490_000, 3000, false,
		},
		// 40 scripts of 50 GET: the 2,000 GET of 0.16 µs are no measure of a GET.
		// 40 × 49.4 µs are 1,976 µs: 1,976 inner commands at a µs, 658.667 ECPU of 3 µs
		// and 24 GET that may be a client's.
		"inner commands": {
			Tally{Counts: map[string]int64{"evalsha": 40, "get": 2000}, Usec: map[string]int64{"evalsha": 1976, "get": 320}, Moved: 2040},
			40_000, 24_000 + 658_667, 2_040_000 + 2040 + 988_000 - 40_000, 3000, false,
		},
		// 300 GET of 42 B and 300 PUBLISH to 20 subscribers: what these receive is not
		// spread over the GET. 79 to 161 in the finding, 300 to 600 here and the bytes.
		"fan-out": {
			Tally{Counts: map[string]int64{"get": 300, "publish": 300}, Moved: 6_207_000, FanOut: 6_000_000},
			300_000, 300_000, 600_000 + 207_000, 3000, false,
		},
		// 1 % of 100 kB, 99 % of 50 B: 1,000 + 990 = 1,990 by hand, a mean of 1.0495 kB.
		"uneven": {Tally{Counts: map[string]int64{"get": 1000}, Moved: 1_049_500}, 1_049_500, 1_049_500, 2_049_500, 3000, false},
		// The same with sizes measured: a mean of max(1, kB) of 1.99.
		"uneven, measured": {Tally{Counts: map[string]int64{"get": 1000}, Moved: 1_049_500, Milli1kB: 1990}, 1_049_500, 1_990_000, 2_049_500, 3000, false},
	} {
		e, err := c.tally.ECPU(NewClasses(), Free{"AUTH", "MULTI", "EXEC", "CONFIG", "INFO", "PUBLISH"})
		if err != nil || e.Low != c.low || e.Milli != c.mid || e.High != c.high || e.BaseNanos != c.base || e.Measured != c.measured {
			t.Errorf("%s: %+v %v, want %d %d %d", name, e, err, c.low, c.mid, c.high)
		}
	}
	if _, err := (Tally{Counts: map[string]int64{"get": 1e15}, Moved: 9e18}).ECPU(NewClasses(), nil); err == nil {
		t.Error("an overflow was not noticed")
	}
}

// However the bytes are spread, what they cost lies in the range.
func FuzzECPURange(f *testing.F) {
	f.Add(uint16(10), uint32(100_000), uint32(50))
	f.Add(uint16(0), uint32(1000), uint32(1000))
	f.Fuzz(func(t *testing.T, large uint16, size, rest uint32) {
		const n = 1000
		some := int64(large) % (n + 1)
		a, b := int64(size)%1_000_000, int64(rest)%1_000_000
		truth := some*max(1000, a) + (n-some)*max(1000, b)
		e, err := Tally{Counts: map[string]int64{"get": n}, Moved: some*a + (n-some)*b}.ECPU(NewClasses(), nil)
		if err != nil || truth < e.Low || truth > e.High || e.Milli < e.Low || e.Milli > e.High {
			t.Errorf("%d of %d B and %d of %d B cost %d: %+v %v", some, a, n-some, b, truth, e, err)
		}
	})
}

// A capture that is nearly all CLUSTER commands bills what the application sent.
func TestBillOperators(t *testing.T) {
	tally := Tally{Counts: map[string]int64{
		"set": 30, "get": 370, "cluster|nodes": 60_000, "cluster|setslot": 20_000, "cluster|getkeysinslot": 20_000,
		"migrate": 5, "restore-asking": 5, "readonly": 9, "slowlog|get": 9, "debug": 1, "FT.SEARCH": 2, "cluster|slots": 3,
	}}
	b := tally.Bill(NewClasses(), nil)
	if b.Commands != 405 || b.Writes != 30 || b.Unbilled != 100_029 {
		t.Errorf("%+v", b)
	}
}
