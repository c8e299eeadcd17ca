package bill

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"sort"
	"strings"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// convert turns an amount in a rate's currency into dollars.
func convert(amount money.USD, fx *ratecard.ExchangeRate) (money.USD, error) {
	if fx == nil {
		return amount, nil
	}
	return amount.Times(fx.Nano, money.Nano)
}

// beyond is a quantity that cannot be counted, which is never priced.
const beyond = math.MaxInt64

// beyondCounting says whether an amount or a quantity is too large for 64 bits.
// Nobody sells so much, so what comes to that does not fit.
func beyondCounting(err error) bool {
	return err != nil && (errors.Is(err, money.ErrOverflow) || errors.Is(err, unit.ErrRange))
}

// quantity is what a charge's meter counts, in its smallest unit, or beyond.
func (o *Offer) quantity(c *charge, p *plan, s shape, u *workload.Usage) int64 {
	if c.count != nil {
		return c.count(u)
	}
	if p == nil && perSize(c.meter) {
		return 0 // nothing was chosen
	}
	switch c.meter {
	case ratecard.MeterNodes:
		return times(s.nodes, u.Hours)
	case ratecard.MeterNodeMemory:
		return times(times(s.nodes, p.card.Memory), u.Hours)
	case ratecard.MeterProvisioned:
		return times(times(s.units*p.card.Per.Bytes(), s.copies*u.Databases), u.Hours)
	case ratecard.MeterCPU:
		q, err := unit.MulDiv(uint64(u.OpsPerSec), uint64(u.Hours), uint64(o.Version.Sizing.CPUOpsPerSec)*1000)
		if err != nil {
			return beyond
		}
		return q
	}
	return 0
}

// times multiplies two counts, neither negative; what cannot be counted is beyond.
func times(a, b int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi != 0 || lo > beyond {
		return beyond
	}
	return int64(lo)
}

// metered applies a charge's minimum and free amount.
func (c *charge) metered(q int64, databases int64) (free, billed int64) {
	free = c.free
	if c.freeDB {
		free = times(free, databases)
	}
	if billed = max(q, c.least(databases)); billed == beyond {
		return 0, beyond
	}
	free = min(free, billed)
	return free, billed - free
}

// least is the minimum that a charge bills.
func (c *charge) least(databases int64) int64 {
	if c.minDB {
		return times(c.minimum, databases)
	}
	return c.minimum
}

// amount prices a billed quantity in dollars. It is the one place where a
// charge becomes money; each tier rounds once, in the currency of its price.
// each, where given, sees every part.
func (c *charge) amount(billed int64, each func(rate *ratecard.Rate, quantity int64, original, usd money.USD)) (sum money.USD, err error) {
	if billed == beyond {
		return 0, unit.ErrRange
	}
	if len(c.tiers) == 0 {
		return c.part(&c.rate, billed, each)
	}
	part := func(rate *ratecard.Rate, quantity int64) error {
		usd, err := c.part(rate, quantity, each)
		if err == nil {
			sum, err = sum.Add(usd)
		}
		return err
	}
	from := int64(0)
	for i := range c.tiers {
		t := &c.tiers[i]
		last := t.upTo < 0 || billed <= t.upTo
		switch {
		case c.whole && last:
			err = part(&t.rate, billed)
		case c.whole:
			continue
		case last:
			err = part(&t.rate, billed-from)
		default:
			err = part(&t.rate, t.upTo-from)
			from = t.upTo
		}
		if err != nil || last {
			break
		}
	}
	return sum, err
}

// part prices a quantity at one rate.
func (c *charge) part(rate *ratecard.Rate, quantity int64, each func(rate *ratecard.Rate, quantity int64, original, usd money.USD)) (money.USD, error) {
	original, err := rate.Price.Of(quantity, c.scale)
	if err != nil {
		return 0, err
	}
	usd, err := convert(original, c.fx)
	if err != nil {
		return 0, err
	}
	if each != nil {
		each(rate, quantity, original, usd)
	}
	return usd, nil
}

