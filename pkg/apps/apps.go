// Package apps knows applications that use Redis or Valkey: what they need of
// a service, and how many commands they send. It answers two questions: does
// the application run on an offer (Judge), and what does it send in a month
// (Book.Count).
//
// The applications are data in applications.toml. Every fact there has a source
// with a date; what was measured says so, and what was not found is not guessed.
package apps

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/suggest"
)

// Book is the checked content of one or more files of applications.
type Book struct {
	Apps    map[string]*App
	Reports []Report // in order of id
	Sources map[string]Source
}

// Source is where a fact was read, or that it was measured.
type Source struct {
	URL        string     `toml:"url"` // https; empty only for what was measured or not found
	Title      string     `toml:"title"`
	Date       string     `toml:"date"`  // YYYY-MM-DD: of the page, or of the measurement
	Dated      string     `toml:"dated"` // "read" where the page bears no date and Date is the day it was read
	Confidence Confidence `toml:"confidence"`
}

// Confidence says how a fact is known.
type Confidence string

// The confidences, best first.
const (
	Measured   Confidence = "measured"    // counted on a running server
	Code       Confidence = "code"        // the named source files were read, and the loops in them counted
	ProjectDoc Confidence = "project-doc" // the project's or the vendor's own pages
	Thread     Confidence = "thread"      // a public report
	Derived    Confidence = "derived"     // follows from another fact
	Low        Confidence = "low"         // an old copy, or a third party's page
	NotFound   Confidence = "not-found"   // looked for and not found
)

func confidences() []Confidence {
	return []Confidence{Measured, Code, ProjectDoc, Thread, Derived, Low, NotFound}
}

// Words says how the source knows what it says, for a reader.
func (c Confidence) Words() string {
	switch c {
	case Measured:
		return "measured"
	case Code:
		return "read in the source code"
	case ProjectDoc:
		return "documentation"
	case Thread:
		return "a public report"
	case Derived:
		return "derived"
	case Low:
		return "an old copy or a third party's page"
	}
	return "not found"
}

// App is one application.
type App struct {
	ID         string                `toml:"-"`
	Name       string                `toml:"name"`
	About      string                `toml:"about"`
	Version    string                `toml:"version"` // that the facts are of, where they do not say otherwise
	Like       string                `toml:"like"`    // the application whose counts hold, at least
	NotCounted string                `toml:"not_counted"`
	Need       *Need                 `toml:"need"` // nil where nothing is known
	Beside     map[string]Beside     `toml:"beside"`
	Inputs     map[InputName]InputOf `toml:"input"`
	Settings   map[string]Setting    `toml:"setting"`
	Idle       map[string]Term       `toml:"idle"`
	Work       map[string]Term       `toml:"work"`
	Conns      map[string]Term       `toml:"connection"`
	Facts      map[string]Fact       `toml:"fact"`
}

// Cluster says how an application works with hash slots.
type Cluster string

// How an application works with hash slots. The zero value: nothing was found.
const (
	ClusterUnknown    Cluster = ""
	ClusterNo         Cluster = "no"          // it cannot run where keys have slots
	ClusterHashTag    Cluster = "hash-tag"    // it runs there with a setting
	ClusterYes        Cluster = "yes"         // it runs there with a cluster client
	ClusterPartly     Cluster = "partly"      // a part of it fails there
	ClusterSingleKeys Cluster = "single-keys" // one key at a time, but the library has no cluster client
	ClusterAny        Cluster = "any"         // it uses no keys that have slots
)

// Need is what an application needs of a service.
type Need struct {
	Cluster          Cluster  `toml:"cluster"`
	ClusterSetting   string   `toml:"cluster_setting"`
	Select           int64    `toml:"select"` // numbered databases that it uses as it comes; 0: not found
	SelectSetting    string   `toml:"select_setting"`
	Commands         []string `toml:"commands"` // without which it does not work
	OptionalCommands []string `toml:"optional_commands"`
	UndeclaredKeys   bool     `toml:"undeclared_keys"` // scripts that use keys they do not declare
	KeyspaceEvents   bool     `toml:"keyspace_events"`
	KeyspaceSetting  string   `toml:"keyspace_setting"`
	Modules          []string `toml:"modules"`
	Eviction         Eviction `toml:"eviction"`
	MinVersion       string   `toml:"min_version"` // of the Redis interface; "" where none was found
	Only             []string `toml:"only"`        // offers outside of which nothing is known, as globs
	OnlyReason       string   `toml:"only_reason"`
}

// Eviction says which eviction policies an application tolerates.
type Eviction string

// The choices. The zero value: nothing was found.
const (
	EvictionUnknown   Eviction = ""
	EvictionNone      Eviction = "noeviction" // nothing may be evicted
	EvictionNoAllKeys Eviction = "no-allkeys" // keys without an expiry must stay
	EvictionAny       Eviction = "any"        // an evicting policy fits
)

// Beside is what changes where two applications share a database.
type Beside struct {
	Cluster Cluster `toml:"cluster"`
	Reason  string  `toml:"reason"`
	Fact    string  `toml:"fact"`
}

