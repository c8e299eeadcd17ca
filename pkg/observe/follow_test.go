package observe

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// counting is an imaginary server whose counters have moved on after the first
// look and the first sample; name is its run_id.
func counting(t *testing.T, name string, looks int64, change func(s *server, moved bool)) string {
	t.Helper()
	var infos atomic.Int64
	return listen(t, answering(func(words []string) string {
		if words[0] != "INFO" {
			return "+OK\r\n"
		}
		s := newServer()
		moved := infos.Add(1) > looks
		if moved {
			s = later()
			s.up = newServer().up + 1
		}
		s.with("run_id", name).with("tcp_port", name).with("connected_slaves", "0")
		change(s, moved)
		return bulk(s.reply())
	}))
}

func slaveLine(addr, state string) string {
	host, port, _ := net.SplitHostPort(addr)
	return "ip=" + host + ",port=" + port + ",state=" + state + ",offset=1,lag=0"
}

// Outside of a cluster the replicas that a primary lists are asked as well, and
// theirs; the reads that they served are added. What is no address is left alone.
func TestLiveReplicas(t *testing.T) {
	none := func(*server, bool) {}
	replica := func(more func(*server, bool)) func(*server, bool) {
		return func(s *server, moved bool) {
			s.with("role", "slave")
			more(s, moved)
		}
	}
	third := counting(t, "3", 2, replica(none))
	second := counting(t, "2", 2, replica(func(s *server, _ bool) {
		s.with("connected_slaves", "1").with("slave0", slaveLine(third, "online"))
	}))
	silent := listen(t, func(c net.Conn) { time.Sleep(3 * time.Second) })
	primary := counting(t, "1", 2, func(s *server, _ bool) {
		s.with("connected_slaves", "4").with("slave0", slaveLine(second, "wait_bgsave")).with("slave1", slaveLine(silent, "online"))
		s.with("slave2", "ip=,port=0,state=online").with("slave3", "ip=127.0.0.1,port=99999,state=online")
	})
	r, err := look(primary)
	if err != nil {
		t.Fatal(err)
	}
	// 2,000 GET and 500 SET of the primary, and the 2,000 GET of each replica.
	if r.Counts["get"] != 6000 || r.Counts["set"] != 500 || len(r.About) != 3 {
		t.Errorf("counts %v of %q", r.Counts, r.About)
	}
	for _, note := range []string{"a replica was not observed: " + silent, "2 of 4 replicas were not observed", "replicas served"} {
		if !strings.Contains(strings.Join(r.Notes, "\n"), note) {
			t.Errorf("no note %q in %q", note, r.Notes)
		}
	}
}

// A server that is lost after a checkpoint: what was seen until then, and the error.
func TestLiveCheckpoint(t *testing.T) {
	begin := time.Now()
	var looked, checked atomic.Bool
	addr := listen(t, answering(func(words []string) string {
		s := newServer()
		switch {
		case checked.Load():
			return "-ERR gone\r\n"
		case words[0] != "INFO":
			return "+OK\r\n"
		case words[len(words)-1] == "commandstats":
			looked.Store(true)
		case looked.Load(): // a whole sample after looks is the checkpoint
			checked.Store(true)
			s = later()
			s.up = newServer().up + int64(time.Since(begin).Seconds())
		}
		return bulk(s.reply())
	}))
	l := Live{Interval: time.Minute, Timeout: 5 * time.Second, look: 120 * time.Millisecond}
	r, err := l.Observe(t.Context(), Target{Network: "tcp", Addr: addr})
	if err == nil || !strings.Contains(err.Error(), "gone") || r == nil {
		t.Fatalf("%v, %v", r, err)
	}
	if r.Counts["get"] != 2000 || !hasNote(r, "the figures are of the first ") || !hasNote(r, "of 1m0s, because of an error then: ") {
		t.Errorf("counts %v, notes %q", r.Counts, r.Notes)
	}
}
