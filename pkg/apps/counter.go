package apps

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/unit"
)

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
		return nil, fmt.Errorf("the number of commands that %s sends is unknown: %s", a.ID, a.NotCounted)
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
		return 0, fmt.Errorf("%s needs %s, the number of %s; 0 is allowed", u.App, InputName(u.Name).Flag(), u.Words)
	}
	info, _ := Info(InputName(u.Name))
	return info.parse(u.Value)
}

// terms are some terms in order of their keys, each knowing whose fact it rests on.
func terms(app string, of map[string]Term) []Term {
	var all []Term
	for _, key := range slices.Sorted(maps.Keys(of)) {
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
			return fmt.Errorf("%s: too many connections to count", c.app.ID)
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

// idleLine counts what is sent without work. At the lower end each job replaces one
// of its polls.
func (c *counter) idleLine(t Term, jobs int64) (Line, error) {
	every, isSetting := c.value[t.Every]
	if !isSetting {
		every, _ = unit.Scaled(t.Every, milli)
	}
	if every == 0 {
		return Line{}, fmt.Errorf("%s.%s 0: there must be a pause between polls; give a number above 0", c.app.ID, t.Every)
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
		return Line{}, fmt.Errorf("%s: %s: too many to count", c.app.ID, t.Words)
	}
	low := exact
	if t.Poll != "" {
		polls, _ := unit.Scaled(t.Poll, milli)
		// Jobs ÷ polls per time is how many times are replaced by jobs.
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
			return Line{}, 0, fmt.Errorf("%s: %s: too many to count", c.app.ID, t.Words)
		}
	}
	whole, _ := unit.MulDiv(uint64(times), 1, milli)
	line := Line{App: c.app.ID, Words: t.Words, How: c.how(t, whole), AtLeast: t.AtLeast, Fact: c.facts[t.Fact]}
	all, err := unit.Mul(times, c.units(t))
	if err != nil {
		return Line{}, 0, fmt.Errorf("%s: %s: too many to count", c.app.ID, t.Words)
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
		return fmt.Errorf("%s: %s: too many to count", line.App, line.Words)
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
