package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/feed"
	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
)

// FeedJSON is the report of keynest rates import and of keynest rates check
// --against; docs/rates-feed.schema.json describes it.
type FeedJSON struct {
	FormatVersion string         `json:"format_version"`
	Kind          string         `json:"kind"` // "rates-import" or "rates-against"
	AsOf          string         `json:"as_of"`
	Feed          FeedAboutJSON  `json:"feed"`
	Version       *string        `json:"version"` // day from which the overlay's versions are in force
	Counts        FeedCountsJSON `json:"counts"`
	Figures       []FeedFigure   `json:"figures"`
	Missing       []FeedMissing  `json:"missing"`
	Skipped       []FeedSkipped  `json:"skipped"`
	Refused       []FeedRefusal  `json:"refused"`
	Unrecognised  []string       `json:"unrecognised"`
	More          int            `json:"unrecognised_more"`
}

// FeedAboutJSON says what was read.
type FeedAboutJSON struct {
	Format    string  `json:"format"`
	Title     string  `json:"title"`
	URL       string  `json:"url"`
	Version   *string `json:"version"`
	Published string  `json:"published"`
	SHA256    string  `json:"sha256"`
	Rows      int     `json:"rows"`
}

// FeedCountsJSON counts the figures of the feed.
type FeedCountsJSON struct {
	Same     int `json:"same"`
	Changed  int `json:"changed"`
	New      int `json:"new"`
	Refused  int `json:"refused"`
	Uncarded int `json:"uncarded"`
	Missing  int `json:"missing"`
}

// FeedFigure is a figure of the feed beside the card's.
type FeedFigure struct {
	Key      string  `json:"key"`
	Status   string  `json:"status"`
	Price    string  `json:"price"`
	Currency string  `json:"currency"`
	Per      string  `json:"per"`
	Card     *string `json:"card_price"`
	CardRead *string `json:"card_retrieved"`
	Row      string  `json:"row"`
	Taken    *bool   `json:"taken"` // null where nothing is imported
	Why      *string `json:"why"`
}

// FeedMissing is a figure of a card that the feed does not have.
type FeedMissing struct {
	Key      string  `json:"key"`
	Card     string  `json:"card_price"`
	CardRead *string `json:"card_retrieved"`
}

// FeedSkipped is a reason for which rows were not read.
type FeedSkipped struct {
	Reason string `json:"reason"`
	Rows   int    `json:"rows"`
}

// FeedRefusal is a row or key of the feed that was not taken.
type FeedRefusal struct {
	Key string `json:"key"`
	Why string `json:"why"`
}

// NewFeedJSON reports a comparison; taken is nil where nothing is imported.
// published is the day of the feed.
func NewFeedJSON(c *feed.Comparison, taken *feed.Taken, published string) *FeedJSON {
	f := c.Feed
	r := &FeedJSON{
		FormatVersion: form.Version, Kind: "rates-against", AsOf: c.AsOf,
		Feed:    FeedAboutJSON{f.Format, f.Title, f.URL, text(f.Version), published, f.SHA256, f.Rows},
		Counts:  FeedCountsJSON{c.Count(feed.Same), c.Count(feed.Changed), c.Count(feed.New), c.Count(feed.Refused) + len(f.Refused), c.Count(feed.Uncarded), len(c.Missing)},
		Figures: []FeedFigure{}, Missing: []FeedMissing{}, Skipped: []FeedSkipped{}, Refused: []FeedRefusal{},
		Unrecognised: append([]string{}, f.Unknown...), More: f.Unlisted,
	}
	fate := map[feed.Key]string{}
	if taken != nil {
		r.Kind, r.Version = "rates-import", text(taken.Version)
		fate = fates(taken)
	}
	for i := range c.Findings {
		g := &c.Findings[i]
		row := FeedFigure{
			Key: g.Key.String(), Status: string(g.Status), Price: g.Price, Currency: g.Currency, Per: g.Per,
			Card: text(g.Was), CardRead: text(g.Read), Row: g.Row, Why: text(g.Why),
		}
		if taken != nil {
			why, is := fate[g.Key]
			got := is && why == ""
			row.Taken = &got
			if why != "" {
				row.Why = text(why)
			}
		}
		r.Figures = append(r.Figures, row)
	}
	for _, m := range c.Missing {
		r.Missing = append(r.Missing, FeedMissing{m.Key.String(), m.Was, text(m.Read)})
	}
	for _, reason := range sortedReasons(f.Skipped) {
		r.Skipped = append(r.Skipped, FeedSkipped{reason, f.Skipped[reason]})
	}
	for _, x := range f.Refused {
		r.Refused = append(r.Refused, FeedRefusal{x.Key, x.Why})
	}
	return r
}

// fates says for each figure why it was not taken; "" for one that was.
func fates(t *feed.Taken) map[feed.Key]string {
	fate := map[feed.Key]string{}
	for _, list := range [][]feed.Finding{t.New, t.Changed, t.Confirmed} {
		for _, f := range list {
			fate[f.Key] = ""
		}
	}
	for _, f := range t.Older {
		fate[f.Key] = "the card's figure is as new, or new enough"
	}
	for _, f := range t.Jumps {
		fate[f.Key] = fmt.Sprintf("more than %d %%; see --accept", feed.MaxJump)
	}
	for _, f := range t.Unwritten {
		fate[f.Key] = f.Why
	}
	return fate
}

