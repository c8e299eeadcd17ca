package page

import (
	"bytes"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/safetext"
)

// TestSafe: whatever texts a document has, its text, Markdown and HTML have no
// control character and no line that begins a workflow command.
func TestSafe(t *testing.T) {
	bad := "::error::x\x1b[31m\u009b\u202e\n ::warning::y ##[group]z"
	d := &Document{Title: bad, Links: map[string]Link{bad: {URL: bad, Title: bad}}, Answers: []Answer{{Label: bad, Name: bad, Text: bad}}}
	table := NewTable(Column{Head: bad}, Column{Head: "n", Wrap: true})
	table.Groups[0].Title = bad
	table.Add(bad, strings.Repeat("word ", 40)+"::error::x")
	d.Add(Block{Heading: bad, Text: []string{bad}, Notes: []string{bad}, Table: table, Chart: &Chart{
		Title: bad, XLabel: bad, X: []float64{1, 2}, Lines: []ChartLine{{Name: bad, Y: []float64{1, 2}}},
	}})
	var text, markdown, html bytes.Buffer
	if err := WriteText(&text, d, Style{Width: 40}); err != nil {
		t.Fatal(err)
	}
	if err := WriteMarkdown(&markdown, d); err != nil {
		t.Fatal(err)
	}
	if err := WriteHTML(&html, d); err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string]string{"text": text.String(), "Markdown": markdown.String(), "HTML": html.String()} {
		if problem := safetext.Problem(out); problem != "" {
			t.Errorf("%s %s:\n%s", name, problem, out)
		}
		if !strings.Contains(out, "error::x") {
			t.Errorf("%s does not say what was said:\n%s", name, out)
		}
	}
	if d.Title != bad {
		t.Errorf("the document itself was changed")
	}
}
