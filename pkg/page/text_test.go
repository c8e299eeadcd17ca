package page

import (
	"bytes"
	"slices"
	"testing"
)

// TestTableByHand: characters of two columns, cells of several lines, figures
// that end in one column, a group's title, and no blank at the end of a line.
func TestTableByHand(t *testing.T) {
	table := &Table{
		Columns: []Column{{Head: "Offer"}, {Head: "USD/month", Right: true}, {Head: "Why"}},
		Groups: []Group{
			{Title: "PER COMMAND", Rows: []Row{{Cells: []string{"缓存", "1,234.50", "first\nsecond"}}}},
			{Rows: []Row{{Cells: []string{"é·≥", "7.00", ""}, Strong: true}}},
		},
	}
	const want = `Offer        USD/month  Why
PER COMMAND
缓存          1,234.50  first
                        second
é·≥               7.00
`
	var b bytes.Buffer
	if err := writeTable(&b, table, Style{Width: 80}); err != nil {
		t.Fatal(err)
	}
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	b.Reset()
	if err := writeTable(&b, table, Style{Width: 80, Color: true}); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"\x1b[2mOffer        USD/month  Why\x1b[0m\n", "\x1b[1mPER COMMAND\x1b[0m\n", "\x1b[1mé·≥               7.00\x1b[0m\n"} {
		if !bytes.Contains(b.Bytes(), []byte(line)) {
			t.Errorf("no %q in\n%q", line, b.String())
		}
	}
}

// TestRaggedRowIsRefused: a row with too few cells is refused, since it is a bug of the caller.
func TestRaggedRowIsRefused(t *testing.T) {
	table := NewTable(Column{Head: "a"}, Column{Head: "b"})
	table.Add("only one")
	if err := WriteText(&bytes.Buffer{}, &Document{Blocks: []Block{{Table: table}}}, Style{}); err == nil {
		t.Error("a row of one cell in a table of two was written")
	}
}

// TestWrap: at spaces, to the width, with every word kept.
func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		text  string
		width int
		want  []string
	}{
		{"one two three", 7, []string{"one two", "three"}},
		{"one two three", 13, []string{"one two three"}},
		{"one twothreefour five", 5, []string{"one", "twothreefour", "five"}},
		{"one\ntwo three", 5, []string{"one", "two", "three"}},
		{"× ≥ ·", 3, []string{"× ≥", "·"}},
		{"ends in a space ", 100, []string{"ends in a space"}},
		{"", 5, []string{""}},
	} {
		if got := wrap(tt.text, tt.width); !slices.Equal(got, tt.want) {
			t.Errorf("%q at %d: %q; want %q", tt.text, tt.width, got, tt.want)
		}
	}
}

// TestBreakWords: words that a narrow column cannot hold are broken where they
// can be, and nothing is lost.
func TestBreakWords(t *testing.T) {
	for in, want := range map[string]string{
		"2 × redis-highmem-medium (memory)": "2 × redis- highmem- medium (memory)",
		"cache.r6g.large":                   "cache.r6g. large",
		"abcdefghijklmnopqrstuvwxyz":        "abcdefghijkl mnopqrstuvwx yz",
		"ééééééééééééé":                     "éééééééééééé é",
		"short":                             "short",
	} {
		if got := breakWords(in, 12); got != want {
			t.Errorf("%q: %q; want %q", in, got, want)
		}
	}
}
