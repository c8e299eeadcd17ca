package cmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
server or its monitoring has. Notes go to standard error. It only reads, and connects
only to the server that you name and to the nodes and replicas that this server lists.`,
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
		newObserveMetricsCmd(e),
	)
	return c
}

type observeInfoOptions struct {
	name     string
	nodes    []string
	interval time.Duration
	sizes    string
}

func newObserveInfoCmd(e *env) *cobra.Command {
	var o observeInfoOptions
	c := &cobra.Command{
		Use:   "info FILE|FOLDER...",
		Short: "Make a workload file from saved replies to INFO all",
		Long: `info reads replies that were saved with redis-cli INFO all or valkey-cli INFO all.
Two samples of one server give the rates between them; one sample gives averages
since the server started. A file may hold several replies, the output of
redis-cli --cluster call, lines with the prefix of a log, or what redis_exporter
publishes on /metrics; of a folder every file is read. Replies of several nodes are
told apart by run_id. Where they have none, use --node once for each node, with its
samples separated by a comma. - reads standard input.`,
		Example: `  redis-cli INFO all > t0.txt; sleep 300; redis-cli INFO all > t1.txt
  keynest observe info t0.txt t1.txt
  keynest observe info --node a0.txt,a1.txt --node b0.txt,b1.txt`,
		Args: takesArgs(0, maxObservedFiles, ""),
		RunE: func(_ *cobra.Command, args []string) error {
			return runObserveInfo(e, o, args)
		},
	}
	addNameFlag(c, &o.name)
	c.Flags().StringArrayVar(&o.nodes, "node", nil, "one node's samples, `T0[,T1]`; repeatable")
	c.Flags().DurationVar(&o.interval, "interval", 0, "`DURATION` between the two samples, if they are under a few seconds apart")
	addSizesFlag(c, &o.sizes)
	return c
}

func addSizesFlag(c *cobra.Command, sizes *string) {
	c.Flags().StringVar(sizes, "sizes", "", "`FILE` with the output of redis-cli --bigkeys, --memkeys or --keystats")
}

// readSizes reads the sizes of keys and values, or nothing where no file is named.
func (e *env) readSizes(path string) (*observe.Sizes, error) {
	if path == "" {
		return nil, nil
	}
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return observe.ReadSizes(path, f)
}

func addNameFlag(c *cobra.Command, name *string) {
	c.Flags().StringVar(name, "name", "measured", "`NAME` of the workload in the file")
}

func runObserveInfo(e *env, o observeInfoOptions, args []string) error {
	sets, err := o.sets(args)
	if err != nil {
		return err
	}
	stdin := 0
	for _, path := range slices.Concat(sets...) {
		if path == "-" {
			stdin++
		}
	}
	if stdin > 1 {
		return usagef("only one sample can come from standard input")
	}
	sizes, err := e.readSizes(o.sizes)
	if err != nil {
		return observeErr(err)
	}
	var result *observe.Result
	if len(o.nodes) > 0 {
		result, err = e.observeNodes(sets, o.interval)
	} else {
		result, err = e.observeFiles(args, o.interval)
	}
	if err != nil {
		return observeErr(err)
	}
	if sizes != nil {
		result.Measured(sizes)
	}
	return e.writeWorkload(result, o.name)
}

// observeNodes reads the samples of nodes that the caller tells apart.
func (e *env) observeNodes(sets [][]string, interval time.Duration) (*observe.Result, error) {
	var nodes []observe.Node
	for _, set := range sets {
		n := observe.Node{Elapsed: interval}
		for _, path := range set {
			replies, err := e.readReplies(path)
			if err != nil {
				return nil, err
			}
			n.Samples = append(n.Samples, replies...)
		}
		if len(n.Samples) > 2 {
			return nil, usagef("--node %s has %d samples; give one or two", strings.Join(set, ","), len(n.Samples))
		}
		nodes = append(nodes, n)
	}
	return observe.Observe(nodes)
}

// observeFiles reads files and folders: one or two samples of one server, or
// replies of several servers, each of which names its server.
func (e *env) observeFiles(paths []string, interval time.Duration) (*observe.Result, error) {
	var replies []*observe.Info
	single := len(paths) <= 2
	for _, path := range paths {
		files, err := filesOf(path)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			more, err := e.readReplies(file)
			if err != nil {
				return nil, err
			}
			single = single && len(more) == 1 && len(files) == 1
			replies = append(replies, more...)
		}
	}
	if single {
		return observe.Observe([]observe.Node{{Samples: replies, Elapsed: interval}})
	}
	return observe.FromReplies(replies, interval)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return path != "-" && err == nil && info.IsDir()
}

// maxObservedFiles bounds the files of one call, and of one folder.
const maxObservedFiles = 10_000

// filesOf lists the files of a folder by name, hidden ones left out; a file is
// itself.
func filesOf(path string) ([]string, error) {
	if !isFolder(path) {
		return []string{path}, nil // opening it says what is wrong with it
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, usagef("cannot read %s: %v", path, errors.Unwrap(err))
	}
	var files []string
	for _, f := range entries {
		if !f.IsDir() && !strings.HasPrefix(f.Name(), ".") {
			files = append(files, filepath.Join(path, f.Name()))
		}
	}
	switch {
	case len(files) == 0:
		return nil, usagef("the folder %s has no file; save a reply in it: redis-cli INFO all > %s", path, filepath.Join(path, "t0.txt"))
	case len(files) > maxObservedFiles:
		return nil, usagef("the folder %s holds %d files; at most %d are read", path, len(files), maxObservedFiles)
	}
	return files, nil
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
		return nil, usagef("no sample given; save one: redis-cli INFO all > t0.txt")
	}
	var sets [][]string
	for _, n := range o.nodes {
		set := strings.Split(n, ",")
		if len(set) > 2 {
			return nil, usagef("--node %s has %d samples; give one or two", n, len(set))
		}
		sets = append(sets, set)
	}
	return sets, nil
}

func (e *env) readReplies(path string) ([]*observe.Info, error) {
	if path == "-" {
		return observe.ReadReplies("standard input", e.stdin)
	}
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return observe.ReadReplies(path, f)
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
