package ratesql

import (
	"os"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

func write(t *testing.T, d Dialect, offers ...string) (string, error) {
	t.Helper()
	text, err := os.ReadFile("../../rates.toml")
	if err != nil {
		t.Fatal(err)
	}
	set, err := ratecard.Embedded("2099-12-31", ratecard.File{Name: "rates.toml", Text: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	opt := bill.Options{AsOf: "2026-11-22"}
	if opt.Where, err = set.Where("us-east"); err != nil {
		t.Fatal(err)
	}
	f, err := compare.NewField(set, compare.Filter{Offers: offers}, opt)
	if err != nil {
		t.Fatal(err)
	}
	return Write(f.Offers, Options{Dialect: d, Usage: "keynest_usage", AsOf: "2026-11-22", Region: "us-east", Term: "on-demand", Upfront: "none", ReadShare: 800_000, Load: workload.Workload{Replicas: 1}})
}

// TestWrite: each dialect says every view once and in the order in which they
// are read, and leaves no verb of a format behind.
func TestWrite(t *testing.T) {
	views := []string{"keynest_offers", "keynest_plans", "keynest_charges", "keynest_months", "keynest_meters", "keynest_peaks", "keynest_shapes",
		"keynest_sizes", "keynest_plan_costs", "keynest_quantities", "keynest_billed", "keynest_charge_costs", "keynest_plan_months", "keynest_choices", "keynest_bills"}
	for _, d := range Dialects() {
		text, err := write(t, Dialect(d))
		if err != nil {
			t.Fatal(err)
		}
		again, _ := write(t, Dialect(d))
		if text != again {
			t.Errorf("%s: other bytes the second time", d)
		}
		at := 0
		for _, v := range views {
			i := strings.Index(text, "VIEW "+v+" AS")
			if i < at || strings.Count(text, "VIEW "+v+" AS") != 1 {
				t.Errorf("%s: %s stands at %d after %d", d, v, i, at)
			}
			at = i
		}
		if strings.Contains(text, "%!") || strings.Contains(text, "%s") {
			t.Errorf("%s: a verb is left", d)
		}
		if !strings.Contains(text, "\n--   heroku-key-value-store: replica support unknown") {
			t.Errorf("%s: the head does not name what is left out", d)
		}
	}
}

// TestFigures: rows as the card has them. ElastiCache Serverless for Valkey in
// us-east-1: 0.084 USD a GiB-hour, every hour raised to 0.1 GiB, which is
// 2^30 ÷ 10 bytes; 0.0023 USD a million ECPU, counted in thousandths. Upstash:
// 0.25 USD a GB-month with one GB free.
func TestFigures(t *testing.T) {
	text, err := write(t, DuckDB, "elasticache-serverless-valkey", "upstash-payg")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"sum(greatest(CAST(stored_bytes AS HUGEINT) * 10, CAST(1073741824 AS HUGEINT))) AS held_1",
		"('elasticache-serverless-valkey', '', 'storage', 'stored-1', 1, 84000000, 1, 1000000000, 1073741824, 0, 10, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1073741824, 1, 0, 1000000)",
		"('elasticache-serverless-valkey', '', 'ecpu', 'ecpu', 1, 2300000, 1000000, 1000000000, 1000, 0, 1,",
		"('upstash-payg', '', 'storage', 'stored', 1, 250000000, 1, 1000000000, 1000000000, 1, 1, 1, 1,",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("not there: %s", want)
		}
	}
	if _, err := write(t, "oracle"); err == nil || err.Error() != `unknown dialect "oracle"; known: clickhouse, duckdb, spark` {
		t.Error(err)
	}
	if _, err := write(t, DuckDB, "heroku-key-value-store"); err == nil || !strings.HasPrefix(err.Error(), "none of the offers can be expressed in SQL: heroku-key-value-store: ") {
		t.Error(err)
	}
}

// TestFraction: decimals of cards as fractions.
func TestFraction(t *testing.T) {
	for _, c := range [][3]string{{"0.1", "1", "10"}, {"", "0", "1"}, {"200", "200", "1"}, {"10.25", "1025", "100"}, {"0", "0", "1"}} {
		if num, den := fraction(c[0]); num != c[1] || den != c[2] {
			t.Errorf("%q is %s ÷ %s", c[0], num, den)
		}
	}
}
