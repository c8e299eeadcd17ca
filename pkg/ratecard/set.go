// Package ratecard loads rate cards: what vendors charge, as published, with
// the day and the page of every figure.
//
// A card is TOML; docs/rates.md describes it. Loading checks everything and
// names every problem with its place. A price that is not known stays unknown:
// there is no default, no nearest region and no zero.
package ratecard

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/keynest/keynest/pkg/suggest"
	"github.com/keynest/keynest/pkg/tomlfile"
)

// Schema is the version of the card format that this program reads.
const Schema = 1

// Set is a checked collection of rate cards. It does not change after loading
// and may be shared.
type Set struct {
	doc    *document
	sha256 string
	offers []*Offer // in order of id
}

// Problems is everything that is wrong with a file of cards.
type Problems struct {
	File string
	List []string
}

// Error names every problem, one to a line.
func (p *Problems) Error() string {
	if len(p.List) == 1 {
		return p.List[0]
	}
	return fmt.Sprintf("%s: %d problems\n  %s", p.File, len(p.List), strings.Join(p.List, "\n  "))
}

// File is the text of a file of cards and its name in messages.
type File struct {
	Name string
	Text string
}

// Load reads a base file of cards and adds overlays to it, in order. today
// (YYYY-MM-DD) is the latest day on which a figure can have been read. The
// error is a *Problems, or says why a file is not TOML.
func Load(today string, base File, overlays ...File) (*Set, error) {
	doc := &document{}
	if err := tomlfile.Decode(base.Name, base.Text, doc); err != nil {
		return nil, err
	}
	if err := checkTexts(base, doc); err != nil {
		return nil, err
	}
	s, err := newSet(doc, hash(base.Text), base, today, nil)
	if err != nil {
		return nil, err
	}
	return s.Overlay(today, overlays...)
}

