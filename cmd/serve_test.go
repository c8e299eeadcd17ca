package cmd

import (
	"bytes"
	"context"
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// testServer is the calculator on the cards of made-up vendors.
func testServer(t *testing.T) (*httptest.Server, *env) {
	t.Helper()
	rates, err := os.ReadFile(fixtureCards)
	if err != nil {
		t.Fatal(err)
	}
	e := &env{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, today: "2026-11-22", getenv: func(string) string { return "" }, rates: string(rates)}
	set, err := e.cards(nil)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(newServer(e, set).handler())
	t.Cleanup(web.Close)
	return web, e
}

func get(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	r, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r, string(body)
}

// TestServeEqualsCommand holds the downloads against the command, byte for
// byte, and the page against the command's own page.
func TestServeEqualsCommand(t *testing.T) {
	web, e := testServer(t)
	for _, q := range []string{
		"ops-per-sec=5000&gib=8",
		"ops-per-sec=0.5&gb=0.25&all=true",
		"commands-per-month=90000000&gib=2&region=eu-west&term=1y",
		"preset=cache&ops-per-sec=900&gib=2&offer=acme-*&offer=bolt-node",
		"ops-per-sec=5000&gib=8&currency=EUR&explain-nothing=",
		"ops-per-sec=300&gib=1&fx=EUR%3D1.2%402026-11-20&engine=valkey",
		"app=bullmq&workers=5&app-set=drain_delay%3D30&gb=0.1",
	} {
		query, err := url.ParseQuery(q)
		if err != nil {
			t.Fatal(err)
		}
		var args []string
		for key, values := range filled(query) {
			for _, v := range values {
				args = append(args, "--"+key+"="+v)
			}
		}
		for ext, format := range downloads {
			var out, complaints bytes.Buffer
			one := *e
			one.stdout, one.stderr = &out, &complaints
			if code := run(&one, append([]string{"estimate", "--output", format}, args...)); code != exitOK {
				t.Fatalf("keynest estimate %s: exit status %d: %s", args, code, complaints.String())
			}
			r, body := get(t, web.URL+"/estimate."+ext+"?"+q)
			if r.StatusCode != http.StatusOK || body != out.String() {
				t.Errorf("estimate.%s?%s: %s, and not what the command prints", ext, q, r.Status)
			}
			if want := contentTypes[ext]; r.Header.Get("Content-Type") != want {
				t.Errorf("estimate.%s is %s, want %s", ext, r.Header.Get("Content-Type"), want)
			}
			if ext != "html" {
				continue
			}
			_, whole, _ := strings.Cut(out.String(), "</h1>\n")
			report, _, _ := strings.Cut(whole, "</main>")
			if _, page := get(t, web.URL+"/?"+q); !strings.Contains(page, report) {
				t.Errorf("/?%s does not hold the command's page", q)
			}
		}
	}
}

// TestServeLabels: every label of the form is for a flag of keynest estimate.
func TestServeLabels(t *testing.T) {
	flags := (&estimateOptions{}).command(nil).Flags()
	for name := range moreLabels {
		if flags.Lookup(name) == nil {
			t.Errorf("there is no flag --%s", name)
		}
	}
}

func TestServeRefuses(t *testing.T) {
	web, _ := testServer(t)
	for _, tt := range []struct {
		method, path, host string
		status             int
		says               string
	}{
		{"GET", "/", "", 200, "Two inputs are enough"},
		{"GET", "/?ops-per-sec=&gib=", "", 200, "Two inputs are enough"},
		{"GET", "/?gib=8", "", 400, "command rate is missing"},
		{"GET", "/?gib=8&ops-per-sec=-3", "", 400, "Commands a second -3 is negative"},
		{"GET", "/?gib=8&ops-per-sec=%3Cscript%3E", "", 400, "&lt;script&gt;"},
		{"GET", "/?gib=8&ops-per-sec=1&shards=x", "", 400, "invalid"},
		{"GET", "/?gib=8&ops-per-sec=1&as-of=2030-01-01", "", 400, "is in the future"},
		{"GET", "/?gib=8&ops-per-sec=1&region=atlantis", "", 400, "atlantis"},
		{"GET", "/?gib=8&ops-per-sec=1&rates=/etc/hostname", "", 400, "unknown input &#34;rates&#34;"},
		{"GET", "/estimate.json?gib=8&ops-per-sec=1&workload=/etc/hostname", "", 400, `unknown input "workload"`},
		{"GET", "/estimate.json?gib=8&ops-per-sec=1&output=csv%3D/tmp/x", "", 400, `unknown input "output"`},
		{"GET", "/estimate.csv?gib=8", "", 400, "command rate is missing"},
		{"GET", "/?gib=8;ops", "", 400, "cannot be read"},
		{"GET", "/?" + strings.Repeat("offer=acme-payg&", 101) + "gib=8", "", 400, "more than 100 inputs"},
		{"GET", "/nothing", "", 404, "not found"},
		{"GET", "/estimate.pdf?gib=8&ops-per-sec=1", "", 404, "not found"},
		{"POST", "/?gib=8", "", 405, "Method Not Allowed"},
		{"GET", "/?gib=8&ops-per-sec=1", "rebound.example", 421, "localhost only"},
		{"GET", "/?ops-per-sec=1&gib=8", "localhost:99", 303, ""},
		{"GET", "/page.css", "[::1]:80", 200, "color-scheme"},
		{"GET", "/page.js", "", 200, "aria-sort"},
		{"GET", "/favicon.ico", "", 204, ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), tt.method, web.URL+tt.path, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = tt.host
		client := &http.Client{CheckRedirect: func(next *http.Request, _ []*http.Request) error {
			if tt.status == http.StatusSeeOther {
				return http.ErrUseLastResponse
			}
			return nil
		}}
		got, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(got.Body)
		_ = got.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if got.StatusCode != tt.status || !strings.Contains(string(body), tt.says) {
			t.Errorf("%s %.60s: %s, want %d saying %q:\n%.300s", tt.method, tt.path, got.Status, tt.status, tt.says, body)
		}
		if csp := got.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self';") {
			t.Errorf("%s %.60s: Content-Security-Policy %q", tt.method, tt.path, csp)
		}
	}
}

