package cmd

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // time zones on machines that have none

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/columns"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/replay"
	"github.com/keynest/keynest/pkg/report"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

type replayOptions struct {
	pricingFlags
	zone    string
	gaps    string
	every   time.Duration
	columns []string
	factor  string
	by      string
	each    bool
	today   string
	growthFlags
	sizes   sizeFlags
	watch   replay.Watcher
	outputs []string
	show    report.ReplayOptions
}

var replayFormats = []string{"table", "markdown", "json", "csv", "html"}

func newReplayCmd(e *env) *cobra.Command {
	opts := &replayOptions{}
	c := &cobra.Command{
		Use:   "replay FILE",
		Short: "Price a year of hours, for one cache or for a fleet",
		Long: `replay prices what caches did hour by hour: a CSV file, gzip or Parquet with a
row for each hour (or for each minute, or anything between) of each cache.
Serverless offers bill their minimum and their storage by the hour, and nodes
must be sized for the peak hour; the mean of a month shows neither.

Columns: time; cache, for more than one; commands (or ops_per_sec, or reads and
writes) in the row's interval; bytes (or bytes_in and bytes_out); stored_bytes
(or stored_mib, stored_gib, stored_mb, stored_gb); ecpu; peak_ops_per_sec. A
time is the beginning of its row's interval. --column says what a file calls
them. FILE is - for standard input.`,
		Example: `  keynest replay hours.csv
  keynest replay eu.csv --region eu-west --by day --output html=replay.html
  keynest replay cloudwatch.csv --column time=Timestamp --column commands=Sum --gib 8
  keynest replay fleet.csv --today elasticache-node-redis --each --output csv`,
		Args: oneFile,
		RunE: func(_ *cobra.Command, args []string) error { return runReplay(e, opts, args[0]) },
	}
	opts.pricingFlags.add(c)
	f := c.Flags()
	f.StringVar(&opts.zone, "time-zone", "UTC", "time `ZONE` of the months, and of times without one, such as Europe/Berlin")
	f.StringVar(&opts.gaps, "gaps", "refuse", "`RULE` for missing rows: refuse, hold (repeat the row before) or zero")
	f.DurationVar(&opts.every, "every", 0, "`TIME` between rows, such as 1h or 5m (default: detected from the file)")
	f.StringArrayVar(&opts.columns, "column", nil, "read the column HEADER as NAME: `NAME=HEADER`; repeatable")
	f.StringVar(&opts.factor, "peak-factor", "1", "the peak within a row is `N` times the row's mean")
	f.StringVar(&opts.by, "by", "month", "show costs by `UNIT`: month or day")
	f.BoolVar(&opts.each, "each", false, "list every cache with its cheapest offer")
	f.StringVar(&opts.today, "today", "", "`OFFER` that every cache uses today, or a CSV file with the columns cache, offer, plan, shards")
	opts.growthFlags.add(c)
	opts.sizes.add(c)
	f.BoolVar(&opts.show.All, "all", false, "also list offers that do not fit or have no price, with the reason")
	for flag, values := range map[string][]string{"gaps": {"refuse", "hold", "zero"}, "by": {"month", "day"}} {
		_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	addOutputFlag(c, &opts.outputs, replayFormats...)
	return c
}

// oneFile asks for the name of the file.
func oneFile(_ *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return usagef("no file given; name one, or - for standard input")
	case 1:
		return nil
	}
	return usagef("give one file; %q is a second one", args[1])
}

func runReplay(e *env, opts *replayOptions, path string) error {
	if err := checkOutputs(opts.outputs, replayFormats...); err != nil {
		return err
	}
	sizing, err := opts.sizing()
	if err != nil {
		return err
	}
	if opts.growth != "" {
		return runGrowth(e, opts, path)
	}
	log := &replay.HourLog{}
	if sizing.Any() {
		opts.watch = log
	}
	r, err := opts.replay(e, path, workload.Growth{}, 0)
	if err != nil {
		return err
	}
	if sizing.Any() {
		if opts.show.Sized, err = r.Size(log, sizing); err != nil {
			return usageErr(err)
		}
	}
	opts.notes(e, r)
	opts.show.Each, opts.show.ByDay = opts.each, opts.by == "day"
	doc := func() *page.Document { return report.Replay(r, opts.show) }
	return e.writeOutputs(opts.outputs,
		format{"table", func(w io.Writer) error { return page.WriteText(w, doc(), e.style) }},
		format{"markdown", func(w io.Writer) error { return page.WriteMarkdown(w, doc()) }},
		format{"json", func(w io.Writer) error { return report.WriteJSON(w, report.NewReplayJSON(r, opts.show)) }},
		format{"csv", func(w io.Writer) error { return report.WriteReplayCSV(w, r, opts.show) }},
		format{"html", func(w io.Writer) error { return page.WriteHTML(w, doc()) }},
	)
}