// Overlay adds files to the set and returns a new set. An overlay adds offers,
// versions, discounts and exchange rates. It is an error if it changes an
// existing entry, adds to an unknown offer, or adds nothing.
func (s *Set) Overlay(today string, overlays ...File) (*Set, error) {
	for _, o := range overlays {
		over := &document{}
		if err := tomlfile.Decode(o.Name, o.Text, over); err != nil {
			return nil, err
		}
		if err := checkTexts(o, over); err != nil {
			return nil, err
		}
		merged, err := lay(s.doc, over, o)
		if err != nil {
			return nil, err
		}
		s, err = newSet(merged, hash(s.sha256+hash(o.Text)), o, today, s.doc.Source)
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// IsFull says whether a text is a full set of cards, which has a schema, and
// not an overlay.
func IsFull(text string) bool { return tomlfile.IndexLines(text).Of("schema") > 0 }

// hash is the SHA-256 of a text in hexadecimal. It reads the text in pieces, so
// that a large text is not copied.
func hash(text string) string {
	h := sha256.New()
	var piece [4096]byte
	for text != "" {
		n := copy(piece[:], text)
		h.Write(piece[:n])
		text = text[n:]
	}
	return hex.EncodeToString(h.Sum(nil))
}

// newSet checks a document and makes a set of it. The sources of a base were
// checked when it was loaded; they may be cited only by examples, which the
// pack leaves out.
func newSet(doc *document, sum string, file File, today string, base map[string]*rawSource) (*Set, error) {
	s := indexed(doc, sum)
	c := &checker{set: s, file: file, lines: sync.OnceValue(func() tomlfile.Lines { return tomlfile.IndexLines(file.Text) }), today: today, used: map[string]bool{}}
	for id := range base {
		c.used[id] = true
	}
	c.document()
	if len(c.problems) == 0 {
		return s, nil
	}
	wrong := &Problems{File: file.Name}
	for _, p := range c.problems {
		wrong.List = append(wrong.List, p.text)
	}
	return nil, wrong
}

// indexed lists the offers of a document, without checking them.
func indexed(doc *document, sum string) *Set {
	s := &Set{doc: doc, sha256: sum}
	for _, id := range slices.Sorted(maps.Keys(doc.Offer)) {
		raw := doc.Offer[id]
		o := &Offer{
			ID: id, Name: raw.Name, Short: raw.Short, About: raw.About,
			BilledBy: BilledBy(raw.BilledBy), Engines: raw.Engines, Status: OfferStatus(raw.Status),
			Provider: Provider{ID: raw.Provider},
			dates:    slices.Sorted(maps.Keys(raw.Version)),
			traits:   raw.Trait,
		}
		if p := doc.Provider[raw.Provider]; p != nil {
			o.Provider.Name, o.Provider.Home = p.Name, p.Home
		}
		s.offers = append(s.offers, o)
	}
	return s
}

// SHA256 is the hash of the files that the set was read from, in hexadecimal.
func (s *Set) SHA256() string { return s.sha256 }

// Offers lists all offers in order of id.
func (s *Set) Offers() []*Offer { return s.offers }

// Offer finds an offer by id, or returns nil.
func (s *Set) Offer(id string) *Offer {
	for _, o := range s.offers {
		if o.ID == id {
			return o
		}
	}
	return nil
}

// NoOffer is the error for an unknown offer id. It lists the offers whose id
// contains the text.
func (s *Set) NoOffer(id string) error {
	var like []string
	for _, o := range s.offers {
		if id != "" && strings.Contains(o.ID, strings.ToLower(id)) {
			like = append(like, o.ID)
		}
	}
	if like != nil {
		return fmt.Errorf("no offer %q; close to it: %s", id, strings.Join(like, ", "))
	}
	var ids []string
	for _, o := range s.offers {
		ids = append(ids, o.ID)
	}
	if q := suggest.Question(id, ids); q != "" {
		return fmt.Errorf("no offer %q%s", id, q)
	}
	return fmt.Errorf("no offer %q; keynest rates list names them", id)
}

// Source finds a source by id.
func (s *Set) Source(id string) (Source, bool) {
	raw := s.doc.Source[id]
	if raw == nil {
		return Source{}, false
	}
	return Source{
		ID: id, URL: raw.URL, Title: raw.Title, Retrieved: raw.Retrieved,
		Quote: raw.Quote, Confidence: Confidence(raw.Confidence),
	}, true
}

// NewestRetrieved is the day on which the newest figure of the set was read.
func (s *Set) NewestRetrieved() string {
	var ages Ages
	for _, raw := range s.doc.Source {
		ages.Add(raw.Retrieved)
	}
	return ages.Newest
}

// Discounts lists the discounts in order of id.
func (s *Set) Discounts() []Discount {
	var list []Discount
	for _, id := range slices.Sorted(maps.Keys(s.doc.Discount)) {
		raw := s.doc.Discount[id]
		millions, _ := raw.Percent.millionths()
		list = append(list, Discount{
			ID: id, Percent: string(raw.Percent), Millions: millions / 100,
			Provider: raw.Provider, Offer: raw.Offer, Charge: raw.Charge, Why: raw.Why,
		})
	}
	return list
}

// ExchangeRate is the newest rate of a currency on or before the day.
func (s *Set) ExchangeRate(currency, day string) (ExchangeRate, bool) {
	found := ""
	for _, d := range slices.Sorted(maps.Keys(s.doc.FX[currency])) {
		if d <= day {
			found = d
		}
	}
	if found == "" {
		return ExchangeRate{}, false
	}
	raw := s.doc.FX[currency][found]
	nano, _ := raw.USDPerUnit.nano()
	return ExchangeRate{
		Currency: currency, Day: found, USDPerUnit: string(raw.USDPerUnit), Nano: nano, Source: raw.Source,
	}, true
}

// GivenRate is an exchange rate that the caller gives: a currency of the cards,
// dollars for one unit of it, and the day (YYYY-MM-DD) on which it was read.
func GivenRate(currency, usdPerUnit, day string) (ExchangeRate, error) {
	if currency != "EUR" {
		return ExchangeRate{}, fmt.Errorf("unknown currency %q; known: EUR", currency)
	}
	nano, err := figure(usdPerUnit).nano()
	if err != nil || nano == 0 {
		return ExchangeRate{}, fmt.Errorf("%q is not a rate like 1.16", usdPerUnit)
	}
	return ExchangeRate{Currency: currency, Day: day, USDPerUnit: usdPerUnit, Nano: nano, Source: "given"}, nil
}

// Version builds the card of an offer that is in force on a day; nil if the
// offer has none yet.
func (s *Set) Version(o *Offer, day string) *Version {
	return s.Versions(day)(o)
}

// Versions is Version for many offers on one day. Versions from which several
// of them take prices are built once.
func (s *Set) Versions(day string) func(*Offer) *Version {
	built := map[string]*Version{}
	return func(o *Offer) *Version {
		from := o.VersionAt(day)
		if from == "" {
			return nil
		}
		if built[o.ID] == nil {
			b := builder{set: s, day: day, others: built}
			built[o.ID] = b.version(o, from)
		}
		return built[o.ID]
	}
}

// at is the start of a message: the file, the line if known, and the place in
// words.
func at(where string, lines tomlfile.Lines, path []string) string {
	if n := lines.Of(path...); n > 0 {
		where = fmt.Sprintf("%s:%d", where, n)
	}
	var words []string
	for i := 0; i < len(path); i += 2 {
		words = append(words, strings.Join(path[i:min(i+2, len(path))], " "))
	}
	return where + ": " + strings.Join(words, ", ") + ": "
}

// errNotQuoted reports a number without quotes where a figure is expected.
var errNotQuoted = errors.New("not in quotes; write it as published, such as \"0.20\"")
