package tomlfile

import (
	"fmt"
	"strconv"
	"strings"
)

// A value reads one key. What is wrong with it is kept, so that DecodeAll can
// name every problem of a file at once; the parser would stop at the first.
type value interface{ wrong() string }

// Text is a text in quotes that is not blank.
type Text struct {
	Value   string
	Written bool
	problem string
}

const blank = "is empty; leave it out or give a value"

// UnmarshalTOML implements the parser's interface.
func (t *Text) UnmarshalTOML(x any) error {
	t.Written = true
	s, ok := x.(string)
	switch t.Value = s; {
	case !ok:
		t.problem = "is not text; put it in quotes"
	case strings.TrimSpace(s) == "":
		t.problem = blank
	}
	return nil
}

func (t *Text) wrong() string { return t.problem }

// Texts is one text or a list of texts, none of them blank.
type Texts struct {
	Values  []string
	Written bool
	problem string
}

// UnmarshalTOML implements the parser's interface.
func (t *Texts) UnmarshalTOML(x any) error {
	t.Written = true
	list, ok := x.([]any)
	if !ok {
		list = []any{x}
	}
	if len(list) == 0 {
		t.problem = "is an empty list; leave it out or give a value"
	}
	for _, x := range list {
		s, text := x.(string)
		switch {
		case !text && !ok:
			t.problem = "is neither text nor a list of texts"
		case !text:
			t.problem = fmt.Sprintf("holds %v, which is not text", x)
		case strings.TrimSpace(s) == "":
			t.problem = blank
		}
		t.Values = append(t.Values, s)
	}
	if t.problem != "" {
		t.Values = nil
	}
	return nil
}

func (t *Texts) wrong() string { return t.problem }

// Decimal is a figure in quotes, as it was written: a bare one has gone through
// a binary fraction before any program can look at it.
type Decimal struct {
	Value   string
	Written bool // also where what was written is no figure in quotes
	problem string
}

// UnmarshalTOML implements the parser's interface.
func (d *Decimal) UnmarshalTOML(x any) error {
	d.Written = true
	s, ok := x.(string)
	if d.Value = s; !ok {
		d.problem = fmt.Sprintf("is not in quotes; write KEY = \"%v\"", x)
	}
	return nil
}

func (d *Decimal) wrong() string { return d.problem }

// OK says whether there is a figure to read.
func (d *Decimal) OK() bool { return d.Written && d.problem == "" }

// Whole is a whole number.
type Whole struct {
	Value   int64
	Written bool
	problem string
}

// UnmarshalTOML implements the parser's interface.
func (w *Whole) UnmarshalTOML(x any) error {
	w.Written = true
	n, ok := x.(int64)
	if w.Value = n; !ok {
		w.problem = fmt.Sprintf("%v is not a whole number", x)
	}
	return nil
}

func (w *Whole) wrong() string { return w.problem }

// OK says whether there is a number to read.
func (w *Whole) OK() bool { return w.Written && w.problem == "" }

// MaxDays is the longest age that is taken: a century.
const MaxDays = 36500

// Days is a number of days such as "180d".
type Days struct {
	Value   int64
	Written bool
	problem string
}

// UnmarshalTOML implements the parser's interface.
func (d *Days) UnmarshalTOML(x any) error {
	var t Text
	_ = t.UnmarshalTOML(x)
	if d.Written, d.problem = true, t.problem; d.problem != "" {
		return nil
	}
	n, err := ParseDays(t.Value)
	if d.Value = n; err != nil {
		d.problem = err.Error()
	}
	return nil
}

func (d *Days) wrong() string { return d.problem }

// OK says whether there is a number to read.
func (d *Days) OK() bool { return d.Written && d.problem == "" }

// ParseDays reads an age such as 180d.
func ParseDays(s string) (int64, error) {
	digits, ok := strings.CutSuffix(s, "d")
	n, err := strconv.ParseUint(digits, 10, 31)
	if !ok || err != nil || n > MaxDays {
		return 0, fmt.Errorf("%q is not a number of days like \"180d\"", s)
	}
	return int64(n), nil
}
