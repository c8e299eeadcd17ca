package ratecard

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/safetext"
	"github.com/keynest/keynest/pkg/tomlfile"
)

// priceKeys are the keys whose text may have several lines: prices by region.
var priceKeys = []string{"usd", "eur", "usd_per_hour", "usd_upfront"}

// checkTexts checks that the ids of a file of cards have only letters, digits,
// ".", "_" and "-", since reports and CI systems print them, and that other
// texts have one line. tomlfile has already refused characters that do not
// print.
func checkTexts(file File, doc *document) error {
	wrong := &Problems{File: file.Name}
	var lines *tomlfile.Lines
	safetext.Walk(doc, "toml", func(path []string, text string, key bool) bool {
		last, problem := path[len(path)-1], ""
		switch {
		case key && !safetext.IsID(text) && !slices.Contains(path, "trait"): // plans of a trait may be patterns
			problem = "is an id: use letters, digits, ., _ and -, at most 100"
		case !key && !slices.Contains(priceKeys, last):
			problem = safetext.LineProblem(text)
		}
		if problem == "" {
			return true
		}
		if lines == nil {
			index := tomlfile.IndexLines(file.Text)
			lines = &index
		}
		what := strings.Join(path[:len(path)-1], ".") + "."
		if key {
			last = fmt.Sprintf("%q", last)
		}
		wrong.List = append(wrong.List, fmt.Sprintf("%s:%d: %s%s %s", file.Name, lines.Of(path...), what, last, problem))
		return len(wrong.List) < 10
	})
	if len(wrong.List) > 0 {
		return wrong
	}
	return nil
}
