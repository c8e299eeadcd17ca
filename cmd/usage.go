package cmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keynest/keynest/pkg/suggest"
)

// noArgs refuses arguments. A word after a command with subcommands is taken for a
// misspelt subcommand, numbers for inputs without their flags.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range c.Commands() {
		if !sub.Hidden {
			names = append(names, sub.Name())
		}
	}
	switch {
	case len(names) > 0:
		return fmt.Errorf("unknown command %q for %q%s", args[0], c.CommandPath(), suggest.Question(args[0], names))
	case c.Flags().Lookup("ops-per-sec") != nil && isNumber(args[0]):
		hint := "--ops-per-sec " + args[0]
		if len(args) > 1 && isNumber(args[1]) {
			hint += " --gib " + args[1]
		} else {
			hint += " --gib GIB"
		}
		return fmt.Errorf("%s takes flags, not bare numbers: try %s %s", c.CommandPath(), c.CommandPath(), hint)
	}
	return fmt.Errorf("%s takes no arguments, got %q", c.CommandPath(), args[0])
}

func isNumber(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

// takesArgs requires least to most arguments; missing says what is needed where
// there are fewer.
func takesArgs(least, most int, missing string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < least {
			return fmt.Errorf("%s needs %s", c.CommandPath(), missing)
		}
		if len(args) > most {
			return fmt.Errorf("%s takes %d %s; %q is one too many", c.CommandPath(), most, plural(most, "argument"), args[most])
		}
		return nil
	}
}

// flagError adds to an unknown flag the flags that may have been meant. A
// misspelt command is named first: its flags are unknown only because of it.
func flagError(root *cobra.Command, args []string) func(*cobra.Command, error) error {
	return func(c *cobra.Command, err error) error {
		var unknown *pflag.NotExistError
		if !errors.As(err, &unknown) {
			return err
		}
		if c == root && len(args) > 0 && !strings.HasPrefix(args[0], "-") {
			return noArgs(root, args[:1])
		}
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				names = append(names, f.Name)
			}
		})
		near := suggest.Near(unknown.GetSpecifiedName(), names)
		for i := range near {
			near[i] = "--" + near[i]
		}
		return fmt.Errorf("%w%s", err, suggest.Ask(near))
	}
}
