// Package observe turns what a running Redis or Valkey says about itself into
// a workload: saved INFO replies, a live server, Prometheus and CloudWatch
// series. Every figure names the fields that it comes from; what cannot be
// right is refused rather than guessed.
package observe

import (
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/keynest/keynest/pkg/safetext"
)

// MaxInfoBytes is the longest INFO reply that is read; real ones have a few
// kilobytes, with latency histograms and many commands a few hundred.
const MaxInfoBytes = 16 << 20

// maxCommands bounds the commands of one reply; Redis with every module has
// fewer than 700.
const maxCommands = 5_000

// Ceilings of what one server can have counted: a million calls a second for
// 31 years, an exbibyte moved. They keep every sum inside 64 bits.
const (
	maxCalls   = int64(1e15)
	maxCounter = int64(1e18)
)

// maxFields bounds the fields of one reply; with histograms and every module
// there are a few thousand.
const maxFields = 100_000

// Stat is what a server counted for one command.
type Stat struct {
	Calls int64
	Usec  int64 // microseconds of processor time; 0 where the dialect has none
}

// Info is one reply to INFO, of any dialect.
type Info struct {
	Name     string          // the file or the address it came from
	Bytes    int64           // length of the reply on the wire
	Commands map[string]Stat // by name in lower case, as in "config|get"
	Keys     int64           // in all databases
	HasKeys  bool            // the reply has a keyspace
	fields   map[string]string
	of       string // the node as a file of several replies names it, or ""

	statBytes int64 // of Bytes, the sections that a plain INFO does not have
}

// ParseInfo reads a reply as a server, redis-cli or a text editor left it:
// with or without the protocol's length in front, LF or CR LF, quoted, in
// UTF-16. Fields it does not know are kept and not judged.
func ParseInfo(name, text string) (*Info, error) {
	text = plain(text)
	if strings.TrimSpace(text) == "" {
		return nil, badInput("%s is empty; save a reply: redis-cli INFO all > FILE", name)
	}
	if strings.ContainsRune(text, 0) {
		return nil, badInput("%s is not text, so it is not a reply to INFO", name)
	}
	in := &Info{Name: name, Bytes: wireLength(text), Commands: map[string]Stat{}, fields: map[string]string{}}
	section, firstError := "", ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "cmdstat_") || strings.HasPrefix(line, "latency_percentiles_") {
			in.statBytes += int64(len(line)) + 2
		}
		if title, ok := strings.CutPrefix(line, "#"); ok {
			section = strings.ToLower(strings.TrimSpace(title))
			continue
		}
		if firstError == "" && isError(line) {
			firstError = line
			continue
		}
		if err := in.take(section, line); err != nil {
			return nil, err
		}
	}
	if !in.recognised() {
		if firstError != "" {
			return nil, badInput("%s has an error instead of a reply to INFO: %s", name, printable(firstError))
		}
		return nil, badInput("%s is not a reply to INFO: it has no known field", name)
	}
	if mode := in.text("redis_mode", "server_mode", "valkey_mode"); mode == "sentinel" || in.has("sentinel_masters") {
		return nil, badInput("%s is from a Sentinel, which has no data and serves no commands; "+
			"observe the server that it watches (SENTINEL GET-MASTER-ADDR-BY-NAME prints its address)", name)
	}
	return in, nil
}

// take reads one line.
func (in *Info) take(section, line string) error {
	if strings.HasPrefix(line, "db") && in.keyspace(line) {
		return nil
	}
	key, value, ok := strings.Cut(line, ":")
	if !ok || key == "" {
		return nil
	}
	key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
	command, isStat := strings.CutPrefix(key, "cmdstat_")
	if isStat || section == "command_exec_count" {
		if !isStat {
			command = key
		}
		return in.stat(command, value)
	}
	if old, again := in.fields[key]; again {
		if (key == "run_id" || key == "uptime_in_seconds") && old != value {
			return badInput("%s has more than one reply to INFO (%s is %s and %s); save one reply per file",
				in.Name, key, printable(old), printable(value))
		}
		return nil // the first one counts
	}
	if len(in.fields) == maxFields {
		return badInput("%s has more than %d fields: not a reply to INFO", in.Name, maxFields)
	}
	in.fields[key] = value
	return nil
}

