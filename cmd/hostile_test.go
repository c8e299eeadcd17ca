//go:build hostile && linux

package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode"
)

// Bounds of a call. A report takes some hundredths of a second and 30 MiB; the
// time is long because the machine may be busy.
const (
	callTime   = 30 * time.Second
	callMemory = 300 << 20 // bytes, resident
	callWords  = 4 << 10   // bytes on standard error

	faultsShown = 60 // of a kind of calls
)

// aCall is one hostile call of the program.
type aCall struct {
	kind   string
	args   []string
	stdin  io.Reader
	stdout string // a file in place of standard output; "closed" or "readonly" for none
	env    []string
	secret string // that no output may show
	want   []int  // exit statuses
	once   func(dir string) error
}

// A tally counts the calls of one kind and what went wrong in them.
type hostileTally struct {
	kind                                                 string
	calls, panics, hangs, exits, secrets, unsafe, memory int
}

// hostile runs calls of the real program and counts.
type hostile struct {
	t       *testing.T
	program string
	files   map[string]string
	mu      sync.Mutex
	tallies []*hostileTally
	shown   map[string]int // faults by kind
}

func (h *hostile) tally(kind string) *hostileTally {
	for _, one := range h.tallies {
		if one.kind == kind {
			return one
		}
	}
	h.tallies = append(h.tallies, &hostileTally{kind: kind})
	return h.tallies[len(h.tallies)-1]
}

// fault notes what is wrong with a call.
func (h *hostile) fault(count *int, c *aCall, format string, args ...any) {
	*count++
	h.t.Fail()
	if h.shown[c.kind]++; h.shown[c.kind] <= faultsShown {
		words := fmt.Sprintf("%.300q", c.args)
		h.t.Logf("%s: %.600s\n  keynest %s", c.kind, fmt.Sprintf(format, args...), words)
	}
}

// run makes the calls, as many at a time as there are processors.
func (h *hostile) run(calls []aCall) {
	var wg sync.WaitGroup
	next := make(chan *aCall)
	for range runtime.GOMAXPROCS(0) {
		dir := h.t.TempDir()
		for name, text := range h.files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
				h.t.Fatal(err)
			}
		}
		wg.Go(func() {
			for c := range next {
				h.one(dir, c)
			}
		})
	}
	for i := range calls {
		next <- &calls[i]
	}
	close(next)
	wg.Wait()
}

// one makes one call and judges it.
func (h *hostile) one(dir string, c *aCall) {
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	if c.once != nil {
		if err := c.once(dir); err != nil {
			h.t.Error(err)
			return
		}
	}
	cmd := exec.CommandContext(ctx, h.program, c.args...)
	cmd.Dir, cmd.Stdin, cmd.Env = dir, c.stdin, append([]string{"PATH=" + os.Getenv("PATH")}, c.env...)
	cmd.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	switch c.stdout {
	case "":
	case "closed", "readonly":
		redirect := map[string]string{"closed": ">&-", "readonly": "1</dev/null"}[c.stdout]
		args := append([]string{"-c", `exec "$0" "$@" ` + redirect, h.program}, c.args...)
		cmd.Path, cmd.Args = "/bin/sh", append([]string{"sh"}, args...)
	default:
		f, err := os.OpenFile(c.stdout, os.O_WRONLY, 0)
		if err != nil {
			h.t.Error(err)
			return
		}
		defer f.Close()
		cmd.Stdout = f
	}
	err := cmd.Run()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.judge(c, cmd.ProcessState, stdout.String(), stderr.String(), ctx.Err() != nil, err)
}

