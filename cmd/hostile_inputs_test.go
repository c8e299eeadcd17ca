//go:build hostile && linux

package cmd

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// neverGood are values that no flag can take.
var neverGood = []string{
	"\x1b[31mred", "a\u202eb", "a\u2066b", "a\u0085b", "x\n::error::y", "\r::error::x", "\xff\xfe", "", strings.Repeat("A", 100_000),
}

// mostlyBad are values that some flag may take.
var mostlyBad = []string{
	" ", "-1", "-0", "NaN", "Inf", "-Inf", "1e999", "1e-999", "0x10", "1_0", "１", "٣", "1,5", "1.5.5", strings.Repeat("9", 400), "1..2", "5..1",
	"..", "1..", "+5", ".", "e5", "8GB", "%s%n", "$(id)", "'; --", "../../../etc/passwd", "2026-02-30", "2999-01-01", "0000-00-00",
	"/dev/zero", "=1+1", "@team", "null", "true", "::error::x", "##[add-mask]x", "*", "[", "json=", "a=b=c", "100%", "1d", "-180d",
}

// freeText are flags that take any printable text, or an empty one.
var freeText = []string{"name", "selector", "marker", "user", "tls-server-name", "cluster", "replica"}

// written are flags with a file that is written.
var written = []string{"series", "write"}

// exampleCalls are the examples of every --help that need nothing but files.
func exampleCalls(t *testing.T, files map[string]string) map[*cobra.Command][]string {
	e, _, _ := testEnv()
	bases := map[*cobra.Command][]string{}
	for _, c := range commands(newRoot(e)) {
		if !c.Runnable() || c.Name() == "serve" || c.CommandPath() == "keynest" || strings.HasPrefix(c.CommandPath(), "keynest completion") {
			continue
		}
		for line := range strings.Lines(continued.ReplaceAllString(c.Example, " ")) {
			cmd, err := shellWords(strings.TrimSpace(line))
			if err != nil || cmd.stdin != "" || !strings.HasPrefix(strings.Join(cmd.args, " "), c.CommandPath()) {
				continue
			}
			args := cmd.args[1:]
			for i, a := range args { // nothing listens on port 1
				if strings.Contains(a, "://") {
					args[i] = a[:strings.Index(a, "://")] + "://127.0.0.1:1"
				}
			}
			missing := slices.ContainsFunc(args, func(a string) bool {
				ext := filepath.Ext(a)
				return files[a] == "" && (ext == ".toml" || ext == ".json" || ext == ".csv" || ext == ".txt" || ext == ".pem")
			})
			if !missing {
				bases[c] = args
				break
			}
		}
	}
	if len(bases) < 12 {
		t.Fatalf("only %d examples can be run", len(bases))
	}
	return bases
}

func sortedBases(bases map[*cobra.Command][]string) []*cobra.Command {
	var all []*cobra.Command
	for c := range bases {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *cobra.Command) int { return strings.Compare(a.CommandPath(), b.CommandPath()) })
	return all
}

// flagCalls are the examples with each of their flags set to hostile values:
// to all that are never good, and to a part of the others, another one for each.
func flagCalls(bases map[*cobra.Command][]string) []aCall {
	var calls []aCall
	n := 0
	for _, c := range sortedBases(bases) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name == "help" {
				return
			}
			add := func(value string, want ...int) {
				if c.Name() == "live" || c.Name() == "prometheus" {
					want = append(want, 1) // nothing listens
				}
				args := append(slices.Clone(bases[c]), "--"+f.Name+"="+value)
				calls = append(calls, aCall{kind: "flags", args: args, want: want})
			}
			for _, v := range neverGood {
				switch {
				case slices.Contains(freeText, f.Name):
					add(v, 0, 2)
				case slices.Contains(written, f.Name):
					add(v, 0, 1, 2, 4)
				default:
					add(v, 2)
				}
			}
			for range 5 {
				if slices.Contains(written, f.Name) {
					break // some of them are good names of files
				}
				add(mostlyBad[n%len(mostlyBad)], 0, 2, 3, 4)
				n++
			}
		})
	}
	return calls
}

