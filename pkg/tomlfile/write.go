package tomlfile

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/safetext"
)

// Quote writes a text as a basic string of one line (TOML 1.0, "String"), which
// reads back as the same text: characters that do not print are escaped. Bytes
// that are not UTF-8, which TOML cannot have, become "?".
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, "?") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case safetext.Bad(r):
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// Key writes a key, bare if it may be (TOML 1.0, "Keys"), else quoted.
func Key(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == "" {
		return s
	}
	return Quote(s)
}
