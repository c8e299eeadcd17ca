package gate

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/tomlfile"
	"github.com/keynest/keynest/pkg/unit"
)

// requireFit reports require_fit on a check without applications.
func (r *reader) requireFit(ch *Check) {
	if !ch.RequireFit {
		return
	}
	for _, name := range ch.Workloads {
		if e := r.file.Workload[name]; e != nil && len(e.App.Values) == 0 {
			r.Add([]string{"check", ch.Name, "require_fit"}, "require_fit needs applications, and workload %q names none; add app = \"NAME\" to it", name)
		}
	}
}

// target reads the target of a check: an offer or the cheapest of a kind.
func (r *reader) target(ch *Check, f *fileCheck) {
	t, where := &ch.Target, []string{"check", ch.Name}
	if f.Shards.OK() {
		if t.Shards = f.Shards.Value; t.Shards < 1 || t.Shards > bill.MaxShards {
			r.Add(append(where, "shards"), "shards %d is not a whole number from 1 to %d", t.Shards, bill.MaxShards)
		}
	}
	if f.Size.Value != "" {
		size, err := unit.ParseBytes(f.Size.Value)
		switch {
		case err != nil:
			r.Add(append(where, "size"), "%v", err)
		case size < 1:
			r.Add(append(where, "size"), "size %s is not a size like \"8GiB\"", clip(f.Size.Value))
		case t.Plan == "":
			r.Add(append(where, "size"), "size needs a plan that is sold by size; add plan, as in plan = \"m2\"")
		}
		t.Size = size
	}
	switch {
	case t.Offer == "" && t.Cheapest == "":
		r.Add(where, "has no target: set offer = \"ID\" or cheapest = \"commands\" | \"capacity\" | \"overall\"")
	case t.Offer != "" && t.Cheapest != "":
		r.Add(where, "offer and cheapest do not go together; leave one out")
	case t.Cheapest != "" && !slices.Contains(compare.Kinds(), t.Cheapest):
		r.Add(where, "cheapest %q is unknown; known: commands, capacity, overall", t.Cheapest)
	case t.Offer == "" && (t.Plan != "" || f.Shards.Written):
		r.Add(where, "plan and shards need an offer; add offer = \"ID\"")
	}
}

// terms are the terms of the flags, else of the check, else of [pricing], else
// the defaults.
func (r *reader) terms(ch *Check, f *fileCheck) {
	first := func(texts ...string) string {
		for _, s := range texts {
			if s != "" {
				return s
			}
		}
		return ""
	}
	p, flags := &r.config.Pricing, &r.flags
	ch.Terms = Terms{
		AsOf:    first(flags.AsOf, p.AsOf),
		Region:  first(flags.Region, f.Region.Value, p.Region, "us-east"),
		Term:    ratecard.Term(first(flags.Term, f.Term.Value, p.Term, string(ratecard.TermOnDemand))),
		Upfront: ratecard.Upfront(first(flags.Upfront, f.Upfront.Value, p.Upfront, string(ratecard.UpfrontNone))),
	}
	commitment := first(flags.Commitment, f.Commitment.Value, p.Commitment)
	ch.Terms.committed(&commitment, p.Reserved)
	if ch.Terms.Commitment == "" && commitment != "" && commitment != string(ratecard.CommitReserved) {
		r.Add([]string{"check", ch.Name}, "unknown commitment %q; known: reserved, savings-plan", clip(commitment))
	}
	where := []string{"check", ch.Name}
	if ch.Terms.MaxShards = flags.MaxShards; ch.Terms.MaxShards == 0 {
		if ch.Terms.MaxShards = p.MaxShards; f.MaxShards.Written {
			ch.Terms.MaxShards = r.maxShards(append(where, "max_shards"), &f.MaxShards)
		}
	}
	if n := ch.Terms.MaxShards; n > 0 && f.Shards.OK() && f.Shards.Value > n {
		r.Add(where, "shards %d is above max_shards %d; leave one out", f.Shards.Value, n)
	}
	if err := ch.Terms.check(); err != nil {
		r.Add(where, "%v", err)
	}
	age := first(flags.MaxRateAge, p.MaxRateAge)
	if flags.MaxRateAge == "" && f.MaxRateAge.Written {
		ch.MaxRateAge = &f.MaxRateAge.Value
	} else if age != "" {
		n, err := tomlfile.ParseDays(age)
		if err != nil {
			r.Add(where, "%v", err)
		}
		ch.MaxRateAge = &n
	}
}

