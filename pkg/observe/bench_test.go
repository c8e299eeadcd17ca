package observe

import "testing"

func BenchmarkParseInfo(b *testing.B) {
	text := newServer().reply()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseInfo("t0", text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkObserve(b *testing.B) {
	in, err := ParseInfo("t0", newServer().reply())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Observe([]Node{{Samples: []*Info{in}}}); err != nil {
			b.Fatal(err)
		}
	}
}
