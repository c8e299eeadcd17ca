package tomlfile

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"
)

// maxProblems is how many problems of a file are told.
const maxProblems = 10

type problem struct {
	line int // 0 for the whole file
	text string
}

// Problems gathers what is wrong with a file, each with its line and table.
type Problems struct {
	name, text string
	root       reflect.Type
	known      fields
	lines      *Lines // once one is asked for
	list       []problem
}

// DecodeAll parses TOML text into a value, as Decode does. Only what a parser
// cannot read is an error: unknown keys and what the fields of types Text, Texts,
// Decimal, Whole and Days hold against their values are gathered, for the caller
// to add to. The value's own tables must be structs or maps of structs.
func DecodeAll(name, text string, into any) (*Problems, error) {
	text, extra, err := decode(name, text, into)
	if err != nil {
		return nil, err
	}
	p := &Problems{name: name, text: text, root: reflect.TypeOf(into), known: fields{}}
	sort.Slice(extra, func(i, j int) bool { return extra[i].String() < extra[j].String() })
	var told toml.Key
	for _, key := range extra {
		if key = p.unknown(key); slices.Equal(key, told) {
			continue
		}
		told = key
		p.Add(key, "unknown key %q; known: %s", key[len(key)-1], strings.Join(p.keysAt(key[:len(key)-1]), ", "))
	}
	p.walk(nil, reflect.ValueOf(into))
	return p, nil
}

// unknown is the outermost part of an unknown key that is unknown itself: of the
// keys of an unknown table, the table.
func (p *Problems) unknown(key toml.Key) toml.Key {
	for n := 1; n < len(key); n++ {
		if t := p.known.at(p.root, key[:n-1]); t != nil && t.Kind() == reflect.Struct && p.known.of(t)[key[n-1]] == nil {
			return key[:n]
		}
	}
	return key
}

// keysAt lists the keys that a table may have.
func (p *Problems) keysAt(table toml.Key) []string {
	t := p.known.at(p.root, table)
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	var keys []string
	for key := range p.known.of(t) {
		if key != "" {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	return keys
}

// walk asks each value of the decoded file what is wrong with it, in order of
// keys.
func (p *Problems) walk(path []string, v reflect.Value) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	if v.CanAddr() {
		if value, ok := v.Addr().Interface().(value); ok {
			if wrong := value.wrong(); wrong != "" {
				key := path[len(path)-1]
				p.Add(path, "%s %s", key, strings.Replace(wrong, "KEY", key, 1))
			}
			return
		}
	}
	switch v.Kind() {
	case reflect.Map:
		keys := v.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
		for _, key := range keys {
			entry := reflect.New(v.Type().Elem()).Elem() // an entry of a map has no address
			entry.Set(v.MapIndex(key))
			p.walk(append(path[:len(path):len(path)], key.String()), entry)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			switch f := v.Type().Field(i); {
			case f.Anonymous:
				p.walk(path, v.Field(i))
			case f.IsExported() && f.Tag.Get("toml") != "":
				p.walk(append(path[:len(path):len(path)], f.Tag.Get("toml")), v.Field(i))
			}
		}
	default:
	}
}

// Add notes a problem with what stands at a path of keys, or with the whole file.
func (p *Problems) Add(path []string, format string, args ...any) {
	if p.lines == nil {
		lines := IndexLines(p.text)
		p.lines = &lines
	}
	place, line := p.name, p.lines.Of(path...)
	if line > 0 {
		place += fmt.Sprintf(":%d", line)
	}
	if len(path) > 0 {
		switch t := p.known.at(p.root, path[:1]); {
		case t != nil && t.Kind() == reflect.Map && len(path) > 1:
			place += fmt.Sprintf(": %s %q", path[0], path[1])
		case t != nil && t.Kind() == reflect.Struct:
			place += fmt.Sprintf(": [%s]", path[0])
		}
	}
	p.list = append(p.list, problem{line, place + ": " + fmt.Sprintf(format, args...)})
}

// Err names the problems in the order of their lines; nil without one.
func (p *Problems) Err() error {
	if len(p.list) == 0 {
		return nil
	}
	sort.SliceStable(p.list, func(i, j int) bool {
		a, b := p.list[i].line, p.list[j].line
		return a != b && a != 0 && (b == 0 || a < b)
	})
	var texts []string
	for _, problem := range p.list {
		texts = append(texts, problem.text)
	}
	if n := len(texts); n > maxProblems {
		texts = append(texts[:maxProblems], fmt.Sprintf("and %d more problems", n-maxProblems))
	}
	return errors.New(strings.Join(texts, "\n"))
}
