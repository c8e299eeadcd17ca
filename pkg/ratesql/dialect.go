package ratesql

import (
	"fmt"
	"slices"
	"strings"
)

// Dialect names a database that reads the SQL.
type Dialect string

// The dialects.
const (
	DuckDB     Dialect = "duckdb"
	ClickHouse Dialect = "clickhouse"
	Spark      Dialect = "spark"
)

// Dialects lists the names in alphabetical order.
func Dialects() []string {
	var names []string
	for d := range dialects {
		names = append(names, string(d))
	}
	slices.Sort(names)
	return names
}

// dialect is how a database says what the views need: whole numbers of at
// least 127 bits or 38 digits, their division, and calendar months.
type dialect struct {
	name       string
	wide       string // %s as a wide whole number
	div        string // %s ÷ %s, both not negative, rounded down
	month      string // the first day of the month of a timestamp
	monthDays  string // how many days the month of a first day has
	monthName  string // a first day as 2026-03
	usd        string // nano-dollars as dollars
	createView string
	values     func(name string, columns []column, rows [][]string, d dialect) string
}

var dialects = map[Dialect]dialect{
	DuckDB: {
		name: "DuckDB", wide: "CAST(%s AS HUGEINT)", div: "((%s) // (%s))",
		month: "date_trunc('month', %s)", monthDays: "day(last_day(%s))", monthName: "strftime(%s, '%%Y-%%m')",
		usd:        "CAST(%s AS DECIMAL(28, 0)) * CAST(0.000000001 AS DECIMAL(10, 9))",
		createView: "CREATE OR REPLACE VIEW %s AS", values: sqlValues,
	},
	ClickHouse: {
		name: "ClickHouse", wide: "toInt256(%s)", div: "intDiv(%s, %s)",
		month: "toStartOfMonth(%s)", monthDays: "toDayOfMonth(toLastDayOfMonth(%s))", monthName: "formatDateTime(%s, '%%Y-%%m')",
		usd:        "toDecimal128(%s, 9) / 1000000000",
		createView: "CREATE OR REPLACE VIEW %s AS", values: clickHouseValues,
	},
	Spark: {
		name: "Spark SQL (session time zone UTC)", wide: "CAST(%s AS DECIMAL(38, 0))", div: "CAST((%s) div (%s) AS DECIMAL(38, 0))",
		month: "date_trunc('MONTH', %s)", monthDays: "day(last_day(%s))", monthName: "date_format(%s, 'yyyy-MM')",
		usd:        "CAST(%s AS DECIMAL(28, 0)) * CAST('0.000000001' AS DECIMAL(10, 9))",
		createView: "CREATE OR REPLACE TEMPORARY VIEW %s AS", values: sqlValues,
	},
}

func (d dialect) w(x string) string { return fmt.Sprintf(d.wide, x) }

// down is a ÷ b rounded down, up rounded up, half rounded half up.
func (d dialect) down(a, b string) string { return fmt.Sprintf(d.div, a, b) }
func (d dialect) up(a, b string) string   { return d.down(a+" + "+b+" - 1", b) }
func (d dialect) half(a, b string) string {
	return d.down("2 * "+a+" + "+b, "2 * ("+b+")")
}

func rowsText(rows [][]string) string {
	var lines []string
	for _, r := range rows {
		lines = append(lines, "  ("+strings.Join(r, ", ")+")")
	}
	return strings.Join(lines, ",\n")
}

// selected are a data table's columns, its numbers wide.
func (d dialect) selected(columns []column) string {
	var list []string
	for _, c := range columns {
		if c.text {
			list = append(list, c.name)
		} else {
			list = append(list, d.w("t."+c.name)+" AS "+c.name)
		}
	}
	return strings.Join(list, ", ")
}

func sqlValues(name string, columns []column, rows [][]string, d dialect) string {
	var names []string
	for _, c := range columns {
		names = append(names, c.name)
	}
	return fmt.Sprintf(d.createView+"\nSELECT %s\nFROM (VALUES\n%s\n) AS t(%s);", name, d.selected(columns), rowsText(rows), strings.Join(names, ", "))
}

func clickHouseValues(name string, columns []column, rows [][]string, d dialect) string {
	var types []string
	for _, c := range columns {
		kind := "Int64"
		if c.text {
			kind = "String"
		}
		types = append(types, c.name+" "+kind)
	}
	return fmt.Sprintf(d.createView+"\nSELECT %s\nFROM values('%s',\n%s\n) AS t;", name, d.selected(columns), strings.Join(types, ", "), rowsText(rows))
}
