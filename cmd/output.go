package cmd

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// format is one way to write a command's report.
type format struct {
	name  string
	write func(io.Writer) error
}

// addOutputFlag gives a command --output; each value is FORMAT or FORMAT=FILE.
func addOutputFlag(c *cobra.Command, to *[]string, names ...string) {
	c.Flags().StringArrayVarP(to, "output", "o", []string{names[0]},
		"report `FORMAT`: "+strings.Join(names, ", ")+"; FORMAT=FILE writes to a file; repeatable")
	offerValues(c, "output", names...)
}

// flagValues is the annotation with the values that a shell offers for a flag.
const flagValues = "keynest_values"

// offerValues notes what a shell offers for a flag. cobra keeps completions in a
// map of its own that is never emptied, so only the tree of a command line
// registers them (completeFlags), and not the commands that keynest serve makes
// for each request.
func offerValues(c *cobra.Command, flag string, values ...string) {
	_ = c.Flags().SetAnnotation(flag, flagValues, values)
}

// completeFlags registers the completions of a command and of those below it.
func completeFlags(c *cobra.Command) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if values := f.Annotations[flagValues]; values != nil {
			_ = c.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
		}
	})
	for _, sub := range c.Commands() {
		completeFlags(sub)
	}
}

// checkOutputs refuses unknown formats and two reports for one place, before
// any work is done.
func checkOutputs(outputs []string, names ...string) error {
	taken := map[string]bool{}
	for _, o := range outputs {
		name, path, toFile := strings.Cut(o, "=")
		known := false
		for _, n := range names {
			known = known || n == name
		}
		switch {
		case !known:
			return usagef("unknown output format %q; known: %s", name, strings.Join(names, ", "))
		case toFile && path == "":
			return usagef("--output %s names no file", o)
		case taken[path]:
			return usagef("two reports for %s; write one of them to a file, as in --output %s=FILE", place(path), name)
		}
		taken[path] = true
	}
	return nil
}

func place(path string) string {
	if path == "" {
		return "standard output"
	}
	return path
}

// writeOutputs writes every report asked for. All are rendered before the first
// byte is written, so that a failure leaves no partial report; a file is written
// whole or not at all.
func (e *env) writeOutputs(outputs []string, formats ...format) error {
	type rendered struct {
		path string
		data []byte
	}
	var all []rendered
	for _, o := range outputs {
		name, path, _ := strings.Cut(o, "=")
		for _, f := range formats {
			if f.name != name {
				continue
			}
			var b bytes.Buffer
			if err := f.write(&b); err != nil {
				return err
			}
			all = append(all, rendered{path, b.Bytes()})
		}
	}
	for _, r := range all {
		if r.path != "" {
			if err := e.writeFile(r.path, r.data); err != nil {
				return err
			}
		}
	}
	for _, r := range all {
		if r.path == "" {
			if _, err := e.stdout.Write(r.data); err != nil {
				return fmt.Errorf("writing the report: %w", err)
			}
		}
	}
	return nil
}
