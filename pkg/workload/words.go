package workload

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

// words reads and prints an input that is not a number: an engine version, or
// one of a few names. A Workload holds it as an integer, like every other
// input; 0 means that it was not given.
type words struct {
	parse   func(string) (int64, error)
	text    func(int64) string // "" for 0, which a JSON report has as null
	choices []string           // all values, the default first; nil where there are others
}

// words are the reader and printer of a field that is not a number; nil for a
// number.
func (f *Field) words() *words {
	switch f.Key {
	case "engine_version":
		return &words{parse: ratecard.ParseVersion, text: ratecard.VersionText}
	case "durability":
		return oneOf("none", DurabilityAsynchronous.String(), DurabilitySynchronous.String())
	case "client":
		return oneOf("any", ClientPlain.String(), ClientCluster.String())
	case "same_zone_reads":
		return oneOf("no", "yes")
	case "persistence":
		return oneOf("none", "aof")
	case "replication_traffic":
		return oneOf("included", "charged")
	case "tax":
		return &words{parse: parsePercent, text: percentText}
	}
	return nil
}

// oneOf are the words of an input that takes only these values. The first one is
// the default: 0, and null in a report.
func oneOf(choices ...string) *words {
	parse := func(s string) (int64, error) {
		if i := slices.Index(choices, s); i >= 0 {
			return int64(i), nil
		}
		if len(choices) == 2 {
			return 0, fmt.Errorf("%q is not %s or %s", clip(s), choices[1], choices[0])
		}
		return 0, fmt.Errorf("%q is not one of %s", clip(s), strings.Join(choices, ", "))
	}
	text := func(n int64) string {
		if n == 0 {
			return ""
		}
		return choices[n]
	}
	return &words{parse, text, choices}
}

// Choices are the values that an input takes, by its key in a workload file, the
// default first; nil where it takes any number or text.
func Choices(key string) []string {
	if f := fieldOf(key); f != nil && f.Words() {
		return f.words().choices
	}
	return nil
}

// parsePercent reads a percentage such as 10% or 8.875 % in millionths.
func parsePercent(s string) (int64, error) {
	number := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "%"))
	_, decimals, ok := unit.CutDecimal(number)
	n, err := unit.Scaled(number, unit.Million/100)
	switch {
	case !ok || err != nil:
		return 0, fmt.Errorf("%q is not a percentage like 10%%", clip(s))
	case n > maxTax:
		return 0, fmt.Errorf("%s is more than 100%%", clip(s))
	case len(decimals) > 4:
		return 0, fmt.Errorf("%s has more than four decimals", clip(s))
	}
	return n, nil
}

func percentText(n int64) string {
	if n == 0 {
		return ""
	}
	return unit.Decimal(n, unit.Million/100) + "%"
}

// Words says whether a JSON report has the field as a string, or null, rather
// than as a number.
func (f *Field) Words() bool { return f.words() != nil }

// Durability says when a write counts as done: at once, or once it is stored in
// several zones.
type Durability int64

// The kinds of durability. A card says which of them the service offers, and at
// what price.
const (
	DurabilityNone         Durability = iota // what the service does by default
	DurabilityAsynchronous                   // stored durably soon after it was confirmed
	DurabilitySynchronous                    // stored durably before it is confirmed
)

// String is the name that inputs and reports use; "" for the default.
func (d Durability) String() string {
	switch d {
	case DurabilityAsynchronous:
		return "asynchronous"
	case DurabilitySynchronous:
		return "synchronous"
	}
	return ""
}

// Client says which protocol the programs speak that use the cache. Several
// shards need clients that know which server holds which hash slot (Redis
// Cluster specification). Some services need such clients even for one shard.
type Client int64

// The kinds of clients.
const (
	ClientAny     Client = iota // nothing was said; offers for either kind compete
	ClientPlain                 // one server, or Sentinel
	ClientCluster               // the cluster protocol
)

// String is the name that inputs and reports use; "" where nothing was said.
func (c Client) String() string {
	switch c {
	case ClientPlain:
		return "plain"
	case ClientCluster:
		return "cluster"
	}
	return ""
}
