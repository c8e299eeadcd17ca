// Package ratesql writes rate cards as SQL: plans and charges as tables, and
// views that turn a table of usage into bills for each cache, offer and month.
// They compute what pkg/bill computes over a period (bill.Period), in exact
// whole numbers, so that a fleet is priced where its metrics are.
package ratesql

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Options say what is written, and for which load beside the table of usage.
type Options struct {
	Dialect       Dialect
	Usage         string // the table of usage
	AsOf          string
	Region        string
	Term, Upfront string
	SHA256        string // of the cards
	Version       string // of the program
	ReadShare     int64  // millionths of the commands
	// Load is what is said of every load: replicas, read regions, the minimum of
	// data, zones, snapshots, backups and tax.
	Load workload.Workload
}

// LeftOut is an offer that is not in the SQL, and why.
type LeftOut struct{ Offer, Why string }

// Write writes the cards of some offers. Offers that cannot be expressed in SQL are
// named in its head.
func Write(offers []*bill.Offer, opt Options) (string, error) {
	d, ok := dialects[opt.Dialect]
	if !ok {
		return "", fmt.Errorf("unknown dialect %q; known: %s", opt.Dialect, strings.Join(Dialects(), ", "))
	}
	w := &writer{d: d, opt: opt}
	var left []LeftOut
	for _, o := range offers {
		t, err := o.Table(&opt.Load)
		if err != nil {
			left = append(left, LeftOut{o.Card.ID, err.Error()})
			continue
		}
		w.tables = append(w.tables, t)
	}
	if len(w.tables) == 0 {
		return "", fmt.Errorf("none of the offers can be expressed in SQL: %s: %s", left[0].Offer, left[0].Why)
	}
	w.findFloors()
	w.head(left)
	w.data()
	w.load()
	w.sizes()
	w.costs()
	w.bills()
	return w.b.String(), nil
}

type writer struct {
	b      strings.Builder
	d      dialect
	opt    Options
	tables []*bill.Table
	floors []workload.Floor
}

func (w *writer) findFloors() {
	for _, t := range w.tables {
		for i := range t.Plans {
			for _, c := range t.Plans[i].Charges {
				if c.Floor.Den > 0 && !slices.Contains(w.floors, c.Floor) {
					w.floors = append(w.floors, c.Floor)
				}
			}
		}
	}
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.b, format+"\n", args...) }

// head says what the text is, what it reads and what it leaves out.
func (w *writer) head(left []LeftOut) {
	o := &w.opt
	w.line("-- KeyNest rate cards as SQL for %s.", w.d.name)
	w.line("-- format 1.0; cards of %s (sha256 %s), written by keynest %s.", o.AsOf, o.SHA256, o.Version)
	w.line("-- Region %s; term %s, upfront %s; %d replicas a shard; %d further read regions; %s of the commands read.",
		o.Region, o.Term, o.Upfront, o.Load.Replicas, o.Load.ReadRegions, share(o.ReadShare))
	w.asked()
	w.line("--")
	w.line("-- Reads the table %s, a row for each cache and hour, without gaps:", o.Usage)
	w.line("--   cache         text       which cache")
	w.line("--   time          timestamp  the beginning of the hour, UTC")
	w.line("--   commands      integer    commands in the hour")
	w.line("--   bytes         integer    bytes moved in the hour, requests and responses")
	w.line("--   stored_bytes  integer    the data set, one copy, the mean of the hour")
	w.line("-- Makes the view keynest_bills (cache, offer, plan, nodes, month, hours, usd_nano, usd): a bill for each cache,")
	w.line("-- offer and month, exact to the nano-dollar. An offer that cannot hold a cache has no row for it.")
	w.line("-- The same as keynest replay: sizes are for the highest hour of the whole period; a partial month counts for its")
	w.line("-- part; every line of a month is rounded half up once. All views and tables begin with keynest_.")
	w.line("--")
	w.line("-- %d offers are in it.", len(w.tables))
	if len(left) > 0 {
		w.line("-- Left out, because SQL cannot express them or their price is unknown:")
		for _, l := range left {
			w.line("--   %s: %s", l.Offer, strings.Join(strings.Fields(l.Why), " "))
		}
	}
	if names := w.surcharged(); names != "" {
		w.line("-- Not included: surcharges for an old engine version or for durability (keynest estimate --engine-version")
		w.line("-- and --durability price them): %s.", names)
	}
	w.line("")
}

