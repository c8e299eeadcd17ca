package observe

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
)

// unixTime reads seconds, milliseconds, microseconds or nanoseconds since 1970,
// told apart by their size: seconds reach the year 5138.
func unixTime(s string) (int64, bool) {
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || f < 0 || f > 1e18 {
			return 0, false
		}
		v = int64(f)
	}
	switch {
	case v < 0:
		return 0, false
	case v < 1e11:
		return v, true
	case v < 1e14:
		return v / 1e3, true
	case v < 1e17:
		return v / 1e6, true
	}
	return v / 1e9, true
}

// isLineProtocol reports whether a text begins as the line protocol of InfluxDB.
func isLineProtocol(head []byte) bool {
	for line := range strings.Lines(string(head)) {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), ">"))
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "*") {
			continue
		}
		// The first line may be longer than the head.
		measurement, rest := cutUnescaped(line, ' ')
		first, _ := cutUnescaped(measurement, ',')
		return strings.Contains(rest, "=") && strings.Trim(first, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
	}
	return false
}

// lines takes the line protocol, which Telegraf writes by default.
// https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
func (c *collection) lines(e *export, r io.Reader) error {
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxPiece)
	n := 0
	for in.Scan() {
		n++
		line := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(in.Text()), ">")) // telegraf --test
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "*") {
			continue
		}
		if err := c.line(e, n, line); err != nil {
			return err
		}
	}
	switch err := in.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return badInput("%s:%d: a line is longer than %d MiB; this is not the line protocol of InfluxDB", e.name, n+1, maxPiece>>20)
	case err != nil:
		return e.failed
	}
	return nil
}

// line takes MEASUREMENT,TAG=VALUE,… FIELD=VALUE,… NANOSECONDS.
func (c *collection) line(e *export, n int, line string) error {
	series, rest := cutUnescaped(line, ' ')
	fields, stamp := cutUnescaped(rest, ' ')
	at, ok := unixTime(strings.TrimSpace(stamp))
	if !ok {
		return badInput("%s:%d: not the line protocol of InfluxDB: MEASUREMENT,TAG=VALUE FIELD=VALUE TIME; the time is %q", e.name, n, printable(stamp))
	}
	measurement, tagText := cutUnescaped(series, ',')
	tags := map[string]string{}
	for tagText != "" {
		var tag string
		tag, tagText = cutUnescaped(tagText, ',')
		k, v := cutUnescaped(tag, '=')
		tags[unescape(k)] = unescape(v)
	}
	for fields != "" {
		var f string
		f, fields = cutUnescaped(fields, ',')
		k, v := cutUnescaped(f, '=')
		v = strings.TrimRight(v, "iu")
		if _, err := strconv.ParseFloat(v, 64); err != nil {
			continue // a text or a boolean
		}
		if err := c.field(e, unescape(measurement), unescape(k), tags, at, v); err != nil {
			return err
		}
	}
	return nil
}

// cutUnescaped cuts at the first such sign that is not behind a backslash and
// not within quotes.
func cutUnescaped(s string, sign byte) (before, after string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sign && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\ `, " ", `\,`, ",", `\=`, "=", `\\`, `\`).Replace(s)
}
