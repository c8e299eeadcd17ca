package cmd

import (
	"errors"
	"fmt"
	"os"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/tomlfile"
)

// ratesName is what messages call the embedded cards.
const ratesName = "rates.toml"

// cards loads the embedded cards and lays the user's files over them. A file
// that cannot be used is the caller's to mend; the embedded cards are ours.
func (e *env) cards(overlays []string) (*ratecard.Set, error) {
	if e.loaded != nil {
		return e.loaded, nil
	}
	set, err := ratecard.Embedded(e.today, ratecard.File{Name: ratesName, Text: e.rates})
	if err != nil {
		return nil, fmt.Errorf("the embedded cards are broken: %w", err)
	}
	for _, path := range overlays {
		text, err := e.readFile(path)
		if err != nil {
			return nil, err
		}
		if set, err = set.Overlay(e.today, ratecard.File{Name: path, Text: text}); err != nil {
			return nil, usageErr(err)
		}
	}
	return set, nil
}

// readFile reads a file of the user's; "-" is standard input.
func (e *env) readFile(path string) (string, error) {
	if path == "-" {
		text, err := tomlfile.Read("standard input", e.stdin)
		return text, usageErr(err)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", usagef("cannot read %s: %w", path, cause(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return "", usagef("cannot read %s: it is a directory", path)
	}
	text, err := tomlfile.Read(path, f)
	return text, usageErr(err)
}

// cause drops the operation and the path, which the message has already.
func cause(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
