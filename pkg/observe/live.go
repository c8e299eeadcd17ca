package observe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/valkey-io/valkey-go"
)

// ACLRule is what a user needs to be observed with, and nothing more. Before
// Redis 7 a rule cannot name a subcommand: there it is «+info +cluster».
const ACLRule = "+info +cluster|slots"

// Live is how to look at running servers.
type Live struct {
	Interval time.Duration // between the two samples
	Timeout  time.Duration // for a connection and for a reply
	Progress func(nodes int, left time.Duration)
}

// Observe takes two samples of every node that the target leads to. When
// waiting is cancelled it takes the second sample at once.
func (l Live) Observe(waiting context.Context, t Target) (*Result, error) {
	ctx := context.WithoutCancel(waiting)
	nodes, err := l.discover(waiting, t)
	defer func() {
		for _, n := range nodes {
			n.close()
		}
	}()
	if err != nil {
		return nil, err
	}
	if err := each(nodes, func(n *liveNode) error { return n.sample(waiting) }); err != nil {
		return nil, err
	}
	begin := time.Now()
	l.wait(waiting, len(nodes), begin)
	var notes []string
	if waited := time.Since(begin); waiting.Err() != nil {
		if waited < time.Second {
			return nil, fmt.Errorf("interrupted after %v, before there was anything to compare", waited.Round(time.Millisecond))
		}
		notes = append(notes, fmt.Sprintf("interrupted: observed for %v instead of %v", waited.Round(time.Second), l.Interval))
	}
	if err := each(nodes, func(n *liveNode) error { return n.sample(ctx) }); err != nil {
		return nil, err
	}
	var observed []Node
	for _, n := range nodes {
		observed = append(observed, n.node())
		notes = append(notes, n.notes...)
	}
	r, err := Observe(observed)
	if err != nil {
		return nil, err
	}
	r.Notes = append(notes, r.Notes...)
	return r, nil
}

// wait passes the interval, telling how much is left.
func (l Live) wait(ctx context.Context, nodes int, begin time.Time) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	end := time.NewTimer(time.Until(begin.Add(l.Interval)))
	defer end.Stop()
	for {
		if l.Progress != nil {
			l.Progress(nodes, time.Until(begin.Add(l.Interval)).Round(time.Second))
		}
		select {
		case <-ctx.Done():
			return
		case <-end.C:
			return
		case <-tick.C:
		}
	}
}

// discover connects to the target and, in a cluster, to every other node. It
// returns what it has opened, whether or not it fails.
func (l Live) discover(ctx context.Context, t Target) ([]*liveNode, error) {
	seed, err := l.connect(ctx, t)
	if err != nil {
		return nil, err
	}
	nodes := []*liveNode{seed}
	in, err := seed.info(ctx)
	if err != nil {
		return nodes, err
	}
	if in.text("cluster_enabled") != "1" && in.text("redis_mode", "server_mode") != "cluster" {
		if in.isReplica() {
			return nodes, badInput("%s is a replica: it repeats the writes of its primary; ask the primary, %s",
				t.Name(), orNone(net.JoinHostPort(in.text("master_host"), in.text("master_port"))))
		}
		return nodes, nil
	}
	addrs, err := seed.cluster(ctx)
	if err != nil {
		return nodes, err
	}
	seen := map[string]bool{}
	if id := in.runID(); id != "" {
		seen[id] = true
	}
	for _, a := range addrs {
		if a.addr == t.Addr {
			continue
		}
		n, err := l.connect(ctx, t.at(a.addr))
		var reply *Info
		if err == nil {
			nodes = append(nodes, n)
			reply, err = n.info(ctx)
		}
		if err != nil && a.replica {
			seed.notes = append(seed.notes, fmt.Sprintf("a replica was not looked at: %v", err))
			if n != nil {
				nodes = nodes[:len(nodes)-1]
				n.close()
			}
			continue
		}
		if err != nil {
			return nodes, fmt.Errorf("the cluster names a primary that cannot be asked: %w", err)
		}
		// The seed is known by the address that the caller gave; the cluster may
		// know it by another one.
		if id := reply.runID(); id != "" && seen[id] {
			nodes = nodes[:len(nodes)-1]
			n.close()
		} else {
			seen[id] = true
		}
	}
	return nodes, nil
}

