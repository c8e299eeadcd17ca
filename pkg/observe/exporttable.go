package observe

import (
	"bufio"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/commands"
)

// csvTable is a CSV with a head, the time first, one column for each series: as
// Grafana saves a panel with the series joined by time.
type csvTable struct {
	*collection
	in      *export
	name    string
	is      string
	comma   rune
	line    int
	columns []*rawSeries // nil for one that is not read
	head    []string
	points  int
}

// table takes a CSV.
func (c *collection) table(e *export, is string, r io.Reader) error {
	t := &csvTable{collection: c, in: e, name: e.name, is: is, comma: ','}
	c.ends = true
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxPiece)
	for lines.Scan() {
		t.line++
		line := strings.TrimRight(strings.TrimPrefix(lines.Text(), "\ufeff"), "\r")
		if sep, ok := strings.CutPrefix(line, "sep="); ok && len(sep) == 1 { // Grafana's "Download for Excel"
			t.comma = rune(sep[0])
			continue
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		if err := t.row(line); err != nil {
			return err
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return badInput("%s:%d: a line is longer than %d MiB; this is not CSV", t.name, t.line+1, maxPiece>>20)
	case err != nil:
		return e.failed
	case t.points == 0:
		return badInput("%s has a head but no line with a time", t.name)
	}
	return nil
}

func (t *csvTable) row(line string) error {
	if t.head == nil && t.comma == ',' && !strings.Contains(line, ",") {
		for _, c := range ";\t" {
			if strings.ContainsRune(line, c) {
				t.comma = c
			}
		}
	}
	cells, err := csvCells(line, t.comma)
	if err != nil {
		return badInput("%s:%d: not CSV: %s", t.name, t.line, printable(err.Error()))
	}
	if t.head == nil {
		return t.begin(cells)
	}
	at, ok := tableTime(cells[0])
	if !ok {
		return badInput("%s:%d: %q is not a time such as 2026-11-02 15:04:05 or 1793631845000 (milliseconds since 1970)", t.name, t.line, printable(cells[0]))
	}
	if t.points++; t.points == 1 && strings.ContainsAny(cells[0], ":") && !strings.ContainsAny(cells[0], "Z+") {
		t.notes = append(t.notes, t.name+" has times without a time zone; they are read as UTC")
	}
	if len(cells) > len(t.head) {
		return badInput("%s:%d: %d cells under a head of %d; if a comma is the decimal sign, save the file with a decimal point", t.name, t.line, len(cells), len(t.head))
	}
	for i, cell := range cells[1:] {
		to := t.columns[i+1]
		cell = strings.TrimSpace(cell)
		if to == nil || cell == "" || strings.EqualFold(cell, "null") || strings.EqualFold(cell, "undefined") || strings.EqualFold(cell, "NaN") {
			continue
		}
		if _, err := strconv.ParseFloat(cell, 64); err != nil && !errors.Is(err, strconv.ErrRange) {
			return t.notANumber(cell, t.head[i+1])
		}
		if err := t.put(t.in, to, at, cell); err != nil {
			return err
		}
	}
	return nil
}

// notANumber says what a cell is in place of a number.
func (t *csvTable) notANumber(cell, column string) error {
	at := t.line
	if digits := strings.Trim(cell, "0123456789., "); digits != "" && cell[0] >= '0' && cell[0] <= '9' {
		return badInput("%s:%d: %q in the column %s has a unit, so it is rounded; save it again with Grafana's \"Formatted data\" switched off", t.name, at, printable(cell), printable(column))
	}
	if strings.Contains(cell, ",") {
		return badInput("%s:%d: %q in the column %s has a comma; save the file with a decimal point and no thousands separator", t.name, at, printable(cell), printable(column))
	}
	return badInput("%s:%d: %q in the column %s is not a number", t.name, at, printable(cell), printable(column))
}

func tableTime(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	if at, ok := unixTime(s); ok && at > 1e8 {
		return at, true
	}
	at, ok := cwTime(s)
	return at.Unix(), ok
}

// begin takes the head: what each column is.
func (t *csvTable) begin(cells []string) error {
	first := strings.ToLower(strings.TrimSpace(cells[0]))
	if len(cells) > maxColumns {
		return badInput("%s:%d: %d columns are too many; at most %d are read", t.name, t.line, len(cells), maxColumns)
	}
	if len(cells) < 2 || !slices.Contains([]string{"time", "timestamp", "date", "datetime"}, first) {
		return badInput("%s is neither JSON nor a CSV whose first column is Time: its first line is %q. %s", t.name, printable(strings.Join(cells, string(t.comma))), t.wanted())
	}
	t.head = cells
	t.columns = make([]*rawSeries, len(cells))
	classes := commands.NewClasses()
	var unknown []string
	found, named := 0, 0
	for i, header := range cells[1:] {
		to, err := t.column(strings.TrimSpace(header), classes)
		if err != nil {
			return err
		}
		if to != nil && slices.Contains(cells[1:i+1], header) {
			return badInput("%s has two columns %q; give each its own legend", t.name, printable(header))
		}
		if t.columns[i+1] = to; to != nil {
			found++
			continue
		}
		unknown = append(unknown, header)
		if classes.Of(commandName(header)) != commands.Unknown {
			named++
		}
	}
	for _, q := range slices.Sorted(maps.Keys(t.opt.Columns)) {
		if !slices.Contains(cells[1:], t.opt.Columns[q]) {
			return badInput("%s has no column %q for --column %s; the head has %s", t.name, t.opt.Columns[q], q, printable(strings.Join(cells[1:], ", ")))
		}
	}
	if found == 0 && 2*named > len(unknown) {
		return badInput("%s has columns named after commands (%s); add --by-command to read them as commands per second", t.name, printable(strings.Join(unknown[:min(5, len(unknown))], ", ")))
	}
	if found == 0 {
		return badInput("%s has the columns %s, and none is a known metric; name one, as in --column commands=%q (a rate per second; known names: %s)",
			t.name, printable(strings.Join(unknown[:min(5, len(unknown))], ", ")), cells[1], strings.Join(Quantities(), ", "))
	}
	return nil
}

// column finds the series of a column by its header: as --column names it, a
// metric with its labels, or a command.
func (t *csvTable) column(header string, classes commands.Classes) (*rawSeries, error) {
	for _, q := range slices.Sorted(maps.Keys(t.opt.Columns)) {
		if t.opt.Columns[q] == header {
			return t.given(q, "", "", "")
		}
	}
	name, labels := header, map[string]string{}
	if i := strings.IndexByte(header, '{'); i >= 0 {
		name = header[:i]
		if _, ok := readLabels(header[i+1:], labels); !ok {
			labels = map[string]string{}
		}
		if name == "" {
			name = labels["__name__"]
		}
	}
	for _, system := range slices.Sorted(maps.Keys(t.systems)) {
		if s := t.systems[system]; s.Metric[name].Is != "" {
			return t.labelled(s, name, labels)
		}
	}
	switch {
	case t.is != "":
		cmd := commandName(label(labels, []string{"cmd", "command"}))
		if cmd == "" && strings.Contains(t.is, "by_command") {
			cmd = commandName(header)
		}
		return t.given(t.is, cmd, "", header)
	case t.opt.ByCommand && classes.Of(commandName(header)) != commands.Unknown:
		return t.given("by_command", commandName(header), "", "")
	}
	return nil, nil
}
