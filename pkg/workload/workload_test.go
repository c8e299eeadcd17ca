package workload

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

// resolve reads "key=value key=value …" as a workload.
func resolve(t testing.TB, inputs string) Workload {
	t.Helper()
	w, err := input(t, inputs).Resolve("test")
	if err != nil {
		t.Fatalf("%s: %v", inputs, err)
	}
	return w
}

func input(t testing.TB, inputs string) Input {
	t.Helper()
	var in Input
	for _, pair := range strings.Fields(inputs) {
		key, value, _ := strings.Cut(pair, "=")
		if !in.Set(key, Value(value)) {
			t.Fatalf("no input %s", key)
		}
	}
	return in
}

func usage(t testing.TB, w Workload) Usage {
	t.Helper()
	u, err := w.Usage()
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestDefaults: two inputs are enough, and the rest is what the page says.
func TestDefaults(t *testing.T) {
	got := resolve(t, "ops_per_sec=5000 gib=8")
	want := Workload{
		Name:          "test",
		OpsPerSec:     5000 * unit.Million,
		PeakOpsPerSec: 5000 * unit.Million,
		StoredBytes:   8_589_934_592,  // 8 × 2^30
		PayloadBytes:  1000,           //
		ReadShare:     800_000,        // 0.8
		Replicas:      1,              //
		Databases:     1,              //
		Commands:      13_140_000_000, // 5,000 × 730 × 3,600
		Reads:         10_512_000_000, // × 0.8
		Writes:        2_628_000_000,
		TransferBytes: 13_140_000_000_000, // × 1,000
		WrittenBytes:  2_628_000_000_000,
		HoursPerMonth: 730,
		Given:         map[string]bool{"ops_per_sec": true, "gib": true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestUsage(t *testing.T) {
	got := usage(t, resolve(t, "ops_per_sec=5000.5 peak_ops_per_sec=9000.2 gib=8 payload_bytes=3200 read_regions=2 databases=3 replicas=2 operator_hours=1.5"))
	want := Usage{
		Commands:           13_141_314_000, // 5,000.5 × 2,628,000
		Reads:              10_513_051_200, // × 0.8
		Writes:             2_628_262_800,
		ReplicatedCommands: 18_397_839_600,          // reads + 3 × writes
		MilliECPU:          42_052_204_800_000,      // 3.2 an ECPU each: commands × 3,200
		StoredBytes:        8_589_934_592,           //
		StoredByteHours:    6_270_652_252_160,       // × 730
		TransferBytes:      42_052_204_800_000,      // commands × 3,200
		TransferOutBytes:   33_641_763_840_000,      // what reads move
		WrittenBytes:       8_410_440_960_000,       // what writes move
		PeakOps:            9001,                    // whole, rounded up
		PeakBytesPerSec:    28_800_640,              // 9,000.2 × 3,200
		PeakECPU:           28_801,                  // 9,000.2 × 3.2 = 28,800.64
		OpsPerSec:          5000*unit.Million + 5e5, // millionths
		PayloadBytes:       3200,
		Replicas:           2, ReadRegions: 2, Databases: 3, Hours: 730, HourParts: 1,
		OperatorHours: 1500,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	// A command of up to 1 KB is one ECPU.
	if u := usage(t, resolve(t, "ops_per_sec=1 gib=0 payload_bytes=1")); u.MilliECPU != 2_628_000*1000 || u.PeakECPU != 1 {
		t.Errorf("small commands: %d thousandths of an ECPU, %d at the peak", u.MilliECPU, u.PeakECPU)
	}
}

// TestDerived: every way to say the same thing.
func TestDerived(t *testing.T) {
	for _, tt := range []struct {
		inputs, what string
		got          func(Workload) int64
		want         int64
	}{
		{"ops_per_sec=1 gb=8", "bytes of 8 GB", func(w Workload) int64 { return w.StoredBytes }, 8e9},
		{"ops_per_sec=1 gib=0.1", "bytes of 0.1 GiB", func(w Workload) int64 { return w.StoredBytes }, 107_374_182}, // 107,374,182.4
		{"ops_per_sec=1 stored_bytes=5", "bytes of 5 bytes", func(w Workload) int64 { return w.StoredBytes }, 5},
		{"ops_per_sec=1 gib=0", "no bytes", func(w Workload) int64 { return w.StoredBytes }, 0},

		{"commands_per_month=2628000 gib=1", "ops/s", func(w Workload) int64 { return w.OpsPerSec }, 1e6},
		{"commands_per_month=1000000 gib=1", "ops/s", func(w Workload) int64 { return w.OpsPerSec }, 380_518}, // 1,000,000 ÷ 2,628,000
		{"commands_per_month=1000000 gib=1", "reads", func(w Workload) int64 { return w.Reads }, 800_000},
		{"commands_per_month=7 gib=1", "reads", func(w Workload) int64 { return w.Reads }, 6}, // 5.6
		{"commands_per_month=7 gib=1", "writes", func(w Workload) int64 { return w.Writes }, 1},
		{"reads_per_month=300 writes_per_month=100 gib=1", "commands", func(w Workload) int64 { return w.Commands }, 400},
		{"reads_per_month=300 writes_per_month=100 gib=1", "share", func(w Workload) int64 { return w.ReadShare }, 750_000},
		{"reads_per_month=0 writes_per_month=0 gib=1", "share of nothing", func(w Workload) int64 { return w.ReadShare }, 800_000},
		{"ops_per_sec=10 read_share=1 gib=1", "writes", func(w Workload) int64 { return w.Writes }, 0},
		{"ops_per_sec=10 read_share=0 gib=1", "reads", func(w Workload) int64 { return w.Reads }, 0},
		{"ops_per_sec=1 hours_per_month=720 gib=1", "commands", func(w Workload) int64 { return w.Commands }, 2_592_000},
		{"ops_per_sec=0.000001 gib=1", "commands", func(w Workload) int64 { return w.Commands }, 3}, // 2.628
		{"ops_per_sec=10 peak_ops_per_sec=25 gib=1", "peak", func(w Workload) int64 { return w.PeakOpsPerSec }, 25e6},
		{"ops_per_sec=10 peak_ops_per_sec=10 gib=1", "peak", func(w Workload) int64 { return w.PeakOpsPerSec }, 10e6},

		// 10 GB over 3,000,000 commands are 3,333.3 bytes each, rounded up.
		{"commands_per_month=3000000 transfer_gb_per_month=10 gib=1", "payload", func(w Workload) int64 { return w.PayloadBytes }, 3334},
		{"commands_per_month=3000000 transfer_gb_per_month=10 gib=1", "transfer", func(w Workload) int64 { return w.TransferBytes }, 10e9},
		{"commands_per_month=3000000 transfer_gb_per_month=10 gib=1", "written", func(w Workload) int64 { return w.WrittenBytes }, 2e9}, // a fifth of 10 GB, whatever a payload is rounded to
		{"commands_per_month=0 transfer_gb_per_month=10 gib=1", "written", func(w Workload) int64 { return w.WrittenBytes }, 2e9},
		{"writes_per_month=3000000 reads_per_month=0 transfer_gb_per_month=10 gib=1", "written", func(w Workload) int64 { return w.WrittenBytes }, 10e9},
		{"commands_per_month=0 transfer_gb_per_month=10 gib=1", "payload", func(w Workload) int64 { return w.PayloadBytes }, 1000},
		{"ops_per_sec=1 transfer_gb_per_month=10 payload_bytes=50 gib=1", "payload", func(w Workload) int64 { return w.PayloadBytes }, 50},
		{"ops_per_sec=1 transfer_gb_per_month=10 payload_bytes=50 gib=1", "transfer", func(w Workload) int64 { return w.TransferBytes }, 10e9},
		{"ops_per_sec=1 written_gb_per_month=0.5 gib=1", "written", func(w Workload) int64 { return w.WrittenBytes }, 5e8},
		{"ops_per_sec=1 payload_bytes=0 gib=1", "transfer", func(w Workload) int64 { return w.TransferBytes }, 0},
	} {
		if got := tt.got(resolve(t, tt.inputs)); got != tt.want {
			t.Errorf("%s: %s %d; want %d", tt.inputs, tt.what, got, tt.want)
		}
	}
}

// TestRefused: each error names the flag and the remedy, once.
func TestRefused(t *testing.T) {
	for _, tt := range []struct{ inputs, want string }{
		{"", "data size is missing: set --gib or --gb (0 is allowed)\ncommand rate is missing: set --ops-per-sec or --commands-per-month (0 is allowed)"},
		{"ops_per_sec=5", "data size is missing: set --gib or --gb (0 is allowed)"},
		{"gib=5", "command rate is missing: set --ops-per-sec or --commands-per-month (0 is allowed)"},

		{"ops_per_sec=-1 gib=1", "--ops-per-sec -1 is negative"},
		{"ops_per_sec=1 gib=-0.5", "--gib -0.5 is negative"},
		{"ops_per_sec=NaN gib=1", `--ops-per-sec: "NaN" is not a number like 5000, 0.25, 5k or 1e6`},
		{"ops_per_sec=Inf gib=1", `--ops-per-sec: "Inf" is not a number like 5000, 0.25, 5k or 1e6`},
		{"ops_per_sec=1e30 gib=1", "--ops-per-sec 1e30 is too large; at most 1000000000"},
		{"ops_per_sec=5,00 gib=1", `--ops-per-sec: "5,00" groups its digits in a way that can be read in two ways; write thousands as 1,000 and decimals as 0.25`},
		{"ops_per_sec=1.5.3 gib=1", `--ops-per-sec: "1.5.3" is not a number like 5000, 0.25, 5k or 1e6`},
		{"ops_per_sec=+5 gib=1", `--ops-per-sec: "+5" is not a number like 5000, 0.25, 5k or 1e6`},
		{"ops_per_sec=.5 gib=1", `--ops-per-sec: ".5" is not a number like 5000, 0.25, 5k or 1e6`},
		{"ops_per_sec=5. gib=1", `--ops-per-sec: "5." is not a number like 5000, 0.25, 5k or 1e6`},
		{"ops_per_sec=0x5 gib=1", `--ops-per-sec: "0x5" is not a number like 5000, 0.25, 5k or 1e6`},
		{"ops_per_sec=٥ gib=1", `--ops-per-sec: "٥" is not a number like 5000, 0.25, 5k or 1e6`},
		{"ops_per_sec=0.0000000000000000001 gib=1", `--ops-per-sec: "0.0000000000000000001" has more than 18 decimals`},

		{"ops_per_sec=1 gib=8G", `--gib: "8G" does not say whether G is GB (powers of 1,000) or GiB (powers of 1,024); write the unit`},
		{"ops_per_sec=1 gib=xGB", `--gib: "xGB" is not a size like 8GB or 0.5GiB: "x" is not a number like 5000, 0.25, 5k or 1e6`},

		{"ops_per_sec=1000000001 gib=1", "--ops-per-sec 1000000001 is too large; at most 1000000000"},
		{"ops_per_sec=1000000000000000000000000000000 gib=1", "--ops-per-sec 100000000000000000000000000000… is too large; at most 1000000000"},
		{"ops_per_sec=1 gib=8388609", "--gib 8388609 is too large; at most 8388608"},
		{"ops_per_sec=1 gb=9007200", "--gb 9007200 is too large; at most 9007199.254740992"},
		{"ops_per_sec=1 gib=1 payload_bytes=536870913", "--payload-bytes 536870913 is too large; at most 536870912"},
		{"ops_per_sec=1 gib=1 read_share=1.1", "--read-share 1.1 is too large; at most 1"},
		{"ops_per_sec=1 gib=1 replicas=101", "--replicas 101 is too large; at most 100"},
		{"ops_per_sec=1 gib=1 read_regions=101", "--read-regions 101 is too large; at most 100"},
		{"ops_per_sec=1 gib=1 databases=1000001", "--databases 1000001 is too large; at most 1000000"},
		{"ops_per_sec=1 gib=1 hours_per_month=745", "--hours-per-month 745 is too large; at most 744"},
		{"ops_per_sec=1 gib=1 operator_hours=744.001", "--operator-hours 744.001 is too large; at most 744"},
		{"commands_per_month=3000000000000001 gib=1 payload_bytes=1", "--commands-per-month 3000000000000001 is too large; at most 3000000000000000"},
		{"ops_per_sec=1000000000 gib=1 payload_bytes=10000", "--ops-per-sec and --payload-bytes: 2628000000000000 commands a month of 10000 bytes are too many to count; lower one of them"},
		{"reads_per_month=2000000000000000 writes_per_month=1 gib=1 payload_bytes=4501", "--reads-per-month, --writes-per-month and --payload-bytes: 2000000000000001 commands a month of 4501 bytes are too many to count; lower one of them"},
		{"ops_per_sec=1000000000 gib=1 payload_bytes=10000 transfer_gb_per_month=1 written_gb_per_month=1", "--ops-per-sec and --payload-bytes: 2628000000000000 commands a month of 10000 bytes are too many to count; lower one of them"},
		{"ops_per_sec=1 gib=1 transfer_gb_per_month=9000000001", "--transfer-gb-per-month 9000000001 is too large; at most 9000000000"},

		{"ops_per_sec=1 gib=1 replicas=1.5", "--replicas 1.5 is not a whole number"},
		{"ops_per_sec=1 gib=1 databases=1.0", "--databases 1.0 is not a whole number"},
		{"ops_per_sec=1 gib=1 read_regions=0.1", "--read-regions 0.1 is not a whole number"},
		{"commands_per_month=1.5 gib=1", "--commands-per-month 1.5 is not a whole number"},
		{"reads_per_month=1.5 writes_per_month=1 gib=1", "--reads-per-month 1.5 is not a whole number"},
		{"ops_per_sec=1 stored_bytes=0.5", "--stored-bytes 0.5 is not a whole number"},
		{"ops_per_sec=1 gib=1 payload_bytes=0.4.1", `--payload-bytes: "0.4.1" is not a number like 5000, 0.25, 5k or 1e6`},
		{"ops_per_sec=1 gib=1 databases=0", "--databases must be at least 1"},
		{"ops_per_sec=1 gib=1 zones=0", "--zones must be 1 to 6"},
		{"ops_per_sec=1 gib=1 zones=7", "--zones 7 is too large; at most 6"},
		{"ops_per_sec=1 gib=1 same_zone_reads=yes", "--same-zone-reads needs --zones; add it"},
		{"ops_per_sec=1 gib=1 zones=2 same_zone_reads=true", `--same-zone-reads "true" is not yes or no`},
		{"ops_per_sec=1 gib=1 snapshots=-1", "--snapshots -1 is negative"},
		{"ops_per_sec=1 gib=1 snapshots=1 backup_gb=1", "--snapshots and --backup-gb do not go together; leave one out"},
		{"ops_per_sec=1 gib=1 keys=1 key_bytes=1 value_bytes=1", "--gib and --keys do not go together; give one"},
		{"ops_per_sec=1 keys=1 key_bytes=1", "--keys, --key-bytes and --value-bytes go together; give all three"},
		{"ops_per_sec=1 value_bytes=1", "--keys, --key-bytes and --value-bytes go together; give all three"},
		{"ops_per_sec=1 keys=-1 key_bytes=1 value_bytes=1", "--keys -1 is negative"},
		{"ops_per_sec=1 keys=1.5 key_bytes=1 value_bytes=1", "--keys 1.5 is not a whole number"},
		{"ops_per_sec=1 keys=1e15 key_bytes=1 value_bytes=1e6", "--keys 1000000000000000 of 1000001 bytes, each with 211915 bytes of overhead in Redis 7.0, are more than the 8192 TiB that can be counted"},
		{"ops_per_sec=1 gib=1 connections=-1", "--connections -1 is negative"},
		{"ops_per_sec=1 gib=1 persistence=rdb", `--persistence "rdb" is not aof or none`},
		{"ops_per_sec=1 gib=1 replication_traffic=charged", "--replication-traffic needs --zones; add it"},
		{"ops_per_sec=1 gib=1 zones=2 replication_traffic=yes", `--replication-traffic "yes" is not charged or included`},
		{"ops_per_sec=1 gib=1 tax=200%", "--tax 200% is more than 100%"},
		{"ops_per_sec=1 gib=1 tax=-5%", `--tax "-5%" is not a percentage like 10%`},
		{"ops_per_sec=1 gib=1 tax=ten", `--tax "ten" is not a percentage like 10%`},
		{"ops_per_sec=1 gib=1 hours_per_month=561.195", "--hours-per-month 561.195 has more than two decimals"},
		{"ops_per_sec=1 gib=1 hours_per_month=744.01", "--hours-per-month 744.01 is too large; at most 744"},
		{"ops_per_sec=1 gib=1 hours_per_month=0", "--hours-per-month must be 1 to 744"},

		{"ops_per_sec=1 gib=1 gb=1", "--gib and --gb do not go together; give one"},
		{"ops_per_sec=1 gib=1 gb=1 stored_bytes=1", "--gib and --gb and --stored-bytes do not go together; give one"},
		{"ops_per_sec=1 commands_per_month=1 gib=1", "--ops-per-sec and --commands-per-month do not go together; leave one out"},
		{"ops_per_sec=1 writes_per_month=1 gib=1", "--reads-per-month and --writes-per-month count all commands; leave out --commands-per-month and --ops-per-sec"},
		{"reads_per_month=1 commands_per_month=1 gib=1", "--reads-per-month and --writes-per-month count all commands; leave out --commands-per-month and --ops-per-sec"},
		{"reads_per_month=1 writes_per_month=1 read_share=0.5 gib=1", "--read-share follows from --reads-per-month and --writes-per-month; leave it out"},
		{"ops_per_sec=10 peak_ops_per_sec=9.5 gib=1", "--peak-ops-per-sec 9.5 is below the mean of 10"},
		{"commands_per_month=2628000 peak_ops_per_sec=0.5 gib=1", "--peak-ops-per-sec 0.5 is below the mean of 1"},
		{"ops_per_sec=1 gib=1 transfer_gb_per_month=1 written_gb_per_month=2", "--written-gb-per-month is more than the 1 GB moved in all; lower it, or raise --transfer-gb-per-month"},
		{"ops_per_sec=0 gib=1 written_gb_per_month=2", "--written-gb-per-month is more than the 0 GB moved in all; lower it, or raise --transfer-gb-per-month"},

		// Everything at once.
		{"ops_per_sec=x gib=-1 replicas=0.5 databases=0", "--replicas 0.5 is not a whole number\n--databases must be at least 1\n--gib -1 is negative\n" + `--ops-per-sec: "x" is not a number like 5000, 0.25, 5k or 1e6`},
	} {
		_, err := input(t, tt.inputs).Resolve("")
		if err == nil {
			t.Errorf("%s: taken", tt.inputs)
		} else if err.Error() != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.inputs, err, tt.want)
		}
	}
}

// TestAllKeys: every input has its flag, can be set and is reported as given.
func TestAllKeys(t *testing.T) {
	want := []string{"backup_gb", "client", "commands_per_month", "connections", "databases", "durability", "engine_version", "gb", "gib", "hours_per_month", "key_bytes", "keys", "max_value_bytes", "min_data_gb", "min_ecpu_per_sec", "operator_hours", "ops_per_sec",
		"payload_bytes", "peak_ops_per_sec", "persistence", "read_regions", "read_share", "reads_per_month", "replicas", "replication_traffic", "same_zone_reads", "snapshots", "stored_bytes", "tax",
		"transfer_gb_per_month", "value_bytes", "writes_per_month", "written_gb_per_month", "zones"}
	if diff := cmp.Diff(want, Keys()); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if Flag("peak_ops_per_sec") != "--peak-ops-per-sec" {
		t.Error(Flag("peak_ops_per_sec"))
	}
	w := resolve(t, "gib=1 ops_per_sec=1 replicas=0")
	if diff := cmp.Diff([]string{"ops_per_sec", "gib", "replicas"}, w.GivenKeys()); diff != "" {
		t.Errorf("given (-want +got):\n%s", diff)
	}
	var in Input
	if in.Set("colour", "1") {
		t.Error("an input that nobody knows was set")
	}
}

// TestOver: what is written first wins, and one way of saying a thing puts the
// other ways of the base aside.
func TestOver(t *testing.T) {
	for _, tt := range []struct{ over, base, want string }{
		{"", "gib=1 ops_per_sec=2", "gib=1 ops_per_sec=2"},
		{"gib=3", "gib=1 ops_per_sec=2", "gib=3 ops_per_sec=2"},
		{"gb=3", "gib=1 ops_per_sec=2", "gb=3 ops_per_sec=2"},
		{"stored_bytes=3", "gb=1 gib=1", "stored_bytes=3"},
		{"commands_per_month=3", "gib=1 ops_per_sec=2", "gib=1 commands_per_month=3"},
		{"writes_per_month=3", "gib=1 reads_per_month=2", "gib=1 writes_per_month=3"},
		{"replicas=0", "replicas=2 payload_bytes=5", "replicas=0 payload_bytes=5"},
	} {
		if got, want := input(t, tt.over).Over(input(t, tt.base)), input(t, tt.want); got != want {
			t.Errorf("%q over %q: %+v; want %+v", tt.over, tt.base, got, want)
		}
	}
}

// TestMeters: each meter has its quantity, and those of the size bought none.
func TestMeters(t *testing.T) {
	u := usage(t, resolve(t, "commands_per_month=1000 gib=0 payload_bytes=2000 read_regions=1 databases=2 operator_hours=0.5 stored_bytes="))
	for _, tt := range []struct {
		meter ratecard.Meter
		want  int64
	}{
		{ratecard.MeterCommands, 1000}, {ratecard.MeterReads, 800}, {ratecard.MeterWrites, 200},
		{ratecard.MeterReplicatedCommands, 1200}, // 800 + 2 × 200
		{ratecard.MeterECPU, 2_000_000},          // 1,000 × 2, in thousandths
		{ratecard.MeterStored, 0}, {ratecard.MeterTransfer, 2_000_000}, {ratecard.MeterTransferOut, 1_600_000}, {ratecard.MeterWritten, 400_000},
		{ratecard.MeterDatabases, 1460}, {ratecard.MeterReadRegions, 1460}, {ratecard.MeterAccount, 730}, // × 730 h
		{ratecard.MeterOperator, 500},
	} {
		if got := Counter(tt.meter)(&u); got != tt.want {
			t.Errorf("%s: %d; want %d", tt.meter, got, tt.want)
		}
	}
	for _, m := range []ratecard.Meter{ratecard.MeterNodes, ratecard.MeterNodeMemory, ratecard.MeterProvisioned, ratecard.MeterCPU, "lamp"} {
		if Counter(m) != nil {
			t.Errorf("%s is not the workload's to know", m)
		}
	}
}

func TestAtOps(t *testing.T) {
	w := resolve(t, "ops_per_sec=10 peak_ops_per_sec=30 gib=1")
	at, err := w.AtOps(25)
	if err != nil {
		t.Fatal(err)
	}
	want := w
	want.OpsPerSec, want.PeakOpsPerSec = 25e6, 75e6
	want.Commands, want.Reads, want.Writes = 65_700_000, 52_560_000, 13_140_000 // 25 × 2,628,000; 80 %
	want.TransferBytes, want.WrittenBytes = 65_700_000_000, 13_140_000_000      // × 1,000 bytes
	if diff := cmp.Diff(want, at); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	w = resolve(t, "ops_per_sec=0 peak_ops_per_sec=7 gib=1 payload_bytes=100")
	if at, err = w.AtOps(2); err != nil || at.TransferBytes != 525_600_000 || at.PeakOpsPerSec != 7e6 { // 5,256,000 × 100
		t.Errorf("%+v, %v", at, err)
	}
	// Three commands a month are no whole millionth of one a second, but their
	// bytes still follow them: 1,000 each.
	w = resolve(t, "commands_per_month=3 gib=1")
	if at, err = w.AtOps(1000); err != nil || at.TransferBytes != 2_628_000_000_000 || at.PeakOpsPerSec != 1000e6 {
		t.Errorf("%+v, %v", at, err)
	}
	if _, err := w.AtOps(1 << 62); err == nil {
		t.Error("a rate beyond counting was taken")
	}
}

// TestGivenTotalsStay: bytes that were given for the month stay along an axis,
// and what is computed from them follows the commands without a jump.
func TestGivenTotalsStay(t *testing.T) {
	for _, tt := range []struct {
		inputs                     string
		commands                   int64
		payload, transfer, written int64
	}{
		{"commands_per_month=1000000 gib=1 transfer_gb_per_month=700", 92_000_000, 7609, 700e9, 140e9}, // 700 GB ÷ 92 million, rounded up
		{"ops_per_sec=0 gib=1 transfer_gb_per_month=700", 92_000_000, 7609, 700e9, 140e9},
		{"ops_per_sec=10 gib=1 transfer_gb_per_month=5 written_gb_per_month=2", 65_700_000, 77, 5e9, 2e9},
		{"commands_per_month=1000 gib=1 transfer_gb_per_month=5 payload_bytes=50", 2000, 50, 5e9, 1e9},
		// 500,000 × 1,000 bytes are less than what is written; 4 million are more.
		{"commands_per_month=2000000 gib=1 written_gb_per_month=1", 500_000, 1000, 1e9, 1e9},
		{"commands_per_month=2000000 gib=1 written_gb_per_month=1", 4_000_000, 1000, 4e9, 1e9},
	} {
		w := resolve(t, tt.inputs)
		at, err := w.AtCommands(tt.commands)
		if err != nil || at.Commands != tt.commands || at.PayloadBytes != tt.payload || at.TransferBytes != tt.transfer || at.WrittenBytes != tt.written {
			t.Errorf("%s at %d: %+v, %v; want %d B a command, %d moved, %d written", tt.inputs, tt.commands, at, err, tt.payload, tt.transfer, tt.written)
		}
	}
	w := resolve(t, "commands_per_month=1000000 gib=1 transfer_gb_per_month=700 written_gb_per_month=300")
	for _, moved := range []func() (Workload, error){
		func() (Workload, error) { return w.AtPayload(123) },
		func() (Workload, error) { return w.AtReadShare(1, 2) },
		func() (Workload, error) { return w.Scale("ops_per_sec", 11, 10) },
		func() (Workload, error) { return w.Scale("payload_bytes", 11, 10) },
	} {
		if at, err := moved(); err != nil || at.TransferBytes != 700e9 || at.WrittenBytes != 300e9 {
			t.Errorf("%+v, %v; want 700 GB moved, 300 written", at, err)
		}
	}
	// 700 GB a month are 266,362 bytes a second, whatever the commands are, and
	// 700,000,000 ECPU as long as a command moves more than 1 kB.
	for _, commands := range []int64{3, 92_000_000, 350e9 - 1, 350e9, 700e9 - 1} {
		w := resolve(t, "ops_per_sec=0 gib=1 transfer_gb_per_month=700")
		at, err := w.AtCommands(commands)
		if err != nil {
			t.Fatal(err)
		}
		u := usage(t, at)
		if want := int64(266_362); commands > 3 && u.PeakBytesPerSec != want { // 700e9 ÷ 2,628,000 = 266,362.25
			t.Errorf("%d commands: %d bytes a second; want %d", commands, u.PeakBytesPerSec, want)
		}
		if want := max(700e9, 1000*commands); commands > 3 && u.MilliECPU != want {
			t.Errorf("%d commands: %d thousandths of an ECPU; want %d", commands, u.MilliECPU, want)
		}
	}
}

// arbitrary makes a workload of random size that Resolve takes.
func arbitrary(t *testing.T, r *rand.Rand) Workload {
	pick := func(values ...string) string { return values[r.IntN(len(values))] }
	rate := pick("ops_per_sec=0", "ops_per_sec=1", "ops_per_sec=45", "ops_per_sec=5000", "ops_per_sec=999999")
	return resolve(t, strings.Join([]string{
		rate,
		pick("gib=0", "gib=0.01", "gib=8", "gb=300", "gib=8388608"),
		pick("", "payload_bytes=0", "payload_bytes=1", "payload_bytes=4096", "payload_bytes=99999"),
		pick("", "read_share=0", "read_share=1", "read_share=0.333333", "read_share=0.999999"),
		pick("", "peak_ops_per_sec=1000000", "peak_ops_per_sec=1000000000"),
		pick("", "transfer_gb_per_month=0", "transfer_gb_per_month=1234.567891", "transfer_gb_per_month=9000000 written_gb_per_month=0.5"),
		pick("", "replicas=0", "replicas=100"), pick("", "read_regions=100"), pick("", "databases=3", "databases=1000000"),
		pick("", "hours_per_month=1", "hours_per_month=744"), pick("", "operator_hours=744"),
	}, " "))
}

// TestProperties: no quantity is ever negative, and a workload moved to its own
// command rate is itself.
func TestProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		w := arbitrary(t, r)
		u := usage(t, w)
		checkUsage(t, &u)
		at, err := w.AtOps(w.OpsPerSec / unit.Million)
		if diff := cmp.Diff(w, at); err != nil || diff != "" {
			t.Fatalf("at its own rate (-workload +moved): %v\n%s", err, diff)
		}
	}
}

func checkUsage(t *testing.T, u *Usage) {
	t.Helper()
	for _, n := range []int64{u.Commands, u.Reads, u.Writes, u.ReplicatedCommands, u.MilliECPU, u.StoredBytes, u.StoredByteHours,
		u.TransferBytes, u.TransferOutBytes, u.WrittenBytes, u.PeakOps, u.PeakBytesPerSec, u.PeakECPU, u.OpsPerSec, u.PayloadBytes,
		u.Replicas, u.ReadRegions, u.Databases - 1, u.Hours - 1, u.OperatorHours} {
		if n < 0 {
			t.Fatalf("a negative quantity: %+v", *u)
		}
	}
	if u.Reads+u.Writes != u.Commands || u.WrittenBytes > u.TransferBytes {
		t.Fatalf("the parts are not the whole: %+v", *u)
	}
}

// fell says whether b is below a by more than the rounding of a peak that moves
// in proportion.
func fell(a, b int64) bool { return b < a-a/100_000_000-1 }

// TestQuantitiesGrow: more commands a second never mean less of anything.
func TestQuantitiesGrow(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		w := arbitrary(t, r)
		lo := r.Int64N(100_000)
		a, err1 := w.AtOps(lo)
		b, err2 := w.AtOps(lo + 1 + r.Int64N(3))
		if err1 != nil || err2 != nil {
			continue // beyond counting
		}
		if b.Commands < a.Commands || b.Reads < a.Reads || b.Writes < a.Writes || b.TransferBytes < a.TransferBytes ||
			b.WrittenBytes < a.WrittenBytes || b.PeakOpsPerSec < a.PeakOpsPerSec {
			t.Fatalf("something fell:\n%+v\n%+v", a, b)
		}
		if lo == 0 || w.Commands == 0 && w.Given["peak_ops_per_sec"] {
			// What no command moves has no bytes a second; and a peak that is in
			// proportion to nothing moves less the smaller its commands are.
			continue
		}
		u, err1 := a.Usage()
		v, err2 := b.Usage()
		if err1 == nil && err2 == nil && (v.MilliECPU < u.MilliECPU || v.TransferOutBytes < u.TransferOutBytes || fell(u.PeakBytesPerSec, v.PeakBytesPerSec) || fell(u.PeakECPU, v.PeakECPU)) {
			t.Fatalf("something fell:\n%+v\n%+v", u, v)
		}
	}
}