// each calls do for every node at the same time.
func each(nodes []*liveNode, do func(*liveNode) error) error {
	errs := make([]error, len(nodes))
	var wg sync.WaitGroup
	for i, n := range nodes {
		wg.Go(func() { errs[i] = do(n) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// liveNode is one connection, kept open from the first sample to the second.
type liveNode struct {
	target  Target
	client  valkey.Client
	in, out atomic.Int64 // bytes read and written
	dials   atomic.Int64
	conn    atomic.Pointer[guard]
	infos   int64 // INFO commands sent
	samples []mark
	notes   []string
}

// mark is a sample and what the tool had done to the server just before it.
type mark struct {
	info                *Info
	at                  time.Time
	read, written       int64
	commandsInfo, dials int64
}

func (l Live) connect(ctx context.Context, t Target) (*liveNode, error) {
	n := &liveNode{target: t}
	client, err := valkey.NewClient(valkey.ClientOption{
		InitAddress:        []string{t.Addr},
		Username:           t.User,
		Password:           t.Password,
		ForceSingleClient:  true, // discovery is ours: one connection a node, each one counted
		AlwaysRESP2:        true, // what Redis 2.8 speaks as well
		DisableCache:       true,
		DisableRetry:       true,
		ClientSetInfo:      valkey.DisableClientSetInfo,
		PipelineMultiplex:  -1,
		BlockingPoolSize:   1,
		RingScaleEachConn:  2,
		ReadBufferEachConn: 64 << 10, WriteBufferEachConn: 4 << 10,
		Dialer:           net.Dialer{Timeout: l.Timeout, KeepAlive: -1}, // no PING of its own
		ConnWriteTimeout: l.Timeout,
		DialCtxFn: func(dialing context.Context, _ string, _ *net.Dialer, _ *tls.Config) (net.Conn, error) {
			return n.dial(dialing, ctx, l.Timeout)
		},
	})
	if err != nil {
		return nil, n.explain(ctx, err)
	}
	n.client = client
	return n, nil
}

// dial opens a connection; cancelling the caller's context ends the first try.
func (n *liveNode) dial(ctx, caller context.Context, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if n.dials.Add(1) == 1 {
		defer context.AfterFunc(caller, cancel)()
	}
	d := net.Dialer{Timeout: timeout}
	conn, err := d.DialContext(ctx, n.target.Network, n.target.Addr)
	if err != nil {
		return nil, err
	}
	if n.target.TLS != nil {
		secure := tls.Client(conn, n.target.TLS)
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, fmt.Errorf("TLS: %w", err)
		}
		conn = secure
	}
	g := &guard{Conn: conn, in: &n.in, out: &n.out}
	n.conn.Store(g)
	return g, nil
}

// close ends the connection before the library does, which would send a PING.
func (n *liveNode) close() {
	if g := n.conn.Load(); g != nil {
		_ = g.Close()
	}
	n.client.Close()
}

// do runs one command and returns its reply; a cancelled context ends it early.
func (n *liveNode) do(ctx context.Context, args ...string) (valkey.ValkeyMessage, error) {
	type reply struct {
		message valkey.ValkeyMessage
		err     error
	}
	ch := make(chan reply, 1)
	go func() {
		m, err := n.client.Do(context.WithoutCancel(ctx), n.client.B().Arbitrary(args...).Build()).ToMessage()
		ch <- reply{m, err}
	}()
	select {
	case r := <-ch:
		return r.message, r.err
	case <-ctx.Done():
		return valkey.ValkeyMessage{}, ctx.Err()
	}
}

// info asks for everything; servers that do not know the word get the plain
// question.
func (n *liveNode) info(ctx context.Context) (*Info, error) {
	n.infos++
	m, err := n.do(ctx, "INFO", "all")
	text := ""
	if err == nil {
		text, err = m.ToString()
	}
	refused := err != nil && isServerError(err) && strings.HasPrefix(err.Error(), "ERR")
	if refused || err == nil && strings.TrimSpace(text) == "" {
		n.infos++
		if m, err = n.do(ctx, "INFO"); err == nil {
			text, err = m.ToString()
		}
	}
	if err != nil {
		return nil, n.explain(ctx, err)
	}
	in, err := ParseInfo(n.target.Name(), text)
	var input InputError
	if errors.As(err, &input) && strings.TrimSpace(text) == "" {
		return nil, fmt.Errorf("%s answers INFO with nothing", n.target.Name())
	}
	return in, err
}

// sample takes one sample. A server may have closed the idle connection
// meanwhile; then one new connection is tried.
func (n *liveNode) sample(ctx context.Context) error {
	for try := 0; ; try++ {
		m := mark{read: n.in.Load(), commandsInfo: n.infos, dials: n.dials.Load()}
		sent := time.Now()
		in, err := n.info(ctx)
		if err == nil {
			m.info, m.at, m.written = in, sent.Add(time.Since(sent)/2), n.out.Load()
			n.samples = append(n.samples, m)
			return nil
		}
		var input InputError
		if len(n.samples) == 0 || try > 0 || ctx.Err() != nil || errors.As(err, &input) {
			return err
		}
	}
}

// node is what Observe takes.
func (n *liveNode) node() Node {
	a, b := n.samples[0], n.samples[1]
	own := Own{
		Commands: map[string]int64{"info": b.commandsInfo - a.commandsInfo},
		BytesIn:  b.written - a.written,
		BytesOut: b.read - a.read,
	}
	if again := n.dials.Load() - a.dials; again > 0 {
		own.Commands["hello"] = again
		if n.target.Password != "" {
			own.Commands["auth"] = again
		}
	}
	return Node{Samples: []*Info{a.info, b.info}, Elapsed: b.at.Sub(a.at), Own: own}
}

// clusterAddr is a node as the cluster names it.
type clusterAddr struct {
	addr    string
	replica bool
}

// cluster asks for the nodes that hold slots, and their replicas.
func (n *liveNode) cluster(ctx context.Context) ([]clusterAddr, error) {
	m, err := n.do(ctx, "CLUSTER", "SLOTS")
	if err != nil {
		return nil, n.explain(ctx, err)
	}
	host, _, _ := net.SplitHostPort(n.target.Addr)
	var addrs []clusterAddr
	ranges, err := m.ToArray()
	if err != nil {
		return nil, n.explain(ctx, err)
	}
	for _, r := range ranges {
		parts, err := r.ToArray()
		if err != nil || len(parts) < 3 {
			return nil, fmt.Errorf("%s answers CLUSTER SLOTS with something else", n.target.Name())
		}
		for i, p := range parts[2:] {
			a, err := clusterNode(p, host)
			if err != nil {
				return nil, fmt.Errorf("%s answers CLUSTER SLOTS with something else", n.target.Name())
			}
			a.replica = i > 0
			if !slices.ContainsFunc(addrs, func(b clusterAddr) bool { return b.addr == a.addr }) {
				addrs = append(addrs, a)
			}
		}
	}
	if len(addrs) == 0 {
		return nil, fmt.Errorf("%s is of a cluster that serves no slot yet", n.target.Name())
	}
	return addrs, nil
}

// clusterNode reads [endpoint, port, …]. A null, empty or unknown
// endpoint stands for the host that was asked.
func clusterNode(m valkey.ValkeyMessage, host string) (clusterAddr, error) {
	parts, err := m.ToArray()
	if err != nil || len(parts) < 2 {
		return clusterAddr{}, errProtocol
	}
	endpoint, _ := parts[0].ToString()
	if endpoint == "" || endpoint == "?" {
		endpoint = host
	}
	port, err := parts[1].AsInt64()
	if err != nil || port < 1 || port > 65535 {
		return clusterAddr{}, errProtocol
	}
	return clusterAddr{addr: net.JoinHostPort(endpoint, fmt.Sprint(port))}, nil
}

func isServerError(err error) bool {
	_, ok := valkey.IsValkeyErr(err)
	return ok
}

// explain says what went wrong and what would help, without any secret.
func (n *liveNode) explain(ctx context.Context, err error) error {
	name := n.target.Name()
	text := n.target.scrub(err.Error())
	word, _, _ := strings.Cut(strings.TrimPrefix(text, "-"), " ")
	var timeout net.Error
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted before the first sample")
	case isServerError(err) && word == "NOAUTH":
		return fmt.Errorf("%s wants a password: put it in the address, in --password-file or in REDISCLI_AUTH", name)
	case isServerError(err) && (word == "WRONGPASS" || strings.Contains(text, "invalid password")):
		return fmt.Errorf("%s does not take this user and password", name)
	case isServerError(err) && strings.Contains(text, "without any password configured"):
		return fmt.Errorf("%s has no password set and was given one", name)
	case isServerError(err) && word == "NOPERM":
		return fmt.Errorf("%s: the user may not: %s; it needs: ACL SETUSER NAME %s", name, text, ACLRule)
	case isServerError(err):
		return fmt.Errorf("%s answers with an error: %s", name, text)
	case errors.Is(err, errProtocol):
		return fmt.Errorf("%s: %s", name, text)
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE):
		hint := ""
		if n.target.TLS == nil && len(n.samples) == 0 {
			hint = "; if it wants TLS, use rediss://"
		}
		return fmt.Errorf("%s closed the connection%s", name, hint)
	case errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s did not answer in time (--timeout)", name)
	case strings.Contains(text, "certificate signed by unknown authority"):
		return fmt.Errorf("%s: %s; --tls-ca FILE names the authority to trust", name, text)
	}
	return fmt.Errorf("%s: %s", name, text)
}
