package inventory

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// configuration is what a plan's configuration says that its values do not:
// which provider a resource is of, where that provider works, and which other
// resource an attribute refers to.
type configuration struct {
	resources map[string]*configured // by address without indexes
	providers map[string]*providerConfig
	calls     map[string]map[string]expression // by module, "a.b": what it is handed
	values    map[string]string                // of the root module's variables
	defaults  map[string]string                // of variables, by "module\x00name"
	secret    map[string]bool                  // variables marked sensitive
}

type configured struct {
	typ      string
	provider string // provider_config_key
	object   object // of expressions, of which only named ones are read
}

type providerConfig struct {
	module string
	region expression
}

// expression is a constant, or the names that it refers to, in the order of the
// file; none of both where nothing is written.
type expression struct {
	written  bool
	constant value
	refs     []string
}

func newConfiguration() *configuration {
	return &configuration{
		resources: map[string]*configured{}, providers: map[string]*providerConfig{}, calls: map[string]map[string]expression{},
		values: map[string]string{}, defaults: map[string]string{}, secret: map[string]bool{},
	}
}

// regionText is what a region or zone can look like; of variables nothing else
// is kept.
var regionText = regexp.MustCompile(`^[a-z][a-z0-9-]{1,31}$`)

// maxRefs bounds what is kept of an expression.
const maxRefs = 8

func readExpression(raw json.RawMessage) expression {
	o := parseObject(raw)
	e := expression{written: len(o) > 0, constant: o.get(path{"constant_value"})}
	for _, r := range list(o["references"]) {
		if v := read(r, nil); v.state == given && len(e.refs) < maxRefs {
			e.refs = append(e.refs, v.text)
		}
	}
	return e
}

// at is the expression of an attribute.
func (c *configured) at(attr string) expression {
	if c == nil {
		return expression{}
	}
	p := parsePath(attr)
	name, _, _ := selector(p[0])
	raw, ok := c.object[name]
	if !ok {
		return expression{}
	}
	for _, part := range p[1:] {
		if all := list(raw); part == "0" && len(all) > 0 {
			raw = all[0]
			continue
		}
		raw = parseObject(raw)[part]
	}
	e := readExpression(raw)
	e.written = true
	return e
}

// configuration reads the plan's configuration.
func (d *decoder) configuration() error {
	return d.object(func(key string) error {
		switch key {
		case "provider_config":
			return d.object(d.providerConfig)
		case "root_module":
			return d.configModule("")
		}
		return d.skip()
	})
}

func (d *decoder) providerConfig(key string) error {
	var raw struct {
		Module      string `json:"module_address"`
		Expressions struct {
			Region json.RawMessage `json:"region"`
		} `json:"expressions"`
	}
	if err := d.dec.Decode(&raw); err != nil {
		return err
	}
	d.config.providers[key] = &providerConfig{withoutIndexes(raw.Module), readExpression(raw.Expressions.Region)}
	return nil
}

// configModule reads a module; its path is "a.b", "" for the root.
func (d *decoder) configModule(module string) error {
	return d.object(func(key string) error {
		switch key {
		case "resources":
			return d.list(func() error { return d.configResource(module) })
		case "module_calls":
			return d.object(func(name string) error { return d.moduleCall(join(module, name)) })
		case "variables":
			return d.object(func(name string) error { return d.variable(d.config.defaults, module+"\x00"+name, "default") })
		}
		return d.skip()
	})
}

func join(module, name string) string {
	if module == "" {
		return name
	}
	return module + "." + name
}

// prefix is how addresses in a module begin: "module.a.module.b.".
func prefix(module string) string {
	if module == "" {
		return ""
	}
	return "module." + strings.ReplaceAll(module, ".", ".module.") + "."
}

func (d *decoder) configResource(module string) error {
	var r struct {
		Address     string          `json:"address"`
		Mode        string          `json:"mode"`
		Type        string          `json:"type"`
		Provider    string          `json:"provider_config_key"`
		Expressions json.RawMessage `json:"expressions"`
	}
	if err := d.dec.Decode(&r); err != nil {
		return err
	}
	if r.Mode == "data" || !d.c.mapping.configured(r.Type) {
		return nil
	}
	c := &configured{typ: r.Type, provider: r.Provider, object: object{}}
	written := parseObject(r.Expressions)
	for _, name := range d.c.mapping.namedIn(r.Type) {
		if raw, ok := written[name]; ok {
			c.object[name] = slices.Clone(raw)
		}
	}
	d.config.resources[prefix(module)+r.Address] = c
	return nil
}

