package report

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/keynest/keynest/pkg/gate"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
)

// verdictWord is a verdict as a table shows it; JSON and the formats of CI
// systems have the verdict's own name.
func verdictWord(v gate.Verdict) string {
	switch v {
	case gate.Breach:
		return "OVER"
	case gate.Stale:
		return "old rates"
	case gate.Unknown:
		return "not known"
	case gate.Warn:
		return "warning"
	case gate.Skipped:
		return "not judged"
	case gate.Pass:
		return "within"
	}
	return string(v)
}

// verdictTone is the colour of a verdict.
func verdictTone(v gate.Verdict) page.Tone {
	switch v {
	case gate.Breach:
		return page.Bad
	case gate.Warn:
		return page.Warn
	case gate.Pass:
		return page.Good
	}
	return page.Blank
}

// limitsTable has a row for each limit, the worst verdict first. With a baseline
// it has what the check was and how it changed.
func limitsTable(r *gate.Result, quiet bool) *page.Table {
	t := page.NewTable(
		page.Column{Head: "Verdict", Class: "verdict"}, page.Column{Head: "USD/month", Right: true, Class: "usd"}, page.Column{Head: "Check", Cut: 12},
		page.Column{Head: "Limit"}, page.Column{Head: "Room", Right: true})
	if r.Baseline != nil {
		t.Columns = append(t.Columns, page.Column{Head: "Was", Right: true, From: 90}, page.Column{Head: "Change", Right: true, From: 80, Class: page.ChangeClass})
	}
	t.Titles, t.Sorts = 2, true
	judges := slices.ContainsFunc(r.Checks, func(c *gate.CheckResult) bool { return judgedWords(r, c) != "" })
	if judges { // a comparison of two reports says it below
		t.Columns = append(t.Columns, page.Column{Head: "Judged", Cut: 14, From: 100})
	}
	type row struct {
		verdict gate.Verdict
		page.Row
	}
	var rows []row
	for _, c := range r.Checks {
		for i := range c.Limits {
			l := &c.Limits[i]
			if quiet && l.Verdict == gate.Pass {
				continue
			}
			cells := []string{verdictWord(l.Verdict), checkTotal(c), c.Check.Name, limitWords(l), room(c, l)}
			if r.Baseline != nil {
				was, change := changeCells(c)
				cells = append(cells, was, change)
			}
			wrong := l.Verdict == gate.Breach || l.Verdict == gate.Stale
			if judges {
				cells = append(cells, judgedWords(r, c))
			}
			rows = append(rows, row{l.Verdict, page.Row{Cells: cells, Strong: wrong, Broken: l.Verdict == gate.Breach, Tone: verdictTone(l.Verdict)}})
		}
	}
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].verdict.Worse(rows[j].verdict) })
	for _, r := range rows {
		t.Groups[0].Rows = append(t.Groups[0].Rows, r.Row)
	}
	return t
}

// limitNotes say of a limit what its row cannot: why it was not judged, what an
// application needs, that the baseline was above the limit already.
func limitNotes(r *gate.Result, quiet bool) []string {
	var notes []string
	for _, c := range r.Checks {
		for i := range c.Limits {
			l := &c.Limits[i]
			inRow := l.Verdict == gate.Pass || l.Verdict == gate.Breach || l.Verdict == gate.Skipped || l.Verdict == gate.Warn && l.Key == gate.KeyWarn
			if inRow && l.Key != gate.KeyFit && c.Check.Path == nil || quiet && l.Verdict == gate.Pass {
				continue
			}
			notes = append(notes, fmt.Sprintf("%s, %s: %s", c.Check.Name, limitWords(l), l.Words))
		}
	}
	return slices.Compact(notes)
}

// judgedWords says whose bills a check judges.
func judgedWords(r *gate.Result, c *gate.CheckResult) string {
	if c.Check.IsSum() {
		return "sum of " + strings.Join(c.Check.Sum, ", ")
	}
	judged := targetWords(&c.Check.Target)
	if c.Check.Path != nil {
		judged = "after the change"
		if r.Inventory != nil && !r.Inventory.Changes() {
			judged = "what runs"
		}
	}
	if n := len(c.Check.Workloads); n > 1 {
		judged += ", sum of " + count(int64(n), "workload")
	}
	return judged
}

