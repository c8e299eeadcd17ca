package faq

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/engines"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

// Figure is one value worked out for an answer.
type Figure struct {
	Name string // as the answer asks for it: "usd upstash-payg typical"
	Text string
}

// Answer is a question with its answer filled in.
type Answer struct {
	ID         string
	Ask        string
	Paragraphs []string
	Figures    []Figure
	Sources    []Source // of the words and of the figures, each once
	Priced     bool     // a figure comes from the rate cards
}

// Source is where something in an answer was read.
type Source struct {
	ID, URL, Title string
	Date           string
	Dated          string // what the date is: one of engines.Dating, or "retrieved"
	Confidence     string
}

// Answerer fills in answers as of a day.
type Answerer struct {
	Book    *Book
	Engines *engines.Book
	Cards   *compare.Field // nil as long as no answer needs the cards
	AsOf    string

	priced map[string]*compare.Comparison // by workload
}

// figureKind says what a placeholder takes: its arguments in order, each an
// "engine", an "offer", a "workload" or, last, an optional "version".
type figureKind struct {
	args  []string
	cards bool
	value func(a *Answerer, args []string) (string, []Source, error)
}

// figureKinds finds a kind by name; an unknown one has no value.
func figureKinds(name string) figureKind {
	switch name {
	case "as-of": // the day that figures are worked out for
		return figureKind{value: func(a *Answerer, _ []string) (string, []Source, error) { return a.AsOf, nil, nil }}
	case "line": // an engine's newest line
		return figureKind{args: []string{"engine"}, value: (*Answerer).line}
	case "licence": // an engine's licences, with their standing at the OSI
		return figureKind{args: []string{"engine", "version"}, value: (*Answerer).licence}
	case "fact": // a cell of keynest compare
		return figureKind{args: []string{"engine", "area"}, value: (*Answerer).fact}
	case "workload": // a workload in words
		return figureKind{args: []string{"workload"}, value: (*Answerer).workload}
	case "offer": // an offer's name
		return figureKind{args: []string{"offer"}, cards: true, value: (*Answerer).offer}
	case "usd": // a month's bill
		return figureKind{args: []string{"offer", "workload"}, cards: true, value: (*Answerer).usd}
	case "reserved": // a month's bill with nodes reserved for a year, nothing upfront
		return figureKind{args: []string{"offer", "workload"}, cards: true, value: (*Answerer).reserved}
	case "savings-plan": // a month's bill under a savings plan of a year
		return figureKind{args: []string{"offer", "workload"}, cards: true, value: (*Answerer).savingsPlan}
	case "driver": // the line that costs most, with its share
		return figureKind{args: []string{"offer", "workload"}, cards: true, value: (*Answerer).driver}
	case "ratio": // one offer's bill over another's
		return figureKind{args: []string{"offer", "offer", "workload"}, cards: true, value: (*Answerer).ratio}
	case "breakeven": // where per command stops being the cheaper kind
		return figureKind{args: []string{"workload"}, cards: true, value: (*Answerer).breakEven}
	case "fit": // the offers of one verdict for an application
		return figureKind{args: []string{"verdict", "app"}, cards: true, value: (*Answerer).fit}
	case "ages": // from when to when the rates of a comparison were read
		return figureKind{args: []string{"workload"}, cards: true, value: (*Answerer).ages}
	}
	return figureKind{}
}

func (b *Book) checkFigure(f []string) error {
	kind := figureKinds(f[0])
	if kind.value == nil {
		return fmt.Errorf("there is no figure %q", f[0])
	}
	args := f[1:]
	if len(args) != len(kind.args) && (len(args) != len(kind.args)-1 || kind.args[len(args)] != "version") {
		return fmt.Errorf("it takes %s", strings.Join(kind.args, " "))
	}
	if f[0] == "fit" {
		if err := checkFit(args); err != nil {
			return err
		}
	}
	for i, arg := range args {
		if _, ok := b.Workloads[arg]; kind.args[i] == "workload" && !ok {
			return fmt.Errorf("there is no workload %q", arg)
		}
		if kind.args[i] == "area" && !slices.Contains(engines.Areas(), engines.Area(arg)) {
			return fmt.Errorf("there is no area %q", arg)
		}
	}
	return nil
}

// Answer fills in one answer.
func (a *Answerer) Answer(q Question) (Answer, error) {
	out := Answer{ID: q.ID, Ask: q.Ask, Priced: q.UsesCards()}
	for _, id := range q.Sources {
		s, ok := a.Book.Sources[id]
		if !ok {
			s, ok = a.Engines.Sources[id]
		}
		if !ok {
			return out, fmt.Errorf("question %s: there is no source %q", q.ID, id)
		}
		out.cite(fromEngines(id, s))
	}
	text := q.Answer
	for _, f := range q.figures() {
		name := strings.Join(f, " ")
		if slices.ContainsFunc(out.Figures, func(known Figure) bool { return known.Name == name }) {
			continue
		}
		value, sources, err := figureKinds(f[0]).value(a, f[1:])
		if err != nil {
			return out, fmt.Errorf("question %s: {%s}: %w", q.ID, name, err)
		}
		out.Figures = append(out.Figures, Figure{name, value})
		out.cite(sources...)
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	for p := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		out.Paragraphs = append(out.Paragraphs, strings.Join(strings.Fields(p), " "))
	}
	return out, nil
}

