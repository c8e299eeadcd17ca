// Package unit names the units that prices are quoted in and counts quantities
// in whole smallest units, so that no quantity is ever a float.
//
// Bytes are decimal (kB, MB, GB, TB: powers of 1000) or binary (KiB, MiB, GiB,
// TiB: powers of 1024), after IEC 80000-13; the two are never mixed up
// silently. Storage over time is counted in byte-hours, nodes in node-hours,
// an ECPU in thousandths (ElastiCache bills 3.2 of them for 3.2 KB).
package unit

import (
	"errors"
	"fmt"
	"math/bits"
	"sort"
	"strconv"
	"strings"
)

// Sizes in bytes.
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

// Million is the scale of a Micro figure.
const Million = 1_000_000

// HoursPerMonth is the length of a month unless the caller says otherwise:
// 365 × 24 / 12, the month of the AWS, Google and Azure calculators.
const HoursPerMonth int64 = 730

// ErrRange reports a figure that is too large to count.
var ErrRange = errors.New("too large to count")

// Dimension is what a quantity counts; only quantities of one dimension can
// meet a price.
type Dimension string

// The dimensions and the smallest unit that each is counted in.
const (
	Commands  Dimension = "commands"   // 1 command
	ECPU      Dimension = "ecpu"       // 1/1000 ElastiCache processing unit
	Bytes     Dimension = "bytes"      // 1 byte
	ByteHours Dimension = "byte-hours" // 1 byte for 1 hour
	NodeHours Dimension = "node-hours" // 1 node, database, region or address for 1 hour
	CPUHours  Dimension = "cpu-hours"  // 1/1000 virtual processor for 1 hour
	WorkHours Dimension = "work-hours" // 1/1000 hour of a person's time
)

// Unit is one that a price can be quoted per, such as "GiB-hour".
type Unit struct {
	Name      string
	Dimension Dimension
	each      int64 // smallest units in one
	monthly   bool  // one lasts a month: times the hours of a month
}

var units = []Unit{
	{Name: "command", Dimension: Commands, each: 1},
	{Name: "ECPU", Dimension: ECPU, each: 1000},
	{Name: "GB", Dimension: Bytes, each: GB},
	{Name: "GiB", Dimension: Bytes, each: GiB},
	{Name: "GB-hour", Dimension: ByteHours, each: GB},
	{Name: "GiB-hour", Dimension: ByteHours, each: GiB},
	{Name: "GB-month", Dimension: ByteHours, each: GB, monthly: true},
	{Name: "GiB-month", Dimension: ByteHours, each: GiB, monthly: true},
	{Name: "node-hour", Dimension: NodeHours, each: 1},
	{Name: "node-month", Dimension: NodeHours, each: 1, monthly: true},
	{Name: "database-hour", Dimension: NodeHours, each: 1},
	{Name: "database-month", Dimension: NodeHours, each: 1, monthly: true},
	{Name: "vCPU-hour", Dimension: CPUHours, each: 1000},
	{Name: "vCPU-month", Dimension: CPUHours, each: 1000, monthly: true},
	{Name: "work-hour", Dimension: WorkHours, each: 1000},
}

// ByName finds a unit by its exact name, as rate cards write it.
func ByName(name string) (Unit, error) {
	for _, u := range units {
		if u.Name == name {
			return u, nil
		}
	}
	return Unit{}, fmt.Errorf("unknown unit %q; known: %s", name, strings.Join(Names(), ", "))
}

// Names lists the units in alphabetical order.
func Names() []string {
	var names []string
	for _, u := range units {
		names = append(names, u.Name)
	}
	sort.Strings(names)
	return names
}

// Size is how many smallest units make one, in a month of that many hours.
func (u Unit) Size(hoursPerMonth int64) int64 {
	if u.monthly {
		return u.each * hoursPerMonth
	}
	return u.each
}

// Held is how many smallest units make one that is held all month: a GiB of a
// price per GiB-hour or per GiB-month is 2^30 bytes × the hours of the month.
// Free amounts, minimums and tiers of such prices are meant so. For units
// without time it is Size.
func (u Unit) Held(hoursPerMonth int64) int64 {
	if u.HeldName() == u.Name {
		return u.each
	}
	return u.each * hoursPerMonth
}

// HeldName is the unit without its time: "GiB" for GiB-hour.
func (u Unit) HeldName() string {
	return strings.TrimSuffix(strings.TrimSuffix(u.Name, "-hour"), "-month")
}

var sizes = []struct {
	name  string
	bytes int64
}{
	{"TiB", TiB}, {"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB},
	{"TB", TB}, {"GB", GB}, {"MB", MB}, {"kB", KB}, {"B", 1},
}

// ParseBytes reads a size with its unit, such as "13.07 GiB" or "250 MB",
// rounded half up to a whole byte. A bare number is refused: GB and GiB are
// 7.4 % apart, so a size must say which it is.
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
	return 0, fmt.Errorf("size %q needs a unit: B, kB, MB, GB, TB, KiB, MiB, GiB or TiB", clip(s))
}

