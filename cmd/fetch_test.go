package cmd

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pretender is a server that answers for every host, and the calls that it had.
type pretender struct {
	*httptest.Server
	calls []string
}

// pretend starts one. Its answers come from handle.
func pretend(t *testing.T, handle http.HandlerFunc) (*pretender, *env, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	p := &pretender{}
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.calls = append(p.calls, r.Host+r.URL.Path+" "+r.Header.Get("Range"))
		handle(w, r)
	}))
	t.Cleanup(p.Close)
	rates, err := os.ReadFile("../rates.toml")
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	e := &env{
		stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, today: "2026-11-26", rates: string(rates),
		getenv: func(name string) string {
			return map[string]string{"GOOGLE_API_KEY": "s3cret-key"}[name]
		},
	}
	e.http = func(hosts []string) *http.Client {
		return &http.Client{
			CheckRedirect: redirects(hosts),
			Transport: &http.Transport{DialTLSContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // the test's own server, for every host
				return d.DialContext(ctx, network, p.Listener.Addr().String())
			}},
		}
	}
	return p, e, &stdout, &stderr
}

const ecbDaily = `<e xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube><Cube time='2026-11-20'><Cube currency='USD' rate='1.1500'/></Cube></Cube></e>`

func TestFetch(t *testing.T) {
	p, e, stdout, stderr := pretend(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(ecbDaily)) })
	if code := run(e, []string{"rates", "import", "--fetch", "ecb"}); code != exitOK {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	if !strings.Contains(stdout.String(), "[fx.EUR.2026-11-20]\nusd_per_unit = \"1.15\"") {
		t.Errorf("printed %s", stdout)
	}
	if want := "www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml "; len(p.calls) != 1 || p.calls[0] != want {
		t.Errorf("asked %q, want %q", p.calls, want)
	}
}

// TestFetchPages follows the pages of Azure and of Google, whose key stands in a
// header and in no address and no message.
func TestFetchPages(t *testing.T) {
	item := func(size, price string) string {
		return `{"currencyCode": "USD", "retailPrice": ` + price + `, "armRegionName": "eastus2", "meterName": "` + size + ` Cache Instance", "productName": "Azure Managed Redis - Balanced", "serviceName": "Redis Cache", "unitOfMeasure": "1 Hour", "type": "Consumption"}`
	}
	_, e, stdout, stderr := pretend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("$skip") == "" {
			_, _ = w.Write([]byte(`{"Items": [` + item("B0", "0.016") + `], "NextPageLink": "https://prices.azure.com:443/api/retail/prices?$skip=1"}`))
			return
		}
		_, _ = w.Write([]byte(`{"Items": [` + item("B5", "0.157") + `], "NextPageLink": null}`))
	})
	if code := run(e, []string{"rates", "import", "--fetch", "azure-redis", "--region", "eastus2"}); code != exitOK {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	for _, want := range []string{"B0  0.016\n", "B5  0.157\n"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %q in %s", want, stdout)
		}
	}
	sku := func(words, token string) string {
		return `{"skus": [{"skuId": "1", "description": "` + words + `", "category": {"resourceGroup": "Redis", "usageType": "OnDemand"}, "serviceRegions": ["us-east4"],
"pricingInfo": [{"pricingExpression": {"usageUnit": "GiBy.h", "tieredRates": [{"startUsageAmount": 0, "unitPrice": {"currencyCode": "USD", "units": "0", "nanos": 50000000}}]}}]}], "nextPageToken": "` + token + `"}`
	}
	p, e, stdout, stderr := pretend(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("X-Goog-Api-Key") != "s3cret-key" || strings.Contains(r.URL.String(), "s3cret"):
			http.Error(w, "no key", http.StatusForbidden)
		case strings.Contains(r.URL.Path, "A2B5"):
			_, _ = w.Write([]byte(sku("Redis Capacity Basic M3 Virginia", "")))
		case r.URL.Query().Get("pageToken") == "next":
			_, _ = w.Write([]byte(sku("Redis Capacity Basic M2 Virginia", "")))
		default:
			_, _ = w.Write([]byte(sku("Redis Capacity Basic M1 Virginia", "next")))
		}
	})
	if code := run(e, []string{"rates", "import", "--fetch", "google-memorystore", "--accept", "memorystore-redis-basic:*", "--output", "csv"}); code != exitOK {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	if len(p.calls) != 3 || strings.Count(stdout.String(), "memorystore-redis-basic:m") != 3 {
		t.Errorf("asked %q, printed %s", p.calls, stdout)
	}
	if strings.Contains(stdout.String()+stderr.String(), "s3cret") {
		t.Error("the key was printed")
	}
}