// changeCells are what a check was in the baseline, and the difference.
func changeCells(c *gate.CheckResult) (was, change string) {
	switch {
	case c.Base == nil:
		return "–", "–"
	case c.AtLeast || c.AtMost || c.Base.AtLeast:
		return knownText(c.Base.Total, c.Base.AtLeast), "unknown"
	}
	return c.Base.Total.Grouped(), signed(c.Total - c.Base.Total)
}

// limitWords is a limit in the words of a table.
func limitWords(l *gate.LimitResult) string {
	text := limitText(l)
	switch l.Key {
	case gate.KeyMax:
		return "at most " + text
	case gate.KeyWarn:
		return "warn above " + text
	case gate.KeyIncrease, gate.KeyIncreasePercent:
		return "rise of at most " + text
	case gate.KeyRateAge:
		return "rates of at most " + text
	case gate.KeyPlan:
		return "plan " + text
	case gate.KeyFit:
		return "applications run"
	}
	return l.Key + " " + text
}

// room is how far a check is from its limit: "20.00 left", "30.05 over"; of a
// limit in percent, the change; of one that was not judged, why in two words.
func room(c *gate.CheckResult, l *gate.LimitResult) string {
	switch l.Verdict {
	case gate.Skipped:
		if c.Check.FirstRun {
			return "first run"
		}
		return "no baseline"
	case gate.Stale:
		return "rate of " + c.Oldest
	case gate.Unknown:
		return "price not known"
	}
	switch l.Unit {
	case gate.UnitPercent:
		if l.Actual == "" || strings.HasPrefix(l.Actual, "-") || strings.HasPrefix(l.Actual, "from") {
			return percentActual(l.Actual)
		}
		return "+" + percentActual(l.Actual)
	case gate.UnitDays:
		return l.Actual + " days"
	case gate.UnitPlan:
		return "too small"
	case gate.UnitRuns:
		return l.Actual + " of " + l.Limit
	}
	limit, err1 := money.ParseUSD(l.Limit)
	actual, err2 := money.ParseUSD(l.Actual)
	switch {
	case err1 != nil || err2 != nil:
		return ""
	case actual > limit:
		return (actual - limit).Grouped() + " over"
	}
	return (limit - actual).Grouped() + " left"
}

// percentActual is what a limit in percent was compared with.
func percentActual(s string) string {
	if s == "" || strings.HasPrefix(s, "from") || strings.HasSuffix(s, "%") {
		return s
	}
	return s + " %"
}

// verdictLabel is the verdict of a whole run in two words.
func verdictLabel(v gate.Verdict) string {
	switch v {
	case gate.Breach:
		return "Over budget"
	case gate.Stale:
		return "Old rates"
	case gate.Unknown:
		return "Not known"
	case gate.Warn, gate.Pass:
		return "Within budget"
	case gate.Skipped:
	}
	return "Not judged"
}

// checkAnswerRows is how many checks the answer names.
const checkAnswerRows = 3

// checkAnswers are the verdict of a run, then the checks that it is for.
func checkAnswers(r *gate.Result) []page.Answer {
	list := []page.Answer{{Label: verdictLabel(r.Verdict), Text: Summary(r), Tone: verdictTone(r.Verdict)}}
	named := map[*gate.CheckResult]bool{}
	for _, f := range findings(r) {
		if f.verdict == gate.Skipped || named[f.check] {
			continue
		}
		if named[f.check] = true; len(named) > checkAnswerRows {
			break
		}
		list = append(list, page.Answer{Label: f.check.Check.Name, Figure: checkTotal(f.check), Unit: "USD a month",
			Text: fmt.Sprintf("%s: %s, %s", verdictWord(f.verdict), limitWords(f.limit), room(f.check, f.limit)), Tone: verdictTone(f.verdict)})
	}
	return list
}
