package apps

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/unit"
)

// milli is the scale of counts and settings: "31.1" is 31,100 thousandths.
const milli = 1000

// Values are what the caller gives to count by.
type Values struct {
	Inputs map[InputName]string
	// Settings are an application's own, by name, or inputs and settings of one
	// application by "app.name".
	Settings map[string]string
}

// Amount is a number of commands in a month.
type Amount struct {
	Client  int64 // sent by clients: what a vendor counts that counts requests
	Scripts int64 // run inside scripts: what one counts besides that counts every command
	Reads   int64 // of Client, those that only read
}

// All counts client commands and those inside scripts, as INFO does.
func (a Amount) All() int64 { return a.Client + a.Scripts }

func (a Amount) plus(b Amount) (Amount, error) {
	var errs [3]error
	var sum Amount
	sum.Client, errs[0] = unit.Add(a.Client, b.Client)
	sum.Scripts, errs[1] = unit.Add(a.Scripts, b.Scripts)
	sum.Reads, errs[2] = unit.Add(a.Reads, b.Reads)
	return sum, errors.Join(errs[:]...)
}

// Line is one kind of command sequence, counted for a month.
type Line struct {
	App       string
	Idle      bool
	Words     string
	Each      string // the commands of one time, "2", or a range, "2 to 6"
	How       string // the multiplication, for a reader: "5 workers × 526,080 times"
	Low, High Amount
	AtLeast   bool
	Fact      Fact // that Each comes from

	still Amount // idle: the lower end where there is no work
}

// Used is an input or setting that counts, with its value.
type Used struct {
	App     string
	Name    string
	Value   string
	Given   bool // by the caller; else the profile's default
	Words   string
	Setting bool
}

// Load is what applications send in a month.
type Load struct {
	Apps        []*App
	Hours       int64 // of the month
	Used        []Used
	Lines       []Line
	Idle        Range    // what is sent with no work at all
	Total       Range    // with the work
	Connections int64    // held open; 0 where nothing was found
	AtLeast     []string // why more may be sent, a clause each
}

// Range is the lower and the upper bound of a count.
//
// Low: every unit of work takes the place of a poll, and units come back to
// back. High: every poll is sent besides, and units come singly.
type Range struct{ Low, High Amount }

// Exact says whether both ends are the same.
func (r Range) Exact() bool { return r.Low == r.High }

// Count works out what applications send in a month of so many hours. The error
// names every input that is missing, wrong or of another application.
func (b *Book) Count(list []*App, v Values, hours int64) (*Load, error) {
	l := &Load{Apps: list, Hours: hours}
	taken := map[string]bool{}
	var problems []error
	for _, a := range list {
		c, err := b.counterFor(a, v, hours, taken)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if err := c.count(l); err != nil {
			problems = append(problems, err)
		}
	}
	problems = append(problems, notTaken(list, b, v, taken)...)
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return l, l.sum()
}

// sum adds the lines up.
func (l *Load) sum() error {
	var errs []error
	add := func(to *Amount, more Amount) {
		sum, err := to.plus(more)
		*to = sum
		errs = append(errs, err)
	}
	for _, line := range l.Lines {
		add(&l.Total.Low, line.Low)
		add(&l.Total.High, line.High)
		if line.Idle {
			add(&l.Idle.Low, line.still)
			add(&l.Idle.High, line.High)
		}
	}
	if errors.Join(errs...) != nil {
		return errors.New("the applications send more commands than can be counted; lower an input")
	}
	return nil
}

// notTaken names what the caller gave and no application takes.
func notTaken(list []*App, b *Book, v Values, taken map[string]bool) []error {
	var ids []string
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	var takes []string
	for _, a := range list {
		for _, in := range Inputs() {
			if _, ok := b.inputs(a)[in.Name]; ok && !slices.Contains(takes, in.Name.Flag()) {
				takes = append(takes, in.Name.Flag())
			}
		}
	}
	var settings []string
	for _, a := range list {
		for _, name := range sortedKeys(b.settings(a)) {
			if !slices.Contains(settings, name) {
				settings = append(settings, name)
			}
		}
	}
	none := func(list []string) string {
		if len(list) == 0 {
			return "none"
		}
		return strings.Join(list, ", ")
	}
	var problems []error
	for _, in := range Inputs() {
		if v.Inputs[in.Name] != "" && !taken[string(in.Name)] {
			problems = append(problems, fmt.Errorf("%s is not an input of %s; it takes %s", in.Name.Flag(), strings.Join(ids, " or "), none(takes)))
		}
	}
	for _, name := range sortedKeys(v.Settings) {
		if !taken["set "+name] {
			problems = append(problems, fmt.Errorf("%q is not a setting of %s; it has %s", clip(name), strings.Join(ids, " or "), none(settings)))
		}
	}
	return problems
}

