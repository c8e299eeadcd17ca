package ratecard

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/unit"
)

// Surcharge is an addition to the price of a plan for a version of the engine
// or for an option. It is a share of the plan's price on demand, also if the
// plan is paid under a commitment.
type Surcharge struct {
	ID         string
	Name       string
	Durability string // the option that it is for: "asynchronous" or "synchronous"; "" for none
	Steps      []SurchargeStep
	Note       string
	Source     string
	Assumed    string
}

// SurchargeStep is a surcharge for some versions over some time.
type SurchargeStep struct {
	Versions   []string // versions by prefix: "5" includes 5.0.6; nil for all
	From       string   // the first day, YYYY-MM-DD; "" for always
	Until      string   // the last day; "" for no end
	Percent    string   // percent of the plan's price on demand
	Millionths int64    // the same as a share: 80 % is 800,000
}

// In says whether a step is in force on a day.
func (s *SurchargeStep) In(day string) bool {
	return s.From <= day && (s.Until == "" || day <= s.Until)
}

// Covers says whether a step applies to a version of the engine; see
// ParseVersion. An unknown version (0) counts as the newest, to which only
// steps for all versions or for an option apply.
func (s *SurchargeStep) Covers(version int64) bool {
	if s.Versions == nil {
		return true
	}
	text := VersionText(version) + "."
	return slices.ContainsFunc(s.Versions, func(v string) bool { return strings.HasPrefix(text, v+".") })
}

// Surcharge finds a surcharge by id; nil for none.
func (v *Version) Surcharge(id string) *Surcharge {
	for i := range v.Surcharges {
		if v.Surcharges[i].ID == id {
			return &v.Surcharges[i]
		}
	}
	return nil
}

// EngineRange is the range of versions of its engine that an offer runs. An end
// that the cards do not have is 0.
type EngineRange struct {
	Engine         string // "redis" or "valkey"
	Oldest, Newest int64  // see ParseVersion
}

// Engine is the range of versions that the offer runs. The oldest is a key of
// the card, the newest a trait.
func (v *Version) Engine() EngineRange {
	r := EngineRange{Oldest: v.OldestEngine}
	engine, newest, _ := strings.Cut(v.Offer.Trait(TraitVersion, "").Value, " ")
	if n, err := ParseVersion(newest); err == nil {
		r.Engine, r.Newest = engine, n
	}
	if r.Engine == "" && len(v.Offer.Engines) == 1 {
		r.Engine = v.Offer.Engines[0]
	}
	return r
}

// Runs says whether a version is in the range. The third number is ignored:
// vendors install patches within a line.
func (r EngineRange) Runs(version int64) bool {
	line := version / 1000
	return line >= r.Oldest/1000 && (r.Newest == 0 || line <= r.Newest/1000)
}

// String prints the range, such as "redis 4.0 to 7.1".
func (r EngineRange) String() string {
	switch {
	case r.Oldest == 0:
		return fmt.Sprintf("%s up to %s", r.Engine, VersionText(r.Newest))
	case r.Newest == 0:
		return fmt.Sprintf("%s from %s on", r.Engine, VersionText(r.Oldest))
	}
	return fmt.Sprintf("%s %s to %s", r.Engine, VersionText(r.Oldest), VersionText(r.Newest))
}

// ParseVersion reads the version of an engine, as in "5.0.6", "7.2" or "6": up to
// three numbers from 0 to 999. The result orders versions; 0 is none.
func ParseVersion(s string) (int64, error) {
	parts := strings.Split(strings.TrimSpace(s), ".")
	version := int64(0)
	for i := range 3 {
		n := int64(0)
		if i < len(parts) {
			var err error
			if n, err = strconv.ParseInt(parts[i], 10, 64); err != nil || n < 0 || n > 999 || len(parts[i]) > 3 {
				version = 0
				break
			}
		}
		version = version*1000 + n
	}
	if version == 0 || len(parts) > 3 || strings.ContainsAny(s, "+-") {
		return 0, fmt.Errorf("%q is not a version like 5.0.6, 7.2 or 6", s)
	}
	return version, nil
}

