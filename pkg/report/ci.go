package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"path"
	"sort"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/gate"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/safetext"
)

// CIOptions are what the formats for pipelines need to know beside the result.
type CIOptions struct {
	Version  string // of keynest
	WarnOnly bool   // a broken limit does not fail the run
}

// A finding is a limit that was not respected: broken, warned of, or not to be
// judged.
type finding struct {
	check   *gate.CheckResult
	limit   *gate.LimitResult
	verdict gate.Verdict
}

// findings lists them, the worst first.
func findings(r *gate.Result) []finding {
	var all []finding
	for _, c := range r.Checks {
		for i := range c.Limits {
			if v := c.Limits[i].Verdict; v != gate.Pass {
				all = append(all, finding{c, &c.Limits[i], v})
			}
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].verdict.Worse(all[j].verdict) })
	return all
}

func (f finding) message() string {
	return fmt.Sprintf("%s: %s %s: %s", f.check.Check.Name, f.limit.Key, limitText(f.limit), f.limit.Words)
}

// failing says whether a verdict fails a run.
func (o CIOptions) failing(v gate.Verdict) bool {
	return v == gate.Stale || v == gate.Unknown || v == gate.Breach && !o.WarnOnly
}

// id names a finding for as long as it stays: it holds no cost, and no line.
func (f finding) id() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{"keynest", f.check.Check.Name, f.limit.Key, ruleOf(f)}, "\x00")))
	return hex.EncodeToString(sum[:])
}

// line is where the limit stands in the file; 1 where it is not found.
func (f finding) line(lines gate.Lines) int {
	return max(1, lines.OfCheck(f.check.Check, f.limit.Key))
}

// details says what the cost is made of: the three largest lines of the bills.
func (f finding) details() string {
	type part struct {
		workload string
		offer    string
		line     *bill.Line
	}
	var parts []part
	for _, q := range f.check.Quotes {
		if q.Bill == nil {
			continue
		}
		for i := range q.Bill.Lines {
			parts = append(parts, part{q.Workload.Name, q.Bill.Offer.ID, &q.Bill.Lines[i]})
		}
	}
	sort.SliceStable(parts, func(i, j int) bool { return parts[i].line.Amount > parts[j].line.Amount })
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nlimit: %s %s\ncost: %s USD a month\n", f.limit.Words, f.limit.Key, limitText(f.limit), checkTotal(f.check))
	for _, p := range parts[:min(3, len(parts))] {
		fmt.Fprintf(&b, "%s on %s, %s: %s USD\n", orText(p.workload, "workload"), p.offer, p.line.Name, p.line.Amount.Grouped())
	}
	return b.String()
}

