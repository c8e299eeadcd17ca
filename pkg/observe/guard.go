package observe

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
)

// Bounds of a reply that is passed on to the client library. The library
// allocates and recurses as the other side announces, so a reply is judged, and
// whole, before the library sees its first byte.
const (
	maxHeader = 64 << 10 // bytes of a line; an error message is one
	// maxItems is for CLUSTER SLOTS at its worst: 16,384 slots, each a range of
	// its own, with a primary and five replicas of four parts each.
	maxItems  = 1 << 19
	maxDepth  = 8
	itemBytes = 40 // what the library allocates for an item of an array

	// maxReplies bounds the bytes that all nodes announce in one run, strings and
	// items together. A reply to INFO has about 10 KB: this is 20,000 of them.
	maxReplies = 256 << 20
)

// errProtocol reports an answer that no Redis server gives.
var errProtocol = errors.New("the answer is not in the Redis protocol")

// guard is a connection that counts its bytes. It passes on only whole replies in
// the Redis protocol, version 2, of a bounded size, and no more replies than
// requests, since the client library panics on a reply that it did not ask for.
type guard struct {
	net.Conn
	in, out  *atomic.Int64 // bytes read and written over all connections to the node
	asked    atomic.Int64  // requests written
	requests replyScanner  // a request is an array of strings, as a reply can be
	replies  replyScanner
	bad      atomic.Pointer[error] // what is wrong with the replies
	buffer   []byte                // bytes read and not passed on
	ready    int                   // how many of them are whole replies
}

func newGuard(conn net.Conn, in, out, room *atomic.Int64) *guard {
	g := &guard{Conn: conn, in: in, out: out}
	g.replies.asked, g.replies.room = &g.asked, room
	return g
}

// Read passes on whole replies, in order. So memory depends on what a server has
// sent, not on the sizes that it announces. An error after whole replies is
// returned by the next call.
func (g *guard) Read(p []byte) (int, error) {
	for g.ready == 0 {
		if bad := g.bad.Load(); bad != nil {
			return 0, *bad
		}
		var chunk [4 << 10]byte
		n, err := g.Conn.Read(chunk[:])
		g.in.Add(int64(n))
		good, bad := g.replies.scan(chunk[:n])
		if good > 0 {
			g.ready = len(g.buffer) + good
		}
		g.buffer = append(g.buffer, chunk[:n]...)
		if bad != nil {
			g.bad.Store(&bad)
		} else if err != nil && g.ready == 0 {
			return 0, err
		}
	}
	n := copy(p, g.buffer[:g.ready])
	g.ready -= n
	if g.buffer = g.buffer[n:]; len(g.buffer) == 0 {
		g.buffer = nil // not kept for a connection that waits
	}
	return n, nil
}

// Close ends the connection; what its replies had of the common room is free again.
func (g *guard) Close() error {
	err := g.Conn.Close()
	g.replies.room.Add(g.replies.held.Swap(0))
	return err
}

// free gives back the room of a reply that is not kept.
func (g *guard) free(bytes int64) {
	bytes = min(bytes, g.replies.held.Load())
	g.replies.held.Add(-bytes)
	g.replies.room.Add(bytes)
}

// Write counts requests before they are sent, so that no reply can be faster.
func (g *guard) Write(p []byte) (int, error) {
	if _, err := g.requests.scan(p); err != nil {
		return 0, err
	}
	g.asked.Store(g.requests.whole)
	n, err := g.Conn.Write(p)
	g.out.Add(int64(n))
	return n, err
}

// replyScanner follows the structure of replies without keeping them.
type replyScanner struct {
	line  []byte  // of a header that is not complete yet
	skip  int64   // bytes left of a string
	open  []int64 // items left of the arrays that the next item is in
	items int64   // announced in the reply at hand
	whole int64   // replies that are complete

	asked *atomic.Int64 // how many replies may come; nil for any number
	room  *atomic.Int64 // bytes that may still be announced; nil for any number
	held  atomic.Int64  // bytes announced so far
}

