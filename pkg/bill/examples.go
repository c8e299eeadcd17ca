package bill

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// CheckExamples computes every example bill that a vendor published and a card
// holds. It returns their number and the differences. A figure is compared with
// as many decimals as the vendor printed.
func CheckExamples(set *ratecard.Set) (count int, problems []string) {
	for _, card := range set.Offers() {
		for _, from := range card.Versions() {
			v := set.Version(card, from)
			for i := range v.Examples {
				count++
				if err := checkExample(set, card, v, &v.Examples[i]); err != nil {
					problems = append(problems, fmt.Sprintf("offer %s, version %s, example %s: %v", card.ID, from, v.Examples[i].ID, err))
				}
			}
		}
	}
	return count, problems
}

func checkExample(set *ratecard.Set, card *ratecard.Offer, v *ratecard.Version, ex *ratecard.Example) error {
	in, err := workload.FromMap(ex.Workload)
	if err != nil {
		return err
	}
	w, err := in.Resolve(ex.ID)
	if err != nil {
		return err
	}
	u, err := w.Usage()
	if err != nil {
		return err
	}
	opt := Options{
		AsOf: ex.AsOf, HoursPerMonth: w.HoursPerMonth, Hundredths: w.Hundredths, Plan: ex.Plan, Shards: ex.Shards,
		Term: ex.Term, Upfront: ex.Upfront, ListPrices: true,
	}
	if opt.AsOf == "" {
		opt.AsOf = v.From
	}
	region := ex.Region
	if regions := v.Regions(); region == "" && len(regions) > 0 {
		return fmt.Errorf("names no region; the card has %s", someOf(regions))
	}
	if region != "" {
		if opt.Where, err = set.Where(region); err != nil {
			return err
		}
	}
	o, err := Compile(set, card, opt)
	if err != nil {
		return err
	}
	b, err := o.Bill(&u)
	if err != nil {
		return err
	}
	if b.Status != Priced {
		return fmt.Errorf("is %s: %s", b.Status, strings.Join(b.Reasons, "; "))
	}
	got, err := exampleAmount(b, ex.Charge)
	if err != nil {
		return err
	}
	// The example agrees if the bill, rounded as the vendor printed it (whole
	// dollars or cents), is its figure, or if both are equal to the
	// nano-dollar.
	if got != ex.USD && got.String() != ex.USD.String() && !(ex.WholeDollars && nearestDollar(got) == ex.USD) {
		return fmt.Errorf("comes to %s USD; the vendor says %s", got.Exact(), ex.USD.Exact())
	}
	return nil
}

// exampleAmount is the amount that an example states: the lines of one charge,
// or the total of the bill.
func exampleAmount(b *Bill, charge string) (amount money.USD, err error) {
	if charge == "" {
		return b.Total, nil
	}
	found := false
	for _, l := range b.Lines {
		if l.ID == charge || strings.HasPrefix(l.ID, charge+"-tier-") {
			amount, found = amount+l.Amount, true
		}
	}
	if !found {
		return 0, fmt.Errorf("the bill has no line %q", charge)
	}
	return amount, nil
}

// nearestDollar rounds half up to whole dollars.
func nearestDollar(u money.USD) money.USD {
	return (u + money.Nano/2) / money.Nano * money.Nano
}
