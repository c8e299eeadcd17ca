package cmd

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/engines"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/report"
)

var compareFormats = []string{"table", "markdown", "json", "csv", "html"}

type compareOptions struct {
	engines  []string
	versions []string
	asOf     string
	explain  bool
	outputs  []string
}

func newCompareCmd(e *env) *cobra.Command {
	o := &compareOptions{}
	c := &cobra.Command{
		Use:   "compare [ENGINE...]",
		Short: "Compare engines: licence, governance, protocol, data files, support",
		Long: `compare shows Redis, Valkey and related engines side by side as of a date: licence
and its conditions, governance, origin, protocol and commands, clients, data files,
and how long a release gets fixes. Every cell has a date and a source; --explain
shows them. Without names it compares valkey and redis, each at its newest release
line.

This is not legal advice. For the cost of a workload, see keynest estimate.`,
		Example: `  keynest compare
  keynest compare --version-of redis=7.2
  keynest compare valkey redis dragonfly --explain
  keynest compare --as-of 2024-03-01`,
		ValidArgsFunction: completeEngines,
		RunE: func(_ *cobra.Command, args []string) error {
			o.engines = args
			return compareRun(e, o)
		},
	}
	c.Flags().StringArrayVar(&o.versions, "version-of", nil, "compare `ENGINE=VERSION`, a line or a release, as in redis=7.2; repeatable")
	c.Flags().StringVar(&o.asOf, "as-of", "", "use the facts of `DATE`, YYYY-MM-DD (default today)")
	c.Flags().BoolVar(&o.explain, "explain", false, "add the source and date of each cell, the releases and the managed services")
	addOutputFlag(c, &o.outputs, compareFormats...)
	return c
}

func compareRun(e *env, o *compareOptions) error {
	if err := checkOutputs(o.outputs, compareFormats...); err != nil {
		return err
	}
	book, err := engines.Embedded()
	if err != nil {
		return err
	}
	picks, err := o.picks(book)
	if err != nil {
		return err
	}
	asOf := o.asOf
	if asOf == "" {
		asOf = e.today
	}
	if err := checkDay("--as-of", asOf, e.today); err != nil {
		return err
	}
	comparison, err := book.Compare(asOf, picks)
	if err != nil {
		return usageErr(err)
	}
	document := report.EnginesDocument(comparison, o.explain)
	return e.writeOutputs(o.outputs,
		format{"table", func(w io.Writer) error { return page.WriteText(w, document, e.style) }},
		format{"markdown", func(w io.Writer) error { return page.WriteMarkdown(w, document) }},
		format{"json", func(w io.Writer) error { return report.WriteEnginesJSON(w, comparison) }},
		format{"csv", func(w io.Writer) error { return report.WriteEnginesCSV(w, comparison) }},
		format{"html", func(w io.Writer) error { return page.WriteHTML(w, document) }},
	)
}

// picks joins the engines named with the versions asked of them.
func (o *compareOptions) picks(book *engines.Book) ([]engines.Pick, error) {
	names := o.engines
	if len(names) == 0 {
		names = []string{"valkey", "redis"}
	}
	versions := map[string]string{}
	for _, v := range o.versions {
		engine, version, ok := strings.Cut(v, "=")
		switch {
		case !ok || version == "":
			return nil, usagef("--version-of %q is not like redis=7.2", v)
		case book.Engines[engine].Name == "":
			return nil, usagef("--version-of %s: unknown engine %q; known: %s", v, engine, strings.Join(book.EngineIDs(), ", "))
		case !slices.Contains(names, engine):
			return nil, usagef("--version-of %s: %s is not compared; name it, as in keynest compare %s %s",
				v, engine, strings.Join(names, " "), engine)
		case versions[engine] != "":
			return nil, usagef("--version-of is given twice for %s; give it once", engine)
		}
		versions[engine] = version
	}
	var picks []engines.Pick
	for _, name := range names {
		picks = append(picks, engines.Pick{Engine: name, Version: versions[name]})
	}
	return picks, nil
}

func completeEngines(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	book, err := engines.Embedded()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	left := slices.DeleteFunc(book.EngineIDs(), func(id string) bool { return slices.Contains(args, id) })
	return left, cobra.ShellCompDirectiveNoFileComp
}
