// Package tomlfile reads TOML strictly and within bounds: unknown keys are
// errors, hostile nesting and size are refused before a parser meets them,
// a byte order mark and Windows line ends are accepted. Every TOML file that
// KeyNest reads comes through here, and so does every text that it writes into one.
package tomlfile

import (
	"encoding"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"github.com/keynest/keynest/pkg/safetext"
)

// MaxBytes is the largest file that is read. The embedded cards are a twentieth of it.
const MaxBytes = 8 << 20

// maxDepth bounds nested arrays and inline tables, maxParts the parts of one
// dotted key; the parser recurses on the first and copies the second.
const (
	maxDepth = 32
	maxParts = 32
)

// maxEntries bounds keys, tables and elements of arrays together. The parser
// keeps about 1.4 kB for each, so this many are 140 MB; the embedded cards have a
// seventh of it.
const maxEntries = 100_000

// Read takes a whole file from r, or says why it cannot be a TOML file.
func Read(name string, r io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	if len(data) > MaxBytes {
		return "", fmt.Errorf("%s: larger than %d MiB, which no file of this kind needs", name, MaxBytes>>20)
	}
	return string(data), nil
}

// Decode parses TOML text into a value. Keys that the value has no place for
// are an error that names all of them.
func Decode(name, text string, into any) error {
	text, extra, err := decode(name, text, into)
	if err == nil && len(extra) > 0 {
		err = fmt.Errorf("%s: unknown keys: %s", name, unknownKeys(text, extra))
	}
	return err
}

// decode parses the text and returns it without its byte order mark, and the
// keys that the value has no place for.
func decode(name, text string, into any) (string, []toml.Key, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	if strings.TrimSpace(text) == "" {
		return text, nil, fmt.Errorf("%s: the file is empty", name)
	}
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return text, nil, fmt.Errorf("%s: not a text file in UTF-8", name)
	}
	if err := bounded(text); err != nil {
		return text, nil, fmt.Errorf("%s: %w", name, err)
	}
	meta, err := toml.Decode(text, into)
	if err != nil {
		var parse toml.ParseError
		if errors.As(err, &parse) {
			return text, nil, fmt.Errorf("%s:%d: %s", name, parse.Position.Line, parse.Message)
		}
		return text, nil, fmt.Errorf("%s%s", name, mismatch(strings.TrimPrefix(err.Error(), "toml: ")))
	}
	if err := checkTexts(name, text, into); err != nil {
		return text, nil, err
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return text, extra, nil
	}
	known := fields{}
	for _, key := range meta.Keys() {
		// The parser leaves a map empty when a plain value stands in its place.
		if kind := meta.Type(key...); kind != "Hash" && kind != "ArrayHash" && known.wantTable(reflect.TypeOf(into), key) {
			return text, nil, fmt.Errorf("%s:%d: %s is a plain value; it must be a table, begun with [%s]", name, IndexLines(text).Of(key...), key, key)
		}
	}
	return text, nil, nil
}

// checkTexts refuses what no text of a file may hold: characters that do not
// print, and commands to the log of a CI system.
func checkTexts(name, text string, into any) (err error) {
	safetext.Walk(into, "toml", func(path []string, s string, key bool) bool {
		problem := safetext.Problem(s)
		if problem == "" {
			return true
		}
		what := strings.Join(path, ".")
		if key {
			what = "the key " + what
		}
		err = fmt.Errorf("%s:%d: %s %s", name, IndexLines(text).Of(path...), what, problem)
		return false
	})
	return err
}

// wrongTypes are how the parser words a value of another type than its key's: the
// line, the key, what it is and what it must be.
var wrongTypes = []*regexp.Regexp{
	regexp.MustCompile(`^line (?P<line>\d+) \(last key "(?P<key>.*)"\): type mismatch for .*: expected (?P<want>\w+) but found (?P<is>\w+)$`),
	regexp.MustCompile(`^line (?P<line>\d+) \(last key "(?P<key>.*)"\): incompatible types: TOML value has type (?P<is>\w+); destination has type (?P<want>\w+)$`),
}

