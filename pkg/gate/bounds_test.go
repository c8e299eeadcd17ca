package gate

import (
	"testing"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// TestUpperBounds: a limit passes only if the upper bound passes, and breaks only
// if the lower bound breaks it; what lies between cannot be judged.
func TestUpperBounds(t *testing.T) {
	usd := func(n int64) money.USD { return money.USD(n * money.Nano) }
	quote := func(status bill.Status, least, total int64) *Quote {
		q := NewQuote(workload.Workload{Name: "w"}, Target{}, &bill.Bill{
			Offer: &ratecard.Offer{ID: "o"}, Status: status, AtLeast: usd(least), Total: usd(total), Reasons: []string{"why"},
		})
		return q
	}
	exact, atMost, atLeast := quote(bill.Priced, 0, 50), quote(bill.AtMost, 30, 300), quote(bill.Incomplete, 0, 20)
	exact.Reason = ""
	for _, tt := range []struct {
		name    string
		quotes  []*Quote
		max     int64
		want    Verdict
		total   int64
		atMost  bool
		atLeast bool
	}{
		{"within the upper bound", []*Quote{atMost}, 300, Pass, 300, true, false},
		{"between the bounds", []*Quote{atMost}, 299, Unknown, 300, true, false},
		{"the lower bound itself", []*Quote{atMost}, 30, Unknown, 300, true, false},
		{"below the lower bound", []*Quote{atMost}, 29, Breach, 300, true, false},
		{"a sum within", []*Quote{exact, atMost}, 350, Pass, 350, true, false},
		{"a sum between", []*Quote{exact, atMost}, 80, Unknown, 350, true, false},
		{"a sum below", []*Quote{exact, atMost}, 79, Breach, 350, true, false},
		// 50 + 30 + 20 are known of it, and nothing says what it is at most.
		{"a sum with a lower bound", []*Quote{exact, atMost, atLeast}, 1000, Unknown, 100, false, true},
		{"a sum with a lower bound, broken", []*Quote{exact, atMost, atLeast}, 99, Breach, 100, false, true},
	} {
		limit := usd(tt.max)
		p := NewPricer(nil, compare.Filter{}, nil)
		r, err := p.Judge(&Check{Name: "c", Limits: Limits{MaxUSD: &limit}}, tt.quotes, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict != tt.want || r.Total != usd(tt.total) || r.AtMost != tt.atMost || r.AtLeast != tt.atLeast {
			t.Errorf("%s: %s, %s, at most %v, at least %v; want %s, %d, %v, %v: %+v", tt.name,
				r.Verdict, r.Total, r.AtMost, r.AtLeast, tt.want, tt.total, tt.atMost, tt.atLeast, r.Limits)
		}
	}
}

// TestRiseOfAnUpperBound: the same rule for a rise over a baseline of 100.
func TestRiseOfAnUpperBound(t *testing.T) {
	usd := func(n int64) money.USD { return money.USD(n * money.Nano) }
	for _, tt := range []struct {
		rise  int64 // allowed
		want  Verdict
		words [2]string // of a limit in USD, and in percent
	}{ // 300 − 100, and 120 − 100
		{200, Pass, [2]string{"rises by at most 200.00 to at most 300.00 USD a month, within 200.00", "rises by at most 200.00 % to at most 300.00 USD a month, within 200 %"}},
		{199, Unknown, [2]string{"cannot be judged: why", "cannot be judged: why"}},
		{20, Unknown, [2]string{"cannot be judged: why", "cannot be judged: why"}},
		{19, Breach, [2]string{"rises by at least 20.00 to at least 120.00 USD a month, above the limit of 19.00; why", "rises by at least 20.00 % to at least 120.00 USD a month, above the limit of 19 %; why"}},
	} {
		most, percent := usd(tt.rise), Percent(tt.rise*1_000_000)
		for i, limits := range []Limits{{MaxIncreaseUSD: &most}, {MaxIncreasePercent: &percent}} {
			r := &CheckResult{Check: &Check{Limits: limits}, Total: usd(300), Slack: usd(180), AtMost: true, Unknown: []string{"why"}, Base: &Base{Total: usd(100)}}
			r.judge()
			if r.Verdict != tt.want || r.Limits[0].Words != tt.words[i] {
				t.Errorf("%d allowed: %s; want %s, %q: %+v", tt.rise, r.Verdict, tt.want, tt.words[i], r.Limits)
			}
		}
	}
}

// tooSmall is the quote of a plan that the check names and that is too small for
// the workload's network.
func tooSmall(workloadName string) *Quote {
	b := &bill.Bill{Offer: &ratecard.Offer{ID: "o"}, Status: bill.Priced, Total: 24 * money.Nano, Plan: &bill.Plan{ID: "small"},
		TooSmall: []bill.Exceeded{{Constraint: "network", Words: "network: 62.5 MB/s at the peak, 16 MB/s sustained a node"}}}
	return NewQuote(workload.Workload{Name: workloadName}, Target{}, b)
}

// TestTooSmallWarns: a named plan that is too small is a warning with the figure,
// beside limits that are respected. Of several workloads, the warning names one.
func TestTooSmallWarns(t *testing.T) {
	limit := money.USD(50 * money.Nano) // above 2 × 24
	for _, tt := range []struct {
		quotes []*Quote
		words  string
	}{
		{[]*Quote{tooSmall("w")}, "smaller than the load needs: network: 62.5 MB/s at the peak, 16 MB/s sustained a node"},
		{[]*Quote{{Workload: workload.Workload{Name: "v"}, Reason: "no price"}, tooSmall("w")}, "w: smaller than the load needs: network: 62.5 MB/s at the peak, 16 MB/s sustained a node"},
	} {
		r, err := NewPricer(nil, compare.Filter{}, nil).Judge(&Check{Name: "c", Limits: Limits{MaxUSD: &limit}}, tt.quotes, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Limits) != 2 || (r.Limits[0].Verdict == Pass) != (len(tt.quotes) == 1) || r.Limits[1].Verdict != Warn || r.Limits[1].Key != KeyPlan ||
			r.Limits[1].Limit != "small" || r.Limits[1].Words != tt.words {
			t.Errorf("%s %+v; want the limit, and a warning: %s", r.Verdict, r.Limits, tt.words)
		}
	}
}