// asked says which optional costs are counted and which are not.
func (w *writer) asked() {
	l := &w.opt.Load
	var in, out []string
	say := func(yes bool, words, flag string) {
		if yes {
			in = append(in, words)
		} else {
			out = append(out, flag)
		}
	}
	zones := fmt.Sprintf("traffic between %d zones", l.Zones)
	if l.SameZoneReads == 1 {
		zones += ", reads in the client's own"
	}
	say(l.MinDataGB > 0, "a minimum of "+unit.Decimal(l.MinDataGB, 1000)+" GB", "a minimum of data that is set (--min-data-gb)")
	say(l.Zones > 0, zones, "traffic between zones (--zones)")
	say(l.Snapshots > 0 || l.BackupBytes > 0, fmt.Sprintf("%d snapshots and %s GB of backups", l.Snapshots, unit.Decimal(l.BackupBytes, unit.GB)), "snapshots (--snapshots, --backup-gb)")
	say(l.Tax > 0, "a tax of "+share(l.Tax*100)+" %", "tax (--tax)")
	if len(in) > 0 {
		w.line("-- Also counted: %s.", strings.Join(in, "; "))
	}
	if len(out) > 0 {
		w.line("-- Not counted: %s.", strings.Join(out, "; "))
	}
}

// surcharged names the offers whose cards have surcharges, which no view counts.
func (w *writer) surcharged() string {
	var names []string
	for _, t := range w.tables {
		if len(t.Offer.Version.Surcharges) > 0 {
			names = append(names, t.Offer.Card.ID)
		}
	}
	return strings.Join(names, ", ")
}

func share(millionths int64) string {
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%d.%06d", millionths/1e6, millionths%1e6), "0"), ".")
}

// column is a column of a data table; text columns are not numbers.
type column struct {
	name string
	text bool
}

func numbers(names ...string) []column {
	var all []column
	for _, n := range names {
		all = append(all, column{name: n})
	}
	return all
}

// values writes rows as a view.
func (w *writer) values(comment, name string, columns []column, rows [][]string) {
	w.line("-- %s", comment)
	w.line("%s", w.d.values(name, columns, rows, w.d))
	w.line("")
}

// data writes offers, plans and charges.
func (w *writer) data() {
	var offers, plans, charges [][]string
	for _, t := range w.tables {
		card := t.Offer.Card
		offers = append(offers, []string{quote(card.ID), quote(card.Provider.Name), quote(card.Name), quote(string(card.BilledBy)), quote(t.Offer.Version.From), bit(t.Offer.Ranked())})
		for i := range t.Plans {
			p := &t.Plans[i]
			plans = append(plans, planRow(t, p))
			for j := range p.Charges {
				charges = append(charges, w.chargeRow(t, p, &p.Charges[j], j))
			}
		}
	}
	w.values("The offers. ranked: 1 where one may be called the cheapest.", "keynest_offers",
		append([]column{{"offer", true}, {"provider", true}, {"name", true}, {"billed_by", true}, {"since", true}}, numbers("ranked")...), offers)
	w.values("Their plans, one without a name where an offer has none. Prices in billionths of a unit of their currency per per\n-- nodes (or units of unit_bytes) and hour (or month: monthly = 1); fx: nano-dollars for one of the currency; upfront\n-- is spread over months; share: millionths left after discounts. usable, ops and network are what one shard holds.",
		"keynest_plans", append([]column{{"offer", true}, {"plan", true}}, numbers("pos", "max_stored", "max_ops", "max_transfer", "max_bytes_per_sec",
			"max_commands", "max_ecpu", "usable", "ops", "network", "min_shards", "min_cluster", "max_shards", "max_nodes", "copies", "memory", "unit_bytes",
			"usable_share", "provision_min", "provision_max", "provision_step", "price", "per", "monthly", "fx", "upfront", "months", "share",
			"minimum", "has_cap", "cap", "cpu_ops")...), plans)
	w.values("What is charged with a plan: a row for each tier. The price is for per units of each smallest units (× the hours of\n-- the month: monthly = 1). free, minimum, tier_from and tier_to are fractions of held_each smallest units (× the hours\n-- of the month: held = 1). meter stored-N is the data held with every hour raised to the minimum N, in fine parts.",
		"keynest_charges", append([]column{{"offer", true}, {"plan", true}, {"charge", true}, {"meter", true}}, numbers("tier", "price", "per", "fx", "each_units",
			"monthly", "fine", "free_num", "free_den", "minimum_num", "minimum_den", "from_num", "from_den", "to_num", "to_den", "has_end", "held_each", "held",
			"whole", "share")...), charges)
}

