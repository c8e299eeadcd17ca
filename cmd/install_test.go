package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestInstallPage: the commands of docs/install.md for manual pages and completions
// work in an empty home.
func TestInstallPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "install.md"))
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	ran := 0
	for _, block := range strings.Split(string(page), "```sh\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		if !strings.Contains(block, "keynest completion") {
			continue
		}
		ran++
		c := exec.Command("sh", "-eu", "-c", block)
		c.Dir = home
		c.Env = append(os.Environ(), "HOME="+home)
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s\nof\n%s", err, out, block)
		}
	}
	if ran != 1 {
		t.Fatalf("%d blocks of install.md write completions", ran)
	}
	for _, path := range []string{".local/share/man/man1/keynest-estimate.1", ".local/share/bash-completion/completions/keynest"} {
		if info, err := os.Stat(filepath.Join(home, path)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", path, err)
		}
	}
}
