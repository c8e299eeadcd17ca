package cmd

import (
	"strings"
	"testing"
	"time"
)

// TestProgress: nothing in the first second, then five lines a second, each over
// the one before, and nothing left at the end.
func TestProgress(t *testing.T) {
	var out strings.Builder
	now := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	p := &progress{to: &out, file: "fleet.csv", now: func() time.Time { return now }, began: now}
	(*progress)(nil).clear()
	p.clear()
	for i := range 15 { // 100 ms apart
		p.report(int64(i)*1_000_000, 1+i)
		now = now.Add(100 * time.Millisecond)
	}
	p.clear()
	want := "\r\x1b[Kfleet.csv: 10,000,000 rows of 11 caches read\r\x1b[Kfleet.csv: 12,000,000 rows of 13 caches read\r\x1b[Kfleet.csv: 14,000,000 rows of 15 caches read\r\x1b[K"
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
	out.Reset()
	p.file, p.last = strings.Repeat("ä", 200), time.Time{}
	p.report(1, 1)
	if line := strings.TrimPrefix(out.String(), "\r\x1b[K"); len([]rune(line)) != 79 || !strings.HasSuffix(line, "1 rows of 1 cache read") {
		t.Errorf("%q has %d columns", line, len([]rune(line)))
	}
}

// TestNoProgressInFiles: progress is written to a terminal only.
func TestNoProgressInFiles(t *testing.T) {
	if p := (&env{stderr: &strings.Builder{}}).newProgress("fleet.csv"); p != nil {
		t.Error("a buffer is taken for a terminal")
	}
}
