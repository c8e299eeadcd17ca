package observe

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// onceLater is newServer 1,000 s later, with 20,000 GET and 5,000 SET more.
func onceLater() *server {
	s := newServer()
	s.up += 1000
	s.fields["total_commands_processed"] = "1025000"
	s.stats["get"] = [2]int64{720_000, 1_440_000}
	s.stats["set"] = [2]int64{205_000, 820_000}
	return s
}

// node is a server of a cluster, by run_id and port.
func node(s *server, id string) *server { return s.with("run_id", id).with("tcp_port", id[1:]) }

func prefixed(text string, prefix func(line int) string) string {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(prefix(n)+strings.TrimRight(line, "\r\n"), " ") + "\n")
		n++
	}
	return b.String()
}

func replies(t *testing.T, texts ...string) []*Info {
	t.Helper()
	var all []*Info
	for i, text := range texts {
		more, err := ReadReplies(fmt.Sprintf("f%d", i), strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, more...)
	}
	return all
}

// Every way of saving the same two samples gives the same workload: 25,000
// commands in 1,000 s, 4 of 5 of them reads.
func TestReplies(t *testing.T) {
	a, b := newServer().reply(), onceLater().reply()
	stamp := func(n int) string { return fmt.Sprintf("2026-05-01T10:00:%02d.%d", n%60, 12345*n) }
	for name, texts := range map[string][]string{
		"two files":           {a, b},
		"one file":            {a + "\r\n" + b},
		"one after $n":        {fmt.Sprintf("$%d\r\n%s\r\n$%d\r\n%s\r\n", len(a), a, len(b), b)},
		"UTF-16":              {utf16le(a + b)},
		"docker compose":      {prefixed(a+"\r\n"+b, func(int) string { return "redis-1  | " })},
		"kubectl":             {prefixed(a, func(int) string { return "[pod/cache-0/redis] " }), b},
		"kubectl, times":      {prefixed(a+b, func(n int) string { return stamp(n) + "Z " })},
		"supervisord":         {prefixed(a+b, func(n int) string { return "2026-05-01 10:00:03,1" + fmt.Sprint(10+n%80) + " DEBG 'redis' stdout: " })},
		"syslog":              {prefixed(a+b, func(n int) string { return fmt.Sprintf("May  1 10:00:%02d db1 redis-cli[812]: ", n%60) })},
		"cluster call":        {"\x1b[29;1m>>> Calling\x1b[0m INFO all\n127.0.0.1:7000: " + a + "\n", ">>> Calling INFO all\n127.0.0.1:7000: " + b + "\n"},
		"IPv6":                {"::1:7000: " + a, "::1:7000: " + b},
		"three, of which two": {a + node(onceLater(), "a1").with("tcp_port", "6379").reply() + b},
	} {
		r, err := FromReplies(replies(t, texts...), 0)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r.Counts["get"] != 20_000 || r.Counts["set"] != 5_000 || r.Seconds != "1000" {
			t.Errorf("%s: counts %v in %s s", name, r.Counts, r.Seconds)
		}
		check(t, r, map[string]string{"ops_per_sec": "25", "read_share": "0.8"})
	}
}

// Two nodes in one file, by run_id, by the address of --cluster call where the
// ids are masked, and by the prefix of their pods.
func TestRepliesOfNodes(t *testing.T) {
	masked := func(s *server) string { return s.with("run_id", "").reply() }
	call := func(a, b string) string { return "10.0.0.1:7000: " + a + "10.0.0.2:7000: " + b }
	pod := func(n int) func(int) string {
		return func(int) string { return fmt.Sprintf("[pod/cache-%d/redis] ", n) }
	}
	for name, texts := range map[string][]string{
		"run_id":  {node(newServer(), "n7001").reply() + node(newServer(), "n7002").reply(), node(onceLater(), "n7001").reply() + node(onceLater(), "n7002").reply()},
		"address": {call(masked(newServer()), masked(newServer())), call(masked(onceLater()), masked(onceLater()))},
		"pods": {prefixed(masked(newServer()), pod(0)) + prefixed(masked(newServer()), pod(1)),
			prefixed(masked(onceLater()), pod(0)) + prefixed(masked(onceLater()), pod(1))},
	} {
		r, err := FromReplies(replies(t, texts...), 1000*time.Second)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		check(t, r, map[string]string{"ops_per_sec": "50", "stored_bytes": "16000000"})
	}
}

