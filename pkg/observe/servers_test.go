//go:build servers

package observe

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// engines are the servers that .ci/servers installs.
var engines = []string{"redis-server", "valkey-server"}

func forEach(t *testing.T, test func(t *testing.T, binary string)) {
	for _, binary := range engines {
		t.Run(binary, func(t *testing.T) {
			t.Parallel()
			test(t, binary)
		})
	}
}

// running is a server of the test's own, on loopback, in a folder of its own.
type running struct {
	t    *testing.T
	cmd  *exec.Cmd
	addr string
	dir  string
	sent int64 // bytes of commands and of replies, as the test's client counted them
	conn net.Conn
	r    *bufio.Reader
}

func freePort(t *testing.T) string {
	t.Helper()
	// A cluster's bus takes the port 10000 above, so stay low.
	for range 100 {
		n := 20_000 + time.Now().UnixNano()%20_000
		a, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", n))
		if err != nil {
			continue
		}
		b, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", n+10_000))
		_ = a.Close()
		if err == nil {
			_ = b.Close()
			return strconv.FormatInt(n, 10)
		}
	}
	t.Fatal("no free port")
	return ""
}

func start(t *testing.T, binary string, options ...string) *running {
	t.Helper()
	port := freePort(t)
	s := &running{t: t, addr: "127.0.0.1:" + port, dir: t.TempDir()}
	s.launch(binary, append([]string{"--port", port}, options...)...)
	s.connect()
	return s
}

func (s *running) launch(binary string, options ...string) {
	s.t.Helper()
	args := append([]string{"--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--appendonly", "no", "--enable-debug-command", "yes"}, options...)
	s.cmd = exec.Command(binary, args...)
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("%v; .ci/servers installs the servers that this test needs", err)
	}
	s.t.Cleanup(s.stop)
}

func (s *running) stop() {
	if s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
}

// connect waits until the server answers.
func (s *running) connect() {
	s.t.Helper()
	for range 200 {
		conn, err := net.Dial("tcp", s.addr)
		if err == nil {
			s.conn, s.r = conn, bufio.NewReader(conn)
			s.t.Cleanup(func() { _ = conn.Close() })
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	s.t.Fatalf("%s does not answer on %s:\n%s", s.cmd.Path, s.addr, log)
}

// do sends one command and counts its bytes both ways.
func (s *running) do(words ...string) string {
	s.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(w), w)
	}
	if _, err := io.WriteString(s.conn, b.String()); err != nil {
		s.t.Fatal(err)
	}
	s.sent += int64(b.Len())
	return s.reply()
}

func (s *running) reply() string {
	s.t.Helper()
	line, err := s.r.ReadString('\n')
	if err != nil {
		s.t.Fatal(err)
	}
	s.sent += int64(len(line))
	n, _ := strconv.Atoi(strings.TrimSpace(line[1:]))
	switch line[0] {
	case '$':
		if n < 0 {
			return ""
		}
		b := make([]byte, n+2)
		if _, err := io.ReadFull(s.r, b); err != nil {
			s.t.Fatal(err)
		}
		s.sent += int64(len(b))
		return string(b[:n])
	case '*':
		var parts []string
		for range n {
			parts = append(parts, s.reply())
		}
		return strings.Join(parts, " ")
	}
	return strings.TrimSpace(line)
}

func (s *running) ok(words ...string) {
	s.t.Helper()
	if got := s.do(words...); got != "+OK" {
		s.t.Fatalf("%v: %q", words, got)
	}
}

