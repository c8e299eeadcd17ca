package reconcile

import (
	"fmt"
	"slices"
	"strings"
)

// verdict is what is known of a line when it is added to its group.
type verdict struct {
	offer, plan, meter, region, unit string
	quantity                         *Decimal
	price                            *listPrice // nil where the line is not for the cards to price
	rate                             Decimal    // list price of one unit of the bill
	atList                           *Decimal
	cost                             *Decimal // in place of what is billed
	noCost                           bool     // a commitment pays, and the bill does not say how much
	reason                           Reason
	why                              string
	ratio, per                       int64
	wait                             bool
	surcharge                        string
}

// judge lays a recognised line beside the cards.
func (e *engine) judge(k *class, r *row, l *parsed) error {
	v := &verdict{plan: k.plan}
	if len(k.offers) > 0 {
		v.offer = k.offers[0]
	}
	region, note := e.classes.place(e.provider, k, r)
	plain := k.charge == nil || k.charge.Priced
	if note != "" && !plain {
		region = ""
	}
	v.region = e.intern(region)
	if note != "" && plain {
		e.note("%s: %s", e.source.name, note)
	}
	if k.product != nil {
		v.meter, v.unit, v.per = k.product.Meter, k.product.Unit, k.product.Per
	}
	switch p := k.product; {
	case k.charge != nil && !k.charge.Priced:
		v.reason, v.unit = k.charge.Reason, ""
		if v.meter = ""; v.reason == ReservationFee || v.reason == ReservationUnused || v.reason == SavingsPlanFee {
			v.meter = "commitment-fee"
		}
	case p.Reason != "":
		v.reason = p.Reason
		e.count(k, r, l, v)
		if v.meter == "surcharge" {
			e.surcharge(l, v)
		}
	default:
		e.count(k, r, l, v)
		e.priced(k, l, v)
	}
	if k.charge != nil {
		v.cost, v.noCost = e.costOf(k.charge, r)
	}
	return e.add(k, r, l, v)
}

// count puts the quantity of a line into the product's unit.
func (e *engine) count(k *class, r *row, l *parsed, v *verdict) {
	if !l.counted {
		return
	}
	q := l.quantity
	if u := e.rules.units[string(r.cells[fUnit])]; u != nil && u.To != "" && u.To == k.product.Unit {
		q = q.Quo(whole(u.Divide), 20)
	}
	v.quantity = &q
}

// costOf is what the use of a line under a commitment costs: the part of the fee
// that it takes. Nil is what is billed.
func (e *engine) costOf(c *Charge, r *row) (cost *Decimal, unknown bool) {
	switch c.cost {
	case -1:
		return nil, c.Priced
	case nFields:
		return &Decimal{}, false
	}
	d, err := ParseDecimal(r.cells[c.cost])
	if err != nil {
		return nil, true
	}
	return &d, false
}

// priced finds the list price of a line and why the bill differs from it.
func (e *engine) priced(k *class, l *parsed, v *verdict) {
	currency := e.result.Currency
	per := whole(k.product.Per)
	find := func(offer string) *listPrice {
		return e.prices.of(ask{offer, v.plan, v.meter, v.region, l.start.day, currency})
	}
	v.price = find(v.offer)
	if len(k.offers) > 1 {
		v.price = nil
		for _, offer := range k.offers {
			if p := find(offer); p.known && v.quantity != nil && near(l.before, p.rate.Mul(per).Mul(*v.quantity)) {
				v.offer, v.price = offer, p
				break
			}
		}
		if v.price == nil {
			v.price = &listPrice{why: "the line does not name the engine, and its price is not that of any of " + strings.Join(k.offers, ", ")}
			v.offer = ""
		}
	}
	switch {
	case k.product.Unpriced != "":
		v.price = &listPrice{why: k.product.Unpriced}
	case v.quantity == nil:
		v.price = &listPrice{why: "the line has no quantity"}
	}
	if !v.price.known {
		v.reason, v.why = Unknown, v.price.why
		if k.charge != nil {
			v.reason = k.charge.Reason
		}
		e.contradict(l, v, per)
		return
	}
	v.rate = v.price.rate.Mul(per)
	if e.source.format.Blocks {
		e.block(l, v)
	}
	at := v.rate.Mul(*v.quantity)
	v.atList = &at
	e.contradict(l, v, per)
	if k.charge != nil {
		v.reason = k.charge.Reason
		return
	}
	e.compare(l, v)
}

