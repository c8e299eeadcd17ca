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
	if b.Commands != 1667 || b.Writes != 500 || b.Reads() != 1167 || b.Unbilled != 3780 {
		t.Errorf("%+v", b)
	}
	if all := tally.Bill(NewClasses(), nil); all.Commands != 1847 {
		t.Errorf("without a list: %+v", all)
	}
}

func TestECPU(t *testing.T) {
	classes := NewClasses()
	for name, c := range map[string]struct {
		tally          Tally
		payload        int64
		low, mid, high int64
		base           int64
		measured       bool
	}{
		// Too few to measure: 3 µs. A GET of 200 B costs 1, whatever its bytes.
		"small": {Tally{map[string]int64{"get": 10}, map[string]int64{"get": 20}}, 200, 10_000, 10_000, 10_000, 3000, false},
		// The vendor's own example: 3.2 kB cost 3.2 ECPU.
		"kilobytes": {Tally{map[string]int64{"get": 10}, map[string]int64{"get": 20}}, 3200, 32_000, 32_000, 32_000, 3000, false},
		// And: a HMGET of three times the processor time with 2 kB costs 3.
		"processor": {
			Tally{map[string]int64{"get": 2000, "hmget": 10}, map[string]int64{"get": 4000, "hmget": 60}},
			2000, 4_020_000, 4_030_000, 4_045_000, 2000, true,
		},
		"free": {Tally{map[string]int64{"info": 9, "multi": 9, "config|get": 1, "psync": 1}, nil}, 100, 0, 0, 0, 3000, false},
		// A script is one; what it ran is counted besides it.
		"script": {
			Tally{map[string]int64{"eval": 10, "set": 50}, map[string]int64{"eval": 3000, "set": 150}},
			100, 60_000, 60_000, 1_575_000, 3000, false,
		},
	} {
		e, err := c.tally.ECPU(classes, Free{"AUTH", "MULTI", "EXEC", "CONFIG", "INFO"}, c.payload)
		if err != nil || e.Low != c.low || e.Milli != c.mid || e.High != c.high || e.BaseNanos != c.base || e.Measured != c.measured {
			t.Errorf("%s: %+v %v", name, e, err)
		}
	}
	if _, err := (Tally{map[string]int64{"get": 1e15}, nil}).ECPU(classes, nil, 1e6); err == nil {
		t.Error("an overflow was not noticed")
	}
}