func (s *running) until(what string, ok func() bool) {
	s.t.Helper()
	for range 500 {
		if ok() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Fatalf("%s: never %s", s.addr, what)
}

func (s *running) target() Target { return Target{Network: "tcp", Addr: s.addr} }

// observe looks at a server for some seconds and runs the load in between,
// between the two samples and nowhere else.
func observeLoad(t *testing.T, target Target, seconds int, load func()) (*Result, error) {
	t.Helper()
	loaded := false
	return Live{
		Interval: time.Duration(seconds) * time.Second,
		Timeout:  5 * time.Second,
		Progress: func(int, time.Duration) {
			if !loaded {
				loaded = true
				load()
			}
		},
	}.Observe(context.Background(), target)
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// payload is the bytes that the test's client counted, a command.
func wantPayload(t *testing.T, r *Result, bytes, commands int64) {
	t.Helper()
	tenths := (10*bytes + commands/2) / commands
	equal(t, "payload_bytes", r.value("payload_bytes"), strings.TrimSuffix(fmt.Sprintf("%d.%d", tenths/10, tenths%10), ".0"))
}

// The counts and the bytes are exactly what the client sent; the rate is right
// within 1 %, with the tool's own INFO and log-in taken out.
func TestServerCounts(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		s := start(t, binary)
		value := strings.Repeat("x", 1000)
		r, err := observeLoad(t, s.target(), 10, func() {
			s.sent = 0
			for i := range 2000 {
				s.do("SET", fmt.Sprint("key:", i%100), value)
				s.do("GET", fmt.Sprint("key:", i%100))
				s.do("GET", "absent")
			}
			s.do("HGETALL", "nothing")
			s.do("GET")                      // refused: not counted
			s.do("NONSENSE", "x")            // unknown: not counted
			s.do("LPUSH", "key:1", "a")      // wrong type: counted, it ran
			s.do("BRPOP", "empty", "0.05")   // an empty poll counts
			s.do("PUBLISH", "channel", "hi") // neither read nor write
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]int64{
			"set": 2000, "get": 4000, "hgetall": 1, "lpush": 1, "brpop": 1, "publish": 1, "info": 0, "hello": 0, "client|setinfo": 0,
		} {
			equal(t, name, r.Counts[name], want)
		}
		equal(t, "all commands", r.Commands.All, 6004)
		equal(t, "reads", r.Commands.Reads, 4001)
		equal(t, "writes", r.Commands.Writes, 2002)
		wantPayload(t, r, s.sent, 6004)
		rate, _ := strconv.ParseFloat(r.value("ops_per_sec"), 64)
		if rate < 600.4*0.99 || rate > 600.4*1.01 {
			t.Errorf("%v commands/s, want 600.4 within 1 %%", rate)
		}
		equal(t, "read_share", r.value("read_share"), "0.6665")
		equal(t, "replicas", r.value("replicas"), "0")
	})
}

// Commands inside scripts and transactions are counted besides what ran them.
func TestServerScripts(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		s := start(t, binary)
		r, err := observeLoad(t, s.target(), 1, func() {
			for range 10 {
				s.do("EVAL", "for i=1,5 do redis.call('set','k'..i,'v') end return 1", "0")
			}
			s.do("MULTI")
			s.do("SET", "a", "1")
			s.do("INCR", "a")
			s.do("EXEC")
		})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "eval", r.Counts["eval"], 10)
		equal(t, "set", r.Counts["set"], 51)
		equal(t, "all commands", r.Commands.All, 64)
		equal(t, "scripts", r.Commands.Scripts, 10)
		if !hasNote(r, "scripts: eval 10") {
			t.Errorf("notes %q", r.Notes)
		}
	})
}

// Replication is not the clients' traffic, on the engine that counts it as
// output and on the one that does not.
func TestServerReplica(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		s, second := start(t, binary), start(t, binary)
		host, port, _ := net.SplitHostPort(s.addr)
		second.ok("REPLICAOF", host, port)
		s.until("online", func() bool { return strings.Contains(s.do("INFO", "replication"), "state=online") })
		value := strings.Repeat("x", 4000)
		r, err := observeLoad(t, s.target(), 2, func() {
			s.sent = 0
			for i := range 2000 {
				s.ok("SET", fmt.Sprint("key:", i), value)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "set", r.Counts["set"], 2000)
		equal(t, "replicas", r.value("replicas"), "1")
		near(t, "payload_bytes", r.value("payload_bytes"), float64(s.sent)/2000, 1)
		_, err = observeLoad(t, second.target(), 1, func() {})
		var input InputError
		if !errors.As(err, &input) || !strings.Contains(err.Error(), s.addr) {
			t.Errorf("asking the replica: %v", err)
		}
	})
}

