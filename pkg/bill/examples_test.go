package bill

import (
	"strings"
	"testing"
)

// TestExamples: a vendor's figure is compared with as many decimals as the vendor
// printed, and a difference is named.
func TestExamples(t *testing.T) {
	const calls = `
[offer.calls.version.2026-01-15]
based_on = "2025-01-01"
source = "page"
[offer.calls.version.2026-01-15.example.page]
words = "as the page has it"
`
	nodes := strings.ReplaceAll(calls, "calls", "nodes")
	for _, tt := range []struct{ name, example, want string }{
		// 13,140,000,000 ÷ 100,000 × 0.20 = 26,280, 12,940 GB × 0.03 = 388.20 and 1.897483648.
		{"the total, to the cent", calls + `workload = {ops_per_sec = 5000, gib = 8}` + "\nusd = \"26670.10\"", ""},
		{"the total, a cent off", calls + `workload = {ops_per_sec = 5000, gib = 8}` + "\nusd = \"26670.11\"", "comes to 26670.097483648 USD; the vendor says 26670.11"},
		{"in whole dollars", calls + `workload = {ops_per_sec = 5000, gib = 8}` + "\nusd = \"26670\"", ""},
		{"in whole dollars, one off", calls + `workload = {ops_per_sec = 5000, gib = 8}` + "\nusd = \"26671\"", "comes to 26670.097483648 USD; the vendor says 26671.00"},
		{"exactly", calls + `workload = {ops_per_sec = 5000, gib = 8}` + "\nusd = \"26670.097483648\"", ""},
		{"one charge", calls + `workload = {ops_per_sec = 5000, gib = 8}` + "\ncharge = \"bandwidth\"\nusd = \"388.20\"", ""},
		{"no such charge", calls + `workload = {ops_per_sec = 5000, gib = 8}` + "\ncharge = \"lamps\"\nusd = \"388.20\"", "the bill has no line \"lamps\""},
		// Three tiers of 2,102.4 GB: 0, 10.4598 and 6.4060464.
		{"one charge in tiers", strings.ReplaceAll(nodes, "nodes", "mixed") + `workload = {ops_per_sec = 1000, gib = 8}` + "\nregion = \"b1\"\ncharge = \"transfer\"\nusd = \"16.87\"", ""},
		{"refused", calls + `workload = {ops_per_sec = 1, gib = 8, read_regions = 6}` + "\nusd = \"1\"", "is unfit: read regions: 6 asked for, at most 5"},
		{"the rates of 2023", calls + `workload = {commands_per_month = 100000000, gib = 0}` + "\nas_of = \"2023-07-01\"\nusd = \"160\"", ""}, // capped then
		{"a region", nodes + `workload = {ops_per_sec = 5000, gib = 8}` + "\nregion = \"e2\"\nusd = \"269.81\"", ""},                          // 1,460 × 0.1848
		{"a region, a cent off", nodes + `workload = {ops_per_sec = 5000, gib = 8}` + "\nregion = \"e2\"\nusd = \"269.82\"", "comes to 269.808 USD; the vendor says 269.82"},
		{"no region", nodes + `workload = {ops_per_sec = 5000, gib = 8}` + "\nusd = \"269.81\"", "names no region; the card has e1, e2"},
		{"a plan and a term", nodes + `workload = {ops_per_sec = 5000, gib = 8}` + "\nregion = \"e1\"\nplan = \"r7g-large\"\nshards = 2\nterm = \"1y\"\nupfront = \"none\"\nusd = \"348.94\"", ""}, // 2,920 × 0.1195
	} {
		n, problems := CheckExamples(market(t, tt.example+"\n"))
		if n != 1 || strings.Join(problems, "\n") != "" && tt.want == "" || tt.want != "" && (len(problems) != 1 || !strings.HasSuffix(problems[0], tt.want)) {
			t.Errorf("%s: %d examples, %q; want %q", tt.name, n, problems, tt.want)
		}
	}
}
