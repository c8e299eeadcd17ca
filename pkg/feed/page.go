package feed

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
)

// page is where a file stands in a feed of several pages.
type page struct {
	next  string // address or token of the page after this one; "" for the last
	count int    // rows on it
}

// start is the number of rows before the page, which the address of the one after
// it says; -1 where it does not.
func (p page) start() int {
	u, err := url.Parse(p.next)
	if err != nil || p.next == "" {
		return -1
	}
	for _, name := range []string{"$skip", "offset"} {
		if n, err := strconv.Atoi(u.Query().Get(name)); err == nil && n >= p.count {
			return n - p.count
		}
	}
	return -1
}

// Join makes one feed of the files of a run: pages of one feed, or several
// regions of it. A page of which the next one is not there is refused unless
// partial; so are files of different formats.
func Join(feeds []*Feed, partial bool) (*Feed, error) {
	if len(feeds) == 0 {
		return nil, errors.New("no feed to read")
	}
	seen := map[string]bool{}
	all := &Feed{Skipped: map[string]int{}}
	open, last := 0, 0
	for _, f := range feeds {
		if f.Format != feeds[0].Format {
			return nil, fmt.Errorf("one file is %s, another %s; import one feed at a time", feeds[0].Title, f.Title)
		}
		if seen[f.SHA256] {
			continue // the same file twice
		}
		seen[f.SHA256] = true
		if f.page.next == "" {
			last++
		} else {
			open++
		}
		all.add(f)
	}
	if open > 0 && !partial {
		if last == 0 {
			return nil, errors.New("a page is missing after the last one; fetch it too, or add --partial to use the pages that are there")
		}
		if last > 1 {
			return nil, errors.New("two of the pages are last pages, so they belong to two answers; import them separately")
		}
		if err := unbroken(feeds); err != nil {
			return nil, err
		}
	}
	all.settle()
	return all, nil
}

// unbroken checks that no page is missing between pages that say where they begin.
func unbroken(feeds []*Feed) error {
	starts, ends := map[int]bool{}, map[int]bool{0: true}
	for _, f := range feeds {
		if s := f.page.start(); s >= 0 {
			starts[s], ends[s+f.page.count] = true, true
		}
	}
	for s := range starts {
		if !ends[s] {
			return fmt.Errorf("the page before row %d is missing; fetch it too, or add --partial to use the pages that are there", s+1)
		}
	}
	return nil
}

// add takes over the rows of one file.
func (f *Feed) add(g *Feed) {
	if f.Format == "" {
		f.Format, f.Title, f.URL, f.Version, f.Published, f.SHA256 = g.Format, g.Title, g.URL, g.Version, g.Published, g.SHA256
	} else {
		f.SHA256 += "+" + g.SHA256
		if g.Version != f.Version {
			f.Version += ", " + g.Version
		}
		// Of several days the earliest is what all of them are at least as new as.
		if g.Published != "" && (f.Published == "" || g.Published < f.Published) {
			f.Published = g.Published
		}
	}
	if f.conflicts == nil {
		f.conflicts = map[Key]bool{}
	}
	for key := range g.conflicts {
		f.conflicts[key] = true
	}
	f.Rows += g.Rows
	f.Figures = append(f.Figures, g.Figures...)
	f.Refused = append(f.Refused, g.Refused...)
	for reason, n := range g.Skipped {
		f.Skipped[reason] += n
	}
	f.Unlisted += g.Unlisted
	for _, row := range g.Unknown {
		if len(f.Unknown) == maxListed {
			f.Unlisted++
			continue
		}
		f.Unknown = append(f.Unknown, row)
	}
}
