package observe

import "fmt"

// InputError says that what was given is the wrong thing: not a reply to
// INFO, a Sentinel, an address that is none. The caller can mend it.
type InputError struct{ text string }

func (e InputError) Error() string { return e.text }

func badInput(format string, args ...any) error {
	return InputError{fmt.Sprintf(format, args...)}
}

// DataError says that what was given is right in kind but cannot give a true
// figure: a restart between two samples, an interval too short.
type DataError struct{ text string }

func (e DataError) Error() string { return e.text }

func unfit(format string, args ...any) error {
	return DataError{fmt.Sprintf(format, args...)}
}
