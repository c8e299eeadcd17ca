//go:build servers && linux

package cmd

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestOffline runs the program in a network namespace of its own, in which there
// is no network at all: what it prints is the same as outside, and only --fetch
// fails.
func TestOffline(t *testing.T) {
	program := filepath.Join(t.TempDir(), "keynest")
	if out, err := exec.Command("go", "build", "-o", program, "..").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	runs := func(alone bool, args ...string) (stdout, stderr string, code int) {
		var out, complaints bytes.Buffer
		c := exec.Command(program, args...)
		c.Stdout, c.Stderr, c.Env = &out, &complaints, append(os.Environ(), "COLUMNS=100")
		if alone {
			c.SysProcAttr = &syscall.SysProcAttr{
				Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
				UidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}},
				GidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}},
			}
		}
		err := c.Run()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatalf("keynest %s: %v", strings.Join(args, " "), err)
		}
		return out.String(), complaints.String(), c.ProcessState.ExitCode()
	}
	list := filepath.Join(t.TempDir(), "ecb.xml")
	if err := os.WriteFile(list, []byte(ecbDaily), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"estimate", "--ops-per-sec", "5000", "--gib", "8", "--explain", "--as-of", "2026-11-22"},
		{"estimate", "--ops-per-sec", "5000", "--gib", "8", "--output", "json", "--as-of", "2026-11-22"},
		{"breakeven", "--gib", "8", "--as-of", "2026-11-22"},
		{"compare"},
		{"faq"},
		{"rates", "list", "--as-of", "2026-11-22"},
		{"rates", "check"},
		{"rates", "import", list},
		{"rates", "check", "--against", list},
	} {
		out, said, code := runs(false, args...)
		aloneOut, aloneSaid, aloneCode := runs(true, args...)
		if code != exitOK || aloneCode != code || aloneOut != out || aloneSaid != said {
			t.Errorf("keynest %s: exit status %d with a network, %d without, or another output\n%s%s", strings.Join(args, " "), code, aloneCode, said, aloneSaid)
		}
	}
	if _, said, code := runs(true, "rates", "import", "--fetch", "ecb", "--timeout", "20s"); code != exitFailed || !strings.Contains(said, "fetching ecb: https://www.ecb.europa.eu/") {
		t.Errorf("--fetch without a network: exit status %d: %s", code, said)
	}
}
