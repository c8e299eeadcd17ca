package report

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// EstimateOptions say how much an estimate shows.
type EstimateOptions struct {
	Applications *Applications // nil where none were named
	FromBill     *FromBill     // nil where commands were given
	All          bool          // every offer, and the reasons of those that have no price
	Explain      bool          // every line of every bill, below the table
	Details      bool          // every bill unfolds below its row, and no row is left out: for pages
	Top          int           // rows of each group; 0 for as many as fill a screen
	Columns      []string
	Sort         string // within a group: "price" (or ""), "name", "read"
	Currency     Currency
	Chart        *page.Chart // drawn under the table
	// Sensitivity, where asked for, says what moves each bill.
	Sensitivity *compare.Sensitivity
	Page        string // begins the ids of the bills where several share a page
}

// Estimate is the comparison as a document.
func Estimate(c *compare.Comparison, opt EstimateOptions) *page.Document {
	o := &c.Field.Options
	d := &page.Document{Title: "Cost estimate", Links: map[string]page.Link{},
		Aside: fmt.Sprintf("rates as of %s · %s · %s hours a month", o.AsOf, termText(o), c.Workload.HoursText())}
	d.Say(workloadLine(c), defaultsLine(&c.Workload))
	if opt.FromBill != nil {
		d.Say(opt.FromBill.text())
	}
	if t := estimateTable(c, opt); len(t.Groups) > 0 {
		d.Add(page.Block{Table: t})
	}
	d.Add(page.Block{Text: notes(c, opt)})
	// Where nothing has a price, the reasons are the answer.
	if opt.All || opt.Details || c.Overall == nil {
		d.Add(reasonsBlock(c, opt))
	}
	if len(c.Counted) > 0 {
		d.Add(countedBlock(c, opt.Currency))
	}
	if opt.Applications != nil {
		d.Blocks = append(d.Blocks, applicationBlocks(opt.Applications, c)...)
	}
	if opt.Sensitivity != nil {
		d.Blocks = append(d.Blocks, sensitivityBlocks(opt.Sensitivity, opt.Currency)...)
	}
	if opt.Chart != nil {
		d.Add(page.Block{Heading: "Where the cheapest changes", Chart: opt.Chart})
	}
	if opt.Explain && !opt.Details {
		for _, b := range c.Bills {
			if opt.All || shown(b, opt) {
				block := explain(c, b, opt.Currency)
				block.ID, block.Fold = billID(b, opt), true
				d.Add(block)
			}
		}
	}
	if opt.Explain || opt.Details {
		if b := coverageBlock(c, opt); len(b.Text) > 0 {
			d.Add(b)
		}
		sources := sourcesBlock(used(c, opt.Currency))
		sources.Fold = opt.Details
		d.Add(sources)
	}
	for _, s := range used(c, opt.Currency) {
		d.Links[s.ID] = page.Link{URL: s.URL, Title: s.Title, Read: s.Retrieved}
	}
	d.Answers = estimateAnswers(c, opt)
	return d
}

// billID names a bill on a page.
func billID(b *bill.Bill, opt EstimateOptions) string { return opt.Page + "bill-" + b.Offer.ID }

func termText(o *bill.Options) string {
	if o.Term.Months() == 0 {
		return "on demand"
	}
	if o.Commitment == ratecard.CommitSavingsPlan {
		return fmt.Sprintf("%s savings plan, upfront %s", o.Term, o.Upfront)
	}
	return fmt.Sprintf("%s term, upfront %s", o.Term, o.Upfront)
}

func workloadLine(c *compare.Comparison) string { return inputsLine(c.Field, &c.Workload, "") }