// planCost is what the nodes or the memory of a plan cost a month, and the
// cash due at the start of a term. Upfront money is spread evenly.
func (o *Offer) planCost(p *plan, s shape) (monthly, cash money.USD, err error) {
	if p.recurring != nil {
		q := o.planQuantity(p, s)
		if q == beyond {
			return 0, 0, unit.ErrRange
		}
		part, err := p.recurring.Price.Of(q, 1)
		if err != nil {
			return 0, 0, err
		}
		if monthly, err = convert(part, p.fx); err != nil {
			return 0, 0, err
		}
	}
	if p.upfront != nil {
		part, err := money.Price{Amount: p.upfront.Price.Amount, Per: p.months}.Of(max(s.nodes, s.units*s.copies), 1)
		if err != nil {
			return 0, 0, err
		}
		if monthly, err = monthly.Add(part); err != nil {
			return 0, 0, err
		}
		if cash, err = (money.Price{Amount: p.upfront.Price.Amount, Per: 1}).Of(max(s.nodes, s.units*s.copies), 1); err != nil {
			return 0, 0, err
		}
	}
	return monthly, cash, nil
}

// planQuantity is what a plan's recurring price applies to: node-hours for a
// price per hour, GiB-months for one per GiB-month, and so on.
func (o *Offer) planQuantity(p *plan, s shape) int64 {
	count := s.nodes
	if p.card.Per.Bytes() > 0 {
		count = s.units * s.copies
	}
	if p.card.Per.Monthly() {
		return count
	}
	return times(count, o.options.HoursPerMonth)
}

// sum is the month's total for a plan (nil for an offer without) in a shape.
// complete is false where a charge with an unknown price applies, or a replica
// that the card knows nothing of.
func (o *Offer) sum(p *plan, s shape, u *workload.Usage) (total money.USD, complete bool, err error) {
	charges, minimum, ceiling := o.charges, &o.minimum, &o.cap
	if p != nil {
		withDBs := s
		if p.card.Per.Bytes() > 0 {
			withDBs.units *= u.Databases
		}
		if total, _, err = o.planCost(p, withDBs); err != nil {
			return 0, false, err
		}
		if r := p.card.ReadRegion; r != nil && u.ReadRegions > 0 {
			part, err := r.Price.Of(u.ReadRegions*u.Databases, 1)
			if err != nil {
				return 0, false, err
			}
			if total, err = total.Add(part); err != nil {
				return 0, false, err
			}
		}
		charges = p.charges
		if p.minimum.set {
			minimum = &p.minimum
		}
		if p.cap.set {
			ceiling = &p.cap
		}
		if p.disc != "" {
			if total, err = total.Times(p.share, unit.Million); err != nil {
				return 0, false, err
			}
		}
	}
	part, err := simple(charges, u)
	if err != nil {
		return 0, false, err
	}
	if total, err = total.Add(part); err != nil {
		return 0, false, err
	}
	complete = !o.replicasUnknown(u)
	for i := range charges {
		c := &charges[i]
		if c.simple {
			continue
		}
		if !c.applies(p) {
			continue
		}
		q := o.quantity(c, p, s, u)
		_, billed := c.metered(q, u.Databases)
		if c.unknown != "" {
			complete = complete && billed == 0
			continue
		}
		part, err := c.amount(billed, nil)
		if err != nil {
			return 0, false, fmt.Errorf("%s, charge %s: %w", o.Version, c.card.ID, err)
		}
		if c.disc != "" {
			if part, err = part.Times(c.share, unit.Million); err != nil {
				return 0, false, err
			}
		}
		if total, err = total.Add(part); err != nil {
			return 0, false, err
		}
	}
	if minimum.set {
		total = max(total, minimum.of(u))
	}
	if ceiling.set {
		total = min(total, ceiling.of(u))
	}
	return total, complete, nil
}

// simple is what the simple charges come to, which most are.
func simple(charges []charge, u *workload.Usage) (total money.USD, err error) {
	for i := range charges {
		c := &charges[i]
		if !c.simple {
			continue
		}
		free := c.free
		if c.freeDB {
			free = times(free, u.Databases)
		}
		billed := max(c.count(u), c.minimum)
		if billed <= free {
			continue
		}
		part, err := c.price.Of(billed - free)
		if err != nil {
			return 0, err
		}
		if total, err = total.Add(part); err != nil {
			return 0, err
		}
	}
	return total, nil
}

func (m *perMonth) of(u *workload.Usage) money.USD {
	if m.each == ratecard.EachDatabase {
		return money.USD(times(int64(m.amount), u.Databases))
	}
	return m.amount
}

func (c *charge) applies(p *plan) bool {
	if c.plans == nil {
		return true
	}
	for _, id := range c.plans {
		if p != nil && p.card.ID == id {
			return true
		}
	}
	return false
}

