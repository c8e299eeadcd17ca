package workload

import (
	_ "embed"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/keynest/keynest/pkg/suggest"
	"github.com/keynest/keynest/pkg/tomlfile"
	"github.com/keynest/keynest/pkg/unit"
)

// File is a TOML file of named workloads:
//
//	[workload.sessions]
//	ops_per_sec = 5000
//	gib = 8
type File struct {
	Workload map[string]*Entry `toml:"workload"`
}

// Entry is one workload of a file.
type Entry struct {
	Input
	Preset   string    `toml:"preset"`
	Observed *Observed `toml:"observed"`

	// Applications that send the load, in place of a rate or a month's
	// commands. pkg/apps has their names and counts.
	App          tomlfile.Texts   `toml:"app"`
	AppInputs    map[string]Value `toml:"app_inputs"`   // as the flags of keynest estimate: workers = 5
	AppSettings  map[string]Value `toml:"app_settings"` // as --app-set
	CountScripts bool             `toml:"count_scripts"`
	Plus         bool             `toml:"plus"` // on top of the commands that are given
}

// Observed is what a running server counted over some seconds, by command.
// Vendors bill commands by different rules.
type Observed struct {
	Seconds Value            `toml:"seconds"`
	Counts  map[string]int64 `toml:"counts"` // calls by command
	Usec    map[string]int64 `toml:"usec"`   // microseconds of processor time by command

	FanOutBytes int64  `toml:"fan_out_bytes"` // the part of all bytes moved that went to subscribers
	Sizes       *Sizes `toml:"sizes"`
}

// Sizes are the keys and values that are stored, as far as they were measured.
type Sizes struct {
	Keys       int64 `toml:"keys"`        // how many are stored
	Measured   int64 `toml:"measured"`    // of how many of them the size is known
	KeyBytes   Value `toml:"key_bytes"`   // mean; absent where it is not known
	ValueBytes Value `toml:"value_bytes"` // mean
	MaxBytes   int64 `toml:"max_bytes"`   // the largest value; 0 where it is not known
	Above1kB   Value `toml:"above_1_kb"`  // share of the values above 1000 bytes, 0 to 1
	MeanKB     Value `toml:"mean_kb"`     // mean of max(1, kB of key and value)
}

// ReadFile parses a file of workloads. An unknown key, no workload at all, or
// an unknown preset is an error.
func ReadFile(name, text string) (*File, error) {
	f := &File{}
	if err := tomlfile.Decode(name, text, f); err != nil {
		return nil, err
	}
	return f, f.check(name)
}

// NewFile checks workloads that are already decoded, as ReadFile does. name is
// the file that they come from.
func NewFile(name string, workloads map[string]*Entry) (*File, error) {
	f := &File{Workload: workloads}
	return f, f.check(name)
}

func (f *File) check(name string) error {
	if len(f.Workload) == 0 {
		return fmt.Errorf("%s: it has no workload; add [workload.NAME]", name)
	}
	for _, n := range f.Names() {
		if f.Workload[n] == nil {
			return fmt.Errorf("%s: workload %q is empty; give its load and data, such as ops_per_sec and gib", name, n)
		}
		if _, err := f.Input(n); err != nil {
			return fmt.Errorf("%s: workload %q: %w", name, n, err)
		}
		if err := f.Workload[n].Observed.check(); err != nil {
			return fmt.Errorf("%s: workload %q: observed.%w", name, n, err)
		}
	}
	return nil
}

// check returns an error for a figure that cannot have been measured.
func (o *Observed) check() error {
	if o == nil {
		return nil
	}
	if n, err := unit.ParseMicro(string(o.Seconds)); o.Seconds != "" && (err != nil || n <= 0) {
		return fmt.Errorf("seconds is %q; it is a number above 0, such as 3600", unit.Clip(string(o.Seconds)))
	}
	for key, counts := range map[string]map[string]int64{"counts": o.Counts, "usec": o.Usec} {
		for _, command := range slices.Sorted(maps.Keys(counts)) {
			if counts[command] < 0 {
				return fmt.Errorf("%s.%s is %d; it is 0 or more", key, unit.Clip(command), counts[command])
			}
		}
	}
	if o.FanOutBytes < 0 {
		return fmt.Errorf("fan_out_bytes is %d; it is 0 or more", o.FanOutBytes)
	}
	return o.Sizes.check()
}

