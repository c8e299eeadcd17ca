package observe

import (
	"bufio"
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/pieces"
)

// ExportOptions say what an export of a monitoring system leaves open.
type ExportOptions struct {
	Columns   map[string]string // what a CSV calls a quantity, by quantity
	ByCommand bool              // columns of a CSV that are named after commands are commands/s
}

// Export gathers the series of one or more files of a monitoring system.
type Export struct{ c *collection }

// NewExport begins with no series; about is what messages call all files.
func NewExport(about string, opt ExportOptions) (*Export, error) {
	c, err := newCollection(printable(about), opt)
	return &Export{c}, err
}

// Read takes a file: answers of Prometheus, of Datadog, what Telegraf writes as
// JSON or in the line protocol of InfluxDB, or CSV as Grafana saves it. is says
// what the series of a file are that do not say it themselves, or is "".
func (x *Export) Read(name, is string, r io.Reader) error {
	return x.c.read(&export{name: printable(name), r: r}, is)
}

// Result derives the workload of all files.
func (x *Export) Result() (*Result, error) { return x.c.result() }

// rawSeries are readings of one metric of one server.
type rawSeries struct {
	is, kind string
	cmd      string
	readings timeline // in parts, of which scale make one
	scale    int64
}

// collection is what the files said so far.
type collection struct {
	about   string
	opt     ExportOptions
	systems map[string]*system
	servers map[string]map[string]*rawSeries // by server, then by metric and command
	roles   map[string]map[string]bool       // roles that a server had
	titles  map[string]bool                  // systems that were seen
	ends    bool
	ignored map[string]bool // metrics that are not read
	notes   []string
}

func newCollection(about string, opt ExportOptions) (*collection, error) {
	all, err := systems()
	if err != nil {
		return nil, err
	}
	return &collection{
		about: about, opt: opt, systems: all, servers: map[string]map[string]*rawSeries{}, roles: map[string]map[string]bool{},
		titles: map[string]bool{}, ignored: map[string]bool{},
	}, nil
}

// maxServers bounds the servers of an export.
const maxServers = maxNodes

// series finds the series of a metric of a server. others are the labels that
// tell it from further series of the metric, which are summed.
func (c *collection) series(server, name, cmd, others string, what metric) (*rawSeries, error) {
	of := c.servers[server]
	if of == nil {
		if len(c.servers) == maxServers {
			return nil, badInput("%s has more than %d servers", c.about, maxServers)
		}
		of = map[string]*rawSeries{}
		c.servers[server] = of
	}
	key := name + "\x00" + cmd + "\x00" + others
	s := of[key]
	if s == nil {
		if len(of) >= 4*maxCommands {
			return nil, badInput("%s has more than %d series of one server", c.about, 4*maxCommands)
		}
		s = &rawSeries{is: what.Is, kind: what.Kind, cmd: cmd, readings: timeline{}, scale: 1e6}
		if what.Kind == kindCounter && what.Is != "seconds_by_command" {
			s.scale = 1
		}
		of[key] = s
	}
	return s, nil
}

// put takes a reading of an export. What is no number, or too large, is not
// known.
func (c *collection) put(e *export, s *rawSeries, at int64, value string) error {
	parseValue := parse
	if s.kind == kindCounter {
		parseValue = func(text string) (int64, bool) { return reading(text, s.scale) }
	}
	before, again := s.readings[at]
	if err := e.putAs(s.readings, at, value, parseValue); err != nil {
		return err
	}
	if again && s.kind != kindCounter && s.readings[at] != before {
		return badInput("%s has two values of %s for %s, from two series with the same labels. Leave one out, or sum them",
			e.name, printable(orNone(strings.TrimSpace(s.is+" "+s.cmd))), stamp(at))
	}
	return nil
}

// role notes a role that a server had.
func (c *collection) role(server, role string) {
	if role == "" {
		return
	}
	if c.roles[server] == nil {
		c.roles[server] = map[string]bool{}
	}
	c.roles[server][strings.ToLower(role)] = true
}

// labelled finds the series of a metric with labels in a system's table, or nil
// for a metric that is not read.
func (c *collection) labelled(sys *system, name string, labels map[string]string) (*rawSeries, error) {
	what, known := sys.Metric[name]
	if !known || what.Is == "" {
		if len(c.ignored) < 100 {
			c.ignored[name] = true
		}
		return nil, nil
	}
	c.titles[sys.Title] = true
	server := label(labels, sys.Instance)
	c.role(server, label(labels, sys.Role))
	if what.Is == "role" {
		return nil, nil
	}
	cmd := commandName(label(labels, sys.Command))
	if cmd == "" && strings.Contains(what.Is, "by_command") {
		return nil, badInput("%s: the series %s has no label with the command (%s), because it was summed over commands. Export it by %s",
			c.about, printable(name), strings.Join(sys.Command, ", "), strings.Join(sys.Command, ", "))
	}
	return c.series(server, name, cmd, labelText(labels, append(slices.Concat(sys.Instance, sys.Command, sys.Role), "__name__")), what)
}

// read takes a file.
func (c *collection) read(e *export, is string) error {
	if is != "" && !slices.Contains(Quantities(), is) {
		return badInput("%s: unknown quantity %q; known: %s", e.name, printable(is), strings.Join(Quantities(), ", "))
	}
	b := bufio.NewReaderSize(e, 64<<10)
	head, _ := b.Peek(4096)
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	switch {
	case e.failed != nil:
		return e.failed
	case len(head) == 0:
		return badInput("%s is empty", e.name)
	case head[0] == '{':
		return e.documentsOf(b, func(in *pieces.JSON) error { return c.document(e, is, in) })
	case head[0] == '[':
		return e.documentsOf(b, func(in *pieces.JSON) error {
			return in.Array(func() error { return c.document(e, is, in) })
		})
	case isExposition(string(head)):
		return badInput("%s is a page of redis_exporter's /metrics, which has no history; save two of them and run keynest observe info FIRST SECOND", e.name)
	case isLineProtocol(head):
		return c.lines(e, b)
	}
	return c.table(e, is, b)
}