// Total is the month's bill without its lines: the fast path, which allocates
// nothing. A total that is Incomplete is a lower bound; what does not fit, is
// beyond counting or has no price is 0 with the status that says so.
func (o *Offer) Total(u *workload.Usage) (money.USD, Status, error) {
	if o.flat { // what is left then of all below
		if o.refused(u) != 0 {
			return 0, Unfit, nil
		}
		total, err := simple(o.charges, u)
		if beyondCounting(err) {
			return 0, Unfit, nil
		}
		return total, Priced, err
	}
	total, status, _, _, err := o.total(u)
	return total, status, err
}

// total is Total with the plan that was chosen, if any, and its shape.
func (o *Offer) total(u *workload.Usage) (total money.USD, status Status, p *plan, s shape, err error) {
	total, status, p, s, err = o.counted(u)
	if beyondCounting(err) {
		return 0, Unfit, nil, shape{}, nil
	}
	return total, status, p, s, err
}

// counted is total, or an error where that is beyond counting.
func (o *Offer) counted(u *workload.Usage) (total money.USD, status Status, p *plan, s shape, err error) {
	if o.status != "" {
		return 0, o.status, nil, s, nil
	}
	if o.refused(u) != 0 {
		return 0, Unfit, nil, s, nil
	}
	complete := false
	if len(o.Version.Plans) == 0 {
		total, complete, err = o.sum(nil, s, u)
		return total, statusOf(complete), nil, s, err
	}
	p, s, total, complete, err = o.choose(u, all)
	switch {
	case err != nil:
		return 0, "", nil, s, err
	case p != nil:
		return total, statusOf(complete), p, s, nil
	case o.unknownFits(u) == nil:
		return 0, Unfit, nil, s, nil
	}
	total, _, err = o.sum(nil, s, u)
	return total, Incomplete, nil, s, err
}

// replicasUnknown says whether replicas are asked for that the card knows
// nothing of: the bill is then a lower bound.
func (o *Offer) replicasUnknown(u *workload.Usage) bool {
	return o.Version.Sizing.Replicas == ratecard.ReplicasUnknown && u.Replicas > 0
}

func statusOf(complete bool) Status {
	if complete {
		return Priced
	}
	return Incomplete
}

// unknownFits finds a plan of unknown price that would hold the load: the one
// that does with the least memory.
func (o *Offer) unknownFits(u *workload.Usage) *ratecard.Plan {
	var best *ratecard.Plan
	least := int64(0)
	for _, card := range o.unknown {
		p := plan{card: card, bounds: bounds(&card.Limit)}
		p.ops, p.opsKind = throughput(card, &o.Version.Sizing)
		s, fault := o.fit(&p, u, all)
		if fault != 0 {
			continue
		}
		if memory := s.shards*card.Memory + s.units*card.Per.Bytes(); best == nil || memory < least {
			best, least = card, memory
		}
	}
	return best
}

// Bill is the month's bill with every line.
func (o *Offer) Bill(u *workload.Usage) (*Bill, error) {
	b, err := o.bill(u)
	if beyondCounting(err) {
		b = o.blank()
		b.Status, b.Reasons = Unfit, []string{"beyond counting: " + err.Error()}
		return b, nil
	}
	return b, err
}

// blank is a bill without lines.
func (o *Offer) blank() *Bill {
	b := &Bill{Offer: o.Card, Region: o.Region, Term: ratecard.TermOnDemand, UpfrontKind: ratecard.UpfrontNone, Reasons: o.reasons}
	if o.Version != nil {
		b.From, b.Note = o.Version.From, o.Version.Note
	}
	return b
}

func (o *Offer) bill(u *workload.Usage) (*Bill, error) {
	b := o.blank()
	if o.status != "" {
		b.Status = o.status
		return b, nil
	}
	if c := o.refused(u); c != 0 {
		b.Status, b.Reasons = Unfit, []string{o.explain(nil, u, c)}
		return b, nil
	}
	var p *plan
	var s shape
	if len(o.Version.Plans) > 0 {
		var err error
		if p, s, _, _, err = o.choose(u, all); err != nil {
			return nil, err
		}
		if p == nil {
			return b, o.noPlan(b, u)
		}
		o.describePlan(b, p, s, u)
	}
	if err := o.lines(b, p, s, u); err != nil {
		return nil, err
	}
	total, complete, err := o.sum(p, s, u)
	if err != nil {
		return nil, err
	}
	if b.Total != total {
		return nil, fmt.Errorf("%s: the lines come to %s, the total to %s; please report this", o.Version, b.Total.Exact(), total.Exact())
	}
	b.Status = statusOf(complete)
	o.remarks(b, p, u)
	return b, nil
}

