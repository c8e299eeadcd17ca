package report

import (
	"bytes"
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
