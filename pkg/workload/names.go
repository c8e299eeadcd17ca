package workload

import (
	"fmt"
	"strings"
	"unicode"
)

// maxName is the longest name that Names makes, in bytes, without its number.
const maxName = 90

// Names makes the names of the workloads of a new keynest.toml. The zero value
// is ready to use.
type Names struct{ taken map[string]bool }

// Name makes a name that a keynest.toml may have from a text such as the name of
// a cache or a Terraform address, or "cache" if nothing of it is left. Characters
// that do not print, quotes and those of a pattern become "-"; the end of a long
// text is kept. A name that was made before gets a number.
func (n *Names) Name(text string) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune("*?[]\\\"'", r) || !unicode.IsPrint(r) {
			return '-'
		}
		return r
	}, strings.Join(strings.Fields(strings.ToValidUTF8(text, "-")), " "))
	name = strings.ReplaceAll(name, "::", "-")
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[len(name)-maxName:], "")
	}
	name = strings.Trim(strings.ReplaceAll(name, "--", "-"), "- ")
	if name == "" {
		name = "cache"
	}
	one := name
	for i := 2; n.taken[one]; i++ {
		one = fmt.Sprintf("%s-%d", name, i)
	}
	if n.taken == nil {
		n.taken = map[string]bool{}
	}
	n.taken[one] = true
	return one
}
