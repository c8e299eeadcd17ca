package observe

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
)

// Target is a server to observe. None of its texts includes the password.
type Target struct {
	Network  string // tcp or unix
	Addr     string // host:port, or the socket's path
	User     string
	Password string
	TLS      *tls.Config // nil for a plain connection
}

// ParseTarget reads redis://, rediss://, valkey://, valkeys:// and unix://
// addresses. Its errors never repeat the address, which may hold a password.
func ParseTarget(address string) (Target, error) {
	const form = "write redis://[USER:PASSWORD@]HOST[:PORT], rediss://… for TLS, or unix:///PATH"
	scheme, _, ok := strings.Cut(address, "://")
	if !ok {
		return Target{}, badInput("no scheme in the address; %s", form)
	}
	u, err := url.Parse(address)
	if err != nil {
		return Target{}, badInput("the address cannot be read; in a password write / as %%2F, ? as %%3F, # as %%23, %% as %%25; %s", form)
	}
	t := Target{Network: "tcp", User: u.User.Username()}
	t.Password, _ = u.User.Password()
	switch u.Scheme {
	case "unix", "redis+unix", "valkey+unix":
		t.Network, t.Addr = "unix", u.Path
		if u.Host != "" || u.Path == "" || u.Path == "/" {
			return Target{}, badInput("a unix:// address needs a path with three slashes: unix:///run/valkey/valkey.sock")
		}
		return t, nil
	case "redis", "valkey":
	case "rediss", "valkeys":
		t.TLS = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	default:
		return Target{}, badInput("unknown scheme %q; %s", printable(scheme), form)
	}
	// A password with a bare / ? # or @ ends up in these; say so rather than
	// look up half of it as a host.
	db := strings.TrimPrefix(u.Path, "/")
	if u.Fragment != "" || u.RawQuery != "" || strings.Trim(db, "0123456789") != "" {
		return Target{}, badInput("only a database number may follow the host; in a password write / as %%2F, ? as %%3F, # as %%23")
	}
	if u.Hostname() == "" {
		return Target{}, badInput("no host in the address; %s", form)
	}
	port := u.Port()
	if port == "" {
		port = "6379"
	}
	t.Addr = net.JoinHostPort(u.Hostname(), port)
	return t, nil
}

// Name is how messages call the server.
func (t Target) Name() string { return printable(t.Addr) }

// TLSFiles are what a TLS connection is checked with.
type TLSFiles struct {
	CA, Cert, Key string // PEM files; empty for the system's and for none
	ServerName    string // in place of the host's name
	Insecure      bool   // accept any certificate
}

// Load puts the files into the target's TLS settings.
func (f TLSFiles) Load(t *Target) error {
	if f == (TLSFiles{}) {
		return nil
	}
	if t.TLS == nil {
		return badInput("the --tls flags need a rediss:// URL")
	}
	if f.ServerName != "" {
		t.TLS.ServerName = f.ServerName
	}
	t.TLS.InsecureSkipVerify = f.Insecure
	if f.CA != "" {
		pem, err := readPEM(f.CA)
		if err != nil {
			return err
		}
		t.TLS.RootCAs = x509.NewCertPool()
		if !t.TLS.RootCAs.AppendCertsFromPEM(pem) {
			return badInput("%s has no certificate in PEM form", f.CA)
		}
	}
	if (f.Cert == "") != (f.Key == "") {
		return badInput("a client certificate needs --tls-cert and --tls-key together")
	}
	if f.Cert != "" {
		cert, err := readPEM(f.Cert)
		if err != nil {
			return err
		}
		key, err := readPEM(f.Key)
		if err != nil {
			return err
		}
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			return badInput("%s and %s: %v", f.Cert, f.Key, err)
		}
		t.TLS.Certificates = []tls.Certificate{pair}
	}
	return nil
}

// maxPEM bounds a file of certificates; the largest bundles of authorities have
// 300 kB.
const maxPEM = 4 << 20

func readPEM(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, badInput("%v", err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxPEM+1))
	switch {
	case err != nil:
		return nil, badInput("%v", err)
	case len(data) > maxPEM:
		return nil, badInput("%s is larger than %d MiB: no file of certificates", path, maxPEM>>20)
	}
	return data, nil
}

// at is the same target at another address of its cluster.
func (t Target) at(addr string) Target {
	t.Network, t.Addr = "tcp", addr
	if t.TLS != nil {
		t.TLS = t.TLS.Clone()
		host, _, err := net.SplitHostPort(addr)
		// A cluster may list its nodes by IP address although the certificate has
		// the host name that the caller gave; that name is kept.
		if err == nil && net.ParseIP(host) == nil {
			t.TLS.ServerName = host
		}
	}
	return t
}
