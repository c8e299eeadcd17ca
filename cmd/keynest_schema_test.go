package cmd

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/keynest/keynest/pkg/gate"
	"github.com/keynest/keynest/pkg/workload"
)

// keynestSchema compiles the schema that editors hold a keynest.toml against.
func keynestSchema(t *testing.T) (*jsonschema.Schema, map[string]any) {
	t.Helper()
	return docsSchema(t, "keynest"), schemaDocs(t)["keynest"]
}

// validateTOML holds a TOML text against a schema, as an editor does.
func validateTOML(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	var v map[string]any
	if _, err := toml.Decode(text, &v); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

// TestKeynestSchema: the schema and the program take the same files and refuse
// the same ones.
func TestKeynestSchema(t *testing.T) {
	s, doc := keynestSchema(t)
	const workloads = "[workload.a]\nops_per_sec = 1\ngib = 1\n"
	good := []string{
		workloads + "[check.c]\nworkload = \"a\"\noffer = \"x\"\nmax_usd_per_month = \"1\"\n",
		workloads + "[check.c]\nworkload = [\"a\", \"*\"]\ncheapest = \"commands\"\nwarn_usd_per_month = \"1.50\"\nmin_saving_to_report = \"10\"\nmax_rate_age = \"180d\"\n",
		workloads + "[check.c]\nworkload = \"*\"\noffer = \"x\"\nplan = \"p\"\nshards = 3\nregion = \"eu-west\"\nterm = \"3y\"\nupfront = \"all\"\nmax_increase_usd = \"0\"\nmax_increase_percent = \"2.5\"\n",
		"[pricing]\nas_of = \"2026-01-01\"\nregion = \"eu-west\"\nterm = \"1y\"\nupfront = \"none\"\nmax_rate_age = \"90d\"\nrates = [\"own.toml\"]\nfx = \"EUR=1.1@2026-01-01\"\noffers = [\"a*\"]\nproviders = [\"b\"]\nengines = [\"valkey\"]\nhours_per_month = 744\n" +
			"[workload.\"a b\"]\npreset = \"queue\"\nops_per_sec = \"2.5\"\ngb = 0\n[check.c]\nworkload = \"a b\"\ncheapest = \"overall\"\nmax_usd_per_month = \"0.000000001\"\n",
	}
	good = append(good,
		"[inventory]\nmax_usd_per_month = \"5000\"\nwarn_usd_per_month = \"4000\"\nmax_increase_usd = \"0\"\nmax_increase_percent = \"10\"\nmax_rate_age = \"90d\"\n",
		"[inventory.resource.\"module.cache*\"]\nmax_increase_percent = \"20\"\n[inventory.tag.\"team=payments\"]\nmax_usd_per_month = \"900\"\n",
		workloads+"[inventory]\nmax_usd_per_month = \"5000\"\n",
	)
	const part = workloads + "[workload.b]\nops_per_sec = 1\ngib = 1\n[check.a]\nworkload = \"a\"\noffer = \"x\"\n[check.b]\nworkload = \"b\"\ncheapest = \"overall\"\nmax_usd_per_month = \"5\"\n"
	good = append(good,
		part+"[check.sum]\nchecks = \"*\"\nmax_usd_per_month = \"9\"\nmax_rate_age = \"9d\"\n",
		part+"[check.sum]\nchecks = [\"a\", \"b\"]\nmax_increase_percent = \"9\"\nwarn_usd_per_month = \"2\"\n",
		"[workload.a]\napp = \"bullmq\"\napp_inputs = { workers = 5 }\ngib = 1\n[check.a]\nworkload = \"a\"\noffer = \"x\"\nrequire_fit = true\n",
	)
	// The files that the pages and the scripts show are good as well.
	for _, page := range []string{"check.md", "ci.md"} {
		lines := readLines(t, filepath.Join("..", "docs", page))
		for _, f := range fences(lines) {
			if strings.HasSuffix(f.title, "keynest.toml") {
				good = append(good, strings.Join(f.body(lines), "\n"))
			}
		}
	}
	for _, text := range good {
		if err := validateTOML(t, s, text); err != nil {
			t.Errorf("the schema refuses: %v\n%s", err, text)
		}
		if _, err := gate.Read("k", text, gate.Pricing{}); err != nil {
			t.Errorf("keynest refuses: %v\n%s", err, text)
		}
	}
	check := func(body string) string { return workloads + "[check.c]\n" + body }
	for name, text := range map[string]string{
		"no check":           workloads,
		"no workload":        "[check.c]\nworkload = \"a\"\noffer = \"x\"\nmax_usd_per_month = \"1\"\n",
		"no limit":           check("workload = \"a\"\noffer = \"x\"\n"),
		"only an age":        check("workload = \"a\"\noffer = \"x\"\nmax_rate_age = \"1d\"\n"),
		"no target":          check("workload = \"a\"\nmax_usd_per_month = \"1\"\n"),
		"two targets":        check("workload = \"a\"\noffer = \"x\"\ncheapest = \"overall\"\nmax_usd_per_month = \"1\"\n"),
		"which workload":     check("offer = \"x\"\nmax_usd_per_month = \"1\"\n"),
		"bare money":         check("workload = \"a\"\noffer = \"x\"\nmax_usd_per_month = 1\n"),
		"thousands":          check("workload = \"a\"\noffer = \"x\"\nmax_usd_per_month = \"1,000\"\n"),
		"negative":           check("workload = \"a\"\noffer = \"x\"\nmax_increase_usd = \"-1\"\n"),
		"percent sign":       check("workload = \"a\"\noffer = \"x\"\nmax_increase_percent = \"5%\"\n"),
		"age":                check("workload = \"a\"\noffer = \"x\"\nmax_usd_per_month = \"1\"\nmax_rate_age = \"6m\"\n"),
		"unknown key":        check("workload = \"a\"\noffer = \"x\"\nmax_usd = \"1\"\nmax_usd_per_month = \"1\"\n"),
		"unknown kind":       check("workload = \"a\"\ncheapest = \"all\"\nmax_usd_per_month = \"1\"\n"),
		"plan alone":         check("workload = \"a\"\ncheapest = \"overall\"\nplan = \"p\"\nmax_usd_per_month = \"1\"\n"),
		"shards":             check("workload = \"a\"\noffer = \"x\"\nshards = 0\nmax_usd_per_month = \"1\"\n"),
		"term":               check("workload = \"a\"\noffer = \"x\"\nterm = \"2y\"\nmax_usd_per_month = \"1\"\n"),
		"empty region":       check("workload = \"a\"\noffer = \"x\"\nregion = \" \"\nmax_usd_per_month = \"1\"\n"),
		"unknown table":      check("workload = \"a\"\noffer = \"x\"\nmax_usd_per_month = \"1\"\n[limits]\n"),
		"unknown input":      check("workload = \"a\"\noffer = \"x\"\nmax_usd_per_month = \"1\"\n[workload.b]\nops = 1\ngib = 1\n"),
		"negative input":     check("workload = \"a\"\noffer = \"x\"\nmax_usd_per_month = \"1\"\n[workload.b]\nops_per_sec = -1\ngib = 1\n"),
		"pattern as name":    check("workload = \"a\"\noffer = \"x\"\nmax_usd_per_month = \"1\"\n[workload.\"b*\"]\nops_per_sec = 1\ngib = 1\n"),
		"preset":             check("workload = \"a\"\noffer = \"x\"\nmax_usd_per_month = \"1\"\n[workload.b]\npreset = \"db\"\n"),
		"a sum's limit":      part + "[check.sum]\nchecks = \"*\"\n",
		"a sum's offer":      part + "[check.sum]\nchecks = \"*\"\noffer = \"x\"\nmax_usd_per_month = \"1\"\n",
		"a sum's workload":   part + "[check.sum]\nchecks = \"*\"\nworkload = \"a\"\nmax_usd_per_month = \"1\"\n",
		"a sum's region":     part + "[check.sum]\nchecks = \"*\"\nregion = \"eu-west\"\nmax_usd_per_month = \"1\"\n",
		"a sum of nothing":   part + "[check.sum]\nchecks = []\nmax_usd_per_month = \"1\"\n",
		"a part in no sum":   part,
		"no limit on a plan": "[inventory]\nmax_rate_age = \"1d\"\n",
		"a plan's key":       "[inventory]\nmax_usd = \"1\"\nmax_usd_per_month = \"1\"\n",
		"a plan's money":     "[inventory]\nmax_usd_per_month = 1\n",
		"a resource's limit": "[inventory.resource.\"x\"]\n",
		"a tag":              "[inventory.tag.\"team\"]\nmax_usd_per_month = \"1\"\n",
		"pricing's region":   check("workload = \"a\"\noffer = \"x\"\nmax_usd_per_month = \"1\"\n[pricing]\nregions = \"x\"\n"),
	} {
		if err := validateTOML(t, s, text); err == nil {
			t.Errorf("%s: the schema takes\n%s", name, text)
		}
		if _, err := gate.Read("k", text, gate.Pricing{}); err == nil {
			t.Errorf("%s: keynest takes\n%s", name, text)
		}
	}
	// Every input of a workload is in the schema.
	inputs := doc["definitions"].(map[string]any)["workload"].(map[string]any)["properties"].(map[string]any)
	for _, key := range workload.Keys() {
		if inputs[key] == nil {
			t.Errorf("the schema knows no input %s", key)
		}
	}
}