// hostileFiles are contents that no reader can make sense of.
func hostileFiles() []string {
	long := strings.Repeat("x", 1<<20)
	return []string{
		"", "\x00", "\xff\xfe\x00", "\xef\xbb\xbf", "{", "[", "]]", "null", "0", `"a"`, "<html>", "a\x1b[31mb = 1", "a = \"\u202e\"", long, strings.Repeat("[", 200_000),
		strings.Repeat("{\"a\":", 100_000), strings.Repeat("a.", 100_000) + "a = 1", strings.Repeat("a,b\n", 60_000), strings.Repeat("01.11.2026 00:00,1,2\n", 40_000),
		"[workload.\"a\\u001b\"]\nops_per_sec = 5\ngib = 1\n", "[workload.\"::error::x\"]\nops_per_sec = 5\ngib = 1\n", "[workload.a]\nops_per_sec = 5\ngib = 1\n" + long + " = 1\n",
		"[workload.a]\nops_per_sec = nan\ngib = 1\n", "[workload.a]\nops_per_sec = \"" + strings.Repeat("9", 5000) + "\"\ngib = 1\n", "[workload.a]\nops_per_sec = 5\ngib = 1\n[workload.a.observed]\nseconds = \"NaN\"\n",
		"[pricing]\nrates = [\"a\\n::error::pwn\"]\n[workload.a]\nops_per_sec = 5\ngib = 1\n", "[check.\"a\\n::error::x\"]\nworkload = \"a\"\n", "max = 1\n[check.x]\nworkload = \"a\"\nmax_usd_per_month = \"\"\n",
		"redis_version:7.0.0\r\ncmdstat_\x1b[31m:calls=1,usec=1\r\nuptime_in_seconds:9000\r\n", "redis_version:\u202e\r\nuptime_in_seconds:9000\r\ncmdstat_get:calls=1,usec=1\r\n", "redis_version:7\r\nuptime_in_seconds:99999999999999999999\r\n",
		`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"keynest":"commands"},"values":[[1,"NaN"],[2,"1e999"]]}]}}`, `{"status":"error","error":"\u001b[31m\u202e"}`,
		`{"MetricDataResults":[{"Id":"get","Timestamps":["x"],"Values":[1]}]}`, "Label,GetTypeCmds\nId,get\n2026-11-01T00:00:00Z,1.000,5\n",
		`{"kind":"estimate","schema_version":1,"offers":[{"id":"\u001b","status":"\n::error::x","reasons":["\u202e"]}]}`, `{"format_version":"1.2","planned_values":{"root_module":{"resources":[{"type":"\u001b"}]}}}`,
		"schema = 1\n", hostileCard, "schema = 1\n[offer.\"x\\nmonthly-cost=0.00\"]\nprovider = \"x\"\n",
	}
}

// fileCalls are the examples with each of their files replaced, and with each
// flag that takes a file added: by hostile contents, by mutations of the good
// ones, by what is no file.
func fileCalls(bases map[*cobra.Command][]string, files map[string]string) []aCall {
	r := &replacer{rng: rand.New(rand.NewPCG(15, 15)), contents: hostileFiles()}
	for _, c := range sortedBases(bases) {
		args := bases[c]
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if strings.Contains(f.Usage, "`FILE`") && !slices.Contains(args, "--"+f.Name) && !slices.Contains(written, f.Name) {
				r.replace(c, append(slices.Clone(args), "--"+f.Name, "hostile"), len(args)+1, "", f.Name == "config")
			}
		})
		for i, a := range args {
			if text := files[a]; text != "" {
				r.replace(c, args, i, text, false)
			}
		}
	}
	return r.calls
}

// A replacer makes calls with one file replaced.
type replacer struct {
	rng      *rand.Rand
	contents []string
	next     int // of the contents
	calls    []aCall
}