// TestZones: what crosses zones. 5,000/s × 1,000 bytes × 2,628,000 s are
// 13,140 GB, of which a fifth is written.
func TestZones(t *testing.T) {
	for _, tt := range []struct {
		inputs           string
		clients, replica int64
	}{
		{"", 0, 0},
		{"zones=1", 0, 0},
		{"zones=2", 6_570e9, 2_628e9}, // half
		{"zones=3", 8_760e9, 2_628e9}, // two thirds
		{"zones=2 same_zone_reads=yes", 1_314e9, 2_628e9},           // half of the writes
		{"zones=2 replicas=0", 6_570e9, 0},                          //
		{"zones=2 replicas=2", 6_570e9, 2_628e9},                    // three nodes on two zones: one replica is beside its primary
		{"zones=3 replicas=2", 8_760e9, 5_256e9},                    //
		{"zones=2 read_share=1 same_zone_reads=yes", 0, 0},          //
		{"zones=2 read_share=0.5 replicas=3", 6_570e9, 6_570e9 * 2}, // four nodes on two zones: two replicas elsewhere
	} {
		u := usage(t, resolve(t, "ops_per_sec=5000 gib=8 "+tt.inputs))
		if u.ClientZoneBytes != tt.clients || u.ReplicaZoneBytes != tt.replica {
			t.Errorf("%s: %d and %d bytes; want %d and %d", tt.inputs, u.ClientZoneBytes, u.ReplicaZoneBytes, tt.clients, tt.replica)
		}
	}
	if u := usage(t, resolve(t, "ops_per_sec=0 gib=8 snapshots=3")); u.SnapshotByteHours != 3*8<<30*730 {
		t.Errorf("3 snapshots: %d byte-hours", u.SnapshotByteHours)
	}
	if u := usage(t, resolve(t, "ops_per_sec=0 gib=8 backup_gb=5 tax=8.875%")); u.SnapshotByteHours != 5e9*730 || u.Tax != 88_750 {
		t.Errorf("5 GB of backups: %d byte-hours, tax %d", u.SnapshotByteHours, u.Tax)
	}
}

