package apps

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/commands"
	"github.com/keynest/keynest/pkg/ratecard"
)

// Verdict says whether an application runs on an offer.
type Verdict string

// The verdicts, best first.
const (
	Runs       Verdict = "runs"
	RunsWith   Verdict = "runs-with" // with the settings named
	Unknown    Verdict = "unknown"   // a fact that decides was not found
	DoesNotRun Verdict = "does-not-run"
)

func (v Verdict) rank() int {
	return slices.Index([]Verdict{Runs, RunsWith, Unknown, DoesNotRun}, v)
}

// Worse is the worse of two verdicts. DoesNotRun is worse than Unknown.
func Worse(a, b Verdict) Verdict {
	if a.rank() >= b.rank() {
		return a
	}
	return b
}

// Words is the verdict in a table.
func (v Verdict) Words() string {
	switch v {
	case Runs:
		return "runs"
	case RunsWith:
		return "runs with"
	case DoesNotRun:
		return "does not run"
	}
	return "not known"
}

func reportVerdicts() []string {
	return []string{"runs", "runs-with-setting", "runs-with-warning", "runs-partly", "runs-within-limit", "not-recommended", "does-not-run"}
}

// verdict is the product's word for how a thread ended.
func (r Report) verdict() Verdict {
	switch r.Verdict {
	case "runs":
		return Runs
	case "does-not-run":
		return DoesNotRun
	}
	return RunsWith
}

// Point is one thing that a verdict rests on.
type Point struct {
	App     string // "" for what holds of the commands given
	Verdict Verdict
	Reason  string
	Setting string // of RunsWith: what to set, or to keep in mind; "" where the reason says it
	Refs    []Ref
}

// Mode is the answer for one mode of an offer.
type Mode struct {
	Verdict Verdict
	Points  []Point // the worst first
}

// Reasons are the reasons of the points that decide: those as bad as the verdict.
func (m *Mode) Reasons() []string {
	var all []string
	for _, p := range m.Points {
		if p.Verdict == m.Verdict && p.Reason != "" && !slices.Contains(all, p.Reason) {
			all = append(all, p.Reason)
		}
	}
	return all
}

// Settings are what must be set for the application to run.
func (m *Mode) Settings() []string {
	var all []string
	for _, p := range m.Points {
		if p.Setting != "" && !slices.Contains(all, p.Setting) {
			all = append(all, p.Setting)
		}
	}
	return all
}

// Refs are the sources of all points, each once.
func (m *Mode) Refs() []Ref {
	var all []Ref
	for _, p := range m.Points {
		for _, r := range p.Refs {
			if !slices.Contains(all, r) {
				all = append(all, r)
			}
		}
	}
	return all
}

// Fit is whether applications run on an offer.
type Fit struct {
	Offer *Offer
	Plain Mode  // as it is bought, or with cluster mode off where that is a choice
	Slots *Mode // with cluster mode on; nil where it is no choice
}

// In is the answer for cluster mode on or off; an offer without the choice has one.
func (f *Fit) In(cluster bool) *Mode {
	if cluster && f.Slots != nil {
		return f.Slots
	}
	return &f.Plain
}

// Judge compares what applications need with what offers have.
type Judge struct {
	Book     *Book
	Services *commands.Services
	Versions *commands.Versions
	Classes  commands.Classes
}

// NewJudge reads what services refuse, and what versions have.
func NewJudge(b *Book) (*Judge, error) {
	services, err := commands.NewServices()
	if err != nil {
		return nil, err
	}
	versions, err := commands.NewVersions()
	if err != nil {
		return nil, err
	}
	return &Judge{Book: b, Services: services, Versions: versions, Classes: commands.NewClasses()}, nil
}

// Fit judges applications that share a database on an offer.
func (j *Judge) Fit(list []*App, o *Offer) *Fit {
	f := &Fit{Offer: o}
	slots := o.is(ratecard.TraitCluster, ratecard.ClusterAlways)
	f.Plain = j.mode(list, o, slots)
	if o.Choice() {
		m := j.mode(list, o, true)
		f.Slots = &m
	}
	return f
}

