package observe

import (
	"errors"
	"fmt"
	"io"

	"github.com/keynest/keynest/pkg/pieces"
)

// Bounds of the export of a monitoring system. A month by the minute has 43,200
// points for each series, and a server counts some fifty commands.
const (
	maxExport  = 256 << 20 // bytes
	maxPiece   = 1 << 20   // bytes of a text, or of all labels of a series
	maxPoints  = 2_000_000
	maxTimes   = 600_000 // points of one series; a year by the minute has 525,600
	maxColumns = 5_000   // series, or columns of a CSV
)

// An export is a saved answer, or one that a server is sending.
type export struct {
	name   string
	r      io.Reader
	taken  int64
	failed error // of r
	points int
	series int
}

// errShortened ends an export that is too long; the words are the export's.
var errShortened = errors.New("too long")

func (e *export) Read(p []byte) (int, error) {
	if e.taken > maxExport {
		e.failed = badInput("%s is larger than %d MiB; ask for a shorter range or longer steps", e.name, maxExport>>20)
		return 0, errShortened
	}
	n, err := e.r.Read(p)
	e.taken += int64(n)
	if err != nil && err != io.EOF {
		e.failed = fmt.Errorf("%s: %s", e.name, printable(err.Error()))
	}
	return n, err
}

// documents reads the JSON values of an export, one after the other.
func (e *export) documents(each func(*pieces.JSON) error) error { return e.documentsOf(e, each) }

// documentsOf is documents for an export that is read through r.
func (e *export) documentsOf(r io.Reader, each func(*pieces.JSON) error) error {
	in := pieces.NewJSON(r, maxPiece)
	for n := 0; ; n++ {
		more, err := in.Another()
		switch {
		case err == nil && !more && n == 0:
			return badInput("%s is empty", e.name)
		case err == nil && !more:
			return nil
		case err == nil:
			err = each(in)
		}
		var words InputError
		switch {
		case e.failed != nil:
			return e.failed
		case errors.As(err, &words):
			return err
		case err != nil:
			return badInput("%s is not valid JSON of a known form: %s", e.name, printable(err.Error()))
		}
	}
}

// another counts one more series.
func (e *export) another() error {
	if e.series++; e.series > maxColumns {
		return badInput("%s has more than %d series; ask for the sums of fewer servers at a time", e.name, maxColumns)
	}
	return nil
}

// put adds a point to a series. An unknown value (NaN, Inf) adds none; of two
// values for one time the later one is kept.
func (e *export) put(series timeline, at int64, value string) error {
	return e.putAs(series, at, value, parse)
}

// putAs is put for values that are read in their own way.
func (e *export) putAs(series timeline, at int64, value string, parse func(string) (int64, bool)) error {
	e.points++
	if n, ok := parse(value); ok {
		series[at] = n
	}
	switch {
	case e.points > maxPoints:
		return badInput("%s has more than %d points; ask for a shorter range or longer steps", e.name, maxPoints)
	case len(series) > maxTimes:
		return errTimes(e)
	}
	return nil
}

func errTimes(e *export) error {
	return badInput("%s has a series of more than %d points; ask for a shorter range or longer steps", e.name, maxTimes)
}
