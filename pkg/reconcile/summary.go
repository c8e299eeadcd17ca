package reconcile

// ReasonSum is what was billed for one reason.
type ReasonSum struct {
	Reason                     Reason
	Lines                      int64
	Billed, AtList, Difference Decimal
	Priced                     bool // AtList and Difference are of some of the lines
}

// ByReason sums the bill by reason, in the order of Reasons; what was not
// recognised is unknown.
func (r *Result) ByReason() []ReasonSum {
	var list []ReasonSum
	for _, one := range Reasons() {
		s := ReasonSum{Reason: one.Reason}
		for _, g := range r.Groups {
			if g.Reason != one.Reason {
				continue
			}
			s.Lines += g.Lines
			s.Billed = s.Billed.Add(g.Billed)
			if d := g.Difference(); d != nil {
				s.Priced = true
				s.AtList, s.Difference = s.AtList.Add(g.AtList), s.Difference.Add(*d)
			}
		}
		if one.Reason == Unknown {
			for _, n := range r.Unknowns {
				s.Lines += n.Lines
				s.Billed = s.Billed.Add(n.Billed)
			}
		}
		if s.Lines > 0 {
			list = append(list, s)
		}
	}
	return list
}
