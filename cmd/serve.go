package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	g "maragu.dev/gomponents"

	"github.com/keynest/keynest/pkg/apps"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
	"github.com/keynest/keynest/pkg/workload"
)

// Limits on a request. A bill takes microseconds, so these are generous.
const (
	maxHeaderBytes = 16 << 10
	maxQueryValues = 100
	requestTime    = 10 * time.Second
	stopTime       = 5 * time.Second
)

type serveOptions struct {
	listen string
	file   string // of workloads
	rates  []string
}

func newServeCmd(e *env) *cobra.Command {
	opts := &serveOptions{}
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the calculator as a web page on this machine",
		Long: `serve shows keynest estimate as a web page: a form for the inputs, the table, the
bill of each offer, the break-even chart, a permanent link for each workload, and
downloads. It listens on this machine only, unless --listen says otherwise. The page
loads nothing from other servers and needs no JavaScript, which only sorts columns. Ctrl-C stops the server.`,
		Example: `  keynest serve
  keynest serve --listen 127.0.0.1:9000 --rates ours.toml`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			return runServe(ctx, e, opts)
		},
	}
	c.Flags().StringVar(&opts.listen, "listen", "127.0.0.1:8730", "`ADDRESS` and port to listen on; port 0 takes a free port")
	c.Flags().StringVar(&opts.file, "workload", "", "TOML `FILE` whose workloads the page offers by name (default the repository's keynest.toml)")
	c.Flags().StringArrayVar(&opts.rates, "rates", nil, "rate card `FILE` that is added to the embedded cards; repeatable")
	return c
}

func runServe(ctx context.Context, e *env, opts *serveOptions) error {
	listen := opts.listen
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return usagef("--listen %q is not an address and a port like 127.0.0.1:8730", listen)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return usagef("--listen %q: the port is not a number from 0 to 65535", listen)
	}
	file, rates, err := opts.read(e)
	if err != nil {
		return err
	}
	set, err := e.cards(rates)
	if err != nil {
		return err
	}
	s := newServer(e, set)
	s.file = file
	s.open = !isLoopback(host)
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", listen)
	if err != nil {
		err = fmt.Errorf("cannot listen on %q: %w; set --listen to another address", listen, err)
		if badAddress(err) {
			return usageErr(err)
		}
		return err
	}
	if !isLoopback(host) {
		fmt.Fprintf(e.stderr, "keynest: warning: %s can be reached from other machines; anyone there can use the calculator\n", listen)
	}
	fmt.Fprintf(e.stderr, "keynest: http://%s/ (Ctrl-C stops it)\n", pageAddress(host, l.Addr()))
	server := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: requestTime, ReadTimeout: requestTime, WriteTimeout: 2 * requestTime, IdleTimeout: time.Minute,
		MaxHeaderBytes: maxHeaderBytes,
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		// ctx has ended, so the shutdown needs a context of its own.
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		stopped <- server.Shutdown(last)
	}()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving: %w", err)
	}
	if err := <-stopped; err != nil {
		return fmt.Errorf("stopping: %w", err)
	}
	return nil
}

// read finds the file of workloads, and refuses one that is broken before
// anything is served. Cards that it names count unless --rates names some.
func (opts *serveOptions) read(e *env) (file servedFile, rates []string, err error) {
	file = servedFile{path: opts.file}
	if file.path == "-" {
		return file, nil, usagef("--workload - does not work here: each request reads the file again; give a file")
	}
	if file.path == "" {
		if file.path, err = findConfig(); err != nil {
			return file, nil, err
		}
	}
	if _, err := file.workloads(e); err != nil {
		return file, nil, err
	}
	if len(opts.rates) > 0 {
		return file, opts.rates, nil
	}
	rates, err = file.rates(e)
	return file, rates, err
}

// badAddress says whether no machine could listen on an address, or not this
// one: a name that is unknown, an address of another machine.
func badAddress(err error) bool {
	var name *net.DNSError
	var address *net.AddrError
	return errors.As(err, &name) || errors.As(err, &address) || errors.Is(err, syscall.EADDRNOTAVAIL)
}

