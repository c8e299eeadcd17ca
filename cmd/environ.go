package cmd

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// environFlags are the flags that an environment variable can set: what is the
// same for everything that one person or one build prices.
func environFlags() []string {
	return []string{"region", "rates", "fx", "currency", "term", "upfront", "as-of", "output"}
}

// environName is the variable of a flag: KEYNEST_AS_OF for --as-of.
func environName(flag string) string {
	return "KEYNEST_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// nameEnviron adds to the help of these flags the variable that sets them.
func nameEnviron(root *cobra.Command) {
	walk(root, func(c *cobra.Command) {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if name := "[$" + environName(f.Name) + "]"; slices.Contains(environFlags(), f.Name) && !strings.Contains(f.Usage, name) {
				f.Usage += " " + name
			}
		})
	})
}

// takeEnviron sets the flags of a command that the command line leaves out and
// the environment sets. A repeatable flag takes a list, separated as in PATH.
func takeEnviron(e *env, c *cobra.Command) error {
	for _, name := range environFlags() {
		f := c.Flags().Lookup(name)
		value := e.getenv(environName(name))
		if f == nil || f.Changed || value == "" {
			continue
		}
		values := []string{value}
		if _, list := f.Value.(pflag.SliceValue); list {
			values = strings.Split(value, string(os.PathListSeparator))
		}
		for _, v := range values {
			if err := c.Flags().Set(name, v); err != nil {
				return usageErr(fmt.Errorf("%s: %w", environName(name), err))
			}
		}
	}
	return nil
}
