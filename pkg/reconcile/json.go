package reconcile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The longest JSON values that are read: a line of an export, which is as long as
// one of a CSV may be, and a whole answer of Cost Explorer, some 80,000 groups.
const (
	maxValue  = 4 << 20
	maxAnswer = 16 << 20
)

// values reads JSON values one after another, also those of one list.
type values struct {
	name string
	in   *json.Decoder
	most int64 // bytes of a value
	read *bounded
	list bool
	n    int64
}

// bounded refuses to read more than is left for one value.
type bounded struct {
	in   io.Reader
	left int64
}

var errTooLarge = errors.New("a value is too long")

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.in.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

func newValues(name string, in *bufio.Reader) (*values, error) {
	v := &values{name: name, most: maxValue}
	if begin, _ := in.Peek(64 << 10); bytes.Contains(begin, []byte(`"ResultsByTime"`)) {
		v.most = maxAnswer
	}
	v.read = &bounded{in: in, left: v.most}
	v.in = json.NewDecoder(v.read)
	v.in.UseNumber()
	if firstByte(in) == '[' {
		v.list = true
		if _, err := v.in.Token(); err != nil {
			return nil, v.wrong(err)
		}
	}
	return v, nil
}

// next is the next object, or io.EOF.
func (v *values) next() (map[string]any, error) {
	if v.list && !v.in.More() {
		if _, err := v.in.Token(); err != nil {
			return nil, v.wrong(err)
		}
		return nil, io.EOF
	}
	v.read.left = v.most
	var one map[string]any
	if err := v.in.Decode(&one); err != nil {
		if errors.Is(err, io.EOF) && !v.list {
			return nil, io.EOF
		}
		return nil, v.wrong(err)
	}
	v.n++
	return one, nil
}

// wrong says where JSON is broken, without repeating its text.
func (v *values) wrong(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	words := ""
	switch {
	case errors.Is(err, errTooLarge):
		words = fmt.Sprintf("a value is longer than %d MiB", v.most>>20)
	case errors.As(err, &kind):
		words = "an object is needed here"
	case errors.As(err, &syntax):
		words = "this is not JSON"
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		words = "the file was cut off in the middle of a value"
	default:
		return fmt.Errorf("reading %s: %w", v.name, err)
	}
	return &Error{File: v.name, Place: fmt.Sprintf(", object %d", v.n+1), Words: words}
}

// openJSON recognises JSON lines, a list of them, and answers of Cost Explorer.
func (r *Rules) openJSON(name string, in *bufio.Reader) (*source, error) {
	v, err := newValues(name, in)
	if err != nil {
		return nil, err
	}
	first, err := v.next()
	if errors.Is(err, io.EOF) {
		return nil, &Error{File: name, Words: "the file has no lines"}
	}
	if err != nil {
		return nil, err
	}
	if _, ok := first["ResultsByTime"]; ok {
		return r.openCostExplorer(name, v, first)
	}
	f, err := r.recognise(name, "table", func(c string) bool { _, ok := lookUp(first, c); return ok })
	if err != nil {
		return nil, err
	}
	s := &source{name: name, format: f, fail: failObject(name, f)}
	s.each = func(counts func(service, provider []byte) bool, see func(*row, bool) error) error {
		one := &row{}
		for object := first; ; {
			one.number = v.n
			for i, field := range fieldNames() {
				one.cells[i] = nil
				for _, path := range f.Columns[field] {
					if value, ok := lookUp(object, path); ok {
						if one.cells[i] = cellOf(value); len(one.cells[i]) > 0 {
							break
						}
					}
				}
			}
			if err := see(one, counts(one.cells[fService], one.cells[fProvider])); err != nil {
				return err
			}
			var err error
			if object, err = v.next(); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
		}
	}
	return s, nil
}

// failObject places errors in a file of JSON objects.
func failObject(name string, f *Format) func(int64, field, string, ...any) error {
	return func(number int64, at field, format string, args ...any) error {
		place := fmt.Sprintf(", object %d", number)
		if at >= 0 {
			if list := f.Columns[fieldNames()[at]]; len(list) > 0 {
				place += ", " + list[0]
			}
		}
		return &Error{File: name, Place: place, Words: fmt.Sprintf(format, args...)}
	}
}

