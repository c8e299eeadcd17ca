package observe

import (
	"errors"
	"flag"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/workload"
)

// FuzzParse hunts panics in the parser alone, which is what takes bytes as they
// come.
func FuzzParse(f *testing.F) {
	f.Add(newServer().reply())
	f.Add("=9\r\ntxt:" + strings.Replace(newServer().reply(), "calls", "c", 3))
	f.Add(utf16le("pika_version:3\n# Command_Exec_Count\nGET:3\n"))
	f.Add("\"redis_version:7\\r\\ndb0:keys=1\"")
	f.Add("db0 Strings_keys=12, expires=1\ndb0:keys=9223372036854775807\ndb1:keys=1\n-ERR x\n")
	f.Fuzz(func(t *testing.T, text string) {
		in, err := ParseInfo("t0", text)
		fair(t, err)
		if err == nil && in.Server() == "" {
			t.Error("a server without a name")
		}
	})
}

// FuzzInfo reads two replies, observes them alone and as a pair, and writes
// the workload: no input may panic, every failure is one of the two kinds, and
// what is written is a file that the workload reader takes.
func FuzzInfo(f *testing.F) {
	pika := "pika_version:3\nuptime_in_seconds:1000\n# Command_Exec_Count\nGET:3\n# Keyspace\ndb0 Strings_keys=12, expires=1\n"
	f.Add(newServer().reply(), later().reply())
	f.Add("$9\r\n"+newServer().with("role", "slave").reply(), later().with("run_id", "b2").reply())
	f.Add(pika, utf16le(pika))
	f.Add(`"redis_version:7\r\nuptime_in_seconds:1000"`, "-ERR unknown\r\n")
	f.Add("dragonfly_version:1\nuptime_in_seconds:900\ntotal_commands_processed:9223372036854775807\n", "redis_mode:sentinel\n")
	f.Add("cmdstat_a\"b|c:calls=99999999999999,usec=9\nuptime_in_seconds:100\nconnected_slaves:9\nmaster_repl_offset:1000000000000000000\n",
		"used_memory:1000000000000000000\nmaxmemory:1\nserver_time_usec:1\n")
	for _, name := range []string{"publis\x7f", "a\u202eb", "##[group]x"} {
		f.Add(newServer().reply()+"\r\ncmdstat_"+name+":calls=5", later().reply())
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		first, err := ParseInfo("first", a)
		fair(t, err)
		second, err2 := ParseInfo("second", b)
		fair(t, err2)
		if err == nil {
			written(t, Node{Samples: []*Info{first}})
		}
		if err == nil && err2 == nil {
			written(t, Node{Samples: []*Info{first, second}})
			written(t, Node{Samples: []*Info{first}}, Node{Samples: []*Info{second}})
		}
	})
}

func written(t *testing.T, nodes ...Node) {
	t.Helper()
	r, err := Observe(nodes)
	fair(t, err)
	if err != nil {
		return
	}
	var b strings.Builder
	if err := r.WriteTOML(&b, "a name"); err != nil {
		t.Fatal(err)
	}
	if len(r.Counts) == 0 && !strings.Contains(b.String(), "=") {
		return // nothing was known: a table without a key is not a workload
	}
	if _, err := workload.ReadFile("written", b.String()); err != nil {
		t.Errorf("%v in\n%s", err, b.String())
	}
}

func fair(t *testing.T, err error) {
	t.Helper()
	var input InputError
	var data DataError
	if err != nil && !errors.As(err, &input) && !errors.As(err, &data) {
		t.Fatalf("%T: %v", err, err)
	}
}

var mutations = flag.Int("mutations", 3_000, "how many mutated replies TestMutations parses")

// TestMutations changes bytes, lines and lengths of replies at random, the
// same ones every time, and reads what comes out; every tenth is observed
// alone and after the unchanged reply.
func TestMutations(t *testing.T) {
	seeds := []string{
		newServer().reply(), later().reply(), "$1000\r\n" + newServer().reply(), utf16le(later().reply()),
		"pika_version:3\nuptime_in_seconds:1000\n# Command_Exec_Count\nGET:3\n# Keyspace\ndb0 Strings_keys=12, expires=1\n",
	}
	rng := rand.New(rand.NewPCG(6, 6))
	parsed, observed := 0, 0
	before := newServer().info(t, "before")
	for i := range *mutations {
		text := mutate(rng, seeds[i%len(seeds)])
		in, err := ParseInfo("mutated", text)
		fair(t, err)
		if err != nil {
			continue
		}
		if parsed++; parsed%10 != 0 {
			continue
		}
		_, err = Observe([]Node{{Samples: []*Info{in}}})
		fair(t, err)
		_, err = Observe([]Node{{Samples: []*Info{before, in}}})
		fair(t, err)
		if err == nil {
			observed++
		}
	}
	if *mutations >= 3_000 && (parsed < *mutations/10 || observed == 0) {
		t.Errorf("of %d mutations %d were still replies and %d a pair: too few to say anything", *mutations, parsed, observed)
	}
	t.Logf("%d mutations, %d still replies, %d a pair", *mutations, parsed, observed)
}

func mutate(rng *rand.Rand, s string) string {
	b := []byte(s)
	for range 1 + rng.IntN(8) {
		i, j := rng.IntN(len(b)), rng.IntN(len(b))
		switch rng.IntN(6) {
		case 0:
			b[i] = byte(rng.IntN(256))
		case 1:
			b[i] = "0123456789-+.:=,#\r\n$*"[rng.IntN(21)]
		case 2:
			b = append(b[:i:i], b[min(i+1+rng.IntN(20), len(b)):]...)
		case 3:
			b = append(b[:i:i], append([]byte("99999999999999999999"[:1+rng.IntN(20)]), b[i:]...)...)
		case 4:
			b[i], b[j] = b[j], b[i]
		case 5:
			b = append(b, b[min(i, j):max(i, j)]...)
		}
		if len(b) == 0 {
			return ""
		}
	}
	return string(b)
}
