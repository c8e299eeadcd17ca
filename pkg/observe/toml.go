package observe

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/safetext"
)

// WriteTOML writes the workload as a file that keynest estimate --workload
// reads, each figure after a comment with the fields that it comes from.
func (r *Result) WriteTOML(w io.Writer, name string) error {
	b := &strings.Builder{}
	for _, line := range r.About {
		fmt.Fprintf(b, "# %s\n", line)
	}
	table := "workload." + key(name)
	fmt.Fprintf(b, "[%s]\n", table)
	for _, f := range r.Figures {
		switch {
		case f.Value == "":
			fmt.Fprintf(b, "# %s is unknown: %s\n", f.Key, f.From)
		case isInteger(f.Value):
			fmt.Fprintf(b, "# %s\n%s = %s\n", f.From, f.Key, f.Value)
		default:
			fmt.Fprintf(b, "# %s\n%s = %q\n", f.From, f.Key, f.Value)
		}
	}
	if len(r.Counts) > 0 {
		fmt.Fprintf(b, "\n# calls and microseconds by command, as counted; each vendor bills them by its own rules\n")
		fmt.Fprintf(b, "[%s.observed]\nseconds = %q\n", table, r.Seconds)
		if r.FanOut > 0 {
			fmt.Fprintf(b, "# bytes that went to subscribers\nfan_out_bytes = %d\n", r.FanOut)
		}
		for _, t := range []struct {
			name   string
			counts map[string]int64
		}{{"counts", r.Counts}, {"usec", r.Usec}} {
			fmt.Fprintf(b, "\n[%s.observed.%s]\n", table, t.name)
			for _, command := range slices.Sorted(maps.Keys(t.counts)) {
				if n := t.counts[command]; n > 0 && r.Counts[command] > 0 {
					fmt.Fprintf(b, "%s = %d\n", key(command), n)
				}
			}
		}
		if r.Sizes != nil {
			r.Sizes.write(b, table)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// key writes a TOML key, bare where it may be.
func key(s string) string {
	bare := s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
	if bare {
		return s
	}
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

func isInteger(s string) bool {
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil
}
