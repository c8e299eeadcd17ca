package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
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
	series       string
}

func newObservePrometheusCmd(e *env) *cobra.Command {
	var o observePrometheusOptions
	c := &cobra.Command{
		Use:   "prometheus [NAME=]FILE...|URL",
		Short: "Make a workload file from redis_exporter metrics in Prometheus",
		Long: `prometheus computes the mean and the peak from series of redis_exporter metrics. It
reads answers to query_range that were saved in files, or asks a server at an http
or https address. Primaries are summed, and of replicas the commands that only read
are added. --print-queries prints the queries. Answers to queries of your own are
read where their series have the name of a metric; for a sum or a rate say what it
is, as in commands=FILE: ` + strings.Join(observe.Quantities(), ", ") + `.`,
		Example: `  keynest observe prometheus --print-queries --selector 'job="redis"'
  keynest observe prometheus answers.json
  keynest observe prometheus commands=sum.json
  keynest observe prometheus http://127.0.0.1:9090 --range 168h`,
		Args: takesArgs(0, maxObservedFiles, ""),
		RunE: func(c *cobra.Command, args []string) error { return runObservePrometheus(c.Context(), e, o, args) },
	}
	addNameFlag(c, &o.name)
	addSeriesFlag(c, &o.series)
	f := c.Flags()
	f.BoolVar(&o.printQueries, "print-queries", false, "print the PromQL queries, one a line, and stop")
	f.StringVar(&o.selector, "selector", "", "label `MATCHERS` that select the metrics, such as job=\"redis\"")
	f.DurationVar(&o.window, "range", 7*24*time.Hour, "with an address: `DURATION` to look back")
	f.DurationVar(&o.step, "step", 5*time.Minute, "with an address: `DURATION` between points")
	f.DurationVar(&o.timeout, "timeout", 30*time.Second, "with an address: `DURATION` to wait for each answer")
	f.StringVar(&o.tokenFile, "token-file", "", "with an address: `FILE` with the bearer token")
	return c
}

