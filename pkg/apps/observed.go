package apps

import (
	"maps"
	"slices"
	"strings"

	"github.com/keynest/keynest/pkg/commands"
	"github.com/keynest/keynest/pkg/ratecard"
)

// Observed is what a server counted, sorted by what decides.
type Observed struct {
	Work         []string // commands of applications, as CLIENT|LIST, in alphabetical order
	Admin        []string // commands of administration, which a probe sends too
	Unclassified []string // commands that no table knows: of a module, or too new
}

// Observe sorts commands counted by INFO commandstats, spelled as there.
func (j *Judge) Observe(counts map[string]int64) *Observed {
	o := &Observed{}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if counts[name] <= 0 {
			continue
		}
		command := strings.ToUpper(name)
		switch class := j.Classes.Of(strings.ToLower(name)); {
		case class == commands.Admin:
			o.Admin = append(o.Admin, command)
		case class == commands.Unknown && !j.Versions.Knows(command):
			o.Unclassified = append(o.Unclassified, command)
		default:
			o.Work = append(o.Work, command)
		}
	}
	return o
}

// FitCommands judges an offer by the commands that a server counted, and by
// applications besides, if there are any.
func (j *Judge) FitCommands(list []*App, seen *Observed, o *Offer) *Fit {
	f := j.Fit(list, o)
	f.Plain.add(j.observed(seen, o, o.is(ratecard.TraitCluster, ratecard.ClusterAlways))...)
	if f.Slots != nil {
		f.Slots.add(j.observed(seen, o, true)...)
	}
	return f
}

// add puts further points to a mode.
func (m *Mode) add(points ...Point) {
	for _, p := range points {
		m.Verdict = Worse(m.Verdict, p.Verdict)
	}
	m.Points = append(m.Points, points...)
	slices.SortStableFunc(m.Points, func(p, q Point) int { return q.Verdict.rank() - p.Verdict.rank() })
}

func (j *Judge) observed(seen *Observed, o *Offer, slots bool) []Point {
	// The commands stand for an application that needs them all.
	c := &comparison{judge: j, app: &App{Need: &Need{Commands: seen.Work}}, offer: o, slots: slots}
	if o.is(ratecard.TraitProtocol, "own") {
		c.add(DoesNotRun, o.words(ratecard.TraitProtocol, "it does not speak the Redis protocol"), "", o.refs(ratecard.TraitProtocol)...)
		return c.points
	}
	c.commands()
	c.versions(seen)
	c.admin(seen)
	if len(seen.Unclassified) > 0 {
		c.add(Unknown, "unknown commands: "+named(seen.Unclassified), "")
	}
	if several := slices.DeleteFunc(slices.Clone(seen.Work), func(command string) bool { return !severalKeys(command) }); slots && len(several) > 0 {
		c.add(RunsWith, "keys have hash slots; INFO commandstats does not show keys", "all keys of one "+alternatives(several)+" in one slot", o.refs(ratecard.TraitCluster)...)
	}
	return c.points
}

// versions compares the commands with the newest engine on offer.
func (c *comparison) versions(seen *Observed) {
	version := c.offer.value(ratecard.TraitVersion)
	v := c.judge.Versions
	var absent, byModule, open []string
	for _, command := range seen.Work {
		if !v.Knows(command) || v.Core(command) && version == ratecard.TraitUnknown {
			continue
		}
		switch v.Has(version, command) {
		case commands.Absent:
			absent = append(absent, command)
		case commands.ByModule:
			byModule = append(byModule, command)
		case commands.NotChecked:
			open = append(open, command)
		case commands.Present:
		}
	}
	refs := c.offer.refs(ratecard.TraitVersion)
	if len(absent) > 0 {
		c.add(DoesNotRun, named(absent)+" "+isAre(absent)+" not in "+version+", the newest there", "", refs...)
	}
	if len(byModule) > 0 {
		c.add(Unknown, named(byModule)+" "+isAre(byModule)+" from a module; whether the service has it was not found", "", refs...)
	}
	if len(open) > 0 {
		c.add(Unknown, "whether the service has "+named(open)+" was not found", "", refs...)
	}
}

// admin looks at commands of administration. A probe, a monitor or keynest observe
// itself may have sent them, so a refused one does not stop an application.
func (c *comparison) admin(seen *Observed) {
	list := c.offer.value(ratecard.TraitCommands)
	var gone []string
	for _, command := range seen.Admin {
		if r := c.judge.Services.Of(list, command); r != nil && r.Status == commands.Blocked {
			gone = append(gone, command)
		}
	}
	if len(gone) > 0 {
		c.add(RunsWith, named(gone)+" "+isAre(gone)+" refused; monitoring and administration use "+themIt(gone), "monitoring without "+named(gone), c.offer.refs(ratecard.TraitCommands)...)
	}
}

// severalKeys says whether a command may name keys of several slots.
func severalKeys(command string) bool {
	return slices.Contains([]string{
		"BITOP", "BLMOVE", "BLMPOP", "BLPOP", "BRPOP", "BRPOPLPUSH", "BZMPOP", "BZPOPMAX", "BZPOPMIN", "COPY", "EVAL", "EVALSHA", "EVALSHA_RO",
		"EVAL_RO", "EXEC", "FCALL", "FCALL_RO", "LCS", "LMOVE", "LMPOP", "MGET", "MSET", "MSETEX", "MSETNX", "PFCOUNT", "PFMERGE", "RENAME", "RENAMENX",
		"RPOPLPUSH", "SDIFF", "SDIFFSTORE", "SINTER", "SINTERCARD", "SINTERSTORE", "SMOVE", "SORT", "SUNION", "SUNIONSTORE", "XREAD", "XREADGROUP",
		"ZDIFF", "ZDIFFSTORE", "ZINTER", "ZINTERCARD", "ZINTERSTORE", "ZMPOP", "ZRANGESTORE", "ZUNION", "ZUNIONSTORE",
	}, command)
}

func alternatives(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}
