package cmd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/ratecard"
)

// goCommand is a command of the Go tool in a page: a line of a block, or code in
// a sentence.
var goCommand = regexp.MustCompile("(?m)(?:^ *|`)(go (?:test|generate|vet|run) [^`\n]*)(?:`|$)")

// TestGoCommands holds every go command that the docs show against the Go tool:
// the packages are there, they know the flags, and -run and -fuzz name a test.
// The tests themselves are not run again.
func TestGoCommands(t *testing.T) {
	checked := map[string]bool{}
	for _, path := range docPages(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range goCommand.FindAllStringSubmatch(strings.ReplaceAll(string(data), "\r\n", "\n"), -1) {
			if checked[m[1]] {
				continue
			}
			checked[m[1]] = true
			words, err := shellWords(m[1])
			if err == nil {
				err = dryRun(words.args)
			}
			if err != nil {
				t.Errorf("%s: %s: %v", filepath.ToSlash(path), m[1], err)
			}
		}
	}
	if len(checked) < 8 {
		t.Errorf("only %d go commands found in the docs", len(checked))
	}
}

// dryRun does what a go command would do, short of running a test, a
// generator or keynest.
func dryRun(args []string) error {
	switch args[1] {
	case "generate":
		return goTool(slices.Concat([]string{"go", "generate", "-n"}, args[2:]))
	case "run":
		return goTool([]string{"go", "list", args[2]})
	}
	packages, pattern, flags := []string(nil), "", []string(nil)
	for i := 2; i < len(args); i++ {
		switch {
		case strings.HasPrefix(args[i], "./"):
			packages = append(packages, args[i])
		case args[i] == "-run" || args[i] == "-fuzz":
			i++
			pattern = args[i]
		default:
			flags = append(flags, args[i])
		}
	}
	if err := goTool(slices.Concat([]string{"go", "list"}, packages)); err != nil {
		return err
	}
	if pattern != "" {
		if err := namesTest(packages, pattern); err != nil {
			return err
		}
	}
	if flags == nil {
		return nil
	}
	return goTool(slices.Concat([]string{"go", "test", "-run", "^$"}, packages, flags))
}

var testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)

// namesTest wants a test in the packages whose name fits the pattern.
func namesTest(packages []string, pattern string) error {
	fits, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	for _, p := range packages {
		files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(p), "*_test.go"))
		if err != nil {
			return err
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			for _, m := range testFunc.FindAllSubmatch(data, -1) {
				if fits.Match(m[1]) {
					return nil
				}
			}
		}
	}
	return fmt.Errorf("no test in %s is named like %s", strings.Join(packages, " "), pattern)
}

// namedTest is a test that a page names.
var namedTest = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z]\\w*)`")

// TestNamedTests: the tests that the docs name are there.
func TestNamedTests(t *testing.T) {
	known := map[string]bool{}
	for _, pattern := range []string{"../cmd/*_test.go", "../pkg/*/*_test.go"} {
		files, err := filepath.Glob(filepath.FromSlash(pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`).FindAllSubmatch(data, -1) {
				known[string(m[1])] = true
			}
		}
	}
	for _, path := range docPages(t) {
		for i, line := range readLines(t, path) {
			for _, m := range namedTest.FindAllStringSubmatch(line, -1) {
				if !known[m[1]] {
					t.Errorf("%s:%d: there is no %s", filepath.ToSlash(path), i+1, m[1])
				}
			}
		}
	}
}

func goTool(args []string) error {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

// TestGenerateCards edits a price in a copy of the repository, as CONTRIBUTING
// tells a contributor to, and wants go generate to make the packed cards anew.
func TestGenerateCards(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "rates.toml", "pkg/money", "pkg/safetext", "pkg/unit", "pkg/tomlfile", "pkg/suggest", "pkg/ratecard"} {
		from, to := filepath.Join("..", filepath.FromSlash(name)), filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(from)
		if err != nil {
			t.Fatal(err)
		}
		if info.IsDir() {
			err = os.CopyFS(to, os.DirFS(from))
		} else {
			var data []byte
			if data, err = os.ReadFile(from); err == nil {
				err = os.WriteFile(to, data, 0o666)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	cards := read("rates.toml")
	edited := strings.Replace(cards, "0.1648", "0.1658", 1)
	if edited == cards {
		t.Fatal("rates.toml has no price of 0.1648 any more; edit another one here")
	}
	if err := os.WriteFile(filepath.Join(dir, "rates.toml"), []byte(edited), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "generate", "./pkg/ratecard")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go generate: %v\n%s", err, out)
	}
	if !ratecard.PackIsCurrent(read("pkg/ratecard/rates.pack"), edited) {
		t.Error("go generate ./pkg/ratecard did not make rates.pack from the edited rates.toml")
	}
}
