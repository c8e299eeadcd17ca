package unit

import (
	"fmt"
	"strings"
)

// Sizes in bytes. The decimal ones are powers of 1000, the binary ones powers
// of 1024 (IEC 80000-13).
const (
	KB  int64 = 1e3
	MB  int64 = 1e6
	GB  int64 = 1e9
	TB  int64 = 1e12
	KiB int64 = 1 << 10
	MiB int64 = 1 << 20
	GiB int64 = 1 << 30
	TiB int64 = 1 << 40
)

// sizes are the names of sizes. In each system the largest comes first, so a
// size is printed with the first name that it reaches.
var sizes = []struct {
	name  string
	bytes int64
}{
	{"TiB", TiB}, {"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB},
	{"TB", TB}, {"GB", GB}, {"MB", MB}, {"kB", KB}, {"B", 1},
}

// ParseBytes reads a size with its unit, such as "13.07 GiB" or "250 MB", and
// rounds it half up to a whole byte. A number without a unit is refused: GB
// and GiB are 7.4 % apart, and the caller must say which one is meant.
func ParseBytes(s string) (int64, error) {
	number := strings.TrimRight(s, "BKMGTik")
	suffix := s[len(number):]
	for _, size := range sizes {
		if size.name == suffix {
			v, err := Scaled(strings.TrimSuffix(number, " "), size.bytes)
			if err != nil {
				return 0, fmt.Errorf("size %w", err)
			}
			return v, nil
		}
	}
	return 0, fmt.Errorf("size %q needs a unit: B, kB, MB, GB, TB, KiB, MiB, GiB or TiB", Clip(s))
}

// FormatBytes prints a size in bytes. It takes the first of these that fits:
//
//  1. the largest binary unit, if three decimals are exact: "8 GiB";
//  2. the largest decimal unit, if three decimals are exact: "250 MB";
//  3. the largest binary unit, rounded half up to two decimals: "10.69 GiB".
func FormatBytes(n int64) string {
	binary := largest(n, "TiB", "GiB", "MiB", "KiB", "B")
	for _, i := range []int{binary, largest(n, "TB", "GB", "MB", "kB", "B")} {
		if s := Decimal(n, sizes[i].bytes); decimals(s) <= 3 {
			return s + " " + sizes[i].name
		}
	}
	return Rounded(n, sizes[binary].bytes, 2) + " " + sizes[binary].name
}

// largest returns the index in sizes of the first of the names whose size is at
// most n. If n is below all of them, it returns the index of bytes.
func largest(n int64, names ...string) int {
	last := len(sizes) - 1
	for _, name := range names {
		for i, size := range sizes {
			if size.name == name && n >= size.bytes {
				return i
			}
		}
	}
	return last
}