// noPlan says why no plan could be chosen. Where one would fit at a price that
// is not known, the charges besides it and the monthly minimum are.
func (o *Offer) noPlan(b *Bill, u *workload.Usage) error {
	if card := o.unknownFits(u); card != nil {
		why := card.Unknown
		if why == "" {
			why = "its price in " + o.Region + " was not found"
		}
		b.Status = Incomplete
		b.Reasons = append(b.Reasons, fmt.Sprintf("plan %s would fit, but %s", card.ID, why))
		if err := o.lines(b, nil, shape{}, u); err != nil {
			return err
		}
		o.remarks(b, nil, u)
		return nil
	}
	b.Status = Unfit
	if len(o.plans) == 0 {
		b.Reasons = append(b.Reasons, "no plan with a known price fits")
		return nil
	}
	// The plan that holds most comes closest; its fault is the reason.
	closest := o.plans[0]
	for _, p := range o.plans {
		if holds(p) > holds(closest) {
			closest = p
		}
	}
	s, fault := o.fit(closest, u, all)
	if fault == 0 { // it would fit, so its bill is what cannot be had
		_, _, err := o.sum(closest, s, u)
		return err
	}
	b.Reasons = append(b.Reasons, fmt.Sprintf("%s (largest: %s)", o.explain(closest, u, fault), closest.card.ID))
	return nil
}

// holds is how many bytes of data a plan can take, as far as one can tell.
func holds(p *plan) int64 {
	if per := p.card.Per.Bytes(); per > 0 {
		if p.card.ProvisionMax == 0 {
			return 1 << 62
		}
		return p.card.ProvisionMax * per
	}
	if p.card.Limit.MaxData > 0 {
		return p.card.Limit.MaxData
	}
	return p.card.Usable
}

func (o *Offer) describePlan(b *Bill, p *plan, s shape, u *workload.Usage) {
	binding := o.binding(u)
	replicas := max(u.Replicas, p.card.MinReplicas)
	if o.Version.Sizing.Replicas == ratecard.ReplicasByPlan {
		replicas = p.card.IncludesReplicas
	}
	b.Plan = &Plan{
		ID: p.card.ID, Name: p.card.Name, Shards: s.shards, Replicas: replicas, Nodes: s.nodes,
		Memory: p.card.Memory * s.shards, UsableBytes: p.card.Usable * s.shards,
		Binding: constraintNames[binding], Why: o.explain(p, u, binding),
		OpsUnknown: o.opsUnknown(p) && u.PeakOps > 0,
	}
	if per := p.card.Per.Bytes(); per > 0 {
		b.Plan.Memory = s.units * per
		b.Plan.UsableBytes, _ = unit.MulDiv(uint64(b.Plan.Memory), uint64(o.Version.Sizing.UsableShare), unit.Million)
		b.Plan.Provisioned = s.units * per * s.copies * u.Databases
	} else if p.card.Usable == 0 {
		b.Plan.UsableBytes = p.card.Limit.MaxData
	}
	switch {
	case p.months > 0:
		b.Term, b.UpfrontKind = o.options.Term, o.options.Upfront
	case o.options.Term.Months() > 0 && len(o.notes) == 0:
		b.Warnings = append(b.Warnings, fmt.Sprintf("%s is not sold for a %s term; priced on demand", p.card.ID, o.options.Term))
	}
	if o.pinned {
		b.Plan.Why = "named by --plan"
		b.Plan.Binding = "named"
		o.warnPinned(b, p, s, u)
	}
}

// warnPinned says where a plan that the caller named is smaller than the
// sizing rule would have it.
func (o *Offer) warnPinned(b *Bill, p *plan, s shape, u *workload.Usage) {
	for _, c := range []struct {
		constraint
		need, have int64
	}{
		{byMemory, unit.CeilDiv(u.StoredBytes, u.Databases), p.card.Usable},
		{byOps, unit.CeilDiv(u.PeakOps, u.Databases), p.ops},
		{byNetwork, unit.CeilDiv(u.PeakBytesPerSec, u.Databases), p.card.Network},
	} {
		if c.have > 0 && unit.CeilDiv(c.need, c.have) > s.shards {
			b.Warnings = append(b.Warnings, "smaller than the load asks for: "+o.explain(p, u, c.constraint))
		}
	}
}

