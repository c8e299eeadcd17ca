// Package pieces bounds what a parser keeps of a file in memory: a file of
// hundreds of megabytes needs the memory of its largest piece, and a piece that
// is larger than any that the reader knows of is refused before it is in memory.
package pieces

import (
	"errors"
	"fmt"
	"io"
)

// Bounds of a document.
const (
	MaxDepth  = 200        // what stands inside each other: objects and lists, elements
	MaxPieces = 10_000_000 // brackets, keys and values that are read one at a time
)

// ErrTooLarge reports a text, a number, a line or a value that is larger than
// the bound.
var ErrTooLarge = errors.New("one value is larger than any that belongs there")

// ErrTooDeep reports a document that nests deeper than MaxDepth.
var ErrTooDeep = fmt.Errorf("values stand in each other more than %d deep", MaxDepth)

// ErrTooMany reports a document of more than MaxPieces values.
var ErrTooMany = fmt.Errorf("more than %d values", MaxPieces)

// Bound is a reader for a parser. It returns ErrTooLarge where the parser asks
// for more than Max bytes, and some that it reads ahead, beyond what it is done
// with.
type Bound struct {
	R    io.Reader
	Max  int64        // bytes
	Done func() int64 // bytes of the values that the parser has returned

	taken int64
}

func (b *Bound) Read(p []byte) (int, error) {
	if b.taken-b.Done() > b.Max {
		return 0, ErrTooLarge
	}
	n, err := b.R.Read(p)
	b.taken += int64(n)
	return n, err
}
