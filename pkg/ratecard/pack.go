package ratecard

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"sort"
	"strings"
)

// packed is the embedded rates.toml after reading and checking it, in a form
// that loads without a parser. Reading the TOML takes longer than the rest of
// the program together; this takes a small part of it. It begins with the hash
// of the text that it was made from. A pack made from another text is stale: it
// is never used, a test fails, and keynest rates check says so.
//
//go:generate go test . -run Packed -update
//go:embed rates.pack
var packed string

// Embedded loads the cards that the program was built with, from the pack if it
// was made from this text, else from the text.
func Embedded(today string, base File) (*Set, error) {
	sum := hash(base.Text)
	if doc, err := unpack(packed, sum); err == nil {
		return indexed(doc, sum), nil
	}
	return Load(today, base)
}

// PackIsCurrent says whether a pack was made from this text of rates.toml, for a
// program with these card types.
func PackIsCurrent(pack, text string) bool { return strings.HasPrefix(pack, packHeader(hash(text))) }

// EmbeddedIsCurrent says whether the embedded pack was made from this text.
func EmbeddedIsCurrent(text string) bool { return PackIsCurrent(packed, text) }

// Pack reads and checks a full set of cards and returns its packed form.
func Pack(today string, base File) ([]byte, error) {
	s, err := Load(today, base)
	if err != nil {
		return nil, err
	}
	b := []byte(packHeader(s.sha256))
	return pack(b, reflect.ValueOf(*s.doc)), nil
}

// packHeader identifies the format, the text, and the Go types of the document.
// A pack made with other types does not load.
func packHeader(sum string) string {
	return "keynest cards 1 " + sum + " " + hash(shape(reflect.TypeFor[document]()))[:16] + "\n"
}

func unpack(data, sum string) (*document, error) {
	header := packHeader(sum)
	if len(data) < len(header) || data[:len(header)] != header {
		return nil, errors.New("made from other cards")
	}
	doc := &document{}
	d := unpacker{data: data, at: len(header)}
	d.value(reflect.ValueOf(doc).Elem())
	if d.broken || d.at != len(data) {
		return nil, errors.New("broken")
	}
	return doc, nil
}

// shape writes out a type with all of its fields.
func shape(t reflect.Type) string {
	var b strings.Builder
	spell(&b, t)
	return b.String()
}

func spell(b *strings.Builder, t reflect.Type) {
	b.WriteString(t.Kind().String())
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.Tag.Get("pack") != "-" {
				b.WriteString(" " + f.Name + ":")
				spell(b, f.Type)
			}
		}
		b.WriteString(";")
	case reflect.Map, reflect.Pointer, reflect.Slice:
		b.WriteString(" ")
		spell(b, t.Elem())
	}
}

// pack appends a value: of a struct the fields that are set, each after its
// number; of a map the entries in order of key; strings and lists after their
// length.
func pack(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.String:
		b = binary.AppendUvarint(b, uint64(v.Len()))
		return append(b, v.String()...)
	case reflect.Int, reflect.Int64:
		return binary.AppendVarint(b, v.Int())
	case reflect.Bool:
		if v.Bool() {
			return append(b, 1)
		}
		return append(b, 0)
	case reflect.Pointer:
		return pack(b, v.Elem())
	case reflect.Slice:
		b = binary.AppendUvarint(b, uint64(v.Len()))
		for i := range v.Len() {
			b = pack(b, v.Index(i))
		}
		return b
	case reflect.Map:
		keys := v.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
		b = binary.AppendUvarint(b, uint64(len(keys)))
		for _, k := range keys {
			b = pack(pack(b, k), v.MapIndex(k))
		}
		return b
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); !f.IsZero() && v.Type().Field(i).Tag.Get("pack") != "-" {
				b = pack(binary.AppendUvarint(b, uint64(i+1)), f)
			}
		}
		return append(b, 0)
	}
	panic(fmt.Sprintf("a card cannot hold a %s", v.Type()))
}

// unpacker reads what pack wrote. Strings share memory with the packed text.
type unpacker struct {
	data   string
	at     int
	broken bool
}

func (d *unpacker) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(d.text())
	case reflect.Int, reflect.Int64:
		// Zigzag encoding, as in binary.AppendVarint.
		n := d.number()
		v.SetInt(int64(n>>1) ^ -int64(n&1))
	case reflect.Bool:
		v.SetBool(d.number() == 1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(v.Elem())
	case reflect.Slice:
		n := d.length()
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			d.value(v.Index(i))
		}
	case reflect.Map:
		n := d.length()
		v.Set(reflect.MakeMapWithSize(v.Type(), n))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		for range n {
			key.SetString(d.text())
			value.SetZero()
			d.value(value)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for {
			i := d.number()
			if i == 0 || d.broken {
				return
			}
			if i > uint64(v.NumField()) {
				d.broken = true
				return
			}
			d.value(v.Field(int(i) - 1))
		}
	default:
		d.broken = true
	}
}

// number reads an unsigned varint.
func (d *unpacker) number() uint64 {
	var n uint64
	for i := 0; d.at+i < len(d.data) && i < binary.MaxVarintLen64; i++ {
		c := d.data[d.at+i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			d.at += i + 1
			return n
		}
	}
	d.broken, d.at = true, len(d.data)
	return 0
}

// length reads the number of elements, each of which takes at least one byte.
func (d *unpacker) length() int {
	n := d.number()
	if n > uint64(len(d.data)-d.at) {
		d.broken, d.at = true, len(d.data)
		return 0
	}
	return int(n)
}

func (d *unpacker) text() string {
	n := d.length()
	d.at += n
	return d.data[d.at-n : d.at]
}
