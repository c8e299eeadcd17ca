package reconcile

// Use is what a bill says about the use of a cache. Of nodes it says nothing.
type Use string

// The uses.
const (
	UseUnknown Use = ""
	UseMinimum Use = "minimum" // billed for the least that it can be billed for
	UseIdle    Use = "idle"    // the same, and less than one unit of work a second
	UseMore    Use = "used"    // billed for more than the minimum
)

// Cache is what a bill has of one cache, or of all caches of one kind where its
// lines name none.
type Cache struct {
	Name   string // "" where the bill names none
	Offer  string
	Plans  []string
	Region string
	Lines  int64
	From   string // the first day, YYYY-MM-DD
	To     string // the last day
	Hours  int64  // from the first to the last

	NodeHours, Stored, ECPU, Memory Decimal // quantities: node-hours, GB-hours, ECPU, GiB-hours
	Billed, Cost, AtList            Decimal
	Priced                          bool // AtList is of all lines of use
	CostKnown                       bool // a commitment says what the use costs
	Use                             Use
	StoredMinimum                   *Decimal // GB held in every hour, where that is a minimum
	ECPUMinimum                     *Decimal // ECPU a second in every hour, where that is a minimum

	floor        Decimal // the least that the card bills, in GB; 0 where it has none
	series       *hours  // where Options.Hours asked for them
	sums         cacheSums
	stored, ecpu steady
	unpriced     int64
	unknownCost  int64
	from, to     int64
	key          string
}

type cacheSums struct{ nodes, stored, ecpu, memory, billed, cost, atList Sum }

// steady finds out whether a quantity is the same in every hour. Use varies, so a
// constant quantity is a minimum. It keeps a few values and how many lines have
// each.
type steady struct {
	values []steadyValue
	many   bool // there are more values than are kept
}

type steadyValue struct {
	perHour Decimal // quantity ÷ hours, to 12 digits
	lines   int64
}

const steadyValues = 4 // the first and the last day are cut; one more may be

func (s *steady) add(quantity Decimal, seconds int64) {
	if s.many || seconds <= 0 {
		s.many = true
		return
	}
	v := quantity.Mul(whole(3600)).Quo(whole(seconds), 12)
	for i := range s.values {
		if s.values[i].perHour.Cmp(v) == 0 {
			s.values[i].lines++
			return
		}
	}
	if len(s.values) == steadyValues {
		s.many = true
		return
	}
	s.values = append(s.values, steadyValue{v, 1})
}

// level is the quantity of every hour, apart from lines that are cut at the
// beginning or the end; false where use varies, or with too few lines to tell.
func (s *steady) level() (Decimal, bool) {
	const enough = 3 // lines: two months of the same whole number of GB may be use
	if s.many {
		return Decimal{}, false
	}
	best := steadyValue{}
	for _, v := range s.values {
		if v.lines > best.lines {
			best = v
		}
	}
	for _, v := range s.values {
		if v.perHour.Cmp(best.perHour) > 0 || v.lines > 2 && v.perHour.Cmp(best.perHour) != 0 {
			return Decimal{}, false
		}
	}
	return best.perHour, best.lines >= enough && best.perHour.Sign() > 0
}

// whole says whether a number has no digits after the point.
func (d Decimal) whole() bool { return d.Cmp(d.Round(0)) == 0 }

// settle says what the lines tell about the use of the cache. floor is the least
// that the card bills, in GB; 0 where it has none.
func (c *Cache) settle(floor Decimal) {
	c.floor = floor
	if level, ok := c.stored.level(); ok && (level.whole() || level.Cmp(floor) == 0) {
		c.StoredMinimum = &level
	} else if len(c.stored.values) == 1 && !c.stored.many && floor.Sign() > 0 && c.stored.values[0].perHour.Cmp(floor) == 0 {
		c.StoredMinimum = &floor
	}
	if level, ok := c.ecpu.level(); ok {
		if perSecond := level.Quo(whole(3600), 12); perSecond.whole() && c.StoredMinimum != nil {
			c.ECPUMinimum = &perSecond
		}
	}
	c.Stored, c.ECPU, c.NodeHours, c.Memory = c.sums.stored.Total(), c.sums.ecpu.Total(), c.sums.nodes.Total(), c.sums.memory.Total()
	c.Billed, c.Cost, c.AtList = c.sums.billed.Total(), c.sums.cost.Total(), c.sums.atList.Total()
	c.Priced, c.CostKnown = c.unpriced == 0, c.unknownCost == 0
	c.Hours = (c.to - c.from + 3599) / 3600
	switch {
	case c.Stored.Sign() == 0 && c.ECPU.Sign() == 0:
	case c.StoredMinimum == nil:
		c.Use = UseMore
	case c.ECPUMinimum == nil && c.Hours > 0 && c.ECPU.Cmp(whole(3600*c.Hours)) < 0:
		c.Use = UseIdle
	case c.ECPUMinimum != nil || c.ECPU.Sign() == 0:
		c.Use = UseMinimum
	default:
		c.Use = UseMore
	}
}
