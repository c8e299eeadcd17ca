package observe

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/tomlfile"
)

// WriteTOML writes the workload as a file that keynest estimate --workload
// reads, each figure after a comment with the fields that it comes from.
func (r *Result) WriteTOML(w io.Writer, name string) error {
	b := &strings.Builder{}
	for _, line := range r.About {
		fmt.Fprintf(b, "# %s\n", line)
	}
	table := "workload." + tomlfile.Key(name)
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
					fmt.Fprintf(b, "%s = %d\n", tomlfile.Key(command), n)
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

func isInteger(s string) bool {
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil
}