// pageAddress is where a browser on this machine finds the page.
func pageAddress(host string, listening net.Addr) string {
	addr, err := netip.ParseAddrPort(listening.String())
	if err != nil {
		return listening.String()
	}
	if addr.Addr().IsUnspecified() {
		return fmt.Sprintf("localhost:%d", addr.Port())
	}
	return net.JoinHostPort(host, strconv.Itoa(int(addr.Port())))
}

// server answers requests. It keeps nothing of one.
type server struct {
	env  *env
	set  *ratecard.Set
	apps []string // ids of the applications
	file servedFile
	open bool // reachable from other machines by choice: any Host is taken
	// busy has a place for each computation that may go on at the same time. A
	// request that finds none is told to come again.
	busy chan struct{}
}

func newServer(e *env, set *ratecard.Set) *server {
	s := &server{env: e, set: set, busy: make(chan struct{}, runtime.GOMAXPROCS(0))}
	// If the embedded applications cannot be read, the form has no list of them.
	if book, err := apps.Embedded(); err == nil {
		s.apps = book.IDs()
	}
	return s
}

// begin takes a place for a computation; end gives it back. Without a place the
// request has been answered with status 503.
func (s *server) begin(w http.ResponseWriter) (end func(), ok bool) {
	select {
	case s.busy <- struct{}{}:
		return func() { <-s.busy }, true
	default:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "busy with other requests; try again in a second", http.StatusServiceUnavailable)
		return nil, false
	}
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /workloads", s.all)
	for ext, format := range downloads {
		mux.HandleFunc("GET /estimate."+ext, func(w http.ResponseWriter, r *http.Request) { s.download(w, r, ext, format) })
	}
	mux.HandleFunc("GET /page.css", func(w http.ResponseWriter, _ *http.Request) {
		s.write(w, "text/css; charset=utf-8", []byte(page.CSS))
	})
	mux.HandleFunc("GET /page.js", func(w http.ResponseWriter, _ *http.Request) {
		s.write(w, "text/javascript; charset=utf-8", []byte(page.JS))
	})
	mux.HandleFunc("GET /icon.svg", func(w http.ResponseWriter, _ *http.Request) {
		s.write(w, "image/svg+xml", []byte(icon))
	})
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	timed := http.TimeoutHandler(http.MaxBytesHandler(mux, 1), requestTime, "this took too long\n")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !s.open && !localHost(r.Host) {
			// Another name that resolves to this machine may be an attack (DNS rebinding).
			http.Error(w, "this calculator answers to localhost only", http.StatusMisdirectedRequest)
			return
		}
		timed.ServeHTTP(w, r)
	})
}

// icon is drawn for the browser's tab.
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M2 13L7 8L14 3M2 9H14" fill="none" stroke="#0b66c3" stroke-width="2"/></svg>`

func localHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return isLoopback(strings.Trim(host, "[]"))
}

// downloads are the formats by file name.
var downloads = map[string]string{"json": "json", "csv": "csv", "md": "markdown", "html": "html"}

var contentTypes = map[string]string{
	"json": "application/json", "csv": "text/csv; charset=utf-8", "md": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8",
}

// ask reads a query as the flags of keynest estimate, except those that name
// files, which a request must not read. The computation stops when ctx ends.
func (s *server) ask(ctx context.Context, query url.Values) (*request, error) {
	r := &request{env: *s.env}
	r.env.stop = ctx.Err
	r.command = r.opts.command(&r.env)
	n := 0
	for key, values := range query {
		if !onPage(key) {
			return nil, usagef("unknown input %q", key)
		}
		for _, v := range values {
			if n++; n > maxQueryValues {
				return nil, usagef("more than %d inputs", maxQueryValues)
			}
			if err := r.command.Flags().Set(key, v); err != nil {
				return nil, usageErr(err)
			}
		}
	}
	r.env.loaded = s.set
	r.env.noConfig = true
	r.env.today = s.env.day()
	return r, nil
}

// request is one call of keynest estimate, in a world of its own.
type request struct {
	env     env
	opts    estimateOptions
	command *cobra.Command
}

// onPage says whether a flag of keynest estimate is an input of the page.
func onPage(flag string) bool {
	return workload.IsInput(flag) || slices.Contains(pageFlags, flag) || isAppInput(flag)
}

