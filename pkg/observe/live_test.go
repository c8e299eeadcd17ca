package observe

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

const secret = "correct-horse/battery#staple"

// listen starts a server on loopback that gives each connection to serve.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	return l.Addr().String()
}

// answering serves commands: reply gets the words of one and returns the bytes
// to send.
func answering(reply func(words []string) string) func(net.Conn) {
	return func(c net.Conn) {
		r := bufio.NewReader(c)
		for {
			var n int
			if _, err := fmt.Fscanf(r, "*%d\r\n", &n); err != nil {
				return
			}
			words := make([]string, n)
			for i := range words {
				var size int
				if _, err := fmt.Fscanf(r, "$%d\r\n", &size); err != nil {
					return
				}
				b := make([]byte, size+2)
				if _, err := io.ReadFull(r, b); err != nil {
					return
				}
				words[i] = string(b[:size])
			}
			if _, err := io.WriteString(c, reply(words)); err != nil {
				return
			}
		}
	}
}

func bulk(s string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(s), s) }

func look(addr string) (*Result, error) {
	t := Target{Network: "tcp", Addr: addr, User: "reader", Password: secret}
	return Live{Interval: time.Second, Timeout: 3 * time.Second}.Observe(context.Background(), t)
}

// An imaginary server counts 2,500 commands between the first sample and the
// second, after one look to see whether it is a cluster.
func TestLive(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]int{}
	addr := listen(t, answering(func(words []string) string {
		mu.Lock()
		defer mu.Unlock()
		asked[words[0]]++
		switch {
		case words[0] == "HELLO":
			return "-ERR unknown command 'HELLO'\r\n" // as Redis 5 answers
		case words[0] == "AUTH":
			return "+OK\r\n"
		case words[0] != "INFO":
			return "-ERR not today\r\n"
		}
		if asked["INFO"] < 3 {
			return bulk(newServer().reply())
		}
		s := later()
		s.up = newServer().up + 1
		return bulk(s.reply())
	}))
	r, err := look(addr)
	if err != nil {
		t.Fatal(err)
	}
	if r.Counts["get"] != 2000 || r.Counts["set"] != 500 {
		t.Errorf("counts %v", r.Counts)
	}
	if asked["INFO"] != 3 || asked["AUTH"] != 1 || len(asked) > 3 {
		t.Errorf("the server was asked %v", asked)
	}
}

// What can go wrong has a clear error, in time, without the password.
func TestLiveTrouble(t *testing.T) {
	closed := listen(t, func(net.Conn) {})
	info := func(text string) func(net.Conn) {
		return answering(func(words []string) string {
			if words[0] == "INFO" {
				return text
			}
			return "+OK\r\n"
		})
	}
	for name, c := range map[string]struct {
		addr, want string
	}{
		"refused":        {"127.0.0.1:1", "connection refused"},
		"closes":         {closed, "closed the connection"},
		"silent":         {listen(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }), "did not answer in time"},
		"web server":     {listen(t, func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }), "a web server"},
		"tls":            {listen(t, func(c net.Conn) { _, _ = io.WriteString(c, "\x15\x03\x01\x00\x02\x02F") }), "use rediss://"},
		"noise":          {listen(t, func(c net.Conn) { _, _ = io.WriteString(c, "\xff\xfe\x00\x01") }), "not in the Redis protocol"},
		"huge reply":     {listen(t, info("$9223372036854775806\r\n")), "a reply of 9223372036854775806 bytes"},
		"negative":       {listen(t, info("$-2\r\n")), "an invalid length"},
		"huge array":     {listen(t, info("*2147483647\r\n")), "too many parts"},
		"deep array":     {listen(t, info(strings.Repeat("*1\r\n", 100_000))), "too many parts"},
		"endless line":   {listen(t, func(c net.Conn) { endlessly(c, "+OOOOOOOO") }), "a line of more than"},
		"number":         {listen(t, info(":1\r\n")), ""},
		"empty":          {listen(t, info("$0\r\n\r\n")), "answered INFO with an empty reply"},
		"not info":       {listen(t, info(bulk("hello: world"))), "not a reply to INFO"},
		"sentinel":       {listen(t, info(bulk("redis_mode:sentinel\r\nredis_version:7.0.0\r\n"))), "Sentinel"},
		"replica":        {listen(t, info(bulk(newServer().with("role", "slave").with("master_host", "db1").with("master_port", "6379").reply()))), "observe the primary, db1:6379"},
		"cluster, mute":  {listen(t, info(bulk(newServer().with("cluster_enabled", "1").reply()))), "127.0.0.1"},
		"no password":    {listen(t, info("-NOAUTH Authentication required.\r\n")), "requires a password"},
		"wrong password": {listen(t, answering(func([]string) string { return "-WRONGPASS invalid username-password pair\r\n" })), "refuses this user and password"},
		"none set":       {listen(t, answering(func([]string) string { return "-ERR AUTH <password> called without any password configured\r\n" })), "has no password set"},
		"no permission":  {listen(t, info("-NOPERM User reader has no permissions to run the 'info' command\r\n")), ACLRule},
		"echo": {listen(t, answering(func(words []string) string {
			return "-ERR unknown command, with args: " + strings.Join(words, " ") + "\r\n"
		})), "***"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			_, err := look(c.addr)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("the password is in %q", err)
			}
			if d := time.Since(begin); d > 10*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}

