package report

import (
	"bytes"
	"encoding/json"
	"sort"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/faq"
	"github.com/keynest/keynest/pkg/page"
)

func faqAnswers() []faq.Answer {
	return []faq.Answer{{
		ID: "one", Ask: "Is a|b one_word?", Paragraphs: []string{"First.", "Second."}, Priced: true,
		Figures: []faq.Figure{{Name: "usd a b", Text: "1.00 USD"}},
		Sources: []faq.Source{{ID: "s", URL: "https://example.com/a_b", Title: "T", Date: "2025-01-02", Dated: "not-before", Confidence: "copy"}},
	}}
}

func TestFAQText(t *testing.T) {
	var b bytes.Buffer
	if err := page.WriteText(&b, FAQAnswers(faqAnswers(), "2026-11-23"), page.Style{}); err != nil {
		t.Fatal(err)
	}
	want := "Is a|b one_word?\nFirst.\n\nSecond.\n\n- T (undated, not before 2025-01-02): https://example.com/a_b\n\nFacts and rates as of 2026-11-23;"
	if !strings.HasPrefix(b.String(), want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestFAQMarkdown(t *testing.T) {
	var b bytes.Buffer
	if err := page.WriteMarkdown(&b, FAQAnswers(faqAnswers(), "2026-11-23")); err != nil {
		t.Fatal(err)
	}
	want := "# Questions and answers\n\n## Is a\\|b one\\_word?\n\nFirst.\n\nSecond.\n\n- T (undated, not before 2025-01-02): <https://example.com/a_b>\n"
	if !strings.HasPrefix(b.String(), want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// The JSON keys are a contract: adding one is a change to this list.
func TestFAQJSONKeys(t *testing.T) {
	keys := func(v any) string {
		var all []string
		for k := range v.(map[string]any) {
			all = append(all, k)
		}
		sort.Strings(all)
		return strings.Join(all, " ")
	}
	var b bytes.Buffer
	if err := WriteJSON(&b, NewFAQJSON(faqAnswers(), "2026-11-23")); err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	question := first(t, doc["questions"])
	for _, test := range []struct {
		got  any
		want string
	}{
		{doc, "as_of format_version kind questions"},
		{question, "answer figures id question sources"},
		{first(t, question["figures"]), "name text"},
		{first(t, question["sources"]), "confidence date dated id title url"},
	} {
		if got := keys(test.got); got != test.want {
			t.Errorf("keys %q, want %q", got, test.want)
		}
	}
	b.Reset()
	if err := WriteJSON(&b, NewFAQListJSON([]faq.Question{{ID: "one", Ask: "One?"}}, "2026-11-23")); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if q := first(t, doc["questions"]); q["answer"] != nil || keys(q) != "answer figures id question sources" {
		t.Errorf("a listed question is %v", q)
	}
}