// InputOf is how an application uses an input.
type InputOf struct {
	Default string `toml:"default"` // "": the caller must give it
	Words   string `toml:"words"`
}

// Setting is a number in an application's own configuration.
type Setting struct {
	Default string `toml:"default"`
	Words   string `toml:"words"`
}

// Term is one kind of command sequence that an application sends.
type Term struct {
	Words         string   `toml:"words"`
	Units         []string `toml:"units"` // inputs and settings that it is multiplied by
	Every         string   `toml:"every"` // idle: seconds between two times, a number or a setting
	Poll          string   `toml:"poll"`  // idle: the polls in it, of which a unit of work takes the place of one
	Client        string   `toml:"client"`
	ClientHigh    string   `toml:"client_high"`
	ClientSparse  string   `toml:"client_sparse"`
	Scripts       string   `toml:"scripts"`
	ScriptsHigh   string   `toml:"scripts_high"`
	ScriptsSparse string   `toml:"scripts_sparse"`
	Reads         string   `toml:"reads"`    // of the client commands, those that only read
	AtLeast       bool     `toml:"at_least"` // more was not counted
	Fact          string   `toml:"fact"`
}

// Fact is something found about an application, in the words of the finding.
type Fact struct {
	Words   string `toml:"words"`
	Source  string `toml:"source"`
	Version string `toml:"version"` // "" for the application's
}

// Report is how a public thread about an application on an offer ended.
type Report struct {
	ID      string `toml:"-"`
	App     string `toml:"app"`
	Offer   string `toml:"offer"`
	Service string `toml:"service"` // as the thread names it
	Cluster bool   `toml:"cluster"` // it speaks of cluster mode
	Verdict string `toml:"verdict"` // of the thread: runs, runs-with-setting, does-not-run, …
	Words   string `toml:"words"`
	URL     string `toml:"url"`
	Date    string `toml:"date"` // "" where the thread shows none
}

// InputName is an input that applications count by. The set is closed, as each
// is a flag of the command line; what one counts on an application, its profile
// says.
type InputName string

// The inputs.
const (
	Workers        InputName = "workers"
	Queues         InputName = "queues"
	Threads        InputName = "threads"
	Servers        InputName = "servers"
	JobsPerDay     InputName = "jobs_per_day"
	PageViews      InputName = "page_views"
	Sessions       InputName = "sessions"
	ChecksPerSec   InputName = "checks_per_sec"
	MessagesPerSec InputName = "messages_per_sec"
	HitsPerSec     InputName = "hits_per_sec"
	MissesPerSec   InputName = "misses_per_sec"
)

// Period is the time that an input is per.
type Period int

// The periods of inputs.
const (
	PerNothing Period = iota // a number of things
	PerSecond
	PerDay
	PerMonth
)

// InputInfo describes an input.
type InputInfo struct {
	Name   InputName
	Period Period
	Help   string
	Max    int64 // the largest value taken
}

// Inputs lists every input in the order of the help.
func Inputs() []InputInfo {
	return []InputInfo{
		{Workers, PerNothing, "worker processes of the application", 1_000_000},
		{Queues, PerNothing, "queues that each worker serves", 100_000},
		{Threads, PerNothing, "threads of each worker", 100_000},
		{Servers, PerNothing, "servers or clients of the application", 1_000_000},
		{JobsPerDay, PerDay, "jobs, tasks or messages a day", 100_000_000_000},
		{PageViews, PerMonth, "page views a month", 1_000_000_000_000},
		{Sessions, PerMonth, "new sessions a month", 1_000_000_000_000},
		{ChecksPerSec, PerSecond, "checks, locks or queries a second", 100_000_000},
		{MessagesPerSec, PerSecond, "broadcasts or group sends a second", 100_000_000},
		{HitsPerSec, PerSecond, "cache reads a second that find their key", 100_000_000},
		{MissesPerSec, PerSecond, "cache reads a second that do not", 100_000_000},
	}
}

// Info finds an input.
func Info(name InputName) (InputInfo, bool) {
	for _, in := range Inputs() {
		if in.Name == name {
			return in, true
		}
	}
	return InputInfo{}, false
}

// Flag is how an input is called on the command line.
func (n InputName) Flag() string { return "--" + strings.ReplaceAll(string(n), "_", "-") }

// IDs lists the applications in alphabetical order.
func (b *Book) IDs() []string { return slices.Sorted(maps.Keys(b.Apps)) }

// UnknownError is an application that no profile describes.
type UnknownError struct {
	Name string
	Near []string // the nearest known ids
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("unknown application %q (keynest fit --list lists all)%s", clip(e.Name), suggest.Ask(e.Near))
}

// Pick finds applications by id, in the order given; an id that comes twice is
// an error.
func (b *Book) Pick(ids ...string) ([]*App, error) {
	var picked []*App
	for _, id := range ids {
		a := b.Apps[strings.ToLower(strings.TrimSpace(id))]
		if a == nil {
			return nil, &UnknownError{id, suggest.Near(id, b.IDs())}
		}
		if slices.Contains(picked, a) {
			return nil, fmt.Errorf("application %s is named twice; name it once, with the inputs of all its instances", a.ID)
		}
		picked = append(picked, a)
	}
	return picked, nil
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