// TestFetchRefuses: what a network or a vendor may answer instead of a file.
func TestFetchRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		handle http.HandlerFunc
		feed   string
		code   int
		want   string
	}{
		"404":            {func(w http.ResponseWriter, _ *http.Request) { http.NotFound(w, nil) }, "ecb", exitFailed, "the vendor answers 404 Not Found"},
		"403 with a key": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, "google-memorystore", exitFailed, "the vendor answers 403 Forbidden; is the key in GOOGLE_API_KEY right?"},
		"no key":         {nil, "hetzner", exitUsage, "hetzner needs a key: set the variable HCLOUD_TOKEN"},
		"a captive portal": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://login.hotel.example/", http.StatusFound)
		}, "ecb", exitFailed, "redirected to https://login.hotel.example instead of www.ecb.europa.eu"},
		"to plain http": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://www.ecb.europa.eu/", http.StatusFound)
		}, "ecb", exitFailed, "redirected to http://www.ecb.europa.eu"},
		"a page": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
		}, "ecb", exitFailed, "the answer is a web page, not a price file"},
		"a page by its text": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/xml")
			_, _ = w.Write([]byte("<html>welcome</html>"))
		}, "ecb", exitUsage, "this is a web page, not a price feed"},
		"another host's next page": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"Items": [], "NextPageLink": "https://evil.example/prices"}`))
		}, "azure-redis", exitFailed, `the address of the next page, "https://evil.example/prices", is not on prices.azure.com`},
		"pages without end": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"Items": [], "NextPageLink": "https://prices.azure.com/api/retail/prices?again"}`))
		}, "azure-redis", exitFailed, "more than 200 pages"},
		"an unknown feed": {nil, "aws", exitUsage, `unknown feed "aws"; known: aws-elasticache, aws-memorydb`},
		"no region":       {nil, "aws-elasticache", exitUsage, "aws-elasticache has one file per region; add --region"},
	} {
		t.Run(name, func(t *testing.T) {
			p, e, stdout, stderr := pretend(t, test.handle)
			if code := run(e, []string{"rates", "import", "--fetch", test.feed}); code != test.code || !strings.Contains(stderr.String(), test.want) {
				t.Errorf("exit status %d: %s; want %d, %s", code, stderr, test.code, test.want)
			}
			if stdout.Len() > 0 {
				t.Errorf("printed %s", stdout)
			}
			if test.handle == nil && len(p.calls) > 0 {
				t.Errorf("asked %q", p.calls)
			}
		})
	}
	_, e, _, stderr := pretend(t, nil)
	if code := run(e, []string{"rates", "import", "--fetch", "aws-ec2", "--region", "../../etc"}); code != exitUsage || !strings.Contains(stderr.String(), `--region "../../etc" is not a region's name such as eu-west-1`) {
		t.Errorf("exit status %d: %s", code, stderr)
	}
}

// TestFetchGoesOn: a broken download continues where it ended, and a complete file
// is not requested again.
func TestFetchGoesOn(t *testing.T) {
	half := len(ecbDaily) / 2
	p, e, stdout, stderr := pretend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") == "" {
			w.Header().Set("Content-Length", "100000")
			_, _ = w.Write([]byte(ecbDaily[:half]))
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(ecbDaily))
	})
	p.Config.ErrorLog = nil
	dir := filepath.Join(t.TempDir(), "feeds")
	for range 2 {
		stdout.Reset()
		if code := run(e, []string{"rates", "import", "--fetch", "ecb", "--download-dir", dir}); code != exitOK || !strings.Contains(stdout.String(), "1.15") {
			t.Fatalf("exit status %d: %s%s", code, stdout, stderr)
		}
	}
	if len(p.calls) != 2 || !strings.HasSuffix(p.calls[1], fmt.Sprintf("bytes=%d-", half)) {
		t.Errorf("asked %q", p.calls)
	}
}

// TestFetchTimeout: a vendor that does not answer ends at --timeout.
func TestFetchTimeout(t *testing.T) {
	stop := make(chan struct{})
	_, e, _, stderr := pretend(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	})
	defer close(stop)
	if code := run(e, []string{"rates", "import", "--fetch", "ecb", "--timeout", "50ms"}); code != exitFailed || !strings.Contains(stderr.String(), "not done after 50ms; raise --timeout") {
		t.Errorf("exit status %d: %s", code, stderr)
	}
}
