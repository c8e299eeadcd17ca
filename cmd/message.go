package cmd

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxWord is how many bytes of a word without blanks a message repeats: an
// argument or a key can have a megabyte.
const maxWord = 200

// sayable makes a message safe to print on a terminal and in the log of a CI
// system, whatever names it repeats: control and direction characters are
// escaped, a line cannot begin with a workflow command, and long words are cut.
func sayable(message string) string {
	var b strings.Builder
	for i, line := range strings.Split(message, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		line = escaped(line)
		if trimmed := strings.TrimLeft(line, " \t"); strings.HasPrefix(trimmed, "::") {
			line = line[:len(line)-len(trimmed)] + `\` + trimmed
		}
		b.WriteString(strings.ReplaceAll(line, "##[", `##\[`))
	}
	return b.String()
}

// escaped writes what does not print as in a Go string, and cuts long words.
func escaped(line string) string {
	var b strings.Builder
	word := 0 // bytes since the last blank
	for i, r := range line {
		switch {
		case r == ' ':
			word = 0
		case word > maxWord:
			continue
		}
		start := b.Len()
		switch {
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(line[i:]); size == 1 {
				fmt.Fprintf(&b, `\x%02x`, line[i])
			} else {
				b.WriteRune(r)
			}
		case r == ' ' || unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		if r != ' ' {
			if word += b.Len() - start; word > maxWord {
				b.WriteString("…")
			}
		}
	}
	return b.String()
}
