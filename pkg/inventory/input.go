package inventory

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/keynest/keynest/pkg/pieces"
)

// The bounds of what is read. Terraform nests modules a handful deep; a resource
// has some kilobytes, and one that holds a whole file some hundreds.
const (
	maxNesting = 200       // of JSON objects and lists
	maxElement = 8 << 20   // bytes of one resource
	maxValues  = 3_000_000 // keys and elements of one file
	maxCaches  = 40_000    // in all files, with what the configuration says of them
)

// howToJSON says how the file that is read here is made.
const howToJSON = "terraform plan -out=plan.bin && terraform show -json plan.bin > tfplan.json"

// reader walks the JSON of one file. Only what is asked for is decoded, an
// element of a list at a time, so that the memory in use does not grow with the
// file. Its errors name the file and the byte, never what stands there.
type reader struct {
	name    string
	dec     *json.Decoder
	nesting int
	pieces  int // keys and elements
}

// newReader looks at the beginning of a file: its byte order mark, and whether
// it is JSON at all.
func newReader(name string, r io.Reader) (*reader, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	head, err := buffered.Peek(3)
	if err != nil && len(head) == 0 && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		buffered = bufio.NewReader(&utf16Reader{r: buffered, order: binary.LittleEndian})
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		buffered = bufio.NewReader(&utf16Reader{r: buffered, order: binary.BigEndian})
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		_, _ = buffered.Discard(3)
	}
	if err := sniff(name, buffered); err != nil {
		return nil, err
	}
	return &reader{name: name, dec: pieces.NewDecoder(buffered, maxElement)}, nil
}

// sniff refuses what does not begin as JSON, with what to do about it.
func sniff(name string, r *bufio.Reader) error {
	for {
		head, err := r.Peek(1)
		if err != nil {
			return fmt.Errorf("%s: the file is empty", name)
		}
		switch c := head[0]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			_, _ = r.Discard(1)
		case c == '{' || c == '[':
			return nil
		case c == 'P':
			if zip, _ := r.Peek(4); bytes.Equal(zip, []byte("PK\x03\x04")) {
				return fmt.Errorf("%s: this plan is in Terraform's binary format; make JSON of it: terraform show -json %s > tfplan.json", name, name)
			}
			fallthrough
		default:
			return fmt.Errorf("%s: not JSON; if this is Terraform configuration (HCL) or a log, make JSON: %s", name, howToJSON)
		}
	}
}

// fail turns an error of the decoder into one without any value of the file.
func (r *reader) fail(err error) error {
	at := r.dec.InputOffset()
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case pieces.TooDeep(err):
		return fmt.Errorf("%s: %w, near byte %d", r.name, errNesting, at)
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return fmt.Errorf("%s: the JSON ends too early, after byte %d; the file is cut off", r.name, at)
	case errors.As(err, &syntax):
		return fmt.Errorf("%s: the JSON is broken near byte %d", r.name, max(at, syntax.Offset))
	case errors.As(err, &wrong):
		return fmt.Errorf("%s: a value near byte %d has the wrong type", r.name, at)
	case errors.Is(err, pieces.ErrTooLarge), errors.Is(err, errValues), errors.Is(err, errShape), errors.Is(err, errNesting):
		return fmt.Errorf("%s: %w, near byte %d", r.name, err, at)
	}
	return fmt.Errorf("%s: cannot be read near byte %d", r.name, at)
}

var (
	errShape   = errors.New("a value has the wrong type")
	errValues  = fmt.Errorf("more than %d values", maxValues)
	errNesting = fmt.Errorf("nested more than %d deep", maxNesting)
)

// open takes the beginning of an object or a list; false for null.
func (r *reader) open(delim json.Delim) (bool, error) {
	token, err := r.dec.Token()
	switch {
	case err != nil:
		return false, err
	case token == nil:
		return false, nil
	case token != delim:
		return false, errShape
	}
	if r.nesting++; r.nesting > maxNesting {
		return false, errNesting
	}
	return true, nil
}

func (r *reader) close() error {
	r.nesting--
	_, err := r.dec.Token()
	return err
}

// count bounds the time that millions of tiny values take.
func (r *reader) count() error {
	if r.pieces++; r.pieces > maxValues {
		return errValues
	}
	return nil
}

// object calls each for every key; each takes the value.
func (r *reader) object(each func(key string) error) error {
	ok, err := r.open('{')
	if err != nil || !ok {
		return err
	}
	return r.members(each)
}

// members is object after its brace.
func (r *reader) members(each func(key string) error) error {
	for r.dec.More() {
		if err := r.count(); err != nil {
			return err
		}
		token, err := r.dec.Token()
		if err != nil {
			return err
		}
		key, ok := token.(string)
		if !ok {
			return errShape
		}
		if err := each(key); err != nil {
			return err
		}
	}
	return r.close()
}

// list calls each for every element; each takes it.
func (r *reader) list(each func() error) error {
	ok, err := r.open('[')
	if err != nil || !ok {
		return err
	}
	return r.elements(each)
}

// elements is list after its bracket.
func (r *reader) elements(each func() error) error {
	for r.dec.More() {
		if err := r.count(); err != nil {
			return err
		}
		if err := each(); err != nil {
			return err
		}
	}
	return r.close()
}

// skip leaves a value out.
func (r *reader) skip() error {
	var v pieces.Skipped
	return r.dec.Decode(&v)
}

// utf16Reader turns UTF-16 into UTF-8; PowerShell 5 writes it with >.
type utf16Reader struct {
	r     *bufio.Reader
	order binary.ByteOrder
	begun bool
	rest  []byte
	high  rune // a first half that waits for its second
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	if !u.begun {
		u.begun = true
		if _, err := u.r.Discard(2); err != nil {
			return 0, err
		}
	}
	for len(u.rest) == 0 {
		if err := u.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

func (u *utf16Reader) fill() error {
	var pair [2]byte
	out := make([]byte, 0, 4096)
	for len(out) < 4000 {
		if _, err := io.ReadFull(u.r, pair[:]); err != nil {
			if len(out) > 0 {
				break
			}
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = io.EOF
			}
			return err
		}
		c := rune(u.order.Uint16(pair[:]))
		switch {
		case u.high != 0:
			out = utf8.AppendRune(out, utf16.DecodeRune(u.high, c))
			u.high = 0
		case utf16.IsSurrogate(c):
			u.high = c
		default:
			out = utf8.AppendRune(out, c)
		}
	}
	u.rest = out
	return nil
}
