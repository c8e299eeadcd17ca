package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// fetchOptions are the flags of a command that fetches price files.
type fetchOptions struct {
	name    string
	regions []string
	dir     string
	timeout time.Duration
}

func (o *fetchOptions) add(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.name, "fetch", "", "`FEED` to fetch from the vendor: "+strings.Join(feedNames(), ", "))
	f.StringArrayVar(&o.regions, "region", nil, "with --fetch: vendor's `REGION` whose prices to fetch; repeatable")
	f.StringVar(&o.dir, "download-dir", "", "`DIR` for downloads of --fetch; complete files are kept and partial ones continued (default: a temporary one)")
	f.DurationVar(&o.timeout, "timeout", 10*time.Minute, "`DURATION` that --fetch may take in all")
	_ = c.RegisterFlagCompletionFunc("fetch", cobra.FixedCompletions(feedNames(), cobra.ShellCompDirectiveNoFileComp))
}

// A feed to fetch. Its host is the only one that is asked; an answer that leads to
// another host is refused.
type feedSource struct {
	name      string
	hosts     []string
	region    bool                            // there is an address for each region
	addresses func(region string) []string    // "" for the feed as a whole
	next      func(page []byte) string        // address of the page after this one, or ""
	key       string                          // variable with a key, "" for none
	header    func(r *http.Request, k string) // puts the key into a request, never into its address
}

// feedSources are all that --fetch can get. A host is added here and nowhere else.
func feedSources() []feedSource {
	aws := func(name, code string) feedSource {
		const host = "pricing.us-east-1.amazonaws.com"
		return feedSource{name: name, hosts: []string{host}, region: true, addresses: func(region string) []string {
			return []string{"https://" + host + "/offers/v1.0/aws/" + code + "/current/" + region + "/index.json"}
		}}
	}
	const azure, google = "prices.azure.com", "cloudbilling.googleapis.com"
	return []feedSource{
		aws("aws-elasticache", "AmazonElastiCache"),
		aws("aws-memorydb", "AmazonMemoryDB"),
		aws("aws-ec2", "AmazonEC2"),
		{name: "aws-elasticache-page", hosts: []string{"b0.p.awsstatic.com"}, addresses: func(string) []string {
			return []string{"https://b0.p.awsstatic.com/pricing/2.0/meteredUnitMaps/elasticache/USD/current/elasticache.json"}
		}},
		{name: "azure-redis", hosts: []string{azure}, addresses: func(region string) []string {
			filter := "serviceName eq 'Redis Cache'"
			if region != "" {
				filter += " and armRegionName eq '" + region + "'"
			}
			return []string{"https://" + azure + "/api/retail/prices?" + url.Values{"currencyCode": {"'USD'"}, "$filter": {filter}}.Encode()}
		}, next: nextPageLink},
		{name: "google-memorystore", hosts: []string{google}, addresses: func(string) []string {
			// Memorystore for Redis, and Memorystore for Valkey.
			const services, skus = "https://" + google + "/v1/services/", "/skus?currencyCode=USD&pageSize=5000"
			return []string{services + "5AF5-2C11-D467" + skus, services + "A2B5-E0F1-B0F3" + skus}
		}, next: nextPageToken, key: "GOOGLE_API_KEY", header: func(r *http.Request, k string) { r.Header.Set("X-Goog-Api-Key", k) }},
		{name: "ecb", hosts: []string{"www.ecb.europa.eu"}, addresses: func(string) []string {
			return []string{"https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"}
		}},
		{name: "hetzner", hosts: []string{"api.hetzner.cloud"}, addresses: func(string) []string {
			return []string{"https://api.hetzner.cloud/v1/pricing"}
		}, key: "HCLOUD_TOKEN", header: func(r *http.Request, k string) { r.Header.Set("Authorization", "Bearer "+k) }},
		{name: "ovhcloud", hosts: []string{"eu.api.ovh.com"}, addresses: func(string) []string {
			return []string{"https://eu.api.ovh.com/v1/order/catalog/public/cloud?ovhSubsidiary=FR"}
		}},
		{name: "oracle", hosts: []string{"apexapps.oracle.com"}, addresses: func(string) []string {
			return []string{"https://apexapps.oracle.com/pls/apex/cetools/api/v1/products/?currencyCode=USD"}
		}},
	}
}

func feedNames() []string {
	var names []string
	for _, s := range feedSources() {
		names = append(names, s.name)
	}
	return names
}

// The limits of what is fetched. The largest file that is known, the price list of
// EC2 in us-east-1, has some 400 MB.
const (
	maxFetchBytes = 1 << 30
	maxFetchPages = 200
	maxRegions    = 60
	fetchTries    = 3
)

// fetchError is an answer that trying again would not change.
type fetchError struct{ error }

