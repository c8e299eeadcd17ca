package feed

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// stream reads a JSON document piece by piece, so that a file of hundreds of
// megabytes needs the memory of its largest piece.
type stream struct{ *json.Decoder }

func newStream(r io.Reader) stream {
	d := json.NewDecoder(r)
	d.UseNumber()
	return stream{d}
}

// delim reads an opening or closing bracket.
func (s stream) delim(want json.Delim) error {
	t, err := s.Token()
	if err != nil {
		return syntax(err)
	}
	if t != want {
		return fmt.Errorf("%q stands where %q should", fmt.Sprint(t), want.String())
	}
	return nil
}

// object calls visit with every key of an object; visit reads the value.
func (s stream) object(visit func(key string) error) error {
	if err := s.delim('{'); err != nil {
		return err
	}
	for s.More() {
		t, err := s.Token()
		if err != nil {
			return syntax(err)
		}
		key, _ := t.(string)
		if err := visit(key); err != nil {
			return err
		}
	}
	return s.delim('}')
}

// array calls visit for every element; visit reads it.
func (s stream) array(visit func() error) error {
	if err := s.delim('['); err != nil {
		return err
	}
	for s.More() {
		if err := visit(); err != nil {
			return err
		}
	}
	return s.delim(']')
}

// value reads one value.
func (s stream) value(into any) error { return syntax(s.Decode(into)) }

// pass reads one value and forgets it.
func (s stream) pass() error {
	depth := 0
	for {
		t, err := s.Token()
		if err != nil {
			return syntax(err)
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// document reads the keys of the one object that a file is.
func (s stream) document(visit func(key string) error) error {
	if err := s.object(visit); err != nil {
		return err
	}
	if _, err := s.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the end of the document")
	}
	return nil
}

// elements reads the elements of an array into values of a type, one at a time.
func elements[T any](s stream, visit func(*T) error) error {
	return s.array(func() error {
		var v T
		if err := s.value(&v); err != nil {
			return err
		}
		return visit(&v)
	})
}

// elementsOf reads the elements of one array of a document, under its key at the top,
// and passes over everything else.
func elementsOf[T any](in io.Reader, name string, visit func(*T) error) error {
	s := newStream(in)
	return s.document(func(key string) error {
		if key != name {
			return s.pass()
		}
		return elements(s, visit)
	})
}

// syntax turns the errors of the JSON parser into words for the reader of a
// message.
func syntax(err error) error {
	var syn *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	case errors.As(err, &syn):
		if strings.Contains(syn.Error(), "unexpected end") {
			return io.ErrUnexpectedEOF
		}
		return fmt.Errorf("not JSON at byte %d: %w", syn.Offset, err)
	case errors.As(err, &typ):
		return fmt.Errorf("%s is a JSON %s, which it is in no such feed", typ.Field, typ.Value)
	}
	return err
}
