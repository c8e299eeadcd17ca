package report

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/apps"
	"github.com/keynest/keynest/pkg/page"
)

// AppsList is the list of applications that there are profiles of. Where
// reports are given, by application, it lays applications against offers and
// says what each application needs.
func AppsList(b *apps.Book, matrix map[string]*FitReport) *page.Document {
	d := &page.Document{Title: "Applications"}
	t := page.NewTable(page.Column{Head: "Ask with"}, page.Column{Head: "Application", Wrap: true}, page.Column{Head: "Counts by", Wrap: true})
	for _, id := range b.IDs() {
		a := b.Apps[id]
		t.Add(id, a.Name+", "+a.About, countsBy(b, a))
	}
	d.Add(page.Block{Table: t})
	if matrix != nil {
		appsMatrix(d, b, matrix)
		appsNeeds(d, b)
	}
	d.Say(fmt.Sprintf("%d applications. keynest fit --app NAME says where one runs, and why; keynest estimate --app NAME prices what it sends.", len(b.Apps)))
	return d
}

// matrixSign is a verdict in a cell; in brackets the one of cluster mode, where
// it differs.
func matrixSign(f *apps.Fit) string {
	sign := func(v apps.Verdict) string {
		switch v {
		case apps.Runs:
			return "yes"
		case apps.RunsWith:
			return "set"
		case apps.DoesNotRun:
			return "no"
		}
		return "?"
	}
	if f.Slots != nil && f.Slots.Verdict != f.Plain.Verdict {
		return sign(f.Plain.Verdict) + " (" + sign(f.Slots.Verdict) + ")"
	}
	return sign(f.Plain.Verdict)
}

// matrixWidth is how many offers one table holds.
const matrixWidth = 9

// appsMatrix lays applications against offers, some offers a table.
func appsMatrix(d *page.Document, b *apps.Book, matrix map[string]*FitReport) {
	offers := matrix[b.IDs()[0]].Offers
	d.Say("yes: it runs. set: it runs with a setting. no: it does not run. ?: not known. Where cluster mode is a choice and changes the answer, the answer with it on stands in brackets.")
	for from := 0; from < len(offers); from += matrixWidth {
		to := min(from+matrixWidth, len(offers))
		columns := []page.Column{{Head: "Application"}}
		for _, f := range offers[from:to] {
			columns = append(columns, page.Column{Head: f.Offer.ID, Wrap: true})
		}
		t := page.NewTable(columns...)
		for _, id := range b.IDs() {
			row := []string{id}
			for _, f := range matrix[id].Offers[from:to] {
				row = append(row, matrixSign(f))
			}
			t.Add(row...)
		}
		block := page.Block{Table: t}
		if from == 0 {
			block.Heading = "Applications and offers"
		}
		d.Add(block)
	}
}

// appsNeeds says of each application what it needs, and what it is counted by.
func appsNeeds(d *page.Document, b *apps.Book) {
	for _, id := range b.IDs() {
		a := b.Apps[id]
		block := page.Block{Heading: a.Name}
		for _, key := range []struct{ fact, words string }{
			{"needs.cluster", "Hash slots"}, {"needs.select", "Numbered databases"}, {"needs.lua", "Lua"}, {"needs.multi", "MULTI"},
			{"needs.blocking", "Blocking commands"}, {"needs.pubsub", "Pub/sub"}, {"needs.keyspace", "Keyspace notifications"},
			{"needs.modules", "Modules"}, {"needs.eviction", "Eviction"}, {"idle.client_per_min", "Idle, commands a minute"},
			{"job.client_busy", "A unit of work, commands"}, {"unit.client", "A unit of work, commands"},
		} {
			if f, ok := a.Facts[key.fact]; ok {
				s := b.Sources[f.Source]
				block.Notes = append(block.Notes, fmt.Sprintf("%s: %s (%s, %s)", key.words, f.Words, s.Confidence.Words(), s.Date))
			}
		}
		for _, u := range b.Takes(a) {
			block.Notes = append(block.Notes, takesText(u))
		}
		d.Add(block)
	}
}

// countsBy lists the inputs that an application is counted by.
func countsBy(b *apps.Book, a *apps.App) string {
	var flags []string
	for _, u := range b.Takes(a) {
		if !u.Setting {
			flags = append(flags, apps.InputName(u.Name).Flag())
		}
	}
	if len(flags) == 0 {
		return "not counted"
	}
	return strings.Join(flags, " ")
}