// stat reads "calls=1,usec=2,usec_per_call=2.00", or Pika's bare count.
func (in *Info) stat(command, value string) error {
	command = commandName(command)
	if _, again := in.Commands[command]; again || command == "" {
		return nil
	}
	if len(in.Commands) == maxCommands {
		return badInput("%s counts more than %d commands: not a reply to INFO", in.Name, maxCommands)
	}
	var s Stat
	calls := value
	if strings.Contains(value, "=") {
		calls = part(value, "calls")
		s.Usec, _ = whole(part(value, "usec"))
	}
	n, ok := whole(calls)
	if !ok || n > maxCalls || s.Usec > maxCalls {
		return nil // masked, or no count
	}
	s.Calls = n
	in.Commands[command] = s
	return nil
}

// keyspace reads "db0:keys=1,expires=0,avg_ttl=0" and Pika's
// "db0 Strings_keys=1, expires=0, invalid_keys=0".
func (in *Info) keyspace(line string) bool {
	rest := strings.TrimLeft(line[2:], "0123456789")
	if len(rest) == len(line)-2 || rest == "" || rest[0] != ':' && rest[0] != ' ' {
		return false
	}
	rest = strings.TrimSpace(rest[1:])
	if _, typed, ok := strings.Cut(rest, "_keys="); ok && !strings.HasPrefix(rest, "keys=") {
		rest = "keys=" + typed
	}
	n, ok := whole(part(rest, "keys"))
	if !ok || n > maxCounter {
		return false
	}
	in.HasKeys = true
	if in.Keys > math.MaxInt64-n {
		return false
	}
	in.Keys += n
	return true
}

// part returns the value of one key of "a=1,b=2".
func part(s, key string) string {
	for p := range strings.SplitSeq(s, ",") {
		if k, v, ok := strings.Cut(strings.TrimSpace(p), "="); ok && k == key {
			return v
		}
	}
	return ""
}

// recognised reports whether any field is one that only INFO has.
func (in *Info) recognised() bool {
	return len(in.Commands) > 0 || in.has("redis_version") || in.has("valkey_version") || in.has("used_memory") ||
		in.has("uptime_in_seconds") || in.has("total_commands_processed") || in.has("connected_clients")
}

func (in *Info) has(field string) bool { _, ok := in.fields[field]; return ok }

// text returns the first of some fields that is there, else "".
func (in *Info) text(fields ...string) string {
	for _, f := range fields {
		if v := in.fields[f]; v != "" {
			return v
		}
	}
	return ""
}

// count returns a field that counts something. A field that is absent, masked,
// negative (some dialects write -1 for unknown) or too large is not known.
func (in *Info) count(field string) (int64, bool) {
	n, ok := whole(in.fields[field])
	return n, ok && n <= maxCounter
}

// whole reads a non-negative number, dropping what stands behind the point.
func whole(s string) (int64, bool) {
	s, _, _ = strings.Cut(s, ".")
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0
}

// Server names the software, as far as it says.
func (in *Info) Server() string {
	redis := in.text("redis_version")
	for _, s := range []struct{ field, name string }{
		{"upstash_version", "Upstash"}, {"dragonfly_version", "Dragonfly"}, {"kvrocks_version", "Kvrocks"},
		{"pika_version", "Pika"}, {"garnet_version", "Garnet"}, {"rlec_version", "Redis Enterprise"},
	} {
		if in.has(s.field) {
			return clean(s.name + " " + in.text(s.field))
		}
	}
	engine := "Redis " + redis
	if v := in.text("valkey_version"); v != "" || in.text("server_name") == "valkey" {
		engine = "Valkey " + v
	} else if in.has("mvcc_depth") || in.has("active_replica") {
		engine = "KeyDB " + redis
	}
	switch os := in.text("os"); {
	case strings.HasPrefix(os, "Amazon "):
		return clean(os + ", " + engine)
	case in.has("maxmemory_reservation") && strings.HasPrefix(os, "Windows"):
		return clean("Azure Cache for Redis, " + engine)
	case redis == "" && !strings.HasPrefix(engine, "Valkey"):
		return "an unnamed server"
	}
	return clean(engine)
}

