package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keynest/keynest/pkg/apps"
	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/report"
	"github.com/keynest/keynest/pkg/workload"
)

// appFlags say which applications send commands, and how many of what they have.
type appFlags struct {
	names   []string
	files   []string
	inputs  map[apps.InputName]*string
	set     []string
	scripts bool
	plus    bool
	asked   *applications // once it is counted
}

// applications are the applications of a call with what they send.
type applications struct {
	book  *apps.Book
	judge *apps.Judge
	base  map[string]workload.Input // by workload: what was written, before they were counted
	loads map[string]*apps.Load     // by workload
}

func (f *appFlags) add(c *cobra.Command) {
	flags := c.Flags()
	listVar(flags, &f.names, "app", "count the commands that the application `NAME` sends (names: keynest fit --list); NAME,NAME for several")
	f.inputs = map[apps.InputName]*string{}
	for _, in := range apps.Inputs() {
		f.inputs[in.Name] = flags.String(strings.TrimPrefix(in.Name.Flag(), "--"), "", "with --app: `N` "+in.Help)
	}
	flags.StringArrayVar(&f.set, "app-set", nil, "with --app: `SETTING=N` of the application, such as drain_delay=30, or with several applications an input of one, such as arq.workers=2; repeatable")
	flags.BoolVar(&f.scripts, "count-scripts", false, "with --app: count the commands inside scripts too, as some vendors do")
	flags.BoolVar(&f.plus, "plus", false, "add what the applications send to --ops-per-sec or --commands-per-month")
	flags.StringArrayVar(&f.files, "apps", nil, "TOML `FILE` of applications that adds to or overrides the embedded ones; repeatable")
}

// values reads the inputs and settings.
func (f *appFlags) values() (apps.Values, error) {
	v := apps.Values{Inputs: map[apps.InputName]string{}, Settings: map[string]string{}}
	for name, value := range f.inputs {
		if *value != "" {
			v.Inputs[name] = *value
		}
	}
	for _, s := range f.set {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" || value == "" {
			return v, usagef("--app-set %q is not like drain_delay=30", s)
		}
		if _, twice := v.Settings[name]; twice {
			return v, usagef("--app-set sets %s twice; give it once", name)
		}
		v.Settings[name] = value
	}
	return v, nil
}

// check refuses inputs of applications where none is named.
func (f *appFlags) check(v apps.Values) error {
	if len(f.names) > 0 {
		return nil
	}
	for _, in := range apps.Inputs() {
		if v.Inputs[in.Name] != "" {
			return usagef("%s needs an application; add --app NAME", in.Name.Flag())
		}
	}
	switch {
	case len(v.Settings) > 0:
		return usagef("--app-set needs an application; add --app NAME")
	case f.scripts:
		return usagef("--count-scripts needs an application; add --app NAME")
	case f.plus:
		return usagef("--plus adds an application to other commands; add --app NAME")
	case len(f.files) > 0:
		return usagef("--apps only describes applications; add --app NAME")
	}
	return nil
}

// over counts the applications and puts what they send into each workload: those
// of the flags, else those of its file.
func (f *appFlags) over(e *env, flags workload.Input, all []namedInput) error {
	v, err := f.values()
	if err != nil {
		return err
	}
	if err := f.check(v); err != nil {
		return err
	}
	if len(f.names) == 0 && !slices.ContainsFunc(all, namedInput.hasApps) {
		return nil
	}
	book, err := e.apps(f.files)
	if err != nil {
		return err
	}
	a := &applications{book: book, base: map[string]workload.Input{}, loads: map[string]*apps.Load{}}
	if a.judge, err = apps.NewJudge(book); err != nil {
		return err
	}
	f.asked = a
	if len(f.names) > 0 && flags.ReadShare != "" && !f.plus {
		return usagef("--read-share follows from the application; leave it out")
	}
	for i := range all {
		if err := f.overOne(a, &all[i], v); err != nil {
			return err
		}
	}
	return nil
}

