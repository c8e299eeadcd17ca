package page

import (
	"reflect"
	"strings"

	"github.com/keynest/keynest/pkg/safetext"
)

// safe is a copy of the document with every text in it made safe to print: no
// control characters, and no line that the log of a CI system takes for a
// command. What the style adds, such as bold, comes after it.
func (d *Document) safe() *Document {
	out := &Document{}
	copySafe(reflect.ValueOf(out).Elem(), reflect.ValueOf(d).Elem())
	return out
}

// copySafe copies a value, whatever fields documents come to have.
func copySafe(to, from reflect.Value) {
	switch from.Kind() {
	case reflect.String:
		to.SetString(safe(from.String()))
	case reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(from.Type().Elem()))
			copySafe(to.Elem(), from.Elem())
		}
	case reflect.Slice:
		if !from.IsNil() {
			to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
			for i := range from.Len() {
				copySafe(to.Index(i), from.Index(i))
			}
		}
	case reflect.Map:
		to.Set(reflect.MakeMap(from.Type()))
		for _, key := range from.MapKeys() {
			k, v := reflect.New(from.Type().Key()).Elem(), reflect.New(from.Type().Elem()).Elem()
			copySafe(k, key)
			copySafe(v, from.MapIndex(key))
			to.SetMapIndex(k, v)
		}
	case reflect.Struct:
		for i := range from.NumField() {
			copySafe(to.Field(i), from.Field(i))
		}
	default:
		to.Set(from)
	}
}

// safe keeps the line ends of a text.
func safe(s string) string {
	if !strings.Contains(s, "\n") {
		return safetext.Line(s)
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = safetext.Line(line)
	}
	return strings.Join(lines, "\n")
}
