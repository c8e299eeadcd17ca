package observe

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/pieces"
)

// cwJSON reads answers of get-metric-data and get-metric-statistics. notes say
// which of the series are not complete.
func cwJSON(e *export, r io.Reader) (columns []cwColumn, notes []string, err error) {
	partial := map[string][]string{} // ids by StatusCode
	add := func(c cwColumn) error {
		columns = append(columns, c)
		return e.another()
	}
	err = e.documentsOf(r, func(in *pieces.JSON) error {
		label, byStatistic := "", [3]timeline{{}, {}, {}}
		err := in.Object(func(key string) error {
			switch key {
			case "MetricDataResults":
				return in.Array(func() error {
					c, err := cwResult(e, in, partial)
					if err != nil {
						return err
					}
					return add(c)
				})
			case "NextToken":
				token := ""
				if err := in.Value(&token); err != nil || token == "" {
					return err
				}
				return badInput("%s is one page of an answer (NextToken); save all pages, with the AWS CLI without --no-paginate and --max-items", e.name)
			case "Label":
				return in.Value(&label)
			case "Datapoints":
				return in.Array(func() error { return cwDatapoint(e, in, byStatistic) })
			}
			return in.Skip()
		})
		if err != nil || label == "" {
			return err
		}
		for i, statistic := range []string{"sum", "average", "maximum"} {
			if len(byStatistic[i]) > 0 {
				if err := add(cwColumn{label + " " + statistic, byStatistic[i]}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	for _, code := range slices.Sorted(maps.Keys(partial)) {
		ids := partial[code]
		notes = append(notes, fmt.Sprintf("%d of %d series have the StatusCode %s, so points are missing: %s", len(ids), len(columns),
			printable(code), printable(strings.Join(ids[:min(len(ids), 5)], ", "))))
	}
	return columns, notes, err
}

// cwResult reads one metric of get-metric-data: two lists of one length, its
// times and its values.
func cwResult(e *export, in *pieces.JSON, partial map[string][]string) (cwColumn, error) {
	id, label, code := "", "", ""
	var times []int64
	var values []string
	err := in.Object(func(key string) error {
		switch key {
		case "Id":
			return in.Value(&id)
		case "Label":
			return in.Value(&label)
		case "StatusCode":
			return in.Value(&code)
		case "Timestamps":
			return pieces.Elements(in, func(at *any) error {
				if len(times) > maxTimes {
					return errTimes(e)
				}
				t, err := cwWhen(e, *at)
				times = append(times, t)
				return err
			})
		case "Values":
			return pieces.Elements(in, func(value *json.Number) error {
				if len(values) > maxTimes {
					return errTimes(e)
				}
				values = append(values, value.String())
				return nil
			})
		}
		return in.Skip()
	})
	if err != nil {
		return cwColumn{}, err
	}
	if code != "" && code != "Complete" {
		partial[code] = append(partial[code], id)
	}
	if len(times) != len(values) {
		return cwColumn{}, badInput("%s: %s has %d times and %d values", e.name, printable(id), len(times), len(values))
	}
	c := cwColumn{id + " " + label, timeline{}}
	for i, value := range values {
		if err := e.put(c.points, times[i], value); err != nil {
			return cwColumn{}, err
		}
	}
	return c, nil
}

// cwDatapoint reads one point of get-metric-statistics, which has one value or
// more.
func cwDatapoint(e *export, in *pieces.JSON, sumAverageMaximum [3]timeline) error {
	var d struct {
		Timestamp             any
		Sum, Average, Maximum *json.Number
	}
	if err := in.Value(&d); err != nil {
		return err
	}
	for i, v := range []*json.Number{d.Sum, d.Average, d.Maximum} {
		if v == nil {
			continue
		}
		at, err := cwWhen(e, d.Timestamp)
		if err == nil {
			err = e.put(sumAverageMaximum[i], at, v.String())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// cwWhen reads a time, as a text or in Unix seconds.
func cwWhen(e *export, at any) (int64, error) {
	switch at := at.(type) {
	case string:
		if t, ok := cwTime(at); ok {
			return t.Unix(), nil
		}
	case json.Number:
		if seconds, err := at.Float64(); err == nil && seconds >= 0 && seconds <= 1e11 {
			return int64(seconds), nil
		}
	}
	return 0, badInput("%s: %q is not a time", e.name, printable(fmt.Sprint(at)))
}

// cwLayouts are the times that the console, the AWS CLI and spreadsheets write.
func cwLayouts() []string {
	return []string{
		time.RFC3339, "2006-01-02T15:04:05", "2006/01/02 15:04:05", "2006-01-02 15:04:05", "2006/01/02 15:04", "2006-01-02 15:04",
	}
}

func cwTime(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if s == "" || s[0] < '0' || s[0] > '9' {
		return time.Time{}, false
	}
	for _, layout := range cwLayouts() {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
