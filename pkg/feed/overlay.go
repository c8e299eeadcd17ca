package feed

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/safetext"
	"github.com/keynest/keynest/pkg/tomlfile"
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
		case f.Was == "" && !ratecard.Older(newest[f.place()], choice.Published), f.Was != "" && !ratecard.Older(f.Read, choice.Published):
			t.Older = append(t.Older, f)
		case f.Jump && !Accepts(choice.Accept, f.Key):
			t.Jumps = append(t.Jumps, f)
		case f.Status == Same && choice.Before != "" && !ratecard.Older(f.Read, choice.Before):
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
		if ratecard.Older(newest[f.place()], f.Read) {
			newest[f.place()] = f.Read
		}
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
	offers := slices.Sorted(maps.Keys(chosen))
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
			return "", fmt.Errorf("%s has an announced version of %s, which a new version before it would not change; write both by hand", id, later)
		}
	}
	if day > w.choice.Today {
		return "", errors.New("the cards already have a version of today; import all files of one day together")
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
	w.line("url = %s", tomlfile.Quote(w.url()))
	w.line("title = %s", tomlfile.Quote(safetext.Line(title)))
	w.line("retrieved = %s", tomlfile.Quote(w.choice.Published))
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
	return slices.Sorted(maps.Keys(seen))
}

func (w *writer) exchange(findings []Finding) {
	for _, f := range findings {
		if f.Was != "" {
			w.unwritten(f, "the cards already have a rate of that day")
			continue
		}
		w.note(f)
		w.line("\n[fx.%s.%s]", f.ID, f.Region)
		w.line("usd_per_unit = %s", tomlfile.Quote(f.Price))
		w.line("source = %s", tomlfile.Quote(w.taken.Source))
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
	w.line("based_on = %s", tomlfile.Quote(v.From))
	w.line("note = %s", tomlfile.Quote(safetext.Line(w.words(findings))))
	w.newPlans(at, v, grid)
	for _, f := range own {
		w.note(f)
		w.line("\n[%s.%s.%s]", at, f.Kind, tomlfile.Key(f.ID))
		w.line("%s = %s", strings.ToLower(f.Currency), tomlfile.Quote(f.Price))
		w.line("source = %s", tomlfile.Quote(w.taken.Source))
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
		return "the card has the price as unknown, and a version based on it cannot change that; write a full version"
	case f.Kind == Plan && p != nil && p.Rate == nil && f.Region == "":
		return "the feed has one price, but the card prices by region"
	case f.Kind != Commitment && w.single(v, f) && f.Region != "":
		return "the feed prices by region, but the card has one price"
	}
	if com := v.Commitment(ratecard.Term(f.Term), ratecard.Upfront(f.Upfront)); f.Kind == Commitment && com != nil && !com.Covers(f.ID) {
		return "the card has the term as not sold for this plan"
	}
	return ""
}
