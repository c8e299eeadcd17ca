package observe

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A reply that nobody asked for ends in an error that names the server, at
// whatever moment it comes, and never in a panic of the client library.
func TestLiveUnasked(t *testing.T) {
	good := bulk(newServer().reply())
	only := func(command, reply string) func(net.Conn) {
		return answering(func(words []string) string {
			switch words[0] {
			case command:
				return reply
			case "INFO":
				return good
			}
			return "+OK\r\n"
		})
	}
	for name, serve := range map[string]func(net.Conn){
		"two errors":     only("INFO", "-LOADING x\r\n-ERR y\r\n"),
		"two to AUTH":    only("AUTH", "+OK\r\n+OK\r\n"),
		"two INFO":       only("INFO", good+good),
		"half a second":  only("INFO", good+good[:20]),
		"a push":         only("INFO", good+">2\r\n+a\r\n+b\r\n"),
		"a message":      only("INFO", good+"*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n"),
		"an unsubscribe": only("INFO", good+"*3\r\n$12\r\nsunsubscribe\r\n$1\r\na\r\n:0\r\n"),
		"no CR":          only("INFO", "$55\n"+strings.Repeat("+OK\r\n", 11)+"\r\n"),
		"signed length":  only("INFO", "$+3\r\nabc\r\n"),
		"greetings": func(c net.Conn) {
			_, _ = io.WriteString(c, strings.Repeat("+OK\r\n", 8))
			only("INFO", good)(c)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := listen(t, serve)
			r, err := look(addr)
			// Where the second reply to AUTH comes after INFO was sent, it is read as
			// the reply to INFO, which it is not.
			named := err != nil && (strings.Contains(err.Error(), errProtocol.Error()) ||
				name == "two errors" || name == "two to AUTH" && strings.Contains(err.Error(), "is not a reply to INFO"))
			if !named || !strings.Contains(err.Error(), addr) {
				t.Errorf("error %v, result %v", err, r != nil)
			}
		})
	}
}

// What was measured before something went wrong is returned with the error.
func TestLivePart(t *testing.T) {
	reply := func(second string) func(net.Conn) {
		var infos atomic.Int64
		return answering(func(words []string) string {
			switch {
			case words[0] != "INFO":
				return "+OK\r\n"
			case infos.Add(1) < 3:
				return bulk(newServer().reply())
			}
			return second
		})
	}
	s := later()
	s.up = newServer().up + 1
	whole := bulk(s.reply())

	// A whole second sample, then a reply too many: nothing is lost.
	r, err := look(listen(t, reply(whole+"+OK\r\n")))
	if err == nil || !strings.Contains(err.Error(), "a reply without a request") || r == nil || r.Counts["get"] != 2000 {
		t.Errorf("after both samples: %v, %v", r, err)
	}
	// No second sample: the first alone gives averages since the start.
	r, err = look(listen(t, reply("-ERR not any more\r\n")))
	if err == nil || !strings.Contains(err.Error(), "not any more") || r == nil || !hasNote(r, "no second sample, so the figures are averages since the servers started:") {
		t.Errorf("after one sample: %v, %v", r, err)
	}
}

// slots answers CLUSTER SLOTS: one range, the first node its primary.
func slots(addrs ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*1\r\n*%d\r\n:0\r\n:16383\r\n", 2+len(addrs))
	for _, a := range addrs {
		host, port, _ := net.SplitHostPort(a)
		fmt.Fprintf(&b, "*2\r\n%s:%s\r\n", bulk(host), port)
	}
	return b.String()
}

// clustered is a primary whose cluster has other nodes.
func clustered(t *testing.T, others ...string) string {
	var self string
	var infos atomic.Int64
	self = listen(t, answering(func(words []string) string {
		switch words[0] {
		case "INFO":
			if s := newServer(); infos.Add(1) < 3 {
				return bulk(s.with("cluster_enabled", "1").reply())
			}
			s := later()
			s.up = newServer().up + 1
			return bulk(s.with("cluster_enabled", "1").reply())
		case "CLUSTER":
			return slots(append([]string{self}, others...)...)
		}
		return "+OK\r\n"
	}))
	return self
}