func (a *Answer) cite(sources ...Source) {
	for _, s := range sources {
		if !slices.ContainsFunc(a.Sources, func(known Source) bool { return known.URL == s.URL && known.ID == s.ID }) {
			a.Sources = append(a.Sources, s)
		}
	}
}

func fromEngines(id string, s engines.Source) Source {
	return Source{ID: id, URL: s.URL, Title: s.Title, Date: s.Date.String(), Dated: string(s.Dated), Confidence: string(s.Confidence)}
}

func fromCards(s ratecard.Source) Source {
	return Source{ID: s.ID, URL: s.URL, Title: s.Title, Date: s.Retrieved, Dated: "retrieved", Confidence: string(s.Confidence)}
}

// column is one engine as of the day.
func (a *Answerer) column(args []string) (*engines.Comparison, error) {
	pick := engines.Pick{Engine: args[0]}
	if len(args) > 1 {
		pick.Version = args[1]
	}
	return a.Engines.Compare(a.AsOf, []engines.Pick{pick})
}

func (a *Answerer) line(args []string) (string, []Source, error) {
	c, err := a.column(args)
	if err != nil {
		return "", nil, err
	}
	if c.Columns[0].Line == "" {
		return "not out on " + a.AsOf, nil, nil
	}
	return c.Columns[0].Line, nil, nil
}

func (a *Answerer) licence(args []string) (string, []Source, error) {
	c, err := a.column(args)
	if err != nil {
		if len(args) > 1 { // not out on that day
			return "not out on " + a.AsOf, nil, nil
		}
		return "", nil, err
	}
	cell := c.Columns[0].Cells[slices.Index(engines.Areas(), engines.AreaLicence)]
	if len(cell.Licences) == 0 {
		return "no licence on " + a.AsOf, cellSources(c, cell), nil
	}
	return fmt.Sprintf("%s (%s)", c.LicenceNames(cell.Licences), c.OSI(cell.Licences)), cellSources(c, cell), nil
}

func (a *Answerer) fact(args []string) (string, []Source, error) {
	c, err := a.column(args[:1])
	if err != nil {
		return "", nil, err
	}
	cell := c.Columns[0].Cells[slices.Index(engines.Areas(), engines.Area(args[1]))]
	if cell.Text == engines.Nothing { // the first cell says that there was no such engine
		cell = c.Columns[0].Cells[0]
	}
	return cell.Text, cellSources(c, cell), nil
}

func cellSources(c *engines.Comparison, cell engines.Cell) []Source {
	var all []Source
	for _, id := range cell.Sources {
		all = append(all, fromEngines(id, c.Sources[id]))
	}
	return all
}

func (a *Answerer) workload(args []string) (string, []Source, error) {
	w, err := a.Book.Workloads[args[0]].Resolve("")
	if err != nil {
		return "", nil, err
	}
	if w.Given["commands_per_month"] {
		return fmt.Sprintf("%s commands a month on %s", money.Group(string(a.Book.Workloads[args[0]].CommandsPerMonth)), unit.FormatBytes(w.StoredBytes)), nil, nil
	}
	return fmt.Sprintf("%s ops/s on %s", money.Group(unit.Rounded(w.OpsPerSec, unit.Million, 0)), unit.FormatBytes(w.StoredBytes)), nil, nil
}

// price prices a workload on every offer, once.
func (a *Answerer) price(name string) (*compare.Comparison, error) {
	if c, ok := a.priced[name]; ok {
		return c, nil
	}
	w, err := a.Book.Workloads[name].Resolve("")
	if err != nil {
		return nil, err
	}
	c, err := a.Cards.Run(w)
	if err != nil {
		return nil, err
	}
	if a.priced == nil {
		a.priced = map[string]*compare.Comparison{}
	}
	a.priced[name] = c
	return c, nil
}

func (a *Answerer) bill(offer, workload string) (*bill.Bill, []Source, error) {
	c, err := a.price(workload)
	if err != nil {
		return nil, nil, err
	}
	for _, b := range c.Bills {
		if b.Offer.ID == offer {
			return b, a.billSources(b), nil
		}
	}
	return nil, nil, fmt.Errorf("there is no offer %q", offer)
}

func (a *Answerer) billSources(b *bill.Bill) []Source {
	var all []Source
	for _, l := range b.Lines {
		if s, ok := a.Cards.Set.Source(l.Rate.Source); ok {
			all = append(all, fromCards(s))
		}
	}
	return all
}

