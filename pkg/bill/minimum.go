package bill

import (
	"fmt"

	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// MinimumTooHigh says which minimum that the customer sets is above the offer's
// limit. It returns "" if none is, or if the offer has no such minimum.
func (o *Offer) MinimumTooHigh(w *workload.Workload) string {
	for i := range o.charges {
		c := &o.charges[i]
		if !c.settable {
			continue
		}
		l := &o.Version.Limit
		switch c.meter {
		case ratecard.MeterStored:
			gb := c.card.Unit.Held(1)
			if least, err := unit.MulDiv(uint64(w.MinDataGB), uint64(gb), 1000); l.MaxData > 0 && (err != nil || least > l.MaxData) {
				return fmt.Sprintf("--min-data-gb %s is above the %s %s that %s holds", unit.Decimal(w.MinDataGB, 1000), unit.Decimal(l.MaxData, gb), c.card.Unit.HeldName(), o.Card.ID)
			}
		case ratecard.MeterECPU:
			if l.MaxECPUPerSec > 0 && w.MinECPUPerSec > l.MaxECPUPerSec {
				return fmt.Sprintf("--min-ecpu-per-sec %d is above the %d ECPU a second that %s gives", w.MinECPUPerSec, l.MaxECPUPerSec, o.Card.ID)
			}
		}
	}
	return ""
}

// minimumRemarks warns of minimums that were set for an offer that has none.
func (o *Offer) minimumRemarks(b *Bill, u *workload.Usage) {
	for _, in := range []struct {
		flag  string
		given int64
		meter ratecard.Meter
	}{{"--min-data-gb", u.MinDataGB, ratecard.MeterStored}, {"--min-ecpu-per-sec", u.MinECPUPerSec, ratecard.MeterECPU}} {
		if in.given > 0 && !o.takesMinimum(in.meter) {
			b.Warnings = append(b.Warnings, in.flag+" does not apply: the offer has no minimum that a customer sets")
		}
	}
}

func (o *Offer) takesMinimum(m ratecard.Meter) bool {
	for i := range o.charges {
		if c := &o.charges[i]; c.settable && c.meter == m {
			return true
		}
	}
	return false
}
