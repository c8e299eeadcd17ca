//go:build !windows

package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A repo is a clone with one commit on origin/main, as a pipeline has it.
type repo struct {
	t   *testing.T
	dir string
	env []string
}

// newRepo leaves the test out where there is no git, as on a machine with only
// Go; .ci/run installs it, so there the test must run.
func newRepo(t *testing.T, files map[string]string) *repo {
	t.Helper()
	for _, program := range []string{"git", "bash"} {
		if _, err := exec.LookPath(program); err != nil && os.Getenv("CI") == "" {
			t.Skipf("left out without %s; .ci/run installs it", program)
		}
	}
	r := &repo{t: t, dir: filepath.Join(t.TempDir(), "clone")}
	for _, name := range []string{"PATH", "GOCOVERDIR", "GORACE", ratesEnv} {
		if value, ok := os.LookupEnv(name); ok {
			r.env = append(r.env, name+"="+value)
		}
	}
	r.env = append(r.env, "HOME="+t.TempDir(), "RUNNER_TEMP="+t.TempDir(), "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	origin := filepath.Join(t.TempDir(), "origin")
	r.dir = origin
	if err := os.MkdirAll(origin, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		r.write(name, text)
	}
	r.git("init", "--quiet", "--initial-branch=main")
	r.git("add", "--all")
	r.git("commit", "--quiet", "--message=what runs")
	clone := filepath.Join(t.TempDir(), "clone")
	r.git("clone", "--quiet", "file://"+origin, clone)
	r.dir = clone
	return r
}

func (r *repo) write(name, text string) {
	r.t.Helper()
	path := filepath.Join(r.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		r.t.Fatal(err)
	}
}

func (r *repo) read(name string) string {
	r.t.Helper()
	if !filepath.IsAbs(name) {
		name = filepath.Join(r.dir, name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(data)
}

// run returns what a program printed, on either stream, and its exit status.
func (r *repo) run(program string, args ...string) (string, int) {
	r.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = r.dir, r.env
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		r.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func (r *repo) git(args ...string) string {
	r.t.Helper()
	out, code := r.run("git", args...)
	if code != 0 {
		r.t.Fatalf("git %s: status %d\n%s", strings.Join(args, " "), code, out)
	}
	return strings.TrimSpace(out)
}

// shownFiles are the files that docs/ci.md shows.
func shownFiles(t *testing.T) (files map[string]string, shell []string) {
	t.Helper()
	lines := readLines(t, filepath.Join("..", "docs", "ci.md"))
	files = map[string]string{}
	for _, f := range fences(lines) {
		text := strings.Join(f.body(lines), "\n") + "\n"
		switch {
		case f.title != "":
			files[f.title] = text
		case strings.HasPrefix(lines[f.start-1], "```sh"):
			shell = append(shell, text)
		}
	}
	if len(shell) < 3 || files["keynest.toml"] == "" || files["ci/keynest.sh"] == "" {
		t.Fatalf("docs/ci.md shows %d shell blocks and %d files", len(shell), len(files))
	}
	return files, shell
}

// TestCIShell runs every shell block of docs/ci.md in a clone of a repository
// that holds the files of the page.
func TestCIShell(t *testing.T) {
	files, shell := shownFiles(t)
	for _, block := range shell {
		r := newRepo(t, files)
		if out, code := r.run("sh", "-c", block); code != 0 || strings.Contains(out, "not found") {
			t.Errorf("status %d from\n%s\n%s", code, block, out)
		}
	}
}

// TestCITemplate doubles the load on a branch: the script that the templates run
// fails with 3, its reports are whole, and the base is the baseline.
func TestCITemplate(t *testing.T) {
	files, _ := shownFiles(t)
	r := newRepo(t, files)
	r.write("keynest.toml", strings.Replace(files["keynest.toml"], "gib = 8", "gib = 80", 1))
	out, code := r.run("sh", "ci/keynest.sh", "origin/main")
	if code != exitBreach || !strings.Contains(out, "max_increase_percent") || !strings.Contains(out, "Change from the baseline") {
		t.Errorf("status %d\n%s", code, out)
	}
	for name, want := range map[string]string{
		"keynest.json": `"verdict": "breach"`, "keynest.md": "<!-- keynest:cost -->\n# Cost check: ", "junit.xml": `failures="2"`,
		"metrics.txt": "# EOF\n", "quality.json": `"check_name": "keynest/max-increase-percent"`,
	} {
		if text := r.read(filepath.Join("keynest-reports", name)); !strings.Contains(text, want) {
			t.Errorf("%s lacks %s:\n%s", name, want, text)
		}
	}
	if out := r.git("worktree", "list") + r.git("status", "--porcelain"); strings.Count(out, "\n") > 2 || strings.Contains(out, "/base") {
		t.Errorf("left behind: %s", out)
	}
	// A base that is not there is a wrong call, and the reports of the last run stay away.
	if out, code := r.run("sh", "ci/keynest.sh", "nosuch"); code != exitUsage || !strings.Contains(out, "there is no base nosuch") {
		t.Errorf("status %d\n%s", code, out)
	}
	// A base without the file: no baseline, and the rest is judged.
	delete(files, "keynest.toml")
	r = newRepo(t, files)
	r.write("keynest.toml", "[workload.a]\nops_per_sec = 1\ngib = 1\n[check.c]\nworkload = \"a\"\noffer = \"elasticache-node-valkey\"\nmax_increase_usd = \"1\"\n")
	if out, code := r.run("sh", "ci/keynest.sh", "origin/main"); code != exitOK || !strings.Contains(out, "first run, no baseline yet") {
		t.Errorf("status %d\n%s", code, out)
	}
}

// TestAction runs what action.yml runs, with hostile inputs among the others.
func TestAction(t *testing.T) {
	script, err := filepath.Abs(filepath.Join("..", ".ci", "action"))
	if err != nil {
		t.Fatal(err)
	}
	files, _ := shownFiles(t)
	run := func(r *repo, env ...string) (string, int) {
		r.write("outputs", "")
		r.write("summary", "")
		env = append(env, "GITHUB_OUTPUT="+filepath.Join(r.dir, "outputs"), "GITHUB_STEP_SUMMARY="+filepath.Join(r.dir, "summary"))
		one := &repo{t: t, dir: r.dir, env: append(append([]string{}, r.env...), env...)}
		return one.run("bash", script)
	}
	r := newRepo(t, files)
	base := r.git("rev-parse", "HEAD")
	out, code := run(r, "BASE_SHA="+base, "JUNIT=junit.xml", "SARIF=k.sarif", "OPENMETRICS=m.txt", "MARKDOWN=c.md", "MARKER=cost")
	if code != exitOK || !strings.Contains(out, "::notice title=keynest::2 limits respected") || !strings.Contains(out, "Change from the baseline") {
		t.Errorf("status %d\n%s", code, out)
	}
	if got := r.read("outputs"); !regexp.MustCompile(`^monthly-cost<<(\w+)\n\d+\.\d\d\n\w+\ncheapest<<\w+\n\n\w+\nbreached<<\w+\nfalse\n\w+\nrate-age-days<<\w+\n\d+\n\w+\nreport=.*/report\.json\n$`).MatchString(got) {
		t.Errorf("outputs: %s", got)
	}
	if got := r.read("summary"); strings.Count(got, "# Cost check: within budget\n") != 1 {
		t.Errorf("summary: %s", got)
	}
	for _, name := range []string{"junit.xml", "k.sarif", "m.txt", "c.md"} {
		r.read(name)
	}

	// The load grows on the branch of the pull request.
	r.write("keynest.toml", strings.Replace(files["keynest.toml"], "gib = 8", "gib = 80", 1))
	if out, code := run(r, "BASE_SHA="+base, "SUMMARY=false"); code != exitBreach || strings.Count(out, "::error file=keynest.toml,line=") != 2 || r.read("summary") != "" {
		t.Errorf("status %d\n%s", code, out)
	}
	if got := r.read("outputs"); !regexp.MustCompile(`breached<<\w+\ntrue\n`).MatchString(got) {
		t.Errorf("outputs: %s", got)
	}
	if out, code := run(r, "BASE_SHA="+base, "WARN_ONLY=true"); code != exitOK || !strings.Contains(out, "::warning file=") {
		t.Errorf("status %d\n%s", code, out)
	}
	if out, code := run(r, "MAX_RATE_AGE=1d"); code != exitData || !strings.Contains(out, "::error ") {
		t.Errorf("status %d\n%s", code, out)
	}
	// A base that cannot be fetched, as of a fork without a way to it.
	if out, code := run(r, "BASE_SHA="+strings.Repeat("1", 40)); code != exitBreach || !strings.Contains(out, "no baseline") {
		t.Errorf("status %d\n%s", code, out)
	}
	// Each run stands on its own: a second file is not judged by the first one's
	// baseline, and a run that fails publishes no earlier report.
	r.write("b.toml", strings.Replace(files["keynest.toml"], "gib = 8", "gib = 4", 1))
	r.write("broken/base.toml", "not TOML [")
	if out, code := run(r, "BASE_SHA="+base, "CONFIG=b.toml"); code != exitOK || !strings.Contains(out, "first run, no baseline yet") {
		t.Errorf("status %d\n%s", code, out)
	}
	if out, code := run(r, "CONFIG=nothere.toml"); code != exitUsage || strings.Contains(r.read("outputs"), "report=") || strings.Contains(out, "Verdict") {
		t.Errorf("status %d\n%s%s", code, out, r.read("outputs"))
	}
	for _, input := range []string{"WARN_ONLY=True", "WARN_ONLY=yes", "SUMMARY=1"} {
		if out, code := run(r, input); code != exitUsage || !strings.Contains(out, "is neither true nor false") {
			t.Errorf("%s: status %d\n%s", input, code, out)
		}
	}
	// What a pull request can write is an argument, never a command.
	for _, hostile := range []string{"$(touch pwned)", "`touch pwned`", "x; touch pwned", "--output=table=pwned", "x\ntouch pwned"} {
		if out, code := run(r, "CONFIG="+hostile, "BASE_SHA="+base, "MARKER="+hostile); code != exitUsage {
			t.Errorf("CONFIG=%q: status %d\n%s", hostile, code, out)
		}
		if _, err := os.Stat(filepath.Join(r.dir, "pwned")); err == nil {
			t.Fatalf("CONFIG=%q ran", hostile)
		}
	}
}

// TestWorkflows: what runs elsewhere is pinned by commit, no expression is spliced
// into a script, and the action's inputs and outputs are those of docs/ci.md.
func TestWorkflows(t *testing.T) {
	paths, err := filepath.Glob("../.github/workflows/*.yml")
	if err != nil || len(paths) < 2 {
		t.Fatalf("%d workflows, %v", len(paths), err)
	}
	pinned := regexp.MustCompile(`^(\./.*|[\w.-]+/[\w./-]+@[0-9a-f]{40})$`)
	for _, path := range append(paths, "../action.yml") {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := yaml.Unmarshal(data, &doc); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		eachStep(doc, func(step map[string]any) {
			if uses, ok := step["uses"].(string); ok && !pinned.MatchString(uses) {
				t.Errorf("%s: %s is not pinned by commit", path, uses)
			}
			if run, ok := step["run"].(string); ok && strings.Contains(run, "${{") {
				t.Errorf("%s: an expression in a script: %s", path, run)
			}
		})
		if path != "../action.yml" {
			if p, ok := doc["permissions"].(map[string]any); !ok || len(p) != 1 || p["contents"] != "read" {
				t.Errorf("%s: permissions %v", path, doc["permissions"])
			}
			continue
		}
		page := strings.Join(readLines(t, filepath.Join("..", "docs", "ci.md")), "\n")
		for _, kind := range []string{"inputs", "outputs"} {
			for name := range doc[kind].(map[string]any) {
				if !strings.Contains(page, "`"+name+"`") {
					t.Errorf("docs/ci.md does not say what %s %s is", kind, name)
				}
			}
		}
	}
}

// TestCIPage: the YAML that docs/ci.md shows is YAML, and pins what it can.
func TestCIPage(t *testing.T) {
	lines := readLines(t, filepath.Join("..", "docs", "ci.md"))
	blocks := 0
	for _, f := range fences(lines) {
		if !strings.HasPrefix(lines[f.start-1], "```yaml") {
			continue
		}
		blocks++
		var doc map[string]any
		if err := yaml.Unmarshal([]byte(strings.Join(f.body(lines), "\n")), &doc); err != nil {
			t.Errorf("line %d: %v", f.start, err)
		}
		eachStep(doc, func(step map[string]any) {
			uses, _ := step["uses"].(string)
			if _, at, _ := strings.Cut(uses, "@"); uses != "" && at != "COMMIT" && len(at) != 40 {
				t.Errorf("%s is not pinned by commit", uses)
			}
		})
	}
	if blocks < 2 {
		t.Errorf("%d YAML blocks", blocks)
	}
}

// eachStep finds the steps of a workflow or an action, wherever they are.
func eachStep(v any, do func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		if v["uses"] != nil || v["run"] != nil {
			do(v)
		}
		for _, child := range v {
			eachStep(child, do)
		}
	case []any:
		for _, child := range v {
			eachStep(child, do)
		}
	}
}
