package cmd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// openTerminal makes a pseudo-terminal: what is written to tty is read from shown.
func openTerminal(t *testing.T) (shown, tty *os.File) {
	t.Helper()
	shown, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shown.Close() })
	var lock, number int32
	for request, arg := range map[uintptr]*int32{syscall.TIOCSPTLCK: &lock, syscall.TIOCGPTN: &number} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, shown.Fd(), request, uintptr(unsafe.Pointer(arg))); errno != 0 { //nolint:gosec // ioctl takes an address
			t.Fatal(errno)
		}
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return shown, tty
}

// TestTerminal: what a terminal shows is what a pipe gets, but for colour: the
// same bytes once the escapes are out. NO_COLOR and TERM=dumb leave them out.
func TestTerminal(t *testing.T) {
	dir := t.TempDir()
	file := "[workload.a]\nops_per_sec = 100\ngib = 1\n[check.a]\nworkload = \"a\"\noffer = \"acme-payg\"\nmax_usd_per_month = \"1\"\n"
	if err := os.WriteFile(filepath.Join(dir, "keynest.toml"), []byte(file), 0o666); err != nil {
		t.Fatal(err)
	}
	cards, err := filepath.Abs(fixtureCards)
	if err != nil {
		t.Fatal(err)
	}
	command := func(line string, env ...string) *exec.Cmd {
		c := exec.Command("keynest", strings.Fields(line)...)
		c.Dir = dir
		c.Env = append(append(os.Environ(), ratesEnv+"="+cards, "TERM=xterm-256color", "NO_COLOR="), env...)
		return c
	}
	show := func(c *exec.Cmd) string {
		shown, tty := openTerminal(t)
		c.Stdout = tty
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		_ = tty.Close()
		out, err := io.ReadAll(shown) // to the end of the program, which Linux reports as EIO
		if err != nil && !errors.Is(err, syscall.EIO) {
			t.Fatal(err)
		}
		_ = c.Wait() // a limit that is exceeded has a status of its own
		return strings.ReplaceAll(string(out), "\r\n", "\n")
	}
	escapes := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for _, line := range []string{
		"estimate --ops-per-sec 5000 --gib 8",
		"estimate --ops-per-sec 5000 --gib 8 --all --explain",
		"estimate --ops-per-sec 3000..8000 --gib 6..12",
		"check", "compare", "rates list", "regions",
	} {
		for _, width := range []string{"80", "100", "140"} {
			columns := "COLUMNS=" + width
			pipe, _ := command(line, columns).Output()
			shown := show(command(line, columns))
			plain := escapes.ReplaceAllString(shown, "")
			if len(pipe) == 0 || plain != string(pipe) {
				t.Errorf("keynest %s at %s columns: a terminal shows\n%s\na pipe gets\n%s", line, width, plain, pipe)
			}
			if plain == shown {
				t.Errorf("keynest %s: no colour on a terminal", line)
			}
		}
	}
	for _, env := range []string{"NO_COLOR=1", "TERM=dumb"} {
		if shown := show(command("estimate --ops-per-sec 5000 --gib 8", env)); strings.Contains(shown, "\x1b") || !strings.Contains(shown, "Cheapest service") {
			t.Errorf("%s: %q", env, shown)
		}
	}
}