// FormatBytes prints a size in its largest binary unit where three decimals
// are exact, else in its largest decimal unit where they are, else in the
// binary one rounded half up to two decimals: "8 GiB", "250 MB", "10.69 GiB".
func FormatBytes(n int64) string {
	binary := largest(n, "TiB", "GiB", "MiB", "KiB", "B")
	for _, i := range []int{binary, largest(n, "TB", "GB", "MB", "kB", "B")} {
		if s := Decimal(n, sizes[i].bytes); decimals(s) <= 3 {
			return s + " " + sizes[i].name
		}
	}
	return Rounded(n, sizes[binary].bytes, 2) + " " + sizes[binary].name
}

// largest returns the index in sizes of the first name that n reaches.
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

// Scaled reads a decimal number without sign or exponent and returns it times
// scale, rounded half up: Scaled("0.1", GiB) is 107374182.
func Scaled(s string, scale int64) (int64, error) {
	whole, fraction, point := strings.Cut(s, ".")
	if whole == "" || (point && fraction == "") || !digits(whole) || !digits(fraction) {
		return 0, fmt.Errorf("%q is not a plain decimal number like 0.25", clip(s))
	}
	if len(fraction) > 18 {
		return 0, fmt.Errorf("%q has more than 18 decimals", clip(s))
	}
	mantissa, den := uint64(0), uint64(1)
	for _, c := range []byte(whole + fraction) {
		if mantissa > (1<<64-10)/10 {
			return 0, fmt.Errorf("%q is %w", clip(s), ErrRange)
		}
		mantissa = mantissa*10 + uint64(c-'0')
	}
	for range fraction {
		den *= 10
	}
	v, err := MulDiv(mantissa, uint64(scale), den)
	if err != nil {
		return 0, fmt.Errorf("%q is %w", clip(s), ErrRange)
	}
	return v, nil
}

// ParseMicro reads a number in millionths, with or without a power of ten:
// "45", "0.25", "1e6".
func ParseMicro(s string) (int64, error) {
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(s), "e")
	if !scientific {
		return Scaled(s, Million)
	}
	exponent = strings.TrimPrefix(exponent, "+")
	if exponent == "" || len(exponent) > 2 || !digits(exponent) {
		return 0, fmt.Errorf("%q is not a number like 0.25 or 1e6", clip(s))
	}
	scale := int64(Million)
	zeros, _ := strconv.Atoi(exponent)
	for range zeros {
		if scale > 1e17 {
			return 0, fmt.Errorf("%q is %w", clip(s), ErrRange)
		}
		scale *= 10
	}
	return Scaled(mantissa, scale)
}

// MulDiv returns a × b ÷ den rounded half up, or ErrRange when the result is
// not a positive int64 or den is zero.
func MulDiv(a, b, den uint64) (int64, error) {
	hi, lo := bits.Mul64(a, b)
	if den == 0 || hi >= den {
		return 0, ErrRange
	}
	q, r := bits.Div64(hi, lo, den)
	if r >= den-r {
		q++
	}
	if q > 1<<63-1 {
		return 0, ErrRange
	}
	return int64(q), nil
}

// Mul multiplies two counts, or returns ErrRange.
func Mul(a, b int64) (int64, error) {
	if a < 0 || b < 0 {
		return 0, ErrRange
	}
	return MulDiv(uint64(a), uint64(b), 1)
}

// Add adds two counts, or returns ErrRange.
func Add(a, b int64) (int64, error) {
	if a < 0 || b < 0 || a+b < 0 {
		return 0, ErrRange
	}
	return a + b, nil
}

// CeilDiv returns ⌈a ÷ b⌉ for a ≥ 0 and b > 0.
func CeilDiv(a, b int64) int64 {
	if b == 1 {
		return a // sizing divides by one database, and division is slow
	}
	q := a / b
	if a%b != 0 {
		q++
	}
	return q
}

// Decimal prints n ÷ scale exactly where twelve decimals are enough, else
// rounded half up to twelve, without trailing zeros: Decimal(8589934592, GB)
// is "8.589934592".
func Decimal(n, scale int64) string { return Rounded(n, scale, 12) }

// Rounded prints n ÷ scale rounded half up to at most that many decimals
// (0 to 18), without trailing zeros. n must not be negative.
func Rounded(n, scale int64, places int) string {
	whole, rest := uint64(n)/uint64(scale), uint64(n)%uint64(scale)
	pow := uint64(1)
	for range places {
		pow *= 10
	}
	hi, lo := bits.Mul64(rest, pow)
	q, r := bits.Div64(hi, lo, uint64(scale))
	if r >= uint64(scale)-r {
		q++
	}
	if q == pow {
		whole, q = whole+1, 0
	}
	if q == 0 {
		return fmt.Sprint(whole)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%0*d", whole, places, q), "0")
}

// decimals counts the digits after the point.
func decimals(s string) int {
	if i := strings.IndexByte(s, '.'); i >= 0 {
		return len(s) - i - 1
	}
	return 0
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
