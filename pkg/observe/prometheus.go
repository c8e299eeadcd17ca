package observe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
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

// promAnswer is an answer to query_range.
type promAnswer struct {
	Status string `json:"status"`
	Error  string `json:"error"`
	Data   struct {
		Type   string `json:"resultType"`
		Result []struct {
			Metric map[string]string    `json:"metric"`
			Values [][2]json.RawMessage `json:"values"`
		} `json:"result"`
	} `json:"data"`
}

// promSeries gathers answers by query and, where there is one, by command.
type promSeries struct {
	of     map[string]map[string]timeline
	points int
}

func (p *promSeries) add(name string, doc []byte) error {
	var a promAnswer
	if err := json.Unmarshal(doc, &a); err != nil {
		return badInput("%s is not an answer to query_range: %s", name, printable(err.Error()))
	}
	switch {
	case a.Status == "error":
		return badInput("%s holds an error in place of an answer: %s", name, printable(a.Error))
	case a.Status != "success":
		return badInput("%s is not an answer of Prometheus: it has no status", name)
	case a.Data.Type != "matrix":
		return badInput("%s is an answer of type %q; ask query_range, which answers with a matrix", name, printable(a.Data.Type))
	}
	for _, s := range a.Data.Result {
		query := s.Metric["keynest"]
		if query == "" {
			return badInput("%s has series without the label keynest; keynest observe prometheus --print-queries prints the queries to ask", name)
		}
		if p.of[query] == nil {
			p.of[query] = map[string]timeline{}
		}
		cmd := lower(s.Metric["cmd"])
		if p.of[query][cmd] == nil {
			p.of[query][cmd] = timeline{}
		}
		if p.points += len(s.Values); p.points > maxPoints {
			return badInput("%s has more than %d points; ask for longer steps", name, maxPoints)
		}
		for _, v := range s.Values {
			var at float64
			var value string
			if json.Unmarshal(v[0], &at) != nil || json.Unmarshal(v[1], &value) != nil || at < 0 || at > 1e11 {
				return badInput("%s has a point that is none", name)
			}
			if n, ok := parse(value); ok {
				p.of[query][cmd][int64(at)] = n // the same point twice is the same point
			}
		}
	}
	return nil
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
	p := promSeries{of: map[string]map[string]timeline{}}
	if err := documents(name, r, func(doc json.RawMessage) error { return p.add(name, doc) }); err != nil {
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
	p := promSeries{of: map[string]map[string]timeline{}}
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
		if err := fetch(client, req, about, &p); err != nil {
			return nil, err
		}
	}
	h, err := p.history(about)
	if err != nil {
		return nil, err
	}
	return h.derive()
}

func fetch(client *http.Client, req *http.Request, about string, p *promSeries) error {
	resp, err := client.Do(req)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // without the address
		}
		return fmt.Errorf("%s: %s", about, printable(err.Error()))
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxExport+1))
	switch {
	case err != nil:
		return fmt.Errorf("%s: %s", about, printable(err.Error()))
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%s does not take this user, password or token (%s)", about, resp.Status)
	case len(body) > maxExport:
		return fmt.Errorf("%s answers with more than %d MiB; ask for longer steps", about, maxExport>>20)
	case resp.StatusCode != http.StatusOK:
		var a promAnswer
		if json.Unmarshal(body, &a) != nil || a.Error == "" {
			a.Error = "no reason given"
		}
		return fmt.Errorf("%s answers %s: %s", about, resp.Status, printable(a.Error))
	}
	return p.add(about, body)
}
