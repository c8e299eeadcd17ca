// Package cmd is the command line: flags become options, options call a
// package, the result is written as a report. Nothing here computes a price,
// and nothing below this package touches the clock, the environment or a file.
package cmd

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/safetext"
)

// env is the world as a command sees it; tests give their own.
type env struct {
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
	style    page.Style
	today    string // YYYY-MM-DD, UTC
	getenv   func(string) string
	rates    string // the embedded rates.toml
	terminal bool   // stdout is one
	// loaded are the cards of a command that answers many times; nil reads them.
	loaded *ratecard.Set
	// noConfig keeps a request to keynest serve from looking for a keynest.toml.
	noConfig bool
	// stop is asked while bills are computed; its error ends that. Nil never does.
	stop func() error
	// http makes the client of --fetch for some hosts; nil is that of the network.
	http func(hosts []string) *http.Client
	// clock is the day now, for a command that runs on past midnight; nil is today.
	clock func() string
}

// day is the day now.
func (e *env) day() string {
	if e.clock == nil {
		return e.today
	}
	return e.clock()
}

func dayNow() string { return time.Now().UTC().Format(time.DateOnly) }

// Main runs keynest with the embedded rate cards and returns the exit code.
func Main(rates string, args []string) int {
	collectLater()
	e := &env{
		stdin:  os.Stdin,
		stdout: os.Stdout,
		stderr: os.Stderr,
		today:  dayNow(),
		clock:  dayNow,
		getenv: os.Getenv,
		rates:  rates,
	}
	e.terminal = term.IsTerminal(int(os.Stdout.Fd()))
	if e.terminal {
		e.style.Unicode = os.Getenv("TERM") != "dumb"
		e.style.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
			e.style.Width = min(width, page.MaxWidth)
		}
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		e.style.Width = min(n, page.MaxWidth)
	}
	return run(e, args)
}

// collectLater delays the first garbage collection from 4 MB of heap to 16 MB.
// Most reports end before that, in 10 to 20 % less time; longer runs collect as
// usual from there on.
func collectLater() {
	if os.Getenv("GOGC") != "" {
		return
	}
	usual := debug.SetGCPercent(400)
	runtime.AddCleanup(&[64]byte{}, func(percent int) { debug.SetGCPercent(percent) }, usual)
}

func run(e *env, args []string) int {
	out := &stdoutWriter{w: e.stdout}
	e.stdout = out
	root := newRoot(e)
	started := false
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		started = true
		if plain, _ := c.Flags().GetBool("no-color"); plain {
			e.style.Color = false
		}
		if err := checkFlags(c); err != nil {
			return err
		}
		return takeEnviron(e, c)
	}
	root.SetArgs(args)
	root.SetFlagErrorFunc(flagError(root, args))
	err := root.Execute()
	if err == nil && out.err != nil { // of a help text, whose errors cobra drops
		err = fmt.Errorf("writing to standard output: %w", cause(out.err))
	}
	code := exitCode(err, started || out.err != nil)
	if err != nil && err.Error() != "" {
		e.say("keynest: ", strings.TrimSpace(err.Error()))
		if !started {
			fmt.Fprintf(e.stderr, "keynest: see %s --help\n", called(root, args))
		}
	}
	return code
}

// checkFlags refuses a flag with an empty value, since an unset variable of a
// script must not switch a limit off. It also refuses values with unprintable
// characters, except in names of files.
func checkFlags(c *cobra.Command) (err error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		if err == nil && (len(values) == 0 || slices.Contains(values, "")) {
			err = usagef("--%s is empty; leave it out or give a value", f.Name)
		}
		if strings.Contains(f.Usage, "`FILE") || strings.Contains(f.Usage, "`DIR`") || strings.Contains(f.Usage, "FORMAT=FILE") {
			return
		}
		for _, value := range values {
			if problem := safetext.LineProblem(value); err == nil && problem != "" {
				err = usagef("--%s %s", f.Name, problem)
			}
		}
	})
	return err
}

// say writes a message to standard error that is safe for a terminal and a log,
// whatever names it repeats.
func (e *env) say(prefix, message string) {
	fmt.Fprintf(e.stderr, "%s%s\n", prefix, safetext.Message(message))
}

// called is the command that the arguments name, as far as it is known.
func called(root *cobra.Command, args []string) string {
	c, _, err := root.Find(args)
	if err != nil || c == nil {
		return root.CommandPath()
	}
	return c.CommandPath()
}

func newRoot(e *env) *cobra.Command {
	asked := false // for the version
	root := &cobra.Command{
		Use:   "keynest",
		Short: "Compute the monthly cost of a Redis or Valkey workload, with sources",
		Long: `keynest computes the monthly cost of a Redis or Valkey workload on per-command
(serverless) offers and on capacity-based offers. Each rate has a date and a source,
and sums are exact. keynest needs no network and no account.`,
		Example: `  keynest estimate --ops-per-sec 5000 --gib 8
  keynest estimate --ops-per-sec 5000 --gib 8 --explain --offer 'upstash-*'
  keynest rates show upstash-payg`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if asked {
				_, err := fmt.Fprintf(e.stdout, "keynest %s\n", versionString())
				return err
			}
			return c.Help()
		},
	}
	// cobra's own --version needs a template, and templates call methods by name:
	// the linker then keeps every method of the program, 20 MB of them.
	root.Flags().BoolVarP(&asked, "version", "v", false, "print the version")
	root.SetIn(e.stdin)
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	root.PersistentFlags().Bool("no-color", false, "print without colour, as with NO_COLOR set")
	root.CompletionOptions.HiddenDefaultCmd = false
	addGroups(root, commandGroups(e)...)
	addCompletionExamples(root)
	completeFlags(root)
	completeFromCards(e, root)
	nameEnviron(root)
	return root
}

// commandGroups lists all commands under the headings of keynest --help.
func commandGroups(e *env) []group {
	return []group{
		{"Price a workload", []*cobra.Command{
			newEstimateCmd(e),
			newFitCmd(e),
			newBreakEvenCmd(e),
			newSweepCmd(e),
			newReplayCmd(e),
			newInventoryCmd(e),
			newServeCmd(e),
		}},
		{"Control costs", []*cobra.Command{
			newCheckCmd(e),
			newDiffCmd(e),
			newReconcileCmd(e),
		}},
		{"Measure what runs", []*cobra.Command{
			newObserveCmd(e),
		}},
		{"Know the rates and the engines", []*cobra.Command{
			newRatesCmd(e),
			newRegionsCmd(e),
			newCompareCmd(e),
			newFAQCmd(e),
		}},
		{"Use the program", []*cobra.Command{
			newManCmd(e),
			newVersionCmd(e),
		}},
	}
}

// group is a heading of keynest --help and its commands.
type group struct {
	title    string
	commands []*cobra.Command
}

// addGroups adds commands under headings. What cobra adds by itself goes to the
// last one.
func addGroups(root *cobra.Command, groups ...group) {
	for _, g := range groups {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title + ":"})
		for _, c := range g.commands {
			c.GroupID = g.title
			root.AddCommand(c)
		}
		root.SetHelpCommandGroupID(g.title)
		root.SetCompletionCommandGroupID(g.title)
	}
}

// addCompletionExamples gives the commands that cobra adds by itself the
// examples that every other command has.
func addCompletionExamples(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Example = "  keynest help estimate"
		case "completion":
			c.Example = "  keynest completion bash > keynest.bash"
			// Without a function of its own cobra answers any word with the help.
			c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
			for _, shell := range c.Commands() {
				shell.Example = "  keynest completion " + shell.Name() + " > keynest." + shell.Name()
			}
		}
	}
}