// inputs are an application's own and those of the one that it is like.
func (b *Book) inputs(a *App) map[InputName]InputOf {
	all := map[InputName]InputOf{}
	if like := b.Apps[a.Like]; like != nil {
		for name, in := range like.Inputs {
			all[name] = in
		}
	}
	for name, in := range a.Inputs {
		all[name] = in
	}
	return all
}

// settings are an application's own and those of the one that it is like.
func (b *Book) settings(a *App) map[string]Setting {
	all := map[string]Setting{}
	if like := b.Apps[a.Like]; like != nil {
		for name, s := range like.Settings {
			all[name] = s
		}
	}
	for name, s := range a.Settings {
		all[name] = s
	}
	return all
}

// Takes lists the inputs of an application in the order of the help, then its
// settings in alphabetical order, each with its default as the value.
func (b *Book) Takes(a *App) []Used {
	var all []Used
	inputs, settings := b.inputs(a), b.settings(a)
	for _, in := range Inputs() {
		if of, ok := inputs[in.Name]; ok {
			all = append(all, Used{App: a.ID, Name: string(in.Name), Value: of.Default, Words: of.Words})
		}
	}
	for _, name := range sortedKeys(settings) {
		all = append(all, Used{App: a.ID, Name: name, Value: settings[name].Default, Words: settings[name].Words, Setting: true})
	}
	return all
}

// parse reads an input, in thousandths where it is a rate.
func (in InputInfo) parse(s string) (int64, error) {
	s = strings.TrimSpace(s)
	n, err := unit.Scaled(s, milli)
	switch {
	case strings.HasPrefix(s, "-"):
		return 0, fmt.Errorf("%s %s is negative", in.Name.Flag(), clip(s))
	case errors.Is(err, unit.ErrRange), err == nil && n/milli > in.Max:
		return 0, fmt.Errorf("%s %s is too large; the most is %d", in.Name.Flag(), clip(s), in.Max)
	case err != nil:
		return 0, fmt.Errorf("%s: %w", in.Name.Flag(), err)
	case in.Period != PerSecond && n%milli != 0:
		return 0, fmt.Errorf("%s %s is not a whole number", in.Name.Flag(), clip(s))
	}
	return n, nil
}

// counter counts one application.
type counter struct {
	app     *App
	seconds int64            // of the month
	value   map[string]int64 // inputs and settings, in thousandths
	idle    []Term
	work    []Term
	conns   []Term
	used    []Used
	facts   map[string]Fact
}

// counterFor settles the values that an application is counted by.
func (b *Book) counterFor(a *App, v Values, hours int64, taken map[string]bool) (*counter, error) {
	c := &counter{app: a, seconds: hours * 3600, value: map[string]int64{}, facts: map[string]Fact{}}
	for _, of := range []*App{b.Apps[a.Like], a} {
		if of == nil {
			continue
		}
		for key, f := range of.Facts {
			c.facts[of.ID+" "+key] = f
		}
		c.idle = append(c.idle, terms(of.ID, of.Idle)...)
		c.work = append(c.work, terms(of.ID, of.Work)...)
		c.conns = append(c.conns, terms(of.ID, of.Conns)...)
	}
	if len(c.idle)+len(c.work) == 0 {
		return nil, fmt.Errorf("how many commands %s sends is not known: %s", a.ID, a.NotCounted)
	}
	var problems []error
	for _, u := range b.Takes(a) {
		given, byApp := v.Settings[a.ID+"."+u.Name]
		if byApp {
			taken["set "+a.ID+"."+u.Name] = true
		}
		if !u.Setting {
			taken[u.Name] = true
			if all := v.Inputs[InputName(u.Name)]; all != "" && !byApp {
				given = all
			}
		} else if all, ok := v.Settings[u.Name]; ok {
			taken["set "+u.Name] = true
			if !byApp {
				given = all
			}
		}
		if given != "" {
			u.Value, u.Given = strings.TrimSpace(given), true
		}
		n, err := c.read(u)
		if err != nil {
			problems = append(problems, err)
		}
		c.value[u.Name] = n
		c.used = append(c.used, u)
	}
	return c, errors.Join(problems...)
}

