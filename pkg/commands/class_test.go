package commands

import (
	"strings"
	"testing"
)

func TestClasses(t *testing.T) {
	classes := NewClasses()
	counts := map[Class]int{}
	for name, e := range classes.of {
		counts[e.class]++
		if name != strings.ToLower(name) {
			t.Errorf("%q is not in the spelling of commandstats", name)
		}
	}
	for _, class := range []Class{Read, Write, Script, Admin, Other} {
		if counts[class] == 0 {
			t.Errorf("no command is %s", class)
		}
		delete(counts, class)
	}
	if len(counts) > 0 {
		t.Errorf("unknown classes %v", counts)
	}
	for name, want := range map[string]Class{
		"get": Read, "set": Write, "getdel": Write, "config|get": Admin, "client|setinfo": Admin, "eval": Script,
		"publish": Other, "xinfo|stream": Read, "function|load": Write, "function|list": Other, "nonsense": Unknown,
		"json.get": Read, "ft.search": Read, "flushall": Write, "pfcount": Read, "memory|usage": Admin,
		"FT.SEARCH": Read, "JSON.SET": Write, "CONFIG|GET": Admin, "migrate": Admin,
	} {
		if got := classes.Of(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
