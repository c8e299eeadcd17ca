package tomlfile

import (
	"strings"
	"testing"
)

// TestValueInPlaceOfTable: the parser takes a plain value where a map belongs
// and leaves the map empty, so what was written would be lost without a word.
func TestValueInPlaceOfTable(t *testing.T) {
	type leaf struct {
		N int `toml:"n"`
	}
	type doc struct {
		Map  map[string]*leaf `toml:"map"`
		Leaf *leaf            `toml:"leaf"`
	}
	for _, text := range []string{"map = 3", "[map]\nx = 3", "leaf = \"x\"", "map = [1]"} {
		var d doc
		err := Decode("f.toml", text, &d)
		if err == nil {
			t.Errorf("%q was taken as %+v", text, d)
		} else if !strings.HasPrefix(err.Error(), "f.toml") {
			t.Errorf("%q: %v names no file", text, err)
		}
	}
	var d doc
	if err := Decode("f.toml", "[map.x]\nn = 1\n[leaf]\nn = 2", &d); err != nil || d.Map["x"].N != 1 || d.Leaf.N != 2 {
		t.Errorf("%+v, %v", d, err)
	}
}