// isAppInput says whether a flag is what an application is counted by.
func isAppInput(flag string) bool {
	_, ok := apps.Info(apps.InputName(strings.ReplaceAll(flag, "-", "_")))
	return ok
}

// pageFlags are those besides the workload's. None of them names a file.
var pageFlags = []string{
	"preset", "region", "offer", "provider", "engine", "include", "plan", "shards", "max-shards", "size", "reserved", "term", "commitment", "upfront", "as-of", "fx", "currency", "all", "sensitivity",
	"app", "app-set", "count-scripts", "plus",
}

// filled drops the inputs that were left empty, so that links stay short, and
// takes lists apart: one input of the form stands for a flag given repeatedly.
func filled(query url.Values) url.Values {
	short := url.Values{}
	for key, values := range query {
		if slices.Contains(lists, key) {
			values = strings.Split(strings.Join(values, ","), ",")
		}
		for _, v := range values {
			if v = strings.TrimSpace(v); v != "" {
				short[key] = append(short[key], v)
			}
		}
	}
	return short
}

// lists are the inputs that take several values with commas between them.
var lists = []string{"offer", "provider", "engine", "include", "fx", "app-set", "reserved"}

func (s *server) home(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		http.Error(w, "the query cannot be read", http.StatusBadRequest)
		return
	}
	short := filled(query)
	if len(short) > 0 && short.Encode() != r.URL.RawQuery {
		http.Redirect(w, r, "/?"+short.Encode(), http.StatusSeeOther)
		return
	}
	status := http.StatusOK
	var page calculator
	if len(short) > 0 {
		end, ok := s.begin(w)
		if !ok {
			return
		}
		defer end()
		ask, err := s.ask(r.Context(), short)
		if err == nil {
			page.report, err = ask.report()
		}
		if err != nil {
			status, page.problem = statusOf(err), err.Error()
		} else {
			if short.Get("as-of") == "" {
				short.Set("as-of", ask.env.today)
			}
			page.query, page.command = short.Encode(), commandLine(short)
		}
	}
	page.nav = s.nav()
	page.fields, page.more, page.moreOpen = s.fields(query)
	page.problem = page.blame(page.problem)
	s.page(w, status, page.node())
}

// page sends a page, or, where it cannot be made, a message in its place.
func (s *server) page(w http.ResponseWriter, status int, node g.Node) {
	var b bytes.Buffer
	if err := node.Render(&b); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// report prices the workload.
func (r *request) report() (g.Node, error) {
	d, err := r.opts.document(&r.env)
	if err != nil {
		return nil, err
	}
	return page.HTML(d)
}

// download runs the command itself and sends what it prints.
func (s *server) download(w http.ResponseWriter, r *http.Request, ext, format string) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		http.Error(w, "the query cannot be read", http.StatusBadRequest)
		return
	}
	end, ok := s.begin(w)
	if !ok {
		return
	}
	defer end()
	var out bytes.Buffer
	ask, err := s.ask(r.Context(), filled(query))
	if err == nil {
		ask.env.stdout, ask.opts.outputs = &out, []string{format}
		err = runEstimate(&ask.env, ask.command, &ask.opts)
	}
	if err != nil {
		http.Error(w, err.Error(), statusOf(err))
		return
	}
	w.Header().Set("Content-Disposition", `attachment; filename="estimate.`+ext+`"`)
	s.write(w, contentTypes[ext], out.Bytes())
}

func (s *server) write(w http.ResponseWriter, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write(body)
}

func statusOf(err error) int {
	if exitCode(err, true) == exitUsage {
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

// quoted is a word quoted for a POSIX shell.
func quoted(v string) string {
	if v != "" && strings.Trim(v, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_=@:,/") == "" {
		return v
	}
	return "'" + strings.ReplaceAll(v, "'", `'\''`) + "'"
}

// commandLine is the same call in a shell.
func commandLine(query url.Values) string {
	var words []string
	for key, values := range query {
		for _, v := range values {
			words = append(words, "--"+key+"="+quoted(v))
		}
	}
	slices.Sort(words)
	return "keynest estimate " + strings.Join(words, " ")
}
