package observe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/pieces"
)

// Query is one that a Prometheus server is asked, over a range of time.
type Query struct {
	Name string // the value of the label keynest in its answer
	Expr string // PromQL
}

// PrometheusQueries are the queries on the metrics of redis_exporter. selector
// is label matchers, as in job="redis", or "". Only primaries are summed; each
// answer carries its name in the label keynest, so that answers can be saved
// in any order and in one file.
func PrometheusQueries(selector string) []Query {
	primary := fmt.Sprintf(`and on (job, instance) redis_instance_info{%s}`, join(selector, `role="master"`))
	rate := func(metric string) string {
		return fmt.Sprintf("rate(%s{%s}[5m]) %s", metric, selector, primary)
	}
	list := []Query{
		{"commands", "sum(" + rate("redis_commands_processed_total") + ")"},
		{"by_command", "sum by (cmd) (" + rate("redis_commands_total") + ")"},
		{"seconds_by_command", "sum by (cmd) (" + rate("redis_commands_duration_seconds_total") + ")"},
		{"bytes_in", "sum(" + rate("redis_net_input_bytes_total") + ")"},
		{"bytes_out", "sum(" + rate("redis_net_output_bytes_total") + ")"},
		{"replication_in", "sum(" + rate("redis_net_repl_input_bytes_total") + ")"},
		{"replication_out", "sum(" + rate("redis_net_repl_output_bytes_total") + ")"},
		{"dataset", fmt.Sprintf("sum(redis_memory_used_dataset_bytes{%s} %s)", selector, primary)},
		{"used", fmt.Sprintf("sum(redis_memory_used_bytes{%s} %s)", selector, primary)},
		{"replicas", fmt.Sprintf("max(redis_connected_slaves{%s} %s)", selector, primary)},
	}
	for i, q := range list {
		list[i].Expr = fmt.Sprintf(`label_replace(%s, "keynest", %q, "", "")`, q.Expr, q.Name)
	}
	return list
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "," + b
}

// promSeries gathers answers by query and, where there is one, by command.
type promSeries struct {
	of map[string]map[string]timeline
}

// read takes one answer to query_range.
func (p *promSeries) read(e *export, in *pieces.JSON) error {
	status, words, kind := "", "", ""
	err := in.Object(func(key string) error {
		switch key {
		case "status":
			return in.Value(&status)
		case "error":
			return in.Value(&words)
		case "data":
			return in.Object(func(key string) error {
				switch {
				case key == "resultType":
					return in.Value(&kind)
				case key == "result" && (kind == "matrix" || kind == ""):
					return in.Array(func() error { return p.series(e, in) })
				}
				return in.Skip()
			})
		}
		return in.Skip()
	})
	switch {
	case err != nil:
		return err
	case status == "error":
		return badInput("%s holds an error in place of an answer: %s", e.name, printable(words))
	case status != "success":
		return badInput("%s is not an answer of Prometheus: it has no status", e.name)
	case kind != "matrix":
		return badInput("%s is an answer of type %q; ask query_range, which answers with a matrix", e.name, printable(kind))
	}
	return nil
}

// series takes one series of an answer.
func (p *promSeries) series(e *export, in *pieces.JSON) error {
	if err := e.another(); err != nil {
		return err
	}
	metric, points := map[string]string{}, timeline{}
	err := in.Object(func(key string) error {
		switch key {
		case "metric":
			return in.Value(&metric)
		case "values":
			return in.Array(func() error { return promPoint(e, in, points) })
		}
		return in.Skip()
	})
	if err != nil {
		return err
	}
	query, cmd := metric["keynest"], lower(metric["cmd"])
	if query == "" {
		return badInput("%s has series without the label keynest; keynest observe prometheus --print-queries prints the queries to ask", e.name)
	}
	if p.of[query] == nil {
		p.of[query] = map[string]timeline{}
	}
	if p.of[query][cmd] == nil {
		p.of[query][cmd] = points
	} else {
		maps.Copy(p.of[query][cmd], points)
	}
	return nil
}

// promPoint takes one point: Unix seconds, and the value as a text.
func promPoint(e *export, in *pieces.JSON, points timeline) error {
	var point []any
	if err := in.Value(&point); err != nil {
		return err
	}
	if len(point) == 2 {
		at, isNumber := point[0].(json.Number)
		value, isText := point[1].(string)
		seconds, err := at.Float64()
		if isNumber && isText && err == nil && seconds >= 0 && seconds <= 1e11 {
			return e.put(points, int64(seconds), value)
		}
	}
	return badInput("%s has a point that is none", e.name)
}

