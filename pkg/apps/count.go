package apps

import (
	"errors"
	"fmt"
	"maps"
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
// Low: units of work arrive back to back, and each replaces a poll. High: units
// arrive one at a time, and every poll is sent as well.
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
		return errors.New("the applications send too many commands to count; lower an input")
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
		for _, name := range slices.Sorted(maps.Keys(b.settings(a))) {
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
	for _, name := range slices.Sorted(maps.Keys(v.Settings)) {
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
	for _, name := range slices.Sorted(maps.Keys(settings)) {
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
