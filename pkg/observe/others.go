package observe

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/keynest/keynest/pkg/commands"
	"github.com/keynest/keynest/pkg/unit"
)

// others is what was moved for others than the workload's applications: an
// estimate, with its ends, in bytes.
type others struct {
	in, out      int64 // requests and replies of administration, and MONITOR
	least, most  int64 // both ways together
	guess        int64 // of in and out, what is not the length of a reply in hand
	monitor      int64 // what one attached MONITOR was sent
	monitorTaken int64 // of that, what is in out
	by           map[string]int64
}

func (o *others) add(by map[string]int64) {
	if o.by == nil {
		o.by = map[string]int64{}
	}
	for name, bytes := range by {
		o.by[name] = saturate(o.by[name], bytes)
	}
}

// names lists the administration that moved most bytes.
func (o *others) names() string {
	names := slices.Sorted(maps.Keys(o.by))
	sort.SliceStable(names, func(i, j int) bool { return o.by[names[i]] > o.by[names[j]] })
	var parts []string
	for _, name := range names[:min(len(names), 4)] {
		parts = append(parts, printable(name)+" "+unit.FormatBytes(o.by[name]))
	}
	if more := len(names) - len(parts); more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(parts, ", ")
}

// size is the usual length of a request and its reply on the wire, and the ends of
// the reply's, in bytes.
type size struct{ in, out, least, most int64 }

// adminSizes are measured on Redis 7.0.15 and Valkey 8.0.1, with the requests that
// redis_exporter and redis-cli send. Before Redis 7 a container has one count.
func adminSizes() map[string]size {
	return map[string]size{
		"ping": {14, 7, 4, 7}, "auth": {37, 5, 5, 5}, "hello": {22, 146, 100, 250}, "select": {23, 5, 5, 5},
		"quit": {14, 5, 5, 5}, "reset": {15, 8, 8, 8}, "readonly": {18, 5, 5, 5}, "role": {14, 60, 24, 500},
		"config|get": {32, 7000, 26, 8000}, "config|set": {50, 5, 5, 5}, "config": {32, 7000, 5, 8000},
		"client|list": {26, 3000, 250, 100_000}, "client|info": {26, 300, 250, 400}, "client": {40, 5, 5, 3000},
		"slowlog|get": {26, 200, 4, 50_000}, "slowlog|len": {26, 4, 4, 6}, "slowlog": {26, 200, 4, 50_000},
		"latency|latest": {29, 4, 4, 500}, "latency|histogram": {32, 1500, 100, 20_000}, "latency": {29, 4, 4, 500},
		"cluster|info": {27, 600, 49, 1000}, "cluster|slots": {28, 1500, 100, 100_000}, "cluster|shards": {29, 3000, 100, 200_000},
		"cluster|nodes": {28, 1000, 100, 100_000}, "cluster": {27, 600, 5, 100_000},
		"command|docs": {27, 190_000, 172_000, 210_000}, "command|count": {28, 6, 6, 6}, "command": {17, 91_000, 6, 92_000},
		"memory|stats": {27, 1000, 900, 5000}, "memory|doctor": {28, 276, 50, 2000}, "memory": {30, 5, 5, 1000},
	}
}

// others estimates what a node moved for others, by the number of their commands.
func (d *derivation) others(s span, t traffic) others {
	o := others{by: map[string]int64{}}
	if !s.stats {
		return o
	}
	sizes := adminSizes()
	full, plain := s.infoLengths()
	var admin, inShort int64
	for name, calls := range s.counts {
		if d.classes.Of(name) != commands.Admin || name == "replconf" || calls <= 0 {
			continue
		}
		admin += calls
		z, ok := sizes[name]
		switch {
		case name == "info":
			z = size{23, full, min(350, plain), full}
		case name == "client|list":
			if n, known := s.last.count("connected_clients"); known {
				z.out = min(max(n, 1)*300, z.most)
			}
		case !ok:
			z = size{40, 5, 4, 100}
		}
		in, _ := unit.Mul(calls, z.in)
		out, _ := unit.Mul(calls, z.out)
		least, _ := unit.Mul(calls, 6+z.least) // a request in one line: PING and its end
		most, _ := unit.Mul(calls, z.in+z.most)
		o.in, o.out = saturate(o.in, in), saturate(o.out, out)
		o.least, o.most = saturate(o.least, least), saturate(o.most, most)
		o.by[name] = saturate(in, out)
		if name != "info" {
			o.guess = saturate(o.guess, saturate(in, out))
		} else if n, err := unit.Mul(calls, full-plain); err == nil {
			inShort = n
		}
	}
	// Less than the whole INFO was asked for where it would not leave the shortest
	// reply for each command of the workload.
	workload := d.served(s)
	if floor, err := unit.Mul(workload, 4); err == nil && t.out-o.out < floor && inShort > 0 {
		o.out -= inShort
		o.by["info"] -= inShort
	}
	o.monitored(s, t, workload, admin)
	return o
}

// infoLengths are the mean lengths of a whole and of a plain reply to INFO.
func (s span) infoLengths() (full, plain int64) {
	for _, in := range s.node.Samples {
		full, plain = full+in.Bytes, plain+in.Bytes-in.statBytes
	}
	n := int64(len(s.node.Samples))
	const header = 10 // the length in front and the line's end
	return full/n + header, plain/n + header
}

// monitorLine is what a line of MONITOR has above the bytes of the command: the
// time, the database, the address and the quotes, less the lengths of the protocol.
const monitorLine = 32

// monitored estimates what MONITOR was sent. A server counts when it is started and
// not whether it is still attached: where it was started within the interval it is
// taken out, else it is a note.
func (o *others) monitored(s span, t traffic, workload, admin int64) {
	if s.last.Commands["monitor"].Calls == 0 {
		return
	}
	lines, err := unit.Mul(workload+admin, monitorLine)
	stream := saturate(lines, t.in)
	if floor := workload * 4; err != nil || t.out-o.out-stream < floor {
		return // it cannot have been attached for all of the interval
	}
	o.monitor = stream
	if len(s.node.Samples) == 2 && s.counts["monitor"] > 0 {
		o.monitorTaken = stream
		o.out = saturate(o.out, stream)
		o.by["monitor"] = stream
		o.most = saturate(o.most, stream)
		o.guess = saturate(o.guess, stream/5)
	}
}
