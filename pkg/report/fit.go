package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/apps"
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/page"
)

// FitReport is what keynest fit found.
type FitReport struct {
	AsOf         string
	Apps         []*apps.App
	Takes        map[string][]apps.Used // inputs and settings, by application
	Commands     *apps.Observed         // nil where no counted commands were given
	CommandsFile string
	Offers       []*apps.Fit
	Cluster      bool // cluster mode on, where it is a choice
	Explain      bool
	Book         *apps.Book
}

// what names what is judged: "BullMQ and Sidekiq", or the file of commands.
func (r *FitReport) what() string {
	var names []string
	for _, a := range r.Apps {
		names = append(names, a.Name)
	}
	if r.Commands != nil {
		names = append(names, "the commands of "+r.CommandsFile)
	}
	return listed(names)
}

func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// sorted are the offers, those where it runs first, then in order of id.
func (r *FitReport) sorted() []*apps.Fit {
	order := []apps.Verdict{apps.Runs, apps.RunsWith, apps.Unknown, apps.DoesNotRun}
	all := slices.Clone(r.Offers)
	slices.SortStableFunc(all, func(a, b *apps.Fit) int {
		return slices.Index(order, a.In(r.Cluster).Verdict) - slices.Index(order, b.In(r.Cluster).Verdict)
	})
	return all
}

// fewOffers is for how many offers the reasons are printed in full without --explain.
const fewOffers = 8

// FitDocument lays the answer out for people.
func FitDocument(r *FitReport) *page.Document {
	d := &page.Document{Title: "Where " + r.what() + " runs"}
	t := page.NewTable(page.Column{Head: "Offer"}, page.Column{Head: "Verdict"}, proseColumn("Reason, or what to set", r.Explain || len(r.Offers) <= fewOffers))
	t.Groups, t.Sorts = nil, true
	counts := map[apps.Verdict]int{}
	for _, f := range r.sorted() {
		m := f.In(r.Cluster)
		if counts[m.Verdict]++; counts[m.Verdict] == 1 {
			t.Groups = append(t.Groups, page.Group{Title: strings.ToUpper(m.Verdict.Words())})
		}
		t.Add(f.Offer.ID, m.Verdict.Words(), fitClause(f, r.Cluster))
	}
	mode := "off"
	if r.Cluster {
		mode = "on"
	}
	d.Add(page.Block{Table: t})
	if r.Explain {
		r.explain(d)
	}
	if seen := r.Commands; seen != nil {
		text := fmt.Sprintf("%s has %d commands of applications and %d of administration. Counts cover the time since the server's start, on that server alone; they name commands, not their options or keys.",
			r.CommandsFile, len(seen.Work), len(seen.Admin))
		if len(seen.Unclassified) > 0 {
			text += " No table knows " + strings.Join(seen.Unclassified, ", ") + "."
		}
		d.Say(text)
	}
	d.Answers = r.answers(counts, mode)
	return d
}

// answers are on how many offers it runs, and how to see why.
func (r *FitReport) answers(counts map[apps.Verdict]int, mode string) []page.Answer {
	list := []page.Answer{
		{Label: "Runs", Figure: count(int64(counts[apps.Runs]+counts[apps.RunsWith]), "offer"),
			Text: fmt.Sprintf("%s as it is on %d, with a setting on %d", r.what(), counts[apps.Runs], counts[apps.RunsWith])},
		{Label: "Does not run", Figure: count(int64(counts[apps.DoesNotRun]), "offer"), Text: fmt.Sprintf("not known on %d more", counts[apps.Unknown])},
		{Label: "Cluster mode", Figure: mode, Text: "where it is a choice; --cluster-mode changes that", Minor: true},
	}
	if !r.Explain {
		list = append(list, page.Answer{Label: "Reasons", Text: "--explain prints them in full with their sources", Minor: true})
	}
	return list
}

// fitClause is why, and what to set, in as few words as it takes.
func fitClause(f *apps.Fit, cluster bool) string {
	m := f.In(cluster)
	var parts []string
	switch m.Verdict {
	case apps.RunsWith:
		parts = m.Settings()
	case apps.DoesNotRun, apps.Unknown:
		parts = m.Reasons()
	case apps.Runs:
	}
	if f.Slots != nil && f.Plain.Verdict != f.Slots.Verdict {
		other, words := f.Slots, "in cluster mode: "
		if cluster {
			other, words = &f.Plain, "with cluster mode off: "
		}
		parts = append(parts, words+other.Verdict.Words())
	}
	return strings.Join(parts, "; ")
}