// replace makes the calls with the argument at i replaced. Each takes another
// third of the hostile contents.
func (r *replacer) replace(c *cobra.Command, args []string, i int, good string, config bool) {
	with := func(path string, stdin io.Reader, once func(string) error, want ...int) {
		mine := slices.Clone(args)
		mine[i] = path
		if c.Name() == "live" || c.Name() == "prometheus" {
			want = append(want, 1) // nothing listens
		}
		r.calls = append(r.calls, aCall{kind: "files", args: mine, stdin: stdin, once: once, want: want})
	}
	text := func(s func() string) { // made when it is written, for all of them are hundreds of megabytes
		with("hostile", nil, func(dir string) error { return os.WriteFile(filepath.Join(dir, "hostile"), []byte(s()), 0o666) }, 0, 2, 3, 4)
	}
	for ; r.next < len(r.contents); r.next += 3 {
		s := r.contents[r.next]
		text(func() string { return s })
	}
	r.next = (r.next + 1) % 3
	if good != "" {
		for range 5 {
			seed := r.rng.Uint64()
			text(func() string { return mutated(rand.New(rand.NewPCG(seed, 15)), good) })
		}
	}
	for _, path := range []string{"/dev/zero", "missing", "", "a\nb", "\x1b", strings.Repeat("d", 5000)} {
		with(path, nil, nil, 2)
	}
	with(".", nil, nil, 0, 2, 4) // some commands read all files of a folder
	if !config {
		with("-", endless{}, nil, 2)
		with("-", nil, nil, 0, 2, 4)
	}
	with("fifo", nil, func(dir string) error {
		path := filepath.Join(dir, "fifo")
		_ = os.Remove(path)
		if err := exec.Command("mkfifo", path).Run(); err != nil {
			return err
		}
		go func() { // a pipe that never ends
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err == nil {
				_, _ = io.Copy(f, endless{})
				_ = f.Close()
			}
		}()
		return nil
	}, 2)
}

// endless reads as lines without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "a,b\n"[i%4]
	}
	return len(p), nil
}

// mutated changes some bytes of a text.
func mutated(rng *rand.Rand, s string) string {
	b := []byte(s)
	for range 1 + rng.IntN(6) {
		i := rng.IntN(len(b))
		switch rng.IntN(4) {
		case 0:
			b[i] = byte(rng.IntN(256))
		case 1:
			b[i] = "0123456789-+.:=,\"'[]{}\n\x1b"[rng.IntN(24)]
		case 2:
			b = slices.Delete(b, i, min(i+1+rng.IntN(30), len(b)))
		default:
			b = slices.Insert(b, i, []byte("99999999999999999999")[:1+rng.IntN(20)]...)
		}
		if len(b) == 0 {
			return ""
		}
	}
	return string(b)
}

// outputCalls write where nothing can be written.
func outputCalls(bases map[*cobra.Command][]string) []aCall {
	var calls []aCall
	add := func(args []string, stdout string) {
		calls = append(calls, aCall{kind: "outputs", args: args, stdout: stdout, want: []int{1}})
	}
	for _, c := range sortedBases(bases) {
		if c.Name() == "live" || c.Name() == "prometheus" || c.Name() == "man" {
			continue
		}
		for _, stdout := range []string{"/dev/full", "readonly"} {
			add(bases[c], stdout)
			add(append(slices.Clone(bases[c]), "--help"), stdout)
		}
		// Go opens /dev/null where standard output is closed, before the program
		// starts; it must not take a file that the program opens for it.
		calls = append(calls, aCall{kind: "outputs", args: bases[c], stdout: "closed", want: []int{0, 1, 2, 3, 4}})
		if f := c.Flags().Lookup("output"); f != nil && c.CommandPath() != "keynest rates check" { // there it needs --against
			for _, format := range f.Annotations[flagValues] {
				for _, path := range []string{"/dev/full", "missing/x", "."} {
					add(append(slices.Clone(bases[c]), "--output", format+"="+path), "")
				}
			}
		}
	}
	return calls
}

// hostileCard is an overlay whose texts a terminal, a spreadsheet or a CI system
// could take for something else.
const hostileCard = `[source."s"]
url = "https://x.example/"
title = "=1+1"
retrieved = "2026-10-01"
confidence = "vendor"
[provider.acme]
name = "TEXT"
[offer.acme-node]
provider = "acme"
name = "TEXT"
billed_by = "commands"
engines = ["redis"]
status = "offered"
[offer.acme-node.version.2026-10-01]
source = "s"
[offer.acme-node.version.2026-10-01.charge.commands]
meter = "commands"
unit = "command"
usd = "0.30"
per = 100_000
`

