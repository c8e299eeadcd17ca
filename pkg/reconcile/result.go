package reconcile

// Result is an export laid beside the cards.
type Result struct {
	Files     []FileRead
	Currency  string
	Lines     []Line // where Options.Lines asked for them
	Groups    []*Group
	Months    []*Month
	Caches    []*Cache
	Unknowns  []*NotRecognised
	Others    Others
	Disagreed []*Contradiction // prices that the bill has and the cards have not
	Notes     []string

	Count       int64   // lines of caches' services
	Billed      Decimal // of those lines, recognised or not
	AtList      Decimal // of the lines that the cards price
	Unexplained Decimal // of Billed

	// Amounts line by line without their signs, so that a credit hides nothing.
	absolute, whole Decimal
}

// Share is what is unexplained in percent, line by line and without signs, to so
// many digits.
func (r *Result) Share(digits int32) Decimal {
	if r.whole.Sign() == 0 {
		return Decimal{}
	}
	return r.absolute.Mul(whole(100)).Quo(r.whole, digits)
}

// Above says whether the share that is unexplained is above a limit in millionths.
func (r *Result) Above(millionths int64) bool {
	return r.absolute.Mul(whole(1_000_000)).Cmp(r.whole.Mul(whole(millionths))) > 0
}

// Explained is what is billed without what is unexplained.
func (r *Result) Explained() Decimal { return r.Billed.Sub(r.Unexplained) }

// FileRead is one file that was read.
type FileRead struct {
	Name   string
	Format string
	Rows   int64 // all of them
	Lines  int64 // of caches' services
}

// Line is one line of a bill that was recognised.
type Line struct {
	File     int // of Result.Files
	Number   int64
	Group    *Group
	Quantity *Decimal // in the unit of the group; nil where the line has none
	AtList   *Decimal // nil where the cards do not price it
	Billed   Decimal
	Cost     *Decimal // what the use costs, where that is not what the line is billed
}

// Difference is what the line costs beyond its list price; nil without one.
func (l *Line) Difference() *Decimal {
	if l.AtList == nil {
		return nil
	}
	paid := l.Billed
	if l.Cost != nil {
		paid = *l.Cost
	}
	d := paid.Sub(*l.AtList)
	return &d
}

// Group are lines of one cache that differ in time and quantity only.
type Group struct {
	Cache    string // its name; "" where the bill has none
	Offer    string // "" for what is no offer
	Plan     string
	Meter    string
	Region   string
	Unit     string
	ListRate *Decimal
	Reason   Reason
	Words    string // more than the reason says; ""
	What     string
	Lines    int64

	Quantity, Billed, Cost, AtList, Unexplained Decimal
	Priced                                      bool // AtList is known

	sums        groupSums
	cache       *Cache
	absolute    Sum // of what is unexplained, line by line
	ratio       ratioKey
	wait        bool   // for how many lines have the ratio
	surchargeOn string // words of a surcharge
}

type groupSums struct{ quantity, billed, cost, atList, apart Sum }

// Difference is what the group costs beyond its list prices; nil without them.
func (g *Group) Difference() *Decimal {
	if !g.Priced {
		return nil
	}
	d := g.Cost.Sub(g.AtList)
	return &d
}

// Month is what was billed in a billing period.
type Month struct {
	Name                        string // YYYY-MM; "" where the lines have no date
	Lines                       int64
	Billed, AtList, Unexplained Decimal

	billed, atList Sum
}

// NotRecognised are lines of a cache's service that no rule knows.
type NotRecognised struct {
	Service, UsageType, Operation, Description, Kind string

	File   int
	Number int64 // of the first
	Lines  int64
	Billed Decimal

	sum, absolute Sum
}

// Others are the lines of other services.
type Others struct {
	Lines  int64
	Billed Decimal

	sum Sum
}

// Contradiction is a price of the bill that differs from the card of that day.
type Contradiction struct {
	Offer, Plan, Meter, Region string

	Day   string   // of the first line
	Bill  Decimal  // for one unit
	Card  *Decimal // nil where the card has none
	Lines int64
}