// block decides by the price whether a quantity counts hours or blocks of a
// hundred: both occur, whatever the label says.
func (e *engine) block(l *parsed, v *verdict) {
	paid := l.before
	if l.listCost != nil && l.listCost.Sign() != 0 {
		paid = *l.listCost
	}
	at := v.rate.Mul(*v.quantity)
	if at.Sign() == 0 || paid.Sign() == 0 {
		return
	}
	// Nearer to 100 times the price than to the price itself.
	if paid.Abs().Cmp(at.Abs().Mul(whole(10))) >= 0 && paid.Abs().Cmp(at.Abs().Mul(whole(1000))) < 0 {
		hours := v.quantity.Mul(whole(100))
		v.quantity = &hours
	}
}

// compare says why what is billed for plain use is not its list price.
func (e *engine) compare(l *parsed, v *verdict) {
	at := *v.atList
	switch {
	case v.quantity.Sign() < 0 && near(l.billed, at):
		v.reason = Refund
	case near(l.billed, at) && e.atFloor(l, v):
		v.reason = Minimum
	case near(l.billed, at):
		v.reason = ListPrice
	case l.credit != "" && l.credit != Unknown && near(l.before, at):
		v.reason = l.credit
	case at.Sign() > 0 && l.billed.Sign() > 0 && l.billed.Cmp(at) < 0:
		v.ratio = l.billed.Quo(at, 4).small
		v.reason = Discount
		own := l.listCost != nil && near(*l.listCost, at) || l.listRate != nil && near(l.listRate.Mul(*v.quantity), at)
		v.wait = !own
		e.ratios[ratioKey{v.offer, v.ratio}]++
	default:
		v.reason, v.why = Unknown, "billed above the list price of that day"
		if l.billed.Cmp(at) < 0 {
			v.why = "billed below the list price of that day, and no line says why"
		}
	}
}

// atFloor says whether stored data is the least that the card bills.
func (e *engine) atFloor(l *parsed, v *verdict) bool {
	return v.price.floor.Sign() > 0 && l.seconds > 0 &&
		v.quantity.Mul(whole(3600)).Cmp(v.price.floor.Mul(whole(l.seconds))) == 0
}

// near says whether an amount of a bill equals a computed one: exactly, after the
// bill's own rounding (to cents at the coarsest), or within the error of a
// floating-point number.
func near(billed, exact Decimal) bool {
	c := billed.Cmp(exact)
	if c == 0 {
		return true
	}
	if digits := max(billed.scale, 2); digits < exact.scale && billed.Cmp(exact.Round(digits)) == 0 {
		return true
	}
	return billed.Sub(exact).Abs().Mul(whole(1_000_000_000)).Cmp(exact.Abs()) <= 0
}

// contradict notes a list price of the bill that the card of the day has not.
func (e *engine) contradict(l *parsed, v *verdict, per Decimal) {
	if v.offer == "" || v.quantity == nil || v.quantity.Sign() <= 0 || e.result.Currency != "USD" || v.region == "" || !l.start.ok {
		return
	}
	var own Decimal
	switch {
	case l.listCost != nil && l.listCost.Sign() > 0:
		if v.atList != nil && near(*l.listCost, *v.atList) {
			return
		}
		own = l.listCost.Quo(v.quantity.Mul(per), 12)
		if l.listRate != nil && near(l.listRate.Mul(*v.quantity), *l.listCost) {
			own = l.listRate.Quo(per, 12)
		}
	case l.listRate != nil && l.listRate.Sign() > 0 && !e.source.format.Blocks:
		if v.atList != nil && near(l.listRate.Mul(*v.quantity), *v.atList) {
			return
		}
		own = l.listRate.Quo(per, 12)
	default:
		return
	}
	key := strings.Join([]string{v.offer, v.plan, v.meter, v.region, own.String()}, "\x00")
	one := e.differ[key]
	if one == nil {
		if len(e.differ) >= maxKnown {
			return
		}
		one = &Contradiction{Offer: v.offer, Plan: v.plan, Meter: v.meter, Region: v.region, Bill: own, Day: l.start.day}
		if v.price != nil && v.price.known {
			rate := v.price.rate
			one.Card = &rate
		}
		e.differ[key] = one
	}
	one.Day = min(one.Day, l.start.day)
	one.Lines++
	if v.why != "" {
		v.why += "; the bill itself says " + own.String()
	}
}

