// Package page holds a report as a Document, headings, paragraphs, tables and
// charts in order, and writes it as text, Markdown or HTML. It knows money and
// numbers but nothing of offers or bills: pkg/report puts the words in.
package page

// Document is a report as a reader meets it: blocks in order.
type Document struct {
	Title  string // one line; the HTML title and the Markdown heading
	Blocks []Block
	// Answers say in figures what the reader asked. On a terminal they come last,
	// where the cursor is; on a page and in Markdown they come first.
	Answers []Answer
	Links  map[string]Link // by the text of a table cell that cites it
}

// Link is where a source can be read, and when it was.
type Link struct {
	URL   string
	Title string
	Read  string // YYYY-MM-DD
}

// Answer is one line of the answer: what was asked, the figure, and what it
// stands for.
type Answer struct {
	Label  string // "Cheapest service"
	Figure string // "240.61", as a cell of a table would have it
	Unit   string // "USD a month": on a page, beside the figure; not on a terminal
	Name   string // "AWS ElastiCache nodes, Valkey"
	Text   string // what else is to be said, in a clause
	Minor  bool   // not one of the figures that a page begins with
}

// Block is a heading, some lines of prose, then a table. Any part may be
// empty.
type Block struct {
	ID      string // names the block where the format has links inside
	Heading string
	Text    []string // a paragraph each
	Table   *Table
	Chart   *Chart
	Notes   []string // a list item each, after the table
	Fold    bool     // folded under its heading where the format can unfold it
}

// Table has rows in groups; a group without a title is just rows.
type Table struct {
	Columns []Column
	Groups  []Group
	Titles  int  // the column that the titles of groups stand in; the first one's replaces its head in text
	Spaced  bool // an empty line between rows, for rows of several lines
}

// Column is one column of a table.
type Column struct {
	Head  string
	Right bool // right-aligned, as numbers are
	Wrap  bool // may break over lines where the page is narrow
	// Cut, where it is not 0, is how many columns of a text page are left when the
	// cells are cut to keep a row on one line; what is cut ends in "…". Columns
	// to the right are cut first.
	Cut int
	// From is the width of a text page, in columns, from which on this column is
	// shown; other formats always show it.
	From int
}

// Group is a run of rows under a title.
type Group struct {
	Title string
	Rows  []Row
}

// Row is one row; it has as many cells as the table has columns.
type Row struct {
	Cells  []string
	Strong bool   // the row to look at first: bold where the format can
	Broken bool   // so because something is wrong: not in the colour of what is best
	Link   string // where the first cell leads on a page that has it
}

// NewTable returns a table with those columns and one untitled group.
func NewTable(columns ...Column) *Table {
	return &Table{Columns: columns, Groups: []Group{{}}}
}

// Add puts a row at the end of the last group.
func (t *Table) Add(cells ...string) {
	g := &t.Groups[len(t.Groups)-1]
	g.Rows = append(g.Rows, Row{Cells: cells})
}

// Add puts a block at the end of the document, unless it is empty.
func (d *Document) Add(b Block) {
	if b.Heading != "" || len(b.Text) > 0 || b.Table != nil || b.Chart != nil || len(b.Notes) > 0 {
		d.Blocks = append(d.Blocks, b)
	}
}

// Say adds a block of paragraphs.
func (d *Document) Say(paragraphs ...string) { d.Add(Block{Text: paragraphs}) }
