package observe

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// server writes INFO replies of an imaginary server.
type server struct {
	up     int64
	fields map[string]string
	stats  map[string][2]int64 // calls, usec
}

func newServer() *server {
	return &server{
		up: 10_000,
		fields: map[string]string{
			"redis_version": "7.2.4", "server_name": "valkey", "valkey_version": "8.0.1", "redis_mode": "standalone",
			"run_id": "a1", "tcp_port": "6379", "role": "master", "connected_slaves": "1", "connected_clients": "12",
			"used_memory": "9000000", "used_memory_dataset": "8000000", "used_memory_peak": "9100000",
			"maxmemory": "0", "maxmemory_policy": "noeviction", "instantaneous_ops_per_sec": "90",
			"total_commands_processed": "1000000", "total_connections_received": "500",
			"total_net_input_bytes": "150000000", "total_net_output_bytes": "400000000",
			"total_net_repl_input_bytes": "0", "total_net_repl_output_bytes": "50000000",
			"keyspace_hits": "600000", "keyspace_misses": "100000", "evicted_keys": "0", "expired_keys": "7",
		},
		stats: map[string][2]int64{
			"get": {700_000, 1_400_000}, "set": {200_000, 800_000}, "publish": {50_000, 100_000}, "ping": {50_000, 50_000},
		},
	}
}

func (s *server) with(field, value string) *server { s.fields[field] = value; return s }

func (s *server) reply() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Server\r\nuptime_in_seconds:%d\r\n", s.up)
	for k, v := range s.fields {
		if v != "" {
			fmt.Fprintf(&b, "%s:%s\r\n", k, v)
		}
	}
	b.WriteString("# Commandstats\r\n")
	for k, v := range s.stats {
		fmt.Fprintf(&b, "cmdstat_%s:calls=%d,usec=%d,usec_per_call=1.00,rejected_calls=0,failed_calls=0\r\n", k, v[0], v[1])
	}
	b.WriteString("# Keyspace\r\ndb0:keys=4000,expires=0,avg_ttl=0\r\n")
	return b.String()
}