// TestServeFile: the page offers the workloads of a file by name, each link prices
// what the command prices for that name, and all together have one total. A file
// that breaks while the server runs is said on the page.
func TestServeFile(t *testing.T) {
	_, e := testServer(t)
	path := filepath.Join(t.TempDir(), "keynest.toml")
	text := "[pricing]\nregion = \"eu-west\"\nterm = \"1y\"\ninclude = [\"preview\"]\n" +
		"[workload.\"web & shop\"]\nops_per_sec = 900\ngib = 2\n[workload.jobs]\napp = \"bullmq\"\napp_inputs = { workers = 5 }\napp_settings = { drain_delay = 30 }\ngb = 0.1\n"
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	file, rates, err := (&serveOptions{file: path}).read(e)
	if err != nil || len(rates) > 0 {
		t.Fatal(rates, err)
	}
	set, err := e.cards(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(e, set)
	s.file = file
	web := httptest.NewServer(s.handler())
	t.Cleanup(web.Close)
	_, home := get(t, web.URL)
	links := regexp.MustCompile(`<li><a href="(/\?[^"]*)">([^<]*)</a></li>`).FindAllStringSubmatch(home, -1)
	if len(links) != 2 || links[0][2] != "jobs" || links[1][2] != "web &amp; shop" {
		t.Fatalf("links %q", links)
	}
	for _, l := range links {
		var out, complaints bytes.Buffer
		one := *e
		one.stdout, one.stderr = &out, &complaints
		if code := run(&one, []string{"estimate", "--workload", path, "--name", html.UnescapeString(l[2]), "--output", "csv"}); code != exitOK {
			t.Fatal(complaints.String())
		}
		query := strings.TrimPrefix(html.UnescapeString(l[1]), "/?")
		if _, csv := get(t, web.URL+"/estimate.csv?"+query); nameless(csv) != nameless(out.String()) {
			t.Errorf("%s: the link gives\n%s\nthe command\n%s", l[2], csv, out.String())
		}
		if r, _ := get(t, web.URL+html.UnescapeString(l[1])); r.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", l[1], r.Status)
		}
	}
	if r, all := get(t, web.URL+"/workloads"); r.StatusCode != http.StatusOK || !strings.Contains(all, "web &amp; shop") || !strings.Contains(all, "keynest estimate --workload") {
		t.Errorf("/workloads: %s\n%.500s", r.Status, all)
	}
	if err := os.WriteFile(path, []byte("[workload.a\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, home := get(t, web.URL); !strings.Contains(home, "keynest.toml:") || !strings.Contains(home, "Price it") {
		t.Errorf("a broken file is not said:\n%.1500s", home)
	}
	if r, _ := get(t, web.URL+"/workloads"); r.StatusCode != http.StatusBadRequest {
		t.Errorf("/workloads of a broken file: %s", r.Status)
	}
	if _, _, err := (&serveOptions{file: path}).read(e); exitCode(err, true) != exitUsage {
		t.Errorf("a broken file at the start: %v", err)
	}
	plain, _ := testServer(t)
	if r, _ := get(t, plain.URL+"/workloads"); r.StatusCode != http.StatusNotFound {
		t.Errorf("/workloads without a file: %s", r.Status)
	}
}

// nameless is a CSV without its first column, the workload's name.
func nameless(csv string) string {
	return regexp.MustCompile(`(?m)^("[^"]*"|[^,]*),`).ReplaceAllString(csv, "")
}

// TestServeStops starts the real server and ends it as Ctrl-C does.
func TestServeStops(t *testing.T) {
	rates, err := os.ReadFile(fixtureCards)
	if err != nil {
		t.Fatal(err)
	}
	read, write := io.Pipe()
	e := &env{stdin: strings.NewReader(""), stdout: io.Discard, stderr: write, today: "2026-11-22", getenv: func(string) string { return "" }, rates: string(rates)}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	done := make(chan error, 1)
	go func() { done <- runServe(ctx, e, &serveOptions{listen: "127.0.0.1:0"}) }()
	line := make([]byte, 200)
	n, err := read.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	address := strings.Fields(string(line[:n]))[1]
	if r, _ := get(t, address+"?gib=8&ops-per-sec=1"); r.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", address, r.Status)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := http.Get(address); err == nil { //nolint:bodyclose // there is none
		t.Errorf("%s still answers", address)
	}
	for _, listen := range []string{"8730", "127.0.0.1:99999", "127.0.0.1:x", "127.0.0.1:-1", "192.0.2.1:8730", "no such host:8730", "[::1:8730", "1.2.3.4.5:80"} {
		if err := runServe(t.Context(), e, &serveOptions{listen: listen}); exitCode(err, true) != exitUsage {
			t.Errorf("--listen %s: %v", listen, err)
		}
	}
}

