// Package form is the shape of the JSON reports that KeyNest both writes and
// reads: keynest estimate and keynest check print them, and keynest check and
// keynest diff take them as baselines. Each key stands here once, for its writer
// (pkg/report) and its reader (pkg/gate); docs/estimate.schema.json and
// docs/check.schema.json say what the keys mean.
//
// Money is a decimal string of US dollars: "usd_per_month" to the cent, keys
// with "exact" to the nano-dollar. What is not known or does not apply is null.
package form

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Version is the format version of every JSON report. Keys are only added within
// a major version.
const Version = "1.1"

// Number is a JSON number with exactly these digits.
type Number = json.Number

// Workload is a workload in a report: an object of its name, its figures and the
// keys that were given rather than left to their defaults.
type Workload struct {
	Name    *string
	Figures []Figure // in the order in which they are printed
	Given   []string
}

// Figure is one key of a workload, in the unit of the key.
type Figure struct {
	Key   string
	Value Number // as it is written; of Word in quotes where the report was read
	Word  bool   // it is written as a string, or null for ""
}

// Figure is the value of a key; "" where the report does not have it.
func (w *Workload) Figure(key string) string {
	for _, f := range w.Figures {
		if f.Key == key {
			return string(f.Value)
		}
	}
	return ""
}

// MarshalJSON writes the name, the figures, and then what was given.
func (w Workload) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	var errs []error
	add := func(before, key string, value any) {
		fmt.Fprintf(&b, "%s%q:", before, key)
		errs = append(errs, enc.Encode(value))
	}
	add("{", "name", w.Name)
	for _, f := range w.Figures {
		switch {
		case f.Word && f.Value == "":
			add(",", f.Key, nil)
		case f.Word:
			add(",", f.Key, string(f.Value))
		default:
			add(",", f.Key, f.Value)
		}
	}
	add(",", "given", w.Given)
	b.WriteByte('}')
	return b.Bytes(), errors.Join(errs...)
}

// UnmarshalJSON reads a workload. A figure that is no number is kept as it is
// written, for the range check of its reader to refuse.
func (w *Workload) UnmarshalJSON(data []byte) error {
	var head struct {
		Name  *string  `json:"name"`
		Given []string `json:"given"`
	}
	var all map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(data, &head), json.Unmarshal(data, &all)); err != nil {
		return err
	}
	*w = Workload{Name: head.Name, Given: head.Given}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if value := string(all[key]); key != "name" && key != "given" && value != "null" {
			w.Figures = append(w.Figures, Figure{Key: key, Value: Number(value)})
		}
	}
	return nil
}