func (s *server) info(t *testing.T, name string) *Info {
	t.Helper()
	in, err := ParseInfo(name, s.reply())
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func (r *Result) value(key string) string {
	for _, f := range r.Figures {
		if f.Key == key {
			return f.Value
		}
	}
	return "absent"
}

func check(t *testing.T, r *Result, want map[string]string) {
	t.Helper()
	for k, v := range want {
		if got := r.value(k); got != v {
			t.Errorf("%s = %q, want %q", k, got, v)
		}
	}
}

func hasNote(r *Result, part string) bool {
	return strings.Contains(strings.Join(r.Notes, "\n"), part)
}

func TestOneSample(t *testing.T) {
	r, err := Observe([]Node{{Samples: []*Info{newServer().info(t, "t0")}}})
	if err != nil {
		t.Fatal(err)
	}
	// 950,000 commands that are not PING in 10,000 s; 700 of 900 thousand read;
	// (150 + 400 − 50) MB less 50,000 PING of 14 + 7 B, over 950,000 commands.
	check(t, r, map[string]string{
		"ops_per_sec": "95", "peak_ops_per_sec": "absent", "read_share": "0.7778",
		"stored_bytes": "8000000", "payload_bytes": "525.2", "replicas": "1",
	})
	for _, note := range []string{"one sample", "ping 50000 (5 % of all commands)", "hit rate 85.7 %", "keys: 4000, of 2000 B each"} {
		if !hasNote(r, note) {
			t.Errorf("no note %q in %q", note, r.Notes)
		}
	}
}

// later is the same server 200 s on, after 2000 GET, 500 SET and 100 PING.
func later() *server {
	s := newServer()
	s.up += 200
	s.stats["get"], s.stats["set"], s.stats["ping"] = [2]int64{702_000, 1_404_000}, [2]int64{200_500, 802_000}, [2]int64{50_100, 50_100}
	return s.with("total_commands_processed", "1002600").with("total_net_input_bytes", "150300000").
		with("total_net_output_bytes", "400920000").with("total_net_repl_output_bytes", "50100000").
		with("instantaneous_ops_per_sec", "40")
}

func TestTwoSamples(t *testing.T) {
	r, err := Observe([]Node{{Samples: []*Info{newServer().info(t, "t0"), later().info(t, "t1")}}})
	if err != nil {
		t.Fatal(err)
	}
	// 2,500 commands in 200 s; (300 + 920 − 100) kB less 100 PING of 21 B over 2,500.
	// The 90 a second of the first sample are of before the interval.
	check(t, r, map[string]string{
		"ops_per_sec": "12.5", "peak_ops_per_sec": "40", "read_share": "0.8", "payload_bytes": "447.2",
	})
	if r.Counts["get"] != 2000 || r.Usec["set"] != 2000 || r.Seconds != "200" {
		t.Errorf("counts %v usec %v over %s s", r.Counts, r.Usec, r.Seconds)
	}
}

// The tool's own commands and bytes are taken out.
func TestOwnCommands(t *testing.T) {
	s := later()
	s.stats["info"] = [2]int64{1, 100}
	s.with("total_commands_processed", "1002601")
	r, err := Observe([]Node{{
		Samples: []*Info{newServer().info(t, "t0"), s.info(t, "t1")},
		Elapsed: 200 * time.Second,
		Own:     Own{Commands: map[string]int64{"info": 1}, BytesIn: 40_000, BytesOut: 80_000},
	}})
	if err != nil {
		t.Fatal(err)
	}
	check(t, r, map[string]string{"ops_per_sec": "12.5", "payload_bytes": "399.2"}) // 1,000,000 − 2,100 B over 2,500
	if r.Counts["info"] != 0 {
		t.Errorf("own INFO still counted: %v", r.Counts)
	}
}

func TestRefusals(t *testing.T) {
	pair := func(change func(first, second *server)) func(*testing.T) error {
		return func(t *testing.T) error {
			a, b := newServer(), later()
			change(a, b)
			_, err := Observe([]Node{{Samples: []*Info{a.info(t, "t0"), b.info(t, "t1")}}})
			return err
		}
	}
	single := func(change func(*server)) func(*testing.T) error {
		return func(t *testing.T) error {
			s := newServer()
			change(s)
			_, err := Observe([]Node{{Samples: []*Info{s.info(t, "t0")}}})
			return err
		}
	}
	for name, c := range map[string]struct {
		try  func(*testing.T) error
		want string
		data bool // the samples are at fault, not the call
	}{
		"restart":             {pair(func(_, b *server) { b.with("run_id", "b2") }), "run_id a1 and b2", true},
		"masked restart":      {pair(func(a, b *server) { a.with("run_id", "0"); b.with("run_id", ""); b.up = 50 }), "restarted", true},
		"reset":               {pair(func(_, b *server) { b.with("keyspace_hits", "3") }), "keyspace_hits fell", true},
		"command reset":       {pair(func(_, b *server) { b.stats["get"] = [2]int64{1, 1} }), "cmdstat_get fell", true},
		"command gone":        {pair(func(_, b *server) { delete(b.stats, "publish") }), "cmdstat_publish fell", true},
		"reset and overtaken": {pair(func(_, b *server) { b.stats["config|resetstat"] = [2]int64{1, 1} }), "reset", true},
		"other version":       {pair(func(_, b *server) { b.with("valkey_version", "9.0.0") }), "Valkey 8.0.1 and Valkey 9.0.0", true},
		"other port":          {pair(func(_, b *server) { b.with("tcp_port", "7000") }), "tcp_port", true},
		"failover":            {pair(func(_, b *server) { b.with("role", "slave") }), "role", true},
		"short":               {pair(func(a, b *server) { b.up = a.up + 99 }), "1m39s apart", true},
		"swapped":             {pair(func(a, b *server) { a.up, b.up = b.up, a.up }), "earlier sample first", false},
		"no clock":            {single(func(s *server) { s.up = 1 << 60 }), "uptime_in_seconds", true},
		"young":               {single(func(s *server) { s.up = 99 }), "too short", true},
		"reset, one sample":   {single(func(s *server) { s.stats["config|resetstat"] = [2]int64{1, 1} }), "were reset after the server started", true},
		"replica alone":       {single(func(s *server) { s.with("role", "slave") }), "is a replica", false},
		"too much":            {single(func(s *server) { s.up = 100; s.stats["get"] = [2]int64{2e15, 1} }), "", false},
		"same server twice": {func(t *testing.T) error {
			_, err := Observe([]Node{{Samples: []*Info{newServer().info(t, "a")}}, {Samples: []*Info{newServer().info(t, "b")}}})
			return err
		}, "same server", false},
		"one and two": {func(t *testing.T) error {
			other := newServer().with("run_id", "b2")
			_, err := Observe([]Node{{Samples: []*Info{newServer().info(t, "a"), later().info(t, "b")}}, {Samples: []*Info{other.info(t, "c")}}})
			return err
		}, "some nodes have one sample and some two; give the same number for each", false},
		"interval against uptime": {func(t *testing.T) error {
			_, err := Observe([]Node{{Samples: []*Info{newServer().info(t, "a"), later().info(t, "b")}, Elapsed: time.Minute}})
			return err
		}, "3m20s apart", true},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.try(t)
			if c.want == "" {
				if err != nil {
					t.Fatalf("refused: %v", err) // an impossible count is masked, not fatal
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want %q", err, c.want)
			}
			var input InputError
			var data DataError
			if errors.As(err, &data) != c.data || errors.As(err, &input) == c.data {
				t.Errorf("%T is of the wrong kind", err)
			}
		})
	}
}

