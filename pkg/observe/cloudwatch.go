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

// CloudWatchQueries is a file for aws cloudwatch get-metric-data
// --metric-data-queries. Nodes are cache cluster ids of primaries, and replicas
// those of replicas; a serverless cache has a name instead.
func CloudWatchQueries(nodes, replicas []string, serverless string, period time.Duration) ([]byte, error) {
	all, err := systems()
	if err != nil {
		return nil, err
	}
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
	var list []query
	ask := func(of, prefix string, n int, set []dimension) {
		known := all["cloudwatch"].Metric
		for _, name := range slices.Sorted(maps.Keys(known)) {
			if m := known[name]; slices.Contains(m.Asked, of) {
				list = append(list, query{
					fmt.Sprintf("%s%s_%s_%d", prefix, strings.ToLower(name), strings.ToLower(m.Statistic), n),
					stat{metric{"AWS/ElastiCache", name, set}, int64(period.Seconds()), m.Statistic},
				})
			}
		}
	}
	for i, n := range nodes {
		ask("node", "", i, []dimension{{"CacheClusterId", n}, {"CacheNodeId", "0001"}})
	}
	for i, n := range replicas {
		ask("replica", replicaPrefix, i, []dimension{{"CacheClusterId", n}, {"CacheNodeId", "0001"}})
	}
	if serverless != "" {
		ask("serverless", "", 0, []dimension{{"clusterId", serverless}})
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
// are ("sum", "average", "maximum") where the file does not, and
// replicas the cache cluster ids of nodes that are replicas.
func ReadCloudWatch(name string, r io.Reader, statistic string, replicas []string) (*Result, error) {
	e := &export{name: name, r: r}
	b := bufio.NewReader(e)
	head, _ := b.Peek(64)
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	var columns []cwColumn
	var notes []string
	var err error
	if len(head) > 0 && (head[0] == '{' || head[0] == '[') {
		columns, notes, err = cwJSON(e, b)
	} else {
		columns, err = cwCSV(e, b)
	}
	if err != nil {
		return nil, err
	}
	h, err := cwHistory(printable(name), columns, statistic, replicas)
	if err != nil {
		return nil, err
	}
	h.notes = append(notes, h.notes...)
	return h.derive()
}

// cwSeries is a column whose metric and statistic are known.
type cwSeries struct {
	metric    string
	what      metric
	statistic string
	replica   bool
	points    timeline
}

// cwKnown finds the metric and the statistic of each column.
func cwKnown(about string, columns []cwColumn, statistic string, replicas []string) ([]cwSeries, error) {
	all, err := systems()
	if err != nil {
		return nil, err
	}
	known := all["cloudwatch"].Metric
	var list []cwSeries
	for _, c := range columns {
		text := strings.ToLower(c.text)
		for _, name := range slices.Sorted(maps.Keys(known)) {
			if !hasWord(text, strings.ToLower(name)) {
				continue
			}
			s := cwSeries{name, known[name], cwStatistic(text, statistic), strings.HasPrefix(strings.TrimSpace(text), replicaPrefix), c.points}
			for _, id := range replicas {
				s.replica = s.replica || hasWord(text, strings.ToLower(id))
			}
			if s.statistic == "" {
				return nil, badInput("%s does not say whether %s is a sum or an average; give --statistic sum or --statistic average", about, name)
			}
			list = append(list, s)
			break
		}
	}
	if len(list) == 0 {
		var texts []string
		for _, c := range columns[:min(len(columns), 5)] {
			texts = append(texts, strings.TrimSpace(c.text))
		}
		return nil, badInput("%s has no ElastiCache metric that counts commands, bytes or memory; it has %s. keynest observe cloudwatch --print-queries prints the queries to use",
			about, printable(orNone(strings.Join(texts, ", "))))
	}
	return list, nil
}

// hasWord reports whether a text has a name that is not part of a longer one:
// GetTypeCmds is not in GetTypeCmdsLatency.
func hasWord(text, name string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return false
		}
		from += i + len(name)
		if from == len(text) || !isAlnum(text[from]) {
			if at := from - len(name); at == 0 || !isAlnum(text[at-1]) {
				return true
			}
		}
	}
}

