package ratesql

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// view writes a view.
func (w *writer) view(comment, name, body string) {
	w.line("-- %s", comment)
	w.line(w.d.createView, name)
	w.line("%s;", strings.TrimSpace(body))
	w.line("")
}

// load writes the months and the peaks of each cache.
func (w *writer) load() {
	d := w.d
	var floors strings.Builder
	for i, f := range w.floors {
		// Every hour raised to num ÷ den bytes, in parts of 1 ÷ den.
		fmt.Fprintf(&floors, ",\n    sum(greatest(%s * %d, %s)) AS held_%d", d.w("stored_bytes"), f.Den, d.w(fmt.Sprint(f.Num)), i+1)
	}
	w.view("The months of each cache: sums over its hours. milli_ecpu: an ECPU is a command or a kB, whichever is more.", "keynest_months", fmt.Sprintf(`
SELECT u.cache AS cache, u.month AS month, %s AS month_hours, u.hours AS hours, u.all_commands AS all_commands, u.all_bytes AS all_bytes,
  u.milli_ecpu AS milli_ecpu, u.held AS held%s,
  u.top_commands AS top_commands, u.top_bytes AS top_bytes, u.top_ecpu AS top_ecpu, u.top_stored AS top_stored
FROM (
  SELECT cache, %s AS month, %s AS hours, sum(%s) AS all_commands, sum(%s) AS all_bytes,
    sum(greatest(1000 * %s, %s)) AS milli_ecpu, sum(%s) AS held%s,
    max(%s) AS top_commands, max(%s) AS top_bytes, max(greatest(1000 * %s, %s)) AS top_ecpu, max(%s) AS top_stored
  FROM %s
  GROUP BY cache, %s
) AS u`,
		d.w(fmt.Sprintf(d.monthDays, "u.month"))+" * 24", w.heldColumns("u."), fmt.Sprintf(d.month, "time"), d.w("count(*)"),
		d.w("commands"), d.w("bytes"), d.w("commands"), d.w("bytes"), d.w("stored_bytes"), floors.String(),
		d.w("commands"), d.w("bytes"), d.w("commands"), d.w("bytes"), d.w("stored_bytes"), w.opt.Usage, fmt.Sprintf(d.month, "time")))

	reads := d.half("all_commands * "+fmt.Sprint(w.opt.ReadShare), d.w("1000000"))
	w.view("What meters count in a month.", "keynest_meters", fmt.Sprintf(`
SELECT m.*, m.all_commands - m.reads AS writes, m.reads + (m.all_commands - m.reads) * %d AS replicated,
  CASE WHEN m.all_commands > 0 THEN least(%s, m.all_bytes) ELSE %s END AS written,
  %s AS micro_ops
FROM (SELECT k.*, %s AS reads FROM keynest_months AS k) AS m`,
		1+w.opt.Load.ReadRegions, d.half("m.all_bytes * (m.all_commands - m.reads)", "greatest(m.all_commands, "+d.w("1")+")"), d.w("0"),
		d.half("m.all_commands * 1000000", "(m.hours * 3600)"), reads))

	w.view("The highest load of each cache: commands, bytes and ECPU a second in the highest hour, the month with most of each.", "keynest_peaks", fmt.Sprintf(`
SELECT p.cache AS cache, p.peak_stored AS peak_stored, %s AS peak_ops, %s AS peak_bytes, %s AS peak_ecpu,
  p.most_commands AS most_commands, p.most_bytes AS most_bytes
FROM (
  SELECT cache, max(top_stored) AS peak_stored, max(top_commands) AS top_commands, max(top_bytes) AS top_bytes, max(top_ecpu) AS top_ecpu,
    max(all_commands) AS most_commands, max(all_bytes) AS most_bytes
  FROM keynest_months
  GROUP BY cache
) AS p`, d.up(d.half("p.top_commands * 1000000", d.w("3600")), d.w("1000000")), d.up("p.top_bytes", d.w("3600")), d.up(d.up("p.top_ecpu", d.w("3600")), d.w("1000"))))
}

