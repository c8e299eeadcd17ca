package cmd

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// stdoutWriter is standard output. It keeps the first error, so that a command
// whose output was lost does not end with status 0.
type stdoutWriter struct {
	w   io.Writer
	err error
}

func (s *stdoutWriter) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil && s.err == nil {
		s.err = err
	}
	return n, err
}

// writeFile replaces a file in one step, so that no reader sees half a report. A
// new file gets the mode that the umask leaves, an existing one keeps its mode. A
// symbolic link stays, and its target is written; another hard link to the file
// keeps the old text. A device, a pipe and standard output, under whatever name,
// are written to in place.
func (e *env) writeFile(path string, data []byte) error {
	err := e.writeFileTo(path, data)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, cause(err))
	}
	return nil
}

func (e *env) writeFileTo(path string, data []byte) error {
	old, err := os.Stat(path)
	switch {
	case err == nil && e.isStdout(old):
		_, err := e.stdout.Write(data)
		return err
	case err == nil && old.IsDir():
		return errors.New("it is a directory")
	case err == nil && !old.Mode().IsRegular():
		return writeTo(path, data)
	}
	if path, err = linked(path); err != nil {
		return err
	}
	temp, err := createBeside(path)
	if err != nil {
		return err
	}
	_, err = temp.Write(data)
	if cerr := temp.Close(); err == nil {
		err = cerr
	}
	if err == nil && old != nil {
		err = os.Chmod(temp.Name(), old.Mode().Perm())
	}
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
	}
	return err
}

// isStdout reports whether a file is the one that standard output goes to, as
// /dev/stdout is.
func (e *env) isStdout(file os.FileInfo) bool {
	w := e.stdout
	if kept, ok := w.(*stdoutWriter); ok {
		w = kept.w
	}
	out, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := out.Stat()
	return err == nil && os.SameFile(info, file)
}

// linked follows symbolic links to the file that is to be written, which need
// not be there yet.
func linked(path string) (string, error) {
	for range 40 { // as many as Linux follows
		info, err := os.Lstat(path)
		if err != nil || info.Mode()&os.ModeSymlink == 0 {
			return path, nil //nolint:nilerr // it is made where nothing is
		}
		to, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(to) {
			dir, _ := filepath.Split(path) // not Join, which takes "link/.." for nothing
			to = dir + to
		}
		path = to
	}
	return "", errors.New("too many symbolic links")
}

// createBeside makes a new file in the folder of another one.
func createBeside(path string) (*os.File, error) {
	dir, _ := filepath.Split(path)
	// 0666 less the umask, as a shell's redirection.
	return os.OpenFile(dir+".keynest-"+rand.Text(), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
}

// writeTo writes to what is there already.
func writeTo(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