// cardCalls print cards with hostile texts in every format.
func cardCalls() []aCall {
	var calls []aCall
	for _, text := range []string{`::error::x`, `##[add-mask]x`, `=1+1`, `@SUM(1)`, `\u001b[31m`, `\u009b31m`, `\u202e`, `\u2066`, `\u0000`, `\u0007`, `a\n::error::x`, `<script>alert(1)</script>`, "`|*_[x](y)", `-2+3`, `+1`} {
		card := strings.ReplaceAll(hostileCard, "TEXT", text)
		id := strings.ReplaceAll(hostileCard, "offer.acme-node", `offer."`+text+`"`)
		for _, args := range [][]string{
			{"estimate", "--ops-per-sec", "5", "--gib", "1", "--rates", "hostile", "--all", "--output", "table"},
			{"estimate", "--ops-per-sec", "5", "--gib", "1", "--rates", "hostile", "--explain", "--output", "markdown"},
			{"estimate", "--ops-per-sec", "5", "--gib", "1", "--rates", "hostile", "--offer", "acme*", "--output", "csv"},
			{"estimate", "--ops-per-sec", "5", "--gib", "1", "--rates", "hostile", "--offer", "acme*", "--output", "json"},
			{"rates", "check", "hostile"}, {"rates", "list", "--rates", "hostile"}, {"rates", "show", "acme-node", "--rates", "hostile"},
		} {
			for _, c := range []string{card, id} {
				calls = append(calls, aCall{kind: "cards", args: args, want: []int{0, 2},
					once: func(dir string) error { return os.WriteFile(filepath.Join(dir, "hostile"), []byte(c), 0o666) }})
			}
		}
	}
	return calls
}

// serverCalls look at servers that answer with anything.
func serverCalls(t *testing.T) []aCall {
	const secret = "correct-horse/battery#staple"
	long := strings.Repeat("0123456789abcdefghijklmnopqrstuvwxyz", 10)
	info := "redis_version:7.0.0\r\nrun_id:a1\r\nuptime_in_seconds:9000\r\nused_memory:1000\r\ncmdstat_get:calls=1,usec=1\r\n"
	bulk := func(s string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(s), s) }
	var calls []aCall
	for _, reply := range []string{
		"-ERR x\r\n-ERR y\r\n", "+OK\r\n+OK\r\n", bulk(info) + bulk(info), bulk(info) + ">2\r\n+a\r\n+b\r\n", "$55\n+OK\r\n", "*-1\r\n", "$-1\r\n", ":1\r\n", "*0\r\n", "_\r\n", "%1\r\n",
		"$9223372036854775807\r\n", "*524288\r\n" + strings.Repeat("*1\r\n", 7), strings.Repeat("*1\r\n", 1000), "HTTP/1.1 200 OK\r\n\r\n", "\x15\x03\x01\x00\x02\x02F", "\x00", "-ERR \x1b[31m\u202e\u2066\r\n", "-NOAUTH x\r\n", "-WRONGPASS x\r\n", "-MOVED 1 127.0.0.1:1\r\n",
		bulk(strings.ReplaceAll(info, "7.0.0", "\x1b[31m")), bulk(strings.ReplaceAll(info, "get", "\x1b\u202e")), bulk(info + "cluster_enabled:1\r\n"), bulk(info + "role:slave\r\nmaster_host:\x1b[31m\r\nmaster_port:1\r\n"), bulk("redis_mode:sentinel\r\n"), "ECHO",
	} {
		for _, login := range []string{"reader:" + url.QueryEscape(secret), ":" + long, ":" + url.QueryEscape(`q"uo\ted'pass`+"\x01word")} {
			password, _ := url.QueryUnescape(login[strings.Index(login, ":")+1:])
			for _, first := range []bool{true, false} {
				addr := answerWith(t, reply, bulk(info), first)
				calls = append(calls, aCall{kind: "servers", args: []string{"observe", "live", "redis://" + login + "@" + addr, "--interval", "1s", "--timeout", "300ms"}, secret: password, want: []int{0, 1, 2, 4}})
			}
		}
	}
	for _, body := range []string{"", "{", "null", "[]", `{"status":"error","error":"\u001b[31m\n::error::x"}`, `{"status":"success","data":{"resultType":"vector"}}`, strings.Repeat("[", 100_000), "ENDLESS"} {
		web := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if body == "ENDLESS" {
				_, _ = io.Copy(w, endless{})
			}
			_, _ = io.WriteString(w, body)
		})}
		l := listenLocally(t)
		go func() { _ = web.Serve(l) }()
		t.Cleanup(func() { _ = web.Close() })
		calls = append(calls, aCall{kind: "servers", args: []string{"observe", "prometheus", "http://user:" + url.QueryEscape(secret) + "@" + l.Addr().String(), "--range", "24h"}, secret: secret, want: []int{1, 2, 4}})
	}
	return calls
}

