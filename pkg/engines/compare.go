package engines

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
)

// NoticeDays is how many days before an end of life the report mentions it.
const NoticeDays = 180

// Pick is one engine to lay beside others, at a version or at its newest line.
type Pick struct {
	Engine  string
	Version string // a line or a release; empty for the newest line that is out
}

// Comparison is engines side by side as of one day.
type Comparison struct {
	AsOf     Day
	Columns  []Column
	Endings  []Ending
	Licences []LicenceUse // each once: those of the cells, then those of other releases
	Services []ServiceUse // the managed services that run one of the columns' engines
	Sources  map[string]Source
}

// Column is one engine of a comparison.
type Column struct {
	Engine  string // the id
	Name    string
	Line    string    // empty where no line is out, or none is known
	Version string    // the line, or the release that was asked for
	Release *LineUse  // the line's releases as of the day
	Cells   []Cell    // one an area, in the order of Areas
	Lines   []LineUse // every line that is out, newest first
}

// Title is the column's head: the engine and its version.
func (c Column) Title() string { return strings.TrimSpace(c.Name + " " + c.Version) }

// Nothing is the text of an empty cell.
const Nothing = "–"

// Cell is one fact of a comparison.
type Cell struct {
	Area     Area
	Text     string // Nothing where there was no such engine yet and another cell says so
	Known    bool   // false where nothing was found, or not for that day
	Since    string // the day from which the fact holds; empty where none does
	Derived  string
	Licences []string
	Sources  []string
}

// LineUse is one line as of a day.
type LineUse struct {
	Line             string
	Licences         []string
	First            ReleaseUse
	Latest           ReleaseUse // the newest patch seen
	Releases         []ReleaseUse
	MaintenanceUntil Day
	SecurityUntil    Day
}

// ReleaseUse is one release with the licences that it came under.
type ReleaseUse struct {
	Version  string
	Date     Day
	Pre      bool
	Licences []string
	Note     string
	Sources  []string
}

// LicenceUse is a licence with its id.
type LicenceUse struct {
	ID       string
	Compared bool // a cell has it, not only a release of another line
	Licence
}

// ServiceUse is what a service ran of one engine.
type ServiceUse struct {
	ID, Name, Engine string
	Since            string
	Runs
}

// Ending is support that ends within NoticeDays of the day, or of a compared
// line, has ended.
type Ending struct {
	Engine, Name, Line string
	What               string // "maintenance" or "security support"
	On                 Day
	Days               int // from the as-of date; negative where past
	Note               string
	Sources            []string
}

// Compare compares engines as of a day. An error is an unknown engine or version
// and lists the known ones.
func (b *Book) Compare(asOf string, picks []Pick) (*Comparison, error) {
	day, err := ParseDay(asOf)
	if err != nil || len(asOf) != len("2006-01-02") {
		return nil, fmt.Errorf("%q is not a date; write it as 2026-08-31", asOf)
	}
	c := &Comparison{AsOf: day, Sources: map[string]Source{}}
	seen := map[string]bool{}
	for _, pick := range picks {
		if seen[pick.Engine] {
			return nil, fmt.Errorf("%s is named twice", pick.Engine)
		}
		seen[pick.Engine] = true
		column, err := b.column(day, pick)
		if err != nil {
			return nil, err
		}
		c.Columns = append(c.Columns, column)
		c.Endings = append(c.Endings, b.endings(day, column)...)
	}
	b.licencesOf(c)
	b.servicesOf(c)
	b.sourcesOf(c)
	return c, nil
}

// EngineIDs returns the known engines, in order.
func (b *Book) EngineIDs() []string { return slices.Sorted(maps.Keys(b.Engines)) }

func (b *Book) column(day Day, pick Pick) (Column, error) {
	e, ok := b.Engines[pick.Engine]
	if !ok {
		return Column{}, fmt.Errorf("unknown engine %q; known: %s", pick.Engine, strings.Join(b.EngineIDs(), ", "))
	}
	column := Column{Engine: pick.Engine, Name: e.Name}
	if e.Since.After(day) {
		if pick.Version != "" {
			return Column{}, fmt.Errorf("%s %s was not out on %s; %s exists from %s", pick.Engine, pick.Version, day, e.Name, e.Since)
		}
		for i, area := range Areas() {
			cell := Cell{Area: area, Text: Nothing, Sources: e.Sources}
			if i == 0 {
				cell.Text = fmt.Sprintf("There was no %s on %s; it exists from %s.", e.Name, day, e.Since)
			}
			column.Cells = append(column.Cells, cell)
		}
		return column, nil
	}
	for _, line := range e.out(day) {
		column.Lines = append(column.Lines, e.use(day, line))
	}
	release := ""
	switch {
	case pick.Version != "":
		line, r, err := e.find(day, pick)
		if err != nil {
			return Column{}, err
		}
		column.Line, release = line, r
	case len(column.Lines) > 0:
		column.Line = column.Lines[0].Line
	}
	column.Version = column.Line
	if release != "" {
		column.Version = release
	}
	if column.Line != "" {
		use := e.use(day, column.Line)
		column.Release = &use
	}
	for _, area := range Areas() {
		cell := e.cell(day, area, column.Line)
		if area == AreaLicence && release != "" {
			if own := e.Lines[column.Line].Releases[release]; len(own.Licences) > 0 {
				cell = Cell{Area: area, Known: true, Since: own.Date.String(), Text: own.Note, Licences: own.Licences, Sources: own.Sources}
			}
		}
		column.Cells = append(column.Cells, cell)
	}
	return column, nil
}

