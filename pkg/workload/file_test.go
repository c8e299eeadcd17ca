package workload

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const twoWorkloads = `
[workload.sessions]
ops_per_sec = 5000
gib = 8.5
replicas = "2"

[workload.limits]
preset = "rate-limit"
ops_per_sec = "120.5"
gb = 1
read_share = 0.25

[workload.limits.observed]
seconds = 3600
counts = { get = 10, set = 5 }
usec = { get = 100 }
`

func TestReadFile(t *testing.T) {
	f, err := ReadFile("w.toml", twoWorkloads)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(f.Names(), " "); got != "limits sessions" {
		t.Errorf("names %s", got)
	}
	in, err := f.Input("sessions")
	if want := input(t, "ops_per_sec=5000 gib=8.5 replicas=2"); err != nil || in != want {
		t.Errorf("sessions: %+v, %v; want %+v", in, err, want)
	}
	// The preset's 127 B a command, but its share of reads gives way.
	in, err = f.Input("limits")
	if want := input(t, "ops_per_sec=120.5 gb=1 read_share=0.25 payload_bytes=127"); err != nil || in != want {
		t.Errorf("limits: %+v, %v; want %+v", in, err, want)
	}
	if o := f.Workload["limits"].Observed; o == nil || o.Seconds != "3600" || o.Counts["get"] != 10 || o.Usec["get"] != 100 {
		t.Errorf("observed: %+v", o)
	}
	if _, err := f.Input("queues"); err == nil || err.Error() != `no workload "queues"; known: limits, sessions` {
		t.Errorf("a workload that is not there: %v", err)
	}
}

// TestReadFileRefuses: a file that is not one, named with the place.
func TestReadFileRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "w.toml: the file is empty"},
		{"binary", "\x00\x01", "w.toml: not a text file in UTF-8"},
		{"no workload", "# none\nworkload = {}\n", "w.toml: it has no workload; add [workload.NAME]"},
		{"unknown key", "[workload.a]\nops = 1\n", "w.toml: unknown keys: workload.a.ops (line 2)"},
		{"unknown table", "[workloads.a]\ngib = 1\n", "w.toml: unknown keys: workloads.a (line 1), workloads.a.gib (line 2)"},
		{"key twice", "[workload.a]\ngib = 1\ngib = 2\n", "w.toml:3: "},
		{"workload twice", "[workload.a]\ngib = 1\n[workload.a]\n", "w.toml:3: "},
		{"a list", "[workload.a]\ngib = [1]\n", "w.toml:2: [1] is not a number"},
		{"a date", "[workload.a]\ngib = 2026-01-01\n", "w.toml:2: "},
		{"unknown preset", "[workload.a]\npreset = \"blockchain\"\n", `w.toml: workload "a": unknown preset "blockchain"; known: cache, queue, rate-limit, session`},
		{"no seconds", observedText("seconds = \"0\""), `w.toml: workload "a": observed.seconds is "0"; it is a number above 0, such as 3600`},
		{"seconds below 0", observedText("seconds = -5"), `w.toml: workload "a": observed.seconds is "-5"; `},
		{"seconds NaN", observedText("seconds = nan"), `w.toml: workload "a": observed.seconds is "NaN"; `},
		{"calls below 0", observedText("counts = {get = -1}"), `w.toml: workload "a": observed.counts.get is -1; it is 0 or more`},
		{"time below 0", observedText("usec = {get = -1}"), `w.toml: workload "a": observed.usec.get is -1; it is 0 or more`},
		{"fan out below 0", observedText("fan_out_bytes = -1"), `w.toml: workload "a": observed.fan_out_bytes is -1; it is 0 or more`},
		{"keys below 0", observedText("sizes = {keys = -1}"), `w.toml: workload "a": observed.sizes.keys is -1; it is 0 or more`},
		{"share", observedText("sizes = {above_1_kb = 1.5}"), `w.toml: workload "a": observed.sizes.above_1_kb is "1.5"; it is a number, 0 or more, and a share at most 1`},
		{"mean", observedText("sizes = {mean_kb = \"x\"}"), `w.toml: workload "a": observed.sizes.mean_kb is "x"; `},
		{"deep", "[workload.a]\ngib = " + strings.Repeat("[", 50), "w.toml: line 2: nested more than 32 deep"},
	} {
		_, err := ReadFile("w.toml", tt.text)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %v; want %s…", tt.name, err, tt.want)
		}
	}
}