// Replicas that are silent or never stop are asked side by side, within one
// bound of time, of memory and of notes.
func TestLiveBrokenCluster(t *testing.T) {
	silent := make([]string, 60)
	for i := range silent {
		silent[i] = listen(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	}
	endless := make([]string, 60)
	// An announcement of 16 MiB, which must not be allocated, and one byte of it.
	const noEnd = "*524288\r\n$16777216\r\nx"
	for i := range endless {
		endless[i] = listen(t, answering(func(words []string) string {
			if words[0] != "INFO" {
				return "+OK\r\n"
			}
			return noEnd
		}))
	}
	for name, others := range map[string][]string{"silent": silent, "endless": endless} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			most := peak(t)
			r, err := Live{Interval: time.Second, Timeout: 500 * time.Millisecond}.Observe(context.Background(),
				Target{Network: "tcp", Addr: clustered(t, others...), User: "reader", Password: secret})
			if err != nil {
				t.Fatal(err)
			}
			// One after another they would take 30 s.
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			if m := most(); m > 100<<20 {
				t.Errorf("up to %d MiB of heap", m>>20)
			}
			if !hasNote(r, "a replica was not observed:") || !hasNote(r, "57 more replicas were not observed") || len(r.Notes) > 20 {
				t.Errorf("%d notes: %v", len(r.Notes), r.Notes)
			}
		})
	}
	// A list of nodes without an end is refused, in time.
	many := make([]string, maxNodes+1)
	for i := range many {
		many[i] = fmt.Sprintf("127.0.0.%d:%d", 1+i%250, 1+i)
	}
	if _, err := look(clustered(t, many...)); err == nil || !strings.Contains(err.Error(), "observes at most 4096") {
		t.Errorf("too many nodes: %v", err)
	}
}

// peak watches the heap until the function that it returns is called.
func peak(t *testing.T) func() uint64 {
	t.Helper()
	stop, result := make(chan struct{}), make(chan uint64)
	runtime.GC()
	go func() {
		var most uint64
		var m runtime.MemStats
		for {
			select {
			case <-stop:
				result <- most
				return
			case <-time.After(20 * time.Millisecond):
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapInuse)
			}
		}
	}()
	return func() uint64 { close(stop); return <-result }
}

// The password goes to the nodes that the named server lists, and to no other
// that a server mentions: a redirection, a primary, what another node lists.
func TestLivePasswordStays(t *testing.T) {
	var connected atomic.Int64
	stranger := listen(t, func(net.Conn) { connected.Add(1) })
	host, port, _ := net.SplitHostPort(stranger)
	moved := "-MOVED 0 " + stranger + "\r\n"
	other := listen(t, answering(func(words []string) string {
		switch words[0] {
		case "INFO":
			return bulk(newServer().with("run_id", "b2").with("role", "slave").with("master_host", host).with("master_port", port).reply())
		case "CLUSTER":
			return slots(stranger)
		}
		return "+OK\r\n"
	}))
	if _, err := look(clustered(t, other)); err != nil {
		t.Error(err)
	}
	for _, command := range []string{"HELLO", "AUTH", "INFO"} {
		_, _ = look(listen(t, answering(func(words []string) string {
			if words[0] == command {
				return moved
			}
			return "+OK\r\n"
		})))
	}
	_, _ = look(listen(t, answering(func(words []string) string {
		if words[0] == "INFO" {
			return bulk(newServer().with("role", "slave").with("master_host", host).with("master_port", port).reply())
		}
		return "+OK\r\n"
	})))
	if n := connected.Load(); n > 0 {
		t.Errorf("a server that nobody named was connected to %d times", n)
	}
}

