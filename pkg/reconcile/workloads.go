package reconcile

import (
	"fmt"
	"io"
	"math/big"
	"strings"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/safetext"
	"github.com/keynest/keynest/pkg/tomlfile"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// maxMonth is the longest month that a workload may have, in hours.
const maxMonth = 744

// WriteWorkloads writes a keynest.toml of what a bill has: a workload and a check
// for each cache, with the hours of the bill as its month, so that the same offer
// costs what the bill has at list. Serverless caches have their commands and
// data; of nodes a bill says only how many ran, so their workload is the most
// data that they hold. What cannot be said is a comment.
func (r *Result) WriteWorkloads(w io.Writer, set *ratecard.Set) error {
	var b strings.Builder
	b.WriteString("# The billed caches, written by keynest reconcile. The hours of each workload are those of the bill.\n")
	var names workload.Names
	for _, c := range r.Caches {
		name := names.Name(c.text())
		fmt.Fprintf(&b, "\n# %s\n", safetext.Line(strings.TrimSpace(c.Name+" "+c.Offer+" "+strings.Join(c.Plans, ", ")+" "+c.Region)+", "+c.From+" to "+c.To))
		if err := c.writeWorkload(&b, name, set, r.Currency); err != nil {
			fmt.Fprintf(&b, "# not written: %s\n", safetext.Line(err.Error()))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// span is how many hours of a cache are on the bill. One that is billed for its
// minimum says it to the hundredth of an hour: GB-hours ÷ GB.
func (c *Cache) span() Decimal {
	if c.StoredMinimum != nil && c.StoredMinimum.Sign() > 0 {
		h := c.Stored.Quo(*c.StoredMinimum, 12)
		if h.Cmp(h.Round(2)) == 0 && h.Cmp(whole(1)) >= 0 && h.Cmp(whole(c.Hours)) <= 0 {
			return h
		}
	}
	return whole(c.Hours)
}

// month is the hours of a workload: those on the bill, or 730 of a longer one.
func (c *Cache) month() Decimal {
	if h := c.span(); h.Cmp(whole(maxMonth)) <= 0 {
		return h
	}
	return whole(unit.HoursPerMonth)
}

// inMonth is a quantity of the bill in the hours of the workload.
func (c *Cache) inMonth(d Decimal) Decimal {
	span, month := c.span(), c.month()
	if span.Cmp(month) == 0 {
		return d
	}
	return d.Mul(month).Quo(span, 12)
}

func (c *Cache) writeWorkload(b *strings.Builder, name string, set *ratecard.Set, currency string) error {
	switch {
	case c.Hours <= 0:
		return fmt.Errorf("the lines have no hours")
	case len(c.Plans) > 1:
		return fmt.Errorf("its plan changed: %s", strings.Join(c.Plans, ", "))
	}
	o := set.Offer(c.Offer)
	if o == nil {
		return fmt.Errorf("the cards have no offer %s", c.Offer)
	}
	v := set.Version(o, c.From)
	if v == nil {
		return fmt.Errorf("the first card of %s is in force from %s", c.Offer, o.Versions()[0])
	}
	shards := int64(0)
	if c.Stored.Sign() > 0 || c.ECPU.Sign() > 0 {
		c.writeServerless(b, name)
	} else {
		var err error
		if shards, err = c.writeNodes(b, name, v); err != nil {
			return err
		}
	}
	c.writeCheck(b, name, shards, len(v.Regions()) > 0, currency)
	return nil
}

// writeServerless writes the data and the commands of a serverless cache. Where it
// is billed for its minimum, the bill says of its use only that it is not more.
func (c *Cache) writeServerless(b *strings.Builder, name string) {
	switch {
	case c.ECPUMinimum != nil:
		b.WriteString("# billed for its minimum: gib and commands_per_month are upper bounds; the real use is not on the bill\n")
	case c.StoredMinimum != nil:
		b.WriteString("# billed for its minimum of data: gib is an upper bound; the real size is not on the bill\n")
	}
	b.WriteString("# an ECPU counts as a command of at most 1,000 bytes\n")
	gib := c.Stored.Quo(c.span(), 9)
	commands := c.inMonth(c.ECPU).Round(0)
	fmt.Fprintf(b, "[workload.%s]\ncommands_per_month = %s\ngib = %s\npayload_bytes = 1000\nhours_per_month = %s\n", tomlfile.Quote(name), commands, gib, c.month())
	// The card bills its own minimum by itself.
	if m := c.StoredMinimum; m != nil && m.Cmp(c.floor) > 0 {
		fmt.Fprintf(b, "min_data_gb = %s\n", m)
	}
	if m := c.ECPUMinimum; m != nil {
		fmt.Fprintf(b, "min_ecpu_per_sec = %s\n", m)
	}
}

// writeNodes writes the most that nodes hold, and returns how many shards they are
// taken for.
func (c *Cache) writeNodes(b *strings.Builder, name string, v *ratecard.Version) (shards int64, err error) {
	if len(c.Plans) == 0 || c.NodeHours.Sign() <= 0 && c.Memory.Sign() <= 0 {
		return 0, fmt.Errorf("the bill has no use for it")
	}
	p := v.Plan(c.Plans[0])
	if p == nil {
		return 0, fmt.Errorf("the card of %s has no plan %s", c.Offer, c.Plans[0])
	}
	held, shards, replicas := p.Usable, int64(1), int64(0)
	if held <= 0 {
		held = share(p.Memory, v.Sizing.UsableShare)
	}
	if c.Memory.Sign() > 0 {
		size := c.Memory.Quo(whole(c.Hours), 6)
		held = share(size.Mul(whole(unit.GiB)).floor(), v.Sizing.UsableShare)
		fmt.Fprintf(b, "# %s GiB were bought; gib is how much data fits\n", size)
	} else {
		nodes := c.NodeHours.Quo(whole(c.Hours), 6)
		n := nodes.floor()
		switch {
		case !nodes.whole() || n <= 0 || n > 100_000:
			return 0, fmt.Errorf("%s node-hours in %d hours are not a whole number of nodes", c.NodeHours, c.Hours)
		case held <= 0:
			return 0, fmt.Errorf("the capacity of %s is unknown", c.Plans[0])
		case p.MaxShards == 1 || v.Sizing.MaxShards == 1:
			if replicas = n - 1; replicas > 1 {
				return 0, fmt.Errorf("%d nodes of %s are too many for one cache", n, c.Plans[0])
			}
			fmt.Fprintf(b, "# gib is the most data that fits on %s of %s, each with a full copy; the bill does not show their load\n", count(n, "node"), c.Plans[0])
		default:
			shards = n
			fmt.Fprintf(b, "# gib is the most data that fits on %s of %s if none is a replica; the bill does not show their load\n", count(n, "node"), c.Plans[0])
		}
	}
	fmt.Fprintf(b, "[workload.%s]\nops_per_sec = 0\ngib = %s\nreplicas = %d\nhours_per_month = %s\n", tomlfile.Quote(name), unit.Decimal(held*shards/unit.MiB, unit.GiB/unit.MiB), replicas, c.month())
	return shards, nil
}

// floor is the whole part of a number that is not negative, as an int64; what
// does not fit is 0.
func (d Decimal) floor() int64 {
	q := new(big.Int).Quo(d.int(), pow10(d.scale))
	if !q.IsInt64() {
		return 0
	}
	return q.Int64()
}

func count(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// share is a part of a size in millionths, so that it is not more than fits.
func share(size, millionths int64) int64 {
	n, err := unit.MulDiv(uint64(max(size, 0)), uint64(max(millionths, 0)), unit.Million)
	if err != nil {
		return 0
	}
	return n
}

// writeCheck writes a check of the offer that runs, with what it costs at list as
// its limit.
func (c *Cache) writeCheck(b *strings.Builder, name string, shards int64, regional bool, currency string) {
	if !c.Priced || currency != "USD" {
		b.WriteString("# no check: its list price is not fully known\n")
		return
	}
	fmt.Fprintf(b, "\n[check.%s]\nworkload = %s\noffer = %s\n", tomlfile.Quote(name), tomlfile.Quote(name), tomlfile.Quote(c.Offer))
	if len(c.Plans) == 1 {
		fmt.Fprintf(b, "plan = %s\nshards = %d\n", tomlfile.Quote(c.Plans[0]), shards)
	}
	if regional && c.Region != "" {
		fmt.Fprintf(b, "region = %s\n", tomlfile.Quote(c.Region))
	}
	// A limit is exact; the amount here is rounded to the cent.
	list := c.inMonth(c.AtList)
	fmt.Fprintf(b, "max_usd_per_month = %s # at list %s\n", tomlfile.Quote(list.Add(Decimal{small: 1, scale: 2}).Cents()), list.Cents())
}

// text is what a cache is called in the file: its name, else what it runs on.
func (c *Cache) text() string {
	if c.Name != "" {
		return c.Name
	}
	text := strings.Join(append([]string{c.Offer}, c.Plans...), "-")
	if c.Region != "" {
		text += "-" + c.Region
	}
	return text
}
