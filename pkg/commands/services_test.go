package commands

import (
	"strings"
	"testing"
)

// TestServices holds the lists against counts taken by hand from the vendors'
// pages: ElastiCache names 26 commands for all caches and 69 more for
// serverless ones, MemoryDB 19, Memorystore for Valkey 61, Redis Cloud 101.
func TestServices(t *testing.T) {
	s, err := NewServices()
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, name := range s.Names() {
		for _, status := range []Status{Blocked, Limited, Dangerous} {
			rows += s.Count(name, status)
		}
	}
	if rows != 865 {
		t.Errorf("%d restrictions, want 865", rows)
	}
	for name, want := range map[string]int{
		"elasticache-node": 26, "elasticache-serverless": 95, "memorydb": 19, "memorystore-valkey": 61,
		"redis-cloud": 101, "digitalocean-valkey": 16, "oci-cache": 13, "aiven-valkey": 15, "dragonfly": 91,
	} {
		if got := s.Count(name, Blocked); got != want {
			t.Errorf("%s blocks %d commands, want %d", name, got, want)
		}
	}
	for _, test := range []struct {
		service, command string
		want             Status
	}{
		{"elasticache-serverless", "PSUBSCRIBE", Blocked},
		{"elasticache-serverless", "CLIENT|LIST", Blocked},
		{"elasticache-node", "CLIENT|LIST", ""},
		{"elasticache-node", "CONFIG|GET", Blocked}, // by its container
		{"digitalocean-valkey", "EVALSHA", Limited},
		{"redis-cloud", "SELECT", Blocked},
		{"upstash", "EVALSHA", ""},
		{"nobody", "GET", ""},
	} {
		var got Status
		if r := s.Of(test.service, test.command); r != nil {
			got = r.Status
		}
		if got != test.want {
			t.Errorf("%s on %s: %q, want %q", test.command, test.service, got, test.want)
		}
	}
}

func TestVersions(t *testing.T) {
	v, err := NewVersions()
	if err != nil {
		t.Fatal(err)
	}
	if v.Count() != 667 {
		t.Errorf("%d commands, want 667", v.Count())
	}
	for _, test := range []struct {
		version, command string
		want             Presence
	}{
		{"redis 7.2", "GET", Present}, {"valkey 9.1", "GET", Present},
		{"redis 7.4", "HEXPIRE", Present}, {"valkey 8.1", "HEXPIRE", Absent}, {"valkey 9.0", "HEXPIRE", Present},
		{"redis 7.4", "JSON.SET", ByModule}, {"redis 8.10", "JSON.SET", Present}, {"valkey 9.1", "JSON.SET", ByModule},
		{"redis 8.8", "INCREX", Present}, {"valkey 9.1", "INCREX", Absent},
		{"redis 6.2", "GET", Present}, {"redis 7.1", "HEXPIRE", Absent}, {"redis 7.0", "JSON.SET", NotChecked}, {"redis 8.1", "HGETDEL", Present},
		{"redis 7.2", "MADE.UP", NotChecked}, {"garnet 1.0", "GET", NotChecked}, {"redis 7.1", "DELIFEQ", Absent},
	} {
		if got := v.Has(test.version, test.command); got != test.want {
			t.Errorf("%s in %s: %c, want %c", test.command, test.version, got, test.want)
		}
	}
}

func TestServicesRefuse(t *testing.T) {
	good := "schema = 1\n[service.x.blocked]\nstatus = \"blocked\"\nurl = \"https://example.com\"\ndate = \"2026-01-02\"\ncommands = [\"GET\"]\n"
	for change, want := range map[string]string{
		`"blocked"`:             "status",
		`"https://example.com"`: "not an https address",
		`"2026-01-02"`:          "is not like",
		`["GET"]`:               "write commands as",
		"schema = 1":            "schema",
	} {
		bad := map[string]string{`"blocked"`: `"forbidden"`, `"https://example.com"`: `"page"`, `"2026-01-02"`: `"May"`, `["GET"]`: `["get"]`, "schema = 1": "schema = 2"}[change]
		if _, err := parseServices("x.toml", strings.Replace(good, change, bad, 1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", bad, err, want)
		}
	}
	if _, err := parseVersions("v.toml", "columns = [\"redis 7.2\"]\ncommands = \"\"\"\nGET core 1 1 yy\n\"\"\"\n"); err == nil {
		t.Error("a row with two letters for one column is taken")
	}
}
