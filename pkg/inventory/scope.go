package inventory

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// scope is one side of one resource, with everything that its attributes can be
// known from.
type scope struct {
	c      *Contents
	f      *found
	side   *side
	other  *side // what it is before the change; nil where this side is that
	conf   *configured
	data   map[string]value // of the data source that it is looked up in
	lent   map[string]value // of the resource that it follows
	size   int64            // bytes, once read
	report bool             // whether what is unknown is noted

	unknown []string
	assumed []string
}

// answer is what a field comes to.
type answer struct {
	known bool
	text  string
	other string // what the word means, where the map does not have it
	attr  string
}

// value reads a named attribute: the resource's own, its data source's, that of the
// resource that it follows, or a constant of the configuration.
func (x *scope) value(attr string) value {
	v := x.side.attrs[attr]
	if v.state == given || v.state == sensitive {
		return v
	}
	if d := x.data[attr]; d.state == given {
		return d
	}
	if l := x.lent[attr]; l.state == given {
		x.note(attr, "")
		return l
	}
	if v.state == computed && x.conf != nil {
		if e := x.conf.at(attr); e.constant.state == given {
			return e.constant
		}
	}
	return v
}

// note keeps the name of an attribute that is known only after terraform apply.
func (x *scope) note(attr, matters string) {
	if !x.report {
		return
	}
	words := attr
	if matters != "" {
		words += " (" + matters + ")"
	}
	for _, u := range x.unknown {
		if u == words {
			return
		}
	}
	x.unknown = append(x.unknown, words)
}

func (x *scope) assume(words string) {
	if !x.report {
		return
	}
	for _, a := range x.assumed {
		if a == words {
			return
		}
	}
	x.assumed = append(x.assumed, words)
}

// field reads a field. A nil field is unknown.
func (x *scope) field(f *Field) answer {
	switch {
	case f == nil:
		return answer{}
	case f.Is != "":
		return answer{known: true, text: f.Is}
	case f.Join != "":
		return x.joined(f)
	}
	hidden, pending := "", ""
	for _, attr := range f.From {
		switch v := x.value(attr); v.state {
		case given:
			return f.apply(v.text, attr)
		case sensitive:
			hidden = attr
		case computed:
			if pending == "" || !x.conf.at(pending).written {
				pending = attr
			}
		}
	}
	first := ""
	if len(f.From) > 0 {
		first = f.From[0]
	}
	switch {
	case hidden != "":
		x.note(hidden, "marked sensitive, so not read")
		return answer{attr: hidden}
	case pending != "" && (f.Default == "" || x.conf == nil || x.conf.at(pending).written):
		x.note(pending, f.Matters)
		return answer{attr: pending}
	case f.Default == "":
		if f.Matters != "" {
			x.note(first, f.Matters)
		}
		return answer{attr: first}
	case pending != "":
		why := f.Why
		if why == "" {
			why = "the provider's default"
		}
		x.note(pending, f.Matters)
		x.assume(fmt.Sprintf("%s is not set: %s, %s", pending, f.Default, why))
	}
	return f.apply(f.Default, first)
}

// joined puts several attributes together.
func (x *scope) joined(f *Field) answer {
	text := ""
	for rest := f.Join; ; {
		before, after, ok := strings.Cut(rest, "{")
		text += before
		if !ok {
			return f.apply(text, f.attributes()[0])
		}
		name, tail, _ := strings.Cut(after, "}")
		if name == "size_gb" {
			if x.size == 0 {
				return answer{attr: name}
			}
			text += decimal(x.size, 1_000_000_000)
		} else {
			v := x.value(name)
			if v.state != given {
				if v.state == computed {
					x.note(name, "")
				}
				return answer{attr: name}
			}
			text += v.text
		}
		rest = tail
	}
}

var regionOfZone = regexp.MustCompile(`^[a-z]+(-[a-z]+)*-?[0-9]+`)

// apply takes the steps of a field.
func (f *Field) apply(text, attr string) answer {
	a := answer{attr: attr}
	if f.After != "" {
		_, rest, ok := strings.Cut(text, f.After)
		if !ok {
			return a
		}
		text = rest
	}
	if f.Before != "" {
		text, _, _ = strings.Cut(text, f.Before)
	}
	text = strings.TrimPrefix(text, f.Drop)
	switch f.Part {
	case "zone":
		text = regionOfZone.FindString(text)
	case "arn":
		if parts := strings.Split(text, ":"); len(parts) > 5 && parts[0] == "arn" {
			text = parts[3]
		} else {
			text = ""
		}
	}
	if f.Lower {
		text = strings.ToLower(text)
	}
	for _, pair := range f.Replace {
		if len(pair) == 2 {
			text = strings.ReplaceAll(text, pair[0], pair[1])
		}
	}
	if to, ok := f.Map[text]; ok {
		text = to
	} else if len(f.Map) > 0 && f.Other != "" {
		a.other = strings.ReplaceAll(f.Other, "{value}", clip(text))
		return a
	}
	if f.Add != 0 {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return a
		}
		text = strconv.FormatInt(n+f.Add, 10)
	}
	a.known, a.text = text != "", clip(text)
	return a
}

// number reads a field as a whole number that is not negative.
func (x *scope) number(f *Field) (int64, bool) {
	a := x.field(f)
	if !a.known {
		return 0, false
	}
	n, err := strconv.ParseInt(a.text, 10, 64)
	return n, err == nil && n >= 0 && n <= 1_000_000
}

