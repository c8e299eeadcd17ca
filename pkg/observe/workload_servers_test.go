//go:build servers

package observe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keynest/keynest/pkg/commands"
)

// Known loads against real servers: what the client sent is the truth.

// another is one more client of a server, with counts of its own.
func (s *running) another() *running {
	s.t.Helper()
	c := &running{t: s.t, cmd: s.cmd, addr: s.addr, dir: s.dir}
	c.connect()
	return c
}

// pipeline sends n commands in one write and reads their replies.
func (s *running) pipeline(n int, words ...string) {
	s.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(w), w)
	}
	all := strings.Repeat(b.String(), n)
	s.sent += int64(len(all))
	go func() { _, _ = s.conn.Write([]byte(all)) }()
	for range n {
		s.reply()
	}
}

func near(t *testing.T, what string, got string, want, percent float64) {
	t.Helper()
	v, err := strconv.ParseFloat(got, 64)
	if err != nil || v < want*(1-percent/100) || v > want*(1+percent/100) {
		t.Errorf("%s: %q, want %.3f within %g %%", what, got, want, percent)
	}
}

// upstash is what Upstash would bill of what was counted.
func upstash(r *Result) int64 {
	free := commands.Free{"AUTH", "HELLO", "SELECT", "COMMAND", "CONFIG", "INFO", "PING", "RESET", "QUIT"}
	return commands.Tally{Counts: r.Counts}.Bill(commands.NewClasses(), free).Commands
}

