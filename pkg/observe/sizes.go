package observe

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/unit"
)

// Sizes are what is known of the keys and values that are stored.
type Sizes struct {
	from     string // where it comes from, in words
	stored   int64  // keys in all databases; 0 where it is not known
	seen     int64  // keys of which at least the name is known
	nameSum  int64  // bytes of these names
	measured int64  // keys of which the value's size is known
	sum      int64  // bytes of these values
	most     int64  // the largest value, or the end of its range; 0 where it is not known
	seenMost int64  // bytes that a value has at least, by what was seen; 0 where sizes are those of memory
	spread   bool   // above and milli are known, not just the mean
	above    int64  // values above 1000 bytes
	milli    int64  // sum over the values of max(1000, bytes)
	mind     string // how far it can be trusted
}

// sizesBy begins the note about sizes.
const sizesBy = "sizes by "

// maxSizesFile is far above what redis-cli prints of any database.
const maxSizesFile = 16 << 20

// put adds n values of a size.
func (s *Sizes) put(n, bytes int64) {
	sum, err := unit.Mul(n, bytes)
	milli, err2 := unit.Mul(n, max(bytes, 1000))
	if err != nil || err2 != nil || s.measured > maxCounter-n {
		return
	}
	s.measured += n
	s.sum, s.milli = saturate(s.sum, sum), saturate(s.milli, milli)
	s.most, s.seenMost = max(s.most, bytes), max(s.seenMost, bytes)
	if bytes > 1000 {
		s.above += n
	}
}

// merge adds the sizes of another node.
func (s *Sizes) merge(o *Sizes) {
	s.from, s.mind = o.from, o.mind
	s.spread = o.spread && (s.spread || s.measured == 0)
	s.most, s.seenMost = max(s.most, o.most), max(s.seenMost, o.seenMost)
	for _, f := range []struct{ into, from *int64 }{
		{&s.stored, &o.stored}, {&s.seen, &o.seen}, {&s.nameSum, &o.nameSum}, {&s.measured, &o.measured},
		{&s.sum, &o.sum}, {&s.above, &o.above}, {&s.milli, &o.milli},
	} {
		*f.into = saturate(*f.into, *f.from)
	}
}

// mean is a ÷ b with a decimal, or "" where b is 0.
func mean(a, b int64) string {
	if b <= 0 {
		return ""
	}
	v, err := unit.MulDiv(uint64(a), 10, uint64(b))
	if err != nil {
		return ""
	}
	return unit.Rounded(v, 10, 1)
}

// share is a ÷ b with four decimals.
func share(a, b int64) string {
	v, err := unit.MulDiv(uint64(a), 1e4, uint64(max(b, 1)))
	if err != nil {
		return ""
	}
	return unit.Rounded(v, 1e4, 4)
}

// keysizes reads the section of Redis 8 with the sizes of strings, in powers of
// two: db0_distrib_strings_sizes:1=3,512=9,1K=2 counts the strings from 1 to 1, from
// 512 to 1023 and from 1024 to 2047 bytes. Other types have counts of items there.
func (in *Info) keysizes() *Sizes {
	s := &Sizes{
		from: "# Keysizes of INFO", stored: in.Keys, spread: true,
		mind: "strings only, by powers of two: each counts as the middle of its range",
	}
	for field, value := range in.fields {
		rest, ok := strings.CutPrefix(field, "db")
		if !ok || strings.TrimLeft(rest, "0123456789") != "_distrib_strings_sizes" {
			continue
		}
		for bin := range strings.SplitSeq(value, ",") {
			label, count, ok := strings.Cut(strings.TrimSpace(bin), "=")
			low, known := power(label)
			if n, isCount := whole(count); ok && known && isCount && n <= maxCounter {
				least := s.seenMost
				s.put(n, low+low/2)
				s.most, s.seenMost = max(s.most, 2*low-1), max(least, low)
			}
		}
	}
	if s.measured == 0 {
		return nil
	}
	return s
}

