package cmd

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var (
	inlineCode  = regexp.MustCompile("`[^`]*`")
	inlineLink  = regexp.MustCompile(`\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)`)
	linkTarget  = regexp.MustCompile(`^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)`)
	htmlLink    = regexp.MustCompile(`(?:href|src)="([^"]+)"`)
	headingLine = regexp.MustCompile(`^#{1,6}\s+(.*?)\s*#*$`)
)

// TestLinks holds every relative link of the docs, and the heading it points
// at, against the files.
func TestLinks(t *testing.T) {
	for _, path := range docPages(t) {
		for i, line := range prose(readLines(t, path)) {
			line = inlineCode.ReplaceAllString(line, "")
			for _, form := range []*regexp.Regexp{inlineLink, linkTarget, htmlLink} {
				for _, m := range form.FindAllStringSubmatch(line, -1) {
					if err := checkLink(t, path, m[1]); err != nil {
						t.Errorf("%s:%d: %s: %v", filepath.ToSlash(path), i+1, m[1], err)
					}
				}
			}
		}
	}
}

// prose blanks the fenced blocks of a page.
func prose(lines []string) []string {
	out := slices.Clone(lines)
	for _, f := range fences(lines) {
		for i := f.start - 1; i < min(f.end+1, len(lines)); i++ {
			out[i] = ""
		}
	}
	return out
}

func checkLink(t *testing.T, page, link string) error {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "" || u.Host != "" {
		return err
	}
	target := page
	if u.Path != "" {
		target = filepath.Join(filepath.Dir(page), filepath.FromSlash(u.Path))
	}
	if rel, err := filepath.Rel("..", target); err != nil || !filepath.IsLocal(rel) {
		return errors.New("leads out of the repository")
	}
	if _, err := os.Stat(target); err != nil {
		return errors.New("no such file")
	}
	if u.Fragment == "" || filepath.Ext(target) != ".md" {
		return nil
	}
	if !slices.Contains(anchors(readLines(t, target)), u.Fragment) {
		return errors.New("no such heading")
	}
	return nil
}

// anchors gives the fragment of each heading, formed as GitHub forms it.
func anchors(lines []string) []string {
	var all []string
	seen := map[string]int{}
	for _, line := range prose(lines) {
		m := headingLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		slug := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, inlineLink.ReplaceAllString(m[1], "]"))
		anchor := slug
		if n := seen[slug]; n > 0 {
			anchor = fmt.Sprintf("%s-%d", slug, n)
		}
		seen[slug]++
		all = append(all, anchor)
	}
	return all
}
