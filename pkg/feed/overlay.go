package feed

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/ratecard"
)

// Choice says which figures of a comparison are to be written to a card.
type Choice struct {
	Published string   // day of the feed, YYYY-MM-DD
	Today     string   // no version begins later
	Accept    []string // patterns of keys whose price may change by more than MaxJump
	// Before is the day before which an unchanged figure must have been read to be
	// written again with the new day; "" writes all.
	Before string
}

// Taken is what an overlay has of a comparison.
type Taken struct {
	Text    string // the overlay, TOML; "" where nothing is taken
	Source  string // id of the feed's source in it
	Version string // day from which the new versions are in force
	// The findings that were taken, by status, and those that were not.
	New, Changed, Confirmed, Older, Jumps, Unwritten []Finding
}

// Overlay writes the figures of a comparison that are newer than the card's as
// an overlay: for each offer a version based on the one in force. Each figure is
// taken only if the feed is newer than the card's figure, so a feed that was
// imported before, or an old one, changes nothing.
func Overlay(set *ratecard.Set, c *Comparison, choice Choice) (*Taken, error) {
	t := &Taken{}
	newest := c.newestReads()
	chosen := map[string][]Finding{}
	for _, f := range c.Findings {
		switch {
		case f.Status == Uncarded || f.Status == Refused:
		case f.Was == "" && choice.Published <= newest[f.place()], f.Was != "" && choice.Published <= f.Read:
			t.Older = append(t.Older, f)
		case f.Jump && !Accepts(choice.Accept, f.Key):
			t.Jumps = append(t.Jumps, f)
		case f.Status == Same && choice.Before != "" && f.Read >= choice.Before:
			t.Older = append(t.Older, f)
		default:
			chosen[f.Offer] = append(chosen[f.Offer], f)
		}
	}
	w := &writer{set: set, c: c, taken: t, cards: lookup{set: set, day: c.AsOf, version: set.Versions(c.AsOf)}, choice: choice, plans: map[string]map[string]bool{}}
	if err := w.write(chosen); err != nil {
		return nil, err
	}
	return t, nil
}

// place is the offer, region and kind of a figure, for which a feed is newer or
// not as a whole.
func (f *Finding) place() string { return f.Offer + ":" + f.Region + ":" + string(f.Kind) }

// newestReads is the newest day on which a figure was read, by place.
func (c *Comparison) newestReads() map[string]string {
	newest := map[string]string{}
	for i := range c.Findings {
		f := &c.Findings[i]
		newest[f.place()] = max(newest[f.place()], f.Read)
	}
	for _, m := range c.Missing {
		f := Finding{Figure: Figure{Key: m.Key}}
		newest[f.place()] = max(newest[f.place()], m.Read)
	}
	return newest
}

// writer makes the text of an overlay.
type writer struct {
	set    *ratecard.Set
	c      *Comparison
	taken  *Taken
	cards  lookup
	choice Choice
	text   strings.Builder
	plans  map[string]map[string]bool // plans that the overlay adds, by offer
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.text, format+"\n", args...) }

// write writes the source and a version for each offer.
func (w *writer) write(chosen map[string][]Finding) error {
	offers := sortedKeys(chosen)
	if len(offers) == 0 {
		return nil
	}
	day, err := w.version(offers)
	if err != nil {
		return err
	}
	w.taken.Version, w.taken.Source = day, w.sourceID()
	var body []string
	// Those that take their plans from another offer come after it.
	slices.SortStableFunc(offers, func(a, b string) int { return w.after(a) - w.after(b) })
	for _, offer := range offers {
		w.text.Reset()
		if offer == "" { // exchange rates have no offer
			w.exchange(chosen[offer])
		} else {
			w.offer(offer, day, chosen[offer])
		}
		if w.text.Len() > 0 {
			body = append(body, w.text.String())
		}
	}
	if len(body) == 0 {
		return nil
	}
	w.text.Reset()
	w.source()
	w.taken.Text = w.text.String() + strings.Join(body, "")
	return nil
}

// after is 1 for an offer that takes its plans from another one.
func (w *writer) after(offer string) int {
	if v := w.cards.card(offer); v != nil && v.PlansFrom != "" {
		return 1
	}
	return 0
}