// runGrowth prices the file as it is and grown month by month.
func runGrowth(e *env, opts *replayOptions, path string) error {
	grow, err := opts.growthFlags.parse()
	switch {
	case err != nil:
		return err
	case path == "-":
		return usagef("--growth reads the file once for each month; give a file instead of -")
	case opts.today != "" || opts.each:
		return usagef("--growth does not work with --today or --each; leave them out")
	case opts.inputs.GiB != "" || opts.inputs.GB != "":
		return usagef("--growth needs the data size of each hour: leave out --gib and --gb and give a column stored_bytes")
	}
	var months []replay.Grown
	for k := range opts.months + 1 {
		r, err := opts.replay(e, path, grow, k)
		if err != nil {
			return err
		}
		months = append(months, replay.Grown{Month: k, Result: r})
	}
	opts.notes(e, months[0].Result)
	return e.writeGrowth(opts.outputs, report.GrowingSeries(months, opts.growth))
}

// notes prints on standard error what the report leaves out about the file.
func (opts *replayOptions) notes(e *env, r *replay.Result) {
	s := r.Series
	if len(s.Unused) > 0 {
		fmt.Fprintf(e.stderr, "keynest: %s: not read: column %s\n", s.File, strings.Join(s.Unused, ", "))
	}
	if !s.Uncut {
		fmt.Fprintf(e.stderr, "keynest: %s: the last line has no line break; if the file was cut, its last figure is too small\n", s.File)
	}
	if s.Missing > 0 {
		fmt.Fprintf(e.stderr, "keynest: %s: %d missing rows were filled in (--gaps %s)\n", s.File, s.Missing, opts.gaps)
	}
}

// inFile are the inputs that a file of hours has; they are refused as flags.
var inFile = []string{"ops_per_sec", "peak_ops_per_sec", "commands_per_month", "reads_per_month", "writes_per_month", "transfer_gb_per_month", "written_gb_per_month", "hours_per_month", "databases"}

// constants are the inputs that hold for every hour. Any other input would be
// ignored, so it is refused.
var constants = []string{
	"gib", "gb", "stored_bytes", "payload_bytes", "read_share", "replicas", "read_regions", "operator_hours", "engine_version", "durability", "client",
	"min_data_gb", "min_ecpu_per_sec", "zones", "same_zone_reads", "snapshots", "backup_gb", "tax",
	"connections", "max_value_bytes", "persistence", "replication_traffic",
}

// replay reads the file and prices it.
func (opts *replayOptions) replay(e *env, path string, grow workload.Growth, months int) (*replay.Result, error) {
	w, err := opts.constant()
	if err != nil {
		return nil, err
	}
	in, err := opts.input(w)
	if err != nil {
		return nil, err
	}
	set, err := e.cards(opts.rates)
	if err != nil {
		return nil, err
	}
	field, err := opts.field(e, set, unit.HoursPerMonth)
	if err != nil {
		return nil, err
	}
	if err := minimumsFit(field, &w); err != nil {
		return nil, err
	}
	in.Floors, in.Grow, in.Grown, in.Watch = floors(field, w.MinDataGB), grow, months, opts.watch
	s, err := e.readSeries(path, in)
	if err != nil {
		return nil, err
	}
	shape := replay.Shape{
		Replicas: w.Replicas, ReadRegions: w.ReadRegions, OperatorHours: w.OperatorHours,
		EngineVersion: w.EngineVersion, Durability: workload.Durability(w.Durability), Client: workload.Client(w.Client),
		MinDataGB: w.MinDataGB, MinECPUPerSec: w.MinECPUPerSec, Zones: w.Zones, SameZoneReads: w.SameZoneReads,
		Snapshots: w.Snapshots, BackupBytes: w.BackupBytes, Tax: w.Tax,
		Connections: w.Connections, MaxValueBytes: w.MaxValueBytes, Persistence: w.Persistence, ReplicationTraffic: w.ReplicationTraffic,
	}
	today, err := opts.onToday(e)
	if err != nil {
		return nil, err
	}
	r, err := s.Price(field, shape, today)
	return r, usageErr(err)
}

// constant are the inputs that hold for every hour: flags over a preset.
func (opts *replayOptions) constant() (workload.Workload, error) {
	if opts.file != "" || opts.name != "" {
		return workload.Workload{}, usagef("the file of hours has the workload; leave out --workload and --name")
	}
	for _, key := range inFile {
		if opts.inputs.Get(key) != "" {
			return workload.Workload{}, usagef("the file of hours has %s; leave it out", workload.Flag(key))
		}
	}
	for _, f := range workload.Fields() {
		if opts.inputs.Get(f.Key) != "" && !slices.Contains(constants, f.Key) {
			return workload.Workload{}, usagef("%s does not work with a file of hours; leave it out and give the data size as a column stored_bytes, or --gib for all hours", workload.Flag(f.Key))
		}
	}
	in := opts.inputs
	if opts.preset != "" {
		p, err := workload.PresetByName(opts.preset)
		if err != nil {
			return workload.Workload{}, usageErr(err)
		}
		base := p.Input
		for _, key := range append(slices.Clone(inFile), "gib", "gb", "stored_bytes") {
			base.Set(key, "")
		}
		in = in.Over(base)
	}
	in.OpsPerSec = "0"
	size := in.GiB != "" || in.GB != ""
	if !size {
		in.GiB = "0"
	}
	w, err := in.Resolve("")
	if !size {
		w.StoredBytes = -1
	}
	return w, usageErr(err)
}