// lines writes every line of the bill and its total.
func (o *Offer) lines(b *Bill, p *plan, s shape, u *workload.Usage) error {
	minimum, ceiling, charges := o.minimum, o.cap, o.charges
	if p != nil {
		if err := o.planLines(b, p, s, u); err != nil {
			return err
		}
		charges = p.charges
		if p.minimum.set {
			minimum = p.minimum
		}
		if p.cap.set {
			ceiling = p.cap
		}
	}
	for i := range charges {
		c := &charges[i]
		if !c.applies(p) {
			continue
		}
		if err := o.chargeLines(b, c, o.quantity(c, p, s, u), u); err != nil {
			return err
		}
	}
	for _, l := range b.Lines {
		var err error
		if b.Total, err = b.Total.Add(l.Amount); err != nil {
			return err
		}
	}
	if least := minimum.of(u); minimum.set && b.Total < least {
		b.adjust("minimum", fmt.Sprintf("minimum of %s USD a month applied", least.Grouped()), least-b.Total)
	}
	if most := ceiling.of(u); ceiling.set && b.Total > most {
		b.adjust("cap", fmt.Sprintf("cap of %s USD a month applied", most.Grouped()), most-b.Total)
	}
	return nil
}

// adjust adds a line that no meter has: a minimum, a cap or a discount.
func (b *Bill) adjust(id, words string, amount money.USD) {
	b.Lines = append(b.Lines, Line{
		ID: id, Name: words, Unit: "month", Scale: 1, Quantity: 1, Billed: 1,
		Rate: ratecard.Rate{Price: money.Price{Amount: amount, Per: 1}, Currency: "USD", Text: amount.Exact()}, Original: amount, Amount: amount,
	})
	b.Total += amount
}

func (o *Offer) planLines(b *Bill, p *plan, s shape, u *workload.Usage) error {
	first := len(b.Lines)
	all := s
	if p.card.Per.Bytes() > 0 {
		all.units *= u.Databases
	}
	name, nodes := p.card.Name, "node"
	count := all.nodes
	if p.card.Per.Bytes() > 0 {
		nodes, count = string(p.card.Per)[:len(p.card.Per)-len("-hour")], all.units*all.copies
		if p.card.Per.Monthly() {
			nodes = string(p.card.Per)[:len(p.card.Per)-len("-month")]
		}
	}
	// A plan without a price that only sizes what its charges are for has no
	// line of its own.
	if p.recurring != nil && (p.recurring.Price.Amount != 0 || !p.own) {
		q := o.planQuantity(p, all)
		amount, err := p.recurring.Price.Of(q, 1)
		if err != nil {
			return err
		}
		usd, err := convert(amount, p.fx)
		if err != nil {
			return err
		}
		per := nodes + "-hour"
		if p.card.Per.Monthly() {
			per = nodes + "-month"
		}
		b.Lines = append(b.Lines, Line{
			ID: "plan", Name: name, Meter: meterOf(p), Unit: per, Scale: 1, Quantity: q, Billed: q,
			Rate: *p.recurring, Original: amount, FX: p.fx, Amount: usd, Notes: rateNotes(p.recurring),
		})
	}
	if p.upfront != nil {
		price := money.Price{Amount: p.upfront.Price.Amount, Per: p.months}
		amount, err := price.Of(count, 1)
		if err != nil {
			return err
		}
		if _, b.UpfrontCash, err = o.planCost(p, all); err != nil {
			return err
		}
		rate := *p.upfront
		rate.Price.Per = p.months
		b.Lines = append(b.Lines, Line{
			ID: "upfront", Name: fmt.Sprintf("%s, upfront spread over %d months", name, p.months),
			Meter: meterOf(p), Unit: nodes + "-month", Scale: 1, Quantity: count, Billed: count,
			Rate: rate, Original: amount, Amount: amount, Notes: rateNotes(p.upfront),
		})
	}
	if r := p.card.ReadRegion; r != nil && u.ReadRegions > 0 {
		q := u.ReadRegions * u.Databases
		amount, err := r.Price.Of(q, 1)
		if err != nil {
			return err
		}
		b.Lines = append(b.Lines, Line{
			ID: "read-regions", Name: "read regions", Meter: string(ratecard.MeterReadRegions), Unit: "region-month",
			Scale: 1, Quantity: q, Billed: q, Rate: *r, Original: amount, Amount: amount, Notes: rateNotes(r),
		})
	}
	if p.disc != "" {
		var sum money.USD
		for _, l := range b.Lines[first:] {
			sum += l.Amount
		}
		left, err := sum.Times(p.share, unit.Million)
		if err != nil {
			return err
		}
		b.discount(p.disc, left-sum)
	}
	return nil
}

