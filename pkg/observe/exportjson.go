package observe

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/pieces"
)

// document takes one JSON value of an export: an answer of Prometheus (status,
// data) or of Datadog (series), or a metric or a batch of Telegraf (name,
// fields; metrics).
func (c *collection) document(e *export, is string, in *pieces.JSON) error {
	d := &document{collection: c, in: e, is: is}
	var keys []string
	err := in.Object(func(key string) error {
		if keys = append(keys, key); len(keys) > 1000 {
			return badInput("%s is JSON, but not an answer of Prometheus, Datadog or Telegraf", e.name)
		}
		return d.key(key, in)
	})
	if err != nil {
		return err
	}
	return d.end(keys)
}

// document is what one JSON value said so far.
type document struct {
	*collection
	in     *export
	is     string
	status string
	words  string // of an error
	kind   string // of Prometheus
	known  bool   // as the shape of a system
	point  telegrafPoint
}

// telegrafPoint is what Telegraf's outputs.file writes with data_format = "json".
// https://docs.influxdata.com/telegraf/v1/data_formats/output/json/
type telegrafPoint struct {
	Name   string            `json:"name"`
	Tags   map[string]string `json:"tags"`
	Fields map[string]any    `json:"fields"`
	Time   json.Number       `json:"timestamp"`
}

// key takes the value of a key of the document.
func (d *document) key(key string, in *pieces.JSON) error {
	switch key {
	case "status":
		return in.Value(&d.status)
	case "error", "errors":
		var words any
		err := in.Value(&words)
		if words != nil {
			d.words = fmt.Sprint(words)
		}
		return err
	case "data":
		return d.data(in)
	case "series":
		d.known = true
		return in.Array(func() error { return d.datadog(in) })
	case "metrics":
		d.known = true
		return pieces.Elements(in, func(p *telegrafPoint) error { return d.telegraf(p) })
	case "name":
		return in.Value(&d.point.Name)
	case "tags":
		return in.Value(&d.point.Tags)
	case "fields":
		return in.Value(&d.point.Fields)
	case "timestamp":
		return in.Value(&d.point.Time)
	case "MetricDataResults", "Datapoints":
		return badInput("%s is from CloudWatch; run keynest observe cloudwatch %s", d.in.name, d.in.name)
	}
	return in.Skip()
}

// end checks what the document was.
func (d *document) end(keys []string) error {
	name := d.in.name
	switch {
	case d.status == "error" || d.words != "" && !d.known:
		return badInput("%s has an error instead of an answer: %s", name, printable(d.words))
	case d.point.Fields != nil:
		return d.telegraf(&d.point)
	case d.known:
		return nil
	case d.kind == "timeseries_response":
		return badInput("%s is an answer of Datadog's api/v2, which does not name the metrics; use api/v1/query", name)
	case d.status == "":
		slices.Sort(keys)
		return badInput("%s is JSON with %s: not an answer of Prometheus (status, data), Datadog (series) or Telegraf (name, fields); it has no status",
			name, printable(orNone(strings.Join(keys[:min(len(keys), 20)], ", "))))
	case d.status != "success":
		return badInput("%s is not an answer of Prometheus: its status is %q", name, printable(d.status))
	case d.kind != "matrix":
		return badInput("%s is an answer of type %q; use query_range, which answers with a matrix", name, printable(d.kind))
	}
	return nil
}

// data takes the data of an answer of Prometheus.
func (d *document) data(in *pieces.JSON) error {
	return in.Object(func(key string) error {
		switch {
		case key == "resultType" || key == "type":
			return in.Value(&d.kind)
		case key == "result" && (d.kind == "matrix" || d.kind == ""):
			return in.Array(func() error { return d.prometheus(in) })
		}
		return in.Skip()
	})
}

// points are readings before it is known of what.
type points struct {
	at    []int64
	value []string
}

func (p *points) add(e *export, at int64, value string) error {
	p.at, p.value = append(p.at, at), append(p.value, value)
	if len(p.at) > maxTimes {
		return errTimes(e)
	}
	return nil
}

// take puts readings into a series; nil is one that is not read.
func (d *document) take(to *rawSeries, p *points) error {
	if to == nil {
		return nil
	}
	for i, at := range p.at {
		if err := d.put(d.in, to, at, p.value[i]); err != nil {
			return err
		}
	}
	return nil
}

// prometheus takes one series of an answer to query_range.
func (d *document) prometheus(in *pieces.JSON) error {
	if err := d.in.another(); err != nil {
		return err
	}
	d.ends = true
	labels, read := map[string]string{}, points{}
	err := in.Object(func(key string) error {
		switch key {
		case "metric":
			return in.Value(&labels)
		case "values":
			return in.Array(func() error { return promPoint(d.in, in, &read) })
		}
		return in.Skip()
	})
	if err != nil {
		return err
	}
	to, err := d.promSeries(d.in.name, d.is, labels)
	if err != nil {
		return err
	}
	return d.take(to, &read)
}

// promPoint takes one point: Unix seconds, and the value as a text.
func promPoint(e *export, in *pieces.JSON, read *points) error {
	var point []any
	if err := in.Value(&point); err != nil {
		return err
	}
	if len(point) == 2 {
		at, isNumber := point[0].(json.Number)
		value, isText := point[1].(string)
		seconds, err := at.Float64()
		if isNumber && isText && err == nil && seconds >= 0 && seconds <= 1e11 {
			return read.add(e, int64(seconds), value)
		}
	}
	return badInput("%s has a point that is not [SECONDS, \"VALUE\"]", e.name)
}