// version is the day of the new versions: that of the feed, or the day after the
// newest version of an offer where there is one already that is as new, of another
// region perhaps.
func (w *writer) version(offers []string) (string, error) {
	day := w.choice.Published
	for _, id := range offers {
		o := w.set.Offer(id)
		if o == nil {
			continue
		}
		if at := o.VersionAt(w.choice.Today); at >= day {
			next, err := time.Parse(time.DateOnly, at)
			if err != nil {
				return "", err
			}
			day = next.AddDate(0, 0, 1).Format(time.DateOnly)
		}
		if later := o.VersionAt("9999-12-31"); later > w.choice.Today {
			return "", fmt.Errorf("%s has a version of %s, which has been announced; a new one before it would not reach it: write it by hand", id, later)
		}
	}
	if day > w.choice.Today {
		return "", errors.New("the cards have a version of today already; give all files of one day to one import")
	}
	return day, nil
}

// sourceID names the feed's source: what it is, its day, and the beginning of its
// hash, so that two files of one day do not collide.
func (w *writer) sourceID() string {
	name := strings.ToLower(w.c.Feed.Title)
	if !strings.HasPrefix(w.c.Feed.Format, "aws-price-list") {
		name = w.c.Feed.Format
	}
	name = strings.ReplaceAll(strings.ReplaceAll(name, " of ", " "), " ", "-")
	return fmt.Sprintf("%s-%s-%s", name, w.choice.Published, w.c.Feed.SHA256[:8])
}

// source writes where the figures are from.
func (w *writer) source() {
	f := w.c.Feed
	title := f.Title + ", " + w.choice.Published
	if f.Version != "" && day(f.Version) == "" {
		title += ", version " + f.Version
	}
	if regions := w.regions(); regions != "" {
		title += ", " + regions
	}
	title += "; SHA-256 " + f.SHA256
	w.line("[source.%s]", w.taken.Source)
	w.line("url = %s", quoted(w.url()))
	w.line("title = %s", quoted(title))
	w.line("retrieved = %s", quoted(w.choice.Published))
	w.line("confidence = \"vendor\"")
}

// url is where the vendor serves the file; a price list of AWS has an address for
// each region.
func (w *writer) url() string {
	f := w.c.Feed
	if regions := w.places(); strings.HasPrefix(f.Format, "aws-price-list") && len(regions) == 1 {
		return f.URL + "current/" + regions[0] + "/index.json"
	}
	return f.URL
}

// regions names the regions of the feed's figures, as far as they are few.
func (w *writer) regions() string {
	if names := w.places(); len(names) > 3 {
		return fmt.Sprintf("%d regions", len(names))
	} else if len(names) > 0 {
		return strings.Join(names, ", ")
	}
	return ""
}

// places are the regions of the feed's figures.
func (w *writer) places() []string {
	seen := map[string]bool{}
	for i := range w.c.Feed.Figures {
		if f := &w.c.Feed.Figures[i]; f.Region != "" && f.Kind != Exchange {
			seen[f.Region] = true
		}
	}
	return sortedKeys(seen)
}

func (w *writer) exchange(findings []Finding) {
	for _, f := range findings {
		if f.Was != "" {
			w.unwritten(f, "the cards have a rate of that day, and history is not edited")
			continue
		}
		w.note(f)
		w.line("\n[fx.%s.%s]", f.ID, f.Region)
		w.line("usd_per_unit = %s", quoted(f.Price))
		w.line("source = %s", quoted(w.taken.Source))
	}
}

// note counts a finding as taken.
func (w *writer) note(f Finding) {
	switch f.Status {
	case New:
		w.taken.New = append(w.taken.New, f)
	case Changed:
		w.taken.Changed = append(w.taken.Changed, f)
	default:
		w.taken.Confirmed = append(w.taken.Confirmed, f)
	}
}

func (w *writer) unwritten(f Finding, why string) {
	f.Why = why
	w.taken.Unwritten = append(w.taken.Unwritten, f)
}

