package commands

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/tomlfile"
)

//go:embed versions.toml
var versionsTOML string

// Presence says whether a version has a command.
type Presence byte

// The kinds of presence.
const (
	Present    Presence = 'y' // in the server itself
	ByModule   Presence = 'm' // with a module that may be loaded
	Absent     Presence = 'n'
	NotChecked Presence = '-'
)

// Versions knows which version of Redis and of Valkey has which command.
type Versions struct {
	columns  []string             // "redis 7.2", oldest first of each engine
	commands map[string]string    // a letter a column
	origin   map[string]string    // core, or the module
	since    map[string][2]string // since which Redis, since which Valkey; "-" for never
}

// NewVersions reads the table that comes with the program.
func NewVersions() (*Versions, error) { return parseVersions("versions.toml", versionsTOML) }

func parseVersions(name, text string) (*Versions, error) {
	var file struct {
		Schema   int      `toml:"schema"`
		Source   string   `toml:"source"`
		Date     string   `toml:"date"`
		Columns  []string `toml:"columns"`
		Commands string   `toml:"commands"`
	}
	if err := tomlfile.Decode(name, text, &file); err != nil {
		return nil, err
	}
	v := &Versions{columns: file.Columns, commands: map[string]string{}, origin: map[string]string{}, since: map[string][2]string{}}
	var problems []error
	for i, row := range strings.Split(strings.TrimSpace(file.Commands), "\n") {
		f := strings.Fields(row)
		switch {
		case len(f) != 5 || len(f[4]) != len(file.Columns) || strings.Trim(f[4], "ymn-") != "":
			problems = append(problems, fmt.Errorf("%s: row %d, %q: it needs a command, its origin, two versions and %d letters", name, i+1, row, len(file.Columns)))
			continue
		case v.commands[f[0]] != "":
			problems = append(problems, fmt.Errorf("%s: row %d: %s stands there twice", name, i+1, f[0]))
		}
		v.commands[f[0]], v.origin[f[0]], v.since[f[0]] = f[4], f[1], [2]string{f[2], f[3]}
	}
	return v, errors.Join(problems...)
}

// Columns lists the versions, such as "redis 7.2" and "valkey 9.1".
func (v *Versions) Columns() []string { return slices.Clone(v.columns) }

// Count is the number of commands in the table.
func (v *Versions) Count() int { return len(v.commands) }

// Knows says whether the table has a command, written as CLIENT|LIST.
func (v *Versions) Knows(command string) bool { return v.commands[command] != "" }

// Core says whether a command belongs to the server itself in some version.
func (v *Versions) Core(command string) bool { return v.origin[command] == "core" }

// Has says whether a version, such as "redis 7.2", has a command. A version
// between the columns is answered by the version that first had the command. A
// command that the table does not know is NotChecked.
func (v *Versions) Has(version, command string) Presence {
	if v.commands[command] == "" {
		return NotChecked
	}
	if at := slices.Index(v.columns, version); at >= 0 {
		return Presence(v.commands[command][at])
	}
	engine, number, _ := strings.Cut(version, " ")
	first := ""
	switch engine {
	case "redis":
		first = v.since[command][0]
	case "valkey":
		first = v.since[command][1]
	}
	switch {
	case first == "" || number == "" || !v.Core(command):
		return NotChecked
	case first == "-" || Newer(first, number):
		return Absent
	}
	return Present
}

// Newer says whether the first of two versions is the later one, by major and
// minor number: 8.10 is newer than 8.8.
func Newer(a, b string) bool {
	majorA, minorA := twoNumbers(a)
	majorB, minorB := twoNumbers(b)
	return majorA > majorB || majorA == majorB && minorA > minorB
}

func twoNumbers(s string) (major, minor int) {
	first, rest, _ := strings.Cut(s, ".")
	second, _, _ := strings.Cut(rest, ".")
	major, _ = strconv.Atoi(first)
	minor, _ = strconv.Atoi(second)
	return major, minor
}