func (b *Bill) discount(words string, amount money.USD) {
	b.Lines = append(b.Lines, Line{
		ID: "discount", Name: "discount " + words, Unit: "month", Scale: 1, Quantity: 1, Billed: 1,
		Rate: ratecard.Rate{Price: money.Price{Amount: amount, Per: 1}, Currency: "USD", Text: amount.Exact()}, Original: amount, Amount: amount,
	})
}

func meterOf(p *plan) string {
	if p.card.Per.Bytes() > 0 {
		return string(ratecard.MeterProvisioned)
	}
	return string(ratecard.MeterNodes)
}

// rateNotes says where a price was not published as it stands.
func rateNotes(r *ratecard.Rate) []string {
	var notes []string
	if r.Factor != "" {
		note := fmt.Sprintf("price of %s %s × %s", r.From, r.Text, r.Factor)
		if r.Base != "" {
			note += " [" + r.Base + "]"
		}
		notes = append(notes, note)
	}
	if r.Assumed != "" {
		notes = append(notes, "assumed: "+r.Assumed)
	}
	return notes
}

func (o *Offer) chargeLines(b *Bill, c *charge, q int64, u *workload.Usage) error {
	free, billed := c.metered(q, u.Databases)
	line := Line{
		ID: c.card.ID, Name: c.card.Name, Meter: string(c.meter), Unit: c.card.Unit.Name, Scale: c.scale,
		Quantity: q, Free: free, Billed: billed, Rate: c.rate, FX: c.fx,
	}
	if billed+free > q {
		line.Notes = append(line.Notes, fmt.Sprintf("minimum %s %s applied", minimumText(c, u), c.card.Unit.HeldName()))
	}
	if c.unknown != "" {
		if billed > 0 {
			b.Reasons = append(b.Reasons, fmt.Sprintf("%s: price unknown: %s", c.card.Name, c.unknown))
		}
		return nil
	}
	first := len(b.Lines)
	_, err := c.amount(billed, func(rate *ratecard.Rate, quantity int64, original, usd money.USD) {
		l := line
		if n := len(b.Lines) - first; len(c.tiers) > 0 && !c.whole {
			l.ID = fmt.Sprintf("%s-tier-%d", c.card.ID, n+1)
			if n > 0 {
				l.Free = 0
			}
			l.Quantity = min(q, l.Free+quantity) // this tier's part
		}
		l.Rate, l.Billed, l.Original, l.Amount = *rate, quantity, original, usd
		l.Notes = append(append([]string{}, line.Notes...), rateNotes(rate)...)
		b.Lines = append(b.Lines, l)
	})
	if err != nil {
		return fmt.Errorf("%s, charge %s: %w", o.Version, c.card.ID, err)
	}
	if c.disc != "" {
		var sum money.USD
		for _, l := range b.Lines[first:] {
			sum += l.Amount
		}
		left, err := sum.Times(c.share, unit.Million)
		if err != nil {
			return err
		}
		b.discount(c.disc, left-sum)
	}
	return nil
}

func minimumText(c *charge, u *workload.Usage) string {
	return unit.Decimal(c.least(u.Databases), c.card.Unit.Held(u.Hours))
}