// offer writes the new version of one offer.
func (w *writer) offer(id, day string, findings []Finding) {
	v := w.cards.card(id)
	at := fmt.Sprintf("offer.%s.version.%s", id, day)
	var own, grid, terms []Finding
	for _, f := range findings {
		switch why := w.cannot(v, &f); {
		case why != "":
			w.unwritten(f, why)
		case f.Kind == Commitment:
			terms = append(terms, f)
		case w.single(v, &f):
			own = append(own, f)
		default:
			grid = append(grid, f)
		}
	}
	if len(own)+len(grid)+len(terms) == 0 {
		return
	}
	w.line("\n[%s]", at)
	w.line("based_on = %s", quoted(v.From))
	w.line("note = %s", quoted(w.words(findings)))
	w.newPlans(at, v, grid)
	for _, f := range own {
		w.note(f)
		w.line("\n[%s.%s.%s]", at, f.Kind, key(f.ID))
		w.line("%s = %s", strings.ToLower(f.Currency), quoted(f.Price))
		w.line("source = %s", quoted(w.taken.Source))
	}
	w.grids(at, grid)
	w.terms(at, v, terms)
}

// words is the note of a version.
func (w *writer) words(findings []Finding) string {
	var same, changed, added int
	for i := range findings {
		switch findings[i].Status {
		case Changed:
			changed++
		case New:
			added++
		default:
			same++
		}
	}
	return fmt.Sprintf("imported from %s of %s: %d prices as before, %d changed, %d new; all others as before",
		w.c.Feed.Title, w.choice.Published, same, changed, added)
}

// single says whether the card has the price on the plan or charge itself, not in
// a grid by region.
func (w *writer) single(v *ratecard.Version, f *Finding) bool {
	if p := v.Plan(f.ID); f.Kind == Plan && p != nil {
		return p.Rate != nil
	}
	return f.Kind == Charge && slices.ContainsFunc(v.Charges, func(c ratecard.Charge) bool { return c.ID == f.ID && c.Rate != nil })
}

// cannot says why a figure cannot be written by a version that is based on v.
func (w *writer) cannot(v *ratecard.Version, f *Finding) string {
	p := v.Plan(f.ID)
	switch {
	case f.Kind == Plan && p != nil && p.Unknown != "":
		return "the card says that the price is unknown, which a version cannot take back; write one in full"
	case f.Kind == Plan && p != nil && p.Rate == nil && f.Region == "":
		return "the feed has one price, the card prices by region"
	case f.Kind != Commitment && w.single(v, f) && f.Region != "":
		return "the feed prices by region, the card has one price"
	}
	if com := v.Commitment(ratecard.Term(f.Term), ratecard.Upfront(f.Upfront)); f.Kind == Commitment && com != nil && !com.Covers(f.ID) {
		return "the card says that the term is not sold for this plan"
	}
	return ""
}

// newPlans describes the sizes that the card does not have. What is not in the
// feed stays unknown: without a memory that the card vouches for, a size is not
// chosen, and only --plan prices it.
func (w *writer) newPlans(at string, v *ratecard.Version, findings []Finding) {
	for _, f := range findings {
		if f.Kind != Plan || v.Plan(f.ID) != nil || w.plans[f.Offer][f.ID] {
			continue
		}
		if w.plans[f.Offer] == nil {
			w.plans[f.Offer] = map[string]bool{}
		}
		w.plans[f.Offer][f.ID] = true
		if from := w.cards.card(v.PlansFrom); from != nil && (from.Plan(f.ID) != nil || w.plans[v.PlansFrom][f.ID]) {
			continue // taken over with the other offer's plans
		}
		why := "new in the vendor's price list: what memory of it is usable is not on the card, so it is not sized"
		if f.Memory != "" && f.Memory != "NA" {
			why += "; the list says " + f.Memory
		}
		w.line("\n[%s.plan.%s]", at, key(f.ID))
		if _, err := decimal(f.VCPU, 0); err == nil {
			w.line("vcpu = %s", quoted(f.VCPU))
		}
		w.line("not_chosen = %s", quoted(why))
		w.line("source = %s", quoted(w.taken.Source))
	}
}