// power reads 512, 1K, 2M or 1.25K as redis-cli and INFO print sizes, in bytes.
func power(s string) (int64, bool) {
	scale := int64(1)
	s = strings.TrimSuffix(s, "B")
	for i, suffix := range []string{"K", "M", "G", "T", "P"} {
		if cut, ok := strings.CutSuffix(s, suffix); ok {
			s, scale = cut, 1<<(10*(i+1))
			break
		}
	}
	n, err := unit.Scaled(s, scale)
	return n, err == nil && n <= maxCounter
}

// ReadSizes reads what redis-cli or valkey-cli printed with --bigkeys, --memkeys or
// --keystats.
func ReadSizes(name string, r io.Reader) (*Sizes, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSizesFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(data) > maxSizesFile {
		return nil, badInput("%s is larger than %d MiB: not the output of redis-cli --bigkeys", name, maxSizesFile>>20)
	}
	text := plain(string(data))
	s := &Sizes{}
	switch {
	case strings.Contains(text, "Key size Percentile Total keys"):
		s.keystats(text)
	case strings.Contains(text, "Sampled ") && strings.Contains(text, " keys in the keyspace!"):
		s.bigkeys(text)
	default:
		first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
		return nil, badInput("%s is not the complete output of redis-cli --bigkeys, --memkeys or --keystats; it begins with %q", name, printable(strings.TrimSpace(first)))
	}
	if s.measured == 0 {
		return nil, badInput("%s measured no key: the database was empty or has no strings (redis-cli --memkeys measures every type)", name)
	}
	return s, nil
}

// bigkeys reads the summary of --bigkeys and --memkeys. The first measures strings
// only, in bytes of their values; the second every type, in bytes of memory.
func (s *Sizes) bigkeys(text string) {
	s.from = "redis-cli --bigkeys"
	s.mind = "strings only; a mean and the largest, without the sizes in between"
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		words := strings.Fields(line)
		switch {
		case len(words) > 4 && words[0] == "Sampled" && words[2] == "keys":
			s.stored, _ = whole(words[1])
			s.seen = s.stored
		case strings.HasPrefix(line, "Total key length in bytes is ") && len(words) > 6:
			s.nameSum, _ = whole(words[6])
		case len(words) > 5 && words[2] == "with":
			n, ok := whole(words[0])
			bytes, ok2 := whole(words[3])
			if !ok || !ok2 || words[4] != "bytes" || n == 0 || n > maxCounter || bytes > maxCounter {
				continue
			}
			if words[1] != "strings" {
				s.from, s.mind = "redis-cli --memkeys", "in bytes of memory, with the server's overhead; a mean and the largest, without the sizes in between"
			}
			s.measured, s.sum = saturate(s.measured, n), saturate(s.sum, bytes)
		case strings.HasPrefix(line, "Biggest ") && strings.HasSuffix(line, " bytes") && !strings.Contains(line, " found so far "):
			if n, ok := whole(words[len(words)-2]); ok {
				s.most = max(s.most, n)
			}
		}
	}
	if s.from == "redis-cli --bigkeys" {
		s.seenMost = s.most
	}
	if s.most > 0 && s.most <= 1000 { // then all of them cost the least
		s.spread, s.milli = true, s.measured*1000
	}
}

// keystats reads the table of percentiles of --keystats, in bytes of memory: each
// row has a size and how many keys are up to it.
func (s *Sizes) keystats(text string) {
	s.from, s.spread = "redis-cli --keystats", true
	s.mind = "in bytes of memory, with the server's overhead, by the rows of its table"
	inTable := false
	var size, upTo int64
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		words := strings.Fields(line)
		switch {
		case line == "Key size Percentile Total keys":
			inTable = true
		case strings.HasPrefix(line, "Note:"):
			inTable = false
			if _, rest, ok := strings.Cut(line, "Mean: "); ok {
				text, _, _ := strings.Cut(rest, ",")
				if each, ok := power(strings.TrimSpace(text)); ok {
					if sum, err := unit.Mul(each, s.measured); err == nil {
						s.sum = sum
					}
				}
			}
		case inTable && len(words) == 3 && strings.HasSuffix(words[1], "%"):
			to, ok := power(words[0])
			n, ok2 := whole(words[2])
			if !ok || !ok2 || n < upTo || to < size || n > maxCounter {
				continue
			}
			if upTo == 0 {
				size = to
			}
			s.put(n-upTo, size+(to-size)/2)
			s.most = max(s.most, to)
			size, upTo = to, n
		case strings.HasPrefix(line, "Keys sampled: "):
			s.stored, _ = whole(words[2])
			s.seen = s.stored
		case strings.HasPrefix(line, "Total key length is ") && len(words) > 4:
			s.nameSum, _ = power(words[4])
		}
	}
	s.seenMost = 0 // memory is more than the value
	if s.stored == 0 {
		s.stored = s.measured
	}
}

