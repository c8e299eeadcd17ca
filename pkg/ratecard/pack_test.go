package ratecard

import (
	"flag"
	"os"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite rates.pack from rates.toml")

func embeddedFile(t testing.TB) File {
	t.Helper()
	text, err := os.ReadFile("../../rates.toml")
	if err != nil {
		t.Fatal(err)
	}
	return File{Name: "rates.toml", Text: string(text)}
}

// farDay is later than any date in the cards, so that loading them in a test
// does not depend on the day.
const farDay = "2099-12-31"

// TestPackedIsCurrent: the pack in the repository is what rates.toml gives.
func TestPackedIsCurrent(t *testing.T) {
	want, err := Pack(farDay, embeddedFile(t))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("rates.pack", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if packed != string(want) {
		t.Fatal("rates.pack is stale: it was not made from this rates.toml; run: go generate ./pkg/ratecard")
	}
}

// TestPackKeepsEverything: what comes out is what went in, save the worked
// examples, which only checking needs.
func TestPackKeepsEverything(t *testing.T) {
	file := embeddedFile(t)
	s, err := Load(farDay, file)
	if err != nil {
		t.Fatal(err)
	}
	data, err := Pack(farDay, file)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := unpack(string(data), s.sha256)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range s.doc.Offer {
		for _, v := range o.Version {
			v.Example = nil
		}
	}
	if diff := cmp.Diff(s.doc, doc, cmp.AllowUnexported(rawTrait{})); diff != "" {
		t.Errorf("the pack changed the cards (-toml +pack):\n%s", diff)
	}
}

// TestStalePackIsNotUsed: other text, or other Go types, and the text is read.
func TestStalePackIsNotUsed(t *testing.T) {
	file := embeddedFile(t)
	data, err := Pack(farDay, file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unpack(string(data), hash(file.Text+"\n")); err == nil {
		t.Error("a pack of other text was used")
	}
	if !PackIsCurrent(string(data), file.Text) || PackIsCurrent(string(data), file.Text+"\n") || PackIsCurrent("", file.Text) {
		t.Error("PackIsCurrent is wrong")
	}
	for cut := range len(data) {
		if _, err := unpack(string(data[:cut]), hash(file.Text)); err == nil {
			t.Fatalf("a pack cut at %d of %d was used", cut, len(data))
		}
		if cut > 2000 {
			break
		}
	}
}

// FuzzUnpack: no bytes make it panic.
func FuzzUnpack(f *testing.F) {
	data := pack([]byte(packHeader("x")), reflect.ValueOf(document{Schema: 1, Place: map[string]map[string]string{"a": {"b": "c"}}}))
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = unpack(packHeader("x")+string(data), "x")
	})
}

// BenchmarkEmbedded is loading the cards as every command does.
func BenchmarkEmbedded(b *testing.B) {
	file := embeddedFile(b)
	if _, err := unpack(packed, hash(file.Text)); err != nil {
		b.Fatal("rates.pack is stale")
	}
	for b.Loop() {
		if _, err := Embedded(farDay, file); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoad is reading and checking the same cards from TOML.
func BenchmarkLoad(b *testing.B) {
	file := embeddedFile(b)
	for b.Loop() {
		if _, err := Load(farDay, file); err != nil {
			b.Fatal(err)
		}
	}
}
