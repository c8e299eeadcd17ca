package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/ratesql"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

type ratesSQLOptions struct {
	pricingFlags
	dialect string
	usage   string
}

func newRatesSQLCmd(e *env) *cobra.Command {
	opts := &ratesSQLOptions{}
	c := &cobra.Command{
		Use:   "sql",
		Short: "Write the cards as SQL, to price a fleet in a warehouse",
		Long: `sql writes the rate cards of a day and a region as SQL for a database: offers,
plans and charges as tables, and views that turn a table of usage (cache, time,
commands, bytes, stored_bytes, a row for each cache and hour) into a bill for each
cache, offer and month. The figures are those of keynest replay to the nano-dollar.
Offers that SQL cannot say are named in its head.`,
		Example: `  keynest rates sql --dialect duckdb --region us-east-1 --as-of 2026-11-22 > keynest.sql
  keynest rates sql --dialect spark --region eu-west --replicas 2 --term 1y
  keynest rates sql --dialect clickhouse --provider AWS --usage metrics.redis_hourly`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return runRatesSQL(e, opts) },
	}
	opts.pricingFlags.add(c)
	f := c.Flags()
	f.StringVar(&opts.dialect, "dialect", "", "`DIALECT` of the database: "+strings.Join(ratesql.Dialects(), ", "))
	f.StringVar(&opts.usage, "usage", "keynest_usage", "`TABLE` of usage for the views to read")
	_ = c.RegisterFlagCompletionFunc("dialect", cobra.FixedCompletions(ratesql.Dialects(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

// inSQL are the inputs that the views count.
var inSQL = []string{"replicas", "read_regions", "read_share", "min_data_gb", "zones", "same_zone_reads", "snapshots", "backup_gb", "tax"}

func runRatesSQL(e *env, opts *ratesSQLOptions) error {
	if opts.dialect == "" {
		return usagef("no database given; add --dialect %s", strings.Join(ratesql.Dialects(), ", "))
	}
	if strings.Trim(strings.ToLower(opts.usage), "abcdefghijklmnopqrstuvwxyz0123456789_.") != "" || opts.usage == "" || len(opts.usage) > 200 {
		return usagef("--usage %q is not the name of a table, like metrics.redis_hourly", opts.usage)
	}
	if opts.plan != "" || opts.shards != 0 {
		return usagef("--plan and --shards are for one cache, and the views choose them for each; leave them out")
	}
	if opts.preset != "" || opts.file != "" || opts.name != "" || opts.observed != "" {
		return usagef("the usage table has the workloads; leave out --preset, --workload, --name and --observed")
	}
	for _, key := range append(append([]string{}, inFile...), "gib", "gb", "payload_bytes", "operator_hours") {
		if opts.inputs.Get(key) != "" {
			return usagef("%s is a column of the usage table; leave it out", workload.Flag(key))
		}
	}
	for _, f := range workload.Fields() {
		if opts.inputs.Get(f.Key) != "" && !slices.Contains(inSQL, f.Key) {
			return usagef("the SQL does not support %s; leave it out, or price a month with keynest estimate", workload.Flag(f.Key))
		}
	}
	in := opts.inputs
	in.OpsPerSec, in.GiB = "0", "0"
	w, err := in.Resolve("")
	if err != nil {
		return usageErr(err)
	}
	set, err := e.cards(opts.rates)
	if err != nil {
		return err
	}
	field, err := opts.field(e, set, unit.HoursPerMonth)
	if err != nil {
		return err
	}
	text, err := ratesql.Write(field.Offers, ratesql.Options{
		Dialect: ratesql.Dialect(opts.dialect), Usage: opts.usage, AsOf: field.Options.AsOf, Region: field.Options.Where.Name,
		Term: string(field.Options.Term), Upfront: string(field.Options.Upfront), SHA256: set.SHA256(), Version: versionString(),
		ReadShare: w.ReadShare, Load: w,
	})
	if err != nil {
		return usageErr(err)
	}
	if _, err := fmt.Fprint(e.stdout, text); err != nil {
		return fmt.Errorf("writing the SQL: %w", err)
	}
	return nil
}
