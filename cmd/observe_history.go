package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/observe"
)

type observePrometheusOptions struct {
	name         string
	printQueries bool
	selector     string
	window, step time.Duration
	timeout      time.Duration
	tokenFile    string
}

func newObservePrometheusCmd(e *env) *cobra.Command {
	var o observePrometheusOptions
	c := &cobra.Command{
		Use:   "prometheus FILE|URL",
		Short: "Make a workload file from redis_exporter metrics in Prometheus",
		Long: `prometheus computes the mean and the peak from series of redis_exporter metrics. It
reads answers to query_range that were saved in a file, or asks a server at an http
or https address. Only primaries are counted. --print-queries prints the queries.`,
		Example: `  keynest observe prometheus --print-queries --selector 'job="redis"'
  keynest observe prometheus answers.json
  keynest observe prometheus http://127.0.0.1:9090 --range 168h`,
		Args: takesArgs(0, 1, ""),
		RunE: func(c *cobra.Command, args []string) error { return runObservePrometheus(c.Context(), e, o, args) },
	}
	addNameFlag(c, &o.name)
	f := c.Flags()
	f.BoolVar(&o.printQueries, "print-queries", false, "print the PromQL queries, one a line, and stop")
	f.StringVar(&o.selector, "selector", "", "label `MATCHERS` that every metric must have, as in job=\"redis\"")
	f.DurationVar(&o.window, "range", 7*24*time.Hour, "`DURATION` to look back, with an address")
	f.DurationVar(&o.step, "step", 5*time.Minute, "`DURATION` between points, with an address")
	f.DurationVar(&o.timeout, "timeout", 30*time.Second, "`DURATION` to wait for each answer, with an address")
	f.StringVar(&o.tokenFile, "token-file", "", "`FILE` with a bearer token, with an address")
	return c
}

func runObservePrometheus(ctx context.Context, e *env, o observePrometheusOptions, args []string) error {
	if o.printQueries {
		if len(args) > 0 {
			return usagef("--print-queries sends nothing; leave out the file or address")
		}
		for _, q := range observe.PrometheusQueries(o.selector) {
			if _, err := fmt.Fprintln(e.stdout, q.Expr); err != nil {
				return err
			}
		}
		return nil
	}
	switch {
	case len(args) == 0:
		return usagef("name a file with saved answers or the address of a server; --print-queries prints what to ask")
	case o.name == "":
		return usagef("--name is empty")
	case !strings.HasPrefix(args[0], "http://") && !strings.HasPrefix(args[0], "https://"):
		return e.observeExport(args[0], o.name, observe.ReadPrometheus)
	case o.step < time.Second || o.step > 24*time.Hour || o.window < 2*o.step || o.window > 366*24*time.Hour || o.timeout <= 0:
		return usagef("--range %v with --step %v gives no series; the step is from 1s to 24h, the range from two steps to a year", o.window, o.step)
	}
	asked := observe.Prometheus{Selector: o.selector, Range: o.window, Step: o.step, Timeout: o.timeout}
	if o.tokenFile != "" {
		secret, err := readSecret(o.tokenFile)
		if err != nil {
			return err
		}
		asked.Token = secret
	}
	if ctx == nil {
		ctx = context.Background()
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	result, err := asked.Observe(ctx, args[0])
	if err != nil {
		return observeErr(err)
	}
	return e.writeWorkload(result, o.name)
}

// observeExport reads a saved export; «-» is standard input.
func (e *env) observeExport(path, name string, read func(string, io.Reader) (*observe.Result, error)) error {
	in, shown := e.stdin, "standard input"
	if path != "-" {
		f, err := openFile(path)
		if err != nil {
			return err
		}
		defer f.Close()
		in, shown = f, path
	}
	result, err := read(shown, in)
	if err != nil {
		return observeErr(err)
	}
	return e.writeWorkload(result, name)
}

type observeCloudWatchOptions struct {
	name         string
	statistic    string
	printQueries bool
	nodes        []string
	serverless   string
	period       time.Duration
}

func newObserveCloudWatchCmd(e *env) *cobra.Command {
	var o observeCloudWatchOptions
	c := &cobra.Command{
		Use:   "cloudwatch FILE",
		Short: "Make a workload file from ElastiCache metrics saved from CloudWatch",
		Long: `cloudwatch reads the output of aws cloudwatch get-metric-data or
get-metric-statistics, or the CSV that the CloudWatch console saves. --print-queries
prints the queries for get-metric-data; name only primaries with --cluster.`,
		Example: `  keynest observe cloudwatch --print-queries --cluster cache-0001-001 > queries.json
  aws cloudwatch get-metric-data --metric-data-queries file://queries.json \
      --start-time 2026-11-01T00:00:00Z --end-time 2026-11-15T00:00:00Z > metrics.json
  keynest observe cloudwatch metrics.json`,
		Args: takesArgs(0, 1, ""),
		RunE: func(_ *cobra.Command, args []string) error { return runObserveCloudWatch(e, o, args) },
	}
	addNameFlag(c, &o.name)
	f := c.Flags()
	f.StringVar(&o.statistic, "statistic", "", "`STATISTIC` of the values where the file does not say: sum or average")
	f.BoolVar(&o.printQueries, "print-queries", false, "print the queries for get-metric-data, and stop")
	f.StringArrayVar(&o.nodes, "cluster", nil, "cache cluster `ID` of a primary, for --print-queries; repeatable")
	f.StringVar(&o.serverless, "serverless", "", "`NAME` of a serverless cache, for --print-queries")
	f.DurationVar(&o.period, "period", time.Hour, "`DURATION` of each point, for --print-queries")
	return c
}

func runObserveCloudWatch(e *env, o observeCloudWatchOptions, args []string) error {
	switch {
	case o.printQueries && len(args) > 0:
		return usagef("--print-queries reads no file")
	case o.printQueries && (len(o.nodes) == 0) == (o.serverless == ""):
		return usagef("--print-queries needs the nodes (--cluster, repeatable) or a serverless cache (--serverless)")
	case o.printQueries && (o.period < time.Minute || o.period%time.Minute != 0 || o.period > 24*time.Hour):
		return usagef("--period %v is not whole minutes, from 1m to 24h", o.period)
	case o.printQueries:
		queries, err := observe.CloudWatchQueries(o.nodes, o.serverless, o.period)
		if err == nil {
			_, err = e.stdout.Write(queries)
		}
		return err
	case len(args) == 0:
		return usagef("name the file with the saved metrics; --print-queries prints what to ask for")
	case o.name == "":
		return usagef("--name is empty")
	case o.statistic != "" && o.statistic != "sum" && o.statistic != "average":
		return usagef("unknown --statistic %q; known: sum, average", o.statistic)
	}
	return e.observeExport(args[0], o.name, func(name string, r io.Reader) (*observe.Result, error) {
		return observe.ReadCloudWatch(name, r, o.statistic)
	})
}
