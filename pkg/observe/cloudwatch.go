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
	e := &export{name: name, r: r}
	b := bufio.NewReader(e)
	head, _ := b.Peek(64)
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	var columns []cwColumn
	var err error
	if len(head) > 0 && (head[0] == '{' || head[0] == '[') {
		columns, err = cwJSON(e, b)
	} else {
		columns, err = cwCSV(e, b)
	}
	if err != nil {
		return nil, err
	}
	h, err := cwHistory(printable(name), columns, statistic)
	if err != nil {
		return nil, err
	}
	return h.derive()
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