// mismatch rewords that without the names of Go types.
func mismatch(text string) string {
	i := slices.IndexFunc(wrongTypes, func(re *regexp.Regexp) bool { return re.MatchString(text) })
	if i < 0 {
		return ": " + text
	}
	part := func(name string) string { return wrongTypes[i].ReplaceAllString(text, "${"+name+"}") }
	kind := func(s string) string {
		words := map[string]string{"int64": "a whole number", "integer": "a whole number", "float": "a number", "float64": "a number", "string": "a text", "bool": "true or false", "slice": "a list", "array": "a list", "Slice": "a list", "map": "a table"}[s]
		if words == "" {
			words = "a " + s
		}
		return words
	}
	return fmt.Sprintf(":%s: %s is %s; it must be %s", part("line"), part("key"), kind(part("is")), kind(part("want")))
}

// fields are the types that the keys of structs go to, as far as they were
// asked for: a file has thousands of keys and a handful of structs.
type fields map[reflect.Type]map[string]reflect.Type

// wantTable says whether a value of type t has a table at the key.
func (f fields) wantTable(t reflect.Type, key toml.Key) bool {
	t = f.at(t, key)
	return t != nil && (t.Kind() == reflect.Map || t.Kind() == reflect.Struct)
}

// at is the type of what stands at the key in a value of type t; nil where that
// has no such key, or reads what is there by a method of its own.
func (f fields) at(t reflect.Type, key toml.Key) reflect.Type {
	for {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if p := reflect.PointerTo(t); p.Implements(reflect.TypeFor[toml.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
			return nil
		}
		if len(key) == 0 {
			return t
		}
		switch t.Kind() {
		case reflect.Map:
			t = t.Elem()
		case reflect.Struct:
			field, ok := f.of(t)[key[0]]
			if !ok {
				return nil
			}
			t = field
		default:
			return nil
		}
		key = key[1:]
	}
}

// of lists the fields of a struct by key, embedded structs included.
func (f fields) of(t reflect.Type) map[string]reflect.Type {
	if f[t] == nil {
		f[t] = map[string]reflect.Type{}
		for _, field := range reflect.VisibleFields(t) {
			if key := field.Tag.Get("toml"); f[t][key] == nil {
				f[t][key] = field.Type
			}
		}
	}
	return f[t]
}

// unknownKeys names the first ten of some keys with their lines.
func unknownKeys(text string, keys []toml.Key) string {
	sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
	lines, more := IndexLines(text), ""
	if len(keys) > 10 {
		more = fmt.Sprintf(" and %d more", len(keys)-10)
		keys = keys[:10]
	}
	var places []string
	for _, key := range keys {
		place := key.String()
		if n := lines.Of(key...); n > 0 {
			place = fmt.Sprintf("%s (line %d)", place, n)
		}
		places = append(places, place)
	}
	return strings.Join(places, ", ") + more
}

// Lines knows on which line of a TOML text each table and key stands. It reads
// as much of the syntax as that takes; it serves messages, not parsing.
type Lines struct {
	first   map[string]int // by path, its parts joined with pathSep
	implied map[string]int // the first line below a table that has no line of its own
}

const pathSep = "\x00"

// Of is the line, counted from 1, of a key or table, else of the innermost
// table around it that the text names, else the first line below it, else 0.
func (l Lines) Of(path ...string) int {
	for _, lines := range []map[string]int{l.first, l.implied} {
		for n := len(path); n > 0; n-- {
			if line := lines[strings.Join(path[:n], pathSep)]; line > 0 {
				return line
			}
		}
	}
	return 0
}

// IndexLines walks a text once and notes where its tables and keys stand.
func IndexLines(text string) Lines {
	l := Lines{first: map[string]int{}, implied: map[string]int{}}
	var table []string
	depth, line := 0, 1 // depth of brackets: inside a value that spans lines no key begins
	for i := 0; i < len(text); {
		if depth <= 0 {
			depth = 0
			rest := strings.TrimLeft(text[i:], " \t")
			if header := strings.TrimLeft(rest, "["); len(header) < len(rest) {
				table = keyPath(header)
				l.note(table, line)
			} else if key := keyPath(rest); key != nil {
				l.note(append(table[:len(table):len(table)], key...), line)
			}
		}
		for ; i < len(text) && text[i] != '\n'; i++ {
			switch text[i] {
			case '#':
				i += len(lineOf(text[i:])) - 1
			case '"', '\'':
				end := skipString(text, i)
				line += strings.Count(text[i:end+1], "\n")
				i = end
			case '[', '{':
				depth++
			case ']', '}':
				depth--
			}
		}
		i++
		line++
	}
	return l
}

// note keeps the first line on which a path stands, or a longer one.
func (l Lines) note(path []string, line int) {
	joined := strings.Join(path, pathSep)
	if l.first[joined] == 0 {
		l.first[joined] = line
	}
	for joined != "" && l.implied[joined] == 0 {
		l.implied[joined] = line
		joined = joined[:max(0, strings.LastIndex(joined, pathSep))]
	}
}

// keyPath reads the parts of a dotted key at the start of a text; nil where
// none stands there.
func keyPath(s string) []string {
	var path []string
	for {
		s = strings.TrimLeft(s, " \t")
		n := len(s) - len(strings.TrimLeft(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"))
		part := s[:n]
		if s != "" && (s[0] == '"' || s[0] == '\'') {
			n = skipString(s, 0) + 1
			part = unquoted(s[:n])
		}
		if n == 0 {
			return path
		}
		path = append(path, part)
		s = strings.TrimLeft(s[n:], " \t")
		if !strings.HasPrefix(s, ".") {
			return path
		}
		s = s[1:]
	}
}

// unquoted is the text of a quoted key. The escapes of a basic string are left to
// the parser, which is the judge of what they mean.
func unquoted(key string) string {
	if key[0] == '"' && strings.Contains(key, `\`) {
		var read map[string]int
		if _, err := toml.Decode(key+" = 0", &read); err != nil {
			return key
		}
		for text := range read {
			return text
		}
	}
	return strings.TrimSuffix(key[1:], key[:1])
}

func lineOf(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// bounded walks the text outside strings and comments, counting how deep
// brackets nest and how many parts a dotted key has.
func bounded(text string) error {
	depth, parts, line, entries := 0, 0, 1, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\n':
			line, parts = line+1, 0
			if depth < 0 {
				depth = 0
			}
		case '#':
			i += len(lineOf(text[i:])) - 1
		case '"', '\'':
			end := skipString(text, i)
			line += strings.Count(text[i:end+1], "\n")
			i = end
		case '[', '{':
			depth++
			entries++
		case ']', '}':
			depth--
		case '.':
			parts++
		case '=', ',':
			parts = 0
			entries++
		}
		if entries > maxEntries {
			return fmt.Errorf("line %d: more than %d keys, tables and elements; split the file", line, maxEntries)
		}
		if depth > maxDepth {
			return fmt.Errorf("line %d: nested more than %d deep", line, maxDepth)
		}
		if parts > maxParts {
			return fmt.Errorf("line %d: a key of more than %d parts", line, maxParts)
		}
	}
	return nil
}

// skipString returns the index of the last byte of the string that opens at i;
// an unclosed one ends with its line, or with the text where it may span lines.
func skipString(text string, i int) int {
	quote := text[i : i+1]
	if long := strings.Repeat(quote, 3); strings.HasPrefix(text[i:], long) {
		for j := i + 3; j < len(text); j++ {
			if text[j] == '\\' && quote == `"` {
				j++
			} else if strings.HasPrefix(text[j:], long) {
				for j+3 < len(text) && text[j+3] == quote[0] {
					j++
				}
				return j + 2
			}
		}
		return len(text) - 1
	}
	for j := i + 1; j < len(text); j++ {
		switch {
		case text[j] == '\\' && quote == `"`:
			j++
		case text[j] == quote[0]:
			return j
		case text[j] == '\n':
			return j - 1
		}
	}
	return len(text) - 1
}
