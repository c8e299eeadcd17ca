package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestDocs runs every fenced block of the docs that starts with «$ keynest», or
// with «$ go run .», which is the same, and compares what is printed with what
// the block shows; docs/checks.md is the convention. With -update it rewrites
// what the blocks show.
func TestDocs(t *testing.T) {
	ran := 0
	for _, path := range docPages(t) {
		t.Run(filepath.ToSlash(path), func(t *testing.T) {
			ran += runPage(t, path)
		})
	}
	if ran == 0 {
		t.Error("no «$ keynest» block found in any page")
	}
}

// docPages lists README.md, its neighbours and docs/**/*.md, relative to this package.
func docPages(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join("..", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(filepath.Join("..", "docs"), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".md" {
			pages = append(pages, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// readLines gives a page's lines without their ends.
func readLines(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
}

// runPage goes through a page as a reader does who follows it in one empty
// directory, and returns how many commands it ran.
func runPage(t *testing.T, path string) int {
	lines := readLines(t, path)
	dir := t.TempDir()
	var out []string // the page as it should be
	ran, done := 0, 0
	for _, b := range fences(lines) {
		out = append(out, lines[done:b.start]...)
		done = b.end
		body := b.body(lines)
		switch {
		case b.title != "":
			out = append(out, lines[b.start:b.end]...)
			if !filepath.IsLocal(b.title) {
				t.Errorf("line %d: title %q is not a file name inside the reader's directory", b.start, b.title)
				continue
			}
			name := filepath.Join(dir, filepath.FromSlash(b.title))
			if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(strings.Join(body, "\n")+"\n"), 0o666); err != nil {
				t.Fatal(err)
			}
		case len(body) > 0 && runsKeynest(body[0]):
			for _, s := range shownCommands(body) {
				ran++
				want := runShown(t, dir, b.start+1+s.line, s)
				for _, line := range slices.Concat(s.command, want, s.blank) {
					if line != "" {
						line = b.indent + line
					}
					out = append(out, line)
				}
			}
		default:
			out = append(out, lines[b.start:b.end]...)
		}
	}
	out = append(out, lines[done:]...)

	shown := 0
	for _, line := range lines {
		if runsKeynest(strings.TrimLeft(line, "> \t")) {
			shown++
		}
	}
	if shown != ran {
		t.Errorf("shows %d «$ keynest» lines, of which %d start a fenced block or follow a command in one; leave the «$ » out of those that cannot be run", shown, ran)
	}
	if *update && !t.Failed() && !slices.Equal(out, lines) {
		if err := os.WriteFile(path, []byte(strings.Join(out, "\n")), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return ran
}

func runsKeynest(line string) bool {
	return strings.HasPrefix(line, "$ keynest") || strings.HasPrefix(line, "$ go run .")
}

// A fence is a fenced block: its content is lines[start:end].
type fence struct {
	start, end int
	indent     string
	title      string // the file that the block shows
}

var (
	fenceLine  = regexp.MustCompile("^( *)(```+|~~~+)([^`]*)$")
	fenceTitle = regexp.MustCompile(`\btitle="([^"]+)"`)
)

func fences(lines []string) []fence {
	var all []fence
	var marker string
	for i, line := range lines {
		m := fenceLine.FindStringSubmatch(line)
		switch {
		case m == nil:
		case marker == "":
			marker = m[2]
			f := fence{start: i + 1, end: len(lines), indent: m[1]}
			if title := fenceTitle.FindStringSubmatch(m[3]); title != nil {
				f.title = title[1]
			}
			all = append(all, f)
		case strings.HasPrefix(m[2], marker) && strings.TrimSpace(m[3]) == "":
			marker = ""
			all[len(all)-1].end = i
		}
	}
	return all
}

func (f fence) body(lines []string) []string {
	var body []string
	for _, line := range lines[f.start:f.end] {
		body = append(body, strings.TrimPrefix(line, f.indent))
	}
	return body
}

// A shown is a command as a page shows it, with the output below.
type shown struct {
	line    int      // of the command in its block
	command []string // its lines; all but the last end in a backslash
	output  []string
	blank   []string // empty lines below, which are the page's own
}

func shownCommands(body []string) []shown {
	var all []shown
	for i := 0; i < len(body); i++ {
		if !strings.HasPrefix(body[i], "$ ") {
			last := &all[len(all)-1]
			last.output = append(last.output, body[i])
			continue
		}
		s := shown{line: i, command: []string{body[i]}}
		for strings.HasSuffix(body[i], `\`) && i+1 < len(body) {
			i++
			s.command = append(s.command, body[i])
		}
		all = append(all, s)
	}
	for i := range all {
		n := len(all[i].output)
		for n > 0 && all[i].output[n-1] == "" {
			n--
		}
		all[i].output, all[i].blank = all[i].output[:n], all[i].output[n:]
	}
	return all
}

// runShown runs a command and returns the output that the page should show.
func runShown(t *testing.T, dir string, line int, s shown) []string {
	t.Helper()
	text := ""
	for _, l := range s.command {
		text += strings.TrimSuffix(l, `\`) + " "
	}
	text = strings.TrimSpace(strings.TrimPrefix(text, "$ "))
	cmd, err := shellWords(strings.Replace(text, "go run .", "keynest", 1))
	if err != nil || cmd.args[0] != "keynest" {
		t.Errorf("line %d: %s: cannot be run here: %v", line, text, err)
		return s.output
	}
	// A page must be true tomorrow as well, so it is held against next year's output too.
	later := runProgram(t, dir, "keynest-later", cmd)
	got := runProgram(t, dir, "keynest", cmd)
	want := s.output
	if !matches(want, got) {
		if !*update {
			t.Errorf("line %d: $ %s\nprints:\n%s\n\nthe page shows:\n%s\n\n(go test ./cmd -run TestDocs -update rewrites it)",
				line, text, strings.Join(got, "\n"), strings.Join(s.output, "\n"))
			return s.output
		}
		var err error
		if want, err = rewritten(s.output, got); err != nil {
			t.Errorf("line %d: $ %s\n%v; change the block by hand; it prints:\n%s", line, text, err, strings.Join(got, "\n"))
			return s.output
		}
	}
	if !matches(want, later) {
		t.Errorf("line %d: $ %s\nwill print something else in a year: give it --as-of, or write … for the lines that change", line, text)
	}
	return want
}

// isElision says whether a line of a page stands for any number of lines.
func isElision(line string) bool { return strings.TrimSpace(line) == "…" }

// matches says whether a page's lines stand for the program's.
func matches(pattern, lines []string) bool {
	_, ok := aligned(pattern, lines, func(a, b string) bool { return a == b })
	return ok
}

// aligned finds the line for each line of a pattern, in order, and returns the
// pattern with these lines in it. What lies between them must stand under an
// elision, which stays as it is.
func aligned(pattern, lines []string, same func(a, b string) bool) ([]string, bool) {
	if len(pattern) == 0 {
		return nil, len(lines) == 0
	}
	if !isElision(pattern[0]) {
		if len(lines) == 0 || !same(pattern[0], lines[0]) {
			return nil, false
		}
		rest, ok := aligned(pattern[1:], lines[1:], same)
		return slices.Concat(lines[:1], rest), ok
	}
	for skip := range len(lines) + 1 {
		if rest, ok := aligned(pattern[1:], lines[skip:], same); ok {
			return slices.Concat(pattern[:1], rest), true
		}
	}
	return nil, false
}

// rewritten is what a block of a page should show now that its command prints
// other lines. An elision stays; around it the lines must be the old ones but
// for figures and widths, else nobody but a person knows what it should leave out.
func rewritten(shown, got []string) ([]string, error) {
	at := slices.IndexFunc(shown, isElision)
	if at < 0 {
		return got, nil
	}
	if lines, ok := aligned(shown, got, func(a, b string) bool { return shape(a) == shape(b) }); ok {
		return lines, nil
	}
	return nil, fmt.Errorf("the output no longer fits around the … in line %d below the command", at+1)
}

var (
	figures = regexp.MustCompile(`[0-9][0-9.,]*`)
	padding = regexp.MustCompile(`[ \t]+|-+|─+|═+|=+`)
)

// shape is a line without its figures and the widths of its columns.
func shape(line string) string {
	line = figures.ReplaceAllString(line, "0")
	return padding.ReplaceAllStringFunc(line, func(run string) string {
		first, _ := utf8.DecodeRuneInString(run)
		return string(first)
	})
}

// runProgram runs one of the programs that TestMain registers. It returns what
// standard output got, then standard error, then the exit status unless it is 0.
func runProgram(t *testing.T, dir, program string, c shellCommand) []string {
	t.Helper()
	cmd := exec.Command(program, c.args[1:]...)
	cmd.Dir = dir
	for _, name := range []string{"PATH", "GOCOVERDIR", "GORACE", ratesEnv} {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	if c.stdin != "" {
		data, err := os.ReadFile(filepath.Join(dir, c.stdin))
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdin = bytes.NewReader(data)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if strings.Contains(stderr.String(), "\ngoroutine ") {
		t.Fatalf("%s panicked:\n%s", strings.Join(c.args, " "), stderr.String())
	}
	if c.stdout != "" {
		if err := os.WriteFile(filepath.Join(dir, c.stdout), stdout.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		stdout.Reset()
	}
	var lines []string
	for _, text := range []string{stdout.String(), stderr.String()} {
		if text = strings.TrimRight(text, "\n"); text != "" {
			lines = append(lines, strings.Split(text, "\n")...)
		}
	}
	if exit != nil {
		lines = append(lines, fmt.Sprintf("exit status %d", exit.ExitCode()))
	}
	return lines
}

// A shellCommand is the part of a shell's language that the docs may use:
// words, quotes, «< file» and «> file».
type shellCommand struct {
	args          []string
	stdin, stdout string // file names
}

// shellWords reads a command line. What a shell would expand, glob or pipe is
// refused, so a line that runs here does the same when it is pasted.
func shellWords(line string) (shellCommand, error) {
	var c shellCommand
	var word strings.Builder
	var quote rune
	inWord, redirect := false, rune(0)
	end := func() {
		switch {
		case !inWord:
			return
		case redirect == '<':
			c.stdin = word.String()
		case redirect == '>':
			c.stdout = word.String()
		default:
			c.args = append(c.args, word.String())
		}
		word.Reset()
		inWord, redirect = false, 0
	}
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == '"' && strings.ContainsRune("$`\\", r), quote == 0 && strings.ContainsRune("|&;$`\\*?[]{}()!~#", r):
			return c, fmt.Errorf("%q would mean something to a shell", r)
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r == '<' || r == '>':
			if inWord || redirect != 0 {
				return c, fmt.Errorf("%q needs a blank before it and a file name after it", r)
			}
			redirect = r
		case unicode.IsSpace(r):
			end()
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	end()
	if quote != 0 || redirect != 0 || len(c.args) == 0 {
		return c, errors.New("the line is not complete")
	}
	return c, nil
}

func TestShellWords(t *testing.T) {
	c, err := shellWords(`keynest estimate --offer 'upstash-*' --name "two words" '' < in.toml > out.json`)
	want := []string{"keynest", "estimate", "--offer", "upstash-*", "--name", "two words", ""}
	if err != nil || !slices.Equal(c.args, want) || c.stdin != "in.toml" || c.stdout != "out.json" {
		t.Errorf("got %q < %q > %q, %v", c.args, c.stdin, c.stdout, err)
	}
	for _, line := range []string{"", "keynest 'open", "keynest | jq .", "keynest $HOME", `keynest "$HOME"`,
		"keynest upstash-*", "keynest 2> err", "keynest >> out", "keynest >", "keynest && true"} {
		if c, err := shellWords(line); err == nil {
			t.Errorf("%s: read as %q", line, c.args)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, tt := range []struct {
		pattern, lines string
		want           bool
	}{
		{"a b", "a b", true},
		{"a", "a b", false},
		{"a b", "a", false},
		{"a … d", "a b c d", true},
		{"a … d", "a d", true},
		{"a … d", "a b c", false},
		{"… c …", "a b c", true},
		{"…", "", true},
		{"… a b", "a a b", true},
	} {
		if got := matches(strings.Fields(tt.pattern), strings.Fields(tt.lines)); got != tt.want {
			t.Errorf("matches(%s, %s) = %v", tt.pattern, tt.lines, got)
		}
	}
}

// TestRewritten: -update keeps an elision, or leaves the block alone.
func TestRewritten(t *testing.T) {
	for _, tt := range []struct{ shown, got, want string }{
		{"a 1\nb 2", "a 9\nc", "a 9\nc"},
		{"a    1\n…\nd 4", "a  10\nb 2\nc 3\nd 40", "a  10\n…\nd 40"},
		{"---- --\na 1.50\n  …", "------ ---\na 1,000.50\nb\nc", "------ ---\na 1,000.50\n  …"},
		{"a 1\n…\nd 4\n…\nf", "a 1\nd 5\ne\nf", "a 1\n…\nd 5\n…\nf"},
		{"a 1\n…\nd 4", "a 1\nb 2\ne 4", ""},
		{"…\nd", "d\ne", ""},
	} {
		got, err := rewritten(strings.Split(tt.shown, "\n"), strings.Split(tt.got, "\n"))
		if tt.want == "" {
			if err == nil {
				t.Errorf("%q now %q: rewritten to %q, want an error", tt.shown, tt.got, got)
			}
			continue
		}
		if err != nil || strings.Join(got, "\n") != tt.want {
			t.Errorf("%q now %q: %q, %v, want %q", tt.shown, tt.got, got, err, tt.want)
		}
	}
}