// configured says whether the configuration of a type is kept.
func (m *Mapping) configured(name string) bool {
	if t := m.Type[name]; t != nil && t.Listing == nil {
		return true
	}
	for _, t := range m.Type {
		if t.Follow != nil && t.Follow.Through == name {
			return true
		}
	}
	return false
}

// namedIn lists the attributes of a type whose expressions are kept.
func (m *Mapping) namedIn(name string) []string {
	var names []string
	if t := m.Type[name]; t != nil {
		for _, p := range t.paths {
			first, _, _ := selector(parsePath(p)[0])
			names = append(names, first)
		}
	}
	for _, t := range m.Type {
		if t.Follow != nil && t.Follow.Through == name {
			names = append(names, t.Follow.To)
		}
	}
	return unique(names)
}

// moduleCall reads what a module is handed, and the module.
func (d *decoder) moduleCall(module string) error {
	return d.object(func(key string) error {
		switch key {
		case "module":
			return d.configModule(module)
		case "expressions":
			handed := map[string]expression{}
			d.config.calls[module] = handed
			return d.object(func(name string) error {
				var raw json.RawMessage
				if err := d.dec.Decode(&raw); err != nil {
					return err
				}
				e := readExpression(raw)
				if e.constant.state == given && !regionText.MatchString(e.constant.text) {
					e.constant = value{}
				}
				handed[name] = e
				return nil
			})
		}
		return d.skip()
	})
}

// variable keeps the value of a variable, if a region can look so.
func (d *decoder) variable(to map[string]string, key, attr string) error {
	var raw json.RawMessage
	if err := d.dec.Decode(&raw); err != nil {
		return err
	}
	o := parseObject(raw)
	if v := o.get(path{attr}); v.state == given && regionText.MatchString(v.text) {
		to[key] = v.text
	}
	if o.get(path{"sensitive"}).text == "true" {
		_, name, ok := strings.Cut(key, "\x00")
		if !ok {
			name = key
		}
		d.config.secret[name] = true
	}
	return nil
}

// region is where the provider of a resource works; "" where the file does not
// say.
func (c *configuration) region(address string) string {
	r := c.resources[address]
	if r == nil {
		return ""
	}
	key := r.provider
	for range maxNesting {
		p := c.providers[key]
		if p != nil && p.region.written {
			return c.evaluate(p.region, strings.TrimPrefix(strings.ReplaceAll(p.module, ".module.", "."), "module."), 0)
		}
		// A module's provider without configuration is the parent's.
		module, name, ok := strings.Cut(key, ":")
		if !ok {
			return ""
		}
		if cut := strings.LastIndex(module, ".module."); cut > 0 {
			key = module[:cut] + ":" + name
		} else {
			key = name
		}
	}
	return ""
}

// evaluate is the constant that an expression comes to in a module; "" where it
// is computed.
func (c *configuration) evaluate(e expression, module string, depth int) string {
	if e.constant.state == given && regionText.MatchString(e.constant.text) {
		return e.constant.text
	}
	if len(e.refs) != 1 || depth > maxNesting {
		return "" // more than one name: it is made of them
	}
	name, ok := strings.CutPrefix(e.refs[0], "var.")
	if !ok || c.secret[name] {
		return ""
	}
	if module == "" {
		if v := c.values[name]; v != "" {
			return v
		}
		return c.defaults["\x00"+name]
	}
	if handed, ok := c.calls[module][name]; ok {
		parent := ""
		if cut := strings.LastIndex(module, "."); cut > 0 {
			parent = module[:cut]
		}
		return c.evaluate(handed, parent, depth+1)
	}
	return c.defaults[module+"\x00"+name]
}

// references lists the addresses of resources of a type that an expression
// refers to, as the configuration has them; from is the address of the resource
// whose expression it is.
func (c *configuration) references(e expression, from, typ string) []string {
	module := ""
	if cut := strings.LastIndex(from, "module."); cut >= 0 {
		parts := strings.SplitN(from[cut:], ".", 3)
		if len(parts) == 3 {
			module = from[:cut] + parts[0] + "." + parts[1] + "."
		}
	}
	var found []string
	for _, ref := range e.refs {
		parts := strings.Split(withoutIndexes(ref), ".")
		if len(parts) >= 2 && parts[0] == typ {
			if address := module + parts[0] + "." + parts[1]; c.resources[address] != nil && !slices.Contains(found, address) {
				found = append(found, address)
			}
		}
	}
	return found
}

// ofType lists the addresses of a type.
func (c *configuration) ofType(typ string) []string {
	var found []string
	for _, address := range slices.Sorted(maps.Keys(c.resources)) {
		if c.resources[address].typ == typ {
			found = append(found, address)
		}
	}
	return found
}