func isAlnum(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' }

// cwChosen is the statistic that is taken of a metric: its own one where there
// is one, so that the same points by another statistic are not added to it.
func cwChosen(list []cwSeries) (map[string]string, error) {
	has := map[string]map[string]bool{}
	for _, s := range list {
		if has[s.metric] == nil {
			has[s.metric] = map[string]bool{}
		}
		has[s.metric][s.statistic] = true
	}
	chosen := map[string]string{}
	for _, s := range list {
		order := []string{"sum", "average"}
		if s.what.Kind == kindGauge {
			order = []string{"maximum", "average"}
		}
		for _, statistic := range order {
			if has[s.metric][statistic] && chosen[s.metric] == "" {
				chosen[s.metric] = statistic
			}
		}
		if chosen[s.metric] == "" {
			return nil, badInput("%s has only its %s; export its %s", s.metric, s.statistic, s.what.Statistic)
		}
	}
	return chosen, nil
}

// cwHistory makes a history of the columns. A server of its own is each column
// of a metric, by its place: the second GetTypeCmds goes with the second
// SetTypeCmds.
func cwHistory(about string, columns []cwColumn, statistic string, replicas []string) (*history, error) {
	list, err := cwKnown(about, columns, statistic, replicas)
	if err != nil {
		return nil, err
	}
	chosen, err := cwChosen(list)
	if err != nil {
		return nil, badInput("%s: %s", about, err)
	}
	h := newHistory(about, map[string]string{
		"ops":      "GetTypeCmds + SetTypeCmds + EvalBasedCmds + PubSubBasedCmds",
		"commands": "TotalCmdsCount",
		"share":    "GetTypeCmds ÷ (GetTypeCmds + SetTypeCmds)",
		"stored":   "BytesUsedForCache, the highest point, which includes the server's own",
		"used":     "BytesUsedForCache, the highest point, which includes the server's own",
		"payload":  "(NetworkBytesIn + NetworkBytesOut − ReplicationBytes) ÷ commands",
	})
	nodes, replication := cwServers(list, chosen)
	h.wholeNetwork = true
	h.merge(nodes)
	h.out = less(h.out, replication)
	if h.replicaReads && len(replication) == 0 && len(h.in) > 0 {
		h.note("no ReplicationBytes, so replication cannot be separated from requests")
		h.in, h.out = timeline{}, timeline{}
	}
	if h.replicaReads {
		// The replicas read what the primaries write: it is in both directions once.
		h.in = less(h.in, replication)
		h.note("of replicas only the reads that they served are in the figures (GetTypeCmds)")
	}
	h.ecpuNote()
	return h, nil
}

// cwServers puts the columns of each server together, and sums the replication.
func cwServers(list []cwSeries, chosen map[string]string) (nodes []*serverSeries, replication timeline) {
	servers := map[string]*serverSeries{}
	count := map[string]int{}
	replication = timeline{}
	for _, s := range list {
		if chosen[s.metric] != s.statistic {
			continue
		}
		key := fmt.Sprint(s.metric, s.replica)
		server := fmt.Sprintf("node %d", count[key]+1)
		if s.replica {
			server = fmt.Sprintf("replica %d", count[key]+1)
		}
		count[key]++
		if servers[server] == nil {
			servers[server] = newServerSeries(server, s.replica)
		}
		over := int64(60) // the metrics are published once a minute: an average is a minute's
		if s.what.Kind == kindGauge {
			over = 1
		} else if s.statistic == "sum" {
			at := s.points.times()
			if len(at) < 2 {
				continue
			}
			over = spacing(at)
		}
		if s.what.Is == "replication_out" {
			gather(replication, s.points, over)
			continue
		}
		gather(servers[server].at(s.what.Is, ""), s.points, over)
	}
	for _, name := range slices.Sorted(maps.Keys(servers)) {
		nodes = append(nodes, servers[name])
	}
	return nodes, replication
}

// gather adds a column to a sum, divided by the seconds that each point covers.
func gather(sum, points timeline, over int64) {
	for at, v := range points {
		if n, err := unit.MulDiv(uint64(v), 1, uint64(over)); err == nil {
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

// ecpuNote says what a serverless cache was billed a command, and what the rule
// of one ECPU a kB makes of the same commands: n commands of m kB each cost
// between max(1, m) and 1 + m.
func (h *history) ecpuNote() {
	sums := sumCommon(h.commands, h.ecpu)
	if len(h.ecpu) == 0 || sums[0] == 0 {
		return
	}
	each, err := unit.MulDiv(uint64(sums[1]), 1000, uint64(sums[0]))
	if err != nil {
		return
	}
	rule := ""
	moved := sumCommon(h.commands, h.in, h.out)
	if milli, err := unit.MulDiv(uint64(moved[1])+uint64(moved[2]), 1, uint64(max(moved[0], 1))); err == nil && moved[0] > 0 && len(h.in) > 0 && len(h.out) > 0 {
		// Bytes a command are thousandths of a kB.
		rule = fmt.Sprintf("; by the rule of one per kB, and at least one per command, the bytes make %s to %s", unit.Rounded(max(1000, milli), 1000, 3), unit.Rounded(1000+milli, 1000, 3))
	}
	h.note("%s ECPU a command as billed (ElastiCacheProcessingUnits ÷ TotalCmdsCount)%s", unit.Rounded(each, 1000, 3), rule)
}