func (s *Sizes) check() error {
	if s == nil {
		return nil
	}
	for _, f := range []struct {
		key string
		n   int64
	}{{"keys", s.Keys}, {"measured", s.Measured}, {"max_bytes", s.MaxBytes}} {
		if f.n < 0 {
			return fmt.Errorf("sizes.%s is %d; it is 0 or more", f.key, f.n)
		}
	}
	for _, f := range []struct {
		key   string
		value Value
		most  int64 // millionths
	}{{"key_bytes", s.KeyBytes, math.MaxInt64}, {"value_bytes", s.ValueBytes, math.MaxInt64}, {"above_1_kb", s.Above1kB, 1e6}, {"mean_kb", s.MeanKB, math.MaxInt64}} {
		if n, err := unit.ParseMicro(string(f.value)); f.value != "" && (err != nil || n < 0 || n > f.most) {
			return fmt.Errorf("sizes.%s is %q; it is a number, 0 or more, and a share at most 1", f.key, unit.Clip(string(f.value)))
		}
	}
	return nil
}

// Names lists the workloads in alphabetical order.
func (f *File) Names() []string {
	var names []string
	for n := range f.Workload {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Input is a workload of the file, with its preset's values for all that it
// leaves out.
func (f *File) Input(name string) (Input, error) {
	e := f.Workload[name]
	if e == nil {
		return Input{}, fmt.Errorf("no workload %q; known: %s", name, strings.Join(f.Names(), ", "))
	}
	if e.Preset == "" {
		return e.Input, nil
	}
	p, err := PresetByName(e.Preset)
	if err != nil {
		return Input{}, err
	}
	return e.Input.Over(p.Input), nil
}

// FromMap reads a workload from decoded TOML, as rate cards hold for worked
// examples.
func FromMap(m map[string]any) (Input, error) {
	var in Input
	for _, key := range slices.Sorted(maps.Keys(m)) {
		var v Value
		if err := v.UnmarshalTOML(m[key]); err != nil {
			return Input{}, fmt.Errorf("%s: %w", key, err)
		}
		if !in.Set(key, v) {
			return Input{}, fmt.Errorf("unknown workload key %q; known: %s", key, strings.Join(Keys(), ", "))
		}
	}
	return in, nil
}

//go:embed presets.toml
var presetsTOML string

// Preset is a documented starting point.
type Preset struct {
	Name string `toml:"-"`
	Input
	About     string   `toml:"about"`
	Resembles []string `toml:"resembles"` // applications of pkg/apps that send such commands
	Source    string   `toml:"source"`    // https address
	Date      string   `toml:"date"`      // of the source, YYYY-MM-DD
}

// Presets reads the built-in presets in order of name.
func Presets() ([]Preset, error) {
	var f struct {
		Preset map[string]Preset `toml:"preset"`
	}
	if err := tomlfile.Decode("presets.toml", presetsTOML, &f); err != nil {
		return nil, err
	}
	var list []Preset
	for name, p := range f.Preset {
		p.Name = name
		list = append(list, p)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list, nil
}

// PresetByName finds a preset, or names the known ones.
func PresetByName(name string) (Preset, error) {
	list, err := Presets()
	if err != nil {
		return Preset{}, err
	}
	var known []string
	for _, p := range list {
		if p.Name == name {
			return p, nil
		}
		known = append(known, p.Name)
	}
	if q := suggest.Question(name, known); q != "" {
		return Preset{}, fmt.Errorf("unknown preset %q%s", name, q)
	}
	return Preset{}, fmt.Errorf("unknown preset %q; known: %s", name, strings.Join(known, ", "))
}
