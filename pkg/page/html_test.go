package page

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// hostile ends whatever it is put into, if it is let.
const hostile = `"'></style></title><script>alert(1)</script>&amp;x`

// TestHTMLEscapes puts hostile text wherever a document has room for text: the
// page stays one page, without a script, and every text is on it unchanged.
func TestHTMLEscapes(t *testing.T) {
	here := 50.0
	table := NewTable(Column{Head: "head " + hostile}, Column{Head: "n", Right: true})
	table.Sorts = true
	table.Add("first "+hostile, "second "+hostile)
	table.Add("cited", "1")
	table.Groups[0].Title = "group " + hostile
	table.Groups[0].Rows = append(table.Groups[0].Rows,
		Row{Cells: []string{"script link", "2"}, Link: "javascript:alert(1)"},
		Row{Cells: []string{"own link", "3"}, Link: "#part"})
	d := &Document{
		Title: "title " + hostile,
		Blocks: []Block{
			{ID: "id " + hostile, Heading: "heading " + hostile, Text: []string{"text " + hostile}, Table: table, Notes: []string{"note " + hostile + " [cited], [bad]."}},
			{Heading: "folded " + hostile, Fold: true, Text: []string{"see https://a.example/" + hostile + "."}},
			{Chart: &Chart{Title: "chart " + hostile, XLabel: "axis " + hostile, X: []float64{1, 100}, Here: &here, Lines: []ChartLine{{Name: "line " + hostile, Y: []float64{1, 10}}}}},
		},
		Links: map[string]Link{
			"cited": {URL: "https://b.example/?a=1&b=" + hostile, Title: "link " + hostile, Read: "2026-11-01"},
			"bad":   {URL: " JavaScript:alert(1)"},
		},
	}
	var b strings.Builder
	if err := WriteHTML(&b, d); err != nil {
		t.Fatal(err)
	}
	var texts strings.Builder
	var hrefs []string
	scripts := 0
	p := xml.NewDecoder(strings.NewReader(b.String()))
	p.Strict, p.AutoClose, p.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := p.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.CharData:
			texts.Write(token)
		case xml.StartElement:
			if token.Name.Local == "script" {
				scripts++
			}
			for _, a := range token.Attr {
				texts.WriteString("\n" + a.Value + "\n")
				if a.Name.Local == "href" {
					hrefs = append(hrefs, a.Value)
				}
			}
		}
	}
	for _, what := range []string{"title", "id", "heading", "text", "head", "group", "first", "second", "note", "folded", "link", "line", "chart", "axis"} {
		if !strings.Contains(texts.String(), what+" "+hostile) {
			t.Errorf("the %s is not on the page as it was given", what)
		}
	}
	// The page's own script, and no other.
	if scripts != 1 || !strings.Contains(b.String(), "<script>"+JS+"</script>") {
		t.Errorf("%d scripts, of which one is the page's own", scripts)
	}
	// Its policy knows the sheet and the script by their hashes, and has nothing else.
	if want := `content="default-src &#39;none&#39;; style-src &#39;sha256-`; !strings.Contains(b.String(), want) {
		t.Errorf("no %s", want)
	}
	// The full stop after an address is the sentence's.
	want := []string{"https://b.example/?a=1&b=" + hostile, "#part", "https://b.example/?a=1&b=" + hostile, "https://a.example/" + hostile}
	if strings.Join(hrefs, "\n") != strings.Join(want, "\n") {
		t.Errorf("links to %q, want %q", hrefs, want)
	}
}

// TestHTMLHeads: a row that continues the one above has its head, not an empty
// one of its own; and what is broken is not coloured as what is best.
func TestHTMLHeads(t *testing.T) {
	table := NewTable(Column{Head: "Check"}, Column{Head: "Limit"})
	table.Add("", "of none")
	table.Add("a", "first")
	table.Groups[0].Rows = append(table.Groups[0].Rows, Row{Cells: []string{"", "second"}, Strong: true, Broken: true})
	table.Add("b", "third")
	var page strings.Builder
	if err := WriteHTML(&page, &Document{Title: "t", Blocks: []Block{{Table: table}}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<tr class="row" role="row"><td role="cell" class="keep"></td><td role="cell" class="keep" data-head="Limit">of none</td></tr>`,
		`<tr class="row" role="row"><th scope="row" role="rowheader" rowspan="2" class="keep">a</th><td role="cell" class="keep" data-head="Limit">first</td></tr>`,
		`<tr class="row strong broken" role="row"><td role="cell" class="keep" data-head="Limit">second</td></tr>`,
		`<tr class="row" role="row"><th scope="row" role="rowheader" class="keep">b</th><td role="cell" class="keep" data-head="Limit">third</td></tr>`,
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("no %s in\n%s", want, page.String())
		}
	}
}

func TestHTMLRaggedTable(t *testing.T) {
	table := NewTable(Column{Head: "a"}, Column{Head: "b"})
	table.Add("one")
	err := WriteHTML(io.Discard, &Document{Blocks: []Block{{Table: table}}})
	if err == nil || !strings.Contains(err.Error(), `a row of 1 cells in a table of 2 columns: ["one"]`) {
		t.Errorf("a row that lacks a cell: %v", err)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestHTMLWriteFails(t *testing.T) {
	if err := WriteHTML(fullDisk{}, &Document{Title: "t"}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("a writer that fails: %v", err)
	}
}