func (c *counter) read(u Used) (int64, error) {
	if u.Setting {
		n, err := unit.Scaled(u.Value, milli)
		switch {
		case strings.HasPrefix(u.Value, "-"):
			return 0, fmt.Errorf("%s.%s %s is negative", u.App, u.Name, clip(u.Value))
		case err != nil:
			return 0, fmt.Errorf("%s.%s: %w", u.App, u.Name, err)
		case n > milli*unit.Million:
			return 0, fmt.Errorf("%s.%s %s is too large; the most is 1000000", u.App, u.Name, clip(u.Value))
		}
		return n, nil
	}
	if u.Value == "" {
		return 0, fmt.Errorf("%s is counted by %s: how many %s? (0 is an answer)", u.App, InputName(u.Name).Flag(), u.Words)
	}
	info, _ := Info(InputName(u.Name))
	return info.parse(u.Value)
}

// terms are some terms in order of their keys, each knowing whose fact it rests on.
func terms(app string, of map[string]Term) []Term {
	var all []Term
	for _, key := range sortedKeys(of) {
		t := of[key]
		t.Fact = app + " " + t.Fact
		all = append(all, t)
	}
	return all
}

// count adds the application's lines to a load.
func (c *counter) count(l *Load) error {
	l.Used = append(l.Used, c.used...)
	if c.app.NotCounted != "" {
		l.AtLeast = append(l.AtLeast, fmt.Sprintf("of %s was not counted: %s", c.app.Name, c.app.NotCounted))
	}
	var jobs int64 // a month, that take the place of polls
	var lines []Line
	for _, t := range c.work {
		line, times, err := c.workLine(t)
		if err != nil {
			return err
		}
		if slices.Contains(t.Units, string(JobsPerDay)) {
			jobs = max(jobs, times)
		}
		lines = append(lines, line)
	}
	for i, t := range c.idle {
		line, err := c.idleLine(t, jobs)
		if err != nil {
			return err
		}
		lines = slices.Insert(lines, i, line)
	}
	for _, line := range lines {
		if line.AtLeast {
			l.AtLeast = append(l.AtLeast, fmt.Sprintf("%s, %s", c.app.Name, line.Words))
		}
	}
	l.Lines = append(l.Lines, lines...)
	for _, t := range c.conns {
		n := c.units(t)
		each, _ := unit.Scaled(t.Client, milli)
		held, err := unit.MulDiv(uint64(n), uint64(each), milli)
		if err != nil {
			return fmt.Errorf("%s: more connections than can be counted", c.app.ID)
		}
		if t.AtLeast {
			l.AtLeast = append(l.AtLeast, fmt.Sprintf("connections of %s: %s", c.app.Name, t.Words))
		}
		l.Connections += held
	}
	return nil
}

// units multiplies the things that a term is per: workers, queues, switches.
func (c *counter) units(t Term) int64 {
	n := int64(1)
	for _, u := range t.Units {
		if info, ok := Info(InputName(u)); ok && info.Period != PerNothing {
			continue
		}
		// The bounds of the inputs keep this inside 64 bits.
		n = min(n*(c.value[u]/milli), unit.Million*unit.Million)
	}
	return n
}

func (c *counter) how(t Term, times int64) string {
	var parts []string
	for _, u := range t.Units {
		if info, ok := Info(InputName(u)); ok && info.Period != PerNothing {
			continue
		}
		if _, isSetting := c.app.Settings[u]; isSetting && c.value[u] == milli {
			continue // a switch that is on
		}
		name := strings.ReplaceAll(u, "_", " ")
		if c.value[u] == milli {
			name = strings.TrimSuffix(name, "s")
		}
		parts = append(parts, unit.Decimal(c.value[u], milli)+" "+name)
	}
	return strings.Join(append(parts, grouped(times)+" times"), " × ")
}

