package workload

import (
	"strings"
	"testing"
)

func TestEngineVersion(t *testing.T) {
	for in, want := range map[string]string{"5.0.6": "5.0.6", "5": "5.0", "7.2": "7.2", "7.2.0": "7.2", "10.0.12": "10.0.12"} {
		w := resolve(t, "gib=1 ops_per_sec=1 engine_version="+in)
		if got := fieldOf("engine_version").Text(&w); got != want || !w.Given["engine_version"] {
			t.Errorf("%s reads as %q, want %q", in, got, want)
		}
		u, err := w.Usage()
		if err != nil || u.EngineVersion != w.EngineVersion || u.EngineVersion == 0 {
			t.Errorf("%s: usage %d, %v", in, u.EngineVersion, err)
		}
		again, err := Restore("", func(key string) string {
			f := fieldOf(key)
			if f.Words() && f.Text(&w) != "" {
				return `"` + f.Text(&w) + `"` // as a JSON report has it
			}
			return f.Text(&w)
		})
		if err != nil || again.EngineVersion != w.EngineVersion {
			t.Errorf("%s: restored as %d, %v", in, again.EngineVersion, err)
		}
	}
	for _, in := range []string{"five", "5.x", "5.0.6.1", "-5", "5.", "0", "0.0.0", "1000", "5.0001", " ", "+5", "redis 5"} {
		_, err := Input{GiB: "1", OpsPerSec: "1", EngineVersion: Value(in)}.Resolve("")
		if err == nil || !strings.Contains(err.Error(), "--engine-version") || !strings.Contains(err.Error(), "5.0.6, 7.2 or 6") {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestDurability(t *testing.T) {
	for in, want := range map[string]string{"none": "", "asynchronous": "asynchronous", "synchronous": "synchronous"} {
		w := resolve(t, "gib=1 ops_per_sec=1 durability="+in)
		if got := fieldOf("durability").Text(&w); got != want {
			t.Errorf("%s reads as %q, want %q", in, got, want)
		}
	}
	_, err := Input{GiB: "1", OpsPerSec: "1", Durability: "sync"}.Resolve("")
	if err == nil || err.Error() != `--durability "sync" is not one of none, asynchronous, synchronous` {
		t.Error(err)
	}
}

// TestClient: what clients speak, and the preset that says it: queue libraries
// such as Sidekiq and Celery do not speak the cluster protocol.
func TestClient(t *testing.T) {
	for in, want := range map[string]Client{"any": ClientAny, "plain": ClientPlain, "cluster": ClientCluster} {
		w := resolve(t, "gib=1 ops_per_sec=1 client="+in)
		if got := Client(w.Client); got != want {
			t.Errorf("%s: %d; want %d", in, got, want)
		}
		if got, name := fieldOf("client").Text(&w), strings.TrimSuffix(in, "any"); got != name {
			t.Errorf("%s is reported as %q; want %q", in, got, name)
		}
		u, err := w.Usage()
		if err != nil || u.Client != want {
			t.Errorf("%s: the usage has %d, %v; want %d", in, u.Client, err, want)
		}
	}
	_, err := input(t, "gib=1 ops_per_sec=1 client=sentinel").Resolve("")
	if err == nil || err.Error() != `--client "sentinel" is not one of any, plain, cluster` {
		t.Errorf("client sentinel: %v; want it refused with the known words", err)
	}
	p, err := PresetByName("queue")
	if err != nil || p.Client != "plain" {
		t.Errorf("preset queue has client %q, %v; want plain", p.Client, err)
	}
	if w, err := input(t, "gib=1 ops_per_sec=1 client=cluster").Over(p.Input).Resolve(""); err != nil || Client(w.Client) != ClientCluster {
		t.Errorf("--client cluster over preset queue: %d, %v; want cluster", w.Client, err)
	}
}
