package cmd

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/inventory"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/report"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

var inventoryFormats = []string{"table", "markdown", "json", "csv", "html"}

type inventoryOptions struct {
	pricingFlags
	hours    int64
	advise   bool
	toml     bool
	least    string
	mappings []string
	outputs  []string
	currency string
}

func newInventoryCmd(e *env) *cobra.Command {
	opts := &inventoryOptions{}
	c := &cobra.Command{
		Use:   "inventory FILE...",
		Short: "Price the caches in a Terraform plan or state, or in a cloud's list",
		Long: `inventory reads what runs and what is to run, and prices every cache in it: plans
and states of terraform show -json (OpenTofu too), and the JSON lists of the AWS,
Google Cloud, Azure and DigitalOcean command lines. Each file is recognised by
its content. Only the attributes that name an offer, a size or a place are read;
no value of another attribute is kept or printed.

What a file does not tell is unknown, with the reason, and never zero.`,
		Example: `  terraform plan -out=plan.bin && terraform show -json plan.bin > tfplan.json
  keynest inventory tfplan.json
  keynest inventory tfplan.json --output markdown
  aws elasticache describe-replication-groups | keynest inventory -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runInventory(e, c, opts, args) },
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&opts.region, "region", "", "`REGION` of resources whose file names none, such as eu-west-1")
	countVar(flags, &opts.hours, "hours-per-month", unit.HoursPerMonth, "price a month of `N` hours")
	opts.addTerms(c)
	flags.StringVar(&opts.currency, "currency", "USD", "print amounts in `CURRENCY`, USD or EUR, at the exchange rate of the cards or of --fx")
	flags.StringArrayVar(&opts.mappings, "mapping", nil, "TOML `FILE` with further resource types; repeatable")
	flags.BoolVar(&opts.advise, "advise", false, "recommend a size for each measured cache; needs --workload")
	flags.StringVar(&opts.file, "workload", "", "TOML `FILE` of measured workloads, named like the caches, to price what is billed by use; - reads standard input")
	flags.StringVar(&opts.least, "min-saving", "", "leave out advice that saves less than `USD` a month, or than a share such as 10% (default 5 USD or 5%)")
	flags.BoolVar(&opts.toml, "as-workloads", false, "write a keynest.toml of what runs, with today's costs as limits, instead of a report")
	addOutputFlag(c, &opts.outputs, inventoryFormats...)
	return c
}

func runInventory(e *env, c *cobra.Command, opts *inventoryOptions, files []string) error {
	if err := checkOutputs(opts.outputs, inventoryFormats...); err != nil {
		return err
	}
	if err := opts.checkAdvise(); err != nil {
		return err
	}
	if opts.toml && (opts.advise || c.Flags().Changed("output")) {
		return usagef("--as-workloads writes TOML; leave out --output and --advise")
	}
	contents, err := e.readInventory(opts.mappings, files)
	if err != nil {
		return err
	}
	set, err := e.cards(opts.rates)
	if err != nil {
		return err
	}
	priced, err := opts.options(e)
	if err != nil {
		return err
	}
	if opts.region != "" {
		if _, err := set.Where(opts.region); err != nil {
			return usageErr(err)
		}
	}
	if priced.Workloads, err = opts.measured(e); err != nil {
		return err
	}
	in, err := shownIn(opts.currency, &compare.Field{Set: set, Options: bill.Options{AsOf: priced.AsOf, FX: priced.FX}})
	if err != nil {
		return err
	}
	inv, err := contents.Price(set, priced)
	if err != nil {
		return err
	}
	if opts.toml {
		return e.writeOutputs([]string{"toml"}, format{"toml", func(w io.Writer) error { return inv.WriteWorkloads(w, set) }})
	}
	advice, err := opts.advice(inv, set)
	if err != nil {
		return err
	}
	doc := report.Inventory(inv, in)
	if advice != nil {
		doc.Blocks = append(doc.Blocks, report.Advice(advice, in)...)
	}
	return e.writeOutputs(opts.outputs,
		format{"table", func(w io.Writer) error { return page.WriteText(w, doc, e.style) }},
		format{"markdown", func(w io.Writer) error { return page.WriteMarkdown(w, doc) }},
		format{"json", func(w io.Writer) error { return report.WriteJSON(w, report.NewInventoryJSON(inv, advice, set, in)) }},
		format{"csv", func(w io.Writer) error { return report.WriteInventoryCSV(w, inv, in) }},
		format{"html", func(w io.Writer) error { return page.WriteHTML(w, doc) }},
	)
}

// options checks the flags that prices depend on.
func (opts *inventoryOptions) options(e *env) (inventory.Options, error) {
	o, err := opts.pricing(e, opts.hours)
	if err != nil {
		return inventory.Options{}, err
	}
	if opts.hours < 1 || opts.hours > 744 {
		return inventory.Options{}, usagef("--hours-per-month must be 1 to 744")
	}
	return inventory.Options{
		AsOf: o.AsOf, HoursPerMonth: opts.hours, Term: o.Term, Upfront: o.Upfront, FX: o.FX, Region: opts.region,
	}, nil
}

// readInventory reads files of resources; "-" is standard input. What is wrong
// with one is the caller's to mend.
func (e *env) readInventory(mappings, files []string) (*inventory.Contents, error) {
	var overlays []inventory.File
	for _, path := range mappings {
		text, err := e.readFile(path)
		if err != nil {
			return nil, err
		}
		overlays = append(overlays, inventory.File{Name: path, Text: text})
	}
	m, err := inventory.Load(overlays...)
	if err != nil {
		return nil, usageErr(err)
	}
	var inputs []inventory.Input
	for _, path := range files {
		if path == "-" {
			inputs = append(inputs, inventory.Input{Name: "standard input", R: e.stdin})
			continue
		}
		f, err := openFile(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		inputs = append(inputs, inventory.Input{Name: path, R: f})
	}
	contents, err := inventory.Read(m, inputs...)
	return contents, usageErr(err)
}

// checkAdvise refuses the flags of advice without it, and advice without what
// was measured.
func (opts *inventoryOptions) checkAdvise() error {
	switch {
	case opts.advise && opts.file == "":
		return usagef("--advise needs measured workloads; add --workload FILE, an output of keynest observe whose workloads are named like the caches")
	case !opts.advise && opts.least != "":
		return usagef("--min-saving needs --advise; add it")
	}
	return nil
}

// measured reads the workloads that were measured, by name.
func (opts *inventoryOptions) measured(e *env) (map[string]*workload.Workload, error) {
	if opts.file == "" {
		return nil, nil
	}
	all, err := opts.workloads(e)
	if err != nil {
		return nil, err
	}
	by := map[string]*workload.Workload{}
	for i := range all {
		by[all[i].Name] = &all[i]
	}
	return by, nil
}

// advice says which size is right; nil where it was not asked for.
func (opts *inventoryOptions) advice(inv *inventory.Inventory, set *ratecard.Set) ([]*inventory.Advice, error) {
	if !opts.advise {
		return nil, nil
	}
	least, err := parseSaving(opts.least)
	if err != nil {
		return nil, err
	}
	measured := map[string]*inventory.Measured{}
	for name, w := range inv.Options.Workloads {
		measured[name] = inventory.MeasuredBy(w)
	}
	advice, err := inv.Advise(set, measured, least)
	if err != nil {
		return nil, err
	}
	if advice == nil {
		advice = []*inventory.Advice{}
	}
	return advice, nil
}

// parseSaving reads --min-saving: dollars, or a share with a percent sign.
func parseSaving(text string) (inventory.Saving, error) {
	if text == "" {
		return inventory.LeastSaving(), nil
	}
	if share, ok := strings.CutSuffix(text, "%"); ok {
		n, err := unit.Scaled(share, unit.Million/100)
		if err != nil || n < 0 || n > unit.Million {
			return inventory.Saving{}, usagef("--min-saving %q is not a share from 0%% to 100%%", text)
		}
		return inventory.Saving{USD: money.MaxUSD, Millions: n}, nil
	}
	usd, err := money.ParseUSD(text)
	if err != nil || usd < 0 {
		return inventory.Saving{}, usagef("--min-saving %q is neither dollars, such as 20, nor a share, such as 10%%", text)
	}
	return inventory.Saving{USD: usd}, nil
}