// ecpu is what ElastiCache Serverless would bill of it.
func ecpu(t *testing.T, r *Result) commands.ECPU {
	t.Helper()
	each, err := strconv.ParseFloat(r.value("payload_bytes"), 64)
	if err != nil {
		t.Fatalf("payload_bytes %q", r.value("payload_bytes"))
	}
	free := commands.Free{"AUTH", "MULTI", "EXEC", "CONFIG", "SUBSCRIBE", "UNSUBSCRIBE", "INFO", "PUBLISH", "CLUSTER"}
	e, err := commands.Tally{Counts: r.Counts, Usec: r.Usec, Moved: int64(each * float64(r.Commands.Workload())), FanOut: r.FanOut}.ECPU(commands.NewClasses(), free)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// inRange holds the figure by hand, in ECPU, against the range.
func inRange(t *testing.T, e commands.ECPU, hand float64) {
	t.Helper()
	if milli := int64(hand * 1000); milli < e.Low-e.Low/100 || milli > e.High {
		t.Errorf("%.1f ECPU by hand are not in %+v", hand, e)
	}
}

func replicate(t *testing.T, primary, replica *running) {
	t.Helper()
	host, port, _ := net.SplitHostPort(primary.addr)
	replica.ok("REPLICAOF", host, port)
	primary.until("online", func() bool { return strings.Contains(primary.do("INFO", "replication"), "state=online") })
	replica.until("in step", func() bool { return strings.Contains(replica.do("INFO", "replication"), "master_link_status:up") })
}

// 200 SET to the primary and 4,000 GET to its replica, outside of a cluster: the
// rate, the read share, the bill and the bytes are those of both.
func TestServerReplicaReads(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		primary, replica := start(t, binary), start(t, binary)
		replicate(t, primary, replica)
		primary.ok("SET", "key", strings.Repeat("x", 200))
		r, err := observeLoad(t, primary.target(), 10, func() {
			primary.sent, replica.sent = 0, 0
			for range 200 {
				primary.ok("SET", "key", strings.Repeat("x", 200))
			}
			for range 4000 {
				replica.do("GET", "key")
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "ops_per_sec", r.value("ops_per_sec"), 420, 1)
		near(t, "read_share", r.value("read_share"), 4000.0/4200, 1)
		equal(t, "set", r.Counts["set"], 200)
		equal(t, "get", r.Counts["get"], 4000)
		near(t, "upstash", fmt.Sprint(upstash(r)), 4200, 1)
		near(t, "payload_bytes", r.value("payload_bytes"), float64(primary.sent+replica.sent)/4200, 2)
		e := ecpu(t, r)
		equal(t, "ecpu", e.Milli, 4_200_000)
		inRange(t, e, 4200)
		if hasNote(r, "not observed") {
			t.Errorf("notes %q", r.Notes)
		}
		// A replica that cannot be asked is named.
		replica.ok("CONFIG", "SET", "requirepass", secret)
		if r, err = observeLoad(t, primary.target(), 1, func() { primary.do("GET", "key") }); err != nil {
			t.Fatal(err)
		}
		if !hasNote(r, "a replica was not observed: "+replica.addr) || !hasNote(r, "1 of 1 replicas were not observed") {
			t.Errorf("notes %q", r.Notes)
		}
	})
}

// cluster makes three primaries, each with a replica: nodes i and i + 3.
func cluster(t *testing.T, binary string) []*running {
	t.Helper()
	var nodes []*running
	for range 6 {
		nodes = append(nodes, start(t, binary, "--cluster-enabled", "yes", "--cluster-node-timeout", "10000"))
	}
	slots := [][2]string{{"0", "5460"}, {"5461", "10922"}, {"10923", "16383"}}
	for i, n := range nodes {
		if i < 3 {
			n.ok("CLUSTER", "ADDSLOTSRANGE", slots[i][0], slots[i][1])
		}
		if i > 0 {
			host, port, _ := net.SplitHostPort(nodes[0].addr)
			n.ok("CLUSTER", "MEET", host, port)
		}
	}
	for _, n := range nodes {
		n.until("knows all nodes", func() bool {
			info := n.do("CLUSTER", "INFO")
			return strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:6")
		})
	}
	for i := 3; i < 6; i++ {
		nodes[i].until("a replica", func() bool {
			return nodes[i].do("CLUSTER", "REPLICATE", nodes[i-3].do("CLUSTER", "MYID")) == "+OK"
		})
		nodes[i].until("in step", func() bool { return strings.Contains(nodes[i].do("INFO", "replication"), "master_link_status:up") })
	}
	for _, n := range nodes {
		n.until("sees the replicas", func() bool { return strings.Count(n.do("CLUSTER", "SLOTS"), "127.0.0.1") == 6 })
	}
	return nodes
}

// A cluster of 3 + 3 with reads on the replicas.
func TestServerClusterReplicaReads(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		nodes := cluster(t, binary)
		tags := []string{"b", "c", "a"} // slots 3300, 7365, 15495
		r, err := observeLoad(t, nodes[0].target(), 4, func() {
			for i, tag := range tags {
				for range 100 {
					nodes[i].ok("SET", tag, "value")
					nodes[i].do("GET", tag)
				}
				nodes[i+3].ok("READONLY")
				for range 300 {
					nodes[i+3].do("GET", tag)
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "nodes seen", len(r.About), 6)
		equal(t, "set", r.Counts["set"], 300)
		equal(t, "get", r.Counts["get"], 1200)
		near(t, "ops_per_sec", r.value("ops_per_sec"), 1500.0/4, 1)
		near(t, "upstash", fmt.Sprint(upstash(r)), 1500, 1)
		equal(t, "read_share", r.value("read_share"), "0.8")
		inRange(t, ecpu(t, r), 1500)
	})
}

// Pipelines, MULTI and EXEC, and BLPOP workers, one of them blocked across both
// samples.
func TestServerShapes(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		s := start(t, binary)
		blocked := s.another()
		_, _ = blocked.conn.Write([]byte("*3\r\n$5\r\nBLPOP\r\n$5\r\nnever\r\n$1\r\n0\r\n"))
		r, err := observeLoad(t, s.target(), 5, func() {
			s.sent = 0
			s.pipeline(2000, "SET", "key", "value")
			for range 100 {
				s.do("MULTI")
				s.do("GET", "key")
				s.do("EXEC")
			}
			for range 50 {
				s.do("RPUSH", "jobs", "job")
				s.do("BLPOP", "jobs", "1")
			}
			s.do("BLPOP", "jobs", "0.05") // an empty poll
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]int64{"set": 2000, "multi": 100, "exec": 100, "get": 100, "rpush": 50, "blpop": 51} {
			equal(t, name, r.Counts[name], want)
		}
		near(t, "ops_per_sec", r.value("ops_per_sec"), 2401.0/5, 1)
		near(t, "payload_bytes", r.value("payload_bytes"), float64(s.sent)/2401, 1)
		equal(t, "upstash", upstash(r), 2401)
		// With and without MULTI and EXEC: AWS's tools do not agree.
		e := ecpu(t, r)
		inRange(t, e, 2201)
		inRange(t, e, 2401)
	})
}

// EVALSHA with 50 GET inside. The figures by hand: 200 if a script is one command,
// 10,200 if what it ran is counted besides it.
func TestServerEvalsha(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		s := start(t, binary)
		s.ok("SET", "k", "v")
		sha := s.do("SCRIPT", "LOAD", "for i=1,50 do redis.call('GET','k') end return 1")
		r, err := observeLoad(t, s.target(), 3, func() {
			for range 200 {
				s.do("EVALSHA", sha, "1", "k")
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "evalsha", r.Counts["evalsha"], 200)
		equal(t, "get", r.Counts["get"], 10_000)
		e := ecpu(t, r)
		inRange(t, e, 200)
		inRange(t, e, 10_200)
		if e.Measured || e.Low > 210_000 {
			t.Errorf("inner commands set the base, or count at the low end: %+v", e)
		}
	})
}

// 300 GET of 42 B and 300 PUBLISH of 500 B to 20 subscribers: 300 ECPU by hand, 600
// with PUBLISH.
func TestServerFanOut(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		s := start(t, binary)
		s.ok("SET", "k", strings.Repeat("x", 10))
		for range 20 {
			c := s.another()
			c.do("SUBSCRIBE", "news")
		}
		r, err := observeLoad(t, s.target(), 3, func() {
			for range 300 {
				s.do("GET", "k")
				s.do("PUBLISH", "news", strings.Repeat("m", 500))
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "publish", r.Counts["publish"], 300)
		e := ecpu(t, r)
		inRange(t, e, 300)
		inRange(t, e, 600)
		// The subscribers' 3.2 MB would be 3,200 more.
		if e.Milli > 320_000 || e.High > 1_000_000 {
			t.Errorf("the bytes of subscribers are spread over the GET: %+v, notes %q", e, r.Notes)
		}
	})
}

// 1 % of the GET find 100 kB, 99 % 50 B: 990 + 10 × 100 ECPU by hand and the few
// bytes of the protocol.
func TestServerUneven(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		s := start(t, binary)
		s.ok("SET", "large", strings.Repeat("x", 100_000))
		s.ok("SET", "small", strings.Repeat("x", 50))
		r, err := observeLoad(t, s.target(), 2, func() {
			s.sent = 0
			for range 10 {
				s.do("GET", "large")
			}
			s.pipeline(990, "GET", "small")
		})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "payload_bytes", r.value("payload_bytes"), float64(s.sent)/1000, 1)
		inRange(t, ecpu(t, r), 990+10*100.05)
	})
}