// out returns the lines with a general release on or before the day, newest first.
func (e Engine) out(day Day) []string {
	var lines []string
	for id, line := range e.Lines {
		for version, r := range line.Releases {
			if v, err := ParseVersion(version); err == nil && !v.Pre() && !r.Date.After(day) {
				lines = append(lines, id)
				break
			}
		}
	}
	sortVersions(lines)
	slices.Reverse(lines)
	return lines
}

// find resolves a line or a release that the caller named.
func (e Engine) find(day Day, pick Pick) (line, release string, err error) {
	known := e.out(day)
	v, err := ParseVersion(pick.Version)
	if err == nil {
		line = v.Line()
		if r, ok := e.Lines[line].Releases[pick.Version]; ok && !r.Date.After(day) {
			return line, pick.Version, nil
		}
		if pick.Version == line && slices.Contains(known, line) {
			return line, "", nil
		}
		if slices.Contains(known, line) {
			var releases []string
			for _, r := range e.use(day, line).Releases {
				releases = append(releases, r.Version)
			}
			return "", "", fmt.Errorf("no release %s of %s is known as of %s; take the line %s, or one of %s",
				pick.Version, pick.Engine, day, line, strings.Join(releases, ", "))
		}
	}
	if len(known) == 0 {
		return "", "", fmt.Errorf("no version of %s is known as of %s; leave --version-of out", pick.Engine, day)
	}
	return "", "", fmt.Errorf("unknown version %q of %s as of %s; known: %s", pick.Version, pick.Engine, day, strings.Join(known, ", "))
}

// use gathers a line as of a day.
func (e Engine) use(day Day, id string) LineUse {
	line := LineUse{Line: id, Licences: e.cell(day, AreaLicence, id).Licences}
	support := e.support(day, id)
	line.MaintenanceUntil, line.SecurityUntil = support.MaintenanceUntil, support.SecurityUntil
	versions := slices.Sorted(maps.Keys(e.Lines[id].Releases))
	sortVersions(versions)
	for _, version := range versions {
		r := e.Lines[id].Releases[version]
		if r.Date.After(day) {
			continue
		}
		v, _ := ParseVersion(version) // checked when the book was read
		use := ReleaseUse{Version: version, Date: r.Date, Pre: v.Pre(), Licences: r.Licences, Note: r.Note, Sources: r.Sources}
		if len(use.Licences) == 0 {
			use.Licences = line.Licences
		}
		line.Releases = append(line.Releases, use)
		if !use.Pre {
			if line.First.Version == "" {
				line.First = use
			}
			line.Latest = use
		}
	}
	return line
}

// cell finds the fact of an area for a line on a day: the line's own, or that of
// the nearest older line, or the engine's. Support is only ever the line's own.
func (e Engine) cell(day Day, area Area, line string) Cell {
	tables := []map[string]Fact{}
	if line != "" {
		own, _ := ParseVersion(line)
		older := slices.Sorted(maps.Keys(e.Lines))
		sortVersions(older)
		slices.Reverse(older)
		for _, id := range older {
			v, _ := ParseVersion(id) // checked when the book was read
			if v.Compare(own) == 0 || v.Compare(own) < 0 && area != AreaSupport {
				tables = append(tables, e.Lines[id].Facts[area])
			}
		}
	}
	tables = append(tables, e.Facts[area])
	later := ""
	var laterSources []string
	for _, table := range tables {
		if since, f, ok := inForce(day, table); ok {
			return Cell{
				Area: area, Known: !f.Unknown, Since: since, Text: f.text(), Derived: f.Derived,
				Licences: f.Licences, Sources: f.Sources,
			}
		}
		for _, since := range slices.Sorted(maps.Keys(table)) {
			if later == "" || since < later {
				later, laterSources = since, table[since].Sources
			}
		}
	}
	if later == "" {
		return Cell{Area: area, Text: "Not found for this line.", Sources: e.Sources}
	}
	return Cell{Area: area, Text: fmt.Sprintf("Not recorded for %s; the first record is of %s.", day, later), Sources: laterSources}
}

func (e Engine) support(day Day, line string) Fact {
	_, f, _ := inForce(day, e.Lines[line].Facts[AreaSupport])
	return f
}

// inForce is the newest fact on or before a day.
func inForce(day Day, table map[string]Fact) (since string, f Fact, ok bool) {
	for _, id := range slices.Sorted(maps.Keys(table)) {
		if from, err := ParseDay(id); err == nil && !from.After(day) {
			since, f, ok = id, table[id], true
		}
	}
	return since, f, ok
}