// remarks adds what a reader of the bill must know.
func (o *Offer) remarks(b *Bill, p *plan, u *workload.Usage) {
	v := o.Version
	for i := range v.Charges {
		c := &v.Charges[i]
		if c.OtherUnit == nil {
			continue
		}
		words := fmt.Sprintf("%s read as %s: %s", c.Name, c.Unit.Name, c.Reading)
		a := Assumption{Words: words, Source: c.Source}
		if other, ok := o.otherReading(c, u); ok {
			a.Otherwise, a.OtherUnit = &other, c.OtherUnit.Name
		}
		b.Assumptions = append(b.Assumptions, a)
	}
	for _, n := range v.Assumptions {
		b.Assumptions = append(b.Assumptions, Assumption{Words: n.Words, Source: n.Source})
	}
	if p != nil && p.ops > 0 {
		words := fmt.Sprintf("throughput: %s ops/s a shard (%s)", group(p.ops), p.opsKind)
		if p.opsKind == ratecard.OpsBenchmark || p.opsKind == ratecard.OpsClaim {
			words += fmt.Sprintf(", the published figure × %s headroom", unit.Decimal(HeadroomMillionths, unit.Million))
		}
		if v.Sizing.OpsWords != "" {
			words += ": " + v.Sizing.OpsWords
		}
		b.Assumptions = append(b.Assumptions, Assumption{Words: words, Source: v.Sizing.OpsSource})
	}
	if b.Plan != nil && b.Plan.OpsUnknown {
		b.Warnings = append(b.Warnings, "no throughput is published for this offer: memory decided the size")
	}
	if p != nil && p.card.Note != "" {
		b.Warnings = append(b.Warnings, p.card.Note)
	}
	if o.replicasUnknown(u) {
		b.Reasons = append(b.Reasons, "whether the price covers a replica, or one can be had, is not known")
	}
	if v.Sizing.CPUWords != "" {
		b.Assumptions = append(b.Assumptions, Assumption{Words: v.Sizing.CPUWords, Source: v.Sizing.Source})
	}
	for _, n := range v.Unknowns {
		b.Warnings = append(b.Warnings, "unknown: "+n.Words)
	}
	b.Warnings = append(b.Warnings, o.notes...)
	b.Warnings = append(b.Warnings, o.doubtful(b)...)
	switch o.Card.Status {
	case ratecard.StatusTarget:
		b.Warnings = append(b.Warnings, "a target, not an offer: nobody sells at this price")
	case ratecard.StatusLegacy:
		b.Warnings = append(b.Warnings, "legacy: not sold to new customers; shown, not ranked")
	case ratecard.StatusPreview:
		b.Warnings = append(b.Warnings, "a preview: terms may change before it is generally available")
	}
	b.Retrieved = o.retrieved(b)
}

// doubtful names the lines whose prices the vendor did not publish itself.
func (o *Offer) doubtful(b *Bill) []string {
	var words []string
	for _, c := range []struct {
		confidence ratecard.Confidence
		why        string
	}{
		{ratecard.ConfidenceDerived, "computed from published figures, not published itself"},
		{ratecard.ConfidenceThirdParty, "on somebody else's word, not the vendor's"},
	} {
		var lines []string
		for i := range b.Lines {
			if s, ok := o.set.Source(b.Lines[i].Rate.Source); ok && s.Confidence == c.confidence {
				lines = append(lines, b.Lines[i].Name)
			}
		}
		if len(lines) > 0 {
			words = append(words, fmt.Sprintf("price of %s: %s", strings.Join(lines, ", "), c.why))
		}
	}
	return words
}

// otherReading is the whole bill if one charge's unit were the other one.
func (o *Offer) otherReading(card *ratecard.Charge, u *workload.Usage) (money.USD, bool) {
	if len(o.Version.Plans) > 0 {
		return 0, false
	}
	other := *o
	other.charges = append([]charge{}, o.charges...)
	for i := range other.charges {
		c := &other.charges[i]
		if c.card != card {
			continue
		}
		c.simple = false // its price is made ready for the card's unit
		was := c.scale
		c.scale = card.OtherUnit.Size(o.options.HoursPerMonth)
		rescale := func(n int64) int64 {
			n, _ = unit.MulDiv(uint64(n), uint64(c.scale), uint64(was))
			return n
		}
		c.free, c.minimum = rescale(c.free), rescale(c.minimum)
		c.tiers = slices.Clone(c.tiers)
		for j := range c.tiers {
			if t := &c.tiers[j]; t.upTo >= 0 {
				t.upTo = rescale(t.upTo)
			}
		}
	}
	total, _, err := other.sum(nil, shape{}, u)
	return total, err == nil
}

// retrieved is the oldest day on which a figure of the bill's lines was read.
func (o *Offer) retrieved(b *Bill) string {
	var days []string
	for _, l := range b.Lines {
		for _, id := range l.Rate.Sources() {
			if s, ok := o.set.Source(id); ok {
				days = append(days, s.Retrieved)
			}
		}
		if l.FX != nil {
			days = append(days, l.FX.Day)
		}
	}
	if len(days) == 0 {
		return ""
	}
	sort.Strings(days)
	return days[0]
}
