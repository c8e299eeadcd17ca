package inventory

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
)

// tfResource is a resource of a state or of planned values.
type tfResource struct {
	Address   string          `json:"address"`
	Mode      string          `json:"mode"`
	Type      string          `json:"type"`
	Provider  string          `json:"provider_name"`
	Values    json.RawMessage `json:"values"`
	Sensitive json.RawMessage `json:"sensitive_values"`
}

// tfChange is an element of resource_changes.
type tfChange struct {
	Address  string `json:"address"`
	Deposed  string `json:"deposed"`
	Mode     string `json:"mode"`
	Type     string `json:"type"`
	Provider string `json:"provider_name"`
	Change   struct {
		Actions         []string        `json:"actions"`
		Before          json.RawMessage `json:"before"`
		After           json.RawMessage `json:"after"`
		AfterUnknown    json.RawMessage `json:"after_unknown"`
		BeforeSensitive json.RawMessage `json:"before_sensitive"`
		AfterSensitive  json.RawMessage `json:"after_sensitive"`
	} `json:"change"`
}

// values walks a module and those below it.
func (d *decoder) values(each func(*tfResource)) error {
	return d.object(func(key string) error {
		if key == "root_module" {
			return d.module(each)
		}
		return d.skip()
	})
}

func (d *decoder) module(each func(*tfResource)) error {
	return d.object(func(key string) error {
		switch key {
		case "resources":
			return d.list(func() error {
				var r tfResource
				if err := d.dec.Decode(&r); err != nil {
					return err
				}
				d.tofu = d.tofu || strings.HasPrefix(r.Provider, "registry.opentofu.org/")
				each(&r)
				return d.bounded()
			})
		case "child_modules":
			return d.list(func() error { return d.module(each) })
		}
		return d.skip()
	})
}

// typeOf finds how a resource is read. What is about caches and is not known,
// and what comes from another provider than the type's, is noted; all else is
// counted.
func (d *decoder) typeOf(address, name, provider string) *Type {
	t := d.c.mapping.Type[name]
	switch {
	case t == nil && d.c.mapping.about(name):
		d.c.Unread = append(d.c.Unread, NotUnderstood{clip(address), clip(name), "an unknown resource type; add it with --mapping FILE"})
	case t == nil || t.Listing != nil:
		d.c.Others++
		return nil
	case !t.from(provider):
		d.c.Unread = append(d.c.Unread, NotUnderstood{clip(address), clip(name), "from another provider than " + t.Provider})
		return nil
	}
	return t
}

// from says whether a provider is the type's, whatever registry it is taken
// from.
func (t *Type) from(provider string) bool {
	parts := strings.Split(provider, "/")
	if provider == "" || len(parts) < 2 {
		return true // older versions name the provider alone, or none
	}
	return strings.EqualFold(strings.Join(parts[len(parts)-2:], "/"), t.Provider)
}

// standing takes a resource that runs.
func (d *decoder) standing(r *tfResource) {
	if r.Mode == "data" {
		d.dataOnly(r)
		return
	}
	if d.ranged(r.Type, r.Values) {
		d.c.Others++
		return
	}
	t := d.typeOf(r.Address, r.Type, r.Provider)
	if t == nil {
		return
	}
	f := &found{file: d.file, address: clip(r.Address), typ: t, action: "none", where: withoutIndexes(r.Address)}
	f.after = t.side(r.Values, r.Sensitive, nil)
	f.after.standing = true
	d.c.found = append(d.c.found, f)
}

// planValue takes a cache of planned_values: it counts where resource_changes
// says nothing of it.
func (d *decoder) planValue(r *tfResource) {
	t := d.c.mapping.Type[r.Type]
	if r.Mode == "data" || t == nil || t.Listing != nil {
		d.dataOnly(r)
		return
	}
	if !t.from(r.Provider) {
		return
	}
	f := &found{file: d.file, address: clip(r.Address), typ: t, action: "no-op", where: withoutIndexes(r.Address)}
	f.after = t.side(r.Values, r.Sensitive, nil)
	f.after.standing = true
	f.before = f.after
	d.planned = append(d.planned, f)
}

// finishPlan adds the caches that the plan leaves as they are without saying so.
func (d *decoder) finishPlan() {
	for _, f := range d.planned {
		if !d.changed[f.address] {
			d.c.found = append(d.c.found, f)
		}
	}
}

