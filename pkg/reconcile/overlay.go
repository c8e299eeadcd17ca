package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/safetext"
	"github.com/keynest/keynest/pkg/tomlfile"
)

// Overlay writes the list prices that the bill has and the cards have not as an
// overlay of the cards: for each offer a version from the day of the first line
// on, based on the one in force. What a card has no place for is a comment.
func (r *Result) Overlay(set *ratecard.Set) (string, error) {
	if len(r.Disagreed) == 0 {
		return "", fmt.Errorf("the cards have every list price of the bill; there is nothing to write")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# List prices of %s that the cards do not have, by keynest reconcile.\n", strings.Join(r.names(), ", "))
	byOffer := map[string]map[string][]*Contradiction{}
	var offers []string
	for _, d := range r.Disagreed {
		if byOffer[d.Offer] == nil {
			byOffer[d.Offer] = map[string][]*Contradiction{}
			offers = append(offers, d.Offer)
		}
		byOffer[d.Offer][d.Day] = append(byOffer[d.Offer][d.Day], d)
	}
	written := 0
	for _, id := range offers {
		o := set.Offer(id)
		if o == nil {
			continue
		}
		from := ""
		var days []string
		for day := range byOffer[id] {
			days = append(days, day)
		}
		slices.Sort(days)
		for _, day := range days {
			n, next, err := r.writeVersion(&b, set, o, day, from, byOffer[id][day])
			if err != nil {
				return "", err
			}
			written, from = written+n, next
		}
	}
	if written == 0 {
		return "", fmt.Errorf("the cards have no place for any of the %d list prices of the bill", len(r.Disagreed))
	}
	return b.String(), nil
}

// names are the files that were read.
func (r *Result) names() []string {
	var names []string
	for _, f := range r.Files {
		names = append(names, safetext.Line(f.Name))
	}
	return names
}

// writeVersion writes a version of an offer for the prices of one day, and returns
// how many it has and the day from which it is in force.
func (r *Result) writeVersion(b *strings.Builder, set *ratecard.Set, o *ratecard.Offer, day, own string, prices []*Contradiction) (int, string, error) {
	base := o.VersionAt(day)
	from := day
	for from <= own || slices.Contains(o.Versions(), from) {
		t, err := time.Parse(time.DateOnly, from)
		if err != nil {
			return 0, own, fmt.Errorf("the day %s: %w", from, err)
		}
		from = t.AddDate(0, 0, 1).Format(time.DateOnly)
	}
	if own > base {
		base = own
	}
	if base == "" {
		fmt.Fprintf(b, "# %s: its first card is later than %s; add a version by hand\n", o.ID, day)
		return 0, own, nil
	}
	v := set.Version(o, o.VersionAt(day))
	if v == nil {
		return 0, own, nil
	}
	var lines []string
	taken := map[string]bool{}
	for _, d := range prices {
		id, per, price, why := cardPlace(v, d)
		cell := id + "\x00" + d.Region
		if why == "" && !safetext.IsID(d.Region) {
			why = "the region is not a region's name"
		}
		if why == "" && taken[cell] {
			why = "the bill has two list prices for it on that day"
		}
		if why != "" {
			fmt.Fprintf(b, "# %s\n", safetext.Line(fmt.Sprintf("%s %s in %s at %s: %s", o.ID, id, d.Region, d.Bill, why)))
			continue
		}
		taken[cell] = true
		at := fmt.Sprintf("offer.%s.version.%s.price.bill-%d", o.ID, from, len(lines)+1)
		text := fmt.Sprintf("\n[%s]\nassumed = %s\n", at, tomlfile.Quote(safetext.Line(fmt.Sprintf("the bill %s has this list price on %s from %s", strings.Join(r.names(), ", "), count(d.Lines, "line"), d.Day))))
		if per != "" {
			text += fmt.Sprintf("per = %s\n", tomlfile.Quote(per))
		}
		lines = append(lines, text+fmt.Sprintf("usd = \"\"\"\nid %s\n%s %s\n\"\"\"\n", d.Region, id, price))
	}
	if len(lines) == 0 {
		return 0, own, nil
	}
	fmt.Fprintf(b, "\n[offer.%s.version.%s]\nbased_on = %s\nnote = \"list prices of a bill\"\n%s", o.ID, from, tomlfile.Quote(base), strings.Join(lines, ""))
	return len(lines), from, nil
}

// cardPlace is where a card has a price, and the price as the card counts it.
func cardPlace(v *ratecard.Version, d *Contradiction) (id, per string, price Decimal, why string) {
	if d.Plan != "" {
		switch p := v.Plan(d.Plan); {
		case p == nil:
			return d.Plan, "", d.Bill, "the card does not have the plan"
		case p.Rate != nil:
			return d.Plan, "", d.Bill, "the card has one price for all regions"
		case p.Per != ratecard.PerHour:
			per = string(p.Per)
		}
		return d.Plan, per, d.Bill, ""
	}
	for i := range v.Charges {
		if c := &v.Charges[i]; string(c.Meter) == d.Meter {
			if c.Rate != nil || len(c.Tiers) > 0 {
				return c.ID, "", d.Bill, "the card has no prices by region for it"
			}
			return c.ID, "", d.Bill.Mul(whole(max(c.Per, 1))), ""
		}
	}
	return d.Meter, "", d.Bill, "the card does not have the charge"
}
