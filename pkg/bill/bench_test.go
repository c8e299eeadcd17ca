package bill

import (
	"os"
	"testing"

	"github.com/keynest/keynest/pkg/ratecard"
)

// embeddedCards are the real cards.
func embeddedCards(b testing.TB) *ratecard.Set {
	b.Helper()
	text, err := os.ReadFile("../../rates.toml")
	if err != nil {
		b.Fatal(err)
	}
	set, err := ratecard.Embedded("2099-12-31", ratecard.File{Name: "rates.toml", Text: string(text)})
	if err != nil {
		b.Fatal(err)
	}
	return set
}

// benchDay is a day on which the offers that are measured have a card.
const benchDay = "2026-11-22"

func benchmarkTotal(b *testing.B, id string) {
	o := compiled(b, embeddedCards(b), id, "us-east", Options{AsOf: benchDay})
	u := used(b, everyday)
	b.ReportAllocs()
	for b.Loop() {
		if _, status, err := o.Total(&u); err != nil || status != Priced {
			b.Fatal(status, err)
		}
	}
}

// BenchmarkTotalPerCommand prices one workload on one compiled per-command offer.
func BenchmarkTotalPerCommand(b *testing.B) { benchmarkTotal(b, "upstash-payg") }

// BenchmarkTotalNodes sizes one workload over all node types of an offer.
func BenchmarkTotalNodes(b *testing.B) { benchmarkTotal(b, "elasticache-node-valkey") }

// BenchmarkTotalEveryOffer prices one workload on every compiled offer.
func BenchmarkTotalEveryOffer(b *testing.B) {
	set := embeddedCards(b)
	var offers []*Offer
	for _, card := range set.Offers() {
		offers = append(offers, compiled(b, set, card.ID, "us-east", Options{AsOf: benchDay}))
	}
	u := used(b, everyday)
	b.ReportAllocs()
	for b.Loop() {
		for _, o := range offers {
			if _, _, err := o.Total(&u); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkBill writes every line of one per-command bill.
func BenchmarkBill(b *testing.B) {
	o := compiled(b, embeddedCards(b), "upstash-payg", "us-east", Options{AsOf: benchDay})
	u := used(b, everyday)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.Bill(&u); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCompile compiles every offer for a day and a place.
func BenchmarkCompile(b *testing.B) {
	set := embeddedCards(b)
	where, err := set.Where("us-east")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := CompileAll(set, set.Offers(), Options{AsOf: benchDay, Where: where}); err != nil {
			b.Fatal(err)
		}
	}
}
