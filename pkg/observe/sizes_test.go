package observe

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
)

const bigkeys = `
# Scanning the entire keyspace to find biggest keys as well as
# average sizes per key type.  You can use -i 0.1 to sleep 0.1 sec
# per 100 SCAN commands (not usually needed).

[00.00%] Biggest string found so far '"key:19"' with 1900 bytes
[50.00%] Biggest list   found so far '"list"' with 3 items

-------- summary -------

Sampled 22 keys in the keyspace!
Total key length in bytes is 116 (avg len 5.27)

Biggest   list found '"list"' has 3 items
Biggest   hash found '"h has 99999 bytes"' has 2 fields
Biggest string found '"key:20"' has 2000 bytes

1 lists with 3 items (04.55% of keys, avg size 3.00)
1 hashs with 2 fields (04.55% of keys, avg size 2.00)
20 strings with 21000 bytes (90.91% of keys, avg size 1050.00)
0 streams with 0 entries (00.00% of keys, avg size 0.00)
`

const memkeys = `-------- summary -------

Sampled 22 keys in the keyspace!
Total key length in bytes is 116 (avg len 5.27)

Biggest   list found '"list"' has 144 bytes
Biggest string found '"key:19"' has 896 bytes

1 lists with 144 bytes (04.55% of keys, avg size 144.00)
1 hashs with 80 bytes (04.55% of keys, avg size 80.00)
20 strings with 7824 bytes (90.91% of keys, avg size 391.20)
0 sets with 0 bytes (00.00% of keys, avg size 0.00)
`

const keystats = `100.00% ||||||||||||||||
Keys sampled: 40
Keys size:    61.30K

--- Top 1 key sizes ---
  1    8.00K string     "k"

Key size Percentile Total keys
-------- ---------- -----------
     64B    0.0000%          10
    400B   50.0000%          30
   8.00K  100.0000%          40
Note: 0.01% size precision, Mean: 1.50K, StdDeviation: 2.00K

Key name length Percentile Total keys
--------------- ---------- -----------
            19B  100.0000%          40
Total key length is 360B (9B avg)

Type        Total keys  Keys % Tot size Avg size  Total length/card Avg ln/card
string              40 100.00%   61.30K    1.53K             50.00K       1.25K
`

