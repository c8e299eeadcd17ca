package observe

import "fmt"

// InputError says that the input is of the wrong kind: not a reply to INFO, a
// Sentinel, an invalid address. The caller can fix it.
type InputError struct{ text string }

func (e InputError) Error() string { return e.text }

func badInput(format string, args ...any) error {
	return InputError{fmt.Sprintf(format, args...)}
}

// DataError says that the input is of the right kind, but that no true figure
// follows from it: a restart between two samples, too short an interval.
type DataError struct{ text string }

func (e DataError) Error() string { return e.text }

func unfit(format string, args ...any) error {
	return DataError{fmt.Sprintf(format, args...)}
}
