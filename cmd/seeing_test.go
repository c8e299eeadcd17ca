package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	own "github.com/keynest/keynest/pkg/page"
)

// keynestOn runs keynest on the cards of made-up vendors.
func keynestOn(t *testing.T, args ...string) []byte {
	t.Helper()
	return keynestOnCards(t, fixtureCards, args...)
}

// TestOtherSchemas holds the reports of breakeven, sweep and ranges against
// the schemas that docs/ ships.
func TestOtherSchemas(t *testing.T) {
	for _, tt := range []struct{ schema, args string }{
		{"breakeven", "breakeven --gib 8"},
		{"breakeven", "breakeven --gib 8 --ops-per-sec 20 --between acme-payg,cirrus-cache"},
		{"breakeven", "breakeven --gib 8 --ops-per-sec 20 --axis gib"},
		{"breakeven", "breakeven --gib 0.5 --ops-per-sec 80 --read-regions 1 --axis read-share --offer acme-payg"},
		{"breakeven", "breakeven --gib 900 --ops-per-sec 80 --axis gib --between acme-payg,acme-fixed"},
		{"sweep", "sweep --gib 8 --from 10 --to 1e6 --steps 9 --log"},
		{"sweep", "sweep --gib 8 --ops-per-sec 5 --axis replicas --from 0 --to 7 --steps 8"},
		{"ranges", "estimate --ops-per-sec 3000..8000 --gib 6..12"},
		{"ranges", "estimate --ops-per-sec 10 --peak-ops-per-sec 20..90000 --gib 0.5..500 --replicas 0..6"},
		{"estimate", "estimate --ops-per-sec 3000 --gib 6 --sensitivity"},
		{"estimate", "estimate --ops-per-sec 0 --gib 0 --sensitivity"},
		{"estimate", "estimate --app bullmq --workers 5 --gib 1"},
		{"estimate", "estimate --app discourse,connect-redis --page-views 1000 --gib 0 --count-scripts --all"},
		{"estimate", "estimate --app arq --app-set poll_delay=0.25 --commands-per-month 1000 --plus --gib 0"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			validated(t, docsSchema(t, tt.schema), keynestOn(t, append(strings.Fields(tt.args), "--output", "json")...))
		})
	}
}

type usdByOffer struct {
	Offers []struct {
		ID  string
		USD *string `json:"usd_per_month"`
	}
}

// bills runs keynest estimate and returns what each priced offer costs.
func bills(t *testing.T, args ...string) map[string]string {
	t.Helper()
	var report usdByOffer
	if err := json.Unmarshal(keynestOn(t, append([]string{"estimate", "--output", "json"}, args...)...), &report); err != nil {
		t.Fatal(err)
	}
	usd := map[string]string{}
	for _, o := range report.Offers {
		if o.USD != nil {
			usd[o.ID] = *o.USD
		}
	}
	return usd
}

// TestSensitivityIsAnEstimate: the bill at a tenth more is the bill that one
// gets by typing a tenth more.
func TestSensitivityIsAnEstimate(t *testing.T) {
	base := map[string]string{"ops_per_sec": "400", "peak_ops_per_sec": "900", "gib": "8", "payload_bytes": "2000", "read_share": "0.6"}
	with := func(key, value string) []string {
		var args []string
		for k, v := range base {
			if k == key {
				v = value
			}
			if key == "ops_per_sec" && k == "peak_ops_per_sec" { // the peak follows the mean
				v = map[string]string{"360": "810", "440": "990"}[value]
			}
			args = append(args, "--"+strings.ReplaceAll(k, "_", "-")+"="+v)
		}
		return args
	}
	var report struct {
		Sensitivity struct {
			Inputs []struct {
				Input      string
				Less, More json.Number
			}
			Offers []struct {
				ID      string
				Effects []struct {
					Input string
					Less  *string `json:"usd_per_month_less"`
					More  *string `json:"usd_per_month_more"`
				}
			}
		}
	}
	if err := json.Unmarshal(keynestOn(t, append([]string{"estimate", "--sensitivity", "--output", "json"}, with("", "")...)...), &report); err != nil {
		t.Fatal(err)
	}
	if n := len(report.Sensitivity.Inputs); n != 5 {
		t.Errorf("%d inputs, want 5", n)
	}
	is := bills(t, with("", "")...)
	for _, in := range report.Sensitivity.Inputs {
		less, more := bills(t, with(in.Input, in.Less.String())...), bills(t, with(in.Input, in.More.String())...)
		for _, o := range report.Sensitivity.Offers {
			wantLess, wantMore := less[o.ID], more[o.ID]
			gotLess, gotMore := is[o.ID], is[o.ID] // left out: it moves nothing
			for _, e := range o.Effects {
				if e.Input == in.Input {
					gotLess, gotMore = fmt.Sprint(*e.Less), fmt.Sprint(*e.More)
				}
			}
			if gotLess != wantLess || gotMore != wantMore {
				t.Errorf("%s by %s: %s to %s, want %s to %s", o.ID, in.Input, gotLess, gotMore, wantLess, wantMore)
			}
		}
	}
}