// WriteGitHub writes workflow commands: one annotation for each limit that was
// not respected, or a notice that all were.
func WriteGitHub(w io.Writer, r *gate.Result, opt CIOptions) error {
	var b bytes.Buffer
	all, lines := findings(r), gate.IndexLines(r.Text)
	for _, f := range all {
		level := "notice"
		switch {
		case opt.failing(f.verdict):
			level = "error"
		case f.verdict == gate.Warn || f.verdict == gate.Breach:
			level = "warning"
		}
		where := ""
		if r.Text != "" {
			where = fmt.Sprintf("file=%s,line=%d,", githubProperty(relative(r.Config)), f.line(lines))
		}
		fmt.Fprintf(&b, "::%s %stitle=%s::%s\n", level, where, githubProperty("keynest "+f.check.Check.Name), githubData(f.message()))
	}
	if len(all) == 0 {
		fmt.Fprintf(&b, "::notice title=keynest::%s\n", githubData(Summary(r)))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// The escapes of workflow commands, as actions/toolkit has them.
var (
	githubDataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubPropertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func githubData(s string) string     { return githubDataEscapes.Replace(safetext.Message(s)) }
func githubProperty(s string) string { return githubPropertyEscapes.Replace(safetext.Line(s)) }

// relative is a path as a pipeline shows it: with slashes, without a leading dot.
func relative(name string) string { return path.Clean(strings.ReplaceAll(name, "\\", "/")) }

// maxMarkdown is the longest Markdown that is written, in bytes: a comment on
// GitHub holds 65,536 characters.
const maxMarkdown = 65_000

// WriteComment writes the document as Markdown that fits into a comment. A
// marker becomes a hidden first line, by which a later run finds its comment.
func WriteComment(w io.Writer, d *page.Document, marker string) error {
	var b bytes.Buffer
	if marker != "" {
		fmt.Fprintf(&b, "<!-- keynest:%s -->\n", marker)
	}
	if err := page.WriteMarkdown(&b, d); err != nil {
		return err
	}
	_, err := w.Write(cutMarkdown(b.Bytes()))
	return err
}

// cutMarkdown shortens at the end of a line and says so.
func cutMarkdown(text []byte) []byte {
	if len(text) <= maxMarkdown {
		return text
	}
	notice := "\nCut here: the whole report is too long for a comment; --output json has all of it.\n"
	kept := text[:maxMarkdown-len(notice)]
	kept = kept[:bytes.LastIndexByte(kept, '\n')+1]
	return append(append([]byte{}, kept...), notice...)
}

// The elements of a JUnit file, in the order of the Apache Ant schema.
type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Package    string          `xml:"package,attr"`
	ID         int             `xml:"id,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Hostname   string          `xml:"hostname,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
	Out        string          `xml:"system-out"`
	Err        string          `xml:"system-err"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name      string       `xml:"name,attr"`
	Classname string       `xml:"classname,attr"`
	Time      string       `xml:"time,attr"`
	Skipped   *junitResult `xml:"skipped"`
	Error     *junitResult `xml:"error"`
	Failure   *junitResult `xml:"failure"`
}

type junitResult struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes one test case for each limit: a broken one has failed, one
// that cannot be judged is an error. Times are zero: nothing here is measured.
func WriteJUnit(w io.Writer, r *gate.Result, opt CIOptions) error {
	suite := junitSuite{
		Name: "keynest", Package: "keynest", Timestamp: r.AsOf + "T00:00:00", Hostname: "localhost", Time: "0",
		Properties: []junitProperty{{"as_of", r.AsOf}, {"rates_sha256", r.Set.SHA256()}}, Out: Summary(r) + "\n",
	}
	for _, c := range r.Checks {
		suite.Properties = append(suite.Properties, junitProperty{"usd_per_month " + c.Check.Name, checkTotal(c)})
		for i := range c.Limits {
			f := finding{c, &c.Limits[i], c.Limits[i].Verdict}
			tc := junitCase{Name: f.limit.Key, Classname: "keynest." + c.Check.Name, Time: "0"}
			result := &junitResult{Message: f.message(), Type: string(f.verdict), Text: f.details()}
			switch f.verdict {
			case gate.Breach:
				if opt.WarnOnly {
					suite.Out += "warning: " + f.message() + "\n"
					break
				}
				tc.Failure = result
				suite.Failures++
			case gate.Stale, gate.Unknown:
				tc.Error = result
				suite.Errors++
			case gate.Skipped:
				result.Type = ""
				tc.Skipped = result
				suite.Skipped++
			case gate.Warn:
				suite.Out += "warning: " + f.message() + "\n"
			case gate.Pass:
			}
			suite.Cases = append(suite.Cases, tc)
			suite.Tests++
		}
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(junitSuites{Suites: []junitSuite{suite}}); err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}

// The rules of a SARIF log, and the severities of a code quality report, by the
// key of the limit; what cannot be judged has rules of its own.
const (
	ruleUnjudged = "keynest/not-judged"
	ruleStale    = "keynest/stale-rates"
)

func ruleOf(f finding) string {
	switch f.verdict {
	case gate.Stale:
		return ruleStale
	case gate.Unknown:
		return ruleUnjudged
	case gate.Pass, gate.Warn, gate.Breach, gate.Skipped:
	}
	return "keynest/" + strings.ReplaceAll(f.limit.Key, "_", "-")
}

var sarifRules = []struct{ id, name, words string }{
	{"keynest/max-increase-percent", "MaxIncreasePercent", "The cost rises by more percent than the limit."},
	{"keynest/max-increase-usd", "MaxIncreaseUSD", "The cost rises by more than the limit."},
	{"keynest/max-usd-per-month", "MaxUSDPerMonth", "The cost is above the limit."},
	{ruleUnjudged, "NotJudged", "A needed figure is not known, so the limit cannot be judged."},
	{ruleStale, "StaleRates", "A rate is older than max_rate_age, so the limit is not judged."},
	{"keynest/warn-usd-per-month", "WarnUSDPerMonth", "The cost is above the warning."},
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifRule struct {
	ID               string    `json:"id"`
	Name             string    `json:"name"`
	ShortDescription sarifText `json:"shortDescription"`
	HelpURI          string    `json:"helpUri"`
}

type sarifResult struct {
	RuleID              string            `json:"ruleId"`
	RuleIndex           int               `json:"ruleIndex"`
	Level               string            `json:"level"`
	Message             sarifText         `json:"message"`
	Locations           []sarifLocation   `json:"locations"`
	PartialFingerprints map[string]string `json:"partialFingerprints"`
}

type sarifLocation struct {
	PhysicalLocation struct {
		ArtifactLocation struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region struct {
			StartLine int `json:"startLine"`
		} `json:"region"`
	} `json:"physicalLocation"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	Results []sarifResult `json:"results"`
}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

const home = "https://github.com/keynest/keynest"

// WriteSARIF writes a SARIF 2.1.0 log with a result for each limit that was
// broken, warned of, or not to be judged, on its line of the configuration.
func WriteSARIF(w io.Writer, r *gate.Result, opt CIOptions) error {
	run := sarifRun{Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "keynest", Version: opt.Version, InformationURI: home}
	index := map[string]int{}
	for i, rule := range sarifRules {
		index[rule.id] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{rule.id, rule.name, sarifText{rule.words}, home + "/blob/main/docs/check.md"})
	}
	lines := gate.IndexLines(r.Text)
	for _, f := range findings(r) {
		if f.verdict == gate.Skipped {
			continue
		}
		level := "warning"
		if opt.failing(f.verdict) {
			level = "error"
		}
		result := sarifResult{
			RuleID: ruleOf(f), RuleIndex: index[ruleOf(f)], Level: level, Message: sarifText{f.message()},
			Locations: make([]sarifLocation, 1), PartialFingerprints: map[string]string{"keynestLimit/v1": f.id()},
		}
		at := &result.Locations[0].PhysicalLocation
		at.ArtifactLocation.URI = (&url.URL{Path: relative(r.Config)}).String()
		at.Region.StartLine = f.line(lines)
		run.Results = append(run.Results, result)
	}
	return WriteJSON(w, sarifLog{
		Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run},
	})
}

