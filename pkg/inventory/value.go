package inventory

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
)

// state says what a file tells about an attribute.
type state int

const (
	absent    state = iota // not in the file, null, or the empty string
	given                  // a plain value, or a list of them
	computed               // known only after apply
	sensitive              // marked sensitive: never read
)

// value is what a file says about one named attribute. Text is a string as it
// stands, a number in plain decimals, or "true" and "false"; items are the
// values under a * in the path.
type value struct {
	state state
	text  string
	items []string
}

// maxText bounds the bytes of a named attribute; names, sizes and ARNs are shorter.
const maxText = 512

// path is the way to an attribute: names of objects, indexes of lists, * for
// every element, # for how many there are, and name[key=text] for the element
// of a list whose key has that text.
type path []string

func parsePath(s string) path { return strings.Split(s, ".") }

// object is one JSON object, of which only the parts that are asked for are
// decoded further.
type object map[string]json.RawMessage

func parseObject(raw json.RawMessage) object {
	var o object
	if json.Unmarshal(raw, &o) != nil {
		return nil
	}
	return o
}

// get reads the value at a path. What is there in another shape than the path
// says, such as an object where a plain value is expected, is absent.
func (o object) get(p path) value {
	if len(p) == 0 {
		return value{}
	}
	name, key, text := selector(p[0])
	raw, ok := o[name]
	if !ok {
		return value{}
	}
	if key != "" {
		raw = element(raw, key, text)
	}
	return read(raw, p[1:])
}

// selector splits name[key=text].
func selector(part string) (name, key, text string) {
	name, rest, ok := strings.Cut(part, "[")
	if !ok {
		return part, "", ""
	}
	key, text, _ = strings.Cut(strings.TrimSuffix(rest, "]"), "=")
	return name, key, text
}

// element is the first object of a list whose key has the text.
func element(raw json.RawMessage, key, text string) json.RawMessage {
	for _, e := range list(raw) {
		if v := parseObject(e).get(path{key}); v.text == text {
			return e
		}
	}
	return nil
}

func list(raw json.RawMessage) []json.RawMessage {
	var all []json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		return nil
	}
	return all
}

func read(raw json.RawMessage, p path) value {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return value{}
	}
	if len(p) == 0 {
		return scalar(raw)
	}
	switch raw[0] {
	case '{':
		return parseObject(raw).get(p)
	case '[':
	default:
		return value{}
	}
	all := list(raw)
	switch n, err := strconv.Atoi(p[0]); {
	case p[0] == "#":
		return value{state: given, text: strconv.Itoa(len(all))}
	case p[0] == "*":
		v := value{state: given}
		for _, e := range all {
			one := read(e, p[1:])
			if one.state != given {
				return value{}
			}
			v.items = append(v.items, one.text)
		}
		if len(all) == 0 {
			return value{}
		}
		return v
	case err != nil || n < 0 || n >= len(all):
		return value{}
	default:
		return read(all[n], p[1:])
	}
}

// scalar reads a string, number or boolean.
func scalar(raw json.RawMessage) value {
	if len(raw) > 6*maxText {
		return value{}
	}
	text := ""
	switch raw[0] {
	case '"':
		if json.Unmarshal(raw, &text) != nil {
			return value{}
		}
	case 't', 'f':
		text = string(raw)
	case '{', '[':
		return value{}
	default:
		text = plain(string(raw))
	}
	if text == "" || len(text) > maxText {
		return value{}
	}
	return value{state: given, text: text}
}

// plain writes a JSON number without an exponent: 1.25e10 is 12500000000. What
// is no number, or has hundreds of digits, is "".
func plain(number string) string {
	if len(number) > 40 {
		return ""
	}
	if !strings.ContainsAny(number, "eE") {
		if strings.Contains(number, ".") {
			number = strings.TrimSuffix(strings.TrimRight(number, "0"), ".")
		}
		return number
	}
	_, exponent, _ := strings.Cut(strings.ToLower(number), "e")
	if n, err := strconv.Atoi(exponent); err != nil || n > 30 || n < -30 {
		return ""
	}
	r, ok := new(big.Rat).SetString(number)
	if !ok {
		return ""
	}
	text := r.FloatString(12)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// marked says whether a tree of after_unknown or of sensitive values marks a
// path. The tree has true where the value is so, and the same lists and objects
// as the values elsewhere.
func marked(raw json.RawMessage, p path) bool {
	raw = bytes.TrimSpace(raw)
	if bytes.Equal(raw, []byte("true")) {
		return true
	}
	if len(raw) == 0 || len(p) == 0 {
		return false
	}
	switch raw[0] {
	case '{':
		name, _, _ := selector(p[0])
		return marked(parseObject(raw)[name], p[1:])
	case '[':
		for _, e := range list(raw) {
			if marked(e, p[1:]) {
				return true
			}
		}
	}
	return false
}

// texts reads an object of plain texts, such as tags.
func texts(raw json.RawMessage) map[string]string {
	found := map[string]string{}
	for k, v := range parseObject(raw) {
		if t := read(v, nil); t.state == given && len(k) <= maxText {
			found[k] = t.text
		}
	}
	return found
}