// TestOddNumbersInAFile: TOML has numbers that no workload can have.
// observedText is a workload with one figure of what was observed.
func observedText(line string) string {
	return "[workload.a]\ngib = 1\nops_per_sec = 1\n[workload.a.observed]\n" + line + "\n"
}

func TestOddNumbersInAFile(t *testing.T) {
	for value, want := range map[string]string{
		"1e30":  "is too large; at most 1000000000",
		"nan":   `"NaN" is not a number like 5000, 0.25, 5k or 1e6`,
		"inf":   `"+Inf" is not a number like 5000, 0.25, 5k or 1e6`,
		"-0.5":  "--ops-per-sec -0.5 is negative",
		`""`:    `"" is not a number like 5000, 0.25, 5k or 1e6`,
		"1e-30": `has more than 18 decimals`,
	} {
		f, err := ReadFile("w.toml", "[workload.a]\ngib = 1\nops_per_sec = "+value)
		if err != nil {
			t.Errorf("%s: %v", value, err)
			continue
		}
		in, err := f.Input("a")
		if err != nil {
			t.Fatal(err)
		}
		if _, err = in.Resolve("a"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ops_per_sec = %s: %v; want …%s…", value, err, want)
		}
	}
}

func TestFromMap(t *testing.T) {
	in, err := FromMap(map[string]any{"ops_per_sec": int64(5), "gib": 0.25, "replicas": "2"})
	if want := input(t, "ops_per_sec=5 gib=0.25 replicas=2"); err != nil || in != want {
		t.Errorf("%+v, %v; want %+v", in, err, want)
	}
	for want, m := range map[string]map[string]any{
		`unknown workload key "colour"; known: backup_gb, client, commands_per_month, connections, databases, `: {"colour": int64(1)},
		"gib: true is not a number": {"gib": true},
		"gib: [1] is not a number":  {"gib": []any{int64(1)}},
	} {
		if _, err := FromMap(m); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v: %v; want %s…", m, err, want)
		}
	}
}

// TestPresets: each says how commands look and where that is from, and leaves
// how many there are and how much data to the caller.
func TestPresets(t *testing.T) {
	list, err := Presets()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range list {
		names = append(names, p.Name)
		if p.About == "" || !strings.HasPrefix(p.Source, "https://") || len(p.Date) != len("2026-01-01") {
			t.Errorf("%s has no words, source or date: %+v", p.Name, p)
		}
		if p.PayloadBytes == "" || p.ReadShare == "" {
			t.Errorf("%s does not say how commands look", p.Name)
		}
		in := p.Input
		in.PayloadBytes, in.ReadShare, in.PeakOpsPerSec, in.Replicas, in.Client = "", "", "", "", ""
		if in != (Input{}) {
			t.Errorf("%s says how much there is: %+v", p.Name, in)
		}
		if _, err := input(t, "gib=1 ops_per_sec=1").Over(p.Input).Resolve(p.Name); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
	if diff := cmp.Diff([]string{"cache", "queue", "rate-limit", "session"}, names); diff != "" {
		t.Errorf("presets (-want +got):\n%s", diff)
	}
	if _, err := PresetByName("Cache"); err == nil || err.Error() != `unknown preset "Cache"; did you mean "cache"?` {
		t.Errorf("a preset that is not there: %v", err)
	}
}

// FuzzReadFile: whatever the bytes, no panic; what is read can be resolved or
// is refused with words.
func FuzzReadFile(f *testing.F) {
	f.Add(twoWorkloads)
	f.Add("workload = { a = { gib = 1, ops_per_sec = nan } }")
	f.Add("[workload.\"\"]\ngib = 0x10\n")
	f.Add("[[workload.a]]\ngib = 1\n")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<14 {
			return
		}
		file, err := ReadFile("w.toml", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "w.toml:") {
				t.Errorf("%v", err)
			}
			return
		}
		for _, name := range file.Names() {
			in, err := file.Input(name)
			if err != nil {
				t.Errorf("%q was read, but: %v", name, err)
			}
			if _, err := in.Resolve(name); err != nil && err.Error() == "" {
				t.Errorf("%q: refused without words", name)
			}
		}
	})
}
