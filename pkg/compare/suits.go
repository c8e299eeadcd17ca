package compare

import (
	"strings"

	"github.com/keynest/keynest/pkg/apps"
	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/ratecard"
)

// Suits finds for every offer whether the applications run there, and sets it
// in opt. If the number of shards is not given, the answer is for cluster mode
// off, and opt.MaxShards becomes 1 if an application only runs that way.
func Suits(j *apps.Judge, picked []*apps.App, set *ratecard.Set, opt *bill.Options) {
	opt.Suits = map[string]bill.Suit{}
	cluster := opt.Shards > 1
	for _, card := range set.Offers() {
		if card.Status == ratecard.StatusTarget {
			continue // figures that nobody sells
		}
		fit := j.Fit(picked, apps.OfferOf(set, card, card.Name))
		s := suit(fit.In(cluster), picked)
		if fit.Slots != nil && !cluster {
			if fit.Slots.Verdict == apps.DoesNotRun && fit.Plain.Verdict != apps.DoesNotRun && opt.Shards == 0 {
				opt.MaxShards = 1
			}
			if more := fit.Slots.Settings(); len(more) > 0 {
				s.Sharded = []string{"in several shards it needs: " + strings.Join(more, "; ")}
			}
		}
		opt.Suits[card.ID] = s
	}
}

// suit turns a verdict into text.
func suit(m *apps.Mode, picked []*apps.App) bill.Suit {
	var names []string
	for _, a := range picked {
		names = append(names, a.Name)
	}
	who, runs, not := strings.Join(names, " and "), "runs", "does not"
	if len(names) > 1 {
		runs, not = "run", "do not"
	}
	switch m.Verdict {
	case apps.DoesNotRun:
		why := strings.Join(m.Reasons(), "; ")
		return bill.Suit{Why: why, Refused: who + " " + not + " run there: " + why}
	case apps.Unknown:
		return bill.Suit{Warnings: []string{"it is unknown whether " + who + " " + runs + " there: " + strings.Join(m.Reasons(), "; ")}}
	case apps.RunsWith:
		return bill.Suit{Warnings: []string{"runs with: " + strings.Join(m.Settings(), "; ")}}
	case apps.Runs:
	}
	return bill.Suit{}
}
