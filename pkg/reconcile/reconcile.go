package reconcile

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/columns"
	"github.com/keynest/keynest/pkg/ratecard"
)

// Options say how exports are read.
type Options struct {
	Lines    bool             // keep every recognised line, for reports that list them
	Hours    bool             // keep the hours of serverless caches, for WriteSeries
	Progress func(rows int64) // told now and then how many rows were read; may be nil
}

// maxCaches is how many caches are told apart; a bill with more is summed by
// offer and region from there on.
const maxCaches = 100_000

// engine lays lines beside the cards as they come.
type engine struct {
	rules   *Rules
	options Options
	result  *Result
	classes *classifier
	prices  *prices
	clock   clock
	kinds   map[string]*Provider // by its name in exports of several providers
	ids     map[*Provider]string
	counted map[string]map[string]bool // by provider and service
	groups  map[groupKey]*Group
	caches  map[string]*Cache
	months  map[string]*Month
	unknown map[NotRecognised]*NotRecognised
	prints  map[string]string // by fingerprint: the file
	seed    maphash.Seed
	ratios  map[ratioKey]int64
	differ  map[string]*Contradiction
	key     []byte
	texts   map[string]string
	rows    int64
	cells   int64 // hours that are kept, of all caches

	// of the file that is read
	source   *source
	provider string
	file     *FileRead
	at       int
	print    maphash.Hash
	others   Sum
	notes    map[string]bool
}

// ratioKey is a ratio of billed to list price, in ten-thousandths, for an offer.
type ratioKey struct {
	offer string
	ratio int64
}

type groupKey struct {
	cache                                           string
	offer, plan, meter, region, unit, version, what string
	why                                             string
	reason                                          Reason
	ratio, per                                      int64
	wait                                            bool
}

// Read lays exports beside the cards. What is wrong with an export is an *Error or
// a *columns.Error.
func Read(r *Rules, set *ratecard.Set, opt Options, inputs ...Input) (*Result, error) {
	e := &engine{
		rules: r, options: opt, result: &Result{}, classes: newClassifier(r), prices: newPrices(set),
		kinds: map[string]*Provider{}, ids: map[*Provider]string{}, counted: map[string]map[string]bool{},
		groups: map[groupKey]*Group{}, caches: map[string]*Cache{}, months: map[string]*Month{},
		unknown: map[NotRecognised]*NotRecognised{}, prints: map[string]string{}, seed: maphash.MakeSeed(),
		ratios: map[ratioKey]int64{}, differ: map[string]*Contradiction{}, texts: map[string]string{}, notes: map[string]bool{},
	}
	for _, id := range slices.Sorted(maps.Keys(r.Provider)) {
		p := r.Provider[id]
		e.ids[p] = id
		for _, name := range p.Names {
			e.kinds[name] = p
		}
	}
	for i, in := range inputs {
		e.at = i
		if err := e.read(in); err != nil {
			return nil, err
		}
	}
	return e.finish(), nil
}

// read reads one file.
func (e *engine) read(in Input) error {
	s, done, err := e.rules.open(in)
	defer done()
	if err != nil {
		return err
	}
	e.source, e.others = s, Sum{}
	e.result.Files = append(e.result.Files, FileRead{Name: in.Name, Format: s.format.Name})
	e.file = &e.result.Files[e.at]
	e.print.SetSeed(e.seed)
	e.print.Reset()
	if err := s.each(e.counts, e.see); err != nil {
		return err
	}
	if e.file.Rows == 0 {
		return &Error{File: in.Name, Words: "the file has no lines"}
	}
	finger := fmt.Sprint(e.print.Sum64(), e.file.Rows, e.file.Lines, e.others.Total())
	if first, ok := e.prints[finger]; ok {
		return &Error{File: in.Name, Words: fmt.Sprintf("it has the same lines as %s; give each file once", first)}
	}
	e.prints[finger] = in.Name
	e.result.Others.Lines += e.file.Rows - e.file.Lines
	e.result.Others.sum.Add(e.others.Total())
	return nil
}

// counts says whether a service of a provider is one of caches.
func (e *engine) counts(service, provider []byte) bool {
	f := e.source.format
	p := e.rules.Provider[f.Provider]
	if p == nil {
		p = e.kinds[string(provider)]
	}
	if p == nil {
		return false
	}
	e.provider = e.ids[p]
	if len(f.Columns["service"]) == 0 || len(service) == 0 && f.Shape == "cost-explorer" {
		return true
	}
	known := e.counted[e.provider]
	if known == nil || len(known) >= maxKnown {
		known = map[string]bool{}
		e.counted[e.provider] = known
	}
	yes, ok := known[string(service)]
	if !ok {
		for _, pattern := range p.services {
			yes = yes || pattern.Match(service)
		}
		known[string(service)] = yes
	}
	return yes
}

