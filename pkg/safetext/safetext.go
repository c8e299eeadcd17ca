// Package safetext says which text from outside may enter a report, and makes any
// text safe to print. Cards, workload files, keynest.toml, reports, INFO replies
// and exports are written by others; a terminal, the log of a CI system, a
// spreadsheet and a reader must not take a part of them for something else.
//
// The rules: no character that controls a terminal or the direction of text; no
// workflow command, which GitHub reads from a line that begins with :: and from
// ##[ anywhere (actions/runner, ActionCommand.cs); no formula in a CSV cell
// (OWASP, CSV Injection).
package safetext

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxWord is how many bytes of a word without blanks a message repeats: an
// argument or a key can have a megabyte.
const MaxWord = 200

// MaxLine and MaxLines bound a message that lists what a file has, such as the
// columns of a table or its problems: a file can have a million of them.
const (
	MaxLine  = 4000 // bytes
	MaxLines = 200
)

// maxID is the longest id, in bytes.
const maxID = 100

// Bad says whether a character does not print: controls (C0, DEL, C1), marks of
// direction, line and paragraph separators, and other invisible format
// characters. Joiners are taken, since some scripts need them.
func Bad(r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d'
	if r == zeroWidthNonJoiner || r == zeroWidthJoiner {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs)
}

// Problem says what a text from outside may not hold, in words that follow the
// name of the text; "" where it is fine. Line ends and tabs are.
func Problem(s string) string {
	for i, r := range s {
		if _, size := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && size == 1 {
			return "is not UTF-8"
		}
		if Bad(r) && r != '\n' && r != '\t' && (r != '\r' || !strings.HasPrefix(s[i:], "\r\n")) {
			return fmt.Sprintf("holds the character %U, which does not print; leave it out", r)
		}
	}
	if strings.Contains(s, "##[") {
		return `holds "##[", which begins a command in the log of a CI system; leave it out`
	}
	for line := range strings.SplitSeq(s, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "::") {
			return `begins a line with "::", which is a command in the log of a CI system; leave it out`
		}
	}
	return ""
}

// LineProblem is Problem for a text of one line, such as a name.
func LineProblem(s string) string {
	if strings.ContainsAny(s, "\r\n\t") {
		return "holds a line end or a tab; write it on one line with blanks"
	}
	return Problem(s)
}

// IsID says whether a text is an id: 1 to 100 of a to z, A to Z (Azure's plans are
// called B0 and A1000), 0 to 9, ".", "_" and "-".
func IsID(s string) bool {
	return s != "" && len(s) <= maxID && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}

// Line makes a text safe as a part of one line: line ends and tabs become blanks,
// other characters that do not print are written as in a Go string, and a
// workflow command is broken by a backslash.
func Line(s string) string {
	if !needs(s) {
		return s
	}
	s = strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ").Replace(s)
	return uncommand(escape(s, 0))
}

// needs says whether a text has anything for Line to change.
func needs(s string) bool {
	return strings.ContainsFunc(s, Bad) || strings.Contains(s, "::") || strings.Contains(s, "##[") || !utf8.ValidString(s)
}

// uncommand breaks what a log could take for a command: :: at the start or after
// white space, where a line may be wrapped, and ##[ anywhere. GitHub's runner skips
// white space of every kind at the start of a line.
func uncommand(s string) string {
	s = strings.ReplaceAll(s, "##[", `##\[`)
	if !strings.Contains(s, "::") {
		return s
	}
	var b strings.Builder
	begins := true
	for i, r := range s {
		if begins && strings.HasPrefix(s[i:], "::") {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
		begins = unicode.IsSpace(r)
	}
	return b.String()
}

// Message makes a message of several lines safe for a terminal and a log,
// whatever names it repeats. Words of more than MaxWord bytes are cut, lines of
// more than MaxLine, and the message after MaxLines lines.
func Message(message string) string {
	lines := strings.Split(message, "\n")
	if more := len(lines) - MaxLines; more > 0 {
		lines = append(lines[:MaxLines], fmt.Sprintf("… and %d more lines", more))
	}
	for i, line := range lines {
		lines[i] = uncommand(cut(escape(line, MaxWord), MaxLine))
	}
	return strings.Join(lines, "\n")
}

// cut shortens a line of more than so many bytes, between two letters.
func cut(line string, longest int) string {
	if len(line) <= longest {
		return line
	}
	for longest > 0 && !utf8.RuneStart(line[longest]) {
		longest--
	}
	return line[:longest] + " …"
}

// escape writes what does not print as in a Go string, and cuts words of more
// than longest bytes; 0 cuts none.
func escape(line string, longest int) string {
	var b strings.Builder
	word := 0 // bytes since the last blank
	for i, r := range line {
		switch {
		case r == ' ':
			word = 0
		case longest > 0 && word > longest:
			continue
		}
		start := b.Len()
		switch _, size := utf8.DecodeRuneInString(line[i:]); {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, line[i])
		case !Bad(r):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		if r != ' ' {
			if word += b.Len() - start; longest > 0 && word > longest {
				b.WriteString("…")
			}
		}
	}
	return b.String()
}

// Cell makes a text safe as a cell of a CSV file: what a spreadsheet would run as
// a formula gets an apostrophe in front. Numbers stay as they are.
func Cell(s string) string {
	s = Line(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) && !isNumber(s) {
		return "'" + s
	}
	return s
}

// isNumber says whether a text is a plain decimal number with or without a sign.
func isNumber(s string) bool {
	digits := strings.TrimLeft(s, "+-")
	whole, fraction, point := strings.Cut(digits, ".")
	return len(s)-len(digits) <= 1 && isDigits(whole) && (!point || isDigits(fraction))
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// JSON makes the text of a JSON document safe: what does not print stands in it
// as \u escapes, which every reader takes for the same.
func JSON(text []byte) []byte {
	s := string(text)
	if !strings.ContainsFunc(s, func(r rune) bool { return Bad(r) && r != '\n' }) && !strings.Contains(s, "##[") {
		return text
	}
	var b strings.Builder
	for _, r := range strings.ReplaceAll(s, "##[", `#\u0023[`) {
		switch {
		case !Bad(r) || r == '\n':
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return []byte(b.String())
}