// explain adds the points with their sources, and the facts of the applications.
func (r *FitReport) explain(d *page.Document) {
	refs := &refList{}
	b := page.Block{Heading: "Why"}
	for _, f := range r.sorted() {
		modes := []struct {
			name string
			mode *apps.Mode
		}{{"", &f.Plain}}
		if f.Slots != nil {
			modes[0].name = ", cluster mode off"
			modes = append(modes, struct {
				name string
				mode *apps.Mode
			}{", cluster mode on", f.Slots})
		}
		for _, m := range modes {
			var parts []string
			for _, p := range m.mode.Points {
				parts = append(parts, pointText(p, refs))
			}
			if len(parts) == 0 {
				parts = []string{"nothing on its card is in the way"}
			}
			b.Notes = append(b.Notes, fmt.Sprintf("%s%s: %s. %s", f.Offer.ID, m.name, m.mode.Verdict.Words(), strings.Join(parts, "; ")))
		}
	}
	d.Add(b)
	for _, a := range r.Apps {
		facts := page.Block{Heading: a.Name + " " + a.Version + ": " + a.About}
		for _, u := range r.Takes[a.ID] {
			facts.Notes = append(facts.Notes, takesText(u))
		}
		keys := make([]string, 0, len(a.Facts))
		for key := range a.Facts {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			fact := a.Facts[key]
			s := r.Book.Sources[fact.Source]
			version := ""
			if fact.Version != "" {
				version = " (" + fact.Version + ")"
			}
			facts.Notes = append(facts.Notes, fmt.Sprintf("%s%s: %s %s", key, version, fact.Words,
				refs.number(apps.Ref{Title: s.Title, URL: s.URL, Date: s.Date, Confidence: s.Confidence.Words()})))
		}
		d.Add(facts)
	}
	d.Add(page.Block{Heading: "Sources", Notes: refs.notes()})
}

func pointText(p apps.Point, refs *refList) string {
	text := p.Reason
	if p.Setting != "" {
		text += " → " + p.Setting
	}
	if text == "" {
		text = "reported"
	}
	for _, ref := range p.Refs {
		text += " " + refs.number(ref)
	}
	return text
}

// takesText describes an input or setting of an application.
func takesText(u apps.Used) string {
	name := apps.InputName(u.Name).Flag()
	if u.Setting {
		name = "--app-set " + u.Name
	}
	if u.Value == "" {
		return fmt.Sprintf("%s: %s; it must be given", name, u.Words)
	}
	return fmt.Sprintf("%s: %s (default %s)", name, u.Words, u.Value)
}

// refList numbers sources in the order in which they are first named.
type refList struct{ list []apps.Ref }

func (l *refList) number(r apps.Ref) string {
	i := slices.Index(l.list, r)
	if i < 0 {
		i = len(l.list)
		l.list = append(l.list, r)
	}
	return fmt.Sprintf("(%d)", i+1)
}

func (l *refList) notes() []string {
	var notes []string
	for i, r := range l.list {
		note := fmt.Sprintf("(%d) %s", i+1, r.Title)
		if r.Confidence != "" {
			note += "; " + r.Confidence
		}
		if r.Date != "" {
			note += ", " + r.Date
		}
		if r.URL != "" {
			note += ": " + r.URL
		}
		notes = append(notes, note)
	}
	return notes
}