// matches says whether a rule holds; one without an attribute always does.
func (x *scope) matches(r *Rule) bool {
	if r == nil || r.Attr == "" {
		return true
	}
	v := x.value(r.Attr)
	if v.state != given {
		return false
	}
	for _, text := range r.In {
		if v.text == text {
			return true
		}
	}
	for _, p := range r.Prefix {
		if strings.HasPrefix(v.text, p) {
			return true
		}
	}
	if r.Above == nil {
		return false
	}
	n, err := strconv.ParseFloat(v.text, 64)
	return err == nil && n > float64(*r.Above)
}

// words are a rule's, with the attribute's value.
func (x *scope) words(r *Rule) string {
	return strings.ReplaceAll(r.Words, "{value}", clip(x.value(r.Attr).text))
}

// firstOf is the words of the first rule that holds, or "".
func (x *scope) firstOf(rules []Rule) string {
	for i := range rules {
		if x.matches(&rules[i]) {
			return x.words(&rules[i])
		}
	}
	return ""
}

// layout is how many nodes a resource has, and how they are arranged.
type layout struct {
	shards, replicas, nodes int64
	shardsKnown             bool
	replicasKnown           bool // the same number for every shard
	nodesKnown              bool
	atLeast                 bool
}

// layout picks among the ways in which a type says how many nodes it has.
func (x *scope) layout() (layout, bool) {
	best, found, bestChanged, at := layout{}, false, false, -1
	quiet := *x
	quiet.report = false
	for i := range x.f.typ.Shape {
		s := &x.f.typ.Shape[i]
		l, ok := quiet.shape(s)
		if !ok {
			continue
		}
		changed := quiet.changed(s)
		if !found || (changed && !bestChanged) || (changed == bestChanged && l.shards > best.shards) {
			best, found, bestChanged, at = l, true, changed, i
		}
	}
	if found {
		_, _ = x.shape(&x.f.typ.Shape[at]) // once more, to note what is unknown
	}
	return best, found
}

// shape reads one of them; false where it is not wholly known.
func (x *scope) shape(s *Shape) (l layout, ok bool) {
	if s.When != nil && !x.matches(s.When) {
		return l, false
	}
	l.atLeast = s.AtLeast
	if each, plus := s.EachNodes, int64(0); each != "" || s.EachReplicas != "" {
		if each == "" {
			each, plus = s.EachReplicas, 1
		}
		return x.each(each, plus)
	}
	if s.Shards != nil {
		if l.shards, l.shardsKnown = x.number(s.Shards); !l.shardsKnown {
			return l, false
		}
	}
	switch {
	case s.Nodes != nil:
		if l.nodes, l.nodesKnown = x.number(s.Nodes); !l.nodesKnown {
			return l, false
		}
		if l.shardsKnown && l.shards > 0 && l.nodes%l.shards == 0 && l.nodes > 0 {
			l.replicas, l.replicasKnown = l.nodes/l.shards-1, true
		}
		if s.Replicas != nil { // a database in a subscription: no nodes of its own
			l.replicas, l.replicasKnown = x.number(s.Replicas)
			l.nodesKnown = false
		}
	case s.Replicas != nil:
		if l.replicas, l.replicasKnown = x.number(s.Replicas); !l.replicasKnown {
			return l, false
		}
		l.nodes, l.nodesKnown = l.shards*(1+l.replicas), true
	default:
		l.nodes, l.nodesKnown = l.shards, true
	}
	return l, true
}

// each sums a number of every shard.
func (x *scope) each(attr string, plus int64) (l layout, ok bool) {
	v := x.value(attr)
	if v.state != given || len(v.items) == 0 {
		return l, false
	}
	l.shards, l.shardsKnown, l.nodesKnown, l.replicasKnown = int64(len(v.items)), true, true, true
	for i, item := range v.items {
		n, err := strconv.ParseInt(item, 10, 64)
		if err != nil || n < 0 || n > 1000 {
			return l, false
		}
		l.nodes += n + plus
		if i == 0 {
			l.replicas = n + plus - 1
		}
		l.replicasKnown = l.replicasKnown && l.replicas == n+plus-1
	}
	return l, l.nodes > 0
}

// changed says whether an update gives another number to a shape.
func (x *scope) changed(s *Shape) bool {
	if x.other == nil {
		return false
	}
	var attrs []string
	for _, f := range []*Field{s.Shards, s.Replicas, s.Nodes} {
		if f != nil {
			attrs = append(attrs, f.From...)
		}
	}
	for _, attr := range append(attrs, s.EachNodes, s.EachReplicas) {
		now, before := x.side.attrs[attr], x.other.attrs[attr]
		if now.state == given && before.state == given && (now.text != before.text || strings.Join(now.items, ",") != strings.Join(before.items, ",")) {
			return true
		}
	}
	return false
}

// decimal prints n ÷ scale without trailing zeros, to six decimals.
func decimal(n, scale int64) string {
	whole, rest := n/scale, n%scale
	if rest == 0 {
		return strconv.FormatInt(whole, 10)
	}
	micro := rest * 1_000_000 / scale
	return strconv.FormatInt(whole, 10) + "." + strings.TrimRight(fmt.Sprintf("%06d", micro), "0")
}