// see takes one row.
func (e *engine) see(r *row, counts bool) error {
	e.file.Rows++
	if e.rows++; e.rows&0xffff == 0 && e.options.Progress != nil {
		e.options.Progress(e.rows)
	}
	var k *class
	if counts {
		k = e.classes.of(e.provider, r)
		if k.service == "" && k.charge == nil && k.product == nil && string(r.cells[fUsageType]) != "NoUsageType" {
			counts = false
			e.note("%s: the lines name no service; usage types that belong to no cache count as other services (also group by SERVICE)", e.source.name)
		}
	}
	if !counts {
		if text := r.cells[fBilled]; len(text) > 0 {
			d, err := ParseDecimal(text)
			if err != nil {
				return e.source.fail(r.number, fBilled, "%.40q %v", text, err)
			}
			e.others.Add(d)
		}
		return nil
	}
	e.file.Lines++
	for _, cell := range r.cells {
		_, _ = e.print.Write(cell)
		_ = e.print.WriteByte(0)
	}
	l, err := e.parse(r)
	if err != nil {
		return err
	}
	e.result.Count++
	e.month(l).add(l)
	if string(r.cells[fEstimated]) == "true" {
		e.note("%s: the period from %s is estimated; the bill may still change", e.source.name, l.start.day)
	}
	if k.product == nil && (k.charge == nil || k.charge.Priced) {
		e.notRecognised(k, r, l)
		return nil
	}
	return e.judge(k, r, l)
}

func (e *engine) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !e.notes[text] && len(e.notes) < 100 {
		e.notes[text] = true
		e.result.Notes = append(e.result.Notes, text)
	}
}

// parsed is a row as numbers and times.
type parsed struct {
	billed, before     Decimal // before: without the credits of the line
	credit             Reason  // of the largest credit; "" without one
	quantity           Decimal
	counted            bool // quantity is there
	listCost, listRate *Decimal
	start, end         instant
	period             string
	seconds            int64
}

// number reads a cell; nil for an empty one.
func (e *engine) number(r *row, f field) (*Decimal, error) {
	if len(r.cells[f]) == 0 {
		return nil, nil
	}
	d, err := ParseDecimal(r.cells[f])
	if err != nil {
		return nil, e.source.fail(r.number, f, "%.40q %v", r.cells[f], err)
	}
	return &d, nil
}

func (e *engine) parse(r *row) (*parsed, error) {
	l := &parsed{}
	billed, err := e.number(r, fBilled)
	if err != nil {
		return nil, err
	}
	if billed == nil {
		return nil, e.source.fail(r.number, fBilled, "the cell is empty, so the billed amount is unknown")
	}
	l.billed, l.before = *billed, *billed
	if err := e.currency(r); err != nil {
		return nil, err
	}
	if q, err := e.number(r, fQuantity); err != nil {
		return nil, err
	} else if q != nil {
		l.quantity, l.counted = *q, true
	}
	for _, one := range []struct {
		to **Decimal
		f  field
	}{{&l.listCost, fListCost}, {&l.listRate, fListRate}} {
		if *one.to, err = e.number(r, one.f); err != nil {
			return nil, err
		}
	}
	for _, one := range []struct {
		to *instant
		f  field
	}{{&l.start, fStart}, {&l.end, fEnd}} {
		if *one.to, err = e.clock.read(r.cells[one.f]); err != nil {
			return nil, e.source.fail(r.number, one.f, "%.40q %v", r.cells[one.f], err)
		}
	}
	if !l.end.ok && l.start.ok && l.start.date {
		l.end = instant{unix: l.start.unix + 86400, ok: true}
	}
	if l.start.ok && l.end.ok {
		l.seconds = l.end.unix - l.start.unix
	}
	if p, err := e.clock.read(r.cells[fPeriod]); err == nil && p.ok {
		l.period = p.month()
	} else {
		l.period = l.start.month()
	}
	return l, e.credits(r, l)
}

// currency refuses a second currency: sums of two mean nothing.
func (e *engine) currency(r *row) error {
	c := string(r.cells[fCurrency])
	switch {
	case c == "" || c == e.result.Currency:
		return nil
	case e.result.Currency == "":
		e.result.Currency = c
		return nil
	}
	return e.source.fail(r.number, fCurrency, "this line is in %.10q, the lines before it in %s; give bills of one currency at a time", c, e.result.Currency)
}