func (f *appFlags) overOne(a *applications, in *namedInput, v apps.Values) error {
	base := in.input
	var load *apps.Load
	var err error
	switch {
	case len(f.names) > 0:
		var picked []*apps.App
		if picked, err = a.book.Pick(f.names...); err != nil {
			return usageErr(err)
		}
		var hours int64
		if hours, err = apps.HoursOf(base); err != nil {
			return usageErr(err)
		}
		if load, err = a.book.Count(picked, v, hours); err != nil {
			return usageErr(err)
		}
		in.input, err = load.Input(base, f.counting(), f.plus)
	case in.hasApps():
		f.scripts, f.plus = in.entry.CountScripts, in.entry.Plus
		in.input, load, err = apps.Sent(a.book, in.entry, base)
	default:
		return nil
	}
	if err != nil && in.source != "" {
		return usagef("%s: %w", in.source, err)
	} else if err != nil {
		return usageErr(err)
	}
	a.base[in.name], a.loads[in.name] = base, load
	for _, app := range load.Apps {
		in.apps = append(in.apps, app.ID)
	}
	return nil
}

// hasApps says whether a workload of a file names applications.
func (n namedInput) hasApps() bool { return n.entry != nil && len(n.entry.App.Values) > 0 }

// suits tells the options of bills where the applications of a workload run.
func (f *appFlags) suits(set *ratecard.Set, ids []string, opt *bill.Options) error {
	if f == nil || f.asked == nil || len(ids) == 0 {
		return nil
	}
	picked, err := f.asked.book.Pick(ids...)
	if err != nil {
		return err
	}
	compare.Suits(f.asked.judge, picked, set, opt)
	return nil
}

func (f *appFlags) counting() apps.Counting { return apps.Counting{Scripts: f.scripts} }

// report works out what the applications of a workload cost by each way of
// counting, on the offers that bill commands.
func (f *appFlags) report(c *compare.Comparison) (*report.Applications, error) {
	a := f.asked
	if a == nil {
		return nil, nil //nolint:nilnil // no application is an answer
	}
	load, base := a.loads[c.Workload.Name], a.base[c.Workload.Name]
	if load == nil {
		return nil, nil //nolint:nilnil // no application is an answer
	}
	r := &report.Applications{Load: load, Scripts: f.scripts, Plus: f.plus, Connections: map[string][]string{}}
	for _, way := range []struct {
		to  *map[string]money.USD
		get func() (workload.Input, error)
	}{
		{&r.Clients.Low, func() (workload.Input, error) { return load.Input(base, apps.Counting{Low: true}, f.plus) }},
		{&r.Clients.High, func() (workload.Input, error) { return load.Input(base, apps.Counting{}, f.plus) }},
		{&r.All.Low, func() (workload.Input, error) {
			return load.Input(base, apps.Counting{Low: true, Scripts: true}, f.plus)
		}},
		{&r.All.High, func() (workload.Input, error) { return load.Input(base, apps.Counting{Scripts: true}, f.plus) }},
		{&r.Busy, func() (workload.Input, error) { return load.WithoutIdle(base, f.counting(), f.plus) }},
	} {
		in, err := way.get()
		if err != nil {
			return nil, err
		}
		w, err := in.Resolve(c.Workload.Name)
		if err != nil {
			return nil, usageErr(err)
		}
		if *way.to, err = totals(c.Field, w); err != nil {
			return nil, err
		}
	}
	connections(c, load, r)
	return r, nil
}

// totals are the bills of a workload on the offers that bill commands, where
// they are wholly priced.
func totals(field *compare.Field, w workload.Workload) (map[string]money.USD, error) {
	u, err := w.Usage()
	if err != nil {
		return nil, err
	}
	all := map[string]money.USD{}
	for _, o := range field.Offers {
		if !o.Card.BilledBy.PerCommand() {
			continue
		}
		total, status, err := o.Total(&u)
		if err != nil {
			return nil, err
		}
		if status == bill.Priced {
			all[o.Card.ID] = total
		}
	}
	return all, nil
}

// connections warns where a plan takes fewer connections than are held open.
func connections(c *compare.Comparison, load *apps.Load, r *report.Applications) {
	for _, b := range c.Bills {
		v := c.Field.Set.Version(b.Offer, c.Field.Options.AsOf)
		if v == nil || load.Connections == 0 || b.Status == bill.Unfit {
			continue
		}
		most, what := v.Limit.MaxConnections, "the offer"
		if b.Plan != nil {
			if p := v.Plan(b.Plan.ID); p != nil && p.Limit.MaxConnections > 0 {
				most, what = p.Limit.MaxConnections, "plan "+p.ID
			}
		}
		if most > 0 && load.Connections > most {
			words := fmt.Sprintf("%s takes %d connections, but the applications hold %d or more", what, most, load.Connections)
			b.Warnings = append(b.Warnings, words)
			r.Connections[b.Offer.ID] = []string{words}
		}
	}
}