// grids writes the prices by region. Regions with the same ids share a grid, so
// that no cell is empty: an empty one would take a price away.
func (w *writer) grids(at string, findings []Finding) {
	type sort3 struct{ kind, currency, per string }
	kinds := map[sort3][]Finding{}
	for _, f := range findings {
		k := sort3{string(f.Kind), f.Currency, f.Per}
		if f.Kind == Charge {
			k.per = ""
		}
		kinds[k] = append(kinds[k], f)
		w.note(f)
	}
	order := make([]sort3, 0, len(kinds))
	for k := range kinds {
		order = append(order, k)
	}
	sort.Slice(order, func(i, j int) bool { return fmt.Sprint(order[i]) < fmt.Sprint(order[j]) })
	n := 0
	for _, k := range order {
		for _, grid := range tables(kinds[k]) {
			n++
			w.line("\n[%s.price.feed-%d]", at, n)
			w.line("source = %s", quoted(w.taken.Source))
			if k.per != "" && k.per != "hour" {
				w.line("per = %s", quoted(k.per))
			}
			w.line("%s = \"\"\"\n%s\"\"\"", strings.ToLower(k.currency), grid)
		}
	}
}

// tables lays prices out as grids, one for each set of regions that have the same
// ids.
func tables(findings []Finding) []string {
	price := map[[2]string]string{}
	ids := map[string]map[string]bool{}
	for _, f := range findings {
		price[[2]string{f.ID, f.Region}] = f.Price
		if ids[f.Region] == nil {
			ids[f.Region] = map[string]bool{}
		}
		ids[f.Region][f.ID] = true
	}
	regions := map[string][]string{}
	for _, region := range sortedKeys(ids) {
		set := strings.Join(sortedKeys(ids[region]), " ")
		regions[set] = append(regions[set], region)
	}
	var all []string
	for _, set := range sortedKeys(regions) {
		all = append(all, table(strings.Fields(set), regions[set], price))
	}
	return all
}

// or is s, or what stands in for an empty one.
func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// table is a grid with the longer of its sides going down; a point is where it
// says nothing.
func table(ids, regions []string, price map[[2]string]string) string {
	down, across, head := ids, regions, "id"
	cell := func(d, a string) string { return or(price[[2]string{d, a}], ".") }
	if len(regions) > len(ids) {
		down, across, head = regions, ids, "region"
		cell = func(d, a string) string { return or(price[[2]string{a, d}], ".") }
	}
	rows := [][]string{append([]string{head}, across...)}
	for _, d := range down {
		row := []string{d}
		for _, a := range across {
			row = append(row, cell(d, a))
		}
		rows = append(rows, row)
	}
	width := make([]int, len(across)+1)
	for _, row := range rows {
		for i, text := range row {
			width[i] = max(width[i], len(text))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		line := ""
		for i, text := range row {
			line += fmt.Sprintf("%-*s  ", width[i], text)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// terms writes the prices of commitments.
func (w *writer) terms(at string, v *ratecard.Version, findings []Finding) {
	byTerm := map[[2]string][]Finding{}
	for _, f := range findings {
		k := [2]string{f.Term, f.Upfront}
		byTerm[k] = append(byTerm[k], f)
	}
	for _, term := range []string{"1y", "3y"} {
		for _, upfront := range []string{"none", "partial", "all"} {
			list := byTerm[[2]string{term, upfront}]
			if len(list) == 0 {
				continue
			}
			com := v.Commitment(ratecard.Term(term), ratecard.Upfront(upfront))
			id := term + "-" + upfront
			if com != nil {
				id = com.ID
			}
			w.line("\n[%s.commitment.%s]", at, key(id))
			if com == nil {
				w.line("term = %s\nupfront = %s", quoted(term), quoted(upfront))
			}
			w.line("source = %s", quoted(w.taken.Source))
			w.termGrids(list)
		}
	}
}

// termGrids writes what recurs and what is due at the start, a grid each.
func (w *writer) termGrids(findings []Finding) {
	for _, part := range []struct {
		start bool
		name  string
	}{{false, "usd_per_hour"}, {true, "usd_upfront"}} {
		price := map[[2]string]string{}
		ids, regions := map[string]bool{}, map[string]bool{}
		for _, f := range findings {
			if f.AtStart == part.start {
				w.note(f)
				price[[2]string{f.ID, f.Region}] = f.Price
				ids[f.ID], regions[f.Region] = true, true
			}
		}
		if len(price) > 0 {
			w.line("%s = \"\"\"\n%s\"\"\"", part.name, table(sortedKeys(ids), sortedKeys(regions), price))
		}
	}
}

// key is an id as a TOML key.
func key(id string) string {
	if strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == "" {
		return id
	}
	return quoted(id)
}

// quoted is a text as a TOML basic string.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ", "\t", " ").Replace(s) + `"`
}
