package observe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/keynest/keynest/pkg/workload"
)

// matrix is an answer to query_range with points 300 s apart.
func matrix(query, cmd string, values ...string) string {
	var points []string
	for i, v := range values {
		if v != "" {
			points = append(points, fmt.Sprintf(`[%d,%q]`, 1_790_000_100+300*i, v))
		}
	}
	metric := fmt.Sprintf(`"keynest":%q`, query)
	if cmd != "" {
		metric += fmt.Sprintf(`,"cmd":%q`, cmd)
	}
	return fmt.Sprintf(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{%s},"values":[%s]}]}}`+"\n", metric, strings.Join(points, ","))
}

// readPrometheus reads one file of answers.
func readPrometheus(name string, r io.Reader) (*Result, error) {
	x, err := NewExport(name, ExportOptions{})
	if err == nil {
		err = x.Read(name, "", r)
	}
	if err != nil {
		return nil, err
	}
	return x.Result()
}

// promAnswers: 100, 300 and 200 commands/s of which a tenth is PING, 4:1 reads.
func promAnswers() string {
	return matrix("commands", "", "100", "300", "200") +
		matrix("by_command", "get", "72", "216", "144") + matrix("by_command", "set", "18", "54", "36") + matrix("by_command", "ping", "10", "30", "20") +
		matrix("seconds_by_command", "get", "0.000144", "0.000432", "2.88e-4") +
		matrix("bytes_in", "", "20000", "60000", "40000") + matrix("bytes_out", "", "90000", "270000", "180000") +
		matrix("replication_in", "", "0", "0", "0") + matrix("replication_out", "", "10000", "30000", "20000") +
		matrix("dataset", "", "1e9", "1.5e9", "1.25e9") + matrix("replicas", "", "2", "2", "NaN")
}

func TestPrometheusFile(t *testing.T) {
	r, err := readPrometheus("answers.json", strings.NewReader(promAnswers()))
	if err != nil {
		t.Fatal(err)
	}
	check(t, r, map[string]string{
		"ops_per_sec": "180", "peak_ops_per_sec": "270", "read_share": "0.8", "stored_bytes": "1500000000",
		"payload_bytes": "1000", "replicas": "2",
	})
	// 144 GET/s over three points of 300 s; 288 µs a second.
	if r.Counts["get"] != 129_600 || r.Usec["get"] != 259_200 || r.Seconds != "900" {
		t.Errorf("counts %v usec %v over %s s", r.Counts, r.Usec, r.Seconds)
	}
	for _, note := range []string{"ping 18000 (10 % of all commands)", "shorter than a day"} {
		if !hasNote(r, note) {
			t.Errorf("no note %q in %q", note, r.Notes)
		}
	}
	// A gap is not a time without work.
	r, err = readPrometheus("answers.json", strings.NewReader(matrix("commands", "", "100", "300", "", "200")))
	if err != nil {
		t.Fatal(err)
	}
	check(t, r, map[string]string{"ops_per_sec": "200", "read_share": "absent", "stored_bytes": "", "payload_bytes": ""})
	if !hasNote(r, "1 points are missing") || !hasNote(r, "the figures include administration") {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestPrometheusFileRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":     {"", "is empty"},
		"not json":  {"hello", "is neither JSON nor a CSV whose first column is Time: its first line is"},
		"other":     {`{"a":1}`, "it has no status"},
		"error":     {`{"status":"error","error":"parse error"}`, "parse error"},
		"instant":   {`{"status":"success","data":{"resultType":"vector","result":[]}}`, "use query_range"},
		"no label":  {strings.ReplaceAll(promAnswers(), `"keynest":`, `"job":`), "--print-queries"},
		"none":      {`{"status":"success","data":{"resultType":"matrix","result":[]}}`, "no series"},
		"one point": {matrix("commands", "", "5"), "fewer than two points"},
		"long":      {`{"status":"` + strings.Repeat("x", 3<<20) + `"}`, "one value is larger"},
		"series":    {strings.Repeat(matrix("commands", "", "5"), maxColumns+1), "more than 5000 series"},
		"a series":  {manyPoints(maxTimes + 1), "a series of more than 600000 points"},
		"bad point": {strings.Replace(promAnswers(), "[1790000100", `["x"`, 1), "has a point that is not [SECONDS, \"VALUE\"]"},
		"cut off":   {promAnswers()[:500], "is not valid JSON"},
	} {
		_, err := readPrometheus("answers.json", strings.NewReader(c.text))
		var input InputError
		var data DataError
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.As(err, &input) && !errors.As(err, &data) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

// manyPoints is an answer with one series.
func manyPoints(n int) string {
	var b strings.Builder
	b.WriteString(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"keynest":"commands"},"values":[[1,"1"]`)
	for i := range n {
		fmt.Fprintf(&b, `,[%d,"1"]`, 2+i)
	}
	b.WriteString("]}]}}")
	return b.String()
}

