package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/keynest/keynest/pkg/observe"
)

type observeLiveOptions struct {
	name         string
	interval     time.Duration
	timeout      time.Duration
	user         string
	passwordFile string
	sampleKeys   int
	sizes        string
	tls          observe.TLSFiles
}

func newObserveLiveCmd(e *env) *cobra.Command {
	var o observeLiveOptions
	c := &cobra.Command{
		Use:   "live URL",
		Short: "Make a workload file from two samples of a running server or cluster",
		Long: `live reads the counters of a running server twice, and the rate once a second in
between. In a cluster it finds the other nodes, and outside of one the replicas that
the server names; reads that replicas serve are added. Besides the log-in it sends only
INFO and CLUSTER SLOTS, and subtracts these from the counts. A user
with the ACL rule ` + observe.ACLRule + ` is enough.
--sample-keys needs ` + observe.SampleACLRule + ` as well; it reads no value.

The password can be in the URL, in a file, or in REDISCLI_AUTH or VALKEYCLI_AUTH;
it is never printed. Ctrl-C takes the second sample at once. When the server is lost,
what was seen until the last whole sample is written; there is one in 10 seconds.`,
		Example: `  keynest observe live redis://127.0.0.1:6379
  keynest observe live rediss://reader@cache.example.net --password-file pw --tls-ca ca.pem
  keynest observe live unix:///run/valkey/valkey.sock --interval 10s`,
		Args: takesArgs(1, 1, "a server URL, such as redis://127.0.0.1:6379"),
		RunE: func(c *cobra.Command, args []string) error {
			return runObserveLive(c.Context(), e, o, args[0])
		},
	}
	addNameFlag(c, &o.name)
	f := c.Flags()
	f.DurationVar(&o.interval, "interval", time.Minute, "`DURATION` between the two samples")
	f.DurationVar(&o.timeout, "timeout", 5*time.Second, "`DURATION` to wait for a connection and for a reply")
	countVar(f, &o.sampleKeys, "sample-keys", 0, "measure `N` keys with SCAN, STRLEN and MEMORY USAGE first")
	addSizesFlag(c, &o.sizes)
	f.StringVar(&o.user, "user", "", "ACL `USER`, if the URL has none")
	f.StringVar(&o.passwordFile, "password-file", "", "`FILE` with the password, if the URL has none")
	f.StringVar(&o.tls.CA, "tls-ca", "", "PEM `FILE` of the certificate authority to trust instead of the system's")
	f.StringVar(&o.tls.Cert, "tls-cert", "", "PEM `FILE` of the client certificate")
	f.StringVar(&o.tls.Key, "tls-key", "", "PEM `FILE` of the key of the client certificate")
	f.StringVar(&o.tls.ServerName, "tls-server-name", "", "`NAME` that the server's certificate must have")
	f.BoolVar(&o.tls.Insecure, "tls-insecure", false, "skip certificate verification (insecure)")
	return c
}

func runObserveLive(ctx context.Context, e *env, o observeLiveOptions, address string) error {
	switch {
	case o.name == "":
		return usagef("--name is empty")
	case o.interval < time.Second || o.interval > 24*time.Hour:
		return usagef("--interval %v is not between 1s and 24h", o.interval)
	case o.sampleKeys < 0 || o.sampleKeys > 1_000_000:
		return usagef("--sample-keys %d is not between 0 and 1000000", o.sampleKeys)
	case o.sampleKeys > 0 && o.sizes != "":
		return usagef("--sample-keys and --sizes both give the sizes of keys; leave one out")
	case o.timeout < 10*time.Millisecond || o.timeout > time.Hour:
		return usagef("--timeout %v is not between 10ms and 1h", o.timeout)
	}
	sizes, err := e.readSizes(o.sizes)
	if err != nil {
		return observeErr(err)
	}
	target, err := observe.ParseTarget(address)
	if err == nil {
		err = o.tls.Load(&target)
	}
	if err == nil {
		err = o.logIn(e, &target)
	}
	if err != nil {
		return observeErr(err)
	}
	if ctx == nil {
		ctx = context.Background()
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer context.AfterFunc(ctx, stop)() // a second Ctrl-C ends the program
	live := observe.Live{Interval: o.interval, Timeout: o.timeout, SampleKeys: o.sampleKeys}
	if f, ok := e.stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		live.Progress = func(nodes int, left time.Duration) {
			fmt.Fprintf(e.stderr, "\r\x1b[Kobserving %d %s, %v left (Ctrl-C ends it early)", nodes, plural(nodes, "node"), max(left, 0))
		}
		defer fmt.Fprint(e.stderr, "\r\x1b[K")
	}
	result, err := live.Observe(ctx, target)
	if live.Progress != nil {
		fmt.Fprint(e.stderr, "\r\x1b[K")
	}
	if result != nil && sizes != nil {
		result.Measured(sizes)
	}
	if result != nil { // with an error it is what was measured before
		if werr := e.writeWorkload(result, o.name); werr != nil {
			return werr
		}
	}
	return observeErr(err)
}

// logIn finds the user and the password where the URL has none.
func (o observeLiveOptions) logIn(e *env, t *observe.Target) error {
	if o.user != "" {
		if t.User != "" {
			return usagef("the user is given in the URL and in --user; leave one out")
		}
		t.User = o.user
	}
	switch {
	case o.passwordFile != "" && t.Password != "":
		return usagef("the password is given in the URL and in --password-file; leave one out")
	case o.passwordFile != "":
		secret, err := readSecret(o.passwordFile)
		if err != nil {
			return err
		}
		t.Password = secret
	case t.Password == "":
		for _, name := range []string{"VALKEYCLI_AUTH", "REDISCLI_AUTH"} {
			if t.Password == "" {
				t.Password = e.getenv(name)
			}
		}
	}
	if t.User != "" && t.Password == "" {
		return usagef("no password for the user; give it in --password-file, in REDISCLI_AUTH or in the URL")
	}
	return nil
}

// readSecret reads a file that holds one secret and a line end.
func readSecret(path string) (string, error) {
	f, err := openFile(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, 4097))
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	secret := strings.TrimRight(string(data), "\r\n")
	if secret == "" || len(data) > 4096 || strings.ContainsAny(secret, "\r\n\x00") {
		return "", usagef("%s does not have the secret on one line", path)
	}
	return secret, nil
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
