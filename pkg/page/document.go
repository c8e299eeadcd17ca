// Package page holds a report as a Document, headings, paragraphs, tables and
// charts in order, and writes it as text, Markdown or HTML. It knows money and
// numbers but nothing of offers or bills: pkg/report puts the words in.
package page

// Document is a report: its blocks in the order in which they are read.
type Document struct {
	Title  string // one line; the HTML title and the Markdown heading
	Aside  string // a few words beside the title of a page: the day of the rates
	Blocks []Block
	// Answers say in figures what the reader asked. On a terminal they come last,
	// where the cursor is; on a page and in Markdown they come first.
	Answers []Answer
	Links   map[string]Link // by the text of a table cell that cites it
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
	Tone   Tone   // where the answer is a verdict
	Label  string // "Cheapest service"
	Figure string // "240.61", as a cell of a table would have it
	Unit   string // "USD a month": on a page, beside the figure; not on a terminal
	Name   string // "AWS ElastiCache nodes, Valkey"
	Text   string // a remark, as a clause
	Short  string // replaces Text on a text page where it does not fit on the line
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
	Answers []Answer // of this block alone, after all of that
	Fold    bool     // folded under its heading where the format can unfold it
}

// Kind is what a part of a bar stands for; it decides the colour.
type Kind string

// The kinds of parts, in the order in which they are drawn.
const (
	Nodes    Kind = "nodes"
	Stored   Kind = "stored"
	Commands Kind = "commands"
	Traffic  Kind = "traffic"
	Other    Kind = "other"
)

// Kinds lists them in order, with the words of a legend.
func Kinds() []struct {
	Kind  Kind
	Words string
} {
	return []struct {
		Kind  Kind
		Words string
	}{
		{Nodes, "nodes and plans"}, {Stored, "data stored"}, {Commands, "commands"},
		{Traffic, "traffic and writes"}, {Other, "processor, disk and work"},
	}
}

// Bar is a sum as a bar split by what it is for. Parts are in thousandths of the
// scale of the table; what goes beyond the scale is cut, and Over says how many
// times the scale it is.
type Bar struct {
	Parts   []BarPart
	Over    string // "27 ×" where the bar is cut, else ""
	AtLeast bool   // the sum is a lower bound: the bar ends in dots
}

// BarPart is a part of a bar.
type BarPart struct {
	Kind  Kind
	Share int64 // thousandths of the scale
}

// Table has rows in groups; a group without a title is just rows.
type Table struct {
	Columns []Column
	Groups  []Group
	// Titles is the column that heads a row and in which the titles of groups
	// stand; in text the first of those replaces the head of the column.
	Titles int
	// Sorts says that a reader may want the rows in another order: on a page its
	// columns sort by a click on their heads.
	Sorts bool
	// Scale labels the ends of the column of bars: "0" and "1,000".
	Scale  string
	Spaced bool // an empty line between rows, for rows of several lines
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
	// Marks are short words with ", " between them, which a page puts into frames.
	Marks bool
	// Bars is a column of bars: pages alone have it, and its cells are empty.
	Bars bool
	// Key is a column of letters that name the lines of a chart drawn as text;
	// pages leave it out, since their charts have colours.
	Key bool
	// Class names the column for the style sheet of a page.
	Class string
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
	Broken bool   // strong because something is wrong, so not in the colour of the best
	Link   string // where the first cell leads on a page that has it
	Tone   Tone   // a verdict, where the row is one
	Bar    *Bar   // drawn in the column of bars
	Detail *Block // unfolds below the row on a page; other formats leave it out
}

// Tone is the colour of a verdict. Words say the same.
type Tone string

// The tones. A row without a verdict has none.
const (
	Good  Tone = "good"
	Warn  Tone = "warn"
	Bad   Tone = "bad"
	Blank Tone = "blank" // not judged
)

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
	if b.Heading != "" || len(b.Text) > 0 || b.Table != nil || b.Chart != nil || len(b.Notes) > 0 || len(b.Answers) > 0 {
		d.Blocks = append(d.Blocks, b)
	}
}

// Say adds a block of paragraphs.
func (d *Document) Say(paragraphs ...string) { d.Add(Block{Text: paragraphs}) }