// inputsLine is the workload in one line, without the input that an axis moves.
func inputsLine(f *compare.Field, w *workload.Workload, axis string) string {
	if axis == "commands-per-month" {
		axis = "ops-per-sec"
	}
	var parts []string
	say := func(moved string, words string) {
		if moved == "" || moved != axis {
			parts = append(parts, words)
		}
	}
	ops := groupMicro(w.OpsPerSec) + " ops/s"
	if w.PeakOpsPerSec != w.OpsPerSec {
		ops += fmt.Sprintf(" (peak %s)", groupMicro(w.PeakOpsPerSec))
	}
	say("ops-per-sec", ops)
	say("gib", sizeText(w.StoredBytes)+keysWords(w))
	switch {
	case axis != "" && w.Given["transfer_gb_per_month"]: // which stays along the axis
		say("payload-bytes", groupNumber(unit.Decimal(w.TransferBytes, unit.GB))+" GB moved a month")
	case w.Given["payload_bytes"] || w.Given["transfer_gb_per_month"]:
		say("payload-bytes", money.Group(fmt.Sprint(w.PayloadBytes))+" B a command")
	}
	if axis != "" && w.Given["written_gb_per_month"] {
		say("", groupNumber(unit.Decimal(w.WrittenBytes, unit.GB))+" GB written")
	}
	if w.Given["read_share"] || w.Given["reads_per_month"] || w.Given["writes_per_month"] {
		say("read-share", readsText(w))
	}
	if w.Given["replicas"] {
		say("replicas", count(w.Replicas, "replica"))
	}
	if w.ReadRegions > 0 {
		say("read-regions", count(w.ReadRegions, "read region"))
	}
	if w.Databases > 1 {
		say("databases", count(w.Databases, "database"))
	}
	parts = append(parts, invoiceWords(w)...)
	o := &f.Options
	say("", o.Where.Name)
	say("", termText(o))
	for _, r := range o.Reserved {
		say("", r.String()+" in hand")
	}
	say("", w.HoursText()+" h")
	say("", "rates as of "+o.AsOf)
	if words := includeText(f); words != "" {
		say("", words)
	}
	line := strings.Join(parts, " · ")
	if w.Name != "" {
		line = w.Name + ": " + line
	}
	return line
}

// keysWords say which keys a data size was computed from; "" where it was given.
func keysWords(w *workload.Workload) string {
	each, _ := w.KeyOverhead()
	if each == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s of %s + %s B, %s B overhead each)", count(w.Keys, "key"), money.Group(fmt.Sprint(w.KeyBytes)),
		money.Group(fmt.Sprint(w.ValueBytes)), money.Group(fmt.Sprint(each)))
}

// invoiceWords are the inputs that are counted only where somebody gives them.
func invoiceWords(w *workload.Workload) (words []string) {
	if w.EngineVersion > 0 {
		words = append(words, "engine "+ratecard.VersionText(w.EngineVersion))
	}
	if d := workload.Durability(w.Durability).String(); d != "" {
		words = append(words, d+" durability")
	}
	if c := workload.Client(w.Client).String(); c != "" {
		words = append(words, c+" clients")
	}
	if w.MinDataGB > 0 {
		words = append(words, fmt.Sprintf("minimum %s GB", unit.Decimal(w.MinDataGB, 1000)))
	}
	if w.MinECPUPerSec > 0 {
		words = append(words, fmt.Sprintf("minimum %s ECPU/s", money.Group(fmt.Sprint(w.MinECPUPerSec))))
	}
	if w.Zones > 0 {
		zones := count(w.Zones, "zone")
		if w.SameZoneReads == 1 {
			zones += ", reads in the client's"
		}
		words = append(words, zones)
	}
	if w.Snapshots > 0 {
		words = append(words, count(w.Snapshots, "snapshot"))
	}
	if w.BackupBytes > 0 {
		words = append(words, "backups of "+unit.Decimal(w.BackupBytes, unit.GB)+" GB")
	}
	if w.ReplicationTraffic == 1 {
		words = append(words, "replication across zones charged")
	}
	if w.Persistence == 1 {
		words = append(words, "append-only file")
	}
	if w.Connections > 0 {
		words = append(words, count(w.Connections, "connection"))
	}
	if w.MaxValueBytes > 0 {
		words = append(words, "values up to "+sizeText(w.MaxValueBytes))
	}
	if w.Tax > 0 {
		words = append(words, "tax "+unit.Decimal(w.Tax, unit.Million/100)+" %")
	}
	return words
}

func readsText(w *workload.Workload) string {
	return unit.Rounded(w.ReadShare, unit.Million/100, 1) + " % reads"
}

// sizeText prints a size with its digits grouped.
func sizeText(n int64) string {
	number, name, ok := strings.Cut(unit.FormatBytes(n), " ")
	if !ok {
		return number
	}
	return groupNumber(number) + " " + name
}