// Measured gives a workload the sizes of its keys and values: a note, a table of the
// observed commands, and the stored bytes where nothing else says them. They take the
// place of sizes that the server told.
func (r *Result) Measured(s *Sizes) {
	r.Sizes = s
	r.Notes = slices.DeleteFunc(r.Notes, func(n string) bool { return strings.HasPrefix(n, sizesBy) })
	above := ""
	if s.spread {
		above = fmt.Sprintf(", %s of them above 1 kB", percent(s.above, s.measured))
	}
	largest := ""
	if s.most > 0 {
		largest = ", the largest " + unit.FormatBytes(s.most)
	}
	names := ""
	if s.seen > 0 && s.nameSum > 0 {
		names = fmt.Sprintf(", names of %s B", mean(s.nameSum, s.seen))
	}
	r.note(sizesBy+"%s (%s): %d values of %s B on average%s%s%s; services limit the size of a value or a request",
		s.from, s.mind, s.measured, mean(s.sum, s.measured), above, largest, names)
	r.Figures = slices.DeleteFunc(r.Figures, func(f Figure) bool { return f.Key == "max_value_bytes" })
	if s.seenMost > 0 {
		r.figure("max_value_bytes", strconv.FormatInt(s.seenMost, 10), "a value of at least this size was seen, by "+s.from)
	}
	for i, f := range r.Figures {
		if f.Key != "stored_bytes" || f.Value != "" || s.stored == 0 {
			continue
		}
		each := int64(0)
		if s.seen > 0 {
			each = s.nameSum / s.seen
		}
		bytes, err := unit.MulDiv(uint64(s.sum), uint64(s.stored), uint64(s.measured))
		more, err2 := unit.Mul(each, s.stored)
		if err == nil && err2 == nil {
			r.Figures[i] = Figure{"stored_bytes", strconv.FormatInt(saturate(bytes, more), 10), "keys × the mean size of key and value, by " + s.from}
		}
	}
}

// write prints the sizes as a table of the observed workload.
func (s *Sizes) write(b *strings.Builder, table string) {
	fmt.Fprintf(b, "\n# %s: %s\n[%s.observed.sizes]\nkeys = %d\nmeasured = %d\n", s.from, s.mind, table, s.stored, s.measured)
	if s.seen > 0 && s.nameSum > 0 {
		fmt.Fprintf(b, "key_bytes = %q\n", mean(s.nameSum, s.seen))
	}
	fmt.Fprintf(b, "value_bytes = %q\n", mean(s.sum, s.measured))
	if s.most > 0 {
		fmt.Fprintf(b, "max_bytes = %d\n", s.most)
	}
	if s.spread {
		kB, err := unit.MulDiv(uint64(s.milli), 1, uint64(s.measured))
		if err == nil {
			fmt.Fprintf(b, "above_1_kb = %q\nmean_kb = %q\n", share(s.above, s.measured), unit.Rounded(kB, 1000, 3))
		}
	}
}

// keysizes are the sizes of values that the primaries tell, where all do.
func (d *derivation) keysizes() *Sizes {
	all := &Sizes{}
	for _, s := range d.primaries {
		sizes := s.last.keysizes()
		if sizes == nil {
			return nil
		}
		all.merge(sizes)
	}
	return all
}
