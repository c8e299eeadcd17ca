package cmd

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// testEnv is a world without files, variables or a terminal, on a fixed day.
func testEnv() (e *env, stdout, stderr *bytes.Buffer) {
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	return &env{stdin: strings.NewReader(""), stdout: stdout, stderr: stderr, today: "2026-11-23",
		getenv: func(string) string { return "" }, rates: testRates()}, stdout, stderr
}

// commands lists root and every command below it that a user sees, in the order
// of --help.
func commands(root *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{root}
	for _, c := range root.Commands() {
		if !c.Hidden {
			all = append(all, commands(c)...)
		}
	}
	return all
}

// TestExamples runs every line that a --help shows as an example, each in a
// directory that has the files it reads.
func TestExamples(t *testing.T) {
	// What these ask is not on the machine of a test.
	left := map[string]string{
		"keynest observe live redis://127.0.0.1:6379 | keynest estimate --workload -":               "a server",
		"keynest observe live redis://127.0.0.1:6379":                                               "a server",
		"keynest observe live rediss://reader@cache.example.net --password-file pw --tls-ca ca.pem": "a server",
		"keynest observe live unix:///run/valkey/valkey.sock --interval 10s":                        "a server",
		"keynest observe prometheus http://127.0.0.1:9090 --range 168h":                             "a server",
		"redis-cli INFO all > t0.txt; sleep 300; redis-cli INFO all > t1.txt":                       "a server",
		"keynest serve": "runs until it is stopped",
		"keynest serve --listen 127.0.0.1:9000 --rates ours.toml": "runs until it is stopped",
		"aws cloudwatch get-metric-data --metric-data-queries file://queries.json " +
			"--start-time 2026-11-01T00:00:00Z --end-time 2026-11-15T00:00:00Z > metrics.json": "an account",
		"terraform plan -out=plan.bin && terraform show -json plan.bin > tfplan.json":    "another program",
		"keynest rates import --fetch aws-elasticache --region eu-west-1 > overlay.toml": "the network",
		"aws elasticache describe-replication-groups | keynest inventory -":              "an account",
	}
	files := exampleFiles(t)
	e, _, _ := testEnv()
	for _, c := range commands(newRoot(e)) {
		t.Run(c.CommandPath(), func(t *testing.T) {
			if c.Example == "" {
				t.Fatal("has no example")
			}
			named := false
			for line := range strings.SplitSeq(continued.ReplaceAllString(c.Example, " "), "\n") {
				named = named || strings.Contains(line, c.CommandPath())
				if !strings.HasPrefix(line, "  ") || strings.TrimSpace(line) == "" {
					t.Errorf("%q: an example is a line of its own, two blanks in", line)
				}
				line = strings.TrimSpace(line)
				if left[line] != "" {
					delete(left, line)
					continue
				}
				dir := t.TempDir()
				for name, text := range files {
					if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
						t.Fatal(err)
					}
				}
				runExample(t, dir, line)
			}
			if !named {
				t.Error("no example shows the command itself")
			}
		})
	}
	for line := range left {
		t.Errorf("%q is excused, but no command shows it", line)
	}
}

// continued is where a line of an example goes on in the next.
var continued = regexp.MustCompile(` *\\\n +`)

// runExample runs a line of one command or of several with pipes between them.
func runExample(t *testing.T, dir, line string) {
	for part := range strings.SplitSeq(line, " | ") {
		cmd, err := shellWords(part)
		if err != nil || cmd.args[0] != "keynest" {
			t.Errorf("%s: cannot be run here: %v", line, err)
			return
		}
		if part != line {
			cmd.stdin = "pipe"
		}
		if cmd.stdout == "" {
			cmd.stdout = "pipe"
		}
		said := runProgram(t, dir, "keynest", cmd)
		if n := len(said); n > 0 && strings.HasPrefix(said[n-1], "exit status ") {
			t.Errorf("%s\n%s", line, strings.Join(said, "\n"))
		}
	}
}