func sortedReasons(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// FeedReport is the comparison for people. all lists the figures that are the same
// as well.
func FeedReport(r *FeedJSON, all bool) *page.Document {
	d := &page.Document{Title: "Feed and cards"}
	version := ""
	if r.Feed.Version != nil && *r.Feed.Version != r.Feed.Published {
		version = ", version " + *r.Feed.Version
	}
	d.Say(fmt.Sprintf("%s of %s%s: %s. Cards as of %s.", upperFirst(r.Feed.Title), r.Feed.Published, version, count(int64(r.Feed.Rows), "row"), r.AsOf))
	d.Say(feedCounts(r))
	t := page.NewTable(page.Column{Head: "Figure"}, page.Column{Head: "Card", Right: true}, page.Column{Head: "Feed", Right: true},
		page.Column{Head: "Change", Right: true}, page.Column{Head: "Card read"}, page.Column{Head: "", Wrap: true})
	for i := range r.Figures {
		f := &r.Figures[i]
		if f.Status == string(feed.Uncarded) || f.Status == string(feed.Same) && !all {
			continue
		}
		t.Add(f.Key, deref(f.Card), f.Price+" "+f.Currency, change(f), deref(f.CardRead), feedWords(f))
	}
	if len(t.Groups[0].Rows) > 0 {
		d.Add(page.Block{Heading: "Figures", Table: t})
	}
	if notes := refusals(r); len(notes) > 0 {
		d.Add(page.Block{Heading: "Refused", Notes: notes})
	}
	if len(r.Missing) > 0 {
		d.Add(page.Block{
			Heading: "On the cards, not in the feed",
			Text:    []string{"Prices of the same offers and regions that the feed lacks; they keep their figures and dates."},
			Notes:   missingPlaces(r.Missing),
		})
	}
	skipped := page.NewTable(page.Column{Head: "Rows", Right: true}, page.Column{Head: "Why"})
	for _, s := range r.Skipped {
		skipped.Add(strconv.Itoa(s.Rows), s.Reason)
	}
	if len(r.Skipped) > 0 {
		d.Add(page.Block{Heading: "Skipped", Table: skipped})
	}
	if notes := unrecognised(r); len(notes) > 0 {
		d.Add(page.Block{Heading: "Not recognised", Notes: notes})
	}
	return d
}

// feedCounts sums a comparison up.
func feedCounts(r *FeedJSON) string {
	c := r.Counts
	words := fmt.Sprintf("%s equal to the cards, %d different, %d not on the cards, %d refused, %d without a card.",
		count(int64(c.Same), "price"), c.Changed, c.New, c.Refused, c.Uncarded)
	if r.Version != nil {
		words += fmt.Sprintf(" The new versions are in force from %s.", *r.Version)
	}
	return words
}

// change is the difference of a changed figure in percent, to a tenth.
func change(f *FeedFigure) string {
	if f.Card == nil || f.Status != string(feed.Changed) {
		return ""
	}
	was, err1 := money.ParseUSD(*f.Card)
	is, err2 := money.ParseUSD(f.Price)
	if err1 != nil || err2 != nil || was == 0 {
		return ""
	}
	tenths, err := (is - was).Times(1000, int64(was))
	if err != nil {
		return ""
	}
	sign := "+"
	if tenths < 0 {
		sign, tenths = "−", -tenths
	}
	return fmt.Sprintf("%s%d.%d %%", sign, tenths/10, tenths%10)
}

// feedWords is what there is to say about a figure.
func feedWords(f *FeedFigure) string {
	switch {
	case f.Why != nil && f.Taken != nil && !*f.Taken:
		return "not taken: " + *f.Why
	case f.Why != nil:
		return *f.Why
	case f.Status == string(feed.New):
		return "not on the card"
	case f.Status == string(feed.Changed):
		return "differs"
	}
	return ""
}

func refusals(r *FeedJSON) []string {
	var notes []string
	for _, x := range r.Refused {
		notes = append(notes, x.Key+": "+x.Why)
	}
	return notes
}

// maxNamed bounds the rows that a report for people lists by name.
const maxNamed = 20

// missingPlaces lists the figures that the feed lacks, or counts them by offer and
// region where there are many.
func missingPlaces(list []FeedMissing) []string {
	var notes []string
	for i := 0; i < len(list); {
		at, n := list[i].place(), i
		var ids []string
		for ; n < len(list) && list[n].place() == at; n++ {
			ids = append(ids, list[n].id())
		}
		if words := count(int64(len(ids)), "price"); len(ids) > 3 {
			notes = append(notes, at+": "+words)
		} else {
			notes = append(notes, at+": "+strings.Join(ids, ", "))
		}
		i = n
	}
	return notes
}

// place is the offer and the region of a key, id what is between them.
func (m *FeedMissing) place() string {
	parts := strings.Split(m.Key, ":")
	if len(parts) < 3 {
		return parts[0]
	}
	return parts[0] + ":" + parts[2]
}

func (m *FeedMissing) id() string { return strings.Split(m.Key, ":")[1] }

func unrecognised(r *FeedJSON) []string {
	rows := r.Unrecognised
	if n := len(rows) + r.More - maxNamed; n > 0 {
		return append(append([]string{}, rows[:min(maxNamed, len(rows))]...), fmt.Sprintf("and %d more, which --output json lists", n))
	}
	return rows
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// WriteFeedCSV writes the figures of a comparison, a line each.
func WriteFeedCSV(w io.Writer, r *FeedJSON) error {
	c := csv.NewWriter(w)
	_ = c.Write([]string{"key", "status", "price", "currency", "per", "card_price", "card_retrieved", "row", "taken", "why"})
	for i := range r.Figures {
		f := &r.Figures[i]
		taken := ""
		if f.Taken != nil {
			taken = strconv.FormatBool(*f.Taken)
		}
		_ = c.Write([]string{f.Key, f.Status, f.Price, f.Currency, f.Per, deref(f.Card), deref(f.CardRead), f.Row, taken, deref(f.Why)})
	}
	c.Flush()
	return c.Error()
}
