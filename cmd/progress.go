package cmd

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/safetext"
)

// progress is a line on a terminal that says how far a file has been read. It
// appears after a second, changes five times a second and is cleared at the end.
type progress struct {
	to    io.Writer
	file  string
	now   func() time.Time
	began time.Time
	last  time.Time // that the line was written
}

// newProgress is the progress of reading a file; nil where standard error is no
// terminal.
func (e *env) newProgress(file string) *progress {
	f, ok := e.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return &progress{to: f, file: file, now: time.Now, began: time.Now()}
}

// report writes the line where it is time to. The line is cut to 79 columns, so
// that clearing it clears all of it.
func (p *progress) report(rows int64, caches int) {
	now := p.now()
	if now.Sub(p.began) < time.Second || now.Sub(p.last) < 200*time.Millisecond {
		return
	}
	p.last = now
	line := fmt.Sprintf("%s: %s rows of %s %s read", safetext.Line(p.file), money.Group(fmt.Sprint(rows)), money.Group(fmt.Sprint(caches)), plural(caches, "cache"))
	if r := []rune(line); len(r) > 79 {
		line = "…" + string(r[len(r)-78:])
	}
	_, _ = fmt.Fprint(p.to, "\r\x1b[K"+line)
}

// clear removes the line. It may be called on nil.
func (p *progress) clear() {
	if p != nil && !p.last.IsZero() {
		_, _ = fmt.Fprint(p.to, "\r\x1b[K")
	}
}