// A cluster's primaries are found and summed, its replica is not.
func TestServerCluster(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		var nodes []*running
		for range 4 {
			nodes = append(nodes, start(t, binary, "--cluster-enabled", "yes", "--cluster-node-timeout", "5000"))
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
				return strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:4")
			})
		}
		nodes[3].until("a replica", func() bool {
			return nodes[3].do("CLUSTER", "REPLICATE", nodes[0].do("CLUSTER", "MYID")) == "+OK"
		})
		nodes[0].until("followed", func() bool { return strings.Contains(nodes[0].do("INFO", "replication"), "state=online") })
		for _, n := range nodes {
			n.until("sees the replica", func() bool { return strings.Count(n.do("CLUSTER", "SLOTS"), "127.0.0.1") == 4 })
		}
		for _, seed := range []int{0, 2} {
			r, err := observeLoad(t, nodes[seed].target(), 2, func() {
				for i, tag := range []string{"b", "c", "a"} { // slots 3300, 7365, 15495
					for range 100 * (i + 1) {
						nodes[i].ok("SET", tag, "value")
						nodes[i].do("GET", tag)
					}
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "nodes seen", len(r.About), 4)
			equal(t, "set", r.Counts["set"], 600)
			equal(t, "get", r.Counts["get"], 600)
			equal(t, "replicas", r.value("replicas"), "1")
			equal(t, "read_share", r.value("read_share"), "0.5")
		}
	})
}

// TLS with a client certificate, and a user that may do nothing else.
func TestServerTLSAndACL(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		dir := t.TempDir()
		certificates(t, dir)
		file := func(name string) string { return filepath.Join(dir, name) }
		tlsPort := freePort(t)
		s := start(t, binary, "--tls-port", tlsPort, "--tls-cert-file", file("server.pem"), "--tls-key-file", file("server.key"),
			"--tls-ca-cert-file", file("ca.pem"), "--tls-auth-clients", "yes", "--unixsocket", file("s.sock"))
		s.ok("ACL", "SETUSER", "reader", "on", ">"+secret, "-@all", "+info", "+cluster|slots")
		s.ok("ACL", "SETUSER", "blind", "on", ">"+secret, "-@all", "+get")
		address := func(user, password string) string {
			return "rediss://" + user + ":" + strings.NewReplacer("/", "%2F", "#", "%23").Replace(password) + "@127.0.0.1:" + tlsPort
		}
		files := TLSFiles{CA: file("ca.pem"), Cert: file("client.pem"), Key: file("client.key")}
		look := func(address string, files TLSFiles) (*Result, error) {
			target, err := ParseTarget(address)
			if err == nil {
				err = files.Load(&target)
			}
			if err != nil {
				t.Fatal(err)
			}
			return observeLoad(t, target, 1, func() { s.do("SET", "a", "1") })
		}
		r, err := look(address("reader", secret), files)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "set", r.Counts["set"], 1)
		for name, c := range map[string]struct {
			address string
			files   TLSFiles
			want    string
		}{
			"wrong password": {address("reader", "hunter2"), files, "refuses this user and password"},
			"no INFO":        {address("blind", secret), files, ACLRule},
			"no certificate": {address("reader", secret), TLSFiles{CA: files.CA}, "127.0.0.1:" + tlsPort},
			"unknown CA":     {address("reader", secret), TLSFiles{Cert: files.Cert, Key: files.Key}, "--tls-ca"},
			"other name":     {address("reader", secret), TLSFiles{CA: files.CA, Cert: files.Cert, Key: files.Key, ServerName: "other.example"}, "other.example"},
			"plain":          {"redis://reader:hunter2@127.0.0.1:" + tlsPort, TLSFiles{}, "127.0.0.1:" + tlsPort},
		} {
			_, err := look(c.address, c.files)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %q", name, err, c.want)
			} else if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s: the password is in %q", name, err)
			}
		}
		if r, err = look("unix://reader:"+"x"+"@"+file("s.sock"), TLSFiles{}); err == nil {
			t.Errorf("a wrong password over the socket gives %v", r.Figures)
		}
		s.ok("CONFIG", "SET", "requirepass", secret)
		if _, err := observeLoad(t, s.target(), 1, func() {}); err == nil || !strings.Contains(err.Error(), "requires a password") {
			t.Errorf("without a password: %v", err)
		}
	})
}