// dataOnly keeps what data sources know that caches are looked up in.
func (d *decoder) dataOnly(r *tfResource) {
	paths, ok := d.c.mapping.data[r.Type]
	if r.Mode != "data" || !ok {
		return
	}
	o, attrs := parseObject(r.Values), map[string]value{}
	for _, p := range paths {
		attrs[p] = o.get(parsePath(p))
	}
	d.c.data[r.Type] = append(d.c.data[r.Type], attrs)
}

// change takes an element of resource_changes.
func (d *decoder) change() error {
	var r tfChange
	if err := d.dec.Decode(&r); err != nil {
		return err
	}
	d.tofu = d.tofu || strings.HasPrefix(r.Provider, "registry.opentofu.org/")
	c := &r.Change
	if r.Mode == "data" || slices.Equal(c.Actions, []string{"read"}) {
		return nil
	}
	if d.ranged(r.Type, c.After) {
		d.c.Others++
		return d.bounded()
	}
	t := d.typeOf(r.Address, r.Type, r.Provider)
	if t == nil {
		return d.bounded()
	}
	f := &found{file: d.file, address: clip(r.Address), typ: t, action: actionOf(c.Actions), where: withoutIndexes(r.Address)}
	if !null(c.Before) {
		f.before = t.side(c.Before, c.BeforeSensitive, nil)
		f.before.standing = true
	}
	if !null(c.After) {
		f.after = t.side(c.After, c.AfterSensitive, c.AfterUnknown)
		f.after.standing = f.before != nil && f.action != "replace"
	}
	switch {
	case f.action == "forget":
		f.after = f.before // it is no longer managed, and goes on costing
	case r.Deposed != "":
		f.address += " (deposed)" // what a replacement left over
	default:
		d.changed[f.address] = true
	}
	d.c.found = append(d.c.found, f)
	return d.bounded()
}

// actionOf is one word for a list of actions.
func actionOf(actions []string) string {
	switch {
	case slices.Contains(actions, "forget"):
		return "forget"
	case slices.Contains(actions, "delete") && slices.Contains(actions, "create"):
		return "replace"
	case len(actions) == 1 && slices.Contains([]string{"create", "update", "delete", "no-op"}, actions[0]):
		return actions[0]
	}
	return "no-op"
}

// ranged keeps what moves the size of a cache.
func (d *decoder) ranged(name string, values json.RawMessage) bool {
	rng := d.c.mapping.Range[name]
	if rng == nil {
		return false
	}
	o := parseObject(values)
	m := &move{file: d.file, rng: rng, attrs: map[string]value{}}
	for _, p := range rng.paths {
		m.attrs[p] = o.get(parsePath(p))
	}
	d.c.moves = append(d.c.moves, m)
	return true
}

// side reads the named attributes, and none besides.
func (t *Type) side(values, hidden, unknown json.RawMessage) *side {
	o := parseObject(values)
	s := &side{attrs: make(map[string]value, len(t.paths))}
	for _, text := range t.paths {
		p := parsePath(text)
		v := o.get(p)
		switch {
		case marked(hidden, p):
			v = value{state: sensitive}
		case v.state != given && marked(unknown, p):
			v = value{state: computed}
		}
		s.attrs[text] = v
	}
	for _, name := range t.Tags {
		if marked(hidden, path{name}) || len(s.tags) > 0 {
			continue
		}
		s.tags = texts(o[name])
	}
	return s
}

func null(raw json.RawMessage) bool {
	return len(raw) == 0 || string(raw) == "null"
}

// withoutIndexes is an address as the configuration has it: without the [0]
// and ["key"] of count and for_each.
func withoutIndexes(address string) string {
	var b strings.Builder
	for i := 0; i < len(address); i++ {
		if address[i] != '[' {
			b.WriteByte(address[i])
			continue
		}
		quoted := false
		for i++; i < len(address) && (quoted || address[i] != ']'); i++ {
			switch {
			case address[i] == '\\' && quoted:
				i++
			case address[i] == '"':
				quoted = !quoted
			}
		}
	}
	return b.String()
}

// clip keeps what is printed of a hostile file short, and on one line.
func clip(s string) string {
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return '?'
		}
		return c
	}, s)
}
