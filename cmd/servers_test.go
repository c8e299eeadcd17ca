//go:build servers

package cmd

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestServerScript runs testdata/servers/*.txtar, each with a Valkey of its own
// at $ADDR that gets about a thousand commands a second.
func TestServerScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/servers",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(env *testscript.Env) error {
			env.Setenv(ratesEnv, os.Getenv(ratesEnv))
			addr, err := loadedValkey(env)
			env.Setenv("ADDR", addr)
			return err
		},
	})
}

// loadedValkey starts a server and a client that keeps it at work.
func loadedValkey(env *testscript.Env) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	addr := l.Addr().String()
	_ = l.Close()
	_, port, _ := net.SplitHostPort(addr)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	server := exec.CommandContext(ctx, "valkey-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", env.WorkDir)
	if err := server.Start(); err != nil {
		cancel()
		return "", fmt.Errorf("%w; .ci/servers installs the servers that this test needs", err)
	}
	env.Defer(func() {
		cancel()
		_ = server.Wait()
	})
	var conn net.Conn
	for range 200 {
		if conn, err = net.Dial("tcp", addr); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		return "", err
	}
	go func() {
		defer conn.Close()
		r := bufio.NewReader(conn)
		for ctx.Err() == nil {
			for _, words := range []string{"SET k 0123456789", "GET k", "GET k", "GET k"} {
				_, _ = fmt.Fprintf(conn, "%s\r\n", words)
				if line, err := r.ReadString('\n'); err != nil || line[0] == '$' {
					_, _ = r.ReadString('\n')
				}
			}
			time.Sleep(4 * time.Millisecond)
		}
	}()
	return addr, nil
}
