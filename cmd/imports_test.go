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
	"pkg/safetext",
	"pkg/unit",
	"pkg/money",
	"pkg/tomlfile",
	"pkg/suggest",
	"pkg/form",
	"pkg/columns", "pkg/parquetfile",
	"pkg/pieces",
	"pkg/ratecard",
	"pkg/feed",
	"pkg/commands",
	"pkg/workload",
	"pkg/apps",
	"pkg/bill",
	"pkg/compare",
	"pkg/replay", "pkg/ratesql",
	"pkg/inventory",
	"pkg/reconcile",
	"pkg/gate",
	"pkg/engines",
	"pkg/faq",
	"pkg/page",
	"pkg/report",
	"pkg/observe",
	"cmd",
	"",
}

// importLeaves import nothing of ours at all.
var importLeaves = []string{"pkg/safetext", "pkg/unit", "pkg/suggest", "pkg/form", "pkg/pieces"}

// thirdParty says which packages may import which module. A module that is not
// here needs a reason in docs/architecture.md first.
var thirdParty = map[string][]string{
	"github.com/BurntSushi/toml":        {"pkg/tomlfile"},
	"github.com/olekukonko/tablewriter": {"pkg/page"},
	"github.com/guptarohit/asciigraph":  {"pkg/page"},
	"github.com/go-analyze/charts":      {"pkg/page"},
	"github.com/parquet-go/parquet-go":  {"pkg/parquetfile"},
	"github.com/spf13/cobra":            {"cmd"},
	"github.com/spf13/pflag":            {"cmd"},
	"github.com/valkey-io/valkey-go":    {"pkg/observe"},
	"golang.org/x/term":                 {"cmd"},
	"maragu.dev/gomponents":             {"pkg/page", "cmd"},
}

// worldly packages may touch the clock, the environment, files and the network;
// every other package takes an io.Reader, an io.Writer, a date.
var worldly = []string{"pkg/observe", "cmd", ""}

// quiet packages of ours touch none of that themselves, but are built from
// modules that could: parquet-go brings brotli, which can pack for a web server,
// and uuid, which can ask for the addresses of network cards. Only worldly
// packages may import them.
var quiet = []string{"pkg/parquetfile"}

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

// listed is a package as go list -deps tells of it.
type listed struct {
	dir     string
	imports []string
}

// listPackages asks go list once for every package of this module and for all
// that they are built from.
func listPackages(t *testing.T) map[string]listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-deps", "-f", "{{.ImportPath}}\t{{.Dir}}\t{{join .Imports \" \"}}", "./...")
	cmd.Dir, cmd.Stderr = "..", os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string]listed{}
	for line := range strings.Lines(string(out)) {
		if f := strings.Split(strings.TrimRight(line, "\r\n"), "\t"); len(f) == 3 {
			all[f[0]] = listed{f[1], strings.Fields(f[2])}
		}
	}
	return all
}

// ourName is a package's name in importOrder: its folder, "" at the top level.
func ourName(importPath string) (name string, ours bool) {
	if importPath == module {
		return "", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// TestImports holds every file that is not a test, whatever its build
// constraints, against the rules above, and then all that a package is built from.
func TestImports(t *testing.T) {
	// Reading the folder makes go test forget a cached result when a package appears.
	if _, err := os.ReadDir(filepath.Join("..", "pkg")); err != nil {
		t.Fatal(err)
	}
	packages := listPackages(t)
	found := 0
	for importPath, p := range packages {
		name, ours := ourName(importPath)
		if !ours {
			continue
		}
		found++
		if !slices.Contains(importOrder, name) {
			t.Errorf("%s has no place in importOrder; give it one, here and in docs/architecture.md", name)
			continue
		}
		if way := worldlyWay(packages, importPath); way != nil && !slices.Contains(worldly, name) && !slices.Contains(quiet, name) {
			t.Errorf("%s reaches the world: it imports %s", name, strings.Join(way, ", which imports "))
		}
		files, err := filepath.Glob(filepath.Join(p.dir, "*.go"))
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
	if found < 10 {
		t.Fatalf("go list finds only %d packages of ours", found)
	}
}

// worldlyWay is a chain of imports from a package, which is not in it, to one
// that may touch the world: through packages of ours to os, files, the clock
// (cmd or pkg/observe), or through anything at all to the network.
func worldlyWay(packages map[string]listed, from string) []string {
	seen := map[string]bool{}
	var search func(importPath string) []string
	search = func(importPath string) []string {
		for _, next := range packages[importPath].imports {
			if seen[next] {
				continue
			}
			seen[next] = true
			name, ours := ourName(next)
			if ours && slices.Contains(worldly, name) || isNetwork(next) {
				return []string{next}
			}
			if rest := search(next); rest != nil {
				return append([]string{next}, rest...)
			}
		}
		return nil
	}
	return search(from)
}

func isNetwork(importPath string) bool {
	return under(importPath, "net") && !slices.Contains(pure, importPath) || importPath == "crypto/tls"
}

// TestWorldlyWay: the chain is found through packages of ours and of others.
func TestWorldlyWay(t *testing.T) {
	packages := map[string]listed{
		module + "/pkg/bill":    {imports: []string{"fmt", "net/url", module + "/pkg/unit"}},
		module + "/pkg/unit":    {imports: []string{"example.com/client"}},
		module + "/pkg/page":    {imports: []string{module + "/pkg/observe"}},
		module + "/pkg/money":   {imports: []string{"fmt", "net/netip"}},
		module + "/pkg/observe": {imports: []string{"os"}},
		"example.com/client":    {imports: []string{"fmt", "net/http"}},
		"fmt":                   {imports: []string{"os"}},
	}
	for from, want := range map[string]string{
		"pkg/bill":  module + "/pkg/unit example.com/client net/http",
		"pkg/page":  module + "/pkg/observe",
		"pkg/money": "",
	} {
		if got := strings.Join(worldlyWay(packages, module+"/"+from), " "); got != want {
			t.Errorf("%s: %q, want %q", from, got, want)
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
