package cmd

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/keynest/keynest/pkg/columns"
	"github.com/keynest/keynest/pkg/parquetfile"
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

// openFile opens a file that the caller named; a failure is a usage error.
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

// parquetTable says how to read an opened file as Parquet, which is read from its
// end; nil for a file of another kind, and for a pipe.
func parquetTable(path string, f io.Reader) (open func() (*columns.Reader, error), err error) {
	file, ok := f.(*os.File)
	if !ok {
		return nil, nil
	}
	magic := make([]byte, 4)
	if n, _ := file.ReadAt(magic, 0); !columns.IsParquet(magic[:n]) {
		return nil, nil
	}
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, cause(err))
	}
	return func() (*columns.Reader, error) { return parquetfile.Open(path, file, info.Size()) }, nil
}

// cause drops the operation and the path, which the message has already.
func cause(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
