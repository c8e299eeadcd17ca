package observe

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
)

// maxCSVHead bounds the lines before the first time. The console writes a few
// lines of labels.
const maxCSVHead = 20

// cwTable reads the console's CSV: some lines of labels, then a line for each
// point with the time first.
type cwTable struct {
	*export
	line    int
	columns []cwColumn
	begun   bool // a line with a time was read
}

func cwCSV(e *export, r io.Reader) ([]cwColumn, error) {
	t := cwTable{export: e}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxPiece)
	for lines.Scan() {
		t.line++
		if err := t.row(lines.Text()); err != nil {
			return nil, err
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, badInput("%s:%d: a line is longer than %d MiB; this is not the CSV of the CloudWatch console", e.name, t.line+1, maxPiece>>20)
	case err != nil:
		return nil, e.failed
	case !t.begun:
		return nil, t.neither()
	}
	return t.columns, nil
}

func (t *cwTable) neither() error {
	return badInput("%s is neither the JSON of aws cloudwatch get-metric-data nor the CSV of the CloudWatch console, "+
		"which has a line that begins with a time such as 2026-11-02 15:04:05 within its first %d lines", t.name, maxCSVHead)
}

// row takes one line.
func (t *cwTable) row(line string) error {
	if t.line == 1 {
		line = strings.TrimPrefix(line, "\ufeff")
	}
	cells, err := csvCells(line, ',')
	if err != nil {
		return badInput("%s:%d: not CSV: %s", t.name, t.line, printable(err.Error()))
	}
	first, rest := cells[0], cells[1:]
	at, isPoint := cwTime(first)
	switch {
	case isPoint:
		return t.values(at.Unix(), rest)
	case strings.Trim(line, ", \t\r") == "":
		return nil
	case !t.begun && t.line < maxCSVHead:
		return t.head(rest)
	case !t.begun:
		return t.neither()
	}
	return badInput("%s:%d: %q is not a time such as 2026-11-02 15:04:05", t.name, t.line, printable(first))
}

// head takes a line of labels.
func (t *cwTable) head(cells []string) error {
	if len(cells) > maxColumns {
		return badInput("%s:%d: %d columns are too many; at most %d are read", t.name, t.line, len(cells), maxColumns)
	}
	for i, cell := range cells {
		if i == len(t.columns) {
			t.columns = append(t.columns, cwColumn{"", timeline{}})
		}
		t.columns[i].text += " " + cell
	}
	return nil
}

// values takes a line of values. An empty cell is a point that is not known.
func (t *cwTable) values(at int64, cells []string) error {
	t.begun = true
	for i, cell := range cells {
		cell = strings.TrimSpace(cell)
		if cell == "" {
			continue
		}
		if i >= len(t.columns) {
			return badInput("%s:%d: %d values under %d columns; if a comma is the decimal sign, save the file with a decimal point",
				t.name, t.line, len(cells), len(t.columns))
		}
		if _, err := strconv.ParseFloat(cell, 64); err != nil && !errors.Is(err, strconv.ErrRange) {
			if strings.Contains(cell, ",") {
				return badInput("%s:%d: %q has a comma; save the file with a decimal point and no thousands separator", t.name, t.line, printable(cell))
			}
			return badInput("%s:%d: %q is not a number", t.name, t.line, printable(cell))
		}
		if err := t.put(t.columns[i].points, at, cell); err != nil {
			return err
		}
	}
	return nil
}

// csvCells cuts a line into its cells.
func csvCells(line string, comma rune) ([]string, error) {
	if !strings.Contains(line, `"`) {
		return strings.Split(line, string(comma)), nil
	}
	r := csv.NewReader(strings.NewReader(line))
	r.Comma = comma
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	cells, err := r.Read()
	if err == nil && len(cells) == 0 {
		err = errors.New("no cell")
	}
	return cells, err
}
