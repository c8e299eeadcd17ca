package faq

import (
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/compare"
	"github.com/keynest/keynest/pkg/engines"
	"github.com/keynest/keynest/pkg/ratecard"
)

// cards price few things in round figures, so that a sum can be checked by hand.
const cards = `schema = 1
[source.page]
url = "https://example.com/prices"
title = "Prices"
retrieved = "2026-01-02"
confidence = "vendor"
[source.later]
url = "https://example.com/nodes"
title = "Nodes"
retrieved = "2026-03-04"
confidence = "vendor"
[place.us-east]
shop = "east-1"
[provider.shop]
name = "Shop"
home = "https://example.com/"
[offer.calls]
provider = "shop"
name = "Calls"
billed_by = "commands"
engines = ["redis"]
status = "offered"
[offer.calls.version.2025-01-01]
source = "page"
[offer.calls.version.2025-01-01.charge.commands]
name = "Commands"
meter = "commands"
unit = "command"
usd = "1"
per = 1000000
[offer.calls.version.2025-01-01.charge.floor]
name = "Floor"
meter = "databases"
unit = "database-month"
usd = "2"
[offer.nodes]
provider = "shop"
name = "Shop nodes"
billed_by = "capacity"
engines = ["valkey"]
status = "offered"
[offer.nodes.version.2026-01-01]
source = "later"
[offer.nodes.version.2026-01-01.sizing]
ops_per_sec = 100000
ops_kind = "quota"
replicas = "billed"
usable_share = "1"
usable_words = "all of it"
source = "later"
[offer.nodes.version.2026-01-01.plan.big]
name = "Big"
memory = "8 GiB"
[offer.nodes.version.2026-01-01.price.list]
usd = """
region big
east-1 0.5
"""
per = "hour"
`

const questions = `schema = 1
[workload.busy]
ops_per_sec = "1000"
gib = "8"
[workload.idle]
commands_per_month = "1000"
gb = "0.001"
[source.own]
url = "https://example.com/own"
title = "Own"
date = "2026-05-06"
dated = "published"
confidence = "vendor"
[question.money]
order = 2
ask = "What does it cost?"
words = ["break-even", "price"]
answer = """
On {as-of}, {workload busy}: {usd calls busy} with {offer calls},
{usd nodes busy} with {offer nodes}, {ratio calls nodes busy} times; {driver calls busy}.

Idle, {workload idle}: {usd calls idle}. Even {breakeven busy}. Read {ages busy}. Again {usd calls busy}.
"""
[question.words]
order = 1
ask = "Is Valkey free?"
words = ["licence"]
answer = "Yes: {licence valkey}, {line redis}, {licence redis 7.4}."
sources = ["own", "spdx-3-28"]
`

func answerer(t *testing.T, asOf string) *Answerer {
	t.Helper()
	book, err := Parse("q.toml", questions)
	if err != nil {
		t.Fatal(err)
	}
	known, err := engines.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	set, err := ratecard.Load("2026-11-23", ratecard.File{Name: "cards.toml", Text: cards})
	if err != nil {
		t.Fatal(err)
	}
	where, err := set.Where("us-east")
	if err != nil {
		t.Fatal(err)
	}
	field, err := compare.NewField(set, compare.Filter{}, bill.Options{AsOf: asOf, Where: where, HoursPerMonth: 730, Term: ratecard.TermOnDemand, Upfront: ratecard.UpfrontNone})
	if err != nil {
		t.Fatal(err)
	}
	return &Answerer{Book: book, Engines: known, Cards: field, AsOf: asOf}
}