// A clock of microseconds makes short intervals good.
func TestServerClock(t *testing.T) {
	a, b := newServer(), later()
	a.with("server_time_usec", "1000000000000000")
	b.with("server_time_usec", "1000000010004000").up = a.up + 10
	r, err := Observe([]Node{{Samples: []*Info{a.info(t, "t0"), b.info(t, "t1")}}})
	if err != nil {
		t.Fatal(err)
	}
	check(t, r, map[string]string{"ops_per_sec": "249.9"}) // 2,500 ÷ 10.004 s
	// A clock that was set in between is worth less than the uptime.
	b.with("server_time_usec", "1000000500000000").up = a.up + 200
	if r, err = Observe([]Node{{Samples: []*Info{a.info(t, "t0"), b.info(t, "t1")}}}); err != nil {
		t.Fatal(err)
	}
	check(t, r, map[string]string{"ops_per_sec": "12.5"})
}

func TestCluster(t *testing.T) {
	second := newServer().with("run_id", "b2").with("tcp_port", "7001").with("connected_slaves", "2")
	replica := newServer().with("run_id", "c3").with("role", "slave").with("connected_slaves", "0")
	nodes := []Node{
		{Samples: []*Info{newServer().info(t, "a")}}, {Samples: []*Info{second.info(t, "b")}}, {Samples: []*Info{replica.info(t, "c")}},
	}
	r, err := Observe(nodes)
	if err != nil {
		t.Fatal(err)
	}
	// 95 of each primary, and the 70 reads of the replica; 2 × 498.95 MB, and of the
	// replica 500 MB less PING and 10,000 acknowledgements of 34 + 2 B, over
	// 2 × 950,000 + 700,000 commands.
	check(t, r, map[string]string{"ops_per_sec": "260", "stored_bytes": "16000000", "payload_bytes": "575.6", "replicas": "2", "read_share": "0.84"})
	for _, note := range []string{"have 1 to 2 replicas", "replicas served 26.9 % of the commands, 70/s", "2 of 3 replicas were not observed"} {
		if !hasNote(r, note) {
			t.Errorf("no note %q in %q", note, r.Notes)
		}
	}
	// A node that has run twice as long: its rate counts, not its total.
	second.up *= 2
	nodes[1].Samples[0] = second.info(t, "b")
	if r, err = Observe(nodes); err != nil {
		t.Fatal(err)
	}
	check(t, r, map[string]string{"ops_per_sec": "212.5"})
	if !hasNote(r, "scaled to 20000 s") || r.Counts["get"] != 3_500_000 { // 700,000 in 10,000 s twice, and in 20,000 s
		t.Errorf("%d GET, notes %q", r.Counts["get"], r.Notes)
	}
}

