package cmd

import (
	"fmt"

	"github.com/keynest/keynest/pkg/ratecard"
)

// ratesName is what messages call the embedded cards.
const ratesName = "rates.toml"

// cards loads the embedded cards and lays the user's files over them. An error in
// a user's file is a usage error; one in the embedded cards is a fault of ours.
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