// maxShards reads the largest number of shards that may be chosen; 0 if it is
// not set or is wrong.
func (r *reader) maxShards(where []string, w *tomlfile.Whole) int64 {
	switch {
	case !w.OK():
		return 0
	case w.Value < 1 || w.Value > bill.MaxShards:
		r.Add(where, "max_shards %d is not a whole number from 1 to %d", w.Value, bill.MaxShards)
		return 0
	}
	return w.Value
}

// committed reads a kind of commitment and the reservations in hand.
func (t *Terms) committed(kind *string, reserved []string) {
	if kind != nil && *kind == string(ratecard.CommitSavingsPlan) {
		t.Commitment = ratecard.CommitSavingsPlan
	}
	t.Reserved = strings.Join(reserved, ",")
}

// Reservations are the reservations in hand as they are written.
func (t *Terms) Reservations() []string {
	if t.Reserved == "" {
		return nil
	}
	return strings.Split(t.Reserved, ",")
}

// reservations are the reservations in hand.
func (t *Terms) reservations() ([]bill.Reservation, error) {
	return bill.ParseReservations(t.Reservations())
}

func (t *Terms) check() error {
	if err := ratecard.CheckTerm(t.Term, t.Upfront, ""); err != nil {
		return err
	}
	switch _, err := t.reservations(); {
	case err != nil:
		return fmt.Errorf("reserved %w", err)
	case t.Reserved != "" && t.Term.Months() > 0:
		return fmt.Errorf("reserved and term do not go together: nodes beyond the reserved ones are on demand; leave out term")
	case t.Commitment == ratecard.CommitSavingsPlan && t.Term.Months() == 0:
		return fmt.Errorf("commitment savings-plan needs a term; add term = \"1y\"")
	}
	if t.AsOf == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, t.AsOf); err != nil {
		return fmt.Errorf("as_of %q is not a date like 2026-09-20", t.AsOf)
	}
	return nil
}

// named finds the workloads of a check: names and patterns.
func (r *reader) named(ch *Check, list *tomlfile.Texts) {
	c, where := r.config, []string{"check", ch.Name, "workload"}
	if len(list.Values) == 0 {
		if !list.Written {
			r.Add(where[:2], "has no workload; add workload = \"NAME\", a list of names, or \"*\" for the sum of all; or checks = \"*\" for the sum of all checks")
		}
		return
	}
	picked := map[string]bool{}
	for _, pattern := range list.Values {
		if !strings.ContainsAny(pattern, "*?[\\") {
			if _, known := c.workloads[pattern]; !known && !contains(c.names, pattern) {
				r.Add(where, "workload %q is not in the file; there are %s", pattern, someOf(c.names))
			}
			picked[pattern] = true
			continue
		}
		hit := false
		for _, name := range c.names {
			ok, err := path.Match(pattern, name)
			if err != nil {
				r.Add(where, "workload %q is not a pattern", pattern)
				return
			}
			// A pattern of one star matches every name, including names with
			// slashes.
			if ok || pattern == "*" {
				picked[name], hit = true, true
			}
		}
		if !hit {
			r.Add(where, "workload %q matches no workload; there are %s", pattern, someOf(c.names))
		}
	}
	ch.Workloads = slices.Sorted(maps.Keys(picked))
}

func contains(ordered []string, s string) bool {
	i := sort.SearchStrings(ordered, s)
	return i < len(ordered) && ordered[i] == s
}

func someOf(names []string) string {
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > 8:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:7], ", "), len(names)-7)
	}
	return strings.Join(names, ", ")
}