func runObservePrometheus(ctx context.Context, e *env, o observePrometheusOptions, args []string) error {
	if o.printQueries {
		if len(args) > 0 || o.tokenFile != "" || o.series != "" {
			return usagef("--print-queries only prints queries; leave out the file or address, --token-file and --series")
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
		return usagef("no input given; name a file with saved answers or the address of a server (--print-queries prints the queries to save)")
	case o.name == "":
		return usagef("--name is empty")
	case !strings.HasPrefix(args[0], "http://") && !strings.HasPrefix(args[0], "https://") && o.tokenFile != "":
		return usagef("--token-file is for the address of a server, and %q is a file", args[0])
	case !strings.HasPrefix(args[0], "http://") && !strings.HasPrefix(args[0], "https://"):
		return e.observeExports(args, o.name, o.series, observe.ExportOptions{})
	case len(args) > 1:
		return usagef("more than one address; give files or one address")
	case o.step < time.Second || o.step > 24*time.Hour || o.window < 2*o.step || o.window > 366*24*time.Hour || o.timeout <= 0:
		return usagef("--range %v with --step %v does not work; give a step from 1s to 24h and a range from two steps to a year", o.window, o.step)
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
	return e.writeObserved(result, o.name, o.series)
}

func addSeriesFlag(c *cobra.Command, to *string) {
	c.Flags().StringVar(to, "series", "", "also write the hours as CSV to `FILE`, for keynest replay")
}

// withInput opens a saved file; - is standard input.
func (e *env) withInput(path string, read func(shown string, r io.Reader) error) error {
	if path == "-" {
		return read("standard input", e.stdin)
	}
	f, err := openFile(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return read(path, f)
}

// observeExports reads the files of a monitoring system, each with what it is
// before it where it does not say it itself.
func (e *env) observeExports(args []string, name, series string, opt observe.ExportOptions) error {
	if err := checkSeries(series); err != nil {
		return err
	}
	_, about := whatAndFile(args[0])
	if about == "-" {
		about = "standard input"
	}
	if len(args) > 1 {
		about = fmt.Sprintf("%d files", len(args))
	}
	x, err := observe.NewExport(about, opt)
	if err != nil {
		return err
	}
	for _, arg := range args {
		what, path := whatAndFile(arg)
		err := e.withInput(path, func(shown string, r io.Reader) error { return x.Read(shown, what, r) })
		if err != nil {
			return observeErr(err)
		}
	}
	result, err := x.Result()
	if err != nil {
		return observeErr(err)
	}
	return e.writeObserved(result, name, series)
}

// whatAndFile cuts QUANTITY=FILE, where the quantity is a known one.
func whatAndFile(arg string) (what, path string) {
	what, path, ok := strings.Cut(arg, "=")
	if ok && slices.Contains(observe.Quantities(), what) {
		return what, path
	}
	return "", arg
}

func checkSeries(path string) error {
	if path == "-" {
		return usagef("--series - is not possible: standard output has the workload; give a file")
	}
	return nil
}

// writeObserved prints the workload, and before it writes the hours to a file.
func (e *env) writeObserved(r *observe.Result, name, series string) error {
	if series == "" {
		return e.writeWorkload(r, name)
	}
	if err := r.CheckSeries(); err != nil {
		return observeErr(err)
	}
	var b bytes.Buffer
	if err := r.WriteSeries(&b); err != nil {
		return err
	}
	if err := e.writeFile(series, b.Bytes()); err != nil {
		return err
	}
	if note := r.SeriesNote(); note != "" {
		e.say("note: ", note)
	}
	return e.writeWorkload(r, name)
}

type observeMetricsOptions struct {
	name      string
	series    string
	columns   []string
	byCommand bool
}

func newObserveMetricsCmd(e *env) *cobra.Command {
	var o observeMetricsOptions
	c := &cobra.Command{
		Use:   "metrics [NAME=]FILE...",
		Short: "Make a workload file from exports of Grafana, Telegraf or Datadog",
		Long: `metrics reads what a monitoring system has saved and finds out by itself what it is:
CSV of a Grafana panel ("Series joined by time", "Formatted data" switched off), what
Telegraf's inputs.redis writes (line protocol or JSON), answers of Datadog's
api/v1/query and of Prometheus. A series is known by the name of its metric. Where an
export has only a legend, --column says what it is, in commands or bytes a second.`,
		Example: `  keynest observe metrics telegraf.out
  keynest observe metrics panel.csv --column commands=Requests --column used=Memory`,
		Args: takesArgs(1, maxObservedFiles, "a file that a monitoring system has saved"),
		RunE: func(_ *cobra.Command, args []string) error { return runObserveMetrics(e, o, args) },
	}
	addNameFlag(c, &o.name)
	addSeriesFlag(c, &o.series)
	f := c.Flags()
	f.StringArrayVar(&o.columns, "column", nil, "`NAME=HEADER` of a CSV's column; NAME is "+strings.Join(observe.Quantities(), ", ")+"; repeatable")
	f.BoolVar(&o.byCommand, "by-command", false, "read columns named after commands as those commands per second")
	return c
}

func runObserveMetrics(e *env, o observeMetricsOptions, args []string) error {
	if o.name == "" {
		return usagef("--name is empty")
	}
	opt := observe.ExportOptions{Columns: map[string]string{}, ByCommand: o.byCommand}
	for _, c := range o.columns {
		quantity, header, ok := strings.Cut(c, "=")
		switch {
		case !ok || header == "":
			return usagef("--column %s is not NAME=HEADER", c)
		case !slices.Contains(observe.Quantities(), quantity):
			return usagef("--column %s: unknown name %q; known: %s", c, quantity, strings.Join(observe.Quantities(), ", "))
		case opt.Columns[quantity] != "":
			return usagef("--column %s is given twice", quantity)
		}
		opt.Columns[quantity] = header
	}
	return e.observeExports(args, o.name, o.series, opt)
}

type observeCloudWatchOptions struct {
	name         string
	statistic    string
	printQueries bool
	nodes        []string
	replicas     []string
	serverless   string
	series       string
	period       time.Duration
}

func newObserveCloudWatchCmd(e *env) *cobra.Command {
	var o observeCloudWatchOptions
	c := &cobra.Command{
		Use:   "cloudwatch FILE",
		Short: "Make a workload file from ElastiCache metrics saved from CloudWatch",
		Long: `cloudwatch reads the output of aws cloudwatch get-metric-data or
get-metric-statistics, or the CSV that the CloudWatch console saves. --print-queries
prints the queries for get-metric-data: name the primaries with --cluster and the
replicas with --replica, whose reads (GetTypeCmds) are added. A file that was asked
in another way is taken as of primaries, but for the nodes that --replica names.`,
		Example: `  keynest observe cloudwatch --print-queries --cluster cache-0001-001 --replica cache-0001-002 > queries.json
  aws cloudwatch get-metric-data --metric-data-queries file://queries.json \
      --start-time 2026-11-01T00:00:00Z --end-time 2026-11-15T00:00:00Z > metrics.json
  keynest observe cloudwatch metrics.json --series hours.csv`,
		Args: takesArgs(0, 1, ""),
		RunE: func(_ *cobra.Command, args []string) error { return runObserveCloudWatch(e, o, args) },
	}
	addNameFlag(c, &o.name)
	f := c.Flags()
	f.StringVar(&o.statistic, "statistic", "", "`STATISTIC` of the values where the file does not say: sum or average")
	f.BoolVar(&o.printQueries, "print-queries", false, "print the queries for get-metric-data, and stop")
	f.StringArrayVar(&o.nodes, "cluster", nil, "cache cluster `ID` of a primary, for --print-queries; repeatable")
	f.StringArrayVar(&o.replicas, "replica", nil, "cache cluster `ID` of a replica; repeatable")
	f.StringVar(&o.serverless, "serverless", "", "`NAME` of a serverless cache, for --print-queries")
	addSeriesFlag(c, &o.series)
	f.DurationVar(&o.period, "period", time.Hour, "`DURATION` of each point, for --print-queries")
	return c
}

func runObserveCloudWatch(e *env, o observeCloudWatchOptions, args []string) error {
	switch {
	case o.statistic != "" && o.statistic != "sum" && o.statistic != "average":
		return usagef("unknown --statistic %q; known: sum, average", o.statistic)
	case o.printQueries && (len(args) > 0 || o.series != ""):
		return usagef("--print-queries only prints queries; leave out the file and --series")
	case o.printQueries && (len(o.nodes) == 0) == (o.serverless == ""):
		return usagef("--print-queries needs the nodes or the cache; add --cluster ID for each node, or --serverless NAME")
	case o.printQueries && len(o.replicas) > 0 && o.serverless != "":
		return usagef("a serverless cache has no replica nodes; leave out --replica")
	case o.printQueries && (o.period < time.Minute || o.period%time.Minute != 0 || o.period > 24*time.Hour):
		return usagef("--period %v is not whole minutes, from 1m to 24h", o.period)
	case o.printQueries:
		queries, err := observe.CloudWatchQueries(o.nodes, o.replicas, o.serverless, o.period)
		if err == nil {
			_, err = e.stdout.Write(queries)
		}
		return err
	case len(args) == 0:
		return usagef("no file given; name the saved metrics (--print-queries prints the queries to save)")
	case o.name == "":
		return usagef("--name is empty")
	}
	if err := checkSeries(o.series); err != nil {
		return err
	}
	var result *observe.Result
	err := e.withInput(args[0], func(shown string, r io.Reader) (err error) {
		result, err = observe.ReadCloudWatch(shown, r, o.statistic, o.replicas)
		return err
	})
	if err != nil {
		return observeErr(err)
	}
	return e.writeObserved(result, o.name, o.series)
}