// TestPartHours: a month with hundredths of an hour is counted exactly.
func TestPartHours(t *testing.T) {
	w := resolve(t, "ops_per_sec=1000 gib=1 hours_per_month=561.19")
	// 561.19 × 3,600 = 2,020,284 s × 1,000; 2^30 bytes × 56,119 hundredths.
	u := usage(t, w)
	if w.HoursText() != "561.19" || u.Commands != 2_020_284_000 || u.Hours != 56_119 || u.HourParts != 100 || u.StoredByteHours != 56_119<<30 {
		t.Errorf("%s h, %+v", w.HoursText(), u)
	}
	if w = resolve(t, "ops_per_sec=1000 gib=1 hours_per_month=561.00"); w.HoursText() != "561" || usage(t, w).Hours != 561 {
		t.Errorf("561.00 is %s h", w.HoursText())
	}
}

// FuzzInput: whatever the inputs hold, no panic, and what is taken counts.
// TestExtremes: what is taken can be counted, at the ends of every range.
func TestExtremes(t *testing.T) {
	const all = "gib=8388608 replicas=100 read_regions=100 databases=1000000 hours_per_month=744 operator_hours=744 read_share=0 "
	for _, inputs := range []string{
		"ops_per_sec=1000000000", "commands_per_month=3000000000000000", "reads_per_month=3000000000000000 writes_per_month=3000000000000000",
		"ops_per_sec=1 peak_ops_per_sec=1000000000 payload_bytes=536870912", "ops_per_sec=6000 payload_bytes=536870912",
		"commands_per_month=1 transfer_gb_per_month=9000000000", "commands_per_month=3000000000000000 transfer_gb_per_month=9000000000",
		"ops_per_sec=0 transfer_gb_per_month=9000000000 written_gb_per_month=9000000000 payload_bytes=536870912",
	} {
		in := all + inputs
		if strings.HasPrefix(inputs, "reads") {
			in = strings.Replace(in, "read_share=0 ", "", 1)
		}
		w, err := input(t, in).Resolve("test")
		if err != nil {
			t.Errorf("%s: %v", inputs, err)
			continue
		}
		u, err := w.Usage()
		if err != nil {
			t.Errorf("%s: %v", inputs, err)
			continue
		}
		checkUsage(t, &u)
	}
}

