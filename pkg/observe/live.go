package observe

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valkey-io/valkey-go"

	"github.com/keynest/keynest/pkg/commands"
)

// ACLRule is what a user needs to be observed with, and nothing more. Before
// Redis 7 a rule cannot name a subcommand: there it is '+info +cluster'.
const ACLRule = "+info +cluster|slots"

// Live is how to look at running servers.
type Live struct {
	Interval time.Duration // between the two samples
	Timeout  time.Duration // for a connection and for a reply
	Progress func(nodes int, left time.Duration)
	// SampleKeys is how many keys are measured before the first sample, over all
	// primaries; 0 for none.
	SampleKeys int

	dial func(ctx context.Context, network, addr string) (net.Conn, error) // nil for the network
	look time.Duration                                                     // between two looks at the rate; 0 for a second
}

// Observe takes two samples of every node that the target leads to. When
// waiting is cancelled it takes the second sample at once. An error may come with
// a result: what was measured before something went wrong.
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
	var sizes *Sizes
	if l.SampleKeys > 0 {
		if sizes, err = l.measureKeys(waiting, nodes); err != nil {
			return nil, err
		}
	}
	if err := each(nodes, func(n *liveNode) error { return n.sample(waiting) }); err != nil {
		return nil, err
	}
	begin := time.Now()
	w := l.watch(nodes)
	w.wait(waiting, begin)
	var notes []string
	if waited := time.Since(begin); waiting.Err() != nil {
		if waited < time.Second {
			return nil, fmt.Errorf("interrupted after %v, before a second sample", waited.Round(time.Millisecond))
		}
		notes = append(notes, fmt.Sprintf("interrupted: observed for %v instead of %v", waited.Round(time.Second), l.Interval))
	}
	failed := each(nodes, func(n *liveNode) error {
		if err := n.sample(ctx); err != nil && !n.first().isReplica() {
			return err
		}
		return nil
	})
	if failed == nil {
		nodes, notes = without(nodes, notes)
		w.nodes = nodes
		failed = each(nodes, (*liveNode).broken)
	}
	r, more, err := l.result(w, nodes, failed)
	if r == nil {
		return nil, cmp.Or(failed, err)
	}
	r.Notes = slices.Concat(notes, more, r.Notes)
	if sizes != nil {
		r.Measured(sizes)
	}
	return r, cmp.Or(failed, err)
}

// result makes the workload of the samples: of both, of the first and the last
// checkpoint where the second is missing or of another run, or of the first alone.
// An error that comes with a result says why it is not of both.
func (l Live) result(w *watch, nodes []*liveNode, failed error) (r *Result, notes []string, err error) {
	rates := w.moments()
	for _, n := range nodes {
		notes = append(notes, n.notes...)
	}
	missing := slices.ContainsFunc(nodes, func(n *liveNode) bool { return len(n.samples) < 2 })
	kept := !slices.ContainsFunc(nodes, func(n *liveNode) bool { return n.kept == nil })
	if !missing {
		r, err = observed(both(nodes), rates)
		var data DataError
		if !kept || !errors.As(err, &data) {
			return r, notes, err
		}
		failed = err
	}
	if !kept {
		// Without every second sample there are the first ones.
		notes = append(notes, fmt.Sprintf("no second sample, so the figures are averages since the servers started: %v", failed))
		var alone []Node
		for _, n := range nodes {
			alone = append(alone, Node{Samples: []*Info{n.first()}})
		}
		r, err = observed(alone, nil)
		return r, notes, err
	}
	var until time.Duration
	for _, n := range nodes {
		n.samples = []mark{n.samples[0], *n.kept}
		until = max(until, n.kept.at.Sub(n.samples[0].at))
	}
	notes = append(notes, fmt.Sprintf("the figures are of the first %v of %v, because of an error then: %v", until.Round(time.Second), l.Interval, failed))
	r, err = observed(both(nodes), rates)
	return r, notes, cmp.Or(err, failed)
}

// both are the nodes with two samples each.
func both(nodes []*liveNode) []Node {
	var list []Node
	for _, n := range nodes {
		list = append(list, n.node())
	}
	return list
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
	open    func(ctx context.Context, network, addr string) (net.Conn, error)
	room    *atomic.Int64 // bytes that the replies of all nodes may still have
	client  valkey.Client
	in, out atomic.Int64 // bytes read and written
	dials   atomic.Int64
	conn    atomic.Pointer[guard]
	infos   int64 // INFO commands sent
	samples []mark
	notes   []string

	classes       commands.Classes
	last          *glance // the last look at the counts
	rate          int64   // of the commands since the look before, in millionths a second; -1 for none
	failures      int     // looks in a row that failed
	pending, kept *mark   // a whole sample of the last round, and of the last complete round
}

// mark is a sample and what the tool had done to the server just before it.
type mark struct {
	info                *Info
	at, sent, received  time.Time
	read, written       int64
	commandsInfo, dials int64
}

// connect opens a connection and logs in. room is shared by all nodes.
func (l Live) connect(ctx context.Context, t Target, room *atomic.Int64) (*liveNode, error) {
	n := &liveNode{target: t, room: room, open: l.dial}
	if n.open == nil {
		n.open = (&net.Dialer{Timeout: l.Timeout}).DialContext
	}
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
	conn, err := n.open(ctx, n.target.Network, n.target.Addr)
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
	g := newGuard(conn, &n.in, &n.out, n.room)
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

// broken says what the server sent beside the replies that were asked for.
func (n *liveNode) broken() error {
	if g := n.conn.Load(); g != nil {
		if bad := g.bad.Load(); bad != nil {
			return n.explain(context.Background(), *bad)
		}
	}
	return nil
}

// do runs one command and returns its reply; a cancelled context ends it early.
func (n *liveNode) do(ctx context.Context, args ...string) (valkey.ValkeyMessage, error) {
	if !allowed(args) {
		return valkey.ValkeyMessage{}, fmt.Errorf("%q is not an allowed command", args)
	}
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
		return nil, fmt.Errorf("%s answered INFO with an empty reply", n.target.Name())
	}
	return in, err
}

// sample takes one sample. A server may have closed the idle connection
// meanwhile; then one new connection is tried.
func (n *liveNode) sample(ctx context.Context) error {
	for try := 0; ; try++ {
		m, err := n.mark(ctx)
		if err == nil {
			n.samples = append(n.samples, m)
			return nil
		}
		var input InputError
		if len(n.samples) == 0 || try > 0 || ctx.Err() != nil || errors.As(err, &input) || n.broken() != nil {
			return err
		}
	}
}

// mark reads everything once, with what the tool had done before it.
func (n *liveNode) mark(ctx context.Context) (mark, error) {
	m := mark{read: n.in.Load(), commandsInfo: n.infos, sent: time.Now()}
	in, err := n.info(ctx)
	if err != nil {
		return mark{}, err
	}
	m.received, m.dials = time.Now(), n.dials.Load() // a new connection logs in before INFO
	m.info, m.at, m.written = in, m.sent.Add(m.received.Sub(m.sent)/2), n.out.Load()
	return m, nil
}

// free gives back the room of a reply that is not kept.
func (n *liveNode) free(bytes int64) {
	if g := n.conn.Load(); g != nil {
		g.free(bytes)
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
	if again := b.dials - a.dials; again > 0 {
		own.Commands["hello"] = again
		if n.target.Password != "" {
			own.Commands["auth"] = again
		}
	}
	return Node{Samples: []*Info{a.info, b.info}, Elapsed: b.at.Sub(a.at), Own: own}
}