// The JSON report of keynest fit; its keys are a contract and are only added
// to. docs/fit.schema.json describes it.
type (
	// FitJSON is the report.
	FitJSON struct {
		FormatVersion string           `json:"format_version"`
		Kind          string           `json:"kind"`
		AsOf          string           `json:"as_of"`
		ClusterMode   bool             `json:"cluster_mode"`
		Apps          []FitAppJSON     `json:"apps"`
		Commands      *FitCommandsJSON `json:"commands"`
		Offers        []FitOfferJSON   `json:"offers"`
	}
	// FitAppJSON is an application that was asked about.
	FitAppJSON struct {
		ID      string       `json:"id"`
		Name    string       `json:"name"`
		Version string       `json:"version"`
		Inputs  []FitUseJSON `json:"inputs"`
	}
	// FitUseJSON is an input or setting of an application.
	FitUseJSON struct {
		Name    string  `json:"name"`
		Setting bool    `json:"setting"`
		Default *string `json:"default"`
		Words   string  `json:"words"`
	}
	// FitCommandsJSON are the commands of a file.
	FitCommandsJSON struct {
		File         string   `json:"file"`
		Applications []string `json:"applications"`
		Admin        []string `json:"administration"`
		Unclassified []string `json:"unclassified"`
	}
	// FitOfferJSON is the answer for an offer.
	FitOfferJSON struct {
		ID              string          `json:"id"`
		Provider        string          `json:"provider"`
		Name            string          `json:"name"`
		Verdict         apps.Verdict    `json:"verdict"`
		VerdictCluster  *apps.Verdict   `json:"verdict_cluster"`
		Reasons         []string        `json:"reasons"`
		Settings        []string        `json:"settings"`
		ReasonsCluster  []string        `json:"reasons_cluster"`
		SettingsCluster []string        `json:"settings_cluster"`
		Sources         []FitSourceJSON `json:"sources"`
	}
	// FitSourceJSON is where a fact was read; url is null for what was measured.
	FitSourceJSON struct {
		Title      string  `json:"title"`
		URL        *string `json:"url"`
		Date       *string `json:"date"`
		Confidence string  `json:"confidence"`
	}
)

// NewFitJSON is the report as a program reads it.
func NewFitJSON(r *FitReport) *FitJSON {
	out := &FitJSON{FormatVersion: form.Version, Kind: "fit", AsOf: r.AsOf, ClusterMode: r.Cluster, Apps: []FitAppJSON{}, Offers: []FitOfferJSON{}}
	for _, a := range r.Apps {
		one := FitAppJSON{ID: a.ID, Name: a.Name, Version: a.Version, Inputs: []FitUseJSON{}}
		for _, u := range r.Takes[a.ID] {
			one.Inputs = append(one.Inputs, FitUseJSON{u.Name, u.Setting, text(u.Value), u.Words})
		}
		out.Apps = append(out.Apps, one)
	}
	if c := r.Commands; c != nil {
		out.Commands = &FitCommandsJSON{r.CommandsFile, orEmpty(c.Work), orEmpty(c.Admin), orEmpty(c.Unclassified)}
	}
	for _, f := range r.Offers {
		one := FitOfferJSON{
			ID: f.Offer.ID, Provider: f.Offer.Provider, Name: f.Offer.Name, Verdict: f.Plain.Verdict,
			Reasons: orEmpty(f.Plain.Reasons()), Settings: orEmpty(f.Plain.Settings()),
			ReasonsCluster: []string{}, SettingsCluster: []string{}, Sources: []FitSourceJSON{},
		}
		refs := f.Plain.Refs()
		if f.Slots != nil {
			one.VerdictCluster = &f.Slots.Verdict
			one.ReasonsCluster, one.SettingsCluster = orEmpty(f.Slots.Reasons()), orEmpty(f.Slots.Settings())
			for _, ref := range f.Slots.Refs() {
				if !slices.Contains(refs, ref) {
					refs = append(refs, ref)
				}
			}
		}
		for _, ref := range refs {
			one.Sources = append(one.Sources, FitSourceJSON{ref.Title, text(ref.URL), text(ref.Date), ref.Confidence})
		}
		out.Offers = append(out.Offers, one)
	}
	return out
}

// WriteFitCSV writes one row an offer.
func WriteFitCSV(w io.Writer, r *FitReport) error {
	rows := [][]string{{"as_of", "apps", "offer", "provider", "name", "verdict", "verdict_cluster", "reasons", "settings", "source_urls"}}
	var ids []string
	for _, a := range r.Apps {
		ids = append(ids, a.ID)
	}
	for _, f := range r.Offers {
		cluster := ""
		if f.Slots != nil {
			cluster = string(f.Slots.Verdict)
		}
		var urls []string
		for _, ref := range f.Plain.Refs() {
			if ref.URL != "" {
				urls = append(urls, ref.URL)
			}
		}
		rows = append(rows, []string{
			r.AsOf, strings.Join(ids, " "), f.Offer.ID, f.Offer.Provider, f.Offer.Name, string(f.Plain.Verdict), cluster,
			strings.Join(f.Plain.Reasons(), "; "), strings.Join(f.Plain.Settings(), "; "), strings.Join(urls, " "),
		})
	}
	return csv.NewWriter(w).WriteAll(rows)
}
