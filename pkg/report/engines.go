package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/keynest/keynest/pkg/engines"
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/page"
)

// enginesAbreast is how many engines one table holds; more go in further
// tables, so that each fits the page.
const enginesAbreast = 3

// notLegalAdvice is said once in every licence report.
const notLegalAdvice = "This is a reading aid with dated sources, not legal advice."

// EnginesDocument lays a comparison out for people: a line a row, of each cell its
// first sentence. With explain cells are whole, each is followed by its sources, and
// releases and managed services are listed.
func EnginesDocument(c *engines.Comparison, explain bool) *page.Document {
	var titles []string
	for _, column := range c.Columns {
		titles = append(titles, column.Title())
	}
	d := &page.Document{Title: strings.Join(titles, ", ") + " as of " + c.AsOf.String()}
	d.Say(fmt.Sprintf("As of %s. %s", c.AsOf, sourceSpan(c.Sources)))
	for from := 0; from < len(c.Columns); from += enginesAbreast {
		columns := c.Columns[from:min(from+enginesAbreast, len(c.Columns))]
		d.Add(page.Block{Table: engineTable(c, columns, explain)})
	}
	if len(c.Endings) > 0 {
		b := page.Block{Heading: "Support that ends"}
		for _, e := range c.Endings {
			b.Notes = append(b.Notes, endingText(e))
		}
		d.Add(b)
	}
	if len(c.Licences) > 0 {
		d.Add(page.Block{Heading: "What each licence asks of you", Table: licenceTable(c, explain)})
	}
	if explain {
		explainEngines(d, c)
	}
	d.Answers = engineAnswers(c, explain)
	return d
}

// engineAnswers are what a reader decides by: which licence the OSI approves, and
// whose support ends next.
func engineAnswers(c *engines.Comparison, explain bool) []page.Answer {
	var free []string
	for _, column := range c.Columns {
		for i, area := range engines.Areas() {
			if cell := column.Cells[i]; area == engines.AreaLicence && len(cell.Licences) > 0 {
				free = append(free, fmt.Sprintf("%s: %s (%s)", column.Title(), c.LicenceNames(cell.Licences), c.OSI(cell.Licences)))
			}
		}
	}
	var list []page.Answer
	if len(free) > 0 {
		list = append(list, page.Answer{Label: "Licence", Text: strings.Join(free, "; ")})
	}
	var next *engines.Ending
	for i := range c.Endings {
		if e := &c.Endings[i]; e.Days >= 0 && (next == nil || e.Days < next.Days) {
			next = e
		}
	}
	if next != nil {
		e := *next
		e.Note = ""
		list = append(list, page.Answer{Label: "Ends next", Text: strings.TrimSuffix(endingText(e), ".")})
	}
	aid := strings.TrimSuffix(notLegalAdvice, ".")
	if !explain {
		aid += "; --explain prints each cell in full, with its source and date, releases and services"
	}
	return append(list, page.Answer{Label: "Read with care", Text: strings.TrimPrefix(aid, "This is "), Minor: true})
}

func engineTable(c *engines.Comparison, columns []engines.Column, explain bool) *page.Table {
	heads := []page.Column{{Head: "Area", Wrap: explain}}
	latest := []string{"Newest release seen"}
	for _, column := range columns {
		heads = append(heads, proseColumn(column.Title(), explain))
		latest = append(latest, upTo(latestText(column), "; ", explain))
	}
	t := page.NewTable(heads...)
	t.Spaced = explain
	t.Add(latest...)
	for i, area := range engines.Areas() {
		row := []string{area.Title()}
		for _, column := range columns {
			row = append(row, sentence(cellText(c, column.Cells[i]), explain))
		}
		t.Add(row...)
	}
	return t
}

// proseColumn is a column of sentences: cut to keep a row on one line, or wrapped
// where they are printed in full.
func proseColumn(head string, full bool) page.Column {
	if full {
		return page.Column{Head: head, Wrap: true}
	}
	return page.Column{Head: head, Cut: 16}
}

// sentence is the first sentence of a text, without its full stop, or all of it.
func sentence(s string, full bool) string {
	if full {
		return s
	}
	for i := 0; i+2 < len(s); i++ {
		if s[i] == '.' && s[i+1] == ' ' && unicode.IsUpper(rune(s[i+2])) && !strings.HasSuffix(s[:i], "Unknown") {
			return s[:i]
		}
	}
	return strings.TrimSuffix(s, ".")
}

// upTo is a text up to a mark, or all of it.
func upTo(s, mark string, full bool) string {
	if !full {
		s, _, _ = strings.Cut(s, mark)
	}
	return s
}