// Quantities are what a caller can say that a series is: commands and bytes a
// second (seconds of processor time a second), and dataset and used in bytes.
func Quantities() []string {
	return []string{
		"commands", "by_command", "seconds_by_command", "reads", "writes", "others", "bytes_in", "bytes_out",
		"replication_in", "replication_out", "dataset", "used", "replicas",
	}
}

// result derives the workload.
func (c *collection) result() (*Result, error) {
	if len(c.servers) == 0 {
		if len(c.ignored) > 0 {
			names := slices.Sorted(maps.Keys(c.ignored))
			return nil, badInput("%s has no known metric; it has %s. %s", c.about, printable(strings.Join(names[:min(len(names), 5)], ", ")), c.wanted())
		}
		return nil, unfit("%s has no series; check the metric names and the range of time", c.about)
	}
	h := newHistory(c.about, exportSources())
	h.ends, h.notes = c.ends, c.notes
	servers, err := c.split(h)
	if err != nil {
		return nil, err
	}
	h.merge(servers)
	if len(h.stored) > 0 && h.from["stored"] == "" {
		h.from["stored"] = h.from["dataset"]
	}
	if h.replicaReads {
		h.note("of replicas only the reads that they served are in the figures")
	}
	return h.derive()
}

// wanted says which metrics are read.
func (c *collection) wanted() string {
	for _, name := range slices.Sorted(maps.Keys(c.systems)) {
		s := c.systems[name]
		if c.titles[s.Title] {
			return "Of " + s.Title + " these are read: " + strings.Join(slices.Sorted(maps.Keys(s.Metric)), ", ")
		}
	}
	return "docs/observe.md lists the exports and metrics that are read; keynest observe prometheus --print-queries prints the queries for Prometheus"
}

func exportSources() map[string]string {
	return map[string]string{
		"ops":      "the sum of the rates by command without administration, mean of the points",
		"commands": "the rate of all commands",
		"share":    "the rates of commands with the flag readonly ÷ those with readonly or write",
		"dataset":  "the memory of the data alone, the highest point",
		"used":     "the memory in use, the highest point, which includes the server's own",
		"payload":  "(bytes in + bytes out − replication) ÷ commands",
		"replicas": "the connected replicas, the highest",
	}
}

// split makes the series of each server.
func (c *collection) split(h *history) ([]*serverSeries, error) {
	step, phase := c.grid()
	unknown := ""
	var servers []*serverSeries
	for _, name := range slices.Sorted(maps.Keys(c.servers)) {
		roles := c.roles[name]
		if len(roles) > 1 {
			return nil, unfit("%s: %s changed its role within the range (%s), a failover. Export a range before or after it",
				c.about, printable(orNone(name)), strings.Join(slices.Sorted(maps.Keys(roles)), ", "))
		}
		if len(roles) == 0 && unknown == "" {
			unknown = orNone(name)
		}
		s := newServerSeries(name, roles["slave"] || roles["replica"] || name == replicaServer)
		falls := 0
		for _, key := range slices.Sorted(maps.Keys(c.servers[name])) {
			raw := c.servers[name][key]
			t := raw.readings
			if raw.kind == kindCounter {
				var fell int
				t, fell = counterRates(t, raw.scale, step, h.ends)
				falls = max(falls, fell)
			}
			if step > 0 {
				t = onGrid(t, phase, step)
			}
			if raw.is == "seconds_by_command" {
				t = t.times1e6()
			}
			if into := s.at(raw.is, raw.cmd); into != nil {
				into.add(t)
			}
		}
		if falls > 0 {
			h.note("%s: the counters fell %d %s (a restart, or CONFIG RESETSTAT); the commands just before are missing", printable(orNone(name)), falls, timesWord(falls))
		}
		servers = append(servers, s)
	}
	if len(servers) > 1 && unknown != "" && c.servers[replicaServer] == nil {
		return nil, unfit("%s has the series of %d servers, but not the role of %s; a replica repeats the writes of its primary. "+
			"Export redis_instance_info as well (Prometheus), or only the primaries", c.about, len(servers), printable(unknown))
	}
	return servers, nil
}

func timesWord(n int) string {
	if n == 1 {
		return "time"
	}
	return "times"
}

// times1e6 turns seconds into microseconds.
func (t timeline) times1e6() timeline {
	scaled := timeline{}
	for at, v := range t {
		if v < maxCounter/1e6 {
			scaled[at] = v * 1e6
		}
	}
	return scaled
}

// grid is the usual distance of two points and a time at which one stands.
func (c *collection) grid() (step, phase int64) {
	var longest []int64
	for _, name := range slices.Sorted(maps.Keys(c.servers)) {
		for _, key := range slices.Sorted(maps.Keys(c.servers[name])) {
			if raw := c.servers[name][key]; len(raw.readings) > len(longest) {
				longest = raw.readings.times()
			}
		}
	}
	if len(longest) < 2 {
		return 0, 0
	}
	return usualStep(longest), longest[0]
}

// replicaServer is the server of series that were summed over replicas.
const replicaServer = "all replicas"
