package pieces

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// JSON reads JSON values, one after the other.
type JSON struct {
	dec    *json.Decoder
	depth  int
	pieces int
	most   int // pieces
}

// NewDecoder returns a decoder that keeps at most some more than piece bytes in
// memory. Numbers come out as they stand in the text.
func NewDecoder(r io.Reader, piece int64) *json.Decoder {
	b := &Bound{R: r, Max: piece}
	dec := json.NewDecoder(b)
	dec.UseNumber()
	b.Done = dec.InputOffset
	return dec
}

// NewJSON returns a reader of values of at most some more than piece bytes.
func NewJSON(r io.Reader, piece int64) *JSON {
	return &JSON{dec: NewDecoder(r, piece), most: MaxPieces}
}

// Offset is how many bytes have been read.
func (r *JSON) Offset() int64 { return r.dec.InputOffset() }

// token reads a bracket, a key or a plain value.
func (r *JSON) token() (json.Token, error) {
	if err := r.count(); err != nil {
		return nil, err
	}
	t, err := r.dec.Token()
	return t, Words(err)
}

// count bounds the time that a document of millions of tiny values takes.
func (r *JSON) count() error {
	if r.pieces++; r.pieces > r.most {
		return ErrTooMany
	}
	return nil
}

// delim reads an opening or closing bracket.
func (r *JSON) delim(want json.Delim) error {
	t, err := r.token()
	if err != nil {
		return err
	}
	if t != want {
		return fmt.Errorf("%.100q stands where %q should, at byte %d", fmt.Sprint(t), want.String(), r.Offset())
	}
	return nil
}

func (r *JSON) enter(open json.Delim) error {
	if r.depth++; r.depth > MaxDepth {
		return ErrTooDeep
	}
	return r.delim(open)
}

func (r *JSON) leave(end json.Delim) error {
	r.depth--
	return r.delim(end)
}

// Object calls visit with each key of an object; visit reads the value.
func (r *JSON) Object(visit func(key string) error) error {
	if err := r.enter('{'); err != nil {
		return err
	}
	for r.dec.More() {
		t, err := r.token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if err := visit(key); err != nil {
			return err
		}
	}
	return r.leave('}')
}

// Array calls visit for each element of a list; visit reads it.
func (r *JSON) Array(visit func() error) error {
	if err := r.enter('['); err != nil {
		return err
	}
	for r.dec.More() {
		if err := visit(); err != nil {
			return err
		}
	}
	return r.leave(']')
}

// Value reads one value.
func (r *JSON) Value(into any) error {
	if err := r.count(); err != nil {
		return err
	}
	return Words(r.dec.Decode(into))
}

// Skip reads one value and forgets it.
func (r *JSON) Skip() error {
	var v Skipped
	return r.Value(&v)
}

// Skipped is a value that is not kept.
type Skipped struct{}

// UnmarshalJSON takes any value.
func (*Skipped) UnmarshalJSON([]byte) error { return nil }

// Document reads the keys of the one object that a file is.
func (r *JSON) Document(visit func(key string) error) error {
	if err := r.Object(visit); err != nil {
		return err
	}
	if more, err := r.Another(); more || err != nil {
		return errors.New("something follows the end of the document")
	}
	return nil
}

// Another reports whether a further value follows. The error is one of reading,
// not of the value.
func (r *JSON) Another() (bool, error) {
	if r.dec.More() {
		return true, nil
	}
	_, err := r.dec.Token()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil, Words(err)
}

// Elements reads the elements of a list into values of a type, one at a time.
func Elements[T any](r *JSON, visit func(*T) error) error {
	return r.Array(func() error {
		var v T
		if err := r.Value(&v); err != nil {
			return err
		}
		return visit(&v)
	})
}

// ElementsOf reads the elements of one list of a document, under its key at the
// top, and passes over everything else.
func ElementsOf[T any](r *JSON, name string, visit func(*T) error) error {
	return r.Document(func(key string) error {
		if key != name {
			return r.Skip()
		}
		return Elements(r, visit)
	})
}

// TooDeep reports whether the JSON parser met its own bound of depth, which is
// 10,000 inside one value.
func TooDeep(err error) bool {
	var syn *json.SyntaxError
	return errors.As(err, &syn) && strings.Contains(syn.Error(), "exceeded max depth")
}

// Words turns the errors of the JSON parser into words for the reader of a
// message.
func Words(err error) error {
	var syn *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case TooDeep(err):
		return ErrTooDeep
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	case errors.As(err, &syn):
		if strings.Contains(syn.Error(), "unexpected end") {
			return io.ErrUnexpectedEOF
		}
		return fmt.Errorf("not JSON at byte %d: %w", syn.Offset, err)
	case errors.As(err, &typ):
		return fmt.Errorf("%s is a JSON %s, which it cannot be there", typ.Field, typ.Value)
	}
	return err
}
