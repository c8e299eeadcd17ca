//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestWriteFileKeepsWhatIsNoFile: a report sent to a device or a pipe goes
// into it. Replacing the path in one step, as for a file, would have taken
// /dev/null away from the whole machine.
func TestWriteFileKeepsWhatIsNoFile(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := mkfifo(pipe); err != nil {
		t.Fatal(err)
	}
	got := make(chan string)
	go func() {
		data, _ := os.ReadFile(pipe)
		got <- string(data)
	}()
	e, _, _ := testEnv()
	if err := e.writeFile(pipe, []byte("report")); err != nil {
		t.Fatal(err)
	}
	if s := <-got; s != "report" {
		t.Errorf("the pipe got %q", s)
	}
	if info, err := os.Stat(pipe); err != nil || info.Mode().IsRegular() {
		t.Errorf("the pipe was replaced: %v, %v", info, err)
	}
}

// TestWriteFileKeepsMode: a file that was private stays so.
func TestWriteFileKeepsMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	e, _, _ := testEnv()
	if err := e.writeFile(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if data, _ := os.ReadFile(path); string(data) != "new" {
		t.Errorf("the file holds %q", data)
	}
}

// TestWriteFileUmask: a new file has the mode that the umask leaves.
func TestWriteFileUmask(t *testing.T) {
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	path := filepath.Join(t.TempDir(), "report")
	e, _, _ := testEnv()
	if err := e.writeFile(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}

// TestWriteFileLinks: a symbolic link stays one, and the file that it leads to
// holds the report, whether it was there or not.
func TestWriteFileLinks(t *testing.T) {
	dir := t.TempDir()
	e, _, _ := testEnv()
	if err := os.MkdirAll(filepath.Join(dir, "deep", "er"), 0o777); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{
		"old": "deep/old", "new": "deep/new", "two": "old", "up": "folder/../beside", "folder": "deep/er", "loop": "loop",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "deep", "old"), []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ link, file string }{
		{"old", "deep/old"}, {"new", "deep/new"}, {"two", "deep/old"},
		{"up", "deep/beside"}, // folder/.. is deep, not here
	} {
		if err := e.writeFile(filepath.Join(dir, c.link), []byte("by "+c.link)); err != nil {
			t.Errorf("%s: %v", c.link, err)
		}
		if data, err := os.ReadFile(filepath.Join(dir, c.file)); string(data) != "by "+c.link {
			t.Errorf("%s: %s holds %q, %v", c.link, c.file, data, err)
		}
		if info, err := os.Lstat(filepath.Join(dir, c.link)); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s is no link any more: %v", c.link, err)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "old")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v; want 0640", info.Mode(), err)
	}
	if err := e.writeFile(filepath.Join(dir, "loop"), nil); err == nil {
		t.Error("a link to itself was written")
	}
	left, err := filepath.Glob(filepath.Join(dir, "*", ".keynest-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left over: %q, %v", left, err)
	}
}

// TestWriteFileStdout: /dev/stdout, and any other name of the file that standard
// output goes to, is written in order with the rest.
func TestWriteFileStdout(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	e, _, _ := testEnv()
	e.stdout = &stdoutWriter{w: f}
	if _, err := f.WriteString("before "); err != nil {
		t.Fatal(err)
	}
	if err := e.writeFile(path, []byte("report")); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(path); string(data) != "before report" {
		t.Errorf("standard output has %q", data)
	}
}

func mkfifo(path string) error { return syscall.Mkfifo(path, 0o600) }

// TestWriteFileHardLink: a report is written in one step, so another hard link to
// the old file keeps the old text, as docs/cli.md says.
func TestWriteFileHardLink(t *testing.T) {
	dir := t.TempDir()
	e, _, _ := testEnv()
	report, other := filepath.Join(dir, "report"), filepath.Join(dir, "other")
	if err := os.WriteFile(report, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(report, other); err != nil {
		t.Fatal(err)
	}
	if err := e.writeFile(report, []byte("new")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{report: "new", other: "old"} {
		if data, err := os.ReadFile(path); string(data) != want {
			t.Errorf("%s holds %q, %v; want %q", filepath.Base(path), data, err, want)
		}
	}
}