func answer(t *testing.T, asOf, words string) Answer {
	t.Helper()
	a := answerer(t, asOf)
	found := a.Book.Find(words)
	if len(found) != 1 {
		t.Fatalf("%d questions about %q", len(found), words)
	}
	got, err := a.Answer(found[0])
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// 1,000 ops/s × 2,628,000 s ÷ 1,000,000 + 2 = 2,630; two nodes × 0.5 × 730 = 730;
// they meet where 2.628 × ops/s = 728: from 278 ops/s on.
func TestFiguresAreWorkedOut(t *testing.T) {
	got := answer(t, "2026-11-23", "price")
	want := []string{
		"On 2026-11-23, 1,000 ops/s on 8 GiB: 2,630.00 USD with Shop Calls, 730.00 USD with Shop nodes, 4 times; 100 % commands.",
		"Idle, 1,000 commands a month on 1 MB: 2.00 USD. Even from 278 ops/s on, where Shop Calls becomes dearer than Shop nodes. Read between 2026-01-02 and 2026-03-04. Again 2,630.00 USD.",
	}
	if strings.Join(got.Paragraphs, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got.Paragraphs, "\n"), strings.Join(want, "\n"))
	}
	var sources []string
	for _, s := range got.Sources {
		sources = append(sources, s.ID+" "+s.Date+" "+s.Dated)
	}
	if s := strings.Join(sources, ", "); s != "page 2026-01-02 retrieved, later 2026-03-04 retrieved" {
		t.Errorf("sources %s", s)
	}
	if !got.Priced || len(got.Figures) != 12 {
		t.Errorf("priced %v, figures %v", got.Priced, got.Figures)
	}
}

// Before a card was in force its price is not known, and nothing is 0.
func TestFiguresOfAnEarlierDay(t *testing.T) {
	got := strings.Join(answer(t, "2025-06-01", "price").Paragraphs, " ")
	for _, want := range []string{"a price that is unknown on that day with Shop nodes", "an unknown number of times", "unknown, since one of the two kinds has no price"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	got = strings.Join(answer(t, "2024-03-01", "price").Paragraphs, " ")
	if !strings.Contains(got, "Idle, 1,000 commands a month on 1 MB: a price that is unknown on that day.") || !strings.Contains(got, "; not known.") {
		t.Errorf("before any card: %q", got)
	}
}

func TestFactsComeFromTheEngines(t *testing.T) {
	got := answer(t, "2026-11-23", "licence")
	if want := "Yes: BSD-3-Clause (OSI-approved), 8.10, RSALv2 or SSPLv1 (none of them OSI-approved)."; got.Paragraphs[0] != want {
		t.Errorf("got %q, want %q", got.Paragraphs[0], want)
	}
	if got.Sources[0].ID != "own" || got.Sources[1].ID != "spdx-3-28" || got.Priced {
		t.Errorf("sources %v, priced %v", got.Sources, got.Priced)
	}
	got = answer(t, "2024-03-01", "licence")
	if want := "Yes: no licence on 2024-03-01, 7.2, not out on 2024-03-01."; got.Paragraphs[0] != want {
		t.Errorf("got %q, want %q", got.Paragraphs[0], want)
	}
}

func TestFind(t *testing.T) {
	book, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ words, want string }{
		{"what-does-a-floor-cost", "what-does-a-floor-cost"},
		{"What is Valkey?", "what-is-valkey"},
		{"floor", "what-does-a-floor-cost"},
		{"minimum", "what-does-a-floor-cost what-does-a-set-minimum-cost"},
		{"FORK", "why-valkey-forked"},
		{"compatible", "is-valkey-compatible"},
		{"keep my client", "can-i-keep-my-client"},
		{"affiliated", "how-keynest-relates"},
		{"sla", "how-keynest-relates"},
		{"break-even", "when-per-command-stops-paying"},
		{"fiftyfold", "why-serverless-offers-differ"},
		{"target price", "what-is-a-target-price"},
		{"how old", "how-old-are-the-prices"},
		{"moving back", "what-does-going-back-cost"},
		{"valkey open source", "is-valkey-free"},
		{"redis open source", "is-redis-open-source"},
		{"extended support", "what-does-extended-support-cost"},
		{"how much does extended support for redis 5 cost", "what-does-extended-support-cost"},
		{"savings plans", "what-do-savings-plans-save"},
		{"reserved nodes", "what-do-savings-plans-save"},
		{"free tier", "which-services-have-a-free-tier"},
		{"cross AZ traffic", "what-does-traffic-between-zones-cost"},
		{"traffic between zones", "what-does-traffic-between-zones-cost"},
		{"snapshots", "are-snapshots-in-the-price"},
		{"backup price", "are-snapshots-in-the-price"},
		{"minimums", "what-does-a-floor-cost what-does-a-set-minimum-cost"},
		{"snapshots cost", "are-snapshots-in-the-price"},
		{"cross AZ traffic", "what-does-traffic-between-zones-cost"},
		{"ecpu minimum", "what-does-a-set-minimum-cost"},
		// Half of the words or fewer are known: it is about something else.
		{"install redis on windows", ""},
		{"weather in berlin", ""},
		{"valkey logo colour", ""},
		{"how do I set a password on my laptop", ""},
		{"best pizza price in town", ""},
		{"who won the cup", ""},
		{"kubernetes operator helm chart", ""},
		{"florr", ""},
		{"the of", ""},
		{"", ""},
	} {
		var got []string
		for _, q := range book.Find(strings.Fields(test.words)...) {
			got = append(got, q.ID)
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%q finds %q, want %q", test.words, s, test.want)
		}
	}
	if n := len(book.Find("redis")); n > maxMatches {
		t.Errorf("%d answers to one word, want %d at most", n, maxMatches)
	}
	for asked, want := range map[string]string{"florr": "floor", "licnce": "licence", "zzzzzz": "", "qq": ""} {
		if got := book.Suggest(asked); got != want {
			t.Errorf("for %q %q is suggested, want %q", asked, got, want)
		}
	}
}

