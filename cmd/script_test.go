package cmd

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// update makes this package's tests rewrite what they compare with: golden
// files, the outputs in scripts and the blocks in the docs.
var update = flag.Bool("update", false, "rewrite golden files, script outputs and the output shown in the docs")

// ratesEnv tells the keynest that the tests start where rates.toml is. Only
// TestMain reads it: the program itself embeds the file.
const ratesEnv = "KEYNEST_TEST_RATES"

// TestMain lets this test binary be the keynest program as well, so what the
// tests start is the real thing and still counts for coverage and -race.
func TestMain(m *testing.M) {
	if path, err := filepath.Abs("../rates.toml"); err == nil && os.Getenv(ratesEnv) == "" {
		_ = os.Setenv(ratesEnv, path)
	}
	// A program built with -race sleeps a second before it exits, unless told otherwise.
	if os.Getenv("GORACE") == "" {
		_ = os.Setenv("GORACE", "atexit_sleep_ms=10")
	}
	testscript.Main(m, map[string]func(){
		"keynest": func() { os.Exit(Main(testRates(), os.Args[1:])) },
		// The same program a year from now shows what depends on the day.
		"keynest-later": func() {
			os.Exit(run(&env{
				stdin:  os.Stdin,
				stdout: os.Stdout,
				stderr: os.Stderr,
				today:  time.Now().UTC().AddDate(1, 0, 0).Format(time.DateOnly),
				getenv: os.Getenv,
				rates:  testRates(),
			}, os.Args[1:]))
		},
	})
}

func testRates() string {
	rates, err := os.ReadFile(os.Getenv(ratesEnv))
	if err != nil {
		fmt.Fprintln(os.Stderr, "the tests' keynest:", err)
		os.Exit(99)
	}
	return string(rates)
}

// TestScript runs testdata/script/*.txtar. In a script, «exec keynest …» runs
// the program and «exits N keynest …» also wants exit status N; both leave
// their output to the stdout, stderr and cmp lines that follow. «fill FILE N
// TEXT» writes TEXT N times; «absent PATTERN» wants no such file; «env
// KEYNEST_TEST_RATES=$CARDS» at its top makes a script run on the cards of
// made-up vendors, which no price change touches.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "fill": fill, "absent": absent},
		Setup: func(env *testscript.Env) error {
			cards, err := filepath.Abs(fixtureCards)
			if err != nil {
				return err
			}
			env.Setenv("CARDS", cards)
			env.Setenv(ratesEnv, os.Getenv(ratesEnv))
			// Reading them here makes go test forget cached results when the cards change.
			for _, path := range []string{cards, os.Getenv(ratesEnv)} {
				if _, err := os.ReadFile(path); err != nil {
					return err
				}
			}
			return nil
		},
	})
}

// exits is the script command «exits N program args…».
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N program args…")
	}
	want, err := strconv.Atoi(args[0])
	if err != nil || want < 0 || want > 255 {
		ts.Fatalf("exits %s: not an exit status", args[0])
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("exits: %v", err)
		}
		got = exit.ExitCode()
	}
	// A panic exits with status 2, the one that stands for a wrong call.
	if strings.Contains(ts.ReadFile("stderr"), "\ngoroutine ") {
		ts.Fatalf("%s panicked", args[1])
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// fill is the script command «fill FILE N TEXT»: a file of TEXT, N times over.
// TEXT may hold the escapes of a Go string.
func fill(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: fill FILE N TEXT")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	text, err := strconv.Unquote(`"` + args[2] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat(text, n)), 0o666))
}

// absent is the script command «absent PATTERN»: no file is named like that.
func absent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: absent PATTERN")
	}
	found, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(found) > 0 {
		ts.Fatalf("%s: %s", args[0], strings.Join(found, ", "))
	}
}
