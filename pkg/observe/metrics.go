package observe

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/tomlfile"
)

//go:embed metrics.toml
var metricsTOML string

// system is how one monitoring system names what a server counts.
type system struct {
	Title    string            `toml:"title"`
	Source   string            `toml:"source"`   // where the names are published
	Instance []string          `toml:"instance"` // labels that tell servers apart
	Command  []string          `toml:"command"`  // labels with the name of a command
	Role     []string          `toml:"role"`     // labels with the role of the server
	Metric   map[string]metric `toml:"metric"`
}

// metric is what one metric says.
type metric struct {
	Is   string `toml:"is"`   // a quantity, or "" where only Info is used
	Kind string `toml:"kind"` // counter, rate or gauge
	Info string `toml:"info"` // the field of INFO that it repeats, or ""

	Statistic string   `toml:"statistic"` // of CloudWatch
	Asked     []string `toml:"asked"`     // of CloudWatch: node, replica, serverless
}

// The kinds of a metric.
const (
	kindCounter = "counter" // only rises while the server runs
	kindRate    = "rate"    // a second
	kindGauge   = "gauge"   // at that moment
)

// quantities are what a metric can say; metrics.toml explains them.
func quantities() []string {
	return []string{
		"commands", "by_command", "seconds_by_command", "usec_by_command", "bytes_in", "bytes_out",
		"replication_in", "replication_out", "dataset", "used", "replicas", "role", "reads", "writes", "others", "ecpu",
	}
}

// systems reads the embedded table.
func systems() (map[string]*system, error) {
	var all map[string]*system
	if err := tomlfile.Decode("metrics.toml", metricsTOML, &all); err != nil {
		return nil, err
	}
	for name, s := range all {
		for m, what := range s.Metric {
			switch {
			case what.Is == "" && what.Info == "":
				return nil, fmt.Errorf("metrics.toml: %s.metric.%s says nothing: give is or info", name, m)
			case what.Is != "" && !slices.Contains(quantities(), what.Is):
				return nil, fmt.Errorf("metrics.toml: %s.metric.%s: unknown is %q; known: %s", name, m, what.Is, strings.Join(quantities(), ", "))
			case what.Is != "" && !slices.Contains([]string{kindCounter, kindRate, kindGauge}, what.Kind):
				return nil, fmt.Errorf("metrics.toml: %s.metric.%s: unknown kind %q; known: counter, rate, gauge", name, m, what.Kind)
			}
		}
	}
	return all, nil
}

// label joins the values that a series has of some labels.
func label(labels map[string]string, names []string) string {
	var values []string
	for _, n := range names {
		if v := labels[n]; v != "" {
			values = append(values, v)
		}
	}
	return strings.Join(values, " ")
}
