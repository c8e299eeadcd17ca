package inventory

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/safetext"
	"github.com/keynest/keynest/pkg/tomlfile"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// WriteWorkloads writes a keynest.toml of what runs: a workload and a check for
// each cache, with its offer, plan and region, and the cost of today as the
// limit. How a cache is used is in no inventory: the size and the commands are 0,
// which leaves the price of a named plan as it is, and are to be measured. What a
// check cannot say is written as a comment.
func (inv *Inventory) WriteWorkloads(w io.Writer, set *ratecard.Set) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# The caches that run, written by keynest inventory at the rates of %s. Their load was not\n", inv.Options.AsOf)
	b.WriteString("# measured: ops_per_sec and gib are 0, which does not change the price of a named plan.\n")
	b.WriteString("# keynest observe writes measured workloads.\n")
	var names workload.Names
	for _, r := range inv.Resources {
		h := r.After
		if h == nil || !h.Counted {
			continue
		}
		name := names.Name(cmp.Or(r.Name, r.Address))
		fmt.Fprintf(&b, "\n# %s\n", safetext.Line(r.Address))
		if why := notWritten(h); why != "" {
			fmt.Fprintf(&b, "# not written: %s\n", safetext.Line(why))
			continue
		}
		inv.writeWorkload(&b, name, h, set)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// notWritten says why a cache has no check; "" where it has one.
func notWritten(h *Holding) string {
	switch {
	case h.BilledBy != "":
		return "it is billed by " + h.BilledBy
	case h.USD == nil:
		return "its price is unknown: " + h.Why
	case h.Plan == "" || h.Shards == nil:
		return "its shards and replicas are unknown"
	case h.Nodes != nil && h.Replicas == nil && *h.Nodes != *h.Shards:
		return "its shards have different numbers of replicas"
	}
	return ""
}

func (inv *Inventory) writeWorkload(b *strings.Builder, name string, h *Holding, set *ratecard.Set) {
	gib := "0"
	if card := set.Offer(h.Offer); h.SizeBytes > 0 && card != nil {
		if v := set.Version(card, inv.Options.AsOf); v != nil {
			// The data that fills the size which is bought: a check has no key for it.
			gib = unit.Decimal(usable(h.SizeBytes, v.Sizing.UsableShare)/unit.MiB, unit.GiB/unit.MiB)
			fmt.Fprintf(b, "# gib fills the %s %s that were bought\n", decimal(h.SizeBytes, unitBytes(h.SizeUnit)), h.SizeUnit)
		}
	}
	fmt.Fprintf(b, "[workload.%s]\nops_per_sec = 0\ngib = %s\n", tomlfile.Quote(name), gib)
	replicas := int64(0)
	if h.Replicas != nil {
		replicas = *h.Replicas
	}
	fmt.Fprintf(b, "replicas = %d\n\n[check.%s]\nworkload = %s\noffer = %s\nplan = %s\n", replicas, tomlfile.Quote(name), tomlfile.Quote(name), tomlfile.Quote(h.Offer), tomlfile.Quote(h.Plan))
	fmt.Fprintf(b, "shards = %d\n", *h.Shards)
	if v := set.Version(set.Offer(h.Offer), inv.Options.AsOf); h.Region != "" && v != nil && len(v.Regions()) > 0 {
		fmt.Fprintf(b, "region = %s\n", tomlfile.Quote(h.Region))
	}
	// A limit is exact; the amount here is rounded to the cent.
	limit := *h.USD
	if up, err := limit.Add(money.Cent); err == nil {
		limit = up
	}
	fmt.Fprintf(b, "max_usd_per_month = %s # costs %s\n", tomlfile.Quote(limit.String()), h.USD)
}