func (j *Judge) mode(list []*App, o *Offer, slots bool) Mode {
	m := Mode{Verdict: Runs}
	for _, a := range list {
		points := j.app(a, list, o, slots)
		m.Points = append(m.Points, points...)
		verdict := Runs
		for _, p := range points {
			verdict = Worse(verdict, p.Verdict)
		}
		m.Verdict = Worse(m.Verdict, verdict)
	}
	slices.SortStableFunc(m.Points, func(p, q Point) int { return q.Verdict.rank() - p.Verdict.rank() })
	return m
}

// app judges one application; list are all that share the database.
func (j *Judge) app(a *App, list []*App, o *Offer, slots bool) []Point {
	c := &comparison{judge: j, app: a, offer: o, slots: slots}
	switch {
	case o.is(ratecard.TraitProtocol, "own"):
		c.add(DoesNotRun, o.words(ratecard.TraitProtocol, "it does not speak the Redis protocol"), "", o.refs(ratecard.TraitProtocol)...)
		return c.points
	case a.Need == nil:
		c.add(Unknown, "the needs of "+a.Name+" were not found", "")
		return c.reported()
	case len(a.Need.Only) > 0 && !o.matches(a.Need.Only):
		c.add(Unknown, a.Need.OnlyReason, "", c.refs("needs.cluster")...)
		return c.reported()
	}
	c.hashSlots()
	c.beside(list)
	c.databases()
	c.commands()
	c.events()
	c.eviction()
	c.version()
	return c.reported()
}

// comparison gathers the points of one application on one offer in one mode.
type comparison struct {
	judge  *Judge
	app    *App
	offer  *Offer
	slots  bool // keys have hash slots
	points []Point
}

func (c *comparison) add(v Verdict, reason, setting string, refs ...Ref) {
	c.points = append(c.points, Point{c.app.ID, v, reason, setting, refs})
}

// refs are the sources of an application's facts.
func (c *comparison) refs(keys ...string) []Ref {
	var all []Ref
	for _, key := range keys {
		f, ok := c.app.Facts[key]
		if !ok {
			continue
		}
		s := c.judge.Book.Sources[f.Source]
		all = append(all, Ref{s.Title, s.URL, s.Date, s.Confidence.Words()})
	}
	return all
}

// hashSlots compares how the application works with hash slots with the offer.
func (c *comparison) hashSlots() {
	need, o := c.app.Need, c.offer
	refs := append(c.refs("needs.cluster", "needs.cluster_measured"), o.refs(ratecard.TraitCluster)...)
	if !c.slots {
		if need.Cluster == ClusterAny || need.Cluster == ClusterYes {
			return
		}
		switch o.value(ratecard.TraitCluster) {
		case ratecard.TraitUnknown:
			c.add(Unknown, "whether the service has hash slots was not found", "", refs...)
		case "proxy":
			c.add(Unknown, o.words(ratecard.TraitCluster, "whether keys have hash slots behind its gateway was not found"), "", refs...)
		}
		return
	}
	setting := need.ClusterSetting
	switch need.Cluster {
	case ClusterNo:
		c.add(DoesNotRun, "keys have hash slots, and "+c.app.Name+" uses keys of several slots at once", "", refs...)
	case ClusterHashTag:
		c.add(RunsWith, "keys have hash slots", setting, refs...)
	case ClusterPartly:
		c.add(RunsWith, "keys have hash slots, and a part of the application fails", setting, refs...)
	case ClusterYes:
		if setting == "" {
			setting = "a cluster client"
		}
		c.add(RunsWith, "keys have hash slots", setting, refs...)
	case ClusterSingleKeys:
		if o.is(ratecard.TraitEndpoint, "one") {
			c.add(RunsWith, "it uses one key at a time; tried on a one-node cluster, not on the service", "try it first: the library has no cluster client", refs...)
		} else {
			c.add(DoesNotRun, "keys have hash slots on several nodes, and the library has no cluster client", "", refs...)
		}
	case ClusterUnknown:
		c.add(Unknown, "whether it runs where keys have hash slots was not found", "", refs...)
	case ClusterAny:
	}
	if need.UndeclaredKeys {
		c.add(DoesNotRun, "its scripts use undeclared keys", "", c.refs("needs.lua")...)
	}
}