// exampleFiles are the files that examples read.
func exampleFiles(t *testing.T) map[string]string {
	info := func(script, name string) string {
		archive, err := txtar.ParseFile(filepath.Join("testdata", "script", script))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if f.Name == name {
				return string(f.Data)
			}
		}
		t.Fatalf("%s has no %s", script, name)
		return ""
	}
	report := func(ops string) string {
		e, out, complaints := testEnv()
		if code := run(e, []string{"estimate", "--ops-per-sec", ops, "--gib", "8", "--offer", "upstash-*", "--output", "json"}); code != exitOK {
			t.Fatal(complaints.String())
		}
		return out.String()
	}
	plan, err := os.ReadFile(filepath.Join(inventoryFixtures, "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	first, second := info("observe_info.txtar", "t0.txt"), info("observe_info.txtar", "t1.txt")
	return map[string]string{
		"pipe":       "",
		"before.txt": first, "after.txt": second, "t0.txt": first, "t1.txt": second,
		"a0.txt": first, "a1.txt": second,
		"b0.txt":       strings.ReplaceAll(first, "run_id:a1", "run_id:b1"),
		"b1.txt":       strings.ReplaceAll(second, "run_id:a1", "run_id:b1"),
		"answers.json": info("observe_series.txtar", "answers.json"),
		"metrics.json": info("observe_export.txtar", "cw.json"),
		"telegraf.out": info("observe_export.txtar", "telegraf.out"),
		"panel.csv":    info("observe_export.txtar", "legend.csv"),
		"sum.json":     info("observe_export.txtar", "sum.json"),
		"tfplan.json":  string(plan),
		"limits.toml":  "[inventory.resource.\"azurerm*\"]\nmax_usd_per_month = \"100\"\n",
		"index.json": `{"formatVersion": "v1.0", "offerCode": "AmazonElastiCache", "version": "1", "publicationDate": "2026-10-05T00:00:00Z",
"products": {"A": {"sku": "A", "attributes": {"locationType": "AWS Region", "regionCode": "eu-west-1", "instanceType": "cache.r7g.large", "cacheEngine": "Valkey", "usagetype": "EU-NodeUsage:cache.r7g.large"}}},
"terms": {"OnDemand": {"A": {"A.J": {"priceDimensions": {"A.J.6": {"unit": "Hrs", "pricePerUnit": {"USD": "0.1944"}}}, "termAttributes": {}}}}}}`,
		"rates.toml":      testRates(),
		"cur-2026-10.csv": info("reconcile.txtar", "cur-2026-10.csv"), "focus.csv": info("reconcile.txtar", "focus.csv"),
		"hours.csv": info("replay.txtar", "hours.csv"), "eu.csv": info("replay.txtar", "hours.csv"),
		"cloudwatch.csv": "Timestamp,Sum\n2026-11-01T00:00:00Z,1000\n2026-11-01T01:00:00Z,2000\n",
		"fleet.csv":      info("replay.txtar", "fleet.csv"),
		"main.json":      report("100"),
		"branch.json":    report("105"),
		"keynest.toml":   "[workload.a]\nops_per_sec = 5000\ngib = 8\n[check.a]\nworkload = \"a\"\noffer = \"elasticache-node-valkey\"\nmax_usd_per_month = \"300.00\"\n",
	}
}

// TestCLIPage compares docs/cli.md with the commands; -update rewrites it.
func TestCLIPage(t *testing.T) {
	e, _, _ := testEnv()
	want := cliPage(newRoot(e))
	path := filepath.Join("..", "docs", "cli.md")
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go generate ./cmd writes it", err)
	}
	if strings.ReplaceAll(string(got), "\r\n", "\n") != want {
		t.Error("docs/cli.md is not what the commands say; go generate ./cmd rewrites it")
	}
}

const cliHead = `<!-- Written by: go generate ./cmd
     from the commands themselves. Edit those. -->

# The command line

What ` + "`--help`" + ` says, on one page; every command takes it.

## Exit status

| status | meaning |
|---|---|
| %d | done; every limit respected |
| %d | the tool failed: a file could not be written, a sum went over, a bug |
| %d | called wrongly: a flag, an argument, a workload or a rates file |
| %d | a cost limit was exceeded; the report was written first |
| %d | the data is not good enough to judge: a rate is too old, or a figure is unknown |

Only a command that has limits to judge ends with %d or %d. Standard output has the document and nothing else;
notes, verdicts and errors go to standard error.

Output that cannot be written, on a full disk for instance, is status 1. A new file has the mode that your umask
leaves, an old one keeps its mode, and a symbolic link stays a link to the file that is written. A file is replaced as a
whole, so that nobody reads half a report; another hard link to it keeps the old text. There is one exception:
where standard output is closed (` + "`>&-`" + `), the Go runtime opens /dev/null in its place before the program starts. The
program cannot tell this from a /dev/null that another program handed on, as Python's subprocess.DEVNULL does, so the
report is lost and the status is that of the report.

## Environment

| variable | effect |
|---|---|
| ` + "`NO_COLOR`" + ` | no bold and no dim, on a terminal too |
| ` + "`COLUMNS`" + ` | the width of a table, at most 100 |
`