func (w *writer) heldColumns(of string) string {
	var b strings.Builder
	for i := range w.floors {
		fmt.Fprintf(&b, ", %sheld_%d AS held_%d", of, i+1, i+1)
	}
	return b.String()
}

// sizes writes which plans hold a cache, and how much of each it takes.
func (w *writer) sizes() {
	d := w.d
	zero := d.w("0")
	per := func(load, holds string) string {
		return "CASE WHEN " + holds + " > 0 THEN " + d.up(load, "greatest("+holds+", "+d.w("1")+")") + " ELSE " + zero + " END"
	}
	sold := d.half("p.peak_stored * 1000000", "q.usable_share")
	w.view("Every plan that may hold a cache: the shards that memory, commands and network ask for, or the units of memory.", "keynest_shapes", fmt.Sprintf(`
SELECT s.*, CASE WHEN s.raw_shards > 1 THEN greatest(s.raw_shards, s.min_cluster) ELSE s.raw_shards END AS shards,
  CASE WHEN s.unit_bytes > 0 THEN %s * s.provision_step ELSE %s END AS units
FROM (
  SELECT p.*, q.*,
    greatest(q.min_shards, %s, %s, %s) AS raw_shards,
    %s + CASE WHEN %s < p.peak_stored THEN 1 ELSE 0 END AS sold
  FROM keynest_peaks AS p CROSS JOIN keynest_plans AS q
  WHERE p.peak_stored <= q.max_stored AND p.peak_ops <= q.max_ops AND p.most_bytes <= q.max_transfer AND p.peak_bytes <= q.max_bytes_per_sec
    AND p.most_commands <= q.max_commands AND p.peak_ecpu <= q.max_ecpu
) AS s`,
		d.up("greatest(s.provision_min, "+d.up("s.sold", "greatest(s.unit_bytes, "+d.w("1")+")")+")", "s.provision_step"), zero,
		per("p.peak_stored", "q.usable"), per("p.peak_ops", "q.ops"), per("p.peak_bytes", "q.network"), sold, d.half(sold+" * q.usable_share", d.w("1000000"))))
	w.view("The plans that do hold it.", "keynest_sizes", fmt.Sprintf(`
SELECT s.*, CASE WHEN s.unit_bytes > 0 THEN %s ELSE s.shards * s.copies END AS nodes,
  CASE WHEN s.unit_bytes > 0 THEN s.units * s.copies ELSE s.shards * s.copies END AS bought
FROM keynest_shapes AS s
WHERE CASE WHEN s.unit_bytes > 0 THEN s.units <= s.provision_max AND (s.ops = 0 OR s.peak_ops <= s.ops)
    AND (s.network = 0 OR s.peak_bytes <= s.network)
  ELSE s.shards <= s.max_shards AND s.shards * s.copies <= s.max_nodes END`, zero))
}