func latestText(column engines.Column) string {
	if column.Release == nil || column.Release.Latest.Version == "" {
		return "–"
	}
	first, latest := column.Release.First, column.Release.Latest
	if first.Version == latest.Version {
		return fmt.Sprintf("%s of %s", latest.Version, latest.Date)
	}
	return fmt.Sprintf("%s of %s; %s of %s", latest.Version, latest.Date, first.Version, first.Date)
}

// cellText is a cell in words, its licences first.
func cellText(c *engines.Comparison, cell engines.Cell) string {
	text := cell.Text
	if len(cell.Licences) > 0 {
		text = strings.TrimSpace(fmt.Sprintf("%s (%s). %s", c.LicenceNames(cell.Licences), c.OSI(cell.Licences), text))
	}
	if !cell.Known && cell.Since != "" {
		text = "Unknown. " + text
	}
	return text
}

func endingText(e engines.Ending) string {
	when := fmt.Sprintf("ends on %s, in %d days", e.On, e.Days)
	switch {
	case e.Days < 0:
		when = "ended on " + e.On.String()
	case e.Days == 0:
		when = "ends that very day"
	case e.Days == 1:
		when = "ends the day after, " + e.On.String()
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s: %s %s. %s", e.Name, e.Line, e.What, when, e.Note))
}

// sourceSpan says how old the evidence is.
func sourceSpan(sources map[string]engines.Source) string {
	var days []string
	for _, s := range sources {
		if s.Dated == engines.Read {
			continue
		}
		days = append(days, s.Date.String())
	}
	if len(days) == 0 {
		return ""
	}
	return fmt.Sprintf("Its sources are dated %s to %s.", slices.Min(days), slices.Max(days))
}

// licenceTable has the licences of the compared versions, in full: half a sentence
// on what is allowed would be worse than none; with explain, which
// lists the releases, those of the older ones too.
func licenceTable(c *engines.Comparison, explain bool) *page.Table {
	t := page.NewTable(page.Column{Head: "Licence"}, page.Column{Head: "OSI-approved"},
		page.Column{Head: "To run it", Wrap: true}, page.Column{Head: "To ship it", Wrap: true}, page.Column{Head: "To sell it as a service", Wrap: true})
	t.Spaced = true
	for _, l := range c.Licences {
		if !l.Compared && !explain {
			continue
		}
		t.Add(l.Name, yesNo(*l.OSIApproved), l.Run, l.Ship, l.Sell)
	}
	return t
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// explainEngines adds releases, services, and for each cell where it was read.
func explainEngines(d *page.Document, c *engines.Comparison) {
	releases := page.NewTable(page.Column{Head: "Line"}, page.Column{Head: "First release"}, page.Column{Head: "Newest seen"},
		page.Column{Head: "Fixes to"}, page.Column{Head: "Security to"}, page.Column{Head: "Licence", Wrap: true})
	releases.Groups = nil
	for _, column := range c.Columns {
		if len(column.Lines) == 0 {
			continue
		}
		releases.Groups = append(releases.Groups, page.Group{Title: column.Name})
		for _, line := range column.Lines {
			releases.Add(line.Line, line.First.Version+", "+line.First.Date.String(), line.Latest.Version+", "+line.Latest.Date.String(),
				dash(line.MaintenanceUntil.String()), dash(line.SecurityUntil.String()), c.LicenceNames(line.Licences))
		}
	}
	if len(releases.Groups) > 0 {
		d.Add(page.Block{Heading: "Releases", Table: releases})
	}
	if len(c.Services) > 0 {
		t := page.NewTable(page.Column{Head: "Service", Wrap: true}, page.Column{Head: "Engine"}, page.Column{Head: "Versions", Wrap: true},
			page.Column{Head: "Seen"}, page.Column{Head: "Remark", Wrap: true})
		for _, s := range c.Services {
			t.Add(s.Name, s.Engine, dash(strings.Join(s.Versions, ", ")), s.Since, s.Note)
		}
		d.Add(page.Block{Heading: "Managed services", Table: t})
	}
	numbers := &sourceList{all: c.Sources}
	cells := page.Block{Heading: "Where each cell was read"}
	for _, column := range c.Columns {
		for _, cell := range column.Cells {
			note := fmt.Sprintf("%s, %s: %s", column.Title(), strings.ToLower(cell.Area.Title()), numbers.refs(cell.Sources))
			if cell.Since != "" {
				note += "; holds from " + cell.Since
			}
			if cell.Derived != "" {
				note += "; derived: " + cell.Derived
			}
			cells.Notes = append(cells.Notes, note)
		}
	}
	for _, l := range c.Licences {
		cells.Notes = append(cells.Notes, fmt.Sprintf("%s, what it asks: %s", l.Name, numbers.refs(l.Sources)))
	}
	for _, s := range c.Services {
		cells.Notes = append(cells.Notes, fmt.Sprintf("%s, %s: %s", s.Name, s.Engine, numbers.refs(s.Sources)))
	}
	for _, column := range c.Columns {
		for _, line := range column.Lines {
			var ids []string
			for _, r := range line.Releases {
				ids = append(ids, r.Sources...)
			}
			cells.Notes = append(cells.Notes, fmt.Sprintf("%s %s, releases: %s", column.Name, line.Line, numbers.refs(ids)))
		}
	}
	d.Add(cells)
	d.Add(page.Block{Heading: "Sources", Notes: numbers.notes()})
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// sourceList numbers sources in the order in which they are first named.
type sourceList struct {
	all   map[string]engines.Source
	order []string
}

func (l *sourceList) refs(ids []string) string {
	var refs []string
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		n := 0
		for i, known := range l.order {
			if known == id {
				n = i + 1
			}
		}
		if n == 0 {
			l.order = append(l.order, id)
			n = len(l.order)
		}
		refs = append(refs, fmt.Sprintf("(%d)", n))
	}
	return strings.Join(refs, " ")
}

func (l *sourceList) notes() []string {
	var notes []string
	for i, id := range l.order {
		notes = append(notes, fmt.Sprintf("(%d) %s", i+1, sourceText(l.all[id])))
	}
	return notes
}

func sourceText(s engines.Source) string {
	return fmt.Sprintf("%s; %s, %s: %s", s.Title, datedText(s), confidenceText(s.Confidence), s.URL)
}

func datedText(s engines.Source) string {
	switch s.Dated {
	case engines.Copied:
		return "as it stood on " + s.Date.String()
	case engines.NotBefore:
		return "undated, not before " + s.Date.String()
	case engines.Read:
		return "undated, read " + s.Date.String()
	}
	return s.Date.String()
}

func confidenceText(c engines.Confidence) string {
	switch c {
	case engines.Code:
		return "read in the source tree"
	case engines.Vendor:
		return "the project's own page"
	case engines.Copy:
		return "a copy of the project's page"
	}
	return "a third party's page"
}

// The JSON report of a comparison; its keys are a contract and are only added
// to. docs/compare.schema.json describes it.
type (
	enginesJSON struct {
		FormatVersion string                       `json:"format_version"`
		Kind          string                       `json:"kind"`
		AsOf          engines.Day                  `json:"as_of"`
		Engines       []enginesEngineJSON          `json:"engines"`
		Ending        []enginesEndingJSON          `json:"support_ending"`
		Licences      []enginesLicenceJSON         `json:"licences"`
		Services      []enginesServiceJSON         `json:"services"`
		Sources       map[string]enginesSourceJSON `json:"sources"`
		Notice        string                       `json:"notice"`
	}
	enginesEngineJSON struct {
		ID            string            `json:"id"`
		Name          string            `json:"name"`
		Line          *string           `json:"line"`
		Version       *string           `json:"version"`
		LatestRelease *string           `json:"latest_release"`
		Cells         []enginesCellJSON `json:"cells"`
		Lines         []enginesLineJSON `json:"lines"`
	}
	enginesCellJSON struct {
		Area     engines.Area `json:"area"`
		Text     *string      `json:"text"`
		Known    bool         `json:"known"`
		Since    *string      `json:"holds_from"`
		Derived  *string      `json:"derived"`
		Licences []string     `json:"licences"`
		Sources  []string     `json:"sources"`
	}
	enginesLineJSON struct {
		Line             string               `json:"line"`
		Licences         []string             `json:"licences"`
		MaintenanceUntil *string              `json:"maintenance_until"`
		SecurityUntil    *string              `json:"security_until"`
		Releases         []enginesReleaseJSON `json:"releases"`
	}
	enginesReleaseJSON struct {
		Version    string      `json:"version"`
		Date       engines.Day `json:"date"`
		PreRelease bool        `json:"pre_release"`
		Licences   []string    `json:"licences"`
		Note       *string     `json:"note"`
		Sources    []string    `json:"sources"`
	}
	enginesEndingJSON struct {
		Engine  string      `json:"engine"`
		Line    string      `json:"line"`
		What    string      `json:"what"`
		On      engines.Day `json:"on"`
		Days    int         `json:"days"`
		Note    *string     `json:"note"`
		Sources []string    `json:"sources"`
	}
	enginesLicenceJSON struct {
		ID          string   `json:"id"`
		Name        string   `json:"name"`
		OSIApproved bool     `json:"osi_approved"`
		Run         string   `json:"run"`
		Ship        string   `json:"ship"`
		Sell        string   `json:"sell_as_a_service"`
		Sources     []string `json:"sources"`
	}
	enginesServiceJSON struct {
		ID       string   `json:"id"`
		Name     string   `json:"name"`
		Engine   string   `json:"engine"`
		Versions []string `json:"versions"`
		Seen     string   `json:"seen"`
		Note     *string  `json:"note"`
		Sources  []string `json:"sources"`
	}
	enginesSourceJSON struct {
		URL        string      `json:"url"`
		Title      string      `json:"title"`
		Date       engines.Day `json:"date"`
		Dated      string      `json:"dated"`
		Confidence string      `json:"confidence"`
	}
)

// WriteEnginesJSON writes a comparison as one JSON object.
func WriteEnginesJSON(w io.Writer, c *engines.Comparison) error {
	out := enginesJSON{
		FormatVersion: form.Version, Kind: "compare", AsOf: c.AsOf, Notice: notLegalAdvice,
		Engines: []enginesEngineJSON{}, Ending: []enginesEndingJSON{}, Licences: []enginesLicenceJSON{}, Services: []enginesServiceJSON{},
		Sources: sourcesJSON(c.Sources),
	}
	for _, column := range c.Columns {
		e := enginesEngineJSON{ID: column.Engine, Name: column.Name, Line: text(column.Line), Version: text(column.Version), Cells: []enginesCellJSON{}, Lines: []enginesLineJSON{}}
		if column.Release != nil {
			e.LatestRelease = text(column.Release.Latest.Version)
		}
		for _, cell := range column.Cells {
			words := text(cellText(c, cell))
			if cell.Text == engines.Nothing {
				words = nil
			}
			e.Cells = append(e.Cells, enginesCellJSON{cell.Area, words, cell.Known, text(cell.Since), text(cell.Derived), orEmpty(cell.Licences), orEmpty(cell.Sources)})
		}
		for _, line := range column.Lines {
			l := enginesLineJSON{line.Line, orEmpty(line.Licences), text(line.MaintenanceUntil.String()), text(line.SecurityUntil.String()), []enginesReleaseJSON{}}
			for _, r := range line.Releases {
				l.Releases = append(l.Releases, enginesReleaseJSON{r.Version, r.Date, r.Pre, orEmpty(r.Licences), text(r.Note), orEmpty(r.Sources)})
			}
			e.Lines = append(e.Lines, l)
		}
		out.Engines = append(out.Engines, e)
	}
	for _, e := range c.Endings {
		out.Ending = append(out.Ending, enginesEndingJSON{e.Engine, e.Line, e.What, e.On, e.Days, text(e.Note), orEmpty(e.Sources)})
	}
	for _, l := range c.Licences {
		out.Licences = append(out.Licences, enginesLicenceJSON{l.ID, l.Name, *l.OSIApproved, l.Run, l.Ship, l.Sell, orEmpty(l.Sources)})
	}
	for _, s := range c.Services {
		out.Services = append(out.Services, enginesServiceJSON{s.ID, s.Name, s.Engine, orEmpty(s.Versions), s.Since, text(s.Note), orEmpty(s.Sources)})
	}
	return WriteJSON(w, out)
}

func sourcesJSON(sources map[string]engines.Source) map[string]enginesSourceJSON {
	out := map[string]enginesSourceJSON{}
	for id, s := range sources {
		out[id] = enginesSourceJSON{s.URL, s.Title, s.Date, string(s.Dated), string(s.Confidence)}
	}
	return out
}

// WriteEnginesCSV writes one row a cell.
func WriteEnginesCSV(w io.Writer, c *engines.Comparison) error {
	rows := [][]string{{"as_of", "engine", "line", "area", "text", "known", "holds_from", "derived", "licences", "source_dates", "source_urls"}}
	for _, column := range c.Columns {
		for _, cell := range column.Cells {
			var dates, urls []string
			for _, id := range cell.Sources {
				dates = append(dates, c.Sources[id].Date.String())
				urls = append(urls, c.Sources[id].URL)
			}
			rows = append(rows, []string{
				c.AsOf.String(), column.Engine, column.Line, string(cell.Area), cellText(c, cell), yesNo(cell.Known), cell.Since, cell.Derived,
				strings.Join(cell.Licences, " "), strings.Join(dates, " "), strings.Join(urls, " "),
			})
		}
	}
	return writeCSV(w, rows)
}
