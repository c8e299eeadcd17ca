package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/observe"
)

func newObserveCmd(e *env) *cobra.Command {
	c := &cobra.Command{
		Use:   "observe",
		Short: "Measure the workload of a Redis or Valkey server",
		Long: `observe writes a workload file to standard output, from the statistics that a
server or its monitoring has. Notes go to standard error. It only reads, and
connects only to the server that you name.`,
		Example: `  keynest observe info before.txt after.txt > workload.toml
  keynest observe live redis://127.0.0.1:6379 | keynest estimate --workload -`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		newObserveInfoCmd(e),
		newObserveLiveCmd(e),
		newObservePrometheusCmd(e),
		newObserveCloudWatchCmd(e),
	)
	return c
}

type observeInfoOptions struct {
	name     string
	nodes    []string
	interval time.Duration
}

func newObserveInfoCmd(e *env) *cobra.Command {
	var o observeInfoOptions
	c := &cobra.Command{
		Use:   "info T0 [T1]",
		Short: "Make a workload file from saved replies to INFO all",
		Long: `info reads replies that were saved with redis-cli INFO all or valkey-cli INFO all.
Two samples of one server give the rates between them; one sample gives averages
since the server started. For several nodes of one cluster, use --node once for
each, with its samples separated by a comma; replicas are recognised and not added.
- reads standard input.`,
		Example: `  redis-cli INFO all > t0.txt; sleep 300; redis-cli INFO all > t1.txt
  keynest observe info t0.txt t1.txt
  keynest observe info --node a0.txt,a1.txt --node b0.txt,b1.txt`,
		Args: takesArgs(0, 2, ""),
		RunE: func(_ *cobra.Command, args []string) error {
			return runObserveInfo(e, o, args)
		},
	}
	addNameFlag(c, &o.name)
	c.Flags().StringArrayVar(&o.nodes, "node", nil, "one node's samples, `T0[,T1]`; repeatable")
	c.Flags().DurationVar(&o.interval, "interval", 0, "`DURATION` between the two samples, where the server's own clock is too coarse")
	return c
}

func addNameFlag(c *cobra.Command, name *string) {
	c.Flags().StringVar(name, "name", "measured", "`NAME` of the workload in the file")
}

func runObserveInfo(e *env, o observeInfoOptions, args []string) error {
	sets, err := o.sets(args)
	if err != nil {
		return err
	}
	var nodes []observe.Node
	stdin := 0
	for _, path := range slices.Concat(sets...) {
		if path == "-" {
			stdin++
		}
	}
	if stdin > 1 {
		return usagef("standard input can be one sample only")
	}
	for _, set := range sets {
		n := observe.Node{Elapsed: o.interval}
		for _, path := range set {
			in, err := e.readInfo(path)
			if err != nil {
				return observeErr(err)
			}
			n.Samples = append(n.Samples, in)
		}
		nodes = append(nodes, n)
	}
	result, err := observe.Observe(nodes)
	if err != nil {
		return observeErr(err)
	}
	return e.writeWorkload(result, o.name)
}

// sets returns the samples of each node.
func (o observeInfoOptions) sets(args []string) ([][]string, error) {
	switch {
	case o.name == "":
		return nil, usagef("--name is empty")
	case o.interval != 0 && o.interval < time.Second:
		return nil, usagef("--interval %v is below a second", o.interval)
	case len(args) > 0 && len(o.nodes) > 0:
		return nil, usagef("give the samples as arguments (one node) or with --node (several), not both")
	case len(args) > 0:
		return [][]string{args}, nil
	case len(o.nodes) == 0:
		return nil, usagef("no sample given; save one with: redis-cli INFO all > t0.txt")
	}
	var sets [][]string
	for _, n := range o.nodes {
		set := strings.Split(n, ",")
		if len(set) > 2 {
			return nil, usagef("--node %s has %d samples; a node has one or two", n, len(set))
		}
		sets = append(sets, set)
	}
	return sets, nil
}

func (e *env) readInfo(path string) (*observe.Info, error) {
	if path == "-" {
		return observe.ReadInfo("standard input", e.stdin)
	}
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return observe.ReadInfo(path, f)
}

// writeWorkload prints the workload file; the notes go beside it.
func (e *env) writeWorkload(r *observe.Result, name string) error {
	for _, n := range r.Notes {
		e.say("note: ", n)
	}
	if err := r.WriteTOML(e.stdout, name); err != nil {
		return fmt.Errorf("writing the workload: %w", err)
	}
	return nil
}

// observeErr gives an error of observe its exit code.
func observeErr(err error) error {
	var input observe.InputError
	var data observe.DataError
	switch {
	case errors.As(err, &input):
		return usageErr(err)
	case errors.As(err, &data):
		return codedError{err, exitData}
	}
	return err
}