// beside looks at the applications that share the database.
func (c *comparison) beside(list []*App) {
	if !c.slots {
		return
	}
	for _, other := range list {
		if b, ok := c.app.Beside[other.ID]; ok && b.Cluster == ClusterNo {
			c.add(DoesNotRun, b.Reason, "", c.refs(b.Fact)...)
		}
	}
}

// databases compares the numbered databases.
func (c *comparison) databases() {
	need, o := c.app.Need, c.offer
	if need.Select <= 1 {
		return
	}
	has := o.value(ratecard.TraitDatabases)
	if c.slots && o.Choice() {
		has = "1"
	}
	refs := append(c.refs("needs.select"), o.refs(ratecard.TraitDatabases)...)
	setting := need.SelectSetting
	if setting == "" {
		setting = "all in database 0, with prefixes"
	}
	n, err := strconv.ParseInt(has, 10, 64)
	switch {
	case has == "several", err == nil && n >= need.Select:
	case err == nil:
		c.add(RunsWith, fmt.Sprintf("it uses %d numbered databases by default, and there is %d", need.Select, n), setting, refs...)
	default:
		c.add(RunsWith, fmt.Sprintf("it uses %d numbered databases by default; how many there are was not found", need.Select), setting, refs...)
	}
}

// events compares keyspace notifications.
func (c *comparison) events() {
	need, o := c.app.Need, c.offer
	if !need.KeyspaceEvents {
		return
	}
	refs := append(c.refs("needs.keyspace"), o.refs(ratecard.TraitEvents)...)
	switch o.value(ratecard.TraitEvents) {
	case "no":
		c.add(DoesNotRun, "there are no keyspace notifications", "", refs...)
	case "service":
		c.add(RunsWith, "keyspace notifications are a setting of the service", need.KeyspaceSetting, refs...)
	case "config-set":
	default:
		c.add(Unknown, "whether there are keyspace notifications was not found", "", refs...)
	}
}

// eviction compares what a full memory does.
func (c *comparison) eviction() {
	need, o := c.app.Need, c.offer
	if need.Eviction != EvictionNone {
		return
	}
	refs := append(c.refs("needs.eviction"), o.refs(ratecard.TraitEviction)...)
	switch o.value(ratecard.TraitEviction) {
	case "noeviction":
	case "volatile-lru-fixed":
		c.add(RunsWith, "the eviction policy is volatile-lru and cannot be changed; the project requires noeviction", "enough memory, so that it never fills: keys with an expiry would be evicted", refs...)
	case "volatile-lru":
		c.add(RunsWith, "the default eviction policy is volatile-lru", "maxmemory-policy noeviction", refs...)
	default:
		c.add(RunsWith, "the default eviction policy was not found", "maxmemory-policy noeviction", refs...)
	}
}

// version compares the oldest version that it takes with the newest there is.
// Every Valkey speaks as Redis 7.2 at least.
func (c *comparison) version() {
	need, o := c.app.Need, c.offer
	engine, number, ok := strings.Cut(o.value(ratecard.TraitVersion), " ")
	if need.MinVersion == "" || !ok || engine != "redis" || !commands.Newer(need.MinVersion, number) {
		return
	}
	c.add(DoesNotRun, "it needs Redis "+need.MinVersion+", and the newest version there is "+number, "", append(c.refs("needs.min_version"), o.refs(ratecard.TraitVersion)...)...)
}

// reported adds what public threads say. A thread decides only where the facts do
// not; where it contradicts them it is only shown.
func (c *comparison) reported() []Point {
	open := slices.ContainsFunc(c.points, func(p Point) bool { return p.Verdict == Unknown }) &&
		!slices.ContainsFunc(c.points, func(p Point) bool { return p.Verdict == DoesNotRun })
	for _, r := range c.judge.Book.Reports {
		if r.App != c.app.ID || r.Offer != c.offer.ID || r.Cluster != c.slots && (r.Cluster || c.offer.Choice()) {
			continue
		}
		ref := Ref{Title: fmt.Sprintf("%s: %s (%s)", r.Service, r.Words, r.Verdict), URL: r.URL, Date: r.Date, Confidence: Thread.Words()}
		if !open {
			c.add(Runs, "", "", ref)
			continue
		}
		// The thread answers what the facts do not.
		for i := range c.points {
			if c.points[i].Verdict == Unknown {
				c.points[i].Verdict = Runs
			}
		}
		c.add(r.verdict(), "reported: "+r.Words, "", ref)
	}
	return c.points
}