// gitLabIssue is one entry of a GitLab code quality report.
type gitLabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitLabLocation `json:"location"`
}

type gitLabLocation struct {
	Path  string `json:"path"`
	Lines struct {
		Begin int `json:"begin"`
	} `json:"lines"`
}

// WriteGitLab writes a code quality report. The fingerprint holds no cost, or
// every run would look new.
func WriteGitLab(w io.Writer, r *gate.Result, opt CIOptions) error {
	issues, lines := []gitLabIssue{}, gate.IndexLines(r.Text)
	for _, f := range findings(r) {
		if f.verdict == gate.Skipped {
			continue
		}
		severity := "minor"
		switch {
		case f.verdict == gate.Breach && opt.failing(f.verdict):
			severity = "critical"
		case opt.failing(f.verdict):
			severity = "major"
		}
		issue := gitLabIssue{
			Description: f.message(), CheckName: ruleOf(f), Fingerprint: f.id(), Severity: severity,
			Location: gitLabLocation{Path: relative(r.Config)},
		}
		issue.Location.Lines.Begin = f.line(lines)
		issues = append(issues, issue)
	}
	return WriteJSON(w, issues)
}

// family is one metric of an OpenMetrics text.
type family struct {
	name, help string
	samples    []string
}

func (f *family) add(value string, labels ...string) {
	var parts []string
	for i := 0; i+1 < len(labels); i += 2 {
		parts = append(parts, labels[i]+`="`+metricEscapes.Replace(safetext.Line(labels[i+1]))+`"`)
	}
	name := f.name
	if len(parts) > 0 {
		name += "{" + strings.Join(parts, ",") + "}"
	}
	f.samples = append(f.samples, name+" "+value)
}

