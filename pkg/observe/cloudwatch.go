package observe

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/unit"
)

// cwMetrics are the ElastiCache metrics that are read, by what they count. The
// *BasedCmds metrics overlap with GetTypeCmds and SetTypeCmds, but for those
// listed here.
func cwMetrics() []struct{ name, kind, statistic string } {
	return []struct{ name, kind, statistic string }{
		{"GetTypeCmds", "reads", "Sum"},
		{"SetTypeCmds", "writes", "Sum"},
		{"EvalBasedCmds", "others", "Sum"},
		{"PubSubBasedCmds", "others", "Sum"},
		{"TotalCmdsCount", "commands", "Sum"},
		{"ElastiCacheProcessingUnits", "ecpu", "Sum"},
		{"NetworkBytesIn", "in", "Sum"},
		{"NetworkBytesOut", "out", "Sum"},
		{"ReplicationBytes", "replication", "Sum"},
		{"BytesUsedForCache", "stored", "Maximum"},
	}
}

// CloudWatchQueries is a file for aws cloudwatch get-metric-data
// --metric-data-queries. Nodes are cache cluster ids, of primaries only; a
// serverless cache has a name instead.
func CloudWatchQueries(nodes []string, serverless string, period time.Duration) ([]byte, error) {
	type dimension struct{ Name, Value string }
	type metric struct {
		Namespace, MetricName string
		Dimensions            []dimension
	}
	type stat struct {
		Metric metric
		Period int64
		Stat   string
	}
	type query struct {
		ID         string `json:"Id"`
		MetricStat stat
	}
	var sets [][]dimension
	for _, n := range nodes {
		sets = append(sets, []dimension{{"CacheClusterId", n}, {"CacheNodeId", "0001"}})
	}
	if serverless != "" {
		sets = append(sets, []dimension{{"clusterId", serverless}})
	}
	var list []query
	for i, set := range sets {
		for _, m := range cwMetrics() {
			total := m.kind == "commands" || m.kind == "ecpu"
			if total != (serverless != "") && m.kind != "in" && m.kind != "out" && m.kind != "stored" {
				continue
			}
			list = append(list, query{
				fmt.Sprintf("%s_%s_%d", strings.ToLower(m.name), strings.ToLower(m.statistic), i),
				stat{metric{"AWS/ElastiCache", m.name, set}, int64(period.Seconds()), m.statistic},
			})
		}
	}
	out, err := json.MarshalIndent(list, "", "  ")
	return append(out, '\n'), err
}

// cwColumn is one metric of one node with one statistic.
type cwColumn struct {
	text   string // id and labels, in words
	points timeline
}

// ReadCloudWatch reads the JSON of get-metric-data and get-metric-statistics,
// one or many in a file, or the console's CSV. statistic says what the values
// are ("sum", "average", "maximum") where the file does not.
func ReadCloudWatch(name string, r io.Reader, statistic string) (*Result, error) {
	limited := &io.LimitedReader{R: r, N: maxExport + 1}
	b := bufio.NewReader(limited)
	head, _ := b.Peek(64)
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	var columns []cwColumn
	var err error
	if len(head) > 0 && (head[0] == '{' || head[0] == '[') {
		err = documents(name, b, func(doc json.RawMessage) error {
			more, err := cwJSON(name, doc)
			columns = append(columns, more...)
			return err
		})
	} else {
		columns, err = cwCSV(name, b)
	}
	switch {
	case limited.N <= 0:
		return nil, badInput("%s is larger than %d MiB; export a shorter range", name, maxExport>>20)
	case err != nil:
		return nil, err
	}
	h, err := cwHistory(printable(name), columns, statistic)
	if err != nil {
		return nil, err
	}
	return h.derive()
}

// cwJSON reads one answer.
func cwJSON(name string, doc []byte) ([]cwColumn, error) {
	var a struct {
		MetricDataResults []struct {
			ID         string `json:"Id"`
			Label      string
			Timestamps []any
			Values     []json.Number
		}
		NextToken  string
		Label      string
		Datapoints []struct {
			Timestamp             any
			Sum, Average, Maximum *json.Number
		}
	}
	if err := json.Unmarshal(doc, &a); err != nil {
		return nil, badInput("%s is not an answer of aws cloudwatch: %s", name, printable(err.Error()))
	}
	if a.NextToken != "" {
		return nil, badInput("%s is a part of an answer (NextToken); let the AWS CLI fetch all of it", name)
	}
	var columns []cwColumn
	for _, m := range a.MetricDataResults {
		if len(m.Timestamps) != len(m.Values) {
			return nil, badInput("%s: %s has %d times and %d values", name, printable(m.ID), len(m.Timestamps), len(m.Values))
		}
		c := cwColumn{m.ID + " " + m.Label, timeline{}}
		for i, v := range m.Values {
			if err := c.put(name, m.Timestamps[i], v.String()); err != nil {
				return nil, err
			}
		}
		columns = append(columns, c)
	}
	if a.Label != "" {
		by := []cwColumn{{a.Label + " sum", timeline{}}, {a.Label + " average", timeline{}}, {a.Label + " maximum", timeline{}}}
		for _, d := range a.Datapoints {
			for i, v := range []*json.Number{d.Sum, d.Average, d.Maximum} {
				if v != nil {
					if err := by[i].put(name, d.Timestamp, v.String()); err != nil {
						return nil, err
					}
				}
			}
		}
		for _, c := range by {
			if len(c.points) > 0 {
				columns = append(columns, c)
			}
		}
	}
	return columns, nil
}