// A client with MONITOR attached is sent every command as well.
func TestServerMonitor(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		s := start(t, binary)
		spy := s.another()
		s.ok("SET", "key:1", strings.Repeat("x", 50))
		load := func() {
			s.sent = 0
			for range 500 {
				s.ok("SET", "key:1", strings.Repeat("x", 50))
				s.do("GET", "key:1")
			}
		}
		r, err := observeLoad(t, s.target(), 2, func() {
			_, _ = spy.conn.Write([]byte("*1\r\n$7\r\nMONITOR\r\n"))
			s.until("watched", func() bool {
				return spy.r.Buffered() > 0 || func() bool { _, err := spy.r.Peek(1); return err == nil }()
			})
			load()
		})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "payload_bytes", r.value("payload_bytes"), float64(s.sent)/1000, 5)
		// Attached before the interval: nobody knows, and the note has both figures.
		if r, err = observeLoad(t, s.target(), 2, load); err != nil {
			t.Fatal(err)
		}
		if !hasNote(r, "MONITOR was started") {
			t.Errorf("notes %q", r.Notes)
		}
	})
}

// INFO each second beside 40 GET/s: the bytes a command within 5 %, and Upstash's
// bill without what it does not count.
func TestServerPolledInfo(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		s := start(t, binary)
		s.ok("SET", "k", strings.Repeat("x", 20))
		poller := s.another()
		r, err := observeLoad(t, s.target(), 2, func() {
			s.sent = 0
			for i := range 400 {
				s.do("GET", "k")
				if i%40 == 0 {
					poller.do("INFO", "all")
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "info", r.Counts["info"], 10)
		near(t, "payload_bytes", r.value("payload_bytes"), float64(s.sent)/400, 5)
		equal(t, "upstash", upstash(r), 400)
		if !hasNote(r, "administration moved an estimated") {
			t.Errorf("notes %q", r.Notes)
		}
	})
}

// Three bursts of 4,000 SET within 10 s: the peak is a burst's, not the mean of
// 1,200. A load before the first sample is of no interest.
func TestServerBursts(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		s := start(t, binary)
		s.pipeline(60_000, "SET", "before", "x")
		var once sync.Once
		done := make(chan bool)
		r, err := Live{
			Interval: 10 * time.Second, Timeout: 5 * time.Second,
			Progress: func(int, time.Duration) {
				once.Do(func() {
					go func() {
						defer close(done)
						for range 3 {
							time.Sleep(2500 * time.Millisecond)
							s.pipeline(4000, "SET", "key", "value")
						}
					}()
				})
			},
		}.Observe(context.Background(), s.target())
		if err != nil {
			t.Fatal(err)
		}
		<-done
		equal(t, "set", r.Counts["set"], 12_000)
		near(t, "ops_per_sec", r.value("ops_per_sec"), 1200, 1)
		// A burst that falls into two looks shows as two parts.
		near(t, "peak_ops_per_sec", r.value("peak_ops_per_sec"), 4000, 10)
		equal(t, "the tool's own commands", r.Counts["info"], 0)
		if r.Commands.Admin != 0 {
			t.Errorf("administration %d: the tool's own is not taken out", r.Commands.Admin)
		}
	})
}

