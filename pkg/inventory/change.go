package inventory

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/money"
)

// Changes says whether any of the files tells what is to change: a plan does, a
// state and a list do not.
func (inv *Inventory) Changes() bool {
	for _, f := range inv.Files {
		if strings.HasSuffix(f.Kind, "-plan") {
			return true
		}
	}
	return false
}

// Counted says whether a resource is in a total, before or after.
func (r *Resource) Counted() bool {
	return (r.Before != nil && r.Before.Counted) || (r.After != nil && r.After.Counted)
}

// Difference is what a change adds to the month's bill; nil where a side that
// counts has no known price.
func (r *Resource) Difference() *money.USD {
	var sides [2]money.USD
	for i, h := range []*Holding{r.Before, r.After} {
		switch {
		case h == nil || (!h.Counted && h.USD == nil):
		case h.USD == nil:
			return nil
		default:
			sides[i] = *h.USD
		}
	}
	d := sides[1] - sides[0]
	return &d
}

// Cause says in words what of a resource changes: the plan, the nodes, the
// service, the region; or that it is new or goes away.
func (r *Resource) Cause() string {
	a, b := r.Before, r.After
	switch {
	case a == nil || !a.Counted:
		return "new"
	case b == nil || !b.Counted:
		return "removed"
	}
	var words []string
	add := func(now, was string) {
		if now != was && now != "" && was != "" {
			words = append(words, now+" instead of "+was)
		}
	}
	add(b.Offer, a.Offer)
	add(b.Plan, a.Plan)
	if a.SizeBytes > 0 && b.SizeBytes > 0 {
		size := func(h *Holding) string { return decimal(h.SizeBytes, unitBytes(h.SizeUnit)) + " " + h.SizeUnit }
		add(size(b), size(a))
	}
	if a.Nodes != nil && b.Nodes != nil && *a.Nodes != *b.Nodes {
		add(fmt.Sprintf("%d nodes", *b.Nodes), fmt.Sprint(*a.Nodes))
	}
	add(b.Region, a.Region)
	if len(words) == 0 {
		return r.Action
	}
	return strings.Join(words, ", ")
}