// input says how the file is read.
func (opts *replayOptions) input(w workload.Workload) (replay.Options, error) {
	in := replay.Options{
		Gaps: replay.GapRule(opts.gaps), Every: int64(opts.every / time.Second), ByDay: opts.by == "day", Columns: map[string]string{},
		MinECPU: w.MinECPUPerSec, StoredBytes: w.StoredBytes, PayloadBytes: w.PayloadBytes, ReadShare: w.ReadShare,
	}
	var err error
	if in.Zone, err = time.LoadLocation(opts.zone); err != nil || opts.zone == "Local" || opts.zone == "" {
		return in, usagef("unknown --time-zone %q; give a name such as UTC or Europe/Berlin", opts.zone)
	}
	switch {
	case in.Gaps != replay.GapsRefuse && in.Gaps != replay.GapsHold && in.Gaps != replay.GapsZero:
		return in, usagef("unknown --gaps %q; known: refuse, hold, zero", opts.gaps)
	case opts.by != "month" && opts.by != "day":
		return in, usagef("unknown --by %q; known: month, day", opts.by)
	case opts.every != 0 && (opts.every < time.Second || opts.every%time.Second != 0 || in.Every > 3600 || 3600%in.Every != 0):
		return in, usagef("--every %s does not divide an hour; give 1h or a part of it, such as 5m", opts.every)
	}
	if in.PeakMillions, err = unit.Scaled(opts.factor, unit.Million); err != nil || in.PeakMillions < unit.Million || in.PeakMillions > 1000*unit.Million {
		return in, usagef("--peak-factor %s is not a number from 1 to 1000", opts.factor)
	}
	for _, c := range opts.columns {
		name, header, ok := strings.Cut(c, "=")
		if !ok || header == "" || !slices.Contains(replay.Names(), name) {
			return in, usagef("--column %q is not like commands=HEADER; known names: %s", c, strings.Join(replay.Names(), ", "))
		}
		in.Columns[name] = header
	}
	return in, nil
}

// floors are the minimums that the field's offers apply to every hour.
func floors(f *compare.Field, minDataGB int64) []workload.Floor {
	var all []workload.Floor
	for _, o := range f.Offers {
		for _, floor := range o.Floors(minDataGB) {
			if !slices.Contains(all, floor) {
				all = append(all, floor)
			}
		}
	}
	return all
}

// readSeries reads a file of hours. What is wrong with it is the caller's to
// mend; hours that are missing are data not good enough to judge.
func (e *env) readSeries(path string, opt replay.Options) (*replay.Series, error) {
	name, in, done, err := e.openTable(path)
	if err != nil {
		return nil, err
	}
	defer done()
	defer in.Close()
	line := e.newProgress(name)
	if line != nil {
		opt.Progress = line.report
	}
	s, err := replay.Read(in, name, opt)
	line.clear()
	var wrong *columns.Error
	var gap *replay.GapError
	switch {
	case errors.As(err, &gap):
		return nil, codedError{err, exitData}
	case errors.As(err, &wrong):
		return nil, usageErr(err)
	}
	return s, err
}

// openTable opens a table in CSV, gzip or Parquet; "-" is standard input.
func (e *env) openTable(path string) (name string, in *columns.Reader, done func(), err error) {
	done = func() {}
	if path == "-" {
		in, err = columns.Open("standard input", e.stdin)
		return "standard input", in, done, tableErr(err)
	}
	f, err := openFile(path)
	if err != nil {
		return path, nil, done, err
	}
	done = func() { _ = f.Close() }
	table, err := parquetTable(path, f)
	switch {
	case err != nil:
		return path, nil, done, err
	case table != nil:
		in, err = table()
	default:
		in, err = columns.Open(path, f)
	}
	return path, in, done, tableErr(err)
}

// tableErr is the caller's to mend where the table is what is wrong.
func tableErr(err error) error {
	var wrong *columns.Error
	if errors.As(err, &wrong) {
		return usageErr(err)
	}
	return err
}

// onToday is what --today says that caches are on: one offer, or a file.
func (opts *replayOptions) onToday(e *env) (replay.Today, error) {
	if opts.today == "" {
		return nil, nil
	}
	if !strings.ContainsAny(opts.today, "./") {
		return replay.Today{"": {Offer: opts.today, Plan: opts.plan, Shards: opts.shards}}, nil
	}
	_, in, done, err := e.openTable(opts.today)
	if err != nil {
		return nil, err
	}
	defer done()
	defer in.Close()
	today, err := replay.ReadToday(in)
	return today, tableErr(err)
}
