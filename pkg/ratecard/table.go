package ratecard

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/money"
)

// A price table is a grid in a TOML string: regions down and ids across, or
// the other way round. The first line names the columns; its first word says
// which way it lies.
//
//	region     storage  ecpu          id              us-east-1  eu-west-1
//	us-east-1  0.084    0.0023        cache.r7g.large 0.1752     0.1944
//	eu-west-1  0.094    0.0025        cache.r8g.large 0.1756     -
//
// "-" means not sold there, "?" sold at a price that was not found, "." that this
// table says nothing: an earlier one holds. Blank
// lines and lines that start with # do not count.
const (
	cellNotSold = "-"
	cellUnknown = "?"
	cellSilent  = "."
)

// priceTable is one grid, with the keys that apply to all of its figures.
type priceTable struct {
	name     string
	grid     string
	currency string
	per      string // "hour" or "month": what a plan's price is per
	source   string
	assumed  string
	factor   int64 // millionths of another offer's table; 0 for the offer's own
	factorAs string
	from     string // the offer that the grid was taken from
	base     string // the source of the other offer's grid; source is then that of the factor
	own      bool   // true for the version's own table, false for one of the version it is based on

	// Index of the grid: the position of each id and region.
	ids, regions []string
	rows         map[string]string // a row's line by its first word
	columns      map[string]int    // a column's place in a line
	regionDown   bool              // rows are regions, columns ids
}

// cell is one figure of a table. found is false if the table does not have its
// row or column.
type cell struct {
	text  string
	found bool
}

// index finds the position of everything in the grid, once.
func (t *priceTable) index() {
	lines := gridLines(t.grid)
	head, ok := lines()
	if !ok {
		return
	}
	fields := strings.Fields(head)
	t.regionDown = fields[0] == "region"
	t.columns = make(map[string]int, len(fields))
	for i, f := range fields[1:] {
		t.columns[f] = i + 1
	}
	height := strings.Count(t.grid, "\n")
	t.rows = make(map[string]string, height)
	down := make([]string, 0, height)
	for line, ok := lines(); ok; line, ok = lines() {
		name := firstField(line)
		down = append(down, name)
		t.rows[name] = line
	}
	t.ids, t.regions = down, fields[1:]
	if t.regionDown {
		t.ids, t.regions = t.regions, t.ids
	}
}

// lookup finds the figure of an id in a region.
func (t *priceTable) lookup(id, region string) cell {
	row, column := id, region
	if t.regionDown {
		row, column = region, id
	}
	line, at := t.rows[row], t.columns[column]
	if line == "" || at == 0 {
		return cell{}
	}
	text := fieldAt(line, at)
	return cell{text: text, found: text != cellSilent}
}

// speaksOf says whether the table has a row or column for the id.
func (t *priceTable) speaksOf(id string) bool {
	if t.regionDown {
		return t.columns[id] > 0
	}
	return t.rows[id] != ""
}

// axes returns the ids and regions of the table.
func (t *priceTable) axes() (ids, regions []string) { return t.ids, t.regions }

// check reports problems with the grid's shape and figures.
func (t *priceTable) check(report func(format string, args ...any)) {
	lines := gridLines(t.grid)
	head, ok := lines()
	if !ok {
		report("the table is empty")
		return
	}
	columns := strings.Fields(head)
	if columns[0] != "region" && columns[0] != "id" {
		report("the table's first word is %q; it must be region or id", columns[0])
		return
	}
	if len(columns) < 2 {
		report("the table has no columns after %q", columns[0])
	}
	seen := map[string]bool{}
	for _, c := range columns[1:] {
		if seen[c] {
			report("two columns for %s", c)
		}
		seen[c] = true
	}
	rows := map[string]bool{}
	for line, ok := lines(); ok; line, ok = lines() {
		fields := strings.Fields(line)
		if rows[fields[0]] {
			report("two rows for %s", fields[0])
		}
		rows[fields[0]] = true
		if len(fields) != len(columns) {
			report("row %s has %d figures for %d columns", fields[0], len(fields)-1, len(columns)-1)
			continue
		}
		for i, f := range fields[1:] {
			if f == cellNotSold || f == cellUnknown || f == cellSilent {
				continue
			}
			if v, err := money.ParseUSD(f); err != nil {
				report("%s of %s: %v", columns[i+1], fields[0], err)
			} else if v < 0 {
				report("%s of %s is negative", columns[i+1], fields[0])
			}
		}
	}
}

// scaled returns a table figure times the table's factor.
func (t *priceTable) scaled(text string) (money.USD, error) {
	v, err := money.ParseUSD(text)
	if err != nil || t.factor == 0 {
		return v, err
	}
	return v.Times(t.factor, 1_000_000)
}

// rate turns a cell into a rate per that many units.
func (t *priceTable) rate(c cell, per int64) (*Rate, error) {
	amount, err := t.scaled(c.text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.name, err)
	}
	return &Rate{
		Price:    money.Price{Amount: amount, Per: per},
		Currency: t.currency,
		Text:     c.text,
		Source:   t.source,
		Assumed:  t.assumed,
		Factor:   t.factorAs,
		From:     t.from,
		Base:     t.base,
	}, nil
}

// gridLines returns an iterator over the lines of a grid, without blank lines
// and comments.
func gridLines(grid string) func() (string, bool) {
	rest := grid
	return func() (string, bool) {
		for rest != "" {
			line, after, _ := strings.Cut(rest, "\n")
			rest = after
			line = strings.Trim(line, " \t\r")
			if line != "" && line[0] != '#' {
				return line, true
			}
		}
		return "", false
	}
}

func firstField(line string) string { return fieldAt(line, 0) }

// fieldAt returns the n-th space-separated field without splitting the rest.
func fieldAt(line string, n int) string {
	for i, at := 0, 0; at < len(line); i++ {
		for at < len(line) && blank(line[at]) {
			at++
		}
		from := at
		for at < len(line) && !blank(line[at]) {
			at++
		}
		if i == n {
			return line[from:at]
		}
	}
	return ""
}

func blank(c byte) bool { return c == ' ' || c == '\t' }
