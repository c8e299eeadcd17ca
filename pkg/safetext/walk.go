package safetext

import (
	"reflect"
	"slices"
	"strings"
)

// Walk calls see with every text inside a value that was read from a file, and
// with the keys of its maps (key is true), in a fixed order, until one call returns
// false. path is the keys that lead there, by the tag of that name ("toml" or
// "json").
func Walk(value any, tag string, see func(path []string, text string, key bool) bool) {
	w := walker{tag: tag, see: see}
	w.walk(nil, reflect.ValueOf(value))
}

type walker struct {
	tag string
	see func(path []string, text string, key bool) bool
}

func (w *walker) walk(path []string, v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return w.see(path, v.String(), false)
	case reflect.Pointer, reflect.Interface:
		return v.IsNil() || w.walk(path, v.Elem())
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if !w.walk(path, v.Index(i)) {
				return false
			}
		}
	case reflect.Map:
		keys := v.MapKeys()
		if v.Type().Key().Kind() != reflect.String {
			return true
		}
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			below := append(path[:len(path):len(path)], key.String())
			if !w.see(below, key.String(), true) || !w.walk(below, v.MapIndex(key)) {
				return false
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			key, _, _ := strings.Cut(v.Type().Field(i).Tag.Get(w.tag), ",")
			below := path
			if key != "" && key != "-" {
				below = append(path[:len(path):len(path)], key)
			}
			if !w.walk(below, v.Field(i)) {
				return false
			}
		}
	default:
	}
	return true
}
