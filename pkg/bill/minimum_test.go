package bill

import (
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/workload"
)

// settableCard takes a minimum of data and of ECPU a second that the customer
// sets, up to its limits.
const settableCard = `
limit = {max_data = "100 GiB", max_ecpu_per_sec = 1000}
[offer.o.version.2026-01-01.charge]
data = {name = "data", meter = "stored", unit = "GiB-hour", usd = "0.10", minimum = "0.5", minimum_each = "database", minimum_set = "page"}
ecpu = {name = "ECPU", meter = "ecpu", unit = "ECPU", usd = "0.01", per = 1000000, minimum_set = "page"}
`

// TestSetMinimum: what the customer sets is billed in each database, if it is
// above what is used and above the minimum of the offer.
func TestSetMinimum(t *testing.T) {
	for _, tt := range []struct{ name, inputs, lines, notes string }{
		// 0.5 × 730 × 0.10.
		{"none", "commands_per_month=0 gib=0", "data 365 36.50; ecpu 0 0.00", "minimum 0.5 GiB applied"},
		{"data", "commands_per_month=0 gib=0 min_data_gb=2", "data 1460 146.00; ecpu 0 0.00", "minimum of 2 GiB applied, as set"}, // 2 × 730 × 0.10
		{"exactly the minimum", "commands_per_month=0 gib=0.5", "data 365 36.50; ecpu 0 0.00", ""},
		{"data, below the offer's", "commands_per_month=0 gib=0 min_data_gb=0.4", "data 365 36.50; ecpu 0 0.00", "minimum 0.5 GiB applied"},
		{"data, below what is used", "commands_per_month=0 gib=3 min_data_gb=2", "data 2190 219.00; ecpu 0 0.00", ""},
		{"data of two", "commands_per_month=0 gib=0 min_data_gb=2 databases=2", "data 2920 292.00; ecpu 0 0.00", "minimum of 2 GiB applied, as set"},
		// 1,000 × 3,600 × 730 = 2,628,000,000 ECPU.
		{"ECPU", "commands_per_month=5 gib=3 min_ecpu_per_sec=1000", "data 2190 219.00; ecpu 2628000000 26.28", "minimum of 1,000 ECPU a second applied, as set"},
		{"ECPU of part hours", "commands_per_month=5 gib=3 min_ecpu_per_sec=1000 hours_per_month=10.5", "data 31.5 3.15; ecpu 37800000 0.378", "minimum of 1,000 ECPU a second applied, as set"}, // 1,000 × 37,800 s
		{"ECPU, below what is used", "commands_per_month=2000000000 gib=3 min_ecpu_per_sec=500 payload_bytes=0", "data 2190 219.00; ecpu 2000000000 20.00", ""},
	} {
		set := ownCard(t, settableCard)
		u := used(t, tt.inputs)
		o, err := Compile(set, set.Offer("o"), Options{AsOf: testToday, HoursPerMonth: u.Hours / max(1, u.HourParts), Hundredths: u.Hours % max(1, u.HourParts)})
		if err != nil {
			t.Fatal(err)
		}
		b := mustBill(t, o, &u)
		var notes []string
		for _, l := range b.Lines {
			notes = append(notes, l.Notes...)
		}
		if got := lineText(b); got != tt.lines || strings.Join(notes, "; ") != tt.notes || b.Status != Priced {
			t.Errorf("%s: %s %s, %q; want %s, %q", tt.name, b.Status, got, notes, tt.lines, tt.notes)
		}
		if words := strings.Join(b.Warnings, "\n"); strings.Contains(words, "does not apply") {
			t.Errorf("%s: %s", tt.name, words)
		}
	}
	// Where hours differ, every hour is raised: 40,000 ECPU are used, and the hours
	// are 60,000 short of the minimum.
	set := ownCard(t, settableCard)
	o, err := Compile(set, set.Offer("o"), Options{AsOf: testToday})
	if err != nil {
		t.Fatal(err)
	}
	u := used(t, "commands_per_month=40000 gib=3 min_ecpu_per_sec=1 payload_bytes=0")
	u.Hourly = &workload.Hourly{ECPUShort: 60_000 * 1000}
	if b := mustBill(t, o, &u); lineText(b) != "data 2190 219.00; ecpu 100000 0.001" {
		t.Errorf("hours that differ: %s", lineText(b))
	}
}

// TestMinimumTooHigh: a minimum above what the offer holds is named, one at the
// limit is not. An offer that takes none warns.
func TestMinimumTooHigh(t *testing.T) {
	for _, tt := range []struct {
		card          string
		data, ecpu    int64 // thousandths of a GiB, ECPU a second
		want, warning string
	}{
		{settableCard, 0, 0, "", ""},
		{settableCard, 100_000, 1000, "", ""},
		{settableCard, 100_001, 1000, "--min-data-gb 100.001 is above the 100 GiB that o holds", ""},
		{settableCard, 100_000, 1001, "--min-ecpu-per-sec 1001 is above the 1000 ECPU a second that o gives", ""},
		{strings.Replace(settableCard, `limit = {max_data = "100 GiB", max_ecpu_per_sec = 1000}`, "", 1), 100_001, 1001, "", ""},
		{strings.ReplaceAll(settableCard, `, minimum_set = "page"`, ""), 100_001, 1001, "",
			"--min-data-gb does not apply: the offer has no minimum that a customer sets\n--min-ecpu-per-sec does not apply: the offer has no minimum that a customer sets"},
		{strings.Replace(settableCard, `, minimum_set = "page"`, "", 1), 1, 1, "", "--min-data-gb does not apply: the offer has no minimum that a customer sets"},
		{strings.ReplaceAll(settableCard, `, minimum_set = "page"`, ""), 0, 0, "", ""},
	} {
		set := ownCard(t, tt.card)
		o, err := Compile(set, set.Offer("o"), Options{AsOf: testToday})
		if err != nil {
			t.Fatal(err)
		}
		if got := o.MinimumTooHigh(&workload.Workload{MinDataGB: tt.data, MinECPUPerSec: tt.ecpu}); got != tt.want {
			t.Errorf("%d and %d: %q; want %q", tt.data, tt.ecpu, got, tt.want)
		}
		u := used(t, "commands_per_month=0 gib=1")
		u.MinDataGB, u.MinECPUPerSec = tt.data, tt.ecpu
		if tt.want != "" {
			continue
		}
		b, err := o.Bill(&u)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(b.Warnings, "\n"); got != tt.warning {
			t.Errorf("%d and %d: warnings %q; want %q", tt.data, tt.ecpu, got, tt.warning)
		}
	}
}
