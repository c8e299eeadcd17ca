// Package unit names the units that vendors quote prices in, and counts
// quantities as whole numbers of a smallest unit, so that no quantity is ever
// a floating-point number.
//
// A quantity is an int64. What it counts depends on its Dimension:
//
//	dimension    smallest unit                a price may be per
//	commands     1 command                    command
//	ecpu         1/1000 ECPU                  ECPU
//	bytes        1 byte                       GB, GiB
//	byte-hours   1 byte held for 1 hour       GB-hour, GiB-hour, GB-month, GiB-month
//	node-hours   1 node for 1 hour            node-hour, node-month, database-hour, database-month
//	cpu-hours    1/1000 processor for 1 hour  vCPU-hour, vCPU-month
//	work-hours   1/1000 hour of a person      work-hour
//
// Decimal and binary sizes are different units and are never mixed: kB, MB, GB
// and TB are powers of 1000, KiB, MiB, GiB and TiB powers of 1024 (IEC
// 80000-13). A GiB is 7.4 % more than a GB.
//
// A division rounds half up, to a whole smallest unit. What does not fit in an
// int64 is the error ErrRange, never a wrapped number.
package unit

import (
	"fmt"
	"sort"
	"strings"
)

// Million is the scale of a figure that is held in millionths: a share of 0.8
// is 800,000, a rate of 12.5 commands a second is 12,500,000.
const Million = 1_000_000

// HoursPerMonth is the length of a month unless the caller gives another:
// 365 × 24 ÷ 12. The calculators of AWS, Google Cloud and Azure use the same.
const HoursPerMonth int64 = 730

// Dimension is what a quantity counts. A price can only be applied to a
// quantity of its own dimension.
type Dimension string

// The dimensions, each with the smallest unit that it is counted in.
const (
	// Commands counts single commands.
	Commands Dimension = "commands"
	// ECPU counts thousandths of an ElastiCache processing unit, because AWS
	// bills fractions: a command that moves 3.2 KB is 3.2 ECPU.
	ECPU Dimension = "ecpu"
	// Bytes counts bytes that are moved.
	Bytes Dimension = "bytes"
	// ByteHours counts bytes that are held, times the hours that they are held.
	ByteHours Dimension = "byte-hours"
	// NodeHours counts whole things by the hour: nodes, databases, read
	// regions, IP addresses.
	NodeHours Dimension = "node-hours"
	// CPUHours counts thousandths of a virtual processor, times hours.
	CPUHours Dimension = "cpu-hours"
	// WorkHours counts thousandths of an hour of a person's time.
	WorkHours Dimension = "work-hours"
)

// Unit is a unit that a price can be quoted per, such as "GiB-hour".
type Unit struct {
	Name      string
	Dimension Dimension
	each      int64 // smallest units in one; for a monthly unit, in one for one hour
	monthly   bool  // the unit lasts a month, so its size depends on the month's hours
}

// units is every unit that a rate card may use. ECPU, vCPU and work-hour are
// counted in thousandths, all others in whole ones.
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

// ByName finds a unit by the exact name that rate cards use: "GB-month" is a
// unit, "gb-month" is an error that lists the known ones.
func ByName(name string) (Unit, error) {
	for _, u := range units {
		if u.Name == name {
			return u, nil
		}
	}
	return Unit{}, fmt.Errorf("unknown unit %q; known: %s", name, strings.Join(Names(), ", "))
}

// Names lists the names of all units in alphabetical order.
func Names() []string {
	var names []string
	for _, u := range units {
		names = append(names, u.Name)
	}
	sort.Strings(names)
	return names
}

// Size is how many smallest units one unit has, in a month of that many hours:
// 1 GB-month of 730 hours is 730 × 10^9 byte-hours, 1 GB-hour is 10^9.
// Dividing a quantity by it gives what a price is multiplied with.
func (u Unit) Size(hoursPerMonth int64) int64 {
	if u.monthly {
		return u.each * hoursPerMonth
	}
	return u.each
}

// Timed says whether the unit lasts an hour or a month, and so depends on how
// finely hours are counted. A person's hours are always counted in thousandths.
func (u Unit) Timed() bool { return u.Dimension != WorkHours && u.HeldName() != u.Name }

// Held is how many smallest units one unit of the thing is if it is held for
// the whole month: 1 GiB held for 730 hours is 730 × 2^30 byte-hours, whether
// its price is per GiB-hour or per GiB-month. Vendors state free amounts,
// minimums and tiers in this way ("the first GB is free"). For a unit without
// time, such as GB or command, it is the same as Size.
func (u Unit) Held(hoursPerMonth int64) int64 {
	if u.HeldName() == u.Name {
		return u.each
	}
	return u.each * hoursPerMonth
}

// HeldName is the name of the unit without its time: "GiB" for "GiB-hour",
// "node" for "node-month".
func (u Unit) HeldName() string {
	return strings.TrimSuffix(strings.TrimSuffix(u.Name, "-hour"), "-month")
}
