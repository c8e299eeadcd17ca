package observe

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/valkey-io/valkey-go"
)

// SampleACLRule is what a user needs besides ACLRule for a sample of the keys.
const SampleACLRule = "+scan +strlen +memory|usage ~*"

const (
	// scanCount is how many keys one SCAN asks for: a server answers it in well under
	// a millisecond.
	scanCount = 100
	// maxScans ends the walk through a table that is nearly empty.
	maxScans = 100_000
)

// allowed is the closed list of what is sent besides the log-in. All of it reads.
func allowed(words []string) bool {
	known := []string{"INFO", "CLUSTER SLOTS", "SCAN", "STRLEN", "MEMORY USAGE"}
	return len(words) > 0 && slices.Contains(known, words[0]) || len(words) > 1 && slices.Contains(known, words[0]+" "+words[1])
}

// measureKeys is sampleKeys with a sample that says which nodes are primaries. It is
// not the first of the interval, so what is asked here counts nowhere.
func (l Live) measureKeys(ctx context.Context, nodes []*liveNode) (*Sizes, error) {
	if err := each(nodes, func(n *liveNode) error { return n.sample(ctx) }); err != nil {
		return nil, err
	}
	sizes, err := l.sampleKeys(ctx, nodes)
	for _, n := range nodes {
		n.samples = nil
	}
	return sizes, err
}

// sampleKeys measures some keys of each primary: it walks with SCAN, which is in the
// order of the keys' hashes, and asks for the length of each string and the memory of
// every other type. No value is read.
func (l Live) sampleKeys(ctx context.Context, nodes []*liveNode) (*Sizes, error) {
	var primaries []*liveNode
	for _, n := range nodes {
		if !n.first().isReplica() {
			primaries = append(primaries, n)
		}
	}
	each := (l.SampleKeys + len(primaries) - 1) / len(primaries)
	all := &Sizes{}
	for _, n := range primaries {
		s, err := n.sampleKeys(ctx, each)
		if err != nil && strings.Contains(err.Error(), ACLRule) {
			err = fmt.Errorf("%w; --sample-keys also needs the permissions %s", err, SampleACLRule)
		}
		if err != nil {
			return nil, err
		}
		all.merge(s)
	}
	if all.measured == 0 {
		return nil, nil
	}
	return all, nil
}

func (n *liveNode) sampleKeys(ctx context.Context, want int) (*Sizes, error) {
	s := &Sizes{
		from: "a sample of keys (SCAN)", stored: n.first().Keys, spread: true,
		mind: "strings by their length, other types by their memory, database 0",
	}
	cursor := "0"
	for range maxScans {
		keys, next, err := n.scan(ctx, cursor)
		if err != nil {
			return nil, n.explain(ctx, err)
		}
		keys = keys[:min(len(keys), want-int(s.measured))]
		if err := n.measure(ctx, s, keys); err != nil {
			return nil, n.explain(ctx, err)
		}
		if cursor = next; cursor == "0" || int(s.measured) >= want {
			return s, nil
		}
	}
	return s, nil
}

// scan asks for the keys at a cursor, and the next cursor.
func (n *liveNode) scan(ctx context.Context, cursor string) (keys []string, next string, err error) {
	defer n.freeAfter(n.held())
	m, err := n.do(ctx, "SCAN", cursor, "COUNT", fmt.Sprint(scanCount))
	if err != nil {
		return nil, "", err
	}
	parts, err := m.ToArray()
	if err != nil || len(parts) != 2 {
		return nil, "", fmt.Errorf("%w: the answer to SCAN has another form", errProtocol)
	}
	if next, err = parts[0].ToString(); err == nil {
		keys, err = parts[1].AsStrSlice()
	}
	if err != nil || next == "" {
		return nil, "", fmt.Errorf("%w: the answer to SCAN has another form", errProtocol)
	}
	return keys, next, nil
}

// measure adds the sizes of some keys, in one round trip, and in a second one for
// those that are no strings.
func (n *liveNode) measure(ctx context.Context, s *Sizes, keys []string) error {
	lengths, err := n.sizes(ctx, keys, "STRLEN")
	if err != nil {
		return err
	}
	var others []string
	for i, length := range lengths {
		if length < 0 {
			others = append(others, keys[i])
			continue
		}
		s.put(1, length)
	}
	if len(others) > 0 {
		memory, err := n.sizes(ctx, others, "MEMORY", "USAGE")
		if err != nil {
			return err
		}
		before := s.seenMost // memory is more than the value
		for _, bytes := range memory {
			if bytes >= 0 { // else it is gone
				s.put(1, bytes)
			}
		}
		s.seenMost = before
	}
	for _, key := range keys {
		s.nameSum += int64(len(key))
	}
	s.seen += int64(len(keys))
	return nil
}

// sizes asks one number of each key; -1 where the key has another type, or is gone.
func (n *liveNode) sizes(ctx context.Context, keys []string, command ...string) ([]int64, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	defer n.freeAfter(n.held())
	var ask []valkey.Completed
	for _, key := range keys {
		words := append(slices.Clone(command), key)
		if !allowed(words) {
			return nil, fmt.Errorf("%s is not an allowed command", command[0])
		}
		ask = append(ask, n.client.B().Arbitrary(words...).Build())
	}
	ch := make(chan []valkey.ValkeyResult, 1)
	go func() { ch <- n.client.DoMulti(context.WithoutCancel(ctx), ask...) }()
	var results []valkey.ValkeyResult
	select {
	case results = <-ch:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var sizes []int64
	for _, r := range results {
		v, err := r.AsInt64()
		switch {
		case err == nil && v >= 0 && v <= maxCounter:
			sizes = append(sizes, v)
		case err == nil || valkey.IsValkeyNil(err) || isServerError(err) && strings.HasPrefix(err.Error(), "WRONGTYPE"):
			sizes = append(sizes, -1)
		default:
			return nil, err
		}
	}
	return sizes, nil
}

// held is the room that replies have taken so far.
func (n *liveNode) held() int64 {
	if g := n.conn.Load(); g != nil {
		return g.replies.held.Load()
	}
	return 0
}

// freeAfter gives back the room that was taken since.
func (n *liveNode) freeAfter(before int64) { n.free(max(n.held()-before, 0)) }
