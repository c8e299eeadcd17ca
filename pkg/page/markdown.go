package page

import (
	"bytes"
	"io"
	"strings"
)

// markdownEscapes keeps a cell from ending early or from becoming markup. The
// pipe is escaped as GitHub Flavored Markdown asks (section 4.10), the others
// as CommonMark does (section 2.4).
var markdownEscapes = strings.NewReplacer(
	"\\", "\\\\", "|", "\\|", "<", "&lt;", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[", "]", "\\]",
	"\r\n", "<br>", "\n", "<br>",
)

// WriteMarkdown writes the document as GitHub Flavored Markdown.
func WriteMarkdown(w io.Writer, d *Document) error {
	var b bytes.Buffer
	if d.Title != "" {
		b.WriteString("# " + EscapeMarkdown(d.Title) + "\n")
	}
	for _, block := range d.Blocks {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		if block.Heading != "" {
			b.WriteString("## " + EscapeMarkdown(block.Heading) + "\n\n")
		}
		for i, p := range block.Text {
			if i > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(EscapeMarkdown(p) + "\n")
		}
		if block.Table != nil {
			if len(block.Text) > 0 {
				b.WriteByte('\n')
			}
			markdownTable(&b, block.Table)
		}
		if block.Chart != nil {
			if len(block.Text) > 0 || block.Table != nil {
				b.WriteByte('\n')
			}
			b.WriteString("```text\n" + textChart(block.Chart, Style{Width: DefaultWidth}) + "```\n")
		}
		if len(block.Notes) > 0 && (block.Chart != nil || block.Table != nil || len(block.Text) > 0) {
			b.WriteByte('\n')
		}
		for _, n := range block.Notes {
			b.WriteString("- " + EscapeMarkdown(n) + "\n")
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// EscapeMarkdown makes a text stand for itself in Markdown, table cells
// included. A web address becomes a link to itself: escaped, it would lead
// elsewhere.
func EscapeMarkdown(s string) string {
	if !strings.Contains(s, "://") {
		return markdownEscapes.Replace(s)
	}
	words := strings.Split(s, " ")
	for i, word := range words {
		link := strings.TrimRight(word, ".,;:)")
		if strings.HasPrefix(link, "https://") && !strings.ContainsAny(link, "|<>\n") {
			words[i] = "<" + link + ">" + word[len(link):]
		} else {
			words[i] = markdownEscapes.Replace(word)
		}
	}
	return strings.Join(words, " ")
}

func markdownTable(b *bytes.Buffer, t *Table) {
	row := func(cells []string) {
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	head, rule := make([]string, len(t.Columns)), make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i], rule[i] = EscapeMarkdown(c.Head), "---"
		if c.Right {
			rule[i] = "---:"
		}
	}
	row(head)
	row(rule)
	for _, g := range t.Groups {
		if g.Title != "" {
			title := make([]string, len(t.Columns))
			title[0] = "**" + EscapeMarkdown(g.Title) + "**"
			row(title)
		}
		for _, r := range g.Rows {
			cells := make([]string, len(r.Cells))
			for i, c := range r.Cells {
				cells[i] = EscapeMarkdown(c)
				if r.Strong && c != "" {
					cells[i] = "**" + cells[i] + "**"
				}
			}
			row(cells)
		}
	}
}
