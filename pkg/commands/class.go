// Package commands knows what a Redis or Valkey command does and how each
// vendor counts commands on its bill: which are free, which are writes, and what
// they are in ElastiCache processing units. It reads no server: counts come from
// the caller, in the spelling of INFO commandstats ("get", "config|get").
package commands

import (
	_ "embed"
	"strings"
)

// Class says what a command does, as far as a bill cares.
type Class string

// The classes of commands.txt. A command that stands nowhere in it is Unknown.
const (
	Read    Class = "read"
	Write   Class = "write"
	Script  Class = "script"
	Admin   Class = "admin"
	Other   Class = "other"
	Unknown Class = "unknown"
)

//go:embed commands.txt
var commandsText string

// Classes knows the class of every command. The zero value knows none.
type Classes struct {
	of map[string]entry
}

// entry is one line of commands.txt.
type entry struct {
	class    Class
	operator bool
	simple   bool
}

// NewClasses reads the built-in table.
func NewClasses() Classes {
	of := make(map[string]entry, 512)
	for line := range strings.Lines(commandsText) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] == "#" {
			continue
		}
		e := entry{class: Class(words[1])}
		if len(words) > 2 {
			e.operator, e.simple = words[2] == "operator", words[2] == "simple"
		}
		of[words[0]] = e
	}
	return Classes{of}
}

// Of returns the class of a command in the spelling of INFO commandstats,
// "get" or "config|get", in any case: modules register theirs in capitals.
func (c Classes) Of(command string) Class {
	if e, ok := c.find(command); ok {
		return e.class
	}
	return Unknown
}

// Operator says whether a command is sent only by whoever runs the server: by an
// operator, a monitoring program or a replica. No application sends it, so it is
// never billed as a part of the workload.
func (c Classes) Operator(command string) bool {
	e, _ := c.find(command)
	return e.operator
}

// Simple says whether a command reads or writes one value by its name. For these
// ElastiCache Serverless counts the kB that they move, and no processor time.
func (c Classes) Simple(command string) bool {
	e, _ := c.find(command)
	return e.simple
}

func (c Classes) find(command string) (entry, bool) {
	if e, ok := c.of[command]; ok {
		return e, true
	}
	command = strings.ToLower(command)
	if e, ok := c.of[command]; ok {
		return e, true
	}
	container, _, _ := strings.Cut(command, "|")
	e, ok := c.of[container]
	return e, ok
}

// OnReplica is the part of a replica's counts that its clients sent: the commands
// with the flag readonly. The writes are its primary's, repeated. scripts says that
// a script on it is a client's as well, because its primary sends the effects of
// scripts and not the scripts (Redis from 7.0 on, Valkey); EVAL_RO and its like are
// in any case.
func (c Classes) OnReplica(counts map[string]int64, scripts bool) map[string]int64 {
	served := map[string]int64{}
	for name, calls := range counts {
		class := c.Of(name)
		if class == Read || class == Script && (scripts || strings.HasSuffix(strings.ToLower(name), "_ro")) {
			served[name] = calls
		}
	}
	return served
}
