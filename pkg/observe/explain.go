package observe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"syscall"

	"github.com/valkey-io/valkey-go"
)

func isServerError(err error) bool {
	_, ok := valkey.IsValkeyErr(err)
	return ok
}

// explain says what went wrong and what would help, without any secret.
func (n *liveNode) explain(ctx context.Context, err error) error {
	name := n.target.Name()
	text := n.target.scrub(err.Error())
	word, _, _ := strings.Cut(strings.TrimPrefix(text, "-"), " ")
	var timeout net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return errors.New("interrupted before the first sample")
	case isServerError(err) && word == "NOAUTH":
		return fmt.Errorf("%s requires a password; give it in --password-file, in REDISCLI_AUTH or in the URL", name)
	case isServerError(err) && (word == "WRONGPASS" || strings.Contains(text, "invalid password")):
		return fmt.Errorf("%s refuses this user and password", name)
	case isServerError(err) && strings.Contains(text, "without any password configured"):
		return fmt.Errorf("%s has no password set, so leave the password out", name)
	case isServerError(err) && word == "NOPERM":
		return fmt.Errorf("%s: the user lacks a permission: %s; grant it: ACL SETUSER NAME %s", name, text, ACLRule)
	case isServerError(err):
		return fmt.Errorf("%s answered with an error: %s", name, text)
	case errors.Is(err, errProtocol):
		return fmt.Errorf("%s: %s", name, text)
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE):
		hint := ""
		if n.target.TLS == nil && len(n.samples) == 0 {
			hint = "; if it requires TLS, use rediss://"
		}
		return fmt.Errorf("%s closed the connection%s", name, hint)
	case errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s did not answer in time; raise --timeout", name)
	case strings.Contains(text, "certificate signed by unknown authority"):
		return fmt.Errorf("%s: %s; add --tls-ca FILE with the authority to trust", name, text)
	}
	return fmt.Errorf("%s: %s", name, text)
}

// scrubbed is how long a part of a password is taken out of a text.
const scrubbed = 8

// scrub takes the target's password out of a text: some servers and proxies
// repeat the arguments of a command that they refuse, whole or cut off, as they
// are or escaped. Every run of eight characters that is in the password goes; a
// shorter password goes where it stands between quotes or blanks.
func (t Target) scrub(text string) string {
	// Redis and Valkey list the arguments of a command that they do not know after these words.
	text, _, _ = strings.Cut(text, ", with args beginning with:")
	for _, form := range secretForms(t.Password) {
		text = scrubForm(text, form)
	}
	for strings.Contains(text, "******") {
		text = strings.ReplaceAll(text, "******", "***")
	}
	return printable(text)
}

// secretForms are the ways in which a server may write a password: as it is,
// escaped as in Redis's logs, quoted, percent-encoded.
func secretForms(password string) []string {
	if password == "" {
		return nil
	}
	quoted := strconv.Quote(password)
	ascii := strconv.QuoteToASCII(password)
	var hex strings.Builder
	for _, c := range []byte(password) {
		if c < ' ' || c > '~' {
			fmt.Fprintf(&hex, `\x%02x`, c)
		} else {
			hex.WriteByte(c)
		}
	}
	return []string{
		password, quoted[1 : len(quoted)-1], ascii[1 : len(ascii)-1],
		hex.String(), strings.NewReplacer(`\`, `\\`, `"`, `\"`, `'`, `\'`).Replace(hex.String()),
		url.QueryEscape(password), url.PathEscape(password), url.UserPassword("", password).String()[1:],
	}
}

func scrubForm(text, form string) string {
	if len(form) < scrubbed {
		return scrubShort(text, form)
	}
	parts := map[string]bool{}
	for i := range len(form) - scrubbed + 1 {
		parts[form[i:i+scrubbed]] = true
	}
	var b strings.Builder
	for i, until := 0, 0; i < len(text); i++ {
		if i+scrubbed <= len(text) && parts[text[i:i+scrubbed]] {
			if i >= until {
				b.WriteString("***")
			}
			until = i + scrubbed
		}
		if i >= until {
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

// scrubShort takes out a form where no letter or digit stands beside it: a
// password "p" must not turn "tcp" into "tc***", which would give it away.
func scrubShort(text, form string) string {
	var b strings.Builder
	beside := func(i int) bool {
		return i >= 0 && i < len(text) && (text[i] == '_' || text[i] >= '0' && text[i] <= '9' || text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z')
	}
	for i := 0; i < len(text); {
		if strings.HasPrefix(text[i:], form) && !beside(i-1) && !beside(i+len(form)) {
			b.WriteString("***")
			i += len(form)
			continue
		}
		b.WriteByte(text[i])
		i++
	}
	return b.String()
}