// promSeries finds the series of an answer, or nil for one that is not read. A
// series says what it is in the label keynest, of the queries that KeyNest
// prints, or in the name of its metric; otherwise is says it.
func (c *collection) promSeries(name, is string, labels map[string]string) (*rawSeries, error) {
	exporter := c.systems["exporter"]
	query := labels["keynest"]
	switch {
	case query != "":
		if !slices.Contains(Quantities(), strings.TrimPrefix(query, replicaPrefix)) {
			return nil, nil
		}
		return c.given(query, commandName(label(labels, exporter.Command)), "", "")
	case is != "":
		server := label(labels, exporter.Instance)
		c.role(server, label(labels, exporter.Role))
		return c.given(is, commandName(label(labels, exporter.Command)), server, labelText(labels, slices.Concat(exporter.Instance, exporter.Command, exporter.Role)))
	case labels["__name__"] != "":
		return c.labelled(exporter, labels["__name__"], labels)
	}
	return nil, badInput("%s has the series {%s} without a metric's name, as sums and rates have none. Name the quantity before the file, as in commands=%s "+
		"(%s), or use the queries of keynest observe prometheus --print-queries", name, printable(labelText(labels, nil)), name, strings.Join(Quantities(), ", "))
}

// labelText writes labels but some.
func labelText(labels map[string]string, but []string) string {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		if slices.Contains(but, k) {
			continue
		}
		list = append(list, fmt.Sprintf("%s=%q", k, labels[k]))
	}
	return strings.Join(list, ",")
}

// given finds the series of a quantity that was named: a rate a second, or a
// size in bytes.
func (c *collection) given(is, cmd, server, others string) (*rawSeries, error) {
	if of, ok := strings.CutPrefix(is, replicaPrefix); ok {
		is, server = of, replicaServer
	}
	if cmd == "" && strings.Contains(is, "by_command") {
		return nil, badInput("%s: a series of %s has no label cmd; export it by (cmd)", c.about, is)
	}
	kind := kindRate
	if is == "dataset" || is == "used" || is == "replicas" {
		kind = kindGauge
	}
	return c.series(server, "given "+is, cmd, others, metric{Is: is, Kind: kind})
}

// datadog takes one series of an answer of Datadog's api/v1/query.
// https://docs.datadoghq.com/api/latest/metrics/query-timeseries-points/
func (d *document) datadog(in *pieces.JSON) error {
	if err := d.in.another(); err != nil {
		return err
	}
	name, expression, scope := "", "", ""
	var tags []string
	read := points{}
	err := in.Object(func(key string) error {
		switch key {
		case "metric":
			return in.Value(&name)
		case "expression":
			return in.Value(&expression)
		case "scope":
			return in.Value(&scope)
		case "tag_set":
			return in.Value(&tags)
		case "pointlist":
			return pieces.Elements(in, func(p *[]*json.Number) error { return datadogPoint(d.in, *p, &read) })
		}
		return in.Skip()
	})
	if err != nil {
		return err
	}
	labels := map[string]string{}
	for _, tag := range append(strings.Split(scope, ","), tags...) {
		if k, v, ok := strings.Cut(strings.TrimSpace(tag), ":"); ok {
			labels[k] = v
		}
	}
	dog := d.systems["datadog"]
	to, err := d.labelled(dog, name, labels)
	if err != nil {
		return err
	}
	if to != nil && label(labels, dog.Instance) == "" && strings.HasPrefix(expression, "avg:") {
		return badInput("%s: %s is the mean of the servers in its scope, not their sum; use sum:%s{redis_role:master}, or add by {redis_host,redis_port}",
			d.in.name, printable(expression), name)
	}
	return d.take(to, &read)
}

// datadogPoint takes one point: milliseconds since 1970 and a value, which is
// null where there is none.
func datadogPoint(e *export, p []*json.Number, read *points) error {
	if len(p) != 2 || p[0] == nil {
		return badInput("%s has a point that is not [MILLISECONDS, VALUE]", e.name)
	}
	at, err := p[0].Float64()
	if err != nil || at < 0 || at > 1e14 {
		return badInput("%s: %q is not a time", e.name, printable(p[0].String()))
	}
	if p[1] == nil {
		return nil
	}
	return read.add(e, int64(at/1000), p[1].String())
}

// telegraf takes one metric of Telegraf.
func (d *document) telegraf(p *telegrafPoint) error {
	at, ok := unixTime(p.Time.String())
	if !ok {
		return badInput("%s: %q is not a Unix time; remove json_timestamp_format from Telegraf's settings", d.in.name, printable(p.Time.String()))
	}
	for _, field := range slices.Sorted(maps.Keys(p.Fields)) {
		if n, ok := p.Fields[field].(json.Number); ok {
			if err := d.field(d.in, p.Name, field, p.Tags, at, n.String()); err != nil {
				return err
			}
		}
	}
	return nil
}

// field takes a field of a measurement of Telegraf.
func (c *collection) field(e *export, measurement, field string, tags map[string]string, at int64, value string) error {
	c.ends = true
	to, err := c.labelled(c.systems["telegraf"], measurement+"."+field, tags)
	if err != nil || to == nil {
		return err
	}
	return c.put(e, to, at, value)
}