func FuzzInput(f *testing.F) {
	f.Add("5000", "", "8", "", "", "", "", "", "", "", "", "", "", "", "", "", "")
	f.Add("", "10", "", "8.5", "", "100", "0.5", "2", "1", "3", "1000", "", "", "1", "0.5", "720", "1.5")
	f.Add("-1", "NaN", "1e30", "Inf", "0x1", "٣", " ", "1.5", "\x00", "99999999999999999999", ".", "..", "5.", ".5", "+1", "_", "1_000")
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, s string) {
		var in Input
		for i, v := range []string{a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, s} {
			*fields[i].in(&in) = Value(v)
		}
		w, err := in.Resolve("fuzz")
		if err != nil {
			return
		}
		u, err := w.Usage()
		if err != nil {
			t.Fatal(err)
		}
		checkUsage(t, &u)
	})
}

// TestNumbersAsWritten: however a number is written, it is the same workload.
func TestNumbersAsWritten(t *testing.T) {
	want, err := Input{OpsPerSec: "5000", GiB: "8", PayloadBytes: "1500", CommandsPerMonth: ""}.Resolve("w")
	if err != nil {
		t.Fatal(err)
	}
	for _, ops := range []Value{"5k", "5,000", "5_000", "5e3", "5 k", "5000.0"} {
		for _, size := range []Value{"8GiB", "8 gib", "8,192MiB", "8.0"} {
			for _, payload := range []Value{"1.5e3", "1.5kB", "1,500", "1500B"} {
				got, err := Input{OpsPerSec: ops, GiB: size, PayloadBytes: payload}.Resolve("w")
				if err != nil {
					t.Errorf("%s, %s, %s: %v", ops, size, payload, err)
				} else if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s, %s, %s (-want +got):\n%s", ops, size, payload, diff)
				}
			}
		}
	}
	w, err := Input{CommandsPerMonth: "37M", GiB: "50MB"}.Resolve("w")
	if err != nil || w.Commands != 37_000_000 || w.StoredBytes != 50_000_000 {
		t.Errorf("37M and 50MB: %d and %d, %v", w.Commands, w.StoredBytes, err)
	}
}

// A measured payload has a decimal. 10 commands/s for 730 h are 26,280,000 a
// month; of 79.6 B each they move 2,091,888,000 B. An ECPU is still 1 a command.
func TestPayloadDecimal(t *testing.T) {
	w, err := Input{OpsPerSec: "10", GiB: "1", PayloadBytes: "79.6"}.Resolve("x")
	if err != nil {
		t.Fatal(err)
	}
	if w.PayloadBytes != 80 || w.TransferBytes != 2_091_888_000 || w.Commands != 26_280_000 {
		t.Errorf("%d B a command, %d B of %d commands", w.PayloadBytes, w.TransferBytes, w.Commands)
	}
	u, err := w.Usage()
	if err != nil || u.MilliECPU != 26_280_000_000 {
		t.Errorf("%d thousandths of an ECPU, %v", u.MilliECPU, err)
	}
}
