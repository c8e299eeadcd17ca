package pieces

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// endless repeats a text.
type endless struct {
	text string
	n    int64
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.text[(e.n+int64(i))%int64(len(e.text))]
	}
	e.n += int64(len(p))
	return len(p), nil
}

// A document that goes on for ever in one value, one list, one depth or one
// blank is refused after little more than a piece.
func TestJSONEndless(t *testing.T) {
	for name, c := range map[string]struct {
		begin, repeat string
		want          error
		most          int64 // bytes read
	}{
		"a text":         {`{"a":"`, "x", ErrTooLarge, 4 << 20},
		"a number":       {`{"a":1`, "0", ErrTooLarge, 4 << 20},
		"a blank":        {`{`, " ", ErrTooLarge, 4 << 20},
		"a key":          {`{"`, "x", ErrTooLarge, 4 << 20},
		"a skipped list": {`{"a":[`, "1,", ErrTooLarge, 4 << 20},
		"lists in lists": {`{"a":`, "[", ErrTooDeep, 4 << 20},
		"elements":       {`{"list":[`, "1,", ErrTooMany, 4 << 20},
		"keys":           {`{`, `"a":1,`, ErrTooMany, 4 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rest := &endless{text: c.repeat}
			in := NewJSON(io.MultiReader(strings.NewReader(c.begin), rest), 1<<20)
			in.most = 10_000
			err := in.Document(func(key string) error {
				if key == "list" {
					return Elements(in, func(*any) error { return nil })
				}
				return in.Skip()
			})
			if !errors.Is(err, c.want) || rest.n > c.most {
				t.Errorf("after %d bytes: %v, want %v", rest.n, err, c.want)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	in := NewJSON(strings.NewReader(` {"a": [1, {"b": null}], "skip": {"x": [[]]}, "c": "d"} [2] `), 1<<20)
	var got []string
	if err := in.Object(func(key string) error {
		got = append(got, key)
		if key != "a" {
			return in.Skip()
		}
		return Elements(in, func(v *any) error { return nil })
	}); err != nil || strings.Join(got, " ") != "a skip c" {
		t.Errorf("keys %q, error %v", got, err)
	}
	more, err := in.Another()
	if !more || err != nil {
		t.Errorf("no second value: %v", err)
	}
	if err := in.Object(nil); err == nil || !strings.Contains(err.Error(), `"[" stands where "{" should, at byte`) {
		t.Errorf("a list as an object: %v", err)
	}
	for text, want := range map[string]string{
		"":          "unexpected EOF",
		`{"a"`:      "unexpected EOF",
		`{"a":1} x`: "something follows the end",
		`{"a" 1}`:   "not JSON at byte",
		`{"a":1]`:   "not JSON at byte",
	} {
		in := NewJSON(strings.NewReader(text), 1<<20)
		if err := in.Document(func(string) error { return in.Skip() }); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