// surcharge says how much a surcharge adds to the node hour of that day.
func (e *engine) surcharge(l *parsed, v *verdict) {
	p := e.prices.of(ask{v.offer, v.plan, "nodes", v.region, l.start.day, e.result.Currency})
	if !p.known || v.quantity == nil || v.quantity.Sign() <= 0 || p.rate.Sign() <= 0 {
		return
	}
	share := l.billed.Quo(v.quantity.Mul(p.rate), 6)
	words := fmt.Sprintf("+%s %% of the node hour", share.Mul(whole(100)).Round(1))
	if card := e.prices.surcharge(v.offer, l.start.day, v.reason); card != "" {
		words += "; the card says " + card + " %"
	}
	v.surcharge = e.intern(words)
}

// add adds a line to its group and its cache.
func (e *engine) add(k *class, r *row, l *parsed, v *verdict) error {
	c, key := e.cache(k, r, v)
	version := ""
	if v.price != nil {
		version = v.price.version
	}
	at := groupKey{
		cache: key, offer: v.offer, plan: v.plan, meter: v.meter, region: v.region, unit: v.unit, version: version,
		what: v.surcharge, why: v.why, reason: v.reason, ratio: v.ratio, wait: v.wait,
	}
	if p := k.product; p != nil {
		if at.per = p.Per; v.offer == "" {
			at.what = p.What
		}
	}
	g := e.groups[at]
	if g == nil {
		g = e.newGroup(k, v, c)
		e.groups[at] = g
		e.result.Groups = append(e.result.Groups, g)
	}
	cost := l.billed
	if v.cost != nil {
		cost = *v.cost
	}
	g.Lines++
	g.sums.billed.Add(l.billed)
	g.sums.cost.Add(cost)
	g.sums.apart.Add(l.billed.Abs())
	if v.quantity != nil {
		g.sums.quantity.Add(*v.quantity)
	}
	left := l.billed
	if v.atList != nil {
		g.sums.atList.Add(*v.atList)
		e.month(l).atList.Add(*v.atList)
		left = left.Sub(*v.atList)
	}
	g.absolute.Add(left.Abs())
	if c != nil {
		c.add(l, v, cost)
	}
	if e.options.Lines {
		e.result.Lines = append(e.result.Lines, Line{e.at, r.number, g, v.quantity, v.atList, l.billed, v.cost})
	}
	if e.options.Hours && c != nil {
		if err := e.hour(c, l, v); err != nil {
			return e.source.fail(r.number, fQuantity, "%v", err)
		}
	}
	return nil
}

func (e *engine) newGroup(k *class, v *verdict, c *Cache) *Group {
	g := &Group{
		Offer: v.offer, Plan: v.plan, Meter: v.meter, Region: v.region, Unit: v.unit, Reason: v.reason, Words: v.why,
		Priced: v.atList != nil, wait: v.wait, ratio: ratioKey{v.offer, v.ratio}, cache: c, surchargeOn: v.surcharge,
	}
	if c != nil {
		g.Cache = c.Name
	}
	if k.product != nil {
		g.What = k.product.What
	}
	if v.atList != nil {
		rate := v.rate
		g.ListRate = &rate
	}
	return g
}

// cache finds the cache of a line: by its name, else by its offer, region and plan.
func (e *engine) cache(k *class, r *row, v *verdict) (*Cache, string) {
	if v.offer == "" || k.product == nil || v.meter == "commitment-fee" || v.reason == SavingsPlanNegation {
		return nil, ""
	}
	resource := r.cells[fResource]
	if v.region == "" && len(resource) == 0 && v.price == nil {
		return nil, "" // a credit for the service as such
	}
	serverless := k.product.Meter == "stored" || k.product.Meter == "ecpu"
	e.key = append(append(e.key[:0], v.offer...), 0)
	e.key = append(append(e.key, v.region...), 0)
	if len(resource) > 0 {
		e.key = append(e.key, resource...)
	} else {
		e.key = append(append(e.key, 0), r.cells[fAccount]...)
		if !serverless {
			e.key = append(append(e.key, 0), v.plan...)
		}
	}
	c := e.caches[string(e.key)]
	if c == nil {
		if len(e.caches) >= maxCaches {
			return nil, ""
		}
		key := string(e.key)
		c = &Cache{Name: shortName(resource), Offer: v.offer, Region: v.region, key: key}
		e.caches[key] = c
	}
	if v.plan != "" && !slices.Contains(c.Plans, v.plan) && len(c.Plans) < 20 {
		c.Plans = append(c.Plans, v.plan)
	}
	return c, c.key
}