func planRow(t *bill.Table, p *bill.TablePlan) []string {
	row := []string{quote(t.Offer.Card.ID), quote(p.ID)}
	most, has := int64(p.Cap), int64(1)
	if p.Cap == bill.Unlimited {
		most, has = 0, 0
	}
	for _, n := range []int64{int64(p.Position), p.MaxStored, p.MaxOps, p.MaxTransfer, p.MaxBytesPerSec, p.MaxCommands, p.MaxECPU, p.Usable, p.Ops, p.Network,
		p.MinShards, p.MinCluster, p.MaxShards, p.MaxNodes, p.Copies, p.Memory, p.Unit, p.UsableShare, p.ProvisionMin, p.ProvisionMax, p.ProvisionStep,
		int64(p.Price), p.Per} {
		row = append(row, strconv.FormatInt(n, 10))
	}
	row = append(row, bit(p.Monthly))
	for _, n := range []int64{p.FX, int64(p.Upfront), p.Months, p.Share, int64(p.Minimum), has, most, max(t.Offer.CPUOpsPerSec(), 1)} {
		row = append(row, strconv.FormatInt(n, 10))
	}
	return row
}

func (w *writer) chargeRow(t *bill.Table, p *bill.TablePlan, c *bill.TableCharge, at int) []string {
	meter, fine := string(c.Meter), int64(1)
	if c.Floor.Den > 0 {
		meter, fine = fmt.Sprintf("stored-%d", slices.Index(w.floors, c.Floor)+1), c.Floor.Den
	}
	if c.Meter == ratecard.MeterSnapshots {
		meter = fmt.Sprintf("snapshots-%d", w.opt.Load.Snapshots-c.FreeCopies)
	}
	minimum := c.Minimum
	if c.Floor.Den > 0 {
		minimum = "" // it is in the meter
	}
	tier := int64(1)
	for at > 0 && p.Charges[at-1].ID == c.ID {
		tier, at = tier+1, at-1
	}
	row := []string{quote(t.Offer.Card.ID), quote(p.ID), quote(c.ID), quote(meter)}
	add := func(list ...int64) {
		for _, n := range list {
			row = append(row, strconv.FormatInt(n, 10))
		}
	}
	add(tier, int64(c.Price), c.Per, c.FX, c.Each)
	row = append(row, bit(c.Monthly))
	add(fine)
	for _, decimal := range []string{c.Free, minimum, c.From, c.UpTo} {
		num, den := fraction(decimal)
		row = append(row, num, den)
	}
	row = append(row, bit(c.UpTo != ""))
	add(c.HeldEach)
	row = append(row, bit(c.Held), bit(c.Whole))
	add(c.Share)
	return row
}

// fraction is a decimal as a fraction: "0.25" is 25 ÷ 100.
func fraction(decimal string) (num, den string) {
	whole, rest, _ := strings.Cut(decimal, ".")
	num = strings.TrimLeft(whole+rest, "0")
	if num == "" {
		num = "0"
	}
	return num, "1" + strings.Repeat("0", len(rest))
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