func (h *hostile) judge(c *aCall, state *os.ProcessState, stdout, stderr string, late bool, err error) {
	t := h.tally(c.kind)
	t.calls++
	var exit *exec.ExitError
	switch {
	case state == nil || err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay):
		h.fault(&t.exits, c, "cannot be run: %v", err)
		return
	case strings.Contains(stderr, "\ngoroutine ") || strings.Contains(stderr, "fatal error: "):
		h.fault(&t.panics, c, "panics: %s", stderr)
	case late:
		h.fault(&t.hangs, c, "no end after %v", callTime)
	case !slices.Contains(c.want, state.ExitCode()):
		h.fault(&t.exits, c, "exit status %d, want one of %v: %s", state.ExitCode(), c.want, stderr)
	}
	if c.secret != "" && hasSecret(stdout+stderr, c.secret) {
		h.fault(&t.secrets, c, "shows the secret: %s%s", stdout, stderr)
	}
	if bad := unsafeText(stdout, commandsAllowed(c.args)); bad != "" {
		h.fault(&t.unsafe, c, "standard output has %s", bad)
	}
	if bad := unsafeText(stderr, commandsAllowed(c.args)); bad != "" {
		h.fault(&t.unsafe, c, "standard error has %s", bad)
	}
	if len(stderr) > callWords {
		h.fault(&t.unsafe, c, "%d bytes on standard error", len(stderr))
	}
	if use, ok := state.SysUsage().(*syscall.Rusage); ok && use.Maxrss<<10 > callMemory {
		h.fault(&t.memory, c, "takes %d MiB", use.Maxrss>>10)
	}
}

// hasSecret says whether a text has eight characters of the secret in a row.
func hasSecret(text, secret string) bool {
	for i := range max(len(secret)-7, 1) {
		if strings.Contains(text, secret[i:min(i+8, len(secret))]) {
			return true
		}
	}
	return false
}

// commandsAllowed says whether a call asks for workflow commands itself.
func commandsAllowed(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool { return strings.Contains(a, "github") })
}

// unsafeText finds what a terminal, a reader or a CI system could take for
// something else than text.
func unsafeText(text string, workflow bool) string {
	for line := range strings.SplitSeq(text, "\n") {
		for _, r := range line {
			if r != '\t' && (unicode.IsControl(r) || r == unicode.ReplacementChar || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029') {
				return fmt.Sprintf("the character %U in %.200q", r, line)
			}
		}
		if !workflow && (strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[")) {
			return fmt.Sprintf("a workflow command in %.200q", line)
		}
	}
	return ""
}

// TestHostile makes every hostile call and prints the table of docs/checks.md.
func TestHostile(t *testing.T) {
	h := &hostile{t: t, program: filepath.Join(t.TempDir(), "keynest"), files: exampleFiles(t), shown: map[string]int{}}
	if out, err := exec.Command("go", "build", "-o", h.program, "..").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	h.files["pw"], h.files["card.toml"] = "hunter2-hunter2\n", hostileCard
	begin := time.Now()
	bases := exampleCalls(t, h.files)
	for _, calls := range [][]aCall{flagCalls(bases), fileCalls(bases, h.files), outputCalls(bases), cardCalls(), serverCalls(t)} {
		h.run(calls)
	}
	h.serve()

	all := hostileTally{kind: "all"}
	t.Logf("in %v", time.Since(begin).Round(time.Second))
	fmt.Println("| inputs | tried | panics | hangs | wrong exits | secrets shown | unsafe text | over 300 MiB |\n|---|---:|---:|---:|---:|---:|---:|---:|")
	row := func(one *hostileTally) {
		fmt.Printf("| %s | %d | %d | %d | %d | %d | %d | %d |\n", one.kind, one.calls, one.panics, one.hangs, one.exits, one.secrets, one.unsafe, one.memory)
	}
	for _, one := range h.tallies {
		row(one)
		all.calls += one.calls
		all.panics += one.panics
		all.hangs += one.hangs
		all.exits += one.exits
		all.secrets += one.secrets
		all.unsafe += one.unsafe
		all.memory += one.memory
	}
	row(&all)
	if all.calls < 2000 {
		t.Errorf("only %d calls", all.calls)
	}
}