func (a *Answerer) offer(args []string) (string, []Source, error) {
	for _, o := range a.Cards.Offers {
		if o.Card.ID == args[0] {
			return offerName(o.Card), nil, nil
		}
	}
	return "", nil, fmt.Errorf("there is no offer %q", args[0])
}

func offerName(o *ratecard.Offer) string {
	if strings.HasPrefix(o.Name, o.Provider.Name) {
		return o.Name
	}
	return o.Provider.Name + " " + o.Name
}

func (a *Answerer) usd(args []string) (string, []Source, error) {
	b, sources, err := a.bill(args[0], args[1])
	if err != nil {
		return "", nil, err
	}
	return billText(b), sources, nil
}

func (a *Answerer) reserved(args []string) (string, []Source, error) {
	return a.committed(args, ratecard.CommitReserved)
}

func (a *Answerer) savingsPlan(args []string) (string, []Source, error) {
	return a.committed(args, ratecard.CommitSavingsPlan)
}

// committed prices a workload on an offer for a year, with nothing upfront.
func (a *Answerer) committed(args []string, kind ratecard.CommitmentKind) (string, []Source, error) {
	card := a.Cards.Set.Offer(args[0])
	if card == nil {
		return "", nil, fmt.Errorf("there is no offer %q", args[0])
	}
	opt := a.Cards.Options
	opt.Term, opt.Upfront, opt.Commitment = ratecard.Term1Y, ratecard.UpfrontNone, kind
	o, err := bill.Compile(a.Cards.Set, card, opt)
	if err != nil {
		return "", nil, err
	}
	w, err := a.Book.Workloads[args[1]].Resolve("")
	if err != nil {
		return "", nil, err
	}
	u, err := w.Usage()
	if err != nil {
		return "", nil, err
	}
	b, err := o.Bill(&u)
	if err != nil {
		return "", nil, err
	}
	if b.OnDemand {
		return billText(b) + ", as on demand", a.billSources(b), nil
	}
	return billText(b), a.billSources(b), nil
}

// billText is a bill's sum; what cannot be priced is said, never zero.
func billText(b *bill.Bill) string {
	switch b.Status {
	case bill.Priced:
		return b.Total.Grouped() + " USD"
	case bill.AtMost:
		return "at most " + b.Total.Grouped() + " USD"
	case bill.Incomplete:
		return "at least " + b.Total.Grouped() + " USD"
	case bill.Unfit:
		return "nothing that fits"
	}
	return "a price that is unknown on that day"
}

func (a *Answerer) driver(args []string) (string, []Source, error) {
	b, sources, err := a.bill(args[0], args[1])
	if err != nil {
		return "", nil, err
	}
	l := b.Driver()
	if l == nil || b.Status != bill.Priced {
		return "not known", sources, nil
	}
	return fmt.Sprintf("%d %% %s", b.Share(l), strings.ToLower(l.Name)), sources, nil
}

func (a *Answerer) ratio(args []string) (string, []Source, error) {
	b, sources, err := a.bill(args[0], args[2])
	if err != nil {
		return "", nil, err
	}
	other, more, err := a.bill(args[1], args[2])
	if err != nil {
		return "", nil, err
	}
	hundredths, ok := compare.Ratio(b.Total, other.Total)
	if !ok || b.Status != bill.Priced || other.Status != bill.Priced {
		return "an unknown number of", nil, nil
	}
	return money.Group(strconv.FormatInt((hundredths+50)/100, 10)), append(sources, more...), nil
}

func (a *Answerer) breakEven(args []string) (string, []Source, error) {
	c, err := a.price(args[0])
	if err != nil {
		return "", nil, err
	}
	be := c.BreakEven
	switch {
	case be == nil || c.Commands == nil || c.Capacity == nil:
		return "unknown, since one of the two kinds has no price", nil, nil
	case be.Below == nil && len(be.Pieces) > 0 && be.Pieces[0].First:
		return "never: per command stays cheaper", nil, nil
	case be.Below == nil:
		return "from the start: capacity is always cheaper", nil, nil
	}
	from, to := be.Below, be.Above
	var sources []Source
	for _, b := range c.Bills {
		if b.Offer.ID == from.ID || b.Offer.ID == to.ID {
			sources = append(sources, a.billSources(b)...)
		}
	}
	return fmt.Sprintf("from %s ops/s on, where %s becomes dearer than %s", money.Group(strconv.FormatInt(be.At, 10)), offerName(from), offerName(to)), sources, nil
}

func (a *Answerer) ages(args []string) (string, []Source, error) {
	c, err := a.price(args[0])
	if err != nil {
		return "", nil, err
	}
	var sources []Source
	for _, s := range c.Used() {
		sources = append(sources, fromCards(s))
	}
	oldest, newest := c.Ages()
	switch {
	case oldest == "":
		return "on unknown dates", nil, nil
	case oldest == newest:
		return "on " + oldest, sources, nil
	case oldest == ratecard.Undated:
		return "up to " + newest + ", some on unknown dates", sources, nil
	}
	return fmt.Sprintf("between %s and %s", oldest, newest), sources, nil
}