func TestServerSocket(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		dir, err := os.MkdirTemp("", "kn") // a socket's path must be short
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		socket := filepath.Join(dir, "s")
		s := start(t, binary, "--unixsocket", socket)
		target, err := ParseTarget("unix://" + socket)
		if err != nil {
			t.Fatal(err)
		}
		r, err := observeLoad(t, target, 1, func() { s.do("SET", "a", "1") })
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "set", r.Counts["set"], 1)
	})
}

// What happens between the samples and makes them worthless is noticed.
func TestServerTrouble(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		s := start(t, binary)
		busy := func() {
			for range 100 {
				s.do("SET", "a", "1")
			}
		}
		busy()
		var data DataError
		if _, err := observeLoad(t, s.target(), 1, func() { s.do("CONFIG", "RESETSTAT") }); !errors.As(err, &data) {
			t.Errorf("RESETSTAT: %v", err)
		}
		_, err := observeLoad(t, s.target(), 1, func() { s.do("CONFIG", "RESETSTAT"); busy(); busy(); busy() })
		if !errors.As(err, &data) {
			t.Errorf("RESETSTAT and then more than before: %v", err)
		}
		// One sample tells as well that its counters began later than the server.
		in, err := ParseInfo("t0", s.do("INFO", "all"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Observe([]Node{{Samples: []*Info{in}}}); !errors.As(err, &data) || !strings.Contains(err.Error(), "reset") {
			t.Errorf("one sample after RESETSTAT: %v", err)
		}

		// A server that closes idle connections is asked again.
		s.ok("CONFIG", "SET", "timeout", "1")
		r, err := observeLoad(t, s.target(), 4, func() { s.do("SET", "a", "1") })
		if err != nil {
			t.Errorf("closed while idle: %v", err)
		} else {
			equal(t, "set", r.Counts["set"], 1)
			equal(t, "all commands", r.Commands.All, 1)
		}

		_, port, _ := net.SplitHostPort(s.addr)
		s.connect()
		_, err = observeLoad(t, s.target(), 2, func() { s.stop(); s.launch(binary, "--port", port); s.connect() })
		if !errors.As(err, &data) || !strings.Contains(err.Error(), "restarted") {
			t.Errorf("restart: %v", err)
		}
		_, err = observeLoad(t, s.target(), 1, s.stop)
		if err == nil || errors.As(err, &data) {
			t.Errorf("died: %v", err)
		}
	})
}

func TestServerSentinel(t *testing.T) {
	forEach(t, func(t *testing.T, binary string) {
		port := freePort(t)
		s := &running{t: t, addr: "127.0.0.1:" + port, dir: t.TempDir()}
		conf := filepath.Join(s.dir, "sentinel.conf")
		if err := os.WriteFile(conf, []byte("port "+port+"\nbind 127.0.0.1\ndir "+s.dir+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s.cmd = exec.Command(binary, conf, "--sentinel")
		if err := s.cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.stop)
		s.connect()
		_, err := observeLoad(t, s.target(), 1, func() {})
		var input InputError
		if !errors.As(err, &input) || !strings.Contains(err.Error(), "Sentinel") {
			t.Errorf("sentinel: %v", err)
		}
	})
}

// certificates writes an authority and, signed by it, a server's and a
// client's certificate.
func certificates(t *testing.T, dir string) {
	t.Helper()
	write := func(name, kind string, der []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sign := func(name string, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		c := &x509.Certificate{
			SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
			IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: parent == nil,
			KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		}
		if parent == nil {
			parent, signer = c, private
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, &private.PublicKey, signer)
		if err != nil {
			t.Fatal(err)
		}
		write(name+".pem", "CERTIFICATE", der)
		key, err := x509.MarshalECPrivateKey(private)
		if err != nil {
			t.Fatal(err)
		}
		write(name+".key", "EC PRIVATE KEY", key)
		return c, private
	}
	ca, private := sign("ca", nil, nil)
	sign("server", ca, private)
	sign("client", ca, private)
}