// What redis-cli prints, against the figures in it.
func TestReadSizes(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		// 21,000 B of 20 strings; names 116 ÷ 22. The sizes in between are not told.
		"bigkeys": {bigkeys, []string{"keys = 22", "measured = 20", `value_bytes = "1050"`, `key_bytes = "5.3"`, "max_bytes = 2000", "!mean_kb"}},
		// (144 + 80 + 7,824) ÷ 22; none is above 1 kB, so each costs one.
		"memkeys": {memkeys, []string{"measured = 22", `value_bytes = "365.8"`, "max_bytes = 896", `above_1_kb = "0"`, `mean_kb = "1"`}},
		// 10 of 64 B, 20 from 64 to 400, 10 from 400 to 8,192 (the middle is 4,296):
		// (30 × 1,000 + 10 × 4,296) ÷ 40. The mean is its own, 1.5 KiB.
		"keystats": {keystats, []string{"keys = 40", "measured = 40", `value_bytes = "1536"`, `key_bytes = "9"`, "max_bytes = 8192", `above_1_kb = "0.25"`, `mean_kb = "1.824"`}},
	} {
		s, err := ReadSizes(name, strings.NewReader(strings.ReplaceAll(c.text, "\n", "\r\n")))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var b strings.Builder
		s.write(&b, "t")
		for _, want := range c.want {
			if no, absent := strings.CutPrefix(want, "!"); absent == strings.Contains(b.String(), strings.TrimPrefix(want, "!")) {
				t.Errorf("%s: %q (%v) in %s", name, want, no, b.String())
			}
		}
	}
	for name, c := range map[string]struct{ text, want string }{
		"info":       {"# Server\nredis_version:7.0.0\n", "is not the complete output of redis-cli --bigkeys, --memkeys or --keystats; it begins with"},
		"cut":        {bigkeys[:300], "is not the complete output of redis-cli --bigkeys, --memkeys or --keystats; it begins with"},
		"empty":      {"", "is not the complete output of redis-cli --bigkeys, --memkeys or --keystats; it begins with"},
		"no keys":    {"Sampled 0 keys in the keyspace!\nTotal key length in bytes is 0 (avg len 0.00)\n", "measured no key"},
		"no strings": {"Sampled 1 keys in the keyspace!\n1 lists with 3 items (100.00% of keys, avg size 3.00)\n", "--memkeys measures every type"},
	} {
		_, err := ReadSizes(name, strings.NewReader(c.text))
		var input InputError
		if !errors.As(err, &input) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// Redis 8 tells the sizes of strings itself, by powers of two.
func TestKeysizes(t *testing.T) {
	s := newServer()
	text := s.reply() + "# Keysizes\r\ndb0_distrib_strings_sizes:32=90,2K=8\r\ndb0_distrib_lists_items:4=5\r\ndb3_distrib_strings_sizes:1M=2\r\n"
	in, err := ParseInfo("t0", text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Observe([]Node{{Samples: []*Info{in}}})
	if err != nil {
		t.Fatal(err)
	}
	// 90 of 48 B, 8 of 3,072 B, 2 of 1,572,864 B: 3,174,624 ÷ 100; 10 above 1 kB;
	// (90 × 1 + 8 × 3.072 + 2 × 1,572.864) ÷ 100.
	if !hasNote(r, "sizes by # Keysizes of INFO") || !hasNote(r, "100 values of 31746.2 B on average, 10 % of them above 1 kB") {
		t.Errorf("notes %q", r.Notes)
	}
	var b strings.Builder
	if err := r.WriteTOML(&b, "x"); err != nil || !strings.Contains(b.String(), `mean_kb = "32.603"`) {
		t.Errorf("%v in %s", err, b.String())
	}
	check(t, r, map[string]string{"max_value_bytes": "1048576"}) // of 1 MiB to 2 MiB: at least the first
}

// Where the server keeps its data on disk, the sizes say what it stores: 22 keys of
// 1,050 B and 5 B of name.
func TestSizesGiveData(t *testing.T) {
	s, err := ReadSizes("b", strings.NewReader(bigkeys))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Observe([]Node{{Samples: []*Info{newServer().with("pika_version", "3.5.0").info(t, "t0")}}})
	if err != nil {
		t.Fatal(err)
	}
	r.Measured(s)
	check(t, r, map[string]string{"stored_bytes": "23210", "max_value_bytes": "2000"})
}

// Nothing is sent that is not on the list.
func TestAllowed(t *testing.T) {
	for _, words := range [][]string{{"INFO"}, {"INFO", "all"}, {"CLUSTER", "SLOTS"}, {"SCAN", "0"}, {"STRLEN", "k"}, {"MEMORY", "USAGE", "k"}} {
		if !allowed(words) {
			t.Errorf("%v is refused", words)
		}
	}
	for _, words := range [][]string{{}, {"GET", "k"}, {"CLUSTER"}, {"CLUSTER", "RESET"}, {"MEMORY", "PURGE"}, {"CONFIG", "GET", "*"}, {"FLUSHALL"}} {
		if allowed(words) {
			t.Errorf("%v is allowed", words)
		}
	}
}

// A sample of keys: strings by STRLEN, others by MEMORY USAGE, and nothing else is
// asked; a key that is gone is left out.
func TestLiveSampleKeys(t *testing.T) {
	asked := map[string]int{}
	addr := listen(t, answering(func(words []string) string {
		asked[words[0]]++
		switch words[0] {
		case "HELLO", "AUTH":
			return "+OK\r\n"
		case "SCAN":
			if words[1] == "0" {
				return "*2\r\n" + bulk("7") + "*2\r\n" + bulk("a") + bulk("list")
			}
			return "*2\r\n" + bulk("0") + "*2\r\n" + bulk("bb") + bulk("gone")
		case "STRLEN":
			switch words[1] {
			case "a":
				return ":500\r\n"
			case "bb":
				return ":3000\r\n"
			}
			return "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
		case "MEMORY":
			if words[2] == "gone" {
				return "$-1\r\n"
			}
			return ":200\r\n"
		}
		s := later()
		s.up = newServer().up
		return bulk(s.reply())
	}))
	l := Live{Interval: 1e9, Timeout: 5e8, SampleKeys: 100}
	r, err := l.Observe(t.Context(), Target{Network: "tcp", Addr: addr})
	if err != nil {
		t.Fatal(err)
	}
	// (500 + 3,000 + 200) ÷ 3.
	if !hasNote(r, "3 values of 1233.3 B on average, 33.3 % of them above 1 kB") {
		t.Errorf("notes %q", r.Notes)
	}
	delete(asked, "HELLO")
	delete(asked, "AUTH")
	if want := map[string]int{"INFO": asked["INFO"], "SCAN": 2, "STRLEN": 4, "MEMORY": 2}; fmt.Sprint(asked) != fmt.Sprint(want) {
		t.Errorf("asked %v", asked)
	}
	// A user who may not.
	refused := listen(t, func(c net.Conn) {
		answering(func(words []string) string {
			if words[0] == "SCAN" {
				return "-NOPERM this user has no permissions to run the 'scan' command\r\n"
			}
			return bulk(newServer().reply())
		})(c)
	})
	if _, err := l.Observe(t.Context(), Target{Network: "tcp", Addr: refused}); err == nil || !strings.Contains(err.Error(), SampleACLRule) {
		t.Errorf("without the permission: %v", err)
	}
}

// Whatever the file holds: an error or sizes that are counts.
func FuzzReadSizes(f *testing.F) {
	f.Add(bigkeys)
	f.Add(memkeys)
	f.Add(keystats)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ReadSizes("f", strings.NewReader(text))
		if (s == nil) == (err == nil) {
			t.Fatalf("%v, %v", s, err)
		}
		if err != nil {
			return
		}
		if s.measured <= 0 || s.sum < 0 || s.most < 0 || s.above < 0 || s.milli < 0 || s.above > s.measured {
			t.Errorf("%+v", s)
		}
		r := &Result{Counts: map[string]int64{"get": 1}, Figures: []Figure{{"stored_bytes", "", "x"}}}
		r.Measured(s)
		var b strings.Builder
		if err := r.WriteTOML(&b, "x"); err != nil {
			t.Error(err)
		}
	})
}
