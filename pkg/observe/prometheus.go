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

	"github.com/keynest/keynest/pkg/pieces"
)

// Query is one that a Prometheus server is asked, over a range of time.
type Query struct {
	Name string // the value of the label keynest in its answer
	Expr string // PromQL
}

// PrometheusQueries are the queries on the metrics of redis_exporter. selector
// is label matchers, as in job="redis", or "". Primaries are summed, and apart
// from them the replicas, of which only what their clients read is counted; each
// answer carries its name in the label keynest, so that answers can be saved in
// any order and in one file.
func PrometheusQueries(selector string) []Query {
	var list []Query
	for _, role := range []struct{ prefix, matcher string }{{"", `role="master"`}, {replicaPrefix, `role="slave"`}} {
		of := fmt.Sprintf(`and on (job, instance) redis_instance_info{%s}`, join(selector, role.matcher))
		rate := func(metric string) string {
			return fmt.Sprintf("rate(%s{%s}[5m]) %s", metric, selector, of)
		}
		add := func(name, expr string) { list = append(list, Query{role.prefix + name, expr}) }
		add("by_command", "sum by (cmd) ("+rate("redis_commands_total")+")")
		add("seconds_by_command", "sum by (cmd) ("+rate("redis_commands_duration_seconds_total")+")")
		add("bytes_in", "sum("+rate("redis_net_input_bytes_total")+")")
		add("bytes_out", "sum("+rate("redis_net_output_bytes_total")+")")
		add("replication_in", "sum("+rate("redis_net_repl_input_bytes_total")+")")
		add("replication_out", "sum("+rate("redis_net_repl_output_bytes_total")+")")
		if role.prefix != "" {
			continue
		}
		add("commands", "sum("+rate("redis_commands_processed_total")+")")
		add("dataset", fmt.Sprintf("sum(redis_memory_used_dataset_bytes{%s} %s)", selector, of))
		add("used", fmt.Sprintf("sum(redis_memory_used_bytes{%s} %s)", selector, of))
		add("replicas", fmt.Sprintf("max(redis_connected_slaves{%s} %s)", selector, of))
	}
	for i, q := range list {
		list[i].Expr = fmt.Sprintf(`label_replace(%s, "keynest", %q, "", "")`, q.Expr, q.Name)
	}
	return list
}

// replicaPrefix begins the name of a query on replicas.
const replicaPrefix = "replica_"

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "," + b
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
		return nil, badInput("the address is not like http://[USER:PASSWORD@]HOST[:PORT][/PATH]; in a password write / as %%2F, ? as %%3F, # as %%23")
	}
	user := u.User
	u.User = nil
	about := "Prometheus at " + printable(u.Host)
	client := &http.Client{
		Timeout:       c.Timeout,
		Transport:     &http.Transport{}, // no proxy: only the named server is contacted
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	p, err := newCollection(about, ExportOptions{})
	if err != nil {
		return nil, err
	}
	all := &export{name: about}
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
			return nil, badInput("%s is not a valid address", about)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if c.Token != "" {
			req.Header.Set("Authorization", "Bearer "+c.Token)
		} else if user != nil {
			password, _ := user.Password()
			req.SetBasicAuth(user.Username(), password)
		}
		if err := fetch(client, req, all, p); err != nil {
			return nil, err
		}
	}
	return p.result()
}

// fetch asks one query. All answers together are one export.
func fetch(client *http.Client, req *http.Request, e *export, p *collection) error {
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
		return e.documents(func(in *pieces.JSON) error { return p.document(e, "", in) })
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%s refuses this user, password or token (%s)", e.name, resp.Status)
	}
	var a struct {
		Error string `json:"error"`
	}
	if json.NewDecoder(io.LimitReader(resp.Body, maxPiece)).Decode(&a) != nil || a.Error == "" {
		a.Error = "no reason given"
	}
	return fmt.Errorf("%s answered %s: %s", e.name, resp.Status, printable(a.Error))
}
