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
	of map[string]Class
}

// NewClasses reads the built-in table.
func NewClasses() Classes {
	of := make(map[string]Class, 512)
	for line := range strings.Lines(commandsText) {
		name, class, ok := strings.Cut(strings.TrimSpace(line), " ")
		if ok && name != "#" {
			of[name] = Class(class)
		}
	}
	return Classes{of}
}

// Of returns the class of a command in the spelling of INFO commandstats:
// "get", "config|get".
func (c Classes) Of(command string) Class {
	if class, ok := c.of[command]; ok {
		return class
	}
	container, _, _ := strings.Cut(command, "|")
	if class, ok := c.of[container]; ok {
		return class
	}
	return Unknown
}