// scan follows p. Of a p with something wrong it returns how many bytes are of
// whole replies before that.
func (s *replyScanner) scan(p []byte) (good int, err error) {
	for at := 0; at < len(p); {
		if s.skip > 0 {
			n := min(s.skip, int64(len(p)-at))
			s.skip -= n
			at += int(n)
			if s.skip == 0 && s.done() {
				good = at
			}
			continue
		}
		if s.between() && s.asked != nil && s.whole >= s.asked.Load() {
			if err := s.kind(p[at]); err != nil {
				return good, err
			}
			return good, fmt.Errorf("%w: a reply without a request", errProtocol)
		}
		end := bytes.IndexByte(p[at:], '\n')
		part := p[at:]
		if end >= 0 {
			part = part[:end+1]
		}
		if len(s.line)+len(part) > maxHeader {
			return good, fmt.Errorf("%w: a line of more than %d bytes", errProtocol, maxHeader)
		}
		s.line = append(s.line, part...)
		if err := s.kind(s.line[0]); err != nil {
			return good, err
		}
		at += len(part)
		if end < 0 {
			return good, nil
		}
		whole := s.whole
		if err := s.header(string(s.line)); err != nil {
			return good, err
		}
		if s.whole > whole {
			good = at
		}
		s.line = s.line[:0]
	}
	return good, nil
}

// between says whether the next byte begins a reply.
func (s *replyScanner) between() bool { return len(s.open) == 0 && len(s.line) == 0 && s.skip == 0 }

// kind checks the first byte of a reply before its line is complete, so that a web
// server or a TLS alert is recognised at once.
func (s *replyScanner) kind(first byte) error {
	switch first {
	case '+', '-', ':', '$', '*':
		return nil
	case 0x15, 0x16:
		return fmt.Errorf("%w: the server speaks TLS on this port; use rediss://", errProtocol)
	case 'H', '<':
		return fmt.Errorf("%w: a web server answers on this port", errProtocol)
	}
	return errProtocol
}

// header takes a line with its end. The library cuts two bytes off a line
// whatever they are, so a line that ends otherwise would mean something else there.
func (s *replyScanner) header(line string) error {
	line, ok := strings.CutSuffix(line, "\r\n")
	if !ok || line == "" {
		return fmt.Errorf("%w: a line that does not end in CR LF", errProtocol)
	}
	if line[0] != '$' && line[0] != '*' {
		if err := s.hold(int64(len(line))); err != nil {
			return err
		}
		s.done()
		return nil
	}
	n, err := strconv.ParseInt(line[1:], 10, 64)
	switch {
	case err != nil || n < -1 || line[1] == '+':
		return fmt.Errorf("%w: an invalid length", errProtocol)
	case line[0] == '$' && n > MaxInfoBytes:
		return fmt.Errorf("%w: a reply of %d bytes", errProtocol, n)
	case line[0] == '*' && (n > maxItems-s.items || len(s.open) == maxDepth):
		return fmt.Errorf("%w: a reply of too many parts", errProtocol)
	}
	size := max(n, 0)
	if line[0] == '*' {
		s.items += size
		size *= itemBytes
	}
	if err := s.hold(size); err != nil {
		return err
	}
	switch {
	case n < 0 || line[0] == '*' && n == 0:
		s.done()
	case line[0] == '*':
		s.open = append(s.open, n)
	default:
		s.skip = n + 2
	}
	return nil
}

// hold takes bytes of the common room.
func (s *replyScanner) hold(bytes int64) error {
	s.held.Add(bytes)
	if s.room != nil && s.room.Add(-bytes) < 0 {
		return fmt.Errorf("%w: replies of more than %d MiB in all", errProtocol, maxReplies>>20)
	}
	return nil
}

// done counts one item off the arrays that it completes, and says whether that
// completes a reply.
func (s *replyScanner) done() bool {
	for len(s.open) > 0 {
		last := len(s.open) - 1
		s.open[last]--
		if s.open[last] > 0 {
			return false
		}
		s.open = s.open[:last]
	}
	s.items = 0
	s.whole++
	return true
}