// text is the fact in words, without its licences.
func (f Fact) text() string {
	var parts []string
	switch {
	case !f.MaintenanceUntil.IsZero() && f.MaintenanceUntil == f.SecurityUntil:
		parts = append(parts, fmt.Sprintf("Fixes, security included, to %s.", f.SecurityUntil))
	case !f.MaintenanceUntil.IsZero() && !f.SecurityUntil.IsZero():
		parts = append(parts, fmt.Sprintf("Fixes to %s, security to %s.", f.MaintenanceUntil, f.SecurityUntil))
	case !f.MaintenanceUntil.IsZero():
		parts = append(parts, fmt.Sprintf("Fixes to %s.", f.MaintenanceUntil))
	case !f.SecurityUntil.IsZero():
		parts = append(parts, fmt.Sprintf("Security fixes to %s.", f.SecurityUntil))
	}
	if f.Text != "" {
		parts = append(parts, f.Text)
	}
	return strings.Join(parts, " ")
}

// endings finds support of an engine's lines that ends near the day. What has
// ended before is said only of the line that is compared.
func (b *Book) endings(day Day, column Column) []Ending {
	var found []Ending
	for _, line := range column.Lines {
		support := b.Engines[column.Engine].support(day, line.Line)
		for _, end := range []struct {
			what string
			on   Day
		}{{"maintenance", support.MaintenanceUntil}, {"security support", support.SecurityUntil}} {
			if end.on.IsZero() || end.what == "maintenance" && end.on == support.SecurityUntil {
				continue
			}
			days := day.DaysUntil(end.on)
			if days > NoticeDays || days < 0 && line.Line != column.Line {
				continue
			}
			found = append(found, Ending{
				Engine: column.Engine, Name: column.Name, Line: line.Line,
				What: end.what, On: end.on, Days: days, Note: support.Text, Sources: support.Sources,
			})
		}
	}
	return found
}

// licencesOf gathers every licence that something in the comparison names.
func (b *Book) licencesOf(c *Comparison) {
	seen := map[string]bool{}
	add := func(ids []string, compared bool) {
		for _, id := range ids {
			if !seen[id] {
				seen[id] = true
				c.Licences = append(c.Licences, LicenceUse{id, compared, b.Licences[id]})
			}
		}
	}
	for _, column := range c.Columns {
		for _, cell := range column.Cells {
			add(cell.Licences, true)
		}
	}
	for _, column := range c.Columns {
		for _, line := range column.Lines {
			add(line.Licences, false)
			for _, r := range line.Releases {
				add(r.Licences, false)
			}
		}
	}
}

func (b *Book) servicesOf(c *Comparison) {
	for _, id := range slices.Sorted(maps.Keys(b.Services)) {
		for _, column := range c.Columns {
			table := b.Services[id].Runs[column.Engine]
			for _, since := range slices.Backward(slices.Sorted(maps.Keys(table))) {
				if from, err := ParseDay(since); err == nil && !from.After(c.AsOf) {
					c.Services = append(c.Services, ServiceUse{
						ID: id, Name: b.Services[id].Name, Engine: column.Engine, Since: since, Runs: table[since],
					})
					break
				}
			}
		}
	}
}

// sourcesOf gathers every source that something in the comparison names.
func (b *Book) sourcesOf(c *Comparison) {
	add := func(ids []string) {
		for _, id := range ids {
			c.Sources[id] = b.Sources[id]
		}
	}
	for _, column := range c.Columns {
		for _, cell := range column.Cells {
			add(cell.Sources)
		}
		for _, line := range column.Lines {
			for _, r := range line.Releases {
				add(r.Sources)
			}
		}
	}
	for _, l := range c.Licences {
		add(l.Sources)
	}
	for _, s := range c.Services {
		add(s.Sources)
	}
	for _, e := range c.Endings {
		add(e.Sources)
	}
}

// LicenceNames joins licences as a choice: "RSALv2, SSPLv1 or AGPLv3".
func (c *Comparison) LicenceNames(ids []string) string {
	var names []string
	for _, id := range ids {
		for _, l := range c.Licences {
			if l.ID == id {
				names = append(names, l.Name)
			}
		}
	}
	return choice(names)
}

// OSI says in words which of some licences the Open Source Initiative has approved.
func (c *Comparison) OSI(ids []string) string {
	var approved []string
	for _, id := range ids {
		for _, l := range c.Licences {
			if l.ID == id && *l.OSIApproved {
				approved = append(approved, l.Name)
			}
		}
	}
	switch {
	case len(ids) == 1 && len(approved) == 1:
		return "OSI-approved"
	case len(ids) == 1:
		return "not OSI-approved"
	case len(approved) == 0:
		return "none of them OSI-approved"
	case len(approved) == len(ids):
		return "all OSI-approved"
	}
	return choice(approved) + " is OSI-approved"
}

func choice(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

func sortVersions(versions []string) {
	sort.SliceStable(versions, func(i, j int) bool {
		v, _ := ParseVersion(versions[i])
		w, _ := ParseVersion(versions[j])
		return v.Compare(w) < 0
	})
}