func TestRepliesRefused(t *testing.T) {
	a, b := newServer().reply(), onceLater().reply()
	for name, c := range map[string]struct{ text, want string }{
		"a line without the prefix": {strings.Replace(prefixed(a, func(int) string { return "redis-1  | " }), "redis-1  | used_memory:", "used_memory:", 1), `does not begin with the log prefix "redis-1  |"`},
		"a node failed":             {"10.0.0.1:7000: " + a + "10.0.0.2:7000: Failed!\n", "f, 10.0.0.2:7000: the node did not answer"},
		"a log in JSON":             {prefixed(a, func(int) string { return `{"log":"` }), "is a log in JSON; save plain text: docker logs"},
		"three that do not say":     {newServer().with("run_id", "").reply() + onceLater().with("run_id", "").reply() + a, "does not name its server (run_id); save the replies of each node in its own file and give --node T0,T1 for each"},
		"metrics of another":        {"# HELP node_cpu x\nnode_cpu 1\n", "not those of redis_exporter"},
		"metrics, cut off":          {"# TYPE redis_up gauge\nredis_up 1\nredis_commands_total{cmd=\"ge", "line 3 is not a metric"},
		"not reached":               {"# TYPE redis_up gauge\nredis_up 0\n", "redis_exporter did not reach the server"},
		"second is an error":        {a + "# Server\r\n-NOAUTH Authentication required: x\r\n", "f, reply 2 has an error instead of a reply to INFO"},
		"another server":            {a + strings.Replace(b, "run_id:a1", "run_id:b2", 1), "some nodes have one sample|uptime"},
	} {
		got, err := ReadReplies("f", strings.NewReader(c.text))
		if err == nil {
			_, err = FromReplies(got, 0)
		}
		if name == "another server" {
			// Two nodes of one sample each: averages since their start, which is right.
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		fair(t, err)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

// published is what redis_exporter makes of a server.
func published(s *server, up float64) string {
	var b strings.Builder
	b.WriteString("# HELP redis_commands_total Total number of calls per command\n# TYPE redis_commands_total counter\n")
	for cmd, v := range s.stats {
		fmt.Fprintf(&b, "redis_commands_total{cmd=%q} %d\nredis_commands_duration_seconds_total{cmd=%q} %g\n", cmd, v[0], cmd, float64(v[1])/1e6)
	}
	fmt.Fprintf(&b, "redis_commands_processed_total %s\n", s.fields["total_commands_processed"])
	fmt.Fprintf(&b, "redis_net_input_bytes_total %s\nredis_net_output_bytes_total 4e+08\n", s.fields["total_net_input_bytes"])
	fmt.Fprintf(&b, "redis_net_repl_input_bytes_total 0\nredis_net_repl_output_bytes_total 5e+07\n")
	fmt.Fprintf(&b, "redis_memory_used_dataset_bytes 8e+06\nredis_memory_used_bytes 9e+06\nredis_connected_slaves 1\nredis_uptime_in_seconds %g\n", up)
	fmt.Fprintf(&b, "redis_instance_info{maxmemory_policy=\"noeviction\",os=\"Linux\",redis_mode=\"standalone\",redis_version=\"7.2.4\",role=\"master\",run_id=%q,tcp_port=\"6379\"} 1\n", s.fields["run_id"])
	fmt.Fprintf(&b, "redis_db_keys{db=\"db0\"} 4000\nredis_db_keys{db=\"db1\"} 0\nredis_up 1\ngo_goroutines 8\n")
	return b.String()
}

func TestExposition(t *testing.T) {
	r, err := FromReplies(replies(t, published(newServer(), 10_000), published(onceLater(), 11_000)), 0)
	if err != nil {
		t.Fatal(err)
	}
	check(t, r, map[string]string{"ops_per_sec": "25", "read_share": "0.8", "stored_bytes": "8000000", "replicas": "1"})
	if r.Counts["get"] != 20_000 || r.Usec["get"] != 40_000 || r.Seconds != "1000" {
		t.Errorf("counts %v usec %v in %s s", r.Counts, r.Usec, r.Seconds)
	}
	// An INFO ALL of four commands: 5,500 B and 160 B for each of them.
	if in := replies(t, published(newServer(), 10_000))[0]; in.Bytes != 6_140 || in.statBytes != 640 {
		t.Errorf("a reply of %d B, of which %d of commands", in.Bytes, in.statBytes)
	}
	_, err = ReadReplies("m", strings.NewReader(`redis_commands_total{addr="a:1",cmd="get"} 1`+"\n"+`redis_commands_total{addr="b:1",cmd="get"} 1`))
	if err == nil || !strings.Contains(err.Error(), "more than one server (a:1 and b:1)") {
		t.Errorf("two servers: %v", err)
	}
}

func TestSystems(t *testing.T) {
	all, err := systems()
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range all {
		if s.Title == "" || !strings.HasPrefix(s.Source, "https://") || len(s.Instance) == 0 {
			t.Errorf("%s: no title, no source or no labels that tell servers apart", name)
		}
	}
}

// The dumps of other projects on this machine, where they are: each is read, or
// refused for what it is.
func TestSharedReplies(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/info-samples/*.txt")
	read := 0
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = ReadReplies(filepath.Base(path), f)
		_ = f.Close()
		fair(t, err)
		switch {
		case err == nil:
			read++
		case !strings.Contains(err.Error(), "Sentinel"):
			t.Errorf("%s: %v", path, err)
		}
	}
	t.Logf("%d dumps, %d read", len(files), read)
}

func FuzzReplies(f *testing.F) {
	f.Add(newServer().reply() + onceLater().reply())
	f.Add(prefixed(newServer().reply(), func(int) string { return "redis-1  | " }))
	f.Add("127.0.0.1:7000: # Server\nrun_id:a\n127.0.0.1:7001: Failed!\n")
	f.Add(published(newServer(), 1000))
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ReadReplies("f", strings.NewReader(text))
		fair(t, err)
		if err == nil {
			_, err = FromReplies(got, 0)
			fair(t, err)
		}
	})
}
