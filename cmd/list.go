package cmd

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// commaList is a flag of names with commas between; it may be given several
// times. An empty name is an error, also where other names stand beside it.
type commaList struct{ to *[]string }

// Set adds the names, for pflag.
func (l commaList) Set(s string) error {
	names := strings.Split(s, ",")
	for i, name := range names {
		if names[i] = strings.TrimSpace(name); names[i] == "" {
			return errors.New("a name in the list is empty; remove the extra comma or add the name")
		}
	}
	*l.to = append(*l.to, names...)
	return nil
}

func (l commaList) String() string {
	if l.to == nil {
		return ""
	}
	return strings.Join(*l.to, ",")
}

// Type is how help calls the value.
func (commaList) Type() string { return "LIST" }

// Append, Replace and GetSlice make it a pflag.SliceValue.
func (l commaList) Append(s string) error { return l.Set(s) }

// Replace sets the names.
func (l commaList) Replace(names []string) error {
	*l.to = slices.Clone(names)
	return nil
}

// GetSlice lists the names.
func (l commaList) GetSlice() []string { return *l.to }

// listVar gives a command a flag of names with commas between.
func listVar(flags *pflag.FlagSet, to *[]string, name, usage string) {
	flags.Var(commaList{to}, name, usage)
}