// shortName is the name of a cache in its own cloud, without its account.
func shortName(resource []byte) string {
	s := string(resource)
	if i := strings.LastIndexAny(s, "/:"); i >= 0 && i+1 < len(s) {
		s = s[i+1:]
	}
	return s
}

// add adds a line to its cache.
func (c *Cache) add(l *parsed, v *verdict, cost Decimal) {
	c.Lines++
	c.sums.billed.Add(l.billed)
	c.sums.cost.Add(cost)
	if v.noCost {
		c.unknownCost++
	}
	switch {
	case v.atList != nil:
		c.sums.atList.Add(*v.atList)
	case v.price != nil:
		c.unpriced++
	}
	if v.price != nil && v.quantity != nil {
		switch v.meter {
		case "nodes":
			c.sums.nodes.Add(v.quantity.Mul(whole(v.per)))
		case "memory":
			c.sums.memory.Add(*v.quantity)
		case "stored":
			c.sums.stored.Add(*v.quantity)
			c.stored.add(*v.quantity, l.seconds)
		case "ecpu":
			c.sums.ecpu.Add(*v.quantity)
			c.ecpu.add(*v.quantity, l.seconds)
		}
	}
	if l.start.ok && (c.from == 0 || l.start.unix < c.from) {
		c.from, c.From = l.start.unix, l.start.day
	}
	if l.end.ok && l.end.unix > c.to {
		c.to, c.To = l.end.unix, dayOf(l.end.unix-1)
	}
}

// floor is the least data that the card of a cache bills, in GB.
func (e *engine) floor(c *Cache) Decimal {
	if c.stored.values == nil {
		return Decimal{}
	}
	return e.prices.of(ask{c.Offer, "", "stored", c.Region, c.From, e.result.Currency}).floor
}

// intern keeps one copy of a text that many lines have.
func (e *engine) intern(s string) string {
	if found, ok := e.texts[s]; ok {
		return found
	}
	if len(e.texts) >= maxKnown {
		clear(e.texts)
	}
	e.texts[s] = s
	return s
}

// settle adds a group up and decides what only the whole bill tells: whether a
// discount has one ratio, and whether a list price is that of a minimum.
func (e *engine) settle(g *Group) {
	if g.wait && e.ratios[g.ratio] < 2 {
		g.Reason, g.Words = Unknown, "billed below the list price of that day, and no other line has this ratio"
	}
	if c := g.cache; c != nil && g.Reason == ListPrice &&
		(g.Meter == "stored" && c.StoredMinimum != nil || g.Meter == "ecpu" && c.ECPUMinimum != nil) {
		g.Reason = Minimum
	}
	g.Quantity, g.Billed, g.Cost, g.AtList = g.sums.quantity.Total(), g.sums.billed.Total(), g.sums.cost.Total(), g.sums.atList.Total()
	if g.Reason == Unknown {
		g.Unexplained = g.Billed
		if g.Priced {
			g.Unexplained = g.Billed.Sub(g.AtList)
		}
	}
	g.Words = g.words()
}

// words say more than the reason does.
func (g *Group) words() string {
	percent := func() string {
		if !g.Priced || g.AtList.Sign() <= 0 {
			return ""
		}
		share := g.Cost.Sub(g.AtList).Quo(g.AtList, 6).Mul(whole(100)).Round(1).String()
		return strings.Replace(share, "-", "−", 1) + " %"
	}
	switch g.Reason {
	case Minimum:
		switch c := g.cache; {
		case c != nil && g.Meter == "stored" && c.StoredMinimum != nil:
			return c.StoredMinimum.String() + " GB in every hour"
		case c != nil && g.Meter == "ecpu" && c.ECPUMinimum != nil:
			return c.ECPUMinimum.String() + " ECPU in every second"
		}
		return "the billed minimum of data, in every hour"
	case Reservation, SavingsPlan:
		if g.Quantity.Sign() > 0 && g.Cost.Sign() > 0 && g.Priced {
			return g.Cost.Quo(g.Quantity, 6).String() + " a " + strings.TrimSuffix(g.Unit, "s") + ", " + percent()
		}
	case Discount, CommittedUse:
		return percent()
	case ExtendedSupport, Durability:
		return g.surchargeOn
	}
	return g.Words
}