var metricEscapes = strings.NewReplacer("\\", "\\\\", "\"", "\\\"", "\n", "\\n")

// WriteOpenMetrics writes gauges in the OpenMetrics text format, with a fixed
// number of decimals; what is not known has no sample.
func WriteOpenMetrics(w io.Writer, r *gate.Result) error {
	cost := family{name: "keynest_cost_usd_per_month", help: "Cost of the workloads of a check, in US dollars a month."}
	base := family{name: "keynest_baseline_cost_usd_per_month", help: "The same in the baseline."}
	change := family{name: "keynest_cost_change_usd_per_month", help: "Change from the baseline, by cause; the causes sum to the whole but for rounding to cents."}
	limit := family{name: "keynest_limit_usd_per_month", help: "The limit, in US dollars a month."}
	percent := family{name: "keynest_limit_increase_percent", help: "The limit on a rise, in percent of the baseline."}
	broken := family{name: "keynest_limit_broken", help: "1 where the cost is strictly above the limit, else 0; no sample where it cannot be judged."}
	age := family{name: "keynest_rate_age_days", help: "Days from the oldest reading of a rate to the day of the rates."}
	for _, c := range r.Checks {
		name := c.Check.Name
		if !c.AtLeast && !c.AtMost {
			cost.add(c.Total.String(), "check", name)
		}
		if c.Base != nil && !c.Base.AtLeast {
			base.add(c.Base.Total.String(), "check", name)
		}
		if c.Base != nil && c.Base.Split != nil {
			for _, part := range []struct {
				cause string
				usd   money.USD
			}{{"workload", c.Base.Split.Workload}, {"rates", c.Base.Split.Rates}, {"rest", c.Base.Split.Other}} {
				change.add(part.usd.String(), "check", name, "cause", part.cause)
			}
		}
		if c.Oldest != "" && c.Oldest != ratecard.Undated {
			age.add(fmt.Sprint(c.AgeDays), "check", name)
		}
		for i := range c.Limits {
			l := &c.Limits[i]
			if l.Unit == gate.UnitPlan {
				continue // a warning without a figure
			}
			switch l.Unit {
			case gate.UnitUSD:
				limit.add(l.Limit, "check", name, "limit", l.Key)
			case gate.UnitPercent:
				percent.add(l.Limit, "check", name, "limit", l.Key)
			}
			switch l.Verdict {
			case gate.Breach, gate.Warn:
				broken.add("1", "check", name, "limit", l.Key)
			case gate.Pass:
				broken.add("0", "check", name, "limit", l.Key)
			case gate.Stale, gate.Unknown, gate.Skipped:
			}
		}
	}
	return writeMetrics(w, cost, base, change, limit, percent, broken, age)
}

func writeMetrics(w io.Writer, families ...family) error {
	var b bytes.Buffer
	for _, f := range families {
		if len(f.samples) == 0 {
			continue
		}
		fmt.Fprintf(&b, "# TYPE %s gauge\n# HELP %s %s\n", f.name, f.name, f.help)
		for _, s := range f.samples {
			b.WriteString(s + "\n")
		}
	}
	b.WriteString("# EOF\n")
	_, err := w.Write(b.Bytes())
	return err
}