// credits takes the credits that stand within a line from what it is billed.
func (e *engine) credits(r *row, l *parsed) error {
	text := r.cells[fCredits]
	if len(text) == 0 || string(text) == "[]" {
		return nil
	}
	var list []struct {
		Amount json.Number `json:"amount"`
		Type   string      `json:"type"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return e.source.fail(r.number, fCredits, "this is not a list of credits, each with an amount and a type")
	}
	var most Decimal
	for _, one := range list {
		d, err := ParseDecimal([]byte(one.Amount))
		if err != nil {
			return e.source.fail(r.number, fCredits, "the amount of a credit %v", err)
		}
		l.billed = l.billed.Add(d)
		if l.credit != "" && d.Abs().Cmp(most) <= 0 {
			continue
		}
		l.credit, most = Unknown, d.Abs()
		for _, c := range e.rules.Credit {
			if c.match.MatchString(one.Type) {
				l.credit = c.Reason
				break
			}
		}
	}
	return nil
}

func (e *engine) month(l *parsed) *Month {
	m := e.months[l.period]
	if m == nil {
		m = &Month{Name: l.period}
		e.months[l.period] = m
	}
	return m
}

func (m *Month) add(l *parsed) {
	m.Lines++
	m.billed.Add(l.billed)
}

// notRecognised notes a line that no rule knows.
func (e *engine) notRecognised(k *class, r *row, l *parsed) {
	if k.row == nil {
		key := NotRecognised{
			Service: k.service, UsageType: string(r.cells[fUsageType]), Operation: string(r.cells[fOperation]),
			Description: string(r.cells[fDescription]), Kind: string(r.cells[fKind]),
		}
		const most = 1000 // kinds that are listed
		if e.unknown[key] == nil && len(e.unknown) >= most {
			key = NotRecognised{Service: k.service, Description: "others"}
		}
		if e.unknown[key] == nil {
			one := key
			one.File, one.Number = e.at, r.number
			e.unknown[key] = &one
			e.result.Unknowns = append(e.result.Unknowns, &one)
		}
		k.row = e.unknown[key]
	}
	k.row.Lines++
	k.row.sum.Add(l.billed)
	k.row.absolute.Add(l.billed.Abs())
}

// finish adds up and says what only the whole bill tells.
func (e *engine) finish() *Result {
	res := e.result
	if res.Currency == "" {
		res.Currency = "USD"
	}
	for _, c := range e.caches {
		c.settle(e.floor(c))
		res.Caches = append(res.Caches, c)
	}
	var billed, atList, unexplained, absolute, whole Sum
	for _, g := range res.Groups {
		e.settle(g)
		billed.Add(g.Billed)
		atList.Add(g.AtList)
		unexplained.Add(g.Unexplained)
		if g.Reason == Unknown {
			absolute.Add(g.absolute.Total())
		}
		whole.Add(g.sums.apart.Total())
	}
	for _, n := range res.Unknowns {
		n.Billed = n.sum.Total()
		billed.Add(n.Billed)
		unexplained.Add(n.Billed)
		absolute.Add(n.absolute.Total())
		whole.Add(n.absolute.Total())
	}
	res.Billed, res.AtList, res.Unexplained = billed.Total(), atList.Total(), unexplained.Total()
	res.absolute, res.whole = absolute.Total(), whole.Total()
	res.Others.Billed = res.Others.sum.Total()
	for _, m := range e.months {
		m.Billed, m.AtList = m.billed.Total(), m.atList.Total()
		res.Months = append(res.Months, m)
	}
	for _, d := range e.differ {
		res.Disagreed = append(res.Disagreed, d)
	}
	res.sort()
	return res
}

func (r *Result) sort() {
	slices.SortFunc(r.Months, func(a, b *Month) int { return strings.Compare(a.Name, b.Name) })
	slices.SortStableFunc(r.Groups, func(a, b *Group) int {
		return cmp.Or(-a.Billed.Abs().Cmp(b.Billed.Abs()), strings.Compare(a.Offer+"\x00"+a.Plan+"\x00"+a.Meter, b.Offer+"\x00"+b.Plan+"\x00"+b.Meter), strings.Compare(a.Cache, b.Cache))
	})
	slices.SortFunc(r.Caches, func(a, b *Cache) int {
		return cmp.Or(-a.Cost.Cmp(b.Cost), strings.Compare(a.Offer, b.Offer), strings.Compare(a.Name, b.Name), strings.Compare(a.Region, b.Region), slices.Compare(a.Plans, b.Plans), strings.Compare(a.key, b.key))
	})
	slices.SortStableFunc(r.Unknowns, func(a, b *NotRecognised) int { return -a.Billed.Abs().Cmp(b.Billed.Abs()) })
	slices.SortFunc(r.Disagreed, func(a, b *Contradiction) int {
		return cmp.Or(strings.Compare(a.Offer, b.Offer), strings.Compare(a.Plan, b.Plan), strings.Compare(a.Meter, b.Meter), strings.Compare(a.Region, b.Region), a.Bill.Cmp(b.Bill))
	})
}

// Mend says whether an error of Read is one that the owner of the file can fix.
func Mend(err error) bool {
	var own *Error
	var table *columns.Error
	return errors.As(err, &own) || errors.As(err, &table)
}

// dayOf prints a moment's day.
func dayOf(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.DateOnly) }
