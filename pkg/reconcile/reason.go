package reconcile

import (
	"fmt"
	"strings"
)

// Reason says why a line costs what it does. The list is closed: what each does
// to the sums is code.
type Reason string

// The reasons.
const (
	ListPrice           Reason = "list-price"
	Minimum             Reason = "minimum"
	Reservation         Reason = "reservation"
	ReservationFee      Reason = "reservation-fee"
	ReservationUnused   Reason = "reservation-unused"
	SavingsPlan         Reason = "savings-plan"
	SavingsPlanFee      Reason = "savings-plan-fee"
	SavingsPlanNegation Reason = "savings-plan-negation"
	CommittedUse        Reason = "committed-use"
	Discount            Reason = "discount"
	ExtendedSupport     Reason = "extended-support"
	Durability          Reason = "durability"
	Backup              Reason = "backup"
	Traffic             Reason = "traffic"
	Persistence         Reason = "persistence"
	OtherEngine         Reason = "other-engine"
	NotOnTheCards       Reason = "not-on-the-cards"
	Credited            Reason = "credit"
	Refund              Reason = "refund"
	Tax                 Reason = "tax"
	Unknown             Reason = "unknown"
)

// Reasons lists all reasons with their words, in the order in which they are shown.
func Reasons() []struct {
	Reason Reason
	Words  string
} {
	return []struct {
		Reason Reason
		Words  string
	}{
		{ListPrice, "billed at the list price"},
		{Minimum, "list price of the cache's minimum, which is more than its use"},
		{Reservation, "covered by a reservation"},
		{ReservationFee, "fee of a reservation; the use that it covers is billed 0"},
		{ReservationUnused, "reserved and not used"},
		{SavingsPlan, "covered by a savings plan"},
		{SavingsPlanFee, "fee of a savings plan, which may cover other services too"},
		{SavingsPlanNegation, "credits the list price of use that a savings plan covers"},
		{CommittedUse, "committed use discount"},
		{Discount, "discount of a constant ratio"},
		{ExtendedSupport, "Extended Support of an old engine version, on top of the nodes"},
		{Durability, "synchronous durability, on top of the nodes"},
		{Backup, "backups, which the cards do not price"},
		{Traffic, "traffic, which the cards do not price"},
		{Persistence, "append-only file, which the cards do not price"},
		{OtherEngine, "an engine that is neither Redis nor Valkey"},
		{NotOnTheCards, "a product that the cards do not have"},
		{Credited, "credit"},
		{Refund, "refund or correction"},
		{Tax, "tax"},
		{Unknown, "not explained"},
	}
}

// Words are the words of a reason.
func (r Reason) Words() string {
	for _, one := range Reasons() {
		if one.Reason == r {
			return one.Words
		}
	}
	return string(r)
}

func (r Reason) known() bool {
	for _, one := range Reasons() {
		if one.Reason == r {
			return true
		}
	}
	return false
}

func (r Reason) problem() error {
	var all []string
	for _, one := range Reasons() {
		all = append(all, string(one.Reason))
	}
	return fmt.Errorf("reason %q; known: %s", string(r), strings.Join(all, ", "))
}