// cliPage is docs/cli.md.
func cliPage(root *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, cliHead, exitOK, exitFailed, exitUsage, exitBreach, exitData, exitBreach, exitData)
	for _, c := range commands(root) {
		c.InitDefaultHelpFlag()
		fmt.Fprintf(&b, "\n## %s\n\n", c.CommandPath())
		// cobra's own texts on completion are laid out for a terminal.
		if c.HasParent() && c.Parent().Name() == "completion" {
			fmt.Fprintf(&b, "%s. `%s --help` says where to put it.\n\n", c.Short, c.CommandPath())
		} else {
			fmt.Fprintf(&b, "%s\n\n", strings.TrimSpace(c.Long))
		}
		fmt.Fprintf(&b, "```text\n%s\n```\n\n```sh\n", c.UseLine())
		for line := range strings.SplitSeq(c.Example, "\n") {
			fmt.Fprintln(&b, strings.TrimSpace(line))
		}
		b.WriteString("```\n")
		head := "\n| flag | meaning |\n|---|---|\n"
		c.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
			if f.Hidden || f.Name == "help" {
				return
			}
			b.WriteString(head)
			head = ""
			value, usage := pflag.UnquoteUsage(f)
			name := "--" + f.Name
			if f.Shorthand != "" {
				name = "-" + f.Shorthand + ", " + name
			}
			if value != "" {
				name += " " + value
			}
			if d := f.DefValue; !slices.Contains([]string{"", "false", "0", "[]"}, d) {
				usage += " (default " + strings.Trim(d, "[]") + ")"
			}
			fmt.Fprintf(&b, "| `%s` | %s |\n", name, strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`).Replace(usage))
		})
	}
	return b.String()
}

// TestFlagValues: the help of a flag names its value by a word in capitals (N, USD,
// DATE, FILE), not by a type of Go.
func TestFlagValues(t *testing.T) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if value, _ := pflag.UnquoteUsage(f); value != strings.ToUpper(value) && !strings.HasSuffix(value, "d") {
				t.Errorf("%s --%s %s: write the value in capitals, between backquotes, into its usage", c.CommandPath(), f.Name, value)
			}
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(&env{}))
}

// TestExampleFiles holds the files in examples against docs/examples.md, which
// shows and runs each.
func TestExampleFiles(t *testing.T) {
	lines := readLines(t, filepath.Join("..", "docs", "examples.md"))
	shown := map[string]string{}
	for _, f := range fences(lines) {
		if f.title != "" {
			shown[f.title] = strings.Join(f.body(lines), "\n") + "\n"
		}
	}
	files, err := filepath.Glob(filepath.Join("..", "examples", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("examples: %d files, %v", len(files), err)
	}
	for _, path := range files {
		name := filepath.Base(path)
		if got := strings.Join(readLines(t, path), "\n"); got != shown[name] {
			t.Errorf("examples/%s is not what docs/examples.md shows", name)
		}
		delete(shown, name)
	}
	for name := range shown {
		t.Errorf("docs/examples.md shows %s, and examples has no such file", name)
	}
}

// TestCaskPages holds the manual pages that the Homebrew cask names to those
// that keynest man writes: a cask knows no wildcard.
func TestCaskPages(t *testing.T) {
	dir := t.TempDir()
	e, _, complaints := testEnv()
	if code := run(e, []string{"man", dir}); code != exitOK {
		t.Fatal(complaints.String())
	}
	written, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil || len(written) == 0 {
		t.Fatalf("%d pages, %v", len(written), err)
	}
	var want, got []string
	for _, page := range written {
		want = append(want, "- man/"+filepath.Base(page)+".gz")
	}
	lines := readLines(t, filepath.Join("..", ".goreleaser.yaml"))
	for i, line := range lines {
		if strings.TrimSpace(line) == "manpages:" {
			for _, line := range lines[i+1:] {
				page := strings.TrimSpace(line)
				if !strings.HasPrefix(page, "- ") {
					break
				}
				got = append(got, page)
			}
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("homebrew_casks in .goreleaser.yaml has the manual pages\n%s\nand keynest man writes\n%s",
			strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
