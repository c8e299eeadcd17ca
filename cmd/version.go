package cmd

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the release build; a plain go build reads the module's.
var version = ""

func newVersionCmd(e *env) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of keynest and of its embedded rate cards",
		Example: "  keynest version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			set, err := e.cards(nil)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(e.stdout, "keynest %s\n%s %s/%s\nrates of %s, %d offers, sha256 %s\n",
				versionString(), runtime.Version(), runtime.GOOS, runtime.GOARCH,
				set.NewestRetrieved(), len(set.Offers()), set.SHA256())
			return err
		},
	}
}

func versionString() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
