package inventory

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Input is one file to read and the name to call it by.
type Input struct {
	Name string
	R    io.Reader
}

// Contents are the caches found in files, before they are priced.
type Contents struct {
	Files   []FileKind
	mapping *Mapping
	found   []*found
	Unread  []NotUnderstood
	Others  int64 // resources that are no caches
	data    map[string][]map[string]value
	moves   []*move
	config  []*configuration // of each file
}

// FileKind says what a file was recognised as.
type FileKind struct {
	Name string
	Kind string // "terraform-plan", "opentofu-plan", "terraform-state", or the command that prints it
}

// NotUnderstood is a resource that is about caches, and is not read.
type NotUnderstood struct {
	Address string
	Type    string
	Why     string
}

// found is one cache as a file has it.
type found struct {
	file    int
	address string
	typ     *Type
	action  string
	where   string // the address in the configuration
	before  *side
	after   *side
	nodes   int64 // elements of a listing that are nodes of one cache; 0 elsewhere
}

// side is what a resource is before or after a change: its named attributes.
type side struct {
	attrs map[string]value
	tags  map[string]string
	// standing says that the attributes are those of something that runs, so
	// that every numbering is filled in.
	standing bool
}

// move is a resource that moves the shards or replicas of another.
type move struct {
	file  int
	rng   *Range
	attrs map[string]value
}

// Read reads files, each recognised by its content. The errors name the file
// and say what to do; they never hold a value of it.
func Read(m *Mapping, inputs ...Input) (*Contents, error) {
	c := &Contents{mapping: m, data: map[string][]map[string]value{}}
	for i, in := range inputs {
		r, err := newReader(in.Name, in.R)
		if err != nil {
			return nil, err
		}
		d := &decoder{reader: r, c: c, file: i, config: newConfiguration(), changed: map[string]bool{}}
		c.config = append(c.config, d.config)
		kind, err := d.decode()
		if err != nil {
			return nil, err
		}
		c.Files = append(c.Files, FileKind{in.Name, kind})
	}
	c.once()
	return c, nil
}

// once drops the nodes of a listing whose cache another listing has whole.
func (c *Contents) once() {
	whole := map[string]bool{}
	for _, f := range c.found {
		if f.typ.Listing != nil && f.nodes == 0 {
			whole[f.address] = true
		}
	}
	kept := c.found[:0]
	for _, f := range c.found {
		if f.nodes == 0 || !whole[f.address] {
			kept = append(kept, f)
		}
	}
	c.found = kept
}

// decoder reads one file.
type decoder struct {
	*reader
	c       *Contents
	file    int
	config  *configuration
	version string
	tofu    bool
	seen    map[string]bool // top-level keys
	changed map[string]bool // addresses of caches in resource_changes
	planned []*found        // caches of planned_values
	groups  map[string]*found
	command string // of a listing
}

// decode reads the whole file and says what it is.
func (d *decoder) decode() (kind string, err error) {
	token, err := d.dec.Token()
	if err != nil {
		return "", d.fail(err)
	}
	d.seen, d.groups = map[string]bool{}, map[string]*found{}
	if token == json.Delim('[') {
		err = d.elements(func() error { return d.listed("") })
	} else {
		err = d.members(d.top)
	}
	switch {
	case isRefusal(err):
		return "", err
	case err != nil:
		return "", d.fail(err)
	}
	if _, err := d.dec.Token(); err == nil {
		return "", fmt.Errorf("%s: more than one JSON value; if this is the log of terraform plan -json, make a plan: %s", d.name, howToJSON)
	} else if !strings.HasPrefix(err.Error(), "EOF") {
		return "", d.fail(err)
	}
	return d.kind()
}

// refusal is an error that has its words already.
type refusal struct{ error }

func isRefusal(err error) bool {
	_, ok := err.(refusal) //nolint:errorlint // it is never wrapped
	return ok
}

func (d *decoder) refuse(format string, args ...any) error {
	return refusal{fmt.Errorf("%s: %s", d.name, fmt.Sprintf(format, args...))}
}