func (c cwColumn) put(name string, at any, value string) error {
	var t time.Time
	ok := true
	switch at := at.(type) {
	case string:
		t, ok = cwTime(at)
	case float64:
		t = time.Unix(int64(at), 0)
	default:
		ok = false
	}
	if !ok {
		return badInput("%s has the time %q, which is none", name, printable(fmt.Sprint(at)))
	}
	if n, ok := parse(value); ok {
		c.points[t.Unix()] = n
	}
	return nil
}

// cwHistory sums the columns by what they count.
func cwHistory(about string, columns []cwColumn, statistic string) (*history, error) {
	h := &history{
		about: about, byCommand: map[string]timeline{}, commands: timeline{}, reads: timeline{}, writes: timeline{}, others: timeline{},
		in: timeline{}, out: timeline{}, stored: timeline{}, from: map[string]string{
			"ops":      "GetTypeCmds + SetTypeCmds + EvalBasedCmds + PubSubBasedCmds",
			"commands": "TotalCmdsCount",
			"share":    "GetTypeCmds ÷ (GetTypeCmds + SetTypeCmds)",
			"stored":   "BytesUsedForCache, the highest point, which includes the server's own",
			"payload":  "(NetworkBytesIn + NetworkBytesOut − ReplicationBytes) ÷ commands",
		},
	}
	ecpu, replication := timeline{}, timeline{}
	places := map[string]timeline{
		"reads": h.reads, "writes": h.writes, "others": h.others, "commands": h.commands, "in": h.in, "out": h.out,
		"stored": h.stored, "ecpu": ecpu, "replication": replication,
	}
	known := 0
	seen := map[string]string{}
	for _, c := range columns {
		text := strings.ToLower(c.text)
		for _, m := range cwMetrics() {
			if !strings.Contains(text, strings.ToLower(m.name)) {
				continue
			}
			known++
			stat := cwStatistic(text, statistic)
			if stat == "" {
				return nil, badInput("%s does not say whether %s is a sum or an average; give --statistic sum or --statistic average", about, m.name)
			}
			if m.kind == "stored" {
				gather(places[m.kind], c.points, 1)
				break
			}
			if stat == "maximum" {
				return nil, badInput("%s has %s by its maximum; a rate needs the sum of each period", about, m.name)
			}
			if old := seen[m.name]; old != "" && old != stat {
				break // the sum and the average of the same points: one is enough
			}
			seen[m.name] = stat
			over := int64(60) // the metrics are published once a minute: an average is a minute's
			if stat == "sum" {
				at := c.points.times()
				if len(at) < 2 {
					break
				}
				over = spacing(at)
			}
			gather(places[m.kind], c.points, over)
			break
		}
	}
	if known == 0 {
		return nil, badInput("%s has no ElastiCache metric that counts commands, bytes or memory; keynest observe cloudwatch --print-queries prints what to ask for", about)
	}
	h.out = less(h.out, replication)
	h.ecpuNote(ecpu)
	return h, nil
}

// gather adds a column to a sum, divided by the seconds that each point covers.
func gather(sum, points timeline, over int64) {
	for _, at := range slices.Sorted(maps.Keys(points)) {
		if n, err := unit.MulDiv(uint64(points[at]), 1, uint64(over)); err == nil {
			sum.put(at, n)
		}
	}
}

// cwStatistic finds the statistic in an id or a label.
func cwStatistic(text, given string) string {
	for _, s := range []string{"sum", "average", "maximum"} {
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == '_' || r == ' ' || r == '(' || r == ')' || r == ',' || r == ':' }) {
			if word == s || word == "avg" && s == "average" || word == "max" && s == "maximum" {
				return s
			}
		}
	}
	return given
}

// ecpuNote says what a serverless cache really billed a command.
func (h *history) ecpuNote(ecpu timeline) {
	n := len(h.commands)
	commands := h.commands.mean(n)
	if len(ecpu) == 0 || commands == 0 {
		return
	}
	each, err := unit.MulDiv(uint64(ecpu.mean(n)), 1000, uint64(commands))
	if err == nil {
		h.notes = append(h.notes, fmt.Sprintf("%s ECPU a command as billed (ElastiCacheProcessingUnits ÷ TotalCmdsCount)", unit.Rounded(each, 1000, 3)))
	}
}
