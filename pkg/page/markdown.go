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
	d = d.safe()
	var b bytes.Buffer
	if d.Title != "" {
		b.WriteString("# " + EscapeMarkdown(d.Title) + "\n")
	}
	if len(d.Answers) > 0 {
		b.WriteByte('\n')
		markdownAnswers(&b, d.Answers)
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
		markdownAnswers(&b, block.Answers)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// markdownAnswers is a list item for each answer.
func markdownAnswers(b *bytes.Buffer, answers []Answer) {
	for _, a := range answers {
		b.WriteString("- " + EscapeMarkdown(a.Label) + ":")
		for _, s := range []string{a.Figure, a.Name} {
			if s != "" {
				b.WriteString(" **" + EscapeMarkdown(s) + "**")
			}
		}
		if a.Text != "" {
			if a.Name != "" {
				b.WriteString(",")
			}
			b.WriteString(" " + EscapeMarkdown(a.Text))
		}
		b.WriteByte('\n')
	}
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
	// A column of bars is for pages alone.
	row := func(cells []string) {
		var shown []string
		for i, c := range cells {
			if !t.Columns[i].Bars {
				shown = append(shown, c)
			}
		}
		b.WriteString("| " + strings.Join(shown, " | ") + " |\n")
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
			title[t.Titles] = "**" + EscapeMarkdown(g.Title) + "**"
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
