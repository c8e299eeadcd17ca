package cmd

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func newManCmd(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "man DIRECTORY",
		Short: "Write the manual pages to a directory",
		Long: `man writes a manual page for each command to DIRECTORY, and creates the directory
if it is missing. Packages contain these pages. After go install, write them to a
directory that man searches, such as ~/.local/share/man/man1.`,
		Example: "  keynest man ./man1",
		Args:    takesArgs(1, 1, "a directory to write the pages to, such as ./man"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o777); err != nil {
				return usagef("cannot make %s: %w", args[0], cause(err))
			}
			// The pages are dated by the newest card, not by the build, so that
			// the same source gives the same pages.
			set, err := e.cards(nil)
			if err != nil {
				return err
			}
			day, err := time.Parse(time.DateOnly, set.NewestRetrieved())
			if err != nil {
				return fmt.Errorf("manual pages: %w", err)
			}
			header := &doc.GenManHeader{Section: "1", Source: "keynest " + versionString(), Manual: "KeyNest", Date: &day}
			root := c.Root()
			root.DisableAutoGenTag = true
			if err := doc.GenManTree(root, header, args[0]); err != nil {
				return fmt.Errorf("manual pages: %w", err)
			}
			return nil
		},
	}
}
