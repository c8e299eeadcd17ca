//go:build servers

package apps

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keynest/keynest/pkg/unit"
)

// TestProfilesCounted runs real workers against a real server and holds what
// they send against their profiles: 60 seconds with no job, then 1,000 jobs, one
// after another. MONITOR tells commands of clients from those inside scripts.
func TestProfilesCounted(t *testing.T) {
	folder, err := filepath.Abs(filepath.Join("..", "..", ".ci", "apps"))
	if err != nil {
		t.Fatal(err)
	}
	programs := os.Getenv("KEYNEST_APPS")
	for _, test := range []struct {
		app     string
		command []string
		window  time.Duration
	}{
		{"bullmq", []string{"node", filepath.Join(folder, "bullmq.js")}, time.Minute},
		{"bull", []string{"node", filepath.Join(folder, "bull.js")}, time.Minute},
		{"asynq", []string{filepath.Join(programs, "asynq")}, 2 * time.Minute},
	} {
		t.Run(test.app, func(t *testing.T) {
			t.Parallel()
			port := startServer(t)
			m := monitor(t, port)
			w := startWorker(t, programs, append(test.command, port)...)
			w.await(t, "ready")
			time.Sleep(10 * time.Second) // what is sent once, at the start

			m.reset()
			time.Sleep(test.window)
			client, scripts := m.counts()
			compareIdle(t, test.app, test.window, client, scripts)

			m.reset()
			if _, err := fmt.Fprintln(w.in, "jobs 1000"); err != nil {
				t.Fatal(err)
			}
			w.await(t, "done")
			client, scripts = m.counts()
			compareJobs(t, test.app, 1000, client, scripts)
		})
	}
}

// within says whether a count is within 5 % of what the profile says. edge is
// what a window may miss at its ends: a poll, or a check that finds that another
// was there a moment before and returns early.
func within(t *testing.T, what string, got, want, edge int64) {
	t.Helper()
	t.Logf("%s: %d counted, %d by the profile", what, got, want)
	if math.Abs(float64(got-want)) > 0.05*float64(want)+float64(edge) {
		t.Errorf("%s: %d counted, the profile says %d: more than 5 %% off", what, got, want)
	}
}

func compareIdle(t *testing.T, app string, window time.Duration, client, scripts int64) {
	t.Helper()
	b := embeddedBook(t)
	list, err := b.Pick(app)
	if err != nil {
		t.Fatal(err)
	}
	l, err := b.Count(list, Values{}, 1) // an hour
	if err != nil {
		t.Fatal(err)
	}
	minutes := int64(window / time.Minute)
	within(t, app+" idle, from clients", client, l.Idle.High.Client*minutes/60, 1)
	within(t, app+" idle, inside scripts", scripts, l.Idle.High.Scripts*minutes/60, 3)
}

func compareJobs(t *testing.T, app string, jobs, client, scripts int64) {
	t.Helper()
	for _, term := range embeddedBook(t).Apps[app].Work {
		each, err := unit.Scaled(term.Client, milli)
		if err != nil {
			t.Fatal(err)
		}
		inside, err := unit.Scaled(term.Scripts, milli)
		if err != nil {
			t.Fatal(err)
		}
		within(t, app+" busy, from clients", client, jobs*each/milli, 0)
		within(t, app+" busy, inside scripts", scripts, jobs*inside/milli, 0)
	}
}

// startServer starts redis-server on a free port of its own, with nothing kept.
func startServer(t *testing.T) (port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port = strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	_ = l.Close()
	cmd := exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v; .ci/servers installs the servers that this test needs", err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for range 200 {
		if conn, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			_ = conn.Close()
			return port
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("redis-server does not answer")
	return ""
}

// watched counts what MONITOR shows.
type watched struct {
	mu              sync.Mutex
	client, scripts int64
}

func monitor(t *testing.T, port string) *watched {
	t.Helper()
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := fmt.Fprint(conn, "MONITOR\r\n"); err != nil {
		t.Fatal(err)
	}
	m := &watched{}
	go func() {
		lines := bufio.NewReaderSize(conn, 1<<20)
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			if !strings.Contains(line, " [") {
				continue // the OK
			}
			m.mu.Lock()
			if strings.Contains(line, " lua] ") {
				m.scripts++
			} else {
				m.client++
			}
			m.mu.Unlock()
		}
	}()
	return m
}

func (m *watched) reset() {
	m.mu.Lock()
	m.client, m.scripts = 0, 0
	m.mu.Unlock()
}

func (m *watched) counts() (client, scripts int64) {
	time.Sleep(100 * time.Millisecond) // what is still on its way
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.client, m.scripts
}

// worker is a program that speaks as .ci/apps/serve.js does.
type worker struct {
	in  io.Writer
	out *bufio.Scanner
}

func startWorker(t *testing.T, folder string, command ...string) *worker {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(folder, "node_modules"))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v; .ci/servers installs the programs that this test needs", err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return &worker{in, bufio.NewScanner(out)}
}

func (w *worker) await(t *testing.T, line string) {
	t.Helper()
	for w.out.Scan() {
		if w.out.Text() == line {
			return
		}
	}
	t.Fatalf("the worker ended without saying %q: %v", line, w.out.Err())
}
