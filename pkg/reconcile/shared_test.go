package reconcile

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/ratecard"
)

// cards are the cards of the program.
func cards(t testing.TB) *ratecard.Set {
	t.Helper()
	text, err := os.ReadFile("../../rates.toml")
	if err != nil {
		t.Fatal(err)
	}
	set, err := ratecard.Embedded("2026-11-26", ratecard.File{Name: "rates.toml", Text: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// readFile reads one export with every line.
func readFile(t testing.TB, set *ratecard.Set, paths ...string) (*Result, error) {
	t.Helper()
	rules, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	var inputs []Input
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		name := filepath.Base(path)
		if filepath.Ext(name) != ".parquet" {
			inputs = append(inputs, Input{Name: name, R: f})
			continue
		}
		data, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, parquetInput(name, data))
	}
	return Read(rules, set, Options{Lines: true}, inputs...)
}

// expected is the right answer of an export, line by line.
type expected struct {
	Lines []struct {
		Line                        int64
		Offer, Plan, Meter, Region  *string
		Quantity, Effective         string
		Rate                        *string `json:"list_rate"`
		AtList                      string  `json:"at_list_exact"`
		Billed                      string  `json:"billed_exact"`
		Difference, Reason, Comment string
	}
	Totals struct{ Billed string }
}

// reasonOf are the reasons that the words of an answer may stand for.
func reasonOf(words string) []Reason {
	for _, one := range []struct {
		begin   string
		reasons []Reason
	}{
		{"list price: the quantity is the minimum", []Reason{Minimum}},
		{"list price: exactly the floor", []Reason{Minimum}},
		{"list price", []Reason{ListPrice}},
		{"reservation fee", []Reason{ReservationFee}},
		{"reservation unused", []Reason{ReservationUnused}},
		{"reservation", []Reason{Reservation}},
		{"savings plan negation", []Reason{SavingsPlanNegation}},
		{"savings plan fee", []Reason{SavingsPlanFee}},
		{"savings plan", []Reason{SavingsPlan}},
		{"committed use", []Reason{CommittedUse}},
		{"sync durability", []Reason{Durability}},
		{"extended support", []Reason{ExtendedSupport}},
		{"backups", []Reason{Backup}},
		{"memcached", []Reason{OtherEngine}},
		{"traffic", []Reason{Traffic}},
		{"AOF", []Reason{Persistence}},
		{"discount", []Reason{Discount}},
		{"credit or refund", []Reason{Refund}},
		{"credit", []Reason{Credited}},
		{"free trial", []Reason{Credited}},
		{"tax", []Reason{Tax}},
		{"unknown", []Reason{Unknown}},
	} {
		if strings.HasPrefix(words, one.begin) {
			return one.reasons
		}
	}
	return nil
}

// checkAnswers holds a bill against its answer.
func checkAnswers(t *testing.T, set *ratecard.Set, path string) {
	t.Helper()
	text, err := os.ReadFile(strings.TrimSuffix(path, filepath.Ext(path)) + ".expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var want expected
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	got, err := readFile(t, set, path)
	if err != nil {
		t.Fatal(err)
	}
	lines := map[int64]*Line{}
	for i := range got.Lines {
		lines[got.Lines[i].Number] = &got.Lines[i]
	}
	same := func(n int64, what, have, want string) {
		if have != want {
			t.Errorf("line %d: %s is %s, want %s", n, what, have, want)
		}
	}
	text1 := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	for _, w := range want.Lines {
		l := lines[w.Line]
		reasons := reasonOf(w.Reason)
		if l == nil {
			if w.Reason != "other service" && (len(reasons) == 0 || reasons[0] != Unknown) {
				t.Errorf("line %d (%s) is not there", w.Line, w.Reason)
			}
			continue
		}
		same(w.Line, "billed", l.Billed.String(), dec(t, w.Billed).String())
		if len(reasons) == 0 || l.Group.Reason != reasons[0] {
			t.Errorf("line %d: reason is %s (%s), want %s", w.Line, l.Group.Reason, l.Group.Words, w.Reason)
		}
		if w.Rate == nil {
			if l.AtList != nil {
				t.Errorf("line %d: at list is %s, want none", w.Line, l.AtList)
			}
			continue
		}
		same(w.Line, "offer", l.Group.Offer, text1(w.Offer))
		same(w.Line, "plan", l.Group.Plan, text1(w.Plan))
		same(w.Line, "meter", l.Group.Meter, text1(w.Meter))
		same(w.Line, "region", l.Group.Region, text1(w.Region))
		if l.AtList == nil {
			t.Errorf("line %d: no list price: %s", w.Line, l.Group.Words)
			continue
		}
		same(w.Line, "quantity", l.Quantity.String(), dec(t, w.Quantity).String())
		same(w.Line, "list rate", l.Group.ListRate.String(), dec(t, *w.Rate).String())
		same(w.Line, "at list", l.AtList.String(), dec(t, w.AtList).String())
		same(w.Line, "difference", l.Difference().Cents(), w.Difference)
		if w.Effective != "" {
			same(w.Line, "cost", l.Cost.Cents(), w.Effective)
		}
	}
	same(0, "total", got.Billed.Add(got.Others.Billed).Cents(), want.Totals.Billed)
	if got.Explained().Add(got.Unexplained).Cmp(got.Billed) != 0 {
		t.Errorf("explained %s + unexplained %s is not billed %s", got.Explained(), got.Unexplained, got.Billed)
	}
}

// TestShared holds the bills with right answers that lie beside the project,
// where they are there, and those of testdata.
func TestAnswers(t *testing.T) {
	set := cards(t)
	for _, folder := range []string{"testdata", "../../../shared/bills"} {
		answers, err := filepath.Glob(filepath.Join(folder, "*.expected.json"))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bills", folder, len(answers))
		for _, answer := range answers {
			base := strings.TrimSuffix(answer, ".expected.json")
			for _, ending := range []string{".csv", ".json", ".jsonl"} {
				if _, err := os.Stat(base + ending); err == nil {
					t.Run(filepath.Base(base), func(t *testing.T) { checkAnswers(t, set, base+ending) })
				}
			}
		}
	}
}
