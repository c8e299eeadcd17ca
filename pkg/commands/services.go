package commands

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/tomlfile"
)

//go:embed restricted.toml
var restrictedTOML string

// Status says what a service does with a command.
type Status string

// The statuses of restricted commands.
const (
	Blocked   Status = "blocked"   // refused
	Limited   Status = "limited"   // works in some setups, or with fewer options: Effect says which
	Dangerous Status = "dangerous" // the engine's own marking, no service's refusal
)

// Effect says what a limited command means to an application that needs it.
type Effect string

// The effects of limits.
const (
	AfterSetting  Effect = "setting"    // it works after a setting, or a word with support
	ClusterOnly   Effect = "cluster"    // it works in cluster mode only
	NoClusterOnly Effect = "no-cluster" // it works outside of cluster mode only
	Partial       Effect = "part"       // it has fewer options
	Open          Effect = "unknown"    // the vendor's pages leave it open
	Harmless      Effect = "harmless"   // what differs keeps no application from running
)

// Restriction is what a service says about some commands.
type Restriction struct {
	Status   Status   `toml:"status"`
	Effect   Effect   `toml:"effect"` // of Limited
	Note     string   `toml:"note"`
	URL      string   `toml:"url"`
	Date     string   `toml:"date"`  // YYYY-MM-DD: of the page, or the day it was read
	Dated    string   `toml:"dated"` // what is to be said of the date
	Commands []string `toml:"commands"`
}

// Services knows what each service refuses. A service is a list of commands;
// several offers may share one.
type Services struct {
	lists map[string]map[string]*Restriction // by service, then by command
}

// NewServices reads the restrictions that come with the program.
func NewServices() (*Services, error) { return parseServices("restricted.toml", restrictedTOML) }

func parseServices(name, text string) (*Services, error) {
	var file struct {
		Schema  int                                `toml:"schema"`
		Service map[string]map[string]*Restriction `toml:"service"`
	}
	if err := tomlfile.Decode(name, text, &file); err != nil {
		return nil, err
	}
	s := &Services{lists: map[string]map[string]*Restriction{}}
	var problems []error
	problem := func(service, group, format string, args ...any) {
		problems = append(problems, fmt.Errorf("%s: service %s, %s: %s", name, service, group, fmt.Sprintf(format, args...)))
	}
	if file.Schema != 1 {
		problems = append(problems, fmt.Errorf("%s: schema is %d; this program reads 1", name, file.Schema))
	}
	for _, service := range slices.Sorted(maps.Keys(file.Service)) {
		s.lists[service] = map[string]*Restriction{}
		for _, group := range slices.Sorted(maps.Keys(file.Service[service])) {
			r := file.Service[service][group]
			if err := r.check(); err != nil {
				problem(service, group, "%v", err)
			}
			for _, command := range r.Commands {
				if strings.ToUpper(command) != command || command == "" {
					problem(service, group, "%q; write commands as CLIENT|LIST", command)
				}
				if s.lists[service][command] != nil {
					problem(service, group, "%s stands in two groups", command)
				}
				s.lists[service][command] = r
			}
		}
	}
	return s, errors.Join(problems...)
}

func (r *Restriction) check() error {
	effects := []Effect{AfterSetting, ClusterOnly, NoClusterOnly, Partial, Open, Harmless}
	u, err := url.Parse(r.URL)
	switch {
	case !slices.Contains([]Status{Blocked, Limited, Dangerous}, r.Status):
		return fmt.Errorf("status %q; known: blocked, limited, dangerous", r.Status)
	case r.Status == Limited != slices.Contains(effects, r.Effect):
		return fmt.Errorf("effect %q; what is limited has one, and nothing else", r.Effect)
	case err != nil || u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("url %q is not an https address", r.URL)
	case len(r.Commands) == 0:
		return errors.New("no commands")
	}
	if _, err := time.Parse(time.DateOnly, r.Date); err != nil {
		return fmt.Errorf("date %q is not like 2026-08-21", r.Date)
	}
	return nil
}

// Names lists the services in alphabetical order.
func (s *Services) Names() []string { return slices.Sorted(maps.Keys(s.lists)) }

// Has says whether there is a list of that name.
func (s *Services) Has(service string) bool { return s.lists[service] != nil }

// Of is what a service says about a command, written as CLIENT|LIST; nil where
// it says nothing. What is said of a container holds for its subcommands.
func (s *Services) Of(service, command string) *Restriction {
	list := s.lists[service]
	if r := list[command]; r != nil {
		return r
	}
	container, _, _ := strings.Cut(command, "|")
	return list[container]
}

// Count is the number of commands that a service has something to say about.
func (s *Services) Count(service string, status Status) int {
	n := 0
	for _, r := range s.lists[service] {
		if r.Status == status {
			n++
		}
	}
	return n
}