// costs writes what each plan and its charges cost in each month.
func (w *writer) costs() {
	d := w.d
	one := d.w("1")
	hoursIf := func(flag string) string { return "CASE WHEN " + flag + " = 1 THEN m.month_hours ELSE " + one + " END" }
	plan := d.half(d.half("s.bought * m.hours * s.price", "(s.per * "+hoursIf("s.monthly")+")")+" * s.fx", d.w("1000000000"))
	upfront := d.half("s.bought * m.hours * s.upfront", "(m.month_hours * s.months)")
	w.view("What the plan itself costs in a month, in nano-dollars.", "keynest_plan_costs", fmt.Sprintf(`
SELECT s.cache AS cache, s.offer AS offer, s.plan AS plan, s.nodes AS nodes, s.pos AS pos, s.minimum AS minimum, s.has_cap AS has_cap, s.cap AS cap,
  m.month AS month, m.hours AS hours, m.month_hours AS month_hours, %s AS plan_nano
FROM keynest_sizes AS s JOIN keynest_meters AS m ON m.cache = s.cache`, d.half("("+plan+" + "+upfront+") * s.share", d.w("1000000"))))

	var meters strings.Builder
	for _, m := range []struct{ meter, is string }{
		{"commands", "m.all_commands"}, {"reads", "m.reads"}, {"writes", "m.writes"}, {"replicated-commands", "m.replicated"}, {"ecpu", "m.milli_ecpu"},
		{"stored", "m.held"}, {"transfer", "m.all_bytes"}, {"transfer-out", "m.all_bytes - m.written"}, {"written", "m.written"},
		{"provisioned", "s.units * s.unit_bytes * s.copies * m.hours"}, {"nodes", "s.nodes * m.hours"}, {"node-memory", "s.nodes * s.memory * m.hours"},
		{"cpu", d.half("m.micro_ops * m.hours", "(s.cpu_ops * 1000)")}, {"databases", "m.hours"}, {"account", "m.hours"},
		{"read-regions", fmt.Sprintf("m.hours * %d", w.opt.Load.ReadRegions)},
	} {
		fmt.Fprintf(&meters, "\n        WHEN '%s' THEN %s", m.meter, m.is)
	}
	for i := range w.floors {
		fmt.Fprintf(&meters, "\n        WHEN 'stored-%d' THEN m.held_%d", i+1, i+1)
	}
	w.asks(&meters)
	amount := func(num, den string) string {
		return d.half("c."+num+" * c.held_each * "+strings.ReplaceAll(hoursIf("c.held"), "m.", "m."), "c."+den) + " * c.fine"
	}
	w.view("What a charge counts: the metered quantity, its minimum and free amount, and where its tier begins and ends.", "keynest_quantities", fmt.Sprintf(`
SELECT s.cache AS cache, s.offer AS offer, s.plan AS plan, m.month AS month, c.charge AS charge, c.tier AS tier, c.whole AS whole, c.has_end AS has_end,
  c.price AS price, c.fx AS fx, c.share AS share, c.per * c.each_units * c.fine * %s AS scale,
  %s AS free, %s AS minimum, %s AS tier_from, %s AS tier_to,
  CASE c.meter%s
        ELSE %s END AS quantity
FROM keynest_sizes AS s JOIN keynest_meters AS m ON m.cache = s.cache JOIN keynest_charges AS c ON c.offer = s.offer AND c.plan = s.plan`,
		hoursIf("c.monthly"), amount("free_num", "free_den"), amount("minimum_num", "minimum_den"), amount("from_num", "from_den"), amount("to_num", "to_den"), meters.String(), d.w("0")))

	w.view("What is billed of it: at least the minimum, less the free amount.", "keynest_billed", `
SELECT q.*, greatest(q.quantity, q.minimum) - least(q.free, greatest(q.quantity, q.minimum)) AS billed FROM keynest_quantities AS q`)
	part := `CASE WHEN b.whole = 1 THEN CASE WHEN (b.billed > b.tier_from OR b.tier = 1) AND (b.has_end = 0 OR b.billed <= b.tier_to) THEN b.billed ELSE ` + d.w("0") + ` END
    ELSE greatest(CASE WHEN b.has_end = 1 THEN least(b.billed, b.tier_to) ELSE b.billed END - b.tier_from, ` + d.w("0") + `) END`
	w.view("What each charge costs: its tiers, rounded half up one by one, less its discount.", "keynest_charge_costs", fmt.Sprintf(`
SELECT t.cache AS cache, t.offer AS offer, t.plan AS plan, t.month AS month, t.charge AS charge, %s AS charge_nano
FROM (
  SELECT p.cache, p.offer, p.plan, p.month, p.charge, max(p.share) AS share, sum(%s) AS tiers_nano
  FROM (SELECT b.*, %s AS part FROM keynest_billed AS b) AS p
  GROUP BY p.cache, p.offer, p.plan, p.month, p.charge
) AS t`, d.half("t.tiers_nano * t.share", d.w("1000000")), d.half(d.half("p.part * p.price", "p.scale")+" * p.fx", d.w("1000000000")), part))
}