// VersionText prints a version of ParseVersion, as in "5.0.6" or "7.2"; "" for
// none.
func VersionText(v int64) string {
	if v == 0 {
		return ""
	}
	s := fmt.Sprintf("%d.%d", v/1e6, v/1e3%1e3)
	if v%1e3 > 0 {
		s += fmt.Sprintf(".%d", v%1e3)
	}
	return s
}

// surcharges reads the surcharges of a version, in order of id.
func (b *builder) surcharges(path []string, v *Version, raw *rawVersion) {
	for _, id := range slices.Sorted(maps.Keys(raw.Surcharge)) {
		at, r := b.sub(path, "surcharge", id), raw.Surcharge[id]
		s := Surcharge{ID: id, Name: r.Name, Durability: r.Durability, Note: r.Note, Source: or(r.Source, v.Source), Assumed: r.Assumed}
		if r.Assumed != "" {
			s.Source = r.Source
		}
		b.cite(at, s.Source, s.Assumed)
		if s.Name == "" {
			b.problem(at, "has no name")
		}
		if s.Durability != "" && s.Durability != "asynchronous" && s.Durability != "synchronous" {
			b.problem(at, "durability %q is neither asynchronous nor synchronous", s.Durability)
		}
		if len(r.Step) == 0 {
			b.problem(at, "has no step; give step = [{percent = \"80\"}]")
		}
		for i := range r.Step {
			s.Steps = append(s.Steps, b.surchargeStep(at, &r.Step[i], s.Durability))
		}
		v.Surcharges = append(v.Surcharges, s)
	}
	if raw.Engine == nil {
		return
	}
	at := b.sub(path, "engine")
	b.cite(at, or(raw.Engine.Source, v.Source), "")
	v.EngineSource = or(raw.Engine.Source, v.Source)
	oldest, err := ParseVersion(raw.Engine.Oldest)
	if err != nil {
		b.problem(at, "oldest: %v", err)
	}
	v.OldestEngine = oldest
}

func (b *builder) surchargeStep(path []string, raw *rawSurchargeStep, durability string) SurchargeStep {
	s := SurchargeStep{Versions: raw.Versions, From: raw.From, Until: raw.Until, Percent: string(raw.Percent)}
	n, err := raw.Percent.millionths()
	switch {
	case err != nil:
		b.problem(path, "percent: %v", err)
	case n > 1000*unit.Million:
		b.problem(path, "percent %s is above 1000", raw.Percent)
	case n%100 != 0:
		b.problem(path, "percent %s has more than four decimals", raw.Percent)
	}
	s.Millionths = n / 100
	if s.Versions == nil && durability == "" {
		b.problem(path, "a step needs versions or a durability; without them it would be a part of the price")
	}
	for _, v := range s.Versions {
		if _, err := ParseVersion(v); err != nil {
			b.problem(path, "versions: %v", err)
		}
	}
	for _, day := range []string{s.From, s.Until} {
		if _, err := time.Parse(time.DateOnly, day); err != nil && day != "" {
			b.problem(path, "%q is not a date like 2026-09-20", day)
		}
	}
	if s.Until != "" && s.Until < s.From {
		b.problem(path, "until %s is before from %s", s.Until, s.From)
	}
	return s
}

// surchargeFigures lists the surcharges as figures of the card.
func (v *Version) surchargeFigures(add adder) {
	for i := range v.Surcharges {
		s := &v.Surcharges[i]
		for _, step := range s.Steps {
			add("surcharge "+s.ID+step.forWords(), "", step.Percent+" % of the plan's price on demand"+step.whenWords(), s.Source)
		}
	}
}

func (s *SurchargeStep) forWords() string {
	if s.Versions == nil {
		return ""
	}
	return ", engine " + strings.Join(s.Versions, ", ")
}

func (s *SurchargeStep) whenWords() string {
	words := ""
	if s.From != "" {
		words = " from " + s.From
	}
	if s.Until != "" {
		words += " to " + s.Until
	}
	return words
}

// Words describes a step, such as "80 % of the plan's price on demand from
// 2026-02-01 to 2028-01-31, engine 4, 5".
func (s *SurchargeStep) Words() string {
	return s.Percent + " % of the plan's price on demand" + s.whenWords() + s.forWords()
}