// run fetches the feed into files and returns their names; tidy removes them.
func (o *fetchOptions) run(ctx context.Context, e *env) (files []string, tidy func(), err error) {
	tidy = func() {}
	i := slices.IndexFunc(feedSources(), func(s feedSource) bool { return s.name == o.name })
	if i < 0 {
		return nil, tidy, usagef("unknown feed %q; known: %s", o.name, strings.Join(feedNames(), ", "))
	}
	s := feedSources()[i]
	if err := o.checkRegions(&s); err != nil {
		return nil, tidy, err
	}
	secret := ""
	if s.key != "" {
		if secret = e.getenv(s.key); secret == "" {
			return nil, tidy, usagef("%s needs a key: set the variable %s", s.name, s.key)
		}
	}
	dir := o.dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "keynest-feed-"); err != nil {
			return nil, tidy, fmt.Errorf("cannot make a temporary folder for downloads: %w", cause(err))
		}
		tidy = func() { _ = os.RemoveAll(dir) }
	} else if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, tidy, fmt.Errorf("cannot make %s: %w", dir, cause(err))
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	f := &fetcher{source: s, secret: secret, dir: dir, client: e.httpClient(s.hosts), progress: e.progress()}
	regions := o.regions
	if len(regions) == 0 {
		regions = []string{""}
	}
	for _, region := range regions {
		paths, err := f.answers(ctx, region)
		if err != nil {
			if ctx.Err() != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
				err = fmt.Errorf("not done after %v; raise --timeout, and add --download-dir DIR to continue where it stopped", o.timeout)
			}
			return nil, tidy, fmt.Errorf("fetching %s: %w", s.name, err)
		}
		files = append(files, paths...)
	}
	return files, tidy, nil
}

// checkRegions refuses a region that could be anything but a region's name, since
// it becomes a part of an address.
func (o *fetchOptions) checkRegions(s *feedSource) error {
	if s.region && len(o.regions) == 0 {
		return usagef("%s has one file per region; add --region, as in --region eu-west-1", s.name)
	}
	if !s.region && s.name != "azure-redis" && len(o.regions) > 0 {
		return usagef("%s has one file for all regions; leave out --region", s.name)
	}
	if len(o.regions) > maxRegions {
		return usagef("%d regions are too many; give at most %d", len(o.regions), maxRegions)
	}
	for _, r := range o.regions {
		if r == "" || len(r) > 40 || strings.Trim(r, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return usagef("--region %q is not a region's name such as eu-west-1", r)
		}
	}
	return nil
}

// httpClient honours the proxy of the environment, and follows a redirect only
// to the hosts that it is for.
func (e *env) httpClient(hosts []string) *http.Client {
	if e.http != nil {
		return e.http(hosts)
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			TLSHandshakeTimeout:   20 * time.Second,
			ResponseHeaderTimeout: time.Minute,
			ForceAttemptHTTP2:     true, // where the program has HTTP/2; releases leave it out
		},
		CheckRedirect: redirects(hosts),
	}
}

// redirects refuses to go to another host, or to leave https.
func redirects(hosts []string) func(*http.Request, []*http.Request) error {
	return func(r *http.Request, via []*http.Request) error {
		switch {
		case r.URL.Scheme != "https" || !slices.Contains(hosts, r.URL.Host):
			return fetchError{fmt.Errorf("redirected to %s://%s instead of %s; this network may want you to log in first", r.URL.Scheme, r.URL.Host, strings.Join(hosts, ", "))}
		case len(via) > 5:
			return fetchError{errors.New("too many redirects")}
		}
		return nil
	}
}

// progress tells on a terminal how far a file is; elsewhere it is silent.
func (e *env) progress() func(name string, n int64) {
	f, ok := e.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(string, int64) {}
	}
	last := time.Time{}
	return func(name string, n int64) {
		if now := time.Now(); n < 0 || now.Sub(last) > 200*time.Millisecond {
			last = now
			_, _ = fmt.Fprint(f, "\r\x1b[K")
			if n >= 0 {
				_, _ = fmt.Fprintf(f, "%s: %d MB", name, n>>20)
			}
		}
	}
}

// fetcher gets the answers of one feed.
type fetcher struct {
	source   feedSource
	secret   string
	dir      string
	client   *http.Client
	progress func(name string, n int64)
}

// answers gets all pages for a region.
func (f *fetcher) answers(ctx context.Context, region string) ([]string, error) {
	var files []string
	for _, first := range f.source.addresses(region) {
		for at := first; at != ""; {
			if len(files) == maxFetchPages {
				return nil, fmt.Errorf("more than %d pages", maxFetchPages)
			}
			if err := f.allowed(at); err != nil {
				return nil, err
			}
			name := f.source.name
			if region != "" {
				name += "-" + region
			}
			path := filepath.Join(f.dir, fmt.Sprintf("%s-%03d", name, len(files)+1))
			if err := f.file(ctx, at, path); err != nil {
				return nil, err
			}
			files = append(files, path)
			var err error
			if at, err = f.after(path, first); err != nil {
				return nil, err
			}
		}
	}
	f.progress("", -1)
	return files, nil
}

