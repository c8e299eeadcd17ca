package workload

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
)

// words reads and prints an input that is not a number: an engine version, or
// one of a few names. A Workload holds it as an integer, like every other
// input; 0 means that it was not given.
type words struct {
	parse func(string) (int64, error)
	text  func(int64) string // "" for 0, which a JSON report has as null
}

// words are the reader and printer of a field that is not a number; nil for a
// number.
func (f *Field) words() *words {
	switch f.Key {
	case "engine_version":
		return &words{ratecard.ParseVersion, ratecard.VersionText}
	case "durability":
		return &words{parseDurability, func(n int64) string { return Durability(n).String() }}
	case "client":
		return &words{parseClient, func(n int64) string { return Client(n).String() }}
	case "same_zone_reads":
		return oneOf("no", "yes")
	case "persistence":
		return oneOf("none", "aof")
	case "replication_traffic":
		return oneOf("included", "charged")
	case "tax":
		return &words{parsePercent, percentText}
	}
	return nil
}

// oneOf are the words of an input with two values: usual is 0, and null in a
// report; other is 1.
func oneOf(usual, other string) *words {
	parse := func(s string) (int64, error) {
		switch s {
		case usual:
			return 0, nil
		case other:
			return 1, nil
		}
		return 0, fmt.Errorf("%q is neither %s nor %s", clip(s), other, usual)
	}
	return &words{parse, func(n int64) string { return []string{"", other}[n] }}
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

func parseDurability(s string) (int64, error) {
	if s == "none" {
		return int64(DurabilityNone), nil
	}
	for _, d := range []Durability{DurabilityAsynchronous, DurabilitySynchronous} {
		if s == d.String() {
			return int64(d), nil
		}
	}
	return 0, fmt.Errorf("%q is none of none, asynchronous, synchronous", clip(s))
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

func parseClient(s string) (int64, error) {
	if s == "any" {
		return int64(ClientAny), nil
	}
	for _, c := range []Client{ClientPlain, ClientCluster} {
		if s == c.String() {
			return int64(c), nil
		}
	}
	return 0, fmt.Errorf("%q is none of any, plain, cluster", clip(s))
}
