package cmd

import (
	"errors"
	"io"
	"os"

	"github.com/keynest/keynest/pkg/tomlfile"
)

// readFile reads a text of the user's; "-" is standard input.
func (e *env) readFile(path string) (string, error) {
	if path == "-" {
		text, err := tomlfile.Read("standard input", e.stdin)
		return text, usageErr(err)
	}
	f, err := openFile(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := tomlfile.Read(path, f)
	return text, usageErr(err)
}

// openFile opens a file that the caller named; that it cannot be read is the
// caller's to mend.
func openFile(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usagef("cannot read %s: %w", path, cause(err))
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		_ = f.Close()
		return nil, usagef("cannot read %s: it is a directory", path)
	}
	return f, nil
}

// cause drops the operation and the path, which the message has already.
func cause(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