// asks writes what meters count that are counted on request.
func (w *writer) asks(meters *strings.Builder) {
	l, d := &w.opt.Load, w.d
	if l.Zones > 1 {
		moved := "m.all_bytes"
		if l.SameZoneReads == 1 {
			moved = "m.written"
		}
		one := workload.Workload{Zones: l.Zones, Replicas: l.Replicas, WrittenBytes: 1}
		_, replicas, _ := one.ZoneBytes() // bytes for each that is written
		fmt.Fprintf(meters, "\n        WHEN 'client-zones' THEN %s", d.half(fmt.Sprintf("%s * %d", moved, l.Zones-1), d.w(fmt.Sprint(l.Zones))))
		fmt.Fprintf(meters, "\n        WHEN 'replica-zones' THEN m.written * %d", replicas)
	}
	if l.Snapshots > 0 || l.BackupBytes > 0 {
		for n := range l.Snapshots + 1 {
			if w.copies(n) {
				fmt.Fprintf(meters, "\n        WHEN 'snapshots-%d' THEN m.held * %d + m.hours * %d", n, n, l.BackupBytes)
			}
		}
	}
}

// copies says whether a charge counts so many snapshots of all data.
func (w *writer) copies(n int64) bool {
	for _, t := range w.tables {
		for i := range t.Plans {
			for _, c := range t.Plans[i].Charges {
				if c.Meter == ratecard.MeterSnapshots && w.opt.Load.Snapshots-c.FreeCopies == n {
					return true
				}
			}
		}
	}
	return false
}

// bills writes the month's bill of each plan, and which plan is taken.
func (w *writer) bills() {
	d := w.d
	zero := d.w("0")
	least, most := d.half("b.minimum * b.hours", "b.month_hours"), d.half("b.cap * b.hours", "b.month_hours")
	bill := fmt.Sprintf("CASE WHEN b.has_cap = 1 THEN least(greatest(b.lines_nano, %s), %s) ELSE greatest(b.lines_nano, %s) END", least, most, least)
	if tax := w.opt.Load.Tax; tax > 0 {
		bill += " + " + d.half(fmt.Sprintf("(%s) * %d", bill, tax), d.w("1000000"))
	}
	w.view("The month's bill of each plan: the plan, its charges, then the minimum and the cap of the part of the month, and the tax.", "keynest_plan_months", fmt.Sprintf(`
SELECT b.cache AS cache, b.offer AS offer, b.plan AS plan, b.nodes AS nodes, b.pos AS pos, b.month AS month, b.hours AS hours,
  %s AS usd_nano
FROM (
  SELECT p.cache AS cache, p.offer AS offer, p.plan AS plan, p.nodes AS nodes, p.pos AS pos, p.minimum AS minimum, p.has_cap AS has_cap, p.cap AS cap,
    p.month AS month, p.hours AS hours, p.month_hours AS month_hours, p.plan_nano + coalesce(c.charges_nano, %s) AS lines_nano
  FROM keynest_plan_costs AS p
  LEFT JOIN (
    SELECT cache, offer, plan, month, sum(charge_nano) AS charges_nano FROM keynest_charge_costs GROUP BY cache, offer, plan, month
  ) AS c ON c.cache = p.cache AND c.offer = p.offer AND c.plan = p.plan AND c.month = p.month
) AS b`, bill, zero))
	w.view("The plan that is taken: the one whose bills sum to the least over the period, of equals the one with fewer nodes.", "keynest_choices", `
SELECT r.cache AS cache, r.offer AS offer, r.plan AS plan, r.total_nano AS total_nano
FROM (
  SELECT t.*, row_number() OVER (PARTITION BY t.cache, t.offer ORDER BY t.total_nano, t.nodes, t.pos) AS place
  FROM (
    SELECT cache, offer, plan, max(nodes) AS nodes, max(pos) AS pos, sum(usd_nano) AS total_nano
    FROM keynest_plan_months
    GROUP BY cache, offer, plan
  ) AS t
) AS r
WHERE r.place = 1`)
	w.view("The bills.", "keynest_bills", fmt.Sprintf(`
SELECT b.cache AS cache, b.offer AS offer, b.plan AS plan, b.nodes AS nodes, %s AS month, b.hours AS hours, b.usd_nano AS usd_nano, %s AS usd
FROM keynest_plan_months AS b JOIN keynest_choices AS c ON c.cache = b.cache AND c.offer = b.offer AND c.plan = b.plan`,
		fmt.Sprintf(d.monthName, "b.month"), fmt.Sprintf(d.usd, "b.usd_nano")))
}
