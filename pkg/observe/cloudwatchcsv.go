package observe

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// Bounds of the console's CSV. Its head has a few lines of labels, and it has
// one column for each metric of each node.
const (
	maxCSVLine    = 1 << 20 // bytes
	maxCSVHead    = 20      // lines before the first time
	maxCSVColumns = 5_000
)

// cwLayouts are the times that the console, the AWS CLI and spreadsheets write.
func cwLayouts() []string {
	return []string{
		time.RFC3339, "2006-01-02T15:04:05", "2006/01/02 15:04:05", "2006-01-02 15:04:05", "2006/01/02 15:04", "2006-01-02 15:04",
	}
}

func cwTime(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if s == "" || s[0] < '0' || s[0] > '9' {
		return time.Time{}, false
	}
	for _, layout := range cwLayouts() {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// cwTable reads the console's CSV: some lines of labels, then a line for each
// point with the time first.
type cwTable struct {
	name    string
	line    int
	columns []cwColumn
	begun   bool // a line with a time was read
	points  int
}

func cwCSV(name string, r io.Reader) ([]cwColumn, error) {
	t := cwTable{name: name}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxCSVLine)
	for lines.Scan() {
		t.line++
		if err := t.row(lines.Text()); err != nil {
			return nil, err
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, badInput("%s:%d: a line of more than %d MiB; it is not the CSV of the CloudWatch console", name, t.line+1, maxCSVLine>>20)
	case err != nil:
		return nil, err
	case !t.begun:
		return nil, t.neither()
	}
	return t.columns, nil
}

func (t *cwTable) neither() error {
	return badInput("%s is neither the JSON of aws cloudwatch get-metric-data nor the CSV of the CloudWatch console, "+
		"whose lines begin with a time as in 2026-11-02 15:04:05, in the first %d lines", t.name, maxCSVHead)
}

// row takes one line.
func (t *cwTable) row(line string) error {
	if t.line == 1 {
		line = strings.TrimPrefix(line, "\ufeff")
	}
	cells, err := cwCells(line)
	if err != nil {
		return badInput("%s:%d: not CSV: %s", t.name, t.line, printable(err.Error()))
	}
	first, rest := cells[0], cells[1:]
	at, isPoint := cwTime(first)
	switch {
	case isPoint:
		return t.point(at.Unix(), rest)
	case strings.Trim(line, ", \t\r") == "":
		return nil
	case !t.begun && t.line < maxCSVHead:
		return t.head(rest)
	case !t.begun:
		return t.neither()
	}
	return badInput("%s:%d: %q is not a time as in 2026-11-02 15:04:05", t.name, t.line, printable(first))
}

// head takes a line of labels.
func (t *cwTable) head(cells []string) error {
	if len(cells) > maxCSVColumns {
		return badInput("%s:%d: %d columns; at most %d are read", t.name, t.line, len(cells), maxCSVColumns)
	}
	for i, cell := range cells {
		if i == len(t.columns) {
			t.columns = append(t.columns, cwColumn{"", timeline{}})
		}
		t.columns[i].text += " " + cell
	}
	return nil
}

// point takes a line of values. An empty cell is a point that is not known.
func (t *cwTable) point(at int64, cells []string) error {
	t.begun = true
	for i, cell := range cells {
		cell = strings.TrimSpace(cell)
		if cell == "" {
			continue
		}
		if i >= len(t.columns) {
			return badInput("%s:%d: %d values, and the head names %d columns; if a comma is the decimal sign, save the file with a point in its place",
				t.name, t.line, len(cells), len(t.columns))
		}
		if _, err := strconv.ParseFloat(cell, 64); err != nil && !errors.Is(err, strconv.ErrRange) {
			if strings.Contains(cell, ",") {
				return badInput("%s:%d: %q has a comma; write a point as the decimal sign, and nothing between thousands", t.name, t.line, printable(cell))
			}
			return badInput("%s:%d: %q is not a number", t.name, t.line, printable(cell))
		}
		n, ok := parse(cell)
		if !ok {
			continue
		}
		if t.points++; t.points > maxPoints {
			return tooManyPoints(t.name)
		}
		t.columns[i].points[at] = n
	}
	return nil
}

func tooManyPoints(name string) error {
	return badInput("%s has more than %d points; export a shorter range, or longer periods", name, maxPoints)
}

// cwCells cuts a line into its cells.
func cwCells(line string) ([]string, error) {
	if !strings.Contains(line, `"`) {
		return strings.Split(line, ","), nil
	}
	r := csv.NewReader(strings.NewReader(line))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	cells, err := r.Read()
	if err == nil && len(cells) == 0 {
		err = errors.New("no cell")
	}
	return cells, err
}
