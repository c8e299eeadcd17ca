package faq

import (
	"slices"
	"strings"
	"unicode"
)

// maxMatches is how many answers a loose match may give.
const maxMatches = 3

// smallWords are words that do not tell questions apart.
func smallWord(w string) bool {
	return slices.Contains([]string{
		"a", "an", "and", "are", "as", "at", "be", "by", "can", "did", "do", "does", "for", "from", "how", "i", "if", "in", "is",
		"it", "my", "of", "on", "or", "so", "that", "the", "there", "these", "to", "two", "was", "what", "when", "where", "which", "why", "with",
	}, w)
}

// Find returns the questions that match the words best, in order: the question
// with this id or wording; else those with every word; else those with the most
// words, three at most. Two words match if they are equal, or if one of at least
// four letters is the beginning of the other.
//
// A question that matches half of the words or fewer is left out, since an
// unrelated answer is worse than none.
func (b *Book) Find(words ...string) []Question {
	asked := split(strings.Join(words, " "))
	whole := strings.ToLower(strings.Trim(strings.Join(words, " "), " ?"))
	best, bestScore := []Question(nil), 0
	for _, q := range b.Questions {
		if whole == q.ID || whole == strings.ToLower(strings.Trim(q.Ask, "?")) {
			return []Question{q}
		}
		score := 0
		vocabulary := q.vocabulary()
		for _, w := range asked {
			if slices.ContainsFunc(vocabulary, func(v string) bool { return fits(w, v) }) {
				score++
			}
		}
		switch {
		case score == 0 || score < bestScore:
		case score > bestScore:
			best, bestScore = []Question{q}, score
		default:
			best = append(best, q)
		}
	}
	if 2*bestScore <= len(asked) {
		return nil
	}
	return best[:min(len(best), maxMatches)]
}

// Suggest returns the known word nearest to one of those that were asked with,
// or "" where nothing is near.
func (b *Book) Suggest(words ...string) string {
	nearest, least := "", 3 // at most two typing errors
	for _, w := range split(strings.Join(words, " ")) {
		for _, q := range b.Questions {
			for _, v := range q.vocabulary() {
				if d := distance(w, v); d < least && d < len(w)/2+1 {
					nearest, least = v, d
				}
			}
		}
	}
	return nearest
}

func (q Question) vocabulary() []string {
	return append(split(q.Ask), q.Words...)
}

// split lower-cases a text and cuts it into its words, small ones left out.
func split(s string) []string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '.'
	})
	return slices.DeleteFunc(words, smallWord)
}

func fits(asked, known string) bool {
	if asked == known {
		return true
	}
	short, long := asked, known
	if len(short) > len(long) {
		short, long = long, short
	}
	return len(short) >= 4 && strings.HasPrefix(long, short)
}

// distance is how many letters must be put in, left out or changed.
func distance(a, b string) int {
	ra, rb := []rune(a), []rune(b)
	row := make([]int, len(rb)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range ra {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range rb {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(rb)]
}