// TestRangesAreEstimates: the low and the high are the least and the most of
// the four estimates.
func TestRangesAreEstimates(t *testing.T) {
	var report struct {
		Offers []struct {
			ID        string
			Low       *string `json:"usd_per_month_low"`
			High      *string `json:"usd_per_month_high"`
			NotPriced int     `json:"corners_without_price"`
		}
	}
	if err := json.Unmarshal(keynestOn(t, "estimate", "--ops-per-sec", "300..12000", "--gib", "6..112", "--output", "json"), &report); err != nil {
		t.Fatal(err)
	}
	var corners []map[string]string
	for _, ops := range []string{"300", "12000"} {
		for _, gib := range []string{"6", "112"} {
			corners = append(corners, bills(t, "--ops-per-sec", ops, "--gib", gib))
		}
	}
	for _, o := range report.Offers {
		low, high, missing := "", "", 0
		for _, c := range corners {
			usd, ok := c[o.ID]
			if !ok || o.ID == "cirrus-edge" { // its price is a lower bound
				missing++
				continue
			}
			if low == "" || len(usd) < len(low) || len(usd) == len(low) && usd < low {
				low = usd
			}
			if len(usd) > len(high) || len(usd) == len(high) && usd > high {
				high = usd
			}
		}
		got := [2]string{}
		for i, p := range []*string{o.Low, o.High} {
			if p != nil {
				got[i] = *p
			}
		}
		if got != [2]string{low, high} || o.NotPriced != missing {
			t.Errorf("%s: %s, %d corners without a price; want %s to %s, %d", o.ID, got, o.NotPriced, low, high, missing)
		}
	}
}

// TestPagesAreWhole: a page written by --output html needs no other file and
// runs nothing but its own script, which sorts tables.
func TestPagesAreWhole(t *testing.T) {
	for _, args := range []string{
		"estimate --ops-per-sec 5000 --gib 8 --all",
		"estimate --ops-per-sec 5000 --gib 8 --sensitivity --currency EUR",
		"estimate --ops-per-sec 50..5000 --gib 8",
		"breakeven --gib 8 --ops-per-sec 20",
		"sweep --gib 8 --from 10 --to 1e5 --steps 5 --log",
		"compare --explain",
	} {
		page := strings.Replace(string(keynestOn(t, append(strings.Fields(args), "--output", "html")...)), "<script>"+own.JS+"</script>", "", 1)
		for _, never := range []string{"<script", "<link", "<img", "<iframe", "@import", "url(", "style=", "onload", "src=", "javascript:", "ZgotmplZ"} {
			if strings.Contains(page, never) {
				t.Errorf("keynest %s: the page has %q", args, never)
			}
		}
		for _, always := range []string{`<html lang="en">`, "<main>", `name="viewport"`, "prefers-color-scheme: dark", "@media print", `scope="col"`} {
			if !strings.Contains(page, always) {
				t.Errorf("keynest %s: the page has no %q", args, always)
			}
		}
		if err := wellFormed(page); err != nil {
			t.Errorf("keynest %s: %v", args, err)
		}
	}
}

// wellFormed checks that elements nest; void ones stand alone.
func wellFormed(page string) error {
	var open []string
	for rest := page; ; {
		_, after, found := strings.Cut(rest, "<")
		if !found {
			break
		}
		tag, next, _ := strings.Cut(after, ">")
		rest = next
		name := strings.TrimRight(strings.Fields(tag)[0], "/")
		switch {
		case strings.HasPrefix(tag, "!"), name == "meta", name == "input", strings.HasSuffix(tag, "/"):
		case strings.HasPrefix(tag, "/"):
			if len(open) == 0 || "/"+open[len(open)-1] != name {
				return fmt.Errorf("<%s> closes %v", tag, open)
			}
			open = open[:len(open)-1]
		default:
			open = append(open, name)
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("%v: %w", open, io.ErrUnexpectedEOF)
	}
	return nil
}