// idleLine counts what is sent with no work. Of its polls as many are left at
// the lower end as there are more polls than jobs.
func (c *counter) idleLine(t Term, jobs int64) (Line, error) {
	every, isSetting := c.value[t.Every]
	if !isSetting {
		every, _ = unit.Scaled(t.Every, milli)
	}
	if every == 0 {
		return Line{}, fmt.Errorf("%s.%s 0: without a pause between polls they cannot be counted", c.app.ID, t.Every)
	}
	units := c.units(t)
	times, err := unit.MulDiv(uint64(c.seconds), milli, uint64(every))
	if err != nil {
		return Line{}, fmt.Errorf("%s: %s: %w", c.app.ID, t.Words, err)
	}
	line := Line{App: c.app.ID, Idle: true, Words: t.Words, How: c.how(t, times), AtLeast: t.AtLeast, Fact: c.facts[t.Fact]}
	// Thousandths of a time: the month need not be a multiple of the pause.
	exact, err := unit.MulDiv(uint64(c.seconds)*milli, uint64(units)*milli, uint64(every))
	if err != nil {
		return Line{}, fmt.Errorf("%s: %s: more than can be counted", c.app.ID, t.Words)
	}
	low := exact
	if t.Poll != "" {
		polls, _ := unit.Scaled(t.Poll, milli)
		// Jobs ÷ polls a time are the times that jobs stand in for.
		gone, err := unit.MulDiv(uint64(jobs)*milli, milli, uint64(max(1, polls)))
		if err != nil {
			gone = exact
		}
		low = max(0, exact-gone)
	}
	if err := c.amounts(&line, t, exact, exact); err != nil {
		return Line{}, err
	}
	line.still = line.Low
	return line, c.amounts(&line, t, low, exact)
}

// workLine counts units of work, and says how many there are.
func (c *counter) workLine(t Term) (Line, int64, error) {
	times := int64(0) // thousandths
	var err error
	for _, u := range t.Units {
		info, _ := Info(InputName(u))
		v := uint64(c.value[u])
		switch info.Period {
		case PerSecond:
			times, err = unit.MulDiv(v, uint64(c.seconds), 1)
		case PerDay:
			times, err = unit.MulDiv(v, uint64(c.seconds), 86400)
		case PerMonth:
			times, err = unit.MulDiv(v, 1, 1)
		}
		if err != nil {
			return Line{}, 0, fmt.Errorf("%s: %s: more than can be counted", c.app.ID, t.Words)
		}
	}
	whole, _ := unit.MulDiv(uint64(times), 1, milli)
	line := Line{App: c.app.ID, Words: t.Words, How: c.how(t, whole), AtLeast: t.AtLeast, Fact: c.facts[t.Fact]}
	all, err := unit.Mul(times, c.units(t))
	if err != nil {
		return Line{}, 0, fmt.Errorf("%s: %s: more than can be counted", c.app.ID, t.Words)
	}
	return line, whole, c.amounts(&line, t, all, all)
}

// amounts multiplies out a term: low and high are thousandths of a time.
func (c *counter) amounts(line *Line, t Term, low, high int64) error {
	number := func(s string) int64 {
		n, _ := unit.Scaled(s, milli)
		return n
	}
	client, scripts := number(t.Client), number(t.Scripts)
	top := max(client, number(t.ClientHigh), number(t.ClientSparse))
	topScripts := max(scripts, number(t.ScriptsHigh), number(t.ScriptsSparse))
	line.Each = unit.Decimal(client, milli)
	if top != client {
		line.Each += " to " + unit.Decimal(top, milli)
	}
	times := func(n, each int64, err *error) int64 {
		product, e := unit.MulDiv(uint64(n), uint64(each), milli*milli)
		*err = errors.Join(*err, e)
		return product
	}
	var err error
	line.Low = Amount{times(low, client, &err), times(low, scripts, &err), times(low, number(t.Reads), &err)}
	line.High = Amount{times(high, top, &err), times(high, topScripts, &err), times(high, number(t.Reads), &err)}
	if err != nil {
		return fmt.Errorf("%s: %s: more than can be counted", line.App, line.Words)
	}
	return nil
}

// grouped writes thousands apart: 1,296,000.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