// commands compares the commands that it needs with those that the service
// refuses.
func (c *comparison) commands() {
	need, o := c.app.Need, c.offer
	list := o.value(ratecard.TraitCommands)
	c.modules(list)
	if list == "all" {
		return
	}
	refs := o.refs(ratecard.TraitCommands)
	if !c.judge.Services.Has(list) {
		var admin []string
		for _, command := range need.Commands {
			if c.judge.Classes.Of(strings.ToLower(command)) == commands.Admin && !alwaysServed(command) {
				admin = append(admin, command)
			}
		}
		if len(admin) > 0 {
			c.add(Unknown, "it needs "+named(admin)+"; whether the service refuses "+themIt(admin)+" was not found", "", refs...)
		}
		return
	}
	refused := map[*commands.Restriction][]string{}
	var order []*commands.Restriction
	for _, command := range need.Commands {
		r := c.judge.Services.Of(list, command)
		if r == nil || r.Status == commands.Dangerous || r.Effect == commands.Harmless {
			continue
		}
		if refused[r] == nil {
			order = append(order, r)
		}
		refused[r] = append(refused[r], command)
	}
	for _, r := range order {
		c.restricted(r, refused[r])
	}
	c.optional(list)
}

// restricted adds what one restriction means.
func (c *comparison) restricted(r *commands.Restriction, of []string) {
	ref := Ref{Title: "commands that the service refuses", URL: r.URL, Date: r.Date, Confidence: string(ratecard.ConfidenceVendor)}
	what := named(of)
	switch {
	case r.Status == commands.Blocked:
		c.add(DoesNotRun, what+" "+isAre(of)+" refused", "", ref)
	case r.Effect == commands.AfterSetting:
		c.add(RunsWith, what+" "+isAre(of)+" "+r.Note, what+": "+r.Note, ref)
	case r.Effect == commands.ClusterOnly && !c.slots:
		c.add(DoesNotRun, what+" "+isAre(of)+" there in cluster mode only", "", ref)
	case r.Effect == commands.NoClusterOnly && c.slots:
		c.add(Unknown, what+": the vendor's pages disagree whether "+isAre(of)+" there in cluster mode", "", ref)
	case r.Effect == commands.Partial:
		c.add(Unknown, what+": "+orElse(r.Note, "only partly supported there"), "", ref)
	case r.Effect == commands.Open:
		c.add(Unknown, what+": "+r.Note, "", ref)
	}
}

// optional names the commands that it can do without.
func (c *comparison) optional(list string) {
	var gone []string
	for _, command := range c.app.Need.OptionalCommands {
		if r := c.judge.Services.Of(list, command); r != nil && r.Status == commands.Blocked {
			gone = append(gone, command)
		}
	}
	if len(gone) > 0 {
		c.add(RunsWith, named(gone)+" "+isAre(gone)+" refused", "do without its features that use "+named(gone), c.offer.refs(ratecard.TraitCommands)...)
	}
}

// modules compares the modules that it needs.
func (c *comparison) modules(list string) {
	for _, module := range c.app.Need.Modules {
		if list == "all" {
			c.add(RunsWith, "it needs the module "+module, "the module "+module+" loaded", c.refs("needs.modules")...)
			continue
		}
		c.add(Unknown, "whether the service has the module "+module+" was not found", "", c.refs("needs.modules")...)
	}
}

// alwaysServed are commands of the connection that every service answers.
func alwaysServed(command string) bool {
	return slices.Contains([]string{"HELLO", "PING", "INFO", "AUTH", "SELECT", "CLIENT|SETINFO", "CLIENT|SETNAME", "SCRIPT|LOAD", "SCRIPT|EXISTS", "COMMAND"}, command)
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