func listenLocally(t *testing.T) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// answerWith is a server that gives INFO the hostile reply, at once or after
// the first good ones, and any other command a +OK. ECHO stands for an error
// that repeats the arguments, cut off.
func answerWith(t *testing.T, hostileReply, good string, first bool) string {
	l := listenLocally(t)
	var mu sync.Mutex
	infos := 0
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r := bufio.NewReader(c)
				for {
					words := requestWords(r)
					if words == nil {
						return
					}
					mu.Lock()
					reply := "+OK\r\n"
					if hostileReply == "ECHO" {
						reply = fmt.Sprintf("-ERR unknown command '%s', with args: '%.128s'\r\n", words[0], strings.Join(words[1:], "' '"))
					} else if words[0] == "INFO" {
						if infos++; infos > 2 || first {
							reply = hostileReply
						} else {
							reply = good
						}
					}
					mu.Unlock()
					if _, err := io.WriteString(c, reply); err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

// requestWords reads a request; nil at the end.
func requestWords(r *bufio.Reader) []string {
	number := func() int {
		line, err := r.ReadString('\n')
		if err != nil || len(line) < 2 {
			return -1
		}
		n, err := strconv.Atoi(strings.TrimSpace(line[1:]))
		if err != nil {
			return -1
		}
		return n
	}
	n := number()
	if n < 1 {
		return nil
	}
	words := make([]string, n)
	for i := range words {
		b := make([]byte, max(number(), 0)+2)
		if _, err := io.ReadFull(r, b); err != nil {
			return nil
		}
		words[i] = string(b[:len(b)-2])
	}
	return words
}

// serve asks a running keynest serve hostile questions, then the same good one
// many times: its memory must not grow.
func (h *hostile) serve() {
	t := h.t
	cmd := exec.Command(h.program, "serve", "--listen", "127.0.0.1:0")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("keynest serve: %v", err)
		}
	}()
	line, err := bufio.NewReader(stderr).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address := strings.Fields(line)[1]
	tally := h.tally("serve")
	ask := func(query string, want ...int) {
		tally.calls++
		c := &aCall{kind: "serve", args: []string{query}}
		r, err := http.Get(address + query)
		if err != nil {
			h.fault(&tally.panics, c, "%v", err)
			return
		}
		body, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil || !slices.Contains(want, r.StatusCode) {
			h.fault(&tally.exits, c, "status %d: %v: %.200s", r.StatusCode, err, body)
		}
		html := strings.HasPrefix(r.Header.Get("Content-Type"), "text/html")
		const own = `<script src="/page.js" defer></script>` // sorts columns; any other script is one from outside
		if html && strings.Contains(strings.Replace(string(body), own, "", 1), "<script") || strings.Contains(string(body), "goroutine ") {
			h.fault(&tally.unsafe, c, "%.300s", body)
		}
	}
	hostileValues := append(slices.Clone(neverGood[:8]), append(mostlyBad, `"><script>alert(1)</script>`, "'onmouseover=x")...)
	for _, key := range []string{"ops-per-sec", "gib", "region", "offer", "plan", "shards", "term", "as-of", "fx", "currency", "all", "x"} {
		for _, v := range hostileValues {
			ask("estimate.json?gib=1&ops-per-sec=5&"+key+"="+url.QueryEscape(v), 200, 400, 503)
			ask("?gib=1&"+key+"="+url.QueryEscape(v), 200, 400, 503)
		}
	}
	many := func(n int) {
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for range n / 2 {
					r, err := http.Get(address + "estimate.json?gib=1&offer=upstash-payg&ops-per-sec=5")
					if err != nil {
						t.Error(err)
						return
					}
					_, _ = io.Copy(io.Discard, r.Body)
					_ = r.Body.Close()
				}
			})
		}
		wg.Wait()
	}
	many(4_000)
	before := resident(t, cmd.Process.Pid)
	many(16_000)
	after := resident(t, cmd.Process.Pid)
	tally.calls += 20_000
	t.Logf("keynest serve: %d MiB after 4,000 requests, %d MiB after 20,000", before>>20, after>>20)
	if after > before+before/20 {
		h.fault(&tally.memory, &aCall{kind: "serve"}, "its memory grew from %d to %d bytes in 16,000 requests", before, after)
	}
}

// resident is the memory of a process, in bytes.
func resident(t *testing.T, pid int) int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(data))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}
