package inventory

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/keynest/keynest/pkg/ratecard"
)

func readText(t *testing.T, text string) (*Contents, error) {
	t.Helper()
	return Read(mapping(t), Input{"f.json", strings.NewReader(text)})
}

// TestRefused: what is no plan, state or list is refused with what to do, and
// never with a value of the file.
func TestRefused(t *testing.T) {
	deep := strings.Repeat("[", 100_000)
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "f.json: the file is empty"},
		{"blank", " \n\t", "the file is empty"},
		{"HCL", "resource \"aws_elasticache_cluster\" \"c\" {\n}\n", "not JSON; if this is Terraform configuration (HCL) or a log, make JSON: terraform plan -out=plan.bin && terraform show -json plan.bin"},
		{"binary plan", "PK\x03\x04rest", "Terraform's binary format; make JSON of it: terraform show -json f.json"},
		{"raw state", `{"version":4,"terraform_version":"1.9.0","serial":3,"lineage":"SECRET","resources":[]}`, "this is a raw state file; make JSON of it: terraform show -json > state.json"},
		{"log", `{"@level":"info","@message":"SECRET"}`, "the log of terraform plan -json"},
		{"two values", `{"format_version":"1.2","planned_values":{}} {"SECRET":1}`, "more than one JSON value"},
		{"future", `{"format_version":"2.0","SECRET":1}`, "format_version 2.0; this program reads major version 1 (and 0.x)"},
		{"odd version", `{"format_version":"SECRET"}`, "format_version is not a version such as 1.2"},
		{"cut off", `{"format_version":"1.2","resource_changes":[{"address":"SECRET`, "the JSON ends too early"},
		{"cut between", `{"format_version":"1.2",`, "the JSON ends too early"},
		{"broken", `{"format_version":"1.2","resource_changes":[SECRET]}`, "the JSON is broken near byte"},
		{"no list", `{"format_version":"1.2","resource_changes":"SECRET"}`, "a value has the wrong type"},
		{"no object", `{"format_version":"1.2","resource_changes":[{"address":["SECRET"]}]}`, "has the wrong type"},
		{"deep", `{"format_version":"1.2","other":` + deep, "nested more than 200 deep"},
		{"other JSON", `{"format_version":"1.0","provider_schemas":{"a":"SECRET"},"x":1,"y":2}`, "not a plan or state of terraform show -json"},
		{"other list", `[{"name":"SECRET"}]`, "not a plan or state of terraform show -json"},
		{"number", `{"resource_changes":[{"change":{"actions":[1]}}]}`, "has the wrong type"},
	} {
		_, err := readText(t, c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		} else if strings.Contains(err.Error(), "SECRET") || strings.HasSuffix(err.Error(), ".") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestEveryCut: a file that is cut off anywhere is an error, without a panic and
// without a value.
func TestEveryCut(t *testing.T) {
	text, err := os.ReadFile("testdata/plan.json")
	if err != nil {
		t.Fatal(err)
	}
	m := mapping(t)
	end := len(bytes.TrimSpace(text))
	for n := 0; n < end; n += 7 {
		if _, err := Read(m, Input{"f.json", bytes.NewReader(text[:n])}); err == nil {
			t.Fatalf("%d of %d bytes are read", n, end)
		} else if strings.Contains(err.Error(), "EXAMPLE") {
			t.Fatal(err)
		}
	}
}

// TestByteOrderMarks: PowerShell 5 writes UTF-16, others a mark before UTF-8.
func TestByteOrderMarks(t *testing.T) {
	const text = `{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"aws_elasticache_cluster.é😀","mode":"managed","type":"aws_elasticache_cluster","values":{}}]}}}`
	utf := func(high, low int, mark ...byte) string {
		b := mark
		for _, u := range utf16.Encode([]rune(text)) {
			pair := [2]byte{}
			pair[high], pair[low] = byte(u>>8), byte(u)
			b = append(b, pair[:]...)
		}
		return string(b)
	}
	for name, in := range map[string]string{
		"UTF-16LE": utf(1, 0, 0xFF, 0xFE), "UTF-16BE": utf(0, 1, 0xFE, 0xFF), "UTF-8": "\ufeff" + text,
	} {
		c, err := readText(t, in)
		if err != nil || len(c.found) != 1 || c.found[0].address != "aws_elasticache_cluster.é😀" {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
	if _, err := readText(t, "\xff\xfe{"); err == nil || !strings.Contains(err.Error(), "empty") && !strings.Contains(err.Error(), "too early") {
		t.Errorf("half a character: %v", err)
	}
}

// TestCycles: variables and modules that refer to themselves have no region.
func TestCycles(t *testing.T) {
	c, err := readText(t, `{"format_version":"1.2","planned_values":{},"resource_changes":[
		{"address":"module.a.aws_elasticache_cluster.c","mode":"managed","type":"aws_elasticache_cluster","change":{"actions":["create"],"before":null,"after":{"engine":"redis"}}}],
		"configuration":{"provider_config":{"module.a:aws":{"module_address":"module.a","expressions":{"region":{"references":["var.r"]}}}},
		"root_module":{"module_calls":{"a":{"expressions":{"r":{"references":["var.r"]}},"module":{"resources":[
		{"address":"aws_elasticache_cluster.c","mode":"managed","type":"aws_elasticache_cluster","provider_config_key":"module.a:aws","expressions":{}}]}}},
		"variables":{"r":{"default":"var.r"}}}}}`)
	if err != nil {
		t.Fatal(err)
	}
	if r := c.describe("")[0]; r.After.Region != "" || !strings.Contains(strings.Join(r.Unknown, ","), "region") {
		t.Errorf("region %q, unknown %v", r.After.Region, r.Unknown)
	}
}

// TestProviders: a type of another provider is not the one that the mapping
// means, whatever registry it comes from.
func TestProviders(t *testing.T) {
	for provider, read := range map[string]bool{
		"registry.terraform.io/hashicorp/aws": true, "registry.opentofu.org/hashicorp/aws": true, "mirror.example.com/HashiCorp/aws": true, "aws": true, "": true,
		"registry.terraform.io/acme/aws": false, "terraform.io/builtin/terraform": false,
	} {
		c, err := readText(t, fmt.Sprintf(`{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"a.b","mode":"managed","type":"aws_elasticache_cluster","provider_name":%q,"values":{}}]}}}`, provider))
		if err != nil {
			t.Fatal(err)
		}
		if (len(c.found) == 1) != read || (len(c.Unread) == 0) != read {
			t.Errorf("%q: found %d, not understood %v", provider, len(c.found), c.Unread)
		}
	}
}

// TestListsOnce: a cache that one list has whole and another by its nodes is
// counted once.
func TestListsOnce(t *testing.T) {
	const whole = `{"ReplicationGroups":[{"ReplicationGroupId":"g","CacheNodeType":"cache.r5.large","Engine":"redis","MemberClusters":["g-1","g-2"],"ARN":"arn:aws:elasticache:us-west-2:1:replicationgroup:g"}]}`
	const nodes = `{"CacheClusters":[{"CacheClusterId":"g-1","ReplicationGroupId":"g","CacheNodeType":"cache.r5.large","Engine":"redis"},{"CacheClusterId":"g-2","ReplicationGroupId":"g","CacheNodeType":"cache.r5.large","Engine":"redis"}]}`
	for _, order := range [][2]string{{whole, nodes}, {nodes, whole}} {
		c, err := Read(mapping(t), Input{"a", strings.NewReader(order[0])}, Input{"b", strings.NewReader(order[1])})
		if err != nil {
			t.Fatal(err)
		}
		inv, err := c.Price(cards(t), Options{AsOf: "2026-11-22", Term: ratecard.TermOnDemand, Upfront: ratecard.UpfrontNone})
		if err != nil {
			t.Fatal(err)
		}
		// 2 × 0.216 × 730 = 315.36
		if len(inv.Resources) != 1 || inv.After.Known.String() != "315.36" {
			t.Errorf("%d resources, %s", len(inv.Resources), inv.After.Known)
		}
	}
}

// TestTerm: --term prices nodes by the card's commitment, reservations stay.
func TestTerm(t *testing.T) {
	text, err := os.ReadFile("testdata/state.json")
	if err != nil {
		t.Fatal(err)
	}
	c, err := readText(t, string(text))
	if err != nil {
		t.Fatal(err)
	}
	set := cards(t)
	on, err := c.Price(set, Options{AsOf: "2026-11-22", Term: ratecard.TermOnDemand, Upfront: ratecard.UpfrontNone})
	if err != nil {
		t.Fatal(err)
	}
	year, err := c.Price(set, Options{AsOf: "2026-11-22", Term: ratecard.Term1Y, Upfront: ratecard.UpfrontNone})
	if err != nil {
		t.Fatal(err)
	}
	if year.After.Known <= 0 || year.After.Known > on.After.Known {
		t.Errorf("a year %s, on demand %s", year.After.Known, on.After.Known)
	}
}

// TestMapping: what is wrong with a file of types is named, with its file.
func TestMapping(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"schema = 2\n", "o.toml: schema is 2; this program reads 1"},
		{"schema = 1\n[type.x]\nwhat = \"x\"\n", "source \"\" is not in the file"},
		{"schema = 1\n[type.x]\nsource = \"aws-cli\"\noffer = {is = \"a\"}\n", "what is missing"},
		{"schema = 1\n[type.x]\nwhat = \"x\"\nsource = \"aws-cli\"\n", "offer needs is or map"},
		{"schema = 1\n[type.x]\nwhat = \"x\"\nsource = \"aws-cli\"\noffer = {is = \"a\"}\nsize = {from = [\"s\"], unit = \"MB\"}\n", "known: B, GB, GiB"},
		{"schema = 1\n[type.x]\nwhat = \"x\"\nsource = \"aws-cli\"\noffer = {is = \"a\"}\nplna = {is = \"b\"}\n", "unknown keys"},
		{"schema = 1\n[range.x]\nof = \"nothing\"\nsource = \"aws-cli\"\n", "is no type of the mapping"},
		{"schema = 1\n[source.s]\nurl = \"u\"\n", "it needs url, title and retrieved"},
	} {
		if _, err := Load(File{"o.toml", c.text}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
	m, err := Load(File{"o.toml", "schema = 1\n[type.acme_cache]\nwhat = \"Acme\"\nprovider = \"acme/acme\"\nsource = \"aws-cli\"\noffer = {is = \"elasticache-node-redis\"}\nplan = {from = [\"size\"]}\nregion = [{from = [\"place\"]}]\n"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Read(m, Input{"f", strings.NewReader(`{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"acme_cache.c","mode":"managed","type":"acme_cache","provider_name":"x/acme/acme","values":{"size":"cache.r5.large","place":"us-west-2"}}]}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	inv, err := c.Price(cards(t), Options{AsOf: "2026-11-22", Term: ratecard.TermOnDemand, Upfront: ratecard.UpfrontNone})
	if err != nil || inv.After.Known.String() != "157.68" { // 0.216 × 730
		t.Errorf("%s, %v", inv.After.Known, err)
	}
}

// TestOffersOfTheMapping: every offer, plan and charge that the mapping names is
// on the cards.
func TestOffersOfTheMapping(t *testing.T) {
	set, m := cards(t), mapping(t)
	for id, typ := range m.Type {
		offers := []string{typ.Offer.Is}
		for _, o := range typ.Offer.Map {
			offers = append(offers, o)
		}
		for _, o := range offers {
			if o != "" && set.Offer(o) == nil {
				t.Errorf("%s: no offer %s", id, o)
			}
		}
		if typ.AssumedRegion != "" {
			if _, err := set.Where(typ.AssumedRegion); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		}
		for i := range typ.Part {
			p := &typ.Part[i]
			if r := partRate(set.Version(set.Offer("ibm-databases-redis"), "2026-11-22"), p, ratecard.Global); r == nil {
				t.Errorf("%s: part %s has no price", id, p.Name)
			}
		}
	}
}

// endless is a state of n resources, written as it is read.
type endless struct {
	n, at int
	rest  []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		switch {
		case e.at == 0:
			e.rest = []byte(`{"format_version":"1.0","values":{"root_module":{"resources":[`)
		case e.at > e.n+1:
			return 0, io.EOF
		case e.at > e.n:
			e.rest = []byte(`]}}}`)
		default:
			comma := ","
			if e.at == e.n {
				comma = ""
			}
			e.rest = fmt.Appendf(nil, `{"address":"aws_iam_role.r[%d]","mode":"managed","type":"aws_iam_role","name":"r","provider_name":"registry.terraform.io/hashicorp/aws","values":{"name":"role-%d","policy":"{}"}}%s`, e.at, e.at, comma)
		}
		e.at++
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// TestMemoryIsFlat: ten times the file takes no more memory that stays.
func TestMemoryIsFlat(t *testing.T) {
	m := mapping(t)
	held := func(n int) (bytes uint64) {
		c, err := Read(m, Input{"f", &endless{n: n}})
		if err != nil || c.Others != int64(n) {
			t.Fatalf("%d resources, %v", c.Others, err)
		}
		var s runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&s)
		runtime.KeepAlive(c)
		return s.HeapAlloc
	}
	small, large := held(2_000), held(20_000)
	if large > small+1<<20 {
		t.Errorf("%d bytes are held after 2,000 resources and %d after 20,000", small, large)
	}
}

// BenchmarkState reads a state of about 50 MB: a quarter of a million resources.
func BenchmarkState(b *testing.B) {
	m := mapping(b)
	for b.Loop() {
		if _, err := Read(m, Input{"f", &endless{n: 250_000}}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoad reads the mapping that comes with the program.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzRead: no input makes the reader panic, and no error holds a value.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"plan", "state", "az-redis", "gcloud-redis-clusters"} {
		text, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	m, set := mapping(f), cards(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Read(m, Input{"f", bytes.NewReader(text)})
		if err != nil {
			return
		}
		_, _ = c.Price(set, Options{AsOf: "2026-11-22", Term: ratecard.TermOnDemand, Upfront: ratecard.UpfrontNone})
	})
}