// lookUp finds a value by a path such as usage.unit, or by a key with that name.
func lookUp(object map[string]any, path string) (any, bool) {
	if v, ok := object[path]; ok {
		return v, true
	}
	head, rest, ok := strings.Cut(path, ".")
	if !ok {
		return nil, false
	}
	inner, ok := object[head].(map[string]any)
	if !ok {
		return nil, false
	}
	return lookUp(inner, rest)
}

// cellOf is a value as a cell of a table has it: lists and objects as JSON.
func cellOf(value any) []byte {
	switch v := value.(type) {
	case nil:
		return nil
	case string:
		return []byte(strings.TrimSpace(v))
	case json.Number:
		return []byte(v)
	case bool:
		return strconv.AppendBool(nil, v)
	case []any:
		if len(v) == 0 {
			return nil
		}
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	return text
}

// costExplorer is the answer of GetCostAndUsage, and what the command line makes
// of several pages of it.
type costExplorer struct {
	GroupDefinitions []struct{ Type, Key string }
	ResultsByTime    []costPeriod
}

// costPeriod is one period of an answer.
type costPeriod struct {
	TimePeriod struct{ Start, End string }
	Groups     []costGroup
	Total      map[string]struct{ Amount, Unit string }
	Estimated  bool
}

// costGroup is one group of a period.
type costGroup struct {
	Keys    []string
	Metrics map[string]struct{ Amount, Unit string }
}

// decodeCostExplorer reads one answer.
func decodeCostExplorer(name string, object map[string]any) (*costExplorer, error) {
	text, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	ce := &costExplorer{}
	if err := json.Unmarshal(text, ce); err != nil {
		return nil, &Error{File: name, Words: "ResultsByTime does not have the form that Cost Explorer writes"}
	}
	return ce, nil
}

// cell is what a group has under a name of a column: one of its keys, a fact of
// its period, or the amount of a metric.
func (p *costPeriod) cell(g *costGroup, column string, groups map[string]int) []byte {
	at, ok := groups[column]
	switch {
	case ok && at < len(g.Keys):
		return []byte(g.Keys[at])
	case column == "Start":
		return []byte(p.TimePeriod.Start)
	case column == "End":
		return []byte(p.TimePeriod.End)
	case column == "Estimated":
		return strconv.AppendBool(nil, p.Estimated)
	case column == "Currency":
		return []byte(g.Metrics["UnblendedCost"].Unit)
	}
	return []byte(g.Metrics[column].Amount)
}

// openCostExplorer reads the groups of every period as rows.
func (r *Rules) openCostExplorer(name string, v *values, first map[string]any) (*source, error) {
	groups := map[string]int{}
	ce, err := decodeCostExplorer(name, first)
	if err != nil {
		return nil, err
	}
	for i, g := range ce.GroupDefinitions {
		groups[g.Key] = i
	}
	metrics := map[string]bool{}
	for i := range ce.ResultsByTime {
		for _, g := range ce.ResultsByTime[i].Groups {
			for metric := range g.Metrics {
				metrics[metric] = true
			}
		}
	}
	has := func(c string) bool {
		_, ok := groups[c]
		return ok || metrics[c] || c == "Start" || c == "End" || c == "Currency" || c == "Estimated"
	}
	f, err := r.recognise(name, "cost-explorer", has)
	if err != nil {
		return nil, err
	}
	s := &source{name: name, format: f, fail: failObject(name, f)}
	s.each = func(counts func(service, provider []byte) bool, see func(*row, bool) error) error {
		one, number := &row{}, int64(0)
		for ce := ce; ; {
			for i := range ce.ResultsByTime {
				p := &ce.ResultsByTime[i]
				for k := range p.Groups {
					number++
					one.number = number
					for j, field := range fieldNames() {
						one.cells[j] = nil
						for _, c := range f.Columns[field] {
							one.cells[j] = p.cell(&p.Groups[k], c, groups)
						}
					}
					if err := see(one, counts(one.cells[fService], one.cells[fProvider])); err != nil {
						return err
					}
				}
			}
			object, err := v.next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err == nil {
				ce, err = decodeCostExplorer(name, object)
			}
			if err != nil {
				return err
			}
		}
	}
	return s, nil
}