// history puts the answers in their places.
func (p *promSeries) history(about string) (*history, error) {
	if len(p.of) == 0 {
		return nil, unfit("%s has no series: no redis_exporter metrics, or none in that range", about)
	}
	h := &history{about: about, byCommand: map[string]timeline{}, usec: map[string]timeline{}}
	h.from = map[string]string{
		"ops":      "sum of rate(redis_commands_total) without administration, mean of the points",
		"commands": "rate(redis_commands_processed_total)",
		"share":    "redis_commands_total of commands with the flag readonly ÷ those with readonly or write",
		"stored":   "redis_memory_used_dataset_bytes, the highest point",
		"payload":  "(redis_net_input_bytes_total + redis_net_output_bytes_total − redis_net_repl_*) ÷ redis_commands_processed_total",
		"replicas": "redis_connected_slaves, the highest",
	}
	h.byCommand = p.of["by_command"]
	for cmd, t := range p.of["seconds_by_command"] {
		h.usec[cmd] = timeline{}
		for at, v := range t {
			if v < maxCounter/1e6 {
				h.usec[cmd][at] = v * 1e6
			}
		}
	}
	h.commands = p.of["commands"][""]
	h.in, h.out = less(p.of["bytes_in"][""], p.of["replication_in"][""]), less(p.of["bytes_out"][""], p.of["replication_out"][""])
	h.replicas, h.stored = p.of["replicas"][""], p.of["dataset"][""]
	if len(h.stored) == 0 {
		h.stored = p.of["used"][""]
		h.from["stored"] = "redis_memory_used_bytes, the highest point, which includes the server's own"
	}
	if len(p.of["replication_out"][""]) == 0 && h.replicas.peak() > 0 {
		h.notes = append(h.notes, "redis_net_repl_output_bytes_total is not there (before Redis 7): replication is in payload_bytes")
	}
	return h, nil
}

// less takes one timeline from another, point by point.
func less(t, off timeline) timeline {
	for at, v := range off {
		if _, ok := t[at]; ok {
			t[at] = max(t[at]-v, 0)
		}
	}
	return t
}

// ReadPrometheus reads saved answers, one or many in a file.
func ReadPrometheus(name string, r io.Reader) (*Result, error) {
	p, e := promSeries{of: map[string]map[string]timeline{}}, &export{name: name, r: r}
	if err := e.documents(func(in *pieces.JSON) error { return p.read(e, in) }); err != nil {
		return nil, err
	}
	h, err := p.history(printable(name))
	if err != nil {
		return nil, err
	}
	return h.derive()
}

// Prometheus is how to ask a server of that kind.
type Prometheus struct {
	Selector string
	Range    time.Duration // up to now
	Step     time.Duration
	Timeout  time.Duration // for each answer
	Token    string        // bearer token, or ""
}

// Observe asks the server at an http or https address, which may have a path,
// and a user and a password, that no message repeats.
func (c Prometheus) Observe(ctx context.Context, address string) (*Result, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, badInput("an address is http://[USER:PASSWORD@]HOST[:PORT][/PATH]; in a password write / as %%2F, ? as %%3F, # as %%23")
	}
	user := u.User
	u.User = nil
	about := "Prometheus at " + printable(u.Host)
	client := &http.Client{
		Timeout:       c.Timeout,
		Transport:     &http.Transport{}, // no proxy: nobody is asked but the server named
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	p, all := promSeries{of: map[string]map[string]timeline{}}, &export{name: about}
	end := time.Now().Truncate(c.Step)
	for _, q := range PrometheusQueries(c.Selector) {
		ask := *u
		ask.Path = strings.TrimSuffix(u.Path, "/") + "/api/v1/query_range"
		form := url.Values{
			"query": {q.Expr}, "step": {fmt.Sprint(int64(c.Step.Seconds()))},
			"start": {fmt.Sprint(end.Add(-c.Range).Unix())}, "end": {fmt.Sprint(end.Unix())},
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, ask.String(), strings.NewReader(form.Encode()))
		if err != nil {
			return nil, badInput("%s cannot be asked", about)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if c.Token != "" {
			req.Header.Set("Authorization", "Bearer "+c.Token)
		} else if user != nil {
			password, _ := user.Password()
			req.SetBasicAuth(user.Username(), password)
		}
		if err := fetch(client, req, all, &p); err != nil {
			return nil, err
		}
	}
	h, err := p.history(about)
	if err != nil {
		return nil, err
	}
	return h.derive()
}

// fetch asks one query. All answers together are one export.
func fetch(client *http.Client, req *http.Request, e *export, p *promSeries) error {
	resp, err := client.Do(req)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // without the address
		}
		return fmt.Errorf("%s: %s", e.name, printable(err.Error()))
	}
	defer func() { _ = resp.Body.Close() }()
	switch resp.StatusCode {
	case http.StatusOK:
		e.r = resp.Body
		return e.documents(func(in *pieces.JSON) error { return p.read(e, in) })
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%s does not take this user, password or token (%s)", e.name, resp.Status)
	}
	var a struct {
		Error string `json:"error"`
	}
	if json.NewDecoder(io.LimitReader(resp.Body, maxPiece)).Decode(&a) != nil || a.Error == "" {
		a.Error = "no reason given"
	}
	return fmt.Errorf("%s answers %s: %s", e.name, resp.Status, printable(a.Error))
}
