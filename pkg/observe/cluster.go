package observe

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valkey-io/valkey-go"
)

const (
	// maxNodes is above what Redis and Valkey document as the size of a cluster,
	// 1,000 and 2,000 nodes.
	maxNodes = 4096
	// sideBySide is how many nodes are connected to at the same time.
	sideBySide = 64
	// maxChain is how many replicas of replicas are followed one after another.
	maxChain = 3
	// maxReplicaNotes is how many replicas that do not answer are named.
	maxReplicaNotes = 3
)

// discover connects to the target and, in a cluster, to every other node that
// the target names in CLUSTER SLOTS, and to nothing else: these get the password
// too. The nodes are asked side by side; together they have three times the
// timeout (connect, log in, reply). It returns what it has opened, whether or not
// it fails.
func (l Live) discover(ctx context.Context, t Target) ([]*liveNode, error) {
	room := &atomic.Int64{}
	room.Store(maxReplies)
	seed, err := l.connect(ctx, t, room)
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
			return nodes, badInput("%s is a replica, which repeats the writes of its primary; observe the primary, %s",
				t.Name(), printable(orNone(net.JoinHostPort(in.text("master_host"), in.text("master_port")))))
		}
		return l.follow(ctx, t, nodes, in, room), nil
	}
	addrs, err := seed.cluster(ctx)
	if err != nil {
		return nodes, err
	}
	seen := map[string]bool{}
	if id := in.runID(); id != "" {
		seen[id] = true
	}
	addrs = slices.DeleteFunc(addrs, func(a clusterAddr) bool { return a.addr == t.Addr })
	others := l.visit(ctx, t, addrs, room)
	var failed error
	silent := 0
	for i, v := range others {
		switch {
		case v.err == nil && (v.info.runID() == "" || !seen[v.info.runID()]):
			seen[v.info.runID()] = true
			nodes = append(nodes, v.node)
			continue
		case v.err == nil:
			// Asked already: the target is known by the address that the caller gave,
			// and the cluster may know it by another one.
		case addrs[i].replica:
			if silent++; silent <= maxReplicaNotes {
				seed.notes = append(seed.notes, fmt.Sprintf("a replica was not observed: %v", v.err))
			}
		case failed == nil:
			failed = fmt.Errorf("a primary of the cluster cannot be reached: %w", v.err)
		}
		if v.node != nil {
			v.node.close()
		}
	}
	if more := silent - maxReplicaNotes; more > 0 {
		seed.notes = append(seed.notes, fmt.Sprintf("%d more replicas were not observed", more))
	}
	return nodes, failed
}

// follow connects to the replicas that a primary outside of a cluster names in
// INFO, and to theirs. One that does not answer is a note. These get the password
// too.
func (l Live) follow(ctx context.Context, t Target, nodes []*liveNode, in *Info, room *atomic.Int64) []*liveNode {
	seed := nodes[0]
	seen := map[string]bool{in.runID(): true}
	asked := map[string]bool{t.Addr: true}
	silent, next := 0, in.attachedReplicas()
	for depth := 0; len(next) > 0 && len(asked) < maxReplicas && depth < maxChain; depth++ {
		var addrs []clusterAddr
		for _, addr := range next {
			if !asked[addr] {
				asked[addr] = true
				addrs = append(addrs, clusterAddr{addr, true})
			}
		}
		next = nil
		for _, v := range l.visit(ctx, t, addrs, room) {
			if v.err == nil && v.info.isReplica() && (v.info.runID() == "" || !seen[v.info.runID()]) {
				seen[v.info.runID()] = true
				nodes = append(nodes, v.node)
				next = append(next, v.info.attachedReplicas()...)
				continue
			}
			if v.err != nil {
				if silent++; silent <= maxReplicaNotes {
					seed.notes = append(seed.notes, fmt.Sprintf("a replica was not observed: %v", v.err))
				}
			}
			if v.node != nil {
				v.node.close()
			}
		}
	}
	if more := silent - maxReplicaNotes; more > 0 {
		seed.notes = append(seed.notes, fmt.Sprintf("%d more replicas were not observed", more))
	}
	return nodes
}

// visited is a node of a cluster and its first reply, or why there is none.
type visited struct {
	node *liveNode
	info *Info
	err  error
}

// visit asks the nodes at these addresses side by side.
func (l Live) visit(ctx context.Context, t Target, addrs []clusterAddr, room *atomic.Int64) []visited {
	ctx, cancel := context.WithTimeout(ctx, 3*l.Timeout)
	defer cancel()
	all := make([]visited, len(addrs))
	slots := make(chan struct{}, sideBySide)
	var wg sync.WaitGroup
	for i, a := range addrs {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			v := &all[i]
			if ctx.Err() != nil {
				v.err = fmt.Errorf("%s was not reached: the nodes did not all answer within %v", t.at(a.addr).Name(), (3 * l.Timeout).Round(time.Millisecond))
				return
			}
			if v.node, v.err = l.connect(ctx, t.at(a.addr), room); v.err == nil {
				v.info, v.err = v.node.info(ctx)
			}
		})
	}
	wg.Wait()
	return all
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
	seen := map[string]bool{}
	ranges, err := m.ToArray()
	if err != nil {
		return nil, n.explain(ctx, err)
	}
	for _, r := range ranges {
		parts, err := r.ToArray()
		if err != nil || len(parts) < 3 {
			return nil, fmt.Errorf("%s: the answer to CLUSTER SLOTS has another form", n.target.Name())
		}
		for i, p := range parts[2:] {
			a, err := clusterNode(p, host)
			if err != nil {
				return nil, fmt.Errorf("%s: the answer to CLUSTER SLOTS has another form", n.target.Name())
			}
			a.replica = i > 0
			if !seen[a.addr] {
				seen[a.addr] = true
				addrs = append(addrs, a)
			}
		}
	}
	switch {
	case len(addrs) == 0:
		return nil, fmt.Errorf("%s belongs to a cluster that serves no slot yet", n.target.Name())
	case len(addrs) > maxNodes:
		return nil, fmt.Errorf("%s names %d nodes; keynest observes at most %d", n.target.Name(), len(addrs), maxNodes)
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
