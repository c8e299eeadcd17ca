package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

const (
	marketCards   = "../bill/testdata/market.toml"
	embeddedCards = "../../rates.toml"
)

// estimated compares a workload on a file of cards.
func estimated(t *testing.T, cards, region string, in workload.Input, opt bill.Options) *compare.Comparison {
	t.Helper()
	text, err := os.ReadFile(cards)
	if err != nil {
		t.Fatal(err)
	}
	set, err := ratecard.Load("2099-12-31", ratecard.File{Name: cards, Text: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	if opt.Where, err = set.Where(region); err != nil {
		t.Fatal(err)
	}
	w, err := in.Resolve("")
	if err != nil {
		t.Fatal(err)
	}
	opt.AsOf, opt.HoursPerMonth = "2026-11-22", w.HoursPerMonth
	if opt.Term == "" {
		opt.Term, opt.Upfront = ratecard.TermOnDemand, ratecard.UpfrontNone
	}
	f, err := compare.NewField(set, compare.Filter{}, opt)
	if err != nil {
		t.Fatal(err)
	}
	c, err := f.Run(w)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var everyday = workload.Input{OpsPerSec: "5000", GiB: "8"}

// everything shows all that an estimate can show.
var everything = EstimateOptions{All: true, Explain: true}

// marketEstimate is an estimate with every kind of line: commands and nodes,
// euros, tiers, upfront money, what is unknown, unfit and not priced.
func marketEstimate(t *testing.T) *compare.Comparison {
	t.Helper()
	return estimated(t, marketCards, "east", workload.Input{OpsPerSec: "5000", GiB: "100", ReadRegions: "1"}, bill.Options{Term: ratecard.Term3Y, Upfront: ratecard.UpfrontPartial})
}

// TestTextFitsThePage: every report fits in 100 columns and in 60; no line ends in
// a space, and money has its unit, not a sign.
func TestTextFitsThePage(t *testing.T) {
	for name, c := range map[string]*compare.Comparison{
		"market":     estimated(t, marketCards, "east", everyday, bill.Options{}),
		"all kinds":  marketEstimate(t),
		"real cards": estimated(t, embeddedCards, "us-east", everyday, bill.Options{}),
		"nothing":    estimated(t, embeddedCards, "us-east", workload.Input{OpsPerSec: "0", GiB: "0"}, bill.Options{}),
		"a lot":      estimated(t, embeddedCards, "us-east", workload.Input{OpsPerSec: "999999.5", GiB: "8388608", Databases: "1000", ReadRegions: "3", Replicas: "3"}, bill.Options{}),
	} {
		for _, show := range []EstimateOptions{{}, {All: true}, everything} {
			for _, width := range []int{100, 60} {
				var b bytes.Buffer
				if err := page.WriteText(&b, Estimate(c, show), page.Style{Width: width}); err != nil {
					t.Fatal(err)
				}
				for i, line := range strings.Split(b.String(), "\n") {
					if n := twwidth.Width(line); n > width && !longWord(line, width) {
						t.Errorf("%s, %+v: line %d has %d columns of %d: %q", name, show, i+1, n, width, line)
					}
					if strings.TrimRight(line, " \t") != line {
						t.Errorf("%s, %+v, %d columns: line %d ends in a space: %q", name, show, width, i+1, line)
					}
				}
				if strings.ContainsAny(b.String(), "$\t") || strings.Contains(b.String(), "%!") {
					t.Errorf("%s, %+v: a $, a tab or a broken format in it", name, show)
				}
			}
		}
	}
}

// longWord says whether a line is one word that no page of the width can hold,
// such as the address of a source.
func longWord(line string, width int) bool {
	words := strings.Fields(strings.TrimPrefix(line, "- "))
	return len(words) == 1 && twwidth.Width(words[0]) > width-2
}

// TestSameBytes: the same comparison gives the same report, in every format.
func TestSameBytes(t *testing.T) {
	write := func() string {
		c := marketEstimate(t)
		var b bytes.Buffer
		for _, err := range []error{
			page.WriteText(&b, Estimate(c, everything), page.Style{Color: true}),
			page.WriteMarkdown(&b, Estimate(c, everything)),
			WriteJSON(&b, NewEstimateJSON(c, everything)),
			WriteEstimateCSV(&b, []*compare.Comparison{c}, everything),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		return b.String()
	}
	first := write()
	for range 5 {
		if again := write(); again != first {
			t.Fatal(cmp.Diff(first, again))
		}
	}
}

// TestMarkdownTable: a pipe in a cell, a strong row and a group's title do not
// break the table.
func TestMarkdownTable(t *testing.T) {
	table := page.NewTable(page.Column{Head: "a|b"}, page.Column{Head: "n", Right: true})
	table.Add("x|y\nz", "1")
	table.Groups = append(table.Groups, page.Group{Title: "MORE|", Rows: []page.Row{{Cells: []string{"w*", ""}, Strong: true}}})
	var b bytes.Buffer
	if err := page.WriteMarkdown(&b, &page.Document{Title: "t", Blocks: []page.Block{{Heading: "h", Text: []string{"p"}, Table: table, Notes: []string{"n|"}}}}); err != nil {
		t.Fatal(err)
	}
	want := "# t\n\n## h\n\np\n\n| a\\|b | n |\n| --- | ---: |\n| x\\|y<br>z | 1 |\n| **MORE\\|** |  |\n| **w\\*** |  |\n\n- n\\|\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	// Every row of every table of a whole report has as many cells as its head.
	b.Reset()
	if err := page.WriteMarkdown(&b, Estimate(marketEstimate(t), everything)); err != nil {
		t.Fatal(err)
	}
	cells := 0
	for i, line := range strings.Split(b.String(), "\n") {
		if !strings.HasPrefix(line, "|") {
			cells = 0
			continue
		}
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if cells == 0 {
			cells = n
		}
		if n != cells || strings.TrimRight(line, " ") != line {
			t.Errorf("line %d has %d bars, its head %d: %q", i+1, n, cells, line)
		}
	}
}

// TestColorIsOnlyColor: without its escapes the coloured text is the plain one.
func TestColorIsOnlyColor(t *testing.T) {
	d := Estimate(marketEstimate(t), everything)
	var plain, color bytes.Buffer
	if err := page.WriteText(&plain, d, page.Style{}); err != nil {
		t.Fatal(err)
	}
	if err := page.WriteText(&color, d, page.Style{Color: true}); err != nil {
		t.Fatal(err)
	}
	bare := strings.NewReplacer("\x1b[1m", "", "\x1b[2m", "", "\x1b[0m", "").Replace(color.String())
	if bare != plain.String() || !strings.Contains(color.String(), "\x1b[1m") || strings.Contains(plain.String(), "\x1b") {
		t.Errorf("colour changes the text:\n%s", cmp.Diff(plain.String(), bare))
	}
}

// keyPaths lists the key paths of a JSON value with their kinds.
func keyPaths(v any, path string, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			if path == "sources" {
				k = "ID"
			}
			keyPaths(inner, strings.TrimPrefix(path+"."+k, "."), into)
		}
	case []any:
		for _, inner := range v {
			keyPaths(inner, path+"[]", into)
		}
		if len(v) == 0 {
			into[path+"[]"] = into[path+"[]"] || false
		}
	default:
		into[path] = true
	}
}

// TestJSONKeys pins the keys of keynest estimate --output json: within a major
// format_version keys are only ever added.
func TestJSONKeys(t *testing.T) {
	got := map[string]bool{}
	for _, c := range []*compare.Comparison{marketEstimate(t), estimated(t, marketCards, "east", everyday, bill.Options{})} {
		var b bytes.Buffer
		if err := WriteJSON(&b, NewEstimateJSON(c, everything)); err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(b.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		keyPaths(v, "", got)
	}
	for key, there := range got {
		if !there {
			delete(got, key) // only ever an empty list
		}
	}
	var paths []string
	for p := range got {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	if diff := cmp.Diff(strings.Fields(estimateKeys), paths); diff != "" {
		t.Errorf("key paths (-want +got):\n%s", diff)
	}
}

const estimateKeys = `
applications as_of break_even.cheaper_below break_even.cheaper_from break_even.ops_per_sec break_even.pieces[].cheaper break_even.pieces[].from_ops_per_sec
break_even.pieces[].to_ops_per_sec cheapest.capacity cheapest.commands cheapest.overall commitment currency format_version fx hours_per_month kind
not_shown.not_priced not_shown.unfit offers[].assumptions[].otherwise_usd_per_month offers[].assumptions[].source offers[].assumptions[].words
offers[].at_least offers[].billed_by offers[].effective_from offers[].engines[] offers[].id offers[].lines[].base offers[].lines[].billed
offers[].lines[].currency offers[].lines[].free offers[].lines[].fx offers[].lines[].fx.amount offers[].lines[].fx.date offers[].lines[].fx.source
offers[].lines[].fx.usd_per_unit offers[].lines[].id offers[].lines[].meter offers[].lines[].name offers[].lines[].note offers[].lines[].per
offers[].lines[].price offers[].lines[].price_usd offers[].lines[].quantity offers[].lines[].source offers[].lines[].unit offers[].lines[].usd
offers[].name offers[].not_ranked_because[] offers[].note offers[].offer_status offers[].per_month offers[].plan offers[].plan.binding
offers[].plan.id offers[].plan.nodes offers[].plan.one_shard offers[].plan.ops_unknown offers[].plan.provisioned_bytes offers[].plan.replicas offers[].plan.shards
offers[].plan.usable_bytes offers[].plan.why offers[].provider offers[].ranked offers[].reasons[] offers[].region offers[].retrieved offers[].shards
offers[].status offers[].term offers[].term_applied offers[].traits.cluster offers[].traits.processor offers[].traits.production
offers[].traits.service offers[].traits.sla offers[].traits.status offers[].traits.storage offers[].traits.zones offers[].upfront offers[].upfront_usd
offers[].usd_at_least offers[].usd_at_most offers[].usd_per_month offers[].usd_per_month_exact offers[].warnings[] rates.newest_retrieved
rates.oldest_retrieved rates.sha256 region sensitivity sources.ID.confidence sources.ID.retrieved sources.ID.title sources.ID.url term upfront
workload.backup_gb workload.client workload.commands_per_month workload.connections workload.databases workload.durability workload.engine_version workload.given[] workload.hours_per_month workload.key_bytes workload.keys workload.max_value_bytes workload.min_data_gb workload.min_ecpu_per_sec workload.name workload.operator_hours workload.ops_per_sec
workload.payload_bytes workload.peak_ops_per_sec workload.persistence workload.read_regions workload.read_share workload.reads_per_month workload.replicas
workload.replication_traffic workload.same_zone_reads workload.snapshots workload.stored_bytes workload.tax workload.transfer_gb_per_month workload.value_bytes workload.writes_per_month workload.written_gb_per_month workload.zones`

// TestCSV: the columns, a row for each offer that is shown, and figures that a
// program reads back.
func TestCSV(t *testing.T) {
	c := marketEstimate(t)
	for _, show := range []EstimateOptions{{}, {All: true}} {
		var b bytes.Buffer
		if err := WriteEstimateCSV(&b, []*compare.Comparison{c, c}, show); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		want := "workload offer provider name billed_by offer_status status region usd_per_month usd_per_month_exact plan shards nodes binding effective_from retrieved as_of reasons currency per_month term ranked not_ranked_because usd_at_least usd_at_most"
		if got := strings.Join(rows[0], " "); got != want {
			t.Errorf("columns %s", got)
		}
		shown := 0
		for _, b := range c.Bills {
			if show.All || b.Status == bill.Priced || b.Status == bill.Incomplete {
				shown++
			}
		}
		if len(rows) != 1+2*shown+shown { // the sums come last
			t.Errorf("%d rows for twice %d offers and their sums", len(rows)-1, shown)
		}
		for _, row := range rows[1:] {
			status, usd, exact := row[6], row[8], row[9]
			if priced := status == "priced"; priced != (usd != "") || priced != (exact != "") || strings.ContainsAny(usd+exact, ", $") {
				t.Errorf("%s: %s costs %q, %q", row[1], status, usd, exact)
			}
			if least, most := row[len(row)-2], row[len(row)-1]; status == "priced" && least+most != "" || least == "0.00" && status == "incomplete" {
				t.Errorf("%s: %s costs at least %q, at most %q", row[1], status, least, most)
			}
		}
	}
}
