package replay

import (
	"runtime"
	"sort"
	"sync"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/money"
)

// SizedFleet is many caches on nodes in numbers that change.
type SizedFleet struct {
	Offers []*SizedSum  // in order of cost; those that do not hold every cache last
	Each   []SizedCache // in the order of the file
	// Best is what all caches cost where each is on its own cheapest offer, Fixed
	// what those offers cost them in one size, and Bests how many caches have one.
	Best, Fixed money.USD
	Bests       int
}

// SizedSum is an offer for all caches.
type SizedSum struct {
	Offer  *bill.Offer
	Total  money.USD // of the caches that it holds
	Fixed  money.USD // what one size for the whole period costs those of them that have one
	Priced int       // caches
	Open   int       // caches of which the price is only a lower bound
	// Refused are caches that it does not hold or has no price for, and Why is the
	// reason of the first.
	Refused int
	Why     string
}

// Status is how far all caches could be priced on the offer.
func (s *SizedSum) Status() bill.Status {
	switch {
	case s.Refused > 0:
		return bill.Unfit
	case s.Open > 0:
		return bill.Incomplete
	}
	return bill.Priced
}

// SizedCache is a cache on its own cheapest offer.
type SizedCache struct {
	Cache    *Cache
	Hours    int64
	Cheapest *Sized // nil where none may be named
}

// fleet prices every cache, on all processors.
func (s *sizings) fleet() (*SizedFleet, error) {
	caches := s.result.Caches
	all, err := s.each()
	if err != nil {
		return nil, err
	}
	f := &SizedFleet{Each: make([]SizedCache, len(caches))}
	sums := map[*bill.Offer]*SizedSum{}
	for i, offers := range all {
		c := &f.Each[i]
		c.Cache, c.Hours = caches[i].Cache, caches[i].Hours
		for _, o := range offers {
			if err := f.add(sums, o); err != nil {
				return nil, err
			}
		}
		all[i] = nil
		if c.Cheapest = rankSized(offers); c.Cheapest == nil {
			continue
		}
		f.Bests++
		if f.Best, err = f.Best.Add(c.Cheapest.Total); err != nil {
			return nil, err
		}
		if fixed := c.Cheapest.Fixed; fixed != nil {
			if f.Fixed, err = f.Fixed.Add(*fixed); err != nil {
				return nil, err
			}
		}
	}
	f.rank()
	return f, nil
}

// each sizes the offers of every cache, on all processors.
func (s *sizings) each() ([][]*Sized, error) {
	caches := s.result.Caches
	all := make([][]*Sized, len(caches))
	var mutex sync.Mutex // of first
	var first error
	workers := max(min(runtime.GOMAXPROCS(0), len(caches)), 1)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := w; i < len(caches); i += workers {
				offers, err := s.cache(i)
				mutex.Lock()
				if err != nil && first == nil {
					first = err
				}
				stop := first != nil
				mutex.Unlock()
				if stop {
					return
				}
				all[i] = offers
				for _, o := range offers {
					o.Months = nil // many caches would keep many months
				}
			}
		}()
	}
	wait.Wait()
	if first != nil {
		return nil, first
	}
	return all, nil
}

// add adds a cache to its offer.
func (f *SizedFleet) add(sums map[*bill.Offer]*SizedSum, o *Sized) (err error) {
	sum := sums[o.Offer]
	if sum == nil {
		sum = &SizedSum{Offer: o.Offer}
		sums[o.Offer] = sum
		f.Offers = append(f.Offers, sum)
	}
	switch {
	case o.Why != "":
		if sum.Refused++; sum.Why == "" {
			sum.Why = o.Why
		}
		return nil
	case o.Status != bill.Priced:
		sum.Open++
	default:
		sum.Priced++
	}
	if sum.Total, err = sum.Total.Add(o.Total); err == nil && o.Fixed != nil {
		sum.Fixed, err = sum.Fixed.Add(*o.Fixed)
	}
	return err
}

func (f *SizedFleet) rank() {
	sort.SliceStable(f.Offers, func(i, j int) bool {
		a, b := f.Offers[i], f.Offers[j]
		if (a.Refused == 0) != (b.Refused == 0) {
			return a.Refused == 0
		}
		return a.Refused == 0 && a.Total < b.Total
	})
}
