package observe

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// maxSaved is the longest file of saved replies: two samples of 500 nodes, at
// 30 kB each. Larger clusters save a file for each node.
const maxSaved = 32 << 20

// maxSavedReplies bounds the replies of one file: two of each node.
const maxSavedReplies = 2 * maxNodes

// maxPrefix is the longest log prefix, in bytes.
const maxPrefix = 512

// maxPrefixes bounds the log prefixes of one file, which are tried on each line.
const maxPrefixes = 64

// ReadReplies reads a file with one or more replies to INFO: as redis-cli
// writes them one after the other, as redis-cli --cluster call writes them,
// each line with the prefix of a log, or what redis_exporter publishes on
// /metrics. They come in the order of the file.
func ReadReplies(name string, r io.Reader) ([]*Info, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSaved+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(data) > maxSaved {
		return nil, badInput("%s is larger than %d MiB: not saved replies to INFO", name, maxSaved>>20)
	}
	text := plain(string(data))
	if isExposition(text) {
		in, err := parseExposition(name, text)
		return []*Info{in}, err
	}
	streams, err := withoutPrefix(name, text)
	if err != nil {
		return nil, err
	}
	var chunks []chunk
	for _, s := range streams {
		chunks = append(chunks, split(s)...)
	}
	if len(chunks) > maxSavedReplies {
		return nil, badInput("%s holds more than %d replies to INFO", name, maxSavedReplies)
	}
	if len(chunks) == 0 {
		chunks = []chunk{{text: text}} // for ParseInfo to say what is wrong
	}
	var replies []*Info
	for i, c := range chunks {
		called := name
		switch {
		case c.of != "":
			called = name + ", " + printable(c.of)
		case len(chunks) > 1:
			called = fmt.Sprintf("%s, reply %d", name, i+1)
		}
		if strings.HasPrefix(strings.TrimSpace(c.text), "Failed!") {
			return nil, unfit("%s: the node did not answer (Failed!), so its commands are missing; save the replies again", called)
		}
		if len(c.text) > MaxInfoBytes {
			return nil, badInput("%s is larger than %d MiB: not a reply to INFO", called, MaxInfoBytes>>20)
		}
		in, err := ParseInfo(called, c.text)
		if err != nil {
			return nil, err
		}
		in.of = c.of
		replies = append(replies, in)
	}
	return replies, nil
}

// chunk is the text of one reply.
type chunk struct {
	of   string // the node: its address, or the prefix of its log lines; or ""
	text string
}

// callHeading matches what redis-cli --cluster call writes before each reply.
var callHeading = regexp.MustCompile(`^(\[?[A-Za-z0-9_.:-]+\]?:[0-9]{1,5}): (\S.*)$`)

// split cuts a text into replies: at the heading of --cluster call, at the
// length of the protocol, and where the first section begins again.
func split(s chunk) []chunk {
	var chunks []chunk
	var b strings.Builder
	of, first, seen := s.of, firstSection(s.text), false
	end := func() {
		if strings.ContainsRune(b.String(), ':') || strings.HasPrefix(b.String(), "Failed!") {
			chunks = append(chunks, chunk{of, b.String()})
		}
		b.Reset()
		seen = false
	}
	for line := range strings.Lines(s.text) {
		body := strings.TrimRight(line, "\n") // with the CR, for the length of the reply
		if m := callHeading.FindStringSubmatch(body); m != nil && (strings.HasPrefix(m[2], "# ") || strings.HasPrefix(m[2], "Failed!") || strings.HasPrefix(m[2], "redis_version:")) {
			end()
			of, body = m[1], m[2]
		}
		switch title := section(body); {
		case strings.HasPrefix(body, "$") && isWhole(strings.TrimSpace(body[1:])):
			end()
		case title != "" && title == first:
			if seen {
				end()
			}
			seen = true
		}
		b.WriteString(body)
		b.WriteByte('\n')
	}
	end()
	return chunks
}

func isWhole(s string) bool { _, ok := whole(s); return ok && s != "" }

// section is the title of a section's heading, in lower case, or "".
func section(line string) string {
	title, ok := strings.CutPrefix(strings.TrimSpace(line), "#")
	if !ok {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(title))
}

// firstSection is the section that begins a reply: "server", or in replies
// without it the first one of the text.
func firstSection(text string) string {
	first := ""
	for line := range strings.Lines(text) {
		if m := callHeading.FindStringSubmatch(strings.TrimRight(line, "\r\n")); m != nil {
			line = m[2]
		}
		title := section(line)
		if title == "server" {
			return title
		}
		if first == "" {
			first = title
		}
	}
	return first
}

// anchor matches a line that has a field of INFO after the prefix of a log.
var anchor = regexp.MustCompile(`^(.*[^A-Za-z0-9_])(?:redis_version|valkey_version|run_id|tcp_port|uptime_in_seconds|used_memory|connected_clients|total_commands_processed|cmdstat_[a-z|-]+):`)