// kind says what the file is, by what was in it.
func (d *decoder) kind() (string, error) {
	vendor := "terraform"
	if d.tofu {
		vendor = "opentofu"
	}
	switch {
	case d.seen["resource_changes"] || d.seen["planned_values"]:
		d.finishPlan()
		return vendor + "-plan", nil
	case d.seen["values"] || (d.version != "" && len(d.seen) <= 2):
		return vendor + "-state", nil
	case d.command != "":
		return d.command, nil
	}
	return "", d.refuse("not a plan or state of terraform show -json, and not a known list of a cloud's caches; docs/inventory.md lists what is read")
}

// top reads one key of the file's object.
func (d *decoder) top(key string) error {
	d.seen[key] = true
	switch key {
	case "format_version":
		return d.formatVersion()
	case "terraform_version":
		return d.skip()
	case "values":
		return d.values(func(r *tfResource) { d.standing(r) })
	case "planned_values":
		return d.values(d.planValue)
	case "prior_state":
		return d.object(func(key string) error {
			if key == "values" {
				return d.values(d.dataOnly)
			}
			return d.skip()
		})
	case "resource_changes":
		return d.list(d.change)
	case "configuration":
		return d.configuration()
	case "variables":
		return d.object(func(name string) error { return d.variable(d.config.values, name, "value") })
	case "@level", "@message":
		return d.refuse("this is the log of terraform plan -json, which has no attributes; make a plan: %s", howToJSON)
	case "lineage", "serial":
		return d.refuse("this is a raw state file; make JSON of it: terraform show -json > state.json")
	}
	for _, t := range d.c.mapping.listings {
		if t.Listing.List == key {
			return d.list(func() error { return d.listed(key) })
		}
	}
	return d.skip()
}

// formatVersion takes major versions 0 and 1.
func (d *decoder) formatVersion() error {
	token, err := d.dec.Token()
	if err != nil {
		return err
	}
	text, _ := token.(string)
	if !versionText.MatchString(text) {
		return d.refuse("format_version is not a version such as 1.2")
	}
	if major, _, _ := strings.Cut(text, "."); major != "0" && major != "1" {
		return d.refuse("format_version %s; this program reads major version 1 (and 0.x)", text)
	}
	d.version = text
	return nil
}

var versionText = regexp.MustCompile(`^[0-9]{1,4}(\.[0-9]{1,4}){0,2}$`)

// bounded refuses files with more caches than are kept in memory.
func (d *decoder) bounded() error {
	kept := len(d.c.found) + len(d.planned) + len(d.c.moves) + len(d.c.Unread) + len(d.config.resources)
	for _, attrs := range d.c.data {
		kept += len(attrs)
	}
	if kept > maxCaches {
		return d.refuse("more than %d caches; split the file, or make a plan for each part", maxCaches)
	}
	return nil
}

// listed reads one element of a list: a cache, or something else.
func (d *decoder) listed(key string) error {
	var raw json.RawMessage
	if err := d.dec.Decode(&raw); err != nil {
		return err
	}
	o := parseObject(raw)
	for _, t := range d.c.mapping.listings {
		if t.Listing.List != key || !t.Listing.matches(o) {
			continue
		}
		d.command = t.Listing.Command
		d.element(t, o)
		return d.bounded()
	}
	d.c.Others++
	return nil
}

func (l *Listing) matches(o object) bool {
	for attr, part := range l.Match {
		if v := o.get(parsePath(attr)); v.state != given || !strings.Contains(v.text, part) {
			return false
		}
	}
	return true
}

func (d *decoder) element(t *Type, o object) {
	f := &found{file: d.file, typ: t, action: "none", after: &side{attrs: map[string]value{}, standing: true}}
	for _, p := range t.paths {
		f.after.attrs[p] = o.get(parsePath(p))
	}
	for _, id := range t.Listing.ID {
		if v := f.after.attrs[id]; f.address == "" && v.state == given {
			f.address = clip(v.text[strings.LastIndex(v.text, "/")+1:])
		}
	}
	if group := f.after.attrs[t.Listing.Group]; group.state == given {
		if have := d.groups[group.text]; have != nil {
			have.nodes++
			return
		}
		f.address, f.nodes = clip(group.text), 1
		d.groups[group.text] = f
	}
	d.c.found = append(d.c.found, f)
}
