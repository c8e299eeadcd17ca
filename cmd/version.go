package cmd

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/report"
)

// version is set by the release build; a plain go build reads the module's.
var version = ""

// versionJSON is keynest version --output json.
type versionJSON struct {
	FormatVersion string `json:"format_version"`
	Kind          string `json:"kind"`
	Version       string `json:"version"`
	Go            string `json:"go"`
	Platform      string `json:"platform"`
	RatesOf       string `json:"rates_of"` // the newest day on which a rate was read
	Offers        int    `json:"offers"`
	RatesSHA256   string `json:"rates_sha256"`
}

var versionFormats = []string{"table", "json"}

func newVersionCmd(e *env) *cobra.Command {
	var outputs []string
	c := &cobra.Command{
		Use:     "version",
		Short:   "Print the version of keynest and its embedded rate cards",
		Example: "  keynest version\n  keynest version --output json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := checkOutputs(outputs, versionFormats...); err != nil {
				return err
			}
			set, err := e.cards(nil)
			if err != nil {
				return err
			}
			v := versionJSON{
				FormatVersion: form.Version, Kind: "version",
				Version: versionString(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
				RatesOf: set.NewestRetrieved(), Offers: len(set.Offers()), RatesSHA256: set.SHA256(),
			}
			return e.writeOutputs(outputs,
				format{"table", func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "keynest %s\n%s %s\nrates of %s, %d offers, sha256 %s\n",
						v.Version, v.Go, v.Platform, v.RatesOf, v.Offers, v.RatesSHA256)
					return err
				}},
				format{"json", func(w io.Writer) error { return report.WriteJSON(w, v) }},
			)
		},
	}
	addOutputFlag(c, &outputs, versionFormats...)
	return c
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
