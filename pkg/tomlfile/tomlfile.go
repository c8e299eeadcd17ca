// Package tomlfile reads TOML strictly and within bounds: unknown keys are
// errors, hostile nesting and size are refused before a parser meets them,
// a byte order mark and Windows line ends are taken. Every TOML file that
// KeyNest reads comes through here.
package tomlfile

import (
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// MaxBytes is the largest file that is read. The embedded cards are a twentieth of it.
const MaxBytes = 8 << 20

// maxDepth bounds nested arrays and inline tables, maxParts the parts of one
// dotted key; the parser recurses on the first and copies the second.
const (
	maxDepth = 32
	maxParts = 32
)

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
	text = strings.TrimPrefix(text, "\ufeff")
	if strings.TrimSpace(text) == "" {
		return fmt.Errorf("%s: the file is empty", name)
	}
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return fmt.Errorf("%s: not a text file in UTF-8", name)
	}
	if err := bounded(text); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	meta, err := toml.Decode(text, into)
	if err != nil {
		var parse toml.ParseError
		if errors.As(err, &parse) {
			return fmt.Errorf("%s:%d: %s", name, parse.Position.Line, parse.Message)
		}
		return fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "toml: "))
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		var places []string
		for _, key := range extra {
			place := key.String()
			if n := Line(text, key...); n > 0 {
				place = fmt.Sprintf("%s (line %d)", place, n)
			}
			places = append(places, place)
		}
		sort.Strings(places)
		more := ""
		if len(places) > 10 {
			more = fmt.Sprintf(" and %d more", len(places)-10)
			places = places[:10]
		}
		return fmt.Errorf("%s: unknown keys: %s%s", name, strings.Join(places, ", "), more)
	}
	return nil
}

// Line finds the line, counted from 1, on which a key or its table stands, or
// 0. It reads headers and keys as people write them, one to a line; it serves
// messages, not parsing.
func Line(text string, path ...string) int {
	for n := len(path); n > 0; n-- {
		header := dotted(path[:n])
		at := 0
		for i, line := range strings.Split(text, "\n") {
			line = strings.TrimSpace(line)
			if at == 0 {
				if line == "["+header+"]" || line == "[["+header+"]]" {
					at = i + 1
					if n == len(path) {
						return at
					}
				} else if n == 1 && len(path) == 1 && isKey(line, path[0]) {
					return i + 1
				}
				continue
			}
			if strings.HasPrefix(line, "[") && !strings.HasPrefix(line, "[\"") || isKey(line, path[n]) {
				if isKey(line, path[n]) {
					return i + 1
				}
				break
			}
		}
		if at > 0 {
			return at
		}
	}
	return 0
}

func isKey(line, key string) bool {
	for _, form := range []string{key, `"` + key + `"`} {
		rest, ok := strings.CutPrefix(line, form)
		if rest = strings.TrimLeft(rest, " \t"); ok && (strings.HasPrefix(rest, "=") || strings.HasPrefix(rest, ".")) {
			return true
		}
	}
	return false
}

func dotted(path []string) string { return toml.Key(path).String() }

// bounded walks the text outside strings and comments, counting how deep
// brackets nest and how many parts a dotted key has.
func bounded(text string) error {
	depth, parts, line := 0, 0, 1
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\n':
			line, parts = line+1, 0
			if depth < 0 {
				depth = 0
			}
		case '#':
			for i+1 < len(text) && text[i+1] != '\n' {
				i++
			}
		case '"', '\'':
			end := skipString(text, i)
			line += strings.Count(text[i:end+1], "\n")
			i = end
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '.':
			parts++
		case '=', ',':
			parts = 0
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