// No answer holds a sum of money or a share that was typed.
func TestNoFigureIsTyped(t *testing.T) {
	book, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range book.Questions {
		for _, sign := range []string{"$", "USD", " %", "ops/s"} {
			if strings.Contains(q.Answer, sign) {
				t.Errorf("question %s types %q; name a figure", q.ID, sign)
			}
		}
		for _, id := range q.Sources {
			if _, ok := book.Sources[id]; !ok {
				known, err := engines.Embedded()
				if err != nil {
					t.Fatal(err)
				}
				if _, ok := known.Sources[id]; !ok {
					t.Errorf("question %s: there is no source %q", q.ID, id)
				}
			}
		}
	}
}

func TestValidation(t *testing.T) {
	for _, test := range []struct{ old, new, want string }{
		{"schema = 1", "schema = 3", "schema is 3"},
		{`ask = "Is Valkey free?"`, "", "question words: it needs ask and answer"},
		{"order = 2", "order = 1", "order 1 is taken by"},
		{"{usd calls busy}", "{uds calls busy}", `there is no figure "uds"`},
		{"{usd calls busy}", "{usd calls}", "it takes offer workload"},
		{"{usd calls busy}", "{usd calls lazy}", `there is no workload "lazy"`},
		{"{as-of}", "{as-of", ": a brace without a figure"},
		{`ops_per_sec = "1000"`, `ops_per_sec = "-1"`, "workload busy:"},
		{`sources = ["own", "spdx-3-28"]`, `sorces = ["own"]`, "unknown keys: question.words.sorces"},
		{`date = "2026-05-06"`, "", "source own: it needs url, title, date and confidence"},
		{`answer = "Yes: {licence valkey}, {line redis}, {licence redis 7.4}."` + "\n" + `sources = ["own", "spdx-3-28"]`, `answer = "Yes."`, "neither a source nor a figure"},
	} {
		text := strings.Replace(questions, test.old, test.new, 1)
		if text == questions {
			t.Fatalf("%q is not in the questions", test.old)
		}
		if _, err := Parse("q.toml", text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q for %q: %v, want %q", test.new, test.old, err, test.want)
		}
	}
}
