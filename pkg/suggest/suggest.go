// Package suggest finds the names that somebody may have meant by a misspelt
// one: commands, flags, offers, regions, plans.
package suggest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// most is how many names a message repeats.
const most = 3

// Near returns up to three of the known names that are close to the word, the
// closest first. A name is close when at most one edit for each three
// characters of the word (and at least one) turns it into the word, or when one
// of the two begins with the other, give or take one edit in a word of four
// characters or more. An edit adds, drops or changes a character, or swaps two
// neighbours (optimal string alignment distance). Case does not count.
func Near(word string, known []string) []string {
	type hit struct {
		name string
		far  int
	}
	var hits []hit
	word = strings.ToLower(word)
	if word == "" || len(word) > 64 {
		return nil
	}
	for _, name := range known {
		lower := strings.ToLower(name)
		far, start := distance(word, lower)
		begins := len(word) > 1 && (strings.HasPrefix(lower, word) || len(lower) > 2 && strings.HasPrefix(word, lower)) ||
			len(word) > 3 && start <= 1
		if begins || far <= max(1, len(word)/3) {
			if begins {
				far = min(far, 2)
			}
			hits = append(hits, hit{name, far})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.far, b.far), strings.Compare(a.name, b.name))
	})
	var names []string
	for _, h := range hits {
		if len(names) < most && !slices.Contains(names, h.name) {
			names = append(names, h.name)
		}
	}
	return names
}

// Question is the end of a message about an unknown word: `; did you mean
// "estimate"?`, or nothing where no known name is close.
func Question(word string, known []string) string { return Ask(Near(word, known)) }

// Ask puts names into that question.
func Ask(names []string) string {
	names = slices.Clone(names)
	if len(names) == 0 {
		return ""
	}
	for i, n := range names {
		names[i] = strconv.Quote(n)
	}
	last := names[len(names)-1]
	if rest := names[:len(names)-1]; len(rest) > 0 {
		last = strings.Join(rest, ", ") + " or " + last
	}
	return "; did you mean " + last + "?"
}

// distance is how many edits turn a into b, and how many turn it into the
// beginning of b that is closest to it.
func distance(a, b string) (whole, start int) {
	before, last, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			now[j] = min(change, last[j]+1, now[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(b)], slices.Min(last)
}