func clean(s string) string { return strings.TrimSpace(printable(s)) }

// onDisk returns the field with the size on disk where the data lives there
// rather than in memory, else "".
func (in *Info) onDisk() string {
	switch {
	case in.has("pika_version"):
		return "db_size"
	case in.has("kvrocks_version"):
		return "used_db_size"
	}
	return ""
}

// isReplica reports whether the server copies another one.
func (in *Info) isReplica() bool {
	role := in.text("role")
	return role == "slave" || role == "replica"
}

// replicatesEffects says whether a script's writes reach a replica, and not the
// script itself: so it is from Redis 7.0 on, and always in Valkey. A script that
// such a replica counts was sent by a client.
func (in *Info) replicatesEffects() bool {
	if in.has("valkey_version") || in.text("server_name") == "valkey" {
		return true
	}
	major, _, _ := strings.Cut(in.text("redis_version"), ".")
	n, ok := whole(major)
	return ok && n >= 7
}

// attachedReplicas are the addresses of the replicas, by the lines
// slave0:ip=10.0.0.2,port=6379,state=online,offset=1,lag=0.
func (in *Info) attachedReplicas() []string {
	var addrs []string
	for i := range maxReplicas {
		line, ok := in.fields[fmt.Sprintf("slave%d", i)]
		if !ok {
			break
		}
		host, port := part(line, "ip"), part(line, "port")
		if n, err := strconv.ParseUint(port, 10, 16); host == "" || err != nil || n == 0 {
			continue
		}
		addrs = append(addrs, net.JoinHostPort(host, port))
	}
	return addrs
}

// wireLength is the length of a reply as a server sends it, with CR LF.
func wireLength(text string) int64 {
	return int64(len(text) + strings.Count(text, "\n") - strings.Count(text, "\r\n"))
}

// runID identifies one run of a server, or is "" where it is masked.
func (in *Info) runID() string {
	id := in.text("run_id")
	if strings.Trim(id, "0*-xX. ") == "" {
		return ""
	}
	return id
}

// plain removes what surrounds a reply: byte order marks and UTF-16 (a redirect
// in PowerShell), the protocol's length, the quotes of redis-cli.
func plain(s string) string {
	s = fromUTF16(s)
	s = strings.TrimPrefix(s, "\ufeff")
	if first, rest, ok := strings.Cut(s, "\n"); ok {
		if digits := strings.TrimRight(first, "\r "); len(digits) > 1 && (digits[0] == '$' || digits[0] == '=') {
			if _, ok := whole(digits[1:]); ok {
				s = strings.TrimPrefix(rest, "txt:")
			}
		}
	}
	if t := strings.TrimSpace(s); strings.HasPrefix(t, `"`) && strings.Contains(t, `\r\n`) {
		s = strings.ReplaceAll(strings.Trim(t, `"`), `\r\n`, "\n")
	}
	// A carriage return alone ended lines once; splitting on it covers CR LF too.
	if !strings.Contains(s, "\n") {
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	return s
}

func fromUTF16(s string) string {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case strings.HasPrefix(s, "\xfe\xff"):
		order = binary.BigEndian
	case !strings.HasPrefix(s, "\xff\xfe"):
		return s
	}
	units := make([]uint16, 0, len(s)/2)
	for i := 2; i+1 < len(s); i += 2 {
		units = append(units, order.Uint16([]byte(s[i:i+2])))
	}
	return string(utf16.Decode(units))
}

// isError recognises an error reply, from the wire or from redis-cli.
func isError(line string) bool {
	if strings.HasPrefix(line, "(error)") {
		return true
	}
	word, _, _ := strings.Cut(strings.TrimPrefix(line, "-"), " ")
	switch word {
	case "ERR", "NOAUTH", "NOPERM", "WRONGPASS", "LOADING", "DENIED", "MASTERDOWN":
		return true
	}
	return false
}

// printable makes text from a server safe for a terminal, and short.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if safetext.Bad(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}
