package workload

import (
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/ratecard"
)

// TestPerKey: overheads as they were measured, between two measured values, and
// beyond the largest.
func TestPerKey(t *testing.T) {
	for _, tt := range []struct {
		version string
		value   int64
		want    int64
		from    string
	}{
		{"", 1, 129, "Redis 7.0"},         // below the smallest: the smallest's
		{"", 16, 129, "Redis 7.0"},        //
		{"", 96, 137, "Redis 7.0"},        // 129 + 16 × 32/64
		{"", 100, 138, "Redis 7.0"},       // 129 + 16 × 36/64 = 138
		{"", 97, 138, "Redis 7.0"},        // 129 + 16 × 33/64 = 137.25, up
		{"", 10240, 2170, "Redis 7.0"},    //
		{"", 20480, 4340, "Redis 7.0"},    // twice the value, twice the overhead
		{"5.0.6", 16, 129, "Redis 7.0"},   //
		{"7.1", 16, 129, "Redis 7.0"},     //
		{"7.2", 16, 114, "Valkey 7.2"},    //
		{"7.2", 1024, 373, "Redis 7.0"},   // the chart ends at 512
		{"8.0.1", 512, 235, "Valkey 8.0"}, //
		{"8.1", 16, 62, "Valkey 8.1"},     //
		{"8.1", 384, 158, "Valkey 8.1"},   // 126 + 64 × 128/256
		{"9.0", 128, 94, "Valkey 8.1"},    //
		{"8.1", 1024, 363, "Valkey 8.0"},  //
	} {
		version := int64(0)
		if tt.version != "" {
			var err error
			if version, err = ratecard.ParseVersion(tt.version); err != nil {
				t.Fatal(err)
			}
		}
		got, from, err := PerKeyOf(version, tt.value)
		if err != nil || got != tt.want || from.Name != tt.from {
			t.Errorf("version %q, value %d: %d of %v, %v; want %d of %s", tt.version, tt.value, got, from, err, tt.want, tt.from)
		}
	}
}

// TestPerKeyTables: every table has its source and its day, rises in its values,
// and names tables that there are.
func TestPerKeyTables(t *testing.T) {
	tables, err := perKeys()
	if err != nil {
		t.Fatal(err)
	}
	open := 0
	for id, table := range tables {
		if table.Source == "" || len(table.Date) != len("2026-11-22") || len(table.points) < 2 {
			t.Errorf("%s: %+v", id, table)
		}
		if table.until == 0 {
			open++
		}
		if table.Larger != "" && (tables[table.Larger] == nil || tables[table.Larger].Larger != "") {
			t.Errorf("%s: larger is %q", id, table.Larger)
		}
		for i := 1; i < len(table.points); i++ {
			if table.points[i].value <= table.points[i-1].value {
				t.Errorf("%s: value %d does not rise", id, table.points[i].value)
			}
		}
	}
	if open != 1 {
		t.Errorf("%d tables are for all newer versions", open)
	}
}

// TestStoredByKeys: a million keys of 16 and 64 bytes with 129 of overhead are
// 209 MB; a JSON report gives the same back.
func TestStoredByKeys(t *testing.T) {
	w := resolve(t, "ops_per_sec=1 keys=1000000 key_bytes=16 value_bytes=64")
	if w.StoredBytes != 209_000_000 || w.Keys != 1_000_000 {
		t.Errorf("%+v", w)
	}
	if n, engine := w.KeyOverhead(); n != 129 || engine != "Redis 7.0" {
		t.Errorf("overhead %d of %q", n, engine)
	}
	if w := resolve(t, "ops_per_sec=1 keys=1000000 key_bytes=16 value_bytes=64 engine_version=8.1"); w.StoredBytes != 158_000_000 {
		t.Errorf("8.1: %d bytes; want 10^6 × (16 + 64 + 78)", w.StoredBytes)
	}
	again, err := Restore("", func(key string) string {
		f := fieldOf(key)
		if s := f.Text(&w); f.Reported() && (s != "" || !f.Words()) {
			return s
		}
		return ""
	})
	if err != nil || again.Keys != w.Keys || again.ValueBytes != 64 || again.StoredBytes != w.StoredBytes {
		t.Errorf("%+v, %v", again, err)
	}
	// A flag's size takes the place of a file's keys, and the other way round.
	over := Input{GiB: "1"}.Over(Input{OpsPerSec: "1", Keys: "5", KeyBytes: "1", ValueBytes: "1"})
	if w, err := over.Resolve(""); err != nil || w.StoredBytes != 1<<30 || w.Keys != 0 {
		t.Errorf("%+v, %v", w, err)
	}
	if _, err := (Input{OpsPerSec: "1", Keys: "1"}).Resolve(""); err == nil || !strings.Contains(err.Error(), "go together") {
		t.Error(err)
	}
}
