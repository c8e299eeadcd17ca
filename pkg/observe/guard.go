package observe

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
)

// Bounds of a reply that is let through to the client library, which allocates
// and recurses as the other side announces.
const (
	maxHeader = 64 << 10 // an error message is on one line
	maxItems  = 1 << 20
	maxDepth  = 8
)

// errProtocol reports an answer that no Redis server gives.
var errProtocol = errors.New("the answer is not in the Redis protocol")

// guard is a connection that counts its bytes and lets through only replies
// in the Redis protocol, version 2, of a sane size.
type guard struct {
	net.Conn
	in, out *atomic.Int64 // bytes read and written over all connections to the node
	replies replyScanner
}

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	g.in.Add(int64(n))
	if bad := g.replies.scan(p[:n]); bad != nil {
		return 0, bad
	}
	return n, err
}

func (g *guard) Write(p []byte) (int, error) {
	n, err := g.Conn.Write(p)
	g.out.Add(int64(n))
	return n, err
}

// replyScanner follows the structure of replies without keeping them.
type replyScanner struct {
	line []byte  // of a header that is not complete yet
	skip int64   // bytes left of a string
	open []int64 // items left of the arrays that we are in
}

func (s *replyScanner) scan(p []byte) error {
	for len(p) > 0 {
		if s.skip > 0 {
			n := min(s.skip, int64(len(p)))
			s.skip -= n
			p = p[n:]
			if s.skip == 0 {
				s.done()
			}
			continue
		}
		end := bytes.IndexByte(p, '\n')
		part := p
		if end >= 0 {
			part = p[:end+1]
		}
		if len(s.line)+len(part) > maxHeader {
			return fmt.Errorf("%w: a line of more than %d bytes", errProtocol, maxHeader)
		}
		s.line = append(s.line, part...)
		if err := s.kind(); err != nil {
			return err
		}
		p = p[len(part):]
		if end < 0 {
			return nil
		}
		if err := s.header(string(bytes.TrimRight(s.line, "\r\n"))); err != nil {
			return err
		}
		s.line = s.line[:0]
	}
	return nil
}

// kind judges the first byte, before a line is complete: a web server or a TLS
// alert is told apart at once.
func (s *replyScanner) kind() error {
	switch s.line[0] {
	case '+', '-', ':', '$', '*':
		return nil
	case 0x15, 0x16:
		return fmt.Errorf("%w: the server speaks TLS there; use rediss://", errProtocol)
	case 'H', '<':
		return fmt.Errorf("%w: a web server answers there", errProtocol)
	}
	return errProtocol
}

func (s *replyScanner) header(line string) error {
	switch line[0] {
	case '$', '*':
	default:
		s.done()
		return nil
	}
	n, err := strconv.ParseInt(line[1:], 10, 64)
	switch {
	case err != nil || n < -1:
		return fmt.Errorf("%w: a length that is none", errProtocol)
	case line[0] == '$' && n > MaxInfoBytes:
		return fmt.Errorf("%w: a reply of %d bytes", errProtocol, n)
	case line[0] == '*' && (n > maxItems || len(s.open) == maxDepth):
		return fmt.Errorf("%w: a reply of too many parts", errProtocol)
	case n < 0 || line[0] == '*' && n == 0:
		s.done()
	case line[0] == '*':
		s.open = append(s.open, n)
	default:
		s.skip = n + 2
	}
	return nil
}

// done counts one item off the arrays that it completes.
func (s *replyScanner) done() {
	for len(s.open) > 0 {
		last := len(s.open) - 1
		s.open[last]--
		if s.open[last] > 0 {
			return
		}
		s.open = s.open[:last]
	}
}