// Nodes that are asked at once answer a little apart: the counts stay what was
// counted, each rate is over the node's own interval.
func TestClusterCountsAreExact(t *testing.T) {
	var nodes []Node
	for i, c := range []struct {
		calls  int64
		micros int
	}{{100, 2_000_000}, {200, 2_006_000}, {300, 2_011_000}} {
		port := fmt.Sprint(7000 + i)
		a := newServer().with("run_id", "n"+port).with("tcp_port", port).with("instantaneous_ops_per_sec", "0")
		first := a.info(t, port)
		get, set := a.stats["get"], a.stats["set"]
		a.stats["get"], a.stats["set"] = [2]int64{get[0] + c.calls, get[1] + c.calls}, [2]int64{set[0] + c.calls, set[1] + 2*c.calls}
		a.up += 2
		a.with("total_commands_processed", fmt.Sprint(1_000_000+2*c.calls))
		nodes = append(nodes, Node{Samples: []*Info{first, a.info(t, port)}, Elapsed: time.Duration(c.micros) * time.Microsecond})
	}
	r, err := Observe(nodes)
	if err != nil {
		t.Fatal(err)
	}
	// 200 ÷ 2 + 400 ÷ 2.006 + 600 ÷ 2.011 a second
	check(t, r, map[string]string{"ops_per_sec": "597.761", "read_share": "0.5"})
	if r.Counts["get"] != 600 || r.Counts["set"] != 600 || r.Usec["set"] != 1200 || r.Commands.All != 1200 || r.Seconds != "2.011" {
		t.Errorf("counts %v, usec %v, %+v in %s s", r.Counts, r.Usec, r.Commands, r.Seconds)
	}
	if hasNote(r, "intervals of different lengths") {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestWhatIsMissing(t *testing.T) {
	s := newServer().with("used_memory_dataset", "-1").with("connected_slaves", "***").with("total_net_repl_output_bytes", "")
	s.stats = nil
	r, err := Observe([]Node{{Samples: []*Info{s.info(t, "t0")}}})
	if err != nil {
		t.Fatal(err)
	}
	check(t, r, map[string]string{
		"ops_per_sec": "100", "read_share": "absent", "stored_bytes": "9000000", "replicas": "", "payload_bytes": "550",
	})
	if !hasNote(r, "no commandstats") {
		t.Errorf("notes %q", r.Notes)
	}
	s.with("used_memory", "").with("total_commands_processed", "")
	if r, err = Observe([]Node{{Samples: []*Info{s.info(t, "t0")}}}); err != nil {
		t.Fatal(err)
	}
	check(t, r, map[string]string{"ops_per_sec": "", "stored_bytes": "", "payload_bytes": ""})
}

// Before 7.0 replication is in the output and not counted apart.
func TestOldReplication(t *testing.T) {
	s := newServer().with("total_net_repl_input_bytes", "").with("total_net_repl_output_bytes", "").
		with("connected_slaves", "2").with("master_repl_offset", "100000000")
	r, err := Observe([]Node{{Samples: []*Info{s.info(t, "t0")}}})
	if err != nil {
		t.Fatal(err)
	}
	check(t, r, map[string]string{"payload_bytes": "367.3"}) // (150 + 400 − 2 × 100) MB less 1.05 MB of PING over 950,000
	s.with("master_repl_offset", "300000000")
	if r, err = Observe([]Node{{Samples: []*Info{s.info(t, "t0")}}}); err != nil {
		t.Fatal(err)
	}
	check(t, r, map[string]string{"payload_bytes": ""}) // more than all traffic: not known, not zero
}

func TestCeiling(t *testing.T) {
	s := newServer().with("maxmemory", "9400000").with("maxmemory_policy", "allkeys-lru").with("evicted_keys", "12")
	r, err := Observe([]Node{{Samples: []*Info{s.info(t, "t0")}}})
	if err != nil {
		t.Fatal(err)
	}
	if !hasNote(r, "memory is full: 1 of 1") || !hasNote(r, "allkeys-lru, 12 keys evicted") {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestDialects(t *testing.T) {
	body := "uptime_in_seconds:1000\ntotal_commands_processed:5000\nused_memory:100\nconnected_clients:1\n"
	for name, c := range map[string]struct{ text, server string }{
		"redis 2.8":          {"# Server\nredis_version:2.8.24\n" + body, "Redis 2.8.24"},
		"valkey":             {"redis_version:7.2.4\nserver_name:valkey\nvalkey_version:9.0.1\nserver_mode:standalone\n" + body, "Valkey 9.0.1"},
		"keydb":              {"redis_version:6.3.4\nmvcc_depth:0\n" + body, "KeyDB 6.3.4"},
		"dragonfly":          {"dragonfly_version:df-v1.30.0\n" + body, "Dragonfly df-v1.30.0"},
		"elasticache":        {"redis_version:7.1.0\nos:Amazon ElastiCache\n" + body, "Amazon ElastiCache, Redis 7.1.0"},
		"elasticache valkey": {"redis_version:7.2.4\nvalkey_version:8.2.0\nos:Amazon ElastiCache\n" + body, "Amazon ElastiCache, Valkey 8.2.0"},
		"azure":              {"redis_version:6.0.14\nos:Windows  \nmaxmemory_reservation:1\n" + body, "Azure Cache for Redis, Redis 6.0.14"},
		"enterprise":         {"redis_version:7.4.0\nrlec_version:7.8\n" + body, "Redis Enterprise 7.8"},
		"upstash":            {"upstash_version:1.2\nredis_version:6.2\n" + body, "Upstash 1.2"},
		"nameless":           {body, "an unnamed server"},
		"length prefix":      {"$120\r\nredis_version:7.0.0\r\n" + body, "Redis 7.0.0"},
		"verbatim prefix":    {"=120\r\ntxt:redis_version:7.0.0\r\n" + body, "Redis 7.0.0"},
		"quoted":             {`"redis_version:7.0.0\r\n` + strings.ReplaceAll(body, "\n", `\r\n`) + `"`, "Redis 7.0.0"},
		"trailing error":     {"redis_version:7.0.0\n" + body + "(error) ERR unknown command 'eof'\n", "Redis 7.0.0"},
		"repeated":           {"redis_version:7.0.0\nredis_version:6.0.0\n" + body + body, "Redis 7.0.0"},
		"byte order mark":    {"\ufeffredis_version:7.0.0\n" + body, "Redis 7.0.0"},
		"powershell":         {utf16le("redis_version:7.0.0\r\n" + body), "Redis 7.0.0"},
		"old mac":            {strings.ReplaceAll("redis_version:7.0.0\n"+body, "\n", "\r"), "Redis 7.0.0"},
	} {
		t.Run(name, func(t *testing.T) {
			in, err := ParseInfo("t0", c.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := in.Server(); got != c.server {
				t.Errorf("server %q, want %q", got, c.server)
			}
			r, err := Observe([]Node{{Samples: []*Info{in}}})
			if err != nil {
				t.Fatal(err)
			}
			check(t, r, map[string]string{"ops_per_sec": "5"})
		})
	}
}

func utf16le(s string) string {
	b := []byte{0xff, 0xfe}
	for _, c := range []byte(s) {
		b = append(b, c, 0)
	}
	return string(b)
}

// Pika counts commands in a section of its own and keeps its data on disk.
func TestPika(t *testing.T) {
	in, err := ParseInfo("t0", "# Server\npika_version:3.5.0\nuptime_in_seconds:1000\n# Data\ndb_size:500\nused_memory:99\n"+
		"# Command_Exec_Count\nGET:3000\nSET:1000\nPING:50\n# Replication(MASTER)\nrole:master\n"+
		"# Keyspace\n# Time:2024-01-01 00:00:01\ndb0 Strings_keys=12, expires=1, invalid_keys=0\n")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Observe([]Node{{Samples: []*Info{in}}})
	if err != nil {
		t.Fatal(err)
	}
	check(t, r, map[string]string{"ops_per_sec": "4", "read_share": "0.75", "stored_bytes": ""})
	if in.Keys != 12 {
		t.Errorf("%d keys, want 12", in.Keys)
	}
}

func TestNotInfo(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":         {" \r\n", "is empty"},
		"binary":        {"redis_version:7.0.0\n\x00\x01", "not text"},
		"error":         {"-NOAUTH Authentication required.\r\n", "NOAUTH Authentication required."},
		"redis-cli":     {"(error) NOPERM User x has no permissions", "NOPERM"},
		"prose":         {"Dear all,\nnothing: here.\n", "is not a reply to INFO: it has no known field"},
		"page":          {"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html>", "is not a reply to INFO: it has no known field"},
		"sentinel":      {"redis_version:7.0.0\nredis_mode:sentinel\nuptime_in_seconds:1000\n", "Sentinel"},
		"new sentinel":  {"valkey_version:9.0.0\nserver_mode:sentinel\nuptime_in_seconds:1000\n", "Sentinel"},
		"two servers":   {"run_id:a\nredis_version:7.0.0\nrun_id:b\n", "more than one reply"},
		"two in a file": {"uptime_in_seconds:5\nredis_version:7.0.0\nuptime_in_seconds:9\n", "more than one reply"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseInfo("t0", c.text)
			var input InputError
			if !errors.As(err, &input) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// endless is a file without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "redis_version:7\n"[i%16]
	}
	return len(p), nil
}

// What stands before a field may be no text at all, or very long: neither is the
// prefix of a log.
func TestOddPrefixes(t *testing.T) {
	info := newServer().reply()
	for name, odd := range map[string]string{
		"not UTF-8": "\xf9: cmdstat_get:calls=1,usec=1\r\n",
		"long":      strings.Repeat("(", 100_000) + " used_memory:1\r\n",
		"brackets":  "[0 (*+?{ used_memory:1\r\n",
	} {
		if _, err := ReadReplies("t0", strings.NewReader(info+odd+odd)); err != nil {
			t.Logf("%s: %v", name, err)
		}
	}
}

func TestEndless(t *testing.T) {
	_, err := ReadReplies("t0", io.Reader(endless{}))
	var input InputError
	if !errors.As(err, &input) || !strings.Contains(err.Error(), "larger than 32 MiB") {
		t.Errorf("error %v", err)
	}
}

// The same server counts its commands twice; where the two do not agree, neither
// is a fact, nor is what follows from them.
func TestContradiction(t *testing.T) {
	s := newServer().with("total_commands_processed", "700000")
	r, err := Observe([]Node{{Samples: []*Info{s.info(t, "t0")}}})
	if err != nil {
		t.Fatal(err)
	}
	check(t, r, map[string]string{"ops_per_sec": "", "read_share": "", "payload_bytes": "", "peak_ops_per_sec": "absent", "stored_bytes": "8000000"})
	if len(r.Counts) > 0 || !hasNote(r, "count 1000000 commands and total_commands_processed 700000") {
		t.Errorf("counts %v, notes %q", r.Counts, r.Notes)
	}
}

// The reads of a replica outside of a cluster: 200 SET on the primary and 4,000 GET
// on the replica in 10 s are 420/s, 0.9524 of them reads.
func TestReplicaReads(t *testing.T) {
	pair := func(name string, change func(first, second *server)) Node {
		a, b := newServer(), newServer()
		for _, s := range []*server{a, b} {
			s.with("run_id", name).with("tcp_port", name).with("instantaneous_ops_per_sec", "1")
		}
		b.up += 10
		change(a, b)
		return Node{Samples: []*Info{a.info(t, name), b.info(t, name)}, Elapsed: 10 * time.Second}
	}
	calls := func(s *server, name string, more int64) {
		s.stats[name] = [2]int64{s.stats[name][0] + more, s.stats[name][1] + more}
		var n int64
		_, _ = fmt.Sscan(s.fields["total_commands_processed"], &n)
		s.with("total_commands_processed", fmt.Sprint(n+more))
	}
	primary := pair("1", func(_, b *server) { calls(b, "set", 200) })
	replica := pair("2", func(a, b *server) {
		a.with("role", "slave")
		b.with("role", "slave")
		calls(b, "get", 4000)
		calls(b, "set", 200) // its primary's
		calls(b, "ping", 1)
	})
	r, err := Observe([]Node{primary, replica})
	if err != nil {
		t.Fatal(err)
	}
	check(t, r, map[string]string{"ops_per_sec": "420", "read_share": "0.9524"})
	if r.Counts["get"] != 4000 || r.Counts["set"] != 200 || r.Counts["ping"] != 0 {
		t.Errorf("counts %v", r.Counts)
	}
	if hasNote(r, "were not observed") {
		t.Errorf("notes %q", r.Notes)
	}
	if r, err = Observe([]Node{primary}); err != nil || !hasNote(r, "1 of 1 replicas were not observed") {
		t.Errorf("%v, notes %q", err, r.Notes)
	}
}

// Before Redis 7, one sample after a failover: this server sent 12 − 8 GB of its
// offset as a primary. (30 − 4) GB over 100 M commands are at most 260 B.
func TestOldFailover(t *testing.T) {
	s := newServer()
	s.fields = map[string]string{
		"redis_version": "6.2.7", "run_id": "p", "role": "master", "connected_slaves": "1", "used_memory": "1000",
		"total_commands_processed": "100000000", "total_net_input_bytes": "10000000000", "total_net_output_bytes": "20000000000",
		"master_repl_offset": "12000000000", "second_repl_offset": "8000000000",
	}
	s.stats = map[string][2]int64{"get": {100_000_000, 1}}
	r, err := Observe([]Node{{Samples: []*Info{s.info(t, "t0")}}})
	if err != nil {
		t.Fatal(err)
	}
	check(t, r, map[string]string{"payload_bytes": "260"})
	if !hasNote(r, "payload_bytes is an upper bound") {
		t.Errorf("notes %q", r.Notes)
	}
	s.with("sync_full", "1") // a full copy of unknown size is in the output
	if r, err = Observe([]Node{{Samples: []*Info{s.info(t, "t0")}}}); err != nil {
		t.Fatal(err)
	}
	check(t, r, map[string]string{"payload_bytes": ""})
}

// Somebody polls INFO: its replies are taken out by their length, which the tool
// has in its hand. 400 GET of 50 B, 10 INFO of the same reply.
func TestInfoBytes(t *testing.T) {
	a := newServer().with("connected_slaves", "0")
	b := later().with("connected_slaves", "0")
	b.stats = map[string][2]int64{"get": {700_400, 1}, "set": {200_000, 1}, "publish": {50_000, 1}, "ping": {50_000, 1}, "info": {10, 1}}
	first := a.info(t, "t0")
	b.with("total_commands_processed", "1000410").with("total_net_repl_output_bytes", "50000000")
	poll := first.Bytes + 10
	b.with("total_net_input_bytes", fmt.Sprint(150_000_000+400*25+10*23)).with("total_net_output_bytes", fmt.Sprint(400_000_000+400*25+10*poll))
	r, err := Observe([]Node{{Samples: []*Info{first, b.info(t, "t1")}}})
	if err != nil {
		t.Fatal(err)
	}
	var got float64
	if _, err := fmt.Sscan(r.value("payload_bytes"), &got); err != nil || got < 47.5 || got > 52.5 {
		t.Errorf("payload_bytes %q, want 50 within 5 %%", r.value("payload_bytes"))
	}
	if !hasNote(r, "administration moved an estimated") {
		t.Errorf("notes %q", r.Notes)
	}
}

// What nobody knows and what only probes send is named with its share.
func TestNamedBuckets(t *testing.T) {
	s := newServer().with("total_commands_processed", "1100000")
	s.stats["dbsize"], s.stats["my.module"] = [2]int64{50_000, 1}, [2]int64{50_000, 1}
	r, err := Observe([]Node{{Samples: []*Info{s.info(t, "t0")}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, note := range []string{"dbsize 50000 (4.5 % of all commands)", "not classified: my.module 50000 (4.5 % of all commands)"} {
		if !hasNote(r, note) {
			t.Errorf("no note %q in %q", note, r.Notes)
		}
	}
}