// after is the address of the page that follows the one in a file, or "".
func (f *fetcher) after(path, first string) (string, error) {
	if f.source.next == nil {
		return "", nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", cause(err)
	}
	at := f.source.next(text)
	if at == "" || strings.Contains(at, "://") {
		return at, nil
	}
	u, err := url.Parse(first) // it is a token of the first address
	if err != nil {
		return "", err
	}
	q := u.Query()
	q.Set("pageToken", at)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// allowed refuses an address that an answer names and that is not on the list.
func (f *fetcher) allowed(at string) error {
	u, err := url.Parse(at)
	if err != nil || u.Scheme != "https" || !slices.Contains(f.source.hosts, u.Hostname()) || u.Port() != "" && u.Port() != "443" || u.User != nil {
		return fmt.Errorf("the address of the next page, %q, is not on %s", at, strings.Join(f.source.hosts, ", "))
	}
	return nil
}

// file gets one file, going on where an earlier try ended.
func (f *fetcher) file(ctx context.Context, at, path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil // complete, from an earlier call with the same folder
	}
	var err error
	for try := range fetchTries {
		if try > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Duration(try) * time.Second):
			}
		}
		if err = f.once(ctx, at, path+".part"); err == nil {
			return cause(os.Rename(path+".part", path))
		}
		var final fetchError
		if errors.As(err, &final) || ctx.Err() != nil {
			break
		}
	}
	var through *url.Error
	if errors.As(err, &through) { // its text repeats the address
		err = through.Err
	}
	return fmt.Errorf("%s: %w", at, err)
}

// once asks for a file, or for the rest of it.
func (f *fetcher) once(ctx context.Context, at, part string) error {
	out, err := os.OpenFile(part, os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return fetchError{cause(err)}
	}
	defer out.Close()
	have, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return fetchError{err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return fetchError{err}
	}
	req.Header.Set("User-Agent", "keynest")
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	if f.source.header != nil {
		f.source.header(req, f.secret)
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if err := f.accepts(resp, have); err != nil {
		return err
	}
	if have > 0 && resp.StatusCode == http.StatusOK { // it sends all of it
		if err := out.Truncate(0); err != nil {
			return fetchError{err}
		}
		if have, err = out.Seek(0, io.SeekStart); err != nil {
			return fetchError{err}
		}
	}
	counted := &counter{w: out, n: have, tell: func(n int64) { f.progress(f.source.name, n) }}
	n, err := io.Copy(counted, io.LimitReader(resp.Body, maxFetchBytes+1-have))
	switch {
	case err != nil:
		return err
	case have+n > maxFetchBytes:
		return fetchError{fmt.Errorf("larger than %d MiB, more than any price file", maxFetchBytes>>20)}
	case resp.ContentLength >= 0 && n != resp.ContentLength:
		return io.ErrUnexpectedEOF
	}
	return nil
}

// accepts says what is wrong with an answer.
func (f *fetcher) accepts(resp *http.Response, have int64) error {
	switch code := resp.StatusCode; {
	case code == http.StatusOK, code == http.StatusPartialContent && have > 0:
	case code == http.StatusTooManyRequests, code >= 500:
		return fmt.Errorf("the vendor answers %s", resp.Status)
	case (code == http.StatusForbidden || code == http.StatusUnauthorized) && f.source.key != "":
		return fetchError{fmt.Errorf("the vendor answers %s; is the key in %s right?", resp.Status, f.source.key)}
	case code == http.StatusRequestedRangeNotSatisfiable:
		return fetchError{fmt.Errorf("the vendor answers %s: the partial file does not belong to this one; remove it from --download-dir", resp.Status)}
	default:
		return fetchError{fmt.Errorf("the vendor answers %s", resp.Status)}
	}
	if kind := resp.Header.Get("Content-Type"); strings.HasPrefix(kind, "text/html") {
		return fetchError{errors.New("the answer is a web page, not a price file; this network may want you to log in first")}
	}
	return nil
}

// counter counts what is written through it.
type counter struct {
	w    io.Writer
	n    int64
	tell func(int64)
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	c.tell(c.n)
	return n, err
}

// nextPageLink is the address of the next page in an answer of Azure.
func nextPageLink(page []byte) string {
	var p struct {
		Next *string `json:"NextPageLink"`
	}
	if json.Unmarshal(page, &p) != nil || p.Next == nil {
		return ""
	}
	return *p.Next
}

// nextPageToken is the token of the next page in an answer of Google.
func nextPageToken(page []byte) string {
	var p struct {
		Next string `json:"nextPageToken"`
	}
	if json.Unmarshal(page, &p) != nil {
		return ""
	}
	return p.Next
}
