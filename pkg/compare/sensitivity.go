package compare

import (
	"errors"
	"sort"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Sensitivity is how each priced bill changes when each assumed input is a tenth
// lower or higher.
type Sensitivity struct {
	Comparison *Comparison
	Changes    []Change10
	Offers     []Moved // in the order of the bills
}

// Change10 is an assumed input, a tenth lower and a tenth higher.
type Change10 struct {
	Key            string // of the input
	Less, Is, More string // its values
	less, more     *workload.Usage
}

// Moved lists the inputs that change one bill, the largest effect first.
type Moved struct {
	Bill    *bill.Bill
	Effects []Effect
}

// Effect is the effect of one assumed input on one bill.
type Effect struct {
	Key        string
	Less, More Cost
	Most       money.USD // the larger of the two changes; MaxUSD if the load no longer fits
}

// Sensitivity prices the workload again with each guess a tenth lower and a
// tenth higher. Guesses that change no bill are left out.
func (c *Comparison) Sensitivity() (*Sensitivity, error) {
	s := &Sensitivity{Comparison: c}
	for _, key := range workload.Guesses() {
		change := Change10{Key: key, Is: c.Workload.Value(key)}
		for _, end := range []struct {
			num   int64
			value *string
			usage **workload.Usage
		}{{9, &change.Less, &change.less}, {11, &change.More, &change.more}} {
			w, err := c.Workload.Scale(key, end.num, 10)
			if errors.Is(err, unit.ErrRange) {
				continue
			} else if err != nil {
				return nil, err
			}
			u, err := w.Usage()
			if errors.Is(err, unit.ErrRange) {
				continue
			} else if err != nil {
				return nil, err
			}
			*end.value, *end.usage = w.Value(key), &u
		}
		if change.Less != change.Is || change.More != change.Is {
			s.Changes = append(s.Changes, change)
		}
	}
	for _, b := range c.Bills {
		if b.Status != bill.Priced {
			continue
		}
		moved, err := c.moves(b, s.Changes)
		if err != nil {
			return nil, err
		}
		s.Offers = append(s.Offers, Moved{Bill: b, Effects: moved})
	}
	return s, nil
}

func (c *Comparison) moves(b *bill.Bill, changes []Change10) ([]Effect, error) {
	var offer *bill.Offer
	for _, o := range c.Field.Offers {
		if o.Card == b.Offer {
			offer = o
		}
	}
	var effects []Effect
	for _, change := range changes {
		e := Effect{Key: change.Key}
		for _, end := range []struct {
			usage *workload.Usage
			cost  *Cost
		}{{change.less, &e.Less}, {change.more, &e.More}} {
			*end.cost = Cost{Status: bill.Unfit}
			if end.usage != nil {
				var err error
				if *end.cost, err = costOf(offer, end.usage); err != nil {
					return nil, err
				}
			}
			move := money.MaxUSD
			if end.cost.Status == bill.Priced {
				move = max(end.cost.Total-b.Total, b.Total-end.cost.Total)
			}
			e.Most = max(e.Most, move)
		}
		if e.Most > 0 {
			effects = append(effects, e)
		}
	}
	sort.SliceStable(effects, func(i, j int) bool { return effects[i].Most > effects[j].Most })
	return effects, nil
}

// First is the guess that changes most bills most. leads is the number of those
// bills, move the number of guesses that change a bill. key is "" if none does.
// Of equal guesses, the first in the order of the changes is returned.
func (s *Sensitivity) First() (key string, leads, move int) {
	count := map[string]int{}
	for _, m := range s.Offers {
		if len(m.Effects) > 0 {
			count[m.Effects[0].Key]++
			move++
		}
	}
	for _, c := range s.Changes {
		if count[c.Key] > leads {
			key, leads = c.Key, count[c.Key]
		}
	}
	return key, leads, move
}
