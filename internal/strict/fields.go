package strict

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
)

// Fields returns the keys that a struct of options, or a pointer to one, has; those of embedded structs first.
func Fields(options any) []string {
	var keys []string
	walk(reflect.TypeOf(options), func(_ reflect.StructField, key string) {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	})
	return keys
}

// HasKey says whether a struct of options has a key, as Table.Set spells its path. What stands below a value that
// decodes itself may be there: decoding tells.
func HasKey(options any, path ...string) bool { return hasKey(reflect.TypeOf(options), path) }

func hasKey(t reflect.Type, path []string) (has bool) {
	if len(path) == 0 || reflect.PointerTo(t).Implements(reflect.TypeFor[Decoder]()) {
		return true
	}
	switch t.Kind() {
	case reflect.Pointer:
		return hasKey(t.Elem(), path)
	case reflect.Map:
		return len(path) == 1
	case reflect.Struct:
		name, _, indexed := cutIndex(path[0])
		walk(t, func(f reflect.StructField, key string) {
			if key == name && indexed && f.Type.Kind() == reflect.Slice {
				has = hasKey(f.Type.Elem(), path[1:])
			} else if key == name {
				has = hasKey(f.Type, path[1:])
			}
		})
	}
	return has
}

// walk visits the fields that encoding/json would write: those of embedded structs, then the struct's own, which
// win. reflect.VisibleFields will not do, since there a field hides behind an embedded struct of its name.
func walk(t reflect.Type, visit func(f reflect.StructField, key string)) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	embedded := func(f reflect.StructField) bool { return f.Anonymous && f.Tag.Get("json") == "" }
	for i := range t.NumField() {
		if outer := t.Field(i); embedded(outer) {
			walk(outer.Type, func(f reflect.StructField, key string) {
				f.Index = append([]int{i}, f.Index...)
				visit(f, key)
			})
		}
	}
	for i := range t.NumField() {
		f := t.Field(i)
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if key != "-" && f.IsExported() && !embedded(f) {
			visit(f, cmp.Or(key, f.Name))
		}
	}
}