// A server that is lost after the first checkpoint has not been observed in vain.
func TestServerLost(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		s := start(t, binary)
		var once sync.Once
		begin := time.Now()
		r, err := Live{
			Interval: time.Hour, Timeout: time.Second,
			Progress: func(_ int, left time.Duration) {
				once.Do(func() { s.pipeline(1000, "SET", "key", "value") })
				if left < time.Hour-11*time.Second {
					s.stop()
				}
			},
		}.Observe(context.Background(), s.target())
		var data DataError
		if err == nil || errors.As(err, &data) || r == nil {
			t.Fatalf("%v, %v", r, err)
		}
		equal(t, "set", r.Counts["set"], 1000)
		near(t, "ops_per_sec", r.value("ops_per_sec"), 100, 3)
		if !hasNote(r, "the figures are of the first 10s of 1h0m0s") {
			t.Errorf("notes %q", r.Notes)
		}
		if took := time.Since(begin); took > time.Minute {
			t.Errorf("took %v", took)
		}
	})
}

// A sample of keys: 90 strings of 100 B and 10 of 5,000 B, by a user who may do
// nothing else; what it sends counts nowhere.
func TestServerSampleKeys(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		s := start(t, binary)
		for i := range 100 {
			size := 100
			if i%10 == 0 {
				size = 5000
			}
			s.ok("SET", fmt.Sprintf("key:%03d", i), strings.Repeat("x", size))
		}
		s.ok("ACL", "SETUSER", "reader", "on", ">"+secret, "-@all", "+info", "+cluster|slots", "+scan", "+strlen", "+memory|usage", "~*")
		target := s.target()
		target.User, target.Password = "reader", secret
		loaded := false
		r, err := Live{Interval: time.Second, Timeout: 5 * time.Second, SampleKeys: 1000, Progress: func(int, time.Duration) {
			if !loaded {
				loaded = true
				s.do("GET", "key:001")
			}
		}}.Observe(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "all commands", r.Commands.All, 1)
		if !hasNote(r, "100 values of 590 B on average, 10 % of them above 1 kB, the largest 5 kB, names of 7 B") {
			t.Errorf("notes %q", r.Notes)
		}
		s.ok("ACL", "SETUSER", "reader", "-scan")
		_, err = Live{Interval: time.Second, Timeout: 5 * time.Second, SampleKeys: 10}.Observe(t.Context(), target)
		if err == nil || !strings.Contains(err.Error(), SampleACLRule) {
			t.Errorf("without +scan: %v", err)
		}
	})
}