// No output repeats a password, whole, in part, escaped or percent-encoded.
func TestScrub(t *testing.T) {
	long := strings.Repeat("0123456789abcdefghijklmnopqrstuvwxyz", 10)
	for _, c := range []struct{ password, text, want string }{
		{"", "dial tcp: refused", "dial tcp: refused"},
		{"p", "dial tcp: unknown command 'p'", "dial tcp: unknown command '***'"},
		{secret, "-ERR no " + secret + " here", "-ERR no *** here"},
		{secret, "-ERR no correct-horse/bat", "-ERR no ***"},
		{secret, "-ERR no correct-horse%2Fbattery%23staple", "-ERR no ***"},
		{long, "-ERR unknown command 'AUTH', with args beginning with: '" + long[:128] + "' ", "-ERR unknown command 'AUTH'"},
		{long, "-ERR no '" + long[:128] + "' and '" + long[200:] + "'", "-ERR no '***' and '***'"},
		{`a"b\c` + "\x01" + `defg`, `-ERR 'a\"b\\c\x01defg'`, `-ERR '***'`},
		{"pässwörd-1", `-ERR 'p\xc3\xa4ssw\xc3\xb6rd-1'`, `-ERR '***'`},
	} {
		if got := (Target{Password: c.password}).scrub(c.text); got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.password, c.text, got, c.want)
		}
	}
}

// piped is a network on which every connection leads to serve.
func piped(serve func(net.Conn)) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			serve(theirs)
		}()
		return ours, nil
	}
}

// FuzzLive drives the whole client over connections in memory. The server
// answers each request with the next part of the input, whatever that is; a part
// with nothing in it is a whole INFO reply.
func FuzzLive(f *testing.F) {
	f.Add([]byte("+OK\r\n|-ERR unknown command 'HELLO'\r\n|||"), false)
	f.Add([]byte("-ERR x\r\n-ERR y\r\n"), true)
	f.Add([]byte("+OK\r\n+OK\r\n|+OK\r\n||"), false)
	f.Add([]byte("+OK\r\n|+OK\r\n||*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$1\r\na\r\n:1\r\n||"), true)
	f.Add([]byte("+OK\r\n|+OK\r\n|>2\r\n+a\r\n+b\r\n|$55\n+OK\r\n|*-1\r\n|$-1\r\n|:1\r\n"), false)
	reply := bulk("redis_version:7.2.0\r\nrun_id:a1\r\nuptime_in_seconds:9000\r\nused_memory:1000\r\ncmdstat_get:calls=1,usec=1\r\n")
	cluster := bulk("redis_version:7.2.0\r\ncluster_enabled:1\r\nuptime_in_seconds:9000\r\ncmdstat_get:calls=1,usec=1\r\n")
	f.Fuzz(func(t *testing.T, script []byte, inCluster bool) {
		if len(script) > 4096 {
			return
		}
		parts := bytes.Split(script, []byte("|"))
		var mu sync.Mutex
		next := func() (string, bool) {
			mu.Lock()
			defer mu.Unlock()
			if len(parts) == 0 {
				return "", false
			}
			part := string(parts[0])
			parts = parts[1:]
			switch {
			case part == "" && inCluster:
				return cluster, true
			case part == "":
				return reply, true
			}
			return part, true
		}
		serve := func(c net.Conn) {
			asked := make(chan bool, 64)
			go func() {
				b := make([]byte, 4096)
				for {
					if _, err := c.Read(b); err != nil {
						return
					}
					select {
					case asked <- true:
					default:
					}
				}
			}()
			for part, ok := next(); ok; part, ok = next() {
				select {
				case <-asked:
				case <-time.After(time.Millisecond): // an answer before the question
				}
				if _, err := io.WriteString(c, part); err != nil {
					return
				}
			}
		}
		l := Live{Interval: time.Millisecond, Timeout: 20 * time.Millisecond, dial: piped(serve)}
		r, err := l.Observe(context.Background(), Target{Network: "tcp", Addr: "h:1", User: "reader", Password: secret})
		if r == nil && err == nil {
			t.Error("neither a result nor an error")
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("the password is in %q", err)
		}
	})
}