// withoutPrefix takes the prefix of a log off each line, and gives the lines of
// each source (a pod, a container) apart. Times may differ from line to line;
// everything else in the prefix may not.
func withoutPrefix(name, text string) ([]chunk, error) {
	var shapes []prefix
	for line := range strings.Lines(text) {
		m := anchor.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if strings.HasPrefix(m[1], `{"`) {
			return nil, badInput("%s is a log in JSON; save plain text: docker logs CONTAINER > FILE, or redis-cli INFO all > FILE", name)
		}
		p := newPrefix(m[1])
		if p.text == "" {
			continue
		}
		if i := slices.IndexFunc(shapes, func(q prefix) bool { return q.text == p.text }); i >= 0 {
			shapes[i].lines++
			continue
		}
		if len(shapes) == maxPrefixes {
			return nil, badInput("%s has more than %d log prefixes; save the replies without them: redis-cli INFO all > FILE", name, maxPrefixes)
		}
		shapes = append(shapes, p)
	}
	// What stands before one line alone is the heading of --cluster call.
	shapes = slices.DeleteFunc(shapes, func(p prefix) bool { return p.lines < 2 })
	if len(shapes) == 0 {
		return []chunk{{text: text}}, nil
	}
	bodies := make([]strings.Builder, len(shapes))
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		at := -1
		for i, p := range shapes {
			if rest, ok := p.cut(line); ok {
				bodies[i].WriteString(rest)
				bodies[i].WriteByte('\n')
				at = i
				break
			}
		}
		if at < 0 && strings.TrimSpace(line) != "" {
			return nil, badInput("%s: line %d does not begin with the log prefix %q of the others; save the reply without it: redis-cli INFO all > FILE",
				name, n, printable(strings.TrimSpace(shapes[0].example)))
		}
	}
	var chunks []chunk
	for i, p := range shapes {
		of := ""
		if len(shapes) > 1 {
			of = strings.TrimSpace(p.example)
		}
		chunks = append(chunks, chunk{of, bodies[i].String()})
	}
	return chunks, nil
}

// prefix is what stands before each line of a log.
type prefix struct {
	example string
	head    string // what it begins with in every line
	text    string // its expression
	match   *regexp.Regexp
	short   *regexp.Regexp // a line with nothing after it, its blanks trimmed
	lines   int            // how many lines with a known field have it
}

// moment matches what a log writes of a time, or a counter of lines: digits
// with the signs of a date or a clock.
var moment = regexp.MustCompile(`[0-9]+(?:[-/:.,T+][0-9]+)+Z?|[0-9]{8,}`)

func newPrefix(s string) prefix {
	if strings.Trim(s, " \t\"") == "" || strings.HasPrefix(s, "#") || !utf8.ValidString(s) || len(s) > maxPrefix {
		return prefix{} // indented, quoted, a comment, no text, or no prefix of a log
	}
	var b strings.Builder
	last, head := 0, s
	for i, m := range moment.FindAllStringIndex(s, -1) {
		if i == 0 {
			head = s[:m[0]]
		}
		b.WriteString(regexp.QuoteMeta(s[last:m[0]]))
		b.WriteString(`[0-9][0-9.,:/TZ+-]*`)
		last = m[1]
	}
	b.WriteString(regexp.QuoteMeta(s[last:]))
	text := b.String()
	return prefix{s, strings.TrimRight(head, " \t"), text, regexp.MustCompile("^" + text), regexp.MustCompile("^" + strings.TrimRight(text, ` `) + "[ \t]*$"), 1}
}

func (p prefix) cut(line string) (string, bool) {
	if !strings.HasPrefix(line, p.head) {
		return "", false
	}
	if at := p.match.FindStringIndex(line); at != nil {
		return line[at[1]:], true
	}
	return "", p.short.MatchString(line)
}

// FromReplies derives a workload from replies of one or more nodes. Those of
// one node are told by run_id, or by the address or the prefix before them; of
// more than two the first and the last are taken. elapsed is the time between
// the two samples by the caller's clock; 0 takes the servers'.
func FromReplies(replies []*Info, elapsed time.Duration) (*Result, error) {
	nodes, notes, err := group(replies)
	if err != nil {
		return nil, err
	}
	for i := range nodes {
		if len(nodes[i].Samples) == 2 {
			nodes[i].Elapsed = elapsed
		}
	}
	r, err := Observe(nodes)
	if err == nil {
		r.Notes = append(notes, r.Notes...)
	}
	return r, err
}

// group puts the samples of each node together.
func group(replies []*Info) ([]Node, []string, error) {
	var nodes []Node
	var notes []string
	at := map[string]int{}
	for _, in := range replies {
		key := in.runID()
		if key == "" {
			key = in.of
		}
		if key == "" {
			if len(replies) > 2 {
				return nil, nil, badInput("%s does not name its server (run_id); save the replies of each node in its own file and give --node T0,T1 for each", in.Name)
			}
			key = "the only server"
		}
		if i, ok := at[key]; ok {
			nodes[i].Samples = append(nodes[i].Samples, in)
			continue
		}
		at[key] = len(nodes)
		nodes = append(nodes, Node{Samples: []*Info{in}})
	}
	for i, n := range nodes {
		if k := len(n.Samples); k > 2 {
			nodes[i].Samples = []*Info{n.Samples[0], n.Samples[k-1]}
			notes = append(notes, fmt.Sprintf("%d samples of one server: the first (%s) and the last (%s) are used", k, n.Samples[0].Name, n.Samples[k-1].Name))
		}
	}
	return nodes, notes, nil
}
