package observe

import (
	"math"
	"strconv"
	"strings"
)

// isExposition reports whether a text is what redis_exporter publishes on
// /metrics, in the text format of Prometheus or OpenMetrics.
func isExposition(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "# HELP ") || strings.HasPrefix(line, "# TYPE ") {
			return true
		}
		if strings.HasPrefix(line, "#") || line == "" {
			continue
		}
		name, _, _, ok := expositionLine(line)
		return ok && strings.Contains(name, "_")
	}
	return false
}

// expositionLine reads NAME{LABEL="VALUE",…} NUMBER [TIME].
// https://prometheus.io/docs/instrumenting/exposition_formats/
func expositionLine(line string) (name string, labels map[string]string, value float64, ok bool) {
	end := strings.IndexAny(line, "{ \t")
	if end <= 0 {
		return "", nil, 0, false
	}
	name, rest := line[:end], line[end:]
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:") != "" {
		return "", nil, 0, false
	}
	labels = map[string]string{}
	if rest[0] == '{' {
		if rest, ok = readLabels(rest[1:], labels); !ok {
			return "", nil, 0, false
		}
	}
	fields := strings.Fields(rest)
	if len(fields) < 1 {
		return "", nil, 0, false
	}
	value, err := strconv.ParseFloat(fields[0], 64)
	return name, labels, value, err == nil
}

// readLabels reads LABEL="VALUE",…} and returns what follows the brace.
func readLabels(s string, into map[string]string) (rest string, ok bool) {
	for {
		s = strings.TrimLeft(s, " ,")
		if after, found := strings.CutPrefix(s, "}"); found {
			return after, true
		}
		key, after, found := strings.Cut(s, `="`)
		if !found {
			return "", false
		}
		var b strings.Builder
		i := 0
		for ; i < len(after) && after[i] != '"'; i++ {
			if after[i] == '\\' && i+1 < len(after) {
				if i++; after[i] == 'n' {
					b.WriteByte('\n')
					continue
				}
			}
			b.WriteByte(after[i])
		}
		if i == len(after) {
			return "", false
		}
		into[strings.TrimSpace(key)] = b.String()
		s = after[i+1:]
	}
}

// parseExposition makes a reply to INFO of what redis_exporter publishes, so
// that two of them are counted by the same rules as two replies.
func parseExposition(name, text string) (*Info, error) {
	all, err := systems()
	if err != nil {
		return nil, err
	}
	exporter := all["exporter"]
	in := &Info{Name: name, Commands: map[string]Stat{}, fields: map[string]string{}}
	server := ""
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		metric, labels, value, ok := expositionLine(line)
		if !ok {
			return nil, badInput("%s: line %d is not a metric in the text format of Prometheus", name, n)
		}
		if !strings.HasPrefix(metric, "redis_") {
			continue
		}
		if metric == "redis_up" && value == 0 {
			return nil, badInput("%s: redis_up is 0: redis_exporter did not reach the server", name)
		}
		if of := label(labels, exporter.Instance); of != "" {
			if server != "" && of != server {
				return nil, badInput("%s has the metrics of more than one server (%s and %s); save one server per file", name, printable(server), printable(of))
			}
			server = of
		}
		if err := in.fromMetric(metric, labels, value, exporter); err != nil {
			return nil, err
		}
	}
	if !in.has("total_commands_processed") && len(in.Commands) == 0 {
		return nil, badInput("%s has metrics, but not those of redis_exporter (redis_commands_processed_total, redis_commands_total); save them: curl -s http://HOST:9121/metrics > FILE", name)
	}
	in.statBytes = int64(len(in.Commands)) * statLength
	in.Bytes = plainLength + in.statBytes
	return in, nil
}

// An exporter asks INFO ALL for each of its samples and does not say how long the
// reply was. These are the lengths, in bytes, of the replies of Redis 7.0.15 and
// 7.4.0 without the sections of commands (5.0 and 6.0 kB), and of both lines that
// these sections have for each command (160 B).
const (
	plainLength = 5_500
	statLength  = 160
)

// fromMetric takes what one metric says.
func (in *Info) fromMetric(metric string, labels map[string]string, value float64, exporter *system) error {
	what, known := exporter.Metric[metric]
	cmd := commandName(label(labels, exporter.Command))
	switch {
	case metric == "redis_db_keys":
		if n, ok := counted(value); ok {
			in.Keys, in.HasKeys = min(in.Keys+n, maxCounter), true
		}
	case !known:
	case what.Is == "role":
		for _, field := range []string{"role", "redis_version", "redis_mode", "os", "tcp_port", "run_id", "maxmemory_policy"} {
			if v := labels[field]; v != "" {
				in.fields[field] = v
			}
		}
	case what.Info != "":
		if n, ok := counted(value); ok {
			in.fields[what.Info] = strconv.FormatInt(n, 10)
		}
	case cmd == "":
	case len(in.Commands) >= maxCommands && in.Commands[cmd] == (Stat{}):
		return badInput("%s counts more than %d commands", in.Name, maxCommands)
	case what.Is == "by_command":
		if n, ok := counted(value); ok && n <= maxCalls {
			s := in.Commands[cmd]
			s.Calls = n
			in.Commands[cmd] = s
		}
	case what.Is == "seconds_by_command":
		if n, ok := counted(value * 1e6); ok && n <= maxCalls {
			s := in.Commands[cmd]
			s.Usec = n
			in.Commands[cmd] = s
		}
	}
	return nil
}

// counted is a metric's value as a count; NaN, negative and too large ones are
// not known.
func counted(v float64) (int64, bool) {
	if math.IsNaN(v) || v < 0 || v > float64(maxCounter) {
		return 0, false
	}
	return int64(math.Round(v)), true
}
