package cmd

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestArchitecture checks that docs/architecture.md names only files and packages
// that exist, and in "From a flag to a cell" only functions, types and fields that
// a package declares which the step, or one before it, links to.
func TestArchitecture(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("`((?:pkg/|cmd/?|main\\.go|rates\\.toml)[a-z0-9_/.]*)`").FindAllStringSubmatch(string(text), -1) {
		if _, err := os.Stat(filepath.Join("..", m[1])); err != nil {
			t.Errorf("docs/architecture.md names %s, which does not exist", m[1])
		}
	}
	_, way, _ := strings.Cut(string(text), "## From a flag to a cell\n")
	way, _, _ = strings.Cut(way, "\n## ")
	steps := regexp.MustCompile(`(?m)^\d+\. `).Split(way, -1)[1:]
	if len(steps) < 10 {
		t.Fatalf("the way from a flag to a cell has %d steps", len(steps))
	}
	link := regexp.MustCompile(`\]\(\.\./([a-z_/]+\.go)\)`)
	name := regexp.MustCompile("`([A-Za-z]+\\.)?([A-Za-z]+)`")
	declared := map[string]bool{} // in the packages of the files that this step and those before it link to
	for i, step := range steps {
		links := link.FindAllStringSubmatch(step, -1)
		if len(links) == 0 {
			t.Errorf("step %d links to no file of Go", i+1)
		}
		for _, m := range links {
			if _, err := os.Stat(filepath.Join("..", m[1])); err != nil {
				t.Errorf("step %d links to %s, which does not exist", i+1, m[1])
			}
			files, err := filepath.Glob(filepath.Join("..", filepath.Dir(m[1]), "*.go"))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				if !strings.HasSuffix(file, "_test.go") {
					declare(t, file, declared)
				}
			}
		}
		for _, m := range name.FindAllStringSubmatch(step, -1) {
			if !declared[m[2]] {
				t.Errorf("step %d names %s; no package that it or an earlier step links to declares it", i+1, m[0])
			}
		}
	}
}

// declare adds the names that a file declares: functions, methods, types, fields,
// variables and constants.
func declare(t *testing.T, path string, to map[string]bool) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Error(err)
		return
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			to[n.Name.Name] = true
		case *ast.TypeSpec:
			to[n.Name.Name] = true
		case *ast.ValueSpec:
			for _, id := range n.Names {
				to[id.Name] = true
			}
		case *ast.Field:
			for _, id := range n.Names {
				to[id.Name] = true
			}
		}
		return true
	})
}
