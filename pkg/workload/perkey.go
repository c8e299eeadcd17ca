package workload

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/tomlfile"
	"github.com/keynest/keynest/pkg/unit"
)

//go:embed perkey.toml
var perKeyTOML string

// PerKey is the memory that an engine needs for each key besides the key and
// its value.
type PerKey struct {
	Name     string `toml:"name"`     // of the engine, as in "Valkey 8.0"
	Until    string `toml:"until"`    // the table is for versions below it; "" for all above
	Overhead string `toml:"overhead"` // "value bytes: overhead bytes", in increasing order of the value
	Larger   string `toml:"larger"`   // the table for larger values; "" for none
	Source   string `toml:"source"`
	Date     string `toml:"date"` // of the source, YYYY-MM-DD

	until  int64 // see ratecard.ParseVersion; 0 for all above
	points []perKeyPoint
}

// perKeyPoint is one measurement, in bytes.
type perKeyPoint struct{ value, overhead int64 }

// perKeys reads the tables, by id.
func perKeys() (map[string]*PerKey, error) {
	var f struct {
		Table map[string]*PerKey `toml:"table"`
	}
	if err := tomlfile.Decode("perkey.toml", perKeyTOML, &f); err != nil {
		return nil, err
	}
	for id, t := range f.Table {
		if t.Until != "" {
			var err error
			if t.until, err = ratecard.ParseVersion(t.Until); err != nil {
				return nil, fmt.Errorf("perkey.toml: table %s: until: %w", id, err)
			}
		}
		for point := range strings.SplitSeq(t.Overhead, ",") {
			var p perKeyPoint
			if _, err := fmt.Sscanf(strings.TrimSpace(point), "%d: %d", &p.value, &p.overhead); err != nil {
				return nil, fmt.Errorf("perkey.toml: table %s: overhead %q: %w", id, point, err)
			}
			t.points = append(t.points, p)
		}
	}
	return f.Table, nil
}

// PerKeyOf is the overhead in bytes of one key with a value of so many bytes,
// for an engine version (see ratecard.ParseVersion; 0 for none), and the table
// that it comes from.
//
// The table is that of the newest engine that is not newer than the version.
// Without a version it is the table with the largest overhead (Redis 7.0).
// Between two measured values the overhead is interpolated and rounded up to a
// byte. Below the smallest measured value, that value's overhead applies. Above
// the largest, the table that is named for larger values applies; without one,
// the overhead grows in proportion to the value.
func PerKeyOf(version, value int64) (overhead int64, from *PerKey, err error) {
	tables, err := perKeys()
	if err != nil {
		return 0, nil, err
	}
	ids := slices.SortedFunc(maps.Keys(tables), func(a, b string) int { return int(age(tables[a]) - age(tables[b])) })
	at := ids[0]
	for _, id := range ids {
		if at = id; version < age(tables[id]) {
			break
		}
	}
	from = tables[at]
	for value > from.points[len(from.points)-1].value && from.Larger != "" {
		from = tables[from.Larger]
	}
	return from.of(value), from, nil
}

// age is the order of the tables by the versions that they are for.
func age(t *PerKey) int64 {
	if t.until == 0 {
		return maxVersion + 1
	}
	return t.until
}

// of is the overhead in bytes for a value of so many bytes.
func (t *PerKey) of(value int64) int64 {
	low := t.points[0]
	if value <= low.value {
		return low.overhead
	}
	for _, high := range t.points[1:] {
		if value <= high.value {
			// The overhead may also fall from one measured value to the next.
			return (low.overhead*(high.value-value) + high.overhead*(value-low.value) + high.value - low.value - 1) / (high.value - low.value)
		}
		low = high
	}
	return unit.CeilDiv(value*low.overhead, low.value)
}

// KeyOverhead is the overhead of each key of a workload that gives its data by
// keys, and the engine that it was measured with; 0 and "" for any other.
func (w *Workload) KeyOverhead() (bytes int64, engine string) {
	if w.Keys == 0 {
		return 0, ""
	}
	n, from, err := PerKeyOf(w.EngineVersion, w.ValueBytes)
	if err != nil {
		return 0, ""
	}
	return n, from.Name
}

// byKeys reads a data size that is given as keys. It returns the flags that
// gave it; "" for none.
func (r *resolver) byKeys(w *Workload) string {
	before := len(r.problems)
	keys, byKeys := r.number("keys")
	name, byName := r.number("key_bytes")
	value, byValue := r.number("value_bytes")
	switch {
	case !byKeys && !byName && !byValue:
		return ""
	case !byKeys || !byName || !byValue:
		r.fail("--keys, --key-bytes and --value-bytes go together; give all three")
		return "--keys"
	case len(r.problems) > before:
		return "--keys"
	}
	each, from, err := PerKeyOf(w.EngineVersion, value)
	if err != nil {
		r.fail("%v", err)
		return "--keys"
	}
	stored, err := unit.Mul(keys, name+value+each)
	if err != nil || stored > maxStored {
		r.fail("--keys %d of %d bytes, each with %d bytes of overhead in %s, are more than the %s that can be counted", keys, name+value, each, from.Name, unit.FormatBytes(maxStored))
		return "--keys"
	}
	w.Keys, w.KeyBytes, w.ValueBytes, w.StoredBytes = keys, name, value, stored
	return "--keys"
}