// Each query that is printed is asked, once, and answered by its name.
func TestPrometheusLive(t *testing.T) {
	answers := map[string]string{}
	for _, line := range strings.SplitAfter(strings.TrimSpace(promAnswers()), "\n") {
		for _, q := range PrometheusQueries("") {
			if strings.Contains(line, fmt.Sprintf(`"keynest":%q`, q.Name)) {
				if old := answers[q.Expr]; old != "" {
					line = merge(t, old, line)
				}
				answers[q.Expr] = line
			}
		}
	}
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		user, password, _ := r.BasicAuth()
		switch {
		case password != secret && r.Header.Get("Authorization") != "Bearer "+secret:
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path != "/prom/api/v1/query_range" || user == "lost":
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		case user == "broken":
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprint(w, `{"status":"error","error":"no such thing"}`)
		case answers[r.FormValue("query")] == "":
			_, _ = fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[]}}`)
		default:
			_, _ = fmt.Fprint(w, answers[r.FormValue("query")])
		}
	}))
	defer server.Close()
	ask := func(user string) (*Result, error) {
		address := strings.Replace(server.URL, "://", "://"+user+":"+strings.NewReplacer("/", "%2F", "#", "%23").Replace(secret)+"@", 1) + "/prom/"
		return Prometheus{Range: time.Hour, Step: 5 * time.Minute, Timeout: 5 * time.Second}.Observe(context.Background(), address)
	}
	r, err := ask("reader")
	if err != nil {
		t.Fatal(err)
	}
	check(t, r, map[string]string{"ops_per_sec": "180", "peak_ops_per_sec": "270", "stored_bytes": "1500000000"})
	if asked != len(PrometheusQueries("")) {
		t.Errorf("asked %d times", asked)
	}
	for user, want := range map[string]string{"lost": "302", "broken": "no such thing"} {
		if _, err := ask(user); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", user, err)
		}
	}
	for _, c := range []struct{ address, want string }{
		{strings.Replace(server.URL, "://", "://u:hunter2@", 1), "refuses this user, password or token"},
		{"http://u:hunter2@127.0.0.1:1", "connection refused"},
		{"http://u:hun#ter2@127.0.0.1:1", "the address is not like http://"},
	} {
		_, err := Prometheus{Range: time.Hour, Step: time.Minute, Timeout: time.Second}.Observe(context.Background(), c.address)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hun") {
			t.Errorf("%s: %v", c.address, err)
		}
	}
	token := Prometheus{Range: time.Hour, Step: time.Minute, Timeout: time.Second, Token: secret}
	if _, err := token.Observe(context.Background(), server.URL+"/prom"); err != nil {
		t.Errorf("with a token: %v", err)
	}
}

// merge puts the series of two answers into one.
func merge(t *testing.T, a, b string) string {
	t.Helper()
	var x, y map[string]any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		t.Fatal("no JSON")
	}
	data := x["data"].(map[string]any)
	data["result"] = append(data["result"].([]any), y["data"].(map[string]any)["result"].([]any)...)
	out, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// cwAnswer: two hours of two primaries; 360,000 and 720,000 reads an hour in
// all, a quarter as many writes.
func cwAnswer() string {
	metric := func(id, label string, a, b float64) string {
		return fmt.Sprintf(`{"Id":%q,"Label":%q,"Timestamps":["2026-11-02T01:00:00+00:00","2026-11-02T00:00:00+00:00"],"Values":[%f,%f],"StatusCode":"Complete"}`, id, label, b, a)
	}
	var all []string
	for i := range 2 {
		n := fmt.Sprintf("_%d", i)
		all = append(all, metric("gettypecmds_sum"+n, "GetTypeCmds", 180_000, 360_000), metric("settypecmds_sum"+n, "SetTypeCmds", 45_000, 90_000),
			metric("networkbytesin_sum"+n, "NetworkBytesIn", 22_500_000, 45_000_000), metric("networkbytesout_sum"+n, "NetworkBytesOut", 100_000_000, 200_000_000),
			metric("replicationbytes_sum"+n, "ReplicationBytes", 10_000_000, 20_000_000), metric("bytesusedforcache_maximum"+n, "BytesUsedForCache", 2e9, 3e9))
	}
	return `{"MetricDataResults":[` + strings.Join(all, ",") + `],"Messages":[]}`
}

func TestCloudWatch(t *testing.T) {
	r, err := ReadCloudWatch("metrics.json", strings.NewReader(cwAnswer()), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	// Reads 100 and 200/s, writes 25 and 50/s; bytes 225 and 450 MB an hour
	// less 20 and 40 of replication, over 450 and 900 thousand commands.
	check(t, r, map[string]string{
		"ops_per_sec": "187.5", "peak_ops_per_sec": "250", "read_share": "0.8", "stored_bytes": "6000000000", "payload_bytes": "500",
	})
	if !hasNote(r, "each point is the mean of 1h") {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestCloudWatchOtherForms(t *testing.T) {
	statistics := func(label, key string, a, b int) string {
		return fmt.Sprintf(`{"Label":%q,"Datapoints":[{"Timestamp":"2026-11-02T00:05:00Z",%q:%d,"Unit":"Count"},{"Timestamp":"2026-11-02T00:00:00Z",%q:%d,"Unit":"Count"}]}`, label, key, b, key, a)
	}
	for name, c := range map[string]struct{ text, statistic, ops string }{
		"get-metric-statistics, sum":     {statistics("GetTypeCmds", "Sum", 3000, 6000), "", "15"},
		"get-metric-statistics, average": {statistics("GetTypeCmds", "Average", 600, 1200), "", "15"},
		"serverless":                     {statistics("TotalCmdsCount", "Sum", 3000, 6000) + statistics("ElastiCacheProcessingUnits", "Sum", 3300, 6600), "", "15"},
		"csv": {"\ufeffFull label,GetTypeCmds cache-001,SetTypeCmds cache-001\nStatistic,Sum,Sum\n" +
			"2026/11/02 00:00:00,3000,0\n2026/11/02 00:05:00,6000,300\n", "", "15.5"},
		"csv, told": {"Label,GetTypeCmds\n2026-11-02 00:00:00,3000\n2026-11-02 00:05:00,6000\n", "sum", "15"},
	} {
		r, err := ReadCloudWatch("metrics", strings.NewReader(c.text), c.statistic, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		check(t, r, map[string]string{"ops_per_sec": c.ops})
		if name == "serverless" && !hasNote(r, "1.1 ECPU a command") {
			t.Errorf("notes %q", r.Notes)
		}
	}
}

func TestCloudWatchRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":          {"", "neither the JSON"},
		"binary":         {"\x00\x01\x02", "neither"},
		"other json":     {`{"a":1}`, "no ElastiCache metric"},
		"cut off":        {cwAnswer()[:300], "is not valid JSON"},
		"part":           {`{"MetricDataResults":[],"NextToken":"x"}`, "NextToken"},
		"which":          {`{"MetricDataResults":[{"Id":"m1","Label":"GetTypeCmds","Timestamps":["2026-11-02T00:00:00Z"],"Values":[1]}]}`, "--statistic"},
		"maximum":        {`{"MetricDataResults":[{"Id":"gettypecmds_maximum","Label":"","Timestamps":["2026-11-02T00:00:00Z"],"Values":[1]}]}`, "only its maximum"},
		"uneven":         {`{"MetricDataResults":[{"Id":"gettypecmds_sum","Label":"","Timestamps":[],"Values":[1]}]}`, "0 times and 1 values"},
		"time":           {`{"MetricDataResults":[{"Id":"gettypecmds_sum","Label":"","Timestamps":["noon"],"Values":[1]}]}`, "noon"},
		"one point":      {`{"MetricDataResults":[{"Id":"gettypecmds_sum","Label":"","Timestamps":["2026-11-02T00:00:00Z"],"Values":[1]}]}`, "fewer than two points"},
		"another metric": {"Label,CPUUtilization\n2026-11-02 00:00:00,3\n", "no ElastiCache metric"},
	} {
		_, err := ReadCloudWatch("metrics", strings.NewReader(c.text), "", nil)
		var input InputError
		var data DataError
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.As(err, &input) && !errors.As(err, &data) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

func TestCloudWatchQueries(t *testing.T) {
	for _, serverless := range []string{"", "cache"} {
		var nodes []string
		if serverless == "" {
			nodes = []string{"a-0001-001", "a-0002-001"}
		}
		out, err := CloudWatchQueries(nodes, nil, serverless, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		var list []struct {
			ID string `json:"Id"`
		}
		if err := json.Unmarshal(out, &list); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, q := range list {
			if seen[q.ID] || cwStatistic(q.ID, "") == "" {
				t.Errorf("id %q twice, or without its statistic", q.ID)
			}
			seen[q.ID] = true
		}
		if want := map[string]int{"": 16, "cache": 5}[serverless]; len(list) != want {
			t.Errorf("%d queries, want %d", len(list), want)
		}
	}
}

// What a spreadsheet makes of the CSV is refused by name, and so is what has no
// time in its first lines: nothing is read twice, so the time grows with the file.
func TestCloudWatchCSVRefused(t *testing.T) {
	const head = "Label,GetTypeCmds\nStatistic,Sum\n"
	for name, c := range map[string]struct{ text, want string }{
		"decimal comma":         {head + "2026-11-02 00:00:00,1.000,5\n", "metrics:3: 2 values under 1 columns; if a comma is the decimal sign"},
		"quoted decimal comma":  {head + "2026-11-02 00:00:00,\"1000,5\"\n", `metrics:3: "1000,5" has a comma; save the file with a decimal point`},
		"word":                  {head + "2026-11-02 00:00:00,many\n", `metrics:3: "many" is not a number`},
		"German time":           {head + "01.11.2026 00:00,1,2\n", "a line that begins with a time such as 2026-11-02 15:04:05"},
		"second time is German": {head + "2026-11-02 00:00:00,1\n02.11.2026 00:05,1\n", `metrics:4: "02.11.2026 00:05" is not a time`},
		"no time":               {strings.Repeat("a,b\n", 1_000_000), "within its first 20 lines"},
		"long line":             {head + strings.Repeat("a,b", 1_000_000), "metrics:3: a line is longer than 1 MiB"},
		"columns":               {"Label" + strings.Repeat(",a", 5001) + "\n", "5001 columns are too many; at most 5000 are read"},
	} {
		_, err := ReadCloudWatch("metrics", strings.NewReader(c.text), "", nil)
		var input InputError
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.As(err, &input) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	// An empty cell is a point that is not known; an empty line is nothing.
	r, err := ReadCloudWatch("metrics", strings.NewReader(head+"\n2026-11-02 00:00:00,3000,\n2026-11-02 00:05:00,\n2026-11-02 00:10:00,9000\n,,\n"), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	// 3,000 and 9,000 in the only spacing seen, 600 s: 5/s and 15/s.
	check(t, r, map[string]string{"ops_per_sec": "10", "peak_ops_per_sec": "15"})
}

// FuzzExport: no export may panic, and what comes out is a workload file.
func FuzzExport(f *testing.F) {
	f.Add(promAnswers())
	f.Add(cwAnswer())
	f.Add("sep=;\n\"Time\";\"{__name__=\"\"redis_commands_processed_total\"\"}\"\n1790000100000;1\n1790000400000;7\n1790000700000;9\n")
	f.Add("redis,host=a,replication_role=master total_commands_processed=1i,x=\"a b\" 1790000100000000000\nredis,host=a,replication_role=master total_commands_processed=9i 1790000110000000000\n")
	f.Add(`{"status":"ok","series":[{"metric":"redis.net.commands","expression":"sum:x","scope":"*","pointlist":[[1790000100000,1],[1790000400000,null],[1790000700000,2]]}]}`)
	f.Add(`{"metrics":[{"name":"redis","tags":{"host":"a"},"fields":{"used_memory":1},"timestamp":1790000100}]}`)
	f.Add("Label,GetTypeCmds\nStatistic,Sum\n2026-11-02 00:00:00,3000\n2026-11-02 00:05:00,9e12\n")
	f.Add(`{"Label":"TotalCmdsCount","Datapoints":[{"Timestamp":1,"Sum":3},{"Timestamp":2,"Sum":1e300}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, read := range []func() (*Result, error){
			func() (*Result, error) { return readPrometheus("export", strings.NewReader(text)) },
			func() (*Result, error) { return ReadCloudWatch("export", strings.NewReader(text), "sum", nil) },
		} {
			r, err := read()
			fair(t, err)
			if err != nil {
				continue
			}
			var b strings.Builder
			if err := r.WriteTOML(&b, "a"); err != nil {
				t.Fatal(err)
			}
			if _, err := workload.ReadFile("written", b.String()); err != nil {
				t.Errorf("%v in\n%s", err, b.String())
			}
		}
	})
}
