package cmd

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/keynest/keynest"

// importOrder is the direction of the data: a package imports only those before it.
var importOrder = []string{
	"pkg/money", "pkg/unit", "pkg/tomlfile", "pkg/ratecard", "pkg/commands", "pkg/workload",
	"pkg/bill", "pkg/compare", "pkg/gate", "pkg/engines", "pkg/faq", "pkg/page", "pkg/report", "pkg/observe", "cmd", "",
}

// importLeaves import nothing of ours at all.
var importLeaves = []string{"pkg/money", "pkg/unit", "pkg/tomlfile"}

// thirdParty says which packages may import which module. A module that is not
// here needs a reason in docs/architecture.md first.
var thirdParty = map[string][]string{
	"github.com/BurntSushi/toml":        {"pkg/tomlfile", "pkg/ratecard", "pkg/workload", "pkg/gate", "pkg/engines", "pkg/faq"},
	"github.com/olekukonko/tablewriter": {"pkg/page"},
	"github.com/guptarohit/asciigraph":  {"pkg/page"},
	"github.com/go-analyze/charts":      {"pkg/page"},
	"github.com/spf13/cobra":            {"cmd"},
	"github.com/spf13/pflag":            {"cmd"},
	"github.com/valkey-io/valkey-go":    {"pkg/observe"},
	"golang.org/x/term":                 {"cmd"},
	"maragu.dev/gomponents":             {"pkg/page", "cmd"},
}

// worldly packages may touch the clock, the environment, files and the network;
// every other package takes an io.Reader, an io.Writer, a date.
var worldly = []string{"pkg/observe", "cmd", ""}

// world is what the others may not use: import paths, with all below them, and
// functions by name. pure are the exceptions.
var (
	world = []string{
		"os", "net", "syscall", "path/filepath", "io/ioutil", "log", "flag", "plugin",
		"math/rand", "crypto/rand", "runtime/debug",
	}
	pure       = []string{"net/url", "net/netip"}
	worldFuncs = map[string][]string{
		"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer", "Local", "LoadLocation"},
		"fmt":  {"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
	}
)

// TestImports holds every file that is not a test, whatever its build
// constraints, against the rules above.
func TestImports(t *testing.T) {
	// Reading the folder makes go test forget a cached result when a package appears.
	if _, err := os.ReadDir(filepath.Join("..", "pkg")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "list", "-e", "-f", "{{.ImportPath}}\t{{.Dir}}", "./...")
	cmd.Dir, cmd.Stderr = "..", os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(packages) < 5 {
		t.Fatalf("go list finds only %d packages", len(packages))
	}
	for _, p := range packages {
		importPath, dir, _ := strings.Cut(strings.TrimSpace(p), "\t")
		name := strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/")
		if !slices.Contains(importOrder, name) {
			t.Errorf("%s has no place in importOrder; give it one, here and in docs/architecture.md", name)
			continue
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Error(err)
				continue
			}
			for _, b := range breaches(name, f) {
				t.Errorf("%s/%s:%d: %s", name, filepath.Base(file), fset.Position(b.pos).Line, b.text)
			}
		}
	}
}

type breach struct {
	pos  token.Pos
	text string
}

// breaches lists what a file of a package does against the rules.
func breaches(name string, f *ast.File) []breach {
	var all []breach
	add := func(n ast.Node, format string, args ...any) {
		all = append(all, breach{n.Pos(), fmt.Sprintf(format, args...)})
	}
	local := map[string]string{} // what the file calls the packages of worldFuncs
	for _, spec := range f.Imports {
		target, _ := strconv.Unquote(spec.Path.Value)
		if text := importBreach(name, target); text != "" {
			add(spec, "%s", text)
		}
		called := path.Base(target)
		if spec.Name != nil {
			called = spec.Name.Name
		}
		if called == "." {
			add(spec, "imports %s with a dot", target)
		}
		if worldFuncs[target] != nil && !slices.Contains(worldly, name) {
			local[called] = target
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Name.Name == "init" && n.Recv == nil {
				add(n, "has an init function")
			}
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if ok && slices.Contains(worldFuncs[local[x.Name]], n.Sel.Name) {
				add(n, "uses %s.%s: only cmd and pkg/observe touch the world", local[x.Name], n.Sel.Name)
			}
		}
		return true
	})
	return all
}

// importBreach says what is wrong with a package's import, or nothing.
func importBreach(name, target string) string {
	first, _, _ := strings.Cut(target, "/")
	switch {
	case target == module || strings.HasPrefix(target, module+"/"):
		ours := strings.TrimPrefix(strings.TrimPrefix(target, module), "/")
		switch at := slices.Index(importOrder, ours); {
		case slices.Contains(importLeaves, name):
			return fmt.Sprintf("imports %s, but %s imports nothing of ours", ours, name)
		case at < 0 || at >= slices.Index(importOrder, name):
			return fmt.Sprintf("imports %s, which comes after %s: data flows one way", ours, name)
		}
	case strings.Contains(first, "."):
		for dep, users := range thirdParty {
			if under(target, dep) {
				if !slices.Contains(users, name) {
					return fmt.Sprintf("imports %s, which only %s may", target, strings.Join(users, ", "))
				}
				return ""
			}
		}
		return fmt.Sprintf("imports %s, a module that is not in thirdParty", target)
	case slices.Contains(worldly, name) || slices.Contains(pure, target):
	case slices.ContainsFunc(world, func(w string) bool { return under(target, w) }):
		return fmt.Sprintf("imports %s: only cmd and pkg/observe touch the world", target)
	}
	return ""
}

func under(target, dir string) bool {
	return target == dir || strings.HasPrefix(target, dir+"/")
}