// A request leaves nothing behind. 1,000 requests once kept 19 MB.
func TestServeKeepsNothing(t *testing.T) {
	web, _ := testServer(t)
	ask := func(n int) uint64 {
		for range n {
			for _, path := range []string{"/estimate.json?gib=1&offer=acme-payg&ops-per-sec=5", "/estimate.json?gib=x", "/"} {
				get(t, web.URL+path)
			}
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := ask(50)
	after := ask(300)
	if after > before+500_000 {
		t.Errorf("the heap grew from %d to %d bytes in 300 rounds of 3 requests", before, after)
	}
}

// At most GOMAXPROCS computations go on at once; a request beyond is told to
// come again, and everything that needs no computation is served.
func TestServeBusy(t *testing.T) {
	_, e := testServer(t)
	set, err := e.cards(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(e, set)
	for range cap(s.busy) {
		s.busy <- struct{}{}
	}
	status := func(path string) int {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Host = "localhost"
		s.handler().ServeHTTP(w, r)
		return w.Code
	}
	const priced = "/estimate.json?gib=1&ops-per-sec=5"
	for path, want := range map[string]int{priced: 503, "/?gib=1&ops-per-sec=5": 503, "/": 200, "/page.css": 200} {
		if got := status(path); got != want {
			t.Errorf("%s while busy: %d, want %d", path, got, want)
		}
	}
	<-s.busy
	if got := status(priced); got != 200 || len(s.busy) != cap(s.busy)-1 {
		t.Errorf("%s with a free place: %d, %d places taken", priced, got, len(s.busy))
	}
}

// A request whose browser has gone stops computing.
func TestServeCancelled(t *testing.T) {
	_, e := testServer(t)
	set, err := e.cards(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(e, set)
	for _, q := range []string{"gib=1&ops-per-sec=5", "gib=1..9&ops-per-sec=5..500&payload-bytes=1..99"} {
		query, err := url.ParseQuery(q)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		r, err := s.ask(ctx, query)
		if err != nil {
			t.Fatal(err)
		}
		bills := 0
		r.env.stop = func() error {
			if bills++; bills == 20 {
				cancel()
			}
			return ctx.Err()
		}
		if _, err = r.report(); !errors.Is(err, context.Canceled) || bills != 20 {
			t.Errorf("%s: %v after %d bills, want it cancelled after 20", q, err, bills)
		}
		cancel()
	}
}
