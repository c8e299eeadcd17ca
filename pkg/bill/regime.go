package bill

import (
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/workload"
)

// A bill is a piecewise linear function of the load. Its slope changes only
// where something starts or stops to apply: another plan or another number of
// nodes, a minimum, a free amount, the next tier, the minimum or cap of the
// month. A regime is a number that identifies all of these together. The search
// for break-evens finds where regimes change and computes crossings exactly
// between those places.

// Regime identifies the straight piece of the offer's cost curve that a
// workload lies on. If two workloads have the same regime, the bills between
// them lie on a straight line, apart from the rounding of each line, as long as
// all quantities grow in proportion along the way. The regime is 0 for a
// workload that the offer does not price.
func (o *Offer) Regime(u *workload.Usage) uint64 {
	_, _, piece, err := o.Piece(u)
	if err != nil {
		return 0
	}
	return piece
}

// Piece is Total and Regime in one call.
func (o *Offer) Piece(u *workload.Usage) (total money.USD, status Status, piece uint64, err error) {
	var c choice
	if err = o.decide(u, &c); err != nil || (c.status != Priced && c.status != Incomplete && c.status != AtMost) || (c.plan == nil && len(o.Version.Plans) > 0) {
		return c.total, c.status, 0, err
	}
	r := regime(regimeStart)
	r.meters(u)
	for i, p := range o.plans {
		if p == c.plan {
			r.mix(int64(i))
		}
		if o.byNodePrice && !u.AOF { // an append-only file is charged on the memory of the plan
			continue
		}
		// Another plan could be cheaper somewhere between two workloads and not
		// at the ends, so the pieces of all plans count, not just the chosen one's.
		at, fault := o.fit(p, u, all)
		r.mix(int64(fault))
		if fault == 0 {
			if err := r.plan(o, p, at, u); tooLarge(err) {
				r.mix(regimeTooLarge)
			} else if err != nil {
				return c.total, c.status, 0, err
			}
		}
	}
	err = r.plan(o, c.plan, c.shape, u)
	return c.total, c.status, uint64(r), err
}

// regime is a hash of everything that identifies a piece: FNV-1a of 64 bits,
// over whole numbers instead of bytes.
type regime uint64

// regimeStart is the offset basis of FNV-1a.
const regimeStart = 14695981039346656037

// The values that are hashed for what applies. They only have to differ.
const (
	regimeMinimum  = iota + 1 // a charge bills its minimum
	regimeAllFree             // the free amount covers all of a charge
	regimeBilled              // a charge bills what is metered
	regimeMonthMin            // the minimum of the month applies
	regimeMonthCap            // the cap of the month applies
	regimeTooLarge            // a plan's bill does not fit in 64 bits
	regimeKilobyte            // an ECPU counts kilobytes
	regimeWrites              // all transfer is writes
	regimeReserved            // a reservation covers a part
)

func (r *regime) mix(v int64) { *r = (*r ^ regime(v)) * 1099511628211 }

// meters hashes the changes of slope in the meters themselves.
func (r *regime) meters(u *workload.Usage) {
	if u.PayloadBytes > 1000 {
		// Above 1,000 bytes a command an ECPU counts kilobytes, below it counts
		// commands.
		r.mix(regimeKilobyte)
	}
	if u.WrittenBytes == u.TransferBytes {
		// All transfer is writes: outbound transfer is 0 and stays 0.
		r.mix(regimeWrites)
	}
}

// plan hashes the piece of one plan (nil for an offer without plans): its size,
// and what applies to each part of its bill.
func (r *regime) plan(o *Offer, p *plan, s shape, u *workload.Usage) error {
	if p != nil {
		r.mix(s.shards)
		r.mix(s.copies)
		r.mix(s.units)
	}
	_, _, err := o.walk(p, s, u, r.part)
	return err
}

// part hashes what applies to one part of a bill. It is a visitor of walk.
func (r *regime) part(pt part) {
	switch pt.kind {
	case partCharge, partUnknown:
		switch {
		case pt.minimum > 0:
			r.mix(regimeMinimum)
		case pt.billed == 0:
			r.mix(regimeAllFree)
		default:
			r.mix(regimeBilled)
		}
		r.mix(int64(pt.tier))
	case partReserved:
		r.mix(regimeReserved)
	case partMinimum:
		r.mix(regimeMonthMin)
	case partCap:
		r.mix(regimeMonthCap)
	}
}
