package gate

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// sum reads a check that adds up other checks, as one budget for several
// offers. Offers, workloads and terms are those of its parts, so it has none of
// its own. The patterns of its parts are resolved by parts, after all checks
// are read.
func (r *reader) sum(ch *Check, f *fileCheck) {
	where := []string{"check", ch.Name}
	for _, k := range []struct {
		key     string
		written bool
	}{
		{"workload", f.Workload.Written},
		{"offer", f.Offer.Value != ""}, {"plan", f.Plan.Value != ""}, {"shards", f.Shards.Written}, {"size", f.Size.Value != ""},
		{"cheapest", f.Cheapest.Value != ""}, {"max_shards", f.MaxShards.Written},
		{"region", f.Region.Value != ""}, {"term", f.Term.Value != ""}, {"upfront", f.Upfront.Value != ""}, {"commitment", f.Commitment.Value != ""},
		{"require_fit", f.RequireFit}, {"min_saving_to_report", f.MinSaving.Written},
	} {
		if k.written {
			r.Add(append(where, k.key), "%s does not work in a sum of checks; move it to one of the checks", k.key)
		}
	}
	// Keys of [pricing] apply to the parts, not to the sum.
	ch.Target, ch.Terms.MaxShards = Target{}, 0
}

// sums finds the parts of every sum. A workload in two parts would be counted
// twice, so it is an error.
func (r *reader) sums() {
	byName := map[string]*Check{}
	for _, c := range r.config.Checks {
		byName[c.Name] = c
	}
	for _, c := range r.config.Checks {
		if c.Sum = r.parts(c, byName); !c.IsSum() {
			continue
		}
		in := map[string]string{} // by workload: the part that prices it
		for _, name := range c.Sum {
			part := byName[name]
			part.summed = true
			for _, w := range part.Workloads {
				if first, twice := in[w]; twice {
					r.Add([]string{"check", c.Name, "checks"}, "workload %q is in the checks %q and %q, so the sum would count it twice; list the checks to sum, as in checks = [\"NAME\", …]", w, first, name)
					break
				}
				in[w] = name
			}
		}
		c.Workloads = slices.Sorted(maps.Keys(in))
	}
}

// parts are the names of the checks of a sum, in order. "*" matches every check
// that is not a sum.
func (r *reader) parts(c *Check, byName map[string]*Check) []string {
	f := r.file.Check[c.Name]
	if f == nil || !f.Checks.Written {
		return nil
	}
	where := []string{"check", c.Name, "checks"}
	picked := map[string]bool{}
	for _, pattern := range f.Checks.Values {
		if !strings.ContainsAny(pattern, "*?[\\") {
			switch {
			case byName[pattern] == nil:
				r.Add(where, "check %q is not in the file; there are %s", pattern, someOf(r.singles()))
			case r.file.Check[pattern].Checks.Written:
				r.Add(where, "check %q is a sum itself; list the checks that it sums", pattern)
			default:
				picked[pattern] = true
			}
			continue
		}
		hit := false
		for _, name := range r.singles() {
			ok, err := path.Match(pattern, name)
			if err != nil {
				r.Add(where, "checks %q is not a pattern", pattern)
				return nil
			}
			if ok || pattern == "*" {
				picked[name], hit = true, true
			}
		}
		if !hit {
			r.Add(where, "checks %q matches no check; there are %s", pattern, someOf(r.singles()))
		}
	}
	return slices.Sorted(maps.Keys(picked))
}

// singles are the names of the checks that are not sums.
func (r *reader) singles() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(r.file.Check)) {
		if !r.file.Check[name].Checks.Written {
			names = append(names, name)
		}
	}
	return names
}

// IsSum says whether the check adds up other checks.
func (c *Check) IsSum() bool { return len(c.Sum) > 0 }

// unlimited refuses checks that have no effect: without a limit and in no sum.
func (r *reader) unlimited() {
	for _, c := range r.config.Checks {
		f := r.file.Check[c.Name]
		limited := f.MaxUSD.Written || f.WarnUSD.Written || f.MaxIncreaseUSD.Written || f.MaxIncreasePercent.Written
		switch {
		case limited || f.RequireFit || c.summed:
		case f.Checks.Written:
			r.Add([]string{"check", c.Name}, "has no limit; give max_usd_per_month, warn_usd_per_month, max_increase_usd or max_increase_percent")
		default:
			r.Add([]string{"check", c.Name}, "has no limit; give max_usd_per_month, warn_usd_per_month, max_increase_usd, max_increase_percent or require_fit")
		}
	}
}

// quotes are the bills of a sum: those of its parts, which were priced before.
func (c *Check) quotes(done map[string]*CheckResult) []*Quote {
	var all []*Quote
	for _, name := range c.Sum {
		all = append(all, done[name].Quotes...)
	}
	slices.SortStableFunc(all, func(a, b *Quote) int { return strings.Compare(a.Workload.Name, b.Workload.Name) })
	return all
}

// gather fills the items of a report's sums from those of their parts. Each
// item keeps the target and the terms of its part, for pricing it again.
func (r *Report) gather() error {
	for _, name := range slices.Sorted(maps.Keys(r.Checks)) {
		c := r.Checks[name]
		for _, part := range c.Sum {
			p := r.Checks[part]
			switch {
			case p == nil:
				return fmt.Errorf("check %q sums %q, which is not in the report", clip(name), clip(part))
			case len(p.Sum) > 0:
				return fmt.Errorf("check %q sums %q, which is a sum", clip(name), clip(part))
			}
			for _, w := range slices.Sorted(maps.Keys(p.Items)) {
				if c.Items[w] != nil {
					return fmt.Errorf("check %q counts workload %q twice", clip(name), clip(w))
				}
				item := *p.Items[w]
				item.target, item.terms = p.Target, &p.Terms
				c.Items[w] = &item
			}
		}
	}
	return nil
}
