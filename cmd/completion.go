package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/report"
	"github.com/keynest/keynest/pkg/workload"
)

// choices are all values that a flag takes, where they do not depend on the
// cards; nil for any other flag.
func choices(flag string) []string {
	switch flag {
	case "currency":
		return []string{"USD", "EUR"}
	case "columns":
		return report.Columns()
	case "sort":
		return report.SortKeys()
	case "term":
		return []string{string(ratecard.TermOnDemand), string(ratecard.Term1Y), string(ratecard.Term3Y)}
	case "upfront":
		return []string{string(ratecard.UpfrontNone), string(ratecard.UpfrontPartial), string(ratecard.UpfrontAll)}
	case "commitment":
		return []string{string(ratecard.CommitReserved), string(ratecard.CommitSavingsPlan)}
	case "engine":
		return []string{"valkey", "redis"}
	case "include":
		var classes []string
		for _, c := range bill.Includable() {
			classes = append(classes, string(c))
		}
		return classes
	}
	return workload.Choices(strings.ReplaceAll(flag, "-", "_"))
}

// completeFromCards registers the completions that the cards and the applications know, on the tree
// of a command line only (see offerValues).
func completeFromCards(e *env, root *cobra.Command) {
	fromCards := map[string]func(*cobra.Command, *ratecard.Set) []string{
		"offer":    func(_ *cobra.Command, s *ratecard.Set) []string { return offerIDs(s) },
		"require":  func(_ *cobra.Command, s *ratecard.Set) []string { return offerIDs(s) },
		"between":  func(_ *cobra.Command, s *ratecard.Set) []string { return offerIDs(s) },
		"provider": func(_ *cobra.Command, s *ratecard.Set) []string { return providerIDs(s) },
		"region":   func(_ *cobra.Command, s *ratecard.Set) []string { return append(s.Places(), s.VendorRegions()...) },
		"plan":     func(c *cobra.Command, s *ratecard.Set) []string { return planIDs(c, s, e.today) },
	}
	walk(root, func(c *cobra.Command) {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if values := choices(f.Name); values != nil {
				// This fails where the command has registered its own values, which then stay.
				_ = c.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
			}
			if f.Name == "app" {
				_ = c.RegisterFlagCompletionFunc(f.Name, completeApps)
			}
			values, ok := fromCards[f.Name]
			if !ok {
				return
			}
			_ = c.RegisterFlagCompletionFunc(f.Name, func(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
				set, err := e.cards(nil)
				if err != nil {
					return nil, cobra.ShellCompDirectiveError
				}
				return values(c, set), cobra.ShellCompDirectiveNoFileComp
			})
		})
	})
}

// walk visits a command and all below it.
func walk(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, sub := range c.Commands() {
		walk(sub, visit)
	}
}

func offerIDs(s *ratecard.Set) []string {
	var ids []string
	for _, o := range s.Offers() {
		ids = append(ids, o.ID)
	}
	return ids
}

func providerIDs(s *ratecard.Set) []string {
	var ids []string
	for _, o := range s.Offers() {
		if !slices.Contains(ids, o.Provider.ID) {
			ids = append(ids, o.Provider.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// planIDs lists the plans in force on a day of the offers that --offer names, of
// all where it names none.
func planIDs(c *cobra.Command, set *ratecard.Set, day string) []string {
	globs, _ := c.Flags().GetStringArray("offer")
	filter := compare.Filter{Offers: globs}
	var ids []string
	for _, o := range set.Offers() {
		if v := set.Version(o, day); v != nil && filter.Keeps(o) {
			for _, p := range v.Plans {
				ids = append(ids, p.ID)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