// defaultsLine names the inputs that nobody gave.
func defaultsLine(w *workload.Workload) string {
	var defaulted []string
	for _, d := range []struct{ key, words string }{
		{"peak_ops_per_sec", "peak = mean"},
		{"payload_bytes", money.Group(fmt.Sprint(w.PayloadBytes)) + " B a command"},
		{"read_share", readsText(w)},
		{"replicas", count(w.Replicas, "replica")},
	} {
		if w.Given[d.key] || d.key == "payload_bytes" && w.Given["transfer_gb_per_month"] ||
			d.key == "read_share" && (w.Given["reads_per_month"] || w.Given["writes_per_month"]) {
			continue
		}
		defaulted = append(defaulted, d.words)
	}
	if _, engine := w.KeyOverhead(); engine != "" {
		defaulted = append(defaulted, "overhead of "+engine+" for keys that expire")
	}
	if len(defaulted) == 0 {
		return "every input was given"
	}
	return "assumed: " + strings.Join(defaulted, ", ")
}

func count(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return money.Group(fmt.Sprint(n)) + " " + thing + "s"
}

// groupMicro prints millionths with thousands apart: 5000000000 is "5,000".
func groupMicro(micro int64) string { return groupNumber(unit.Rounded(micro, unit.Million, 3)) }

// groupNumber puts commas into the whole part of a decimal number.
func groupNumber(s string) string {
	whole, fraction, point := strings.Cut(s, ".")
	whole = money.Group(whole)
	if point {
		whole += "." + fraction
	}
	return whole
}

// shown says whether a bill has a row without --all.
func shown(b *bill.Bill, opt EstimateOptions) bool {
	return opt.All || b.Status == bill.Priced || b.Status == bill.Incomplete || b.Status == bill.AtMost
}

// OfferName is the provider and the offer as a row names them, and the status of
// what is not simply offered.
func OfferName(o *ratecard.Offer) string {
	name := o.RowName()
	switch o.Status {
	case ratecard.StatusTarget:
		name += " (target, not an offer)"
	case ratecard.StatusLegacy:
		name += " (legacy)"
	case ratecard.StatusPreview:
		name += " (preview)"
	}
	return name
}

func ratioText(a, b money.USD) string {
	r, ok := compare.Ratio(a, b)
	if !ok {
		return ""
	}
	return groupNumber(fmt.Sprintf("%d.%d", (r+5)/10/10, (r+5)/10%10))
}

// drivenBy is what the bill is mostly for.
func drivenBy(b *bill.Bill, in Currency) string {
	if len(b.Reasons) > 0 && b.Status != bill.AtMost {
		return strings.Join(b.Reasons, "; ")
	}
	driver := b.Driver()
	// A plan that costs nothing only sets limits: what is used drives the bill.
	if p := b.Plan; p != nil && (driver == nil || driver.Amount <= 0 || !b.Offer.BilledBy.PerCommand()) {
		what := p.ID
		switch {
		case p.Provisioned > 0:
			what = unit.FormatBytes(p.Provisioned)
		case p.Nodes > 1:
			what = fmt.Sprintf("%d × %s", p.Nodes, p.ID)
		}
		what += shardWords(b)
		if p.OpsUnknown {
			what += fmt.Sprintf(" (%s; ops/s unknown)", p.Binding)
		} else {
			what += fmt.Sprintf(" (%s)", p.Binding)
		}
		for _, e := range b.TooSmall {
			what += "; too small: " + e.Words
		}
		if b.Status == bill.AtMost {
			what += "; " + strings.Join(b.Reasons, "; ")
		}
		if p.OneShard != nil {
			what += "; in one shard " + in.grouped(p.OneShard.Total)
		}
		return what
	}
	if driver != nil && b.Total > 0 {
		if b.Capped() {
			return strings.ToLower(driver.Name) + ", capped"
		}
		return fmt.Sprintf("%s %d %%", strings.ToLower(driver.Name), b.Share(driver))
	}
	return "nothing is charged"
}

// shardWords says of a bill for several shards how many there are, and whether
// clients must speak the cluster protocol.
func shardWords(b *bill.Bill) string {
	p := b.Plan
	if p.Shards < 2 || p.Provisioned > 0 {
		return ""
	}
	words := " in " + count(p.Shards, "shard")
	switch b.Offer.Trait(ratecard.TraitCluster, p.ID).Value {
	case ratecard.ClusterAlways, ratecard.ClusterOptional:
		words += ", cluster"
	}
	return words
}

func offersDo(n int) string {
	if n == 1 {
		return "1 offer does"
	}
	return fmt.Sprintf("%d offers do", n)
}