func endlessly(c net.Conn, s string) {
	for {
		if _, err := io.WriteString(c, s); err != nil {
			return
		}
	}
}

// Cancelling ends the wait; with a second gone there is a result.
func TestLiveInterrupted(t *testing.T) {
	up := time.Now()
	addr := listen(t, answering(func(words []string) string {
		if words[0] != "INFO" {
			return "+OK\r\n"
		}
		s := newServer()
		s.up += int64(time.Since(up).Seconds())
		return bulk(s.reply())
	}))
	for _, c := range []struct {
		after time.Duration
		want  string
	}{{1500 * time.Millisecond, ""}, {200 * time.Millisecond, "interrupted after"}} {
		ctx, cancel := context.WithTimeout(context.Background(), c.after)
		r, err := Live{Interval: time.Hour, Timeout: time.Second}.Observe(ctx, Target{Network: "tcp", Addr: addr})
		cancel()
		switch {
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("after %v: error %v, want %q", c.after, err, c.want)
		case c.want == "" && (err != nil || !hasNote(r, "interrupted: observed for")):
			t.Errorf("after %v: %v", c.after, err)
		}
	}
}

func TestParseTarget(t *testing.T) {
	for address, want := range map[string]Target{
		"redis://db.example":                     {Network: "tcp", Addr: "db.example:6379"},
		"valkey://db.example:7000/0":             {Network: "tcp", Addr: "db.example:7000"},
		"redis://:pw@[::1]:7000":                 {Network: "tcp", Addr: "[::1]:7000", Password: "pw"},
		"redis://reader:a%2Fb%23c@127.0.0.1:1/2": {Network: "tcp", Addr: "127.0.0.1:1", User: "reader", Password: "a/b#c"},
		"unix:///run/valkey.sock":                {Network: "unix", Addr: "/run/valkey.sock"},
	} {
		if got, err := ParseTarget(address); err != nil || got != want {
			t.Errorf("%s: %+v, %v", address, got, err)
		}
	}
	if got, err := ParseTarget("rediss://db.example"); err != nil || got.TLS == nil || got.TLS.ServerName != "db.example" {
		t.Errorf("rediss: %+v, %v", got, err)
	}
	for _, address := range []string{
		"", "127.0.0.1:6379", "http://hunter2@x", "redis://", "redis://:hunter2", "redis://u:hunter2/x@db.example", "redis://u:99#hunter2@db.example",
		"redis://u:9?hunter2@db.example", "redis://u:hunter2%zz@db.example", "unix://hunter2/x", "unix:///", "redis://u:hunter2@db.example:port",
		"redis://db.example/hunter2", "redis://u:hunter2 x@db.example:6379:1",
	} {
		_, err := ParseTarget(address)
		var input InputError
		if !errors.As(err, &input) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// FuzzReplyScanner feeds the scanner in pieces: the verdict must not depend on
// where the network cuts.
func FuzzReplyScanner(f *testing.F) {
	f.Add([]byte("*2\r\n$3\r\nabc\r\n:1\r\n+OK\r\n"), 3)
	f.Add([]byte("$-1\r\n*0\r\n-ERR x\r\n*1\r\n*1\r\n$0\r\n\r\n"), 1)
	f.Add([]byte("$99999999999\r\n"), 7)
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		var whole, pieces replyScanner
		_, want := whole.scan(data)
		var got error
		for rest := data; len(rest) > 0 && got == nil; {
			n := min(max(cut, 1), len(rest))
			_, got = pieces.scan(rest[:n])
			rest = rest[n:]
		}
		if (want == nil) != (got == nil) {
			t.Errorf("in one piece %v, in pieces of %d %v", want, cut, got)
		}
		if want == nil && (whole.skip != pieces.skip || len(whole.open) != len(pieces.open)) {
			t.Errorf("in one piece %d %v, in pieces %d %v", whole.skip, whole.open, pieces.skip, pieces.open)
		}
	})
}
