package cmd

import (
	"errors"
	"fmt"

	"github.com/keynest/keynest/pkg/gate"
)

// The exit codes. They are a contract: scripts and CI depend on them, and
// docs/check.md lists them.
const (
	exitOK     = 0 // done; every limit respected
	exitFailed = 1 // the tool failed: I/O, overflow, a bug
	exitUsage  = 2 // called wrongly: a flag, an argument or an input file is wrong
	exitBreach = 3 // a cost limit was exceeded; the report was written first
	exitData   = 4 // data not good enough to judge: a stale rate or an unknown figure
)

// codedError carries the exit code that its error asks for.
type codedError struct {
	error
	code int
}

func (e codedError) Unwrap() error { return e.error }

// usageErr marks an error that the caller must fix: exit code 2.
func usageErr(err error) error {
	if err == nil {
		return nil
	}
	return codedError{err, exitUsage}
}

// usagef is fmt.Errorf for errors that the caller must fix: exit code 2.
func usagef(format string, args ...any) error {
	return usageErr(fmt.Errorf(format, args...))
}

// verdictErr is the error with the exit code of a run's verdict. It has no
// message, since the verdict is printed already. breach replaces exitBreach; with
// 0 an exceeded limit only warns. Of several verdicts the worst decides.
func verdictErr(r *gate.Result, breach int) error {
	asks := map[gate.Verdict]int{gate.Stale: exitData, gate.Breach: breach, gate.Unknown: exitData}
	for _, v := range gate.WorstFirst() {
		if code := asks[v]; code != exitOK && r.Count(v) > 0 {
			return codedError{errors.New(""), code}
		}
	}
	if r.Verdict == gate.Skipped && !r.FirstRun {
		return codedError{errors.New(""), exitData}
	}
	return nil
}

// exitCode is the one place where an error becomes an exit code. started says
// whether the command's own code ran: what fails before that is cobra refusing
// the command line.
func exitCode(err error, started bool) int {
	var coded codedError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &coded):
		return coded.code
	case !started:
		return exitUsage
	}
	return exitFailed
}
